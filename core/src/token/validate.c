/* The order of work of a validation. */
#include "checks.h"

#include <stdlib.h>
#include <string.h>

/* Step 9: the caller's own check, last, and only when nothing else was wrong. */
static azattest_status check_callback(const azattest_token *token, const azattest__check *check,
                                      const azattest_signer *signer, azattest_problems *problems)
{
    const azattest_validation_options *options = check->options;
    azattest_error *reason = NULL;
    azattest_status status = AZATTEST_OK;

    if (options->validation_callback == NULL || problems->count > 0)
        return AZATTEST_OK;
    if (options->validation_callback(options->validation_user, token, signer, &reason) != AZATTEST_OK)
        status = azattest__problems_add(problems, AZATTEST_E_TOKEN_CALLBACK, "%s",
                                        reason == NULL ? "validation_callback refused the token"
                                                       : azattest_error_message(reason));
    azattest_error_free(reason);
    return status;
}

/* K9 and the roots of K7, for the signer that verified the token. */
static azattest_status check_service(const azattest__check *check, const azattest_signer *signer,
                                     azattest_problems *problems, azattest_error **error)
{
    const azattest_validation_options *options = check->options;
    azattest_error *reason = NULL;
    azattest_status status;

    if (signer == NULL || (options->verify_service_evidence != AZATTEST_ON && options->signer_roots.ptr == NULL))
        return AZATTEST_OK;
    if (check->judge_signer == NULL)
        return azattest__problems_add(problems, AZATTEST_E_TOKEN_SERVICE_EVIDENCE,
                                      "the evidence of the service cannot be judged here");
    status = check->judge_signer(check->judge_user, signer, options, check->now_ms, &reason);
    if (status == AZATTEST_E_TOKEN_SERVICE_EVIDENCE || status == AZATTEST_E_TOKEN_CERTIFICATE)
        status = azattest__problems_add(problems, status, "%s", azattest_error_message(reason));
    else if (status != AZATTEST_OK)
        status = azattest__error_set(error, status, "%s", azattest_error_message(reason));
    azattest_error_free(reason);
    return status;
}

static azattest_status run_checks(azattest_token *token, const azattest__check *check, azattest_problems *problems,
                                  const azattest_signer **signer, bool *unknown_key, azattest_error **error)
{
    azattest_status status;

    if (azattest__is_on(check->options->validate_signature)) {
        status = azattest__token_check_signature(token, check, problems, signer, unknown_key, error);
        /* What an unverified token claims is not worth a word. */
        if (status != AZATTEST_OK || problems->count > 0)
            return status;
        if ((status = check_service(check, *signer, problems, error)) != AZATTEST_OK)
            return status;
    }
    if ((status = azattest__token_check_times(token, check, problems, error)) != AZATTEST_OK ||
        (status = azattest__token_check_issuer(token, check, problems, error)) != AZATTEST_OK ||
        (status = azattest__token_check_claims(token, check, problems, error)) != AZATTEST_OK)
        return status;
    return check_callback(token, check, *signer, problems);
}

/* Makes it UNVERIFIED. */
void azattest__token_forget(azattest_token *token)
{
    token->validated = false;
    azattest_signer_free(token->signer);
    token->signer = NULL;
}

azattest_status azattest__token_check(azattest_token *token, const azattest__check *check, azattest_problems *problems,
                                      bool *unknown_key, azattest_error **error)
{
    const azattest_signer *signer = NULL;
    azattest_status status;

    *unknown_key = false;
    azattest__token_forget(token);
    if (!azattest__is_on(check->options->validate_token))
        return AZATTEST_OK;
    status = run_checks(token, check, problems, &signer, unknown_key, error);
    if (status == AZATTEST_E_MEMORY)
        return azattest__error_memory(error);
    if (status == AZATTEST_OK && problems->count == 0 && signer != NULL) {
        token->signer = azattest_signer_ref(signer);
        token->validated = true;
    }
    return status;
}
