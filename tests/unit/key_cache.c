/* Who fetches the keys, and when; and that threads may all ask at once. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "operation/key_cache.h"

static azattest_signers *a_set(void)
{
    static const char jwks[] = "{\"keys\":[{\"kty\":\"EC\",\"kid\":\"k\"}]}";
    azattest_signers *signers = NULL;

    assert_int_equal(azattest_signers_parse(azattest__text(jwks), &signers, NULL), AZATTEST_OK);
    return signers;
}

static void store(azattest__key_cache *cache, int64_t now_ms, uint64_t begun, int64_t max_age_ms)
{
    azattest__key_set *set = azattest__key_cache_store(cache, now_ms, begun, max_age_ms, a_set());

    assert_non_null(set);
    azattest__key_set_free(set);
}

/* What the cache says, with everything it hands out given back at once. */
static azattest__keys_answer ask(azattest__key_cache *cache, int64_t now_ms, uint64_t *lease, bool *warned)
{
    azattest__key_set *set = NULL;
    char *warning = NULL;
    azattest__keys_answer answer = azattest__key_cache_ask(cache, now_ms, &set, lease, &warning);

    assert_int_equal(set != NULL, answer == AZATTEST__KEYS_USE);
    if (warned != NULL)
        *warned = warning != NULL;
    azattest__key_set_free(set);
    free(warning);
    return answer;
}

static azattest__keys_answer ask_newer(azattest__key_cache *cache, int64_t now_ms, uint64_t moment, uint64_t *lease)
{
    azattest__key_set *set = NULL;
    azattest__keys_answer answer = azattest__key_cache_ask_newer(cache, now_ms, moment, &set, lease);

    assert_int_equal(set != NULL, answer == AZATTEST__KEYS_USE);
    azattest__key_set_free(set);
    return answer;
}

static void one_fetches_the_others_wait(void **state)
{
    azattest__key_cache cache;
    uint64_t first = 0, second = 0;

    (void)state;
    assert_int_equal(azattest__key_cache_init(&cache, 1000, NULL), AZATTEST_OK);
    assert_null(azattest__key_cache_peek(&cache, 0));
    assert_int_equal(ask(&cache, 0, &first, NULL), AZATTEST__KEYS_FETCH);
    assert_int_equal(ask(&cache, 0, &second, NULL), AZATTEST__KEYS_WAIT);
    store(&cache, 5, first, -1);
    assert_int_equal(ask(&cache, 1004, &second, NULL), AZATTEST__KEYS_USE);
    assert_int_equal(ask(&cache, 1005, &second, NULL), AZATTEST__KEYS_FETCH);
    /* Nobody waits for ever for somebody who does not come back. */
    assert_int_equal(ask(&cache, 1005 + AZATTEST__KEY_LEASE_MS - 1, &first, NULL), AZATTEST__KEYS_WAIT);
    assert_int_equal(ask(&cache, 1005 + AZATTEST__KEY_LEASE_MS, &first, NULL), AZATTEST__KEYS_FETCH);
    assert_true(first > second);
    /* The late one changes nothing about the fetch under way, and does not replace what is younger. */
    azattest__key_cache_give_up(&cache, 20000, second, "late");
    assert_int_equal(ask(&cache, 20000, &second, NULL), AZATTEST__KEYS_WAIT);
    store(&cache, 20000, first, -1);
    store(&cache, 20500, 1, -1);
    assert_int_equal(cache.set->begun, first);
    azattest__key_cache_clear(&cache);
}

static void a_failed_refresh_rests_for_a_while(void **state)
{
    azattest__key_cache cache;
    uint64_t lease = 0;
    bool warned;

    (void)state;
    assert_int_equal(azattest__key_cache_init(&cache, 1000, NULL), AZATTEST_OK);
    assert_int_equal(ask(&cache, 0, &lease, NULL), AZATTEST__KEYS_FETCH);
    azattest__key_cache_give_up(&cache, 0, lease, "no network");
    /* Without any set the next caller tries at once. */
    assert_int_equal(ask(&cache, 1, &lease, NULL), AZATTEST__KEYS_FETCH);
    store(&cache, 1, lease, -1);
    assert_int_equal(ask(&cache, 2000, &lease, NULL), AZATTEST__KEYS_FETCH);
    azattest__key_cache_give_up(&cache, 2000, lease, "no network");
    assert_int_equal(ask(&cache, 2000, &lease, &warned), AZATTEST__KEYS_USE);
    assert_true(warned);
    assert_int_equal(ask(&cache, 31999, &lease, &warned), AZATTEST__KEYS_USE);
    assert_int_equal(ask(&cache, 32000, &lease, NULL), AZATTEST__KEYS_FETCH);
    store(&cache, 32000, lease, -1);
    assert_int_equal(ask(&cache, 32001, &lease, &warned), AZATTEST__KEYS_USE);
    assert_false(warned);
    assert_null(azattest__key_cache_fallback(&cache, 32000 + AZATTEST__KEY_STALE_LIMIT_MS));
    azattest__key_cache_clear(&cache);
}

