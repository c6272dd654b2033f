/* Texts of policies to trees: the real ones, the mistakes that people make, positions, ceilings. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <azattest/limits.h>

#include "base/encoding.h"
#include "evidence.h"
#include "expect.h"
#include "policies.h"
#include "policy/language/lexer.h"

#define BEFORE "version=1.2;\nauthorizationrules{\n"
#define AFTER "\n};"

/* ---- real policies ---- */

static const char *const valid[] = { "01-default-azureguest",
                                     "02-default-sevsnp-tdx",
                                     "03-default-sgx-2023",
                                     "04-default-sgx-2021-recorded",
                                     "05-default-sgx-2020-legacy",
                                     "06-default-sgx-2021-docs",
                                     "07-minimal-permit",
                                     "08-minimal-permit-spaced",
                                     "10-sgx-two-signers",
                                     "11-mrsigner-rotation-before",
                                     "12-mrsigner-rotation-during",
                                     "13-mrsigner-rotation-after",
                                     "15-sgx-oe-tcb10-aad",
                                     "16-sgx-oe-tcb10-isolated-dup",
                                     "17-oe-draft-debuggable",
                                     "18-oe-draft-denied",
                                     "19-oe-my-mrsigner",
                                     "20-tpm-deny-all",
                                     "21-tpm-permit-secure-boot",
                                     "22-tpm-add-custom-claim",
                                     "25-tpm-10-platform",
                                     "26-tpm-11-config",
                                     "28-tpm-10-simple",
                                     "29-tpm-12-hvci-driver",
                                     "30-tpm-12-linux-ima",
                                     "31-tpm-10-six",
                                     "32-tpm-12-windows",
                                     "33-tpm-12-pcrs",
                                     "34-tpm-12-drtm",
                                     "35-vbs-12-enclave",
                                     "36-tpm-12-issue-all",
                                     "37-tpm-12-critical",
                                     "38-tpm-12-drivers",
                                     "40-constellation-azureguest",
                                     "41-oe-greg",
                                     "42-cyres-default",
                                     "43-vbs-10-custom-claim" };

static void every_valid_policy_parses_strictly(void **state)
{
    unsigned wrong = 0;

    (void)state;
    EVIDENCE_OR_SKIP();
    for (size_t i = 0; i < sizeof(valid) / sizeof(valid[0]); i++) {
        char name[80];

        snprintf(name, sizeof(name), "%s.policy", valid[i]);
        wrong += policy_differs(policy_of_file(name, false), name, "");
    }
    assert_int_equal(wrong, 0);
}

static void policies_that_are_wrong_at_their_source_are_refused_where_they_are_wrong(void **state)
{
    static const struct {
        const char *name, *findings;
    } cases[] = {
        { "09-sgx-custom-placeholders.policy", "5:50 placeholder" },
        { "14-sgx-custom-tcb.policy", "5:45 typographic-quote, 13:1 keyword-case" },
        { "23-author-article-broken.policy", "4:12 single-equals, 5:1 missing-semicolon, 9:12 single-equals, "
                                             "10:5 missing-semicolon, 10:12 single-equals, 11:1 missing-semicolon" },
        { "24-functions-article-broken.policy", "13:38 single-equals" },
        { "27-tpm-12-sample-broken.policy", "23:51 missing-type" },
        { "39-tpm-12-key-attest.policy", "8:78 action-section, 13:85 action-section" },
        { "44-legacy-json-azureguest.policy", "1:1 json-policy" },
        { "45-legacy-json-sqlserver.policy", "1:1 json-policy" },
    };
    unsigned wrong = 0;

    (void)state;
    EVIDENCE_OR_SKIP();
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        wrong += policy_differs(policy_of_file(cases[i].name, false), cases[i].name, cases[i].findings);
    wrong += policy_differs(policy_of_file("39-tpm-12-key-attest.policy", true), "39, leniently",
                            "8:78 ?action-section, 13:85 ?action-section");
    wrong += policy_differs(policy_of_file("14-sgx-custom-tcb.policy", true), "14, leniently",
                            "5:45 typographic-quote, 13:1 ?keyword-case");
    assert_int_equal(wrong, 0);
}

/* Each file has one fault, and its README says in which line. */
static void the_made_invalid_policies_are_refused_where_their_table_says(void **state)
{
    static const struct {
        const char *name, *finding;
    } cases[] = { { "01-version-no-semicolon.policy", "2:1 missing-semicolon" },
                  { "02-section-no-semicolon.policy", "3:1 missing-semicolon" },
                  { "03-single-equals.policy", "4:39 single-equals" },
                  { "04-action-without-type.policy", "5:14 missing-type" },
                  { "05-negation-in-10.policy", "4:5 version-gate" },
                  { "06-function-in-11.policy", "5:55 version-gate" },
                  { "07-configuration-in-10.policy", "2:1 version-gate" },
                  { "08-sections-swapped.policy", "2:1 section-order" },
                  { "09-no-authorizationrules.policy", "2:1 missing-section" },
                  { "10-permit-in-issuance.policy", "3:20 action-section" },
                  { "11-unbound-identifier.policy", "5:57 unbound-identifier" },
                  { "12-relational-on-string.policy", "4:40 relational-operand" },
                  { "13-unterminated-string.policy", "4:12 unterminated-string" },
                  { "14-arity.policy", "5:46 arity" },
                  { "15-bad-jmespath.policy", "5:89 jmespath-syntax" },
                  { "16-fraction.policy", "3:46 fraction" } };
    unsigned char *readme;
    size_t len;
    unsigned wrong = 0;

    (void)state;
    EVIDENCE_OR_SKIP();
    readme = evidence_read("policies/invalid/README.md", &len);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char name[80], row[120];

        snprintf(row, sizeof(row), "| %s | %.*s |", cases[i].name, (int)strcspn(cases[i].finding, ":"),
                 cases[i].finding);
        if (strstr((const char *)readme, row) == NULL)
            fail_msg("\"%s\" is not in the table", row);
        snprintf(name, sizeof(name), "invalid/%s", cases[i].name);
        wrong += policy_differs(policy_of_file(name, false), name, cases[i].finding);
    }
    free(readme);
    assert_int_equal(wrong, 0);
}

