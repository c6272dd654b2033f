/* Secure key release: key derivation, sealing and opening, whose key is taken, and what the opener refuses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <azattest/azattest.h>

#include "base/encoding.h"
#include "expect.h"
#include "jose/jwe.h"
#include "tokens.h"

#define SECRET "the combination is 1234"

/* RFC 7518 appendix C. */
static void derives_the_key_of_the_published_vector(void **state)
{
    static const unsigned char shared[] = { 158, 86,  217, 29,  129, 113, 53,  211, 114, 131, 66,
                                            131, 191, 132, 38,  156, 251, 49,  110, 163, 218, 128,
                                            106, 72,  246, 218, 167, 121, 140, 254, 144, 196 };
    unsigned char key[16];
    azattest__buf text;

    (void)state;
    assert_int_equal(azattest__concat_kdf(azattest__bytes(shared, sizeof(shared)), "A128GCM", azattest__text("Alice"),
                                          azattest__text("Bob"), key, sizeof(key), NULL),
                     AZATTEST_OK);
    azattest__buf_init(&text, 64);
    azattest__base64url_encode(azattest__bytes(key, sizeof(key)), &text);
    assert_string_equal((const char *)text.ptr, "VqqN6vgjbSBcIijNcacQGg");
    azattest__buf_free(&text);
}

/* ---- keys of the run: pairs as text ---- */

typedef struct pair {
    const char *name;
    azattest__key *key;
    char *private_pem, *public_pem, *jwk; /* jwk: the members inside the braces */
} pair;
enum { RSA, OTHER_RSA, P256, P384, P521, PAIRS };
static pair pairs[PAIRS] = {
    { .name = "RSA" }, { .name = "another RSA" }, { .name = "P-256" }, { .name = "P-384" }, { .name = "P-521" }
};

static char *text_of(azattest__buf *buf)
{
    return (char *)azattest__buf_take(buf, NULL);
}

static void pair_make(pair *out, azattest__key *key)
{
    azattest__json *jwk = NULL;
    azattest__buf text;

    out->key = key;
    azattest__buf_init(&text, 65536);
    assert_int_equal(azattest__key_private_pem(key, &text, NULL), AZATTEST_OK);
    out->private_pem = text_of(&text);
    assert_int_equal(azattest__key_public_pem(key, &text, NULL), AZATTEST_OK);
    out->public_pem = text_of(&text);
    assert_int_equal(azattest__jwk_from_key(key, &jwk, NULL), AZATTEST_OK);
    assert_int_equal(azattest__json_print(jwk, false, &text, NULL), AZATTEST_OK);
    out->jwk = text_of(&text);
    out->jwk[strlen(out->jwk) - 1] = '\0';
    memmove(out->jwk, out->jwk + 1, strlen(out->jwk));
    azattest__json_free(jwk);
}

static int set_up(void **state)
{
    azattest__key *p521 = NULL;

    (void)state;
    assert_int_equal(azattest__key_generate_ec("P-521", &p521, NULL), AZATTEST_OK);
    pair_make(&pairs[RSA], azattest__key_ref(tokens_keys()->rsa));
    pair_make(&pairs[OTHER_RSA], azattest__key_ref(tokens_keys()->other_rsa));
    pair_make(&pairs[P256], azattest__key_ref(tokens_keys()->p256));
    pair_make(&pairs[P384], azattest__key_ref(tokens_keys()->p384));
    pair_make(&pairs[P521], p521);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    for (size_t i = 0; i < PAIRS; i++) {
        azattest__key_free(pairs[i].key);
        free(pairs[i].private_pem);
        free(pairs[i].public_pem);
        free(pairs[i].jwk);
    }
    tokens_keys_free();
    return 0;
}

/* "%0" ... "%4" in a text become the members of that key, "%p0" ... its PEM with escaped line ends. */
static char *filled(const char *format)
{
    azattest__buf out;

    azattest__buf_init(&out, 65536);
    for (const char *p = format; *p != '\0'; p++) {
        if (*p == '%' && p[1] >= '0' && p[1] < '0' + PAIRS)
            azattest__buf_append_text(&out, pairs[*++p - '0'].jwk);
        else
            azattest__buf_append(&out, p, 1);
    }
    return text_of(&out);
}

static azattest_bytes bytes_of(const char *text)
{
    return azattest__text(text);
}

static char *seal(const pair *to)
{
    char *sealed = NULL;
    size_t len = 0;

    assert_int_equal(azattest_secret_seal(bytes_of(to->public_pem), NULL, bytes_of(SECRET), &sealed, &len, NULL),
                     AZATTEST_OK);
    assert_int_equal(len, strlen(sealed));
    return sealed;
}

