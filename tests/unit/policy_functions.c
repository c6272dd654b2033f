/* The functions of version 1.2: what they give, what they refuse, and that a refusal is never a permit. */
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "evaluation.h"

/* Issues `x` with an expression of the claims a and b. */
#define X(expression) ISSUE("a:[type=='a']=>issue(type='x', value=" expression ");")
#define XB(expression) ISSUE("a:[type=='a']&&b:[type=='b']=>issue(type='x', value=" expression ");")

static const evaluation_case jmes_path_cases[] = {
    { "JmesPath gives the JSON text of a string, with its quotes", X("JmesPath(a.value, 'foo')"), "{'a':{'foo':'bar'}}",
      "permit", "{'x':'\\'bar\\''}" },
    { "of a number", X("JmesPath(a.value, 'foo')"), "{'a':{'foo':12}}", "permit", "{'x':'12'}" },
    { "of an object, compactly", X("JmesPath(a.value, 'foo')"), "{'a':{'foo':{'b':[1, 2], 'c':null}}}", "permit",
      "{'x':'{\\'b\\':[1,2],\\'c\\':null}'}" },
    { "of nothing, which is null", X("JmesPath(a.value, 'nope')"), "{'a':{'foo':1}}", "permit", "{'x':'null'}" },
    { "a null result can be tested",
      "a:[type=='a']=>add(type='r', value=JmesPath(a.value, 'nope'));"
      "[type=='r', value=='null']=>permit();",
      "{'a':{}}", "permit" },
    { "JmesPath takes any JSON text", X("JmesPath(a.value, '@')"), "{'a':'[1, true]'}", "permit", "{'x':'[1,true]'}" },
    { "a query may be made at run time", X("JmesPath(a.value, AppendString('fo', 'o'))"), "{'a':{'foo':1}}", "permit",
      "{'x':'1'}" },
    { "a query may be a claim", XB("JmesPath(a.value, b.value)"), "{'a':{'foo':1},'b':'foo'}", "permit", "{'x':'1'}" },
    { "calls nest", X("JmesPath(JmesPath(a.value, 'foo'), 'bar')"), "{'a':{'foo':{'bar':3}}}", "permit", "{'x':'3'}" },
    { "one document may be queried many times",
      ISSUE("a:[type=='a']=>issue(type='x', value=JmesPath(a.value, 'p'));a:[type=='a']=>issue(type='y', "
            "value=JmesPath(a.value, 'q'));"
            "a:[type=='a']=>add(type='z', value=JmesPath(a.value, '@'));z:[type=='z']=>issue(type='z', "
            "value=JmesPath(z.value, 'q'));"
            "z:[type=='z', value!='2']=>issue(type='w', value=JmesPath(z.value, 'p'));"),
      "{'a':{'p':1,'q':2}}", "permit", "{'x':'1','y':'2','z':'2','w':'1'}" },
    { "equals_ignore_case folds ASCII", X("JmesPath(a.value, '[?equals_ignore_case(@, ^WD.Sys^)]')"),
      "{'a':'[\\'x\\',\\'wd.sys\\']'}", "permit", "{'x':'[\\'wd.sys\\']'}" },
    { "a raw string of a query keeps the backslash that the policy's text escapes",
      X("JmesPath(a.value, '@ == ^\\\\windows^')"), "{'a':'\\'\\\\\\\\windows\\''}", "permit", "{'x':'true'}" },
};

