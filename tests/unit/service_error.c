/* Errors of the service, in every shape that has been seen. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/http.h"

static const struct error_case {
    const char *name;
    int status;
    const char *reason, *body;
    azattest_header headers[2];
    azattest_status expected;
    const char *code, *text, *details, *inner, *message, *hint;
} cases[] = {
    { "the documented shape",
      400,
      "Bad Request",
      "{\"error\":{\"code\":\"InvalidParameter\",\"message\":\"bad quote\",\"target\":\"quote\"}}",
      { { NULL, NULL } },
      AZATTEST_E_HTTP,
      "InvalidParameter",
      "bad quote",
      NULL,
      NULL,
      "what: the service answered 400 (Bad Request): InvalidParameter: bad quote",
      NULL },
    { "a denial by the policy has a hint",
      400,
      "Bad Request",
      "{\"error\":{\"code\":\"PolicyEvaluationError\",\"message\":\"denied\"}}",
      { { NULL, NULL } },
      AZATTEST_E_HTTP,
      "PolicyEvaluationError",
      "denied",
      NULL,
      NULL,
      "PolicyEvaluationError",
      "policy does not permit" },
    { "collateral has a hint",
      400,
      NULL,
      "{\"error\":{\"code\":\"InvalidParameter\",\"message\":\"Quote collateral is expired\"}}",
      { { NULL, NULL } },
      AZATTEST_E_HTTP,
      "InvalidParameter",
      "Quote collateral is expired",
      NULL,
      NULL,
      "400: ",
      "collateral or TCB" },
    { "an unsigned policy has a hint",
      400,
      NULL,
      "{\"error\":{\"code\":\"InvalidOperation\",\"message\":\"Native operation failed with 74: not signed\"}}",
      { { NULL, NULL } },
      AZATTEST_E_HTTP,
      "InvalidOperation",
      "Native operation failed with 74: not signed",
      NULL,
      NULL,
      "InvalidOperation",
      "registered key" },
    { "a certificate that is no authority's",
      400,
      NULL,
      "{\"error\":{\"code\":\"InvalidOperation\",\"message\":\"the certificate is not for signing policies: it needs "
      "the basic constraint CA:TRUE\"}}",
      { { NULL, NULL } },
      AZATTEST_E_HTTP,
      "InvalidOperation",
      "the certificate is not for signing policies: it needs the basic constraint CA:TRUE",
      NULL,
      NULL,
      "CA:TRUE",
      "make one with" },
    { "a shared instance has other reasons than roles",
      403,
      "Forbidden",
      "{\"error\":{\"code\":\"Forbidden\",\"message\":\"policies of a shared instance cannot be changed\"}}",
      { { NULL, NULL } },
      AZATTEST_E_AUTH,
      "Forbidden",
      "policies of a shared instance cannot be changed",
      NULL,
      NULL,
      "403 (Forbidden)",
      "an instance of your own" },
    { "a certificate on an instance that has none says whose they are",
      400,
      NULL,
      "{\"error\":{\"code\":\"InvalidOperation\",\"message\":\"only an isolated instance has policy certificates\"}}",
      { { NULL, NULL } },
      AZATTEST_E_HTTP,
      "InvalidOperation",
      "only an isolated instance has policy certificates",
      NULL,
      NULL,
      "InvalidOperation",
      "Other instances have none" },
    { "the last certificate says that it stays",
      400,
      NULL,
      "{\"error\":{\"code\":\"InvalidOperation\",\"message\":\"the last policy certificate cannot be removed\"}}",
      { { NULL, NULL } },
      AZATTEST_E_HTTP,
      "InvalidOperation",
      "the last policy certificate cannot be removed",
      NULL,
      NULL,
      "InvalidOperation",
      "the last one stays" },
    { "a type without baselines says nothing of a platform",
      400,
      NULL,
      "{\"error\":{\"code\":\"InvalidParameter\",\"message\":\"TdxVm has no TCB baselines here\"}}",
      { { NULL, NULL } },
      AZATTEST_E_HTTP,
      "InvalidParameter",
      "TdxVm has no TCB baselines here",
      NULL,
      NULL,
      "InvalidParameter",
      NULL },
    { "inner error and details",
      400,
      NULL,
      "{\"error\":{\"code\":\"InvalidQuote\",\"message\":\"no\",\"details\":[{\"code\":\"a\"}],\"innererror\":{"
      "\"code\":"
      "\"b\",\"message\":\"deep\"}}}",
      { { NULL, NULL } },
      AZATTEST_E_HTTP,
      "InvalidQuote",
      "no",
      "[{\"code\":\"a\"}]",
      "{\"code\":\"b\",\"message\":\"deep\"}",
      "InvalidQuote: no",
      "does not verify" },
    { "only the inner error has text",
      400,
      NULL,
      "{\"error\":{\"innererror\":{\"code\":\"InvalidQuote\",\"message\":\"deep\"}}}",
      { { NULL, NULL } },
      AZATTEST_E_HTTP,
      "InvalidQuote",
      "deep",
      NULL,
      "{\"code\":\"InvalidQuote\",\"message\":\"deep\"}",
      "InvalidQuote: deep",
      "does not verify" },
    { "capital letters",
      400,
      NULL,
      "{\"Error\":{\"Code\":\"X\",\"Message\":\"y\"}}",
      { { NULL, NULL } },
      AZATTEST_E_HTTP,
      "X",
      "y",
      NULL,
      NULL,
      "X: y",
      NULL },
    { "flat",
      500,
      NULL,
      "{\"code\":\"X\",\"message\":\"y\"}",
      { { NULL, NULL } },
      AZATTEST_E_HTTP,
      "X",
      "y",
      NULL,
      NULL,
      "X: y",
      "service itself failed" },
    { "as OAuth writes it",
      400,
      NULL,
      "{\"error\":\"invalid_client\",\"error_description\":\"y\"}",
      { { NULL, NULL } },
      AZATTEST_E_HTTP,
      "invalid_client",
      "y",
      NULL,
      NULL,
      "invalid_client: y",
      NULL },
    { "a bare string",
      401,
      "Unauthorized",
      "\"go away\"",
      { { NULL, NULL } },
      AZATTEST_E_AUTH,
      NULL,
      "go away",
      NULL,
      NULL,
      "401 (Unauthorized): go away",
      "Attestation Contributor" },
    { "nothing at all",
      503,
      "Service Unavailable",
      "",
      { { NULL, NULL } },
      AZATTEST_E_HTTP,
      NULL,
      NULL,
      NULL,
      NULL,
      "answered 503 (Service Unavailable)",
      "service itself failed" },
    { "a page of a front end",
      502,
      NULL,
      "<html>\r\n<b>no</b>",
      { { NULL, NULL } },
      AZATTEST_E_HTTP,
      NULL,
      NULL,
      NULL,
      NULL,
      "is no JSON and begins: <html>",
      "service itself failed" },
    { "the code in a header only",
      429,
      NULL,
      "",
      { { "X-Ms-Error-Code", "Throttled" } },
      AZATTEST_E_HTTP,
      "Throttled",
      NULL,
      NULL,
      NULL,
      "429: Throttled",
      "throttling" },
    { "forbidden is about identity",
      403,
      NULL,
      "",
      { { NULL, NULL } },
      AZATTEST_E_AUTH,
      NULL,
      NULL,
      NULL,
      NULL,
      "403",
      "role" },
    { "not found names the api-version",
      404,
      NULL,
      "",
      { { NULL, NULL } },
      AZATTEST_E_HTTP,
      NULL,
      NULL,
      NULL,
      NULL,
      "404",
      "api-version" },
    { "403 names the role",
      403,
      "Forbidden",
      "{\"error\":{\"code\":\"Forbidden\",\"message\":\"no\"}}",
      { { NULL, NULL } },
      AZATTEST_E_AUTH,
      "Forbidden",
      "no",
      NULL,
      NULL,
      "403 (Forbidden)",
      "role Attestation Reader" },
    { "evidence that is encoded twice",
      400,
      NULL,
      "{\"error\":{\"code\":\"InvalidOperation\",\"message\":\"Native operation failed with 74: Unknown base64 "
      "character\"}}",
      { { NULL, NULL } },
      AZATTEST_E_HTTP,
      "InvalidOperation",
      "Native operation failed with 74: Unknown base64 character",
      NULL,
      NULL,
      "Unknown base64 character",
      "not encoded already" },
    { "the service itself fails",
      500,
      NULL,
      "",
      { { "x-ms-error-code", "InternalError" } },
      AZATTEST_E_HTTP,
      "InternalError",
      NULL,
      NULL,
      NULL,
      "500: InternalError",
      "request id" },
    { "a denial shows the service's own reason",
      400,
      NULL,
      "{\"error\":{\"code\":\"PolicyEvaluationError\",\"message\":\"Native operation failed with 65518: A Deny claim "
      "was issued\"}}",
      { { NULL, NULL } },
      AZATTEST_E_HTTP,
      "PolicyEvaluationError",
      "Native operation failed with 65518: A Deny claim was issued",
      NULL,
      NULL,
      "A Deny claim was issued",
      "does not permit this evidence" },
    { "a redirect shows where to, and is not followed",
      302,
      "Found",
      "",
      { { "Location", "https://evil.example/" } },
      AZATTEST_E_HTTP,
      NULL,
      NULL,
      NULL,
      NULL,
      "pointing to https://evil.example/",
      "not followed" },
    { "members of other types are as good as absent",
      400,
      NULL,
      "{\"error\":{\"code\":1,\"message\":[]}}",
      { { NULL, NULL } },
      AZATTEST_E_HTTP,
      NULL,
      NULL,
      NULL,
      NULL,
      "answered 400",
      NULL },
    { "an array", 400, NULL, "[]", { { NULL, NULL } }, AZATTEST_E_HTTP, NULL, NULL, NULL, NULL, "answered 400", NULL },
    { "control characters do not reach the message",
      400,
      NULL,
      "{\"error\":{\"code\":\"a\\u001b[31m\",\"message\":\"x\\ny\"}}",
      { { NULL, NULL } },
      AZATTEST_E_HTTP,
      "a\x1b[31m",
      "x\ny",
      NULL,
      NULL,
      "answered 400",
      NULL },
};

static void equal_or_absent(const char *seen, const char *expected)
{
    if (expected == NULL)
        assert_null(seen);
    else
        assert_string_equal(seen, expected);
}

static void is_understood(void **state)
{
    const struct error_case *c = *state;
    azattest_http_response response = AZATTEST_HTTP_RESPONSE_INIT;
    azattest_header headers[3] = { c->headers[0], c->headers[1], { "x-ms-request-id", "00-ab-00" } };
    azattest_error *error = NULL;

    response.status = c->status;
    response.reason = c->reason;
    response.headers = headers;
    response.header_count = 3;
    response.body = azattest__text(c->body);
    assert_int_equal(azattest__response_error(&response, "what", &error), c->expected);
    assert_int_equal(azattest_error_code(error), c->expected);
    assert_int_equal(azattest_error_status_code(error), c->status);
    equal_or_absent(azattest_error_reason(error), c->reason);
    equal_or_absent(azattest_error_error_code(error), c->code);
    equal_or_absent(azattest_error_service_message(error), c->text);
    equal_or_absent(azattest_error_details(error), c->details);
    equal_or_absent(azattest_error_inner_error(error), c->inner);
    assert_string_equal(azattest_error_request_id(error), "00-ab-00");
    assert_non_null(strstr(azattest_error_message(error), c->message));
    for (const char *p = azattest_error_message(error); *p != '\0'; p++)
        assert_true((unsigned char)*p >= 0x20);
    if (c->hint == NULL)
        assert_null(azattest_error_hint(error));
    else
        assert_non_null(strstr(azattest_error_hint(error), c->hint));
    azattest_error_free(error);
}

static void survives_a_cut_anywhere(void **state)
{
    static const char body[] =
        "{\"error\":{\"code\":\"a\",\"message\":\"b\",\"details\":[1],\"innererror\":{\"c\":2}}}";

    (void)state;
    for (size_t len = 0; len <= sizeof(body) - 1; len++) {
        azattest_http_response response = AZATTEST_HTTP_RESPONSE_INIT;
        azattest_error *error = NULL;
        char *copy = malloc(len + 1); /* the exact size lets the sanitizer see a step too far */

        assert_non_null(copy);
        memcpy(copy, body, len);
        response.status = 400;
        response.body = azattest__bytes(len == 0 ? "" : copy, len);
        assert_int_equal(azattest__response_error(&response, "what", &error), AZATTEST_E_HTTP);
        if (len < sizeof(body) - 1)
            assert_null(azattest_error_error_code(error));
        else
            assert_string_equal(azattest_error_error_code(error), "a");
        azattest_error_free(error);
        free(copy);
    }
}

