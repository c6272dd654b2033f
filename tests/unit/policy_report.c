/* Reports: real policies, comments that silence, what a finding says, ceilings; and the vocabulary behind them. */
#include <stdio.h>
#include <stdlib.h>

#include <azattest/limits.h>

#include "evidence.h"
#include "json/json.h"
#include "linted.h"
#include "policy/lint/lint.h"

/* "ID at line, ..." of all that a report has. */
static void expect_findings(const char *name, const char *text, const char *type, bool lenient, const char *expected)
{
    azattest_policy_report *report = linted(text, type, lenient);
    azattest__buf list;

    azattest__buf_init(&list, 65536);
    azattest__buf_append(&list, "", 0);
    for (size_t i = 0; i < azattest_policy_report_count(report); i++)
        azattest__buf_printf(&list, "%s%u %s", i == 0 ? "" : ", ", azattest_policy_report_line(report, i),
                             azattest_policy_report_id(report, i));
    if (strcmp(list.ptr == NULL ? "" : (const char *)list.ptr, expected) != 0)
        fail_msg("%s: \"%s\" instead of \"%s\"", name, list.ptr == NULL ? "" : (const char *)list.ptr, expected);
    azattest__buf_free(&list);
    azattest_policy_report_free(report);
}

#define DUPLICATE "\n[type==\"tpmVersion\"]=>permit();\n[type==\"tpmVersion\"]\n=>permit();"
/* The second rule begins on line 3 and ends on line 4. */
static void comments_silence_what_they_stand_at(void **state)
{
    static const struct {
        const char *name, *text, *expected;
    } cases[] = {
        { "nothing", A(DUPLICATE), "3 duplicate-rule" },
        { "behind the rule's end", A(DUPLICATE " // azattest: ignore duplicate-rule\n"), "" },
        { "two ids", A(DUPLICATE " // azattest: ignore unused-claim, duplicate-rule\n"), "4 unused-ignore" },
        { "without a blank", A(DUPLICATE "//azattest: ignore duplicate-rule\n"), "" },
        { "without a blank behind its head", A(DUPLICATE " // azattest:ignore duplicate-rule\n"), "" },
        { "a line later", A(DUPLICATE "\n// azattest: ignore duplicate-rule\n"), "3 duplicate-rule, 5 unused-ignore" },
        { "the line before",
          A("[type==\"tpmVersion\"]=>permit();\n// azattest: ignore "
            "duplicate-rule\n[type==\"tpmVersion\"]\n=>permit();"),
          "" },
        { "comments between",
          A("[type==\"tpmVersion\"]=>permit();\n// azattest: ignore duplicate-rule\n// because\n[type==\"tpmVersion\"]"
            "=>permit();"),
          "" },
        { "an empty line between",
          A("[type==\"tpmVersion\"]=>permit();\n// azattest: ignore "
            "duplicate-rule\n\n[type==\"tpmVersion\"]=>permit();"),
          "2 unused-ignore, 4 duplicate-rule" },
        { "behind the line before",
          A("[type==\"tpmVersion\"]=>permit(); // azattest: ignore duplicate-rule\n[type==\"tpmVersion\"]=>permit();"),
          "1 unused-ignore, 2 duplicate-rule" },
        { "the file, at its end", A(DUPLICATE) "\n// azattest: ignore-file duplicate-rule", "" },
        { "the file, of another id", A(DUPLICATE) "\n// azattest: ignore-file never-fires",
          "3 duplicate-rule, 5 unused-ignore" },
        { "another comment", A(DUPLICATE " // attest: ignore duplicate-rule\n"), "3 duplicate-rule" },
        { "an error", A("=>allow(); // azattest: ignore syntax\n"), "1 syntax, 1 unused-ignore" },
        { "an error, in the file", A("=>allow();") "// azattest: ignore-file syntax\n", "1 syntax, 1 unused-ignore" },
        { "a lenient warning", "Version=1.0;authorizationrules{}; // azattest: ignore-file keyword-case, never-permits",
          "" },
        { "no id", A("=>permit(); // azattest: ignore\n"), "1 debug-untested, 1 unknown-ignore" },
        { "the comment about comments",
          A("=>permit(); // azattest: ignore debug-untested, never-fires, unused-ignore\n"), "" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        expect_findings(cases[i].name, cases[i].text, NULL, true, cases[i].expected);
}

/* All of the folder; those that its README calls valid have no error. */
static const struct real {
    const char *name, *type, *findings;
} real[] = {
    { "01-default-azureguest", "AzureGuest", "" },
    { "02-default-sevsnp-tdx", "SevSnpVm", "1 debug-untested" },
    { "03-default-sgx-2023", "SgxEnclave", "6 debug-untested" },
    { "04-default-sgx-2021-recorded", "SgxEnclave", "1 debug-untested" },
    { "05-default-sgx-2020-legacy", "SgxEnclave",
      "1 unused-identifier, 1 deprecated-claim, 1 debug-untested, 1 deprecated-claim, 1 deprecated-claim, 1 "
      "deprecated-claim, 1 deprecated-claim, 1 deprecated-claim, 1 deprecated-claim" },
    { "06-default-sgx-2021-docs", "SgxEnclave", "3 debug-untested" },
    { "07-minimal-permit", "SgxEnclave", "1 debug-untested" },
    { "08-minimal-permit-spaced", "SgxEnclave", "1 debug-untested" },
    { "09-sgx-custom-placeholders", "SgxEnclave", "5 placeholder, 11 placeholder" },
    { "10-sgx-two-signers", "SgxEnclave",
      "4 permits-debuggable, 5 claim-value-form, 6 permits-debuggable, 7 claim-value-form" },
    { "11-mrsigner-rotation-before", "SgxEnclave", "5 claim-value-form" },
    { "12-mrsigner-rotation-during", "SgxEnclave", "5 claim-value-form, 7 claim-value-form" },
    { "13-mrsigner-rotation-after", "SgxEnclave", "5 claim-value-form" },
    { "14-sgx-custom-tcb", "SgxEnclave", "5 typographic-quote, 13 keyword-case" },
    { "15-sgx-oe-tcb10-aad", "SgxEnclave", "7 debug-untested" },
    { "16-sgx-oe-tcb10-isolated-dup", "SgxEnclave", "8 debug-untested, 19 duplicate-rule" },
    { "17-oe-draft-debuggable", "OpenEnclave", "4 permits-debuggable" },
    { "18-oe-draft-denied", "OpenEnclave", "" },
    { "19-oe-my-mrsigner", "OpenEnclave", "" },
    { "20-tpm-deny-all", "Tpm", "3 never-permits" },
    { "21-tpm-permit-secure-boot", "Tpm", "" },
    { "22-tpm-add-custom-claim", "Tpm", "" },
    { "23-author-article-broken", "Tpm",
      "4 unused-identifier, 4 single-equals, 5 missing-semicolon, 9 single-equals, 10 missing-semicolon, 10 "
      "single-equals, 11 missing-semicolon" },
    { "24-functions-article-broken", "Tpm", "13 single-equals" },
    { "25-tpm-10-platform", "Tpm", "" },
    { "26-tpm-11-config", "Tpm", "" },
    { "27-tpm-12-sample-broken", "Tpm", "18 unmade-claim, 23 missing-type" },
    { "28-tpm-10-simple", "Tpm", "" },
    { "29-tpm-12-hvci-driver", "Tpm", "13 unused-claim, 23 jmespath-literal, 23 jmespath-literal" },
    { "30-tpm-12-linux-ima", "Tpm", "" },
    { "31-tpm-10-six", "Tpm", "" },
    { "32-tpm-12-windows", "Tpm", "28 mixed-add-issue" },
    { "33-tpm-12-pcrs", "Tpm", "" },
    { "34-tpm-12-drtm", "Tpm", "" },
    { "35-vbs-12-enclave", "VBS", "4 deprecated-claim" },
    { "36-tpm-12-issue-all", "Tpm", "" },
    { "37-tpm-12-critical", "Tpm",
      "13 unmade-claim, 19 jmespath-types, 19 jmespath-literal, 19 jmespath-types, 31 jmespath-assembled" },
    { "38-tpm-12-drivers", "Tpm", "16 jmespath-field-case, 16 jmespath-types" },
    { "39-tpm-12-key-attest", "Tpm",
      "8 unused-identifier, 8 action-section, 13 unused-identifier, 13 action-section, 15 unused-identifier" },
    { "40-constellation-azureguest", "AzureGuest", "" },
    { "41-oe-greg", "OpenEnclave",
      "1 unused-identifier, 1 deprecated-claim, 1 debug-untested, 1 deprecated-claim, 1 unknown-claim, 1 "
      "deprecated-claim, 1 deprecated-claim, 1 deprecated-claim, 1 deprecated-claim, 1 deprecated-claim" },
    { "42-cyres-default", "CyResComponent", "1 unknown-type, 1 unused-identifier" },
    { "43-vbs-10-custom-claim", "VBS", "" },
    { "44-legacy-json-azureguest", "SgxEnclave", "1 json-policy" },
    { "45-legacy-json-sqlserver", "SgxEnclave", "1 json-policy" },
};

static void real_policies_are_judged_as_their_notes_say(void **state)
{
    (void)state;
    EVIDENCE_OR_SKIP();
    for (size_t i = 0; i < sizeof(real) / sizeof(real[0]); i++) {
        char path[128];
        unsigned char *text;
        size_t len;

        snprintf(path, sizeof(path), "policies/%s.policy", real[i].name);
        text = evidence_read(path, &len);
        expect_findings(real[i].name, (const char *)text, real[i].type, false, real[i].findings);
        free(text);
    }
}

/* Without a type the claims of all types are known; 39 has an issue where only a lenient reading takes it. */
static void valid_real_policies_have_no_errors_without_a_type(void **state)
{
    static const char *const invalid[] = { "09", "14", "23", "24", "27", "39", "44", "45" };

    (void)state;
    EVIDENCE_OR_SKIP();
    for (size_t i = 0; i < sizeof(real) / sizeof(real[0]); i++) {
        azattest_policy_report *report;
        bool is_invalid = false;
        char path[128];
        unsigned char *text;
        size_t len;

        for (size_t j = 0; j < sizeof(invalid) / sizeof(invalid[0]); j++)
            is_invalid |= strncmp(real[i].name, invalid[j], 2) == 0;
        snprintf(path, sizeof(path), "policies/%s.policy", real[i].name);
        text = evidence_read(path, &len);
        report = linted((const char *)text, NULL, false);
        if ((azattest_policy_report_error_count(report) > 0) != is_invalid)
            fail_msg("%s: %zu errors", real[i].name, azattest_policy_report_error_count(report));
        azattest_policy_report_free(report);
        if (strncmp(real[i].name, "39", 2) == 0) {
            report = linted((const char *)text, NULL, true);
            assert_int_equal(azattest_policy_report_error_count(report), 0);
            assert_int_equal(azattest_policy_report_warning_count(report), 2);
            azattest_policy_report_free(report);
        }
        free(text);
    }
}

static void a_finding_says_what_it_found_and_what_would_do(void **state)
{
    static const struct {
        const char *text, *type, *id, *found, *expected, *says;
    } cases[] = {
        { A("[type==\"x-ms-sgx-mrsinger\"]=>permit();"), NULL, "unknown-claim", "x-ms-sgx-mrsinger",
          "x-ms-sgx-mrsigner", "perhaps \"x-ms-sgx-mrsigner\" is meant" },
        { A("[type==\"x-ms-sgx-tee\"]=>permit();"), "SgxEnclave", "unknown-claim", "x-ms-sgx-tee",
          "x-ms-attestation-type", "of SgxEnclave" },
        { A("[type==\"tdx_mrtd\"]=>permit();"), "sevsnpvm", "unknown-claim", "tdx_mrtd", NULL, "is a claim of TdxVm" },
        { A("[type==\"mine\"]=>permit();=>add(type=\"mine\", value=1);"), NULL, "unknown-claim", "mine", NULL,
          "only the one of line 1" },
        { A("[type==\"mine\"]=>permit();"), NULL, "unknown-claim", "mine", NULL, "has the issuer CustomClaim" },
        { A("=>add(type=\"events2\", value=1);[type==\"event2\", issuer==\"AttestationPolicy\"]=>permit();"), NULL,
          "unmade-claim", "event2", "events2", "perhaps \"events2\" is meant" },
        { A("[type==\"a\", issuer==\"AttestationPolicy\"]=>permit();\n=>add(type=\"a\", value=1);"), NULL,
          "unmade-claim", "a", NULL, "only the one of line 2" },
        { A("![type==\"a\", issuer==\"AttestationPolicy\"]=>permit();"), NULL, "unmade-claim", "a", NULL,
          "always holds" },
        { A("[type==\"$svn\"]=>permit();"), NULL, "deprecated-claim", "$svn", "x-ms-sgx-svn", "older name" },
        { A("[type==\"vbsEnabled\", issuer==\"Attestationservice\"]=>permit();"), NULL, "unknown-issuer",
          "Attestationservice", "AttestationService", "no claim has the issuer" },
        { A("[type==\"x-ms-sgx-mrsigner\", value==\"12\"]=>permit();"), NULL, "claim-value-form", "12",
          "64 lower-case hexadecimal digits", "here are 2" },
        { C("=>issueproperty(type=\"required_pcr_masks\", value=1);"), NULL, "unknown-property", "required_pcr_masks",
          "required_pcr_mask", "ignores it" },
        { I("=>issueproperty(type=\"report_validity_in_minutes\", value=9999999);"), NULL, "property-value", NULL, NULL,
          "is 1 to 527040, and here stands 9999999" },
        { Q("Events[? EventSeq == '7']"), NULL, "jmespath-types", "7", "`7`", "number is compared with the string" },
        { Q("Events[? X == null]"), NULL, "jmespath-literal", "null", "`null`", "backticks" },
        { A("[type==\"\x1b[31mred\", issuer==\"CustomClaim\"]=>permit();[type==\"\x1b[31mred\"]=>permit();"), NULL,
          "unknown-claim", "\\x1b[31mred", NULL, "\\x1b[31mred" },
        { A("=>permit();"), "SgxEnclav", "unknown-type", "SgxEnclav", "SgxEnclave", "their names are not checked" },
        { A("=>permit();"), "CyResComponent", "unknown-type", "CyResComponent", NULL,
          "\"CyResComponent\": their names" },
        { "authorizationrules{};", "Pluton", "unknown-type", "Pluton", NULL, "no claims are known" },
        { A("c:[type==\"x-ms-sgx-mrsigner\"]&&[type==\"x-ms-sgx-mrenclave\", value>c.value]=>permit();"), NULL,
          "claim-value-type", "a string", "an integer",
          "is compared by > with c.value, which is a string: the test is always false" },
        { A("=>permit(); // azattest: ignore never-fire\n"), NULL, "unknown-ignore", "never-fire", "never-fires",
          "perhaps \"never-fires\"" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        azattest_policy_report *report = linted(cases[i].text, cases[i].type, false);
        size_t at = 0;

        while (at < azattest_policy_report_count(report) &&
               strcmp(azattest_policy_report_id(report, at), cases[i].id) != 0)
            at++;
        if (at == azattest_policy_report_count(report))
            fail_msg("%s is not found in %s", cases[i].id, cases[i].text);
        if (strstr(azattest_policy_report_message(report, at), cases[i].says) == NULL)
            fail_msg("\"%s\" is not in \"%s\"", cases[i].says, azattest_policy_report_message(report, at));
        for (int j = 0; j < 2; j++) {
            const char *got =
                j == 0 ? azattest_policy_report_found(report, at) : azattest_policy_report_expected(report, at);
            const char *due = j == 0 ? cases[i].found : cases[i].expected;

            if (got == NULL || due == NULL ? got != due : strcmp(got, due) != 0)
                fail_msg("%s: %s \"%s\" instead of \"%s\"", cases[i].text, j == 0 ? "found" : "expected",
                         got == NULL ? "nothing" : got, due == NULL ? "nothing" : due);
        }
        azattest_policy_report_free(report);
    }
}

/* What is certain, what is probable, and what only could be better. */
static void severities_follow_from_what_is_known(void **state)
{
    static const struct {
        const char *text, *type, *id, *severity;
    } cases[] = {
        { I("=>issue(type=\"exp\", value=1);"), NULL, "reserved-claim", "error" },
        { I("=>issue(type=\"x-ms-sgx-svn\", value=1);"), "SgxEnclave", "reserved-claim", "error" },
        { I("[type==\"x-ms-sgx-svn\"]=>issue(type=\"x-ms-sgx-product-id\", value=1);"), NULL, "reserved-claim",
          "warning" },
        { I("=>issue(type=\"tee\", value=\"tdx\");"), "TdxVm", "reserved-claim", "warning" },
        { I("c:[type==\"tdx_mrtd\"]=>issue(claim=c);"), "TdxVm", "reserved-claim", "note" },
        { I("c:[type==\"pcrs\"]=>issue(type=\"a\", value=c.value);"), NULL, "read-only-claim", "error" },
        { A("[type==\"x-ms-sgx-svn\", value==<svn>]=>permit();"), NULL, "placeholder", "error" },
        { I("=>issue(type=\"<name>\", value=1);"), NULL, "placeholder", "warning" },
        { A("[type==\"$svn\"]=>permit();"), NULL, "deprecated-claim", "note" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        azattest_policy_report *report = linted(cases[i].text, cases[i].type, false);
        const char *severity = "none";

        for (size_t j = 0; j < azattest_policy_report_count(report); j++)
            if (strcmp(azattest_policy_report_id(report, j), cases[i].id) == 0)
                severity = azattest_policy_report_severity(report, j);
        if (strcmp(severity, cases[i].severity) != 0)
            fail_msg("%s: %s", cases[i].text, severity);
        azattest_policy_report_free(report);
    }
}

/* A rule that is not understood may be the one that makes a claim, permits, or looks at debugging. */
static void what_a_broken_rule_may_have_said_is_not_missed(void **state)
{
    static const struct {
        const char *name, *text, *findings;
    } cases[] = {
        { "a claim made before", A("=>add(type=\"a\" value=1);[type==\"a\", issuer==\"AttestationPolicy\"]=>permit();"),
          "1 syntax" },
        { "a claim made behind", A("[type==\"a\", issuer==\"AttestationPolicy\"]=>permit();=>add(type=\"a\" value=1);"),
          "1 unmade-claim, 1 syntax" },
        { "a permit", A("=>permit;"), "1 syntax" },
        { "a look at a claim", A("=>add(type=\"a\", value=1);[type==\"a\"=>permit();"), "1 syntax" },
        { "a fault of the meaning alone", A("[type==\"vbsEnabled\"]=>add(type=\"a\", value=c.value);"),
          "1 never-permits, 1 unused-claim, 1 unbound-identifier" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        expect_findings(cases[i].name, cases[i].text, NULL, false, cases[i].findings);
}

static void places_are_characters_and_bytes(void **state)
{
    /* the name in front of the query has two bytes, an escape in the query three that are one */
    azattest_policy_report *report = linted(
        I("\nc:[type==\"events\"]=>issue(type=\"\xc3\xa9\", value=JmesPath(c.value, \"Events[? A != '\\\\w' && B == "
          "true]\"));"),
        "Tpm", false);
    size_t at = 0;

    (void)state;
    while (at < azattest_policy_report_count(report) &&
           strcmp(azattest_policy_report_id(report, at), "jmespath-literal") != 0)
        at++;
    assert_true(at < azattest_policy_report_count(report));
    assert_int_equal(azattest_policy_report_line(report, at), 2);
    assert_int_equal(azattest_policy_report_length(report, at), 2);
    assert_int_equal(azattest_policy_report_column(report, at), 87);
    azattest_policy_report_free(report);
}

/* Notes first, then warnings: what matters more takes the place of what matters less. */
static void a_full_report_keeps_what_matters_most(void **state)
{
    azattest_policy_report *report;
    azattest__buf text;

    (void)state;
    azattest__buf_init(&text, AZATTEST_LIMIT_POLICY);
    azattest__buf_append_text(&text, "version=1.2;authorizationrules{");
    for (int i = 0; i < 300; i++)
        azattest__buf_printf(&text, "[type==\"$svn\", value==%d]=>permit();", i);
    for (int i = 0; i < 10; i++)
        azattest__buf_printf(&text, "[type==\"x-ms-sgx-svn\", value==%d, value==1000]=>permit();", i);
    azattest__buf_append_text(&text, "};issuancerules{=>issue(type=\"exp\", value=1);};");
    report = linted((const char *)text.ptr, "SgxEnclave", false);
    assert_true(azattest_policy_report_is_cut(report));
    assert_int_equal(azattest_policy_report_count(report), AZATTEST_LIMIT_POLICY_DIAGNOSTICS);
    assert_int_equal(azattest_policy_report_error_count(report), 1);
    assert_int_equal(azattest_policy_report_warning_count(report), 10);
    azattest_policy_report_free(report);
    azattest__buf_free(&text);
}

static void wrong_use_is_refused(void **state)
{
    azattest_policy_parse_options options = AZATTEST_POLICY_PARSE_OPTIONS_INIT;
    azattest_policy_report *report = NULL;
    azattest_error *error = NULL;

    (void)state;
    expect(azattest_policy_lint(azattest__bytes(NULL, 0), NULL, &report, &error), &error, AZATTEST_E_ARGUMENT, "");
    expect(azattest_policy_lint(azattest__text("\xff"), NULL, &report, &error), &error, AZATTEST_E_ARGUMENT, "UTF-8");
    expect(azattest_policy_lint(azattest__text(A("")), NULL, NULL, &error), &error, AZATTEST_E_ARGUMENT, "nowhere");
    options.size = 0;
    expect(azattest_policy_lint(azattest__text(A("")), &options, &report, &error), &error, AZATTEST_E_ARGUMENT, "");
    assert_null(report);
    azattest_policy_report_free(NULL);
    assert_int_equal(azattest_policy_report_count(NULL), 0);
    assert_int_equal(azattest_policy_report_error_count(NULL), 0);
    assert_false(azattest_policy_report_is_cut(NULL));
    assert_null(azattest_policy_report_json(NULL).ptr);
    report = linted(A("=>permit();"), NULL, false);
    assert_int_equal(azattest_policy_report_count(report), 1);
    assert_non_null(azattest_policy_report_id(report, 0));
    assert_null(azattest_policy_report_id(report, 1));
    assert_null(azattest_policy_report_severity(report, 1));
    assert_null(azattest_policy_report_message(report, 1));
    assert_null(azattest_policy_report_found(report, 1));
    assert_null(azattest_policy_report_expected(report, 1));
    assert_int_equal(azattest_policy_report_line(report, 1), 0);
    assert_int_equal(azattest_policy_report_length(report, 1), 0);
    assert_ptr_equal(azattest_policy_report_json(report).ptr, azattest_policy_report_json(report).ptr);
    azattest_policy_report_free(report);
}

static void types_are_known_in_all_spellings(void **state)
{
    static const struct {
        const char *name;
        unsigned types;
    } cases[] = {
        { "SgxEnclave", AZATTEST__TYPE_SGX },
        { "openenclave", AZATTEST__TYPE_SGX },
        { "sgx", AZATTEST__TYPE_SGX },
        { "SevSnpVm", AZATTEST__TYPE_SNP },
        { "sevsnpvm", AZATTEST__TYPE_SNP },
        { "TdxVm", AZATTEST__TYPE_TDX },
        { "AzureGuest", AZATTEST__TYPE_GUEST },
        { "azurevm", AZATTEST__TYPE_GUEST },
        { "Tpm", AZATTEST__TYPE_TPM },
        { "VBS", AZATTEST__TYPE_TPM },
        { "vbs", AZATTEST__TYPE_TPM },
        { "sgx-enclave", AZATTEST__TYPE_SGX },
        { "tdx_vm", AZATTEST__TYPE_TDX },
        { NULL, AZATTEST__ANY_TYPE },
        { "", AZATTEST__ANY_TYPE },
        { "CyResComponent", 0 },
        { "Pluton", 0 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_int_equal(azattest__vocabulary_types(cases[i].name), cases[i].types);
}

static void the_service_keeps_its_names(void **state)
{
    static const struct {
        const char *name;
        unsigned type;
        bool reserved;
    } cases[] = {
        { "iss", AZATTEST__TYPE_TPM, true },          { "x-ms-policy-hash", AZATTEST__TYPE_GUEST, true },
        { "x-ms-sgx-svn", AZATTEST__TYPE_SGX, true }, { "x-ms-sgx-svn", AZATTEST__TYPE_SNP, false },
        { "svn", AZATTEST__TYPE_SGX, false },         { "tee", AZATTEST__TYPE_SGX, false },
        { "tee", AZATTEST__TYPE_TDX, false },         { "aas-ehd", AZATTEST__TYPE_SGX, true },
        { "aas-ehd", AZATTEST__TYPE_TPM, false },     { "secureBootEnabled", AZATTEST__TYPE_TPM, false },
        { "secureboot", AZATTEST__TYPE_GUEST, true }, { "mine", AZATTEST__TYPE_SGX, false },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        if (azattest__known_claim_is_reserved(cases[i].name, cases[i].type) != cases[i].reserved)
            fail_msg("%s", cases[i].name);
}

/* A name is there once for a type; an old name leads to one that is none. */
static void the_vocabulary_agrees_with_itself(void **state)
{
    const azattest__known_claim *claim, *other;

    (void)state;
    for (size_t i = 0; (claim = azattest__known_claim_at(i)) != NULL; i++) {
        for (size_t j = 0; j < i; j++) {
            other = azattest__known_claim_at(j);
            assert_true(strcmp(claim->name, other->name) != 0 || (claim->types & other->types) == 0);
        }
        if (claim->successor == NULL)
            continue;
        other = azattest__known_claim_find(claim->successor, claim->types);
        if (other == NULL || other->successor != NULL || (other->types & claim->types) != claim->types)
            fail_msg("%s", claim->name);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(comments_silence_what_they_stand_at),
        cmocka_unit_test(real_policies_are_judged_as_their_notes_say),
        cmocka_unit_test(valid_real_policies_have_no_errors_without_a_type),
        cmocka_unit_test(a_finding_says_what_it_found_and_what_would_do),
        cmocka_unit_test(severities_follow_from_what_is_known),
        cmocka_unit_test(what_a_broken_rule_may_have_said_is_not_missed),
        cmocka_unit_test(places_are_characters_and_bytes),
        cmocka_unit_test(a_full_report_keeps_what_matters_most),
        cmocka_unit_test(wrong_use_is_refused),
        cmocka_unit_test(types_are_known_in_all_spellings),
        cmocka_unit_test(the_service_keeps_its_names),
        cmocka_unit_test(the_vocabulary_agrees_with_itself),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
