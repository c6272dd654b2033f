/* The machine of an operation: what it asks for, when it tries again, when it gives up. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"

static void a_good_conversation(void **state)
{
    bench *b = *state;
    static const azattest_header id = { "X-MS-Request-Id", "00-11-22-00" };
    azattest_scripted_exchange script[] = { with_header(answer("POST", INSTANCE_ATTEST, 200, b->reply), &id),
                                            answer("GET", INSTANCE_CERTS, 200, b->jwks) };
    azattest_response *response = NULL;
    azattest_error *error = NULL;
    const char *text;

    expect_success(attest(b, script, 2, NULL, &response, &error, NULL), &error);
    assert_true(azattest_token_is_validated(azattest_response_token(response)));
    assert_true(azattest_result_is_validated(azattest_response_value(response)));
    assert_int_equal(azattest_result_issuer(azattest_response_value(response), &text), AZATTEST_OK);
    assert_string_equal(text, INSTANCE);
    assert_string_equal(azattest_response_request_id(response), "00-11-22-00");
    assert_int_equal(azattest_response_raw_token(response).len, strlen(b->token));
    assert_false(azattest_response_is_draft(response));
    /* The bench's evidence is no quote: that nothing could be compared with it is said. */
    assert_non_null(strstr(azattest_response_warning(response), "not compared"));
    azattest_response_free(response);

    /* The keys are known now. */
    expect_success(attest(b, script, 1, NULL, &response, &error, NULL), &error);
    azattest_response_free(response);
}

static void two_times_busy_then_well(void **state)
{
    bench *b = *state;
    azattest_scripted_exchange script[] = { answer("POST", NULL, 503, ""), answer("POST", NULL, 429, "{}"),
                                            answer("POST", NULL, 200, b->reply), answer("GET", NULL, 502, ""),
                                            answer("GET", NULL, 200, b->jwks) };
    azattest_response *response = NULL;
    azattest_error *error = NULL;
    int64_t slept_ms;

    expect_success(attest(b, script, 5, NULL, &response, &error, &slept_ms), &error);
    assert_int_equal(slept_ms, 840 + 1680 + 840);
    azattest_response_free(response);
}

static void always_busy(void **state)
{
    bench *b = *state;
    azattest_scripted_exchange script[] = {
        answer("POST", NULL, 503, ""), answer("POST", NULL, 503, ""), answer("POST", NULL, 503, ""),
        answer("POST", NULL, 503, "{\"error\":{\"code\":\"Busy\",\"message\":\"come back\"}}")
    };
    azattest_response *response = NULL;
    azattest_error *error = NULL;
    azattest_status status = attest(b, script, 4, NULL, &response, &error, NULL);

    assert_int_equal(azattest_error_attempts(error), 4);
    assert_int_equal(azattest_error_status_code(error), 503);
    assert_string_equal(azattest_error_error_code(error), "Busy");
    assert_int_equal(strlen(azattest_error_client_request_id(error)), 36);
    expect_failure(status, AZATTEST_E_HTTP, &error, "503");
    assert_null(response);
}

static void no_second_try_when_switched_off(void **state)
{
    bench *b = *state;
    azattest_scripted_exchange script[] = { answer("POST", NULL, 503, "") };
    azattest_response *response = NULL;
    azattest_error *error = NULL;

    b->options.retry_total = -1;
    bench_open(b);
    expect_failure(attest(b, script, 1, NULL, &response, &error, NULL), AZATTEST_E_HTTP, &error, "503");
}

static void refusals_are_final(void **state)
{
    static const int statuses[] = { 300, 301, 302, 307, 308, 400, 401, 403, 404, 409, 422, 501, 505, 506 };
    bench *b = *state;

    for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
        azattest_scripted_exchange script[] = { answer("POST", NULL, statuses[i], "") };
        azattest_response *response = NULL;
        azattest_error *error = NULL;
        azattest_status status = attest(b, script, 1, NULL, &response, &error, NULL);

        assert_int_equal(azattest_error_attempts(error), 1);
        expect_failure(status, statuses[i] == 401 || statuses[i] == 403 ? AZATTEST_E_AUTH : AZATTEST_E_HTTP, &error,
                       "the service answered");
    }
}

