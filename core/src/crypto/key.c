/* Keys: import with the checks that OpenSSL leaves to its callers, export, comparison. */
#include "openssl.h"

#include <stdlib.h>

#include <openssl/core_names.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>

#include "../base/encoding.h"

#define RSA_BITS_LIMIT 16384 /* AZATTEST_LIMIT_SIGNATURE, in bits */
#define RSA_BITS_LEAST 512   /* below it a number is no key at all; what may be used is azattest__key_fits()'s matter */
#define RSA_EXPONENT_BITS 64 /* as OpenSSL; a longer exponent only makes verifying slow */
#define EC_POINT_LIMIT (1 + 2 * 66)

/* Keys of a faulty generator (ROCA, CVE-2017-15361) can be factored. Their moduli are, modulo each small prime, a power
 * of 65537; that holds for one other modulus in 2^27 only. */
static bool is_roca(const BIGNUM *n)
{
    static const unsigned primes[] = { 11, 13, 17, 19, 37, 53, 61, 71, 73, 79, 97, 103, 107, 109, 127, 151, 157 };

    for (size_t i = 0; i < sizeof(primes) / sizeof(primes[0]); i++) {
        unsigned generator = 65537 % primes[i], rest = (unsigned)BN_mod_word(n, primes[i]), power = 1;

        while (power != rest && (power = power * generator % primes[i]) != 1)
            ;
        if (power != rest)
            return false;
    }
    return true;
}

/* A number of a public key; NULL on failure. EVP_PKEY_get_bn_param() fills a buffer of 2048 bytes, one by one, whatever
 * the number has; the size of the modulus or of a signature is enough for all but strange keys. */
static BIGNUM *get_number(const EVP_PKEY *pkey, const char *name)
{
    unsigned char bytes[512];
    size_t size = (size_t)EVP_PKEY_get_size(pkey);
    OSSL_PARAM params[] = { OSSL_PARAM_construct_BN(name, bytes, size), OSSL_PARAM_construct_end() };
    BIGNUM *number = NULL;

    if (size > sizeof(bytes) || EVP_PKEY_get_params(pkey, params) != 1 || OSSL_PARAM_get_BN(params, &number) != 1)
        (void)EVP_PKEY_get_bn_param(pkey, name, &number);
    return number;
}

static azattest_status check_rsa(azattest__key *key, azattest_error **error)
{
    azattest_status status = AZATTEST_OK;
    BIGNUM *n = get_number(key->pkey, OSSL_PKEY_PARAM_RSA_N), *e = get_number(key->pkey, OSSL_PKEY_PARAM_RSA_E);

    if (n == NULL || e == NULL)
        status = azattest__crypto_failed(error, "RSA key");
    else if ((key->bits = BN_num_bits(n)) > RSA_BITS_LIMIT)
        status = azattest__error_set(error, AZATTEST_E_LIMIT, "RSA key: %d bits, at most %d are accepted", key->bits,
                                     RSA_BITS_LIMIT);
    else if (key->bits < RSA_BITS_LEAST || !BN_is_odd(n))
        status = azattest__error_set(error, AZATTEST_E_MALFORMED,
                                     "RSA key: the modulus (%d bits) must be odd and have at least %d bits", key->bits,
                                     RSA_BITS_LEAST);
    else if (!BN_is_odd(e) || BN_is_one(e) || BN_num_bits(e) > RSA_EXPONENT_BITS)
        status = azattest__error_set(error, AZATTEST_E_MALFORMED,
                                     "RSA key: the public exponent must be odd, above 1 and have at most %d bits",
                                     RSA_EXPONENT_BITS);
    else if (is_roca(n))
        status = azattest__error_set(error, AZATTEST_E_MALFORMED,
                                     "RSA key: the modulus comes from a faulty generator and can be factored "
                                     "(CVE-2017-15361)");
    BN_free(n);
    BN_free(e);
    return status;
}

