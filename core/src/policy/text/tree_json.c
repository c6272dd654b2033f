/* A policy's tree as JSON; policy_language.h says what its members are. */
#include <inttypes.h>
#include <stdlib.h>

#include <azattest/limits.h>

#include "../../json/json.h"
#include "write.h"

/* Objects and arrays are written as they come; `between` says that a comma is due. */
typedef struct writer {
    azattest__buf *out;
    bool between;
} writer;

static void raw(writer *w, const char *text)
{
    azattest__buf_append_text(w->out, text);
}

static void name(writer *w, const char *member)
{
    if (w->between)
        raw(w, ",");
    if (member != NULL) {
        azattest__json_append_string(member, w->out);
        raw(w, ":");
    }
    w->between = false;
}

/* '{' or '['; a NULL name: an element. */
static void open(writer *w, const char *member, const char *bracket)
{
    name(w, member);
    raw(w, bracket);
}

static void close(writer *w, const char *bracket)
{
    raw(w, bracket);
    w->between = true;
}

static void text(writer *w, const char *member, const char *value)
{
    name(w, member);
    if (value == NULL)
        raw(w, "null");
    else
        azattest__json_append_string(value, w->out);
    w->between = true;
}

static void number(writer *w, const char *member, int64_t value)
{
    name(w, member);
    azattest__buf_printf(w->out, "%" PRId64, value);
    w->between = true;
}

static void boolean(writer *w, const char *member, bool value)
{
    name(w, member);
    raw(w, value ? "true" : "false");
    w->between = true;
}

static void place(writer *w, azattest__span span)
{
    number(w, "line", span.line);
    number(w, "column", span.column);
    number(w, "offset", (int64_t)span.offset);
    number(w, "length", (int64_t)span.length);
}

/* Nesting is bounded by the parser. */
static void expression(writer *w, const char *member, const azattest__expression *e)
{
    static const char *const kinds[] = { "string", "integer", "boolean", "reference", "call" };

    open(w, member, "{");
    text(w, "kind", kinds[e->kind]);
    switch (e->kind) {
    case AZATTEST__STRING:
        text(w, "value", e->text);
        break;
    case AZATTEST__INTEGER:
        number(w, "value", e->integer);
        break;
    case AZATTEST__BOOLEAN:
        boolean(w, "value", e->boolean);
        break;
    case AZATTEST__REFERENCE:
        text(w, "identifier", e->text);
        text(w, "property", azattest__property_name(e->property));
        number(w, "condition", (int64_t)e->condition);
        break;
    case AZATTEST__CALL:
        text(w, "function", e->text);
        open(w, "arguments", "[");
        for (size_t i = 0; i < e->argument_count; i++)
            expression(w, NULL, e->arguments[i]);
        close(w, "]");
        break;
    }
    place(w, e->span);
    close(w, "}");
}

static void condition(writer *w, const azattest__condition *c)
{
    open(w, NULL, "{");
    boolean(w, "negated", c->negated);
    text(w, "identifier", c->identifier);
    open(w, "tests", "[");
    for (size_t i = 0; i < c->test_count; i++) {
        open(w, NULL, "{");
        text(w, "property", azattest__property_name(c->tests[i].property));
        text(w, "operator", azattest__operator_text(c->tests[i].op));
        expression(w, "expression", c->tests[i].expression);
        place(w, c->tests[i].span);
        close(w, "}");
    }
    close(w, "]");
    place(w, c->span);
    close(w, "}");
}

static void action(writer *w, const azattest__action *a)
{
    open(w, "action", "{");
    text(w, "kind", azattest__action_name(a->kind));
    text(w, "claim", a->identifier);
    open(w, "assignments", "[");
    for (size_t i = 0; i < a->assignment_count; i++) {
        open(w, NULL, "{");
        text(w, "property", azattest__property_name(a->assignments[i].property));
        expression(w, "expression", a->assignments[i].expression);
        place(w, a->assignments[i].span);
        close(w, "}");
    }
    close(w, "]");
    place(w, a->span);
    close(w, "}");
}

static void section(writer *w, azattest__section_kind kind, const azattest__section *s)
{
    open(w, NULL, "{");
    text(w, "name", azattest__section_name(kind));
    open(w, "rules", "[");
    for (size_t i = 0; i < s->rule_count; i++) {
        open(w, NULL, "{");
        open(w, "conditions", "[");
        for (size_t c = 0; c < s->rules[i].condition_count; c++)
            condition(w, &s->rules[i].conditions[c]);
        close(w, "]");
        action(w, &s->rules[i].action);
        place(w, s->rules[i].span);
        close(w, "}");
    }
    close(w, "]");
    place(w, s->span);
    close(w, "}");
}

static void comment(writer *w, const azattest_policy *policy, const azattest__comment *c)
{
    azattest_bytes source = azattest__policy_source(policy, c->span);
    char *copy = azattest__dup(source.ptr, source.len);

    if (copy == NULL) {
        w->out->status = AZATTEST_E_MEMORY;
        return;
    }
    open(w, NULL, "{");
    text(w, "text", copy);
    boolean(w, "own_line", c->own_line);
    place(w, c->span);
    close(w, "}");
    free(copy);
}

void azattest__policy_tree_json(const azattest_policy *policy, azattest__buf *out)
{
    writer w = { out, false };

    open(&w, NULL, "{");
    text(&w, "version", azattest__version_text(policy->version));
    open(&w, "sections", "[");
    for (int kind = 0; kind < AZATTEST__SECTIONS; kind++)
        if (policy->sections[kind].present)
            section(&w, (azattest__section_kind)kind, &policy->sections[kind]);
    close(&w, "]");
    open(&w, "comments", "[");
    for (size_t i = 0; i < policy->comment_count; i++)
        comment(&w, policy, &policy->comments[i]);
    close(&w, "]");
    close(&w, "}");
}
