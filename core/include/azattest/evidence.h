/**
 * Evidence of a trusted execution environment: parsed, and verified offline.
 * Integers in quotes are little-endian; identifiers such as MRENCLAVE are byte strings in the order they are stored.
 */
#ifndef AZATTEST_EVIDENCE_H
#define AZATTEST_EVIDENCE_H

#include <stdbool.h>

#include "error.h"

AZATTEST_BEGIN

typedef struct azattest_evidence azattest_evidence;
typedef struct azattest_verification_result azattest_verification_result;
typedef struct azattest_collateral azattest_collateral; /**< see collateral.h */
typedef struct azattest_appraisal azattest_appraisal;   /**< see appraisal.h */

/**
 * Parses raw evidence; which kind it is, its first bytes say.
 *
 * @param raw  borrowed; 1 byte to AZATTEST_LIMIT_EVIDENCE
 * @param out  receives the parsed evidence (with a copy of the bytes), owned by the caller, or NULL
 * @retval AZATTEST_E_EVIDENCE     not well-formed: the message names the field and its offset
 * @retval AZATTEST_E_UNSUPPORTED  another kind, named in the message
 * Source: Intel SGX ECDSA QuoteLib reference, quote version 3; Intel TDX DCAP quoting library reference, versions 4 and
 * 5; Open Enclave `report.h`.
 */
AZATTEST_API AZATTEST_MUST_CHECK azattest_status azattest_evidence_parse(azattest_bytes raw, azattest_evidence **out,
                                                                         azattest_error **error);
/**
 * Reads the content of a file, whatever wraps the evidence: raw, hexadecimal, base64, base64url, PEM, or the JSON
 * documents of the Azure samples (`QuoteHex` with `EnclaveHeldDataHex`, `Quote` with `EnclaveHeldData`, `quote`,
 * `report` with `runtimeData`). Then as azattest_evidence_parse(). Documents with a guest's evidence are read, too:
 * `hcl_report`, `tpm_quote`, `td_quote`, `vcek` (or `report`, `quote`, `vcek`), and a request to attest an Azure guest.
 *
 * @param file borrowed; at most AZATTEST_LIMIT_EVIDENCE_FILE
 */
AZATTEST_API AZATTEST_MUST_CHECK azattest_status azattest_evidence_load(azattest_bytes file, azattest_evidence **out,
                                                                        azattest_error **error);
AZATTEST_API void azattest_evidence_free(azattest_evidence *evidence);

/** A value of a PCR. */
typedef struct azattest_pcr {
    const char *bank; /**< "sha1", "sha256", "sha384" or "sha512"; NULL: "sha256" */
    unsigned index;   /**< 0 to 23 */
    azattest_bytes value;
} azattest_pcr;
/** The pieces of a guest's evidence, each borrowed, absent where there is none. */
typedef struct azattest_guest_parts {
    size_t size;                  /**< sizeof(azattest_guest_parts) */
    azattest_bytes hcl_report;    /**< of TPM NV index 0x01400001 */
    azattest_bytes td_quote;      /**< over the TDREPORT in it, on TDX machines */
    azattest_bytes certificates;  /**< of the key of the SEV-SNP report in it: PEM, DER or the host's JSON (THIM) */
    azattest_bytes tpm_message;   /**< TPMS_ATTEST or TPM2B_ATTEST */
    azattest_bytes tpm_signature; /**< TPMT_SIGNATURE, or an RSA signature alone */
    azattest_bytes ak_public;     /**< attestation key: PEM, TPMT_PUBLIC or TPM2B_PUBLIC */
    const azattest_pcr *pcrs;
    size_t pcr_count;
    azattest_bytes event_log; /**< TCG log; its replay is compared with the PCRs */
} azattest_guest_parts;
/* clang-format off */
#define AZATTEST_GUEST_PARTS_INIT { .size = sizeof(azattest_guest_parts) }
/* clang-format on */
/**
 * Evidence of a guest of Azure whose pieces are at hand one by one, or of any TPM: without an HCL report it is a
 * "tpm_quote". azattest_evidence_raw() is then a JSON document that azattest_evidence_load() reads.
 *
 * @retval AZATTEST_E_ARGUMENT  a length without bytes
 * @retval AZATTEST_E_EVIDENCE  a piece is not well-formed, or neither a hardware report nor a TPM's message is there
 * Source: Azure confidential-computing-cvm-guest-attestation; TCG TPM 2.0 library, part 2.
 */
