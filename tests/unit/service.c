/* The local service without its sockets: routes and refusals. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/encoding.h"
#include "crypto/issue.h"
#include "service_bench.h"

/* On success `text` is a part of the token's claims, else of the error's message. */
static const struct request_case {
    const char *name, *method, *target, *body;
    int status;
    const char *code, *text;
} requests[] = {
    { "a simulated quote gets a token", "POST", SGX, "{" QUOTE "}", 200, NULL, "\"x-ms-attestation-type\":\"sgx\"" },
    { "so does a report", "POST", OE, "{\"report\":\"$report\"}", 200, NULL, "\"x-ms-attestation-type\":\"sgx\"" },
    { "evidence in the standard alphabet", "POST", SGX, "{\"quote\":\"$standard\"}", 200, NULL, "\"svn\":3" },
    { "member names in another case", "POST", SGX, "{\"QUOTE\":\"$quote\"}", 200, NULL, "\"svn\":3" },
    { "unknown members do not matter", "POST", SGX, "{" QUOTE ",\"later\":[1]}", 200, NULL, "\"svn\":3" },
    { "null means absent", "POST", SGX, "{" QUOTE ",\"runtimeData\":null,\"nonce\":null}", 200, NULL, "\"svn\":3" },
    { "a debuggable enclave is accepted and named", "POST", SGX, "{\"quote\":\"$debug\"}", 200, NULL,
      "\"is-debuggable\":true" },
    { "a nonce comes back", "POST", SGX, "{" QUOTE ",\"nonce\":\"n\\u00e9\"}", 200, NULL, "\"nonce\":\"n\xc3\xa9\"" },
    { "the type segment in another case", "POST", "/attest/sgxenclave?api-version=2020-10-01", "{" QUOTE "}", 200, NULL,
      "\"svn\":3" },
    { "a version that is newer than the path", "POST", "/attest/SgxEnclave?api-version=2026-03-11-preview",
      "{" QUOTE "}", 200, NULL, "\"svn\":3" },
    { "an encoded path", "POST", "/attest/%53gxEnclave?api%2Dversion=2025-06-01", "{" QUOTE "}", 200, NULL,
      "\"svn\":3" },
    { "binary runtime data that the quote binds", "POST", SGX, "{" QUOTE "," RUNTIME("Binary", "$data") "}", 200, NULL,
      "\"x-ms-sgx-ehd\":\"" },
    { "JSON runtime data, sorted and exact", "POST", SGX, "{" QUOTE "," RUNTIME("JSON", "$data") "}", 200, NULL,
      "\"x-ms-runtime\":{\"a\":12345678901234567890,\"b\":[2,{\"a\":null,\"z\":1}]}" },

    { "api-version missing", "POST", "/attest/SgxEnclave", "{" QUOTE "}", 400, "InvalidParameter",
      "api-version is missing" },
    { "api-version unknown", "POST", "/attest/SgxEnclave?api-version=2019-01-01", "{" QUOTE "}", 400,
      "InvalidParameter", "unknown api-version" },
    { "api-version empty", "POST", "/attest/SgxEnclave?api-version=", "{" QUOTE "}", 400, "InvalidParameter",
      "unknown api-version" },
    { "api-version too long", "POST",
      "/attest/SgxEnclave?api-version=2025-06-01xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
      "{" QUOTE "}", 400, "InvalidParameter", "unknown api-version" },
    { "api-version twice", "POST", "/attest/SgxEnclave?api-version=2025-06-01&API-Version=2020-10-01", "{" QUOTE "}",
      400, "InvalidParameter", "more than once" },
    { "no such path", "GET", "/", "", 404, "NotFound", "no such path" },
    { "evidence of a kind without a verifier", "POST", "/attest/Pluton?api-version=2025-06-01", "{}", 400,
      "InvalidOperation", "Pluton evidence is not verified here" },
    { "a type that no version knows", "POST", "/attest/VbsEnclave?api-version=2025-06-01", "{}", 404, "NotFound",
      "no such path" },
    { "a type that has policies only", "POST", "/attest/AiHsm?api-version=2026-03-11-preview", "{}", 404, "NotFound",
      "no such path" },
    { "more behind the type", "POST", "/attest/SgxEnclave/x?api-version=2025-06-01", "{" QUOTE "}", 404, "NotFound",
      "no such path" },
    { "a path with a NUL", "GET", "/certs%00", "", 404, "NotFound", "no such path" },
    { "a path with a broken escape", "GET", "/certs%2", "", 404, "NotFound", "no such path" },
    { "another method on an attest path", "GET", SGX, "", 405, "MethodNotAllowed", "another method" },
    { "another method on the keys", "POST", "/certs", "", 405, "MethodNotAllowed", "another method" },

    { "no body", "POST", SGX, "", 400, "InvalidParameter", "request body" },
    { "no JSON", "POST", SGX, "<html>", 400, "InvalidParameter", "request body" },
    { "no object", "POST", SGX, "[]", 400, "InvalidParameter", "expected an object" },
    { "no evidence", "POST", SGX, "{}", 400, "InvalidParameter", "\"quote\" is absent or empty" },
    { "empty evidence", "POST", SGX, "{\"quote\":\"\"}", 400, "InvalidParameter", "\"quote\" is absent or empty" },
    { "evidence under the name of the other path", "POST", OE, "{" QUOTE "}", 400, "InvalidParameter",
      "\"report\" is absent or empty" },
    { "evidence of another JSON type", "POST", SGX, "{\"quote\":1}", 400, "InvalidParameter", "expected a string" },
    { "evidence that is not base64", "POST", SGX, "{\"quote\":\"AA!A\"}", 400, "InvalidParameter", "not base64url" },
    { "evidence that is none", "POST", SGX, "{\"quote\":\"AAAA\"}", 400, "InvalidParameter", "" },
    { "the same member twice", "POST", SGX, "{" QUOTE "," QUOTE "}", 400, "InvalidParameter", "request body" },
    { "the same member in two cases", "POST", SGX, "{" QUOTE ",\"Quote\":\"AAAA\"}", 400, "InvalidParameter",
      "more than once" },
    { "a quote where a report is due", "POST", OE, "{\"report\":\"$quote\"}", 400, "InvalidParameter",
      "expected open_enclave_report" },
    { "a report where a quote is due", "POST", SGX, "{\"quote\":\"$report\"}", 400, "InvalidParameter",
      "expected sgx_quote" },
    { "a forged quote", "POST", SGX, "{\"quote\":\"$forged\"}", 400, "InvalidQuote", "quote_signature" },
    { "runtime data that the quote does not bind", "POST", SGX, "{" QUOTE "," RUNTIME("Binary", "AAAA") "}", 400,
      "InvalidParameter", "SHA-256 of runtimeData" },
    { "empty runtime data", "POST", SGX, "{" QUOTE "," RUNTIME("Binary", "") "}", 400, "InvalidParameter",
      "SHA-256 of runtimeData" },
    { "runtime data of unknown type", "POST", SGX, "{" QUOTE "," RUNTIME("Text", "$data") "}", 400, "InvalidParameter",
      "runtimeData.dataType" },
    { "runtime data without a type", "POST", SGX, "{" QUOTE ",\"runtimeData\":{\"data\":\"$data\"}}", 400,
      "InvalidParameter", "runtimeData.dataType" },
    { "runtime data without data", "POST", SGX, "{" QUOTE ",\"runtimeData\":{\"dataType\":\"JSON\"}}", 400,
      "InvalidParameter", "no member \"data\"" },
    { "runtime data as text", "POST", SGX, "{" QUOTE ",\"runtimeData\":\"$data\"}", 400, "InvalidParameter",
      "expected an object" },
    { "runtime data that is not base64", "POST", SGX, "{" QUOTE "," RUNTIME("JSON", "\xc3\xa9") "}", 400,
      "InvalidParameter", "not base64url" },
    { "runtime JSON that is none", "POST", SGX, "{" QUOTE "," RUNTIME("JSON", "AAAA") "}", 400, "InvalidParameter",
      "runtimeData.data" },
    { "runtime JSON that is no object", "POST", SGX, "{" QUOTE "," RUNTIME("JSON", "W10") "}", 400, "InvalidParameter",
      "expected an object" },
    { "init-time data without KSS", "POST", SGX,
      "{" QUOTE ",\"inittimeData\":{\"data\":\"e30\",\"dataType\":\"JSON\"}}", 400, "InvalidParameter", "KSS" },
    { "a nonce of another type", "POST", SGX, "{" QUOTE ",\"nonce\":1}", 400, "InvalidParameter", "expected a string" },
    { "a draft policy that is none", "POST", SGX, "{" QUOTE ",\"draftPolicyForAttestation\":\"version=1.0;\"}", 400,
      "PolicyParsingError", "83FFFFF6 Invalid policy was specified" },
    { "an empty draft policy", "POST", SGX, "{" QUOTE ",\"draftPolicyForAttestation\":\"\"}", 400, "PolicyParsingError",
      "<EOF>" },
    { "a forged quote with a draft policy", "POST", SGX,
      "{\"quote\":\"$forged\",\"draftPolicyForAttestation\":\"$policy\"}", 400, "InvalidQuote", "quote_signature" },
};

