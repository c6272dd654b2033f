/* Every allocation of parsing fails once, in turn: nothing is lost, nothing crashes, and what comes is what comes with
 * all the memory there is, or AZATTEST_E_MEMORY. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "failing_memory.h"
#include "policies.h"

static void every_failure(const char *text, azattest_status expected)
{
    long count = 0;
    bool failed = true;

    for (; failed; count++) {
        azattest_policy *policy = NULL;
        azattest_error *error = NULL;
        azattest_status status;

        allocations_until_failure = count;
        status = azattest_policy_parse(azattest__text(text), NULL, &policy, &error);
        failed = allocations_until_failure < 0;
        allocations_until_failure = -1;
        if (status != expected) {
            assert_true(failed);
            assert_int_equal(status, AZATTEST_E_MEMORY);
        }
        assert_true((policy != NULL) == (status == AZATTEST_OK));
        assert_true((error != NULL) == (status != AZATTEST_OK));
        azattest_error_free(error);
        azattest_policy_free(policy);
        assert_true(count < 1000);
    }
    assert_true(count > 5);
}

static void a_policy_with_everything_in_it(void **state)
{
    (void)state;
    every_failure(
        "version=1.2; // one\nconfigurationrules{ => issueproperty(type=\"a\", value=1); };\n"
        "authorizationrules{ => permit(); ![type==\"a\", value==true] && c:[type==\"\\\"b\"] => deny(); };\n"
        "issuancerules{ c:[type==\"c\"] => issue(claim=c); // two\n"
        "c:[type==\"c\"] => issue(type=\"d\", value=JsonToClaimValue(JmesPath(c.value, \"a[?b == `1`]\"))); };",
        AZATTEST_OK);
}

static void a_policy_full_of_faults(void **state)
{
    (void)state;
    every_failure("version=1.0; configurationrules{ => isue(\"a\", value=1.5); };\n"
                  "authorizationrules{ [type=\"a] => permit(); [type==\"\\q\", value>\"a\"] => deny() => set(); };\n"
                  "issuancerules{ => issue(type=\"d\", value=JmesPath(c.value, \"[[\")); };",
                  AZATTEST_E_POLICY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_policy_with_everything_in_it),
        cmocka_unit_test(a_policy_full_of_faults),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
