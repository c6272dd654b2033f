/* Keys that a driver shares between processes: what is asked, what is taken, and what happens without them. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <azattest/limits.h>

#include "bench.h"

#define HOUR INT64_C(3600000)

/* A verifier that asks for keys, its clocks those of the bench. */
static azattest_verifier *verifier_of(bench *b)
{
    azattest_verifier *verifier = NULL;

    b->options.shared_keys = AZATTEST_ON;
    b->options.retry_total = 1;
    assert_int_equal(azattest_verifier_new(INSTANCE, &b->options, &verifier, NULL), AZATTEST_OK);
    return verifier;
}

static azattest_op *begin(azattest_verifier *verifier, const char *token)
{
    azattest_op *op = NULL;

    assert_int_equal(azattest_verifier_validate_begin(verifier, bytes_of(token), NULL, &op, NULL), AZATTEST_OK);
    return op;
}

static azattest_status give(azattest_op *op, const char *jwks, int64_t age_ms, int64_t max_age_ms, const char *warning)
{
    return azattest_op_give_keys(op, bytes_of(jwks), age_ms, max_age_ms, warning);
}

/* The operation is done, with that warning (NULL: none). */
static void expect_valid(azattest_op *op, const char *warning)
{
    azattest_response *response;

    if (azattest_op_step(op) == AZATTEST_NEED_FAILED)
        print_message("%s\n", azattest_error_message(azattest_op_error(op)));
    assert_int_equal(azattest_op_step(op), AZATTEST_NEED_DONE);
    response = azattest_op_take_response(op);
    assert_true(azattest_token_is_validated(azattest_response_token(response)));
    if (warning == NULL)
        assert_null(azattest_response_warning(response));
    else
        assert_non_null(strstr(azattest_response_warning(response), warning));
    azattest_response_free(response);
    azattest_op_free(op);
}

static void expect_refused(azattest_op *op, azattest_status expected, const char *text)
{
    azattest_error *error;

    assert_int_equal(azattest_op_step(op), AZATTEST_NEED_FAILED);
    error = azattest_op_take_error(op);
    expect_failure(azattest_error_code(error), expected, &error, text);
    azattest_op_free(op);
}

/* The quick way has to fetch first, or not. */
static azattest_status cached(azattest_verifier *verifier, const char *token)
{
    azattest_token *valid = NULL;
    azattest_status status = azattest_verifier_validate_cached(verifier, bytes_of(token), NULL, &valid, NULL);

    azattest_token_free(valid);
    return status;
}

static void keys_are_asked_for_before_they_are_fetched(void **state)
{
    bench *b = *state;
    azattest_verifier *verifier = verifier_of(b);
    azattest_op *op = begin(verifier, b->token);

    assert_null(azattest_op_keys_url(op)); /* not asked yet */
    assert_int_equal(give(op, b->jwks, 0, -1, NULL), AZATTEST_E_STATE);
    assert_int_equal(azattest_op_fetch_keys(op), AZATTEST_E_STATE);
    assert_int_equal(azattest_op_step(op), AZATTEST_NEED_KEYS);
    assert_int_equal(azattest_op_step(op), AZATTEST_NEED_KEYS);
    assert_string_equal(azattest_op_keys_url(op), INSTANCE "/certs");
    assert_string_equal(azattest_op_keys_kid(op), b->key.kid);
    assert_false(azattest_op_keys_unknown(op));
    assert_null(azattest_op_keys_failure(op));
    assert_null(azattest_op_request(op));
    assert_int_equal(azattest_op_waited(op), AZATTEST_E_STATE);
    assert_int_equal(give(op, b->jwks, 1000, -1, NULL), AZATTEST_OK);
    assert_null(azattest_op_keys_url(op));
    expect_valid(op, NULL);
    assert_int_equal(cached(verifier, b->token), AZATTEST_OK);
    azattest_verifier_free(verifier);
}

