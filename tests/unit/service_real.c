/* The local service: real evidence, and the recorded answers of the real one. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/encoding.h"
#include "crypto/issue.h"
#include "service_bench.h"

#include "emulator/envelope.h"
#include "evidence.h"

static void ask_with(const char *target, const char *member, const char *encoded, azattest__service_answer *answer)
{
    char *body;

    assert_true(asprintf(&body, "{\"%s\":\"%s\"}", member, encoded) > 0);
    ask("POST", target, azattest__text(body), answer);
    free(body);
}

static void real_quotes_and_forgeries_are_told_apart(void **state)
{
    static const struct {
        const char *file;
        bool report;
        const char *code; /* NULL: a token */
    } files[] = {
        { "sgx/azure-intelsdk-2023-release.quote.bin", false, NULL },
        { "sgx/azure-intelsdk-2023-debug.quote.bin", false, NULL },
        { "openenclave/azure-oesdk-release.report.bin", true, NULL },
        { "sgx/neg-sgx-no-intermediate.bin", false, "InvalidQuote" },
        { "sgx/neg-sgx-other-platform-chain.bin", false, "InvalidQuote" },
        { "sgx/neg-sgx-qe-sig.bin", false, "InvalidQuote" },
        { "sgx/neg-sgx-report-data.bin", false, "InvalidQuote" },
        { "sgx/neg-sgx-sig-bitflip.bin", false, "InvalidQuote" },
        { "sgx/neg-sgx-truncated.bin", false, "InvalidParameter" },
        { "sgx/neg-sgx-version.bin", false, "InvalidParameter" },
        { "sgx/intel-qvl-sample-certtype1.bin", false, "InvalidQuote" },
        { "openenclave/neg-oe-sig-bitflip.bin", true, "InvalidQuote" },
        { "openenclave/neg-oe-size-too-big.bin", true, "InvalidParameter" },
        { "openenclave/neg-oe-truncated.bin", true, "InvalidParameter" },
        { "openenclave/neg-real-oe-report-bad-chain.bin", true, "InvalidQuote" },
    };
    int64_t before = world.now_s;

    (void)state;
    EVIDENCE_OR_SKIP();
    world.now_s = 1704067200; /* 2024-01-01: all certificates of the good ones live */
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        size_t len;
        unsigned char *bytes = evidence_read(files[i].file, &len);
        char *encoded = encode(bytes, len, false);
        azattest__service_answer answer;

        ask_with(files[i].report ? OE : SGX, files[i].report ? "report" : "quote", encoded, &answer);
        if (answer.status != (files[i].code == NULL ? 200 : 400) ||
            (files[i].code != NULL && strcmp(files[i].code, answer.error_code) != 0))
            fail_msg("%s: %d %s", files[i].file, answer.status, (const char *)answer.body.ptr);
        azattest__service_answer_clear(&answer);
        free(encoded);
        free(bytes);
    }
    world.now_s = before;
}

/* The real service's claims for the same request, apart from what names the instance and its collateral. */
static void compare_claims(const azattest__json *ours, const azattest__json *theirs, const char *file)
{
    const azattest__json *member;

    assert_int_equal(azattest__json_count(ours), azattest__json_count(theirs));
    for (member = azattest__json_first(theirs); member != NULL; member = azattest__json_next(member)) {
        const char *name = azattest__json_name(member);
        const azattest__json *mine = azattest__json_get(ours, name);

        if (mine == NULL)
            fail_msg("%s: no claim %s", file, name);
        if (strcmp(name, "iss") == 0 || strcmp(name, "jti") == 0)
            continue;
        if (strstr(name, "collateral") != NULL) {
            mine = azattest__json_get(mine, "quotehash");
            member = azattest__json_get(theirs, name);
            if (!azattest__json_equal(mine, azattest__json_get(member, "quotehash")))
                fail_msg("%s: %s", file, name);
            continue;
        }
        if (!azattest__json_equal(mine, member))
            fail_msg("%s: claim %s differs", file, name);
    }
}

