/* A signing key inside. */
#ifndef AZATTEST_JOSE_SIGNING_KEY_H
#define AZATTEST_JOSE_SIGNING_KEY_H

#include <azattest/signing_key.h>

#include "signer.h"

struct azattest_signing_key {
    atomic_int references;
    azattest__key *key;      /* the private one */
    azattest_signer *signer; /* its certificates */
    azattest__alg alg;
};

/* A compact token with this body (empty bytes: an empty body) and the header {"alg":...,"x5c":[...]}; key NULL: the
 * header {"alg":"none"} and no signature. */
azattest_status azattest__signing_key_token(const azattest_signing_key *key, azattest_bytes body, azattest__buf *out,
                                            azattest_error **error);

#endif
