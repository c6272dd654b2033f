/* Verdicts about machines that are made up, in every state that real samples lack: each fault fails its own check, and
 * no other one hides it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <azattest/azattest.h>

#include "evidence/collateral/collateral.h"
#include "json/json.h"
#include "made.h"
#include "verdict.h"

#define NOW QUOTES_NOW_MS
#define DAY (INT64_C(86400) * 1000)

static azattest_collateral *set_of(azattest_bytes content)
{
    azattest_collateral *set = NULL;
    azattest_error *error = NULL;

    assert_int_equal(azattest_collateral_new(&set, NULL), AZATTEST_OK);
    if (content.ptr != NULL && azattest_collateral_add(set, content, &error) != AZATTEST_OK)
        fail_msg("%s", azattest_error_message(error));
    return set;
}

static azattest_verification_result *verify_with(azattest_bytes raw, const azattest_collateral *set,
                                                 azattest_verify_options options)
{
    azattest_verification_result *result = NULL;
    azattest_evidence *evidence = NULL;
    azattest_error *error = NULL;

    if (azattest_evidence_parse(raw, &evidence, &error) != AZATTEST_OK)
        fail_msg("%s", azattest_error_message(error));
    options.collateral = set;
    assert_int_equal(azattest_evidence_verify(evidence, &options, &result, NULL), AZATTEST_OK);
    azattest_evidence_free(evidence);
    return result;
}

static azattest_verify_options options_at(const made *it, int64_t now_ms)
{
    azattest_verify_options options = AZATTEST_VERIFY_OPTIONS_INIT;

    options.now_ms = now_ms;
    options.extra_roots = it->roots;
    return options;
}

static azattest_verification_result *verify_made(const made *it, int64_t now_ms)
{
    azattest_collateral *set = set_of(it->collateral);
    azattest_verification_result *result = verify_with(it->evidence, set, options_at(it, now_ms));

    azattest_collateral_free(set);
    return result;
}

static const char *kind_name(made_kind kind)
{
    return kind == MADE_SGX            ? "SGX"
           : kind == MADE_SGX_V4       ? "SGX v4"
           : kind == MADE_OPEN_ENCLAVE ? "Open Enclave"
           : kind == MADE_TDX          ? "TDX v4"
                                       : "TDX v5";
}

static const made_kind kinds[] = { MADE_SGX, MADE_SGX_V4, MADE_OPEN_ENCLAVE, MADE_TDX, MADE_TDX_V5 };
#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

static bool is_td(made_kind kind)
{
    return kind == MADE_TDX || kind == MADE_TDX_V5;
}

static void a_machine_without_fault_is_valid_and_nothing_is_left(void **state)
{
    (void)state;
    for (size_t i = 0; i < KINDS; i++) {
        made it = made_of(kinds[i], NULL);
        azattest_verification_result *result = verify_made(&it, NOW);

        for (size_t k = 0; k < azattest_verification_result_check_count(result); k++)
            verdict_want(result, kind_name(kinds[i]), azattest_verification_result_check_id(result, k), 1);
        assert_true(azattest_verification_result_is_valid(result));
        assert_true(azattest_verification_result_is_complete(result));
        assert_string_equal(azattest_verification_result_tcb_status(result), "UpToDate");
        assert_int_equal(azattest_verification_result_tcb_evaluation_data_number(result), 17);
        assert_true(azattest_verification_result_tcb_date_ms(result) == INT64_C(1710288000000));
        assert_true(azattest_verification_result_earliest_expiration_ms(result) > NOW);
        assert_true(azattest_verification_result_latest_issue_ms(result) < NOW);
        azattest_verification_result_free(result);
        made_free(&it);
    }
}

static void each_fault_fails_its_own_check(void **state)
{
    static const struct {
        const char *what;
        uint64_t faults;
        int td; /* 1: of TDs alone, -1: of enclaves alone */
        const char *check;
        const char *also; /* another check that is not passed, or NULL */
        int also_ok;
    } cases[] = {
#define FAULT(name) #name, AZATTEST_SIMULATED_BIT(name)
        { FAULT(REVOKED_PCK), 0, "pck_revocation", NULL, 0 },
        { FAULT(REVOKED_PCK_CA), 0, "ca_revocation", NULL, 0 },
        { FAULT(REVOKED_TCB_SIGNING), 0, "ca_revocation", NULL, 0 },
        { FAULT(OTHER_CA_CRL), 0, "pck_crl", "pck_revocation", -1 },
        { FAULT(CRL_SIGNATURE), 0, "pck_crl", "root_ca_crl", 0 },
        { FAULT(TCB_INFO_SIGNATURE), 0, "tcb_info", "tcb_level", -1 },
        { FAULT(QE_IDENTITY_SIGNATURE), 0, "qe_identity", "qe_identity_match", -1 },
        { FAULT(TCB_INFO_OTHER_KIND), 1, "tcb_info_match", "tcb_level", -1 },
        { FAULT(QE_IDENTITY_OTHER_KIND), 0, "qe_identity_match", NULL, 0 },
        { FAULT(TCB_INFO_FMSPC), 0, "tcb_info_match", "tcb_level", -1 },
        { FAULT(TCB_INFO_PCEID), 0, "tcb_info_match", "tcb_level", -1 },
        { FAULT(NO_MODULE_IDENTITY), 1, "tdx_module", "tcb_level", -1 },
        { FAULT(NO_TDX_COMPONENTS), 1, "tcb_info", "tcb_level", -1 },
        { FAULT(SEAM_SIGNER), 1, "tdx_module", "tcb_level", -1 },
        { FAULT(SEAM_ATTRIBUTES), 1, "tdx_module", "tcb_level", -1 },
        { FAULT(QE_MR_SIGNER), 0, "qe_identity_match", NULL, 0 },
        { FAULT(QE_PRODUCT_ID), 0, "qe_identity_match", NULL, 0 },
        { FAULT(QE_MISC_SELECT), 0, "qe_identity_match", NULL, 0 },
        { FAULT(QE_ATTRIBUTES), 0, "qe_identity_match", NULL, 0 },
        { FAULT(QE_DEBUG), 0, "qe_report_debug", "qe_identity_match", 0 },
        { FAULT(QE_BINDING), 0, "qe_report_binding", NULL, 0 },
        { FAULT(QE_SIGNATURE), 0, "qe_report_signature", NULL, 0 },
        { FAULT(QUOTE_SIGNATURE), 0, "quote_signature", NULL, 0 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        for (size_t k = 0; k < KINDS; k++) {
            made it;
            azattest_verification_result *result;

            if (cases[i].td != 0 && (cases[i].td > 0) != is_td(kinds[k]))
                continue;
            it = made_with(kinds[k], cases[i].faults);
            result = verify_made(&it, NOW);
            verdict_want(result, cases[i].what, cases[i].check, 0);
            if (cases[i].also != NULL)
                verdict_want(result, cases[i].what, cases[i].also, cases[i].also_ok);
            assert_false(azattest_verification_result_is_valid(result));
            assert_false(azattest_verification_result_is_complete(result));
            /* The others are as they were: nothing returns early. */
            verdict_want(result, cases[i].what, "pck_chain", 1);
            verdict_want(result, cases[i].what, "collateral_validity", 1);
            if (strcmp(cases[i].check, "quote_signature") != 0)
                verdict_want(result, cases[i].what, "quote_signature", 1);
            azattest_verification_result_free(result);
            made_free(&it);
        }
}

static void a_quote_of_another_vendor_is_not_even_evidence(void **state)
{
    (void)state;
    for (size_t i = 0; i < KINDS; i++) {
        made it = made_with(kinds[i], AZATTEST_SIMULATED_BIT(VENDOR));
        azattest_evidence *evidence = NULL;

        assert_int_equal(azattest_evidence_parse(it.evidence, &evidence, NULL), AZATTEST_E_EVIDENCE);
        made_free(&it);
    }
}

static const char *const statuses[] = { "UpToDate",  "SWHardeningNeeded",
                                        "OutOfDate", "ConfigurationNeeded",
                                        "Revoked",   "ConfigurationAndSWHardeningNeeded",
                                        "",          "OutOfDateConfigurationNeeded" };

/* Two are accepted unless an appraisal says otherwise; none of them makes up for a signature. */
static void each_status_is_told_and_hides_no_broken_signature(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++)
        for (int td = 0; td < 2; td++)
            for (int broken = 0; broken < 2; broken++) {
                azattest_simulated_platform platform = AZATTEST_SIMULATED_PLATFORM_INIT;
                azattest_verification_result *result;
                bool good = i < 2;
                made it;

                platform.tcb_status = statuses[i];
                platform.faults = broken ? AZATTEST_SIMULATED_BIT(QUOTE_SIGNATURE) : 0;
                it = made_of(td ? MADE_TDX : MADE_SGX, &platform);
                result = verify_made(&it, NOW);
                verdict_want(result, statuses[i], "tcb_status", good);
                verdict_want(result, statuses[i], "quote_signature", !broken);
                verdict_want(result, statuses[i], "tcb_level", *statuses[i] != '\0');
                assert_int_equal(azattest_verification_result_is_valid(result), good && !broken);
                if (*statuses[i] == '\0')
                    assert_null(azattest_verification_result_tcb_status(result));
                else
                    assert_string_equal(azattest_verification_result_tcb_status(result), statuses[i]);
                azattest_verification_result_free(result);
                made_free(&it);
            }
}

