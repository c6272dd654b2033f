/* The local service: policy-signing certificates, listed, added, removed; and who may. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/encoding.h"
#include "crypto/issue.h"
#include "emulator/envelope.h"
#include "policy_bench.h"

#define LIST "/certificates?api-version=2020-10-01"
#define ADD "/certificates:add?api-version=2020-10-01"
#define REMOVE "/certificates:remove?api-version=2020-10-01"
#define ADD_2025 "/certificates:add?api-version=2025-06-01"
#define REMOVE_2025 "/certificates:remove?api-version=2025-06-01"
#define POLICY "/policies/SgxEnclave?api-version=2020-10-01"

/* The payload that asks for a signer's certificate. */
static char *payload_of(const char *signer)
{
    char *payload;

    assert_true(asprintf(&payload, "{\"policyCertificate\":{\"kty\":\"RSA\",\"x5c\":[\"%s\"]}}",
                         policy_certificate(signer)) > 0);
    return payload;
}

/* A JWT about `what`, signed by `who` (NULL: unsecured), in the form: one %s. */
static char *request_of(const char *form, const char *who, const char *what)
{
    char *payload = payload_of(what), *token, *body;
    const char *alg = who == NULL ? "none" : strcmp(who, "ec") == 0 ? "ES256" : "RS256";
    const char *place = strstr(form, "%s");

    token = policy_token(alg, who, who, false, payload);
    assert_true(asprintf(&body, "%.*s%s%s", (int)(place - form), form, token, place + 2) > 0);
    free(token);
    free(payload);
    return body;
}

static void change(azattest__service *service, const char *target, const char *who, const char *what, int status,
                   const char *code, const char *text)
{
    char *body = request_of("\"%s\"", who, what);

    policy_expect(service, "POST", target, azattest__text(body), status, code, text);
    free(body);
}

/* The set as a list of names, in its order. */
static void expect_set(azattest__service *service, const char *names)
{
    azattest__service_request request = { .method = "GET", .target = LIST };
    azattest__service_answer answer;
    azattest__jws jws;
    azattest__json *claims;
    const azattest__json *key;
    azattest__buf got;

    azattest__buf_init(&got, 256);
    azattest__buf_append_text(&got, "");
    azattest__service_handle(service, &request, &answer);
    assert_int_equal(answer.status, 200);
    open_token(&answer, &jws);
    claims = parse(jws.body);
    assert_int_equal(azattest__json_count(claims), 5);
    key = azattest__json_first(azattest__json_get(azattest__json_get(claims, "x-ms-policy-certificates"), "keys"));
    for (; key != NULL; key = azattest__json_next(key)) {
        static const char *const known[] = { "rsa", "ec", "other" };
        const char *text = azattest__json_string(azattest__json_first(azattest__json_get(key, "x5c")));

        assert_int_equal(azattest__json_count(key), 4);
        assert_string_equal(azattest__json_get_string(key, "use"), "sig");
        for (size_t i = 0; i < 3; i++)
            if (strcmp(text, policy_certificate(known[i])) == 0) {
                azattest__buf_printf(&got, "%s%s", got.len == 0 ? "" : " ", known[i]);
                assert_string_equal(azattest__json_get_string(key, "kty"), i == 1 ? "EC" : "RSA");
                assert_string_equal(azattest__json_get_string(key, "alg"), i == 1 ? "ES256" : "RS256");
            }
    }
    assert_string_equal(got.ptr == NULL ? "" : (const char *)got.ptr, names);
    azattest__buf_free(&got);
    azattest__json_free(claims);
    azattest__jws_clear(&jws);
    azattest__service_answer_clear(&answer);
}

