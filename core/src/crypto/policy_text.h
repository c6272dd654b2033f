/* The text of a policy and its hash: tokens carry them, the policy language reads them. */
#ifndef AZATTEST_CRYPTO_POLICY_TEXT_H
#define AZATTEST_CRYPTO_POLICY_TEXT_H

#include "crypto.h"

/* UTF-8, without NUL, within AZATTEST_LIMIT_POLICY. AZATTEST_E_ARGUMENT and AZATTEST_E_LIMIT. */
azattest_status azattest__policy_text_check(azattest_bytes text, azattest_error **error);
/* `x-ms-policy-hash` of a text that was checked: SHA-256 over its base64url form. */
azattest_status azattest__policy_text_hash(azattest_bytes text, unsigned char hash[AZATTEST__SHA256_SIZE],
                                           azattest_error **error);

#endif
