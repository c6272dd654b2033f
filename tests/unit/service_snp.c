/* The local service and SEV-SNP: what its token says, and what it gives none for. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/encoding.h"
#include "evidence.h"
#include "service_bench.h"

#define SNP "/attest/SevSnpVm?api-version=2025-06-01"
#define INIT "{\"init\":true}"

/* A made-up guest and the certificates of its machine. */
static struct {
    unsigned char *report;
    char *chain; /* PEM: VCEK, ASK, ARK */
} guest;

static char *chain_of(const azattest_simulated_platform *platform)
{
    unsigned char *vcek;
    size_t len;
    char *issuers;
    azattest__buf pem;

    assert_int_equal(
        azattest_simulator_collateral_item(world.simulator, platform, "snp", "vcek", &vcek, &len, &issuers, NULL),
        AZATTEST_OK);
    azattest__buf_init(&pem, 1 << 20);
    azattest__pem_encode("CERTIFICATE", azattest__bytes(vcek, len), &pem);
    azattest__buf_append_text(&pem, issuers);
    azattest_simulator_free_bytes(vcek);
    azattest_simulator_free_bytes((unsigned char *)issuers);
    return (char *)azattest__buf_take(&pem, NULL);
}

static unsigned char *report_of(const azattest_simulated_platform *platform, bool debug)
{
    azattest_simulated_guest options = AZATTEST_SIMULATED_GUEST_INIT;
    unsigned char host_data[AZATTEST__SHA256_SIZE], *report;
    size_t len;

    assert_int_equal(azattest__sha256(azattest__text(INIT), host_data, NULL), AZATTEST_OK);
    options.platform = platform;
    options.guest_svn = 4;
    options.vmpl = 2;
    options.debug = debug ? AZATTEST_ON : AZATTEST_OFF;
    options.runtime_data = azattest__text(DATA);
    options.host_data = azattest__bytes(host_data, sizeof(host_data));
    assert_int_equal(azattest_simulator_snp_report(world.simulator, &options, &report, &len, NULL), AZATTEST_OK);
    assert_int_equal(len, 1184);
    return report;
}

static int set_up(void **state)
{
    if (service_setup(state) != 0)
        return -1;
    guest.report = report_of(NULL, false);
    guest.chain = chain_of(NULL);
    return 0;
}

static int tear_down(void **state)
{
    azattest_simulator_free_bytes(guest.report);
    free(guest.chain);
    return service_teardown(state);
}

/* The body of a request around the document with these members added; frees it. `more` has further members of the body
 * ("," first). */
static char *body_around(azattest__json *document, const void *report, const char *chain, const char *more)
{
    azattest__buf text, body;

    azattest__buf_init(&text, 1 << 20);
    azattest__buf_init(&body, 1 << 20);
    azattest__json_put_base64url(document, "SnpReport", azattest__bytes(report, 1184));
    if (chain != NULL)
        azattest__json_put_base64url(document, "VcekCertChain", azattest__text(chain));
    assert_int_equal(azattest__json_print(document, false, &text, NULL), AZATTEST_OK);
    azattest__json_free(document);
    azattest__buf_append_text(&body, "{\"report\":\"");
    azattest__base64url_encode(azattest__buf_bytes(&text), &body);
    azattest__buf_append_text(&body, "\"");
    azattest__buf_append_text(&body, more);
    azattest__buf_append_text(&body, "}");
    azattest__buf_free(&text);
    return (char *)azattest__buf_take(&body, NULL);
}

static char *body_of(const void *report, const char *chain, const char *more)
{
    return body_around(azattest__json_new_object(), report, chain, more);
}

/* Frees the body. */
static void post(char *body, azattest__service_answer *answer)
{
    ask("POST", SNP, azattest__text(body), answer);
    free(body);
}

static char *data_member(const char *name, const char *type, const char *data)
{
    char *encoded = encode(data, strlen(data), false), *out = NULL;

    assert_true(asprintf(&out, ",\"%s\":{\"data\":\"%s\",\"dataType\":\"%s\"}", name, encoded, type) > 0);
    free(encoded);
    return out;
}

static azattest__json *claims_of(char *body, const char *algorithm)
{
    azattest__service_answer answer;
    azattest__json *claims;
    azattest__jws jws;

    post(body, &answer);
    if (answer.status != 200)
        fail_msg("%d: %s", answer.status, (const char *)answer.body.ptr);
    open_token(&answer, &jws);
    assert_header(&jws, algorithm);
    claims = parse(jws.body);
    azattest__jws_clear(&jws);
    azattest__service_answer_clear(&answer);
    return claims;
}

