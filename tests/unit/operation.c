/* Operations driven by scripted conversations, with clocks that stand still. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

static const azattest_bytes evidence = { "no quote", 8 };

static void open_client(bench *b)
{
    azattest_client_free(b->client);
    assert_int_equal(azattest_client_new(INSTANCE, &b->options, &b->client, NULL), AZATTEST_OK);
}

static int setup(void **state)
{
    bench *b = calloc(1, sizeof(*b));

    assert_non_null(b);
    b->time.now_ms = INSTANCE_NOW_S * 1000;
    b->time.monotonic_ms = 5000;
    b->options = instance_options(&b->time);
    instance_key_make(&b->key, INSTANCE);
    instance_key_make(&b->other, INSTANCE);
    b->jwks = instance_jwks(&b->key, NULL);
    b->other_jwks = instance_jwks(&b->other, NULL);
    b->claims = instance_claims("");
    b->token = instance_token(&b->key, b->claims);
    b->reply = instance_reply(b->token);
    open_client(b);
    *state = b;
    return 0;
}

static int teardown(void **state)
{
    bench *b = *state;

    azattest_client_free(b->client);
    instance_key_clear(&b->key);
    instance_key_clear(&b->other);
    free(b->jwks);
    free(b->other_jwks);
    free(b->claims);
    free(b->token);
    free(b->reply);
    free(b);
    return 0;
}

static azattest_scripted_exchange answer(const char *method, const char *url, int status, const char *body)
{
    azattest_scripted_exchange exchange = { .method = method, .url = url };

    exchange.response.status = status;
    exchange.response.body = bytes_of(body);
    return exchange;
}

static azattest_scripted_exchange with_header(azattest_scripted_exchange exchange, const azattest_header *header)
{
    exchange.response.headers = header;
    exchange.response.header_count = 1;
    return exchange;
}

static azattest_scripted_exchange no_answer(azattest_status status)
{
    azattest_scripted_exchange exchange = { .fail = status, .fail_message = "the wire is cut" };

    return exchange;
}

/* One attest call over a script, all of which must be played. */
static azattest_status attest(bench *b, const azattest_scripted_exchange *script, size_t count,
                              const azattest_attest_options *options, azattest_response **response,
                              azattest_error **error, int64_t *slept_ms)
{
    azattest_transport *transport = NULL;
    azattest_status status;

    assert_int_equal(azattest_scripted_transport_new(script, count, &transport, NULL), AZATTEST_OK);
    status = azattest_client_attest_sgx_enclave(b->client, transport, evidence, options, response, error);
    assert_int_equal(azattest_scripted_transport_played(transport), count);
    if (slept_ms != NULL)
        *slept_ms = azattest_scripted_transport_slept_ms(transport);
    azattest_transport_free(transport);
    return status;
}

/* Both take the error's address: it is set by the call that gives the status, in the same expression. */
static void expect_failure(azattest_status status, azattest_status expected, azattest_error **error, const char *text)
{
    if (status != expected || strstr(azattest_error_message(*error), text) == NULL)
        print_message("got %s: %s\n", azattest_status_name(status), azattest_error_message(*error));
    assert_int_equal(status, expected);
    assert_int_equal(azattest_error_code(*error), expected);
    assert_non_null(strstr(azattest_error_message(*error), text));
    azattest_error_free(*error);
    *error = NULL;
}

static void expect_success(azattest_status status, azattest_error **error)
{
    if (status != AZATTEST_OK)
        print_message("got %s: %s\n", azattest_status_name(status), azattest_error_message(*error));
    assert_int_equal(status, AZATTEST_OK);
    assert_null(*error);
}

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
    assert_null(azattest_response_warning(response));
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
    open_client(b);
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
    azattest_scripted_exchange script[] = {
        with_header(answer(NULL, NULL, 503, "{\"error\":{\"code\":\"Busy\",\"message\":\"m\"}}"), &long_wait)
    };
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
    open_client(b);
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
    assert_int_equal(azattest_error_code(azattest_op_error(op)), AZATTEST_E_TRANSPORT);
    azattest_op_free(op);

    assert_int_equal(azattest_client_get_signing_certificates_begin(b->client, &op, NULL), AZATTEST_OK);
    assert_int_equal(azattest_op_step(op), AZATTEST_NEED_HTTP);
    assert_int_equal(azattest_op_fail(op, AZATTEST_E_TRANSPORT, "cut in the middle", true), AZATTEST_OK);
    assert_int_equal(azattest_op_step(op), AZATTEST_NEED_SLEEP);
    azattest_op_free(op);
}

