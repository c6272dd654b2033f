-- azattest.attest: attestation in one line.

local oneline = require "azattest.oneline"

return {
  attest_sgx_enclave = oneline("attest_sgx_enclave", true),
  attest_open_enclave = oneline("attest_open_enclave", true),
  get_open_id_metadata = oneline("get_open_id_metadata", false),
}
