/* Making clients and verifiers: endpoints, options, and what a caller may do wrong. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include <azattest/appraisal.h>
#include <azattest/transport.h>

#include "instance.h"
#include "json/json.h"
#include "protocol/retry.h"
#include "token/checks.h"
#include "transport/transport.h"

static void expect(azattest_status status, azattest_status expected, azattest_error **error, const char *text)
{
    if (status != expected)
        print_message("got %s: %s\n", azattest_status_name(status), azattest_error_message(*error));
    assert_int_equal(status, expected);
    if (text != NULL)
        assert_non_null(strstr(azattest_error_message(*error), text));
    azattest_error_free(*error);
    *error = NULL;
}

static const struct endpoint_case {
    const char *name, *endpoint;
    azattest_switch insecure;
    const char *normalised, *text;
} endpoints[] = {
    { "normalised", "HTTPS://A.example:443/", AZATTEST_DEFAULT, "https://a.example", NULL },
    { "http is refused", "http://a.example", AZATTEST_DEFAULT, NULL, "not https" },
    { "http on loopback is refused", "http://127.0.0.1:8080", AZATTEST_DEFAULT, NULL, "set allow_insecure_http" },
    { "http on loopback is refused when switched off", "http://127.0.0.1:8080", AZATTEST_OFF, NULL, "not https" },
    { "http on loopback when asked for", "http://127.0.0.1:8080/", AZATTEST_ON, "http://127.0.0.1:8080", NULL },
    { "http elsewhere is refused even when asked for", "http://a.example", AZATTEST_ON, NULL, "loopback hosts only" },
    { "a name that begins like loopback", "http://127.0.0.1.example", AZATTEST_ON, NULL, "loopback hosts only" },
    { "a path", "https://a.example/certs", AZATTEST_DEFAULT, NULL, "a path" },
    { "a query", "https://a.example/?a", AZATTEST_DEFAULT, NULL, "a query" },
    { "none", NULL, AZATTEST_DEFAULT, NULL, "no endpoint" },
};

static void endpoint(void **state)
{
    const struct endpoint_case *c = *state;
    azattest_client_options options = AZATTEST_CLIENT_OPTIONS_INIT;
    azattest_client *client = NULL;
    azattest_verifier *verifier = NULL;
    azattest_error *error = NULL;
    azattest_status expected = c->normalised == NULL ? AZATTEST_E_ARGUMENT : AZATTEST_OK;

    options.allow_insecure_http = c->insecure;
    expect(azattest_client_new(c->endpoint, &options, &client, &error), expected, &error, c->text);
    expect(azattest_verifier_new(c->endpoint, &options, &verifier, &error), expected, &error, c->text);
    if (c->normalised == NULL) {
        assert_null(client);
        assert_null(verifier);
    } else {
        assert_string_equal(azattest_client_endpoint(client), c->normalised);
        assert_string_equal(azattest_verifier_endpoint(verifier), c->normalised);
        assert_string_equal(azattest_client_api_version(client), "2025-06-01");
    }
    azattest_client_free(client);
    azattest_verifier_free(verifier);
}

static void refuses(const azattest_client_options *options, const char *text)
{
    azattest_client *client = NULL;
    azattest_error *error = NULL;

    expect(azattest_client_new("https://a.example", options, &client, &error), AZATTEST_E_ARGUMENT, &error, text);
    assert_null(client);
}

#define OPTIONS(...) ((azattest_client_options){ .size = sizeof(azattest_client_options), __VA_ARGS__ })

static void options_that_cannot_be_used(void **state)
{
    const azattest_validation_options validation = { .size = sizeof(validation), .max_age_s = -1 };
    struct {
        azattest_client_options known;
        int unknown;
    } newer = { OPTIONS(.api_version = NULL), 1 };

    (void)state;
    refuses(&(azattest_client_options){ .size = 0 }, "AZATTEST_CLIENT_OPTIONS_INIT");
    refuses(&(azattest_client_options){ .size = 1 << 20 }, "AZATTEST_CLIENT_OPTIONS_INIT");
    refuses(&OPTIONS(.api_version = ""), "api_version");
    refuses(&OPTIONS(.api_version = "2020\r\nx: y"), "api_version");
    refuses(&OPTIONS(.user_agent = "a\nb"), "user_agent");
    refuses(&OPTIONS(.application_id = "a\rb"), "application_id");
    refuses(&OPTIONS(.retry_total = 101), "retry_total");
    refuses(&OPTIONS(.retry_delay_ms = -1), "retry_delay_ms");
    refuses(&OPTIONS(.retry_max_delay_ms = INT64_MAX), "retry_max_delay_ms");
    refuses(&OPTIONS(.retry_after_max_ms = -1), "retry_after_max_ms");
    refuses(&OPTIONS(.timeout_ms = INT64_MAX), "timeout_ms");
    refuses(&OPTIONS(.key_cache_life_ms = -1), "key_cache_life_ms");
    refuses(&OPTIONS(.validation = &validation), "max_age");
    newer.known.size = sizeof(newer);
    refuses(&newer.known, "newer version");
}

/* A caller that was built against an older header has a shorter struct: what it lacks is default. */
static void shorter_options_are_older_options(void **state)
{
    azattest_client_options options;
    azattest_client *client = NULL;

    (void)state;
    memset(&options, 0xff, sizeof(options)); /* behind the end stands anything */
    options.size = offsetof(azattest_client_options, allow_insecure_http);
    options.api_version = "2020-10-01";
    assert_int_equal(azattest_client_new("https://a.example", &options, &client, NULL), AZATTEST_OK);
    assert_string_equal(azattest_client_api_version(client), "2020-10-01");
    azattest_client_free(client);
}

