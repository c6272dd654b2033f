/* Keys: which are taken, and that each comes back from every form. */
#include <stdlib.h>

#include "expect.h"

#include <openssl/core_names.h>
#include <openssl/pem.h>

#include <azattest/limits.h>

#include "base/encoding.h"
#include "crypto/issue.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static azattest__key *rsa, *rsa_weak, *p256, *p384, *p521;

static int make_keys(void **state)
{
    (void)state;
    return azattest__key_generate_rsa(2048, &rsa, NULL) != AZATTEST_OK ||
           azattest__key_generate_rsa(1024, &rsa_weak, NULL) != AZATTEST_OK ||
           azattest__key_generate_ec("P-256", &p256, NULL) != AZATTEST_OK ||
           azattest__key_generate_ec("P-384", &p384, NULL) != AZATTEST_OK ||
           azattest__key_generate_ec("P-521", &p521, NULL) != AZATTEST_OK;
}

static int free_keys(void **state)
{
    (void)state;
    azattest__key_free(rsa);
    azattest__key_free(rsa_weak);
    azattest__key_free(p256);
    azattest__key_free(p384);
    azattest__key_free(p521);
    return 0;
}

static void an_rsa_key_is_taken_only_with_sane_numbers(void **state)
{
    static const unsigned char e1[] = { 1 }, e2[] = { 1, 0, 0 }, e0[] = { 0, 0 }, f4[] = { 1, 0, 1 },
                               e65[] = { 1, 0, 0, 0, 0, 0, 0, 0, 1 }, e64[] = { 0x80, 0, 0, 0, 0, 0, 0, 1 };
    unsigned char n[2200], zero[256] = { 0 };
    const struct {
        const char *name;
        azattest_bytes n, e;
        azattest_status status;
        const char *text;
    } cases[] = {
        { "2048 bits", { n, 256 }, { f4, 3 }, AZATTEST_OK, NULL },
        { "leading zero", { n + 1900, 257 }, { f4, 3 }, AZATTEST_OK, NULL },
        { "exponent of 64 bits", { n, 256 }, { e64, 8 }, AZATTEST_OK, NULL },
        { "1024 bits", { n, 128 }, { f4, 3 }, AZATTEST_OK, NULL },
        { "16384 bits", { n, 2048 }, { f4, 3 }, AZATTEST_OK, NULL },
        { "16392 bits", { n, 2049 }, { f4, 3 }, AZATTEST_E_LIMIT, "16384" },
        { "17600 bits", { n, 2200 }, { f4, 3 }, AZATTEST_E_LIMIT, "16384" },
        { "504 bits", { n, 63 }, { f4, 3 }, AZATTEST_E_MALFORMED, "at least 512 bits" },
        { "no modulus", { n, 0 }, { f4, 3 }, AZATTEST_E_MALFORMED, "modulus is zero" },
        { "modulus zero", { zero, 256 }, { f4, 3 }, AZATTEST_E_MALFORMED, "modulus is zero" },
        { "even modulus", { n, 255 }, { f4, 3 }, AZATTEST_E_MALFORMED, "must be odd" },
        { "no exponent", { n, 256 }, { f4, 0 }, AZATTEST_E_MALFORMED, "exponent is zero" },
        { "exponent zero", { n, 256 }, { e0, 2 }, AZATTEST_E_MALFORMED, "exponent is zero" },
        { "exponent one", { n, 256 }, { e1, 1 }, AZATTEST_E_MALFORMED, "above 1" },
        { "even exponent", { n, 256 }, { e2, 3 }, AZATTEST_E_MALFORMED, "must be odd" },
        { "exponent of 65 bits", { n, 256 }, { e65, 9 }, AZATTEST_E_MALFORMED, "at most 64 bits" },
    };

    (void)state;
    memset(n, 0xc3, sizeof(n)); /* odd wherever it is cut, but for the one place */
    n[254] = 0xc2;
    n[1900] = 0;
    for (size_t i = 0; i < COUNT(cases); i++) {
        azattest_error *error = NULL;
        azattest__key *key = NULL;

        print_message("%s\n", cases[i].name);
        expect(azattest__key_from_rsa(cases[i].n, cases[i].e, &key, &error), &error, cases[i].status, cases[i].text);
        assert_int_equal(key != NULL, cases[i].status == AZATTEST_OK);
        azattest__key_free(key);
    }
}

