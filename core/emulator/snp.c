/* POST /attest/SevSnpVm: the document with the report and its certificates, verified as the library verifies it. */
#include "base/clock.h"
#include "base/encoding.h"
#include "evidence/amd/document.h"

#include "parts.h"

/* The service takes a document, never a bare report: it fetches no certificates. Endorsements are of confidential
 * containers, whose claims are not established: they are read past, and no claim repeats them. */
static azattest_status read_evidence(const azattest__attest_request *request, const char *kind, azattest_evidence **out,
                                     azattest_error **error)
{
    azattest_status status;
    azattest__buf report, chain;
    bool is_document = false;

    azattest__buf_init(&report, AZATTEST_LIMIT_EVIDENCE);
    azattest__buf_init(&chain, AZATTEST_LIMIT_CERTIFICATE_CHAIN);
    status =
        azattest__snp_document_read_text(azattest__buf_bytes(&request->posted), &is_document, &report, &chain, error);
    if (status == AZATTEST_OK && !is_document)
        status = azattest__error_set(error, AZATTEST_E_MALFORMED,
                                     "\"report\" is not base64url of a JSON document with \"SnpReport\" and "
                                     "\"VcekCertChain\"");
    else if (status == AZATTEST_OK && chain.len == 0)
        status = azattest__error_set(error, AZATTEST_E_MALFORMED, "\"report\" has no \"VcekCertChain\"");
    azattest__buf_free(&report);
    azattest__buf_free(&chain);
    if (status != AZATTEST_OK ||
        (status = azattest_evidence_load(azattest__buf_bytes(&request->posted), out, error)) != AZATTEST_OK ||
        strcmp(azattest_evidence_kind(*out), kind) == 0)
        return status;
    return azattest__error_set(error, AZATTEST_E_UNSUPPORTED, "the evidence is of kind %s, expected %s",
                               azattest_evidence_kind(*out), kind);
}

static azattest_status check_bindings(const azattest_evidence *evidence, const azattest__attest_request *request,
                                      azattest_error **error)
{
    azattest_status status = azattest__attest_check_bound(&request->runtime, "runtimeData", evidence->snp.report_data,
                                                          "the first half of the report data", error);

    return status != AZATTEST_OK ? status
                                 : azattest__attest_check_bound(&request->inittime, "initTimeData",
                                                                evidence->snp.host_data, "the host data", error);
}

azattest_status azattest__attest_snp(azattest__call *call, azattest_error **error)
{
    azattest_status status;
    azattest_evidence *evidence = NULL;
    int64_t now_ms = azattest__clock_now_ms(&call->service->clock);
    azattest__attest_request request;

    if ((status = azattest__attest_request_read(call, &request, error)) == AZATTEST_OK &&
        (status = read_evidence(&request, call->kind->evidence, &evidence, error)) == AZATTEST_OK &&
        (status = azattest__attest_verify(call->service, evidence, now_ms, error)) == AZATTEST_OK &&
        (status = check_bindings(evidence, &request, error)) == AZATTEST_OK)
        status = azattest__attest_issue(call, &request, evidence, now_ms, error);
    azattest_evidence_free(evidence);
    azattest__attest_request_clear(&request);
    return status;
}
