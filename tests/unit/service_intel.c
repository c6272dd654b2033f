/* The local service and Intel's machines beyond the SGX quotes of version 3: TDX, later versions, Open Enclave's forms.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/encoding.h"
#include "evidence.h"
#include "service_bench.h"

#define TDX "/attest/TdxVm?api-version=2025-06-01"
#define DATA_HASH_IN "the first half of the quote's report data"

typedef struct bytes {
    unsigned char *ptr;
    size_t len;
} bytes;

static bytes make_td(const azattest_simulated_td *td)
{
    azattest_simulated_td wanted = *td;
    azattest_error *error = NULL;
    bytes out;

    if (wanted.runtime_data.ptr == NULL)
        wanted.runtime_data = azattest__text(DATA);
    if (azattest_simulator_tdx_quote(world.simulator, &wanted, &out.ptr, &out.len, &error) != AZATTEST_OK)
        fail_msg("%s", azattest_error_message(error));
    return out;
}

/* {"MEMBER":"evidence" more}; for free(). */
static char *body_of(const char *member, bytes evidence, const char *more)
{
    char *encoded = encode(evidence.ptr, evidence.len, false), *out = NULL;

    assert_true(asprintf(&out, "{\"%s\":\"%s\"%s}", member, encoded, more) > 0);
    free(encoded);
    return out;
}

static char *data_member(const char *name, const char *type, const char *data)
{
    char *encoded = encode(data, strlen(data), false), *out = NULL;

    assert_true(asprintf(&out, ",\"%s\":{\"data\":\"%s\",\"dataType\":\"%s\"}", name, encoded, type) > 0);
    free(encoded);
    return out;
}

/* Frees the body. */
static azattest__json *claims_of(const char *target, char *body)
{
    azattest__service_answer answer;
    azattest__json *claims;
    azattest__jws jws;

    ask("POST", target, azattest__text(body), &answer);
    if (answer.status != 200)
        fail_msg("%d: %s", answer.status, (const char *)answer.body.ptr);
    open_token(&answer, &jws);
    assert_header(&jws, "RS256");
    claims = parse(jws.body);
    azattest__jws_clear(&jws);
    azattest__service_answer_clear(&answer);
    free(body);
    return claims;
}

/* Frees the body. */
static void refused(const char *name, const char *target, char *body, const char *code, const char *message)
{
    azattest__service_answer answer;

    ask("POST", target, azattest__text(body), &answer);
    if (answer.status != 400 || strcmp(answer.error_code, code) != 0 ||
        strstr((const char *)answer.body.ptr, message) == NULL)
        fail_msg("%s: %d %s %s", name, answer.status, answer.error_code, (const char *)answer.body.ptr);
    azattest__service_answer_clear(&answer);
    free(body);
}

static void is_hex(const azattest__json *claims, const char *name, const unsigned char *at, size_t len)
{
    const char *text = azattest__json_get_string(claims, name);
    azattest__buf hex;

    azattest__buf_init(&hex, 1024);
    azattest__hex_encode(azattest__bytes(at, len), &hex);
    if (text == NULL || strcmp(text, (const char *)hex.ptr) != 0)
        fail_msg("%s is %s, expected %s", name, text == NULL ? "absent" : text, (const char *)hex.ptr);
    azattest__buf_free(&hex);
}

static void is_bool(const azattest__json *claims, const char *name, bool expected)
{
    bool value = !expected;

    if (!azattest__json_bool(azattest__json_get(claims, name), &value) || value != expected)
        fail_msg("%s is not %d", name, expected);
}

static void is_text(const azattest__json *claims, const char *name, const char *expected)
{
    const char *text = azattest__json_get_string(claims, name);

    if (text == NULL || strcmp(text, expected) != 0)
        fail_msg("%s is %s, expected %s", name, text == NULL ? "absent" : text, expected);
}

/* ---- TDX ---- */