/* A module that is up to date does not make its platform so, and the other way; the same for the quoting enclave. */
static void module_and_quoting_enclave_are_merged_not_put_in_the_place_of_the_platform(void **state)
{
    static const struct {
        const char *platform, *module, *qe;
        const char *status; /* NULL: no level */
    } cases[] = {
        { "UpToDate", "UpToDate", "UpToDate", "UpToDate" },
        { "OutOfDate", "UpToDate", "UpToDate", "OutOfDate" },
        { "UpToDate", "OutOfDate", "UpToDate", "OutOfDate" },
        { "UpToDate", "UpToDate", "OutOfDate", "OutOfDate" },
        { "ConfigurationNeeded", "OutOfDate", "UpToDate", "OutOfDateConfigurationNeeded" },
        { "ConfigurationAndSWHardeningNeeded", "UpToDate", "OutOfDate", "OutOfDateConfigurationNeeded" },
        { "SWHardeningNeeded", "OutOfDate", "OutOfDate", "OutOfDate" },
        { "UpToDate", "Revoked", "UpToDate", "Revoked" },
        { "UpToDate", "UpToDate", "Revoked", "Revoked" },
        { "Revoked", "UpToDate", "UpToDate", "Revoked" },
        { "UpToDate", "", "UpToDate", NULL },
        { "UpToDate", "UpToDate", "", NULL },
        { "", "UpToDate", "UpToDate", NULL },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        azattest_simulated_platform platform = AZATTEST_SIMULATED_PLATFORM_INIT;
        azattest_verification_result *result;
        const char *status;
        made it;

        platform.tcb_status = cases[i].platform;
        platform.tdx_module_status = cases[i].module;
        platform.qe_status = cases[i].qe;
        it = made_of(MADE_TDX, &platform);
        result = verify_made(&it, NOW);
        status = azattest_verification_result_tcb_status(result);
        if ((status == NULL) != (cases[i].status == NULL) || (status != NULL && strcmp(status, cases[i].status) != 0))
            fail_msg("%s, %s, %s: %s", cases[i].platform, cases[i].module, cases[i].qe,
                     status == NULL ? "none" : status);
        verdict_want(result, cases[i].platform, "tcb_level", cases[i].status != NULL);
        assert_int_equal(azattest_verification_result_is_valid(result), i == 0);
        azattest_verification_result_free(result);
        made_free(&it);
    }
}

