/*
 * The one layout of a policy: a rule on a line of its own, four blanks deep. A rule that is wider than a line is broken
 * behind its `&&`, then before its `=>`, then behind the commas of what is still too wide.
 *
 * Comments are kept in their order. One that stands behind something on its line stays behind it, one on a line of its
 * own stays on one. Only where a comment parts what belongs together (`type // here`), it goes behind that. Both its
 * place between two parts and its kind are the same when the result is read again, so that laying out again changes
 * nothing.
 */
#include <azattest/limits.h>

#include "write.h"

#define WIDTH 100u /* characters of a line, where it can be had */
#define STEP 4u
#define DEEPEST 40u /* calls in calls: from there on indentation says nothing more */

typedef struct layout {
    const azattest_policy *policy;
    azattest__buf *out, flat; /* the second measures */
    size_t next;              /* the first comment that is not written yet */
    size_t column;            /* characters on the line */
    size_t indent;            /* of a line that is not begun yet */
    bool fresh;               /* nothing stands on the line */
    bool first;               /* nothing stands in the text, or behind the brace */
    bool gap;                 /* an empty line is due before what comes next, also where the source has none */
} layout;

/* ---- Lines ---- */

static size_t width(azattest_bytes text)
{
    const unsigned char *p = text.ptr;
    size_t characters = 0;

    for (size_t i = 0; i < text.len; i++)
        characters += (p[i] & 0xc0u) != 0x80u;
    return characters;
}

static void put_bytes(layout *l, azattest_bytes text)
{
    if (l->fresh) {
        azattest__buf_printf(l->out, "%*s", (int)l->indent, "");
        l->column = l->indent;
        l->fresh = false;
    }
    azattest__buf_append_bytes(l->out, text);
    l->column += width(text);
}

static void put(layout *l, const char *text)
{
    put_bytes(l, azattest__text(text));
}

static void new_line(layout *l, size_t indent)
{
    if (!l->fresh)
        azattest__buf_append_text(l->out, "\n");
    l->fresh = true;
    l->column = l->indent = indent < DEEPEST ? indent : DEEPEST;
}

/* What stands on one line: written to `flat`. */
static azattest__buf *scratch(layout *l)
{
    azattest__buf_cut(&l->flat, 0);
    return &l->flat;
}

static void put_scratch(layout *l)
{
    put_bytes(l, azattest__buf_bytes(&l->flat));
}

/* ---- The source between the parts of the tree ---- */

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* An empty line stands before this place. */
static bool is_gap_before(const layout *l, size_t offset)
{
    size_t line_ends = 0;

    for (; offset > 0 && is_blank(l->policy->text[offset - 1]); offset--)
        line_ends += l->policy->text[offset - 1] == '\n';
    return line_ends > 1;
}

/* The first `wanted` (0: anything) from here on that is not in a comment; no string lies between. */
static size_t find(const layout *l, size_t offset, char wanted)
{
    const char *text = l->policy->text;
    size_t end = l->policy->text_len;

    for (; offset < end; offset++) {
        if (text[offset] == '/' && offset + 1 < end && text[offset + 1] == '/')
            while (offset + 1 < end && text[offset] != '\n')
                offset++;
        else if (wanted != 0 ? text[offset] == wanted : !is_blank(text[offset]))
            return offset;
    }
    return end;
}

/* ---- Comments ---- */

static bool is_comment_before(const layout *l, size_t offset)
{
    return l->next < l->policy->comment_count && l->policy->comments[l->next].span.offset < offset;
}

static void put_comment(layout *l)
{
    azattest_bytes text = azattest__policy_source(l->policy, l->policy->comments[l->next++].span);

    while (text.len > 0 && is_blank(((const char *)text.ptr)[text.len - 1]))
        text.len--;
    put_bytes(l, text);
    l->first = false;
}

/* Comments inside a rule: each ends its line. */
static void put_comments_inside(layout *l, size_t before, size_t indent)
{
    while (is_comment_before(l, before)) {
        if (!l->policy->comments[l->next].own_line && !l->fresh)
            put(l, " ");
        else
            new_line(l, indent);
        put_comment(l);
        new_line(l, indent);
    }
}

/* A line for something between rules; empty lines of the source are kept as one. */
static void begin(layout *l, size_t offset, size_t indent)
{
    new_line(l, indent);
    if (!l->first && (l->gap || is_gap_before(l, offset)))
        azattest__buf_append_text(l->out, "\n");
    l->first = l->gap = false;
}

