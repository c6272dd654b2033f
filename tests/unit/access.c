/* Access tokens on the service's routes; and the calls that need a token or a version of their own: TPM, baselines. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/encoding.h"
#include "issuer_bench.h"

static azattest__service *service;

static int64_t now_ms(void *user)
{
    (void)user;
    return issuer_world.now_s * 1000;
}

static int setup(void **state)
{
    azattest__service_options options = { .endpoint = AUTHORITY, .clock = { .now_ms = now_ms } };

    if (issuer_setup(state) != 0)
        return -1;
    options.signing_key = issuer_world.other_key;
    options.issuer = issuer_world.issuer;
    assert_int_equal(azattest__service_new(&options, &service, NULL), AZATTEST_OK);
    return 0;
}

static int teardown(void **state)
{
    azattest__service_free(service);
    return issuer_teardown(state);
}

static char *token_of(size_t identity, const char *audience)
{
    azattest__buf token;
    size_t len;

    azattest__buf_init(&token, AZATTEST_LIMIT_TOKEN);
    assert_int_equal(azattest__access_token_make(issuer_world.issuer, &issuer_world.issuer->identities[identity],
                                                 audience, &token, NULL),
                     AZATTEST_OK);
    return (char *)azattest__buf_take(&token, &len);
}

static char *bearer(const char *token)
{
    char *text = NULL;

    assert_true(asprintf(&text, "Bearer %s", token) > 0);
    return text;
}

static void call(const char *method, const char *target, const char *authorization, const char *body,
                 azattest__service_answer *answer)
{
    azattest__service_request request = {
        .method = method, .target = target, .authorization = authorization, .body = azattest__text(body)
    };

    azattest__service_handle(service, &request, answer);
}

/* ---- roles ---- */

enum who { CONTRIBUTOR, READER, NONE, NOBODY };
#define EMPTY "eyJhbGciOiJub25lIn0.."
#define V "?api-version=2020-10-01"

static const struct route_case {
    const char *name, *method, *target, *body;
    int status[4]; /* of each of them */
} routes[] = {
    { "reading a policy", "GET", "/policies/SgxEnclave" V, "", { 200, 200, 403, 401 } },
    { "resetting a policy", "POST", "/policies/SgxEnclave:reset" V, EMPTY, { 200, 403, 403, 401 } },
    { "setting a policy", "PUT", "/policies/SgxEnclave" V, "x", { 400, 403, 403, 401 } },
    { "reading certificates", "GET", "/certificates" V, "", { 200, 200, 403, 401 } },
    { "adding a certificate", "POST", "/certificates:add" V, "\"x\"", { 400, 403, 403, 401 } },
    { "removing a certificate", "POST", "/certificates:remove" V, "\"x\"", { 400, 403, 403, 401 } },
    { "attesting", "POST", "/attest/SgxEnclave" V, "{}", { 400, 400, 400, 400 } },
    { "keys", "GET", "/certs", "", { 200, 200, 200, 200 } },
    { "metadata", "GET", "/.well-known/openid-configuration", "", { 200, 200, 200, 200 } },
    { "baselines", "GET", "/tcbbaselines/SgxEnclave?api-version=2025-06-01", "", { 200, 200, 200, 200 } },
    { "attesting in the first version",
      "POST",
      "/attest/SgxEnclave?api-version=2018-09-01-preview",
      "{}",
      { 400, 400, 400, 401 } },
    { "attesting by the first version's path",
      "POST",
      "/attest/Tee/OpenEnclave?api-version=2018-09-01-preview",
      "{}",
      { 400, 400, 400, 401 } },
    { "a policy of the first version",
      "GET",
      "/operations/policy/current?api-version=2018-09-01-preview&tee=SgxEnclave",
      "",
      { 400, 400, 403, 401 } },
};

