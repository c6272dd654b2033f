/* azattest policy get, set, reset, token, hash. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "administration.h"
#include "base/encoding.h"
#include "commands.h"
#include "error/error.h"
#include "input.h"
#include "table.h"

static void put_hash(azattest__json *object, const char *name, azattest_bytes hash)
{
    if (hash.ptr != NULL)
        azattest__json_put_base64url(object, name, hash);
    else
        azattest__json_put_null(object, name);
}

static void row_hash(azattest__table *table, const char *label, azattest_bytes hash)
{
    azattest__buf text;

    azattest__buf_init(&text, 64);
    azattest__base64url_encode(hash, &text);
    if (hash.ptr != NULL && text.status == AZATTEST_OK)
        azattest__table_text(table, label, (const char *)text.ptr);
    azattest__buf_free(&text);
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
        row_hash(&table, "hash of its token", azattest_policy_result_policy_token_hash(result));
        subject = signer == NULL ? NULL : azattest__signer_subject(signer);
        azattest__table_text(&table, "signed by", subject);
        azattest__table_print(&table, NULL);
        free(subject);
    }
    azattest_signer_free(signer);
    return code;
}

/* The policy in a file, as text. */
static azattest_status read_policy(const char *path, azattest__buf *out, azattest_error **error)
{
    azattest_status status = azattest__input_read(path, "policy", AZATTEST_LIMIT_POLICY, out, error);

    if (status == AZATTEST_OK && out->len == 0)
        status = azattest__error_set(error, AZATTEST_E_ARGUMENT, "the policy is empty");
    return status;
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
    azattest__buf text;
    azattest_status status;
    int code;

    if ((status = read_policy(arguments->value[OPTION_POLICY], &text, &error)) == AZATTEST_OK &&
        (status = azattest__administration_open(arguments, &open, &error)) == AZATTEST_OK)
        status = azattest_admin_client_set_policy(open.client, open.transport, arguments->operand,
                                                  azattest__buf_bytes(&text), &open.options, &open.response, &error);
    code = finish(arguments, &open, status, error, print_change);
    azattest__buf_free(&text);
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

/* Both hashes and the token of the policy in the file; nothing is sent. */
typedef struct made {
    azattest_token *token;
    unsigned char policy_hash[AZATTEST_HASH_SIZE], token_hash[AZATTEST_HASH_SIZE];
} made;

static azattest_status make(const azattest__arguments *arguments, made *out, azattest_error **error)
{
    azattest_signing_key *key = NULL;
    azattest_status status;
    azattest__buf text;

    azattest__buf_init(&text, 1);
    if ((status = azattest__signing_key(arguments, &key, error)) == AZATTEST_OK &&
        (status = read_policy(arguments->operand, &text, error)) == AZATTEST_OK &&
        (status = azattest_create_policy_token(azattest__buf_bytes(&text), key, &out->token, error)) == AZATTEST_OK &&
        (status = azattest_policy_hash(azattest__buf_bytes(&text), out->policy_hash, error)) == AZATTEST_OK)
        status = azattest_policy_token_hash(azattest_token_serialize(out->token), out->token_hash, error);
    azattest_signing_key_free(key);
    azattest__buf_free(&text);
    return status;
}

static azattest__json *made_json(const made *from)
{
    azattest__json *document = azattest__json_new_object();

    azattest__json_put_string(document, "token", (const char *)azattest_token_serialize(from->token).ptr);
    put_hash(document, "policy_hash", azattest__bytes(from->policy_hash, AZATTEST_HASH_SIZE));
    put_hash(document, "policy_token_hash", azattest__bytes(from->token_hash, AZATTEST_HASH_SIZE));
    return document;
}

int azattest__command_policy_token(const azattest__arguments *arguments)
{
    bool json = arguments->value[OPTION_JSON] != NULL;
    azattest_error *error = NULL;
    made done = { .token = NULL };
    int code = EXIT_VALID;

    if (make(arguments, &done, &error) != AZATTEST_OK)
        code = azattest__output_failure(json, error);
    else if (json)
        code = azattest__output_json(made_json(&done), EXIT_VALID);
    else
        printf("%s\n", (const char *)azattest_token_serialize(done.token).ptr);
    azattest_token_free(done.token);
    return code;
}

int azattest__command_policy_hash(const azattest__arguments *arguments)
{
    bool json = arguments->value[OPTION_JSON] != NULL;
    azattest__table table = { NULL, 0, false };
    azattest_error *error = NULL;
    made done = { .token = NULL };
    int code = EXIT_VALID;

    if (make(arguments, &done, &error) != AZATTEST_OK) {
        code = azattest__output_failure(json, error);
    } else if (json) {
        code = azattest__output_json(made_json(&done), EXIT_VALID);
    } else {
        row_hash(&table, "policy", azattest__bytes(done.policy_hash, AZATTEST_HASH_SIZE));
        row_hash(&table, "policy token", azattest__bytes(done.token_hash, AZATTEST_HASH_SIZE));
        azattest__table_print(&table, NULL);
    }
    azattest_token_free(done.token);
    return code;
}
