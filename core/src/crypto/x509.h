/*
 * Certificates and revocation lists of attestation hierarchies (Intel, AMD), read by a bounded walk over their DER:
 * OpenSSL's own reader costs more than the signature that it serves. Strict: what is not understood is refused, as far
 * as it matters for trust (unknown critical extensions, algorithms, versions). Spans point into the DER that was given.
 * Keys and signatures are OpenSSL's.
 */
#ifndef AZATTEST_CRYPTO_X509_H
#define AZATTEST_CRYPTO_X509_H

#include <azattest/limits.h>

#include "crypto.h"

typedef enum azattest__x509_alg {
    AZATTEST__X509_ALG_UNKNOWN = 0,
    AZATTEST__X509_ECDSA_SHA256,
    AZATTEST__X509_ECDSA_SHA384,
    AZATTEST__X509_RSA_SHA256,
    AZATTEST__X509_RSA_SHA384,
    AZATTEST__X509_PSS_SHA384 /* MGF1 with SHA-384, salt of 48 bytes */
} azattest__x509_alg;

typedef struct azattest__x509 {
    azattest_bytes der, tbs, serial, issuer, subject, spki, extensions, signature; /* names as whole DER elements */
    azattest__x509_alg alg;
    int64_t not_before, not_after; /* seconds since 1970 UTC */
    bool ca;                       /* basicConstraints CA */
    int path_length;               /* -1: none */
    bool has_key_usage, key_cert_sign, crl_sign;
    bool has_unknown_critical; /* an extension that is critical and not understood here */
    azattest__key *key;        /* owned; NULL when its type is not supported */
} azattest__x509;

/* Keys that were read before: one SubjectPublicKeyInfo, byte for byte, is one key, and to make it costs a sixteenth of
 * the signature that it is for. */
typedef struct azattest__x509_keys {
    azattest__key *(*find)(const void *user, azattest_bytes spki); /* borrowed; NULL: none */
    const void *user;
} azattest__x509_keys;

/* One certificate and no byte behind it. `der` is borrowed. AZATTEST_E_MALFORMED names what is wrong. */
azattest_status azattest__x509_read(azattest_bytes der, azattest__x509 *out, azattest_error **error);
/* The same; its key is one of `keys` (NULL: none) where it can be. */
azattest_status azattest__x509_read_with(azattest_bytes der, const azattest__x509_keys *keys, azattest__x509 *out,
                                         azattest_error **error);
void azattest__x509_clear(azattest__x509 *certificate);
/* Last common name of a Name, as UTF-8 for messages and comparisons; false when there is none or it does not fit. */
bool azattest__x509_common_name(azattest_bytes name, char *text, size_t size);
/* extnValue of the extension with that dotted OID; absent when there is none; *twice tells of a second one. */
azattest_bytes azattest__x509_extension(const azattest__x509 *certificate, const char *oid, bool *twice);
/* Issuer's name, authority, path length for `below` CAs under it, usage, and signature. AZATTEST_E_EVIDENCE_INVALID
 * says what is not so. Validity is not looked at. */
azattest_status azattest__x509_check_issued(const azattest__x509 *certificate, const azattest__x509 *issuer, int below,
                                            azattest_error **error);
bool azattest__x509_self_issued(const azattest__x509 *certificate);
/* Signature over any TBS with that algorithm by that key. */
azattest_status azattest__x509_verify(const azattest__key *key, azattest__x509_alg alg, azattest_bytes tbs,
                                      azattest_bytes signature, bool *valid, azattest_error **error);

/* Certificates of PEM text, in their order. Owns the DER. */
typedef struct azattest__x509_chain {
    azattest__x509 certificates[AZATTEST_LIMIT_CHAIN];
    size_t count;
    azattest__buf der;
} azattest__x509_chain;
/* Text with nothing but certificates (and white space, and NULs at its end). Empty after a failure. */
azattest_status azattest__x509_chain_read_pem(azattest_bytes pem, azattest__x509_chain *out, azattest_error **error);
/* The same step by step, for callers that are stricter with what lies between: room for text of `len` bytes, then the
 * bodies of its blocks (azattest__pem_next). What was read before a failure stays. */
azattest_status azattest__x509_chain_begin(size_t len, azattest__x509_chain *out, azattest_error **error);
azattest_status azattest__x509_chain_add(azattest__x509_chain *chain, azattest_bytes body,
                                         const azattest__x509_keys *keys, azattest_error **error);
void azattest__x509_chain_clear(azattest__x509_chain *chain);

typedef struct azattest__x509_crl {
    azattest_bytes der, tbs, issuer, revoked, extensions, signature;
    azattest__x509_alg alg;
    int64_t this_update, next_update; /* seconds since 1970 UTC; a list without nextUpdate is refused */
    bool has_number, has_authority_key_id;
    size_t revoked_count;
} azattest__x509_crl;
/* DER, no byte behind it; borrowed. */
azattest_status azattest__x509_crl_read(azattest_bytes der, azattest__x509_crl *out, azattest_error **error);
/* Issuer's name, cRLSign, and signature. Times are not looked at. */
azattest_status azattest__x509_crl_check_issued(const azattest__x509_crl *crl, const azattest__x509 *issuer,
                                                azattest_error **error);
/* The serial number (content of the INTEGER) is on the list. */
bool azattest__x509_crl_revokes(const azattest__x509_crl *crl, azattest_bytes serial);

#endif
