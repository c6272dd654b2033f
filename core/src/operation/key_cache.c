/* Who fetches the keys of an instance, and when. */
#include "key_cache.h"

#include <stdlib.h>

azattest__key_set *azattest__key_set_ref(azattest__key_set *set)
{
    if (set != NULL)
        atomic_fetch_add_explicit(&set->references, 1, memory_order_relaxed);
    return set;
}

void azattest__key_set_free(azattest__key_set *set)
{
    if (set == NULL || atomic_fetch_sub_explicit(&set->references, 1, memory_order_acq_rel) > 1)
        return;
    azattest_signers_free(set->signers);
    free(set);
}

/* Nobody in the child goes on with a fetch that another thread had begun. */
static void forget_fetch(void *user)
{
    ((azattest__key_cache *)user)->lease = 0;
}

azattest_status azattest__key_cache_init(azattest__key_cache *cache, int64_t life_ms, azattest_error **error)
{
    memset(cache, 0, sizeof(*cache));
    cache->life_ms = life_ms;
    if (pthread_mutex_init(&cache->mutex, NULL) != 0)
        return azattest__error_memory(error);
    azattest__fork_add(&cache->fork, &cache->mutex, forget_fetch, cache);
    return AZATTEST_OK;
}

void azattest__key_cache_clear(azattest__key_cache *cache)
{
    azattest__fork_remove(&cache->fork);
    azattest__key_set_free(cache->set);
    free(cache->failure);
    pthread_mutex_destroy(&cache->mutex);
}

uint64_t azattest__key_cache_moment(azattest__key_cache *cache)
{
    uint64_t moment;

    pthread_mutex_lock(&cache->mutex);
    moment = cache->moment;
    pthread_mutex_unlock(&cache->mutex);
    return moment;
}

uint64_t azattest__key_cache_begin(azattest__key_cache *cache)
{
    uint64_t begun;

    pthread_mutex_lock(&cache->mutex);
    begun = ++cache->moment;
    pthread_mutex_unlock(&cache->mutex);
    return begun;
}

/* All functions below that begin with a lower-case name expect the mutex to be held. */

static bool is_fresh(const azattest__key_cache *cache, int64_t now_ms)
{
    return cache->set != NULL && now_ms - cache->set->fetched_ms < cache->set->life_ms;
}

static bool is_bearable(const azattest__key_cache *cache, int64_t now_ms)
{
    return cache->set != NULL && now_ms - cache->set->fetched_ms < AZATTEST__KEY_STALE_LIMIT_MS;
}

/* A refresh failed a moment ago, and the old set is good enough: the next try can wait. */
static bool rests(const azattest__key_cache *cache, int64_t now_ms)
{
    return is_bearable(cache, now_ms) && cache->failure != NULL && now_ms - cache->failed_ms < AZATTEST__KEY_REFRESH_MS;
}

static bool may_refresh(const azattest__key_cache *cache, int64_t now_ms)
{
    return !cache->refreshed || now_ms - cache->refreshed_ms >= AZATTEST__KEY_REFRESH_MS;
}

static azattest__keys_answer fetch_or_wait(azattest__key_cache *cache, int64_t now_ms, uint64_t *lease)
{
    if (cache->lease != 0 && now_ms < cache->lease_until_ms)
        return AZATTEST__KEYS_WAIT;
    cache->lease = *lease = ++cache->moment;
    cache->lease_until_ms = now_ms + AZATTEST__KEY_LEASE_MS;
    return AZATTEST__KEYS_FETCH;
}

azattest__keys_answer azattest__key_cache_ask(azattest__key_cache *cache, int64_t now_ms, azattest__key_set **set,
                                              uint64_t *lease, char **warning)
{
    azattest__keys_answer answer;

    pthread_mutex_lock(&cache->mutex);
    if (is_fresh(cache, now_ms)) {
        answer = AZATTEST__KEYS_USE;
        *set = azattest__key_set_ref(cache->set);
    } else if (rests(cache, now_ms)) {
        answer = AZATTEST__KEYS_USE;
        *set = azattest__key_set_ref(cache->set);
        *warning = azattest__dup_text(cache->failure);
    } else {
        answer = fetch_or_wait(cache, now_ms, lease);
    }
    pthread_mutex_unlock(&cache->mutex);
    return answer;
}

azattest__keys_answer azattest__key_cache_ask_newer(azattest__key_cache *cache, int64_t now_ms, uint64_t moment,
                                                    azattest__key_set **set, uint64_t *lease)
{
    azattest__keys_answer answer;

    pthread_mutex_lock(&cache->mutex);
    if (cache->set != NULL && cache->set->begun > moment) {
        answer = AZATTEST__KEYS_USE;
        *set = azattest__key_set_ref(cache->set);
    } else if (cache->lease == 0 && !may_refresh(cache, now_ms)) {
        answer = AZATTEST__KEYS_LIMIT;
    } else if ((answer = fetch_or_wait(cache, now_ms, lease)) == AZATTEST__KEYS_FETCH) {
        cache->refreshed = true;
        cache->refreshed_ms = now_ms;
    }
    pthread_mutex_unlock(&cache->mutex);
    return answer;
}

