/* Encryption to a key: what sealed secrets are made of. */
#include "openssl.h"

#include <openssl/core_names.h>
#include <openssl/rsa.h>

#define RSA_BITS_STRONG 2048 /* RFC 7518 section 4.3 */

azattest_status azattest__key_encrypts(const azattest__key *key, azattest_error **error)
{
    if (key->curve == NULL && key->bits < RSA_BITS_STRONG)
        return azattest__error_set(error, AZATTEST_E_SECRET, "the RSA key has %d bits, at least %d are needed",
                                   key->bits, RSA_BITS_STRONG);
    return AZATTEST_OK;
}

/* RSA-OAEP-256: SHA-256 for the label and for MGF1. */
static bool set_up_oaep(EVP_PKEY_CTX *pctx, const azattest__crypto *context)
{
    const EVP_MD *sha256 = context->digests[AZATTEST__SHA256];

    return EVP_PKEY_CTX_set_rsa_padding(pctx, RSA_PKCS1_OAEP_PADDING) == 1 &&
           EVP_PKEY_CTX_set_rsa_oaep_md(pctx, sha256) == 1 && EVP_PKEY_CTX_set_rsa_mgf1_md(pctx, sha256) == 1;
}

static bool set_up_es(EVP_PKEY_CTX *pctx, const azattest__crypto *context)
{
    (void)context;
    return EVP_PKEY_CTX_set_rsa_padding(pctx, RSA_PKCS1_PADDING) == 1;
}

typedef bool (*padding)(EVP_PKEY_CTX *pctx, const azattest__crypto *context);

static azattest_status rsa_encrypt(const azattest__key *key, padding set_up, azattest_bytes data, azattest__buf *out,
                                   azattest_error **error)
{
    const azattest__crypto *context = azattest__crypto_get();
    unsigned char sealed[AZATTEST_LIMIT_SIGNATURE];
    azattest_status status = AZATTEST_OK;
    EVP_PKEY_CTX *pctx = NULL;
    size_t len = sizeof(sealed);

    ERR_set_mark();
    if (context == NULL || (pctx = EVP_PKEY_CTX_new_from_pkey(context->library, key->pkey, NULL)) == NULL ||
        EVP_PKEY_encrypt_init(pctx) != 1 || !set_up(pctx, context) ||
        EVP_PKEY_encrypt(pctx, sealed, &len, data.ptr, data.len) != 1) {
        status = azattest__crypto_failed(error, "encryption to an RSA key");
    } else {
        azattest__buf_append(out, sealed, len);
        status = azattest__error_from_buf(error, out, "encrypted key");
    }
    EVP_PKEY_CTX_free(pctx);
    ERR_pop_to_mark();
    return status;
}

azattest_status azattest__rsa_oaep_encrypt(const azattest__key *key, azattest_bytes data, azattest__buf *out,
                                           azattest_error **error)
{
    return rsa_encrypt(key, set_up_oaep, data, out, error);
}

azattest_status azattest__rsa_es_encrypt(const azattest__key *key, azattest_bytes data, azattest__buf *out,
                                         azattest_error **error)
{
    return rsa_encrypt(key, set_up_es, data, out, error);
}

static azattest_status rsa_decrypt(const azattest__key *key, padding set_up, azattest_bytes sealed, azattest__buf *out,
                                   bool *opened, azattest_error **error)
{
    const azattest__crypto *context = azattest__crypto_get();
    unsigned char plain[AZATTEST_LIMIT_SIGNATURE];
    azattest_status status = AZATTEST_OK;
    EVP_PKEY_CTX *pctx = NULL;
    size_t len = sizeof(plain);

    *opened = false;
    ERR_set_mark();
    if (context == NULL || (pctx = EVP_PKEY_CTX_new_from_pkey(context->library, key->pkey, NULL)) == NULL ||
        EVP_PKEY_decrypt_init(pctx) != 1 || !set_up(pctx, context)) {
        status = azattest__crypto_failed(error, "decryption with an RSA key");
    } else if (EVP_PKEY_decrypt(pctx, plain, &len, sealed.ptr, sealed.len) == 1) {
        azattest__buf_append(out, plain, len);
        *opened = true;
        status = azattest__error_from_buf(error, out, "decrypted key");
    }
    azattest__wipe(plain, sizeof(plain));
    EVP_PKEY_CTX_free(pctx);
    ERR_pop_to_mark();
    return status;
}

azattest_status azattest__rsa_oaep_decrypt(const azattest__key *key, azattest_bytes sealed, azattest__buf *out,
                                           bool *opened, azattest_error **error)
{
    return rsa_decrypt(key, set_up_oaep, sealed, out, opened, error);
}

azattest_status azattest__rsa_es_decrypt(const azattest__key *key, azattest_bytes sealed, azattest__buf *out,
                                         bool *opened, azattest_error **error)
{
    return rsa_decrypt(key, set_up_es, sealed, out, opened, error);
}

azattest_status azattest__key_ephemeral(const azattest__key *peer, azattest__key **out, azattest_error **error)
{
    const azattest__crypto *context = azattest__crypto_get();
    azattest_status status;
    EVP_PKEY *pkey = NULL;

    *out = NULL;
    ERR_set_mark();
    if (context != NULL && peer->curve != NULL)
        pkey = EVP_PKEY_Q_keygen(context->library, NULL, "EC", peer->curve->group);
    status = pkey == NULL ? azattest__crypto_failed(error, "ephemeral EC key") : azattest__key_wrap(pkey, out, error);
    ERR_pop_to_mark();
    return status;
}

