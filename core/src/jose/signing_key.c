/* The caller's own key pair, and the tokens that it signs. */
#include "signing_key.h"

#include <stdlib.h>

#include <azattest/limits.h>

#include "../error/options.h"

/* What a key signs with unless told otherwise: the common choice for RSA, the only one for a curve. */
static azattest__alg default_alg(const azattest__key *key)
{
    const char *curve = azattest__key_curve(key);

    if (curve == NULL)
        return AZATTEST__RS256;
    if (strcmp(curve, "P-256") == 0)
        return AZATTEST__ES256;
    return strcmp(curve, "P-384") == 0 ? AZATTEST__ES384 : AZATTEST__ES512;
}

static azattest_status choose_alg(azattest_signing_key *key, const char *name, azattest_error **error)
{
    azattest_error *reason = NULL;
    azattest_status status = AZATTEST_OK;
    char *shown;

    key->alg = name == NULL ? default_alg(key->key) : azattest__alg_from_name(name);
    if (key->alg == AZATTEST__ALG_UNKNOWN) {
        shown = azattest__printable(azattest__text(name), 40);
        status = azattest__error_set(error, AZATTEST_E_ARGUMENT,
                                     "signing key: \"%s\" is none of RS256, RS384, RS512, PS256, PS384, PS512, ES256, "
                                     "ES384, ES512",
                                     shown == NULL ? "?" : shown);
        free(shown);
    } else if (azattest__key_fits(key->key, key->alg, &reason) != AZATTEST_OK) {
        status = azattest__error_set(error, AZATTEST_E_ARGUMENT, "signing key: %s", azattest_error_message(reason));
    }
    azattest_error_free(reason);
    return status;
}

/* A signature that the certificate verifies is the proof that the private part belongs to it; the public part beside
 * it, which a damaged file may have right, is none. */
static azattest_status check_pair(const azattest_signing_key *key, azattest_error **error)
{
    azattest_bytes text = azattest__text("azattest");
    azattest_status status;
    azattest__buf signature;
    bool valid = false;

    if (!azattest__key_equal(key->key, key->signer->key))
        return azattest__error_set(error, AZATTEST_E_ARGUMENT,
                                   "signing key: the certificate holds another key; key and certificate have to match "
                                   "(of a chain, the key's own certificate comes first)");
    azattest__buf_init(&signature, AZATTEST_LIMIT_SIGNATURE);
    if ((status = azattest__key_sign(key->key, key->alg, text, &signature, error)) == AZATTEST_OK)
        status = azattest__key_verify(key->signer->key, key->alg, text, azattest__buf_bytes(&signature), &valid, error);
    if (status == AZATTEST_OK && !valid)
        status = azattest__error_set(error, AZATTEST_E_ARGUMENT,
                                     "signing key: the certificate does not verify what the key signs");
    azattest__buf_free(&signature);
    return status;
}

static azattest_status read_pair(azattest_signing_key *key, azattest_bytes key_pem, azattest_bytes certificate_pem,
                                 const azattest_signing_key_options *options, azattest_error **error)
{
    azattest_status status;

    if ((status = azattest__key_from_encrypted_pem(key_pem, options->passphrase, &key->key, error)) != AZATTEST_OK ||
        (status = azattest__signer_from_certificates(certificate_pem, &key->signer, error)) != AZATTEST_OK) {
        azattest__error_prefix(error, "signing key");
        return status;
    }
    if ((status = choose_alg(key, options->algorithm, error)) != AZATTEST_OK)
        return status;
    return check_pair(key, error);
}

azattest_status azattest_signing_key_new(azattest_bytes key_pem, azattest_bytes certificate_pem,
                                         const azattest_signing_key_options *options, azattest_signing_key **out,
                                         azattest_error **error)
{
    azattest_signing_key_options taken;
    azattest_signing_key *key = NULL;
    azattest_status status;

    if (error != NULL)
        *error = NULL;
    if (out == NULL)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT, "signing key: nowhere to put it");
    *out = NULL;
    if (key_pem.ptr == NULL || certificate_pem.ptr == NULL)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT, "signing key: no %s; key and certificate come as a pair",
                                   key_pem.ptr == NULL ? "key" : "certificate");
    if ((status = azattest__options_take(options, &taken, sizeof(taken), "AZATTEST_SIGNING_KEY_OPTIONS_INIT", error)) !=
        AZATTEST_OK)
        return status;
    if ((key = calloc(1, sizeof(*key))) == NULL)
        return azattest__error_memory(error);
    atomic_init(&key->references, 1);
    if ((status = read_pair(key, key_pem, certificate_pem, &taken, error)) != AZATTEST_OK)
        goto done;
    *out = key;
    key = NULL;
done:
    azattest_signing_key_free(key);
    return status;
}

azattest_signing_key *azattest_signing_key_ref(const azattest_signing_key *key)
{
    azattest_signing_key *counted;

    memcpy(&counted, &key, sizeof(counted)); /* the count stands apart from the const of the readers */
    if (counted != NULL)
        atomic_fetch_add_explicit(&counted->references, 1, memory_order_relaxed);
    return counted;
}

void azattest_signing_key_free(azattest_signing_key *key)
{
    if (key == NULL || atomic_fetch_sub_explicit(&key->references, 1, memory_order_acq_rel) != 1)
        return;
    azattest__key_free(key->key); /* which wipes the private numbers */
    azattest_signer_free(key->signer);
    free(key);
}

const char *azattest_signing_key_algorithm(const azattest_signing_key *key)
{
    return key == NULL ? NULL : azattest__alg_name(key->alg);
}

const char *azattest_signing_key_key_type(const azattest_signing_key *key)
{
    return key == NULL ? NULL : azattest__key_type(key->key);
}

const char *azattest_signing_key_certificate_pem(const azattest_signing_key *key)
{
    return key == NULL ? NULL : azattest_signer_certificate_pem(key->signer, 0);
}

azattest_status azattest__signing_key_token(const azattest_signing_key *key, azattest_bytes body, azattest__buf *out,
                                            azattest_error **error)
{
    azattest__json *header = azattest__json_new_object(), *x5c = NULL;
    azattest_status status = AZATTEST_OK;
    azattest__buf text;

    azattest__buf_init(&text, AZATTEST_LIMIT_TOKEN_HEADER);
    azattest__json_put_string(header, "alg", key == NULL ? "none" : azattest__alg_name(key->alg));
    if (key != NULL && (status = azattest__signer_x5c(key->signer, &x5c, error)) == AZATTEST_OK)
        azattest__json_put(header, "x5c", x5c);
    if (status == AZATTEST_OK && (status = azattest__json_print(header, false, &text, error)) == AZATTEST_OK)
        status = azattest__jws_create(azattest__buf_bytes(&text), body, key == NULL ? NULL : key->key,
                                      key == NULL ? AZATTEST__ALG_UNKNOWN : key->alg, out, error);
    azattest__json_free(header);
    azattest__buf_free(&text);
    return status;
}
