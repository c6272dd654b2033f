/* The token issuer: its token endpoint, assertions, discovery documents, managed-identity endpoints. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/encoding.h"

#include "issuer_bench.h"

#define TOKEN "/$tenant/oauth2/v2.0/token"
#define SCOPE "scope=https%3A%2F%2Fattest.azure.net%2F.default"
#define GRANT "grant_type=client_credentials&client_id=$id&" SCOPE
#define TYPE "client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer"

static const struct grant_case {
    const char *name, *method, *target, *body;
    int status;
    const char *error, *text; /* text: a part of the body */
} grants[] = {
    { "a secret", "POST", TOKEN, GRANT "&client_secret=$secret", 200, NULL,
      "\"expires_in\":3599,\"ext_expires_in\":3599" },
    { "fields in another order, some unknown, a plus", "POST", TOKEN,
      "&client_secret=$secret&&x=a+b%20c&client_info=1&" GRANT, 200, NULL, "\"token_type\":\"Bearer\"" },
    { "a query behind the path", "POST", TOKEN "?client-request-id=1", GRANT "&client_secret=$secret", 200, NULL, "" },
    { "the scope with a second slash", "POST", TOKEN,
      "grant_type=client_credentials&client_id=$id&client_secret=$secret&scope=https://attest.azure.net//.default", 200,
      NULL, "" },
    { "another cloud's scope", "POST", TOKEN,
      "grant_type=client_credentials&client_id=$id&client_secret=$secret&scope=https://attest.azure.us/.default", 200,
      NULL, "" },
    { "the older endpoint", "POST", "/$tenant/oauth2/token",
      "grant_type=client_credentials&client_id=$id&client_secret=$secret&resource=https://attest.azure.net", 200, NULL,
      "\"expires_in\":\"3599\"" },
    { "the tenant adfs", "POST", "/adfs/oauth2/token",
      "grant_type=client_credentials&client_id=$id&client_secret=$secret&resource=https://attest.azure.net/", 200, NULL,
      "\"resource\":\"https://attest.azure.net\"" },

    { "the correlation id of a field comes back", "POST", TOKEN,
      GRANT "&client_secret=x&client-request-id=01234567-89ab-cdef-0123-456789abcdef", 401, "invalid_client",
      "\"correlation_id\":\"01234567-89ab-cdef-0123-456789abcdef\"" },
    { "a correlation id that is none does not", "POST", TOKEN, GRANT "&client_secret=x&client-request-id=%22", 401,
      "invalid_client", "\"correlation_id\":\"" },
    { "a wrong secret", "POST", TOKEN, GRANT "&client_secret=$secretx", 401, "invalid_client", "AADSTS7000215" },
    { "the secret of another identity", "POST", TOKEN, GRANT "&client_secret=$other-secret", 401, "invalid_client",
      "AADSTS7000215" },
    { "an empty secret", "POST", TOKEN, GRANT "&client_secret=", 401, "invalid_client", "AADSTS7000215" },
    { "no secret", "POST", TOKEN, GRANT, 401, "invalid_client", "AADSTS7000218" },
    { "an unknown client", "POST", TOKEN, "grant_type=client_credentials&client_id=nobody&client_secret=$secret&" SCOPE,
      400, "unauthorized_client", "AADSTS700016" },
    { "no client", "POST", TOKEN, "grant_type=client_credentials&client_secret=$secret&" SCOPE, 400, "invalid_request",
      "'client_id'" },
    { "no grant type", "POST", TOKEN, "client_id=$id&client_secret=$secret&" SCOPE, 400, "invalid_request",
      "'grant_type'" },
    { "another grant type", "POST", TOKEN, "grant_type=password&client_id=$id&client_secret=$secret&" SCOPE, 400,
      "unsupported_grant_type", "AADSTS70003" },
    { "no scope", "POST", TOKEN, "grant_type=client_credentials&client_id=$id&client_secret=$secret", 400,
      "invalid_request", "'scope'" },
    { "a scope without .default", "POST", TOKEN,
      "grant_type=client_credentials&client_id=$id&client_secret=$secret&scope=https://attest.azure.net", 400,
      "invalid_scope", "AADSTS1002012" },
    { "two scopes", "POST", TOKEN,
      "grant_type=client_credentials&client_id=$id&client_secret=$secret&scope=a/.default+b/.default", 400,
      "invalid_scope", "AADSTS1002012" },
    { "an unknown resource", "POST", TOKEN,
      "grant_type=client_credentials&client_id=$id&client_secret=$secret&scope=https://vault.azure.net/.default", 400,
      "invalid_resource", "named https://vault.azure.net was" },
    { "an unknown tenant", "POST", "/other/oauth2/v2.0/token", GRANT "&client_secret=$secret", 400, "invalid_request",
      "AADSTS90002" },
    { "a field twice", "POST", TOKEN, GRANT "&client_secret=$secret&client_id=$id", 400, "invalid_request",
      "\\\"client_id\\\" comes more than once" },
    { "a broken escape", "POST", TOKEN, GRANT "&client_secret=%4", 400, "invalid_request", "AADSTS9000410" },
    { "an escaped NUL", "POST", TOKEN, GRANT "&client_secret=$secret%00", 400, "invalid_request", "AADSTS9000410" },
    { "no UTF-8", "POST", TOKEN, GRANT "&client_secret=%ff", 400, "invalid_request", "AADSTS9000410" },
    { "no body", "POST", TOKEN, "", 400, "invalid_request", "'grant_type'" },
    { "another method", "GET", TOKEN, "", 400, "invalid_request", "only accepts POST" },
    { "an assertion of another type", "POST", TOKEN, GRANT "&client_assertion=a.b.c&client_assertion_type=saml", 401,
      "invalid_client", "AADSTS50027" },
    { "an assertion without its type", "POST", TOKEN, GRANT "&client_assertion=a.b.c", 400, "invalid_request",
      "'client_assertion_type'" },
    { "an assertion that is none", "POST", TOKEN, GRANT "&client_assertion=a.b.c&" TYPE, 401, "invalid_client",
      "Token format not valid" },

    { "discovery", "GET", "/$tenant/v2.0/.well-known/openid-configuration", "", 200, NULL,
      "\"token_endpoint\":\"" AUTHORITY "/$tenant/oauth2/v2.0/token\"" },
    { "discovery names its issuer", "GET", "/$tenant/v2.0/.well-known/openid-configuration", "", 200, NULL,
      "\"issuer\":\"" AUTHORITY "/$tenant/v2.0\"" },
    { "older discovery", "GET", "/$tenant/.well-known/openid-configuration", "", 200, NULL,
      "\"token_endpoint\":\"" AUTHORITY "/$tenant/oauth2/token\"" },
    { "discovery of an unknown tenant", "GET", "/other/v2.0/.well-known/openid-configuration", "", 400,
      "invalid_tenant", "AADSTS90002" },
    { "discovery of the instance", "GET", "/common/discovery/instance?api-version=1.1&authorization_endpoint=x", "",
      200, NULL, "\"aliases\":[\"127.0.0.1:4443\"]" },
    { "keys", "GET", "/$tenant/discovery/v2.0/keys", "", 200, NULL, "\"kid\":\"$kid\"" },
    { "older keys", "GET", "/common/discovery/keys", "", 200, NULL, "\"x5c\":[\"MII" },
    { "keys by another method", "POST", "/common/discovery/keys", "", 405, "invalid_request", "only accepts GET" },
};

