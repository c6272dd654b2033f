/**
 * The evidence simulator: well-formed evidence of made-up machines, and the collateral for it, for people without the
 * hardware and for tests. Every kind that the library verifies, in every state that real samples lack. Its roots are
 * its own, kept in a state folder; nothing trusts them unless told to. A library of its own (`libazattest_simulator`):
 * it reads and writes files, which the core never does.
 *
 * A simulator may be used from several threads. Whatever a function makes is in a new buffer for
 * azattest_simulator_free_bytes(), with one NUL behind it that its length does not count.
 *
 * Common failures: AZATTEST_E_ARGUMENT (a size or a name that is not known; the message says which are),
 * AZATTEST_E_LIMIT (too much runtime data), AZATTEST_E_STATE (the state folder cannot be read or written),
 * AZATTEST_E_MEMORY.
 */
#ifndef AZATTEST_SIMULATOR_H
#define AZATTEST_SIMULATOR_H

#include "error.h"

AZATTEST_BEGIN

typedef struct azattest_simulator azattest_simulator;

/** What is wrong on purpose: bits of azattest_simulated_platform.faults. First those of the collateral. */
typedef enum azattest_simulated_fault {
    AZATTEST_SIMULATED_REVOKED_PCK,            /**< the PCK certificate is on its CA's list */
    AZATTEST_SIMULATED_REVOKED_PCK_CA,         /**< the CA above it is on the root's list */
    AZATTEST_SIMULATED_REVOKED_TCB_SIGNING,    /**< the signer of the documents is on the root's list */
    AZATTEST_SIMULATED_OTHER_CA_CRL,           /**< the list is that of the other PCK CA */
    AZATTEST_SIMULATED_CRL_SIGNATURE,          /**< one bit of each list's signature is flipped */
    AZATTEST_SIMULATED_TCB_INFO_SIGNATURE,     /**< signed by another key */
    AZATTEST_SIMULATED_QE_IDENTITY_SIGNATURE,  /**< signed by another key */
    AZATTEST_SIMULATED_TCB_INFO_OTHER_KIND,    /**< id "SGX" for TDX, and the other way */
    AZATTEST_SIMULATED_QE_IDENTITY_OTHER_KIND, /**< id "QE" for TDX, "TD_QE" for SGX */
    AZATTEST_SIMULATED_TCB_INFO_FMSPC,         /**< of another FMSPC */
    AZATTEST_SIMULATED_TCB_INFO_PCEID,         /**< of another PCEID */
    AZATTEST_SIMULATED_NO_MODULE_IDENTITY,     /**< none for the version of the TDX module */
    AZATTEST_SIMULATED_NO_TDX_COMPONENTS,      /**< levels without tdxtcbcomponents */
    AZATTEST_SIMULATED_REVOKED_VCEK,           /**< the VCEK (or VLEK) has a serial number, which is on the list */
    AZATTEST_SIMULATED_REVOKED_ASK,            /**< the ASK (or ASVK) is on the ARK's list */
    AZATTEST_SIMULATED_VCEK_OTHER_CHIP,        /**< the VCEK has another hardware id; signed by its key all the same */
    AZATTEST_SIMULATED_VCEK_OTHER_TCB,         /**< the VCEK has another TCB */
    AZATTEST_SIMULATED_VCEK_NO_HARDWARE_ID,    /**< the VCEK lacks the extension */
    AZATTEST_SIMULATED_VCEK_NO_TCB,            /**< the VCEK lacks the microcode's extension */
    AZATTEST_SIMULATED_VCEK_OTHER_PRODUCT,     /**< the VCEK names another product */
    AZATTEST_SIMULATED_QE_MR_SIGNER,           /**< the quoting enclave is somebody else's */
    AZATTEST_SIMULATED_QE_PRODUCT_ID,          /**< the quoting enclave has another ISVPRODID */
    AZATTEST_SIMULATED_QE_MISC_SELECT,         /**< the quoting enclave has another MISCSELECT */
    AZATTEST_SIMULATED_QE_ATTRIBUTES,          /**< the quoting enclave lacks PROVISIONKEY */
    AZATTEST_SIMULATED_QE_DEBUG,               /**< the quoting enclave has DEBUG */
    AZATTEST_SIMULATED_QE_BINDING,             /**< its report data binds another attestation key */
    AZATTEST_SIMULATED_QE_SIGNATURE,           /**< one bit of its report's signature is flipped */
    AZATTEST_SIMULATED_QUOTE_SIGNATURE,        /**< one bit of the quote's or report's signature is flipped */
    AZATTEST_SIMULATED_VENDOR,                 /**< the quote names another vendor of quoting enclaves */
    AZATTEST_SIMULATED_SEAM_SIGNER,            /**< MRSIGNERSEAM is not zero */
    AZATTEST_SIMULATED_SEAM_ATTRIBUTES,        /**< SEAMATTRIBUTES is not zero */
    AZATTEST_SIMULATED_REPORT_DATA,            /**< the report data binds other data than was given */
    AZATTEST_SIMULATED_BYTE_ORDER,             /**< r and s of an SNP report are big-endian */
    AZATTEST_SIMULATED_MASKED_CHIP_ID,         /**< the SNP report's chip id is zero */
    AZATTEST_SIMULATED_KEY_KIND,               /**< the SNP report names the other kind of signing key */
    AZATTEST_SIMULATED_CPUID,                  /**< the SNP report's CPUID is that of another product */
    AZATTEST_SIMULATED_RUNTIME_CLAIMS,         /**< one bit of the claims of an HCL report is flipped */
    AZATTEST_SIMULATED_OTHER_AK,               /**< the TPM quote is signed by another key */
    AZATTEST_SIMULATED_TPM_SIGNATURE,          /**< one bit of the TPM quote's signature is flipped */
    AZATTEST_SIMULATED_TPM_MAGIC,              /**< the attested structure is not one that a TPM made */
    AZATTEST_SIMULATED_PCR_VALUE,              /**< one PCR has another value than was quoted */
    AZATTEST_SIMULATED_TD_REPORT,              /**< the TD quote is of another TD than the HCL report's */
    AZATTEST_SIMULATED_CERTIFICATE_KEY,        /**< the enclave's report binds another key than the certificate's */
    AZATTEST_SIMULATED_PCK_NO_FMSPC,           /**< the PCK certificate lacks the FMSPC among its SGX extensions */
    AZATTEST_SIMULATED_FAULTS
} azattest_simulated_fault;
/** The bit of a fault. */
#define AZATTEST_SIMULATED_BIT(fault) (UINT64_C(1) << (AZATTEST_SIMULATED_##fault))

