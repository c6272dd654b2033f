#include "error.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "../base/encoding.h"

#define MESSAGE_LIMIT 16384
#define BODY_SHOWN 2048
#define RUN_HIDDEN 128u      /* characters of base64 or hexadecimal in a row: evidence, a token or a key, and no word */
#define SECRET_LEAST 4u      /* a shorter secret would be found in every text */
#define SECRET_BEGINNING 16u /* of a longer one, what is left where a text was cut */

struct azattest_error {
    azattest_status status;
    char *message, *hint, *reason, *error_code, *service_message, *target, *details, *inner_error, *body;
    char *client_request_id, *request_id;
    int status_code, attempts;
    int64_t retry_after_ms;
    azattest_problems problems;
};

/* What is given when there is no memory to say that there is no memory. */
static azattest_error out_of_memory = { .status = AZATTEST_E_MEMORY, .retry_after_ms = -1 };

void azattest_error_free(azattest_error *error)
{
    if (error == NULL || error == &out_of_memory)
        return;
    free(error->message);
    free(error->hint);
    free(error->reason);
    free(error->error_code);
    free(error->service_message);
    free(error->target);
    free(error->details);
    free(error->inner_error);
    free(error->body);
    free(error->client_request_id);
    free(error->request_id);
    azattest__problems_clear(&error->problems);
    free(error);
}

/* Takes over the message; NULL stands for a failed allocation. */
static azattest_error *make(azattest_status status, char *message)
{
    azattest_error *error = message == NULL ? NULL : calloc(1, sizeof(*error));

    if (error == NULL) {
        free(message);
        return &out_of_memory;
    }
    error->status = status;
    error->message = message;
    error->retry_after_ms = -1;
    return error;
}

azattest_error *azattest_error_new(azattest_status status, const char *message)
{
    return make(status, azattest__dup_text(message == NULL ? azattest_status_text(status) : message));
}

azattest_status azattest__error_set(azattest_error **error, azattest_status status, const char *format, ...)
{
    va_list arguments;
    char *message = NULL;

    if (error == NULL)
        return status;
    va_start(arguments, format);
    if (vasprintf(&message, format, arguments) < 0)
        message = NULL;
    va_end(arguments);
    azattest_error_free(*error);
    *error = make(status, message);
    return status;
}

azattest_status azattest__error_memory(azattest_error **error)
{
    if (error != NULL) {
        azattest_error_free(*error);
        *error = &out_of_memory;
    }
    return AZATTEST_E_MEMORY;
}

azattest_status azattest__error_from_buf(azattest_error **error, const azattest__buf *buf, const char *what)
{
    if (buf->status == AZATTEST_E_MEMORY)
        return azattest__error_memory(error);
    if (buf->status == AZATTEST_E_LIMIT)
        return azattest__error_set(error, AZATTEST_E_LIMIT, "%s: more than %zu bytes", what, buf->limit);
    return buf->status;
}

void azattest__error_prefix(azattest_error **error, const char *format, ...)
{
    va_list arguments;
    char *prefix = NULL, *message = NULL;

    if (error == NULL || *error == NULL || *error == &out_of_memory)
        return;
    va_start(arguments, format);
    if (vasprintf(&prefix, format, arguments) < 0)
        prefix = NULL;
    va_end(arguments);
    if (prefix != NULL && asprintf(&message, "%s: %s", prefix, (*error)->message) > 0) {
        free((*error)->message);
        (*error)->message = message;
    }
    free(prefix);
}