static const char *user_agent_of(const azattest_client_options *options, char out[256])
{
    azattest_client *client = NULL;
    azattest_op *op = NULL;
    const azattest_request *request;

    assert_int_equal(azattest_client_new("https://a.example", options, &client, NULL), AZATTEST_OK);
    assert_int_equal(azattest_client_get_open_id_metadata_begin(client, &op, NULL), AZATTEST_OK);
    assert_int_equal(azattest_op_step(op), AZATTEST_NEED_HTTP);
    request = azattest_op_request(op);
    out[0] = '\0';
    for (size_t i = 0; i < azattest_request_header_count(request); i++)
        if (strcmp(azattest_request_header_name(request, i), "User-Agent") == 0)
            strncpy(out, azattest_request_header_value(request, i), 255);
    azattest_op_free(op);
    azattest_client_free(client);
    return out;
}

static void user_agent(void **state)
{
    azattest_client_options options = AZATTEST_CLIENT_OPTIONS_INIT;
    char text[256] = { 0 }, start[64] = "azattest-c/";

    (void)state;
    strcat(start, azattest_version());
    strcat(start, " OpenSSL/3");
    assert_int_equal(strncmp(user_agent_of(&options, text), start, strlen(start)), 0);
    options.application_id = "  my app  ";
    options.user_agent = "azattest-python/1 Python/3";
    assert_int_equal(strncmp(user_agent_of(&options, text), "my app azattest-python/1 Python/3 OpenSSL/3", 43), 0);
    assert_int_equal(text[strlen(text) - 1], ')');
    options.application_id = "123456789012345678901234567890";
    assert_int_equal(strncmp(user_agent_of(&options, text), "123456789012345678901234 azattest-python/1 P", 44), 0);
}

static void user_agent_of_the_environment(void **state)
{
    azattest_client_options options = AZATTEST_CLIENT_OPTIONS_INIT;
    char text[256] = { 0 };
    static const char *const values[] = { "1", "true", "TRUE" };

    (void)state;
    options.application_id = "app";
    options.user_agent = "azattest-python/1 Python/3";
    setenv("AZURE_HTTP_USER_AGENT", "more/2", 1);
    user_agent_of(&options, text);
    assert_string_equal(text + strlen(text) - 8, ") more/2");
    setenv("AZURE_HTTP_USER_AGENT", "a\r\nb: c", 1);
    user_agent_of(&options, text);
    assert_int_equal(text[strlen(text) - 1], ')');
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        setenv("AZURE_TELEMETRY_DISABLED", values[i], 1);
        assert_string_equal(user_agent_of(&options, text), "app azattest-python/1");
    }
    setenv("AZURE_TELEMETRY_DISABLED", "0", 1);
    assert_non_null(strstr(user_agent_of(&options, text), "OpenSSL/"));
    unsetenv("AZURE_TELEMETRY_DISABLED");
    unsetenv("AZURE_HTTP_USER_AGENT");
}

