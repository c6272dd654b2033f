/* An appraisal inside: what was given for each member of the one table. */
#ifndef AZATTEST_EVIDENCE_VERDICT_APPRAISAL_H
#define AZATTEST_EVIDENCE_VERDICT_APPRAISAL_H

#include <stdatomic.h>

#include <azattest/appraisal.h>

#include "../../json/json.h"
#include "verification.h"

/* How a member's value is written. */
typedef enum azattest__form {
    AZATTEST__FORM_BYTES,    /* hexadecimal of `size` bytes, or a list of such */
    AZATTEST__FORM_WORDS,    /* a word, or a list */
    AZATTEST__FORM_NUMBERS,  /* a number up to `size`, or a list */
    AZATTEST__FORM_NUMBER,   /* a number up to `size` */
    AZATTEST__FORM_SWITCH,   /* true or false */
    AZATTEST__FORM_TIME,     /* a date, or RFC 3339 */
    AZATTEST__FORM_MASK,     /* {"mask", "value"}, hexadecimal of `size` bytes */
    AZATTEST__FORM_PARTS,    /* an object of `words` with numbers up to `size` */
    AZATTEST__FORM_SWITCHES, /* an object of `words` with true or false */
    AZATTEST__FORM_PCRS      /* {"sha256": {"0": hexadecimal}} */
} azattest__form;

/* What evidence is made of, and so what fits it. */
#define AZATTEST__FITS_INTEL (1u << 0)
#define AZATTEST__FITS_SGX (1u << 1)
#define AZATTEST__FITS_TDX (1u << 2)
#define AZATTEST__FITS_SNP (1u << 3)
#define AZATTEST__FITS_TPM (1u << 4)
#define AZATTEST__FITS_HCL (1u << 5)
#define AZATTEST__FITS_HARDWARE (AZATTEST__FITS_INTEL | AZATTEST__FITS_SNP)
#define AZATTEST__FITS_ANY 63u