static azattest_status check_ec(azattest__key *key, azattest_error **error)
{
    char group[64];
    unsigned char point[EC_POINT_LIMIT];
    size_t len;
    int from_explicit = 0;

    if (EVP_PKEY_get_group_name(key->pkey, group, sizeof(group), NULL) != 1 ||
        (key->curve = azattest__curve_find(group)) == NULL)
        return azattest__error_set(error, AZATTEST_E_UNSUPPORTED, "EC key: only P-256, P-384 and P-521 are supported");
    /* Parameters written out instead of named may be a look-alike of the curve (CVE-2020-0601). */
    if (EVP_PKEY_get_int_param(key->pkey, OSSL_PKEY_PARAM_EC_DECODED_FROM_EXPLICIT_PARAMS, &from_explicit) == 1 &&
        from_explicit != 0)
        return azattest__error_set(error, AZATTEST_E_UNSUPPORTED, "EC key: explicit curve parameters are not accepted");
    /* OpenSSL checks that a point is on the curve while it decodes it, but takes the point at infinity (one byte). */
    if (EVP_PKEY_get_octet_string_param(key->pkey, OSSL_PKEY_PARAM_PUB_KEY, point, sizeof(point), &len) != 1 ||
        len < 1 + key->curve->size)
        return azattest__error_set(error, AZATTEST_E_MALFORMED, "EC key: the public point is missing or at infinity");
    key->bits = key->curve->bits;
    return AZATTEST_OK;
}

/* Takes `pkey` over, also on failure. */
static azattest_status make(EVP_PKEY *pkey, azattest__key **out, azattest_error **error)
{
    azattest__key *key = calloc(1, sizeof(*key));

    *out = NULL;
    if (key == NULL || (key->prepared = calloc(1, sizeof(*key->prepared))) == NULL) {
        free(key);
        EVP_PKEY_free(pkey);
        return azattest__error_memory(error);
    }
    atomic_init(&key->references, 1);
    key->pkey = pkey;
    *out = key;
    return AZATTEST_OK;
}

azattest_status azattest__key_wrap(EVP_PKEY *pkey, azattest__key **out, azattest_error **error)
{
    azattest_status status = make(pkey, out, error);

    if (status != AZATTEST_OK)
        return status;
    if (EVP_PKEY_is_a(pkey, "RSA"))
        status = check_rsa(*out, error);
    else if (EVP_PKEY_is_a(pkey, "EC"))
        status = check_ec(*out, error);
    else
        status = azattest__error_set(error, AZATTEST_E_UNSUPPORTED, "key: only RSA and EC keys are supported");
    if (status != AZATTEST_OK) {
        azattest__key_free(*out);
        *out = NULL;
    }
    return status;
}

azattest__key *azattest__key_ref(azattest__key *key)
{
    if (key != NULL)
        atomic_fetch_add_explicit(&key->references, 1, memory_order_relaxed);
    return key;
}

void azattest__key_free(azattest__key *key)
{
    if (key == NULL || atomic_fetch_sub_explicit(&key->references, 1, memory_order_acq_rel) != 1)
        return;
    for (size_t i = 0; i < sizeof(key->prepared->verify) / sizeof(key->prepared->verify[0]); i++)
        EVP_PKEY_CTX_free(atomic_load(&key->prepared->verify[i]));
    free(key->prepared);
    EVP_PKEY_free(key->pkey);
    free(key);
}

/* A public key of the type, or mere parameters of keys, from parameters; NULL on failure. */
static EVP_PKEY *pkey_from_params(const char *type, int selection, OSSL_PARAM *params)
{
    const azattest__crypto *context = azattest__crypto_get();
    EVP_PKEY_CTX *pctx = context == NULL ? NULL : EVP_PKEY_CTX_new_from_name(context->library, type, NULL);
    EVP_PKEY *pkey = NULL;

    if (params == NULL || pctx == NULL || EVP_PKEY_fromdata_init(pctx) != 1 ||
        EVP_PKEY_fromdata(pctx, &pkey, selection, params) != 1)
        pkey = NULL;
    EVP_PKEY_CTX_free(pctx);
    return pkey;
}

