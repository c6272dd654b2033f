/* POST /attest/TdxVm: a TDX quote of version 4 or 5, verified as the library verifies it. */
#include "base/clock.h"

#include "parts.h"

/* What the wire does not take is refused, though the service's binder may pass over it: nobody shall believe that a
 * draft was evaluated, or that init-time data were bound. What of a trust domain would bind them is not established. */
static azattest_status check_request(const azattest__attest_request *request, azattest_error **error)
{
    if (request->draft != NULL)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT,
                                   "TdxVm takes no draftPolicyForAttestation in any api-version");
    if (request->inittime.given)
        return azattest__error_set(error, AZATTEST_E_BINDING,
                                   "initTimeData: what of a TDX quote binds them is not established, so none are taken "
                                   "here; put their hash into MRCONFIGID and let the relying party compare "
                                   "tdx_mrconfigid");
    return AZATTEST_OK;
}

static azattest_status judge(azattest__service *service, const azattest__attest_request *request,
                             const azattest_evidence *evidence, const char *kind, int64_t now_ms,
                             azattest_error **error)
{
    azattest_status status;

    if (strcmp(azattest_evidence_kind(evidence), kind) != 0)
        return azattest__error_set(error, AZATTEST_E_UNSUPPORTED, "the evidence is of kind %s, expected %s",
                                   azattest_evidence_kind(evidence), kind);
    if ((status = azattest__attest_verify(service, evidence, now_ms, error)) != AZATTEST_OK)
        return status;
    return azattest__attest_check_bound(&request->runtime, "runtimeData", evidence->intel.td_report.report_data,
                                        "the first half of the quote's report data", error);
}

azattest_status azattest__attest_tdx(azattest__call *call, azattest_error **error)
{
    azattest_status status;
    azattest_evidence *evidence = NULL;
    int64_t now_ms = azattest__clock_now_ms(&call->service->clock);
    azattest__attest_request request;

    if ((status = azattest__attest_request_read(call, &request, error)) == AZATTEST_OK &&
        (status = check_request(&request, error)) == AZATTEST_OK &&
        (status = azattest_evidence_parse(azattest__buf_bytes(&request.posted), &evidence, error)) == AZATTEST_OK &&
        (status = judge(call->service, &request, evidence, call->kind->evidence, now_ms, error)) == AZATTEST_OK)
        status = azattest__attest_issue(call, &request, evidence, now_ms, error);
    azattest_evidence_free(evidence);
    azattest__attest_request_clear(&request);
    return status;
}
