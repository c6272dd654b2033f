/* Every allocation of reading claims, evaluating and explaining fails once, in turn: nothing is lost, nothing crashes,
 * and nothing that is denied is permitted by it. */
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "evaluation.h"
#include "failing_memory.h"

static const char permitting[] =
    "version=1.2;configurationrules{=>issueproperty(type='p', value=1);};authorizationrules{"
    "c:[type=='events']=>add(type='secure', value=JsonToClaimValue(JmesPath(c.value, 'Events[?PcrIndex == `7`] | "
    "@[0].ok')));"
    "[type=='secure', value==true]&&c:[type=='n', value>2]=>permit();[type=='secure', value==false]=>deny();};"
    "issuancerules{c:[type=='n']=>issue(type='x', value=c.value);c:[type=='x']&&q:[type=='q']=>issue(type='y', "
    "value=JmesPath("
    "AppendString('[1', ',2]'), q.value));c:[type=='n']&&d:[type=='x', value==c.value]=>issue(claim=d);};";
static const char claims[] = "[{'type':'events','value':{'Events':[{'PcrIndex':7,'ok':true }]}},{'type':'n','value':"
                             "[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20]},{'type':'q','value':'[-1]'}]";

static void every_failure(const char *ok)
{
    char *policy_text = evaluation_text(permitting), *claims_text = evaluation_text(claims);
    azattest_policy *policy = NULL;
    bool failed = true, good = strcmp(ok, "true ") == 0;
    long runs = 0;

    memcpy(strstr(claims_text, "true "), ok, 5);
    assert_int_equal(azattest_policy_parse(azattest__text(policy_text), NULL, &policy, NULL), AZATTEST_OK);
    for (; failed; runs++) {
        azattest_policy_evaluation *evaluation = NULL;
        azattest_claim_set *set = NULL;
        azattest_error *error = NULL;
        azattest_status status;

        allocations_until_failure = runs;
        if ((status = azattest_claim_set_parse(azattest__text(claims_text), &set, &error)) == AZATTEST_OK)
            status = azattest_policy_evaluate(policy, set, NULL, &evaluation, &error);
        azattest_policy_evaluation_claims(evaluation);
        azattest_policy_evaluation_properties(evaluation);
        azattest_policy_evaluation_incoming(evaluation);
        azattest_policy_evaluation_trace(evaluation);
        azattest_policy_evaluation_explanation(evaluation);
        azattest_claim_set_json(set);
        failed = allocations_until_failure < 0;
        allocations_until_failure = -1;
        assert_int_equal(status == AZATTEST_OK, error == NULL);
        assert_int_equal(status == AZATTEST_OK, evaluation != NULL);
        if (status != AZATTEST_OK) {
            assert_int_equal(status, AZATTEST_E_MEMORY);
        } else { /* what could not be made then can be made now */
            assert_int_equal(azattest_policy_evaluation_is_permitted(evaluation), good);
            assert_non_null(azattest_policy_evaluation_claims(evaluation).ptr);
            assert_non_null(azattest_policy_evaluation_trace(evaluation).ptr);
            assert_non_null(azattest_policy_evaluation_explanation(evaluation));
        }
        azattest_error_free(error);
        azattest_policy_evaluation_free(evaluation);
        azattest_claim_set_free(set);
    }
    printf("%ld allocations\n", runs - 1);
    assert_true(runs > 50);
    azattest_policy_free(policy);
    free(policy_text);
    free(claims_text);
}

static void claims_that_are_admitted(void **state)
{
    (void)state;
    every_failure("true ");
}

static void claims_that_are_denied(void **state)
{
    (void)state;
    every_failure("false");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(claims_that_are_admitted),
        cmocka_unit_test(claims_that_are_denied),
    };

    return cmocka_run_group_tests_name("policy_evaluate_memory", tests, NULL, NULL);
}
