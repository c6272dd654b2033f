/* Tokens for tests: made with keys of the run, signed or not. */
#ifndef AZATTEST_TESTS_TOKENS_H
#define AZATTEST_TESTS_TOKENS_H

#include <azattest/azattest.h>

#include "crypto/issue.h"
#include "jose/signer.h"

#define TOKEN_ENDPOINT "https://test.wus.attest.azure.net"
/* 2026-01-01T00:00:00Z: what the tokens' times are counted from. */
#define TOKEN_NOW INT64_C(1767225600)

/* Keys made once for each run: RSA-2048 signs by default, the others are for the checks of fitness. */
typedef struct token_keys {
    azattest__key *rsa, *other_rsa, *small_rsa, *p256, *p384;
    char key_id[AZATTEST__SERVICE_KEY_ID];
} token_keys;
const token_keys *tokens_keys(void);
void tokens_keys_free(void);

/* A compact token in a new buffer for free(). key NULL: empty signature. */
char *tokens_make(const char *header, const char *body, const azattest__key *key, azattest__alg alg);
/* The usual header with that alg and the run's kid, in a new buffer for free(). */
char *tokens_header(const char *alg);
/* A JWKS with one self-signed certificate of that key for that common name; times in seconds. New buffer for free(). */
char *tokens_jwks(const azattest__key *key, const char *key_id, const char *common_name, int64_t not_before,
                  int64_t not_after);
azattest_signers *tokens_signers(const char *jwks);

#endif
