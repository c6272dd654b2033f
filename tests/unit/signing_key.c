/* Signing keys: what pairs are taken, by which algorithm they sign, what is refused and how it is told. */
#include <stdio.h>
#include <stdlib.h>

#include <azattest/limits.h>

#include "base/encoding.h"
#include "expect.h"
#include "fixtures.h"
#include "jose/signing_key.h"

typedef struct pair_case {
    const char *name, *key, *certificate, *passphrase, *algorithm;
    azattest_status status;
    const char *told; /* the algorithm that is chosen, or a part of the message */
} pair_case;

static const pair_case pairs[] = {
    { "RSA signs RS256 unless told otherwise", "rsa", "rsa", NULL, NULL, AZATTEST_OK, "RS256" },
    { "RSA in the form of PKCS#1", "rsa-pkcs1", "rsa", NULL, NULL, AZATTEST_OK, "RS256" },
    { "RS384 is chosen", "rsa", "rsa", NULL, "RS384", AZATTEST_OK, "RS384" },
    { "RS512 is chosen", "rsa", "rsa", NULL, "RS512", AZATTEST_OK, "RS512" },
    { "PS256 is chosen", "rsa", "rsa", NULL, "PS256", AZATTEST_OK, "PS256" },
    { "PS384 is chosen", "rsa", "rsa", NULL, "PS384", AZATTEST_OK, "PS384" },
    { "PS512 is chosen", "rsa", "rsa", NULL, "PS512", AZATTEST_OK, "PS512" },
    { "P-256 signs ES256", "ec", "ec", NULL, NULL, AZATTEST_OK, "ES256" },
    { "P-384 signs ES384", "p384", "p384", NULL, NULL, AZATTEST_OK, "ES384" },
    { "P-521 signs ES512", "p521", "p521", NULL, NULL, AZATTEST_OK, "ES512" },
    { "an encrypted PKCS#8 key with its passphrase", "rsa-encrypted", "rsa", "correct-horse", NULL, AZATTEST_OK,
      "RS256" },
    { "a key encrypted in the old form with its passphrase", "rsa-traditional", "rsa", "correct-horse", NULL,
      AZATTEST_OK, "RS256" },
    { "an encrypted EC key with its passphrase", "ec-encrypted", "ec", "correct-horse", NULL, AZATTEST_OK, "ES256" },
    { "a passphrase for a key that needs none", "rsa", "rsa", "correct-horse", NULL, AZATTEST_OK, "RS256" },
    { "an encrypted key without its passphrase", "rsa-encrypted", "rsa", NULL, NULL, AZATTEST_E_MALFORMED,
      "it is encrypted: give its passphrase" },
    { "a key encrypted in the old form without its passphrase", "rsa-traditional", "rsa", NULL, NULL,
      AZATTEST_E_MALFORMED, "it is encrypted: give its passphrase" },
    { "an encrypted key with a wrong passphrase", "rsa-encrypted", "rsa", "wrong-horse", NULL, AZATTEST_E_MALFORMED,
      "the passphrase does not open it" },
    { "an encrypted key with an empty passphrase", "rsa-encrypted", "rsa", "", NULL, AZATTEST_E_MALFORMED,
      "the passphrase does not open it" },
    { "the certificate of another key", "rsa", "rsa-1024", NULL, NULL, AZATTEST_E_ARGUMENT,
      "the certificate holds another key" },
    { "the certificate of a key of another type", "ec", "rsa", NULL, NULL, AZATTEST_E_ARGUMENT,
      "the certificate holds another key" },
    { "an RSA key that is too short", "rsa-1024", "rsa-1024", NULL, NULL, AZATTEST_E_ARGUMENT, "at least 2048 bits" },
    { "an algorithm of the other key type", "rsa", "rsa", NULL, "ES256", AZATTEST_E_ARGUMENT, "needs an EC key" },
    { "an algorithm of another curve", "ec", "ec", NULL, "ES384", AZATTEST_E_ARGUMENT, "needs an EC key on P-384" },
    { "an algorithm that signs nothing", "rsa", "rsa", NULL, "none", AZATTEST_E_ARGUMENT, "\"none\" is none of" },
    { "an algorithm of shared secrets", "rsa", "rsa", NULL, "HS256", AZATTEST_E_ARGUMENT, "\"HS256\" is none of" },
    { "a spelling that no registry knows", "rsa", "rsa", NULL, "RSA256", AZATTEST_E_ARGUMENT, "\"RSA256\" is none of" },
    { "an Ed25519 key", "ed25519", "ed25519", NULL, NULL, AZATTEST_E_UNSUPPORTED, "only RSA and EC keys" },
};