static void only_isolated_instances_have_certificates(void **state)
{
    azattest__service *aad = policy_service(AZATTEST__AAD), *shared = policy_service(AZATTEST__SHARED);
    azattest__service *isolated = policy_service(AZATTEST__ISOLATED);

    (void)state;
    expect_set(aad, "");
    expect_set(shared, "");
    expect_set(isolated, "rsa");
    change(aad, ADD, "rsa", "other", 400, "InvalidOperation", "Attestation Enclave operation failed with 65530");
    change(aad, REMOVE, "rsa", "rsa", 400, "InvalidOperation", "the operation is disallowed");
    change(shared, ADD, "rsa", "other", 403, "Forbidden", "shared instance");
    change(shared, REMOVE, "rsa", "rsa", 403, "Forbidden", "shared instance");
    azattest__service_free(aad);
    azattest__service_free(shared);
    azattest__service_free(isolated);
}

/* The whole life: add, sign with the new one, remove the old one, and never the last. */
static void certificates_roll_over(void **state)
{
    azattest__service *service = policy_service(AZATTEST__ISOLATED);
    char claims[256], *signed_by_other = policy_token("RS256", "other", "other", false, PAYLOAD);
    char *signed_by_rsa = policy_token("RS256", "rsa", "rsa", false, PAYLOAD);

    (void)state;
    policy_expect(service, "PUT", POLICY, azattest__text(signed_by_other), 400, "InvalidOperation", "not signed with");
    snprintf(claims, sizeof(claims),
             "\"x-ms-certificate-thumbprint\":\"%s\",\"x-ms-policycertificates-result\":\"IsPresent\"}",
             policy_thumbprint("other"));
    change(service, ADD, "rsa", "other", 200, NULL, claims);
    change(service, ADD, "rsa", "other", 200, NULL, claims); /* once more is no fault */
    expect_set(service, "rsa other");
    policy_expect(service, "PUT", POLICY, azattest__text(signed_by_other), 200, NULL, "Updated");
    change(service, ADD, "other", "ec", 200, NULL, "IsPresent");
    expect_set(service, "rsa other ec");
    snprintf(claims, sizeof(claims),
             "\"x-ms-certificate-thumbprint\":\"%s\",\"x-ms-policycertificates-result\":\"IsAbsent\"}",
             policy_thumbprint("rsa"));
    change(service, REMOVE, "ec", "rsa", 200, NULL, claims);
    change(service, REMOVE, "ec", "rsa", 200, NULL, claims);
    expect_set(service, "other ec");
    change(service, ADD, "rsa", "rsa", 400, "InvalidOperation", "not signed with the key of one of the instance's 2");
    policy_expect(service, "PUT", POLICY, azattest__text(signed_by_rsa), 400, "InvalidOperation", "not signed with");
    change(service, REMOVE, "ec", "ec", 200, NULL, "IsAbsent"); /* one's own goes too */
    change(service, REMOVE, "other", "other", 400, "InvalidOperation", "the last policy certificate");
    expect_set(service, "other");
    free(signed_by_other);
    free(signed_by_rsa);
    azattest__service_free(service);
}

static void a_certificate_renewed_for_its_key_still_signs(void **state)
{
    azattest__service *service = policy_service(AZATTEST__ISOLATED);
    char *token = policy_token("RS256", "renewed", "renewed", false, PAYLOAD);

    (void)state;
    policy_expect(service, "PUT", POLICY, azattest__text(token), 200, NULL, "Updated");
    change(service, REMOVE, "renewed", "renewed", 200, NULL, "IsAbsent"); /* it never was in the set */
    expect_set(service, "rsa");
    free(token);
    azattest__service_free(service);
}

static void a_signer_needs_a_certificate_for_signing(void **state)
{
    azattest__service *service = policy_service(AZATTEST__ISOLATED);

    (void)state;
    change(service, ADD, "rsa", "leaf", 400, "InvalidOperation", "CA:TRUE");
    change(service, REMOVE, "rsa", "leaf", 200, NULL, "IsAbsent");
    expect_set(service, "rsa");
    azattest__service_free(service);
}

