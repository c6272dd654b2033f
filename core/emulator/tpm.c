/*
 * POST /attest/Tpm: the exchange of messages around TPM evidence. The first message is answered with a challenge and a
 * context, which is sealed by a MAC, so that the second is known to belong to it; nothing is kept here in between. The
 * second is read and bound to its challenge, and then refused: there is no verifier for its evidence yet.
 */

#include "base/clock.h"
#include "base/encoding.h"
#include "jose/jws.h"
#include "jose/signer.h"

#include "policy_cache.h"
#include "policy_errors.h"

#define CHALLENGE_SIZE 16
#define CONTEXT_LIFE_S 600 /* this service's own choice */
#define CONTEXT_VERSION 1
/* What ProtectedContext decodes to: version, seconds since 1970 (big-endian), challenge, MAC of all that. */
#define SEALED_SIZE (1 + 8 + CHALLENGE_SIZE)
#define CONTEXT_SIZE (SEALED_SIZE + AZATTEST__SHA256_SIZE)

/* HMAC with SHA-256 (RFC 2104), for keys of at most one block and short messages. */
static azattest_status hmac(azattest_bytes key, azattest_bytes message, unsigned char out[AZATTEST__SHA256_SIZE],
                            azattest_error **error)
{
    azattest_status status;
    unsigned char inner[64 + SEALED_SIZE] = { 0 }, outer[64 + AZATTEST__SHA256_SIZE] = { 0 };

    if (key.len > 64 || message.len > SEALED_SIZE)
        return azattest__error_set(error, AZATTEST_E_LIMIT, "the message is too long for its MAC");
    memcpy(inner, key.ptr, key.len);
    memcpy(outer, key.ptr, key.len);
    for (size_t i = 0; i < 64; i++) {
        inner[i] ^= 0x36;
        outer[i] ^= 0x5c;
    }
    memcpy(inner + 64, message.ptr, message.len);
    if ((status = azattest__sha256(azattest__bytes(inner, 64 + message.len), outer + 64, error)) == AZATTEST_OK)
        status = azattest__sha256(azattest__bytes(outer, sizeof(outer)), out, error);
    azattest__wipe(inner, sizeof(inner));
    azattest__wipe(outer, sizeof(outer));
    return status;
}

static azattest_status seal(const azattest__service *service, const unsigned char sealed[SEALED_SIZE],
                            unsigned char mac[AZATTEST__SHA256_SIZE], azattest_error **error)
{
    return hmac(azattest__bytes(service->context_key, sizeof(service->context_key)),
                azattest__bytes(sealed, SEALED_SIZE), mac, error);
}

/* {"ProtectionKeyName":"64 hex","ProtectedContext":"base64url"}, as recorded; the name is the hash of the key. */
static azattest_status print_context(const azattest__service *service, const unsigned char context[CONTEXT_SIZE],
                                     azattest__buf *out, azattest_error **error)
{
    azattest_status status;
    unsigned char name[AZATTEST__SHA256_SIZE];
    azattest__json *document = azattest__json_new_object();

    if ((status = azattest__sha256(azattest__bytes(service->context_key, sizeof(service->context_key)), name, error)) ==
        AZATTEST_OK) {
        azattest__json_put_hex(document, "ProtectionKeyName", azattest__bytes(name, sizeof(name)));
        azattest__json_put_base64url(document, "ProtectedContext", azattest__bytes(context, CONTEXT_SIZE));
        status = azattest__json_print(document, false, out, error);
    }
    azattest__json_free(document);
    return status;
}

/* {"data": base64url of the JSON}: the shape of every answer. */
static azattest_status answer_data(const azattest__call *call, const azattest__json *message, azattest_error **error)
{
    azattest_status status;
    azattest__json *document = azattest__json_new_object();
    azattest__buf text;

    azattest__buf_init(&text, AZATTEST_LIMIT_RESPONSE);
    if ((status = azattest__json_print(message, false, &text, error)) == AZATTEST_OK) {
        azattest__json_put_base64url(document, "data", azattest__buf_bytes(&text));
        status = azattest__answer_json(call->answer, document, error);
    }
    azattest__buf_free(&text);
    azattest__json_free(document);
    return status;
}

static azattest_status give_challenge(const azattest__call *call, azattest_error **error)
{
    azattest_status status;
    int64_t now_s = azattest__clock_now_ms(&call->service->clock) / 1000;
    unsigned char context[CONTEXT_SIZE] = { CONTEXT_VERSION };
    azattest__json *message = azattest__json_new_object(), *payload = azattest__json_new_object();
    azattest__buf text;

    azattest__buf_init(&text, 4096);
    for (int i = 0; i < 8; i++)
        context[1 + i] = (unsigned char)((uint64_t)now_s >> (56 - 8 * i));
    if ((status = azattest__random(context + 9, CHALLENGE_SIZE, error)) != AZATTEST_OK ||
        (status = seal(call->service, context, context + SEALED_SIZE, error)) != AZATTEST_OK ||
        (status = print_context(call->service, context, &text, error)) != AZATTEST_OK) {
        azattest__json_free(payload);
        goto done;
    }
    azattest__json_put_base64url(payload, "challenge", azattest__bytes(context + 9, CHALLENGE_SIZE));
    azattest__json_put_base64url(payload, "service_context", azattest__buf_bytes(&text));
    azattest__json_put(message, "payload", payload);
    status = answer_data(call, message, error);
done:
    azattest__buf_free(&text);
    azattest__json_free(message);
    return status;
}

