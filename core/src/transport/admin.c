/* The blocking calls of an administration client. */
#include "transport.h"

/* Before anything is sent. */
static azattest_status check(azattest_response **response, const azattest_transport *transport, azattest_error **error)
{
    if (response != NULL)
        *response = NULL;
    return azattest__check_call(response, transport, error);
}

/* Runs what a begin function made, and ends it. */
static azattest_status finish(azattest_status begun, azattest_op *op, azattest_transport *transport,
                              azattest_response **response, azattest_error **error)
{
    azattest_status status = begun;

    if (status == AZATTEST_OK && (status = azattest__run_call(op, transport, error)) == AZATTEST_OK)
        *response = azattest_op_take_response(op);
    azattest_op_free(op);
    return status;
}

azattest_status azattest_admin_client_get_policy(azattest_admin_client *client, azattest_transport *transport,
                                                 const char *type, const azattest_policy_options *options,
                                                 azattest_response **response, azattest_error **error)
{
    azattest_op *op = NULL;
    azattest_status status = check(response, transport, error);

    if (status == AZATTEST_OK)
        status = azattest_admin_client_get_policy_begin(client, type, options, &op, error);
    return finish(status, op, transport, response, error);
}

azattest_status azattest_admin_client_set_policy(azattest_admin_client *client, azattest_transport *transport,
                                                 const char *type, azattest_bytes text,
                                                 const azattest_policy_options *options, azattest_response **response,
                                                 azattest_error **error)
{
    azattest_op *op = NULL;
    azattest_status status = check(response, transport, error);

    if (status == AZATTEST_OK)
        status = azattest_admin_client_set_policy_begin(client, type, text, options, &op, error);
    return finish(status, op, transport, response, error);
}

azattest_status azattest_admin_client_reset_policy(azattest_admin_client *client, azattest_transport *transport,
                                                   const char *type, const azattest_policy_options *options,
                                                   azattest_response **response, azattest_error **error)
{
    azattest_op *op = NULL;
    azattest_status status = check(response, transport, error);

    if (status == AZATTEST_OK)
        status = azattest_admin_client_reset_policy_begin(client, type, options, &op, error);
    return finish(status, op, transport, response, error);
}

azattest_status azattest_admin_client_get_policy_management_certificates(azattest_admin_client *client,
                                                                         azattest_transport *transport,
                                                                         const azattest_policy_options *options,
                                                                         azattest_response **response,
                                                                         azattest_error **error)
{
    azattest_op *op = NULL;
    azattest_status status = check(response, transport, error);

    if (status == AZATTEST_OK)
        status = azattest_admin_client_get_policy_management_certificates_begin(client, options, &op, error);
    return finish(status, op, transport, response, error);
}

azattest_status azattest_admin_client_add_policy_management_certificate(
    azattest_admin_client *client, azattest_transport *transport, azattest_bytes certificate,
    const azattest_policy_options *options, azattest_response **response, azattest_error **error)
{
    azattest_op *op = NULL;
    azattest_status status = check(response, transport, error);

    if (status == AZATTEST_OK)
        status =
            azattest_admin_client_add_policy_management_certificate_begin(client, certificate, options, &op, error);
    return finish(status, op, transport, response, error);
}

azattest_status azattest_admin_client_remove_policy_management_certificate(
    azattest_admin_client *client, azattest_transport *transport, azattest_bytes certificate,
    const azattest_policy_options *options, azattest_response **response, azattest_error **error)
{
    azattest_op *op = NULL;
    azattest_status status = check(response, transport, error);

    if (status == AZATTEST_OK)
        status =
            azattest_admin_client_remove_policy_management_certificate_begin(client, certificate, options, &op, error);
    return finish(status, op, transport, response, error);
}
