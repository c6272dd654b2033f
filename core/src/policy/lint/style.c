/* Text that was to be filled in, identifiers that nothing uses. */
#include <string.h>

#include "lint.h"

static bool is_enclosed(const char *text, const char *before, const char *after)
{
    size_t len = strlen(text), b = strlen(before), a = strlen(after);

    return len > b + a && strncmp(text, before, b) == 0 && strcmp(text + len - a, after) == 0 &&
           strcspn(text + b, "<>{}") >= len - b - a;
}

bool azattest__lint_is_placeholder(const char *text)
{
    static const char *const words[] = { "TODO", "FIXME", "CHANGEME", "CHANGE_ME", "REPLACEME", "REPLACE_ME", "TBD" };
    static const char *const starts[] = { "your-", "your_", "your " };
    size_t len = strlen(text);

    if (is_enclosed(text, "<", ">") || is_enclosed(text, "{{", "}}") || is_enclosed(text, "${", "}") ||
        is_enclosed(text, "__", "__") || (len >= 3 && (strspn(text, "x") == len || strspn(text, "X") == len)))
        return true;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (azattest__text_equal_nocase(text, words[i]))
            return true;
    for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++) {
        char head[8] = "";

        memcpy(head, text, len < strlen(starts[i]) ? len : strlen(starts[i]));
        if (azattest__text_equal_nocase(head, starts[i]))
            return true;
    }
    return false;
}

static void check_string(azattest__lint *lint, size_t rule, const azattest__expression *expression)
{
    const char *shown;

    (void)rule;
    if (expression->kind != AZATTEST__STRING || !azattest__lint_is_placeholder(expression->text))
        return;
    shown = azattest__lint_shown(lint, expression->text);
    azattest__lint_say(lint, AZATTEST__WARNING, "placeholder", expression->span, shown, NULL,
                       "\"%s\" looks like text that was to be filled in", shown);
}

static bool uses(const azattest__expression *expression, size_t condition)
{
    if (expression == NULL)
        return false;
    if (expression->kind == AZATTEST__REFERENCE)
        return expression->condition == condition;
    for (size_t i = 0; i < expression->argument_count; i++)
        if (uses(expression->arguments[i], condition))
            return true;
    return false;
}

static bool is_used(const azattest__rule *rule, size_t condition)
{
    if (rule->action.identifier != NULL && rule->action.condition == condition)
        return true;
    for (size_t i = 0; i < rule->action.assignment_count; i++)
        if (uses(rule->action.assignments[i].expression, condition))
            return true;
    for (size_t i = condition == AZATTEST__NO_CONDITION ? 0 : condition + 1; i < rule->condition_count; i++)
        for (size_t j = 0; j < rule->conditions[i].test_count; j++)
            if (uses(rule->conditions[i].tests[j].expression, condition))
                return true;
    return false;
}

/* A reference to no condition was perhaps to be one to a condition that nothing uses: that is said already. */
static void check_identifiers(azattest__lint *lint, const azattest__rule *rule)
{
    if (is_used(rule, AZATTEST__NO_CONDITION))
        return;
    for (size_t i = 0; i < rule->condition_count; i++) {
        const azattest__condition *condition = &rule->conditions[i];
        azattest__span span = condition->span;

        if (condition->identifier == NULL || condition->negated || is_used(rule, i))
            continue;
        span.length = strlen(condition->identifier); /* a condition begins with its name */
        azattest__lint_say(lint, AZATTEST__NOTE, "unused-identifier", span, condition->identifier, NULL,
                           "nothing in the rule uses \"%s\"", condition->identifier);
    }
}

void azattest__lint_style(azattest__lint *lint, size_t rule)
{
    azattest__lint_expressions(lint, rule, check_string);
    check_identifiers(lint, lint->rules[rule].rule);
}
