/* Every allocation of a whole conversation fails once, in turn: nothing is lost, nothing crashes, the call fails with a
 * reason or does what it should, and no token becomes valid by it. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "vm_evidence.h"
#include "failing_memory.h"

/* A new client, and one call of it; the answers have everything that is checked. */
static azattest_status story(const bench *b, azattest_bytes quote, const azattest_scripted_exchange *script,
                             const azattest_attest_options *options, azattest_response **response,
                             azattest_error **error)
{
    azattest_transport *transport = NULL;
    azattest_client *client = NULL;
    azattest_status status = azattest_scripted_transport_new(script, 3, &transport, error);

    if (status == AZATTEST_OK)
        status = azattest_client_new(INSTANCE, &b->options, &client, error);
    if (status == AZATTEST_OK)
        status = azattest_client_attest_sgx_enclave(client, transport, quote, options, response, error);
    azattest_client_free(client);
    azattest_transport_free(transport);
    return status;
}

/* Failures run through to the first run without one. `status` is the outcome when memory is enough. */
static void every_failure(bench *b, const char *nonce, azattest_status expected)
{
    size_t len;
    unsigned char *quote = instance_quote("hello", false, &len);
    char *measured = instance_quote_claims("hello"), *more = malloc(strlen(measured) + 64), *claims, *token, *reply;
    azattest_attest_options options = AZATTEST_ATTEST_OPTIONS_INIT;
    azattest_status status;
    bool failed = true;

    assert_non_null(more);
    sprintf(more, "%s,\"x-ms-sgx-ehd\":\"aGVsbG8\",\"nonce\":\"n\"", measured);
    claims = instance_claims(more);
    token = instance_token(&b->key, claims);
    reply = instance_reply(token);
    azattest_scripted_exchange script[] = { answer("POST", NULL, 503, "{\"error\":{\"code\":\"a\"}}"),
                                            answer("POST", NULL, 200, reply), answer("GET", NULL, 200, b->jwks) };
    options.runtime_data = bytes_of("hello");
    options.nonce = nonce;
    for (long n = 0; failed; n++) {
        azattest_response *response = NULL;
        azattest_error *error = NULL;

        allocations_until_failure = n;
        status = story(b, (azattest_bytes){ quote, len }, script, &options, &response, &error);
        failed = allocations_until_failure < 0;
        allocations_until_failure = -1;
        assert_true(status == expected || (failed && status != AZATTEST_OK));
        assert_int_equal(status == AZATTEST_OK, response != NULL);
        assert_int_equal(status == AZATTEST_OK, error == NULL);
        if (response != NULL)
            assert_true(azattest_result_is_validated(azattest_response_value(response)));
        else
            assert_int_equal(azattest_error_code(error), status);
        azattest_response_free(response);
        azattest_error_free(error);
    }
    assert_int_equal(status, expected);
    free(quote);
    free(measured);
    free(more);
    free(claims);
    free(token);
    free(reply);
}

static void a_good_call(void **state)
{
    every_failure(*state, "n", AZATTEST_OK);
}

static void a_refused_token(void **state)
{
    every_failure(*state, "another", AZATTEST_E_TOKEN_NONCE);
}

/* The calls that give text or a list, and the one that makes a document of its parts. */
static void calls_without_a_token(void **state)
{
    bench *b = *state;
    static unsigned char report[1184] = { 3 };
    azattest_attest_options options = AZATTEST_ATTEST_OPTIONS_INIT;
    azattest_scripted_exchange script[] = { answer("POST", NULL, 200, "{\"data\":\"e30\"}"),
                                            answer("GET", NULL, 200,
                                                   "{\"tcbBaselines\":[{\"tcbIdentifier\":\"1\"}]}") };
    size_t len;
    unsigned char *der = vm_certificate(&b->key, &len);
    bool failed = true;

    options.vcek_chain = (azattest_bytes){ der, len };
    for (long n = 0; failed; n++) {
        azattest_transport *transport = NULL;
        azattest_tcb_baselines *list = NULL;
        azattest_error *error = NULL;
        azattest_op *op = NULL;
        char *text = NULL;
        azattest_status status;

        assert_int_equal(azattest_scripted_transport_new(script, 2, &transport, NULL), AZATTEST_OK);
        allocations_until_failure = n;
        if ((status = azattest_client_attest_tpm(b->client, transport, bytes_of("{}"), NULL, &text, NULL, &error)) ==
                AZATTEST_OK &&
            (status = azattest_client_get_tcb_baseline(b->client, transport, "Tpm", NULL, &list, &error)) ==
                AZATTEST_OK)
            status = azattest_client_attest_sev_snp_vm_begin(b->client, (azattest_bytes){ report, sizeof(report) },
                                                             &options, &op, &error);
        failed = allocations_until_failure < 0;
        allocations_until_failure = -1;
        assert_true(status == AZATTEST_OK || failed);
        assert_int_equal(status == AZATTEST_OK, op != NULL);
        assert_int_equal(status == AZATTEST_OK, error == NULL);
        azattest_free(text);
        azattest_tcb_baselines_free(list);
        azattest_op_free(op);
        azattest_error_free(error);
        azattest_transport_free(transport);
    }
    free(der);
}

/* One validation with keys that a driver gives, or has fetched in vain before. */
static azattest_status shared_story(const bench *b, bool fetch, azattest_response **response)
{
    azattest_verifier *verifier = NULL;
    azattest_op *op = NULL;
    azattest_http_response none = AZATTEST_HTTP_RESPONSE_INIT;
    azattest_status status = azattest_verifier_new(INSTANCE, &b->options, &verifier, NULL);

    none.status = 404;
    if (status == AZATTEST_OK)
        status = azattest_verifier_validate_begin(verifier, bytes_of(b->token), NULL, &op, NULL);
    while (status == AZATTEST_OK) {
        azattest_need need = azattest_op_step(op);

        if (need == AZATTEST_NEED_DONE)
            break;
        if (need == AZATTEST_NEED_FAILED)
            status = azattest_error_code(azattest_op_error(op));
        else if (need == AZATTEST_NEED_HTTP)
            status = azattest_op_respond(op, &none);
        else if (fetch && azattest_op_keys_failure(op) == NULL)
            status = azattest_op_fetch_keys(op);
        else
            status = azattest_op_give_keys(op, bytes_of(b->jwks), 3600000, -1, "why");
    }
    *response = azattest_op_take_response(op);
    azattest_op_free(op);
    azattest_verifier_free(verifier);
    return status;
}

static void shared_keys(void **state)
{
    bench *b = *state;

    b->options.shared_keys = AZATTEST_ON;
    for (int fetch = 0; fetch < 2; fetch++) {
        bool failed = true;

        for (long n = 0; failed; n++) {
            azattest_response *response = NULL;
            azattest_status status;

            allocations_until_failure = n;
            status = shared_story(b, fetch == 1, &response);
            failed = allocations_until_failure < 0;
            allocations_until_failure = -1;
            assert_true(status == AZATTEST_OK || failed);
            assert_int_equal(status == AZATTEST_OK, response != NULL);
            if (response != NULL)
                assert_true(azattest_token_is_validated(azattest_response_token(response)));
            azattest_response_free(response);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { TEST(a_good_call), TEST(a_refused_token), TEST(calls_without_a_token),
                                        TEST(shared_keys) };

    return cmocka_run_group_tests_name("operation_memory", tests, NULL, NULL);
}
