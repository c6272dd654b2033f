/**
 * Appraisals: what somebody who relies on evidence expects of it, as one JSON object. azattest_evidence_verify() judges
 * by it when it is among the options: each member becomes a required check "appraisal.<member>" of the verdict.
 *
 *     {"mr_signer": "74ba5f...", "product_id": 1, "min_svn": 2, "tcb_statuses": ["UpToDate"]}
 *
 * A member is a value or a list of accepted values. Bytes are hexadecimal text of exactly their length, in the order
 * that the evidence stores them; nothing stands for "zero" or "any" but the bytes themselves and the member's absence.
 * A member that is absent is not checked, and the verdict lists it so. A member that does not fit the kind of the
 * evidence (`mr_enclave` for a TDX quote) fails: an expectation is never ignored.
 *
 * These are judged by their defaults even when they are absent: `allow_debug`, `allow_not_checked`, and for TDX
 * `allow_migratable` and `require_sept_ve_disable`, for SEV-SNP `max_vmpl` and `policy`, for a TPM `allow_sha1`.
 *
 * Members, for every kind:
 * - `kinds`: azattest_evidence_kind(), one of a list
 * - `allow_debug`: false. True: a debuggable or profiled program is taken
 * - `allow_not_checked`: []. What a verdict may leave out (azattest_verification_result_not_checked()) and still pass
 * - `report_data`: 64 bytes. `runtime_data_sha256`: 32 bytes, the first half of the report data
 *
 * Intel:
 * - `tcb_statuses`: statuses of the platform that are taken, instead of UpToDate and SWHardeningNeeded
 * - `advisories_accepted`: every other security advisory is refused. `advisories_refused`: these are refused
 * - `min_tcb_evaluation_data_number`, `min_tcb_date` ("2025-01-31" or RFC 3339)
 * - `allow_smt`, `allow_dynamic_platform`, `allow_cached_keys`: false refuses a platform whose PCK certificate has the
 *   flag, or does not say
 * - SGX: `mr_enclave`, `mr_signer` (32), `product_id`, `min_svn`, `config_id` (64), `min_config_svn`, `isv_family_id`,
 *   `isv_extended_product_id` (16)
 * - TDX: `mr_td`, `rtmr0` to `rtmr3`, `mr_config_id`, `mr_owner`, `mr_owner_config`, `mr_service_td`, `mr_seam`,
 *   `mr_signer_seam` (48); `td_attributes`, `xfam` ({"mask": 8 bytes, "value": 8 bytes}); `allow_migratable`: false;
 *   `require_sept_ve_disable`: true
 *
 * AMD SEV-SNP:
 * - `measurement`, `id_key_digest`, `author_key_digest` (48), `host_data` (32), `family_id`, `image_id` (16),
 * `chip_id`, `denied_chip_ids` (64), `min_guest_svn`, `max_vmpl`: 0, `products`: "Milan", "Genoa", "Turin", "Venice"
 * - `min_reported_tcb`, `min_committed_tcb`, `min_launch_tcb`: {"fmc", "boot_loader", "tee", "snp", "microcode"}, each
 *   part that is given is compared by itself
 * - `policy`: {"smt", "migration_agent", "cxl"} where false refuses a guest policy that allows it, and
 * {"single_socket", "aes_256_xts", "rapl_disabled", "ciphertext_hiding", "page_swap_disabled"} where true refuses one
 * that does not demand it. {"migration_agent": false} is the default
 *
 * TPM and guests of Azure:
 * - `pcrs`: {"sha256": {"0": 32 bytes, ...}, ...}. `allow_sha1`: false, for the quote's signature and for a bank
 * - `secure_boot`: true or false. `vm_unique_id`: a GUID
 */
#ifndef AZATTEST_APPRAISAL_H
#define AZATTEST_APPRAISAL_H

#include "error.h"

AZATTEST_BEGIN

typedef struct azattest_appraisal azattest_appraisal;

/**
 * Reads an appraisal. It is immutable and may be shared by threads.
 *
 * @param json  borrowed; UTF-8, at most AZATTEST_LIMIT_APPRAISAL bytes
 * @param out   receives the appraisal, owned by the caller, or NULL
 * @retval AZATTEST_E_MALFORMED  no JSON object
 * @retval AZATTEST_E_ARGUMENT   a member that is not known, or a value that is none of it: the message names it, and
 *                               what is expected
 * @retval AZATTEST_E_LIMIT      too large
 */
AZATTEST_API AZATTEST_MUST_CHECK azattest_status azattest_appraisal_parse(azattest_bytes json, azattest_appraisal **out,
                                                                          azattest_error **error);
/** Another owner of the same appraisal; NULL gives NULL. */
AZATTEST_API azattest_appraisal *azattest_appraisal_ref(const azattest_appraisal *appraisal);
AZATTEST_API void azattest_appraisal_free(azattest_appraisal *appraisal);

/** The appraisal in one canonical form (compact, members in the order above); lives as long as the appraisal. */
AZATTEST_API azattest_bytes azattest_appraisal_json(const azattest_appraisal *appraisal);

AZATTEST_END

#endif
