/* Who fetches an access token, and when. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <azattest/limits.h>

#include "identity/token_cache.h"

static azattest__token_key at(int64_t now_s, int64_t monotonic_ms)
{
    azattest__token_key key = { "scope", NULL, now_s, monotonic_ms };

    return key;
}

static azattest__token_answer ask(azattest__token_cache *cache, azattest__token_key key, uint64_t *lease,
                                  const char *expected)
{
    azattest_error *error = NULL;
    azattest__access_token token;
    azattest__token_answer answer = azattest__token_cache_ask(cache, &key, &token, lease, &error);

    if (expected != NULL)
        assert_string_equal(token.text, expected);
    else
        assert_null(token.text);
    azattest__access_token_clear(&token);
    azattest_error_free(error);
    return answer;
}

static void put(azattest__token_cache *cache, azattest__token_key key, uint64_t lease, const char *text,
                int64_t expires_on_s, int64_t refresh_on_s)
{
    char copy[64];
    azattest__access_token token = { copy, expires_on_s, refresh_on_s };

    snprintf(copy, sizeof(copy), "%s", text);
    azattest__token_cache_store(cache, &key, lease, &token);
}

static void a_token_is_used_until_300_seconds_before_its_end(void **state)
{
    azattest__token_cache cache;
    uint64_t lease = 0;

    (void)state;
    assert_int_equal(azattest__token_cache_init(&cache, NULL), AZATTEST_OK);
    assert_int_equal(ask(&cache, at(1000, 0), &lease, NULL), AZATTEST__TOKEN_FETCH);
    put(&cache, at(1000, 0), lease, "a", 2000, 0);
    lease = 0;
    assert_int_equal(ask(&cache, at(1699, 0), &lease, "a"), AZATTEST__TOKEN_USE);
    assert_int_equal(ask(&cache, at(1700, 0), &lease, NULL), AZATTEST__TOKEN_FETCH);
    azattest__token_cache_clear(&cache);
}

static void one_fetches_and_the_others_wait_for_it(void **state)
{
    azattest__token_cache cache;
    uint64_t first = 0, second = 0, third = 0;

    (void)state;
    assert_int_equal(azattest__token_cache_init(&cache, NULL), AZATTEST_OK);
    assert_int_equal(ask(&cache, at(1000, 0), &first, NULL), AZATTEST__TOKEN_FETCH);
    assert_int_equal(ask(&cache, at(1000, 0), &second, NULL), AZATTEST__TOKEN_WAIT);
    assert_int_equal(second, first);
    put(&cache, at(1000, 0), first, "a", 5000, 0);
    assert_int_equal(ask(&cache, at(1000, 0), &second, "a"), AZATTEST__TOKEN_USE);
    /* A fetch that never ends does not hold the others up for ever. */
    first = 0;
    assert_int_equal(ask(&cache, at(5000, 0), &first, NULL), AZATTEST__TOKEN_FETCH);
    assert_int_equal(ask(&cache, at(5000, AZATTEST__TOKEN_LEASE_MS - 1), &third, NULL), AZATTEST__TOKEN_WAIT);
    assert_int_equal(ask(&cache, at(5000, AZATTEST__TOKEN_LEASE_MS), &third, NULL), AZATTEST__TOKEN_FETCH);
    azattest__token_cache_clear(&cache);
}

static void who_waits_for_a_fetch_that_fails_fails_with_it(void **state)
{
    azattest_error *reason = azattest_error_new(AZATTEST_E_AUTH, "no");
    azattest__access_token old;
    azattest__token_cache cache;
    azattest__token_key key = at(1000, 0);
    uint64_t first = 0, second = 0, later = 0;

    (void)state;
    assert_int_equal(azattest__token_cache_init(&cache, NULL), AZATTEST_OK);
    assert_int_equal(ask(&cache, key, &first, NULL), AZATTEST__TOKEN_FETCH);
    assert_int_equal(ask(&cache, key, &second, NULL), AZATTEST__TOKEN_WAIT);
    assert_false(azattest__token_cache_give_up(&cache, &key, first, reason, &old));
    assert_int_equal(ask(&cache, key, &second, NULL), AZATTEST__TOKEN_FAILED);
    /* Who comes later tries anew. */
    assert_int_equal(ask(&cache, key, &later, NULL), AZATTEST__TOKEN_FETCH);
    /* A fetch that is given up without a reason is taken over. */
    second = 0;
    assert_int_equal(ask(&cache, key, &second, NULL), AZATTEST__TOKEN_WAIT);
    assert_false(azattest__token_cache_give_up(&cache, &key, later, NULL, &old));
    assert_int_equal(ask(&cache, key, &second, NULL), AZATTEST__TOKEN_FETCH);
    azattest_error_free(reason);
    azattest__token_cache_clear(&cache);
}

