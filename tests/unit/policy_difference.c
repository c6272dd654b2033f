/* Two policies compared: by rule, and by outcome. */
#include <stdio.h>
#include <stdlib.h>

#include <azattest/limits.h>
#include <azattest/policy_difference.h>

#include "evidence.h"
#include "expect.h"
#include "failing_memory.h"
#include "json/json.h"
#include "policy/difference/difference.h"

#define AUTH(rules) "version=1.0;authorizationrules{\n" rules "\n};"
#define ISSUE(rules) "version=1.0;authorizationrules{=>permit();};issuancerules{\n" rules "\n};"

static azattest_policy *parse(const char *text)
{
    azattest_policy *policy = NULL;
    azattest_error *error = NULL;

    expect(azattest_policy_parse(azattest__text(text), NULL, &policy, &error), &error, AZATTEST_OK, NULL);
    return policy;
}

static azattest_policy_difference *compare(const char *before, const char *after)
{
    azattest_policy *old = parse(before), *new = parse(after);
    azattest_policy_difference *difference = NULL;
    azattest_error *error = NULL;

    expect(azattest_policy_compare(old, new, &difference, &error), &error, AZATTEST_OK, NULL);
    azattest_policy_free(old);
    azattest_policy_free(new);
    return difference;
}

/* ---- Rules ---- */

/* Rules are written as letters, each `[type=="<letter, many times>"] => deny();`, but for capitals: those are similar
 * to their small letters. */
static void write_rules(const char *letters, azattest__buf *out)
{
    azattest__buf_append_text(out, "version=1.0;\nauthorizationrules\n{\n");
    for (; *letters != '\0'; letters++) {
        char letter = *letters >= 'A' && *letters <= 'Z' ? (char)(*letters + 'a' - 'A') : *letters;

        azattest__buf_append_text(out, "[type==\"");
        for (int i = 0; i < 60; i++)
            azattest__buf_append(out, &letter, 1);
        azattest__buf_printf(out, "\", value==%s] => deny();\n", letter == *letters ? "true" : "false");
    }
    azattest__buf_append_text(out, "};\n");
}

/* The script as text: " a" alike, "-a", "+a", "~a" changed, ">a" moved. */
static void write_script(const azattest_policy_difference *d, const char *before, const char *after, char *out)
{
    for (size_t i = 0; i < d->rule_count; i++) {
        const azattest__rule_change *change = &d->rules[i];

        if (change->kind == AZATTEST__RULE_MOVED || change->kind == AZATTEST__RULE_ALIKE)
            assert_int_equal(before[change->before], after[change->after]);
        *out++ = " -+~>"[change->kind];
        *out++ = change->after != AZATTEST__NO_RULE ? after[change->after] : before[change->before];
    }
    *out = '\0';
}

static const struct script_case {
    const char *name, *before, *after, *script;
} scripts[] = {
    { "no rules", "", "", "" },
    { "the same rules", "abc", "abc", " a b c" },
    { "one added in front", "bc", "abc", "+a b c" },
    { "one added between", "ac", "abc", " a+b c" },
    { "one added at the end", "ab", "abc", " a b+c" },
    { "one removed in front", "abc", "bc", "-a b c" },
    { "one removed at the end", "abc", "ab", " a b-c" },
    { "all of them", "ab", "", "-a-b" },
    { "all others", "ab", "cd", "-a-b+c+d" },
    { "one changed", "abc", "aBc", " a~B c" },
    { "two changed, in order", "abcd", "aBCd", " a~B~C d" },
    { "two changed, crosswise", "abcd", "aCBd", " a~B~C d" },
    { "one changed and one added before it", "ac", "abC", " a+b~C" },
    { "one changed and one added behind it", "ab", "aBc", " a~B+c" },
    { "one changed and one removed", "abc", "aC", " a-b~C" },
    { "one moved to the end", "abcd", "bcda", " b c d>a" },
    { "one moved to the front", "abcd", "dabc", ">d a b c" },
    { "a similar rule elsewhere is no changed one", "abcd", "bcdA", "-a b c d+A" },
    { "the same rule twice, then once", "aab", "ab", " a-a b" },
    { "the same rule once, then twice", "ab", "aba", " a b+a" },
    { "all in reverse", "abc", "cba", " c>b>a" },
    { "moved, changed, added and removed at once", "abcde", "eaBcf", ">e a~B c-d+f" },
};

