/* The local service: what is set governs what is attested, and refusals have the real service's form. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/encoding.h"
#include "evidence.h"
#include "policy_bench.h"

#define POLICY "/policies/SgxEnclave?api-version=2020-10-01"
#define RESET "/policies/SgxEnclave:reset?api-version=2020-10-01"
#define EMPTY "eyJhbGciOiJub25lIn0.."
#define DENIED                                                                                                         \
    "Attestation Enclave operation failed with 65518: Exception(0) 83FFFFEE Policy Evaluation Error has occurred    "  \
    "Msg:[Policy Engine Exception: A Deny claim was issued, authorization failed.] \n\r\nUnhandled Enclave "           \
    "Exception: \"Policy Evaluation Error has occurred\"\r\n"

/* The JWT of a text. */
static char *token_of(const char *text, const char *signer)
{
    char *encoded = encode(text, strlen(text), false), *payload, *token;

    assert_true(asprintf(&payload, "{\"AttestationPolicy\":\"%s\"}", encoded) > 0);
    token = policy_token(signer == NULL ? "none" : "RS256", signer, signer, false, payload);
    free(payload);
    free(encoded);
    return token;
}

static void put(azattest__service *service, const char *target, const char *text)
{
    char *token = token_of(text, NULL);

    policy_expect(service, "PUT", target, azattest__text(token), 200, NULL, "Updated");
    free(token);
}

static void post(azattest__service *service, const char *target, azattest_bytes body, azattest__service_answer *answer)
{
    azattest__service_request request = { .method = "POST", .target = target, .body = body };

    azattest__service_handle(service, &request, answer);
}

/* Attests the simulated quote, under a draft if there is one. */
static void attest_under(azattest__service *service, const char *draft, azattest__service_answer *answer)
{
    azattest__json *document = parse(azattest__text("{}"));
    azattest__buf body;

    azattest__json_put_string(document, "quote", world.quote);
    if (draft != NULL)
        azattest__json_put_string(document, "draftPolicyForAttestation", draft);
    azattest__buf_init(&body, 1024 * 1024);
    assert_int_equal(azattest__json_print(document, false, &body, NULL), AZATTEST_OK);
    post(service, SGX, azattest__buf_bytes(&body), answer);
    azattest__buf_free(&body);
    azattest__json_free(document);
}

#define V10(rules, issuance) "version= 1.0; authorizationrules{" rules "}; issuancerules{" issuance "};"
#define V11(configuration)                                                                                             \
    "version= 1.1; configurationrules{" configuration "}; authorizationrules{=> permit();}; issuancerules{};"
#define V12(issuance) "version= 1.2; authorizationrules{=> permit();}; issuancerules{" issuance "};"
#define TWICE(from, to) "c:[type==\"" from "\"] => add(type=\"" to "\", value=AppendString(c.value, c.value));"
#define ISSUE(issuance) V10("=> permit();", issuance)