static void grants_answer(void **state)
{
    const struct grant_case *c = *state;
    char *target = fill(c->target), *body = fill(c->body), *text = fill(c->text);
    azattest__json *document = NULL;
    azattest__service_answer answer;

    ask_issuer(c->method, target, body, &answer);
    if (strstr((const char *)answer.body.ptr, text) == NULL || answer.status != c->status)
        fail_msg("status %d: %s", answer.status, (const char *)answer.body.ptr);
    assert_null(strstr((const char *)answer.body.ptr, issuer_world.issuer->identities[0].secret));
    if (c->error != NULL) {
        assert_int_equal(azattest__json_parse(azattest__buf_bytes(&answer.body), &document, NULL), AZATTEST_OK);
        assert_string_equal(azattest__json_get_string(document, "error"), c->error);
        assert_non_null(azattest__json_get_string(document, "error_description"));
        assert_int_equal(azattest__json_count(azattest__json_get(document, "error_codes")), 1);
        assert_non_null(azattest__json_get_string(document, "timestamp"));
        assert_int_equal(strlen(azattest__json_get_string(document, "trace_id")), 36);
        assert_int_equal(strlen(azattest__json_get_string(document, "correlation_id")), 36);
    }
    azattest__json_free(document);
    azattest__service_answer_clear(&answer);
    free(target);
    free(body);
    free(text);
}

