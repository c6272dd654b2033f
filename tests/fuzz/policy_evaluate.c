/* A policy, a NUL, and claims: an evaluation always comes out the same, is shown whole, and permits only by a rule. */
#include <stdlib.h>

#include "json/json.h"
#include "policy/evaluation/evaluation.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void need(bool holds)
{
    if (!holds)
        abort();
}

static void need_json(azattest_bytes text)
{
    need(text.ptr != NULL && azattest__json_check(text, NULL) == AZATTEST_OK);
}

/* A rule of authorizationrules with that action fired. */
static bool has_fired(const azattest_policy_evaluation *evaluation, azattest__action_kind action)
{
    const azattest__section *section = &evaluation->policy->sections[AZATTEST__AUTHORIZATION];

    for (size_t i = 0; i < section->rule_count; i++)
        if (evaluation->records[AZATTEST__AUTHORIZATION][i].fired && section->rules[i].action.kind == action)
            return true;
    return false;
}

static void look(const azattest_policy_evaluation *evaluation)
{
    bool permitted = azattest_policy_evaluation_is_permitted(evaluation);

    need(permitted == (has_fired(evaluation, AZATTEST__PERMIT) && !has_fired(evaluation, AZATTEST__DENY)));
    need((azattest_policy_evaluation_deny_line(evaluation) != 0) == has_fired(evaluation, AZATTEST__DENY));
    need_json(azattest_policy_evaluation_claims(evaluation));
    need_json(azattest_policy_evaluation_properties(evaluation));
    need_json(azattest_policy_evaluation_incoming(evaluation));
    need_json(azattest_policy_evaluation_trace(evaluation));
    need(azattest_policy_evaluation_explanation(evaluation) != NULL);
    need(permitted || azattest__bytes_equal_text(azattest_policy_evaluation_claims(evaluation), "{}"));
    for (size_t i = 0; i < evaluation->outgoing.count; i++)
        need(!evaluation->outgoing.items[i].value.read_only);
    for (size_t i = 0; i < evaluation->properties.count; i++)
        need(!evaluation->properties.items[i].value.read_only);
}

static void run(const azattest_policy *policy, const azattest_claim_set *claims)
{
    azattest_evaluation_options options = AZATTEST_EVALUATION_OPTIONS_INIT;
    azattest_policy_evaluation *evaluation = NULL, *again = NULL;
    azattest_error *error = NULL;
    azattest_status status;

    options.work_limit = 100000;
    status = azattest_policy_evaluate(policy, claims, &options, &evaluation, &error);
    need((status == AZATTEST_OK) == (evaluation != NULL) && (status == AZATTEST_OK) == (error == NULL));
    azattest_error_free(error);
    if (status == AZATTEST_OK)
        look(evaluation);
    else
        need(status == AZATTEST_E_POLICY_EVALUATION || status == AZATTEST_E_LIMIT);
    options.work_limit = 60;
    if (azattest_policy_evaluate(policy, claims, &options, &again, NULL) == AZATTEST_OK)
        need(status == AZATTEST_OK &&
             azattest__bytes_equal(azattest_policy_evaluation_trace(evaluation),
                                   azattest_policy_evaluation_trace(again)) &&
             azattest__bytes_equal(azattest_policy_evaluation_claims(evaluation),
                                   azattest_policy_evaluation_claims(again)));
    azattest_policy_evaluation_free(again);
    azattest_policy_evaluation_free(evaluation);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    azattest_policy_parse_options options = AZATTEST_POLICY_PARSE_OPTIONS_INIT;
    const uint8_t *nul = size == 0 ? NULL : memchr(data, '\0', size);
    azattest_policy *policy = NULL;
    azattest_claim_set *claims = NULL, *again = NULL;
    azattest_bytes json;

    options.lenient = AZATTEST_ON;
    if (nul == NULL)
        return 0;
    if (azattest_claim_set_parse(azattest__bytes(nul + 1, (size_t)(data + size - nul - 1)), &claims, NULL) ==
        AZATTEST_OK) {
        json = azattest_claim_set_json(claims);
        need(azattest_claim_set_parse(json, &again, NULL) == AZATTEST_OK &&
             azattest__bytes_equal(json, azattest_claim_set_json(again)));
        if (azattest_policy_parse(azattest__bytes(data, (size_t)(nul - data)), &options, &policy, NULL) == AZATTEST_OK)
            run(policy, claims);
    }
    azattest_policy_free(policy);
    azattest_claim_set_free(again);
    azattest_claim_set_free(claims);
    return 0;
}
