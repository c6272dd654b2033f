/* The local service: policies of its three modes, stored, hashed, given back; parsed. What they do to attestation:
 * service_governed.c. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/encoding.h"
#include "emulator/policy_cache.h"
#include "policy_bench.h"

#define POLICY "/policies/SgxEnclave?api-version=2020-10-01"
#define RESET "/policies/SgxEnclave:reset?api-version=2020-10-01"
#define PERMIT "version=1.0; authorizationrules{=> permit();}; issuancerules{};"
/* {"AttestationPolicy":"..."} of PERMIT, and with a blank behind the colon: reference vectors. */
#define COMPACT                                                                                                        \
    "eyJhbGciOiJub25lIn0.eyJBdHRlc3RhdGlvblBvbGljeSI6ImRtVnljMmx2YmoweExqQTdJR0YxZEdodmNtbDZZWFJwYjI1eWRXeGxjM3M5UGlC" \
    "d1pYSnRhWFFvS1R0OU95QnBjM04xWVc1alpYSjFiR1Z6ZTMwNyJ9."
#define SPACED                                                                                                         \
    "eyJhbGciOiJub25lIn0.eyJBdHRlc3RhdGlvblBvbGljeSI6ICJkbVZ5YzJsdmJqMHhMakE3SUdGMWRHaHZjbWw2WVhScGIyNXlkV3hsYzNzOVBp" \
    "QndaWEp0YVhRb0tUdDlPeUJwYzNOMVlXNWpaWEoxYkdWemUzMDcifQ."
#define EMPTY "eyJhbGciOiJub25lIn0.."

