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
    } cases[] = { { MADE_SGX, "sgx_quote", 3 }, { MADE_OPEN_ENCLAVE, "open_enclave_report", 3 } };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        azattest_verify_options options = AZATTEST_VERIFY_OPTIONS_INIT;
        azattest_verification_result *result = NULL;
        azattest_evidence *evidence = NULL;
        azattest_error *error = NULL;
        made made = made_of(cases[i].kind, NULL);

        if (quotes_parse(made.evidence.ptr, made.evidence.len, &evidence, &error) != AZATTEST_OK)
            fail_msg("%s %d: %s", cases[i].name, cases[i].version, azattest_error_message(error));
        assert_string_equal(azattest_evidence_kind(evidence), cases[i].name);
        assert_int_equal(azattest_evidence_version(evidence), cases[i].version);
        options.extra_roots = made.roots;
        options.runtime_data = azattest__text(MADE_RUNTIME_DATA);
        options.now_ms = QUOTES_NOW_MS;
        assert_int_equal(azattest_evidence_verify(evidence, &options, &result, NULL), AZATTEST_OK);
        if (!azattest_verification_result_is_valid(result))
            fail_msg("%s %d: %.*s", cases[i].name, cases[i].version, (int)azattest_verification_result_json(result).len,
                     (const char *)azattest_verification_result_json(result).ptr);
        azattest_verification_result_free(result);
        azattest_evidence_free(evidence);
        made_free(&made);
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
        cmocka_unit_test(every_quote_of_intel_verifies),
    };

    return cmocka_run_group_tests_name("simulator_kinds", tests, NULL, close_simulator);
}