static void whoever_shares_nothing_is_not_asked(void **state)
{
    bench *b = *state;
    azattest_verifier *verifier = NULL;
    azattest_op *op;

    assert_int_equal(azattest_verifier_new(INSTANCE, &b->options, &verifier, NULL), AZATTEST_OK);
    op = begin(verifier, b->token);
    assert_int_equal(azattest_op_step(op), AZATTEST_NEED_HTTP);
    assert_null(azattest_op_keys_url(op));
    assert_null(azattest_op_keys_kid(op));
    assert_false(azattest_op_keys_unknown(op));
    assert_int_equal(give(op, b->jwks, 0, -1, NULL), AZATTEST_E_STATE);
    respond(op, 503, "");
    assert_int_equal(azattest_op_step(op), AZATTEST_NEED_SLEEP);
    assert_int_equal(give(op, b->jwks, 0, -1, NULL), AZATTEST_E_STATE);
    azattest_op_free(op);
    azattest_verifier_free(verifier);
}

/* One row: what is given, what it is answered; whether it is good for the token; for how long it is kept, and what the
 * response says of it. */
static void what_is_given_and_what_is_taken(void **state)
{
    bench *b = *state;
    char *large = malloc(AZATTEST_LIMIT_RESPONSE + 2);
    const struct {
        const char *name, *jwks;
        int64_t age_ms, max_age_ms;
        const char *warning;
        azattest_status status;
        int64_t left_ms; /* of its life in this process */
    } rows[] = {
        { "a fresh set", b->jwks, 0, -1, NULL, AZATTEST_OK, HOUR },
        { "half of its life is over", b->jwks, HOUR / 2, -1, NULL, AZATTEST_OK, HOUR / 2 },
        { "the last millisecond of its life", b->jwks, HOUR - 1, -1, NULL, AZATTEST_OK, 1 },
        { "the service's life is shorter", b->jwks, 10000, 60000, NULL, AZATTEST_OK, 50000 },
        { "the service's life is longer than ours", b->jwks, 10000, 10 * HOUR, NULL, AZATTEST_OK, HOUR - 10000 },
        { "its life is over", b->jwks, HOUR, -1, NULL, AZATTEST_E_ARGUMENT, 0 },
        { "its life is over, with the reason", b->jwks, HOUR, -1, "no route", AZATTEST_OK, 30000 },
        { "its service's life is over, with the reason", b->jwks, 60000, 60000, "no route", AZATTEST_OK, 30000 },
        { "almost a day old", b->jwks, 24 * HOUR - 1, -1, "no route", AZATTEST_OK, 1 },
        { "a day old", b->jwks, 24 * HOUR, -1, "no route", AZATTEST_E_ARGUMENT, 0 },
        { "from the future", b->jwks, -1, -1, NULL, AZATTEST_E_ARGUMENT, 0 },
        { "the oldest that a number can say", b->jwks, INT64_MAX, -1, "no route", AZATTEST_E_ARGUMENT, 0 },
        { "empty text", "", 0, -1, NULL, AZATTEST_E_RESPONSE, 0 },
        { "an empty set", "{\"keys\":[]}", 0, -1, NULL, AZATTEST_E_RESPONSE, 0 },
        { "no usable key", "{\"keys\":[{\"kty\":\"oct\",\"k\":\"AQ\"}]}", 0, -1, NULL, AZATTEST_E_RESPONSE, 0 },
        { "a name twice", "{\"keys\":[],\"keys\":[]}", 0, -1, NULL, AZATTEST_E_RESPONSE, 0 },
        { "no JSON but a certificate", "-----BEGIN CERTIFICATE-----\n", 0, -1, NULL, AZATTEST_E_RESPONSE, 0 },
        { "more than any answer may have", large, 0, -1, NULL, AZATTEST_E_RESPONSE, 0 },
    };

    assert_non_null(large);
    memset(large, ' ', AZATTEST_LIMIT_RESPONSE + 1);
    large[AZATTEST_LIMIT_RESPONSE + 1] = '\0';
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        azattest_verifier *verifier = verifier_of(b);
        azattest_op *op = begin(verifier, b->token);
        azattest_status status;

        assert_int_equal(azattest_op_step(op), AZATTEST_NEED_KEYS);
        status = give(op, rows[i].jwks, rows[i].age_ms, rows[i].max_age_ms, rows[i].warning);
        if (status != rows[i].status)
            print_message("%s: %s\n", rows[i].name, azattest_status_name(status));
        assert_int_equal(status, rows[i].status);
        if (status == AZATTEST_OK) {
            expect_valid(op, rows[i].warning);
            b->time.monotonic_ms += rows[i].left_ms - 1;
            assert_int_equal(cached(verifier, b->token), AZATTEST_OK);
            b->time.monotonic_ms += 1;
            assert_int_equal(cached(verifier, b->token), AZATTEST_ABSENT);
        } else { /* nothing was taken, and keys are still wanted */
            assert_int_equal(azattest_op_step(op), AZATTEST_NEED_KEYS);
            assert_int_equal(cached(verifier, b->token), AZATTEST_ABSENT);
            assert_int_equal(give(op, b->jwks, 0, -1, NULL), AZATTEST_OK);
            expect_valid(op, NULL);
        }
        azattest_verifier_free(verifier);
    }
    free(large);
}