static void the_text_is_kept_and_its_hash_is_the_published_one(void **state)
{
    static const struct {
        const char *name, *hash;
    } cases[] = { { "policies/01-default-azureguest.policy", "wm9mHlvTU82e8UqoOy1Yj1FBRSNkfe99-69IYDq9eWs" },
                  { "policies/02-default-sevsnp-tdx.policy", "9NY0VnTQ-IiBriBplVUpFbczcDaEBUwsiFYAzHu_gco" },
                  { "policies/04-default-sgx-2021-recorded.policy", "bROrN897ZfWmWY2V0FLUlu3uwk5xatGnKYHn3zBbSlw" } };

    (void)state;
    EVIDENCE_OR_SKIP();
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        azattest_policy *policy = NULL;
        azattest_error *error = NULL;
        azattest__buf hash;
        size_t len;
        unsigned char *text = evidence_read(cases[i].name, &len);

        expect(azattest_policy_parse(azattest__bytes(text, len), NULL, &policy, &error), &error, AZATTEST_OK, NULL);
        assert_string_equal(azattest_policy_text(policy), text);
        assert_string_equal(azattest_policy_version(policy), "1.0");
        azattest__buf_init(&hash, 64);
        azattest__base64url_encode(azattest_policy_policy_hash(policy), &hash);
        assert_string_equal(hash.ptr, cases[i].hash);
        azattest__buf_free(&hash);
        azattest_policy_free(policy);
        free(text);
    }
}

/* ---- mistakes ---- */

