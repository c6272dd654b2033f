/* Real HCL reports, TPM quotes and bundles: every field and outcome that an independent reader found there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <azattest/azattest.h>

#include "evidence.h"
#include "expect.h"
#include "json/json.h"

#define NOW INT64_C(1750000000000)

static azattest__json *facts;

static int setup(void **state)
{
    unsigned char *text;
    size_t len;

    (void)state;
    if (evidence_folder() == NULL)
        return 0;
    text = evidence_read("facts.json", &len);
    assert_int_equal(azattest__json_parse(azattest__bytes(text, len), &facts, NULL), AZATTEST_OK);
    free(text);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    azattest__json_free(facts);
    return 0;
}

static bool starts_with(const char *text, const char *start)
{
    return text != NULL && strncmp(text, start, strlen(start)) == 0;
}

static int outcome(const azattest_verification_result *result, const char *id)
{
    for (size_t i = 0; i < azattest_verification_result_check_count(result); i++)
        if (strcmp(azattest_verification_result_check_id(result, i), id) == 0)
            return azattest_verification_result_check_ok(result, i);
    return -2;
}

/* A fact of a check, where there is one, is its outcome. */
static void same_outcome(const char *file, const azattest__json *checks, const char *fact,
                         const azattest_verification_result *result, const char *id)
{
    bool expected;

    if (azattest__json_bool(azattest__json_get(checks, fact), &expected) && outcome(result, id) != (expected ? 1 : 0))
        fail_msg("%s: %s is %d, the fact %s is %d", file, id, outcome(result, id), fact, expected);
}

static void same_value(const char *file, const azattest__json *fact, const azattest__json *seen, const char *what)
{
    if (fact != NULL && !azattest__json_equal(fact, seen))
        fail_msg("%s: %s is not that of the facts", file, what);
}

/* Facts of an HCL report. */
static void compare_hcl(const char *file, const azattest__json *fact, const azattest__json *fields,
                        const azattest_verification_result *result)
{
    static const char *const names[][2] = {
        { "hcl_version", "version" },     { "report_size", "report_size" },          { "request_type", "request_type" },
        { "rt_version", "data_version" }, { "report_type", "report_type" },          { "tee", "report_type_name" },
        { "hash_type", "hash_type" },     { "variable_size", "runtime_claims_size" }
    };
    static const char *const snp_names[] = { "chip_id", "measurement", "report_data", "version", "vmpl" };
    const azattest__json *hcl = azattest__json_get(fields, "hcl"), *snp = azattest__json_get(fact, "snp"),
                         *checks = azattest__json_get(fact, "checks");

    assert_non_null(hcl);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        same_value(file, azattest__json_get(fact, names[i][0]), azattest__json_get(hcl, names[i][1]), names[i][1]);
    same_value(file, azattest__json_get(fact, "td_report_data"),
               azattest__json_get(azattest__json_get(hcl, "td_report"), "report_data"), "report data");
    same_value(file, azattest__json_get(fact, "vm_configuration"),
               azattest__json_get(azattest__json_get(fields, "runtime_claims"), "vm-configuration"), "configuration");
    for (size_t i = 0; snp != NULL && i < sizeof(snp_names) / sizeof(snp_names[0]); i++)
        same_value(file, azattest__json_get(snp, snp_names[i]),
                   azattest__json_get(azattest__json_get(fields, "snp"), snp_names[i]), snp_names[i]);
    same_outcome(file, checks, "runtime_data_binding", result, "runtime_claims_binding");
    same_outcome(file, checks, "tdinfo_hash", result, "hcl_structure");
    same_outcome(file, checks, "tee_tcb_info_hash", result, "hcl_structure");
}

