/* Where an operation gets the signing keys from, and what it does when there are none. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"

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
    assert_null(strstr(azattest_response_warning(response), "404"));
    assert_non_null(strstr(azattest_response_warning(response), "the quote is of a form that is not known here"));
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

        bench_open(b);
        assert_int_equal(azattest_client_attest_sgx_enclave_begin(b->client, evidence, NULL, &first, NULL),
                         AZATTEST_OK);
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

/* A token that arrives while others fetch the keys is judged with what they get, though it may not fetch again. */
static void a_token_that_comes_during_a_refresh_has_its_keys(void **state)
{
    bench *b = *state;
    char *token = instance_token(&b->other, b->claims), *reply = instance_reply(token);
    azattest_scripted_exchange before[] = { answer("POST", NULL, 200, b->reply), answer("GET", NULL, 200, b->jwks) };
    azattest_op *first = NULL, *second = NULL;
    azattest_response *response = NULL;
    azattest_error *error = NULL;

    expect_success(attest(b, before, 2, NULL, &response, &error, NULL), &error);
    azattest_response_free(response);
    assert_int_equal(azattest_client_attest_sgx_enclave_begin(b->client, evidence, NULL, &first, NULL), AZATTEST_OK);
    assert_int_equal(azattest_client_attest_sgx_enclave_begin(b->client, evidence, NULL, &second, NULL), AZATTEST_OK);
    assert_int_equal(azattest_op_step(first), AZATTEST_NEED_HTTP);
    respond(first, 200, reply);
    assert_int_equal(azattest_op_step(first), AZATTEST_NEED_HTTP); /* for the keys */
    assert_int_equal(azattest_op_step(second), AZATTEST_NEED_HTTP);
    respond(second, 200, reply);
    assert_int_equal(azattest_op_step(second), AZATTEST_NEED_SLEEP);
    respond(first, 200, b->other_jwks);
    assert_int_equal(azattest_op_step(first), AZATTEST_NEED_DONE);
    assert_int_equal(azattest_op_waited(second), AZATTEST_OK);
    assert_int_equal(azattest_op_step(second), AZATTEST_NEED_DONE);
    azattest_op_free(first);
    azattest_op_free(second);
    free(token);
    free(reply);
}

/* A slow fetch must not bring back a key that a younger set no longer has. */
static void a_late_answer_does_not_revive_a_vanished_key(void **state)
{
    bench *b = *state;
    char *token = instance_token(&b->other, b->claims), *reply = instance_reply(token);
    azattest_op *first = NULL, *second = NULL;
    azattest_error *error;

    assert_int_equal(azattest_client_attest_sgx_enclave_begin(b->client, evidence, NULL, &first, NULL), AZATTEST_OK);
    assert_int_equal(azattest_client_attest_sgx_enclave_begin(b->client, evidence, NULL, &second, NULL), AZATTEST_OK);
    assert_int_equal(azattest_op_step(first), AZATTEST_NEED_HTTP);
    assert_int_equal(azattest_op_step(second), AZATTEST_NEED_HTTP);
    respond(first, 200, b->reply);
    respond(second, 200, reply);
    assert_int_equal(azattest_op_step(first), AZATTEST_NEED_HTTP);
    b->time.monotonic_ms += 10000;
    assert_int_equal(azattest_op_step(second), AZATTEST_NEED_HTTP);
    respond(second, 200, b->other_jwks);
    assert_int_equal(azattest_op_step(second), AZATTEST_NEED_DONE);
    respond(first, 200, b->jwks);
    /* It may still ask for a set younger than its token, once: that one counts. */
    assert_int_equal(azattest_op_step(first), AZATTEST_NEED_FAILED);
    error = azattest_op_take_error(first);
    expect_failure(azattest_error_code(error), AZATTEST_E_TOKEN_KEY_UNKNOWN, &error, "key id");
    azattest_op_free(first);
    azattest_op_free(second);
    free(token);
    free(reply);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_unknown_key_refreshes_the_set),
        TEST(a_stranger_is_not_looked_for_twice),
        TEST(old_keys_serve_when_a_refresh_fails),
        TEST(a_failed_refresh_for_an_unknown_key),
        TEST(max_age_shortens_the_life_of_keys),
        TEST(keys_that_may_not_be_kept_are_fetched_each_time),
        TEST(concurrent_operations_share_one_fetch),
        TEST(a_fetch_that_is_given_up_is_taken_over),
        TEST(an_operation_outlives_its_client),
        TEST(a_token_that_comes_during_a_refresh_has_its_keys),
        TEST(a_late_answer_does_not_revive_a_vanished_key),
    };

    return cmocka_run_group_tests_name("operation_keys", tests, NULL, NULL);
}
