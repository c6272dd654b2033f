/* One policy, one set of claims and one evaluation, in many threads at once. */
#include <pthread.h>
#include <stdlib.h>

#include "base/buf.h"
#include "evaluation.h"

#define THREADS 8
#define ROUNDS 50

typedef struct shared {
    pthread_barrier_t start;
    azattest_policy *policy;
    azattest_claim_set *claims;
    azattest_policy_evaluation *evaluation;
    const void *texts[THREADS][6];
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

static void make(shared *all)
{
    static const char events[] = "{'events':{'Events':[{'PcrIndex':7,'Data':'AQ'},{'PcrIndex':1}]},'svn':[1,2]}";
    static const char policy[] =
        "version=1.2;authorizationrules{c:[type=='events']=>add(type='secure', value=JmesPath(c.value, "
        "'Events[?PcrIndex == `7`].Data | @[0] == ^AQ^'));[type=='secure', value=='true']=>permit();};"
        "issuancerules{c:[type=='svn']=>issue(type='x', value=c.value);c:[type=='events']=>issue(type='n', "
        "value=JsonToClaimValue(JmesPath(c.value, AppendString('length(', 'Events)'))));};";
    char *policy_text = evaluation_text(policy), *claims_text = evaluation_text(events);

    assert_int_equal(azattest_policy_parse(azattest__text(policy_text), NULL, &all->policy, NULL), AZATTEST_OK);
    assert_int_equal(azattest_claim_set_parse(azattest__text(claims_text), &all->claims, NULL), AZATTEST_OK);
    free(policy_text);
    free(claims_text);
}

static void *evaluate(void *argument)
{
    const worker *self = argument;
    shared *all = self->all;
    azattest_policy *policy = azattest_policy_ref(all->policy);
    azattest_claim_set *claims = azattest_claim_set_ref(all->claims);
    azattest_policy_evaluation *evaluation = NULL;

    pthread_barrier_wait(&all->start);
    all->good[self->number] = azattest_policy_evaluate(policy, claims, NULL, &evaluation, NULL) == AZATTEST_OK &&
                              azattest_policy_evaluation_is_permitted(evaluation) &&
                              strcmp(azattest_policy_evaluation_claims(evaluation).ptr, "{\"x\":[1,2],\"n\":2}") == 0;
    all->texts[self->number][0] = azattest_claim_set_json(claims).ptr;
    azattest_policy_free(policy);
    azattest_claim_set_free(claims);
    azattest_policy_evaluation_free(evaluation);
    return NULL;
}

static void a_policy_and_claims_are_shared(void **state)
{
    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        shared all = { .policy = NULL };

        make(&all);
        run(&all, evaluate);
        for (size_t i = 0; i < THREADS; i++) {
            assert_true(all.good[i]);
            assert_ptr_equal(all.texts[i][0], all.texts[0][0]);
        }
        azattest_policy_free(all.policy);
        azattest_claim_set_free(all.claims);
    }
}

static void *read_all(void *argument)
{
    const worker *self = argument;
    shared *all = self->all;
    const void **texts = all->texts[self->number];

    pthread_barrier_wait(&all->start);
    texts[0] = azattest_policy_evaluation_claims(all->evaluation).ptr;
    texts[1] = azattest_policy_evaluation_properties(all->evaluation).ptr;
    texts[2] = azattest_policy_evaluation_incoming(all->evaluation).ptr;
    texts[3] = azattest_policy_evaluation_trace(all->evaluation).ptr;
    texts[4] = azattest_policy_evaluation_explanation(all->evaluation);
    texts[5] = azattest_claim_set_json(all->claims).ptr;
    return NULL;
}

static void an_evaluation_is_shared(void **state)
{
    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        shared all = { .policy = NULL };

        make(&all);
        assert_int_equal(azattest_policy_evaluate(all.policy, all.claims, NULL, &all.evaluation, NULL), AZATTEST_OK);
        run(&all, read_all);
        for (size_t i = 0; i < THREADS; i++)
            for (size_t k = 0; k < 6; k++) {
                assert_non_null(all.texts[i][k]);
                assert_ptr_equal(all.texts[i][k], all.texts[0][k]);
            }
        azattest_policy_evaluation_free(all.evaluation);
        azattest_policy_free(all.policy);
        azattest_claim_set_free(all.claims);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_policy_and_claims_are_shared),
        cmocka_unit_test(an_evaluation_is_shared),
    };

    return cmocka_run_group_tests_name("policy_threads", tests, NULL, NULL);
}
