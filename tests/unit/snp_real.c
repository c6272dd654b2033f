/* Real SEV-SNP reports: every field and every verdict as an independent reader found them, and no bit of a report, of
 * its certificates or of what the caller said of them that does not count. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <azattest/azattest.h>

#include "base/encoding.h"
#include "evidence.h"
#include "evidence/amd/table.h"
#include "evidence/collateral/collateral.h"
#include "evidence/verdict/verification.h"
#include "json/json.h"

#define IN_2025 INT64_C(1750000000000) /* the VLEK lives */
#define IN_2026 INT64_C(1775000000000) /* all VCEKs do */

static azattest__json *facts;
static azattest_collateral *amd; /* every certificate there is */

static void add_file(azattest_collateral *collateral, const char *name)
{
    size_t len;
    unsigned char *file = evidence_read(name, &len);
    azattest_error *error = NULL;

    if (azattest_collateral_add(collateral, azattest__bytes(file, len), &error) != AZATTEST_OK)
        fail_msg("%s: %s", name, azattest_error_message(error));
    free(file);
}

static int set_up(void **state)
{
    size_t len;
    unsigned char *text;

    (void)state;
    if (evidence_folder() == NULL)
        return 0;
    text = evidence_read("facts.json", &len);
    assert_int_equal(azattest__json_parse(azattest__bytes(text, len), &facts, NULL), AZATTEST_OK);
    free(text);
    assert_int_equal(azattest_collateral_new(&amd, NULL), AZATTEST_OK);
    for (const azattest__json *fact = azattest__json_first(facts); fact != NULL; fact = azattest__json_next(fact)) {
        const char *name = azattest__json_name(fact), *kind = azattest__json_get_string(fact, "kind");

        if (kind != NULL && strcmp(kind, "certificates") == 0 &&
            (strncmp(name, "snp/", 4) == 0 || strncmp(name, "hcl/", 4) == 0))
            add_file(amd, name);
    }
    assert_true(azattest__collateral_amd(amd)->certificate_count >= 14);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    azattest__json_free(facts);
    azattest_collateral_free(amd);
    return 0;
}

static azattest_evidence *parsed(azattest_bytes report)
{
    azattest_evidence *evidence = NULL;
    azattest_error *error = NULL;

    if (azattest_evidence_load(report, &evidence, &error) != AZATTEST_OK)
        fail_msg("%s", azattest_error_message(error));
    return evidence;
}

static azattest_evidence *parsed_file(const char *name)
{
    size_t len;
    unsigned char *file = evidence_read(name, &len);
    azattest_evidence *evidence = parsed(azattest__bytes(file, len));

    free(file);
    return evidence;
}

static azattest_verify_options at(int64_t now_ms)
{
    azattest_verify_options options = AZATTEST_VERIFY_OPTIONS_INIT;

    options.now_ms = now_ms;
    options.collateral = amd;
    return options;
}

static azattest_verification_result *verified(const azattest_evidence *evidence, const azattest_verify_options *options)
{
    azattest_verification_result *result = NULL;
    azattest_error *error = NULL;

    if (azattest_evidence_verify(evidence, options, &result, &error) != AZATTEST_OK)
        fail_msg("%s", azattest_error_message(error));
    return result;
}

static int outcome(const azattest_verification_result *result, const char *id)
{
    for (size_t i = 0; azattest_verification_result_check_id(result, i) != NULL; i++)
        if (strcmp(azattest_verification_result_check_id(result, i), id) == 0)
            return azattest_verification_result_check_ok(result, i);
    fail_msg("no check %s", id);
    return -1;
}

static const char *detail(const azattest_verification_result *result, const char *id)
{
    for (size_t i = 0; azattest_verification_result_check_id(result, i) != NULL; i++)
        if (strcmp(azattest_verification_result_check_id(result, i), id) == 0)
            return azattest_verification_result_check_detail(result, i);
    fail_msg("no check %s", id);
    return NULL;
}

static bool leaves(const azattest_verification_result *result, const char *id)
{
    for (size_t i = 0; azattest_verification_result_not_checked(result, i) != NULL; i++)
        if (strcmp(azattest_verification_result_not_checked(result, i), id) == 0)
            return true;
    return false;
}

/* Verifies a report (freed), with all certificates, and expects that these checks fail, comma after each, and no other;
 * none: it is valid. */
static void expect(azattest_evidence *evidence, const azattest_verify_options *options, const char *failing)
{
    azattest_verification_result *result = verified(evidence, options);
    char seen[512] = "";

    for (size_t i = 0; azattest_verification_result_check_id(result, i) != NULL; i++)
        if (azattest_verification_result_check_ok(result, i) == 0) {
            strcat(seen, azattest_verification_result_check_id(result, i));
            strcat(seen, ",");
        }
    if (strcmp(seen, failing) != 0)
        fail_msg("failing: \"%s\", expected \"%s\": %s", seen, failing,
                 (const char *)azattest_verification_result_json(result).ptr);
    assert_int_equal(azattest_verification_result_is_valid(result), failing[0] == '\0');
    azattest_verification_result_free(result);
    azattest_evidence_free(evidence);
}