static const struct mistake {
    const char *name, *text, *strict, *lenient; /* lenient NULL: the same */
} mistakes[] = {
    { "an empty text", "", "1:1 syntax", NULL },
    { "white space alone", " \n\t\n", "3:1 syntax", NULL },
    { "a comment alone", "// nothing\n", "2:1 syntax", NULL },
    { "another text", "hello, world", "1:1 syntax", NULL },
    { "a policy token in place of the text", "eyJhbGciOiJub25lIn0.e30.", "1:1 syntax", NULL },
    { "a JSON array", "[ {\"a\": 1} ]", "1:1 json-policy", NULL },
    { "an empty JSON object", "{}", "1:1 json-policy", NULL },
    { "no version", "authorizationrules{=> permit();};", "1:1 syntax", NULL },
    { "a version in another case", "Version=1.0;\nauthorizationrules{=> permit();};", "1:1 keyword-case",
      "1:1 ?keyword-case" },
    { "a misspelt version", "verison=1.0;\nauthorizationrules{=> permit();};", "1:1 syntax", NULL },
    { "a version with ==", "version==1.0;\nauthorizationrules{=> permit();};", "1:8 double-equals", NULL },
    { "a version with a colon", "version: 1.0;\nauthorizationrules{=> permit();};", "1:8 syntax", NULL },
    { "a quoted version", "version=\"1.0\";\nauthorizationrules{=> permit();};", "1:9 syntax", NULL },
    { "an unknown version", "version=1.3;\nauthorizationrules{![type==\"a\"] => permit();};", "1:9 unknown-version",
      NULL },
    { "a whole number as the version", "version=1;\nauthorizationrules{=> permit();};", "1:9 unknown-version", NULL },
    { "no version behind the =", "version=;\nauthorizationrules{=> permit();};", "1:9 unknown-version", NULL },
    { "no semicolon behind the version", "version=1.0\nauthorizationrules{=> permit();};", "2:1 missing-semicolon",
      NULL },
    { "the version twice", "version=1.0;\nversion=1.0;\nauthorizationrules{=> permit();};", "2:1 syntax", NULL },
    { "nothing but the version", "version=1.0;", "1:13 missing-section", NULL },
    { "a misspelt section", "version=1.0;\nauthizationrules{=> permit();};", "2:1 syntax", NULL },
    { "a section that nobody knows", "version=1.0;\nrules{=> permit();};", "2:1 syntax", NULL },
    { "a section in another case", "version=1.0;\nauthorizationRules{=> permit();};", "2:1 keyword-case",
      "2:1 ?keyword-case" },
    { "a section without its {", "version=1.0;\nauthorizationrules\n=> permit();};", "3:1 syntax", NULL },
    { "a section without its }", "version=1.0;\nauthorizationrules{\n=> permit();\nissuancerules{};", "4:1 syntax",
      NULL },
    { "a section that has its ; without its }", "version=1.0;\nauthorizationrules{\n=> permit();\n;\nissuancerules{};",
      "4:1 syntax", NULL },
    { "a semicolon too many between rules", BEFORE "=> deny();;\n=> permit();" AFTER, "3:11 syntax", NULL },
    { "a section that nobody knows in place of a known one", "version=1.0;\nrules{=> permit();};\nissuancerules{};",
      "2:1 syntax", NULL },
    { "a text that ends in a section", "version=1.0;\nauthorizationrules{\n=> permit();", "3:13 syntax", NULL },
    { "no semicolon behind the last section", "version=1.0;\nauthorizationrules{=> permit();}",
      "2:33 missing-semicolon", NULL },
    { "two semicolons behind a section", "version=1.0;\nauthorizationrules{=> permit();};;\nissuancerules{};",
      "2:34 syntax", NULL },
    { "a section twice", "version=1.0;\nauthorizationrules{=> permit();};\nauthorizationrules{=> deny();};",
      "3:1 section-order", NULL },
    { "the configuration behind the authorization",
      "version=1.1;\nauthorizationrules{=> permit();};\nconfigurationrules{};", "3:1 section-order", NULL },
    { "a rule behind the sections", "version=1.0;\nauthorizationrules{=> permit();};\n=> permit();", "3:1 syntax",
      NULL },
    { "a byte order mark", "\xef\xbb\xbfversion=1.0;\nauthorizationrules{=> permit();};", "1:1 byte-order-mark",
      "1:1 ?byte-order-mark" },
    { "a block comment", "version=1.0;\n/* one\ntwo */ authorizationrules{=> permit();};", "2:1 block-comment", NULL },
    { "a block comment that is not closed", "version=1.0;\nauthorizationrules{=> permit();};\n/* end",
      "3:1 block-comment", NULL },
    { "a block comment in a rule that is not closed", BEFORE "=> /* permit();" AFTER, "3:4 block-comment", NULL },
    { "a comment with #", BEFORE "# permit all\n=> permit();" AFTER, "3:1 syntax", NULL },
    { "a blank of the web", BEFORE "=>\xc2\xa0permit();" AFTER, "3:3 syntax", NULL },

    { "= in a condition", BEFORE "[type=\"a\", value=\"b\"] => permit();" AFTER,
      "3:6 single-equals, 3:17 single-equals", NULL },
    { "=> as a comparison", BEFORE "[type==\"a\", value=>5] => permit();" AFTER, "3:18 syntax", NULL },
    { "no comparison", BEFORE "[type \"a\"] => permit();" AFTER, "3:7 syntax", NULL },
    { "== in an action", BEFORE "=> add(type==\"a\", value=1);" AFTER, "3:12 double-equals", NULL },
    { "a colon in an action", BEFORE "=> add(type:\"a\", value=1);" AFTER, "3:12 syntax", NULL },
    { "an or", BEFORE "[type==\"a\"] || [type==\"b\"] => permit();" AFTER, "3:13 syntax", NULL },
    { "an or in words", BEFORE "[type==\"a\"] or [type==\"b\"] => permit();" AFTER, "3:13 syntax", NULL },
    { "a single &", BEFORE "[type==\"a\"] & [type==\"b\"] => permit();" AFTER, "3:13 syntax", NULL },
    { "no && between conditions", BEFORE "[type==\"a\"]\n[type==\"b\"] => permit();" AFTER, "4:1 syntax", NULL },
    { "a comma between conditions", BEFORE "[type==\"a\"], [type==\"b\"] => permit();" AFTER, "3:12 syntax", NULL },
    { "&& between tests", BEFORE "[type==\"a\" && value==1] => permit();" AFTER, "3:12 syntax", NULL },
    { "no ] at the end of a condition", BEFORE "[type==\"a\" => permit();" AFTER, "3:12 syntax", NULL },
    { "no ] before &&", BEFORE "[type==\"a\" && c:[type==\"b\"] && d:[type==\"c\" && ![type==\"d\"] => permit();" AFTER,
      "3:12 syntax, 3:45 syntax", NULL },
    { "an empty condition", BEFORE "[] => permit();" AFTER, "3:2 syntax", NULL },
    { "a comma too many", BEFORE "[type==\"a\",] => permit();" AFTER, "3:12 syntax", NULL },
    { "no colon behind an identifier", BEFORE "c[type==\"a\"] => permit();" AFTER, "3:2 syntax", NULL },
    { "an action without =>", BEFORE "permit();" AFTER, "3:7 syntax", NULL },
    { "an action without => behind a condition", BEFORE "[type==\"a\"] permit();" AFTER, "3:13 syntax", NULL },
    { "= in place of =>", BEFORE "[type==\"a\"] = permit();" AFTER, "3:13 syntax", NULL },
    { "an arrow of another language", BEFORE "[type==\"a\"] -> permit();" AFTER, "3:13 syntax", NULL },
    { "conditions in parentheses", BEFORE "([type==\"a\"] && [type==\"b\"]) => permit();" AFTER, "3:1 syntax", NULL },
    { "no action", BEFORE "[type==\"a\"] => ;" AFTER, "3:16 syntax", NULL },
    { "a misspelt action", BEFORE "=> premit();" AFTER, "3:4 syntax", NULL },
    { "an action that nobody knows", BEFORE "=> set(type=\"a\", value=1);" AFTER, "3:4 syntax", NULL },
    { "an action in another case", BEFORE "=> Permit();" AFTER, "3:4 keyword-case", "3:4 ?keyword-case" },
    { "an action without parentheses", BEFORE "=> permit;" AFTER, "3:10 syntax", NULL },
    { "a permit of something", BEFORE "=> permit(true);" AFTER, "3:11 syntax", NULL },
    { "an action that is not closed", BEFORE "=> add(type=\"a\", value=1;" AFTER, "3:25 syntax", NULL },
    { "two actions of one rule", BEFORE "=> permit(), deny();" AFTER, "3:12 syntax", NULL },
    { "no semicolon behind an action", BEFORE "=> deny()\n=> permit();" AFTER, "4:1 missing-semicolon", NULL },
    { "no semicolon behind the last action", BEFORE "=> permit()" AFTER, "4:1 missing-semicolon", NULL },
    { "an empty add", BEFORE "=> add();" AFTER, "3:8 missing-type", NULL },
    { "a claim without type=", BEFORE "=> add(\"a\", value=1);" AFTER, "3:8 missing-type", NULL },
    { "a property of a whole claim", BEFORE "c:[type==\"a\"] => add(claim=c.value);" AFTER, "3:29 syntax", NULL },
    { "a whole claim without claim=", BEFORE "c:[type==\"a\"] => add(c);" AFTER, "3:22 syntax", NULL },
    { "a whole claim and more", BEFORE "c:[type==\"a\"] => add(claim=c, value=1);" AFTER, "3:29 syntax", NULL },
    { "more and a whole claim", BEFORE "c:[type==\"a\"] => add(type=\"b\", claim=c);" AFTER, "3:32 syntax", NULL },
    { "a whole claim by its text", BEFORE "=> add(claim=\"a\");" AFTER, "3:14 syntax", NULL },
    { "a misspelt property", BEFORE "[typ==\"a\"] => permit();" AFTER, "3:2 syntax", NULL },
    { "a property that nobody knows", BEFORE "[colour==\"a\"] => permit();" AFTER, "3:2 syntax", NULL },
    { "a property in another case", BEFORE "[Type==\"a\", valuetype==\"Integer\"] => permit();" AFTER,
      "3:2 keyword-case, 3:13 keyword-case", "3:2 ?keyword-case, 3:13 ?keyword-case" },
    { "a misspelt property of an identifier", BEFORE "c:[type==\"a\"] => add(type=\"b\", value=c.val);" AFTER,
      "3:40 syntax", NULL },

    { "a typographic quote at the end", BEFORE "[type==\"a\xe2\x80\x9d] => permit();" AFTER, "3:10 typographic-quote",
      NULL },
    { "typographic quotes around",
      BEFORE "[type==\xe2\x80\x9c"
             "a\xe2\x80\x9d, value==1] => permit();" AFTER,
      "3:8 typographic-quote", NULL },
    { "a typographic quote at the beginning",
      BEFORE "[type==\xe2\x80\x9e"
             "a\", value==1] => permit();" AFTER,
      "3:8 typographic-quote", NULL },
    { "a typographic quote at the end before another string",
      BEFORE "[type==\"a\xe2\x80\x9d, value==\"b\"] => permit();" AFTER, "3:10 typographic-quote", NULL },
    { "single quotes", BEFORE "[type=='a'] => permit();" AFTER, "3:8 syntax", NULL },
    { "a single quote that is not closed", BEFORE "[type=='a] => permit();" AFTER, "3:8 unterminated-string", NULL },
    { "a string that is not closed", BEFORE "[type==\"a] => permit();\n=> deny();" AFTER, "3:8 unterminated-string",
      NULL },
    { "a string over the end of its line", BEFORE "[type==\"a\nb\"] => permit();" AFTER, "3:8 unterminated-string",
      NULL },
    { "a string over the end of a line of two characters", BEFORE "[type==\"a\r\nb\"] => permit();" AFTER,
      "3:8 unterminated-string", NULL },
    { "a string with a carriage return", BEFORE "[type==\"a\rb\"] => permit();" AFTER, "3:8 unterminated-string",
      NULL },
    { "strings that are not closed in several rules",
      BEFORE "[type==\"a] => permit();\n[type==b\"] => permit(); // b\n[type==\"c\"] => premit();" AFTER,
      "3:8 unterminated-string, 4:9 unterminated-string, 5:16 syntax", NULL },
    { "a string that is not closed in a rule of two lines",
      BEFORE "[type==\"a] &&\n[type==\"b] => permit();\n[type=\"c\"] => permit();" AFTER,
      "3:8 unterminated-string, 5:6 single-equals", NULL },
    { "a string that is not closed before a carriage return", BEFORE "[type==\"a] => permit();\r\n=> deny();" AFTER,
      "3:8 unterminated-string", NULL },
    { "a string that the text's end closes", BEFORE "[type==\"a", "3:8 unterminated-string, 3:10 syntax", NULL },
    { "a rule behind a carriage return in a comment", BEFORE "// all but one\r=> deny();\n=> permit();" AFTER,
      "3:15 syntax", NULL },
    { "a comment with two carriage returns at its end", BEFORE "=> permit(); // a\r\r\n" AFTER, "3:18 syntax", NULL },
    { "a comment that a line end of Windows ends", BEFORE "=> permit(); // a\r\n" AFTER, "", NULL },
    { "a carriage return between words", BEFORE "=>\rpermit();" AFTER, "", NULL },
    { "a carriage return in a string", BEFORE "[type==\"a\rb\"] => permit();" AFTER, "3:8 unterminated-string", NULL },
    { "a carriage return behind a backslash", BEFORE "[type==\"a\\\rb\"] => permit();" AFTER,
      "3:8 unterminated-string, 3:10 ?bad-escape", NULL },
    { "a string whose characters turn the direction",
      BEFORE "[type==\"a\xe2\x80\xae"
             "b\"] => deny();" AFTER,
      "3:10 ?hidden-character", NULL },
    { "a string with a character that is not seen",
      BEFORE "[type==\"se\xe2\x80\x8b"
             "cure\"] => deny();" AFTER,
      "3:11 ?hidden-character", NULL },
    { "a string with a control character", BEFORE "[type==\"a\x08\"] => deny();" AFTER, "3:10 ?hidden-character",
      NULL },
    { "a string with a tab and letters of other scripts", BEFORE "[type==\"\t\xd7\xa9\xd0\xb0\"] => deny();" AFTER, "",
      NULL },
    { "a comment that looks as if a rule followed it", BEFORE "=> permit(); // a\xe2\x80\xa8=> deny();" AFTER,
      "3:18 ?hidden-character", NULL },
    { "a comment with joined characters", BEFORE "=> permit(); // \xe2\x80\x8d" AFTER, "", NULL },
    { "an escape that is none, in the second line of a string", BEFORE "[type==\"a\n\xc3\xa4\\w\"] => permit();" AFTER,
      "3:8 unterminated-string, 4:2 ?bad-escape", NULL },
    { "an escape that is none", BEFORE "[type==\"a\\n\\w\"] => permit();" AFTER, "3:10 ?bad-escape", NULL },
    { "a fraction", BEFORE "[type==\"a\", value==1.5] => permit();" AFTER, "3:20 fraction", NULL },
    { "a hexadecimal number", BEFORE "[type==\"a\", value==0xFF] => permit();" AFTER, "3:20 syntax", NULL },
    { "a number with an exponent", BEFORE "[type==\"a\", value==1e5] => permit();" AFTER, "3:20 syntax", NULL },
    { "a number that is too large", BEFORE "[type==\"a\", value==9223372036854775808] => permit();" AFTER,
      "3:20 integer-range", NULL },
    { "a number that is too small", BEFORE "[type==\"a\", value==-9223372036854775809] => permit();" AFTER,
      "3:20 integer-range", NULL },
    { "a minus alone", BEFORE "[type==\"a\", value==- 5] => permit();" AFTER, "3:20 syntax", NULL },
    { "arithmetic", BEFORE "[type==\"a\", value==1+1] => permit();" AFTER, "3:21 syntax", NULL },
    { "a boolean in another case", BEFORE "[type==\"a\", value==True] => permit();" AFTER, "3:20 keyword-case",
      "3:20 ?keyword-case" },
    { "null", BEFORE "[type==\"a\", value==null] => permit();" AFTER, "3:20 syntax", NULL },
    { "text without quotes", BEFORE "[type==a, value==1] => permit();" AFTER, "3:8 syntax", NULL },
    { "an identifier without a property", BEFORE "c:[type==\"a\"] => add(type=\"b\", value=c);" AFTER, "3:38 syntax",
      NULL },
    { "a placeholder", BEFORE "[type==\"a\", value==<product-id>] => permit();" AFTER, "3:20 placeholder", NULL },
    { "a value in parentheses", BEFORE "[type==\"a\", value==(1)] => permit();" AFTER, "3:20 syntax", NULL },
    { "no value", BEFORE "[type==\"a\", value==] => permit();" AFTER, "3:20 syntax", NULL },
    { "a call that is not closed", BEFORE "=> add(type=\"a\", value=NegateBool(true);" AFTER, "3:40 syntax", NULL },
    { "a function in another case", BEFORE "=> add(type=\"a\", value=negatebool(true));" AFTER, "3:24 keyword-case",
      "3:24 ?keyword-case" },

    { "several mistakes in several rules",
      BEFORE "[type=\"a\"] => permit();\n[type==\"b\" => permit();\n=> premit();\n[type==\"d\"] => deny()" AFTER,
      "3:6 single-equals, 4:12 syntax, 5:4 syntax, 7:1 missing-semicolon", NULL },
    { "mistakes in every section",
      "version=1.1;\nconfigurationrules{ => issueproperti(type=\"a\", value=1.5); };\n"
      "authorizationrules{ [type=\"a\"] => permit(); }\nissuancerules{ => isue(\"b\", value=1); }; }",
      "2:24 syntax, 2:54 fraction, 3:26 single-equals, 4:1 missing-semicolon, 4:19 syntax, 4:24 missing-type, "
      "4:42 syntax",
      NULL },
};

