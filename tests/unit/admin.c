/* The administration client against a made-up service: what is sent, what is read, and every answer that contradicts
 * the call. The service signs whatever the case lets it say: only the comparison with what was sent can find the lie.
 */
#include <stdio.h>
#include <stdlib.h>

#include "bench.h"
#include "expect.h"
#include "fixtures.h"
#include "jose/signing_key.h"
#include "base/encoding.h"

#define TEXT "version=1.0; authorizationrules{=> permit();}; issuancerules{};"
/* The policy token of that text, unsecured. */
#define STORED                                                                                                         \
    "eyJhbGciOiJub25lIn0.eyJBdHRlc3RhdGlvblBvbGljeSI6ImRtVnljMmx2YmoweExqQTdJR0YxZEdodmNtbDZZWFJwYjI1eWRXeGxjM3M5UGlC" \
    "d1pYSnRhWFFvS1R0OU95QnBjM04xWVc1alpYSjFiR1Z6ZTMwNyJ9."
#define HASH "c6sEJQItV50OeP9IrP_bzywAMOVvj5uDPbklA_bwdYQ"
#define QUERY "?api-version=2025-06-01"

typedef enum call { GET, SET, RESET, LIST, ADD, REMOVE } call;

/* What the service says: claims with placeholders.
 * @HASH@    the hash of the token that was sent
 * @SENT@    the certificate of that token's header, as a JWK
 * @OTHER@   the certificate of another key, as a JWK
 * @THUMB@   the thumbprint of the certificate that is added or removed (fixture ec)
 * @SIGNED@  a stored policy token that the fixture rsa signed; @BROKEN@ the same with another signature */
typedef struct service {
    bench *b;
    const char *claims;
    const instance_key *key; /* NULL: unsecured */
    int status;
    const char *refusal;
    char *method, *url, *content_type, *body;
    int asked;
} service;

static char *jwk_of(const char *name)
{
    azattest_signer *signer = NULL;
    azattest__json *jwk = azattest__json_new_object(), *x5c = NULL;
    char file[64], *pem;
    azattest__buf text;

    snprintf(file, sizeof(file), "signing/%s.crt.pem", name);
    pem = fixture_read(file);
    assert_int_equal(azattest__signer_from_certificates(bytes_of(pem), &signer, NULL), AZATTEST_OK);
    assert_int_equal(azattest__signer_x5c(signer, &x5c, NULL), AZATTEST_OK);
    azattest__json_put_string(jwk, "alg", strcmp(azattest_signer_key_type(signer), "RSA") == 0 ? "RS256" : "ES256");
    azattest__json_put_string(jwk, "kty", azattest_signer_key_type(signer));
    azattest__json_put_string(jwk, "use", "sig");
    azattest__json_put(jwk, "x5c", x5c);
    azattest__buf_init(&text, 65536);
    assert_int_equal(azattest__json_print(jwk, false, &text, NULL), AZATTEST_OK);
    azattest__json_free(jwk);
    azattest_signer_free(signer);
    free(pem);
    return (char *)azattest__buf_take(&text, NULL);
}

static char *thumbprint_of(const char *name)
{
    static const char digits[] = "0123456789ABCDEF";
    unsigned char hash[AZATTEST__HASH_MAX];
    azattest_signer *signer = NULL;
    char file[64], *pem, *text = calloc(1, 41);
    size_t len;

    snprintf(file, sizeof(file), "signing/%s.crt.pem", name);
    pem = fixture_read(file);
    assert_int_equal(azattest__signer_from_certificates(bytes_of(pem), &signer, NULL), AZATTEST_OK);
    assert_int_equal(azattest__digest(AZATTEST__SHA1, azattest_signer_certificate_der(signer, 0), hash, &len, NULL),
                     AZATTEST_OK);
    for (size_t i = 0; i < len; i++) {
        text[2 * i] = digits[hash[i] >> 4];
        text[2 * i + 1] = digits[hash[i] & 15];
    }
    azattest_signer_free(signer);
    free(pem);
    return text;
}

/* A policy token that the fixture signed; `broken` changes a character of its signature. */
static char *signed_policy(const char *name, bool broken)
{
    azattest_signing_key *key = NULL;
    azattest_token *token = NULL;
    azattest_bytes text;
    char *copy;

    assert_int_equal(fixture_signing_key(name, name, NULL, NULL, &key, NULL), AZATTEST_OK);
    assert_int_equal(azattest_create_policy_token(bytes_of(TEXT), key, &token, NULL), AZATTEST_OK);
    text = azattest_token_serialize(token);
    copy = azattest__dup(text.ptr, text.len);
    if (broken) {
        char *first = strrchr(copy, '.') + 1;

        *first = *first == 'A' ? 'B' : 'A';
    }
    azattest_token_free(token);
    azattest_signing_key_free(key);
    return copy;
}

static char *sent_hash(const char *body)
{
    unsigned char hash[AZATTEST_HASH_SIZE];
    azattest__buf text;

    azattest__buf_init(&text, 64);
    assert_int_equal(azattest_policy_token_hash(bytes_of(body), hash, NULL), AZATTEST_OK);
    azattest__base64url_encode(azattest__bytes(hash, sizeof(hash)), &text);
    return (char *)azattest__buf_take(&text, NULL);
}

