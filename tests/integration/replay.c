/*
 * Recorded conversations with the real service, replayed through the client's operations with the clock set to their
 * day: the requests must be the recorded ones (as JSON values), and the claims those that the real service gave.
 * The host of the recorded addresses was redacted at their source; the endpoint comes from `iss` of the token.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <azattest/azattest.h>
#include <azattest/transport.h>

#include "base/encoding.h"
#include "evidence.h"
#include "jose/jws.h"

typedef struct replay_case {
    const char *name, *recording;
    bool open_enclave;
    size_t attest_index;    /* which of the recording's attest calls */
    const char *quote_file; /* for the recording that has no request bodies */
    azattest_status status;
    const char *message;
} replay_case;

static const replay_case cases[] = {
    { "an SGX quote at a shared instance", "attest-sgx-shared.json", false, 0, NULL, AZATTEST_OK, NULL },
    { "an SGX quote with binary runtime data", "attest-sgx-runtime-data.json", false, 0, NULL, AZATTEST_OK, NULL },
    { "an SGX quote at an AAD instance, older recording", "attest-sgx-aad-oldform.json", false, 0,
      "sgx/sdk-cpp-sgx-quote.bin", AZATTEST_OK, NULL },
    { "an Open Enclave report at an AAD instance", "attest-oe-aad.json", true, 0, NULL, AZATTEST_OK, NULL },
    { "an Open Enclave report with JSON runtime data", "attest-oe-runtime-data-json.json", true, 0, NULL, AZATTEST_OK,
      NULL },
    { "a draft policy", "attest-sgx-draft-policy.json", false, 0, NULL, AZATTEST_OK, NULL },
    { "a draft policy that denies", "attest-sgx-draft-policy.json", false, 1, NULL, AZATTEST_E_HTTP,
      "PolicyEvaluationError" },
};

/* One recorded exchange; members point into the recording's document. */
typedef struct exchange {
    const char *method, *url;
    const azattest__json *request, *response;
    int status;
} exchange;

typedef struct conversation {
    azattest__json *document;
    exchange certs, attest;
    char *endpoint; /* from the token */
    int64_t now_s;
    azattest__buf token_body;
    int asked_certs, asked_attest;
} conversation;

static const azattest__json *member(const azattest__json *object, const char *name, const char *old_name)
{
    const azattest__json *value = azattest__json_get(object, name);

    return value != NULL ? value : azattest__json_get(object, old_name);
}

/* The two forms of recordings name things differently. */
static exchange read_exchange(const azattest__json *entry)
{
    const azattest__json *response = azattest__json_get(entry, "Response"), *code;
    exchange out = { .method = azattest__json_string(member(entry, "RequestMethod", "Method")),
                     .url = azattest__json_string(member(entry, "RequestUri", "Url")),
                     .request = azattest__json_get(entry, "RequestBody") };
    int64_t status = 0;

    if (response != NULL) {
        out.response = azattest__json_get(response, "BODY");
        out.status = atoi(azattest__json_get_string(response, "STATUS_CODE"));
    } else {
        out.response = azattest__json_get(entry, "ResponseBody");
        code = azattest__json_get(entry, "StatusCode");
        assert_true(azattest__json_integer(code, &status));
        out.status = (int)status;
    }
    return out;
}

static void body_text(const azattest__json *body, azattest__buf *out)
{
    if (azattest__json_is_string(body))
        azattest__buf_append_text(out, azattest__json_string(body));
    else
        assert_int_equal(azattest__json_print(body, false, out, NULL), AZATTEST_OK);
}

/* Issuer and time come from the token, or for a refusal from the certificate's name and the other token. */
static void read_token(conversation *talk, const exchange *attest)
{
    azattest__buf text;
    azattest__json *reply = NULL, *claims = NULL;
    azattest__jws jws;

    azattest__buf_init(&text, AZATTEST_LIMIT_RESPONSE);
    body_text(attest->response, &text);
    assert_int_equal(azattest__json_parse(azattest__buf_bytes(&text), &reply, NULL), AZATTEST_OK);
    assert_non_null(azattest__json_get_string(reply, "token"));
    assert_int_equal(azattest__jws_parse(azattest__text(azattest__json_get_string(reply, "token")), &jws, NULL),
                     AZATTEST_OK);
    azattest__buf_append_bytes(&talk->token_body, jws.body);
    assert_int_equal(azattest__json_parse(jws.body, &claims, NULL), AZATTEST_OK);
    talk->endpoint = strdup(azattest__json_get_string(claims, "iss"));
    assert_true(azattest__json_integer(azattest__json_get(claims, "iat"), &talk->now_s));
    azattest__json_free(claims);
    azattest__json_free(reply);
    azattest__jws_clear(&jws);
    azattest__buf_free(&text);
}

