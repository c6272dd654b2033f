/**
 * The key pair that signs policies and changes of policy-management certificates: a private key and its certificate. It
 * is immutable and counted, and may be used from many threads. The private key is wiped when the last reference goes.
 */
#ifndef AZATTEST_SIGNING_KEY_H
#define AZATTEST_SIGNING_KEY_H

#include "error.h"

AZATTEST_BEGIN

typedef struct azattest_signing_key azattest_signing_key;

/** How a signing key is read and used. Zero means default; text is borrowed for the call. */
typedef struct azattest_signing_key_options {
    size_t size;            /**< sizeof(azattest_signing_key_options) */
    const char *passphrase; /**< of an encrypted PEM; NULL: none. Not kept, and nobody is asked on a terminal */
    /** "RS256", "RS384", "RS512", "PS256", ... "ES512"; NULL: by the key, RS256, or ES256, ES384, ES512 by its curve */
    const char *algorithm;
} azattest_signing_key_options;
/* clang-format off */
#define AZATTEST_SIGNING_KEY_OPTIONS_INIT { .size = sizeof(azattest_signing_key_options) }
/* clang-format on */

/**
 * Reads a key pair: RSA from 2048 bits, or EC on P-256, P-384 or P-521.
 *
 * @param key_pem          private key in PEM (PKCS#8, PKCS#1 or SEC 1; encrypted with a passphrase or not); borrowed
 * @param certificate_pem  its certificate in PEM, behind it perhaps the chain, issuer by issuer; borrowed
 * @param options          NULL for defaults
 *
 * @retval AZATTEST_E_ARGUMENT   no key or no certificate; the certificate holds another key; the algorithm is unknown
 * or does not fit the key
 * @retval AZATTEST_E_MALFORMED  not PEM, or encrypted and the passphrase is missing or wrong
 * @retval AZATTEST_E_LIMIT      too large
 * @retval AZATTEST_E_UNSUPPORTED  a key of another type
 *
 * Source: reference of the service, "The stored-policy JWT"; RFC 7518 section 3.1.
 */
AZATTEST_API AZATTEST_MUST_CHECK azattest_status azattest_signing_key_new(azattest_bytes key_pem,
                                                                          azattest_bytes certificate_pem,
                                                                          const azattest_signing_key_options *options,
                                                                          azattest_signing_key **out,
                                                                          azattest_error **error);
/** Takes one more reference. Gives its argument back. */
AZATTEST_API azattest_signing_key *azattest_signing_key_ref(const azattest_signing_key *key);
/** Gives one reference back; NULL is accepted. */
AZATTEST_API void azattest_signing_key_free(azattest_signing_key *key);
/** The algorithm that it signs with, for instance "RS256". */
AZATTEST_API const char *azattest_signing_key_algorithm(const azattest_signing_key *key);
/** "RSA" or "EC". */
AZATTEST_API const char *azattest_signing_key_key_type(const azattest_signing_key *key);
/** The key's certificate as PEM text, without the chain. */
AZATTEST_API const char *azattest_signing_key_certificate_pem(const azattest_signing_key *key);

AZATTEST_END

#endif
