/* What an attest call or a validation gives. */
#include "op.h"

#include <stdlib.h>

void azattest_response_free(azattest_response *response)
{
    if (response == NULL)
        return;
    azattest_token_free(response->token);
    azattest_result_free(response->value);
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