/* A refusal for want of a permit: every word of it. The clock is that of the answer before. */
static void replay_refusal(const azattest__json *entry, azattest_bytes body)
{
    azattest__service_answer answer;
    azattest__json *document;

    ask("POST", strstr(azattest__json_get_string(entry, "RequestUri"), "/attest/"), body, &answer);
    assert_int_equal(answer.status, 400);
    document = parse(azattest__buf_bytes(&answer.body));
    if (!azattest__json_equal(document, azattest__json_get(entry, "ResponseBody")))
        fail_msg("%s", (const char *)answer.body.ptr);
    azattest__json_free(document);
    azattest__service_answer_clear(&answer);
}

static void replay(const char *file, const azattest__json *entry)
{
    azattest__json *theirs, *ours;
    azattest__jws recorded, made;
    azattest__service_answer answer;
    azattest__buf body;
    int64_t issued_at;

    azattest__buf_init(&body, 1024 * 1024);
    assert_int_equal(azattest__json_print(azattest__json_get(entry, "RequestBody"), false, &body, NULL), AZATTEST_OK);
    if (azattest__json_get(azattest__json_get(entry, "ResponseBody"), "error") != NULL) {
        replay_refusal(entry, azattest__buf_bytes(&body));
        azattest__buf_free(&body);
        return;
    }
    assert_int_equal(azattest__jws_parse(
                         azattest__text(azattest__json_get_string(azattest__json_get(entry, "ResponseBody"), "token")),
                         &recorded, NULL),
                     AZATTEST_OK);
    theirs = parse(recorded.body);
    assert_true(azattest__json_integer(azattest__json_get(theirs, "iat"), &issued_at));
    world.now_s = issued_at;
    ask("POST", strstr(azattest__json_get_string(entry, "RequestUri"), "/attest/"), azattest__buf_bytes(&body),
        &answer);
    if (answer.status != 200)
        fail_msg("%s: %s", file, (const char *)answer.body.ptr);
    open_token(&answer, &made);
    ours = parse(made.body);
    compare_claims(ours, theirs, file);
    azattest__json_free(ours);
    azattest__json_free(theirs);
    azattest__jws_clear(&made);
    azattest__jws_clear(&recorded);
    azattest__service_answer_clear(&answer);
    azattest__buf_free(&body);
}

static void recorded_requests_get_the_claims_of_the_real_service(void **state)
{
    static const char *const files[] = {
        "recordings/attest-sgx-shared.json",       "recordings/attest-sgx-runtime-data.json",
        "recordings/attest-oe-aad.json",           "recordings/attest-oe-runtime-data-json.json",
        "recordings/attest-sgx-draft-policy.json",
    };
    int64_t before = world.now_s;

    (void)state;
    EVIDENCE_OR_SKIP();
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        size_t len, count = 0;
        unsigned char *text = evidence_read(files[i], &len);
        azattest__json *document = parse(azattest__bytes(text, len));

        for (const azattest__json *entry = azattest__json_first(azattest__json_get(document, "Entries")); entry != NULL;
             entry = azattest__json_next(entry))
            if (strstr(azattest__json_get_string(entry, "RequestUri"), "/attest/") != NULL) {
                replay(files[i], entry);
                count++;
            }
        assert_true(count > 0);
        azattest__json_free(document);
        free(text);
    }
    world.now_s = before;
}

/* ---- policies and certificates: each recorded conversation is held with an instance of its mode ---- */

/* The certificate in the header of a recorded JWT, as PEM: what its isolated instance had registered. */
static char *signer_of(const char *body)
{
    azattest__envelope envelope;
    azattest__buf pem;
    size_t len;

    assert_int_equal(azattest__envelope_open(azattest__bare_token(azattest__text(body)), &envelope, NULL), AZATTEST_OK);
    azattest__buf_init(&pem, 65536);
    azattest__pem_encode("CERTIFICATE", azattest__cert_der(envelope.certificate), &pem);
    azattest__envelope_clear(&envelope);
    return (char *)azattest__buf_take(&pem, &len);
}

static void compare_answer(const azattest__service_answer *answer, const azattest__json *entry, const char *file)
{
    const azattest__json *response = azattest__json_get(entry, "ResponseBody"), *error;
    azattest__json *ours, *theirs;
    azattest__jws made, recorded;
    const char *token = azattest__json_get_string(response, "token");

    if (token == NULL) {
        error = azattest__json_get(response, "error");
        assert_string_equal(answer->error_code, azattest__json_get_string(error, "code"));
        return;
    }
    open_token(answer, &made);
    assert_int_equal(azattest__jws_parse(azattest__text(token), &recorded, NULL), AZATTEST_OK);
    ours = parse(made.body);
    theirs = parse(recorded.body);
    compare_claims(ours, theirs, file);
    azattest__json_free(ours);
    azattest__json_free(theirs);
    azattest__jws_clear(&made);
    azattest__jws_clear(&recorded);
}

