/* Steps 7 and 8 of validation: what the claims must say (N1, N2, N3, P1, D1, type, required claims). */
#include "checks.h"

#include <stdlib.h>
#include <string.h>

#include <azattest/limits.h>
#include <azattest/policy.h>

#include "../base/encoding.h"

/* An empty text has an address, too. */
static azattest_bytes nonempty(const azattest__buf *text)
{
    return azattest__bytes(text->ptr == NULL ? (const void *)"" : text->ptr, text->len);
}

/* Claims that were sent or computed by the caller are compared in constant time, as all hashes and secrets are. */
static bool text_equal(azattest_bytes json, const char *expected)
{
    azattest__buf text;
    bool equal;

    azattest__buf_init(&text, AZATTEST_LIMIT_TOKEN_BODY);
    equal = azattest__claim_text(json, &text) &&
            azattest__bytes_equal_constant_time(nonempty(&text), azattest__text(expected));
    azattest__buf_free(&text);
    return equal;
}

/* The claim is a base64url string of these bytes. */
static bool bytes_equal(azattest_bytes json, azattest_bytes expected)
{
    azattest__buf text, bytes;
    bool equal;

    azattest__buf_init(&text, AZATTEST_LIMIT_TOKEN_BODY);
    azattest__buf_init(&bytes, AZATTEST_LIMIT_TOKEN_BODY);
    equal = azattest__claim_text(json, &text) && azattest__base64url_decode(azattest__buf_bytes(&text), &bytes) &&
            azattest__bytes_equal_constant_time(nonempty(&bytes), expected);
    azattest__buf_free(&text);
    azattest__buf_free(&bytes);
    return equal;
}

/* Equal as JSON values; `claim` passed the gate, and `other` does or is refused by it. One and the same text is one and
 * the same value: what the service repeats it mostly writes as it was expected. */
static azattest_status json_equal(azattest_bytes claim, azattest_bytes other, bool *equal)
{
    azattest__json *first = NULL, *second = NULL;
    azattest_status status = AZATTEST_OK;

    if ((*equal = azattest__bytes_equal(claim, other)))
        return AZATTEST_OK;
    if ((status = azattest__json_parse(claim, &first, NULL)) == AZATTEST_OK &&
        (status = azattest__json_parse(other, &second, NULL)) == AZATTEST_OK)
        *equal = azattest__json_equal(first, second);
    azattest__json_free(first);
    azattest__json_free(second);
    return status == AZATTEST_E_MEMORY ? status : AZATTEST_OK;
}

/* "x" is SEEN, expected "EXPECTED". Only for claims that are no secrets: a nonce, a hash, a kind. */
static azattest_status add_different(azattest_problems *problems, azattest_status code, const char *claim_name,
                                     azattest_bytes claim, const char *expected)
{
    char *seen = azattest__printable(claim, 160), *wanted = azattest__printable(azattest__text(expected), 160);
    azattest_status status = azattest__problems_add(problems, code, "\"%s\" is %s, expected \"%s\"", claim_name,
                                                    claim.ptr == NULL ? "missing"
                                                    : seen == NULL    ? "?"
                                                                      : seen,
                                                    wanted == NULL ? "?" : wanted);

    free(seen);
    free(wanted);
    return status;
}

static azattest_status check_nonce(const azattest_token *token, const azattest_validation_options *options,
                                   azattest_problems *problems)
{
    azattest_status status;
    azattest__buf nonce;
    char *seen = NULL, *wanted = NULL;

    if (options->expected_nonce == NULL)
        return AZATTEST_OK;
    azattest__buf_init(&nonce, AZATTEST_LIMIT_TOKEN_BODY);
    status = azattest__claim_nonce_text(token->jws.body, &nonce);
    if (nonce.status != AZATTEST_OK) {
        status = nonce.status;
    } else if (status == AZATTEST_OK &&
               azattest__bytes_equal_constant_time(nonempty(&nonce), azattest__text(options->expected_nonce))) {
        /* as it should be */
    } else {
        seen = azattest__printable(nonempty(&nonce), 160);
        wanted = azattest__printable(azattest__text(options->expected_nonce), 160);
        status = azattest__problems_add(problems, AZATTEST_E_TOKEN_NONCE, "\"nonce\" is %s%s%s, expected \"%s\"",
                                        status == AZATTEST_OK ? "\"" : "",
                                        status == AZATTEST_ABSENT   ? "missing"
                                        : status == AZATTEST_E_TYPE ? "not text"
                                        : seen == NULL              ? "?"
                                                                    : seen,
                                        status == AZATTEST_OK ? "\"" : "", wanted == NULL ? "?" : wanted);
    }
    free(seen);
    free(wanted);
    azattest__buf_free(&nonce);
    return status;
}

