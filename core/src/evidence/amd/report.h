/* An SEV-SNP attestation report, versions 2 to 5. Source: AMD publication 56860, table "ATTESTATION_REPORT". */
#ifndef AZATTEST_EVIDENCE_AMD_REPORT_H
#define AZATTEST_EVIDENCE_AMD_REPORT_H

#include "../../error/error.h"

#define AZATTEST__SNP_REPORT_SIZE 1184u
#define AZATTEST__SNP_SIGNED_SIZE 0x2a0u

typedef enum azattest__snp_product {
    AZATTEST__SNP_UNKNOWN = 0,
    AZATTEST__SNP_MILAN,
    AZATTEST__SNP_GENOA,
    AZATTEST__SNP_TURIN
} azattest__snp_product;
const char *azattest__snp_product_name(azattest__snp_product product); /* "Milan" ..., NULL when unknown */

/* Parts of a TCB version; fmc is -1 before Turin. */
typedef struct azattest__snp_tcb {
    int fmc, boot_loader, tee, snp, microcode;
} azattest__snp_tcb;
azattest__snp_tcb azattest__snp_tcb_read(const unsigned char *eight, azattest__snp_product product);

/* Pointers into the report. */
typedef struct azattest__snp_report {
    const unsigned char *body;
    uint32_t version, guest_svn, vmpl, signature_algorithm, key_info;
    uint64_t policy, platform_info, launch_mitigation, current_mitigation;
    const unsigned char *family_id, *image_id, *report_data, *measurement, *host_data, *id_key_digest,
        *author_key_digest, *report_id, *report_id_ma, *chip_id, *current_tcb, *reported_tcb, *committed_tcb,
        *launch_tcb;
    int cpuid_family, cpuid_model, cpuid_stepping;      /* -1 in version 2 */
    unsigned char current_build[3], committed_build[3]; /* major, minor, build */
    azattest__snp_product product;                      /* of the CPUID; unknown in version 2 */
    azattest_bytes signature_r, signature_s;            /* 72 bytes each, little-endian */
} azattest__snp_report;

/* Guest policy bits. */
#define AZATTEST__SNP_POLICY_SMT (UINT64_C(1) << 16)
#define AZATTEST__SNP_POLICY_MIGRATE_MA (UINT64_C(1) << 18)
#define AZATTEST__SNP_POLICY_DEBUG (UINT64_C(1) << 19)
#define AZATTEST__SNP_POLICY_SINGLE_SOCKET (UINT64_C(1) << 20)

/* Exactly one report at the front; bytes behind it are left to the caller. AZATTEST_E_EVIDENCE names the field. */
azattest_status azattest__snp_report_parse(azattest_bytes bytes, azattest__snp_report *out, azattest_error **error);

#endif
