/* The parts of a multi by themselves: its timers, what it says of sockets, and the signal that it holds back. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <azattest/multi.h>

#include "transport/pipe_signal.h"
#include "transport/sockets.h"
#include "transport/timers.h"

/* The earliest of those that are set. */
static int64_t earliest(const azattest__timer *all, size_t count)
{
    int64_t due = INT64_MAX;

    for (size_t i = 0; i < count; i++)
        if (all[i].is_set && all[i].due_ms < due)
            due = all[i].due_ms;
    return due;
}

static void timers_ring_in_their_order_whatever_was_done_to_them(void **state)
{
    enum { COUNT = 200 };
    static azattest__timer all[COUNT];
    azattest__timers timers = { NULL };
    uint32_t random = 12345;

    (void)state;
    for (int i = 0; i < 20000; i++) {
        azattest__timer *one = &all[(random = random * 1664525 + 1013904223) >> 8 & 127];
        int64_t due = (random >> 16) % 1000;

        if (random % 8 == 0) {
            int64_t expected = earliest(all, COUNT);
            azattest__timer *first = azattest__timers_take_due(&timers, due);

            assert_int_equal(first != NULL, expected <= due);
            assert_true(first == NULL || !first->is_set);
        } else if (random % 8 == 1) {
            azattest__timers_stop(&timers, one);
            assert_false(one->is_set);
        } else {
            azattest__timers_set(&timers, one, due);
        }
        assert_int_equal(timers.first == NULL ? INT64_MAX : timers.first->due_ms, earliest(all, COUNT));
    }
    for (int64_t last = 0; timers.first != NULL;) {
        assert_true(timers.first->due_ms >= last);
        last = timers.first->due_ms;
        assert_non_null(azattest__timers_take_due(&timers, INT64_MAX));
    }
    assert_int_equal(earliest(all, COUNT), INT64_MAX);
}

/* What libcurl says, one after the other ("6:1" descriptor 6, CURL_POLL_IN), and what is told in the end. */
static const struct socket_case {
    const char *name;
    int said[8][2]; /* descriptor, what; 0, 0 ends it; what -1: it is told here */
    int told[4][4]; /* descriptor, events, events before, renewed; 0 ends it */
} socket_cases[] = {
    { "a new one", { { 6, CURL_POLL_IN } }, { { 6, 1, 0, 0 } } },
    { "the last word counts", { { 6, CURL_POLL_IN }, { 6, CURL_POLL_INOUT } }, { { 6, 3, 0, 0 } } },
    { "in the order of the first words",
      { { 9, CURL_POLL_IN }, { 6, CURL_POLL_OUT }, { 9, CURL_POLL_OUT } },
      { { 9, 2, 0, 0 }, { 6, 2, 0, 0 } } },
    { "one that nobody heard of need not be forgotten", { { 6, CURL_POLL_IN }, { 6, CURL_POLL_REMOVE } }, { { 0 } } },
    { "nothing new", { { 6, CURL_POLL_IN }, { 6, -1 }, { 6, CURL_POLL_OUT }, { 6, CURL_POLL_IN } }, { { 0 } } },
    { "forgotten", { { 6, CURL_POLL_IN }, { 6, -1 }, { 6, CURL_POLL_REMOVE } }, { { 6, 0, 1, 1 } } },
    { "another of the same number, for the same",
      { { 6, CURL_POLL_IN }, { 6, -1 }, { 6, CURL_POLL_REMOVE }, { 6, CURL_POLL_IN } },
      { { 6, 1, 1, 1 } } },
    { "far apart", { { 3, CURL_POLL_OUT }, { 5000, CURL_POLL_IN } }, { { 3, 2, 0, 0 }, { 5000, 1, 0, 0 } } },
    { "no wish is nothing to tell", { { 6, CURL_POLL_NONE } }, { { 0 } } },
};

static void sockets_are_told(void **state)
{
    const struct socket_case *c = *state;
    azattest__sockets sockets;
    azattest__socket_change change;

    azattest__sockets_init(&sockets);
    for (size_t i = 0; c->said[i][0] != 0; i++)
        if (c->said[i][1] >= 0)
            assert_int_equal(azattest__sockets_want(NULL, c->said[i][0], c->said[i][1], &sockets, NULL), 0);
        else
            assert_true(azattest__sockets_next(&sockets, &change));
    for (size_t i = 0; c->told[i][0] != 0; i++) {
        assert_true(azattest__sockets_next(&sockets, &change));
        assert_int_equal(change.fd, c->told[i][0]);
        assert_int_equal(change.events, c->told[i][1]);
        assert_int_equal(change.before, c->told[i][2]);
        assert_int_equal(change.renewed, c->told[i][3]);
    }
    assert_false(azattest__sockets_next(&sockets, &change));
    assert_false(sockets.lost);
    azattest__sockets_clear(&sockets);
}

