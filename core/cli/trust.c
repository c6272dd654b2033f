#include "trust.h"

#include <stdlib.h>
#include <string.h>

#include "base/encoding.h"
#include "connection.h"
#include "error/error.h"
#include "input.h"
#include "json/json.h"
#include "progress.h"

/* --endpoint and --signers exclude each other, and --signers has nobody to compare the issuer with. */
static azattest_status check_keys(const azattest__arguments *arguments, azattest_error **error)
{
    bool signers = arguments->value[OPTION_SIGNERS] != NULL;

    if (arguments->value[OPTION_RUNTIME_DATA] != NULL && arguments->value[OPTION_RUNTIME_JSON] != NULL)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT, "--runtime-data and --runtime-json exclude each other");
    if (signers && arguments->value[OPTION_ENDPOINT] != NULL) {
        azattest__error_set(error, AZATTEST_E_ARGUMENT, "--signers and --endpoint exclude each other");
        azattest__error_set_hint(*error, "with --signers, say by --issuer URL whose token it must be");
    } else if (signers && arguments->value[OPTION_ISSUER] == NULL) {
        azattest__error_set(error, AZATTEST_E_ARGUMENT,
                            "--signers without --issuer would take the token of anybody "
                            "who shares the keys");
        azattest__error_set_hint(*error, "add --issuer URL: the instance that must have issued the token");
    } else if (!signers && azattest__arguments_endpoint(arguments) == NULL) {
        azattest__error_set(error, AZATTEST_E_ARGUMENT, "no keys to trust are given");
        azattest__error_set_hint(*error, "add --endpoint URL (or set AZATTEST_ENDPOINT), or --signers FILE with "
                                         "--issuer URL");
    } else {
        return AZATTEST_OK;
    }
    return AZATTEST_E_ARGUMENT;
}

void azattest__trust_clear(azattest__trust *from)
{
    azattest__buf_free(&from->policy_hash);
    for (size_t i = 0; i < from->claim_count; i++) {
        free(from->names[i]);
        free(from->values[i]);
    }
    azattest__buf_free(&from->runtime_data);
    azattest__buf_free(&from->runtime_json);
    azattest_signers_free(from->signers);
    azattest_verifier_free(from->verifier);
    azattest_transport_free(from->transport);
}

/* As the claim shows it (base64url), or in hexadecimal. */
static azattest_status read_policy_hash(const azattest__arguments *arguments, azattest__trust *from,
                                        azattest_error **error)
{
    enum { HASH_SIZE = 32 };
    const char *text = arguments->value[OPTION_POLICY_HASH];

    azattest__buf_init(&from->policy_hash, HASH_SIZE);
    if (text == NULL)
        return AZATTEST_OK;
    if (strlen(text) == 2 * (size_t)HASH_SIZE ? !azattest__hex_decode(azattest__text(text), &from->policy_hash)
                                              : !azattest__base64url_decode(azattest__text(text), &from->policy_hash) ||
                                                    from->policy_hash.len != HASH_SIZE) {
        azattest__error_set(error, AZATTEST_E_ARGUMENT, "--policy-hash is no hash of 32 bytes");
        azattest__error_set_hint(*error, "write it as x-ms-policy-hash shows it, or as 64 hexadecimal digits");
        return AZATTEST_E_ARGUMENT;
    }
    from->options.expected_policy_hash = azattest__buf_bytes(&from->policy_hash);
    return AZATTEST_OK;
}

/* The value as JSON text; what is no JSON is meant as text. */
static char *claim_value(const char *text)
{
    azattest__json *object = NULL;
    azattest__buf out;

    if (azattest__json_check(azattest__text(text), NULL) == AZATTEST_OK)
        return azattest__dup_text(text);
    azattest__buf_init(&out, AZATTEST_LIMIT_TOKEN_BODY);
    object = azattest__json_new_array();
    azattest__json_add_string(object, text);
    if (azattest__json_print(object, false, &out, NULL) != AZATTEST_OK || out.len < 2) {
        azattest__json_free(object);
        azattest__buf_free(&out);
        return NULL;
    }
    azattest__json_free(object);
    azattest__buf_cut(&out, out.len - 1); /* the string without its brackets */
    memmove(out.ptr, out.ptr + 1, out.len);
    return (char *)azattest__buf_take(&out, NULL);
}

