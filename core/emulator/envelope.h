/* The signed or unsecured JWT in which policies, resets and certificate changes come. */
#ifndef AZATTEST_EMULATOR_ENVELOPE_H
#define AZATTEST_EMULATOR_ENVELOPE_H

#include "jose/jws.h"

typedef struct azattest__envelope {
    azattest__jws jws;
    azattest__json *payload;     /* NULL: empty */
    azattest__alg alg;           /* AZATTEST__ALG_UNKNOWN: unsecured */
    azattest__cert *certificate; /* first of the header's chain; NULL: unsecured */
} azattest__envelope;

/* Takes it apart and, unless it is unsecured, checks the signature with the key of its own certificate: whether that
 * one is trusted is for the caller to ask. Failures are refusals with InvalidOperation. `*out` is for
 * azattest__envelope_clear(), also after a failure. */
azattest_status azattest__envelope_open(azattest_bytes text, azattest__envelope *out, azattest_error **error);
/* The same without checking the signature: for what was checked when it was stored. */
azattest_status azattest__envelope_reopen(azattest_bytes text, azattest__envelope *out, azattest_error **error);
void azattest__envelope_clear(azattest__envelope *envelope);

/* The text of the policy in it; nothing is appended for an empty payload. Refused when it is none. */
azattest_status azattest__envelope_policy(const azattest__envelope *envelope, azattest__buf *out,
                                          azattest_error **error);

/* The JWK by which the service names a signer: {"alg","kty","use","x5c"}. `alg` AZATTEST__ALG_UNKNOWN: what the key is
 * commonly used with. */
azattest_status azattest__signer_jwk(const azattest__cert *certificate, azattest__alg alg, azattest__json **out,
                                     azattest_error **error);

/* A certificate in a JWK or JOSE header: the first of "x5c". *out is NULL when there is no such member. */
azattest_status azattest__first_certificate(const azattest__json *object, azattest__cert **out, azattest_error **error);

/* The request's body as the JWT that it is: white space and one pair of quotes stripped. */
azattest_bytes azattest__bare_token(azattest_bytes body);

#endif
