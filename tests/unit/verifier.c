/* A verifier of several instances: the issuer chooses, the chosen one judges. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <azattest/transport.h>

#include "expect.h"
#include "instance.h"

#define OTHER "https://other.example.attest.azure.net"
#define OTHER_CERTS OTHER "/certs?api-version=2025-06-01"

static const char *const both[] = { INSTANCE, OTHER };

/* Two instances with a key each, and a verifier of both. */
typedef struct bench {
    instance_time time;
    instance_key first, second;
    char *first_jwks, *second_jwks;
    azattest_verifier *verifier;
    azattest_error *error;
} bench;

static int set_up(void **state)
{
    bench *at = calloc(1, sizeof(*at));
    azattest_client_options options;

    assert_non_null(at);
    at->time = (instance_time){ INSTANCE_NOW_S * 1000, 0 };
    options = instance_options(&at->time);
    instance_key_make(&at->first, INSTANCE);
    instance_key_make(&at->second, OTHER);
    at->first_jwks = instance_jwks(&at->first, NULL);
    at->second_jwks = instance_jwks(&at->second, NULL);
    assert_int_equal(azattest_verifier_new_many(both, 2, &options, &at->verifier, NULL), AZATTEST_OK);
    *state = at;
    return 0;
}

static int tear_down(void **state)
{
    bench *at = *state;

    azattest_verifier_free(at->verifier);
    instance_key_clear(&at->first);
    instance_key_clear(&at->second);
    free(at->first_jwks);
    free(at->second_jwks);
    free(at);
    return 0;
}

/* Claims of that issuer (NULL: without one), and more of them. */
static char *claims_of(const char *issuer, const char *more)
{
    char *claims = NULL, iss[256] = "";

    if (issuer != NULL)
        snprintf(iss, sizeof(iss), "\"iss\":\"%s\",", issuer);
    assert_true(asprintf(&claims, "{%s%s\"exp\":%lld,\"nbf\":%lld}", iss, more, (long long)INSTANCE_NOW_S + 1000,
                         (long long)INSTANCE_NOW_S) > 0);
    return claims;
}

/* Signed by that key, with its key id and without a key address. */
static char *token_with(const instance_key *key, const char *issuer, const char *more)
{
    char *claims = claims_of(issuer, more), header[256];
    azattest__buf text;

    snprintf(header, sizeof(header), "{\"alg\":\"ES256\",\"kid\":\"%s\"}", key->kid);
    azattest__buf_init(&text, 65536);
    assert_int_equal(azattest__jws_create(bytes_of(header), bytes_of(claims), key->key, AZATTEST__ES256, &text, NULL),
                     AZATTEST_OK);
    free(claims);
    return (char *)azattest__buf_take(&text, NULL);
}

static char *token_of(const instance_key *key, const char *issuer)
{
    return token_with(key, issuer, "");
}

/* Validates, where `url` (NULL: nothing) may be asked and answers with `jwks`. */
static azattest_status validate(bench *at, const char *token, const azattest_validation_options *options,
                                const char *url, const char *jwks)
{
    azattest_scripted_exchange script[1] = { { .method = "GET", .url = url } };
    azattest_transport *transport = NULL;
    azattest_response *response = NULL;
    azattest_status status;

    script[0].response.status = 200;
    if (url != NULL)
        script[0].response.body = bytes_of(jwks);
    assert_int_equal(azattest_scripted_transport_new(script, url == NULL ? 0 : 1, &transport, NULL), AZATTEST_OK);
    status = azattest_verifier_validate(at->verifier, transport, bytes_of(token), options, &response, &at->error);
    if (status == AZATTEST_OK)
        assert_true(azattest_token_is_validated(azattest_response_token(response)));
    assert_int_equal(azattest_scripted_transport_played(transport), url == NULL ? 0 : 1);
    azattest_response_free(response);
    azattest_transport_free(transport);
    return status;
}

