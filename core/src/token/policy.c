/* Policy tokens: making, reading, hashing, and who signed them. */
#include "policy.h"

#include <stdlib.h>

#include <azattest/limits.h>

#include "../base/encoding.h"
#include "../crypto/policy_text.h"
#include "checks.h"

#define MEMBER "AttestationPolicy"

struct azattest_stored_attestation_policy {
    char *text;
    azattest__buf json; /* empty for an empty body */
};

/* ---- the stored policy ---- */

static azattest_status print(azattest_bytes text, azattest__buf *out, azattest_error **error)
{
    azattest__json *body = azattest__json_new_object();
    azattest_status status;

    azattest__json_put_base64url(body, MEMBER, text);
    status = azattest__json_print(body, false, out, error);
    azattest__json_free(body);
    return status;
}

static azattest_stored_attestation_policy *new_policy(void)
{
    azattest_stored_attestation_policy *policy = calloc(1, sizeof(*policy));

    if (policy != NULL)
        azattest__buf_init(&policy->json, AZATTEST_LIMIT_TOKEN_BODY);
    return policy;
}

azattest_status azattest_stored_attestation_policy_new(azattest_bytes text, azattest_stored_attestation_policy **out,
                                                       azattest_error **error)
{
    azattest_stored_attestation_policy *policy = NULL;
    azattest_status status;

    if (error != NULL)
        *error = NULL;
    if (out == NULL)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT, "policy: nowhere to put it");
    *out = NULL;
    if ((status = azattest__policy_text_check(text, error)) != AZATTEST_OK)
        return status;
    if ((policy = new_policy()) == NULL || (policy->text = azattest__dup(text.ptr, text.len)) == NULL)
        status = azattest__error_memory(error);
    else
        status = print(text, &policy->json, error);
    if (status == AZATTEST_OK) {
        *out = policy;
        policy = NULL;
    }
    azattest_stored_attestation_policy_free(policy);
    return status;
}

static azattest_status decode(azattest_bytes claim, azattest__buf *out, azattest_error **error)
{
    azattest_status status = AZATTEST_OK;
    azattest_error *reason = NULL;
    azattest__buf text;

    azattest__buf_init(&text, AZATTEST_LIMIT_TOKEN_BODY);
    if (claim.ptr == NULL) {
        status = azattest__error_set(error, AZATTEST_E_MALFORMED, "policy token: the body has no \"" MEMBER "\"");
    } else if (!azattest__claim_text(claim, &text)) {
        status = text.status == AZATTEST_OK
                     ? azattest__error_set(error, AZATTEST_E_MALFORMED, "policy token: \"" MEMBER "\" is not a string")
                     : azattest__error_from_buf(error, &text, "policy token");
    } else if (!azattest__base64url_decode(azattest__buf_bytes(&text), out)) {
        status = out->status == AZATTEST_OK
                     ? azattest__error_set(error, AZATTEST_E_MALFORMED,
                                           "policy token: \"" MEMBER "\" is not base64url without padding")
                     : azattest__error_from_buf(error, out, "policy token");
    } else if (out->len > 0 && azattest__policy_text_check(azattest__buf_bytes(out), &reason) != AZATTEST_OK) {
        status = azattest__error_set(error, AZATTEST_E_MALFORMED, "policy token: %s", azattest_error_message(reason));
    }
    azattest_error_free(reason);
    azattest__buf_free(&text);
    return status;
}

azattest_status azattest_stored_attestation_policy_parse(const azattest_token *token,
                                                         azattest_stored_attestation_policy **out,
                                                         azattest_error **error)
{
    azattest_stored_attestation_policy *policy = NULL;
    azattest_bytes body = azattest_token_body_bytes(token);
    azattest_status status = AZATTEST_OK;
    azattest__buf text;

    if (error != NULL)
        *error = NULL;
    if (out != NULL)
        *out = NULL;
    if (out == NULL || token == NULL)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT, "policy: no token, or nowhere to put the policy");
    azattest__buf_init(&text, AZATTEST_LIMIT_TOKEN_BODY);
    if (body.len > 0 && (status = decode(azattest_token_claim(token, MEMBER), &text, error)) != AZATTEST_OK)
        goto done;
    azattest__buf_grow(&text, 0);
    if ((status = azattest__error_from_buf(error, &text, "policy token")) != AZATTEST_OK)
        goto done;
    if ((policy = new_policy()) == NULL || (policy->text = azattest__dup(text.ptr, text.len)) == NULL) {
        status = azattest__error_memory(error);
        goto done;
    }
    azattest__buf_append_bytes(&policy->json, body);
    if ((status = azattest__error_from_buf(error, &policy->json, "policy token")) != AZATTEST_OK)
        goto done;
    *out = policy;
    policy = NULL;
