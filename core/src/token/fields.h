/*
 * The claims that have a reader of their own, once: the table that result.c makes every azattest_result_NAME() of.
 *
 *     X(kind, name, scope, size, claims...)
 *
 * kind    TEXT; HEX_TEXT (lower-case hexadecimal); HEX, BASE64URL, BASE64 (bytes); INTEGER; BOOLEAN; TIME; OBJECT;
 *         INTEGERS (an array of them)
 * scope   OWN: the object itself. TEE: what only hardware says; absent there, it is looked for in x-ms-isolation-tee,
 *         where a guest's token keeps the claims of its confidential VM
 * size    bytes that a value of bytes must have; 0: any
 * claims  the name, then deprecated ones, which are read only when it is absent
 *
 * Source: reference of the service, "Attestation tokens"; the names of the SDKs where one of them has the claim.
 */
#ifndef AZATTEST_TOKEN_FIELDS_H
#define AZATTEST_TOKEN_FIELDS_H

/* Claims that checks read as well. */
#define AZATTEST__NONCE_CLAIMS "nonce", "rp_data"
#define AZATTEST__TYPE_CLAIMS "x-ms-attestation-type", "tee"
#define AZATTEST__POLICY_HASH_CLAIMS "x-ms-policy-hash", "policy_hash"
#define AZATTEST__HELD_DATA_CLAIMS "x-ms-sgx-ehd", "maa-ehd", "aas-ehd"
#define AZATTEST__POLICY_SIGNER_CLAIMS "x-ms-policy-signer", "policy_signer"

