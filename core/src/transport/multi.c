/* A multi: how it is made and freed, and what every thread may do with it. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include "engine.h"
#include "pipe_signal.h"

/* How often this process's line has forked. Asking the system for the process each time would cost more than the rest
 * of most calls here. */
static atomic_uint generation;
static pthread_once_t generation_once = PTHREAD_ONCE_INIT;

static void count_fork(void)
{
    atomic_fetch_add(&generation, 1);
}

static void watch_forks(void)
{
    (void)pthread_atfork(NULL, NULL, count_fork);
}

bool azattest__multi_is_foreign(const azattest_multi *multi)
{
    return multi->generation != atomic_load_explicit(&generation, memory_order_relaxed);
}

static int set_curl_timer(CURLM *curl, long timeout_ms, void *user)
{
    azattest_multi *multi = user;

    (void)curl;
    if (timeout_ms < 0)
        multi->curl_due_ms = INT64_MAX;
    else /* the clock's part of a millisecond must not let it ring too early */
        multi->curl_due_ms = timeout_ms == 0 ? 0 : azattest__monotonic_ms() + timeout_ms + 1;
    return 0;
}

static bool open_curl(azattest_multi *multi)
{
    return (multi->curl = curl_multi_init()) != NULL &&
           curl_multi_setopt(multi->curl, CURLMOPT_SOCKETFUNCTION, azattest__sockets_want) == CURLM_OK &&
           curl_multi_setopt(multi->curl, CURLMOPT_SOCKETDATA, &multi->sockets) == CURLM_OK &&
           curl_multi_setopt(multi->curl, CURLMOPT_TIMERFUNCTION, set_curl_timer) == CURLM_OK &&
           curl_multi_setopt(multi->curl, CURLMOPT_TIMERDATA, multi) == CURLM_OK;
}

azattest_status azattest_multi_new(const azattest_curl_options *options, azattest_multi **out, azattest_error **error)
{
    azattest__curl_settings settings;
    azattest_multi *multi;
    azattest_status status;

    if (error != NULL)
        *error = NULL;
    if (out == NULL)
        return azattest__transport_error(error, AZATTEST_E_ARGUMENT, "multi: nowhere to put it");
    *out = NULL;
    if ((status = azattest__curl_settings_make(options, &settings, error)) != AZATTEST_OK)
        return status;
    if ((multi = calloc(1, sizeof(*multi))) == NULL || !azattest__inbox_init(&multi->inbox)) {
        free(multi);
        azattest__curl_settings_clear(&settings);
        return azattest__transport_error(error, AZATTEST_E_MEMORY, "multi: no memory, or no descriptor left");
    }
    multi->settings = settings;
    (void)pthread_once(&generation_once, watch_forks);
    multi->generation = atomic_load(&generation);
    multi->curl_due_ms = INT64_MAX;
    multi->second_half.fd = -1;
    azattest__sockets_init(&multi->sockets);
    if (!open_curl(multi)) {
        azattest_multi_free(multi);
        return azattest__transport_error(error, AZATTEST_E_MEMORY, "multi: libcurl has no memory");
    }
    *out = multi;
    return AZATTEST_OK;
}

/* Ends what libcurl has of it. A child leaves that alone: closing a TLS connection sends a farewell over it. */
static void close_curl(azattest_multi *multi)
{
    azattest__call *call = azattest__inbox_all(&multi->inbox);
    azattest__pipe_signal signal;

    azattest__pipe_signal_hold(&signal);
    for (azattest__call *next; call != NULL; call = next) {
        next = call->next_other;
        azattest_op_cancel(call->op);
        azattest__call_drop(multi, call);
        free(call);
    }
    while (multi->idle != NULL) {
        azattest__transfer *transfer = multi->idle;

        multi->idle = transfer->next;
        azattest__transfer_free(transfer);
    }
    (void)curl_multi_cleanup(multi->curl);
    azattest__pipe_signal_release(&signal);
}

void azattest_multi_free(azattest_multi *multi)
{
    bool foreign;

    if (multi == NULL)
        return;
    foreign = azattest__multi_is_foreign(multi);
    if (!foreign)
        close_curl(multi);
    if (multi->sockets.epoll >= 0)
        close(multi->sockets.epoll);
    azattest__inbox_clear(&multi->inbox, foreign);
    azattest__sockets_clear(&multi->sockets);
    azattest__curl_settings_clear(&multi->settings);
    free(multi);
}

azattest_status azattest__multi_check(const azattest_multi *multi, azattest_error **error)
{
    if (error != NULL)
        *error = NULL;
    if (multi == NULL)
        return azattest__transport_error(error, AZATTEST_E_ARGUMENT, "multi: none is given");
    if (azattest__multi_is_foreign(multi))
        return azattest__transport_error(error, AZATTEST_E_STATE,
                                         "multi: it was made before fork(); make one in this process");
    return AZATTEST_OK;
}

azattest_status azattest_multi_add(azattest_multi *multi, azattest_op *op, void *user, azattest_error **error)
{
    azattest_status status = azattest__multi_check(multi, error);

    if (status != AZATTEST_OK)
        return status;
    if (op == NULL)
        return azattest__transport_error(error, AZATTEST_E_ARGUMENT, "multi: no operation to add");
    if ((status = azattest__inbox_add(&multi->inbox, op, user)) == AZATTEST_OK)
        return AZATTEST_OK;
    return azattest__transport_error(error, status,
                                     status == AZATTEST_E_STATE
                                         ? "multi: the operation is in it already; it comes out as an event"
                                         : "out of memory");
}

azattest_status azattest_multi_cancel(azattest_multi *multi, const azattest_op *op)
{
    if (multi == NULL || op == NULL)
        return AZATTEST_E_ARGUMENT;
    return azattest__multi_is_foreign(multi) ? AZATTEST_E_STATE : azattest__inbox_cancel(&multi->inbox, op);
}

azattest_status azattest_multi_wakeup(azattest_multi *multi)
{
    if (multi == NULL)
        return AZATTEST_E_ARGUMENT;
    if (azattest__multi_is_foreign(multi))
        return AZATTEST_E_STATE;
    azattest__inbox_wakeup(&multi->inbox);
    return AZATTEST_OK;
}

size_t azattest_multi_count(const azattest_multi *multi)
{
    if (multi == NULL || azattest__multi_is_foreign(multi))
        return 0;
    return azattest__inbox_count((azattest__inbox *)(uintptr_t)&multi->inbox); /* the mutex is no part of its value */
}

bool azattest_multi_next(azattest_multi *multi, azattest_multi_event *event)
{
    azattest__call *call;

    if (multi == NULL || event == NULL || event->size < sizeof(*event) || azattest__multi_is_foreign(multi) ||
        (call = azattest__calls_take(&multi->out)) == NULL)
        return false;
    if (azattest__inbox_remove(&multi->inbox, call))
        call->need = azattest_op_step(call->op); /* what it wanted is not wanted any more; what was over stays so */
    event->op = call->op;
    event->user = call->user;
    event->need = call->need;
    free(call);
    return true;
}
