/* Evaluation without functions: sets of claims, conditions, outcome, what is issued, and what the trace says. */
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "evaluation.h"
#include "policy/evaluation/evaluation.h"

/* Section 2.1 of the reference: the model. */
static const evaluation_case model_cases[] = {
    { "an issued integer is of the policy and of type Integer", ISSUE("=>issue(type='SecurityLevelValue', value=100);"),
      NULL, "permit", "{'SecurityLevelValue':100}", NULL, "SecurityLevelValue = 100",
      "'made':[{'type':'SecurityLevelValue','value':100,'valueType':'Integer','issuer':'AttestationPolicy'}]" },
    { "an added claim does not reach the token", ISSUE("=>add(type='a', value=1);"), NULL, "permit", NULL },
    { "an added claim is seen by later rules",
      ISSUE("=>add(type='a', value=1);[type=='a', value==1]=>issue(type='b', value=2);"), NULL, "permit", "{'b':2}" },
    { "an issued claim is seen by later rules",
      ISSUE("=>issue(type='a', value=1);[type=='a', issuer=='AttestationPolicy']=>issue(type='b', value=2);"), NULL,
      "permit", "{'a':1,'b':2}" },
    { "a property is seen by later rules, and is not in the token",
      ISSUE("=>issueproperty(type='omit_x5c', value=true);[type=='omit_x5c', value==true]=>issue(type='b', value=2);"),
      NULL, "permit", "{'b':2}", "{'omit_x5c':true}", "Properties:\n  omit_x5c = true" },
    { "an identical claim is there once", ISSUE("=>issue(type='a', value=1);=>issue(type='a', value=1);"), NULL,
      "permit", "{'a':1}" },
    { "an identical property is there once",
      ISSUE("=>issueproperty(type='a', value=1);=>issueproperty(type='a', value=1);"), NULL, "permit", "{}",
      "{'a':1}" },
    { "a claim that was added and is issued then reaches the token",
      ISSUE("=>add(type='a', value=1);=>issue(type='a', value=1);"), NULL, "permit", "{'a':1}" },
    { "what was added with another value does not reach the token",
      ISSUE("=>add(type='BitlockerStatus', value=5);[type=='BitlockerStatus']=>issue(type='BitlockerStatus', "
            "value=true);"),
      NULL, "permit", "{'BitlockerStatus':true}" },
    { "values keep their order of insertion",
      ISSUE("=>issue(type='a', value=3);=>issue(type='b', value=1);=>issue(type='a', value=1);=>issue(type='a', "
            "value=2);"),
      NULL, "permit", "{'a':[3,1,2],'b':1}" },
    { "a valueType that fits is taken", ISSUE("=>issue(type='a', value=1, valueType='Integer');"), NULL, "permit",
      "{'a':1}" },
};