/* What JmesPath refuses. */
static const evaluation_case jmes_path_errors[] = {
    { "JmesPath refuses what is no JSON", X("JmesPath(a.value, 'foo')"), "{'a':'foo'}", "error",
      "line 4, column 38: JmesPath(): the first argument: not JSON" },
    { "and an empty text", X("JmesPath(a.value, 'foo')"), "{'a':''}", "error",
      "JmesPath(): the first argument is an empty string" },
    { "and an empty query", XB("JmesPath(a.value, b.value)"), "{'a':'{}','b':''}", "error",
      "JmesPath(): the second argument is an empty string" },
    { "and a query that is none", XB("JmesPath(a.value, b.value)"), "{'a':'{}','b':'[?a == 20]'}", "error",
      "JmesPath(): the query: " },
    { "and a function that JMESPath has not got", XB("JmesPath(a.value, b.value)"), "{'a':'{}','b':'nope(@)'}", "error",
      "JmesPath(): the query: " },
    { "and two texts of which one is none in equals_ignore_case", X("JmesPath(a.value, 'equals_ignore_case(@, ^x^)')"),
      "{'a':'[]'}", "error", "equals_ignore_case() at byte" },
    { "and arguments of a wrong type in the query", X("JmesPath(a.value, 'abs(@)')"), "{'a':{'x':1}}", "error",
      "JmesPath(): the query: " },
    { "and an integer instead of a text", X("JmesPath(a.value, 'foo')"), "{'a':5}", "error",
      "JmesPath(): the first argument is an integer, expected one string" },
    { "and a boolean", X("JmesPath(a.value, 'foo')"), "{'a':true}", "error", "the first argument is a boolean" },
    { "and several texts", X("JmesPath(a.value, 'foo')"), "{'a':['{}','[]']}", "error",
      "the first argument is a set of several values, expected one string" },
    { "and an integer for a query", XB("JmesPath(a.value, b.value)"), "{'a':'{}','b':1}", "error",
      "JmesPath(): the second argument is an integer" },
    { "and a member twice", X("JmesPath(a.value, 'foo')"), "{'a':'{\\'b\\':1,\\'b\\':2}'}", "error",
      "duplicate member" },
};

static const evaluation_case json_cases[] = {
    { "an integer becomes an integer", X("JsonToClaimValue(a.value)"), "{'a':'-12'}", "permit", "{'x':-12}" },
    { "an integral float too", X("JsonToClaimValue(a.value)"), "{'a':'1e2'}", "permit", "{'x':100}" },
    { "true becomes a boolean", X("JsonToClaimValue(a.value)"), "{'a':'true'}", "permit", "{'x':true}" },
    { "false too", X("JsonToClaimValue(a.value)"), "{'a':'false'}", "permit", "{'x':false}" },
    { "a string loses its quotes", X("JsonToClaimValue(a.value)"), "{'a':'\\'R\\\\u0053A\\''}", "permit",
      "{'x':'RSA'}" },
    { "an empty string is a value", X("JsonToClaimValue(a.value)"), "{'a':'\\'\\''}", "permit", "{'x':''}" },
    { "null becomes nothing, and no claim is made", X("JsonToClaimValue(a.value)"), "{'a':'null'}", "permit", NULL,
      NULL, "fired: issues nothing, for the value is empty" },
    { "an array becomes a claim for each value", X("JsonToClaimValue(a.value)"), "{'a':'[1,\\'1\\',true,null,2]'}",
      "permit", "{'x':[1,'1',true,2]}" },
    { "an empty array becomes nothing", X("JsonToClaimValue(a.value)"), "{'a':'[]'}", "permit", NULL },
    { "an array of nulls too", X("JsonToClaimValue(a.value)"), "{'a':'[null,null]'}", "permit", NULL },
    { "a value that repeats is there once", X("JsonToClaimValue(a.value)"), "{'a':'[1,1,2,1]'}", "permit",
      "{'x':[1,2]}" },
    { "blanks around do not matter", X("JsonToClaimValue(a.value)"), "{'a':' [ 1 , 2 ] '}", "permit", "{'x':[1,2]}" },
    { "what JmesPath found becomes a value", X("JsonToClaimValue(JmesPath(a.value, 'jwk.kty'))"),
      "{'a':{'jwk':{'kty':'RSA'}}}", "permit", "{'x':'RSA'}" },
    { "more than a few values keep their order and are there once", X("JsonToClaimValue(a.value)"),
      "{'a':'[20,19,18,17,16,15,14,13,12,11,10,9,8,7,6,5,4,3,2,1,20,1,0]'}", "permit",
      "{'x':[20,19,18,17,16,15,14,13,12,11,10,9,8,7,6,5,4,3,2,1,0]}" },
};

