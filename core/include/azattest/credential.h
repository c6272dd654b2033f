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
 * Options of the credentials below; each reads those that concern it. Zero means default, text is copied, and the
 * environment is read once, by the constructor. Nothing is logged of a variable but whether it is set.
 */
typedef struct azattest_credential_options {
    size_t size;                 /**< sizeof(azattest_credential_options) */
    const char *authority_host;  /**< AZURE_AUTHORITY_HOST, else https://login.microsoftonline.com; always https */
    const char *tenant_id;       /**< workload identity: AZURE_TENANT_ID; CLI: that of its own login */
    const char *client_id;       /**< workload identity: AZURE_CLIENT_ID; managed identity: a user-assigned one */
    const char *object_id;       /**< managed identity: a user-assigned one, instead of client_id */
    const char *resource_id;     /**< managed identity: a user-assigned one, instead of client_id */
    const char *subscription;    /**< CLI: name or id; that of its own choice */
    const char *token_file_path; /**< workload identity: AZURE_FEDERATED_TOKEN_FILE; read at every request */
    azattest_switch send_certificate_chain; /**< off: x5c in the client assertion only when on */
    azattest_switch x5t_sha1;               /**< off. On: RS256 with x5t and kid, for old AD FS; else PS256, x5t#S256 */
    const char *(*environment)(void *user, const char *name); /**< the process's; a value lives for the call */
    void *environment_user;
    int64_t process_timeout_ms; /**< CLI: 13 000 */
    /** Other tenants that a token may be asked for: names with semicolons between, or "*";
     * AZURE_ADDITIONALLY_ALLOWED_TENANTS, else none */
    const char *additionally_allowed_tenants;
} azattest_credential_options;
/* clang-format off */
#define AZATTEST_CREDENTIAL_OPTIONS_INIT { .size = sizeof(azattest_credential_options) }
/* clang-format on */

/**
 * An application with a secret: POST <authority>/<tenant>/oauth2/v2.0/token.
 * @param tenant_id  letters, digits, '-' and '.'; "adfs" for AD FS
 * @retval AZATTEST_E_ARGUMENT  something is missing or cannot be; the message says what
 * Source: OAuth 2.0 client credentials flow of Microsoft Entra.
 */
AZATTEST_API AZATTEST_MUST_CHECK azattest_status azattest_client_secret_credential_new(
    const char *tenant_id, const char *client_id, const char *client_secret, const azattest_credential_options *options,
    azattest_credential **out, azattest_error **error);

/**
 * An application with a certificate: the same request with an assertion that its key signs.
 * @param certificate  PEM: an RSA key and certificates in any order, the key perhaps encrypted; or PKCS#12. At most
 *                     AZATTEST_LIMIT_CERTIFICATE_FILE
 * @param password     of the key or of the PKCS#12 file; NULL: none
 * @retval AZATTEST_E_ARGUMENT  something is missing or too large; no RSA key, or no certificate of it; a wrong password
 *
 * Source: reference of client behaviour, "Client certificate".
 */
AZATTEST_API AZATTEST_MUST_CHECK azattest_status azattest_client_certificate_credential_new(
    const char *tenant_id, const char *client_id, azattest_bytes certificate, const char *password,
    const azattest_credential_options *options, azattest_credential **out, azattest_error **error);

/**
 * The identity of the machine or of the hosting service. The source is chosen from the environment: Service Fabric, App
 * Service, Azure ML, Cloud Shell, Azure Arc, IMDS. Its requests pass no proxy.
 * @retval AZATTEST_E_ARGUMENT  more than one id, an id for a source that has none, or a variable that is no address
 *
 * Source: reference of client behaviour, "Managed identity".
 */
AZATTEST_API AZATTEST_MUST_CHECK azattest_status azattest_managed_identity_credential_new(
    const azattest_credential_options *options, azattest_credential **out, azattest_error **error);

/**
 * A federated token of a file (Kubernetes), exchanged for an access token. What is missing makes it unavailable
 * (AZATTEST_E_CREDENTIAL_UNAVAILABLE when a token is wanted).
 * @retval AZATTEST_E_ARGUMENT  an option or a variable that cannot be
 */
AZATTEST_API AZATTEST_MUST_CHECK azattest_status azattest_workload_identity_credential_new(
    const azattest_credential_options *options, azattest_credential **out, azattest_error **error);

/**
 * The login of the program `az`, which the driver runs (AZATTEST_NEED_PROCESS), without a shell.
 * @retval AZATTEST_E_ARGUMENT  a subscription or tenant with other characters than names have, or a time limit of more
 *                              than an hour
 */
AZATTEST_API AZATTEST_MUST_CHECK azattest_status azattest_azure_cli_credential_new(
    const azattest_credential_options *options, azattest_credential **out, azattest_error **error);

/** AZURE_TENANT_ID, AZURE_CLIENT_ID, and AZURE_CLIENT_SECRET or AZURE_CLIENT_CERTIFICATE_PATH (with
 * AZURE_CLIENT_CERTIFICATE_PASSWORD, AZURE_CLIENT_SEND_CERTIFICATE_CHAIN). */
AZATTEST_API AZATTEST_MUST_CHECK azattest_status azattest_environment_credential_new(
    const azattest_credential_options *options, azattest_credential **out, azattest_error **error);

/**
 * Environment, workload identity, managed identity, CLI: the first that has a token is kept. AZURE_TOKEN_CREDENTIALS
 * chooses: "prod" (the first three), "dev" (the CLI), or the name of one.
 * @retval AZATTEST_E_ARGUMENT  AZURE_TOKEN_CREDENTIALS is none of these
 */
AZATTEST_API AZATTEST_MUST_CHECK azattest_status azattest_default_credential_new(
    const azattest_credential_options *options, azattest_credential **out, azattest_error **error);

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
