/* Appraisals of real evidence, verified with real collateral at a time when both lived. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <azattest/azattest.h>

#include "base/buf.h"
#include "base/clock.h"
#include "evidence.h"

#define Z16 "00000000000000000000000000000000"
#define Z48 Z16 Z16 Z16

#define SGX "openenclave/maa-service-wus-2022-11.report.bin"
#define SGX_AT "2024-06-01T00:00:00Z"
#define LEFT "\"allow_not_checked\":[\"tcb\",\"revocation\",\"qe_identity\"]"
#define TDX "tdx/phala-v4.bin"
#define TDX_WITH "collateral/phala-tdx-b0c06f000000.json"
#define TDX_AT "2025-07-01T00:00:00Z"
#define OLD "tdx/phala-v5-outdated.bin"
#define OLD_WITH "collateral/phala-tdx-90c06f000000-2026-02.json"
#define OLD_AT "2026-03-01T00:00:00Z"
#define SNP "snp/milan-v3.report.bin"
#define SNP_WITH "snp/milan-v3.vcek.pem"
#define SNP_AT "2026-06-01T00:00:00Z"
#define GUEST "hcl/azure-tdx-v0.evidence.json"
#define GUEST_AT "2024-06-01T00:00:00Z"
/* This TD does not set SEPT_VE_DISABLE, as others of Azure do. */
#define GUEST_LEFT                                                                                                     \
    "\"allow_not_checked\":[\"tcb\",\"revocation\",\"qe_identity\",\"tdx_module\",\"tpm_nonce\"],"                     \
    "\"require_sept_ve_disable\":false"
#define SNP_LEFT "\"allow_not_checked\":\"revocation\""

