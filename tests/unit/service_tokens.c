/* The local service: every claim of its tokens, and the two documents that never change. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <azattest/policy_language.h>

#include "base/encoding.h"
#include "crypto/issue.h"
#include "service_bench.h"
#include "simulator/platform.h"

static const char *hex(azattest_bytes data, char text[129])
{
    azattest__buf out;

    azattest__buf_init(&out, 129);
    azattest__hex_encode(data, &out);
    assert_true(out.len > 0 && out.len < 129);
    memcpy(text, out.ptr, out.len + 1);
    azattest__buf_free(&out);
    return text;
}

#define FIVE "\"product-id\":7,\"sgx-mrenclave\":\"%s\",\"sgx-mrsigner\":\"%s\",\"svn\":3,\"tee\":\"sgx\""

/* Every byte of a token's claims, but for the random jti. */
static void the_claims_are_those_of_the_default_policy(void **state)
{
    char enclave[129], signer[129], report_data[129], hash[129], expected[4096];
    long long now_s = world.now_s;
    unsigned char digest[AZATTEST__SHA256_SIZE];
    azattest__jws jws;
    azattest__json *claims;
    azattest_evidence *evidence = NULL;
    const char *id;

    (void)state;
    attest("{" QUOTE ",\"nonce\":\"n\"}", &jws);
    assert_header(&jws, "RS256");
    assert_int_equal(azattest_evidence_parse(azattest__bytes(world.raw_quote, world.raw_quote_len), &evidence, NULL),
                     AZATTEST_OK);
    hex(azattest_evidence_mr_enclave(evidence), enclave);
    hex(azattest_evidence_mr_signer(evidence), signer);
    hex(azattest_evidence_report_data(evidence), report_data);
    assert_int_equal(azattest__sha256(azattest_evidence_raw(evidence), digest, NULL), AZATTEST_OK);
    hex(azattest__bytes(digest, sizeof(digest)), hash);
    claims = parse(jws.body);
    id = azattest__json_get_string(claims, "jti");
    assert_int_equal(strlen(id), 64);
    assert_int_equal(strspn(id, "0123456789abcdef"), 64);
    snprintf(expected, sizeof(expected),
             "{\"exp\":%lld,\"iat\":%lld,\"is-debuggable\":false,\"iss\":\"" ENDPOINT "\",\"jti\":\"%s\","
             "\"maa-attestationcollateral\":{\"quotehash\":\"%s\"},\"nbf\":%lld,\"nonce\":\"n\"," FIVE
             ",\"x-ms-attestation-type\":\"sgx\",\"x-ms-policy\":{\"is-debuggable\":false," FIVE
             "},\"x-ms-policy-hash\":\"ViVGS4BYl70X8eUrgryHg0TtbEk9WtIc6DtTBEFxaWc\","
             "\"x-ms-sgx-collateral\":{\"quotehash\":\"%s\"},\"x-ms-sgx-is-debuggable\":false,"
             "\"x-ms-sgx-mrenclave\":\"%s\",\"x-ms-sgx-mrsigner\":\"%s\",\"x-ms-sgx-product-id\":7,"
             "\"x-ms-sgx-report-data\":\"%s\",\"x-ms-sgx-svn\":3,\"x-ms-sgx-tcbidentifier\":\"azuredefault\","
             "\"x-ms-ver\":\"1.0\"}",
             now_s + 28800, now_s, id, hash, now_s, enclave, signer, enclave, signer, hash, enclave, signer,
             report_data);
    assert_string_equal((const char *)jws.body.ptr, expected);
    azattest__json_free(claims);
    azattest_evidence_free(evidence);
    azattest__jws_clear(&jws);
}

static void no_two_tokens_have_the_same_id(void **state)
{
    azattest__jws one, two;
    azattest__json *first, *second;

    (void)state;
    attest("{" QUOTE "}", &one);
    attest("{" QUOTE "}", &two);
    first = parse(one.body);
    second = parse(two.body);
    assert_string_not_equal(azattest__json_get_string(first, "jti"), azattest__json_get_string(second, "jti"));
    azattest__json_free(first);
    azattest__json_free(second);
    azattest__jws_clear(&one);
    azattest__jws_clear(&two);
}

