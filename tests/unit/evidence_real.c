/* Real quotes and reports: the verdict that the facts give, and every field that they name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <azattest/azattest.h>

#include "base/clock.h"
#include "evidence.h"
#include "evidence/verdict/verification.h"
#include "json/json.h"

static azattest__json *facts;

static const azattest__json *at(const azattest__json *value, const char *first, const char *second)
{
    value = azattest__json_get(value, first);
    return second == NULL ? value : azattest__json_get(value, second);
}

static int64_t integer(const azattest__json *value)
{
    int64_t number = -1;

    assert_true(azattest__json_integer(value, &number));
    return number;
}

static bool boolean(const azattest__json *value)
{
    bool set = false;

    assert_true(azattest__json_bool(value, &set));
    return set;
}

static void same_text(const char *name, const char *ours, const char *theirs)
{
    if (ours == NULL || theirs == NULL || strcmp(ours, theirs) != 0)
        fail_msg("%s: %s, the facts say %s", name, ours == NULL ? "nothing" : ours,
                 theirs == NULL ? "nothing" : theirs);
}

static bool starts_with(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

static void same_report(const azattest__json *ours, const azattest__json *theirs)
{
    static const struct {
        const char *ours, *theirs;
    } texts[] = { { "attributes", "attributes" },
                  { "cpu_svn", "cpusvn" },
                  { "mr_enclave", "mrenclave" },
                  { "mr_signer", "mrsigner" },
                  { "report_data", "report_data" } },
      numbers[] = { { "misc_select", "miscselect" }, { "product_id", "isvprodid" }, { "svn", "isvsvn" } };

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        same_text(texts[i].ours, azattest__json_get_string(ours, texts[i].ours),
                  azattest__json_get_string(theirs, texts[i].theirs));
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
        assert_int_equal(integer(azattest__json_get(ours, numbers[i].ours)),
                         integer(azattest__json_get(theirs, numbers[i].theirs)));
    assert_int_equal(boolean(azattest__json_get(ours, "debug")), boolean(azattest__json_get(theirs, "debug")));
}

static void same_td_report(const azattest__json *ours, const azattest__json *theirs)
{
    static const struct {
        const char *ours, *theirs;
    } texts[] = { { "mr_td", "mrtd" },
                  { "mr_seam", "mrseam" },
                  { "mr_signer_seam", "mrsignerseam" },
                  { "mr_config_id", "mrconfigid" },
                  { "mr_owner", "mrowner" },
                  { "rtmr0", "rtmr0" },
                  { "rtmr1", "rtmr1" },
                  { "rtmr2", "rtmr2" },
                  { "rtmr3", "rtmr3" },
                  { "report_data", "report_data" },
                  { "td_attributes", "td_attributes" },
                  { "tee_tcb_svn", "tee_tcb_svn" },
                  { "xfam", "xfam" },
                  { "mr_service_td", "mrservicetd" },
                  { "tee_tcb_svn2", "tee_tcb_svn2" } };

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        if (azattest__json_get(theirs, texts[i].theirs) != NULL || azattest__json_get(ours, texts[i].ours) != NULL)
            same_text(texts[i].ours, azattest__json_get_string(ours, texts[i].ours),
                      azattest__json_get_string(theirs, texts[i].theirs));
    assert_int_equal(boolean(azattest__json_get(ours, "debug")), boolean(azattest__json_get(theirs, "debug")));
}

/* "2028-02-22 17:27:43" as "2028-02-22T17:27:43Z". */
static void same_time(const char *ours, const char *theirs)
{
    char text[32];

    assert_non_null(theirs);
    assert_int_equal(strlen(theirs), 19);
    snprintf(text, sizeof(text), "%.10sT%.8sZ", theirs, theirs + 11);
    same_text("not_after", ours, text);
}

/* The facts write a serial number without its first zero. */
static const char *without_zero(const char *hex)
{
    return hex != NULL && *hex == '0' ? hex + 1 : hex;
}

