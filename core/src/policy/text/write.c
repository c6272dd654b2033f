/* The canonical spelling of a policy's parts, each on one line. */
#include <inttypes.h>

#include "write.h"

void azattest__policy_write_string(const char *text, size_t len, azattest__buf *out)
{
    const char *end = text + len, *run = text;

    azattest__buf_append_text(out, "\"");
    for (; text < end; text++)
        if (*text == '"' || *text == '\\') {
            azattest__buf_append(out, run, (size_t)(text - run));
            azattest__buf_append_text(out, "\\");
            run = text;
        }
    azattest__buf_append(out, run, (size_t)(end - run));
    azattest__buf_append_text(out, "\"");
}

static void write_call(const azattest__expression *call, azattest__buf *out)
{
    const char *name = azattest__function_name(call->function);

    azattest__buf_append_text(out, name != NULL ? name : call->text);
    azattest__buf_append_text(out, "(");
    for (size_t i = 0; i < call->argument_count; i++) {
        if (i > 0)
            azattest__buf_append_text(out, ", ");
        azattest__policy_write_expression(call->arguments[i], out);
    }
    azattest__buf_append_text(out, ")");
}

/* Nesting is bounded by the parser. */
void azattest__policy_write_expression(const azattest__expression *expression, azattest__buf *out)
{
    switch (expression->kind) {
    case AZATTEST__STRING:
        azattest__policy_write_string(expression->text, expression->text_len, out);
        break;
    case AZATTEST__INTEGER:
        azattest__buf_printf(out, "%" PRId64, expression->integer);
        break;
    case AZATTEST__BOOLEAN:
        azattest__buf_append_text(out, expression->boolean ? "true" : "false");
        break;
    case AZATTEST__REFERENCE:
        azattest__buf_append_text(out, expression->text);
        azattest__buf_append_text(out, ".");
        azattest__buf_append_text(out, azattest__property_name(expression->property));
        break;
    case AZATTEST__CALL:
        write_call(expression, out);
        break;
    }
}

void azattest__policy_write_test(const azattest__test *test, azattest__buf *out)
{
    azattest__buf_append_text(out, azattest__property_name(test->property));
    azattest__buf_append_text(out, azattest__operator_text(test->op));
    azattest__policy_write_expression(test->expression, out);
}

void azattest__policy_write_condition(const azattest__condition *condition, azattest__buf *out)
{
    if (condition->negated)
        azattest__buf_append_text(out, "!");
    if (condition->identifier != NULL) {
        azattest__buf_append_text(out, condition->identifier);
        azattest__buf_append_text(out, ":");
    }
    azattest__buf_append_text(out, "[");
    for (size_t i = 0; i < condition->test_count; i++) {
        if (i > 0)
            azattest__buf_append_text(out, ", ");
        azattest__policy_write_test(&condition->tests[i], out);
    }
    azattest__buf_append_text(out, "]");
}

void azattest__policy_write_action(const azattest__action *action, azattest__buf *out)
{
    azattest__buf_append_text(out, azattest__action_name(action->kind));
    azattest__buf_append_text(out, "(");
    if (action->identifier != NULL) {
        azattest__buf_append_text(out, "claim=");
        azattest__buf_append_text(out, action->identifier);
    }
    for (size_t i = 0; i < action->assignment_count; i++) {
        if (i > 0)
            azattest__buf_append_text(out, ", ");
        azattest__buf_append_text(out, azattest__property_name(action->assignments[i].property));
        azattest__buf_append_text(out, "=");
        azattest__policy_write_expression(action->assignments[i].expression, out);
    }
    azattest__buf_append_text(out, ")");
}

void azattest__policy_write_rule(const azattest__rule *rule, azattest__buf *out)
{
    for (size_t i = 0; i < rule->condition_count; i++) {
        azattest__policy_write_condition(&rule->conditions[i], out);
        azattest__buf_append_text(out, i + 1 < rule->condition_count ? " && " : " ");
    }
    azattest__buf_append_text(out, "=> ");
    azattest__policy_write_action(&rule->action, out);
    azattest__buf_append_text(out, ";");
}
