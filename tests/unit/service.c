/* The local service without its sockets: routes, refusals, claims, tokens; and the recorded answers of the real one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <azattest/simulator.h>

#include "base/clock.h"
#include "base/encoding.h"
#include "crypto/issue.h"
#include "emulator/parts.h"
#include "emulator/state.h"
#include "simulator/platform.h"

#include "evidence.h"

#define ENDPOINT "https://127.0.0.1:4443"
#define DATA "{\"b\":[2,{\"z\":1,\"a\":null}],\"a\":12345678901234567890}"

static struct world {
    azattest__state state;
    azattest_simulator *simulator;
    azattest__key *key;
    azattest__service *service;
    int64_t now_s;
    char *quote, *report, *debug, *forged, *standard, *data; /* base64url but for one */
    unsigned char *raw_quote;
    size_t raw_quote_len;
} world;

static int64_t now_ms(void *user)
{
    (void)user;
    return world.now_s * 1000;
}

static char *encode(const void *data, size_t len, bool standard)
{
    azattest__buf text;

    azattest__buf_init(&text, 4 * 1024 * 1024);
    if (standard)
        azattest__base64_encode(azattest__bytes(data, len), &text);
    else
        azattest__base64url_encode(azattest__bytes(data, len), &text);
    assert_int_equal(text.status, AZATTEST_OK);
    return (char *)azattest__buf_take(&text, &len);
}

static void simulate(bool debug, bool open_enclave, unsigned char **out, size_t *len)
{
    azattest_simulated_enclave enclave = AZATTEST_SIMULATED_ENCLAVE_INIT;

    enclave.product_id = 7;
    enclave.svn = 3;
    enclave.debug = debug ? AZATTEST_ON : AZATTEST_OFF;
    enclave.runtime_data = azattest__text(DATA);
    assert_int_equal(open_enclave ? azattest_simulator_open_enclave_report(world.simulator, &enclave, out, len, NULL)
                                  : azattest_simulator_sgx_quote(world.simulator, &enclave, out, len, NULL),
                     AZATTEST_OK);
}

static int make_world(void **state)
{
    azattest__service_options options = { .endpoint = ENDPOINT, .clock = { .now_ms = now_ms } };
    unsigned char *bytes;
    size_t len;

    (void)state;
    world.now_s = azattest__clock_now_ms(NULL) / 1000;
    assert_int_equal(azattest__state_open(NULL, &world.state, NULL), AZATTEST_OK);
    assert_int_equal(azattest_simulator_open(world.state.folder, &world.simulator, NULL), AZATTEST_OK);
    assert_int_equal(azattest__state_signing_key(&world.state, &world.key, NULL), AZATTEST_OK);
    options.signing_key = world.key;
    options.extra_roots = azattest_simulator_root_pem(world.simulator);
    assert_int_equal(azattest__service_new(&options, &world.service, NULL), AZATTEST_OK);
    simulate(false, false, &world.raw_quote, &world.raw_quote_len);
    world.quote = encode(world.raw_quote, world.raw_quote_len, false);
    world.standard = encode(world.raw_quote, world.raw_quote_len, true);
    world.raw_quote[48 + 64] ^= 1; /* MRENCLAVE */
    world.forged = encode(world.raw_quote, world.raw_quote_len, false);
    world.raw_quote[48 + 64] ^= 1;
    simulate(true, false, &bytes, &len);
    world.debug = encode(bytes, len, false);
    azattest_simulator_free_bytes(bytes);
    simulate(false, true, &bytes, &len);
    world.report = encode(bytes, len, false);
    azattest_simulator_free_bytes(bytes);
    world.data = encode(DATA, strlen(DATA), false);
    return 0;
}

static int end_world(void **state)
{
    (void)state;
    free(world.quote);
    free(world.report);
    free(world.debug);
    free(world.forged);
    free(world.standard);
    free(world.data);
    azattest_simulator_free_bytes(world.raw_quote);
    azattest__service_free(world.service);
    azattest__key_free(world.key);
    azattest_simulator_free(world.simulator);
    azattest__state_close(&world.state);
    return 0;
}

