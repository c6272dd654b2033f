/* GET /certificates, POST /certificates:add and :remove; and who may change what. */

#include "base/encoding.h"

#include "envelope.h"
#include "parts.h"

#define REFUSE(...) azattest__refuse(error, 400, "InvalidOperation", __VA_ARGS__)

/*
 * A shared instance belongs to nobody. What the real one answers to an attempt to change it is not established; since
 * nobody can have the role that such a change needs, this one answers as to a caller without it.
 */
azattest_status azattest__check_modifiable(const azattest__service *service, azattest_error **error)
{
    if (service->mode != AZATTEST__SHARED)
        return AZATTEST_OK;
    return azattest__refuse(error, 403, "Forbidden",
                            "policies and certificates of a shared instance cannot be changed: use one of mode aad or "
                            "isolated");
}

static azattest_status load(const azattest__service *service, azattest__certs *out, azattest_error **error)
{
    return azattest__store_get_certs(service->store, service->instance, out, error);
}

/* By key, so that a certificate that was renewed for the same key still serves. Dates of certificates are not looked
 * at: the documents say nothing of it, and the service's clock may be told another time than the client's. */
static bool is_registered(const azattest__certs *registered, const azattest__cert *signer)
{
    for (size_t i = 0; i < registered->count; i++)
        if (azattest__key_equal(azattest__cert_key(registered->items[i]), azattest__cert_key(signer)))
            return true;
    return false;
}

azattest_status azattest__check_signer(const azattest__service *service, const azattest__cert *signer,
                                       azattest_error **error)
{
    azattest_status status;
    azattest__certs registered = { .count = 0 };

    if (service->mode != AZATTEST__ISOLATED)
        return AZATTEST_OK; /* unsecured, or signed by any key */
    if (signer == NULL)
        return REFUSE("Native operation failed with 74: the JWS is unsigned, but this instance has policy signing "
                      "certificates: sign with the key of one of them");
    if ((status = load(service, &registered, error)) == AZATTEST_OK && !is_registered(&registered, signer))
        status = REFUSE("Native operation failed with 74: the JWS is not signed with the key of one of the instance's "
                        "%zu policy signing certificates",
                        registered.count);
    azattest__certs_clear(&registered);
    return status;
}

azattest_status azattest__check_policy_certificate(const azattest__cert *certificate, azattest_error **error)
{
    azattest_status status;
    const azattest__key *key = azattest__cert_key(certificate);
    azattest_error *reason = NULL;

    if (key == NULL)
        return REFUSE("the certificate holds a key that is neither RSA nor EC");
    if (!azattest__cert_is_ca(certificate))
        return REFUSE("the certificate is not for signing policies: it needs the basic constraint CA:TRUE");
    if (azattest__key_curve(key) != NULL) /* of the known curves; every one fits an algorithm */
        return AZATTEST_OK;
    if ((status = azattest__key_fits(key, AZATTEST__RS256, &reason)) == AZATTEST_E_MEMORY)
        status = azattest__error_memory(error);
    else if (status != AZATTEST_OK)
        status = REFUSE("the certificate's key: %s", azattest_error_message(reason));
    azattest_error_free(reason);
    return status;
}

azattest_status azattest__get_certificates(azattest__call *call, azattest_error **error)
{
    azattest_status status;
    azattest__certs certs = { .count = 0 };
    azattest__json *claims = azattest__json_new_object(), *set, *keys = azattest__json_new_array(), *key;

    status = load(call->service, &certs, error);
    for (size_t i = 0; status == AZATTEST_OK && i < certs.count; i++)
        if ((status = azattest__signer_jwk(certs.items[i], AZATTEST__ALG_UNKNOWN, &key, error)) == AZATTEST_OK)
            azattest__json_add(keys, key);
    set = azattest__json_new_object();
    azattest__json_put(set, "keys", keys);
    azattest__json_put(claims, "x-ms-policy-certificates", set);
    if (status == AZATTEST_OK)
        status = azattest__answer_result(call, claims, error);
    else
        azattest__json_free(claims);
    azattest__certs_clear(&certs);
    return status;
}

/*
 * The JWT in its two shapes: a JSON string, as versions before 2025-06-01 have it, or the member of an object. Whether
 * a newer version still takes the string is not established; here every version takes both.
 */
static azattest_status read_body(azattest_bytes body, const char *member, azattest__json **document, const char **token,
                                 azattest_error **error)
{
    azattest_status status;

    *token = NULL;
    if ((status = azattest__json_parse(body, document, error)) != AZATTEST_OK) {
        azattest__error_prefix(error, "request body");
        return status;
    }
    if (azattest__json_is_object(*document))
        status = azattest__find_string(*document, member, token, error);
    else
        *token = azattest__json_string(*document);
    if (status == AZATTEST_OK && *token == NULL)
        status = azattest__error_set(error, AZATTEST_E_MALFORMED,
                                     "the request body is neither a JSON string with a JWT nor an object with the text "
                                     "\"%s\"",
                                     member);
    return status;
}