/* What one request says, to a fresh instance. `text` is a part of the token's claims, or of the message. */
static const struct policy_case {
    const char *name;
    azattest__mode mode;
    const char *method, *target;
    const char *header; /* NULL: `body` is sent as it stands, else signed by `signer` or unsecured */
    enum { NOBODY, RSA_KEY, EC_KEY, EC_DER, OTHER_KEY } signer;
    const char *body; /* or the payload */
    int status;
    const char *code, *text;
} cases[] = {
    { "an unsecured policy", AZATTEST__AAD, "PUT", POLICY, NULL, NOBODY, COMPACT, 200, NULL,
      "\"x-ms-policy-result\":\"Updated\",\"x-ms-policy-token-hash\":\"c6sEJQItV50OeP9IrP_bzywAMOVvj5uDPbklA_"
      "bwdYQ\"}" },
    { "the hash is that of the bytes, not of the policy", AZATTEST__AAD, "PUT", POLICY, NULL, NOBODY, SPACED, 200, NULL,
      "\"x-ms-policy-token-hash\":\"pyhI2FKMjRkvpvwS07hLclAyvsi5O4TrnzL5OPsIxzM\"" },
    { "white space and quotes around it do not count", AZATTEST__AAD, "PUT", POLICY, NULL, NOBODY,
      " \r\n\t\"" COMPACT "\"\n", 200, NULL, "c6sEJQItV50OeP9IrP_bzywAMOVvj5uDPbklA_bwdYQ" },
    { "one pair of quotes only", AZATTEST__AAD, "PUT", POLICY, NULL, NOBODY, "\"\"" COMPACT "\"\"", 400,
      "InvalidOperation", "no compact JWS" },
    { "the type in another case", AZATTEST__AAD, "PUT", "/policies/sgxenclave?api-version=2025-06-01", NULL, NOBODY,
      COMPACT, 200, NULL, "Updated" },
    { "a type of the newest version", AZATTEST__AAD, "PUT", "/policies/AiHsm?api-version=2026-03-11-preview", NULL,
      NOBODY, COMPACT, 200, NULL, "Updated" },
    { "a type of the oldest version", AZATTEST__AAD, "GET", "/policies/CyResComponent?api-version=2020-10-01", NULL,
      NOBODY, "", 200, NULL, "\"x-ms-policy\":\"" EMPTY "\"}" },
    { "a type that no version knows", AZATTEST__AAD, "PUT", "/policies/Sgx?api-version=2025-06-01", NULL, NOBODY,
      COMPACT, 404, "NotFound", "no such attestation type" },
    { "an escaped colon", AZATTEST__AAD, "POST", "/policies/SgxEnclave%3Areset?api-version=2020-10-01", NULL, NOBODY,
      EMPTY, 200, NULL, "\"x-ms-policy-result\":\"Removed\"}" },
    { "without a version", AZATTEST__AAD, "GET", "/policies/SgxEnclave", NULL, NOBODY, "", 400, "InvalidParameter",
      "api-version is missing" },

    { "signed RS256", AZATTEST__AAD, "PUT", POLICY, "RS256", RSA_KEY, PAYLOAD, 200, NULL,
      "\"x-ms-policy-signer\":{\"alg\":\"RS256\",\"kty\":\"RSA\",\"use\":\"sig\",\"x5c\":[\"" },
    { "signed RS384", AZATTEST__AAD, "PUT", POLICY, "RS384", RSA_KEY, PAYLOAD, 200, NULL, "{\"alg\":\"RS384\"," },
    { "signed RS512", AZATTEST__AAD, "PUT", POLICY, "RS512", RSA_KEY, PAYLOAD, 200, NULL, "{\"alg\":\"RS512\"," },
    { "signed PS256", AZATTEST__AAD, "PUT", POLICY, "PS256", RSA_KEY, PAYLOAD, 200, NULL, "{\"alg\":\"PS256\"," },
    { "signed PS384", AZATTEST__AAD, "PUT", POLICY, "PS384", RSA_KEY, PAYLOAD, 200, NULL, "{\"alg\":\"PS384\"," },
    { "signed PS512", AZATTEST__AAD, "PUT", POLICY, "PS512", RSA_KEY, PAYLOAD, 200, NULL, "{\"alg\":\"PS512\"," },
    { "signed RSA256, which official clients write", AZATTEST__AAD, "PUT", POLICY, "RSA256", RSA_KEY, PAYLOAD, 200,
      NULL, "{\"alg\":\"RS256\"," },
    { "signed ES256", AZATTEST__AAD, "PUT", POLICY, "ES256", EC_KEY, PAYLOAD, 200, NULL,
      "\"x-ms-policy-signer\":{\"alg\":\"ES256\",\"kty\":\"EC\",\"use\":\"sig\",\"x5c\":[\"" },
    { "signed ES256 in DER, which one official client sends", AZATTEST__AAD, "PUT", POLICY, "ES256", EC_DER, PAYLOAD,
      200, NULL, "{\"alg\":\"ES256\"," },
    { "signed ECDH256, which official clients write", AZATTEST__AAD, "PUT", POLICY, "ECDH256", EC_DER, PAYLOAD, 200,
      NULL, "{\"alg\":\"ES256\"," },
    { "a signed reset has no signer in its answer", AZATTEST__AAD, "POST", RESET, "RS256", RSA_KEY, "", 200, NULL,
      "\"x-ms-policy-result\":\"Removed\"}" },
    { "HS256", AZATTEST__AAD, "PUT", POLICY, "HS256", RSA_KEY, PAYLOAD, 400, "InvalidOperation", "unknown \"alg\"" },
    { "algorithms have one letter case", AZATTEST__AAD, "PUT", POLICY, "rs256", RSA_KEY, PAYLOAD, 400,
      "InvalidOperation", "unknown \"alg\"" },
    { "an algorithm of the other type of key", AZATTEST__AAD, "PUT", POLICY, "ES256", RSA_KEY, PAYLOAD, 400,
      "InvalidOperation", "does not fit" },
    { "signed ES384 by a key of P-256", AZATTEST__AAD, "PUT", POLICY, "ES384", EC_KEY, PAYLOAD, 400, "InvalidOperation",
      "does not fit" },
    { "signed by another key than that of the certificate", AZATTEST__AAD, "PUT", POLICY, "RS256", OTHER_KEY, PAYLOAD,
      400, "InvalidOperation", "does not verify" },

    { "no body", AZATTEST__AAD, "PUT", POLICY, NULL, NOBODY, "", 400, "InvalidOperation", "no compact JWS" },
    { "the text of a policy instead of a JWT", AZATTEST__AAD, "PUT", POLICY, NULL, NOBODY, PERMIT, 400,
      "InvalidOperation", "no compact JWS" },
    { "no signature's dot", AZATTEST__AAD, "PUT", POLICY, NULL, NOBODY, "eyJhbGciOiJub25lIn0.e30", 400,
      "InvalidOperation", "no compact JWS" },
    { "none with a signature", AZATTEST__AAD, "PUT", POLICY, NULL, NOBODY, COMPACT "AAAA", 400, "InvalidOperation",
      "yet has a signature" },
    { "an empty payload", AZATTEST__AAD, "PUT", POLICY, NULL, NOBODY, EMPTY, 400, "InvalidOperation", "use :reset" },
    { "a reset with a payload", AZATTEST__AAD, "POST", RESET, NULL, NOBODY, COMPACT, 400, "InvalidOperation",
      "has an empty payload" },
    { "no AttestationPolicy", AZATTEST__AAD, "PUT", POLICY, "none", NOBODY, "{}", 400, "InvalidOperation",
      "no text \"AttestationPolicy\"" },
    { "AttestationPolicy in another case", AZATTEST__AAD, "PUT", POLICY, "none", NOBODY,
      "{\"attestationPolicy\":\"AAAA\"}", 400, "InvalidOperation", "no text \"AttestationPolicy\"" },
    { "AttestationPolicy that is no text", AZATTEST__AAD, "PUT", POLICY, "none", NOBODY, "{\"AttestationPolicy\":[]}",
      400, "InvalidOperation", "no text \"AttestationPolicy\"" },
    { "AttestationPolicy in plain text", AZATTEST__AAD, "PUT", POLICY, "none", NOBODY,
      "{\"AttestationPolicy\":\"version= 1.0;\"}", 400, "InvalidOperation", "not base64url" },
    { "a policy that is not UTF-8", AZATTEST__AAD, "PUT", POLICY, "none", NOBODY, "{\"AttestationPolicy\":\"_w\"}", 400,
      "PolicyParsingError", "not UTF-8" },
    { "a policy with a NUL", AZATTEST__AAD, "PUT", POLICY, "none", NOBODY, "{\"AttestationPolicy\":\"YQBh\"}", 400,
      "PolicyParsingError", "not UTF-8" },
    { "another method", AZATTEST__AAD, "POST", POLICY, NULL, NOBODY, COMPACT, 405, "MethodNotAllowed",
      "another method" },

    { "isolated: unsecured", AZATTEST__ISOLATED, "PUT", POLICY, NULL, NOBODY, COMPACT, 400, "InvalidOperation",
      "Native operation failed with 74: the JWS is unsigned" },
    { "isolated: an unsecured reset", AZATTEST__ISOLATED, "POST", RESET, NULL, NOBODY, EMPTY, 400, "InvalidOperation",
      "the JWS is unsigned" },
    { "isolated: signed by a registered key", AZATTEST__ISOLATED, "PUT", POLICY, "RS256", RSA_KEY, PAYLOAD, 200, NULL,
      "\"x-ms-policy-result\":\"Updated\"" },
    { "isolated: a reset by a registered key", AZATTEST__ISOLATED, "POST", RESET, "RS256", RSA_KEY, "", 200, NULL,
      "\"x-ms-policy-result\":\"Removed\"}" },
    { "isolated: signed by a key that is not registered", AZATTEST__ISOLATED, "PUT", POLICY, "ES256", EC_KEY, PAYLOAD,
      400, "InvalidOperation", "not signed with the key of one of the instance's 1" },
    { "isolated: a registered certificate, and the signature of another key", AZATTEST__ISOLATED, "PUT", POLICY,
      "RS256", OTHER_KEY, PAYLOAD, 400, "InvalidOperation", "does not verify" },
    { "isolated: reading needs no signature", AZATTEST__ISOLATED, "GET", POLICY, NULL, NOBODY, "", 200, NULL,
      "\"x-ms-policy\":\"eyJhbGciOiJub25lIn0." },

    { "shared: a policy", AZATTEST__SHARED, "PUT", POLICY, NULL, NOBODY, COMPACT, 403, "Forbidden", "shared instance" },
    { "shared: a reset", AZATTEST__SHARED, "POST", RESET, NULL, NOBODY, EMPTY, 403, "Forbidden", "shared instance" },
    { "shared: no default for a TPM", AZATTEST__SHARED, "GET", "/policies/Tpm?api-version=2020-10-01", NULL, NOBODY, "",
      200, NULL, "\"x-ms-policy\":\"" EMPTY "\"}" },
};

