/* The parts of validation, in the order of work. Each appends problems; AZATTEST_OK says only that it could look. */
#ifndef AZATTEST_TOKEN_CHECKS_H
#define AZATTEST_TOKEN_CHECKS_H

#include "fields.h"
#include "token.h"

/* Steps 2 to 4: T2, T3, T4, K1 to K8a, S1. On a verified signature *signer is the one that verified it. An unsecured
 * token that the caller allowed passes without one. */
azattest_status azattest__token_check_signature(const azattest_token *token, const azattest__check *check,
                                                azattest_problems *problems, const azattest_signer **signer,
                                                bool *unknown_key, azattest_error **error);
/* Step 5 and 6: C1, C2, C3, age. */
azattest_status azattest__token_check_times(const azattest_token *token, const azattest__check *check,
                                            azattest_problems *problems, azattest_error **error);
azattest_status azattest__token_check_issuer(const azattest_token *token, const azattest__check *check,
                                             azattest_problems *problems, azattest_error **error);
/* Steps 7 and 8: N1 to N3, P1, D1, type, required claims. */
azattest_status azattest__token_check_claims(const azattest_token *token, const azattest__check *check,
                                             azattest_problems *problems, azattest_error **error);

/* Slack of the options in milliseconds, with its default; never negative. */
int64_t azattest__validation_slack_ms(const azattest_validation_options *options);
/* "WHAT time, and it is NOW". The times are written only when something is wrong. */
azattest_status azattest__problems_add_time(azattest_problems *problems, azattest_status code, const char *what,
                                            int64_t seconds, int64_t now_ms);
/* A switch whose default is on. */
static inline bool azattest__is_on(azattest_switch value)
{
    return value != AZATTEST_OFF;
}

/* Names of a claim: the present one, then the deprecated ones that are read only when it is absent. */
typedef struct azattest__claim_names {
    const char *names[4];
} azattest__claim_names;
extern const azattest__claim_names azattest__claim_nonce, azattest__claim_type, azattest__claim_held_data,
    azattest__claim_policy_hash;
/* The JSON text of the first of the names that the object has; absent when it has none. *name tells which. */
azattest_bytes azattest__claim_any(azattest_bytes body, const azattest__claim_names *names, const char **name);
azattest_bytes azattest__token_claim_any(const azattest_token *token, const azattest__claim_names *names,
                                         const char **name);
/* A JSON string span as text in a new buffer; false when it is no string. */
bool azattest__claim_text(azattest_bytes json, azattest__buf *out);
bool azattest__claim_is_object(azattest_bytes json);
/* `x-ms-isolation-tee`, whatever its type. */
azattest_bytes azattest__claim_isolation(azattest_bytes body);
/* `client-payload` of `x-ms-runtime`; where that is no object, that. */
azattest_bytes azattest__claim_client_payload(azattest_bytes body);
/* The nonce: by its own names, or the guest's payload's "nonce", which is base64 of the text. AZATTEST_ABSENT, or
 * AZATTEST_E_TYPE when it is there and no text. */
azattest_status azattest__claim_nonce_text(azattest_bytes body, azattest__buf *out);
/* Claims by their names, as a relying party names them: a claim that only hardware makes is also looked for in
 * `x-ms-isolation-tee`, as the readers do. */
void azattest__claims_required(azattest_bytes body, const char *const *names, azattest_bytes *values, size_t count);

/* D1. What the claims say about debugging; *name is the claim that says it. The worst word counts. */
typedef enum azattest__debug {
    AZATTEST__DEBUG_OFF,     /* a plain no, and no other claim says otherwise */
    AZATTEST__DEBUG_UNSAID,  /* no claim says so, or the isolation TEE does not */
    AZATTEST__DEBUG_UNCLEAR, /* a claim of a wrong type, or a word that is not known */
    AZATTEST__DEBUG_ON
} azattest__debug;
azattest__debug azattest__claims_debug(azattest_bytes body, const char **name);
/* The next claim, from number *at on, that makes a guest's own system debuggable from outside, whatever its TEE says;
 * false when there is none. */
bool azattest__claims_guest_debug(azattest_bytes body, size_t *at, const char **name, const char **wanted);

#endif
