/* Certificates by a walk over their DER (RFC 5280 section 4). */
#include "openssl.h"
#include "x509_parts.h"

enum { KEY_USAGE = 15, BASIC_CONSTRAINTS = 19 };

#define WHAT "certificate"

/* INTEGER, positive and minimal, without the byte that says so. */
static bool take_number(azattest_bytes *der, azattest_bytes *number)
{
    const unsigned char *p;

    if (!azattest__der_take(der, AZATTEST__DER_INTEGER, number, NULL) || number->len == 0)
        return false;
    p = number->ptr;
    if (p[0] >= 0x80 || (p[0] == 0 && (number->len == 1 || p[1] < 0x80)))
        return false;
    if (p[0] == 0)
        *number = azattest__bytes(p + 1, number->len - 1);
    return true;
}

static azattest_status read_rsa(azattest_bytes bits, azattest__key **key, azattest_error **error)
{
    azattest_bytes numbers, n, e;

    if (!azattest__der_take(&bits, AZATTEST__DER_SEQUENCE, &numbers, NULL) || bits.len != 0 ||
        !take_number(&numbers, &n) || !take_number(&numbers, &e) || numbers.len != 0)
        return azattest__x509_malformed(error, WHAT, "its RSA key is not two positive numbers");
    return azattest__key_from_rsa(n, e, key, error);
}

static azattest_status read_ec(azattest_bytes bits, const azattest__curve *curve, azattest__key **key,
                               azattest_error **error)
{
    const unsigned char *p = bits.ptr;

    if (bits.len != 1 + 2 * curve->size || p[0] != 4)
        return azattest__error_set(error, AZATTEST_E_MALFORMED,
                                   WHAT ": its key on %s is not an uncompressed point of %zu bytes", curve->name,
                                   1 + 2 * curve->size);
    return azattest__key_from_ec(curve->name, azattest__bytes(p + 1, curve->size),
                                 azattest__bytes(p + 1 + curve->size, curve->size), key, error);
}

/* A key of another type is no failure: the certificate may be one that nothing is asked of. One of these types with
 * numbers that are none is. */
static azattest_status read_key(azattest__x509 *out, azattest_error **error)
{
    azattest_bytes spki = out->spki, content, ignored, algorithm, bits;
    const azattest__curve *curve;

    if (!azattest__der_take(&spki, AZATTEST__DER_SEQUENCE, &content, NULL) ||
        !azattest__der_take(&content, AZATTEST__DER_SEQUENCE, &ignored, &algorithm) ||
        !azattest__der_take(&content, AZATTEST__DER_BIT_STRING, &bits, NULL) || content.len != 0 ||
        !azattest__x509_whole_bits(bits, &bits))
        return azattest__x509_malformed(error, WHAT, "its public key is not algorithm and bits");
    if ((curve = azattest__curve_of_algorithm(algorithm)) != NULL)
        return read_ec(bits, curve, &out->key, error);
    return azattest__bytes_equal(algorithm, azattest__rsa_algorithm) ? read_rsa(bits, &out->key, error) : AZATTEST_OK;
}

/* RFC 5280 section 4.2.1.9: a path length belongs to authorities only. */
static const char *read_basic_constraints(azattest_bytes value, azattest__x509 *out)
{
    static const char wrong[] = "its basic constraints are not in DER";
    azattest_bytes content, part;

    if (!azattest__der_take(&value, AZATTEST__DER_SEQUENCE, &content, NULL) || value.len != 0)
        return wrong;
    if (azattest__der_take(&content, AZATTEST__DER_BOOLEAN, &part, NULL)) {
        if (part.len != 1 || *(const unsigned char *)part.ptr != 0xff)
            return wrong;
        out->ca = true;
    }
    if (azattest__der_take(&content, AZATTEST__DER_INTEGER, &part, NULL)) {
        if (!azattest__der_integer(part, &out->path_length))
            return wrong;
        if (!out->ca)
            return "it has a path length and is no certificate authority";
    }
    return content.len == 0 ? NULL : wrong;
}

/* RFC 5280 section 4.2.1.3: bits from the top. DER cuts zeros at the end, which AMD's ASK has one of. */
static const char *read_key_usage(azattest_bytes value, azattest__x509 *out)
{
    azattest_bytes bits;
    const unsigned char *p;

    if (!azattest__der_take(&value, AZATTEST__DER_BIT_STRING, &bits, NULL) || value.len != 0 || bits.len < 2 ||
        bits.len > 3 || (p = bits.ptr)[0] > 7 || (p[bits.len - 1] & ((1 << p[0]) - 1)) != 0)
        return "its key usage is not in DER";
    out->has_key_usage = true;
    out->key_cert_sign = (p[1] & 0x80 >> 5) != 0;
    out->crl_sign = (p[1] & 0x80 >> 6) != 0;
    return NULL;
}

