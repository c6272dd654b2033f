/* azattest policy get, set, reset. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "administration.h"
#include "commands.h"
#include "error/error.h"
#include "policy_source.h"
#include "table.h"

static void put_hash(azattest__json *object, const char *name, azattest_bytes hash)
{
    if (hash.ptr != NULL)
        azattest__json_put_base64url(object, name, hash);
    else
        azattest__json_put_null(object, name);
}

static void note_signer(const azattest_signer *signer)
{
    char *subject = azattest__signer_subject(signer);

    if (signer == NULL)
        azattest__output_note("the policy is not signed");
    else
        azattest__output_note("the policy is signed by the %s key of the certificate of \"%s\"",
                              azattest_signer_key_type(signer), subject == NULL ? "?" : subject);
    free(subject);
}

static int print_policy(const azattest__arguments *arguments, const azattest_policy_result *result)
{
    azattest_signer *signer = azattest_policy_result_policy_signer(result);
    azattest__json *document;
    int code = EXIT_VALID;

    if (arguments->value[OPTION_JSON] != NULL) {
        document = azattest__json_new_object();
        azattest__json_put_string(document, "policy", azattest_policy_result_policy_text(result));
        azattest__json_put_string(document, "policy_token", azattest_policy_result_policy(result));
        if (signer != NULL)
            azattest__json_put(document, "policy_signer", azattest__signer_json(signer));
        else
            azattest__json_put_null(document, "policy_signer");
        code = azattest__output_json(document, EXIT_VALID);
    } else {
        note_signer(signer);
        azattest__output_text(azattest_policy_result_policy_text(result));
    }
    azattest_signer_free(signer);
    return code;
}

static int print_change(const azattest__arguments *arguments, const azattest_policy_result *result)
{
    azattest_signer *signer = azattest_policy_result_policy_signer(result);
    azattest__table table = { NULL, 0, false };
    azattest__json *document;
    int code = EXIT_VALID;
    char *subject;

    if (arguments->value[OPTION_JSON] != NULL) {
        document = azattest__json_new_object();
        azattest__json_put_string(document, "policy_resolution", azattest_policy_result_policy_resolution(result));
        put_hash(document, "policy_token_hash", azattest_policy_result_policy_token_hash(result));
        if (signer != NULL)
            azattest__json_put(document, "policy_signer", azattest__signer_json(signer));
        else
            azattest__json_put_null(document, "policy_signer");
        code = azattest__output_json(document, EXIT_VALID);
    } else {
        azattest__table_text(&table, "policy", azattest_policy_result_policy_resolution(result));
        azattest__table_hash(&table, "hash of its token", azattest_policy_result_policy_token_hash(result));
        subject = signer == NULL ? NULL : azattest__signer_subject(signer);
        azattest__table_text(&table, "signed by", subject);
        azattest__table_print(&table, NULL);
        free(subject);
    }
    azattest_signer_free(signer);
    return code;
}

/* Says what came of a call, and closes; the exit code. */
static int finish(const azattest__arguments *arguments, azattest__administration *open, azattest_status status,
                  azattest_error *error, int (*print)(const azattest__arguments *, const azattest_policy_result *))
{
    int code = status == AZATTEST_OK ? print(arguments, azattest_response_policy_result(open->response))
                                     : azattest__output_failure(arguments->value[OPTION_JSON] != NULL, error);

    azattest__administration_close(open);
    return code;
}

int azattest__command_policy_get(const azattest__arguments *arguments)
{
    azattest__administration open;
    azattest_error *error = NULL;
    azattest_status status;

    if ((status = azattest__administration_open(arguments, &open, &error)) == AZATTEST_OK)
        status = azattest_admin_client_get_policy(open.client, open.transport, arguments->operand, &open.options,
                                                  &open.response, &error);
    return finish(arguments, &open, status, error, print_policy);
}

int azattest__command_policy_set(const azattest__arguments *arguments)
{
    azattest__administration open = { .client = NULL };
    azattest_error *error = NULL;
    azattest__policy_file source;
    azattest_status status;
    int code;

    if ((status = azattest__policy_file_read(arguments->value[OPTION_POLICY], &source, &error)) == AZATTEST_OK &&
        (status = azattest__administration_open(arguments, &open, &error)) == AZATTEST_OK)
        status =
            azattest_admin_client_set_policy(open.client, open.transport, arguments->operand,
                                             azattest__buf_bytes(&source.text), &open.options, &open.response, &error);
    code = finish(arguments, &open, status, error, print_change);
    azattest__policy_file_clear(&source);
    return code;
}

int azattest__command_policy_reset(const azattest__arguments *arguments)
{
    azattest__administration open;
    azattest_error *error = NULL;
    azattest_status status;

    if ((status = azattest__administration_open(arguments, &open, &error)) == AZATTEST_OK)
        status = azattest_admin_client_reset_policy(open.client, open.transport, arguments->operand, &open.options,
                                                    &open.response, &error);
    return finish(arguments, &open, status, error, print_change);
}
