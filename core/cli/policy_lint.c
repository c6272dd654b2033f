/* azattest policy lint. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/nearest.h"
#include "commands.h"
#include "error/error.h"
#include "policy_source.h"
#include "words.h"

/* Of all files. */
typedef struct totals {
    size_t files, unread, errors, warnings, notes;
    int code;
    azattest__json *list; /* NULL: for people */
} totals;

static void worse(totals *sums, int code)
{
    if (code > sums->code)
        sums->code = code;
}

static azattest_status read_threshold(const azattest__arguments *arguments, azattest__gravity *out,
                                      azattest_error **error)
{
    static const char *const words[] = { "note", "warning", "error" };
    const char *given = arguments->value[OPTION_FAIL_ON];

    *out = GRAVITY_ERROR;
    if (given == NULL)
        return AZATTEST_OK;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (strcmp(words[i], given) == 0) {
            *out = (azattest__gravity)i;
            return AZATTEST_OK;
        }
    azattest__error_set(error, AZATTEST_E_ARGUMENT, "--fail-on is none of error, warning, note");
    return azattest__next_step(error, "leave it out to fail on errors alone");
}

/* A file that could not be looked at; the others still are. */
static void note_unread(totals *sums, const azattest__policy_file *source, azattest_error *error)
{
    azattest__json *object;

    sums->unread++;
    worse(sums, azattest__exit_code(error));
    if (sums->list == NULL) {
        fflush(stdout);
        azattest__output_note("%s: %s", azattest__policy_file_shown(source), azattest_error_message(error));
        if (azattest_error_hint(error) != NULL)
            azattest__output_note("%s", azattest_error_hint(error));
    } else {
        object = azattest__json_new_object();
        azattest__json_put_string(object, "file", source->name);
        azattest__json_put(object, "error", azattest__error_json(error));
        azattest__json_add(sums->list, object);
    }
    azattest_error_free(error);
}

static void note_report(totals *sums, const azattest__policy_file *source, azattest__gravity threshold)
{
    const azattest_policy_report *report = source->report;
    size_t errors = azattest_policy_report_error_count(report), notes = azattest_policy_report_note_count(report);
    size_t warnings = azattest_policy_report_warning_count(report);
    bool fails =
        errors > 0 || (threshold <= GRAVITY_WARNING && warnings > 0) || (threshold <= GRAVITY_NOTE && notes > 0);
    azattest__json *object;

    sums->errors += errors;
    sums->warnings += warnings;
    sums->notes += notes;
    worse(sums, fails ? EXIT_NOT_VALID : EXIT_VALID);
    if (sums->list == NULL) {
        azattest__findings_print(stdout, source, GRAVITY_NOTE);
        if (azattest_policy_report_is_cut(report))
            printf("%s: there is more; only the first %zu findings are shown\n", azattest__policy_file_shown(source),
                   azattest_policy_report_count(report));
        return;
    }
    object = azattest__json_new_object();
    azattest__json_put_string(object, "file", source->name);
    azattest__json_put_integer(object, "errors", (int64_t)errors);
    azattest__json_put_integer(object, "warnings", (int64_t)warnings);
    azattest__json_put_integer(object, "notes", (int64_t)notes);
    azattest__json_put_bool(object, "cut", azattest_policy_report_is_cut(report));
    azattest__json_put(object, "findings", azattest__findings_json(report, GRAVITY_NOTE));
    azattest__json_add(sums->list, object);
}

static void lint_file(const azattest__arguments *arguments, const char *name, azattest__gravity threshold, totals *sums)
{
    azattest__policy_file source;
    azattest_error *error = NULL;
    azattest_status status;

    if ((status = azattest__policy_file_text(name, &source, &error)) == AZATTEST_OK)
        status = azattest__policy_file_check(arguments, &source, &error);
    sums->files++;
    if (status == AZATTEST_OK)
        note_report(sums, &source, threshold);
    else
        note_unread(sums, &source, error);
    azattest__policy_file_clear(&source);
}

/* "3 errors", "1 warning". */
static void count(azattest__buf *text, size_t number, const char *what)
{
    if (number > 0)
        azattest__buf_printf(text, "%s%zu %s%s", text->len == 0 ? "" : ", ", number, what, number == 1 ? "" : "s");
}

static void print_summary(const totals *sums)
{
    azattest__buf text;

    azattest__buf_init(&text, 256);
    count(&text, sums->errors, "error");
    count(&text, sums->warnings, "warning");
    count(&text, sums->notes, "note");
    if (text.len == 0 && sums->unread < sums->files)
        azattest__buf_append_text(&text, "no findings");
    if (text.len > 0)
        azattest__buf_printf(&text, " in %zu file%s", sums->files - sums->unread,
                             sums->files - sums->unread == 1 ? "" : "s");
    if (sums->unread > 0)
        azattest__buf_printf(&text, "%s%zu file%s could not be read", text.len == 0 ? "" : "; ", sums->unread,
                             sums->unread == 1 ? "" : "s");
    if (text.status == AZATTEST_OK)
        printf("%s\n", (const char *)text.ptr);
    azattest__buf_free(&text);
}

static int print_document(const totals *sums)
{
    azattest__json *document = azattest__json_new_object();

    azattest__json_put_bool(document, "ok", sums->code == EXIT_VALID);
    azattest__json_put_integer(document, "errors", (int64_t)sums->errors);
    azattest__json_put_integer(document, "warnings", (int64_t)sums->warnings);
    azattest__json_put_integer(document, "notes", (int64_t)sums->notes);
    azattest__json_put_integer(document, "unread", (int64_t)sums->unread);
    azattest__json_put(document, "files", sums->list);
    return azattest__output_json(document, sums->code);
}

int azattest__command_policy_lint(const azattest__arguments *arguments)
{
    bool json = arguments->value[OPTION_JSON] != NULL;
    azattest_policy_parse_options options;
    azattest__gravity threshold;
    azattest_error *error = NULL;
    totals sums = { .code = EXIT_VALID };

    if (arguments->value[OPTION_EXPLAIN] != NULL)
        return azattest__explain_finding(arguments);
    if (arguments->operand_count == 0) {
        azattest__operand_missing(arguments->command, &error);
        return azattest__output_failure(json, error);
    }
    if (read_threshold(arguments, &threshold, &error) != AZATTEST_OK ||
        azattest__parse_options(arguments, &options, &error) != AZATTEST_OK)
        return azattest__output_failure(json, error);
    sums.list = json ? azattest__json_new_array() : NULL;
    for (size_t i = 0; i < arguments->operand_count; i++)
        lint_file(arguments, arguments->operands[i], threshold, &sums);
    if (json)
        return print_document(&sums);
    print_summary(&sums);
    return sums.code;
}
