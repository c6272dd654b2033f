#include "arrival.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <azattest/limits.h>

/* Takes one byte more than the limit: the operation then knows that there was more. */
static size_t on_body(char *data, size_t size, size_t count, void *user)
{
    azattest__arrival *answer = user;
    size_t len = size * count, room = answer->body_limit + 1 - answer->body.len;

    answer->received += len;
    if (!azattest__growing_add(&answer->body, data, len < room ? len : room)) {
        answer->broken = true;
        return 0;
    }
    answer->too_large = answer->too_large || answer->body.len > answer->body_limit;
    return answer->too_large ? 0 : len;
}

/* "HTTP/1.1 200 OK": a new answer begins, and what an interim one said is forgotten. */
static void begin_answer(azattest__arrival *answer, const char *line, size_t len)
{
    const char *space = memchr(line, ' ', len);
    const char *reason = space == NULL ? NULL : memchr(space + 1, ' ', len - (size_t)(space + 1 - line));

    answer->headers.len = 0;
    answer->header_count = 0;
    answer->reason[0] = '\0';
    answer->head_ended = false;
    if (reason != NULL)
        snprintf(answer->reason, sizeof(answer->reason), "%.*s", (int)(len - (size_t)(reason + 1 - line)), reason + 1);
}

static bool add_header(azattest__arrival *answer, const char *line, size_t len)
{
    const char *colon = memchr(line, ':', len), *value;
    size_t name_len, value_len;

    if (colon == NULL || colon == line || *line == ' ' || *line == '\t')
        return true; /* a continuation line, or nothing that could be named */
    name_len = (size_t)(colon - line);
    value = colon + 1;
    value_len = len - name_len - 1;
    while (value_len > 0 && (*value == ' ' || *value == '\t')) {
        value++;
        value_len--;
    }
    while (value_len > 0 && (value[value_len - 1] == ' ' || value[value_len - 1] == '\t'))
        value_len--;
    answer->header_count++;
    answer->header_size += name_len + value_len;
    answer->too_large = answer->header_size > AZATTEST_LIMIT_RESPONSE_HEADERS;
    return azattest__growing_add(&answer->headers, line, name_len) && azattest__growing_add(&answer->headers, "", 1) &&
           azattest__growing_add(&answer->headers, value, value_len) && azattest__growing_add(&answer->headers, "", 1);
}

static size_t on_header(char *data, size_t size, size_t count, void *user)
{
    azattest__arrival *answer = user;
    size_t len = size * count, line_len = len;

    answer->begun = true;
    answer->received += len;
    while (line_len > 0 && (data[line_len - 1] == '\r' || data[line_len - 1] == '\n'))
        line_len--;
    if (line_len == 0)
        answer->head_ended = true;
    else if (memchr(data, '\0', line_len) != NULL)
        answer->broken = true;
    else if (line_len > 5 && memcmp(data, "HTTP/", 5) == 0)
        begin_answer(answer, data, line_len);
    else if (!add_header(answer, data, line_len))
        answer->broken = true;
    return answer->broken || answer->too_large ? 0 : len;
}

bool azattest__arrival_attach(azattest__arrival *answer, CURL *easy)
{
    return curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_WRITEDATA, answer) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_HEADERDATA, answer) == CURLE_OK;
}

void azattest__arrival_begin(azattest__arrival *answer, const azattest_request *request)
{
    azattest__arrival_clear(answer);
    answer->body_limit = azattest_request_response_limit(request);
}

void azattest__arrival_hand_over(const azattest__arrival *answer, CURL *easy, azattest_op *op)
{
    azattest_http_response response = AZATTEST_HTTP_RESPONSE_INIT;
    azattest_header *headers;
    const char *text = answer->headers.ptr;
    long status = 0;

    if ((headers = calloc(answer->header_count + 1, sizeof(*headers))) == NULL) {
        (void)azattest_op_fail(op, AZATTEST_E_TRANSPORT, "no memory for the answer", true);
        return;
    }
    for (size_t i = 0; i < answer->header_count; i++) {
        headers[i].name = text;
        headers[i].value = text + strlen(text) + 1;
        text = headers[i].value + strlen(headers[i].value) + 1;
    }
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    response.status = (int)status;
    response.reason = answer->reason;
    response.headers = headers;
    response.header_count = answer->header_count;
    response.body.ptr = answer->body.ptr == NULL ? "" : answer->body.ptr;
    response.body.len = answer->body.len;
    (void)azattest_op_respond(op, &response);
    free(headers);
}

void azattest__arrival_clear(azattest__arrival *answer)
{
    azattest__growing_free(&answer->body);
    azattest__growing_free(&answer->headers);
    memset(answer, 0, sizeof(*answer));
}