static void same_pck(const azattest__json *ours, const azattest__json *theirs)
{
    const azattest__json *leaf = azattest__json_first(azattest__json_get(ours, "certificates"));
    const azattest__json *name = azattest__json_first(azattest__json_get(theirs, "chain"));
    const azattest__json *last = NULL;

    same_text("fmspc", azattest__json_get_string(ours, "fmspc"), azattest__json_get_string(theirs, "fmspc"));
    same_text("pceid", azattest__json_get_string(ours, "pceid"), azattest__json_get_string(theirs, "pceid"));
    same_text("cpu_svn", azattest__json_get_string(ours, "cpu_svn"), azattest__json_get_string(theirs, "pck_cpusvn"));
    assert_int_equal(integer(azattest__json_get(ours, "pcesvn")), integer(azattest__json_get(theirs, "pcesvn")));
    assert_int_equal(integer(azattest__json_get(ours, "sgx_type")), integer(azattest__json_get(theirs, "sgxtype")));
    assert_true(
        azattest__json_equal(azattest__json_get(ours, "tcb_components"), azattest__json_get(theirs, "tcb_comp")));
    same_text("serial", without_zero(azattest__json_get_string(leaf, "serial")),
              azattest__json_get_string(theirs, "pck_serial"));
    same_time(azattest__json_get_string(leaf, "not_after"), azattest__json_get_string(theirs, "pck_notafter"));
    for (; leaf != NULL; leaf = azattest__json_next(leaf), name = azattest__json_next(name)) {
        same_text("subject", azattest__json_get_string(leaf, "subject"), azattest__json_string(name));
        last = leaf;
    }
    assert_null(name);
    if (azattest__json_get(theirs, "root_sha256") != NULL)
        same_text("root", azattest__json_get_string(last, "sha256"), azattest__json_get_string(theirs, "root_sha256"));
}

static void same_fields(const azattest__json *ours, const azattest__json *theirs)
{
    const azattest__json *header = azattest__json_get(theirs, "oe_report_header");

    assert_int_equal(integer(at(ours, "header", "version")), integer(azattest__json_get(theirs, "version")));
    assert_int_equal(integer(at(ours, "header", "attestation_key_type")),
                     integer(azattest__json_get(theirs, "att_key_type")));
    same_text("qe_vendor_id", azattest__json_string(at(ours, "header", "qe_vendor_id")),
              azattest__json_get_string(theirs, "qe_vendor"));
    if (strcmp(azattest__json_get_string(theirs, "tee"), "tdx") == 0)
        same_td_report(azattest__json_get(ours, "td_report"), azattest__json_get(theirs, "body"));
    else
        same_report(azattest__json_get(ours, "report"), azattest__json_get(theirs, "body"));
    same_report(azattest__json_get(ours, "qe_report"), azattest__json_get(theirs, "qe"));
    assert_int_equal(integer(at(ours, "signature", "size")), integer(azattest__json_get(theirs, "sig_data_len")));
    assert_int_equal(integer(at(ours, "signature", "certification_data_type")),
                     integer(azattest__json_get(theirs, "cert_type")));
    assert_int_equal(strlen(azattest__json_string(at(ours, "signature", "qe_auth_data"))),
                     2 * integer(azattest__json_get(theirs, "auth_data_len")));
    assert_int_equal(integer(azattest__json_get(ours, "quote_size")) +
                         integer(azattest__json_get(ours, "trailing_bytes")),
                     integer(azattest__json_get(theirs, "size")));
    assert_int_equal(integer(azattest__json_get(ours, "trailing_bytes")),
                     integer(azattest__json_get(theirs, "trailing_bytes")));
    if (header != NULL) {
        assert_int_equal(integer(at(ours, "open_enclave", "header_version")),
                         integer(azattest__json_get(header, "version")));
        assert_int_equal(integer(at(ours, "open_enclave", "type")), integer(azattest__json_get(header, "type")));
        assert_int_equal(integer(at(ours, "open_enclave", "size")), integer(azattest__json_get(header, "size")));
    } else {
        assert_null(azattest__json_get(ours, "open_enclave"));
    }
    if (azattest__json_get(theirs, "fmspc") != NULL)
        same_pck(azattest__json_get(ours, "pck"), theirs);
    else
        assert_true(azattest__json_is_null(azattest__json_get(ours, "pck")));
}