static void mistakes_are_found_once_and_where_they_are(void **state)
{
    unsigned wrong = 0;

    (void)state;
    for (size_t i = 0; i < sizeof(mistakes) / sizeof(mistakes[0]); i++) {
        const struct mistake *one = &mistakes[i];

        wrong += policy_differs(policy_of(one->text, false), one->name, one->strict);
        wrong +=
            policy_differs(policy_of(one->text, true), one->name, one->lenient != NULL ? one->lenient : one->strict);
    }
    assert_int_equal(wrong, 0);
}

/* What the service's own form of the message needs. */
static void a_syntax_error_tells_what_was_found_and_expected_and_in_which_rule(void **state)
{
    static const struct {
        const char *text, *found, *expected, *path, *message;
    } cases[] = {
        { "version=1.0\n[type==\"x\"] => permit();", "[", ";", "policy > versionInfo",
          "expected ; behind the version (line 1), found [" },
        { "", "end of text", "version", "policy", "found the end of the text" },
        { "version=1.0;\nauthorizationrules{=> permit();}", "end of text", ";", "policy", "closes authorizationrules" },
        { BEFORE "[type=\"a\"] => permit();" AFTER, "=",
          "== != < <= > >=", "policy > authorization > rule > condition > propertyTest", "compares with ==" },
        { BEFORE "[type==\"a\";" AFTER, ";", ", ]", "policy > authorization > rule > condition", "found ;" },
        { BEFORE "=> premit();" AFTER, "premit", "permit", "policy > authorization > rule > action",
          "premit is no action: did you mean permit?" },
        { BEFORE "=> add(\"a\", value=1);" AFTER, "\"a\"", "claim type value valueType issuer",
          "policy > authorization > rule > action > claim", "type= is missing" },
        { BEFORE "[type==\"a\xe2\x80\x9d] => permit();" AFTER, "\xe2\x80\x9d", NULL, "policy > authorization > rule",
          "typographic" },
        { "version=1.0;\nauthizationrules{=> permit();};", "authizationrules", "authorizationrules", "policy",
          "authizationrules is no section: did you mean authorizationrules?" },
        { BEFORE "[typ==\"a\"] => permit();" AFTER, "typ", "type",
          "policy > authorization > rule > condition > propertyTest", "typ is no property: did you mean type?" },
        { "version=1.0;\nauthorizationrules{=> permit();};\nissuancerules{ => issue(type=\"a\", value=1.5); };", "1.5",
          "STRING INTEGER true false IDENTIFIER", "policy > issuance > rule > action > claim", "no fractions" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        azattest_policy *policy = policy_of(cases[i].text, false);
        const azattest__diagnostic *first = &policy->diagnostics.items[0];

        assert_true(policy->diagnostics.count > 0);
        assert_string_equal(first->found, cases[i].found);
        if (cases[i].expected == NULL)
            assert_null(first->expected);
        else
            assert_string_equal(first->expected, cases[i].expected);
        assert_string_equal(first->rule_path, cases[i].path);
        if (strstr(first->message, cases[i].message) == NULL)
            fail_msg("\"%s\" is not in \"%s\"", cases[i].message, first->message);
        azattest_policy_free(policy);
    }
}

/* ---- the tree ---- */

static void expect_source(const azattest_policy *policy, azattest__span span, const char *text)
{
    azattest_bytes source = azattest__policy_source(policy, span);

    if (!azattest__bytes_equal_text(source, text))
        fail_msg("\"%.*s\" is not \"%s\"", (int)source.len, (const char *)source.ptr, text);
}

static void every_node_knows_its_place(void **state)
{
    azattest_policy *policy = policy_of("version = 1.2; // first\r\n// second\r\nauthorizationrules {\r\n"
                                        "  \xc3\xa9\xc3\xa9" /* two characters that do not belong there */
                                        "\r\n};",
                                        false);
    const azattest__rule *rule;
    const azattest__expression *call;

    (void)state;
    assert_int_equal(policy_differs(policy, "characters", "4:3 syntax"), 0);
    policy =
        policy_of("version = 1.2; // first\r\n// second\r\nauthorizationrules { => permit(); };\nissuancerules\n{\n"
                  "/* \xc3\xa9 */"
                  "};",
                  false);
    assert_int_equal(policy_differs(policy, "comments", "6:1 block-comment"), 0);
    policy =
        policy_of("version = 1.2; // f\xc3\xa9rst\r\n// second\nauthorizationrules { => permit(); };\nissuancerules\n{"
                  "\n !\n[ type == \"\xc3\xa9\" ] && c1 : [type==\"a\\\\b\\\"c\", value!=-5]\n"
                  "  => issue( type=\"x\",\n value = AppendString(c1.value, JmesPath(\"[1]\", \"@[0]\")) ) ;\n};\n",
                  false);
    assert_int_equal(policy->diagnostics.count, 0);
    assert_int_equal(policy->version, 12);
    expect_source(policy, policy->version_span, "1.2");
    assert_int_equal(policy->comment_count, 2);
    expect_source(policy, policy->comments[0].span, "// f\xc3\xa9rst");
    assert_false(policy->comments[0].own_line);
    expect_source(policy, policy->comments[1].span, "// second");
    assert_true(policy->comments[1].own_line);
    expect_source(policy, policy->sections[AZATTEST__AUTHORIZATION].span, "authorizationrules { => permit(); };");
    assert_false(policy->sections[AZATTEST__CONFIGURATION].present);
    assert_int_equal(policy->sections[AZATTEST__ISSUANCE].rule_count, 1);
    rule = &policy->sections[AZATTEST__ISSUANCE].rules[0];
    assert_int_equal(rule->span.line, 6);
    assert_int_equal(rule->span.column, 2);
    assert_int_equal(rule->condition_count, 2);
    assert_true(rule->conditions[0].negated);
    assert_null(rule->conditions[0].identifier);
    expect_source(policy, rule->conditions[0].span, "!\n[ type == \"\xc3\xa9\" ]");
    assert_string_equal(rule->conditions[1].identifier, "c1");
    expect_source(policy, rule->conditions[1].span, "c1 : [type==\"a\\\\b\\\"c\", value!=-5]");
    assert_int_equal(rule->conditions[1].span.line, 7);
    assert_int_equal(rule->conditions[1].span.column, 20); /* a character of two bytes stands before it */
    assert_string_equal(rule->conditions[1].tests[0].expression->text, "a\\b\"c");
    assert_int_equal(rule->conditions[1].tests[0].expression->text_len, 5);
    assert_int_equal(rule->conditions[1].tests[1].op, AZATTEST__NOT_EQUAL);
    assert_int_equal(rule->conditions[1].tests[1].expression->integer, -5);
    expect_source(policy, rule->conditions[1].tests[1].span, "value!=-5");
    assert_int_equal(rule->action.kind, AZATTEST__ISSUE);
    assert_int_equal(rule->action.assignment_count, 2);
    expect_source(policy, rule->action.assignments[0].span, "type=\"x\"");
    call = rule->action.assignments[1].expression;
    expect_source(policy, call->span, "AppendString(c1.value, JmesPath(\"[1]\", \"@[0]\"))");
    assert_int_equal(call->function, AZATTEST__APPEND_STRING);
    assert_int_equal(call->argument_count, 2);
    assert_int_equal(call->arguments[0]->kind, AZATTEST__REFERENCE);
    assert_int_equal(call->arguments[0]->condition, 1);
    assert_string_equal(call->arguments[0]->text, "c1");
    assert_non_null(call->arguments[1]->query);
    assert_int_equal(policy->query_count, 1);
    azattest_policy_free(policy);
}

static void the_source_of_a_rule_is_the_text_that_a_denial_shows(void **state)
{
    azattest_policy *policy;

    (void)state;
    EVIDENCE_OR_SKIP();
    policy = policy_of_file("01-default-azureguest.policy", false);
    expect_source(policy, policy->sections[AZATTEST__AUTHORIZATION].rules[2].span,
                  "[type==\"secureboot\", value==false] => deny();");
    azattest_policy_free(policy);
}

static void integers_have_64_bits(void **state)
{
    static const struct {
        const char *text;
        int64_t value;
    } cases[] = { { "0", 0 },
                  { "-0", 0 },
                  { "007", 7 },
                  { "131070", 131070 },
                  { "9223372036854775807", INT64_MAX },
                  { "-9223372036854775808", INT64_MIN } };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char text[200];
        azattest_policy *policy;

        snprintf(text, sizeof(text), BEFORE "[value==%s] => permit();" AFTER, cases[i].text);
        policy = policy_of(text, false);
        assert_int_equal(policy->diagnostics.count, 0);
        assert_true(policy->sections[AZATTEST__AUTHORIZATION].rules[0].conditions[0].tests[0].expression->integer ==
                    cases[i].value);
        azattest_policy_free(policy);
    }
}