static void the_default_policy_as_a_draft_gives_an_unsecured_token(void **state)
{
    azattest__json *document = parse(azattest__text("{}")), *claims;
    azattest__service_answer answer;
    azattest__buf body;
    azattest__jws jws;

    (void)state;
    azattest__json_put_string(document, "quote", world.quote);
    azattest__json_put_string(document, "draftPolicyForAttestation", azattest_policy_default("SgxEnclave"));
    azattest__buf_init(&body, 65536);
    assert_int_equal(azattest__json_print(document, false, &body, NULL), AZATTEST_OK);
    ask("POST", SGX, azattest__buf_bytes(&body), &answer);
    assert_int_equal(answer.status, 200);
    open_token(&answer, &jws);
    assert_header(&jws, "none");
    assert_int_equal(jws.signature.len, 0);
    claims = parse(jws.body);
    assert_string_equal(azattest__json_get_string(claims, "x-ms-policy-hash"),
                        "ViVGS4BYl70X8eUrgryHg0TtbEk9WtIc6DtTBEFxaWc");
    azattest__json_free(claims);
    azattest__jws_clear(&jws);
    azattest__service_answer_clear(&answer);
    azattest__buf_free(&body);
    azattest__json_free(document);
}

static void enclaves_with_kss_have_four_more_claims(void **state)
{
    unsigned char body[384] = { 0 };
    azattest__attest_data none = { .given = false };
    azattest__sgx_report report = { .body = body,
                                    .isv_ext_product_id = body + 32,
                                    .mr_enclave = body + 64,
                                    .mr_signer = body + 128,
                                    .config_id = body + 192,
                                    .isv_family_id = body + 304,
                                    .report_data = body + 320,
                                    .config_svn = 9,
                                    .attributes_flags = 0x85 };
    azattest_evidence evidence = { .intel = { .report = report } };
    azattest__service_answer answer;
    azattest__call call = { .service = world.service, .kind = sgx(), .version = "", .answer = &answer };
    azattest__claims_source source = {
        .posted = azattest__text("q"), .evidence = &evidence, .runtime = &none, .inittime = &none
    };
    azattest__buf claims;

    (void)state;
    azattest__answer_init(&answer, NULL);
    memset(body + 32, 0x11, 16);
    memset(body + 192, 0x22, 64);
    memset(body + 304, 0x33, 16);
    azattest__buf_init(&claims, 8192);
    assert_int_equal(azattest__claims_make(&call, &source, &claims, NULL), AZATTEST_OK);
    assert_non_null(strstr((char *)claims.ptr, "\"x-ms-sgx-config-id\":\"2222222222222222222222222222222222222222222222"
                                               "2222222222222222222222222222222222222222222222222222222222222222222222"
                                               "222222222222\",\"x-ms-sgx-config-svn\":9,"));
    assert_non_null(
        strstr((char *)claims.ptr, "\"x-ms-sgx-isv-extended-product-id\":\"11111111111111111111111111111111\","));
    assert_non_null(strstr((char *)claims.ptr, "\"x-ms-sgx-isv-family-id\":\"33333333333333333333333333333333\","));
    azattest__buf_free(&claims);
    evidence.intel.report.attributes_flags = 5;
    assert_int_equal(azattest__claims_make(&call, &source, &claims, NULL), AZATTEST_OK);
    assert_null(strstr((char *)claims.ptr, "config"));
    assert_null(strstr((char *)claims.ptr, "isv"));
    azattest__buf_free(&claims);
    azattest__service_answer_clear(&answer);
}

/* A quote of an enclave with KSS, whose config id binds `data`. */
static char *quote_with_config_id(const char *data)
{
    azattest_simulated_enclave enclave = AZATTEST_SIMULATED_ENCLAVE_INIT;
    azattest__quote_parts parts;
    azattest__buf quote;
    unsigned char hash[AZATTEST__SHA256_SIZE];
    char *encoded;

    azattest__buf_init(&quote, 65536);
    assert_int_equal(azattest__quote_plan(world.simulator, &enclave, &parts, NULL), AZATTEST_OK);
    assert_int_equal(azattest__sha256(azattest__text(data), hash, NULL), AZATTEST_OK);
    parts.report[48] |= 0x80;
    memcpy(parts.report + 192, hash, sizeof(hash));
    assert_int_equal(azattest__quote_assemble(&parts, &quote, NULL), AZATTEST_OK);
    encoded = encode(quote.ptr, quote.len, false);
    azattest__buf_free(&quote);
    return encoded;
}

