/* What an attest call or a validation gives. */
#include "op.h"

#include <stdlib.h>

void azattest_response_free(azattest_response *response)
{
    if (response == NULL)
        return;
    azattest_token_free(response->token);
    azattest_result_free(response->value);
    azattest_policy_result_free(response->policy_result);
    azattest_signers_free(response->certificates);
    azattest_policy_certificates_modification_result_free(response->certificates_result);
    azattest__wipe(response->raw, response->raw_token.len);
    free(response->raw);
    free(response->request_id);
    free(response->warning);
    free(response);
}

const azattest_result *azattest_response_value(const azattest_response *response)
{
    return response == NULL ? NULL : response->value;
}

const azattest_token *azattest_response_token(const azattest_response *response)
{
    return response == NULL ? NULL : response->token;
}

azattest_result *azattest_response_take_value(azattest_response *response)
{
    azattest_result *value;

    if (response == NULL)
        return NULL;
    value = response->value;
    response->value = NULL;
    return value;
}

const azattest_policy_result *azattest_response_policy_result(const azattest_response *response)
{
    return response == NULL ? NULL : response->policy_result;
}

azattest_policy_result *azattest_response_take_policy_result(azattest_response *response)
{
    azattest_policy_result *result;

    if (response == NULL)
        return NULL;
    result = response->policy_result;
    response->policy_result = NULL;
    return result;
}

const azattest_signers *azattest_response_certificates(const azattest_response *response)
{
    return response == NULL ? NULL : response->certificates;
}

azattest_signers *azattest_response_take_certificates(azattest_response *response)
{
    azattest_signers *certificates;

    if (response == NULL)
        return NULL;
    certificates = response->certificates;
    response->certificates = NULL;
    return certificates;
}

const azattest_policy_certificates_modification_result *azattest_response_certificates_result(
    const azattest_response *response)
{
    return response == NULL ? NULL : response->certificates_result;
}

azattest_policy_certificates_modification_result *azattest_response_take_certificates_result(
    azattest_response *response)
{
    azattest_policy_certificates_modification_result *result;

    if (response == NULL)
        return NULL;
    result = response->certificates_result;
    response->certificates_result = NULL;
    return result;
}

azattest_token *azattest_response_take_token(azattest_response *response)
{
    azattest_token *token;

    if (response == NULL)
        return NULL;
    token = response->token;
    response->token = NULL;
    return token;
}

azattest_bytes azattest_response_raw_token(const azattest_response *response)
{
    return response == NULL ? azattest__bytes(NULL, 0) : response->raw_token;
}

const char *azattest_response_request_id(const azattest_response *response)
{
    return response == NULL ? NULL : response->request_id;
}

bool azattest_response_is_draft(const azattest_response *response)
{
    return response != NULL && response->is_draft;
}

const char *azattest_response_warning(const azattest_response *response)
{
    return response == NULL ? NULL : response->warning;
}