#define ATTEST(...) ((azattest_attest_options){ .size = sizeof(azattest_attest_options), __VA_ARGS__ })

#define HEX_OF_32 "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

static void attest_calls_that_cannot_be_made(void **state)
{
    static char large[AZATTEST_LIMIT_RUNTIME_DATA + 2];
    static const azattest_bytes one = { "x", 1 };
    static const azattest_validation_options no_unsecured = { .size = sizeof(no_unsecured),
                                                              .allow_unsecured = AZATTEST_OFF };
    static const azattest_validation_options unsecured = { .size = sizeof(unsecured), .allow_unsecured = AZATTEST_ON };
    azattest_validation_options enclave = AZATTEST_VALIDATION_OPTIONS_INIT;
    azattest_appraisal *appraisal = NULL;
    const struct {
        const char *name;
        azattest_bytes evidence;
        azattest_attest_options options;
        azattest_status status;
        const char *text;
    } cases[] = {
        { "no evidence", { NULL, 0 }, ATTEST(.nonce = NULL), AZATTEST_E_ARGUMENT, "the quote is empty" },
        { "empty evidence", { "", 0 }, ATTEST(.nonce = NULL), AZATTEST_E_ARGUMENT, "the quote is empty" },
        { "too much evidence",
          { large, AZATTEST_LIMIT_EVIDENCE + 1 },
          ATTEST(.nonce = NULL),
          AZATTEST_E_LIMIT,
          "quote has 131073 bytes" },
        { "data and JSON", one, ATTEST(.runtime_data = { "", 0 }, .runtime_json = { "{}", 2 }), AZATTEST_E_ARGUMENT,
          "runtime_data and runtime_json exclude" },
        { "data and JSON of the other kind", one, ATTEST(.inittime_data = { "", 0 }, .inittime_json = { "{}", 2 }),
          AZATTEST_E_ARGUMENT, "inittime_data and inittime_json exclude" },
        { "JSON that is none", one, ATTEST(.runtime_json = { "{", 1 }), AZATTEST_E_ARGUMENT, "runtime_json" },
        { "empty JSON", one, ATTEST(.runtime_json = { "", 0 }), AZATTEST_E_ARGUMENT, "runtime_json" },
        { "JSON that is an array", one, ATTEST(.runtime_json = { "[]", 2 }), AZATTEST_E_ARGUMENT, "JSON array" },
        { "JSON with two equal members", one, ATTEST(.inittime_json = { "{\"a\":1,\"a\":1}", 13 }), AZATTEST_E_ARGUMENT,
          "inittime_json" },
        { "JSON with a NUL", one, ATTEST(.runtime_json = { "{\"a\":\"\0\"}", 9 }), AZATTEST_E_ARGUMENT,
          "runtime_json" },
        { "JSON that is not UTF-8", one, ATTEST(.runtime_json = { "{\"a\":\"\xff\"}", 9 }), AZATTEST_E_ARGUMENT,
          "runtime_json" },
        { "too much runtime data", one, ATTEST(.runtime_data = { large, AZATTEST_LIMIT_RUNTIME_DATA + 1 }),
          AZATTEST_E_LIMIT, "runtime_data has 1048577 bytes" },
        { "a length without bytes", one, ATTEST(.runtime_data = { NULL, 1 }), AZATTEST_E_ARGUMENT, "no bytes" },
        { "an empty nonce", one, ATTEST(.nonce = ""), AZATTEST_E_ARGUMENT, "the nonce is empty" },
        { "a nonce that is not UTF-8", one, ATTEST(.nonce = "\xff"), AZATTEST_E_ARGUMENT, "nonce is not UTF-8" },
        { "a policy that is not UTF-8", one, ATTEST(.draft_policy = "\xff"), AZATTEST_E_ARGUMENT,
          "draft_policy is not UTF-8" },
        { "too much policy", one, ATTEST(.draft_policy = large), AZATTEST_E_LIMIT, "draft_policy has" },
        { "a draft whose reply is not wanted", one, ATTEST(.draft_policy = "version=1.0;", .validation = &no_unsecured),
          AZATTEST_E_ARGUMENT, "the reply to a draft_policy is unsecured by design" },
        { "a draft, whose reply no enclave signs", one, ATTEST(.draft_policy = "version=1.0;", .validation = &enclave),
          AZATTEST_E_ARGUMENT, "leave one of the two out" },
        { "a request id that would be a header", one, ATTEST(.client_request_id = "a\r\nb: c"), AZATTEST_E_ARGUMENT,
          "client_request_id" },
        { "an empty request id", one, ATTEST(.client_request_id = ""), AZATTEST_E_ARGUMENT, "client_request_id" },
        { "no size", one, { .size = 0 }, AZATTEST_E_ARGUMENT, "AZATTEST_ATTEST_OPTIONS_INIT" },
    };
    azattest_client_options strict = AZATTEST_CLIENT_OPTIONS_INIT;
    azattest_attest_options draft = ATTEST(.draft_policy = "version=1.0;");
    azattest_client *client = NULL;
    azattest_op *op = NULL;
    azattest_error *error = NULL;

    (void)state;
    memset(large, 'x', sizeof(large) - 1);
    assert_int_equal(azattest_appraisal_parse(azattest__text("{\"mr_enclave\":\"" HEX_OF_32 "\"}"), &appraisal, NULL),
                     AZATTEST_OK);
    enclave.verify_service_evidence = AZATTEST_ON;
    enclave.service_appraisal = appraisal;
    assert_int_equal(azattest_client_new("https://a.example", NULL, &client, NULL), AZATTEST_OK);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        azattest_status status =
            azattest_client_attest_sgx_enclave_begin(client, cases[i].evidence, &cases[i].options, &op, &error);

        if (status != cases[i].status)
            print_message("in: %s\n", cases[i].name);
        expect(status, cases[i].status, &error, cases[i].text);
        assert_null(op);
    }
    azattest_client_free(client);

    /* What the client was given counts, unless the call says otherwise. */
    strict.validation = &no_unsecured;
    assert_int_equal(azattest_client_new("https://a.example", &strict, &client, NULL), AZATTEST_OK);
    expect(azattest_client_attest_sgx_enclave_begin(client, one, &draft, &op, &error), AZATTEST_E_ARGUMENT, &error,
           "allow_unsecured is off");
    draft.validation = &unsecured;
    assert_int_equal(azattest_client_attest_sgx_enclave_begin(client, one, &draft, &op, NULL), AZATTEST_OK);
    azattest_op_free(op);
    azattest_client_free(client);
    azattest_appraisal_free(appraisal);
}