/* `claims` is in the token's body, and `absent` is not; of a refusal `claims` is in the message. */
static const struct governed_case {
    const char *name, *policy;
    const char *code; /* NULL: a token */
    const char *claims, *absent;
} governed[] = {
    { "a policy that issues nothing gives the service's claims alone", V10("=> permit();", ""), NULL,
      "\"x-ms-attestation-type\":\"sgx\",\"x-ms-policy-hash\":\"", "\"x-ms-policy\":" },
    { "the service's default baseline is in the token of any policy", V10("=> permit();", ""), NULL,
      "\"x-ms-sgx-tcbidentifier\":\"azuredefault\"", "\"is-debuggable\":" },
    { "what is issued is at top level", ISSUE("c:[type==\"x-ms-sgx-svn\"] => issue(type=\"custom\", value=c.value);"),
      NULL, "{\"custom\":3,\"exp\":", NULL },
    { "and in x-ms-policy", ISSUE("c:[type==\"x-ms-sgx-svn\"] => issue(type=\"custom\", value=c.value);"), NULL,
      "\"x-ms-policy\":{\"custom\":3}", NULL },
    { "the old names are seen", ISSUE("c:[type==\"$svn\"] => issue(type=\"svn\", value=c.value);"), NULL, "\"svn\":3",
      NULL },
    { "several values are a list in their order",
      ISSUE("=> issue(type=\"a\", value=2); => issue(type=\"a\", value=\"x\"); => issue(type=\"a\", value=true);"),
      NULL, "{\"a\":[2,\"x\",true],", NULL },
    { "the same value twice is one", ISSUE("=> issue(type=\"a\", value=2); => issue(type=\"a\", value=2);"), NULL,
      "{\"a\":2,", NULL },
    { "a claim that nobody made issues nothing", ISSUE("c:[type==\"nothing\"] => issue(type=\"a\", value=c.value);"),
      NULL, "\"x-ms-ver\":\"1.0\"", "\"a\":" },
    { "what is added is not issued", ISSUE("=> add(type=\"a\", value=2);"), NULL, "\"x-ms-ver\"", "\"a\":" },
    { "a permit for this signer", V10("[type==\"x-ms-attestation-type\", value==\"sgx\"] => permit();", ""), NULL,
      "x-ms-ver", NULL },

    { "a deny", V10("=> deny();", ""), "PolicyEvaluationError", "A Deny claim was issued, authorization failed.",
      NULL },
    { "a deny behind a permit", V10("=> permit(); => deny();", ""), "PolicyEvaluationError", "A Deny claim was issued",
      NULL },
    { "no rule at all", V10("", ""), "PolicyEvaluationError",
      "No Permit claim was issued in the authorizationrules section, authorization failed.", NULL },
    { "a permit for another signer", V10("[type==\"x-ms-sgx-mrsigner\", value==\"00\"] => permit();", ""),
      "PolicyEvaluationError", "No Permit claim", NULL },
    { "a permit for a release enclave of a debuggable one",
      V10("[type==\"x-ms-sgx-is-debuggable\", value==true] => deny(); => permit();", ""), NULL, "x-ms-ver", NULL },

    { "a policy cannot name another issuer", ISSUE("=> issue(type=\"iss\", value=\"https://evil.example\");"), NULL,
      "\"iss\":\"" ENDPOINT "\"", "evil" },
    { "nor a later end", ISSUE("=> issue(type=\"exp\", value=4102444800);"), NULL, "\"x-ms-ver\"", "4102444800" },
    { "nor another hash of itself", ISSUE("=> issue(type=\"x-ms-policy-hash\", value=\"evil\");"), NULL, "x-ms-ver",
      "evil" },
    { "nor a nonce that nobody sent", ISSUE("=> issue(type=\"nonce\", value=\"evil\");"), NULL, "x-ms-ver", "evil" },
    { "nor runtime data that nobody sent", ISSUE("=> issue(type=\"x-ms-runtime\", value=\"evil\");"), NULL, "x-ms-ver",
      "evil" },
    { "nor what it issues", ISSUE("=> issue(type=\"x-ms-policy\", value=\"evil\");"), NULL, "x-ms-ver", "evil" },
    { "nor another SVN", ISSUE("=> issue(type=\"x-ms-sgx-svn\", value=99);"), NULL, "\"x-ms-sgx-svn\":3,", ":99" },
    { "nor a config id that the enclave has not", ISSUE("=> issue(type=\"x-ms-sgx-config-id\", value=\"evil\");"), NULL,
      "x-ms-ver", "evil" },
    { "nor a baseline by a claim", ISSUE("=> issue(type=\"x-ms-sgx-tcbidentifier\", value=\"evil\");"), NULL,
      "\"x-ms-sgx-tcbidentifier\":\"azuredefault\"", "evil" },

    { "a baseline", V11("=> issueproperty(type=\"x-ms-sgx-tcbidentifier\", value=\"10\");"), NULL,
      "\"x-ms-sgx-tcbidentifier\":\"10\"", "\"x-ms-policy\":" },
    { "a baseline that is not known", V11("=> issueproperty(type=\"x-ms-sgx-tcbidentifier\", value=\"99\");"),
      "InvalidParameter", "the TCB baseline \"99\"", NULL },
    { "a baseline that is no text", V11("=> issueproperty(type=\"x-ms-sgx-tcbidentifier\", value=10);"),
      "InvalidParameter", "x-ms-sgx-tcbidentifier", NULL },
    { "two baselines",
      V11("=> issueproperty(type=\"x-ms-sgx-tcbidentifier\", value=\"10\"); "
          "=> issueproperty(type=\"x-ms-sgx-tcbidentifier\", value=\"11\");"),
      "InvalidParameter", "x-ms-sgx-tcbidentifier", NULL },
    { "a property that is not known does nothing", V11("=> issueproperty(type=\"colour\", value=\"blue\");"), NULL,
      "\"x-ms-sgx-tcbidentifier\":\"azuredefault\"", "blue" },
    { "properties of other kinds of evidence do nothing",
      V12("=> issueproperty(type=\"report_validity_in_minutes\", value=1); => issueproperty(type=\"omit_x5c\", "
          "value=true);"),
      NULL, "x-ms-ver", "omit_x5c" },

    { "a function's error", V12("=> issue(type=\"a\", value=JsonToClaimValue(\"1.5\"));"), "PolicyEvaluationError",
      "65518", NULL },
    { "more than a token holds",
      V12(TWICE("x-ms-sgx-mrenclave", "1") TWICE("1", "2") TWICE("2", "3") TWICE("3", "4") TWICE("4", "5") TWICE(
          "5", "6") TWICE("6", "7") TWICE("7", "8") TWICE("8", "9") TWICE("9", "10") TWICE("10", "11") TWICE("11", "12")
              TWICE("12", "13") TWICE("13", "14") "c:[type==\"14\"] => issue(type=\"large\", value=c.value);"),
      "PolicyEvaluationError", "the policy issues claims of 1048581 bytes", NULL },
    { "a query", V12("=> issue(type=\"a\", value=JsonToClaimValue(JmesPath(\"[1,2]\", \"[-1]\")));"), NULL, "{\"a\":2,",
      NULL },
};

