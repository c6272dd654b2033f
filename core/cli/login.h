/* Where the access token of a call comes from: --credential, --access-token-file, --client-id, --tenant-id, --scopes.
 */
#ifndef AZATTEST_CLI_LOGIN_H
#define AZATTEST_CLI_LOGIN_H

#include <azattest/credential.h>

#include "arguments.h"

#define AZATTEST__PUBLIC_SCOPE "https://attest.azure.net/.default"

typedef enum azattest__login_need {
    LOGIN_ASKED,   /* anonymous unless an option says otherwise */
    LOGIN_LATER,   /* the same, but the other options may be for a second try, with LOGIN_DEFAULT */
    LOGIN_DEFAULT, /* without an option the default chain */
} azattest__login_need;

/* Makes the credential (NULL: anonymous) and sets `credential` and `scopes` of the options, which borrow it. Nothing is
 * acquired yet. */
azattest_status azattest__login(const azattest__arguments *arguments, azattest__login_need need,
                                azattest_client_options *options, azattest_credential **credential,
                                azattest_error **error);
/* What attest calls need: a token with the first preview of the interface, none since. */
azattest__login_need azattest__attest_login(const azattest__arguments *arguments);
/* The next step for what a call with such a login said: `error` may be NULL. */
void azattest__login_explain(const azattest_client_options *options, azattest_error *error);

#endif