static void nothing_crashes_on_nothing(void **state)
{
    azattest_client *client = NULL;
    azattest_verifier *verifier = NULL;
    azattest_op *op = NULL;
    azattest_token *token = NULL;
    azattest_error *error = NULL;
    char *jwks = NULL;
    size_t len = 0;

    (void)state;
    expect(azattest_client_new("https://a.example", NULL, NULL, &error), AZATTEST_E_ARGUMENT, &error, "nowhere");
    expect(azattest_verifier_new("https://a.example", NULL, NULL, &error), AZATTEST_E_ARGUMENT, &error, "nowhere");
    expect(azattest_client_attest_sgx_enclave_begin(NULL, bytes_of("x"), NULL, &op, &error), AZATTEST_E_ARGUMENT,
           &error, "no client");
    expect(azattest_client_attest_open_enclave_begin(NULL, bytes_of("x"), NULL, NULL, &error), AZATTEST_E_ARGUMENT,
           &error, "no client");
    expect(azattest_client_get_signing_certificates_begin(NULL, &op, &error), AZATTEST_E_ARGUMENT, &error, "no client");
    expect(azattest_client_get_open_id_metadata_begin(NULL, &op, &error), AZATTEST_E_ARGUMENT, &error, "no client");
    expect(azattest_verifier_validate_begin(NULL, bytes_of("x"), NULL, &op, &error), AZATTEST_E_ARGUMENT, &error,
           "no verifier");
    expect(azattest_verifier_validate_cached(NULL, bytes_of("x"), NULL, &token, &error), AZATTEST_E_ARGUMENT, &error,
           "no verifier");
    expect(azattest_verifier_export_keys(NULL, NULL, &jwks, &len, &error), AZATTEST_E_ARGUMENT, &error, "no verifier");
    assert_int_equal(azattest_client_new("https://a.example", NULL, &client, NULL), AZATTEST_OK);
    assert_int_equal(azattest_verifier_new("https://a.example", NULL, &verifier, NULL), AZATTEST_OK);
    expect(azattest_client_get_signing_certificates_begin(client, NULL, &error), AZATTEST_E_ARGUMENT, &error,
           "nowhere");
    expect(azattest_verifier_validate_begin(verifier, bytes_of("x"), NULL, NULL, &error), AZATTEST_E_ARGUMENT, &error,
           "nowhere");
    expect(azattest_verifier_validate_cached(verifier, bytes_of("x"), NULL, NULL, &error), AZATTEST_E_ARGUMENT, &error,
           "nowhere");
    expect(azattest_verifier_export_keys(verifier, NULL, NULL, &len, &error), AZATTEST_E_ARGUMENT, &error, "nowhere");
    assert_int_equal(azattest_verifier_export_keys(verifier, NULL, &jwks, &len, &error), AZATTEST_ABSENT);
    assert_null(error);
    expect(azattest_verifier_validate_cached(verifier, bytes_of("x"), NULL, &token, &error), AZATTEST_E_TOKEN_MALFORMED,
           &error, "");
    azattest_client_free(client);
    azattest_verifier_free(verifier);
    azattest_client_free(NULL);
    azattest_verifier_free(NULL);
    assert_null(azattest_client_endpoint(NULL));
    assert_null(azattest_client_api_version(NULL));
    assert_null(azattest_verifier_endpoint(NULL));
    assert_null(azattest_op_take_response(NULL));
    assert_null(azattest_op_take_signers(NULL));
    assert_null(azattest_op_take_metadata(NULL));
    azattest_response_free(NULL);
    assert_null(azattest_response_value(NULL));
    assert_null(azattest_response_token(NULL));
    assert_null(azattest_response_take_value(NULL));
    assert_null(azattest_response_take_token(NULL));
    assert_null(azattest_response_raw_token(NULL).ptr);
    assert_null(azattest_response_request_id(NULL));
    assert_null(azattest_response_warning(NULL));
    assert_false(azattest_response_is_draft(NULL));
    azattest_metadata_free(NULL);
    assert_null(azattest_metadata_issuer(NULL));
    assert_null(azattest_metadata_json(NULL).ptr);
    assert_null(azattest_metadata_claims_supported(NULL).ptr);
    azattest_free(NULL);
}

