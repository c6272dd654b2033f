/* What the files of the service share. */
#ifndef AZATTEST_EMULATOR_PARTS_H
#define AZATTEST_EMULATOR_PARTS_H

#include <pthread.h>
#include <stdatomic.h>

#include "evidence/evidence.h"
#include "jose/jws.h"

#include "issuer.h"
#include "service.h"
#include "store.h"

/* A key that the instance signs with, or did. Immutable once in use, and kept as long as the service. */
typedef struct azattest__signing {
    azattest__key *key;
    azattest__cert *certificate;
    char key_id[AZATTEST__SERVICE_KEY_ID];
    azattest__buf certs; /* the answer of /certs while this key is the newest */
    struct azattest__signing *previous;
} azattest__signing;

typedef struct azattest__service_policy azattest__service_policy; /* policy_cache.h */
#define AZATTEST__KINDS 11u                                       /* rows of kinds.c */

struct azattest__service {
    char *endpoint, *keys_url;
    _Atomic(azattest__signing *) signing;
    azattest__buf extra_roots;
    azattest__more_roots more_roots; /* beside those, asked for when first needed; NULL: none */
    void *more_roots_user;
    azattest__certifier certify; /* NULL: signing.c issues certificates without evidence */
    void *certify_user;
    _Atomic(azattest__buf *) all_roots; /* both, once they were needed */
    azattest__buf metadata;             /* the answer that never changes */
    azattest_clock clock;
    unsigned char context_key[32]; /* seals the contexts of TPM exchanges; new at each start */
    char *instance;                /* name in the store */
    azattest__mode mode;
    azattest__store *store, *own_store; /* own: made here and freed with the service */
    pthread_mutex_t changes;            /* held from the check of a signer to the change it asked for */
    const azattest__issuer *issuer;     /* borrowed; NULL: nobody is asked who they are */
    bool lenient_policies;              /* what the real service might take is taken */
    pthread_mutex_t policies_lock;      /* of the places alone */
    azattest__service_policy *policies[AZATTEST__KINDS]; /* the last one of each kind, parsed; see policy_cache.c */
};

/* ---- requests, routed ---- */

/* A value of AttestationType, and what this service does with it (kinds.c). */
typedef struct azattest__call azattest__call;
typedef struct azattest__kind {
    const char *name;
    azattest_status (*attest)(azattest__call *call, azattest_error **error); /* NULL: no attest path */
    const char *evidence, *member; /* what azattest_evidence_kind() has to say, and the body's member that holds it */
} azattest__kind;
/* Letter case does not matter. NULL when there is none of that name. */
const azattest__kind *azattest__kind_find(const char *name, size_t len);
size_t azattest__kind_index(const azattest__kind *kind);

/* One request on its way through a route. */
struct azattest__call {
    azattest__service *service;
    const azattest__service_request *request;
    const char *version;        /* the request's api-version; "" without one */
    const azattest__kind *kind; /* what {type} in the route's path stood for; NULL without one */
    azattest__service_answer *answer;
    bool refused; /* the answer is made, and says why: no error has to be put into it */
};

/* The api-versions that a route is in. Attest calls are in all: real instances take older versions on newer paths. */
typedef enum azattest__versions {
    AZATTEST__ALL_VERSIONS,
    AZATTEST__FIRST_VERSION,    /* 2018-09-01-preview alone */
    AZATTEST__LATER_VERSIONS,   /* all but that */
    AZATTEST__BASELINE_VERSIONS /* from 2022-09-01-preview */
} azattest__versions;

typedef struct azattest__route {
    const char *method;
    const char *path;   /* with at most one {type}, any known kind in any letter case */
    bool needs_version; /* api-version has to be given; where it need not, it has to be a known one */
    azattest__access access;
    azattest_status (*run)(azattest__call *call, azattest_error **error);
    azattest__versions versions;
} azattest__route;