/* Puts evidence and data for $quote, $report, ... in a template. */
static char *expand(const char *template)
{
    const struct {
        const char *name, *value;
    } words[] = {
        { "$quote", world.quote },
        { "$report", world.report },
        { "$debug", world.debug },
        { "$forged", world.forged },
        { "$standard", world.standard },
        { "$data", world.data },
        { "$policy", "version= 1.0;authorizationrules{=> permit();};issuancerules{};" },
    };
    azattest__buf out;
    size_t len;

    azattest__buf_init(&out, 8 * 1024 * 1024);
    while (*template != '\0') {
        size_t i, count = sizeof(words) / sizeof(words[0]);

        for (i = 0; i < count; i++)
            if (strncmp(template, words[i].name, strlen(words[i].name)) == 0)
                break;
        azattest__buf_append(&out, i < count ? words[i].value : template, i < count ? strlen(words[i].value) : 1);
        template += i < count ? strlen(words[i].name) : 1;
    }
    assert_int_equal(out.status, AZATTEST_OK);
    return (char *)azattest__buf_take(&out, &len);
}

static void ask(const char *method, const char *target, azattest_bytes body, azattest__service_answer *answer)
{
    azattest__service_request request = { .method = method, .target = target, .body = body };

    azattest__service_handle(world.service, &request, answer);
}

#define SGX "/attest/SgxEnclave?api-version=2025-06-01"
#define OE "/attest/OpenEnclave?api-version=2025-06-01"
#define QUOTE "\"quote\":\"$quote\""
#define RUNTIME(type, data) "\"runtimeData\":{\"data\":\"" data "\",\"dataType\":\"" type "\"}"

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
    { "evidence of a kind without a verifier", "POST", "/attest/SevSnpVm?api-version=2025-06-01", "{}", 400,
      "InvalidOperation", "SevSnpVm evidence is not verified here" },
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
    { "a draft policy that would have to be evaluated", "POST", SGX,
      "{" QUOTE ",\"draftPolicyForAttestation\":\"$policy\"}", 400, "InvalidOperation", "not evaluated" },
    { "an empty draft policy", "POST", SGX, "{" QUOTE ",\"draftPolicyForAttestation\":\"\"}", 400, "InvalidOperation",
      "not evaluated" },
    { "a forged quote with a draft policy", "POST", SGX,
      "{\"quote\":\"$forged\",\"draftPolicyForAttestation\":\"$policy\"}", 400, "InvalidQuote", "quote_signature" },
};

static azattest__json *parse(azattest_bytes text)
{
    azattest__json *document = NULL;

    assert_int_equal(azattest__json_parse(text, &document, NULL), AZATTEST_OK);
    return document;
}

/* The claims of an answer's token, whose signature has been checked. */
static void open_token(const azattest__service_answer *answer, azattest__jws *jws)
{
    azattest__json *document = parse(azattest__buf_bytes(&answer->body));
    bool valid = false;

    assert_int_equal(azattest__jws_parse(azattest__text(azattest__json_get_string(document, "token")), jws, NULL),
                     AZATTEST_OK);
    if (jws->signature.len > 0) {
        assert_int_equal(
            azattest__key_verify(world.key, AZATTEST__RS256, jws->signed_elements, jws->signature, &valid, NULL),
            AZATTEST_OK);
        assert_true(valid);
    }
    azattest__json_free(document);
}

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

static void attest(const char *template, azattest__jws *jws)
{
    char *body = expand(template);
    azattest__service_answer answer;

    ask("POST", SGX, azattest__text(body), &answer);
    assert_int_equal(answer.status, 200);
    open_token(&answer, jws);
    azattest__service_answer_clear(&answer);
    free(body);
}

