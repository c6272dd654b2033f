#include "verification.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "../../base/clock.h"
#include "../../json/json.h"

/* Fields, the verdict's own text around them, and the words that an appraisal accepts, which its failures list. */
#define LIMIT_VERDICT (AZATTEST__FIELDS_LIMIT + 65536u + 2u * AZATTEST_LIMIT_APPRAISAL)

static azattest__check *find(azattest_verification_result *result, const char *id)
{
    for (size_t i = 0; i < result->count; i++)
        if (strcmp(result->checks[i].id, id) == 0)
            return &result->checks[i];
    return NULL;
}

void azattest__verification_add(azattest_verification_result *result, const char *id, bool required, const char *detail)
{
    azattest__check *check = &result->checks[result->count];

    assert(result->count < AZATTEST__CHECKS);
    check->id = id;
    check->ok = -1;
    check->required = required;
    check->detail = azattest__dup_text(detail);
    result->count++;
}

/* Takes over the text. */
static azattest_status store(azattest_verification_result *result, const char *id, int ok, char *detail)
{
    azattest__check *check = find(result, id);

    assert(check != NULL);
    free(check->detail);
    check->detail = detail;
    check->ok = ok;
    return detail == NULL ? AZATTEST_E_MEMORY : AZATTEST_OK;
}

azattest_status azattest__verification_set(azattest_verification_result *result, const char *id, bool ok,
                                           const char *format, ...)
{
    va_list arguments;
    char *detail;

    va_start(arguments, format);
    if (vasprintf(&detail, format, arguments) < 0)
        detail = NULL;
    va_end(arguments);
    return store(result, id, ok ? 1 : 0, detail);
}

azattest_status azattest__verification_skip(azattest_verification_result *result, const char *id, const char *format,
                                            ...)
{
    va_list arguments;
    char *detail;

    va_start(arguments, format);
    if (vasprintf(&detail, format, arguments) < 0)
        detail = NULL;
    va_end(arguments);
    return store(result, id, -1, detail);
}

azattest_status azattest__verification_leave(azattest_verification_result *result, const char *id, const char *format,
                                             ...)
{
    va_list arguments;
    char *detail;

    azattest__verification_add(result, id, false, NULL);
    result->not_checked[result->not_checked_count++] = id;
    va_start(arguments, format);
    if (vasprintf(&detail, format, arguments) < 0)
        detail = NULL;
    va_end(arguments);
    return store(result, id, -1, detail);
}

azattest_status azattest__verification_warn(azattest_verification_result *result, const char *format, ...)
{
    va_list arguments;
    char *warning;

    assert(result->warning_count < AZATTEST__WARNINGS);
    va_start(arguments, format);
    if (vasprintf(&warning, format, arguments) < 0)
        warning = NULL;
    va_end(arguments);
    if (warning == NULL)
        return AZATTEST_E_MEMORY;
    result->warnings[result->warning_count++] = warning;
    return AZATTEST_OK;
}

void azattest__verification_window(azattest_verification_result *result, int64_t from, int64_t until)
{
    if (from != 0 && (result->latest_issue == 0 || from > result->latest_issue))
        result->latest_issue = from;
    if (until != 0 && (result->earliest_expiration == 0 || until < result->earliest_expiration))
        result->earliest_expiration = until;
}

azattest_status azattest__verification_outside(const char *what, int64_t from, int64_t until, int64_t now,
                                               azattest_error **error)
{
    char first[AZATTEST__TIME_TEXT], last[AZATTEST__TIME_TEXT], at[AZATTEST__TIME_TEXT];

    azattest__time_format(from, first);
    azattest__time_format(until, last);
    azattest__time_format(now, at);
    return azattest__error_set(error, AZATTEST_E_EVIDENCE_INVALID,
                               "%s is valid from %s to %s, the time of verification is %s", what, first, last, at);
}

azattest_status azattest__verification_advise(azattest_verification_result *result, const char *id,
                                              azattest_bytes advisory)
{
    char *text;

    for (size_t i = 0; i < result->advisory_count; i++)
        if (azattest__bytes_equal_text(advisory, result->advisories[i]))
            return AZATTEST_OK;
    if (result->advisory_count == AZATTEST__ADVISORIES)
        return azattest__verification_set(result, id, false, "more than %u security advisories", AZATTEST__ADVISORIES);
    if ((text = azattest__dup(advisory.ptr, advisory.len)) == NULL)
        return AZATTEST_E_MEMORY;
    result->advisories[result->advisory_count++] = text;
    return AZATTEST_OK;
}

