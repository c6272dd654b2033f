/*
 * Recorded conversations with the real service about policies and policy-management certificates, call by call through
 * the administration client with the clock set to their day. Requests that are deterministic must be the recorded ones;
 * where the recording's own key signed, ours signs, and the answer is then about another token, which has to be found.
 * The host of the recorded addresses was redacted at their source; the endpoint is the name of the instance's
 * certificate.
 */
#include <stdio.h>
#include <stdlib.h>

#include <azattest/transport.h>

#include "base/encoding.h"
#include "evidence.h"
#include "expect.h"
#include "fixtures.h"
#include "token/policy.h"

typedef struct recording {
    const char *file;
    size_t calls;
} recording;

static const recording recordings[] = {
    { "policy-get-sgx-aad.json", 1 },      { "policy-get-tpm-shared.json", 1 }, { "policy-set-reset-unsigned.json", 4 },
    { "policy-set-reset-signed.json", 4 }, { "policy-certs-get-aad.json", 1 },  { "policy-certs-add.json", 2 },
    { "policy-certs-add-400.json", 1 },
};

typedef struct talk {
    const azattest__json *certs, *answer; /* bodies */
    const char *method, *path, *asked;    /* of the call: the recorded request; NULL: no body */
    int status;
    char *endpoint;
    int64_t now_s;
    azattest__json *claims; /* of the answer's token, NULL for a refusal */
    azattest__buf sent;     /* what our client sent */
    const char *content_type;
} talk;

static const char *path_of(const char *url)
{
    return strchr(url + strlen("https://"), '/');
}

static void reply(azattest_op *op, int status, const azattest__json *body)
{
    azattest_http_response response = AZATTEST_HTTP_RESPONSE_INIT;
    azattest__buf text;

    azattest__buf_init(&text, AZATTEST_LIMIT_RESPONSE);
    assert_int_equal(azattest__json_print(body, false, &text, NULL), AZATTEST_OK);
    response.status = status;
    response.body = azattest__buf_bytes(&text);
    assert_int_equal(azattest_op_respond(op, &response), AZATTEST_OK);
    azattest__buf_free(&text);
}

static void play(void *user, azattest_op *op, const azattest_request *request)
{
    talk *with = user;
    const char *url = azattest_request_url(request);

    assert_int_equal(strncmp(url, with->endpoint, strlen(with->endpoint)), 0);
    if (strcmp(path_of(url), "/certs") == 0) {
        reply(op, 200, with->certs);
        return;
    }
    assert_string_equal(azattest_request_method(request), with->method);
    assert_string_equal(path_of(url), with->path);
    azattest__buf_append_bytes(&with->sent, azattest_request_body(request));
    reply(op, with->status, with->answer);
}

static bool never_sleeps(void *user, int64_t wait_ms)
{
    (void)user, (void)wait_ms;
    fail_msg("a recorded conversation needs no waiting");
    return false;
}

static int64_t their_day(void *user)
{
    return ((const talk *)user)->now_s * 1000;
}

static azattest__json *body_of(const char *compact)
{
    azattest__json *body = NULL;
    azattest__jws jws;

    assert_int_equal(azattest__jws_parse(azattest__text(compact), &jws, NULL), AZATTEST_OK);
    assert_int_equal(azattest__json_parse(jws.body, &body, NULL), AZATTEST_OK);
    azattest__jws_clear(&jws);
    return body;
}

static char *endpoint_of(const azattest__json *certs)
{
    const azattest__json *key = azattest__json_first(azattest__json_get(certs, "keys"));
    azattest_signer *signer = NULL;
    char *endpoint;

    assert_int_equal(azattest__signer_from_jwk(key, &signer, NULL), AZATTEST_OK);
    assert_non_null(signer->instance);
    endpoint = strdup(signer->instance);
    azattest_signer_free(signer);
    return endpoint;
}

/* ---- one call of each kind ---- */

