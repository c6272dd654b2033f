/* Who asks, and whether they may. */
#include <stdlib.h>

#include "parts.h"

/* A token that comes with a call which needs none is not looked at: what it is worth cannot matter there. In the first
 * version attest calls needed one, of whatever role. */
azattest_status azattest__admit(const azattest__call *call, azattest__access access, azattest_error **error)
{
    azattest_status status;
    const azattest__issuer *issuer = call->service->issuer;
    bool first = call->kind != NULL && azattest__is_first_version(call->version);
    azattest__access granted = AZATTEST__ANYBODY;
    azattest_error *why = NULL;
    char *challenge;

    if (issuer == NULL || (access == AZATTEST__ANYBODY && !first))
        return AZATTEST_OK;
    status = azattest__issuer_authenticate(issuer, call->request->authorization, &granted, &why);
    if (status == AZATTEST_E_AUTH) {
        if ((challenge = azattest__issuer_challenge(issuer)) != NULL)
            azattest__answer_header(call->answer, "WWW-Authenticate", "%s", challenge);
        free(challenge);
        status = azattest__refuse(error, 401, "Unauthorized", "%s", azattest_error_message(why));
    } else if (status != AZATTEST_OK) {
        status = azattest__error_set(error, status, "%s", azattest_error_message(why));
    } else if (granted < access) {
        status = azattest__refuse(
            error, 403, "Forbidden", "the identity lacks a role: this call needs Attestation %s on the instance",
            access == AZATTEST__CONTRIBUTOR ? "Contributor" : "Reader or Attestation Contributor");
    }
    azattest_error_free(why);
    return status;
}