static void check(const struct governed_case *one, const azattest__service_answer *answer, bool draft)
{
    azattest__jws jws;
    azattest__json *document;
    const azattest__json *error;

    if (one->code != NULL) {
        document = parse(azattest__buf_bytes(&answer->body));
        error = azattest__json_get(document, "error");
        if (answer->status != 400 || strcmp(answer->error_code, one->code) != 0 ||
            strstr(azattest__json_get_string(error, "message"), one->claims) == NULL)
            fail_msg("%d %s", answer->status, (const char *)answer->body.ptr);
        azattest__json_free(document);
        return;
    }
    if (answer->status != 200)
        fail_msg("%d %s", answer->status, (const char *)answer->body.ptr);
    open_token(answer, &jws);
    assert_header(&jws, draft ? "none" : "RS256");
    if (strstr((const char *)jws.body.ptr, one->claims) == NULL ||
        (one->absent != NULL && strstr((const char *)jws.body.ptr, one->absent) != NULL))
        fail_msg("%s", (const char *)jws.body.ptr);
    azattest__jws_clear(&jws);
}

static void governs(void **state)
{
    const struct governed_case *one = *state;
    azattest__service *service = policy_service(AZATTEST__AAD);
    azattest__service_answer answer;

    put(service, POLICY, one->policy);
    attest_under(service, NULL, &answer);
    check(one, &answer, false);
    azattest__service_answer_clear(&answer);
    policy_expect(service, "POST", RESET, azattest__text(EMPTY), 200, NULL, "Removed");
    attest_under(service, one->policy, &answer);
    check(one, &answer, true);
    azattest__service_answer_clear(&answer);
    azattest__service_free(service);
}

/* ---- the form of refusals ---- */

static void a_denial_has_the_published_form(void **state)
{
    azattest__service_answer answer;
    azattest__json *document;
    const azattest__json *error, *inner;

    (void)state;
    attest_under(world.service, V10("=> deny();", ""), &answer);
    document = parse(azattest__buf_bytes(&answer.body));
    error = azattest__json_get(document, "error");
    inner = azattest__json_get(error, "innererror");
    assert_int_equal(answer.status, 400);
    assert_string_equal(azattest__json_get_string(error, "message"), DENIED);
    assert_string_equal(azattest__json_get_string(inner, "message"), DENIED);
    assert_string_equal(azattest__json_get_string(inner, "code"), "PolicyEvaluationError");
    assert_int_equal(azattest__json_count(error), 3);
    azattest__json_free(document);
    azattest__service_answer_clear(&answer);
}