/* Keys that the caller gives are copied, are the only ones, and nothing is fetched. */
static void given_signers_are_a_closed_list(void **state)
{
    instance_time time = { INSTANCE_NOW_S * 1000, 0 };
    azattest_client_options options = instance_options(&time);
    azattest_validation_options validation = AZATTEST_VALIDATION_OPTIONS_INIT, call = AZATTEST_VALIDATION_OPTIONS_INIT;
    azattest_signers *signers = NULL, *others = NULL;
    azattest_verifier *verifier = NULL;
    azattest_token *parsed = NULL;
    azattest_op *op = NULL;
    azattest_error *error = NULL;
    instance_key key, stranger;
    char *jwks, *other_jwks, *claims, *token, *foreign;

    (void)state;
    instance_key_make(&key, INSTANCE);
    instance_key_make(&stranger, INSTANCE);
    jwks = instance_jwks(&key, NULL);
    other_jwks = instance_jwks(&stranger, NULL);
    claims = instance_claims("");
    token = instance_token(&key, claims);
    foreign = instance_token(&stranger, claims);
    assert_int_equal(azattest_signers_parse(bytes_of(jwks), &signers, NULL), AZATTEST_OK);
    assert_int_equal(azattest_signers_parse(bytes_of(other_jwks), &others, NULL), AZATTEST_OK);
    validation.signers = signers;
    options.validation = &validation;
    assert_int_equal(azattest_verifier_new(INSTANCE, &options, &verifier, NULL), AZATTEST_OK);
    azattest_signers_free(signers);
    assert_int_equal(azattest_verifier_validate_cached(verifier, bytes_of(token), NULL, &parsed, NULL), AZATTEST_OK);
    assert_true(azattest_token_is_validated(parsed));
    azattest_token_free(parsed);
    expect(azattest_verifier_validate_cached(verifier, bytes_of(foreign), NULL, &parsed, &error),
           AZATTEST_E_TOKEN_KEY_UNKNOWN, &error, "key id");
    /* The call's own list replaces it, and outlives the call. */
    call.signers = others;
    assert_int_equal(azattest_verifier_validate_begin(verifier, bytes_of(foreign), &call, &op, NULL), AZATTEST_OK);
    azattest_signers_free(others);
    azattest_verifier_free(verifier);
    assert_int_equal(azattest_op_step(op), AZATTEST_NEED_DONE);
    azattest_op_free(op);
    instance_key_clear(&key);
    instance_key_clear(&stranger);
    free(jwks);
    free(other_jwks);
    free(claims);
    free(token);
    free(foreign);
}

