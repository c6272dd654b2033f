/* What rules make of what, and rules that make or say it twice. */
#include <string.h>

#include "../claims/claims.h"
#include "lint.h"

static const azattest__condition *bound(const azattest__lint *lint, size_t rule, size_t condition)
{
    const azattest__rule *source = lint->rules[rule].rule;

    return condition < source->condition_count ? &source->conditions[condition] : NULL;
}

static unsigned kinds_of(const azattest__lint *lint, size_t rule, const azattest__expression *expression)
{
    const azattest__condition *condition;

    if (expression == NULL)
        return AZATTEST__ALL_KINDS;
    switch (expression->kind) {
    case AZATTEST__STRING:
        return 1u << AZATTEST__VALUE_STRING;
    case AZATTEST__INTEGER:
        return 1u << AZATTEST__VALUE_INTEGER;
    case AZATTEST__BOOLEAN:
        return 1u << AZATTEST__VALUE_BOOLEAN;
    case AZATTEST__REFERENCE:
        if (expression->property != AZATTEST__PROPERTY_VALUE)
            return 1u << AZATTEST__VALUE_STRING;
        condition = bound(lint, rule, expression->condition);
        return condition == NULL ? AZATTEST__ALL_KINDS : azattest__lint_claim_kinds(lint, rule, condition);
    case AZATTEST__CALL:
        switch (expression->function) {
        case AZATTEST__JMES_PATH:
        case AZATTEST__APPEND_STRING:
            return 1u << AZATTEST__VALUE_STRING;
        case AZATTEST__IS_SUBSET_OF:
        case AZATTEST__NEGATE_BOOL:
        case AZATTEST__CONTAINS_ONLY_VALUE:
            return 1u << AZATTEST__VALUE_BOOLEAN;
        case AZATTEST__JSON_TO_CLAIM_VALUE:
        case AZATTEST__UNKNOWN_FUNCTION:
            return AZATTEST__ALL_KINDS;
        }
    }
    return AZATTEST__ALL_KINDS;
}

/* Every claim that passes the condition is read-only. */
static bool is_read_only_claim(const azattest__lint *lint, size_t rule, const azattest__condition *condition)
{
    const azattest__known_claim *claim = azattest__lint_known_claim(lint, rule, condition);
    const char *type = azattest__lint_type_of(condition);
    bool any = false;

    if (claim != NULL)
        return (claim->flags & AZATTEST__CLAIM_READ_ONLY) != 0;
    if (type == NULL || !azattest__lint_issuer_is(condition, AZATTEST__ISSUER_POLICY))
        return false;
    for (size_t i = 0; i < rule; i++) {
        const azattest__lint_rule *earlier = &lint->rules[i];

        if (!earlier->makes || earlier->never || (earlier->made != NULL && strcmp(earlier->made, type) != 0))
            continue;
        if (!earlier->read_only)
            return false;
        any = true;
    }
    return any;
}

/* Section 2.6: what hands the property on, and what does not. */
static bool is_read_only(const azattest__lint *lint, size_t rule, const azattest__expression *expression)
{
    const azattest__condition *condition;

    if (expression == NULL)
        return false;
    if (expression->kind == AZATTEST__REFERENCE) {
        condition = bound(lint, rule, expression->condition);
        return condition != NULL && expression->property == AZATTEST__PROPERTY_VALUE &&
               is_read_only_claim(lint, rule, condition);
    }
    if (expression->kind != AZATTEST__CALL || expression->argument_count == 0)
        return false;
    switch (expression->function) {
    case AZATTEST__JMES_PATH:
    case AZATTEST__JSON_TO_CLAIM_VALUE:
    case AZATTEST__NEGATE_BOOL:
        return is_read_only(lint, rule, expression->arguments[0]);
    case AZATTEST__APPEND_STRING:
        for (size_t i = 0; i < expression->argument_count; i++)
            if (is_read_only(lint, rule, expression->arguments[i]))
                return true;
        return false;
    case AZATTEST__IS_SUBSET_OF:
    case AZATTEST__CONTAINS_ONLY_VALUE:
    case AZATTEST__UNKNOWN_FUNCTION:
        return false;
    }
    return false;
}