/* Section 2.2: conditions. */
static const evaluation_case condition_cases[] = {
    { "a rule without conditions always runs", "=>permit();", NULL, "permit", NULL, NULL, "fired: permits" },
    { "a condition holds if a claim passes", "[type=='a']=>permit();", "{'a':1}", "permit" },
    { "a condition without such a claim fails", "[type=='a']=>permit();", "{'b':1}", "deny", NULL, NULL,
      "there is no claim of type 'a'" },
    { "a missing claim is no error", ISSUE("c:[type=='$greg']=>issue(type='greg', value=c.value);"), "{'b':1}",
      "permit", NULL },
    { "a condition may lack the type", "[value==true]=>permit();", "{'a':1,'b':true}", "permit" },
    { "all tests of a condition are of one claim", "[type=='a', value==2]=>permit();", "{'a':1,'b':2}", "deny", NULL,
      NULL, "the value of 'a' is 1, expected 2" },
    { "the same test is tried with each value of a type", "[type=='a', value==2]=>permit();", "{'a':[1,2,3]}",
      "permit" },
    { "all conditions have to hold", "[type=='a']&&[type=='b']=>permit();", "{'a':1}", "deny", NULL, NULL,
      "condition 2 (line 1): there is no claim of type 'b'" },
    { "conditions may hold by different claims", "[type=='a']&&[type=='b']=>permit();", "{'b':1,'a':1}", "permit" },
    { "a negated condition holds if no claim passes", "![type=='a', value==1]=>permit();", "{'a':2}", "permit" },
    { "a negated condition fails if one passes", "![type=='a']=>permit();", "{'a':'x'}", "deny", NULL, NULL,
      "1 claim matches and none may: 'a' is 'x'", "'failed':{'condition':1" },
    { "the issuer can be tested", "[type=='a', issuer=='CustomClaim']=>permit();",
      "[{'type':'a','value':1},{'type':'a','value':2,'issuer':'CustomClaim'}]", "permit" },
    { "another issuer does not fit", "[type=='a', issuer=='CustomClaim']=>permit();", "{'a':1}", "deny", NULL, NULL,
      "the issuer of 'a' is 'AttestationService', expected 'CustomClaim'" },
    { "the type of the value can be tested", "[type=='a', valueType=='Integer']=>permit();", "{'a':1}", "permit" },
    { "another type of value does not fit", "[type=='a', valueType!='String']=>permit();", "{'a':'1'}", "deny" },
    { "an identifier has all claims that passed", ISSUE("c:[type=='a', value>1]=>issue(type='b', value=c.value);"),
      "{'a':[1,2,3]}", "permit", "{'b':[2,3]}" },
    { "an action runs once for each rule, not for each claim", ISSUE("c:[type=='a']=>issue(type='b', value=1);"),
      "{'a':[1,2,3]}", "permit", "{'b':1}" },
    { "an identifier of an earlier condition can be compared with",
      "F1:[type=='OSName', issuer=='CustomClaim']&&[type=='OSName', issuer=='AttestationService', "
      "value==F1.value]=>permit();",
      "[{'type':'OSName','value':'x','issuer':'CustomClaim'},{'type':'OSName','value':'x'}]", "permit" },
    { "and fails if its value is another",
      "F1:[type=='OSName', issuer=='CustomClaim']&&[type=='OSName', issuer=='AttestationService', "
      "value==F1.value]=>permit();",
      "[{'type':'OSName','value':'y','issuer':'CustomClaim'},{'type':'OSName','value':'x'}]", "deny", NULL, NULL,
      "the value of 'OSName' is 'x', expected that of F1.value ('y')" },
    { "any of several values fits", "c:[type=='a']&&[type=='b', value==c.value]=>permit();", "{'a':[1,2,3],'b':3}",
      "permit" },
    { "none of several values fits", "c:[type=='a']&&[type=='b', value==c.value]=>permit();", "{'a':[1,2],'b':3}",
      "deny", NULL, NULL, "the value of 'b' is 3, expected one of those of c.value (1, 2)" },
    { "some value differs", "c:[type=='a']&&[type=='b', value!=c.value]=>permit();", "{'a':[1,3],'b':3}", "permit" },
    { "no value differs", "c:[type=='a']&&[type=='b', value!=c.value]=>permit();", "{'a':3,'b':3}", "deny", NULL, NULL,
      "expected anything but that of c.value (3)" },
    { "some value is greater", "c:[type=='a']&&[type=='b', value<c.value]=>permit();", "{'a':[1,4],'b':3}", "permit" },
    { "some value is less", "c:[type=='a']&&[type=='b', value>c.value]=>permit();", "{'a':[2,4],'b':3}", "permit" },
    { "no value is less", "c:[type=='a']&&[type=='b', value>c.value]=>permit();", "{'a':[3,4],'b':3}", "deny" },
    { "of values of several types only integers are greater", "c:[type=='a']&&[type=='b', value<=c.value]=>permit();",
      "{'a':['9',true,2],'b':3}", "deny" },
    { "the type of what is bound can be compared with", "c:[value==7]&&[type=='n', value==c.type]=>permit();",
      "{'a':7,'n':'a'}", "permit" },
    { "the issuer of what is bound can be compared with", "c:[type=='a']&&[type=='n', value==c.issuer]=>permit();",
      "{'a':7,'n':'AttestationService'}", "permit" },
    { "a condition is filtered by itself, and does not filter the first",
      ISSUE("c:[type=='a']&&[type=='b', value==c.value]=>issue(type='x', value=c.value);"), "{'a':[1,2],'b':2}",
      "permit", "{'x':[1,2]}" },
    { "names and texts keep their case", "[type=='A']=>permit();[type=='a', value=='X']=>permit();", "{'a':'x'}",
      "deny", NULL, NULL, "the value of 'a' is 'x', expected 'X'" },
    { "a type may be compared by !=", "[type!='a']=>permit();", "{'a':1,'b':1}", "permit" },
    { "no claims at all pass nothing", "[type!='a']=>permit();", NULL, "deny", NULL, NULL, "there are no claims" },
    { "a name with a typing mistake is told", "[type=='secureBoot']=>permit();", "{'secureboot':true}", "deny", NULL,
      NULL, "there is no claim of type 'secureBoot'; did you mean 'secureboot'?" },
    { "of several claims that fail the first is shown", "[type=='a', value=='x']=>permit();", "{'a':['p','q']}", "deny",
      NULL, NULL, "none of 2 claims of type 'a' fits: the value of the first is 'p', expected 'x'" },
    { "the nearest is the one that passes most", "[type=='a', issuer=='CustomClaim', value=='x']=>permit();",
      "[{'type':'a','value':'p'},{'type':'a','value':'q','issuer':'CustomClaim'}]", "deny", NULL, NULL,
      "the value of 'a' is 'q', expected 'x'" },
};

/* The comparison table: every operator, over values that are less, equal, greater, and of other types. */
typedef struct comparison_case {
    const char *name, *operator_text, *literal, *fits, *does_not; /* JSON lists of values */
} comparison_case;
static const comparison_case comparison_cases[] = {
    { "an integer is equal", "==", "5", "[5,5.0]", "[4,6,-5,'5',true,'']" },
    { "an integer is not equal, and neither is anything of another type", "!=", "5", "[4,6,'5',true,false]", "[5]" },
    { "an integer is less", "<", "5", "[4,-9223372036854775808]", "[5,6,'4',true]" },
    { "an integer is less or equal", "<=", "5", "[5,0]", "[6,'5',false]" },
    { "an integer is greater", ">", "5", "[6,9223372036854775807]", "[5,4,'6',true]" },
    { "an integer is greater or equal", ">=", "-5", "[-5,0]", "[-6,'0',true]" },
    { "a text is equal", "==", "'x'", "['x']", "['X','x ','',0,true]" },
    { "a text is not equal", "!=", "'true'", "['True',true,1,'']", "['true']" },
    { "an empty text is equal to itself alone", "==", "''", "['']", "[' ',0,false]" },
    { "a boolean is equal", "==", "true", "[true]", "[false,'true',1]" },
    { "a boolean is not equal", "!=", "true", "[false,'true',1]", "[true]" },
    { "false is not 0", "==", "false", "[false]", "[true,0,'','false']" },
};

