/* Two policies compared, by rule and by outcome. */
#include "difference.h"

#include <stdlib.h>

#include <azattest/limits.h>

#include "../../base/encoding.h"
#include "../text/write.h"

azattest_status azattest_policy_compare(const azattest_policy *before, const azattest_policy *after,
                                        azattest_policy_difference **out, azattest_error **error)
{
    azattest_policy_difference *made = NULL;
    azattest_status status;

    if (out == NULL)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT, "policy difference: out is NULL");
    *out = NULL;
    if (before == NULL || after == NULL)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT, "policy difference: a policy is NULL");
    if (before->diagnostics.errors > 0 || after->diagnostics.errors > 0)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT, "policy difference: the policy %s has errors",
                                   before->diagnostics.errors > 0 ? "before" : "after");
    if ((made = calloc(1, sizeof(*made))) == NULL)
        return azattest__error_memory(error);
    made->before = azattest_policy_ref(before);
    made->after = azattest_policy_ref(after);
    if ((status = azattest__difference_align(made, error)) == AZATTEST_OK) {
        *out = made;
        made = NULL;
    }
    azattest_policy_difference_free(made);
    return status;
}

static void forget_texts(azattest_policy_difference *difference)
{
    free(atomic_exchange(&difference->text, NULL));
    free(atomic_exchange(&difference->json, NULL));
}

void azattest_policy_difference_free(azattest_policy_difference *difference)
{
    if (difference == NULL)
        return;
    forget_texts(difference);
    for (size_t i = 0; i < difference->outcome_count; i++)
        azattest__json_free(difference->outcomes[i]);
    free(difference->outcomes);
    free(difference->rules);
    azattest_policy_free(difference->before);
    azattest_policy_free(difference->after);
    free(difference);
}

static azattest_status make_room(azattest_policy_difference *difference, azattest_error **error)
{
    size_t capacity = difference->outcome_capacity == 0 ? 16 : 2 * difference->outcome_capacity;
    azattest__json **grown;

    if (difference->outcome_count == AZATTEST_LIMIT_POLICY_OUTCOMES)
        return azattest__error_set(error, AZATTEST_E_LIMIT,
                                   "policy difference: more than %u sets of claims; compare in several differences",
                                   AZATTEST_LIMIT_POLICY_OUTCOMES);
    if (difference->outcome_count < difference->outcome_capacity)
        return AZATTEST_OK;
    if ((grown = realloc(difference->outcomes, capacity * sizeof(*grown))) == NULL)
        return azattest__error_memory(error);
    difference->outcomes = grown;
    difference->outcome_capacity = capacity;
    return AZATTEST_OK;
}

azattest_status azattest_policy_difference_add(azattest_policy_difference *difference, const char *name,
                                               const azattest_claim_set *claims, azattest_error **error)
{
    azattest__json *outcome = NULL;
    bool changed = false;
    azattest_status status;

    if (difference == NULL || name == NULL || claims == NULL)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT, "policy difference: %s is NULL",
                                   difference == NULL ? "the difference"
                                   : name == NULL     ? "the name"
                                                      : "the set of claims");
    if (!azattest__utf8_valid(azattest__text(name)))
        return azattest__error_set(error, AZATTEST_E_ARGUMENT, "policy difference: the name is not UTF-8");
    if ((status = make_room(difference, error)) != AZATTEST_OK ||
        (status = azattest__difference_judge(difference, name, claims, &outcome, &changed, error)) != AZATTEST_OK)
        return status;
    difference->outcomes[difference->outcome_count++] = outcome;
    difference->outcome_changed_count += changed;
    forget_texts(difference);
    return AZATTEST_OK;
}

bool azattest_policy_difference_is_same(const azattest_policy_difference *difference)
{
    return difference != NULL && azattest__policy_same(difference->before, difference->after);
}

bool azattest_policy_difference_is_same_text(const azattest_policy_difference *difference)
{
    return difference != NULL && difference->before->text_len == difference->after->text_len &&
           memcmp(difference->before->text, difference->after->text, difference->before->text_len) == 0;
}

size_t azattest_policy_difference_change_count(const azattest_policy_difference *difference)
{
    size_t count = 0;

    if (difference == NULL)
        return 0;
    for (int kind = AZATTEST__RULE_ALIKE + 1; kind < AZATTEST__CHANGE_KINDS; kind++)
        count += difference->counts[kind];
    for (size_t i = 0; i < AZATTEST__SECTIONS; i++)
        count += difference->before->sections[i].present != difference->after->sections[i].present;
    return count + (difference->before->version != difference->after->version);
}

size_t azattest_policy_difference_outcome_count(const azattest_policy_difference *difference)
{
    return difference == NULL ? 0 : difference->outcome_count;
}

size_t azattest_policy_difference_outcome_changed_count(const azattest_policy_difference *difference)
{
    return difference == NULL ? 0 : difference->outcome_changed_count;
}

static const char *made_once(const azattest_policy_difference *difference, _Atomic(char *) *place,
                             void (*make)(const azattest_policy_difference *difference, azattest__buf *out))
{
    const char *first = atomic_load_explicit(place, memory_order_acquire);
    azattest__buf text;

    if (first != NULL)
        return first;
    azattest__buf_init(&text, AZATTEST_LIMIT_POLICY_MEMORY);
    make(difference, &text);
    return azattest__text_publish(&text, place);
}

/* The two texts stand apart from the const of their readers. */
static azattest_policy_difference *inside(const azattest_policy_difference *difference)
{
    azattest_policy_difference *same;

    memcpy(&same, &difference, sizeof(same));
    return same;
}

const char *azattest_policy_difference_text(const azattest_policy_difference *difference)
{
    return difference == NULL ? NULL : made_once(difference, &inside(difference)->text, azattest__difference_text);
}

azattest_bytes azattest_policy_difference_json(const azattest_policy_difference *difference)
{
    return azattest__text(
        difference == NULL ? NULL : made_once(difference, &inside(difference)->json, azattest__difference_json));
}
