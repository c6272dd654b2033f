#include <stdio.h>

#include "base/clock.h"
#include "commands.h"
#include "error/error.h"
#include "input.h"
#include "table.h"

/* What people call the kinds. */
static const char *kind_text(const azattest_evidence *evidence)
{
    return azattest__bytes_equal_text(azattest__text(azattest_evidence_kind(evidence)), "sgx_quote")
               ? "SGX quote"
               : "Open Enclave report";
}

/* What could be read and is no evidence has a verdict: invalid. */
static int not_evidence(bool json, azattest_error *error)
{
    azattest__json *document, *checks, *check;
    azattest__table table = { NULL, 0, false };
    int code = azattest__exit_code(error);

    if (code != EXIT_NOT_VALID)
        return azattest__output_failure(json, error);
    if (json) {
        document = azattest__json_new_object();
        azattest__json_put_null(document, "kind");
        azattest__json_put_null(document, "version");
        azattest__json_put_string(document, "verdict", "invalid");
        checks = azattest__json_new_array();
        check = azattest__json_new_object();
        azattest__json_put_string(check, "id", "structure");
        azattest__json_put_bool(check, "ok", false);
        azattest__json_put_string(check, "detail", azattest_error_message(error));
        azattest__json_add(checks, check);
        azattest__json_put(document, "checks", checks);
        azattest__json_put(document, "fields", azattest__json_new_object());
        azattest__json_put(document, "error", azattest__error_json(error));
        code = azattest__output_json(document, code);
    } else {
        azattest__output_verdict(VERDICT_INVALID, "%s", azattest_status_text(azattest_error_code(error)));
        azattest__table_row(&table, "structure", "FAILED  %s", azattest_error_message(error));
        azattest__table_print(&table, "Checks");
    }
    azattest_error_free(error);
    return code;
}

static void print_fields(const azattest_evidence *evidence, const char *const *skip, int64_t now)
{
    azattest__table table = { NULL, 0, false };
    azattest__json *fields = NULL;

    if (azattest__json_parse(azattest_evidence_fields(evidence), &fields, NULL) == AZATTEST_OK)
        azattest__table_members(&table, fields, skip, now);
    azattest__table_print(&table, "Fields");
    azattest__json_free(fields);
}

/* Of a parse alone, which refuses nothing that is well-formed. */
static azattest__json *inspect_warnings(const azattest_evidence *evidence)
{
    azattest__json *list = azattest__json_new_array();

    if (azattest_evidence_is_debuggable(evidence))
        azattest__json_add_string(list, "DEBUG: the enclave is debuggable; its host can read and change it");
    return list;
}

int azattest__command_evidence_inspect(const azattest__arguments *arguments)
{
    bool json = arguments->value[OPTION_JSON] != NULL;
    azattest_evidence *evidence = NULL;
    azattest_error *error = NULL;
    azattest_bytes held;
    azattest__json *document, *warnings;
    int code = EXIT_VALID;

    if (azattest__input_evidence(arguments->operand, &evidence, &error) != AZATTEST_OK)
        return not_evidence(json, error);
    held = azattest_evidence_held_data(evidence);
    warnings = inspect_warnings(evidence);
    if (json) {
        document = azattest__json_new_object();
        azattest__json_put_string(document, "kind", azattest_evidence_kind(evidence));
        azattest__json_put_integer(document, "version", azattest_evidence_version(evidence));
        azattest__json_put_null(document, "verdict");
        azattest__json_put_string(document, "form", azattest_evidence_form(evidence));
        azattest__json_put(document, "warnings", warnings);
        if (held.ptr != NULL)
            azattest__json_put_hex(document, "held_data", held);
        else
            azattest__json_put_null(document, "held_data");
        azattest__json_put_raw(document, "fields", azattest_evidence_fields(evidence));
        code = azattest__output_json(document, code);
    } else {
        azattest__output_verdict(VERDICT_UNVERIFIED, "%s, version %d (%s); nothing of this was checked",
                                 kind_text(evidence), azattest_evidence_version(evidence),
                                 azattest_evidence_form(evidence));
        azattest__output_list("Warnings", warnings);
        azattest__json_free(warnings);
        if (held.ptr != NULL)
            printf("\nHeld data beside it: %zu bytes\n", held.len);
        print_fields(evidence, NULL, azattest__clock_now_ms(NULL) / 1000);
    }
    azattest_evidence_free(evidence);
    return code;
}