/* ---- the second message ---- */

static azattest_status malformed(azattest_error **error, const char *what)
{
    return azattest__error_set(error, AZATTEST_E_MALFORMED, "TPM message: %s", what);
}

/* Opens a context that this service sealed not long ago. */
static azattest_status open_context(const azattest__service *service, const char *text,
                                    unsigned char challenge[CHALLENGE_SIZE], azattest_error **error)
{
    azattest_status status = AZATTEST_OK;
    int64_t now_s = azattest__clock_now_ms(&service->clock) / 1000;
    unsigned char mac[AZATTEST__SHA256_SIZE];
    const char *member;
    uint64_t made_s = 0;
    azattest__json *document = NULL;
    azattest__buf json, context;

    azattest__buf_init(&json, 4096);
    azattest__buf_init(&context, CONTEXT_SIZE);
    if (text == NULL || !azattest__base64_any_decode(azattest__text(text), &json) ||
        azattest__json_parse(azattest__buf_bytes(&json), &document, NULL) != AZATTEST_OK ||
        (member = azattest__json_get_string(document, "ProtectedContext")) == NULL ||
        !azattest__base64_any_decode(azattest__text(member), &context) || context.len != CONTEXT_SIZE) {
        status = malformed(error, "service_context is absent or not one of this service");
        goto done;
    }
    if ((status = seal(service, context.ptr, mac, error)) != AZATTEST_OK)
        goto done;
    if (context.ptr[0] != CONTEXT_VERSION ||
        !azattest__bytes_equal_constant_time(azattest__bytes(mac, sizeof(mac)),
                                             azattest__bytes(context.ptr + SEALED_SIZE, sizeof(mac)))) {
        status = malformed(error, "service_context was not made by this service, or was changed");
        goto done;
    }
    for (int i = 0; i < 8; i++)
        made_s = made_s << 8 | context.ptr[1 + i];
    if ((int64_t)made_s > now_s || now_s - (int64_t)made_s > CONTEXT_LIFE_S)
        status = malformed(error, "service_context is older than ten minutes; ask for a new challenge");
    else
        memcpy(challenge, context.ptr + 9, CHALLENGE_SIZE);
done:
    azattest__json_free(document);
    azattest__buf_free(&context);
    azattest__buf_free(&json);
    return status;
}

/* The first version says its challenge; in the second the TPM's own structures hold it, which nobody reads here yet. */
static azattest_status check_challenge(const azattest__json *data, bool second,
                                       const unsigned char expected[CHALLENGE_SIZE], azattest_error **error)
{
    azattest_status status = AZATTEST_OK;
    const char *text = azattest__json_get_string(data, "challenge");
    azattest__buf challenge;

    if (second && text == NULL)
        return AZATTEST_OK;
    azattest__buf_init(&challenge, CHALLENGE_SIZE);
    if (text == NULL || !azattest__base64_any_decode(azattest__text(text), &challenge))
        status = malformed(error, "challenge is absent or not base64url of 16 bytes");
    else if (!azattest__bytes_equal(azattest__buf_bytes(&challenge), azattest__bytes(expected, CHALLENGE_SIZE)))
        status = malformed(error, "challenge is not the one that belongs to service_context");
    azattest__buf_free(&challenge);
    return status;
}

/* The request is signed by the key that it brings: possession, and no more. */
static azattest_status check_signature(const azattest__jws *jws, const char *alg_name, const azattest__json *jwk,
                                       azattest_error **error)
{
    azattest_status status;
    azattest__alg alg = alg_name == NULL ? AZATTEST__ALG_UNKNOWN : azattest__alg_from_name(alg_name);
    azattest_signer *signer = NULL;
    bool valid = false;

    if (alg == AZATTEST__ALG_UNKNOWN)
        return malformed(error, "\"alg\" of the request is unknown; PS256 is expected");
    if (!azattest__json_is_object(jwk))
        return malformed(error, "the request brings no key that it is signed by (attest_key, request_key.jwk)");
    if ((status = azattest__signer_from_jwk(jwk, &signer, error)) == AZATTEST_OK && signer->key == NULL)
        status = azattest__error_set(error, AZATTEST_E_MALFORMED, "%s", signer->problem);
    if (status == AZATTEST_OK && (status = azattest__signer_fits(signer, alg, error)) == AZATTEST_OK)
        status = azattest__key_verify(signer->key, alg, jws->signed_elements, jws->signature, &valid, error);
    if (status != AZATTEST_OK && status != AZATTEST_E_MEMORY) {
        azattest__error_prefix(error, "the key of the TPM message");
        status =
            azattest__error_set(error, AZATTEST_E_MALFORMED, "%s", error == NULL ? "" : azattest_error_message(*error));
    } else if (status == AZATTEST_OK && !valid) {
        status = malformed(error, "the signature of the request does not verify with the key that it brings");
    }
    azattest_signer_free(signer);
    return status;
}