static void the_service_names_the_wait(void **state)
{
    static const azattest_header ms = { "x-ms-retry-after-ms", "250" }, seconds = { "Retry-After", "3" },
                                 date = { "Retry-After", "Wed, 01 Jan 2025 00:00:09 GMT" };
    bench *b = *state;
    azattest_scripted_exchange script[] = { with_header(answer(NULL, NULL, 503, ""), &ms),
                                            with_header(answer(NULL, NULL, 429, ""), &seconds),
                                            with_header(answer(NULL, NULL, 503, ""), &date),
                                            answer(NULL, NULL, 200, b->reply), answer(NULL, NULL, 200, b->jwks) };
    azattest_response *response = NULL;
    azattest_error *error = NULL;
    int64_t slept_ms;

    expect_success(attest(b, script, 5, NULL, &response, &error, &slept_ms), &error);
    assert_int_equal(slept_ms, 250 + 3000 + 9000);
    azattest_response_free(response);
}

static void a_wait_beyond_the_time_limit_is_not_begun(void **state)
{
    static const azattest_header long_wait = { "Retry-After", "3600" };
    bench *b = *state;
    azattest_scripted_exchange script[] = { with_header(
        answer(NULL, NULL, 503, "{\"error\":{\"code\":\"Busy\",\"message\":\"m\"}}"), &long_wait) };
    azattest_response *response = NULL;
    azattest_error *error = NULL;
    int64_t slept_ms;
    azattest_status status = attest(b, script, 1, NULL, &response, &error, &slept_ms);

    assert_int_equal(slept_ms, 0);
    assert_int_equal(azattest_error_status_code(error), 503);
    assert_string_equal(azattest_error_error_code(error), "Busy");
    assert_int_equal(azattest_error_retry_after_ms(error), 3600000);
    assert_int_equal(azattest_error_attempts(error), 1);
    expect_failure(status, AZATTEST_E_TIMEOUT, &error, "in 120000 ms, would pass the time limit of 100000 ms");
}

static void a_patient_caller_waits_two_minutes(void **state)
{
    static const azattest_header long_wait = { "Retry-After", "3600" };
    bench *b = *state;
    azattest_scripted_exchange script[] = { with_header(answer(NULL, NULL, 503, ""), &long_wait),
                                            answer(NULL, NULL, 200, b->reply), answer(NULL, NULL, 200, b->jwks) };
    azattest_response *response = NULL;
    azattest_error *error = NULL;
    int64_t slept_ms;

    b->options.timeout_ms = -1;
    bench_open(b);
    expect_success(attest(b, script, 3, NULL, &response, &error, &slept_ms), &error);
    assert_int_equal(slept_ms, 120000);
    azattest_response_free(response);
}

static void a_cut_wire_is_tried_again(void **state)
{
    bench *b = *state;
    azattest_scripted_exchange script[] = { no_answer(AZATTEST_E_TRANSPORT), no_answer(AZATTEST_E_TIMEOUT),
                                            answer("POST", NULL, 200, b->reply), answer("GET", NULL, 200, b->jwks) };
    azattest_response *response = NULL;
    azattest_error *error = NULL;

    expect_success(attest(b, script, 4, NULL, &response, &error, NULL), &error);
    azattest_response_free(response);
}

static void a_wire_that_stays_cut(void **state)
{
    bench *b = *state;
    azattest_scripted_exchange script[] = { no_answer(AZATTEST_E_TRANSPORT), no_answer(AZATTEST_E_TRANSPORT),
                                            no_answer(AZATTEST_E_TRANSPORT), no_answer(AZATTEST_E_TRANSPORT) };
    azattest_response *response = NULL;
    azattest_error *error = NULL;
    azattest_status status = attest(b, script, 4, NULL, &response, &error, NULL);

    assert_int_equal(azattest_error_attempts(error), 4);
    assert_int_equal(azattest_error_status_code(error), 0);
    expect_failure(status, AZATTEST_E_TRANSPORT, &error, "the wire is cut");
}