static void nothing_is_taken_from_nobody(void **state)
{
    bench *b = *state;
    azattest_verifier *verifier = verifier_of(b);
    azattest_op *op = begin(verifier, b->token);
    int64_t max_age_ms = 1;

    assert_int_equal(azattest_op_step(op), AZATTEST_NEED_KEYS);
    assert_int_equal(azattest_op_give_keys(op, (azattest_bytes){ NULL, 0 }, 0, -1, NULL), AZATTEST_E_ARGUMENT);
    assert_int_equal(azattest_op_give_keys(NULL, bytes_of("{}"), 0, -1, NULL), AZATTEST_E_ARGUMENT);
    assert_int_equal(azattest_op_fetch_keys(NULL), AZATTEST_E_ARGUMENT);
    assert_null(azattest_op_keys_url(NULL));
    assert_null(azattest_op_keys_kid(NULL));
    assert_null(azattest_op_keys_failure(NULL));
    assert_false(azattest_op_keys_unknown(NULL));
    assert_null(azattest_op_fetched_keys(NULL, &max_age_ms).ptr);
    assert_int_equal(max_age_ms, 0);
    assert_null(azattest_op_fetched_keys(op, NULL).ptr);
    azattest_op_free(op);
    azattest_verifier_free(verifier);
}

/* Cut anywhere, a kept set is no set. */
static void a_set_that_is_cut_is_not_taken(void **state)
{
    bench *b = *state;
    azattest_verifier *verifier = verifier_of(b);
    azattest_op *op = begin(verifier, b->token);
    size_t len = strlen(b->jwks);

    assert_int_equal(azattest_op_step(op), AZATTEST_NEED_KEYS);
    for (size_t cut = 0; cut < len; cut++) {
        char *copy = malloc(cut + 1); /* its own memory, for the sanitizer */

        assert_non_null(copy);
        memcpy(copy, b->jwks, cut);
        assert_int_equal(azattest_op_give_keys(op, (azattest_bytes){ copy, cut }, 0, -1, NULL), AZATTEST_E_RESPONSE);
        free(copy);
    }
    assert_int_equal(give(op, b->jwks, 0, -1, NULL), AZATTEST_OK);
    expect_valid(op, NULL);
    azattest_verifier_free(verifier);
}

