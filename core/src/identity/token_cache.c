/* Who fetches a token of a credential, and when. */
#include "token_cache.h"

#include <stdlib.h>

#include <azattest/limits.h>

struct azattest__token_entry {
    azattest__token_entry *next;
    char *scopes, *tenant;
    azattest__access_token token; /* text NULL: none */
    uint64_t lease;               /* the fetch under way, 0 when there is none */
    int64_t lease_until_ms;
    bool failed; /* the last fetch, at... */
    int64_t failed_ms;
    uint64_t failed_lease;
    azattest_error *failure;
};

/* Nobody in a forked child goes on with a fetch that another thread had begun. */
static void forget_fetches(void *user)
{
    azattest__token_cache *cache = user;

    for (azattest__token_entry *entry = cache->entries; entry != NULL; entry = entry->next)
        entry->lease = 0;
}

azattest_status azattest__token_cache_init(azattest__token_cache *cache, azattest_error **error)
{
    memset(cache, 0, sizeof(*cache));
    if (pthread_mutex_init(&cache->mutex, NULL) != 0)
        return azattest__error_memory(error);
    azattest__fork_add(&cache->fork, &cache->mutex, forget_fetches, cache);
    return AZATTEST_OK;
}

static void entry_free(azattest__token_entry *entry)
{
    if (entry == NULL)
        return;
    free(entry->scopes);
    free(entry->tenant);
    azattest__access_token_clear(&entry->token);
    azattest_error_free(entry->failure);
    free(entry);
}

void azattest__token_cache_clear(azattest__token_cache *cache)
{
    azattest__fork_remove(&cache->fork);
    while (cache->entries != NULL) {
        azattest__token_entry *entry = cache->entries;

        cache->entries = entry->next;
        entry_free(entry);
    }
    pthread_mutex_destroy(&cache->mutex);
}

/* All functions below that begin with a lower-case name expect the mutex to be held. */

