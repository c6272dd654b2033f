/* What the authorization rules come to, taken together. */
#include <string.h>

#include "../choices.h"
#include "../claims/claims.h"
#include "lint.h"

/* The section's rules that decide, of those that can fire. */
typedef struct outcome {
    const azattest__rule *always_permits, *always_denies; /* the first without conditions */
    bool permits;                                         /* any permit can be reached */
    bool tests_debug;                                     /* any rule looks whether the evidence can be debugged */
} outcome;

typedef enum debugging { NOT_TESTED, TESTED, WANTED } debugging;

/* Whether a condition is about debugging, and whether evidence that can be debugged passes. */
static debugging debug_test(const azattest__lint *lint, size_t rule, const azattest__condition *condition)
{
    const azattest__known_claim *claim = azattest__lint_known_claim(lint, rule, condition);
    debugging found = NOT_TESTED;
    bool is_text;

    if (claim == NULL)
        return NOT_TESTED;
    is_text = strcmp(claim->name, "dbgstat") == 0; /* TDX: "disabled", else it is not */
    if (!is_text && (claim->flags & (AZATTEST__CLAIM_DEBUG_IF | AZATTEST__CLAIM_DEBUG_UNLESS)) == 0)
        return NOT_TESTED;
    for (size_t i = 0; i < condition->test_count; i++) {
        const azattest__test *test = &condition->tests[i];
        bool debuggable;

        if (test->property != AZATTEST__PROPERTY_VALUE || test->expression == NULL ||
            test->expression->kind != (is_text ? AZATTEST__STRING : AZATTEST__BOOLEAN) ||
            test->op > AZATTEST__NOT_EQUAL)
            continue;
        debuggable = is_text ? strcmp(test->expression->text, "disabled") != 0
                             : test->expression->boolean == ((claim->flags & AZATTEST__CLAIM_DEBUG_IF) != 0);
        if (debuggable == ((test->op == AZATTEST__EQUAL) != condition->negated))
            return WANTED;
        found = TESTED;
    }
    return found;
}

static void read_rule(azattest__lint *lint, size_t index, outcome *o)
{
    const azattest__lint_rule *facts = &lint->rules[index];
    const azattest__rule *rule = facts->rule;

    for (size_t i = 0; i < rule->condition_count; i++)
        if (debug_test(lint, index, &rule->conditions[i]) != NOT_TESTED)
            o->tests_debug = true;
    if (facts->never)
        return;
    if (rule->action.kind == AZATTEST__PERMIT)
        o->permits = true;
    if (rule->condition_count > 0)
        return;
    if (rule->action.kind == AZATTEST__PERMIT && o->always_permits == NULL)
        o->always_permits = rule;
    if (rule->action.kind == AZATTEST__DENY && o->always_denies == NULL)
        o->always_denies = rule;
}

/* A permit and a deny that has no conditions, or the other way round. */
static void check_order(azattest__lint *lint, const azattest__rule *rule, const outcome *o)
{
    bool behind = o->always_permits != NULL && rule->span.offset > o->always_permits->span.offset;

    if (rule->action.kind == AZATTEST__DENY && behind && rule != o->always_denies) {
        azattest__lint_say(lint, AZATTEST__WARNING, "deny-after-permit", rule->action.span, NULL, NULL,
                           AZATTEST__CHOICE_DENY_BEATS_EARLIER_PERMIT
                               ? "this deny stands behind the permit of line %u, which has no conditions: that it "
                                 "counts all the same is not documented, and in front of the permit it is certain"
                               : "this deny stands behind the permit of line %u, which has no conditions: it never "
                                 "counts",
                           o->always_permits->span.line);
    } else if (rule->action.kind == AZATTEST__DENY && rule == o->always_denies) {
        azattest__lint_say(lint, AZATTEST__WARNING, "unconditional-deny", rule->action.span, NULL, NULL,
                           "this deny has no conditions: nothing is permitted, whatever the other rules say");
    } else if (rule->action.kind == AZATTEST__PERMIT && rule->condition_count > 0 && o->always_permits != NULL) {
        azattest__lint_say(lint, AZATTEST__WARNING, "redundant-permit", rule->action.span, NULL, NULL,
                           "this permit decides nothing: the one of line %u permits without any condition",
                           o->always_permits->span.line);
    } else if (rule->action.kind == AZATTEST__PERMIT && rule == o->always_permits && o->always_denies != NULL) {
        azattest__lint_say(lint, AZATTEST__WARNING, "permit-against-deny", rule->action.span, NULL, NULL,
                           "this permit decides nothing: the deny of line %u has no conditions",
                           o->always_denies->span.line);
    }
}