static azattest_status check_runtime(const azattest_token *token, const azattest_validation_options *options,
                                     azattest_problems *problems)
{
    azattest_bytes claim;
    azattest_status status;
    bool equal;

    if (options->expected_runtime_data.ptr != NULL) {
        claim = azattest__token_claim_any(token, &azattest__claim_held_data, NULL);
        if (!bytes_equal(claim, options->expected_runtime_data))
            return azattest__problems_add(problems, AZATTEST_E_TOKEN_RUNTIME_DATA,
                                          "\"x-ms-sgx-ehd\" is %s the runtime data that was sent (%zu bytes)",
                                          claim.ptr == NULL ? "missing, expected" : "not",
                                          options->expected_runtime_data.len);
    }
    if (options->expected_runtime_json.ptr != NULL) {
        claim = azattest_token_claim(token, "x-ms-runtime");
        if (claim.ptr == NULL)
            return azattest__problems_add(problems, AZATTEST_E_TOKEN_RUNTIME_DATA,
                                          "\"x-ms-runtime\" is missing, expected the runtime JSON that was sent");
        if ((status = json_equal(claim, azattest__json_unterminated(options->expected_runtime_json), &equal)) !=
            AZATTEST_OK)
            return status;
        if (!equal)
            return azattest__problems_add(problems, AZATTEST_E_TOKEN_RUNTIME_DATA,
                                          "\"x-ms-runtime\" is not the runtime JSON that was sent");
    }
    return AZATTEST_OK;
}

/* The claim is there and equals the value, where there is one. */
static azattest_status check_one(azattest_bytes claim, const azattest_claim_requirement *required, azattest_status code,
                                 azattest_problems *problems)
{
    azattest_status status;
    char *seen, *wanted;
    bool equal = required->value_json == NULL;

    if (claim.ptr == NULL)
        return azattest__problems_add(problems, code, "claim \"%s\" is missing", required->name);
    if (!equal && (status = json_equal(claim, azattest__text(required->value_json), &equal)) != AZATTEST_OK)
        return status;
    if (equal)
        return AZATTEST_OK;
    seen = azattest__printable(claim, 160);
    wanted = azattest__printable(azattest__text(required->value_json), 160);
    status = azattest__problems_add(problems, code, "claim \"%s\" is %s, expected %s", required->name,
                                    seen == NULL ? "?" : seen, wanted == NULL ? "?" : wanted);
    free(seen);
    free(wanted);
    return status;
}

/* Claims that are looked up in one pass: as many as an attest call has. */
#define AT_ONCE 16

/* N3 and required claims. */
static azattest_status check_required(const azattest_token *token, const azattest_claim_requirement *claims,
                                      size_t count, azattest_status code, azattest_problems *problems)
{
    azattest_status status = AZATTEST_OK;
    azattest_bytes found[AT_ONCE];
    const char *names[AT_ONCE];
    size_t some;

    for (; count > 0 && status == AZATTEST_OK; claims += some, count -= some) {
        some = count < AT_ONCE ? count : AT_ONCE;
        for (size_t i = 0; i < some; i++)
            names[i] = claims[i].name;
        azattest__claims_required(token->jws.body, names, found, some);
        for (size_t i = 0; i < some && status == AZATTEST_OK; i++)
            status = check_one(found[i], &claims[i], code, problems);
    }
    return status;
}

static azattest_status check_policy_hash(const azattest_token *token, const azattest_validation_options *options,
                                         azattest_problems *problems)
{
    azattest_status status;
    azattest__buf expected;
    azattest_bytes claim, wanted = options->expected_policy_hash;

    if (wanted.ptr == NULL)
        return AZATTEST_OK;
    claim = azattest__token_claim_any(token, &azattest__claim_policy_hash, NULL);
    for (size_t at = 0; at < wanted.len; at += AZATTEST_HASH_SIZE)
        if (bytes_equal(claim, azattest__bytes((const unsigned char *)wanted.ptr + at, AZATTEST_HASH_SIZE)))
            return AZATTEST_OK;
    azattest__buf_init(&expected, 128);
    azattest__base64url_encode(azattest__bytes(wanted.ptr, AZATTEST_HASH_SIZE), &expected);
    if (wanted.len > AZATTEST_HASH_SIZE)
        azattest__buf_append_text(&expected, " (or another of the list)");
    status = expected.status != AZATTEST_OK ? expected.status
                                            : add_different(problems, AZATTEST_E_TOKEN_POLICY_HASH, "x-ms-policy-hash",
                                                            claim, (const char *)expected.ptr);
    azattest__buf_free(&expected);
    return status;
}

/* The instance signs what it says of policies and certificates with the key that it signs attestations with, and as the
 * same issuer: whoever may read a policy has such a token. It is told by its claims, and by having no type. */
static azattest_status check_attestation(const azattest_token *token, azattest_problems *problems)
{
    static const char *const claims[] = { "x-ms-policy-result", "x-ms-policycertificates-result",
                                          "x-ms-policy-certificates" };
    azattest_bytes policy;
    const char *found;

    if (azattest__token_claim_any(token, &azattest__claim_type, NULL).ptr != NULL)
        return AZATTEST_OK;
    policy = azattest_token_claim(token, "x-ms-policy"); /* text there, an object in attestations */
    found = policy.ptr != NULL && !azattest__claim_is_object(policy) ? "x-ms-policy" : NULL;
    for (size_t i = 0; i < sizeof(claims) / sizeof(claims[0]) && found == NULL; i++)
        if (azattest_token_claim(token, claims[i]).ptr != NULL)
            found = claims[i];
    if (found == NULL)
        return AZATTEST_OK;
    return azattest__problems_add(problems, AZATTEST_E_TOKEN_ATTESTATION_TYPE,
                                  "no attestation, but an answer about policies or certificates: it has \"%s\" and no "
                                  "\"x-ms-attestation-type\"",
                                  found);
}

