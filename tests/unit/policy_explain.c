/* Policies in English. */
#include <stdio.h>
#include <stdlib.h>

#include "evidence.h"
#include "expect.h"
#include "policy/language/tree.h"

#define AUTH(rules) "version=1.2;authorizationrules{" rules "};"
#define ISSUE(rules) "version=1.2;authorizationrules{=>permit();};issuancerules{\n" rules "};"

static const struct explain_case {
    const char *name, *text, *said; /* a part */
} cases[] = {
    { "the version and the rules are counted", ISSUE("=>issue(type=\"a\",value=1);=>issue(type=\"b\",value=1);"),
      "Version 1.2: 1 authorization rule, 2 issuance rules.\n" },
    { "configuration rules are counted where there are some",
      "version=1.1;configurationrules{=>issueproperty(type=\"a\",value=1);};authorizationrules{};",
      "Version 1.1: 1 configuration rule, no authorization rules, no issuance rules.\n" },

    { "no rule at all denies everything", AUTH(""), "Denies everything: no rule permits.\n" },
    { "rules that only deny deny everything", AUTH("[type==\"a\"]=>deny();"), "Denies everything: no rule permits.\n" },
    { "a deny without conditions denies everything, also behind a permit", AUTH("=>permit();\n=>deny();"),
      "Denies everything: line 2 always denies, and one deny outweighs every permit.\n" },
    { "a permit alone permits everything", AUTH("\n=>permit();"),
      "Permits all evidence that the service accepts: line 2 always permits.\n" },
    { "a permit with one deny", AUTH("\n[type==\"a\"]=>deny();\n=>permit();"),
      "Permits unless the rule of line 2 denies; one deny outweighs every permit.\n" },
    { "a permit with denies", AUTH("[type==\"a\"]=>deny();[type==\"b\"]=>deny();=>permit();"),
      "Permits unless one of 2 rules denies; one deny outweighs every permit.\n" },
    { "a permit with a condition", AUTH("\n\n[type==\"a\"]=>permit();"),
      "Denies unless the rule of line 3 permits; what no rule permits is denied.\n" },
    { "permits with conditions, and a deny",
      AUTH("[type==\"a\"]=>permit();[type==\"b\"]=>permit();[type==\"c\"]=>deny();"),
      "Denies unless one of 2 rules permits; what no rule permits is denied, and one deny outweighs every permit.\n" },
    { "adding in authorization permits nothing", AUTH("=>add(type=\"a\",value=1);"),
      "Denies everything: no rule permits.\n" },

    { "issued names are listed once",
      ISSUE("=>issue(type=\"a\",value=1);=>issue(type=\"b\",value=1);=>issue(type=\"a\",value=2);"),
      "May issue a, b.\n" },
    { "added names are not listed", ISSUE("=>add(type=\"a\",value=1);"), "permits.\nauthorizationrules:\n" },

    { "a deny by a boolean", AUTH("\n\n[type==\"secureboot\", value==false]=>deny();"),
      "  Line 3: denies when a claim secureboot is false.\n" },
    { "a permit by existence", AUTH("[type==\"a\"]=>permit();"), "  Line 1: permits when a claim a exists.\n" },
    { "a rule without conditions", AUTH("=>permit();"), "  Line 1: permits always.\n" },
    { "rules of one line have columns", AUTH("=>permit();[type==\"a\"]=>deny();"), "  Line 1, column 43: denies when" },
    { "integers and their operators", AUTH("[type==\"svn\", value>=3, value!=5, value<9]=>permit();"),
      "when a claim svn is at least 3 and is not 5 and is less than 9.\n" },
    { "the rest of the operators", AUTH("[type==\"svn\", value>3, value<=5]=>permit();"),
      "when a claim svn is more than 3 and is at most 5.\n" },
    { "a string", AUTH("[type==\"a\", value==\"b c\"]=>permit();"), "when a claim a is \"b c\".\n" },
    { "any type", AUTH("[value==true]=>permit();"), "when a claim is true.\n" },
    { "a type that is not", AUTH("[type!=\"a\", value==true]=>permit();"),
      "when a claim whose type is not \"a\" is true.\n" },
    { "a negation", AUTH("![type==\"a\"]=>deny();"), "denies when no claim a exists.\n" },
    { "a negated value", AUTH("![type==\"a\", value==true]=>deny();"), "denies when no claim a is true.\n" },
    { "conditions are joined", AUTH("[type==\"a\"] && [type==\"b\"] && ![type==\"c\"]=>deny();"),
      "denies when a claim a exists, a claim b exists and no claim c exists.\n" },
    { "who made a claim",
      AUTH("[type==\"a\", issuer==\"AttestationService\"] && [type==\"b\", issuer==\"AttestationPolicy\"] && "
           "[type==\"c\", issuer==\"CustomClaim\"] && [type==\"d\", issuer!=\"CustomClaim\"]=>deny();"),
      "a claim a made from the evidence exists, a claim b made by an earlier rule exists, a claim c sent by the client "
      "exists "
      "and a claim d whose issuer is not \"CustomClaim\" exists.\n" },
    { "two issuers at once are both said", AUTH("[issuer==\"AttestationService\", issuer==\"CustomClaim\"]=>deny();"),
      "a claim made from the evidence and sent by the client exists.\n" },
    { "a type of value", AUTH("[type==\"a\", valueType==\"Integer\"]=>deny();"),
      "a claim a whose value type is \"Integer\" exists" },
    { "names that are no names are quoted", AUTH("[type==\"a b\"]=>deny();"), "a claim \"a b\" exists" },
    { "what a terminal would obey is escaped", AUTH("[type==\"a\x1b[2J\"]=>deny();"), "a claim \"a\\x1b[2J\" exists" },

    { "a claim is renamed", ISSUE("c:[type==\"x-ms-sgx-mrsigner\"]=>issue(type=\"sgx-mrsigner\", value=c.value);"),
      "  Line 2: when claims of type x-ms-sgx-mrsigner exist, issues their values as sgx-mrsigner.\n" },
    { "a claim is copied", ISSUE("c:[type==\"a\"]=>issue(claim=c);"),
      "when claims of type a exist, issues them as they are.\n" },
    { "one of two is copied", ISSUE("c:[type==\"a\"] && d:[type==\"b\"]=>issue(claim=d);"),
      "issues the claims b as they are.\n" },
    { "a claim is made", ISSUE("=>issue(type=\"a\", value=100);"), "  Line 2: always issues the claim a: 100.\n" },
    { "a claim is added", ISSUE("[type==\"b\"]=>add(type=\"a\", value=\"x\");"),
      "when a claim b exists, adds the claim a: \"x\", for later rules.\n" },
    { "a property is set",
      "version=1.1;configurationrules{=>issueproperty(type=\"required_pcr_mask\",value=15);};"
      "authorizationrules{};",
      "always sets the property required_pcr_mask to 15.\n" },
    { "a value of another claim", AUTH("f:[type==\"OSName\"] && [type==\"b\", value==f.value]=>permit();"),
      "when claims of type OSName exist and a claim b is the value of OSName.\n" },
    { "two of one type are told apart by their identifiers",
      AUTH("f:[type==\"a\", value==1] && g:[type==\"a\", value==2] && [value==g.value]=>permit();"),
      "a claim is the value of g.\n" },
    { "a bound claim of any type has its identifier", AUTH("f:[value==1] && [type==\"b\", value==f.value]=>permit();"),
      "claims called f whose value is 1 exist and a claim b is the value of f.\n" },

    { "a query", ISSUE("c:[type==\"events\"]=>add(type=\"a\", value=JmesPath(c.value, \"Events[? A == 'B']\"));"),
      "adds the claim a: what the query \"Events[? A == 'B']\" finds in the value of events, for later rules.\n" },
    { "a query that is made, and JSON",
      ISSUE(
          "c:[type==\"q\"] && d:[type==\"e\"]=>issue(type=\"a\", value=JsonToClaimValue(JmesPath(d.value, c.value)));"),
      "issues the claim a: what the query in the value of q finds in the value of e, read as JSON.\n" },
    { "a text that is put together", ISSUE("c:[type==\"e\"]=>issue(type=\"a\", value=AppendString(\"x\", c.value));"),
      "issues the claim a: \"x\" followed by the value of e.\n" },
    { "the opposite", ISSUE("c:[type==\"e\"]=>issue(type=\"a\", value=NegateBool(c.value));"),
      "issues the claim a: the opposite of the value of e.\n" },
    { "sets",
      ISSUE("c:[type==\"e\"]=>issue(type=\"a\", value=ContainsOnlyValue(c.value, 1));"
            "c:[type==\"e\"] && d:[type==\"f\"]=>issue(type=\"b\", value=IsSubsetOf(c.value, d.value));"),
      "whether the value of e holds nothing but 1.\n" },
    { "subsets", ISSUE("c:[type==\"e\"] && d:[type==\"f\"]=>issue(type=\"b\", value=IsSubsetOf(c.value, d.value));"),
      "whether all of the value of e is in the value of f.\n" },
};