static void a_refused_certificate_is_final(void **state)
{
    bench *b = *state;
    azattest_scripted_exchange script[] = { no_answer(AZATTEST_E_CRYPTO) };
    azattest_response *response = NULL;
    azattest_error *error = NULL;

    expect_failure(attest(b, script, 1, NULL, &response, &error, NULL), AZATTEST_E_TRANSPORT, &error, "wire");
}

/* After the first byte of the answer only what changes nothing is sent again. */
static void after_the_first_byte(void **state)
{
    bench *b = *state;
    azattest_op *op = NULL;

    assert_int_equal(azattest_client_attest_sgx_enclave_begin(b->client, evidence, NULL, &op, NULL), AZATTEST_OK);
    assert_int_equal(azattest_op_step(op), AZATTEST_NEED_HTTP);
    assert_int_equal(azattest_op_fail(op, AZATTEST_E_TRANSPORT, "cut in the middle", true), AZATTEST_OK);
    assert_int_equal(azattest_op_step(op), AZATTEST_NEED_FAILED);
    assert_int_equal(azattest_error_code(azattest_op_error(op)), AZATTEST_E_RESPONSE);
    azattest_op_free(op);

    assert_int_equal(azattest_client_get_signing_certificates_begin(b->client, &op, NULL), AZATTEST_OK);
    assert_int_equal(azattest_op_step(op), AZATTEST_NEED_HTTP);
    assert_int_equal(azattest_op_fail(op, AZATTEST_E_TRANSPORT, "cut in the middle", true), AZATTEST_OK);
    assert_int_equal(azattest_op_step(op), AZATTEST_NEED_SLEEP);
    azattest_op_free(op);
}

static void one_request_id_for_all_tries(void **state)
{
    bench *b = *state;
    azattest_op *op = NULL;
    const azattest_request *request;
    char first[64];

    assert_int_equal(azattest_client_attest_sgx_enclave_begin(b->client, evidence, NULL, &op, NULL), AZATTEST_OK);
    assert_int_equal(azattest_op_step(op), AZATTEST_NEED_HTTP);
    request = azattest_op_request(op);
    snprintf(first, sizeof(first), "%s", header_of(request, "x-ms-client-request-id"));
    assert_int_equal(strlen(first), 36);
    assert_int_equal(first[14], '4');
    assert_null(strpbrk(first, "ABCDEF"));
    assert_string_equal(header_of(request, "x-ms-return-client-request-id"), "true");
    assert_string_equal(header_of(request, "Accept"), "application/json");
    assert_string_equal(header_of(request, "Content-Type"), "application/json");
    assert_int_equal(strncmp(header_of(request, "User-Agent"), "azattest-c/", 11), 0);
    assert_string_equal(azattest_request_method(request), "POST");
    assert_int_equal(azattest_request_response_limit(request), AZATTEST_LIMIT_RESPONSE);
    respond(op, 503, "");
    assert_int_equal(azattest_op_step(op), AZATTEST_NEED_SLEEP);
    assert_int_equal(azattest_op_wait_ms(op), 840);
    assert_int_equal(azattest_op_waited(op), AZATTEST_OK);
    assert_int_equal(azattest_op_step(op), AZATTEST_NEED_HTTP);
    assert_string_equal(header_of(azattest_op_request(op), "x-ms-client-request-id"), first);
    respond(op, 200, b->reply);
    assert_int_equal(azattest_op_step(op), AZATTEST_NEED_HTTP);
    request = azattest_op_request(op);
    assert_string_equal(header_of(request, "x-ms-client-request-id"), first);
    assert_string_equal(header_of(request, "Accept"), "application/jwk+json, application/json");
    assert_null(header_of(request, "Content-Type"));
    assert_null(azattest_request_body(request).ptr);
    azattest_op_free(op);
}

