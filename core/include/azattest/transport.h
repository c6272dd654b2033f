/**
 * Drivers for operations: a blocking loop over any transport, a transport on libcurl, and a scripted one for tests.
 * Needs `libazattest`. They use nothing but the public interface of the core, as anybody's own driver would.
 */
#ifndef AZATTEST_TRANSPORT_H
#define AZATTEST_TRANSPORT_H

#include "admin.h"
#include "credential.h"

AZATTEST_BEGIN

typedef struct azattest_transport azattest_transport;

/**
 * What a transport has to do. `send` answers the request through azattest_op_respond() or azattest_op_fail() on the
 * given operation. `sleep` waits; it gives false when it was interrupted. `free` may be NULL.
 */
typedef struct azattest_transport_functions {
    size_t size; /**< sizeof(azattest_transport_functions) */
    void (*send)(void *user, azattest_op *op, const azattest_request *request);
    bool (*sleep)(void *user, int64_t wait_ms);
    void (*free)(void *user);
} azattest_transport_functions;

/** Makes a transport of the caller's own functions; `user` is handed to each. */
AZATTEST_API AZATTEST_MUST_CHECK azattest_status azattest_transport_new(const azattest_transport_functions *functions,
                                                                        void *user, azattest_transport **out,
                                                                        azattest_error **error);
AZATTEST_API void azattest_transport_free(azattest_transport *transport);

/** Options of the libcurl transport; zero means default, text is copied. */
typedef struct azattest_curl_options {
    size_t size;                     /**< sizeof(azattest_curl_options) */
    const char *ca_file;             /**< PEM bundle to trust instead of the system's */
    const char *ca_path;             /**< hashed folder to trust instead of the system's bundle */
    azattest_bytes ca_pem;           /**< PEM text to trust instead of the system's */
    const char *proxy;               /**< NULL: from the environment; "": none */
    int64_t connect_timeout_ms;      /**< 10 000 */
    int64_t read_timeout_ms;         /**< 60 000 without a byte */
    bool (*interrupted)(void *user); /**< asked several times a second while waiting; true stops the call */
    void *interrupted_user;
} azattest_curl_options;
/* clang-format off */
#define AZATTEST_CURL_OPTIONS_INIT { .size = sizeof(azattest_curl_options) }
/* clang-format on */

/**
 * Makes a transport on libcurl: TLS 1.2 or later, certificates verified, connections kept, no redirects. It may be
 * used from many threads; each call takes a handle of its own from a pool. Free it when no call uses it any more.
 * @param options  NULL for defaults
 * @retval AZATTEST_E_ARGUMENT   an option cannot be used: a CA that cannot be read, several CAs, a strange time
 * @retval AZATTEST_E_TRANSPORT  libcurl cannot be initialised
 */
AZATTEST_API AZATTEST_MUST_CHECK azattest_status azattest_curl_transport_new(const azattest_curl_options *options,
                                                                             azattest_transport **out,
                                                                             azattest_error **error);

/** One exchange of a script: what is expected to be asked, and the answer. All text is borrowed. */
typedef struct azattest_scripted_exchange {
    const char *method;  /**< NULL: any */
    const char *url;     /**< the whole address; NULL: any */
    azattest_bytes body; /**< absent: any */
    azattest_http_response response;
    azattest_status fail; /**< AZATTEST_OK: answer; otherwise this failure instead */
    const char *fail_message;
} azattest_scripted_exchange;

/**
 * Makes a transport that plays a script and never waits. A request that is not the expected one fails the operation
 * with AZATTEST_E_TRANSPORT and a message that shows both. The script is borrowed until the transport is freed.
 */
AZATTEST_API AZATTEST_MUST_CHECK azattest_status azattest_scripted_transport_new(
    const azattest_scripted_exchange *exchanges, size_t count, azattest_transport **out, azattest_error **error);
/** How many exchanges were played, and the sum of all waits, in milliseconds. */
AZATTEST_API size_t azattest_scripted_transport_played(const azattest_transport *transport);
AZATTEST_API int64_t azattest_scripted_transport_slept_ms(const azattest_transport *transport);

/**
 * Runs an operation to its end: requests and waits through the transport, files and processes as
 * azattest_serve_local(), tokens by the function of the callback credential. The operation is not freed.
 * @retval AZATTEST_OK      done; take the result
 * @retval AZATTEST_ABSENT  it wants a token that only the caller can give: azattest_op_give_token() or
 *                          azattest_op_fail(), then run it again
 * @retval AZATTEST_E_...   the operation failed; its error is moved to `error`. AZATTEST_E_CANCELLED when interrupted
 */
AZATTEST_API AZATTEST_MUST_CHECK azattest_status azattest_run(azattest_op *op, azattest_transport *transport,
                                                              azattest_error **error);

/**
 * Reads the file or runs the process that an operation wants, and tells it: for drivers of one's own. A process is run
 * without a shell, is ended after its time limit with all that it started, and leaves no zombie.
 * @retval AZATTEST_E_STATE  it wants neither
 */
AZATTEST_API azattest_status azattest_serve_local(azattest_op *op);

/* Begin, run, take, in one blocking call each. */
AZATTEST_API AZATTEST_MUST_CHECK azattest_status azattest_client_attest_sgx_enclave(
    azattest_client *client, azattest_transport *transport, azattest_bytes quote,
    const azattest_attest_options *options, azattest_response **response, azattest_error **error);