/* EVP_PKEY_fromdata needs a thirtieth of the time of a decoder that is given the same key as DER. */
azattest_status azattest__key_from_rsa(azattest_bytes n, azattest_bytes e, azattest__key **out, azattest_error **error)
{
    azattest_status status;
    OSSL_PARAM_BLD *build = NULL;
    OSSL_PARAM *params = NULL;
    BIGNUM *modulus = NULL, *exponent = NULL;
    EVP_PKEY *pkey = NULL;

    *out = NULL;
    if (n.len > RSA_BITS_LIMIT / 8 + 1 || e.len > RSA_BITS_LIMIT / 8 + 1)
        return azattest__error_set(error, AZATTEST_E_LIMIT,
                                   "RSA key: numbers of %zu and %zu bytes, at most %d bits are accepted", n.len, e.len,
                                   RSA_BITS_LIMIT);
    ERR_set_mark();
    modulus = BN_bin2bn(n.ptr, (int)n.len, NULL);
    exponent = BN_bin2bn(e.ptr, (int)e.len, NULL);
    build = OSSL_PARAM_BLD_new();
    if (modulus == NULL || exponent == NULL || build == NULL) {
        status = azattest__error_memory(error);
        goto done;
    }
    if (BN_is_zero(modulus) || BN_is_zero(exponent)) {
        status = azattest__error_set(error, AZATTEST_E_MALFORMED, "RSA key: the %s is zero",
                                     BN_is_zero(modulus) ? "modulus" : "public exponent");
        goto done;
    }
    if (OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, modulus) != 1 ||
        OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_E, exponent) != 1 ||
        (params = OSSL_PARAM_BLD_to_param(build)) == NULL ||
        (pkey = pkey_from_params("RSA", EVP_PKEY_PUBLIC_KEY, params)) == NULL)
        status = azattest__crypto_failed(error, "RSA key");
    else
        status = azattest__key_wrap(pkey, out, error);
done:
    OSSL_PARAM_free(params);
    OSSL_PARAM_BLD_free(build);
    BN_free(exponent);
    BN_free(modulus);
    ERR_pop_to_mark();
    return status;
}

/* A key without a point, made when first needed: a copy of it costs a tenth of a group by its name. NULL on failure. */
static const EVP_PKEY *pointless(const azattest__curve *curve)
{
    static _Atomic(EVP_PKEY *) slots[AZATTEST__CURVES];
    _Atomic(EVP_PKEY *) *slot = &slots[azattest__curve_index(curve)];
    EVP_PKEY *kept = atomic_load_explicit(slot, memory_order_acquire), *made;
    OSSL_PARAM params[] = { OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME,
                                                             (char *)(uintptr_t)curve->group, 0),
                            OSSL_PARAM_construct_end() };

    if (kept != NULL)
        return kept;
    if ((made = pkey_from_params("EC", EVP_PKEY_KEY_PARAMETERS, params)) == NULL ||
        atomic_compare_exchange_strong_explicit(slot, &kept, made, memory_order_acq_rel, memory_order_acquire))
        return made;
    EVP_PKEY_free(made); /* another thread was first */
    return kept;
}

azattest_status azattest__key_from_ec(const char *curve_name, azattest_bytes x, azattest_bytes y, azattest__key **out,
                                      azattest_error **error)
{
    const azattest__curve *curve = azattest__curve_find(curve_name);
    azattest_status status;
    unsigned char point[EC_POINT_LIMIT] = { POINT_CONVERSION_UNCOMPRESSED };
    const EVP_PKEY *empty;
    EVP_PKEY *pkey = NULL;

    *out = NULL;
    if (curve == NULL || strcmp(curve->name, curve_name) != 0)
        return azattest__error_set(error, AZATTEST_E_UNSUPPORTED, "EC key: only P-256, P-384 and P-521 are supported");
    if (x.len != curve->size || y.len != curve->size)
        return azattest__error_set(error, AZATTEST_E_MALFORMED, "EC key: coordinates of %zu and %zu bytes, %s has %zu",
                                   x.len, y.len, curve->name, curve->size);
    memcpy(point + 1, x.ptr, x.len);
    memcpy(point + 1 + x.len, y.ptr, y.len);
    ERR_set_mark();
    if ((empty = pointless(curve)) == NULL || (pkey = EVP_PKEY_dup((EVP_PKEY *)(uintptr_t)empty)) == NULL) {
        status = azattest__crypto_failed(error, "EC key");
    } else if (EVP_PKEY_set1_encoded_public_key(pkey, point, 1 + x.len + y.len) != 1) {
        status =
            azattest__error_set(error, AZATTEST_E_MALFORMED, "EC key: the point is not on the curve %s", curve->name);
        EVP_PKEY_free(pkey);
    } else if ((status = make(pkey, out, error)) == AZATTEST_OK) {
        (*out)->curve = curve; /* and check_ec() has nothing to find */
        (*out)->bits = curve->bits;
    }
    ERR_pop_to_mark();
    return status;
}

