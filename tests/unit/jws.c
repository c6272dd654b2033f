/* Compact tokens: taking apart, making, and the service's form of a key id. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include <azattest/limits.h>

#include "base/encoding.h"
#include "crypto/issue.h"
#include "jose/jws.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define HEADER "{\"alg\":\"RS256\"}"

static azattest__key *rsa, *p256, *p384, *p521;

static int make_keys(void **state)
{
    (void)state;
    return azattest__key_generate_rsa(2048, &rsa, NULL) != AZATTEST_OK ||
           azattest__key_generate_ec("P-256", &p256, NULL) != AZATTEST_OK ||
           azattest__key_generate_ec("P-384", &p384, NULL) != AZATTEST_OK ||
           azattest__key_generate_ec("P-521", &p521, NULL) != AZATTEST_OK;
}

static int free_keys(void **state)
{
    (void)state;
    azattest__key_free(rsa);
    azattest__key_free(p256);
    azattest__key_free(p384);
    azattest__key_free(p521);
    return 0;
}

/* Parses an exact copy, so that a read past the end is seen. Takes the error text; NULL when it has to succeed. */
static void parse(azattest_bytes text, const char *message)
{
    azattest_error *error = NULL;
    azattest__jws jws;
    char *exact = malloc(text.len + 1);
    azattest_status status;

    assert_non_null(exact);
    if (text.len > 0)
        memcpy(exact + 1, text.ptr, text.len);
    status = azattest__jws_parse(azattest__bytes(exact + 1, text.len), &jws, &error);
    free(exact);
    if (message == NULL) {
        if (error != NULL)
            fail_msg("%s", azattest_error_message(error));
        assert_int_equal(status, AZATTEST_OK);
    } else {
        assert_string_equal(azattest_status_name(status), "AZATTEST_E_TOKEN_MALFORMED");
        assert_non_null(error);
        assert_int_equal(azattest_error_code(error), status);
        if (strstr(azattest_error_message(error), message) == NULL)
            fail_msg("\"%s\" is not in \"%s\"", message, azattest_error_message(error));
        assert_null(jws.memory);
    }
    azattest_error_free(error);
    azattest__jws_clear(&jws);
}

/* Tokens by their decoded parts. */
static const struct parts_case {
    const char *name, *header, *body, *message;
    size_t signature;
} parts_cases[] = {
    { "a plain token is taken", HEADER, "{\"a\":1}", NULL, 256 },
    { "an empty body is taken", HEADER, "", NULL, 256 },
    { "an empty signature is taken", "{\"alg\":\"none\"}", "{}", NULL, 0 },
    { "white space around the JSON is taken", " {\"alg\":\"RS256\"}\n", "\r\t{} ", NULL, 1 },
    { "the longest signature is taken", HEADER, "{}", NULL, AZATTEST_LIMIT_SIGNATURE },
    { "a longer signature is refused", HEADER, "{}", "token signature: too large, at most 2048 bytes",
      AZATTEST_LIMIT_SIGNATURE + 1 },
    { "an empty header is refused", "", "{}", "token header: empty", 1 },
    { "a header of white space is refused", "  ", "{}", "token header: ", 1 },
    { "a header that is an array is refused", "[]", "{}", "token header: not a JSON object", 1 },
    { "a header that is text is refused", "\"alg\"", "{}", "token header: not a JSON object", 1 },
    { "a header that is no JSON is refused", "alg=RS256", "{}", "token header: ", 1 },
    { "a header with two alg is refused", "{\"alg\":\"RS256\",\"alg\":\"none\"}", "{}", "token header: ", 1 },
    { "a header with two alg, one escaped, is refused", "{\"alg\":\"RS256\",\"\\u0061lg\":\"none\"}", "{}",
      "token header: ", 1 },
    { "a header with something behind is refused", HEADER "{}", "{}", "token header: ", 1 },
    { "a header cut short is refused", "{\"alg\":\"RS256\"", "{}", "token header: ", 1 },
    { "a header with a byte order mark is refused", "\xef\xbb\xbf" HEADER, "{}", "token header: ", 1 },
    { "a header that is not UTF-8 is refused", "{\"alg\":\"\xff\"}", "{}", "token header: ", 1 },
    { "a header with an escaped NUL is refused", "{\"alg\":\"RS256\\u0000\"}", "{}", "token header: ", 1 },
    { "a body that is an array is refused", HEADER, "[]", "token body: not a JSON object", 1 },
    { "a body that is text is refused", HEADER, "foo", "token body: ", 1 },
    { "a body with two exp is refused", HEADER, "{\"exp\":1,\"exp\":9}", "token body: ", 1 },
    { "a body with a NUL is refused", HEADER, "{\"iss\":\"a\\u0000b\"}", "token body: ", 1 },
    { "a body of white space is refused", HEADER, " ", "token body: ", 1 },
    { "a body with a leading zero is refused", HEADER, "{\"exp\":01}", "token body: ", 1 },
};