static void is_hex(const azattest__json *claims, const char *name, size_t offset, size_t len)
{
    azattest__buf hex;

    azattest__buf_init(&hex, 1024);
    azattest__hex_encode(azattest__bytes(guest.report + offset, len), &hex);
    if (azattest__json_get_string(claims, name) == NULL)
        fail_msg("no claim %s", name);
    assert_string_equal(azattest__json_get_string(claims, name), (const char *)hex.ptr);
    azattest__buf_free(&hex);
}

static void is_number(const azattest__json *claims, const char *name, int64_t expected)
{
    int64_t number = -1;

    if (!azattest__json_integer(azattest__json_get(claims, name), &number) || number != expected)
        fail_msg("%s is %lld", name, (long long)number);
}

static void is_bool(const azattest__json *claims, const char *name, bool expected)
{
    bool value = !expected;

    if (!azattest__json_bool(azattest__json_get(claims, name), &value) || value != expected)
        fail_msg("%s is not %d", name, expected);
}

/* Exactly the claims of the recorded token, each at its place in the report. */
static void the_token_has_every_claim(void **state)
{
    char *runtime = data_member("runtimeData", "JSON", DATA), *init = data_member("initTimeData", "JSON", INIT), *more;
    azattest__json *claims;

    (void)state;
    assert_true(asprintf(&more, "%s%s,\"nonce\":\"n\"", runtime, init) > 0);
    claims = claims_of(body_of(guest.report, guest.chain, more), "RS256");
    assert_string_equal(azattest__json_get_string(claims, "x-ms-attestation-type"), "sevsnpvm");
    is_hex(claims, "x-ms-sevsnpvm-familyId", 0x10, 16);
    is_hex(claims, "x-ms-sevsnpvm-imageId", 0x20, 16);
    is_hex(claims, "x-ms-sevsnpvm-reportdata", 0x50, 64);
    is_hex(claims, "x-ms-sevsnpvm-launchmeasurement", 0x90, 48);
    is_hex(claims, "x-ms-sevsnpvm-hostdata", 0xc0, 32);
    is_hex(claims, "x-ms-sevsnpvm-idkeydigest", 0xe0, 48);
    is_hex(claims, "x-ms-sevsnpvm-authorkeydigest", 0x110, 48);
    is_hex(claims, "x-ms-sevsnpvm-reportid", 0x140, 32);
    is_number(claims, "x-ms-sevsnpvm-bootloader-svn", guest.report[0x180]);
    is_number(claims, "x-ms-sevsnpvm-tee-svn", guest.report[0x181]);
    is_number(claims, "x-ms-sevsnpvm-snpfw-svn", guest.report[0x186]);
    is_number(claims, "x-ms-sevsnpvm-microcode-svn", guest.report[0x187]);
    is_number(claims, "x-ms-sevsnpvm-guestsvn", 4);
    is_number(claims, "x-ms-sevsnpvm-vmpl", 2);
    is_bool(claims, "x-ms-sevsnpvm-is-debuggable", false);
    is_bool(claims, "x-ms-sevsnpvm-migration-allowed", false);
    is_bool(claims, "x-ms-sevsnpvm-smt-allowed", true);
    assert_string_equal(azattest__json_get_string(claims, "x-ms-policy-hash"),
                        "9NY0VnTQ-IiBriBplVUpFbczcDaEBUwsiFYAzHu_gco");
    assert_string_equal(azattest__json_get_string(claims, "x-ms-ver"), "1.0");
    assert_string_equal(azattest__json_get_string(claims, "nonce"), "n");
    assert_non_null(azattest__json_get(azattest__json_get(claims, "x-ms-runtime"), "b"));
    is_bool(azattest__json_get(claims, "x-ms-inittime"), "init", true);
    /* iss, exp, iat, jti, nbf beside them; none of an enclave's. */
    assert_int_equal(azattest__json_count(claims), 18 + 3 + 2 + 5);
    azattest__json_free(claims);
    free(more);
    free(runtime);
    free(init);
}

static void a_machine_of_turin_has_its_own_layout(void **state)
{
    azattest_simulated_platform platform = AZATTEST_SIMULATED_PLATFORM_INIT;
    unsigned char *report;
    azattest__json *claims;
    char *chain;

    (void)state;
    platform.product = "Turin";
    report = report_of(&platform, true);
    chain = chain_of(&platform);
    claims = claims_of(body_of(report, chain, ""), "RS256");
    is_number(claims, "x-ms-sevsnpvm-bootloader-svn", report[0x181]);
    is_number(claims, "x-ms-sevsnpvm-tee-svn", report[0x182]);
    is_number(claims, "x-ms-sevsnpvm-snpfw-svn", report[0x183]);
    is_number(claims, "x-ms-sevsnpvm-microcode-svn", report[0x187]);
    is_bool(claims, "x-ms-sevsnpvm-is-debuggable", true);
    azattest__json_free(claims);
    azattest_simulator_free_bytes(report);
    free(chain);
}

