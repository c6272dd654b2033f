/*
 * A crowd: many threads that start together and use the same objects. The instance is the local service without its
 * sockets, and knows any number of callers; its clocks move when the test moves them. Whatever fails in a thread ends
 * the test program: cmocka's own assertions belong to the main thread alone.
 */
#ifndef AZATTEST_TESTS_CROWD_H
#define AZATTEST_TESTS_CROWD_H

#include <stdatomic.h>
#include <stdbool.h>

#include <azattest/transport.h>

#include "service_bench.h"

#define CROWD_THREADS 8

typedef struct crowd {
    azattest_client *client;
    azattest_verifier *verifier;
    azattest_admin_client *admin;
    azattest_credential *credential;
    azattest_signing_key *signing_key;
    azattest_transport *transport;
    atomic_int_fast64_t monotonic_ms;
    atomic_int key_fetches, token_requests, attests; /* what the instance was asked for */
    int refused_each, refusal; /* each so many attest calls are answered with this status; 0: none */
    unsigned sleep_us;         /* how long a wait really takes */
    atomic_int rounds[CROWD_THREADS];
    atomic_bool finished[CROWD_THREADS];
    void *user; /* of the story */
} crowd;

/* Says why, and ends the program with a failure. */
#define crowd_demand(what) ((what) ? (void)0 : crowd_fail(__FILE__, __LINE__, #what, NULL))
_Noreturn void crowd_fail(const char *file, int line, const char *what, const azattest_error *error);
/* The call has to succeed; the error, if it did not, is shown. */
#define crowd_succeeds(status, error)                                                                                  \
    ((status) == AZATTEST_OK ? (void)0 : crowd_fail(__FILE__, __LINE__, #status, error))

/* service_setup() comes before; `credential` NULL: attest calls are anonymous, and there is no admin client. */
void crowd_open(crowd *all, azattest_credential *credential);
void crowd_close(crowd *all);

/* Runs `work` in each thread and `meanwhile` (or NULL) here; comes back when all have ended. */
void crowd_run(crowd *all, void (*work)(crowd *all, int thread), void (*meanwhile)(crowd *all));
/* A thread says that it has done one round more. */
void crowd_round(crowd *all, int thread);
/* Waits until each thread has done two rounds from here on, so one that began later than now, or has ended. */
void crowd_await_rounds(crowd *all);

/* One attest call through the client and the transport, checked. The caller frees the response. */
azattest_response *crowd_attest(crowd *all);

#endif