static void what_was_fetched_is_there_to_be_shared(void **state)
{
    static const azattest_header age = { "Cache-Control", "max-age=60" };
    bench *b = *state;
    azattest_verifier *verifier = verifier_of(b);
    azattest_op *op = begin(verifier, b->token);
    azattest_http_response reply = AZATTEST_HTTP_RESPONSE_INIT;
    azattest_bytes text;
    int64_t max_age_ms = 0;

    assert_int_equal(azattest_op_step(op), AZATTEST_NEED_KEYS);
    assert_int_equal(azattest_op_fetch_keys(op), AZATTEST_OK);
    assert_int_equal(azattest_op_step(op), AZATTEST_NEED_HTTP);
    assert_string_equal(azattest_request_url(azattest_op_request(op)), INSTANCE_CERTS);
    reply.status = 200;
    reply.headers = &age;
    reply.header_count = 1;
    reply.body = bytes_of(b->jwks);
    assert_null(azattest_op_fetched_keys(op, NULL).ptr);
    assert_int_equal(azattest_op_respond(op, &reply), AZATTEST_OK);
    text = azattest_op_fetched_keys(op, &max_age_ms);
    assert_int_equal(text.len, strlen(b->jwks));
    assert_memory_equal(text.ptr, b->jwks, text.len);
    assert_int_equal(max_age_ms, 60000);
    expect_valid(op, NULL);
    azattest_verifier_free(verifier);
}

static void a_fetch_of_its_own_is_there_to_be_shared(void **state)
{
    bench *b = *state;
    azattest_op *op = NULL;
    int64_t max_age_ms = 0;

    assert_int_equal(azattest_client_get_signing_certificates_begin(b->client, &op, NULL), AZATTEST_OK);
    assert_int_equal(azattest_op_step(op), AZATTEST_NEED_HTTP);
    respond(op, 200, b->jwks);
    assert_int_equal(azattest_op_step(op), AZATTEST_NEED_DONE);
    assert_int_equal(azattest_op_fetched_keys(op, &max_age_ms).len, strlen(b->jwks));
    assert_int_equal(max_age_ms, HOUR);
    azattest_op_free(op);
}

/* Fetches until it fails: one try again, then the driver is asked once more. */
static void fetch_in_vain(azattest_op *op)
{
    assert_int_equal(azattest_op_step(op), AZATTEST_NEED_KEYS);
    assert_int_equal(azattest_op_fetch_keys(op), AZATTEST_OK);
    assert_int_equal(azattest_op_step(op), AZATTEST_NEED_HTTP);
    respond(op, 503, "");
    assert_int_equal(azattest_op_step(op), AZATTEST_NEED_SLEEP);
    assert_int_equal(azattest_op_waited(op), AZATTEST_OK);
    assert_int_equal(azattest_op_step(op), AZATTEST_NEED_HTTP);
    respond(op, 503, "");
    assert_int_equal(azattest_op_step(op), AZATTEST_NEED_KEYS);
    assert_non_null(strstr(azattest_op_keys_failure(op), "503"));
}

static void after_a_failed_fetch_older_keys_will_do(void **state)
{
    bench *b = *state;
    azattest_verifier *verifier = verifier_of(b);
    azattest_op *op = begin(verifier, b->token);

    fetch_in_vain(op);
    assert_int_equal(give(op, b->jwks, 2 * HOUR, -1, azattest_op_keys_failure(op)), AZATTEST_OK);
    expect_valid(op, "503");
    azattest_verifier_free(verifier);
}

static void without_older_keys_the_fetch_says_why(void **state)
{
    bench *b = *state;
    azattest_verifier *verifier = verifier_of(b);
    azattest_op *op = begin(verifier, b->token);
    azattest_error *error;

    fetch_in_vain(op);
    assert_int_equal(azattest_op_fetch_keys(op), AZATTEST_OK); /* there are none */
    assert_int_equal(azattest_op_step(op), AZATTEST_NEED_FAILED);
    error = azattest_op_take_error(op);
    assert_int_equal(azattest_error_status_code(error), 503);
    assert_int_equal(azattest_error_attempts(error), 2);
    expect_failure(azattest_error_code(error), AZATTEST_E_HTTP, &error, "503");
    azattest_op_free(op);
    azattest_verifier_free(verifier);
}

