/* Stored policy tokens: text and signer; a text that was read makes a token that reads back. */
#include <stdlib.h>
#include <string.h>

#include "token/policy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_again(const char *text)
{
    azattest_stored_attestation_policy *policy = NULL;
    azattest_token *token = NULL;

    if (azattest_create_policy_token(azattest__text(text), NULL, &token, NULL) != AZATTEST_OK ||
        azattest_stored_attestation_policy_parse(token, &policy, NULL) != AZATTEST_OK ||
        strcmp(azattest_stored_attestation_policy_attestation_policy(policy), text) != 0)
        abort();
    azattest_stored_attestation_policy_free(policy);
    azattest_token_free(token);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    azattest_stored_attestation_policy *policy = NULL;
    azattest_signer *signer = NULL;
    azattest_token *token = NULL;

    if (azattest_token_parse(azattest__bytes(data, size), &token, NULL) != AZATTEST_OK)
        return 0;
    if (azattest_stored_attestation_policy_parse(token, &policy, NULL) == AZATTEST_OK)
        check_again(azattest_stored_attestation_policy_attestation_policy(policy));
    if (azattest__policy_token_signer(token, &signer, NULL) == AZATTEST_OK &&
        (signer != NULL) != azattest_token_is_secured(token))
        abort();
    azattest_signer_free(signer);
    azattest_stored_attestation_policy_free(policy);
    azattest_token_free(token);
    return 0;
}