/* Where a claim's bytes lie in a TD report. */
static const struct td_claim {
    const char *name;
    size_t offset, size;
} td_claims[] = {
    { "tdx_tee_tcb_svn", 0, 16 },      { "tdx_mrseam", 16, 48 },        { "tdx_mrsignerseam", 64, 48 },
    { "tdx_seam_attributes", 112, 8 }, { "tdx_td_attributes", 120, 8 }, { "tdx_xfam", 128, 8 },
    { "tdx_mrtd", 136, 48 },           { "tdx_mrconfigid", 184, 48 },   { "tdx_mrowner", 232, 48 },
    { "tdx_mrownerconfig", 280, 48 },  { "tdx_rtmr0", 328, 48 },        { "tdx_rtmr1", 376, 48 },
    { "tdx_rtmr2", 424, 48 },          { "tdx_rtmr3", 472, 48 },        { "tdx_report_data", 520, 64 },
};

static const struct version {
    const char *name;
    uint32_t version;
    azattest_switch report_15;
    size_t at; /* of the TD report */
} versions[] = {
    { "a TDX quote of version 4 gets every claim", 4, AZATTEST_DEFAULT, 48 },
    { "a TDX quote of version 5 with a report 1.5 gets every claim", 5, AZATTEST_DEFAULT, 54 },
    { "a TDX quote of version 5 with a report 1.0 gets every claim", 5, AZATTEST_OFF, 54 },
};

static void a_trust_domain_gets_every_claim(void **state)
{
    const struct version *version = *state;
    azattest_simulated_td td = AZATTEST_SIMULATED_TD_INIT;
    char *runtime = data_member("runtimeData", "JSON", DATA), *more;
    azattest__json *claims;
    bytes quote;

    td.quote_version = version->version;
    td.report_15 = version->report_15;
    td.attributes = UINT64_C(1) << 28 | UINT64_C(1) << 63;
    quote = make_td(&td);
    assert_true(asprintf(&more, "%s,\"nonce\":\"n\"", runtime) > 0);
    claims = claims_of(TDX, body_of("quote", quote, more));
    for (size_t i = 0; i < sizeof(td_claims) / sizeof(td_claims[0]); i++)
        is_hex(claims, td_claims[i].name, quote.ptr + version->at + td_claims[i].offset, td_claims[i].size);
    is_text(claims, "x-ms-attestation-type", "tdxvm");
    is_text(claims, "dbgstat", "disabled");
    is_text(claims, "intuse", "generic");
    is_text(claims, "eat_profile", "https://aka.ms/maa-eat-profile-tdxvm");
    is_text(claims, "x-ms-policy-hash", "9NY0VnTQ-IiBriBplVUpFbczcDaEBUwsiFYAzHu_gco");
    is_text(claims, "nonce", "n");
    is_bool(claims, "tdx_td_attributes_debug", false);
    is_bool(claims, "tdx_td_attributes_key_locker", false);
    is_bool(claims, "tdx_td_attributes_perfmon", true);
    is_bool(claims, "tdx_td_attributes_protection_keys", false);
    is_bool(claims, "tdx_td_attributes_septve_disable", true);
    assert_non_null(azattest__json_get(azattest__json_get(claims, "x-ms-runtime"), "b"));
    /* With the SVN of the SEAM module, version, nonce, and exp, iat, iss, jti, nbf. None of an enclave's. */
    assert_int_equal(azattest__json_count(claims),
                     sizeof(td_claims) / sizeof(td_claims[0]) + 4 + 1 + 5 + 1 + 1 + 1 + 1 + 5);
    azattest__json_free(claims);
    free(more);
    free(runtime);
    azattest_simulator_free_bytes(quote.ptr);
}

/* The default policy permits it, and the token says so. */
static void a_debuggable_trust_domain_is_called_so(void **state)
{
    azattest_simulated_td td = AZATTEST_SIMULATED_TD_INIT;
    char *runtime = data_member("runtimeData", "Binary", DATA);
    azattest__json *claims;
    bytes quote;

    (void)state;
    td.debug = AZATTEST_ON;
    quote = make_td(&td);
    claims = claims_of(TDX, body_of("quote", quote, runtime));
    is_bool(claims, "tdx_td_attributes_debug", true);
    is_text(claims, "dbgstat", "enabled");
    assert_null(azattest__json_get(claims, "x-ms-runtime"));
    assert_null(azattest__json_get(claims, "x-ms-sgx-ehd")); /* which claim has binary data is not known */
    azattest__json_free(claims);
    free(runtime);
    azattest_simulator_free_bytes(quote.ptr);
}