static void an_ec_key_is_taken_only_with_a_point_on_its_curve(void **state)
{
    azattest__buf x, y;
    unsigned char zero[66] = { 0 }, *off;

    (void)state;
    azattest__buf_init(&x, 66);
    azattest__buf_init(&y, 67);
    assert_int_equal(azattest__key_numbers(p256, &x, &y, NULL), AZATTEST_OK);
    assert_int_equal(x.len, 32);
    off = (unsigned char *)azattest__dup(y.ptr, y.len);
    off[31] ^= 1;
    azattest__buf_append(&y, "", 1);
    {
        const struct {
            const char *name, *curve;
            azattest_bytes x, y;
            azattest_status status;
            const char *text;
        } cases[] = {
            { "right", "P-256", { x.ptr, 32 }, { y.ptr, 32 }, AZATTEST_OK, NULL },
            { "off the curve", "P-256", { x.ptr, 32 }, { off, 32 }, AZATTEST_E_MALFORMED, "not on the curve P-256" },
            { "exchanged", "P-256", { y.ptr, 32 }, { x.ptr, 32 }, AZATTEST_E_MALFORMED, "not on the curve P-256" },
            { "origin", "P-256", { zero, 32 }, { zero, 32 }, AZATTEST_E_MALFORMED, "not on the curve P-256" },
            { "short x", "P-256", { x.ptr, 31 }, { y.ptr, 32 }, AZATTEST_E_MALFORMED, "31 and 32 bytes, P-256 has 32" },
            { "long y", "P-256", { x.ptr, 32 }, { y.ptr, 33 }, AZATTEST_E_MALFORMED, "32 and 33 bytes, P-256 has 32" },
            { "empty", "P-256", { NULL, 0 }, { NULL, 0 }, AZATTEST_E_MALFORMED, "0 and 0 bytes" },
            { "other curve", "P-384", { x.ptr, 32 }, { y.ptr, 32 }, AZATTEST_E_MALFORMED, "P-384 has 48" },
            { "OpenSSL's name", "prime256v1", { x.ptr, 32 }, { y.ptr, 32 }, AZATTEST_E_UNSUPPORTED, "only P-256" },
            { "secp256k1", "secp256k1", { x.ptr, 32 }, { y.ptr, 32 }, AZATTEST_E_UNSUPPORTED, "only P-256" },
            { "no name", "", { x.ptr, 32 }, { y.ptr, 32 }, AZATTEST_E_UNSUPPORTED, "only P-256" },
        };

        for (size_t i = 0; i < COUNT(cases); i++) {
            azattest_error *error = NULL;
            azattest__key *key = NULL;

            print_message("%s\n", cases[i].name);
            expect(azattest__key_from_ec(cases[i].curve, cases[i].x, cases[i].y, &key, &error), &error, cases[i].status,
                   cases[i].text);
            if (cases[i].status == AZATTEST_OK)
                assert_true(azattest__key_equal(key, p256));
            azattest__key_free(key);
        }
    }
    free(off);
    azattest__buf_free(&x);
    azattest__buf_free(&y);
}