static void wrong_use_changes_nothing(void **state)
{
    bench *b = *state;
    azattest_http_response response = AZATTEST_HTTP_RESPONSE_INIT;
    azattest_op *op = NULL;

    response.status = 200;
    response.body = bytes_of(b->jwks);
    assert_int_equal(azattest_client_get_signing_certificates_begin(b->client, &op, NULL), AZATTEST_OK);
    assert_null(azattest_op_request(op)); /* nothing is asked before the first step */
    assert_int_equal(azattest_op_respond(op, &response), AZATTEST_E_STATE);
    assert_int_equal(azattest_op_fail(op, AZATTEST_E_TRANSPORT, "x", false), AZATTEST_E_STATE);
    assert_int_equal(azattest_op_waited(op), AZATTEST_E_STATE);
    assert_int_equal(azattest_op_step(op), AZATTEST_NEED_HTTP);
    assert_int_equal(azattest_op_step(op), AZATTEST_NEED_HTTP);
    assert_int_equal(azattest_op_waited(op), AZATTEST_E_STATE);
    assert_int_equal(azattest_op_wait_ms(op), 0);
    assert_int_equal(azattest_op_respond(op, NULL), AZATTEST_E_ARGUMENT);
    assert_int_equal(azattest_op_fail(op, AZATTEST_OK, "x", false), AZATTEST_E_ARGUMENT);
    assert_null(azattest_op_take_signers(op));
    assert_null(azattest_op_take_error(op));
    assert_int_equal(azattest_op_respond(op, &response), AZATTEST_OK);
    assert_int_equal(azattest_op_respond(op, &response), AZATTEST_E_STATE);
    assert_int_equal(azattest_op_step(op), AZATTEST_NEED_DONE);
    assert_int_equal(azattest_op_respond(op, &response), AZATTEST_E_STATE);
    assert_null(azattest_op_take_response(op));
    assert_null(azattest_op_take_metadata(op));
    azattest_signers_free(azattest_op_take_signers(op));
    assert_null(azattest_op_take_signers(op)); /* given once */
    azattest_op_free(op);

    assert_int_equal(azattest_op_step(NULL), AZATTEST_NEED_FAILED);
    assert_null(azattest_op_request(NULL));
    assert_int_equal(azattest_op_remaining_ms(NULL), -1);
    assert_int_equal(azattest_op_respond(NULL, &response), AZATTEST_E_ARGUMENT);
    assert_int_equal(azattest_op_waited(NULL), AZATTEST_E_ARGUMENT);
    azattest_op_cancel(NULL);
    azattest_op_free(NULL);
    assert_null(azattest_op_error(NULL));
    assert_null(azattest_op_take_error(NULL));
    assert_null(azattest_request_url(NULL));
    assert_null(azattest_request_method(NULL));
    assert_int_equal(azattest_request_header_count(NULL), 0);
    assert_null(azattest_request_body(NULL).ptr);
}

static void cancelled(void **state)
{
    bench *b = *state;
    azattest_op *op = NULL;
    azattest_error *error;

    assert_int_equal(azattest_client_attest_sgx_enclave_begin(b->client, evidence, NULL, &op, NULL), AZATTEST_OK);
    assert_int_equal(azattest_op_step(op), AZATTEST_NEED_HTTP);
    azattest_op_cancel(op);
    assert_int_equal(azattest_op_step(op), AZATTEST_NEED_FAILED);
    error = azattest_op_take_error(op);
    assert_int_equal(azattest_error_code(error), AZATTEST_E_CANCELLED);
    azattest_error_free(error);
    assert_null(azattest_op_take_error(op));
    azattest_op_free(op);

    assert_int_equal(azattest_client_attest_sgx_enclave_begin(b->client, evidence, NULL, &op, NULL), AZATTEST_OK);
    assert_int_equal(azattest_op_step(op), AZATTEST_NEED_HTTP);
    assert_int_equal(azattest_op_fail(op, AZATTEST_E_CANCELLED, "interrupted", false), AZATTEST_OK);
    assert_int_equal(azattest_op_step(op), AZATTEST_NEED_FAILED);
    assert_int_equal(azattest_error_code(azattest_op_error(op)), AZATTEST_E_CANCELLED);
    azattest_op_free(op);
}