static void roles_count(void **state)
{
    const struct route_case *c = *state;

    for (size_t who = CONTRIBUTOR; who <= NOBODY; who++) {
        char *token = who == NOBODY ? NULL : token_of(who, AZATTEST__AUDIENCE);
        char *authorization = who == NOBODY ? NULL : bearer(token), *challenge = fill("$authority/$tenant");
        azattest__service_answer answer;

        call(c->method, c->target, authorization, c->body, &answer);
        if (answer.status != c->status[who])
            fail_msg("%zu: status %d: %s", who, answer.status, (const char *)answer.body.ptr);
        if (answer.status == 401) {
            assert_string_equal(answer.error_code, "Unauthorized");
            assert_int_equal(answer.header_count, 1);
            assert_string_equal(answer.headers[0].name, "WWW-Authenticate");
            assert_non_null(strstr(answer.headers[0].value, "Bearer authorization_uri=\""));
            assert_non_null(strstr(answer.headers[0].value, challenge));
            assert_non_null(strstr(answer.headers[0].value, "resource=\"https://attest.azure.net\""));
        }
        if (answer.status == 403)
            assert_string_equal(answer.error_code, "Forbidden");
        if (token != NULL)
            assert_null(strstr((const char *)answer.body.ptr, token));
        azattest__service_answer_clear(&answer);
        free(challenge);
        free(authorization);
        free(token);
    }
}

/* ---- what is no access token ---- */

#define CLAIMS(aud, iss, nbf, exp)                                                                                     \
    "{\"aud\":\"" aud "\",\"iss\":\"" iss "\",\"nbf\":" nbf ",\"exp\":" exp ",\"roles\":[\"Attestation Reader\"]}"
#define ISSUER "$authority/$tenant/"
#define HEADER "{\"alg\":\"RS256\",\"kid\":\"$kid\"}"

static const struct token_case {
    const char *name, *header, *claims;
    bool by_issuer; /* else by a key of nobody */
    azattest__alg alg;
    const char *says; /* NULL: let in */
} tokens[] = {
    { "a good one", HEADER, CLAIMS(AZATTEST__AUDIENCE, ISSUER, "$now", "$soon"), true, AZATTEST__RS256, NULL },
    { "expired", HEADER, CLAIMS(AZATTEST__AUDIENCE, ISSUER, "$past", "$now"), true, AZATTEST__RS256, "has expired" },
    { "not valid yet", HEADER, CLAIMS(AZATTEST__AUDIENCE, ISSUER, "$soon", "$soon"), true, AZATTEST__RS256,
      "not valid yet" },
    { "for another audience", HEADER, CLAIMS("https://management.azure.com", ISSUER, "$now", "$soon"), true,
      AZATTEST__RS256, "another audience" },
    { "for the other cloud", HEADER, CLAIMS("https://attest.azure.us", ISSUER, "$now", "$soon"), true, AZATTEST__RS256,
      "another audience" },
    { "of another tenant", HEADER, CLAIMS(AZATTEST__AUDIENCE, "$authority/other/", "$now", "$soon"), true,
      AZATTEST__RS256, "another issuer" },
    { "by a key of nobody", HEADER, CLAIMS(AZATTEST__AUDIENCE, ISSUER, "$now", "$soon"), false, AZATTEST__RS256,
      "signature does not verify" },
    { "by another algorithm", "{\"alg\":\"PS256\",\"kid\":\"$kid\"}",
      CLAIMS(AZATTEST__AUDIENCE, ISSUER, "$now", "$soon"), true, AZATTEST__PS256, "not signed by RS256" },
    { "unsecured", "{\"alg\":\"none\",\"kid\":\"$kid\"}", CLAIMS(AZATTEST__AUDIENCE, ISSUER, "$now", "$soon"), false,
      AZATTEST__ALG_UNKNOWN, "not signed by RS256" },
    { "of another key id", "{\"alg\":\"RS256\",\"kid\":\"x\"}", CLAIMS(AZATTEST__AUDIENCE, ISSUER, "$now", "$soon"),
      true, AZATTEST__RS256, "names another key" },
    { "without claims", HEADER, "{}", true, AZATTEST__RS256, "another issuer" },
    { "with an expiry as text", HEADER, CLAIMS(AZATTEST__AUDIENCE, ISSUER, "$now", "\"$soon\""), true, AZATTEST__RS256,
      "has expired" },
};

static void tokens_are_checked(void **state)
{
    const struct token_case *c = *state;
    char *token = make_jwt(c->header, c->claims,
                           c->alg == AZATTEST__ALG_UNKNOWN ? NULL
                           : c->by_issuer                  ? issuer_world.issuer->key
                                                           : issuer_world.other_key,
                           c->alg);
    char *authorization = bearer(token);
    azattest__service_answer answer;

    call("GET", "/policies/SgxEnclave" V, authorization, "", &answer);
    assert_int_equal(answer.status, c->says == NULL ? 200 : 401);
    if (c->says != NULL && strstr((const char *)answer.body.ptr, c->says) == NULL)
        fail_msg("%s", (const char *)answer.body.ptr);
    azattest__service_answer_clear(&answer);
    free(authorization);
    free(token);
}