static void a_td_of_a_replaced_module_should_be_launched_again(void **state)
{
    static const struct {
        made_kind kind;
        const char *tcb, *module, *status;
        unsigned char now[3];
    } cases[] = {
        { MADE_TDX_V5, "UpToDate", "OutOfDate", "TDRelaunchAdvised", { 6, 1, 2 } },
        { MADE_TDX_V5, "ConfigurationNeeded", "OutOfDate", "TDRelaunchAdvisedConfigurationNeeded", { 6, 1, 2 } },
        { MADE_TDX_V5, "UpToDate", "OutOfDate", "OutOfDate", { 5, 1, 2 } },
        { MADE_TDX_V5, "UpToDate", "OutOfDate", "OutOfDate", { 6, 1, 1 } },
        { MADE_TDX_V5, "UpToDate", "UpToDate", "UpToDate", { 6, 1, 2 } },
        { MADE_TDX_V5_10, "UpToDate", "OutOfDate", "OutOfDate", { 6, 1, 2 } }, /* without the second SVN */
        { MADE_TDX, "UpToDate", "OutOfDate", "OutOfDate", { 6, 1, 2 } },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        azattest_simulated_platform platform = AZATTEST_SIMULATED_PLATFORM_INIT;
        unsigned char now[16] = { cases[i].now[0], cases[i].now[1], cases[i].now[2] };
        azattest_verification_result *result;
        made it;

        platform.tcb_status = cases[i].tcb;
        platform.tdx_module_status = cases[i].module;
        platform.tee_tcb_svn2 = azattest__bytes(now, sizeof(now));
        it = made_of(cases[i].kind, &platform);
        result = verify_made(&it, NOW);
        if (strcmp(azattest_verification_result_tcb_status(result), cases[i].status) != 0)
            fail_msg("row %zu: %s, expected %s", i, azattest_verification_result_tcb_status(result), cases[i].status);
        assert_int_equal(azattest_verification_result_is_valid(result), strcmp(cases[i].status, "UpToDate") == 0);
        azattest_verification_result_free(result);
        made_free(&it);
    }
}

