/*
 * Every token of the evidence folder gets the verdict that its confirmed facts imply: valid only if a key of the
 * instance verified it, at a time inside its life. The facts were read by an independent checker.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <azattest/azattest.h>

#include "evidence.h"
#include "json/json.h"

/* The good key sets; the file that a fact names first may be a damaged copy with the same key. */
static const char *const key_sets[] = { "maa-certs/wus-shared-2022-11.jwks.json", "maa-certs/wus-aad-2022-11.jwks.json",
                                        "maa-certs/sharedweu.keys-only.jwks.json" };

static azattest__json *read_json(const char *name)
{
    azattest__json *root = NULL;
    size_t len;
    unsigned char *text = evidence_read(name, &len);

    assert_int_equal(azattest__json_parse(azattest__bytes(text, len), &root, NULL), AZATTEST_OK);
    free(text);
    return root;
}

static azattest_signers *read_signers(const char *name)
{
    azattest_signers *signers = NULL;
    size_t len;
    unsigned char *text = evidence_read(name, &len);

    assert_int_equal(azattest_signers_parse(azattest__bytes(text, len), &signers, NULL), AZATTEST_OK);
    free(text);
    return signers;
}

static azattest_token *read_token(const char *name, azattest_status *status)
{
    azattest_token *token = NULL;
    size_t len;
    unsigned char *text = evidence_read(name, &len);

    while (len > 0 && (text[len - 1] == '\n' || text[len - 1] == '\r'))
        len--;
    *status = azattest_token_parse(azattest__bytes(text, len), &token, NULL);
    free(text);
    return token;
}

/* Valid under any of the good key sets? The last refusal stays in *error. */
static bool is_valid(azattest_token *token, const char *issuer, int64_t now_s, azattest_error **error)
{
    bool valid = false;

    for (size_t i = 0; i < sizeof(key_sets) / sizeof(key_sets[0]) && !valid; i++) {
        azattest_signers *signers = read_signers(key_sets[i]);
        azattest_validation_options options = AZATTEST_VALIDATION_OPTIONS_INIT;

        options.signers = signers;
        options.issuers = &issuer;
        options.issuer_count = 1;
        options.now_ms = now_s * 1000;
        azattest_error_free(*error);
        valid = azattest_token_validate(token, &options, error) == AZATTEST_OK;
        assert_int_equal(azattest_token_is_validated(token), valid);
        azattest_signers_free(signers);
    }
    return valid;
}

static bool fact_is_true(const azattest__json *facts, const char *check)
{
    bool value = false;

    return azattest__json_bool(azattest__json_get(azattest__json_get(facts, "checks"), check), &value) && value;
}

static void judge(const char *name, const azattest__json *facts, int *valid_count, int *refused_count)
{
    const char *verified_by = azattest__json_get_string(facts, "verified_by");
    const char *issuer = azattest__json_get_string(facts, "iss");
    bool expected =
        fact_is_true(facts, "jws_sig") && verified_by != NULL && strncmp(verified_by, "maa-certs/", 10) == 0;
    azattest_error *error = NULL;
    azattest_status status;
    azattest_token *token = read_token(name, &status);
    int64_t exp = 0;
    bool valid = false;

    azattest__json_integer(azattest__json_get(facts, "exp"), &exp);
    if (status == AZATTEST_OK)
        valid = is_valid(token, issuer == NULL ? "https://sharedwus.wus.attest.azure.net" : issuer, exp - 1800, &error);
    if (valid != expected)
        print_error("%s: %s\n", name, valid ? "valid" : azattest_error_message(error));
    assert_int_equal(valid, expected);
    if (valid) {
        /* The same token a day later, and of another instance, is refused. */
        assert_false(is_valid(token, issuer, exp + 86400, &error));
        assert_false(is_valid(token, "https://shareduks.uks.attest.azure.net", exp - 1800, &error));
        ++*valid_count;
    } else {
        ++*refused_count;
    }
    azattest_error_free(error);
    azattest_token_free(token);
}

static void every_token_gets_the_verdict_of_its_facts(void **state)
{
    azattest__json *facts;
    int valid = 0, refused = 0;

    (void)state;
    EVIDENCE_OR_SKIP();
    facts = read_json("facts.json");
    for (const azattest__json *item = azattest__json_first(facts); item != NULL; item = azattest__json_next(item))
        if (strncmp(azattest__json_name(item), "maa-tokens/", 11) == 0)
            judge(azattest__json_name(item), item, &valid, &refused);
    print_message("%d valid, %d refused\n", valid, refused);
    assert_int_equal(valid, 9);
    assert_int_equal(refused, 11);
    azattest__json_free(facts);
}

typedef struct refusal {
    const char *name, *file;
    azattest_status status;
    const char *message;
} refusal;

