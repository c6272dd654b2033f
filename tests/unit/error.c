/* Statuses, errors, lists of problems, foreign text in messages, the log. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "error/error.h"

static void statuses_have_names_texts_and_numbers(void **state)
{
    static const struct {
        azattest_status status;
        const char *name;
        int number;
    } all[] = {
#define ROW(name, number, check, text) { AZATTEST_##name, "AZATTEST_" #name, number },
        AZATTEST_STATUS_LIST(ROW)
#undef ROW
    };

    (void)state;
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        assert_int_equal(all[i].status, all[i].number);
        assert_string_equal(azattest_status_name(all[i].status), all[i].name);
        assert_true(strlen(azattest_status_text(all[i].status)) > 0);
        assert_non_null(azattest_status_check(all[i].status));
        for (size_t other = 0; other < i; other++)
            assert_int_not_equal(all[i].number, all[other].number);
    }
    /* numbers are fixed for ever: one of each range as a witness */
    assert_int_equal(AZATTEST_OK, 0);
    assert_int_equal(AZATTEST_E_HTTP, 20);
    assert_int_equal(AZATTEST_E_EVIDENCE, 30);
    assert_int_equal(AZATTEST_E_TOKEN_EXPIRED, 54);
    assert_string_equal(azattest_status_check(AZATTEST_E_TOKEN_EXPIRED), "C1");
    assert_string_equal(azattest_status_check(AZATTEST_E_HTTP), "");
    assert_string_equal(azattest_status_name((azattest_status)999), "AZATTEST_E_?");
    assert_string_equal(azattest_status_text((azattest_status)999), "unknown status");
}

static void readers_accept_null(void **state)
{
    (void)state;
    assert_int_equal(azattest_error_code(NULL), AZATTEST_E_ARGUMENT);
    assert_string_equal(azattest_error_message(NULL), "wrong use");
    assert_null(azattest_error_hint(NULL));
    assert_null(azattest_error_reason(NULL));
    assert_null(azattest_error_error_code(NULL));
    assert_null(azattest_error_service_message(NULL));
    assert_null(azattest_error_target(NULL));
    assert_null(azattest_error_details(NULL));
    assert_null(azattest_error_inner_error(NULL));
    assert_null(azattest_error_client_request_id(NULL));
    assert_null(azattest_error_request_id(NULL));
    assert_null(azattest_error_body(NULL));
    assert_int_equal(azattest_error_status_code(NULL), 0);
    assert_int_equal(azattest_error_attempts(NULL), 0);
    assert_true(azattest_error_retry_after_ms(NULL) == -1);
    assert_int_equal(azattest_error_problem_count(NULL), 0);
    assert_int_equal(azattest_error_problem_code(NULL, 0), AZATTEST_ABSENT);
    assert_null(azattest_error_problem_detail(NULL, 0));
    assert_int_equal(azattest_problems_count(NULL), 0);
    assert_int_equal(azattest_problems_code(NULL, 0), AZATTEST_ABSENT);
    assert_null(azattest_problems_detail(NULL, 0));
    azattest_error_free(NULL);
    azattest_problems_free(NULL);
    azattest__error_set_hint(NULL, "x");
    azattest__error_set_call(NULL, "x", 1, 1);
    azattest__error_set_http(NULL, NULL);
    azattest__error_prefix(NULL, "x");
    assert_null(azattest__error_copy(NULL));
    assert_int_equal(azattest__error_set(NULL, AZATTEST_E_TYPE, "nobody listens"), AZATTEST_E_TYPE);
    assert_int_equal(azattest__error_memory(NULL), AZATTEST_E_MEMORY);
}

