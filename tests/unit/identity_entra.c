/* Credentials of a tenant: secret, certificate, federated token, environment. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "acquire.h"
#include "base/encoding.h"
#include "crypto/bundle.h"
#include "crypto/issue.h"
#include "identity/settings.h"
#include "identity/token_reply.h"

#define TENANT "11111111-2222-3333-4444-555555555555"
#define URL "https://login.microsoftonline.com/" TENANT "/oauth2/v2.0/token"
#define REPLY "{\"token_type\":\"Bearer\",\"expires_in\":3599,\"ext_expires_in\":3599,\"access_token\":\"tok-1\"}"
#define DENIED                                                                                                         \
    "{\"error\":\"invalid_client\",\"error_description\":\"AADSTS7000215: Invalid client secret s3cr3t+/= "            \
    "provided.\\r\\n"                                                                                                  \
    "Trace ID: 1\\r\\n\",\"error_codes\":[7000215],\"correlation_id\":\"c0rr\",\"error_uri\":\"https://x\"}"

static instance_time now(void)
{
    instance_time time = { INSTANCE_NOW_S * 1000, 5000 };

    return time;
}

static azattest_credential *secret_credential(variables environment, const char *tenant)
{
    azattest_credential_options options = credential_options(environment);
    azattest_credential *credential = NULL;
    azattest_error *error = NULL;

    expect_made(azattest_client_secret_credential_new(tenant, "client id", "s3cr3t+/=", &options, &credential, &error),
                &error, NULL);
    return credential;
}

static void the_secret_is_posted_as_a_form(void **state)
{
    static const scene script[] = {
        { AZATTEST_NEED_HTTP, "POST " URL,
          "grant_type=client_credentials&client_id=client%20id&scope=https%3A%2F%2Fattest.azure.net%2F.default"
          "&client_secret=s3cr3t%2B%2F%3D",
          200, REPLY, NULL, 0 },
        { 0 }
    };
    azattest_credential *credential = secret_credential(NULL, TENANT);
    instance_time time = now();

    (void)state;
    expect_token(credential, &time, script, "tok-1");
    assert_string_equal(azattest_credential_kind(credential), "ClientSecretCredential");
    azattest_credential_free(credential);
}

static void form_is_said_and_proxies_are_allowed(void **state)
{
    static const scene script[] = { { AZATTEST_NEED_HTTP, NULL, "Content-Type: application/x-www-form-urlencoded", 503,
                                      "", NULL, 0 },
                                    { AZATTEST_NEED_HTTP, NULL, "!(no proxy)", 200, REPLY, NULL, 0 },
                                    { 0 } };
    azattest_credential *credential = secret_credential(NULL, TENANT);
    instance_time time = now();

    (void)state;
    expect_token(credential, &time, script, "tok-1");
    azattest_credential_free(credential);
}

static void authorities(void **state)
{
    static const struct {
        const char *value, *url, *failure;
    } cases[] = {
        { "AZURE_AUTHORITY_HOST=login.microsoftonline.us", "POST https://login.microsoftonline.us/t/oauth2/v2.0/token",
          NULL },
        { "AZURE_AUTHORITY_HOST= https://Login.Chinacloudapi.cn/ ",
          "POST https://login.chinacloudapi.cn/t/oauth2/v2.0/token", NULL },
        { "AZURE_AUTHORITY_HOST=https://127.0.0.1:8443", "POST https://127.0.0.1:8443/t/oauth2/v2.0/token", NULL },
        { "AZURE_AUTHORITY_HOST=http://login.microsoftonline.com", NULL, "https" },
        { "AZURE_AUTHORITY_HOST=ftp://login.microsoftonline.com", NULL, "https" },
        { "AZURE_AUTHORITY_HOST=https://a@b", NULL, "authority_host" },
        { "AZURE_AUTHORITY_HOST=https://a/path", NULL, "authority_host" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *const environment[] = { cases[i].value, NULL };
        azattest_credential_options options = credential_options(environment);
        const scene script[] = { { AZATTEST_NEED_HTTP, cases[i].url, NULL, 200, REPLY, NULL, 0 }, { 0 } };
        azattest_credential *credential = NULL;
        azattest_error *error = NULL;
        instance_time time = now();

        expect_made(azattest_client_secret_credential_new("t", "c", "s", &options, &credential, &error), &error,
                    cases[i].failure);
        if (credential != NULL)
            expect_token(credential, &time, script, "tok-1");
        azattest_credential_free(credential);
    }
}

static void adfs_gets_a_resource(void **state)
{
    static const scene script[] = { { AZATTEST_NEED_HTTP, "POST https://login.microsoftonline.com/adfs/oauth2/token",
                                      "&resource=https%3A%2F%2Fattest.azure.net&client_secret", 200, REPLY, NULL, 0 },
                                    { 0 } };
    azattest_credential *credential = secret_credential(NULL, "adfs");
    instance_time time = now();

    (void)state;
    expect_token(credential, &time, script, "tok-1");
    azattest_credential_free(credential);
}

static void wrong_constructions(void **state)
{
    static const struct {
        const char *tenant, *client, *secret, *failure;
    } cases[] = {
        { NULL, "c", "s", "tenant_id" },   { "t", NULL, "s", "client_id" },  { "t", "c", NULL, "client_secret" },
        { "t", "c", "", "client_secret" }, { "t/../x", "c", "s", "tenant" }, { "-t", "c", "s", "tenant" },
        { "", "c", "s", "tenant" },        { "t\n", "c", "s", "tenant" },    { "t", "c\r\n", "s", "client_id" },
        { "t?x=", "c", "s", "tenant" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        azattest_credential *credential = NULL;
        azattest_error *error = NULL;

        expect_made(azattest_client_secret_credential_new(cases[i].tenant, cases[i].client, cases[i].secret, NULL,
                                                          &credential, &error),
                    &error, cases[i].failure);
        assert_null(credential);
    }
    assert_int_equal(azattest_client_secret_credential_new("t", "c", "s", NULL, NULL, NULL), AZATTEST_E_ARGUMENT);
}

static void a_refusal_shows_what_the_service_says_and_no_secret(void **state)
{
    static const scene script[] = { { AZATTEST_NEED_HTTP, NULL, NULL, 401, DENIED, NULL, 0 }, { 0 } };
    static const char *const parts[] = {
        "ClientSecretCredential", "invalid_client", "AADSTS7000215", "c0rr", "!Trace", "!s3cr3t", "!s3cr3t%2B", NULL
    };
    azattest_credential *credential = secret_credential(NULL, TENANT);
    azattest_error *error = NULL;
    instance_time time = now();
    char *token = NULL;

    (void)state;
    expect_no_token(credential, &time, script, AZATTEST_E_AUTH, parts);
    assert_int_equal(acquire(credential, SCOPE, &time, script, &token, NULL, &error), AZATTEST_E_AUTH);
    assert_int_equal(azattest_error_status_code(error), 401);
    assert_string_equal(azattest_error_error_code(error), "invalid_client");
    assert_non_null(strstr(azattest_error_hint(error), "value"));
    assert_null(azattest_error_body(error)); /* it could repeat the request */
    azattest_error_free(error);
    azattest_credential_free(credential);
}

