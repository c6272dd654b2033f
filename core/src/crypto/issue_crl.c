/* Making certificate revocation lists: see issue.h. */
#include "issue.h"

#include "openssl.h"

#include <openssl/x509v3.h>

/* As Intel's: each entry with the reason keyCompromise. */
static bool add_revoked(X509_CRL *crl, azattest_bytes serial, int64_t when)
{
    X509_REVOKED *entry = X509_REVOKED_new();
    ASN1_INTEGER *number = NULL;
    ASN1_TIME *time = ASN1_TIME_set(NULL, (time_t)when);
    ASN1_ENUMERATED *reason = ASN1_ENUMERATED_new();
    BIGNUM *value = serial.len > AZATTEST__HASH_MAX ? NULL : BN_bin2bn(serial.ptr, (int)serial.len, NULL);
    bool done =
        entry != NULL && time != NULL && reason != NULL && value != NULL &&
        (number = BN_to_ASN1_INTEGER(value, NULL)) != NULL && X509_REVOKED_set_serialNumber(entry, number) == 1 &&
        X509_REVOKED_set_revocationDate(entry, time) == 1 &&
        ASN1_ENUMERATED_set(reason, CRL_REASON_KEY_COMPROMISE) == 1 &&
        X509_REVOKED_add1_ext_i2d(entry, NID_crl_reason, reason, 0, 0) == 1 && X509_CRL_add0_revoked(crl, entry) == 1;

    if (!done)
        X509_REVOKED_free(entry);
    BN_free(value);
    ASN1_ENUMERATED_free(reason);
    ASN1_TIME_free(time);
    ASN1_INTEGER_free(number);
    return done;
}

static bool set_times(X509_CRL *crl, const azattest__crl_request *request)
{
    ASN1_TIME *time = ASN1_TIME_set(NULL, (time_t)request->this_update);
    bool done = time != NULL && X509_CRL_set1_lastUpdate(crl, time) == 1;

    if (done && request->next_update != 0)
        done = ASN1_TIME_set(time, (time_t)request->next_update) != NULL && X509_CRL_set1_nextUpdate(crl, time) == 1;
    ASN1_TIME_free(time);
    return done;
}

static bool add_extensions(X509_CRL *crl, X509 *issuer, const azattest__crl_request *request)
{
    ASN1_INTEGER *number = ASN1_INTEGER_new();
    X509_EXTENSION *authority = NULL;
    X509V3_CTX context;
    bool done = number != NULL;

    if (done && request->number != 0)
        done = ASN1_INTEGER_set_uint64(number, request->number) == 1 &&
               X509_CRL_add1_ext_i2d(crl, NID_crl_number, number, 0, 0) == 1;
    if (done && !request->without_authority) {
        X509V3_set_ctx(&context, issuer, NULL, NULL, crl, 0);
        authority = X509V3_EXT_conf_nid(NULL, &context, NID_authority_key_identifier, "keyid:always");
        done = authority != NULL && X509_CRL_add_ext(crl, authority, -1) == 1;
    }
    X509_EXTENSION_free(authority);
    ASN1_INTEGER_free(number);
    return done;
}

static bool make(X509_CRL *crl, X509 *issuer, const azattest__crl_request *request)
{
    if (X509_CRL_set_version(crl, X509_CRL_VERSION_2) != 1 ||
        X509_CRL_set_issuer_name(crl, X509_get_subject_name(issuer)) != 1 || !set_times(crl, request) ||
        !add_extensions(crl, issuer, request))
        return false;
    for (size_t i = 0; i < request->revoked_count; i++)
        if (!add_revoked(crl, request->revoked[i], request->this_update))
            return false;
    return X509_CRL_sort(crl) == 1;
}

azattest_status azattest__crl_issue(const azattest__crl_request *request, const azattest__cert *issuer,
                                    const azattest__key *issuer_key, azattest__buf *out, azattest_error **error)
{
    azattest_status status = AZATTEST_OK;
    X509_CRL *crl = NULL;
    EVP_MD_CTX *signer = NULL;
    unsigned char *der = NULL;
    int len;

    ERR_set_mark();
    if ((crl = X509_CRL_new_ex(azattest__crypto_get() == NULL ? NULL : azattest__crypto_get()->library, NULL)) ==
            NULL ||
        !make(crl, issuer->x509, request) || (signer = azattest__issue_signer(issuer_key, request->pss)) == NULL ||
        X509_CRL_sign_ctx(crl, signer) <= 0 || (len = i2d_X509_CRL(crl, &der)) <= 0)
        status = azattest__crypto_failed(error, "issuing a revocation list");
    else
        azattest__buf_append(out, der, (size_t)len);
    OPENSSL_free(der);
    EVP_MD_CTX_free(signer);
    X509_CRL_free(crl);
    ERR_pop_to_mark();
    return status == AZATTEST_OK ? azattest__error_from_buf(error, out, "revocation list") : status;
}

azattest_status azattest__cert_serial(const azattest__cert *certificate, azattest__buf *out, azattest_error **error)
{
    unsigned char bytes[AZATTEST__HASH_MAX] = { 0 };
    BIGNUM *number;
    int len = -1;

    ERR_set_mark();
    if ((number = ASN1_INTEGER_to_BN(X509_get0_serialNumber(certificate->x509), NULL)) != NULL &&
        BN_num_bytes(number) <= (int)sizeof(bytes))
        len = BN_bn2bin(number, bytes);
    BN_free(number);
    ERR_pop_to_mark();
    if (len < 0)
        return azattest__error_set(error, AZATTEST_E_MALFORMED, "certificate: its serial number is too long");
    azattest__buf_append(out, bytes, len == 0 ? 1 : (size_t)len);
    return azattest__error_from_buf(error, out, "serial number");
}