AZATTEST_API AZATTEST_MUST_CHECK azattest_status azattest_evidence_new_guest(const azattest_guest_parts *parts,
                                                                             azattest_evidence **out,
                                                                             azattest_error **error);

/** "sgx_quote" and "tdx_quote" (Intel, ECDSA), "open_enclave_report" (an Open Enclave header, of a report or of
 * evidence, around a quote), "attested_certificate" (an X.509 certificate with one of those inside, for its key),
 * "snp_report" (AMD), "hcl_report" (of Azure's paravisor), "tpm_quote" (any TPM's), "azure_guest" (a hardware report,
 * runtime claims and a TPM's quote). */
AZATTEST_API const char *azattest_evidence_kind(const azattest_evidence *evidence);
/** Whose hardware it speaks of: "sgx", "tdx", "snp", "tpm", or "none" (a machine without any). */
AZATTEST_API const char *azattest_evidence_tee(const azattest_evidence *evidence);
/** What azattest_evidence_load() unwrapped: "raw", "hex", "base64", "base64url", "pem" or "json"; "parts" of
 * azattest_evidence_new_guest(). */
AZATTEST_API const char *azattest_evidence_form(const azattest_evidence *evidence);
/** The raw evidence, as the service takes it (with the Open Enclave header where there is one). */
AZATTEST_API azattest_bytes azattest_evidence_raw(const azattest_evidence *evidence);
/** The quote or report inside, without header and without bytes behind it. */
AZATTEST_API azattest_bytes azattest_evidence_quote(const azattest_evidence *evidence);
/** Bytes behind the quote, which nothing signs; absent when there are none. */
AZATTEST_API azattest_bytes azattest_evidence_trailing(const azattest_evidence *evidence);
/** Held data that stood beside the evidence in a JSON document; absent otherwise. */
AZATTEST_API azattest_bytes azattest_evidence_held_data(const azattest_evidence *evidence);

/** Version of the quote or report: 3, 4 or 5 of Intel's quotes; -1 where there is none (a local report). */
AZATTEST_API int azattest_evidence_version(const azattest_evidence *evidence);
/** What the attested program put into the hardware's report, whatever the hardware: 64 bytes. */
AZATTEST_API azattest_bytes azattest_evidence_report_data(const azattest_evidence *evidence);
/** An enclave's ATTRIBUTES.DEBUG, any bit of "TD under debug" (TDATTRIBUTES 0 to 7), or the debug bit of a guest's
 * policy: the host can read and change what is attested. */
AZATTEST_API bool azattest_evidence_is_debuggable(const azattest_evidence *evidence);

/** An enclave's report body. Absent, or -1, for other evidence. Those with KSS in their names' sources (the last five)
 * mean something only when ATTRIBUTES.KSS is set, and are zero otherwise. */
AZATTEST_API azattest_bytes azattest_evidence_mr_enclave(const azattest_evidence *evidence);    /**< 32 bytes */
AZATTEST_API azattest_bytes azattest_evidence_mr_signer(const azattest_evidence *evidence);     /**< 32 bytes */
AZATTEST_API azattest_bytes azattest_evidence_cpu_svn(const azattest_evidence *evidence);       /**< 16 bytes */
AZATTEST_API int azattest_evidence_product_id(const azattest_evidence *evidence);               /**< ISVPRODID */
AZATTEST_API int azattest_evidence_svn(const azattest_evidence *evidence);                      /**< ISVSVN */
AZATTEST_API azattest_bytes azattest_evidence_config_id(const azattest_evidence *evidence);     /**< 64 bytes (KSS) */
AZATTEST_API int azattest_evidence_config_svn(const azattest_evidence *evidence);               /**< CONFIGSVN (KSS) */
AZATTEST_API azattest_bytes azattest_evidence_isv_family_id(const azattest_evidence *evidence); /**< 16 bytes (KSS) */
/** ISVEXTPRODID, 16 bytes (KSS). */
AZATTEST_API azattest_bytes azattest_evidence_isv_extended_product_id(const azattest_evidence *evidence);