static void a_refresh_that_fails_keeps_the_old_token_and_rests_30_seconds(void **state)
{
    azattest_error *reason = azattest_error_new(AZATTEST_E_AUTH, "no");
    azattest__access_token old;
    azattest__token_cache cache;
    azattest__token_key key;
    uint64_t lease = 0, other = 0;

    (void)state;
    assert_int_equal(azattest__token_cache_init(&cache, NULL), AZATTEST_OK);
    assert_int_equal(ask(&cache, at(1000, 0), &lease, NULL), AZATTEST__TOKEN_FETCH);
    put(&cache, at(1000, 0), lease, "a", 9000, 2000);
    lease = 0;
    assert_int_equal(ask(&cache, at(1999, 0), &lease, "a"), AZATTEST__TOKEN_USE);
    assert_int_equal(ask(&cache, at(2000, 0), &lease, NULL), AZATTEST__TOKEN_FETCH);
    /* Meanwhile the others use the old one. */
    assert_int_equal(ask(&cache, at(2000, 0), &other, "a"), AZATTEST__TOKEN_USE);
    key = at(2000, 10);
    assert_true(azattest__token_cache_give_up(&cache, &key, lease, reason, &old));
    assert_string_equal(old.text, "a");
    azattest__access_token_clear(&old);
    lease = 0;
    assert_int_equal(ask(&cache, at(2029, 30009), &lease, "a"), AZATTEST__TOKEN_USE);
    assert_int_equal(ask(&cache, at(2030, 30010), &lease, NULL), AZATTEST__TOKEN_FETCH);
    /* At its end there is nothing to fall back to. */
    key = at(9000, 40000);
    assert_false(azattest__token_cache_give_up(&cache, &key, lease, reason, &old));
    azattest_error_free(reason);
    azattest__token_cache_clear(&cache);
}

static void scope_and_tenant_are_the_key(void **state)
{
    azattest__token_key one = { "scope", "t1", 1000, 0 }, two = { "scope", "t2", 1000, 0 };
    azattest__token_cache cache;
    uint64_t lease = 0, other = 0;

    (void)state;
    assert_int_equal(azattest__token_cache_init(&cache, NULL), AZATTEST_OK);
    assert_int_equal(ask(&cache, one, &lease, NULL), AZATTEST__TOKEN_FETCH);
    put(&cache, one, lease, "a", 9000, 0);
    assert_int_equal(ask(&cache, two, &other, NULL), AZATTEST__TOKEN_FETCH);
    assert_int_equal(ask(&cache, at(1000, 0), &other, NULL), AZATTEST__TOKEN_FETCH);
    assert_int_equal(ask(&cache, one, &lease, "a"), AZATTEST__TOKEN_USE);
    azattest__token_cache_clear(&cache);
}

static void a_refused_token_is_dropped_and_another_ones_is_not(void **state)
{
    azattest__token_cache cache;
    azattest__token_key key = at(1000, 0);
    uint64_t lease = 0;

    (void)state;
    assert_int_equal(azattest__token_cache_init(&cache, NULL), AZATTEST_OK);
    assert_int_equal(ask(&cache, key, &lease, NULL), AZATTEST__TOKEN_FETCH);
    put(&cache, key, lease, "a", 9000, 0);
    azattest__token_cache_drop(&cache, &key, "b");
    assert_int_equal(ask(&cache, key, &lease, "a"), AZATTEST__TOKEN_USE);
    azattest__token_cache_drop(&cache, &key, "a");
    lease = 0;
    assert_int_equal(ask(&cache, key, &lease, NULL), AZATTEST__TOKEN_FETCH);
    azattest__token_cache_clear(&cache);
}

static void there_is_a_ceiling(void **state)
{
    azattest__token_cache cache;
    char scope[32];

    (void)state;
    assert_int_equal(azattest__token_cache_init(&cache, NULL), AZATTEST_OK);
    for (unsigned i = 0; i < AZATTEST_LIMIT_CACHED_TOKENS + 1; i++) {
        azattest__token_key key = { scope, NULL, 1000, 0 };
        uint64_t lease = 0;

        snprintf(scope, sizeof(scope), "s%u", i);
        assert_int_equal(ask(&cache, key, &lease, NULL), AZATTEST__TOKEN_FETCH);
        put(&cache, key, lease, scope, 9000, 0);
    }
    for (unsigned i = 0; i < 2; i++) { /* the first was asked for longest ago */
        azattest__token_key key = { scope, NULL, 1000, 0 };
        uint64_t lease = 0;

        snprintf(scope, sizeof(scope), "s%u", i == 0 ? AZATTEST_LIMIT_CACHED_TOKENS : 0);
        assert_int_equal(ask(&cache, key, &lease, i == 0 ? scope : NULL),
                         i == 0 ? AZATTEST__TOKEN_USE : AZATTEST__TOKEN_FETCH);
    }
    azattest__token_cache_clear(&cache);
}

/* ---- threads ---- */

static azattest__token_cache shared;
static atomic_int fetches;

static void *use(void *unused)
{
    for (int64_t i = 0; i < 2000; i++) {
        azattest__token_key key = at(1000 + i, i);
        azattest__access_token token;
        azattest_error *error = NULL;
        uint64_t lease = 0;

        if (azattest__token_cache_ask(&shared, &key, &token, &lease, &error) == AZATTEST__TOKEN_FETCH) {
            atomic_fetch_add(&fetches, 1);
            put(&shared, key, lease, "t", key.now_s + 1000, 0);
        }
        azattest__access_token_clear(&token);
        azattest_error_free(error);
    }
    return unused;
}

static void many_threads(void **state)
{
    pthread_t threads[4];

    (void)state;
    assert_int_equal(azattest__token_cache_init(&shared, NULL), AZATTEST_OK);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, use, NULL), 0);
    for (size_t i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    assert_true(atomic_load(&fetches) >= 1);
    azattest__token_cache_clear(&shared);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_token_is_used_until_300_seconds_before_its_end),
        cmocka_unit_test(one_fetches_and_the_others_wait_for_it),
        cmocka_unit_test(who_waits_for_a_fetch_that_fails_fails_with_it),
        cmocka_unit_test(a_refresh_that_fails_keeps_the_old_token_and_rests_30_seconds),
        cmocka_unit_test(scope_and_tenant_are_the_key),
        cmocka_unit_test(a_refused_token_is_dropped_and_another_ones_is_not),
        cmocka_unit_test(there_is_a_ceiling),
        cmocka_unit_test(many_threads),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
