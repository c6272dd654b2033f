/*
 * All cryptography, through OpenSSL in a library context of our own. Only the files of this folder include OpenSSL.
 * Keys and certificates are immutable and counted, and may be used from many threads. OpenSSL's error queue is left as
 * it was found.
 */
#ifndef AZATTEST_CRYPTO_CRYPTO_H
#define AZATTEST_CRYPTO_CRYPTO_H

#include "../error/error.h"

/* Digests. */
typedef enum azattest__hash { AZATTEST__SHA1, AZATTEST__SHA256, AZATTEST__SHA384, AZATTEST__SHA512 } azattest__hash;
#define AZATTEST__HASH_MAX 64
#define AZATTEST__SHA256_SIZE 32
azattest_status azattest__digest(azattest__hash hash, azattest_bytes data, unsigned char out[AZATTEST__HASH_MAX],
                                 size_t *len, azattest_error **error);
azattest_status azattest__sha256(azattest_bytes data, unsigned char out[AZATTEST__SHA256_SIZE], azattest_error **error);

/* Version of the OpenSSL that runs, for instance "3.0.15". */
const char *azattest__crypto_version(void);

/* Cryptographically strong random bytes. */
azattest_status azattest__random(void *out, size_t len, azattest_error **error);
/* RFC 9562 version 4, lower case. */
azattest_status azattest__uuid(char text[37], azattest_error **error);

/* JOSE signature algorithms (RFC 7518 section 3.1) that keys here can make or check. */
typedef enum azattest__alg {
    AZATTEST__ALG_UNKNOWN = 0,
    AZATTEST__RS256,
    AZATTEST__RS384,
    AZATTEST__RS512,
    AZATTEST__PS256,
    AZATTEST__PS384,
    AZATTEST__PS512,
    AZATTEST__ES256,
    AZATTEST__ES384,
    AZATTEST__ES512
} azattest__alg;
azattest__alg azattest__alg_from_name(const char *name); /* exact spelling; UNKNOWN otherwise, also for HS* and none */
const char *azattest__alg_name(azattest__alg alg);

/* Keys. */
typedef struct azattest__key azattest__key;
azattest_status azattest__key_from_rsa(azattest_bytes n, azattest_bytes e, azattest__key **out, azattest_error **error);
/* curve: "P-256", "P-384", "P-521", on which the point has to be. x and y big-endian, of the curve's size. */
azattest_status azattest__key_from_ec(const char *curve, azattest_bytes x, azattest_bytes y, azattest__key **out,
                                      azattest_error **error);
azattest_status azattest__key_from_public_der(azattest_bytes spki, azattest__key **out, azattest_error **error);
azattest_status azattest__key_from_private_pem(azattest_bytes pem, azattest__key **out, azattest_error **error);
/* The same for a key that may be encrypted (passphrase NULL: none); nobody is ever asked for one on a terminal. */
azattest_status azattest__key_from_encrypted_pem(azattest_bytes pem, const char *passphrase, azattest__key **out,
                                                 azattest_error **error);
azattest__key *azattest__key_ref(azattest__key *key);
void azattest__key_free(azattest__key *key);
const char *azattest__key_type(const azattest__key *key);  /* "RSA" or "EC" */
const char *azattest__key_curve(const azattest__key *key); /* "P-256" ..., NULL for RSA */
int azattest__key_bits(const azattest__key *key);
bool azattest__key_equal(const azattest__key *a, const azattest__key *b); /* public parts */
/* SubjectPublicKeyInfo; PEM has 64-column lines, LF, final LF, and is what the service's kid is a hash of. */
azattest_status azattest__key_public_der(const azattest__key *key, azattest__buf *out, azattest_error **error);
azattest_status azattest__key_public_pem(const azattest__key *key, azattest__buf *out, azattest_error **error);
azattest_status azattest__key_private_pem(const azattest__key *key, azattest__buf *out, azattest_error **error);
/* Public numbers, big-endian: n and e without leading zeros, or x and y of the curve's size. */
azattest_status azattest__key_numbers(const azattest__key *key, azattest__buf *n_or_x, azattest__buf *e_or_y,
                                      azattest_error **error);
/* AZATTEST_OK when type, curve and strength fit the algorithm (RSA from 2048 bits, ES256 with P-256 only, ...); the
 * text of the failure says what was seen. */
azattest_status azattest__key_fits(const azattest__key *key, azattest__alg alg, azattest_error **error);
/* *valid tells; a status other than AZATTEST_OK means that the check could not be made. ECDSA signatures have the
 * fixed-length form r || s, with r and s in [1, n-1] (RFC 7518 section 3.4). */
azattest_status azattest__key_verify(const azattest__key *key, azattest__alg alg, azattest_bytes data,
                                     azattest_bytes signature, bool *valid, azattest_error **error);
/* The same for ECDSA signatures as X.509 has them: SEQUENCE { r, s } in DER. */
azattest_status azattest__key_verify_der(const azattest__key *key, azattest__alg alg, azattest_bytes data,
                                         azattest_bytes signature, bool *valid, azattest_error **error);
azattest_status azattest__key_sign(const azattest__key *key, azattest__alg alg, azattest_bytes data,
                                   azattest__buf *signature, azattest_error **error);

/* Signatures of TPMs: RSA from 2048 bits, PSS with a salt of any length (TPM 2.0 library, part 1, appendix B.7: as long
 * as the key has room for), ECDSA by any of the curves with any hash, SHA-1 too: who calls says which hash is good
 * enough. */
