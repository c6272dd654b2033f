/* A multi with a client and a web server that does as it is told, driven in either of the two forms. */
#ifndef AZATTEST_TESTS_MANY_H
#define AZATTEST_TESTS_MANY_H

#include <poll.h>

#include <azattest/azattest.h>
#include <azattest/multi.h>

#include "web.h"

/* What the caller's own loop of the second form watches. */
typedef struct watch {
    struct pollfd fds[1100];
    size_t count;
} watch;

typedef struct many {
    bool external; /* the form */
    azattest_curl_options connection;
    azattest_client_options options;
    web server;
    azattest_client *client;
    azattest_multi *multi;
    watch watch;
    atomic_int busy; /* requests called "again" that were sent away */
} many;

/* Starts the server, then makes client and multi with the options as they are. */
void many_open(many *m);
void many_close(many *m);

/* An attestation whose client request id says what the server does with it: "" (answers at once), "late-40" (that many
 * milliseconds later), "drip-5" (bytes so far apart), "hold" (never answers), "busy" (503, in a minute again), "again"
 * (503 the first time, then as ""), "wrong" (400). It is put in when `add`. */
azattest_op *many_begin(many *m, const char *id, bool add);
/* Drives for one turn. */
void many_drive(many *m, int64_t timeout_ms);
/* Drives to the next event. */
azattest_multi_event many_next(many *m);
/* Drives to the next event, which is this one. A failure has this status, and its message this text. Frees the op. */
void many_expect(many *m, const azattest_op *op, azattest_status status, const char *text);
/* Drives until the server has seen so many requests. */
void many_until_requests(many *m, int requests);
/* Waits for the server's thread to see something. */
void many_wait_for(const atomic_int *value, int expected);

#endif