/** A trust domain's report (TDX), of 48 bytes where not said otherwise. Absent, or 0, for other evidence. */
AZATTEST_API azattest_bytes azattest_evidence_tee_tcb_svn(const azattest_evidence *evidence); /**< 16 bytes */
AZATTEST_API azattest_bytes azattest_evidence_mr_seam(const azattest_evidence *evidence);
AZATTEST_API azattest_bytes azattest_evidence_mr_signer_seam(const azattest_evidence *evidence);
AZATTEST_API azattest_bytes azattest_evidence_mr_td(const azattest_evidence *evidence);
AZATTEST_API azattest_bytes azattest_evidence_rtmr(const azattest_evidence *evidence, size_t index); /**< 0 to 3 */
AZATTEST_API azattest_bytes azattest_evidence_mr_config_id(const azattest_evidence *evidence);
AZATTEST_API azattest_bytes azattest_evidence_mr_owner(const azattest_evidence *evidence);
AZATTEST_API azattest_bytes azattest_evidence_mr_owner_config(const azattest_evidence *evidence);
/** Of TD report 1.5 alone. */
AZATTEST_API azattest_bytes azattest_evidence_mr_service_td(const azattest_evidence *evidence);
AZATTEST_API uint64_t azattest_evidence_td_attributes(const azattest_evidence *evidence);
AZATTEST_API uint64_t azattest_evidence_xfam(const azattest_evidence *evidence);

/** What the PCK certificate in a quote says of its platform, not verified; absent when there is none that can be read.
 */
AZATTEST_API azattest_bytes azattest_evidence_fmspc(const azattest_evidence *evidence); /**< 6 bytes */
AZATTEST_API azattest_bytes azattest_evidence_pceid(const azattest_evidence *evidence); /**< 2 bytes */
/** "processor" or "platform": the authority that issued it. */
AZATTEST_API const char *azattest_evidence_pck_ca(const azattest_evidence *evidence);

/** The SEV-SNP report of evidence that holds one (also inside an HCL report); absent otherwise. */
AZATTEST_API azattest_bytes azattest_evidence_measurement(const azattest_evidence *evidence);       /**< 48 bytes */
AZATTEST_API azattest_bytes azattest_evidence_host_data(const azattest_evidence *evidence);         /**< 32 bytes */
AZATTEST_API azattest_bytes azattest_evidence_id_key_digest(const azattest_evidence *evidence);     /**< 48 bytes */
AZATTEST_API azattest_bytes azattest_evidence_author_key_digest(const azattest_evidence *evidence); /**< 48 bytes */
AZATTEST_API azattest_bytes azattest_evidence_family_id(const azattest_evidence *evidence);         /**< 16 bytes */
AZATTEST_API azattest_bytes azattest_evidence_image_id(const azattest_evidence *evidence);          /**< 16 bytes */
AZATTEST_API azattest_bytes azattest_evidence_report_id(const azattest_evidence *evidence);         /**< 32 bytes */
/** 64 bytes, all zero when the platform masks it; from Turin on 8 bytes and zeros. */
AZATTEST_API azattest_bytes azattest_evidence_chip_id(const azattest_evidence *evidence);
/** 8 bytes, whose layout depends on the product; `azattest_evidence_fields()` has its parts. */
AZATTEST_API azattest_bytes azattest_evidence_reported_tcb(const azattest_evidence *evidence);
AZATTEST_API int64_t azattest_evidence_guest_svn(const azattest_evidence *evidence); /**< -1: no SEV-SNP report */
/** The guest's policy, as the table "Guest Policy" of AMD publication 56860 has its bits; 0: no SEV-SNP report. */
AZATTEST_API uint64_t azattest_evidence_guest_policy(const azattest_evidence *evidence);
/** 0 to 3; 4294967295: the host asked for the report. -1: no SEV-SNP report. */
AZATTEST_API int64_t azattest_evidence_vmpl(const azattest_evidence *evidence);
/** "Milan", "Genoa", "Turin", "Venice"; NULL when the report does not say (version 2) or names another. */
AZATTEST_API const char *azattest_evidence_snp_product(const azattest_evidence *evidence);

