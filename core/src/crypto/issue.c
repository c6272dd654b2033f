/* Making keys and certificates: see issue.h. */
#include "issue.h"

#include "openssl.h"

#include <limits.h>

#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include "../base/encoding.h"

azattest_status azattest__key_generate_rsa(int bits, azattest__key **out, azattest_error **error)
{
    const azattest__crypto *context = azattest__crypto_get();
    azattest_status status;
    EVP_PKEY *pkey = NULL;

    *out = NULL;
    ERR_set_mark();
    if (context == NULL || (pkey = EVP_PKEY_Q_keygen(context->library, NULL, "RSA", (size_t)bits)) == NULL)
        status = azattest__crypto_failed(error, "making an RSA key");
    else
        status = azattest__key_wrap(pkey, out, error);
    ERR_pop_to_mark();
    return status;
}

azattest_status azattest__key_generate_ec(const char *curve, azattest__key **out, azattest_error **error)
{
    const azattest__crypto *context = azattest__crypto_get();
    azattest_status status;
    EVP_PKEY *pkey = NULL;

    *out = NULL;
    ERR_set_mark();
    if (context == NULL || (pkey = EVP_PKEY_Q_keygen(context->library, NULL, "EC", curve)) == NULL)
        status = azattest__crypto_failed(error, "making an EC key");
    else
        status = azattest__key_wrap(pkey, out, error);
    ERR_pop_to_mark();
    return status;
}

azattest_status azattest__key_encrypted_pem(const azattest__key *key, azattest_bytes passphrase, azattest__buf *out,
                                            azattest_error **error)
{
    const azattest__crypto *context = azattest__crypto_get();
    azattest_status status = AZATTEST_OK;
    EVP_CIPHER *cipher = NULL;
    BIO *bio = NULL;
    char *text = NULL;
    long len;

    if (passphrase.len > INT_MAX)
        return azattest__error_set(error, AZATTEST_E_LIMIT, "the passphrase is too long");
    ERR_set_mark();
    if (context == NULL || (cipher = EVP_CIPHER_fetch(context->library, "AES-256-CBC", NULL)) == NULL ||
        (bio = BIO_new(BIO_s_mem())) == NULL ||
        PEM_write_bio_PKCS8PrivateKey(bio, key->pkey, cipher, passphrase.ptr, (int)passphrase.len, NULL, NULL) != 1 ||
        (len = BIO_get_mem_data(bio, &text)) <= 0)
        status = azattest__crypto_failed(error, "encrypting a private key");
    else
        azattest__buf_append(out, text, (size_t)len);
    BIO_free(bio);
    EVP_CIPHER_free(cipher);
    ERR_pop_to_mark();
    return status == AZATTEST_OK ? azattest__error_from_buf(error, out, "private key") : status;
}

static bool set_name(X509_NAME *name, const azattest__cert_request *request)
{
    const struct {
        const char *field, *text;
    } parts[] = { { "CN", request->common_name },
                  { "O", request->organization },
                  { "L", request->locality },
                  { "ST", request->state },
                  { "C", request->country } };

    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
        if (parts[i].text != NULL && X509_NAME_add_entry_by_txt(name, parts[i].field, MBSTRING_UTF8,
                                                                (const unsigned char *)parts[i].text, -1, -1, 0) != 1)
            return false;
    return true;
}

static bool set_serial(X509 *x509, uint64_t serial)
{
    unsigned char random[20]; /* RFC 5280 section 4.1.2.2: positive, at most 20 bytes */
    BIGNUM *number;
    bool done;

    if (serial != 0)
        return ASN1_INTEGER_set_uint64(X509_get_serialNumber(x509), serial) == 1;
    if (azattest__random(random, sizeof(random), NULL) != AZATTEST_OK)
        return false;
    random[0] &= 0x7f;
    number = BN_bin2bn(random, sizeof(random), NULL);
    done = number != NULL && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(x509)) != NULL;
    BN_free(number);
    return done;
}

static bool add_extension(X509 *x509, X509V3_CTX *context, int nid, const char *value)
{
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, context, nid, value);
    bool done = extension != NULL && X509_add_ext(x509, extension, -1) == 1;

    X509_EXTENSION_free(extension);
    return done;
}

