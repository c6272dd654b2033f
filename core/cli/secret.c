/* azattest secret seal, secret open, keys export. */
#include <string.h>
#include <unistd.h>

#include "commands.h"
#include "connection.h"
#include "error/error.h"
#include "input.h"
#include "output.h"
#include "progress.h"
#include "trust.h"

static const char *out_of(const azattest__arguments *arguments)
{
    return arguments->value[OPTION_OUT] == NULL ? "-" : arguments->value[OPTION_OUT];
}

/* The document and what is written cannot both have standard output. */
static azattest_status check_out(const azattest__arguments *arguments, azattest_error **error)
{
    if (arguments->value[OPTION_JSON] == NULL || strcmp(out_of(arguments), "-") != 0)
        return AZATTEST_OK;
    azattest__error_set(error, AZATTEST_E_ARGUMENT, "--json and --out - both want standard output");
    azattest__error_set_hint(*error, "name a file with --out FILE");
    return AZATTEST_E_ARGUMENT;
}

/* Writes text with a line end behind it, so that a terminal shows it whole. */
static azattest_status write_text(const azattest__arguments *arguments, azattest_bytes text, azattest_error **error)
{
    azattest__buf line;
    azattest_status status;

    azattest__buf_init(&line, text.len + 1);
    azattest__buf_append_bytes(&line, text);
    azattest__buf_append_text(&line, "\n");
    if ((status = azattest__error_from_buf(error, &line, "output")) == AZATTEST_OK)
        status = azattest__output_file(out_of(arguments), azattest__buf_bytes(&line), 0644, error);
    azattest__buf_free(&line);
    return status;
}

/* What was made, for programs. */
static int done(const azattest__arguments *arguments, const char *kind, size_t size)
{
    azattest__json *document;

    if (arguments->value[OPTION_JSON] == NULL)
        return EXIT_VALID;
    document = azattest__json_new_object();
    azattest__json_put_string(document, "kind", kind);
    azattest__json_put_string(document, "out", out_of(arguments));
    azattest__json_put_integer(document, "size", (int64_t)size);
    return azattest__output_json(document, EXIT_VALID);
}

/* A token that is refused seals nothing. */
static azattest_status seal(const azattest__arguments *arguments, const azattest__trust *from, azattest_bytes secret,
                            char **sealed, size_t *length, azattest_error **error)
{
    azattest_secret_options options = AZATTEST_SECRET_OPTIONS_INIT;
    azattest_token *token = NULL;
    azattest_response *response = NULL;
    azattest_result *result = NULL;
    azattest_status status;

    options.key_id = arguments->value[OPTION_KID];
    if ((status = azattest__input_token(arguments->value[OPTION_TOKEN], &token, error)) == AZATTEST_OK &&
        (status = azattest__trust_validate(from, token, &response, error)) == AZATTEST_OK &&
        (response != NULL || (status = azattest_token_result(token, false, &result, error)) == AZATTEST_OK))
        status = azattest_result_seal_secret(response != NULL ? azattest_response_value(response) : result, &options,
                                             secret, sealed, length, error);
    azattest_result_free(result);
    azattest_response_free(response);
    azattest_token_free(token);
    return status;
}

int azattest__command_secret_seal(const azattest__arguments *arguments)
{
    azattest_error *error = NULL;
    azattest__trust from;
    azattest__buf secret;
    char *sealed = NULL;
    size_t length = 0;
    int code;

    azattest__buf_init(&secret, AZATTEST_LIMIT_SECRET);
    if (azattest__trust_read(arguments, &from, &error) == AZATTEST_OK && check_out(arguments, &error) == AZATTEST_OK &&
        azattest__input_read(arguments->operand, "secret", AZATTEST_LIMIT_SECRET, &secret, &error) == AZATTEST_OK &&
        seal(arguments, &from, azattest__bytes(secret.ptr, secret.len), &sealed, &length, &error) == AZATTEST_OK &&
        write_text(arguments, azattest__bytes(sealed, length), &error) == AZATTEST_OK)
        code = done(arguments, "sealed_secret", length);
    else
        code = azattest__output_failure(arguments->value[OPTION_JSON] != NULL, error);
    azattest_free(sealed);
    azattest__buf_free(&secret);
    azattest__trust_clear(&from);
    return code;
}

/* The sealed text without the line end that files have. */
static azattest_status read_sealed(const char *path, azattest__buf *out, azattest_error **error)
{
    azattest_status status = azattest__input_read(path, "sealed secret", AZATTEST_LIMIT_SEALED, out, error);

    while (status == AZATTEST_OK && out->len > 0 && strchr("\r\n", out->ptr[out->len - 1]) != NULL)
        azattest__buf_cut(out, out->len - 1);
    return status;
}

int azattest__command_secret_open(const azattest__arguments *arguments)
{
    azattest__buf sealed, key, passphrase;
    azattest_error *error = NULL;
    azattest_bytes pem;
    char *secret = NULL;
    size_t length = 0;
    int code;

    azattest__buf_init(&sealed, AZATTEST_LIMIT_SEALED);
    azattest__buf_init(&passphrase, 1);
    azattest__buf_init(&key, AZATTEST_LIMIT_CERTIFICATE);
    if (check_out(arguments, &error) == AZATTEST_OK &&
        azattest__input_option(arguments, OPTION_KEY, AZATTEST_LIMIT_CERTIFICATE, &key, &pem, &error) == AZATTEST_OK &&
        azattest__input_passphrase(arguments, &passphrase, &error) == AZATTEST_OK &&
        read_sealed(arguments->operand, &sealed, &error) == AZATTEST_OK &&
        azattest_secret_open(pem, passphrase.len == 0 ? NULL : (const char *)passphrase.ptr,
                             azattest__buf_bytes(&sealed), &secret, &length, &error) == AZATTEST_OK &&
        azattest__output_file(out_of(arguments), azattest__bytes(secret, length), 0600, &error) == AZATTEST_OK)
        code = done(arguments, "secret", length);
    else
        code = azattest__output_failure(arguments->value[OPTION_JSON] != NULL, error);
    azattest_secret_free(secret, length);
    azattest__buf_free(&sealed);
    azattest__buf_free(&passphrase);
    azattest__buf_free(&key);
    return code;
}

int azattest__command_keys_export(const azattest__arguments *arguments)
{
    azattest_client_options options = AZATTEST_CLIENT_OPTIONS_INIT;
    azattest_transport *transport = NULL;
    azattest_signers *signers = NULL;
    azattest_client *client = NULL;
    azattest_error *error = NULL;
    const char *endpoint;
    azattest_status status;
    int code;

    if ((status = check_out(arguments, &error)) == AZATTEST_OK &&
        (status = azattest__endpoint(arguments, &endpoint, &error)) == AZATTEST_OK &&
        (status = azattest__client_options(arguments, &options, &error)) == AZATTEST_OK &&
        (status = azattest_client_new(endpoint, &options, &client, &error)) == AZATTEST_OK &&
        (status = azattest__connect(arguments, &transport, &error)) == AZATTEST_OK) {
        azattest__progress_begin();
        if ((status = azattest_client_get_signing_certificates(client, transport, &signers, &error)) == AZATTEST_OK)
            status = write_text(arguments, azattest_signers_jwks(signers), &error);
    }
    code = status == AZATTEST_OK ? done(arguments, "signing_keys", azattest_signers_jwks(signers).len)
                                 : azattest__output_failure(arguments->value[OPTION_JSON] != NULL, error);
    azattest_signers_free(signers);
    azattest_transport_free(transport);
    azattest_client_free(client);
    return code;
}