/* ---- every file ---- */

static bool check_is(const azattest__json *fact, const char *name)
{
    bool value = false;

    return azattest__json_bool(azattest__json_get(azattest__json_get(fact, "checks"), name), &value) && value;
}

static void judge(const char *name, const azattest__json *fact)
{
    bool vlek = strcmp(azattest__json_get_string(fact, "signing_key"), "VLEK") == 0, debug = false;
    azattest_verify_options options = at(vlek ? IN_2025 : IN_2026);
    azattest_evidence *evidence = parsed_file(name);
    azattest_verification_result *result = verified(evidence, &options);
    bool signed_well = check_is(fact, "report_sig");

    if (azattest_verification_result_is_valid(result) != signed_well)
        fail_msg("%s: %s", name, (const char *)azattest_verification_result_json(result).ptr);
    assert_int_equal(outcome(result, "report_signature"), signed_well);
    assert_string_equal(azattest_verification_result_root(result), "amd");
    assert_true(leaves(result, "revocation"));
    assert_false(leaves(result, "vcek"));
    assert_true(azattest__json_bool(azattest__json_get(fact, "debug_allowed"), &debug));
    assert_int_equal(azattest_evidence_is_debuggable(evidence), debug);
    assert_int_equal(azattest_verification_result_warning_count(result), debug ? 1 : 0);
    azattest_verification_result_free(result);
    options.allow_debug = AZATTEST_OFF;
    if (signed_well)
        expect(evidence, &options, debug ? "debug," : "");
    else
        azattest_evidence_free(evidence);
}

static void every_report_has_the_verdict_that_its_facts_state(void **state)
{
    size_t good = 0, bad = 0;

    (void)state;
    EVIDENCE_OR_SKIP();
    for (const azattest__json *fact = azattest__json_first(facts); fact != NULL; fact = azattest__json_next(fact)) {
        const char *kind = azattest__json_get_string(fact, "kind");

        if (kind == NULL || strcmp(kind, "snp_report") != 0)
            continue;
        judge(azattest__json_name(fact), fact);
        good += check_is(fact, "report_sig") ? 1 : 0;
        bad += check_is(fact, "report_sig") ? 0 : 1;
    }
    assert_true(good >= 6);
    assert_true(bad >= 2);
}

static void same_hex(const char *name, const azattest__json *fact, const char *member, azattest_bytes seen)
{
    azattest__buf hex;

    azattest__buf_init(&hex, 1024);
    azattest__hex_encode(seen, &hex);
    if (strcmp((const char *)hex.ptr, azattest__json_get_string(fact, member)) != 0)
        fail_msg("%s: %s is %s", name, member, (const char *)hex.ptr);
    azattest__buf_free(&hex);
}

static void same_tcb(const char *name, const azattest__json *fact, const azattest__json *snp, const char *member)
{
    if (strcmp(azattest__json_get_string(azattest__json_get(snp, member), "bytes"),
               azattest__json_get_string(fact, member)) != 0)
        fail_msg("%s: %s", name, member);
}

static void same_text(const char *name, const azattest__json *fact, const char *fact_name, const azattest__json *snp,
                      const char *member)
{
    if (strcmp(azattest__json_get_string(fact, fact_name), azattest__json_get_string(snp, member)) != 0)
        fail_msg("%s: %s", name, member);
}

static void compare_fields(const char *name, const azattest__json *fact)
{
    azattest_evidence *evidence = parsed_file(name);
    azattest__json *fields = NULL;
    const azattest__json *snp;
    char cpuid[16];
    int64_t number;

    assert_string_equal(azattest_evidence_kind(evidence), "snp_report");
    same_hex(name, fact, "measurement", azattest_evidence_measurement(evidence));
    same_hex(name, fact, "report_data", azattest_evidence_report_data(evidence));
    same_hex(name, fact, "host_data", azattest_evidence_host_data(evidence));
    same_hex(name, fact, "chip_id", azattest_evidence_chip_id(evidence));
    same_hex(name, fact, "report_id", azattest_evidence_report_id(evidence));
    same_hex(name, fact, "id_key_digest", azattest_evidence_id_key_digest(evidence));
    assert_true(azattest__json_integer(azattest__json_get(fact, "guest_svn"), &number));
    assert_int_equal(azattest_evidence_guest_svn(evidence), number);
    assert_true(azattest__json_integer(azattest__json_get(fact, "vmpl"), &number));
    assert_int_equal(azattest_evidence_vmpl(evidence), number);
    assert_true(azattest__json_integer(azattest__json_get(fact, "version"), &number));
    assert_int_equal(azattest_evidence_version(evidence), number);
    assert_int_equal(azattest__json_parse(azattest_evidence_fields(evidence), &fields, NULL), AZATTEST_OK);
    snp = azattest__json_get(fields, "snp");
    same_tcb(name, fact, snp, "reported_tcb");
    same_tcb(name, fact, snp, "committed_tcb");
    same_tcb(name, fact, snp, "current_tcb");
    same_tcb(name, fact, snp, "launch_tcb");
    same_text(name, fact, "policy", snp, "policy");
    same_text(name, fact, "flags", snp, "key_info");
    same_text(name, fact, "signing_key", snp, "signing_key");
    assert_true(azattest__json_is_null(azattest__json_get(snp, "reserved")));
    if (azattest__json_get_string(fact, "cpuid_fam_mod_step") != NULL) {
        int64_t parts[3];

        for (size_t i = 0; i < 3; i++)
            assert_true(
                azattest__json_integer(azattest__json_get(azattest__json_get(snp, "cpuid"),
                                                          ((const char *[]){ "family", "model", "stepping" })[i]),
                                       &parts[i]));
        snprintf(cpuid, sizeof(cpuid), "%02x/%02x/%02x", (unsigned)parts[0], (unsigned)parts[1], (unsigned)parts[2]);
        assert_string_equal(cpuid, azattest__json_get_string(fact, "cpuid_fam_mod_step"));
        assert_string_equal(azattest_evidence_snp_product(evidence), parts[1] == 0x11 ? "Genoa" : "Milan");
    } else {
        assert_null(azattest_evidence_snp_product(evidence));
    }
    azattest__json_free(fields);
    azattest_evidence_free(evidence);
}