/** Things with a life of their own: bits of azattest_simulated_platform.window_items. */
#define AZATTEST_SIMULATED_TCB_INFO 0x001u
#define AZATTEST_SIMULATED_QE_IDENTITY 0x002u
#define AZATTEST_SIMULATED_ROOT_CA_CRL 0x004u
#define AZATTEST_SIMULATED_PCK_CRL 0x008u
#define AZATTEST_SIMULATED_AMD_CRL 0x010u
#define AZATTEST_SIMULATED_PCK 0x020u         /**< the PCK certificate */
#define AZATTEST_SIMULATED_TCB_SIGNING 0x040u /**< the certificate of the documents' signer */
#define AZATTEST_SIMULATED_VCEK 0x080u        /**< the VCEK or VLEK */

/**
 * The made-up machine, and what is known of it: give the same to the function that makes the evidence and to the one
 * that makes the collateral. Zero means default; the default is a machine that is up to date in everything.
 */
typedef struct azattest_simulated_platform {
    size_t size;                   /**< sizeof(azattest_simulated_platform) */
    uint64_t faults;               /**< AZATTEST_SIMULATED_BIT(...) of each */
    const char *pck_ca;            /**< "platform" (default) or "processor" */
    azattest_bytes fmspc;          /**< 6 bytes */
    azattest_bytes pceid;          /**< 2 bytes */
    azattest_bytes cpu_svn;        /**< 16 component SVNs of the PCK certificate */
    uint32_t pcesvn;               /**< of the PCK certificate; default 13 */
    azattest_bytes tee_tcb_svn;    /**< 16 bytes of a TD report; default 5, 1, 2: module version 1 with SVN 5 */
    azattest_bytes tee_tcb_svn2;   /**< 16 bytes of a TD report 1.5; default as tee_tcb_svn */
    const char *tcb_status;        /**< of the level that the machine reaches; "" for a machine below every level */
    const char *tcb_advisories;    /**< of that level, separated by commas */
    const char *tcb_date;          /**< of that level; default 2024-03-13T00:00:00Z */
    const char *tdx_module_status; /**< as tcb_status, of the TDX module's identity */
    const char *tdx_module_advisories;
    const char *qe_status; /**< as tcb_status, of the quoting enclave's identity */
    const char *qe_advisories;
    uint32_t tcb_info_version;   /**< 2 (SGX alone) or 3 (default) */
    uint32_t tcb_evaluation;     /**< tcbEvaluationDataNumber of the TCB info; default 17 */
    uint32_t qe_evaluation;      /**< of the identity; default as tcb_evaluation */
    int64_t from_ms, until_ms;   /**< life of what window_items names; default 2019 to the end of 2049 */
    uint32_t window_items;       /**< AZATTEST_SIMULATED_...; 0: all documents and lists, no certificate */
    const char *product;         /**< AMD: "Milan" (default), "Genoa", "Turin" */
    azattest_bytes chip_id;      /**< AMD: 64 bytes (Turin: 8, or 64 with zeros behind); default made up */
    azattest_bytes reported_tcb; /**< AMD: 8 bytes as they stand in a report of that product */
    azattest_switch vlek;        /**< AMD: a VLEK signs instead of the VCEK */
    const char *csp_id;          /**< AMD: of the VLEK */
} azattest_simulated_platform;
/* clang-format off */
#define AZATTEST_SIMULATED_PLATFORM_INIT { .size = sizeof(azattest_simulated_platform) }
/* clang-format on */

