/* The attest calls: what may be sent, the request, the reply. */
#ifndef AZATTEST_PROTOCOL_ATTEST_H
#define AZATTEST_PROTOCOL_ATTEST_H

#include <azattest/client.h>

#include "http.h"
#include "versions.h"

/* What a call takes beside its evidence. */
enum {
    AZATTEST__TAKES_RUNTIME_DATA = 1,
    AZATTEST__TAKES_RUNTIME_JSON = 2,
    AZATTEST__TAKES_INITTIME = 4,
    AZATTEST__TAKES_NONCE = 8,
    AZATTEST__TAKES_CERTIFICATES = 16, /* vcek_chain, endorsements */
    AZATTEST__TAKES_ALL_DATA =
        AZATTEST__TAKES_RUNTIME_DATA | AZATTEST__TAKES_RUNTIME_JSON | AZATTEST__TAKES_INITTIME | AZATTEST__TAKES_NONCE
};

/* What the service answers. */
typedef enum azattest__attest_answer {
    AZATTEST__ANSWER_TOKEN,  /* {"token": a compact token} */
    AZATTEST__ANSWER_SEALED, /* {"token": text that only the caller's own key opens} */
    AZATTEST__ANSWER_DATA    /* {"data": base64url} */
} azattest__attest_answer;

/* What tells the attest calls apart. */
typedef struct azattest__attest_call {
    const char *what; /* for messages */
    const char *path;
    const char *member;        /* of the request: the evidence */
    const char *argument;      /* the evidence, as the caller knows it */
    const char *evidence_kind; /* as azattest__evidence_sniff() names it; NULL: nothing is known of it */
    const char *token_type;    /* `x-ms-attestation-type` of the reply; NULL: not published */
    azattest__attest_answer answer;
    unsigned takes;
    unsigned versions, draft_versions; /* AZATTEST__2020_10 ...: which have the call, and a draft policy in it */
    size_t evidence_limit;
    const char *path_2018; /* the same call in 2018-09-01-preview */
} azattest__attest_call;
extern const azattest__attest_call azattest__attest_sgx_enclave, azattest__attest_open_enclave,
    azattest__attest_sev_snp_vm, azattest__attest_tdx_vm, azattest__attest_azure_guest, azattest__attest_tpm,
    azattest__attest_pluton, azattest__attest_key_guard, azattest__attest_mdep_tz;

/* AZATTEST_E_ARGUMENT and AZATTEST_E_LIMIT: everything that is wrong whatever the evidence says. */
azattest_status azattest__attest_check(const azattest__attest_call *call, const char *api_version,
                                       azattest_bytes evidence, const azattest_attest_options *options,
                                       azattest_error **error);
/* POST <endpoint><path>?api-version=...; the options have passed the check, and the evidence is what the wire takes. */
azattest_status azattest__attest_request(const azattest__attest_call *call, const char *endpoint,
                                         const char *api_version, azattest_bytes evidence,
                                         const azattest_attest_options *options, azattest_request *request,
                                         azattest_error **error);
/* The compact token of the reply {"token":"..."} (or, in 2018-09-01-preview, of a bare string), appended. */
azattest_status azattest__attest_reply(const azattest_http_response *response, const char *what,
                                       const char *api_version, azattest__buf *token, azattest_error **error);
/* The reply of a call that gives no token: the sealed text as it came, or the decoded bytes of `data`. */
azattest_status azattest__attest_text_reply(const azattest__attest_call *call, const azattest_http_response *response,
                                            azattest__buf *text, azattest_error **error);

/* traceparent and client_request_id: text that may stand in a header. */
azattest_status azattest__check_ids(const char *what, const char *client_request_id, const char *traceparent,
                                    azattest_error **error);

#endif