static const evaluation_case json_errors[] = {
    { "a fraction is refused", X("JsonToClaimValue(a.value)"), "{'a':'1.5'}", "error",
      "line 4, column 38: JsonToClaimValue(): 1.5 is no integer of 64 bits" },
    { "an integer beyond 64 bits is refused", X("JsonToClaimValue(a.value)"), "{'a':'9223372036854775808'}", "error",
      "9223372036854775808 is no integer" },
    { "a fraction in an array is refused", X("JsonToClaimValue(a.value)"), "{'a':'[1,0.5]'}", "error",
      "0.5 is no integer" },
    { "an object is refused", X("JsonToClaimValue(a.value)"), "{'a':{}}", "error", "the JSON is an object" },
    { "an array with an object is refused", X("JsonToClaimValue(a.value)"), "{'a':'[1,{}]'}", "error",
      "the JSON is an array with an object in it" },
    { "an array of arrays is refused", X("JsonToClaimValue(a.value)"), "{'a':'[[1]]'}", "error",
      "with an array in it" },
    { "what is no JSON is refused", X("JsonToClaimValue(a.value)"), "{'a':'RSA'}", "error",
      "JsonToClaimValue(): the argument: not JSON" },
    { "an empty text is refused", X("JsonToClaimValue(a.value)"), "{'a':''}", "error",
      "JsonToClaimValue(): the argument: " },
    { "an integer is refused", X("JsonToClaimValue(a.value)"), "{'a':1}", "error",
      "JsonToClaimValue(): the first argument is an integer, expected one string" },
    { "several texts are refused", X("JsonToClaimValue(a.value)"), "{'a':['1','2']}", "error",
      "a set of several values" },
    { "nothing is refused", X("JsonToClaimValue(JsonToClaimValue(a.value))"), "{'a':'null'}", "error", "an empty set" },
};

static const evaluation_case subset_cases[] = {
    { "a set is a subset of a larger one", XB("IsSubsetOf(a.value, b.value)"), "{'a':[1,2],'b':[3,2,1]}", "permit",
      "{'x':true}" },
    { "and of itself", XB("IsSubsetOf(a.value, a.value)"), "{'a':[1,'x',true],'b':1}", "permit", "{'x':true}" },
    { "not of a smaller one", XB("IsSubsetOf(a.value, b.value)"), "{'a':[1,2],'b':1}", "permit", "{'x':false}" },
    { "values of other types are others", XB("IsSubsetOf(a.value, b.value)"), "{'a':1,'b':['1',true]}", "permit",
      "{'x':false}" },
    { "single values are sets of one", X("IsSubsetOf(a.value, 'x')"), "{'a':'x'}", "permit", "{'x':true}" },
    { "nothing is a subset of anything", X("IsSubsetOf(JsonToClaimValue(a.value), 1)"), "{'a':'[]'}", "permit",
      "{'x':true}" },
    { "and of nothing", X("IsSubsetOf(JsonToClaimValue(a.value), JsonToClaimValue(a.value))"), "{'a':'null'}", "permit",
      "{'x':true}" },
    { "something is no subset of nothing", X("IsSubsetOf(1, JsonToClaimValue(a.value))"), "{'a':'[]'}", "permit",
      "{'x':false}" },
};

static const evaluation_case append_cases[] = {
    { "texts are appended", XB("AppendString(a.value, b.value)"), "{'a':'foo','b':'bar'}", "permit", "{'x':'foobar'}" },
    { "an empty text is appended", XB("AppendString(a.value, b.value)"), "{'a':'','b':''}", "permit", "{'x':''}" },
    { "calls nest", X("AppendString(AppendString('<', a.value), '>')"), "{'a':'x'}", "permit", "{'x':'<x>'}" },
    { "a claim that was added twice is one text",
      ISSUE("=>add(type='q', value='x');=>add(type='q', value='x');q:[type=='q']=>issue(type='y', "
            "value=AppendString(q.value, '!'));"),
      NULL, "permit", "{'y':'x!'}" },
    { "an integer is refused", X("AppendString('x', a.value)"), "{'a':1}", "error",
      "AppendString(): the second argument is an integer, expected one string" },
    { "a boolean is refused", X("AppendString(a.value, 'x')"), "{'a':true}", "error",
      "the first argument is a boolean" },
    { "several texts are refused", X("AppendString(a.value, 'x')"), "{'a':['p','q']}", "error",
      "a set of several values" },
    { "nothing is refused", X("AppendString(JsonToClaimValue(a.value), 'x')"), "{'a':'null'}", "error",
      "an empty set" },
};

