/* Many operations on one thread. Each test runs in both forms: the one that waits itself, and the one in which the
 * caller waits. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "many.h"

static void they_come_out_in_the_order_in_which_they_end(many *m)
{
    azattest_op *slow = many_begin(m, "late-300", true), *quick = many_begin(m, "late-150", true);
    azattest_op *quickest = many_begin(m, "", true);

    many_expect(m, quickest, AZATTEST_OK, NULL);
    many_expect(m, quick, AZATTEST_OK, NULL);
    assert_int_equal(azattest_multi_count(m->multi), 1);
    many_expect(m, slow, AZATTEST_OK, NULL);
    assert_int_equal(azattest_multi_count(m->multi), 0);
}

static void the_result_and_what_was_put_in_with_it_come_out(many *m)
{
    azattest_op *op = many_begin(m, "", false);
    azattest_multi_event event;
    size_t len;
    char *text;

    assert_int_equal(azattest_multi_add(m->multi, op, &len, NULL), AZATTEST_OK);
    event = many_next(m);
    assert_ptr_equal(event.op, op);
    assert_ptr_equal(event.user, &len);
    text = azattest_op_take_text(op, &len);
    assert_string_equal(text, "{}");
    azattest_free(text);
    azattest_op_free(op);
}

static void an_error_of_the_service(many *m)
{
    many_expect(m, many_begin(m, "wrong", true), AZATTEST_E_HTTP, "400 (Bad)");
}

static void three_hundred_at_once(many *m)
{
    azattest_op *ops[300];

    for (size_t i = 0; i < 300; i++)
        ops[i] = many_begin(m, "late-50", true);
    many_until_requests(m, 300);
    for (size_t i = 0; i < 300; i++) {
        azattest_multi_event event = many_next(m);

        assert_int_equal(event.need, AZATTEST_NEED_DONE);
        azattest_op_free(event.op);
    }
    assert_int_equal(atomic_load(&m->server.connections), 300);
    (void)ops;
}

/* libcurl's own rule would keep four of them, once the last of the burst is over. */
static void connections_of_a_burst_are_kept(many *m)
{
    for (int wave = 0; wave < 4; wave++) {
        for (int i = 0; i < 40; i++)
            (void)many_begin(m, "late-50", true);
        for (int i = 0; i < 40; i++)
            azattest_op_free(many_next(m).op);
    }
    assert_int_equal(atomic_load(&m->server.requests), 160);
    assert_int_equal(atomic_load(&m->server.connections), 40);
}

static void cancelled_before_it_is_begun(many *m)
{
    azattest_op *op = many_begin(m, "", true);

    assert_int_equal(azattest_multi_cancel(m->multi, op), AZATTEST_OK);
    many_expect(m, op, AZATTEST_E_CANCELLED, "cancelled");
    assert_int_equal(atomic_load(&m->server.requests), 0);
}

static void cancelled_while_the_answer_is_awaited(many *m)
{
    azattest_op *op = many_begin(m, "hold", true), *other = many_begin(m, "late-100", true);

    many_until_requests(m, 2);
    assert_int_equal(azattest_multi_cancel(m->multi, op), AZATTEST_OK);
    assert_int_equal(azattest_multi_cancel(m->multi, op), AZATTEST_OK); /* twice is once */
    many_expect(m, op, AZATTEST_E_CANCELLED, "cancelled");
    many_wait_for(&m->server.abandoned, 1);
    many_expect(m, other, AZATTEST_OK, NULL);
    many_expect(m, many_begin(m, "", true), AZATTEST_OK, NULL);
}

static void cancelled_while_it_waits_for_its_next_try(many *m)
{
    azattest_op *op = many_begin(m, "busy", true);

    many_until_requests(m, 1);
    many_expect(m, many_begin(m, "late-50", true), AZATTEST_OK, NULL); /* by then the answer is there as well */
    assert_int_equal(azattest_multi_count(m->multi), 1);
    assert_int_equal(azattest_multi_cancel(m->multi, op), AZATTEST_OK);
    many_expect(m, op, AZATTEST_E_CANCELLED, "cancelled");
    assert_int_equal(atomic_load(&m->server.requests), 2);
}