/* TdxVm takes no drafts, so it is set. */
static void a_policy_denies_what_the_default_permits(void **state)
{
    static const char policy[] = "version=1.0;authorizationrules{[type==\"tdx_td_attributes_debug\", value==true] => "
                                 "deny();[type==\"x-ms-attestation-type\", value==\"tdxvm\"] => permit();};",
                      target[] = "/policies/TdxVm?api-version=2025-06-01";
    azattest_simulated_td td = AZATTEST_SIMULATED_TD_INIT;
    char *encoded = encode(policy, strlen(policy), false), *payload;
    azattest__service_answer answer;
    azattest__buf token;
    bytes quote;

    (void)state;
    azattest__buf_init(&token, 4096);
    assert_true(asprintf(&payload, "{\"AttestationPolicy\":\"%s\"}", encoded) > 0);
    assert_int_equal(azattest__jws_create(azattest__text("{\"alg\":\"none\"}"), azattest__text(payload), NULL,
                                          AZATTEST__ALG_UNKNOWN, &token, NULL),
                     AZATTEST_OK);
    ask("PUT", target, azattest__buf_bytes(&token), &answer);
    assert_int_equal(answer.status, 200);
    azattest__service_answer_clear(&answer);
    for (int debug = 0; debug <= 1; debug++) {
        char *body;

        td.debug = debug == 1 ? AZATTEST_ON : AZATTEST_OFF;
        quote = make_td(&td);
        body = body_of("quote", quote, "");
        ask("POST", TDX, azattest__text(body), &answer);
        assert_int_equal(answer.status, debug == 1 ? 400 : 200);
        assert_string_equal(answer.error_code, debug == 1 ? "PolicyEvaluationError" : "");
        azattest__service_answer_clear(&answer);
        free(body);
        azattest_simulator_free_bytes(quote.ptr);
    }
    ask("POST", "/policies/TdxVm:reset?api-version=2025-06-01", azattest__text("eyJhbGciOiJub25lIn0.."), &answer);
    assert_int_equal(answer.status, 200);
    azattest__service_answer_clear(&answer);
    azattest__buf_free(&token);
    free(payload);
    free(encoded);
}

static void faults_of_a_request(void **state)
{
    azattest_simulated_td td = AZATTEST_SIMULATED_TD_INIT;
    char *other = data_member("runtimeData", "JSON", "{\"other\":1}"),
         *init = data_member("initTimeData", "JSON", "{}");
    bytes quote = make_td(&td), enclave = { world.raw_quote, world.raw_quote_len };

    (void)state;
    refused("runtime data of another", TDX, body_of("quote", quote, other), "InvalidParameter", DATA_HASH_IN);
    refused("init-time data", TDX, body_of("quote", quote, init), "InvalidParameter", "MRCONFIGID");
    refused("a draft policy", TDX, body_of("quote", quote, ",\"draftPolicyForAttestation\":\"version= 1.0;\""),
            "InvalidParameter", "no draftPolicyForAttestation");
    refused("no quote", TDX, strdup("{}"), "InvalidParameter", "no evidence");
    refused("an enclave's quote", TDX, body_of("quote", enclave, ""), "InvalidParameter", "expected tdx_quote");
    refused("a TDX quote as an enclave's", SGX, body_of("quote", quote, ""), "InvalidParameter", "expected sgx_quote");
    quote.ptr[48 + 136] ^= 1;
    refused("another MRTD", TDX, body_of("quote", quote, ""), "InvalidQuote", "quote_signature");
    quote.ptr[48 + 136] ^= 1;
    quote.len /= 2;
    refused("half a quote", TDX, body_of("quote", quote, ""), "InvalidParameter", "");
    azattest_simulator_free_bytes(quote.ptr);
    free(other);
    free(init);
}

