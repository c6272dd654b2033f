/* Every allocation of linting fails once, in turn: the report is the one that comes with all the memory there is, or
 * there is none. */
#include <stdlib.h>

#include "base/buf.h"
#include "failing_memory.h"
#include "linted.h"

static char *report_of(const char *text, azattest_status *status)
{
    azattest_policy_parse_options options = AZATTEST_POLICY_PARSE_OPTIONS_INIT;
    azattest_policy_report *report = NULL;
    azattest_error *error = NULL;
    azattest_bytes json;
    char *copy = NULL;

    *status = azattest_policy_lint(azattest__text(text), &options, &report, &error);
    assert_true((report != NULL) == (*status == AZATTEST_OK));
    assert_true((error != NULL) == (*status != AZATTEST_OK));
    json = azattest_policy_report_json(report);
    if (json.ptr != NULL)
        copy = azattest__dup(json.ptr, json.len);
    azattest_error_free(error);
    azattest_policy_report_free(report);
    return copy;
}

static void every_failure(const char *text)
{
    azattest_status status;
    char *whole = report_of(text, &status), *json;
    bool failed = true;
    long count = 0;

    assert_int_equal(status, AZATTEST_OK);
    assert_non_null(whole);
    for (; failed; count++) {
        allocations_until_failure = count;
        json = report_of(text, &status);
        failed = allocations_until_failure < 0;
        allocations_until_failure = -1;
        if (status != AZATTEST_OK)
            assert_int_equal(status, AZATTEST_E_MEMORY);
        if (json != NULL)
            assert_string_equal(json, whole);
        assert_true(failed || json != NULL);
        free(json);
        assert_true(count < 4000);
    }
    assert_true(count > 10);
    free(whole);
}

static void a_policy_with_findings_of_all_kinds(void **state)
{
    (void)state;
    every_failure(
        "version=1.2; // azattest: ignore-file never-fires, nothing\n"
        "configurationrules{ => issueproperty(type=\"a\", value=1); };\n"
        "authorizationrules{ [type==\"$svn\", value==\"1\"] => permit(); [type==\"a\", issuer==\"AttestationPolicy2\"]"
        "&& c:[type==\"x-ms-sgx-mrsigner\", value==\"<b>\"] => deny(); };\n"
        "issuancerules{ c:[type==\"pcrs\"] => issue(type=\"exp\", value=c.value); // azattest: ignore unused-claim\n"
        "c:[type==\"events\"] => issue(type=\"d\", value=JmesPath(c.value, AppendString(\"a[?b == \", \"1]\")));\n"
        "c:[type==\"events\"] => issue(type=\"d\", value=JmesPath(c.value, \"a[?b == null || PcrIndex == '1']\")); };");
}

static void a_policy_that_is_none(void **state)
{
    (void)state;
    every_failure("version=1.0; authorizationrules{ [type=\"a\"] => permit(); [type==\"\xc3\xa9\"] => deny() };");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_policy_with_findings_of_all_kinds),
        cmocka_unit_test(a_policy_that_is_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