static char *body_of(const struct policy_case *one)
{
    static const struct {
        const char *key, *certificate;
        bool der;
    } signers[] = { [RSA_KEY] = { "rsa", "rsa", false },
                    [EC_KEY] = { "ec", "ec", false },
                    [EC_DER] = { "ec", "ec", true },
                    [OTHER_KEY] = { "other", "rsa", false } };

    if (one->header == NULL)
        return azattest__dup_text(one->body);
    if (one->signer == NOBODY)
        return policy_token(one->header, NULL, NULL, false, one->body);
    return policy_token(one->header, signers[one->signer].key, signers[one->signer].certificate,
                        signers[one->signer].der, one->body);
}

static void is_answered(void **state)
{
    const struct policy_case *one = *state;
    azattest__service *service = policy_service(one->mode);
    char *body = body_of(one);

    policy_expect(service, one->method, one->target, azattest__text(body), one->status, one->code, one->text);
    free(body);
    azattest__service_free(service);
}

static void what_was_put_is_got_back_byte_by_byte(void **state)
{
    azattest__service *service = policy_service(AZATTEST__AAD);
    char *token = policy_token("RSA256", "rsa", "rsa", false, PAYLOAD), *got;

    (void)state;
    policy_expect(service, "PUT", POLICY, azattest__text(token), 200, NULL, "Updated");
    got = policy_get(service, POLICY);
    assert_string_equal(got, token);
    free(got);
    policy_expect(service, "PUT", POLICY, azattest__text("\"" SPACED "\""), 200, NULL, "Updated");
    got = policy_get(service, POLICY);
    assert_string_equal(got, SPACED);
    free(got);
    got = policy_get(service, "/policies/OpenEnclave?api-version=2020-10-01"); /* each type has its own */
    assert_string_not_equal(got, SPACED);
    free(got);
    policy_expect(service, "POST", RESET, azattest__text(EMPTY), 200, NULL, "Removed");
    got = policy_get(service, POLICY);
    assert_string_not_equal(got, SPACED);
    free(got);
    policy_expect(service, "POST", RESET, azattest__text(EMPTY), 200, NULL, "Removed"); /* there is nothing more */
    free(token);
    azattest__service_free(service);
}

