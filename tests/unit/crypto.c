/* Digests and signatures. */
#include <pthread.h>
#include <stdatomic.h>

#include "expect.h"

#include <openssl/ec.h>
#include <openssl/err.h>

#include <azattest/limits.h>

#include "base/encoding.h"
#include "crypto/issue.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static azattest__key *rsa, *rsa_other, *rsa_weak, *p256, *p384, *p521;

static int make_keys(void **state)
{
    (void)state;
    return azattest__key_generate_rsa(2048, &rsa, NULL) != AZATTEST_OK ||
           azattest__key_generate_rsa(2048, &rsa_other, NULL) != AZATTEST_OK ||
           azattest__key_generate_rsa(1024, &rsa_weak, NULL) != AZATTEST_OK ||
           azattest__key_generate_ec("P-256", &p256, NULL) != AZATTEST_OK ||
           azattest__key_generate_ec("P-384", &p384, NULL) != AZATTEST_OK ||
           azattest__key_generate_ec("P-521", &p521, NULL) != AZATTEST_OK;
}

static int free_keys(void **state)
{
    (void)state;
    azattest__key_free(rsa);
    azattest__key_free(rsa_other);
    azattest__key_free(rsa_weak);
    azattest__key_free(p256);
    azattest__key_free(p384);
    azattest__key_free(p521);
    return 0;
}

static azattest__key *key_for(azattest__alg alg)
{
    return alg == AZATTEST__ES256 ? p256 : alg == AZATTEST__ES384 ? p384 : alg == AZATTEST__ES512 ? p521 : rsa;
}