static void each_token_is_judged_by_its_own_instance(void **state)
{
    bench *at = *state;
    char *first = token_of(&at->first, INSTANCE), *second = token_of(&at->second, OTHER ":443/");
    azattest_token *token = NULL;

    expect(validate(at, second, NULL, OTHER_CERTS, at->second_jwks), &at->error, AZATTEST_OK, NULL);
    expect(validate(at, first, NULL, INSTANCE_CERTS, at->first_jwks), &at->error, AZATTEST_OK, NULL);
    expect(validate(at, second, NULL, NULL, NULL), &at->error, AZATTEST_OK, NULL); /* both caches are kept */
    assert_int_equal(azattest_verifier_validate_cached(at->verifier, bytes_of(first), NULL, &token, NULL), AZATTEST_OK);
    assert_true(azattest_token_is_validated(token));
    azattest_token_free(token);
    free(first);
    free(second);
}

static void a_token_that_names_one_and_is_signed_by_the_other_is_refused(void **state)
{
    bench *at = *state;
    char *first = token_of(&at->first, INSTANCE), *crossed = token_of(&at->first, OTHER);
    azattest_token *token = NULL;

    expect(validate(at, first, NULL, INSTANCE_CERTS, at->first_jwks), &at->error, AZATTEST_OK, NULL);
    expect(validate(at, crossed, NULL, OTHER_CERTS, at->second_jwks), &at->error, AZATTEST_E_TOKEN_KEY_UNKNOWN,
           "key id");
    assert_int_not_equal(azattest_verifier_validate_cached(at->verifier, bytes_of(crossed), NULL, &token, NULL),
                         AZATTEST_OK);
    assert_null(token);
    free(first);
    free(crossed);
}

static void a_token_of_neither_is_refused_and_nothing_is_fetched(void **state)
{
    static const char *const issuers[] = {
        "https://third.example.attest.azure.net", NULL,        INSTANCE ".evil.example", INSTANCE ":8443",
        "http://test.example.attest.azure.net",   "no address"
    };
    azattest_validation_options off = AZATTEST_VALIDATION_OPTIONS_INIT;
    bench *at = *state;
    azattest_token *token = NULL;

    off.validate_issuer = AZATTEST_OFF; /* even then: there is nobody to judge it */
    for (size_t i = 0; i < sizeof(issuers) / sizeof(issuers[0]); i++) {
        char *text = token_of(&at->first, issuers[i]);

        expect(validate(at, text, i % 2 == 0 ? NULL : &off, NULL, NULL), &at->error, AZATTEST_E_TOKEN_ISSUER,
               "expected one of 2 instances");
        assert_int_equal(azattest_verifier_validate_cached(at->verifier, bytes_of(text), NULL, &token, &at->error),
                         AZATTEST_E_TOKEN_ISSUER);
        assert_int_equal(azattest_error_problem_code(at->error, 0), AZATTEST_E_TOKEN_ISSUER);
        assert_null(strstr(azattest_error_message(at->error), text));
        azattest_error_free(at->error);
        at->error = NULL;
        free(text);
    }
}

