#include <azattest/transport.h>

#include "commands.h"
#include "connection.h"
#include "error/error.h"
#include "input.h"
#include "report.h"

/* A file that could not be read is no verdict; what could be read and is no token is one. */
static int not_a_token(bool json, azattest_error *error)
{
    azattest__report report = { .verdict = VERDICT_INVALID, .error = error };
    int code;

    if (!azattest__is_token_verdict(azattest_error_code(error)) && azattest_error_code(error) != AZATTEST_E_LIMIT)
        return azattest__output_failure(json, error);
    code = azattest__report_token(&report, json);
    azattest_error_free(error);
    return code;
}

int azattest__command_token_inspect(const azattest__arguments *arguments)
{
    bool json = arguments->value[OPTION_JSON] != NULL;
    azattest__report report = { .verdict = VERDICT_UNVERIFIED };
    azattest_token *token = NULL;
    azattest_error *error = NULL;
    int code;

    if (azattest__input_token(arguments->operand, &token, &error) != AZATTEST_OK)
        return not_a_token(json, error);
    report.token = token;
    code = azattest__report_token(&report, json);
    azattest_token_free(token);
    return code;
}

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
        azattest__error_set(error, AZATTEST_E_ARGUMENT, "token validate needs keys to trust");
        azattest__error_set_hint(*error, "add --endpoint URL (or set AZATTEST_ENDPOINT), or --signers FILE with "
                                         "--issuer URL");
    } else {
        return AZATTEST_OK;
    }
    return AZATTEST_E_ARGUMENT;
}

/* Everything but the token. All of it is read and checked first: wrong use and absent files are no verdicts. */
typedef struct trust {
    azattest_validation_options options;
    azattest__buf runtime_data, runtime_json;
    const char *issuer[1];
    azattest_signers *signers;   /* of a file */
    azattest_verifier *verifier; /* of an instance */
    azattest_transport *transport;
} trust;

static void trust_clear(trust *from)
{
    azattest__buf_free(&from->runtime_data);
    azattest__buf_free(&from->runtime_json);
    azattest_signers_free(from->signers);
    azattest_verifier_free(from->verifier);
    azattest_transport_free(from->transport);
}

static azattest_status read_signers(const azattest__arguments *arguments, trust *from, azattest_error **error)
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

static azattest_status open_verifier(const azattest__arguments *arguments, trust *from, azattest_error **error)
{
    azattest_client_options options = AZATTEST_CLIENT_OPTIONS_INIT;
    const char *endpoint;
    azattest_status status;

    if ((status = azattest__endpoint(arguments, &endpoint, error)) == AZATTEST_OK &&
        (status = azattest__client_options(arguments, &options, error)) == AZATTEST_OK &&
        (status = azattest_verifier_new(endpoint, &options, &from->verifier, error)) == AZATTEST_OK)
        status = azattest__connect(arguments, &from->transport, error);
    return status;
}

static azattest_status read_trust(const azattest__arguments *arguments, trust *from, azattest_error **error)
{
    azattest_status status;

    if ((status = check_keys(arguments, error)) == AZATTEST_OK &&
        (status = azattest__validation_options(arguments, from->issuer, &from->options, error)) == AZATTEST_OK &&
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

int azattest__command_token_validate(const azattest__arguments *arguments)
{
    bool json = arguments->value[OPTION_JSON] != NULL;
    azattest__report report = { .verdict = VERDICT_INVALID };
    trust from = { .options = AZATTEST_VALIDATION_OPTIONS_INIT };
    azattest_token *token = NULL;
    azattest_response *response = NULL;
    azattest_error *error = NULL;
    azattest_status status;
    int code;

    if (read_trust(arguments, &from, &error) != AZATTEST_OK) {
        code = azattest__output_failure(json, error);
        goto done;
    }
    if (azattest__input_token(arguments->operand, &token, &error) != AZATTEST_OK) {
        code = not_a_token(json, error);
        goto done;
    }
    azattest__catch_interrupt();
    if (from.signers != NULL)
        status = azattest_token_validate(token, &from.options, &error);
    else
        status = azattest_verifier_validate(from.verifier, from.transport, azattest_token_serialize(token),
                                            &from.options, &response, &error);
    if (status != AZATTEST_OK && !azattest__is_token_verdict(status)) {
        code = azattest__output_failure(json, error);
        goto done;
    }
    report.token = response != NULL ? azattest_response_token(response) : token;
    report.response = response;
    report.error = error;
    report.now_ms = from.options.now_ms;
    if (status == AZATTEST_OK && azattest_token_is_validated(report.token)) /* both, never one alone */
        report.verdict = VERDICT_VALID;
    code = azattest__report_token(&report, json);
    azattest_error_free(error);
done:
    azattest_response_free(response);
    azattest_token_free(token);
    trust_clear(&from);
    return code;
}