static void cancelled_after_it_has_ended(many *m)
{
    azattest_op *first = many_begin(m, "", true), *second = many_begin(m, "late-50", true), *third;

    azattest_op_free(many_next(m).op);
    many_drive(m, 10000);
    third = second;
    assert_int_equal(azattest_multi_cancel(m->multi, second), AZATTEST_OK);
    many_expect(m, second, AZATTEST_OK, NULL);
    assert_int_equal(azattest_multi_cancel(m->multi, third), AZATTEST_ABSENT); /* out, and freed */
    assert_int_equal(azattest_multi_cancel(m->multi, first), AZATTEST_ABSENT);
}

static void over_before_it_is_put_in(many *m)
{
    azattest_op *op = many_begin(m, "", false);

    azattest_op_cancel(op);
    assert_int_equal(azattest_op_step(op), AZATTEST_NEED_FAILED);
    assert_int_equal(azattest_multi_add(m->multi, op, NULL, NULL), AZATTEST_OK);
    many_expect(m, op, AZATTEST_E_CANCELLED, "cancelled");
}

static void silence(many *m)
{
    many_expect(m, many_begin(m, "hold", true), AZATTEST_E_TIMEOUT, "no byte came for 200 ms");
    many_wait_for(&m->server.abandoned, 1);
}

/* 100 bytes, 12 ms apart, are 1200 ms; and 500 ms without a line of the head, or a byte of the body, are the limit. */
static void slow_drops_are_no_silence(many *m)
{
    many_expect(m, many_begin(m, "drip-12", true), AZATTEST_OK, NULL);
}

/* What came meanwhile counts, although nobody looked for longer than the limit. */
static void a_driver_that_was_away_is_no_silence(many *m)
{
    azattest_op *op = many_begin(m, "late-50", true);

    many_until_requests(m, 1);
    usleep(600000);
    many_expect(m, op, AZATTEST_OK, NULL);
}

static void a_driver_that_is_always_late_sees_silence_too(many *m)
{
    azattest_op *op = many_begin(m, "hold", true);
    azattest_multi_event event = AZATTEST_MULTI_EVENT_INIT;

    many_until_requests(m, 1);
    do {
        usleep(60000);
        many_drive(m, 0);
    } while (!azattest_multi_next(m->multi, &event));
    assert_ptr_equal(event.op, op);
    assert_int_equal(event.need, AZATTEST_NEED_FAILED);
    assert_non_null(strstr(azattest_error_message(azattest_op_error(op)), "no byte came for 200 ms"));
    azattest_op_free(op);
}

static void the_time_limit_of_the_whole_call(many *m)
{
    many_expect(m, many_begin(m, "hold", true), AZATTEST_E_TIMEOUT, "time limit of 300 ms");
    many_wait_for(&m->server.abandoned, 1);
}

static void retries_wait_side_by_side(many *m)
{
    azattest_op *busy = many_begin(m, "busy", true);

    for (int i = 0; i < 10; i++)
        (void)many_begin(m, "again-10", true);
    for (int i = 0; i < 10; i++) {
        azattest_multi_event event = many_next(m);

        assert_ptr_not_equal(event.op, busy);
        assert_int_equal(event.need, AZATTEST_NEED_DONE);
        azattest_op_free(event.op);
    }
    assert_int_equal(atomic_load(&m->server.requests), 21);
    assert_int_equal(azattest_multi_cancel(m->multi, busy), AZATTEST_OK);
    many_expect(m, busy, AZATTEST_E_CANCELLED, "cancelled");
}

static void nobody_is_there(many *m)
{
    azattest_client *client = NULL;
    azattest_op *op = NULL;

    assert_int_equal(azattest_client_new("http://127.0.0.1:1", &m->options, &client, NULL), AZATTEST_OK);
    assert_int_equal(azattest_client_get_open_id_metadata_begin(client, &op, NULL), AZATTEST_OK);
    assert_int_equal(azattest_multi_add(m->multi, op, NULL, NULL), AZATTEST_OK);
    many_expect(m, op, AZATTEST_E_TRANSPORT, "127.0.0.1:1: Failed to connect");
    azattest_client_free(client);
}

static void waiting_with_nothing_to_do(many *m)
{
    azattest_multi_event event = AZATTEST_MULTI_EVENT_INIT;

    many_drive(m, 0);
    many_drive(m, 30);
    assert_int_equal(azattest_multi_wakeup(m->multi), AZATTEST_OK);
    many_drive(m, -1);
    assert_false(azattest_multi_next(m->multi, &event));
    assert_int_equal(azattest_multi_count(m->multi), 0);
}