static azattest_status check_request(const azattest__call *call, const azattest__jws *jws, azattest_error **error)
{
    azattest_status status;
    azattest__json *header = NULL, *body = NULL;
    const azattest__json *data, *key;
    const char *type, *kind;
    unsigned char challenge[CHALLENGE_SIZE];
    bool second;

    if ((status = azattest__json_parse(jws->header, &header, error)) != AZATTEST_OK ||
        (status = azattest__json_parse(jws->body, &body, error)) != AZATTEST_OK)
        goto done;
    type = azattest__json_get_string(header, "typ");
    kind = azattest__json_get_string(body, "att_type");
    second = type != NULL && strcmp(type, "attReqV2") == 0;
    if (type == NULL || (!second && strcmp(type, "attReq") != 0)) {
        status = malformed(error, "\"typ\" of the request is neither attReq nor attReqV2");
        goto done;
    }
    if (kind == NULL || (strcmp(kind, "basic") != 0 && strcmp(kind, "vbs") != 0)) {
        status = malformed(error, "\"att_type\" is neither basic nor vbs");
        goto done;
    }
    data = azattest__json_get(body, "att_data");
    if (azattest__json_is_object(azattest__json_get(data, "report_signed")))
        data = azattest__json_get(data, "report_signed");
    key = second ? azattest__json_get(azattest__json_get(data, "request_key"), "jwk")
                 : azattest__json_get(data, "attest_key");
    if ((status = open_context(call->service, azattest__json_get_string(data, "service_context"), challenge, error)) ==
            AZATTEST_OK &&
        (status = check_challenge(data, second, challenge, error)) == AZATTEST_OK)
        status = check_signature(jws, azattest__json_get_string(header, "alg"), key, error);
done:
    azattest__json_free(body);
    azattest__json_free(header);
    return status;
}

static azattest_status refuse_request(azattest__call *call, const char *text, azattest_error **error)
{
    azattest_status status;
    azattest__jws jws = { .memory = NULL };

    if ((status = azattest__jws_parse(azattest__text(text), &jws, error)) == AZATTEST_OK &&
        (status = check_request(call, &jws, error)) == AZATTEST_OK)
        status = azattest__attest_unverified(call, error);
    else if (status == AZATTEST_E_TOKEN_MALFORMED)
        status = malformed(error, "\"request\" is not a signed JWT");
    azattest__jws_clear(&jws);
    return status;
}

/* ---- */

/* Nothing is said without a policy, and there is no default one. Recorded, code and all. */
static azattest_status check_policy(azattest__call *call, azattest_error **error)
{
    azattest_status status;
    azattest__service_policy *policy = NULL;

    if ((status = azattest__service_policy_in_force(call->service, call->kind, &policy, error)) != AZATTEST_OK)
        return status;
    if (policy == NULL)
        status = azattest__refuse(error, 400, "Bad request",
                                  "A VBS attestation policy has not been set on the attestation provider.");
    else if (policy->parsed->diagnostics.errors > 0)
        status = azattest__refuse_policy(call, policy->parsed, error);
    azattest__service_policy_free(policy);
    return status;
}

azattest_status azattest__exchange_tpm(azattest__call *call, azattest_error **error)
{
    azattest_status status;
    azattest__json *document = NULL, *message = NULL;
    const azattest__json *payload;
    const char *type, *request;
    azattest__buf data;

    azattest__buf_init(&data, AZATTEST__SERVICE_LIMIT_BODY);
    if ((status = azattest__body_object(call->request->body, &document, error)) != AZATTEST_OK ||
        (status = azattest__find_bytes(document, "data", &data, error)) > AZATTEST_ABSENT)
        goto done;
    if (status == AZATTEST_ABSENT || data.len == 0) {
        status = malformed(error, "\"data\" is absent or empty");
        goto done;
    }
    if ((status = azattest__json_parse(azattest__buf_bytes(&data), &message, error)) != AZATTEST_OK) {
        azattest__error_prefix(error, "TPM message");
        goto done;
    }
    payload = azattest__json_get(message, "payload");
    type = azattest__json_get_string(payload, "type");
    request = azattest__json_get_string(payload, "request");
    if ((status = check_policy(call, error)) != AZATTEST_OK)
        goto done;
    if (request != NULL)
        status = refuse_request(call, request, error);
    else if (type != NULL && strcmp(type, "aikcert") == 0)
        status = give_challenge(call, error);
    else
        status = malformed(error, "\"payload\" has neither \"type\":\"aikcert\" nor a text \"request\"");
done:
    azattest__json_free(message);
    azattest__json_free(document);
    azattest__buf_free(&data);
    return status;
}