static void assert_header(const azattest__jws *jws, const char *algorithm)
{
    char expected[512], id[AZATTEST__SERVICE_KEY_ID];
    unsigned char hash[AZATTEST__SHA256_SIZE];

    assert_int_equal(azattest__service_key_id(world.key, id, hash, NULL), AZATTEST_OK);
    snprintf(expected, sizeof(expected),
             "{\"alg\":\"%s\",\"jku\":\"" ENDPOINT "/certs\",\"kid\":\"%s\",\"typ\":\"JWT\"}", algorithm, id);
    assert_string_equal((const char *)jws->header.ptr, expected);
}

static const char *hex(azattest_bytes data, char text[129])
{
    azattest__buf out;

    azattest__buf_init(&out, 129);
    azattest__hex_encode(data, &out);
    assert_true(out.len > 0 && out.len < 129);
    memcpy(text, out.ptr, out.len + 1);
    azattest__buf_free(&out);
    return text;
}

#define FIVE "\"product-id\":7,\"sgx-mrenclave\":\"%s\",\"sgx-mrsigner\":\"%s\",\"svn\":3,\"tee\":\"sgx\""

/* Every byte of a token's claims, but for the random jti. */
static void the_claims_are_those_of_the_default_policy(void **state)
{
    char enclave[129], signer[129], report_data[129], hash[129], expected[4096];
    long long now_s = world.now_s;
    unsigned char digest[AZATTEST__SHA256_SIZE];
    azattest__jws jws;
    azattest__json *claims;
    azattest_evidence *evidence = NULL;
    const char *id;

    (void)state;
    attest("{" QUOTE ",\"nonce\":\"n\"}", &jws);
    assert_header(&jws, "RS256");
    assert_int_equal(azattest_evidence_parse(azattest__bytes(world.raw_quote, world.raw_quote_len), &evidence, NULL),
                     AZATTEST_OK);
    hex(azattest_evidence_mr_enclave(evidence), enclave);
    hex(azattest_evidence_mr_signer(evidence), signer);
    hex(azattest_evidence_report_data(evidence), report_data);
    assert_int_equal(azattest__sha256(azattest_evidence_raw(evidence), digest, NULL), AZATTEST_OK);
    hex(azattest__bytes(digest, sizeof(digest)), hash);
    claims = parse(jws.body);
    id = azattest__json_get_string(claims, "jti");
    assert_int_equal(strlen(id), 64);
    assert_int_equal(strspn(id, "0123456789abcdef"), 64);
    snprintf(expected, sizeof(expected),
             "{\"exp\":%lld,\"iat\":%lld,\"is-debuggable\":false,\"iss\":\"" ENDPOINT "\",\"jti\":\"%s\","
             "\"maa-attestationcollateral\":{\"quotehash\":\"%s\"},\"nbf\":%lld,\"nonce\":\"n\"," FIVE
             ",\"x-ms-attestation-type\":\"sgx\",\"x-ms-policy\":{\"is-debuggable\":false," FIVE
             "},\"x-ms-policy-hash\":\"ViVGS4BYl70X8eUrgryHg0TtbEk9WtIc6DtTBEFxaWc\","
             "\"x-ms-sgx-collateral\":{\"quotehash\":\"%s\"},\"x-ms-sgx-is-debuggable\":false,"
             "\"x-ms-sgx-mrenclave\":\"%s\",\"x-ms-sgx-mrsigner\":\"%s\",\"x-ms-sgx-product-id\":7,"
             "\"x-ms-sgx-report-data\":\"%s\",\"x-ms-sgx-svn\":3,\"x-ms-sgx-tcbidentifier\":\"azuredefault\","
             "\"x-ms-ver\":\"1.0\"}",
             now_s + 28800, now_s, id, hash, now_s, enclave, signer, enclave, signer, hash, enclave, signer,
             report_data);
    assert_string_equal((const char *)jws.body.ptr, expected);
    azattest__json_free(claims);
    azattest_evidence_free(evidence);
    azattest__jws_clear(&jws);
}