static void an_error_is_set_replaced_and_prefixed(void **state)
{
    azattest_error *error = NULL;

    (void)state;
    assert_int_equal(azattest__error_set(&error, AZATTEST_E_LIMIT, "%d is more than %d", 3, 2), AZATTEST_E_LIMIT);
    assert_int_equal(azattest_error_code(error), AZATTEST_E_LIMIT);
    assert_string_equal(azattest_error_message(error), "3 is more than 2");
    assert_true(azattest_error_retry_after_ms(error) == -1);
    /* the text of the old error may be part of the new one */
    azattest__error_set(&error, AZATTEST_E_RESPONSE, "certs: %s", azattest_error_message(error));
    assert_int_equal(azattest_error_code(error), AZATTEST_E_RESPONSE);
    assert_string_equal(azattest_error_message(error), "certs: 3 is more than 2");
    azattest__error_prefix(&error, "keys[%d]", 4);
    assert_string_equal(azattest_error_message(error), "keys[4]: certs: 3 is more than 2");
    azattest__error_set_hint(error, "Try again.");
    assert_string_equal(azattest_error_hint(error), "Try again.");
    azattest__error_set_hint(error, NULL);
    assert_null(azattest_error_hint(error));
    azattest_error_free(error);

    error = azattest_error_new(AZATTEST_E_TRANSPORT, "no route");
    assert_int_equal(azattest_error_code(error), AZATTEST_E_TRANSPORT);
    assert_string_equal(azattest_error_message(error), "no route");
    azattest_error_free(error);
    error = azattest_error_new(AZATTEST_E_TIMEOUT, NULL);
    assert_string_equal(azattest_error_message(error), "the time limit was reached");
    azattest_error_free(error);
}

static void the_error_for_no_memory_needs_none(void **state)
{
    azattest__error_http http = { .status_code = 500, .reason = "x" };
    azattest_error *error = NULL, *copy;

    (void)state;
    assert_int_equal(azattest__error_memory(&error), AZATTEST_E_MEMORY);
    azattest__error_memory(&error); /* over itself */
    azattest__error_prefix(&error, "prefix");
    azattest__error_set_hint(error, "hint");
    azattest__error_set_http(error, &http);
    azattest__error_set_call(error, "id", 3, 5);
    copy = azattest__error_copy(error);
    assert_int_equal(azattest_error_code(error), AZATTEST_E_MEMORY);
    assert_string_equal(azattest_error_message(error), "out of memory");
    assert_int_equal(azattest_error_code(copy), AZATTEST_E_MEMORY);
    assert_null(azattest_error_hint(error));
    assert_int_equal(azattest_error_status_code(error), 0);
    azattest_error_free(copy);
    azattest_error_free(error);
    azattest__error_set(&error, AZATTEST_E_TYPE, "replaced"); /* the static error may be replaced as any other */
    assert_string_equal(azattest_error_message(error), "replaced");
    azattest_error_free(error);
}

static void a_buffers_failure_becomes_an_error(void **state)
{
    azattest_error *error = NULL;
    azattest__buf buf;

    (void)state;
    azattest__buf_init(&buf, 3);
    azattest__buf_append_text(&buf, "123");
    assert_int_equal(azattest__error_from_buf(&error, &buf, "text"), AZATTEST_OK);
    assert_null(error);
    azattest__buf_append_text(&buf, "4");
    assert_int_equal(azattest__error_from_buf(&error, &buf, "text"), AZATTEST_E_LIMIT);
    assert_string_equal(azattest_error_message(error), "text: more than 3 bytes");
    buf.status = AZATTEST_E_MEMORY;
    assert_int_equal(azattest__error_from_buf(&error, &buf, "text"), AZATTEST_E_MEMORY);
    assert_int_equal(azattest_error_code(error), AZATTEST_E_MEMORY);
    azattest_error_free(error);
    azattest__buf_free(&buf);
}

