/* The sealed answer to a guest of Azure: base64url of {"EncryptedInnerKey", "EncryptionParams", "AuthenticationData",
 * "Jwt"}. Source: Azure confidential-computing-cvm-guest-attestation. */
#ifndef AZATTEST_TOKEN_GUEST_ANSWER_H
#define AZATTEST_TOKEN_GUEST_ANSWER_H

#include "../crypto/crypto.h"

/* Seals a token to the guest's key with a new inner key: what the local service answers with. Appends. */
azattest_status azattest__guest_answer_seal(const azattest__key *key, azattest_bytes token, azattest__buf *out,
                                            azattest_error **error);

#endif
