/* The sealed answer to a guest: opened with the inner key or the private key, and by nothing that is not exactly so. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <azattest/secret.h>

#include "base/encoding.h"
#include "crypto/issue.h"
#include "expect.h"
#include "token/guest_answer.h"

#define TOKEN "eyJhbGciOiJub25lIn0.e30."

static azattest__key *key;
static azattest__buf sealed, pem;

static int setup(void **state)
{
    (void)state;
    azattest__buf_init(&sealed, 65536);
    azattest__buf_init(&pem, 65536);
    assert_int_equal(azattest__key_generate_rsa(2048, &key, NULL), AZATTEST_OK);
    assert_int_equal(azattest__key_private_pem(key, &pem, NULL), AZATTEST_OK);
    assert_int_equal(azattest__guest_answer_seal(key, azattest__text(TOKEN), &sealed, NULL), AZATTEST_OK);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    azattest__key_free(key);
    azattest__buf_free(&sealed);
    azattest__buf_free(&pem);
    return 0;
}

/* As a TPM does: what it is given, and what it gives. */
static void a_tpm_opens_it_in_two_steps(void **state)
{
    unsigned char *encrypted = NULL;
    azattest_error *error = NULL;
    azattest__buf inner;
    bool opened = false;
    char *token = NULL;
    size_t len = 0;

    (void)state;
    azattest__buf_init(&inner, 4096);
    expect(azattest_guest_answer_key(azattest__buf_bytes(&sealed), &encrypted, &len, &error), &error, AZATTEST_OK,
           NULL);
    assert_int_equal(len, 256);
    assert_int_equal(azattest__rsa_es_decrypt(key, azattest__bytes(encrypted, len), &inner, &opened, NULL),
                     AZATTEST_OK);
    assert_true(opened);
    assert_int_equal(inner.len, 32);
    expect(azattest_guest_answer_open(azattest__buf_bytes(&sealed), azattest__buf_bytes(&inner), &token, &error),
           &error, AZATTEST_OK, NULL);
    assert_string_equal(token, TOKEN);
    free(token);
    inner.ptr[0] ^= 1;
    expect(azattest_guest_answer_open(azattest__buf_bytes(&sealed), azattest__buf_bytes(&inner), &token, &error),
           &error, AZATTEST_E_SECRET, "another key, or changed");
    expect(azattest_guest_answer_open(azattest__buf_bytes(&sealed), azattest__bytes(inner.ptr, 16), &token, &error),
           &error, AZATTEST_E_SECRET, "16 bytes, expected 32");
    assert_null(token);
    free(encrypted);
    azattest__buf_free(&inner);
}

static void a_private_key_opens_it_in_one(void **state)
{
    azattest_error *error = NULL;
    azattest__key *ec = NULL;
    azattest__buf ec_pem;
    char *token = NULL;

    (void)state;
    azattest__buf_init(&ec_pem, 65536);
    assert_int_equal(azattest__key_generate_ec("P-256", &ec, NULL), AZATTEST_OK);
    assert_int_equal(azattest__key_private_pem(ec, &ec_pem, NULL), AZATTEST_OK);
    expect(azattest_guest_answer_open_with_key(azattest__buf_bytes(&sealed), azattest__buf_bytes(&pem), NULL, &token,
                                               &error),
           &error, AZATTEST_OK, NULL);
    assert_string_equal(token, TOKEN);
    free(token);
    expect(azattest_guest_answer_open_with_key(azattest__buf_bytes(&sealed), azattest__buf_bytes(&ec_pem), NULL, &token,
                                               &error),
           &error, AZATTEST_E_SECRET, "sealed to an RSA key");
    assert_null(token);
    azattest__buf_free(&ec_pem);
    azattest__key_free(ec);
}

