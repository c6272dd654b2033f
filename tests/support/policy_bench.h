/* Policy signers for the local service on the bench, and requests to instances of each mode. */
#ifndef AZATTEST_TESTS_POLICY_BENCH_H
#define AZATTEST_TESTS_POLICY_BENCH_H

#include "service_bench.h"

/* {"AttestationPolicy": ...} of "version=1.0; authorizationrules{=> permit();}; issuancerules{};" */
#define PAYLOAD                                                                                                        \
    "{\"AttestationPolicy\":\"dmVyc2lvbj0xLjA7IGF1dGhvcml6YXRpb25ydWxlc3s9PiBwZXJtaXQoKTt9OyBpc3N1YW5jZXJ1bGVze307\"}"

/* service_setup() and the signers "rsa", "ec", "other" (RSA), "leaf" (RSA, its certificate without CA:TRUE), and
 * "renewed" (another certificate for the key of "rsa"). */
int policy_setup(void **state);
int policy_teardown(void **state);
/* Base64 of a signer's certificate, borrowed, and its thumbprint. */
const char *policy_certificate(const char *signer);
const char *policy_thumbprint(const char *signer);

/* A fresh instance with its store in memory; an isolated one has the certificate of "rsa". */
azattest__service *policy_service(azattest__mode mode);
/* A compact JWS: `alg` as the header spells it, x5c of `certificate`, signed by `key` (NULL: an empty signature);
 * `der`: an ECDSA signature in DER. An empty payload stays empty. */
char *policy_token(const char *alg, const char *key, const char *certificate, bool der, const char *payload);
/* The same with another header. */
char *policy_token_with(const char *header, azattest__alg alg, const char *key, const char *payload);
/* Asks, and expects the status; `code` NULL: success, and `text` is in the token's claims; else it is in the message.
 */
void policy_expect(azattest__service *service, const char *method, const char *target, azattest_bytes body, int status,
                   const char *code, const char *text);
/* x-ms-policy of the answer to a GET. */
char *policy_get(azattest__service *service, const char *target);

#endif
