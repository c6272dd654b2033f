/* Every allocation of loading, collecting and verifying an SEV-SNP report fails once, in turn: nothing is lost, nothing
 * crashes, and neither an invalid report nor one that could not be judged whole becomes valid by it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <azattest/azattest.h>

#include "failing_memory.h"
#include "made.h"

static void every_failure(uint64_t faults, bool valid)
{
    azattest_verify_options options = AZATTEST_VERIFY_OPTIONS_INIT;
    made machine = made_with(MADE_SNP, faults);
    bool failed = true;
    long runs = 0;

    options.now_ms = QUOTES_NOW_MS;
    options.extra_roots = machine.roots;
    for (; failed; runs++) {
        azattest_verification_result *result = NULL;
        azattest_collateral *collateral = NULL;
        azattest_evidence *evidence = NULL;
        azattest_error *error = NULL;
        azattest_status status;
        azattest_bytes fields;

        allocations_until_failure = runs;
        status = azattest_evidence_load(machine.evidence, &evidence, &error);
        fields = azattest_evidence_fields(evidence);
        if (status == AZATTEST_OK)
            status = azattest_collateral_new(&collateral, &error);
        if (status == AZATTEST_OK)
            status = azattest_collateral_add(collateral, machine.collateral, &error);
        options.collateral = collateral;
        if (status == AZATTEST_OK)
            status = azattest_evidence_verify(evidence, &options, &result, &error);
        failed = allocations_until_failure < 0;
        allocations_until_failure = -1;
        assert_true(failed || fields.len > 0);
        assert_int_equal(status == AZATTEST_OK, error == NULL);
        assert_int_equal(status == AZATTEST_OK, result != NULL);
        if (azattest_verification_result_is_valid(result)) {
            assert_true(valid);
            assert_true(azattest_verification_result_is_complete(result));
        } else {
            assert_true(failed || !valid);
        }
        azattest_error_free(error);
        azattest_verification_result_free(result);
        azattest_evidence_free(evidence);
        azattest_collateral_free(collateral);
    }
    printf("%ld allocations\n", runs - 1);
    assert_true(runs > 100);
    made_free(&machine);
}

static void a_genuine_report(void **state)
{
    (void)state;
    every_failure(0, true);
}

static void a_report_of_a_revoked_key(void **state)
{
    (void)state;
    every_failure(AZATTEST_SIMULATED_BIT(REVOKED_VCEK), false);
}

static void a_report_of_another_chip(void **state)
{
    (void)state;
    every_failure(AZATTEST_SIMULATED_BIT(VCEK_OTHER_CHIP), false);
}

static int close_simulator(void **state)
{
    (void)state;
    quotes_close();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_genuine_report),
        cmocka_unit_test(a_report_of_a_revoked_key),
        cmocka_unit_test(a_report_of_another_chip),
    };

    return cmocka_run_group_tests_name("snp_memory", tests, NULL, close_simulator);
}