/* Digests. Source: FIPS 180-2 appendices, RFC 3174. */
static void digests_have_the_published_values(void **state)
{
    static const struct {
        azattest__hash hash;
        const char *hex;
    } cases[] = {
        { AZATTEST__SHA1, "a9993e364706816aba3e25717850c26c9cd0d89d" },
        { AZATTEST__SHA256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
        { AZATTEST__SHA384, "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed"
                            "8086072ba1e7cc2358baeca134c825a7" },
        { AZATTEST__SHA512, "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
                            "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        unsigned char out[AZATTEST__HASH_MAX];
        size_t len;
        azattest__buf hex;

        azattest__buf_init(&hex, 256);
        assert_int_equal(azattest__digest(cases[i].hash, azattest__text("abc"), out, &len, NULL), AZATTEST_OK);
        azattest__hex_encode(azattest__bytes(out, len), &hex);
        assert_string_equal(hex.ptr, cases[i].hex);
        azattest__buf_free(&hex);
    }
}

static void absent_data_has_the_digest_of_nothing(void **state)
{
    static const unsigned char start[] = { 0xe3, 0xb0, 0xc4, 0x42 };
    unsigned char out[AZATTEST__SHA256_SIZE];

    (void)state;
    assert_int_equal(azattest__sha256(azattest__bytes(NULL, 0), out, NULL), AZATTEST_OK);
    assert_memory_equal(out, start, sizeof(start));
}

static void random_bytes_differ(void **state)
{
    unsigned char a[32] = { 0 }, b[32] = { 0 };

    (void)state;
    assert_int_equal(azattest__random(a, sizeof(a), NULL), AZATTEST_OK);
    assert_int_equal(azattest__random(b, sizeof(b), NULL), AZATTEST_OK);
    assert_memory_not_equal(a, b, sizeof(a));
}

static void only_exact_algorithm_names_are_known(void **state)
{
    static const char *const unknown[] = { "none",   "None", "NONE", "HS256",  "HS384", "HS512", "rs256",
                                           "RS256 ", "",     "RS1",  "ES256K", "EdDSA", "RSA1_5" };

    (void)state;
    for (size_t i = 0; i < COUNT(unknown); i++)
        assert_int_equal(azattest__alg_from_name(unknown[i]), AZATTEST__ALG_UNKNOWN);
    assert_int_equal(azattest__alg_from_name(NULL), AZATTEST__ALG_UNKNOWN);
    assert_null(azattest__alg_name(AZATTEST__ALG_UNKNOWN));
    for (azattest__alg alg = AZATTEST__RS256; alg <= AZATTEST__ES512; alg++)
        assert_int_equal(azattest__alg_from_name(azattest__alg_name(alg)), alg);
}

/* Signatures. */
static bool verifies(const azattest__key *key, azattest__alg alg, azattest_bytes data, azattest_bytes signature)
{
    bool valid = true;

    assert_int_equal(azattest__key_verify(key, alg, data, signature, &valid, NULL), AZATTEST_OK);
    return valid;
}

static void each_algorithm_verifies_what_it_signed_and_nothing_else(void **state)
{
    static const unsigned char text[] = "signed text", other[] = "signed texT";
    azattest_bytes data = { text, sizeof(text) }, changed = { other, sizeof(other) };

    (void)state;
    for (azattest__alg alg = AZATTEST__RS256; alg <= AZATTEST__ES512; alg++) {
        azattest__key *key = key_for(alg);
        azattest__buf signature;

        azattest__buf_init(&signature, AZATTEST_LIMIT_SIGNATURE + 1);
        assert_int_equal(azattest__key_sign(key, alg, data, &signature, NULL), AZATTEST_OK);
        for (int again = 0; again < 2; again++) /* the second time with the kept context */
            assert_true(verifies(key, alg, data, azattest__buf_bytes(&signature)));
        assert_false(verifies(key, alg, changed, azattest__buf_bytes(&signature)));
        assert_false(verifies(key, alg, data, azattest__bytes(signature.ptr, 0)));
        for (size_t i = 0; i < signature.len; i++) {
            signature.ptr[i] ^= 1;
            assert_false(verifies(key, alg, data, azattest__buf_bytes(&signature)));
            signature.ptr[i] ^= 1;
            if (i % 16 == 0)
                assert_false(verifies(key, alg, data, azattest__bytes(signature.ptr, i)));
        }
        assert_true(verifies(key, alg, data, azattest__buf_bytes(&signature)));
        azattest__buf_append(&signature, "", 1);
        assert_false(verifies(key, alg, data, azattest__buf_bytes(&signature)));
        azattest__buf_free(&signature);
    }
}

static void a_signature_of_one_algorithm_does_not_verify_as_another(void **state)
{
    azattest_bytes data = azattest__text("text");

    (void)state;
    for (azattest__alg made = AZATTEST__RS256; made <= AZATTEST__PS512; made++) {
        azattest__buf signature;

        azattest__buf_init(&signature, AZATTEST_LIMIT_SIGNATURE);
        assert_int_equal(azattest__key_sign(rsa, made, data, &signature, NULL), AZATTEST_OK);
        for (azattest__alg alg = AZATTEST__RS256; alg <= AZATTEST__PS512; alg++)
            assert_int_equal(verifies(rsa, alg, data, azattest__buf_bytes(&signature)), alg == made);
        assert_false(verifies(rsa_other, made, data, azattest__buf_bytes(&signature)));
        azattest__buf_free(&signature);
    }
}

static void keys_fit_only_their_own_algorithms(void **state)
{
    const struct {
        const azattest__key *key;
        azattest__alg alg;
        const char *text; /* NULL: fits */
    } cases[] = {
        { rsa, AZATTEST__RS256, NULL },
        { rsa, AZATTEST__PS512, NULL },
        { p256, AZATTEST__ES256, NULL },
        { p384, AZATTEST__ES384, NULL },
        { p521, AZATTEST__ES512, NULL },
        { rsa, AZATTEST__ES256, "ES256 needs an EC key on P-256, the key is RSA" },
        { p256, AZATTEST__RS256, "RS256 needs an RSA key, the key is EC on P-256" },
        { p384, AZATTEST__ES256, "ES256 needs an EC key on P-256, the key is EC on P-384" },
        { p256, AZATTEST__ES512, "ES512 needs an EC key on P-521, the key is EC on P-256" },
        { rsa_weak, AZATTEST__RS256, "at least 2048 bits, the key has 1024" },
        { rsa_weak, AZATTEST__PS256, "at least 2048 bits, the key has 1024" },
        { rsa, AZATTEST__ALG_UNKNOWN, "unknown signature algorithm" },
        { p256, (azattest__alg)99, "unknown signature algorithm" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        azattest_status status = cases[i].text == NULL ? AZATTEST_OK : AZATTEST_E_TOKEN_KEY_UNFIT;
        azattest_error *error = NULL;
        azattest__buf out;
        bool valid = true;

        expect(azattest__key_fits(cases[i].key, cases[i].alg, &error), &error, status, cases[i].text);
        if (status == AZATTEST_OK)
            continue;
        error = NULL;
        azattest__buf_init(&out, 4096);
        expect(
            azattest__key_verify(cases[i].key, cases[i].alg, azattest__text("x"), azattest__text("y"), &valid, &error),
            &error, status, cases[i].text);
        assert_false(valid);
        assert_int_equal(azattest__key_sign(cases[i].key, cases[i].alg, azattest__text("x"), &out, NULL), status);
        azattest__buf_free(&out);
    }
}

/* Order of P-256 and two neighbours. Source: SEC 2, section 2.4.2. */
static const unsigned char order[32] = { 0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff,
                                         0xff, 0xff, 0xff, 0xff, 0xff, 0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17,
                                         0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51 };

/* Each of r and s is one of: 0, n, n + 1, all ones, 1, n - 1, or its own right value. */
static void ecdsa_numbers_out_of_range_are_never_valid(void **state)
{
    enum { ZERO, N, N_PLUS_1, ONES, ONE, N_MINUS_1, RIGHT, KINDS };
    azattest_bytes data = azattest__text("text");
    unsigned char values[KINDS][32] = { { 0 } }, raw[64];
    azattest__buf signature;

    (void)state;
    azattest__buf_init(&signature, 64);
    assert_int_equal(azattest__key_sign(p256, AZATTEST__ES256, data, &signature, NULL), AZATTEST_OK);
    memcpy(values[N], order, 32);
    memcpy(values[N_PLUS_1], order, 32);
    values[N_PLUS_1][31]++;
    memset(values[ONES], 0xff, 32);
    values[ONE][31] = 1;
    memcpy(values[N_MINUS_1], order, 32);
    values[N_MINUS_1][31]--;
    for (int r = 0; r < KINDS; r++)
        for (int s = 0; s < KINDS; s++) {
            memcpy(raw, r == RIGHT ? signature.ptr : values[r], 32);
            memcpy(raw + 32, s == RIGHT ? signature.ptr + 32 : values[s], 32);
            assert_int_equal(verifies(p256, AZATTEST__ES256, data, azattest__bytes(raw, 64)), r == RIGHT && s == RIGHT);
        }
    azattest__buf_free(&signature);
}

/* (r, n - s) is as right as (r, s): RFC 7518 asks for no particular one, so nothing may rest on a signature's bytes. */
static void ecdsa_high_s_is_as_valid_as_low_s(void **state)
{
    azattest_bytes data = azattest__text("text");
    azattest__buf signature;
    int borrow = 0;

    (void)state;
    azattest__buf_init(&signature, 64);
    assert_int_equal(azattest__key_sign(p256, AZATTEST__ES256, data, &signature, NULL), AZATTEST_OK);
    for (int i = 31; i >= 0; i--) {
        int digit = order[i] - signature.ptr[32 + i] - borrow;

        borrow = digit < 0;
        signature.ptr[32 + i] = (unsigned char)(digit + (borrow ? 256 : 0));
    }
    assert_true(verifies(p256, AZATTEST__ES256, data, azattest__buf_bytes(&signature)));
    azattest__buf_free(&signature);
}

static void an_ecdsa_signature_in_der_is_refused(void **state)
{
    azattest_bytes data = azattest__text("text");
    azattest__buf signature;
    unsigned char *der = NULL;
    const unsigned char *raw;
    ECDSA_SIG *pair = ECDSA_SIG_new();
    int len;

    (void)state;
    azattest__buf_init(&signature, 64);
    assert_int_equal(azattest__key_sign(p256, AZATTEST__ES256, data, &signature, NULL), AZATTEST_OK);
    raw = signature.ptr;
    ECDSA_SIG_set0(pair, BN_bin2bn(raw, 32, NULL), BN_bin2bn(raw + 32, 32, NULL));
    len = i2d_ECDSA_SIG(pair, &der);
    assert_true(len > 0);
    assert_false(verifies(p256, AZATTEST__ES256, data, azattest__bytes(der, (size_t)len)));
    OPENSSL_free(der);
    ECDSA_SIG_free(pair);
    azattest__buf_free(&signature);
}

/* Many threads with one key that no context was prepared for yet. */
static atomic_int failures;
static azattest__buf shared_signature;

static void *verify_often(void *key)
{
    for (int i = 0; i < 200; i++) {
        bool valid = false;

        if (azattest__key_verify(key, AZATTEST__PS256, azattest__text("text"), azattest__buf_bytes(&shared_signature),
                                 &valid, NULL) != AZATTEST_OK ||
            !valid)
            atomic_fetch_add(&failures, 1);
    }
    return NULL;
}

static void many_threads_may_verify_with_one_key(void **state)
{
    pthread_t threads[8];
    azattest__buf n, e;
    azattest__key *fresh;

    (void)state;
    azattest__buf_init(&shared_signature, AZATTEST_LIMIT_SIGNATURE);
    azattest__buf_init(&n, AZATTEST_LIMIT_SIGNATURE);
    azattest__buf_init(&e, AZATTEST_LIMIT_SIGNATURE);
    assert_int_equal(azattest__key_sign(rsa, AZATTEST__PS256, azattest__text("text"), &shared_signature, NULL), 0);
    assert_int_equal(azattest__key_numbers(rsa, &n, &e, NULL), AZATTEST_OK);
    assert_int_equal(azattest__key_from_rsa(azattest__buf_bytes(&n), azattest__buf_bytes(&e), &fresh, NULL), 0);
    for (size_t i = 0; i < COUNT(threads); i++)
        assert_int_equal(pthread_create(&threads[i], NULL, verify_often, fresh), 0);
    for (size_t i = 0; i < COUNT(threads); i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(failures, 0);
    azattest__key_free(fresh);
    azattest__buf_free(&n);
    azattest__buf_free(&e);
    azattest__buf_free(&shared_signature);
}

/* A host that looks at its own errors must find them, and nothing of ours. */
static void the_error_queue_is_left_as_it_was(void **state)
{
    azattest__key *key = NULL;
    azattest__cert *cert = NULL;
    azattest__buf out;
    bool valid;

    (void)state;
    azattest__buf_init(&out, 4096);
    for (int pending = 0; pending < 2; pending++) {
        ERR_clear_error();
        if (pending)
            ERR_raise(ERR_LIB_USER, 42);
        assert_true(azattest__cert_parse(azattest__text("text"), &cert, NULL) != AZATTEST_OK);
        assert_true(azattest__key_from_public_der(azattest__text("text"), &key, NULL) != AZATTEST_OK);
        assert_true(azattest__key_from_private_pem(azattest__text("text"), &key, NULL) != AZATTEST_OK);
        assert_int_equal(
            azattest__key_verify(rsa, AZATTEST__RS256, azattest__text("a"), azattest__text("b"), &valid, NULL),
            AZATTEST_OK);
        assert_int_equal(azattest__key_sign(p256, AZATTEST__ES256, azattest__text("a"), &out, NULL), AZATTEST_OK);
        assert_int_equal(ERR_GET_REASON(ERR_get_error()), pending ? 42 : 0);
        assert_int_equal(ERR_get_error(), 0);
    }
    azattest__buf_free(&out);
}

static void free_accepts_nothing(void **state)
{
    (void)state;
    azattest__key_free(NULL);
    azattest__cert_free(NULL);
    assert_null(azattest__key_ref(NULL));
    assert_null(azattest__cert_ref(NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(digests_have_the_published_values),
        cmocka_unit_test(absent_data_has_the_digest_of_nothing),
        cmocka_unit_test(random_bytes_differ),
        cmocka_unit_test(only_exact_algorithm_names_are_known),
        cmocka_unit_test(each_algorithm_verifies_what_it_signed_and_nothing_else),
        cmocka_unit_test(a_signature_of_one_algorithm_does_not_verify_as_another),
        cmocka_unit_test(keys_fit_only_their_own_algorithms),
        cmocka_unit_test(ecdsa_numbers_out_of_range_are_never_valid),
        cmocka_unit_test(ecdsa_high_s_is_as_valid_as_low_s),
        cmocka_unit_test(an_ecdsa_signature_in_der_is_refused),
        cmocka_unit_test(many_threads_may_verify_with_one_key),
        cmocka_unit_test(the_error_queue_is_left_as_it_was),
        cmocka_unit_test(free_accepts_nothing),
    };

    return cmocka_run_group_tests_name("crypto", tests, make_keys, free_keys);
}