static void opens_to(const pair *with, const char *sealed, const char *expected)
{
    char *secret = NULL;
    size_t len = 0;

    assert_int_equal(azattest_secret_open(bytes_of(with->private_pem), NULL, bytes_of(sealed), &secret, &len, NULL),
                     AZATTEST_OK);
    assert_int_equal(len, strlen(expected));
    assert_string_equal(secret, expected);
    azattest_secret_free(secret, len);
}

static azattest_status open_status(const pair *with, azattest_bytes sealed, azattest_error **error)
{
    char *secret = (char *)1;
    size_t len = 1;
    azattest_status status = azattest_secret_open(bytes_of(with->private_pem), NULL, sealed, &secret, &len, error);

    if (status != AZATTEST_OK) {
        assert_null(secret);
        assert_int_equal(len, 0);
    }
    azattest_secret_free(status == AZATTEST_OK ? secret : NULL, len);
    return status;
}

static void seals_and_opens_with_each_kind_of_key(void **state)
{
    azattest_error *error = NULL;

    (void)state;
    for (size_t i = 0; i < PAIRS; i++) {
        char *sealed = seal(&pairs[i]), *again = seal(&pairs[i]);

        assert_string_not_equal(sealed, again); /* fresh key, fresh IV */
        assert_null(strstr(sealed, SECRET));
        opens_to(&pairs[i], sealed, SECRET);
        for (size_t j = 0; j < PAIRS; j++)
            if (j != i)
                expect(open_status(&pairs[j], bytes_of(sealed), &error), &error, AZATTEST_E_SECRET, "sealed secret");
        azattest_free(sealed);
        azattest_free(again);
    }
}

/* ---- tampering ---- */

static void any_changed_character_is_refused(void **state)
{
    static const int kinds[] = { RSA, P256 };

    (void)state;
    for (size_t k = 0; k < 2; k++) {
        char *sealed = seal(&pairs[kinds[k]]);
        size_t len = strlen(sealed);

        for (size_t i = 0; i < len; i++) {
            char kept = sealed[i];

            sealed[i] = kept == 'A' ? 'B' : 'A';
            assert_int_not_equal(open_status(&pairs[kinds[k]], azattest__bytes(sealed, len), NULL), AZATTEST_OK);
            sealed[i] = kept;
        }
        opens_to(&pairs[kinds[k]], sealed, SECRET);
        azattest_free(sealed);
    }
}

static void any_cut_is_refused(void **state)
{
    static const int kinds[] = { RSA, P256 };

    (void)state;
    for (size_t k = 0; k < 2; k++) {
        char *sealed = seal(&pairs[kinds[k]]);

        for (size_t len = 0; len < strlen(sealed); len++) {
            char *exact = malloc(len == 0 ? 1 : len); /* so that a read behind the end is seen */

            assert_non_null(exact);
            memcpy(exact, sealed, len);
            assert_int_not_equal(open_status(&pairs[kinds[k]], azattest__bytes(exact, len), NULL), AZATTEST_OK);
            free(exact);
        }
        azattest_free(sealed);
    }
}

typedef struct header_case {
    const char *name, *header; /* filled() */
    int key;
    azattest_status status;
    const char *message;
} header_case;

