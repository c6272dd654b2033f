/* AttestationData: what it takes for JSON, and how the attest calls take it. */
#include <stdlib.h>

#include <azattest/azattest.h>

#include "base/buf.h"
#include "expect.h"
#include "protocol/data.h"

typedef struct data_case {
    const char *name;
    const char *bytes;
    size_t len; /* 0: strlen */
    azattest_switch said;
    bool is_json;
    const char *message; /* refused with that */
} data_case;

static const data_case cases[] = {
    { "an object is JSON", "{\"a\":1}", 0, AZATTEST_DEFAULT, true, NULL },
    { "white space around it does not matter", " {} \n", 0, AZATTEST_DEFAULT, true, NULL },
    { "an array is not", "[1]", 0, AZATTEST_DEFAULT, false, NULL },
    { "a number is not", "1", 0, AZATTEST_DEFAULT, false, NULL },
    { "text with a member twice is not", "{\"a\":1,\"a\":1}", 0, AZATTEST_DEFAULT, false, NULL },
    { "text with something behind it is not", "{}x", 0, AZATTEST_DEFAULT, false, NULL },
    { "text with its NUL is not", "{}", 3, AZATTEST_DEFAULT, false, NULL },
    { "a key in PEM is not", "-----BEGIN PUBLIC KEY-----", 0, AZATTEST_DEFAULT, false, NULL },
    { "bytes are not", "\x01\x00\xff", 3, AZATTEST_DEFAULT, false, NULL },
    { "an object that is said to be bytes", "{}", 0, AZATTEST_OFF, false, NULL },
    { "an object that is said to be JSON", "{}", 0, AZATTEST_ON, true, NULL },
    { "an object with its NUL that is said to be JSON", "{}", 3, AZATTEST_ON, true, NULL },
    { "bytes that are said to be JSON", "\x01", 1, AZATTEST_ON, false, "said to be JSON" },
    { "an array that is said to be JSON", "[]", 0, AZATTEST_ON, false, "takes an object only" },
};

static azattest_bytes bytes_of_case(const data_case *test)
{
    return azattest__bytes(test->bytes, test->len == 0 ? strlen(test->bytes) : test->len);
}

static void finds_out(void **state)
{
    const data_case *test = *state;
    azattest_data *data = NULL;
    azattest_error *error = NULL;
    azattest_status status = azattest_data_new(bytes_of_case(test), test->said, &data, &error);

    expect(status, &error, test->message == NULL ? AZATTEST_OK : AZATTEST_E_ARGUMENT, test->message);
    if (test->message == NULL) {
        assert_int_equal(azattest_data_is_json(data), test->is_json);
        assert_true(azattest__bytes_equal(azattest_data_bytes(data), bytes_of_case(test)));
    } else {
        assert_null(data);
    }
    azattest_data_free(data);
}

static void empty_data_is_data(void **state)
{
    azattest_attest_options options = AZATTEST_ATTEST_OPTIONS_INIT;
    azattest_data *data = NULL;

    (void)state;
    assert_int_equal(azattest_data_new(azattest__text(""), AZATTEST_DEFAULT, &data, NULL), AZATTEST_OK);
    assert_false(azattest_data_is_json(data));
    options.runtime = data;
    assert_int_equal(azattest__data_apply(&options, NULL), AZATTEST_OK);
    assert_non_null(options.runtime_data.ptr);
    assert_int_equal(options.runtime_data.len, 0);
    azattest_data_free(data);
}

static void takes_the_place_of_the_plain_forms(void **state)
{
    azattest_attest_options options = AZATTEST_ATTEST_OPTIONS_INIT;
    azattest_data *json = NULL, *binary = NULL;
    azattest_error *error = NULL;

    (void)state;
    assert_int_equal(azattest_data_new(azattest__text("{}"), AZATTEST_DEFAULT, &json, NULL), AZATTEST_OK);
    assert_int_equal(azattest_data_new(azattest__text("x"), AZATTEST_DEFAULT, &binary, NULL), AZATTEST_OK);
    options.runtime = json;
    options.inittime = binary;
    assert_int_equal(azattest__data_apply(&options, NULL), AZATTEST_OK);
    assert_null(options.runtime_data.ptr);
    assert_true(azattest__bytes_equal_text(options.runtime_json, "{}"));
    assert_true(azattest__bytes_equal_text(options.inittime_data, "x"));
    assert_null(options.inittime_json.ptr);
    /* Applied already: now both are there. */
    expect(azattest__data_apply(&options, &error), &error, AZATTEST_E_ARGUMENT, "excludes runtime_data");
    options.runtime = NULL;
    expect(azattest__data_apply(&options, &error), &error, AZATTEST_E_ARGUMENT, "inittime");
    azattest_data_free(json);
    azattest_data_free(binary);
}

static void wrong_use_is_told(void **state)
{
    azattest_data *data = NULL;
    azattest_error *error = NULL;
    char *big = calloc(1, AZATTEST_LIMIT_RUNTIME_DATA + 1);

    (void)state;
    expect(azattest_data_new(azattest__text(NULL), AZATTEST_DEFAULT, &data, &error), &error, AZATTEST_E_ARGUMENT,
           "no bytes");
    expect(azattest_data_new(azattest__text("x"), (azattest_switch)7, &data, &error), &error, AZATTEST_E_ARGUMENT,
           "not a switch");
    expect(azattest_data_new(azattest__text("x"), AZATTEST_DEFAULT, NULL, &error), &error, AZATTEST_E_ARGUMENT,
           "nowhere");
    expect(azattest_data_new(azattest__bytes(big, AZATTEST_LIMIT_RUNTIME_DATA + 1), AZATTEST_DEFAULT, &data, &error),
           &error, AZATTEST_E_LIMIT, "at most");
    assert_null(azattest_data_bytes(NULL).ptr);
    assert_false(azattest_data_is_json(NULL));
    azattest_data_free(NULL);
    free(big);
}

int main(void)
{
    enum { CASES = sizeof(cases) / sizeof(cases[0]) };
    struct CMUnitTest tests[CASES + 3] = {
        cmocka_unit_test(empty_data_is_data),
        cmocka_unit_test(takes_the_place_of_the_plain_forms),
        cmocka_unit_test(wrong_use_is_told),
    };

    for (size_t i = 0; i < CASES; i++)
        tests[3 + i] = (struct CMUnitTest){ cases[i].name, finds_out, NULL, NULL, (void *)(uintptr_t)&cases[i] };
    return cmocka_run_group_tests_name("data", tests, NULL, NULL);
}
