/**
 * Credentials: where the access token of a call comes from. A credential is immutable, counted, may be used from many
 * threads, and holds the cache of its tokens. It does no I/O: acquiring a token is part of the operation that needs it,
 * which asks its driver for what it takes (op.h). Give one to a client with azattest_client_options.credential.
 */
#ifndef AZATTEST_CREDENTIAL_H
#define AZATTEST_CREDENTIAL_H

#include "client.h"

AZATTEST_BEGIN

/** One more reference to a credential; NULL gives NULL. */
AZATTEST_API azattest_credential *azattest_credential_ref(const azattest_credential *credential);
/** Gives a reference back; the last one wipes secrets and tokens. NULL is accepted. */
AZATTEST_API void azattest_credential_free(azattest_credential *credential);
/** The name of its class, as in Python: "StaticTokenCredential". NULL for NULL. */
AZATTEST_API const char *azattest_credential_kind(const azattest_credential *credential);

/**
 * Makes a credential of a token that the caller has.
 * @param token         the access token, visible ASCII characters, at most AZATTEST_LIMIT_ACCESS_TOKEN; copied
 * @param expires_on_s  seconds since 1970; 0: the token's own `exp` when it is a JWT that has one, else it is taken to
 *                      be valid
 * @retval AZATTEST_E_ARGUMENT  no text that could be an access token
 */
AZATTEST_API AZATTEST_MUST_CHECK azattest_status azattest_static_token_credential_new(const char *token,
                                                                                      int64_t expires_on_s,
                                                                                      azattest_credential **out,
                                                                                      azattest_error **error);

/**
 * Makes a credential of the caller's own function.
 * @param get_token  is called by the driver (azattest_run(), or whoever calls azattest_op_call_credential()), never
 *                   inside the core. Has to answer with azattest_op_give_token() or azattest_op_fail() before it
 *                   returns. NULL: nothing is called, and the driver's caller is asked (azattest_run() gives
 *                   AZATTEST_ABSENT)
 * @param user       handed to `get_token`, and to `free` with the last reference; `free` may be NULL
 */
AZATTEST_API AZATTEST_MUST_CHECK azattest_status
azattest_callback_credential_new(void (*get_token)(void *user, azattest_op *op, const char *scopes), void *user,
                                 void (*free)(void *user), azattest_credential **out, azattest_error **error);

/**
 * Starts to get a token: an operation of its own, for those who want the token itself. Uses the credential's cache.
 * azattest_op_take_access_token() takes the result.
 * @param scopes   one or several, separated by blanks: "https://attest.azure.net/.default"
 * @param options  NULL for defaults; clock, random, application_id, user_agent, retry_... and timeout_ms are used
 * @retval AZATTEST_E_ARGUMENT  no credential, or scopes that cannot be
 */
AZATTEST_API AZATTEST_MUST_CHECK azattest_status
azattest_credential_get_token_begin(const azattest_credential *credential, const char *scopes,
                                    const azattest_client_options *options, azattest_op **op, azattest_error **error);
/** The token of that operation, for azattest_access_token_free(); NULL when there is none. */
AZATTEST_API azattest_access_token *azattest_op_take_access_token(azattest_op *op);
/** Wipes and frees a token that azattest_op_take_access_token() gave. NULL is accepted. */
AZATTEST_API void azattest_access_token_free(azattest_access_token *token);

AZATTEST_END

#endif
