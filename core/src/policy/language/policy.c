/* Parsed policies as others see them. */
#include <stdlib.h>

#include <azattest/limits.h>

#include "../../error/options.h"
#include "tree.h"

azattest_status azattest__policy_options_take(const azattest_policy_parse_options *in,
                                              azattest_policy_parse_options *out, azattest_error **error)
{
    azattest_status status = azattest__options_take(in, out, sizeof(*out), "AZATTEST_POLICY_PARSE_OPTIONS_INIT", error);

    if (status != AZATTEST_OK || out->attestation_type == NULL)
        return status;
    if (out->attestation_type[0] == '\0')
        return azattest__error_set(error, AZATTEST_E_ARGUMENT,
                                   "policy: the type of attestation is empty; NULL is none");
    if (strnlen(out->attestation_type, AZATTEST_LIMIT_ATTESTATION_TYPE + 1) > AZATTEST_LIMIT_ATTESTATION_TYPE)
        return azattest__error_set(error, AZATTEST_E_LIMIT, "policy: the type of attestation has more than %u bytes",
                                   AZATTEST_LIMIT_ATTESTATION_TYPE);
    return AZATTEST_OK;
}

azattest_policy *azattest__policy_new(azattest_bytes text, bool lenient, const char *attestation_type)
{
    azattest_policy *policy = calloc(1, sizeof(*policy));

    if (policy == NULL)
        return NULL;
    atomic_init(&policy->references, 1);
    atomic_init(&policy->formatted, NULL);
    atomic_init(&policy->tree, NULL);
    atomic_init(&policy->explanation, NULL);
    azattest__arena_init(&policy->arena, AZATTEST_LIMIT_POLICY_TREE);
    policy->text = azattest__dup(text.ptr, text.len);
    policy->text_len = text.len;
    policy->lenient = lenient;
    policy->attestation_type = azattest__dup_text(attestation_type);
    if (policy->text == NULL || (attestation_type != NULL && policy->attestation_type == NULL)) {
        azattest_policy_free(policy);
        policy = NULL;
    }
    return policy;
}

azattest_policy *azattest_policy_ref(const azattest_policy *policy)
{
    azattest_policy *same = (azattest_policy *)(uintptr_t)policy;

    if (same != NULL)
        atomic_fetch_add_explicit(&same->references, 1, memory_order_relaxed);
    return same;
}

void azattest_policy_free(azattest_policy *policy)
{
    if (policy == NULL || atomic_fetch_sub_explicit(&policy->references, 1, memory_order_acq_rel) != 1)
        return;
    for (size_t i = 0; i < policy->query_count; i++)
        azattest__jmespath_free(policy->queries[i]);
    azattest__diagnostics_clear(&policy->diagnostics);
    azattest__arena_free(&policy->arena);
    free(atomic_load(&policy->formatted));
    free(atomic_load(&policy->tree));
    free(atomic_load(&policy->explanation));
    free(policy->attestation_type);
    free(policy->text);
    free(policy);
}

azattest_status azattest_policy_parse(azattest_bytes text, const azattest_policy_parse_options *options,
                                      azattest_policy **out, azattest_error **error)
{
    azattest_policy_parse_options given;
    azattest_policy *policy = NULL;
    azattest_status status;

    if (error != NULL)
        *error = NULL;
    if (out == NULL)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT, "policy: nowhere to put it");
    *out = NULL;
    if ((status = azattest__policy_options_take(options, &given, error)) != AZATTEST_OK ||
        (status = azattest__policy_read(text, given.lenient == AZATTEST_ON, given.attestation_type, &policy, error)) !=
            AZATTEST_OK)
        return status;
    azattest__policy_check(policy);
    if ((status = azattest__diagnostics_error(&policy->diagnostics, error)) == AZATTEST_OK) {
        *out = policy;
        policy = NULL;
    }
    azattest_policy_free(policy);
    return status;
}

const char *azattest_policy_text(const azattest_policy *policy)
{
    return policy == NULL ? NULL : policy->text;
}

const char *azattest_policy_version(const azattest_policy *policy)
{
    return policy == NULL ? NULL : azattest__version_text(policy->version);
}

azattest_bytes azattest_policy_policy_hash(const azattest_policy *policy)
{
    return policy == NULL ? azattest__bytes(NULL, 0) : azattest__bytes(policy->hash, sizeof(policy->hash));
}

size_t azattest_policy_rule_count(const azattest_policy *policy)
{
    size_t count = 0;

    for (size_t i = 0; policy != NULL && i < AZATTEST__SECTIONS; i++)
        count += policy->sections[i].rule_count;
    return count;
}
