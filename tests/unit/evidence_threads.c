/* One piece of evidence, and one verifier that asks for the service's evidence, in many threads at once. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <azattest/azattest.h>

#include "client/client.h"
#include "evidence.h"
#include "evidence/evidence.h"
#include "made.h"

#define THREADS 8
#define ROUNDS 20

#define APPRAISAL                                                                                                      \
    "{\"mr_signer\":\"74ba5fba208571cf99e1f7158e6536a05bbb6ce7807eef8f6a97f64a7af64b83\",\"product_id\":1,"            \
    "\"allow_not_checked\":[\"tcb\",\"revocation\",\"qe_identity\"]}"

typedef struct shared {
    pthread_barrier_t start;
    azattest_evidence *evidence;
    azattest_bytes roots, token;
    azattest_verifier *verifier;
    const char *fields[THREADS];
    const azattest__pck *pck[THREADS];
    bool good[THREADS];
} shared;

typedef struct worker {
    shared *all;
    size_t number;
} worker;

static void run(shared *all, void *(*work)(void *argument))
{
    pthread_t threads[THREADS];
    worker workers[THREADS];

    assert_int_equal(pthread_barrier_init(&all->start, NULL, THREADS), 0);
    for (size_t i = 0; i < THREADS; i++) {
        workers[i] = (worker){ all, i };
        assert_int_equal(pthread_create(&threads[i], NULL, work, &workers[i]), 0);
    }
    for (size_t i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    pthread_barrier_destroy(&all->start);
}

static void *look(void *argument)
{
    const worker *self = argument;
    shared *all = self->all;
    azattest_verify_options options = AZATTEST_VERIFY_OPTIONS_INIT;
    azattest_verification_result *result = NULL;
    azattest_evidence *own = azattest__evidence_ref(all->evidence);

    options.now_ms = QUOTES_NOW_MS;
    options.extra_roots = all->roots;
    pthread_barrier_wait(&all->start);
    all->fields[self->number] = azattest_evidence_fields(own).ptr;
    all->pck[self->number] = azattest__evidence_pck(own);
    all->good[self->number] = azattest_evidence_verify(own, &options, &result, NULL) == AZATTEST_OK &&
                              azattest_verification_result_is_valid(result) &&
                              azattest_verification_result_json(result).len > 0;
    azattest_verification_result_free(result);
    azattest_evidence_free(own);
    return NULL;
}

static void evidence_is_shared(void **state)
{
    made it = made_of(MADE_TDX, NULL);

    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        shared all = { .roots = it.roots };

        assert_int_equal(azattest_evidence_parse(it.evidence, &all.evidence, NULL), AZATTEST_OK);
        run(&all, look);
        for (size_t i = 0; i < THREADS; i++) {
            assert_true(all.good[i]);
            assert_non_null(all.fields[i]);
            assert_ptr_equal(all.fields[i], all.fields[0]);
            assert_ptr_equal(all.pck[i], all.pck[0]);
        }
        azattest_evidence_free(all.evidence);
    }
    made_free(&it);
}

static void *validate(void *argument)
{
    const worker *self = argument;
    shared *all = self->all;

    pthread_barrier_wait(&all->start);
    all->good[self->number] = true;
    for (int round = 0; round < ROUNDS; round++) {
        azattest_token *token = NULL;

        if (azattest_verifier_validate_cached(all->verifier, all->token, NULL, &token, NULL) != AZATTEST_OK ||
            !azattest_token_is_validated(token))
            all->good[self->number] = false;
        azattest_token_free(token);
    }
    return NULL;
}

static unsigned char *read_text(const char *name, azattest_bytes *out)
{
    size_t len;
    unsigned char *text = evidence_read(name, &len);

    *out = azattest__bytes(text, len - (text[len - 1] == '\n'));
    return text;
}

static void a_verifier_is_shared(void **state)
{
    azattest_client_options client = AZATTEST_CLIENT_OPTIONS_INIT;
    azattest_validation_options options = AZATTEST_VALIDATION_OPTIONS_INIT;
    azattest_appraisal *appraisal = NULL;
    azattest_signers *signers = NULL;
    azattest_token *token = NULL;
    unsigned char *token_text, *keys_text;
    azattest_bytes keys;
    shared all = { .evidence = NULL };
    int64_t expires;

    (void)state;
    EVIDENCE_OR_SKIP();
    token_text = read_text("maa-tokens/sgx-shared-2022-11.jwt", &all.token);
    keys_text = read_text("maa-certs/wus-shared-2022-11.jwks.json", &keys);
    assert_int_equal(azattest_signers_parse(keys, &signers, NULL), AZATTEST_OK);
    assert_int_equal(azattest_appraisal_parse(azattest__text(APPRAISAL), &appraisal, NULL), AZATTEST_OK);
    assert_int_equal(azattest_token_parse(all.token, &token, NULL), AZATTEST_OK);
    assert_int_equal(azattest_token_expires_on(token, &expires), AZATTEST_OK);
    options.signers = signers;
    options.now_ms = (expires - 1800) * 1000;
    options.verify_service_evidence = AZATTEST_ON;
    options.service_appraisal = appraisal;
    client.validation = &options;
    assert_int_equal(azattest_verifier_new("https://sharedwus.wus.attest.azure.net", &client, &all.verifier, NULL),
                     AZATTEST_OK);
    run(&all, validate);
    for (size_t i = 0; i < THREADS; i++)
        assert_true(all.good[i]);
    assert_true(all.verifier->instances[0]->service.fresh >= 1);
    assert_true(all.verifier->instances[0]->service.fresh <= THREADS);
    azattest_verifier_free(all.verifier);
    azattest_token_free(token);
    azattest_appraisal_free(appraisal);
    azattest_signers_free(signers);
    free(token_text);
    free(keys_text);
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
        cmocka_unit_test(evidence_is_shared),
        cmocka_unit_test(a_verifier_is_shared),
    };

    return cmocka_run_group_tests_name("evidence_threads", tests, NULL, close_simulator);
}
