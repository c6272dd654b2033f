/* Made-up guests in every state that real samples lack, of both kinds of hardware, with their collateral; and every
 * allocation of such a verification failing once, in turn. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <azattest/azattest.h>

#include "failing_memory.h"
#include "made.h"

static azattest_verification_result *verify(made_kind kind, const made *machine, const char *nonce)
{
    azattest_verify_options options = AZATTEST_VERIFY_OPTIONS_INIT;
    azattest_verification_result *result = NULL;
    azattest_collateral *collateral = NULL;
    azattest_evidence *evidence = NULL;
    azattest_error *error = NULL;

    options.now_ms = QUOTES_NOW_MS;
    options.extra_roots = machine->roots;
    if (nonce != NULL)
        options.nonce = (azattest_bytes){ nonce, strlen(nonce) };
    if (azattest_evidence_load(machine->evidence, &evidence, &error) != AZATTEST_OK ||
        azattest_collateral_new(&collateral, &error) != AZATTEST_OK ||
        azattest_collateral_add(collateral, machine->collateral, &error) != AZATTEST_OK)
        fail_msg("%s", azattest_error_message(error));
    options.collateral = collateral;
    assert_string_equal(azattest_evidence_kind(evidence),
                        kind == MADE_HCL_SNP || kind == MADE_HCL_TDX ? "hcl_report" : "azure_guest");
    if (azattest_evidence_verify(evidence, &options, &result, &error) != AZATTEST_OK)
        fail_msg("%s", azattest_error_message(error));
    azattest_evidence_free(evidence);
    azattest_collateral_free(collateral);
    return result;
}

static int outcome(const azattest_verification_result *result, const char *id)
{
    for (size_t i = 0; i < azattest_verification_result_check_count(result); i++)
        if (strcmp(azattest_verification_result_check_id(result, i), id) == 0)
            return azattest_verification_result_check_ok(result, i);
    return -2;
}

static const struct state_case {
    const char *name;
    made_kind kind;
    uint64_t faults;
    const char *nonce; /* NULL: none is given */
    bool valid, complete;
    const char *check;
    int ok;
} cases[] = {
    { "a whole SNP guest with its nonce is complete", MADE_GUEST_SNP, 0, MADE_NONCE, true, true, "tpm_nonce", 1 },
    { "a whole TDX guest with its nonce is complete", MADE_GUEST_TDX, 0, MADE_NONCE, true, true, "tpm_nonce", 1 },
    { "a guest whose nonce nobody compared is not complete", MADE_GUEST_TDX, 0, NULL, true, false, "tpm_nonce", -1 },
    { "a guest with another nonce", MADE_GUEST_SNP, 0, "another", false, false, "tpm_nonce", 0 },
    { "an HCL report of SNP with its collateral", MADE_HCL_SNP, 0, NULL, true, true, "runtime_claims_binding", 1 },
    { "an HCL report of TDX alone", MADE_HCL_TDX, 0, NULL, false, false, "td_report_match", -1 },
    { "changed claims of SNP", MADE_GUEST_SNP, AZATTEST_SIMULATED_BIT(RUNTIME_CLAIMS), MADE_NONCE, false, false,
      "runtime_claims_binding", 0 },
    { "changed claims of TDX", MADE_GUEST_TDX, AZATTEST_SIMULATED_BIT(RUNTIME_CLAIMS), MADE_NONCE, false, false,
      "runtime_claims_binding", 0 },
    { "a quote by another key, SNP", MADE_GUEST_SNP, AZATTEST_SIMULATED_BIT(OTHER_AK), MADE_NONCE, false, false,
      "tpm_quote_signature", 0 },
    { "a quote by another key, TDX", MADE_GUEST_TDX, AZATTEST_SIMULATED_BIT(OTHER_AK), MADE_NONCE, false, false,
      "tpm_quote_signature", 0 },
    { "a broken signature of the TPM", MADE_GUEST_TDX, AZATTEST_SIMULATED_BIT(TPM_SIGNATURE), MADE_NONCE, false, false,
      "tpm_quote_signature", 0 },
    { "another value of a PCR", MADE_GUEST_SNP, AZATTEST_SIMULATED_BIT(PCR_VALUE), MADE_NONCE, false, false,
      "tpm_pcr_digest", 0 },
    { "the TD quote of another TD", MADE_GUEST_TDX, AZATTEST_SIMULATED_BIT(TD_REPORT), MADE_NONCE, false, false,
      "td_report_match", 0 },
    { "a revoked PCK below a guest", MADE_GUEST_TDX, AZATTEST_SIMULATED_BIT(REVOKED_PCK), MADE_NONCE, false, false,
      "pck_revocation", 0 },
    { "a revoked VCEK's authority below a guest", MADE_GUEST_SNP, AZATTEST_SIMULATED_BIT(REVOKED_ASK), MADE_NONCE,
      false, false, "vcek_revocation", 0 },
};

