/* A transport that plays a script: for tests that need no network and no time. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "transport.h"

typedef struct script {
    const azattest_scripted_exchange *exchanges;
    size_t count;
    pthread_mutex_t mutex; /* the script may be played from several threads */
    size_t played;
    int64_t slept_ms;
} script;

static void show(char *out, size_t size, const char *name, const char *text)
{
    size_t used = strlen(out);

    snprintf(out + used, size - used, " %s \"%s\"", name, text == NULL ? "(any)" : text);
}

/* A difference between what is asked and what the script expects, in words; false when there is none. */
static bool differs(const azattest_scripted_exchange *expected, const azattest_request *request, char *text,
                    size_t size)
{
    const char *method = azattest_request_method(request), *url = azattest_request_url(request);
    azattest_bytes body = azattest_request_body(request);
    bool same_body = expected->body.ptr == NULL || (body.ptr != NULL && body.len == expected->body.len &&
                                                    memcmp(body.ptr, expected->body.ptr, body.len) == 0);

    if ((expected->method == NULL || strcmp(method, expected->method) == 0) &&
        (expected->url == NULL || strcmp(url, expected->url) == 0) && same_body)
        return false;
    snprintf(text, size, "script: expected");
    show(text, size, "method", expected->method);
    show(text, size, "url", expected->url);
    strncat(text, ", asked for", size - strlen(text) - 1);
    show(text, size, "method", method);
    show(text, size, "url", url);
    if (!same_body) /* never the bodies: they hold evidence */
        strncat(text, "; the bodies differ", size - strlen(text) - 1);
    return true;
}

static const azattest_scripted_exchange *next(script *play)
{
    const azattest_scripted_exchange *exchange = NULL;

    pthread_mutex_lock(&play->mutex);
    if (play->played < play->count)
        exchange = &play->exchanges[play->played++];
    pthread_mutex_unlock(&play->mutex);
    return exchange;
}

/* A wrong script is not a fault of the network: E_CRYPTO keeps the operation from trying again. */
static void scripted_send(void *user, azattest_op *op, const azattest_request *request)
{
    const azattest_scripted_exchange *exchange = next(user);
    azattest_http_response response;
    char text[2048];

    if (exchange == NULL) {
        snprintf(text, sizeof(text), "script: it is at its end; asked for %s %.1500s", azattest_request_method(request),
                 azattest_request_url(request));
        (void)azattest_op_fail(op, AZATTEST_E_CRYPTO, text, false);
    } else if (differs(exchange, request, text, sizeof(text))) {
        (void)azattest_op_fail(op, AZATTEST_E_CRYPTO, text, false);
    } else if (exchange->fail != AZATTEST_OK) {
        (void)azattest_op_fail(op, exchange->fail, exchange->fail_message, false);
    } else {
        response = exchange->response;
        response.size = sizeof(response);
        (void)azattest_op_respond(op, &response);
    }
}

static bool scripted_sleep(void *user, int64_t wait_ms)
{
    script *play = user;

    pthread_mutex_lock(&play->mutex);
    play->slept_ms += wait_ms;
    pthread_mutex_unlock(&play->mutex);
    return true;
}

static void scripted_free(void *user)
{
    script *play = user;

    pthread_mutex_destroy(&play->mutex);
    free(play);
}

azattest_status azattest_scripted_transport_new(const azattest_scripted_exchange *exchanges, size_t count,
                                                azattest_transport **out, azattest_error **error)
{
    azattest_transport_functions functions = {
        .size = sizeof(functions), .send = scripted_send, .sleep = scripted_sleep, .free = scripted_free
    };
    azattest_status status;
    script *play;

    if (error != NULL)
        *error = NULL;
    if (out == NULL || (exchanges == NULL && count > 0)) {
        if (error != NULL)
            *error = azattest_error_new(AZATTEST_E_ARGUMENT, "script: no exchanges, or nowhere to put the transport");
        return AZATTEST_E_ARGUMENT;
    }
    *out = NULL;
    if ((play = calloc(1, sizeof(*play))) == NULL || pthread_mutex_init(&play->mutex, NULL) != 0) {
        free(play);
        if (error != NULL)
            *error = azattest_error_new(AZATTEST_E_MEMORY, "out of memory");
        return AZATTEST_E_MEMORY;
    }
    play->exchanges = exchanges;
    play->count = count;
    if ((status = azattest_transport_new(&functions, play, out, error)) != AZATTEST_OK)
        scripted_free(play);
    return status;
}

static const script *script_of(const azattest_transport *transport)
{
    return transport == NULL || transport->functions.send != scripted_send ? NULL : transport->user;
}

size_t azattest_scripted_transport_played(const azattest_transport *transport)
{
    const script *play = script_of(transport);

    return play == NULL ? 0 : play->played;
}

int64_t azattest_scripted_transport_slept_ms(const azattest_transport *transport)
{
    const script *play = script_of(transport);

    return play == NULL ? 0 : play->slept_ms;
}