static void each_value(const comparison_case *test, const char *list, const char *outcome)
{
    char *copy = strdup(list + 1), *save = NULL, policy[256], claims[256];

    for (char *one = strtok_r(copy, ",]", &save); one != NULL; one = strtok_r(NULL, ",]", &save)) {
        azattest_policy_evaluation *evaluation = NULL;
        azattest_error *error = NULL;

        snprintf(policy, sizeof(policy), "version=1.2;authorizationrules{[type=='a',value%s%s]=>permit();};",
                 test->operator_text, test->literal);
        snprintf(claims, sizeof(claims), "{'a':%s}", one);
        expect(evaluation_of(policy, claims, NULL, false, &evaluation, &error), &error, AZATTEST_OK, NULL);
        if (strcmp(azattest_policy_evaluation_outcome(evaluation), outcome) != 0)
            fail_msg("%s %s %s: expected %s", one, test->operator_text, test->literal, outcome);
        azattest_policy_evaluation_free(evaluation);
    }
    free(copy);
}

static void compares(void **state)
{
    const comparison_case *test = *state;

    each_value(test, test->fits, "permit");
    each_value(test, test->does_not, "deny");
}

/* Section 2.3: authorization. */
static const evaluation_case outcome_cases[] = {
    { "no rule at all denies", "version=1.0;authorizationrules{};", "{'a':1}", "deny", NULL, NULL,
      "Not permitted: no rule permits." },
    { "no rule that fires denies", "[type=='a']=>permit();", NULL, "deny" },
    { "a permit admits", "=>permit();", NULL, "permit", NULL, NULL, "Permitted: the rule of line 1 permits." },
    { "a deny before a permit denies", "=>deny();=>permit();", NULL, "deny", NULL, NULL,
      "Not permitted: the rule of line 1 denies." },
    { "a deny behind a permit denies", RULES("=>permit();\n[type=='a']=>deny();", ""), "{'a':1}", "deny", NULL, NULL,
      "Not permitted: the rule of line 3 denies." },
    { "a deny that does not fire does not deny", RULES("=>permit();\n[type=='a']=>deny();", ""), "{'b':1}", "permit" },
    { "a deny alone denies", "=>deny();", NULL, "deny" },
    { "all rules run, also behind a deny", RULES("=>deny();\n=>permit();", ""), NULL, "deny", NULL, NULL,
      "line 3: =>permit();\n      fired: permits" },
    { "of two permits the first is named", RULES("[type=='a']=>permit();\n=>permit();\n=>permit();", ""), NULL,
      "permit", NULL, NULL, "Permitted: the rule of line 3 permits." },
    { "nothing is issued on failure", RULES("=>deny();", "=>issue(type='a', value=1);"), NULL, "deny", NULL, NULL,
      "not run, for nothing is issued unless the claims are permitted (1 rule)", "'run':false,'fired':false" },
    { "no property is set by issuance rules on failure",
      RULES("[type=='a']=>permit();", "=>issueproperty(type='omit_x5c', value=true);"), NULL, "deny", NULL, "{}" },
    { "issuance cannot fail attestation", ISSUE("[type=='nothing']=>issue(type='a', value=1);"), NULL, "permit", NULL },
    { "rules of issuance see what authorization added",
      RULES("=>add(type='seen', value=true);[type=='seen']=>permit();", "[type=='seen']=>issue(type='a', value=1);"),
      NULL, "permit", "{'a':1}" },
    { "a rule does not see what later rules add", "[type=='seen']=>permit();=>add(type='seen', value=1);", NULL,
      "deny" },
    { "a client's claim named like a rule's is told apart by its issuer",
      "[type=='seen', issuer=='AttestationPolicy']=>permit();", "[{'type':'seen','value':true,'issuer':'CustomClaim'}]",
      "deny" },
    { "a lenient policy's issue in authorizationrules only adds",
      RULES("=>issue(type='a', value=true);[type=='a', value==true]=>permit();", "=>issue(type='b', value=1);"), NULL,
      "permit", "{'b':1}", NULL, NULL, NULL, true },
};

