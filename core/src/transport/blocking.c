#include "blocking.h"

#include <stdlib.h>

#include "pipe_signal.h"

bool azattest__curl_interrupted(const azattest__curl_settings *settings)
{
    return settings->interrupted != NULL && settings->interrupted(settings->interrupted_user);
}

void azattest__curl_handle_free(azattest__curl_handle *handle)
{
    if (handle == NULL)
        return;
    curl_easy_cleanup(handle->exchange.easy);
    curl_multi_cleanup(handle->multi);
    free(handle);
}

azattest__curl_handle *azattest__curl_handle_new(void)
{
    azattest__curl_handle *handle = calloc(1, sizeof(*handle));

    if (handle == NULL)
        return NULL;
    handle->exchange.easy = curl_easy_init();
    handle->multi = curl_multi_init();
    if (handle->exchange.easy != NULL && handle->multi != NULL)
        return handle;
    azattest__curl_handle_free(handle);
    return NULL;
}

/* Until the end, in slices that are short enough for Ctrl-C. */
static azattest__ending drive(azattest__curl_handle *handle, const azattest__curl_settings *settings, CURLcode *code)
{
    int running = 1, left;
    CURLMsg *message;

    for (;;) {
        if (curl_multi_perform(handle->multi, &running) != CURLM_OK)
            return AZATTEST__IMPOSSIBLE;
        if (running == 0)
            break;
        if (azattest__curl_interrupted(settings))
            return AZATTEST__INTERRUPTED;
        if (azattest__exchange_silence_ms(&handle->exchange, azattest__monotonic_ms()) >= settings->read_timeout_ms)
            return AZATTEST__SILENT;
        if (curl_multi_poll(handle->multi, NULL, 0, AZATTEST__SLICE_MS, NULL) != CURLM_OK)
            return AZATTEST__IMPOSSIBLE;
    }
    *code = CURLE_FAILED_INIT;
    while ((message = curl_multi_info_read(handle->multi, &left)) != NULL)
        if (message->msg == CURLMSG_DONE)
            *code = message->data.result;
    return AZATTEST__ENDED;
}

static azattest__ending perform(azattest__curl_handle *handle, const azattest__curl_settings *settings,
                                const azattest_op *op, const azattest_request *request, CURLcode *code)
{
    azattest__ending how = AZATTEST__IMPOSSIBLE;
    azattest__pipe_signal signal;

    if (!azattest__exchange_prepare(&handle->exchange, settings, op, request))
        return how;
    azattest__pipe_signal_hold(&signal);
    if (curl_multi_add_handle(handle->multi, handle->exchange.easy) == CURLM_OK) {
        how = drive(handle, settings, code);
        curl_multi_remove_handle(handle->multi, handle->exchange.easy);
    }
    azattest__pipe_signal_release(&signal);
    return how;
}

void azattest__curl_handle_send(azattest__curl_handle *handle, const azattest__curl_settings *settings, azattest_op *op)
{
    const azattest_request *request = azattest_op_request(op);
    bool look = azattest__exchange_only_looked(&handle->exchange, request);
    CURLcode code = CURLE_FAILED_INIT;
    azattest__ending how = perform(handle, settings, op, request, &code);

    if (look && how == AZATTEST__ENDED && code == CURLE_OK &&
        azattest__exchange_check_server(&handle->exchange, request, &code))
        how = perform(handle, settings, op, request, &code);
    azattest__exchange_conclude(&handle->exchange, settings, op, how, code);
}
