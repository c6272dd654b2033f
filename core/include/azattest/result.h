/**
 * The claims of an attestation token, typed, for every kind of evidence. Readers fall back to the deprecated names of
 * the service. A missing claim is AZATTEST_ABSENT (or NULL); a claim of a wrong type or size is AZATTEST_E_TYPE, so
 * that nobody mistakes one for the other. Integers may be written as floats without a fraction (1.0). A claim becomes a
 * value when it is first asked for; readers may be called from many threads. Text and bytes borrow from the result.
 *
 * An Azure guest keeps the claims of its confidential VM in `x-ms-isolation-tee`: azattest_result_isolation_tee(). The
 * readers of what only the hardware says (`x-ms-sevsnpvm-...`, `tdx_...` and their neighbours, report data, compliance
 * status, debug state) look there too when the token itself has no such claim; all other readers look at the token
 * alone, because inside and outside mean different things by the same name (`x-ms-attestation-type`, `x-ms-runtime`).
 *
 * Source: reference of the service, "Attestation tokens".
 */
#ifndef AZATTEST_RESULT_H
#define AZATTEST_RESULT_H

#include "token.h"

AZATTEST_BEGIN

/** NULL is accepted. */
AZATTEST_API void azattest_result_free(azattest_result *result);

/** The token was validated, signature and all. */
AZATTEST_API bool azattest_result_is_validated(const azattest_result *result);

/**
 * Is the evidence debuggable, so that its host can read and change it? By `x-ms-sgx-is-debuggable` (`is-debuggable`),
 * `x-ms-sevsnpvm-is-debuggable`, `tdx_td_attributes_debug` (`tdx_is_debuggable`) and `dbgstat`, at the token itself and
 * in `x-ms-isolation-tee`. One claim that says yes is a yes. Absent when none says so much, or when the isolation TEE
 * says nothing.
 */
AZATTEST_API azattest_status azattest_result_is_debuggable(const azattest_result *result, bool *value);

/**
 * `x-ms-isolation-tee`: the claims of the confidential VM around an Azure guest, as a result of its own for
 * azattest_result_free(). It is validated when this one is. Absent on trusted-launch VMs, and for other evidence.
 */
AZATTEST_API azattest_status azattest_result_isolation_tee(const azattest_result *result, azattest_result **isolation);

/** Who signed the policy (the JWK itself, or in "jwk"): a new reference, for azattest_signer_free(). */
AZATTEST_API azattest_status azattest_result_policy_signer(const azattest_result *result, azattest_signer **signer);

/** Number of entries of the guest's payload, `client-payload` in `x-ms-runtime`. */
AZATTEST_API azattest_status azattest_result_client_payload_count(const azattest_result *result, int64_t *value);
/** One entry's name, in the order of the token; NULL past the end. */
AZATTEST_API const char *azattest_result_client_payload_name(const azattest_result *result, size_t index);
/** One entry's value, decoded from base64; absent past the end. */
AZATTEST_API azattest_bytes azattest_result_client_payload_value(const azattest_result *result, size_t index);

/** One claim as JSON text, or all of them: the token's body, or the object `x-ms-isolation-tee`. */
AZATTEST_API azattest_bytes azattest_result_claim(const azattest_result *result, const char *name);
AZATTEST_API azattest_bytes azattest_result_claims(const azattest_result *result);