done:
    azattest_stored_attestation_policy_free(policy);
    azattest__buf_free(&text);
    return status;
}

void azattest_stored_attestation_policy_free(azattest_stored_attestation_policy *policy)
{
    if (policy == NULL)
        return;
    azattest__buf_free(&policy->json);
    free(policy->text);
    free(policy);
}

const char *azattest_stored_attestation_policy_attestation_policy(const azattest_stored_attestation_policy *policy)
{
    return policy == NULL ? NULL : policy->text;
}

azattest_bytes azattest_stored_attestation_policy_json(const azattest_stored_attestation_policy *policy)
{
    return policy == NULL || policy->json.len == 0 ? azattest__bytes(NULL, 0) : azattest__buf_bytes(&policy->json);
}

/* ---- making tokens ---- */

static azattest_status create(azattest_bytes body, const azattest_signing_key *key, azattest_token **out,
                              azattest_error **error)
{
    azattest_status status;
    azattest__buf text;

    azattest__buf_init(&text, AZATTEST_LIMIT_TOKEN);
    if ((status = azattest__signing_key_token(key, body, &text, error)) == AZATTEST_OK)
        status = azattest_token_parse(azattest__buf_bytes(&text), out, error);
    azattest__buf_free(&text);
    return status;
}

azattest_status azattest_token_create(azattest_bytes body_json, const azattest_signing_key *key, azattest_token **out,
                                      azattest_error **error)
{
    azattest_status status = AZATTEST_OK;
    azattest__json *body = NULL;
    azattest_error *reason = NULL;

    if (error != NULL)
        *error = NULL;
    if (out == NULL)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT, "token: nowhere to put it");
    *out = NULL;
    if (body_json.len > AZATTEST_LIMIT_TOKEN_BODY)
        return azattest__error_set(error, AZATTEST_E_LIMIT, "token: a body of %zu bytes, at most %u are accepted",
                                   body_json.len, AZATTEST_LIMIT_TOKEN_BODY);
    if (body_json.ptr == NULL)
        return create(azattest__bytes("", 0), key, out, error);
    if ((status = azattest__json_parse(body_json, &body, &reason)) == AZATTEST_E_MEMORY)
        status = azattest__error_memory(error);
    else if (status != AZATTEST_OK)
        status = azattest__error_set(error, AZATTEST_E_ARGUMENT, "token: the body cannot be used: %s",
                                     azattest_error_message(reason));
    else if (!azattest__json_is_object(body))
        status = azattest__error_set(error, AZATTEST_E_ARGUMENT, "token: the body is a JSON %s, not an object",
                                     azattest__json_kind(body));
    else
        status = create(body_json, key, out, error);
    azattest_error_free(reason);
    azattest__json_free(body);
    return status;
}

azattest_status azattest_create_policy_token(azattest_bytes text, const azattest_signing_key *key, azattest_token **out,
                                             azattest_error **error)
{
    azattest_stored_attestation_policy *policy = NULL;
    azattest_status status;

    if (out != NULL)
        *out = NULL;
    if ((status = azattest_stored_attestation_policy_new(text, &policy, error)) == AZATTEST_OK)
        status = azattest_token_create(azattest_stored_attestation_policy_json(policy), key, out, error);
    azattest_stored_attestation_policy_free(policy);
    return status;
}

/* ---- hashes ---- */

