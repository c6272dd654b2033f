/* The token issuer on the bench: without sockets, in a temporary state folder, with a clock that stands still. */
#ifndef AZATTEST_TESTS_ISSUER_BENCH_H
#define AZATTEST_TESTS_ISSUER_BENCH_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "emulator/issuer_parts.h"
#include "emulator/parts.h"

#define AUTHORITY "https://127.0.0.1:4443"

extern struct issuer_world {
    azattest__state state;
    azattest__issuer *issuer;
    azattest__key *client_key; /* of the registered certificate */
    azattest__key *other_key;  /* of nobody */
    int64_t now_s;
} issuer_world;

int issuer_setup(void **state);
int issuer_teardown(void **state);
/* Puts values for $tenant, $id, $reader, $secret, $s1, $s256, $authority, $now, $soon, $past, $object in a template;
 * for free(). */
char *fill(const char *template);
/* A compact JWS of a filled header and filled claims; for free(). */
char *make_jwt(const char *header, const char *claims, const azattest__key *key, azattest__alg alg);
void ask_issuer(const char *method, const char *target, const char *body, azattest__service_answer *answer);
/* The access token of an answer; for free(). */
char *access_token_of(const azattest__service_answer *answer);

#endif