/* Comments between rules. */
static void put_comments_between(layout *l, size_t before, size_t indent)
{
    while (is_comment_before(l, before)) {
        const azattest__comment *comment = &l->policy->comments[l->next];

        if (!comment->own_line && !l->fresh)
            put(l, " ");
        else
            begin(l, comment->span.offset, indent);
        put_comment(l);
        new_line(l, indent);
    }
}

/* Comments before the semicolon that was just written, and could not stand there: behind it. */
static void put_comments_left(layout *l, size_t before, size_t indent)
{
    while (is_comment_before(l, before)) {
        if (!l->fresh)
            put(l, " ");
        put_comment(l);
        new_line(l, indent);
    }
}

/* ---- Lists: tests of a condition, assignments of an action, arguments of a call ---- */

typedef enum list_kind { TESTS, ASSIGNMENTS, ARGUMENTS } list_kind;

typedef struct list {
    list_kind kind;
    const void *items;
    size_t count;
} list;

typedef struct part {
    const char *name, *op; /* "" of an argument */
    const azattest__expression *expression;
    size_t offset;
} part;

static part part_of(list of, size_t i)
{
    part made = { "", "", NULL, 0 };

    if (of.kind == TESTS) {
        const azattest__test *test = (const azattest__test *)of.items + i;

        made = (part){ azattest__property_name(test->property), azattest__operator_text(test->op), test->expression,
                       test->span.offset };
    } else if (of.kind == ASSIGNMENTS) {
        const azattest__assignment *assignment = (const azattest__assignment *)of.items + i;

        made = (part){ azattest__property_name(assignment->property), "=", assignment->expression,
                       assignment->span.offset };
    } else {
        made.expression = ((azattest__expression *const *)of.items)[i];
        made.offset = made.expression->span.offset;
    }
    return made;
}

static list tests_of(const azattest__condition *condition)
{
    return (list){ TESTS, condition->tests, condition->test_count };
}

static list assignments_of(const azattest__action *action)
{
    return (list){ ASSIGNMENTS, action->assignments, action->assignment_count };
}

static list arguments_of(const azattest__expression *call)
{
    return (list){ ARGUMENTS, call->arguments, call->argument_count };
}

/* The last place of a list that comments are written before; those behind it go behind the list. */
static size_t last_place(list of, size_t otherwise)
{
    while (of.count > 0) {
        part last = part_of(of, of.count - 1);

        otherwise = last.offset;
        if (last.expression->kind != AZATTEST__CALL)
            break;
        of = arguments_of(last.expression);
    }
    return otherwise;
}

static size_t list_width(layout *l, list of)
{
    azattest__buf *flat = scratch(l);

    for (size_t i = 0; i < of.count; i++) {
        part one = part_of(of, i);

        azattest__buf_append_text(flat, i > 0 ? ", " : "");
        azattest__buf_append_text(flat, one.name);
        azattest__buf_append_text(flat, one.op);
        azattest__policy_write_expression(one.expression, flat);
    }
    return width(azattest__buf_bytes(flat));
}

/* `tail`: characters that have to follow on the line of its end. */
static void put_list(layout *l, list of, size_t indent, size_t tail)
{
    bool whole;

    if (of.count == 0)
        return;
    whole = !is_comment_before(l, last_place(of, 0)) && l->column + list_width(l, of) + tail <= WIDTH;
    if (whole) {
        put_scratch(l);
        return;
    }
    for (size_t i = 0; i < of.count; i++) {
        part one = part_of(of, i);
        size_t behind = i + 1 < of.count ? 1 : tail, inner = of.count > 1 ? indent + STEP : indent;

        put_comments_inside(l, one.offset, indent);
        if (i > 0)
            new_line(l, indent);
        put(l, one.name);
        put(l, one.op);
        if (one.expression->kind == AZATTEST__CALL) {
            const char *name = azattest__function_name(one.expression->function);

            put(l, name != NULL ? name : one.expression->text);
            put(l, "(");
            put_list(l, arguments_of(one.expression), inner, behind + 1);
            put(l, ")");
        } else {
            azattest__policy_write_expression(one.expression, scratch(l));
            put_scratch(l);
        }
        if (i + 1 < of.count)
            put(l, ",");
    }
}

/* ---- Rules ---- */

static void put_condition(layout *l, const azattest__condition *condition, size_t indent, size_t tail)
{
    put(l, condition->negated ? "!" : "");
    if (condition->identifier != NULL) {
        put(l, condition->identifier);
        put(l, ":");
    }
    put(l, "[");
    put_list(l, tests_of(condition), indent, tail + 1);
    put(l, "]");
}

