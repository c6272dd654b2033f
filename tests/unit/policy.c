/* Policy tokens: made, read, hashed. Vectors from the reference of the service, "Test vectors". */
#include <stdio.h>
#include <stdlib.h>

#include <azattest/limits.h>

#include "base/encoding.h"
#include "expect.h"
#include "fixtures.h"
#include "protocol/attest_type.h"
#include "token/policy.h"

#define TEXT "version=1.0; authorizationrules{=> permit();}; issuancerules{};"
#define BODY                                                                                                           \
    "eyJBdHRlc3RhdGlvblBvbGljeSI6ImRtVnljMmx2YmoweExqQTdJR0YxZEdodmNtbDZZWFJwYjI1eWRXeGxjM3M5UGlCd1pYSnRhWFFvS1R0OU95" \
    "QnBjM04xWVc1alpYSjFiR1Z6ZTMwNyJ9"
#define SPACED                                                                                                         \
    "eyJBdHRlc3RhdGlvblBvbGljeSI6ICJkbVZ5YzJsdmJqMHhMakE3SUdGMWRHaHZjbWw2WVhScGIyNXlkV3hsYzNzOVBpQndaWEp0YVhRb0tUdDlP" \
    "eUJwYzNOMVlXNWpaWEoxYkdWemUzMDcifQ"
#define UNSECURED "eyJhbGciOiJub25lIn0."

static azattest_token *parse(const char *text)
{
    azattest_token *token = NULL;

    assert_int_equal(azattest_token_parse(azattest__text(text), &token, NULL), AZATTEST_OK);
    return token;
}

static void expect_hash(const unsigned char hash[AZATTEST_HASH_SIZE], const char *base64url)
{
    azattest__buf text;

    azattest__buf_init(&text, 64);
    azattest__base64url_encode(azattest__bytes(hash, AZATTEST_HASH_SIZE), &text);
    assert_string_equal((const char *)text.ptr, base64url);
    azattest__buf_free(&text);
}

static void an_unsecured_policy_token_is_the_published_one(void **state)
{
    azattest_token *token = NULL;

    (void)state;
    assert_int_equal(azattest_create_policy_token(azattest__text(TEXT), NULL, &token, NULL), AZATTEST_OK);
    assert_string_equal((const char *)azattest_token_serialize(token).ptr, UNSECURED BODY ".");
    assert_int_equal(azattest_token_serialize(token).len, 165);
    assert_false(azattest_token_is_secured(token));
    azattest_token_free(token);
}

static void hashes_are_the_published_ones(void **state)
{
    unsigned char hash[AZATTEST_HASH_SIZE];

    (void)state;
    assert_int_equal(azattest_policy_hash(azattest__text(TEXT), hash, NULL), AZATTEST_OK);
    expect_hash(hash, "z0FRjKS0ssQTNur1V6BV8WIrh9M3fzgTo0EfHRvapWU");
    assert_int_equal(azattest_policy_token_hash(azattest__text(UNSECURED BODY "."), hash, NULL), AZATTEST_OK);
    expect_hash(hash, "c6sEJQItV50OeP9IrP_bzywAMOVvj5uDPbklA_bwdYQ");
    assert_int_equal(azattest_policy_token_hash(azattest__text(UNSECURED SPACED "."), hash, NULL), AZATTEST_OK);
    expect_hash(hash, "pyhI2FKMjRkvpvwS07hLclAyvsi5O4TrnzL5OPsIxzM");
}