/* The facts' own checks, by the names of ours. */
static void same_checks(const char *file, const azattest_verification_result *result, const azattest__json *checks)
{
    static const struct {
        const char *ours, *theirs;
    } names[] = { { "quote_signature", "quote_sig" },         { "qe_report_binding", "qe_binding" },
                  { "qe_report_signature", "qe_report_sig" }, { "pck_chain", "chain_sigs" },
                  { "runtime_data", "held_data_binding" },    { "document_fields", "MrEnclaveHex_matches" } };

    for (size_t i = 0; i < azattest_verification_result_check_count(result); i++)
        for (size_t j = 0; j < sizeof(names) / sizeof(names[0]); j++) {
            const azattest__json *theirs = azattest__json_get(checks, names[j].theirs);

            if (theirs == NULL || strcmp(azattest_verification_result_check_id(result, i), names[j].ours) != 0)
                continue;
            if (azattest_verification_result_check_ok(result, i) != (boolean(theirs) ? 1 : 0))
                fail_msg("%s: %s is %d, the facts say otherwise: %s", file, names[j].ours,
                         azattest_verification_result_check_ok(result, i),
                         azattest_verification_result_check_detail(result, i));
        }
}

/* Inside the life of all certificates of the chain: a day after the youngest begins. */
static int64_t time_of(const azattest_evidence *evidence)
{
    int64_t latest = INT64_C(1685577600); /* 2023-06-01, for quotes without a chain */

    const azattest__pck *pck = azattest__evidence_pck(evidence);

    for (size_t i = 0; i < pck->chain.count; i++)
        if (i == 0 || pck->chain.certificates[i].not_before > latest)
            latest = pck->chain.certificates[i].not_before;
    return latest + 86400;
}

static bool facts_say_valid(const azattest__json *fact)
{
    const azattest__json *checks = azattest__json_get(fact, "checks"), *check;
    bool intel = false;

    if (!azattest__json_bool(azattest__json_get(checks, "intel_root"), &intel) || !intel)
        return false;
    for (check = azattest__json_first(checks); check != NULL; check = azattest__json_next(check))
        if (!boolean(check))
            return false;
    return true;
}

static void judge(const azattest__json *fact, size_t *valid, size_t *invalid)
{
    const char *file = azattest__json_name(fact), *kind = azattest__json_get_string(fact, "kind");
    azattest_verify_options options = AZATTEST_VERIFY_OPTIONS_INIT;
    azattest_verification_result *result = NULL;
    azattest_evidence *evidence = NULL;
    azattest_error *error = NULL;
    azattest__json *fields = NULL;
    bool is_valid = false;
    size_t len;
    unsigned char *content = evidence_read(file, &len);
    azattest_status status = azattest_evidence_load(azattest__bytes(content, len), &evidence, &error);

    if (status == AZATTEST_OK) {
        assert_string_equal(azattest_evidence_tee(evidence), azattest__json_get_string(fact, "tee"));
        assert_string_equal(azattest_evidence_kind(evidence), strcmp(kind, "quote") != 0 ? "open_enclave_report"
                                                              : strcmp(azattest_evidence_tee(evidence), "tdx") == 0
                                                                  ? "tdx_quote"
                                                                  : "sgx_quote");
        options.now_ms = time_of(evidence) * 1000;
        assert_int_equal(azattest_evidence_verify(evidence, &options, &result, NULL), AZATTEST_OK);
        assert_int_equal(azattest__json_parse(azattest_evidence_fields(evidence), &fields, NULL), AZATTEST_OK);
        same_fields(fields, fact);
        same_checks(file, result, azattest__json_get(fact, "checks"));
        is_valid = azattest_verification_result_is_valid(result);
        if (is_valid)
            assert_string_equal(azattest_verification_result_root(result), "intel");
    } else if (status != AZATTEST_E_EVIDENCE) {
        fail_msg("%s: %s", file, azattest_error_message(error));
    }
    if (is_valid != facts_say_valid(fact))
        fail_msg("%s is %s, the facts say otherwise (%s)", file, is_valid ? "valid" : "not valid",
                 error == NULL ? "" : azattest_error_message(error));
    (*(is_valid ? valid : invalid))++;
    azattest__json_free(fields);
    azattest_verification_result_free(result);
    azattest_evidence_free(evidence);
    azattest_error_free(error);
    free(content);
}