static void put_action(layout *l, const azattest__action *action, size_t indent)
{
    put(l, azattest__action_name(action->kind));
    put(l, "(");
    if (action->identifier != NULL) {
        put(l, "claim=");
        put(l, action->identifier);
    }
    put_list(l, assignments_of(action), indent, 2);
    put(l, ")");
}

/* Whether ` => action;` goes on this line. */
static bool action_fits(layout *l, const azattest__action *action)
{
    if (is_comment_before(l, last_place(assignments_of(action), action->span.offset)))
        return false;
    azattest__policy_write_action(action, scratch(l));
    return l->column + width(azattest__buf_bytes(&l->flat)) + strlen(" => ;") <= WIDTH;
}

static void put_broken_rule(layout *l, const azattest__rule *rule)
{
    for (size_t i = 0; i < rule->condition_count; i++) {
        bool last = i + 1 == rule->condition_count;

        put_condition(l, &rule->conditions[i], 2 * STEP, last ? 0 : strlen(" &&"));
        if (last)
            break;
        put(l, " &&");
        put_comments_inside(l, rule->conditions[i + 1].span.offset, STEP);
        new_line(l, STEP);
    }
    if (rule->condition_count > 0) {
        put_comments_inside(l, rule->action.span.offset, 2 * STEP);
        if (!l->fresh && !action_fits(l, &rule->action))
            new_line(l, 2 * STEP);
        put(l, l->fresh ? "=>" : " =>");
    } else {
        put(l, "=>");
        put_comments_inside(l, rule->action.span.offset, 2 * STEP);
    }
    put(l, l->fresh ? "" : " ");
    put_action(l, &rule->action, 3 * STEP);
    put(l, ";");
}

static void put_rule(layout *l, const azattest__rule *rule)
{
    bool parted = is_comment_before(l, last_place(assignments_of(&rule->action), rule->action.span.offset));

    azattest__policy_write_rule(rule, scratch(l));
    if (!parted && l->indent + width(azattest__buf_bytes(&l->flat)) <= WIDTH)
        put_scratch(l);
    else
        put_broken_rule(l, rule);
    put_comments_left(l, rule->span.offset + rule->span.length, STEP);
}

/* ---- Sections ---- */

/* An empty line parts a section from what is before it: where the source has one, else before its comments. */
static void want_gap(layout *l, size_t offset)
{
    l->gap = !is_gap_before(l, offset);
    for (size_t i = l->next; i < l->policy->comment_count && l->policy->comments[i].span.offset < offset; i++)
        if (is_gap_before(l, l->policy->comments[i].span.offset))
            l->gap = false;
}

static void put_section(layout *l, azattest__section_kind kind)
{
    const azattest__section *section = &l->policy->sections[kind];
    size_t inside = section->span.offset, end;

    want_gap(l, section->span.offset);
    put_comments_between(l, section->span.offset, 0);
    begin(l, section->span.offset, 0);
    put(l, azattest__section_name(kind));
    inside = find(l, section->span.offset, '{');
    put_comments_inside(l, inside, 0);
    new_line(l, 0);
    put(l, "{");
    l->first = true;
    for (size_t i = 0; i < section->rule_count; i++) {
        put_comments_between(l, section->rules[i].span.offset, STEP);
        begin(l, section->rules[i].span.offset, STEP);
        put_rule(l, &section->rules[i]);
        inside = section->rules[i].span.offset + section->rules[i].span.length;
    }
    end = find(l, inside, '}');
    put_comments_between(l, end, STEP);
    new_line(l, 0);
    put(l, "};");
    put_comments_left(l, section->span.offset + section->span.length, 0);
}

static void put_version(layout *l)
{
    size_t start = find(l, l->policy->has_bom ? 3 : 0, 0);

    put_comments_between(l, start, 0);
    begin(l, start, 0);
    put(l, "version=");
    put(l, azattest__version_text(l->policy->version));
    put(l, ";");
    put_comments_left(l, find(l, start, ';'), 0);
}

void azattest__policy_format(const azattest_policy *policy, azattest__buf *out)
{
    layout l = { .policy = policy, .out = out, .fresh = true, .first = true };

    azattest__buf_init(&l.flat, 2 * AZATTEST_LIMIT_POLICY);
    put_version(&l);
    for (int kind = 0; kind < AZATTEST__SECTIONS; kind++)
        if (policy->sections[kind].present)
            put_section(&l, (azattest__section_kind)kind);
    put_comments_between(&l, policy->text_len, 0);
    new_line(&l, 0);
    if (out->status == AZATTEST_OK)
        out->status = l.flat.status;
    azattest__buf_free(&l.flat);
}