/** The runtime claims of an Azure guest: JSON, exactly the bytes that the hardware's report binds; absent otherwise. */
AZATTEST_API azattest_bytes azattest_evidence_runtime_claims(const azattest_evidence *evidence);
/** What the guest itself put into its runtime claims, 64 bytes; absent where they have none. */
AZATTEST_API azattest_bytes azattest_evidence_user_data(const azattest_evidence *evidence);
/** Nonce (qualifying data) of a TPM's quote, perhaps of no bytes; absent when there is no quote. */
AZATTEST_API azattest_bytes azattest_evidence_nonce(const azattest_evidence *evidence);
/** A PCR's value, as it came along with a TPM's quote. `bank` NULL: "sha256". Absent: not among them. */
AZATTEST_API azattest_bytes azattest_evidence_pcr(const azattest_evidence *evidence, const char *bank, size_t index);
/** The digest over PCRs that a TPM's quote states; absent when there is no quote. */
AZATTEST_API azattest_bytes azattest_evidence_pcr_digest(const azattest_evidence *evidence);

/** Every field, as one JSON object (byte strings in lower-case hexadecimal), made at the first call; lives as long as
 * the evidence. Absent only when there is no memory. */
AZATTEST_API azattest_bytes azattest_evidence_fields(const azattest_evidence *evidence);

/**
 * SHA-256 of `runtime_data` is the first half of the report data.
 * @retval AZATTEST_E_BINDING  it is not
 */
AZATTEST_API AZATTEST_MUST_CHECK azattest_status azattest_evidence_check_binding(const azattest_evidence *evidence,
                                                                                 azattest_bytes runtime_data,
                                                                                 azattest_error **error);

/** How to verify. Zero means default. */
typedef struct azattest_verify_options {
    size_t size;                 /**< sizeof(azattest_verify_options) */
    int64_t now_ms;              /**< time of verification since 1970 UTC; 0: the system's clock */
    azattest_bytes extra_roots;  /**< PEM certificates trusted beside Intel's root; the verdict names them */
    azattest_bytes runtime_data; /**< when given, its binding is a required check */
    azattest_switch allow_debug; /**< on: DEBUG is a warning. Off: refused */
    const azattest_collateral
        *collateral;                      /**< what the makers publish; borrowed. NULL: none, and its checks are left */
    const azattest_appraisal *appraisal;  /**< what is expected of the evidence; borrowed. NULL: nothing */
    azattest_bytes nonce;                 /**< when given, the qualifying data of a TPM quote must be these bytes */
    int64_t collateral_grace_ms;          /**< for how long collateral that expired still counts; 0: not at all */
    azattest_switch allow_masked_chip_id; /**< off: an SEV-SNP report without its chip id is refused unless a VLEK,
                                             which belongs to no chip, signed it */
    azattest_switch refuse_unknown_bits;  /**< off: bits of an SEV-SNP report that this library does not know are a
                                             warning, for newer firmware sets them. On: refused */
} azattest_verify_options;
/* clang-format off */
#define AZATTEST_VERIFY_OPTIONS_INIT { .size = sizeof(azattest_verify_options) }
/* clang-format on */

/**
 * Verifies evidence of any kind, offline: signatures, bindings, and the certificates up to the maker's root key; with
 * `collateral` also the platform's TCB, revocation and the identity of the quoting enclave; with `appraisal` also that
 * it is evidence of what is expected. What could not be checked is named by the result, and is never a pass.
 * VERIFICATION.md beside this header has every check, and what each verdict needs.
 *
 * @param out  receives the verdict, valid or not, owned by the caller
 * @retval AZATTEST_OK  the verdict was reached; look at azattest_verification_result_is_valid()
 */
