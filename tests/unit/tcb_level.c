/* The rules of Intel's TCB levels, as tables: what matches, what merges into what, when a TD should be launched again.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "evidence/intel/tcb_level.h"

#define UP AZATTEST__TCB_UP_TO_DATE
#define SW AZATTEST__TCB_SW_HARDENING_NEEDED
#define CONF AZATTEST__TCB_CONFIGURATION_NEEDED
#define CONF_SW AZATTEST__TCB_CONFIGURATION_AND_SW_HARDENING_NEEDED
#define OUT AZATTEST__TCB_OUT_OF_DATE
#define OUT_CONF AZATTEST__TCB_OUT_OF_DATE_CONFIGURATION_NEEDED
#define GONE AZATTEST__TCB_REVOKED
#define NONE AZATTEST__TCB_NOT_SUPPORTED
#define RELAUNCH AZATTEST__TCB_RELAUNCH_ADVISED
#define RELAUNCH_CONF AZATTEST__TCB_RELAUNCH_ADVISED_CONFIGURATION_NEEDED

static void the_whole_table_of_convergence(void **state)
{
    /* Rows: the platform; columns: UpToDate, OutOfDate, Revoked, none matched. */
    static const azattest__tcb_status table[][5] = {
        { UP, UP, OUT, GONE, NONE },
        { SW, SW, OUT, GONE, NONE },
        { CONF, CONF, OUT_CONF, GONE, NONE },
        { CONF_SW, CONF_SW, OUT_CONF, GONE, NONE },
        { OUT, OUT, OUT, GONE, NONE },
        { OUT_CONF, OUT_CONF, OUT_CONF, GONE, NONE },
        { GONE, GONE, GONE, GONE, NONE },
        { NONE, NONE, NONE, NONE, NONE },
        { RELAUNCH, RELAUNCH, RELAUNCH, GONE, NONE },
        { RELAUNCH_CONF, RELAUNCH_CONF, RELAUNCH_CONF, GONE, NONE },
    };
    static const azattest__tcb_status others[] = { UP, OUT, GONE, NONE };

    (void)state;
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
        for (size_t k = 0; k < 4; k++)
            if (azattest__tcb_converge(table[i][0], others[k]) != table[i][k + 1])
                fail_msg("%s with %s gives %s", azattest__tcb_status_name(table[i][0]),
                         azattest__tcb_status_name(others[k]),
                         azattest__tcb_status_name(azattest__tcb_converge(table[i][0], others[k])));
    /* A module or enclave with a status that only platforms have is none that is known. */
    assert_int_equal(azattest__tcb_converge(UP, SW), NONE);
    assert_int_equal(azattest__tcb_converge(UP, CONF), NONE);
}

static void statuses_are_known_by_their_exact_spelling(void **state)
{
    static const char *const unknown[] = { "",
                                           "uptodate",
                                           "UpToDate ",
                                           "NotSupported",
                                           "TDRelaunchAdvised",
                                           "OutOfDat",
                                           "OutOfDateX",
                                           "TDRelaunchAdvisedConfigurationNeeded" };

    (void)state;
    for (int i = UP; i <= GONE; i++)
        assert_int_equal(azattest__tcb_status_read(azattest__text(azattest__tcb_status_name((azattest__tcb_status)i))),
                         i);
    for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++)
        assert_int_equal(azattest__tcb_status_read(azattest__text(unknown[i])), NONE);
    assert_string_equal(azattest__tcb_status_name((azattest__tcb_status)99), "NotSupported");
}

/* Three levels in the wrong order, as a document may have them. */
static void make_levels(azattest__tcb_level levels[3])
{
    memset(levels, 0, 3 * sizeof(*levels));
    levels[0].sgx[0] = 2; /* old */
    levels[0].pcesvn = 10;
    levels[0].status = OUT;
    levels[1].sgx[0] = 4; /* newest */
    levels[1].pcesvn = 13;
    levels[1].status = UP;
    levels[1].tdx[0] = 5;
    levels[1].tdx[1] = 0;
    levels[1].tdx[2] = 2;
    levels[2].sgx[0] = 4; /* between */
    levels[2].pcesvn = 11;
    levels[2].status = CONF;
    levels[2].tdx[0] = 3;
    azattest__tcb_levels_sort(levels, 3);
}