static void no_two_tokens_have_the_same_id(void **state)
{
    azattest__jws one, two;
    azattest__json *first, *second;

    (void)state;
    attest("{" QUOTE "}", &one);
    attest("{" QUOTE "}", &two);
    first = parse(one.body);
    second = parse(two.body);
    assert_string_not_equal(azattest__json_get_string(first, "jti"), azattest__json_get_string(second, "jti"));
    azattest__json_free(first);
    azattest__json_free(second);
    azattest__jws_clear(&one);
    azattest__jws_clear(&two);
}

static void the_default_policy_as_a_draft_gives_an_unsecured_token(void **state)
{
    azattest__json *document = parse(azattest__text("{}")), *claims;
    azattest__service_answer answer;
    azattest__buf body;
    azattest__jws jws;

    (void)state;
    azattest__json_put_string(document, "quote", world.quote);
    azattest__json_put_string(document, "draftPolicyForAttestation", azattest__policy_default());
    azattest__buf_init(&body, 65536);
    assert_int_equal(azattest__json_print(document, false, &body, NULL), AZATTEST_OK);
    ask("POST", SGX, azattest__buf_bytes(&body), &answer);
    assert_int_equal(answer.status, 200);
    open_token(&answer, &jws);
    assert_header(&jws, "none");
    assert_int_equal(jws.signature.len, 0);
    claims = parse(jws.body);
    assert_string_equal(azattest__json_get_string(claims, "x-ms-policy-hash"),
                        "ViVGS4BYl70X8eUrgryHg0TtbEk9WtIc6DtTBEFxaWc");
    azattest__json_free(claims);
    azattest__jws_clear(&jws);
    azattest__service_answer_clear(&answer);
    azattest__buf_free(&body);
    azattest__json_free(document);
}

static void enclaves_with_kss_have_four_more_claims(void **state)
{
    unsigned char body[384] = { 0 };
    azattest__attest_data none = { .given = false };
    azattest__sgx_report report = { .body = body,
                                    .isv_ext_product_id = body + 32,
                                    .mr_enclave = body + 64,
                                    .mr_signer = body + 128,
                                    .config_id = body + 192,
                                    .isv_family_id = body + 304,
                                    .report_data = body + 320,
                                    .config_svn = 9,
                                    .attributes_flags = 0x85 };
    azattest__claims_source source = { .issuer = ENDPOINT,
                                       .posted = azattest__text("q"),
                                       .report = &report,
                                       .runtime = &none,
                                       .inittime = &none,
                                       .policy = azattest__policy_default() };
    azattest__buf claims;

    (void)state;
    memset(body + 32, 0x11, 16);
    memset(body + 192, 0x22, 64);
    memset(body + 304, 0x33, 16);
    azattest__buf_init(&claims, 8192);
    assert_int_equal(azattest__claims_make(&source, &claims, NULL), AZATTEST_OK);
    assert_non_null(strstr((char *)claims.ptr, "\"x-ms-sgx-config-id\":\"2222222222222222222222222222222222222222222222"
                                               "2222222222222222222222222222222222222222222222222222222222222222222222"
                                               "222222222222\",\"x-ms-sgx-config-svn\":9,"));
    assert_non_null(
        strstr((char *)claims.ptr, "\"x-ms-sgx-isv-extended-product-id\":\"11111111111111111111111111111111\","));
    assert_non_null(strstr((char *)claims.ptr, "\"x-ms-sgx-isv-family-id\":\"33333333333333333333333333333333\","));
    azattest__buf_free(&claims);
    report.attributes_flags = 5;
    assert_int_equal(azattest__claims_make(&source, &claims, NULL), AZATTEST_OK);
    assert_null(strstr((char *)claims.ptr, "config"));
    assert_null(strstr((char *)claims.ptr, "isv"));
    azattest__buf_free(&claims);
}