static azattest_admin_client *open_client(talk *with)
{
    azattest_client_options options = AZATTEST_CLIENT_OPTIONS_INIT;
    azattest_credential *credential = NULL;
    azattest_admin_client *client = NULL;

    assert_int_equal(azattest_static_token_credential_new("token", 0, &credential, NULL), AZATTEST_OK);
    options.api_version = "2020-10-01";
    options.clock.now_ms = their_day;
    options.clock.user = with;
    options.credential = credential;
    assert_int_equal(azattest_admin_client_new(with->endpoint, &options, &client, NULL), AZATTEST_OK);
    azattest_credential_free(credential);
    return client;
}

typedef struct player {
    azattest_admin_client *client;
    azattest_transport *transport;
    azattest_policy_options options;
    azattest_response *response;
    azattest_error *error;
} player;

static void reads_a_policy(const talk *with, player *p, const char *type)
{
    const char *stored = azattest__json_get_string(with->claims, "x-ms-policy");
    const azattest_policy_result *result;
    azattest__json *body = NULL;
    azattest_signer *signer;
    azattest__jws jws;
    azattest__buf text;

    expect(azattest_admin_client_get_policy(p->client, p->transport, type, &p->options, &p->response, &p->error),
           &p->error, AZATTEST_OK, "");
    assert_int_equal(with->sent.len, 0);
    result = azattest_response_policy_result(p->response);
    assert_string_equal(azattest_policy_result_policy(result), stored);
    azattest__buf_init(&text, AZATTEST_LIMIT_POLICY);
    assert_int_equal(azattest__jws_parse(azattest__text(stored), &jws, NULL), AZATTEST_OK);
    if (jws.body.len > 0) {
        assert_int_equal(azattest__json_parse(jws.body, &body, NULL), AZATTEST_OK);
        assert_true(
            azattest__base64url_decode(azattest__text(azattest__json_get_string(body, "AttestationPolicy")), &text));
        assert_string_equal(azattest_policy_result_policy_text(result), (const char *)text.ptr);
        assert_non_null(strstr(azattest_policy_result_policy_text(result), "permit()"));
    } else {
        assert_string_equal(azattest_policy_result_policy_text(result), "");
    }
    signer = azattest_policy_result_policy_signer(result);
    assert_int_equal(signer != NULL, jws.signature.len > 0);
    azattest_signer_free(signer);
    azattest__json_free(body);
    azattest__jws_clear(&jws);
    azattest__buf_free(&text);
}

/* The recorded token's own hash and signer are those that the service named. */
static void check_recorded_token(const talk *with)
{
    const char *claimed = azattest__json_get_string(with->claims, "x-ms-policy-token-hash");
    unsigned char hash[AZATTEST_HASH_SIZE];
    azattest_signer *signer = NULL, *named = NULL;
    azattest_token *token = NULL;
    azattest__buf text;

    azattest__buf_init(&text, 64);
    assert_int_equal(azattest_policy_token_hash(azattest__text(with->asked), hash, NULL), AZATTEST_OK);
    azattest__base64url_encode(azattest__bytes(hash, sizeof(hash)), &text);
    assert_string_equal((const char *)text.ptr, claimed);
    assert_int_equal(azattest_token_parse(azattest__text(with->asked), &token, NULL), AZATTEST_OK);
    assert_int_equal(azattest__policy_token_signer(token, &signer, NULL), AZATTEST_OK);
    if (signer != NULL) {
        assert_int_equal(
            azattest__signer_from_jwk(azattest__json_get(with->claims, "x-ms-policy-signer"), &named, NULL),
            AZATTEST_OK);
        assert_string_equal(azattest_signer_certificate_pem(signer, 0), azattest_signer_certificate_pem(named, 0));
    }
    azattest_signer_free(signer);
    azattest_signer_free(named);
    azattest_token_free(token);
    azattest__buf_free(&text);
}