/* Whoever watches it must not have it closed under his hands. */
static void a_socket_is_closed_when_it_has_been_forgotten(void **state)
{
    azattest__sockets sockets;
    azattest__socket_change change;
    int fds[2], rest[2];

    (void)state;
    assert_int_equal(pipe(fds), 0);
    assert_int_equal(pipe(rest), 0);
    azattest__sockets_init(&sockets);
    azattest__sockets_want(NULL, fds[0], CURL_POLL_IN, &sockets, NULL);
    azattest__sockets_want(NULL, rest[0], CURL_POLL_IN, &sockets, NULL);
    assert_int_equal(azattest__sockets_close(&sockets, fds[1]), 0); /* nobody watches it */
    assert_int_equal(fcntl(fds[1], F_GETFD), -1);
    while (azattest__sockets_next(&sockets, &change))
        continue;
    for (int i = 0; i < 2; i++) {
        int fd = i == 0 ? fds[0] : rest[0];

        azattest__sockets_want(NULL, fd, CURL_POLL_REMOVE, &sockets, NULL);
        assert_int_equal(azattest__sockets_close(&sockets, fd), 0);
        assert_int_not_equal(fcntl(fd, F_GETFD), -1);
    }
    assert_true(azattest__sockets_next(&sockets, &change));
    assert_int_equal(change.fd, fds[0]);
    assert_int_equal(change.events, 0);
    assert_int_not_equal(fcntl(fds[0], F_GETFD), -1);
    assert_true(azattest__sockets_next(&sockets, &change));
    assert_int_equal(fcntl(fds[0], F_GETFD), -1);
    azattest__sockets_clear(&sockets);
    assert_int_equal(fcntl(rest[0], F_GETFD), -1);
    close(rest[1]);
}

static volatile sig_atomic_t seen;

static void see(int number)
{
    (void)number;
    seen++;
}

/* Whether the signal, sent to this thread in between, came through. `blocked`: the caller held it back before. */
static int comes_through(bool blocked)
{
    azattest__pipe_signal signal;
    sigset_t set;
    int during;

    sigemptyset(&set);
    sigaddset(&set, SIGPIPE);
    seen = 0;
    pthread_sigmask(blocked ? SIG_BLOCK : SIG_UNBLOCK, &set, NULL);
    azattest__pipe_signal_hold(&signal);
    raise(SIGPIPE);
    during = seen;
    azattest__pipe_signal_release(&signal);
    assert_int_equal(during, 0);
    during = seen;
    pthread_sigmask(SIG_UNBLOCK, &set, NULL);
    return during * 10 + seen;
}

static void a_pipe_signal_of_ours_is_nobody_elses(void **state)
{
    struct sigaction action = { .sa_handler = see }, before;

    (void)state;
    sigaction(SIGPIPE, &action, &before);
    assert_int_equal(comes_through(false), 0);
    assert_int_equal(comes_through(true), 1); /* after all, when the caller lets it */
    raise(SIGPIPE);
    assert_int_equal(seen, 2); /* and it is let through again */
    sigaction(SIGPIPE, &before, NULL);
}

int main(void)
{
    enum { SOCKETS = sizeof(socket_cases) / sizeof(socket_cases[0]) };
    static const struct CMUnitTest others[] = {
        cmocka_unit_test(timers_ring_in_their_order_whatever_was_done_to_them),
        cmocka_unit_test(a_socket_is_closed_when_it_has_been_forgotten),
        cmocka_unit_test(a_pipe_signal_of_ours_is_nobody_elses),
    };
    enum { OTHERS = sizeof(others) / sizeof(others[0]) };
    struct CMUnitTest tests[OTHERS + SOCKETS];

    memcpy(tests, others, sizeof(others));
    for (size_t i = 0; i < SOCKETS; i++)
        tests[OTHERS + i] = (struct CMUnitTest){ socket_cases[i].name, sockets_are_told, NULL, NULL,
                                                 (void *)(uintptr_t)&socket_cases[i] };
    return cmocka_run_group_tests_name("multi_parts", tests, NULL, NULL);
}
