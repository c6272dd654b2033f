/* Requests and the headers of answers. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include <azattest/limits.h>

#include "protocol/metadata.h"
#include "protocol/versions.h"

static const struct age_case {
    const char *name, *value;
    int64_t age_ms;
} ages[] = {
    { "no header", NULL, -1 },
    { "an age", "max-age=60", 60000 },
    { "an age among others", "public, max-age=60 , must-revalidate", 60000 },
    { "capital letters", "Public,MAX-AGE=60", 60000 },
    { "age zero", "max-age=0", 0 },
    { "not to be stored", "max-age=60, no-store", 0 },
    { "not to be used unasked", "no-cache", 0 },
    { "another age", "s-maxage=60", -1 },
    { "an age in words", "max-age=long", -1 },
    { "a negative age", "max-age=-1", -1 },
    { "an empty age", "max-age=", -1 },
    { "an empty header", "", -1 },
    { "nothing but commas", ",,,", -1 },
    { "an age beyond all ages", "max-age=99999999999999999999999", INT64_C(3155760000000) },
};

static void max_age(void **state)
{
    const struct age_case *c = *state;
    azattest_header header = { "CACHE-control", c->value };
    azattest_http_response response = AZATTEST_HTTP_RESPONSE_INIT;

    response.headers = &header;
    response.header_count = 1;
    assert_int_equal(azattest__response_max_age_ms(&response), c->age_ms);
}

static void names_compare_without_case(void **state)
{
    const azattest_header headers[] = {
        { NULL, "x" }, { "a", NULL }, { "X-Ms-Request-Id", "1" }, { "x-ms-request-id", "2" }
    };
    azattest_http_response response = AZATTEST_HTTP_RESPONSE_INIT;

    (void)state;
    assert_null(azattest__response_header(&response, "a"));
    response.headers = headers;
    response.header_count = 4;
    assert_null(azattest__response_header(&response, "a"));
    assert_string_equal(azattest__response_header(&response, "x-ms-request-id"), "1");
    assert_null(azattest__response_header(&response, "x-ms-request-i"));
}

static void a_header_is_set_once(void **state)
{
    azattest_request request;
    azattest_error *error = NULL;
    static const char *const names[] = { "a", "b", "c", "d", "e", "f", "g", "h", "i", "j" };

    (void)state;
    azattest__request_init(&request);
    for (size_t i = 0; i < 10; i++)
        assert_int_equal(azattest__request_header(&request, names[i], "1", NULL), AZATTEST_OK);
    assert_int_equal(azattest__request_header(&request, "A", "2", NULL), AZATTEST_OK);
    assert_int_equal(azattest_request_header_count(&request), 10);
    assert_string_equal(azattest_request_header_value(&request, 0), "2");
    assert_null(azattest_request_header_value(&request, 10));
    assert_null(azattest_request_header_name(&request, 10));
    assert_int_equal(azattest__request_header(&request, "k", "1", &error), AZATTEST_E_LIMIT);
    assert_non_null(strstr(azattest_error_message(error), "no room"));
    azattest_error_free(error);
    azattest__request_clear(&request);
    assert_int_equal(azattest_request_header_count(&request), 0);
}

static void a_header_may_be_taken_off_in_front_of_others(void **state)
{
    azattest_request request;

    (void)state;
    azattest__request_init(&request);
    assert_int_equal(azattest__request_header(&request, "a", "1", NULL), AZATTEST_OK);
    assert_int_equal(azattest__request_header(&request, "b", "2", NULL), AZATTEST_OK);
    azattest__request_remove_header(&request, "A");
    azattest__request_remove_header(&request, "none");
    assert_int_equal(azattest__request_header(&request, "c", "3", NULL), AZATTEST_OK);
    assert_int_equal(azattest_request_header_count(&request), 2);
    assert_string_equal(azattest_request_header_value(&request, 0), "2");
    assert_string_equal(azattest_request_header_value(&request, 1), "3");
    azattest__request_clear(&request);
}

static void nothing_invisible_gets_into_a_header(void **state)
{
    (void)state;
    assert_true(azattest__header_value_valid("a b"));
    assert_false(azattest__header_value_valid(""));
    assert_false(azattest__header_value_valid(" a"));
    assert_false(azattest__header_value_valid("a "));
    assert_false(azattest__header_value_valid("a\r\nAuthorization: x"));
    assert_false(azattest__header_value_valid("\x7f"));
    assert_false(azattest__header_value_valid("\xc3\xa9"));
}

static void discovery_calls_have_a_version_from_2025_06_01_on(void **state)
{
    (void)state;
    assert_false(azattest__api_version_is_from_2025_06("2018-09-01-preview"));
    assert_false(azattest__api_version_is_from_2025_06("2020-10-01"));
    assert_false(azattest__api_version_is_from_2025_06("2025-05-31"));
    assert_true(azattest__api_version_is_from_2025_06("2025-06-01"));
    assert_true(azattest__api_version_is_from_2025_06("2025-06-01-preview"));
    assert_true(azattest__api_version_is_from_2025_06("2026-03-11-preview"));
}

static void a_key_set_may_be_cut_anywhere(void **state)
{
    static const char body[] = "{\"keys\":[{\"kty\":\"EC\",\"kid\":\"k\",\"crv\":\"P-256\","
                               "\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\","
                               "\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\"}]}"; /* RFC 7515 A.3 */
    azattest_http_response response = AZATTEST_HTTP_RESPONSE_INIT;
    azattest_signers *signers = NULL;

    (void)state;
    response.status = 200;
    for (size_t len = 0; len < sizeof(body); len++) {
        azattest_error *error = NULL;
        char *copy = malloc(len + 1);

        assert_non_null(copy);
        memcpy(copy, body, len);
        response.body = azattest__bytes(copy, len);
        if (len < sizeof(body) - 1) {
            assert_int_equal(azattest__certs_reply(&response, NULL, &signers, &error), AZATTEST_E_RESPONSE);
            assert_null(signers);
            assert_non_null(strstr(azattest_error_message(error), "cannot be used"));
        } else {
            assert_int_equal(azattest__certs_reply(&response, NULL, &signers, &error), AZATTEST_OK);
            assert_int_equal(azattest_signers_count(signers), 1);
        }
        azattest_signers_free(signers);
        azattest_error_free(error);
        free(copy);
    }
}

int main(void)
{
    enum { AGES = sizeof(ages) / sizeof(ages[0]), OTHERS = 5 };
    struct CMUnitTest tests[AGES + OTHERS] = {
        cmocka_unit_test(names_compare_without_case),
        cmocka_unit_test(a_header_is_set_once),
        cmocka_unit_test(a_header_may_be_taken_off_in_front_of_others),
        cmocka_unit_test(nothing_invisible_gets_into_a_header),
        cmocka_unit_test(discovery_calls_have_a_version_from_2025_06_01_on),
        cmocka_unit_test(a_key_set_may_be_cut_anywhere),
    };

    for (size_t i = 0; i < AGES; i++)
        tests[OTHERS + i] = (struct CMUnitTest){ ages[i].name, max_age, NULL, NULL, (void *)(uintptr_t)&ages[i] };
    return cmocka_run_group_tests_name("http", tests, NULL, NULL);
}
