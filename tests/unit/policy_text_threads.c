/* One policy, one set of claims and one difference, in many threads at once: what is made when it is first asked for is
 * made once, as all of them see it. */
#include <pthread.h>
#include <stdlib.h>

#include <azattest/azattest.h>

#include "base/buf.h"
#include "expect.h"

#define THREADS 8
#define ROUNDS 200

#define TEXT                                                                                                           \
    "version=1.2; // c\nauthorizationrules{=>permit();};issuancerules{c:[type==\"a\"]=>issue(type=\"b\", value="       \
    "JsonToClaimValue(JmesPath(c.value, \"x.y\")));};"

typedef struct shared {
    pthread_barrier_t start;
    const azattest_policy *policy;
    const azattest_policy_difference *difference;
    const azattest_claim_set *claims;
    const void *seen[THREADS][6];
    bool good[THREADS];
} shared;

typedef struct worker {
    shared *all;
    size_t number;
} worker;

static void *look(void *argument)
{
    const worker *self = argument;
    shared *all = self->all;
    const void **seen = all->seen[self->number];
    azattest_policy_evaluation *evaluation = NULL;
    azattest_policy *own = azattest_policy_ref(all->policy);

    pthread_barrier_wait(&all->start);
    seen[0] = azattest_policy_formatted(own);
    seen[1] = azattest_policy_tree(own).ptr;
    seen[2] = azattest_policy_explanation(own);
    seen[3] = azattest_policy_difference_text(all->difference);
    seen[4] = azattest_policy_difference_json(all->difference).ptr;
    seen[5] = azattest_claim_set_json(all->claims).ptr;
    all->good[self->number] = azattest_policy_evaluate(own, all->claims, NULL, &evaluation, NULL) == AZATTEST_OK &&
                              azattest__bytes_equal_text(azattest_policy_evaluation_claims(evaluation), "{\"b\":7}");
    azattest_policy_evaluation_free(evaluation);
    azattest_policy_free(own);
    return NULL;
}

static void run(shared *all)
{
    pthread_t threads[THREADS];
    worker workers[THREADS];

    assert_int_equal(pthread_barrier_init(&all->start, NULL, THREADS), 0);
    for (size_t i = 0; i < THREADS; i++) {
        workers[i] = (worker){ all, i };
        assert_int_equal(pthread_create(&threads[i], NULL, look, &workers[i]), 0);
    }
    for (size_t i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    pthread_barrier_destroy(&all->start);
}

static void what_is_made_late_is_made_once(void **state)
{
    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        shared all = { 0 };
        azattest_policy_difference *difference = NULL;
        azattest_claim_set *claims = NULL;
        azattest_policy *policy = NULL;

        assert_int_equal(azattest_policy_parse(azattest__text(TEXT), NULL, &policy, NULL), AZATTEST_OK);
        assert_int_equal(azattest_claim_set_parse(azattest__text("{\"a\":{\"x\":{\"y\":7}}}"), &claims, NULL),
                         AZATTEST_OK);
        assert_int_equal(azattest_policy_compare(policy, policy, &difference, NULL), AZATTEST_OK);
        all.policy = policy;
        all.difference = difference;
        all.claims = claims;
        run(&all);
        for (size_t i = 0; i < THREADS; i++) {
            assert_true(all.good[i]);
            for (size_t k = 0; k < sizeof(all.seen[i]) / sizeof(all.seen[i][0]); k++) {
                assert_non_null(all.seen[i][k]);
                assert_ptr_equal(all.seen[i][k], all.seen[0][k]);
            }
        }
        azattest_policy_difference_free(difference);
        azattest_claim_set_free(claims);
        azattest_policy_free(policy);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = { cmocka_unit_test(what_is_made_late_is_made_once) };

    return cmocka_run_group_tests_name("policy_threads", tests, NULL, NULL);
}