static void every_field_is_the_one_of_the_facts(void **state)
{
    size_t count = 0;

    (void)state;
    EVIDENCE_OR_SKIP();
    for (const azattest__json *fact = azattest__json_first(facts); fact != NULL; fact = azattest__json_next(fact)) {
        const char *kind = azattest__json_get_string(fact, "kind");

        if (kind == NULL || strcmp(kind, "snp_report") != 0)
            continue;
        compare_fields(azattest__json_name(fact), fact);
        count++;
    }
    assert_true(count >= 8);
}

/* The same report inside one of Azure's paravisor, and in a guest's bundle, which brings its VCEK alone. */
static void a_report_inside_an_hcl_report_is_judged_alike(void **state)
{
    static const char *const checks[][2] = { { "report_sig", "report_signature" },
                                             { "chip_id_matches", "chip_id" },
                                             { "tcb_matches", "vcek_tcb" },
                                             { "chain_to_ark", "ark_root" },
                                             { "runtime_data_binding", "runtime_claims_binding" } };
    size_t count = 0;

    (void)state;
    EVIDENCE_OR_SKIP();
    for (const azattest__json *fact = azattest__json_first(facts); fact != NULL; fact = azattest__json_next(fact)) {
        const char *name = azattest__json_name(fact), *kind = azattest__json_get_string(fact, "kind");
        const azattest__json *snp = azattest__json_get(fact, "snp");
        azattest_verify_options options = at(IN_2025);
        azattest_verification_result *result;
        azattest_evidence *evidence = NULL;
        unsigned char *file;
        bool good = true;
        size_t len;

        if (kind == NULL || strcmp(kind, "hcl_report") != 0 || snp == NULL)
            continue;
        file = evidence_read(name, &len);
        if (azattest_evidence_load(azattest__bytes(file, len), &evidence, NULL) == AZATTEST_OK) {
            same_hex(name, snp, "chip_id", azattest_evidence_chip_id(evidence));
            same_hex(name, snp, "measurement", azattest_evidence_measurement(evidence));
            same_hex(name, snp, "reported_tcb", azattest_evidence_reported_tcb(evidence));
            assert_string_equal(azattest_evidence_tee(evidence), "snp");
            result = verified(evidence, &options);
            for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
                bool expected = check_is(fact, checks[i][0]);

                if (azattest__json_get(azattest__json_get(fact, "checks"), checks[i][0]) == NULL)
                    continue;
                good = good && expected;
                if (outcome(result, checks[i][1]) != (expected ? 1 : 0))
                    fail_msg("%s: %s", name, (const char *)azattest_verification_result_json(result).ptr);
            }
            if (azattest_verification_result_is_valid(result) != good)
                fail_msg("%s: %s", name, (const char *)azattest_verification_result_json(result).ptr);
            azattest_verification_result_free(result);
            azattest_evidence_free(evidence);
            count++;
        } else {
            assert_string_equal(name, "hcl/neg-hcl-truncated.bin");
        }
        free(file);
    }
    assert_true(count >= 5);
}

/* ---- what a report says ---- */

static unsigned char *copied(const char *name, unsigned char copy[AZATTEST__SNP_REPORT_SIZE])
{
    size_t len;
    unsigned char *file = evidence_read(name, &len);

    assert_int_equal(len, AZATTEST__SNP_REPORT_SIZE);
    memcpy(copy, file, len);
    free(file);
    return copy;
}

#define MILAN "snp/milan-v3.report.bin"
#define VLEK "snp/vlek-v3.report.bin"
#define GOOGLE "snp/milan-v2-google.report.bin"