/* Common claims. */
/** `iss`. */
AZATTEST_API azattest_status azattest_result_issuer(const azattest_result *result, const char **text);
/** `jti`. */
AZATTEST_API azattest_status azattest_result_unique_id(const azattest_result *result, const char **text);
/** `nonce`; of an Azure guest the payload's "nonce". */
AZATTEST_API azattest_status azattest_result_nonce(const azattest_result *result, const char **text);
/** `x-ms-ver`. */
AZATTEST_API azattest_status azattest_result_version(const azattest_result *result, const char **text);
/** `x-ms-attestation-type`, for instance "sgx". */
AZATTEST_API azattest_status azattest_result_verifier_type(const azattest_result *result, const char **text);
/** `iat`. */
AZATTEST_API azattest_status azattest_result_issued_on(const azattest_result *result, int64_t *seconds);
/** `exp`. */
AZATTEST_API azattest_status azattest_result_expires_on(const azattest_result *result, int64_t *seconds);
/** `nbf`. */
AZATTEST_API azattest_status azattest_result_not_before(const azattest_result *result, int64_t *seconds);
/** `x-ms-policy-hash`, 32 bytes: SHA-256 over the base64url text of the policy. */
AZATTEST_API azattest_status azattest_result_policy_hash(const azattest_result *result, azattest_bytes *bytes);
/** `x-ms-runtime`. */
AZATTEST_API azattest_status azattest_result_runtime_claims(const azattest_result *result, azattest_bytes *json);
/** `x-ms-inittime`. */
AZATTEST_API azattest_status azattest_result_inittime_claims(const azattest_result *result, azattest_bytes *json);
/** `x-ms-policy`. */
AZATTEST_API azattest_status azattest_result_policy_claims(const azattest_result *result, azattest_bytes *json);
/** `cnf`: the attested key. */
AZATTEST_API azattest_status azattest_result_confirmation(const azattest_result *result, azattest_bytes *json);
/** `x-ms-compliance-status`, for instance "azure-compliant-cvm". */
AZATTEST_API azattest_status azattest_result_compliance_status(const azattest_result *result, const char **text);
/** Report data, 64 bytes: `x-ms-sgx-report-data`, `x-ms-sevsnpvm-reportdata`, `tdx_report_data`. */
AZATTEST_API azattest_status azattest_result_report_data(const azattest_result *result, azattest_bytes *bytes);

/* SGX. */
/** `x-ms-sgx-mrenclave`, lower-case hexadecimal. */
AZATTEST_API azattest_status azattest_result_mr_enclave(const azattest_result *result, const char **text);
/** `x-ms-sgx-mrenclave`, 32 bytes. */
AZATTEST_API azattest_status azattest_result_mr_enclave_bytes(const azattest_result *result, azattest_bytes *bytes);
/** `x-ms-sgx-mrsigner`, lower-case hexadecimal. */
AZATTEST_API azattest_status azattest_result_mr_signer(const azattest_result *result, const char **text);
/** `x-ms-sgx-mrsigner`, 32 bytes. */
AZATTEST_API azattest_status azattest_result_mr_signer_bytes(const azattest_result *result, azattest_bytes *bytes);
/** `x-ms-sgx-product-id`. */
AZATTEST_API azattest_status azattest_result_product_id(const azattest_result *result, int64_t *value);
/** `x-ms-sgx-svn`. */
AZATTEST_API azattest_status azattest_result_svn(const azattest_result *result, int64_t *value);
/** `x-ms-sgx-ehd`: the runtime data as it was sent in its binary form. */
AZATTEST_API azattest_status azattest_result_enclave_held_data(const azattest_result *result, azattest_bytes *bytes);
/** `x-ms-sgx-collateral`. */
AZATTEST_API azattest_status azattest_result_sgx_collateral(const azattest_result *result, azattest_bytes *json);
/** `x-ms-sgx-config-id`, 64 bytes; platforms with KSS only. */
AZATTEST_API azattest_status azattest_result_config_id(const azattest_result *result, azattest_bytes *bytes);
/** `x-ms-sgx-config-svn`; platforms with KSS only. */
AZATTEST_API azattest_status azattest_result_config_svn(const azattest_result *result, int64_t *value);
/** `x-ms-sgx-isv-extended-product-id`, 16 bytes; platforms with KSS only. */
AZATTEST_API azattest_status azattest_result_isv_extended_product_id(const azattest_result *result,
                                                                     azattest_bytes *bytes);
/** `x-ms-sgx-isv-family-id`, 16 bytes; platforms with KSS only. */
AZATTEST_API azattest_status azattest_result_isv_family_id(const azattest_result *result, azattest_bytes *bytes);

