/* Traces are worked out when somebody asks for them: they have to say what the evaluation did. Real policies are held
 * to that in policy_evaluate_real.c, as every evaluation of the tables is; here are policies that nobody would write.
 */
#include <stdio.h>
#include <stdlib.h>

#include "agreement.h"
#include "base/buf.h"
#include "evaluation.h"

#define POLICIES 4000
#define MOST_RULES 4
#define MOST_CONDITIONS 3

/* The same ones each time. */
static uint32_t pick(uint32_t *state, uint32_t below)
{
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return (*state >> 8) % below;
}

#define ONE_OF(state, list) (list)[pick(state, sizeof(list) / sizeof((list)[0]))]

static const char *const types[] = { "'a'", "'b'", "'p'" };
static const char *const values[] = { "1", "2", "true", "false", "'x'" };

static void put_condition(uint32_t *state, size_t number, azattest__buf *out)
{
    static const char *const relations[] = { "<", "<=", ">", ">=" };
    bool negated = pick(state, 4) == 0;

    azattest__buf_append_text(out, negated ? "!" : "");
    if (!negated)
        azattest__buf_printf(out, "c%zu:", number);
    azattest__buf_append_text(out, "[");
    azattest__buf_printf(out, pick(state, 5) == 0 ? "type!=%s" : "type==%s", ONE_OF(state, types));
    switch (pick(state, 5)) {
    case 0:
        azattest__buf_printf(out, ", value==%s", ONE_OF(state, values));
        break;
    case 1:
        azattest__buf_printf(out, ", value%s%u", ONE_OF(state, relations), pick(state, 3));
        break;
    case 2:
        azattest__buf_printf(out, ", issuer%s'AttestationService'", pick(state, 2) == 0 ? "==" : "!=");
        break;
    case 3:
        if (number > 0)
            azattest__buf_printf(out, ", value%sc%u.value",
                                 pick(state, 2) == 0 ? "==" : "!=", pick(state, (uint32_t)number));
        break;
    default:
        break;
    }
    azattest__buf_append_text(out, "]");
}

/* Half of them refer to a condition that is negated, and are no policies. */
static void put_action(uint32_t *state, const char *kind, size_t conditions, azattest__buf *out)
{
    azattest__buf_printf(out, "=>%s(", kind);
    if (strcmp(kind, "permit") == 0 || strcmp(kind, "deny") == 0)
        azattest__buf_append_text(out, ");\n");
    else if (conditions > 0 && pick(state, 3) == 0)
        azattest__buf_printf(out, "claim=c%u);\n", pick(state, (uint32_t)conditions));
    else if (conditions > 0 && pick(state, 2) == 0)
        azattest__buf_printf(out, "type=%s, value=c%u.value);\n", ONE_OF(state, types),
                             pick(state, (uint32_t)conditions));
    else
        azattest__buf_printf(out, "type=%s, value=%s);\n", ONE_OF(state, types), ONE_OF(state, values));
}

static void put_section(uint32_t *state, const char *name, const char *const *actions, uint32_t action_count,
                        azattest__buf *out)
{
    uint32_t rules = pick(state, MOST_RULES + 1);

    azattest__buf_printf(out, "%s{\n", name);
    while (rules-- > 0) {
        uint32_t conditions = pick(state, MOST_CONDITIONS + 1);

        for (uint32_t i = 0; i < conditions; i++) {
            azattest__buf_append_text(out, i == 0 ? "" : " && ");
            put_condition(state, i, out);
        }
        put_action(state, actions[pick(state, action_count)], conditions, out);
    }
    azattest__buf_append_text(out, "};");
}