/* clang-format off */
/* Constant, name, form, size, what it fits, words. In the order of a verdict and of the canonical form. */
#define AZATTEST__APPRAISAL_MEMBERS(X) \
    X(KINDS, kinds, WORDS, 0, ANY, kind_words) \
    X(ALLOW_DEBUG, allow_debug, SWITCH, 0, ANY, NULL) \
    X(ALLOW_NOT_CHECKED, allow_not_checked, WORDS, 0, ANY, NULL) \
    X(REPORT_DATA, report_data, BYTES, 64, HARDWARE, NULL) \
    X(RUNTIME_DATA_SHA256, runtime_data_sha256, BYTES, 32, HARDWARE, NULL) \
    X(TCB_STATUSES, tcb_statuses, WORDS, 0, INTEL, status_words) \
    X(ADVISORIES_ACCEPTED, advisories_accepted, WORDS, 0, INTEL, NULL) \
    X(ADVISORIES_REFUSED, advisories_refused, WORDS, 0, INTEL, NULL) \
    X(MIN_TCB_EVALUATION_DATA_NUMBER, min_tcb_evaluation_data_number, NUMBER, 0x7fffffff, INTEL, NULL) \
    X(MIN_TCB_DATE, min_tcb_date, TIME, 0, INTEL, NULL) \
    X(ALLOW_SMT, allow_smt, SWITCH, 0, INTEL, NULL) \
    X(ALLOW_DYNAMIC_PLATFORM, allow_dynamic_platform, SWITCH, 0, INTEL, NULL) \
    X(ALLOW_CACHED_KEYS, allow_cached_keys, SWITCH, 0, INTEL, NULL) \
    X(MR_ENCLAVE, mr_enclave, BYTES, 32, SGX, NULL) \
    X(MR_SIGNER, mr_signer, BYTES, 32, SGX, NULL) \
    X(PRODUCT_ID, product_id, NUMBERS, 0xffff, SGX, NULL) \
    X(MIN_SVN, min_svn, NUMBER, 0xffff, SGX, NULL) \
    X(CONFIG_ID, config_id, BYTES, 64, SGX, NULL) \
    X(MIN_CONFIG_SVN, min_config_svn, NUMBER, 0xffff, SGX, NULL) \
    X(ISV_FAMILY_ID, isv_family_id, BYTES, 16, SGX, NULL) \
    X(ISV_EXTENDED_PRODUCT_ID, isv_extended_product_id, BYTES, 16, SGX, NULL) \
    X(MR_TD, mr_td, BYTES, 48, TDX, NULL) \
    X(RTMR0, rtmr0, BYTES, 48, TDX, NULL) \
    X(RTMR1, rtmr1, BYTES, 48, TDX, NULL) \
    X(RTMR2, rtmr2, BYTES, 48, TDX, NULL) \
    X(RTMR3, rtmr3, BYTES, 48, TDX, NULL) \
    X(MR_CONFIG_ID, mr_config_id, BYTES, 48, TDX, NULL) \
    X(MR_OWNER, mr_owner, BYTES, 48, TDX, NULL) \
    X(MR_OWNER_CONFIG, mr_owner_config, BYTES, 48, TDX, NULL) \
    X(MR_SERVICE_TD, mr_service_td, BYTES, 48, TDX, NULL) \
    X(MR_SEAM, mr_seam, BYTES, 48, TDX, NULL) \
    X(MR_SIGNER_SEAM, mr_signer_seam, BYTES, 48, TDX, NULL) \
    X(TD_ATTRIBUTES, td_attributes, MASK, 8, TDX, NULL) \
    X(XFAM, xfam, MASK, 8, TDX, NULL) \
    X(ALLOW_MIGRATABLE, allow_migratable, SWITCH, 0, TDX, NULL) \
    X(REQUIRE_SEPT_VE_DISABLE, require_sept_ve_disable, SWITCH, 0, TDX, NULL) \
    X(MEASUREMENT, measurement, BYTES, 48, SNP, NULL) \
    X(HOST_DATA, host_data, BYTES, 32, SNP, NULL) \
    X(ID_KEY_DIGEST, id_key_digest, BYTES, 48, SNP, NULL) \
    X(AUTHOR_KEY_DIGEST, author_key_digest, BYTES, 48, SNP, NULL) \
    X(FAMILY_ID, family_id, BYTES, 16, SNP, NULL) \
    X(IMAGE_ID, image_id, BYTES, 16, SNP, NULL) \
    X(CHIP_ID, chip_id, BYTES, 64, SNP, NULL) \
    X(DENIED_CHIP_IDS, denied_chip_ids, BYTES, 64, SNP, NULL) \
    X(MIN_GUEST_SVN, min_guest_svn, NUMBER, 0xffffffff, SNP, NULL) \
    X(MAX_VMPL, max_vmpl, NUMBER, 3, SNP, NULL) \
    X(PRODUCTS, products, WORDS, 0, SNP, product_words) \
    X(MIN_REPORTED_TCB, min_reported_tcb, PARTS, 255, SNP, azattest__tcb_words) \
    X(MIN_COMMITTED_TCB, min_committed_tcb, PARTS, 255, SNP, azattest__tcb_words) \
    X(MIN_LAUNCH_TCB, min_launch_tcb, PARTS, 255, SNP, azattest__tcb_words) \
    X(POLICY, policy, SWITCHES, 0, SNP, azattest__policy_words) \
    X(PCRS, pcrs, PCRS, 0, TPM, NULL) \
    X(ALLOW_SHA1, allow_sha1, SWITCH, 0, TPM, NULL) \
    X(SECURE_BOOT, secure_boot, SWITCH, 0, HCL, NULL) \
    X(VM_UNIQUE_ID, vm_unique_id, WORDS, 0, HCL, NULL)
/* clang-format on */