/* A quote of an enclave with KSS, whose config id binds `data`. */
static char *quote_with_config_id(const char *data)
{
    azattest_simulated_enclave enclave = AZATTEST_SIMULATED_ENCLAVE_INIT;
    azattest__quote_parts parts;
    azattest__buf quote;
    unsigned char hash[AZATTEST__SHA256_SIZE];
    char *encoded;

    azattest__buf_init(&quote, 65536);
    assert_int_equal(azattest__quote_plan(world.simulator, &enclave, &parts, NULL), AZATTEST_OK);
    assert_int_equal(azattest__sha256(azattest__text(data), hash, NULL), AZATTEST_OK);
    parts.report[48] |= 0x80;
    memcpy(parts.report + 192, hash, sizeof(hash));
    assert_int_equal(azattest__quote_assemble(&parts, &quote, NULL), AZATTEST_OK);
    encoded = encode(quote.ptr, quote.len, false);
    azattest__buf_free(&quote);
    return encoded;
}

static void init_time_data_is_bound_by_the_config_id(void **state)
{
    static const struct {
        const char *data, *type;
        int status;
        const char *claim; /* or part of the message */
    } cases[] = {
        { "eyJiIjoxLCJhIjoyfQ", "JSON", 200, "\"x-ms-inittime\":{\"a\":2,\"b\":1}" },
        { "eyJiIjoxLCJhIjoyfQ", "Binary", 200, "\"x-ms-sgx-config-svn\":0" },
        { "eyJiIjoxLCJhIjozfQ", "JSON", 400, "SHA-256 of initTimeData" },
    };
    char *quote = quote_with_config_id("{\"b\":1,\"a\":2}"), *body;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        azattest__service_answer answer;
        azattest__jws jws;

        assert_true(asprintf(&body, "{\"quote\":\"%s\",\"initTimeData\":{\"data\":\"%s\",\"dataType\":\"%s\"}}", quote,
                             cases[i].data, cases[i].type) > 0);
        ask("POST", SGX, azattest__text(body), &answer);
        assert_int_equal(answer.status, cases[i].status);
        if (answer.status == 200) {
            open_token(&answer, &jws);
            assert_non_null(strstr((const char *)jws.body.ptr, cases[i].claim));
            azattest__jws_clear(&jws);
        } else {
            assert_non_null(strstr((char *)answer.body.ptr, cases[i].claim));
        }
        azattest__service_answer_clear(&answer);
        free(body);
    }
    free(quote);
}

/* The first hash is that of every SGX token recorded in November 2022; the last is that of tokens of early 2022. */
static void policy_hashes_are_those_of_real_tokens(void **state)
{
    static const char late[] = "version= 1.1;configurationrules{=> issueproperty(type=\"x-ms-sgx-tcbidentifier\", "
                               "value=\"azuredefault\");};authorizationrules{=> permit();};issuancerules{";
    azattest__buf hash;

    (void)state;
    azattest__buf_init(&hash, 64);
    assert_int_equal(strncmp(azattest__policy_default(), late, strlen(late)), 0);
    assert_int_equal(azattest__policy_hash(azattest__policy_default(), &hash, NULL), AZATTEST_OK);
    assert_string_equal((char *)hash.ptr, "ViVGS4BYl70X8eUrgryHg0TtbEk9WtIc6DtTBEFxaWc");
    azattest__buf_free(&hash);
    assert_true(azattest__policy_is_default(azattest__policy_default()));
    assert_false(azattest__policy_is_default(late));
    assert_false(azattest__policy_is_default(""));
}

static void published_default_policies_are_known(void **state)
{
    static const struct {
        const char *file;
        bool known;
    } policies[] = {
        { "policies/03-default-sgx-2023.policy", true },
        { "policies/04-default-sgx-2021-recorded.policy", true },
        { "policies/07-minimal-permit.policy", false },
        { "policies/02-default-sevsnp-tdx.policy", false },
        { "policies/09-sgx-custom-placeholders.policy", false },
    };

    (void)state;
    EVIDENCE_OR_SKIP();
    for (size_t i = 0; i < sizeof(policies) / sizeof(policies[0]); i++) {
        char *text = (char *)evidence_read(policies[i].file, NULL);

        if (azattest__policy_is_default(text) != policies[i].known)
            fail_msg("%s", policies[i].file);
        free(text);
    }
}