/* The certificate in the header of the token that was sent. */
static char *sent_jwk(const char *body)
{
    azattest_token *token = NULL;
    azattest_bytes x5c;
    char *text = NULL;

    assert_int_equal(azattest_token_parse(bytes_of(body), &token, NULL), AZATTEST_OK);
    x5c = azattest_token_x509_certificate_chain(token);
    assert_true(asprintf(&text, "{\"kty\":\"%s\",\"x5c\":%.*s}",
                         azattest_token_algorithm(token)[0] == 'E' ? "EC" : "RSA", (int)x5c.len,
                         (const char *)x5c.ptr) > 0);
    azattest_token_free(token);
    return text;
}

static char *value_of(const char *placeholder, const char *body)
{
    if (strcmp(placeholder, "HASH") == 0)
        return sent_hash(body);
    if (strcmp(placeholder, "SENT") == 0)
        return sent_jwk(body);
    if (strcmp(placeholder, "OTHER") == 0)
        return jwk_of("p384");
    if (strcmp(placeholder, "THUMB") == 0)
        return thumbprint_of("ec");
    if (strcmp(placeholder, "SIGNED") == 0)
        return signed_policy("rsa", false);
    if (strcmp(placeholder, "BROKEN") == 0)
        return signed_policy("rsa", true);
    fail_msg("no placeholder %s", placeholder);
    return NULL;
}

static char *claims_of(const service *from)
{
    const char *at = from->claims, *mark;
    char name[16], *value;
    azattest__buf out;

    azattest__buf_init(&out, 1 << 20);
    azattest__buf_printf(&out, "{\"exp\":%lld,\"iat\":%lld,\"iss\":\"" INSTANCE "\",\"nbf\":%lld",
                         (long long)INSTANCE_NOW_S + 3600, (long long)INSTANCE_NOW_S, (long long)INSTANCE_NOW_S);
    for (; (mark = strchr(at, '@')) != NULL; at += strlen(name) + 2) {
        azattest__buf_append(&out, at, (size_t)(mark - at));
        snprintf(name, sizeof(name), "%.*s", (int)strcspn(mark + 1, "@"), mark + 1);
        value = value_of(name, from->body);
        azattest__buf_append_text(&out, value);
        free(value);
        at = mark;
    }
    azattest__buf_append_text(&out, at);
    azattest__buf_append_text(&out, "}");
    return (char *)azattest__buf_take(&out, NULL);
}

static void forget(service *from)
{
    free(from->method);
    free(from->url);
    free(from->content_type);
    free(from->body);
    from->method = from->url = from->content_type = from->body = NULL;
}

static void serve(void *user, azattest_op *op, const azattest_request *request)
{
    service *from = user;
    azattest_bytes body = azattest_request_body(request);
    char *claims, *token, *reply;

    if (strcmp(azattest_request_url(request), INSTANCE_CERTS) == 0) {
        assert_null(header_of(request, "Authorization"));
        respond(op, 200, from->b->jwks);
        return;
    }
    forget(from);
    from->asked++;
    from->method = strdup(azattest_request_method(request));
    from->url = strdup(azattest_request_url(request));
    from->content_type = header_of(request, "Content-Type") == NULL ? NULL : strdup(header_of(request, "Content-Type"));
    from->body = azattest__dup(body.ptr, body.len);
    assert_string_equal(header_of(request, "Accept"), "application/json");
    assert_string_equal(header_of(request, "Authorization"), "Bearer access-token");
    if (from->refusal != NULL) {
        respond(op, from->status, from->refusal);
        return;
    }
    claims = claims_of(from);
    token = instance_token(from->key, claims);
    reply = instance_reply(token);
    respond(op, 200, reply);
    free(claims);
    free(token);
    free(reply);
}

static bool never_sleeps(void *user, int64_t wait_ms)
{
    (void)user, (void)wait_ms;
    return true;
}

static azattest_admin_client *open_client(bench *b, const azattest_client_options *options)
{
    azattest_client_options with = options == NULL ? b->options : *options;
    azattest_credential *credential = NULL;
    azattest_admin_client *client = NULL;

    assert_int_equal(azattest_static_token_credential_new("access-token", 0, &credential, NULL), AZATTEST_OK);
    with.credential = credential;
    assert_int_equal(azattest_admin_client_new(INSTANCE, &with, &client, NULL), AZATTEST_OK);
    azattest_credential_free(credential);
    return client;
}