static void advisories_of_all_three_levels_are_told_once(void **state)
{
    azattest_simulated_platform platform = AZATTEST_SIMULATED_PLATFORM_INIT;
    azattest_verification_result *result;
    made it;

    (void)state;
    platform.tcb_status = "OutOfDate";
    platform.tcb_advisories = "INTEL-SA-00001,INTEL-SA-00002";
    platform.tdx_module_status = "OutOfDate";
    platform.tdx_module_advisories = "INTEL-SA-00002,INTEL-SA-00003";
    platform.qe_status = "OutOfDate";
    platform.qe_advisories = "INTEL-SA-00004,INTEL-SA-00001";
    it = made_of(MADE_TDX, &platform);
    result = verify_made(&it, NOW);
    assert_int_equal(azattest_verification_result_advisory_count(result), 4);
    for (size_t i = 0; i < 4; i++) {
        char expected[32];

        snprintf(expected, sizeof(expected), "INTEL-SA-0000%zu", i + 1);
        assert_string_equal(azattest_verification_result_advisory(result, i), expected);
    }
    azattest_verification_result_free(result);
    made_free(&it);
}

/* Each item has a window; late and early are both outside, and neither hides what else is wrong. */
static void age_is_a_verdict_of_its_own(void **state)
{
    static const struct {
        const char *what;
        unsigned items;
    } cases[] = {
        { "the TCB info", AZATTEST_SIMULATED_TCB_INFO },
        { "the QE identity", AZATTEST_SIMULATED_QE_IDENTITY },
        { "the root CA CRL", AZATTEST_SIMULATED_ROOT_CA_CRL },
        { "the PCK CRL", AZATTEST_SIMULATED_PCK_CRL },
        { "the certificate that signed the collateral", AZATTEST_SIMULATED_TCB_SIGNING },
    };
    static const struct {
        int64_t from, until; /* days from now */
        int64_t grace;       /* days */
        int ok;
        bool warned;
    } times[] = {
        { -30, 1, 0, 1, false },  { -30, -1, 0, 0, false }, { 1, 30, 0, 0, false },        { -30, -1, 7, 1, true },
        { -30, -8, 7, 0, false }, { 1, 30, 365, 0, false }, { -3650, -3000, 0, 0, false },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        for (size_t k = 0; k < sizeof(times) / sizeof(times[0]); k++)
            for (int broken = 0; broken < 2; broken++) {
                azattest_simulated_platform platform = AZATTEST_SIMULATED_PLATFORM_INIT;
                azattest_verify_options options;
                azattest_verification_result *result;
                azattest_collateral *set;
                const char *detail;
                made it;

                platform.window_items = cases[i].items;
                platform.from_ms = NOW + times[k].from * DAY;
                platform.until_ms = NOW + times[k].until * DAY;
                platform.faults = broken ? AZATTEST_SIMULATED_BIT(QUOTE_SIGNATURE) : 0;
                it = made_of(MADE_SGX, &platform);
                set = set_of(it.collateral);
                options = options_at(&it, NOW);
                options.collateral_grace_ms = times[k].grace * DAY;
                result = verify_with(it.evidence, set, options);
                verdict_want(result, cases[i].what, "collateral_validity", times[k].ok);
                (void)verdict_check(result, "collateral_validity", &detail);
                if (times[k].ok == 0 && strncmp(detail, cases[i].what, strlen(cases[i].what)) != 0)
                    fail_msg("%s: %s", cases[i].what, detail);
                verdict_want(result, cases[i].what, "quote_signature", !broken);
                verdict_want(result, cases[i].what, "tcb_status", 1);
                assert_int_equal(azattest_verification_result_is_valid(result), times[k].ok == 1 && !broken);
                assert_int_equal(azattest_verification_result_warning_count(result), times[k].warned ? 2 : 1);
                if (times[k].until < 3650)
                    assert_true(azattest_verification_result_earliest_expiration_ms(result) ==
                                NOW + times[k].until * DAY);
                azattest_verification_result_free(result);
                azattest_collateral_free(set);
                made_free(&it);
            }
}

/* A genuine but old TCB info beside fresh lists: its end, and a floor for the evaluation number, bound that. */
static void an_old_tcb_info_does_not_replay(void **state)
{
    azattest_simulated_platform platform = AZATTEST_SIMULATED_PLATFORM_INIT;
    azattest_appraisal *appraisal = NULL;
    azattest_verification_result *result;
    azattest_verify_options options;
    azattest_collateral *set;
    made it;

    (void)state;
    platform.tcb_evaluation = 15;
    platform.qe_evaluation = 17;
    it = made_of(MADE_SGX, &platform);
    set = set_of(it.collateral);
    options = options_at(&it, NOW);
    assert_int_equal(
        azattest_appraisal_parse(azattest__text("{\"min_tcb_evaluation_data_number\":16}"), &appraisal, NULL),
        AZATTEST_OK);
    result = verify_with(it.evidence, set, options);
    assert_int_equal(azattest_verification_result_tcb_evaluation_data_number(result), 15); /* the lower one */
    assert_true(azattest_verification_result_is_valid(result));
    assert_int_equal(azattest_verification_result_warning_count(result), 2);
    assert_memory_equal(azattest_verification_result_warning(result, 1), "EVALUATION NUMBERS", 18);
    azattest_verification_result_free(result);
    options.appraisal = appraisal;
    result = verify_with(it.evidence, set, options);
    verdict_want(result, "evaluation number 15", "appraisal.min_tcb_evaluation_data_number", 0);
    assert_false(azattest_verification_result_is_valid(result));
    azattest_verification_result_free(result);
    azattest_appraisal_free(appraisal);
    azattest_collateral_free(set);
    made_free(&it);
}

/* The bundle without some of its members. */
static azattest_collateral *set_without(azattest_bytes bundle, const char *const *names)
{
    azattest__json *document = NULL, *less = azattest__json_new_object();
    azattest_collateral *set;
    azattest__buf text;

    assert_int_equal(azattest__json_parse(bundle, &document, NULL), AZATTEST_OK);
    for (const azattest__json *member = azattest__json_first(document); member != NULL;
         member = azattest__json_next(member)) {
        bool left_out = false;

        for (size_t i = 0; names[i] != NULL; i++)
            left_out = left_out || strcmp(names[i], azattest__json_name(member)) == 0;
        if (!left_out)
            azattest__json_put(less, azattest__json_name(member), azattest__json_copy(member));
    }
    azattest__buf_init(&text, AZATTEST_LIMIT_COLLATERAL_FILE);
    assert_int_equal(azattest__json_print(less, false, &text, NULL), AZATTEST_OK);
    set = set_of(azattest__buf_bytes(&text));
    azattest__buf_free(&text);
    azattest__json_free(document);
    azattest__json_free(less);
    return set;
}

static void a_missing_piece_is_named_and_never_passes_in_silence(void **state)
{
    static const struct {
        const char *what;
        const char *without[4];
        const char *left[4], *absent[4]; /* not checked; checks that are not there */
    } cases[] = {
        { "no TCB info",
          { "tcb_info", "tcb_info_signature", NULL },
          { "tcb", "tdx_module", NULL },
          { "tcb_info", "tcb_level", "tcb_status", NULL } },
        { "no QE identity",
          { "qe_identity", "qe_identity_signature", NULL },
          { "qe_identity", NULL },
          { "qe_identity_match", NULL } },
        { "no root CA CRL", { "root_ca_crl", NULL }, { "revocation", NULL }, { "root_ca_crl", "ca_revocation", NULL } },
        { "no PCK CRL", { "pck_crl", NULL }, { "revocation", NULL }, { "pck_crl", "pck_revocation", NULL } },
        { "no CRL", { "pck_crl", "root_ca_crl", NULL }, { "revocation", NULL }, { "ca_revocation", NULL } },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        made it = made_of(MADE_TDX, NULL);
        azattest_collateral *set = set_without(it.collateral, cases[i].without);
        azattest_verification_result *result = verify_with(it.evidence, set, options_at(&it, NOW));

        for (size_t k = 0; cases[i].left[k] != NULL; k++)
            if (!verdict_left(result, cases[i].left[k]))
                fail_msg("%s: %s is not named", cases[i].what, cases[i].left[k]);
        for (size_t k = 0; cases[i].absent[k] != NULL; k++)
            verdict_want(result, cases[i].what, cases[i].absent[k], -2);
        assert_true(azattest_verification_result_is_valid(result));
        assert_false(azattest_verification_result_is_complete(result));
        azattest_verification_result_free(result);
        azattest_collateral_free(set);
        made_free(&it);
    }
}

/* Without a TCB info the status of the quoting enclave has nothing to be merged into: it counts alone. */
static void a_bad_quoting_enclave_fails_without_a_tcb_info_too(void **state)
{
    static const char *const without[] = { "tcb_info", "tcb_info_signature", NULL };
    static const struct {
        const char *status;
        int ok;
    } cases[] = { { "UpToDate", 1 }, { "OutOfDate", 0 }, { "Revoked", 0 }, { "", 0 } };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        azattest_simulated_platform platform = AZATTEST_SIMULATED_PLATFORM_INIT;
        azattest_verification_result *result;
        azattest_collateral *set;
        made it;

        platform.qe_status = cases[i].status;
        it = made_of(MADE_SGX, &platform);
        set = set_without(it.collateral, without);
        result = verify_with(it.evidence, set, options_at(&it, NOW));
        verdict_want(result, cases[i].status, "qe_identity_match", cases[i].ok);
        assert_int_equal(azattest_verification_result_is_valid(result), cases[i].ok);
        azattest_verification_result_free(result);
        azattest_collateral_free(set);
        made_free(&it);
    }
}