static void a_rule_with_an_unknown_value_is_not_in_the_tree_and_a_mended_one_is(void **state)
{
    azattest_policy *policy = policy_of(BEFORE "[value==1.5] => permit();\n[value=1] => permit()" AFTER, false);

    (void)state;
    assert_int_equal(policy->diagnostics.errors, 3);
    assert_int_equal(azattest_policy_rule_count(policy), 1);
    assert_int_equal(policy->sections[AZATTEST__AUTHORIZATION].rules[0].span.line, 4);
    azattest_policy_free(policy);
}

/* ---- bounds ---- */

/* What is left of a policy that breaks off has its beginning, and one or two errors, never a heap of them. */
static void a_policy_that_breaks_off_anywhere_gives_few_errors(void **state)
{
    static const char *const names[] = { "policies/01-default-azureguest.policy", "policies/03-default-sgx-2023.policy",
                                         "policies/27-tpm-12-sample-broken.policy", "policies/34-tpm-12-drtm.policy",
                                         "policies/14-sgx-custom-tcb.policy" };

    (void)state;
    EVIDENCE_OR_SKIP();
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        size_t len, whole;
        unsigned char *text = evidence_read(names[i], &len);
        azattest_policy *policy = NULL;

        assert_int_equal(azattest__policy_read(azattest__bytes(text, len), false, NULL, &policy, NULL), AZATTEST_OK);
        whole = policy->diagnostics.errors;
        azattest_policy_free(policy);
        for (size_t cut = 0; cut < len; cut++) {
            /* From a block of its own, so that reading behind its end is seen. */
            unsigned char *piece = malloc(cut + 1);
            azattest_status status;

            memcpy(piece, text, cut);
            status = azattest__policy_read(azattest__bytes(piece, cut), false, NULL, &policy, NULL);
            free(piece);
            if (status == AZATTEST_E_ARGUMENT && cut > 0 && text[cut] >= 0x80)
                continue; /* in the middle of a character */
            assert_int_equal(status, AZATTEST_OK);
            azattest__policy_check(policy);
            if (policy->diagnostics.errors > whole + 2)
                fail_msg("%s, cut at %zu: %zu errors", names[i], cut, policy->diagnostics.errors);
            azattest_policy_free(policy);
        }
        free(text);
    }
}