static void compare_tpm(const char *file, const azattest__json *fact, const azattest__json *fields)
{
    const azattest__json *tpm = azattest__json_get(fields, "tpm");

    same_value(file, azattest__json_get(fact, "extra_data"), azattest__json_get(tpm, "nonce"), "nonce");
    same_value(file, azattest__json_get(fact, "pcr_digest"), azattest__json_get(tpm, "pcr_digest"), "digest");
    same_value(file, azattest__json_get(fact, "qualified_signer"), azattest__json_get(tpm, "qualified_signer"),
               "signer");
}

static void every_file_has_the_fields_and_outcomes_of_the_facts(void **state)
{
    azattest_verify_options options = AZATTEST_VERIFY_OPTIONS_INIT;
    size_t hcls = 0, tpms = 0, bundles = 0, refused = 0;

    (void)state;
    EVIDENCE_OR_SKIP();
    options.now_ms = NOW;
    for (const azattest__json *fact = azattest__json_first(facts); fact != NULL; fact = azattest__json_next(fact)) {
        const char *file = azattest__json_name(fact), *kind = azattest__json_get_string(fact, "kind");
        azattest_verification_result *result = NULL;
        azattest_evidence *evidence = NULL;
        azattest_error *error = NULL;
        azattest__json *fields = NULL;
        unsigned char *content;
        size_t len;

        if ((!starts_with(file, "hcl/") && !starts_with(file, "tpm/")) || strcmp(kind, "certificates") == 0 ||
            strcmp(kind, "unrecognised") == 0)
            continue;
        content = evidence_read(file, &len);
        if (strcmp(file, "hcl/neg-hcl-truncated.bin") == 0) {
            expect(azattest_evidence_load(azattest__bytes(content, len), &evidence, &error), &error,
                   AZATTEST_E_EVIDENCE, "runtime claims of 1110 bytes at offset 1236, only 64 bytes are there");
            free(content);
            refused++;
            continue;
        }
        expect(azattest_evidence_load(azattest__bytes(content, len), &evidence, &error), &error, AZATTEST_OK, NULL);
        expect(azattest_evidence_verify(evidence, &options, &result, &error), &error, AZATTEST_OK, NULL);
        assert_int_equal(azattest__json_parse(azattest_evidence_fields(evidence), &fields, NULL), AZATTEST_OK);
        if (strcmp(kind, "tpm_quote") == 0) {
            compare_tpm(file, fact, fields);
            tpms++;
        } else {
            const azattest__json *items = azattest__json_get(fact, "items");

            compare_hcl(file, items == NULL ? fact : azattest__json_first(items), fields, result);
            bundles += strcmp(azattest_evidence_kind(evidence), "azure_guest") == 0;
            hcls++;
        }
        /* Alone, without the certificates or the quote that belong to them, none of these can be valid. */
        if (strcmp(azattest_evidence_kind(evidence), "azure_guest") != 0)
            assert_false(azattest_verification_result_is_valid(result));
        azattest__json_free(fields);
        azattest_verification_result_free(result);
        azattest_evidence_free(evidence);
        free(content);
    }
    printf("%zu HCL reports (%zu in bundles), %zu TPM quotes, %zu refused\n", hcls, bundles, tpms, refused);
    assert_int_equal(hcls, 8);
    assert_int_equal(bundles, 2);
    assert_int_equal(tpms, 4);
    assert_int_equal(refused, 1);
}

/* An HCL report with the certificates of its machine, from the folder that holds them. */
static const struct chain_case {
    const char *name, *hcl, *certificates;
    bool valid;
} chains[] = {
    { "Milan with its own chain", "hcl/azure-snp-milan.hcl.bin", "hcl/azure-snp-milan.vcek.pem", true },
    { "Milan with changed claims", "hcl/neg-hcl-runtime-data.bin", "hcl/azure-snp-milan.vcek.pem", false },
    { "Genoa with the chain of Milan", "hcl/azure-snp-genoa.hcl.bin", "hcl/azure-snp-milan.vcek.pem", false },
    { "a machine whose certificate nobody has", "hcl/azure-snp-kinvolk.hcl.bin", "hcl/azure-snp-milan.vcek.pem",
      false },
};