static void documents_without_their_signer_are_refused_not_left(void **state)
{
    static const char *const without[] = { "tcb_info_issuer_chain", "qe_identity_issuer_chain", NULL };
    made it = made_of(MADE_SGX, NULL);
    azattest_collateral *set = set_without(it.collateral, without);
    azattest_verification_result *result = verify_with(it.evidence, set, options_at(&it, NOW));

    (void)state;
    verdict_want(result, "no signing chain", "tcb_info", 0);
    verdict_want(result, "no signing chain", "qe_identity", 0);
    assert_false(azattest_verification_result_is_valid(result));
    azattest_verification_result_free(result);
    azattest_collateral_free(set);
    made_free(&it);
}

/* Collateral of Intel's own root says nothing about a machine of another hierarchy, trusted or not; and nothing at all
 * is trusted because it lies in the set. */
static void roots_are_trusted_by_the_caller_alone(void **state)
{
    made it = made_of(MADE_SGX, NULL);
    azattest_verify_options options = options_at(&it, NOW);
    azattest_collateral *set = set_of(it.collateral);
    azattest_verification_result *result;

    (void)state;
    options.extra_roots = azattest__bytes(NULL, 0);
    result = verify_with(it.evidence, set, options);
    verdict_want(result, "untrusted", "pck_root", 0);
    verdict_want(result, "untrusted", "tcb_info", 0);
    verdict_want(result, "untrusted", "qe_identity", 0);
    assert_false(azattest_verification_result_is_valid(result));
    azattest_verification_result_free(result);
    azattest_collateral_free(set);
    made_free(&it);
}

