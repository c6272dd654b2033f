#include <stdio.h>

#include "base/clock.h"
#include "commands.h"
#include "error/error.h"
#include "input.h"
#include "table.h"
#include "verdict.h"

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
        azattest__json_add_string(list,
                                  "DEBUG: the evidence is debuggable; its host can read and change what it attests");
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
    char what[64];

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
        azattest__output_verdict(VERDICT_UNVERIFIED, "%s (%s); nothing of this was checked",
                                 azattest__evidence_text(evidence, what, sizeof(what)),
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
    static const char *const details[] = { "header", "signature", "qe_report", NULL };
    char what[64];

    azattest__print_verdict(result, azattest__evidence_text(evidence, what, sizeof(what)), now);
    print_fields(evidence, details, now);
    printf("\n'azattest evidence inspect' shows every field.\n");
}

static int print_result(bool json, const azattest_evidence *evidence, const azattest_verification_result *result,
                        int64_t now)
{
    int code = azattest_verification_result_is_valid(result) ? EXIT_VALID : EXIT_NOT_VALID;
    azattest__json *document = NULL;
    azattest_error *error = NULL;

    if (!json) {
        print_verification(evidence, result, now);
        return code;
    }
    if (azattest__json_parse(azattest_verification_result_json(result), &document, &error) != AZATTEST_OK)
        return azattest__output_failure(json, error);
    return azattest__output_json(document, code);
}

int azattest__command_evidence_verify(const azattest__arguments *arguments)
{
    bool json = arguments->value[OPTION_JSON] != NULL;
    azattest_verification_result *result = NULL;
    azattest__expectations expectations;
    azattest_evidence *evidence = NULL;
    azattest_error *error = NULL;
    int code;

    if (azattest__expectations_read(arguments, &expectations, &error) != AZATTEST_OK) {
        code = azattest__output_failure(json, error);
        goto done;
    }
    if (azattest__input_evidence(arguments->operand, &evidence, &error) != AZATTEST_OK) {
        code = not_evidence(json, error);
        goto done;
    }
    if (azattest__expectations_gather(arguments, evidence, &expectations, &error) != AZATTEST_OK) {
        code = azattest__output_failure(json, error);
        code = code == EXIT_NOT_VALID ? EXIT_UNREACHED : code; /* no verdict on the evidence */
        goto done;
    }
    if (azattest_evidence_verify(evidence, &expectations.options, &result, &error) != AZATTEST_OK) {
        azattest__output_failure(json, error);
        code = EXIT_UNREACHED; /* no verdict: a root that was passed cannot be used */
        goto done;
    }
    code = print_result(json, evidence, result, azattest__expectations_now(&expectations));
done:
    azattest_verification_result_free(result);
    azattest_evidence_free(evidence);
    azattest__expectations_clear(&expectations);
    return code;
}