/* clang-format off */
static const header_case header_cases[] = {
    { "another header of the same meaning", "{\"enc\":\"A256GCM\",\"alg\":\"RSA-OAEP-256\"}", RSA, AZATTEST_E_SECRET, "does not open" },
    { "another algorithm", "{\"alg\":\"RSA-OAEP\",\"enc\":\"A256GCM\"}", RSA, AZATTEST_E_SECRET, "\"alg\" is another" },
    { "the weak RSA", "{\"alg\":\"RSA1_5\",\"enc\":\"A256GCM\"}", RSA, AZATTEST_E_SECRET, "\"alg\"" },
    { "a shared key of the sender's choice", "{\"alg\":\"dir\",\"enc\":\"A256GCM\"}", RSA, AZATTEST_E_SECRET, "\"alg\"" },
    { "no algorithm", "{\"enc\":\"A256GCM\"}", RSA, AZATTEST_E_SECRET, "\"alg\" is missing" },
    { "an algorithm that is no text", "{\"alg\":1,\"enc\":\"A256GCM\"}", RSA, AZATTEST_E_SECRET, "\"alg\"" },
    { "another encryption", "{\"alg\":\"RSA-OAEP-256\",\"enc\":\"A128GCM\"}", RSA, AZATTEST_E_SECRET, "\"enc\"" },
    { "a critical extension", "{\"alg\":\"RSA-OAEP-256\",\"crit\":[\"exp\"],\"enc\":\"A256GCM\"}", RSA, AZATTEST_E_MALFORMED, "not understood" },
    { "compression", "{\"alg\":\"RSA-OAEP-256\",\"enc\":\"A256GCM\",\"zip\":\"DEF\"}", RSA, AZATTEST_E_MALFORMED, "not understood" },
    { "a key in the header", "{\"alg\":\"RSA-OAEP-256\",\"enc\":\"A256GCM\",\"jwk\":{%0}}", RSA, AZATTEST_E_MALFORMED, "not understood" },
    { "a sender's key where none belongs", "{\"alg\":\"RSA-OAEP-256\",\"enc\":\"A256GCM\",\"epk\":{%2}}", RSA, AZATTEST_E_MALFORMED, "not understood" },
    { "a key id that is no text", "{\"alg\":\"RSA-OAEP-256\",\"enc\":\"A256GCM\",\"kid\":1}", RSA, AZATTEST_E_MALFORMED, "\"kid\"" },
    { "a member twice", "{\"alg\":\"RSA-OAEP-256\",\"alg\":\"RSA-OAEP-256\",\"enc\":\"A256GCM\"}", RSA, AZATTEST_E_MALFORMED, "header" },
    { "no object", "[\"alg\"]", RSA, AZATTEST_E_MALFORMED, "not a JSON object" },
    { "no JSON", "alg", RSA, AZATTEST_E_MALFORMED, "header" },
    { "a point of the same curve", "{\"alg\":\"ECDH-ES\",\"enc\":\"A256GCM\",\"epk\":{%2}}", P256, AZATTEST_E_SECRET, "does not open" },
    { "no point", "{\"alg\":\"ECDH-ES\",\"enc\":\"A256GCM\"}", P256, AZATTEST_E_MALFORMED, "\"epk\" is missing" },
    { "a point that is no object", "{\"alg\":\"ECDH-ES\",\"enc\":\"A256GCM\",\"epk\":[]}", P256, AZATTEST_E_MALFORMED, "\"epk\" is not an object" },
    { "a point of another curve", "{\"alg\":\"ECDH-ES\",\"enc\":\"A256GCM\",\"epk\":{%3}}", P256, AZATTEST_E_SECRET, "\"crv\"" },
    { "a point that is not on the curve", "{\"alg\":\"ECDH-ES\",\"enc\":\"A256GCM\",\"epk\":{\"crv\":\"P-256\",\"kty\":\"EC\","
      "\"x\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE\",\"y\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE\"}}", P256, AZATTEST_E_MALFORMED, "not on the curve" },
    { "a point without coordinates", "{\"alg\":\"ECDH-ES\",\"enc\":\"A256GCM\",\"epk\":{\"crv\":\"P-256\",\"kty\":\"EC\"}}", P256, AZATTEST_E_MALFORMED, "missing" },
    { "a point with a private part", "{\"alg\":\"ECDH-ES\",\"enc\":\"A256GCM\",\"epk\":{%2,\"d\":\"AQ\"}}", P256, AZATTEST_E_MALFORMED, "not understood" },
    { "party information", "{\"alg\":\"ECDH-ES\",\"apu\":\"QQ\",\"enc\":\"A256GCM\",\"epk\":{%2}}", P256, AZATTEST_E_MALFORMED, "not understood" },
    { "a wrapped key after all", "{\"alg\":\"ECDH-ES+A256KW\",\"enc\":\"A256GCM\",\"epk\":{%2}}", P256, AZATTEST_E_SECRET, "\"alg\"" },
};
/* clang-format on */

static void judges_headers(void **state)
{
    const header_case *test = *state;
    char *sealed = seal(&pairs[test->key]), *header = filled(test->header);
    azattest_error *error = NULL;
    azattest__buf text;

    azattest__buf_init(&text, 65536);
    azattest__base64url_encode(bytes_of(header), &text);
    azattest__buf_append_text(&text, strchr(sealed, '.'));
    expect(open_status(&pairs[test->key], azattest__buf_bytes(&text), &error), &error, test->status, test->message);
    azattest__buf_free(&text);
    azattest_free(sealed);
    free(header);
}

