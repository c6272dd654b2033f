/* The driving of a multi, short of waiting; and the form in which the caller waits. */
#include "engine.h"
#include "pipe_signal.h"

/* So many rounds without looking at descriptors, while each gives rise to the next. */
#define MOST_ROUNDS 4

void azattest__multi_ready(azattest_multi *multi, int fd, int events)
{
    int running;

    if (curl_multi_socket_action(multi->curl, fd, events, &running) != CURLM_OK || multi->sockets.lost) {
        multi->sockets.lost = false;
        azattest__calls_fail(multi);
    }
}

static void take_what_came(azattest_multi *multi)
{
    azattest__calls added;
    azattest__call *call, *cancelled;

    azattest__inbox_take(&multi->inbox, &added, &cancelled);
    while ((call = azattest__calls_take(&added)) != NULL)
        azattest__call_step(multi, call);
    for (azattest__call *next; cancelled != NULL; cancelled = next) {
        next = cancelled->next_cancelled;
        azattest__call_cancelled(multi, cancelled);
    }
}

static void ring_timers(azattest_multi *multi, int64_t now_ms)
{
    azattest__timer *timer;

    while ((timer = azattest__timers_take_due(&multi->timers, now_ms)) != NULL)
        azattest__call_timed(multi, (azattest__call *)timer, now_ms);
    if (multi->curl_due_ms <= now_ms) {
        multi->curl_due_ms = INT64_MAX; /* it says the next one itself */
        azattest__multi_ready(multi, CURL_SOCKET_TIMEOUT, 0);
    }
}

static void take_ended(azattest_multi *multi)
{
    CURLMsg *message;
    int left;

    while ((message = curl_multi_info_read(multi->curl, &left)) != NULL) {
        char *transfer = NULL;

        if (message->msg == CURLMSG_DONE &&
            curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &transfer) == CURLE_OK)
            azattest__call_transferred(multi, (azattest__transfer *)(void *)transfer, message->data.result);
    }
}

static int64_t next_due(const azattest_multi *multi)
{
    const azattest__timer *first = multi->timers.first;

    return first == NULL || multi->curl_due_ms < first->due_ms ? multi->curl_due_ms : first->due_ms;
}

void azattest__multi_work(azattest_multi *multi)
{
    take_what_came(multi);
    for (int round = 0; round < MOST_ROUNDS; round++) {
        int64_t now_ms = azattest__monotonic_ms();

        ring_timers(multi, now_ms);
        take_ended(multi);
        if (next_due(multi) > now_ms)
            break;
    }
}

int64_t azattest__multi_wait_ms(azattest_multi *multi, int64_t now_ms)
{
    int64_t due = next_due(multi);

    if (due == INT64_MAX)
        return -1;
    return due > now_ms ? due - now_ms : 0;
}

/* The caller waits from now on, and the descriptor tells of other threads all the time. False: this form cannot be
 * used. */
static bool enter_external(azattest_multi *multi)
{
    if (multi == NULL || azattest__multi_is_foreign(multi) || multi->form == AZATTEST__FORM_POLL)
        return false;
    if (multi->form == AZATTEST__FORM_OPEN)
        azattest__inbox_listen_always(&multi->inbox);
    multi->form = AZATTEST__FORM_EXTERNAL;
    return true;
}

bool azattest_multi_next_socket(azattest_multi *multi, azattest_multi_socket *change)
{
    azattest__socket_change next;

    if (change == NULL || change->size < sizeof(*change) || !enter_external(multi))
        return false;
    if (multi->second_half.fd >= 0) {
        change->fd = multi->second_half.fd;
        change->events = multi->second_half.events;
        multi->second_half.fd = -1;
        return true;
    }
    if (!azattest__sockets_next(&multi->sockets, &next))
        return false;
    change->fd = next.fd;
    change->events = next.renewed ? 0 : next.events;
    if (next.renewed && next.events != 0)
        multi->second_half = next;
    return true;
}

int64_t azattest_multi_wait_ms(azattest_multi *multi)
{
    if (!enter_external(multi))
        return -1;
    return azattest__inbox_is_empty(&multi->inbox) ? azattest__multi_wait_ms(multi, azattest__monotonic_ms()) : 0;
}

int azattest_multi_wakeup_fd(azattest_multi *multi)
{
    return enter_external(multi) ? multi->inbox.wakeup_fd : -1;
}

azattest_status azattest_multi_advance(azattest_multi *multi, int fd, int events, azattest_error **error)
{
    azattest__pipe_signal signal;
    azattest_status status = azattest__multi_check(multi, error);

    if (status != AZATTEST_OK)
        return status;
    if (!enter_external(multi))
        return azattest__transport_error(error, AZATTEST_E_STATE,
                                         "multi: it is driven by azattest_multi_poll(); use one form alone");
    azattest__pipe_signal_hold(&signal);
    (void)azattest__inbox_was_woken(&multi->inbox);
    if (fd >= 0 && fd != multi->inbox.wakeup_fd)
        azattest__multi_ready(multi, fd, events & (AZATTEST_MULTI_READ | AZATTEST_MULTI_WRITE));
    azattest__multi_work(multi);
    azattest__pipe_signal_release(&signal);
    return AZATTEST_OK;
}
