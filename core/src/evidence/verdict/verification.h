/* Verdicts: checks that all begin as "not run", so that whatever is left out can only make a verdict invalid. */
#ifndef AZATTEST_EVIDENCE_VERDICT_VERIFICATION_H
#define AZATTEST_EVIDENCE_VERDICT_VERIFICATION_H

#include "../evidence.h"

/* The largest verdict is that of a guest of Azure with its TD quote, its TPM quote and a full appraisal. */
#define AZATTEST__CHECKS 128u
#define AZATTEST__WARNINGS 16u
#define AZATTEST__ADVISORIES 64u

typedef struct azattest__check {
    const char *id; /* a literal */
    int ok;         /* 1, 0, or -1: not run */
    bool required;
    char *detail;
} azattest__check;

struct azattest_verification_result {
    azattest__check checks[AZATTEST__CHECKS];
    size_t count;
    char *warnings[AZATTEST__WARNINGS];
    size_t warning_count;
    const char *not_checked[AZATTEST__CHECKS]; /* ids of checks that could not be made, in their order */
    size_t not_checked_count;
    const char *root; /* "intel", "amd", "microsoft", "extra" or NULL */
    /* What the collateral says of the platform; set by the parts. */
    char tcb_status[48]; /* Intel's spelling, or "" */
    int64_t tcb_date;    /* seconds since 1970 UTC, 0: none */
    int evaluation;      /* the lowest tcbEvaluationDataNumber, -1: none */
    char *advisories[AZATTEST__ADVISORIES];
    size_t advisory_count;
    int64_t earliest_expiration, latest_issue; /* seconds since 1970 UTC, 0: none; azattest__verification_window() */
    bool appraised;
    azattest_evidence *evidence; /* a reference, for the JSON document */
    struct azattest__verdict_lazy *lazy;
};

/* The document, made when somebody asks: it costs as much as a signature. The first of several threads wins. */
typedef struct azattest__verdict_lazy {
    _Atomic(azattest__buf *) json;
} azattest__verdict_lazy;

/* One verification under way: what every kind's part is given. */
typedef struct azattest__verification {
    const azattest_evidence *evidence;
    azattest_verify_options options; /* checked, defaults left as zero */
    int64_t now;                     /* seconds since 1970 UTC */
    azattest__x509_chain extra_roots;
    azattest_bytes runtime_data;           /* whichever is to be bound, or absent */
    bool is_service;                       /* the service's own enclave: its identity is asked for */
    const azattest_collateral *collateral; /* or NULL */
    const azattest_appraisal *appraisal;   /* or NULL */
    int64_t grace;                         /* seconds for which expired collateral still counts */
    azattest_verification_result *result;
    const azattest__pck *pck; /* of Intel's evidence: what its certification data say, or the collateral for them */
    azattest__pck found_pck;  /* the latter */
    azattest__snp_product snp_signer; /* of the certificate that an SEV-SNP report is verified with */
} azattest__verification;

/* The parts. Each adds its checks (all as "not run"), then runs every one that it can: a verdict that stops at its
 * first finding hides the others, and one that returns early can hide a failure. A part fails only for want of memory.
 */
azattest_status azattest__verify_intel(azattest__verification *v);
azattest_status azattest__verify_amd(azattest__verification *v);
azattest_status azattest__verify_hcl(azattest__verification *v);
azattest_status azattest__verify_tpm(azattest__verification *v);
azattest_status azattest__verify_attested_certificate(azattest__verification *v);
azattest_status azattest__verify_local_report(azattest__verification *v); /* of Open Enclave */
/* Leaves "identity" unless the appraisal says which program it has to be. */
azattest_status azattest__verify_identity(azattest__verification *v);
/* azattest_evidence_verify(), also for the service's own enclave. */
azattest_status azattest__evidence_verify(const azattest_evidence *evidence, const azattest_verify_options *options,
                                          bool is_service, azattest_verification_result **out, azattest_error **error);
/* The caller's appraisal, behind all parts. */
azattest_status azattest__appraise(azattest__verification *v);
/* A status of the platform that is taken: by the appraisal's tcb_statuses, else UpToDate and SWHardeningNeeded (as Open
 * Enclave does). "Revoked" and whatever Intel does not define are never taken. */
bool azattest__verification_takes_tcb_status(const azattest__verification *v, const char *status);
/* The appraisal allows SHA-1, for the signature of a TPM's quote and for a bank of PCRs. */
bool azattest__verification_takes_sha1(const azattest__verification *v);

/* Adds a check that was not run yet; the order is that of the verdict. Only a required one counts for it. */
void azattest__verification_add(azattest_verification_result *result, const char *id, bool required,
                                const char *detail);
/* Sets a check that was added. AZATTEST_E_MEMORY when the detail cannot be kept. */
__attribute__((format(printf, 4, 5))) azattest_status azattest__verification_set(azattest_verification_result *result,
                                                                                 const char *id, bool ok,
                                                                                 const char *format, ...);
/* Leaves a check as "not run", and says why. A required one makes the verdict invalid. */
__attribute__((format(printf, 3, 4))) azattest_status azattest__verification_skip(azattest_verification_result *result,
                                                                                  const char *id, const char *format,
                                                                                  ...);
/* Adds a check that cannot be made with what was given, for instance without collateral: it does not fail the verdict,
 * which names it among those not checked. */
__attribute__((format(printf, 3, 4))) azattest_status azattest__verification_leave(azattest_verification_result *result,
                                                                                   const char *id, const char *format,
                                                                                   ...);
__attribute__((format(printf, 2, 3))) azattest_status azattest__verification_warn(azattest_verification_result *result,
                                                                                  const char *format, ...);
/* Something that the verdict rests on is good from then until then (seconds since 1970 UTC; 0: no such end). */
void azattest__verification_window(azattest_verification_result *result, int64_t from, int64_t until);
/* Names a security advisory, once. More than AZATTEST__ADVISORIES fail the verdict by its check `id`, which was added.
 */
azattest_status azattest__verification_advise(azattest_verification_result *result, const char *id,
                                              azattest_bytes advisory);
/* A finding of a check that was added: passed with the text `passed`, or failed with the error's text. Whatever is not
 * AZATTEST_OK fails it, so that trouble inside the cryptographic library cannot pass either. Frees `reason`. */
azattest_status azattest__verification_judge(azattest__verification *v, const char *id, azattest_status found,
                                             azattest_error *reason, const char *passed);
/* AZATTEST_E_EVIDENCE_INVALID: `what` ("the leaf") is not alive at that time; all in seconds since 1970 UTC. */
azattest_status azattest__verification_outside(const char *what, int64_t from, int64_t until, int64_t now,
                                               azattest_error **error);
/* SHA-256 of the data is the first half of the report data. */
azattest_status azattest__verification_bound(azattest__verification *v, const char *id, azattest_bytes data,
                                             const char *what);
/* Ends a verdict: keeps a reference to the evidence, and fails when a detail was lost to a lack of memory. */
azattest_status azattest__verification_finish(azattest_verification_result *result, const azattest_evidence *evidence,
                                              azattest_error **error);

#endif
