/* Steps 2 to 4 of validation: header, choice of the key, signature. Nothing inside the token is ever trusted here. */
#include "checks.h"

#include <stdlib.h>
#include <string.h>

#include "../error/origin.h"

static azattest_status add_foreign(azattest_problems *problems, azattest_status code, const char *format,
                                   const char *foreign)
{
    char *shown = azattest__printable(azattest__text(foreign), 120);
    azattest_status status;

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    status = azattest__problems_add(problems, code, format, shown == NULL ? "?" : shown);
#pragma GCC diagnostic pop
    free(shown);
    return status;
}

/* T2. */
static azattest_status check_type(const azattest_token *token, azattest_problems *problems)
{
    if (token->type == NULL || azattest__text_equal_nocase(token->type, "JWT") ||
        azattest__text_equal_nocase(token->type, "JWS"))
        return AZATTEST_OK;
    return add_foreign(problems, AZATTEST_E_TOKEN_TYPE, "\"typ\" is \"%s\", expected JWT or JWS", token->type);
}

static bool allows_unsecured(const azattest__check *check)
{
    return check->is_draft_reply || check->options->allow_unsecured == AZATTEST_ON;
}

/* T3. *alg stays AZATTEST__ALG_UNKNOWN for an unsecured token, which passes only where the caller asked for it. */
static azattest_status check_algorithm(const azattest_token *token, const azattest__check *check, azattest__alg *alg,
                                       azattest_problems *problems)
{
    const azattest_validation_options *options = check->options;

    *alg = AZATTEST__ALG_UNKNOWN;
    if (!azattest_token_is_secured(token)) {
        if (!allows_unsecured(check))
            return azattest__problems_add(problems, AZATTEST_E_TOKEN_ALGORITHM,
                                          "the token is not signed (\"alg\" is \"none\")");
        if (token->jws.signature.len != 0)
            return azattest__problems_add(problems, AZATTEST_E_TOKEN_ALGORITHM,
                                          "\"alg\" is \"none\", yet the token carries a signature of %zu bytes",
                                          token->jws.signature.len);
        return AZATTEST_OK;
    }
    *alg = azattest__alg_from_name(token->algorithm);
    if (*alg == AZATTEST__ALG_UNKNOWN)
        return add_foreign(problems, AZATTEST_E_TOKEN_ALGORITHM,
                           "\"alg\" is \"%s\", expected RS256 (or another RS, PS or ES algorithm of RFC 7518)",
                           token->algorithm);
    for (size_t i = 0; options->algorithms != NULL && i < options->algorithm_count; i++)
        if (strcmp(options->algorithms[i], token->algorithm) == 0)
            return AZATTEST_OK;
    if (options->algorithms == NULL)
        return AZATTEST_OK;
    return add_foreign(problems, AZATTEST_E_TOKEN_ALGORITHM, "\"alg\" is \"%s\", which is not in the allow list",
                       token->algorithm);
}

/* T4: RFC 7515 section 4.1.11; the library understands no extension. */
static azattest_status check_critical(const azattest_token *token, azattest_problems *problems)
{
    azattest_bytes critical = azattest_token_critical(token);

    if (critical.ptr == NULL)
        return AZATTEST_OK;
    return azattest__problems_add(problems, AZATTEST_E_TOKEN_CRITICAL,
                                  "the header has \"crit\", and no extension that it could name is understood");
}

/* "<origin>/certs", compared as an origin. */
static bool is_keys_of(const char *url, const char *endpoint)
{
    static const char suffix[] = "/certs";
    size_t len = strlen(url), suffix_len = sizeof(suffix) - 1;
    char *origin;
    bool same;

    if (len <= suffix_len || strcmp(url + len - suffix_len, suffix) != 0 ||
        url[len - suffix_len - 1] == '/') /* a slash before the suffix would be part of the path ("//certs") */
        return false;
    if (strlen(endpoint) == len - suffix_len && memcmp(url, endpoint, len - suffix_len) == 0)
        return true;
    if ((origin = azattest__dup(url, len - suffix_len)) == NULL)
        return false;
    same = azattest__origin_equal(origin, endpoint);
    free(origin);
    return same;
}

/* K2. The address is compared and never fetched. With the caller's own keys the expected issuers take the place of the
 * endpoint, and an address that fits the token's own issuer passes here: whether that issuer is expected is C3's to
 * say, once the signature is known to be good. */