/** What the made-up enclave is. Zero means default. */
typedef struct azattest_simulated_enclave {
    size_t size;                 /**< sizeof(azattest_simulated_enclave) */
    azattest_bytes mr_enclave;   /**< 32 bytes; absent: a fixed made-up value */
    azattest_bytes mr_signer;    /**< 32 bytes; absent: a fixed made-up value */
    uint16_t product_id;         /**< ISVPRODID */
    uint16_t svn;                /**< ISVSVN */
    azattest_switch debug;       /**< off */
    azattest_bytes runtime_data; /**< its SHA-256 becomes the first half of the report data; absent: zeros */
    const azattest_simulated_platform *platform; /**< NULL: all defaults */
    uint32_t quote_version;                      /**< 3 (default), 4, 5 */
    uint32_t certification_type; /**< 5 (default): the PCK chain; 1 to 3: the platform's ids alone; 4: the leaf alone */
    azattest_bytes report_data;  /**< all 64 bytes, instead of runtime_data */
    azattest_bytes config_id, isv_family_id, isv_extended_product_id; /**< 64, 16, 16 bytes; any sets the KSS flag */
    uint16_t config_svn;
    uint32_t trailing; /**< zero bytes behind the quote */
} azattest_simulated_enclave;
/* clang-format off */
#define AZATTEST_SIMULATED_ENCLAVE_INIT { .size = sizeof(azattest_simulated_enclave) }
/* clang-format on */

/** What the made-up trust domain is. Zero means default; measurements have 48 bytes and are made up when absent. */
typedef struct azattest_simulated_td {
    size_t size; /**< sizeof(azattest_simulated_td) */
    const azattest_simulated_platform *platform;
    uint32_t quote_version;    /**< 4 (default) or 5 */
    azattest_switch report_15; /**< version 5: a TD report 1.5 (default) or 1.0 */
    azattest_switch debug;
    uint64_t attributes; /**< TDATTRIBUTES; 0: SEPT_VE_DISABLE */
    uint64_t xfam;       /**< 0: made up */
    azattest_bytes mr_td, mr_config_id, mr_owner, mr_owner_config, mr_service_td, mr_seam; /**< all but the first and
                                       the last are zero when absent */
    azattest_bytes rtmr[4];                                                                /**< made up when absent */
    azattest_bytes runtime_data; /**< its SHA-256 becomes the first half of the report data */
    azattest_bytes report_data;  /**< all 64 bytes, instead */
    uint32_t trailing;           /**< zero bytes behind the quote */
} azattest_simulated_td;
/* clang-format off */
#define AZATTEST_SIMULATED_TD_INIT { .size = sizeof(azattest_simulated_td) }
/* clang-format on */