static bool same(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

/* The entry, moved to the front; NULL when there is none. */
static azattest__token_entry *find(azattest__token_cache *cache, const azattest__token_key *key)
{
    azattest__token_entry **place = &cache->entries, *entry;

    while ((entry = *place) != NULL && !(same(entry->scopes, key->scopes) && same(entry->tenant, key->tenant)))
        place = &entry->next;
    if (entry != NULL) {
        *place = entry->next;
        entry->next = cache->entries;
        cache->entries = entry;
    }
    return entry;
}

/* What was asked for longest ago makes room, unless it is being fetched. */
static void make_room(azattest__token_cache *cache)
{
    azattest__token_entry **place, **last = NULL, *entry;
    size_t count = 0;

    for (place = &cache->entries; (entry = *place) != NULL; place = &entry->next) {
        count++;
        if (entry->lease == 0)
            last = place;
    }
    if (count < AZATTEST_LIMIT_CACHED_TOKENS || last == NULL)
        return;
    entry = *last;
    *last = entry->next;
    entry_free(entry);
}

static azattest__token_entry *find_or_add(azattest__token_cache *cache, const azattest__token_key *key)
{
    azattest__token_entry *entry = find(cache, key);

    if (entry != NULL)
        return entry;
    make_room(cache);
    if ((entry = calloc(1, sizeof(*entry))) == NULL)
        return NULL;
    entry->scopes = azattest__dup_text(key->scopes);
    entry->tenant = azattest__dup_text(key->tenant);
    if (entry->scopes == NULL || (key->tenant != NULL && entry->tenant == NULL)) {
        entry_free(entry);
        return NULL;
    }
    entry->next = cache->entries;
    cache->entries = entry;
    return entry;
}

static bool lives(const azattest__token_entry *entry, int64_t now_s)
{
    return entry->token.text != NULL && entry->token.expires_on_s > now_s;
}

static bool is_fresh(const azattest__token_entry *entry, int64_t now_s)
{
    return entry->token.text != NULL && entry->token.expires_on_s - AZATTEST__TOKEN_FRESH_S > now_s &&
           (entry->token.refresh_on_s == 0 || now_s < entry->token.refresh_on_s);
}

static bool is_leased(const azattest__token_entry *entry, int64_t monotonic_ms)
{
    return entry->lease != 0 && monotonic_ms < entry->lease_until_ms;
}

/* The old token is still good: somebody else replaces it already, or that failed a moment ago. */
static bool rests(const azattest__token_entry *entry, const azattest__token_key *key)
{
    return lives(entry, key->now_s) &&
           (is_leased(entry, key->monotonic_ms) ||
            (entry->failed && key->monotonic_ms - entry->failed_ms < AZATTEST__TOKEN_REFRESH_MS));
}

static azattest__token_answer answer_of(azattest__token_cache *cache, azattest__token_entry *entry,
                                        const azattest__token_key *key, azattest__access_token *token, uint64_t *lease,
                                        azattest_error **error)
{
    if (is_fresh(entry, key->now_s) || rests(entry, key))
        return azattest__access_token_copy(&entry->token, token, error) == AZATTEST_OK ? AZATTEST__TOKEN_USE
                                                                                       : AZATTEST__TOKEN_FAILED;
    if (is_leased(entry, key->monotonic_ms)) {
        *lease = entry->lease;
        return AZATTEST__TOKEN_WAIT;
    }
    if (*lease != 0 && entry->failed && entry->failed_lease == *lease && entry->failure != NULL) {
        azattest_error *copy = azattest__error_copy(entry->failure);

        if (copy == NULL) {
            (void)azattest__error_memory(error);
        } else {
            azattest_error_free(*error);
            *error = copy;
        }
        return AZATTEST__TOKEN_FAILED;
    }
    entry->lease = *lease = ++cache->leases;
    entry->lease_until_ms = key->monotonic_ms + AZATTEST__TOKEN_LEASE_MS;
    return AZATTEST__TOKEN_FETCH;
}

azattest__token_answer azattest__token_cache_ask(azattest__token_cache *cache, const azattest__token_key *key,
                                                 azattest__access_token *token, uint64_t *lease, azattest_error **error)
{
    azattest__token_answer answer = AZATTEST__TOKEN_FAILED;
    azattest__token_entry *entry;

    memset(token, 0, sizeof(*token));
    pthread_mutex_lock(&cache->mutex);
    if ((entry = find_or_add(cache, key)) == NULL)
        (void)azattest__error_memory(error);
    else
        answer = answer_of(cache, entry, key, token, lease, error);
    pthread_mutex_unlock(&cache->mutex);
    return answer;
}

void azattest__token_cache_store(azattest__token_cache *cache, const azattest__token_key *key, uint64_t lease,
                                 const azattest__access_token *token)
{
    azattest__token_entry *entry;
    azattest__access_token copy;

    pthread_mutex_lock(&cache->mutex);
    if ((entry = find(cache, key)) != NULL) {
        /* A fetch that was overtaken does not replace a token that lives longer. */
        bool current = entry->lease == lease || entry->token.text == NULL;

        if (entry->lease == lease)
            entry->lease = 0;
        if ((current || entry->token.expires_on_s <= token->expires_on_s) &&
            azattest__access_token_copy(token, &copy, NULL) == AZATTEST_OK) {
            azattest__access_token_clear(&entry->token);
            entry->token = copy;
        }
        entry->failed = false;
        azattest_error_free(entry->failure);
        entry->failure = NULL;
    }
    pthread_mutex_unlock(&cache->mutex);
}

bool azattest__token_cache_give_up(azattest__token_cache *cache, const azattest__token_key *key, uint64_t lease,
                                   const azattest_error *reason, azattest__access_token *token)
{
    azattest__token_entry *entry;
    bool usable = false;

    memset(token, 0, sizeof(*token));
    pthread_mutex_lock(&cache->mutex);
    if ((entry = find(cache, key)) != NULL) {
        if (entry->lease == lease) {
            entry->lease = 0;
            if (reason != NULL) {
                azattest_error_free(entry->failure);
                entry->failure = azattest__error_copy(reason);
                entry->failed = true;
                entry->failed_ms = key->monotonic_ms;
                entry->failed_lease = lease;
            }
        }
        usable = lives(entry, key->now_s) && azattest__access_token_copy(&entry->token, token, NULL) == AZATTEST_OK;
    }
    pthread_mutex_unlock(&cache->mutex);
    return usable;
}

void azattest__token_cache_drop(azattest__token_cache *cache, const azattest__token_key *key, const char *text)
{
    azattest__token_entry *entry;

    pthread_mutex_lock(&cache->mutex);
    if ((entry = find(cache, key)) != NULL && same(entry->token.text, text))
        azattest__access_token_clear(&entry->token);
    pthread_mutex_unlock(&cache->mutex);
}