static bool add_raw_extension(X509 *x509, const char *oid, azattest_bytes value)
{
    ASN1_OBJECT *object = OBJ_txt2obj(oid, 1);
    ASN1_OCTET_STRING *data = ASN1_OCTET_STRING_new();
    X509_EXTENSION *extension = NULL;
    bool done = object != NULL && data != NULL && value.len <= AZATTEST_LIMIT_CERTIFICATE &&
                ASN1_OCTET_STRING_set(data, value.ptr, (int)value.len) == 1 &&
                (extension = X509_EXTENSION_create_by_OBJ(NULL, object, 0, data)) != NULL &&
                X509_add_ext(x509, extension, -1) == 1;

    X509_EXTENSION_free(extension);
    ASN1_OCTET_STRING_free(data);
    ASN1_OBJECT_free(object);
    return done;
}

static bool add_extensions(X509 *x509, X509 *issuer, const azattest__cert_request *request)
{
    X509V3_CTX context;
    char constraints[64] = "critical,CA:FALSE";

    if (request->ca && request->path_length >= 0)
        snprintf(constraints, sizeof(constraints), "critical,CA:TRUE,pathlen:%d", request->path_length);
    else if (request->ca)
        snprintf(constraints, sizeof(constraints), "critical,CA:TRUE");
    X509V3_set_ctx(&context, issuer, x509, NULL, NULL, 0);
    return add_extension(x509, &context, NID_basic_constraints, constraints) &&
           add_extension(x509, &context, NID_key_usage,
                         request->ca ? "critical,keyCertSign,cRLSign" : "critical,digitalSignature") &&
           add_extension(x509, &context, NID_subject_key_identifier, "hash") &&
           add_extension(x509, &context, NID_authority_key_identifier, "keyid:always") &&
           (!request->server_authentication || add_extension(x509, &context, NID_ext_key_usage, "serverAuth")) &&
           (request->subject_alternative_name == NULL ||
            add_extension(x509, &context, NID_subject_alt_name, request->subject_alternative_name)) &&
           (request->extension_oid == NULL ||
            add_raw_extension(x509, request->extension_oid, request->extension_value));
}

static bool sign(X509 *x509, const azattest__key *key, const azattest__crypto *context)
{
    EVP_MD_CTX *digest = EVP_MD_CTX_new();
    bool done = digest != NULL &&
                EVP_DigestSignInit_ex(digest, NULL, "SHA256", context->library, NULL, key->pkey, NULL) == 1 &&
                X509_sign_ctx(x509, digest) > 0;

    EVP_MD_CTX_free(digest);
    return done;
}

azattest_status azattest__cert_issue(const azattest__cert_request *request, const azattest__key *key,
                                     const azattest__cert *issuer, const azattest__key *issuer_key,
                                     azattest__cert **out, azattest_error **error)
{
    const azattest__crypto *context = azattest__crypto_get();
    azattest_status status;
    X509 *x509 = NULL;
    unsigned char *der = NULL;
    int len;

    *out = NULL;
    ERR_set_mark();
    if (context == NULL || (x509 = X509_new_ex(context->library, NULL)) == NULL ||
        X509_set_version(x509, X509_VERSION_3) != 1 || !set_serial(x509, request->serial) ||
        ASN1_TIME_set(X509_getm_notBefore(x509), (time_t)request->not_before) == NULL ||
        ASN1_TIME_set(X509_getm_notAfter(x509), (time_t)request->not_after) == NULL ||
        !set_name(X509_get_subject_name(x509), request) ||
        X509_set_issuer_name(x509, X509_get_subject_name(issuer == NULL ? x509 : issuer->x509)) != 1 ||
        X509_set_pubkey(x509, key->pkey) != 1 || !add_extensions(x509, issuer == NULL ? x509 : issuer->x509, request) ||
        !sign(x509, issuer == NULL ? key : issuer_key, context) || (len = i2d_X509(x509, &der)) <= 0)
        status = azattest__crypto_failed(error, "issuing a certificate");
    else
        status = azattest__cert_parse(azattest__bytes(der, (size_t)len), out, error);
    OPENSSL_free(der);
    X509_free(x509);
    ERR_pop_to_mark();
    return status;
}
