/* Parts that certificates and revocation lists have in common (RFC 5280 sections 4.1 and 5.1). */
#include "x509_parts.h"

#include "../base/clock.h"
#include "../base/encoding.h"

#define SERIAL_LIMIT 33 /* 20 octets by RFC 5280; there are authorities with 32; and the byte that says "positive" */

#define BYTES(text)                                                                                                    \
    {                                                                                                                  \
        text, sizeof(text) - 1                                                                                         \
    }

azattest_status azattest__x509_malformed(azattest_error **error, const char *what, const char *text)
{
    return azattest__error_set(error, AZATTEST_E_MALFORMED, "%s: %s", what, text);
}

bool azattest__x509_whole_bits(azattest_bytes bits, azattest_bytes *bytes)
{
    const unsigned char *p = bits.ptr;

    if (bits.len < 2 || p[0] != 0)
        return false;
    *bytes = azattest__bytes(p + 1, bits.len - 1);
    return true;
}

const char *azattest__x509_split(azattest_bytes der, azattest__x509_signed *out)
{
    azattest_bytes outer, content;

    if (!azattest__der_take(&der, AZATTEST__DER_SEQUENCE, &outer, NULL))
        return "not X.509 in DER, or cut";
    if (der.len != 0)
        return "there are bytes behind its end";
    if (!azattest__der_take(&outer, AZATTEST__DER_SEQUENCE, &content, &out->tbs) ||
        !azattest__der_take(&outer, AZATTEST__DER_SEQUENCE, &content, &out->algorithm) ||
        !azattest__der_take(&outer, AZATTEST__DER_BIT_STRING, &content, NULL) || outer.len != 0)
        return "it is not made of signed content, algorithm and signature";
    if (!azattest__x509_whole_bits(content, &out->signature))
        return "its signature is empty or no whole number of bytes";
    return NULL;
}

/* One of AlgorithmIdentifiers that are compared as they are: parameters absent with ECDSA (RFC 5758 section 3.2), NULL
 * with PKCS #1 (RFC 4055 section 5). The parameters of PSS are written out, the trailer field too: DER leaves a default
 * out, AMD's certificates have it. */
#define SHA384_NULL "\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x02\x05\x00"
#define SHA384 "\x30\x0b\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x02"
#define MGF1 "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x08"
#define PSS "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0a"
#define SALT_48 "\xa2\x03\x02\x01\x30"
#define TRAILER_1 "\xa3\x03\x02\x01\x01"
#define PSS_NULL "\xa0\x0f" SHA384_NULL "\xa1\x1c\x30\x1a" MGF1 SHA384_NULL SALT_48
#define PSS_ABSENT "\xa0\x0d" SHA384 "\xa1\x1a\x30\x18" MGF1 SHA384 SALT_48
static const struct {
    azattest__x509_alg alg;
    azattest_bytes der;
} algorithms[] = {
    { AZATTEST__X509_ECDSA_SHA256, BYTES("\x30\x0a\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x02") },
    { AZATTEST__X509_ECDSA_SHA384, BYTES("\x30\x0a\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x03") },
    { AZATTEST__X509_RSA_SHA256, BYTES("\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0b\x05\x00") },
    { AZATTEST__X509_RSA_SHA384, BYTES("\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0c\x05\x00") },
    { AZATTEST__X509_PSS_SHA384, BYTES("\x30\x46" PSS "\x30\x39" PSS_NULL TRAILER_1) },
    { AZATTEST__X509_PSS_SHA384, BYTES("\x30\x41" PSS "\x30\x34" PSS_NULL) },
    { AZATTEST__X509_PSS_SHA384, BYTES("\x30\x42" PSS "\x30\x35" PSS_ABSENT TRAILER_1) },
    { AZATTEST__X509_PSS_SHA384, BYTES("\x30\x3d" PSS "\x30\x30" PSS_ABSENT) },
};

azattest__x509_alg azattest__x509_read_alg(azattest_bytes algorithm)
{
    for (size_t i = 0; i < sizeof(algorithms) / sizeof(algorithms[0]); i++)
        if (azattest__bytes_equal(algorithm, algorithms[i].der))
            return algorithms[i].alg;
    return AZATTEST__X509_ALG_UNKNOWN;
}

static int two_digits(const unsigned char *p)
{
    return p[0] >= '0' && p[0] <= '9' && p[1] >= '0' && p[1] <= '9' ? (p[0] - '0') * 10 + p[1] - '0' : -1;
}

/* RFC 5280 section 4.1.2.5: seconds are written, the zone is Z, and two digits of a year mean 1950 to 2049. */
bool azattest__x509_take_time(azattest_bytes *der, int64_t *seconds)
{
    azattest_bytes text;
    const unsigned char *p;
    int century, year;

    if (azattest__der_take(der, AZATTEST__DER_UTC_TIME, &text, NULL)) {
        p = text.ptr;
        if (text.len != 13 || (year = two_digits(p)) < 0)
            return false;
        century = year < 50 ? 20 : 19;
    } else if (azattest__der_take(der, AZATTEST__DER_GENERALIZED_TIME, &text, NULL)) {
        p = (const unsigned char *)text.ptr + 2;
        if (text.len != 15 || (century = two_digits(text.ptr)) < 0 || (year = two_digits(p)) < 0)
            return false;
    } else {
        return false;
    }
    /* A character that is no digit gives -1, which no calendar has. */
    return p[12] == 'Z' && azattest__time_from_civil(century * 100 + year, two_digits(p + 2), two_digits(p + 4),
                                                     two_digits(p + 6), two_digits(p + 8), two_digits(p + 10), seconds);
}