azattest_status azattest__key_from_public_der(azattest_bytes spki, azattest__key **out, azattest_error **error)
{
    const azattest__crypto *context = azattest__crypto_get();
    const unsigned char *at = spki.ptr;
    azattest_status status;
    EVP_PKEY *pkey = NULL;

    *out = NULL;
    if (spki.len > AZATTEST_LIMIT_CERTIFICATE)
        return azattest__error_set(error, AZATTEST_E_LIMIT, "public key: %zu bytes, at most %u are accepted", spki.len,
                                   AZATTEST_LIMIT_CERTIFICATE);
    ERR_set_mark();
    if (context != NULL && spki.len > 0)
        pkey = d2i_PUBKEY_ex(NULL, &at, (long)spki.len, context->library, NULL);
    if (pkey == NULL) {
        status = azattest__error_set(error, AZATTEST_E_MALFORMED, "public key: not a SubjectPublicKeyInfo in DER");
    } else if (at != (const unsigned char *)spki.ptr + spki.len) {
        status = azattest__error_set(error, AZATTEST_E_MALFORMED, "public key: bytes behind the SubjectPublicKeyInfo");
        EVP_PKEY_free(pkey);
    } else {
        status = azattest__key_wrap(pkey, out, error);
    }
    ERR_pop_to_mark();
    return status;
}

/* What the reader of PEM asks for the passphrase. Without a function of ours OpenSSL would ask on the terminal. */
typedef struct passphrase {
    const char *text; /* NULL: none was given */
    bool asked;
} passphrase;

static int give_passphrase(char *buffer, int size, int writing, void *user)
{
    passphrase *given = user;
    size_t len = given->text == NULL ? 0 : strlen(given->text);

    (void)writing;
    given->asked = true;
    if (given->text == NULL || size < 0 || len > (size_t)size)
        return -1;
    memcpy(buffer, given->text, len);
    return (int)len;
}

/* A wrong passphrase and a damaged key look alike. */
static azattest_status not_a_private_key(const passphrase *given, azattest_error **error)
{
    if (given->asked && given->text == NULL)
        return azattest__error_set(error, AZATTEST_E_MALFORMED, "private key: it is encrypted: give its passphrase");
    if (given->asked)
        return azattest__error_set(error, AZATTEST_E_MALFORMED,
                                   "private key: it is encrypted, and the passphrase does not open it");
    return azattest__error_set(error, AZATTEST_E_MALFORMED, "private key: not a private key in PEM");
}

azattest_status azattest__key_from_encrypted_pem(azattest_bytes pem, const char *passphrase_text, azattest__key **out,
                                                 azattest_error **error)
{
    const azattest__crypto *context = azattest__crypto_get();
    passphrase given = { passphrase_text, false };
    azattest_status status;
    BIO *bio = NULL;
    EVP_PKEY *pkey = NULL;

    *out = NULL;
    if (pem.len == 0 || pem.len > AZATTEST_LIMIT_CERTIFICATE)
        return azattest__error_set(error, AZATTEST_E_LIMIT, "private key: %zu bytes, 1 to %u are accepted", pem.len,
                                   AZATTEST_LIMIT_CERTIFICATE);
    ERR_set_mark();
    if (context != NULL && (bio = BIO_new_mem_buf(pem.ptr, (int)pem.len)) != NULL)
        pkey = PEM_read_bio_PrivateKey_ex(bio, NULL, give_passphrase, &given, context->library, NULL);
    status = pkey == NULL ? not_a_private_key(&given, error) : azattest__key_wrap(pkey, out, error);
    BIO_free(bio);
    ERR_pop_to_mark();
    return status;
}