/** What the made-up SEV-SNP guest is. Zero means default. */
typedef struct azattest_simulated_guest {
    size_t size; /**< sizeof(azattest_simulated_guest) */
    const azattest_simulated_platform *platform;
    uint32_t version; /**< of the report: 2, 3 or 5; default 3, of Turin 5 */
    uint32_t guest_svn, vmpl;
    uint64_t policy;                                                                 /**< 0: 0x3001F (SMT allowed) */
    azattest_switch debug;                                                           /**< sets the policy's bit 19 */
    azattest_bytes measurement;                                                      /**< 48 bytes; absent: made up */
    azattest_bytes host_data, id_key_digest, author_key_digest, family_id, image_id; /**< 32, 48, 48, 16, 16 bytes; zero
                                       when absent */
    azattest_bytes runtime_data; /**< its SHA-256 becomes the first half of the report data */
    azattest_bytes report_data;  /**< all 64 bytes, instead */
} azattest_simulated_guest;
/* clang-format off */
#define AZATTEST_SIMULATED_GUEST_INIT { .size = sizeof(azattest_simulated_guest) }
/* clang-format on */

/** What the made-up virtual machine of Azure is: its hardware, and its TPM. Zero means default. */
typedef struct azattest_simulated_vm {
    size_t size;                                 /**< sizeof(azattest_simulated_vm) */
    const char *tee;                             /**< "snp" (default), "tdx", "none" (trusted launch) */
    const azattest_simulated_platform *platform; /**< for its faults; NULL: that of the guest or TD */
    const azattest_simulated_guest *guest; /**< of an "snp" machine; report data is computed. NULL: all defaults */
    const azattest_simulated_td *td;       /**< of a "tdx" machine, likewise */
    azattest_bytes user_data;              /**< 64 bytes; absent: zeros */
    azattest_switch secure_boot;           /**< on */
    const char *vm_unique_id;              /**< NULL: made up */
    azattest_bytes nonce;                  /**< qualifying data of the TPM quote, up to 64 bytes */
    const char *signature;                 /**< of the TPM quote: "rsassa" (default), "rsapss", "ecdsa" */
    const char *pcr_bank;                  /**< "sha256" (default), "sha384", "sha1" */
    uint32_t pcr_mask;                     /**< PCRs that are quoted, bit by bit; 0: all 24 */
    azattest_bytes pcrs;                   /**< 24 values of the bank's size; absent: made up */
    azattest_bytes runtime_claims;         /**< JSON text of the HCL report, instead of the made-up one */
} azattest_simulated_vm;
/* clang-format off */
#define AZATTEST_SIMULATED_VM_INIT { .size = sizeof(azattest_simulated_vm) }
/* clang-format on */

/**
 * Opens the machines kept in a folder, or makes them there: keys in files of mode 0600, the root certificate in
 * `simulator-root.pem`. What a folder of an older version lacks is added when it is needed.
 * @param state_folder  made when missing (mode 0700)
 * @retval AZATTEST_E_STATE  the folder cannot be read or written; the message says which file and why
 */
AZATTEST_API AZATTEST_MUST_CHECK azattest_status azattest_simulator_open(const char *state_folder,
                                                                         azattest_simulator **out,
                                                                         azattest_error **error);
AZATTEST_API void azattest_simulator_free(azattest_simulator *simulator);
/** The root certificate of the Intel-like machines as PEM text, for `extra_roots`. */
AZATTEST_API azattest_bytes azattest_simulator_root_pem(const azattest_simulator *simulator);
/** Path of the file with that certificate. */
AZATTEST_API const char *azattest_simulator_root_path(const azattest_simulator *simulator);
/** Every root as PEM text: the one above, and the AMD-like ARKs of Milan, Genoa and Turin, for `extra_roots`. Also in
 * the file `simulator-roots.pem` of the folder, from the first such call on. */
