/*
 * Validates a token without a connection, with keys that were exported before (`azattest keys export`).
 * Usage: offline KEYS_FILE ISSUER TOKEN_FILE
 */
#include <stdio.h>
#include <string.h>

#include <azattest/azattest.h>

static azattest_bytes read_file(const char *path, char *data, size_t size)
{
    FILE *file = fopen(path, "rb");
    azattest_bytes bytes = { data, file == NULL ? 0 : fread(data, 1, size, file) };

    while (bytes.len > 0 && strchr("\r\n", data[bytes.len - 1]) != NULL)
        bytes.len--;
    if (file != NULL)
        fclose(file);
    return bytes;
}

int main(int argc, char **argv)
{
    static char keys[AZATTEST_LIMIT_RESPONSE], text[AZATTEST_LIMIT_TOKEN];
    azattest_validation_options options = AZATTEST_VALIDATION_OPTIONS_INIT;
    azattest_signers *signers = NULL;
    azattest_token *token = NULL;
    azattest_result *result = NULL;
    azattest_error *error = NULL;
    const char *issuer, *mr_signer = NULL;

    if (argc != 4) {
        fprintf(stderr, "usage: offline KEYS_FILE ISSUER TOKEN_FILE\n");
        return 2;
    }
    issuer = argv[2];
    options.issuers = &issuer;
    options.issuer_count = 1;
    if (azattest_signers_parse(read_file(argv[1], keys, sizeof(keys)), &signers, &error) == AZATTEST_OK &&
        azattest_token_parse(read_file(argv[3], text, sizeof(text)), &token, &error) == AZATTEST_OK) {
        options.signers = signers;
        if (azattest_token_validate(token, &options, &error) == AZATTEST_OK &&
            azattest_token_result(token, false, &result, &error) == AZATTEST_OK &&
            azattest_result_mr_signer(result, &mr_signer) == AZATTEST_OK)
            printf("mr_signer  %s\n", mr_signer);
    }
    if (error != NULL)
        fprintf(stderr, "%s: %s\n", azattest_status_name(azattest_error_code(error)), azattest_error_message(error));
    azattest_error_free(error);
    azattest_result_free(result);
    azattest_token_free(token);
    azattest_signers_free(signers);
    return mr_signer == NULL && result == NULL ? 1 : 0;
}