typedef enum change { LEFT_OUT, DOUBLED, REPLACED } change;

static size_t errors_after(const azattest_policy *policy, azattest__span word, change how)
{
    azattest_policy *changed = NULL;
    azattest__buf text;
    size_t errors;

    azattest__buf_init(&text, AZATTEST_LIMIT_POLICY);
    azattest__buf_append(&text, policy->text, word.offset + (how == DOUBLED ? word.length : 0));
    azattest__buf_append_text(&text, how == REPLACED ? "@" : "");
    azattest__buf_append_text(&text, policy->text + word.offset + (how == DOUBLED ? 0 : word.length));
    assert_int_equal(azattest__policy_read(azattest__buf_bytes(&text), false, NULL, &changed, NULL), AZATTEST_OK);
    azattest__policy_check(changed);
    errors = changed->diagnostics.errors;
    azattest_policy_free(changed);
    azattest__buf_free(&text);
    return errors;
}

/* One mistake gives one error, or two where what follows it is changed by it; never the whole rest of the text. */
static void a_word_that_is_left_out_doubled_or_replaced_gives_few_errors(void **state)
{
    static const char *const names[] = { "01-default-azureguest.policy", "10-sgx-two-signers.policy",
                                         "26-tpm-11-config.policy", "34-tpm-12-drtm.policy",
                                         "43-vbs-10-custom-claim.policy" };

    (void)state;
    EVIDENCE_OR_SKIP();
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        azattest_policy *parsed = policy_of_file(names[i], false);
        azattest_policy *policy = azattest__policy_new(azattest__text(parsed->text), false, NULL);
        azattest__lexer lexer;
        azattest__lexeme word;

        azattest__lexer_init(&lexer, policy);
        for (azattest__lexer_next(&lexer, &word); word.kind != AZATTEST__END; azattest__lexer_next(&lexer, &word)) {
            for (change how = LEFT_OUT; how <= REPLACED; how++) {
                size_t errors = errors_after(policy, word.span, how);

                if (errors > 2 || (how == REPLACED && errors == 0))
                    fail_msg("%s, line %u, column %u, change %d: %zu errors", names[i], word.span.line,
                             word.span.column, how, errors);
            }
        }
        azattest_policy_free(parsed);
        azattest_policy_free(policy);
    }
}