/* The same key and the same issuer say what policy there is; that attests nothing. */
static void an_answer_of_the_administration_is_no_attestation(void **state)
{
    static const struct {
        const char *claims;
        azattest_status expected;
    } cases[] = {
        { "\"x-ms-policy\":\"eyJhbGciOiJub25lIn0..\",", AZATTEST_E_TOKEN_ATTESTATION_TYPE },
        { "\"x-ms-policy\":null,", AZATTEST_E_TOKEN_ATTESTATION_TYPE },
        { "\"x-ms-policy-result\":\"Updated\",", AZATTEST_E_TOKEN_ATTESTATION_TYPE },
        { "\"x-ms-policycertificates-result\":\"IsPresent\",", AZATTEST_E_TOKEN_ATTESTATION_TYPE },
        { "\"x-ms-policy-certificates\":{\"keys\":[]},", AZATTEST_E_TOKEN_ATTESTATION_TYPE },
        { "\"x-ms-policy\":{\"a\":1},", AZATTEST_OK },
        { "\"x-ms-policy\":\"a\",\"x-ms-attestation-type\":\"sgx\",", AZATTEST_OK },
        { "\"tee\":\"sgx\",\"x-ms-policy-result\":\"Updated\",", AZATTEST_OK },
    };
    azattest_validation_options off = AZATTEST_VALIDATION_OPTIONS_INIT, offline = AZATTEST_VALIDATION_OPTIONS_INIT;
    azattest_validation_options any = AZATTEST_VALIDATION_OPTIONS_INIT;
    bench *at = *state;
    azattest_signers *keys = NULL;
    char *first = token_of(&at->first, INSTANCE);

    off.validate_token = AZATTEST_OFF;
    any.require_attestation = AZATTEST_OFF;
    expect(validate(at, first, NULL, INSTANCE_CERTS, at->first_jwks), &at->error, AZATTEST_OK, NULL);
    assert_int_equal(azattest_signers_parse(bytes_of(at->first_jwks), &keys, NULL), AZATTEST_OK);
    offline.signers = keys;
    offline.now_ms = INSTANCE_NOW_S * 1000;
    offline.validate_issuer = AZATTEST_OFF;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char *text = token_with(&at->first, INSTANCE, cases[i].claims);
        azattest_token *token = NULL;

        expect(validate(at, text, NULL, NULL, NULL), &at->error, cases[i].expected,
               cases[i].expected == AZATTEST_OK ? NULL : "no attestation, but an answer about policies");
        assert_int_equal(azattest_verifier_validate_cached(at->verifier, bytes_of(text), NULL, &token, NULL),
                         cases[i].expected);
        azattest_token_free(token);
        token = NULL;
        assert_int_equal(azattest_verifier_validate_cached(at->verifier, bytes_of(text), &off, &token, NULL),
                         AZATTEST_OK);
        assert_false(azattest_token_is_validated(token));
        /* A token for its own sake, not for what it attests; and the other way round, when that is said. */
        expect(azattest_token_validate(token, &offline, &at->error), &at->error, AZATTEST_OK, NULL);
        offline.require_attestation = AZATTEST_ON;
        expect(azattest_token_validate(token, &offline, &at->error), &at->error, cases[i].expected,
               cases[i].expected == AZATTEST_OK ? NULL : "no attestation, but an answer about policies");
        offline.require_attestation = AZATTEST_DEFAULT;
        expect(validate(at, text, &any, NULL, NULL), &at->error, AZATTEST_OK, NULL);
        azattest_token_free(token);
        free(text);
    }
    azattest_signers_free(keys);
    free(first);
}

static void one_options_object_holds_all_expectations(void **state)
{
    static const azattest_claim_requirement claims[] = { { "exp", NULL } };
    azattest_validation_options options = AZATTEST_VALIDATION_OPTIONS_INIT;
    bench *at = *state;
    char *text = token_of(&at->first, INSTANCE);

    options.expected_nonce = "n";
    options.expected_type = "sgx";
    options.expected_policy_hash = azattest__bytes("01234567890123456789012345678901", 32);
    options.require_claims = claims;
    options.require_claim_count = 1;
    options.allow_debug = AZATTEST_OFF;
    assert_int_equal(validate(at, text, &options, INSTANCE_CERTS, at->first_jwks), AZATTEST_E_TOKEN_NONCE);
    assert_int_equal(azattest_error_problem_count(at->error), 4);
    azattest_error_free(at->error);
    at->error = NULL;
    free(text);
}

