/* The relying party's side: validates tokens, attests nothing. */
#include <stdlib.h>

#include "../operation/op.h"
#include "client.h"

azattest_status azattest_verifier_new(const char *endpoint, const azattest_client_options *options,
                                      azattest_verifier **out, azattest_error **error)
{
    azattest_verifier *verifier = NULL;
    azattest_status status;

    if (error != NULL)
        *error = NULL;
    if (out == NULL)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT, "verifier: nowhere to put it");
    *out = NULL;
    if ((verifier = calloc(1, sizeof(*verifier))) == NULL)
        return azattest__error_memory(error);
    if ((status = azattest__configure("verifier", endpoint, options, &verifier->instance, error)) != AZATTEST_OK) {
        azattest_verifier_free(verifier);
        return status;
    }
    *out = verifier;
    return AZATTEST_OK;
}

void azattest_verifier_free(azattest_verifier *verifier)
{
    if (verifier == NULL)
        return;
    azattest__instance_free(verifier->instance);
    free(verifier);
}

const char *azattest_verifier_endpoint(const azattest_verifier *verifier)
{
    return verifier == NULL ? NULL : verifier->instance->endpoint.text;
}

azattest_status azattest_verifier_validate_begin(azattest_verifier *verifier, azattest_bytes token_text,
                                                 const azattest_validation_options *options, azattest_op **op,
                                                 azattest_error **error)
{
    if (error != NULL)
        *error = NULL;
    if (op != NULL)
        *op = NULL;
    if (verifier == NULL || op == NULL)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT,
                                   verifier == NULL ? "no verifier" : "verifier: nowhere to put the operation");
    return azattest__op_validate(verifier->instance, token_text, options, op, error);
}

/* AZATTEST_ABSENT when only fetched keys could tell. */
static azattest_status judge_cached(azattest__instance *instance, azattest_token *token,
                                    const azattest_validation_options *options, azattest_error **error)
{
    bool fetched = azattest__needs_keys(token, options) && options->signers == NULL, unknown_key = false;
    int64_t now = fetched ? azattest__instance_monotonic_ms(instance) : 0;
    azattest_problems problems = { NULL, 0 };
    azattest__key_set *set = NULL;
    azattest_status status;

    if (fetched && (set = azattest__key_cache_peek(&instance->cache, now)) == NULL)
        return AZATTEST_ABSENT;
    status = azattest__judge(instance, token, options, set == NULL ? NULL : set->signers, false, NULL, &problems,
                             &unknown_key, error);
    if (status == AZATTEST_OK && unknown_key && fetched && azattest__key_cache_may_refresh(&instance->cache, now))
        status = AZATTEST_ABSENT;
    else if (status == AZATTEST_OK && problems.count > 0)
        status = azattest__error_from_problems(error, &problems);
    azattest__problems_clear(&problems);
    azattest__key_set_free(set);
    return status;
}

azattest_status azattest_verifier_validate_cached(azattest_verifier *verifier, azattest_bytes token_text,
                                                  const azattest_validation_options *options, azattest_token **token,
                                                  azattest_error **error)
{
    azattest_token *parsed = NULL;
    azattest__validation merged;
    azattest_status status;

    if (error != NULL)
        *error = NULL;
    if (token != NULL)
        *token = NULL;
    if (verifier == NULL || token == NULL)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT,
                                   verifier == NULL ? "no verifier" : "verifier: nowhere to put the token");
    if ((status = azattest_token_parse(token_text, &parsed, error)) != AZATTEST_OK)
        return status;
    if (options == NULL) {
        status = judge_cached(verifier->instance, parsed, &verifier->instance->validation.options, error);
    } else if ((status = azattest__validation_merge(&verifier->instance->validation.options, options, &merged,
                                                    error)) == AZATTEST_OK) {
        status = judge_cached(verifier->instance, parsed, &merged.options, error);
        azattest__validation_clear(&merged);
    }
    if (status == AZATTEST_OK) {
        *token = parsed;
        parsed = NULL;
    }
    azattest_token_free(parsed);
    return status;
}

azattest_status azattest_verifier_export_keys(azattest_verifier *verifier, char **jwks, size_t *length,
                                              azattest_error **error)
{
    azattest_status status = AZATTEST_OK;
    azattest__key_set *set;
    azattest_bytes text;

    if (error != NULL)
        *error = NULL;
    if (jwks != NULL)
        *jwks = NULL;
    if (length != NULL)
        *length = 0;
    if (verifier == NULL || jwks == NULL)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT,
                                   verifier == NULL ? "no verifier" : "verifier: nowhere to put the keys");
    set = azattest__key_cache_fallback(&verifier->instance->cache, azattest__instance_monotonic_ms(verifier->instance));
    if (set == NULL)
        return AZATTEST_ABSENT;
    text = azattest_signers_jwks(set->signers);
    if ((*jwks = azattest__dup(text.ptr, text.len)) == NULL)
        status = azattest__error_memory(error);
    else if (length != NULL)
        *length = text.len;
    azattest__key_set_free(set);
    return status;
}

void azattest_free(void *memory)
{
    free(memory);
}
