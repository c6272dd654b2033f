/* Private keys with certificates: PEM and PKCS#12 (RFC 7292). */
#include "bundle.h"

#include <openssl/pkcs12.h>

#include "../base/encoding.h"
#include "openssl.h"

void azattest__bundle_clear(azattest__bundle *bundle)
{
    azattest__key_free(bundle->key);
    for (size_t i = 0; i < bundle->count; i++)
        azattest__cert_free(bundle->certificates[i]);
    memset(bundle, 0, sizeof(*bundle));
}

static azattest_status wrong(azattest_error **error, const char *reason)
{
    return azattest__error_set(error, AZATTEST_E_ARGUMENT, "certificate: %s", reason);
}

static azattest_status add(azattest__bundle *out, azattest_bytes der, azattest_error **error)
{
    azattest_status status;

    if (out->count == AZATTEST_LIMIT_CHAIN)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT, "certificate: more than %u of them",
                                   AZATTEST_LIMIT_CHAIN);
    if ((status = azattest__cert_parse(der, &out->certificates[out->count], error)) == AZATTEST_OK)
        out->count++;
    else if (status != AZATTEST_E_MEMORY)
        status = wrong(error, "one of the certificates cannot be read");
    return status;
}

static azattest_status add_pem_certificates(azattest_bytes content, azattest__bundle *out, azattest_error **error)
{
    azattest_status status = AZATTEST_OK;
    azattest_bytes block, body;
    azattest__buf der;
    size_t offset = 0;

    while (status == AZATTEST_OK && azattest__pem_next(content, "CERTIFICATE", &offset, &block, &body)) {
        azattest__buf_init(&der, AZATTEST_LIMIT_CERTIFICATE);
        if (azattest__pem_decode_body(body, &der))
            status = add(out, azattest__buf_bytes(&der), error);
        else
            status = wrong(error, "one of the certificates is broken PEM");
        azattest__buf_free(&der);
    }
    return status;
}

static azattest_status take_pem_key(azattest_bytes content, const char *password, azattest__bundle *out,
                                    azattest_error **error)
{
    static const char *const labels[] = { "PRIVATE KEY", "ENCRYPTED PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY" };
    azattest_bytes block, body, found = { NULL, 0 };
    azattest_error *reason = NULL;
    azattest_status status;

    for (size_t i = 0; i < sizeof(labels) / sizeof(labels[0]); i++) {
        size_t offset = 0;

        while (azattest__pem_next(content, labels[i], &offset, &block, &body)) {
            if (found.ptr != NULL)
                return wrong(error, "more than one private key; give the one that is meant");
            found = block;
        }
    }
    if (found.ptr == NULL)
        return wrong(error, "there is no private key beside the certificate");
    status = azattest__key_from_encrypted_pem(found, password, &out->key, &reason);
    if (status == AZATTEST_E_MEMORY)
        status = azattest__error_memory(error);
    else if (status != AZATTEST_OK)
        status = wrong(error, azattest_error_message(reason));
    azattest_error_free(reason);
    return status;
}

static azattest_status add_x509(azattest__bundle *out, X509 *x509, azattest_error **error)
{
    unsigned char *der = NULL;
    int len = x509 == NULL ? 0 : i2d_X509(x509, &der);
    azattest_status status = AZATTEST_OK;

    if (x509 == NULL)
        return AZATTEST_OK;
    status = len <= 0 ? azattest__error_memory(error) : add(out, azattest__bytes(der, (size_t)len), error);
    OPENSSL_free(der);
    return status;
}

static azattest_status take_pkcs12(azattest_bytes content, const char *password, azattest__bundle *out,
                                   azattest_error **error)
{
    const azattest__crypto *context = azattest__crypto_get();
    const unsigned char *at = content.ptr;
    azattest_status status = AZATTEST_OK;
    STACK_OF(X509) *others = NULL;
    PKCS12 *file = NULL;
    EVP_PKEY *pkey = NULL;
    X509 *own = NULL;

    /* A PKCS12 object that knows a library context keeps it when it is filled. */
    if (context == NULL || (file = PKCS12_init_ex(NID_pkcs7_data, context->library, NULL)) == NULL)
        status = azattest__crypto_failed(error, "certificate");
    else if (d2i_PKCS12(&file, &at, (long)content.len) == NULL)
        status = wrong(error, "neither PEM nor PKCS#12");
    else if (PKCS12_parse(file, password == NULL ? "" : password, &pkey, &own, &others) != 1)
        status = wrong(error, password == NULL
                                  ? "the PKCS#12 file does not open without a password, or is damaged"
                                  : "the password does not open the PKCS#12 file, or it is damaged or encrypted in an "
                                    "outdated way (RC2); write it anew with AES");
    else if (pkey == NULL)
        status = wrong(error, "the PKCS#12 file has no private key");
    if (status == AZATTEST_OK) {
        status = azattest__key_wrap(pkey, &out->key, error);
        pkey = NULL;
    }
    if (status == AZATTEST_OK)
        status = add_x509(out, own, error);
    for (int i = 0; status == AZATTEST_OK && i < sk_X509_num(others); i++)
        status = add_x509(out, sk_X509_value(others, i), error);
    sk_X509_pop_free(others, X509_free);
    X509_free(own);
    EVP_PKEY_free(pkey);
    PKCS12_free(file);
    return status;
}

/* Puts the key's own certificate in front. */
static azattest_status order(azattest__bundle *bundle, azattest_error **error)
{
    for (size_t i = 0; i < bundle->count; i++) {
        azattest__cert *own = bundle->certificates[i];
        const azattest__key *key = azattest__cert_key(own);

        if (key == NULL || !azattest__key_equal(key, bundle->key))
            continue;
        memmove(bundle->certificates + 1, bundle->certificates, i * sizeof(bundle->certificates[0]));
        bundle->certificates[0] = own;
        return AZATTEST_OK;
    }
    return wrong(error, bundle->count == 0 ? "there is no certificate beside the private key"
                                           : "no certificate is of the private key");
}

azattest_status azattest__bundle_parse(azattest_bytes content, const char *password, azattest__bundle *out,
                                       azattest_error **error)
{
    static const char begin[] = "-----BEGIN ";
    azattest_status status;

    memset(out, 0, sizeof(*out));
    if (content.ptr == NULL || content.len == 0)
        return wrong(error, "it is empty");
    if (content.len > AZATTEST_LIMIT_CERTIFICATE_FILE)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT, "certificate: %zu bytes, more than %u", content.len,
                                   AZATTEST_LIMIT_CERTIFICATE_FILE);
    ERR_set_mark();
    if (memmem(content.ptr, content.len, begin, sizeof(begin) - 1) == NULL)
        status = take_pkcs12(content, password, out, error);
    else if ((status = take_pem_key(content, password, out, error)) == AZATTEST_OK)
        status = add_pem_certificates(content, out, error);
    if (status == AZATTEST_OK)
        status = order(out, error);
    ERR_pop_to_mark();
    if (status != AZATTEST_OK)
        azattest__bundle_clear(out);
    return status;
}