static const char *header_of(const azattest_request *request, const char *name)
{
    for (size_t i = 0; i < azattest_request_header_count(request); i++)
        if (strcmp(azattest_request_header_name(request, i), name) == 0)
            return azattest_request_header_value(request, i);
    return NULL;
}

static void respond(azattest_op *op, int status, const char *body)
{
    azattest_http_response response = AZATTEST_HTTP_RESPONSE_INIT;

    response.status = status;
    response.body = bytes_of(body);
    assert_int_equal(azattest_op_respond(op, &response), AZATTEST_OK);
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
    bench *b = NULL;

    setup((void **)&b);
    for (size_t i = 0; i < sizeof(bad_answers) / sizeof(bad_answers[0]); i++) {
        const struct bad_answer *c = &bad_answers[i];
        azattest_scripted_exchange script[] = { answer("POST", NULL, c->status, c->body == NULL ? "" : c->body) };
        azattest_response *response = NULL;
        azattest_error *error = NULL;
        char *large = NULL;

        if (c->body == NULL) {
            large = calloc(1, AZATTEST_LIMIT_RESPONSE + 1);
            script[0].response.body = (azattest_bytes){ large, AZATTEST_LIMIT_RESPONSE + 1 };
        }
        print_message("  %s\n", c->name);
        expect_failure(attest(b, script, 1, NULL, &response, &error, NULL), c->expected, &error, c->text);
        assert_null(response);
        free(large);
    }
    teardown((void **)&b);
    (void)state;
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
    static const char *const sets[] = { "", "<html>", "{}", "{\"keys\":{}}", "{\"keys\":[]}",
                                        "{\"keys\":[{\"kty\":\"oct\",\"k\":\"AA\"}]}",
                                        "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n" };
    bench *b = *state;

    for (size_t i = 0; i < sizeof(sets) / sizeof(sets[0]); i++) {
        azattest_scripted_exchange script[] = { answer("POST", NULL, 200, b->reply), answer("GET", NULL, 200, sets[i]) };
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

/* A rotation: the token's key is not in the set that was kept; one refresh, and it is. */
static void an_unknown_key_refreshes_the_set(void **state)
{
    bench *b = *state;
    char *token = instance_token(&b->other, b->claims), *reply = instance_reply(token);
    azattest_scripted_exchange first[] = { answer("POST", NULL, 200, b->reply), answer("GET", NULL, 200, b->jwks) };
    azattest_scripted_exchange second[] = { answer("POST", NULL, 200, reply), answer("GET", NULL, 200, b->other_jwks) };
    azattest_scripted_exchange third[] = { answer("POST", NULL, 200, b->reply) };
    azattest_response *response = NULL;
    azattest_error *error = NULL;

    expect_success(attest(b, first, 2, NULL, &response, &error, NULL), &error);
    azattest_response_free(response);
    expect_success(attest(b, second, 2, NULL, &response, &error, NULL), &error);
    azattest_response_free(response);
    /* The old key is gone, and so is the leave to ask again within 30 seconds. */
    expect_failure(attest(b, third, 1, NULL, &response, &error, NULL), AZATTEST_E_TOKEN_KEY_UNKNOWN, &error, "key id");
    b->time.monotonic_ms += 29999;
    expect_failure(attest(b, third, 1, NULL, &response, &error, NULL), AZATTEST_E_TOKEN_KEY_UNKNOWN, &error, "key id");
    b->time.monotonic_ms += 1;
    expect_success(attest(b, first, 2, NULL, &response, &error, NULL), &error);
    azattest_response_free(response);
    free(token);
    free(reply);
}

/* A set that was fetched with the token in hand cannot be bettered by fetching it again. */
static void a_stranger_is_not_looked_for_twice(void **state)
{
    bench *b = *state;
    azattest_scripted_exchange script[] = { answer("POST", NULL, 200, b->reply),
                                            answer("GET", NULL, 200, b->other_jwks) };
    azattest_response *response = NULL;
    azattest_error *error = NULL;

    expect_failure(attest(b, script, 2, NULL, &response, &error, NULL), AZATTEST_E_TOKEN_KEY_UNKNOWN, &error, "key id");
}

static void old_keys_serve_when_a_refresh_fails(void **state)
{
    bench *b = *state;
    azattest_scripted_exchange first[] = { answer("POST", NULL, 200, b->reply), answer("GET", NULL, 200, b->jwks) };
    azattest_scripted_exchange later[] = { answer("POST", NULL, 200, b->reply), answer("GET", NULL, 404, "") };
    azattest_response *response = NULL;
    azattest_error *error = NULL;

    expect_success(attest(b, first, 2, NULL, &response, &error, NULL), &error);
    azattest_response_free(response);
    b->time.monotonic_ms += 3600000;
    expect_success(attest(b, later, 2, NULL, &response, &error, NULL), &error);
    assert_non_null(strstr(azattest_response_warning(response), "404"));
    azattest_response_free(response);
    /* For a while nobody tries again, and the warning stays. */
    expect_success(attest(b, later, 1, NULL, &response, &error, NULL), &error);
    assert_non_null(strstr(azattest_response_warning(response), "404"));
    azattest_response_free(response);
    b->time.monotonic_ms += 30000;
    expect_success(attest(b, first, 2, NULL, &response, &error, NULL), &error);
    assert_null(azattest_response_warning(response));
    azattest_response_free(response);
    /* After 24 hours the old set is no set. */
    b->time.monotonic_ms += 86400000;
    expect_failure(attest(b, later, 2, NULL, &response, &error, NULL), AZATTEST_E_HTTP, &error, "404");
}

static void a_failed_refresh_for_an_unknown_key(void **state)
{
    bench *b = *state;
    char *token = instance_token(&b->other, b->claims), *reply = instance_reply(token);
    azattest_scripted_exchange first[] = { answer("POST", NULL, 200, b->reply), answer("GET", NULL, 200, b->jwks) };
    azattest_scripted_exchange second[] = { answer("POST", NULL, 200, reply), answer("GET", NULL, 403, "") };
    azattest_response *response = NULL;
    azattest_error *error = NULL;
    azattest_status status;

    expect_success(attest(b, first, 2, NULL, &response, &error, NULL), &error);
    azattest_response_free(response);
    status = attest(b, second, 2, NULL, &response, &error, NULL);
    assert_non_null(strstr(azattest_error_hint(error), "could not be refreshed"));
    assert_non_null(strstr(azattest_error_hint(error), "403"));
    expect_failure(status, AZATTEST_E_TOKEN_KEY_UNKNOWN, &error, "key id");
    free(token);
    free(reply);
}

static void max_age_shortens_the_life_of_keys(void **state)
{
    static const azattest_header age = { "Cache-Control", "public, max-age=60" };
    bench *b = *state;
    azattest_scripted_exchange script[] = { answer("POST", NULL, 200, b->reply),
                                            with_header(answer("GET", NULL, 200, b->jwks), &age) };
    azattest_response *response = NULL;
    azattest_error *error = NULL;

    expect_success(attest(b, script, 2, NULL, &response, &error, NULL), &error);
    azattest_response_free(response);
    b->time.monotonic_ms += 59999;
    expect_success(attest(b, script, 1, NULL, &response, &error, NULL), &error);
    azattest_response_free(response);
    b->time.monotonic_ms += 1;
    expect_success(attest(b, script, 2, NULL, &response, &error, NULL), &error);
    azattest_response_free(response);
}

static void keys_that_may_not_be_kept_are_fetched_each_time(void **state)
{
    static const azattest_header none = { "Cache-Control", "no-store" };
    bench *b = *state;
    azattest_scripted_exchange script[] = { answer("POST", NULL, 200, b->reply),
                                            with_header(answer("GET", NULL, 200, b->jwks), &none) };
    azattest_response *response = NULL;
    azattest_error *error = NULL;

    for (int i = 0; i < 2; i++) {
        expect_success(attest(b, script, 2, NULL, &response, &error, NULL), &error);
        azattest_response_free(response);
    }
}

/* Two operations at once: one fetches, the other waits and finds the set. */
static void concurrent_operations_share_one_fetch(void **state)
{
    bench *b = *state;
    azattest_op *first = NULL, *second = NULL;

    assert_int_equal(azattest_client_attest_sgx_enclave_begin(b->client, evidence, NULL, &first, NULL), AZATTEST_OK);
    assert_int_equal(azattest_client_attest_sgx_enclave_begin(b->client, evidence, NULL, &second, NULL), AZATTEST_OK);
    assert_int_equal(azattest_op_step(first), AZATTEST_NEED_HTTP);
    assert_int_equal(azattest_op_step(second), AZATTEST_NEED_HTTP);
    respond(first, 200, b->reply);
    respond(second, 200, b->reply);
    assert_int_equal(azattest_op_step(first), AZATTEST_NEED_HTTP);
    assert_string_equal(azattest_request_url(azattest_op_request(first)), INSTANCE_CERTS);
    assert_int_equal(azattest_op_step(second), AZATTEST_NEED_SLEEP);
    assert_true(azattest_op_wait_ms(second) > 0);
    assert_int_equal(azattest_op_waited(second), AZATTEST_OK);
    assert_int_equal(azattest_op_step(second), AZATTEST_NEED_SLEEP);
    respond(first, 200, b->jwks);
    assert_int_equal(azattest_op_step(first), AZATTEST_NEED_DONE);
    assert_int_equal(azattest_op_waited(second), AZATTEST_OK);
    assert_int_equal(azattest_op_step(second), AZATTEST_NEED_DONE);
    azattest_op_free(first);
    azattest_op_free(second);
}

/* Whoever fetches may fail, be thrown away, or fall asleep: the next one takes over. */
static void a_fetch_that_is_given_up_is_taken_over(void **state)
{
    bench *b = *state;

    for (int how = 0; how < 3; how++) {
        azattest_op *first = NULL, *second = NULL;

        open_client(b);
        assert_int_equal(azattest_client_attest_sgx_enclave_begin(b->client, evidence, NULL, &first, NULL), AZATTEST_OK);
        assert_int_equal(azattest_client_attest_sgx_enclave_begin(b->client, evidence, NULL, &second, NULL),
                         AZATTEST_OK);
        assert_int_equal(azattest_op_step(first), AZATTEST_NEED_HTTP);
        assert_int_equal(azattest_op_step(second), AZATTEST_NEED_HTTP);
        respond(first, 200, b->reply);
        respond(second, 200, b->reply);
        assert_int_equal(azattest_op_step(first), AZATTEST_NEED_HTTP);
        assert_int_equal(azattest_op_step(second), AZATTEST_NEED_SLEEP);
        if (how == 0) {
            respond(first, 404, "");
            assert_int_equal(azattest_op_step(first), AZATTEST_NEED_FAILED);
        } else if (how == 1) {
            azattest_op_free(first);
            first = NULL;
        } else {
            b->time.monotonic_ms += 10000;
        }
        assert_int_equal(azattest_op_waited(second), AZATTEST_OK);
        assert_int_equal(azattest_op_step(second), AZATTEST_NEED_HTTP);
        respond(second, 200, b->jwks);
        assert_int_equal(azattest_op_step(second), AZATTEST_NEED_DONE);
        if (how == 2) { /* the sleeper wakes up: its answer does no harm */
            respond(first, 200, b->jwks);
            assert_int_equal(azattest_op_step(first), AZATTEST_NEED_DONE);
        }
        azattest_op_free(first);
        azattest_op_free(second);
    }
}

static void an_operation_outlives_its_client(void **state)
{
    bench *b = *state;
    azattest_op *op = NULL;
    azattest_response *response;

    assert_int_equal(azattest_client_attest_sgx_enclave_begin(b->client, evidence, NULL, &op, NULL), AZATTEST_OK);
    azattest_client_free(b->client);
    b->client = NULL;
    assert_int_equal(azattest_op_step(op), AZATTEST_NEED_HTTP);
    respond(op, 200, b->reply);
    assert_int_equal(azattest_op_step(op), AZATTEST_NEED_HTTP);
    respond(op, 200, b->jwks);
    assert_int_equal(azattest_op_step(op), AZATTEST_NEED_DONE);
    response = azattest_op_take_response(op);
    azattest_op_free(op);
    assert_true(azattest_result_is_validated(azattest_response_value(response)));
    azattest_response_free(response);
}

static void an_unsigned_reply(void **state)
{
    bench *b = *state;
    char *token = instance_token(NULL, b->claims), *reply = instance_reply(token);
    azattest_scripted_exchange script[] = { answer("POST", NULL, 200, reply) };
    azattest_scripted_exchange signed_script[] = { answer("POST", NULL, 200, b->reply),
                                                   answer("GET", NULL, 200, b->jwks) };
    azattest_attest_options options = AZATTEST_ATTEST_OPTIONS_INIT;
    azattest_response *response = NULL;
    azattest_error *error = NULL;

    /* Nobody asked for one: refused, and without a look at any key. */
    expect_failure(attest(b, script, 1, NULL, &response, &error, NULL), AZATTEST_E_TOKEN_ALGORITHM, &error, "not signed");
    /* It is the answer to a draft policy: accepted, and marked. */
    options.draft_policy = "version=1.0;";
    expect_success(attest(b, script, 1, &options, &response, &error, NULL), &error);
    assert_true(azattest_response_is_draft(response));
    assert_false(azattest_token_is_validated(azattest_response_token(response)));
    assert_false(azattest_result_is_validated(azattest_response_value(response)));
    azattest_response_free(response);
    /* Its times are checked all the same. */
    b->time.now_ms += INT64_C(86400000);
    expect_failure(attest(b, script, 1, &options, &response, &error, NULL), AZATTEST_E_TOKEN_EXPIRED, &error, "expired");
    b->time.now_ms -= INT64_C(86400000);
    /* A signed answer to a draft policy is a signed answer. */
    expect_success(attest(b, signed_script, 2, &options, &response, &error, NULL), &error);
    assert_false(azattest_response_is_draft(response));
    assert_true(azattest_token_is_validated(azattest_response_token(response)));
    azattest_response_free(response);
    free(token);
    free(reply);
}

static void the_nonce_comes_back(void **state)
{
    bench *b = *state;
    char *claims = instance_claims(",\"nonce\":\"n-1\""), *token = instance_token(&b->key, claims),
         *reply = instance_reply(token);
    azattest_scripted_exchange with[] = { answer("POST", NULL, 200, reply), answer("GET", NULL, 200, b->jwks) };
    azattest_scripted_exchange without[] = { answer("POST", NULL, 200, b->reply) };
    azattest_attest_options options = AZATTEST_ATTEST_OPTIONS_INIT;
    azattest_response *response = NULL;
    azattest_error *error = NULL;

    options.nonce = "n-1";
    expect_success(attest(b, with, 2, &options, &response, &error, NULL), &error);
    azattest_response_free(response);
    expect_failure(attest(b, without, 1, &options, &response, &error, NULL), AZATTEST_E_TOKEN_NONCE, &error, "nonce");
    options.nonce = "n-2";
    expect_failure(attest(b, with, 1, &options, &response, &error, NULL), AZATTEST_E_TOKEN_NONCE, &error, "nonce");
    free(claims);
    free(token);
    free(reply);
}

static void the_runtime_data_comes_back(void **state)
{
    bench *b = *state;
    char *claims = instance_claims(",\"x-ms-sgx-ehd\":\"aGVsbG8\""), *token = instance_token(&b->key, claims),
         *reply = instance_reply(token);
    azattest_scripted_exchange script[] = { answer("POST", NULL, 200, reply), answer("GET", NULL, 200, b->jwks) };
    azattest_attest_options options = AZATTEST_ATTEST_OPTIONS_INIT;
    azattest_response *response = NULL;
    azattest_error *error = NULL;

    options.runtime_data = bytes_of("hello");
    expect_success(attest(b, script, 2, &options, &response, &error, NULL), &error);
    azattest_response_free(response);
    options.runtime_data = bytes_of("hallo");
    expect_failure(attest(b, script, 1, &options, &response, &error, NULL), AZATTEST_E_TOKEN_RUNTIME_DATA, &error,
                   "runtime data");
    options.runtime_data = bytes_of(""); /* empty data is data */
    expect_failure(attest(b, script, 1, &options, &response, &error, NULL), AZATTEST_E_TOKEN_RUNTIME_DATA, &error,
                   "runtime data");
    options.runtime_data = (azattest_bytes){ NULL, 0 };
    options.runtime_json = bytes_of("{\"a\":1}");
    expect_failure(attest(b, script, 1, &options, &response, &error, NULL), AZATTEST_E_TOKEN_RUNTIME_DATA, &error,
                   "x-ms-runtime");
    free(claims);
    free(token);
    free(reply);
}

static void another_type_of_attestation(void **state)
{
    bench *b = *state;
    char *claims = instance_claims(""), *other = strstr(claims, "\"sgx\""), *token, *reply;
    azattest_validation_options validation = AZATTEST_VALIDATION_OPTIONS_INIT;
    azattest_attest_options options = AZATTEST_ATTEST_OPTIONS_INIT;
    azattest_response *response = NULL;
    azattest_error *error = NULL;

    assert_non_null(other);
    memcpy(other, "\"tdx\"", 5);
    token = instance_token(&b->key, claims);
    reply = instance_reply(token);
    azattest_scripted_exchange script[] = { answer("POST", NULL, 200, reply), answer("GET", NULL, 200, b->jwks) };

    expect_failure(attest(b, script, 2, NULL, &response, &error, NULL), AZATTEST_E_TOKEN_ATTESTATION_TYPE, &error,
                   "x-ms-attestation-type");
    validation.expected_type = "tdx";
    options.validation = &validation;
    expect_success(attest(b, script, 1, &options, &response, &error, NULL), &error);
    azattest_response_free(response);
    free(claims);
    free(token);
    free(reply);
}

/* The quote is looked at before it is sent, and the token is compared with it. */
static void measurements_of_the_quote(void **state)
{
    bench *b = *state;
    size_t len;
    unsigned char *quote = instance_quote("hello", false, &len);
    char *measured = instance_quote_claims("hello"), *claims = instance_claims(measured),
         *token = instance_token(&b->key, claims), *reply = instance_reply(token);
    azattest_scripted_exchange script[] = { answer("POST", NULL, 200, reply), answer("GET", NULL, 200, b->jwks) };
    azattest_transport *transport = NULL;
    azattest_response *response = NULL;
    azattest_error *error = NULL;

    assert_int_equal(azattest_scripted_transport_new(script, 2, &transport, NULL), AZATTEST_OK);
    expect_success(azattest_client_attest_sgx_enclave(b->client, transport, (azattest_bytes){ quote, len }, NULL,
                                                      &response, &error),
                   &error);
    azattest_response_free(response);
    azattest_transport_free(transport);
    /* Another value of any of the six claims is another enclave. */
    for (const char *at = strstr(claims, "x-ms-sgx-"); at != NULL; at = strstr(at + 1, "x-ms-sgx-")) {
        char *changed = strdup(claims), *value = strchr(changed + (at - claims), ':') + 1, *bad_token, *bad_reply;

        if (*value == 'f')
            memcpy(value, "true ", 5);
        else
            value[*value == '"' ? 1 : 0] = '4';
        bad_token = instance_token(&b->key, changed);
        bad_reply = instance_reply(bad_token);
        script[0] = answer("POST", NULL, 200, bad_reply);
        assert_int_equal(azattest_scripted_transport_new(script, 1, &transport, NULL), AZATTEST_OK);
        expect_failure(azattest_client_attest_sgx_enclave(b->client, transport, (azattest_bytes){ quote, len }, NULL,
                                                          &response, &error),
                       AZATTEST_E_TOKEN_MEASUREMENT, &error, "x-ms-sgx-");
        azattest_transport_free(transport);
        free(changed);
        free(bad_token);
        free(bad_reply);
    }
    free(quote);
    free(measured);
    free(claims);
    free(token);
    free(reply);
}

static void evidence_is_looked_at_first(void **state)
{
    bench *b = *state;
    size_t quote_len, report_len;
    unsigned char *quote = instance_quote("hello", false, &quote_len),
                  *report = instance_quote("hello", true, &report_len);
    azattest_attest_options options = AZATTEST_ATTEST_OPTIONS_INIT;
    azattest_error *error = NULL;
    azattest_op *op = NULL;

    expect_failure(azattest_client_attest_sgx_enclave_begin(b->client, (azattest_bytes){ report, report_len }, NULL, &op,
                                                            &error),
                   AZATTEST_E_ARGUMENT, &error, "use attest_open_enclave");
    expect_failure(azattest_client_attest_open_enclave_begin(b->client, (azattest_bytes){ quote, quote_len }, NULL, &op,
                                                             &error),
                   AZATTEST_E_ARGUMENT, &error, "use attest_sgx_enclave");
    options.runtime_data = bytes_of("hallo");
    expect_failure(azattest_client_attest_sgx_enclave_begin(b->client, (azattest_bytes){ quote, quote_len }, &options,
                                                            &op, &error),
                   AZATTEST_E_BINDING, &error, "before sending");
    options.runtime_data = (azattest_bytes){ NULL, 0 };
    options.runtime_json = bytes_of("{}");
    expect_failure(azattest_client_attest_open_enclave_begin(b->client, (azattest_bytes){ report, report_len },
                                                             &options, &op, &error),
                   AZATTEST_E_BINDING, &error, "before sending");
    options.check_binding = AZATTEST_OFF;
    expect_success(azattest_client_attest_open_enclave_begin(b->client, (azattest_bytes){ report, report_len },
                                                             &options, &op, &error),
                   &error);
    azattest_op_free(op);
    options.runtime_json = (azattest_bytes){ NULL, 0 };
    options.runtime_data = bytes_of("hello");
    options.check_binding = AZATTEST_DEFAULT;
    expect_success(azattest_client_attest_sgx_enclave_begin(b->client, (azattest_bytes){ quote, quote_len }, &options,
                                                            &op, &error),
                   &error);
    azattest_op_free(op);
    free(quote);
    free(report);
}

static void everything_that_is_sent(void **state)
{
    bench *b = *state;
    azattest_attest_options options = AZATTEST_ATTEST_OPTIONS_INIT;
    azattest_op *op = NULL;
    azattest_bytes body;
    static const char expected[] =
        "{\"report\":\"_-8\",\"runtimeData\":{\"data\":\"\",\"dataType\":\"Binary\"},\"initTimeData\":{\"data\":"
        "\"eyJhIjoxfQ\",\"dataType\":\"JSON\"},\"draftPolicyForAttestation\":\"version= 1.0;\\n\\\"\xc3\xa9\\\"\","
        "\"nonce\":\"n\"}";

    options.runtime_data = bytes_of("");
    options.inittime_json = bytes_of("{\"a\":1}");
    options.draft_policy = "version= 1.0;\n\"\xc3\xa9\"";
    options.nonce = "n";
    options.client_request_id = "mine";
    assert_int_equal(azattest_client_attest_open_enclave_begin(b->client, bytes_of("\xff\xef"), &options, &op, NULL),
                     AZATTEST_OK);
    assert_int_equal(azattest_op_step(op), AZATTEST_NEED_HTTP);
    body = azattest_request_body(azattest_op_request(op));
    assert_int_equal(body.len, strlen(expected));
    assert_memory_equal(body.ptr, expected, body.len);
    assert_string_equal(azattest_request_url(azattest_op_request(op)),
                        INSTANCE "/attest/OpenEnclave?api-version=2025-06-01");
    assert_string_equal(header_of(azattest_op_request(op), "x-ms-client-request-id"), "mine");
    azattest_op_free(op);
}

static void metadata_informs_and_decides_nothing(void **state)
{
    static const char document[] = "{\"issuer\":\"https://evil.example\",\"jwks_uri\":\"https://evil.example/certs\","
                                   "\"claims_supported\":[\"a\",\"b\"],\"response_types_supported\":[\"token\"]}";
    bench *b = *state;
    azattest_scripted_exchange script[] = {
        answer("GET", INSTANCE "/.well-known/openid-configuration?api-version=2025-06-01", 200, document),
        answer("POST", NULL, 200, b->reply), answer("GET", INSTANCE_CERTS, 200, b->jwks)
    };
    azattest_transport *transport = NULL;
    azattest_metadata *metadata = NULL;
    azattest_response *response = NULL;
    azattest_bytes list;

    assert_int_equal(azattest_scripted_transport_new(script, 3, &transport, NULL), AZATTEST_OK);
    assert_int_equal(azattest_client_get_open_id_metadata(b->client, transport, &metadata, NULL), AZATTEST_OK);
    assert_string_equal(azattest_metadata_jwks_uri(metadata), "https://evil.example/certs");
    assert_string_equal(azattest_metadata_issuer(metadata), "https://evil.example");
    assert_null(azattest_metadata_revocation_endpoint(metadata));
    list = azattest_metadata_claims_supported(metadata);
    assert_int_equal(list.len, strlen("[\"a\",\"b\"]"));
    assert_memory_equal(list.ptr, "[\"a\",\"b\"]", list.len);
    assert_null(azattest_metadata_id_token_signing_alg_values_supported(metadata).ptr);
    assert_int_equal(azattest_metadata_json(metadata).len, strlen(document));
    azattest_metadata_free(metadata);
    assert_int_equal(azattest_client_attest_sgx_enclave(b->client, transport, evidence, NULL, &response, NULL),
                     AZATTEST_OK);
    azattest_response_free(response);
    azattest_transport_free(transport);
}

static void bad_metadata(void **state)
{
    static const char *const documents[] = { "", "[]", "\"x\"", "{\"issuer\":1}", "{\"claims_supported\":\"a\"}",
                                             "{\"issuer\":\"a\",\"issuer\":\"b\"}" };
    bench *b = *state;

    for (size_t i = 0; i < sizeof(documents) / sizeof(documents[0]); i++) {
        azattest_scripted_exchange script[] = { answer("GET", NULL, 200, documents[i]) };
        azattest_transport *transport = NULL;
        azattest_metadata *metadata = NULL;
        azattest_error *error = NULL;

        assert_int_equal(azattest_scripted_transport_new(script, 1, &transport, NULL), AZATTEST_OK);
        expect_failure(azattest_client_get_open_id_metadata(b->client, transport, &metadata, &error),
                       AZATTEST_E_RESPONSE, &error, "get OpenID metadata");
        assert_null(metadata);
        azattest_transport_free(transport);
    }
}

/* The key set that a caller fetches also serves the client itself. */
static void fetched_certificates_fill_the_cache(void **state)
{
    bench *b = *state;
    azattest_scripted_exchange script[] = { answer("GET", INSTANCE_CERTS, 200, b->jwks),
                                            answer("POST", INSTANCE_ATTEST, 200, b->reply) };
    azattest_transport *transport = NULL;
    azattest_signers *signers = NULL;
    azattest_response *response = NULL;

    assert_int_equal(azattest_scripted_transport_new(script, 2, &transport, NULL), AZATTEST_OK);
    assert_int_equal(azattest_client_get_signing_certificates(b->client, transport, &signers, NULL), AZATTEST_OK);
    assert_int_equal(azattest_signers_count(signers), 1);
    assert_string_equal(azattest_signer_key_id(azattest_signers_at(signers, 0)), b->key.kid);
    assert_int_equal(azattest_signers_jwks(signers).len, strlen(b->jwks));
    azattest_signers_free(signers);
    assert_int_equal(azattest_client_attest_sgx_enclave(b->client, transport, evidence, NULL, &response, NULL),
                     AZATTEST_OK);
    azattest_response_free(response);
    azattest_transport_free(transport);
}

/* Before 2025-06-01 the discovery calls had no api-version, and it is left out; the attest calls always had one. */
static void the_api_version_is_sent_where_it_belongs(void **state)
{
    bench *b = *state;
    azattest_scripted_exchange script[] = {
        answer("POST", INSTANCE "/attest/SgxEnclave?api-version=2020-10-01", 200, b->reply),
        answer("GET", INSTANCE "/certs", 200, b->jwks)
    };
    azattest_response *response = NULL;
    azattest_error *error = NULL;

    b->options.api_version = "2020-10-01";
    open_client(b);
    expect_success(attest(b, script, 2, NULL, &response, &error, NULL), &error);
    azattest_response_free(response);
    script[0] = answer("POST", INSTANCE "/attest/SgxEnclave?api-version=2026-03-11-preview", 200, b->reply);
    script[1] = answer("GET", INSTANCE "/certs?api-version=2026-03-11-preview", 200, b->jwks);
    b->options.api_version = "2026-03-11-preview";
    open_client(b);
    expect_success(attest(b, script, 2, NULL, &response, &error, NULL), &error);
    azattest_response_free(response);
    b->options.api_version = "2020-10-01&x=y"; /* any text is passed through, and stays one value */
    script[0] = answer("POST", INSTANCE "/attest/SgxEnclave?api-version=2020-10-01%26x%3Dy", 200, b->reply);
    script[1] = answer("GET", INSTANCE "/certs", 200, b->jwks);
    open_client(b);
    expect_success(attest(b, script, 2, NULL, &response, &error, NULL), &error);
    azattest_response_free(response);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
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
        cmocka_unit_test(a_bad_answer_is_final),
        TEST(the_answer_may_be_cut_anywhere),
        TEST(too_many_headers),
        TEST(bad_key_sets),
        TEST(an_invalid_token_carries_the_call),
        TEST(an_unknown_key_refreshes_the_set),
        TEST(a_stranger_is_not_looked_for_twice),
        TEST(old_keys_serve_when_a_refresh_fails),
        TEST(a_failed_refresh_for_an_unknown_key),
        TEST(max_age_shortens_the_life_of_keys),
        TEST(keys_that_may_not_be_kept_are_fetched_each_time),
        TEST(concurrent_operations_share_one_fetch),
        TEST(a_fetch_that_is_given_up_is_taken_over),
        TEST(an_operation_outlives_its_client),
        TEST(an_unsigned_reply),
        TEST(the_nonce_comes_back),
        TEST(the_runtime_data_comes_back),
        TEST(another_type_of_attestation),
        TEST(measurements_of_the_quote),
        TEST(evidence_is_looked_at_first),
        TEST(everything_that_is_sent),
        TEST(metadata_informs_and_decides_nothing),
        TEST(bad_metadata),
        TEST(fetched_certificates_fill_the_cache),
        TEST(the_api_version_is_sent_where_it_belongs),
    };

    return cmocka_run_group_tests_name("operation", tests, NULL, NULL);
}