/* 429 and 5xx are tried again, with Retry-After; nothing else is. */
static void tries(void **state)
{
    static const struct {
        const char *name;
        scene script[6];
        azattest_status status;
        int64_t slept_ms;
    } cases[] = {
        { "retry-after",
          { { AZATTEST_NEED_HTTP, NULL, NULL, 429, "{}", "Retry-After: 7", 0 },
            { AZATTEST_NEED_HTTP, NULL, NULL, 200, REPLY, NULL, 0 } },
          AZATTEST_OK,
          7000 },
        { "always busy",
          { { AZATTEST_NEED_HTTP, NULL, NULL, 500, "", NULL, 0 },
            { AZATTEST_NEED_HTTP, NULL, NULL, 502, "", NULL, 0 },
            { AZATTEST_NEED_HTTP, NULL, NULL, 503, "", NULL, 0 },
            { AZATTEST_NEED_HTTP, NULL, NULL, 504, "", NULL, 0 } },
          AZATTEST_E_HTTP,
          840 + 1680 + 3360 },
        { "no answer, then one",
          { { AZATTEST_NEED_HTTP, NULL, NULL, 0, NULL, NULL, AZATTEST_E_TRANSPORT },
            { AZATTEST_NEED_HTTP, NULL, NULL, 200, REPLY, NULL, 0 } },
          AZATTEST_OK,
          840 },
        { "tls refused",
          { { AZATTEST_NEED_HTTP, NULL, NULL, 0, NULL, NULL, AZATTEST_E_CRYPTO } },
          AZATTEST_E_TRANSPORT,
          0 },
        { "bad request", { { AZATTEST_NEED_HTTP, NULL, NULL, 400, DENIED, NULL, 0 } }, AZATTEST_E_AUTH, 0 },
        { "a redirect", { { AZATTEST_NEED_HTTP, NULL, NULL, 302, "", "Location: https://x", 0 } }, AZATTEST_E_HTTP, 0 },
        { "no json", { { AZATTEST_NEED_HTTP, NULL, NULL, 200, "<html>", NULL, 0 } }, AZATTEST_E_RESPONSE, 0 },
        { "no token", { { AZATTEST_NEED_HTTP, NULL, NULL, 200, "{}", NULL, 0 } }, AZATTEST_E_RESPONSE, 0 },
        { "cancelled",
          { { AZATTEST_NEED_HTTP, NULL, NULL, 0, NULL, NULL, AZATTEST_E_CANCELLED } },
          AZATTEST_E_CANCELLED,
          0 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        azattest_credential *credential = secret_credential(NULL, TENANT);
        azattest_error *error = NULL;
        instance_time time = now();
        char *token = NULL;
        int64_t slept_ms = 0;

        if (acquire(credential, SCOPE, &time, cases[i].script, &token, &slept_ms, &error) != cases[i].status)
            fail_msg("%s: %s", cases[i].name, azattest_error_message(error));
        if (slept_ms != cases[i].slept_ms)
            fail_msg("%s: %lld ms", cases[i].name, (long long)slept_ms);
        free(token);
        azattest_error_free(error);
        azattest_credential_free(credential);
    }
}

/* ---- tenants ---- */

static azattest_status with_tenant(azattest_credential *credential, const char *tenant, const char *url)
{
    const scene script[] = { { AZATTEST_NEED_HTTP, url, NULL, 200, REPLY, NULL, 0 }, { 0 } };
    azattest_client_options options;
    azattest_error *error = NULL;
    instance_time time = now();
    azattest_op *op = NULL;
    azattest_status status;

    options = instance_options(&time);
    options.tenant_id = tenant;
    assert_int_equal(azattest_credential_get_token_begin(credential, SCOPE, &options, &op, NULL), AZATTEST_OK);
    status = play(op, &time, url == NULL ? NULL : script, NULL, &error);
    azattest_error_free(error);
    return status;
}

static void other_tenants_have_to_be_allowed(void **state)
{
    static const char *const two[] = { "AZURE_ADDITIONALLY_ALLOWED_TENANTS=a; B", NULL };
    static const char *const any[] = { "AZURE_ADDITIONALLY_ALLOWED_TENANTS=*", NULL };
    static const char *const off[] = { "AZURE_IDENTITY_DISABLE_MULTITENANTAUTH=True", NULL };
    azattest_credential *credential = secret_credential(NULL, TENANT);

    (void)state;
    assert_int_equal(with_tenant(credential, "b", NULL), AZATTEST_E_AUTH);
    assert_int_equal(with_tenant(credential, TENANT, "POST " URL), AZATTEST_OK);
    azattest_credential_free(credential);
    credential = secret_credential(two, TENANT);
    assert_int_equal(with_tenant(credential, "b", "POST https://login.microsoftonline.com/b/oauth2/v2.0/token"),
                     AZATTEST_OK);
    assert_int_equal(with_tenant(credential, "c", NULL), AZATTEST_E_AUTH);
    azattest_credential_free(credential);
    credential = secret_credential(any, TENANT);
    assert_int_equal(with_tenant(credential, "c", "POST https://login.microsoftonline.com/c/oauth2/v2.0/token"),
                     AZATTEST_OK);
    azattest_credential_free(credential);
    credential = secret_credential(off, TENANT);
    assert_int_equal(with_tenant(credential, "c", "POST " URL), AZATTEST_OK);
    azattest_credential_free(credential);
}

/* ---- certificates ---- */

static azattest__key *key_of_type(const char *type)
{
    azattest__key *key = NULL;

    assert_int_equal(strcmp(type, "RSA") == 0 ? azattest__key_generate_rsa(2048, &key, NULL)
                                              : azattest__key_generate_ec(type, &key, NULL),
                     AZATTEST_OK);
    return key;
}

static char *pem_of(azattest__key *key, azattest__key *other, bool key_first)
{
    azattest__cert_request request = {
        .common_name = "app", .path_length = -1, .not_before = INSTANCE_NOW_S - 1000, .not_after = INSTANCE_NOW_S + 1000
    };
    azattest__cert *cert = NULL, *strange = NULL;
    azattest__buf text;

    azattest__buf_init(&text, 65536);
    assert_int_equal(azattest__cert_issue(&request, key, NULL, NULL, &cert, NULL), AZATTEST_OK);
    if (key_first)
        assert_int_equal(azattest__key_private_pem(key, &text, NULL), AZATTEST_OK);
    if (other != NULL) {
        assert_int_equal(azattest__cert_issue(&request, other, NULL, NULL, &strange, NULL), AZATTEST_OK);
        azattest__pem_encode("CERTIFICATE", azattest__cert_der(strange), &text);
    }
    azattest__pem_encode("CERTIFICATE", azattest__cert_der(cert), &text);
    if (!key_first)
        assert_int_equal(azattest__key_private_pem(key, &text, NULL), AZATTEST_OK);
    azattest__cert_free(cert);
    azattest__cert_free(strange);
    return (char *)azattest__buf_take(&text, NULL);
}

/* The value of a member of the assertion's header or body. */
static char *part_of(const char *assertion, bool body)
{
    const char *start = body ? strchr(assertion, '.') + 1 : assertion;
    azattest__buf out;

    azattest__buf_init(&out, 65536);
    assert_true(azattest__base64url_decode(azattest__bytes(start, strcspn(start, ".")), &out));
    return (char *)azattest__buf_take(&out, NULL);
}

/* Sends the request and gives the assertion of its form. */
static char *assertion_of(azattest_credential *credential)
{
    static const char name[] = "&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer"
                               "&client_assertion=";
    azattest_client_options options;
    instance_time time = now();
    azattest_bytes body;
    azattest_op *op = NULL;
    const char *found;
    char *assertion;

    options = instance_options(&time);
    assert_int_equal(azattest_credential_get_token_begin(credential, SCOPE, &options, &op, NULL), AZATTEST_OK);
    assert_int_equal(azattest_op_step(op), AZATTEST_NEED_HTTP);
    body = azattest_request_body(azattest_op_request(op));
    found = memmem(body.ptr, body.len, name, strlen(name));
    assert_non_null(found);
    found += strlen(name);
    assertion = strndup(found, (size_t)((const char *)body.ptr + body.len - found));
    azattest_op_free(op);
    return assertion;
}

static void assertions(void **state)
{
    static const struct {
        azattest_switch sha1, chain;
        azattest__alg alg;
        const char *header[4], *absent;
    } cases[] = {
        { AZATTEST_OFF,
          AZATTEST_OFF,
          AZATTEST__PS256,
          { "\"alg\":\"PS256\"", "\"x5t#S256\":\"", "\"typ\":\"JWT\"" },
          "x5c" },
        { AZATTEST_ON,
          AZATTEST_OFF,
          AZATTEST__RS256,
          { "\"alg\":\"RS256\"", "\"x5t\":\"", "\"kid\":\"" },
          "S256\":\"x" },
        { AZATTEST_OFF, AZATTEST_ON, AZATTEST__PS256, { "\"x5c\":[\"MII", "\",\"MII" }, "\"kid\"" },
    };
    azattest__key *key = key_of_type("RSA"), *other = key_of_type("RSA");
    char *pem = pem_of(key, other, false);

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        azattest_credential_options options = credential_options(NULL);
        azattest_credential *credential = NULL;
        azattest_error *error = NULL;
        azattest__jws jws;
        char *assertion, *header, *body;
        bool valid = false;

        options.x5t_sha1 = cases[i].sha1;
        options.send_certificate_chain = cases[i].chain;
        expect_made(azattest_client_certificate_credential_new(TENANT, "app", bytes_of(pem), NULL, &options,
                                                               &credential, &error),
                    &error, NULL);
        assertion = assertion_of(credential);
        header = part_of(assertion, false);
        body = part_of(assertion, true);
        for (size_t h = 0; h < 4 && cases[i].header[h] != NULL; h++)
            assert_non_null(strstr(header, cases[i].header[h]));
        assert_null(strstr(header, cases[i].absent));
        assert_non_null(strstr(body, "\"aud\":\"" URL "\""));
        assert_non_null(strstr(body, "\"iss\":\"app\",\"sub\":\"app\",\"jti\":\""));
        assert_non_null(strstr(body, "\"nbf\":1735689600"));
        assert_non_null(strstr(body, "\"exp\":1735690200"));
        assert_int_equal(azattest__jws_parse(bytes_of(assertion), &jws, NULL), AZATTEST_OK);
        assert_int_equal(azattest__key_verify(key, cases[i].alg, jws.signed_elements, jws.signature, &valid, NULL),
                         AZATTEST_OK);
        assert_true(valid);
        azattest__jws_clear(&jws);
        free(assertion);
        free(header);
        free(body);
        azattest_credential_free(credential);
    }
    free(pem);
    azattest__key_free(key);
    azattest__key_free(other);
}