/* One call to the service. The key is a fixture's name, or NULL. */
static azattest_status ask(service *from, const azattest_client_options *client_options, call what, const char *key,
                           azattest_policy_options *options, azattest_response **response, azattest_error **error)
{
    azattest_transport_functions functions = { .size = sizeof(functions), .send = serve, .sleep = never_sleeps };
    azattest_policy_options none = AZATTEST_POLICY_OPTIONS_INIT, *given = options == NULL ? &none : options;
    azattest_admin_client *client = open_client(from->b, client_options);
    azattest_signing_key *signing_key = NULL;
    azattest_transport *transport = NULL;
    char *certificate = fixture_read("signing/ec.crt.pem");
    azattest_status status = AZATTEST_OK;

    if (key != NULL)
        assert_int_equal(fixture_signing_key(key, key, NULL, NULL, &signing_key, NULL), AZATTEST_OK);
    given->signing_key = signing_key;
    assert_int_equal(azattest_transport_new(&functions, from, &transport, NULL), AZATTEST_OK);
    switch (what) {
    case GET:
        status = azattest_admin_client_get_policy(client, transport, "sgxenclave", given, response, error);
        break;
    case SET:
        status =
            azattest_admin_client_set_policy(client, transport, "SgxEnclave", bytes_of(TEXT), given, response, error);
        break;
    case RESET:
        status = azattest_admin_client_reset_policy(client, transport, "SGXENCLAVE", given, response, error);
        break;
    case LIST:
        status = azattest_admin_client_get_policy_management_certificates(client, transport, given, response, error);
        break;
    case ADD:
        status = azattest_admin_client_add_policy_management_certificate(client, transport, bytes_of(certificate),
                                                                         given, response, error);
        break;
    case REMOVE:
        status = azattest_admin_client_remove_policy_management_certificate(client, transport, bytes_of(certificate),
                                                                            given, response, error);
        break;
    }
    azattest_transport_free(transport);
    azattest_signing_key_free(signing_key);
    azattest_admin_client_free(client);
    free(certificate);
    return status;
}

static service service_of(bench *b, const char *claims)
{
    service from = { .b = b, .claims = claims, .key = &b->key };

    return from;
}

/* ---- answers that contradict the call ---- */

typedef struct lie {
    const char *name;
    call what;
    const char *key; /* who signs; NULL: nobody */
    const char *claims;
    azattest_status status;
    const char *reason;
} lie;

#define UPDATED ",\"x-ms-policy-result\":\"Updated\""
#define REMOVED ",\"x-ms-policy-result\":\"Removed\""
#define SENT_HASH ",\"x-ms-policy-token-hash\":\"@HASH@\""
#define OTHER_HASH ",\"x-ms-policy-token-hash\":\"pyhI2FKMjRkvpvwS07hLclAyvsi5O4TrnzL5OPsIxzM\""
#define SENT_SIGNER ",\"x-ms-policy-signer\":@SENT@"
#define OTHER_SIGNER ",\"x-ms-policy-signer\":@OTHER@"
#define THUMB ",\"x-ms-certificate-thumbprint\":\"@THUMB@\""
#define PRESENT ",\"x-ms-policycertificates-result\":\"IsPresent\""
#define ABSENT ",\"x-ms-policycertificates-result\":\"IsAbsent\""