/* Kept apart from the service's own writer: members and order are facts of recorded answers. */
static void keys_and_metadata_have_their_members_and_no_more(void **state)
{
    azattest__service_answer answer;
    azattest__json *document;
    const azattest__json *key;
    const char *x5c;
    char id[AZATTEST__SERVICE_KEY_ID], front[128];
    unsigned char hash[AZATTEST__SHA256_SIZE];
    azattest__cert *certificate = NULL;
    azattest__buf der;

    (void)state;
    ask("GET", "/certs", azattest__text(""), &answer);
    assert_int_equal(answer.status, 200);
    document = parse(azattest__buf_bytes(&answer.body));
    assert_int_equal(azattest__json_count(document), 1);
    assert_int_equal(azattest__json_count(azattest__json_get(document, "keys")), 1);
    key = azattest__json_first(azattest__json_get(document, "keys"));
    assert_int_equal(azattest__json_count(key), 3);
    assert_int_equal(azattest__service_key_id(world.key, id, hash, NULL), AZATTEST_OK);
    assert_string_equal(azattest__json_get_string(key, "kid"), id);
    assert_string_equal(azattest__json_get_string(key, "kty"), "RSA");
    x5c = azattest__json_string(azattest__json_first(azattest__json_get(key, "x5c")));
    azattest__buf_init(&der, 8192);
    assert_true(azattest__base64_decode(azattest__text(x5c), &der));
    assert_int_equal(azattest__cert_parse(azattest__buf_bytes(&der), &certificate, NULL), AZATTEST_OK);
    assert_string_equal(azattest__cert_subject_cn(certificate), ENDPOINT);
    assert_true(azattest__cert_is_issued_by(certificate, certificate));
    assert_true(azattest__key_equal(azattest__cert_key(certificate), world.key));
    assert_int_equal(azattest__cert_not_before(certificate), 1556668800); /* 2019-05-01 */
    assert_int_equal(azattest__cert_not_after(certificate), 2556143999);  /* the last second of 2050 */
    azattest__cert_free(certificate);
    azattest__buf_free(&der);
    azattest__json_free(document);
    azattest__service_answer_clear(&answer);

    ask("GET", "/.well-known/openid-configuration?api-version=2025-06-01", azattest__text(""), &answer);
    assert_int_equal(answer.status, 200);
    snprintf(front, sizeof(front), "{\"response_types_supported\":[\"token\",\"none\"],");
    assert_int_equal(strncmp((char *)answer.body.ptr, front, strlen(front)), 0);
    document = parse(azattest__buf_bytes(&answer.body));
    assert_int_equal(azattest__json_count(document), 6);
    assert_string_equal(azattest__json_get_string(document, "issuer"), ENDPOINT);
    assert_string_equal(azattest__json_get_string(document, "jwks_uri"), ENDPOINT "/certs");
    assert_string_equal(azattest__json_get_string(document, "revocation_endpoint"), ENDPOINT "/revoke");
    assert_int_equal(azattest__json_count(azattest__json_get(document, "claims_supported")), 18);
    azattest__json_free(document);
    azattest__service_answer_clear(&answer);
    ask("GET", "/certs?api-version=1999-01-01", azattest__text(""), &answer);
    assert_int_equal(answer.status, 400);
    azattest__service_answer_clear(&answer);
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
    azattest__service_options options = { .endpoint = ENDPOINT,
                                          .signing_key = world.key,
                                          .clock = { .now_ms = now_ms } };
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

/* ---- real evidence ---- */

static void ask_with(const char *target, const char *member, const char *encoded, azattest__service_answer *answer)
{
    char *body;

    assert_true(asprintf(&body, "{\"%s\":\"%s\"}", member, encoded) > 0);
    ask("POST", target, azattest__text(body), answer);
    free(body);
}

static void real_quotes_and_forgeries_are_told_apart(void **state)
{
    static const struct {
        const char *file;
        bool report;
        const char *code; /* NULL: a token */
    } files[] = {
        { "sgx/azure-intelsdk-2023-release.quote.bin", false, NULL },
        { "sgx/azure-intelsdk-2023-debug.quote.bin", false, NULL },
        { "openenclave/azure-oesdk-release.report.bin", true, NULL },
        { "sgx/neg-sgx-no-intermediate.bin", false, "InvalidQuote" },
        { "sgx/neg-sgx-other-platform-chain.bin", false, "InvalidQuote" },
        { "sgx/neg-sgx-qe-sig.bin", false, "InvalidQuote" },
        { "sgx/neg-sgx-report-data.bin", false, "InvalidQuote" },
        { "sgx/neg-sgx-sig-bitflip.bin", false, "InvalidQuote" },
        { "sgx/neg-sgx-truncated.bin", false, "InvalidParameter" },
        { "sgx/neg-sgx-version.bin", false, "InvalidParameter" },
        { "sgx/intel-qvl-sample-certtype1.bin", false, "InvalidQuote" },
        { "openenclave/neg-oe-sig-bitflip.bin", true, "InvalidQuote" },
        { "openenclave/neg-oe-size-too-big.bin", true, "InvalidParameter" },
        { "openenclave/neg-oe-truncated.bin", true, "InvalidParameter" },
        { "openenclave/neg-real-oe-report-bad-chain.bin", true, "InvalidQuote" },
    };
    int64_t before = world.now_s;

    (void)state;
    EVIDENCE_OR_SKIP();
    world.now_s = 1704067200; /* 2024-01-01: all certificates of the good ones live */
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        size_t len;
        unsigned char *bytes = evidence_read(files[i].file, &len);
        char *encoded = encode(bytes, len, false);
        azattest__service_answer answer;

        ask_with(files[i].report ? OE : SGX, files[i].report ? "report" : "quote", encoded, &answer);
        if (answer.status != (files[i].code == NULL ? 200 : 400) ||
            (files[i].code != NULL && strcmp(files[i].code, answer.error_code) != 0))
            fail_msg("%s: %d %s", files[i].file, answer.status, (const char *)answer.body.ptr);
        azattest__service_answer_clear(&answer);
        free(encoded);
        free(bytes);
    }
    world.now_s = before;
}

