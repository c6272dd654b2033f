/* Every allocation of loading and verifying fails once, in turn: nothing is lost, nothing crashes, and nothing that is
 * invalid becomes valid by it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <azattest/azattest.h>

#include "base/encoding.h"
#include "evidence.h"
#include "json/json.h"
#include "made.h"
#include "failing_memory.h"

/* A document around a quote, with held data that are bound. */
static azattest__buf document(bool forged)
{
    azattest__buf quote = quotes_quote(), text;

    if (forged)
        quote.ptr[436] ^= 1;
    azattest__buf_init(&text, AZATTEST_LIMIT_EVIDENCE_FILE);
    azattest__buf_append_text(&text, "{\"SecurityVersion\":11,\"EnclaveHeldDataHex\":\"72756e74696d652064617461\","
                                     "\"QuoteHex\":\"");
    azattest__hex_encode(azattest__buf_bytes(&quote), &text);
    azattest__buf_append_text(&text, "\"}");
    azattest__buf_free(&quote);
    return text;
}

/* Failures run through to the first run without one. */
static void every_failure(bool forged)
{
    azattest_verify_options options = AZATTEST_VERIFY_OPTIONS_INIT;
    static const char expected[] =
        "{\"kinds\":\"sgx_quote\",\"allow_not_checked\":[\"tcb\",\"revocation\",\"qe_identity\"],"
        "\"product_id\":[1,7],\"min_svn\":0,\"allow_smt\":true}";
    azattest__buf text = document(forged);
    bool failed = true;
    long runs = 0;

    options.now_ms = QUOTES_NOW_MS;
    options.extra_roots = azattest_simulator_root_pem(quotes_simulator());
    for (; failed; runs++) {
        azattest_verification_result *result = NULL;
        azattest_evidence *evidence = NULL;
        azattest_appraisal *appraisal = NULL;
        azattest_error *error = NULL;
        azattest_status status;
        azattest_bytes json;

        allocations_until_failure = runs;
        status = azattest_evidence_load(azattest__buf_bytes(&text), &evidence, &error);
        if (status == AZATTEST_OK)
            status = azattest_appraisal_parse(azattest__text(expected), &appraisal, &error);
        options.appraisal = appraisal;
        if (status == AZATTEST_OK)
            status = azattest_evidence_verify(evidence, &options, &result, &error);
        json = azattest_verification_result_json(result);
        failed = allocations_until_failure < 0;
        allocations_until_failure = -1;
        assert_true(failed || json.len > 0);
        if (forged && json.ptr != NULL)
            assert_non_null(strstr(json.ptr, "\"verdict\":\"invalid\""));
        assert_int_equal(status == AZATTEST_OK, error == NULL);
        assert_int_equal(status == AZATTEST_OK, result != NULL);
        if (forged)
            assert_false(azattest_verification_result_is_valid(result));
        else if (!failed)
            assert_true(azattest_verification_result_is_valid(result));
        azattest_error_free(error);
        azattest_evidence_free(evidence); /* the verdict has a reference of its own */
        azattest_appraisal_free(appraisal);
        azattest_verification_result_free(result);
    }
    printf("%ld allocations\n", runs - 1);
    assert_true(runs > 50);
    azattest__buf_free(&text);
}

static void a_genuine_quote(void **state)
{
    (void)state;
    every_failure(false);
}

static void a_forged_quote(void **state)
{
    (void)state;
    every_failure(true);
}

static void a_td_quote(void **state)
{
    made it = made_of(MADE_TDX_V5, NULL);
    bool failed = true;
    long runs = 0;

    (void)state;
    for (; failed; runs++) {
        azattest_verify_options options = AZATTEST_VERIFY_OPTIONS_INIT;
        azattest_verification_result *result = NULL;
        azattest_evidence *evidence = NULL;
        azattest_bytes fields = { NULL, 0 };
        azattest_status status;

        options.now_ms = QUOTES_NOW_MS;
        options.extra_roots = it.roots;
        allocations_until_failure = runs;
        status = azattest_evidence_parse(it.evidence, &evidence, NULL);
        if (status == AZATTEST_OK)
            fields = azattest_evidence_fields(evidence);
        if (status == AZATTEST_OK)
            status = azattest_evidence_verify(evidence, &options, &result, NULL);
        failed = allocations_until_failure < 0;
        allocations_until_failure = -1;
        assert_int_equal(status == AZATTEST_OK, result != NULL);
        if (!failed)
            assert_true(azattest_verification_result_is_valid(result) && fields.len > 0);
        /* What was not there for want of memory is there once there is some. */
        if (evidence != NULL)
            assert_true(azattest_evidence_fields(evidence).len > 0);
        azattest_verification_result_free(result);
        azattest_evidence_free(evidence);
    }
    assert_true(runs > 50);
    made_free(&it);
}

static azattest_verification_result *verify_once(const made *it, const azattest_collateral *set,
                                                 azattest_evidence *evidence)
{
    azattest_verify_options options = AZATTEST_VERIFY_OPTIONS_INIT;
    azattest_verification_result *result = NULL;
    azattest_status status;

    options.now_ms = QUOTES_NOW_MS;
    options.extra_roots = it->roots;
    options.collateral = set;
    status = azattest_evidence_verify(evidence, &options, &result, NULL);
    assert_true(status == AZATTEST_OK || status == AZATTEST_E_MEMORY);
    return result;
}

