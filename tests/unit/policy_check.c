/* What the grammar alone cannot see: versions, identifiers, functions, actions, operands, queries. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <azattest/limits.h>

#include "policies.h"

#define PERMIT "authorizationrules{=> permit();};\n"
/* A rule of issuancerules, in line 3. */
#define ISSUANCE(version, rule) "version=" version ";" PERMIT "issuancerules{\n" rule "\n};"
#define AUTHORIZATION(version, rule) "version=" version ";\nauthorizationrules{\n" rule "\n};"
#define CONFIGURATION(version, rule) "version=" version ";\nconfigurationrules{\n" rule "\n};" PERMIT
/* issue(type="a", value=...) with c and d bound */
#define VALUE(value) ISSUANCE("1.2", "c:[type==\"c\"]&&d:[type==\"d\"]=>issue(type=\"a\",value=" value ");")

static const struct {
    const char *name, *text, *strict, *lenient; /* lenient NULL: the same */
} cases[] = {
    /* versions */
    { "a negated condition in 1.1", AUTHORIZATION("1.1", "![type==\"a\"] => deny();"), "3:1 version-gate",
      "3:1 ?version-gate" },
    { "a negated condition in 1.2", AUTHORIZATION("1.2", "![type==\"a\"] => deny();"), "", NULL },
    { "functions in 1.0, once for all that nest",
      ISSUANCE("1.0", "=> issue(type=\"a\", value=NegateBool(NegateBool(true)));"), "3:26 version-gate",
      "3:26 ?version-gate" },
    { "a function in a condition of 1.1", AUTHORIZATION("1.1", "[value==NegateBool(true)] => deny();"),
      "3:9 version-gate", "3:9 ?version-gate" },
    { "a configuration in 1.0", CONFIGURATION("1.0", "=> issueproperty(type=\"a\", value=1);"), "2:1 version-gate",
      "2:1 ?version-gate" },
    { "a misspelt configuration in 1.0 that ends the text", "version=1.0;\nconfiguratio",
      "2:1 syntax, 2:1 version-gate, 2:13 syntax", "2:1 syntax, 2:1 ?version-gate, 2:13 syntax" },
    { "a configuration in 1.1", CONFIGURATION("1.1", "=> issueproperty(type=\"a\", value=1);"), "", NULL },

    /* where actions stand */
    { "permit in configurationrules", CONFIGURATION("1.1", "=> permit();"), "3:4 action-section", NULL },
    { "deny in issuancerules", ISSUANCE("1.0", "=> deny();"), "3:4 action-section", NULL },
    { "add in configurationrules", CONFIGURATION("1.1", "=> add(type=\"a\", value=1);"), "3:4 action-section", NULL },
    { "issue in configurationrules", CONFIGURATION("1.1", "=> issue(type=\"a\", value=1);"), "3:4 action-section",
      NULL },
    { "issueproperty in authorizationrules", AUTHORIZATION("1.1", "=> issueproperty(type=\"a\", value=1);"),
      "3:4 action-section", NULL },
    { "issue in authorizationrules", AUTHORIZATION("1.1", "=> issue(type=\"a\", value=1);"), "3:4 action-section",
      "3:4 ?action-section" },
    { "add in authorizationrules", AUTHORIZATION("1.0", "=> add(type=\"a\", value=1);"), "", NULL },
    { "add, issue and issueproperty in issuancerules",
      ISSUANCE("1.0",
               "=> add(type=\"a\", value=1); => issue(type=\"a\", value=1); => issueproperty(type=\"a\", value=1);"),
      "", NULL },

    /* identifiers */
    { "an identifier that nothing binds", ISSUANCE("1.0", "=> issue(type=\"a\", value=c.value);"),
      "3:26 unbound-identifier", NULL },
    { "a whole claim that nothing binds", ISSUANCE("1.0", "c:[type==\"a\"] => issue(claim=d);"),
      "3:30 unbound-identifier", NULL },
    { "an identifier of another rule",
      ISSUANCE("1.0", "c:[type==\"a\"] => issue(claim=c); => issue(type=\"b\", value=c.value);"),
      "3:59 unbound-identifier", NULL },
    { "an identifier in another case", ISSUANCE("1.0", "C:[type==\"a\"] => issue(claim=c);"), "3:30 unbound-identifier",
      NULL },
    { "an identifier of an earlier condition",
      AUTHORIZATION("1.0", "F1:[type==\"a\"] && [type==\"b\", value==F1.value] => permit();"), "", NULL },
    { "an identifier of a later condition", AUTHORIZATION("1.0", "[value==F1.value] && F1:[type==\"a\"] => permit();"),
      "3:9 unbound-identifier", NULL },
    { "an identifier in its own condition", AUTHORIZATION("1.0", "c:[type==\"a\", value==c.value] => permit();"),
      "3:22 unbound-identifier", NULL },
    { "an identifier inside nested calls", VALUE("AppendString(AppendString(c.value, e.value), \"x\")"),
      "3:87 unbound-identifier", NULL },
    { "an identifier of a negated condition", ISSUANCE("1.2", "!c:[type==\"a\"] => issue(type=\"b\", value=c.value);"),
      "3:1 negated-identifier", NULL },
    { "an identifier twice", ISSUANCE("1.0", "c:[type==\"a\"] && c:[type==\"b\"] => issue(claim=c);"),
      "3:18 duplicate-identifier", NULL },

    /* functions */
    { "a misspelt function", VALUE("NegateBol(true)"), "3:52 unknown-function", NULL },
    { "a function that nobody knows", VALUE("Concatenate(\"a\", \"b\")"), "3:52 unknown-function", NULL },
    { "a misspelt function in a call", VALUE("NegateBool(IsSubset(c.value, d.value))"), "3:63 unknown-function", NULL },
    { "too few arguments", VALUE("JmesPath(c.value)"), "3:52 arity", NULL },
    { "too many arguments", VALUE("JsonToClaimValue(c.value, \"a\")"), "3:52 arity", NULL },
    { "no arguments", VALUE("NegateBool()"), "3:52 arity", NULL },
    { "an integer that is appended", VALUE("AppendString(\"a\", 1)"), "3:70 argument-type", NULL },
    { "a boolean that is read as JSON", VALUE("JsonToClaimValue(true)"), "3:69 argument-type", NULL },
    { "text that is negated", VALUE("NegateBool(\"true\")"), "3:63 argument-type", NULL },
    { "the type of a claim that is negated", VALUE("NegateBool(c.type)"), "3:63 argument-type", NULL },
    { "a result of the wrong type", VALUE("NegateBool(AppendString(c.value, d.value))"), "3:63 argument-type", NULL },
    { "results of the right types",
      VALUE("NegateBool(ContainsOnlyValue(JsonToClaimValue(JmesPath(c.value, AppendString(d.value, \"a\"))), 5))"), "",
      NULL },
    { "an empty document", VALUE("JmesPath(\"\", \"a\")"), "3:61 argument-type", NULL },
    { "an empty query", VALUE("JmesPath(c.value, \"\")"), "3:70 argument-type", NULL },
    { "empty text that is appended", VALUE("AppendString(\"\", \"\")"), "", NULL },
    { "sets of anything", VALUE("IsSubsetOf(1, ContainsOnlyValue(\"a\", true))"), "", NULL },

    /* queries */
    { "a query that is none", VALUE("JmesPath(c.value, \"a[?b == 20]\")"), "3:79 jmespath-syntax", NULL },
    { "the place in a query behind escapes", VALUE("JmesPath(c.value, \"a[?b == '\\\\x\\\"\xc3\xa9' && 20]\")"),
      "3:91 jmespath-syntax", NULL },
    { "a query that breaks off", VALUE("JmesPath(c.value, \"a.\")"), "3:73 jmespath-syntax", NULL },
    { "a bad query inside other calls", VALUE("JsonToClaimValue(JmesPath(JmesPath(c.value, \"[\"), \"]\"))"),
      "3:98 jmespath-syntax, 3:103 jmespath-syntax", NULL },
    { "a bad query that is put together", VALUE("JmesPath(c.value, AppendString(\"[\", \"]]\"))"), "", NULL },
    { "a query with the function of the service",
      VALUE("JmesPath(c.value, \"[?equals_ignore_case(a, 'B')] | length(@)\")"), "", NULL },
    { "a bad query in a condition",
      AUTHORIZATION("1.2", "c:[type==\"a\"] && [value==JmesPath(c.value, \"a b\")] => deny();"), "3:47 jmespath-syntax",
      NULL },

    /* operands */
    { "text that is less", AUTHORIZATION("1.0", "[type==\"a\", value<\"5\"] => deny();"), "3:19 relational-operand",
      NULL },
    { "a boolean that is greater", AUTHORIZATION("1.0", "[type==\"a\", value>true] => deny();"),
      "3:19 relational-operand", NULL },
    { "a type that is not less", AUTHORIZATION("1.0", "[type>=\"a\"] => deny();"), "3:2 relational-operand", NULL },
    { "an issuer that is less than that of another",
      AUTHORIZATION("1.0", "c:[type==\"a\"] && [issuer<c.issuer] => deny();"), "3:19 relational-operand", NULL },
    { "the result of a function that is less", AUTHORIZATION("1.2", "[value<=AppendString(\"1\", \"2\")] => deny();"),
      "3:9 relational-operand", NULL },
    { "the value of another claim that is less", AUTHORIZATION("1.0", "c:[type==\"a\"] && [value<c.value] => deny();"),
      "", NULL },
    { "integers that are less", AUTHORIZATION("1.0", "[value>=0, value<5, value>-1, value<=9] => deny();"), "", NULL },

    /* claims */
    { "a claim without a type", ISSUANCE("1.0", "=> issue(value=1);"), "3:4 missing-type", NULL },
    { "a claim without a value", ISSUANCE("1.0", "=> issue(type=\"a\");"), "3:4 missing-value", NULL },
    { "a claim with neither", ISSUANCE("1.0", "=> issue(valueType=\"String\");"), "3:4 missing-type, 3:4 missing-value",
      NULL },
    { "an empty type", ISSUANCE("1.0", "=> issue(type=\"\", value=1);"), "3:15 missing-type", NULL },
    { "a number as the type", ISSUANCE("1.0", "=> issue(type=1, value=1);"), "3:15 argument-type", NULL },
    { "a type that is taken from a claim", ISSUANCE("1.0", "c:[value==1] => issue(type=c.type, value=2);"), "", NULL },
    { "a type twice", ISSUANCE("1.0", "=> issue(type=\"a\", type=\"b\", value=1);"), "3:20 duplicate-assignment",
      NULL },
    { "an issuer that is chosen", ISSUANCE("1.0", "=> issue(type=\"a\", value=1, issuer=\"AttestationService\");"),
      "3:29 issuer-assignment", NULL },
    { "a valueType that fits",
      ISSUANCE("1.0", "=> issue(type=\"a\", value=1, valueType=\"Integer\");"
                      "=> add(type=\"a\", value=\"1\", valueType=\"String\"); => add(valueType=\"Boolean\", "
                      "value=true, type=\"a\");"),
      "", NULL },
    { "a valueType that does not fit", ISSUANCE("1.0", "=> issue(type=\"a\", value=1, valueType=\"String\");"),
      "3:39 value-type-mismatch", NULL },
    { "a valueType that is none", ISSUANCE("1.0", "=> issue(type=\"a\", value=1, valueType=\"Number\");"),
      "3:39 value-type-mismatch", NULL },
    { "a valueType that is taken from a claim",
      ISSUANCE("1.0", "c:[type==\"a\"] => issue(type=\"b\", value=c.value, valueType=c.valueType);"),
      "3:59 value-type-mismatch", NULL },
    { "a valueType of what is not known yet",
      ISSUANCE("1.0", "c:[type==\"a\"] => issue(type=\"b\", value=c.value, valueType=\"Integer\");"), "", NULL },

    { "faults of all kinds, in order of their places",
      "version=1.0;\nconfigurationrules{ => permit(); };\nauthorizationrules{ ![type=\"a\", value>\"b\"] => "
      "issue(claim=d); "
      "};\nissuancerules{ => issue(value=NegateBol(1)) };",
      "2:1 version-gate, 2:24 action-section, 3:21 version-gate, 3:27 single-equals, 3:39 relational-operand, "
      "3:47 action-section, 3:59 unbound-identifier, 4:19 missing-type, 4:31 version-gate, 4:31 unknown-function, "
      "4:45 missing-semicolon",
      "2:1 ?version-gate, 2:24 action-section, 3:21 ?version-gate, 3:27 single-equals, 3:39 relational-operand, "
      "3:47 ?action-section, 3:59 unbound-identifier, 4:19 missing-type, 4:31 ?version-gate, 4:31 unknown-function, "
      "4:45 missing-semicolon" },
};

