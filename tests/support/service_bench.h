/* The local service on the bench: without sockets, with a simulated platform and a clock that stands still. All text
 * that is given back is for free(). Whatever fails here ends the test. */
#ifndef AZATTEST_TESTS_SERVICE_BENCH_H
#define AZATTEST_TESTS_SERVICE_BENCH_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <azattest/simulator.h>

#include "emulator/parts.h"
#include "emulator/state.h"

#define ENDPOINT "https://127.0.0.1:4443"
#define DATA "{\"b\":[2,{\"z\":1,\"a\":null}],\"a\":12345678901234567890}"

#define SGX "/attest/SgxEnclave?api-version=2025-06-01"
#define OE "/attest/OpenEnclave?api-version=2025-06-01"
#define QUOTE "\"quote\":\"$quote\""
#define RUNTIME(type, data) "\"runtimeData\":{\"data\":\"" data "\",\"dataType\":\"" type "\"}"

extern struct world {
    azattest__state state;
    azattest_simulator *simulator;
    azattest__key *key;
    azattest__service *service; /* of mode aad, with its store in memory */
    int64_t now_s;
    char *quote, *report, *debug, *forged, *standard, *data; /* base64url but for one */
    unsigned char *raw_quote;
    size_t raw_quote_len;
} world;

int service_setup(void **state);
int service_teardown(void **state);

char *encode(const void *data, size_t len, bool standard); /* base64, or base64url */
/* Puts evidence and data for $quote, $report, ... in a template. */
char *expand(const char *template);
void ask(const char *method, const char *target, azattest_bytes body, azattest__service_answer *answer);
azattest__json *parse(azattest_bytes text);
/* The token of an answer, whose signature has been checked. */
void open_token(const azattest__service_answer *answer, azattest__jws *jws);
/* A successful attest call. */
void attest(const char *template, azattest__jws *jws);
void assert_header(const azattest__jws *jws, const char *algorithm);
const azattest__kind *sgx(void);
/* The world's clock. */
azattest_clock service_clock(void);

#endif
