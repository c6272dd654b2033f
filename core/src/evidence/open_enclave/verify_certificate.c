/* Verifying a certificate that an enclave made for its key: what oe_verify_attestation_certificate() does around the
 * quote, each step with a verdict of its own. That the quote is genuine says only that some enclave has the key; which
 * one that has to be, an appraisal says. */
#include "../../base/encoding.h"
#include "../../crypto/x509.h"
#include "../formats.h"
#include "../verdict/verification.h"

#define REPORT_DATA_SIZE 64u
/* A public key as PEM: RSA of 16384 bits has 2.9 KB. */
#define PEM_LIMIT 8192u
#define RSA_BITS 2048

/* Only with itself: there is no authority behind such a certificate, and none is needed. Whatever OpenSSL can check is
 * taken (Gramine signs with P-384 and SHA-256); whether the key is one to rely on is a check of its own. */
static azattest_status check_own_signature(const azattest__x509 *certificate, azattest_error **error)
{
    azattest__cert *cert = NULL;
    azattest_status status;

    if (!azattest__x509_self_issued(certificate))
        return azattest__error_set(error, AZATTEST_E_EVIDENCE_INVALID,
                                   "the certificate is not self-signed: its issuer is not its subject");
    if (certificate->has_unknown_critical)
        return azattest__error_set(error, AZATTEST_E_EVIDENCE_INVALID,
                                   "the certificate has a critical extension that is not understood");
    if ((status = azattest__cert_parse(certificate->der, &cert, error)) == AZATTEST_OK &&
        !azattest__cert_is_issued_by(cert, cert))
        status = azattest__error_set(error, AZATTEST_E_EVIDENCE_INVALID,
                                     "the signature of the certificate does not verify with its own key");
    azattest__cert_free(cert);
    return status;
}

/* As for keys of tokens: RSA from 2048 bits, or a curve that is known. */
static azattest_status check_key(const azattest__x509 *certificate, azattest_error **error)
{
    const azattest__key *key = certificate->key;

    if (key == NULL)
        return azattest__error_set(error, AZATTEST_E_EVIDENCE_INVALID,
                                   "the certificate has a key of a type that is not known");
    if (strcmp(azattest__key_type(key), "RSA") == 0 && azattest__key_bits(key) < RSA_BITS)
        return azattest__error_set(error, AZATTEST_E_EVIDENCE_INVALID,
                                   "the certificate has an RSA key of %d bits, expected at least %d",
                                   azattest__key_bits(key), RSA_BITS);
    return AZATTEST_OK;
}

static azattest_status check_validity(const azattest__x509 *certificate, int64_t now, azattest_error **error)
{
    return now >= certificate->not_before && now <= certificate->not_after
               ? AZATTEST_OK
               : azattest__verification_outside("the certificate", certificate->not_before, certificate->not_after, now,
                                                error);
}

static azattest_status hash_key(const azattest__x509 *certificate, azattest__key_binding binding,
                                unsigned char hash[AZATTEST__SHA256_SIZE], azattest_error **error)
{
    azattest_status status;
    azattest__buf pem;

    if (binding == AZATTEST__BINDS_SPKI)
        return azattest__sha256(certificate->spki, hash, error);
    azattest__buf_init(&pem, PEM_LIMIT);
    azattest__pem_encode("PUBLIC KEY", certificate->spki, &pem);
    azattest__buf_append(&pem, "", 1); /* the NUL counts */
    if ((status = azattest__error_from_buf(error, &pem, "public key")) == AZATTEST_OK)
        status = azattest__sha256(azattest__buf_bytes(&pem), hash, error);
    azattest__buf_free(&pem);
    return status;
}

/* First half: the key. Second half: zero, as every genuine one has it. */
static azattest_status check_binding(const azattest__verification *v, const azattest__x509 *certificate,
                                     azattest_error **error)
{
    unsigned char expected[REPORT_DATA_SIZE] = { 0 };
    azattest_bytes report_data = azattest_evidence_report_data(v->evidence);
    azattest__key_binding binding = v->evidence->certificate.binding;
    azattest_status status;

    if ((status = hash_key(certificate, binding, expected, error)) != AZATTEST_OK)
        return status;
    if (report_data.ptr != NULL &&
        azattest__bytes_equal_constant_time(azattest__bytes(expected, sizeof(expected)), report_data))
        return AZATTEST_OK;
    return azattest__error_set(error, AZATTEST_E_EVIDENCE_INVALID,
                               "the report data are not the SHA-256 of the certificate's public key (%s), followed by "
                               "zeros",
                               binding == AZATTEST__BINDS_SPKI ? "SubjectPublicKeyInfo in DER" : "PEM and one NUL");
}

static azattest_status judge(azattest__verification *v, const azattest__x509 *certificate)
{
    azattest_error *reason = NULL;
    azattest_status status, found;

    found = check_own_signature(certificate, &reason);
    if ((status = azattest__verification_judge(v, "certificate_signature", found, reason,
                                               "the certificate is signed with its own key")) != AZATTEST_OK)
        return status;
    reason = NULL;
    found = check_key(certificate, &reason);
    if ((status = azattest__verification_judge(v, "certificate_key", found, reason,
                                               "the certificate's key is strong enough")) != AZATTEST_OK)
        return status;
    reason = NULL;
    azattest__verification_window(v->result, certificate->not_before, certificate->not_after);
    found = check_validity(certificate, v->now, &reason);
    if ((status = azattest__verification_judge(v, "certificate_validity", found, reason,
                                               "the certificate is alive at the time of verification")) != AZATTEST_OK)
        return status;
    reason = NULL;
    found = check_binding(v, certificate, &reason);
    return azattest__verification_judge(v, "key_binding", found, reason,
                                        "the report data name the certificate's public key");
}

azattest_status azattest__verify_attested_certificate(azattest__verification *v)
{
    static const char *const ids[] = { "certificate_signature", "certificate_key", "certificate_validity",
                                       "key_binding" };
    azattest_error *reason = NULL;
    azattest__x509 certificate;
    azattest_status status;

    for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++)
        azattest__verification_add(v->result, ids[i], true, "not run: the certificate cannot be read");
    if ((status = azattest__x509_read(v->evidence->certificate.der, &certificate, &reason)) != AZATTEST_OK)
        return azattest__verification_judge(v, ids[0], status, reason, "");
    status = judge(v, &certificate);
    azattest__x509_clear(&certificate);
    return status;
}