/* Which claim would carry binary data is not known: they are bound, and none does. */
static void binary_data_are_bound_and_in_no_claim(void **state)
{
    char *runtime = data_member("runtimeData", "Binary", DATA);
    azattest__json *claims = claims_of(body_of(guest.report, guest.chain, runtime), "RS256");

    (void)state;
    assert_null(azattest__json_get(claims, "x-ms-runtime"));
    assert_null(azattest__json_get(claims, "maa-ehd"));
    assert_null(azattest__json_get(claims, "x-ms-sgx-ehd"));
    azattest__json_free(claims);
    free(runtime);
}

static void a_draft_policy_gives_an_unsecured_token(void **state)
{
    azattest__json *claims =
        claims_of(body_of(guest.report, guest.chain,
                          ",\"draftPolicyForAttestation\":\"version= 1.0;authorizationrules{=> permit();};\""),
                  "none");

    (void)state;
    assert_string_equal(azattest__json_get_string(claims, "x-ms-attestation-type"), "sevsnpvm");
    azattest__json_free(claims);
}

#define DRAFT(rules, issuance)                                                                                         \
    ",\"draftPolicyForAttestation\":\"version= 1.0;authorizationrules{" rules "};issuancerules{" issuance "};\""

/* The claims of the report are what a policy sees; none of them is replaced. */
static void a_policy_sees_the_report(void **state)
{
    azattest__service_answer answer;
    azattest__json *claims = claims_of(
        body_of(
            guest.report, guest.chain,
            DRAFT("[type==\\\"x-ms-sevsnpvm-vmpl\\\", value<3] && [type==\\\"x-ms-sevsnpvm-guestsvn\\\", value==4] => "
                  "permit();",
                  "c:[type==\\\"x-ms-sevsnpvm-vmpl\\\"] => issue(type=\\\"level\\\", value=c.value); => "
                  "issue(type=\\\"x-ms-sevsnpvm-vmpl\\\", value=0); => "
                  "issue(type=\\\"x-ms-compliance-status\\\", value=\\\"azure-compliant-cvm\\\");")),
        "none");
    int64_t level, vmpl;

    (void)state;
    assert_true(azattest__json_integer(azattest__json_get(claims, "level"), &level));
    assert_true(azattest__json_integer(azattest__json_get(claims, "x-ms-sevsnpvm-vmpl"), &vmpl));
    assert_int_equal(level, 2);
    assert_int_equal(vmpl, 2);
    assert_null(azattest__json_get(claims, "x-ms-compliance-status"));
    assert_null(azattest__json_get(claims, "x-ms-sgx-tcbidentifier"));
    assert_int_equal(azattest__json_count(azattest__json_get(claims, "x-ms-policy")), 1);
    azattest__json_free(claims);
    post(body_of(guest.report, guest.chain,
                 DRAFT("[type==\\\"x-ms-sevsnpvm-is-debuggable\\\", value==false] => deny();", "")),
         &answer);
    assert_int_equal(answer.status, 400);
    assert_string_equal(answer.error_code, "PolicyEvaluationError");
    assert_non_null(strstr((const char *)answer.body.ptr, "A Deny claim was issued, authorization failed."));
    assert_null(strstr((const char *)answer.body.ptr, "PolicyValidationFailure")); /* that is of guests */
    azattest__service_answer_clear(&answer);
}

/* Frees the body. */
static void refused(const char *name, char *body, const char *message)
{
    azattest__service_answer answer;

    post(body, &answer);
    if (answer.status != 400 || strstr((const char *)answer.body.ptr, message) == NULL)
        fail_msg("%s: %d %s", name, answer.status, (const char *)answer.body.ptr);
    azattest__service_answer_clear(&answer);
}

static void faults_of_a_request(void **state)
{
    char *runtime = data_member("runtimeData", "JSON", "{\"other\":1}"),
         *init = data_member("initTimeData", "JSON", "{\"other\":1}"), *bare, *raw;
    unsigned char forged[1184];

    (void)state;
    refused("no chain", body_of(guest.report, NULL, ""), "VcekCertChain");
    refused("no certificates in the chain", body_of(guest.report, "text", ""), "neither PEM nor DER");
    refused("the chain without its root", body_of(guest.report, "", ""), "VcekCertChain");
    refused("runtime data of another", body_of(guest.report, guest.chain, runtime), "runtimeData");
    refused("init-time data of another", body_of(guest.report, guest.chain, init), "initTimeData");
    raw = encode(guest.report, 1184, false);
    assert_true(asprintf(&bare, "{\"report\":\"%s\"}", raw) > 0);
    refused("a bare report", bare, "JSON document");
    refused("no report", strdup("{}"), "no evidence");
    refused("an empty document", strdup("{\"report\":\"e30\"}"), "SnpReport");
    memcpy(forged, guest.report, sizeof(forged));
    forged[0x90] ^= 1;
    refused("a forged measurement", body_of(forged, guest.chain, ""), "report_signature");
    free(raw);
    free(runtime);
    free(init);
}