#define LINE(line, column, failure, rule)                                                                              \
    "\nLine: '" line "', Column: '" column "'\nFailure message: '" failure "'\nFailing rule: '" rule "'] \n\r\n"
static const struct text_case {
    const char *name, *policy;
    const char *symbol, *place; /* of the message */
} texts[] = {
    { "the published case: no semicolon behind the version", "version=1.0\n [", "'['",
      LINE("2", "1", "mismatched input '[' expecting ';'", "policy > versionInfo") },
    { "a string that is not closed", "version=1.0;\nauthorizationrules{\n[type==\"x] => permit();\n};",
      "'\"x] => permit();'",
      LINE("3", "7", "token recognition error at: '\"x] => permit();'", "policy > authorization > rule") },
    { "a number that is too large", "version=1.0;\nauthorizationrules{\n[value==9223372036854775808] => permit();\n};",
      "'9223372036854775808'", "Failure message: 'the number is out of range" },
    { "no text", "", "'<EOF>'", "\nLine: '1', Column: '0'\n" },
    { "an unbound identifier",
      "version=1.0;\nauthorizationrules{=> permit();};\nissuancerules{\n"
      "c:[type==\"a\"] => issue(type=\"b\", value=d.value);};",
      "'", "\nLine: '4', Column: '" },
    { "the older language", "{\"$version\":1}", "'", "\nLine: '1', Column: '0'\n" },
};

static void a_text_with_an_error_is_refused(void **state)
{
    const struct text_case *one = *state;
    azattest__service *service = policy_service(AZATTEST__AAD);
    char *before = policy_get(service, POLICY), *after, *token = token_of(one->policy, NULL);
    azattest__service_answer answer;
    azattest__service_request request = { .method = "PUT", .target = POLICY, .body = azattest__text(token) };

    for (int draft = 0; draft <= 1; draft++) {
        azattest__json *document;
        const azattest__json *error;
        const char *message;

        if (draft == 1)
            attest_under(service, one->policy, &answer);
        else
            azattest__service_handle(service, &request, &answer);
        document = parse(azattest__buf_bytes(&answer.body));
        error = azattest__json_get(document, "error");
        assert_int_equal(answer.status, 400);
        assert_string_equal(answer.error_code, "PolicyParsingError");
        assert_string_equal(azattest__json_get_string(error, "code"), "PolicyParsingError");
        message = azattest__json_get_string(error, "message");
        if (strncmp(message, "Native operation failed with 65526: ", 36) != 0 ||
            strstr(message, "83FFFFF6 Invalid policy was specified") == NULL ||
            strstr(message, "Offending symbol: ") == NULL || strstr(message, one->place) == NULL ||
            strncmp(strstr(message, "Offending symbol: ") + 18, one->symbol, strlen(one->symbol)) != 0)
            fail_msg("%s", message);
        assert_true(azattest__json_count(azattest__json_get(error, "details")) > 0);
        azattest__json_free(document);
        azattest__service_answer_clear(&answer);
    }
    after = policy_get(service, POLICY);
    assert_string_equal(before, after);
    free(before);
    free(after);
    free(token);
    azattest__service_free(service);
}

static void lenient_instances_take_what_the_real_one_might(void **state)
{
    static const char text[] = "Version=1.0; AuthorizationRules{=> permit();};";
    azattest__service *service = policy_service(AZATTEST__AAD);
    azattest__service_answer answer;
    char *token = token_of(text, NULL);

    (void)state;
    policy_expect(service, "PUT", POLICY, azattest__text(token), 400, "PolicyParsingError", "65526");
    service->lenient_policies = true;
    policy_expect(service, "PUT", POLICY, azattest__text(token), 200, NULL, "Updated");
    attest_under(service, NULL, &answer);
    assert_int_equal(answer.status, 200);
    azattest__service_answer_clear(&answer);
    free(token);
    azattest__service_free(service);
}

/* What an older version of this service stored, it would refuse today: it starts, gives it, and applies it to nothing.
 */