static void the_keys_own_certificate_comes_first_wherever_it_stands(void **state)
{
    azattest__key *key = key_of_type("RSA"), *other = key_of_type("RSA");

    (void)state;
    for (int first = 0; first < 2; first++) {
        char *pem = pem_of(key, other, first == 1);
        azattest__bundle bundle;

        assert_int_equal(azattest__bundle_parse(bytes_of(pem), NULL, &bundle, NULL), AZATTEST_OK);
        assert_int_equal(bundle.count, 2);
        assert_true(azattest__key_equal(azattest__cert_key(bundle.certificates[0]), key));
        azattest__bundle_clear(&bundle);
        free(pem);
    }
    azattest__key_free(key);
    azattest__key_free(other);
}

static void certificates_that_cannot_be_used(void **state)
{
    azattest__key *key = key_of_type("RSA"), *other = key_of_type("RSA"), *ec = key_of_type("P-256");
    char *good = pem_of(key, NULL, true), *strange = pem_of(other, NULL, true), *of_ec = pem_of(ec, NULL, true);
    const char *certificate = strstr(strange, "-----BEGIN CERTIFICATE");
    char *mixed = NULL;
    struct {
        const char *content, *failure;
    } cases[] = { { "", "empty" },
                  { "nonsense", "neither PEM nor PKCS#12" },
                  { certificate, "no private key" },
                  { NULL, "no certificate beside" },
                  { NULL, "no certificate is of the private key" },
                  { NULL, "more than one private key" },
                  { of_ec, "key cannot be used" } };
    char *alone = strndup(good, (size_t)(strstr(good, "-----BEGIN CERTIFICATE") - good));

    (void)state;
    assert_true(asprintf(&mixed, "%s%s", alone, certificate) > 0);
    cases[3].content = alone;
    cases[4].content = mixed;
    char *both = NULL;
    assert_true(asprintf(&both, "%s%s", good, strange) > 0);
    cases[5].content = both;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        azattest_credential *credential = NULL;
        azattest_error *error = NULL;

        expect_made(azattest_client_certificate_credential_new("t", "c", bytes_of(cases[i].content), NULL, NULL,
                                                               &credential, &error),
                    &error, cases[i].failure);
    }
    free(alone);
    free(mixed);
    free(both);
    free(good);
    free(strange);
    free(of_ec);
    azattest__key_free(key);
    azattest__key_free(other);
    azattest__key_free(ec);
}

