/* What each call sends, and what it gives. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"

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
    static const char *const documents[] = {
        "", "[]", "\"x\"", "{\"issuer\":1}", "{\"claims_supported\":\"a\"}", "{\"issuer\":\"a\",\"issuer\":\"b\"}"
    };
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
    azattest_scripted_exchange script[] = { answer("POST", INSTANCE "/attest/SgxEnclave?api-version=2020-10-01", 200,
                                                   b->reply),
                                            answer("GET", INSTANCE "/certs", 200, b->jwks) };
    azattest_response *response = NULL;
    azattest_error *error = NULL;

    b->options.api_version = "2020-10-01";
    bench_open(b);
    expect_success(attest(b, script, 2, NULL, &response, &error, NULL), &error);
    azattest_response_free(response);
    script[0] = answer("POST", INSTANCE "/attest/SgxEnclave?api-version=2026-03-11-preview", 200, b->reply);
    script[1] = answer("GET", INSTANCE "/certs?api-version=2026-03-11-preview", 200, b->jwks);
    b->options.api_version = "2026-03-11-preview";
    bench_open(b);
    expect_success(attest(b, script, 2, NULL, &response, &error, NULL), &error);
    azattest_response_free(response);
    b->options.api_version = "2020-10-01&x=y"; /* any text is passed through, and stays one value */
    script[0] = answer("POST", INSTANCE "/attest/SgxEnclave?api-version=2020-10-01%26x%3Dy", 200, b->reply);
    script[1] = answer("GET", INSTANCE "/certs", 200, b->jwks);
    bench_open(b);
    expect_success(attest(b, script, 2, NULL, &response, &error, NULL), &error);
    azattest_response_free(response);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(everything_that_is_sent),
        TEST(metadata_informs_and_decides_nothing),
        TEST(bad_metadata),
        TEST(fetched_certificates_fill_the_cache),
        TEST(the_api_version_is_sent_where_it_belongs),
    };

    return cmocka_run_group_tests_name("operation_calls", tests, NULL, NULL);
}