/* One byte of a genuine report, and every check that it fails. The signature covers the first 672 bytes. */
static const struct {
    const char *name, *file;
    unsigned offset, value;
    const char *failing;
} bytes_changed[] = {
    { "nothing", MILAN, 0x50, 0, "" },
    { "the host asked for the report", MILAN, 0x30, 0xff, "report_signature,vmpl," },
    { "another signature algorithm", MILAN, 0x34, 2, "report_signature," },
    { "the key is said to be a VLEK", MILAN, 0x48, 4, "report_signature,vcek_validity,vcek_tcb," },
    { "the key is said to be a VCEK", VLEK, 0x48, 0, "report_signature,vcek_tcb,chip_id," },
    { "no key is said to have signed", MILAN, 0x48, 7 << 2, "signing_key,report_signature," },
    { "a reserved kind of key", MILAN, 0x48, 3 << 2, "signing_key,report_signature," },
    { "report data", MILAN, 0x50, 1, "report_signature," },
    { "the last signed byte", MILAN, 0x29f, 1, "report_signature," },
    { "reported boot loader", MILAN, 0x180, 9, "report_signature,vcek_tcb," },
    { "reported TEE", MILAN, 0x181, 9, "report_signature,vcek_tcb," },
    { "a reserved part of the reported TCB", MILAN, 0x183, 9, "report_signature,vcek_tcb," },
    { "reported SNP", MILAN, 0x186, 9, "report_signature,vcek_tcb," },
    { "reported microcode", MILAN, 0x187, 9, "report_signature,vcek_tcb," },
    { "the CPUID of Genoa", MILAN, 0x189, 0x11, "report_signature,product," },
    { "a CPUID that is not known", MILAN, 0x189, 0x77, "report_signature,product," },
    { "the CPUID of Turin, which has another layout", MILAN, 0x188, 0x1a, "report_signature,product,vcek_tcb," },
    { "the chip", MILAN, 0x1a0, 0, "report_signature,chip_id," },
    { "the last byte of the chip", MILAN, 0x1df, 0, "report_signature,chip_id," },
    { "r", MILAN, 0x2a0, 0, "report_signature," },
    { "r beyond P-384", MILAN, 0x2a0 + 48, 1, "report_signature," },
    { "the top byte of r", MILAN, 0x2a0 + 71, 1, "report_signature," },
    { "s", MILAN, 0x2e8, 0, "report_signature," },
    { "s beyond P-384", MILAN, 0x2e8 + 48, 1, "report_signature," },
    { "the top byte of s", MILAN, 0x2e8 + 71, 1, "report_signature," },
};

static void each_byte_counts(void **state)
{
    (void)state;
    EVIDENCE_OR_SKIP();
    for (size_t i = 0; i < sizeof(bytes_changed) / sizeof(bytes_changed[0]); i++) {
        unsigned char report[AZATTEST__SNP_REPORT_SIZE];
        bool vlek = strcmp(bytes_changed[i].file, VLEK) == 0;
        azattest_verify_options options = at(vlek ? IN_2025 : IN_2026);
        const char *failing = bytes_changed[i].failing;

        copied(bytes_changed[i].file, report);
        report[bytes_changed[i].offset] = (unsigned char)bytes_changed[i].value;
        if (bytes_changed[i].offset == 0x30)
            memset(report + 0x30, 0xff, 4);
        print_message("%s\n", bytes_changed[i].name);
        expect(parsed(azattest__bytes(report, sizeof(report))), &options, failing);
    }
}

/* Big-endian scalars, r and s that change places, zero and the order of the group: none is a signature. */
static void scalars_in_any_other_form_are_refused(void **state)
{
    static const unsigned char order[48] = {
        0x73, 0x29, 0xc5, 0xcc, 0x6a, 0x19, 0xec, 0xec, 0x7a, 0xa7, 0xb0, 0x48, 0xb2, 0x0d, 0x1a, 0x58,
        0xdf, 0x2d, 0x37, 0xf4, 0x81, 0x4d, 0x63, 0xc7, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    };
    azattest_verify_options options = at(IN_2026);
    unsigned char report[AZATTEST__SNP_REPORT_SIZE], genuine[AZATTEST__SNP_REPORT_SIZE];

    (void)state;
    EVIDENCE_OR_SKIP();
    copied(MILAN, genuine);
    for (int form = 0; form < 5; form++) {
        unsigned char *r = report + 0x2a0, *s = report + 0x2e8;

        memcpy(report, genuine, sizeof(report));
        for (size_t i = 0; i < 48 && form == 0; i++) {
            r[i] = genuine[0x2a0 + 47 - i];
            s[i] = genuine[0x2e8 + 47 - i];
        }
        if (form == 1) {
            memcpy(r, genuine + 0x2e8, 72);
            memcpy(s, genuine + 0x2a0, 72);
        }
        if (form == 2)
            memset(r, 0, 144);
        if (form == 3)
            memcpy(r, order, sizeof(order));
        if (form == 4)
            memcpy(s, order, sizeof(order));
        expect(parsed(azattest__bytes(report, sizeof(report))), &options, "report_signature,");
    }
}

static void a_masked_chip_id_needs_a_vlek_or_the_callers_leave(void **state)
{
    azattest_verify_options options = at(IN_2026);
    unsigned char report[AZATTEST__SNP_REPORT_SIZE];

    (void)state;
    EVIDENCE_OR_SKIP();
    copied(MILAN, report);
    memset(report + 0x1a0, 0, 64);
    expect(parsed(azattest__bytes(report, sizeof(report))), &options, "report_signature,chip_id,");
    options.allow_masked_chip_id = AZATTEST_ON;
    expect(parsed(azattest__bytes(report, sizeof(report))), &options, "report_signature,");
    options = at(IN_2025);
    expect(parsed_file(VLEK), &options, "");
}