static void wrong_use(many *m)
{
    azattest_op *op = many_begin(m, "", true);
    azattest_multi_event event = AZATTEST_MULTI_EVENT_INIT;
    azattest_error *error = NULL;

    assert_int_equal(azattest_multi_add(m->multi, op, NULL, &error), AZATTEST_E_STATE);
    assert_non_null(strstr(azattest_error_message(error), "is in it already"));
    azattest_error_free(error);
    many_drive(m, 10000);
    if (m->external) {
        assert_int_equal(azattest_multi_poll(m->multi, 0, &error), AZATTEST_E_STATE);
        assert_non_null(strstr(azattest_error_message(error), "azattest_multi_advance()"));
    } else {
        assert_int_equal(azattest_multi_advance(m->multi, -1, 0, &error), AZATTEST_E_STATE);
        assert_non_null(strstr(azattest_error_message(error), "azattest_multi_poll()"));
        assert_int_equal(azattest_multi_wakeup_fd(m->multi), -1);
        assert_int_equal(azattest_multi_wait_ms(m->multi), -1);
    }
    azattest_error_free(error);
    event.size = 8;
    assert_false(azattest_multi_next(m->multi, &event));
    assert_int_equal(azattest_multi_add(m->multi, NULL, NULL, NULL), AZATTEST_E_ARGUMENT);
    assert_int_equal(azattest_multi_cancel(m->multi, NULL), AZATTEST_E_ARGUMENT);
    assert_false(azattest_multi_next(m->multi, NULL));
    assert_false(azattest_multi_next_socket(m->multi, NULL));
    many_expect(m, op, AZATTEST_OK, NULL);
}

static void descriptors_that_are_no_sockets_of_it(many *m)
{
    azattest_op *op = many_begin(m, "late-50", true);

    many_until_requests(m, 1);
    if (m->external) {
        assert_int_equal(azattest_multi_advance(m->multi, 0, AZATTEST_MULTI_READ, NULL), AZATTEST_OK);
        assert_int_equal(azattest_multi_advance(m->multi, 1 << 20, 255, NULL), AZATTEST_OK);
        assert_int_equal(azattest_multi_advance(m->multi, -7, -1, NULL), AZATTEST_OK);
    }
    many_expect(m, op, AZATTEST_OK, NULL);
}

static void freed_with_operations_in_it(many *m)
{
    azattest_op *sending = many_begin(m, "hold", true), *sleeping = many_begin(m, "busy", true), *fresh, *out;

    many_until_requests(m, 2);
    out = many_begin(m, "", true);
    many_drive(m, 10000);
    many_until_requests(m, 3);
    fresh = many_begin(m, "", true);
    azattest_multi_free(m->multi);
    m->multi = NULL;
    many_wait_for(&m->server.open, 0);
    assert_int_equal(azattest_op_step(sending), AZATTEST_NEED_FAILED);
    assert_int_equal(azattest_error_code(azattest_op_error(sending)), AZATTEST_E_CANCELLED);
    assert_int_equal(azattest_op_step(sleeping), AZATTEST_NEED_FAILED);
    assert_int_equal(azattest_op_step(fresh), AZATTEST_NEED_FAILED);
    azattest_op_free(sending);
    azattest_op_free(sleeping);
    azattest_op_free(fresh);
    azattest_op_free(out);
}