/* target.c: what a request target says, percent-encoding undone. */
typedef struct azattest__target {
    char path[256];
    bool has_version, twice;
    char version[64];
} azattest__target;
bool azattest__target_read(const char *text, azattest__target *out);
azattest_status azattest__target_check_version(const azattest__target *target, bool required, azattest_error **error);
/* AZATTEST_OK when that (known) version has a call of those versions; "" is in all. */
azattest_status azattest__versions_check(const char *version, azattest__versions versions, azattest_error **error);
/* 2018-09-01-preview, which has other paths, bodies and answers. */
bool azattest__is_first_version(const char *version);

/* access.c: the only place where it is asked who asks. AZATTEST_OK, or a refusal. */
azattest_status azattest__admit(const azattest__call *call, azattest__access access, azattest_error **error);

/* signing.c: signs with this key from now on (the service's lock is held, or nobody else knows the service yet). */
azattest_status azattest__signing_use(azattest__service *service, azattest__key *key, azattest_error **error);
void azattest__signing_free(azattest__signing *signing); /* with all before it */
/* documents.c */
azattest_status azattest__make_metadata(azattest__service *service, azattest_error **error);
azattest_status azattest__get_certs(azattest__call *call, azattest_error **error);
azattest_status azattest__get_metadata(azattest__call *call, azattest_error **error);

/* body.c: members are found without regard to case, as the service's binder does. */
azattest_status azattest__body_object(azattest_bytes body, azattest__json **out, azattest_error **error);
/* *out is NULL when absent or null. Two that differ by case only are refused: which of them counts would be a guess. */
azattest_status azattest__find_member(const azattest__json *object, const char *name, const azattest__json **out,
                                      azattest_error **error);
azattest_status azattest__find_string(const azattest__json *object, const char *name, const char **out,
                                      azattest_error **error);
/* Bytes in base64url or base64. AZATTEST_ABSENT when there is no such member. */
azattest_status azattest__find_bytes(const azattest__json *object, const char *name, azattest__buf *out,
                                     azattest_error **error);

/* token.c: the token's text, signed by the service's key or unsecured. Appends. */
azattest_status azattest__token_make(const azattest__call *call, bool secured, azattest_bytes claims,
                                     azattest__buf *token, azattest_error **error);
/* The answer {"token": ...}, signed by the service's key or unsecured. */
azattest_status azattest__answer_token(const azattest__call *call, bool secured, azattest_bytes claims,
                                       azattest_error **error);
/* The same with the standard claims of policy and certificate tokens added; takes the claims over. */
azattest_status azattest__answer_result(const azattest__call *call, azattest__json *claims, azattest_error **error);

/* answer.c */
void azattest__answer_init(azattest__service_answer *answer, const char *traceparent);
/* Adds a header; its name is a literal. Without memory, or beyond the array, it is left out. */
__attribute__((format(printf, 3, 4))) void azattest__answer_header(azattest__service_answer *answer, const char *name,
                                                                   const char *format, ...);
/* {"error":{"code","message","innererror"}}; `inner` repeats code and message as the service does for its enclave. */
void azattest__answer_refuse(azattest__service_answer *answer, int status, const char *code, bool inner,
                             const char *message);
/* The same with further members; both are taken over, NULL: without. */
void azattest__answer_refuse_with(azattest__service_answer *answer, int status, const char *code, const char *message,
                                  azattest__json *details, azattest__json *inner);
/* {"code","message"} */
azattest__json *azattest__inner_error(const char *code, const char *message);
/* An error that names its own HTTP status and code: AZATTEST_E_HTTP. */
__attribute__((format(printf, 4, 5))) azattest_status azattest__refuse(azattest_error **error, int http_status,
                                                                       const char *code, const char *format, ...);
/* The same from an error: which HTTP status and code belong to which status is decided here alone. */
void azattest__answer_error(azattest__service_answer *answer, azattest_status status, const azattest_error *error);
/* Success with a JSON document. */
azattest_status azattest__answer_json(azattest__service_answer *answer, const azattest__json *document,
                                      azattest_error **error);

/* policies.c */
/* The routes of policies. */
azattest_status azattest__get_policy(azattest__call *call, azattest_error **error);
azattest_status azattest__put_policy(azattest__call *call, azattest_error **error);
azattest_status azattest__reset_policy(azattest__call *call, azattest_error **error);