static void aligns(void **state)
{
    const struct script_case *c = *state;
    azattest_policy_difference *difference;
    azattest__buf before, after;
    char script[64];
    size_t changes = 0;

    azattest__buf_init(&before, AZATTEST_LIMIT_POLICY);
    azattest__buf_init(&after, AZATTEST_LIMIT_POLICY);
    write_rules(c->before, &before);
    write_rules(c->after, &after);
    difference = compare((const char *)before.ptr, (const char *)after.ptr);
    write_script(difference, c->before, c->after, script);
    assert_string_equal(script, c->script);
    for (const char *mark = c->script; *mark != '\0'; mark += 2)
        changes += *mark != ' ';
    assert_int_equal(azattest_policy_difference_change_count(difference), changes);
    assert_int_equal(azattest_policy_difference_is_same(difference), changes == 0);
    azattest_policy_difference_free(difference);
    azattest__buf_free(&before);
    azattest__buf_free(&after);
}

/* ---- What is said ---- */

static const struct said_case {
    const char *name, *before, *after;
    bool same, same_text;
    size_t changes;
    const char *text, *json; /* parts */
} said[] = {
    { "the same text", AUTH("=>permit();"), AUTH("=>permit();"), true, true, 0, "The policies are the same text.\n",
      "{\"same\":true,\"same_text\":true," },
    { "the same rules in another layout", AUTH("=>permit();"), AUTH("=> permit(); // yes"), true, false, 0,
      "The policies have the same rules. Layout, comments or spelling differ, and so do their hashes.\n",
      "\"changes\":[],\"outcomes\":[]}" },
    { "another version", "version=1.0;authorizationrules{=>permit();};", "version=1.2;authorizationrules{=>permit();};",
      false, false, 1, "Rules: 0 removed, 0 added, 0 changed, 0 moved, 1 alike.\nVersion: 1.0 before, 1.2 after.\n",
      "\"changes\":[{\"kind\":\"version\",\"before\":\"1.0\",\"after\":\"1.2\"}]" },
    { "a section that is new", AUTH("=>permit();"), AUTH("=>permit();") "issuancerules{};", false, false, 1,
      "\nissuancerules (new)\n", "\"changes\":[{\"kind\":\"section_added\",\"section\":\"issuancerules\"}]" },
    { "a section that is gone, with its rules",
      "version=1.1;configurationrules{=>issueproperty(type=\"a\",value=1);};authorizationrules{};",
      "version=1.1;authorizationrules{};", false, false, 2,
      "\nconfigurationrules (gone)\n-      1        => issueproperty(type=\"a\", value=1);\n",
      "{\"kind\":\"section_removed\",\"section\":\"configurationrules\"}" },
    { "a changed rule is shown twice, others near it once",
      AUTH("[type==\"a\"]=>deny();\n[type==\"b\"]=>deny();\n[type==\"c\", value==true]=>deny();\n=>permit();"),
      AUTH("[type==\"a\"]=>deny();\n\n[type==\"b\"]=>deny();\n[type==\"c\", value==false]=>deny();\n=>permit();"),
      false, false, 1,
      "\nauthorizationrules\n"
      "                ... 1 rule alike\n"
      "       3     4  [type==\"b\"] => deny();\n"
      "-      4        [type==\"c\", value==true] => deny();\n"
      "+            5  [type==\"c\", value==false] => deny();\n"
      "       5     6  => permit();\n",
      "{\"kind\":\"rule_changed\",\"section\":\"authorizationrules\",\"before\":{\"rule\":3,\"line\":4,\"column\":1,"
      "\"source\":"
      "\"[type==\\\"c\\\", "
      "value==true]=>deny();\"},\"after\":{\"rule\":3,\"line\":5,\"column\":1,\"source\":\"[type==\\\"c\\\", "
      "value==false]=>deny();\"}}" },
    { "a moved rule is shown where it is now", AUTH("=>permit();\n[type==\"a\"]=>deny();\n[type==\"b\"]=>deny();"),
      AUTH("[type==\"a\"]=>deny();\n[type==\"b\"]=>deny();\n=>permit();"), false, false, 1,
      ">      2     4  => permit();\n",
      "{\"kind\":\"rule_moved\",\"section\":\"authorizationrules\",\"before\":{\"rule\":1,\"line\":2,\"column\":1,"
      "\"source\":"
      "\"=>permit();\"},\"after\":{\"rule\":3," },
    { "what a terminal would obey is escaped", AUTH(""), AUTH("[type==\"\x1b[2J\"]=>deny();"), false, false, 1,
      "[type==\"\\x1b[2J\"] => deny();\n", "\\u001b[2J" },
};

