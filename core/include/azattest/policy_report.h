/** What a policy's author should know before it is set. */
#ifndef AZATTEST_POLICY_REPORT_H
#define AZATTEST_POLICY_REPORT_H

#include "claim_set.h"
#include "policy_language.h"

AZATTEST_BEGIN

/** Errors, warnings and notes about one text, in its order. Immutable. */
typedef struct azattest_policy_report azattest_policy_report;

AZATTEST_END

#endif