static const refusal refusals[] = {
    { "alg none", "neg-alg-none.jwt", AZATTEST_E_TOKEN_ALGORITHM, "not signed" },
    { "alg none with a signature", "neg-alg-none-keeps-sig.jwt", AZATTEST_E_TOKEN_ALGORITHM, "not signed" },
    { "HS256 with the public key", "neg-hs256-confusion.jwt", AZATTEST_E_TOKEN_ALGORITHM, "HS256" },
    { "jku of another host", "neg-jku-elsewhere.jwt", AZATTEST_E_TOKEN_KEY_URL, "jku" },
    { "payload changed", "neg-payload-changed.jwt", AZATTEST_E_TOKEN_SIGNATURE, "signature" },
    { "one bit of the signature", "neg-sig-bitflip.jwt", AZATTEST_E_TOKEN_SIGNATURE, "signature" },
    { "signature cut short", "neg-truncated.jwt", AZATTEST_E_TOKEN_SIGNATURE, "signature" },
    { "an unsigned draft reply", "sgx-draft-policy-unsigned.jwt", AZATTEST_E_TOKEN_ALGORITHM, "not signed" },
    { "a key that is not published any more", "azurevm-eus2-2022-04-unknown-kid.jwt", AZATTEST_E_TOKEN_KEY_UNKNOWN,
      "rj/UuoedUDeC1WTpnxBo2fBz+RFnAuC5j4luHsQAaXI=" },
    { "a client's own signed request", "policy-set-request-signed.jwt", AZATTEST_E_TOKEN_SIGNATURE, "names no key" },
};

static void refuses_for_the_right_reason(void **state)
{
    const refusal *test = *state;
    azattest_validation_options options = AZATTEST_VALIDATION_OPTIONS_INIT;
    const char *issuer = "https://sharedwus.wus.attest.azure.net";
    azattest_signers *signers;
    azattest_error *error = NULL;
    azattest_token *token;
    azattest_status status;
    char name[128];

    EVIDENCE_OR_SKIP();
    if (strstr(test->file, "eus2") != NULL)
        issuer = "https://sharedeus2.eus2.attest.azure.net";
    snprintf(name, sizeof(name), "maa-tokens/%s", test->file);
    token = read_token(name, &status);
    assert_int_equal(status, AZATTEST_OK);
    signers = read_signers(key_sets[0]);
    options.signers = signers;
    options.issuers = &issuer;
    options.issuer_count = 1;
    options.now_ms = INT64_C(1668650000000);
    assert_int_equal(azattest_token_validate(token, &options, &error), test->status);
    assert_non_null(strstr(azattest_error_message(error), test->message));
    azattest_error_free(error);
    azattest_token_free(token);
    azattest_signers_free(signers);
}

/* Flips one bit of every character of a real token: whatever still parses must be refused. */
static void a_flipped_bit_anywhere_is_refused(void **state)
{
    azattest_validation_options options = AZATTEST_VALIDATION_OPTIONS_INIT;
    const char *issuer = "https://sharedwus.wus.attest.azure.net";
    azattest_signers *signers;
    unsigned char *text;
    size_t len, parsed = 0;

    (void)state;
    EVIDENCE_OR_SKIP();
    signers = read_signers(key_sets[0]);
    text = evidence_read("maa-tokens/sgx-shared-2022-11.jwt", &len);
    while (len > 0 && text[len - 1] == '\n')
        len--;
    options.signers = signers;
    options.issuers = &issuer;
    options.issuer_count = 1;
    options.now_ms = INT64_C(1668650000000);
    for (size_t i = 0; i < len; i++) {
        azattest_token *token = NULL;

        text[i] ^= 1;
        if (azattest_token_parse(azattest__bytes(text, len), &token, NULL) == AZATTEST_OK) {
            parsed++;
            assert_int_not_equal(azattest_token_validate(token, &options, NULL), AZATTEST_OK);
        }
        azattest_token_free(token);
        text[i] ^= 1;
    }
    assert_true(parsed > 0);
    free(text);
    azattest_signers_free(signers);
}

static void a_truncated_token_is_refused_at_every_byte(void **state)
{
    azattest_validation_options options = AZATTEST_VALIDATION_OPTIONS_INIT;
    const char *issuer = "https://sharedwus.wus.attest.azure.net";
    azattest_signers *signers;
    unsigned char *text;
    size_t len;

    (void)state;
    EVIDENCE_OR_SKIP();
    signers = read_signers(key_sets[0]);
    text = evidence_read("maa-tokens/sgx-shared-2022-11.jwt", &len);
    while (len > 0 && text[len - 1] == '\n')
        len--;
    options.signers = signers;
    options.issuers = &issuer;
    options.issuer_count = 1;
    options.now_ms = INT64_C(1668650000000);
    for (size_t cut = 0; cut < len; cut++) {
        unsigned char *exact = malloc(cut == 0 ? 1 : cut); /* so that a read behind the end is seen */
        azattest_token *token = NULL;

        assert_non_null(exact);
        memcpy(exact, text, cut);
        if (azattest_token_parse(azattest__bytes(exact, cut), &token, NULL) == AZATTEST_OK)
            assert_int_not_equal(azattest_token_validate(token, &options, NULL), AZATTEST_OK);
        azattest_token_free(token);
        free(exact);
    }
    free(text);
    azattest_signers_free(signers);
}

int main(void)
{
    struct CMUnitTest tests[sizeof(refusals) / sizeof(refusals[0]) + 3] = {
        cmocka_unit_test(every_token_gets_the_verdict_of_its_facts),
        cmocka_unit_test(a_flipped_bit_anywhere_is_refused),
        cmocka_unit_test(a_truncated_token_is_refused_at_every_byte),
    };

    for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++)
        tests[3 + i] = (struct CMUnitTest){ refusals[i].name, refuses_for_the_right_reason, NULL, NULL,
                                            (void *)(uintptr_t)&refusals[i] };
    return cmocka_run_group_tests_name("real_tokens", tests, NULL, NULL);
}