/* Bodies: each has a good JWT for the addition of "other". */
static const struct body_case {
    const char *name, *target, *form;
    int status;
    const char *code, *text;
} bodies[] = {
    { "a JSON string in an old version", ADD, "\"%s\"", 200, NULL, "IsPresent" },
    { "an object in a new version", ADD_2025, "{\"policyCertificateToAdd\":\"%s\"}", 200, NULL, "IsPresent" },
    { "a JSON string in a new version", ADD_2025, "\"%s\"", 200, NULL, "IsPresent" },
    { "an object in an old version", ADD, "{\"policyCertificateToAdd\":\"%s\"}", 200, NULL, "IsPresent" },
    { "white space around it", ADD, " \r\n\t\"%s\"\n", 200, NULL, "IsPresent" },
    { "white space around an object", ADD, "\n { \"policyCertificateToAdd\" : \"%s\" } ", 200, NULL, "IsPresent" },
    { "the member in another case", ADD_2025, "{\"PolicyCertificateToADD\":\"%s\"}", 200, NULL, "IsPresent" },
    { "members that are not known", ADD_2025, "{\"policyCertificateToAdd\":\"%s\",\"later\":1}", 200, NULL,
      "IsPresent" },
    { "the member of the other operation", ADD_2025, "{\"policyCertificateToRemove\":\"%s\"}", 400, "InvalidParameter",
      "\"policyCertificateToAdd\"" },
    { "the member of this operation, removing", REMOVE_2025, "{\"policyCertificateToRemove\":\"%s\"}", 200, NULL,
      "IsAbsent" },
    { "a member of another type", ADD_2025, "{\"policyCertificateToAdd\":[\"%s\"]}", 400, "InvalidParameter",
      "expected a string" },
    { "no quotes", ADD, "%s", 400, "InvalidParameter", "request body" },
    { "two pairs of quotes", ADD, "\"\\\"%s\\\"\"", 400, "InvalidOperation", "no compact JWS" },
    { "a list", ADD, "[\"%s\"]", 400, "InvalidParameter", "neither a JSON string" },
    { "more behind it", ADD, "\"%s\" x", 400, "InvalidParameter", "request body" },
};

static void is_read(void **state)
{
    const struct body_case *one = *state;
    azattest__service *service = policy_service(AZATTEST__ISOLATED);
    char *body = request_of(one->form, "rsa", "other");

    policy_expect(service, "POST", one->target, azattest__text(body), one->status, one->code, one->text);
    expect_set(service, one->status == 200 && strstr(one->target, "add") != NULL ? "rsa other" : "rsa");
    free(body);
    azattest__service_free(service);
}

/* Payloads, all signed by the registered key. */
static const struct payload_case {
    const char *name, *payload, *text;
} payloads[] = {
    { "an empty payload", "", "no object \"policyCertificate\"" },
    { "no certificate", "{}", "no object \"policyCertificate\"" },
    { "the name of the first preview", "{\"maa-policyCertificate\":{\"x5c\":[\"AAAA\"]}}",
      "no object \"policyCertificate\"" },
    { "a certificate as text", "{\"policyCertificate\":\"AAAA\"}", "no object \"policyCertificate\"" },
    { "a JWK without a chain", "{\"policyCertificate\":{\"kty\":\"RSA\",\"n\":\"AAAA\",\"e\":\"AQAB\"}}",
      "no member \"x5c\"" },
    { "a chain that is no list", "{\"policyCertificate\":{\"x5c\":\"AAAA\"}}", "no list of certificates" },
    { "a chain without a certificate", "{\"policyCertificate\":{\"x5c\":[]}}", "no list of certificates" },
    { "a chain of numbers", "{\"policyCertificate\":{\"x5c\":[1]}}", "no list of certificates" },
    { "a certificate that is not base64", "{\"policyCertificate\":{\"x5c\":[\"-----BEGIN\"]}}",
      "no list of certificates" },
    { "a certificate that is none", "{\"policyCertificate\":{\"x5c\":[\"AAAA\"]}}", "cannot be read" },
};

