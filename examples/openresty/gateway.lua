-- Who may pass: programs in SGX enclaves of the signer MR_SIGNER that cannot be debugged, as the instance
-- AZATTEST_ENDPOINT attested within the last hour.
local azattest = require("azattest.resty")

local gateway = {}

local endpoint = assert(os.getenv("AZATTEST_ENDPOINT"), "AZATTEST_ENDPOINT is not set (and named by an env directive)")
local options = {
    endpoint = endpoint,
    require_claims = {
        ["x-ms-sgx-mrsigner"] = assert(os.getenv("MR_SIGNER"), "MR_SIGNER is not set (and named by an env directive)"),
    },
    expected_type = "sgx",
    allow_debug = false,
    max_age = 3600,
    realm = "gateway",
}

function gateway.prefetch()
    assert(azattest.prefetch({ endpoint = endpoint }))
end

-- Comes back for those callers only. The service behind learns who they are from headers, which nobody else may set.
function gateway.admit()
    local attested = azattest.require_token(options)
    ngx.req.set_header("X-Attested-Enclave", attested.value.mr_enclave)
    ngx.req.set_header("X-Attested-Svn", attested.value.svn)
end

return gateway