static void a_pem_that_is_cut_anywhere_is_refused_and_not_crashed_on(void **state)
{
    azattest__key *key = key_of_type("RSA");
    char *pem = pem_of(key, NULL, true);
    size_t len = strlen(pem);

    (void)state;
    for (size_t i = 0; i + 2 < len; i++) { /* without its last line end it is whole */
        azattest__bundle bundle;
        char *cut = strndup(pem, i);

        assert_int_not_equal(azattest__bundle_parse(azattest__bytes(cut, i), NULL, &bundle, NULL), AZATTEST_OK);
        free(cut);
    }
    free(pem);
    azattest__key_free(key);
}

/* ---- workload identity ---- */

static const char *const workload[] = { "AZURE_TENANT_ID=" TENANT, "AZURE_CLIENT_ID=app",
                                        "AZURE_FEDERATED_TOKEN_FILE=/var/run/token", NULL };

static void the_federated_token_is_read_at_every_request(void **state)
{
    static const scene first[] = { { AZATTEST_NEED_FILE, "/var/run/token", NULL, 0, " \n eyJ.one.x\n", NULL, 0 },
                                   { AZATTEST_NEED_HTTP, "POST " URL, "client_assertion=eyJ.one.x", 200,
                                     "{\"access_token\":\"a\",\"expires_in\":\"60\"}", NULL, 0 },
                                   { 0 } };
    static const scene second[] = {
        { AZATTEST_NEED_FILE, "/var/run/token", NULL, 0, "eyJ.two.x", NULL, 0 },
        { AZATTEST_NEED_HTTP, NULL,
          "client_id=app&scope=https%3A%2F%2Fattest.azure.net%2F.default&client_assertion_type=", 200,
          "{\"access_token\":\"b\",\"expires_in\":60}", NULL, 0 },
        { 0 }
    };
    azattest_credential_options options = credential_options(workload);
    azattest_credential *credential = NULL;
    instance_time time = now();

    (void)state;
    assert_int_equal(azattest_workload_identity_credential_new(&options, &credential, NULL), AZATTEST_OK);
    expect_token(credential, &time, first, "a");
    expect_token(credential, &time, second, "b");
    azattest_credential_free(credential);
}

