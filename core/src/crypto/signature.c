/* Making and checking signatures. */
#include "openssl.h"

#include <openssl/ec.h>
#include <openssl/rsa.h>

#define RSA_BITS_STRONG 2048 /* RFC 7518 section 3.3 */
/* SEQUENCE of two INTEGERs of 66 bytes, each with a sign byte, with heads of 3 and 2 bytes: P-521's longest. */
#define ECDSA_NUMBER_LIMIT 66
#define ECDSA_DER_LIMIT (3 + 2 * (2 + 1 + ECDSA_NUMBER_LIMIT))

static const azattest__alg_info algs[] = {
    [AZATTEST__RS256] = { "RS256", false, false, AZATTEST__SHA256, NULL },
    [AZATTEST__RS384] = { "RS384", false, false, AZATTEST__SHA384, NULL },
    [AZATTEST__RS512] = { "RS512", false, false, AZATTEST__SHA512, NULL },
    [AZATTEST__PS256] = { "PS256", false, true, AZATTEST__SHA256, NULL },
    [AZATTEST__PS384] = { "PS384", false, true, AZATTEST__SHA384, NULL },
    [AZATTEST__PS512] = { "PS512", false, true, AZATTEST__SHA512, NULL },
    [AZATTEST__ES256] = { "ES256", true, false, AZATTEST__SHA256, "P-256" },
    [AZATTEST__ES384] = { "ES384", true, false, AZATTEST__SHA384, "P-384" },
    [AZATTEST__ES512] = { "ES512", true, false, AZATTEST__SHA512, "P-521" },
};

const azattest__alg_info *azattest__alg_info_of(azattest__alg alg)
{
    return alg >= AZATTEST__RS256 && alg <= AZATTEST__ES512 ? &algs[alg] : NULL;
}

azattest__alg azattest__alg_from_name(const char *name)
{
    for (azattest__alg alg = AZATTEST__RS256; name != NULL && alg <= AZATTEST__ES512; alg++)
        if (strcmp(name, algs[alg].name) == 0)
            return alg;
    return AZATTEST__ALG_UNKNOWN;
}

const char *azattest__alg_name(azattest__alg alg)
{
    const azattest__alg_info *info = azattest__alg_info_of(alg);

    return info == NULL ? NULL : info->name;
}

azattest_status azattest__key_fits(const azattest__key *key, azattest__alg alg, azattest_error **error)
{
    const azattest__alg_info *info = azattest__alg_info_of(alg);

    if (info == NULL)
        return azattest__error_set(error, AZATTEST_E_TOKEN_KEY_UNFIT, "no key fits an unknown signature algorithm");
    if (info->ec && (key->curve == NULL || strcmp(key->curve->name, info->curve) != 0))
        return azattest__error_set(error, AZATTEST_E_TOKEN_KEY_UNFIT, "%s needs an EC key on %s, the key is %s%s",
                                   info->name, info->curve, key->curve == NULL ? "RSA" : "EC on ",
                                   key->curve == NULL ? "" : key->curve->name);
    if (!info->ec && key->curve != NULL)
        return azattest__error_set(error, AZATTEST_E_TOKEN_KEY_UNFIT, "%s needs an RSA key, the key is EC on %s",
                                   info->name, key->curve->name);
    if (!info->ec && key->bits < RSA_BITS_STRONG)
        return azattest__error_set(error, AZATTEST_E_TOKEN_KEY_UNFIT,
                                   "%s needs an RSA key of at least %d bits, the key has %d", info->name,
                                   RSA_BITS_STRONG, key->bits);
    return AZATTEST_OK;
}

static bool set_up(EVP_PKEY_CTX *pctx, const azattest__alg_info *info, const azattest__crypto *context)
{
    if (!info->ec && EVP_PKEY_CTX_set_rsa_padding(pctx, info->pss ? RSA_PKCS1_PSS_PADDING : RSA_PKCS1_PADDING) != 1)
        return false;
    /* RFC 7518 section 3.5: the salt is as long as the digest, no other length will do. */
    if (info->pss && EVP_PKEY_CTX_set_rsa_pss_saltlen(pctx, RSA_PSS_SALTLEN_DIGEST) != 1)
        return false;
    return EVP_PKEY_CTX_set_signature_md(pctx, context->digests[info->hash]) == 1;
}

