/* The report on a token, the same for `attest`, `token inspect` and `token validate`. */
#ifndef AZATTEST_CLI_REPORT_H
#define AZATTEST_CLI_REPORT_H

#include <azattest/azattest.h>

#include "output.h"

typedef struct azattest__report {
    const azattest_token *token; /* NULL: there is none, or it is malformed */
    azattest__verdict verdict;
    const azattest_error *error;       /* the failed checks, when not valid */
    const azattest_response *response; /* of an attest call, or NULL */
    const char *warning;               /* one more, or NULL */
    bool attested;                     /* print the token itself too */
    int64_t now_ms;                    /* --at, or 0 */
} azattest__report;

/* Is this failure a verdict on the token, rather than a call that did not work? */
bool azattest__is_token_verdict(azattest_status status);
/* Prints the report; gives the exit code. */
int azattest__report_token(const azattest__report *report, bool json);

#endif