static azattest_status check_key_url(const azattest_token *token, const azattest__check *check,
                                     azattest_problems *problems)
{
    const azattest_validation_options *options = check->options;
    bool same = false;

    if (token->key_url == NULL || (check->endpoint == NULL && options->issuers == NULL))
        return AZATTEST_OK;
    if (check->endpoint != NULL)
        same = is_keys_of(token->key_url, check->endpoint);
    for (size_t i = 0; check->endpoint == NULL && i < options->issuer_count && !same; i++)
        same = is_keys_of(token->key_url, options->issuers[i]);
    if (check->endpoint == NULL && !same && token->issuer != NULL)
        same = is_keys_of(token->key_url, token->issuer);
    if (same)
        return AZATTEST_OK;
    return add_foreign(problems, AZATTEST_E_TOKEN_KEY_URL, "\"jku\" is \"%s\", expected the instance's own /certs",
                       token->key_url);
}

/* K5 to K8a for one key, at this time. Appends the reason; *good tells. */
static azattest_status judge(const azattest_signer *signer, azattest__alg alg, const azattest__check *check, bool *good,
                             azattest_problems *problems)
{
    int64_t slack = azattest__validation_slack_ms(check->options);
    azattest_error *reason = NULL;
    azattest_status status = AZATTEST_OK;
    int64_t now_ms = check->now_ms;

    *good = false;
    if (signer->problem_code != AZATTEST_OK) {
        status = azattest__problems_add(problems, signer->problem_code, "%s", signer->problem);
    } else if (azattest__signer_fits(signer, alg, &reason) != AZATTEST_OK) {
        status = azattest__problems_add(problems, AZATTEST_E_TOKEN_KEY_UNFIT, "%s", azattest_error_message(reason));
    } else if (signer->chain_code != AZATTEST_OK) {
        status = azattest__problems_add(problems, signer->chain_code, "%s", signer->chain_problem);
    } else if (signer->certificate_count > 0 && now_ms < signer->not_before * 1000 - slack) {
        status = azattest__problems_add_time(problems, AZATTEST_E_TOKEN_CERTIFICATE,
                                             "the key's certificates are valid from", signer->not_before, now_ms);
    } else if (signer->certificate_count > 0 && now_ms / 1000 > signer->not_after + slack / 1000) {
        status = azattest__problems_add_time(problems, AZATTEST_E_TOKEN_CERTIFICATE, "the key's certificates ended at",
                                             signer->not_after, now_ms);
    } else if (check->keys_from_endpoint && signer->instance != NULL &&
               strcmp(signer->instance, check->endpoint) != 0 &&
               !azattest__origin_equal(signer->instance, check->endpoint)) {
        char *shown = azattest__printable(azattest__text(signer->instance), 200);

        status = azattest__problems_add(problems, AZATTEST_E_TOKEN_CERTIFICATE_NAME,
                                        "the key's certificate names \"%s\", expected %s", shown == NULL ? "?" : shown,
                                        check->endpoint);
        free(shown);
    } else if (signer->key_id_code != AZATTEST_OK) {
        status = azattest__problems_add(problems, signer->key_id_code, "%s", signer->key_id_problem);
    } else {
        *good = true;
    }
    azattest_error_free(reason);
    return status;
}

static azattest_status verify_with(const azattest_signer *signer, azattest__alg alg, const azattest_token *token,
                                   const azattest_signer **verified, azattest_error **error)
{
    bool valid = false;
    azattest_status status =
        azattest__key_verify(signer->key, alg, token->jws.signed_elements, token->jws.signature, &valid, error);

    if (status == AZATTEST_OK && valid)
        *verified = signer;
    return status;
}

/* The entries whose key the token may mean. *ambiguous: they hold different keys. */
static azattest_status candidates(const azattest_token *token, const azattest_signers *keys, size_t *count,
                                  bool *ambiguous)
{
    const azattest__key *first = NULL;

    *ambiguous = false;
    *count = 0;
    for (size_t i = 0; i < keys->count; i++) {
        const azattest_signer *signer;

        if (!azattest__signers_is_named(keys, i, token->key_id))
            continue;
        if ((signer = azattest_signers_at(keys, i)) == NULL)
            return AZATTEST_E_MEMORY;
        ++*count;
        if (signer->key == NULL)
            continue;
        if (first != NULL && !azattest__key_equal(first, signer->key))
            *ambiguous = true;
        first = signer->key;
    }
    return AZATTEST_OK;
}

