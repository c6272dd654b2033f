/*
 * Secure key release: a secret that only the attested program can open.
 * Usage: key_release seal ENDPOINT CA_FILE TOKEN_FILE < secret > sealed    the relying party (CA_FILE "-": the
 * system's) key_release open KEY_FILE < sealed > secret                       the program, with the key of its token
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <azattest/azattest.h>
#include <azattest/transport.h>

/* Without the line end that text files have, if it is text. */
static azattest_bytes read_all(FILE *file, char *data, size_t size, bool text)
{
    azattest_bytes bytes = { data, file == NULL ? 0 : fread(data, 1, size, file) };

    while (text && bytes.len > 0 && strchr("\r\n", data[bytes.len - 1]) != NULL)
        bytes.len--;
    if (file != NULL && file != stdin)
        fclose(file);
    return bytes;
}

static azattest_status seal(char **argv, azattest_error **error)
{
    static char token[AZATTEST_LIMIT_TOKEN], secret[AZATTEST_LIMIT_SECRET];
    azattest_validation_options options = AZATTEST_VALIDATION_OPTIONS_INIT;
    azattest_curl_options curl = AZATTEST_CURL_OPTIONS_INIT;
    azattest_transport *transport = NULL;
    azattest_verifier *verifier = NULL;
    azattest_response *response = NULL;
    azattest_status status;
    char *sealed = NULL;

    curl.ca_file = strcmp(argv[1], "-") == 0 ? NULL : argv[1];
    options.allow_debug = AZATTEST_OFF; /* add require_claims: which program it must be */
    if ((status = azattest_curl_transport_new(&curl, &transport, error)) == AZATTEST_OK &&
        (status = azattest_verifier_new(argv[0], NULL, &verifier, error)) == AZATTEST_OK &&
        (status =
             azattest_verifier_validate(verifier, transport, read_all(fopen(argv[2], "rb"), token, sizeof(token), true),
                                        &options, &response, error)) == AZATTEST_OK &&
        (status = azattest_result_seal_secret(azattest_response_value(response), NULL,
                                              read_all(stdin, secret, sizeof(secret), false), &sealed, NULL, error)) ==
            AZATTEST_OK)
        puts(sealed);
    azattest_free(sealed);
    azattest_response_free(response);
    azattest_verifier_free(verifier);
    azattest_transport_free(transport);
    return status;
}

static azattest_status open_sealed(char **argv, azattest_error **error)
{
    static char key[AZATTEST_LIMIT_CERTIFICATE], sealed[AZATTEST_LIMIT_SEALED];
    azattest_status status;
    char *secret = NULL;
    size_t length = 0;

    status = azattest_secret_open(read_all(fopen(argv[0], "rb"), key, sizeof(key), false), NULL,
                                  read_all(stdin, sealed, sizeof(sealed), true), &secret, &length, error);
    if (status == AZATTEST_OK)
        fwrite(secret, 1, length, stdout);
    azattest_secret_free(secret, length); /* wiped */
    return status;
}

int main(int argc, char **argv)
{
    azattest_error *error = NULL;
    azattest_status status;

    if (argc == 5 && strcmp(argv[1], "seal") == 0) {
        status = seal(argv + 2, &error);
    } else if (argc == 3 && strcmp(argv[1], "open") == 0) {
        status = open_sealed(argv + 2, &error);
    } else {
        fprintf(stderr, "usage: key_release seal ENDPOINT CA_FILE TOKEN_FILE | open KEY_FILE\n");
        return 2;
    }
    if (error != NULL)
        fprintf(stderr, "%s: %s\n", azattest_status_name(azattest_error_code(error)), azattest_error_message(error));
    azattest_error_free(error);
    return status == AZATTEST_OK ? 0 : 1;
}
