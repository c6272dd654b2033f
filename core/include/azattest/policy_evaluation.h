/** What a policy makes of claims. */
#ifndef AZATTEST_POLICY_EVALUATION_H
#define AZATTEST_POLICY_EVALUATION_H

#include "claim_set.h"
#include "policy_language.h"

AZATTEST_BEGIN

/** One policy over one set of claims: outcome, claims, properties and trace. Immutable. */
typedef struct azattest_policy_evaluation azattest_policy_evaluation;

AZATTEST_END

#endif
