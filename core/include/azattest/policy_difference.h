/** Two policies compared. */
#ifndef AZATTEST_POLICY_DIFFERENCE_H
#define AZATTEST_POLICY_DIFFERENCE_H

#include "claim_set.h"
#include "policy_language.h"

AZATTEST_BEGIN

/** What differs between two policies, by rule and by outcome. */
typedef struct azattest_policy_difference azattest_policy_difference;

AZATTEST_END

#endif
