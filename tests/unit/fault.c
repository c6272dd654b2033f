/* Faults on request: the language, and which request is hit. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "emulator/fault.h"

/* One letter for each of six requests: what happens to it. */
static const struct schedule_case {
    const char *name, *specification, *instance, *group;
    const char *expected; /* . nothing, s status, r reset, d drip, c cut, w delay, i wrong issuer, k rotated key */
} schedules[] = {
    { "every request", "503", "default", "attest", "ssssss" },
    { "every request of all groups", "*:503", "default", "other", "ssssss" },
    { "the first", "attest:1=503", "default", "attest", "s....." },
    { "another group", "attest:1=503", "default", "certs", "......" },
    { "a range", "attest:2-3=reset", "default", "attest", ".rr..." },
    { "an open range", "attest:4-=cut", "default", "attest", "...ccc" },
    { "several steps", "certs:1=503,2=429;retry-after=1,4=drip,6=delay", "default", "certs", "ss.d.w" },
    { "the first step that fits acts", "1-2=503,1-4=reset", "default", "certs", "ssrr.." },
    { "each second", "attest:%2=503", "default", "attest", ".s.s.s" },
    { "each third, and each second of the rest", "%3=reset,%2=cut", "default", "certs", ".crc.r" },
    { "a last step for the rest", "1=503,cut", "default", "certs", "sccccc" },
    { "tokens", "attest:2=wrong-issuer,3=rotate-key", "default", "attest", ".ik..." },
    { "the instance", "iso/attest:1=503", "iso", "attest", "s....." },
    { "another instance", "iso/attest:1=503", "default", "attest", "......" },
    { "the instance, every group", "iso/*:1=503", "iso", "certs", "s....." },
};

static void schedules_hold(void **state)
{
    static const char letters[] = ".srdcwik";
    const struct schedule_case *c = *state;
    azattest__faults *faults = NULL;

    assert_int_equal(azattest__faults_new(&faults, NULL), AZATTEST_OK);
    assert_int_equal(azattest__faults_add(faults, c->specification, NULL), AZATTEST_OK);
    for (size_t i = 0; i < 6; i++) {
        azattest__fault fault = azattest__faults_next(faults, c->instance, c->group);

        assert_int_equal(letters[fault.action], c->expected[i]);
    }
    azattest__faults_free(faults);
}

static const struct wrong_case {
    const char *name, *specification, *says;
} wrongs[] = {
    { "empty", "", "empty" },
    { "no such group", "atest:503", "expected attest" },
    { "no group", ":503", "expected attest" },
    { "no instance", "/attest:503", "name of an instance" },
    { "no action", "attest:", "expected an HTTP status" },
    { "a status that is no error", "attest:200", "400 to 599" },
    { "a status that is none", "attest:600", "400 to 599" },
    { "no such action", "attest:1=explode", "expected an HTTP status" },
    { "request 0", "attest:0=503", "from 1" },
    { "a range backwards", "attest:3-2=503", "range" },
    { "a number that is none", "attest:x=503", "number of a request" },
    { "each request 0", "attest:%0=503", "%50 for each fiftieth" },
    { "each of no number", "attest:%=503", "number of a request" },
    { "each of a range", "attest:%2-4=503", "number of a request" },
    { "an option of another action", "attest:reset;ms=5", "no such option" },
    { "an option without a value", "attest:503;retry-after", "no such option" },
    { "an option that is no number", "attest:503;retry-after=soon", "no number" },
    { "a date of another action", "drip;ms=date+5", "no number" },
    { "drops of nothing", "drip;bytes=0", "no such option" },
    { "a certificate for a request", "2=wrong-certificate", "takes no number" },
    { "a certificate for a group", "attest:wrong-certificate", "stands alone" },
    { "a certificate among others", "wrong-certificate,503", "stands alone" },
    { "no such certificate", "wrong-certificate;is=odd", "is=ca" },
    { "too many steps",
      "1=503,1=503,1=503,1=503,1=503,1=503,1=503,1=503,1=503,1=503,1=503,1=503,1=503,1=503,1=503,1=503,"
      "1=503",
      "too many steps" },
};

static void wrong_ones_are_refused(void **state)
{
    const struct wrong_case *c = *state;
    azattest__faults *faults = NULL;
    azattest_error *error = NULL;

    assert_int_equal(azattest__faults_new(&faults, NULL), AZATTEST_OK);
    assert_int_equal(azattest__faults_add(faults, c->specification, &error), AZATTEST_E_ARGUMENT);
    if (strstr(azattest_error_message(error), c->says) == NULL)
        fail_msg("%s", azattest_error_message(error));
    assert_int_equal(azattest__faults_next(faults, "default", "attest").action, AZATTEST__FAULT_NONE);
    azattest_error_free(error);
    azattest__faults_free(faults);
}