/* Members of a call's options replace the client's one by one: leaving one out switches nothing off. */
static void options_are_merged_member_by_member(void **state)
{
    static const char *const issuers[] = { "https://somebody.else.example" };
    instance_time time = { INSTANCE_NOW_S * 1000, 0 };
    azattest_client_options options = instance_options(&time);
    azattest_validation_options validation = AZATTEST_VALIDATION_OPTIONS_INIT, call = AZATTEST_VALIDATION_OPTIONS_INIT;
    azattest_signers *signers = NULL;
    azattest_verifier *verifier = NULL;
    azattest_token *parsed = NULL;
    azattest_error *error = NULL;
    instance_key key;
    char *jwks, *claims, *token;

    (void)state;
    instance_key_make(&key, INSTANCE);
    jwks = instance_jwks(&key, NULL);
    claims = instance_claims("");
    token = instance_token(&key, claims);
    assert_int_equal(azattest_signers_parse(bytes_of(jwks), &signers, NULL), AZATTEST_OK);
    validation.signers = signers;
    validation.issuers = issuers;
    validation.issuer_count = 1;
    options.validation = &validation;
    assert_int_equal(azattest_verifier_new(INSTANCE, &options, &verifier, NULL), AZATTEST_OK);
    expect(azattest_verifier_validate_cached(verifier, bytes_of(token), NULL, &parsed, &error), AZATTEST_E_TOKEN_ISSUER,
           &error, "somebody.else");
    call.validation_slack_ms = 5000;
    expect(azattest_verifier_validate_cached(verifier, bytes_of(token), &call, &parsed, &error),
           AZATTEST_E_TOKEN_ISSUER, &error, "somebody.else");
    call.validate_issuer = AZATTEST_OFF;
    assert_int_equal(azattest_verifier_validate_cached(verifier, bytes_of(token), &call, &parsed, NULL), AZATTEST_OK);
    azattest_token_free(parsed);
    azattest_signers_free(signers);
    azattest_verifier_free(verifier);
    instance_key_clear(&key);
    free(jwks);
    free(claims);
    free(token);
}

