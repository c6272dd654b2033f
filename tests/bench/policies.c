/*
 * Evaluations of a policy, over and over.
 * Usage: bench_policies KIND POLICY CLAIMS MEMBER TIMES    prints the CPU nanoseconds of one. CLAIMS is a JSON file;
 * MEMBER what the policy has to issue ("": nothing). The kinds:
 *   evaluate  policy and claims kept, the outcome asked for
 *   claims    the same, and the issued claims as JSON
 *   explain   the same, and the trace as JSON
 *   anew      policy and claims parsed each time, and the issued claims as JSON
 *   parse     the policy parsed alone
 * Before the time is taken the policy has to permit and to issue that member, and to deny over no claims, unless it
 * permits everything.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "measure.h"

typedef struct job {
    const char *kind;
    azattest_bytes text, json;
    azattest_policy *policy;
    azattest_claim_set *claims;
} job;

static azattest_policy *parse_policy(const job *j)
{
    azattest_policy *policy = NULL;
    azattest_error *error = NULL;

    succeed(azattest_policy_parse(j->text, NULL, &policy, &error), error, "policy");
    return policy;
}

static azattest_claim_set *parse_claims(azattest_bytes json)
{
    azattest_claim_set *claims = NULL;
    azattest_error *error = NULL;

    succeed(azattest_claim_set_parse(json, &claims, &error), error, "claims");
    return claims;
}

static azattest_policy_evaluation *evaluate(const azattest_policy *policy, const azattest_claim_set *claims)
{
    azattest_policy_evaluation *evaluation = NULL;
    azattest_error *error = NULL;

    succeed(azattest_policy_evaluate(policy, claims, NULL, &evaluation, &error), error, "evaluation");
    return evaluation;
}

static void prove(const job *j, const char *member)
{
    azattest_policy_evaluation *evaluation = evaluate(j->policy, j->claims);
    azattest_claim_set *none = parse_claims((azattest_bytes){ "{}", 2 });
    char name[128];

    must(azattest_policy_evaluation_is_permitted(evaluation), "permit");
    snprintf(name, sizeof(name), "\"%s\":", member);
    must(*member == '\0' || strstr(azattest_policy_evaluation_claims(evaluation).ptr, name) != NULL, "issued claim");
    azattest_policy_evaluation_free(evaluation);
    evaluation = evaluate(j->policy, none);
    must(!azattest_policy_evaluation_is_permitted(evaluation) || strstr(j->text.ptr, "=> permit();") != NULL, "denial");
    azattest_policy_evaluation_free(evaluation);
    azattest_claim_set_free(none);
}

static void once(const job *j)
{
    bool anew = strcmp(j->kind, "anew") == 0;
    azattest_policy *policy = anew || strcmp(j->kind, "parse") == 0 ? parse_policy(j) : NULL;
    azattest_claim_set *claims = anew ? parse_claims(j->json) : NULL;
    azattest_policy_evaluation *evaluation;

    if (strcmp(j->kind, "parse") != 0) {
        evaluation = evaluate(anew ? policy : j->policy, anew ? claims : j->claims);
        must(azattest_policy_evaluation_is_permitted(evaluation), "permit");
        if (strcmp(j->kind, "evaluate") != 0)
            must(azattest_policy_evaluation_claims(evaluation).ptr != NULL, "claims");
        if (strcmp(j->kind, "explain") == 0)
            must(azattest_policy_evaluation_trace(evaluation).ptr != NULL, "trace");
        azattest_policy_evaluation_free(evaluation);
    }
    azattest_claim_set_free(claims);
    azattest_policy_free(policy);
}

int main(int argc, char **argv)
{
    static const char *const kinds[] = { "evaluate", "claims", "explain", "anew", "parse" };
    job j = { .kind = argc == 6 ? argv[1] : "" };
    bool known = false;
    long times;
    int64_t cpu;

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        known = known || strcmp(j.kind, kinds[i]) == 0;
    if (!known || (times = atol(argv[5])) < 1) {
        fprintf(stderr, "usage: bench_policies evaluate|claims|explain|anew|parse POLICY CLAIMS MEMBER TIMES\n");
        return 2;
    }
    j.text = read_file("", argv[2]);
    j.json = read_file("", argv[3]);
    j.policy = parse_policy(&j);
    j.claims = parse_claims(j.json);
    prove(&j, argv[4]);
    for (int i = 0; i < 10; i++)
        once(&j);
    cpu = cpu_ns();
    for (long i = 0; i < times; i++)
        once(&j);
    printf("%.0f\n", (double)(cpu_ns() - cpu) / (double)times);
    azattest_claim_set_free(j.claims);
    azattest_policy_free(j.policy);
    free((void *)(uintptr_t)j.json.ptr);
    free((void *)(uintptr_t)j.text.ptr);
    return 0;
}
