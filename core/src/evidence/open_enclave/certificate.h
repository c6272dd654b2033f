/* Certificates that hold evidence of the enclave that has their key. Sources: Open Enclave, attest_plugin.h and
 * oe_verify_attestation_certificate(); Gramine, ra_tls.h; certificates of the service. */
#ifndef AZATTEST_EVIDENCE_OPEN_ENCLAVE_CERTIFICATE_H
#define AZATTEST_EVIDENCE_OPEN_ENCLAVE_CERTIFICATE_H

#include "../../crypto/crypto.h"

/* What the first half of the report data is the SHA-256 of. */
typedef enum azattest__key_binding {
    AZATTEST__BINDS_PEM_NUL = 0, /* the public key as PEM and one NUL, as Open Enclave and the service do */
    AZATTEST__BINDS_SPKI         /* its SubjectPublicKeyInfo in DER, as Gramine does */
} azattest__key_binding;

typedef struct azattest__attested_certificate {
    azattest_bytes der; /* absent: there is none */
    const char *oid;    /* of the extension that holds the evidence, a literal */
    const char *holds;  /* "report", "evidence" or "quote", a literal */
    bool wrapped;       /* in an OCTET STRING more, as the service did in 2020 */
    azattest__key_binding binding;
} azattest__attested_certificate;

/* The bytes are one certificate with an extension that could hold evidence. */
bool azattest__attested_certificate_looks_like(azattest_bytes raw);

#endif
