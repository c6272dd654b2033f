/* A token inside, and its validation as the operations use it. */
#ifndef AZATTEST_TOKEN_TOKEN_H
#define AZATTEST_TOKEN_TOKEN_H

#include <azattest/result.h>

#include "../base/clock.h"
#include "../jose/signer.h"

struct azattest_token {
    azattest__jws jws;
    char *algorithm, *key_id, *type, *content_type, *key_url, *x509_url, *x5t, *x5t_s256, *issuer;
    bool validated;
    azattest_signer *signer;
};

/* An owned copy of validation options: `options` points into memory that _clear frees. Signers, appraisal and
 * collateral are not copied but borrowed: whoever keeps them must keep them alive. */
typedef struct azattest__validation {
    azattest_validation_options options;
    char **issuers, **algorithms;
    char *nonce, *type;
    azattest_claim_requirement *claims;
    azattest__buf runtime_data, runtime_json, policy_hash, service_roots, signer_roots;
} azattest__validation;
/* `override` wins member by member over `base`; either may be NULL. Checks sizes, counts and contradictions. */
azattest_status azattest__validation_merge(const azattest_validation_options *base,
                                           const azattest_validation_options *override, azattest__validation *out,
                                           azattest_error **error);
void azattest__validation_clear(azattest__validation *validation);

/* K9 and the roots of K7, which take more than this floor knows: whether the signer that verified a token is the
 * service's, at that time. AZATTEST_E_TOKEN_SERVICE_EVIDENCE or AZATTEST_E_TOKEN_CERTIFICATE with the reason: it is
 * not. */
typedef azattest_status (*azattest__signer_judge)(void *user, const azattest_signer *signer,
                                                  const azattest_validation_options *options, int64_t now_ms,
                                                  azattest_error **error);

/* What a check knows beyond the caller's options. */
typedef struct azattest__check {
    const azattest_validation_options *options; /* merged */
    const char *endpoint;         /* normalised origin: default issuer, K2, K8; NULL with a caller's own signers */
    const azattest_signers *keys; /* the instance's, or options->signers */
    bool keys_from_endpoint;      /* fetched from the instance: K8 applies */
    bool is_draft_reply;          /* `alg` none is what was asked for */
    bool is_attestation;          /* default of require_attestation */
    int64_t now_ms;
    const azattest_claim_requirement *measurements; /* N3: what the evidence that was sent says */
    size_t measurement_count;
    azattest__signer_judge judge_signer; /* NULL: a token that K9 is asked for is refused */
    void *judge_user;
} azattest__check;
/* Runs the strict set. Problems are appended; AZATTEST_OK says only that the checks were made. A token without problems
 * is marked validated (unless it is unsecured, or the signature check was off). Sets *unknown_key when the only
 * thing wrong so far is that no key has the token's kid, so that refreshing the set may help. */
azattest_status azattest__token_check(azattest_token *token, const azattest__check *check, azattest_problems *problems,
                                      bool *unknown_key, azattest_error **error);
/* Makes it UNVERIFIED. */
void azattest__token_forget(azattest_token *token);

#endif
