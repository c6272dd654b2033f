/* Verdicts: checks that all begin as "not run", so that whatever is left out can only make a verdict invalid. */
#ifndef AZATTEST_EVIDENCE_VERIFICATION_H
#define AZATTEST_EVIDENCE_VERIFICATION_H

#include "evidence.h"

#define AZATTEST__CHECKS 24u
#define AZATTEST__WARNINGS 8u

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
    const char *root; /* "intel", "extra" or NULL */
    azattest__buf json;
};

/* Adds a check that was not run yet; the order is that of the verdict. Only a required one counts for it. */
void azattest__verification_add(azattest_verification_result *result, const char *id, bool required,
                                const char *detail);
/* Sets a check that was added. AZATTEST_E_MEMORY when the detail cannot be kept. */
__attribute__((format(printf, 4, 5))) azattest_status azattest__verification_set(azattest_verification_result *result,
                                                                                 const char *id, bool ok,
                                                                                 const char *format, ...);
/* Leaves a check as "not run", and says why. */
__attribute__((format(printf, 3, 4))) azattest_status azattest__verification_skip(azattest_verification_result *result,
                                                                                  const char *id, const char *format,
                                                                                  ...);
__attribute__((format(printf, 2, 3))) azattest_status azattest__verification_warn(azattest_verification_result *result,
                                                                                  const char *format, ...);
/* Makes the JSON document, and fails when a detail was lost to a lack of memory. */
azattest_status azattest__verification_finish(azattest_verification_result *result, const azattest_evidence *evidence,
                                              azattest_error **error);

#endif