/* `count` pieces between a beginning and an end. */
static char *repeated(const char *before, const char *piece, size_t count, const char *after)
{
    azattest__buf out;

    azattest__buf_init(&out, 1u << 20);
    azattest__buf_append_text(&out, before);
    for (size_t i = 0; i < count; i++)
        azattest__buf_append_text(&out, piece);
    azattest__buf_append_text(&out, after);
    assert_int_equal(out.status, AZATTEST_OK);
    return (char *)azattest__buf_take(&out, NULL);
}

static void ceilings_are_named(void **state)
{
    static const struct {
        const char *before, *piece, *after;
        size_t most;
        const char *message;
    } cases[] = {
        { BEFORE, "=> deny();\n", AFTER, AZATTEST_LIMIT_POLICY_RULES, "line 1003, column 1: more than 1000 rules" },
        { BEFORE "[value==1]", "&& [value==1]", "=> permit();" AFTER, AZATTEST_LIMIT_POLICY_CONDITIONS - 1,
          "more than 64 conditions in one rule" },
        { BEFORE "[value==1", ",value==1", "] => permit();" AFTER, AZATTEST_LIMIT_POLICY_CONDITIONS - 1,
          "more than 64 tests in one condition" },
        { BEFORE "=> add(type=\"a\"", ",value=1", ");" AFTER, AZATTEST_LIMIT_POLICY_CONDITIONS - 1,
          "more than 64 assignments in one action" },
        { BEFORE "=> add(type=\"a\", value=IsSubsetOf(1", ",1", "));" AFTER, AZATTEST_LIMIT_POLICY_CONDITIONS - 1,
          "more than 64 arguments of one function" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        for (size_t more = 0; more <= 1; more++) {
            char *text = repeated(cases[i].before, cases[i].piece, cases[i].most + more, cases[i].after);
            azattest_policy *policy = NULL;
            azattest_error *error = NULL;

            expect(azattest__policy_read(azattest__text(text), false, NULL, &policy, &error), &error,
                   more ? AZATTEST_E_LIMIT : AZATTEST_OK, cases[i].message);
            assert_true((policy == NULL) == (more == 1));
            azattest_policy_free(policy);
            free(text);
        }
    }
}

static void calls_nest_64_deep(void **state)
{
    (void)state;
    for (size_t depth = AZATTEST_LIMIT_POLICY_CALLS; depth <= AZATTEST_LIMIT_POLICY_CALLS + 1; depth++) {
        char *open = repeated(BEFORE "=> add(type=\"a\", value=", "NegateBool(", depth, "true");
        char *text = repeated(open, ")", depth, ");" AFTER);
        azattest_policy *policy = NULL;
        azattest_error *error = NULL;

        expect(azattest_policy_parse(azattest__text(text), NULL, &policy, &error), &error,
               depth > AZATTEST_LIMIT_POLICY_CALLS ? AZATTEST_E_LIMIT : AZATTEST_OK, "more than 64 calls in calls");
        azattest_policy_free(policy);
        free(open);
        free(text);
    }
}

/* A text as large as may be, of one thing over and over. */
static void texts_full_of_anything_end(void **state)
{
    static const char *const pieces[] = { "(",
                                          "[",
                                          "{",
                                          "!",
                                          "\"",
                                          "\"\n",
                                          "\xe2\x80\x9c",
                                          "'",
                                          "a(",
                                          "a:[",
                                          "=>",
                                          ";",
                                          "}",
                                          "};",
                                          "<a",
                                          "//",
                                          "/*",
                                          "\\",
                                          "version=1.0;",
                                          "issuancerules{",
                                          "|",
                                          "1.",
                                          "\"\xe2\x80\x9d",
                                          "\xe2\x80\x9c\n",
                                          "\"\\\"",
                                          "c:[",
                                          "\xc2\xa0",
                                          "a.",
                                          "=> add(",
                                          "[type==\"a\"] =>" };
    static const char *const starts[] = { "", "version=1.0;", BEFORE, BEFORE "[value==", BEFORE "=> add(type=" };

    (void)state;
    for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
        for (size_t j = 0; j < sizeof(starts) / sizeof(starts[0]); j++) {
            char *text =
                repeated(starts[j], pieces[i], (AZATTEST_LIMIT_POLICY - strlen(starts[j])) / strlen(pieces[i]), "");
            azattest_policy *policy = NULL;
            azattest_status status = azattest__policy_read(azattest__text(text), false, NULL, &policy, NULL);

            if (status != AZATTEST_E_LIMIT) {
                assert_int_equal(status, AZATTEST_OK);
                azattest__policy_check(policy);
                assert_true(policy->diagnostics.errors > 0);
                assert_true(policy->diagnostics.count <= AZATTEST_LIMIT_POLICY_DIAGNOSTICS);
            }
            azattest_policy_free(policy);
            free(text);
        }
    }
}

static void many_errors_are_cut(void **state)
{
    char *text = repeated(BEFORE, "[type=\"a\"] => deny();\n", 300, AFTER);
    azattest_policy *policy = policy_of(text, false);

    (void)state;
    assert_int_equal(policy->diagnostics.count, AZATTEST_LIMIT_POLICY_DIAGNOSTICS);
    assert_int_equal(policy->diagnostics.errors, 300);
    assert_true(policy->diagnostics.cut);
    azattest_policy_free(policy);
    free(text);
}

/* ---- the public functions ---- */

/* A refusal that does not say why would be read as something else. */
static void an_error_behind_many_warnings_is_told(void **state)
{
    azattest__buf text;
    azattest_policy *policy;
    azattest_error *error = NULL;

    (void)state;
    azattest__buf_init(&text, AZATTEST_LIMIT_POLICY);
    azattest__buf_append_text(&text, BEFORE);
    for (unsigned i = 0; i < AZATTEST_LIMIT_POLICY_DIAGNOSTICS + 10; i++)
        azattest__buf_append_text(&text, "[type==\"\\w\"] => permit();\n");
    azattest__buf_append_text(&text, "[type==\"a\"] = deny();\n[type=\"a\"] => deny();" AFTER);
    policy = policy_of((const char *)text.ptr, false);
    assert_int_equal(policy->diagnostics.count, AZATTEST_LIMIT_POLICY_DIAGNOSTICS);
    assert_int_equal(policy->diagnostics.errors, 2);
    assert_true(policy->diagnostics.cut);
    for (size_t i = 0; i < 2; i++) {
        const azattest__diagnostic *one = &policy->diagnostics.items[AZATTEST_LIMIT_POLICY_DIAGNOSTICS - 2 + i];

        assert_int_equal(one->severity, AZATTEST__ERROR);
        assert_int_equal(one->span.line, 3 + AZATTEST_LIMIT_POLICY_DIAGNOSTICS + 10 + i);
        assert_non_null(one->rule_path);
    }
    assert_int_equal(azattest__diagnostics_error(&policy->diagnostics, &error), AZATTEST_E_POLICY);
    if (strstr(azattest_error_message(error), "line 269, column 13") == NULL)
        fail_msg("%s", azattest_error_message(error));
    azattest_error_free(error);
    azattest_policy_free(policy);
    azattest__buf_free(&text);
}

