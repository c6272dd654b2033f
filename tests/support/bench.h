/* A client on the bench: its instance is made up, its conversations are scripted, its clocks stand still. */
#ifndef AZATTEST_TESTS_BENCH_H
#define AZATTEST_TESTS_BENCH_H

#include <azattest/transport.h>

#include "instance.h"

/* What most tests need. The evidence of these is no quote at all: it is sent unread. */
typedef struct bench {
    instance_time time;
    azattest_client_options options;
    instance_key key, other;
    char *jwks, *other_jwks, *claims, *token, *reply;
    azattest_client *client;
} bench;

/* No quote at all. */
extern const azattest_bytes evidence;

void bench_open(bench *b);
int bench_setup(void **state);
int bench_teardown(void **state);
azattest_scripted_exchange answer(const char *method, const char *url, int status, const char *body);
azattest_scripted_exchange with_header(azattest_scripted_exchange exchange, const azattest_header *header);
azattest_scripted_exchange no_answer(azattest_status status);
azattest_status attest(bench *b, const azattest_scripted_exchange *script, size_t count,
                       const azattest_attest_options *options, azattest_response **response, azattest_error **error,
                       int64_t *slept_ms);
void expect_failure(azattest_status status, azattest_status expected, azattest_error **error, const char *text);
void expect_success(azattest_status status, azattest_error **error);
const char *header_of(const azattest_request *request, const char *name);
void respond(azattest_op *op, int status, const char *body);

#define TEST(name) cmocka_unit_test_setup_teardown(name, bench_setup, bench_teardown)

#endif
