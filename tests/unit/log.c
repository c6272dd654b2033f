/* The log: levels and their words, what is shown of requests and answers, and what never is. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "protocol/trace.h"
#include "vm_evidence.h"

/* Everything that was logged since the last time, lines joined. For free(). */
static char *heard(void)
{
    azattest__buf all;
    char *line;
    int level;

    azattest__buf_init(&all, 1 << 22);
    azattest__buf_append_text(&all, "");
    azattest__buf_append(&all, "", 0);
    while ((line = azattest_log_take(&level)) != NULL) {
        assert_in_range(level, AZATTEST_LOG_VERBOSE, AZATTEST_LOG_ERROR);
        azattest__buf_printf(&all, "%s\n", line);
        azattest_free(line);
    }
    assert_int_equal(level, 0);
    return all.ptr == NULL ? strdup("") : (char *)azattest__buf_take(&all, NULL);
}

static void shows(const char *text, const char *part)
{
    if (strstr(text, part) == NULL)
        fail_msg("\"%s\" is not in:\n%s", part, text);
}

static void hides(const char *text, const char *part)
{
    if (strstr(text, part) != NULL)
        fail_msg("\"%s\" is in:\n%s", part, text);
}

static void words_of_the_environment(void **state)
{
    static const struct {
        const char *word;
        int level;
    } words[] = {
        { "1", 1 },    { "verbose", 1 },     { "VERBOSE", 1 },       { "debug", 1 }, { "2", 2 },
        { "Info", 2 }, { "information", 2 }, { "informational", 2 }, { "3", 3 },     { "warning", 3 },
        { "warn", 3 }, { "4", 4 },           { "error", 4 },         { "ERR", 4 },   { "", 0 },
        { "0", 0 },    { "5", 0 },           { "critical", 0 },      { " info", 0 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        assert_int_equal(azattest_log_level_of(words[i].word), words[i].level);
    unsetenv("AZURE_LOG_LEVEL");
    assert_int_equal(azattest_log_level_of(NULL), 0);
    setenv("AZURE_LOG_LEVEL", "Warn", 1);
    assert_int_equal(azattest_log_level_of(NULL), AZATTEST_LOG_WARNING);
    unsetenv("AZURE_LOG_LEVEL");
}

static void requests_show_names_and_what_is_on_the_list(void **state)
{
    azattest_request request;
    azattest__buf text;

    (void)state;
    azattest__request_init(&request);
    assert_int_equal(azattest__request_start(&request, "POST", "https://a.example", "/attest/X", "2025-06-01", NULL),
                     AZATTEST_OK);
    assert_int_equal(azattest__request_query(&request, "code", "PLANTED", NULL), AZATTEST_OK);
    assert_int_equal(azattest__request_header(&request, "Authorization", "Bearer PLANTED", NULL), AZATTEST_OK);
    assert_int_equal(azattest__request_header(&request, "X-IDENTITY-HEADER", "PLANTED", NULL), AZATTEST_OK);
    assert_int_equal(azattest__request_header(&request, "Accept", "application/json", NULL), AZATTEST_OK);
    azattest__buf_init(&text, 65536);
    azattest__trace_request(&request, &text);
    assert_string_equal(
        (const char *)text.ptr,
        "POST https://a.example/attest/X?api-version=2025-06-01&code=REDACTED; Authorization: REDACTED; "
        "X-IDENTITY-HEADER: REDACTED; Accept: application/json");
    azattest__buf_free(&text);
    azattest__request_clear(&request);
}

static void bodies_show_their_structure(void **state)
{
    static const struct {
        const char *body, *text;
    } cases[] = {
        { "{\"quote\":\"AwACAAAAAAAFAA0Ak5py\",\"n\":[1,true,null,\"12345678\",\"123456789\"]}",
          ": {\"quote\":\"AwACAAAA...\",\"n\":[1,true,null,\"12345678\",\"12345678...\"]}" },
        { "{\"access_token\":\"short\",\"client_secret\":\"s\",\"a\":{\"privateKey\":{\"d\":\"x\"}}}",
          ": "
          "{\"access_token\":\"REDACTED\",\"client_secret\":\"REDACTED\",\"a\":{\"privateKey\":\"REDACTED\"}}" },
        { "{\"n\":123456789012}", ": {\"n\":\"12345678...\"}" },
        { "{\"\\u00e9\":\"\\u20ac\\u20ac\\u20ac\\u20ac\\u20ac\\u20ac\\u20ac\\u20ac\\u20ac\"}",
          ": "
          "{\"\xc3\xa9\":\"\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac"
          "\xe2\x82\xac...\"}" },
        { "client_secret=PLANTED", ", not shown" },
        { "\"eyJhbGciOiJub25lIn0..\"", ", not shown" },
        { "eyJhbGciOiJub25lIn0..", ", not shown" },
        { "", "no body" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char expected[256];
        azattest__buf text;

        snprintf(expected, sizeof(expected), "%zu bytes%s", strlen(cases[i].body), cases[i].text);
        azattest__buf_init(&text, 65536);
        azattest__trace_body(bytes_of(cases[i].body), &text);
        assert_string_equal((const char *)text.ptr, *cases[i].body == '\0' ? cases[i].text : expected);
        azattest__buf_free(&text);
    }
}

static void a_large_body_ends_somewhere(void **state)
{
    azattest__buf body, text;

    (void)state;
    azattest__buf_init(&body, 1 << 20);
    azattest__buf_init(&text, 1 << 20);
    azattest__buf_append_text(&body, "[0");
    for (int i = 0; i < 5000; i++)
        azattest__buf_append_text(&body, ",0");
    azattest__buf_append_text(&body, "]");
    azattest__trace_body(azattest__buf_bytes(&body), &text);
    assert_true(text.len < 1000);
    shows((const char *)text.ptr, "and more");
    azattest__buf_free(&body);
    azattest__buf_free(&text);
}

/* Secrets in every place that a call has, and the log at its most talkative. */
static void nothing_that_is_planted_is_ever_logged(void **state)
{
    static const azattest_header headers[] = { { "Set-Cookie", "PLANTED-COOKIE" },
                                               { "Location", "https://x.example/?PLANTED-LOCATION" },
                                               { "Content-Type", "application/json" },
                                               { "x-ms-request-id", "visible-id" } };
    bench *b = *state;
    azattest_attest_options options = AZATTEST_ATTEST_OPTIONS_INIT;
    char claims[1024], *token, *reply, *log, signature[16];
    azattest_scripted_exchange script[] = {
        answer("POST", NULL, 503,
               "{\"error\":{\"code\":\"Busy\",\"message\":\"the service said PLANTED-MESSAGE about PLANTED-BODY\"}}"),
        answer("POST", NULL, 200, NULL),
        answer("GET", INSTANCE_CERTS, 200, b->jwks),
    };
    azattest_transport *transport = NULL;
    azattest_response *response = NULL;
    azattest_error *error = NULL;
    azattest_status status;

    snprintf(claims, sizeof(claims),
             ",\"nonce\":\"12345678PLANTED-NONCE\",\"x-ms-runtime\":{\"k\":\"PLANTED-RUNTIME\"}");
    free(b->claims);
    b->claims = instance_claims(claims);
    token = instance_token(&b->key, b->claims);
    reply = instance_reply(token);
    script[1].response.body = bytes_of(reply);
    for (size_t i = 0; i < 3; i++) {
        script[i].response.headers = headers;
        script[i].response.header_count = 4;
    }
    options.nonce = "12345678PLANTED-NONCE";
    options.runtime_json = bytes_of("{\"k\":\"PLANTED-RUNTIME\"}");
    options.inittime_json = bytes_of("{\"k\":\"PLANTED-INITTIME\"}");
    b->options.trace_bodies = AZATTEST_ON;
    azattest_log_collect(AZATTEST_LOG_VERBOSE);
    bench_open(b);
    assert_int_equal(azattest_scripted_transport_new(script, 3, &transport, NULL), AZATTEST_OK);
    status = azattest_client_attest_sgx_enclave(b->client, transport, bytes_of("PLANTED-EVIDENCE"), &options, &response,
                                                &error);
    expect_success(status, &error);
    log = heard();
    shows(log, "request, try 2: POST " INSTANCE_ATTEST);
    shows(log, "Set-Cookie: REDACTED");
    shows(log, "x-ms-request-id: visible-id");
    shows(log, "\"quote\":\"UExBTlRF...\"");
    shows(log, "; next in ");
    hides(log, "PLANTED-");
    hides(log, "UExBTlRFRC1F"); /* the same in base64 */
    hides(log, token);
    memcpy(signature, strrchr(token, '.') + 1, 15);
    signature[15] = '\0';
    hides(log, signature);
    free(log);
    azattest_response_free(response);
    azattest_transport_free(transport);

    /* Without the option no body at all. */
    b->options.trace_bodies = AZATTEST_DEFAULT;
    bench_open(b);
    assert_int_equal(azattest_scripted_transport_new(script, 3, &transport, NULL), AZATTEST_OK);
    expect_success(azattest_client_attest_sgx_enclave(b->client, transport, bytes_of("PLANTED-EVIDENCE"), &options,
                                                      &response, &error),
                   &error);
    log = heard();
    hides(log, "UExBTlRF");
    hides(log, "body of");
    hides(log, "PLANTED");
    free(log);
    azattest_response_free(response);
    azattest_transport_free(transport);
    azattest_log_set(NULL, NULL, AZATTEST_LOG_OFF);
    free(token);
    free(reply);
}

static char *log_of_call(bench *b, int level)
{
    azattest_attest_options options = AZATTEST_ATTEST_OPTIONS_INIT;
    azattest_scripted_exchange script[] = { answer("POST", NULL, 400, "{}") };
    azattest_response *response = NULL;
    azattest_error *error = NULL;

    options.log_level = level;
    (void)attest(b, script, 1, &options, &response, &error, NULL);
    azattest_error_free(error);
    return heard();
}

static void a_call_may_be_more_talkative_than_the_process(void **state)
{
    bench *b = *state;
    char *log;

    azattest_log_collect(AZATTEST_LOG_OFF);
    log = log_of_call(b, 0);
    assert_string_equal(log, "");
    free(log);
    log = log_of_call(b, AZATTEST_LOG_INFO);
    shows(log, "POST " INSTANCE);
    free(log);
    log = log_of_call(b, 0);
    assert_string_equal(log, "");
    free(log);
    b->options.log_level = AZATTEST_LOG_WARNING;
    bench_open(b);
    log = log_of_call(b, 0);
    shows(log, "sent unread");
    hides(log, "POST");
    free(log);
    azattest_log_set(NULL, NULL, AZATTEST_LOG_OFF);
}

static void the_oldest_lines_go_first(void **state)
{
    char *line;
    int level;

    (void)state;
    azattest_log_collect(AZATTEST_LOG_VERBOSE);
    for (unsigned i = 0; i < AZATTEST_LIMIT_LOG_LINES + 5; i++)
        azattest__log(AZATTEST_LOG_INFO, "line %u", i);
    for (unsigned i = 5; i < AZATTEST_LIMIT_LOG_LINES + 5; i++) {
        char expected[32];

        snprintf(expected, sizeof(expected), "line %u", i);
        line = azattest_log_take(&level);
        assert_non_null(line);
        assert_string_equal(line, expected);
        assert_int_equal(level, AZATTEST_LOG_INFO);
        azattest_free(line);
    }
    assert_null(azattest_log_take(NULL));
    azattest_log_set(NULL, NULL, AZATTEST_LOG_OFF);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_of_the_environment),    cmocka_unit_test(requests_show_names_and_what_is_on_the_list),
        cmocka_unit_test(bodies_show_their_structure), cmocka_unit_test(a_large_body_ends_somewhere),
        TEST(nothing_that_is_planted_is_ever_logged),  TEST(a_call_may_be_more_talkative_than_the_process),
        cmocka_unit_test(the_oldest_lines_go_first),
    };

    return cmocka_run_group_tests_name("log", tests, NULL, NULL);
}