#define CERTIFICATE(aud)                                                                                               \
    "{\"aud\":\"" aud "\",\"iss\":\"$id\",\"sub\":\"$id\",\"jti\":\"j\",\"nbf\":$now,\"exp\":$soon}"
#define GOOD CERTIFICATE("$authority/$tenant/oauth2/v2.0/token")
#define POD(iss, sub, aud, exp) "{\"iss\":\"" iss "\",\"sub\":\"" sub "\",\"aud\":\"" aud "\",\"exp\":" exp "}"
#define GOOD_POD POD(AZATTEST__FEDERATION_ISSUER, AZATTEST__FEDERATION_SUBJECT, AZATTEST__FEDERATION_AUDIENCE, "$soon")

enum signer { CLIENT, OTHER, FEDERATION };

static const struct assertion_case {
    const char *name, *header, *claims;
    enum signer signer;
    azattest__alg alg;
    int number; /* 0: accepted */
} assertions[] = {
    { "PS256 with x5t#S256", "{\"alg\":\"PS256\",\"x5t#S256\":\"$s256\"}", GOOD, CLIENT, AZATTEST__PS256, 0 },
    { "RS256 with x5t", "{\"alg\":\"RS256\",\"x5t\":\"$s1\"}", GOOD, CLIENT, AZATTEST__RS256, 0 },
    { "a padded x5t", "{\"alg\":\"RS256\",\"x5t\":\"$s1=\"}", GOOD, CLIENT, AZATTEST__RS256, 0 },
    { "an expiry with a fraction", "{\"alg\":\"RS256\",\"x5t\":\"$s1\"}",
      "{\"aud\":\"$authority/$tenant/oauth2/v2.0/"
      "token\",\"iss\":\"$id\",\"sub\":\"$id\",\"jti\":\"j\",\"exp\":$soon.25}",
      CLIENT, AZATTEST__RS256, 0 },
    { "the older endpoint as audience", "{\"alg\":\"RS256\",\"x5t\":\"$s1\"}",
      CERTIFICATE("$authority/$tenant/oauth2/token"), CLIENT, AZATTEST__RS256, 0 },
    { "the issuer as audience", "{\"alg\":\"RS256\",\"x5t\":\"$s1\"}", CERTIFICATE("$authority/$tenant/v2.0"), CLIENT,
      AZATTEST__RS256, 0 },
    { "another host as audience", "{\"alg\":\"RS256\",\"x5t\":\"$s1\"}",
      CERTIFICATE("https://login.microsoftonline.com/$tenant/oauth2/v2.0/token"), CLIENT, AZATTEST__RS256, 700023 },
    { "another tenant as audience", "{\"alg\":\"RS256\",\"x5t\":\"$s1\"}",
      CERTIFICATE("$authority/other/oauth2/v2.0/token"), CLIENT, AZATTEST__RS256, 700023 },
    { "more behind the audience", "{\"alg\":\"RS256\",\"x5t\":\"$s1\"}",
      CERTIFICATE("$authority/$tenant/oauth2/v2.0/token/x"), CLIENT, AZATTEST__RS256, 700023 },
    { "no audience", "{\"alg\":\"RS256\",\"x5t\":\"$s1\"}",
      "{\"iss\":\"$id\",\"sub\":\"$id\",\"jti\":\"j\",\"exp\":$soon}", CLIENT, AZATTEST__RS256, 700023 },
    { "a key of nobody", "{\"alg\":\"PS256\",\"x5t#S256\":\"$s256\"}", GOOD, OTHER, AZATTEST__PS256, 700027 },
    { "another algorithm than it says", "{\"alg\":\"RS256\",\"x5t\":\"$s1\"}", GOOD, CLIENT, AZATTEST__PS256, 700027 },
    { "an algorithm that is not taken", "{\"alg\":\"RS512\",\"x5t\":\"$s1\"}", GOOD, CLIENT, AZATTEST__RS512, 700027 },
    { "no algorithm", "{\"x5t\":\"$s1\"}", GOOD, CLIENT, AZATTEST__RS256, 700027 },
    { "no thumbprint", "{\"alg\":\"RS256\"}", GOOD, CLIENT, AZATTEST__RS256, 700027 },
    { "another thumbprint", "{\"alg\":\"RS256\",\"x5t\":\"AAAA\"}", GOOD, CLIENT, AZATTEST__RS256, 700027 },
    { "thumbprints in each other's place", "{\"alg\":\"RS256\",\"x5t\":\"$s256\"}", GOOD, CLIENT, AZATTEST__RS256,
      700027 },
    { "another subject", "{\"alg\":\"RS256\",\"x5t\":\"$s1\"}",
      "{\"aud\":\"$authority/$tenant/oauth2/v2.0/"
      "token\",\"iss\":\"$id\",\"sub\":\"$reader\",\"jti\":\"j\",\"exp\":$soon}",
      CLIENT, AZATTEST__RS256, 700021 },
    { "expired", "{\"alg\":\"RS256\",\"x5t\":\"$s1\"}",
      "{\"aud\":\"$authority/$tenant/oauth2/v2.0/token\",\"iss\":\"$id\",\"sub\":\"$id\",\"jti\":\"j\",\"exp\":$now}",
      CLIENT, AZATTEST__RS256, 700024 },
    { "not valid yet", "{\"alg\":\"RS256\",\"x5t\":\"$s1\"}",
      "{\"aud\":\"$authority/$tenant/oauth2/v2.0/token\",\"iss\":\"$id\",\"sub\":\"$id\",\"jti\":\"j\",\"exp\":$soon,"
      "\"nbf\":$soon}",
      CLIENT, AZATTEST__RS256, 700024 },
    { "no expiry", "{\"alg\":\"RS256\",\"x5t\":\"$s1\"}",
      "{\"aud\":\"$authority/$tenant/oauth2/v2.0/token\",\"iss\":\"$id\",\"sub\":\"$id\",\"jti\":\"j\"}", CLIENT,
      AZATTEST__RS256, 50027 },
    { "an expiry as text", "{\"alg\":\"RS256\",\"x5t\":\"$s1\"}",
      "{\"aud\":\"$authority/$tenant/oauth2/v2.0/"
      "token\",\"iss\":\"$id\",\"sub\":\"$id\",\"jti\":\"j\",\"exp\":\"$soon\"}",
      CLIENT, AZATTEST__RS256, 50027 },
    { "no jti", "{\"alg\":\"RS256\",\"x5t\":\"$s1\"}",
      "{\"aud\":\"$authority/$tenant/oauth2/v2.0/token\",\"iss\":\"$id\",\"sub\":\"$id\",\"exp\":$soon}", CLIENT,
      AZATTEST__RS256, 50027 },
    { "another client's", "{\"alg\":\"RS256\",\"x5t\":\"$s1\"}",
      "{\"aud\":\"$authority/$tenant/oauth2/v2.0/token\",\"iss\":\"$reader\",\"sub\":\"$reader\",\"jti\":\"j\","
      "\"exp\":$soon}",
      CLIENT, AZATTEST__RS256, 70021 },

    { "a pod's", "{\"alg\":\"ES256\"}", GOOD_POD, FEDERATION, AZATTEST__ES256, 0 },
    { "a pod's by a key of nobody", "{\"alg\":\"ES256\"}", GOOD_POD, OTHER, AZATTEST__RS256, 700027 },
    { "a pod's by another algorithm", "{\"alg\":\"RS256\"}", GOOD_POD, OTHER, AZATTEST__RS256, 700027 },
    { "a pod of another cluster", "{\"alg\":\"ES256\"}",
      POD("https://other", AZATTEST__FEDERATION_SUBJECT, AZATTEST__FEDERATION_AUDIENCE, "$soon"), FEDERATION,
      AZATTEST__ES256, 70021 },
    { "another account's pod", "{\"alg\":\"ES256\"}",
      POD(AZATTEST__FEDERATION_ISSUER, "system:serviceaccount:other:default", AZATTEST__FEDERATION_AUDIENCE, "$soon"),
      FEDERATION, AZATTEST__ES256, 70021 },
    { "a pod's for another audience", "{\"alg\":\"ES256\"}",
      POD(AZATTEST__FEDERATION_ISSUER, AZATTEST__FEDERATION_SUBJECT, "api://other", "$soon"), FEDERATION,
      AZATTEST__ES256, 70021 },
    { "a pod's that has expired", "{\"alg\":\"ES256\"}",
      POD(AZATTEST__FEDERATION_ISSUER, AZATTEST__FEDERATION_SUBJECT, AZATTEST__FEDERATION_AUDIENCE, "$past"),
      FEDERATION, AZATTEST__ES256, 700024 },
};