/* The real service's claims for the same request, apart from what names the instance and its collateral. */
static void compare_claims(const azattest__json *ours, const azattest__json *theirs, const char *file)
{
    const azattest__json *member;

    assert_int_equal(azattest__json_count(ours), azattest__json_count(theirs));
    for (member = azattest__json_first(theirs); member != NULL; member = azattest__json_next(member)) {
        const char *name = azattest__json_name(member);
        const azattest__json *mine = azattest__json_get(ours, name);

        if (mine == NULL)
            fail_msg("%s: no claim %s", file, name);
        if (strcmp(name, "iss") == 0 || strcmp(name, "jti") == 0)
            continue;
        if (strstr(name, "collateral") != NULL) {
            mine = azattest__json_get(mine, "quotehash");
            member = azattest__json_get(theirs, name);
            if (!azattest__json_equal(mine, azattest__json_get(member, "quotehash")))
                fail_msg("%s: %s", file, name);
            continue;
        }
        if (!azattest__json_equal(mine, member))
            fail_msg("%s: claim %s differs", file, name);
    }
}

static void replay(const char *file, const azattest__json *entry)
{
    azattest__json *theirs, *ours;
    azattest__jws recorded, made;
    azattest__service_answer answer;
    azattest__buf body;
    int64_t issued_at;

    azattest__buf_init(&body, 1024 * 1024);
    assert_int_equal(azattest__json_print(azattest__json_get(entry, "RequestBody"), false, &body, NULL), AZATTEST_OK);
    assert_int_equal(azattest__jws_parse(
                         azattest__text(azattest__json_get_string(azattest__json_get(entry, "ResponseBody"), "token")),
                         &recorded, NULL),
                     AZATTEST_OK);
    theirs = parse(recorded.body);
    assert_true(azattest__json_integer(azattest__json_get(theirs, "iat"), &issued_at));
    world.now_s = issued_at;
    ask("POST", strstr(azattest__json_get_string(entry, "RequestUri"), "/attest/"), azattest__buf_bytes(&body),
        &answer);
    if (answer.status != 200)
        fail_msg("%s: %s", file, (const char *)answer.body.ptr);
    open_token(&answer, &made);
    ours = parse(made.body);
    compare_claims(ours, theirs, file);
    azattest__json_free(ours);
    azattest__json_free(theirs);
    azattest__jws_clear(&made);
    azattest__jws_clear(&recorded);
    azattest__service_answer_clear(&answer);
    azattest__buf_free(&body);
}

