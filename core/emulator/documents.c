/* The two documents that never change: the signing keys, and the metadata. */
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/encoding.h"
#include "crypto/issue.h"

#include "parts.h"

static const char *const metadata_claims[] = {
    "cnf",
    "nonce",
    "x-ms-ver",
    "x-ms-attestation-type",
    "x-ms-policy-hash",
    "x-ms-policy-signer",
    "x-ms-sgx-is-debuggable",
    "x-ms-sgx-mrenclave",
    "x-ms-sgx-mrsigner",
    "x-ms-sgx-svn",
    "x-ms-sgx-ehd",
    "x-ms-sgx-collateral",
    "is-debuggable",
    "sgx-mrsigner",
    "sgx-mrenclave",
    "product-id",
    "svn",
    "tee",
};

/* The instance's certificate: self-signed, serial 1, dates as those of every real instance. */
static azattest_status issue_certificate(const azattest__service *service, azattest__cert **out, azattest_error **error)
{
    azattest__cert_request request = { .common_name = service->endpoint, .serial = 1, .path_length = -1 };

    azattest__time_from_civil(2019, 5, 1, 0, 0, 0, &request.not_before);
    azattest__time_from_civil(2050, 12, 31, 23, 59, 59, &request.not_after);
    return azattest__cert_issue(&request, service->key, NULL, NULL, out, error);
}

/* {"keys":[{"x5c","kid","kty"}]}, and nothing more: real entries have no n, e, alg or use. */
azattest_status azattest__make_certs(azattest__service *service, azattest_error **error)
{
    azattest_status status;
    azattest__cert *certificate = NULL;
    azattest__json *document = NULL, *keys, *key, *chain;
    azattest__buf text;

    azattest__buf_init(&text, 2 * AZATTEST_LIMIT_CERTIFICATE);
    if ((status = issue_certificate(service, &certificate, error)) != AZATTEST_OK)
        goto done;
    azattest__base64_encode(azattest__cert_der(certificate), &text);
    if ((status = azattest__error_from_buf(error, &text, "signing certificate")) != AZATTEST_OK)
        goto done;
    chain = azattest__json_new_array();
    azattest__json_add_string(chain, (const char *)text.ptr);
    key = azattest__json_new_object();
    azattest__json_put(key, "x5c", chain);
    azattest__json_put_string(key, "kid", service->key_id);
    azattest__json_put_string(key, "kty", "RSA");
    keys = azattest__json_new_array();
    azattest__json_add(keys, key);
    document = azattest__json_new_object();
    azattest__json_put(document, "keys", keys);
    status = azattest__json_print(document, false, &service->certs, error);
done:
    azattest__json_free(document);
    azattest__buf_free(&text);
    azattest__cert_free(certificate);
    return status;
}

azattest_status azattest__make_metadata(azattest__service *service, azattest_error **error)
{
    azattest_status status = AZATTEST_E_MEMORY;
    azattest__json *document = azattest__json_new_object(), *list;
    char *revocation = NULL;

    if (asprintf(&revocation, "%s/revoke", service->endpoint) < 0) {
        revocation = NULL;
        azattest__error_memory(error);
        goto done;
    }
    list = azattest__json_new_array();
    azattest__json_add_string(list, "token");
    azattest__json_add_string(list, "none");
    azattest__json_put(document, "response_types_supported", list);
    list = azattest__json_new_array();
    azattest__json_add_string(list, "RS256");
    azattest__json_put(document, "id_token_signing_alg_values_supported", list);
    azattest__json_put_string(document, "revocation_endpoint", revocation);
    azattest__json_put_string(document, "issuer", service->endpoint);
    azattest__json_put_string(document, "jwks_uri", service->keys_url);
    list = azattest__json_new_array();
    for (size_t i = 0; i < sizeof(metadata_claims) / sizeof(metadata_claims[0]); i++)
        azattest__json_add_string(list, metadata_claims[i]);
    azattest__json_put(document, "claims_supported", list);
    status = azattest__json_print(document, false, &service->metadata, error);
done:
    free(revocation);
    azattest__json_free(document);
    return status;
}

static azattest_status give(azattest__call *call, const azattest__buf *document, azattest_error **error)
{
    call->answer->status = 200;
    azattest__buf_append_bytes(&call->answer->body, azattest__buf_bytes(document));
    return azattest__error_from_buf(error, &call->answer->body, "answer");
}

azattest_status azattest__get_certs(azattest__call *call, azattest_error **error)
{
    return give(call, &call->service->certs, error);
}

azattest_status azattest__get_metadata(azattest__call *call, azattest_error **error)
{
    return give(call, &call->service->metadata, error);
}