static void a_reset_has_an_empty_body(void **state)
{
    azattest_signing_key *key = NULL;
    azattest_token *token = NULL;
    azattest_bytes text;

    (void)state;
    assert_int_equal(azattest_token_create(azattest__bytes(NULL, 0), NULL, &token, NULL), AZATTEST_OK);
    assert_string_equal((const char *)azattest_token_serialize(token).ptr, "eyJhbGciOiJub25lIn0..");
    azattest_token_free(token);
    assert_int_equal(fixture_signing_key("rsa", "rsa", NULL, NULL, &key, NULL), AZATTEST_OK);
    assert_int_equal(azattest_token_create(azattest__bytes(NULL, 0), key, &token, NULL), AZATTEST_OK);
    text = azattest_token_serialize(token);
    assert_non_null(memmem(text.ptr, text.len, "..", 2));
    assert_int_equal(azattest_token_body_bytes(token).len, 0);
    assert_int_equal(azattest_token_signature_bytes(token).len, 256);
    azattest_token_free(token);
    azattest_signing_key_free(key);
}

static void signed_tokens_name_their_signer(void **state)
{
    static const char *const names[] = { "rsa", "ec", "p384", "p521" };
    azattest_stored_attestation_policy *policy = NULL;
    azattest_signing_key *key = NULL;
    azattest_signer *signer = NULL;
    azattest_token *token = NULL;

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        assert_int_equal(fixture_signing_key(names[i], names[i], NULL, NULL, &key, NULL), AZATTEST_OK);
        assert_int_equal(azattest_create_policy_token(azattest__text(TEXT), key, &token, NULL), AZATTEST_OK);
        assert_int_equal(azattest__policy_token_signer(token, &signer, NULL), AZATTEST_OK);
        assert_string_equal(azattest_signer_certificate_pem(signer, 0), azattest_signing_key_certificate_pem(key));
        assert_int_equal(azattest_stored_attestation_policy_parse(token, &policy, NULL), AZATTEST_OK);
        assert_string_equal(azattest_stored_attestation_policy_attestation_policy(policy), TEXT);
        azattest_stored_attestation_policy_free(policy);
        azattest_signer_free(signer);
        azattest_token_free(token);
        azattest_signing_key_free(key);
    }
}

static void text_beyond_ascii_is_kept(void **state)
{
    static const char text[] =
        "version=1.0; authorizationrules { /* \xc3\xa9\xe2\x82\xac\xf0\x9f\x94\x91 */ => permit(); };";
    azattest_stored_attestation_policy *policy = NULL;
    azattest_token *token = NULL;

    (void)state;
    assert_int_equal(azattest_create_policy_token(azattest__text(text), NULL, &token, NULL), AZATTEST_OK);
    assert_int_equal(azattest_stored_attestation_policy_parse(token, &policy, NULL), AZATTEST_OK);
    assert_string_equal(azattest_stored_attestation_policy_attestation_policy(policy), text);
    azattest_stored_attestation_policy_free(policy);
    azattest_token_free(token);
}

/* ---- reading ---- */

typedef struct body_case {
    const char *name, *body, *text, *reason;
} body_case;

static const body_case bodies[] = {
    { "an empty body is an empty policy", "", "", NULL },
    { "an empty text", "{\"AttestationPolicy\":\"\"}", "", NULL },
    { "white space between", "{ \"AttestationPolicy\" : \"YQ\" }", "a", NULL },
    { "more members", "{\"AttestationPolicy\":\"YQ\",\"more\":1}", "a", NULL },
    { "no policy in the body", "{}", NULL, "has no \"AttestationPolicy\"" },
    { "a name in other letters", "{\"attestationPolicy\":\"YQ\"}", NULL, "has no \"AttestationPolicy\"" },
    { "a number for the text", "{\"AttestationPolicy\":1}", NULL, "is not a string" },
    { "null for the text", "{\"AttestationPolicy\":null}", NULL, "is not a string" },
    { "plain text, as it was before 2020", "{\"AttestationPolicy\":\"version=1.0;\"}", NULL, "is not base64url" },
    { "base64 with padding", "{\"AttestationPolicy\":\"YQ==\"}", NULL, "is not base64url" },
    { "text that is not UTF-8", "{\"AttestationPolicy\":\"_w\"}", NULL, "not UTF-8" },
    { "a NUL in the text", "{\"AttestationPolicy\":\"YQBi\"}", NULL, "not UTF-8 without NUL" },
};