/* The key's context for the algorithm, to be copied and never used itself. NULL on failure. */
static const EVP_PKEY_CTX *prepared(const azattest__key *key, azattest__alg alg, const azattest__crypto *context)
{
    _Atomic(EVP_PKEY_CTX *) *slot = &key->prepared->verify[alg];
    EVP_PKEY_CTX *kept = atomic_load_explicit(slot, memory_order_acquire), *made;

    if (kept != NULL)
        return kept;
    made = EVP_PKEY_CTX_new_from_pkey(context->library, key->pkey, NULL);
    /* Of ECDSA only the digest's length matters, and that is given with it: to name the digest takes as long as all
     * else. */
    if (made == NULL || EVP_PKEY_verify_init(made) != 1 || (!algs[alg].ec && !set_up(made, &algs[alg], context))) {
        EVP_PKEY_CTX_free(made);
        return NULL;
    }
    if (atomic_compare_exchange_strong_explicit(slot, &kept, made, memory_order_acq_rel, memory_order_acquire))
        return made;
    EVP_PKEY_CTX_free(made); /* another thread was first */
    return kept;
}

/* r and s lie in [1, n-1]. That OpenSSL checks this again is no reason to leave it to it (CVE-2022-21449 was a library
 * that did not). */
static bool in_range(const azattest__key *key, const unsigned char *number)
{
    static const unsigned char zero[ECDSA_NUMBER_LIMIT];

    return memcmp(number, zero, key->curve->size) != 0 && memcmp(number, key->curve->order, key->curve->size) < 0;
}

/* A positive number of `size` bytes as INTEGER; by hand, OpenSSL's way allocates seven times. Gives its end. */
static unsigned char *put_integer(unsigned char *p, const unsigned char *number, size_t size)
{
    size_t sign;

    for (; size > 1 && *number == 0; size--)
        number++;
    sign = *number >= 0x80;
    *p++ = V_ASN1_INTEGER;
    *p++ = (unsigned char)(sign + size);
    *p = 0;
    memcpy(p + sign, number, size);
    return p + sign + size;
}

/* r || s to DER. Gives 0 for a signature that cannot be right. */
static size_t ecdsa_to_der(const azattest__key *key, azattest_bytes raw, unsigned char der[ECDSA_DER_LIMIT])
{
    size_t size = key->curve->size, content;
    const unsigned char *p = raw.ptr;
    unsigned char numbers[ECDSA_DER_LIMIT], *end;

    if (raw.len != 2 * size || !in_range(key, p) || !in_range(key, p + size))
        return 0;
    end = put_integer(put_integer(numbers, p, size), p + size, size);
    content = (size_t)(end - numbers);
    *der++ = V_ASN1_CONSTRUCTED | V_ASN1_SEQUENCE;
    if (content >= 0x80)
        *der++ = 0x81;
    *der++ = (unsigned char)content;
    memcpy(der, numbers, content);
    return content + (content >= 0x80 ? 3 : 2);
}

/* Takes an INTEGER off the front of *der: minimal, in [1, n-1]. */
static bool take_in_range(const azattest__key *key, azattest_bytes *der)
{
    size_t size = key->curve->size;
    unsigned char number[ECDSA_NUMBER_LIMIT] = { 0 };
    azattest_bytes content;
    const unsigned char *p;

    if (!azattest__der_take(der, V_ASN1_INTEGER, &content, NULL) || content.len == 0)
        return false;
    p = content.ptr;
    if (p[0] >= 0x80 || (p[0] == 0 && (content.len == 1 || p[1] < 0x80)))
        return false;
    if (p[0] == 0)
        content = azattest__bytes(p + 1, content.len - 1);
    if (content.len > size)
        return false;
    memcpy(number + size - content.len, content.ptr, content.len);
    return in_range(key, number);
}

static bool is_ecdsa_der(const azattest__key *key, azattest_bytes der)
{
    azattest_bytes pair;

    return azattest__der_take(&der, V_ASN1_CONSTRUCTED | V_ASN1_SEQUENCE, &pair, NULL) && der.len == 0 &&
           take_in_range(key, &pair) && take_in_range(key, &pair) && pair.len == 0;
}