static const evaluation_case boolean_cases[] = {
    { "true becomes false", X("NegateBool(a.value)"), "{'a':true}", "permit", "{'x':false}" },
    { "false becomes true", X("NegateBool(NegateBool(NegateBool(a.value)))"), "{'a':false}", "permit", "{'x':true}" },
    { "a text is refused", X("NegateBool(a.value)"), "{'a':'true'}", "error",
      "NegateBool(): the first argument is a string, expected one boolean" },
    { "an integer is refused", X("NegateBool(a.value)"), "{'a':0}", "error", "is an integer" },
    { "both are refused", X("NegateBool(a.value)"), "{'a':[true,false]}", "error", "a set of several values" },
    { "nothing is refused", X("NegateBool(JsonToClaimValue(a.value))"), "{'a':'null'}", "error", "an empty set" },
};

static const evaluation_case only_cases[] = {
    { "a set of one value contains only it", X("ContainsOnlyValue(a.value, 100)"), "{'a':100}", "permit",
      "{'x':true}" },
    { "also when it came several times", X("ContainsOnlyValue(JsonToClaimValue(a.value), true)"), "{'a':'[true,true]'}",
      "permit", "{'x':true}" },
    { "another value is not it", X("ContainsOnlyValue(a.value, 100)"), "{'a':101}", "permit", "{'x':false}" },
    { "nor is it beside others", X("ContainsOnlyValue(a.value, 100)"), "{'a':[100,101]}", "permit", "{'x':false}" },
    { "nor in another type", X("ContainsOnlyValue(a.value, 100)"), "{'a':'100'}", "permit", "{'x':false}" },
    { "an empty set contains nothing", X("ContainsOnlyValue(JsonToClaimValue(a.value), true)"), "{'a':'[]'}", "permit",
      "{'x':false}" },
    { "two values to contain are refused", X("ContainsOnlyValue(1, a.value)"), "{'a':[1,2]}", "error",
      "ContainsOnlyValue(): the second argument is a set of several values, expected one value" },
    { "none is refused", X("ContainsOnlyValue(1, JsonToClaimValue(a.value))"), "{'a':'null'}", "error",
      "an empty set" },
};

/* Calls in conditions, and what an error does wherever it is. */
static const evaluation_case place_cases[] = {
    { "a call may stand in a condition",
      "c:[type=='a']&&[type=='b', value==JsonToClaimValue(JmesPath(c.value, 'n'))]=>permit();", "{'a':{'n':3},'b':3}",
      "permit" },
    { "its values are those that may fit", "c:[type=='a']&&[type=='b', value==JsonToClaimValue(c.value)]=>permit();",
      "{'a':'[1,2,3]','b':3}", "permit" },
    { "none of them fits", "c:[type=='a']&&[type=='b', value==JsonToClaimValue(c.value)]=>permit();",
      "{'a':'[1,2]','b':3}", "deny", NULL, NULL, "the value of 'b' is 3, expected one of 1, 2" },
    { "no value at all fits nothing", "c:[type=='a']&&[type=='b', value==JsonToClaimValue(c.value)]=>permit();",
      "{'a':'null','b':3}", "deny", NULL, NULL, "expected nothing" },
    { "that something differs from no value at all is an error",
      "c:[type=='a']&&[type=='b', value!=JsonToClaimValue(c.value)]=>permit();", "{'a':'null','b':3}", "error",
      "line 1, column 66: there is no value that a claim could differ from" },
    { "so that leaving a value out passes no deny rule",
      "=>permit();c:[type=='a']&&[type=='b', value!=JsonToClaimValue(JmesPath(c.value, 'good'))]=>deny();",
      "{'a':{'bad':3},'b':3}", "error", "there is no value that a claim could differ from" },
    { "nor of an array", "c:[type=='a']&&![type=='b', value!=JsonToClaimValue(c.value)]=>permit();", "{'a':'[]','b':3}",
      "error", "there is no value that a claim could differ from" },
    { "nothing is less than no value", "c:[type=='a']&&[type=='b', value<JsonToClaimValue(c.value)]=>permit();",
      "{'a':'null','b':3}", "deny" },
    { "an error in a condition is an error",
      "=>permit();c:[type=='a']&&[type=='b', value==JsonToClaimValue(c.value)]=>deny();", "{'a':'x','b':3}", "error",
      "JsonToClaimValue()" },
    { "also when no claim comes as far as the test",
      "=>permit();c:[type=='a']&&[type=='none', value==JsonToClaimValue(c.value)]=>deny();", "{'a':'x'}", "error",
      "JsonToClaimValue()" },
    { "an error behind a permit is an error", "=>permit();c:[type=='a']=>add(type='x', value=NegateBool(c.value));",
      "{'a':'x'}", "error", "NegateBool()" },
    { "an error in a rule that does not fire is none",
      "=>permit();[type=='b']&&c:[type=='a']=>add(type='x', value=NegateBool(c.value));", "{'a':'x'}", "permit" },
    { "an error in issuance is an error",
      ISSUE("=>issue(type='y', value=1);c:[type=='a']=>issue(type='x', value=NegateBool(c.value));"), "{'a':'x'}",
      "error", "line 4, column 65: NegateBool()" },
    { "issuance does not run after a denial",
      RULES("=>deny();", "c:[type=='a']=>issue(type='x', value=NegateBool(c.value));"), "{'a':'x'}", "deny" },
    { "the idiom of a default: a rule adds what is missing",
      ISSUE("c:[type=='a']=>issue(type='ok', value=ContainsOnlyValue(JsonToClaimValue(c.value), true));"
            "![type=='ok', issuer=='AttestationPolicy']=>issue(type='ok', value=false);"),
      "{'b':1}", "permit", "{'ok':false}" },
    { "arguments are worked out from left to right",
      XB("AppendString(AppendString(a.value, 'x'), AppendString('x', b.value))"), "{'a':1,'b':2}", "error",
      "the first argument is an integer" },
    { "and the first error is told", XB("AppendString(AppendString(a.value, 'x'), AppendString('x', b.value))"),
      "{'a':'1','b':2}", "error", "the second argument is an integer" },
};