static azattest_policy *parse(azattest_bytes text)
{
    azattest_policy *policy = NULL;
    azattest_error *error = NULL;

    expect(azattest_policy_parse(text, NULL, &policy, &error), &error, AZATTEST_OK, NULL);
    return policy;
}

static void says(void **state)
{
    const struct explain_case *c = *state;
    azattest_policy *policy = parse(azattest__text(c->text));
    const char *explanation = azattest_policy_explanation(policy);

    assert_non_null(explanation);
    if (strstr(explanation, c->said) == NULL)
        fail_msg("\"%s\" is not in\n%s", c->said, explanation);
    azattest_policy_free(policy);
}

static void a_long_value_is_cut(void **state)
{
    azattest_policy *policy;
    azattest__buf text;

    (void)state;
    azattest__buf_init(&text, 8192);
    azattest__buf_append_text(&text, "version=1.0;authorizationrules{[type==\"a\", value==\"");
    for (int i = 0; i < 400; i++)
        azattest__buf_append_text(&text, "0123456789");
    azattest__buf_append_text(&text, "\"] => permit();};");
    policy = parse(azattest__buf_bytes(&text));
    assert_true(strlen(azattest_policy_explanation(policy)) < 500);
    assert_non_null(strstr(azattest_policy_explanation(policy), "...\""));
    azattest_policy_free(policy);
    azattest__buf_free(&text);
}