bool azattest__x509_take_serial(azattest_bytes *der, azattest_bytes *serial)
{
    const unsigned char *p;

    if (!azattest__der_take(der, AZATTEST__DER_INTEGER, serial, NULL) || serial->len == 0 || serial->len > SERIAL_LIMIT)
        return false;
    p = serial->ptr;
    return p[0] < 0x80 && (serial->len == 1 || p[0] != 0 || p[1] >= 0x80);
}

static bool take_oid(azattest_bytes *der, azattest_bytes *oid)
{
    return azattest__der_take(der, AZATTEST__DER_OID, oid, NULL) && azattest__der_is_oid(*oid);
}

/* Takes AttributeTypeAndValue off the front: an OID and text without NUL, with which a name could look like another. */
static bool take_attribute(azattest_bytes *set, azattest_bytes *oid, azattest_bytes *text)
{
    azattest_bytes pair;
    const unsigned char *p;
    bool utf8;

    if (!azattest__der_take(set, AZATTEST__DER_SEQUENCE, &pair, NULL) || !take_oid(&pair, oid) || pair.len == 0)
        return false;
    utf8 = *(const unsigned char *)pair.ptr == AZATTEST__DER_UTF8_STRING;
    if (!azattest__der_take(&pair, AZATTEST__DER_UTF8_STRING, text, NULL) &&
        !azattest__der_take(&pair, AZATTEST__DER_PRINTABLE_STRING, text, NULL) &&
        !azattest__der_take(&pair, AZATTEST__DER_IA5_STRING, text, NULL))
        return false;
    p = text->ptr;
    for (size_t i = 0; i < text->len; i++)
        if (p[i] == 0 || (!utf8 && p[i] >= 0x80))
            return false;
    return pair.len == 0 && (!utf8 || azattest__utf8_valid(*text));
}

bool azattest__x509_take_name(azattest_bytes *der, azattest_bytes *name)
{
    azattest_bytes sets, set, oid, text;

    if (!azattest__der_take(der, AZATTEST__DER_SEQUENCE, &sets, name))
        return false;
    while (sets.len > 0) {
        if (!azattest__der_take(&sets, AZATTEST__DER_SET, &set, NULL) || set.len == 0)
            return false;
        while (set.len > 0)
            if (!take_attribute(&set, &oid, &text))
                return false;
    }
    return true;
}

bool azattest__x509_common_name(azattest_bytes name, char *text, size_t size)
{
    azattest_bytes sets, set, oid, value, last = { NULL, 0 };

    if (!azattest__der_take(&name, AZATTEST__DER_SEQUENCE, &sets, NULL))
        return false;
    while (azattest__der_take(&sets, AZATTEST__DER_SET, &set, NULL))
        while (take_attribute(&set, &oid, &value))
            if (azattest__bytes_equal(oid, azattest__bytes("\x55\x04\x03", 3))) /* 2.5.4.3 */
                last = value;
    if (last.ptr == NULL || last.len >= size)
        return false;
    memcpy(text, last.ptr, last.len);
    text[last.len] = '\0';
    return true;
}

bool azattest__x509_take_extension(azattest_bytes *list, azattest__x509_extension_view *out)
{
    azattest_bytes extension, critical;

    if (!azattest__der_take(list, AZATTEST__DER_SEQUENCE, &extension, NULL) || !take_oid(&extension, &out->oid))
        return false;
    /* FALSE is the default, which DER leaves out. */
    out->critical = azattest__der_take(&extension, AZATTEST__DER_BOOLEAN, &critical, NULL);
    if (out->critical && (critical.len != 1 || *(const unsigned char *)critical.ptr != 0xff))
        return false;
    return azattest__der_take(&extension, AZATTEST__DER_OCTET_STRING, &out->value, NULL) && extension.len == 0;
}

const char *azattest__x509_each_extension(
    azattest_bytes list, const char *(*each)(const azattest__x509_extension_view *extension, void *user), void *user)
{
    azattest_bytes seen[AZATTEST__X509_EXTENSIONS];
    azattest__x509_extension_view extension;
    const char *wrong;

    for (size_t count = 0; list.len > 0; count++) {
        if (count == AZATTEST__X509_EXTENSIONS)
            return "it has more than 64 extensions";
        if (!azattest__x509_take_extension(&list, &extension))
            return "an extension is not in DER";
        for (size_t i = 0; i < count; i++)
            if (azattest__bytes_equal(seen[i], extension.oid))
                return "it has an extension twice";
        seen[count] = extension.oid;
        if ((wrong = each(&extension, user)) != NULL)
            return wrong;
    }
    return NULL;
}

bool azattest__x509_is_ce(azattest_bytes oid, unsigned char last)
{
    const unsigned char *p = oid.ptr;

    return oid.len == 3 && p[0] == 0x55 && p[1] == 0x1d && p[2] == last;
}