/* Read-only values: section 2.6. */
#define P(expression) ISSUE("p:[type=='pcrs']=>issue(type='x', value=" expression ");")
static const evaluation_case read_only_cases[] = {
    { "what JmesPath finds in pcrs cannot be issued", P("JmesPath(p.value, 'n')"), "{'pcrs':{'n':1}}", "error",
      "read-only" },
    { "nor what becomes a value then", P("JsonToClaimValue(JmesPath(p.value, 'n'))"), "{'pcrs':{'n':1}}", "error",
      "read-only" },
    { "nor a comparison inside a query", P("JsonToClaimValue(JmesPath(p.value, 'n == `1`'))"), "{'pcrs':{'n':1}}",
      "error", "read-only" },
    { "nor what is appended to it", P("AppendString(p.value, 'x')"), "{'pcrs':'1'}", "error", "read-only" },
    { "nor what it is appended to", P("AppendString('x', p.value)"), "{'pcrs':'1'}", "error", "read-only" },
    { "nor the opposite of it", P("NegateBool(JsonToClaimValue(p.value))"), "{'pcrs':'true'}", "error", "read-only" },
    { "nor what a query of it finds", P("JmesPath('{}', p.value)"), "{'pcrs':'n'}", "error", "read-only" },
    { "that it is a subset can be issued", P("IsSubsetOf(p.value, p.value)"), "{'pcrs':'1'}", "permit", "{'x':true}" },
    { "that it is only a value can be issued", P("ContainsOnlyValue(p.value, '2')"), "{'pcrs':'1'}", "permit",
      "{'x':false}" },
    { "the way to issue a verdict is another claim",
      RULES("p:[type=='pcrs']=>add(type='ok', value=JsonToClaimValue(JmesPath(p.value, 'n == `1`')));"
            "[type=='ok', value==true]=>permit();",
            "[type=='ok', value==true]=>issue(type='pcrsOk', value=true);"),
      "{'pcrs':{'n':1}}", "permit", "{'pcrsOk':true}" },
};

static const evaluation_case limit_cases[] = {
    { "work inside queries counts", X("JmesPath(a.value, '[*].b')"), "{'a':[{'b':1},{'b':2},{'b':3},{'b':4},{'b':5}]}",
      "error", "the evaluation takes more than 16 steps, and was given up at the rule of line 4", NULL, NULL, NULL,
      false, 16, AZATTEST_E_LIMIT },
    { "documents that nest too deep are refused", X("JmesPath(a.value, '@')"),
      "{'a':'[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]'}", "error",
      "line 4, column 38: JmesPath(): the first argument: ", NULL, NULL, NULL, false, 0, AZATTEST_E_LIMIT },
};