static void parses_parts(void **state)
{
    const struct parts_case *test = *state;
    azattest__buf text;
    unsigned char signature[AZATTEST_LIMIT_SIGNATURE + 1];

    memset(signature, 0x5a, sizeof(signature));
    azattest__buf_init(&text, AZATTEST_LIMIT_TOKEN);
    azattest__base64url_encode(azattest__text(test->header), &text);
    azattest__buf_append_text(&text, ".");
    azattest__base64url_encode(azattest__text(test->body), &text);
    azattest__buf_append_text(&text, ".");
    azattest__base64url_encode(azattest__bytes(signature, test->signature), &text);
    parse(azattest__buf_bytes(&text), test->message);
    azattest__buf_free(&text);
}

/* Tokens as they stand. eyJhbGciOiJSUzI1NiJ9 is HEADER, e30 is {}. */
static const struct text_case {
    const char *name, *text, *message;
} text_cases[] = {
    { "the smallest token is taken", "eyJhbGciOiJSUzI1NiJ9.e30.QQ", NULL },
    { "nothing is refused", "", "token: empty" },
    { "no dot is refused", "eyJhbGciOiJSUzI1NiJ9", "three parts" },
    { "one dot is refused", "eyJhbGciOiJSUzI1NiJ9.e30", "three parts" },
    { "three dots are refused", "eyJhbGciOiJSUzI1NiJ9.e30.QQ.", "three parts" },
    { "the five parts of a JWE are refused", "eyJhbGciOiJSUzI1NiJ9.QQ.QQ.QQ.QQ", "three parts" },
    { "dots alone are refused", "..", "token header: empty" },
    { "a dot in front is refused", ".eyJhbGciOiJSUzI1NiJ9.e30", "token header: empty" },
    { "padding is refused", "eyJhbGciOiJSUzI1NiJ9.e30=.QQ", "token body: not base64url" },
    { "padding of the signature is refused", "eyJhbGciOiJSUzI1NiJ9.e30.QQ==", "token signature: not base64url" },
    { "the standard alphabet is refused", "eyJhbGciOiJSUzI1NiJ9.e30.+/+/", "token signature: not base64url" },
    { "stray bits are refused", "eyJhbGciOiJSUzI1NiJ9.e30.QR", "token signature: not base64url" },
    { "stray bits of the body are refused", "eyJhbGciOiJSUzI1NiJ9.e31.QQ", "token body: not base64url" },
    { "a lone character is refused", "eyJhbGciOiJSUzI1NiJ9.e30.Q", "token signature: not base64url" },
    { "a blank in front is refused", " eyJhbGciOiJSUzI1NiJ9.e30.QQ", "token header: not base64url" },
    { "a line end behind is refused", "eyJhbGciOiJSUzI1NiJ9.e30.QQ\n", "token signature: not base64url" },
    { "a line end inside is refused", "eyJhbGciOiJS\nUzI1NiJ9.e30.QQ", "token header: not base64url" },
    { "a JSON serialization is refused", "{\"payload\":\"e30\",\"signatures\":[]}", "three parts" },
    { "characters above ASCII are refused", "eyJhbGciOiJSUzI1NiJ9.e30.Q\xc3\xa9", "token signature: not base64url" },
};

static void parses_text(void **state)
{
    const struct text_case *test = *state;

    parse(azattest__text(test->text), test->message);
}

static void a_nul_inside_is_refused(void **state)
{
    static const char text[] = "eyJhbGciOiJSUzI1NiJ9.e30.QQ\0QQ";

    (void)state;
    parse(azattest__bytes(text, sizeof(text) - 1), "token signature: not base64url");
    parse(azattest__bytes(NULL, 0), "token: empty");
}

/* A JSON object of `len` bytes in the header or in the body. */
static void parse_sized(size_t header_len, size_t body_len, const char *message)
{
    azattest__buf text;
    size_t sizes[] = { header_len, body_len };

    azattest__buf_init(&text, 2 * AZATTEST_LIMIT_TOKEN);
    for (size_t i = 0; i < 2; i++) {
        char *json = malloc(sizes[i]);

        assert_non_null(json);
        memset(json, ' ', sizes[i]);
        json[0] = '{';
        json[sizes[i] - 1] = '}';
        azattest__base64url_encode(azattest__bytes(json, sizes[i]), &text);
        azattest__buf_append_text(&text, ".");
        free(json);
    }
    assert_int_equal(text.status, AZATTEST_OK);
    parse(azattest__buf_bytes(&text), message);
    azattest__buf_free(&text);
}