AZATTEST_API AZATTEST_MUST_CHECK azattest_status azattest_client_attest_open_enclave(
    azattest_client *client, azattest_transport *transport, azattest_bytes report,
    const azattest_attest_options *options, azattest_response **response, azattest_error **error);
AZATTEST_API AZATTEST_MUST_CHECK azattest_status azattest_client_get_signing_certificates(azattest_client *client,
                                                                                          azattest_transport *transport,
                                                                                          azattest_signers **signers,
                                                                                          azattest_error **error);
AZATTEST_API AZATTEST_MUST_CHECK azattest_status azattest_client_attest_sev_snp_vm(
    azattest_client *client, azattest_transport *transport, azattest_bytes report,
    const azattest_attest_options *options, azattest_response **response, azattest_error **error);
AZATTEST_API AZATTEST_MUST_CHECK azattest_status azattest_client_attest_tdx_vm(
    azattest_client *client, azattest_transport *transport, azattest_bytes quote,
    const azattest_attest_options *options, azattest_response **response, azattest_error **error);
AZATTEST_API AZATTEST_MUST_CHECK azattest_status azattest_client_attest_mdep_tz(
    azattest_client *client, azattest_transport *transport, azattest_bytes report,
    const azattest_attest_options *options, azattest_response **response, azattest_error **error);
/** Calls without a token: the answer as text, NUL-terminated, for azattest_free(); `length` may be NULL. */
AZATTEST_API AZATTEST_MUST_CHECK azattest_status azattest_client_attest_azure_guest(
    azattest_client *client, azattest_transport *transport, azattest_bytes attestation_info,
    const azattest_attest_options *options, char **text, size_t *length, azattest_error **error);
AZATTEST_API AZATTEST_MUST_CHECK azattest_status azattest_client_attest_key_guard(
    azattest_client *client, azattest_transport *transport, azattest_bytes attestation_info,
    const azattest_attest_options *options, char **text, size_t *length, azattest_error **error);
AZATTEST_API AZATTEST_MUST_CHECK azattest_status
azattest_client_attest_tpm(azattest_client *client, azattest_transport *transport, azattest_bytes content,
                           const azattest_attest_options *options, char **text, size_t *length, azattest_error **error);
AZATTEST_API AZATTEST_MUST_CHECK azattest_status azattest_client_attest_pluton(
    azattest_client *client, azattest_transport *transport, azattest_bytes content,
    const azattest_attest_options *options, char **text, size_t *length, azattest_error **error);
AZATTEST_API AZATTEST_MUST_CHECK azattest_status azattest_client_get_tcb_baseline(
    azattest_client *client, azattest_transport *transport, const char *type,
    const azattest_tcb_baseline_options *options, azattest_tcb_baselines **baselines, azattest_error **error);
AZATTEST_API AZATTEST_MUST_CHECK azattest_status azattest_client_get_open_id_metadata(azattest_client *client,
                                                                                      azattest_transport *transport,
                                                                                      azattest_metadata **metadata,
                                                                                      azattest_error **error);
AZATTEST_API AZATTEST_MUST_CHECK azattest_status azattest_verifier_validate(
    azattest_verifier *verifier, azattest_transport *transport, azattest_bytes token_text,
    const azattest_validation_options *options, azattest_response **response, azattest_error **error);

/** The blocking forms of the calls of an administration client (admin.h). */
AZATTEST_API AZATTEST_MUST_CHECK azattest_status azattest_admin_client_get_policy(
    azattest_admin_client *client, azattest_transport *transport, const char *type,
    const azattest_policy_options *options, azattest_response **response, azattest_error **error);
AZATTEST_API AZATTEST_MUST_CHECK azattest_status azattest_admin_client_set_policy(
    azattest_admin_client *client, azattest_transport *transport, const char *type, azattest_bytes text,
    const azattest_policy_options *options, azattest_response **response, azattest_error **error);
AZATTEST_API AZATTEST_MUST_CHECK azattest_status azattest_admin_client_reset_policy(
    azattest_admin_client *client, azattest_transport *transport, const char *type,
    const azattest_policy_options *options, azattest_response **response, azattest_error **error);
AZATTEST_API AZATTEST_MUST_CHECK azattest_status azattest_admin_client_get_policy_management_certificates(
    azattest_admin_client *client, azattest_transport *transport, const azattest_policy_options *options,
    azattest_response **response, azattest_error **error);
AZATTEST_API AZATTEST_MUST_CHECK azattest_status azattest_admin_client_add_policy_management_certificate(
    azattest_admin_client *client, azattest_transport *transport, azattest_bytes certificate,
    const azattest_policy_options *options, azattest_response **response, azattest_error **error);
AZATTEST_API AZATTEST_MUST_CHECK azattest_status azattest_admin_client_remove_policy_management_certificate(
    azattest_admin_client *client, azattest_transport *transport, azattest_bytes certificate,
    const azattest_policy_options *options, azattest_response **response, azattest_error **error);

/** The User-Agent part that names libcurl, for instance "libcurl/7.88.1". */
AZATTEST_API const char *azattest_curl_version(void);

AZATTEST_END

#endif