static void quotes_and_reports_get_the_verdict_of_the_facts(void **state)
{
    size_t valid = 0, invalid = 0;

    (void)state;
    EVIDENCE_OR_SKIP();
    for (const azattest__json *fact = azattest__json_first(facts); fact != NULL; fact = azattest__json_next(fact)) {
        const char *name = azattest__json_name(fact), *kind = azattest__json_get_string(fact, "kind");

        if ((starts_with(name, "sgx/") || starts_with(name, "openenclave/") || starts_with(name, "tdx/")) &&
            kind != NULL && (strcmp(kind, "quote") == 0 || strcmp(kind, "oe_report") == 0))
            judge(fact, &valid, &invalid);
    }
    printf("%zu valid, %zu invalid\n", valid, invalid);
    assert_true(valid >= 25);
    assert_true(invalid >= 13);
}

/* Whatever else lies in those folders and beside them is named, or refused as no evidence; never parsed as a quote. */
static void everything_else_is_refused(void **state)
{
    static const char *const folders[] = { "sgx/", "openenclave/", "tdx/",        "snp/",      "hcl/",
                                           "tpm/", "maa-tokens/",  "collateral/", "maa-certs/" };
    static const struct {
        const char *prefix, *suffix, *message;
    } named[] = {
        { "snp/", ".pem", "an X.509 certificate (PEM)" },
        { "snp/", ".der", "an X.509 certificate or revocation list (DER)" },
        { "tpm/", ".pem", "a public key" },
        { "maa-tokens/", ".jwt", "a token (JWT)" },
        { "openenclave/endorsements-tdx", ".bin", "collateral for verifying quotes" },
        { "collateral/", ".der", "an X.509 certificate or revocation list (DER)" },
        { "maa-certs/", ".jwks.json", "a key set (JWKS)" },
    };
    size_t refused = 0, by_name = 0;

    (void)state;
    EVIDENCE_OR_SKIP();
    for (const azattest__json *fact = azattest__json_first(facts); fact != NULL; fact = azattest__json_next(fact)) {
        const char *file = azattest__json_name(fact), *kind = azattest__json_get_string(fact, "kind");
        azattest_evidence *evidence = NULL;
        azattest_error *error = NULL;
        azattest_status status;
        unsigned char *content;
        bool ours = false;
        size_t len;

        for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
            ours = ours || starts_with(file, folders[i]);
        if (azattest__json_get(azattest__json_get(fact, "checks"), "embedded_quote") != NULL ||
            strstr(file, "neg-real-sgx_cert") != NULL)
            continue; /* a certificate with a quote: a kind of its own, in attested_certificate.c */
        if (!ours ||
            (kind != NULL && (strcmp(kind, "snp_report") == 0 || strcmp(kind, "hcl_report") == 0 ||
                              strcmp(kind, "tpm_quote") == 0 || strcmp(kind, "json_with_evidence") == 0)) ||
            ((starts_with(file, "sgx/") || starts_with(file, "openenclave/") || starts_with(file, "tdx/")) &&
             kind != NULL && (strcmp(kind, "quote") == 0 || strcmp(kind, "oe_report") == 0)))
            continue;
        content = evidence_read(file, &len);
        status = azattest_evidence_load(azattest__bytes(content, len), &evidence, &error);
        if (status != AZATTEST_E_EVIDENCE && status != AZATTEST_E_UNSUPPORTED)
            fail_msg("%s: %s", file, azattest_status_name(status));
        for (size_t i = 0; i < sizeof(named) / sizeof(named[0]); i++) {
            size_t end = strlen(file) - strlen(named[i].suffix);

            if (!starts_with(file, named[i].prefix) || strcmp(file + end, named[i].suffix) != 0)
                continue;
            if (status != AZATTEST_E_UNSUPPORTED || strstr(azattest_error_message(error), named[i].message) == NULL)
                fail_msg("%s: %s", file, azattest_error_message(error));
            by_name++;
        }
        refused++;
        azattest_error_free(error);
        free(content);
    }
    printf("%zu refused, %zu of them by name as expected\n", refused, by_name);
    assert_true(by_name > 40);
}