static void check_http_members(const azattest_error *error)
{
    assert_int_equal(azattest_error_status_code(error), 400);
    assert_string_equal(azattest_error_reason(error), "Bad Request");
    assert_string_equal(azattest_error_error_code(error), "InvalidParameter");
    assert_string_equal(azattest_error_service_message(error), "quote is bad");
    assert_string_equal(azattest_error_target(error), "quote");
    assert_string_equal(azattest_error_details(error), "[]");
    assert_string_equal(azattest_error_inner_error(error), "{}");
    assert_string_equal(azattest_error_request_id(error), "request");
    assert_string_equal(azattest_error_client_request_id(error), "client request");
    assert_string_equal(azattest_error_hint(error), "do this");
    assert_string_equal(azattest_error_body(error), "{\\x0a}\\x00");
    assert_int_equal(azattest_error_attempts(error), 4);
    assert_true(azattest_error_retry_after_ms(error) == 1500);
}

static void an_http_failure_is_told_in_full(void **state)
{
    azattest__error_http http = { .status_code = 400,
                                  .reason = "Bad Request",
                                  .error_code = "InvalidParameter",
                                  .service_message = "quote is bad",
                                  .target = "quote",
                                  .details = "[]",
                                  .inner_error = "{}",
                                  .request_id = "request",
                                  .hint = "do this",
                                  .body = { "{\n}", 4 } };
    azattest_error *error = NULL, *copy;

    (void)state;
    azattest__error_set(&error, AZATTEST_E_HTTP, "400");
    azattest__error_set_http(error, &http);
    azattest__error_set_http(error, &http); /* replaces, and does not leak */
    azattest__error_set_call(error, "client request", 4, 1500);
    check_http_members(error);
    copy = azattest__error_copy(error);
    azattest_error_free(error); /* a copy owns its text */
    check_http_members(copy);
    assert_int_equal(azattest_error_code(copy), AZATTEST_E_HTTP);
    assert_string_equal(azattest_error_message(copy), "400");
    azattest_error_free(copy);
}

static void a_body_is_cut_between_characters(void **state)
{
    azattest__error_http http = { .status_code = 500 };
    azattest_error *error = NULL;
    char body[3000];

    (void)state;
    memset(body, '~', sizeof(body)); /* a row of letters would be taken for base64 */
    memcpy(body + 2046, "\xe2\x82\xac", 3);
    azattest__error_set(&error, AZATTEST_E_HTTP, "500");
    for (size_t len = 2045; len <= sizeof(body); len++) {
        size_t shown = len == 2047 || len == 2048 ? 2046 : len < 2048 ? len : 2046;
        const char *text;

        http.body = azattest__bytes(body, len);
        azattest__error_set_http(error, &http);
        text = azattest_error_body(error);
        assert_memory_equal(text, body, shown < 2046 ? shown : 2046);
        if (len > 2048)
            assert_int_equal(strlen(text), 2046);
        else if (len > 2046) /* cut by whoever sent it: what is left of the character is escaped */
            assert_string_equal(text + 2046, len == 2047 ? "\\xe2" : "\\xe2\\x82");
    }
    azattest_error_free(error);
}

static void problems_become_one_error(void **state)
{
    azattest_problems problems = { NULL, 0 };
    azattest_error *error = NULL, *copy;

    (void)state;
    assert_int_equal(azattest__problems_add(&problems, AZATTEST_E_TOKEN_EXPIRED, "exp was %d", 5), AZATTEST_OK);
    assert_int_equal(azattest__problems_add(&problems, AZATTEST_E_TOKEN_ISSUER, "iss is %s", "x"), AZATTEST_OK);
    assert_int_equal(azattest_problems_count(&problems), 2);
    assert_int_equal(azattest_problems_code(&problems, 1), AZATTEST_E_TOKEN_ISSUER);
    assert_int_equal(azattest_problems_code(&problems, 2), AZATTEST_ABSENT);
    assert_null(azattest_problems_detail(&problems, 2));
    assert_int_equal(azattest__error_from_problems(&error, &problems), AZATTEST_E_TOKEN_EXPIRED);
    assert_int_equal(problems.count, 0); /* moved */
    assert_int_equal(azattest_error_code(error), AZATTEST_E_TOKEN_EXPIRED);
    assert_string_equal(azattest_error_message(error),
                        "expired, or without the expiry it must have: exp was 5; iss is x");
    copy = azattest__error_copy(error);
    azattest_error_free(error);
    assert_int_equal(azattest_error_problem_count(copy), 2);
    assert_int_equal(azattest_error_problem_code(copy, 0), AZATTEST_E_TOKEN_EXPIRED);
    assert_string_equal(azattest_error_problem_detail(copy, 1), "iss is x");
    assert_int_equal(azattest_error_problem_code(copy, 2), AZATTEST_ABSENT);
    azattest_error_free(copy);
}

