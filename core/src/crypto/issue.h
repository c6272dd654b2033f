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

/* What a new certificate says. Text is UTF-8. */
typedef struct azattest__cert_request {
    const char *common_name;
    const char *organization, *locality, *state, *country; /* NULL: left out; order as Intel's: CN, O, L, ST, C */
    int64_t not_before, not_after;                         /* seconds since 1970 UTC */
    uint64_t serial;                                       /* 0: 159 random bits */
    bool ca;                              /* CA:TRUE with keyCertSign and cRLSign; otherwise CA:FALSE */
    int path_length;                      /* -1: none */
    const char *subject_alternative_name; /* OpenSSL's form, "IP:127.0.0.1,DNS:localhost"; NULL: none */
    bool server_authentication;           /* extendedKeyUsage serverAuth */
    const char *extension_oid;            /* one more extension, or NULL */
    azattest_bytes extension_value;       /* its extnValue content */
} azattest__cert_request;
/* issuer NULL: self-signed with `key`. Always SHA-256. Adds SKI and AKI. */
azattest_status azattest__cert_issue(const azattest__cert_request *request, const azattest__key *key,
                                     const azattest__cert *issuer, const azattest__key *issuer_key,
                                     azattest__cert **out, azattest_error **error);

#endif
