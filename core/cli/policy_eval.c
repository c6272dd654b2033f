/* azattest policy eval: would this be admitted, and what would the token say? */
#include "policy_eval.h"

#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "error/error.h"
#include "input.h"
#include "words.h"

/* What only evidence that is verified has a use for. */
static const azattest__option of_evidence[] = { OPTION_RUNTIME_DATA, OPTION_RUNTIME_JSON, OPTION_NONCE,
                                                OPTION_AT,           OPTION_ROOT,         OPTION_APPRAISAL,
                                                OPTION_NO_DEBUG,     OPTION_COLLATERAL,   OPTION_FETCH,
                                                OPTION_SOURCE,       OPTION_REGION,       OPTION_CACHE,
                                                OPTION_COUNT };

/* One of three says where the claims come from. */
static azattest_status check_use(const azattest__arguments *arguments, azattest__claims_from *from,
                                 azattest_error **error)
{
    bool evidence = arguments->value[OPTION_POLICY_EVIDENCE] != NULL, claims = arguments->value[OPTION_CLAIMS] != NULL;
    bool token = arguments->value[OPTION_POLICY_TOKEN] != NULL;

    *from = evidence ? FROM_EVIDENCE : token ? FROM_TOKEN : FROM_CLAIMS;
    if (evidence + token + claims != 1) {
        azattest__error_set(error, AZATTEST_E_ARGUMENT, "%s",
                            evidence + token + claims == 0 ? "there are no claims to evaluate the policy over"
                                                           : "--evidence, --token and --claims exclude each other");
        return azattest__next_step(error, "give one of --evidence FILE, --token FILE, --claims FILE");
    }
    for (size_t i = 0; !evidence && of_evidence[i] != OPTION_COUNT; i++)
        if (arguments->value[of_evidence[i]] != NULL) {
            azattest__error_set(error, AZATTEST_E_ARGUMENT,
                                "%s is for the verification of --evidence, and there is none",
                                azattest__option_name(of_evidence[i]));
            return azattest__next_step(error, "the claims of --token and --claims are taken as they are");
        }
    if (arguments->value[OPTION_RUNTIME_DATA] != NULL && arguments->value[OPTION_RUNTIME_JSON] != NULL) {
        azattest__error_set(error, AZATTEST_E_ARGUMENT, "--runtime-data and --runtime-json exclude each other");
        return azattest__next_step(error, "--runtime-json is for JSON that the token shall carry as x-ms-runtime");
    }
    return AZATTEST_OK;
}

/* Runtime data of either form are bound alike; as JSON the token carries them too. */
static azattest_status take_runtime_json(const azattest__arguments *arguments, azattest__trial *trial,
                                         azattest_claims_options *options, azattest_error **error)
{
    azattest__expectations *expectations = &trial->expectations;
    azattest_status status = AZATTEST_OK;

    if (arguments->value[OPTION_RUNTIME_JSON] != NULL) {
        azattest__buf_free(&expectations->runtime_data);
        status = azattest__input_option(arguments, OPTION_RUNTIME_JSON, AZATTEST_LIMIT_RUNTIME_DATA,
                                        &expectations->runtime_data, &expectations->options.runtime_data, error);
        options->runtime_json = expectations->options.runtime_data;
    } else {
        options->runtime_data = expectations->options.runtime_data;
    }
    return status;
}

/* Data that the evidence does not bind are what the verification fails by; the claims are then those without them. */
static azattest_status make_claims(azattest__trial *trial, azattest_claims_options *options, azattest_error **error)
{
    const azattest_bytes absent = { NULL, 0 };
    azattest_status status = azattest_claim_set_from_evidence(trial->evidence, options, &trial->claims, error);

    if (status != AZATTEST_E_BINDING || trial->expectations.options.runtime_data.ptr == NULL)
        return status;
    azattest_error_free(*error);
    *error = NULL;
    options->runtime_data = options->runtime_json = absent;
    return azattest_claim_set_from_evidence(trial->evidence, options, &trial->claims, error);
}

/* Of the files that the command was given, a reader has to know which is none. */
static azattest_status read_evidence(const char *path, azattest_evidence **out, azattest_error **error)
{
    azattest_status status = azattest__input_evidence(path, out, error);

    if (status == AZATTEST_E_EVIDENCE) {
        char *shown = azattest__printable(azattest__text(path), 200);

        azattest__error_prefix(error, "the evidence in '%s' cannot be used", shown == NULL ? "?" : shown);
        free(shown);
    }
    return status;
}

