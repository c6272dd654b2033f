/* Revocation lists by a walk over their DER (RFC 5280 section 5). */
#include "x509_parts.h"

#define WHAT "revocation list"

enum { CRL_NUMBER = 20, DELTA_CRL = 27, ISSUING_DISTRIBUTION_POINT = 28, AUTHORITY_KEY_ID = 35 };

/* An entry is about a certificate of the list's issuer, unless a critical extension says otherwise. */
static const char *take_entry_extension(const azattest__x509_extension_view *extension, void *user)
{
    (void)user;
    return extension->critical ? "an entry has a critical extension that is not understood" : NULL;
}

/* Takes SEQUENCE { serial, time, extensions OPTIONAL } off the front. */
static const char *take_entry(azattest_bytes *entries, azattest_bytes *serial)
{
    azattest_bytes entry, list;
    int64_t time;

    if (!azattest__der_take(entries, AZATTEST__DER_SEQUENCE, &entry, NULL) ||
        !azattest__x509_take_serial(&entry, serial) || !azattest__x509_take_time(&entry, &time))
        return "an entry is not a serial number and a time";
    if (entry.len == 0)
        return NULL;
    if (!azattest__der_take(&entry, AZATTEST__DER_SEQUENCE, &list, NULL) || entry.len != 0)
        return "an entry has something else than extensions behind its time";
    return azattest__x509_each_extension(list, take_entry_extension, NULL);
}

/* A list of a part only, or of changes, would be taken for one of everything. */
static const char *take_extension(const azattest__x509_extension_view *extension, void *user)
{
    azattest__x509_crl *out = user;

    if (azattest__x509_is_ce(extension->oid, CRL_NUMBER))
        out->has_number = true;
    else if (azattest__x509_is_ce(extension->oid, AUTHORITY_KEY_ID))
        out->has_authority_key_id = true;
    else if (azattest__x509_is_ce(extension->oid, DELTA_CRL) ||
             azattest__x509_is_ce(extension->oid, ISSUING_DISTRIBUTION_POINT))
        return "it is one of changes or of a part only, expected a whole one";
    else if (extension->critical)
        return "it has a critical extension that is not understood";
    return NULL;
}

static const char *read_entries(azattest__x509_crl *out)
{
    azattest_bytes entries = out->revoked, serial;
    const char *wrong;

    for (; entries.len > 0; out->revoked_count++)
        if ((wrong = take_entry(&entries, &serial)) != NULL)
            return wrong;
    return NULL;
}

static const char *read_fields(azattest_bytes der, azattest__x509_crl *out)
{
    azattest__x509_signed parts;
    azattest_bytes tbs, rest, version, ignored, algorithm;
    const char *wrong;
    bool is_2;

    if ((wrong = azattest__x509_split(der, &parts)) != NULL)
        return wrong;
    out->der = der;
    out->tbs = parts.tbs;
    out->signature = parts.signature;
    out->alg = azattest__x509_read_alg(parts.algorithm);
    rest = parts.tbs;
    (void)azattest__der_take(&rest, AZATTEST__DER_SEQUENCE, &tbs, NULL);
    /* RFC 5280 wants version 2; one of version 1 says as much, without extensions. */
    if ((is_2 = azattest__der_take(&tbs, AZATTEST__DER_INTEGER, &version, NULL)) &&
        !azattest__bytes_equal(version, azattest__bytes("\1", 1)))
        return "its version is neither 1 nor 2";
    if (!azattest__der_take(&tbs, AZATTEST__DER_SEQUENCE, &ignored, &algorithm) ||
        !azattest__bytes_equal(algorithm, parts.algorithm))
        return "the algorithm that is signed is not the one of the signature";
    if (!azattest__x509_take_name(&tbs, &out->issuer))
        return "its issuer is not a name in text";
    if (!azattest__x509_take_time(&tbs, &out->this_update))
        return "thisUpdate is not a time";
    if (!azattest__x509_take_time(&tbs, &out->next_update))
        return "nextUpdate is missing or no time: such a list would be good for ever";
    /* none are revoked: RFC 5280 section 5.1.2.6 leaves the list out, some write an empty one */
    if (azattest__der_take(&tbs, AZATTEST__DER_SEQUENCE, &out->revoked, NULL) && (wrong = read_entries(out)) != NULL)
        return wrong;
    if (tbs.len == 0)
        return NULL;
    if (!is_2 || !azattest__der_take(&tbs, AZATTEST__DER_CONTEXT_0, &rest, NULL) || tbs.len != 0 ||
        !azattest__der_take(&rest, AZATTEST__DER_SEQUENCE, &out->extensions, NULL) || rest.len != 0)
        return "what follows its entries is not a list of extensions";
    return azattest__x509_each_extension(out->extensions, take_extension, out);
}

azattest_status azattest__x509_crl_read(azattest_bytes der, azattest__x509_crl *out, azattest_error **error)
{
    const char *wrong;

    memset(out, 0, sizeof(*out));
    if (der.len == 0 || der.len > AZATTEST_LIMIT_CRL)
        return azattest__error_set(error, AZATTEST_E_LIMIT, WHAT ": %zu bytes, 1 to %u are accepted", der.len,
                                   AZATTEST_LIMIT_CRL);
    if ((wrong = read_fields(der, out)) == NULL)
        return AZATTEST_OK;
    memset(out, 0, sizeof(*out));
    return azattest__x509_malformed(error, WHAT, wrong);
}

azattest_status azattest__x509_crl_check_issued(const azattest__x509_crl *crl, const azattest__x509 *issuer,
                                                azattest_error **error)
{
    if (!azattest__bytes_equal(crl->issuer, issuer->subject))
        return azattest__error_set(error, AZATTEST_E_EVIDENCE_INVALID, WHAT ": its issuer has another name");
    if (issuer->has_key_usage && !issuer->crl_sign)
        return azattest__error_set(error, AZATTEST_E_EVIDENCE_INVALID,
                                   WHAT ": the key of its issuer is not for signing revocation lists");
    return azattest__x509_check_signature(WHAT, issuer, crl->alg, crl->tbs, crl->signature, error);
}

bool azattest__x509_crl_revokes(const azattest__x509_crl *crl, azattest_bytes serial)
{
    azattest_bytes entries = crl->revoked, entry, listed;

    /* The list was read whole, so that nothing here can fail before its end. */
    while (azattest__der_take(&entries, AZATTEST__DER_SEQUENCE, &entry, NULL))
        if (azattest__x509_take_serial(&entry, &listed) && azattest__bytes_equal(listed, serial))
            return true;
    return false;
}