static void what_is_missing_makes_it_unavailable(void **state)
{
    static const struct {
        const char *const environment[4];
        scene script[2];
        const char *parts[4];
    } cases[] = {
        { { NULL }, { { 0 } }, { "AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_FEDERATED_TOKEN_FILE" } },
        { { "AZURE_TENANT_ID=t", "AZURE_CLIENT_ID=c" }, { { 0 } }, { "AZURE_FEDERATED_TOKEN_FILE", "!AZURE_TENANT" } },
        { { "AZURE_TENANT_ID=t", "AZURE_CLIENT_ID=c", "AZURE_FEDERATED_TOKEN_FILE=/x" },
          { { AZATTEST_NEED_FILE, "/x", NULL, 0, NULL, NULL, 0 } },
          { "does not exist", "/x" } },
        { { "AZURE_TENANT_ID=t", "AZURE_CLIENT_ID=c", "AZURE_FEDERATED_TOKEN_FILE=/x" },
          { { AZATTEST_NEED_FILE, "/x", NULL, 0, "  \n", NULL, 0 } },
          { "empty" } },
        { { "AZURE_TENANT_ID=t", "AZURE_CLIENT_ID=c", "AZURE_FEDERATED_TOKEN_FILE=/x" },
          { { AZATTEST_NEED_FILE, "/x", NULL, 0, "two words", NULL, 0 } },
          { "no token", "!two" } },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        azattest_credential_options options = credential_options(cases[i].environment);
        azattest_credential *credential = NULL;
        instance_time time = now();

        assert_int_equal(azattest_workload_identity_credential_new(&options, &credential, NULL), AZATTEST_OK);
        expect_no_token(credential, &time, cases[i].script, AZATTEST_E_CREDENTIAL_UNAVAILABLE, cases[i].parts);
        azattest_credential_free(credential);
    }
}

