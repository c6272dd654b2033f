/* Public keys that a secret may be sealed to: gathered from wherever they stand, then one is chosen. */
#ifndef AZATTEST_JOSE_RECIPIENTS_H
#define AZATTEST_JOSE_RECIPIENTS_H

#include "jwk.h"

typedef struct azattest__recipients {
    struct azattest__recipient {
        azattest__key *key;
        char *key_id; /* the entry's own, or the key's thumbprint (RFC 7638) */
    } * items;
    size_t count;
    size_t refused; /* keys that were seen and may not be used */
    char *reason;   /* why, of the first of them */
} azattest__recipients;

void azattest__recipients_clear(azattest__recipients *recipients);
/* Every JWK in a JSON value, at any depth: the value itself, the entries of "keys", and what wraps one. Keys that are
 * not for encryption, that are weak or that are published with their private part are counted, not taken. */
azattest_status azattest__recipients_add_json(azattest__recipients *recipients, const azattest__json *value,
                                              azattest_error **error);
/* The same for text: JSON, or PEM with public keys or certificates. Other text holds no keys. */
azattest_status azattest__recipients_add_text(azattest__recipients *recipients, azattest_bytes text,
                                              azattest_error **error);
/* The key of that id; with NULL the only one. AZATTEST_E_SECRET: none, or several that differ. */
azattest_status azattest__recipients_choose(const azattest__recipients *recipients, const char *key_id,
                                            const struct azattest__recipient **out, azattest_error **error);

#endif