static void says(void **state)
{
    const struct said_case *c = *state;
    azattest_policy_difference *difference = compare(c->before, c->after);
    const char *text = azattest_policy_difference_text(difference);
    azattest_bytes json = azattest_policy_difference_json(difference);

    assert_int_equal(azattest_policy_difference_is_same(difference), c->same);
    assert_int_equal(azattest_policy_difference_is_same_text(difference), c->same_text);
    assert_int_equal(azattest_policy_difference_change_count(difference), c->changes);
    if (strstr(text, c->text) == NULL)
        fail_msg("%s\nis not in\n%s", c->text, text);
    assert_int_equal(azattest__json_check(json, NULL), AZATTEST_OK);
    if (strstr(json.ptr, c->json) == NULL)
        fail_msg("%s\nis not in\n%s", c->json, (const char *)json.ptr);
    assert_ptr_equal(azattest_policy_difference_text(difference), text);
    azattest_policy_difference_free(difference);
}

/* ---- Outcomes ---- */

#define FAILING                                                                                                        \
    "version=1.2;authorizationrules{=>permit();};issuancerules{c:[type==\"j\"]=>issue(type=\"k\",value="               \
    "JsonToClaimValue(c.value));};"

static const struct outcome_case {
    const char *name, *before, *after, *claims;
    const char *outcomes[2];
    bool changed;
    const char *text, *json; /* parts */
} outcomes[] = {
    { "permitted by both",
      AUTH("=>permit();"),
      AUTH("[type==\"a\"]=>permit();"),
      "{\"a\":1}",
      { "permit", "permit" },
      false,
      "\nOutcomes: 0 of 1 differ.\n  permit -> permit  some claims\n",
      "\"changed\":false" },
    { "denied by both",
      AUTH(""),
      AUTH("=>deny();"),
      "{}",
      { "deny", "deny" },
      false,
      "  deny   -> deny    some claims\n",
      "\"claims\":[],\"properties\":[]" },
    { "permitted before, denied after",
      AUTH("=>permit();"),
      AUTH("[type==\"a\",value==1]=>deny();=>permit();"),
      "{\"a\":1}",
      { "permit", "deny" },
      true,
      "\nOutcomes: 1 of 1 differ.\n! permit -> deny    some claims\n    before: ",
      "\"changed\":true" },
    { "a claim that only one issues",
      ISSUE(""),
      ISSUE("=>issue(type=\"x\",value=true);"),
      "{}",
      { "permit", "permit" },
      true,
      "    claim x: none -> true\n",
      "\"claims\":[{\"name\":\"x\",\"after\":true}]" },
    { "a claim that is issued otherwise",
      ISSUE("=>issue(type=\"x\",value=1);"),
      ISSUE("=>issue(type=\"x\",value=1);=>issue(type=\"x\",value=2);"),
      "{}",
      { "permit", "permit" },
      true,
      "    claim x: 1 -> [1,2]\n",
      "\"claims\":[{\"name\":\"x\",\"before\":1,\"after\":[1,2]}]" },
    { "claims that are issued in another order",
      ISSUE("=>issue(type=\"x\",value=1);=>issue(type=\"y\",value=2);"),
      ISSUE("=>issue(type=\"y\",value=2);=>issue(type=\"x\",value=1);"),
      "{}",
      { "permit", "permit" },
      false,
      "  permit -> permit",
      "\"changed\":false" },
    { "a property",
      "version=1.1;configurationrules{=>issueproperty(type=\"p\",value=15);};authorizationrules{=>permit();};",
      "version=1.1;authorizationrules{=>permit();};",
      "{}",
      { "permit", "permit" },
      true,
      "    property p: 15 -> none\n",
      "\"properties\":[{\"name\":\"p\",\"before\":15}]" },
    { "an error is no permit",
      AUTH("=>permit();"),
      FAILING,
      "{\"j\":\"{}\"}",
      { "permit", "error" },
      true,
      "! permit -> error   some claims\n",
      "\"after\":{\"outcome\":\"error\",\"reason\":\"" },
    { "an error is no deny",
      AUTH(""),
      FAILING,
      "{\"j\":\"{}\"}",
      { "deny", "error" },
      true,
      "! deny   -> error ",
      "\"before\":{\"outcome\":\"deny\"," },
    { "an error on both sides",
      FAILING,
      FAILING "//",
      "{\"j\":\"1.5\"}",
      { "error", "error" },
      false,
      "  error  -> error ",
      "\"changed\":false" },
};