static const char *take_extension(const azattest__x509_extension_view *extension, void *user)
{
    azattest__x509 *out = user;

    if (azattest__x509_is_ce(extension->oid, BASIC_CONSTRAINTS))
        return read_basic_constraints(extension->value, out);
    if (azattest__x509_is_ce(extension->oid, KEY_USAGE))
        return read_key_usage(extension->value, out);
    out->has_unknown_critical = out->has_unknown_critical || extension->critical;
    return NULL;
}

/* Everything but the key; NULL, or what is wrong. */
static const char *read_fields(azattest_bytes der, azattest__x509 *out)
{
    static const unsigned char version_3[] = { AZATTEST__DER_CONTEXT_0, 3, AZATTEST__DER_INTEGER, 1, 2 };
    azattest__x509_signed parts;
    azattest_bytes tbs, rest, validity, ignored, algorithm;
    const char *wrong;

    if ((wrong = azattest__x509_split(der, &parts)) != NULL)
        return wrong;
    out->der = der;
    out->tbs = parts.tbs;
    out->signature = parts.signature;
    out->alg = azattest__x509_read_alg(parts.algorithm);
    rest = parts.tbs;
    (void)azattest__der_take(&rest, AZATTEST__DER_SEQUENCE, &tbs, NULL);
    if (tbs.len < sizeof(version_3) || memcmp(tbs.ptr, version_3, sizeof(version_3)) != 0)
        return "its version is not 3";
    tbs = azattest__bytes((const unsigned char *)tbs.ptr + sizeof(version_3), tbs.len - sizeof(version_3));
    if (!azattest__x509_take_serial(&tbs, &out->serial))
        return "its serial number is not a non-negative INTEGER of at most 33 bytes";
    if (!azattest__der_take(&tbs, AZATTEST__DER_SEQUENCE, &ignored, &algorithm) ||
        !azattest__bytes_equal(algorithm, parts.algorithm))
        return "the algorithm that is signed is not the one of the signature";
    if (!azattest__x509_take_name(&tbs, &out->issuer))
        return "its issuer is not a name in text";
    if (!azattest__der_take(&tbs, AZATTEST__DER_SEQUENCE, &validity, NULL) ||
        !azattest__x509_take_time(&validity, &out->not_before) ||
        !azattest__x509_take_time(&validity, &out->not_after) || validity.len != 0)
        return "its validity is not a pair of times";
    if (!azattest__x509_take_name(&tbs, &out->subject))
        return "its subject is not a name in text";
    if (!azattest__der_take(&tbs, AZATTEST__DER_SEQUENCE, &ignored, &out->spki))
        return "its public key is missing";
    /* [1] and [2], unique identifiers, are of version 2, and of no hierarchy that is read here */
    if (tbs.len == 0)
        return NULL;
    if (!azattest__der_take(&tbs, AZATTEST__DER_CONTEXT_0 + 3, &rest, NULL) || tbs.len != 0 ||
        !azattest__der_take(&rest, AZATTEST__DER_SEQUENCE, &out->extensions, NULL) || rest.len != 0)
        return "what follows its public key is not a list of extensions";
    return azattest__x509_each_extension(out->extensions, take_extension, out);
}

azattest_status azattest__x509_read(azattest_bytes der, azattest__x509 *out, azattest_error **error)
{
    return azattest__x509_read_with(der, NULL, out, error);
}

azattest_status azattest__x509_read_with(azattest_bytes der, const azattest__x509_keys *keys, azattest__x509 *out,
                                         azattest_error **error)
{
    azattest_status status = AZATTEST_OK;
    const char *wrong;

    memset(out, 0, sizeof(*out));
    out->path_length = -1;
    if (der.len == 0 || der.len > AZATTEST_LIMIT_CERTIFICATE)
        return azattest__error_set(error, AZATTEST_E_LIMIT, WHAT ": %zu bytes, 1 to %u are accepted", der.len,
                                   AZATTEST_LIMIT_CERTIFICATE);
    if ((wrong = read_fields(der, out)) != NULL)
        status = azattest__x509_malformed(error, WHAT, wrong);
    else if (keys == NULL || (out->key = azattest__key_ref(keys->find(keys->user, out->spki))) == NULL)
        status = read_key(out, error);
    if (status != AZATTEST_OK)
        azattest__x509_clear(out);
    return status;
}

void azattest__x509_clear(azattest__x509 *certificate)
{
    if (certificate == NULL)
        return;
    azattest__key_free(certificate->key);
    memset(certificate, 0, sizeof(*certificate));
}