static void a_stored_policy_that_does_not_parse_stops_attestation_alone(void **state)
{
    azattest__service *service = policy_service(AZATTEST__AAD);
    char *token = token_of("version=9;", NULL), *got;
    azattest__service_answer answer;

    (void)state;
    assert_int_equal(
        azattest__store_put_policy(service->store, service->instance, "SgxEnclave", azattest__text(token), NULL),
        AZATTEST_OK);
    got = policy_get(service, POLICY);
    assert_string_equal(got, token);
    for (int i = 0; i < 2; i++) { /* also when it is not read for the first time */
        attest_under(service, NULL, &answer);
        assert_int_equal(answer.status, 400);
        assert_string_equal(answer.error_code, "PolicyParsingError");
        azattest__service_answer_clear(&answer);
    }
    put(service, POLICY, V10("=> permit();", ""));
    attest_under(service, NULL, &answer);
    assert_int_equal(answer.status, 200);
    azattest__service_answer_clear(&answer);
    free(got);
    free(token);
    azattest__service_free(service);
}

static void a_policy_is_parsed_once(void **state)
{
    azattest__service *service = policy_service(AZATTEST__AAD);
    const azattest__service_policy *kept;
    azattest__service_answer answer;

    (void)state;
    put(service, POLICY, V10("=> permit();", ""));
    attest_under(service, NULL, &answer);
    azattest__service_answer_clear(&answer);
    assert_non_null(kept = service->policies[azattest__kind_index(sgx())]);
    attest_under(service, NULL, &answer);
    azattest__service_answer_clear(&answer);
    assert_ptr_equal(service->policies[azattest__kind_index(sgx())], kept);
    put(service, POLICY, V10("=> deny();", ""));
    attest_under(service, NULL, &answer);
    assert_int_equal(answer.status, 400);
    azattest__service_answer_clear(&answer);
    azattest__service_free(service);
}

/* What is selected in the list of baselines is what the policy in force chooses. */
static void the_list_of_baselines_follows_the_policy(void **state)
{
    static const struct {
        const char *policy;
        int selected; /* 0: none of the list */
    } cases[] = {
        { NULL, 12 },
        { V10("=> permit();", ""), 12 },
        { V11("=> issueproperty(type=\"x-ms-sgx-tcbidentifier\", value=\"15\");"), 15 },
        { V11("=> issueproperty(type=\"x-ms-sgx-tcbidentifier\", value=\"99\");"), 0 },
        { V11("=> issueproperty(type=\"x-ms-sgx-tcbidentifier\", value=15);"), 0 },
    };
    azattest__service *service = policy_service(AZATTEST__AAD);
    azattest__service_request request = { .method = "GET",
                                          .target = "/tcbbaselines/SgxEnclave?api-version=2025-06-01" };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        azattest__service_answer answer;
        azattest__json *document;
        int64_t number, selected = 0;
        bool is_selected;

        if (cases[i].policy != NULL)
            put(service, POLICY, cases[i].policy);
        azattest__service_handle(service, &request, &answer);
        assert_int_equal(answer.status, 200);
        document = parse(azattest__buf_bytes(&answer.body));
        for (const azattest__json *one = azattest__json_first(azattest__json_get(document, "tcbBaselines"));
             one != NULL; one = azattest__json_next(one)) {
            assert_true(azattest__json_integer(azattest__json_get(one, "tcbEvaluationDataNumber"), &number));
            assert_true(azattest__json_bool(azattest__json_get(one, "isSelectedTcb"), &is_selected));
            if (is_selected)
                selected = number;
        }
        assert_int_equal(selected, cases[i].selected);
        azattest__json_free(document);
        azattest__service_answer_clear(&answer);
    }
    azattest__service_free(service);
}

/* ---- real policies ---- */

