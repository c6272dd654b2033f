-- azattest.attest: attestation in one line.

local azattest = require "azattest"
local oneline = require "azattest.oneline"

return {
  AttestationClient = azattest.AttestationClient,
  AttestationData = azattest.AttestationData,
  AttestationToken = azattest.AttestationToken,
  attest_sgx_enclave = oneline("attest_sgx_enclave", true),
  attest_open_enclave = oneline("attest_open_enclave", true),
  attest_sev_snp_vm = oneline("attest_sev_snp_vm", true),
  attest_tdx_vm = oneline("attest_tdx_vm", true),
  attest_azure_guest = oneline("attest_azure_guest", true),
  attest_tpm = oneline("attest_tpm", true),
  attest_pluton = oneline("attest_pluton", true),
  attest_key_guard = oneline("attest_key_guard", true),
  attest_mdep_tz = oneline("attest_mdep_tz", true),
  get_tcb_baseline = oneline("get_tcb_baseline", true),
  get_open_id_metadata = oneline("get_open_id_metadata", false),
}
