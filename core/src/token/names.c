/* Names of the claims that are read, with the service's deprecated ones behind them. Source: reference of the service,
 * "Common MAA claims". */
#include "checks.h"

const azattest__claim_names azattest__claim_nonce = { { "nonce", "rp_data" } };
const azattest__claim_names azattest__claim_version = { { "x-ms-ver", "ver" } };
const azattest__claim_names azattest__claim_type = { { "x-ms-attestation-type", "tee" } };
const azattest__claim_names azattest__claim_mr_enclave = { { "x-ms-sgx-mrenclave", "sgx-mrenclave" } };
const azattest__claim_names azattest__claim_mr_signer = { { "x-ms-sgx-mrsigner", "sgx-mrsigner" } };
const azattest__claim_names azattest__claim_product_id = { { "x-ms-sgx-product-id", "product-id" } };
const azattest__claim_names azattest__claim_svn = { { "x-ms-sgx-svn", "svn" } };
const azattest__claim_names azattest__claim_debuggable = { { "x-ms-sgx-is-debuggable", "is-debuggable" } };
const azattest__claim_names azattest__claim_held_data = { { "x-ms-sgx-ehd", "maa-ehd", "aas-ehd" } };
const azattest__claim_names azattest__claim_collateral = { { "x-ms-sgx-collateral", "maa-attestationcollateral" } };
const azattest__claim_names azattest__claim_policy_hash = { { "x-ms-policy-hash", "policy_hash" } };
const azattest__claim_names azattest__claim_policy_signer = { { "x-ms-policy-signer", "policy_signer" } };

azattest_bytes azattest__token_claim_any(const azattest_token *token, const azattest__claim_names *names,
                                         const char **name)
{
    azattest_bytes json = { NULL, 0 };

    for (size_t i = 0; i < sizeof(names->names) / sizeof(names->names[0]) && names->names[i] != NULL; i++) {
        json = azattest_token_claim(token, names->names[i]);
        if (json.ptr != NULL) {
            if (name != NULL)
                *name = names->names[i];
            break;
        }
    }
    return json;
}

bool azattest__claim_text(azattest_bytes json, azattest__buf *out)
{
    return json.ptr != NULL && json.len >= 2 && *(const char *)json.ptr == '"' && azattest__json_unescape(json, out);
}