static void a_refused_change_changes_nothing(void **state)
{
    azattest__service *service = policy_service(AZATTEST__ISOLATED);
    char *before = policy_get(service, POLICY), *after, *stranger = policy_token("ES256", "ec", "ec", false, PAYLOAD);

    (void)state;
    policy_expect(service, "PUT", POLICY, azattest__text(COMPACT), 400, "InvalidOperation", "unsigned");
    policy_expect(service, "PUT", POLICY, azattest__text(stranger), 400, "InvalidOperation", "not signed with");
    after = policy_get(service, POLICY);
    assert_string_equal(before, after);
    free(before);
    free(after);
    free(stranger);
    azattest__service_free(service);
}

/* The body of a refusal on an isolated instance, as recorded: code and message once more in innererror. */
static void refusals_repeat_themselves_in_innererror(void **state)
{
    azattest__service *service = policy_service(AZATTEST__ISOLATED);
    azattest__service_request request = { .method = "PUT", .target = POLICY, .body = azattest__text(COMPACT) };
    azattest__service_answer answer;
    azattest__json *document;
    const azattest__json *error, *inner;

    (void)state;
    azattest__service_handle(service, &request, &answer);
    document = parse(azattest__buf_bytes(&answer.body));
    error = azattest__json_get(document, "error");
    inner = azattest__json_get(error, "innererror");
    assert_int_equal(azattest__json_count(error), 3);
    assert_int_equal(azattest__json_count(inner), 2);
    assert_string_equal(azattest__json_get_string(inner, "code"), "InvalidOperation");
    assert_string_equal(azattest__json_get_string(inner, "message"), azattest__json_get_string(error, "message"));
    azattest__json_free(document);
    azattest__service_answer_clear(&answer);
    azattest__service_free(service);
}