AZATTEST_API AZATTEST_MUST_CHECK azattest_status azattest_simulator_roots_pem(azattest_simulator *simulator,
                                                                              unsigned char **pem, size_t *length,
                                                                              azattest_error **error);

/** A name as the command has it, such as "revoked-pck"; NULL behind the last. */
AZATTEST_API const char *azattest_simulator_fault_name(int fault);

/** Makes an SGX quote. */
AZATTEST_API AZATTEST_MUST_CHECK azattest_status azattest_simulator_sgx_quote(azattest_simulator *simulator,
                                                                              const azattest_simulated_enclave *enclave,
                                                                              unsigned char **quote, size_t *length,
                                                                              azattest_error **error);
/** The same inside an Open Enclave report (the legacy header). */
AZATTEST_API AZATTEST_MUST_CHECK azattest_status
azattest_simulator_open_enclave_report(azattest_simulator *simulator, const azattest_simulated_enclave *enclave,
                                       unsigned char **report, size_t *length, azattest_error **error);
/**
 * Open Enclave evidence.
 * @param format  "sgx_ecdsa" (with custom claims; runtime_data and report_data are then ignored, for the report data is
 *                the hash of the claims), "legacy_report", "raw_sgx_quote", "tdx_quote" (a quote of a default TD with
 *                the enclave's platform, runtime_data and report_data)
 * @param claims  custom claims as they stand in the evidence, for "sgx_ecdsa"; absent: none
 */
AZATTEST_API AZATTEST_MUST_CHECK azattest_status azattest_simulator_open_enclave_evidence(
    azattest_simulator *simulator, const azattest_simulated_enclave *enclave, const char *format, azattest_bytes claims,
    unsigned char **evidence, size_t *length, azattest_error **error);
/** Makes a TDX quote. */
AZATTEST_API AZATTEST_MUST_CHECK azattest_status azattest_simulator_tdx_quote(azattest_simulator *simulator,
                                                                              const azattest_simulated_td *td,
                                                                              unsigned char **quote, size_t *length,
                                                                              azattest_error **error);
/** The TDREPORT (1024 bytes) that such a quote is made of. */
AZATTEST_API AZATTEST_MUST_CHECK azattest_status azattest_simulator_td_report(azattest_simulator *simulator,
                                                                              const azattest_simulated_td *td,
                                                                              unsigned char **report, size_t *length,
                                                                              azattest_error **error);
/** Makes an SEV-SNP report (1184 bytes). */
AZATTEST_API AZATTEST_MUST_CHECK azattest_status azattest_simulator_snp_report(azattest_simulator *simulator,
                                                                               const azattest_simulated_guest *guest,
                                                                               unsigned char **report, size_t *length,
                                                                               azattest_error **error);
/** Makes an HCL report (2600 bytes, or more when the claims are longer). */
AZATTEST_API AZATTEST_MUST_CHECK azattest_status azattest_simulator_hcl_report(azattest_simulator *simulator,
                                                                               const azattest_simulated_vm *vm,
                                                                               unsigned char **report, size_t *length,
                                                                               azattest_error **error);
/** What a quote of the machine's TPM consists of, for azattest_simulated_tpm_quote_clear(). */
typedef struct azattest_simulated_tpm_quote {
    unsigned char *message; /**< TPMS_ATTEST */
    size_t message_length;
    unsigned char *signature; /**< TPMT_SIGNATURE */
    size_t signature_length;
    unsigned char *raw; /**< RSA: the signature alone; ECDSA: r and s of 32 bytes each */
    size_t raw_length;
    unsigned char *public_area; /**< TPMT_PUBLIC of the attestation key */
    size_t public_length;
    unsigned char *key_pem; /**< the same key as PEM text */
    size_t key_pem_length;
    unsigned char *pcrs; /**< 24 values of the bank's size */
    size_t pcrs_length;
    unsigned char *event_log; /**< crypto-agile log that gives these PCRs; NULL with PCRs of the caller's */
    size_t event_log_length;
} azattest_simulated_tpm_quote;
AZATTEST_API AZATTEST_MUST_CHECK azattest_status azattest_simulator_tpm_quote(azattest_simulator *simulator,
                                                                              const azattest_simulated_vm *vm,
                                                                              azattest_simulated_tpm_quote *out,
                                                                              azattest_error **error);