static void body(void **state)
{
    const body_case *test = *state;
    azattest_stored_attestation_policy *policy = NULL;
    azattest_error *error = NULL;
    azattest_token *token;
    azattest__buf text;

    azattest__buf_init(&text, 4096);
    azattest__buf_append_text(&text, UNSECURED);
    azattest__base64url_encode(azattest__text(test->body), &text);
    azattest__buf_append_text(&text, ".");
    token = parse((const char *)text.ptr);
    expect(azattest_stored_attestation_policy_parse(token, &policy, &error), &error,
           test->text != NULL ? AZATTEST_OK : AZATTEST_E_MALFORMED, test->reason);
    if (test->text != NULL) {
        assert_string_equal(azattest_stored_attestation_policy_attestation_policy(policy), test->text);
        assert_int_equal(azattest_stored_attestation_policy_json(policy).ptr == NULL, *test->body == '\0');
    } else {
        assert_null(policy);
    }
    azattest_stored_attestation_policy_free(policy);
    azattest_token_free(token);
    azattest__buf_free(&text);
}

/* ---- who signed ---- */

typedef struct signer_case {
    const char *name, *header; /* %s: the certificate */
    const char *key, *certificate;
    azattest__alg alg;
    azattest_status status;
    const char *reason;
} signer_case;

static const signer_case signers[] = {
    { "RS256 with x5c", "{\"alg\":\"RS256\",\"x5c\":[\"%s\"]}", "rsa", "rsa", AZATTEST__RS256, AZATTEST_OK, NULL },
    { "RSA256 with x5c, as early clients wrote it", "{\"alg\":\"RSA256\",\"x5c\":[\"%s\"]}", "rsa", "rsa",
      AZATTEST__RS256, AZATTEST_OK, NULL },
    { "RSA256 with the certificate in jwk", "{\"alg\":\"RSA256\",\"jwk\":{\"x5c\":[\"%s\"]}}", "rsa", "rsa",
      AZATTEST__RS256, AZATTEST_OK, NULL },
    { "ECDH256 with x5c", "{\"alg\":\"ECDH256\",\"x5c\":[\"%s\"]}", "ec", "ec", AZATTEST__ES256, AZATTEST_OK, NULL },
    { "another certificate than the signer's", "{\"alg\":\"ES256\",\"x5c\":[\"%s\"]}", "ec", "p384", AZATTEST__ES256,
      AZATTEST_E_POLICY_SIGNER, "needs an EC key on P-256" },
    { "another algorithm than the signature's", "{\"alg\":\"PS256\",\"x5c\":[\"%s\"]}", "rsa", "rsa", AZATTEST__RS256,
      AZATTEST_E_POLICY_SIGNER, "does not verify its signature" },
    { "a key that is too short", "{\"alg\":\"RS256\",\"x5c\":[\"%s\"]}", "rsa", "rsa-1024", AZATTEST__RS256,
      AZATTEST_E_POLICY_SIGNER, "at least 2048 bits" },
    { "no certificate", "{\"alg\":\"RS256\",\"x\":\"%s\"}", "rsa", "rsa", AZATTEST__RS256, AZATTEST_E_MALFORMED,
      "no certificate says by whom" },
    { "an algorithm that nobody knows", "{\"alg\":\"EC\",\"x5c\":[\"%s\"]}", "ec", "ec", AZATTEST__ES256,
      AZATTEST_E_MALFORMED, "none that is known" },
    { "none with a signature", "{\"alg\":\"none\",\"x5c\":[\"%s\"]}", "rsa", "rsa", AZATTEST__RS256,
      AZATTEST_E_MALFORMED, "a signature with the algorithm none" },
    { "a certificate that is a number", "{\"alg\":\"RS256\",\"x5c\":[1,\"%s\"]}", "rsa", "rsa", AZATTEST__RS256,
      AZATTEST_E_MALFORMED, "x5c[0]" },
    { "a certificate of a key that cannot be used", "{\"alg\":\"RS256\",\"x5c\":[\"%s\"]}", "rsa", "ed25519",
      AZATTEST__RS256, AZATTEST_E_UNSUPPORTED, "cannot be used" },
};