static void the_first_level_that_every_component_reaches_counts(void **state)
{
    static const struct {
        const char *what;
        int first, last, pcesvn; /* components 1 and 16 of the certificate */
        int svn0, svn1, svn2;    /* TEE_TCB_SVN; svn0 -1: SGX */
        azattest__tcb_status expected;
    } cases[] = {
        { "the newest level", 4, 0, 13, -1, 0, 0, UP },
        { "more than the newest level", 255, 255, 65535, -1, 0, 0, UP },
        { "an older PCESVN", 4, 0, 12, -1, 0, 0, CONF },
        { "an older component", 3, 0, 13, -1, 0, 0, OUT },
        { "a higher component does not make up for a lower PCESVN", 9, 9, 10, -1, 0, 0, OUT },
        { "a PCESVN below all", 4, 0, 9, -1, 0, 0, NONE },
        { "a component below all", 1, 255, 13, -1, 0, 0, NONE },
        { "a TD of the newest level", 4, 0, 13, 5, 0, 2, UP },
        { "a TD with a lower module SVN and version 0", 4, 0, 13, 4, 0, 2, CONF },
        { "a TD with a lower module SVN and version 1: its identity judges that", 4, 0, 13, 4, 1, 2, UP },
        { "a TD with a module SVN of 0 and version 1", 4, 0, 13, 0, 1, 2, UP },
        { "a TD with a lower microcode SVN and version 1", 4, 0, 13, 9, 1, 1, CONF },
        { "a TD below the TDX components of the newer levels", 4, 0, 13, 2, 0, 9, OUT },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        int components[AZATTEST__TCB_COMPONENTS] = { cases[i].first };
        unsigned char svn[16] = { (unsigned char)cases[i].svn0, (unsigned char)cases[i].svn1,
                                  (unsigned char)cases[i].svn2 };
        azattest__tcb_level levels[3];
        const azattest__tcb_level *level;

        components[15] = cases[i].last;
        make_levels(levels);
        level = azattest__tcb_level_match(levels, 3, components, cases[i].pcesvn, cases[i].svn0 < 0 ? NULL : svn);
        if ((level == NULL ? NONE : level->status) != cases[i].expected)
            fail_msg("%s: %s", cases[i].what, azattest__tcb_status_name(level == NULL ? NONE : level->status));
    }
}

static void the_order_of_a_document_does_not_matter(void **state)
{
    azattest__isvsvn_level modules[3] = { { .isvsvn = 2, .status = OUT },
                                          { .isvsvn = 5, .status = UP },
                                          { .isvsvn = 2, .status = GONE } };
    azattest__tcb_level levels[3], *level;

    (void)state;
    make_levels(levels);
    assert_int_equal(levels[0].status, UP);
    assert_int_equal(levels[1].status, CONF);
    assert_int_equal(levels[2].status, OUT);
    /* Two levels alike: the worse one, whichever came first. */
    for (int turn = 0; turn < 2; turn++) {
        azattest__tcb_level twins[2] = { { .status = turn == 0 ? UP : GONE }, { .status = turn == 0 ? GONE : UP } };

        azattest__tcb_levels_sort(twins, 2);
        level = &twins[0];
        assert_int_equal(level->status, GONE);
    }
    azattest__isvsvn_levels_sort(modules, 3);
    assert_int_equal(modules[0].isvsvn, 5);
    assert_int_equal(modules[1].status, GONE);
    assert_int_equal(azattest__isvsvn_level_match(modules, 3, 4)->status, GONE);
    assert_int_equal(azattest__isvsvn_level_match(modules, 3, 5)->status, UP);
    assert_null(azattest__isvsvn_level_match(modules, 3, 1));
    assert_null(azattest__isvsvn_level_match(NULL, 0, 5));
    assert_null(azattest__tcb_level_match(NULL, 0, (int[16]){ 0 }, 0, NULL));
}