static void keys_are_exported_one_instance_at_a_time(void **state)
{
    bench *at = *state;
    char *second = token_of(&at->second, OTHER), *jwks = NULL;
    azattest_validation_options options = AZATTEST_VALIDATION_OPTIONS_INIT;
    const char *issuer = OTHER;
    azattest_signers *signers = NULL;
    azattest_token *token = NULL;
    size_t len = 0;

    expect(azattest_verifier_export_keys(at->verifier, NULL, &jwks, &len, &at->error), &at->error, AZATTEST_E_ARGUMENT,
           "say whose");
    expect(azattest_verifier_export_keys(at->verifier, "https://third.example", &jwks, &len, &at->error), &at->error,
           AZATTEST_E_ARGUMENT, "none of its own");
    assert_int_equal(azattest_verifier_export_keys(at->verifier, OTHER, &jwks, &len, NULL), AZATTEST_ABSENT);
    expect(validate(at, second, NULL, OTHER_CERTS, at->second_jwks), &at->error, AZATTEST_OK, NULL);
    assert_int_equal(azattest_verifier_export_keys(at->verifier, INSTANCE, &jwks, &len, NULL), AZATTEST_ABSENT);
    assert_int_equal(azattest_verifier_export_keys(at->verifier, OTHER "/", &jwks, &len, NULL), AZATTEST_OK);
    assert_string_equal(jwks, at->second_jwks);
    /* Later, without any connection. */
    assert_int_equal(azattest_signers_parse(azattest__bytes(jwks, len), &signers, NULL), AZATTEST_OK);
    options.signers = signers;
    options.issuers = &issuer;
    options.issuer_count = 1;
    options.now_ms = at->time.now_ms;
    assert_int_equal(azattest_token_parse(bytes_of(second), &token, NULL), AZATTEST_OK);
    assert_int_equal(azattest_token_validate(token, &options, NULL), AZATTEST_OK);
    azattest_token_free(token);
    azattest_signers_free(signers);
    azattest_free(jwks);
    free(second);
}

static void endpoints_are_told(void **state)
{
    bench *at = *state;

    assert_int_equal(azattest_verifier_endpoint_count(at->verifier), 2);
    assert_string_equal(azattest_verifier_endpoint(at->verifier), INSTANCE);
    assert_string_equal(azattest_verifier_endpoint_at(at->verifier, 1), OTHER);
    assert_null(azattest_verifier_endpoint_at(at->verifier, 2));
    assert_int_equal(azattest_verifier_endpoint_count(NULL), 0);
    assert_null(azattest_verifier_endpoint_at(NULL, 0));
}

static void wrong_use_is_told(void **state)
{
    static const char *const twice[] = { INSTANCE, INSTANCE ":443/" };
    static const char *const with_null[] = { INSTANCE, NULL };
    azattest_verifier *verifier = NULL;
    azattest_error *error = NULL;

    (void)state;
    expect(azattest_verifier_new_many(twice, 2, NULL, &verifier, &error), &error, AZATTEST_E_ARGUMENT, "given twice");
    expect(azattest_verifier_new_many(with_null, 2, NULL, &verifier, &error), &error, AZATTEST_E_ARGUMENT, "");
    expect(azattest_verifier_new_many(both, 0, NULL, &verifier, &error), &error, AZATTEST_E_ARGUMENT, "1 to 64");
    expect(azattest_verifier_new_many(both, 65, NULL, &verifier, &error), &error, AZATTEST_E_ARGUMENT, "1 to 64");
    expect(azattest_verifier_new_many(NULL, 2, NULL, &verifier, &error), &error, AZATTEST_E_ARGUMENT, "1 to 64");
    expect(azattest_verifier_new_many(both, 2, NULL, NULL, &error), &error, AZATTEST_E_ARGUMENT, "nowhere");
    assert_null(verifier);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(each_token_is_judged_by_its_own_instance),
        TEST(a_token_that_names_one_and_is_signed_by_the_other_is_refused),
        TEST(a_token_of_neither_is_refused_and_nothing_is_fetched),
        TEST(an_answer_of_the_administration_is_no_attestation),
        TEST(one_options_object_holds_all_expectations),
        TEST(keys_are_exported_one_instance_at_a_time),
        TEST(endpoints_are_told),
        cmocka_unit_test(wrong_use_is_told),
    };

    return cmocka_run_group_tests_name("verifier", tests, NULL, NULL);
}