static void this_process_may_still_have_some(void **state)
{
    bench *b = *state;
    azattest_verifier *verifier = verifier_of(b);
    azattest_op *op = begin(verifier, b->token);

    assert_int_equal(azattest_op_step(op), AZATTEST_NEED_KEYS);
    assert_int_equal(give(op, b->jwks, 0, -1, NULL), AZATTEST_OK);
    expect_valid(op, NULL);
    b->time.monotonic_ms += HOUR;
    fetch_in_vain(op = begin(verifier, b->token));
    assert_int_equal(azattest_op_fetch_keys(op), AZATTEST_OK);
    expect_valid(op, "503");
    b->time.monotonic_ms += 30000;
    op = begin(verifier, b->token);
    assert_int_equal(azattest_op_step(op), AZATTEST_NEED_KEYS);
    assert_int_equal(azattest_op_fail(op, AZATTEST_E_TRANSPORT, "the cache is gone", false), AZATTEST_OK);
    expect_valid(op, "the cache is gone");
    b->time.monotonic_ms += 24 * HOUR;
    op = begin(verifier, b->token);
    assert_int_equal(azattest_op_step(op), AZATTEST_NEED_KEYS);
    assert_int_equal(azattest_op_fail(op, AZATTEST_E_AUTH, "no", false), AZATTEST_E_ARGUMENT);
    assert_int_equal(azattest_op_fail(op, AZATTEST_E_TRANSPORT, "the cache is gone", false), AZATTEST_OK);
    expect_refused(op, AZATTEST_E_TRANSPORT, "the cache is gone");
    azattest_verifier_free(verifier);
}

/* A driver that has older keys need not wait for all the tries. */
static void older_keys_are_taken_instead_of_the_next_try(void **state)
{
    bench *b = *state;
    azattest_verifier *verifier = verifier_of(b);
    azattest_op *op = begin(verifier, b->token);

    assert_int_equal(azattest_op_step(op), AZATTEST_NEED_KEYS);
    assert_int_equal(azattest_op_fetch_keys(op), AZATTEST_OK);
    assert_int_equal(azattest_op_step(op), AZATTEST_NEED_HTTP);
    assert_int_equal(give(op, b->jwks, HOUR, -1, "slow"), AZATTEST_E_STATE); /* a request is under way */
    respond(op, 503, "");
    assert_int_equal(azattest_op_step(op), AZATTEST_NEED_SLEEP);
    assert_int_equal(give(op, b->jwks, HOUR, -1, "the service answers 503"), AZATTEST_OK);
    expect_valid(op, "the service answers 503");
    azattest_verifier_free(verifier);
}

/* A rotation: the set of this process does not know the key; that of the others does. One question in 30 seconds. */
static void an_unknown_key_is_asked_for_once(void **state)
{
    bench *b = *state;
    azattest_verifier *verifier = verifier_of(b);
    char *token = instance_token(&b->other, b->claims);
    azattest_op *op = begin(verifier, token);

    assert_int_equal(azattest_op_step(op), AZATTEST_NEED_KEYS);
    assert_int_equal(give(op, b->jwks, 1000, -1, NULL), AZATTEST_OK);
    assert_int_equal(azattest_op_step(op), AZATTEST_NEED_KEYS); /* that one was no fresh one */
    assert_true(azattest_op_keys_unknown(op));
    assert_string_equal(azattest_op_keys_kid(op), b->other.kid);
    assert_int_equal(give(op, b->jwks, 1010, -1, NULL), AZATTEST_OK); /* the driver has nothing newer */
    expect_refused(op, AZATTEST_E_TOKEN_KEY_UNKNOWN, "key id");
    expect_refused(begin(verifier, token), AZATTEST_E_TOKEN_KEY_UNKNOWN, "key id");
    b->time.monotonic_ms += 29999;
    expect_refused(begin(verifier, token), AZATTEST_E_TOKEN_KEY_UNKNOWN, "key id");
    b->time.monotonic_ms += 1;
    op = begin(verifier, token);
    assert_int_equal(azattest_op_step(op), AZATTEST_NEED_KEYS);
    assert_true(azattest_op_keys_unknown(op));
    assert_int_equal(give(op, b->other_jwks, 5, -1, NULL), AZATTEST_OK);
    expect_valid(op, NULL);
    expect_valid(begin(verifier, token), NULL);
    free(token);
    azattest_verifier_free(verifier);
}

