/* Compact JSON Web Signatures (RFC 7515): taking apart, and making. Nothing here trusts anything. */
#ifndef AZATTEST_JOSE_JWS_H
#define AZATTEST_JOSE_JWS_H

#include "../crypto/crypto.h"
#include "../json/json.h"

/* A compact JWS taken apart. All members live in one allocation. */
typedef struct azattest__jws {
    char *memory;
    azattest_bytes text, signed_elements;   /* as given */
    azattest_bytes header, body, signature; /* decoded */
} azattest__jws;

/* Exactly two dots, strict base64url, sizes. Header and body pass the JSON gate and are objects (an empty body is
 * allowed). Errors have AZATTEST_E_TOKEN_MALFORMED. */
azattest_status azattest__jws_parse(azattest_bytes text, azattest__jws *out, azattest_error **error);
void azattest__jws_clear(azattest__jws *jws); /* wipes */

/* base64url(header) . base64url(body) . base64url(signature). key NULL: an empty signature (alg none). */
azattest_status azattest__jws_create(azattest_bytes header_json, azattest_bytes body, const azattest__key *key,
                                     azattest__alg alg, azattest__buf *out, azattest_error **error);

/* The service's kid: base64, padded, of SHA-256 over the PEM of the public key followed by one NUL. */
#define AZATTEST__SERVICE_KEY_ID 45
azattest_status azattest__service_key_id(const azattest__key *key, char id[AZATTEST__SERVICE_KEY_ID],
                                         unsigned char hash[AZATTEST__SHA256_SIZE], azattest_error **error);
/* The same of a key whose PEM is there. */
azattest_status azattest__service_key_id_of_pem(const char *pem, char id[AZATTEST__SERVICE_KEY_ID],
                                                unsigned char hash[AZATTEST__SHA256_SIZE], azattest_error **error);
/* Has the form of such a kid: 44 characters of padded base64 that decode to 32 bytes. */
bool azattest__is_service_key_id(const char *key_id);

#endif