static void a_header_cut_or_changed_anywhere_is_refused(void **state)
{
    char *token = token_of(CONTRIBUTOR, AZATTEST__AUDIENCE), *whole = bearer(token);
    azattest__access access;
    size_t len = strlen(whole);

    (void)state;
    assert_int_equal(azattest__issuer_authenticate(issuer_world.issuer, whole, &access, NULL), AZATTEST_OK);
    assert_int_equal(access, AZATTEST__CONTRIBUTOR);
    memcpy(whole, "bEARER", 6);
    assert_int_equal(azattest__issuer_authenticate(issuer_world.issuer, whole, &access, NULL), AZATTEST_OK);
    for (size_t i = 0; i < len; i++) {
        char kept = whole[i];

        whole[i] = '\0';
        assert_int_equal(azattest__issuer_authenticate(issuer_world.issuer, whole, &access, NULL), AZATTEST_E_AUTH);
        assert_int_equal(access, AZATTEST__ANYBODY);
        whole[i] = kept == '!' ? '?' : '!';
        assert_int_equal(azattest__issuer_authenticate(issuer_world.issuer, whole, &access, NULL), AZATTEST_E_AUTH);
        whole[i] = kept;
    }
    free(whole);
    free(token);
}

/* ---- versions and baselines ---- */

static const struct version_case {
    const char *name, *method, *target;
    int status;
    const char *text;
} versions[] = {
    { "baselines of the preview have text", "GET", "/tcbbaselines/SgxEnclave?api-version=2022-09-01-preview", 200,
      "\"tcbIdentifier\":\"11\",\"tcbEvaluationDataNumber\":\"11\",\"tcbReleaseDate\":\"2021-06-09T00:00:00\"" },
    { "baselines of the preview, with its parameter", "GET",
      "/tcbbaselines/SgxEnclave?api-version=2022-09-01-preview&provideCurrentTcbInPolicy=true", 200, "isSelectedTcb" },
    { "a parameter that is no truth value", "GET",
      "/tcbbaselines/SgxEnclave?api-version=2022-09-01-preview&provideCurrentTcbInPolicy=1", 400, "neither true nor" },
    { "baselines since then have numbers", "GET", "/tcbbaselines/sgxenclave?api-version=2025-06-01", 200,
      "\"tcbEvaluationDataNumber\":11," },
    { "baselines of the newest version", "GET", "/tcbbaselines/OpenEnclave?api-version=2026-03-11-preview", 200,
      "\"minimumPswLinuxVersion\":\"2.13.3\",\"minimumPswWindowsVersion\":\"2.13.100.2\"" },
    { "baselines before there were any", "GET", "/tcbbaselines/SgxEnclave?api-version=2020-10-01", 400,
      "came with 2022-09-01-preview" },
    { "baselines before there were any, later", "GET", "/tcbbaselines/SgxEnclave?api-version=2022-08-01", 400,
      "came with 2022-09-01-preview" },
    { "baselines in the first version", "GET", "/tcbbaselines/SgxEnclave?api-version=2018-09-01-preview", 400,
      "came with 2022-09-01-preview" },
    { "baselines without a version", "GET", "/tcbbaselines/SgxEnclave", 400, "api-version is missing" },
    { "baselines of what has none", "GET", "/tcbbaselines/SevSnpVm?api-version=2025-06-01", 400, "no TCB baselines" },
    { "baselines of nothing", "GET", "/tcbbaselines/Nothing?api-version=2025-06-01", 404, "NotFound" },
    { "baselines by another method", "POST", "/tcbbaselines/SgxEnclave?api-version=2025-06-01", 405, "" },
    { "a policy in the first version", "GET", "/policies/SgxEnclave?api-version=2018-09-01-preview", 400,
      "came with 2020-10-01" },
    { "certificates in the first version", "GET", "/certificates?api-version=2018-09-01-preview", 400,
      "came with 2020-10-01" },
    { "the first version's policy path in a later one", "GET", "/operations/policy/current?api-version=2020-10-01", 400,
      "2018-09-01-preview alone" },
    { "the first version's attest path in a later one", "POST", "/attest/Tee/SgxEnclave?api-version=2020-10-01", 400,
      "2018-09-01-preview alone" },
    { "the first version's policy path", "GET", "/operations/policy/current?api-version=2018-09-01-preview", 400,
      "not served" },
    { "an unknown version", "GET", "/policies/SgxEnclave?api-version=2019-01-01", 400, "unknown api-version" },
};

