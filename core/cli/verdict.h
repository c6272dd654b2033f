/* Verdicts on evidence, for people: what `evidence verify` and `service verify` share. */
#ifndef AZATTEST_CLI_VERDICT_H
#define AZATTEST_CLI_VERDICT_H

#include "arguments.h"
#include "base/buf.h"
#include "json/json.h"

/* Everything that a verification is told, and what owns it. */
typedef struct azattest__expectations {
    azattest_verify_options options;
    azattest__buf roots, runtime_data, nonce;
    azattest_appraisal *appraisal;
    azattest_collateral *collateral;
} azattest__expectations;

/* --at, --root, --runtime-data, --nonce, --no-debug, --appraisal. Files that cannot be used are no verdict. */
azattest_status azattest__expectations_read(const azattest__arguments *arguments, azattest__expectations *out,
                                            azattest_error **error);
/* Collateral is gathered when the evidence is known. */
azattest_status azattest__expectations_gather(const azattest__arguments *arguments, const azattest_evidence *evidence,
                                              azattest__expectations *expectations, azattest_error **error);
void azattest__expectations_clear(azattest__expectations *expectations);
/* The time of the verification, in seconds. */
int64_t azattest__expectations_now(const azattest__expectations *expectations);

/* What people call it: "SGX quote, version 3". Gives `text` back. */
const char *azattest__evidence_text(const azattest_evidence *evidence, char *text, size_t size);
/* Appends ": tcb_info failed; vcek_chain not run", of the required checks. */
void azattest__verdict_reasons(const azattest_verification_result *result, azattest__buf *line);
/* The first line, the checks, warnings, what was left out, and the platform's status. `what` stands behind the word. */
void azattest__print_verdict(const azattest_verification_result *result, const char *what, int64_t now);

#endif