typedef enum azattest__scheme { AZATTEST__SCHEME_PKCS1, AZATTEST__SCHEME_PSS, AZATTEST__SCHEME_ECDSA } azattest__scheme;
typedef struct azattest__raw_signature {
    azattest__scheme scheme;
    azattest_bytes rsa, r, s; /* r and s big-endian, perhaps shorter than the field */
} azattest__raw_signature;
azattest_status azattest__key_verify_raw(const azattest__key *key, const azattest__raw_signature *signature,
                                         azattest__hash hash, azattest_bytes data, bool *valid, azattest_error **error);

/* Encryption to a key, for sealed secrets: RSA-OAEP with SHA-256 for both hashes (RFC 7518 section 4.3), ECDH (the
 * shared x-coordinate, of the curve's size), AES-256-GCM with a 96-bit IV and a 128-bit tag. */
#define AZATTEST__AES_KEY 32
#define AZATTEST__GCM_IV 12
#define AZATTEST__GCM_TAG 16
/* RSA from 2048 bits, or EC. AZATTEST_E_SECRET says what is missing. */
azattest_status azattest__key_encrypts(const azattest__key *key, azattest_error **error);
azattest_status azattest__rsa_oaep_encrypt(const azattest__key *key, azattest_bytes data, azattest__buf *out,
                                           azattest_error **error);
/* *opened tells; no other sign of why it did not open. */
azattest_status azattest__rsa_oaep_decrypt(const azattest__key *key, azattest_bytes sealed, azattest__buf *out,
                                           bool *opened, azattest_error **error);
/* RSAES-PKCS1-v1_5, which the answers to Azure's guests use (the key is one of a TPM, and whoever decrypts is asked
 * nothing by a stranger). A text of another key gives random bytes, or *opened false: the library's choice. */
azattest_status azattest__rsa_es_encrypt(const azattest__key *key, azattest_bytes data, azattest__buf *out,
                                         azattest_error **error);
azattest_status azattest__rsa_es_decrypt(const azattest__key *key, azattest_bytes sealed, azattest__buf *out,
                                         bool *opened, azattest_error **error);
/* A new key pair on the curve of `peer`. */
azattest_status azattest__key_ephemeral(const azattest__key *peer, azattest__key **out, azattest_error **error);
azattest_status azattest__ecdh(const azattest__key *own, const azattest__key *peer, azattest__buf *shared,
                               azattest_error **error);
azattest_status azattest__gcm_seal(const unsigned char key[AZATTEST__AES_KEY], const unsigned char iv[AZATTEST__GCM_IV],
                                   azattest_bytes authenticated, azattest_bytes plain, azattest__buf *out,
                                   unsigned char tag[AZATTEST__GCM_TAG], azattest_error **error);
/* *opened tells; `out` is empty unless it did. */
azattest_status azattest__gcm_open(const unsigned char key[AZATTEST__AES_KEY], const unsigned char iv[AZATTEST__GCM_IV],
                                   azattest_bytes authenticated, azattest_bytes sealed,
                                   const unsigned char tag[AZATTEST__GCM_TAG], azattest__buf *out, bool *opened,
                                   azattest_error **error);

/* Certificates. */
typedef struct azattest__cert azattest__cert;
/* One certificate and no byte behind it. */
azattest_status azattest__cert_parse(azattest_bytes der, azattest__cert **out, azattest_error **error);
azattest__cert *azattest__cert_ref(azattest__cert *cert);
void azattest__cert_free(azattest__cert *cert);
azattest_bytes azattest__cert_der(const azattest__cert *cert);     /* as given */
azattest__key *azattest__cert_key(const azattest__cert *cert);     /* borrowed; NULL when its type is not supported */
const char *azattest__cert_subject_cn(const azattest__cert *cert); /* last CN, UTF-8; NULL when there is none */
const char *azattest__cert_issuer_cn(const azattest__cert *cert);
int64_t azattest__cert_not_before(const azattest__cert *cert); /* seconds since 1970 UTC */
int64_t azattest__cert_not_after(const azattest__cert *cert);
bool azattest__cert_is_self_issued(const azattest__cert *cert); /* subject name equals issuer name */
bool azattest__cert_is_ca(const azattest__cert *cert);          /* basicConstraints CA, and keyCertSign if keyUsage */
int azattest__cert_path_length(const azattest__cert *cert);     /* -1: none */
/* The issuer's subject is the certificate's issuer name, and its key verifies the certificate's signature. */
bool azattest__cert_is_issued_by(const azattest__cert *cert, const azattest__cert *issuer);
/* extnValue of the extension with that dotted OID; absent when there is none; *twice tells of a second one. */
azattest_bytes azattest__cert_extension(const azattest__cert *cert, const char *oid, bool *twice);

/* Bounded DER reader for the few extensions that are taken apart by hand. Takes one element off the front of *der. */
typedef struct azattest__der {
    int tag; /* universal tag number: 2 INTEGER, 4 OCTET STRING, 6 OID, 10 ENUMERATED, 16 SEQUENCE, 1 BOOLEAN */
    bool constructed;
    azattest_bytes content;
} azattest__der;
bool azattest__der_next(azattest_bytes *der, azattest__der *element); /* definite, minimal lengths only */
/* Takes an element with exactly that identifier octet (any class) off the front; *whole, unless NULL, is all of it. */
bool azattest__der_take(azattest_bytes *der, unsigned char identifier, azattest_bytes *content, azattest_bytes *whole);
/* INTEGER or ENUMERATED content, non-negative, minimal, below 2^31. */
bool azattest__der_integer(azattest_bytes content, int *value);
/* OID content: arcs that begin with no 0x80, and end (X.690 section 8.19). */
bool azattest__der_is_oid(azattest_bytes content);
/* OID content as dotted text. */
bool azattest__der_oid(azattest_bytes content, char *text, size_t size);
/* The other way; its length, or 0 when the text is no OID or does not fit. */
size_t azattest__der_oid_content(const char *text, unsigned char *content, size_t size);

#endif