static void versions_have_their_paths(void **state)
{
    const struct version_case *c = *state;
    char *token = token_of(CONTRIBUTOR, AZATTEST__AUDIENCE), *authorization = bearer(token);
    azattest__service_answer answer;

    call(c->method, c->target, authorization, "{}", &answer);
    if (answer.status != c->status || strstr((const char *)answer.body.ptr, c->text) == NULL)
        fail_msg("status %d: %s", answer.status, (const char *)answer.body.ptr);
    azattest__service_answer_clear(&answer);
    free(authorization);
    free(token);
}

/* ---- TPM ---- */

#define TPM "/attest/Tpm" V
#define TPM_POLICY "version=1.0; authorizationrules{=> permit();}; issuancerules{};"

static void set_tpm_policy(void)
{
    char *token = token_of(CONTRIBUTOR, AZATTEST__AUDIENCE), *authorization = bearer(token), *policy;
    azattest__service_answer answer;
    azattest__buf text;

    azattest__buf_init(&text, 4096);
    azattest__buf_append_text(&text, "{\"AttestationPolicy\":\"");
    azattest__base64url_encode(azattest__text(TPM_POLICY), &text);
    azattest__buf_append_text(&text, "\"}");
    policy = make_jwt("{\"alg\":\"none\"}", (const char *)text.ptr, NULL, AZATTEST__ALG_UNKNOWN);
    call("PUT", "/policies/Tpm" V, authorization, policy, &answer);
    assert_int_equal(answer.status, 200);
    azattest__service_answer_clear(&answer);
    azattest__buf_free(&text);
    free(policy);
    free(authorization);
    free(token);
}

/* Sends a message, and gives the answer's own message back (NULL: an error, whose text is in the answer). */
static azattest__json *exchange(const char *message, azattest__service_answer *answer)
{
    azattest__json *document = NULL, *inner = NULL;
    azattest__buf body, data;

    azattest__buf_init(&body, 1024 * 1024);
    azattest__buf_init(&data, 1024 * 1024);
    azattest__buf_append_text(&body, "{\"data\":\"");
    azattest__base64url_encode(azattest__text(message), &body);
    azattest__buf_append_text(&body, "\"}");
    call("POST", TPM, NULL, (const char *)body.ptr, answer);
    if (answer->status == 200) {
        assert_int_equal(azattest__json_parse(azattest__buf_bytes(&answer->body), &document, NULL), AZATTEST_OK);
        assert_true(azattest__base64url_decode(azattest__text(azattest__json_get_string(document, "data")), &data));
        assert_int_equal(azattest__json_parse(azattest__buf_bytes(&data), &inner, NULL), AZATTEST_OK);
    }
    azattest__json_free(document);
    azattest__buf_free(&body);
    azattest__buf_free(&data);
    return inner;
}

#define FIRST_MESSAGE "{\"payload\":{\"type\":\"aikcert\"}}"

static void tpm_needs_a_policy_first(void **state)
{
    azattest__service_answer answer;

    (void)state;
    assert_null(exchange(FIRST_MESSAGE, &answer));
    assert_int_equal(answer.status, 400);
    assert_string_equal((const char *)answer.body.ptr, /* recorded */
                        "{\"error\":{\"code\":\"Bad request\",\"message\":\"A VBS attestation policy has not been set "
                        "on the attestation provider.\"}}");
    azattest__service_answer_clear(&answer);
    set_tpm_policy();
}

