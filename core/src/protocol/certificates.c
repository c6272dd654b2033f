/* Policy-management certificates on the wire. Source: reference of the service, "Policy-signing certificates". */
#include "certificates.h"

#include <stdlib.h>

#include <azattest/limits.h>

#include "../token/policy.h"
#include "policy.h"
#include "versions.h"

const char *azattest__certificates_what(azattest__certificates_action action)
{
    static const char *const names[] = { "get policy management certificates", "add policy management certificate",
                                         "remove policy management certificate" };

    return names[action];
}

azattest_status azattest__certificates_get_request(const char *endpoint, const char *api_version,
                                                   azattest_request *request, azattest_error **error)
{
    azattest_status status = azattest__request_start(request, "GET", endpoint, "/certificates", api_version, error);

    if (status == AZATTEST_OK)
        status = azattest__request_header(request, "Accept", "application/json", error);
    request->authenticate = true;
    return status;
}

/* {"policyCertificate": {"kty": ..., "x5c": [...]}}, signed. */
static azattest_status make_token(const azattest_signer *certificate, const azattest_signing_key *key,
                                  azattest__buf *out, azattest_error **error)
{
    azattest__json *body = azattest__json_new_object(), *jwk = azattest__json_new_object(), *x5c = NULL, *leaf;
    azattest_status status;
    azattest__buf text;

    azattest__buf_init(&text, AZATTEST_LIMIT_TOKEN_BODY);
    azattest__json_put_string(jwk, "kty", azattest_signer_key_type(certificate));
    if ((status = azattest__signer_x5c(certificate, &x5c, error)) == AZATTEST_OK) {
        leaf = azattest__json_new_array();
        azattest__json_add_string(leaf, azattest__json_string(azattest__json_first(x5c)));
        azattest__json_put(jwk, "x5c", leaf);
    }
    azattest__json_put(body, "policyCertificate", jwk);
    if (status == AZATTEST_OK && (status = azattest__json_print(body, false, &text, error)) == AZATTEST_OK)
        status = azattest__signing_key_token(key, azattest__buf_bytes(&text), out, error);
    azattest__json_free(x5c);
    azattest__json_free(body);
    azattest__buf_free(&text);
    return status;
}

/* Up to 2022-09-01-preview the token as a JSON string, from 2025-06-01 on as the member of an object. A token has no
 * character that JSON would escape. */
static void put_body(azattest__certificates_action action, const char *api_version, azattest_bytes token,
                     azattest__buf *out)
{
    bool object = azattest__api_version_is_from_2025_06(api_version);

    if (object)
        azattest__buf_printf(
            out,
            "{\"%s\":", action == AZATTEST__CERTIFICATES_ADD ? "policyCertificateToAdd" : "policyCertificateToRemove");
    azattest__buf_append_text(out, "\"");
    azattest__buf_append_bytes(out, token);
    azattest__buf_append_text(out, object ? "\"}" : "\"");
}

azattest_status azattest__certificates_change_request(azattest__certificates_action action, const char *endpoint,
                                                      const char *api_version, const azattest_signer *certificate,
                                                      const azattest_signing_key *key, azattest_request *request,
                                                      azattest_error **error)
{
    const char *path = action == AZATTEST__CERTIFICATES_ADD ? "/certificates:add" : "/certificates:remove";
    azattest_status status;
    azattest__buf token;

    azattest__buf_init(&token, AZATTEST_LIMIT_TOKEN);
    if ((status = azattest__request_start(request, "POST", endpoint, path, api_version, error)) != AZATTEST_OK ||
        (status = azattest__request_header(request, "Accept", "application/json", error)) != AZATTEST_OK ||
        (status = azattest__request_header(request, "Content-Type", "application/json", error)) != AZATTEST_OK ||
        (status = make_token(certificate, key, &token, error)) != AZATTEST_OK)
        goto done;
    put_body(action, api_version, azattest__buf_bytes(&token), &request->body);
    request->has_body = request->authenticate = true;
    status = azattest__error_from_buf(error, &request->body, azattest__certificates_what(action));
done:
    azattest__buf_free(&token);
    return status;
}

/* ---- the replies ---- */

azattest_status azattest__certificates_read_list(const azattest_token *token, azattest_signers **out,
                                                 azattest_error **error)
{
    const char *what = azattest__certificates_what(AZATTEST__CERTIFICATES_GET);
    azattest_bytes claim = azattest_token_claim(token, "x-ms-policy-certificates");
    azattest_error *reason = NULL;
    azattest_status status;

    *out = NULL;
    if (claim.ptr == NULL)
        return azattest__error_set(error, AZATTEST_E_RESPONSE,
                                   "%s: the answer has no certificates (\"x-ms-policy-certificates\")", what);
    /* A JSON object, as part of a body that passed the gate: never taken for PEM text. */
    if (*(const char *)claim.ptr != '{')
        return azattest__error_set(error, AZATTEST_E_RESPONSE,
                                   "%s: the claim \"x-ms-policy-certificates\" is not an object", what);
    if ((status = azattest_signers_parse(claim, out, &reason)) == AZATTEST_E_MEMORY)
        status = azattest__error_memory(error);
    else if (status != AZATTEST_OK)
        status = azattest__error_set(error, AZATTEST_E_RESPONSE, "%s: %s", what, azattest_error_message(reason));
    azattest_error_free(reason);
    return status;
}

azattest_status azattest__certificates_read_change(azattest__certificates_action action, const azattest_token *token,
                                                   azattest_policy_certificates_modification_result **out,
                                                   azattest_error **error)
{
    const char *what = azattest__certificates_what(action);
    azattest_policy_certificates_modification_result *result = calloc(1, sizeof(*result));
    azattest_status status;

    *out = NULL;
    if (result == NULL)
        return azattest__error_memory(error);
    if ((status = azattest__claim_read_text(token, what, "x-ms-certificate-thumbprint", &result->thumbprint, error)) ==
            AZATTEST_OK &&
        (status = azattest__claim_read_text(token, what, "x-ms-policycertificates-result", &result->resolution,
                                            error)) == AZATTEST_OK &&
        (result->thumbprint == NULL || result->resolution == NULL))
        status = azattest__error_set(
            error, AZATTEST_E_RESPONSE, "%s: the answer does not say what became of which certificate (\"%s\")", what,
            result->thumbprint == NULL ? "x-ms-certificate-thumbprint" : "x-ms-policycertificates-result");
    if (status == AZATTEST_OK) {
        *out = result;
        result = NULL;
    }
    azattest_policy_certificates_modification_result_free(result);
    return status;
}

void azattest_policy_certificates_modification_result_free(azattest_policy_certificates_modification_result *result)
{
    if (result == NULL)
        return;
    free(result->thumbprint);
    free(result->resolution);
    free(result);
}

const char *azattest_policy_certificates_modification_result_certificate_thumbprint(
    const azattest_policy_certificates_modification_result *result)
{
    return result == NULL ? NULL : result->thumbprint;
}

const char *azattest_policy_certificates_modification_result_certificate_resolution(
    const azattest_policy_certificates_modification_result *result)
{
    return result == NULL ? NULL : result->resolution;
}