static void a_report_with_its_chain(void **state)
{
    const struct chain_case *test = *state;
    azattest_verify_options options = AZATTEST_VERIFY_OPTIONS_INIT;
    azattest_guest_parts parts = AZATTEST_GUEST_PARTS_INIT;
    azattest_verification_result *result = NULL;
    azattest_evidence *evidence = NULL;
    azattest_error *error = NULL;
    unsigned char *hcl, *certificates;
    size_t hcl_len, certificates_len;

    EVIDENCE_OR_SKIP();
    hcl = evidence_read(test->hcl, &hcl_len);
    certificates = evidence_read(test->certificates, &certificates_len);
    parts.hcl_report = azattest__bytes(hcl, hcl_len);
    parts.certificates = azattest__bytes(certificates, certificates_len);
    options.now_ms = NOW;
    expect(azattest_evidence_new_guest(&parts, &evidence, &error), &error, AZATTEST_OK, NULL);
    expect(azattest_evidence_verify(evidence, &options, &result, &error), &error, AZATTEST_OK, NULL);
    if (azattest_verification_result_is_valid(result) != test->valid)
        fail_msg("%s", (const char *)azattest_verification_result_json(result).ptr);
    if (test->valid)
        assert_string_equal(azattest_verification_result_root(result), "amd");
    azattest_verification_result_free(result);
    azattest_evidence_free(evidence);
    free(certificates);
    free(hcl);
}

/* The bundle of Genoa has its VCEK alone; the authorities above it come from the caller. */
static void a_bundle_with_its_chain_as_collateral(void **state)
{
    static const char *const files[] = { "snp/genoa.ask.pem", "snp/genoa.ark.pem" };
    azattest_verify_options options = AZATTEST_VERIFY_OPTIONS_INIT;
    azattest_verification_result *result = NULL;
    azattest_collateral *collateral = NULL;
    azattest_evidence *evidence = NULL;
    azattest_error *error = NULL;
    unsigned char *content;
    size_t len;

    (void)state;
    EVIDENCE_OR_SKIP();
    expect(azattest_collateral_new(&collateral, &error), &error, AZATTEST_OK, NULL);
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        content = evidence_read(files[i], &len);
        expect(azattest_collateral_add(collateral, azattest__bytes(content, len), &error), &error, AZATTEST_OK, NULL);
        free(content);
    }
    content = evidence_read("hcl/azure-snp-genoa.evidence.json", &len);
    expect(azattest_evidence_load(azattest__bytes(content, len), &evidence, &error), &error, AZATTEST_OK, NULL);
    options.now_ms = NOW;
    options.collateral = collateral;
    expect(azattest_evidence_verify(evidence, &options, &result, &error), &error, AZATTEST_OK, NULL);
    if (!azattest_verification_result_is_valid(result))
        fail_msg("%s", (const char *)azattest_verification_result_json(result).ptr);
    assert_string_equal(azattest_verification_result_root(result), "amd");
    azattest_verification_result_free(result);
    azattest_evidence_free(evidence);
    azattest_collateral_free(collateral);
    free(content);
}

int main(void)
{
    static struct CMUnitTest tests[16];
    size_t count = 0;

    for (size_t i = 0; i < sizeof(chains) / sizeof(chains[0]); i++)
        tests[count++] =
            (struct CMUnitTest){ chains[i].name, a_report_with_its_chain, NULL, NULL, (void *)(uintptr_t)&chains[i] };
    tests[count++] = (struct CMUnitTest)cmocka_unit_test(every_file_has_the_fields_and_outcomes_of_the_facts);
    tests[count++] = (struct CMUnitTest)cmocka_unit_test(a_bundle_with_its_chain_as_collateral);
    return _cmocka_run_group_tests("guest_real", tests, count, setup, teardown);
}