static azattest_claim_set *claims_of(const char *json)
{
    azattest_claim_set *claims = NULL;
    azattest_error *error = NULL;

    expect(azattest_claim_set_parse(azattest__text(json), &claims, &error), &error, AZATTEST_OK, NULL);
    return claims;
}

static void judges(void **state)
{
    const struct outcome_case *c = *state;
    azattest_policy_difference *difference = compare(c->before, c->after);
    azattest_claim_set *claims = claims_of(c->claims);
    azattest__json *json = NULL;
    const azattest__json *entry;
    azattest_error *error = NULL;

    expect(azattest_policy_difference_add(difference, "some claims", claims, &error), &error, AZATTEST_OK, NULL);
    azattest_claim_set_free(claims);
    assert_int_equal(azattest_policy_difference_outcome_count(difference), 1);
    assert_int_equal(azattest_policy_difference_outcome_changed_count(difference), c->changed);
    if (strstr(azattest_policy_difference_text(difference), c->text) == NULL)
        fail_msg("%s\nis not in\n%s", c->text, azattest_policy_difference_text(difference));
    if (strstr(azattest_policy_difference_json(difference).ptr, c->json) == NULL)
        fail_msg("%s\nis not in\n%s", c->json, (const char *)azattest_policy_difference_json(difference).ptr);
    assert_int_equal(azattest__json_parse(azattest_policy_difference_json(difference), &json, NULL), AZATTEST_OK);
    entry = azattest__json_first(azattest__json_get(json, "outcomes"));
    assert_string_equal(azattest__json_get_string(azattest__json_get(entry, "before"), "outcome"), c->outcomes[0]);
    assert_string_equal(azattest__json_get_string(azattest__json_get(entry, "after"), "outcome"), c->outcomes[1]);
    assert_non_null(azattest__json_get_string(azattest__json_get(entry, "before"), "reason"));
    assert_non_null(azattest__json_get_string(azattest__json_get(entry, "after"), "reason"));
    azattest__json_free(json);
    azattest_policy_difference_free(difference);
}

static void texts_follow_what_is_added(void **state)
{
    azattest_policy_difference *difference =
        compare(AUTH("[type==\"a\"]=>permit();"), AUTH("[type==\"b\"]=>permit();"));
    azattest_claim_set *a = claims_of("{\"a\":1}"), *both = claims_of("{\"a\":1,\"b\":2}");

    (void)state;
    assert_null(strstr(azattest_policy_difference_text(difference), "Outcomes"));
    assert_int_equal(azattest_policy_difference_add(difference, "one\n\x1b", a, NULL), AZATTEST_OK);
    assert_non_null(
        strstr(azattest_policy_difference_text(difference), "Outcomes: 1 of 1 differ.\n! permit -> deny    one\\"));
    assert_int_equal(azattest_policy_difference_add(difference, "two", both, NULL), AZATTEST_OK);
    assert_non_null(strstr(azattest_policy_difference_text(difference), "Outcomes: 1 of 2 differ.\n"));
    assert_int_equal(azattest_policy_difference_outcome_count(difference), 2);
    azattest_claim_set_free(a);
    azattest_claim_set_free(both);
    azattest_policy_difference_free(difference);
}

