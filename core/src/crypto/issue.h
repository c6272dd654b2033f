/*
 * Making keys and certificates: for the local service and the evidence simulator. Not part of libazattest_core.
 */
#ifndef AZATTEST_CRYPTO_ISSUE_H
#define AZATTEST_CRYPTO_ISSUE_H

#include "crypto.h"

azattest_status azattest__key_generate_rsa(int bits, azattest__key **out, azattest_error **error);
azattest_status azattest__key_generate_ec(const char *curve, azattest__key **out, azattest_error **error);
/* PKCS#8, encrypted with AES-256-CBC under a key of the passphrase (PBKDF2). */
azattest_status azattest__key_encrypted_pem(const azattest__key *key, azattest_bytes passphrase, azattest__buf *out,
                                            azattest_error **error);

/* An extension as raw bytes. */
typedef struct azattest__cert_extension_request {
    const char *oid;      /* dotted */
    azattest_bytes value; /* content of extnValue */
    bool critical;
} azattest__cert_extension_request;

/* What a new certificate says. Text is UTF-8. */
typedef struct azattest__cert_request {
    const char *common_name;
    const char *organization, *locality, *state, *country; /* NULL: left out; order as Intel's: CN, O, L, ST, C */
    const char *organizational_unit;                       /* not NULL: order as AMD's: OU, C, L, ST, O, CN */
    int64_t not_before, not_after;                         /* seconds since 1970 UTC */
    uint64_t serial;                                       /* 0: 159 random bits */
    azattest_bytes serial_bytes; /* not absent: this big-endian number instead; one zero byte gives serial number 0 */
    bool pss;                    /* the issuer's RSA key signs RSASSA-PSS, SHA-384, salt of 48 bytes; not SHA-256 */
    bool bare;                   /* no extension but those given below: as AMD's VCEK */
    const char *key_usage;       /* OpenSSL's form, "critical,keyCertSign"; NULL: what `ca` says; "": none */
    const char *crl_uri;         /* a distribution point, or NULL */
    bool ca;                     /* CA:TRUE with keyCertSign and cRLSign; otherwise CA:FALSE */
    int path_length;             /* -1: none */
    const char *subject_alternative_name;               /* OpenSSL's form, "IP:127.0.0.1,DNS:localhost"; NULL: none */
    bool server_authentication;                         /* extendedKeyUsage serverAuth */
    const char *extension_oid;                          /* one more extension, or NULL */
    azattest_bytes extension_value;                     /* its extnValue content */
    const azattest__cert_extension_request *extensions; /* and these, in their order */
    size_t extension_count;
} azattest__cert_request;
/* issuer NULL: self-signed with `key`. SHA-256 unless pss. Adds SKI and AKI unless bare. */
azattest_status azattest__cert_issue(const azattest__cert_request *request, const azattest__key *key,
                                     const azattest__cert *issuer, const azattest__key *issuer_key,
                                     azattest__cert **out, azattest_error **error);

/* What a new revocation list says. */
typedef struct azattest__crl_request {
    int64_t this_update, next_update; /* seconds since 1970 UTC; next_update 0: none */
    uint64_t number;                  /* CRLNumber; 0: without the extension */
    bool without_authority;           /* no authorityKeyIdentifier */
    bool pss;                         /* as in a certificate */
    const azattest_bytes *revoked;    /* serial numbers, big-endian, without leading zeros */
    size_t revoked_count;
} azattest__crl_request;
/* Appends the list in DER. */
azattest_status azattest__crl_issue(const azattest__crl_request *request, const azattest__cert *issuer,
                                    const azattest__key *issuer_key, azattest__buf *out, azattest_error **error);
/* The serial number of a certificate: big-endian, without leading zeros (one zero byte for 0). Appends. */
azattest_status azattest__cert_serial(const azattest__cert *certificate, azattest__buf *out, azattest_error **error);

/* For issue.c and issue_crl.c: a signing context for certificates and lists. Free with EVP_MD_CTX_free(). */
struct evp_md_ctx_st *azattest__issue_signer(const azattest__key *key, bool pss);

#endif