/* Section 2.4: what actions make. */
static const evaluation_case action_cases[] = {
    { "several values make several claims", ISSUE("c:[type=='a']=>issue(type='b', value=c.value);"),
      "{'a':['x',2,true]}", "permit", "{'b':['x',2,true]}" },
    { "claim = c copies all, with their types", ISSUE("c:[value>=2]=>issue(claim=c);"), "{'a':1,'b':2,'d':3}", "permit",
      "{'b':2,'d':3}", NULL, "issues b = 2, d = 3" },
    { "a copy is of the policy, and the original stays",
      ISSUE("c:[type=='a', issuer=='AttestationService']=>issue(claim=c);[type=='a', issuer=='AttestationPolicy']&&"
            "[type=='a', issuer=='AttestationService']=>issue(type='both', value=true);"),
      "{'a':1}", "permit", "{'a':1,'both':true}" },
    { "claim = c can be added", ISSUE("c:[type=='a']=>add(claim=c);c:[issuer=='AttestationPolicy']=>issue(claim=c);"),
      "{'a':1}", "permit", "{'a':1}" },
    { "claim = c can be a property", ISSUE("c:[type=='a']=>issueproperty(claim=c);"), "{'a':1}", "permit", "{}",
      "{'a':1}" },
    { "a rename does not remove the original",
      ISSUE("c:[type=='x-ms-sgx-svn']=>issue(type='svn', value=c.value);c:[type=='x-ms-sgx-svn']=>issue(claim=c);"),
      "{'x-ms-sgx-svn':3}", "permit", "{'svn':3,'x-ms-sgx-svn':3}" },
    { "the name of a claim may be that of a claim", ISSUE("c:[value==5]=>issue(type=c.type, value=6);"), "{'a':5}",
      "permit", "{'a':6}" },
    { "the issuer may become a value", ISSUE("c:[type=='a']=>issue(type='from', value=c.issuer);"), "{'a':5}", "permit",
      "{'from':'AttestationService'}" },
    { "the type of a value may become a value", ISSUE("c:[type=='a']=>issue(type='t', value=c.valueType);"),
      "{'a':[5,6,'x']}", "permit", "{'t':['Integer','String']}" },
    { "a claim cannot have several names", ISSUE("c:[value==5]=>issue(type=c.type, value=6);"), "{'a':5,'b':5}",
      "error", "the type of a claim is one string that is not empty" },
    { "nor a number for a name", ISSUE("c:[type=='a']=>issue(type=c.value, value=6);"), "{'a':5}", "error",
      "line 4, column" },
    { "nor an empty one", ISSUE("c:[type=='a']=>issue(type=c.value, value=6);"), "{'a':''}", "error", "not empty" },
};

/* Section 2.5: what the token has. */
static const evaluation_case token_cases[] = {
    { "one value is a scalar", ISSUE("=>issue(type='a', value='x');"), NULL, "permit", "{'a':'x'}" },
    { "values of different types stay what they are", ISSUE("=>issue(type='a', value='1');=>issue(type='a', value=1);"),
      NULL, "permit", "{'a':['1',1]}" },
    { "text that holds JSON stays text", ISSUE("c:[type=='a']=>issue(type='b', value=c.value);"), "{'a':{'x':[1]}}",
      "permit", "{'b':'{\\'x\\':[1]}'}" },
    { "characters of JSON are escaped", ISSUE("=>issue(type='a\\'b', value='\\\\x');"), NULL, "permit",
      "{'a\\'b':'\\\\x'}" },
    { "a large integer keeps its digits", ISSUE("=>issue(type='a', value=9007199254740993);"), NULL, "permit",
      "{'a':9007199254740993}" },
    { "a name of the service is marked where it is listed",
      ISSUE("=>issue(type='x-ms-sgx-svn', value=5);=>issue(type='iss', value='x');=>issue(type='a', value=1);"),
      "{'x-ms-attestation-type':'sgx'}", "permit", "{'x-ms-sgx-svn':5,'iss':'x','a':1}", NULL,
      "  x-ms-sgx-svn = 5 (the service keeps its own x-ms-sgx-svn)\n  iss = 'x' (the service keeps its own iss)\n  a = "
      "1\n" },
    { "it is not the service's in tokens of another type", ISSUE("=>issue(type='x-ms-sgx-svn', value=5);"),
      "{'x-ms-attestation-type':'tdxvm'}", "permit", "{'x-ms-sgx-svn':5}", NULL, "  x-ms-sgx-svn = 5\n" },
    { "nor is it said where the type is not known", ISSUE("=>issue(type='x-ms-sgx-svn', value=5);"),
      "[{'type':'x-ms-attestation-type','value':'sgx','issuer':'CustomClaim'}]", "permit", "{'x-ms-sgx-svn':5}", NULL,
      "  x-ms-sgx-svn = 5\n" },
    { "a negative one too", ISSUE("=>issue(type='a', value=-9223372036854775808);"), NULL, "permit",
      "{'a':-9223372036854775808}" },
};