/* clang-format off */
#define AZATTEST__RESULT_FIELDS(X) \
    /* Common claims */ \
    X(TEXT, issuer, OWN, 0, "iss") \
    X(TEXT, unique_id, OWN, 0, "jti") \
    X(TEXT, nonce, OWN, 0, AZATTEST__NONCE_CLAIMS) \
    X(TEXT, version, OWN, 0, "x-ms-ver", "ver") \
    X(TEXT, verifier_type, OWN, 0, AZATTEST__TYPE_CLAIMS) \
    X(TIME, issued_on, OWN, 0, "iat") \
    X(TIME, expires_on, OWN, 0, "exp") \
    X(TIME, not_before, OWN, 0, "nbf") \
    X(BASE64URL, policy_hash, OWN, 32, AZATTEST__POLICY_HASH_CLAIMS) \
    X(OBJECT, runtime_claims, OWN, 0, "x-ms-runtime") \
    X(OBJECT, inittime_claims, OWN, 0, "x-ms-inittime") \
    X(OBJECT, policy_claims, OWN, 0, "x-ms-policy") \
    X(OBJECT, confirmation, OWN, 0, "cnf") \
    X(TEXT, compliance_status, TEE, 0, "x-ms-compliance-status") \
    X(HEX, report_data, TEE, 64, "x-ms-sgx-report-data", "x-ms-sevsnpvm-reportdata", "tdx_report_data") \
    /* SGX */ \
    X(HEX_TEXT, mr_enclave, OWN, 32, "x-ms-sgx-mrenclave", "sgx-mrenclave") \
    X(HEX, mr_enclave_bytes, OWN, 32, "x-ms-sgx-mrenclave", "sgx-mrenclave") \
    X(HEX_TEXT, mr_signer, OWN, 32, "x-ms-sgx-mrsigner", "sgx-mrsigner") \
    X(HEX, mr_signer_bytes, OWN, 32, "x-ms-sgx-mrsigner", "sgx-mrsigner") \
    X(INTEGER, product_id, OWN, 0, "x-ms-sgx-product-id", "product-id") \
    X(INTEGER, svn, OWN, 0, "x-ms-sgx-svn", "svn") \
    X(BASE64URL, enclave_held_data, OWN, 0, AZATTEST__HELD_DATA_CLAIMS) \
    X(OBJECT, sgx_collateral, OWN, 0, "x-ms-sgx-collateral", "maa-attestationcollateral") \
    X(HEX, config_id, OWN, 64, "x-ms-sgx-config-id") \
    X(INTEGER, config_svn, OWN, 0, "x-ms-sgx-config-svn") \
    X(HEX, isv_extended_product_id, OWN, 16, "x-ms-sgx-isv-extended-product-id") \
    X(HEX, isv_family_id, OWN, 16, "x-ms-sgx-isv-family-id") \
    /* SEV-SNP */ \
    X(HEX, launch_measurement, TEE, 48, "x-ms-sevsnpvm-launchmeasurement") \
    X(HEX, host_data, TEE, 32, "x-ms-sevsnpvm-hostdata") \
    X(HEX, report_id, TEE, 32, "x-ms-sevsnpvm-reportid") \
    X(HEX, id_key_digest, TEE, 48, "x-ms-sevsnpvm-idkeydigest") \
    X(HEX, author_key_digest, TEE, 48, "x-ms-sevsnpvm-authorkeydigest") \
    X(HEX, family_id, TEE, 16, "x-ms-sevsnpvm-familyId") \
    X(HEX, image_id, TEE, 16, "x-ms-sevsnpvm-imageId") \
    X(INTEGER, guest_svn, TEE, 0, "x-ms-sevsnpvm-guestsvn") \
    X(INTEGER, bootloader_svn, TEE, 0, "x-ms-sevsnpvm-bootloader-svn") \
    X(INTEGER, tee_svn, TEE, 0, "x-ms-sevsnpvm-tee-svn") \
    X(INTEGER, snp_firmware_svn, TEE, 0, "x-ms-sevsnpvm-snpfw-svn") \
    X(INTEGER, microcode_svn, TEE, 0, "x-ms-sevsnpvm-microcode-svn") \
    X(INTEGER, vmpl, TEE, 0, "x-ms-sevsnpvm-vmpl") \
    X(BOOLEAN, is_migration_allowed, TEE, 0, "x-ms-sevsnpvm-migration-allowed") \
    X(BOOLEAN, is_smt_allowed, TEE, 0, "x-ms-sevsnpvm-smt-allowed") \
    /* TDX */ \
    X(HEX, mr_td, TEE, 48, "tdx_mrtd") \
    X(HEX, rtmr0, TEE, 48, "tdx_rtmr0") \
    X(HEX, rtmr1, TEE, 48, "tdx_rtmr1") \
    X(HEX, rtmr2, TEE, 48, "tdx_rtmr2") \
    X(HEX, rtmr3, TEE, 48, "tdx_rtmr3") \
    X(HEX, mr_config_id, TEE, 48, "tdx_mrconfigid") \
    X(HEX, mr_owner, TEE, 48, "tdx_mrowner") \
    X(HEX, mr_owner_config, TEE, 48, "tdx_mrownerconfig") \
    X(HEX, mr_seam, TEE, 48, "tdx_mrseam") \
    X(HEX, mr_signer_seam, TEE, 48, "tdx_mrsignerseam") \
    X(HEX, seam_attributes, TEE, 8, "tdx_seam_attributes") \
    X(INTEGER, seam_svn, TEE, 0, "tdx_seamsvn") \
    X(HEX, td_attributes, TEE, 8, "tdx_td_attributes") \
    X(BOOLEAN, td_attributes_debug, TEE, 0, "tdx_td_attributes_debug") \
    X(BOOLEAN, td_attributes_key_locker, TEE, 0, "tdx_td_attributes_key_locker") \
    X(BOOLEAN, td_attributes_perfmon, TEE, 0, "tdx_td_attributes_perfmon") \
    X(BOOLEAN, td_attributes_protection_keys, TEE, 0, "tdx_td_attributes_protection_keys") \
    X(BOOLEAN, td_attributes_septve_disable, TEE, 0, "tdx_td_attributes_septve_disable") \
    X(HEX, xfam, TEE, 8, "tdx_xfam") \
    X(HEX, tee_tcb_svn, TEE, 16, "tdx_tee_tcb_svn") \
    X(TEXT, attester_tcb_status, TEE, 0, "attester_tcb_status") \
    X(TEXT, debug_status, TEE, 0, "dbgstat") \
    X(TEXT, eat_profile, TEE, 0, "eat_profile") \
    X(TEXT, intended_use, TEE, 0, "intuse") \
    /* Azure guests */ \
    X(BOOLEAN, secure_boot, OWN, 0, "secureboot", "secureBootEnabled") \
    X(TEXT, vm_id, OWN, 0, "x-ms-azurevm-vmid") \
    X(TEXT, os_type, OWN, 0, "x-ms-azurevm-ostype") \
    X(TEXT, os_distro, OWN, 0, "x-ms-azurevm-osdistro") \
    X(TEXT, os_build, OWN, 0, "x-ms-azurevm-osbuild") \
    X(INTEGER, os_version_major, OWN, 0, "x-ms-azurevm-osversion-major") \
    X(INTEGER, os_version_minor, OWN, 0, "x-ms-azurevm-osversion-minor") \
    X(BOOLEAN, is_windows, OWN, 0, "x-ms-azurevm-is-windows") \
    X(BOOLEAN, os_provisioning, OWN, 0, "x-ms-azurevm-os-provisioning") \
    X(TEXT, attestation_protocol_version, OWN, 0, "x-ms-azurevm-attestation-protocol-ver") \
    X(INTEGERS, attested_pcrs, OWN, 0, "x-ms-azurevm-attested-pcrs") \
    X(BOOLEAN, boot_debug_enabled, OWN, 0, "x-ms-azurevm-bootdebug-enabled") \
    X(BOOLEAN, kernel_debug_enabled, OWN, 0, "x-ms-azurevm-kerneldebug-enabled") \
    X(BOOLEAN, hypervisor_debug_enabled, OWN, 0, "x-ms-azurevm-hypervisordebug-enabled") \
    X(BOOLEAN, debuggers_disabled, OWN, 0, "x-ms-azurevm-debuggersdisabled") \
    X(BOOLEAN, db_validated, OWN, 0, "x-ms-azurevm-dbvalidated") \
    X(BOOLEAN, dbx_validated, OWN, 0, "x-ms-azurevm-dbxvalidated") \
    X(BOOLEAN, default_secure_boot_keys_validated, OWN, 0, "x-ms-azurevm-default-securebootkeysvalidated") \
    X(BOOLEAN, elam_enabled, OWN, 0, "x-ms-azurevm-elam-enabled") \
    X(BOOLEAN, flight_signing_enabled, OWN, 0, "x-ms-azurevm-flightsigning-enabled") \
    X(INTEGER, hvci_policy, OWN, 0, "x-ms-azurevm-hvci-policy") \
    X(BOOLEAN, signing_disabled, OWN, 0, "x-ms-azurevm-signingdisabled") \
    X(BOOLEAN, test_signing_enabled, OWN, 0, "x-ms-azurevm-testsigning-enabled") \
    /* TPM and VBS */ \
    X(BOOLEAN, aik_validated, OWN, 0, "aikValidated") \
    X(BASE64, aik_pub_hash, OWN, 32, "aikPubHash") \
    X(INTEGER, tpm_version, OWN, 0, "tpmVersion") \
    X(BOOLEAN, iommu_enabled, OWN, 0, "iommuEnabled") \
    X(BOOLEAN, boot_debugging_disabled, OWN, 0, "bootDebuggingDisabled") \
    X(BOOLEAN, not_safe_mode, OWN, 0, "notSafeMode") \
    X(BOOLEAN, not_win_pe, OWN, 0, "notWinPE") \
    X(BOOLEAN, vbs_enabled, OWN, 0, "vbsEnabled") \
    X(BOOLEAN, vbs_report_present, OWN, 0, "vbsReportPresent") \
    X(BASE64URL, enclave_author_id, OWN, 0, "enclaveAuthorId") \
    X(BASE64URL, enclave_image_id, OWN, 0, "enclaveImageId") \
    X(BASE64URL, enclave_owner_id, OWN, 0, "enclaveOwnerId") \
    X(BASE64URL, enclave_family_id, OWN, 0, "enclaveFamilyId") \
    X(INTEGER, enclave_svn, OWN, 0, "enclaveSvn") \
    X(INTEGER, enclave_platform_svn, OWN, 0, "enclavePlatformSvn") \
    X(INTEGER, enclave_flags, OWN, 0, "enclaveFlags")
/* clang-format on */

#endif
