/* Tokens: parse, read everything, validate against no key, and never call it valid. */
#include <stdlib.h>

#include <azattest/azattest.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    azattest_validation_options options = AZATTEST_VALIDATION_OPTIONS_INIT;
    azattest_bytes text = { data, size }, bytes;
    azattest_result *result = NULL;
    azattest_signer *signer = NULL;
    azattest_token *token = NULL;
    const char *string;
    int64_t number;

    if (azattest_token_parse(text, &token, NULL) != AZATTEST_OK)
        return 0;
    options.validate_issuer = AZATTEST_OFF;
    options.expected_nonce = "n";
    if (azattest_token_validate(token, &options, NULL) == AZATTEST_OK || azattest_token_is_validated(token))
        abort();
    if (azattest_token_result(token, true, &result, NULL) != AZATTEST_OK || azattest_result_is_validated(result))
        abort();
    (void)azattest_result_mr_enclave(result, &string);
    (void)azattest_result_enclave_held_data(result, &bytes);
    (void)azattest_result_runtime_claims(result, &bytes);
    (void)azattest_result_svn(result, &number);
    (void)azattest_result_policy_signer(result, &signer);
    azattest_signer_free(signer);
    azattest_result_free(result);
    azattest_token_free(token);
    return 0;
}
