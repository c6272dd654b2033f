/* What official SDKs get wrong when they validate a token, each with a case that shows this library does otherwise. The
 * defects were seen in the published versions; the reference of client behaviour lists them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "expect.h"
#include "tokens.h"

#define TIMES "\"exp\":1767254400,\"iat\":1767225600,\"nbf\":1767225600"
#define ISS "\"iss\":\"" TOKEN_ENDPOINT "\""
#define GOOD "{" TIMES "," ISS "}"

typedef struct defect {
    const char *name;
    const char *header; /* KID: that of the instance's key; CERT: the signer's own certificate */
    const char *body;
    int signer; /* 0: the instance's key, 1: a stranger's, 2: nobody, 3: the instance's EC key */
    int64_t shift_s;
    int64_t slack_ms;
    azattest_status status;
    const char *message;
} defect;

/* clang-format off */
static const defect defects[] = {
    { "an unsigned token is refused (all SDKs accept it)", "{\"alg\":\"none\"}", GOOD, 2, 0, 0, AZATTEST_E_TOKEN_ALGORITHM, "not signed" },
    { "a certificate in the token is no key (JS falls back to it)", "{\"alg\":\"RS256\",\"kid\":\"own\",\"x5c\":[\"CERT\"]}", GOOD, 1, 0, 0, AZATTEST_E_TOKEN_KEY_UNKNOWN, "key id" },
    { "nor where the token names no key", "{\"alg\":\"RS256\",\"x5c\":[\"CERT\"]}", GOOD, 1, 0, 0, AZATTEST_E_TOKEN_SIGNATURE, "names no key" },
    { "a key in the token is no key (Python and .NET take it)", "{\"alg\":\"RS256\",\"jwk\":{\"kid\":\"own\",\"x5c\":[\"CERT\"]},\"kid\":\"own\"}", GOOD, 1, 0, 0, AZATTEST_E_TOKEN_KEY_UNKNOWN, "key id" },
    { "an unknown key id is refused", "{\"alg\":\"RS256\",\"kid\":\"other\"}", GOOD, 0, 0, 0, AZATTEST_E_TOKEN_KEY_UNKNOWN, "key id" },
    { "a token without issuer is refused (JS and Python pass it)", "{\"alg\":\"RS256\",\"kid\":\"KID\"}", "{" TIMES "}", 0, 0, 0, AZATTEST_E_TOKEN_ISSUER, "missing" },
    { "exp is checked without nbf", "{\"alg\":\"RS256\",\"kid\":\"KID\"}", "{\"exp\":1767225600," ISS "}", 0, 61, 0, AZATTEST_E_TOKEN_EXPIRED, "expired" },
    { "a token that expired an hour and two seconds ago has no slack of five (.NET compares the seconds alone)", "{\"alg\":\"RS256\",\"kid\":\"KID\"}", GOOD, 0, 28800 + 3602, 5000, AZATTEST_E_TOKEN_EXPIRED, "expired" },
    { "an EC signature verifies (Python raises)", "{\"alg\":\"ES256\",\"kid\":\"ec\"}", GOOD, 3, 0, 0, AZATTEST_OK, NULL },
    { "the second of two keys verifies (.NET and Python stop at the first)", "{\"alg\":\"ES256\"}", GOOD, 3, 0, 0, AZATTEST_OK, NULL },
    { "the algorithm is bound to the key", "{\"alg\":\"RS256\",\"kid\":\"ec\"}", GOOD, 3, 0, 0, AZATTEST_E_TOKEN_KEY_UNFIT, "RS256" },
    { "a critical extension is refused (all SDKs pass it)", "{\"alg\":\"RS256\",\"crit\":[\"x\"],\"kid\":\"KID\",\"x\":1}", GOOD, 0, 0, 0, AZATTEST_E_TOKEN_CRITICAL, "crit" },
};
/* clang-format on */

static azattest_signers *signers;
static char *stranger; /* a certificate in base64 */

/* The entries of two sets in one. */
static char *joined(const char *first, const char *second)
{
    const char *a = strchr(first, '[') + 1, *b = strchr(second, '[') + 1;
    char *out = NULL;

    assert_true(asprintf(&out, "{\"keys\":[%.*s,%s", (int)(strrchr(first, ']') - a), a, b) > 0);
    return out;
}

