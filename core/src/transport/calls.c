/* What becomes of an operation while it is in a multi: it sends, sleeps, and comes out. */
#include <stdlib.h>

#include "engine.h"

/* Handles that are kept for later; each holds some 6 KB. */
#define MOST_IDLE 512

void azattest__transfer_free(azattest__transfer *transfer)
{
    if (transfer == NULL)
        return;
    if (transfer->exchange.easy != NULL)
        azattest__exchange_clear(&transfer->exchange);
    curl_easy_cleanup(transfer->exchange.easy);
    free(transfer);
}

static azattest__transfer *take_transfer(azattest_multi *multi)
{
    azattest__transfer *transfer = multi->idle;

    if (transfer != NULL) {
        multi->idle = transfer->next;
        multi->idle_count--;
        return transfer;
    }
    if ((transfer = calloc(1, sizeof(*transfer))) == NULL)
        return NULL;
    if ((transfer->exchange.easy = curl_easy_init()) == NULL) {
        azattest__transfer_free(transfer);
        return NULL;
    }
    return transfer;
}

/* Out of the call; the exchange is clear. */
static void give_transfer_back(azattest_multi *multi, azattest__call *call)
{
    azattest__transfer *transfer = call->transfer;

    call->transfer = NULL;
    transfer->call = NULL;
    if (multi->idle_count >= MOST_IDLE) {
        azattest__transfer_free(transfer);
        return;
    }
    transfer->next = multi->idle;
    multi->idle = transfer;
    multi->idle_count++;
}

/* libcurl's own rule closes connections as soon as few handles are in use: a burst would find none left. */
static void keep_connections(azattest_multi *multi)
{
    if (multi->running <= multi->kept_connections)
        return;
    multi->kept_connections = multi->kept_connections == 0 ? 64 : multi->kept_connections * 2;
    (void)curl_multi_setopt(multi->curl, CURLMOPT_MAXCONNECTS, (long)multi->kept_connections);
}

/* How often a silent transfer is looked at: an eighth of the limit is how much later than that it may be noticed. */
static int64_t next_look(const azattest_multi *multi, const azattest__exchange *exchange, int64_t now_ms)
{
    int64_t limit = multi->settings.read_timeout_ms, look = now_ms + limit / 8 + 1;
    int64_t end = exchange->moved_at_ms + limit;

    return exchange->moved > 0 && end > now_ms && end < look ? end : look;
}

/* Hands the request to libcurl. */
static bool launch(azattest_multi *multi, azattest__call *call)
{
    azattest__exchange *exchange = &call->transfer->exchange;
    const azattest_request *request = azattest_op_request(call->op);
    bool ok = azattest__exchange_prepare(exchange, &multi->settings, call->op, request) &&
              curl_easy_setopt(exchange->easy, CURLOPT_PRIVATE, call->transfer) == CURLE_OK &&
              curl_easy_setopt(exchange->easy, CURLOPT_CLOSESOCKETFUNCTION, azattest__sockets_close) == CURLE_OK &&
              curl_easy_setopt(exchange->easy, CURLOPT_CLOSESOCKETDATA, &multi->sockets) == CURLE_OK;

#if LIBCURL_VERSION_NUM >= 0x075700 /* a name that is looked up must not hold up the end of its transfer */
    ok = ok && curl_easy_setopt(exchange->easy, CURLOPT_QUICK_EXIT, 1L) == CURLE_OK;
#endif
    if (!ok || curl_multi_add_handle(multi->curl, exchange->easy) != CURLM_OK)
        return false;
    multi->running++;
    keep_connections(multi);
    call->excused = false;
    call->state = AZATTEST__CALL_SENDING;
    azattest__timers_set(&multi->timers, &call->timer, next_look(multi, exchange, azattest__monotonic_ms()));
    return true;
}

/* Whatever comes of it, the operation knows afterwards, or will be told. */
static bool begin(azattest_multi *multi, azattest__call *call)
{
    if ((call->transfer = take_transfer(multi)) == NULL) {
        (void)azattest_op_fail(call->op, AZATTEST_E_TRANSPORT, "no memory for a connection", false);
        return false;
    }
    call->transfer->call = call;
    if (launch(multi, call))
        return true;
    azattest__exchange_conclude(&call->transfer->exchange, &multi->settings, call->op, AZATTEST__IMPOSSIBLE,
                                CURLE_FAILED_INIT);
    give_transfer_back(multi, call);
    return false;
}