static void signer_of(void **state)
{
    const signer_case *test = *state;
    char name[64], header[8192], *pem, *der = calloc(1, 8192);
    const char *mark;
    azattest_signing_key *key = NULL;
    azattest_signer *signer = NULL;
    azattest_error *error = NULL;
    azattest_token *token;
    azattest__buf text;

    assert_int_equal(fixture_signing_key(test->key, test->key, NULL, NULL, &key, NULL), AZATTEST_OK);
    snprintf(name, sizeof(name), "signing/%s.crt.pem", test->certificate);
    pem = fixture_read(name);
    for (const char *line = strchr(pem, '\n') + 1; *line != '-'; line = strchr(line, '\n') + 1)
        strncat(der, line, (size_t)(strchr(line, '\n') - line));
    mark = strstr(test->header, "%s");
    snprintf(header, sizeof(header), "%.*s%s%s", (int)(mark - test->header), test->header, der, mark + 2);
    azattest__buf_init(&text, AZATTEST_LIMIT_TOKEN);
    assert_int_equal(azattest__jws_create(azattest__text(header), azattest__text("{\"AttestationPolicy\":\"YQ\"}"),
                                          key->key, test->alg, &text, NULL),
                     AZATTEST_OK);
    token = parse((const char *)text.ptr);
    expect(azattest__policy_token_signer(token, &signer, &error), &error, test->status, test->reason);
    assert_int_equal(signer == NULL, test->status != AZATTEST_OK);
    if (signer != NULL)
        assert_string_equal(azattest_signer_certificate_pem(signer, 0), pem);
    azattest_signer_free(signer);
    azattest_token_free(token);
    azattest_signing_key_free(key);
    azattest__buf_free(&text);
    free(pem);
    free(der);
}

static void cut_tokens_are_refused(void **state)
{
    static const char whole[] = UNSECURED BODY ".";
    unsigned char hash[AZATTEST_HASH_SIZE];
    azattest_stored_attestation_policy *policy = NULL;
    azattest_token *token;

    (void)state;
    for (size_t len = 0; len + 1 < sizeof(whole); len++) {
        token = NULL;
        if (azattest_token_parse(azattest__bytes(whole, len), &token, NULL) == AZATTEST_OK)
            assert_true(azattest_stored_attestation_policy_parse(token, &policy, NULL) != AZATTEST_OK);
        else
            assert_true(azattest_policy_token_hash(azattest__bytes(whole, len), hash, NULL) != AZATTEST_OK);
        azattest_token_free(token);
    }
}

