/* Identity of Intel's quoting enclaves. Version 2. Source: Intel PCS API documentation, "Get quoting enclave identity";
 * Intel SGX DCAP quote verification library, EnclaveIdentityV2 and EnclaveReportVerifier. */
#ifndef AZATTEST_EVIDENCE_INTEL_QE_IDENTITY_H
#define AZATTEST_EVIDENCE_INTEL_QE_IDENTITY_H

#include "document.h"
#include "quote.h"

/* Its spans point into the text that was read. */
typedef struct azattest__qe_identity {
    bool tdx;                        /* "TD_QE", else "QE" */
    int64_t issue_date, next_update; /* seconds since 1970 UTC */
    int evaluation;                  /* tcbEvaluationDataNumber */
    unsigned char misc_select[4], misc_select_mask[4], attributes[16], attributes_mask[16], mr_signer[32];
    int product_id;
    azattest__isvsvn_level *levels; /* sorted, at least one */
    size_t level_count;
} azattest__qe_identity;

/* What a set needs to find the document by, and to tell about it. */
typedef struct azattest__qe_identity_head {
    bool tdx;
    int64_t issue_date, next_update;
    int evaluation;
} azattest__qe_identity_head;

/* `text`: the signed object, which passed the gate; borrowed as long as `out` is used. AZATTEST_E_MALFORMED names the
 * member; AZATTEST_E_UNSUPPORTED another version or enclave. */
azattest_status azattest__qe_identity_read(azattest_bytes text, azattest__qe_identity *out, azattest_error **error);
void azattest__qe_identity_clear(azattest__qe_identity *identity);
azattest_status azattest__qe_identity_read_head(azattest_bytes text, azattest__qe_identity_head *out,
                                                azattest_error **error);

/* The enclave of the report is that one; AZATTEST_E_EVIDENCE_INVALID says what differs. Its ISVSVN is not looked at. */
azattest_status azattest__qe_identity_match(const azattest__qe_identity *identity, const azattest__sgx_report *report,
                                            azattest_error **error);

#endif