azattest_status azattest__ecdh(const azattest__key *own, const azattest__key *peer, azattest__buf *shared,
                               azattest_error **error)
{
    const azattest__crypto *context = azattest__crypto_get();
    azattest_status status = AZATTEST_OK;
    EVP_PKEY_CTX *pctx = NULL;
    unsigned char secret[128];
    size_t len = sizeof(secret);

    ERR_set_mark();
    if (context == NULL || own->curve == NULL || own->curve != peer->curve ||
        (pctx = EVP_PKEY_CTX_new_from_pkey(context->library, own->pkey, NULL)) == NULL ||
        EVP_PKEY_derive_init(pctx) != 1 || EVP_PKEY_derive_set_peer(pctx, peer->pkey) != 1 ||
        EVP_PKEY_derive(pctx, secret, &len) != 1) {
        status = azattest__crypto_failed(error, "key agreement");
    } else {
        azattest__buf_append(shared, secret, len);
        status = azattest__error_from_buf(error, shared, "key agreement");
    }
    azattest__wipe(secret, sizeof(secret));
    EVP_PKEY_CTX_free(pctx);
    ERR_pop_to_mark();
    return status;
}

static EVP_CIPHER_CTX *gcm_new(const unsigned char *key, const unsigned char *iv, bool encrypt)
{
    const azattest__crypto *context = azattest__crypto_get();
    EVP_CIPHER *cipher = context == NULL ? NULL : EVP_CIPHER_fetch(context->library, "AES-256-GCM", NULL);
    EVP_CIPHER_CTX *cctx = cipher == NULL ? NULL : EVP_CIPHER_CTX_new();

    if (cctx != NULL && EVP_CipherInit_ex2(cctx, cipher, key, iv, encrypt, NULL) != 1) {
        EVP_CIPHER_CTX_free(cctx);
        cctx = NULL;
    }
    EVP_CIPHER_free(cipher);
    return cctx;
}

/* Everything but the tag; lengths are below the limits of a sealed secret. */
static bool gcm_update(EVP_CIPHER_CTX *cctx, azattest_bytes authenticated, azattest_bytes in, unsigned char *out)
{
    int len;

    return EVP_CipherUpdate(cctx, NULL, &len, authenticated.ptr, (int)authenticated.len) == 1 &&
           (in.len == 0 || EVP_CipherUpdate(cctx, out, &len, in.ptr, (int)in.len) == 1);
}

azattest_status azattest__gcm_seal(const unsigned char key[AZATTEST__AES_KEY], const unsigned char iv[AZATTEST__GCM_IV],
                                   azattest_bytes authenticated, azattest_bytes plain, azattest__buf *out,
                                   unsigned char tag[AZATTEST__GCM_TAG], azattest_error **error)
{
    azattest_status status;
    EVP_CIPHER_CTX *cctx;
    unsigned char *sealed = azattest__buf_grow(out, plain.len), rest[16];
    int len;

    if ((status = azattest__error_from_buf(error, out, "sealed secret")) != AZATTEST_OK)
        return status;
    ERR_set_mark();
    if ((cctx = gcm_new(key, iv, true)) == NULL || !gcm_update(cctx, authenticated, plain, sealed) ||
        EVP_CipherFinal_ex(cctx, rest, &len) != 1 ||
        EVP_CIPHER_CTX_ctrl(cctx, EVP_CTRL_AEAD_GET_TAG, AZATTEST__GCM_TAG, tag) != 1)
        status = azattest__crypto_failed(error, "AES-GCM");
    EVP_CIPHER_CTX_free(cctx);
    ERR_pop_to_mark();
    return status;
}

azattest_status azattest__gcm_open(const unsigned char key[AZATTEST__AES_KEY], const unsigned char iv[AZATTEST__GCM_IV],
                                   azattest_bytes authenticated, azattest_bytes sealed,
                                   const unsigned char tag[AZATTEST__GCM_TAG], azattest__buf *out, bool *opened,
                                   azattest_error **error)
{
    azattest_status status;
    EVP_CIPHER_CTX *cctx;
    size_t start = out->len;
    unsigned char *plain = azattest__buf_grow(out, sealed.len), wanted[AZATTEST__GCM_TAG], rest[16];
    int len;

    *opened = false;
    if ((status = azattest__error_from_buf(error, out, "secret")) != AZATTEST_OK)
        return status;
    memcpy(wanted, tag, sizeof(wanted));
    ERR_set_mark();
    if ((cctx = gcm_new(key, iv, false)) == NULL || !gcm_update(cctx, authenticated, sealed, plain) ||
        EVP_CIPHER_CTX_ctrl(cctx, EVP_CTRL_AEAD_SET_TAG, AZATTEST__GCM_TAG, wanted) != 1)
        status = azattest__crypto_failed(error, "AES-GCM");
    else
        *opened = EVP_CipherFinal_ex(cctx, rest, &len) == 1;
    if (!*opened) { /* what was decrypted is nobody's word */
        azattest__wipe(plain, sealed.len);
        azattest__buf_cut(out, start);
    }
    EVP_CIPHER_CTX_free(cctx);
    ERR_pop_to_mark();
    return status;
}