static const struct multi_case {
    const char *name;
    void (*test)(many *m);
    int64_t read_timeout_ms, timeout_ms;
    int retries;
} cases[] = {
    { "they come out in the order in which they end", they_come_out_in_the_order_in_which_they_end, 0, 0, 0 },
    { "the result, and what was put in with it, come out", the_result_and_what_was_put_in_with_it_come_out, 0, 0, 0 },
    { "an error of the service", an_error_of_the_service, 0, 0, 0 },
    { "three hundred at once", three_hundred_at_once, 0, 0, 0 },
    { "connections of a burst are kept", connections_of_a_burst_are_kept, 0, 0, 0 },
    { "cancelled before it is begun", cancelled_before_it_is_begun, 0, 0, 0 },
    { "cancelled while the answer is awaited", cancelled_while_the_answer_is_awaited, 0, 0, 0 },
    { "cancelled while it waits for its next try", cancelled_while_it_waits_for_its_next_try, 0, 0, 0 },
    { "cancelled after it has ended: it has ended", cancelled_after_it_has_ended, 0, 0, 0 },
    { "over before it is put in", over_before_it_is_put_in, 0, 0, 0 },
    { "silence ends a transfer", silence, 200, 0, -1 },
    { "slow drops are no silence", slow_drops_are_no_silence, 500, 0, -1 },
    { "a driver that was away is no silence", a_driver_that_was_away_is_no_silence, 200, 0, -1 },
    { "a driver that is always late sees silence, too", a_driver_that_is_always_late_sees_silence_too, 200, 0, -1 },
    { "the time limit of the whole call", the_time_limit_of_the_whole_call, 0, 300, 0 },
    { "retries wait side by side", retries_wait_side_by_side, 0, 0, 0 },
    { "nobody is there", nobody_is_there, 0, 0, -1 },
    { "waiting with nothing to do", waiting_with_nothing_to_do, 0, 0, 0 },
    { "wrong use is told", wrong_use, 0, 0, 0 },
    { "descriptors that are no sockets of it", descriptors_that_are_no_sockets_of_it, 0, 0, 0 },
    { "freed with operations in it", freed_with_operations_in_it, 0, 0, 0 },
};
enum { CASES = sizeof(cases) / sizeof(cases[0]) };

static void run(const struct multi_case *c, bool external)
{
    static many m; /* what it watches is large */

    memset(&m, 0, sizeof(m));
    m.external = external;
    m.connection.read_timeout_ms = c->read_timeout_ms;
    m.options.timeout_ms = c->timeout_ms;
    m.options.retry_total = c->retries;
    many_open(&m);
    c->test(&m);
    many_close(&m);
}

static void polls(void **state)
{
    run(*state, false);
}

static void is_polled(void **state)
{
    run(*state, true);
}

static void without_a_multi(void **state)
{
    azattest_multi_event event = AZATTEST_MULTI_EVENT_INIT;
    azattest_multi_socket change = AZATTEST_MULTI_SOCKET_INIT;
    azattest_curl_options options = AZATTEST_CURL_OPTIONS_INIT;
    azattest_multi *multi = NULL;
    azattest_error *error = NULL;

    (void)state;
    assert_int_equal(azattest_multi_new(NULL, NULL, NULL), AZATTEST_E_ARGUMENT);
    options.read_timeout_ms = -1;
    assert_int_equal(azattest_multi_new(&options, &multi, &error), AZATTEST_E_ARGUMENT);
    assert_non_null(strstr(azattest_error_message(error), "curl transport: a timeout is negative"));
    assert_null(multi);
    azattest_error_free(error);
    assert_int_equal(azattest_multi_add(NULL, NULL, NULL, NULL), AZATTEST_E_ARGUMENT);
    assert_int_equal(azattest_multi_cancel(NULL, NULL), AZATTEST_E_ARGUMENT);
    assert_int_equal(azattest_multi_wakeup(NULL), AZATTEST_E_ARGUMENT);
    assert_int_equal(azattest_multi_poll(NULL, 0, NULL), AZATTEST_E_ARGUMENT);
    assert_int_equal(azattest_multi_advance(NULL, -1, 0, NULL), AZATTEST_E_ARGUMENT);
    assert_false(azattest_multi_next(NULL, &event));
    assert_false(azattest_multi_next_socket(NULL, &change));
    assert_int_equal(azattest_multi_wait_ms(NULL), -1);
    assert_int_equal(azattest_multi_wakeup_fd(NULL), -1);
    assert_int_equal(azattest_multi_count(NULL), 0);
    azattest_multi_free(NULL);
}

int main(void)
{
    static char names[CASES][96];
    struct CMUnitTest tests[2 * CASES + 1];

    for (size_t i = 0; i < CASES; i++) {
        void *state = (void *)(uintptr_t)&cases[i];

        snprintf(names[i], sizeof(names[i]), "%s (the caller waits)", cases[i].name);
        tests[2 * i] = (struct CMUnitTest){ cases[i].name, polls, NULL, NULL, state };
        tests[2 * i + 1] = (struct CMUnitTest){ names[i], is_polled, NULL, NULL, state };
    }
    tests[2 * CASES] = (struct CMUnitTest)cmocka_unit_test(without_a_multi);
    return cmocka_run_group_tests_name("multi", tests, NULL, NULL);
}