void azattest__lint_made(azattest__lint *lint, size_t rule)
{
    azattest__lint_rule *facts = &lint->rules[rule];
    const azattest__action *action = &facts->rule->action;
    const azattest__condition *condition = NULL;
    const azattest__expression *value;

    if (action->kind < AZATTEST__ADD)
        return;
    facts->makes = true;
    facts->made = azattest__lint_target(facts->rule);
    if (action->identifier != NULL) {
        condition = bound(lint, rule, action->condition);
        facts->kinds = condition == NULL ? AZATTEST__ALL_KINDS : azattest__lint_claim_kinds(lint, rule, condition);
        facts->read_only = condition != NULL && is_read_only_claim(lint, rule, condition);
        return;
    }
    value = azattest__lint_assigned(action, AZATTEST__PROPERTY_VALUE);
    facts->kinds = kinds_of(lint, rule, value);
    facts->read_only = is_read_only(lint, rule, value);
}

/* The value that a rule gives is one that its conditions saw under the same type, or nothing was there. */
static bool is_the_added(const azattest__rule *rule, const char *type)
{
    const azattest__action *action = &rule->action;
    const azattest__expression *value = azattest__lint_assigned(action, AZATTEST__PROPERTY_VALUE), *tested;

    if (action->identifier != NULL)
        return true;
    for (size_t i = 0; i < rule->condition_count; i++) {
        const azattest__condition *condition = &rule->conditions[i];
        const char *seen = azattest__lint_type_of(condition);

        if (seen == NULL || strcmp(seen, type) != 0 ||
            !azattest__lint_could_match(condition, NULL, AZATTEST__ISSUER_POLICY))
            continue;
        if (condition->negated)
            return true;
        tested = azattest__lint_equal_test(condition, AZATTEST__PROPERTY_VALUE);
        if (value != NULL && ((value->kind == AZATTEST__REFERENCE && value->condition == i) ||
                              azattest__lint_same_expression(value, tested)))
            return true;
    }
    return false;
}

static void check_mixed(azattest__lint *lint, size_t rule)
{
    const azattest__lint_rule *facts = &lint->rules[rule];
    const azattest__expression *value = azattest__lint_assigned(&facts->rule->action, AZATTEST__PROPERTY_VALUE);

    if (facts->rule->action.kind != AZATTEST__ISSUE || facts->made == NULL || facts->never ||
        is_the_added(facts->rule, facts->made))
        return;
    for (size_t i = 0; i < rule; i++) {
        const azattest__lint_rule *earlier = &lint->rules[i];
        const azattest__expression *added = azattest__lint_assigned(&earlier->rule->action, AZATTEST__PROPERTY_VALUE);

        if (earlier->rule->action.kind != AZATTEST__ADD || earlier->never || earlier->made == NULL ||
            strcmp(earlier->made, facts->made) != 0 ||
            (azattest__lint_same_expression(added, value) && added->kind <= AZATTEST__BOOLEAN))
            continue;
        azattest__lint_say(lint, AZATTEST__WARNING, "mixed-add-issue", facts->rule->action.span,
                           azattest__lint_shown(lint, facts->made), NULL,
                           "\"%s\" was added in line %u with another value: later conditions see both, the token has "
                           "the issued one alone",
                           azattest__lint_shown(lint, facts->made), earlier->rule->span.line);
        return;
    }
}

static void check_duplicate(azattest__lint *lint, size_t rule)
{
    const azattest__lint_rule *facts = &lint->rules[rule];

    for (size_t i = rule; i-- > 0 && lint->rules[i].section == facts->section;)
        if (azattest__lint_same_rule(lint->rules[i].rule, facts->rule)) {
            azattest__lint_say(lint, AZATTEST__WARNING, "duplicate-rule", facts->rule->span, NULL, NULL,
                               "the rule of line %u says the same", lint->rules[i].rule->span.line);
            return;
        }
}

static void check_used(azattest__lint *lint, size_t rule)
{
    const azattest__lint_rule *facts = &lint->rules[rule];

    if (facts->rule->action.kind != AZATTEST__ADD || facts->made == NULL || lint->sure_until != SIZE_MAX)
        return;
    for (size_t i = rule + 1; i < lint->rule_count; i++)
        for (size_t j = 0; j < lint->rules[i].rule->condition_count; j++)
            if (azattest__lint_could_match(&lint->rules[i].rule->conditions[j], facts->made, AZATTEST__ISSUER_POLICY))
                return;
    azattest__lint_say(lint, AZATTEST__NOTE, "unused-claim", facts->rule->action.span,
                       azattest__lint_shown(lint, facts->made), "issue",
                       "no later rule looks at \"%s\", and what is added does not reach the token",
                       azattest__lint_shown(lint, facts->made));
}

void azattest__lint_repeated(azattest__lint *lint)
{
    for (size_t i = 0; i < lint->rule_count; i++) {
        check_duplicate(lint, i);
        check_mixed(lint, i);
        check_used(lint, i);
    }
}