static void out_of_time(void **state)
{
    bench *b = *state;
    azattest_op *op = NULL;

    assert_int_equal(azattest_client_attest_sgx_enclave_begin(b->client, evidence, NULL, &op, NULL), AZATTEST_OK);
    assert_int_equal(azattest_op_remaining_ms(op), 100000);
    assert_int_equal(azattest_op_step(op), AZATTEST_NEED_HTTP);
    b->time.now_ms += 1000000; /* the wall clock may jump as it likes */
    assert_int_equal(azattest_op_step(op), AZATTEST_NEED_HTTP);
    b->time.monotonic_ms += 99999;
    assert_int_equal(azattest_op_step(op), AZATTEST_NEED_HTTP);
    assert_int_equal(azattest_op_remaining_ms(op), 1);
    b->time.monotonic_ms += 1;
    assert_int_equal(azattest_op_step(op), AZATTEST_NEED_FAILED);
    assert_int_equal(azattest_error_code(azattest_op_error(op)), AZATTEST_E_TIMEOUT);
    azattest_op_free(op);
}

static const struct bad_answer {
    const char *name;
    int status;
    const char *body; /* NULL: one byte more than the limit */
    azattest_status expected;
    const char *text;
} bad_answers[] = {
    { "an empty answer", 200, "", AZATTEST_E_RESPONSE, "cannot be used" },
    { "an answer without content", 204, "", AZATTEST_E_RESPONSE, "cannot be used" },
    { "a page with status 200", 200, "<html>", AZATTEST_E_RESPONSE, "cannot be used" },
    { "no token", 200, "{}", AZATTEST_E_RESPONSE, "\"token\", a string" },
    { "a token that is a number", 200, "{\"token\":1}", AZATTEST_E_RESPONSE, "\"token\", a string" },
    { "a bare string, as in 2018", 200, "\"a.b.c\"", AZATTEST_E_RESPONSE, "\"token\", a string" },
    { "two tokens", 200, "{\"token\":\"a\",\"token\":\"b\"}", AZATTEST_E_RESPONSE, "cannot be used" },
    { "something behind the answer", 200, "{\"token\":\"a\"} x", AZATTEST_E_RESPONSE, "cannot be used" },
    { "a NUL in the token", 200, "{\"token\":\"a\\u0000b\"}", AZATTEST_E_RESPONSE, "cannot be used" },
    { "a token that is none", 200, "{\"token\":\"abc\"}", AZATTEST_E_TOKEN_MALFORMED, "the service's answer" },
    { "an empty token", 200, "{\"token\":\"\"}", AZATTEST_E_TOKEN_MALFORMED, "the service's answer" },
    { "more than the limit", 200, NULL, AZATTEST_E_RESPONSE, "more than 4194304 bytes" },
    { "an interim status", 103, "{}", AZATTEST_E_RESPONSE, "103" },
    { "a status that is none", 99, "{}", AZATTEST_E_RESPONSE, "99" },
    { "a status beyond all", 600, "{}", AZATTEST_E_RESPONSE, "600" },
};

/* Never tried again: the same question would get the same answer. */
static void a_bad_answer_is_final(void **state)
{
    const struct bad_answer *c = *state;
    azattest_scripted_exchange script[] = { answer("POST", NULL, c->status, c->body == NULL ? "" : c->body) };
    azattest_response *response = NULL;
    azattest_error *error = NULL;
    char *large = NULL;
    bench *b = NULL;

    bench_setup((void **)&b);
    if (c->body == NULL) {
        large = calloc(1, AZATTEST_LIMIT_RESPONSE + 1);
        script[0].response.body = (azattest_bytes){ large, AZATTEST_LIMIT_RESPONSE + 1 };
    }
    expect_failure(attest(b, script, 1, NULL, &response, &error, NULL), c->expected, &error, c->text);
    assert_null(response);
    free(large);
    bench_teardown((void **)&b);
}

static void the_answer_may_be_cut_anywhere(void **state)
{
    bench *b = *state;

    for (size_t len = 0; len < strlen(b->reply); len++) {
        azattest_scripted_exchange script[] = { answer("POST", NULL, 200, "") };
        azattest_response *response = NULL;
        azattest_error *error = NULL;
        char *copy = malloc(len + 1);

        memcpy(copy, b->reply, len);
        script[0].response.body = (azattest_bytes){ copy, len };
        expect_failure(attest(b, script, 1, NULL, &response, &error, NULL), AZATTEST_E_RESPONSE, &error, "");
        free(copy);
    }
}