/* Section 2.6: what may be tested and not issued; with functions in policy_functions.c. */
static const evaluation_case read_only_cases[] = {
    { "pcrs can be tested", "[type=='pcrs', issuer=='AttestationService']=>permit();", "{'pcrs':{}}", "permit" },
    { "pcrs can be added", ISSUE("c:[type=='pcrs']=>add(type='p', value=c.value);"), "{'pcrs':{}}", "permit", NULL },
    { "pcrs cannot be issued", ISSUE("c:[type=='pcrs']=>issue(type='p', value=c.value);"), "{'pcrs':{}}", "error",
      "line 4, column 19: issue() of a value that is read-only (pcrs, or made of it)" },
    { "nor copied into the token", ISSUE("c:[type=='pcrs']=>issue(claim=c);"), "{'pcrs':{}}", "error", "read-only" },
    { "nor become a property", ISSUE("c:[type=='pcrs']=>issueproperty(type='p', value=c.value);"), "{'pcrs':{}}",
      "error", "issueproperty() of a value that is read-only" },
    { "nor be issued by way of an added claim",
      ISSUE("c:[type=='pcrs']=>add(type='p', value=c.value);c:[type=='p']=>issue(type='q', value=c.value);"),
      "{'pcrs':{}}", "error", "read-only" },
    { "nor be the name of what is issued", ISSUE("c:[type=='pcrs']=>issue(type=c.value, value=1);"), "{'pcrs':'x'}",
      "error", "read-only" },
    { "nor come back as the name of what was added",
      ISSUE("c:[type=='pcrs']=>add(type=c.value, value=1);d:[value==1]=>issue(type='x', value=d.type);"),
      "{'pcrs':'x'}", "error", "read-only" },
    { "nor copied with its name", ISSUE("c:[type=='pcrs']=>add(type=c.value, value=1);d:[value==1]=>issue(claim=d);"),
      "{'pcrs':'x'}", "error", "read-only" },
    { "nor hide behind the same text of another claim",
      ISSUE("c:[type=='a']=>add(type='p', value=c.value);d:[type=='pcrs']=>add(type='p', value=d.value);"
            "c:[type=='p']=>issue(type='q', value=c.value);"),
      "{'a':'x','pcrs':'x'}", "error", "read-only" },
    { "that there are any can be issued", ISSUE("[type=='pcrs']=>issue(type='measured', value=true);"), "{'pcrs':{}}",
      "permit", "{'measured':true}" },
    { "the name of pcrs can be issued", ISSUE("c:[type=='pcrs']=>issue(type='n', value=c.type);"), "{'pcrs':{}}",
      "permit", "{'n':'pcrs'}" },
    { "a client's pcrs are not the service's", ISSUE("c:[type=='pcrs']=>issue(type='p', value=c.value);"),
      "[{'type':'pcrs','value':'x','issuer':'CustomClaim'}]", "permit", "{'p':'x'}" },
    { "events and bootEvents can be issued",
      ISSUE(
          "c:[type=='events']=>issue(type='e', value=c.value);c:[type=='bootEvents']=>issue(type='b', value=c.value);"),
      "{'events':'x','bootEvents':'y'}", "permit", "{'e':'x','b':'y'}" },
};

/* Section 2.8: properties and configuration rules. */
#define CONFIGURED(configuration, authorization)                                                                       \
    "version=1.1;configurationrules{\n" configuration "\n};authorizationrules{\n" authorization "\n};"
static const evaluation_case configuration_cases[] = {
    { "properties are set",
      CONFIGURED("=>issueproperty(type='required_pcr_mask', value=15);\n"
                 "=>issueproperty(type='require_valid_aik_cert', value=false);",
                 "=>permit();"),
      NULL, "permit", "{}", "{'required_pcr_mask':15,'require_valid_aik_cert':false}", "line 2: =>issueproperty" },
    { "they are set when the claims are denied", CONFIGURED("=>issueproperty(type='required_pcr_mask', value=15);", ""),
      NULL, "deny", "{}", "{'required_pcr_mask':15}" },
    { "their conditions see no claims", CONFIGURED("[type=='a']=>issueproperty(type='p', value=15);", "=>permit();"),
      "{'a':1}", "permit", "{}", "{}", "there are no claims" },
    { "they see properties that were set before",
      CONFIGURED("=>issueproperty(type='p', value=1);[type=='p']=>issueproperty(type='q', value=2);", "=>permit();"),
      "{'a':1}", "permit", "{}", "{'p':1,'q':2}" },
    { "later sections see properties",
      CONFIGURED("=>issueproperty(type='p', value=1);", "[type=='p', value==1]=>permit();"), NULL, "permit", "{}",
      "{'p':1}" },
    { "a property that is not known is there all the same",
      CONFIGURED("=>issueproperty(type='x', value='y');", "=>permit();"), NULL, "permit", "{}", "{'x':'y'}" },
    { "a property that is set twice has both values",
      CONFIGURED("=>issueproperty(type='x', value=1);=>issueproperty(type='x', value=2);", "=>permit();"), NULL,
      "permit", "{}", "{'x':[1,2]}" },
    { "properties of issuance come behind those of configuration",
      "version=1.1;configurationrules{=>issueproperty(type='a', value=1);};authorizationrules{=>permit();};"
      "issuancerules{=>issueproperty(type='report_validity_in_minutes', value=60);};",
      NULL, "permit", "{}", "{'a':1,'report_validity_in_minutes':60}" },
};