static void wrong_use_is_told(void **state)
{
    static char large[AZATTEST_LIMIT_POLICY + 1];
    unsigned char hash[AZATTEST_HASH_SIZE];
    azattest_bytes none = { NULL, 0 };
    azattest_token *token = NULL;
    azattest_stored_attestation_policy *policy = NULL;
    azattest_error *error = NULL;

    (void)state;
    memset(large, 'a', sizeof(large));
    expect(azattest_create_policy_token(none, NULL, &token, &error), &error, AZATTEST_E_ARGUMENT, "no text");
    expect(azattest_create_policy_token(azattest__text("\xff"), NULL, &token, &error), &error, AZATTEST_E_ARGUMENT,
           "not UTF-8");
    expect(azattest_create_policy_token(azattest__bytes(large, sizeof(large)), NULL, &token, &error), &error,
           AZATTEST_E_LIMIT, "65537 bytes");
    assert_int_equal(azattest_create_policy_token(azattest__bytes(large, sizeof(large) - 1), NULL, &token, &error),
                     AZATTEST_OK);
    azattest_token_free(token);
    expect(azattest_create_policy_token(azattest__text(TEXT), NULL, NULL, &error), &error, AZATTEST_E_ARGUMENT,
           "nowhere");
    expect(azattest_token_create(azattest__text("[]"), NULL, &token, &error), &error, AZATTEST_E_ARGUMENT,
           "a JSON array, not an object");
    expect(azattest_token_create(azattest__text("{\"a\":1,\"a\":2}"), NULL, &token, &error), &error,
           AZATTEST_E_ARGUMENT, "the body cannot be used");
    expect(azattest_token_create(azattest__text(""), NULL, &token, &error), &error, AZATTEST_E_ARGUMENT,
           "the body cannot be used");
    expect(azattest_token_create(none, NULL, NULL, &error), &error, AZATTEST_E_ARGUMENT, "nowhere");
    expect(azattest_policy_hash(none, hash, &error), &error, AZATTEST_E_ARGUMENT, "no text");
    expect(azattest_policy_hash(azattest__text(TEXT), NULL, &error), &error, AZATTEST_E_ARGUMENT, "nowhere");
    expect(azattest_policy_token_hash(azattest__text("text"), hash, &error), &error, AZATTEST_E_TOKEN_MALFORMED,
           "three parts");
    expect(azattest_policy_token_hash(azattest__text("text"), NULL, &error), &error, AZATTEST_E_ARGUMENT, "nowhere");
    expect(azattest_stored_attestation_policy_new(none, &policy, &error), &error, AZATTEST_E_ARGUMENT, "no text");
    expect(azattest_stored_attestation_policy_new(azattest__text(TEXT), NULL, &error), &error, AZATTEST_E_ARGUMENT,
           "nowhere");
    expect(azattest_stored_attestation_policy_parse(NULL, &policy, &error), &error, AZATTEST_E_ARGUMENT, "no token");
    assert_null(azattest_stored_attestation_policy_attestation_policy(NULL));
    assert_null(azattest_stored_attestation_policy_json(NULL).ptr);
    azattest_stored_attestation_policy_free(NULL);
}

static void types_have_one_spelling(void **state)
{
    static const char *const cases[][2] = {
        { "SgxEnclave", "SgxEnclave" },   { "sgxenclave", "SgxEnclave" },
        { "OPENENCLAVE", "OpenEnclave" }, { "tpm", "Tpm" },
        { "SEVSNPVM", "SevSnpVm" },       { "tdxvm", "TdxVm" },
        { "azureguest", "AzureGuest" },   { "Pluton", "Pluton" },
        { "keyguard", "KeyGuard" },       { "sgx", "sgx" },
        { "SgxEnclave ", "SgxEnclave " },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_string_equal(azattest__attestation_type(cases[i][0]), cases[i][1]);
}

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

int main(void)
{
    const struct CMUnitTest others[] = {
        cmocka_unit_test(an_unsecured_policy_token_is_the_published_one),
        cmocka_unit_test(hashes_are_the_published_ones),
        cmocka_unit_test(a_reset_has_an_empty_body),
        cmocka_unit_test(signed_tokens_name_their_signer),
        cmocka_unit_test(text_beyond_ascii_is_kept),
        cmocka_unit_test(cut_tokens_are_refused),
        cmocka_unit_test(wrong_use_is_told),
        cmocka_unit_test(types_have_one_spelling),
    };
    struct CMUnitTest tests[COUNT(bodies) + COUNT(signers)];

    for (size_t i = 0; i < COUNT(bodies); i++)
        tests[i] = (struct CMUnitTest){ bodies[i].name, body, NULL, NULL, (void *)(uintptr_t)&bodies[i] };
    for (size_t i = 0; i < COUNT(signers); i++)
        tests[COUNT(bodies) + i] =
            (struct CMUnitTest){ signers[i].name, signer_of, NULL, NULL, (void *)(uintptr_t)&signers[i] };
    return cmocka_run_group_tests_name("policy tokens that are read", tests, NULL, NULL) +
           cmocka_run_group_tests_name("policy tokens", others, NULL, NULL);
}