static void is_refused(void **state)
{
    const struct payload_case *one = *state;
    azattest__service *service = policy_service(AZATTEST__ISOLATED);
    char *token = policy_token("RS256", "rsa", "rsa", false, one->payload), *body;

    assert_true(asprintf(&body, "\"%s\"", token) > 0);
    policy_expect(service, "POST", ADD, azattest__text(body), 400, "InvalidOperation", one->text);
    expect_set(service, "rsa");
    free(body);
    free(token);
    azattest__service_free(service);
}

static void unsecured_and_unregistered_requests_are_refused(void **state)
{
    azattest__service *service = policy_service(AZATTEST__ISOLATED);

    (void)state;
    change(service, ADD, NULL, "other", 400, "InvalidOperation", "unsigned");
    change(service, REMOVE, NULL, "rsa", 400, "InvalidOperation", "unsigned");
    change(service, ADD, "other", "other", 400, "InvalidOperation", "not signed with");
    change(service, ADD, "other", "rsa", 400, "InvalidOperation", "not signed with"); /* though it is present */
    expect_set(service, "rsa");
    azattest__service_free(service);
}

/* Where the header may hold the certificate. */
static void the_certificate_stands_in_x5c_or_in_jwk(void **state)
{
    static const struct {
        const char *format; /* one or two %s: certificates of rsa and other */
        bool accepted;
    } headers[] = {
        { "{\"alg\":\"RS256\",\"x5c\":[\"%s\"]}", true },
        { "{\"alg\":\"RSA256\",\"jwk\":{\"x5c\":[\"%s\"]}}", true },
        { "{\"alg\":\"RS256\",\"x5c\":[\"%1$s\"],\"jwk\":{\"x5c\":[\"%1$s\"]}}", true },
        { "{\"alg\":\"RS256\",\"x5c\":[\"%1$s\",\"%2$s\"]}", true },
        { "{\"alg\":\"RS256\",\"x5c\":[\"%1$s\"],\"jwk\":{\"x5c\":[\"%2$s\"]}}", false },
        { "{\"alg\":\"RS256\",\"x5c\":[\"%2$s\",\"%1$s\"]}", false },
        { "{\"alg\":\"RS256\"}", false },
        { "{\"alg\":\"RS256\",\"kid\":\"%s\"}", false },
        { "{\"alg\":\"RS256\",\"crit\":[\"b64\"],\"x5c\":[\"%s\"]}", false },
        { "{\"x5c\":[\"%s\"]}", false },
        { "{\"alg\":1,\"x5c\":[\"%s\"]}", false },
    };
    azattest__service *service = policy_service(AZATTEST__ISOLATED);

    (void)state;
    for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++) {
        azattest__service_request request = { .method = "PUT", .target = POLICY };
        azattest__service_answer answer;
        char *header, *token;

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
#pragma GCC diagnostic ignored "-Wformat-extra-args"
        assert_true(asprintf(&header, headers[i].format, policy_certificate("rsa"), policy_certificate("other")) > 0);
#pragma GCC diagnostic pop
        token = policy_token_with(header, AZATTEST__RS256, "rsa", PAYLOAD);
        request.body = azattest__text(token);
        azattest__service_handle(service, &request, &answer);
        if (answer.status != (headers[i].accepted ? 200 : 400))
            fail_msg("%s: %d %s", headers[i].format, answer.status, (const char *)answer.body.ptr);
        azattest__service_answer_clear(&answer);
        free(token);
        free(header);
    }
    azattest__service_free(service);
}