static void refuses_what_is_no_sealed_secret(void **state)
{
    static const char *const texts[] = { "",       ".",        "....",         "a.b.c.d.e", "e30....",
                                         "e30...", "e30.....", "e30.*.AA.A.A", " e30.....", "e30=...." };
    azattest_error *error = NULL;
    char *big = malloc(AZATTEST_LIMIT_SEALED + 2), *secret;
    size_t len;

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        expect(open_status(&pairs[RSA], bytes_of(texts[i]), &error), &error, AZATTEST_E_MALFORMED, "sealed secret");
    memset(big, 'A', AZATTEST_LIMIT_SEALED + 1);
    big[AZATTEST_LIMIT_SEALED + 1] = '\0';
    expect(open_status(&pairs[RSA], bytes_of(big), &error), &error, AZATTEST_E_MALFORMED, "too large");
    free(big);
    expect(azattest_secret_open(bytes_of(pairs[RSA].public_pem), NULL, bytes_of("a"), &secret, &len, &error), &error,
           AZATTEST_E_MALFORMED, "private key");
    expect(azattest_secret_open(bytes_of(NULL), NULL, bytes_of("a"), &secret, &len, &error), &error,
           AZATTEST_E_ARGUMENT, "no private key");
    expect(azattest_secret_open(bytes_of("a"), NULL, bytes_of("a"), NULL, &len, &error), &error, AZATTEST_E_ARGUMENT,
           "nowhere");
    azattest_secret_free(NULL, 0);
}

static void sizes_are_bounded(void **state)
{
    unsigned char *secret = malloc(AZATTEST_LIMIT_SECRET + 1);
    azattest_error *error = NULL;
    char *sealed = NULL, *opened = NULL;
    size_t len = 0;

    (void)state;
    memset(secret, 7, AZATTEST_LIMIT_SECRET + 1);
    assert_int_equal(azattest_secret_seal(bytes_of(pairs[P521].public_pem), NULL,
                                          azattest__bytes(secret, AZATTEST_LIMIT_SECRET), &sealed, &len, NULL),
                     AZATTEST_OK);
    assert_int_equal(azattest_secret_open(bytes_of(pairs[P521].private_pem), NULL, azattest__bytes(sealed, len),
                                          &opened, &len, NULL),
                     AZATTEST_OK);
    assert_int_equal(len, AZATTEST_LIMIT_SECRET);
    assert_memory_equal(opened, secret, len);
    azattest_secret_free(opened, len);
    azattest_free(sealed);
    expect(azattest_secret_seal(bytes_of(pairs[RSA].public_pem), NULL,
                                azattest__bytes(secret, AZATTEST_LIMIT_SECRET + 1), &sealed, &len, &error),
           &error, AZATTEST_E_LIMIT, "at most");
    assert_null(sealed);
    expect(azattest_secret_seal(bytes_of(pairs[RSA].public_pem), NULL, bytes_of(""), &sealed, &len, &error), &error,
           AZATTEST_E_ARGUMENT, "empty");
    expect(azattest_secret_seal(bytes_of(pairs[RSA].public_pem), NULL, bytes_of("a"), NULL, &len, &error), &error,
           AZATTEST_E_ARGUMENT, "nowhere");
    free(secret);
}

/* ---- whose key is taken ---- */

typedef struct choice_case {
    const char *name, *claims; /* filled() */
    const char *key_id;        /* NULL: not given */
    int opens;                 /* which key opens it; PAIRS: refused */
    const char *message;
} choice_case;