azattest_error *azattest__error_copy(const azattest_error *error)
{
    azattest_error *copy;

    if (error == NULL || error == &out_of_memory)
        return error == NULL ? NULL : &out_of_memory;
    copy = make(error->status, azattest__dup_text(error->message));
    if (copy == &out_of_memory)
        return copy;
    copy->hint = azattest__dup_text(error->hint);
    copy->reason = azattest__dup_text(error->reason);
    copy->error_code = azattest__dup_text(error->error_code);
    copy->service_message = azattest__dup_text(error->service_message);
    copy->target = azattest__dup_text(error->target);
    copy->details = azattest__dup_text(error->details);
    copy->inner_error = azattest__dup_text(error->inner_error);
    copy->body = azattest__dup_text(error->body);
    copy->client_request_id = azattest__dup_text(error->client_request_id);
    copy->request_id = azattest__dup_text(error->request_id);
    copy->status_code = error->status_code;
    copy->attempts = error->attempts;
    copy->retry_after_ms = error->retry_after_ms;
    for (size_t i = 0; i < error->problems.count; i++)
        if (azattest__problems_add(&copy->problems, error->problems.items[i].code, "%s",
                                   error->problems.items[i].detail) != AZATTEST_OK)
            break;
    return copy;
}

/* ---- what a service repeats ---- */

static size_t common_beginning(const char *a, const char *b)
{
    size_t len = 0;

    while (a[len] != '\0' && a[len] == b[len])
        len++;
    return len;
}