static const lie lies[] = {
    { "set: another hash", SET, NULL, UPDATED OTHER_HASH, AZATTEST_E_POLICY_HASH, "not that of the token" },
    { "set: no hash", SET, NULL, UPDATED, AZATTEST_E_POLICY_HASH, "has no hash" },
    { "set: a hash that is too short", SET, NULL, UPDATED ",\"x-ms-policy-token-hash\":\"AAAA\"", AZATTEST_E_RESPONSE,
      "no SHA-256" },
    { "set: a hash that is a number", SET, NULL, UPDATED ",\"x-ms-policy-token-hash\":1", AZATTEST_E_RESPONSE,
      "is not a string" },
    { "set: the hash of null", SET, NULL, UPDATED ",\"x-ms-policy-token-hash\":null", AZATTEST_E_RESPONSE,
      "is not a string" },
    { "set: removed instead of updated", SET, NULL, REMOVED SENT_HASH, AZATTEST_E_RESPONSE,
      "\"Removed\" where \"Updated\"" },
    { "set: a result that nobody knows", SET, NULL, ",\"x-ms-policy-result\":\"Queued\"" SENT_HASH, AZATTEST_E_RESPONSE,
      "\"Queued\" where \"Updated\"" },
    { "set: no result", SET, NULL, SENT_HASH, AZATTEST_E_RESPONSE, "does not say what became" },
    { "set: a result that is no text", SET, NULL, ",\"x-ms-policy-result\":true" SENT_HASH, AZATTEST_E_RESPONSE,
      "is not a string" },
    { "set unsigned: a signer", SET, NULL, UPDATED SENT_HASH OTHER_SIGNER, AZATTEST_E_POLICY_SIGNER, "sent unsigned" },
    { "set signed: no signer", SET, "rsa", UPDATED SENT_HASH, AZATTEST_E_POLICY_SIGNER, "names no signer" },
    { "set signed: another signer", SET, "rsa", UPDATED SENT_HASH OTHER_SIGNER, AZATTEST_E_POLICY_SIGNER,
      "not the signing certificate" },
    { "set signed: a signer that is no object", SET, "rsa", UPDATED SENT_HASH ",\"x-ms-policy-signer\":\"me\"",
      AZATTEST_E_RESPONSE, "no key that can be used" },
    { "set signed: a signer without a certificate", SET, "rsa", UPDATED SENT_HASH ",\"x-ms-policy-signer\":{}",
      AZATTEST_E_RESPONSE, "no key that can be used" },
    { "set signed: another hash and another signer", SET, "rsa", UPDATED OTHER_HASH OTHER_SIGNER,
      AZATTEST_E_POLICY_HASH, "not the signing certificate" },
    { "reset: updated instead of removed", RESET, NULL, UPDATED, AZATTEST_E_RESPONSE, "\"Updated\" where \"Removed\"" },
    { "reset: no result", RESET, NULL, "", AZATTEST_E_RESPONSE, "does not say what became" },
    { "reset: another hash", RESET, NULL, REMOVED OTHER_HASH, AZATTEST_E_POLICY_HASH, "not that of the token" },
    { "reset signed: another signer", RESET, "ec", REMOVED OTHER_SIGNER, AZATTEST_E_POLICY_SIGNER,
      "not the signing certificate" },
    { "reset unsigned: a signer", RESET, NULL, REMOVED OTHER_SIGNER, AZATTEST_E_POLICY_SIGNER, "sent unsigned" },
    { "get: no policy", GET, NULL, "", AZATTEST_E_RESPONSE, "has no policy" },
    { "get: the policy of an attestation token", GET, NULL, ",\"x-ms-policy\":{\"a\":1}", AZATTEST_E_RESPONSE,
      "is not a string" },
    { "get: plain text", GET, NULL, ",\"x-ms-policy\":\"version=1.0;\"", AZATTEST_E_RESPONSE, "three parts" },
    { "get: a stored token without a policy", GET, NULL, ",\"x-ms-policy\":\"eyJhbGciOiJub25lIn0.e30.\"",
      AZATTEST_E_RESPONSE, "has no \"AttestationPolicy\"" },
    { "get: a stored token whose signature is another's", GET, NULL, ",\"x-ms-policy\":\"@BROKEN@\"",
      AZATTEST_E_POLICY_SIGNER, "does not verify its signature" },
    { "list: no certificates", LIST, NULL, "", AZATTEST_E_RESPONSE, "has no certificates" },
    { "list: text", LIST, NULL, ",\"x-ms-policy-certificates\":\"none\"", AZATTEST_E_RESPONSE, "is not an object" },
    { "list: no keys", LIST, NULL, ",\"x-ms-policy-certificates\":{}", AZATTEST_E_RESPONSE, "\"keys\" is missing" },
    { "list: keys that are no objects", LIST, NULL, ",\"x-ms-policy-certificates\":{\"keys\":[1]}", AZATTEST_E_RESPONSE,
      "expected an object" },
    { "add: another certificate", ADD, "rsa",
      ",\"x-ms-certificate-thumbprint\":\"374664A1E7A90041C74284EDD704F5C1DA8899AF\"" PRESENT,
      AZATTEST_E_CERTIFICATE_THUMBPRINT, "374664A1E7A90041C74284EDD704F5C1DA8899AF" },
    { "add: no thumbprint", ADD, "rsa", PRESENT, AZATTEST_E_RESPONSE, "x-ms-certificate-thumbprint" },
    { "add: no result", ADD, "rsa", THUMB, AZATTEST_E_RESPONSE, "x-ms-policycertificates-result" },
    { "add: absent", ADD, "rsa", THUMB ABSENT, AZATTEST_E_RESPONSE, "\"IsAbsent\" where \"IsPresent\"" },
    { "add: a result that is no text", ADD, "rsa", THUMB ",\"x-ms-policycertificates-result\":1", AZATTEST_E_RESPONSE,
      "is not a string" },
    { "remove: another certificate", REMOVE, "rsa", ",\"x-ms-certificate-thumbprint\":\"\"" ABSENT,
      AZATTEST_E_CERTIFICATE_THUMBPRINT, "thumbprint" },
    { "remove: still present", REMOVE, "rsa", THUMB PRESENT, AZATTEST_E_RESPONSE, "\"IsPresent\" where \"IsAbsent\"" },
};

static void a_lie_is_found(void **state)
{
    const lie *test = *state;
    void *holder = NULL;
    azattest_response *response = NULL;
    azattest_error *error = NULL;
    azattest_status status;
    service from;

    assert_int_equal(bench_setup(&holder), 0);
    from = service_of(holder, test->claims);
    status = ask(&from, NULL, test->what, test->key, NULL, &response, &error);
    assert_non_null(error);
    assert_int_equal(azattest_error_status_code(error), 200);
    assert_int_equal(azattest_error_attempts(error), 1);
    assert_non_null(azattest_error_client_request_id(error));
    expect(status, &error, test->status, test->reason);
    assert_null(response);
    assert_int_equal(from.asked, 1);
    forget(&from);
    bench_teardown(&holder);
}

/* ---- answers that fit ---- */

static void expect_request(const service *from, const char *method, const char *path, const char *content_type)
{
    char url[256];

    snprintf(url, sizeof(url), INSTANCE "%s", path);
    assert_string_equal(from->method, method);
    assert_string_equal(from->url, url);
    if (content_type == NULL)
        assert_null(from->content_type);
    else
        assert_string_equal(from->content_type, content_type);
}

static void an_unsigned_policy_is_set(void **state)
{
    service from = service_of(*state, UPDATED SENT_HASH);
    azattest_response *response = NULL;
    const azattest_policy_result *result;
    azattest_error *error = NULL;
    azattest__buf hash;

    azattest__buf_init(&hash, 64);
    expect_success(ask(&from, NULL, SET, NULL, NULL, &response, &error), &error);
    expect_request(&from, "PUT", "/policies/SgxEnclave" QUERY, "text/plain");
    assert_string_equal(from.body, STORED);
    result = azattest_response_policy_result(response);
    assert_string_equal(azattest_policy_result_policy_resolution(result), AZATTEST_POLICY_UPDATED);
    azattest__base64url_encode(azattest_policy_result_policy_token_hash(result), &hash);
    assert_string_equal((const char *)hash.ptr, HASH);
    assert_null(azattest_policy_result_policy_signer(result));
    assert_null(azattest_policy_result_policy(result));
    assert_null(azattest_policy_result_policy_text(result));
    assert_true(azattest_token_is_validated(azattest_response_token(response)));
    assert_null(azattest_response_value(response));
    assert_null(azattest_response_certificates(response));
    assert_null(azattest_response_certificates_result(response));
    azattest__buf_free(&hash);
    azattest_response_free(response);
    forget(&from);
}