/* The certificate that the JWT is about. */
static azattest_status read_certificate(const azattest__envelope *envelope, azattest__cert **out,
                                        azattest_error **error)
{
    azattest_status status;
    const azattest__json *jwk = azattest__json_get(envelope->payload, "policyCertificate");

    *out = NULL;
    if (!azattest__json_is_object(jwk))
        return REFUSE("the JWT has no object \"policyCertificate\"");
    if ((status = azattest__first_certificate(jwk, out, error)) != AZATTEST_OK)
        azattest__error_prefix(error, "policyCertificate");
    else if (*out == NULL)
        status = REFUSE("\"policyCertificate\" has no member \"x5c\"");
    return status;
}

static azattest_status answer_change(const azattest__call *call, const azattest__cert *certificate, bool add,
                                     azattest_error **error)
{
    azattest_status status;
    azattest__json *claims;
    unsigned char hash[AZATTEST__HASH_MAX];
    size_t hash_len;
    azattest__buf hex;

    azattest__buf_init(&hex, 2 * AZATTEST__HASH_MAX);
    if ((status = azattest__digest(AZATTEST__SHA1, azattest__cert_der(certificate), hash, &hash_len, error)) !=
        AZATTEST_OK)
        goto done;
    azattest__hex_encode_upper(azattest__bytes(hash, hash_len), &hex);
    if ((status = azattest__error_from_buf(error, &hex, "thumbprint")) != AZATTEST_OK)
        goto done;
    claims = azattest__json_new_object();
    azattest__json_put_bytes_text(claims, "x-ms-certificate-thumbprint", azattest__buf_bytes(&hex));
    azattest__json_put_string(claims, "x-ms-policycertificates-result", add ? "IsPresent" : "IsAbsent");
    status = azattest__answer_result(call, claims, error);
done:
    azattest__buf_free(&hex);
    return status;
}

/* Under the lock. The state that is asked for may be there already: that is success too. */
static azattest_status change_set(const azattest__service *service, const azattest__cert *certificate, bool add,
                                  azattest_error **error)
{
    azattest_status status;
    azattest__certs certs = { .count = 0 };

    if ((status = load(service, &certs, error)) != AZATTEST_OK ||
        (azattest__certs_find(&certs, certificate) >= 0) == add)
        goto done;
    if (add && certs.count == AZATTEST_LIMIT_KEYS)
        status = REFUSE("the instance has %u policy certificates already, which is this service's limit",
                        AZATTEST_LIMIT_KEYS);
    else if (!add && certs.count == 1)
        status = REFUSE("the last policy certificate cannot be removed: add another one first");
    else
        status = add ? azattest__store_put_cert(service->store, service->instance, certificate, error)
                     : azattest__store_remove_cert(service->store, service->instance, certificate, error);
done:
    azattest__certs_clear(&certs);
    return status;
}

static azattest_status make_change(azattest__service *service, const azattest__cert *signer,
                                   const azattest__cert *certificate, bool add, azattest_error **error)
{
    azattest_status status;

    pthread_mutex_lock(&service->changes);
    if ((status = azattest__check_signer(service, signer, error)) == AZATTEST_OK)
        status = change_set(service, certificate, add, error);
    pthread_mutex_unlock(&service->changes);
    return status;
}

static azattest_status change(azattest__call *call, bool add, azattest_error **error)
{
    azattest_status status;
    azattest__json *document = NULL;
    azattest__envelope envelope = { .payload = NULL };
    azattest__cert *certificate = NULL;
    const char *token;

    if ((status = azattest__check_modifiable(call->service, error)) != AZATTEST_OK)
        return status;
    if (call->service->mode != AZATTEST__ISOLATED) /* status and code as recorded */
        return REFUSE("Attestation Enclave operation failed with 65530: the operation is disallowed: only an isolated "
                      "instance has policy certificates");
    if ((status = read_body(call->request->body, add ? "policyCertificateToAdd" : "policyCertificateToRemove",
                            &document, &token, error)) != AZATTEST_OK ||
        (status = azattest__envelope_open(azattest__text(token), &envelope, error)) != AZATTEST_OK ||
        (status = read_certificate(&envelope, &certificate, error)) != AZATTEST_OK ||
        (add && (status = azattest__check_policy_certificate(certificate, error)) != AZATTEST_OK) ||
        (status = answer_change(call, certificate, add, error)) != AZATTEST_OK)
        goto done;
    status = make_change(call->service, envelope.certificate, certificate, add, error);
done:
    azattest__cert_free(certificate);
    azattest__envelope_clear(&envelope);
    azattest__json_free(document);
    return status;
}

azattest_status azattest__add_certificate(azattest__call *call, azattest_error **error)
{
    return change(call, true, error);
}

azattest_status azattest__remove_certificate(azattest__call *call, azattest_error **error)
{
    return change(call, false, error);
}