static void check(const char *assertion, int number)
{
    azattest__assertion_verdict verdict;

    assert_int_equal(azattest__assertion_check(issuer_world.issuer, assertion,
                                               issuer_world.issuer->identities[0].client_id,
                                               issuer_world.issuer->tenant_id, &verdict, NULL),
                     AZATTEST_OK);
    if (verdict.number != number)
        fail_msg("AADSTS%d: %s", verdict.number, verdict.message);
}

static void assertions_prove(void **state)
{
    const struct assertion_case *c = *state;
    const azattest__key *keys[] = { [CLIENT] = issuer_world.client_key,
                                    [OTHER] = issuer_world.other_key,
                                    [FEDERATION] = issuer_world.issuer->federation_key };
    char *assertion = make_jwt(c->header, c->claims, keys[c->signer], c->alg), *form;
    azattest__buf body;
    azattest__service_answer answer;

    check(assertion, c->number);
    azattest__buf_init(&body, 64 * 1024);
    azattest__buf_append_text(&body, GRANT "&" TYPE "&client_assertion=");
    azattest__buf_append_text(&body, assertion);
    form = fill((const char *)body.ptr);
    free(assertion);
    assertion = fill(TOKEN);
    ask_issuer("POST", assertion, form, &answer);
    assert_int_equal(answer.status, c->number == 0 ? 200 : 401);
    azattest__service_answer_clear(&answer);
    azattest__buf_free(&body);
    free(assertion);
    free(form);
}