static void too_many_headers(void **state)
{
    bench *b = *state;
    azattest_scripted_exchange script[] = { answer("POST", NULL, 200, b->reply) };
    azattest_response *response = NULL;
    azattest_error *error = NULL;
    char *value = malloc(AZATTEST_LIMIT_RESPONSE_HEADERS + 1);
    azattest_header header = { "x", value };

    memset(value, 'y', AZATTEST_LIMIT_RESPONSE_HEADERS);
    value[AZATTEST_LIMIT_RESPONSE_HEADERS] = '\0';
    script[0] = with_header(script[0], &header);
    expect_failure(attest(b, script, 1, NULL, &response, &error, NULL), AZATTEST_E_RESPONSE, &error, "headers");
    free(value);
}

static void bad_key_sets(void **state)
{
    static const char *const sets[] = { "",
                                        "<html>",
                                        "{}",
                                        "{\"keys\":{}}",
                                        "{\"keys\":[]}",
                                        "{\"keys\":[{\"kty\":\"oct\",\"k\":\"AA\"}]}",
                                        "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n" };
    bench *b = *state;

    for (size_t i = 0; i < sizeof(sets) / sizeof(sets[0]); i++) {
        azattest_scripted_exchange script[] = { answer("POST", NULL, 200, b->reply),
                                                answer("GET", NULL, 200, sets[i]) };
        azattest_response *response = NULL;
        azattest_error *error = NULL;

        expect_failure(attest(b, script, 2, NULL, &response, &error, NULL), AZATTEST_E_RESPONSE, &error,
                       "get signing certificates: the service's answer cannot be used");
    }
}

static void an_invalid_token_carries_the_call(void **state)
{
    static const azattest_header id = { "x-ms-request-id", "00-11-22-00" };
    bench *b = *state;
    azattest_scripted_exchange script[] = { with_header(answer("POST", NULL, 200, b->reply), &id),
                                            answer("GET", NULL, 200, b->jwks) };
    azattest_response *response = NULL;
    azattest_error *error = NULL;
    azattest_status status;

    b->time.now_ms += INT64_C(86400000);
    status = attest(b, script, 2, NULL, &response, &error, NULL);
    assert_int_equal(azattest_error_problem_count(error), 1);
    assert_string_equal(azattest_error_request_id(error), "00-11-22-00");
    assert_int_equal(azattest_error_status_code(error), 200);
    assert_int_equal(azattest_error_attempts(error), 1);
    assert_non_null(azattest_error_client_request_id(error));
    expect_failure(status, AZATTEST_E_TOKEN_EXPIRED, &error, "expired at");
    assert_null(response);
}

int main(void)
{
    enum { BAD = sizeof(bad_answers) / sizeof(bad_answers[0]), OTHERS = 20 };
    struct CMUnitTest tests[OTHERS + BAD] = {
        TEST(a_good_conversation),
        TEST(two_times_busy_then_well),
        TEST(always_busy),
        TEST(no_second_try_when_switched_off),
        TEST(refusals_are_final),
        TEST(the_service_names_the_wait),
        TEST(a_wait_beyond_the_time_limit_is_not_begun),
        TEST(a_patient_caller_waits_two_minutes),
        TEST(a_cut_wire_is_tried_again),
        TEST(a_wire_that_stays_cut),
        TEST(a_refused_certificate_is_final),
        TEST(after_the_first_byte),
        TEST(one_request_id_for_all_tries),
        TEST(wrong_use_changes_nothing),
        TEST(cancelled),
        TEST(out_of_time),
        TEST(the_answer_may_be_cut_anywhere),
        TEST(too_many_headers),
        TEST(bad_key_sets),
        TEST(an_invalid_token_carries_the_call),
    };

    for (size_t i = 0; i < BAD; i++)
        tests[OTHERS + i] = (struct CMUnitTest){ bad_answers[i].name, a_bad_answer_is_final, NULL, NULL,
                                                 (void *)(uintptr_t)&bad_answers[i] };
    return cmocka_run_group_tests_name("operation", tests, NULL, NULL);
}