static void signed_policies_are_set_and_reset(void **state)
{
    static const char *const keys[] = { "rsa", "ec", "p384", "p521" };
    service from = service_of(*state, UPDATED SENT_HASH SENT_SIGNER);
    azattest_response *response = NULL;
    azattest_policy_result *result;
    azattest_signer *signer;
    azattest_error *error = NULL;

    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        from.claims = UPDATED SENT_HASH SENT_SIGNER;
        expect_success(ask(&from, NULL, SET, keys[i], NULL, &response, &error), &error);
        result = azattest_response_take_policy_result(response);
        assert_null(azattest_response_take_policy_result(response));
        signer = azattest_policy_result_policy_signer(result);
        assert_non_null(signer);
        azattest_response_free(response);
        azattest_policy_result_free(result);
        assert_int_equal(azattest_signer_certificate_count(signer), 1);
        azattest_signer_free(signer);
        from.claims = REMOVED;
        expect_success(ask(&from, NULL, RESET, keys[i], NULL, &response, &error), &error);
        expect_request(&from, "POST", "/policies/SgxEnclave:reset" QUERY, "text/plain");
        assert_non_null(strstr(from.body, ".."));
        assert_string_equal(azattest_policy_result_policy_resolution(azattest_response_policy_result(response)),
                            AZATTEST_POLICY_REMOVED);
        azattest_response_free(response);
    }
    forget(&from);
}

static void an_unsigned_reset_is_the_recorded_one(void **state)
{
    service from = service_of(*state, REMOVED);
    azattest_response *response = NULL;
    azattest_error *error = NULL;

    expect_success(ask(&from, NULL, RESET, NULL, NULL, &response, &error), &error);
    assert_string_equal(from.body, "eyJhbGciOiJub25lIn0..");
    assert_null(azattest_policy_result_policy_token_hash(azattest_response_policy_result(response)).ptr);
    azattest_response_free(response);
    forget(&from);
}

static void a_policy_is_read(void **state)
{
    static const struct {
        const char *claims, *text, *stored;
        bool is_signed;
    } cases[] = { { ",\"x-ms-policy\":\"" STORED "\"", TEXT, STORED, false },
                  { ",\"x-ms-policy\":\"@SIGNED@\"", TEXT, NULL, true },
                  { ",\"x-ms-policy\":\"eyJhbGciOiJub25lIn0..\"", "", "eyJhbGciOiJub25lIn0..", false },
                  { ",\"x-ms-policy\":\"\"", "", NULL, false } };
    service from = service_of(*state, "");
    azattest_response *response = NULL;
    const azattest_policy_result *result;
    azattest_signer *signer;
    azattest_error *error = NULL;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        from.claims = cases[i].claims;
        expect_success(ask(&from, NULL, GET, NULL, NULL, &response, &error), &error);
        expect_request(&from, "GET", "/policies/SgxEnclave" QUERY, NULL);
        result = azattest_response_policy_result(response);
        assert_string_equal(azattest_policy_result_policy_text(result), cases[i].text);
        if (cases[i].stored != NULL)
            assert_string_equal(azattest_policy_result_policy(result), cases[i].stored);
        signer = azattest_policy_result_policy_signer(result);
        assert_int_equal(signer != NULL, cases[i].is_signed);
        assert_null(azattest_policy_result_policy_resolution(result));
        azattest_signer_free(signer);
        azattest_response_free(response);
    }
    forget(&from);
}

static void certificates_are_listed(void **state)
{
    service from = service_of(*state, ",\"x-ms-policy-certificates\":{\"keys\":[@OTHER@]}");
    azattest_response *response = NULL;
    azattest_signers *certificates;
    azattest_error *error = NULL;

    expect_success(ask(&from, NULL, LIST, NULL, NULL, &response, &error), &error);
    expect_request(&from, "GET", "/certificates" QUERY, NULL);
    assert_int_equal(azattest_signers_count(azattest_response_certificates(response)), 1);
    certificates = azattest_response_take_certificates(response);
    assert_null(azattest_response_take_certificates(response));
    azattest_response_free(response);
    assert_string_equal(azattest_signer_key_type(azattest_signers_at(certificates, 0)), "EC");
    azattest_signers_free(certificates);
    from.claims = ",\"x-ms-policy-certificates\":{\"keys\":[]}";
    expect_success(ask(&from, NULL, LIST, NULL, NULL, &response, &error), &error);
    assert_int_equal(azattest_signers_count(azattest_response_certificates(response)), 0);
    azattest_response_free(response);
    forget(&from);
}