/* ---- certificates at hand ---- */

static void without_a_certificate_nothing_is_valid(void **state)
{
    azattest_verify_options options = at(IN_2026);
    azattest_evidence *evidence;
    azattest_verification_result *result;
    azattest_collateral *empty = NULL;

    (void)state;
    EVIDENCE_OR_SKIP();
    assert_int_equal(azattest_collateral_new(&empty, NULL), AZATTEST_OK);
    evidence = parsed_file(MILAN);
    for (int i = 0; i < 2; i++) {
        options.collateral = i == 0 ? NULL : empty;
        result = verified(evidence, &options);
        assert_false(azattest_verification_result_is_valid(result));
        assert_int_equal(outcome(result, "report_signature"), -1);
        assert_int_equal(outcome(result, "structure"), 1);
        for (size_t j = 0; j < azattest_verification_result_check_count(result); j++) {
            const char *id = azattest_verification_result_check_id(result, j);

            assert_int_equal(azattest_verification_result_check_required(result, j),
                             strcmp(id, "vcek") != 0 && strcmp(id, "revocation") != 0);
        }
        assert_true(leaves(result, "vcek"));
        assert_true(leaves(result, "revocation"));
        assert_null(azattest_verification_result_root(result));
        azattest_verification_result_free(result);
    }
    azattest_evidence_free(evidence);
    azattest_collateral_free(empty);
}

/* Which files are at hand, and what fails then. */
static const struct {
    const char *report, *files[4], *failing;
    int64_t now_ms;
} at_hand[] = {
    { MILAN, { "snp/milan-v3.vcek.pem", "snp/milan.ask.pem", "snp/milan.ark.pem" }, "", IN_2026 },
    { MILAN, { "snp/milan.ark.pem", "snp/milan.ask.pem", "snp/milan-v3.vcek.pem" }, "", IN_2026 },
    { MILAN, { "snp/milan-v3.vcek.pem", "snp/milan.ask.pem" }, "vcek_chain,", IN_2026 },
    { MILAN, { "snp/milan-v3.vcek.pem", "snp/milan.ark.pem" }, "vcek_chain,", IN_2026 },
    { MILAN, { "snp/milan-v3.vcek.pem", "snp/genoa.ask.pem", "snp/genoa.ark.pem" }, "vcek_chain,", IN_2026 },
    { MILAN, { "snp/milan-v3.vcek.pem", "snp/milan.ask_ark_vlek.pem" }, "vcek_chain,", IN_2026 },
    { MILAN, { "snp/azure-aci-20250617.chain.pem" }, "report_signature,chip_id,", IN_2026 },
    { MILAN, { "snp/azure-aci-milan-v2.chain.pem" }, "report_signature,vcek_tcb,chip_id,", IN_2026 },
    { MILAN,
      { "snp/genoa-v3.vcek.pem", "snp/genoa.ask.pem", "snp/genoa.ark.pem" },
      "report_signature,product,vcek_tcb,chip_id,",
      IN_2026 },
    { MILAN,
      { "snp/vlek-v3.vlek.der", "snp/milan.ask_ark_vlek.pem" },
      "signing_key,report_signature,vcek_tcb,",
      IN_2025 },
    { MILAN, { "snp/milan-v3.vcek.pem", "snp/milan.ask.pem", "snp/milan.ark.pem" }, "vcek_validity,", IN_2025 },
    { VLEK, { "snp/vlek-v3.vlek.der", "snp/milan.ask_ark_vlek.pem" }, "", IN_2025 },
    { VLEK, { "snp/vlek-v3.vlek.der", "snp/milan.ask_ark_vlek.pem" }, "vcek_validity,", IN_2026 },
    { VLEK, { "snp/vlek-v3.vlek.der", "snp/milan.ask.pem", "snp/milan.ark.pem" }, "vcek_chain,", IN_2025 },
    { VLEK,
      { "snp/milan-v3.vcek.pem", "snp/milan.ask.pem", "snp/milan.ark.pem" },
      "signing_key,report_signature,vcek_tcb,chip_id,",
      IN_2026 },
    { "snp/azure-aci-milan-v2.report.bin", { "snp/azure-aci-milan-v2.host-amd-cert.json" }, "", IN_2026 },
    { GOOGLE, { "snp/milan-v2-google.vcek.der", "snp/milan.ask.pem", "snp/milan.ark.pem" }, "", IN_2026 },
};

static void the_certificates_at_hand_decide(void **state)
{
    (void)state;
    EVIDENCE_OR_SKIP();
    for (size_t i = 0; i < sizeof(at_hand) / sizeof(at_hand[0]); i++) {
        azattest_verify_options options = at(at_hand[i].now_ms);
        azattest_collateral *collateral = NULL;

        assert_int_equal(azattest_collateral_new(&collateral, NULL), AZATTEST_OK);
        for (size_t j = 0; j < 4 && at_hand[i].files[j] != NULL; j++)
            add_file(collateral, at_hand[i].files[j]);
        options.collateral = collateral;
        print_message("%zu\n", i);
        expect(parsed_file(at_hand[i].report), &options, at_hand[i].failing);
        azattest_collateral_free(collateral);
    }
}

