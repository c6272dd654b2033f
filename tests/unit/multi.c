/* Many operations on one thread, in both forms: the one that waits itself, and the one in which the caller waits. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <azattest/azattest.h>
#include <azattest/multi.h>

#include "expect.h"
#include "web.h"

#define DOCUMENT "{\"issuer\":\"x\"}"
#define GOOD "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 14\r\n\r\n" DOCUMENT

/* The caller's own loop of the second form: what it watches, by poll(). */
typedef struct watch {
    struct pollfd fds[256];
    size_t count;
} watch;

typedef void (*drive_function)(azattest_multi *multi, int64_t timeout_ms, watch *w);

static void drive_poll(azattest_multi *multi, int64_t timeout_ms, watch *w)
{
    (void)w;
    assert_int_equal(azattest_multi_poll(multi, timeout_ms, NULL), AZATTEST_OK);
}

static void change_watch(watch *w, const azattest_multi_socket *change)
{
    size_t at = 0;

    while (at < w->count && w->fds[at].fd != change->fd)
        at++;
    if (change->events == 0 && at < w->count)
        w->fds[at] = w->fds[--w->count];
    if (change->events == 0)
        return;
    assert_true(at < sizeof(w->fds) / sizeof(w->fds[0]));
    w->count += at == w->count;
    w->fds[at].fd = change->fd;
    w->fds[at].events = (short)((change->events & AZATTEST_MULTI_READ ? POLLIN : 0) |
                                (change->events & AZATTEST_MULTI_WRITE ? POLLOUT : 0));
}

/* One turn of the caller's loop. */
static void drive_external(azattest_multi *multi, int64_t timeout_ms, watch *w)
{
    azattest_multi_socket change = AZATTEST_MULTI_SOCKET_INIT;
    int64_t wait_ms = azattest_multi_wait_ms(multi);
    watch ready;

    if (w->count == 0)
        w->fds[w->count++] = (struct pollfd){ .fd = azattest_multi_wakeup_fd(multi), .events = POLLIN };
    while (azattest_multi_next_socket(multi, &change))
        change_watch(w, &change);
    wait_ms = wait_ms < 0 || (timeout_ms >= 0 && timeout_ms < wait_ms) ? timeout_ms : wait_ms;
    assert_true(poll(w->fds, w->count, (int)wait_ms) >= 0);
    ready = *w;
    for (size_t i = 0; i < ready.count; i++)
        if (ready.fds[i].revents != 0)
            assert_int_equal(azattest_multi_advance(multi, ready.fds[i].fd,
                                                    (ready.fds[i].revents & (POLLIN | POLLHUP | POLLERR) ? 1 : 0) |
                                                        (ready.fds[i].revents & POLLOUT ? 2 : 0),
                                                    NULL),
                             AZATTEST_OK);
    assert_int_equal(azattest_multi_advance(multi, -1, 0, NULL), AZATTEST_OK);
}

static web_answer good(void *user, const char *request)
{
    (void)user;
    (void)request;
    return (web_answer){ .bytes = GOOD };
}

static azattest_client *client_of(const web *server)
{
    azattest_client_options options = AZATTEST_CLIENT_OPTIONS_INIT;
    azattest_client *client = NULL;

    options.allow_insecure_http = AZATTEST_ON;
    options.retry_total = 1;
    options.retry_delay_ms = 1;
    assert_int_equal(azattest_client_new(server->endpoint, &options, &client, NULL), AZATTEST_OK);
    return client;
}

static void basic(drive_function drive)
{
    web server;
    azattest_client *client;
    azattest_multi *multi = NULL;
    azattest_op *ops[20];
    azattest_multi_event event = AZATTEST_MULTI_EVENT_INIT;
    watch w = { 0 };
    size_t done = 0;

    web_start(&server, good, NULL);
    client = client_of(&server);
    assert_int_equal(azattest_multi_new(NULL, &multi, NULL), AZATTEST_OK);
    for (size_t i = 0; i < 20; i++) {
        assert_int_equal(azattest_client_get_open_id_metadata_begin(client, &ops[i], NULL), AZATTEST_OK);
        assert_int_equal(azattest_multi_add(multi, ops[i], &ops[i], NULL), AZATTEST_OK);
    }
    while (azattest_multi_count(multi) > 0) {
        drive(multi, -1, &w);
        while (azattest_multi_next(multi, &event)) {
            azattest_metadata *metadata;

            if (event.need != AZATTEST_NEED_DONE)
                print_message("%s\n", azattest_error_message(azattest_op_error(event.op)));
            assert_int_equal(event.need, AZATTEST_NEED_DONE);
            assert_ptr_equal(*(azattest_op **)event.user, event.op);
            metadata = azattest_op_take_metadata(event.op);
            assert_string_equal(azattest_metadata_issuer(metadata), "x");
            azattest_metadata_free(metadata);
            azattest_op_free(event.op);
            done++;
        }
    }
    assert_int_equal(done, 20);
    azattest_multi_free(multi);
    azattest_client_free(client);
    web_stop(&server);
    assert_int_equal(atomic_load(&server.requests), 20);
}

static void basic_poll(void **state)
{
    (void)state;
    basic(drive_poll);
}

static void basic_external(void **state)
{
    (void)state;
    basic(drive_external);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(basic_poll),
        cmocka_unit_test(basic_external),
    };

    return cmocka_run_group_tests_name("multi", tests, NULL, NULL);
}