static void many_problems_end_at_a_ceiling(void **state)
{
    azattest_problems problems = { NULL, 0 };
    azattest_error *error = NULL;

    (void)state;
    for (int i = 0; i < 1000; i++)
        assert_int_equal(azattest__problems_add(&problems, AZATTEST_E_TOKEN_CLAIM, "problem %0100d", i), AZATTEST_OK);
    assert_int_equal(azattest__error_from_problems(NULL, &problems), AZATTEST_E_TOKEN_CLAIM); /* nobody listens */
    assert_int_equal(problems.count, 0);
    for (int i = 0; i < 1000; i++)
        assert_int_equal(azattest__problems_add(&problems, AZATTEST_E_TOKEN_CLAIM, "problem %0100d", i), AZATTEST_OK);
    assert_int_equal(azattest__error_from_problems(&error, &problems), AZATTEST_E_TOKEN_CLAIM);
    assert_int_equal(azattest_error_problem_count(error), 1000);
    assert_true(strlen(azattest_error_message(error)) <= 16384);
    assert_non_null(strstr(azattest_error_message(error), "a required claim is missing or different: problem 000"));
    azattest_error_free(error);
}

static const struct printable_case {
    const char *name, *text;
    size_t len, limit;
    const char *shown;
} printable_cases[] = {
    { "printable: plain text as it is", "plain", 5, 10, "plain" },
    { "printable: nothing", "", 0, 10, "" },
    { "printable: exactly the limit", "12345", 5, 5, "12345" },
    { "printable: beyond the limit", "123456", 6, 5, "12345..." },
    { "printable: limit nothing", "1", 1, 0, "..." },
    { "printable: control characters", "a\n\x1b[31m\x7f", 8, 20, "a\\x0a\\x1b[31m\\x7f" },
    { "printable: characters that turn the direction of writing, or end a line",
      "a\xe2\x80\xae"
      "b\xe2\x80\xa8\xd8\x9c",
      10, 20,
      "a\\xe2\\x80\\xae"
      "b\\xe2\\x80\\xa8\\xd8\\x9c" },
    { "printable: dashes and letters beside them", "\xe2\x80\x94\xe2\x82\xac\xd8\xa7", 8, 20,
      "\xe2\x80\x94\xe2\x82\xac\xd8\xa7" },
    { "printable: NUL", "a\0b", 3, 20, "a\\x00b" },
    { "printable: C1 controls, which terminals obey",
      "\xc2\x9b"
      "31m",
      5, 20, "\\xc2\\x9b31m" },
    { "printable: the first behind the C1 controls", "\xc2\xa0", 2, 20, "\xc2\xa0" },
    { "printable: letters of all lengths", "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", 9, 3,
      "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80" },
    { "printable: stray bytes",
      "\xff\x80"
      "a",
      3, 20, "\\xff\\x80a" },
    { "printable: a cut character", "a\xe2\x82", 3, 20, "a\\xe2\\x82" },
    { "printable: the worst of everything at the limit", "\xc2\x80\xc2\x80\xc2\x80", 6, 2, "\\xc2\\x80\\xc2\\x80..." },
};