static void the_recorded_first_message_gets_a_challenge(void **state)
{
    azattest__service_answer answer;
    azattest__json *message = exchange(FIRST_MESSAGE, &answer), *context = NULL;
    const azattest__json *payload = azattest__json_get(message, "payload");
    azattest__buf bytes;

    (void)state;
    assert_non_null(payload);
    azattest__buf_init(&bytes, 4096);
    assert_true(azattest__base64url_decode(azattest__text(azattest__json_get_string(payload, "challenge")), &bytes));
    assert_int_equal(bytes.len, 16);
    azattest__buf_free(&bytes);
    assert_true(
        azattest__base64url_decode(azattest__text(azattest__json_get_string(payload, "service_context")), &bytes));
    assert_int_equal(azattest__json_parse(azattest__buf_bytes(&bytes), &context, NULL), AZATTEST_OK);
    assert_int_equal(strlen(azattest__json_get_string(context, "ProtectionKeyName")), 64);
    assert_non_null(azattest__json_get_string(context, "ProtectedContext"));
    azattest__json_free(context);
    azattest__buf_free(&bytes);
    azattest__json_free(message);
    azattest__service_answer_clear(&answer);
}

/* $challenge and $context are those of a first message; $jwk is the key that signs. */
static const struct tpm_case {
    const char *name, *header, *body;
    bool forged; /* signed by another key */
    int64_t later_s;
    const char *says;
} requests[] = {
    { "basic", "{\"alg\":\"PS256\",\"typ\":\"attReq\"}",
      "{\"att_type\":\"basic\",\"att_data\":{\"challenge\":\"$challenge\",\"service_context\":\"$context\","
      "\"attest_key\":$jwk}}",
      false, 0, "Tpm evidence is not verified here" },
    { "vbs", "{\"alg\":\"PS256\",\"typ\":\"attReq\"}",
      "{\"att_type\":\"vbs\",\"att_data\":{\"vsm_report\":\"AA\",\"report_signed\":{\"challenge\":\"$challenge\","
      "\"service_context\":\"$context\",\"attest_key\":$jwk}}}",
      false, 0, "Tpm evidence is not verified here" },
    { "the second version", "{\"alg\":\"PS256\",\"typ\":\"attReqV2\"}",
      "{\"att_type\":\"basic\",\"att_data\":{\"service_context\":\"$context\",\"request_key\":{\"jwk\":$jwk}}}", false,
      0, "Tpm evidence is not verified here" },
    { "just in time", "{\"alg\":\"PS256\",\"typ\":\"attReq\"}",
      "{\"att_type\":\"basic\",\"att_data\":{\"challenge\":\"$challenge\",\"service_context\":\"$context\","
      "\"attest_key\":$jwk}}",
      false, 600, "Tpm evidence is not verified here" },
    { "too late", "{\"alg\":\"PS256\",\"typ\":\"attReq\"}",
      "{\"att_type\":\"basic\",\"att_data\":{\"challenge\":\"$challenge\",\"service_context\":\"$context\","
      "\"attest_key\":$jwk}}",
      false, 601, "older than ten minutes" },
    { "another challenge", "{\"alg\":\"PS256\",\"typ\":\"attReq\"}",
      "{\"att_type\":\"basic\",\"att_data\":{\"challenge\":\"AAAAAAAAAAAAAAAAAAAAAA\",\"service_context\":\"$context\","
      "\"attest_key\":$jwk}}",
      false, 0, "not the one that belongs to" },
    { "no challenge", "{\"alg\":\"PS256\",\"typ\":\"attReq\"}",
      "{\"att_type\":\"basic\",\"att_data\":{\"service_context\":\"$context\",\"attest_key\":$jwk}}", false, 0,
      "challenge is absent" },
    { "no context", "{\"alg\":\"PS256\",\"typ\":\"attReq\"}",
      "{\"att_type\":\"basic\",\"att_data\":{\"challenge\":\"$challenge\",\"attest_key\":$jwk}}", false, 0,
      "service_context is absent" },
    { "a context of nobody", "{\"alg\":\"PS256\",\"typ\":\"attReq\"}",
      "{\"att_type\":\"basic\",\"att_data\":{\"challenge\":\"$challenge\",\"service_context\":\"$forged\","
      "\"attest_key\":$jwk}}",
      false, 0, "not made by this service" },
    { "a context that is none", "{\"alg\":\"PS256\",\"typ\":\"attReq\"}",
      "{\"att_type\":\"basic\",\"att_data\":{\"challenge\":\"$challenge\",\"service_context\":\"e30\","
      "\"attest_key\":$jwk}}",
      false, 0, "not one of this service" },
    { "another key's signature", "{\"alg\":\"PS256\",\"typ\":\"attReq\"}",
      "{\"att_type\":\"basic\",\"att_data\":{\"challenge\":\"$challenge\",\"service_context\":\"$context\","
      "\"attest_key\":$jwk}}",
      true, 0, "does not verify" },
    { "no key", "{\"alg\":\"PS256\",\"typ\":\"attReq\"}",
      "{\"att_type\":\"basic\",\"att_data\":{\"challenge\":\"$challenge\",\"service_context\":\"$context\"}}", false, 0,
      "brings no key" },
    { "a key that is none", "{\"alg\":\"PS256\",\"typ\":\"attReq\"}",
      "{\"att_type\":\"basic\",\"att_data\":{\"challenge\":\"$challenge\",\"service_context\":\"$context\","
      "\"attest_key\":{\"kty\":\"RSA\"}}}",
      false, 0, "the key of the TPM message" },
    { "another type", "{\"alg\":\"PS256\",\"typ\":\"JWT\"}", "{\"att_type\":\"basic\",\"att_data\":{}}", false, 0,
      "neither attReq nor" },
    { "another kind of attestation", "{\"alg\":\"PS256\",\"typ\":\"attReq\"}", "{\"att_type\":\"full\"}", false, 0,
      "neither basic nor vbs" },
    { "nothing in it", "{\"alg\":\"PS256\",\"typ\":\"attReq\"}", "{\"att_type\":\"basic\"}", false, 0,
      "service_context is absent" },
};