/* How much of the text that begins here stays as it is, or has to be hidden: *hidden. */
static size_t next_part(const char *text, const char *secret, bool *hidden)
{
    static const char run[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_.=";
    size_t size = secret == NULL ? RUN_HIDDEN : strlen(secret), len;

    if (secret == NULL)
        len = strspn(text, run);
    else
        len = common_beginning(text, secret);
    *hidden = len >= (secret != NULL && size > SECRET_BEGINNING ? SECRET_BEGINNING : size);
    if (*hidden)
        return len;
    return secret == NULL && len > 0 ? len : 1;
}

/* In one pass, whatever a service sends: what is hidden becomes four asterisks, which are never more than it was. */
static void hide_in(char *text, const char *secret)
{
    const char *in = text;
    char *out = text;
    bool hidden;
    size_t len;

    while (in != NULL && *in != '\0') {
        len = next_part(in, secret, &hidden);
        memmove(out, hidden ? "****" : in, hidden ? SECRET_LEAST : len);
        out += hidden ? SECRET_LEAST : len;
        in += len;
    }
    if (text != NULL)
        azattest__wipe(out, (size_t)(in - out) + 1);
}

/* Without a secret: long runs of base64. */
static void hide(azattest_error *error, const char *secret)
{
    char *const texts[] = { error->message, error->reason,  error->error_code,  error->service_message,
                            error->target,  error->details, error->inner_error, error->body };

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        hide_in(texts[i], secret);
}

void azattest__error_hide(azattest_error *error, const char *secret)
{
    if (error != NULL && error != &out_of_memory && secret != NULL && strlen(secret) >= SECRET_LEAST)
        hide(error, secret);
}

static void replace(char **member, char *value)
{
    free(*member);
    *member = value;
}

/* The first bytes of a body, cut between characters, without its control characters. */
static char *shown_body(azattest_bytes body)
{
    const unsigned char *bytes = body.ptr;

    if (body.len > BODY_SHOWN) {
        body.len = BODY_SHOWN;
        while (body.len > BODY_SHOWN - 3 && (bytes[body.len] & 0xc0) == 0x80)
            body.len--;
    }
    return azattest__printable(body, body.len);
}

void azattest__error_set_http(azattest_error *error, const azattest__error_http *http)
{
    if (error == NULL || error == &out_of_memory)
        return;
    error->status_code = http->status_code;
    replace(&error->reason, azattest__dup_text(http->reason));
    replace(&error->error_code, azattest__dup_text(http->error_code));
    replace(&error->service_message, azattest__dup_text(http->service_message));
    replace(&error->target, azattest__dup_text(http->target));
    replace(&error->details, azattest__dup_text(http->details));
    replace(&error->inner_error, azattest__dup_text(http->inner_error));
    replace(&error->request_id, azattest__dup_text(http->request_id));
    replace(&error->hint, azattest__dup_text(http->hint));
    replace(&error->body, http->body.ptr == NULL ? NULL : shown_body(http->body));
    hide(error, NULL);
}

void azattest__error_set_hint(azattest_error *error, const char *hint)
{
    if (error != NULL && error != &out_of_memory)
        replace(&error->hint, azattest__dup_text(hint));
}

void azattest__error_set_call(azattest_error *error, const char *client_request_id, int attempts,
                              int64_t retry_after_ms)
{
    if (error == NULL || error == &out_of_memory)
        return;
    replace(&error->client_request_id, azattest__dup_text(client_request_id));
    error->attempts = attempts;
    error->retry_after_ms = retry_after_ms;
}

azattest_status azattest__error_from_problems(azattest_error **error, azattest_problems *problems)
{
    azattest_status status = problems->count == 0 ? AZATTEST_E_STATE : problems->items[0].code;
    azattest__buf text;

    if (error == NULL) {
        azattest__problems_clear(problems);
        return status;
    }
    azattest__buf_init(&text, MESSAGE_LIMIT);
    azattest__buf_append_text(&text, azattest_status_text(status));
    for (size_t i = 0; i < problems->count; i++) {
        azattest__buf_append_text(&text, i == 0 ? ": " : "; ");
        azattest__buf_append_text(&text, problems->items[i].detail);
    }
    azattest_error_free(*error);
    *error = make(status, text.status == AZATTEST_E_MEMORY ? NULL : (char *)azattest__buf_take(&text, NULL));
    azattest__buf_free(&text);
    if (*error == &out_of_memory) {
        azattest__problems_clear(problems);
        return status;
    }
    (*error)->problems = *problems;
    memset(problems, 0, sizeof(*problems));
    return status;
}

azattest_status azattest_error_code(const azattest_error *error)
{
    return error == NULL ? AZATTEST_E_ARGUMENT : error->status;
}

const char *azattest_error_message(const azattest_error *error)
{
    if (error == NULL || error->message == NULL)
        return azattest_status_text(error == NULL ? AZATTEST_E_ARGUMENT : error->status);
    return error->message;
}

const char *azattest_error_hint(const azattest_error *error)
{
    return error == NULL ? NULL : error->hint;
}

int azattest_error_status_code(const azattest_error *error)
{
    return error == NULL ? 0 : error->status_code;
}

const char *azattest_error_reason(const azattest_error *error)
{
    return error == NULL ? NULL : error->reason;
}

const char *azattest_error_error_code(const azattest_error *error)
{
    return error == NULL ? NULL : error->error_code;
}

const char *azattest_error_service_message(const azattest_error *error)
{
    return error == NULL ? NULL : error->service_message;
}

const char *azattest_error_target(const azattest_error *error)
{
    return error == NULL ? NULL : error->target;
}

const char *azattest_error_details(const azattest_error *error)
{
    return error == NULL ? NULL : error->details;
}

const char *azattest_error_inner_error(const azattest_error *error)
{
    return error == NULL ? NULL : error->inner_error;
}

const char *azattest_error_client_request_id(const azattest_error *error)
{
    return error == NULL ? NULL : error->client_request_id;
}

const char *azattest_error_request_id(const azattest_error *error)
{
    return error == NULL ? NULL : error->request_id;
}

int64_t azattest_error_retry_after_ms(const azattest_error *error)
{
    return error == NULL ? -1 : error->retry_after_ms;
}

int azattest_error_attempts(const azattest_error *error)
{
    return error == NULL ? 0 : error->attempts;
}

const char *azattest_error_body(const azattest_error *error)
{
    return error == NULL ? NULL : error->body;
}

size_t azattest_error_problem_count(const azattest_error *error)
{
    return error == NULL ? 0 : error->problems.count;
}

azattest_status azattest_error_problem_code(const azattest_error *error, size_t index)
{
    return error == NULL ? AZATTEST_ABSENT : azattest_problems_code(&error->problems, index);
}

const char *azattest_error_problem_detail(const azattest_error *error, size_t index)
{
    return error == NULL ? NULL : azattest_problems_detail(&error->problems, index);
}