static char *made_up_policy(uint32_t *state)
{
    static const char *const configuration[] = { "issueproperty" };
    static const char *const authorization[] = { "permit", "permit", "permit", "deny", "add" };
    static const char *const issuance[] = { "add", "issue", "issue", "issueproperty" };
    azattest__buf out;
    size_t len;

    azattest__buf_init(&out, 65536);
    azattest__buf_append_text(&out, "version=1.2;");
    if (pick(state, 2) == 0)
        put_section(state, "configurationrules", configuration, 1, &out);
    put_section(state, "authorizationrules", authorization, 5, &out);
    put_section(state, "issuancerules", issuance, 4, &out);
    for (size_t i = 0; i < out.len; i++)
        if (out.ptr[i] == '\'')
            out.ptr[i] = '"';
    assert_int_equal(out.status, AZATTEST_OK);
    return (char *)azattest__buf_take(&out, &len);
}

static azattest_claim_set *made_up_claims(uint32_t *state)
{
    static const char *const names[] = { "a", "b", "p" };
    azattest_claim_set *set = NULL;
    uint32_t count = pick(state, 5);

    assert_int_equal(azattest_claim_set_new(&set, NULL), AZATTEST_OK);
    while (count-- > 0) {
        const char *name = ONE_OF(state, names), *issuer = pick(state, 4) == 0 ? "CustomClaim" : NULL;

        switch (pick(state, 3)) {
        case 0:
            assert_int_equal(azattest_claim_set_add_integer(set, name, pick(state, 3), issuer, NULL), AZATTEST_OK);
            break;
        case 1:
            assert_int_equal(azattest_claim_set_add_boolean(set, name, pick(state, 2) == 0, issuer, NULL), AZATTEST_OK);
            break;
        default:
            assert_int_equal(azattest_claim_set_add_string(set, name, azattest__text("x"), issuer, NULL), AZATTEST_OK);
            break;
        }
    }
    return set;
}

static void traces_of_made_up_policies_say_what_was_done(void **state)
{
    uint32_t seed = 20261126;
    size_t evaluated = 0, permitted = 0;

    (void)state;
    for (size_t i = 0; i < POLICIES; i++) {
        char *text = made_up_policy(&seed);
        azattest_claim_set *set = made_up_claims(&seed);
        azattest_policy_evaluation *evaluation = NULL;
        azattest_policy *policy = NULL;

        if (azattest_policy_parse(azattest__text(text), NULL, &policy, NULL) == AZATTEST_OK &&
            azattest_policy_evaluate(policy, set, NULL, &evaluation, NULL) == AZATTEST_OK) {
            trace_agrees(evaluation);
            evaluated++;
            permitted += azattest_policy_evaluation_is_permitted(evaluation);
        }
        azattest_policy_evaluation_free(evaluation);
        azattest_policy_free(policy);
        azattest_claim_set_free(set);
        free(text);
    }
    print_message("%zu of %d evaluated, %zu permitted\n", evaluated, POLICIES, permitted);
    assert_true(evaluated > POLICIES / 4);
    assert_true(permitted > evaluated / 10);
}

static void configuration_is_traced_without_the_claims_that_come_later(void **state)
{
    static const char policy[] = "version=1.1;configurationrules{[type=='a']=>issueproperty(type='p', value=1);"
                                 "=>issueproperty(type='q', value=2);c:[type=='q']=>issueproperty(type='r', "
                                 "value=c.value);};authorizationrules{[type=='a']=>permit();};";
    azattest_policy_evaluation *evaluation = NULL;
    azattest_error *error = NULL;

    (void)state;
    expect(evaluation_of(policy, "{'a':1,'q':3}", NULL, false, &evaluation, &error), &error, AZATTEST_OK, NULL);
    trace_agrees(evaluation);
    assert_string_equal(azattest_policy_evaluation_properties(evaluation).ptr, "{\"q\":2,\"r\":2}");
    assert_non_null(strstr(azattest_policy_evaluation_explanation(evaluation), "there are no claims"));
    azattest_policy_evaluation_free(evaluation);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(configuration_is_traced_without_the_claims_that_come_later),
        cmocka_unit_test(traces_of_made_up_policies_say_what_was_done),
    };

    return cmocka_run_group_tests_name("policy_trace", tests, NULL, NULL);
}