bool azattest__x509_self_issued(const azattest__x509 *certificate)
{
    return azattest__bytes_equal(certificate->issuer, certificate->subject);
}

azattest_bytes azattest__x509_extension(const azattest__x509 *certificate, const char *oid, bool *twice)
{
    azattest__x509_extension_view extension;
    azattest_bytes list = certificate->extensions, value = { NULL, 0 };
    unsigned char wanted[64];
    size_t len = azattest__der_oid_content(oid, wanted, sizeof(wanted));

    *twice = false;
    while (len > 0 && list.len > 0 && azattest__x509_take_extension(&list, &extension)) {
        if (!azattest__bytes_equal(extension.oid, azattest__bytes(wanted, len)))
            continue;
        *twice = value.ptr != NULL;
        value = extension.value;
    }
    return value;
}

azattest_status azattest__x509_verify(const azattest__key *key, azattest__x509_alg alg, azattest_bytes tbs,
                                      azattest_bytes signature, bool *valid, azattest_error **error)
{
    static const azattest__alg algs[] = {
        [AZATTEST__X509_ALG_UNKNOWN] = AZATTEST__ALG_UNKNOWN, [AZATTEST__X509_ECDSA_SHA256] = AZATTEST__ES256,
        [AZATTEST__X509_ECDSA_SHA384] = AZATTEST__ES384,      [AZATTEST__X509_RSA_SHA256] = AZATTEST__RS256,
        [AZATTEST__X509_RSA_SHA384] = AZATTEST__RS384,        [AZATTEST__X509_PSS_SHA384] = AZATTEST__PS384,
    };

    *valid = false;
    if (key == NULL)
        return azattest__error_set(error, AZATTEST_E_UNSUPPORTED, "signature check: the key is not RSA or EC");
    return azattest__key_verify_der(key, algs[alg], tbs, signature, valid, error);
}

/* What both kinds of things that are signed need of the one who signed. */
azattest_status azattest__x509_check_signature(const char *what, const azattest__x509 *issuer, azattest__x509_alg alg,
                                               azattest_bytes tbs, azattest_bytes signature, azattest_error **error)
{
    azattest_status status;
    bool valid;

    if (issuer->has_unknown_critical)
        return azattest__error_set(error, AZATTEST_E_EVIDENCE_INVALID,
                                   "%s: its issuer has a critical extension that is not understood", what);
    if (alg == AZATTEST__X509_ALG_UNKNOWN)
        return azattest__error_set(error, AZATTEST_E_EVIDENCE_INVALID,
                                   "%s: its signature algorithm is none of ECDSA and RSA with SHA-256 or SHA-384",
                                   what);
    if (issuer->key == NULL)
        return azattest__error_set(error, AZATTEST_E_EVIDENCE_INVALID,
                                   "%s: the type of its issuer's key is not supported", what);
    if ((status = azattest__x509_verify(issuer->key, alg, tbs, signature, &valid, error)) != AZATTEST_OK) {
        if (status != AZATTEST_E_TOKEN_KEY_UNFIT)
            return status;
        return azattest__error_set(error, AZATTEST_E_EVIDENCE_INVALID,
                                   "%s: the key of its issuer (%s, %d bits) does not fit its signature algorithm", what,
                                   azattest__key_type(issuer->key), azattest__key_bits(issuer->key));
    }
    if (!valid)
        return azattest__error_set(error, AZATTEST_E_EVIDENCE_INVALID,
                                   "%s: its signature is not one of its issuer's key", what);
    return AZATTEST_OK;
}

azattest_status azattest__x509_check_issued(const azattest__x509 *certificate, const azattest__x509 *issuer, int below,
                                            azattest_error **error)
{
    const char *wrong = NULL;

    if (!azattest__bytes_equal(certificate->issuer, issuer->subject))
        wrong = "its issuer has another name";
    else if (!issuer->ca)
        wrong = "its issuer is not a certificate authority";
    else if (issuer->has_key_usage && !issuer->key_cert_sign)
        wrong = "the key of its issuer is not for signing certificates";
    else if (certificate->has_unknown_critical)
        wrong = "it has a critical extension that is not understood";
    if (wrong != NULL)
        return azattest__error_set(error, AZATTEST_E_EVIDENCE_INVALID, WHAT ": %s", wrong);
    if (issuer->path_length >= 0 && issuer->path_length < below)
        return azattest__error_set(error, AZATTEST_E_EVIDENCE_INVALID,
                                   WHAT ": the path length of its issuer is %d, expected at least %d",
                                   issuer->path_length, below);
    return azattest__x509_check_signature(WHAT, issuer, certificate->alg, certificate->tbs, certificate->signature,
                                          error);
}
