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
    } intel[] = { { "CN", request->common_name }, { "O", request->organization }, { "L", request->locality },
                  { "ST", request->state },       { "C", request->country },      { NULL, NULL } },
      amd[] = { { "OU", request->organizational_unit },
                { "C", request->country },
                { "L", request->locality },
                { "ST", request->state },
                { "O", request->organization },
                { "CN", request->common_name } },
      *parts = request->organizational_unit == NULL ? intel : amd;

    for (size_t i = 0; i < sizeof(amd) / sizeof(amd[0]); i++)
        if (parts[i].text != NULL && X509_NAME_add_entry_by_txt(name, parts[i].field, MBSTRING_UTF8,
                                                                (const unsigned char *)parts[i].text, -1, -1, 0) != 1)
            return false;
    return true;
}

static bool set_serial(X509 *x509, const azattest__cert_request *request)
{
    unsigned char random[20]; /* RFC 5280 section 4.1.2.2: positive, at most 20 bytes */
    azattest_bytes bytes = request->serial_bytes;
    BIGNUM *number;
    bool done;

    if (bytes.ptr == NULL && request->serial != 0)
        return ASN1_INTEGER_set_uint64(X509_get_serialNumber(x509), request->serial) == 1;
    if (bytes.ptr == NULL) {
        if (azattest__random(random, sizeof(random), NULL) != AZATTEST_OK)
            return false;
        random[0] &= 0x7f;
        bytes = azattest__bytes(random, sizeof(random));
    }
    number = bytes.len > AZATTEST__HASH_MAX ? NULL : BN_bin2bn((const unsigned char *)bytes.ptr, (int)bytes.len, NULL);
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

static bool add_raw_extension(X509 *x509, const char *oid, azattest_bytes value, bool critical)
{
    ASN1_OBJECT *object = OBJ_txt2obj(oid, 1);
    ASN1_OCTET_STRING *data = ASN1_OCTET_STRING_new();
    X509_EXTENSION *extension = NULL;
    bool done = object != NULL && data != NULL && value.len <= AZATTEST_LIMIT_CERTIFICATE &&
                ASN1_OCTET_STRING_set(data, value.ptr, (int)value.len) == 1 &&
                (extension = X509_EXTENSION_create_by_OBJ(NULL, object, critical, data)) != NULL &&
                X509_add_ext(x509, extension, -1) == 1;

    X509_EXTENSION_free(extension);
    ASN1_OCTET_STRING_free(data);
    ASN1_OBJECT_free(object);
    return done;
}

static bool add_own_extensions(X509 *x509, const azattest__cert_request *request)
{
    if (request->extension_oid != NULL &&
        !add_raw_extension(x509, request->extension_oid, request->extension_value, false))
        return false;
    for (size_t i = 0; i < request->extension_count; i++)
        if (!add_raw_extension(x509, request->extensions[i].oid, request->extensions[i].value,
                               request->extensions[i].critical))
            return false;
    return true;
}

static bool add_crl_uri(X509 *x509, X509V3_CTX *context, const char *uri)
{
    char value[512];

    if (uri == NULL)
        return true;
    snprintf(value, sizeof(value), "URI:%s", uri);
    return add_extension(x509, context, NID_crl_distribution_points, value);
}

static bool add_extensions(X509 *x509, X509 *issuer, const azattest__cert_request *request)
{
    const char *usage = request->key_usage != NULL ? request->key_usage
                        : request->ca              ? "critical,keyCertSign,cRLSign"
                                                   : "critical,digitalSignature";
    X509V3_CTX context;
    char constraints[64] = "critical,CA:FALSE";

    if (request->ca && request->path_length >= 0)
        snprintf(constraints, sizeof(constraints), "critical,CA:TRUE,pathlen:%d", request->path_length);
    else if (request->ca)
        snprintf(constraints, sizeof(constraints), "critical,CA:TRUE");
    if (request->bare)
        return add_own_extensions(x509, request);
    X509V3_set_ctx(&context, issuer, x509, NULL, NULL, 0);
    return add_extension(x509, &context, NID_basic_constraints, constraints) &&
           (*usage == '\0' || add_extension(x509, &context, NID_key_usage, usage)) &&
           add_extension(x509, &context, NID_subject_key_identifier, "hash") &&
           add_extension(x509, &context, NID_authority_key_identifier, "keyid:always") &&
           (!request->server_authentication || add_extension(x509, &context, NID_ext_key_usage, "serverAuth")) &&
           (request->subject_alternative_name == NULL ||
            add_extension(x509, &context, NID_subject_alt_name, request->subject_alternative_name)) &&
           add_crl_uri(x509, &context, request->crl_uri) && add_own_extensions(x509, request);
}

EVP_MD_CTX *azattest__issue_signer(const azattest__key *key, bool pss)
{
    const azattest__crypto *context = azattest__crypto_get();
    EVP_MD_CTX *digest = context == NULL ? NULL : EVP_MD_CTX_new();
    EVP_PKEY_CTX *options = NULL;

    if (digest == NULL)
        return NULL;
    if (EVP_DigestSignInit_ex(digest, &options, pss ? "SHA384" : "SHA256", context->library, NULL, key->pkey, NULL) ==
            1 &&
        (!pss || (EVP_PKEY_CTX_set_rsa_padding(options, RSA_PKCS1_PSS_PADDING) == 1 &&
                  EVP_PKEY_CTX_set_rsa_mgf1_md_name(options, "SHA384", NULL) == 1 &&
                  EVP_PKEY_CTX_set_rsa_pss_saltlen(options, 48) == 1)))
        return digest;
    EVP_MD_CTX_free(digest);
    return NULL;
}

static bool sign(X509 *x509, const azattest__key *key, bool pss)
{
    EVP_MD_CTX *digest = azattest__issue_signer(key, pss);
    bool done = digest != NULL && X509_sign_ctx(x509, digest) > 0;

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
        X509_set_version(x509, X509_VERSION_3) != 1 || !set_serial(x509, request) ||
        ASN1_TIME_set(X509_getm_notBefore(x509), (time_t)request->not_before) == NULL ||
        ASN1_TIME_set(X509_getm_notAfter(x509), (time_t)request->not_after) == NULL ||
        !set_name(X509_get_subject_name(x509), request) ||
        X509_set_issuer_name(x509, X509_get_subject_name(issuer == NULL ? x509 : issuer->x509)) != 1 ||
        X509_set_pubkey(x509, key->pkey) != 1 || !add_extensions(x509, issuer == NULL ? x509 : issuer->x509, request) ||
        !sign(x509, issuer == NULL ? key : issuer_key, request->pss) || (len = i2d_X509(x509, &der)) <= 0)
        status = azattest__crypto_failed(error, "issuing a certificate");
    else
        status = azattest__cert_parse(azattest__bytes(der, (size_t)len), out, error);
    OPENSSL_free(der);
    X509_free(x509);
    ERR_pop_to_mark();
    return status;
}
