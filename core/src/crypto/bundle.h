/* A private key with its certificates, as applications are given them. */
#ifndef AZATTEST_CRYPTO_BUNDLE_H
#define AZATTEST_CRYPTO_BUNDLE_H

#include <azattest/limits.h>

#include "crypto.h"

typedef struct azattest__bundle {
    azattest__key *key;
    azattest__cert *certificates[AZATTEST_LIMIT_CHAIN]; /* the key's own first, the others in their order */
    size_t count;                                       /* at least 1 */
} azattest__bundle;

/* PEM (key and certificates in any order, the key perhaps encrypted) or PKCS#12 in DER. AZATTEST_E_ARGUMENT says what
 * is wrong, and never shows what is secret. */
azattest_status azattest__bundle_parse(azattest_bytes content, const char *password, azattest__bundle *out,
                                       azattest_error **error);
void azattest__bundle_clear(azattest__bundle *bundle);

#endif