/* Fields as in the reference, section 5.9: newest level has TDX components 5, -, 2; newest module ISVSVN 7. */
static void a_td_whose_module_was_replaced_should_be_launched_again(void **state)
{
    static const struct {
        const char *what;
        azattest__tcb_status sgx, merged, module, qe;
        unsigned char now[3];
        azattest__tcb_status expected;
    } cases[] = {
        { "module of an identity is new enough", UP, OUT, OUT, UP, { 7, 1, 2 }, RELAUNCH },
        { "module of version 0 is new enough", UP, OUT, OUT, UP, { 5, 0, 2 }, RELAUNCH },
        { "microcode is newer", UP, OUT, OUT, UP, { 7, 1, 3 }, RELAUNCH },
        { "hardening is needed anyway", SW, OUT, OUT, UP, { 7, 1, 2 }, RELAUNCH },
        { "SGX needs configuration", CONF, OUT, OUT, UP, { 7, 1, 2 }, RELAUNCH_CONF },
        { "SGX needs both", CONF_SW, OUT_CONF, OUT, UP, { 7, 1, 2 }, RELAUNCH_CONF },
        { "TDX needs configuration", UP, OUT_CONF, OUT, UP, { 5, 0, 2 }, RELAUNCH_CONF },
        { "module of an identity is too old", UP, OUT, OUT, UP, { 6, 1, 2 }, OUT },
        { "module of version 0 is too old", UP, OUT, OUT, UP, { 4, 0, 2 }, OUT },
        { "microcode is too old", UP, OUT, OUT, UP, { 7, 1, 1 }, OUT },
        { "microcode of version 0 is too old", UP, OUT, OUT, UP, { 5, 0, 1 }, OUT },
        { "the quoting enclave is out of date", UP, OUT, OUT, OUT, { 7, 1, 2 }, OUT },
        { "the quoting enclave is revoked", UP, OUT, OUT, GONE, { 7, 1, 2 }, OUT },
        { "the quoting enclave is below all", UP, OUT, OUT, NONE, { 7, 1, 2 }, OUT },
        { "SGX is out of date too", OUT, OUT, OUT, UP, { 7, 1, 2 }, OUT },
        { "SGX is out of date and needs configuration", OUT_CONF, OUT_CONF, OUT, UP, { 7, 1, 2 }, OUT_CONF },
        { "SGX is revoked", GONE, OUT, OUT, UP, { 7, 1, 2 }, OUT },
        { "the TD is up to date", UP, UP, UP, UP, { 7, 1, 2 }, UP },
        { "the module is up to date: something else is old", UP, OUT, UP, UP, { 7, 1, 2 }, OUT },
        { "the TD is revoked", UP, GONE, OUT, UP, { 7, 1, 2 }, GONE },
    };
    azattest__tcb_level newest = { .tdx = { 5, 0, 2 } };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        unsigned char now[16] = { cases[i].now[0], cases[i].now[1], cases[i].now[2] };
        azattest__tcb_relaunch relaunch = {
            .sgx = cases[i].sgx,
            .merged = cases[i].merged,
            .module = cases[i].module,
            .qe = cases[i].qe,
            .tee_tcb_svn2 = now,
            .newest = &newest,
            .newest_module_isvsvn = 7,
        };
        azattest__tcb_status status = azattest__tcb_relaunch_status(&relaunch);

        if (status != cases[i].expected)
            fail_msg("%s: %s", cases[i].what, azattest__tcb_status_name(status));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_whole_table_of_convergence),
        cmocka_unit_test(statuses_are_known_by_their_exact_spelling),
        cmocka_unit_test(the_first_level_that_every_component_reaches_counts),
        cmocka_unit_test(the_order_of_a_document_does_not_matter),
        cmocka_unit_test(a_td_whose_module_was_replaced_should_be_launched_again),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