static void parts_have_ceilings(void **state)
{
    (void)state;
    parse_sized(AZATTEST_LIMIT_TOKEN_HEADER, 2, NULL);
    parse_sized(AZATTEST_LIMIT_TOKEN_HEADER + 1, 2, "token header: too large, at most 16384 bytes");
    parse_sized(2, AZATTEST_LIMIT_TOKEN_BODY, NULL);
    parse_sized(2, AZATTEST_LIMIT_TOKEN_BODY + 1, "token body: too large, at most 1048576 bytes");
    parse_sized(2, AZATTEST_LIMIT_TOKEN, "at most 2097152 are accepted");
}

static void what_is_made_can_be_taken_apart_and_verified(void **state)
{
    azattest_bytes body = azattest__text("{\"iss\":\"https://localhost\",\"n\":[1,2,3]}");

    (void)state;
    for (azattest__alg alg = AZATTEST__RS256; alg <= AZATTEST__ES512; alg++) {
        const azattest__key *key = alg == AZATTEST__ES256   ? p256
                                   : alg == AZATTEST__ES384 ? p384
                                   : alg == AZATTEST__ES512 ? p521
                                                            : rsa;
        char header[64];
        azattest__buf text;
        azattest__jws jws;
        bool valid = false;

        snprintf(header, sizeof(header), "{\"alg\":\"%s\"}", azattest__alg_name(alg));
        azattest__buf_init(&text, AZATTEST_LIMIT_TOKEN);
        assert_int_equal(azattest__jws_create(azattest__text(header), body, key, alg, &text, NULL), AZATTEST_OK);
        assert_int_equal(azattest__jws_parse(azattest__buf_bytes(&text), &jws, NULL), AZATTEST_OK);
        assert_true(azattest__bytes_equal(jws.text, azattest__buf_bytes(&text)));
        assert_true(azattest__bytes_equal_text(jws.header, header));
        assert_true(azattest__bytes_equal(jws.body, body));
        assert_int_equal(azattest__key_verify(key, alg, jws.signed_elements, jws.signature, &valid, NULL), AZATTEST_OK);
        assert_true(valid);
        azattest__jws_clear(&jws);
        assert_null(jws.memory);
        azattest__buf_free(&text);
    }
}

/* No beginning of a token verifies, and most do not even parse. */
static void a_cut_token_never_verifies(void **state)
{
    azattest__buf text;
    size_t parsed = 0;

    (void)state;
    azattest__buf_init(&text, AZATTEST_LIMIT_TOKEN);
    assert_int_equal(azattest__jws_create(azattest__text("{\"alg\":\"RS256\"}"), azattest__text("{\"a\":\"b\"}"), rsa,
                                          AZATTEST__RS256, &text, NULL),
                     AZATTEST_OK);
    for (size_t len = 0; len < text.len; len++) {
        azattest__jws jws;
        bool valid = true;
        char *exact = malloc(len + 1);

        assert_non_null(exact);
        memcpy(exact, text.ptr, len);
        if (azattest__jws_parse(azattest__bytes(exact, len), &jws, NULL) == AZATTEST_OK) {
            parsed++;
            assert_int_equal(
                azattest__key_verify(rsa, AZATTEST__RS256, jws.signed_elements, jws.signature, &valid, NULL),
                AZATTEST_OK);
            assert_false(valid);
        }
        azattest__jws_clear(&jws);
        free(exact);
    }
    assert_true(parsed > 0);
    azattest__buf_free(&text);
}

static void an_unsigned_token_has_an_empty_signature(void **state)
{
    azattest__buf text;
    azattest__jws jws;

    (void)state;
    azattest__buf_init(&text, AZATTEST_LIMIT_TOKEN);
    assert_int_equal(azattest__jws_create(azattest__text("{\"alg\":\"none\"}"), azattest__text("{}"), NULL,
                                          AZATTEST__ALG_UNKNOWN, &text, NULL),
                     AZATTEST_OK);
    assert_string_equal(text.ptr, "eyJhbGciOiJub25lIn0.e30.");
    assert_int_equal(azattest__jws_parse(azattest__buf_bytes(&text), &jws, NULL), AZATTEST_OK);
    assert_int_equal(jws.signature.len, 0);
    azattest__jws_clear(&jws);
    azattest__buf_free(&text);
}