/* The body of the request, the wrapping taken off; gives the token's body. */
static azattest__json *change_of(const service *from, bool object, const char *member)
{
    azattest__json *document = NULL, *body = NULL;
    const char *text;
    azattest__jws jws;

    assert_int_equal(azattest__json_parse(bytes_of(from->body), &document, NULL), AZATTEST_OK);
    assert_int_equal(azattest__json_is_object(document), object);
    text = object ? azattest__json_get_string(document, member) : azattest__json_string(document);
    assert_non_null(text);
    assert_int_equal(azattest__jws_parse(bytes_of(text), &jws, NULL), AZATTEST_OK);
    assert_int_equal(azattest__json_parse(jws.body, &body, NULL), AZATTEST_OK);
    azattest__jws_clear(&jws);
    azattest__json_free(document);
    return body;
}

static void certificates_are_added_and_removed_in_the_form_of_the_api_version(void **state)
{
    static const struct {
        const char *version;
        bool object;
    } versions[] = { { "2020-10-01", false },
                     { "2022-08-01", false },
                     { "2022-09-01-preview", false },
                     { "2025-06-01", true },
                     { "2026-03-11-preview", true } };
    bench *b = *state;
    azattest_client_options options = b->options;
    service from = service_of(b, "");
    azattest_response *response = NULL;
    const azattest_policy_certificates_modification_result *result;
    azattest_policy_certificates_modification_result *taken;
    azattest_error *error = NULL;
    azattest_signers *keys = NULL;
    char *thumbprint = thumbprint_of("ec"), path[128];
    azattest_validation_options validation = AZATTEST_VALIDATION_OPTIONS_INIT;

    /* The address of the keys depends on the version too; the keys are given instead. */
    assert_int_equal(azattest_signers_parse(bytes_of(b->jwks), &keys, NULL), AZATTEST_OK);
    validation.signers = keys;
    options.validation = &validation;
    for (size_t i = 0; i < 2 * sizeof(versions) / sizeof(versions[0]); i++) {
        bool adds = i % 2 == 0, object = versions[i / 2].object;
        azattest__json *body;

        options.api_version = versions[i / 2].version;
        from.claims = adds ? THUMB PRESENT : THUMB ABSENT;
        expect_success(ask(&from, &options, adds ? ADD : REMOVE, "rsa", NULL, &response, &error), &error);
        snprintf(path, sizeof(path), "/certificates:%s?api-version=%s", adds ? "add" : "remove",
                 versions[i / 2].version);
        expect_request(&from, "POST", path, "application/json");
        body = change_of(&from, object, adds ? "policyCertificateToAdd" : "policyCertificateToRemove");
        assert_string_equal(azattest__json_get_string(azattest__json_get(body, "policyCertificate"), "kty"), "EC");
        assert_int_equal(azattest__json_count(azattest__json_get(azattest__json_get(body, "policyCertificate"), "x5c")),
                         1);
        azattest__json_free(body);
        result = azattest_response_certificates_result(response);
        assert_string_equal(azattest_policy_certificates_modification_result_certificate_thumbprint(result),
                            thumbprint);
        assert_string_equal(azattest_policy_certificates_modification_result_certificate_resolution(result),
                            adds ? AZATTEST_CERTIFICATE_IS_PRESENT : AZATTEST_CERTIFICATE_IS_ABSENT);
        taken = azattest_response_take_certificates_result(response);
        assert_null(azattest_response_take_certificates_result(response));
        azattest_policy_certificates_modification_result_free(taken);
        azattest_response_free(response);
    }
    azattest_signers_free(keys);
    free(thumbprint);
    forget(&from);
}

/* ---- the reply's own token, and other failures ---- */

static void the_answer_is_validated_before_it_is_read(void **state)
{
    bench *b = *state;
    service from = service_of(b, UPDATED OTHER_HASH);
    azattest_response *response = NULL;
    azattest_error *error = NULL;

    from.key = &b->other; /* whose key nobody publishes */
    expect(ask(&from, NULL, SET, NULL, NULL, &response, &error), &error, AZATTEST_E_TOKEN_KEY_UNKNOWN, "key");
    from.key = NULL;
    expect(ask(&from, NULL, SET, NULL, NULL, &response, &error), &error, AZATTEST_E_TOKEN_ALGORITHM, "none");
    from.key = &b->key;
    b->time.now_ms += INT64_C(1000) * 3700;
    expect(ask(&from, NULL, GET, NULL, NULL, &response, &error), &error, AZATTEST_E_TOKEN_EXPIRED, "exp");
    assert_null(response);
    forget(&from);
}

static void the_clients_own_signing_key_is_the_default(void **state)
{
    bench *b = *state;
    azattest_client_options options = b->options;
    service from = service_of(b, UPDATED SENT_HASH SENT_SIGNER);
    azattest_signing_key *key = NULL;
    azattest_response *response = NULL;
    azattest_error *error = NULL;

    assert_int_equal(fixture_signing_key("ec", "ec", NULL, NULL, &key, NULL), AZATTEST_OK);
    options.signing_key = key;
    expect_success(ask(&from, &options, SET, NULL, NULL, &response, &error), &error);
    azattest_response_free(response);
    from.claims = THUMB PRESENT;
    expect_success(ask(&from, &options, ADD, NULL, NULL, &response, &error), &error);
    azattest_response_free(response);
    azattest_signing_key_free(key);
    forget(&from);
}