static void a_quote_without_a_chain_takes_the_pck_certificate_of_the_set(void **state)
{
    azattest_simulated_enclave enclave = AZATTEST_SIMULATED_ENCLAVE_INIT;
    azattest_bytes pck, chain = { NULL, 0 };
    made it = made_of(MADE_SGX, NULL);

    (void)state;
    pck = made_item(MADE_SGX, NULL, "pck", &chain);
    for (uint32_t type = 1; type <= 5; type++)
        for (int has = 0; has < 2; has++) {
            azattest_collateral *set = set_of(it.collateral);
            azattest_verification_result *result;
            unsigned char *quote = NULL;
            size_t len = 0;

            enclave.certification_type = type;
            assert_int_equal(azattest_simulator_sgx_quote(quotes_simulator(), &enclave, &quote, &len, NULL),
                             AZATTEST_OK);
            if (has) {
                assert_int_equal(azattest_collateral_add(set, pck, NULL), AZATTEST_OK);
                assert_int_equal(azattest_collateral_add(set, chain, NULL), AZATTEST_OK);
            }
            result = verify_with(azattest__bytes(quote, len), set, options_at(&it, NOW));
            /* Type 4 has the leaf; the CA above it comes with the PCK CRL. */
            assert_int_equal(azattest_verification_result_is_valid(result), has || type >= 4);
            verdict_want(result, "certification data", "certification_data", has || type >= 4);
            verdict_want(result, "certification data", "pck_revocation", has || type >= 4 ? 1 : -1);
            azattest_verification_result_free(result);
            azattest_simulator_free_bytes(quote);
            azattest_collateral_free(set);
        }
    made_bytes_free(&pck);
    azattest_simulator_free_bytes((void *)(uintptr_t)chain.ptr);
    made_free(&it);
}