static void is_answered(void **state)
{
    const struct request_case *request = *state;
    char *body = expand(request->body);
    azattest__service_answer answer;
    azattest__jws jws = { .memory = NULL };

    ask(request->method, request->target, azattest__text(body), &answer);
    assert_int_equal(answer.status, request->status);
    if (request->code == NULL) {
        assert_string_equal(answer.error_code, "");
        open_token(&answer, &jws);
        assert_non_null(strstr(jws.body.ptr, request->text));
        azattest__jws_clear(&jws);
    } else {
        azattest__json *document = parse(azattest__buf_bytes(&answer.body));
        const azattest__json *error = azattest__json_get(document, "error");

        assert_string_equal(answer.error_code, request->code);
        assert_string_equal(azattest__json_get_string(error, "code"), request->code);
        assert_non_null(strstr(azattest__json_get_string(error, "message"), request->text));
        if (request->status == 405)
            assert_string_equal(answer.allow, strcmp(request->method, "GET") == 0 ? "POST" : "GET");
        assert_null(strstr(azattest__json_get_string(error, "message"), world.quote));
        azattest__json_free(document);
    }
    azattest__service_answer_clear(&answer);
    free(body);
}

static void request_ids_continue_a_valid_trace(void **state)
{
    static const struct {
        const char *traceparent;
        bool kept;
    } traces[] = {
        { "00-0123456789abcdef0123456789abcdef-0123456789abcdef-01", true },
        { "00-0123456789ABCDEF0123456789abcdef-0123456789abcdef-01", false },
        { "00-00000000000000000000000000000000-0123456789abcdef-01", false },
        { "00-0123456789abcdef0123456789abcdef-0000000000000000-01", false },
        { "ff-0123456789abcdef0123456789abcdef-0123456789abcdef-01", false },
        { "00-0123456789abcdef0123456789abcdef-0123456789abcdef-0", false },
        { "", false },
        { NULL, false },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(traces) / sizeof(traces[0]); i++) {
        azattest__service_request request = { .method = "GET",
                                              .target = "/certs",
                                              .traceparent = traces[i].traceparent };
        azattest__service_answer answer;
        const char *id = answer.request_id;

        azattest__service_handle(world.service, &request, &answer);
        assert_int_equal(strlen(id), 55);
        assert_int_equal(strspn(id + 3, "0123456789abcdef"), 32);
        assert_int_equal(strspn(id + 36, "0123456789abcdef"), 16);
        assert_string_equal(id + 52, "-00");
        assert_int_equal(strncmp(id + 3, "0123456789abcdef0123456789abcdef", 32) == 0, traces[i].kept);
        assert_int_not_equal(strncmp(id + 36, "0123456789abcdef", 16), 0);
        azattest__service_answer_clear(&answer);
    }
}

