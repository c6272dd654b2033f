/* Memory that is given back all at once, and the list of diagnostics. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <azattest/limits.h>

#include "base/arena.h"
#include "policy/language/diagnostics.h"

static void gives_zeroed_and_aligned_memory_that_does_not_move(void **state)
{
    azattest__arena arena;
    unsigned char *parts[200];

    (void)state;
    azattest__arena_init(&arena, 1u << 20);
    for (size_t i = 0; i < 200; i++) {
        size_t size = i * 37 % 5000;

        assert_non_null(parts[i] = azattest__arena_new(&arena, size));
        assert_int_equal((uintptr_t)parts[i] % sizeof(void *), 0);
        for (size_t j = 0; j < size; j++)
            assert_int_equal(parts[i][j], 0);
        memset(parts[i], (int)i, size);
    }
    for (size_t i = 0; i < 200; i++)
        for (size_t j = 0; j < i * 37 % 5000; j++)
            assert_int_equal(parts[i][j], i);
    assert_string_equal(azattest__arena_text(&arena, "abc", 2), "ab");
    assert_string_equal(azattest__arena_text(&arena, NULL, 0), "");
    assert_int_equal(arena.status, AZATTEST_OK);
    azattest__arena_free(&arena);
    assert_int_equal(arena.used, 0);
    assert_non_null(azattest__arena_new(&arena, 8));
    azattest__arena_free(&arena);
}

static void grows_arrays(void **state)
{
    azattest__arena arena;
    int *items = NULL;
    size_t capacity = 0;

    (void)state;
    azattest__arena_init(&arena, 1u << 20);
    for (int i = 0; i < 1000; i++) {
        assert_true(azattest__arena_grow(&arena, (void **)&items, (size_t)i, &capacity, sizeof(*items)));
        items[i] = i;
    }
    for (int i = 0; i < 1000; i++)
        assert_int_equal(items[i], i);
    azattest__arena_free(&arena);
}

static void refuses_more_than_its_ceiling_and_keeps_refusing(void **state)
{
    azattest__arena arena;
    void *items = NULL;
    size_t capacity = 0;

    (void)state;
    azattest__arena_init(&arena, 100);
    assert_non_null(azattest__arena_new(&arena, 100));
    assert_null(azattest__arena_new(&arena, 1));
    assert_int_equal(arena.status, AZATTEST_E_LIMIT);
    assert_null(azattest__arena_new(&arena, 0));
    assert_false(azattest__arena_grow(&arena, &items, 0, &capacity, 1));
    azattest__arena_free(&arena);
    assert_null(azattest__arena_array(&arena, SIZE_MAX / 2, 3));
    assert_int_equal(arena.status, AZATTEST_E_LIMIT);
    azattest__arena_free(&arena);
    assert_null(azattest__arena_text(&arena, "", SIZE_MAX));
    azattest__arena_free(&arena);
}

static void begins_anew_with_a_block_in_hand(void **state)
{
    azattest__arena arena;
    unsigned char *first, *again;

    (void)state;
    azattest__arena_init(&arena, 100000);
    first = azattest__arena_new(&arena, 40);
    assert_non_null(first);
    memset(first, 0xff, 40);
    azattest__arena_reset(&arena);
    assert_int_equal(arena.used, 0);
    again = azattest__arena_new(&arena, 40);
    assert_ptr_equal(again, first);
    for (size_t i = 0; i < 40; i++)
        assert_int_equal(again[i], 0);
    assert_non_null(azattest__arena_new(&arena, 3000));
    assert_non_null(azattest__arena_new(&arena, 50000)); /* a block of its own, which is not kept */
    assert_null(azattest__arena_new(&arena, 50000));
    azattest__arena_reset(&arena);
    assert_int_equal(arena.status, AZATTEST_OK);
    assert_non_null(azattest__arena_new(&arena, 100000));
    azattest__arena_reset(&arena);
    azattest__arena_reset(&arena);
    azattest__arena_free(&arena);
}

static void lists_diagnostics_up_to_the_limit_and_counts_all(void **state)
{
    azattest__diagnostics list = { .items = NULL };
    azattest__span span = { 5, 1, 2, 3 };
    azattest_error *error = NULL;

    (void)state;
    assert_int_equal(azattest__diagnostics_error(&list, &error), AZATTEST_OK);
    azattest__diagnose(&list, AZATTEST__WARNING, "one", span, NULL, NULL, "a %s", "warning");
    assert_int_equal(azattest__diagnostics_error(&list, &error), AZATTEST_OK);
    for (unsigned i = 0; i < AZATTEST_LIMIT_POLICY_DIAGNOSTICS; i++)
        azattest__diagnose(&list, AZATTEST__ERROR, "two", span, "=", "==", "error %u", i);
    assert_int_equal(list.count, AZATTEST_LIMIT_POLICY_DIAGNOSTICS);
    assert_int_equal(list.errors, AZATTEST_LIMIT_POLICY_DIAGNOSTICS);
    assert_int_equal(list.warnings, 1);
    assert_true(list.cut); /* the warning made room for an error */
    assert_string_equal(list.items[0].found, "=");
    assert_string_equal(list.items[0].expected, "==");
    assert_int_equal(azattest__diagnostics_error(&list, &error), AZATTEST_E_POLICY);
    assert_non_null(strstr(azattest_error_message(error), "line 2, column 3: error 0"));
    azattest_error_free(error);
    azattest__diagnostics_clear(&list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_zeroed_and_aligned_memory_that_does_not_move),
        cmocka_unit_test(grows_arrays),
        cmocka_unit_test(refuses_more_than_its_ceiling_and_keeps_refusing),
        cmocka_unit_test(begins_anew_with_a_block_in_hand),
        cmocka_unit_test(lists_diagnostics_up_to_the_limit_and_counts_all),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