azattest_status azattest_policy_hash(azattest_bytes text, unsigned char hash[AZATTEST_HASH_SIZE],
                                     azattest_error **error)
{
    azattest_status status;

    if (error != NULL)
        *error = NULL;
    if (hash == NULL)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT, "policy: nowhere to put the hash");
    if ((status = azattest__policy_text_check(text, error)) == AZATTEST_OK)
        status = azattest__policy_text_hash(text, hash, error);
    return status;
}

azattest_status azattest_policy_token_hash(azattest_bytes token_text, unsigned char hash[AZATTEST_HASH_SIZE],
                                           azattest_error **error)
{
    azattest_token *token = NULL;
    azattest_status status;

    if (error != NULL)
        *error = NULL;
    if (hash == NULL)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT, "policy token: nowhere to put the hash");
    if ((status = azattest_token_parse(token_text, &token, error)) == AZATTEST_OK)
        status = azattest__sha256(token_text, hash, error);
    azattest_token_free(token);
    return status;
}

/* ---- who signed a stored policy ---- */

/* Names that clients wrote before they knew better, and that the service stores: RSA256 for RS256, ECDH256 for ECDSA
 * with SHA-256. Source: reference of the service, "The stored-policy JWT". */
static azattest__alg alg_of(const azattest_token *token)
{
    const char *name = azattest_token_algorithm(token);

    if (strcmp(name, "RSA256") == 0)
        return AZATTEST__RS256;
    if (strcmp(name, "ECDH256") == 0)
        return AZATTEST__ES256;
    return azattest__alg_from_name(name);
}

static azattest_status verify(const azattest_token *token, const azattest_signer *signer, azattest_error **error)
{
    azattest__alg alg = alg_of(token);
    azattest_error *reason = NULL;
    azattest_status status;
    bool valid = false;

    if (alg == AZATTEST__ALG_UNKNOWN)
        return azattest__error_set(
            error, AZATTEST_E_MALFORMED,
            "policy token: its signature algorithm is none that is known, so nobody can tell who "
            "signed it");
    status = azattest__key_verify(signer->key, alg, azattest_token_signed_elements(token),
                                  azattest_token_signature_bytes(token), &valid, &reason);
    if (status == AZATTEST_E_TOKEN_KEY_UNFIT)
        status =
            azattest__error_set(error, AZATTEST_E_POLICY_SIGNER, "policy token: %s", azattest_error_message(reason));
    else if (status == AZATTEST_E_MEMORY)
        status = azattest__error_memory(error);
    else if (status != AZATTEST_OK)
        status = azattest__error_set(error, status, "policy token: %s", azattest_error_message(reason));
    else if (!valid)
        status = azattest__error_set(error, AZATTEST_E_POLICY_SIGNER,
                                     "policy token: the certificate in its header does not verify its signature");
    azattest_error_free(reason);
    return status;
}

azattest_status azattest__policy_token_signer(const azattest_token *token, azattest_signer **out,
                                              azattest_error **error)
{
    azattest__json *header = NULL;
    const azattest__json *x5c;
    azattest_signer *signer = NULL;
    azattest_status status;

    *out = NULL;
    if (!azattest_token_is_secured(token)) {
        if (azattest_token_signature_bytes(token).len == 0)
            return AZATTEST_OK;
        return azattest__error_set(error, AZATTEST_E_MALFORMED, "policy token: a signature with the algorithm none");
    }
    if ((status = azattest__json_parse(azattest_token_header_bytes(token), &header, error)) != AZATTEST_OK)
        goto done;
    if ((x5c = azattest__json_get(header, "x5c")) == NULL)
        x5c = azattest__json_get(azattest__json_get(header, "jwk"), "x5c");
    if (x5c == NULL) {
        status = azattest__error_set(error, AZATTEST_E_MALFORMED,
                                     "policy token: it is signed, and no certificate says "
                                     "by whom");
        goto done;
    }
    if ((status = azattest__signer_from_x5c(x5c, &signer, error)) != AZATTEST_OK) {
        azattest__error_prefix(error, "policy token: its certificate");
        goto done;
    }
    if ((status = verify(token, signer, error)) == AZATTEST_OK) {
        *out = signer;
        signer = NULL;
    }
done:
    azattest_signer_free(signer);
    azattest__json_free(header);
    return status;
}
