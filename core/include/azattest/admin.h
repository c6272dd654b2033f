/**
 * The administration of one attestation instance: its policies, and the certificates whose keys may sign policies of an
 * isolated instance. Configured as a client (client.h), but a credential is mandatory. Does no I/O: each `_begin`
 * function makes an operation (op.h) for a driver to run; azattest/transport.h has ready drivers.
 *
 * Every answer's token is validated before anything of it is read, and an answer that contradicts the call is a
 * failure. An api-version that has other calls in their place is AZATTEST_E_ARGUMENT in each of them.
 */
#ifndef AZATTEST_ADMIN_H
#define AZATTEST_ADMIN_H

#include "client.h"
#include "policy.h"

AZATTEST_BEGIN

typedef struct azattest_admin_client azattest_admin_client;

/** One call. Zero means default; everything is copied when the operation begins. */
typedef struct azattest_policy_options {
    size_t size; /**< sizeof(azattest_policy_options) */
    /** who signs; NULL: the client's, and without one an unsecured token where the service takes one */
    const azattest_signing_key *signing_key;
    const azattest_validation_options *validation; /**< overrides the client's, member by member */
    const char *client_request_id;                 /**< NULL: a new UUID for each operation */
    const char *traceparent;                       /**< W3C trace context, passed through; NULL: none */
} azattest_policy_options;
/* clang-format off */
#define AZATTEST_POLICY_OPTIONS_INIT { .size = sizeof(azattest_policy_options) }
/* clang-format on */

/**
 * Makes a client. Does no I/O. Parameters as azattest_client_new(); `options->credential` is mandatory.
 * @retval AZATTEST_E_ARGUMENT  endpoint or option cannot be used, or there is no credential
 */
AZATTEST_API AZATTEST_MUST_CHECK azattest_status azattest_admin_client_new(const char *endpoint,
                                                                           const azattest_client_options *options,
                                                                           azattest_admin_client **out,
                                                                           azattest_error **error);
/** Gives the caller's reference back; operations that still run keep their own. NULL is accepted. */
AZATTEST_API void azattest_admin_client_free(azattest_admin_client *client);
/** The normalised endpoint. */
AZATTEST_API const char *azattest_admin_client_endpoint(const azattest_admin_client *client);
AZATTEST_API const char *azattest_admin_client_api_version(const azattest_admin_client *client);

/**
 * Starts to read a policy: azattest_op_take_response(), then azattest_response_policy_result().
 *
 * @param type  AZATTEST_TYPE_... in any case, or another text, which is sent as it is; at most
 *              AZATTEST_LIMIT_ATTESTATION_TYPE characters
 * @retval AZATTEST_E_ARGUMENT  the type cannot be a part of an address
 *
 * The operation fails with AZATTEST_E_RESPONSE when the stored policy has an unknown form, and with
 * AZATTEST_E_POLICY_SIGNER when its own signature does not verify.
 * Source: REST "Policy - Get", GET /policies/{attestationType}.
 */
AZATTEST_API AZATTEST_MUST_CHECK azattest_status azattest_admin_client_get_policy_begin(
    azattest_admin_client *client, const char *type, const azattest_policy_options *options, azattest_op **op,
    azattest_error **error);
/**
 * Starts to set a policy.
 *
 * @param text  the policy, UTF-8, at most AZATTEST_LIMIT_POLICY bytes; its syntax is the service's matter
 * @retval AZATTEST_E_ARGUMENT  the type cannot be a part of an address; the text is absent or no UTF-8
 * @retval AZATTEST_E_LIMIT     the text is too large
 *
 * The operation fails with AZATTEST_E_POLICY_HASH when the service stored another token than the one that was sent, and
 * with AZATTEST_E_POLICY_SIGNER when it names another signer.
 * Source: REST "Policy - Set", PUT /policies/{attestationType}.
 */
AZATTEST_API AZATTEST_MUST_CHECK azattest_status azattest_admin_client_set_policy_begin(
    azattest_admin_client *client, const char *type, azattest_bytes text, const azattest_policy_options *options,
    azattest_op **op, azattest_error **error);
/**
 * Starts to go back to the default policy. The operation fails with AZATTEST_E_POLICY_SIGNER when the service names
 * another signer. Source: REST "Policy - Reset", POST /policies/{attestationType}:reset.
 * @retval AZATTEST_E_ARGUMENT  the type cannot be a part of an address
 */
AZATTEST_API AZATTEST_MUST_CHECK azattest_status azattest_admin_client_reset_policy_begin(
    azattest_admin_client *client, const char *type, const azattest_policy_options *options, azattest_op **op,
    azattest_error **error);
/**
 * Starts to read the certificates that may sign policies; none but on isolated instances.
 * azattest_response_certificates(). Source: REST "Policy Certificates - Get", GET /certificates.
 */
AZATTEST_API AZATTEST_MUST_CHECK azattest_status azattest_admin_client_get_policy_management_certificates_begin(
    azattest_admin_client *client, const azattest_policy_options *options, azattest_op **op, azattest_error **error);
/**
 * Starts to add a certificate: azattest_response_certificates_result(). The call is signed by the key of a certificate
 * that the service knows already.
 *
 * @param certificate  one certificate, PEM or DER
 * @retval AZATTEST_E_ARGUMENT   there is no signing key, neither in the options nor in the client
 * @retval AZATTEST_E_MALFORMED  not one certificate
 *
 * The operation fails with AZATTEST_E_CERTIFICATE_THUMBPRINT when the answer is about another certificate.
 * Source: REST "Policy Certificates - Add", POST /certificates:add.
 */
AZATTEST_API AZATTEST_MUST_CHECK azattest_status azattest_admin_client_add_policy_management_certificate_begin(
    azattest_admin_client *client, azattest_bytes certificate, const azattest_policy_options *options, azattest_op **op,
    azattest_error **error);
/** Starts to remove a certificate; as adding one. Source: REST "Policy Certificates - Remove", POST
 * /certificates:remove. */
AZATTEST_API AZATTEST_MUST_CHECK azattest_status azattest_admin_client_remove_policy_management_certificate_begin(
    azattest_admin_client *client, azattest_bytes certificate, const azattest_policy_options *options, azattest_op **op,
    azattest_error **error);

/* Values of the responses to these calls, borrowed from the response, and the same taken out of it. NULL when the
 * response is that of another call, or when it was taken before. */
AZATTEST_API const azattest_policy_result *azattest_response_policy_result(const azattest_response *response);
AZATTEST_API azattest_policy_result *azattest_response_take_policy_result(azattest_response *response);
AZATTEST_API const azattest_signers *azattest_response_certificates(const azattest_response *response);
AZATTEST_API azattest_signers *azattest_response_take_certificates(azattest_response *response);
AZATTEST_API const azattest_policy_certificates_modification_result *azattest_response_certificates_result(
    const azattest_response *response);
AZATTEST_API azattest_policy_certificates_modification_result *azattest_response_take_certificates_result(
    azattest_response *response);

AZATTEST_END

#endif
