/* Validating a token with keys that are there: the public way without an instance. */
#include <stdlib.h>
#include <string.h>

#include "service_evidence.h"

/* With the caller's own keys there is no endpoint that an issuer could be compared with by default. */
static azattest_status check_offline(const azattest_validation_options *options, azattest_error **error)
{
    if (options->validate_token == AZATTEST_OFF || options->validate_issuer == AZATTEST_OFF || options->issuers != NULL)
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
        azattest__token_forget(token);
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
    check.judge_signer = azattest__judge_service;
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