static void an_unknown_key_is_fetched(void **state)
{
    bench *b = *state;
    azattest_verifier *verifier = verifier_of(b);
    char *token = instance_token(&b->other, b->claims);
    azattest_op *op = begin(verifier, token);

    assert_int_equal(azattest_op_step(op), AZATTEST_NEED_KEYS);
    assert_int_equal(give(op, b->jwks, 1000, -1, NULL), AZATTEST_OK);
    assert_int_equal(azattest_op_step(op), AZATTEST_NEED_KEYS);
    assert_int_equal(azattest_op_fetch_keys(op), AZATTEST_OK);
    assert_int_equal(azattest_op_step(op), AZATTEST_NEED_HTTP);
    respond(op, 200, b->other_jwks);
    expect_valid(op, NULL);
    free(token);
    azattest_verifier_free(verifier);
}

/* What could not be refreshed a moment ago has the last word. */
static void an_older_set_is_not_bettered(void **state)
{
    bench *b = *state;
    azattest_verifier *verifier = verifier_of(b);
    char *token = instance_token(&b->other, b->claims);
    azattest_op *op = begin(verifier, token);

    assert_int_equal(azattest_op_step(op), AZATTEST_NEED_KEYS);
    assert_int_equal(give(op, b->jwks, HOUR, -1, "no route"), AZATTEST_OK);
    expect_refused(op, AZATTEST_E_TOKEN_KEY_UNKNOWN, "key id");
    free(token);
    azattest_verifier_free(verifier);
}

/* The others of this process wait for the one who asked, and have what it was given. */
static void one_asks_for_all(void **state)
{
    bench *b = *state;
    azattest_verifier *verifier = verifier_of(b);
    azattest_op *first = begin(verifier, b->token), *second = begin(verifier, b->token);

    assert_int_equal(azattest_op_step(first), AZATTEST_NEED_KEYS);
    assert_int_equal(azattest_op_step(second), AZATTEST_NEED_SLEEP);
    assert_int_equal(give(second, b->jwks, 0, -1, NULL), AZATTEST_E_STATE); /* it was not asked */
    assert_int_equal(give(first, b->jwks, 0, -1, NULL), AZATTEST_OK);
    assert_int_equal(azattest_op_waited(second), AZATTEST_OK);
    expect_valid(second, NULL);
    expect_valid(first, NULL);
    azattest_verifier_free(verifier);
}

static void whoever_asked_and_went_is_taken_over(void **state)
{
    bench *b = *state;

    for (int how = 0; how < 3; how++) {
        azattest_verifier *verifier = verifier_of(b);
        azattest_op *first = begin(verifier, b->token), *second = begin(verifier, b->token);

        assert_int_equal(azattest_op_step(first), AZATTEST_NEED_KEYS);
        assert_int_equal(azattest_op_step(second), AZATTEST_NEED_SLEEP);
        if (how == 0) {
            azattest_op_free(first);
            first = NULL;
        } else if (how == 1) {
            azattest_op_cancel(first);
            assert_int_equal(azattest_op_step(first), AZATTEST_NEED_FAILED);
        } else {
            b->time.monotonic_ms += 10000; /* a cache that does not answer */
        }
        assert_int_equal(azattest_op_waited(second), AZATTEST_OK);
        assert_int_equal(azattest_op_step(second), AZATTEST_NEED_KEYS);
        assert_int_equal(give(second, b->other_jwks, 0, -1, NULL), AZATTEST_OK);
        if (how == 2) /* what comes late from before does not put older keys in their place */
            assert_int_equal(give(first, b->jwks, 20000, -1, NULL), AZATTEST_OK);
        azattest_op_free(first);
        azattest_op_free(second);
        first = begin(verifier, b->token);
        assert_int_equal(azattest_op_step(first), AZATTEST_NEED_KEYS);
        assert_true(azattest_op_keys_unknown(first));
        azattest_op_free(first);
        azattest_verifier_free(verifier);
    }
}

