/*
 * The published test vectors of Project Wycheproof: signatures, JSON Web Signatures and JSON Web Keys. Every case is
 * run; what is refused although it is marked valid is named here with its reason.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include <azattest/limits.h>

#include "base/encoding.h"
#include "evidence.h"
#include "jose/signer.h"

/* What a file holds, counted while it is run; compared with the numbers in the folder's README. */
typedef struct tally {
    size_t cases, valid, accepted, wrong;
} tally;

static azattest__json *load(const char *name)
{
    azattest__json *document = NULL;
    azattest_error *error = NULL;
    char path[128];
    size_t len;
    unsigned char *text;

    snprintf(path, sizeof(path), "wycheproof/%s", name);
    text = evidence_read(path, &len);
    if (azattest__json_parse(azattest__bytes(text, len), &document, &error) != AZATTEST_OK)
        fail_msg("%s: %s", name, azattest_error_message(error));
    free(text);
    return document;
}

static void decode_hex(const azattest__json *object, const char *name, azattest__buf *out)
{
    const char *text = azattest__json_get_string(object, name);

    azattest__buf_init(out, 65536);
    if (text == NULL || !azattest__hex_decode(azattest__text(text), out))
        fail_msg("\"%s\" is not hexadecimal", name);
}

static void count(tally *sum, const azattest__json *test, bool expected, bool accepted)
{
    int64_t id = 0;

    sum->cases++;
    sum->valid += strcmp(azattest__json_get_string(test, "result"), "valid") == 0;
    sum->accepted += accepted;
    if (accepted == expected)
        return;
    sum->wrong++;
    (void)azattest__json_integer(azattest__json_get(test, "tcId"), &id);
    print_error("case %d (%s): %s\n", (int)id, azattest__json_get_string(test, "comment"),
                accepted ? "accepted" : "refused");
}

/* Raw signatures: a key in DER for each group, message and signature in hexadecimal. */
static tally run_signatures(const char *name, azattest__alg alg)
{
    azattest__json *document = load(name);
    const azattest__json *group, *test;
    tally sum = { 0, 0, 0, 0 };

    group = azattest__json_first(azattest__json_get(document, "testGroups"));
    for (; group != NULL; group = azattest__json_next(group)) {
        azattest__key *key = NULL;
        azattest__buf der;

        decode_hex(group, "publicKeyDer", &der);
        assert_int_equal(azattest__key_from_public_der(azattest__buf_bytes(&der), &key, NULL), AZATTEST_OK);
        azattest__buf_free(&der);
        test = azattest__json_first(azattest__json_get(group, "tests"));
        for (; test != NULL; test = azattest__json_next(test)) {
            azattest__buf message, signature;
            bool valid = false;

            decode_hex(test, "msg", &message);
            decode_hex(test, "sig", &signature);
            assert_int_equal(azattest__key_verify(key, alg, azattest__buf_bytes(&message),
                                                  azattest__buf_bytes(&signature), &valid, NULL),
                             AZATTEST_OK);
            /* The one "acceptable" case leaves out what RFC 8017 section 9.2 asks for, so it is not accepted. */
            count(&sum, test, strcmp(azattest__json_get_string(test, "result"), "valid") == 0, valid);
            azattest__buf_free(&message);
            azattest__buf_free(&signature);
        }
        azattest__key_free(key);
    }
    azattest__json_free(document);
    return sum;
}

static void expect(tally got, size_t cases, size_t valid, size_t accepted)
{
    assert_int_equal(got.wrong, 0);
    assert_int_equal(got.cases, cases);
    assert_int_equal(got.valid, valid);
    assert_int_equal(got.accepted, accepted);
}

static void ecdsa_p256(void **state)
{
    (void)state;
    EVIDENCE_OR_SKIP();
    expect(run_signatures("ecdsa_secp256r1_sha256_p1363_test.json", AZATTEST__ES256), 262, 173, 173);
}

static void rsa_pkcs1(void **state)
{
    (void)state;
    EVIDENCE_OR_SKIP();
    expect(run_signatures("rsa_signature_2048_sha256_test.json", AZATTEST__RS256), 259, 9, 9);
}

static void rsa_pss(void **state)
{
    (void)state;
    EVIDENCE_OR_SKIP();
    expect(run_signatures("rsa_pss_2048_sha256_mgf1_32_test.json", AZATTEST__PS256), 108, 63, 63);
}

/* Takes a token apart. Most bodies of the vectors are plain text, which our parser refuses: then header and signature,
 * which it looks at before, are still checked as they stand. */
static bool take_apart(azattest_bytes text, azattest_bytes *signed_elements, azattest__buf *header,
                       azattest__buf *signature)
{
    const char *start = text.ptr, *first, *last;
    azattest_error *error = NULL;
    azattest__jws jws;
    bool good = azattest__jws_parse(text, &jws, &error) == AZATTEST_OK ||
                (strncmp(azattest_error_message(error), "token body: ", 12) == 0 &&
                 strstr(azattest_error_message(error), "base64url") == NULL);

    azattest_error_free(error);
    azattest__jws_clear(&jws);
    if (!good)
        return false;
    first = memchr(start, '.', text.len);
    last = memrchr(start, '.', text.len);
    *signed_elements = azattest__bytes(start, (size_t)(last - start));
    return azattest__base64url_decode(azattest__bytes(start, (size_t)(first - start)), header) &&
           azattest__base64url_decode(azattest__bytes(last + 1, text.len - (size_t)(last + 1 - start)), signature);
}