static void a_key_comes_back_from_every_form(void **state)
{
    azattest__key *keys[] = { rsa, rsa_weak, p256, p384, p521 };
    azattest__buf der, pem, private_pem, a, b;

    (void)state;
    azattest__buf_init(&der, 65536);
    azattest__buf_init(&pem, 65536);
    azattest__buf_init(&private_pem, 65536);
    azattest__buf_init(&a, 65536);
    azattest__buf_init(&b, 65536);
    for (size_t i = 0; i < COUNT(keys); i++) {
        azattest__key *from_der, *from_numbers, *from_private;
        azattest_error *error = NULL;
        bool is_rsa = strcmp(azattest__key_type(keys[i]), "RSA") == 0;

        assert_int_equal(azattest__key_public_der(keys[i], &der, NULL), AZATTEST_OK);
        assert_int_equal(azattest__key_public_pem(keys[i], &pem, NULL), AZATTEST_OK);
        assert_int_equal(azattest__key_private_pem(keys[i], &private_pem, NULL), AZATTEST_OK);
        assert_int_equal(azattest__key_numbers(keys[i], &a, &b, NULL), AZATTEST_OK);
        assert_int_equal(azattest__key_from_public_der(azattest__buf_bytes(&der), &from_der, NULL), AZATTEST_OK);
        assert_int_equal(azattest__key_from_private_pem(azattest__buf_bytes(&private_pem), &from_private, NULL), 0);
        assert_int_equal(
            is_rsa ? azattest__key_from_rsa(azattest__buf_bytes(&a), azattest__buf_bytes(&b), &from_numbers, NULL)
                   : azattest__key_from_ec(azattest__key_curve(keys[i]), azattest__buf_bytes(&a),
                                           azattest__buf_bytes(&b), &from_numbers, NULL),
            AZATTEST_OK);
        assert_true(azattest__key_equal(keys[i], from_der));
        assert_true(azattest__key_equal(from_der, from_numbers));
        assert_true(azattest__key_equal(from_private, from_numbers));
        assert_int_equal(azattest__key_bits(from_der), azattest__key_bits(keys[i]));
        for (size_t j = 0; j < COUNT(keys); j++)
            assert_int_equal(azattest__key_equal(keys[i], keys[j]), i == j);
        assert_true(azattest__key_private_pem(from_der, &private_pem, NULL) == AZATTEST_E_CRYPTO);
        azattest__key_free(from_der);
        for (size_t len = 0; len < der.len; len++) /* no shorter text is a key */
            assert_true(azattest__key_from_public_der(azattest__bytes(der.ptr, len), &from_der, NULL) != AZATTEST_OK);
        azattest__buf_append(&der, "", 1);
        expect(azattest__key_from_public_der(azattest__buf_bytes(&der), &from_der, &error), &error,
               AZATTEST_E_MALFORMED, "behind");
        azattest__key_free(from_numbers);
        azattest__key_free(from_private);
        azattest__buf_free(&der);
        azattest__buf_free(&pem);
        azattest__buf_free(&private_pem);
        azattest__buf_free(&a);
        azattest__buf_free(&b);
    }
}

static void the_public_pem_is_what_openssl_writes(void **state)
{
    azattest__key *keys[] = { rsa, rsa_weak, p256, p384, p521 };

    (void)state;
    for (size_t i = 0; i < COUNT(keys); i++) {
        azattest__buf pem, private_pem;
        BIO *bio = BIO_new(BIO_s_mem());
        EVP_PKEY *pkey;
        char *text;
        long len;

        azattest__buf_init(&pem, 65536);
        azattest__buf_init(&private_pem, 65536);
        assert_int_equal(azattest__key_public_pem(keys[i], &pem, NULL), AZATTEST_OK);
        assert_int_equal(azattest__key_private_pem(keys[i], &private_pem, NULL), AZATTEST_OK);
        BIO_write(bio, private_pem.ptr, (int)private_pem.len);
        pkey = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);
        assert_non_null(pkey);
        (void)BIO_reset(bio);
        assert_int_equal(PEM_write_bio_PUBKEY(bio, pkey), 1);
        len = BIO_get_mem_data(bio, &text);
        assert_int_equal(len, pem.len);
        assert_memory_equal(text, pem.ptr, pem.len);
        EVP_PKEY_free(pkey);
        BIO_free(bio);
        azattest__buf_free(&private_pem);
        azattest__buf_free(&pem);
    }
}