static void open_conversation(const replay_case *test, conversation *talk)
{
    char name[256];
    size_t len, index = 0;
    unsigned char *text;
    const azattest__json *entries;

    memset(talk, 0, sizeof(*talk));
    azattest__buf_init(&talk->token_body, AZATTEST_LIMIT_TOKEN_BODY);
    snprintf(name, sizeof(name), "recordings/%s", test->recording);
    text = evidence_read(name, &len);
    assert_int_equal(azattest__json_parse(azattest__bytes(text, len), &talk->document, NULL), AZATTEST_OK);
    entries = member(talk->document, "Entries", "networkCallRecords");
    for (const azattest__json *entry = azattest__json_first(entries); entry != NULL;
         entry = azattest__json_next(entry)) {
        exchange one = read_exchange(entry);

        if (strstr(one.url, "/certs") != NULL)
            talk->certs = one;
        if (strstr(one.url, "/attest/") == NULL)
            continue;
        if (one.status == 200)
            read_token(talk, &one);
        if (index++ == test->attest_index)
            talk->attest = one;
    }
    assert_non_null(talk->certs.url);
    assert_non_null(talk->attest.url);
    assert_non_null(talk->endpoint);
    free(text);
}

static void answer(azattest_op *op, const exchange *from)
{
    azattest_http_response response = AZATTEST_HTTP_RESPONSE_INIT;
    azattest__buf body;

    azattest__buf_init(&body, AZATTEST_LIMIT_RESPONSE);
    body_text(from->response, &body);
    response.status = from->status;
    response.body = azattest__buf_bytes(&body);
    assert_int_equal(azattest_op_respond(op, &response), AZATTEST_OK);
    azattest__buf_free(&body);
}

/* The address as recorded, from its path on: "/attest/SgxEnclave?api-version=2020-10-01". */
static const char *path_of(const char *url)
{
    return strchr(url + strlen("https://"), '/');
}

static void play(void *user, azattest_op *op, const azattest_request *request)
{
    conversation *talk = user;
    const char *url = azattest_request_url(request), *path = path_of(url);
    azattest__json *sent = NULL;

    assert_int_equal(strncmp(url, talk->endpoint, strlen(talk->endpoint)), 0);
    if (strcmp(path, "/certs") == 0) {
        talk->asked_certs++;
        assert_string_equal(azattest_request_method(request), "GET");
        answer(op, &talk->certs);
        return;
    }
    talk->asked_attest++;
    assert_string_equal(azattest_request_method(request), "POST");
    assert_string_equal(path, path_of(talk->attest.url));
    if (azattest__json_is_object(talk->attest.request)) {
        assert_int_equal(azattest__json_parse(azattest_request_body(request), &sent, NULL), AZATTEST_OK);
        assert_true(azattest__json_equal(sent, talk->attest.request));
        azattest__json_free(sent);
    }
    answer(op, &talk->attest);
}

static bool never_sleeps(void *user, int64_t wait_ms)
{
    (void)user, (void)wait_ms;
    fail_msg("a recorded conversation needs no waiting");
    return false;
}

static void decode(const azattest__json *object, const char *name, azattest__buf *out)
{
    const char *text = azattest__json_get_string(object, name);

    assert_non_null(text);
    assert_true(azattest__base64url_decode(azattest__text(text), out));
}

/* What the recorded request says, as arguments of the call. */
static void read_call(const conversation *talk, const replay_case *test, azattest__buf *evidence, azattest__buf *data,
                      azattest_attest_options *options)
{
    const azattest__json *request = talk->attest.request;
    const azattest__json *runtime = azattest__json_get(request, "runtimeData");
    unsigned char *file;
    size_t len;

    if (test->quote_file != NULL) {
        file = evidence_read(test->quote_file, &len);
        azattest__buf_append(evidence, file, len);
        free(file);
        return;
    }
    decode(request, test->open_enclave ? "report" : "quote", evidence);
    options->draft_policy = azattest__json_get_string(request, "draftPolicyForAttestation");
    if (runtime == NULL)
        return;
    decode(runtime, "data", data);
    if (strcmp(azattest__json_get_string(runtime, "dataType"), "JSON") == 0)
        options->runtime_json = azattest__buf_bytes(data);
    else
        options->runtime_data = azattest__buf_bytes(data);
}

