/* The service's own enclave: a certificate with evidence, from which more is asked than from anybody's. */
#include <azattest/service.h>

#include "../../error/options.h"
#include "../verdict/appraisal.h"

static bool pins(const azattest_appraisal *appraisal, azattest__member_id id)
{
    return appraisal != NULL && appraisal->members[id].given;
}

/* That the hardware is genuine says nothing about whose program runs on it. */
azattest_status azattest__verify_identity(azattest__verification *v)
{
    const azattest_appraisal *appraisal = v->appraisal;

    if (pins(appraisal, AZATTEST__MEMBER_MR_ENCLAVE) || pins(appraisal, AZATTEST__MEMBER_MR_TD) ||
        (pins(appraisal, AZATTEST__MEMBER_MR_SIGNER) && pins(appraisal, AZATTEST__MEMBER_PRODUCT_ID)))
        return AZATTEST_OK;
    return azattest__verification_leave(v->result, "identity",
                                        "not checked: no appraisal says which enclave it has to be (mr_enclave, or "
                                        "mr_signer with product_id)");
}

azattest_status azattest_verify_service_certificate(azattest_bytes certificate, const azattest_verify_options *options,
                                                    azattest_verification_result **out, azattest_error **error)
{
    azattest_verify_options own;
    azattest_evidence *evidence = NULL;
    azattest_status status;

    if (error != NULL)
        *error = NULL;
    if (out == NULL)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT, "service certificate: no place for the result");
    *out = NULL;
    if ((status = azattest__options_take(options, &own, sizeof(own), "AZATTEST_VERIFY_OPTIONS_INIT", error)) !=
        AZATTEST_OK)
        return status;
    if (own.allow_debug == AZATTEST_DEFAULT)
        own.allow_debug = AZATTEST_OFF;
    own.size = sizeof(own);
    if ((status = azattest_evidence_load(certificate, &evidence, error)) != AZATTEST_OK) {
        azattest__error_prefix(error, "service certificate");
        return status;
    }
    if (evidence->certificate.der.ptr == NULL)
        status = azattest__error_set(error, AZATTEST_E_UNSUPPORTED,
                                     "service certificate: this is evidence of kind %s, not a certificate with "
                                     "evidence inside",
                                     evidence->kind);
    else
        status = azattest__evidence_verify(evidence, &own, true, out, error);
    azattest_evidence_free(evidence);
    return status;
}