AZATTEST_API void azattest_simulated_tpm_quote_clear(azattest_simulated_tpm_quote *quote);
/**
 * The bundle of a guest of Azure: HCL report, TPM quote, and the TD quote or the VCEK chain.
 * @param form  "evidence" (default, NULL): JSON as guest components send it, bytes as arrays of numbers, members
 *              "quote", "report", "vcek", or "tpm_quote", "hcl_report", "td_quote"; "attestation_info": JSON of the
 *              request to `/attest/AzureGuest`; "tpm_quote": JSON with the TPM's part alone and its key ("ak_public")
 */
AZATTEST_API AZATTEST_MUST_CHECK azattest_status azattest_simulator_azure_guest(azattest_simulator *simulator,
                                                                                const azattest_simulated_vm *vm,
                                                                                const char *form,
                                                                                unsigned char **bundle, size_t *length,
                                                                                azattest_error **error);
/**
 * A self-signed certificate of a given key, with evidence that binds the key inside (DER).
 * @param key_pem  private key, PKCS#8 in PEM
 * @param form     "ga" (default, NULL): 1.3.6.1.4.1.311.105.1 with a legacy report; "legacy": 1.2.840.113556.10.1.1
 * with the same; "preview": 10.1.1 with an OCTET STRING around a bare quote, and 10.1.2 = INTEGER 1;
 *                 "evidence": 1.3.6.1.4.1.311.105.2; "legacy_evidence": 1.2.840.113556.10.1.2; "ra_tls":
 *                 1.2.840.113741.1337.6 with a bare quote that binds the DER of the key
 * @param subject  its common name, for instance the URL of the instance
 * @retval AZATTEST_E_MALFORMED  key_pem is no private key
 */
AZATTEST_API AZATTEST_MUST_CHECK azattest_status azattest_simulator_attested_certificate(
    azattest_simulator *simulator, const azattest_simulated_enclave *enclave, azattest_bytes key_pem, const char *form,
    const char *subject, unsigned char **certificate, size_t *length, azattest_error **error);
/**
 * All collateral for evidence of such a machine, as one document.
 * @param tee  "sgx" or "tdx": {"pck_crl_issuer_chain", "root_ca_crl", "pck_crl", "tcb_info_issuer_chain", "tcb_info",
 *             "tcb_info_signature", "qe_identity_issuer_chain", "qe_identity", "qe_identity_signature"}, lists as
 *             hexadecimal DER; "snp": {"vcekCert", "tcbm", "certificateChain", "cacheControl"} as Azure's hosts give
 * it, and "crl" in PEM
 */
AZATTEST_API AZATTEST_MUST_CHECK azattest_status
azattest_simulator_collateral(azattest_simulator *simulator, const azattest_simulated_platform *platform,
                              const char *tee, unsigned char **json, size_t *length, azattest_error **error);
/**
 * One piece of it, as the services of Intel and AMD answer.
 * @param item   "tcb_info", "qe_identity", "tcb_evaluation_numbers" (JSON with its signature); "pck_crl",
 * "root_ca_crl", "amd_crl" (DER); "pck" (PEM); "vcek" (DER, a VLEK likewise); "amd_chain" (PEM: ASK or ASVK, then ARK)
 * @param chain  its issuers as PEM text, leaf first ("" where there are none); NULL: not wanted
 */
AZATTEST_API AZATTEST_MUST_CHECK azattest_status azattest_simulator_collateral_item(
    azattest_simulator *simulator, const azattest_simulated_platform *platform, const char *tee, const char *item,
    unsigned char **body, size_t *length, char **chain, azattest_error **error);
AZATTEST_API void azattest_simulator_free_bytes(void *bytes);

AZATTEST_END

#endif
