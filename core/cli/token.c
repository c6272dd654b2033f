#include "commands.h"
#include "input.h"
#include "report.h"
#include "trust.h"

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

int azattest__command_token_validate(const azattest__arguments *arguments)
{
    bool json = arguments->value[OPTION_JSON] != NULL;
    azattest__report report = { .verdict = VERDICT_INVALID };
    azattest__trust from;
    azattest_token *token = NULL;
    azattest_response *response = NULL;
    azattest_error *error = NULL;
    azattest_status status;
    int code;

    if (azattest__trust_read(arguments, &from, &error) != AZATTEST_OK) {
        code = azattest__output_failure(json, error);
        goto done;
    }
    if (azattest__input_token(arguments->operand, &token, &error) != AZATTEST_OK) {
        code = not_a_token(json, error);
        goto done;
    }
    status = azattest__trust_validate(&from, token, &response, &error);
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
    azattest__trust_clear(&from);
    return code;
}