/* What people are shown. */
static const evaluation_case shown_cases[] = {
    { "values of other types show their types", "[type=='a', value==true]=>permit();", "{'a':'true'}", "deny", NULL,
      NULL, "the value of 'a' is 'true' (String), expected true (Boolean)" },
    { "limits are put in words",
      "[type=='a', value>=2]=>permit();[type=='a', value<1]=>permit();[type=='a', value!=1]=>permit();", "{'a':1}",
      "deny", NULL, NULL, "the value of 'a' is 1, expected at least 2" },
    { "less is put in words", "[type=='a', value<1]=>permit();", "{'a':1}", "deny", NULL, NULL,
      "the value of 'a' is 1, expected less than 1" },
    { "not is put in words", "[type=='a', value!=1]=>permit();", "{'a':1}", "deny", NULL, NULL,
      "the value of 'a' is 1, expected anything but 1" },
    { "without a type the nearest claim is told", "[value==7]=>permit();", "{'a':1}", "deny", NULL, NULL,
      "the value of 'a' is 1, expected 7" },
    { "control characters do not reach a terminal", "[type=='a', value=='x']=>permit();", "{'a':'\\u001b[31m'}", "deny",
      NULL, NULL, "the value of 'a' is '\\x1b[31m', expected 'x'" },
    { "a rule of several lines is one line", RULES("c : [ type == 'a' ,\n\t value == 1 ]\r\n  => permit( ) ;", ""),
      NULL, "deny", NULL, NULL, "line 2: c : [ type == 'a' , value == 1 ] => permit( ) ;" },
    { "the claims of a deny are told", "[type=='secureboot', value==false]=>deny();", "{'secureboot':false}", "deny",
      NULL, NULL, "fired: denies\n      by secureboot = false" },
    { "the trace has what was bound", "c:[type=='a']&&[type=='b']=>deny();", "{'a':1,'b':'x'}", "deny", NULL, NULL,
      NULL,
      "'claims':[{'condition':1,'identifier':'c','type':'a','value':1,'valueType':'Integer','issuer':'"
      "AttestationService'},"
      "{'condition':2,'identifier':null,'type':'b','value':'x','valueType':'String','issuer':'AttestationService'}]" },
    { "the trace has the place and source of a rule", RULES("\n  [type=='a'] => permit();", ""), NULL, "deny", NULL,
      NULL, NULL,
      "[{'section':'authorizationrules','rule':1,'line':3,'column':3,'source':'[type==\\'a\\'] => "
      "permit();','run':true,"
      "'fired':false,'action':'permit','claims':[],'claims_left_out':0,'made':[],'made_left_out':0,'failed':{'"
      "condition':1,"
      "'line':3,'column':3,'reason':'there are no claims'}}]" },
    { "the trace has the claims of conditions before the one that fails", "c:[type=='a']&&[type=='b']=>permit();",
      "{'a':1}", "deny", NULL, NULL, NULL, "'claims':[{'condition':1,'identifier':'c','type':'a'" },
};

/* Limits. */
static const evaluation_case limit_cases[] = {
    { "the work limit is reported", "[type=='a', value==1]=>permit();", "{'a':[1,2,3,4,5,6,7,8,9]}", "error",
      "the evaluation takes more than 5 steps, and was given up at the rule of line 1", NULL, NULL, NULL, false, 5,
      AZATTEST_E_LIMIT },
    { "enough work is enough", "[type=='a', value==1]=>permit();", "{'a':[1,2,3,4,5,6,7,8,9]}", "permit", NULL, NULL,
      NULL, NULL, false, 25 },
    { "an unconditional permit does not come before its work", "=>permit();[type=='a', value==1]=>deny();",
      "{'a':[1,2,3,4,5,6,7,8,9]}", "error", "steps", NULL, NULL, NULL, false, 5, AZATTEST_E_LIMIT },
};

static void claims_are_many(size_t count, azattest_claim_set **out)
{
    assert_int_equal(azattest_claim_set_new(out, NULL), AZATTEST_OK);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(azattest_claim_set_add_integer(*out, i % 2 == 0 ? "even" : "odd", (int64_t)i, NULL, NULL),
                         AZATTEST_OK);
}

static azattest_policy *policy_of(const char *marked)
{
    char *text = evaluation_text(marked);
    azattest_policy *policy = NULL;
    azattest_error *error = NULL;

    expect(azattest_policy_parse(azattest__text(text), NULL, &policy, &error), &error, AZATTEST_OK, NULL);
    free(text);
    return policy;
}

/* Twice the claims are twice the work, also where each condition compares with all values of another. */
static void work_is_linear_in_claims(void **state)
{
    azattest_policy *policy =
        policy_of(ISSUE("c:[type=='even']&&[type=='odd', value!=c.value]=>issue(type='x', value=c.value);"
                        "c:[type=='x']&&d:[type=='even', value==c.value]=>issue(type='y', value=d.value);"));
    uint64_t needed[2] = { 0, 0 };

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        azattest_evaluation_options options = AZATTEST_EVALUATION_OPTIONS_INIT;
        azattest_policy_evaluation *evaluation = NULL;
        azattest_claim_set *set;
        uint64_t low = 1, high = AZATTEST_LIMIT_POLICY_WORK;

        claims_are_many(i == 0 ? 500 : 1000, &set);
        while (low < high) {
            options.work_limit = low + (high - low) / 2;
            if (azattest_policy_evaluate(policy, set, &options, &evaluation, NULL) == AZATTEST_OK)
                high = options.work_limit;
            else
                low = options.work_limit + 1;
            azattest_policy_evaluation_free(evaluation);
        }
        needed[i] = low;
        azattest_claim_set_free(set);
    }
    assert_true(needed[1] < 3 * needed[0]);
    assert_true(needed[1] > needed[0]);
    azattest_policy_free(policy);
}

static void rules_cannot_make_more_claims_than_a_set_may_have(void **state)
{
    azattest_policy *policy = policy_of(
        ISSUE("c:[type=='even']=>issue(type='x', value=c.value);\nc:[type=='even']=>issue(type='y', value=c.value);"));
    azattest_policy_evaluation *evaluation = NULL;
    azattest_error *error = NULL;
    azattest_claim_set *set;

    (void)state;
    claims_are_many(4000, &set);
    expect(azattest_policy_evaluate(policy, set, NULL, &evaluation, &error), &error, AZATTEST_E_LIMIT,
           "the rule of line 4 makes more than 4096 claims");
    assert_null(evaluation);
    azattest_claim_set_free(set);
    azattest_policy_free(policy);
}

