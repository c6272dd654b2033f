/* Conditions that no claim can pass, and rules that therefore never fire. */
#include <string.h>

#include "../claims/claims.h"
#include "lint.h"

/* What a property must be, as far as its tests with literals tell. */
typedef struct domain {
    const azattest__expression *equal;
    const azattest__test *lower, *upper; /* those that set the limits */
    int64_t least, most;
    const azattest__test *blame; /* the test that contradicts the ones before it */
} domain;

static bool is_literal(const azattest__expression *expression)
{
    return expression != NULL && expression->kind <= AZATTEST__BOOLEAN;
}

static bool fits(const domain *d, const azattest__expression *value)
{
    bool limited = d->lower != NULL || d->upper != NULL;

    return !limited || (value->kind == AZATTEST__INTEGER && value->integer >= d->least && value->integer <= d->most);
}

/* A relational test with an integer; false: nothing is left. */
static bool narrow(domain *d, const azattest__test *test)
{
    int64_t n = test->expression->integer;

    if ((test->op == AZATTEST__LESS && n == INT64_MIN) || (test->op == AZATTEST__GREATER && n == INT64_MAX))
        return false;
    if (test->op == AZATTEST__LESS || test->op == AZATTEST__LESS_OR_EQUAL) {
        n -= test->op == AZATTEST__LESS;
        d->most = d->upper == NULL || n < d->most ? n : d->most;
        d->upper = test;
    } else {
        n += test->op == AZATTEST__GREATER;
        d->least = d->lower == NULL || n > d->least ? n : d->least;
        d->lower = test;
    }
    return d->least <= d->most && (d->equal == NULL || fits(d, d->equal));
}

/* One more test of the property; false: it contradicts those before it. */
static bool take(domain *d, const azattest__test *test)
{
    if (!is_literal(test->expression))
        return true;
    if (test->op == AZATTEST__EQUAL) {
        if ((d->equal != NULL && !azattest__lint_same_expression(d->equal, test->expression)) ||
            !fits(d, test->expression))
            return false;
        d->equal = test->expression;
        return true;
    }
    if (test->op == AZATTEST__NOT_EQUAL)
        return d->equal == NULL || !azattest__lint_same_expression(d->equal, test->expression);
    return test->expression->kind != AZATTEST__INTEGER || narrow(d, test);
}

/* `!=` before the `==` that it contradicts: a second way through. */
static const azattest__test *excluded(const azattest__condition *condition, azattest__property property,
                                      const azattest__expression *equal)
{
    for (size_t i = 0; i < condition->test_count; i++) {
        const azattest__test *test = &condition->tests[i];

        if (test->property == property && test->op == AZATTEST__NOT_EQUAL && equal != NULL &&
            azattest__lint_same_expression(test->expression, equal))
            return test;
    }
    return NULL;
}

static void read_domain(domain *d, const azattest__condition *condition, azattest__property property)
{
    for (size_t i = 0; i < condition->test_count && d->blame == NULL; i++)
        if (condition->tests[i].property == property && !take(d, &condition->tests[i]))
            d->blame = &condition->tests[i];
    if (d->blame == NULL)
        d->blame = excluded(condition, property, d->equal);
}

static domain new_domain(void)
{
    return (domain){ .least = INT64_MIN, .most = INT64_MAX };
}

/* The value's kind against a test of valueType. */
static const azattest__test *against_value_type(const azattest__condition *condition, const domain *value)
{
    static const char *const names[] = { "String", "Integer", "Boolean" };
    const azattest__expression *type = azattest__lint_equal_test(condition, AZATTEST__PROPERTY_VALUE_TYPE);
    const char *needs = value->equal != NULL                           ? names[value->equal->kind]
                        : value->lower != NULL || value->upper != NULL ? names[AZATTEST__INTEGER]
                                                                       : NULL;

    if (type == NULL || type->kind != AZATTEST__STRING || needs == NULL || strcmp(type->text, needs) == 0)
        return NULL;
    for (size_t i = 0; i < condition->test_count; i++)
        if (condition->tests[i].expression == type)
            return &condition->tests[i];
    return NULL;
}

/* The test that no claim can pass together with the others; NULL: there is none. */
static const azattest__test *contradiction(const azattest__condition *condition)
{
    const azattest__test *blame = NULL;

    for (int property = AZATTEST__PROPERTY_TYPE; property <= AZATTEST__PROPERTY_ISSUER && blame == NULL; property++) {
        domain d = new_domain();

        read_domain(&d, condition, (azattest__property)property);
        blame = d.blame;
        if (blame == NULL && property == AZATTEST__PROPERTY_VALUE)
            blame = against_value_type(condition, &d);
    }
    return blame;
}

static void check_condition(azattest__lint *lint, size_t rule, const azattest__condition *condition)
{
    const azattest__test *test = contradiction(condition);

    if (test == NULL)
        return;
    if (condition->negated) {
        azattest__lint_say(lint, AZATTEST__WARNING, "always-true", test->span, NULL, NULL,
                           "no claim can pass this test and the others of its condition, so that the negated "
                           "condition always holds");
        return;
    }
    lint->rules[rule].never = true;
    azattest__lint_say(lint, AZATTEST__WARNING, "never-fires", test->span, NULL, NULL,
                       "no claim can pass this test and the others of its condition: the rule never fires");
}

