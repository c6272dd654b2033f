/* X.509 certificates: taken apart once; chains are judged by the callers, who know what they expect. */
#include "openssl.h"

#include <stdlib.h>

#include <openssl/objects.h>
#include <openssl/x509v3.h>

#include "../base/clock.h"
#include "../base/encoding.h"

/* The last common name of a name, as UTF-8; *bad tells of one that no text can hold (a NUL in it: an old trick to
 * make a name look like another). */
static char *common_name(const X509_NAME *name, bool *bad)
{
    char *text = NULL;
    unsigned char *utf8 = NULL;
    int index = -1, next, len;

    while ((next = X509_NAME_get_index_by_NID(name, NID_commonName, index)) >= 0)
        index = next;
    if (index < 0)
        return NULL;
    len = ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, index)));
    if (len < 0 || memchr(utf8, '\0', (size_t)len) != NULL || !azattest__utf8_valid(azattest__bytes(utf8, (size_t)len)))
        *bad = true;
    else
        *bad = (text = azattest__dup(utf8, (size_t)len)) == NULL;
    OPENSSL_free(utf8);
    return text;
}

static bool read_time(const ASN1_TIME *time, int64_t *seconds)
{
    struct tm civil;

    return ASN1_TIME_to_tm(time, &civil) == 1 &&
           azattest__time_from_civil(civil.tm_year + 1900, civil.tm_mon + 1, civil.tm_mday, civil.tm_hour, civil.tm_min,
                                     civil.tm_sec, seconds);
}

/* What the readers give. A key that is not supported is no failure: the certificate may be a mere issuer's. */
static azattest_status read_fields(azattest__cert *cert, azattest_error **error)
{
    X509 *x509 = cert->x509;
    EVP_PKEY *pkey = X509_get0_pubkey(x509);
    bool bad_subject = false, bad_issuer = false;

    if (!read_time(X509_get0_notBefore(x509), &cert->not_before) ||
        !read_time(X509_get0_notAfter(x509), &cert->not_after))
        return azattest__error_set(error, AZATTEST_E_MALFORMED, "certificate: its validity is not a pair of times");
    cert->subject_cn = common_name(X509_get_subject_name(x509), &bad_subject);
    cert->issuer_cn = common_name(X509_get_issuer_name(x509), &bad_issuer);
    if (bad_subject || bad_issuer)
        return azattest__error_set(error, AZATTEST_E_MALFORMED, "certificate: the common name of its %s is not text",
                                   bad_subject ? "subject" : "issuer");
    cert->self_issued = X509_NAME_cmp(X509_get_subject_name(x509), X509_get_issuer_name(x509)) == 0;
    if (pkey != NULL && EVP_PKEY_up_ref(pkey) == 1 && azattest__key_wrap(pkey, &cert->key, NULL) == AZATTEST_E_MEMORY)
        return azattest__error_memory(error);
    return AZATTEST_OK;
}

azattest_status azattest__cert_parse(azattest_bytes der, azattest__cert **out, azattest_error **error)
{
    const azattest__crypto *context = azattest__crypto_get();
    const unsigned char *at;
    azattest_status status;
    azattest__cert *cert = NULL;

    *out = NULL;
    if (der.len == 0 || der.len > AZATTEST_LIMIT_CERTIFICATE)
        return azattest__error_set(error, AZATTEST_E_LIMIT, "certificate: %zu bytes, 1 to %u are accepted", der.len,
                                   AZATTEST_LIMIT_CERTIFICATE);
    ERR_set_mark();
    if ((cert = calloc(1, sizeof(*cert))) == NULL) {
        status = azattest__error_memory(error);
        goto done;
    }
    atomic_init(&cert->references, 1);
    if ((cert->der = (unsigned char *)azattest__dup(der.ptr, der.len)) == NULL) {
        status = azattest__error_memory(error);
        goto done;
    }
    cert->der_len = der.len;
    at = cert->der;
    if (context == NULL || (cert->x509 = X509_new_ex(context->library, NULL)) == NULL) {
        status = azattest__crypto_failed(error, "certificate");
        goto done;
    }
    if (d2i_X509(&cert->x509, &at, (long)der.len) == NULL) { /* frees and forgets cert->x509 when it fails */
        status = azattest__error_set(error, AZATTEST_E_MALFORMED, "certificate: not X.509 in DER");
        goto done;
    }
    if (at != cert->der + cert->der_len) {
        status = azattest__error_set(error, AZATTEST_E_MALFORMED, "certificate: %zu bytes behind its end",
                                     (size_t)(cert->der + cert->der_len - at));
        goto done;
    }
    if ((status = read_fields(cert, error)) != AZATTEST_OK)
        goto done;
    *out = cert;
    cert = NULL;
done:
    azattest__cert_free(cert);
    ERR_pop_to_mark();
    return status;
}