static void print_verification(const azattest_evidence *evidence, const azattest_verification_result *result,
                               int64_t now)
{
    static const char *const words[] = { "-", "FAILED", "ok" };
    static const char *const details[] = { "header", "signature", "qe_report", NULL };
    azattest__table table = { NULL, 0, false };
    azattest__json *warnings = azattest__json_new_array();
    const char *root = azattest_verification_result_root(result);

    azattest__output_verdict(azattest_verification_result_is_valid(result) ? VERDICT_VALID : VERDICT_INVALID,
                             "%s, version %d%s", kind_text(evidence), azattest_evidence_version(evidence),
                             root != NULL && azattest__bytes_equal_text(azattest__text(root), "extra")
                                 ? ", by a root that you passed, not by Intel's"
                                 : "");
    for (size_t i = 0; i < azattest_verification_result_check_count(result); i++)
        azattest__table_row(&table, azattest_verification_result_check_id(result, i), "%-8s%s",
                            words[azattest_verification_result_check_ok(result, i) + 1],
                            azattest_verification_result_check_detail(result, i));
    azattest__table_print(&table, "Checks");
    for (size_t i = 0; i < azattest_verification_result_warning_count(result); i++)
        azattest__json_add_string(warnings, azattest_verification_result_warning(result, i));
    azattest__output_list("Warnings", warnings);
    azattest__json_free(warnings);
    if (azattest_verification_result_not_checked_count(result) > 0) {
        printf("\nNot checked, for want of collateral:");
        for (size_t i = 0; i < azattest_verification_result_not_checked_count(result); i++)
            printf("%s %s", i == 0 ? "" : ",", azattest_verification_result_not_checked(result, i));
        printf("\n");
    }
    print_fields(evidence, details, now);
    printf("\n'azattest evidence inspect' shows every field.\n");
}

static azattest_status verify_options(const azattest__arguments *arguments, azattest__buf *roots,
                                      azattest__buf *runtime_data, azattest_verify_options *options,
                                      azattest_error **error)
{
    azattest_status status;

    if (arguments->value[OPTION_NO_DEBUG] != NULL)
        options->allow_debug = AZATTEST_OFF;
    if ((status = azattest__arguments_at(arguments, &options->now_ms, error)) != AZATTEST_OK ||
        (status = azattest__input_option(arguments, OPTION_ROOT, AZATTEST_LIMIT_CERTIFICATE * AZATTEST_LIMIT_CHAIN,
                                         roots, &options->extra_roots, error)) != AZATTEST_OK)
        return status;
    return azattest__input_option(arguments, OPTION_RUNTIME_DATA, AZATTEST_LIMIT_RUNTIME_DATA, runtime_data,
                                  &options->runtime_data, error);
}

int azattest__command_evidence_verify(const azattest__arguments *arguments)
{
    bool json = arguments->value[OPTION_JSON] != NULL;
    azattest_verify_options options = AZATTEST_VERIFY_OPTIONS_INIT;
    azattest__buf roots = { 0 }, runtime_data = { 0 };
    azattest_verification_result *result = NULL;
    azattest_evidence *evidence = NULL;
    azattest_error *error = NULL;
    azattest__json *document = NULL;
    int code;

    if (verify_options(arguments, &roots, &runtime_data, &options, &error) != AZATTEST_OK) {
        code = azattest__output_failure(json, error);
        goto done;
    }
    if (azattest__input_evidence(arguments->operand, &evidence, &error) != AZATTEST_OK) {
        code = not_evidence(json, error);
        goto done;
    }
    if (azattest_evidence_verify(evidence, &options, &result, &error) != AZATTEST_OK) {
        azattest__output_failure(json, error);
        code = EXIT_UNREACHED; /* no verdict: a root that was passed cannot be used */
        goto done;
    }
    code = azattest_verification_result_is_valid(result) ? EXIT_VALID : EXIT_NOT_VALID;
    if (!json)
        print_verification(evidence, result,
                           (options.now_ms != 0 ? options.now_ms : azattest__clock_now_ms(NULL)) / 1000);
    else if (azattest__json_parse(azattest_verification_result_json(result), &document, &error) == AZATTEST_OK)
        code = azattest__output_json(document, code);
    else
        code = azattest__output_failure(json, error);
done:
    azattest_verification_result_free(result);
    azattest_evidence_free(evidence);
    azattest__buf_free(&roots);
    azattest__buf_free(&runtime_data);
    return code;
}