static void a_host_document_must_name_the_reported_tcb(void **state)
{
    azattest_verify_options options = at(IN_2026);
    azattest_collateral *collateral = NULL;
    size_t len;
    unsigned char *file;

    (void)state;
    EVIDENCE_OR_SKIP();
    for (int i = 0; i < 2; i++) {
        char *tcbm;

        file = evidence_read("snp/azure-aci-milan-v2.host-amd-cert.json", &len);
        assert_non_null(tcbm = strstr((char *)file, "7308000000000003"));
        tcbm[1] = i == 0 ? '3' : '4';
        assert_int_equal(azattest_collateral_new(&collateral, NULL), AZATTEST_OK);
        assert_int_equal(azattest_collateral_add(collateral, azattest__bytes(file, len), NULL), AZATTEST_OK);
        options.collateral = collateral;
        expect(parsed_file("snp/azure-aci-milan-v2.report.bin"), &options, i == 0 ? "" : "tcbm,");
        azattest_collateral_free(collateral);
        free(file);
    }
}

/* ---- what stands behind a report ---- */

static void bytes_behind_a_report(void **state)
{
    static const struct {
        size_t more;
        unsigned value;
        const char *failing;
    } cases[] = { { 1, 0, "" }, { 4096, 0, "" }, { 1, 1, "trailing_bytes," }, { 300, 7, "trailing_bytes," } };

    (void)state;
    EVIDENCE_OR_SKIP();
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        unsigned char *buffer = malloc(AZATTEST__SNP_REPORT_SIZE + cases[i].more);
        azattest_verify_options options = at(IN_2026);

        copied(MILAN, buffer);
        memset(buffer + AZATTEST__SNP_REPORT_SIZE, (int)cases[i].value, cases[i].more);
        expect(parsed(azattest__bytes(buffer, AZATTEST__SNP_REPORT_SIZE + cases[i].more)), &options, cases[i].failing);
        free(buffer);
    }
}

/* An extended report: the table of certificates behind it. */
static void put_le32(unsigned char *p, size_t value)
{
    for (size_t i = 0; i < 4; i++)
        p[i] = (unsigned char)(value >> 8 * i);
}

static size_t add_entry(unsigned char *table, size_t index, const unsigned char guid[16], const char *file, size_t end)
{
    size_t len;
    unsigned char *content = evidence_read(file, &len);

    memcpy(table + 24 * index, guid, 16);
    put_le32(table + 24 * index + 16, end);
    put_le32(table + 24 * index + 20, len);
    memcpy(table + end, content, len);
    free(content);
    return end + len;
}

static const unsigned char vcek_guid[16] = { 0x63, 0xda, 0x75, 0x8d, 0xe6, 0x64, 0x45, 0x64,
                                             0xad, 0xc5, 0xf4, 0xb9, 0x3b, 0xe8, 0xac, 0xcd };
static const unsigned char ask_guid_mixed[16] = { 0x79, 0xb3, 0xb7, 0x4a, 0xac, 0xbb, 0xe4, 0x4f,
                                                  0xa0, 0x2f, 0x05, 0xae, 0xf3, 0x27, 0xc7, 0x82 };
static const unsigned char ark_guid[16] = { 0xc0, 0xb4, 0x06, 0xa4, 0xa8, 0x03, 0x49, 0x52,
                                            0x97, 0x43, 0x3f, 0xb6, 0x01, 0x4c, 0xd0, 0xae };
static const unsigned char other_guid[16] = { 1, 2, 3 };

static size_t extended_report(unsigned char buffer[32768])
{
    unsigned char *table = buffer + AZATTEST__SNP_REPORT_SIZE;
    size_t end = 24 * 5;

    memset(buffer, 0, 32768);
    copied(MILAN, buffer);
    end = add_entry(table, 0, vcek_guid, "snp/milan-v3.vcek.pem", end);
    end = add_entry(table, 1, ask_guid_mixed, "snp/milan.ask.pem", end);
    end = add_entry(table, 2, ark_guid, "snp/milan.ark.pem", end);
    end = add_entry(table, 3, other_guid, MILAN, end);
    return AZATTEST__SNP_REPORT_SIZE + end;
}