/* The claim's value by the name that the service's paths have for the type. Callers know that one (AttestationType). */
static const char *type_claim(const char *type)
{
    static const struct {
        const char *type, *claim;
    } types[] = {
        { "SgxEnclave", "sgx" }, { "OpenEnclave", "sgx" },    { "SevSnpVm", "sevsnpvm" },
        { "TdxVm", "tdxvm" },    { "AzureGuest", "azurevm" },
    };

    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
        if (azattest__text_equal_nocase(types[i].type, type))
            return types[i].claim;
    return type;
}

static azattest_status check_type(const azattest_token *token, const azattest__check *check,
                                  azattest_problems *problems)
{
    const azattest_validation_options *options = check->options;
    bool is_wanted = options->require_attestation == AZATTEST_DEFAULT ? check->is_attestation
                                                                      : options->require_attestation == AZATTEST_ON;
    azattest_bytes claim;

    if (options->expected_type == NULL)
        return is_wanted ? check_attestation(token, problems) : AZATTEST_OK;
    claim = azattest__token_claim_any(token, &azattest__claim_type, NULL);
    if (text_equal(claim, type_claim(options->expected_type)) || text_equal(claim, options->expected_type))
        return AZATTEST_OK;
    return add_different(problems, AZATTEST_E_TOKEN_ATTESTATION_TYPE, "x-ms-attestation-type", claim,
                         options->expected_type);
}

static azattest_status check_guest(const azattest_token *token, azattest_problems *problems)
{
    azattest_status status = AZATTEST_OK;
    const char *name, *wanted;
    size_t at = 0;

    while (status == AZATTEST_OK && azattest__claims_guest_debug(token->jws.body, &at, &name, &wanted))
        status = azattest__problems_add(problems, AZATTEST_E_TOKEN_DEBUGGABLE, "\"%s\" is not %s", name, wanted);
    return status;
}

/* D1. Only a plain false clears the suspicion, wherever the claim stands; a token without it says nothing. So a guest
 * without a TEE and a TPM's report are refused: nothing keeps their host out. */
static azattest_status check_debug(const azattest_token *token, const azattest_validation_options *options,
                                   azattest_problems *problems)
{
    const char *name = NULL;
    azattest_status status = AZATTEST_OK;

    if (azattest__is_on(options->allow_debug))
        return AZATTEST_OK;
    switch (azattest__claims_debug(token->jws.body, &name)) {
    case AZATTEST__DEBUG_OFF:
        break;
    case AZATTEST__DEBUG_UNSAID:
        status = azattest__problems_add(problems, AZATTEST_E_TOKEN_DEBUGGABLE,
                                        "the token does not say whether the evidence is debuggable");
        break;
    case AZATTEST__DEBUG_ON:
        status = azattest__problems_add(problems, AZATTEST_E_TOKEN_DEBUGGABLE, "\"%s\" is %s", name,
                                        strcmp(name, "dbgstat") == 0 ? "\"enabled\"" : "true, expected false");
        break;
    case AZATTEST__DEBUG_UNCLEAR:
        status = azattest__problems_add(problems, AZATTEST_E_TOKEN_DEBUGGABLE, "\"%s\" is %s", name,
                                        strcmp(name, "dbgstat") == 0              ? "not a known state of debugging"
                                        : strcmp(name, "x-ms-isolation-tee") == 0 ? "not an object"
                                                                                  : "not a boolean, expected false");
        break;
    }
    return status == AZATTEST_OK ? check_guest(token, problems) : status;
}

azattest_status azattest__token_check_claims(const azattest_token *token, const azattest__check *check,
                                             azattest_problems *problems, azattest_error **error)
{
    const azattest_validation_options *options = check->options;
    azattest_status status;

    (void)error;
    if ((status = check_nonce(token, options, problems)) != AZATTEST_OK ||
        (status = check_runtime(token, options, problems)) != AZATTEST_OK ||
        (status = check_required(token, check->measurements, check->measurement_count, AZATTEST_E_TOKEN_MEASUREMENT,
                                 problems)) != AZATTEST_OK ||
        (status = check_policy_hash(token, options, problems)) != AZATTEST_OK ||
        (status = check_debug(token, options, problems)) != AZATTEST_OK ||
        (status = check_type(token, check, problems)) != AZATTEST_OK)
        return status;
    return check_required(token, options->require_claims,
                          options->require_claims == NULL ? 0 : options->require_claim_count, AZATTEST_E_TOKEN_CLAIM,
                          problems);
}