static void the_quick_way_of_a_verifier(void **state)
{
    instance_time time = { INSTANCE_NOW_S * 1000, 0 };
    azattest_client_options options = instance_options(&time);
    azattest_verifier *verifier = NULL;
    azattest_token *parsed = NULL;
    azattest_transport *transport = NULL;
    azattest_response *response = NULL;
    azattest_error *error = NULL;
    azattest_scripted_exchange script[1] = { { .method = "GET", .url = INSTANCE_CERTS } };
    instance_key key, other;
    char *jwks, *claims, *token, *foreign, *unsecured, *exported = NULL;
    size_t len = 0;

    (void)state;
    instance_key_make(&key, INSTANCE);
    instance_key_make(&other, INSTANCE);
    jwks = instance_jwks(&key, NULL);
    claims = instance_claims("");
    token = instance_token(&key, claims);
    foreign = instance_token(&other, claims);
    unsecured = instance_token(NULL, claims);
    script[0].response.status = 200;
    script[0].response.body = bytes_of(jwks);
    assert_int_equal(azattest_verifier_new(INSTANCE, &options, &verifier, NULL), AZATTEST_OK);
    /* No keys yet; a token that needs none is judged all the same. */
    assert_int_equal(azattest_verifier_validate_cached(verifier, bytes_of(token), NULL, &parsed, &error),
                     AZATTEST_ABSENT);
    assert_null(parsed);
    assert_null(error);
    expect(azattest_verifier_validate_cached(verifier, bytes_of(unsecured), NULL, &parsed, &error),
           AZATTEST_E_TOKEN_ALGORITHM, &error, "not signed");
    assert_int_equal(azattest_scripted_transport_new(script, 1, &transport, NULL), AZATTEST_OK);
    assert_int_equal(azattest_verifier_validate(verifier, transport, bytes_of(token), NULL, &response, NULL),
                     AZATTEST_OK);
    assert_null(azattest_response_request_id(response));
    assert_int_equal(azattest_response_raw_token(response).len, strlen(token));
    azattest_response_free(response);
    azattest_transport_free(transport);
    assert_int_equal(azattest_verifier_validate_cached(verifier, bytes_of(token), NULL, &parsed, NULL), AZATTEST_OK);
    assert_true(azattest_token_is_validated(parsed));
    azattest_token_free(parsed);
    assert_int_equal(azattest_verifier_export_keys(verifier, NULL, &exported, &len, NULL), AZATTEST_OK);
    assert_int_equal(len, strlen(jwks));
    assert_string_equal(exported, jwks);
    azattest_free(exported);
    /* A stranger: worth one refresh; then known to be one. */
    assert_int_equal(azattest_verifier_validate_cached(verifier, bytes_of(foreign), NULL, &parsed, &error),
                     AZATTEST_ABSENT);
    assert_int_equal(azattest_scripted_transport_new(script, 1, &transport, NULL), AZATTEST_OK);
    expect(azattest_verifier_validate(verifier, transport, bytes_of(foreign), NULL, &response, &error),
           AZATTEST_E_TOKEN_KEY_UNKNOWN, &error, "key id");
    assert_int_equal(azattest_scripted_transport_played(transport), 1);
    azattest_transport_free(transport);
    expect(azattest_verifier_validate_cached(verifier, bytes_of(foreign), NULL, &parsed, &error),
           AZATTEST_E_TOKEN_KEY_UNKNOWN, &error, "key id");
    /* Old keys are no keys for the quick way. */
    time.monotonic_ms += 3600000;
    assert_int_equal(azattest_verifier_validate_cached(verifier, bytes_of(token), NULL, &parsed, &error),
                     AZATTEST_ABSENT);
    azattest_verifier_free(verifier);
    instance_key_clear(&key);
    instance_key_clear(&other);
    free(jwks);
    free(claims);
    free(token);
    free(foreign);
    free(unsecured);
}

static void any_cut_of_a_token_is_refused(void **state)
{
    instance_time time = { INSTANCE_NOW_S * 1000, 0 };
    azattest_client_options options = instance_options(&time);
    azattest_validation_options validation = AZATTEST_VALIDATION_OPTIONS_INIT;
    azattest_signers *signers = NULL;
    azattest_verifier *verifier = NULL;
    azattest_token *parsed = NULL;
    instance_key key;
    char *jwks, *claims, *token;

    (void)state;
    instance_key_make(&key, INSTANCE);
    jwks = instance_jwks(&key, NULL);
    claims = instance_claims("");
    token = instance_token(&key, claims);
    assert_int_equal(azattest_signers_parse(bytes_of(jwks), &signers, NULL), AZATTEST_OK);
    validation.signers = signers;
    options.validation = &validation;
    assert_int_equal(azattest_verifier_new(INSTANCE, &options, &verifier, NULL), AZATTEST_OK);
    for (size_t len = 0; len < strlen(token); len++) {
        char *copy = malloc(len + 1);

        assert_non_null(copy);
        memcpy(copy, token, len);
        assert_true(azattest_verifier_validate_cached(verifier, (azattest_bytes){ copy, len }, NULL, &parsed, NULL) >=
                    AZATTEST_E_TOKEN_MALFORMED);
        assert_null(parsed);
        free(copy);
    }
    azattest_signers_free(signers);
    azattest_verifier_free(verifier);
    instance_key_clear(&key);
    free(jwks);
    free(claims);
    free(token);
}

