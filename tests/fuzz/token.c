/* Tokens: parse, read everything, validate against no key, and never call it valid. */
#include <stdlib.h>

#include <azattest/azattest.h>

#include "token/fields.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Every reader; twice, since the second time gives what the first one kept. */
static void read_all(const azattest_result *result)
{
    azattest_signer *signer = NULL;
    azattest_bytes bytes;
    const char *text;
    int64_t number;
    bool flag;

#define READ_TEXT(name) (void)azattest_result_##name(result, &text), (void)azattest_result_##name(result, &text);
#define READ_HEX_TEXT READ_TEXT
#define READ_HEX(name) (void)azattest_result_##name(result, &bytes), (void)azattest_result_##name(result, &bytes);
#define READ_BASE64URL READ_HEX
#define READ_BASE64 READ_HEX
#define READ_OBJECT READ_HEX
#define READ_INTEGERS READ_HEX
#define READ_INTEGER(name) (void)azattest_result_##name(result, &number);
#define READ_TIME READ_INTEGER
#define READ_BOOLEAN(name) (void)azattest_result_##name(result, &flag);
#define READ(kind, name, scope, size, ...) READ_##kind(name)
    AZATTEST__RESULT_FIELDS(READ)
    (void)azattest_result_is_debuggable(result, &flag);
    azattest_error_free(azattest_claim_error(azattest_result_claims(result), "is_debuggable"));
    azattest_error_free(azattest_claim_error(azattest_result_claims(result), "mr_td"));
    (void)azattest_result_policy_signer(result, &signer);
    azattest_signer_free(signer);
    if (azattest_result_client_payload_count(result, &number) == AZATTEST_OK)
        for (size_t i = 0; i < (size_t)number; i++)
            if (azattest_result_client_payload_name(result, i) == NULL ||
                azattest_result_client_payload_value(result, i).ptr == NULL)
                abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    azattest_validation_options options = AZATTEST_VALIDATION_OPTIONS_INIT;
    azattest_bytes text = { data, size };
    azattest_result *result = NULL, *inner = NULL;
    azattest_token *token = NULL;
    char *sealed = NULL;

    if (azattest_token_parse(text, &token, NULL) != AZATTEST_OK)
        return 0;
    options.validate_issuer = AZATTEST_OFF;
    options.expected_nonce = "n";
    options.allow_debug = AZATTEST_OFF;
    if (azattest_token_validate(token, &options, NULL) == AZATTEST_OK || azattest_token_is_validated(token))
        abort();
    if (azattest_token_result(token, true, &result, NULL) != AZATTEST_OK || azattest_result_is_validated(result))
        abort();
    read_all(result);
    if (azattest_result_isolation_tee(result, &inner) == AZATTEST_OK)
        read_all(inner);
    azattest_result_free(inner);
    if (azattest_result_seal_secret(result, NULL, text, &sealed, NULL, NULL) == AZATTEST_OK)
        abort();
    azattest_result_free(result);
    azattest_token_free(token);
    return 0;
}
