/* The attest calls: what may be sent, the request, the reply. */
#ifndef AZATTEST_PROTOCOL_ATTEST_H
#define AZATTEST_PROTOCOL_ATTEST_H

#include <azattest/client.h>

#include "http.h"

/* What tells the attest calls apart. */
typedef struct azattest__attest_call {
    const char *what; /* for messages */
    const char *path;
    const char *member;        /* of the request: the evidence */
    const char *evidence_kind; /* as azattest_evidence_kind() names it */
    const char *evidence_text; /* for messages */
    const char *token_type;    /* `x-ms-attestation-type` of the reply */
} azattest__attest_call;
extern const azattest__attest_call azattest__attest_sgx_enclave, azattest__attest_open_enclave;

/* AZATTEST_E_ARGUMENT and AZATTEST_E_LIMIT: everything that is wrong whatever the evidence says. */
azattest_status azattest__attest_check(const azattest__attest_call *call, azattest_bytes evidence,
                                       const azattest_attest_options *options, azattest_error **error);
/* POST <endpoint><path>?api-version=...; the options have passed the check. */
azattest_status azattest__attest_request(const azattest__attest_call *call, const char *endpoint,
                                         const char *api_version, azattest_bytes evidence,
                                         const azattest_attest_options *options, azattest_request *request,
                                         azattest_error **error);
/* The compact token of the reply {"token":"..."}, in a new text. */
azattest_status azattest__attest_reply(const azattest_http_response *response, const char *what, char **token,
                                       azattest_error **error);

#endif
