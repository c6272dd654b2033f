/*
 * What the service says of evidence: the members that it puts into a token beside the standard ones and the policy's,
 * which are also what its policies see. One mapping, for the local service and for the library. It takes the evidence
 * at its word: whether it is genuine, verdicts say.
 */
#ifndef AZATTEST_EVIDENCE_CLAIMS_CLAIMS_H
#define AZATTEST_EVIDENCE_CLAIMS_CLAIMS_H

#include "../../json/json.h"
#include "../evidence.h"

/* Runtime or init-time data as they were sent. */
typedef struct azattest__claims_data {
    bool given;
    azattest_bytes bytes;
    const azattest__json *json; /* with the type JSON: what the token carries; NULL with Binary */
} azattest__claims_data;

typedef enum azattest__claims_kind {
    AZATTEST__CLAIMS_SGX, /* an enclave's report: SgxEnclave, OpenEnclave */
    AZATTEST__CLAIMS_SNP,
    AZATTEST__CLAIMS_TDX,
    AZATTEST__CLAIMS_GUEST, /* AzureGuest, with what a token of its machine would say in x-ms-isolation-tee */
    AZATTEST__CLAIMS_TPM    /* what the policy sees; of itself the service puts nothing of it into the token */
} azattest__claims_kind;

typedef struct azattest__claims_request {
    const azattest_evidence *evidence;
    azattest_bytes posted; /* the evidence as it was sent: its hash is a claim of enclaves */
    azattest__claims_data runtime, inittime;
    const char *nonce; /* NULL: none */
} azattest__claims_request;

/* AZATTEST_E_ARGUMENT: the evidence has no part that is of that kind; the message names what it has. Members are put
 * in no particular order. */
azattest_status azattest__evidence_claims(azattest__claims_kind kind, const azattest__claims_request *request,
                                          azattest__json *claims, azattest_error **error);
/* A copy with the members of every object sorted, as the service prints client data. The gate has bounded the depth. */
azattest__json *azattest__claims_sorted(const azattest__json *value);

/* Between the files of this folder. */
void azattest__claims_put_sgx(azattest__json *claims, const azattest__sgx_report *report);
void azattest__claims_put_snp(azattest__json *claims, const azattest__snp_report *report);
/* Of a quote, or of the TDREPORT that a paravisor holds, which a quote would repeat; false: there is none. */
bool azattest__claims_td_report(const azattest_evidence *evidence, azattest__tdx_report *out);
void azattest__claims_put_tdx(azattest__json *claims, const azattest__tdx_report *report);
azattest_status azattest__claims_put_guest(azattest__json *claims, const azattest_evidence *evidence,
                                           azattest_error **error);
azattest_status azattest__claims_put_tpm(azattest__json *claims, const azattest_evidence *evidence,
                                         azattest_error **error);
/* {"Events":[...]} of a log, as far as its shape is established (events.c says how far), of the PCRs whose bits are
 * set; an event's data only where the digest of that bank is theirs: nothing else that is verified covers them. Also
 * for policies: a claim's JSON text is made of it. AZATTEST_E_EVIDENCE names the event that is cut or malformed. */
azattest_status azattest__claims_events(azattest_bytes log, uint16_t bank, uint32_t pcrs, azattest__json **out,
                                        azattest_error **error);
/* ProcessedData of an EV_EVENT_TAG of Windows; NULL: it is none (windows.c). */
azattest__json *azattest__claims_windows_event(azattest_bytes data);
/* Text of UTF-16LE, up to its first NUL unit, as UTF-8; false: no text. Appends. */
bool azattest__claims_utf16(azattest_bytes units, azattest__buf *out);

#endif
