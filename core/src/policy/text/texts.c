/* What is made of a policy when first asked for. */
#include <stdlib.h>

#include <azattest/limits.h>

#include "write.h"

const char *azattest__text_publish(azattest__buf *text, _Atomic(char *) *place)
{
    char *first = NULL, *made = text->status == AZATTEST_OK ? (char *)azattest__buf_take(text, NULL) : NULL;

    azattest__buf_free(text);
    if (made == NULL ||
        atomic_compare_exchange_strong_explicit(place, &first, made, memory_order_acq_rel, memory_order_acquire))
        return made;
    free(made);
    return first;
}

static const char *made_once(const azattest_policy *policy, _Atomic(char *) *place, size_t limit,
                             void (*make)(const azattest_policy *policy, azattest__buf *out))
{
    const char *first = atomic_load_explicit(place, memory_order_acquire);
    azattest__buf text;

    if (first != NULL)
        return first;
    azattest__buf_init(&text, limit);
    make(policy, &text);
    return azattest__text_publish(&text, place);
}

/* Only these members of a shared policy change, once. */
static azattest_policy *inside(const azattest_policy *policy)
{
    azattest_policy *same;

    memcpy(&same, &policy, sizeof(same));
    return same;
}

const char *azattest_policy_formatted(const azattest_policy *policy)
{
    return policy == NULL || policy->diagnostics.errors > 0
               ? NULL
               : made_once(policy, &inside(policy)->formatted, AZATTEST_LIMIT_POLICY, azattest__policy_format);
}

const char *azattest_policy_explanation(const azattest_policy *policy)
{
    return policy == NULL || policy->diagnostics.errors > 0
               ? NULL
               : made_once(policy, &inside(policy)->explanation, AZATTEST_LIMIT_POLICY_TREE, azattest__policy_explain);
}

azattest_bytes azattest_policy_tree(const azattest_policy *policy)
{
    return azattest__text(
        policy == NULL || policy->diagnostics.errors > 0
            ? NULL
            : made_once(policy, &inside(policy)->tree, AZATTEST_LIMIT_POLICY_TREE, azattest__policy_tree_json));
}