static void shows_no_more_than_the_beginning_of_a_page(void **state)
{
    azattest_http_response response = AZATTEST_HTTP_RESPONSE_INIT;
    azattest_error *error = NULL;
    char page[5000];

    (void)state;
    memset(page, '~', sizeof(page)); /* a row of letters would be taken for base64 */
    response.status = 500;
    response.body = azattest__bytes(page, sizeof(page));
    assert_int_equal(azattest__response_error(&response, "what", &error), AZATTEST_E_HTTP);
    assert_true(strlen(azattest_error_message(error)) < 400);
    assert_true(strlen(azattest_error_body(error)) >= 2048);
    assert_true(strlen(azattest_error_body(error)) <= 2048 + 3);
    azattest_error_free(error);
}

int main(void)
{
    enum { COUNT = sizeof(cases) / sizeof(cases[0]) };
    struct CMUnitTest tests[COUNT + 2];

    for (size_t i = 0; i < COUNT; i++)
        tests[i] = (struct CMUnitTest){ cases[i].name, is_understood, NULL, NULL, (void *)(uintptr_t)&cases[i] };
    tests[COUNT] = (struct CMUnitTest)cmocka_unit_test(survives_a_cut_anywhere);
    tests[COUNT + 1] = (struct CMUnitTest)cmocka_unit_test(shows_no_more_than_the_beginning_of_a_page);
    return cmocka_run_group_tests_name("service_error", tests, NULL, NULL);
}
