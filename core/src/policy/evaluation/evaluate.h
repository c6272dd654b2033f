/* One evaluation at work: what its rules see, what it may still spend, and how its expressions become values. */
#ifndef AZATTEST_POLICY_EVALUATE_H
#define AZATTEST_POLICY_EVALUATE_H

#include "../claims/claims.h"
#include "../language/tree.h"

/* Bytes of a text that count as one step where it is compared, hashed or copied. */
#define AZATTEST__BYTES_OF_A_STEP 256

/* Values of an expression: a set in the order in which they came, none twice. */
typedef struct azattest__values {
    azattest__value *items;
    size_t count, capacity;
    azattest__index index; /* of more than a few */
} azattest__values;

/* The claims that passed a condition. */
typedef struct azattest__bound {
    const azattest__claim **items;
    size_t count, capacity;
} azattest__bound;

/* A test whose right side is known. */
typedef struct azattest__ready_test {
    const azattest__test *test;
    azattest__values operand;
    size_t integers;         /* how many of the operand are */
    int64_t least, greatest; /* of the operand's integers */
} azattest__ready_test;

/* A document that is no claim's own text. */
typedef struct azattest__parsed {
    const char *text;
    azattest__json *json;
} azattest__parsed;

typedef struct azattest__evaluator {
    const azattest_policy *policy;
    /* Incoming claims: those of the set, then those that rules added, as far as they are visible. */
    const azattest_claim_set *set;
    size_t set_visible;
    const azattest__claim_list *added;
    size_t added_visible;

    azattest__arena *arena;  /* texts that functions make: they live as long as the evaluation */
    azattest__arena scratch; /* of one rule */
    azattest__work work;
    uint64_t work_limit;
    azattest__parsed *documents;
    size_t document_count, document_capacity;
    bool *document_counted; /* by position in the set: its memory is counted once */

    const azattest__rule *rule;
    azattest__bound *bound; /* by condition of the rule */
    azattest_error **error;
} azattest__evaluator;

azattest_status azattest__evaluator_open(azattest__evaluator *m, const azattest_policy *policy,
                                         const azattest_claim_set *set, const azattest__claim_list *added,
                                         azattest__arena *arena, uint64_t work_limit, azattest_error **error);
void azattest__evaluator_close(azattest__evaluator *m);

static inline size_t azattest__evaluator_claim_count(const azattest__evaluator *m)
{
    return m->set_visible + m->added_visible;
}

static inline const azattest__claim *azattest__evaluator_claim(const azattest__evaluator *m, size_t position)
{
    return position < m->set_visible ? &m->set->claims.items[position] : &m->added->items[position - m->set_visible];
}

/* Takes steps from what is left; AZATTEST_E_LIMIT when it is not enough. */
azattest_status azattest__evaluator_spend(azattest__evaluator *m, uint64_t steps);
/* AZATTEST_E_MEMORY or AZATTEST_E_LIMIT, by the arena that could not give any. */
azattest_status azattest__evaluator_no_memory(azattest__evaluator *m);
/* An error that says where it is, once. The status is AZATTEST_E_POLICY_EVALUATION for all but
 * limits. */
__attribute__((format(printf, 4, 5))) azattest_status azattest__evaluator_refuse(azattest__evaluator *m,
                                                                                 azattest_status status,
                                                                                 const azattest__span *span,
                                                                                 const char *format, ...);
#define azattest__evaluator_fail(m, span, ...)                                                                         \
    azattest__evaluator_refuse(m, AZATTEST_E_POLICY_EVALUATION, span, __VA_ARGS__)

bool azattest__values_have(const azattest__values *values, const azattest__value *value);
azattest_status azattest__values_add(azattest__evaluator *m, azattest__values *values, const azattest__value *value);

/* functions.c: the values of an expression. */
azattest_status azattest__evaluator_express(azattest__evaluator *m, const azattest__expression *expression,
                                            azattest__values *out);

/* The conditions of a rule, from the first to one that fails. m->bound has the claims; *failed is the condition that
 * fails, or the number of them all. Leaves what it made in scratch. */
azattest_status azattest__evaluator_match(azattest__evaluator *m, const azattest__rule *rule, size_t *failed);
/* The right sides of a condition's tests, in scratch. */
azattest_status azattest__evaluator_prepare(azattest__evaluator *m, const azattest__condition *condition,
                                            azattest__ready_test **out);
/* Does the claim pass? Only costs are taken from *steps. */
bool azattest__test_passes(const azattest__ready_test *test, const azattest__claim *claim, uint64_t *steps);
/* The claim's property as a value. */
azattest__value azattest__claim_property(const azattest__claim *claim, azattest__property property);
/* The claims that the action of the rule makes of what is bound, in scratch; none for permit and deny. */
azattest_status azattest__evaluator_make(azattest__evaluator *m, const azattest__rule *rule, bool reaches_outside,
                                         azattest__claim **out, size_t *count);

#endif