static void what_is_issued_in_authorization_is_added(void **state)
{
    azattest_policy_parse_options options = AZATTEST_POLICY_PARSE_OPTIONS_INIT;
    azattest_policy *policy = NULL;

    (void)state;
    options.lenient = AZATTEST_ON;
    assert_int_equal(
        azattest_policy_parse(azattest__text(AUTH("c:[type==\"a\"]=>issue(claim=c);\n=>issue(type=\"b\",value=1);")),
                              &options, &policy, NULL),
        AZATTEST_OK);
    assert_non_null(strstr(azattest_policy_explanation(policy), "adds them as they are, for later rules.\n"));
    assert_non_null(strstr(azattest_policy_explanation(policy), "always adds the claim b: 1, for later rules.\n"));
    assert_null(strstr(azattest_policy_explanation(policy), "issues"));
    azattest_policy_free(policy);
}

static void many_issued_names_are_counted(void **state)
{
    azattest_policy *policy;
    azattest__buf text;

    (void)state;
    azattest__buf_init(&text, 8192);
    azattest__buf_append_text(&text, "version=1.0;authorizationrules{};issuancerules{");
    for (int i = 0; i < 20; i++)
        azattest__buf_printf(&text, "=>issue(type=\"n%d\",value=1);", i);
    azattest__buf_append_text(&text, "};");
    policy = parse(azattest__buf_bytes(&text));
    assert_non_null(strstr(azattest_policy_explanation(policy), "May issue n0, "));
    assert_non_null(strstr(azattest_policy_explanation(policy), ", n11 and 8 more.\n"));
    azattest_policy_free(policy);
    azattest__buf_free(&text);
}

/* A sentence for each rule: as many lines as rules, the summary and the heads of sections. */
static void the_default_policy_has_a_sentence_for_each_rule(void **state)
{
    azattest_policy *policy;
    unsigned char *text;
    const char *said;
    size_t len, lines = 0;

    (void)state;
    EVIDENCE_OR_SKIP();
    text = evidence_read("policies/01-default-azureguest.policy", &len);
    policy = parse(azattest__bytes(text, len));
    said = azattest_policy_explanation(policy);
    for (const char *line = said; (line = strstr(line, "\n  Line ")) != NULL; line++)
        lines++;
    assert_int_equal(lines, azattest_policy_rule_count(policy));
    assert_non_null(strstr(said, "Permits unless one of 6 rules denies"));
    assert_non_null(strstr(said, "  Line 9: denies when a claim secureboot is false.\n"));
    azattest_policy_free(policy);
    free(text);
}

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

int main(void)
{
    static const struct CMUnitTest others[] = {
        cmocka_unit_test(a_long_value_is_cut),
        cmocka_unit_test(what_is_issued_in_authorization_is_added),
        cmocka_unit_test(many_issued_names_are_counted),
        cmocka_unit_test(the_default_policy_has_a_sentence_for_each_rule),
    };
    struct CMUnitTest tests[COUNT(cases) + COUNT(others)];
    size_t count = 0;

    for (size_t i = 0; i < COUNT(cases); i++)
        tests[count++] = (struct CMUnitTest){ cases[i].name, says, NULL, NULL, (void *)(uintptr_t)&cases[i] };
    for (size_t i = 0; i < COUNT(others); i++)
        tests[count++] = others[i];
    return cmocka_run_group_tests_name("policy_explain", tests, NULL, NULL);
}
