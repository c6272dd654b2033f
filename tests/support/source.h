/* A source of collateral without a network: a transport that the local service's paths answer, from the simulator's
 * documents. A test bends single answers, counts requests, and sets the time. */
#ifndef AZATTEST_TESTS_SOURCE_H
#define AZATTEST_TESTS_SOURCE_H

#include <azattest/collateral_cache.h>

#include "emulator/collateral_simulated.h"
#include "made.h"

#define SOURCE_REQUESTS 32

/* One answer on its way; what points anywhere lives until the answer was given. */
typedef struct source_answer {
    int status;
    azattest_bytes body;
    azattest_header headers[8];
    size_t header_count;
    azattest_status fail; /* AZATTEST_OK: answers */
    bool answered;        /* of a failure: something had come already */
} source_answer;

typedef struct source source;
struct source {
    azattest__simulated_collateral documents;
    azattest_transport *transport;
    azattest_client_options client; /* its clock is `now_ms`; nothing is random */
    int64_t now_ms;
    char *urls[SOURCE_REQUESTS]; /* of the requests, in their order */
    size_t requests;
    int64_t slept_ms;
    bool sent_secret;    /* a header that nobody but Intel may see, or none at all, was sent */
    const char *key_was; /* the subscription key that came last, "" for none */
    /* NULL: the answers stay as they are. `index` counts from 0. */
    void (*bend)(source *s, size_t index, source_answer *answer);
    void *user;
};

void source_open(source *s);
void source_close(source *s);
/* Forgets what was asked. */
void source_forget(source *s);
/* The value of a header, or NULL; and replaces (or adds) one, or takes it away (value NULL). */
const char *source_header(const source_answer *answer, const char *name);
void source_set_header(source_answer *answer, const char *name, const char *value);

#endif
