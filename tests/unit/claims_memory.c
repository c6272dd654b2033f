/* Every allocation of making claims fails once, in turn: nothing is lost, nothing crashes, and no set is made that
 * lacks a claim. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>
#include <cmocka.h>

#include <azattest/azattest.h>

#include "evidence/claims/claims.h"
#include "failing_memory.h"
#include "made.h"

typedef azattest_status (*maker)(const void *source, azattest_claim_set **out, azattest_error **error);

/* Of a long run, all of its beginning and some of the rest. */
#define ALL_OF_THE_FIRST 400
#define STEP 13

/* `most`: claims of the set without a failure. */
static void every_failure(maker make, const void *source)
{
    cJSON_Hooks hooks = { __wrap_malloc, free };
    size_t most = 0, got;
    bool failed = true;
    long runs = -1; /* the first run goes through */

    cJSON_InitHooks(&hooks);
    for (; failed; runs += runs < ALL_OF_THE_FIRST ? 1 : STEP) {
        azattest_claim_set *set = NULL;
        azattest_error *error = NULL;
        azattest_status status;

        allocations_until_failure = runs;
        status = make(source, &set, &error);
        failed = runs < 0 || allocations_until_failure < 0;
        allocations_until_failure = -1;
        got = azattest_claim_set_count(set);
        if (runs < 0)
            most = got;
        assert_true(status == AZATTEST_OK ? got == most : set == NULL);
        if (!failed || runs < 0)
            assert_int_equal(status, AZATTEST_OK);
        else if (status != AZATTEST_OK)
            assert_int_equal(status, AZATTEST_E_MEMORY);
        azattest_claim_set_free(set);
        azattest_error_free(error);
    }
    cJSON_InitHooks(NULL);
    assert_true(most > 5);
    print_message("about %ld allocations\n", runs);
}

static azattest_status of_token(const void *source, azattest_claim_set **out, azattest_error **error)
{
    return azattest_claim_set_from_token(source, NULL, out, error);
}

static azattest_status by_hand(const void *source, azattest_claim_set **out, azattest_error **error)
{
    azattest_claims_options options = AZATTEST_CLAIMS_OPTIONS_INIT;

    options.attestation_type = "SgxEnclave";
    return azattest_claim_set_from_claims(azattest__text(source), &options, out, error);
}

static azattest_status of_evidence(const void *source, azattest_claim_set **out, azattest_error **error)
{
    return azattest_claim_set_from_evidence(source, NULL, out, error);
}

static azattest_status of_tpm(const void *source, azattest_claim_set **out, azattest_error **error)
{
    azattest_claims_options options = AZATTEST_CLAIMS_OPTIONS_INIT;

    options.attestation_type = "Tpm";
    return azattest_claim_set_from_evidence(source, &options, out, error);
}

static azattest_status with_data(const void *source, azattest_claim_set **out, azattest_error **error)
{
    azattest_claims_options options = AZATTEST_CLAIMS_OPTIONS_INIT;

    options.runtime_data = azattest__text(MADE_RUNTIME_DATA);
    options.nonce = "1";
    return azattest_claim_set_from_evidence(source, &options, out, error);
}

static void claims_of_a_token(void **state)
{
    azattest_token *token = NULL;

    (void)state;
    assert_int_equal(
        azattest_token_create(azattest__text("{\"x-ms-attestation-type\":\"sgx\",\"x-ms-policy\":{\"a\":1},\"a\":1,"
                                             "\"x-ms-sgx-svn\":1,\"x-ms-sgx-is-debuggable\":true,\"x-ms-runtime\":{},"
                                             "\"x-ms-sgx-list\":[1,\"2\",true]}"),
                              NULL, &token, NULL),
        AZATTEST_OK);
    every_failure(of_token, token);
    azattest_token_free(token);
}

static void claims_by_hand(void **state)
{
    (void)state;
    every_failure(by_hand, "{\"x-ms-sgx-svn\":1,\"x-ms-sgx-is-debuggable\":true,\"a\":[1,\"2\"]}");
}

static void claims_of(made_kind kind, maker make)
{
    made it = made_with(kind, 0);
    azattest_evidence *evidence = NULL;

    assert_int_equal(azattest_evidence_load(it.evidence, &evidence, NULL), AZATTEST_OK);
    every_failure(make, evidence);
    azattest_evidence_free(evidence);
    made_free(&it);
}

static void claims_of_an_enclave(void **state)
{
    (void)state;
    claims_of(MADE_SGX, with_data);
}

static void claims_of_a_guest(void **state)
{
    (void)state;
    claims_of(MADE_GUEST_SNP, of_evidence);
}

static void claims_of_a_tpm(void **state)
{
    (void)state;
    claims_of(MADE_GUEST_TDX, of_tpm);
}

static int close_all(void **state)
{
    (void)state;
    quotes_close();
    return 0;
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(claims_of_a_token), cmocka_unit_test(claims_by_hand),  cmocka_unit_test(claims_of_an_enclave),
        cmocka_unit_test(claims_of_a_guest), cmocka_unit_test(claims_of_a_tpm),
    };

    return cmocka_run_group_tests_name("claims_memory", tests, NULL, close_all);
}