/* Every condition is about what the client sends, whatever the evidence says. */
static bool is_the_clients(const azattest__rule *rule)
{
    for (size_t i = 0; i < rule->condition_count; i++)
        if (!azattest__lint_issuer_is(&rule->conditions[i], AZATTEST__ISSUER_CLIENT))
            return false;
    return rule->condition_count > 0;
}

static void check_permit(azattest__lint *lint, size_t index, const outcome *o)
{
    const azattest__lint_rule *facts = &lint->rules[index];
    const azattest__rule *rule = facts->rule;

    if (rule->action.kind != AZATTEST__PERMIT || facts->never)
        return;
    for (size_t i = 0; i < rule->condition_count; i++) {
        const azattest__condition *condition = &rule->conditions[i];

        if (debug_test(lint, index, condition) == WANTED)
            azattest__lint_say(lint, AZATTEST__WARNING, "permits-debuggable", condition->span, NULL, NULL,
                               "evidence that can be debugged is permitted: whoever runs it can read its secrets");
        if (azattest__lint_equal_test(condition, AZATTEST__PROPERTY_TYPE) == NULL && !condition->negated &&
            azattest__lint_could_match(condition, NULL, AZATTEST__ISSUER_CLIENT))
            azattest__lint_say(lint, AZATTEST__WARNING, "untyped-condition", condition->span, NULL, "type==\"...\"",
                               "this condition has no type, and any claim may pass it, also one that the client sent");
    }
    if (is_the_clients(rule))
        azattest__lint_say(lint, AZATTEST__WARNING, "client-decides", rule->action.span, NULL, NULL,
                           "all conditions of this permit are about claims that the client sends itself");
    if (!o->tests_debug && (lint->guessed & ~(unsigned)AZATTEST__TYPE_TPM) != 0)
        azattest__lint_say(lint, AZATTEST__NOTE, "debug-untested", rule->action.span, NULL, NULL,
                           "no rule looks whether the evidence can be debugged, and whoever runs such a one can read "
                           "its secrets");
}

void azattest__lint_outcome(azattest__lint *lint)
{
    outcome o = { .permits = false };

    if (lint->sure_until != SIZE_MAX || !lint->policy->sections[AZATTEST__AUTHORIZATION].present)
        return;
    for (size_t i = 0; i < lint->rule_count; i++)
        if (lint->rules[i].section == AZATTEST__AUTHORIZATION)
            read_rule(lint, i, &o);
    for (size_t i = 0; i < lint->rule_count; i++)
        if (lint->rules[i].section == AZATTEST__AUTHORIZATION) {
            if (o.permits)
                check_order(lint, lint->rules[i].rule, &o);
            check_permit(lint, i, &o);
        }
    if (!o.permits)
        azattest__lint_say(lint, AZATTEST__WARNING, "never-permits",
                           lint->policy->sections[AZATTEST__AUTHORIZATION].keyword, NULL, "permit()",
                           o.always_denies != NULL ? "the policy permits nothing: a rule denies always"
                                                   : "the policy permits nothing: no rule permits, or none of those "
                                                     "that do can fire");
}
