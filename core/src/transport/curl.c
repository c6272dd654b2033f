/* The blocking libcurl transport: its pool of handles, its waits. */
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "blocking.h"

typedef struct curl_transport {
    azattest__curl_settings settings;
    pthread_mutex_t mutex;
    azattest__curl_handle *idle; /* the handle used last comes first: its connection is warm */
} curl_transport;

static azattest__curl_handle *handle_take(curl_transport *curl)
{
    azattest__curl_handle *handle;

    pthread_mutex_lock(&curl->mutex);
    if ((handle = curl->idle) != NULL)
        curl->idle = handle->next;
    pthread_mutex_unlock(&curl->mutex);
    return handle != NULL ? handle : azattest__curl_handle_new();
}

static void handle_give_back(curl_transport *curl, azattest__curl_handle *handle)
{
    pthread_mutex_lock(&curl->mutex);
    handle->next = curl->idle;
    curl->idle = handle;
    pthread_mutex_unlock(&curl->mutex);
}

static void curl_send(void *user, azattest_op *op, const azattest_request *request)
{
    curl_transport *curl = user;
    azattest__curl_handle *handle;

    (void)request;
    if (azattest__curl_interrupted(&curl->settings)) {
        (void)azattest_op_fail(op, AZATTEST_E_CANCELLED, "interrupted", false);
    } else if ((handle = handle_take(curl)) == NULL) {
        (void)azattest_op_fail(op, AZATTEST_E_TRANSPORT, "no memory for a connection", false);
    } else {
        azattest__curl_handle_send(handle, &curl->settings, op);
        handle_give_back(curl, handle);
    }
}

static bool curl_sleep(void *user, int64_t wait_ms)
{
    const curl_transport *curl = user;

    while (wait_ms > 0) {
        int64_t slice = wait_ms < AZATTEST__SLICE_MS ? wait_ms : AZATTEST__SLICE_MS;
        struct timespec time = { .tv_sec = 0, .tv_nsec = (long)slice * 1000000 };

        if (azattest__curl_interrupted(&curl->settings))
            return false;
        (void)nanosleep(&time, NULL); /* a signal shortens one slice; whether it means anything, interrupted() says */
        wait_ms -= slice;
    }
    return !azattest__curl_interrupted(&curl->settings);
}

static void curl_free_transport(void *user)
{
    curl_transport *curl = user;

    while (curl->idle != NULL) {
        azattest__curl_handle *handle = curl->idle;

        curl->idle = handle->next;
        azattest__curl_handle_free(handle);
    }
    pthread_mutex_destroy(&curl->mutex);
    azattest__curl_settings_clear(&curl->settings);
    free(curl);
}

azattest_status azattest_curl_transport_new(const azattest_curl_options *options, azattest_transport **out,
                                            azattest_error **error)
{
    const azattest_transport_functions functions = {
        .size = sizeof(functions), .send = curl_send, .sleep = curl_sleep, .free = curl_free_transport
    };
    azattest__curl_settings settings;
    curl_transport *curl;
    azattest_status status;

    if (error != NULL)
        *error = NULL;
    if (out == NULL)
        return azattest__transport_error(error, AZATTEST_E_ARGUMENT, "curl transport: nowhere to put it");
    *out = NULL;
    if ((status = azattest__curl_settings_make(options, &settings, error)) != AZATTEST_OK)
        return status;
    if ((curl = calloc(1, sizeof(*curl))) == NULL || pthread_mutex_init(&curl->mutex, NULL) != 0) {
        free(curl);
        azattest__curl_settings_clear(&settings);
        return azattest__transport_error(error, AZATTEST_E_MEMORY, "out of memory");
    }
    curl->settings = settings;
    if ((status = azattest_transport_new(&functions, curl, out, error)) != AZATTEST_OK)
        curl_free_transport(curl);
    return status;
}