/* A part of the document inside is replaced. */
static const struct bend_case {
    const char *name, *from, *to;
    azattest_status status;
    const char *message;
} bends[] = {
    { "another cipher", "\"AES\"", "\"DES\"", AZATTEST_E_UNSUPPORTED, "\"Cipher\" is not \"AES\"" },
    { "another mode", "ChainingModeGCM", "ChainingModeCBC", AZATTEST_E_UNSUPPORTED, "\"BlockMode\"" },
    { "another size of key", ":256,", ":128,", AZATTEST_E_UNSUPPORTED, "another size than 256 bits" },
    { "no inner key", "EncryptedInnerKey", "encryptedInnerKeys", AZATTEST_E_MALFORMED, "\"EncryptedInnerKey\"" },
    { "no IV", "\"Iv\"", "\"IV\"", AZATTEST_E_MALFORMED, "\"Iv\"" },
    { "a short IV", "\"Iv\":\"", "\"Iv\":\"AA==\",\"x\":\"", AZATTEST_E_UNSUPPORTED, "an IV of 1 bytes" },
    { "a short tag", "\"AuthenticationData\":\"", "\"AuthenticationData\":\"AAAA\",\"x\":\"", AZATTEST_E_MALFORMED,
      "has 3 bytes, expected 16" },
    { "no token", "\"Jwt\"", "\"jwt\"", AZATTEST_E_MALFORMED, "\"Jwt\"" },
    { "another token", "\"Jwt\":\"", "\"Jwt\":\"AAAA", AZATTEST_E_SECRET, "another key, or changed" },
    { "no JSON", "{", "[", AZATTEST_E_MALFORMED, "sealed answer: " },
};

static void a_bent_answer_does_not_open(void **state)
{
    const struct bend_case *test = *state;
    azattest__buf text, bent, encoded;
    azattest_error *error = NULL;
    char *token = NULL, *at;

    azattest__buf_init(&text, 65536);
    azattest__buf_init(&bent, 65536);
    azattest__buf_init(&encoded, 65536);
    assert_true(azattest__base64url_decode(azattest__buf_bytes(&sealed), &text));
    assert_non_null(at = strstr((char *)text.ptr, test->from));
    azattest__buf_append(&bent, text.ptr, (size_t)(at - (char *)text.ptr));
    azattest__buf_append_text(&bent, test->to);
    azattest__buf_append_text(&bent, at + strlen(test->from));
    azattest__base64url_encode(azattest__buf_bytes(&bent), &encoded);
    expect(azattest_guest_answer_open_with_key(azattest__buf_bytes(&encoded), azattest__buf_bytes(&pem), NULL, &token,
                                               &error),
           &error, test->status, test->message);
    assert_null(token);
    azattest__buf_free(&encoded);
    azattest__buf_free(&bent);
    azattest__buf_free(&text);
}

static void every_truncation_is_refused(void **state)
{
    char *token = NULL;

    (void)state;
    for (size_t len = 0; len < sealed.len; len += 7) {
        assert_int_not_equal(azattest_guest_answer_open_with_key(azattest__bytes(sealed.ptr, len),
                                                                 azattest__buf_bytes(&pem), NULL, &token, NULL),
                             AZATTEST_OK);
        assert_null(token);
    }
}

static void wrong_use_is_an_error(void **state)
{
    azattest_error *error = NULL;
    unsigned char *bytes = NULL;
    char *token = NULL;
    size_t len;

    (void)state;
    expect(azattest_guest_answer_key(azattest__buf_bytes(&sealed), NULL, &len, &error), &error, AZATTEST_E_ARGUMENT,
           "no place");
    expect(azattest_guest_answer_key(azattest__bytes(NULL, 0), &bytes, &len, &error), &error, AZATTEST_E_MALFORMED,
           "base64url");
    expect(azattest_guest_answer_open(azattest__buf_bytes(&sealed), azattest__bytes(NULL, 0), &token, &error), &error,
           AZATTEST_E_SECRET, "0 bytes");
    expect(azattest_guest_answer_open(azattest__buf_bytes(&sealed), azattest__bytes("", 0), NULL, &error), &error,
           AZATTEST_E_ARGUMENT, "no place");
    expect(azattest_guest_answer_open_with_key(azattest__buf_bytes(&sealed), azattest__bytes(NULL, 0), NULL, &token,
                                               &error),
           &error, AZATTEST_E_ARGUMENT, "no private key");
    assert_null(bytes);
    assert_null(token);
}

int main(void)
{
    static const struct CMUnitTest plain[] = {
        cmocka_unit_test(a_tpm_opens_it_in_two_steps),
        cmocka_unit_test(a_private_key_opens_it_in_one),
        cmocka_unit_test(every_truncation_is_refused),
        cmocka_unit_test(wrong_use_is_an_error),
    };
    static struct CMUnitTest tests[32];
    size_t count = 0;

    for (size_t i = 0; i < sizeof(bends) / sizeof(bends[0]); i++)
        tests[count++] =
            (struct CMUnitTest){ bends[i].name, a_bent_answer_does_not_open, NULL, NULL, (void *)(uintptr_t)&bends[i] };
    for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++)
        tests[count++] = plain[i];
    return _cmocka_run_group_tests("guest_answer", tests, count, setup, teardown);
}
