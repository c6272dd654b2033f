/* POST /attest/AzureGuest: the guest's document is verified from the hardware to the key of its TPM that the answer is
 * sealed to. */
#include "base/clock.h"
#include "evidence/azure/guest.h"
#include "token/guest_answer.h"

#include "parts.h"

typedef struct guest_request {
    azattest__json *body, *document;
    azattest__buf posted; /* the document's text */
    const char *draft;    /* borrowed from the body; NULL: none */
    azattest_evidence *evidence;
    azattest__key *key; /* that the answer is sealed to */
} guest_request;

static azattest_status parse(guest_request *request, const azattest__call *call, azattest_error **error)
{
    azattest_status status;

    if ((status = azattest__body_object(call->request->body, &request->body, error)) != AZATTEST_OK ||
        (status = azattest__find_bytes(request->body, call->kind->member, &request->posted, error)) > AZATTEST_ABSENT)
        return status;
    if (status == AZATTEST_ABSENT || request->posted.len == 0)
        return azattest__error_set(error, AZATTEST_E_MALFORMED,
                                   "the request has no evidence: \"%s\" is absent or empty", call->kind->member);
    if ((status = azattest__find_string(request->body, "draftPolicyForAttestation", &request->draft, error)) !=
        AZATTEST_OK)
        return status;
    if ((status = azattest__json_parse(azattest__buf_bytes(&request->posted), &request->document, error)) !=
        AZATTEST_OK) {
        azattest__error_prefix(error, "%s", call->kind->member);
        return status;
    }
    if (!azattest__guest_document_looks_like(request->document))
        return azattest__error_set(error, AZATTEST_E_MALFORMED, "%s: no document of a guest, it has no \"TpmInfo\"",
                                   call->kind->member);
    return azattest__guest_document_load(azattest__buf_bytes(&request->posted), request->document, &request->evidence,
                                         error);
}

/* A Trusted Launch machine has no hardware report; whose TPM it is, only a certificate of Microsoft's could say. */
static azattest_status judge(const azattest__call *call, guest_request *request, int64_t now_ms, azattest_error **error)
{
    azattest_status status;

    if (strcmp(azattest_evidence_kind(request->evidence), call->kind->evidence) != 0)
        return azattest__error_set(error, AZATTEST_E_UNSUPPORTED,
                                   "the machine has no hardware report (Trusted Launch): the authorities that certify "
                                   "such TPMs are not known here");
    if (request->evidence->tpm.message.ptr == NULL)
        return azattest__error_set(error, AZATTEST_E_EVIDENCE, "the document has no quote of the TPM (PcrQuote)");
    if ((status = azattest__attest_verify(call->service, request->evidence, now_ms, error)) != AZATTEST_OK)
        return status;
    return azattest__guest_certified_key(request->evidence, &request->key, error);
}

static azattest_status answer(const azattest__call *call, const guest_request *request, azattest_bytes claims,
                              azattest_error **error)
{
    azattest__json *document = NULL;
    azattest__buf token, sealed;
    azattest_status status;

    azattest__buf_init(&token, AZATTEST_LIMIT_TOKEN);
    azattest__buf_init(&sealed, AZATTEST_LIMIT_RESPONSE);
    if ((status = azattest__token_make(call, request->draft == NULL, claims, &token, error)) == AZATTEST_OK &&
        (status = azattest__guest_answer_seal(request->key, azattest__buf_bytes(&token), &sealed, error)) ==
            AZATTEST_OK) {
        document = azattest__json_new_object();
        azattest__json_put_bytes_text(document, "token", azattest__buf_bytes(&sealed));
        status = azattest__answer_json(call->answer, document, error);
    }
    azattest__json_free(document);
    azattest__buf_free(&sealed);
    azattest__buf_free(&token);
    return status;
}

static azattest_status issue(azattest__call *call, const guest_request *request, int64_t now_ms, azattest_error **error)
{
    azattest__claims_source source = { .now_s = now_ms / 1000,
                                       .posted = azattest__buf_bytes(&request->posted),
                                       .evidence = request->evidence,
                                       .guest = true,
                                       .draft = request->draft };
    azattest_status status;
    azattest__buf claims;

    azattest__buf_init(&claims, AZATTEST_LIMIT_TOKEN_BODY);
    if ((status = azattest__claims_make(call, &source, &claims, error)) == AZATTEST_OK)
        status = answer(call, request, azattest__buf_bytes(&claims), error);
    azattest__buf_free(&claims);
    return status;
}

azattest_status azattest__attest_guest(azattest__call *call, azattest_error **error)
{
    int64_t now_ms = azattest__clock_now_ms(&call->service->clock);
    guest_request request = { .draft = NULL };
    azattest_status status;

    azattest__buf_init(&request.posted, AZATTEST__SERVICE_LIMIT_BODY);
    if ((status = parse(&request, call, error)) == AZATTEST_OK &&
        (status = judge(call, &request, now_ms, error)) == AZATTEST_OK)
        status = issue(call, &request, now_ms, error);
    azattest__key_free(request.key);
    azattest_evidence_free(request.evidence);
    azattest__buf_free(&request.posted);
    azattest__json_free(request.document);
    azattest__json_free(request.body);
    return status;
}
