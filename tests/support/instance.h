/* A made-up attestation instance for tests without a network: clocks, keys, key sets, tokens, quotes. All text that is
 * given back is for free(). Whatever fails here ends the test. */
#ifndef AZATTEST_TESTS_INSTANCE_H
#define AZATTEST_TESTS_INSTANCE_H

#include <azattest/azattest.h>

#include "jose/jws.h"

#define INSTANCE "https://test.example.attest.azure.net"
#define INSTANCE_ATTEST INSTANCE "/attest/SgxEnclave?api-version=2025-06-01"
#define INSTANCE_CERTS INSTANCE "/certs?api-version=2025-06-01"

/* 2025-01-01T00:00:00Z */
#define INSTANCE_NOW_S INT64_C(1735689600)

/* Clocks that stand still until the test moves them, and jitter that is always in the middle (factor 1.05). */
typedef struct instance_time {
    int64_t now_ms, monotonic_ms;
} instance_time;
azattest_client_options instance_options(instance_time *time);
uint32_t instance_random(void *user);

/* A key with its self-signed certificate and the service's kid. */
typedef struct instance_key {
    azattest__key *key;
    char kid[AZATTEST__SERVICE_KEY_ID];
    char *jwk;
} instance_key;
void instance_key_make(instance_key *key, const char *endpoint);
void instance_key_clear(instance_key *key);
/* {"keys":[...]} of one key, or of two. */
char *instance_jwks(const instance_key *first, const instance_key *second);

/* Claims of a token that is valid at INSTANCE_NOW_S: `more` is put behind them (",\"a\":1"), or "". */
char *instance_claims(const char *more);
/* Signed with the key; key NULL: alg none. */
char *instance_token(const instance_key *key, const char *claims);
/* {"token":"..."} */
char *instance_reply(const char *token);

/* A quote that parses (and whose signatures are empty): MRENCLAVE of 0x11, MRSIGNER of 0x22, product id 7, SVN 3, and
 * report data that binds `runtime_data`. With `report` the header of an Open Enclave report stands in front. */
#define INSTANCE_QUOTE_SIZE 1020
unsigned char *instance_quote(const char *runtime_data, bool report, size_t *len);
/* What the service says of that quote: for instance_claims(). */
char *instance_quote_claims(const char *runtime_data);

/* The text without a copy. */
azattest_bytes bytes_of(const char *text);

#endif
