/*
 * The tokens of one credential, by scope and tenant. Decides when a token is fetched, and by whom; fetches nothing
 * itself. Source: reference "Caching and refresh".
 */
#ifndef AZATTEST_IDENTITY_TOKEN_CACHE_H
#define AZATTEST_IDENTITY_TOKEN_CACHE_H

#include <pthread.h>

#include "../base/fork.h"
#include "token.h"

#define AZATTEST__TOKEN_FRESH_S 300      /* a token with less left is replaced */
#define AZATTEST__TOKEN_HALF_LIFE_S 7200 /* one that lives longer is replaced at half of its life */
#define AZATTEST__TOKEN_REFRESH_MS 30000 /* rest after a refresh that failed while the old token lives */
#define AZATTEST__TOKEN_LEASE_MS 60000   /* then somebody else may fetch as well: the CLI's default limit is less */
#define AZATTEST__TOKEN_LOOK_MS 20       /* how long to wait before looking whether another fetch has ended */

typedef struct azattest__token_entry azattest__token_entry;

typedef struct azattest__token_cache {
    pthread_mutex_t mutex;
    azattest__fork_entry fork;
    azattest__token_entry *entries; /* the one used last comes first */
    uint64_t leases;
} azattest__token_cache;
azattest_status azattest__token_cache_init(azattest__token_cache *cache, azattest_error **error);
void azattest__token_cache_clear(azattest__token_cache *cache);

/* What a token is kept by, and the moment of asking. `tenant` may be NULL. */
typedef struct azattest__token_key {
    const char *scopes, *tenant;
    int64_t now_s, monotonic_ms;
} azattest__token_key;

typedef enum azattest__token_answer {
    AZATTEST__TOKEN_USE,   /* *token is a copy */
    AZATTEST__TOKEN_FETCH, /* *lease is yours: fetch, then store or give up */
    AZATTEST__TOKEN_WAIT,  /* another operation fetches (*lease): ask again after AZATTEST__TOKEN_LOOK_MS */
    AZATTEST__TOKEN_FAILED /* the fetch that was waited for (*lease) has failed, with *error */
} azattest__token_answer;

/* *lease: in, the fetch that was waited for, or 0; out, see the answers. */
azattest__token_answer azattest__token_cache_ask(azattest__token_cache *cache, const azattest__token_key *key,
                                                 azattest__access_token *token, uint64_t *lease,
                                                 azattest_error **error);
/* Ends a lease with a token, of which a copy is kept. Without memory nothing is kept. */
void azattest__token_cache_store(azattest__token_cache *cache, const azattest__token_key *key, uint64_t lease,
                                 const azattest__access_token *token);
/* Ends a lease without one; `reason` NULL: nothing is known (the operation was given up). True: the old token still
 * lives, and *token is a copy of it. */
bool azattest__token_cache_give_up(azattest__token_cache *cache, const azattest__token_key *key, uint64_t lease,
                                   const azattest_error *reason, azattest__access_token *token);
/* The service refused this token: it is not handed out again. Another one that has taken its place stays. */
void azattest__token_cache_drop(azattest__token_cache *cache, const azattest__token_key *key, const char *text);

#endif
