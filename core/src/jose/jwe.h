/* Sealed secrets: compact JSON Web Encryption (RFC 7516) to one public key, in the two forms that are used here:
 * RSA-OAEP-256 with A256GCM, and ECDH-ES (direct key agreement) with A256GCM. */
#ifndef AZATTEST_JOSE_JWE_H
#define AZATTEST_JOSE_JWE_H

#include "jwk.h"

/* `key_id` becomes "kid". The algorithm follows from the key. */
azattest_status azattest__jwe_seal(const azattest__key *key, const char *key_id, azattest_bytes secret,
                                   azattest__buf *out, azattest_error **error);
/*
 * Opens with a private key. The key says which algorithms the header has to name; a header with any other member than
 * alg, enc, kid and (for EC) epk is refused. AZATTEST_E_MALFORMED: no such text; AZATTEST_E_SECRET: it was sealed to
 * another key or changed, which look alike.
 */
azattest_status azattest__jwe_open(const azattest__key *key, azattest_bytes text, azattest__buf *out,
                                   azattest_error **error);

/* Concat KDF with SHA-256 in its one round (RFC 7518 section 4.6.2): `out_len` bytes, at most 32. */
azattest_status azattest__concat_kdf(azattest_bytes shared, const char *algorithm, azattest_bytes party_u,
                                     azattest_bytes party_v, unsigned char *out, size_t out_len,
                                     azattest_error **error);

#endif