static void a_refusal_of_the_service_is_told(void **state)
{
    service from = service_of(*state, "");
    azattest_response *response = NULL;
    azattest_error *error = NULL;

    from.status = 400;
    from.refusal = "{\"error\":{\"code\":\"InvalidOperation\",\"message\":\"The operation is disallowed.\"}}";
    assert_int_equal(ask(&from, NULL, SET, NULL, NULL, &response, &error), AZATTEST_E_HTTP);
    assert_string_equal(azattest_error_error_code(error), "InvalidOperation");
    assert_non_null(strstr(azattest_error_message(error), "set policy"));
    azattest_error_free(error);
    forget(&from);
}

static void ids_and_trace_context_are_passed_through(void **state)
{
    azattest_policy_options options = AZATTEST_POLICY_OPTIONS_INIT;
    azattest_admin_client *client = open_client(*state, NULL);
    azattest_op *op = NULL;
    azattest_error *error = NULL;

    options.client_request_id = "my-id";
    options.traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    assert_int_equal(azattest_admin_client_get_policy_begin(client, "Tpm", &options, &op, NULL), AZATTEST_OK);
    options.traceparent = "two\nlines";
    expect(azattest_admin_client_get_policy_begin(client, "Tpm", &options, &(azattest_op *){ NULL }, &error), &error,
           AZATTEST_E_ARGUMENT, "traceparent");
    options.client_request_id = "";
    expect(azattest_admin_client_get_policy_begin(client, "Tpm", &options, &(azattest_op *){ NULL }, &error), &error,
           AZATTEST_E_ARGUMENT, "client_request_id");
    azattest_op_free(op);
    azattest_admin_client_free(client);
}

typedef struct type_case {
    const char *type, *path; /* NULL: refused */
} type_case;

static void types_are_one_segment_of_the_address(void **state)
{
    static const type_case cases[] = {
        { "tpm", "/policies/Tpm" },
        { "SevSnpVm", "/policies/SevSnpVm" },
        { "Pluton", "/policies/Pluton" },
        { "my type", "/policies/my%20type" },
        { "a?b#c", "/policies/a%3Fb%23c" },
        { "100%", "/policies/100%25" },
        { "\xc3\xa9", "/policies/%C3%A9" },
        { "", NULL },
        { ".", NULL },
        { "..", NULL },
        { "../certs", NULL },
        { "a\\b", NULL },
        { "SgxEnclave:reset", NULL },
        { "a\nb", NULL },
        { "\xff", NULL },
        { NULL, NULL },
    };
    azattest_admin_client *client = open_client(*state, NULL);
    char url[256], longest[160];
    azattest_op *op = NULL;
    azattest_error *error = NULL;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        if (cases[i].path == NULL) {
            expect(azattest_admin_client_get_policy_begin(client, cases[i].type, NULL, &op, &error), &error,
                   AZATTEST_E_ARGUMENT, "attestation type");
            assert_null(op);
            continue;
        }
        expect_success(azattest_admin_client_get_policy_begin(client, cases[i].type, NULL, &op, &error), &error);
        assert_int_equal(azattest_op_step(op), AZATTEST_NEED_HTTP);
        snprintf(url, sizeof(url), INSTANCE "%s" QUERY, cases[i].path);
        assert_string_equal(azattest_request_url(azattest_op_request(op)), url);
        azattest_op_free(op);
    }
    memset(longest, 'a', sizeof(longest));
    longest[AZATTEST_LIMIT_ATTESTATION_TYPE + 1] = '\0';
    expect(azattest_admin_client_get_policy_begin(client, longest, NULL, &op, &error), &error, AZATTEST_E_ARGUMENT,
           "too long");
    azattest_admin_client_free(client);
}

static void the_first_preview_is_refused_by_name(void **state)
{
    bench *b = *state;
    azattest_client_options options = b->options;
    azattest_admin_client *client;
    azattest_op *op = NULL;
    azattest_error *error = NULL;

    options.api_version = "2018-09-01-preview";
    client = open_client(b, &options);
    expect(azattest_admin_client_get_policy_begin(client, "SgxEnclave", NULL, &op, &error), &error, AZATTEST_E_ARGUMENT,
           "get policy: not in api-version 2018-09-01-preview");
    expect(azattest_admin_client_get_policy_management_certificates_begin(client, NULL, &op, &error), &error,
           AZATTEST_E_ARGUMENT, "2020-10-01");
    azattest_admin_client_free(client);
}

