#include "evaluation.h"

#include <stdio.h>
#include <stdlib.h>

#include "agreement.h"
#include "base/buf.h"

char *evaluation_text(const char *marked)
{
    char *text = strdup(marked);

    assert_non_null(text);
    for (char *p = text; *p != '\0'; p++)
        *p = *p == '\'' ? '"' : *p == '^' ? '\'' : *p;
    return text;
}

azattest_status evaluation_of(const char *policy, const char *claims, const azattest_evaluation_options *options,
                              bool lenient, azattest_policy_evaluation **out, azattest_error **error)
{
    azattest_policy_parse_options parsing = AZATTEST_POLICY_PARSE_OPTIONS_INIT;
    char *policy_text = evaluation_text(policy), *claims_text = evaluation_text(claims == NULL ? "{}" : claims);
    azattest_policy *parsed = NULL;
    azattest_claim_set *set = NULL;
    azattest_status status;

    parsing.lenient = lenient ? AZATTEST_ON : AZATTEST_OFF;
    expect(azattest_policy_parse(azattest__text(policy_text), &parsing, &parsed, error), error, AZATTEST_OK, NULL);
    expect(azattest_claim_set_parse(azattest__text(claims_text), &set, error), error, AZATTEST_OK, NULL);
    status = azattest_policy_evaluate(parsed, set, options, out, error);
    azattest_policy_free(parsed); /* the evaluation keeps both */
    azattest_claim_set_free(set);
    free(policy_text);
    free(claims_text);
    return status;
}

static void is_text(const char *what, const char *got, const char *expected)
{
    char *text = evaluation_text(expected == NULL ? "{}" : expected);

    assert_non_null(got);
    if (strcmp(got, text) != 0)
        fail_msg("%s: %s, expected %s", what, got, text);
    free(text);
}

static void has_part(const char *what, const char *got, const char *part)
{
    char *text = part == NULL ? NULL : evaluation_text(part);

    assert_non_null(got);
    if (text != NULL && strstr(got, text) == NULL)
        fail_msg("%s: \"%s\", expected to find \"%s\"", what, got, text);
    free(text);
}

void evaluation_is(const evaluation_case *test, const azattest_policy_evaluation *evaluation)
{
    const char *explanation = azattest_policy_evaluation_explanation(evaluation);
    bool permitted = strcmp(test->outcome, "permit") == 0;

    if (strcmp(azattest_policy_evaluation_outcome(evaluation), test->outcome) != 0)
        fail_msg("%s\nexpected %s", explanation, test->outcome);
    assert_int_equal(azattest_policy_evaluation_is_permitted(evaluation), permitted);
    is_text("claims", azattest_policy_evaluation_claims(evaluation).ptr, test->issued);
    is_text("properties", azattest_policy_evaluation_properties(evaluation).ptr, test->properties);
    has_part("explanation", explanation, permitted ? "Permitted: the rule of line" : "Not permitted: ");
    has_part("explanation", explanation, test->explained);
    has_part("trace", azattest_policy_evaluation_trace(evaluation).ptr, test->trace);
    trace_agrees(evaluation);
}

void evaluation_comes_out(void **state)
{
    const evaluation_case *test = *state;
    azattest_evaluation_options options = AZATTEST_EVALUATION_OPTIONS_INIT;
    azattest_policy_evaluation *evaluation = NULL;
    azattest_error *error = NULL;
    char policy[4096];
    azattest_status status;

    options.work_limit = test->work_limit;
    snprintf(policy, sizeof(policy),
             strncmp(test->policy, "version", 7) == 0 ? "%s" : "version=1.2;authorizationrules{%s};", test->policy);
    status = evaluation_of(policy, test->claims, &options, test->lenient, &evaluation, &error);
    if (strcmp(test->outcome, "error") == 0) {
        char *message = evaluation_text(test->issued);

        assert_null(evaluation);
        expect(status, &error, test->status == AZATTEST_OK ? AZATTEST_E_POLICY_EVALUATION : test->status, message);
        free(message);
        return;
    }
    expect(status, &error, AZATTEST_OK, NULL);
    evaluation_is(test, evaluation);
    azattest_policy_evaluation_free(evaluation);
}