/* A policy text of just the limit, and one byte over it. */
static void a_policy_has_a_limit(void **state)
{
    static const char permit[] = "version=1.0;authorizationrules{=>permit();};";
    azattest__service *service = policy_service(AZATTEST__AAD);
    char *text = malloc(AZATTEST_LIMIT_POLICY + 1);

    (void)state;
    memset(text, ' ', AZATTEST_LIMIT_POLICY + 1);
    memcpy(text, permit, sizeof(permit) - 1);
    for (size_t more = 0; more <= 1; more++) {
        char *encoded = encode(text, AZATTEST_LIMIT_POLICY + more, false), *payload, *token;

        assert_true(asprintf(&payload, "{\"AttestationPolicy\":\"%s\"}", encoded) > 0);
        token = policy_token("none", NULL, NULL, false, payload);
        policy_expect(service, "PUT", POLICY, azattest__text(token), more == 0 ? 200 : 400,
                      more == 0 ? NULL : "InvalidParameter", more == 0 ? "Updated" : "more than 65536 bytes");
        free(token);
        free(payload);
        free(encoded);
    }
    free(text);
    azattest__service_free(service);
}

static void put_text(azattest__service *service, const char *target, const char *signer, const char *text)
{
    char *encoded = encode(text, strlen(text), false), *payload, *token;

    assert_true(asprintf(&payload, "{\"AttestationPolicy\":\"%s\"}", encoded) > 0);
    token = policy_token(signer == NULL ? "none" : "RS256", signer, signer, false, payload);
    policy_expect(service, "PUT", target, azattest__text(token), 200, NULL, "Updated");
    free(token);
    free(payload);
    free(encoded);
}

static void attest_with(azattest__service *service, int status, const char *code, const char *text)
{
    char *body = expand("{" QUOTE "}");

    policy_expect(service, "POST", SGX, azattest__text(body), status, code, text);
    free(body);
}

/* The claims follow the policy that is stored, until it is reset. */
static void attestation_follows_the_stored_policy(void **state)
{
    static const char old[] = "version= 1.0;authorizationrules{=> permit();};issuancerules{c:[type==\"x-ms-sgx-is-debug"
                              "gable\"] => issue(type=\"is-debuggable\", value=c.value);c:[type==\"x-ms-sgx-mrsigner\"]"
                              " => issue(type=\"sgx-mrsigner\", value=c.value);c:[type==\"x-ms-sgx-mrenclave\"] => issu"
                              "e(type=\"sgx-mrenclave\", value=c.value);c:[type==\"x-ms-sgx-product-id\"] => issue(type"
                              "=\"product-id\", value=c.value);c:[type==\"x-ms-sgx-svn\"] => issue(type=\"svn\", value="
                              "c.value);c:[type==\"x-ms-attestation-type\"] => issue(type=\"tee\", value=c.value);};";
    azattest__service *service = policy_service(AZATTEST__AAD);

    (void)state;
    attest_with(service, 200, NULL, "\"x-ms-policy-hash\":\"ViVGS4BYl70X8eUrgryHg0TtbEk9WtIc6DtTBEFxaWc\"");
    attest_with(service, 200, NULL, "\"x-ms-sgx-tcbidentifier\":\"azuredefault\"");
    put_text(service, POLICY, NULL, PERMIT);
    attest_with(service, 200, NULL, "\"x-ms-policy-hash\":\"z0FRjKS0ssQTNur1V6BV8WIrh9M3fzgTo0EfHRvapWU\"");
    put_text(service, POLICY, "rsa", old);
    attest_with(service, 200, NULL,
                "\"x-ms-policy-hash\":\"bROrN897ZfWmWY2V0FLUlu3uwk5xatGnKYHn3zBbSlw\",\"x-ms-policy-signer\":{\"alg\":"
                "\"RS256\",\"kty\":\"RSA\",\"use\":\"sig\",\"x5c\":[\"MII");
    put_text(service, POLICY, NULL, old);
    attest_with(service, 200, NULL,
                "\"x-ms-policy-hash\":\"bROrN897ZfWmWY2V0FLUlu3uwk5xatGnKYHn3zBbSlw\",\"x-ms-sgx-c");
    put_text(service, POLICY, NULL, "version= 1.0;authorizationrules{=> deny();};");
    attest_with(service, 400, "PolicyEvaluationError", "A Deny claim was issued");
    policy_expect(service, "POST", RESET, azattest__text(EMPTY), 200, NULL, "Removed");
    attest_with(service, 200, NULL, "\"x-ms-policy-hash\":\"ViVGS4BYl70X8eUrgryHg0TtbEk9WtIc6DtTBEFxaWc\"");
    azattest__service_free(service);
}

