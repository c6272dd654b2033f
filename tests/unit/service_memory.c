/* Every allocation of a request fails once, in turn: the answer is then a refusal or as it should be, never a wrong
 * yes, and what is stored is the old or the new state. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/encoding.h"
#include "policy_bench.h"
#include "failing_memory.h"

#define POLICY "/policies/SgxEnclave?api-version=2020-10-01"

/* Failures run through to the first run without one, whose answer is `status`. */
static void every_failure(azattest__service *service, const char *method, const char *target, const char *body,
                          int status)
{
    azattest__service_request request = { .method = method, .target = target, .body = azattest__text(body) };
    bool failed = true;
    long runs = 0;

    for (; failed; runs++) {
        azattest__service_answer answer;

        allocations_until_failure = runs;
        azattest__service_handle(service, &request, &answer);
        failed = allocations_until_failure < 0;
        allocations_until_failure = -1;
        if (answer.status != status && answer.status != 400 && answer.status != 500)
            fail_msg("allocation %ld: %d %s", runs, answer.status, (const char *)answer.body.ptr);
        if (!failed)
            assert_int_equal(answer.status, status);
        azattest__service_answer_clear(&answer);
    }
    assert_true(runs > 10);
}

static void policies(void **state)
{
    azattest__service *service = policy_service(AZATTEST__ISOLATED);
    char *good = policy_token("RS256", "rsa", "rsa", false, PAYLOAD), *got;
    char *forged = policy_token("RS256", "other", "rsa", false, PAYLOAD);
    char *stranger = policy_token("RS256", "other", "other", false, PAYLOAD);
    char *reset = policy_token("RS256", "rsa", "rsa", false, "");
    char *broken =
        policy_token("RS256", "rsa", "rsa", false, "{\"AttestationPolicy\":\"dmVyc2lvbj05Ow\"}"); /* version=9; */

    (void)state;
    every_failure(service, "PUT", POLICY, good, 200);
    got = policy_get(service, POLICY);
    assert_string_equal(got, good);
    free(got);
    every_failure(service, "GET", POLICY, "", 200);
    every_failure(service, "PUT", POLICY, forged, 400);
    every_failure(service, "PUT", POLICY, stranger, 400);
    every_failure(service, "PUT", POLICY, broken, 400);
    every_failure(service, "POST", "/policies/SgxEnclave:reset?api-version=2020-10-01", forged, 400);
    got = policy_get(service, POLICY);
    assert_string_equal(got, good);
    free(got);
    every_failure(service, "POST", "/policies/SgxEnclave:reset?api-version=2020-10-01", reset, 200);
    got = policy_get(service, POLICY);
    assert_string_not_equal(got, good);
    free(got);
    free(good);
    free(forged);
    free(stranger);
    free(reset);
    free(broken);
    azattest__service_free(service);
}

static char *certificate_request(const char *signer)
{
    char *payload, *token, *body;

    assert_true(asprintf(&payload, "{\"policyCertificate\":{\"x5c\":[\"%s\"]}}", policy_certificate("other")) > 0);
    token = policy_token("RS256", signer, signer, false, payload);
    assert_true(
        asprintf(&body, "{\"policyCertificateToAdd\":\"%s\",\"policyCertificateToRemove\":\"%s\"}", token, token) > 0);
    free(token);
    free(payload);
    return body;
}

static void certificates(void **state)
{
    azattest__service *service = policy_service(AZATTEST__ISOLATED);
    char *good = certificate_request("rsa"), *stranger = certificate_request("other");

    (void)state;
    every_failure(service, "POST", "/certificates:add?api-version=2025-06-01", stranger, 400);
    every_failure(service, "POST", "/certificates:add?api-version=2025-06-01", good, 200);
    every_failure(service, "GET", "/certificates?api-version=2025-06-01", "", 200);
    every_failure(service, "POST", "/certificates:remove?api-version=2025-06-01", good, 200);
    every_failure(service, "POST", "/certificates:remove?api-version=2025-06-01", stranger, 400);
    free(good);
    free(stranger);
    azattest__service_free(service);
}

/* {"AttestationPolicy": ...} of a policy that denies */
#define DENIES "{\"AttestationPolicy\":\"dmVyc2lvbj0xLjA7IGF1dGhvcml6YXRpb25ydWxlc3s9PiBkZW55KCk7fTs\"}"
/* of one that chooses a baseline, calls functions, and issues a list and a reserved name */
#define ISSUES                                                                                                         \
    "{\"AttestationPolicy\":\"dmVyc2lvbj0xLjI7IGNvbmZpZ3VyYXRpb25ydWxlc3s9PiBpc3N1ZXByb3BlcnR5KHR5cGU9Ing"             \
    "tbXMtc2d4LXRjYmlkZW50aWZpZXIiLCB2YWx1ZT0iMTAiKTt9OyBhdXRob3JpemF0aW9ucnVsZXN7W3R5cGU9PSIkc3ZuIiwgdmF"             \
    "sdWU-PTFdID0-IHBlcm1pdCgpO307IGlzc3VhbmNlcnVsZXN7PT4gaXNzdWUodHlwZT0iYSIsIHZhbHVlPUpzb25Ub0NsYWltVmF"             \
    "sdWUoSm1lc1BhdGgoIlsxLFsyXV0iLCAiW10iKSkpOyA9PiBpc3N1ZSh0eXBlPSJpc3MiLCB2YWx1ZT0iYiIpO307\"}"

static void attestation(void **state)
{
    azattest__service *service = policy_service(AZATTEST__AAD);
    char *good = expand("{" QUOTE "}"), *forged = expand("{\"quote\":\"$forged\"}");
    char *token = policy_token("none", NULL, NULL, false, DENIES),
         *issuing = policy_token("none", NULL, NULL, false, ISSUES);

    (void)state;
    every_failure(service, "POST", SGX, good, 200);
    every_failure(service, "POST", SGX, forged, 400);
    policy_expect(service, "PUT", POLICY, azattest__text(issuing), 200, NULL, "Updated");
    every_failure(service, "POST", SGX, good, 200);
    policy_expect(service, "PUT", POLICY, azattest__text(token), 200, NULL, "Updated");
    every_failure(service, "POST", SGX, good, 400); /* never the default policy in place of the stored one */
    free(issuing);
    free(good);
    free(forged);
    free(token);
    azattest__service_free(service);
}

static void starting(void **state)
{
    azattest__service_options options = { .endpoint = ENDPOINT, .signing_key = world.key, .mode = "isolated" };
    bool failed = true;
    char *pem;

    (void)state;
    assert_true(
        asprintf(&pem, "-----BEGIN CERTIFICATE-----\n%s\n-----END CERTIFICATE-----\n", policy_certificate("rsa")) > 0);
    options.policy_certificates = azattest__text(pem);
    for (long runs = 0; failed; runs++) {
        azattest__service *service = NULL;
        azattest_error *error = NULL;
        azattest_status status;

        allocations_until_failure = runs;
        status = azattest__service_new(&options, &service, &error);
        failed = allocations_until_failure < 0;
        allocations_until_failure = -1;
        assert_int_equal(status == AZATTEST_OK, service != NULL);
        assert_int_equal(status == AZATTEST_OK, error == NULL);
        if (!failed)
            assert_non_null(service);
        azattest_error_free(error);
        azattest__service_free(service);
    }
    free(pem);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(policies),
        cmocka_unit_test(certificates),
        cmocka_unit_test(attestation),
        cmocka_unit_test(starting),
    };

    return cmocka_run_group_tests_name("service_memory", tests, policy_setup, policy_teardown);
}