static void sets_a_policy(const talk *with, player *p, const char *type, bool is_signed)
{
    azattest_stored_attestation_policy *policy = NULL;
    azattest_token *token = NULL;
    azattest_status status;

    check_recorded_token(with);
    assert_int_equal(azattest_token_parse(azattest__text(with->asked), &token, NULL), AZATTEST_OK);
    assert_int_equal(azattest_stored_attestation_policy_parse(token, &policy, NULL), AZATTEST_OK);
    status = azattest_admin_client_set_policy(
        p->client, p->transport, type, azattest__text(azattest_stored_attestation_policy_attestation_policy(policy)),
        &p->options, &p->response, &p->error);
    if (is_signed) { /* by another key than the recording's */
        assert_int_equal(azattest_error_problem_count(p->error), 2);
        assert_int_equal(azattest_error_problem_code(p->error, 1), AZATTEST_E_POLICY_SIGNER);
        expect(status, &p->error, AZATTEST_E_POLICY_HASH, "hash of the stored policy token");
    } else {
        expect(status, &p->error, AZATTEST_OK, "");
        assert_string_equal((const char *)with->sent.ptr, with->asked);
        assert_string_equal(azattest_policy_result_policy_resolution(azattest_response_policy_result(p->response)),
                            "Updated");
    }
    azattest_stored_attestation_policy_free(policy);
    azattest_token_free(token);
}

static void resets_a_policy(const talk *with, player *p, const char *type, bool is_signed)
{
    expect(azattest_admin_client_reset_policy(p->client, p->transport, type, &p->options, &p->response, &p->error),
           &p->error, AZATTEST_OK, "");
    assert_string_equal(azattest_policy_result_policy_resolution(azattest_response_policy_result(p->response)),
                        "Removed");
    if (!is_signed)
        assert_string_equal((const char *)with->sent.ptr, with->asked);
    else
        assert_non_null(strstr((const char *)with->sent.ptr, ".."));
}

static void lists_certificates(const talk *with, player *p)
{
    const azattest__json *keys =
        azattest__json_get(azattest__json_get(with->claims, "x-ms-policy-certificates"), "keys");
    const azattest_signers *certificates;

    expect(azattest_admin_client_get_policy_management_certificates(p->client, p->transport, &p->options, &p->response,
                                                                    &p->error),
           &p->error, AZATTEST_OK, "");
    certificates = azattest_response_certificates(p->response);
    assert_int_equal(azattest_signers_count(certificates), azattest__json_count(keys));
    for (size_t i = 0; i < azattest_signers_count(certificates); i++) {
        assert_null(azattest_signer_problem(azattest_signers_at(certificates, i)));
        assert_int_equal(azattest_signer_certificate_count(azattest_signers_at(certificates, i)), 1);
    }
}

/* Both bodies are a JSON string with a token; ours is signed by another key, and says the same. */
static void adds_a_certificate(const talk *with, player *p)
{
    azattest__json *theirs = NULL, *ours = NULL, *asked = NULL, *sent = NULL;
    const azattest__json *x5c;
    azattest_status status;
    azattest__buf der;

    azattest__buf_init(&der, AZATTEST_LIMIT_CERTIFICATE);
    assert_int_equal(azattest__json_parse(azattest__text(with->asked), &asked, NULL), AZATTEST_OK);
    theirs = body_of(azattest__json_string(asked));
    x5c = azattest__json_get(azattest__json_get(theirs, "policyCertificate"), "x5c");
    assert_true(azattest__base64_decode(azattest__text(azattest__json_string(azattest__json_first(x5c))), &der));
    status = azattest_admin_client_add_policy_management_certificate(p->client, p->transport, azattest__buf_bytes(&der),
                                                                     &p->options, &p->response, &p->error);
    if (with->status == 200) {
        expect(status, &p->error, AZATTEST_OK, "");
        assert_string_equal(azattest_policy_certificates_modification_result_certificate_thumbprint(
                                azattest_response_certificates_result(p->response)),
                            azattest__json_get_string(with->claims, "x-ms-certificate-thumbprint"));
    } else {
        assert_string_equal(azattest_error_error_code(p->error), "InvalidOperation");
        expect(status, &p->error, AZATTEST_E_HTTP, "add policy management certificate");
    }
    assert_int_equal(azattest__json_parse(azattest__buf_bytes(&with->sent), &sent, NULL), AZATTEST_OK);
    ours = body_of(azattest__json_string(sent));
    assert_true(azattest__json_equal(ours, theirs));
    azattest__json_free(theirs);
    azattest__json_free(ours);
    azattest__json_free(asked);
    azattest__json_free(sent);
    azattest__buf_free(&der);
}

