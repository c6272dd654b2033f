/* Policy tokens inside: see azattest/policy.h. */
#ifndef AZATTEST_TOKEN_POLICY_H
#define AZATTEST_TOKEN_POLICY_H

#include <azattest/policy.h>

#include "../jose/signing_key.h"
#include "token.h"

/* Who signed a stored policy token: the certificate in its header (`x5c`, or `jwk.x5c` of some clients), which must
 * verify its signature. NULL for an unsecured token. AZATTEST_E_POLICY_SIGNER: it does not; AZATTEST_E_MALFORMED: no
 * certificate, or an algorithm that nobody knows. */
azattest_status azattest__policy_token_signer(const azattest_token *token, azattest_signer **out,
                                              azattest_error **error);

#endif
