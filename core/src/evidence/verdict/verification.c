#include "verification.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "../../json/json.h"

/* Fields, and the verdict's own text around them. */
#define LIMIT_VERDICT (AZATTEST__FIELDS_LIMIT + 65536u)

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

azattest_status azattest__verification_finish(azattest_verification_result *result, const azattest_evidence *evidence,
                                              azattest_error **error)
{
    azattest_status status;
    azattest__json *document;

    for (size_t i = 0; i < result->count; i++)
        if (result->checks[i].detail == NULL)
            return azattest__error_memory(error);
    document = azattest__json_new_object();
    azattest__json_put_string(document, "kind", evidence->kind);
    azattest__json_put_integer(document, "version", azattest_evidence_version(evidence));
    azattest__json_put_string(document, "verdict", azattest_verification_result_is_valid(result) ? "valid" : "invalid");
    azattest__json_put_string(document, "root", result->root);
    azattest__json_put(document, "checks", checks_json(result));
    azattest__json_put(document, "warnings", texts_json((const char *const *)result->warnings, result->warning_count));
    azattest__json_put(document, "not_checked", texts_json(result->not_checked, result->not_checked_count));
    azattest__json_put_raw(document, "fields", azattest_evidence_fields(evidence));
    azattest__buf_init(&result->json, LIMIT_VERDICT);
    status = azattest__json_print(document, false, &result->json, error);
    azattest__json_free(document);
    return status;
}

void azattest_verification_result_free(azattest_verification_result *result)
{
    if (result == NULL)
        return;
    for (size_t i = 0; i < result->count; i++)
        free(result->checks[i].detail);
    for (size_t i = 0; i < result->warning_count; i++)
        free(result->warnings[i]);
    azattest__buf_free(&result->json);
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

azattest_bytes azattest_verification_result_json(const azattest_verification_result *result)
{
    return result == NULL ? azattest__bytes(NULL, 0) : azattest__buf_bytes(&result->json);
}
