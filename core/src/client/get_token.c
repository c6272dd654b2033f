/* Tokens for those who want the token itself. */
#include "../operation/op.h"
#include "client.h"

azattest_status azattest_credential_get_token_begin(const azattest_credential *credential, const char *scopes,
                                                    const azattest_client_options *options, azattest_op **op,
                                                    azattest_error **error)
{
    azattest__instance *instance = NULL;
    azattest_status status;

    if (error != NULL)
        *error = NULL;
    if (op != NULL)
        *op = NULL;
    if (credential == NULL || op == NULL)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT,
                                   credential == NULL ? "no credential" : "get token: nowhere to put the operation");
    if (scopes == NULL)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT,
                                   "get token: no scopes; for attestation give \"https://attest.azure.net/.default\"");
    if ((status = azattest__configure_token("get token", credential, scopes, options, &instance, error)) == AZATTEST_OK)
        status = azattest__op_get_token(instance, op, error);
    azattest__instance_free(instance);
    return status;
}
