/* Policies on the wire. Source: reference of the service, "Policies". */
#include "policy.h"

#include <stdio.h>
#include <stdlib.h>

#include <azattest/limits.h>

#include "../base/encoding.h"
#include "../token/checks.h"
#include "attest_type.h"

const char *azattest__policy_what(azattest__policy_action action)
{
    static const char *const names[] = { "get policy", "set policy", "reset policy" };

    return names[action];
}

/* A type is one segment of the path: no empty one, no dots that go up, nothing that servers take for a separator even
 * when it is escaped; the colon would make it another operation. */
static azattest_status check_type(const char *what, const char *type, azattest_error **error)
{
    const char *fault = NULL;

    if (type == NULL || *type == '\0')
        fault = "is empty";
    else if (strlen(type) > AZATTEST_LIMIT_ATTESTATION_TYPE)
        fault = "is too long";
    else if (strcmp(type, ".") == 0 || strcmp(type, "..") == 0 || strpbrk(type, "/\\:") != NULL)
        fault = "would be another address";
    else if (!azattest__utf8_valid(azattest__text(type)))
        fault = "is not UTF-8";
    for (const char *p = type; fault == NULL && *p != '\0'; p++)
        if ((unsigned char)*p < 0x20 || *p == 0x7f)
            fault = "has a control character";
    if (fault == NULL)
        return AZATTEST_OK;
    return azattest__error_set(error, AZATTEST_E_ARGUMENT,
                               "%s: the attestation type %s; it is a name such as SgxEnclave", what, fault);
}

azattest_status azattest__policy_request(azattest__policy_action action, const char *endpoint, const char *api_version,
                                         const char *type, azattest_bytes token, azattest_request *request,
                                         azattest_error **error)
{
    static const char *const methods[] = { "GET", "PUT", "POST" };
    const char *what = azattest__policy_what(action);
    azattest_status status;
    azattest__buf path;

    if ((status = check_type(what, type, error)) != AZATTEST_OK)
        return status;
    azattest__buf_init(&path, AZATTEST_LIMIT_ENDPOINT);
    azattest__buf_append_text(&path, "/policies/");
    azattest__append_escaped(&path, azattest__attestation_type(type));
    if (action == AZATTEST__POLICY_RESET)
        azattest__buf_append_text(&path, ":reset");
    if ((status = azattest__error_from_buf(error, &path, what)) != AZATTEST_OK ||
        (status = azattest__request_start(request, methods[action], endpoint, (const char *)path.ptr, api_version,
                                          error)) != AZATTEST_OK ||
        (status = azattest__request_header(request, "Accept", "application/json", error)) != AZATTEST_OK)
        goto done;
    request->authenticate = true;
    if (action == AZATTEST__POLICY_GET)
        goto done;
    if ((status = azattest__request_header(request, "Content-Type", "text/plain", error)) != AZATTEST_OK)
        goto done;
    azattest__buf_append_bytes(&request->body, token);
    request->has_body = true;
    status = azattest__error_from_buf(error, &request->body, what);
done:
    azattest__buf_free(&path);
    return status;
}

/* ---- the reply ---- */

const char *azattest__quoted(const char *text, char out[AZATTEST__QUOTED])
{
    char *shown = text == NULL ? NULL : azattest__printable(azattest__text(text), 60);

    snprintf(out, AZATTEST__QUOTED, text == NULL ? "nothing" : "\"%s\"", shown == NULL ? "?" : shown);
    free(shown);
    return out;
}

azattest_status azattest__claim_read_text(const azattest_token *token, const char *what, const char *name, char **text,
                                          azattest_error **error)
{
    azattest_bytes claim = azattest_token_claim(token, name);
    azattest_status status = AZATTEST_OK;
    azattest__buf decoded;

    *text = NULL;
    if (claim.ptr == NULL)
        return AZATTEST_OK;
    azattest__buf_init(&decoded, AZATTEST_LIMIT_TOKEN_BODY);
    if (azattest__claim_text(claim, &decoded))
        *text = azattest__dup(decoded.ptr, decoded.len);
    else if (decoded.status == AZATTEST_OK)
        status = azattest__error_set(error, AZATTEST_E_RESPONSE, "%s: the claim \"%s\" is not a string", what, name);
    if (status == AZATTEST_OK && *text == NULL)
        status = azattest__error_memory(error);
    azattest__buf_free(&decoded);
    return status;
}

static azattest_status read_hash(const azattest_token *token, const char *what, azattest_policy_result *result,
                                 azattest_error **error)
{
    azattest_status status;
    azattest__buf hash;
    char *text;

    if ((status = azattest__claim_read_text(token, what, "x-ms-policy-token-hash", &text, error)) != AZATTEST_OK ||
        text == NULL)
        return status;
    azattest__buf_init(&hash, AZATTEST_LIMIT_TOKEN_BODY);
    if (azattest__base64url_decode(azattest__text(text), &hash) && hash.len == AZATTEST_HASH_SIZE) {
        memcpy(result->token_hash, hash.ptr, AZATTEST_HASH_SIZE);
        result->has_token_hash = true;
    } else if (hash.status == AZATTEST_E_MEMORY) {
        status = azattest__error_memory(error);
    } else {
        status = azattest__error_set(error, AZATTEST_E_RESPONSE,
                                     "%s: the claim \"x-ms-policy-token-hash\" is no SHA-256 in base64url", what);
    }
    azattest__buf_free(&hash);
    free(text);
    return status;
}

