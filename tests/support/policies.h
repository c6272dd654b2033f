/* Policies in the tests of the language: read from a text, and what was found about them as one line. */
#ifndef AZATTEST_TESTS_POLICIES_H
#define AZATTEST_TESTS_POLICIES_H

#include "policy/language/tree.h"

/* Parses and checks; ends the test when memory or a ceiling are in the way. */
azattest_policy *policy_of(const char *text, bool lenient);
/* The same of a file of the evidence's folder policies. */
azattest_policy *policy_of_file(const char *name, bool lenient);
/* "4:39 single-equals, 5:1 missing-semicolon" of all diagnostics; a warning has a ? before its id, a note a -. For
 * free(). */
char *policy_findings(const azattest_policy *policy);
/* Compares them, and frees the policy: 0, or 1 after having printed what differs, so that a table is read to its end.
 */
unsigned policy_differs(azattest_policy *policy, const char *about, const char *expected);

#endif
