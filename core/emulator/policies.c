/* GET and PUT /policies/{type}, POST /policies/{type}:reset. */

#include "base/encoding.h"

#include "envelope.h"
#include "policy_cache.h"
#include "policy_errors.h"

#define REFUSE(...) azattest__refuse(error, 400, "InvalidOperation", __VA_ARGS__)

static azattest_status stored_token(const azattest__service *service, const azattest__kind *kind, azattest__buf *out,
                                    azattest_error **error)
{
    return azattest__store_get_policy(service->store, service->instance, kind->name, out, error);
}

/* The unsecured JWT of a kind's default policy; with an empty payload where there is none (recorded for Tpm). */
static azattest_status default_token(const azattest__kind *kind, azattest__buf *out, azattest_error **error)
{
    azattest_status status;
    const char *text = azattest_policy_default(kind->name);
    azattest__json *payload = NULL;
    azattest__buf body;

    azattest__buf_init(&body, 4 * AZATTEST_LIMIT_POLICY);
    if (text != NULL) {
        payload = azattest__json_new_object();
        azattest__json_put_base64url(payload, "AttestationPolicy", azattest__text(text));
        if ((status = azattest__json_print(payload, false, &body, error)) != AZATTEST_OK)
            goto done;
    }
    status = azattest__jws_create(azattest__text("{\"alg\":\"none\"}"), azattest__buf_bytes(&body), NULL,
                                  AZATTEST__ALG_UNKNOWN, out, error);
done:
    azattest__json_free(payload);
    azattest__buf_free(&body);
    return status;
}

azattest_status azattest__get_policy(azattest__call *call, azattest_error **error)
{
    azattest_status status;
    azattest__json *claims;
    azattest__buf token;

    azattest__buf_init(&token, AZATTEST_LIMIT_TOKEN);
    if ((status = stored_token(call->service, call->kind, &token, error)) == AZATTEST_ABSENT)
        status = default_token(call->kind, &token, error);
    if (status == AZATTEST_OK) {
        claims = azattest__json_new_object();
        azattest__json_put_bytes_text(claims, "x-ms-policy", azattest__buf_bytes(&token));
        status = azattest__answer_result(call, claims, error);
    }
    azattest__buf_free(&token);
    return status;
}

/* The hash of the JWT as it was sent, without the quotes that some clients put around it. */
static azattest_status put_token_hash(azattest__json *claims, azattest_bytes token, azattest_error **error)
{
    azattest_status status;
    unsigned char hash[AZATTEST__SHA256_SIZE];

    if ((status = azattest__sha256(token, hash, error)) == AZATTEST_OK)
        azattest__json_put_base64url(claims, "x-ms-policy-token-hash", azattest__bytes(hash, sizeof(hash)));
    return status;
}

/* The answer to a change, which is made before the change: nothing of it can fail afterwards. */
static azattest_status answer_change(const azattest__call *call, const azattest__envelope *envelope,
                                     azattest_error **error)
{
    azattest_status status;
    azattest__json *claims = azattest__json_new_object(), *signer = NULL;

    if (envelope->payload == NULL) {
        azattest__json_put_string(claims, "x-ms-policy-result", "Removed");
    } else {
        azattest__json_put_string(claims, "x-ms-policy-result", "Updated");
        if ((status = put_token_hash(claims, envelope->jws.text, error)) != AZATTEST_OK)
            goto failed;
        if (envelope->certificate != NULL) {
            if ((status = azattest__signer_jwk(envelope->certificate, envelope->alg, &signer, error)) != AZATTEST_OK)
                goto failed;
            azattest__json_put(claims, "x-ms-policy-signer", signer);
        }
    }
    return azattest__answer_result(call, claims, error);
failed:
    azattest__json_free(claims);
    return status;
}

/* From the check of the signer to the change, nobody else changes anything. */
static azattest_status make_change(const azattest__call *call, const azattest__envelope *envelope,
                                   azattest_error **error)
{
    azattest_status status;
    azattest__service *service = call->service;

    pthread_mutex_lock(&service->changes);
    if ((status = azattest__check_signer(service, envelope->certificate, error)) == AZATTEST_OK)
        status = envelope->payload == NULL
                     ? azattest__store_remove_policy(service->store, service->instance, call->kind->name, error)
                     : azattest__store_put_policy(service->store, service->instance, call->kind->name,
                                                  envelope->jws.text, error);
    pthread_mutex_unlock(&service->changes);
    return status;
}

/* A text with an error is never stored, whatever kind of error it is. */
static azattest_status check_text(azattest__call *call, const azattest__envelope *envelope, azattest_error **error)
{
    azattest_status status;
    azattest_policy *policy = NULL;
    azattest__buf text;

    azattest__buf_init(&text, AZATTEST_LIMIT_POLICY);
    if ((status = azattest__envelope_policy(envelope, &text, error)) == AZATTEST_OK &&
        (status = azattest__service_policy_read(call->service, call->kind, azattest__buf_bytes(&text), &policy,
                                                error)) == AZATTEST_OK &&
        policy->diagnostics.errors > 0)
        status = azattest__refuse_policy(call, policy, error);
    azattest_policy_free(policy);
    azattest__buf_free(&text);
    return status;
}

static azattest_status change(azattest__call *call, bool reset, azattest_error **error)
{
    azattest_status status;
    azattest__envelope envelope = { .payload = NULL };

    if ((status = azattest__check_modifiable(call->service, error)) != AZATTEST_OK ||
        (status = azattest__envelope_open(azattest__bare_token(call->request->body), &envelope, error)) != AZATTEST_OK)
        goto done;
    if (reset && envelope.payload != NULL) {
        status = REFUSE("the JWT of a reset has an empty payload; this one has %zu bytes", envelope.jws.body.len);
        goto done;
    }
    if (!reset && envelope.payload == NULL) {
        status = REFUSE("the policy JWT has an empty payload; to go back to the default policy, use :reset");
        goto done;
    }
    if ((!reset && (status = check_text(call, &envelope, error)) != AZATTEST_OK) ||
        (status = answer_change(call, &envelope, error)) != AZATTEST_OK)
        goto done;
    status = make_change(call, &envelope, error);
done:
    azattest__envelope_clear(&envelope);
    return status;
}

azattest_status azattest__put_policy(azattest__call *call, azattest_error **error)
{
    return change(call, false, error);
}

azattest_status azattest__reset_policy(azattest__call *call, azattest_error **error)
{
    return change(call, true, error);
}