/* What fails, of the appraisal; NULL: nothing does, and the verdict is valid. */
static struct real_case {
    const char *name, *evidence, *collateral, *at, *json, *fails;
} cases[] = {
    { "the service's enclave by its signer", SGX, NULL, SGX_AT,
      "{" LEFT
      ",\"mr_signer\":\"74ba5fba208571cf99e1f7158e6536a05bbb6ce7807eef8f6a97f64a7af64b83\",\"product_id\":[1,2],"
      "\"min_svn\":1}",
      NULL },
    { "the service's enclave by another signer", SGX, NULL, SGX_AT,
      "{" LEFT ",\"mr_signer\":\"74ba5fba208571cf99e1f7158e6536a05bbb6ce7807eef8f6a97f64a7af64b84\"}", "mr_signer" },
    { "the service's enclave without collateral", SGX, NULL, SGX_AT,
      "{\"mr_signer\":\"74ba5fba208571cf99e1f7158e6536a05bbb6ce7807eef8f6a97f64a7af64b83\"}", "allow_not_checked" },
    { "a status without collateral", SGX, NULL, SGX_AT, "{" LEFT ",\"tcb_statuses\":\"UpToDate\"}", "tcb_statuses" },
    { "a debuggable enclave", "sgx/azure-intelsdk-2023-debug.quote.bin", NULL, SGX_AT, "{" LEFT "}", "allow_debug" },
    { "a debuggable enclave that is allowed", "sgx/azure-intelsdk-2023-debug.quote.bin", NULL, SGX_AT,
      "{" LEFT ",\"allow_debug\":true}", NULL },
    { "a TD and its platform", TDX, TDX_WITH, TDX_AT,
      "{\"kinds\":\"tdx_quote\",\"mr_td\":"
      "\"91eb2b44d141d4ece09f0c75c2c53d247a3c68edd7fafe8a3520c942a604a407de03ae6dc5f87f"
      "27428b2538873118b7\",\"mr_signer_seam\":\"" Z48 "\",\"mr_config_id\":\"" Z48 "\",\"mr_owner\":\"" Z48
      "\",\"rtmr3\":\"" Z48 "\",\"tcb_statuses\":\"UpToDate\",\"advisories_accepted\":[],"
      "\"min_tcb_evaluation_data_number\":17,\"min_tcb_date\":\"2024-03-13\",\"allow_smt\":true,"
      "\"td_attributes\":{\"mask\":\"ffffffffffffffff\",\"value\":\"0000001000000000\"},"
      "\"xfam\":{\"mask\":\"ffffffffffffffff\",\"value\":\"e702060000000000\"}}",
      NULL },
    { "a TD whose platform has threads", TDX, TDX_WITH, TDX_AT, "{\"allow_smt\":false}", "allow_smt" },
    { "a TD whose platform may grow", TDX, TDX_WITH, TDX_AT, "{\"allow_dynamic_platform\":false}",
      "allow_dynamic_platform" },
    { "a TD whose platform's keys are cached", TDX, TDX_WITH, TDX_AT, "{\"allow_cached_keys\":false}",
      "allow_cached_keys" },
    { "collateral of an evaluation that is too old", TDX, TDX_WITH, TDX_AT, "{\"min_tcb_evaluation_data_number\":18}",
      "min_tcb_evaluation_data_number" },
    { "a level that is too old", TDX, TDX_WITH, TDX_AT, "{\"min_tcb_date\":\"2024-03-14\"}", "min_tcb_date" },
    { "a TD by the measurement of an enclave", TDX, TDX_WITH, TDX_AT, "{\"mr_enclave\":\"" Z16 Z16 "\"}",
      "mr_enclave" },
    { "a service TD in a report that has none", TDX, TDX_WITH, TDX_AT, "{\"mr_service_td\":\"" Z48 "\"}",
      "mr_service_td" },
    { "a guest of AMD's", SNP, SNP_WITH, SNP_AT,
      "{" SNP_LEFT ",\"products\":[\"Milan\"],\"max_vmpl\":0,\"policy\":{\"smt\":true},\"host_data\":\""
      "4f4448c67f3c8dfc8de8a5e37125d807dadcc41f06cf23f615dbd52eec777d10\",\"min_reported_tcb\":{\"boot_loader\":4,"
      "\"tee\":0,\"snp\":24,\"microcode\":219}}",
      NULL },
    { "a guest on another product", SNP, SNP_WITH, SNP_AT, "{" SNP_LEFT ",\"products\":[\"Genoa\",\"Turin\"]}",
      "products" },
    { "a guest on a chip that is denied", SNP, SNP_WITH, SNP_AT,
      "{" SNP_LEFT
      ",\"denied_chip_ids\":\"4ffb5cb4fd594f3fee6528fc3fb10370bb38abe89dcd5ba2cf0ab6a11df2ca282add516bef45a890"
      "a8c9f9732bdca68f9f3f16c42e846030a800295dbeb19ba5\"}",
      "denied_chip_ids" },
    { "a guest with firmware that is too old", SNP, SNP_WITH, SNP_AT,
      "{" SNP_LEFT ",\"min_reported_tcb\":{\"microcode\":220}}", "min_reported_tcb" },
    { "a guest whose policy allows threads", SNP, SNP_WITH, SNP_AT, "{" SNP_LEFT ",\"policy\":{\"smt\":false}}",
      "policy" },
    { "revocation that was not looked at", SNP, SNP_WITH, SNP_AT, "{}", "allow_not_checked" },
    { "a guest of Azure", GUEST, NULL, GUEST_AT,
      "{" GUEST_LEFT ",\"kinds\":\"azure_guest\",\"allow_sha1\":false,\"rtmr0\":\"" Z48 "\"}", NULL },
    { "a TD of Azure by the default", GUEST, NULL, GUEST_AT,
      "{\"allow_not_checked\":[\"tcb\",\"revocation\",\"qe_identity\",\"tdx_module\",\"tpm_nonce\"]}",
      "require_sept_ve_disable" },
    { "a guest of Azure with other PCRs", GUEST, NULL, GUEST_AT,
      "{" GUEST_LEFT ",\"pcrs\":{\"sha256\":{\"0\":\"" Z16 Z16 "\"}}}", "pcrs" },
    { "a guest of Azure that is another machine", GUEST, NULL, GUEST_AT,
      "{" GUEST_LEFT ",\"vm_unique_id\":\"00000000-0000-0000-0000-000000000000\"}", "vm_unique_id" },
};

static azattest_bytes file(const char *name, unsigned char **memory)
{
    size_t len = 0;

    *memory = evidence_read(name, &len);
    return azattest__bytes(*memory, len);
}

static azattest_collateral *collateral_of(const char *name)
{
    static const char *const amd[] = { "snp/milan.ask.pem", "snp/milan.ark.pem" };
    azattest_collateral *set = NULL;
    unsigned char *memory;

    if (name == NULL)
        return NULL;
    assert_int_equal(azattest_collateral_new(&set, NULL), AZATTEST_OK);
    assert_int_equal(azattest_collateral_add(set, file(name, &memory), NULL), AZATTEST_OK);
    free(memory);
    for (size_t i = 0; strncmp(name, "snp/", 4) == 0 && i < 2; i++) {
        assert_int_equal(azattest_collateral_add(set, file(amd[i], &memory), NULL), AZATTEST_OK);
        free(memory);
    }
    return set;
}

static azattest_verification_result *verified(const struct real_case *test, const char *json)
{
    azattest_verify_options options = AZATTEST_VERIFY_OPTIONS_INIT;
    azattest_collateral *collateral = collateral_of(test->collateral);
    azattest_verification_result *result = NULL;
    azattest_appraisal *appraisal = NULL;
    azattest_evidence *evidence = NULL;
    azattest_error *error = NULL;
    unsigned char *memory;
    int64_t seconds;

    assert_true(azattest__time_parse(test->at, &seconds));
    options.now_ms = seconds * 1000;
    options.collateral = collateral;
    if (azattest_evidence_load(file(test->evidence, &memory), &evidence, &error) != AZATTEST_OK ||
        (json != NULL && azattest_appraisal_parse(azattest__text(json), &appraisal, &error) != AZATTEST_OK))
        fail_msg("%s", azattest_error_message(error));
    options.appraisal = appraisal;
    if (azattest_evidence_verify(evidence, &options, &result, &error) != AZATTEST_OK)
        fail_msg("%s", azattest_error_message(error));
    free(memory);
    azattest_appraisal_free(appraisal);
    azattest_collateral_free(collateral);
    azattest_evidence_free(evidence);
    return result;
}