static int set_up(void **state)
{
    char *first =
        tokens_jwks(tokens_keys()->rsa, tokens_keys()->key_id, TOKEN_ENDPOINT, TOKEN_NOW - 1000, TOKEN_NOW + 100000);
    char *second = tokens_jwks(tokens_keys()->p256, "ec", TOKEN_ENDPOINT, TOKEN_NOW - 1000, TOKEN_NOW + 100000);
    char *own = tokens_jwks(tokens_keys()->other_rsa, "own", TOKEN_ENDPOINT, TOKEN_NOW - 1000, TOKEN_NOW + 100000);
    char *both = joined(first, second), *x5c = strstr(own, "\"x5c\":[\"") + 8;

    (void)state;
    signers = tokens_signers(both);
    assert_int_equal(azattest_signers_count(signers), 2);
    stranger = azattest__dup(x5c, (size_t)(strchr(x5c, '"') - x5c));
    free(first);
    free(second);
    free(own);
    free(both);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    azattest_signers_free(signers);
    free(stranger);
    tokens_keys_free();
    return 0;
}

/* The header with its holes filled. */
static char *header_of(const char *format)
{
    azattest__buf out;

    azattest__buf_init(&out, 65536);
    for (const char *p = format; *p != '\0'; p++) {
        if (strncmp(p, "KID", 3) == 0) {
            azattest__buf_append_text(&out, tokens_keys()->key_id);
            p += 2;
        } else if (strncmp(p, "CERT", 4) == 0) {
            azattest__buf_append_text(&out, stranger);
            p += 3;
        } else {
            azattest__buf_append(&out, p, 1);
        }
    }
    return (char *)azattest__buf_take(&out, NULL);
}

static void is_not_ours(void **state)
{
    static const char *const endpoint[] = { TOKEN_ENDPOINT };
    const defect *test = *state;
    const azattest__key *const keys[] = { tokens_keys()->rsa, tokens_keys()->other_rsa, NULL, tokens_keys()->p256 };
    azattest_validation_options options = AZATTEST_VALIDATION_OPTIONS_INIT;
    char *header = header_of(test->header);
    char *text =
        tokens_make(header, test->body, keys[test->signer], test->signer == 3 ? AZATTEST__ES256 : AZATTEST__RS256);
    azattest_token *token = NULL;
    azattest_error *error = NULL;

    assert_int_equal(azattest_token_parse(azattest__text(text), &token, NULL), AZATTEST_OK);
    options.signers = signers;
    options.issuers = endpoint;
    options.issuer_count = 1;
    options.now_ms = (TOKEN_NOW + test->shift_s) * 1000;
    options.validation_slack_ms = test->slack_ms;
    expect(azattest_token_validate(token, &options, &error), &error, test->status, test->message);
    assert_int_equal(azattest_token_is_validated(token), test->status == AZATTEST_OK);
    azattest_token_free(token);
    free(header);
    free(text);
}

/* In JS a partial set of options replaces the whole: what it leaves out is not checked any more. */
static void partial_options_keep_the_rest(void **state)
{
    azattest_client_options client = AZATTEST_CLIENT_OPTIONS_INIT;
    azattest_validation_options base = AZATTEST_VALIDATION_OPTIONS_INIT, partial = AZATTEST_VALIDATION_OPTIONS_INIT;
    char *text = tokens_make("{\"alg\":\"none\"}", GOOD, NULL, AZATTEST__ALG_UNKNOWN);
    azattest_verifier *verifier = NULL;
    azattest_token *token = NULL;
    azattest_error *error = NULL;

    (void)state;
    base.signers = signers;
    base.expected_nonce = "n";
    base.now_ms = TOKEN_NOW * 1000;
    client.validation = &base;
    partial.validation_slack_ms = 1000;
    assert_int_equal(azattest_verifier_new(TOKEN_ENDPOINT, &client, &verifier, NULL), AZATTEST_OK);
    expect(azattest_verifier_validate_cached(verifier, azattest__text(text), &partial, &token, &error), &error,
           AZATTEST_E_TOKEN_ALGORITHM, "not signed");
    free(text);
    text = tokens_make("{\"alg\":\"ES256\",\"kid\":\"ec\"}", GOOD, tokens_keys()->p256, AZATTEST__ES256);
    expect(azattest_verifier_validate_cached(verifier, azattest__text(text), &partial, &token, &error), &error,
           AZATTEST_E_TOKEN_NONCE, "nonce");
    free(text);
    azattest_verifier_free(verifier);
}

int main(void)
{
    enum { DEFECTS = sizeof(defects) / sizeof(defects[0]) };
    struct CMUnitTest tests[DEFECTS + 1] = { cmocka_unit_test(partial_options_keep_the_rest) };

    for (size_t i = 0; i < DEFECTS; i++)
        tests[1 + i] = (struct CMUnitTest){ defects[i].name, is_not_ours, NULL, NULL, (void *)(uintptr_t)&defects[i] };
    return cmocka_run_group_tests_name("defects", tests, set_up, tear_down);
}