static void the_most_sets_are_compared(void **state)
{
    azattest_policy_difference *difference = compare(AUTH("=>permit();"), AUTH("=>deny();"));
    azattest_claim_set *claims = claims_of("{}");
    azattest_error *error = NULL;

    (void)state;
    for (unsigned i = 0; i < AZATTEST_LIMIT_POLICY_OUTCOMES; i++)
        assert_int_equal(azattest_policy_difference_add(difference, "", claims, NULL), AZATTEST_OK);
    expect(azattest_policy_difference_add(difference, "", claims, &error), &error, AZATTEST_E_LIMIT,
           "more than 10000 sets of claims");
    assert_int_equal(azattest_policy_difference_outcome_changed_count(difference), AZATTEST_LIMIT_POLICY_OUTCOMES);
    assert_non_null(strstr(azattest_policy_difference_text(difference), "Outcomes: 10000 of 10000 differ.\n"));
    azattest_claim_set_free(claims);
    azattest_policy_difference_free(difference);
}

static void nothing_is_compared_with_nothing(void **state)
{
    azattest_policy_difference *difference = (azattest_policy_difference *)(uintptr_t)1;
    azattest_policy *policy = parse(AUTH(""));
    azattest_claim_set *claims = claims_of("{}");
    azattest_error *error = NULL;

    (void)state;
    expect(azattest_policy_compare(NULL, policy, &difference, &error), &error, AZATTEST_E_ARGUMENT, "NULL");
    assert_null(difference);
    expect(azattest_policy_compare(policy, NULL, &difference, &error), &error, AZATTEST_E_ARGUMENT, "NULL");
    expect(azattest_policy_compare(policy, policy, NULL, &error), &error, AZATTEST_E_ARGUMENT, "NULL");
    expect(azattest_policy_difference_add(NULL, "a", claims, &error), &error, AZATTEST_E_ARGUMENT, "the difference");
    assert_int_equal(azattest_policy_compare(policy, policy, &difference, NULL), AZATTEST_OK);
    expect(azattest_policy_difference_add(difference, NULL, claims, &error), &error, AZATTEST_E_ARGUMENT, "the name");
    expect(azattest_policy_difference_add(difference, "a", NULL, &error), &error, AZATTEST_E_ARGUMENT,
           "the set of claims");
    expect(azattest_policy_difference_add(difference, "a\xff", claims, &error), &error, AZATTEST_E_ARGUMENT,
           "not UTF-8");
    assert_int_equal(azattest_policy_difference_outcome_count(difference), 0);
    azattest_policy_difference_free(difference);
    azattest_policy_difference_free(NULL);
    assert_false(azattest_policy_difference_is_same(NULL));
    assert_false(azattest_policy_difference_is_same_text(NULL));
    assert_int_equal(azattest_policy_difference_change_count(NULL), 0);
    assert_int_equal(azattest_policy_difference_outcome_count(NULL), 0);
    assert_int_equal(azattest_policy_difference_outcome_changed_count(NULL), 0);
    assert_null(azattest_policy_difference_text(NULL));
    assert_null(azattest_policy_difference_json(NULL).ptr);
    azattest_claim_set_free(claims);
    azattest_policy_free(policy);
}

static void the_most_rules_are_compared(void **state)
{
    azattest_policy_difference *difference;
    azattest__buf before, after;

    (void)state;
    azattest__buf_init(&before, AZATTEST_LIMIT_POLICY);
    azattest__buf_init(&after, AZATTEST_LIMIT_POLICY);
    azattest__buf_append_text(&before, "version=1.0;authorizationrules{");
    azattest__buf_append_text(&after, "version=1.0;authorizationrules{");
    for (unsigned i = 0; i < AZATTEST_LIMIT_POLICY_RULES; i++) {
        azattest__buf_printf(&before, "[type==\"%u\"]=>permit();\n", i);
        azattest__buf_printf(&after, "[type!=\"%u\"]=>deny();\n", i * 7);
    }
    azattest__buf_append_text(&before, "};");
    azattest__buf_append_text(&after, "};");
    difference = compare((const char *)before.ptr, (const char *)after.ptr);
    assert_true(azattest_policy_difference_change_count(difference) >= AZATTEST_LIMIT_POLICY_RULES);
    assert_non_null(azattest_policy_difference_text(difference));
    assert_non_null(azattest_policy_difference_json(difference).ptr);
    azattest_policy_difference_free(difference);
    azattest__buf_free(&before);
    azattest__buf_free(&after);
}

