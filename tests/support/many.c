#include "many.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HEAD(status) "HTTP/1.1 " status "\r\nContent-Type: application/json\r\n"
#define GOOD HEAD("200 OK") "Content-Length: 14\r\n\r\n{\"data\":\"e30\"}"
#define BUSY HEAD("503 Busy") "Retry-After: 60\r\nContent-Length: 2\r\n\r\n{}"
#define AGAIN HEAD("503 Busy") "Content-Length: 2\r\n\r\n{}"
#define BAD HEAD("400 Bad") "Content-Length: 2\r\n\r\n{}"

static web_answer as_told(void *user, const char *request)
{
    many *m = user;
    web_answer answer = { .bytes = GOOD };
    const char *id = strstr(request, "x-ms-client-request-id: ");

    id = id == NULL ? "" : id + strlen("x-ms-client-request-id: ");
    if (strncmp(id, "late-", 5) == 0)
        answer.delay_ms = atoi(id + 5);
    else if (strncmp(id, "drip-", 5) == 0)
        answer.drip_ms = atoi(id + 5);
    else if (strncmp(id, "hold", 4) == 0)
        answer.bytes = NULL;
    else if (strncmp(id, "busy", 4) == 0)
        answer.bytes = BUSY;
    else if (strncmp(id, "wrong", 5) == 0) /* no word that a UUID begins with */
        answer.bytes = BAD;
    else if (strncmp(id, "again-", 6) == 0 && atomic_fetch_add(&m->busy, 1) < atoi(id + 6))
        answer.bytes = AGAIN;
    return answer;
}

void many_open(many *m)
{
    web_start(&m->server, as_told, m);
    m->options.size = sizeof(m->options);
    m->options.allow_insecure_http = AZATTEST_ON;
    if (m->options.retry_delay_ms == 0)
        m->options.retry_delay_ms = 1;
    m->connection.size = sizeof(m->connection);
    assert_int_equal(azattest_client_new(m->server.endpoint, &m->options, &m->client, NULL), AZATTEST_OK);
    assert_int_equal(azattest_multi_new(&m->connection, &m->multi, NULL), AZATTEST_OK);
}

void many_close(many *m)
{
    azattest_multi_free(m->multi);
    azattest_client_free(m->client);
    web_stop(&m->server);
}

azattest_op *many_begin(many *m, const char *id, bool add)
{
    azattest_attest_options options = AZATTEST_ATTEST_OPTIONS_INIT;
    azattest_op *op = NULL;

    options.client_request_id = *id == '\0' ? NULL : id;
    assert_int_equal(azattest_client_attest_tpm_begin(m->client, (azattest_bytes){ "{}", 2 }, &options, &op, NULL),
                     AZATTEST_OK);
    if (add)
        assert_int_equal(azattest_multi_add(m->multi, op, m, NULL), AZATTEST_OK);
    return op;
}

static void change_watch(watch *w, const azattest_multi_socket *change)
{
    size_t at = 0;

    while (at < w->count && w->fds[at].fd != change->fd)
        at++;
    if (change->events == 0) { /* what was never told need not be forgotten */
        assert_true(at < w->count);
        w->fds[at] = w->fds[--w->count];
        return;
    }
    assert_true(at < sizeof(w->fds) / sizeof(w->fds[0]));
    w->count += at == w->count;
    w->fds[at].fd = change->fd;
    w->fds[at].events = (short)((change->events & AZATTEST_MULTI_READ ? POLLIN : 0) |
                                (change->events & AZATTEST_MULTI_WRITE ? POLLOUT : 0));
}

static void take_changes(many *m)
{
    azattest_multi_socket change = AZATTEST_MULTI_SOCKET_INIT;

    while (azattest_multi_next_socket(m->multi, &change)) {
        assert_int_not_equal(fcntl(change.fd, F_GETFD), -1);
        change_watch(&m->watch, &change);
    }
}

/* As the header shows it; the changes are taken again at the end, since what is told of is closed then. */
static void drive_external(many *m, int64_t timeout_ms)
{
    watch *w = &m->watch;
    size_t count;
    int64_t wait_ms;
    int ready;

    if (w->count == 0)
        w->fds[w->count++] = (struct pollfd){ .fd = azattest_multi_wakeup_fd(m->multi), .events = POLLIN };
    take_changes(m);
    wait_ms = azattest_multi_wait_ms(m->multi);
    if (wait_ms < 0 || (timeout_ms >= 0 && timeout_ms < wait_ms))
        wait_ms = timeout_ms;
    ready = poll(w->fds, w->count, (int)wait_ms);
    assert_true(ready >= 0);
    count = w->count; /* changes are only taken behind this turn */
    for (size_t i = 0; i < count; i++)
        if (w->fds[i].revents != 0)
            assert_int_equal(
                azattest_multi_advance(m->multi, w->fds[i].fd,
                                       (w->fds[i].revents & (POLLIN | POLLHUP | POLLERR) ? AZATTEST_MULTI_READ : 0) |
                                           (w->fds[i].revents & POLLOUT ? AZATTEST_MULTI_WRITE : 0),
                                       NULL),
                AZATTEST_OK);
    if (ready == 0)
        assert_int_equal(azattest_multi_advance(m->multi, -1, 0, NULL), AZATTEST_OK);
    take_changes(m);
}

void many_drive(many *m, int64_t timeout_ms)
{
    if (m->external)
        drive_external(m, timeout_ms);
    else
        assert_int_equal(azattest_multi_poll(m->multi, timeout_ms, NULL), AZATTEST_OK);
}

azattest_multi_event many_next(many *m)
{
    azattest_multi_event event = AZATTEST_MULTI_EVENT_INIT;

    while (!azattest_multi_next(m->multi, &event)) {
        assert_true(azattest_multi_count(m->multi) > 0);
        many_drive(m, -1);
    }
    assert_non_null(event.op);
    return event;
}

void many_expect(many *m, const azattest_op *op, azattest_status status, const char *text)
{
    azattest_multi_event event = many_next(m);
    const azattest_error *error = azattest_op_error(event.op);

    assert_ptr_equal(event.op, op);
    if (event.need == AZATTEST_NEED_FAILED && (error == NULL || azattest_error_code(error) != status))
        print_error("%s\n", azattest_error_message(error));
    assert_int_equal(event.need, status == AZATTEST_OK ? AZATTEST_NEED_DONE : AZATTEST_NEED_FAILED);
    if (status != AZATTEST_OK) {
        assert_string_equal(azattest_status_name(azattest_error_code(error)), azattest_status_name(status));
        assert_non_null(strstr(azattest_error_message(error), text));
    }
    azattest_op_free(event.op);
}

void many_until_requests(many *m, int requests)
{
    while (atomic_load(&m->server.requests) < requests)
        many_drive(m, 20);
}

void many_wait_for(const atomic_int *value, int expected)
{
    while (atomic_load(value) != expected)
        usleep(1000);
}
