/* Each state that the simulator can be told to make, judged by the verifier with its collateral: the check that the
 * state is about fails and says so, and a machine without fault passes all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <azattest/azattest.h>

#include "made.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define BIT AZATTEST_SIMULATED_BIT

static azattest_verification_result *judge(made_kind kind, const azattest_simulated_platform *platform)
{
    azattest_verify_options options = AZATTEST_VERIFY_OPTIONS_INIT;
    azattest_verification_result *result = NULL;
    azattest_collateral *collateral = NULL;
    azattest_evidence *evidence = NULL;
    azattest_error *error = NULL;
    made it = made_of(kind, platform);

    if (azattest_collateral_new(&collateral, &error) != AZATTEST_OK ||
        azattest_collateral_add(collateral, it.collateral, &error) != AZATTEST_OK ||
        azattest_evidence_load(it.evidence, &evidence, &error) != AZATTEST_OK)
        fail_msg("%s", azattest_error_message(error));
    options.collateral = collateral;
    options.extra_roots = it.roots;
    options.now_ms = QUOTES_NOW_MS;
    assert_int_equal(azattest_evidence_verify(evidence, &options, &result, NULL), AZATTEST_OK);
    azattest_evidence_free(evidence);
    azattest_collateral_free(collateral);
    made_free(&it);
    return result;
}

static int outcome(const azattest_verification_result *result, const char *id)
{
    for (size_t i = 0; i < azattest_verification_result_check_count(result); i++)
        if (strcmp(azattest_verification_result_check_id(result, i), id) == 0)
            return azattest_verification_result_check_ok(result, i);
    return -2;
}

static void show(const azattest_verification_result *result, const char *what)
{
    fail_msg("%s: %.*s", what, (int)azattest_verification_result_json(result).len,
             (const char *)azattest_verification_result_json(result).ptr);
}

/* Nothing wrong, nothing left out. */
static void a_machine_without_fault_passes_everything(void **state)
{
    static const made_kind kinds[] = { MADE_SGX,    MADE_SGX_V4,  MADE_SGX_V5,    MADE_OPEN_ENCLAVE,
                                       MADE_TDX,    MADE_TDX_V5,  MADE_TDX_V5_10, MADE_SNP,
                                       MADE_SNP_V2, MADE_HCL_SNP, MADE_GUEST_SNP, MADE_GUEST_TDX };

    (void)state;
    for (size_t i = 0; i < COUNT(kinds); i++) {
        azattest_verification_result *result = judge(kinds[i], NULL);
        char what[32];

        snprintf(what, sizeof(what), "kind %zu", i);
        if (!azattest_verification_result_is_valid(result))
            show(result, what);
        if (kinds[i] == MADE_GUEST_SNP || kinds[i] == MADE_GUEST_TDX) /* its log gives its PCRs */
            assert_int_equal(outcome(result, "tpm_event_log"), 1);
        if (azattest_verification_result_tcb_status(result) != NULL)
            assert_string_equal(azattest_verification_result_tcb_status(result), "UpToDate");
        azattest_verification_result_free(result);
    }
}

