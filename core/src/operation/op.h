/* An operation inside: one exchange at a time (a request with its retries), then perhaps the validation of a token. */
#ifndef AZATTEST_OPERATION_OP_H
#define AZATTEST_OPERATION_OP_H

#include <azattest/admin.h>

#include "../identity/flow.h"
#include "../protocol/attest.h"
#include "../protocol/tcb_baselines.h"
#include "../protocol/certificates.h"
#include "../protocol/collateral.h"
#include "../protocol/policy.h"
#include "instance.h"

typedef enum azattest__op_state {
    AZATTEST__OP_SEND,         /* the request is to be sent */
    AZATTEST__OP_WAIT,         /* before it is sent again */
    AZATTEST__OP_AUTHENTICATE, /* before it is sent, or as the whole operation: get an access token */
    AZATTEST__OP_TOKEN_LOOK,   /* wait while another operation gets it */
    AZATTEST__OP_KEYS,         /* a token is in hand: find keys and judge it, at once */
    AZATTEST__OP_LOOK,         /* wait while another operation fetches the keys */
    AZATTEST__OP_SHARED_KEYS,  /* the driver may have the keys: it gives them, or has them fetched */
    AZATTEST__OP_DONE,
    AZATTEST__OP_FAILED
} azattest__op_state;

/* Takes the answer (2xx, within the limits) of the exchange, and sets the next state. */
typedef azattest_status (*azattest__op_receive)(azattest_op *op, const azattest_http_response *response,
                                                azattest_error **error);

/* Makes the response's value of op->token, which has passed. Problems that are added refuse the token after all. */
typedef azattest_status (*azattest__op_finish)(azattest_op *op, azattest_response *response,
                                               azattest_problems *problems, azattest_error **error);

/* What a change of a policy or certificate sent, to compare the answer with. */
typedef struct azattest__sent {
    azattest__policy_action policy;
    azattest__certificates_action certificates;
    unsigned char token_hash[AZATTEST_HASH_SIZE];
    azattest_signer *signer; /* who signed it; NULL: nobody */
    char thumbprint[2 * AZATTEST__HASH_MAX + 1];
} azattest__sent;

/* N3: the claims that the evidence which was sent determines. */
typedef struct azattest__measurements {
    azattest_claim_requirement *claims; /* for free(), with the texts that they point to */
    size_t count;
} azattest__measurements;

/* What a fetch of collateral is about, and its items. */
typedef struct azattest__collateral_fetch {
    azattest__collateral_settings settings;
    azattest__collateral_subject subject;
    struct azattest__collateral_entry {
        azattest__collateral_item item;
        bool done;
        char key[AZATTEST_COLLATERAL_KEY_SIZE];
        azattest__buf record; /* what to keep of an answer */
    } entries[AZATTEST__COLLATERAL_ITEMS_MAX];
    size_t count, current; /* current: whose request is the operation's; `count` when all are done */
    azattest_collateral *set;
} azattest__collateral_fetch;

struct azattest_op {
    azattest__instance *instance;
    azattest__op_state state;
    bool asked; /* step() has said what is wanted */
    atomic_bool cancelled;
    int64_t deadline_ms; /* monotonic; INT64_MAX: none */
    int64_t wait_ms;
    char *client_request_id, *traceparent;
    int log_level; /* of this call alone; 0: the process's */

    const char *what; /* the exchange: for messages */
    azattest_request request;
    azattest__op_receive receive;
    int attempts;
    int64_t retry_after_ms; /* of the last answer; -1 */

    azattest__flow *flow; /* gets the access token; NULL: nothing is under way */
    uint64_t token_lease; /* of the credential's cache: our fetch, or the one that is waited for; 0: none */
    bool owns_token_lease;
    azattest__access_token bearer;
    bool authorised;         /* the request carries it */
    azattest_error *refusal; /* the service's first 401: another token is got, once */
    bool wants_token;        /* the token is the result */