azattest__cert *azattest__cert_ref(azattest__cert *cert)
{
    if (cert != NULL)
        atomic_fetch_add_explicit(&cert->references, 1, memory_order_relaxed);
    return cert;
}

void azattest__cert_free(azattest__cert *cert)
{
    if (cert == NULL || atomic_fetch_sub_explicit(&cert->references, 1, memory_order_acq_rel) != 1)
        return;
    azattest__key_free(cert->key);
    X509_free(cert->x509);
    free(cert->subject_cn);
    free(cert->issuer_cn);
    free(cert->der);
    free(cert);
}

azattest_bytes azattest__cert_der(const azattest__cert *cert)
{
    return azattest__bytes(cert->der, cert->der_len);
}

azattest__key *azattest__cert_key(const azattest__cert *cert)
{
    return cert->key;
}

const char *azattest__cert_subject_cn(const azattest__cert *cert)
{
    return cert->subject_cn;
}

const char *azattest__cert_issuer_cn(const azattest__cert *cert)
{
    return cert->issuer_cn;
}

int64_t azattest__cert_not_before(const azattest__cert *cert)
{
    return cert->not_before;
}

int64_t azattest__cert_not_after(const azattest__cert *cert)
{
    return cert->not_after;
}

bool azattest__cert_is_self_issued(const azattest__cert *cert)
{
    return cert->self_issued;
}

/* OpenSSL takes a tenth of the parsing to look at the extensions, which only those of issuers are asked for. */
bool azattest__cert_is_ca(const azattest__cert *cert)
{
    bool ca;

    ERR_set_mark();
    /* 1 alone means basicConstraints with CA; other values guess from what certificates of the last century lack. */
    ca = X509_check_ca(cert->x509) == 1 && (X509_get_extension_flags(cert->x509) & EXFLAG_INVALID) == 0;
    ERR_pop_to_mark();
    return ca;
}

int azattest__cert_path_length(const azattest__cert *cert)
{
    long length;

    ERR_set_mark();
    length = X509_get_pathlen(cert->x509);
    ERR_pop_to_mark();
    return length < 0 ? -1 : length > INT32_MAX ? INT32_MAX : (int)length;
}

/* MD5 and SHA-1 signatures can be forged for chosen content; nothing in this field uses them. */
static bool is_strong(X509 *x509)
{
    int digest = NID_undef;

    /* PSS has the digest among its parameters. The function that knows it looks at all extensions first. */
    if ((OBJ_find_sigid_algs(X509_get_signature_nid(x509), &digest, NULL) != 1 || digest == NID_undef) &&
        X509_get_signature_info(x509, &digest, NULL, NULL, NULL) != 1)
        return false;
    return digest == NID_sha256 || digest == NID_sha384 || digest == NID_sha512;
}

bool azattest__cert_is_issued_by(const azattest__cert *cert, const azattest__cert *issuer)
{
    bool issued;

    if (issuer->key == NULL)
        return false;
    ERR_set_mark();
    issued = X509_NAME_cmp(X509_get_issuer_name(cert->x509), X509_get_subject_name(issuer->x509)) == 0 &&
             is_strong(cert->x509) && X509_verify(cert->x509, issuer->key->pkey) == 1;
    ERR_pop_to_mark();
    return issued;
}

azattest_bytes azattest__cert_extension(const azattest__cert *cert, const char *oid, bool *twice)
{
    azattest_bytes value = { NULL, 0 };
    ASN1_OBJECT *object;
    int index = -1;

    *twice = false;
    ERR_set_mark();
    if ((object = OBJ_txt2obj(oid, 1)) != NULL && (index = X509_get_ext_by_OBJ(cert->x509, object, -1)) >= 0) {
        const ASN1_OCTET_STRING *data = X509_EXTENSION_get_data(X509_get_ext(cert->x509, index));

        value = azattest__bytes(ASN1_STRING_get0_data(data), (size_t)ASN1_STRING_length(data));
        if (value.ptr == NULL)
            value.ptr = ""; /* empty, not absent */
        *twice = X509_get_ext_by_OBJ(cert->x509, object, index) >= 0;
    }
    ASN1_OBJECT_free(object);
    ERR_pop_to_mark();
    return value;
}
