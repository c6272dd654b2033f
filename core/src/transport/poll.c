/* The form of a multi in which it waits itself. curl_multi_poll() would look at every transfer for each event of one,
 * so this waits as the caller of the other form does: 200 calls in flight cost no more each than 20. */
#include <errno.h>
#include <sys/epoll.h>

#include "engine.h"
#include "pipe_signal.h"

/* What is taken from the system at once. */
#define MOST_EVENTS 128

static bool open_epoll(azattest_multi *multi)
{
    struct epoll_event event = { .events = EPOLLIN, .data = { .fd = multi->inbox.wakeup_fd } };

    if (multi->sockets.epoll < 0 && (multi->sockets.epoll = epoll_create1(EPOLL_CLOEXEC)) < 0)
        return false;
    if (multi->form == AZATTEST__FORM_OPEN &&
        epoll_ctl(multi->sockets.epoll, EPOLL_CTL_ADD, multi->inbox.wakeup_fd, &event) != 0)
        return false;
    multi->form = AZATTEST__FORM_POLL;
    return true;
}

/* A number may mean another socket than it did, so what it was told of before is only what is tried first. */
static bool watch(int epoll, const azattest__socket_change *change)
{
    struct epoll_event event = { .data = { .fd = change->fd } };
    int first = change->before == 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD;

    if (change->events == 0) {
        (void)epoll_ctl(epoll, EPOLL_CTL_DEL, change->fd, &event); /* it may be closed */
        return true;
    }
    event.events = (change->events & AZATTEST_MULTI_READ ? (uint32_t)EPOLLIN : 0) |
                   (change->events & AZATTEST_MULTI_WRITE ? (uint32_t)EPOLLOUT : 0);
    if (epoll_ctl(epoll, first, change->fd, &event) == 0)
        return true;
    return (errno == ENOENT || errno == EEXIST) &&
           epoll_ctl(epoll, first == EPOLL_CTL_ADD ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, change->fd, &event) == 0;
}

static void watch_sockets(azattest_multi *multi)
{
    azattest__socket_change change;

    while (azattest__sockets_next(&multi->sockets, &change))
        if (!watch(multi->sockets.epoll, &change)) {
            azattest__calls_fail(multi);
            return;
        }
}

/* An error or the other side's end shows itself when it is read. */
static int events_of(uint32_t events)
{
    return (events & (EPOLLIN | EPOLLERR | EPOLLHUP) ? AZATTEST_MULTI_READ : 0) |
           (events & EPOLLOUT ? AZATTEST_MULTI_WRITE : 0);
}

/* False: a signal came. */
static bool wait_for_events(azattest_multi *multi, int64_t wait_ms)
{
    struct epoll_event events[MOST_EVENTS];
    int count = epoll_wait(multi->sockets.epoll, events, MOST_EVENTS, wait_ms > 3600000 ? 3600000 : (int)wait_ms);

    azattest__inbox_stop_listening(&multi->inbox);
    for (int i = 0; i < count; i++)
        if (events[i].data.fd != multi->inbox.wakeup_fd)
            azattest__multi_ready(multi, events[i].data.fd, events_of(events[i].events));
    return count >= 0;
}

/* The shorter wait, where -1 is one without an end. */
static int64_t shorter(int64_t a, int64_t b)
{
    if (a < 0 || b < 0)
        return a < 0 ? b : a;
    return a < b ? a : b;
}

static void run(azattest_multi *multi, int64_t timeout_ms)
{
    int64_t now_ms = azattest__monotonic_ms();
    int64_t end_ms = timeout_ms < 0 || timeout_ms > INT64_MAX - now_ms ? INT64_MAX : now_ms + timeout_ms;
    bool last = false;

    for (;;) {
        int64_t wait_ms;

        azattest__multi_work(multi);
        if (azattest__inbox_was_woken(&multi->inbox) || last)
            return;
        watch_sockets(multi);
        if (multi->out.first != NULL)
            return;
        now_ms = azattest__monotonic_ms();
        wait_ms = azattest__multi_wait_ms(multi, now_ms);
        if (end_ms != INT64_MAX)
            wait_ms = shorter(wait_ms, end_ms > now_ms ? end_ms - now_ms : 0);
        last = end_ms <= now_ms;
        if (azattest__inbox_listen(&multi->inbox))
            last = !wait_for_events(multi, wait_ms) || last;
    }
}

azattest_status azattest_multi_poll(azattest_multi *multi, int64_t timeout_ms, azattest_error **error)
{
    azattest__pipe_signal signal;
    azattest_status status = azattest__multi_check(multi, error);

    if (status != AZATTEST_OK)
        return status;
    if (multi->form == AZATTEST__FORM_EXTERNAL)
        return azattest__transport_error(error, AZATTEST_E_STATE,
                                         "multi: it is driven by azattest_multi_advance(); use one form alone");
    if (!open_epoll(multi))
        return azattest__transport_error(error, AZATTEST_E_TRANSPORT,
                                         "multi: the system has no descriptor to wait with");
    azattest__pipe_signal_hold(&signal);
    run(multi, timeout_ms);
    azattest__pipe_signal_release(&signal);
    return AZATTEST_OK;
}
