/* GET /certificates, POST /certificates:add and :remove. */
#ifndef AZATTEST_PROTOCOL_CERTIFICATES_H
#define AZATTEST_PROTOCOL_CERTIFICATES_H

#include "../jose/signing_key.h"
#include "../token/policy.h"
#include "http.h"

struct azattest_policy_certificates_modification_result {
    char *thumbprint, *resolution;
};

typedef enum azattest__certificates_action {
    AZATTEST__CERTIFICATES_GET,
    AZATTEST__CERTIFICATES_ADD,
    AZATTEST__CERTIFICATES_REMOVE
} azattest__certificates_action;
/* For messages: "add policy management certificate". */
const char *azattest__certificates_what(azattest__certificates_action action);

azattest_status azattest__certificates_get_request(const char *endpoint, const char *api_version,
                                                   azattest_request *request, azattest_error **error);
/* ADD or REMOVE of the leaf of `certificate`, signed with `key`; the form of the body follows the api-version. */
azattest_status azattest__certificates_change_request(azattest__certificates_action action, const char *endpoint,
                                                      const char *api_version, const azattest_signer *certificate,
                                                      const azattest_signing_key *key, azattest_request *request,
                                                      azattest_error **error);
/* The claims of the reply's token, which has passed validation. AZATTEST_E_RESPONSE: missing, or of another form. */
azattest_status azattest__certificates_read_list(const azattest_token *token, azattest_signers **out,
                                                 azattest_error **error);
azattest_status azattest__certificates_read_change(azattest__certificates_action action, const azattest_token *token,
                                                   azattest_policy_certificates_modification_result **out,
                                                   azattest_error **error);

#endif
