#include "bench.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const azattest_bytes evidence = { "no quote", 8 };

void bench_open(bench *b)
{
    azattest_client_free(b->client);
    assert_int_equal(azattest_client_new(INSTANCE, &b->options, &b->client, NULL), AZATTEST_OK);
}

int bench_setup(void **state)
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
    bench_open(b);
    *state = b;
    return 0;
}

int bench_teardown(void **state)
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

azattest_scripted_exchange answer(const char *method, const char *url, int status, const char *body)
{
    azattest_scripted_exchange exchange = { .method = method, .url = url };

    exchange.response.status = status;
    exchange.response.body = bytes_of(body);
    return exchange;
}

azattest_scripted_exchange with_header(azattest_scripted_exchange exchange, const azattest_header *header)
{
    exchange.response.headers = header;
    exchange.response.header_count = 1;
    return exchange;
}

azattest_scripted_exchange no_answer(azattest_status status)
{
    azattest_scripted_exchange exchange = { .fail = status, .fail_message = "the wire is cut" };

    return exchange;
}

/* One attest call over a script, all of which must be played. */
azattest_status attest(bench *b, const azattest_scripted_exchange *script, size_t count,
                       const azattest_attest_options *options, azattest_response **response, azattest_error **error,
                       int64_t *slept_ms)
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
void expect_failure(azattest_status status, azattest_status expected, azattest_error **error, const char *text)
{
    if (status != expected || strstr(azattest_error_message(*error), text) == NULL)
        print_message("got %s: %s\n", azattest_status_name(status), azattest_error_message(*error));
    assert_int_equal(status, expected);
    assert_int_equal(azattest_error_code(*error), expected);
    assert_non_null(strstr(azattest_error_message(*error), text));
    azattest_error_free(*error);
    *error = NULL;
}

void expect_success(azattest_status status, azattest_error **error)
{
    if (status != AZATTEST_OK)
        print_message("got %s: %s\n", azattest_status_name(status), azattest_error_message(*error));
    assert_int_equal(status, AZATTEST_OK);
    assert_null(*error);
}

const char *header_of(const azattest_request *request, const char *name)
{
    for (size_t i = 0; i < azattest_request_header_count(request); i++)
        if (strcmp(azattest_request_header_name(request, i), name) == 0)
            return azattest_request_header_value(request, i);
    return NULL;
}

void respond(azattest_op *op, int status, const char *body)
{
    azattest_http_response response = AZATTEST_HTTP_RESPONSE_INIT;

    response.status = status;
    response.body = bytes_of(body);
    assert_int_equal(azattest_op_respond(op, &response), AZATTEST_OK);
}
