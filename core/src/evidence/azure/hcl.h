/* The report of Azure's paravisor in a confidential VM (TPM NV index 0x01400001): a hardware report, and the runtime
 * claims that it binds. Source: Azure confidential-computing-cvm-guest-attestation, attestation report structures. */
#ifndef AZATTEST_EVIDENCE_AZURE_HCL_H
#define AZATTEST_EVIDENCE_AZURE_HCL_H

#include "../../error/error.h"

typedef enum azattest__hcl_type {
    AZATTEST__HCL_SNP = 2,
    AZATTEST__HCL_TRUSTED_LAUNCH = 3,
    AZATTEST__HCL_TDX = 4
} azattest__hcl_type;

/* The TDREPORT of a TDX machine: only the machine itself can check its MAC. */
typedef struct azattest__td_report {
    const unsigned char *body; /* 1024 bytes */
    const unsigned char *report_data, *tee_tcb_svn, *mr_seam, *mr_signer_seam, *tee_tcb_svn2, *mr_td, *mr_config_id,
        *mr_owner, *mr_owner_config, *rtmr[4];
    uint64_t td_attributes, xfam;
} azattest__td_report;

typedef struct azattest__hcl_report {
    uint32_t version, report_size, request_type, data_version, type, hash_type; /* version 0: there is none */
    azattest_bytes hardware_report;                                             /* 1184 bytes */
    azattest_bytes runtime_claims;                                              /* JSON as it lies there */
    azattest__td_report td_report;                                              /* of a TDX machine */
} azattest__hcl_report;

azattest_status azattest__hcl_report_parse(azattest_bytes bytes, azattest__hcl_report *out, azattest_error **error);

#endif