static void pair(void **state)
{
    const pair_case *test = *state;
    azattest_signing_key *key = NULL, *again;
    azattest_error *error = NULL;
    azattest_status status =
        fixture_signing_key(test->key, test->certificate, test->passphrase, test->algorithm, &key, &error);

    if (test->status != AZATTEST_OK) {
        expect(status, &error, test->status, test->told);
        assert_null(key);
        return;
    }
    expect(status, &error, AZATTEST_OK, "");
    assert_string_equal(azattest_signing_key_algorithm(key), test->told);
    assert_string_equal(azattest_signing_key_key_type(key), test->told[0] == 'E' ? "EC" : "RSA");
    assert_non_null(strstr(azattest_signing_key_certificate_pem(key), "-----BEGIN CERTIFICATE-----"));
    again = azattest_signing_key_ref(key);
    assert_ptr_equal(again, key);
    azattest_signing_key_free(key);
    assert_string_equal(azattest_signing_key_algorithm(again), test->told);
    azattest_signing_key_free(again);
}

/* Header and signature of a token, read back without the key. */
static void tokens_carry_algorithm_and_certificate(void **state)
{
    static const char *const names[] = { "rsa", "ec", "p384", "p521" };
    azattest_signing_key *key;
    azattest_signer *signer;
    azattest__json *header;
    azattest__jws jws;
    azattest__buf text;
    bool valid;

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        assert_int_equal(fixture_signing_key(names[i], names[i], NULL, NULL, &key, NULL), AZATTEST_OK);
        azattest__buf_init(&text, AZATTEST_LIMIT_TOKEN);
        assert_int_equal(azattest__signing_key_token(key, azattest__text("{\"a\":1}"), &text, NULL), AZATTEST_OK);
        assert_int_equal(azattest__jws_parse(azattest__buf_bytes(&text), &jws, NULL), AZATTEST_OK);
        assert_int_equal(azattest__json_parse(jws.header, &header, NULL), AZATTEST_OK);
        assert_int_equal(azattest__json_count(header), 2);
        assert_string_equal(azattest__json_get_string(header, "alg"), azattest_signing_key_algorithm(key));
        assert_int_equal(azattest__signer_from_x5c(azattest__json_get(header, "x5c"), &signer, NULL), AZATTEST_OK);
        assert_string_equal(azattest_signer_certificate_pem(signer, 0), azattest_signing_key_certificate_pem(key));
        assert_int_equal(azattest__key_verify(signer->key, key->alg, jws.signed_elements, jws.signature, &valid, NULL),
                         AZATTEST_OK);
        assert_true(valid);
        azattest_signer_free(signer);
        azattest__json_free(header);
        azattest__jws_clear(&jws);
        azattest__buf_free(&text);
        azattest_signing_key_free(key);
    }
}

static void a_chain_goes_into_the_header(void **state)
{
    char *key_pem = fixture_read("signing/rsa.key.pem"), *leaf = fixture_read("signing/rsa.crt.pem");
    char *other = fixture_read("signing/ec.crt.pem"), chain[16384];
    azattest_signing_key *key = NULL;
    azattest_error *error = NULL;

    (void)state;
    snprintf(chain, sizeof(chain), "%s%s", leaf, other);
    expect(azattest_signing_key_new(azattest__text(key_pem), azattest__text(chain), NULL, &key, &error), &error,
           AZATTEST_OK, "");
    assert_int_equal(azattest_signer_certificate_count(key->signer), 2);
    assert_string_equal(azattest_signing_key_certificate_pem(key), leaf);
    azattest_signing_key_free(key);
    snprintf(chain, sizeof(chain), "%s%s", other, leaf);
    expect(azattest_signing_key_new(azattest__text(key_pem), azattest__text(chain), NULL, &key, &error), &error,
           AZATTEST_E_ARGUMENT, "the key's own certificate comes first");
    free(key_pem);
    free(leaf);
    free(other);
}

