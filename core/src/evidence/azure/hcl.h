/* The report of Azure's paravisor in a confidential VM (TPM NV index 0x01400001): a hardware report, and the runtime
 * claims that it binds. Source: Azure confidential-computing-cvm-guest-attestation, attestation report structures. */
#ifndef AZATTEST_EVIDENCE_AZURE_HCL_H
#define AZATTEST_EVIDENCE_AZURE_HCL_H

#include "../../crypto/crypto.h"
#include "../../json/json.h"

typedef enum azattest__hcl_type {
    AZATTEST__HCL_SNP = 2,
    AZATTEST__HCL_TRUSTED_LAUNCH = 3,
    AZATTEST__HCL_TDX = 4
} azattest__hcl_type;

#define AZATTEST__TD_REPORT_SIZE 1024u
/* The TDREPORT of a TDX machine: only the machine itself can check its MAC. */
typedef struct azattest__td_report {
    const unsigned char *body; /* 1024 bytes; NULL: there is none */
    const unsigned char *report_data, *tee_tcb_svn, *mr_seam, *mr_signer_seam, *tee_tcb_svn2, *mr_td, *mr_config_id,
        *mr_owner, *mr_owner_config, *rtmr[4], *mr_service_td;
    uint64_t seam_attributes, td_attributes, xfam;
} azattest__td_report;

typedef struct azattest__hcl_report {
    uint32_t version, report_size, request_type, data_version, hash_type; /* version 0: there is no such report */
    uint32_t type; /* azattest__hcl_type; set for a request to attest a guest, too, which has the parts alone */
    azattest_bytes hardware_report; /* 1184 bytes */
    azattest_bytes runtime_claims;  /* JSON as it lies there */
    azattest_bytes trailing;        /* behind the claims, to the end of the NV index */
    azattest__td_report td_report;  /* of a TDX machine */
} azattest__hcl_report;

/* Sizes, types and bounds: what is not as it has to be is refused, and named. Values are the verdict's matter. */
azattest_status azattest__hcl_report_parse(azattest_bytes bytes, azattest__hcl_report *out, azattest_error **error);
azattest_status azattest__td_report_parse(azattest_bytes bytes, azattest__td_report *out, azattest_error **error);
/* "snp", "tdx", "trusted_launch"; NULL for others. */
const char *azattest__hcl_type_name(uint32_t type);
bool azattest__hcl_looks_like(azattest_bytes raw);
/* Whatever has to be zero is, and what is fixed is so; for a TDREPORT, its own digests of its parts agree. */
azattest_status azattest__hcl_report_check(const azattest__hcl_report *report, azattest_error **error);
/* The claims' digest, by the algorithm that the report names, is the report data: the digest, then zeros. */
azattest_status azattest__runtime_claims_bound(azattest_bytes claims, uint32_t hash_type,
                                               const unsigned char report_data[64], azattest_error **error);

#define AZATTEST__USER_DATA_SIZE 64u
/* What the runtime claims say. Nothing of it is to be believed before they are bound. */
typedef struct azattest__runtime_claims {
    azattest__json *document; /* NULL: not JSON */
    azattest__key *ak;        /* HCLAkPub: the key that signs the TPM's quotes; NULL: none, or not usable */
    const char *problem;      /* a literal: why there is no key; NULL when there is one */
    const char *vm_unique_id; /* in the document; NULL: not stated */
    int secure_boot, tpm_enabled, console_enabled, tpm_persisted; /* 1, 0, or -1: not stated */
    unsigned char user_data[AZATTEST__USER_DATA_SIZE];
    bool has_user_data;
} azattest__runtime_claims;
/* Fails for want of memory alone: claims that cannot be read make no error, but a verdict that says so. */
azattest_status azattest__runtime_claims_read(azattest_bytes claims, azattest__runtime_claims *out,
                                              azattest_error **error);
void azattest__runtime_claims_clear(azattest__runtime_claims *claims);

#endif
