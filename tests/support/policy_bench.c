#include "policy_bench.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/encoding.h"
#include "crypto/issue.h"

static struct signer {
    const char *name, *curve;
    const char *key_of; /* NULL: a key of its own */
    bool ca;
    azattest__key *key;
    azattest__cert *certificate;
    char *encoded, *thumbprint;
} signers[] = {
    { .name = "rsa", .ca = true },
    { .name = "ec", .curve = "P-256", .ca = true },
    { .name = "other", .ca = true },
    { .name = "leaf", .ca = false },
    { .name = "renewed", .key_of = "rsa", .ca = true },
};
#define SIGNERS_END (signers + sizeof(signers) / sizeof(signers[0]))

static const struct signer *find(const char *name)
{
    for (const struct signer *signer = signers; signer < SIGNERS_END; signer++)
        if (strcmp(signer->name, name) == 0)
            return signer;
    fail_msg("no signer %s", name);
    return NULL;
}

int policy_setup(void **state)
{
    service_setup(state);
    for (struct signer *signer = signers; signer < SIGNERS_END; signer++) {
        azattest__cert_request request = { .common_name = signer->name,
                                           .not_before = world.now_s - 60,
                                           .not_after = world.now_s + 3600,
                                           .ca = signer->ca,
                                           .path_length = -1 };
        unsigned char hash[AZATTEST__HASH_MAX];
        size_t len;
        azattest__buf hex;

        if (signer->key_of != NULL)
            signer->key = azattest__key_ref(find(signer->key_of)->key);
        else
            assert_int_equal(signer->curve == NULL ? azattest__key_generate_rsa(2048, &signer->key, NULL)
                                                   : azattest__key_generate_ec(signer->curve, &signer->key, NULL),
                             AZATTEST_OK);
        assert_int_equal(azattest__cert_issue(&request, signer->key, NULL, NULL, &signer->certificate, NULL),
                         AZATTEST_OK);
        signer->encoded =
            encode(azattest__cert_der(signer->certificate).ptr, azattest__cert_der(signer->certificate).len, true);
        azattest__buf_init(&hex, 128);
        assert_int_equal(azattest__digest(AZATTEST__SHA1, azattest__cert_der(signer->certificate), hash, &len, NULL),
                         AZATTEST_OK);
        azattest__hex_encode(azattest__bytes(hash, len), &hex);
        for (size_t i = 0; i < hex.len; i++)
            hex.ptr[i] = (unsigned char)toupper(hex.ptr[i]);
        signer->thumbprint = (char *)azattest__buf_take(&hex, &len);
    }
    return 0;
}

int policy_teardown(void **state)
{
    for (struct signer *signer = signers; signer < SIGNERS_END; signer++) {
        azattest__key_free(signer->key);
        azattest__cert_free(signer->certificate);
        free(signer->encoded);
        free(signer->thumbprint);
    }
    return service_teardown(state);
}

const char *policy_certificate(const char *signer)
{
    return find(signer)->encoded;
}

const char *policy_thumbprint(const char *signer)
{
    return find(signer)->thumbprint;
}

azattest__service *policy_service(azattest__mode mode)
{
    azattest__service_options options = { .endpoint = ENDPOINT,
                                          .signing_key = world.key,
                                          .extra_roots = azattest_simulator_root_pem(world.simulator),
                                          .clock = service_clock(),
                                          .mode = azattest__mode_name(mode) };
    azattest__service *service = NULL;
    azattest__buf pem;

    azattest__buf_init(&pem, 65536);
    if (mode == AZATTEST__ISOLATED) {
        azattest__pem_encode("CERTIFICATE", azattest__cert_der(find("rsa")->certificate), &pem);
        options.policy_certificates = azattest__buf_bytes(&pem);
    }
    assert_int_equal(azattest__service_new(&options, &service, NULL), AZATTEST_OK);
    azattest__buf_free(&pem);
    return service;
}

/* ---- tokens ---- */

static void put_der_integer(azattest__buf *out, const unsigned char *number, size_t size)
{
    while (size > 1 && number[0] == 0)
        number++, size--;
    azattest__buf_append(out, "\x02", 1);
    azattest__buf_append(out, &(unsigned char){ (unsigned char)(size + (number[0] >> 7)) }, 1);
    azattest__buf_append(out, "", number[0] >> 7);
    azattest__buf_append(out, number, size);
}