static void a_body_that_is_too_large_is_said_to_be(void **state)
{
    azattest__service_request request = { .method = "POST", .target = SGX };
    azattest__service_answer answer;

    (void)state;
    azattest__service_too_large(&request, &answer);
    assert_int_equal(answer.status, 413);
    assert_string_equal(answer.error_code, "RequestTooLarge");
    assert_non_null(strstr((char *)answer.body.ptr, "more than 1 MiB"));
    azattest__service_answer_clear(&answer);
}

/* One bit flipped in each byte of what the quote's two signatures and its binding cover. */
static void no_flipped_bit_gets_a_token(void **state)
{
    enum { SIGNED = 432, SIGNATURE_DATA = 436, SIGNATURES = 436 + 576 };

    (void)state;
    for (size_t i = 0; i < SIGNATURES; i++) {
        char *encoded, *body;
        azattest__service_answer answer;

        if (i >= SIGNED && i < SIGNATURE_DATA)
            continue; /* the length, which is not signed: the tests of the evidence have it */
        world.raw_quote[i] ^= (unsigned char)(1u << i % 8);
        encoded = encode(world.raw_quote, world.raw_quote_len, false);
        world.raw_quote[i] ^= (unsigned char)(1u << i % 8);
        assert_true(asprintf(&body, "{\"quote\":\"%s\"}", encoded) > 0);
        ask("POST", SGX, azattest__text(body), &answer);
        if (answer.status != 400)
            fail_msg("byte %zu: status %d", i, answer.status);
        azattest__service_answer_clear(&answer);
        free(body);
        free(encoded);
    }
}