static void an_extended_report_brings_its_certificates(void **state)
{
    static unsigned char buffer[32768];
    azattest_verify_options options = at(IN_2026);
    azattest_verification_result *result;
    azattest_evidence *evidence;
    size_t size;

    (void)state;
    EVIDENCE_OR_SKIP();
    size = extended_report(buffer);
    options.collateral = NULL;
    expect(parsed(azattest__bytes(buffer, size)), &options, "");
    /* The rest of its buffer, and bytes that no entry names. */
    expect(parsed(azattest__bytes(buffer, size + 100)), &options, "");
    buffer[size + 50] = 1;
    expect(parsed(azattest__bytes(buffer, size + 100)), &options, "trailing_bytes,");
    /* An entry that reaches beyond the table's buffer: nothing of it is used, and the verdict says so. */
    put_le32(buffer + AZATTEST__SNP_REPORT_SIZE + 20, 0xfffffff0u);
    evidence = parsed(azattest__bytes(buffer, size));
    result = verified(evidence, &options);
    assert_false(azattest_verification_result_is_valid(result));
    assert_non_null(strstr(detail(result, "report_signature"), "certificate table: entry 0"));
    azattest_verification_result_free(result);
    /* With good ones from the caller it is a warning. */
    options.collateral = amd;
    result = verified(evidence, &options);
    assert_true(azattest_verification_result_is_valid(result));
    assert_int_equal(azattest_verification_result_warning_count(result), 1);
    azattest_verification_result_free(result);
    azattest_evidence_free(evidence);
}

/* The document of a request, and a request that holds it: the report verifies by its own chain, and binds its data. */
static char *document_of(const char *report_name, const char *chain_name, bool wrapped)
{
    size_t report_len, chain_len;
    unsigned char *report = evidence_read(report_name, &report_len), *chain = evidence_read(chain_name, &chain_len);
    azattest__json *document = azattest__json_new_object(), *request = azattest__json_new_object();
    azattest__buf text, outer;

    azattest__buf_init(&text, 1 << 20);
    azattest__buf_init(&outer, 1 << 20);
    azattest__json_put_base64url(document, "SnpReport", azattest__bytes(report, report_len));
    azattest__json_put_base64url(document, "VcekCertChain", azattest__bytes(chain, chain_len));
    assert_int_equal(azattest__json_print(document, false, &text, NULL), AZATTEST_OK);
    azattest__json_put_base64url(request, "report", azattest__buf_bytes(&text));
    assert_int_equal(azattest__json_print(request, false, &outer, NULL), AZATTEST_OK);
    azattest__json_free(document);
    azattest__json_free(request);
    free(report);
    free(chain);
    if (wrapped) {
        azattest__buf_free(&text);
        return (char *)azattest__buf_take(&outer, NULL);
    }
    azattest__buf_free(&outer);
    return (char *)azattest__buf_take(&text, NULL);
}

static void a_document_with_its_chain_verifies_alone(void **state)
{
    azattest_verify_options options = at(IN_2026);

    (void)state;
    EVIDENCE_OR_SKIP();
    options.collateral = NULL;
    for (int wrapped = 0; wrapped < 2; wrapped++) {
        char *text = document_of("snp/azure-aci-20250617.report.bin", "snp/azure-aci-20250617.chain.pem", wrapped == 1);
        azattest_evidence *evidence = parsed(azattest__text(text));

        assert_string_equal(azattest_evidence_form(evidence), "json");
        expect(evidence, &options, "");
        free(text);
        /* The chain of another machine. */
        text = document_of(MILAN, "snp/azure-aci-20250617.chain.pem", wrapped == 1);
        expect(parsed(azattest__text(text)), &options, "report_signature,chip_id,");
        free(text);
    }
}

static const struct {
    const char *name, *text, *message;
} bad_documents[] = {
    { "a short report", "{\"SnpReport\":\"AAAA\"}", "\"SnpReport\" has 3 bytes, expected 1184" },
    { "a report that is a number", "{\"SnpReport\":1}", "\"SnpReport\" is not a string" },
    { "a report that is no base64", "{\"SnpReport\":\"?\"}", "\"SnpReport\": not base64" },
    { "a request around another document", "{\"report\":\"e30\"}", "no \"SnpReport\"" },
    { "a request around no document", "{\"report\":\"ew\"}", "JSON document" },
};

static void documents_that_hold_no_report(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(bad_documents) / sizeof(bad_documents[0]); i++) {
        azattest_evidence *evidence = NULL;
        azattest_error *error = NULL;

        assert_int_not_equal(azattest_evidence_load(azattest__text(bad_documents[i].text), &evidence, &error),
                             AZATTEST_OK);
        assert_null(evidence);
        if (strstr(azattest_error_message(error), bad_documents[i].message) == NULL)
            fail_msg("%s: %s", bad_documents[i].name, azattest_error_message(error));
        azattest_error_free(error);
    }
}

/* Cut at every byte: never more than the whole has, and no byte read behind the end (ASan). */
static void cut_at_every_byte(void **state)
{
    static unsigned char buffer[32768];
    azattest__amd_table table;
    size_t size;

    (void)state;
    EVIDENCE_OR_SKIP();
    size = extended_report(buffer);
    for (size_t len = 0; len < size; len += len < 1400 ? 1 : 97) {
        unsigned char *copy = malloc(len == 0 ? 1 : len);
        azattest_evidence *evidence = NULL;

        memcpy(copy, buffer, len);
        assert_int_equal(azattest_evidence_parse(azattest__bytes(copy, len), &evidence, NULL) == AZATTEST_OK,
                         len >= AZATTEST__SNP_REPORT_SIZE);
        azattest_evidence_free(evidence);
        free(copy);
    }
    for (size_t len = 0; len < 24 * 5 + 1400; len++) {
        unsigned char *copy = malloc(len == 0 ? 1 : len);

        memcpy(copy, buffer + AZATTEST__SNP_REPORT_SIZE, len);
        assert_int_not_equal(azattest__amd_table_read(azattest__bytes(copy, len), &table, NULL), AZATTEST_OK);
        free(copy);
    }
}

