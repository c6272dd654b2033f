/* Key sets: JWKS text, or PEM text. */
#include <stdlib.h>

#include <azattest/limits.h>

#include "signer.h"

#include "../base/encoding.h"

static const char begin[] = "-----BEGIN ";

/* Of a JWK, which has to live as long as the set, or of a signer, which is taken over when this succeeds. */
static azattest_status add(azattest_signers *set, const azattest__json *jwk, azattest_signer *signer,
                           azattest_error **error)
{
    azattest__signers_entry *entries;

    if (set->count == AZATTEST_LIMIT_KEYS)
        return azattest__error_set(error, AZATTEST_E_LIMIT, "key set: more than %u keys", AZATTEST_LIMIT_KEYS);
    if ((entries = realloc(set->entries, (set->count + 1) * sizeof(*entries))) == NULL)
        return azattest__error_memory(error);
    set->entries = entries;
    entries[set->count].key_id = azattest__json_get_string(jwk, "kid");
    entries[set->count].jwk = jwk;
    atomic_init(&entries[set->count++].signer, signer);
    return AZATTEST_OK;
}

static azattest_status read_jwks(azattest_signers *set, azattest_bytes text, azattest_error **error)
{
    azattest_status status;
    const azattest__json *keys, *jwk;

    if ((status = azattest__json_parse(text, &set->document, error)) != AZATTEST_OK) {
        azattest__error_prefix(error, "key set");
        return status;
    }
    keys = azattest__json_get(set->document, "keys");
    if (!azattest__json_is_array(keys))
        return azattest__error_set(error, AZATTEST_E_MALFORMED, "key set: \"keys\" is %s, expected an array",
                                   keys == NULL ? "missing" : azattest__json_kind(keys));
    for (jwk = azattest__json_first(keys); jwk != NULL; jwk = azattest__json_next(jwk)) {
        if (!azattest__json_is_object(jwk))
            status =
                azattest__error_set(error, AZATTEST_E_MALFORMED, "key set: keys[%zu] is of type %s, expected an object",
                                    set->count, azattest__json_kind(jwk));
        else
            status = add(set, jwk, NULL, error);
        if (status != AZATTEST_OK)
            return status;
    }
    azattest__buf_append_bytes(&set->jwks, text);
    return azattest__error_from_buf(error, &set->jwks, "key set");
}

/* A public number of the key as a member of the JWK. */
static azattest_status put_numbers(azattest__json *jwk, const azattest__key *key, azattest_error **error)
{
    bool rsa = azattest__key_curve(key) == NULL;
    azattest_status status;
    azattest__buf a, b;

    azattest__buf_init(&a, AZATTEST_LIMIT_SIGNATURE);
    azattest__buf_init(&b, AZATTEST_LIMIT_SIGNATURE);
    if ((status = azattest__key_numbers(key, &a, &b, error)) == AZATTEST_OK) {
        if (!rsa)
            azattest__json_put_string(jwk, "crv", azattest__key_curve(key));
        azattest__json_put_base64url(jwk, rsa ? "n" : "x", azattest__buf_bytes(&a));
        azattest__json_put_base64url(jwk, rsa ? "e" : "y", azattest__buf_bytes(&b));
    }
    azattest__buf_free(&a);
    azattest__buf_free(&b);
    return status;
}

static azattest_status put_certificate(azattest__json *jwk, const azattest__cert *cert, azattest_error **error)
{
    azattest_status status;
    azattest__json *x5c;
    azattest__buf text;

    azattest__buf_init(&text, 2 * AZATTEST_LIMIT_CERTIFICATE);
    azattest__base64_encode(azattest__cert_der(cert), &text);
    if ((status = azattest__error_from_buf(error, &text, "certificate")) == AZATTEST_OK) {
        x5c = azattest__json_new_array();
        azattest__json_add_string(x5c, (const char *)text.ptr);
        azattest__json_put(jwk, "x5c", x5c);
    }
    azattest__buf_free(&text);
    return status;
}

