/* What an evaluation leaves behind: for its readers, and for the local service. */
#ifndef AZATTEST_POLICY_EVALUATION_INSIDE_H
#define AZATTEST_POLICY_EVALUATION_INSIDE_H

#include <stdatomic.h>

#include <azattest/policy_evaluation.h>

#include "evaluate.h"

/* Incoming claims are only ever appended: with their number, what a rule did can be found again. */
typedef struct azattest__record {
    bool run, fired;
    size_t added_before, added_after; /* of the claims that rules added */
} azattest__record;

struct azattest_policy_evaluation {
    azattest_policy *policy;
    azattest_claim_set *set;
    azattest__arena arena;
    uint64_t work_limit;
    azattest__record *records[AZATTEST__SECTIONS]; /* one for each rule */
    azattest__claim_list added, outgoing, properties;
    bool permitted;
    const azattest__rule *permit_rule, *deny_rule; /* the first that said so; NULL: none */
    size_t deny_index;                             /* of the deny rule in its section */
    const azattest__claim **denied; /* what the conditions of the deny rule matched, in the order of its conditions */
    size_t denied_count;
    char *deny_source;
    char reason[64];
    /* Made when first asked for. */
    _Atomic(azattest__buf *) claims_text, properties_text, incoming_text, trace_text, explanation_text;
};

/* The configuration rules alone, which come before the evidence is judged: properties, and never a permit. */
azattest_status azattest__policy_configure(const azattest_policy *policy, azattest_policy_evaluation **out,
                                           azattest_error **error);
/* A property that has exactly one value; NULL when it has none or several. */
const azattest__value *azattest__policy_evaluation_property(const azattest_policy_evaluation *evaluation,
                                                            const char *name);

/* trace.c, explanation.c */
azattest_status azattest__evaluation_trace(const azattest_policy_evaluation *evaluation, azattest__buf *out);
azattest_status azattest__evaluation_explain(const azattest_policy_evaluation *evaluation, azattest__buf *out);

/* What a rule did, found again. */
typedef struct azattest__replay {
    azattest__evaluator evaluator;
    azattest__arena arena;
    const azattest_policy_evaluation *evaluation;
    const azattest__rule *rule;
    const azattest__record *record;
    size_t failed;         /* condition; their number: it fired */
    size_t compared;       /* names that were compared for a typing mistake */
    azattest__claim *made; /* by its action */
    size_t made_count;
} azattest__replay;

azattest_status azattest__replay_open(azattest__replay *replay, const azattest_policy_evaluation *evaluation);
void azattest__replay_close(azattest__replay *replay);
/* Until the next call: m->bound, failed, made. */
azattest_status azattest__replay_rule(azattest__replay *replay, azattest__section_kind section, size_t rule);
/* Why the condition that failed did. */
azattest_status azattest__replay_reason(azattest__replay *replay, azattest__buf *out);
/* A value as people read it: cut, printable, text in quotes. */
void azattest__value_show(const azattest__value *value, azattest__buf *out);

#endif
