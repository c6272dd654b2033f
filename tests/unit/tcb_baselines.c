/* TCB baselines: both ways of writing them, and what is no baseline. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "protocol/tcb_baselines.h"

static const char example[] =
    "{\"tcbBaselines\":[{\"tcbIdentifier\":\"11\",\"tcbEvaluationDataNumber\":11,\"tcbReleaseDate\":"
    "\"2021-06-09T00:00:00\",\"minimumPswLinuxVersion\":\"2.13.3\",\"minimumPswWindowsVersion\":\"2.13.100.2\","
    "\"isSelectedTcb\":false},{\"tcbIdentifier\":\"azuredefault\",\"tcbEvaluationDataNumber\":\"10\","
    "\"tcbReleaseDate\":\"2020-11-11T00:00:00Z\",\"isSelectedTcb\":true,\"new\":[]}]}";

static azattest_status fetch(bench *b, const char *url, const char *body, const char *type,
                             const azattest_tcb_baseline_options *options, azattest_tcb_baselines **out,
                             azattest_error **error)
{
    azattest_scripted_exchange script[] = { answer("GET", url, 200, body) };
    azattest_transport *transport = NULL;
    azattest_status status;

    bench_open(b);
    assert_int_equal(azattest_scripted_transport_new(script, 1, &transport, NULL), AZATTEST_OK);
    status = azattest_client_get_tcb_baseline(b->client, transport, type, options, out, error);
    azattest_transport_free(transport);
    return status;
}

static void the_example_of_the_reference(void **state)
{
    bench *b = *state;
    azattest_tcb_baselines *list = NULL;
    azattest_error *error = NULL;
    const char *text;
    int64_t number;
    bool selected;

    expect_success(fetch(b, INSTANCE "/tcbbaselines/SgxEnclave?api-version=2025-06-01", example, "sgxenclave", NULL,
                         &list, &error),
                   &error);
    assert_int_equal(azattest_tcb_baselines_count(list), 2);
    assert_int_equal(azattest_tcb_baselines_tcb_identifier(list, 0, &text), AZATTEST_OK);
    assert_string_equal(text, "11");
    assert_int_equal(azattest_tcb_baselines_tcb_evaluation_data_number(list, 0, &number), AZATTEST_OK);
    assert_int_equal(number, 11);
    assert_int_equal(azattest_tcb_baselines_tcb_evaluation_data_number(list, 1, &number), AZATTEST_OK);
    assert_int_equal(number, 10);
    assert_int_equal(azattest_tcb_baselines_tcb_release_date(list, 0, &number), AZATTEST_OK);
    assert_int_equal(number, 1623196800);
    assert_int_equal(azattest_tcb_baselines_tcb_release_date(list, 1, &number), AZATTEST_OK);
    assert_int_equal(number, 1605052800);
    assert_int_equal(azattest_tcb_baselines_minimum_psw_linux_version(list, 0, &text), AZATTEST_OK);
    assert_string_equal(text, "2.13.3");
    assert_int_equal(azattest_tcb_baselines_minimum_psw_windows_version(list, 0, &text), AZATTEST_OK);
    assert_string_equal(text, "2.13.100.2");
    assert_int_equal(azattest_tcb_baselines_minimum_psw_linux_version(list, 1, &text), AZATTEST_ABSENT);
    assert_null(text);
    assert_int_equal(azattest_tcb_baselines_is_selected_tcb(list, 1, &selected), AZATTEST_OK);
    assert_true(selected);
    assert_int_equal(azattest_tcb_baselines_is_selected_tcb(list, 2, &selected), AZATTEST_ABSENT);
    assert_int_equal(azattest_tcb_baselines_json(list).len, strlen(example));
    azattest_tcb_baselines_free(list);
}

static void dates_and_numbers_in_every_form(void **state)
{
    static const struct {
        const char *member;
        azattest_status number_status, date_status;
        int64_t number, date;
    } cases[] = {
        { "\"tcbReleaseDate\":\"2021-06-09\"", AZATTEST_ABSENT, AZATTEST_OK, 0, 1623196800 },
        { "\"tcbReleaseDate\":\"2021-06-09T00:00:00.1234567\"", AZATTEST_ABSENT, AZATTEST_OK, 0, 1623196800 },
        { "\"tcbReleaseDate\":\"2021-06-09T02:00:00+02:00\"", AZATTEST_ABSENT, AZATTEST_OK, 0, 1623196800 },
        { "\"tcbReleaseDate\":\"2021-06-08T22:00:00-02:00\"", AZATTEST_ABSENT, AZATTEST_OK, 0, 1623196800 },
        { "\"tcbReleaseDate\":\"\"", AZATTEST_ABSENT, AZATTEST_E_TYPE, 0, 0 },
        { "\"tcbReleaseDate\":\"9 June 2021\"", AZATTEST_ABSENT, AZATTEST_E_TYPE, 0, 0 },
        { "\"tcbReleaseDate\":\"2021-02-30\"", AZATTEST_ABSENT, AZATTEST_E_TYPE, 0, 0 },
        { "\"tcbReleaseDate\":1623196800", AZATTEST_ABSENT, AZATTEST_E_TYPE, 0, 0 },
        { "\"tcbReleaseDate\":null", AZATTEST_ABSENT, AZATTEST_ABSENT, 0, 0 },
        { "\"tcbEvaluationDataNumber\":12.0", AZATTEST_OK, AZATTEST_ABSENT, 12, 0 },
        { "\"tcbEvaluationDataNumber\":12.5", AZATTEST_E_TYPE, AZATTEST_ABSENT, 0, 0 },
        { "\"tcbEvaluationDataNumber\":\"12\"", AZATTEST_OK, AZATTEST_ABSENT, 12, 0 },
        { "\"tcbEvaluationDataNumber\":\"\"", AZATTEST_E_TYPE, AZATTEST_ABSENT, 0, 0 },
        { "\"tcbEvaluationDataNumber\":\"-1\"", AZATTEST_E_TYPE, AZATTEST_ABSENT, 0, 0 },
        { "\"tcbEvaluationDataNumber\":\"1234567890123456789\"", AZATTEST_E_TYPE, AZATTEST_ABSENT, 0, 0 },
        { "\"tcbEvaluationDataNumber\":true", AZATTEST_E_TYPE, AZATTEST_ABSENT, 0, 0 },
    };
    bench *b = *state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        azattest_tcb_baselines *list = NULL;
        azattest_error *error = NULL;
        int64_t number;
        char body[256];

        print_message("in: %s\n", cases[i].member);
        snprintf(body, sizeof(body), "{\"tcbBaselines\":[{%s}]}", cases[i].member);
        expect_success(fetch(b, NULL, body, "Tpm", NULL, &list, &error), &error);
        assert_int_equal(azattest_tcb_baselines_tcb_evaluation_data_number(list, 0, &number), cases[i].number_status);
        assert_int_equal(number, cases[i].number);
        assert_int_equal(azattest_tcb_baselines_tcb_release_date(list, 0, &number), cases[i].date_status);
        assert_int_equal(number, cases[i].date);
        azattest_tcb_baselines_free(list);
    }
}

static void answers_that_are_no_list(void **state)
{
    static const char *const bodies[] = { "",
                                          "[]",
                                          "{}",
                                          "{\"tcbBaselines\":{}}",
                                          "{\"tcbBaselines\":[1]}",
                                          "{\"tcbBaselines\":[[]]}",
                                          "{\"tcbBaselines\":[],\"tcbBaselines\":[]}" };
    bench *b = *state;
    azattest_tcb_baselines *list = NULL;
    azattest_error *error = NULL;

    for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
        expect_failure(fetch(b, NULL, bodies[i], "Tpm", NULL, &list, &error), AZATTEST_E_RESPONSE, &error,
                       "get TCB baseline");
        assert_null(list);
    }
    expect_success(fetch(b, NULL, "{\"tcbBaselines\":[]}", "Tpm", NULL, &list, &error), &error);
    assert_int_equal(azattest_tcb_baselines_count(list), 0);
    azattest_tcb_baselines_free(list);
}

static void versions_and_the_extra_query(void **state)
{
    bench *b = *state;
    azattest_tcb_baseline_options options = AZATTEST_TCB_BASELINE_OPTIONS_INIT;
    azattest_tcb_baselines *list = NULL;
    azattest_error *error = NULL;

    b->options.api_version = "2022-08-01";
    expect_failure(fetch(b, NULL, example, "SgxEnclave", NULL, &list, &error), AZATTEST_E_ARGUMENT, &error,
                   "2022-09-01-preview, 2025-06-01");
    b->options.api_version = "2022-09-01-preview";
    options.provide_current_tcb_in_policy = AZATTEST_ON;
    expect_success(
        fetch(b, INSTANCE "/tcbbaselines/SgxEnclave?api-version=2022-09-01-preview&provideCurrentTcbInPolicy=true",
              example, "SgxEnclave", &options, &list, &error),
        &error);
    azattest_tcb_baselines_free(list);
    b->options.api_version = "2025-06-01";
    expect_failure(fetch(b, NULL, example, "SgxEnclave", &options, &list, &error), AZATTEST_E_ARGUMENT, &error,
                   "provide_current_tcb_in_policy");
    expect_success(fetch(b, INSTANCE "/tcbbaselines/My%2FOwn%20Type?api-version=2025-06-01", example, "My/Own Type",
                         NULL, &list, &error),
                   &error);
    azattest_tcb_baselines_free(list);
    expect_failure(fetch(b, NULL, example, "", NULL, &list, &error), AZATTEST_E_ARGUMENT, &error, "attestation type");
    expect_failure(fetch(b, NULL, example, NULL, NULL, &list, &error), AZATTEST_E_ARGUMENT, &error, "attestation type");
    expect_failure(fetch(b, NULL, example, ".", NULL, &list, &error), AZATTEST_E_ARGUMENT, &error, "attestation type");
    expect_failure(fetch(b, NULL, example, "..", NULL, &list, &error), AZATTEST_E_ARGUMENT, &error, "attestation type");
}

static void cut_at_every_byte(void **state)
{
    (void)state;
    for (size_t len = 0; len < sizeof(example) - 1; len++) {
        azattest_http_response response = AZATTEST_HTTP_RESPONSE_INIT;
        azattest_tcb_baselines *list = NULL;
        char *copy = malloc(len == 0 ? 1 : len);

        memcpy(copy, example, len);
        response.status = 200;
        response.body = azattest__bytes(copy, len);
        assert_int_equal(azattest__tcb_baselines_reply(&response, &list, NULL), AZATTEST_E_RESPONSE);
        assert_null(list);
        free(copy);
    }
}

static void nothing_crashes_on_nothing(void **state)
{
    const char *text = "";
    int64_t number = 1;
    bool selected = true;

    (void)state;
    azattest_tcb_baselines_free(NULL);
    assert_int_equal(azattest_tcb_baselines_count(NULL), 0);
    assert_null(azattest_tcb_baselines_json(NULL).ptr);
    assert_int_equal(azattest_tcb_baselines_tcb_identifier(NULL, 0, &text), AZATTEST_ABSENT);
    assert_null(text);
    assert_int_equal(azattest_tcb_baselines_tcb_identifier(NULL, 0, NULL), AZATTEST_E_ARGUMENT);
    assert_int_equal(azattest_tcb_baselines_tcb_evaluation_data_number(NULL, 0, &number), AZATTEST_ABSENT);
    assert_int_equal(azattest_tcb_baselines_tcb_release_date(NULL, 0, NULL), AZATTEST_E_ARGUMENT);
    assert_int_equal(azattest_tcb_baselines_is_selected_tcb(NULL, 0, &selected), AZATTEST_ABSENT);
    assert_null(azattest_op_take_tcb_baselines(NULL));
    assert_null(azattest_op_take_text(NULL, NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_example_of_the_reference),
        TEST(dates_and_numbers_in_every_form),
        TEST(answers_that_are_no_list),
        TEST(versions_and_the_extra_query),
        TEST(cut_at_every_byte),
        TEST(nothing_crashes_on_nothing),
    };

    return cmocka_run_group_tests_name("tcb_baselines", tests, NULL, NULL);
}