/* What verifies has to be the report that the claims are of, whatever else the document holds. */
static void documents_that_two_readers_see_two_reports_in(void **state)
{
    azattest_simulated_enclave enclave = AZATTEST_SIMULATED_ENCLAVE_INIT;
    azattest_simulated_vm vm = AZATTEST_SIMULATED_VM_INIT;
    char *runtime = data_member("runtimeData", "JSON", DATA);
    azattest__json *twice = azattest__json_new_object();
    unsigned char *bundle;
    size_t len;

    (void)state;
    azattest__json_put_base64url(twice, "snpReport", azattest__bytes(guest.report, 1184));
    refused("two reports", body_around(twice, guest.report, guest.chain, ""), "two members");
    twice = azattest__json_new_object();
    azattest__json_put_base64url(twice, "vcekCertChain", azattest__text(guest.chain));
    refused("two chains", body_around(twice, guest.report, guest.chain, ""), "two members");
    for (int tdx = 0; tdx < 2; tdx++) {
        vm.tee = tdx == 1 ? "tdx" : "snp";
        assert_int_equal(azattest_simulator_azure_guest(world.simulator, &vm, NULL, &bundle, &len, NULL), AZATTEST_OK);
        refused(vm.tee, body_around(parse(azattest__bytes(bundle, len)), guest.report, guest.chain, runtime),
                "of two forms");
        azattest_simulator_free_bytes(bundle);
    }
    enclave.certification_type = 1;
    enclave.trailing = 96;
    assert_int_equal(azattest_simulator_sgx_quote(world.simulator, &enclave, &bundle, &len, NULL), AZATTEST_OK);
    assert_int_equal(len, 1184);
    refused("an enclave's quote", body_of(bundle, guest.chain, runtime), "sgx_quote");
    azattest_simulator_free_bytes(bundle);
    free(runtime);
}

static void faults_of_a_machine(void **state)
{
    static const struct {
        const char *name;
        uint64_t faults;
        const char *check;
    } cases[] = {
        { "the VCEK of another chip", AZATTEST_SIMULATED_BIT(VCEK_OTHER_CHIP), "chip_id" },
        { "the VCEK of another TCB", AZATTEST_SIMULATED_BIT(VCEK_OTHER_TCB), "vcek_tcb" },
        { "the VCEK of another product", AZATTEST_SIMULATED_BIT(VCEK_OTHER_PRODUCT), "product" },
        { "a masked chip id", AZATTEST_SIMULATED_BIT(MASKED_CHIP_ID), "chip_id" },
        { "the other kind of key", AZATTEST_SIMULATED_BIT(KEY_KIND), "signing_key" },
        { "big-endian scalars", UINT64_C(1) << AZATTEST_SIMULATED_BYTE_ORDER, "report_signature" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        azattest_simulated_platform platform = AZATTEST_SIMULATED_PLATFORM_INIT;
        unsigned char *report;
        char *chain;

        platform.faults = cases[i].faults;
        report = report_of(&platform, false);
        chain = chain_of(&platform);
        refused(cases[i].name, body_of(report, chain, ""), cases[i].check);
        azattest_simulator_free_bytes(report);
        free(chain);
    }
}

/* The roots of AMD are built in: a container group's own document of 2025. */
static void a_real_machine_gets_a_token(void **state)
{
    unsigned char *report, *chain;
    azattest__json *claims;
    size_t len;

    (void)state;
    EVIDENCE_OR_SKIP();
    report = evidence_read("snp/azure-aci-20250617.report.bin", &len);
    chain = evidence_read("snp/azure-aci-20250617.chain.pem", &len);
    claims = claims_of(body_of(report, (const char *)chain, ""), "RS256");
    is_number(claims, "x-ms-sevsnpvm-microcode-svn", 219);
    is_number(claims, "x-ms-sevsnpvm-snpfw-svn", 24);
    azattest__json_free(claims);
    free(report);
    free(chain);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_token_has_every_claim),
        cmocka_unit_test(a_machine_of_turin_has_its_own_layout),
        cmocka_unit_test(binary_data_are_bound_and_in_no_claim),
        cmocka_unit_test(a_draft_policy_gives_an_unsecured_token),
        cmocka_unit_test(a_policy_sees_the_report),
        cmocka_unit_test(faults_of_a_request),
        cmocka_unit_test(documents_that_two_readers_see_two_reports_in),
        cmocka_unit_test(faults_of_a_machine),
        cmocka_unit_test(a_real_machine_gets_a_token),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
