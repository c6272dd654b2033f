#include "report.h"

#include <stdlib.h>

#include <azattest/limits.h>

#include "../../json/json.h"
#include "lint.h"

/* A finding has some hundred bytes of text, all of it cut where it comes from the policy. */
#define LIMIT_REPORT (AZATTEST_LIMIT_POLICY_DIAGNOSTICS * 8192u)

azattest_status azattest_policy_lint(azattest_bytes text, const azattest_policy_parse_options *options,
                                     azattest_policy_report **out, azattest_error **error)
{
    azattest_policy_parse_options given;
    azattest_policy_report *report = NULL;
    azattest_policy *policy = NULL;
    azattest_status status;

    if (error != NULL)
        *error = NULL;
    if (out == NULL)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT, "policy: nowhere to put the report");
    *out = NULL;
    if ((status = azattest__policy_options_take(options, &given, error)) != AZATTEST_OK ||
        (status = azattest__policy_read(text, given.lenient == AZATTEST_ON, given.attestation_type, &policy, error)) !=
            AZATTEST_OK)
        return status;
    azattest__policy_check(policy);
    if ((report = calloc(1, sizeof(*report))) == NULL) {
        status = azattest__error_memory(error);
        goto done;
    }
    atomic_init(&report->json, NULL);
    if ((status = azattest__lint_policy(policy, &report->list, error)) == AZATTEST_OK) {
        *out = report;
        report = NULL;
    }
done:
    azattest_policy_report_free(report);
    azattest_policy_free(policy);
    return status;
}

static void free_json(azattest__buf *json)
{
    if (json != NULL)
        azattest__buf_free(json);
    free(json);
}

void azattest_policy_report_free(azattest_policy_report *report)
{
    if (report == NULL)
        return;
    azattest__diagnostics_clear(&report->list);
    free_json(atomic_load(&report->json));
    free(report);
}

static const azattest__diagnostic *at(const azattest_policy_report *report, size_t index)
{
    return report != NULL && index < report->list.count ? &report->list.items[index] : NULL;
}

static size_t count(const azattest_policy_report *report, azattest__severity severity)
{
    size_t found = 0;

    for (size_t i = 0; report != NULL && i < report->list.count; i++)
        found += report->list.items[i].severity == severity;
    return found;
}

size_t azattest_policy_report_count(const azattest_policy_report *report)
{
    return report == NULL ? 0 : report->list.count;
}

size_t azattest_policy_report_error_count(const azattest_policy_report *report)
{
    return count(report, AZATTEST__ERROR);
}

size_t azattest_policy_report_warning_count(const azattest_policy_report *report)
{
    return count(report, AZATTEST__WARNING);
}

size_t azattest_policy_report_note_count(const azattest_policy_report *report)
{
    return count(report, AZATTEST__NOTE);
}

bool azattest_policy_report_is_cut(const azattest_policy_report *report)
{
    return report != NULL && report->list.cut;
}

const char *azattest_policy_report_severity(const azattest_policy_report *report, size_t index)
{
    const azattest__diagnostic *item = at(report, index);

    return item == NULL ? NULL : azattest__severity_text(item->severity);
}

const char *azattest_policy_report_id(const azattest_policy_report *report, size_t index)
{
    const azattest__diagnostic *item = at(report, index);

    return item == NULL ? NULL : item->id;
}

unsigned azattest_policy_report_line(const azattest_policy_report *report, size_t index)
{
    const azattest__diagnostic *item = at(report, index);

    return item == NULL ? 0 : item->span.line;
}

unsigned azattest_policy_report_column(const azattest_policy_report *report, size_t index)
{
    const azattest__diagnostic *item = at(report, index);

    return item == NULL ? 0 : item->span.column;
}

size_t azattest_policy_report_offset(const azattest_policy_report *report, size_t index)
{
    const azattest__diagnostic *item = at(report, index);

    return item == NULL ? 0 : item->span.offset;
}

size_t azattest_policy_report_length(const azattest_policy_report *report, size_t index)
{
    const azattest__diagnostic *item = at(report, index);

    return item == NULL ? 0 : item->span.length;
}

const char *azattest_policy_report_message(const azattest_policy_report *report, size_t index)
{
    const azattest__diagnostic *item = at(report, index);

    return item == NULL ? NULL : item->message;
}

const char *azattest_policy_report_found(const azattest_policy_report *report, size_t index)
{
    const azattest__diagnostic *item = at(report, index);

    return item == NULL ? NULL : item->found;
}

const char *azattest_policy_report_expected(const azattest_policy_report *report, size_t index)
{
    const azattest__diagnostic *item = at(report, index);

    return item == NULL ? NULL : item->expected;
}

static azattest__json *item_json(const azattest__diagnostic *item)
{
    azattest__json *object = azattest__json_new_object();

    azattest__json_put_string(object, "severity", azattest__severity_text(item->severity));
    azattest__json_put_string(object, "id", item->id);
    azattest__json_put_integer(object, "line", item->span.line);
    azattest__json_put_integer(object, "column", item->span.column);
    azattest__json_put_integer(object, "offset", (int64_t)item->span.offset);
    azattest__json_put_integer(object, "length", (int64_t)item->span.length);
    azattest__json_put_string(object, "message", item->message);
    azattest__json_put_string(object, "found", item->found);
    azattest__json_put_string(object, "expected", item->expected);
    return object;
}

static azattest_status make_json(const azattest_policy_report *report, azattest__buf *out)
{
    azattest__json *list = azattest__json_new_array();
    azattest_status status;

    for (size_t i = 0; i < report->list.count; i++)
        azattest__json_add(list, item_json(&report->list.items[i]));
    azattest__buf_init(out, LIMIT_REPORT);
    status = azattest__json_print(list, false, out, NULL);
    azattest__json_free(list);
    return status;
}

azattest_bytes azattest_policy_report_json(const azattest_policy_report *report)
{
    azattest_policy_report *same = (azattest_policy_report *)(uintptr_t)report;
    azattest__buf *made = NULL, *first = NULL;

    if (report == NULL)
        return azattest__bytes(NULL, 0);
    if ((first = atomic_load(&same->json)) != NULL)
        return azattest__buf_bytes(first);
    if ((made = calloc(1, sizeof(*made))) == NULL || make_json(report, made) != AZATTEST_OK) {
        free_json(made);
        return azattest__bytes(NULL, 0);
    }
    if (atomic_compare_exchange_strong(&same->json, &first, made))
        return azattest__buf_bytes(made);
    free_json(made);
    return azattest__buf_bytes(first);
}
