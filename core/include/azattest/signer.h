/**
 * Keys that the service signs with. A signer is one entry of a key set: key id, key, certificates. It is immutable
 * and counted, so it may outlive the set it came from and be used from many threads.
 */
#ifndef AZATTEST_SIGNER_H
#define AZATTEST_SIGNER_H

#include "error.h"

AZATTEST_BEGIN

typedef struct azattest_signer azattest_signer;
typedef struct azattest_signers azattest_signers;

/** Takes one more reference. Gives its argument back. */
AZATTEST_API azattest_signer *azattest_signer_ref(const azattest_signer *signer);
/** Gives one reference back; NULL is accepted. */
AZATTEST_API void azattest_signer_free(azattest_signer *signer);

/** `kid`, or NULL when the entry has none. */
AZATTEST_API const char *azattest_signer_key_id(const azattest_signer *signer);
/** "RSA" or "EC"; NULL when the entry's key cannot be used (its problem says why). */
AZATTEST_API const char *azattest_signer_key_type(const azattest_signer *signer);
/** Size of the key in bits; 0 when it cannot be used. */
AZATTEST_API int azattest_signer_key_bits(const azattest_signer *signer);
/** Why the entry's key or certificates cannot be used at all, or NULL. A bad entry spoils only itself. */
AZATTEST_API const char *azattest_signer_problem(const azattest_signer *signer);
/** Number of certificates, leaf first. */
AZATTEST_API size_t azattest_signer_certificate_count(const azattest_signer *signer);
/** One certificate as DER; absent past the end. */
AZATTEST_API azattest_bytes azattest_signer_certificate_der(const azattest_signer *signer, size_t index);
/** One certificate as PEM text; NULL past the end. */
AZATTEST_API const char *azattest_signer_certificate_pem(const azattest_signer *signer, size_t index);
/** The public key as PEM text (SubjectPublicKeyInfo); NULL when it cannot be used. */
AZATTEST_API const char *azattest_signer_public_key_pem(const azattest_signer *signer);

/**
 * Reads a key set: JWKS text, or PEM text with certificates (each one a signer whose key id is absent) or public keys.
 *
 * @param text borrowed; at most AZATTEST_LIMIT_RESPONSE bytes and AZATTEST_LIMIT_KEYS entries
 * @param out  receives the set, owned by the caller, or NULL
 *
 * @retval AZATTEST_E_MALFORMED not JSON (strictly) and not PEM, or "keys" is not an array of objects
 * @retval AZATTEST_E_LIMIT     too large
 * @retval AZATTEST_E_UNSUPPORTED  PEM text with a key that is neither RSA nor EC on P-256, P-384 or P-521
 *
 * Source: RFC 7517; reference of the service, "GET /certs".
 */
AZATTEST_API AZATTEST_MUST_CHECK azattest_status azattest_signers_parse(azattest_bytes text, azattest_signers **out,
                                                                        azattest_error **error);
/** Frees a set; NULL is accepted. */
AZATTEST_API void azattest_signers_free(azattest_signers *signers);
/** Number of entries; 0 for NULL. */
AZATTEST_API size_t azattest_signers_count(const azattest_signers *signers);
/** One entry, borrowed from the set, which reads it the first time; NULL past the end, or for want of memory. */
AZATTEST_API const azattest_signer *azattest_signers_at(const azattest_signers *signers, size_t index);
/** The set as JWKS text that azattest_signers_parse() reads back; lives as long as the set. */
AZATTEST_API azattest_bytes azattest_signers_jwks(const azattest_signers *signers);

AZATTEST_END

#endif
