/* A multi that one thread drives while others put operations in, cancel them, and wake it; and one that is inherited by
 * a child of fork(). Meant for the build with ThreadSanitizer too. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/wait.h>
#include <unistd.h>

#include "many.h"
#include "transport/engine.h"

#define THREADS 4
#define ROUNDS 60

typedef struct driver {
    many many;
    pthread_t thread;
    atomic_bool stop;
    atomic_int done, cancelled;
} driver;

/* Until there is nothing left, and nothing to come. */
static void *drive(void *user)
{
    driver *d = user;
    azattest_multi_event event = AZATTEST_MULTI_EVENT_INIT;

    while (!atomic_load(&d->stop) || azattest_multi_count(d->many.multi) > 0) {
        many_drive(&d->many, -1);
        while (azattest_multi_next(d->many.multi, &event)) {
            const azattest_error *error = azattest_op_error(event.op);

            if (event.need == AZATTEST_NEED_DONE)
                atomic_fetch_add(&d->done, 1);
            else if (azattest_error_code(error) == AZATTEST_E_CANCELLED)
                atomic_fetch_add(&d->cancelled, 1);
            else
                print_error("%s\n", azattest_error_message(error));
            azattest_op_free(event.op);
        }
    }
    return NULL;
}

static void *put_in_and_take_back(void *user)
{
    driver *d = user;

    for (int i = 0; i < ROUNDS; i++) {
        const char *id = i % 3 == 0 ? "hold" : i % 3 == 1 ? "late-5" : "";
        azattest_op *op = many_begin(&d->many, id, true);

        if (i % 3 == 0)
            (void)azattest_multi_cancel(d->many.multi, op); /* it is in: it never ends by itself */
        else if (i % 7 == 0)
            (void)azattest_multi_wakeup(d->many.multi);
    }
    return NULL;
}

static void crowd(bool external)
{
    static driver d;
    pthread_t threads[THREADS];

    memset(&d, 0, sizeof(d));
    d.many.external = external;
    many_open(&d.many);
    assert_int_equal(pthread_create(&d.thread, NULL, drive, &d), 0);
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, put_in_and_take_back, &d), 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    atomic_store(&d.stop, true);
    assert_int_equal(azattest_multi_wakeup(d.many.multi), AZATTEST_OK);
    pthread_join(d.thread, NULL);
    assert_int_equal(atomic_load(&d.cancelled), THREADS * ROUNDS / 3);
    assert_int_equal(atomic_load(&d.done), THREADS * ROUNDS * 2 / 3);
    many_close(&d.many);
}

static void many_threads_one_that_polls(void **state)
{
    (void)state;
    crowd(false);
}

static void many_threads_one_with_a_loop_of_its_own(void **state)
{
    (void)state;
    crowd(true);
}

/* In the child: 0 when all is as it should be, else the number of what is not. */
static int in_the_child(many *m, azattest_op *op)
{
    azattest_multi_event event = AZATTEST_MULTI_EVENT_INIT;
    azattest_error *error = NULL;
    int wrong = 0;

    if (azattest_multi_add(m->multi, op, NULL, NULL) != AZATTEST_E_STATE)
        wrong = 1;
    else if (azattest_multi_cancel(m->multi, op) != AZATTEST_E_STATE)
        wrong = 2;
    else if (azattest_multi_wakeup(m->multi) != AZATTEST_E_STATE)
        wrong = 3;
    else if (azattest_multi_poll(m->multi, -1, &error) != AZATTEST_E_STATE ||
             strstr(azattest_error_message(error), "made before fork()") == NULL)
        wrong = 4;
    else if (azattest_multi_advance(m->multi, -1, 0, NULL) != AZATTEST_E_STATE)
        wrong = 5;
    else if (azattest_multi_next(m->multi, &event) || azattest_multi_count(m->multi) != 0)
        wrong = 6;
    azattest_error_free(error);
    azattest_multi_free(m->multi);
    azattest_op_free(op);
    /* and one of its own works */
    if (wrong == 0 && azattest_multi_new(NULL, &m->multi, NULL) != AZATTEST_OK)
        return 7;
    if (wrong == 0) {
        op = many_begin(m, "", true);
        event = many_next(m);
        wrong = event.op == op && event.need == AZATTEST_NEED_DONE ? 0 : 8;
        azattest_op_free(op);
        azattest_multi_free(m->multi);
    }
    return wrong;
}

/* One transfer is under way when the child is made, another connection is kept; the child frees the multi. */
static void a_child_leaves_the_parents_connections_alone(void **state)
{
    static many m;
    azattest_op *under_way, *spare;
    pid_t child;
    int status = 0;

    (void)state;
    memset(&m, 0, sizeof(m));
    many_open(&m);
    under_way = many_begin(&m, "late-300", true);
    many_expect(&m, many_begin(&m, "", true), AZATTEST_OK, NULL);
    many_until_requests(&m, 2);
    spare = many_begin(&m, "", false);
    if ((child = fork()) == 0)
        _exit(in_the_child(&m, spare));
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    many_expect(&m, under_way, AZATTEST_OK, NULL);
    assert_int_equal(azattest_multi_add(m.multi, spare, NULL, NULL), AZATTEST_OK);
    many_expect(&m, spare, AZATTEST_OK, NULL);
    assert_int_equal(atomic_load(&m.server.connections), 3); /* two of the parent's, one of the child's */
    assert_int_equal(atomic_load(&m.server.abandoned), 0);
    many_close(&m);
}

/* The child's copy of a connection that is broken off here keeps it open, and an answer comes in over it. */
static void a_childs_copy_of_a_connection_wakes_nobody(void **state)
{
    static many m;
    struct epoll_event event;
    azattest_op *op;
    int hold[2];
    char end;
    pid_t child;

    (void)state;
    memset(&m, 0, sizeof(m));
    many_open(&m);
    assert_int_equal(pipe(hold), 0);
    op = many_begin(&m, "late-50", true);
    many_until_requests(&m, 1);
    if ((child = fork()) == 0) {
        close(hold[1]);
        _exit(read(hold[0], &end, 1) == 0 ? 0 : 1);
    }
    assert_int_equal(azattest_multi_cancel(m.multi, op), AZATTEST_OK);
    many_expect(&m, op, AZATTEST_E_CANCELLED, "cancelled");
    many_expect(&m, many_begin(&m, "late-100", true), AZATTEST_OK, NULL); /* so the other answer was sent, too */
    assert_int_equal(epoll_wait(m.multi->sockets.epoll, &event, 1, 0), 0);
    close(hold[1]);
    close(hold[0]);
    assert_int_equal(waitpid(child, NULL, 0), child);
    many_close(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(many_threads_one_that_polls),
        cmocka_unit_test(many_threads_one_with_a_loop_of_its_own),
        cmocka_unit_test(a_child_leaves_the_parents_connections_alone),
        cmocka_unit_test(a_childs_copy_of_a_connection_wakes_nobody),
    };

    return cmocka_run_group_tests_name("multi_threads", tests, NULL, NULL);
}
