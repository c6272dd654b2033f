/* A failure asserts its status and a part of its text. */
#ifndef AZATTEST_TESTS_EXPECT_H
#define AZATTEST_TESTS_EXPECT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <azattest/error.h>

/* Takes the error. It is a pointer to it because the call that sets it stands in the argument before. */
static inline void expect(azattest_status got, azattest_error **error, azattest_status status, const char *text)
{
    if (got != status && *error != NULL)
        print_error("%s\n", azattest_error_message(*error));
    assert_string_equal(azattest_status_name(got), azattest_status_name(status));
    if (status == AZATTEST_OK) {
        assert_null(*error);
        return;
    }
    assert_non_null(*error);
    assert_int_equal(azattest_error_code(*error), status);
    if (strstr(azattest_error_message(*error), text) == NULL)
        fail_msg("\"%s\" is not in \"%s\"", text, azattest_error_message(*error));
    azattest_error_free(*error);
    *error = NULL;
}

#endif
