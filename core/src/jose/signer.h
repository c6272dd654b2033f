/* A signer inside: one entry of a key set, parsed once. */
#ifndef AZATTEST_JOSE_SIGNER_H
#define AZATTEST_JOSE_SIGNER_H

#include <stdatomic.h>

#include <azattest/signer.h>

#include "jws.h"

struct azattest_signer {
    atomic_int references;
    char *key_id;       /* NULL: none */
    azattest__key *key; /* what signatures are verified with; NULL: unusable, see problem */
    azattest__cert **certificates;
    size_t certificate_count;
    char **certificates_pem; /* NUL-terminated, one each */
    char *public_key_pem;
    azattest_status problem_code; /* AZATTEST_OK, or why the entry can never be used */
    char *problem;
    azattest__alg algorithm; /* the entry's own `alg`: the only one it may be used with; UNKNOWN: any that fits */
    /* Judged once, at parse time, since they do not depend on the token: */
    azattest_status chain_code; /* AZATTEST_OK, or K7: chain broken, own signature wrong */
    char *chain_problem;
    azattest_status key_id_code; /* AZATTEST_OK, or K8a */
    char *key_id_problem;
    int64_t not_before, not_after; /* window of all certificates together, seconds; 0 and INT64_MAX without any */
    char *instance;                /* subject of a self-signed certificate whose CN is an https:// address, else NULL */
};

/* Reads one JWK. Gives a signer for every object, usable or not; fails only when out of memory. */
azattest_status azattest__signer_from_jwk(const azattest__json *jwk, azattest_signer **out, azattest_error **error);
/* A signer of a key and the certificate that holds it; `cert` NULL: of the bare key. Takes references. */
azattest_status azattest__signer_from_parts(azattest__cert *cert, azattest__key *key, azattest_signer **out,
                                            azattest_error **error);
/* A signer of the certificates of a JSON array of base64 DER, leaf first (`x5c`, RFC 7515 section 4.1.6): one that can
 * be used, or an error. */
azattest_status azattest__signer_from_x5c(const azattest__json *x5c, azattest_signer **out, azattest_error **error);
/* The same from PEM text with one certificate or a chain, or from one certificate in DER. */
azattest_status azattest__signer_from_certificates(azattest_bytes text, azattest_signer **out, azattest_error **error);
/* The array `x5c` of the signer's certificates. */
azattest_status azattest__signer_x5c(const azattest_signer *signer, azattest__json **out, azattest_error **error);
/* azattest__key_fits(), and the entry's own `alg`. For a signer without a problem. */
azattest_status azattest__signer_fits(const azattest_signer *signer, azattest__alg alg, azattest_error **error);

/* An entry is read when it is asked for: a set has the keys of years, a token needs one, and OpenSSL takes ten checks
 * of a signature to read a certificate. */
typedef struct azattest__signers_entry {
    const char *key_id;        /* NULL: none */
    const azattest__json *jwk; /* what is read; NULL: `signer` is there */
    _Atomic(azattest_signer *) signer;
} azattest__signers_entry;

struct azattest_signers {
    atomic_int references;
    azattest__signers_entry *entries;
    size_t count;
    azattest__json *document; /* what jwk and key_id point into; NULL: PEM */
    azattest__buf jwks;
};

/* The entry has the key id, which may be NULL; nothing is read for that. */
bool azattest__signers_is_named(const azattest_signers *signers, size_t index, const char *key_id);
/* Counted, as signers are; azattest_signers_free() gives a reference back. */
azattest_signers *azattest__signers_ref(const azattest_signers *signers);

#endif