/* ---- the loop ---- */

static void play_call(talk *with)
{
    azattest_transport_functions functions = { .size = sizeof(functions), .send = play, .sleep = never_sleeps };
    player p = { .options = AZATTEST_POLICY_OPTIONS_INIT };
    bool is_signed = with->asked != NULL && strstr(with->asked, "eyJhbGciOiJub25lIn0.") != with->asked;
    azattest_signing_key *key = NULL;
    char type[64] = "";

    if (is_signed)
        assert_int_equal(fixture_signing_key("rsa", "rsa", NULL, NULL, &key, NULL), AZATTEST_OK);
    p.options.signing_key = key;
    p.client = open_client(with);
    assert_int_equal(azattest_transport_new(&functions, with, &p.transport, NULL), AZATTEST_OK);
    if (sscanf(with->path, "/policies/%63[A-Za-z]", type) == 1 && strstr(with->path, ":reset") != NULL)
        resets_a_policy(with, &p, type, is_signed);
    else if (*type != '\0' && strcmp(with->method, "PUT") == 0)
        sets_a_policy(with, &p, type, is_signed);
    else if (*type != '\0')
        reads_a_policy(with, &p, type);
    else if (strcmp(with->method, "GET") == 0)
        lists_certificates(with, &p);
    else
        adds_a_certificate(with, &p);
    if (with->status == 200 && p.response != NULL)
        assert_true(azattest_token_is_validated(azattest_response_token(p.response)));
    azattest_response_free(p.response);
    azattest_admin_client_free(p.client);
    azattest_transport_free(p.transport);
    azattest_signing_key_free(key);
}

static void read_call(const azattest__json *entry, talk *with)
{
    const char *token;
    int64_t status = 0;

    with->method = azattest__json_get_string(entry, "RequestMethod");
    with->path = path_of(azattest__json_get_string(entry, "RequestUri"));
    with->asked = azattest__json_get_string(entry, "RequestBody");
    with->answer = azattest__json_get(entry, "ResponseBody");
    assert_true(azattest__json_integer(azattest__json_get(entry, "StatusCode"), &status));
    with->status = (int)status;
    token = azattest__json_get_string(with->answer, "token");
    with->claims = token == NULL ? NULL : body_of(token);
    with->now_s = 0;
    if (with->claims != NULL)
        assert_true(azattest__json_integer(azattest__json_get(with->claims, "iat"), &with->now_s));
}

static void replays(void **state)
{
    const recording *test = *state;
    azattest__json *document = NULL;
    const azattest__json *entry;
    size_t len, calls = 0;
    talk with = { .certs = NULL };
    unsigned char *text;
    char name[128];

    EVIDENCE_OR_SKIP();
    snprintf(name, sizeof(name), "recordings/%s", test->file);
    text = evidence_read(name, &len);
    assert_int_equal(azattest__json_parse(azattest__bytes(text, len), &document, NULL), AZATTEST_OK);
    entry = azattest__json_first(azattest__json_get(document, "Entries"));
    for (; entry != NULL; entry = azattest__json_next(entry)) {
        if (strcmp(path_of(azattest__json_get_string(entry, "RequestUri")), "/certs") == 0) {
            with.certs = azattest__json_get(entry, "ResponseBody");
            continue;
        }
        calls++;
        read_call(entry, &with);
        with.endpoint = endpoint_of(with.certs);
        azattest__buf_init(&with.sent, AZATTEST_LIMIT_TOKEN);
        play_call(&with);
        azattest__buf_free(&with.sent);
        azattest__json_free(with.claims);
        free(with.endpoint);
    }
    assert_int_equal(calls, test->calls);
    azattest__json_free(document);
    free(text);
}

int main(void)
{
    struct CMUnitTest tests[sizeof(recordings) / sizeof(recordings[0])];

    for (size_t i = 0; i < sizeof(recordings) / sizeof(recordings[0]); i++)
        tests[i] = (struct CMUnitTest){ recordings[i].file, replays, NULL, NULL, (void *)(uintptr_t)&recordings[i] };
    return cmocka_run_group_tests_name("replay of policies", tests, NULL, NULL);
}
