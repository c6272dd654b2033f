/* What the trace of an evaluation says, against what the evaluation did. */
#ifndef AZATTEST_TESTS_AGREEMENT_H
#define AZATTEST_TESTS_AGREEMENT_H

#include <azattest/azattest.h>

/* Ends the test when they disagree: a rule fired if and only if its conditions hold once more, the outcome follows from
 * the rules that fired, and what those made is what was added, issued and set. */
void trace_agrees(const azattest_policy_evaluation *evaluation);

#endif