static void is_appraised(void **state)
{
    const struct real_case *test = *state;
    azattest_verification_result *result;
    bool seen = false;

    EVIDENCE_OR_SKIP();
    result = verified(test, test->json);
    for (size_t i = 0; i < azattest_verification_result_check_count(result); i++) {
        const char *id = azattest_verification_result_check_id(result, i);
        bool expected = test->fails != NULL && strncmp(id, "appraisal.", 10) == 0 && strcmp(id + 10, test->fails) == 0;

        seen = seen || expected;
        if ((azattest_verification_result_check_ok(result, i) == 0) != expected)
            fail_msg("%s: %s", id, azattest_verification_result_check_detail(result, i));
    }
    assert_int_equal(seen, test->fails != NULL);
    assert_int_equal(azattest_verification_result_is_valid(result), test->fails == NULL);
    azattest_verification_result_free(result);
}

static bool has(const azattest_verification_result *result, const char *id, int ok)
{
    for (size_t i = 0; i < azattest_verification_result_check_count(result); i++)
        if (strcmp(azattest_verification_result_check_id(result, i), id) == 0)
            return azattest_verification_result_check_ok(result, i) == ok;
    return false;
}

/* Whatever is accepted, a platform that no level matches is not. */
static void a_platform_without_a_level_is_refused_whatever_is_accepted(void **state)
{
    static const struct real_case old = { "", OLD, OLD_WITH, OLD_AT, NULL, NULL };
    static const char everything[] =
        "{\"tcb_statuses\":[\"UpToDate\",\"SWHardeningNeeded\",\"ConfigurationNeeded\","
        "\"ConfigurationAndSWHardeningNeeded\",\"OutOfDate\",\"OutOfDateConfigurationNeeded\",\"TDRelaunchAdvised\","
        "\"TDRelaunchAdvisedConfigurationNeeded\"]}";
    azattest_verification_result *result;

    (void)state;
    EVIDENCE_OR_SKIP();
    result = verified(&old, NULL);
    assert_false(azattest_verification_result_is_valid(result));
    azattest_verification_result_free(result);
    result = verified(&old, everything);
    assert_false(azattest_verification_result_is_valid(result));
    assert_null(azattest_verification_result_tcb_status(result));
    assert_true(has(result, "tcb_level", 0));
    assert_true(has(result, "appraisal.tcb_statuses", 0));
    azattest_verification_result_free(result);
}

/* Evidence that is broken stays so, whatever the appraisal takes. */
static void no_appraisal_mends_broken_evidence(void **state)
{
    static const char *const broken[] = { "sgx/neg-sgx-sig-bitflip.bin",    "sgx/neg-sgx-qe-sig.bin",
                                          "sgx/neg-sgx-report-data.bin",    "sgx/neg-sgx-other-platform-chain.bin",
                                          "tdx/neg-tdx-v4-sig-bitflip.bin", "tdx/neg-tdx-v4-report-data.bin",
                                          "snp/neg-snp-sig-bitflip.bin",    "hcl/neg-hcl-runtime-data.bin" };
    static const char everything[] =
        "{\"allow_debug\":true,\"allow_not_checked\":[\"tcb\",\"revocation\",\"qe_identity\",\"tdx_module\",\"vcek\","
        "\"ak_binding\",\"tpm_nonce\",\"tpm_pcr_digest\"]}";

    (void)state;
    EVIDENCE_OR_SKIP();
    for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
        struct real_case test = { "", broken[i], NULL, "2025-06-20T00:00:00Z", NULL, NULL };
        azattest_verification_result *result = verified(&test, everything);

        if (azattest_verification_result_is_valid(result))
            fail_msg("%s", broken[i]);
        azattest_verification_result_free(result);
    }
}

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

int main(void)
{
    struct CMUnitTest tests[COUNT(cases) + 2];
    size_t count = 0;

    for (size_t i = 0; i < COUNT(cases); i++)
        tests[count++] = (struct CMUnitTest){ cases[i].name, is_appraised, NULL, NULL, &cases[i] };
    tests[count++] = (struct CMUnitTest)cmocka_unit_test(a_platform_without_a_level_is_refused_whatever_is_accepted);
    tests[count++] = (struct CMUnitTest)cmocka_unit_test(no_appraisal_mends_broken_evidence);
    return cmocka_run_group_tests_name("appraisal_real", tests, NULL, NULL);
}