/* The recorded service's own time: "iat" of its answer, or the one before for a refusal. */
static void set_clock(const azattest__json *entry)
{
    azattest__jws recorded;
    azattest__json *claims;
    const char *token = azattest__json_get_string(azattest__json_get(entry, "ResponseBody"), "token");

    if (token == NULL)
        return;
    assert_int_equal(azattest__jws_parse(azattest__text(token), &recorded, NULL), AZATTEST_OK);
    claims = parse(recorded.body);
    assert_true(azattest__json_integer(azattest__json_get(claims, "iat"), &world.now_s));
    azattest__json_free(claims);
    azattest__jws_clear(&recorded);
}

static void say_again(azattest__service *service, const azattest__json *entry, const char *file)
{
    const char *body = azattest__json_get_string(entry, "RequestBody");
    azattest__service_request request = { .method = azattest__json_get_string(entry, "RequestMethod"),
                                          .target = strstr(azattest__json_get_string(entry, "RequestUri"), "net/") + 3,
                                          .body = azattest__text(body == NULL ? "" : body) };
    azattest__service_answer answer;
    int64_t status;

    set_clock(entry);
    azattest__service_handle(service, &request, &answer);
    assert_true(azattest__json_integer(azattest__json_get(entry, "StatusCode"), &status));
    if (answer.status != status)
        fail_msg("%s: %d %s", file, answer.status, (const char *)answer.body.ptr);
    compare_answer(&answer, entry, file);
    azattest__service_answer_clear(&answer);
}

static void recorded_policies_and_certificates_are_answered_alike(void **state)
{
    static const struct {
        const char *file, *mode;
        int entries;
    } files[] = {
        { "recordings/policy-get-sgx-aad.json", "aad", 1 },
        { "recordings/policy-get-tpm-shared.json", "shared", 1 },
        { "recordings/policy-set-reset-unsigned.json", "aad", 4 },
        { "recordings/policy-set-reset-signed.json", "aad", 4 },
        { "recordings/policy-certs-get-aad.json", "aad", 1 },
        { "recordings/policy-certs-add-400.json", "aad", 1 },
        { "recordings/policy-certs-add.json", "isolated", 2 },
    };
    int64_t before = world.now_s;

    (void)state;
    EVIDENCE_OR_SKIP();
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        azattest__service_options options = {
            .endpoint = ENDPOINT, .signing_key = world.key, .clock = service_clock(), .mode = files[i].mode
        };
        azattest__service *service = NULL;
        size_t len;
        unsigned char *text = evidence_read(files[i].file, &len);
        azattest__json *document = parse(azattest__bytes(text, len));
        char *signer = NULL;
        int entries = 0;

        for (const azattest__json *entry = azattest__json_first(azattest__json_get(document, "Entries")); entry != NULL;
             entry = azattest__json_next(entry)) {
            if (strstr(azattest__json_get_string(entry, "RequestUri"), "/certs") != NULL)
                continue;
            if (service == NULL && strcmp(files[i].mode, "isolated") == 0)
                signer = signer_of(azattest__json_get_string(entry, "RequestBody"));
            options.policy_certificates = azattest__text(signer);
            if (service == NULL)
                assert_int_equal(azattest__service_new(&options, &service, NULL), AZATTEST_OK);
            say_again(service, entry, files[i].file);
            entries++;
        }
        assert_int_equal(entries, files[i].entries);
        azattest__service_free(service);
        free(signer);
        azattest__json_free(document);
        free(text);
    }
    world.now_s = before;
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(real_quotes_and_forgeries_are_told_apart),
        cmocka_unit_test(recorded_requests_get_the_claims_of_the_real_service),
        cmocka_unit_test(recorded_policies_and_certificates_are_answered_alike),
    };

    return cmocka_run_group_tests_name("service_real", tests, service_setup, service_teardown);
}