void azattest__call_step(azattest_multi *multi, azattest__call *call)
{
    for (;;) {
        switch (call->need = azattest_op_step(call->op)) {
        case AZATTEST_NEED_HTTP:
            if (begin(multi, call))
                return;
            break;
        case AZATTEST_NEED_SLEEP:
            call->state = AZATTEST__CALL_SLEEPING;
            azattest__timers_set(&multi->timers, &call->timer,
                                 azattest__monotonic_ms() + azattest_op_wait_ms(call->op));
            return;
        default: /* over, or the caller's to satisfy */
            call->state = AZATTEST__CALL_OUT;
            azattest__calls_put(&multi->out, call);
            return;
        }
    }
}

/* From libcurl; the exchange still has the answer. */
static void retract(azattest_multi *multi, azattest__call *call)
{
    azattest__timers_stop(&multi->timers, &call->timer);
    (void)curl_multi_remove_handle(multi->curl, call->transfer->exchange.easy);
    multi->running--;
}

static void conclude(azattest_multi *multi, azattest__call *call, azattest__ending how, CURLcode code)
{
    azattest__exchange_conclude(&call->transfer->exchange, &multi->settings, call->op, how, code);
    give_transfer_back(multi, call);
    azattest__call_step(multi, call);
}

void azattest__call_transferred(azattest_multi *multi, azattest__transfer *transfer, CURLcode code)
{
    azattest__call *call = transfer->call;
    azattest__exchange *exchange = &transfer->exchange;
    const azattest_request *request = azattest_op_request(call->op);
    azattest__ending how = AZATTEST__ENDED;

    retract(multi, call);
    if (code == CURLE_OK && azattest__exchange_only_looked(exchange, request) &&
        azattest__exchange_check_server(exchange, request, &code)) {
        if (launch(multi, call))
            return;
        how = AZATTEST__IMPOSSIBLE;
    }
    conclude(multi, call, how, code);
}

/* Whoever drives may have been away for longer than a look takes: then the answer may lie in the socket, unread. */
static bool was_away(const azattest_multi *multi, const azattest__call *call, int64_t now_ms)
{
    return now_ms - call->timer.due_ms > multi->settings.read_timeout_ms / 8 + 1;
}

static void look(azattest_multi *multi, azattest__call *call, int64_t now_ms)
{
    azattest__exchange *exchange = &call->transfer->exchange;

    if (azattest__exchange_silence_ms(exchange, now_ms) < multi->settings.read_timeout_ms) {
        call->excused = false;
        azattest__timers_set(&multi->timers, &call->timer, next_look(multi, exchange, now_ms));
    } else if (was_away(multi, call, now_ms) && !call->excused) {
        call->excused = true; /* once: a driver may always be late; and for long enough that sockets are read before */
        azattest__timers_set(&multi->timers, &call->timer, next_look(multi, exchange, now_ms));
    } else {
        retract(multi, call);
        conclude(multi, call, AZATTEST__SILENT, CURLE_OK);
    }
}

void azattest__call_timed(azattest_multi *multi, azattest__call *call, int64_t now_ms)
{
    if (call->state == AZATTEST__CALL_SLEEPING) {
        (void)azattest_op_waited(call->op);
        azattest__call_step(multi, call);
    } else if (call->state == AZATTEST__CALL_SENDING) {
        look(multi, call, now_ms);
    }
}

void azattest__call_drop(azattest_multi *multi, azattest__call *call)
{
    azattest__timers_stop(&multi->timers, &call->timer);
    if (call->state != AZATTEST__CALL_SENDING)
        return;
    retract(multi, call);
    azattest__exchange_clear(&call->transfer->exchange);
    give_transfer_back(multi, call);
}

void azattest__call_cancelled(azattest_multi *multi, azattest__call *call)
{
    if (call->state != AZATTEST__CALL_SENDING && call->state != AZATTEST__CALL_SLEEPING)
        return;
    azattest__call_drop(multi, call);
    azattest__call_step(multi, call); /* it knows that it is cancelled */
}

void azattest__calls_fail(azattest_multi *multi)
{
    azattest__call *call = azattest__inbox_all(&multi->inbox);

    for (azattest__call *next; call != NULL; call = next) {
        next = call->next_other;
        if (call->state != AZATTEST__CALL_SENDING)
            continue;
        retract(multi, call);
        conclude(multi, call, AZATTEST__IMPOSSIBLE, CURLE_FAILED_INIT);
    }
}