/* SEV-SNP. */
/** `x-ms-sevsnpvm-launchmeasurement`, 48 bytes. */
AZATTEST_API azattest_status azattest_result_launch_measurement(const azattest_result *result, azattest_bytes *bytes);
/** `x-ms-sevsnpvm-hostdata`, 32 bytes. */
AZATTEST_API azattest_status azattest_result_host_data(const azattest_result *result, azattest_bytes *bytes);
/** `x-ms-sevsnpvm-reportid`, 32 bytes. */
AZATTEST_API azattest_status azattest_result_report_id(const azattest_result *result, azattest_bytes *bytes);
/** `x-ms-sevsnpvm-idkeydigest`, 48 bytes. */
AZATTEST_API azattest_status azattest_result_id_key_digest(const azattest_result *result, azattest_bytes *bytes);
/** `x-ms-sevsnpvm-authorkeydigest`, 48 bytes. */
AZATTEST_API azattest_status azattest_result_author_key_digest(const azattest_result *result, azattest_bytes *bytes);
/** `x-ms-sevsnpvm-familyId`, 16 bytes. */
AZATTEST_API azattest_status azattest_result_family_id(const azattest_result *result, azattest_bytes *bytes);
/** `x-ms-sevsnpvm-imageId`, 16 bytes. */
AZATTEST_API azattest_status azattest_result_image_id(const azattest_result *result, azattest_bytes *bytes);
/** `x-ms-sevsnpvm-guestsvn`. */
AZATTEST_API azattest_status azattest_result_guest_svn(const azattest_result *result, int64_t *value);
/** `x-ms-sevsnpvm-bootloader-svn`. */
AZATTEST_API azattest_status azattest_result_bootloader_svn(const azattest_result *result, int64_t *value);
/** `x-ms-sevsnpvm-tee-svn`. */
AZATTEST_API azattest_status azattest_result_tee_svn(const azattest_result *result, int64_t *value);
/** `x-ms-sevsnpvm-snpfw-svn`. */
AZATTEST_API azattest_status azattest_result_snp_firmware_svn(const azattest_result *result, int64_t *value);
/** `x-ms-sevsnpvm-microcode-svn`. */
AZATTEST_API azattest_status azattest_result_microcode_svn(const azattest_result *result, int64_t *value);
/** `x-ms-sevsnpvm-vmpl`. */
AZATTEST_API azattest_status azattest_result_vmpl(const azattest_result *result, int64_t *value);
/** `x-ms-sevsnpvm-migration-allowed`. */
AZATTEST_API azattest_status azattest_result_is_migration_allowed(const azattest_result *result, bool *value);
/** `x-ms-sevsnpvm-smt-allowed`. */
AZATTEST_API azattest_status azattest_result_is_smt_allowed(const azattest_result *result, bool *value);

/* TDX. */
/** `tdx_mrtd`, 48 bytes. */
AZATTEST_API azattest_status azattest_result_mr_td(const azattest_result *result, azattest_bytes *bytes);
/** `tdx_rtmr0`, 48 bytes. */
AZATTEST_API azattest_status azattest_result_rtmr0(const azattest_result *result, azattest_bytes *bytes);
/** `tdx_rtmr1`, 48 bytes. */
AZATTEST_API azattest_status azattest_result_rtmr1(const azattest_result *result, azattest_bytes *bytes);
/** `tdx_rtmr2`, 48 bytes. */
AZATTEST_API azattest_status azattest_result_rtmr2(const azattest_result *result, azattest_bytes *bytes);
/** `tdx_rtmr3`, 48 bytes. */
AZATTEST_API azattest_status azattest_result_rtmr3(const azattest_result *result, azattest_bytes *bytes);
/** `tdx_mrconfigid`, 48 bytes. */
AZATTEST_API azattest_status azattest_result_mr_config_id(const azattest_result *result, azattest_bytes *bytes);
/** `tdx_mrowner`, 48 bytes. */
AZATTEST_API azattest_status azattest_result_mr_owner(const azattest_result *result, azattest_bytes *bytes);
/** `tdx_mrownerconfig`, 48 bytes. */
AZATTEST_API azattest_status azattest_result_mr_owner_config(const azattest_result *result, azattest_bytes *bytes);
/** `tdx_mrseam`, 48 bytes. */
AZATTEST_API azattest_status azattest_result_mr_seam(const azattest_result *result, azattest_bytes *bytes);
/** `tdx_mrsignerseam`, 48 bytes. */
AZATTEST_API azattest_status azattest_result_mr_signer_seam(const azattest_result *result, azattest_bytes *bytes);
/** `tdx_seam_attributes`, 8 bytes. */
AZATTEST_API azattest_status azattest_result_seam_attributes(const azattest_result *result, azattest_bytes *bytes);
/** `tdx_seamsvn`. */
AZATTEST_API azattest_status azattest_result_seam_svn(const azattest_result *result, int64_t *value);
/** `tdx_td_attributes`, 8 bytes. */
AZATTEST_API azattest_status azattest_result_td_attributes(const azattest_result *result, azattest_bytes *bytes);
/** `tdx_td_attributes_debug`. */
AZATTEST_API azattest_status azattest_result_td_attributes_debug(const azattest_result *result, bool *value);
/** `tdx_td_attributes_key_locker`. */
AZATTEST_API azattest_status azattest_result_td_attributes_key_locker(const azattest_result *result, bool *value);
/** `tdx_td_attributes_perfmon`. */
AZATTEST_API azattest_status azattest_result_td_attributes_perfmon(const azattest_result *result, bool *value);
/** `tdx_td_attributes_protection_keys`. */
AZATTEST_API azattest_status azattest_result_td_attributes_protection_keys(const azattest_result *result, bool *value);
/** `tdx_td_attributes_septve_disable`. */
AZATTEST_API azattest_status azattest_result_td_attributes_septve_disable(const azattest_result *result, bool *value);
/** `tdx_xfam`, 8 bytes. */
AZATTEST_API azattest_status azattest_result_xfam(const azattest_result *result, azattest_bytes *bytes);
/** `tdx_tee_tcb_svn`, 16 bytes. */
AZATTEST_API azattest_status azattest_result_tee_tcb_svn(const azattest_result *result, azattest_bytes *bytes);
/** `attester_tcb_status`. */
AZATTEST_API azattest_status azattest_result_attester_tcb_status(const azattest_result *result, const char **text);
/** `dbgstat`. */
AZATTEST_API azattest_status azattest_result_debug_status(const azattest_result *result, const char **text);
/** `eat_profile`. */
AZATTEST_API azattest_status azattest_result_eat_profile(const azattest_result *result, const char **text);
/** `intuse`. */
AZATTEST_API azattest_status azattest_result_intended_use(const azattest_result *result, const char **text);

