/* A policy applied to evidence: the one place where an attest call's outcome is decided. */
#ifndef AZATTEST_EMULATOR_POLICY_APPLY_H
#define AZATTEST_EMULATOR_POLICY_APPLY_H

#include "policy_cache.h"

/* What a permitted evaluation gives. */
typedef struct azattest__service_verdict {
    azattest__json *claims; /* issued, without those whose names are the service's; at top level and in x-ms-policy */
    azattest__buf tcb_identifier; /* of enclaves: the baseline that was chosen; empty: of other evidence */
} azattest__service_verdict;

/*
 * Evaluates over `emitted`, which is what the service says of the evidence. AZATTEST_OK: it is permitted. Whatever else
 * comes out is a refusal: errors of the text, a denial, a function's error, a baseline that is not known.
 */
azattest_status azattest__service_policy_apply(azattest__call *call, const azattest__service_policy *policy,
                                               const azattest__json *emitted, azattest__service_verdict *out,
                                               azattest_error **error);
void azattest__service_verdict_clear(azattest__service_verdict *verdict);

/* The baseline that a policy's configuration chooses, whatever the evidence: for the list of baselines. Appends;
 * nothing is appended when it cannot be told. */
void azattest__service_policy_baseline(const azattest__service_policy *policy, azattest__buf *out);

#endif
