/* Two policies compared. Inside; <azattest/policy_difference.h> is the public face. */
#ifndef AZATTEST_POLICY_DIFFERENCE_INSIDE_H
#define AZATTEST_POLICY_DIFFERENCE_INSIDE_H

#include <azattest/policy_difference.h>

#include "../../json/json.h"
#include "../language/tree.h"

typedef enum azattest__change_kind {
    AZATTEST__RULE_ALIKE,
    AZATTEST__RULE_REMOVED,
    AZATTEST__RULE_ADDED,
    AZATTEST__RULE_CHANGED,
    AZATTEST__RULE_MOVED /* the same rule, elsewhere in its section */
} azattest__change_kind;
#define AZATTEST__CHANGE_KINDS 5

#define AZATTEST__NO_RULE ((size_t)-1)

typedef struct azattest__rule_change {
    azattest__change_kind kind;
    azattest__section_kind section;
    size_t before, after; /* indices of the rule in its section; AZATTEST__NO_RULE */
} azattest__rule_change;

struct azattest_policy_difference {
    azattest_policy *before, *after;
    azattest__rule_change *rules; /* all, in the order that a reader wants: also those alike */
    size_t rule_count;
    size_t counts[AZATTEST__CHANGE_KINDS];
    azattest__json **outcomes; /* one object for each set of claims */
    size_t outcome_count, outcome_capacity, outcome_changed_count;
    _Atomic(char *) text, json; /* made when first asked for */
};

/* difference_rules.c: aligns the rules of both; fills rules, rule_count and counts. */
azattest_status azattest__difference_align(azattest_policy_difference *difference, azattest_error **error);
/* difference_outcomes.c: what both policies make of the claims. */
azattest_status azattest__difference_judge(const azattest_policy_difference *difference, const char *name,
                                           const azattest_claim_set *claims, azattest__json **out, bool *changed,
                                           azattest_error **error);
/* difference_text.c, difference_json.c */
void azattest__difference_text(const azattest_policy_difference *difference, azattest__buf *out);
void azattest__difference_json(const azattest_policy_difference *difference, azattest__buf *out);

#endif