/* The public part of the client's key as a JWK. */
static void add_jwk(azattest__buf *out)
{
    azattest__buf n, e;

    azattest__buf_init(&n, 4096);
    azattest__buf_init(&e, 4096);
    assert_int_equal(azattest__key_numbers(issuer_world.client_key, &n, &e, NULL), AZATTEST_OK);
    azattest__buf_append_text(out, "{\"kty\":\"RSA\",\"n\":\"");
    azattest__base64url_encode(azattest__buf_bytes(&n), out);
    azattest__buf_append_text(out, "\",\"e\":\"");
    azattest__base64url_encode(azattest__buf_bytes(&e), out);
    azattest__buf_append_text(out, "\"}");
    azattest__buf_free(&n);
    azattest__buf_free(&e);
}

/* The context with one bit of its MAC turned. */
static void add_forged(const char *context, azattest__buf *out)
{
    azattest__json *document = NULL;
    azattest__buf json, sealed;

    azattest__buf_init(&json, 4096);
    azattest__buf_init(&sealed, 4096);
    assert_true(azattest__base64url_decode(azattest__text(context), &json));
    assert_int_equal(azattest__json_parse(azattest__buf_bytes(&json), &document, NULL), AZATTEST_OK);
    assert_true(
        azattest__base64url_decode(azattest__text(azattest__json_get_string(document, "ProtectedContext")), &sealed));
    sealed.ptr[sealed.len - 1] ^= 1;
    azattest__buf_free(&json);
    azattest__buf_append_text(&json, "{\"ProtectedContext\":\"");
    azattest__base64url_encode(azattest__buf_bytes(&sealed), &json);
    azattest__buf_append_text(&json, "\"}");
    azattest__base64url_encode(azattest__buf_bytes(&json), out);
    azattest__json_free(document);
    azattest__buf_free(&json);
    azattest__buf_free(&sealed);
}

static char *make_request(const struct tpm_case *c, const azattest__json *payload)
{
    azattest__buf body, message;
    const char *context = azattest__json_get_string(payload, "service_context");
    char *jwt;
    size_t len;

    azattest__buf_init(&body, 1024 * 1024);
    for (const char *at = c->body; *at != '\0';) {
        if (strncmp(at, "$challenge", 10) == 0) {
            azattest__buf_append_text(&body, azattest__json_get_string(payload, "challenge"));
            at += 10;
        } else if (strncmp(at, "$context", 8) == 0) {
            azattest__buf_append_text(&body, context);
            at += 8;
        } else if (strncmp(at, "$forged", 7) == 0) {
            add_forged(context, &body);
            at += 7;
        } else if (strncmp(at, "$jwk", 4) == 0) {
            add_jwk(&body);
            at += 4;
        } else {
            azattest__buf_append(&body, at++, 1);
        }
    }
    jwt = make_jwt(c->header, (const char *)body.ptr, c->forged ? issuer_world.other_key : issuer_world.client_key,
                   AZATTEST__PS256);
    azattest__buf_free(&body);
    azattest__buf_init(&message, 1024 * 1024);
    azattest__buf_printf(&message, "{\"payload\":{\"request\":\"%s\"}}", jwt);
    free(jwt);
    return (char *)azattest__buf_take(&message, &len);
}