static void options_are_kept(void **state)
{
    azattest__faults *faults = NULL;
    azattest__fault fault;

    (void)state;
    assert_int_equal(azattest__faults_new(&faults, NULL), AZATTEST_OK);
    assert_int_equal(azattest__faults_add(faults,
                                          "1=429;retry-after=date+7;retry-after-ms=50;x-ms-retry-after-ms=60,"
                                          "2=503;retry-after=0,3=drip;bytes=9;ms=2,4=delay;ms=3,5=503",
                                          NULL),
                     AZATTEST_OK);
    fault = azattest__faults_next(faults, "", "attest");
    assert_int_equal(fault.status, 429);
    assert_true(fault.retry_after_date);
    assert_int_equal(fault.retry_after_s, 7);
    assert_int_equal(fault.retry_after_ms, 50);
    assert_int_equal(fault.x_ms_retry_after_ms, 60);
    fault = azattest__faults_next(faults, "", "attest");
    assert_false(fault.retry_after_date);
    assert_int_equal(fault.retry_after_s, 0);
    assert_int_equal(fault.retry_after_ms, -1);
    fault = azattest__faults_next(faults, "", "attest");
    assert_int_equal(fault.bytes, 9);
    assert_int_equal(fault.ms, 2);
    assert_int_equal(azattest__faults_next(faults, "", "attest").ms, 3);
    assert_int_equal(azattest__faults_next(faults, "", "attest").retry_after_s, -1);
    assert_true(azattest__faults_are_slow(faults));
    azattest__faults_free(faults);
}

static void the_tls_certificate_may_be_wrong(void **state)
{
    static const struct {
        const char *text;
        azattest__tls_fault tls;
    } all[] = { { "503", AZATTEST__TLS_RIGHT },
                { "wrong-certificate", AZATTEST__TLS_WRONG_CA },
                { "wrong-certificate;is=ca", AZATTEST__TLS_WRONG_CA },
                { "wrong-certificate;is=name", AZATTEST__TLS_WRONG_NAME },
                { "wrong-certificate;is=expired", AZATTEST__TLS_EXPIRED } };

    (void)state;
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        azattest__faults *faults = NULL;

        assert_int_equal(azattest__faults_new(&faults, NULL), AZATTEST_OK);
        assert_int_equal(azattest__faults_add(faults, all[i].text, NULL), AZATTEST_OK);
        assert_int_equal(azattest__faults_tls(faults), all[i].tls);
        assert_int_equal(azattest__faults_next(faults, "default", "attest").action,
                         i == 0 ? AZATTEST__FAULT_STATUS : AZATTEST__FAULT_NONE);
        assert_false(azattest__faults_are_slow(faults));
        azattest__faults_free(faults);
    }
}

static void a_specification_cut_anywhere_is_read_or_refused(void **state)
{
    const char *whole = "iso/attest:1-2=429;retry-after=date+10,3=drip;bytes=1;ms=2,wrong-issuer";

    (void)state;
    for (size_t len = 0; len <= strlen(whole); len++) {
        azattest__faults *faults = NULL;
        char *cut = azattest__dup(whole, len);
        azattest_status status;

        assert_int_equal(azattest__faults_new(&faults, NULL), AZATTEST_OK);
        status = azattest__faults_add(faults, cut, NULL);
        assert_true(status == AZATTEST_E_ARGUMENT || (status == AZATTEST_OK && len >= strlen("iso/attest:1-2=429")));
        azattest__faults_free(faults);
        free(cut);
    }
}

static void paths_have_groups(void **state)
{
    static const struct {
        const char *path, *group;
    } all[] = { { "/attest/SgxEnclave", "attest" },
                { "/attest/Tee/SgxEnclave", "attest" },
                { "/certs", "certs" },
                { "/certificates", "certificates" },
                { "/certificates:add", "certificates" },
                { "/.well-known/openid-configuration", "metadata" },
                { "/policies/Tpm:reset", "policies" },
                { "/tcbbaselines/SgxEnclave", "tcbbaselines" },
                { "/t/oauth2/v2.0/token", "token" },
                { "/t/v2.0/.well-known/openid-configuration", "discovery" },
                { "/common/discovery/keys", "discovery" },
                { "/metadata/identity/oauth2/token", "imds" },
                { "/msi/token", "imds" },
                { "/", "other" },
                { "", "other" } };

    (void)state;
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
        assert_string_equal(azattest__fault_group(all[i].path), all[i].group);
}

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

int main(void)
{
    static struct CMUnitTest tests[COUNT(schedules) + COUNT(wrongs) + 4];
    size_t n = 0;

    for (size_t i = 0; i < COUNT(schedules); i++)
        tests[n++] =
            (struct CMUnitTest){ schedules[i].name, schedules_hold, NULL, NULL, (void *)(uintptr_t)&schedules[i] };
    for (size_t i = 0; i < COUNT(wrongs); i++)
        tests[n++] =
            (struct CMUnitTest){ wrongs[i].name, wrong_ones_are_refused, NULL, NULL, (void *)(uintptr_t)&wrongs[i] };
    tests[n++] = (struct CMUnitTest)cmocka_unit_test(options_are_kept);
    tests[n++] = (struct CMUnitTest)cmocka_unit_test(the_tls_certificate_may_be_wrong);
    tests[n++] = (struct CMUnitTest)cmocka_unit_test(a_specification_cut_anywhere_is_read_or_refused);
    tests[n++] = (struct CMUnitTest)cmocka_unit_test(paths_have_groups);
    return cmocka_run_group_tests_name("fault", tests, NULL, NULL);
}
