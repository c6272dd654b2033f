/* The relying party's side: validates tokens, attests nothing. */
#include <stdlib.h>
#include <string.h>

#include <azattest/limits.h>

#include "../error/origin.h"
#include "../operation/op.h"
#include "client.h"

static azattest_status check_distinct(const azattest_verifier *verifier, azattest_error **error)
{
    const char *last = verifier->instances[verifier->count - 1]->endpoint.text;

    for (size_t i = 0; i + 1 < verifier->count; i++)
        if (strcmp(verifier->instances[i]->endpoint.text, last) == 0)
            return azattest__error_set(error, AZATTEST_E_ARGUMENT, "verifier: %s is given twice", last);
    return AZATTEST_OK;
}

azattest_status azattest_verifier_new_many(const char *const *endpoints, size_t count,
                                           const azattest_client_options *options, azattest_verifier **out,
                                           azattest_error **error)
{
    azattest_verifier *verifier = NULL;
    azattest_status status = AZATTEST_OK;

    if (error != NULL)
        *error = NULL;
    if (out == NULL)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT, "verifier: nowhere to put it");
    *out = NULL;
    if (endpoints == NULL || count == 0 || count > AZATTEST_LIMIT_LIST)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT, "verifier: give 1 to %u endpoints", AZATTEST_LIMIT_LIST);
    if ((verifier = calloc(1, sizeof(*verifier))) == NULL ||
        (verifier->instances = calloc(count, sizeof(azattest__instance *))) == NULL)
        status = azattest__error_memory(error);
    for (size_t i = 0; status == AZATTEST_OK && i < count; i++) {
        if ((status = azattest__configure("verifier", endpoints[i], options, &verifier->instances[i], error)) !=
            AZATTEST_OK)
            break;
        verifier->count++;
        status = check_distinct(verifier, error);
    }
    if (status == AZATTEST_OK) {
        *out = verifier;
        verifier = NULL;
    }
    azattest_verifier_free(verifier);
    return status;
}

azattest_status azattest_verifier_new(const char *endpoint, const azattest_client_options *options,
                                      azattest_verifier **out, azattest_error **error)
{
    return azattest_verifier_new_many(&endpoint, 1, options, out, error);
}

void azattest_verifier_free(azattest_verifier *verifier)
{
    if (verifier == NULL)
        return;
    for (size_t i = 0; i < verifier->count; i++)
        azattest__instance_free(verifier->instances[i]);
    free(verifier->instances);
    free(verifier);
}

const char *azattest_verifier_endpoint(const azattest_verifier *verifier)
{
    return azattest_verifier_endpoint_at(verifier, 0);
}

size_t azattest_verifier_endpoint_count(const azattest_verifier *verifier)
{
    return verifier == NULL ? 0 : verifier->count;
}

const char *azattest_verifier_endpoint_at(const azattest_verifier *verifier, size_t index)
{
    return verifier == NULL || index >= verifier->count ? NULL : verifier->instances[index]->endpoint.text;
}

static azattest_status no_instance(const azattest_verifier *verifier, const char *issuer, azattest_error **error)
{
    azattest_problems problems = { NULL, 0 };
    char *seen = issuer == NULL ? NULL : azattest__printable(azattest__text(issuer), 200);
    azattest_status status = azattest__problems_add(
        &problems, AZATTEST_E_TOKEN_ISSUER, "\"iss\" is %s%s%s, expected one of %zu instances, \"%s\" or another",
        issuer == NULL ? "" : "\"",
        issuer == NULL ? "missing or not a string"
        : seen == NULL ? "?"
                       : seen,
        issuer == NULL ? "" : "\"", verifier->count, verifier->instances[0]->endpoint.text);

    status = status == AZATTEST_OK ? azattest__error_from_problems(error, &problems) : azattest__error_memory(error);
    azattest__problems_clear(&problems);
    free(seen);
    return status;
}

/* Who judges: the only instance there is, or the one that the token names. What it names is nobody's word yet: it
 * decides whose keys and whose rules the token has to stand up to, and nothing else. */
static azattest_status choose(const azattest_verifier *verifier, const azattest_token *token,
                              azattest__instance **instance, azattest_error **error)
{
    const char *issuer = azattest_token_issuer(token);

    *instance = verifier->instances[0];
    if (verifier->count == 1)
        return AZATTEST_OK;
    for (size_t i = 0; issuer != NULL && i < verifier->count; i++)
        if (azattest__origin_equal(issuer, verifier->instances[i]->endpoint.text)) {
            *instance = verifier->instances[i];
            return AZATTEST_OK;
        }
    return no_instance(verifier, issuer, error);
}

azattest_status azattest_verifier_validate_begin(azattest_verifier *verifier, azattest_bytes token_text,
                                                 const azattest_validation_options *options, azattest_op **op,
                                                 azattest_error **error)
{
    azattest__instance *instance;
    azattest_token *token = NULL;
    azattest_status status;

    if (error != NULL)
        *error = NULL;
    if (op != NULL)
        *op = NULL;
    if (verifier == NULL || op == NULL)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT,
                                   verifier == NULL ? "no verifier" : "verifier: nowhere to put the operation");
    if ((status = azattest_token_parse(token_text, &token, error)) != AZATTEST_OK)
        return status;
    if ((status = choose(verifier, token, &instance, error)) != AZATTEST_OK) {
        azattest_token_free(token);
        return status;
    }
    return azattest__op_validate(instance, token, options, op, error);
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
    status = azattest__judge(instance, token, options, set == NULL ? NULL : set->signers, true, false, NULL, &problems,
                             &unknown_key, error);
    if (status == AZATTEST_OK && unknown_key && fetched &&
        azattest__key_cache_may_know_more(&instance->cache, set, now))
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
    azattest__instance *instance;
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
    if ((status = choose(verifier, parsed, &instance, error)) != AZATTEST_OK) {
        /* refused */
    } else if (options == NULL) {
        status = judge_cached(instance, parsed, &instance->validation.options, error);
    } else if ((status = azattest__validation_merge(&instance->validation.options, options, &merged, error)) ==
               AZATTEST_OK) {
        status = judge_cached(instance, parsed, &merged.options, error);
        azattest__validation_clear(&merged);
    }
    if (status == AZATTEST_OK) {
        *token = parsed;
        parsed = NULL;
    }
    azattest_token_free(parsed);
    return status;
}

static azattest_status find_instance(const azattest_verifier *verifier, const char *endpoint,
                                     azattest__instance **instance, azattest_error **error)
{
    *instance = verifier->instances[0];
    if (endpoint == NULL && verifier->count == 1)
        return AZATTEST_OK;
    if (endpoint == NULL)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT,
                                   "verifier: it has %zu endpoints; say whose keys to export", verifier->count);
    for (size_t i = 0; i < verifier->count; i++)
        if (azattest__origin_equal(endpoint, verifier->instances[i]->endpoint.text)) {
            *instance = verifier->instances[i];
            return AZATTEST_OK;
        }
    return azattest__error_set(error, AZATTEST_E_ARGUMENT, "verifier: the endpoint is none of its own");
}

azattest_status azattest_verifier_export_keys(azattest_verifier *verifier, const char *endpoint, char **jwks,
                                              size_t *length, azattest_error **error)
{
    azattest_status status = AZATTEST_OK;
    azattest__instance *instance;
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
    if ((status = find_instance(verifier, endpoint, &instance, error)) != AZATTEST_OK)
        return status;
    set = azattest__key_cache_fallback(&instance->cache, azattest__instance_monotonic_ms(instance));
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