static void a_certificate_may_be_der(void **state)
{
    char *pem = fixture_read("signing/ec.crt.pem"), *key_pem = fixture_read("signing/ec.key.pem");
    azattest_bytes block, body;
    azattest_signing_key *key = NULL;
    azattest__buf der;
    size_t offset = 0;

    (void)state;
    azattest__buf_init(&der, AZATTEST_LIMIT_CERTIFICATE);
    assert_true(azattest__pem_next(azattest__text(pem), "CERTIFICATE", &offset, &block, &body));
    assert_true(azattest__pem_decode_body(body, &der));
    assert_int_equal(azattest_signing_key_new(azattest__text(key_pem), azattest__buf_bytes(&der), NULL, &key, NULL),
                     AZATTEST_OK);
    assert_string_equal(azattest_signing_key_certificate_pem(key), pem);
    azattest_signing_key_free(key);
    azattest__buf_free(&der);
    free(pem);
    free(key_pem);
}

static void cut_text_is_refused(void **state)
{
    static const char *const keys[] = { "signing/ec.key.pem", "signing/rsa-encrypted.key.pem",
                                        "signing/rsa-traditional.key.pem" };
    char *certificate = fixture_read("signing/ec.crt.pem"), *whole = fixture_read("signing/ec.key.pem");
    size_t end = strstr(whole, "-----END EC PRIVATE KEY-----") + strlen("-----END EC PRIVATE KEY-----") - whole;
    azattest_signing_key *key = NULL;

    (void)state;
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        char *text = fixture_read(keys[i]);
        size_t last = i == 0 ? end : strlen(text) - 1;

        for (size_t len = 0; len < last; len++) {
            assert_true(azattest_signing_key_new(azattest__bytes(text, len), azattest__text(certificate), NULL, &key,
                                                 NULL) != AZATTEST_OK);
            assert_null(key);
        }
        free(text);
    }
    for (size_t len = 0; len + 1 < strlen(certificate); len++)
        assert_true(azattest_signing_key_new(azattest__text(whole), azattest__bytes(certificate, len), NULL, &key,
                                             NULL) != AZATTEST_OK);
    free(whole);
    free(certificate);
}

static void nothing_crashes(void **state)
{
    azattest_signing_key_options strange = { .size = 1 };
    azattest_bytes none = { NULL, 0 }, text = azattest__text("text");
    azattest_signing_key *key = NULL;
    azattest_error *error = NULL;

    (void)state;
    expect(azattest_signing_key_new(none, text, NULL, &key, &error), &error, AZATTEST_E_ARGUMENT, "no key");
    expect(azattest_signing_key_new(text, none, NULL, &key, &error), &error, AZATTEST_E_ARGUMENT, "no certificate");
    expect(azattest_signing_key_new(text, text, NULL, NULL, &error), &error, AZATTEST_E_ARGUMENT, "nowhere");
    expect(azattest_signing_key_new(text, text, &strange, &key, &error), &error, AZATTEST_E_ARGUMENT, "size is 1");
    expect(azattest_signing_key_new(text, text, NULL, &key, &error), &error, AZATTEST_E_MALFORMED,
           "not a private key in PEM");
    assert_null(azattest_signing_key_ref(NULL));
    assert_null(azattest_signing_key_algorithm(NULL));
    assert_null(azattest_signing_key_key_type(NULL));
    assert_null(azattest_signing_key_certificate_pem(NULL));
    azattest_signing_key_free(NULL);
}

int main(void)
{
    const struct CMUnitTest others[] = {
        cmocka_unit_test(tokens_carry_algorithm_and_certificate),
        cmocka_unit_test(a_chain_goes_into_the_header),
        cmocka_unit_test(a_certificate_may_be_der),
        cmocka_unit_test(cut_text_is_refused),
        cmocka_unit_test(nothing_crashes),
    };
    struct CMUnitTest tests[sizeof(pairs) / sizeof(pairs[0])];

    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
        tests[i] = (struct CMUnitTest){ pairs[i].name, pair, NULL, NULL, (void *)(uintptr_t)&pairs[i] };
    return cmocka_run_group_tests_name("signing key pairs", tests, NULL, NULL) +
           cmocka_run_group_tests_name("signing keys", others, NULL, NULL);
}
