/* What the files of the service share. */
#ifndef AZATTEST_EMULATOR_PARTS_H
#define AZATTEST_EMULATOR_PARTS_H

#include "evidence/evidence.h"
#include "jose/jws.h"

#include "service.h"

/* Key separation and sharing: only with it do config id, config SVN, family id and extended product id mean anything.
 */
#define AZATTEST__SGX_FLAG_KSS (1u << 7)

struct azattest__service {
    char *endpoint, *keys_url;
    azattest__key *key;
    char key_id[AZATTEST__SERVICE_KEY_ID];
    azattest__buf extra_roots;
    azattest__buf certs, metadata; /* the two answers that never change */
    azattest_clock clock;
};

/* answer.c */
void azattest__answer_init(azattest__service_answer *answer, const char *traceparent);
/* {"error":{"code","message","innererror"}}; `inner` repeats code and message as the service does for its enclave. */
void azattest__answer_refuse(azattest__service_answer *answer, int status, const char *code, bool inner,
                             const char *message);
/* The same from an error: which HTTP status and code belong to which status is decided here alone. */
void azattest__answer_error(azattest__service_answer *answer, azattest_status status, const azattest_error *error);
/* Success with a JSON document. */
azattest_status azattest__answer_json(azattest__service_answer *answer, const azattest__json *document,
                                      azattest_error **error);

/* policy.c: the default policy of SGX and Open Enclave. Other policies are not evaluated by this version. */
const char *azattest__policy_default(void);
/* The text is one of the known default policies, white space behind it aside. */
bool azattest__policy_is_default(const char *text);
/* BASE64URL(SHA256(BASE64URL(text))), as the claim x-ms-policy-hash has it. */
azattest_status azattest__policy_hash(const char *text, azattest__buf *out, azattest_error **error);
/* Adds what the default policy issues. */
void azattest__policy_issue(azattest__json *claims, const azattest__sgx_report *report);

/* Runtime or init-time data of a request. */
typedef struct azattest__attest_data {
    bool given;
    azattest__buf bytes;  /* decoded; their hash is what the evidence binds */
    azattest__json *json; /* with dataType JSON: what the token carries; NULL with Binary */
} azattest__attest_data;

/* Everything that a token of this service is made of. */
typedef struct azattest__claims_source {
    const char *issuer;
    int64_t now_s;
    azattest_bytes posted; /* the evidence as it came */
    const azattest__sgx_report *report;
    const azattest__attest_data *runtime, *inittime;
    const char *nonce;  /* NULL: none */
    const char *policy; /* text */
} azattest__claims_source;

/* claims.c: the body of a token, members sorted by name. */
azattest_status azattest__claims_make(const azattest__claims_source *source, azattest__buf *out,
                                      azattest_error **error);

/* attest.c: `kind` is what azattest_evidence_kind() has to say, `member` the body's member that holds the evidence. */
azattest_status azattest__attest(const azattest__service *service, const char *kind, const char *member,
                                 azattest_bytes body, azattest__service_answer *answer, azattest_error **error);

#endif
