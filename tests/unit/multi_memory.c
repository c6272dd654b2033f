/* Every allocation of a whole conversation through a multi fails once, in turn: nothing is lost, nothing crashes, and
 * every operation that was taken in comes out. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "failing_memory.h"
#include "many.h"

static const char *const ids[] = { "", "again-1", "late-1", "wrong" };
enum { OPS = sizeof(ids) / sizeof(ids[0]) };

static void take_events(azattest_multi *multi, size_t *out)
{
    azattest_multi_event event = AZATTEST_MULTI_EVENT_INIT;

    while (azattest_multi_next(multi, &event)) {
        assert_true(event.need == AZATTEST_NEED_DONE || event.need == AZATTEST_NEED_FAILED);
        ++*out;
    }
}

/* A multi that is made, used and freed. Gives the number of operations that were taken in. */
static size_t story(many *m, azattest_op *const ops[OPS])
{
    size_t in = 0, out = 0;

    if (azattest_multi_new(&m->connection, &m->multi, NULL) != AZATTEST_OK)
        return 0;
    for (size_t i = 0; i < OPS; i++) {
        azattest_error *error = NULL;
        azattest_status status = azattest_multi_add(m->multi, ops[i], NULL, &error);

        assert_true(status == AZATTEST_OK || status == AZATTEST_E_MEMORY);
        in += status == AZATTEST_OK;
        azattest_error_free(error);
    }
    while (azattest_multi_count(m->multi) > 0) {
        many_drive(m, 1000);
        take_events(m->multi, &out);
    }
    assert_int_equal(in, out);
    azattest_multi_free(m->multi);
    m->multi = NULL;
    return in;
}

static void every_failure(bool external)
{
    static many m;
    bool failed = true;

    memset(&m, 0, sizeof(m));
    m.external = external;
    m.options.retry_total = 2;
    many_open(&m);
    azattest_multi_free(m.multi);
    for (long n = 0; failed; n++) {
        azattest_op *ops[OPS];
        size_t in;

        for (size_t i = 0; i < OPS; i++)
            ops[i] = many_begin(&m, ids[i], false);
        atomic_store(&m.busy, 0);
        memset(&m.watch, 0, sizeof(m.watch));
        allocations_until_failure = n;
        in = story(&m, ops);
        failed = allocations_until_failure < 0;
        allocations_until_failure = -1;
        assert_true(failed || in == OPS);
        for (size_t i = 0; i < OPS; i++) {
            if (!failed)
                assert_int_equal(azattest_op_step(ops[i]), i == 3 ? AZATTEST_NEED_FAILED : AZATTEST_NEED_DONE);
            azattest_op_free(ops[i]);
        }
    }
    many_close(&m);
}

static void when_it_polls(void **state)
{
    (void)state;
    every_failure(false);
}

static void when_the_caller_waits(void **state)
{
    (void)state;
    every_failure(true);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(when_it_polls), cmocka_unit_test(when_the_caller_waits) };

    return cmocka_run_group_tests_name("multi_memory", tests, NULL, NULL);
}