/* Azure guests. */
/** `secureboot`, `secureBootEnabled`. */
AZATTEST_API azattest_status azattest_result_secure_boot(const azattest_result *result, bool *value);
/** `x-ms-azurevm-vmid`. */
AZATTEST_API azattest_status azattest_result_vm_id(const azattest_result *result, const char **text);
/** `x-ms-azurevm-ostype`. */
AZATTEST_API azattest_status azattest_result_os_type(const azattest_result *result, const char **text);
/** `x-ms-azurevm-osdistro`. */
AZATTEST_API azattest_status azattest_result_os_distro(const azattest_result *result, const char **text);
/** `x-ms-azurevm-osbuild`. */
AZATTEST_API azattest_status azattest_result_os_build(const azattest_result *result, const char **text);
/** `x-ms-azurevm-osversion-major`. */
AZATTEST_API azattest_status azattest_result_os_version_major(const azattest_result *result, int64_t *value);
/** `x-ms-azurevm-osversion-minor`. */
AZATTEST_API azattest_status azattest_result_os_version_minor(const azattest_result *result, int64_t *value);
/** `x-ms-azurevm-is-windows`. */
AZATTEST_API azattest_status azattest_result_is_windows(const azattest_result *result, bool *value);
/** `x-ms-azurevm-os-provisioning`. */
AZATTEST_API azattest_status azattest_result_os_provisioning(const azattest_result *result, bool *value);
/** `x-ms-azurevm-attestation-protocol-ver`. */
AZATTEST_API azattest_status azattest_result_attestation_protocol_version(const azattest_result *result,
                                                                          const char **text);
/** `x-ms-azurevm-attested-pcrs`: numbers of the registers. */
AZATTEST_API azattest_status azattest_result_attested_pcrs(const azattest_result *result, azattest_bytes *json);
/** `x-ms-azurevm-bootdebug-enabled`. */
AZATTEST_API azattest_status azattest_result_boot_debug_enabled(const azattest_result *result, bool *value);
/** `x-ms-azurevm-kerneldebug-enabled`. */
AZATTEST_API azattest_status azattest_result_kernel_debug_enabled(const azattest_result *result, bool *value);
/** `x-ms-azurevm-hypervisordebug-enabled`. */
AZATTEST_API azattest_status azattest_result_hypervisor_debug_enabled(const azattest_result *result, bool *value);
/** `x-ms-azurevm-debuggersdisabled`. */
AZATTEST_API azattest_status azattest_result_debuggers_disabled(const azattest_result *result, bool *value);
/** `x-ms-azurevm-dbvalidated`. */
AZATTEST_API azattest_status azattest_result_db_validated(const azattest_result *result, bool *value);
/** `x-ms-azurevm-dbxvalidated`. */
AZATTEST_API azattest_status azattest_result_dbx_validated(const azattest_result *result, bool *value);
/** `x-ms-azurevm-default-securebootkeysvalidated`. */
AZATTEST_API azattest_status azattest_result_default_secure_boot_keys_validated(const azattest_result *result,
                                                                                bool *value);