static void init_time_data_is_bound_by_the_config_id(void **state)
{
    static const struct {
        const char *data, *type;
        int status;
        const char *claim; /* or part of the message */
    } cases[] = {
        { "eyJiIjoxLCJhIjoyfQ", "JSON", 200, "\"x-ms-inittime\":{\"a\":2,\"b\":1}" },
        { "eyJiIjoxLCJhIjoyfQ", "Binary", 200, "\"x-ms-sgx-config-svn\":0" },
        { "eyJiIjoxLCJhIjozfQ", "JSON", 400, "SHA-256 of initTimeData" },
    };
    char *quote = quote_with_config_id("{\"b\":1,\"a\":2}"), *body;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        azattest__service_answer answer;
        azattest__jws jws;

        assert_true(asprintf(&body, "{\"quote\":\"%s\",\"initTimeData\":{\"data\":\"%s\",\"dataType\":\"%s\"}}", quote,
                             cases[i].data, cases[i].type) > 0);
        ask("POST", SGX, azattest__text(body), &answer);
        assert_int_equal(answer.status, cases[i].status);
        if (answer.status == 200) {
            open_token(&answer, &jws);
            assert_non_null(strstr((const char *)jws.body.ptr, cases[i].claim));
            azattest__jws_clear(&jws);
        } else {
            assert_non_null(strstr((char *)answer.body.ptr, cases[i].claim));
        }
        azattest__service_answer_clear(&answer);
        free(body);
    }
    free(quote);
}

/* The first hash is that of every SGX token recorded in November 2022; the last is that of tokens of early 2022. */

/* Kept apart from the service's own writer: members and order are facts of recorded answers. */
static void keys_and_metadata_have_their_members_and_no_more(void **state)
{
    azattest__service_answer answer;
    azattest__json *document;
    const azattest__json *key;
    const char *x5c;
    char id[AZATTEST__SERVICE_KEY_ID], front[128];
    unsigned char hash[AZATTEST__SHA256_SIZE];
    azattest__cert *certificate = NULL;
    azattest__buf der;

    (void)state;
    ask("GET", "/certs", azattest__text(""), &answer);
    assert_int_equal(answer.status, 200);
    document = parse(azattest__buf_bytes(&answer.body));
    assert_int_equal(azattest__json_count(document), 1);
    assert_int_equal(azattest__json_count(azattest__json_get(document, "keys")), 1);
    key = azattest__json_first(azattest__json_get(document, "keys"));
    assert_int_equal(azattest__json_count(key), 3);
    assert_int_equal(azattest__service_key_id(world.key, id, hash, NULL), AZATTEST_OK);
    assert_string_equal(azattest__json_get_string(key, "kid"), id);
    assert_string_equal(azattest__json_get_string(key, "kty"), "RSA");
    x5c = azattest__json_string(azattest__json_first(azattest__json_get(key, "x5c")));
    azattest__buf_init(&der, 8192);
    assert_true(azattest__base64_decode(azattest__text(x5c), &der));
    assert_int_equal(azattest__cert_parse(azattest__buf_bytes(&der), &certificate, NULL), AZATTEST_OK);
    assert_string_equal(azattest__cert_subject_cn(certificate), ENDPOINT);
    assert_true(azattest__cert_is_issued_by(certificate, certificate));
    assert_true(azattest__key_equal(azattest__cert_key(certificate), world.key));
    assert_int_equal(azattest__cert_not_before(certificate), 1556668800); /* 2019-05-01 */
    assert_int_equal(azattest__cert_not_after(certificate), 2556143999);  /* the last second of 2050 */
    azattest__cert_free(certificate);
    azattest__buf_free(&der);
    azattest__json_free(document);
    azattest__service_answer_clear(&answer);

    ask("GET", "/.well-known/openid-configuration?api-version=2025-06-01", azattest__text(""), &answer);
    assert_int_equal(answer.status, 200);
    snprintf(front, sizeof(front), "{\"response_types_supported\":[\"token\",\"none\"],");
    assert_int_equal(strncmp((char *)answer.body.ptr, front, strlen(front)), 0);
    document = parse(azattest__buf_bytes(&answer.body));
    assert_int_equal(azattest__json_count(document), 6);
    assert_string_equal(azattest__json_get_string(document, "issuer"), ENDPOINT);
    assert_string_equal(azattest__json_get_string(document, "jwks_uri"), ENDPOINT "/certs");
    assert_string_equal(azattest__json_get_string(document, "revocation_endpoint"), ENDPOINT "/revoke");
    assert_int_equal(azattest__json_count(azattest__json_get(document, "claims_supported")), 18);
    azattest__json_free(document);
    azattest__service_answer_clear(&answer);
    ask("GET", "/certs?api-version=1999-01-01", azattest__text(""), &answer);
    assert_int_equal(answer.status, 400);
    azattest__service_answer_clear(&answer);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_claims_are_those_of_the_default_policy),
        cmocka_unit_test(no_two_tokens_have_the_same_id),
        cmocka_unit_test(the_default_policy_as_a_draft_gives_an_unsecured_token),
        cmocka_unit_test(enclaves_with_kss_have_four_more_claims),
        cmocka_unit_test(init_time_data_is_bound_by_the_config_id),
        cmocka_unit_test(keys_and_metadata_have_their_members_and_no_more),
    };

    return cmocka_run_group_tests_name("service_tokens", tests, service_setup, service_teardown);
}