azattest_status azattest__key_from_private_pem(azattest_bytes pem, azattest__key **out, azattest_error **error)
{
    return azattest__key_from_encrypted_pem(pem, NULL, out, error);
}

const char *azattest__key_type(const azattest__key *key)
{
    return key->curve == NULL ? "RSA" : "EC";
}

const char *azattest__key_curve(const azattest__key *key)
{
    return key->curve == NULL ? NULL : key->curve->name;
}

int azattest__key_bits(const azattest__key *key)
{
    return key->bits;
}

bool azattest__key_equal(const azattest__key *a, const azattest__key *b)
{
    bool equal;

    ERR_set_mark();
    equal = EVP_PKEY_eq(a->pkey, b->pkey) == 1;
    ERR_pop_to_mark();
    return equal;
}

/* Written by hand: OpenSSL's encoder takes as long as ten checks of a signature, and each key of a set is written. */
static void put_integer(unsigned char **p, const BIGNUM *number)
{
    int len = BN_num_bits(number) / 8 + 1; /* with the zero byte that a set top bit needs */

    ASN1_put_object(p, 0, len, V_ASN1_INTEGER, V_ASN1_UNIVERSAL);
    BN_bn2binpad(number, *p, len);
    *p += len;
}

/* RSAPublicKey (RFC 8017 appendix A.1.1), or the uncompressed point (RFC 5480 section 2.2). */
static bool append_bits(const azattest__key *key, azattest__buf *out)
{
    bool rsa = key->curve == NULL;
    BIGNUM *a = get_number(key->pkey, rsa ? OSSL_PKEY_PARAM_RSA_N : OSSL_PKEY_PARAM_EC_PUB_X);
    BIGNUM *b = get_number(key->pkey, rsa ? OSSL_PKEY_PARAM_RSA_E : OSSL_PKEY_PARAM_EC_PUB_Y);
    bool done = a != NULL && b != NULL;
    int size, sizes;
    unsigned char *p;

    if (done && rsa) {
        sizes = ASN1_object_size(0, BN_num_bits(a) / 8 + 1, V_ASN1_INTEGER) +
                ASN1_object_size(0, BN_num_bits(b) / 8 + 1, V_ASN1_INTEGER);
        if ((p = azattest__buf_grow(out, (size_t)ASN1_object_size(1, sizes, V_ASN1_SEQUENCE))) != NULL) {
            ASN1_put_object(&p, 1, sizes, V_ASN1_SEQUENCE, V_ASN1_UNIVERSAL);
            put_integer(&p, a);
            put_integer(&p, b);
        }
    } else if (done) {
        size = (int)key->curve->size;
        if ((p = azattest__buf_grow(out, 1 + 2 * (size_t)size)) != NULL) {
            *p++ = POINT_CONVERSION_UNCOMPRESSED;
            done = BN_bn2binpad(a, p, size) == size && BN_bn2binpad(b, p + size, size) == size;
        }
    }
    BN_free(a);
    BN_free(b);
    return done;
}

