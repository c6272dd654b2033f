/* What a library that others would pick has to do to be timed beside ours: main() of peer.c calls these. */
#ifndef BENCH_PEER_H
#define BENCH_PEER_H

#include <stdbool.h>
#include <stddef.h>

#include <openssl/evp.h>

/* What a user of the library keeps from token to token. `pem` is the public key's, `key` the same one parsed. */
bool peer_prepare(const char *pem, EVP_PKEY *key);

/* The whole of one validation up to claims that can be read; true: accepted. */
bool peer_validate(const char *token, size_t len);

void peer_free(void);

#endif