/* One bit of every byte of a real quote: none may change unnoticed. */
static void no_bit_of_a_real_quote_changes_unnoticed(void **state)
{
    azattest_verify_options options = AZATTEST_VERIFY_OPTIONS_INIT;
    unsigned char *quote;
    size_t len;

    (void)state;
    EVIDENCE_OR_SKIP();
    quote = evidence_read("sgx/azure-intelsdk-2023-release.quote.bin", &len);
    options.now_ms = INT64_C(1735689600) * 1000; /* 2025-01-01 */
    for (size_t i = 0; i <= len; i++) {
        azattest_verification_result *result = NULL;
        azattest_evidence *evidence = NULL;
        unsigned char bit = (unsigned char)(i < len ? 1u << (i % 8) : 0);
        bool valid = false;

        quote[i] ^= bit; /* the last round changes nothing: evidence_read() has a NUL there */
        if (azattest_evidence_parse(azattest__bytes(quote, len), &evidence, NULL) == AZATTEST_OK) {
            assert_int_equal(azattest_evidence_verify(evidence, &options, &result, NULL), AZATTEST_OK);
            valid = azattest_verification_result_is_valid(result);
        }
        if (valid != (i == len))
            fail_msg("bit 0x%02x of byte %zu of %zu", bit, i, len);
        azattest_verification_result_free(result);
        azattest_evidence_free(evidence);
        quote[i] ^= bit;
    }
    free(quote);
}

static void certificates_have_a_life(void **state)
{
    static const struct {
        const char *at;
        bool valid;
    } times[] = { { "2023-02-27T19:17:09Z", false },
                  { "2023-02-27T19:17:10Z", true },
                  { "2030-02-27T19:17:10Z", true },
                  { "2030-02-27T19:17:11Z", false } };
    azattest_evidence *evidence = NULL;
    unsigned char *quote;
    size_t len;

    (void)state;
    EVIDENCE_OR_SKIP();
    quote = evidence_read("sgx/azure-intelsdk-2023-release.quote.bin", &len);
    assert_int_equal(azattest_evidence_parse(azattest__bytes(quote, len), &evidence, NULL), AZATTEST_OK);
    for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
        azattest_verify_options options = AZATTEST_VERIFY_OPTIONS_INIT;
        azattest_verification_result *result = NULL;
        int64_t seconds = 0;

        assert_true(azattest__time_parse(times[i].at, &seconds));
        options.now_ms = seconds * 1000;
        assert_int_equal(azattest_evidence_verify(evidence, &options, &result, NULL), AZATTEST_OK);
        assert_int_equal(azattest_verification_result_is_valid(result), times[i].valid);
        azattest_verification_result_free(result);
    }
    azattest_evidence_free(evidence);
    free(quote);
}

static int read_facts(void **state)
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

static int free_facts(void **state)
{
    (void)state;
    azattest__json_free(facts);
    return 0;
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(quotes_and_reports_get_the_verdict_of_the_facts),
        cmocka_unit_test(everything_else_is_refused),
        cmocka_unit_test(no_bit_of_a_real_quote_changes_unnoticed),
        cmocka_unit_test(certificates_have_a_life),
    };

    return cmocka_run_group_tests_name("evidence_real", tests, read_facts, free_facts);
}
