/* What certificates and revocation lists are made of. Spans point into the DER that was given. */
#ifndef AZATTEST_CRYPTO_X509_PARTS_H
#define AZATTEST_CRYPTO_X509_PARTS_H

#include "x509.h"

/* Identifier octets (X.690 section 8.1.2). */
enum {
    AZATTEST__DER_BOOLEAN = 0x01,
    AZATTEST__DER_INTEGER = 0x02,
    AZATTEST__DER_BIT_STRING = 0x03,
    AZATTEST__DER_OCTET_STRING = 0x04,
    AZATTEST__DER_NULL = 0x05,
    AZATTEST__DER_OID = 0x06,
    AZATTEST__DER_UTF8_STRING = 0x0c,
    AZATTEST__DER_PRINTABLE_STRING = 0x13,
    AZATTEST__DER_IA5_STRING = 0x16,
    AZATTEST__DER_UTC_TIME = 0x17,
    AZATTEST__DER_GENERALIZED_TIME = 0x18,
    AZATTEST__DER_SEQUENCE = 0x30,
    AZATTEST__DER_SET = 0x31,
    AZATTEST__DER_CONTEXT_0 = 0xa0 /* [0], constructed; [1] is one more */
};

/* Extensions of one certificate or list; real ones have at most 13. Bounds the search for a second one. */
#define AZATTEST__X509_EXTENSIONS 64u

/* The three parts of what is signed: the signed bytes, the algorithm (a whole element), the signature's bytes. */
typedef struct azattest__x509_signed {
    azattest_bytes tbs, algorithm, signature;
} azattest__x509_signed;

typedef struct azattest__x509_extension_view {
    azattest_bytes oid, value;
    bool critical;
} azattest__x509_extension_view;

/* SEQUENCE { SEQUENCE, AlgorithmIdentifier, BIT STRING } and no byte behind it. NULL, or what is wrong. */
const char *azattest__x509_split(azattest_bytes der, azattest__x509_signed *out);
/* UNKNOWN for each that is not in the enumeration, and for one of these with other parameters. */
azattest__x509_alg azattest__x509_read_alg(azattest_bytes algorithm);
/* Takes a time off the front of *der. */
bool azattest__x509_take_time(azattest_bytes *der, int64_t *seconds);
/* Takes a Name, with text in all its attributes, off the front of *der; the whole element. */
bool azattest__x509_take_name(azattest_bytes *der, azattest_bytes *name);
/* Takes a serial number off the front of *der: INTEGER, minimal, not negative. */
bool azattest__x509_take_serial(azattest_bytes *der, azattest_bytes *serial);
/* All of `bits` that are whole bytes: the BIT STRING's content without its count of unused bits, which is zero. */
bool azattest__x509_whole_bits(azattest_bytes bits, azattest_bytes *bytes);
/* Takes an extension off the front of the content of a list of them. */
bool azattest__x509_take_extension(azattest_bytes *list, azattest__x509_extension_view *out);
/* Extensions one by one with `each`; NULL, or what is wrong. None may be there twice. `each` gives the same. */
const char *azattest__x509_each_extension(
    azattest_bytes list, const char *(*each)(const azattest__x509_extension_view *extension, void *user), void *user);
/* The OID is 2.5.29.`last` (RFC 5280 section 4.2.1). */
bool azattest__x509_is_ce(azattest_bytes oid, unsigned char last);
/* The issuer's key made the signature, and may be used. `what` begins the texts of failures. */
azattest_status azattest__x509_check_signature(const char *what, const azattest__x509 *issuer, azattest__x509_alg alg,
                                               azattest_bytes tbs, azattest_bytes signature, azattest_error **error);
/* AZATTEST_E_MALFORMED: "certificate: text". */
azattest_status azattest__x509_malformed(azattest_error **error, const char *what, const char *text);

#endif