/* Each appends the text to itself: 2 to the power of 24 bytes, were there no limit. */
static void text_does_not_grow_without_bounds(void **state)
{
    azattest__buf policy;
    azattest_policy_evaluation *evaluation = NULL;
    azattest_error *error = NULL;

    (void)state;
    azattest__buf_init(&policy, 65536);
    azattest__buf_append_text(&policy, "version=1.2;authorizationrules{=>add(type='c0', value='xxxxxxxxxxxxxxxx');\n");
    for (int i = 0; i < 20; i++)
        azattest__buf_printf(&policy, "c:[type=='c%d']=>add(type='c%d', value=AppendString(c.value, c.value));\n", i,
                             i + 1);
    azattest__buf_append_text(&policy, "=>permit();};");
    expect(evaluation_of((const char *)policy.ptr, NULL, NULL, false, &evaluation, &error), &error, AZATTEST_E_LIMIT,
           "line 18, column 40: AppendString(): 2097152 bytes, more than 1048576");
    assert_null(evaluation);
    azattest__buf_free(&policy);
}

static void memory_is_limited(void **state)
{
    azattest__buf policy;
    azattest_policy_evaluation *evaluation = NULL;
    azattest_error *error = NULL;

    (void)state;
    azattest__buf_init(&policy, 65536);
    azattest__buf_append_text(
        &policy, "version=1.2;authorizationrules{=>permit();=>add(type='c0', value='xxxxxxxxxxxxxxxx');\n");
    for (int i = 0; i < 16; i++)
        azattest__buf_printf(&policy, "c:[type=='c%d']=>add(type='c%d', value=AppendString(c.value, c.value));\n", i,
                             i + 1);
    for (int i = 0; i < 40; i++)
        azattest__buf_printf(&policy, "c:[type=='c15']=>add(type='n', value=AppendString(c.value, 'n%d'));\n", i);
    azattest__buf_append_text(&policy, "};");
    expect(evaluation_of((const char *)policy.ptr, NULL, NULL, false, &evaluation, &error), &error, AZATTEST_E_LIMIT,
           "the evaluation takes more memory than the 67108864 bytes that one may have");
    assert_null(evaluation);
    azattest__buf_free(&policy);
}

/* The text of an error is for logs: it does not carry what a claim says. */
static void errors_do_not_show_claims(void **state)
{
    static const char *const policies[] = {
        X("JmesPath(a.value, 'foo')"),
        X("JsonToClaimValue(a.value)"),
        X("NegateBool(a.value)"),
        X("JmesPath('{}', a.value)"),
    };
    char claims[2048], secret[1024];

    (void)state;
    memset(secret, 's', sizeof(secret) - 1);
    secret[sizeof(secret) - 1] = '\0';
    snprintf(claims, sizeof(claims), "{'a':'%s%s'}", secret, "((");
    for (size_t i = 0; i < COUNT(policies); i++) {
        azattest_policy_evaluation *evaluation = NULL;
        azattest_error *error = NULL;
        azattest_status status = evaluation_of(policies[i], claims, NULL, false, &evaluation, &error);

        assert_int_equal(status, AZATTEST_E_POLICY_EVALUATION);
        assert_null(strstr(azattest_error_message(error), secret));
        assert_true(strlen(azattest_error_message(error)) < 400);
        azattest_error_free(error);
    }
}

int main(void)
{
    static const struct CMUnitTest single[] = {
        cmocka_unit_test(text_does_not_grow_without_bounds),
        cmocka_unit_test(memory_is_limited),
        cmocka_unit_test(errors_do_not_show_claims),
    };
    struct CMUnitTest tests[192];
    size_t count = 0;

    TABLE(jmes_path_cases, evaluation_comes_out);
    TABLE(jmes_path_errors, evaluation_comes_out);
    TABLE(json_cases, evaluation_comes_out);
    TABLE(json_errors, evaluation_comes_out);
    TABLE(subset_cases, evaluation_comes_out);
    TABLE(append_cases, evaluation_comes_out);
    TABLE(boolean_cases, evaluation_comes_out);
    TABLE(only_cases, evaluation_comes_out);
    TABLE(place_cases, evaluation_comes_out);
    TABLE(read_only_cases, evaluation_comes_out);
    TABLE(limit_cases, evaluation_comes_out);
    for (size_t i = 0; i < COUNT(single); i++)
        tests[count++] = single[i];
    return _cmocka_run_group_tests("policy_functions", tests, count, NULL, NULL);
}
