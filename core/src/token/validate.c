/* The order of work of a validation, and the two public ways into it. */
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

static azattest_status run_checks(azattest_token *token, const azattest__check *check, azattest_problems *problems,
                                  const azattest_signer **signer, bool *unknown_key, azattest_error **error)
{
    azattest_status status;

    if (azattest__is_on(check->options->validate_signature)) {
        status = azattest__token_check_signature(token, check, problems, signer, unknown_key, error);
        /* What an unverified token claims is not worth a word. */
        if (status != AZATTEST_OK || problems->count > 0)
            return status;
    }
    if ((status = azattest__token_check_times(token, check, problems, error)) != AZATTEST_OK ||
        (status = azattest__token_check_issuer(token, check, problems, error)) != AZATTEST_OK ||
        (status = azattest__token_check_claims(token, check, problems, error)) != AZATTEST_OK)
        return status;
    return check_callback(token, check, *signer, problems);
}

/* Makes it UNVERIFIED. */
static void forget(azattest_token *token)
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
    forget(token);
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

/* With the caller's own keys there is no endpoint that an issuer could be compared with by default. */
static azattest_status check_offline(const azattest_validation_options *options, azattest_error **error)
{
    if (!azattest__is_on(options->validate_token) || !azattest__is_on(options->validate_issuer) ||
        options->issuers != NULL)
        return AZATTEST_OK;
    return azattest__error_set(error, AZATTEST_E_ARGUMENT,
                               "validate: without an expected issuer any instance's token would pass: give the issuer, "
                               "or switch validate_issuer off");
}

azattest_status azattest_token_problems(azattest_token *token, const azattest_validation_options *options,
                                        azattest_problems **out, azattest_error **error)
{
    azattest_status status;
    azattest_problems *problems = NULL;
    azattest__validation merged;
    azattest__check check;
    bool unknown_key;

    memset(&merged, 0, sizeof(merged));
    memset(&check, 0, sizeof(check));
    if (error != NULL)
        *error = NULL;
    if (out != NULL)
        *out = NULL;
    /* Before anything can fail: a call that could not be made says nothing for the token. */
    if (token != NULL)
        forget(token);
    if (token == NULL || out == NULL) {
        status = azattest__error_set(error, AZATTEST_E_ARGUMENT, "validate: no token, or nowhere to put the problems");
        goto done;
    }
    if ((status = azattest__validation_merge(NULL, options, &merged, error)) != AZATTEST_OK ||
        (status = check_offline(&merged.options, error)) != AZATTEST_OK)
        goto done;
    if ((problems = calloc(1, sizeof(*problems))) == NULL) {
        status = azattest__error_memory(error);
        goto done;
    }
    check.options = &merged.options;
    check.keys = merged.options.signers;
    check.now_ms = merged.options.now_ms != 0 ? merged.options.now_ms : azattest__clock_now_ms(NULL);
    if ((status = azattest__token_check(token, &check, problems, &unknown_key, error)) != AZATTEST_OK)
        goto done;
    *out = problems;
    problems = NULL;
done:
    azattest_problems_free(problems);
    azattest__validation_clear(&merged);
    return status;
}

azattest_status azattest_token_validate(azattest_token *token, const azattest_validation_options *options,
                                        azattest_error **error)
{
    azattest_problems *problems = NULL;
    azattest_status status = azattest_token_problems(token, options, &problems, error);

    if (status == AZATTEST_OK && problems->count > 0)
        status = azattest__error_from_problems(error, problems);
    azattest_problems_free(problems);
    return status;
}