/* ---- bits without a meaning ---- */

static const struct {
    const char *name;
    unsigned offset, bit;
    const char *message;
} unknown[] = {
    { "policy bit 26", 0x0b, 2, "guest policy bits 0x4000000" },
    { "policy bit 63", 0x0f, 7, "guest policy bits 0x8000000000000000" },
    { "platform bit 6", 0x40, 6, "platform information bits 0x40" },
    { "platform bit 8", 0x41, 0, "platform information bits 0x100" },
    { "platform bit 63", 0x47, 7, "platform information bits 0x8000000000000000" },
    { "key information bit 5", 0x48, 5, "key information bits 0x20" },
    { "key information bit 31", 0x4b, 7, "key information bits 0x80000000" },
    { "reserved word", 0x4c, 0, "reserved bytes at offset 0x4c" },
    { "behind the CPUID", 0x18b, 0, "reserved bytes at offset 0x18b" },
    { "in front of the chip id", 0x19f, 7, "reserved bytes at offset 0x18b" },
    { "behind the current build", 0x1eb, 0, "reserved bytes at offset 0x1eb" },
    { "behind the committed build", 0x1ef, 0, "reserved bytes at offset 0x1ef" },
    { "the mitigation vectors before version 5", 0x1f8, 0, "reserved bytes at offset 0x1f8" },
    { "behind the mitigation vectors", 0x208, 0, "reserved bytes at offset 0x208" },
    { "in front of the signature", 0x29f, 7, "reserved bytes at offset 0x208" },
    { "current TCB", 0x3b, 1, "reserved parts of the TCB version at offset 0x38" },
    { "committed TCB", 0x1e2, 1, "reserved parts of the TCB version at offset 0x1e0" },
    { "behind the signature", 0x330, 0, "reserved bytes at offset 0x330" },
    { "the last byte", 0x49f, 7, "reserved bytes at offset 0x330" },
};

/* All 64 bits of the policy and of the platform are parsed; those that are not known are told, and refused on demand.
 */
static void unknown_bits_are_told_and_refused_on_demand(void **state)
{
    (void)state;
    EVIDENCE_OR_SKIP();
    for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++) {
        azattest_verify_options options = at(IN_2026);
        unsigned char report[AZATTEST__SNP_REPORT_SIZE];
        azattest_verification_result *result;
        azattest_evidence *evidence;

        copied(MILAN, report);
        report[unknown[i].offset] ^= (unsigned char)(1u << unknown[i].bit);
        evidence = parsed(azattest__bytes(report, sizeof(report)));
        result = verified(evidence, &options);
        assert_int_equal(outcome(result, "structure"), 1);
        if (strstr(detail(result, "structure"), unknown[i].message) == NULL)
            fail_msg("%s: %s", unknown[i].name, detail(result, "structure"));
        assert_true(azattest_verification_result_warning_count(result) >= 1);
        /* Behind the signed bytes it changes no verdict: the same report, signed. */
        assert_int_equal(azattest_verification_result_is_valid(result), unknown[i].offset >= 0x330);
        azattest_verification_result_free(result);
        options.refuse_unknown_bits = AZATTEST_ON;
        result = verified(evidence, &options);
        assert_int_equal(outcome(result, "structure"), 0);
        assert_false(azattest_verification_result_is_valid(result));
        azattest_verification_result_free(result);
        azattest_evidence_free(evidence);
    }
}

static void a_genuine_report_passes_when_unknown_bits_are_refused(void **state)
{
    azattest_verify_options options = at(IN_2026);

    (void)state;
    EVIDENCE_OR_SKIP();
    options.refuse_unknown_bits = AZATTEST_ON;
    expect(parsed_file(MILAN), &options, "");
    expect(parsed_file(GOOGLE), &options, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_report_has_the_verdict_that_its_facts_state),
        cmocka_unit_test(every_field_is_the_one_of_the_facts),
        cmocka_unit_test(a_report_inside_an_hcl_report_is_judged_alike),
        cmocka_unit_test(each_byte_counts),
        cmocka_unit_test(scalars_in_any_other_form_are_refused),
        cmocka_unit_test(a_masked_chip_id_needs_a_vlek_or_the_callers_leave),
        cmocka_unit_test(without_a_certificate_nothing_is_valid),
        cmocka_unit_test(the_certificates_at_hand_decide),
        cmocka_unit_test(a_host_document_must_name_the_reported_tcb),
        cmocka_unit_test(bytes_behind_a_report),
        cmocka_unit_test(an_extended_report_brings_its_certificates),
        cmocka_unit_test(a_document_with_its_chain_verifies_alone),
        cmocka_unit_test(documents_that_hold_no_report),
        cmocka_unit_test(cut_at_every_byte),
        cmocka_unit_test(unknown_bits_are_told_and_refused_on_demand),
        cmocka_unit_test(a_genuine_report_passes_when_unknown_bits_are_refused),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
