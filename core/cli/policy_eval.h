/* One evaluation: what was read, what came of it. Shared by the reader (policy_eval.c) and the printer. */
#ifndef AZATTEST_CLI_POLICY_EVAL_H
#define AZATTEST_CLI_POLICY_EVAL_H

#include "policy_source.h"
#include "verdict.h"

typedef enum azattest__claims_from { FROM_EVIDENCE, FROM_TOKEN, FROM_CLAIMS } azattest__claims_from;

typedef struct azattest__trial {
    azattest__policy_file source;
    azattest_policy *policy;
    azattest__claims_from from;
    const char *type;  /* --type, or what the evidence is; NULL: not known */
    const char *nonce; /* of the token that would be made; NULL: none */
    azattest_claim_set *claims;
    azattest_policy_evaluation *evaluation; /* NULL: it failed */
    azattest_error *failure;                /* why */
    azattest_evidence *evidence;            /* of FROM_EVIDENCE alone */
    azattest__expectations expectations;
    azattest_verification_result *verification;
} azattest__trial;

/* The policy permits; nothing else counts as that. */
bool azattest__trial_is_permitted(const azattest__trial *trial);
/* What the command answers: it is permitted and, where there is evidence, that verifies. */
bool azattest__trial_is_admitted(const azattest__trial *trial);
/* 0 admitted, 1 not, 3 the policy gives no outcome. */
int azattest__trial_code(const azattest__trial *trial);
/* The claims of the token that would be made, as far as they are known beforehand: what the service puts into it of the
 * evidence, what the policy issued, and the policy's hash. NULL unless admitted, for then none would be made. To be
 * freed. */
azattest__json *azattest__trial_token(const azattest__trial *trial);

/* policy_trace.c */
void azattest__trace_print(azattest_bytes trace);

int azattest__trial_print(const azattest__trial *trial, bool trace);
int azattest__trial_document(const azattest__trial *trial);

#endif
