/* The baselines by which an instance judges platforms. The versions of the service write numbers and dates in two ways,
 * and dates without a zone: all of them are read. */
#include "tcb_baselines.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <azattest/limits.h>

#include "../base/clock.h"
#include "attest_type.h"
#include "versions.h"

#define WHAT "get TCB baseline"

struct azattest_tcb_baselines {
    azattest__buf json; /* the document as it came */
    azattest__json *document;
    const azattest__json *list[AZATTEST_LIMIT_LIST]; /* in the document */
    size_t count;
};

azattest_status azattest__tcb_baselines_request(const char *endpoint, const char *api_version, const char *type,
                                                const azattest_tcb_baseline_options *options, azattest_request *request,
                                                azattest_error **error)
{
    azattest_status status;
    azattest__buf path;

    /* Drivers take the dots of a path away, and the request would go to another address. */
    if (type == NULL || *type == '\0' || strlen(type) > AZATTEST_LIMIT_ATTESTATION_TYPE || strcmp(type, ".") == 0 ||
        strcmp(type, "..") == 0)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT,
                                   WHAT ": give an attestation type of 1 to %u characters, for instance SgxEnclave",
                                   AZATTEST_LIMIT_ATTESTATION_TYPE);
    if ((status = azattest__api_version_check(WHAT, api_version, AZATTEST__2022_09_PREVIEW | AZATTEST__FROM_2025_06,
                                              error)) != AZATTEST_OK)
        return status;
    if (options->provide_current_tcb_in_policy != AZATTEST_DEFAULT &&
        (status = azattest__api_version_check(WHAT ": provide_current_tcb_in_policy", api_version,
                                              AZATTEST__2022_09_PREVIEW, error)) != AZATTEST_OK)
        return status;
    azattest__buf_init(&path, 512);
    azattest__buf_append_text(&path, "/tcbbaselines/");
    azattest__append_escaped(&path, azattest__attestation_type(type));
    if ((status = azattest__error_from_buf(error, &path, WHAT)) == AZATTEST_OK &&
        (status = azattest__request_start(request, "GET", endpoint, (const char *)path.ptr, api_version, error)) ==
            AZATTEST_OK &&
        options->provide_current_tcb_in_policy != AZATTEST_DEFAULT)
        status =
            azattest__request_query(request, "provideCurrentTcbInPolicy",
                                    options->provide_current_tcb_in_policy == AZATTEST_ON ? "true" : "false", error);
    if (status == AZATTEST_OK)
        status = azattest__request_header(request, "Accept", "application/json", error);
    request->authenticate = true; /* where the client has a credential: the service's description asks for one */
    azattest__buf_free(&path);
    return status;
}

/* The list, each of whose members is an object. */
static azattest_status read_list(const azattest_http_response *response, azattest_tcb_baselines *out,
                                 azattest_error **error)
{
    const azattest__json *list = azattest__json_get(out->document, "tcbBaselines");

    if (!azattest__json_is_array(list))
        return azattest__response_unusable(response, WHAT, "it is no JSON object with \"tcbBaselines\", an array",
                                           error);
    if (azattest__json_count(list) > AZATTEST_LIMIT_LIST)
        return azattest__response_unusable(response, WHAT, "it lists more baselines than any service has", error);
    for (const azattest__json *one = azattest__json_first(list); one != NULL; one = azattest__json_next(one)) {
        if (!azattest__json_is_object(one))
            return azattest__response_unusable(response, WHAT, "a baseline is no JSON object", error);
        out->list[out->count++] = one;
    }
    return AZATTEST_OK;
}

azattest_status azattest__tcb_baselines_reply(const azattest_http_response *response, azattest_tcb_baselines **out,
                                              azattest_error **error)
{
    azattest_tcb_baselines *baselines;
    azattest_error *reason = NULL;
    azattest_status status;

    *out = NULL;
    if ((baselines = calloc(1, sizeof(*baselines))) == NULL)
        return azattest__error_memory(error);
    azattest__buf_init(&baselines->json, AZATTEST_LIMIT_RESPONSE);
    status = azattest__json_parse(response->body, &baselines->document, &reason);
    if (status == AZATTEST_E_MALFORMED || status == AZATTEST_E_LIMIT) {
        status = azattest__response_unusable(response, WHAT, azattest_error_message(reason), error);
    } else if (status != AZATTEST_OK) {
        status = azattest__error_memory(error);
    } else if ((status = read_list(response, baselines, error)) == AZATTEST_OK) {
        azattest__buf_append_bytes(&baselines->json, response->body);
        status = azattest__error_from_buf(error, &baselines->json, WHAT);
    }
    azattest_error_free(reason);
    if (status == AZATTEST_OK) {
        *out = baselines;
        baselines = NULL;
    }
    azattest_tcb_baselines_free(baselines);
    return status;
}