    azattest__validation validation;
    azattest__lent lent;                 /* owns what `validation` borrows */
    const azattest__attest_call *call;   /* of an attest call; NULL: another */
    azattest__measurements measurements; /* none in an attest call: the token's are compared with nothing (N3) */
    azattest__op_finish finish;          /* NULL: the value is the typed view of the claims */
    azattest__sent sent;
    azattest_token *token;
    char *request_id; /* of the answer that brought the token */
    int status_code, call_attempts;
    char *reason;
    bool sent_draft;
    azattest__key_set *keys;
    azattest__key_set *fetched;  /* what this operation has fetched, for a driver that shares it */
    azattest_error *key_failure; /* why that failed; the driver is asked once more */
    uint64_t lease;              /* a fetch of the keys that others may wait for; 0: none */
    uint64_t moment;             /* of the cache, when the token was in hand */
    bool unknown_key;            /* the first set did not know the token's key */
    char *warning;

    azattest__collateral_fetch *collateral; /* NULL: another call */

    azattest_response *result_response;
    azattest_signers *result_signers;
    azattest_metadata *result_metadata;
    azattest_tcb_baselines *result_baselines;
    char *result_text; /* of a call that gives no token */
    size_t result_text_len;
    azattest_error *error;
};

struct azattest_response {
    azattest_token *token;
    azattest_result *value;
    azattest_policy_result *policy_result;
    azattest_signers *certificates;
    azattest_policy_certificates_modification_result *certificates_result;
    azattest_bytes raw_token; /* stays when the token is taken */
    char *raw, *request_id, *warning;
    bool is_draft;
};

/* op.c */
azattest_status azattest__op_new(azattest__instance *instance, azattest_op **out, azattest_error **error);
/* A copy of optional text: NULL gives NULL. */
azattest_status azattest__own_text(const char *text, char **out, azattest_error **error);
/* Level and ids of one call. */
azattest_status azattest__op_identify(azattest_op *op, const char *client_request_id, const char *traceparent,
                                      int log_level, azattest_error **error);
/* The wait would pass the time limit: op->error becomes an AZATTEST_E_TIMEOUT with all that the failed try was. */
void azattest__op_too_late(azattest_op *op, int64_t wait_ms);
/* Puts the headers of every request on op->request, and makes it the exchange. */
azattest_status azattest__op_exchange(azattest_op *op, const char *what, azattest__op_receive receive,
                                      azattest_error **error);

/* The same with none of the service's own headers: for hosts that are not an instance's, and need not know the call. */
azattest_status azattest__op_exchange_plain(azattest_op *op, const char *what, azattest__op_receive receive,
                                            azattest_error **error);

/* attest.c. Takes the reply {"token":...} to a call whose token is judged next: the state becomes KEYS. */
azattest_status azattest__op_receive_token(azattest_op *op, const azattest_http_response *response,
                                           azattest_error **error);

/* needs.c. What is wanted; whether it was said and is that; whether it may end in azattest_op_fail(), and with this. */
azattest_need azattest__op_need(const azattest_op *op);
bool azattest__op_wants(const azattest_op *op, azattest_need need);
bool azattest__op_may_fail(const azattest_op *op);
bool azattest__op_is_reason(const azattest_op *op, azattest_status status);

/* authenticate.c. The request has to carry a token, and does not. */
bool azattest__op_needs_token(const azattest_op *op);
/* In the state AUTHENTICATE: goes on as far as it can without the driver. */
void azattest__op_authenticate(azattest_op *op);
/* The service answered 401 with op->error. True: another token is got. */
bool azattest__op_reauthenticate(azattest_op *op);
/* Puts the next step into op->error after a 401 or 403 to a request with a token. */
void azattest__op_explain_refusal(azattest_op *op);
/* Others need not wait any longer for this operation's token. */
void azattest__op_release_token(azattest_op *op);

/* The request goes to an address below the endpoint, which is https or, if the caller allowed it, this machine. */
bool azattest__op_is_own_address(const azattest_op *op);

/* op_log.c. One redacted line each, and the body where the instance traces them. */
void azattest__op_log_request(const azattest_op *op);
void azattest__op_log_response(const azattest_op *op, const azattest_http_response *response);

/* evidence_sent.c. What the evidence that is sent says of itself (N3, and what it binds), before it is sent. `report`
 * is the bare report of an SEV-SNP document. *bound: the runtime data was compared with the evidence's report data, and
 * is what it binds. */
