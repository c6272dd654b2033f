/* Everything that the simulator makes: read by other parsers than ours, and by ours. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <azattest/azattest.h>

#include "made.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* What was made verifies, as far as its kind is verified without collateral. */
static void every_quote_of_intel_verifies(void **state)
{
    static const struct {
        made_kind kind;
        const char *name;
        int version;
    } cases[] = { { MADE_SGX, "sgx_quote", 3 },      { MADE_SGX_V4, "sgx_quote", 4 },
                  { MADE_SGX_V5, "sgx_quote", 5 },   { MADE_OPEN_ENCLAVE, "open_enclave_report", 3 },
                  { MADE_TDX, "tdx_quote", 4 },      { MADE_TDX_V5, "tdx_quote", 5 },
                  { MADE_TDX_V5_10, "tdx_quote", 5 } };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        azattest_verify_options options = AZATTEST_VERIFY_OPTIONS_INIT;
        azattest_verification_result *result = NULL;
        azattest_evidence *evidence = NULL;
        azattest_error *error = NULL;
        made it = made_of(cases[i].kind, NULL);

        if (quotes_parse(it.evidence.ptr, it.evidence.len, &evidence, &error) != AZATTEST_OK)
            fail_msg("%s %d: %s", cases[i].name, cases[i].version, azattest_error_message(error));
        assert_string_equal(azattest_evidence_kind(evidence), cases[i].name);
        assert_int_equal(azattest_evidence_version(evidence), cases[i].version);
        options.extra_roots = it.roots;
        options.runtime_data = azattest__text(MADE_RUNTIME_DATA);
        options.now_ms = QUOTES_NOW_MS;
        assert_int_equal(azattest_evidence_verify(evidence, &options, &result, NULL), AZATTEST_OK);
        if (!azattest_verification_result_is_valid(result))
            fail_msg("%s %d: %.*s", cases[i].name, cases[i].version, (int)azattest_verification_result_json(result).len,
                     (const char *)azattest_verification_result_json(result).ptr);
        azattest_verification_result_free(result);
        azattest_evidence_free(evidence);
        made_free(&it);
    }
}

/* Whatever is said to be wrong with a quote makes its verdict invalid, whatever else is not checked. */
static void every_fault_of_a_quote_makes_it_invalid(void **state)
{
    static const struct {
        uint64_t fault;
        made_kind kind;
    } cases[] = {
        { AZATTEST_SIMULATED_BIT(QE_BINDING), MADE_SGX },      { AZATTEST_SIMULATED_BIT(QE_SIGNATURE), MADE_SGX },
        { AZATTEST_SIMULATED_BIT(QUOTE_SIGNATURE), MADE_SGX }, { AZATTEST_SIMULATED_BIT(BYTE_ORDER), MADE_SGX },
        { AZATTEST_SIMULATED_BIT(REPORT_DATA), MADE_SGX },     { AZATTEST_SIMULATED_BIT(QE_DEBUG), MADE_SGX },
        { AZATTEST_SIMULATED_BIT(QE_BINDING), MADE_TDX },      { AZATTEST_SIMULATED_BIT(QE_SIGNATURE), MADE_TDX },
        { AZATTEST_SIMULATED_BIT(QUOTE_SIGNATURE), MADE_TDX }, { AZATTEST_SIMULATED_BIT(BYTE_ORDER), MADE_TDX },
        { AZATTEST_SIMULATED_BIT(REPORT_DATA), MADE_TDX },     { AZATTEST_SIMULATED_BIT(QE_DEBUG), MADE_TDX }
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        azattest_verify_options options = AZATTEST_VERIFY_OPTIONS_INIT;
        azattest_verification_result *result = NULL;
        azattest_evidence *evidence = NULL;
        made it = made_with(cases[i].kind, cases[i].fault);

        assert_int_equal(quotes_parse(it.evidence.ptr, it.evidence.len, &evidence, NULL), AZATTEST_OK);
        options.extra_roots = it.roots;
        options.runtime_data = azattest__text(MADE_RUNTIME_DATA);
        options.now_ms = QUOTES_NOW_MS;
        assert_int_equal(azattest_evidence_verify(evidence, &options, &result, NULL), AZATTEST_OK);
        if (azattest_verification_result_is_valid(result))
            fail_msg("case %zu is valid", i);
        azattest_verification_result_free(result);
        azattest_evidence_free(evidence);
        made_free(&it);
    }
}

static void another_vendor_is_made(void **state)
{
    made it = made_with(MADE_TDX, AZATTEST_SIMULATED_BIT(VENDOR));
    azattest_evidence *evidence = NULL;
    azattest_error *error = NULL;

    (void)state;
    quotes_expect(quotes_parse(it.evidence.ptr, it.evidence.len, &evidence, &error), &error, AZATTEST_E_EVIDENCE,
                  "vendor");
    made_free(&it);
}

static void a_structure_that_no_tpm_made_is_made(void **state)
{
    made it = made_with(MADE_GUEST_SNP, AZATTEST_SIMULATED_BIT(TPM_MAGIC));
    azattest_evidence *evidence = NULL;
    azattest_error *error = NULL;

    (void)state;
    quotes_expect(azattest_evidence_load(it.evidence, &evidence, &error), &error, AZATTEST_E_EVIDENCE, "ff544347");
    made_free(&it);
}

/* Each kind can be read; what it verifies to is for the tests of its verifier. */
static void every_other_kind_is_made(void **state)
{
    static const struct {
        made_kind kind;
        size_t least;
    } cases[] = { { MADE_SNP, 1184 },     { MADE_SNP_V2, 1184 },    { MADE_HCL_SNP, 2600 },
                  { MADE_HCL_TDX, 2600 }, { MADE_GUEST_SNP, 8000 }, { MADE_GUEST_TDX, 8000 } };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        made it = made_of(cases[i].kind, NULL);

        assert_true(it.evidence.len >= cases[i].least);
        assert_true(it.collateral.len > 2000);
        made_free(&it);
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
        cmocka_unit_test(every_quote_of_intel_verifies), cmocka_unit_test(every_fault_of_a_quote_makes_it_invalid),
        cmocka_unit_test(another_vendor_is_made),        cmocka_unit_test(a_structure_that_no_tpm_made_is_made),
        cmocka_unit_test(every_other_kind_is_made),
    };

    return cmocka_run_group_tests_name("simulator_kinds", tests, NULL, close_simulator);
}
