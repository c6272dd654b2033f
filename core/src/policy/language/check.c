/* Checks of a parsed policy: versions, conditions, identifiers. */
#include "check.h"

#include "../../base/nearest.h"
#include "../choices.h"

void azattest__check_error(azattest__check *check, const char *id, azattest__span span, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    azattest__policy_vreport(check->policy, AZATTEST__ERROR, id, span, false, NULL, format, arguments);
    va_end(arguments);
}

void azattest__check_version(azattest_policy *policy, int version, azattest__span span, const char *what)
{
    if (!AZATTEST__CHOICE_VERSIONS_LACK_LATER_PARTS || policy->version == 0 || policy->version >= version)
        return;
    azattest__policy_report(policy, azattest__strictly(policy), "version-gate", span, NULL,
                            "version %s has no %s: they come with version %s", azattest__version_text(policy->version),
                            what, azattest__version_text(version));
}

/* ---- identifiers ---- */

static size_t find(const azattest__rule *rule, const char *identifier, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++)
        if (rule->conditions[i].identifier != NULL && strcmp(rule->conditions[i].identifier, identifier) == 0)
            return i;
    return AZATTEST__NO_CONDITION;
}

static const char *nearest(const azattest__check *check, const char *identifier)
{
    const char *best = NULL, *only = NULL;
    size_t distance = SIZE_MAX, count = 0;

    for (size_t i = 0; i < check->bound; i++) {
        const char *name = check->rule->conditions[i].identifier;

        if (name == NULL)
            continue;
        azattest__nearer(identifier, name, &best, &distance);
        only = name;
        count++;
    }
    return best != NULL ? best : count == 1 ? only : NULL;
}

size_t azattest__check_identifier(azattest__check *check, const char *identifier, azattest__span span)
{
    size_t found = find(check->rule, identifier, 0, check->bound);
    const char *near;

    if (found != AZATTEST__NO_CONDITION)
        return found;
    near = nearest(check, identifier);
    if (find(check->rule, identifier, check->bound, check->rule->condition_count) != AZATTEST__NO_CONDITION)
        azattest__check_error(check, "unbound-identifier", span,
                              "%.40s is not bound yet: a condition sees the identifiers of those before it",
                              identifier);
    else if (near != NULL)
        azattest__check_error(check, "unbound-identifier", span,
                              "no condition of this rule binds %.40s: did you mean %.40s?", identifier, near);
    else
        azattest__check_error(check, "unbound-identifier", span,
                              "no condition of this rule binds %.40s, as in %.40s:[type==\"...\"]", identifier,
                              identifier);
    return found;
}

/* ---- conditions ---- */

/* The integers have six comparisons, text and booleans two. Source: the articles' table of operators. */
static void check_comparison(azattest__check *check, const azattest__test *test)
{
    azattest__known_kind kind = azattest__known_kind_of(test->expression);

    if (!AZATTEST__CHOICE_RELATIONS_ARE_OF_INTEGERS || test->op == AZATTEST__EQUAL || test->op == AZATTEST__NOT_EQUAL)
        return;
    if (test->property != AZATTEST__PROPERTY_VALUE)
        azattest__check_error(check, "relational-operand", test->span,
                              "%s is compared with == and != only: %s is for integers",
                              azattest__property_name(test->property), azattest__operator_text(test->op));
    else if (kind == AZATTEST__KNOWN_TEXT || kind == AZATTEST__KNOWN_BOOLEAN)
        azattest__check_error(check, "relational-operand", test->expression->span,
                              "%s is for integers, and this is %s: == and != compare it",
                              azattest__operator_text(test->op), azattest__known_kind_name(kind));
}

static void check_condition(azattest__check *check, size_t index)
{
    azattest__condition *condition = &check->rule->conditions[index];
    const char *identifier = condition->identifier;
    size_t first;

    check->bound = index;
    if (condition->negated)
        azattest__check_version(check->policy, 12, condition->span, "negated conditions");
    if (condition->negated && identifier != NULL && AZATTEST__CHOICE_NO_NEGATED_IDENTIFIER)
        azattest__check_error(check, "negated-identifier", condition->span,
                              "a negated condition holds when there is no claim: %.40s would have none", identifier);
    else if (identifier != NULL && AZATTEST__CHOICE_IDENTIFIERS_ARE_BOUND_ONCE &&
             (first = find(check->rule, identifier, 0, index)) != AZATTEST__NO_CONDITION)
        azattest__check_error(check, "duplicate-identifier", condition->span,
                              "%.40s is bound in line %u already: a rule binds an identifier once", identifier,
                              check->rule->conditions[first].span.line);
    for (size_t i = 0; i < condition->test_count; i++) {
        azattest__check_expression(check, condition->tests[i].expression);
        check_comparison(check, &condition->tests[i]);
    }
}

static void check_rule(azattest__check *check)
{
    for (size_t i = 0; i < check->rule->condition_count; i++)
        check_condition(check, i);
    check->bound = check->rule->condition_count;
    azattest__check_action(check, &check->rule->action);
}

void azattest__policy_check(azattest_policy *policy)
{
    azattest__section *configuration = &policy->sections[AZATTEST__CONFIGURATION];
    azattest__check check = { .policy = policy };

    if (configuration->present)
        azattest__check_version(policy, 11, configuration->keyword, "configurationrules");
    for (size_t i = 0; i < AZATTEST__SECTIONS; i++) {
        check.section = (azattest__section_kind)i;
        for (size_t j = 0; j < policy->sections[i].rule_count; j++) {
            check.rule = &policy->sections[i].rules[j];
            check_rule(&check);
        }
    }
    if (policy->arena.status != AZATTEST_OK)
        policy->diagnostics.no_memory = true;
    azattest__diagnostics_sort(&policy->diagnostics);
}