#define RUNTIME(json) "\"x-ms-runtime\":" json
/* clang-format off */
static const choice_case choice_cases[] = {
    { "a key set", RUNTIME("{\"keys\":[{%0}]}"), NULL, RSA, NULL },
    { "the object itself", RUNTIME("{%3}"), NULL, P384, NULL },
    { "a key deeper inside", RUNTIME("{\"a\":{\"jwks\":{\"keys\":[{%4}]}}}"), NULL, P521, NULL },
    { "the attested key of a TPM", "\"cnf\":{\"jwk\":{%2}}", NULL, P256, NULL },
    { "the same key in two places", RUNTIME("{\"keys\":[{%0}]}") ",\"cnf\":{\"jwk\":{%0}}", NULL, RSA, NULL },
    { "no claims with a key", "\"a\":1", NULL, PAIRS, "no public key" },
    { "runtime claims that are no object", RUNTIME("[{%0}]"), NULL, PAIRS, "no public key" },
    { "keys inside the isolation TEE are not the program's", "\"x-ms-isolation-tee\":{\"x-ms-sevsnpvm-is-debuggable\":false,"  RUNTIME("{\"keys\":[{%0}]}") "}", NULL, PAIRS, "no public key" },
    { "two keys", RUNTIME("{\"keys\":[{%0,\"kid\":\"a\"},{%2,\"kid\":\"b\"}]}"), NULL, PAIRS, "\"a\", \"b\": name one by key_id" },
    { "two keys, the first by its id", RUNTIME("{\"keys\":[{%0,\"kid\":\"a\"},{%2,\"kid\":\"b\"}]}"), "a", RSA, NULL },
    { "two keys, the second by its id", RUNTIME("{\"keys\":[{%0,\"kid\":\"a\"},{%2,\"kid\":\"b\"}]}"), "b", P256, NULL },
    { "an id that no key has", RUNTIME("{\"keys\":[{%0,\"kid\":\"a\"}]}"), "b", PAIRS, "no key has that key id; there is \"a\"" },
    { "an id that different keys share", RUNTIME("{\"keys\":[{%0,\"kid\":\"a\"},{%1,\"kid\":\"a\"}]}"), "a", PAIRS, "different keys share" },
    { "a key for signatures beside it", RUNTIME("{\"keys\":[{%0,\"use\":\"enc\"},{%1,\"use\":\"sig\"}]}"), NULL, RSA, NULL },
    { "only a key for signatures", RUNTIME("{\"keys\":[{%0,\"use\":\"sig\"}]}"), NULL, PAIRS, "\"use\" is not" },
    { "operations that do not encrypt", RUNTIME("{\"keys\":[{%0,\"key_ops\":[\"verify\"]}]}"), NULL, PAIRS, "\"key_ops\"" },
    { "operations of the private side", RUNTIME("{\"keys\":[{%0,\"key_ops\":[\"decrypt\"]}]}"), NULL, PAIRS, "\"key_ops\"" },
    { "operations that are no list", RUNTIME("{\"keys\":[{%0,\"key_ops\":\"encrypt\"}]}"), NULL, PAIRS, "\"key_ops\"" },
    { "an RSA key that encrypts", RUNTIME("{\"keys\":[{%0,\"key_ops\":[\"encrypt\"]}]}"), NULL, RSA, NULL },
    { "an RSA key that wraps keys", RUNTIME("{\"keys\":[{%0,\"key_ops\":[\"wrapKey\"]}]}"), NULL, RSA, NULL },
    { "an EC key that derives bits", RUNTIME("{\"keys\":[{%2,\"key_ops\":[\"deriveBits\"]}]}"), NULL, P256, NULL },
    { "an EC key that encrypts, which it cannot", RUNTIME("{\"keys\":[{%2,\"key_ops\":[\"encrypt\"]}]}"), NULL, PAIRS, "\"key_ops\"" },
    { "a key for another algorithm", RUNTIME("{\"keys\":[{%0,\"alg\":\"RSA-OAEP\"}]}"), NULL, PAIRS, "\"alg\"" },
    { "a key for this algorithm", RUNTIME("{\"keys\":[{%0,\"alg\":\"RSA-OAEP-256\"}]}"), NULL, RSA, NULL },
    { "a private key that is published", RUNTIME("{\"keys\":[{%0,\"d\":\"AQ\"}]}"), NULL, PAIRS, "anybody could open" },
    { "a symmetric key", RUNTIME("{\"keys\":[{\"kty\":\"oct\",\"k\":\"AQ\"}]}"), NULL, PAIRS, "neither RSA nor EC" },
    { "a weak key", RUNTIME("{\"keys\":[{\"kty\":\"RSA\",\"e\":\"AQAB\",\"n\":\"%w\"}]}"), NULL, PAIRS, "1024 bits" },
    { "a broken key beside a good one", RUNTIME("{\"keys\":[{\"kty\":\"RSA\",\"n\":\"*\",\"e\":\"AQAB\"},{%0}]}"), NULL, RSA, NULL },
    { "a key without numbers", RUNTIME("{\"keys\":[{\"kty\":\"RSA\"}]}"), NULL, PAIRS, "no numbers" },
};
/* clang-format on */

static azattest_result *result_of(const char *claims, bool validated)
{
    static const char *const endpoint[] = { TOKEN_ENDPOINT };
    azattest_validation_options options = AZATTEST_VALIDATION_OPTIONS_INIT;
    char *jwks = tokens_jwks(tokens_keys()->rsa, tokens_keys()->key_id, TOKEN_ENDPOINT, TOKEN_NOW, TOKEN_NOW + 100000);
    char *header = tokens_header("RS256"), *body = NULL, *text;
    azattest_token *token = NULL;
    azattest_result *result = NULL;

    assert_true(
        asprintf(&body, "{%s,\"iss\":\"%s\",\"exp\":%lld}", claims, TOKEN_ENDPOINT, (long long)TOKEN_NOW + 1000) > 0);
    text = tokens_make(header, body, tokens_keys()->rsa, AZATTEST__RS256);
    assert_int_equal(azattest_token_parse(bytes_of(text), &token, NULL), AZATTEST_OK);
    options.signers = tokens_signers(jwks);
    options.issuers = endpoint;
    options.issuer_count = 1;
    options.now_ms = TOKEN_NOW * 1000;
    if (validated)
        assert_int_equal(azattest_token_validate(token, &options, NULL), AZATTEST_OK);
    assert_int_equal(azattest_token_result(token, !validated, &result, NULL), AZATTEST_OK);
    azattest_signers_free((azattest_signers *)(uintptr_t)options.signers);
    azattest_token_free(token);
    free(jwks);
    free(header);
    free(body);
    free(text);
    return result;
}