static void long_values_and_lists_are_cut_in_the_trace(void **state)
{
    azattest_policy *policy =
        policy_of("version=1.0;authorizationrules{c:[value!=1]=>permit();[type=='none',value=='x']=>deny();};");
    azattest_policy_evaluation *evaluation = NULL;
    azattest_claim_set *set;
    char *text = malloc(100001);
    const char *trace, *explanation;

    (void)state;
    assert_non_null(text);
    memset(text, 'a', 100000);
    text[100000] = '\0';
    claims_are_many(200, &set);
    memcpy(text + 254, "\xe2\x82\xac", 3); /* a character across the cut is left out whole */
    assert_int_equal(azattest_claim_set_add_string(set, "long", azattest__text(text), NULL, NULL), AZATTEST_OK);
    assert_int_equal(azattest_policy_evaluate(policy, set, NULL, &evaluation, NULL), AZATTEST_OK);
    trace = azattest_policy_evaluation_trace(evaluation).ptr;
    explanation = azattest_policy_evaluation_explanation(evaluation);
    assert_non_null(strstr(trace, "\"claims_left_out\":168"));
    assert_true(strlen(trace) < 20000);
    assert_true(strlen(explanation) < 4000);
    azattest_policy_evaluation_free(evaluation);
    azattest_policy_free(policy);
    policy = policy_of("version=1.0;authorizationrules{[type=='long']=>permit();};");
    assert_int_equal(azattest_policy_evaluate(policy, set, NULL, &evaluation, NULL), AZATTEST_OK);
    trace = azattest_policy_evaluation_trace(evaluation).ptr;
    assert_non_null(strstr(trace, "aaa\",\"length\":100000"));
    assert_true(strlen(trace) < 2000);
    azattest_policy_evaluation_free(evaluation);
    azattest_policy_free(policy);
    azattest_claim_set_free(set);
    free(text);
}

static void all_claims_at_the_end_are_listed(void **state)
{
    azattest_policy_evaluation *evaluation = NULL;
    azattest_error *error = NULL;
    azattest_claim_set *again = NULL;
    char *expected = evaluation_text("[{'type':'a','value':1,'valueType':'Integer','issuer':'AttestationService'},"
                                     "{'type':'p','value':2,'valueType':'Integer','issuer':'AttestationPolicy'},"
                                     "{'type':'b','value':1,'valueType':'Integer','issuer':'AttestationPolicy'}]");

    (void)state;
    expect(evaluation_of("version=1.1;configurationrules{=>issueproperty(type='p', value=2);};authorizationrules{"
                         "c:[type=='a']=>add(type='b', value=c.value);};",
                         "{'a':1}", NULL, false, &evaluation, &error),
           &error, AZATTEST_OK, NULL);
    assert_string_equal(azattest_policy_evaluation_incoming(evaluation).ptr, expected);
    expect(azattest_claim_set_parse(azattest_policy_evaluation_incoming(evaluation), &again, &error), &error,
           AZATTEST_OK, NULL);
    azattest_claim_set_free(again);
    azattest_policy_evaluation_free(evaluation);
    free(expected);
}

static void an_error_says_its_place_once(void **state)
{
    azattest_policy_evaluation *evaluation = NULL;
    azattest_error *error = NULL;

    (void)state;
    assert_int_equal(evaluation_of("version=1.2;authorizationrules{=>add(type='b', value=JmesPath('x', 'y'));};", NULL,
                                   NULL, false, &evaluation, &error),
                     AZATTEST_E_POLICY_EVALUATION);
    assert_memory_equal(azattest_error_message(error), "line 1, column 54: JmesPath(): ", 31);
    azattest_error_free(error);
    error = NULL;
    assert_int_equal(evaluation_of("version=1.2;authorizationrules{\n=>permit();\n[type=='a'] &&\n"
                                   "  [value==JmesPath('x', 'y')] => deny();};",
                                   "{'a':1}", NULL, false, &evaluation, &error),
                     AZATTEST_E_POLICY_EVALUATION);
    assert_memory_equal(azattest_error_message(error), "line 4, column 11, in the rule of line 3: JmesPath(): ", 54);
    azattest_error_free(error);
}

static void a_denial_names_its_rule_and_claims(void **state)
{
    azattest_policy_evaluation *evaluation = NULL;
    azattest_error *error = NULL;

    (void)state;
    expect(evaluation_of("version=1.0;authorizationrules{\n=>permit();\n  [type=='secureboot', value==false]\n => "
                         "deny();\n=>deny();};",
                         "{'x':1,'secureboot':false}", NULL, false, &evaluation, &error),
           &error, AZATTEST_OK, NULL);
    assert_int_equal(azattest_policy_evaluation_deny_line(evaluation), 3);
    assert_string_equal(azattest_policy_evaluation_deny_rule(evaluation),
                        "[type==\"secureboot\", value==false]\n => deny();");
    assert_string_equal(azattest_policy_evaluation_reason(evaluation), "the rule of line 3 denies");
    assert_int_equal(evaluation->deny_index, 1);
    assert_int_equal(evaluation->denied_count, 1);
    assert_string_equal(evaluation->denied[0]->type, "secureboot");
    azattest_policy_evaluation_free(evaluation);
}