static void a_guest_in_a_state(void **state)
{
    const struct state_case *test = *state;
    made machine = made_with(test->kind, test->faults);
    azattest_verification_result *result = verify(test->kind, &machine, test->nonce);

    if (outcome(result, test->check) != test->ok || azattest_verification_result_is_valid(result) != test->valid ||
        azattest_verification_result_is_complete(result) != test->complete)
        fail_msg("%s", (const char *)azattest_verification_result_json(result).ptr);
    azattest_verification_result_free(result);
    made_free(&machine);
}

/* What no TPM made is no quote: it is not even read. */
static void another_magic_number_is_refused(void **state)
{
    made machine = made_with(MADE_GUEST_TDX, AZATTEST_SIMULATED_BIT(TPM_MAGIC));
    azattest_evidence *evidence = NULL;
    azattest_error *error = NULL;

    (void)state;
    assert_int_equal(azattest_evidence_load(machine.evidence, &evidence, &error), AZATTEST_E_EVIDENCE);
    assert_non_null(strstr(azattest_error_message(error), "ff544347"));
    azattest_error_free(error);
    made_free(&machine);
}

static void every_failure(made_kind kind, uint64_t faults)
{
    azattest_verify_options options = AZATTEST_VERIFY_OPTIONS_INIT;
    made machine = made_with(kind, faults);
    bool failed = true;
    long runs = 0;

    options.now_ms = QUOTES_NOW_MS;
    options.extra_roots = machine.roots;
    for (; failed; runs++) {
        azattest_verification_result *result = NULL;
        azattest_evidence *evidence = NULL;
        azattest_error *error = NULL;
        azattest_status status;

        allocations_until_failure = runs;
        status = azattest_evidence_load(machine.evidence, &evidence, &error);
        if (status == AZATTEST_OK)
            status = azattest_evidence_verify(evidence, &options, &result, &error);
        failed = allocations_until_failure < 0;
        allocations_until_failure = -1;
        assert_int_equal(status == AZATTEST_OK, error == NULL);
        assert_int_equal(status == AZATTEST_OK, result != NULL);
        if (faults != 0)
            assert_false(azattest_verification_result_is_valid(result));
        else if (!failed)
            assert_true(azattest_verification_result_is_valid(result));
        azattest_error_free(error);
        azattest_evidence_free(evidence);
        azattest_verification_result_free(result);
    }
    printf("%ld allocations\n", runs - 1);
    assert_true(runs > 100);
    made_free(&machine);
}

static void no_failure_of_memory_makes_a_guest_valid(void **state)
{
    (void)state;
    every_failure(MADE_GUEST_TDX, 0);
    every_failure(MADE_GUEST_TDX, AZATTEST_SIMULATED_BIT(RUNTIME_CLAIMS));
    every_failure(MADE_GUEST_TDX, AZATTEST_SIMULATED_BIT(TPM_SIGNATURE));
}

static int close_quotes(void **state)
{
    (void)state;
    quotes_close();
    return 0;
}

int main(void)
{
    struct CMUnitTest tests[32];
    size_t count = 0;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        tests[count++] =
            (struct CMUnitTest){ cases[i].name, a_guest_in_a_state, NULL, NULL, (void *)(uintptr_t)&cases[i] };
    tests[count++] = (struct CMUnitTest)cmocka_unit_test(another_magic_number_is_refused);
    tests[count++] = (struct CMUnitTest)cmocka_unit_test(no_failure_of_memory_makes_a_guest_valid);
    return _cmocka_run_group_tests("guest_states", tests, count, NULL, close_quotes);
}