/* Each hash occurs in real tokens; the first is that of every SGX token recorded in November 2022. */
static void default_policies_have_the_hashes_of_real_tokens(void **state)
{
    static const struct {
        const char *kind, *hash;
    } defaults[] = {
        { "SgxEnclave", "ViVGS4BYl70X8eUrgryHg0TtbEk9WtIc6DtTBEFxaWc" },
        { "OpenEnclave", "ViVGS4BYl70X8eUrgryHg0TtbEk9WtIc6DtTBEFxaWc" },
        { "SevSnpVm", "9NY0VnTQ-IiBriBplVUpFbczcDaEBUwsiFYAzHu_gco" },
        { "TdxVm", "9NY0VnTQ-IiBriBplVUpFbczcDaEBUwsiFYAzHu_gco" },
        { "AzureGuest", "wm9mHlvTU82e8UqoOy1Yj1FBRSNkfe99-69IYDq9eWs" },
        { "Tpm", NULL },
        { "Pluton", NULL },
    };
    azattest__service *service = policy_service(AZATTEST__AAD);

    (void)state;
    for (size_t i = 0; i < sizeof(defaults) / sizeof(defaults[0]); i++) {
        const azattest__kind *kind = azattest__kind_find(defaults[i].kind, strlen(defaults[i].kind));
        azattest__service_policy *policy = NULL;
        azattest__buf hash;

        assert_int_equal(azattest__service_policy_in_force(service, kind, &policy, NULL), AZATTEST_OK);
        assert_int_equal(policy == NULL, defaults[i].hash == NULL);
        if (policy == NULL)
            continue;
        azattest__buf_init(&hash, 64);
        azattest__base64url_encode(azattest_policy_policy_hash(policy->parsed), &hash);
        assert_string_equal((char *)hash.ptr, defaults[i].hash);
        assert_int_equal(policy->parsed->diagnostics.errors, 0);
        azattest__buf_free(&hash);
        azattest__service_policy_free(policy);
    }
    azattest__service_free(service);
}

/* Every prefix of a signed policy is refused, and so is every flipped bit of its signature. */
static void no_truncated_or_flipped_policy_is_stored(void **state)
{
    azattest__service *service = policy_service(AZATTEST__ISOLATED);
    char *token = policy_token("RS256", "rsa", "rsa", false, PAYLOAD), *signature = strrchr(token, '.') + 1;
    azattest__service_request request = { .method = "PUT", .target = POLICY };
    azattest__service_answer answer;

    (void)state;
    for (size_t len = 0; len < strlen(token); len++) {
        char *cut = azattest__dup(token, len); /* its own memory: a read beyond it shows */

        request.body = azattest__bytes(cut, len);
        azattest__service_handle(service, &request, &answer);
        assert_int_equal(answer.status, 400);
        azattest__service_answer_clear(&answer);
        free(cut);
    }
    for (size_t i = 0; i + 1 < strlen(signature); i++) { /* the last character has bits that do not count */
        char kept = signature[i];

        signature[i] = kept == 'A' ? 'B' : 'A';
        policy_expect(service, "PUT", POLICY, azattest__text(token), 400, "InvalidOperation", "");
        signature[i] = kept;
    }
    policy_expect(service, "PUT", POLICY, azattest__text(token), 200, NULL, "Updated");
    free(token);
    azattest__service_free(service);
}

int main(void)
{
    enum { CASES = sizeof(cases) / sizeof(cases[0]) };
    static const struct CMUnitTest others[] = {
        cmocka_unit_test(what_was_put_is_got_back_byte_by_byte),
        cmocka_unit_test(a_refused_change_changes_nothing),
        cmocka_unit_test(refusals_repeat_themselves_in_innererror),
        cmocka_unit_test(a_policy_has_a_limit),
        cmocka_unit_test(attestation_follows_the_stored_policy),
        cmocka_unit_test(default_policies_have_the_hashes_of_real_tokens),
        cmocka_unit_test(no_truncated_or_flipped_policy_is_stored),
    };
    struct CMUnitTest tests[CASES + sizeof(others) / sizeof(others[0])];

    for (size_t i = 0; i < CASES; i++)
        tests[i] = (struct CMUnitTest){ cases[i].name, is_answered, NULL, NULL, (void *)(uintptr_t)&cases[i] };
    memcpy(tests + CASES, others, sizeof(others));
    return cmocka_run_group_tests_name("service_policies", tests, policy_setup, policy_teardown);
}