static void faults_of_a_machine(void **state)
{
    static const struct {
        const char *name;
        uint64_t faults;
        const char *check;
    } cases[] = {
        { "the quote's signature", AZATTEST_SIMULATED_BIT(QUOTE_SIGNATURE), "quote_signature" },
        { "the report of the quoting enclave", AZATTEST_SIMULATED_BIT(QE_SIGNATURE), "qe_report_signature" },
        { "another attestation key", AZATTEST_SIMULATED_BIT(QE_BINDING), "qe_report_binding" },
        { "a debuggable quoting enclave", AZATTEST_SIMULATED_BIT(QE_DEBUG), "qe_report_debug" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        azattest_simulated_platform platform = AZATTEST_SIMULATED_PLATFORM_INIT;
        azattest_simulated_td td = AZATTEST_SIMULATED_TD_INIT;
        bytes quote;

        platform.faults = cases[i].faults;
        td.platform = &platform;
        quote = make_td(&td);
        refused(cases[i].name, TDX, body_of("quote", quote, ""), "InvalidQuote", cases[i].check);
        azattest_simulator_free_bytes(quote.ptr);
    }
}

/* Without collateral: who made the machine, not how old it is. */
static void real_machines_are_verified_as_far_as_they_can_be(void **state)
{
    static const struct {
        const char *file, *code; /* NULL: a token */
    } files[] = {
        { "tdx/azure-cvm-v4.bin", NULL },
        { "tdx/phala-v4.bin", NULL },
        { "tdx/phala-v5-outdated.bin", NULL },
        { "tdx/neg-tdx-v4-no-intermediate.bin", "InvalidQuote" },
        { "tdx/neg-tdx-v4-qe-sig.bin", "InvalidQuote" },
        { "tdx/neg-tdx-v4-report-data.bin", "InvalidQuote" },
        { "tdx/neg-tdx-v4-sig-bitflip.bin", "InvalidQuote" },
        { "tdx/neg-tdx-v4-truncated.bin", "InvalidParameter" },
        { "tdx/neg-tdx-v4-version.bin", "InvalidParameter" },
    };
    int64_t before = world.now_s;

    (void)state;
    EVIDENCE_OR_SKIP();
    world.now_s = 1772323200; /* 2026-03-01: all of these certificates live */
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        bytes quote;

        quote.ptr = evidence_read(files[i].file, &quote.len);
        if (files[i].code == NULL) {
            azattest__json *claims = claims_of(TDX, body_of("quote", quote, ""));

            is_text(claims, "x-ms-attestation-type", "tdxvm");
            azattest__json_free(claims);
        } else {
            refused(files[i].file, TDX, body_of("quote", quote, ""), files[i].code, "");
        }
        free(quote.ptr);
    }
    world.now_s = before;
}

/* ---- enclaves ---- */

static const struct form {
    const char *name, *format; /* of Open Enclave evidence; NULL: a bare quote */
    uint32_t version;
} forms[] = {
    { "an SGX quote of version 4 gets a token", NULL, 4 },
    { "an SGX quote of version 5 gets a token", NULL, 5 },
    { "Open Enclave evidence with custom claims gets a token", "sgx_ecdsa", 3 },
    { "Open Enclave evidence around a report gets a token", "legacy_report", 3 },
    { "Open Enclave evidence around a quote gets a token", "raw_sgx_quote", 3 },
};

static bytes make_enclave(const struct form *form)
{
    azattest_simulated_enclave enclave = AZATTEST_SIMULATED_ENCLAVE_INIT;
    azattest_error *error = NULL;
    azattest_status status;
    bytes out;

    enclave.product_id = 7;
    enclave.svn = 3;
    enclave.quote_version = form->version;
    enclave.runtime_data = azattest__text(DATA);
    status = form->format == NULL
                 ? azattest_simulator_sgx_quote(world.simulator, &enclave, &out.ptr, &out.len, &error)
                 : azattest_simulator_open_enclave_evidence(
                       world.simulator, &enclave, form->format,
                       strcmp(form->format, "sgx_ecdsa") == 0 ? azattest__text(DATA) : azattest__bytes(NULL, 0),
                       &out.ptr, &out.len, &error);
    if (status != AZATTEST_OK)
        fail_msg("%s", azattest_error_message(error));
    return out;
}