/* QVL takes any length, and so do we: it is hashed, whatever it is. */
static void authentication_data_of_any_length_are_bound(void **state)
{
    static const size_t sizes[] = { 0, 1, 32, 64, 1000 };
    static const unsigned char data[1000] = { 7 };
    made it = made_of(MADE_SGX, NULL);

    (void)state;
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        azattest__quote_parts parts = quotes_parts();
        azattest_collateral *set = set_of(it.collateral);
        azattest_verification_result *result;
        azattest__buf quote;

        parts.auth_data = azattest__bytes(data, sizes[i]);
        quote = quotes_assemble(&parts);
        result = verify_with(azattest__buf_bytes(&quote), set, options_at(&it, NOW));
        assert_true(azattest_verification_result_is_valid(result));
        azattest_verification_result_free(result);
        azattest_collateral_free(set);
        azattest__buf_free(&quote);
    }
    made_free(&it);
}

/* One set for a fleet, many times: the same verdicts as ever, kept chains or not. */
static void a_set_that_is_used_again_says_the_same(void **state)
{
    static const uint64_t faults[] = { 0, AZATTEST_SIMULATED_BIT(QE_SIGNATURE), AZATTEST_SIMULATED_BIT(REPORT_DATA),
                                       AZATTEST_SIMULATED_BIT(QUOTE_SIGNATURE), AZATTEST_SIMULATED_BIT(QE_MR_SIGNER) };
    made it = made_of(MADE_SGX, NULL), td = made_of(MADE_TDX, NULL);
    azattest_collateral *set = set_of(it.collateral);

    (void)state;
    assert_int_equal(azattest_collateral_add(set, td.collateral, NULL), AZATTEST_OK);
    for (int turn = 0; turn < 3; turn++) {
        azattest_verification_result *result = verify_with(td.evidence, set, options_at(&td, NOW));

        assert_true(azattest_verification_result_is_complete(result));
        azattest_verification_result_free(result);
        for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
            made other = made_with(MADE_SGX, faults[i]);

            result = verify_with(other.evidence, set, options_at(&it, NOW));
            assert_int_equal(azattest_verification_result_is_valid(result),
                             faults[i] == 0 || faults[i] == AZATTEST_SIMULATED_BIT(REPORT_DATA));
            azattest_verification_result_free(result);
            made_free(&other);
        }
        /* A chain that is known is trusted no more than its root is. */
        {
            azattest_verify_options options = options_at(&it, NOW);

            options.extra_roots = azattest__bytes(NULL, 0);
            result = verify_with(it.evidence, set, options);
            verdict_want(result, "untrusted again", "pck_root", 0);
            verdict_want(result, "untrusted again", "tcb_info", 0);
            assert_false(azattest_verification_result_is_valid(result));
            azattest_verification_result_free(result);
        }
    }
    assert_int_equal(azattest_collateral_add(set, it.collateral, NULL), AZATTEST_E_STATE);
    azattest_collateral_free(set);
    made_free(&it);
    made_free(&td);
}