static void wrong_use_is_told(void **state)
{
    azattest_policy_options strange = { .size = 1 };
    azattest_admin_client *client = open_client(*state, NULL), *nobody = NULL;
    char *certificate = fixture_read("signing/ec.crt.pem"), *key = fixture_read("signing/ec.key.pem"), two[4096];
    azattest_bytes none = { NULL, 0 };
    azattest_op *op = NULL;
    azattest_error *error = NULL;
    azattest_signing_key *signing_key = NULL;
    azattest_policy_options options = AZATTEST_POLICY_OPTIONS_INIT;
    azattest_validation_options validation = AZATTEST_VALIDATION_OPTIONS_INIT;

    snprintf(two, sizeof(two), "%s%s", certificate, certificate);
    expect(azattest_admin_client_get_policy_begin(NULL, "Tpm", NULL, &op, &error), &error, AZATTEST_E_ARGUMENT,
           "no administration client");
    expect(azattest_admin_client_get_policy_begin(client, "Tpm", NULL, NULL, &error), &error, AZATTEST_E_ARGUMENT,
           "nowhere");
    expect(azattest_admin_client_get_policy_begin(client, "Tpm", &strange, &op, &error), &error, AZATTEST_E_ARGUMENT,
           "size is 1");
    expect(azattest_admin_client_set_policy_begin(client, "Tpm", none, NULL, &op, &error), &error, AZATTEST_E_ARGUMENT,
           "no text");
    expect(azattest_admin_client_set_policy_begin(client, "Tpm", bytes_of("\xff"), NULL, &op, &error), &error,
           AZATTEST_E_ARGUMENT, "not UTF-8");
    expect(
        azattest_admin_client_add_policy_management_certificate_begin(client, bytes_of(certificate), NULL, &op, &error),
        &error, AZATTEST_E_ARGUMENT, "no signing key");
    expect(azattest_admin_client_remove_policy_management_certificate_begin(client, bytes_of(certificate), NULL, &op,
                                                                            &error),
           &error, AZATTEST_E_ARGUMENT, "no signing key");
    assert_int_equal(fixture_signing_key("rsa", "rsa", NULL, NULL, &signing_key, NULL), AZATTEST_OK);
    options.signing_key = signing_key;
    expect(azattest_admin_client_add_policy_management_certificate_begin(client, bytes_of(two), &options, &op, &error),
           &error, AZATTEST_E_MALFORMED, "2 certificates, expected one");
    expect(azattest_admin_client_add_policy_management_certificate_begin(client, bytes_of(key), &options, &op, &error),
           &error, AZATTEST_E_MALFORMED, "neither PEM text with a certificate nor DER");
    expect(azattest_admin_client_add_policy_management_certificate_begin(client, none, &options, &op, &error), &error,
           AZATTEST_E_ARGUMENT, "no certificate");
    validation.require_attestation = AZATTEST_ON; /* would refuse the answer to a change that was made */
    options.validation = &validation;
    expect(azattest_admin_client_get_policy_begin(client, "Tpm", &options, &op, &error), &error, AZATTEST_E_ARGUMENT,
           "get policy: its answer is no attestation");
    expect(azattest_admin_client_get_policy_management_certificates_begin(client, &options, &op, &error), &error,
           AZATTEST_E_ARGUMENT, "require_attestation");
    azattest_signing_key_free(signing_key);
    expect(azattest_admin_client_new(INSTANCE, NULL, &nobody, &error), &error, AZATTEST_E_ARGUMENT, "no credential");
    assert_null(nobody);
    expect(azattest_admin_client_new(INSTANCE, NULL, NULL, &error), &error, AZATTEST_E_ARGUMENT, "nowhere");
    assert_string_equal(azattest_admin_client_endpoint(client), INSTANCE);
    assert_string_equal(azattest_admin_client_api_version(client), AZATTEST_DEFAULT_API_VERSION);
    assert_null(azattest_admin_client_endpoint(NULL));
    assert_null(azattest_admin_client_api_version(NULL));
    assert_null(azattest_response_policy_result(NULL));
    assert_null(azattest_response_take_policy_result(NULL));
    assert_null(azattest_response_certificates(NULL));
    assert_null(azattest_response_take_certificates(NULL));
    assert_null(azattest_response_certificates_result(NULL));
    assert_null(azattest_response_take_certificates_result(NULL));
    assert_null(azattest_policy_result_policy_resolution(NULL));
    assert_null(azattest_policy_result_policy_signer(NULL));
    assert_null(azattest_policy_result_policy(NULL));
    assert_null(azattest_policy_result_policy_text(NULL));
    assert_null(azattest_policy_result_policy_token_hash(NULL).ptr);
    assert_null(azattest_policy_certificates_modification_result_certificate_thumbprint(NULL));
    assert_null(azattest_policy_certificates_modification_result_certificate_resolution(NULL));
    azattest_policy_result_free(NULL);
    azattest_policy_certificates_modification_result_free(NULL);
    azattest_admin_client_free(NULL);
    azattest_admin_client_free(client);
    free(certificate);
    free(key);
}

int main(void)
{
    const struct CMUnitTest others[] = {
        TEST(an_unsigned_policy_is_set),
        TEST(signed_policies_are_set_and_reset),
        TEST(an_unsigned_reset_is_the_recorded_one),
        TEST(a_policy_is_read),
        TEST(certificates_are_listed),
        TEST(certificates_are_added_and_removed_in_the_form_of_the_api_version),
        TEST(the_answer_is_validated_before_it_is_read),
        TEST(the_clients_own_signing_key_is_the_default),
        TEST(a_refusal_of_the_service_is_told),
        TEST(ids_and_trace_context_are_passed_through),
        TEST(types_are_one_segment_of_the_address),
        TEST(the_first_preview_is_refused_by_name),
        TEST(wrong_use_is_told),
    };
    struct CMUnitTest tests[sizeof(lies) / sizeof(lies[0])];

    for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++)
        tests[i] = (struct CMUnitTest){ lies[i].name, a_lie_is_found, NULL, NULL, (void *)(uintptr_t)&lies[i] };
    return cmocka_run_group_tests_name("answers that contradict the call", tests, NULL, NULL) +
           cmocka_run_group_tests_name("administration client", others, NULL, NULL);
}