/* Files of a folder of the evidence, by their table: refused ones have a place or none. */
static void real_policies_are_taken_or_refused(void **state)
{
    static const struct {
        const char *files;
        bool valid;
    } tables[] = {
        { "01-default-azureguest 02-default-sevsnp-tdx 03-default-sgx-2023 04-default-sgx-2021-recorded "
          "05-default-sgx-2020-legacy 06-default-sgx-2021-docs 07-minimal-permit 08-minimal-permit-spaced "
          "10-sgx-two-signers 11-mrsigner-rotation-before 12-mrsigner-rotation-during 13-mrsigner-rotation-after "
          "15-sgx-oe-tcb10-aad 16-sgx-oe-tcb10-isolated-dup 17-oe-draft-debuggable 18-oe-draft-denied "
          "19-oe-my-mrsigner 20-tpm-deny-all 21-tpm-permit-secure-boot 22-tpm-add-custom-claim 25-tpm-10-platform "
          "26-tpm-11-config 28-tpm-10-simple 29-tpm-12-hvci-driver 30-tpm-12-linux-ima 31-tpm-10-six "
          "32-tpm-12-windows 33-tpm-12-pcrs 34-tpm-12-drtm 35-vbs-12-enclave 36-tpm-12-issue-all 37-tpm-12-critical "
          "38-tpm-12-drivers 40-constellation-azureguest 41-oe-greg 42-cyres-default 43-vbs-10-custom-claim",
          true },
        { "09-sgx-custom-placeholders 14-sgx-custom-tcb 23-author-article-broken 24-functions-article-broken "
          "27-tpm-12-sample-broken 39-tpm-12-key-attest 44-legacy-json-azureguest 45-legacy-json-sqlserver "
          "invalid/01-version-no-semicolon invalid/02-section-no-semicolon invalid/03-single-equals "
          "invalid/04-action-without-type invalid/05-negation-in-10 invalid/06-function-in-11 "
          "invalid/07-configuration-in-10 invalid/08-sections-swapped invalid/09-no-authorizationrules "
          "invalid/10-permit-in-issuance invalid/11-unbound-identifier invalid/12-relational-on-string "
          "invalid/13-unterminated-string invalid/14-arity invalid/15-bad-jmespath invalid/16-fraction",
          false },
    };
    azattest__service *service;
    azattest__service_request request = { .method = "PUT", .target = POLICY };
    azattest__service_answer answer;
    char path[128];
    size_t count = 0;

    (void)state;
    EVIDENCE_OR_SKIP();
    service = policy_service(AZATTEST__AAD);
    for (size_t i = 0; i < 2; i++)
        for (const char *name = tables[i].files; *name != '\0'; count++) {
            size_t len = strcspn(name, " ");
            char *text, *token;

            snprintf(path, sizeof(path), "policies/%.*s.policy", (int)len, name);
            name += len + strspn(name + len, " ");
            text = (char *)evidence_read(path, NULL);
            token = token_of(text, count % 2 == 0 ? NULL : "rsa");
            request.body = azattest__text(token);
            azattest__service_handle(service, &request, &answer);
            if (answer.status != (tables[i].valid ? 200 : 400) ||
                strcmp(answer.error_code, tables[i].valid ? "" : "PolicyParsingError") != 0)
                fail_msg("%s: %d %s", path, answer.status, (const char *)answer.body.ptr);
            azattest__service_answer_clear(&answer);
            free(token);
            free(text);
        }
    assert_int_equal(count, 61);
    azattest__service_free(service);
}

int main(void)
{
    enum { GOVERNED = sizeof(governed) / sizeof(governed[0]), TEXTS = sizeof(texts) / sizeof(texts[0]) };
    static const struct CMUnitTest others[] = {
        cmocka_unit_test(a_denial_has_the_published_form),
        cmocka_unit_test(lenient_instances_take_what_the_real_one_might),
        cmocka_unit_test(a_stored_policy_that_does_not_parse_stops_attestation_alone),
        cmocka_unit_test(a_policy_is_parsed_once),
        cmocka_unit_test(the_list_of_baselines_follows_the_policy),
        cmocka_unit_test(real_policies_are_taken_or_refused),
    };
    struct CMUnitTest tests[GOVERNED + TEXTS + sizeof(others) / sizeof(others[0])];

    for (size_t i = 0; i < GOVERNED; i++)
        tests[i] = (struct CMUnitTest){ governed[i].name, governs, NULL, NULL, (void *)(uintptr_t)&governed[i] };
    for (size_t i = 0; i < TEXTS; i++)
        tests[GOVERNED + i] = (struct CMUnitTest){ texts[i].name, a_text_with_an_error_is_refused, NULL, NULL,
                                                   (void *)(uintptr_t)&texts[i] };
    memcpy(tests + GOVERNED + TEXTS, others, sizeof(others));
    return cmocka_run_group_tests_name("service_governed", tests, policy_setup, policy_teardown);
}