void azattest_tcb_baselines_free(azattest_tcb_baselines *baselines)
{
    if (baselines == NULL)
        return;
    azattest__buf_free(&baselines->json);
    azattest__json_free(baselines->document);
    free(baselines);
}

size_t azattest_tcb_baselines_count(const azattest_tcb_baselines *baselines)
{
    return baselines == NULL ? 0 : baselines->count;
}

azattest_bytes azattest_tcb_baselines_json(const azattest_tcb_baselines *baselines)
{
    return baselines == NULL ? azattest__bytes(NULL, 0) : azattest__buf_bytes(&baselines->json);
}

/* AZATTEST_ABSENT when there is no such baseline or member. */
static azattest_status member(const azattest_tcb_baselines *baselines, size_t index, const char *name,
                              const azattest__json **value)
{
    *value = NULL;
    if (baselines == NULL || index >= baselines->count)
        return AZATTEST_ABSENT;
    *value = azattest__json_get(baselines->list[index], name);
    return *value == NULL || azattest__json_is_null(*value) ? AZATTEST_ABSENT : AZATTEST_OK;
}

static azattest_status text_member(const azattest_tcb_baselines *baselines, size_t index, const char *name,
                                   const char **text)
{
    const azattest__json *value;
    azattest_status status = member(baselines, index, name, &value);

    if (text == NULL)
        return AZATTEST_E_ARGUMENT;
    *text = azattest__json_string(value);
    return status == AZATTEST_OK && *text == NULL ? AZATTEST_E_TYPE : status;
}

azattest_status azattest_tcb_baselines_tcb_identifier(const azattest_tcb_baselines *baselines, size_t index,
                                                      const char **text)
{
    return text_member(baselines, index, "tcbIdentifier", text);
}

azattest_status azattest_tcb_baselines_minimum_psw_linux_version(const azattest_tcb_baselines *baselines, size_t index,
                                                                 const char **text)
{
    return text_member(baselines, index, "minimumPswLinuxVersion", text);
}

azattest_status azattest_tcb_baselines_minimum_psw_windows_version(const azattest_tcb_baselines *baselines,
                                                                   size_t index, const char **text)
{
    return text_member(baselines, index, "minimumPswWindowsVersion", text);
}

static bool read_digits(const char *text, int64_t *value)
{
    size_t len = strlen(text);

    if (len == 0 || len > 18 || strspn(text, "0123456789") != len)
        return false;
    *value = strtoll(text, NULL, 10);
    return true;
}

azattest_status azattest_tcb_baselines_tcb_evaluation_data_number(const azattest_tcb_baselines *baselines, size_t index,
                                                                  int64_t *value)
{
    const azattest__json *number;
    azattest_status status = member(baselines, index, "tcbEvaluationDataNumber", &number);
    const char *text = azattest__json_string(number);

    if (value == NULL)
        return AZATTEST_E_ARGUMENT;
    *value = 0;
    if (status != AZATTEST_OK)
        return status;
    return (text != NULL ? read_digits(text, value) : azattest__json_integer(number, value)) ? AZATTEST_OK
                                                                                             : AZATTEST_E_TYPE;
}

/* "2021-06-09T00:00:00" without a zone is UTC, as is a date alone. */
static bool read_date(const char *text, int64_t *seconds)
{
    char completed[AZATTEST__TIME_TEXT];
    const char *time = strpbrk(text, "Tt ");

    if (strlen(text) < strlen("2021-06-09") || strlen(text) > 40 || text[4] != '-')
        return false;
    if (time == NULL)
        snprintf(completed, sizeof(completed), "%sT00:00:00Z", text);
    else
        snprintf(completed, sizeof(completed), "%s%s", text, strpbrk(time, "Zz+-") == NULL ? "Z" : "");
    return azattest__time_parse(completed, seconds);
}

azattest_status azattest_tcb_baselines_tcb_release_date(const azattest_tcb_baselines *baselines, size_t index,
                                                        int64_t *seconds)
{
    const azattest__json *date;
    azattest_status status = member(baselines, index, "tcbReleaseDate", &date);
    const char *text = azattest__json_string(date);

    if (seconds == NULL)
        return AZATTEST_E_ARGUMENT;
    *seconds = 0;
    if (status != AZATTEST_OK)
        return status;
    return text != NULL && read_date(text, seconds) ? AZATTEST_OK : AZATTEST_E_TYPE;
}

azattest_status azattest_tcb_baselines_is_selected_tcb(const azattest_tcb_baselines *baselines, size_t index,
                                                       bool *value)
{
    const azattest__json *selected;
    azattest_status status = member(baselines, index, "isSelectedTcb", &selected);

    if (value == NULL)
        return AZATTEST_E_ARGUMENT;
    *value = false;
    if (status != AZATTEST_OK)
        return status;
    return azattest__json_bool(selected, value) ? AZATTEST_OK : AZATTEST_E_TYPE;
}