static void faults_are_found_where_they_are(void **state)
{
    unsigned wrong = 0;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        wrong += policy_differs(policy_of(cases[i].text, false), cases[i].name, cases[i].strict);
        wrong += policy_differs(policy_of(cases[i].text, true), cases[i].name,
                                cases[i].lenient != NULL ? cases[i].lenient : cases[i].strict);
    }
    assert_int_equal(wrong, 0);
}

static void messages_say_what_to_do(void **state)
{
    static const struct {
        const char *text, *message;
    } messages[] = {
        { VALUE("NegateBol(true)"), "there is no function NegateBol: did you mean NegateBool?" },
        { VALUE("ContainsOnlyValue(100)"), "ContainsOnlyValue takes 2 arguments, and gets 1" },
        { VALUE("AppendString(\"a\", 1)"), "argument 2 of AppendString is an integer: it has to be text" },
        { VALUE("JmesPath(c.value, \"a[?b == 20]\")"), "the query is no JMESPath: " },
        { ISSUANCE("1.0", "F1:[type==\"a\"] => issue(type=\"b\", value=F.value);"),
          "no condition of this rule binds F: did you mean F1?" },
        { ISSUANCE("1.0", "=> issue(type=\"b\", value=c.value);"),
          "no condition of this rule binds c, as in c:[type==\"...\"]" },
        { AUTHORIZATION("1.0", "[value==c.value] && c:[type==\"a\"] => permit();"),
          "c is not bound yet: a condition sees the identifiers of those before it" },
        { AUTHORIZATION("1.1", "![type==\"a\"] => deny();"),
          "version 1.1 has no negated conditions: they come with version 1.2" },
        { ISSUANCE("1.0", "=> permit();"), "permit and deny stand in authorizationrules only, not in issuancerules" },
        { AUTHORIZATION("1.0", "[value>=\"00\"] => deny();"),
          ">= is for integers, and this is text: == and != compare it" },
        { ISSUANCE("1.0", "=> issue(type=\"a\", value=1, valueType=\"String\");"),
          "the value is an integer, which this valueType is not" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(messages) / sizeof(messages[0]); i++) {
        azattest_policy *policy = policy_of(messages[i].text, false);

        assert_int_equal(policy->diagnostics.count, 1);
        if (strncmp(policy->diagnostics.items[0].message, messages[i].message, strlen(messages[i].message)) != 0)
            fail_msg("\"%s\" does not begin with \"%s\"", policy->diagnostics.items[0].message, messages[i].message);
        azattest_policy_free(policy);
    }
}

static void every_literal_query_is_compiled_once_and_kept(void **state)
{
    azattest_policy *policy =
        policy_of(ISSUANCE("1.2", "c:[type==\"c\"] => add(type=\"a\", value=JmesPath(JmesPath(c.value, \"a\"), \"b\"));"
                                  "c:[type==\"c\"] => add(type=\"a\", value=JmesPath(c.value, c.value));"
                                  "c:[type==\"c\"] => add(type=\"a\", value=JmesPath(c.value, \"c\"));"),
                  false);
    const azattest__section *section = &policy->sections[AZATTEST__ISSUANCE];
    const azattest__expression *first = section->rules[0].action.assignments[1].expression;

    (void)state;
    assert_int_equal(policy->diagnostics.count, 0);
    assert_int_equal(policy->query_count, 3);
    assert_ptr_equal(first->arguments[0]->query, policy->queries[0]);
    assert_ptr_equal(first->query, policy->queries[1]);
    assert_null(section->rules[1].action.assignments[1].expression->query);
    assert_ptr_equal(section->rules[2].action.assignments[1].expression->query, policy->queries[2]);
    azattest_policy_free(policy);
}

static void hundreds_of_queries_are_kept(void **state)
{
    azattest_policy *policy;
    azattest__buf text;

    (void)state;
    azattest__buf_init(&text, AZATTEST_LIMIT_POLICY);
    azattest__buf_append_text(&text, "version=1.2;" PERMIT "issuancerules{");
    for (size_t i = 0; i < 700; i++)
        azattest__buf_printf(&text, "=>add(type=\"a\",value=JmesPath(\"{}\",\"a%zu.b[0]\"));\n", i);
    azattest__buf_append_text(&text, "};");
    assert_int_equal(text.status, AZATTEST_OK);
    policy = policy_of((const char *)text.ptr, false);
    assert_int_equal(policy->diagnostics.count, 0);
    assert_int_equal(policy->query_count, 700);
    for (size_t i = 0; i < 700; i++)
        assert_ptr_equal(policy->sections[AZATTEST__ISSUANCE].rules[i].action.assignments[1].expression->query,
                         policy->queries[i]);
    azattest_policy_free(policy);
    azattest__buf_free(&text);
}

static void identifiers_are_resolved_to_their_conditions(void **state)
{
    azattest_policy *policy = policy_of(
        ISSUANCE("1.2", "[type==\"x\"] && a:[type==\"a\"] && b:[value==a.value] => issue(type=\"b\", value=b.value);"
                        "a:[type==\"a\"] && b:[type==\"b\"] => issue(claim=b); => issue(type=\"c\", value=1);"),
        false);
    const azattest__rule *rules = policy->sections[AZATTEST__ISSUANCE].rules;

    (void)state;
    assert_int_equal(policy->diagnostics.count, 0);
    assert_int_equal(rules[0].conditions[2].tests[0].expression->condition, 1);
    assert_int_equal(rules[0].action.assignments[1].expression->condition, 2);
    assert_int_equal(rules[0].action.condition, AZATTEST__NO_CONDITION);
    assert_int_equal(rules[1].action.condition, 1);
    assert_int_equal(rules[2].action.condition, AZATTEST__NO_CONDITION);
    azattest_policy_free(policy);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(faults_are_found_where_they_are),
        cmocka_unit_test(messages_say_what_to_do),
        cmocka_unit_test(every_literal_query_is_compiled_once_and_kept),
        cmocka_unit_test(hundreds_of_queries_are_kept),
        cmocka_unit_test(identifiers_are_resolved_to_their_conditions),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