static azattest__json *checks_json(const azattest_verification_result *result)
{
    azattest__json *list = azattest__json_new_array();

    for (size_t i = 0; i < result->count; i++) {
        azattest__json *check = azattest__json_new_object();

        azattest__json_put_string(check, "id", result->checks[i].id);
        if (result->checks[i].ok < 0)
            azattest__json_put_null(check, "ok");
        else
            azattest__json_put_bool(check, "ok", result->checks[i].ok == 1);
        azattest__json_put_string(check, "detail", result->checks[i].detail);
        azattest__json_add(list, check);
    }
    return list;
}

static azattest__json *texts_json(const char *const *texts, size_t count)
{
    azattest__json *list = azattest__json_new_array();

    for (size_t i = 0; i < count; i++)
        azattest__json_add_string(list, texts[i]);
    return list;
}

static void put_time(azattest__json *document, const char *name, int64_t seconds)
{
    char text[AZATTEST__TIME_TEXT];

    if (seconds != 0)
        azattest__time_format(seconds, text);
    azattest__json_put_string(document, name, seconds == 0 ? NULL : text);
}

static void put_tcb(azattest__json *document, const azattest_verification_result *result)
{
    azattest__json *tcb = azattest__json_new_object();

    azattest__json_put_string(tcb, "status", azattest_verification_result_tcb_status(result));
    put_time(tcb, "date", result->tcb_date);
    if (result->evaluation >= 0)
        azattest__json_put_integer(tcb, "evaluation_data_number", result->evaluation);
    else
        azattest__json_put_null(tcb, "evaluation_data_number");
    azattest__json_put(tcb, "advisories", texts_json((const char *const *)result->advisories, result->advisory_count));
    azattest__json_put(document, "tcb", tcb);
    put_time(document, "earliest_expiration", result->earliest_expiration);
    put_time(document, "latest_issue", result->latest_issue);
}

azattest_status azattest__verification_finish(azattest_verification_result *result, const azattest_evidence *evidence,
                                              azattest_error **error)
{
    for (size_t i = 0; i < result->count; i++)
        if (result->checks[i].detail == NULL)
            return azattest__error_memory(error);
    if ((result->lazy = calloc(1, sizeof(*result->lazy))) == NULL)
        return azattest__error_memory(error);
    result->evidence = azattest__evidence_ref(evidence);
    return AZATTEST_OK;
}

static azattest_status make_json(const azattest_verification_result *result, azattest__buf *out)
{
    azattest__json *document = azattest__json_new_object();
    azattest_status status;

    azattest__json_put_string(document, "kind", result->evidence->kind);
    azattest__json_put_integer(document, "version", azattest_evidence_version(result->evidence));
    azattest__json_put_string(document, "verdict", azattest_verification_result_is_valid(result) ? "valid" : "invalid");
    azattest__json_put_bool(document, "complete", azattest_verification_result_is_complete(result));
    azattest__json_put_bool(document, "appraised", result->appraised);
    azattest__json_put_string(document, "root", result->root);
    put_tcb(document, result);
    azattest__json_put(document, "checks", checks_json(result));
    azattest__json_put(document, "warnings", texts_json((const char *const *)result->warnings, result->warning_count));
    azattest__json_put(document, "not_checked", texts_json(result->not_checked, result->not_checked_count));
    azattest__json_put_raw(document, "fields", azattest_evidence_fields(result->evidence));
    azattest__buf_init(out, LIMIT_VERDICT);
    status = azattest__json_print(document, false, out, NULL);
    azattest__json_free(document);
    return status;
}

static void free_json(azattest__buf *json)
{
    if (json != NULL)
        azattest__buf_free(json);
    free(json);
}