/* DER to r || s. */
static bool ecdsa_from_der(const azattest__key *key, const unsigned char *der, size_t len, azattest__buf *out)
{
    size_t size = key->curve->size;
    unsigned char *raw = azattest__buf_grow(out, 2 * size);
    ECDSA_SIG *pair = d2i_ECDSA_SIG(NULL, &der, (long)len);
    bool done =
        pair != NULL && (raw == NULL || (BN_bn2binpad(ECDSA_SIG_get0_r(pair), raw, (int)size) == (int)size &&
                                         BN_bn2binpad(ECDSA_SIG_get0_s(pair), raw + size, (int)size) == (int)size));

    ECDSA_SIG_free(pair);
    return done;
}

/* The signature is one of RSA, or ECDSA in DER with numbers in range. */
static azattest_status verify(const azattest__key *key, azattest__alg alg, azattest_bytes data,
                              azattest_bytes signature, bool *valid, azattest_error **error)
{
    const azattest__crypto *context = azattest__crypto_get();
    azattest_status status;
    const EVP_PKEY_CTX *source;
    EVP_PKEY_CTX *pctx = NULL;
    unsigned char digest[AZATTEST__HASH_MAX];
    size_t digest_len;

    if ((status = azattest__digest(algs[alg].hash, data, digest, &digest_len, error)) != AZATTEST_OK)
        return status;
    ERR_set_mark();
    if ((source = prepared(key, alg, context)) == NULL || (pctx = EVP_PKEY_CTX_dup(source)) == NULL)
        status = azattest__crypto_failed(error, "signature check");
    else /* whatever is not a clear yes is a no: OpenSSL reports some wrong signatures as failures */
        *valid = EVP_PKEY_verify(pctx, signature.ptr, signature.len, digest, digest_len) == 1;
    EVP_PKEY_CTX_free(pctx);
    ERR_pop_to_mark();
    return status;
}

azattest_status azattest__key_verify(const azattest__key *key, azattest__alg alg, azattest_bytes data,
                                     azattest_bytes signature, bool *valid, azattest_error **error)
{
    unsigned char der[ECDSA_DER_LIMIT];
    azattest_status status;

    *valid = false;
    if ((status = azattest__key_fits(key, alg, error)) != AZATTEST_OK)
        return status;
    if (algs[alg].ec) {
        signature.len = ecdsa_to_der(key, signature, der);
        signature.ptr = der;
    }
    if (signature.len == 0 || signature.len > AZATTEST_LIMIT_SIGNATURE)
        return AZATTEST_OK;
    return verify(key, alg, data, signature, valid, error);
}

azattest_status azattest__key_verify_der(const azattest__key *key, azattest__alg alg, azattest_bytes data,
                                         azattest_bytes signature, bool *valid, azattest_error **error)
{
    azattest_status status;

    *valid = false;
    if ((status = azattest__key_fits(key, alg, error)) != AZATTEST_OK)
        return status;
    if (signature.len == 0 || signature.len > AZATTEST_LIMIT_SIGNATURE ||
        (algs[alg].ec && !is_ecdsa_der(key, signature)))
        return AZATTEST_OK;
    return verify(key, alg, data, signature, valid, error);
}

azattest_status azattest__key_sign(const azattest__key *key, azattest__alg alg, azattest_bytes data,
                                   azattest__buf *signature, azattest_error **error)
{
    const azattest__crypto *context = azattest__crypto_get();
    azattest_status status;
    EVP_PKEY_CTX *pctx = NULL;
    unsigned char digest[AZATTEST__HASH_MAX], raw[AZATTEST_LIMIT_SIGNATURE];
    size_t digest_len, raw_len = sizeof(raw);

    if ((status = azattest__key_fits(key, alg, error)) != AZATTEST_OK ||
        (status = azattest__digest(algs[alg].hash, data, digest, &digest_len, error)) != AZATTEST_OK)
        return status;
    ERR_set_mark();
    if ((pctx = EVP_PKEY_CTX_new_from_pkey(context->library, key->pkey, NULL)) == NULL ||
        EVP_PKEY_sign_init(pctx) != 1 || !set_up(pctx, &algs[alg], context) ||
        EVP_PKEY_sign(pctx, raw, &raw_len, digest, digest_len) != 1) {
        status = azattest__crypto_failed(error, "signing");
        goto done;
    }
    if (!algs[alg].ec)
        azattest__buf_append(signature, raw, raw_len);
    else if (!ecdsa_from_der(key, raw, raw_len, signature))
        status = azattest__crypto_failed(error, "signing");
    if (status == AZATTEST_OK)
        status = azattest__error_from_buf(error, signature, "signature");
done:
    EVP_PKEY_CTX_free(pctx);
    ERR_pop_to_mark();
    return status;
}