/* Public keys as DER, in hexadecimal, that must not be taken. */
static void foreign_public_keys_are_refused(void **state)
{
    static const struct {
        const char *name, *hex;
        azattest_status status;
        const char *text;
    } cases[] = {
        { "Ed25519", "302a300506032b65700321003b6a27bcceb6a42d62a3a8d02a6f0d73653215771de243a63ac048a18b59da29",
          AZATTEST_E_UNSUPPORTED, "only RSA and EC" },
        { "secp256k1",
          "3056301006072a8648ce3d020106052b8104000a0342000479be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f8"
          "1798483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8",
          AZATTEST_E_UNSUPPORTED, "only P-256" },
        { "P-256, the point at infinity", "3019301306072a8648ce3d020106082a8648ce3d03010703020000",
          AZATTEST_E_MALFORMED, "at infinity" },
        { "P-256, off the curve",
          "3059301306072a8648ce3d020106082a8648ce3d030107034200046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a139"
          "45d898c2964fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f6",
          AZATTEST_E_MALFORMED, "not a SubjectPublicKeyInfo" },
        { "text", "68656c6c6f", AZATTEST_E_MALFORMED, "not a SubjectPublicKeyInfo" },
        { "nothing", "", AZATTEST_E_MALFORMED, "not a SubjectPublicKeyInfo" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        azattest_error *error = NULL;
        azattest__key *key = NULL;
        azattest__buf der;

        print_message("%s\n", cases[i].name);
        azattest__buf_init(&der, 4096);
        assert_true(azattest__hex_decode(azattest__text(cases[i].hex), &der));
        expect(azattest__key_from_public_der(azattest__buf_bytes(&der), &key, &error), &error, cases[i].status,
               cases[i].text);
        assert_null(key);
        azattest__buf_free(&der);
    }
}

/* A curve that is written out may differ from its look-alike in one parameter (CVE-2020-0601). */
static void explicit_curve_parameters_are_refused(void **state)
{
    EVP_PKEY *pkey = EVP_EC_gen("P-256");
    unsigned char *der = NULL;
    azattest_error *error = NULL;
    azattest__key *key = NULL;
    int len;

    (void)state;
    assert_int_equal(EVP_PKEY_set_utf8_string_param(pkey, OSSL_PKEY_PARAM_EC_ENCODING, "explicit"), 1);
    len = i2d_PUBKEY(pkey, &der);
    assert_true(len > 200);
    expect(azattest__key_from_public_der(azattest__bytes(der, (size_t)len), &key, &error), &error,
           AZATTEST_E_UNSUPPORTED, "explicit curve parameters");
    OPENSSL_free(der);
    EVP_PKEY_free(pkey);
}

static void private_keys_that_cannot_be_read_are_refused(void **state)
{
    static const char *const texts[] = {
        "",
        "text",
        "-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----\n",
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIIBvTBXBgkqhkiG9w0BBQ0wSjApBgkqhkiG9w0BBQwwHAQI\n"
        "-----END ENCRYPTED PRIVATE KEY-----\n",
    };

    (void)state;
    for (size_t i = 0; i < COUNT(texts); i++) {
        azattest__key *key = NULL;

        assert_true(azattest__key_from_private_pem(azattest__text(texts[i]), &key, NULL) != AZATTEST_OK);
        assert_null(key);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_rsa_key_is_taken_only_with_sane_numbers),
        cmocka_unit_test(an_ec_key_is_taken_only_with_a_point_on_its_curve),
        cmocka_unit_test(a_key_comes_back_from_every_form),
        cmocka_unit_test(the_public_pem_is_what_openssl_writes),
        cmocka_unit_test(foreign_public_keys_are_refused),
        cmocka_unit_test(explicit_curve_parameters_are_refused),
        cmocka_unit_test(private_keys_that_cannot_be_read_are_refused),
    };

    return cmocka_run_group_tests_name("key", tests, make_keys, free_keys);
}
