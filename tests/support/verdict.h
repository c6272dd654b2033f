/* Looking at verdicts. */
#ifndef AZATTEST_TESTS_VERDICT_H
#define AZATTEST_TESTS_VERDICT_H

#include <azattest/evidence.h>

/* Outcome of a check: 1, 0, -1 (not run); -2 when the verdict has none of that id. detail may be NULL. */
int verdict_check(const azattest_verification_result *result, const char *id, const char **detail);
/* Fails the test, with the check's text, unless the outcome is that. */
void verdict_want(const azattest_verification_result *result, const char *what, const char *id, int expected);
/* Whether the verdict names that as not checked. */
bool verdict_left(const azattest_verification_result *result, const char *id);

#endif
