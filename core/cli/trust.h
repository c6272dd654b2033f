/* Whom a validation trusts and what it expects: what `token validate` and `secret seal` share. */
#ifndef AZATTEST_CLI_TRUST_H
#define AZATTEST_CLI_TRUST_H

#include <azattest/transport.h>

#include "arguments.h"
#include "base/buf.h"

/* Everything but the token. All of it is read and checked first: wrong use and absent files are no verdicts. */
typedef struct azattest__trust {
    azattest_validation_options options;
    azattest__buf runtime_data, runtime_json, policy_hash;
    const char *issuer[1];
    azattest_claim_requirement claims[AZATTEST_LIMIT_LIST];
    char *names[AZATTEST_LIMIT_LIST], *values[AZATTEST_LIMIT_LIST];
    size_t claim_count;
    azattest_signers *signers;   /* of a file */
    azattest_verifier *verifier; /* of one instance or several */
    azattest_transport *transport;
} azattest__trust;

azattest_status azattest__trust_read(const azattest__arguments *arguments, azattest__trust *from,
                                     azattest_error **error);
/* With keys of a file the token itself becomes validated; with an instance it is that of the response. From here Ctrl-C
 * ends the call. */
azattest_status azattest__trust_validate(const azattest__trust *from, azattest_token *token,
                                         azattest_response **response, azattest_error **error);
void azattest__trust_clear(azattest__trust *from);

#endif
