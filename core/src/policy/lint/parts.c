/* Reading rules: what a condition is about, what an action makes. */
#include <string.h>

#include "../claims/claims.h"
#include "lint.h"

static bool is_literal(const azattest__expression *expression)
{
    return expression != NULL && (expression->kind == AZATTEST__STRING || expression->kind == AZATTEST__INTEGER ||
                                  expression->kind == AZATTEST__BOOLEAN);
}

const azattest__expression *azattest__lint_equal_test(const azattest__condition *condition, azattest__property property)
{
    for (size_t i = 0; i < condition->test_count; i++) {
        const azattest__test *test = &condition->tests[i];

        if (test->property == property && test->op == AZATTEST__EQUAL && is_literal(test->expression))
            return test->expression;
    }
    return NULL;
}

static const char *equal_text(const azattest__condition *condition, azattest__property property)
{
    const azattest__expression *expression = azattest__lint_equal_test(condition, property);

    return expression != NULL && expression->kind == AZATTEST__STRING ? expression->text : NULL;
}

const char *azattest__lint_type_of(const azattest__condition *condition)
{
    return equal_text(condition, AZATTEST__PROPERTY_TYPE);
}

bool azattest__lint_issuer_is(const azattest__condition *condition, const char *issuer)
{
    const char *tested = equal_text(condition, AZATTEST__PROPERTY_ISSUER);

    return tested != NULL && strcmp(tested, issuer) == 0;
}

bool azattest__lint_could_match(const azattest__condition *condition, const char *type, const char *issuer)
{
    for (size_t i = 0; i < condition->test_count; i++) {
        const azattest__test *test = &condition->tests[i];
        const char *have = test->property == AZATTEST__PROPERTY_TYPE     ? type
                           : test->property == AZATTEST__PROPERTY_ISSUER ? issuer
                                                                         : NULL;

        if (have == NULL || test->expression == NULL || test->expression->kind != AZATTEST__STRING)
            continue;
        if ((test->op == AZATTEST__EQUAL && strcmp(test->expression->text, have) != 0) ||
            (test->op == AZATTEST__NOT_EQUAL && strcmp(test->expression->text, have) == 0))
            return false;
    }
    return true;
}

const azattest__known_claim *azattest__lint_known_claim(const azattest__lint *lint, size_t rule,
                                                        const azattest__condition *condition)
{
    const char *type = azattest__lint_type_of(condition);

    if (type == NULL || !azattest__lint_could_match(condition, NULL, AZATTEST__ISSUER_SERVICE))
        return NULL;
    if (!azattest__lint_issuer_is(condition, AZATTEST__ISSUER_SERVICE) &&
        azattest__lint_is_made(lint, rule, type, NULL))
        return NULL;
    return azattest__known_claim_find(type, lint->guessed);
}

const azattest__expression *azattest__lint_assigned(const azattest__action *action, azattest__property property)
{
    for (size_t i = 0; i < action->assignment_count; i++)
        if (action->assignments[i].property == property)
            return action->assignments[i].expression;
    return NULL;
}

const char *azattest__lint_target(const azattest__rule *rule)
{
    const azattest__action *action = &rule->action;
    const azattest__expression *type;

    if (action->identifier != NULL)
        return action->condition < rule->condition_count ? azattest__lint_type_of(&rule->conditions[action->condition])
                                                         : NULL;
    type = azattest__lint_assigned(action, AZATTEST__PROPERTY_TYPE);
    if (type != NULL && type->kind == AZATTEST__REFERENCE && type->property == AZATTEST__PROPERTY_TYPE &&
        type->condition < rule->condition_count)
        return azattest__lint_type_of(&rule->conditions[type->condition]);
    return type != NULL && type->kind == AZATTEST__STRING ? type->text : NULL;
}

bool azattest__lint_same_expression(const azattest__expression *a, const azattest__expression *b)
{
    if (a == NULL || b == NULL || a->kind != b->kind)
        return a == b;
    switch (a->kind) {
    case AZATTEST__STRING:
        return strcmp(a->text, b->text) == 0;
    case AZATTEST__INTEGER:
        return a->integer == b->integer;
    case AZATTEST__BOOLEAN:
        return a->boolean == b->boolean;
    case AZATTEST__REFERENCE:
        return a->property == b->property && a->condition == b->condition && a->condition != AZATTEST__NO_CONDITION;
    case AZATTEST__CALL:
        if (a->function != b->function || a->function == AZATTEST__UNKNOWN_FUNCTION ||
            a->argument_count != b->argument_count)
            return false;
        for (size_t i = 0; i < a->argument_count; i++)
            if (!azattest__lint_same_expression(a->arguments[i], b->arguments[i]))
                return false;
        return true;
    }
    return false;
}

static bool same_tests(const azattest__condition *a, const azattest__condition *b)
{
    if (a->test_count != b->test_count)
        return false;
    for (size_t i = 0; i < a->test_count; i++)
        if (a->tests[i].property != b->tests[i].property || a->tests[i].op != b->tests[i].op ||
            !azattest__lint_same_expression(a->tests[i].expression, b->tests[i].expression))
            return false;
    return true;
}

bool azattest__lint_same_condition(const azattest__condition *a, const azattest__condition *b)
{
    return a->negated == b->negated && same_tests(a, b);
}

bool azattest__lint_same_rule(const azattest__rule *a, const azattest__rule *b)
{
    const azattest__action *left = &a->action, *right = &b->action;

    if (a->condition_count != b->condition_count || left->kind != right->kind ||
        (left->identifier == NULL) != (right->identifier == NULL) ||
        left->assignment_count != right->assignment_count ||
        (left->identifier != NULL && left->condition != right->condition))
        return false;
    for (size_t i = 0; i < left->assignment_count; i++)
        if (!azattest__lint_same_expression(left->assignments[i].expression,
                                            azattest__lint_assigned(right, left->assignments[i].property)))
            return false;
    for (size_t i = 0; i < a->condition_count; i++)
        if (!azattest__lint_same_condition(&a->conditions[i], &b->conditions[i]))
            return false;
    return true;
}

bool azattest__lint_is_made(const azattest__lint *lint, size_t rule, const char *type, size_t *from)
{
    for (size_t i = 0; i < rule; i++) {
        const azattest__lint_rule *earlier = &lint->rules[i];

        if (!earlier->makes || earlier->never || (earlier->made != NULL && strcmp(earlier->made, type) != 0))
            continue;
        if (from != NULL)
            *from = i;
        return true;
    }
    if (from != NULL)
        *from = SIZE_MAX;
    return false;
}

static void visit_expression(azattest__lint *lint, size_t rule, const azattest__expression *expression,
                             azattest__lint_visit visit)
{
    if (expression == NULL)
        return;
    visit(lint, rule, expression);
    for (size_t i = 0; i < expression->argument_count; i++)
        visit_expression(lint, rule, expression->arguments[i], visit);
}

void azattest__lint_expressions(azattest__lint *lint, size_t rule, azattest__lint_visit visit)
{
    const azattest__rule *source = lint->rules[rule].rule;

    for (size_t i = 0; i < source->condition_count; i++)
        for (size_t j = 0; j < source->conditions[i].test_count; j++)
            visit_expression(lint, rule, source->conditions[i].tests[j].expression, visit);
    for (size_t i = 0; i < source->action.assignment_count; i++)
        visit_expression(lint, rule, source->action.assignments[i].expression, visit);
}