/* The JWKS text of a set that came as PEM. */
static azattest_status print_jwks(azattest_signers *set, azattest_error **error)
{
    azattest_status status = AZATTEST_OK;
    azattest__json *document = azattest__json_new_object(), *keys = azattest__json_new_array();

    for (size_t i = 0; i < set->count && status == AZATTEST_OK; i++) {
        const azattest_signer *signer = azattest_signers_at(set, i);
        azattest__json *jwk = azattest__json_new_object();

        azattest__json_put_string(jwk, "kty", azattest__key_type(signer->key));
        status = signer->certificate_count > 0 ? put_certificate(jwk, signer->certificates[0], error)
                                               : put_numbers(jwk, signer->key, error);
        azattest__json_add(keys, jwk);
    }
    azattest__json_put(document, "keys", keys);
    if (status == AZATTEST_OK)
        status = azattest__json_print(document, false, &set->jwks, error);
    azattest__json_free(document);
    return status;
}

/* One block of PEM text. */
static azattest_status read_block(azattest_signers *set, bool is_certificate, azattest_bytes body,
                                  azattest_error **error)
{
    azattest_status status;
    azattest__cert *cert = NULL;
    azattest__key *key = NULL;
    azattest_signer *signer = NULL;
    azattest__buf der;

    azattest__buf_init(&der, AZATTEST_LIMIT_CERTIFICATE);
    if (!azattest__pem_decode_body(body, &der)) {
        status = der.status == AZATTEST_OK ? azattest__error_set(error, AZATTEST_E_MALFORMED, "not base64")
                                           : azattest__error_from_buf(error, &der, "PEM block");
        goto done;
    }
    if (!is_certificate) {
        status = azattest__key_from_public_der(azattest__buf_bytes(&der), &key, error);
    } else if ((status = azattest__cert_parse(azattest__buf_bytes(&der), &cert, error)) == AZATTEST_OK) {
        key = azattest__key_ref(azattest__cert_key(cert));
        if (key == NULL)
            status = azattest__error_set(error, AZATTEST_E_UNSUPPORTED,
                                         "the certificate's key is neither RSA nor EC on P-256, P-384 or P-521");
    }
    if (status == AZATTEST_OK && (status = azattest__signer_from_parts(cert, key, &signer, error)) == AZATTEST_OK &&
        (status = add(set, NULL, signer, error)) == AZATTEST_OK)
        signer = NULL; /* the set owns it */
done:
    azattest_signer_free(signer);
    azattest__key_free(key);
    azattest__cert_free(cert);
    azattest__buf_free(&der);
    return status;
}

/* Unlike an entry of a JWKS, a block that cannot be used is an error: PEM is what the caller wrote down himself. */
static azattest_status read_pem(azattest_signers *set, azattest_bytes text, azattest_error **error)
{
    azattest_status status;
    const char *start = text.ptr, *end = start + text.len, *at = start;

    while ((at = memmem(at, (size_t)(end - at), begin, sizeof(begin) - 1)) != NULL) {
        size_t certificate_end = (size_t)(at - start), key_end = certificate_end, begin_at = certificate_end;
        azattest_bytes block = { NULL, 0 }, body = { NULL, 0 };
        bool is_certificate =
            azattest__pem_next(text, "CERTIFICATE", &certificate_end, &block, &body) && block.ptr == at;

        if (!is_certificate && (!azattest__pem_next(text, "PUBLIC KEY", &key_end, &block, &body) || block.ptr != at))
            return azattest__error_set(error, AZATTEST_E_MALFORMED,
                                       "key set: the PEM block at byte %zu is no whole certificate or public key",
                                       begin_at);
        if ((status = read_block(set, is_certificate, body, error)) != AZATTEST_OK) {
            azattest__error_prefix(error, "key set: PEM block at byte %zu", begin_at);
            return status;
        }
        at = start + (is_certificate ? certificate_end : key_end);
    }
    return print_jwks(set, error);
}