/* ---- environment ---- */

static void the_environment_decides(void **state)
{
    azattest__key *key = key_of_type("RSA");
    char *pem = pem_of(key, NULL, true);
    const struct {
        const char *const environment[8];
        scene script[3];
        azattest_status status;
        const char *parts[5];
    } cases[] = {
        { { "AZURE_TENANT_ID=t", "AZURE_CLIENT_ID=c", "AZURE_CLIENT_SECRET=s", "AZURE_CLIENT_CERTIFICATE_PATH=/p" },
          { { AZATTEST_NEED_HTTP, NULL, "client_secret=s", 200, REPLY, NULL, 0 } },
          AZATTEST_OK,
          { NULL } },
        { { "AZURE_TENANT_ID=t", "AZURE_CLIENT_ID=c", "AZURE_CLIENT_CERTIFICATE_PATH=/p",
            "AZURE_CLIENT_SEND_CERTIFICATE_CHAIN=TRUE" },
          { { AZATTEST_NEED_FILE, "/p", NULL, 0, pem, NULL, 0 },
            { AZATTEST_NEED_HTTP, NULL, "client_assertion=", 200, REPLY, NULL, 0 } },
          AZATTEST_OK,
          { NULL } },
        { { "AZURE_TENANT_ID=t", "AZURE_CLIENT_ID=c", "AZURE_CLIENT_CERTIFICATE_PATH=/p" },
          { { AZATTEST_NEED_FILE, "/p", NULL, 0, NULL, NULL, 0 } },
          AZATTEST_E_AUTH,
          { "EnvironmentCredential", "/p" } },
        { { "AZURE_TENANT_ID=t", "AZURE_CLIENT_ID=c", "AZURE_CLIENT_SECRET=hidden" },
          { { AZATTEST_NEED_HTTP, NULL, NULL, 401, DENIED, NULL, 0 } },
          AZATTEST_E_AUTH,
          { "EnvironmentCredential", "invalid_client" } },
        { { "AZURE_TENANT_ID=t", "AZURE_CLIENT_SECRET=hidden" },
          { { 0 } },
          AZATTEST_E_CREDENTIAL_UNAVAILABLE,
          { "EnvironmentCredential: not configured", "(set: AZURE_TENANT_ID, AZURE_CLIENT_SECRET)", "!hidden" } },
        { { "AZURE_TENANT_ID=", "AZURE_CLIENT_ID=" }, { { 0 } }, AZATTEST_E_CREDENTIAL_UNAVAILABLE, { "(set: none)" } },
        { { "AZURE_TENANT_ID=a/b", "AZURE_CLIENT_ID=c", "AZURE_CLIENT_SECRET=hidden" },
          { { 0 } },
          AZATTEST_E_AUTH,
          { "EnvironmentCredential: tenant_id", "!hidden" } },
        { { "AZURE_USERNAME=u", "AZURE_PASSWORD=p", "AZURE_TENANT_ID=t", "AZURE_CLIENT_ID=c" },
          { { 0 } },
          AZATTEST_E_CREDENTIAL_UNAVAILABLE,
          { "not configured" } },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        azattest_credential_options options = credential_options(cases[i].environment);
        azattest_credential *credential = NULL;
        instance_time time = now();

        assert_int_equal(azattest_environment_credential_new(&options, &credential, NULL), AZATTEST_OK);
        if (cases[i].status == AZATTEST_OK)
            expect_token(credential, &time, cases[i].script, "tok-1");
        else
            expect_no_token(credential, &time, cases[i].script, cases[i].status, cases[i].parts);
        azattest_credential_free(credential);
    }
    free(pem);
    azattest__key_free(key);
}

