/* The metadata, which never change. */
#include <stdio.h>
#include <stdlib.h>

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

azattest_status azattest__get_metadata(azattest__call *call, azattest_error **error)
{
    call->answer->status = 200;
    azattest__buf_append_bytes(&call->answer->body, azattest__buf_bytes(&call->service->metadata));
    return azattest__error_from_buf(error, &call->answer->body, "answer");
}
