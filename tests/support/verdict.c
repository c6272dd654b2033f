#include "verdict.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

int verdict_check(const azattest_verification_result *result, const char *id, const char **detail)
{
    for (size_t i = 0; i < azattest_verification_result_check_count(result); i++)
        if (strcmp(azattest_verification_result_check_id(result, i), id) == 0) {
            if (detail != NULL)
                *detail = azattest_verification_result_check_detail(result, i);
            return azattest_verification_result_check_ok(result, i);
        }
    if (detail != NULL)
        *detail = "no such check";
    return -2;
}

void verdict_want(const azattest_verification_result *result, const char *what, const char *id, int expected)
{
    const char *detail;
    int ok = verdict_check(result, id, &detail);

    if (ok != expected)
        fail_msg("%s: %s is %d (%s), expected %d", what, id, ok, detail, expected);
}

bool verdict_left(const azattest_verification_result *result, const char *id)
{
    for (size_t i = 0; i < azattest_verification_result_not_checked_count(result); i++)
        if (strcmp(azattest_verification_result_not_checked(result, i), id) == 0)
            return true;
    return false;
}