/* ---- answers ---- */

static void token_answers(void **state)
{
    static const struct {
        const char *body;
        int64_t expires_on, refresh_on; /* 0: refused */
    } cases[] = {
        { "{\"access_token\":\"t\",\"expires_in\":3600}", 1000 + 3600, 0 },
        { "{\"access_token\":\"t\",\"expires_in\":\"3600\",\"refresh_in\":\"1800\"}", 4600, 2800 },
        { "{\"access_token\":\"t\",\"expires_on\":5000,\"refresh_on\":4000,\"token_type\":\"bearer\"}", 5000, 4000 },
        { "{\"access_token\":\"t\",\"expires_on\":\"5000\",\"not_before\":\"1\",\"resource\":\"r\"}", 5000, 0 },
        { "{\"access_token\":\"t\",\"expires_on\":\"06/20/2019 02:57:58 +00:00\"}", 1560999478, 0 },
        { "{\"access_token\":\"t\",\"expires_on\":\"1/16/2020 12:0:12 AM +00:00\"}", 1579132812, 0 },
        { "{\"access_token\":\"t\",\"expires_on\":\"1/16/2020 1:00:12 PM +00:00\"}", 1579179612, 0 },
        { "{\"access_token\":\"t\",\"expires_on\":\"13/40/2019 02:57:58 +00:00\"}", 0, 0 },
        { "{\"access_token\":\"t\",\"expires_on\":\"06/20/2019 02:57:58 +01:00\"}", 0, 0 },
        { "{\"access_token\":\"t\",\"expires_on\":\"06/20/2019 13:57:58 PM +00:00\"}", 0, 0 },
        { "{\"access_token\":\"t\"}", 0, 0 },
        { "{\"access_token\":\"\",\"expires_in\":1}", 0, 0 },
        { "{\"access_token\":\"a b\",\"expires_in\":1}", 0, 0 },
        { "{\"access_token\":5,\"expires_in\":1}", 0, 0 },
        { "{\"access_token\":\"t\",\"expires_in\":-1}", 0, 0 },
        { "{\"access_token\":\"t\",\"expires_in\":\"99999999999999999999\"}", 0, 0 },
        { "{\"access_token\":\"t\",\"expires_in\":60,\"token_type\":\"pop\"}", 0, 0 },
        { "{\"access_token\":\"t\",\"access_token\":\"u\",\"expires_in\":60}", 0, 0 },
        { "[]", 0, 0 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        azattest__access_token token;
        azattest_error *error = NULL;
        azattest_status status = azattest__token_reply("x", bytes_of(cases[i].body), 1000, &token, &error);

        if ((status == AZATTEST_OK) != (cases[i].expires_on != 0))
            fail_msg("%s: %s", cases[i].body, azattest_error_message(error));
        if (token.expires_on_s != cases[i].expires_on || token.refresh_on_s != cases[i].refresh_on)
            fail_msg("%s: %lld %lld", cases[i].body, (long long)token.expires_on_s, (long long)token.refresh_on_s);
        azattest__access_token_clear(&token);
        azattest_error_free(error);
    }
}

static void an_answer_that_is_cut_anywhere_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < strlen(REPLY); i++) {
        azattest__access_token token;
        char *cut = strndup(REPLY, i);

        assert_int_equal(azattest__token_reply("x", azattest__bytes(cut, i), 1000, &token, NULL), AZATTEST_E_RESPONSE);
        assert_null(token.text);
        free(cut);
    }
}

