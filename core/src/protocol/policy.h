/* GET, PUT and POST :reset of /policies/{attestationType}. */
#ifndef AZATTEST_PROTOCOL_POLICY_H
#define AZATTEST_PROTOCOL_POLICY_H

#include "../token/policy.h"
#include "http.h"

struct azattest_policy_result {
    char *resolution;
    unsigned char token_hash[AZATTEST_HASH_SIZE];
    bool has_token_hash;
    azattest_signer *signer;
    azattest_token *token; /* the stored policy token; NULL: none */
    char *text;
};

typedef enum azattest__policy_action {
    AZATTEST__POLICY_GET,
    AZATTEST__POLICY_SET,
    AZATTEST__POLICY_RESET
} azattest__policy_action;
/* For messages: "set policy". */
const char *azattest__policy_what(azattest__policy_action action);

/* The request for the policy of that type; `token` is its body (absent: none). AZATTEST_E_ARGUMENT for a type that
 * cannot be a part of an address. */
azattest_status azattest__policy_request(azattest__policy_action action, const char *endpoint, const char *api_version,
                                         const char *type, azattest_bytes token, azattest_request *request,
                                         azattest_error **error);
/* Reads the claims of the reply's token, which has passed validation. AZATTEST_E_RESPONSE: one that has to be there is
 * missing, or one has another form. AZATTEST_E_POLICY_SIGNER: see azattest__policy_token_signer(). */
azattest_status azattest__policy_answer_read(azattest__policy_action action, const azattest_token *token,
                                             azattest_policy_result **out, azattest_error **error);
/* A claim that is absent (then *text stays NULL) or a string. AZATTEST_E_RESPONSE for another type. */
azattest_status azattest__claim_read_text(const azattest_token *token, const char *what, const char *name, char **text,
                                          azattest_error **error);
/* For messages: foreign text in quotes, cut and escaped; "nothing" for NULL. */
#define AZATTEST__QUOTED 100
const char *azattest__quoted(const char *text, char out[AZATTEST__QUOTED]);

#endif