/* The token with its signature r || s of P-256 as DER. */
static char *with_der_signature(char *token)
{
    char *dot = strrchr(token, '.'), *encoded, *out;
    azattest__buf raw, body, der;

    azattest__buf_init(&raw, 64);
    azattest__buf_init(&body, 128);
    azattest__buf_init(&der, 128);
    assert_true(azattest__base64url_decode(azattest__text(dot + 1), &raw));
    assert_int_equal(raw.len, 64);
    put_der_integer(&body, raw.ptr, 32);
    put_der_integer(&body, raw.ptr + 32, 32);
    azattest__buf_append(&der, "\x30", 1);
    azattest__buf_append(&der, &(unsigned char){ (unsigned char)body.len }, 1);
    azattest__buf_append_bytes(&der, azattest__buf_bytes(&body));
    encoded = encode(der.ptr, der.len, false);
    assert_true(asprintf(&out, "%.*s%s", (int)(dot + 1 - token), token, encoded) > 0);
    azattest__buf_free(&raw);
    azattest__buf_free(&body);
    azattest__buf_free(&der);
    free(encoded);
    free(token);
    return out;
}

char *policy_token_with(const char *header, azattest__alg alg, const char *key, const char *payload)
{
    azattest__buf token;
    size_t len;

    azattest__buf_init(&token, AZATTEST_LIMIT_TOKEN);
    assert_int_equal(azattest__jws_create(azattest__text(header), azattest__text(payload),
                                          key == NULL ? NULL : find(key)->key, alg, &token, NULL),
                     AZATTEST_OK);
    return (char *)azattest__buf_take(&token, &len);
}

char *policy_token(const char *alg, const char *key, const char *certificate, bool der, const char *payload)
{
    azattest__alg real = azattest__alg_from_name(alg);
    char *header, *token;

    if (key != NULL && azattest__key_fits(find(key)->key, real, NULL) != AZATTEST_OK)
        real = find(key)->curve == NULL ? AZATTEST__RS256 : AZATTEST__ES256; /* misspelt, unknown or unfit names */
    if (certificate == NULL)
        assert_true(asprintf(&header, "{\"alg\":\"%s\"}", alg) > 0);
    else
        assert_true(asprintf(&header, "{\"alg\":\"%s\",\"x5c\":[\"%s\"]}", alg, find(certificate)->encoded) > 0);
    token = policy_token_with(header, real, key, payload);
    free(header);
    return der ? with_der_signature(token) : token;
}

/* ---- requests ---- */

/* Header and times of a result token. */
static void check_result(const azattest__jws *jws)
{
    azattest__json *claims = parse(jws->body);
    int64_t issued, expires, not_before;

    assert_header(jws, "RS256");
    assert_string_equal(azattest__json_get_string(claims, "iss"), ENDPOINT);
    assert_true(azattest__json_integer(azattest__json_get(claims, "iat"), &issued));
    assert_true(azattest__json_integer(azattest__json_get(claims, "nbf"), &not_before));
    assert_true(azattest__json_integer(azattest__json_get(claims, "exp"), &expires));
    assert_int_equal(issued, world.now_s);
    assert_int_equal(not_before, issued);
    if (azattest__json_get(claims, "jti") == NULL)
        assert_int_equal(expires, issued + 3600);
    azattest__json_free(claims);
}

void policy_expect(azattest__service *service, const char *method, const char *target, azattest_bytes body, int status,
                   const char *code, const char *text)
{
    azattest__service_request request = { .method = method, .target = target, .body = body };
    azattest__service_answer answer;
    azattest__json *document = NULL;
    azattest__jws jws = { .memory = NULL };
    const char *said;

    azattest__service_handle(service, &request, &answer);
    if (answer.status != status)
        fail_msg("%s %s: %d %s", method, target, answer.status, (const char *)answer.body.ptr);
    if (code == NULL) {
        open_token(&answer, &jws);
        check_result(&jws);
        said = jws.body.ptr;
    } else {
        document = parse(azattest__buf_bytes(&answer.body));
        assert_string_equal(answer.error_code, code);
        said = azattest__json_get_string(azattest__json_get(document, "error"), "message");
    }
    if (strstr(said, text) == NULL)
        fail_msg("\"%s\" is not in %s", text, said);
    azattest__jws_clear(&jws);
    azattest__json_free(document);
    azattest__service_answer_clear(&answer);
}

char *policy_get(azattest__service *service, const char *target)
{
    azattest__service_request request = { .method = "GET", .target = target };
    azattest__service_answer answer;
    azattest__json *claims;
    azattest__jws jws;
    char *policy;

    azattest__service_handle(service, &request, &answer);
    assert_int_equal(answer.status, 200);
    open_token(&answer, &jws);
    claims = parse(jws.body);
    assert_int_equal(azattest__json_count(claims), 5);
    policy = azattest__dup_text(azattest__json_get_string(claims, "x-ms-policy"));
    assert_non_null(policy);
    azattest__json_free(claims);
    azattest__jws_clear(&jws);
    azattest__service_answer_clear(&answer);
    return policy;
}
