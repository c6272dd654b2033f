/* Whether two policies are the same tree. */
#include "../text/write.h"

static bool same_text(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static bool same_expression(const azattest__expression *a, const azattest__expression *b)
{
    if (a->kind != b->kind)
        return false;
    switch (a->kind) {
    case AZATTEST__STRING:
        return a->text_len == b->text_len && memcmp(a->text, b->text, a->text_len) == 0;
    case AZATTEST__INTEGER:
        return a->integer == b->integer;
    case AZATTEST__BOOLEAN:
        return a->boolean == b->boolean;
    case AZATTEST__REFERENCE:
        return a->property == b->property && same_text(a->text, b->text);
    case AZATTEST__CALL:
        break;
    }
    if (a->function != b->function || a->argument_count != b->argument_count ||
        (a->function == AZATTEST__UNKNOWN_FUNCTION && !same_text(a->text, b->text)))
        return false;
    for (size_t i = 0; i < a->argument_count; i++)
        if (!same_expression(a->arguments[i], b->arguments[i]))
            return false;
    return true;
}

static bool same_condition(const azattest__condition *a, const azattest__condition *b)
{
    if (a->negated != b->negated || a->test_count != b->test_count || !same_text(a->identifier, b->identifier))
        return false;
    for (size_t i = 0; i < a->test_count; i++)
        if (a->tests[i].property != b->tests[i].property || a->tests[i].op != b->tests[i].op ||
            !same_expression(a->tests[i].expression, b->tests[i].expression))
            return false;
    return true;
}

static bool same_action(const azattest__action *a, const azattest__action *b)
{
    if (a->kind != b->kind || a->assignment_count != b->assignment_count || !same_text(a->identifier, b->identifier))
        return false;
    for (size_t i = 0; i < a->assignment_count; i++)
        if (a->assignments[i].property != b->assignments[i].property ||
            !same_expression(a->assignments[i].expression, b->assignments[i].expression))
            return false;
    return true;
}

bool azattest__rule_same(const azattest__rule *a, const azattest__rule *b)
{
    if (a->condition_count != b->condition_count || !same_action(&a->action, &b->action))
        return false;
    for (size_t i = 0; i < a->condition_count; i++)
        if (!same_condition(&a->conditions[i], &b->conditions[i]))
            return false;
    return true;
}

bool azattest__policy_same(const azattest_policy *a, const azattest_policy *b)
{
    if (a == NULL || b == NULL || a == b)
        return a == b;
    if (a->version != b->version)
        return false;
    for (size_t s = 0; s < AZATTEST__SECTIONS; s++) {
        const azattest__section *left = &a->sections[s], *right = &b->sections[s];

        if (left->present != right->present || left->rule_count != right->rule_count)
            return false;
        for (size_t i = 0; i < left->rule_count; i++)
            if (!azattest__rule_same(&left->rules[i], &right->rules[i]))
                return false;
    }
    return true;
}