static int64_t their_day(void *user)
{
    return ((const conversation *)user)->now_s * 1000;
}

static void check_answer(const conversation *talk, const replay_case *test, const azattest_response *response)
{
    const azattest_result *value = azattest_response_value(response);
    bool draft = strstr(test->recording, "draft") != NULL;
    azattest_bytes claims = azattest_result_claims(value);
    const char *text = NULL;
    int64_t number = 0;
    bool debuggable = false;

    assert_int_equal(claims.len, talk->token_body.len);
    assert_memory_equal(claims.ptr, talk->token_body.ptr, claims.len);
    assert_int_equal(azattest_response_is_draft(response), draft);
    assert_int_equal(azattest_token_is_validated(azattest_response_token(response)), !draft);
    /* One enclave made the evidence of all recordings. */
    assert_int_equal(azattest_result_mr_enclave(value, &text), AZATTEST_OK);
    assert_string_equal(text, "292a1f4b519e46627eb2478a3d9851405653c5b4b0a6925de843834d9216850e");
    assert_int_equal(azattest_result_mr_signer(value, &text), AZATTEST_OK);
    assert_string_equal(text, "4aea5f9a0ed04b11f889aadfe6a1d376213a29a95a85ce7337ae6f7fece6610c");
    assert_int_equal(azattest_result_product_id(value, &number), AZATTEST_OK);
    assert_int_equal(number, 1);
    assert_int_equal(azattest_result_is_debuggable(value, &debuggable), AZATTEST_OK);
    assert_true(debuggable);
}

static void replays(void **state)
{
    const replay_case *test = *state;
    azattest_transport_functions functions = { .size = sizeof(functions), .send = play, .sleep = never_sleeps };
    azattest_client_options client_options = AZATTEST_CLIENT_OPTIONS_INIT;
    azattest_attest_options options = AZATTEST_ATTEST_OPTIONS_INIT;
    azattest_transport *transport = NULL;
    azattest_client *client = NULL;
    azattest_response *response = NULL;
    azattest_error *error = NULL;
    azattest__buf evidence, data;
    conversation talk;
    azattest_status status;

    EVIDENCE_OR_SKIP();
    azattest__buf_init(&evidence, AZATTEST_LIMIT_EVIDENCE);
    azattest__buf_init(&data, AZATTEST_LIMIT_RUNTIME_DATA);
    open_conversation(test, &talk);
    read_call(&talk, test, &evidence, &data, &options);
    client_options.api_version = "2020-10-01";
    client_options.clock.now_ms = their_day;
    client_options.clock.user = &talk;
    assert_int_equal(azattest_transport_new(&functions, &talk, &transport, NULL), AZATTEST_OK);
    assert_int_equal(azattest_client_new(talk.endpoint, &client_options, &client, NULL), AZATTEST_OK);
    status = test->open_enclave ? azattest_client_attest_open_enclave(client, transport, azattest__buf_bytes(&evidence),
                                                                      &options, &response, &error)
                                : azattest_client_attest_sgx_enclave(client, transport, azattest__buf_bytes(&evidence),
                                                                     &options, &response, &error);
    if (status != test->status)
        print_error("%s: %s\n", azattest_status_name(status), azattest_error_message(error));
    assert_int_equal(status, test->status);
    assert_int_equal(talk.asked_attest, 1);
    if (status == AZATTEST_OK) {
        check_answer(&talk, test, response);
    } else {
        assert_int_equal(azattest_error_status_code(error), 400);
        assert_string_equal(azattest_error_error_code(error), test->message);
        assert_non_null(azattest_error_hint(error));
    }
    azattest_error_free(error);
    azattest_response_free(response);
    azattest_client_free(client);
    azattest_transport_free(transport);
    azattest__buf_free(&evidence);
    azattest__buf_free(&data);
    azattest__buf_free(&talk.token_body);
    azattest__json_free(talk.document);
    free(talk.endpoint);
}

int main(void)
{
    struct CMUnitTest tests[sizeof(cases) / sizeof(cases[0])];

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        tests[i] = (struct CMUnitTest){ cases[i].name, replays, NULL, NULL, (void *)(uintptr_t)&cases[i] };
    return cmocka_run_group_tests_name("replay", tests, NULL, NULL);
}
