/* What an attest call expects of the token, and of the evidence before it is sent. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"

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
    expect_failure(attest(b, script, 1, NULL, &response, &error, NULL), AZATTEST_E_TOKEN_ALGORITHM, &error,
                   "not signed");
    /* It is the answer to a draft policy: accepted, and marked. */
    options.draft_policy = "version=1.0;";
    expect_success(attest(b, script, 1, &options, &response, &error, NULL), &error);
    assert_true(azattest_response_is_draft(response));
    assert_false(azattest_token_is_validated(azattest_response_token(response)));
    assert_false(azattest_result_is_validated(azattest_response_value(response)));
    azattest_response_free(response);
    /* Its times are checked all the same. */
    b->time.now_ms += INT64_C(86400000);
    expect_failure(attest(b, script, 1, &options, &response, &error, NULL), AZATTEST_E_TOKEN_EXPIRED, &error,
                   "expired");
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

/* What is expected by name cannot be something else than what is sent: one of the two would be left out. */
static void expectations_that_contradict_what_is_sent(void **state)
{
    bench *b = *state;
    azattest_validation_options expected = AZATTEST_VALIDATION_OPTIONS_INIT;
    azattest_attest_options options = AZATTEST_ATTEST_OPTIONS_INIT;
    azattest_error *error = NULL;
    azattest_op *op = NULL;
    azattest_status status;

    options.validation = &expected;
    options.nonce = "n-1";
    expected.expected_nonce = "n-2";
    status = azattest_client_attest_sgx_enclave_begin(b->client, evidence, &options, &op, &error);
    expect_failure(status, AZATTEST_E_ARGUMENT, &error, "expected_nonce is not the nonce that is sent");
    expected.expected_nonce = "n-1";
    expected.expected_runtime_data = bytes_of("a");
    options.runtime_data = bytes_of("b");
    status = azattest_client_attest_sgx_enclave_begin(b->client, evidence, &options, &op, &error);
    expect_failure(status, AZATTEST_E_ARGUMENT, &error, "runtime data that are expected are not those that are sent");
    options.runtime_data = (azattest_bytes){ NULL, 0 };
    options.runtime_json = bytes_of("{}");
    status = azattest_client_attest_sgx_enclave_begin(b->client, evidence, &options, &op, &error);
    expect_failure(status, AZATTEST_E_ARGUMENT, &error, "runtime data that are expected are not those that are sent");
    expected.expected_runtime_data = (azattest_bytes){ NULL, 0 };
    expected.expected_runtime_json = bytes_of("{}");
    status = azattest_client_attest_sgx_enclave_begin(b->client, evidence, &options, &op, &error);
    expect_success(status, &error);
    azattest_op_free(op);
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

    expect_failure(
        azattest_client_attest_sgx_enclave_begin(b->client, (azattest_bytes){ report, report_len }, NULL, &op, &error),
        AZATTEST_E_ARGUMENT, &error, "use attest_open_enclave");
    expect_failure(
        azattest_client_attest_open_enclave_begin(b->client, (azattest_bytes){ quote, quote_len }, NULL, &op, &error),
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_unsigned_reply),
        TEST(the_nonce_comes_back),
        TEST(the_runtime_data_comes_back),
        TEST(another_type_of_attestation),
        TEST(measurements_of_the_quote),
        TEST(evidence_is_looked_at_first),
        TEST(expectations_that_contradict_what_is_sent),
    };

    return cmocka_run_group_tests_name("operation_token", tests, NULL, NULL);
}