azattest__key_set *azattest__key_cache_peek(azattest__key_cache *cache, int64_t now_ms)
{
    azattest__key_set *set = NULL;

    pthread_mutex_lock(&cache->mutex);
    if (is_fresh(cache, now_ms) || rests(cache, now_ms))
        set = azattest__key_set_ref(cache->set);
    pthread_mutex_unlock(&cache->mutex);
    return set;
}

bool azattest__key_cache_may_know_more(azattest__key_cache *cache, const azattest__key_set *set, int64_t now_ms)
{
    bool may;

    pthread_mutex_lock(&cache->mutex);
    may = cache->set != set || cache->lease != 0 || may_refresh(cache, now_ms);
    pthread_mutex_unlock(&cache->mutex);
    return may;
}

static int64_t life(const azattest__key_cache *cache, int64_t max_age_ms)
{
    return max_age_ms >= 0 && max_age_ms < cache->life_ms ? max_age_ms : cache->life_ms;
}

static azattest__key_set *new_set(uint64_t begun, int64_t fetched_ms, int64_t life_ms, azattest_signers *signers)
{
    azattest__key_set *set;

    if ((set = calloc(1, sizeof(*set))) == NULL) {
        azattest_signers_free(signers);
        return NULL;
    }
    atomic_init(&set->references, 1);
    set->signers = signers;
    set->begun = begun;
    set->fetched_ms = fetched_ms;
    set->life_ms = life_ms;
    return set;
}

azattest__key_set *azattest__key_cache_store(azattest__key_cache *cache, int64_t now_ms, uint64_t begun,
                                             int64_t max_age_ms, azattest_signers *signers)
{
    azattest__key_set *set = new_set(begun, now_ms, life(cache, max_age_ms), signers), *old;

    if (set == NULL)
        return NULL;
    pthread_mutex_lock(&cache->mutex);
    if (cache->lease == begun)
        cache->lease = 0;
    old = set; /* a younger one is there, in which keys of this one may be gone */
    if (cache->set == NULL || cache->set->begun <= begun) {
        old = cache->set;
        cache->set = set;
        free(cache->failure);
        cache->failure = NULL;
    }
    set = azattest__key_set_ref(cache->set);
    pthread_mutex_unlock(&cache->mutex);
    azattest__key_set_free(old);
    return set;
}

bool azattest__key_cache_is_stale(const azattest__key_cache *cache, int64_t age_ms, int64_t max_age_ms)
{
    return age_ms >= life(cache, max_age_ms);
}

/* Clocks of two processes do not count the age of a set alike. */
#define SAME_AGE_MS 1000

azattest__key_set *azattest__key_cache_adopt(azattest__key_cache *cache, int64_t now_ms, uint64_t lease, bool newest,
                                             const azattest__kept_keys *kept)
{
    azattest__key_set *set =
        new_set(newest ? lease : 0, now_ms - kept->age_ms, life(cache, kept->max_age_ms), kept->signers);
    azattest__key_set *old = set;
    char *failure = azattest__dup_text(kept->warning);

    if (set == NULL || (kept->warning != NULL && failure == NULL)) {
        azattest__key_set_free(set);
        free(failure);
        return NULL;
    }
    pthread_mutex_lock(&cache->mutex);
    if (cache->lease == lease)
        cache->lease = 0;
    if (cache->set == NULL || (cache->set->begun <= lease && cache->set->fetched_ms <= set->fetched_ms + SAME_AGE_MS)) {
        old = cache->set;
        if (old != NULL && set->begun < old->begun) /* not known to be younger than what was asked for since */
            set->begun = old->begun;
        cache->set = set;
        free(cache->failure);
        cache->failure = failure;
        cache->failed_ms = now_ms;
        failure = NULL;
    }
    set = azattest__key_set_ref(cache->set);
    pthread_mutex_unlock(&cache->mutex);
    azattest__key_set_free(old);
    free(failure);
    return set;
}

void azattest__key_cache_give_up(azattest__key_cache *cache, int64_t now_ms, uint64_t lease, const char *reason)
{
    pthread_mutex_lock(&cache->mutex);
    if (cache->lease == lease) {
        cache->lease = 0;
        if (reason != NULL) {
            free(cache->failure);
            cache->failure = azattest__dup_text(reason);
            cache->failed_ms = now_ms;
        }
    }
    pthread_mutex_unlock(&cache->mutex);
}

azattest__key_set *azattest__key_cache_fallback(azattest__key_cache *cache, int64_t now_ms)
{
    azattest__key_set *set = NULL;

    pthread_mutex_lock(&cache->mutex);
    if (is_bearable(cache, now_ms))
        set = azattest__key_set_ref(cache->set);
    pthread_mutex_unlock(&cache->mutex);
    return set;
}