/* JSON text begins with a brace; PEM text has a block somewhere. */
static bool looks_like_pem(azattest_bytes text)
{
    const char *p = text.ptr, *end = p + text.len;

    while (p < end && (*p == ' ' || *p == '\t' || *p == '\r' || *p == '\n'))
        p++;
    return p < end && *p != '{' && memmem(p, (size_t)(end - p), begin, sizeof(begin) - 1) != NULL;
}

azattest_status azattest_signers_parse(azattest_bytes text, azattest_signers **out, azattest_error **error)
{
    azattest_status status;
    azattest_signers *set = NULL;

    if (error != NULL)
        *error = NULL;
    if (out == NULL)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT, "key set: nowhere to put it");
    *out = NULL;
    if (text.ptr == NULL)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT, "key set: no text");
    if (text.len > AZATTEST_LIMIT_RESPONSE)
        return azattest__error_set(error, AZATTEST_E_LIMIT, "key set: %zu bytes, at most %u are accepted", text.len,
                                   AZATTEST_LIMIT_RESPONSE);
    if ((set = calloc(1, sizeof(*set))) == NULL)
        return azattest__error_memory(error);
    atomic_init(&set->references, 1);
    azattest__buf_init(&set->jwks, AZATTEST_LIMIT_RESPONSE);
    status = looks_like_pem(text) ? read_pem(set, text, error) : read_jwks(set, text, error);
    if (status != AZATTEST_OK)
        goto done;
    *out = set; /* from here the caller owns it */
    set = NULL;
done:
    azattest_signers_free(set);
    return status;
}

/* The count is the one thing that changes, so the reference stands apart from the const of the readers. */
azattest_signers *azattest__signers_ref(const azattest_signers *signers)
{
    azattest_signers *counted;

    memcpy(&counted, &signers, sizeof(counted));
    if (counted != NULL)
        atomic_fetch_add_explicit(&counted->references, 1, memory_order_relaxed);
    return counted;
}

void azattest_signers_free(azattest_signers *signers)
{
    if (signers == NULL || atomic_fetch_sub_explicit(&signers->references, 1, memory_order_acq_rel) != 1)
        return;
    for (size_t i = 0; i < signers->count; i++)
        azattest_signer_free(atomic_load(&signers->entries[i].signer));
    free(signers->entries);
    azattest__json_free(signers->document);
    azattest__buf_free(&signers->jwks);
    free(signers);
}

size_t azattest_signers_count(const azattest_signers *signers)
{
    return signers == NULL ? 0 : signers->count;
}

const azattest_signer *azattest_signers_at(const azattest_signers *signers, size_t index)
{
    azattest__signers_entry *entry;
    azattest_signer *kept, *made;

    if (signers == NULL || index >= signers->count)
        return NULL;
    entry = &signers->entries[index];
    if ((kept = atomic_load_explicit(&entry->signer, memory_order_acquire)) != NULL)
        return kept;
    if (azattest__signer_from_jwk(entry->jwk, &made, NULL) != AZATTEST_OK)
        return NULL;
    if (atomic_compare_exchange_strong_explicit(&entry->signer, &kept, made, memory_order_acq_rel,
                                                memory_order_acquire))
        return made;
    azattest_signer_free(made); /* another thread was first */
    return kept;
}

bool azattest__signers_is_named(const azattest_signers *signers, size_t index, const char *key_id)
{
    const char *own = signers->entries[index].key_id;

    return own != NULL && key_id != NULL && strcmp(own, key_id) == 0;
}

azattest_bytes azattest_signers_jwks(const azattest_signers *signers)
{
    return signers == NULL ? azattest__bytes(NULL, 0) : azattest__buf_bytes(&signers->jwks);
}