/* What a set keeps was found out with enough memory: after a failure it says what it would have said without. */
static void a_set_of_collateral(void **state)
{
    static const uint64_t faults[] = { 0, AZATTEST_SIMULATED_BIT(TCB_INFO_SIGNATURE),
                                       AZATTEST_SIMULATED_BIT(REVOKED_PCK),
                                       AZATTEST_SIMULATED_BIT(REVOKED_TCB_SIGNING) };

    (void)state;
    for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
        made it = made_with(MADE_TDX, faults[i]);
        bool failed = true;
        long runs = 0;

        for (; failed; runs++) {
            azattest_verification_result *result;
            azattest_evidence *evidence = NULL;
            azattest_collateral *set = NULL;

            assert_int_equal(azattest_evidence_parse(it.evidence, &evidence, NULL), AZATTEST_OK);
            assert_int_equal(azattest_collateral_new(&set, NULL), AZATTEST_OK);
            assert_int_equal(azattest_collateral_add(set, it.collateral, NULL), AZATTEST_OK);
            allocations_until_failure = runs;
            result = verify_once(&it, set, evidence);
            failed = allocations_until_failure < 0;
            allocations_until_failure = -1;
            assert_true(faults[i] == 0 || !azattest_verification_result_is_valid(result));
            azattest_verification_result_free(result);
            result = verify_once(&it, set, evidence);
            if (azattest_verification_result_is_complete(result) != (faults[i] == 0))
                fail_msg("fault %zu, after a failure of allocation %ld: %s", i, runs,
                         (const char *)azattest_verification_result_json(result).ptr);
            azattest_verification_result_free(result);
            azattest_collateral_free(set);
            azattest_evidence_free(evidence);
        }
        assert_true(runs > 50);
        made_free(&it);
    }
}

/* In PEM, by the service's own rules. */
static void a_service_certificate(void **state)
{
    azattest_appraisal *appraisal = NULL;
    azattest__json *document = NULL;
    azattest__buf der, pem;
    unsigned char *text;
    bool failed = true;
    long runs = 0;
    size_t len;

    (void)state;
    EVIDENCE_OR_SKIP();
    text = evidence_read("maa-certs/wus-shared-2022-11.jwks.json", &len);
    assert_int_equal(azattest__json_parse(azattest__bytes(text, len), &document, NULL), AZATTEST_OK);
    azattest__buf_init(&der, AZATTEST_LIMIT_CERTIFICATE);
    azattest__buf_init(&pem, 2 * AZATTEST_LIMIT_CERTIFICATE);
    assert_true(azattest__base64_decode(azattest__text(azattest__json_string(azattest__json_first(azattest__json_get(
                                            azattest__json_first(azattest__json_get(document, "keys")), "x5c")))),
                                        &der));
    azattest__pem_encode("CERTIFICATE", azattest__buf_bytes(&der), &pem);
    assert_int_equal(azattest_appraisal_parse(azattest__text("{\"product_id\":1,\"mr_signer\":"
                                                             "\"74ba5fba208571cf99e1f7158e6536a05bbb6ce7807eef8f6a97f6"
                                                             "4a7af64b83\",\"allow_not_checked\":[\"tcb\","
                                                             "\"revocation\",\"qe_identity\"]}"),
                                              &appraisal, NULL),
                     AZATTEST_OK);
    for (; failed; runs++) {
        azattest_verify_options options = AZATTEST_VERIFY_OPTIONS_INIT;
        azattest_verification_result *result = NULL;
        azattest_error *error = NULL;
        azattest_status status;

        options.now_ms = INT64_C(1685577600) * 1000; /* 2023-06-01 */
        options.appraisal = appraisal;
        allocations_until_failure = runs;
        status = azattest_verify_service_certificate(azattest__buf_bytes(&pem), &options, &result, &error);
        failed = allocations_until_failure < 0;
        allocations_until_failure = -1;
        assert_int_equal(status == AZATTEST_OK, result != NULL);
        if (status != AZATTEST_OK && status != AZATTEST_E_MEMORY && status != AZATTEST_E_CRYPTO)
            fail_msg("run %ld: %s", runs, azattest_error_message(error));
        if (!failed)
            assert_true(azattest_verification_result_is_valid(result));
        azattest_error_free(error);
        azattest_verification_result_free(result);
    }
    assert_true(runs > 50);
    azattest_appraisal_free(appraisal);
    azattest__json_free(document);
    azattest__buf_free(&der);
    azattest__buf_free(&pem);
    free(text);
}

static int close_simulator(void **state)
{
    (void)state;
    quotes_close();
    return 0;
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_genuine_quote),     cmocka_unit_test(a_forged_quote),        cmocka_unit_test(a_td_quote),
        cmocka_unit_test(a_set_of_collateral), cmocka_unit_test(a_service_certificate),
    };

    return cmocka_run_group_tests_name("evidence_memory", tests, NULL, close_simulator);
}