static azattest_status from_evidence(const azattest__arguments *arguments, azattest__trial *trial,
                                     azattest_error **error)
{
    azattest_claims_options options = AZATTEST_CLAIMS_OPTIONS_INIT;
    azattest_status status;

    options.attestation_type = trial->type;
    options.nonce = trial->nonce = arguments->value[OPTION_NONCE];
    if ((status = azattest__expectations_read(arguments, &trial->expectations, error)) == AZATTEST_OK &&
        (status = take_runtime_json(arguments, trial, &options, error)) == AZATTEST_OK &&
        (status = read_evidence(arguments->value[OPTION_POLICY_EVIDENCE], &trial->evidence, error)) == AZATTEST_OK &&
        (status = make_claims(trial, &options, error)) == AZATTEST_OK &&
        (status = azattest__expectations_gather(arguments, trial->evidence, &trial->expectations, error)) ==
            AZATTEST_OK) {
        if (azattest_evidence_nonce(trial->evidence).ptr == NULL) /* only a TPM's quote holds it */
            trial->expectations.options.nonce = azattest__bytes(NULL, 0);
        status = azattest_evidence_verify(trial->evidence, &trial->expectations.options, &trial->verification, error);
    }
    return status;
}

static azattest_status from_token(const azattest__arguments *arguments, azattest__trial *trial, azattest_error **error)
{
    azattest_claims_options options = AZATTEST_CLAIMS_OPTIONS_INIT;
    azattest_token *token = NULL;
    azattest_status status;

    options.attestation_type = trial->type;
    if ((status = azattest__input_token(arguments->value[OPTION_POLICY_TOKEN], &token, error)) == AZATTEST_OK)
        status = azattest_claim_set_from_token(token, &options, &trial->claims, error);
    azattest_token_free(token);
    return status;
}

static azattest_status from_claims(const azattest__arguments *arguments, azattest__trial *trial, azattest_error **error)
{
    return azattest__claims_read(arguments->value[OPTION_CLAIMS], trial->type, &trial->claims, error);
}

static azattest_status evaluate(const azattest__arguments *arguments, azattest__trial *trial, azattest_error **error)
{
    azattest_evaluation_options options = AZATTEST_EVALUATION_OPTIONS_INIT;
    int64_t work = 0;
    azattest_status status;

    if ((status = azattest__arguments_number(arguments, OPTION_WORK_LIMIT, 1, 1000000000000, &work, error)) !=
        AZATTEST_OK)
        return status;
    options.work_limit = (uint64_t)work;
    status = azattest_policy_evaluate(trial->policy, trial->claims, &options, &trial->evaluation, &trial->failure);
    if (status == AZATTEST_E_POLICY_EVALUATION || status == AZATTEST_E_LIMIT)
        return AZATTEST_OK; /* that is what comes of it: no outcome */
    if (status != AZATTEST_OK && error != NULL) {
        *error = trial->failure;
        trial->failure = NULL;
    }
    return status;
}

bool azattest__trial_is_permitted(const azattest__trial *trial)
{
    return trial->failure == NULL && azattest_policy_evaluation_is_permitted(trial->evaluation);
}

bool azattest__trial_is_admitted(const azattest__trial *trial)
{
    return azattest__trial_is_permitted(trial) &&
           (trial->from != FROM_EVIDENCE || azattest_verification_result_is_valid(trial->verification));
}

int azattest__trial_code(const azattest__trial *trial)
{
    if (azattest__trial_is_admitted(trial))
        return EXIT_VALID;
    return trial->evaluation == NULL ? EXIT_UNREACHED : EXIT_NOT_VALID;
}

static void trial_clear(azattest__trial *trial)
{
    azattest_verification_result_free(trial->verification);
    azattest__expectations_clear(&trial->expectations);
    azattest_evidence_free(trial->evidence);
    azattest_error_free(trial->failure);
    azattest_policy_evaluation_free(trial->evaluation);
    azattest_claim_set_free(trial->claims);
    azattest_policy_free(trial->policy);
    azattest__policy_file_clear(&trial->source);
}

int azattest__command_policy_eval(const azattest__arguments *arguments)
{
    bool json = arguments->value[OPTION_JSON] != NULL;
    azattest__trial trial;
    azattest_error *error = NULL;
    azattest_status status;
    int code;

    memset(&trial, 0, sizeof(trial));
    if ((status = check_use(arguments, &trial.from, &error)) == AZATTEST_OK &&
        (status = azattest__policy_file_parse(arguments, arguments->operand, &trial.source, &trial.policy, &error)) !=
            AZATTEST_OK) {
        /* Its author is at the keyboard: a policy with errors denies nothing and permits nothing. */
        code = azattest__policy_file_failure(arguments, &trial.source, error, EXIT_WRONG_USE);
        goto done;
    }
    if (status == AZATTEST_OK && (status = azattest__type_option(arguments, &trial.type, &error)) == AZATTEST_OK)
        status = trial.from == FROM_EVIDENCE ? from_evidence(arguments, &trial, &error)
                 : trial.from == FROM_TOKEN  ? from_token(arguments, &trial, &error)
                                             : from_claims(arguments, &trial, &error);
    if (status == AZATTEST_OK)
        status = evaluate(arguments, &trial, &error);
    if (status != AZATTEST_OK) {
        code = azattest__output_failure(json, error);
        code = code == EXIT_NOT_VALID ? EXIT_UNREACHED : code; /* that would say that it is denied */
    } else if (json)
        code = azattest__trial_document(&trial);
    else
        code = azattest__trial_print(&trial, arguments->value[OPTION_TRACE] != NULL);
done:
    trial_clear(&trial);
    return code;
}
