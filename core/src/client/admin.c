/* The administration client: configuration, and the functions that begin its operations. */
#include <stdlib.h>

#include "../error/options.h"
#include "../operation/op.h"
#include "client.h"

azattest_status azattest_admin_client_new(const char *endpoint, const azattest_client_options *options,
                                          azattest_admin_client **out, azattest_error **error)
{
    azattest_admin_client *client = NULL;
    azattest_status status;

    if (error != NULL)
        *error = NULL;
    if (out == NULL)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT, "administration client: nowhere to put it");
    *out = NULL;
    if ((client = calloc(1, sizeof(*client))) == NULL)
        return azattest__error_memory(error);
    status = azattest__configure("administration client", endpoint, options, &client->instance, error);
    if (status == AZATTEST_OK && client->instance->credential == NULL)
        status = azattest__error_set(error, AZATTEST_E_ARGUMENT,
                                     "administration client: no credential: the service answers nobody here without an "
                                     "access token; give one, for instance the default credential");
    if (status == AZATTEST_OK) {
        *out = client;
        client = NULL;
    }
    azattest_admin_client_free(client);
    return status;
}

void azattest_admin_client_free(azattest_admin_client *client)
{
    if (client == NULL)
        return;
    azattest__instance_free(client->instance);
    free(client);
}

const char *azattest_admin_client_endpoint(const azattest_admin_client *client)
{
    return client == NULL ? NULL : client->instance->endpoint.text;
}

const char *azattest_admin_client_api_version(const azattest_admin_client *client)
{
    return client == NULL ? NULL : client->instance->api_version;
}

static azattest_status check_call(const azattest_admin_client *client, const azattest_policy_options *options,
                                  azattest_policy_options *taken, azattest_op **op, azattest_error **error)
{
    if (error != NULL)
        *error = NULL;
    if (op != NULL)
        *op = NULL;
    if (client == NULL || op == NULL)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT,
                                   client == NULL ? "no administration client"
                                                  : "administration client: nowhere to put the operation");
    return azattest__options_take(options, taken, sizeof(*taken), "AZATTEST_POLICY_OPTIONS_INIT", error);
}

static azattest_status policy(azattest_admin_client *client, azattest__policy_action action, const char *type,
                              azattest_bytes text, const azattest_policy_options *options, azattest_op **op,
                              azattest_error **error)
{
    azattest_policy_options taken;
    azattest_status status = check_call(client, options, &taken, op, error);

    return status != AZATTEST_OK ? status
                                 : azattest__op_policy(client->instance, action, type, text, &taken, op, error);
}

azattest_status azattest_admin_client_get_policy_begin(azattest_admin_client *client, const char *type,
                                                       const azattest_policy_options *options, azattest_op **op,
                                                       azattest_error **error)
{
    return policy(client, AZATTEST__POLICY_GET, type, azattest__bytes(NULL, 0), options, op, error);
}

azattest_status azattest_admin_client_set_policy_begin(azattest_admin_client *client, const char *type,
                                                       azattest_bytes text, const azattest_policy_options *options,
                                                       azattest_op **op, azattest_error **error)
{
    return policy(client, AZATTEST__POLICY_SET, type, text, options, op, error);
}

azattest_status azattest_admin_client_reset_policy_begin(azattest_admin_client *client, const char *type,
                                                         const azattest_policy_options *options, azattest_op **op,
                                                         azattest_error **error)
{
    return policy(client, AZATTEST__POLICY_RESET, type, azattest__bytes(NULL, 0), options, op, error);
}

static azattest_status certificates(azattest_admin_client *client, azattest__certificates_action action,
                                    azattest_bytes certificate, const azattest_policy_options *options,
                                    azattest_op **op, azattest_error **error)
{
    azattest_policy_options taken;
    azattest_status status = check_call(client, options, &taken, op, error);

    return status != AZATTEST_OK ? status
                                 : azattest__op_certificates(client->instance, action, certificate, &taken, op, error);
}

azattest_status azattest_admin_client_get_policy_management_certificates_begin(azattest_admin_client *client,
                                                                               const azattest_policy_options *options,
                                                                               azattest_op **op, azattest_error **error)
{
    return certificates(client, AZATTEST__CERTIFICATES_GET, azattest__bytes(NULL, 0), options, op, error);
}

azattest_status azattest_admin_client_add_policy_management_certificate_begin(azattest_admin_client *client,
                                                                              azattest_bytes certificate,
                                                                              const azattest_policy_options *options,
                                                                              azattest_op **op, azattest_error **error)
{
    return certificates(client, AZATTEST__CERTIFICATES_ADD, certificate, options, op, error);
}

azattest_status azattest_admin_client_remove_policy_management_certificate_begin(azattest_admin_client *client,
                                                                                 azattest_bytes certificate,
                                                                                 const azattest_policy_options *options,
                                                                                 azattest_op **op,
                                                                                 azattest_error **error)
{
    return certificates(client, AZATTEST__CERTIFICATES_REMOVE, certificate, options, op, error);
}