static void a_key_that_does_not_fit_makes_no_token(void **state)
{
    azattest__buf text;

    (void)state;
    azattest__buf_init(&text, AZATTEST_LIMIT_TOKEN);
    assert_int_equal(
        azattest__jws_create(azattest__text("{}"), azattest__text("{}"), p256, AZATTEST__RS256, &text, NULL),
        AZATTEST_E_TOKEN_KEY_UNFIT);
    assert_int_equal(
        azattest__jws_create(azattest__text("{}"), azattest__text("{}"), p256, AZATTEST__ALG_UNKNOWN, &text, NULL),
        AZATTEST_E_TOKEN_KEY_UNFIT);
    azattest__buf_free(&text);
}

/* Known answer: the key of the first entry of evidence/maa-certs/sharedweu.keys-only.jwks.json is in
 * tests/unit/signers. */
static void a_service_key_id_is_base64_of_its_hash(void **state)
{
    char id[AZATTEST__SERVICE_KEY_ID], other[AZATTEST__SERVICE_KEY_ID];
    unsigned char hash[AZATTEST__SHA256_SIZE];
    azattest__buf text;

    (void)state;
    azattest__buf_init(&text, 64);
    assert_int_equal(azattest__service_key_id(rsa, id, hash, NULL), AZATTEST_OK);
    azattest__base64_encode(azattest__bytes(hash, sizeof(hash)), &text);
    assert_string_equal(text.ptr, id);
    assert_true(azattest__is_service_key_id(id));
    assert_int_equal(azattest__service_key_id(p256, other, hash, NULL), AZATTEST_OK);
    assert_string_not_equal(id, other);
    azattest__buf_free(&text);
}

static void only_one_form_is_a_service_key_id(void **state)
{
    static const struct {
        const char *id;
        bool is;
    } cases[] = {
        { "XxRc2vLh1E5FrsNawnRH3PzuFgqg3q7NvCdnjoJHBGE=", true },
        { "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", true },
        { "D5DR62_fG0AlpALMbsP-wriTWjU", false },                  /* SHA-1 of a certificate */
        { "XxRc2vLh1E5FrsNawnRH3PzuFgqg3q7NvCdnjoJHBGE", false },  /* no padding */
        { "XxRc2vLh1E5FrsNawnRH3PzuFgqg3q7NvCdnjoJHBGF=", false }, /* stray bits */
        { "XxRc2vLh1E5FrsNawnRH3PzuFgqg3q7NvCdnjoJHBG==", false }, /* 31 bytes */
        { "XxRc2vLh1E5FrsNawnRH3PzuFgqg3q7NvCdnjoJHBGEE", false }, /* 33 bytes */
        { "XxRc2vLh1E5FrsNawnRH3PzuFgqg3q7NvCdnjo_HBGE=", false }, /* the other alphabet */
        { "XxRc2vLh1E5FrsNawnRH3PzuFgqg3q7NvCdnjoJHBGE=\n", false },
        { "", false },
        { NULL, false },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_int_equal(azattest__is_service_key_id(cases[i].id), cases[i].is);
}

int main(void)
{
    const struct CMUnitTest others[] = {
        cmocka_unit_test(a_nul_inside_is_refused),
        cmocka_unit_test(parts_have_ceilings),
        cmocka_unit_test(what_is_made_can_be_taken_apart_and_verified),
        cmocka_unit_test(a_cut_token_never_verifies),
        cmocka_unit_test(an_unsigned_token_has_an_empty_signature),
        cmocka_unit_test(a_key_that_does_not_fit_makes_no_token),
        cmocka_unit_test(a_service_key_id_is_base64_of_its_hash),
        cmocka_unit_test(only_one_form_is_a_service_key_id),
    };
    struct CMUnitTest tests[COUNT(parts_cases) + COUNT(text_cases) + COUNT(others)];
    size_t count = 0;

    for (size_t i = 0; i < COUNT(parts_cases); i++)
        tests[count++] =
            (struct CMUnitTest){ parts_cases[i].name, parses_parts, NULL, NULL, (void *)(uintptr_t)&parts_cases[i] };
    for (size_t i = 0; i < COUNT(text_cases); i++)
        tests[count++] =
            (struct CMUnitTest){ text_cases[i].name, parses_text, NULL, NULL, (void *)(uintptr_t)&text_cases[i] };
    for (size_t i = 0; i < COUNT(others); i++)
        tests[count++] = others[i];
    return cmocka_run_group_tests_name("jws", tests, make_keys, free_keys);
}