static void there_is_a_limit_to_their_number(void **state)
{
    azattest__service *service = policy_service(AZATTEST__ISOLATED);
    azattest__key *key = NULL;

    (void)state;
    assert_int_equal(azattest__key_generate_ec("P-384", &key, NULL), AZATTEST_OK);
    for (unsigned i = 1; i <= AZATTEST_LIMIT_KEYS; i++) {
        azattest__cert_request cert = { .common_name = "one of many",
                                        .serial = i,
                                        .ca = true,
                                        .path_length = -1,
                                        .not_before = world.now_s,
                                        .not_after = world.now_s + 3600 };
        azattest__cert *certificate = NULL;
        char *encoded, *payload, *token, *body;

        assert_int_equal(azattest__cert_issue(&cert, key, NULL, NULL, &certificate, NULL), AZATTEST_OK);
        encoded = encode(azattest__cert_der(certificate).ptr, azattest__cert_der(certificate).len, true);
        assert_true(asprintf(&payload, "{\"policyCertificate\":{\"kty\":\"EC\",\"x5c\":[\"%s\"]}}", encoded) > 0);
        token = policy_token("RS256", "rsa", "rsa", false, payload);
        assert_true(asprintf(&body, "\"%s\"", token) > 0);
        if (i < AZATTEST_LIMIT_KEYS)
            policy_expect(service, "POST", ADD, azattest__text(body), 200, NULL, "IsPresent");
        else
            policy_expect(service, "POST", ADD, azattest__text(body), 400, "InvalidOperation",
                          "64 policy certificates");
        free(body);
        free(token);
        free(payload);
        free(encoded);
        azattest__cert_free(certificate);
    }
    azattest__key_free(key);
    azattest__service_free(service);
}

static void no_truncated_body_changes_anything(void **state)
{
    static const char *const forms[] = { "\"%s\"", "{\"policyCertificateToAdd\":\"%s\"}" };
    azattest__service *service = policy_service(AZATTEST__ISOLATED);

    (void)state;
    for (size_t form = 0; form < 2; form++) {
        char *body = request_of(forms[form], "rsa", "other");

        for (size_t len = 0; len < strlen(body); len++) {
            char *cut = azattest__dup(body, len);
            azattest__service_request request = { .method = "POST", .target = ADD, .body = azattest__bytes(cut, len) };
            azattest__service_answer answer;

            azattest__service_handle(service, &request, &answer);
            assert_int_equal(answer.status, 400);
            azattest__service_answer_clear(&answer);
            free(cut);
        }
        free(body);
    }
    expect_set(service, "rsa");
    azattest__service_free(service);
}

int main(void)
{
    enum {
        BODIES = sizeof(bodies) / sizeof(bodies[0]),
        PAYLOADS = sizeof(payloads) / sizeof(payloads[0]),
    };
    static const struct CMUnitTest others[] = {
        cmocka_unit_test(only_isolated_instances_have_certificates),
        cmocka_unit_test(certificates_roll_over),
        cmocka_unit_test(a_certificate_renewed_for_its_key_still_signs),
        cmocka_unit_test(a_signer_needs_a_certificate_for_signing),
        cmocka_unit_test(unsecured_and_unregistered_requests_are_refused),
        cmocka_unit_test(the_certificate_stands_in_x5c_or_in_jwk),
        cmocka_unit_test(there_is_a_limit_to_their_number),
        cmocka_unit_test(no_truncated_body_changes_anything),
    };
    struct CMUnitTest tests[BODIES + PAYLOADS + sizeof(others) / sizeof(others[0])];

    for (size_t i = 0; i < BODIES; i++)
        tests[i] = (struct CMUnitTest){ bodies[i].name, is_read, NULL, NULL, (void *)(uintptr_t)&bodies[i] };
    for (size_t i = 0; i < PAYLOADS; i++)
        tests[BODIES + i] =
            (struct CMUnitTest){ payloads[i].name, is_refused, NULL, NULL, (void *)(uintptr_t)&payloads[i] };
    memcpy(tests + BODIES + PAYLOADS, others, sizeof(others));
    return cmocka_run_group_tests_name("service_certificates", tests, policy_setup, policy_teardown);
}
