/* The shapes of answers: service-like errors, request ids. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/encoding.h"

#include "parts.h"

#define ZERO_ID "00000000000000000000000000000000"

static bool is_lower_hex(const char *text, size_t len)
{
    return strspn(text, "0123456789abcdef") >= len;
}

/* W3C trace context, version 00: 00-<trace id>-<parent id>-<flags>. All-zero ids are invalid there. */
static bool is_traceparent(const char *text)
{
    return text != NULL && strlen(text) == AZATTEST__REQUEST_ID_SIZE - 1 && strncmp(text, "00-", 3) == 0 &&
           is_lower_hex(text + 3, 32) && text[35] == '-' && is_lower_hex(text + 36, 16) && text[52] == '-' &&
           is_lower_hex(text + 53, 2) && strncmp(text + 3, ZERO_ID, 32) != 0 && strncmp(text + 36, ZERO_ID, 16) != 0;
}

void azattest__answer_init(azattest__service_answer *answer, const char *traceparent)
{
    unsigned char random[24] = { 0 };
    azattest__buf hex;

    memset(answer, 0, sizeof(*answer));
    azattest__buf_init(&answer->body, AZATTEST_LIMIT_RESPONSE);
    azattest__buf_init(&hex, 2 * sizeof(random));
    /* Without random bytes or memory the id has zeros: it only helps to find a line of the log. */
    (void)azattest__random(random, sizeof(random), NULL);
    azattest__hex_encode(azattest__bytes(random, sizeof(random)), &hex);
    memcpy(answer->request_id, "00-" ZERO_ID "-0000000000000000-00", AZATTEST__REQUEST_ID_SIZE);
    if (hex.len == 2 * sizeof(random)) {
        memcpy(answer->request_id + 3, is_traceparent(traceparent) ? traceparent + 3 : (const char *)hex.ptr, 32);
        memcpy(answer->request_id + 36, hex.ptr + 32, 16);
    }
    azattest__buf_free(&hex);
}

void azattest__service_answer_clear(azattest__service_answer *answer)
{
    azattest__buf_free(&answer->body);
    for (size_t i = 0; i < answer->header_count; i++)
        free(answer->headers[i].value);
    answer->header_count = 0;
}

void azattest__answer_header(azattest__service_answer *answer, const char *name, const char *format, ...)
{
    char *value = NULL;
    va_list list;
    int len;

    if (answer->header_count == AZATTEST__ANSWER_HEADERS)
        return;
    va_start(list, format);
    len = vasprintf(&value, format, list);
    va_end(list);
    if (len < 0)
        return;
    answer->headers[answer->header_count].name = name;
    answer->headers[answer->header_count++].value = value;
}

azattest_status azattest__answer_json(azattest__service_answer *answer, const azattest__json *document,
                                      azattest_error **error)
{
    answer->status = 200;
    return azattest__json_print(document, false, &answer->body, error);
}

void azattest__answer_refuse_with(azattest__service_answer *answer, int status, const char *code, const char *message,
                                  azattest__json *details, azattest__json *inner)
{
    azattest__json *document = azattest__json_new_object(), *object = azattest__json_new_object();

    azattest__json_put_string(object, "code", code);
    azattest__json_put_string(object, "message", message);
    if (details != NULL)
        azattest__json_put(object, "details", details);
    if (inner != NULL)
        azattest__json_put(object, "innererror", inner);
    azattest__json_put(document, "error", object);
    azattest__buf_free(&answer->body);
    if (azattest__json_print(document, false, &answer->body, NULL) != AZATTEST_OK) {
        status = 500;
        code = "InternalError";
        azattest__buf_free(&answer->body);
        azattest__buf_append_text(&answer->body,
                                  "{\"error\":{\"code\":\"InternalError\",\"message\":\"out of memory\"}}");
    }
    answer->status = status;
    snprintf(answer->error_code, sizeof(answer->error_code), "%s", code);
    azattest__json_free(document);
}

azattest__json *azattest__inner_error(const char *code, const char *message)
{
    azattest__json *inner = azattest__json_new_object();

    azattest__json_put_string(inner, "code", code);
    azattest__json_put_string(inner, "message", message);
    return inner;
}

void azattest__answer_refuse(azattest__service_answer *answer, int status, const char *code, bool inner,
                             const char *message)
{
    azattest__answer_refuse_with(answer, status, code, message, NULL,
                                 inner ? azattest__inner_error(code, message) : NULL);
}

azattest_status azattest__refuse(azattest_error **error, int http_status, const char *code, const char *format, ...)
{
    char text[1024];
    va_list list;

    va_start(list, format);
    vsnprintf(text, sizeof(text), format, list);
    va_end(list);
    azattest__error_set(error, AZATTEST_E_HTTP, "%s", text);
    if (error != NULL)
        azattest__error_set_http(*error, &(azattest__error_http){ .status_code = http_status, .error_code = code });
    return AZATTEST_E_HTTP;
}

void azattest__answer_error(azattest__service_answer *answer, azattest_status status, const azattest_error *error)
{
    const char *message = error == NULL ? azattest_status_text(status) : azattest_error_message(error);
    const char *code = azattest_error_error_code(error);

    switch (status) {
    case AZATTEST_E_HTTP:
        if (code == NULL) /* its memory was not to be had */
            azattest__answer_refuse(answer, 500, "InternalError", false, message);
        else
            azattest__answer_refuse(answer, azattest_error_status_code(error), code,
                                    strcmp(code, "InvalidOperation") == 0, message);
        break;
    case AZATTEST_E_ARGUMENT: /* the request */
    case AZATTEST_E_LIMIT:
    case AZATTEST_E_MALFORMED:
    case AZATTEST_E_TYPE:
    case AZATTEST_E_UNSUPPORTED: /* evidence of another kind */
    case AZATTEST_E_EVIDENCE:
    case AZATTEST_E_BINDING:
        azattest__answer_refuse(answer, 400, "InvalidParameter", false, message);
        break;
    case AZATTEST_E_EVIDENCE_INVALID:
        azattest__answer_refuse(answer, 400, "InvalidQuote", true, message);
        break;
    default:
        azattest__answer_refuse(answer, 500, "InternalError", false, message);
    }
}