static void shown_text_is_cleaned(void **state)
{
    static const struct {
        const char *text, *secret, *shown;
    } cases[] = {
        { "plain text", NULL, "plain text" },
        { "\x1b[31mERROR\x1b[0m: no", NULL, "ERROR: no" },
        { "got eyJhbGciOiJSUzI1NiJ9.eyJhIjoxfQ.c2ln here", NULL, "got **** here" },
        { "{\"accessToken\": \"abc\", \"x\": 1}", NULL, "{\"accessToken\": \"****\", \"x\": 1}" },
        { "{\"refresh_token\": \"0.abc\"}", NULL, "{\"refresh_token\": \"****\"}" },
        { "the secret p4ss is p4ss", "p4ss", "the secret **** is ****" },
        { "the sec\x1b[0mret", "secret", "the ****" },
        { "a s\x1b[secret", "secret", "a ****" },
        { "eyJ", NULL, "eyJ" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char *shown = azattest__shown_clean(bytes_of(cases[i].text), 250, cases[i].secret);

        assert_string_equal(shown, cases[i].shown);
        free(shown);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_secret_is_posted_as_a_form),
        cmocka_unit_test(form_is_said_and_proxies_are_allowed),
        cmocka_unit_test(authorities),
        cmocka_unit_test(adfs_gets_a_resource),
        cmocka_unit_test(wrong_constructions),
        cmocka_unit_test(a_refusal_shows_what_the_service_says_and_no_secret),
        cmocka_unit_test(tries),
        cmocka_unit_test(other_tenants_have_to_be_allowed),
        cmocka_unit_test(assertions),
        cmocka_unit_test(the_keys_own_certificate_comes_first_wherever_it_stands),
        cmocka_unit_test(certificates_that_cannot_be_used),
        cmocka_unit_test(a_pem_that_is_cut_anywhere_is_refused_and_not_crashed_on),
        cmocka_unit_test(the_federated_token_is_read_at_every_request),
        cmocka_unit_test(what_is_missing_makes_it_unavailable),
        cmocka_unit_test(the_environment_decides),
        cmocka_unit_test(token_answers),
        cmocka_unit_test(an_answer_that_is_cut_anywhere_is_refused),
        cmocka_unit_test(shown_text_is_cleaned),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