static void an_unknown_key_is_looked_for_every_30_seconds(void **state)
{
    azattest__key_cache cache;
    uint64_t lease = 0, moment;
    azattest__key_set *set;

    (void)state;
    assert_int_equal(azattest__key_cache_init(&cache, 3600000, NULL), AZATTEST_OK);
    assert_int_equal(ask(&cache, 0, &lease, NULL), AZATTEST__KEYS_FETCH);
    store(&cache, 0, lease, -1);
    moment = azattest__key_cache_moment(&cache);
    set = azattest__key_cache_peek(&cache, 10);
    assert_true(azattest__key_cache_may_know_more(&cache, set, 10));
    assert_int_equal(ask_newer(&cache, 10, moment, &lease), AZATTEST__KEYS_FETCH);
    /* What another has begun to fetch may have it: a valid token of a new key is not refused meanwhile. */
    assert_true(azattest__key_cache_may_know_more(&cache, set, 10));
    assert_int_equal(ask_newer(&cache, 10, moment, &lease), AZATTEST__KEYS_WAIT);
    store(&cache, 20, lease, -1);
    assert_int_equal(ask_newer(&cache, 20, moment, &lease), AZATTEST__KEYS_USE);
    assert_true(azattest__key_cache_may_know_more(&cache, set, 20));
    azattest__key_set_free(set);
    set = azattest__key_cache_peek(&cache, 20);
    moment = azattest__key_cache_moment(&cache);
    assert_false(azattest__key_cache_may_know_more(&cache, set, 30009));
    azattest__key_set_free(set);
    assert_int_equal(ask_newer(&cache, 30009, moment, &lease), AZATTEST__KEYS_LIMIT);
    assert_int_equal(ask_newer(&cache, 30010, moment, &lease), AZATTEST__KEYS_FETCH);
    /* A failure is a refresh as well: a service that is down is not asked at every token. */
    azattest__key_cache_give_up(&cache, 30020, lease, "down");
    assert_int_equal(ask_newer(&cache, 30030, moment, &lease), AZATTEST__KEYS_LIMIT);
    azattest__key_cache_clear(&cache);
}

static void max_age_only_shortens(void **state)
{
    azattest__key_cache cache;
    uint64_t lease = 0;

    (void)state;
    assert_int_equal(azattest__key_cache_init(&cache, 1000, NULL), AZATTEST_OK);
    assert_int_equal(ask(&cache, 0, &lease, NULL), AZATTEST__KEYS_FETCH);
    store(&cache, 0, lease, 5000);
    assert_int_equal(ask(&cache, 999, &lease, NULL), AZATTEST__KEYS_USE);
    assert_int_equal(ask(&cache, 1000, &lease, NULL), AZATTEST__KEYS_FETCH);
    store(&cache, 1000, lease, 0);
    assert_int_equal(ask(&cache, 1000, &lease, NULL), AZATTEST__KEYS_FETCH);
    azattest__key_cache_clear(&cache);
}

static void a_reference_outlives_its_set(void **state)
{
    azattest_signers *set = a_set(), *reference = azattest__signers_ref(set);

    (void)state;
    assert_non_null(reference);
    azattest_signers_free(set);
    assert_int_equal(azattest_signers_count(reference), 1);
    assert_string_equal(azattest_signer_key_id(azattest_signers_at(reference, 0)), "k");
    assert_int_equal(azattest_signers_jwks(reference).len, strlen("{\"keys\":[{\"kty\":\"EC\",\"kid\":\"k\"}]}"));
    azattest_signers_free(reference);
}

typedef struct crowd {
    azattest__key_cache cache;
    atomic_int fetches, uses, now;
} crowd;

/* Asks and fetches like an operation, with a clock that runs fast. */
static void *one_of_many(void *user)
{
    crowd *all = user;
    azattest__key_set *set;
    uint64_t lease = 0;
    char *warning;

    for (int i = 0; i < 3000; i++) {
        int64_t now = atomic_fetch_add(&all->now, 1);

        set = NULL;
        warning = NULL;
        if (azattest__key_cache_ask(&all->cache, now, &set, &lease, &warning) == AZATTEST__KEYS_FETCH) {
            azattest_signers *signers = NULL;

            atomic_fetch_add(&all->fetches, 1);
            if (i % 3 == 0)
                azattest__key_cache_give_up(&all->cache, now, lease, NULL);
            else if (azattest_signers_parse(azattest__text("{\"keys\":[]}"), &signers, NULL) == AZATTEST_OK)
                set = azattest__key_cache_store(&all->cache, now, lease, -1, signers);
        }
        if (set != NULL)
            atomic_fetch_add(&all->uses, (int)azattest_signers_count(set->signers) + 1);
        azattest__key_set_free(set);
        free(warning);
    }
    return NULL;
}

static void a_crowd_of_threads(void **state)
{
    pthread_t threads[4];
    crowd all;

    (void)state;
    memset(&all, 0, sizeof(all));
    assert_int_equal(azattest__key_cache_init(&all.cache, 50, NULL), AZATTEST_OK);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, one_of_many, &all), 0);
    for (size_t i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    assert_true(atomic_load(&all.fetches) > 1);
    assert_true(atomic_load(&all.uses) > 1000);
    assert_int_equal(all.cache.set->references, 1);
    azattest__key_cache_clear(&all.cache);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_fetches_the_others_wait),
        cmocka_unit_test(a_failed_refresh_rests_for_a_while),
        cmocka_unit_test(an_unknown_key_is_looked_for_every_30_seconds),
        cmocka_unit_test(max_age_only_shortens),
        cmocka_unit_test(a_reference_outlives_its_set),
        cmocka_unit_test(a_crowd_of_threads),
    };

    return cmocka_run_group_tests_name("key_cache", tests, NULL, NULL);
}