/** `x-ms-azurevm-elam-enabled`. */
AZATTEST_API azattest_status azattest_result_elam_enabled(const azattest_result *result, bool *value);
/** `x-ms-azurevm-flightsigning-enabled`. */
AZATTEST_API azattest_status azattest_result_flight_signing_enabled(const azattest_result *result, bool *value);
/** `x-ms-azurevm-hvci-policy`. */
AZATTEST_API azattest_status azattest_result_hvci_policy(const azattest_result *result, int64_t *value);
/** `x-ms-azurevm-signingdisabled`. */
AZATTEST_API azattest_status azattest_result_signing_disabled(const azattest_result *result, bool *value);
/** `x-ms-azurevm-testsigning-enabled`. */
AZATTEST_API azattest_status azattest_result_test_signing_enabled(const azattest_result *result, bool *value);

/* TPM and VBS. */
/** `aikValidated`. */
AZATTEST_API azattest_status azattest_result_aik_validated(const azattest_result *result, bool *value);
/** `aikPubHash`, 32 bytes: SHA-256 of the public attestation key in DER. */
AZATTEST_API azattest_status azattest_result_aik_pub_hash(const azattest_result *result, azattest_bytes *bytes);
/** `tpmVersion`. */
AZATTEST_API azattest_status azattest_result_tpm_version(const azattest_result *result, int64_t *value);
/** `iommuEnabled`. */
AZATTEST_API azattest_status azattest_result_iommu_enabled(const azattest_result *result, bool *value);
/** `bootDebuggingDisabled`. */
AZATTEST_API azattest_status azattest_result_boot_debugging_disabled(const azattest_result *result, bool *value);
/** `notSafeMode`. */
AZATTEST_API azattest_status azattest_result_not_safe_mode(const azattest_result *result, bool *value);
/** `notWinPE`. */
AZATTEST_API azattest_status azattest_result_not_win_pe(const azattest_result *result, bool *value);
/** `vbsEnabled`. */
AZATTEST_API azattest_status azattest_result_vbs_enabled(const azattest_result *result, bool *value);
/** `vbsReportPresent`. */
AZATTEST_API azattest_status azattest_result_vbs_report_present(const azattest_result *result, bool *value);
/** `enclaveAuthorId`, bytes. */
AZATTEST_API azattest_status azattest_result_enclave_author_id(const azattest_result *result, azattest_bytes *bytes);
/** `enclaveImageId`, bytes. */
AZATTEST_API azattest_status azattest_result_enclave_image_id(const azattest_result *result, azattest_bytes *bytes);
/** `enclaveOwnerId`, bytes. */
AZATTEST_API azattest_status azattest_result_enclave_owner_id(const azattest_result *result, azattest_bytes *bytes);
/** `enclaveFamilyId`, bytes. */
AZATTEST_API azattest_status azattest_result_enclave_family_id(const azattest_result *result, azattest_bytes *bytes);
/** `enclaveSvn`. */
AZATTEST_API azattest_status azattest_result_enclave_svn(const azattest_result *result, int64_t *value);
/** `enclavePlatformSvn`. */
AZATTEST_API azattest_status azattest_result_enclave_platform_svn(const azattest_result *result, int64_t *value);
/** `enclaveFlags`. */
AZATTEST_API azattest_status azattest_result_enclave_flags(const azattest_result *result, int64_t *value);

/**
 * Why a reader of a result or of a token gave AZATTEST_E_TYPE, as an error of that status for azattest_error_free(): it
 * names the claim, what was found (a string, an object ...) and what was expected, never the value. NULL: no memory.
 *
 * @param claims  azattest_result_claims() or azattest_token_body_bytes()
 * @param reader  its name without `azattest_result_`, for instance "product_id"; of one that is not known the error
 *                says no more than the status
 */
AZATTEST_API azattest_error *azattest_claim_error(azattest_bytes claims, const char *reader);

AZATTEST_END

#endif