static azattest_status read_claims(const azattest__arguments *arguments, azattest__trust *from, azattest_error **error)
{
    const char *all[AZATTEST_LIMIT_LIST + 1], *equals;
    size_t count = azattest__arguments_all(arguments, OPTION_REQUIRE_CLAIM, all);

    for (size_t i = 0; i < count; i++) {
        if (i == AZATTEST_LIMIT_LIST || all[i][0] == '\0' || all[i][0] == '=') {
            azattest__error_set(error, AZATTEST_E_ARGUMENT, "--require-claim: %s",
                                i == AZATTEST_LIMIT_LIST ? "too many" : "a claim without a name");
            azattest__error_set_hint(*error, "write NAME, or NAME=VALUE");
            return AZATTEST_E_ARGUMENT;
        }
        if ((equals = strchr(all[i], '=')) != NULL && (from->values[i] = claim_value(equals + 1)) == NULL)
            return azattest__error_memory(error);
        from->names[i] = azattest__dup(all[i], equals == NULL ? strlen(all[i]) : (size_t)(equals - all[i]));
        from->claim_count = i + 1;
        if (from->names[i] == NULL)
            return azattest__error_memory(error);
        from->claims[i].name = from->names[i];
        from->claims[i].value_json = from->values[i];
    }
    if (count > 0) {
        from->options.require_claims = from->claims;
        from->options.require_claim_count = count;
    }
    from->options.expected_type = arguments->value[OPTION_ATTESTATION_TYPE];
    return AZATTEST_OK;
}

static azattest_status read_signers(const azattest__arguments *arguments, azattest__trust *from, azattest_error **error)
{
    azattest_error *reason = NULL;
    azattest_bytes text;
    azattest__buf file;
    azattest_status status;

    status = azattest__input_option(arguments, OPTION_SIGNERS, AZATTEST_LIMIT_RESPONSE, &file, &text, error);
    if (status == AZATTEST_OK && azattest_signers_parse(text, &from->signers, &reason) != AZATTEST_OK)
        status = azattest__error_set(error, AZATTEST_E_STATE, "--signers: %s", azattest_error_message(reason));
    from->options.signers = from->signers;
    azattest_error_free(reason);
    azattest__buf_free(&file);
    return status;
}

static azattest_status open_verifier(const azattest__arguments *arguments, azattest__trust *from,
                                     azattest_error **error)
{
    azattest_client_options options = AZATTEST_CLIENT_OPTIONS_INIT;
    const char *endpoints[AZATTEST_LIMIT_LIST + 1];
    size_t count = azattest__arguments_all(arguments, OPTION_ENDPOINT, endpoints);
    azattest_status status = AZATTEST_OK;

    if (count == 0 && (status = azattest__endpoint(arguments, &endpoints[count++], error)) != AZATTEST_OK)
        return status;
    if ((status = azattest__client_options(arguments, &options, error)) == AZATTEST_OK &&
        (status = azattest_verifier_new_many(endpoints, count, &options, &from->verifier, error)) == AZATTEST_OK)
        status = azattest__connect(arguments, &from->transport, error);
    return status;
}

azattest_status azattest__trust_read(const azattest__arguments *arguments, azattest__trust *from,
                                     azattest_error **error)
{
    static const azattest_validation_options defaults = AZATTEST_VALIDATION_OPTIONS_INIT;
    azattest_status status;

    memset(from, 0, sizeof(*from));
    from->options = defaults;
    from->options.require_attestation =
        AZATTEST_ON; /* offline as well: what VALID says does not depend on the keys' way */

    if ((status = check_keys(arguments, error)) == AZATTEST_OK &&
        (status = azattest__validation_options(arguments, from->issuer, &from->options, error)) == AZATTEST_OK &&
        (status = read_policy_hash(arguments, from, error)) == AZATTEST_OK &&
        (status = read_claims(arguments, from, error)) == AZATTEST_OK &&
        (status = azattest__input_option(arguments, OPTION_RUNTIME_DATA, AZATTEST_LIMIT_RUNTIME_DATA,
                                         &from->runtime_data, &from->options.expected_runtime_data, error)) ==
            AZATTEST_OK &&
        (status = azattest__input_option(arguments, OPTION_RUNTIME_JSON, AZATTEST_LIMIT_RUNTIME_DATA,
                                         &from->runtime_json, &from->options.expected_runtime_json, error)) ==
            AZATTEST_OK)
        status = arguments->value[OPTION_SIGNERS] != NULL ? read_signers(arguments, from, error)
                                                          : open_verifier(arguments, from, error);
    return status;
}

azattest_status azattest__trust_validate(const azattest__trust *from, azattest_token *token,
                                         azattest_response **response, azattest_error **error)
{
    azattest__progress_begin();
    if (from->signers != NULL)
        return azattest_token_validate(token, &from->options, error);
    return azattest_verifier_validate(from->verifier, from->transport, azattest_token_serialize(token), &from->options,
                                      response, error);
}
