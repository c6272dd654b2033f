/*
 * A policy over claims, over and over.
 * Usage: bench_policies KIND POLICY CLAIMS OUTCOME TIMES    prints the CPU nanoseconds of one. Absolute paths; OUTCOME
 * is what has to come out ("permit", "deny"), which is looked at each time. The kinds: kept        the parsed policy
 * and the claims are kept: evaluation alone policy      the policy is parsed each time claims      the claims are read
 * from their JSON each time explained   as kept, and the explanation is made each time
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <azattest/azattest.h>

#include "measure.h"

typedef struct job {
    const char *kind, *outcome;
    azattest_bytes policy, claims;
} job;

static azattest_policy *read_policy(const job *j)
{
    azattest_policy *policy = NULL;
    azattest_error *error = NULL;

    succeed(azattest_policy_parse(j->policy, NULL, &policy, &error), error, "policy");
    return policy;
}

static azattest_claim_set *read_claims(const job *j)
{
    azattest_claim_set *claims = NULL;
    azattest_error *error = NULL;

    succeed(azattest_claim_set_parse(j->claims, &claims, &error), error, "claims");
    return claims;
}

static void evaluate(const job *j, const azattest_policy *policy, const azattest_claim_set *claims)
{
    azattest_policy_evaluation *evaluation = NULL;
    azattest_error *error = NULL;

    succeed(azattest_policy_evaluate(policy, claims, NULL, &evaluation, &error), error, "evaluation");
    must(strcmp(azattest_policy_evaluation_outcome(evaluation), j->outcome) == 0, "outcome");
    if (strcmp(j->kind, "explained") == 0)
        must(azattest_policy_evaluation_explanation(evaluation) != NULL, "explanation");
    azattest_policy_evaluation_free(evaluation);
}

static void run(const job *j, long times)
{
    azattest_policy *kept_policy = read_policy(j), *policy;
    azattest_claim_set *kept_claims = read_claims(j), *claims;
    bool new_policy = strcmp(j->kind, "policy") == 0, new_claims = strcmp(j->kind, "claims") == 0;

    for (int warm = 1; warm >= 0; warm--) {
        int64_t cpu = cpu_ns();

        for (long i = 0; i < (warm ? 10 : times); i++) {
            policy = new_policy ? read_policy(j) : azattest_policy_ref(kept_policy);
            claims = new_claims ? read_claims(j) : azattest_claim_set_ref(kept_claims);
            evaluate(j, policy, claims);
            azattest_claim_set_free(claims);
            azattest_policy_free(policy);
        }
        if (!warm)
            printf("%.0f\n", (double)(cpu_ns() - cpu) / (double)times);
    }
    azattest_claim_set_free(kept_claims);
    azattest_policy_free(kept_policy);
}

int main(int argc, char **argv)
{
    job j;
    long times;

    if (argc != 6 || (times = atol(argv[5])) < 1) {
        fprintf(stderr, "usage: bench_policies kept|policy|claims|explained POLICY CLAIMS OUTCOME TIMES\n");
        return 2;
    }
    j = (job){ argv[1], argv[4], read_file("", argv[2]), read_file("", argv[3]) };
    run(&j, times);
    free((void *)(uintptr_t)j.policy.ptr);
    free((void *)(uintptr_t)j.claims.ptr);
    return 0;
}