static void the_time_limit_holds_while_keys_are_wanted(void **state)
{
    bench *b = *state;
    azattest_verifier *verifier = verifier_of(b);
    azattest_op *op = begin(verifier, b->token);

    assert_int_equal(azattest_op_step(op), AZATTEST_NEED_KEYS);
    b->time.monotonic_ms += 100000;
    expect_refused(op, AZATTEST_E_TIMEOUT, "time limit");
    op = begin(verifier, b->token);
    fetch_in_vain(op);
    b->time.monotonic_ms += 100000;
    expect_refused(op, AZATTEST_E_TIMEOUT, "time limit");
    azattest_verifier_free(verifier);
}

/* The ready driver has no cache to look into. */
static void the_blocking_driver_fetches(void **state)
{
    bench *b = *state;
    azattest_verifier *verifier = verifier_of(b);
    azattest_scripted_exchange good[] = { answer("GET", INSTANCE_CERTS, 200, b->jwks) };
    azattest_scripted_exchange bad[] = { answer("GET", NULL, 404, "") };
    azattest_transport *transport = NULL;
    azattest_response *response = NULL;
    azattest_error *error = NULL;

    assert_int_equal(azattest_scripted_transport_new(bad, 1, &transport, NULL), AZATTEST_OK);
    expect_failure(azattest_verifier_validate(verifier, transport, bytes_of(b->token), NULL, &response, &error),
                   AZATTEST_E_HTTP, &error, "404");
    azattest_transport_free(transport);
    assert_int_equal(azattest_scripted_transport_new(good, 1, &transport, NULL), AZATTEST_OK);
    expect_success(azattest_verifier_validate(verifier, transport, bytes_of(b->token), NULL, &response, &error),
                   &error);
    azattest_transport_free(transport);
    azattest_response_free(response);
    azattest_verifier_free(verifier);
}

static void expect_line(const char *text)
{
    char *line = azattest_log_take(NULL);

    assert_non_null(line);
    assert_non_null(strstr(line, text));
    azattest_free(line);
}

static void a_client_hears_of_its_keys_at_its_own_level(void **state)
{
    bench *b = *state;
    azattest_verifier *verifier;
    azattest_op *op;

    b->options.log_level = AZATTEST_LOG_WARNING;
    azattest_log_collect(AZATTEST_LOG_OFF);
    verifier = verifier_of(b);
    op = begin(verifier, b->token);
    assert_int_equal(azattest_op_step(op), AZATTEST_NEED_KEYS);
    assert_int_equal(give(op, "{}", 0, -1, NULL), AZATTEST_E_RESPONSE);
    expect_line("the kept signing keys cannot be used");
    assert_int_equal(give(op, b->jwks, 2 * HOUR, -1, "the service is away"), AZATTEST_OK);
    expect_line("older signing keys are used: the service is away");
    expect_valid(op, "the service is away");
    assert_null(azattest_log_take(NULL));
    azattest_log_set(NULL, NULL, AZATTEST_LOG_OFF);
    azattest_verifier_free(verifier);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(keys_are_asked_for_before_they_are_fetched),
        TEST(whoever_shares_nothing_is_not_asked),
        TEST(what_is_given_and_what_is_taken),
        TEST(nothing_is_taken_from_nobody),
        TEST(a_set_that_is_cut_is_not_taken),
        TEST(what_was_fetched_is_there_to_be_shared),
        TEST(a_fetch_of_its_own_is_there_to_be_shared),
        TEST(after_a_failed_fetch_older_keys_will_do),
        TEST(without_older_keys_the_fetch_says_why),
        TEST(this_process_may_still_have_some),
        TEST(older_keys_are_taken_instead_of_the_next_try),
        TEST(an_unknown_key_is_asked_for_once),
        TEST(an_unknown_key_is_fetched),
        TEST(an_older_set_is_not_bettered),
        TEST(one_asks_for_all),
        TEST(whoever_asked_and_went_is_taken_over),
        TEST(the_time_limit_holds_while_keys_are_wanted),
        TEST(the_blocking_driver_fetches),
        TEST(a_client_hears_of_its_keys_at_its_own_level),
    };

    return cmocka_run_group_tests_name("operation_shared_keys", tests, NULL, NULL);
}
