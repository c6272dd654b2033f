/* An SEV-SNP attestation report, versions 2 to 5. Source: AMD publication 56860, table "ATTESTATION_REPORT". */
#ifndef AZATTEST_EVIDENCE_AMD_REPORT_H
#define AZATTEST_EVIDENCE_AMD_REPORT_H

#include "../../error/error.h"

#define AZATTEST__SNP_REPORT_SIZE 1184u
#define AZATTEST__SNP_SIGNED_SIZE 0x2a0u
#define AZATTEST__SNP_TCB_SIZE 8u
#define AZATTEST__SNP_SCALAR_SIZE 72u /* of r and of s, little-endian; P-384 fills 48 of them */
#define AZATTEST__SNP_CHIP_ID_SIZE 64u
#define AZATTEST__SNP_ECDSA_P384_SHA384 1u
#define AZATTEST__SNP_VMPL_HOST UINT32_MAX /* the host asked for the report, not the guest */
#define AZATTEST__SNP_PARTS 7u             /* of a TCB version at most, with the reserved ones */

typedef enum azattest__snp_product {
    AZATTEST__SNP_UNKNOWN = 0,
    AZATTEST__SNP_MILAN,
    AZATTEST__SNP_GENOA,
    AZATTEST__SNP_TURIN,
    AZATTEST__SNP_VENICE /* no root of it is pinned yet */
} azattest__snp_product;
const char *azattest__snp_product_name(azattest__snp_product product);       /* "Milan" ..., NULL when unknown */
azattest__snp_product azattest__snp_product_from_name(azattest_bytes name);  /* exact spelling */
azattest__snp_product azattest__snp_product_of_cpuid(int family, int model); /* extended and base, added up */
bool azattest__snp_product_has_fmc(azattest__snp_product product);           /* Turin and later */

/* Parts of a TCB version; fmc is -1 before Turin. Compare part by part: as one number it has no order. */
typedef struct azattest__snp_tcb {
    int fmc, boot_loader, tee, snp, microcode;
    unsigned char reserved[4]; /* in their order; those that a layout has not got are 0 */
} azattest__snp_tcb;
azattest__snp_tcb azattest__snp_tcb_read(const unsigned char *eight, azattest__snp_product product);
bool azattest__snp_tcb_equal(const azattest__snp_tcb *a, const azattest__snp_tcb *b);
/* No part of `a` is below that of `b`; `*part` (may be NULL) names the first one that is. */
bool azattest__snp_tcb_at_least(const azattest__snp_tcb *a, const azattest__snp_tcb *b, const char **part);
#define AZATTEST__SNP_TCB_TEXT 96u
/* "fmc 0, boot loader 4, TEE 0, SNP 24, microcode 219". */
const char *azattest__snp_tcb_text(const azattest__snp_tcb *tcb, char text[AZATTEST__SNP_TCB_TEXT]);

/* Which key signed the report, by its key information. */
typedef enum azattest__snp_signing_key {
    AZATTEST__SNP_KEY_VCEK = 0,
    AZATTEST__SNP_KEY_VLEK = 1,
    AZATTEST__SNP_KEY_NONE = 7
} azattest__snp_signing_key;
const char *azattest__snp_signing_key_name(unsigned key); /* "VCEK", "VLEK", "none", "reserved" */

/* Pointers into the report. */
typedef struct azattest__snp_report {
    const unsigned char *body;
    uint32_t version, guest_svn, vmpl, signature_algorithm, key_info; /* version 0: there is none */
    uint64_t policy, platform_info, launch_mitigation, current_mitigation;
    const unsigned char *family_id, *image_id, *report_data, *measurement, *host_data, *id_key_digest,
        *author_key_digest, *report_id, *report_id_ma, *chip_id, *current_tcb, *reported_tcb, *committed_tcb,
        *launch_tcb;
    int cpuid_family, cpuid_model, cpuid_stepping;      /* -1 in version 2 */
    unsigned char current_build[3], committed_build[3]; /* major, minor, build */
    azattest__snp_product product;                      /* of the CPUID; unknown in version 2 */
    unsigned signing_key;                               /* azattest__snp_signing_key, or a reserved number */
    bool has_author_key, is_chip_key_masked;
    azattest_bytes signature_r, signature_s; /* 72 bytes each, little-endian */
} azattest__snp_report;

/* Guest policy bits. */
#define AZATTEST__SNP_POLICY_SMT (UINT64_C(1) << 16)
#define AZATTEST__SNP_POLICY_RESERVED_ONE (UINT64_C(1) << 17)
#define AZATTEST__SNP_POLICY_MIGRATE_MA (UINT64_C(1) << 18)
#define AZATTEST__SNP_POLICY_DEBUG (UINT64_C(1) << 19)
#define AZATTEST__SNP_POLICY_SINGLE_SOCKET (UINT64_C(1) << 20)
#define AZATTEST__SNP_POLICY_CXL (UINT64_C(1) << 21)
#define AZATTEST__SNP_POLICY_AES_256_XTS (UINT64_C(1) << 22)
#define AZATTEST__SNP_POLICY_RAPL_DISABLED (UINT64_C(1) << 23)
#define AZATTEST__SNP_POLICY_CIPHERTEXT_HIDING (UINT64_C(1) << 24)
#define AZATTEST__SNP_POLICY_PAGE_SWAP_DISABLED (UINT64_C(1) << 25)

/* The names of the bits, for JSON and for an appraisal: bit `index` of the list; NULL at its end. */
typedef struct azattest__snp_bit {
    unsigned bit;
    const char *name; /* "smt", "migration_agent", "debug", ... */
} azattest__snp_bit;
extern const azattest__snp_bit azattest__snp_policy_bits[];   /* ended by a NULL name */
extern const azattest__snp_bit azattest__snp_platform_bits[]; /* the same */

/* Exactly one report at the front; bytes behind it are left to the caller. AZATTEST_E_EVIDENCE names the field,
 * AZATTEST_E_UNSUPPORTED the version. */
azattest_status azattest__snp_report_parse(azattest_bytes bytes, azattest__snp_report *out, azattest_error **error);
/* The bytes are meant as a report: they have its size and a version of it, or its version and signature algorithm (then
 * the parser says what is missing). */
bool azattest__snp_report_looks_like(azattest_bytes bytes);
/* The layout of its TCB versions: by its CPUID, or, where it has none (version 2), by the product of the certificate that
 * signed it; that of Milan and Genoa when that is not known either. */
azattest__snp_tcb azattest__snp_report_tcb(const azattest__snp_report *report, azattest__snp_product signer,
                                           const unsigned char *eight);
/* The chip id is all zero. */
bool azattest__snp_report_is_masked(const azattest__snp_report *report);
/* Reserved bits and bytes that are not as this version of the specification has them: firmware that is newer than this
 * library sets them, so they are told and refuse nothing by themselves. Appends to `text`; nothing when there are none.
 */
void azattest__snp_report_unknown(const azattest__snp_report *report, azattest__snp_product signer,
                                  azattest__buf *text);

#endif