azattest_status azattest__key_public_der(const azattest__key *key, azattest__buf *out, azattest_error **error)
{
    azattest_bytes algorithm = key->curve == NULL ? azattest__rsa_algorithm : key->curve->algorithm;
    azattest_status status = AZATTEST_OK;
    azattest__buf bits;
    int content, size;
    unsigned char *p;

    azattest__buf_init(&bits, AZATTEST_LIMIT_CERTIFICATE);
    ERR_set_mark();
    azattest__buf_append(&bits, "", 1); /* no unused bits */
    if (!append_bits(key, &bits))
        status = azattest__crypto_failed(error, "public key");
    else if ((status = azattest__error_from_buf(error, &bits, "public key")) == AZATTEST_OK) {
        content = (int)algorithm.len + ASN1_object_size(0, (int)bits.len, V_ASN1_BIT_STRING);
        size = ASN1_object_size(1, content, V_ASN1_SEQUENCE);
        if ((p = azattest__buf_grow(out, (size_t)size)) != NULL) {
            ASN1_put_object(&p, 1, content, V_ASN1_SEQUENCE, V_ASN1_UNIVERSAL);
            memcpy(p, algorithm.ptr, algorithm.len);
            p += algorithm.len;
            ASN1_put_object(&p, 0, (int)bits.len, V_ASN1_BIT_STRING, V_ASN1_UNIVERSAL);
            memcpy(p, bits.ptr, bits.len);
        }
        status = azattest__error_from_buf(error, out, "public key");
    }
    azattest__buf_free(&bits);
    ERR_pop_to_mark();
    return status;
}

azattest_status azattest__key_public_pem(const azattest__key *key, azattest__buf *out, azattest_error **error)
{
    azattest_status status;
    azattest__buf der;

    azattest__buf_init(&der, AZATTEST_LIMIT_CERTIFICATE);
    if ((status = azattest__key_public_der(key, &der, error)) == AZATTEST_OK) {
        azattest__pem_encode("PUBLIC KEY", azattest__buf_bytes(&der), out);
        status = azattest__error_from_buf(error, out, "public key");
    }
    azattest__buf_free(&der);
    return status;
}

azattest_status azattest__key_private_pem(const azattest__key *key, azattest__buf *out, azattest_error **error)
{
    azattest_status status = AZATTEST_OK;
    BIO *bio;
    char *text = NULL;
    long len;

    ERR_set_mark();
    if ((bio = BIO_new(BIO_s_secmem())) == NULL ||
        PEM_write_bio_PrivateKey(bio, key->pkey, NULL, NULL, 0, NULL, NULL) != 1 ||
        (len = BIO_get_mem_data(bio, &text)) <= 0)
        status = azattest__crypto_failed(error, "private key");
    else
        azattest__buf_append(out, text, (size_t)len);
    BIO_free(bio);
    ERR_pop_to_mark();
    return status == AZATTEST_OK ? azattest__error_from_buf(error, out, "private key") : status;
}

/* Appends a number of the key, in `size` bytes; 0: without leading zeros. */
static bool append_number(const azattest__key *key, const char *name, size_t size, azattest__buf *out)
{
    BIGNUM *number = get_number(key->pkey, name);
    unsigned char *p;
    bool done = false;

    if (number != NULL) {
        size = size == 0 ? (size_t)BN_num_bytes(number) : size;
        done = (p = azattest__buf_grow(out, size)) == NULL || BN_bn2binpad(number, p, (int)size) == (int)size;
    }
    BN_free(number);
    return done;
}

azattest_status azattest__key_numbers(const azattest__key *key, azattest__buf *n_or_x, azattest__buf *e_or_y,
                                      azattest_error **error)
{
    azattest_status status = AZATTEST_OK;
    bool rsa = key->curve == NULL;
    size_t size = rsa ? 0 : key->curve->size;

    ERR_set_mark();
    if (!append_number(key, rsa ? OSSL_PKEY_PARAM_RSA_N : OSSL_PKEY_PARAM_EC_PUB_X, size, n_or_x) ||
        !append_number(key, rsa ? OSSL_PKEY_PARAM_RSA_E : OSSL_PKEY_PARAM_EC_PUB_Y, size, e_or_y))
        status = azattest__crypto_failed(error, "key numbers");
    ERR_pop_to_mark();
    if (status == AZATTEST_OK)
        status = azattest__error_from_buf(error, n_or_x, "key numbers");
    return status == AZATTEST_OK ? azattest__error_from_buf(error, e_or_y, "key numbers") : status;
}