/* Two conditions about the one value of one claim of the service: together they must be possible. */
static bool exclude_each_other(const azattest__condition *a, const azattest__condition *b)
{
    domain d = new_domain();

    read_domain(&d, a, AZATTEST__PROPERTY_VALUE);
    if (d.blame == NULL)
        read_domain(&d, b, AZATTEST__PROPERTY_VALUE);
    if (d.blame == NULL)
        d.blame = excluded(a, AZATTEST__PROPERTY_VALUE, d.equal);
    return d.blame != NULL;
}

static bool one_valued(const azattest__lint *lint, size_t rule, const azattest__condition *condition)
{
    const azattest__known_claim *claim = azattest__lint_known_claim(lint, rule, condition);

    return claim != NULL && (claim->flags & AZATTEST__CLAIM_MULTIPLE) == 0;
}

static void check_pair(azattest__lint *lint, size_t rule, const azattest__condition *first,
                       const azattest__condition *second)
{
    const char *type = azattest__lint_type_of(first), *other = azattest__lint_type_of(second);
    azattest__condition same = *first;

    same.negated = second->negated;
    if (first->negated != second->negated && azattest__lint_same_condition(&same, second)) {
        lint->rules[rule].never = true;
        azattest__lint_say(lint, AZATTEST__WARNING, "never-fires", second->span, NULL, NULL,
                           "this condition and the one of line %u are opposites: the rule never fires",
                           first->span.line);
    } else if (azattest__lint_same_condition(first, second)) {
        azattest__lint_say(lint, AZATTEST__NOTE, "repeated-condition", second->span, NULL, NULL,
                           "the condition of line %u says the same", first->span.line);
    } else if (!first->negated && !second->negated && type != NULL && other != NULL && strcmp(type, other) == 0 &&
               contradiction(first) == NULL && contradiction(second) == NULL && exclude_each_other(first, second) &&
               one_valued(lint, rule, first) && one_valued(lint, rule, second)) {
        lint->rules[rule].never = true;
        azattest__lint_say(lint, AZATTEST__WARNING, "never-fires", second->span, NULL, NULL,
                           "\"%s\" has one value, which cannot pass this condition and that of line %u: the rule "
                           "never fires",
                           azattest__lint_shown(lint, type), first->span.line);
    }
}

/* Claims of different types of evidence: no evidence has both. */
static void check_types(azattest__lint *lint, size_t rule)
{
    const azattest__rule *source = lint->rules[rule].rule;
    unsigned types = AZATTEST__ANY_TYPE;
    char text[AZATTEST__TYPES_TEXT];

    if (lint->typed || lint->types == 0)
        return;
    for (size_t i = 0; i < source->condition_count; i++) {
        const azattest__known_claim *claim = azattest__lint_known_claim(lint, rule, &source->conditions[i]);

        if (claim == NULL || source->conditions[i].negated || (claim->flags & AZATTEST__CLAIM_INCOMING) == 0)
            continue;
        if ((types & claim->types) == 0) {
            lint->rules[rule].never = true;
            azattest__lint_say(lint, AZATTEST__WARNING, "never-fires", source->conditions[i].span, claim->name, NULL,
                               "\"%s\" is a claim of %s, and the conditions before it need another type: the rule "
                               "never fires",
                               claim->name, azattest__vocabulary_types_text(claim->types, text));
            return;
        }
        types &= claim->types;
    }
}

/* Configuration rules run before the evidence is judged (2.8): all that there is to see is what they make themselves.
 */
static void check_configuration(azattest__lint *lint, size_t rule)
{
    const azattest__rule *source = lint->rules[rule].rule;

    for (size_t i = 0; i < source->condition_count; i++) {
        const azattest__condition *condition = &source->conditions[i];
        bool sees = condition->negated;

        for (size_t j = 0; j < rule && !sees; j++)
            sees = lint->rules[j].makes &&
                   azattest__lint_could_match(condition, lint->rules[j].made, AZATTEST__ISSUER_POLICY);
        if (sees)
            continue;
        lint->rules[rule].never = true;
        azattest__lint_say(lint, AZATTEST__WARNING, "never-fires", condition->span, NULL, NULL,
                           "configuration rules run before the evidence is judged, when there are no claims: the rule "
                           "never fires");
        return;
    }
}

void azattest__lint_logic(azattest__lint *lint, size_t rule)
{
    const azattest__rule *source = lint->rules[rule].rule;

    for (size_t i = 0; i < source->condition_count; i++) {
        check_condition(lint, rule, &source->conditions[i]);
        for (size_t j = 0; j < i; j++)
            check_pair(lint, rule, &source->conditions[j], &source->conditions[i]);
    }
    if (lint->rules[rule].section == AZATTEST__CONFIGURATION)
        check_configuration(lint, rule);
    check_types(lint, rule);
}
