#include "source.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

const char *source_header(const source_answer *answer, const char *name)
{
    for (size_t i = 0; i < answer->header_count; i++)
        if (azattest__text_equal_nocase(answer->headers[i].name, name))
            return answer->headers[i].value;
    return NULL;
}

void source_set_header(source_answer *answer, const char *name, const char *value)
{
    size_t i = 0;

    while (i < answer->header_count && !azattest__text_equal_nocase(answer->headers[i].name, name))
        i++;
    assert_true(i < 8);
    if (value != NULL) {
        answer->headers[i] = (azattest_header){ name, value };
        answer->header_count += i == answer->header_count;
    } else if (i < answer->header_count) {
        answer->headers[i] = answer->headers[--answer->header_count];
    }
}

/* Nothing but what the source has to know goes out. */
static const char *look_at_headers(source *s, const azattest_request *request)
{
    const char *metadata = NULL;

    s->key_was = "";
    for (size_t i = 0; i < azattest_request_header_count(request); i++) {
        const char *name = azattest_request_header_name(request, i);

        if (strcmp(name, "Metadata") == 0)
            metadata = azattest_request_header_value(request, i);
        else if (strcmp(name, "Ocp-Apim-Subscription-Key") == 0)
            s->key_was = azattest_request_header_value(request, i);
        else if (strcmp(name, "User-Agent") != 0)
            s->sent_secret = true;
    }
    return metadata;
}

static void give(azattest_op *op, const source_answer *answer)
{
    azattest_http_response response = AZATTEST_HTTP_RESPONSE_INIT;

    response.status = answer->status;
    response.body = answer->body;
    response.headers = answer->headers;
    response.header_count = answer->header_count;
    if (answer->fail != AZATTEST_OK)
        (void)azattest_op_fail(op, answer->fail, "the source is not there", answer->answered);
    else
        (void)azattest_op_respond(op, &response);
}

static void send(void *user, azattest_op *op, const azattest_request *request)
{
    source *s = user;
    const char *url = azattest_request_url(request), *path = strchr(strstr(url, "://") + 3, '/');
    azattest__collateral_maker maker = azattest__simulated_maker(&s->documents);
    azattest__service_request asked = { .method = "GET", .target = path, .metadata = look_at_headers(s, request) };
    azattest__service_answer served;
    source_answer answer = { .status = 404 };

    assert_true(s->requests < SOURCE_REQUESTS);
    s->urls[s->requests++] = strdup(url);
    memset(&served, 0, sizeof(served));
    if (azattest__collateral_handle(&maker, &asked, &served)) {
        answer.status = served.status;
        answer.body = azattest__buf_bytes(&served.body);
        source_set_header(&answer, "Content-Type",
                          served.content_type == NULL ? "application/json" : served.content_type);
        for (size_t i = 0; i < served.header_count; i++)
            source_set_header(&answer, served.headers[i].name, served.headers[i].value);
    }
    if (s->bend != NULL)
        s->bend(s, s->requests - 1, &answer);
    give(op, &answer);
    azattest__service_answer_clear(&served);
}

static bool wait(void *user, int64_t wait_ms)
{
    source *s = user;

    s->slept_ms += wait_ms;
    return true;
}

static int64_t now(void *user)
{
    return ((source *)user)->now_ms;
}

static uint32_t middle(void *user)
{
    (void)user;
    return 0x66666666; /* a factor of 1.0 */
}

void source_open(source *s)
{
    const azattest_transport_functions functions = { .size = sizeof(functions), .send = send, .sleep = wait };

    memset(s, 0, sizeof(*s));
    s->documents.simulator = quotes_simulator();
    s->documents.platform = (azattest_simulated_platform)AZATTEST_SIMULATED_PLATFORM_INIT;
    s->now_ms = QUOTES_NOW_MS;
    s->client = (azattest_client_options)AZATTEST_CLIENT_OPTIONS_INIT;
    s->client.clock = (azattest_clock){ .now_ms = now, .user = s };
    s->client.random = middle;
    assert_int_equal(azattest_transport_new(&functions, s, &s->transport, NULL), AZATTEST_OK);
}

void source_forget(source *s)
{
    while (s->requests > 0)
        free(s->urls[--s->requests]);
    s->slept_ms = 0;
}

void source_close(source *s)
{
    source_forget(s);
    azattest_transport_free(s->transport);
}