/* A JWK; the service's documentation wraps it in "jwk", its description does not: both are read. */
static azattest_status read_signer(const azattest_token *token, const char *what, azattest_policy_result *result,
                                   azattest_error **error)
{
    azattest_bytes claim = azattest_token_claim(token, "x-ms-policy-signer");
    azattest__json *object = NULL;
    const azattest__json *jwk;
    azattest_status status;

    if (claim.ptr == NULL)
        return AZATTEST_OK;
    if ((status = azattest__json_parse(claim, &object, error)) != AZATTEST_OK)
        goto done;
    jwk = azattest__json_get(object, "jwk");
    if ((status = azattest__signer_from_jwk(jwk != NULL ? jwk : object, &result->signer, error)) != AZATTEST_OK)
        goto done;
    if (result->signer->problem != NULL)
        status = azattest__error_set(error, AZATTEST_E_RESPONSE,
                                     "%s: the claim \"x-ms-policy-signer\" holds no key that can be used: %s", what,
                                     result->signer->problem);
done:
    azattest__json_free(object);
    return status;
}

static azattest_status read_change(const azattest_token *token, const char *what, azattest_policy_result *result,
                                   azattest_error **error)
{
    azattest_status status;

    if ((status = azattest__claim_read_text(token, what, "x-ms-policy-result", &result->resolution, error)) !=
        AZATTEST_OK)
        return status;
    if (result->resolution == NULL)
        return azattest__error_set(error, AZATTEST_E_RESPONSE,
                                   "%s: the answer does not say what became of the policy (\"x-ms-policy-result\")",
                                   what);
    if ((status = read_hash(token, what, result, error)) != AZATTEST_OK)
        return status;
    return read_signer(token, what, result, error);
}

/* Failures to understand the stored policy are the answer's; those of its signature keep their own status. */
static azattest_status inner(azattest_status status, const azattest_error *reason, const char *what,
                             azattest_error **error)
{
    bool kept = status == AZATTEST_E_POLICY_SIGNER || status == AZATTEST_E_CRYPTO;

    if (status == AZATTEST_OK)
        return status;
    if (status == AZATTEST_E_MEMORY)
        return azattest__error_memory(error);
    return azattest__error_set(error, kept ? status : AZATTEST_E_RESPONSE, "%s: the stored %s", what,
                               azattest_error_message(reason));
}

static azattest_status read_stored(const char *compact, const char *what, azattest_policy_result *result,
                                   azattest_error **error)
{
    azattest_stored_attestation_policy *policy = NULL;
    azattest_error *reason = NULL;
    azattest_status status;

    if ((status = azattest_token_parse(azattest__text(compact), &result->token, &reason)) == AZATTEST_OK &&
        (status = azattest__policy_token_signer(result->token, &result->signer, &reason)) == AZATTEST_OK &&
        (status = azattest_stored_attestation_policy_parse(result->token, &policy, &reason)) == AZATTEST_OK) {
        result->text = azattest__dup_text(azattest_stored_attestation_policy_attestation_policy(policy));
        status = result->text == NULL ? AZATTEST_E_MEMORY : AZATTEST_OK;
    }
    status = inner(status, reason, what, error);
    azattest_stored_attestation_policy_free(policy);
    azattest_error_free(reason);
    return status;
}

/* New instances have no policy for TPM: then the claim is empty, or a token with an empty body. */
static azattest_status read_policy(const azattest_token *token, const char *what, azattest_policy_result *result,
                                   azattest_error **error)
{
    azattest_status status;
    char *compact;

    if ((status = azattest__claim_read_text(token, what, "x-ms-policy", &compact, error)) != AZATTEST_OK)
        return status;
    if (compact == NULL)
        status =
            azattest__error_set(error, AZATTEST_E_RESPONSE, "%s: the answer has no policy (\"x-ms-policy\")", what);
    else if (*compact != '\0')
        status = read_stored(compact, what, result, error);
    else if ((result->text = azattest__dup_text("")) == NULL)
        status = azattest__error_memory(error);
    free(compact);
    return status;
}

azattest_status azattest__policy_answer_read(azattest__policy_action action, const azattest_token *token,
                                             azattest_policy_result **out, azattest_error **error)
{
    const char *what = azattest__policy_what(action);
    azattest_policy_result *result = calloc(1, sizeof(*result));
    azattest_status status;

    *out = NULL;
    if (result == NULL)
        return azattest__error_memory(error);
    status = action == AZATTEST__POLICY_GET ? read_policy(token, what, result, error)
                                            : read_change(token, what, result, error);
    if (status == AZATTEST_OK) {
        *out = result;
        result = NULL;
    }
    azattest_policy_result_free(result);
    return status;
}

/* ---- the result ---- */

void azattest_policy_result_free(azattest_policy_result *result)
{
    if (result == NULL)
        return;
    free(result->resolution);
    azattest_signer_free(result->signer);
    azattest_token_free(result->token);
    free(result->text);
    free(result);
}

const char *azattest_policy_result_policy_resolution(const azattest_policy_result *result)
{
    return result == NULL ? NULL : result->resolution;
}

azattest_bytes azattest_policy_result_policy_token_hash(const azattest_policy_result *result)
{
    if (result == NULL || !result->has_token_hash)
        return azattest__bytes(NULL, 0);
    return azattest__bytes(result->token_hash, AZATTEST_HASH_SIZE);
}

azattest_signer *azattest_policy_result_policy_signer(const azattest_policy_result *result)
{
    return result == NULL ? NULL : azattest_signer_ref(result->signer);
}

const char *azattest_policy_result_policy(const azattest_policy_result *result)
{
    return result == NULL || result->token == NULL ? NULL : azattest_token_serialize(result->token).ptr;
}

const char *azattest_policy_result_policy_text(const azattest_policy_result *result)
{
    return result == NULL ? NULL : result->text;
}
