/* Every word of the command has one function; it gives the exit code. */
#ifndef AZATTEST_CLI_COMMANDS_H
#define AZATTEST_CLI_COMMANDS_H

#include "arguments.h"

int azattest__command_attest_sgx_enclave(const azattest__arguments *arguments);
int azattest__command_attest_open_enclave(const azattest__arguments *arguments);
int azattest__command_attest_sev_snp_vm(const azattest__arguments *arguments);
int azattest__command_attest_tdx_vm(const azattest__arguments *arguments);
int azattest__command_attest_mdep_tz(const azattest__arguments *arguments);
int azattest__command_attest_azure_guest(const azattest__arguments *arguments);
int azattest__command_attest_key_guard(const azattest__arguments *arguments);
int azattest__command_attest_tpm(const azattest__arguments *arguments);
int azattest__command_attest_pluton(const azattest__arguments *arguments);
int azattest__command_tcb_baselines(const azattest__arguments *arguments);
int azattest__command_token_inspect(const azattest__arguments *arguments);
int azattest__command_token_validate(const azattest__arguments *arguments);
int azattest__command_secret_seal(const azattest__arguments *arguments);
int azattest__command_secret_open(const azattest__arguments *arguments);
int azattest__command_keys_export(const azattest__arguments *arguments);
int azattest__command_evidence_inspect(const azattest__arguments *arguments);
int azattest__command_evidence_verify(const azattest__arguments *arguments);
int azattest__command_evidence_collateral(const azattest__arguments *arguments);
int azattest__command_service_verify(const azattest__arguments *arguments);
int azattest__command_simulate_sgx_quote(const azattest__arguments *arguments);
int azattest__command_simulate_open_enclave_report(const azattest__arguments *arguments);
int azattest__command_simulate_open_enclave_evidence(const azattest__arguments *arguments);
int azattest__command_simulate_tdx_quote(const azattest__arguments *arguments);
int azattest__command_simulate_td_report(const azattest__arguments *arguments);
int azattest__command_simulate_snp_report(const azattest__arguments *arguments);
int azattest__command_simulate_hcl_report(const azattest__arguments *arguments);
int azattest__command_simulate_tpm_quote(const azattest__arguments *arguments);
int azattest__command_simulate_azure_guest(const azattest__arguments *arguments);
int azattest__command_simulate_attested_certificate(const azattest__arguments *arguments);
int azattest__command_simulate_collateral(const azattest__arguments *arguments);
int azattest__command_simulate_signing_key(const azattest__arguments *arguments);
int azattest__command_policy_get(const azattest__arguments *arguments);
int azattest__command_policy_set(const azattest__arguments *arguments);
int azattest__command_policy_reset(const azattest__arguments *arguments);
int azattest__command_policy_token(const azattest__arguments *arguments);
int azattest__command_policy_hash(const azattest__arguments *arguments);
int azattest__command_policy_lint(const azattest__arguments *arguments);
int azattest__command_policy_format(const azattest__arguments *arguments);
int azattest__command_policy_parse(const azattest__arguments *arguments);
int azattest__command_policy_explain(const azattest__arguments *arguments);
int azattest__command_policy_eval(const azattest__arguments *arguments);
int azattest__command_policy_diff(const azattest__arguments *arguments);
int azattest__command_certificates_list(const azattest__arguments *arguments);
int azattest__command_certificates_add(const azattest__arguments *arguments);
int azattest__command_certificates_remove(const azattest__arguments *arguments);
int azattest__command_access_token(const azattest__arguments *arguments);
int azattest__command_metadata(const azattest__arguments *arguments);
int azattest__command_defaults(const azattest__arguments *arguments);
int azattest__command_version(const azattest__arguments *arguments);
/* Has its own options; argv[0] is "emulator". */
int azattest__command_emulator(int argc, char **argv);

#endif