AZATTEST_API AZATTEST_MUST_CHECK azattest_status azattest_evidence_verify(const azattest_evidence *evidence,
                                                                          const azattest_verify_options *options,
                                                                          azattest_verification_result **out,
                                                                          azattest_error **error);
AZATTEST_API void azattest_verification_result_free(azattest_verification_result *result);

/** Every required check is true. */
AZATTEST_API bool azattest_verification_result_is_valid(const azattest_verification_result *result);
AZATTEST_API size_t azattest_verification_result_check_count(const azattest_verification_result *result);
/** Stable name of a check, for instance "quote_signature"; NULL past the end. */
AZATTEST_API const char *azattest_verification_result_check_id(const azattest_verification_result *result,
                                                               size_t index);
/** 1 passed, 0 failed, -1 not checked (or past the end). */
AZATTEST_API int azattest_verification_result_check_ok(const azattest_verification_result *result, size_t index);
/**
 * The verdict is valid only when this check passed: one that is required and -1 refuses as one that is 0 does. False
 * past the end.
 */
AZATTEST_API bool azattest_verification_result_check_required(const azattest_verification_result *result, size_t index);
/** What was seen and expected; NULL past the end. */
AZATTEST_API const char *azattest_verification_result_check_detail(const azattest_verification_result *result,
                                                                   size_t index);
/** Warnings that do not refuse, for instance "DEBUG: ..."; NULL past the end. */
AZATTEST_API size_t azattest_verification_result_warning_count(const azattest_verification_result *result);
AZATTEST_API const char *azattest_verification_result_warning(const azattest_verification_result *result, size_t index);
/** What this verification left out: "tcb", "revocation", "qe_identity"; NULL past the end. */
AZATTEST_API size_t azattest_verification_result_not_checked_count(const azattest_verification_result *result);
AZATTEST_API const char *azattest_verification_result_not_checked(const azattest_verification_result *result,
                                                                  size_t index);
/** "intel", "amd" or "extra" (a root that the caller passed); NULL when the chain reached none of them. */
AZATTEST_API const char *azattest_verification_result_root(const azattest_verification_result *result);
/**
 * Valid, and nothing was left out: azattest_verification_result_not_checked_count() is 0. A verdict that is valid alone
 * may say no more than that somebody with a genuine machine signed.
 */
AZATTEST_API bool azattest_verification_result_is_complete(const azattest_verification_result *result);
/** An appraisal was among the options: its checks are those that begin with "appraisal.", all required. */
AZATTEST_API bool azattest_verification_result_is_appraised(const azattest_verification_result *result);
/**
 * The platform's status by Intel's collateral, in Intel's spelling: "UpToDate", "SWHardeningNeeded",
 * "ConfigurationNeeded" ... of platform, TDX module and quoting enclave together; NULL when it was not established.
 * Source: Intel PCS v4, "tcbStatus".
 */
AZATTEST_API const char *azattest_verification_result_tcb_status(const azattest_verification_result *result);
/** Date of the level that gave the status, ms since 1970 UTC; 0: none. */
AZATTEST_API int64_t azattest_verification_result_tcb_date_ms(const azattest_verification_result *result);
/** Intel's tcbEvaluationDataNumber: the lower of those of the TCB info and of the identity; -1: none. */
AZATTEST_API int azattest_verification_result_tcb_evaluation_data_number(const azattest_verification_result *result);
/** Security advisories of the levels that matched, for instance "INTEL-SA-00615"; NULL past the end. */
AZATTEST_API size_t azattest_verification_result_advisory_count(const azattest_verification_result *result);
AZATTEST_API const char *azattest_verification_result_advisory(const azattest_verification_result *result,
                                                               size_t index);
/** When the first of all that the verdict rests on expires, and when the last was issued; ms since 1970 UTC, 0: none.
 */
AZATTEST_API int64_t azattest_verification_result_earliest_expiration_ms(const azattest_verification_result *result);
AZATTEST_API int64_t azattest_verification_result_latest_issue_ms(const azattest_verification_result *result);
/** The whole verdict as one JSON object; lives as long as the result. */
AZATTEST_API azattest_bytes azattest_verification_result_json(const azattest_verification_result *result);

AZATTEST_END

#endif