azattest_status azattest__look_at_evidence(const azattest__attest_call *call, const azattest__instance *instance,
                                           azattest_bytes evidence, const azattest_attest_options *options,
                                           const azattest__evidence_rules *rules, int log_level,
                                           azattest__measurements *out, bool *bound, azattest_error **error);

/* check_evidence.c. What is checked of evidence before it is sent: the call's options over the instance's. Borrows. */
azattest_status azattest__evidence_rules_take(const azattest__attest_call *call, const azattest__instance *instance,
                                              const azattest_attest_options *options, azattest__evidence_rules *out,
                                              azattest_error **error);
/* The whole verification, where it is wanted, of evidence as it is sent. AZATTEST_E_EVIDENCE_INVALID names the checks
 * that failed. */
azattest_status azattest__check_evidence(const azattest__attest_call *call, const azattest__instance *instance,
                                         azattest_bytes sent, const azattest__evidence_rules *rules, int log_level,
                                         azattest_error **error);
/* The binding inside of an Azure guest's document. AZATTEST_E_EVIDENCE, AZATTEST_E_UNSUPPORTED, AZATTEST_E_LIMIT: it
 * cannot be read. */
azattest_status azattest__look_at_guest(const azattest__attest_call *call, azattest_bytes document,
                                        const azattest__evidence_rules *rules, azattest_error **error);

/* collateral.c. Puts the next step into op->error after a refusal. */
void azattest__op_explain_collateral(azattest_op *op);
void azattest__collateral_fetch_free(azattest__collateral_fetch *fetch);

/* keys.c. In the state KEYS: finds keys for op->token and judges it, or says how they come. */
void azattest__op_keys(azattest_op *op);
/* The fetch of the keys failed with op->error: asks the driver for older ones, goes on with what is there, or fails. */
void azattest__op_keys_failed(azattest_op *op);

/* The begin functions of every operation; each gives an op in its first state. */
azattest_status azattest__op_attest(azattest__instance *instance, const azattest__attest_call *call,
                                    azattest_bytes evidence, const azattest_attest_options *options, azattest_op **out,
                                    azattest_error **error);
azattest_status azattest__op_get_tcb_baseline(azattest__instance *instance, const char *type,
                                              const azattest_tcb_baseline_options *options, azattest_op **out,
                                              azattest_error **error);
/* Takes the token over, also on failure. */
azattest_status azattest__op_validate(azattest__instance *instance, azattest_token *token,
                                      const azattest_validation_options *options, azattest_op **out,
                                      azattest_error **error);
azattest_status azattest__op_get_signers(azattest__instance *instance, azattest_op **out, azattest_error **error);
/* Of the instance's credential and scopes. */
azattest_status azattest__op_get_token(azattest__instance *instance, azattest_op **out, azattest_error **error);
azattest_status azattest__op_get_metadata(azattest__instance *instance, azattest_op **out, azattest_error **error);
/* `text` is the policy of a SET. */
azattest_status azattest__op_policy(azattest__instance *instance, azattest__policy_action action, const char *type,
                                    azattest_bytes text, const azattest_policy_options *options, azattest_op **out,
                                    azattest_error **error);
azattest_status azattest__op_certificates(azattest__instance *instance, azattest__certificates_action action,
                                          azattest_bytes certificate, const azattest_policy_options *options,
                                          azattest_op **out, azattest_error **error);

/* Takes the settings over, also on failure. */
azattest_status azattest__op_collateral(azattest__instance *instance, azattest__collateral_settings *settings,
                                        const azattest_evidence *evidence, azattest_op **out, azattest_error **error);

/* Whether judging needs keys at all: not for an unsecured token, nor when the check is off. */
bool azattest__needs_keys(const azattest_token *token, const azattest_validation_options *options);
/* One judgement of a token with these keys (NULL: none); see azattest__token_check(). */
azattest_status azattest__judge(azattest__instance *instance, azattest_token *token,
                                const azattest_validation_options *options, const azattest_signers *fetched,
                                bool is_attestation, bool is_draft, const azattest__measurements *measurements,
                                azattest_problems *problems, bool *unknown_key, azattest_error **error);

#endif