static void every_fault_fails_its_check(void **state)
{
    static const struct {
        uint64_t faults;
        made_kind kind;
        const char *check;
    } cases[] = {
        { BIT(REVOKED_PCK), MADE_SGX, "pck_revocation" },
        { BIT(REVOKED_PCK), MADE_TDX, "pck_revocation" },
        { BIT(REVOKED_PCK_CA), MADE_SGX, "ca_revocation" },
        { BIT(REVOKED_PCK_CA), MADE_TDX, "ca_revocation" },
        { BIT(REVOKED_TCB_SIGNING), MADE_SGX, "ca_revocation" },
        { BIT(REVOKED_TCB_SIGNING), MADE_TDX, "ca_revocation" },
        { BIT(CRL_SIGNATURE), MADE_SGX, "pck_crl" },
        { BIT(CRL_SIGNATURE), MADE_SGX, "root_ca_crl" },
        { BIT(TCB_INFO_SIGNATURE), MADE_TDX, "tcb_info" },
        { BIT(QE_IDENTITY_SIGNATURE), MADE_TDX, "qe_identity" },
        { BIT(TCB_INFO_FMSPC), MADE_SGX, "tcb_info_match" },
        { BIT(TCB_INFO_PCEID), MADE_SGX, "tcb_info_match" },
        { BIT(TCB_INFO_PCEID), MADE_TDX, "tcb_info_match" },
        { BIT(NO_MODULE_IDENTITY), MADE_TDX, "tdx_module" },
        { BIT(NO_MODULE_IDENTITY), MADE_TDX_V5, "tdx_module" },
        { BIT(SEAM_SIGNER), MADE_TDX, "tdx_module" },
        { BIT(SEAM_ATTRIBUTES), MADE_TDX, "tdx_module" },
        { BIT(NO_TDX_COMPONENTS), MADE_TDX, "tcb_info" },
        { BIT(VCEK_OTHER_PRODUCT), MADE_SNP, "product" },
        { BIT(CPUID), MADE_SNP, "product" },
        { BIT(TCB_INFO_OTHER_KIND), MADE_TDX, "tcb_info_match" },
        { BIT(TCB_INFO_OTHER_KIND), MADE_SGX, "tcb_info" },
        { BIT(QE_IDENTITY_OTHER_KIND), MADE_TDX, "qe_identity_match" },
        { BIT(QE_IDENTITY_OTHER_KIND), MADE_SGX, "qe_identity_match" },
        { BIT(PCK_NO_FMSPC), MADE_SGX, "pck_extensions" },
        { BIT(PCK_NO_FMSPC), MADE_TDX, "pck_extensions" },
        { BIT(QE_MR_SIGNER), MADE_SGX, "qe_identity_match" },
        { BIT(QE_PRODUCT_ID), MADE_SGX, "qe_identity_match" },
        { BIT(QE_MISC_SELECT), MADE_TDX, "qe_identity_match" },
        { BIT(QE_ATTRIBUTES), MADE_TDX, "qe_identity_match" },
        { BIT(QE_DEBUG), MADE_TDX, "qe_report_debug" },
        { BIT(QE_BINDING), MADE_SGX_V5, "qe_report_binding" },
        { BIT(QE_SIGNATURE), MADE_SGX_V4, "qe_report_signature" },
        { BIT(QUOTE_SIGNATURE), MADE_TDX_V5, "quote_signature" },
        { BIT(BYTE_ORDER), MADE_TDX, "quote_signature" },
        { BIT(REVOKED_VCEK), MADE_SNP, "vcek_revocation" },
        { BIT(REVOKED_ASK), MADE_SNP, "vcek_revocation" },
        { BIT(VCEK_OTHER_CHIP), MADE_SNP, "chip_id" },
        { BIT(VCEK_NO_HARDWARE_ID), MADE_SNP, "chip_id" },
        { BIT(MASKED_CHIP_ID), MADE_SNP, "chip_id" },
        { BIT(VCEK_OTHER_TCB), MADE_SNP, "vcek_tcb" },
        { BIT(VCEK_NO_TCB), MADE_SNP, "vcek_tcb" },
        { BIT(KEY_KIND), MADE_SNP, "signing_key" },
        { BIT(QUOTE_SIGNATURE), MADE_SNP, "report_signature" },
        { BIT(BYTE_ORDER), MADE_SNP, "report_signature" },
        { BIT(RUNTIME_CLAIMS), MADE_HCL_SNP, "runtime_claims_binding" },
        { BIT(RUNTIME_CLAIMS), MADE_GUEST_TDX, "runtime_claims_binding" },
        { BIT(OTHER_AK), MADE_GUEST_SNP, "tpm_quote_signature" },
        { BIT(TPM_SIGNATURE), MADE_GUEST_SNP, "tpm_quote_signature" },
        { BIT(PCR_VALUE), MADE_GUEST_SNP, "tpm_pcr_digest" },
        { BIT(TD_REPORT), MADE_GUEST_TDX, "td_report_match" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        azattest_simulated_platform platform = AZATTEST_SIMULATED_PLATFORM_INIT;
        azattest_verification_result *result;
        char what[64];

        platform.faults = cases[i].faults;
        result = judge(cases[i].kind, &platform);
        snprintf(what, sizeof(what), "case %zu, %s", i, cases[i].check);
        if (azattest_verification_result_is_valid(result) || outcome(result, cases[i].check) != 0)
            show(result, what);
        azattest_verification_result_free(result);
    }
}

/* The list of the other CA is none for this certificate, and never stands for one. */
static void the_list_of_the_other_authority_is_not_taken(void **state)
{
    azattest_simulated_platform platform = AZATTEST_SIMULATED_PLATFORM_INIT;

    (void)state;
    platform.faults = BIT(OTHER_CA_CRL);
    for (int processor = 0; processor < 2; processor++) {
        azattest_verification_result *result;

        platform.pck_ca = processor ? "processor" : "platform";
        result = judge(MADE_SGX, &platform);
        if (azattest_verification_result_is_complete(result) || outcome(result, "pck_revocation") == 1)
            show(result, platform.pck_ca);
        azattest_verification_result_free(result);
    }
}

static void every_status_is_reached(void **state)
{
    static const struct {
        made_kind kind;
        const char *platform, *module, *qe, *status; /* NULL: no status */
        bool valid;
    } cases[] = {
        { MADE_SGX, "SWHardeningNeeded", NULL, NULL, "SWHardeningNeeded", true },
        { MADE_SGX, "ConfigurationNeeded", NULL, NULL, "ConfigurationNeeded", false },
        { MADE_SGX, "ConfigurationAndSWHardeningNeeded", NULL, NULL, "ConfigurationAndSWHardeningNeeded", false },
        { MADE_SGX, "OutOfDate", NULL, NULL, "OutOfDate", false },
        { MADE_SGX, "OutOfDateConfigurationNeeded", NULL, NULL, "OutOfDateConfigurationNeeded", false },
        { MADE_SGX, "Revoked", NULL, NULL, "Revoked", false },
        { MADE_SGX, "", NULL, NULL, NULL, false },
        { MADE_SGX, NULL, NULL, "OutOfDate", "OutOfDate", false },
        { MADE_SGX, "ConfigurationNeeded", NULL, "OutOfDate", "OutOfDateConfigurationNeeded", false },
        { MADE_SGX, NULL, NULL, "Revoked", "Revoked", false },
        { MADE_SGX, NULL, NULL, "", NULL, false },
        { MADE_TDX, NULL, "OutOfDate", NULL, "OutOfDate", false },
        { MADE_TDX, "OutOfDate", NULL, NULL, "OutOfDate", false },
        { MADE_TDX, "ConfigurationNeeded", "OutOfDate", NULL, "OutOfDateConfigurationNeeded", false },
        { MADE_TDX, NULL, "Revoked", NULL, "Revoked", false },
        { MADE_TDX, NULL, "", NULL, NULL, false },
        { MADE_TDX_V5_10, NULL, NULL, "OutOfDate", "OutOfDate", false },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        azattest_simulated_platform platform = AZATTEST_SIMULATED_PLATFORM_INIT;
        azattest_verification_result *result;
        const char *status;
        char what[64];

        platform.tcb_status = cases[i].platform;
        platform.tdx_module_status = cases[i].module;
        platform.qe_status = cases[i].qe;
        result = judge(cases[i].kind, &platform);
        status = azattest_verification_result_tcb_status(result);
        snprintf(what, sizeof(what), "case %zu", i);
        if (azattest_verification_result_is_valid(result) != cases[i].valid ||
            (status == NULL) != (cases[i].status == NULL) || (status != NULL && strcmp(status, cases[i].status) != 0))
            show(result, what);
        azattest_verification_result_free(result);
    }
}

/* Numbers, dates and advisories come out; and what expired does not pass. */
static void numbers_times_and_advisories_come_out(void **state)
{
    static const unsigned items[] = { AZATTEST_SIMULATED_TCB_INFO,    AZATTEST_SIMULATED_QE_IDENTITY,
                                      AZATTEST_SIMULATED_ROOT_CA_CRL, AZATTEST_SIMULATED_PCK_CRL,
                                      AZATTEST_SIMULATED_PCK,         AZATTEST_SIMULATED_TCB_SIGNING };
    azattest_simulated_platform platform = AZATTEST_SIMULATED_PLATFORM_INIT;
    azattest_verification_result *result;

    (void)state;
    platform.tcb_status = "SWHardeningNeeded";
    platform.tcb_advisories = "INTEL-SA-00614,INTEL-SA-00617";
    platform.tcb_evaluation = 20;
    platform.qe_evaluation = 19;
    platform.until_ms = QUOTES_NOW_MS + 86400000;
    result = judge(MADE_SGX, &platform);
    assert_true(azattest_verification_result_is_valid(result));
    assert_int_equal(azattest_verification_result_advisory_count(result), 2);
    assert_string_equal(azattest_verification_result_advisory(result, 1), "INTEL-SA-00617");
    assert_int_equal(azattest_verification_result_tcb_evaluation_data_number(result), 19);
    assert_true(azattest_verification_result_earliest_expiration_ms(result) == platform.until_ms);
    azattest_verification_result_free(result);
    for (size_t i = 0; i < 2 * COUNT(items); i++) {
        azattest_simulated_platform late = AZATTEST_SIMULATED_PLATFORM_INIT;
        char what[64];

        late.window_items = items[i / 2];
        if (i % 2 == 0)
            late.until_ms = QUOTES_NOW_MS - 1000;
        else
            late.from_ms = QUOTES_NOW_MS + 1000;
        result = judge(MADE_TDX, &late);
        snprintf(what, sizeof(what), "item %zu", i);
        if (azattest_verification_result_is_valid(result))
            show(result, what);
        azattest_verification_result_free(result);
    }
}

static void each_product_signs_with_either_key(void **state)
{
    static const char *const products[] = { "Milan", "Genoa", "Turin" };
    static const unsigned char chips[2][64] = { { 0x02, 0x3e, 1 }, { 0x04, 0x3e, 1 } };

    (void)state;
    for (size_t i = 0; i < 12; i++) {
        azattest_simulated_platform platform = AZATTEST_SIMULATED_PLATFORM_INIT;
        azattest_verification_result *result;
        char what[64];

        platform.product = products[i % 3];
        platform.vlek = i / 3 == 1 ? AZATTEST_ON : AZATTEST_OFF;
        if (i / 6 == 1) /* hardware ids that look like DER */
            platform.chip_id = azattest__bytes(chips[i / 3 % 2], i % 3 == 2 ? 8 : 64);
        result = judge(MADE_SNP, &platform);
        snprintf(what, sizeof(what), "case %zu", i);
        if (!azattest_verification_result_is_valid(result))
            show(result, what);
        azattest_verification_result_free(result);
    }
}

static int close_simulator(void **state)
{
    (void)state;
    quotes_close();
    return 0;
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_machine_without_fault_passes_everything),
        cmocka_unit_test(every_fault_fails_its_check),
        cmocka_unit_test(the_list_of_the_other_authority_is_not_taken),
        cmocka_unit_test(every_status_is_reached),
        cmocka_unit_test(numbers_times_and_advisories_come_out),
        cmocka_unit_test(each_product_signs_with_either_key),
    };

    return cmocka_run_group_tests_name("simulator_states", tests, NULL, close_simulator);
}
