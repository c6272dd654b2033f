/* OpenSSL, and what the files of this folder share. Nobody else includes this. */
#ifndef AZATTEST_CRYPTO_OPENSSL_H
#define AZATTEST_CRYPTO_OPENSSL_H

#include <stdatomic.h>

#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include <azattest/limits.h>

#include "crypto.h"

/* Our own library context: what the host does with OpenSSL's default one (providers, properties, clean-up) does not
 * reach it. Made at first use, never freed: a clean-up would race with other threads. NULL when it cannot be made. */
typedef struct azattest__crypto {
    OSSL_LIB_CTX *library;
    EVP_MD *digests[AZATTEST__SHA512 + 1]; /* fetched once: fetching costs more than hashing a short text */
} azattest__crypto;
const azattest__crypto *azattest__crypto_get(void);
/* AZATTEST_E_CRYPTO with OpenSSL's own reason. */
azattest_status azattest__crypto_failed(azattest_error **error, const char *what);

/* What an algorithm is made of. */
typedef struct azattest__alg_info {
    const char *name;
    bool ec, pss;
    azattest__hash hash;
    const char *curve; /* NULL for RSA */
} azattest__alg_info;
const azattest__alg_info *azattest__alg_info_of(azattest__alg alg); /* NULL for AZATTEST__ALG_UNKNOWN */

typedef struct azattest__curve {
    const char *name;  /* RFC 7518 section 6.2.1.1 */
    const char *group; /* OpenSSL's name */
    size_t size;       /* of a coordinate, and of r and s, in bytes */
    int bits;
    azattest_bytes algorithm; /* AlgorithmIdentifier in DER: id-ecPublicKey and the curve */
    const char *order;        /* of the group, big-endian, `size` bytes */
} azattest__curve;
#define AZATTEST__CURVES 3
size_t azattest__curve_index(const azattest__curve *curve);    /* below AZATTEST__CURVES */
const azattest__curve *azattest__curve_find(const char *name); /* JOSE's name or OpenSSL's */
const azattest__curve *azattest__curve_of_algorithm(azattest_bytes algorithm);
extern const azattest_bytes azattest__rsa_algorithm; /* the same of RSA keys */

/* Contexts that are set up for verifying, one for each algorithm, made when first needed and then only copied: a copy
 * costs a tenth of setting up. Apart from the key, which is const for its users. */
typedef struct azattest__prepared {
    _Atomic(EVP_PKEY_CTX *) verify[AZATTEST__ES512 + 1];
} azattest__prepared;

struct azattest__key {
    atomic_int references;
    EVP_PKEY *pkey;
    const azattest__curve *curve; /* NULL for RSA */
    int bits;
    azattest__prepared *prepared;
};
/* Takes `pkey` over, also on failure. Checks what OpenSSL's own import does not. */
azattest_status azattest__key_wrap(EVP_PKEY *pkey, azattest__key **out, azattest_error **error);

struct azattest__cert {
    atomic_int references;
    X509 *x509;
    unsigned char *der;
    size_t der_len;
    azattest__key *key;
    char *subject_cn, *issuer_cn;
    int64_t not_before, not_after;
    bool self_issued;
};

#endif