/* base64url with padding, as azure.identity.aio writes it. */
static void put_padded(azattest__buf *out, azattest_bytes bytes)
{
    azattest__base64url_encode(bytes, out);
    azattest__buf_append_text(out, &"=="[bytes.len % 3 == 0 ? 2 : bytes.len % 3 - 1]);
}

static void an_assertion_may_be_padded_as_it_was_signed(void **state)
{
    char *header = fill("{\"alg\":\"RS256\",\"x5t\":\"$s1\"}"), *claims = fill(GOOD);
    azattest__buf text, signature;

    (void)state;
    azattest__buf_init(&text, AZATTEST_LIMIT_TOKEN);
    azattest__buf_init(&signature, AZATTEST_LIMIT_SIGNATURE);
    put_padded(&text, azattest__text(header));
    azattest__buf_append_text(&text, ".");
    put_padded(&text, azattest__text(claims));
    assert_int_equal(
        azattest__key_sign(issuer_world.client_key, AZATTEST__RS256, azattest__buf_bytes(&text), &signature, NULL),
        AZATTEST_OK);
    azattest__buf_append_text(&text, ".");
    put_padded(&text, azattest__buf_bytes(&signature));
    assert_non_null(strchr((const char *)text.ptr, '='));
    check((const char *)text.ptr, 0);
    azattest__buf_append_text(&text, "==");
    check((const char *)text.ptr, 50027);
    azattest__buf_free(&signature);
    azattest__buf_free(&text);
    free(claims);
    free(header);
}