static void tpm_requests_are_read_and_refused(void **state)
{
    const struct tpm_case *c = *state;
    azattest__service_answer answer;
    azattest__json *message = exchange(FIRST_MESSAGE, &answer);
    char *request = make_request(c, azattest__json_get(message, "payload"));

    azattest__service_answer_clear(&answer);
    issuer_world.now_s += c->later_s;
    assert_null(exchange(request, &answer));
    issuer_world.now_s -= c->later_s;
    assert_int_equal(answer.status, 400);
    if (strstr((const char *)answer.body.ptr, c->says) == NULL)
        fail_msg("%s", (const char *)answer.body.ptr);
    azattest__service_answer_clear(&answer);
    azattest__json_free(message);
    free(request);
}

static void a_tpm_message_cut_anywhere_is_refused(void **state)
{
    azattest__service_answer answer;
    azattest__json *message = exchange(FIRST_MESSAGE, &answer);
    char *whole = make_request(&requests[0], azattest__json_get(message, "payload"));

    (void)state;
    azattest__service_answer_clear(&answer);
    for (size_t len = strlen(whole); len-- > 0;) {
        whole[len] = '\0';
        assert_null(exchange(whole, &answer));
        assert_int_equal(answer.status, 400);
        assert_null(strstr((const char *)answer.body.ptr, "not verified here"));
        azattest__service_answer_clear(&answer);
    }
    azattest__json_free(message);
    free(whole);
}

static void other_tpm_messages_are_refused(void **state)
{
    static const char *const bodies[] = {
        "",
        "{}",
        "{\"data\":1}",
        "{\"data\":\"\"}",
        "{\"data\":\"!\"}",
        "{\"data\":\"e30\"}",
        "{\"data\":\"W10\"}",
        "{\"data\":\"eyJwYXlsb2FkIjp7InR5cGUiOiJ4In19\"}", /* another type */
    };

    (void)state;
    for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
        azattest__service_answer answer;

        call("POST", TPM, NULL, bodies[i], &answer);
        assert_int_equal(answer.status, 400);
        assert_string_equal(answer.error_code, "InvalidParameter");
        azattest__service_answer_clear(&answer);
    }
}

/* ---- faults that the service has a part in ---- */

static void a_rotated_key_is_added_and_signs(void **state)
{
    azattest__service_answer before, after;
    azattest__json *one = NULL, *two = NULL;
    const azattest__json *keys;

    (void)state;
    call("GET", "/certs", NULL, "", &before);
    assert_int_equal(azattest__service_rotate_key(service, NULL), AZATTEST_OK);
    call("GET", "/certs", NULL, "", &after);
    assert_int_equal(azattest__json_parse(azattest__buf_bytes(&before.body), &one, NULL), AZATTEST_OK);
    assert_int_equal(azattest__json_parse(azattest__buf_bytes(&after.body), &two, NULL), AZATTEST_OK);
    keys = azattest__json_get(two, "keys");
    assert_int_equal(azattest__json_count(keys), 2);
    assert_true(azattest__json_equal(azattest__json_next(azattest__json_first(keys)),
                                     azattest__json_first(azattest__json_get(one, "keys"))));
    azattest__json_free(one);
    azattest__json_free(two);
    azattest__service_answer_clear(&before);
    azattest__service_answer_clear(&after);
}

