/* Claims for policies: JSON files, and evidence that is taken at its word. */
#include <stdlib.h>
#include <string.h>

#include "error/error.h"
#include "input.h"
#include "policy_source.h"

azattest_status azattest__claims_read(const char *path, const char *type, azattest_claim_set **out,
                                      azattest_error **error)
{
    azattest_claims_options options = AZATTEST_CLAIMS_OPTIONS_INIT;
    azattest_error *reason = NULL;
    azattest__buf file;
    azattest_status status;
    char *shown;

    *out = NULL;
    options.attestation_type = type;
    if ((status = azattest__input_read(path, "claims", AZATTEST_LIMIT_CLAIM_SET, &file, &reason)) == AZATTEST_OK)
        status = azattest_claim_set_from_claims(
            azattest__bytes(file.ptr == NULL ? (const void *)"" : file.ptr, file.len), &options, out, &reason);
    if (status == AZATTEST_E_MEMORY || (status != AZATTEST_OK && status == AZATTEST_E_STATE)) {
        if (error != NULL)
            *error = reason;
        else
            azattest_error_free(reason);
        reason = NULL;
    } else if (status != AZATTEST_OK) { /* nothing was judged: the file cannot be used */
        shown = azattest__printable(azattest__text(path), 200);
        status = azattest__error_set(error, AZATTEST_E_STATE, "the claims in '%s' cannot be used: %s",
                                     shown == NULL ? "?" : shown, azattest_error_message(reason));
        if (error != NULL)
            azattest__error_set_hint(*error,
                                     "write {\"NAME\": VALUE, ...} for claims of the service, or "
                                     "[{\"type\": \"NAME\", \"value\": VALUE, \"issuer\": \"CustomClaim\"}, ...]");
        free(shown);
    }
    azattest_error_free(reason);
    azattest__buf_free(&file);
    return status;
}

azattest_status azattest__claims_of_evidence(const char *path, const char *type, azattest_claim_set **out,
                                             azattest_error **error)
{
    azattest_claims_options options = AZATTEST_CLAIMS_OPTIONS_INIT;
    azattest_evidence *evidence = NULL;
    azattest_error *reason = NULL;
    azattest_status status;
    char *shown;

    *out = NULL;
    options.attestation_type = type;
    if ((status = azattest__input_evidence(path, &evidence, &reason)) == AZATTEST_OK)
        status = azattest_claim_set_from_evidence(evidence, &options, out, &reason);
    if (status != AZATTEST_OK) {
        shown = azattest__printable(azattest__text(path), 200);
        status = azattest__error_set(error, AZATTEST_E_STATE, "the evidence in '%s' cannot be used: %s",
                                     shown == NULL ? "?" : shown, azattest_error_message(reason));
        free(shown);
    }
    azattest_error_free(reason);
    azattest_evidence_free(evidence);
    return status;
}