static void an_assertion_cut_anywhere_is_refused(void **state)
{
    char *whole =
        make_jwt("{\"alg\":\"PS256\",\"x5t#S256\":\"$s256\"}", GOOD, issuer_world.client_key, AZATTEST__PS256);

    (void)state;
    for (size_t len = 0, end = strlen(whole); len < end; len++) {
        char *cut = azattest__dup(whole, len);
        azattest__assertion_verdict verdict;

        assert_int_equal(azattest__assertion_check(issuer_world.issuer, cut,
                                                   issuer_world.issuer->identities[0].client_id,
                                                   issuer_world.issuer->tenant_id, &verdict, NULL),
                         AZATTEST_OK);
        assert_int_not_equal(verdict.number, 0);
        free(cut);
    }
    free(whole);
}

static void a_form_cut_anywhere_is_read_or_refused(void **state)
{
    const char *whole = "a=%c3%a4+b&=&c=%e2%82%ac&d&&e=f=g";
    azattest__form form;

    (void)state;
    for (size_t len = 0; len <= strlen(whole); len++) {
        char *cut = azattest__dup(whole, len);

        if (azattest__form_parse(azattest__bytes(cut, len), &form, NULL) == AZATTEST_OK && len == strlen(whole)) {
            assert_string_equal(azattest__form_get(&form, "a"), "\xc3\xa4 b");
            assert_string_equal(azattest__form_get(&form, ""), "");
            assert_string_equal(azattest__form_get(&form, "d"), "");
            assert_string_equal(azattest__form_get(&form, "e"), "f=g");
            assert_null(azattest__form_get(&form, "f"));
        } else {
            assert_true(len < strlen(whole));
        }
        azattest__form_clear(&form);
        free(cut);
    }
}

static void a_form_has_limits(void **state)
{
    azattest__form form;
    azattest__buf text;
    char *large = malloc(AZATTEST__FORM_LIMIT_BODY + 1);

    (void)state;
    azattest__buf_init(&text, 4096);
    for (unsigned i = 0; i < AZATTEST__FORM_LIMIT_FIELDS; i++)
        azattest__buf_printf(&text, "%u=&", i);
    assert_int_equal(azattest__form_parse(azattest__buf_bytes(&text), &form, NULL), AZATTEST_OK);
    assert_int_equal(form.count, AZATTEST__FORM_LIMIT_FIELDS);
    azattest__form_clear(&form);
    azattest__buf_append_text(&text, "x");
    assert_int_equal(azattest__form_parse(azattest__buf_bytes(&text), &form, NULL), AZATTEST_E_LIMIT);
    assert_non_null(large);
    memset(large, 'a', AZATTEST__FORM_LIMIT_BODY + 1);
    assert_int_equal(azattest__form_parse(azattest__bytes(large, AZATTEST__FORM_LIMIT_BODY + 1), &form, NULL),
                     AZATTEST_E_LIMIT);
    azattest__buf_free(&text);
    free(large);
}

#define IMDS "/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https%3A%2F%2Fattest.azure.net"
#define APP "/msi/token?resource=https://attest.azure.net&api-version="
#define ARC "/arc/metadata/identity/oauth2/token?api-version=2020-06-01&resource=https://attest.azure.net"