static void configuration_can_be_had_before_the_evidence_is_judged(void **state)
{
    azattest_policy *policy =
        policy_of("version=1.1;configurationrules{=>issueproperty(type='x-ms-sgx-tcbidentifier', value='10');"
                  "=>issueproperty(type='two', value=1);=>issueproperty(type='two', value=2);};"
                  "authorizationrules{=>permit();};issuancerules{=>issueproperty(type='late', value=1);};");
    azattest_policy_evaluation *evaluation = NULL;

    (void)state;
    assert_int_equal(azattest__policy_configure(policy, &evaluation, NULL), AZATTEST_OK);
    assert_false(azattest_policy_evaluation_is_permitted(evaluation));
    assert_string_equal(azattest_policy_evaluation_outcome(evaluation), "deny");
    assert_string_equal(azattest__policy_evaluation_property(evaluation, "x-ms-sgx-tcbidentifier")->text, "10");
    assert_null(azattest__policy_evaluation_property(evaluation, "two"));
    assert_null(azattest__policy_evaluation_property(evaluation, "late"));
    assert_non_null(strstr(azattest_policy_evaluation_explanation(evaluation), "Not permitted"));
    azattest_policy_evaluation_free(evaluation);
    azattest_policy_free(policy);
}

static void wrong_use_is_told(void **state)
{
    azattest_policy *policy = policy_of("version=1.0;authorizationrules{=>permit();};");
    azattest_evaluation_options options = { .size = 1 };
    azattest_policy_evaluation *evaluation = (azattest_policy_evaluation *)&options;
    azattest_claim_set *set = NULL;
    azattest_error *error = NULL;

    (void)state;
    assert_int_equal(azattest_claim_set_new(&set, NULL), AZATTEST_OK);
    expect(azattest_policy_evaluate(NULL, set, NULL, &evaluation, &error), &error, AZATTEST_E_ARGUMENT, "no policy");
    assert_null(evaluation);
    expect(azattest_policy_evaluate(policy, NULL, NULL, &evaluation, &error), &error, AZATTEST_E_ARGUMENT, "no claims");
    expect(azattest_policy_evaluate(policy, set, NULL, NULL, &error), &error, AZATTEST_E_ARGUMENT, "no place");
    expect(azattest_policy_evaluate(policy, set, &options, &evaluation, &error), &error, AZATTEST_E_ARGUMENT,
           "AZATTEST_EVALUATION_OPTIONS_INIT");
    assert_null(evaluation);
    assert_false(azattest_policy_evaluation_is_permitted(NULL));
    assert_null(azattest_policy_evaluation_outcome(NULL));
    assert_null(azattest_policy_evaluation_reason(NULL));
    assert_int_equal(azattest_policy_evaluation_deny_line(NULL), 0);
    assert_null(azattest_policy_evaluation_deny_rule(NULL));
    assert_null(azattest_policy_evaluation_claims(NULL).ptr);
    assert_null(azattest_policy_evaluation_properties(NULL).ptr);
    assert_null(azattest_policy_evaluation_incoming(NULL).ptr);
    assert_null(azattest_policy_evaluation_trace(NULL).ptr);
    assert_null(azattest_policy_evaluation_explanation(NULL));
    azattest_policy_evaluation_free(NULL);
    azattest_claim_set_free(set);
    azattest_policy_free(policy);
}

/* Not even a tree that no parser gave is evaluated when it is marked as wrong. */
static void a_policy_with_errors_is_never_evaluated(void **state)
{
    azattest_policy *policy = NULL;
    azattest_policy_evaluation *evaluation = NULL;
    azattest_claim_set *set = NULL;
    azattest_error *error = NULL;

    (void)state;
    assert_int_equal(azattest__policy_read(azattest__text("version=1.0;authorizationrules{=>permit();=>permit()};"),
                                           false, NULL, &policy, NULL),
                     AZATTEST_OK);
    assert_int_equal(azattest_claim_set_new(&set, NULL), AZATTEST_OK);
    expect(azattest_policy_evaluate(policy, set, NULL, &evaluation, &error), &error, AZATTEST_E_POLICY, "has errors");
    assert_null(evaluation);
    azattest_claim_set_free(set);
    azattest_policy_free(policy);
}

int main(void)
{
    static const struct CMUnitTest single[] = {
        cmocka_unit_test(work_is_linear_in_claims),
        cmocka_unit_test(rules_cannot_make_more_claims_than_a_set_may_have),
        cmocka_unit_test(long_values_and_lists_are_cut_in_the_trace),
        cmocka_unit_test(all_claims_at_the_end_are_listed),
        cmocka_unit_test(an_error_says_its_place_once),
        cmocka_unit_test(a_denial_names_its_rule_and_claims),
        cmocka_unit_test(configuration_can_be_had_before_the_evidence_is_judged),
        cmocka_unit_test(wrong_use_is_told),
        cmocka_unit_test(a_policy_with_errors_is_never_evaluated),
    };
    struct CMUnitTest tests[256];
    size_t count = 0;

    TABLE(model_cases, evaluation_comes_out);
    TABLE(condition_cases, evaluation_comes_out);
    TABLE(comparison_cases, compares);
    TABLE(outcome_cases, evaluation_comes_out);
    TABLE(action_cases, evaluation_comes_out);
    TABLE(token_cases, evaluation_comes_out);
    TABLE(read_only_cases, evaluation_comes_out);
    TABLE(configuration_cases, evaluation_comes_out);
    TABLE(shown_cases, evaluation_comes_out);
    TABLE(limit_cases, evaluation_comes_out);
    for (size_t i = 0; i < COUNT(single); i++)
        tests[count++] = single[i];
    return _cmocka_run_group_tests("policy_evaluate", tests, count, NULL, NULL);
}