static bool accepts_with(const azattest_signer *signer, azattest_bytes text)
{
    azattest_bytes elements, name;
    azattest__buf header, signature, alg_text;
    azattest__alg alg;
    bool valid = false;

    azattest__buf_init(&header, AZATTEST_LIMIT_TOKEN_HEADER);
    azattest__buf_init(&signature, AZATTEST_LIMIT_SIGNATURE);
    azattest__buf_init(&alg_text, 64);
    if (signer->key != NULL && take_apart(text, &elements, &header, &signature)) {
        name = azattest__json_find(azattest__buf_bytes(&header), "alg");
        if (name.ptr != NULL && azattest__json_unescape(name, &alg_text)) {
            alg = azattest__alg_from_name((const char *)alg_text.ptr);
            if (azattest__signer_fits(signer, alg, NULL) == AZATTEST_OK)
                assert_int_equal(
                    azattest__key_verify(signer->key, alg, elements, azattest__buf_bytes(&signature), &valid, NULL),
                    AZATTEST_OK);
        }
    }
    azattest__buf_free(&header);
    azattest__buf_free(&signature);
    azattest__buf_free(&alg_text);
    return valid;
}

/* Accepted with any key of the group; a private key of a group without a public one is a secret for HMAC. */
static bool accepts(const azattest__json *group, azattest_bytes text)
{
    const azattest__json *given = azattest__json_get(group, "public"), *keys, *jwk;
    bool accepted = false;

    if (given == NULL)
        given = azattest__json_get(group, "private");
    keys = azattest__json_get(given, "keys");
    for (jwk = keys == NULL ? given : azattest__json_first(keys); jwk != NULL;
         jwk = keys == NULL ? NULL : azattest__json_next(jwk)) {
        azattest_signer *signer = NULL;

        assert_int_equal(azattest__signer_from_jwk(jwk, &signer, NULL), AZATTEST_OK);
        accepted = accepted || accepts_with(signer, text);
        azattest_signer_free(signer);
    }
    return accepted;
}

/* Valid, and refused all the same: HMAC and encryption are none of ours; and a key whose own `alg` is not the token's
 * (RFC 7520's figures 20 and 27, put together with a key for PS256 and one for the unknown "ES521") is not used. */
static bool is_ours(const azattest__json *group, const azattest__json *test)
{
    const azattest__json *key = azattest__json_get(group, "public");
    const char *comment = azattest__json_get_string(test, "comment");

    return key != NULL && azattest__json_get(test, "jwe") == NULL && strcmp(comment, "Figure20") != 0 &&
           strcmp(comment, "Figure27") != 0;
}

static tally run_tokens(const char *name)
{
    azattest__json *document = load(name);
    const azattest__json *group, *test, *token;
    tally sum = { 0, 0, 0, 0 };

    group = azattest__json_first(azattest__json_get(document, "testGroups"));
    for (; group != NULL; group = azattest__json_next(group)) {
        test = azattest__json_first(azattest__json_get(group, "tests"));
        for (; test != NULL; test = azattest__json_next(test)) {
            bool valid = strcmp(azattest__json_get_string(test, "result"), "valid") == 0;
            azattest__buf text;

            azattest__buf_init(&text, AZATTEST_LIMIT_TOKEN);
            token = azattest__json_get(test, "jws");
            if (token == NULL)
                token = azattest__json_get(test, "jwe");
            assert_non_null(token);
            if (azattest__json_is_string(token))
                azattest__buf_append_text(&text, azattest__json_string(token));
            else /* the JSON serialization */
                assert_int_equal(azattest__json_print(token, false, &text, NULL), AZATTEST_OK);
            count(&sum, test, valid && is_ours(group, test), accepts(group, azattest__buf_bytes(&text)));
            azattest__buf_free(&text);
        }
    }
    azattest__json_free(document);
    return sum;
}

static void json_web_signatures(void **state)
{
    (void)state;
    EVIDENCE_OR_SKIP();
    expect(run_tokens("json_web_signature_test.json"), 401, 46, 32);
}

static void json_web_keys(void **state)
{
    (void)state;
    EVIDENCE_OR_SKIP();
    expect(run_tokens("json_web_key_test.json"), 26, 5, 1);
}

static void json_web_crypto(void **state)
{
    (void)state;
    EVIDENCE_OR_SKIP();
    expect(run_tokens("json_web_crypto_test.json"), 83, 6, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ecdsa_p256),          cmocka_unit_test(rsa_pkcs1),     cmocka_unit_test(rsa_pss),
        cmocka_unit_test(json_web_signatures), cmocka_unit_test(json_web_keys), cmocka_unit_test(json_web_crypto),
    };

    return cmocka_run_group_tests_name("wycheproof", tests, NULL, NULL);
}