/* certificates.c: AZATTEST_OK unless the instance's policies and certificates never change. */
azattest_status azattest__check_modifiable(const azattest__service *service, azattest_error **error);
/* May this signer (NULL: none) change policies or certificates of the instance? Ask with the service's
 * lock held, or the answer is old when it comes. */
azattest_status azattest__check_signer(const azattest__service *service, const azattest__cert *signer,
                                       azattest_error **error);
/* AZATTEST_OK for a certificate that may be registered. */
azattest_status azattest__check_policy_certificate(const azattest__cert *certificate, azattest_error **error);
/* The routes of certificates. */
azattest_status azattest__get_certificates(azattest__call *call, azattest_error **error);
azattest_status azattest__add_certificate(azattest__call *call, azattest_error **error);
azattest_status azattest__remove_certificate(azattest__call *call, azattest_error **error);

/* Runtime or init-time data of a request. */
typedef struct azattest__attest_data {
    bool given;
    azattest__buf bytes;  /* decoded; their hash is what the evidence binds */
    azattest__json *json; /* with dataType JSON: what the token carries; NULL with Binary */
} azattest__attest_data;

/* What a token is made of, beside the policy. */
typedef struct azattest__claims_source {
    int64_t now_s;
    azattest_bytes posted; /* the evidence as it came */
    const azattest_evidence *evidence;
    bool guest;                                      /* the evidence is a guest's document */
    const azattest__attest_data *runtime, *inittime; /* NULL: a guest's, which has none */
    const char *nonce;                               /* NULL: none */
    const char *draft;                               /* text of a policy; NULL: the one in force */
} azattest__claims_source;

/* claims.c: the body of a token, members sorted by name, when the policy permits it. */
azattest_status azattest__claims_make(azattest__call *call, const azattest__claims_source *source, azattest__buf *out,
                                      azattest_error **error);

/* The body of an attest call, read. */
typedef struct azattest__attest_request {
    azattest__json *document;
    azattest__buf posted; /* evidence */
    azattest__attest_data runtime, inittime;
    azattest__buf draft_text;  /* what the first version's is decoded to */
    const char *nonce, *draft; /* borrowed from the document or the text; NULL: none */
} azattest__attest_request;
/* attest.c. After any outcome of reading, clear. */
azattest_status azattest__attest_request_read(const azattest__call *call, azattest__attest_request *out,
                                              azattest_error **error);
void azattest__attest_request_clear(azattest__attest_request *request);
/* The library's own verdict, without collateral, at that time; AZATTEST_E_EVIDENCE_INVALID names the checks that
 * failed.
 */
azattest_status azattest__attest_verify(azattest__service *service, const azattest_evidence *evidence, int64_t now_ms,
                                        azattest_error **error);
/* The SHA-256 of the data, when there are some, is what lies there. `name` and `where` are for the message. */
azattest_status azattest__attest_check_bound(const azattest__attest_data *data, const char *name,
                                             const unsigned char *bound, const char *where, azattest_error **error);
/* Policy, claims, token, answer: of evidence that was verified, and whose data are bound. */
azattest_status azattest__attest_issue(azattest__call *call, const azattest__attest_request *request,
                                       const azattest_evidence *evidence, int64_t now_ms, azattest_error **error);
/* attest.c: SGX quotes and Open Enclave reports; and kinds of evidence that have no verifier here. */
azattest_status azattest__attest_sgx(azattest__call *call, azattest_error **error);
/* tdx.c */
azattest_status azattest__attest_tdx(azattest__call *call, azattest_error **error);
/* snp.c */
azattest_status azattest__attest_snp(azattest__call *call, azattest_error **error);
azattest_status azattest__attest_unverified(azattest__call *call, azattest_error **error);
/* guest.c */
azattest_status azattest__attest_guest(azattest__call *call, azattest_error **error);
/* tpm.c */
azattest_status azattest__exchange_tpm(azattest__call *call, azattest_error **error);
/* tcb.c */
#define AZATTEST__TCB_DEFAULT "azuredefault"
bool azattest__tcb_is_known(const char *identifier);
azattest_status azattest__get_tcb_baselines(azattest__call *call, azattest_error **error);

#endif