azattest_bytes azattest_verification_result_json(const azattest_verification_result *result)
{
    azattest__buf *made = NULL, *first = NULL;

    if (result == NULL || result->lazy == NULL)
        return azattest__bytes(NULL, 0);
    if ((first = atomic_load(&result->lazy->json)) != NULL)
        return azattest__buf_bytes(first);
    if ((made = calloc(1, sizeof(*made))) == NULL || make_json(result, made) != AZATTEST_OK) {
        free_json(made);
        return azattest__bytes(NULL, 0);
    }
    if (atomic_compare_exchange_strong(&result->lazy->json, &first, made))
        return azattest__buf_bytes(made);
    free_json(made);
    return azattest__buf_bytes(first);
}

void azattest_verification_result_free(azattest_verification_result *result)
{
    if (result == NULL)
        return;
    for (size_t i = 0; i < result->count; i++)
        free(result->checks[i].detail);
    for (size_t i = 0; i < result->warning_count; i++)
        free(result->warnings[i]);
    for (size_t i = 0; i < result->advisory_count; i++)
        free(result->advisories[i]);
    if (result->lazy != NULL)
        free_json(atomic_load(&result->lazy->json));
    free(result->lazy);
    azattest_evidence_free(result->evidence);
    free(result);
}

bool azattest_verification_result_is_valid(const azattest_verification_result *result)
{
    size_t passed = 0;

    if (result == NULL)
        return false;
    for (size_t i = 0; i < result->count; i++)
        if (result->checks[i].required) {
            if (result->checks[i].ok != 1)
                return false;
            passed++;
        }
    return passed > 0;
}

size_t azattest_verification_result_check_count(const azattest_verification_result *result)
{
    return result == NULL ? 0 : result->count;
}

const char *azattest_verification_result_check_id(const azattest_verification_result *result, size_t index)
{
    return result != NULL && index < result->count ? result->checks[index].id : NULL;
}

int azattest_verification_result_check_ok(const azattest_verification_result *result, size_t index)
{
    return result != NULL && index < result->count ? result->checks[index].ok : -1;
}

const char *azattest_verification_result_check_detail(const azattest_verification_result *result, size_t index)
{
    return result != NULL && index < result->count ? result->checks[index].detail : NULL;
}

size_t azattest_verification_result_warning_count(const azattest_verification_result *result)
{
    return result == NULL ? 0 : result->warning_count;
}

const char *azattest_verification_result_warning(const azattest_verification_result *result, size_t index)
{
    return result != NULL && index < result->warning_count ? result->warnings[index] : NULL;
}

size_t azattest_verification_result_not_checked_count(const azattest_verification_result *result)
{
    return result == NULL ? 0 : result->not_checked_count;
}

const char *azattest_verification_result_not_checked(const azattest_verification_result *result, size_t index)
{
    return result != NULL && index < result->not_checked_count ? result->not_checked[index] : NULL;
}

const char *azattest_verification_result_root(const azattest_verification_result *result)
{
    return result == NULL ? NULL : result->root;
}

bool azattest_verification_result_is_complete(const azattest_verification_result *result)
{
    return azattest_verification_result_is_valid(result) && result->not_checked_count == 0;
}

bool azattest_verification_result_is_appraised(const azattest_verification_result *result)
{
    return result != NULL && result->appraised;
}

const char *azattest_verification_result_tcb_status(const azattest_verification_result *result)
{
    return result != NULL && result->tcb_status[0] != '\0' ? result->tcb_status : NULL;
}

int64_t azattest_verification_result_tcb_date_ms(const azattest_verification_result *result)
{
    return result == NULL ? 0 : result->tcb_date * 1000;
}

int azattest_verification_result_tcb_evaluation_data_number(const azattest_verification_result *result)
{
    return result == NULL ? -1 : result->evaluation;
}

size_t azattest_verification_result_advisory_count(const azattest_verification_result *result)
{
    return result == NULL ? 0 : result->advisory_count;
}

const char *azattest_verification_result_advisory(const azattest_verification_result *result, size_t index)
{
    return result != NULL && index < result->advisory_count ? result->advisories[index] : NULL;
}

int64_t azattest_verification_result_earliest_expiration_ms(const azattest_verification_result *result)
{
    return result == NULL ? 0 : result->earliest_expiration * 1000;
}

int64_t azattest_verification_result_latest_issue_ms(const azattest_verification_result *result)
{
    return result == NULL ? 0 : result->latest_issue * 1000;
}