static void an_error_lists_every_fault(void **state)
{
    azattest_policy *policy = NULL;
    azattest_error *error = NULL;

    (void)state;
    assert_int_equal(
        azattest_policy_parse(azattest__text(BEFORE "[type=\"a\"] => premit();" AFTER), NULL, &policy, &error),
        AZATTEST_E_POLICY);
    assert_null(policy);
    assert_int_equal(azattest_error_problem_count(error), 2);
    assert_int_equal(azattest_error_problem_code(error, 0), AZATTEST_E_POLICY);
    assert_string_equal(azattest_error_problem_detail(error, 0),
                        "line 3, column 6: = assigns: a condition compares with ==");
    assert_string_equal(azattest_error_problem_detail(error, 1),
                        "line 3, column 15: premit is no action: did you mean permit?");
    azattest_error_free(error);
    assert_int_equal(azattest_policy_parse(azattest__text(BEFORE "=> premit();" AFTER), NULL, &policy, NULL),
                     AZATTEST_E_POLICY);
}

static void arguments_are_checked(void **state)
{
    azattest_policy_parse_options options = AZATTEST_POLICY_PARSE_OPTIONS_INIT;
    azattest_policy *policy = NULL;
    azattest_error *error = NULL;
    azattest_bytes text = azattest__text("version=1.0;authorizationrules{};");
    char *large = repeated("version=1.0;authorizationrules{};", " ", AZATTEST_LIMIT_POLICY - 32, "");

    (void)state;
    expect(azattest_policy_parse(azattest__bytes(NULL, 0), NULL, &policy, &error), &error, AZATTEST_E_ARGUMENT,
           "no text");
    expect(azattest_policy_parse(text, NULL, NULL, &error), &error, AZATTEST_E_ARGUMENT, "nowhere");
    expect(azattest_policy_parse(azattest__bytes("a\0b", 3), NULL, &policy, &error), &error, AZATTEST_E_ARGUMENT,
           "not UTF-8 without NUL");
    expect(azattest_policy_parse(azattest__text("\xff"), NULL, &policy, &error), &error, AZATTEST_E_ARGUMENT,
           "not UTF-8");
    expect(azattest_policy_parse(azattest__text(large), NULL, &policy, &error), &error, AZATTEST_E_LIMIT,
           "65537 bytes");
    large[AZATTEST_LIMIT_POLICY] = '\0';
    expect(azattest_policy_parse(azattest__text(large), NULL, &policy, &error), &error, AZATTEST_OK, NULL);
    azattest_policy_free(policy);
    free(large);
    options.size = 1;
    expect(azattest_policy_parse(text, &options, &policy, &error), &error, AZATTEST_E_ARGUMENT,
           "AZATTEST_POLICY_PARSE_OPTIONS_INIT");
    options.size = sizeof(options);
    options.attestation_type = "";
    expect(azattest_policy_parse(text, &options, &policy, &error), &error, AZATTEST_E_ARGUMENT, "is empty");
    large = repeated("", "x", AZATTEST_LIMIT_ATTESTATION_TYPE + 1, "");
    options.attestation_type = large;
    expect(azattest_policy_parse(text, &options, &policy, &error), &error, AZATTEST_E_LIMIT, "more than 128 bytes");
    free(large);
    options.attestation_type = "SgxEnclave";
    options.lenient = AZATTEST_ON;
    expect(azattest_policy_parse(azattest__text("Version=1.0;authorizationrules{};"), &options, &policy, &error),
           &error, AZATTEST_OK, NULL);
    assert_string_equal(policy->attestation_type, "SgxEnclave");
    assert_ptr_equal(azattest_policy_ref(policy), policy);
    azattest_policy_free(policy);
    assert_string_equal(azattest_policy_version(policy), "1.0");
    assert_int_equal(azattest_policy_rule_count(policy), 0);
    azattest_policy_free(policy);
}

static void nothing_is_nothing(void **state)
{
    (void)state;
    assert_null(azattest_policy_ref(NULL));
    assert_null(azattest_policy_text(NULL));
    assert_null(azattest_policy_version(NULL));
    assert_null(azattest_policy_policy_hash(NULL).ptr);
    assert_int_equal(azattest_policy_rule_count(NULL), 0);
    azattest_policy_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_valid_policy_parses_strictly),
        cmocka_unit_test(policies_that_are_wrong_at_their_source_are_refused_where_they_are_wrong),
        cmocka_unit_test(the_made_invalid_policies_are_refused_where_their_table_says),
        cmocka_unit_test(the_text_is_kept_and_its_hash_is_the_published_one),
        cmocka_unit_test(mistakes_are_found_once_and_where_they_are),
        cmocka_unit_test(a_syntax_error_tells_what_was_found_and_expected_and_in_which_rule),
        cmocka_unit_test(every_node_knows_its_place),
        cmocka_unit_test(the_source_of_a_rule_is_the_text_that_a_denial_shows),
        cmocka_unit_test(integers_have_64_bits),
        cmocka_unit_test(a_rule_with_an_unknown_value_is_not_in_the_tree_and_a_mended_one_is),
        cmocka_unit_test(a_policy_that_breaks_off_anywhere_gives_few_errors),
        cmocka_unit_test(a_word_that_is_left_out_doubled_or_replaced_gives_few_errors),
        cmocka_unit_test(ceilings_are_named),
        cmocka_unit_test(calls_nest_64_deep),
        cmocka_unit_test(texts_full_of_anything_end),
        cmocka_unit_test(many_errors_are_cut),
        cmocka_unit_test(an_error_behind_many_warnings_is_told),
        cmocka_unit_test(an_error_lists_every_fault),
        cmocka_unit_test(arguments_are_checked),
        cmocka_unit_test(nothing_is_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