/* 1024 bits, odd, of no faulty generator. */
static char *with_weak_key(char *text)
{
    char *hole = strstr(text, "%w"), *out = NULL;
    azattest__buf first, second, number;

    if (hole == NULL)
        return text;
    azattest__buf_init(&first, 4096);
    azattest__buf_init(&second, 4096);
    azattest__buf_init(&number, 4096);
    assert_int_equal(azattest__key_numbers(tokens_keys()->small_rsa, &first, &second, NULL), AZATTEST_OK);
    azattest__base64url_encode(azattest__buf_bytes(&first), &number);
    assert_true(asprintf(&out, "%.*s%s%s", (int)(hole - text), text, (const char *)number.ptr, hole + 2) > 0);
    azattest__buf_free(&first);
    azattest__buf_free(&second);
    azattest__buf_free(&number);
    free(text);
    return out;
}

static void chooses(void **state)
{
    const choice_case *test = *state;
    azattest_secret_options options = AZATTEST_SECRET_OPTIONS_INIT;
    char *claims = with_weak_key(filled(test->claims)), *sealed = NULL;
    azattest_result *result = result_of(claims, true);
    azattest_error *error = NULL;
    azattest_status status;

    options.key_id = test->key_id;
    status = azattest_result_seal_secret(result, &options, bytes_of(SECRET), &sealed, NULL, &error);
    if (test->opens == PAIRS) {
        expect(status, &error, AZATTEST_E_SECRET, test->message);
        assert_null(sealed);
    } else {
        expect(status, &error, AZATTEST_OK, NULL);
        opens_to(&pairs[test->opens], sealed, SECRET);
    }
    azattest_free(sealed);
    azattest_result_free(result);
    free(claims);
}

static char *header_of(const char *sealed)
{
    azattest__buf out;

    azattest__buf_init(&out, 65536);
    assert_true(azattest__base64url_decode(azattest__bytes(sealed, (size_t)(strchr(sealed, '.') - sealed)), &out));
    return text_of(&out);
}

static void the_header_names_the_key(void **state)
{
    char *sealed = NULL, *header, *claims = filled("\"x-ms-runtime\":{\"keys\":[{%0,\"kid\":\"the \\\"key\\\"\"}]}");
    azattest_result *result = result_of(claims, true);
    char *thumbprint = NULL;

    (void)state;
    assert_int_equal(azattest_result_seal_secret(result, NULL, bytes_of(SECRET), &sealed, NULL, NULL), AZATTEST_OK);
    header = header_of(sealed);
    assert_string_equal(header, "{\"alg\":\"RSA-OAEP-256\",\"enc\":\"A256GCM\",\"kid\":\"the \\\"key\\\"\"}");
    free(header);
    azattest_free(sealed);
    azattest_result_free(result);
    free(claims);
    /* A key without a name goes by its thumbprint. */
    sealed = seal(&pairs[P256]);
    header = header_of(sealed);
    assert_int_equal(azattest__jwk_thumbprint(pairs[P256].key, &thumbprint, NULL), AZATTEST_OK);
    assert_non_null(strstr(header, thumbprint));
    assert_non_null(strstr(header, "\"epk\":{\"crv\":\"P-256\",\"kty\":\"EC\",\"x\":"));
    free(thumbprint);
    free(header);
    azattest_free(sealed);
}