/* An empty set is no collateral of Intel's: everything is left by name. */
static void an_empty_set_leaves_everything(void **state)
{
    static const char *const ids[] = { "tcb", "revocation", "qe_identity", "tdx_module" };
    made it = made_of(MADE_TDX, NULL);
    azattest_collateral *set = set_of(azattest__bytes(NULL, 0));
    azattest_verification_result *result = verify_with(it.evidence, set, options_at(&it, NOW));

    (void)state;
    for (size_t i = 0; i < 4; i++)
        assert_true(verdict_left(result, ids[i]));
    assert_true(azattest_verification_result_is_valid(result));
    assert_false(azattest_verification_result_is_complete(result));
    azattest_verification_result_free(result);
    azattest_collateral_free(set);
    made_free(&it);
}

static int close_quotes(void **state)
{
    (void)state;
    quotes_close();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_machine_without_fault_is_valid_and_nothing_is_left),
        cmocka_unit_test(each_fault_fails_its_own_check),
        cmocka_unit_test(a_quote_of_another_vendor_is_not_even_evidence),
        cmocka_unit_test(each_status_is_told_and_hides_no_broken_signature),
        cmocka_unit_test(module_and_quoting_enclave_are_merged_not_put_in_the_place_of_the_platform),
        cmocka_unit_test(a_td_of_a_replaced_module_should_be_launched_again),
        cmocka_unit_test(advisories_of_all_three_levels_are_told_once),
        cmocka_unit_test(age_is_a_verdict_of_its_own),
        cmocka_unit_test(an_old_tcb_info_does_not_replay),
        cmocka_unit_test(a_missing_piece_is_named_and_never_passes_in_silence),
        cmocka_unit_test(a_bad_quoting_enclave_fails_without_a_tcb_info_too),
        cmocka_unit_test(documents_without_their_signer_are_refused_not_left),
        cmocka_unit_test(roots_are_trusted_by_the_caller_alone),
        cmocka_unit_test(a_quote_without_a_chain_takes_the_pck_certificate_of_the_set),
        cmocka_unit_test(authentication_data_of_any_length_are_bound),
        cmocka_unit_test(a_set_that_is_used_again_says_the_same),
        cmocka_unit_test(an_empty_set_leaves_everything),
    };

    return cmocka_run_group_tests(tests, NULL, close_quotes);
}