static void no_truncated_body_gets_a_token(void **state)
{
    char *body = expand("{" QUOTE "}");

    (void)state;
    for (size_t len = 0; len < strlen(body); len += 1 + len / 64) {
        azattest__service_answer answer;

        ask("POST", SGX, azattest__bytes(body, len), &answer);
        assert_int_equal(answer.status, 400);
        azattest__service_answer_clear(&answer);
    }
    free(body);
}

static void a_service_without_the_simulators_root_refuses_its_quotes(void **state)
{
    azattest__service_options options = { .endpoint = ENDPOINT, .signing_key = world.key, .clock = service_clock() };
    azattest__service *service = NULL;
    char *body = expand("{" QUOTE "}");
    azattest__service_request request = { .method = "POST", .target = SGX, .body = azattest__text(body) };
    azattest__service_answer answer;

    (void)state;
    assert_int_equal(azattest__service_new(&options, &service, NULL), AZATTEST_OK);
    azattest__service_handle(service, &request, &answer);
    assert_int_equal(answer.status, 400);
    assert_string_equal(answer.error_code, "InvalidQuote");
    azattest__service_answer_clear(&answer);
    azattest__service_free(service);
    free(body);
}

static void the_signing_key_is_kept_and_the_folder_is_locked(void **state)
{
    azattest__state other;
    azattest__key *again = NULL;
    azattest_error *error = NULL;

    (void)state;
    assert_int_equal(azattest__state_signing_key(&world.state, &again, NULL), AZATTEST_OK);
    assert_true(azattest__key_equal(again, world.key));
    azattest__key_free(again);
    assert_int_equal(azattest__state_open(world.state.folder, &other, &error), AZATTEST_E_STATE);
    assert_non_null(strstr(azattest_error_message(error), "another emulator uses"));
    azattest_error_free(error);
}

int main(void)
{
    enum { CASES = sizeof(requests) / sizeof(requests[0]) };
    static const struct CMUnitTest others[] = {
        cmocka_unit_test(request_ids_continue_a_valid_trace),
        cmocka_unit_test(a_body_that_is_too_large_is_said_to_be),
        cmocka_unit_test(no_flipped_bit_gets_a_token),
        cmocka_unit_test(no_truncated_body_gets_a_token),
        cmocka_unit_test(a_service_without_the_simulators_root_refuses_its_quotes),
        cmocka_unit_test(the_signing_key_is_kept_and_the_folder_is_locked),
    };
    struct CMUnitTest tests[CASES + sizeof(others) / sizeof(others[0])];

    for (size_t i = 0; i < CASES; i++)
        tests[i] = (struct CMUnitTest){ requests[i].name, is_answered, NULL, NULL, (void *)(uintptr_t)&requests[i] };
    memcpy(tests + CASES, others, sizeof(others));
    return cmocka_run_group_tests_name("service", tests, service_setup, service_teardown);
}