static void shows_foreign_text(void **state)
{
    const struct printable_case *c = *state;
    char *block = malloc(c->len + 1), *shown;

    assert_non_null(block);
    memcpy(block, c->text, c->len);
    shown = azattest__printable(azattest__bytes(block, c->len), c->limit);
    assert_string_equal(shown, c->shown);
    free(shown);
    free(block);
    shown = azattest__printable(azattest__bytes(NULL, 0), 10);
    assert_string_equal(shown, "");
    free(shown);
}

struct heard {
    int count;
    azattest_log_level level;
    char message[2048];
};

static void listen(void *user, azattest_log_level level, const char *message)
{
    struct heard *heard = user;

    heard->count++;
    heard->level = level;
    assert_true(strlen(message) < sizeof(heard->message));
    memcpy(heard->message, message, strlen(message) + 1);
}

static void the_log_is_off_until_it_is_set(void **state)
{
    struct heard heard = { .count = 0 };
    char lengthy[2200];

    (void)state;
    assert_false(azattest__log_enabled(AZATTEST_LOG_ERROR));
    azattest__log(AZATTEST_LOG_ERROR, "nobody hears %d", 1);
    azattest_log_set(listen, &heard, AZATTEST_LOG_INFO);
    azattest__log(AZATTEST_LOG_VERBOSE, "too quiet");
    assert_int_equal(heard.count, 0);
    azattest__log(AZATTEST_LOG_INFO, "%s %d", "keys:", 4);
    assert_int_equal(heard.count, 1);
    assert_int_equal(heard.level, AZATTEST_LOG_INFO);
    assert_string_equal(heard.message, "keys: 4");
    azattest__log(AZATTEST_LOG_ERROR, "one\nline\x7f");
    assert_string_equal(heard.message, "one line ");
    /* a line that is cut stays UTF-8 wherever the cut falls */
    for (size_t letters = 0; letters < 4; letters++) {
        memset(lengthy, 'a', sizeof(lengthy));
        memcpy(lengthy + 2044 + letters, "\xe2\x82\xac", 3);
        lengthy[sizeof(lengthy) - 1] = '\0';
        azattest__log(AZATTEST_LOG_WARNING, "%s", lengthy);
        assert_true(strlen(heard.message) >= 2044 && strlen(heard.message) < 2048);
        assert_int_equal(strspn(heard.message, "a"), strlen(heard.message));
    }
    azattest_log_set(NULL, NULL, AZATTEST_LOG_VERBOSE);
    heard.count = 0;
    azattest__log(AZATTEST_LOG_ERROR, "off again");
    assert_int_equal(heard.count, 0);
    assert_false(azattest__log_enabled(AZATTEST_LOG_ERROR));
}

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

int main(void)
{
    static const struct CMUnitTest plain[] = {
        cmocka_unit_test(statuses_have_names_texts_and_numbers), cmocka_unit_test(readers_accept_null),
        cmocka_unit_test(an_error_is_set_replaced_and_prefixed), cmocka_unit_test(the_error_for_no_memory_needs_none),
        cmocka_unit_test(a_buffers_failure_becomes_an_error),    cmocka_unit_test(an_http_failure_is_told_in_full),
        cmocka_unit_test(a_body_is_cut_between_characters),      cmocka_unit_test(problems_become_one_error),
        cmocka_unit_test(many_problems_end_at_a_ceiling),        cmocka_unit_test(the_log_is_off_until_it_is_set),
    };
    struct CMUnitTest tests[COUNT(printable_cases) + COUNT(plain)];
    size_t count = 0;

    for (size_t i = 0; i < COUNT(plain); i++)
        tests[count++] = plain[i];
    for (size_t i = 0; i < COUNT(printable_cases); i++)
        tests[count++] = (struct CMUnitTest){ printable_cases[i].name, shows_foreign_text, NULL, NULL,
                                              (void *)(uintptr_t)&printable_cases[i] };
    return cmocka_run_group_tests_name("error", tests, NULL, NULL);
}
