/*
 * The signing keys of one instance, shared by all its operations. It decides when keys are fetched, and by whom; it
 * fetches nothing itself. Times are those of the monotonic clock.
 */
#ifndef AZATTEST_OPERATION_KEY_CACHE_H
#define AZATTEST_OPERATION_KEY_CACHE_H

#include <pthread.h>
#include <stdatomic.h>

#include "../base/fork.h"
#include "../jose/signer.h"

#define AZATTEST__KEY_LIFE_MS 3600000         /* 1 h, or less when the service says so */
#define AZATTEST__KEY_STALE_LIMIT_MS 86400000 /* a set that cannot be refreshed is used until it is 24 h old */
#define AZATTEST__KEY_REFRESH_MS 30000 /* least time between refreshes that were no success, or for unknown keys */
#define AZATTEST__KEY_LEASE_MS 10000   /* after that somebody else may fetch as well */
#define AZATTEST__KEY_LOOK_MS 20       /* how long to wait before looking whether another fetch has ended */

/* One fetched set. Immutable and counted, so that a check may use it while a newer one takes its place. */
typedef struct azattest__key_set {
    atomic_int references;
    azattest_signers *signers;
    uint64_t begun; /* order of the moment when its fetch began */
    int64_t fetched_ms, life_ms;
} azattest__key_set;
azattest__key_set *azattest__key_set_ref(azattest__key_set *set);
void azattest__key_set_free(azattest__key_set *set);

typedef struct azattest__key_cache {
    pthread_mutex_t mutex;
    azattest__fork_entry fork;
    int64_t life_ms;
    azattest__key_set *set; /* the newest, or NULL */
    uint64_t moment;        /* counts the beginnings of fetches */
    uint64_t lease;         /* the fetch under way, 0 when there is none */
    int64_t lease_until_ms;
    bool refreshed; /* for an unknown key, at... */
    int64_t refreshed_ms;
    char *failure; /* why the last refresh failed; NULL after a success */
    int64_t failed_ms;
} azattest__key_cache;
azattest_status azattest__key_cache_init(azattest__key_cache *cache, int64_t life_ms, azattest_error **error);
void azattest__key_cache_clear(azattest__key_cache *cache);

typedef enum azattest__keys_answer {
    AZATTEST__KEYS_USE,   /* *set is a new reference */
    AZATTEST__KEYS_FETCH, /* *lease is yours: fetch, then store or give up */
    AZATTEST__KEYS_WAIT,  /* another operation fetches: ask again after AZATTEST__KEY_LOOK_MS */
    AZATTEST__KEYS_LIMIT  /* the set does not know the key, and it was refreshed a moment ago */
} azattest__keys_answer;

/* The moment now: a set whose fetch begins later has a greater one. */
uint64_t azattest__key_cache_moment(azattest__key_cache *cache);
/* The beginning of a fetch that nobody else waits for. */
uint64_t azattest__key_cache_begin(azattest__key_cache *cache);
/* A set for a first look. *warning: new text when the set should have been refreshed, else NULL. */
azattest__keys_answer azattest__key_cache_ask(azattest__key_cache *cache, int64_t now_ms, azattest__key_set **set,
                                              uint64_t *lease, char **warning);
/* A set whose fetch began after `moment`, since the newest one before did not know a token's key. */
azattest__keys_answer azattest__key_cache_ask_newer(azattest__key_cache *cache, int64_t now_ms, uint64_t moment,
                                                    azattest__key_set **set, uint64_t *lease);
/* The set that may be used without fetching anything, as a new reference, or NULL. */
azattest__key_set *azattest__key_cache_peek(azattest__key_cache *cache, int64_t now_ms);
/* The set from _peek does not know a key, and an operation may find another one: it is there already, somebody fetches
 * it, or a refresh for the key would be allowed now. */
bool azattest__key_cache_may_know_more(azattest__key_cache *cache, const azattest__key_set *set, int64_t now_ms);
/* Takes over `signers` and makes them the cache's set unless a younger one is there; gives a new reference to the
 * cache's set, whichever it is now, or NULL when out of memory. `begun` is the lease, or what _begin gave. */
azattest__key_set *azattest__key_cache_store(azattest__key_cache *cache, int64_t now_ms, uint64_t begun,
                                             int64_t max_age_ms, azattest_signers *signers);
/* A set that somebody else has kept, and for how long: its age and life. */
typedef struct azattest__kept_keys {
    azattest_signers *signers; /* taken over, also on failure */
    int64_t age_ms, max_age_ms;
    const char *warning; /* why it stays in use though its life is over; NULL: it is not */
} azattest__kept_keys;
/* That set's life is over at this age. */
bool azattest__key_cache_is_stale(const azattest__key_cache *cache, int64_t age_ms, int64_t max_age_ms);
/* The same as store, for a set that is not fetched. `newest`: it ends the wait of those who want one younger than what
 * is here, though it may be the same. */
azattest__key_set *azattest__key_cache_adopt(azattest__key_cache *cache, int64_t now_ms, uint64_t lease, bool newest,
                                             const azattest__kept_keys *kept);
/* Ends a lease without a set. `reason` NULL: nothing is known (the operation was given up). */
void azattest__key_cache_give_up(azattest__key_cache *cache, int64_t now_ms, uint64_t lease, const char *reason);
/* The old set, if it is not too old, as a new reference: what is left when fetching has failed. */
azattest__key_set *azattest__key_cache_fallback(azattest__key_cache *cache, int64_t now_ms);

#endif