typedef enum azattest__member_id {
#define AZATTEST__MEMBER_ENUM(constant, name, form, size, fits, words) AZATTEST__MEMBER_##constant,
    AZATTEST__APPRAISAL_MEMBERS(AZATTEST__MEMBER_ENUM)
#undef AZATTEST__MEMBER_ENUM
        AZATTEST__MEMBERS
} azattest__member_id;

typedef struct azattest__member {
    const char *name, *check; /* "mr_enclave", "appraisal.mr_enclave" */
    azattest__form form;
    int64_t size;
    unsigned fits;
    const char *const *words; /* those there are, ended by NULL; NULL: any */
} azattest__member;
extern const azattest__member azattest__appraisal_members[AZATTEST__MEMBERS];

/* Parts of a TCB version of AMD, and bits of its guest policy: the first AZATTEST__POLICY_ALLOWS allow something, the
 * others demand something. */
extern const char *const azattest__tcb_words[];
extern const char *const azattest__policy_words[];
#define AZATTEST__POLICY_ALLOWS 3u
#define AZATTEST__PARTS 8u /* of an object at most */

/* What was given for a member. */
typedef struct azattest__expected {
    bool given, is_list;
    size_t count;
    unsigned char *bytes; /* BYTES: `count` times the size; MASK: mask, then value */
    char **words;
    int64_t *numbers; /* PARTS and SWITCHES: one for each word, -1 where it was not given */
} azattest__expected;

typedef struct azattest__expected_pcr {
    uint16_t algorithm;
    unsigned index;
    size_t size; /* of a value */
    azattest__expected values;
} azattest__expected_pcr;

struct azattest_appraisal {
    atomic_int references;
    azattest__expected members[AZATTEST__MEMBERS];
    azattest__expected_pcr *pcrs; /* in the order of their text */
    size_t pcr_count;
    azattest__buf json;
};

/* Banks of PCRs by name. */
typedef struct azattest__pcr_bank {
    const char *name;
    uint16_t algorithm; /* TPM_ALG_ID */
    size_t size;
} azattest__pcr_bank;
extern const azattest__pcr_bank azattest__pcr_banks[AZATTEST__TPM_BANKS];

/* Fills an appraisal from a document; whatever was filled is freed by its owner. */
azattest_status azattest__appraisal_read(azattest_appraisal *appraisal, const azattest__json *document,
                                         azattest_error **error);
/* Makes its canonical form. */
azattest_status azattest__appraisal_write(azattest_appraisal *appraisal, azattest_error **error);

/* One appraisal of one verification. */
typedef struct azattest__appraising {
    azattest__verification *v;
    const azattest_evidence *evidence;
    const azattest_appraisal *appraisal;
} azattest__appraising;

/* Judges a member that was given and fits (or has a default), and sets its check. */
azattest_status azattest__appraise_common(const azattest__appraising *a, azattest__member_id id);
azattest_status azattest__appraise_intel(const azattest__appraising *a, azattest__member_id id);
azattest_status azattest__appraise_snp(const azattest__appraising *a, azattest__member_id id);
azattest_status azattest__appraise_guest(const azattest__appraising *a, azattest__member_id id);

/* What those share. */
azattest_status azattest__appraise_bytes(const azattest__appraising *a, azattest__member_id id, azattest_bytes seen);
/* Fails a member whose value is none of those expected; `format` is what stands before the value. */
__attribute__((format(printf, 5, 6))) azattest_status azattest__appraise_difference(const azattest__appraising *a,
                                                                                    azattest__member_id id,
                                                                                    azattest_bytes seen,
                                                                                    const azattest__expected *expected,
                                                                                    const char *format, ...);
azattest_status azattest__appraise_word(const azattest__appraising *a, azattest__member_id id, const char *seen);
azattest_status azattest__appraise_at_least(const azattest__appraising *a, azattest__member_id id, int64_t seen);
/* A switch that was given, or its default. */
bool azattest__appraisal_switch(const azattest_appraisal *appraisal, azattest__member_id id, bool otherwise);
bool azattest__expected_word(const azattest__expected *expected, const char *word);

#endif