/* K3: only entries with the token's kid. All hold one key, so the first that passes its own checks decides. */
static azattest_status verify_named(const azattest_token *token, const azattest__check *check, azattest__alg alg,
                                    azattest_problems *problems, const azattest_signer **signer, bool *unknown_key,
                                    azattest_error **error)
{
    const azattest_signers *keys = check->keys;
    azattest_problems reasons = { NULL, 0 };
    azattest_status status;
    bool ambiguous, good = false;
    size_t count;

    if ((status = candidates(token, keys, &count, &ambiguous)) != AZATTEST_OK)
        return status;
    if (count == 0) {
        *unknown_key = true;
        return add_foreign(problems, AZATTEST_E_TOKEN_KEY_UNKNOWN, "no key of the set has the key id \"%s\"",
                           token->key_id);
    }
    if (ambiguous)
        return add_foreign(problems, AZATTEST_E_TOKEN_KEY_AMBIGUOUS,
                           "several different keys of the set have the key id \"%s\"", token->key_id);
    for (size_t i = 0; i < keys->count && status == AZATTEST_OK && !good; i++) {
        const azattest_signer *candidate;

        if (!azattest__signers_is_named(keys, i, token->key_id))
            continue;
        candidate = azattest_signers_at(keys, i); /* it was read just now */
        status = judge(candidate, alg, check, &good, &reasons);
        if (status == AZATTEST_OK && good)
            status = verify_with(candidate, alg, token, signer, error);
    }
    if (status == AZATTEST_OK && good && *signer == NULL)
        status = azattest__problems_add(problems, AZATTEST_E_TOKEN_SIGNATURE,
                                        "the signature does not verify with the key that the token names");
    for (size_t i = 0; status == AZATTEST_OK && !good && i < reasons.count; i++)
        status = azattest__problems_add(problems, reasons.items[i].code, "%s", reasons.items[i].detail);
    azattest__problems_clear(&reasons);
    return status;
}

/* K4: without a kid every key is tried, and none is remembered. */
static azattest_status verify_unnamed(const azattest_token *token, const azattest__check *check, azattest__alg alg,
                                      azattest_problems *problems, const azattest_signer **signer,
                                      azattest_error **error)
{
    azattest_problems ignored = { NULL, 0 };
    azattest_status status = AZATTEST_OK;
    size_t tried = 0;
    bool good;

    for (size_t i = 0; i < check->keys->count && status == AZATTEST_OK && *signer == NULL; i++) {
        const azattest_signer *candidate = azattest_signers_at(check->keys, i);

        status = candidate == NULL ? AZATTEST_E_MEMORY : judge(candidate, alg, check, &good, &ignored);
        if (status != AZATTEST_OK || !good)
            continue;
        tried++;
        status = verify_with(candidate, alg, token, signer, error);
    }
    azattest__problems_clear(&ignored);
    if (status == AZATTEST_OK && *signer == NULL)
        status = azattest__problems_add(problems, AZATTEST_E_TOKEN_SIGNATURE,
                                        "the token names no key, and none of the %zu usable of %zu keys verifies it",
                                        tried, check->keys->count);
    return status;
}

azattest_status azattest__token_check_signature(const azattest_token *token, const azattest__check *check,
                                                azattest_problems *problems, const azattest_signer **signer,
                                                bool *unknown_key, azattest_error **error)
{
    azattest_status status;
    azattest__alg alg;

    *signer = NULL;
    if ((status = check_type(token, problems)) != AZATTEST_OK ||
        (status = check_algorithm(token, check, &alg, problems)) != AZATTEST_OK ||
        (status = check_critical(token, problems)) != AZATTEST_OK ||
        (status = check_key_url(token, check, problems)) != AZATTEST_OK)
        return status;
    if (problems->count > 0 || alg == AZATTEST__ALG_UNKNOWN)
        return AZATTEST_OK;
    if (check->keys == NULL || check->keys->count == 0)
        return azattest__problems_add(
            problems, AZATTEST_E_TOKEN_KEY_UNTRUSTED,
            "there are no keys to verify with: give signers, or use a Verifier of the instance");
    return token->key_id != NULL ? verify_named(token, check, alg, problems, signer, unknown_key, error)
                                 : verify_unnamed(token, check, alg, problems, signer, error);
}
