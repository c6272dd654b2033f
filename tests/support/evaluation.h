/*
 * Policies over claims, as tables. In all texts ' stands for ", and ^ for ', so that policies and JSON can be read.
 */
#ifndef AZATTEST_TESTS_EVALUATION_H
#define AZATTEST_TESTS_EVALUATION_H

#include "expect.h"

#include <azattest/azattest.h>

/* A row ends behind what it asks about. */
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"

typedef struct evaluation_case {
    const char *name;
    const char *policy;     /* a whole text; begins with "=>" or "[": the one rule of authorizationrules, version 1.2 */
    const char *claims;     /* JSON; NULL: none */
    const char *outcome;    /* "permit", "deny" or "error" */
    const char *issued;     /* JSON of the claims; NULL: "{}". Of an error: a part of the message */
    const char *properties; /* JSON; NULL: "{}" */
    const char *explained, *trace; /* parts of the explanation and of the trace; NULL: whatever */
    bool lenient;
    uint64_t work_limit;
    azattest_status status; /* of an error; 0: AZATTEST_E_POLICY_EVALUATION */
} evaluation_case;

/* The rules of the sections as a policy. */
#define RULES(authorization, issuance)                                                                                 \
    "version=1.2;authorizationrules{\n" authorization "\n};issuancerules{\n" issuance "\n};"
/* Permits, and then issues. */
#define ISSUE(issuance) RULES("=>permit();", issuance)

/* A new text with the marks replaced. */
char *evaluation_text(const char *marked);
/* Both texts as they are marked; the policy has to be one. */
azattest_status evaluation_of(const char *policy, const char *claims, const azattest_evaluation_options *options,
                              bool lenient, azattest_policy_evaluation **out, azattest_error **error);
/* For cmocka: the state is the case. */
void evaluation_comes_out(void **state);
/* Compares an evaluation with the case. */
void evaluation_is(const evaluation_case *test, const azattest_policy_evaluation *evaluation);

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))
#define TABLE(cases, function)                                                                                         \
    for (size_t table_i = 0; table_i < COUNT(cases); table_i++)                                                        \
        tests[count++] = (struct CMUnitTest)                                                                           \
        {                                                                                                              \
            (cases)[table_i].name, function, NULL, NULL, (void *)(uintptr_t) & (cases)[table_i]                        \
        }

#endif