static int64_t default_of(const azattest__json *defaults, const char *name)
{
    int64_t value = -1;

    assert_true(azattest__json_integer(azattest__json_get(defaults, name), &value));
    return value;
}

/* Defaults that other floors own, and that the one list repeats. */
static void the_list_of_defaults_is_true(void **state)
{
    azattest_validation_options zero = AZATTEST_VALIDATION_OPTIONS_INIT;
    azattest__json *defaults = NULL;

    (void)state;
    assert_int_equal(azattest__json_parse(bytes_of(azattest_defaults()), &defaults, NULL), AZATTEST_OK);
    assert_int_equal(default_of(defaults, "validation_slack_ms"), azattest__validation_slack_ms(&zero));
    assert_int_equal(default_of(defaults, "connect_timeout_ms"), AZATTEST__CONNECT_TIMEOUT_MS);
    assert_int_equal(default_of(defaults, "read_timeout_ms"), AZATTEST__READ_TIMEOUT_MS);
    assert_int_equal(default_of(defaults, "retry_total"), 3);
    assert_int_equal(default_of(defaults, "retry_delay_ms"), 800);
    assert_int_equal(default_of(defaults, "retry_max_delay_ms"), 60000);
    assert_int_equal(default_of(defaults, "retry_after_max_ms"), 120000);
    assert_int_equal(default_of(defaults, "timeout_ms"), 100000);
    assert_int_equal(default_of(defaults, "key_cache_life_ms"), 3600000);
    assert_int_equal(default_of(defaults, "response_limit"), AZATTEST_LIMIT_RESPONSE);
    assert_int_equal(default_of(defaults, "access_token_fresh_s"), 300);
    assert_int_equal(default_of(defaults, "access_token_refresh_ms"), 30000);
    assert_int_equal(default_of(defaults, "retry_growth"), 2);
    for (const azattest__json *one = azattest__json_first(azattest__json_get(defaults, "retry_statuses")); one != NULL;
         one = azattest__json_next(one)) {
        int64_t status = 0;

        assert_true(azattest__json_integer(one, &status));
        assert_true(azattest__retry_status((int)status));
    }
    for (const azattest__json *name = azattest__json_first(azattest__json_get(defaults, "algorithms")); name != NULL;
         name = azattest__json_next(name))
        assert_int_not_equal(azattest__alg_from_name(azattest__json_string(name)), AZATTEST__ALG_UNKNOWN);
    azattest__json_free(defaults);
}

int main(void)
{
    enum { ENDPOINTS = sizeof(endpoints) / sizeof(endpoints[0]), OTHERS = 11 };
    struct CMUnitTest tests[OTHERS + ENDPOINTS] = {
        cmocka_unit_test(options_that_cannot_be_used),
        cmocka_unit_test(shorter_options_are_older_options),
        cmocka_unit_test(user_agent),
        cmocka_unit_test(user_agent_of_the_environment),
        cmocka_unit_test(attest_calls_that_cannot_be_made),
        cmocka_unit_test(nothing_crashes_on_nothing),
        cmocka_unit_test(given_signers_are_a_closed_list),
        cmocka_unit_test(options_are_merged_member_by_member),
        cmocka_unit_test(the_quick_way_of_a_verifier),
        cmocka_unit_test(any_cut_of_a_token_is_refused),
        cmocka_unit_test(the_list_of_defaults_is_true),
    };

    for (size_t i = 0; i < ENDPOINTS; i++)
        tests[OTHERS + i] =
            (struct CMUnitTest){ endpoints[i].name, endpoint, NULL, NULL, (void *)(uintptr_t)&endpoints[i] };
    return cmocka_run_group_tests_name("client", tests, NULL, NULL);
}