/* Each allocation fails once: the call says so, or the text is absent, and nothing is lost or half made. */
static void memory_runs_out_anywhere(void **state)
{
    azattest_policy *before = parse(ISSUE("c:[type==\"a\"]=>issue(type=\"x\",value=c.value);")),
                    *after = parse(ISSUE(""));
    azattest_claim_set *claims = claims_of("{\"a\":1}");
    long at = 0;

    (void)state;
    for (bool whole = false; !whole; at++) {
        azattest_policy_difference *difference = NULL;
        azattest_status status;

        allocations_until_failure = at;
        if ((status = azattest_policy_compare(before, after, &difference, NULL)) == AZATTEST_OK &&
            (status = azattest_policy_difference_add(difference, "a", claims, NULL)) == AZATTEST_OK) {
            const char *text = azattest_policy_difference_text(difference);
            azattest_bytes json = azattest_policy_difference_json(difference);

            whole = allocations_until_failure >= 0;
            assert_true(!whole || (text != NULL && json.ptr != NULL));
            assert_true(text == NULL || strstr(text, "claim x: 1 -> none\n") != NULL);
            assert_true(json.ptr == NULL || azattest__json_check(json, NULL) == AZATTEST_OK);
            assert_int_equal(azattest_policy_difference_outcome_changed_count(difference), 1);
        } else {
            assert_int_equal(status, AZATTEST_E_MEMORY);
            assert_int_equal(azattest_policy_difference_outcome_count(difference), 0);
        }
        allocations_until_failure = -1;
        azattest_policy_difference_free(difference);
    }
    assert_true(at > 20);
    azattest_claim_set_free(claims);
    azattest_policy_free(before);
    azattest_policy_free(after);
}

/* What the vendor's article on rotating a signer does: a second permit beside the first. */
static void a_rotation_of_signers_adds_one_rule(void **state)
{
    azattest_policy_difference *difference;
    unsigned char *before, *after;
    size_t len;

    (void)state;
    EVIDENCE_OR_SKIP();
    before = evidence_read("policies/11-mrsigner-rotation-before.policy", &len);
    after = evidence_read("policies/12-mrsigner-rotation-during.policy", &len);
    difference = compare((const char *)before, (const char *)after);
    assert_int_equal(difference->counts[AZATTEST__RULE_ADDED], 1);
    assert_int_equal(difference->counts[AZATTEST__RULE_REMOVED], 0);
    azattest_policy_difference_free(difference);
    free(before);
    free(after);
}

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

int main(void)
{
    static const struct CMUnitTest others[] = {
        cmocka_unit_test(texts_follow_what_is_added), cmocka_unit_test(nothing_is_compared_with_nothing),
        cmocka_unit_test(the_most_sets_are_compared), cmocka_unit_test(the_most_rules_are_compared),
        cmocka_unit_test(memory_runs_out_anywhere),   cmocka_unit_test(a_rotation_of_signers_adds_one_rule),
    };
    struct CMUnitTest tests[COUNT(scripts) + COUNT(said) + COUNT(outcomes) + COUNT(others)];
    size_t count = 0;

    for (size_t i = 0; i < COUNT(scripts); i++)
        tests[count++] = (struct CMUnitTest){ scripts[i].name, aligns, NULL, NULL, (void *)(uintptr_t)&scripts[i] };
    for (size_t i = 0; i < COUNT(said); i++)
        tests[count++] = (struct CMUnitTest){ said[i].name, says, NULL, NULL, (void *)(uintptr_t)&said[i] };
    for (size_t i = 0; i < COUNT(outcomes); i++)
        tests[count++] = (struct CMUnitTest){ outcomes[i].name, judges, NULL, NULL, (void *)(uintptr_t)&outcomes[i] };
    for (size_t i = 0; i < COUNT(others); i++)
        tests[count++] = others[i];
    return cmocka_run_group_tests_name("policy_difference", tests, NULL, NULL);
}