/* As at a real instance: a key that is gone no longer counts. */
static void the_oldest_of_many_keys_goes(void **state)
{
    azattest__service_answer before, after;
    azattest__json *one = NULL, *two = NULL;
    const azattest__json *key;
    const char *oldest;

    (void)state;
    call("GET", "/certs", NULL, "", &before);
    assert_int_equal(azattest__json_parse(azattest__buf_bytes(&before.body), &one, NULL), AZATTEST_OK);
    oldest = azattest__json_get_string(azattest__json_first(azattest__json_get(one, "keys")), "kid");
    for (int i = 0; i < 4; i++)
        assert_int_equal(azattest__service_rotate_key(service, NULL), AZATTEST_OK);
    call("GET", "/certs", NULL, "", &after);
    assert_int_equal(azattest__json_parse(azattest__buf_bytes(&after.body), &two, NULL), AZATTEST_OK);
    assert_int_equal(azattest__json_count(azattest__json_get(two, "keys")), 4);
    for (key = azattest__json_first(azattest__json_get(two, "keys")); key != NULL; key = azattest__json_next(key))
        assert_string_not_equal(azattest__json_get_string(key, "kid"), oldest);
    azattest__json_free(one);
    azattest__json_free(two);
    azattest__service_answer_clear(&before);
    azattest__service_answer_clear(&after);
}

static void a_wrong_issuer_is_signed_all_the_same(void **state)
{
    char *token = token_of(READER, AZATTEST__AUDIENCE), *authorization = bearer(token);
    azattest__service_request request = { .method = "GET",
                                          .target = "/certificates" V,
                                          .authorization = authorization,
                                          .token_issuer = "https://wrong.test" };
    azattest__service_answer answer;
    azattest__json *document = NULL;
    azattest__jws jws;

    (void)state;
    azattest__service_handle(service, &request, &answer);
    assert_int_equal(answer.status, 200);
    assert_int_equal(azattest__json_parse(azattest__buf_bytes(&answer.body), &document, NULL), AZATTEST_OK);
    assert_int_equal(azattest__jws_parse(azattest__text(azattest__json_get_string(document, "token")), &jws, NULL),
                     AZATTEST_OK);
    assert_non_null(strstr((const char *)jws.body.ptr, "\"iss\":\"https://wrong.test\""));
    assert_non_null(strstr((const char *)jws.body.ptr, "\"x-ms-policy-certificates\":{\"keys\":[]}"));
    azattest__jws_clear(&jws);
    azattest__json_free(document);
    azattest__service_answer_clear(&answer);
    free(authorization);
    free(token);
}

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

int main(void)
{
    static struct CMUnitTest tests[COUNT(routes) + COUNT(tokens) + COUNT(versions) + COUNT(requests) + 8];
    size_t n = 0;

    for (size_t i = 0; i < COUNT(routes); i++)
        tests[n++] = (struct CMUnitTest){ routes[i].name, roles_count, NULL, NULL, (void *)(uintptr_t)&routes[i] };
    for (size_t i = 0; i < COUNT(tokens); i++)
        tests[n++] =
            (struct CMUnitTest){ tokens[i].name, tokens_are_checked, NULL, NULL, (void *)(uintptr_t)&tokens[i] };
    for (size_t i = 0; i < COUNT(versions); i++)
        tests[n++] = (struct CMUnitTest){ versions[i].name, versions_have_their_paths, NULL, NULL,
                                          (void *)(uintptr_t)&versions[i] };
    tests[n++] = (struct CMUnitTest)cmocka_unit_test(a_header_cut_or_changed_anywhere_is_refused);
    tests[n++] = (struct CMUnitTest)cmocka_unit_test(tpm_needs_a_policy_first);
    tests[n++] = (struct CMUnitTest)cmocka_unit_test(the_recorded_first_message_gets_a_challenge);
    for (size_t i = 0; i < COUNT(requests); i++)
        tests[n++] = (struct CMUnitTest){ requests[i].name, tpm_requests_are_read_and_refused, NULL, NULL,
                                          (void *)(uintptr_t)&requests[i] };
    tests[n++] = (struct CMUnitTest)cmocka_unit_test(a_tpm_message_cut_anywhere_is_refused);
    tests[n++] = (struct CMUnitTest)cmocka_unit_test(other_tpm_messages_are_refused);
    tests[n++] = (struct CMUnitTest)cmocka_unit_test(a_rotated_key_is_added_and_signs);
    tests[n++] = (struct CMUnitTest)cmocka_unit_test(the_oldest_of_many_keys_goes);
    tests[n++] = (struct CMUnitTest)cmocka_unit_test(a_wrong_issuer_is_signed_all_the_same);
    return cmocka_run_group_tests_name("access", tests, setup, teardown);
}
