/* azattest policy token, hash. */
#include <stdio.h>
#include <string.h>

#include "administration.h"
#include "base/encoding.h"
#include "commands.h"
#include "error/error.h"
#include "input.h"
#include "policy_source.h"
#include "table.h"

/* Both hashes and the token of the policy in the file; nothing is sent. */
typedef struct made {
    azattest_token *token;
    unsigned char policy_hash[AZATTEST_HASH_SIZE], token_hash[AZATTEST_HASH_SIZE];
} made;

static azattest_status make(const azattest__arguments *arguments, made *out, azattest_error **error)
{
    azattest_signing_key *key = NULL;
    azattest__policy_file source = { .name = NULL };
    azattest_status status;

    azattest__buf_init(&source.text, 1);
    if ((status = azattest__signing_key(arguments, &key, error)) == AZATTEST_OK &&
        (status = azattest__policy_file_read(arguments->operand, &source, error)) == AZATTEST_OK &&
        (status = azattest_create_policy_token(azattest__buf_bytes(&source.text), key, &out->token, error)) ==
            AZATTEST_OK &&
        (status = azattest_policy_hash(azattest__buf_bytes(&source.text), out->policy_hash, error)) == AZATTEST_OK)
        status = azattest_policy_token_hash(azattest_token_serialize(out->token), out->token_hash, error);
    azattest_signing_key_free(key);
    azattest__policy_file_clear(&source);
    return status;
}

static azattest__json *made_json(const made *from)
{
    azattest__json *document = azattest__json_new_object();

    azattest__json_put_string(document, "token", (const char *)azattest_token_serialize(from->token).ptr);
    azattest__json_put_base64url(document, "policy_hash", azattest__bytes(from->policy_hash, AZATTEST_HASH_SIZE));
    azattest__json_put_base64url(document, "policy_token_hash", azattest__bytes(from->token_hash, AZATTEST_HASH_SIZE));
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

/* The policy that --token names, if it names one. */
typedef struct named {
    bool asked, has_hash;
    unsigned char hash[AZATTEST_HASH_SIZE];
} named;

static azattest_status read_token(const azattest__arguments *arguments, named *out, azattest_error **error)
{
    azattest_result *result = NULL;
    azattest_token *token = NULL;
    azattest_bytes hash;
    azattest_status status, found;

    *out = (named){ .asked = arguments->value[OPTION_POLICY_TOKEN] != NULL };
    if (!out->asked)
        return AZATTEST_OK;
    if ((status = azattest__input_token(arguments->value[OPTION_POLICY_TOKEN], &token, error)) != AZATTEST_OK ||
        (status = azattest_token_result(token, true, &result, error)) != AZATTEST_OK)
        goto done;
    found = azattest_result_policy_hash(result, &hash);
    if (found == AZATTEST_OK && hash.len == AZATTEST_HASH_SIZE) {
        out->has_hash = true;
        memcpy(out->hash, hash.ptr, hash.len);
    } else if (found != AZATTEST_ABSENT) {
        status = azattest__error_set(error, AZATTEST_E_TOKEN_MALFORMED,
                                     "the token's x-ms-policy-hash is no hash of 32 bytes");
    }
done:
    azattest_result_free(result);
    azattest_token_free(token);
    return status;
}

static azattest_bytes hash_of(const named *from)
{
    return from->has_hash ? azattest__bytes(from->hash, sizeof(from->hash)) : azattest__bytes(NULL, 0);
}

/* Was the token issued under the text? Without a text: is its policy one that is known? */
static bool agrees(const made *text, const named *token)
{
    if (text->token == NULL)
        return azattest_policy_known_name(hash_of(token)) != NULL;
    return token->has_hash && memcmp(text->policy_hash, token->hash, sizeof(token->hash)) == 0;
}

static azattest__json *hash_json(const made *text, const named *token)
{
    azattest_bytes policy_hash = azattest__bytes(text->policy_hash, AZATTEST_HASH_SIZE);
    azattest__json *document = text->token != NULL ? made_json(text) : azattest__json_new_object();

    if (text->token != NULL)
        azattest__json_put_string(document, "known", azattest_policy_known_name(policy_hash));
    if (!token->asked)
        return document;
    if (text->token != NULL && token->has_hash)
        azattest__json_put_bool(document, "matches_token", agrees(text, token));
    else if (text->token != NULL)
        azattest__json_put_null(document, "matches_token");
    if (token->has_hash)
        azattest__json_put_base64url(document, "hash_in_token", hash_of(token));
    else
        azattest__json_put_null(document, "hash_in_token");
    azattest__json_put_string(document, "known_of_token", azattest_policy_known_name(hash_of(token)));
    return document;
}

static void print_hashes(const made *text, const named *token)
{
    azattest_bytes policy_hash = azattest__bytes(text->policy_hash, AZATTEST_HASH_SIZE);
    const char *known = azattest_policy_known_name(hash_of(token));
    azattest__table table = { NULL, 0, false };

    if (text->token != NULL) {
        azattest__table_hash(&table, "policy", policy_hash);
        azattest__table_hash(&table, "policy token", azattest__bytes(text->token_hash, AZATTEST_HASH_SIZE));
        azattest__table_text(&table, "known as", azattest_policy_known_name(policy_hash));
    }
    if (token->asked && !token->has_hash)
        azattest__table_text(&table, "in the token", "no policy is named");
    azattest__table_hash(&table, "in the token", hash_of(token));
    if (token->has_hash)
        azattest__table_text(&table, "that is", known != NULL ? known : "no policy that is known by name");
    if (token->asked && text->token != NULL)
        azattest__table_text(&table, "answer",
                             agrees(text, token) ? "the token says that it was issued under this text"
                             : token->has_hash   ? "the token says that it was issued under another text"
                                                 : "the token does not say under which text it was issued");
    if (token->asked)
        azattest__table_text(&table, "not checked", "who issued the token: 'azattest token validate' does that");
    azattest__table_print(&table, NULL);
}

static bool signs(const azattest__arguments *arguments)
{
    return arguments->value[OPTION_SIGNING_KEY] != NULL || arguments->value[OPTION_SIGNING_CERTIFICATE] != NULL ||
           arguments->value[OPTION_PASSPHRASE_FILE] != NULL || arguments->value[OPTION_ALGORITHM] != NULL;
}

int azattest__command_policy_hash(const azattest__arguments *arguments)
{
    bool json = arguments->value[OPTION_JSON] != NULL;
    azattest_error *error = NULL;
    made text = { .token = NULL };
    named token = { .asked = false };
    azattest_status status;
    int code = EXIT_VALID;

    if (arguments->operand == NULL && (arguments->value[OPTION_POLICY_TOKEN] == NULL || signs(arguments))) {
        azattest__operand_missing(arguments->command, &error);
        return azattest__output_failure(json, error);
    }
    status = arguments->operand == NULL ? AZATTEST_OK : make(arguments, &text, &error);
    if (status == AZATTEST_OK)
        status = read_token(arguments, &token, &error);
    if (status == AZATTEST_OK && token.asked && !agrees(&text, &token))
        code = EXIT_NOT_VALID;
    if (status != AZATTEST_OK)
        code = azattest__output_failure(json, error);
    else if (json)
        code = azattest__output_json(hash_json(&text, &token), code);
    else
        print_hashes(&text, &token);
    azattest_token_free(text.token);
    return code;
}
