/* azattest access-token. */

#include "commands.h"
#include "connection.h"
#include "error/error.h"
#include "login.h"
#include "output.h"
#include "progress.h"

static azattest_status check_out(const azattest__arguments *arguments, azattest_error **error)
{
    const char *out = arguments->value[OPTION_OUT];

    if (arguments->value[OPTION_JSON] == NULL || out == NULL)
        return AZATTEST_OK;
    azattest__error_set(error, AZATTEST_E_ARGUMENT, "--json and --out exclude each other");
    azattest__error_set_hint(*error, "--json prints the token in a document on standard output; --out writes the bare "
                                     "token, as --access-token-file takes it");
    return AZATTEST_E_ARGUMENT;
}

static azattest_status acquire(const azattest__arguments *arguments, azattest_access_token **token,
                               azattest_error **error)
{
    azattest_client_options options = AZATTEST_CLIENT_OPTIONS_INIT;
    azattest_credential *credential = NULL;
    azattest_transport *transport = NULL;
    azattest_op *op = NULL;
    azattest_status status;

    if ((status = azattest__client_options(arguments, &options, error)) != AZATTEST_OK ||
        (status = azattest__login(arguments, LOGIN_DEFAULT, &options, &credential, error)) != AZATTEST_OK)
        goto done;
    if (credential == NULL) {
        status = azattest__error_set(error, AZATTEST_E_ARGUMENT, "--credential none gives no access token");
        goto done;
    }
    if ((status = azattest__connect(arguments, &transport, error)) == AZATTEST_OK &&
        (status = azattest_credential_get_token_begin(credential,
                                                      options.scopes == NULL ? AZATTEST__PUBLIC_SCOPE : options.scopes,
                                                      &options, &op, error)) == AZATTEST_OK) {
        azattest__progress_begin();
        if ((status = azattest_run(op, transport, error)) == AZATTEST_OK &&
            (*token = azattest_op_take_access_token(op)) == NULL)
            status = azattest__error_memory(error);
    }
done:
    azattest_op_free(op);
    azattest_transport_free(transport);
    azattest_credential_free(credential);
    return status;
}

static azattest_status write_token(const char *path, const char *token, azattest_error **error)
{
    azattest__buf line;
    azattest_status status;

    azattest__buf_init(&line, AZATTEST_LIMIT_ACCESS_TOKEN + 1);
    azattest__buf_append_text(&line, token);
    azattest__buf_append_text(&line, "\n");
    if ((status = azattest__error_from_buf(error, &line, "output")) == AZATTEST_OK)
        status = azattest__output_file(path, azattest__buf_bytes(&line), 0600, error);
    azattest__buf_free(&line);
    return status;
}

/* The names of the token endpoint's reply, so that what reads one reads the other; an expiry that is not known is
 * null. */
static azattest__json *token_json(const azattest_access_token *token)
{
    azattest__json *document = azattest__json_new_object();

    azattest__json_put_string(document, "token_type", "Bearer");
    azattest__json_put_string(document, "access_token", token->token);
    if (token->expires_on_s > 0)
        azattest__json_put_integer(document, "expires_on", token->expires_on_s);
    else
        azattest__json_put_null(document, "expires_on");
    return document;
}

int azattest__command_access_token(const azattest__arguments *arguments)
{
    const char *out = arguments->value[OPTION_OUT] == NULL ? "-" : arguments->value[OPTION_OUT];
    bool json = arguments->value[OPTION_JSON] != NULL;
    azattest_access_token *token = NULL;
    azattest_error *error = NULL;
    int code = EXIT_VALID;

    if (check_out(arguments, &error) != AZATTEST_OK || acquire(arguments, &token, &error) != AZATTEST_OK ||
        (!json && write_token(out, token->token, &error) != AZATTEST_OK))
        code = azattest__output_failure(json, error);
    else if (json)
        code = azattest__output_json(token_json(token), EXIT_VALID);
    azattest_access_token_free(token);
    return code;
}