static azattest_status fits_scheme(const azattest__key *key, azattest__scheme scheme, azattest_error **error)
{
    bool ec = scheme == AZATTEST__SCHEME_ECDSA;

    if (ec != (key->curve != NULL))
        return azattest__error_set(error, AZATTEST_E_TOKEN_KEY_UNFIT, "the signature is %s, the key is %s",
                                   ec ? "ECDSA" : "RSA", key->curve == NULL ? "RSA" : key->curve->name);
    if (!ec && key->bits < RSA_BITS_STRONG)
        return azattest__error_set(error, AZATTEST_E_TOKEN_KEY_UNFIT,
                                   "an RSA key of at least %d bits is needed, this one has %d", RSA_BITS_STRONG,
                                   key->bits);
    return AZATTEST_OK;
}

/* r and s with as many zeros in front as the curve's size asks for; false when they are longer. */
static bool pad_pair(const azattest__key *key, azattest_bytes r, azattest_bytes s, unsigned char *raw)
{
    size_t size = key->curve->size;

    if (r.len > size || s.len > size)
        return false;
    memset(raw, 0, 2 * size);
    if (r.len > 0)
        memcpy(raw + size - r.len, r.ptr, r.len);
    if (s.len > 0)
        memcpy(raw + 2 * size - s.len, s.ptr, s.len);
    return true;
}

static bool set_up_raw(EVP_PKEY_CTX *pctx, azattest__scheme scheme, const EVP_MD *md)
{
    if (EVP_PKEY_verify_init(pctx) != 1)
        return false;
    if (scheme != AZATTEST__SCHEME_ECDSA &&
        EVP_PKEY_CTX_set_rsa_padding(pctx,
                                     scheme == AZATTEST__SCHEME_PSS ? RSA_PKCS1_PSS_PADDING : RSA_PKCS1_PADDING) != 1)
        return false;
    if (scheme == AZATTEST__SCHEME_PSS && EVP_PKEY_CTX_set_rsa_pss_saltlen(pctx, RSA_PSS_SALTLEN_AUTO) != 1)
        return false;
    return EVP_PKEY_CTX_set_signature_md(pctx, md) == 1;
}

azattest_status azattest__key_verify_raw(const azattest__key *key, const azattest__raw_signature *signature,
                                         azattest__hash hash, azattest_bytes data, bool *valid, azattest_error **error)
{
    const azattest__crypto *context = azattest__crypto_get();
    azattest_bytes bytes = signature->rsa;
    azattest_status status;
    EVP_PKEY_CTX *pctx = NULL;
    unsigned char digest[AZATTEST__HASH_MAX], raw[2 * 66], der[ECDSA_DER_LIMIT];
    size_t digest_len;

    *valid = false;
    if ((status = fits_scheme(key, signature->scheme, error)) != AZATTEST_OK ||
        (status = azattest__digest(hash, data, digest, &digest_len, error)) != AZATTEST_OK)
        return status;
    ERR_set_mark();
    if (signature->scheme == AZATTEST__SCHEME_ECDSA) {
        if (!pad_pair(key, signature->r, signature->s, raw))
            goto done;
        bytes = azattest__bytes(der, ecdsa_to_der(key, azattest__bytes(raw, 2 * key->curve->size), der));
    }
    if (bytes.len == 0 || bytes.len > AZATTEST_LIMIT_SIGNATURE)
        goto done;
    if ((pctx = EVP_PKEY_CTX_new_from_pkey(context->library, key->pkey, NULL)) == NULL ||
        !set_up_raw(pctx, signature->scheme, context->digests[hash])) {
        status = azattest__crypto_failed(error, "signature check");
        goto done;
    }
    *valid = EVP_PKEY_verify(pctx, bytes.ptr, bytes.len, digest, digest_len) == 1;
done:
    EVP_PKEY_CTX_free(pctx);
    ERR_pop_to_mark();
    return status;
}