static void an_enclave_gets_a_token(void **state)
{
    const struct form *form = *state;
    const char *target = form->format == NULL ? SGX : OE, *member = form->format == NULL ? "quote" : "report";
    char *runtime = data_member("runtimeData", "Binary", DATA), *other = data_member("runtimeData", "Binary", "x");
    unsigned char hash[AZATTEST__SHA256_SIZE];
    bytes evidence = make_enclave(form);
    azattest__json *claims = claims_of(target, body_of(member, evidence, runtime));
    int64_t number = 0;

    is_text(claims, "x-ms-attestation-type", "sgx");
    assert_true(azattest__json_integer(azattest__json_get(claims, "x-ms-sgx-product-id"), &number));
    assert_int_equal(number, 7);
    assert_non_null(azattest__json_get_string(claims, "x-ms-sgx-ehd"));
    assert_int_equal(azattest__sha256(azattest__bytes(evidence.ptr, evidence.len), hash, NULL), AZATTEST_OK);
    is_hex(azattest__json_get(claims, "x-ms-sgx-collateral"), "quotehash", hash, sizeof(hash));
    refused("runtime data of another", target, body_of(member, evidence, other), "InvalidParameter", "runtimeData");
    azattest__json_free(claims);
    azattest_simulator_free_bytes(evidence.ptr);
    free(other);
    free(runtime);
}

/* The claims stand behind the quote, and its report data alone holds them fast. */
static void custom_claims_of_another_are_refused(void **state)
{
    bytes evidence = make_enclave(&forms[2]);

    (void)state;
    evidence.ptr[evidence.len - 3] ^= 1;
    refused("changed claims", OE, body_of("report", evidence, ""), "InvalidQuote", "claims_hash");
    azattest_simulator_free_bytes(evidence.ptr);
}

static void open_enclave_evidence_of_a_trust_domain_is_refused(void **state)
{
    static const struct form td = { "", "tdx_quote", 3 };
    bytes evidence = make_enclave(&td);

    (void)state;
    refused("a TD", OE, body_of("report", evidence, ""), "InvalidParameter", "expected sgx");
    azattest_simulator_free_bytes(evidence.ptr);
}

int main(void)
{
    struct CMUnitTest tests[24];
    size_t count = 0;

    for (size_t i = 0; i < sizeof(versions) / sizeof(versions[0]); i++)
        tests[count++] = (struct CMUnitTest){ versions[i].name, a_trust_domain_gets_every_claim, NULL, NULL,
                                              (void *)(uintptr_t)&versions[i] };
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
        tests[count++] =
            (struct CMUnitTest){ forms[i].name, an_enclave_gets_a_token, NULL, NULL, (void *)(uintptr_t)&forms[i] };
    tests[count++] = (struct CMUnitTest)cmocka_unit_test(a_debuggable_trust_domain_is_called_so);
    tests[count++] = (struct CMUnitTest)cmocka_unit_test(a_policy_denies_what_the_default_permits);
    tests[count++] = (struct CMUnitTest)cmocka_unit_test(faults_of_a_request);
    tests[count++] = (struct CMUnitTest)cmocka_unit_test(faults_of_a_machine);
    tests[count++] = (struct CMUnitTest)cmocka_unit_test(real_machines_are_verified_as_far_as_they_can_be);
    tests[count++] = (struct CMUnitTest)cmocka_unit_test(custom_claims_of_another_are_refused);
    tests[count++] = (struct CMUnitTest)cmocka_unit_test(open_enclave_evidence_of_a_trust_domain_is_refused);
    return _cmocka_run_group_tests("service_intel", tests, count, service_setup, service_teardown);
}