static void recorded_requests_get_the_claims_of_the_real_service(void **state)
{
    static const char *const files[] = {
        "recordings/attest-sgx-shared.json",
        "recordings/attest-sgx-runtime-data.json",
        "recordings/attest-oe-aad.json",
        "recordings/attest-oe-runtime-data-json.json",
    };
    int64_t before = world.now_s;

    (void)state;
    EVIDENCE_OR_SKIP();
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        size_t len, count = 0;
        unsigned char *text = evidence_read(files[i], &len);
        azattest__json *document = parse(azattest__bytes(text, len));

        for (const azattest__json *entry = azattest__json_first(azattest__json_get(document, "Entries")); entry != NULL;
             entry = azattest__json_next(entry))
            if (strstr(azattest__json_get_string(entry, "RequestUri"), "/attest/") != NULL) {
                replay(files[i], entry);
                count++;
            }
        assert_true(count > 0);
        azattest__json_free(document);
        free(text);
    }
    world.now_s = before;
}

/* ---- state ---- */

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
        cmocka_unit_test(the_claims_are_those_of_the_default_policy),
        cmocka_unit_test(no_two_tokens_have_the_same_id),
        cmocka_unit_test(the_default_policy_as_a_draft_gives_an_unsecured_token),
        cmocka_unit_test(enclaves_with_kss_have_four_more_claims),
        cmocka_unit_test(init_time_data_is_bound_by_the_config_id),
        cmocka_unit_test(policy_hashes_are_those_of_real_tokens),
        cmocka_unit_test(published_default_policies_are_known),
        cmocka_unit_test(keys_and_metadata_have_their_members_and_no_more),
        cmocka_unit_test(request_ids_continue_a_valid_trace),
        cmocka_unit_test(a_body_that_is_too_large_is_said_to_be),
        cmocka_unit_test(no_flipped_bit_gets_a_token),
        cmocka_unit_test(no_truncated_body_gets_a_token),
        cmocka_unit_test(a_service_without_the_simulators_root_refuses_its_quotes),
        cmocka_unit_test(real_quotes_and_forgeries_are_told_apart),
        cmocka_unit_test(recorded_requests_get_the_claims_of_the_real_service),
        cmocka_unit_test(the_signing_key_is_kept_and_the_folder_is_locked),
    };
    struct CMUnitTest tests[CASES + sizeof(others) / sizeof(others[0])];

    for (size_t i = 0; i < CASES; i++)
        tests[i] = (struct CMUnitTest){ requests[i].name, is_answered, NULL, NULL, (void *)(uintptr_t)&requests[i] };
    memcpy(tests + CASES, others, sizeof(others));
    return cmocka_run_group_tests_name("service", tests, make_world, end_world);
}