static const struct managed_case {
    const char *name, *method, *target;
    const char *metadata, *identity_header, *secret, *authorization;
    int status;
    const char *text;
} managed[] = {
    { "IMDS", "GET", IMDS, "true", NULL, NULL, NULL, 200, "\"expires_in\":\"3599\"" },
    { "IMDS by client id", "GET", IMDS "&client_id=$reader", "true", NULL, NULL, NULL, 200,
      "\"client_id\":\"$reader\"" },
    { "IMDS by object id", "GET", IMDS "&object_id=$object", "True", NULL, NULL, NULL, 200,
      "\"client_id\":\"$reader\"" },
    { "IMDS by resource", "GET", IMDS "&msi_res_id=/subscriptions/s/userAssignedIdentities/none", "true", NULL, NULL,
      NULL, 200, "\"client_id\":\"$none\"" },
    { "IMDS with a slash behind the path", "GET",
      "/metadata/identity/oauth2/token/?api-version=2018-02-01&resource=https://attest.azure.net/", "true", NULL, NULL,
      NULL, 200, "\"resource\":\"https://attest.azure.net\"" },
    { "IMDS without its header", "GET", IMDS, NULL, NULL, NULL, NULL, 400, "Required metadata header not specified" },
    { "IMDS with another value of it", "GET", IMDS, "false", NULL, NULL, NULL, 400, "invalid_request" },
    { "IMDS of an unknown identity", "GET", IMDS "&client_id=nobody", "true", NULL, NULL, NULL, 400,
      "Identity not found" },
    { "IMDS without a resource", "GET", "/metadata/identity/oauth2/token?api-version=2018-02-01", "true", NULL, NULL,
      NULL, 400, "resource parameter is missing" },
    { "IMDS for an unknown resource", "GET", "/metadata/identity/oauth2/token?api-version=2018-02-01&resource=x",
      "true", NULL, NULL, NULL, 400, "AADSTS500011" },
    { "IMDS of another version", "GET", "/metadata/identity/oauth2/token?api-version=2000-01-01&resource=x", "true",
      NULL, NULL, NULL, 400, "api-version" },
    { "IMDS by another method", "POST", IMDS, "true", NULL, NULL, NULL, 405, "only GET" },
    { "another path", "GET", "/", "true", NULL, NULL, NULL, 404, "no such path" },
    { "App Service", "GET", APP "2019-08-01", NULL, "$managed", NULL, NULL, 200, "\"expires_on\":\"" },
    { "App Service by client id", "GET", APP "2019-08-01&client_id=$reader", NULL, "$managed", NULL, NULL, 200,
      "$reader" },
    { "App Service by a wrong header", "GET", APP "2019-08-01", NULL, "x", NULL, NULL, 401, "wrong" },
    { "App Service without its header", "GET", APP "2019-08-01", "true", NULL, "$managed", NULL, 401, "missing" },
    { "App Service of 2017", "GET", APP "2017-09-01&clientid=$reader", NULL, NULL, "$managed", NULL, 200, " +00:00\"" },
    { "App Service of 2017 by the newer header", "GET", APP "2017-09-01", NULL, "$managed", NULL, NULL, 401,
      "missing" },
    { "Arc", "GET", ARC, "true", NULL, NULL, "Basic $managed", 200, "\"access_token\"" },
    { "Arc names its file first", "GET", ARC, "true", NULL, NULL, NULL, 401, "Missing Basic" },
    { "Arc by a wrong secret", "GET", ARC, "true", NULL, NULL, "Basic x", 401, "wrong" },
    { "Arc without its header", "GET", ARC, NULL, NULL, NULL, "Basic $managed", 400, "metadata header" },
};

