/* Refusals that a policy is the reason for, in the service's own form. Each writes the answer, marks the call as
 * refused, and gives a status that ends it (AZATTEST_E_MEMORY: the answer could not be made). */
#ifndef AZATTEST_EMULATOR_POLICY_ERRORS_H
#define AZATTEST_EMULATOR_POLICY_ERRORS_H

#include "policy/evaluation/evaluation.h"
#include "policy/language/tree.h"

#include "parts.h"

/* Of a text with errors. */
azattest_status azattest__refuse_policy(azattest__call *call, const azattest_policy *policy, azattest_error **error);
/* Of evidence that the policy does not permit. */
azattest_status azattest__refuse_denied(azattest__call *call, const azattest_policy_evaluation *evaluation,
                                        azattest_error **error);
/* Of an evaluation that came to no end: a function's error, a limit. */
azattest_status azattest__refuse_evaluation(azattest__call *call, const char *why, azattest_error **error);

#endif