/* RFC 7638 section 3.1. */
static void the_thumbprint_is_that_of_the_published_example(void **state)
{
    static const char jwk[] = "{\"kty\":\"RSA\",\"n\":\"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAt"
                              "VT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93"
                              "lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5haj"
                              "rn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-"
                              "csFCur-kEgU8awapJzKnqDKgw\",\"e\":\"AQAB\",\"alg\":\"RS256\",\"kid\":\"2011-04-29\"}";
    azattest__json *root = NULL;
    azattest__key *key = NULL;
    char *thumbprint = NULL;

    (void)state;
    assert_int_equal(azattest__json_parse(bytes_of(jwk), &root, NULL), AZATTEST_OK);
    assert_int_equal(azattest__jwk_key(root, &key, NULL), AZATTEST_OK);
    assert_int_equal(azattest__jwk_thumbprint(key, &thumbprint, NULL), AZATTEST_OK);
    assert_string_equal(thumbprint, "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
    free(thumbprint);
    azattest__key_free(key);
    azattest__json_free(root);
}

/* Held data is whatever the program hashed: PEM, a JWK, with or without the end of its text. */
static void held_data_may_hold_the_key(void **state)
{
    static const char *const formats[] = { "{%3}", "{\"keys\":[{%3}]}" };

    (void)state;
    for (size_t i = 0; i < 6; i++) {
        char *text = i < 2 ? strdup(pairs[P384].public_pem) : filled(formats[i / 2 - 1]), *claims = NULL,
             *sealed = NULL;
        azattest_result *result;
        azattest__buf held;

        azattest__buf_init(&held, 65536);
        azattest__base64url_encode(azattest__bytes(text, strlen(text) + i % 2), &held);
        assert_true(asprintf(&claims, "\"x-ms-sgx-ehd\":\"%s\"", (const char *)held.ptr) > 0);
        result = result_of(claims, true);
        assert_int_equal(azattest_result_seal_secret(result, NULL, bytes_of(SECRET), &sealed, NULL, NULL), AZATTEST_OK);
        opens_to(&pairs[P384], sealed, SECRET);
        azattest_free(sealed);
        azattest_result_free(result);
        azattest__buf_free(&held);
        free(claims);
        free(text);
    }
}

static void nothing_is_sealed_to_an_unverified_token(void **state)
{
    char *claims = filled("\"x-ms-runtime\":{\"keys\":[{%0}]}"), *sealed = NULL;
    azattest_result *result = result_of(claims, false);
    azattest_error *error = NULL;

    (void)state;
    expect(azattest_result_seal_secret(result, NULL, bytes_of(SECRET), &sealed, NULL, &error), &error, AZATTEST_E_STATE,
           "not validated");
    assert_null(sealed);
    expect(azattest_result_seal_secret(NULL, NULL, bytes_of(SECRET), &sealed, NULL, &error), &error,
           AZATTEST_E_ARGUMENT, "no result");
    azattest_result_free(result);
    free(claims);
}

/* Whose validation did not ask for an attestation has no key to seal to all the same: those in the answer are signers.
 */
static void nothing_is_sealed_to_an_answer_of_the_administration(void **state)
{
    static const char *const answers[] = {
        "\"x-ms-policy-certificates\":{\"keys\":[{%0}]}",
        "\"x-ms-policy-result\":\"Updated\",\"x-ms-policy-signer\":{%0}",
        "\"x-ms-policy\":\"eyJhbGciOiJub25lIn0..\"",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
        char *claims = filled(answers[i]), *sealed = NULL;
        azattest_result *result = result_of(claims, true);
        azattest_error *error = NULL;

        expect(azattest_result_seal_secret(result, NULL, bytes_of(SECRET), &sealed, NULL, &error), &error,
               AZATTEST_E_SECRET, "no public key");
        assert_null(sealed);
        azattest_result_free(result);
        free(claims);
    }
}

static void the_isolation_tee_has_keys_of_its_own(void **state)
{
    char *claims =
        filled("\"x-ms-runtime\":{\"keys\":[{%0}]},\"x-ms-isolation-tee\":{\"x-ms-runtime\":{\"keys\":[{%2}]}}");
    azattest_result *result = result_of(claims, true), *inner = NULL;
    char *sealed = NULL;

    (void)state;
    assert_int_equal(azattest_result_isolation_tee(result, &inner), AZATTEST_OK);
    assert_true(azattest_result_is_validated(inner));
    assert_int_equal(azattest_result_seal_secret(inner, NULL, bytes_of(SECRET), &sealed, NULL, NULL), AZATTEST_OK);
    opens_to(&pairs[P256], sealed, SECRET);
    azattest_free(sealed);
    azattest_result_free(inner);
    azattest_result_free(result);
    free(claims);
}

/* A default validation lets debuggable evidence pass and tells of it; a secret is not given to it. */
static void a_program_whose_host_can_read_it_gets_no_secret(void **state)
{
    static const struct {
        const char *claims;
        bool refused;
    } cases[] = {
        { "\"x-ms-sgx-is-debuggable\":false", false },
        { "\"x-ms-sgx-is-debuggable\":true", true },
        { "\"x-ms-sgx-is-debuggable\":\"false\"", true },
        { "\"x-ms-sgx-is-debuggable\":0", true },
        { "\"is-debuggable\":true", true },
        { "\"x-ms-sgx-is-debuggable\":false,\"is-debuggable\":true", true },
        { "\"x-ms-sevsnpvm-is-debuggable\":true", true },
        { "\"tdx_td_attributes_debug\":true", true },
        { "\"tdx_td_attributes_debug\":false,\"tdx_is_debuggable\":true", true },
        { "\"dbgstat\":\"enabled\"", true },
        { "\"x-ms-isolation-tee\":{\"x-ms-sevsnpvm-is-debuggable\":true}", true },
        { "\"x-ms-sevsnpvm-is-debuggable\":false,\"x-ms-isolation-tee\":{\"x-ms-sevsnpvm-is-debuggable\":true}", true },
        { "\"x-ms-isolation-tee\":1", true },
        { "\"x-ms-isolation-tee\":{}", true },
        { "\"is-debuggable\":false,\"x-ms-isolation-tee\":{}", true },
        { "\"x-ms-azurevm-kerneldebug-enabled\":true", true },
        { "\"x-ms-azurevm-kerneldebug-enabled\":false", false },
        { "\"x-ms-azurevm-debuggersdisabled\":false", true },
        { "\"said\":\"nothing\"", false },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        azattest_secret_options options = AZATTEST_SECRET_OPTIONS_INIT;
        char *key = filled("\"x-ms-runtime\":{\"keys\":[{%0}]}"), *claims = NULL, *sealed = NULL;
        azattest_error *error = NULL;
        azattest_result *result;

        assert_true(asprintf(&claims, "%s,%s", key, cases[i].claims) > 0);
        result = result_of(claims, true);
        expect(azattest_result_seal_secret(result, NULL, bytes_of(SECRET), &sealed, NULL, &error), &error,
               cases[i].refused ? AZATTEST_E_TOKEN_DEBUGGABLE : AZATTEST_OK, cases[i].refused ? "allow_debug" : NULL);
        assert_int_equal(sealed == NULL, cases[i].refused);
        azattest_free(sealed);
        options.allow_debug = AZATTEST_OFF;
        expect(azattest_result_seal_secret(result, &options, bytes_of(SECRET), &sealed, NULL, &error), &error,
               cases[i].refused ? AZATTEST_E_TOKEN_DEBUGGABLE : AZATTEST_OK, cases[i].refused ? "allow_debug" : NULL);
        azattest_free(sealed);
        options.allow_debug = AZATTEST_ON;
        assert_int_equal(azattest_result_seal_secret(result, &options, bytes_of(SECRET), &sealed, NULL, NULL),
                         AZATTEST_OK);
        azattest_free(sealed);
        azattest_result_free(result);
        free(claims);
        free(key);
    }
}

int main(void)
{
    enum { HEADERS = sizeof(header_cases) / sizeof(header_cases[0]) };
    enum { CHOICES = sizeof(choice_cases) / sizeof(choice_cases[0]) };
    static const struct CMUnitTest fixed[] = {
        cmocka_unit_test(derives_the_key_of_the_published_vector),
        cmocka_unit_test(the_thumbprint_is_that_of_the_published_example),
        cmocka_unit_test(seals_and_opens_with_each_kind_of_key),
        cmocka_unit_test(any_changed_character_is_refused),
        cmocka_unit_test(any_cut_is_refused),
        cmocka_unit_test(refuses_what_is_no_sealed_secret),
        cmocka_unit_test(sizes_are_bounded),
        cmocka_unit_test(the_header_names_the_key),
        cmocka_unit_test(held_data_may_hold_the_key),
        cmocka_unit_test(nothing_is_sealed_to_an_unverified_token),
        cmocka_unit_test(nothing_is_sealed_to_an_answer_of_the_administration),
        cmocka_unit_test(the_isolation_tee_has_keys_of_its_own),
        cmocka_unit_test(a_program_whose_host_can_read_it_gets_no_secret),
    };
    enum { FIXED = sizeof(fixed) / sizeof(fixed[0]) };
    struct CMUnitTest tests[HEADERS + CHOICES + FIXED];
    size_t n = 0;

    for (size_t i = 0; i < HEADERS; i++)
        tests[n++] = (struct CMUnitTest){ header_cases[i].name, judges_headers, NULL, NULL,
                                          (void *)(uintptr_t)&header_cases[i] };
    for (size_t i = 0; i < CHOICES; i++)
        tests[n++] =
            (struct CMUnitTest){ choice_cases[i].name, chooses, NULL, NULL, (void *)(uintptr_t)&choice_cases[i] };
    for (size_t i = 0; i < FIXED; i++)
        tests[n++] = fixed[i];
    return cmocka_run_group_tests_name("secret", tests, set_up, tear_down);
}