static void managed_identities_answer(void **state)
{
    const struct managed_case *c = *state;
    const char *templates[] = { c->target, c->identity_header, c->secret, c->authorization, c->text };
    char *texts[5];
    azattest__service_answer answer;

    for (size_t i = 0; i < 5; i++)
        texts[i] = templates[i] == NULL ? NULL : fill(templates[i]);
    azattest__issuer_handle_managed(issuer_world.issuer,
                                    &(azattest__service_request){ .method = c->method,
                                                                  .target = texts[0],
                                                                  .metadata = c->metadata,
                                                                  .identity_header = texts[1],
                                                                  .secret = texts[2],
                                                                  .authorization = texts[3] },
                                    &answer);
    if (answer.status != c->status || strstr((const char *)answer.body.ptr, texts[4]) == NULL)
        fail_msg("status %d: %s", answer.status, (const char *)answer.body.ptr);
    if (c->status == 401 && c->metadata != NULL && c->authorization == NULL && strstr(c->target, "/arc/") != NULL) {
        char *challenge = fill("Basic realm=$arc");

        assert_int_equal(answer.header_count, 1);
        assert_string_equal(answer.headers[0].name, "WWW-Authenticate");
        assert_string_equal(answer.headers[0].value, challenge);
        free(challenge);
    }
    for (size_t i = 0; i < 5; i++)
        free(texts[i]);
    azattest__service_answer_clear(&answer);
}

static void a_kept_state_keeps_identities_and_certificate(void **state)
{
    azattest__issuer_options options = { .authority = AUTHORITY, .state = &issuer_world.state };
    azattest__issuer *again = NULL;

    (void)state;
    assert_int_equal(azattest__issuer_new(&options, &again, NULL), AZATTEST_OK);
    assert_string_equal(again->tenant_id, issuer_world.issuer->tenant_id);
    assert_string_equal(again->identities[2].secret, issuer_world.issuer->identities[2].secret);
    assert_string_equal(again->client_sha256, issuer_world.issuer->client_sha256);
    assert_string_equal(again->key_thumbprint, issuer_world.issuer->key_thumbprint);
    azattest__issuer_free(again);
}

static void other_paths_are_not_the_issuers(void **state)
{
    static const char *const targets[] = { "/certs",
                                           "/.well-known/openid-configuration",
                                           "/attest/SgxEnclave",
                                           "/policies/SgxEnclave",
                                           "//oauth2/v2.0/token",
                                           "oauth2/v2.0/token",
                                           "",
                                           "/a/b/oauth2/v2.0/token",
                                           "/x%0/oauth2/v2.0/token" };

    (void)state;
    for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
        azattest__service_request request = { .method = "GET", .target = targets[i] };
        azattest__service_answer answer;

        assert_false(azattest__issuer_handle(issuer_world.issuer, &request, &answer));
    }
}

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

int main(void)
{
    static struct CMUnitTest tests[COUNT(grants) + COUNT(assertions) + COUNT(managed) + 6];
    size_t n = 0;

    for (size_t i = 0; i < COUNT(grants); i++)
        tests[n++] = (struct CMUnitTest){ grants[i].name, grants_answer, NULL, NULL, (void *)(uintptr_t)&grants[i] };
    for (size_t i = 0; i < COUNT(assertions); i++)
        tests[n++] =
            (struct CMUnitTest){ assertions[i].name, assertions_prove, NULL, NULL, (void *)(uintptr_t)&assertions[i] };
    for (size_t i = 0; i < COUNT(managed); i++)
        tests[n++] = (struct CMUnitTest){ managed[i].name, managed_identities_answer, NULL, NULL,
                                          (void *)(uintptr_t)&managed[i] };
    tests[n++] = (struct CMUnitTest)cmocka_unit_test(an_assertion_may_be_padded_as_it_was_signed);
    tests[n++] = (struct CMUnitTest)cmocka_unit_test(an_assertion_cut_anywhere_is_refused);
    tests[n++] = (struct CMUnitTest)cmocka_unit_test(a_form_cut_anywhere_is_read_or_refused);
    tests[n++] = (struct CMUnitTest)cmocka_unit_test(a_form_has_limits);
    tests[n++] = (struct CMUnitTest)cmocka_unit_test(a_kept_state_keeps_identities_and_certificate);
    tests[n++] = (struct CMUnitTest)cmocka_unit_test(other_paths_are_not_the_issuers);
    return cmocka_run_group_tests_name("issuer", tests, issuer_setup, issuer_teardown);
}
