/*
 * A difference for people: rules as in a unified diff, then what becomes of each set of claims.
 *
 *     authorizationrules
 *           5     5  [type=="secureboot", value==false] => deny();
 *     -     7        [type=="a", value==true] => permit();
 *     +           7  [type=="a", value==1] => permit();
 *     >     9     8  => permit();
 */
#include <stdlib.h>

#include <azattest/limits.h>

#include "difference.h"
#include "../text/write.h"

enum {
    CONTEXT = 1,   /* rules alike that are shown on either side of a change */
    SHOWN = 16384, /* characters of one rule: the longest query */
    VALUE = 80     /* characters of a claim's value */
};

/* Foreign text: what a terminal would obey is escaped. */
static void append_shown(azattest__buf *out, azattest_bytes text, size_t most)
{
    char *shown = azattest__printable(text, most);

    if (shown == NULL)
        out->status = AZATTEST_E_MEMORY;
    else
        azattest__buf_append_text(out, shown);
    free(shown);
}

/* ---- Rules ---- */

static void append_place(azattest__buf *out, const azattest__section *section, size_t index)
{
    if (index == AZATTEST__NO_RULE)
        azattest__buf_append_text(out, "      ");
    else
        azattest__buf_printf(out, "%6u", section->rules[index].span.line);
}

static void append_rule(const azattest_policy_difference *d, azattest__section_kind section, char mark, size_t before,
                        size_t after, azattest__buf *out)
{
    const azattest__section *old = &d->before->sections[section], *new = &d->after->sections[section];
    azattest__buf text;

    azattest__buf_init(&text, 2 * AZATTEST_LIMIT_POLICY);
    azattest__policy_write_rule(after != AZATTEST__NO_RULE ? &new->rules[after] : &old->rules[before], &text);
    azattest__buf_printf(out, "%c ", mark);
    append_place(out, old, before);
    append_place(out, new, after);
    azattest__buf_append_text(out, "  ");
    if (text.status != AZATTEST_OK)
        out->status = text.status;
    append_shown(out, azattest__buf_bytes(&text), SHOWN);
    azattest__buf_append_text(out, "\n");
    azattest__buf_free(&text);
}

static void append_change(const azattest_policy_difference *d, const azattest__rule_change *change, azattest__buf *out)
{
    static const char marks[] = { ' ', '-', '+', '?', '>' };

    if (change->kind == AZATTEST__RULE_CHANGED) {
        append_rule(d, change->section, '-', change->before, AZATTEST__NO_RULE, out);
        append_rule(d, change->section, '+', AZATTEST__NO_RULE, change->after, out);
    } else {
        append_rule(d, change->section, marks[change->kind], change->before, change->after, out);
    }
}

static bool is_near_a_change(const azattest_policy_difference *d, size_t i, size_t first, size_t end)
{
    size_t from = i < first + CONTEXT ? first : i - CONTEXT;

    for (size_t k = from; k < end && k <= i + CONTEXT; k++)
        if (d->rules[k].kind != AZATTEST__RULE_ALIKE)
            return true;
    return false;
}

static void append_alike(azattest__buf *out, size_t count)
{
    if (count > 0)
        azattest__buf_printf(out, "                ... %zu %s alike\n", count, count == 1 ? "rule" : "rules");
}

static void append_section(const azattest_policy_difference *d, azattest__section_kind kind, size_t first, size_t end,
                           azattest__buf *out)
{
    bool before = d->before->sections[kind].present, after = d->after->sections[kind].present,
         differs = before != after;
    size_t alike = 0;

    for (size_t i = first; i < end; i++)
        differs = differs || d->rules[i].kind != AZATTEST__RULE_ALIKE;
    if (!differs)
        return;
    azattest__buf_printf(out, "\n%s%s\n", azattest__section_name(kind),
                         before == after ? ""
                         : after         ? " (new)"
                                         : " (gone)");
    for (size_t i = first; i < end; i++) {
        if (!is_near_a_change(d, i, first, end)) {
            alike++;
            continue;
        }
        append_alike(out, alike);
        alike = 0;
        append_change(d, &d->rules[i], out);
    }
    append_alike(out, alike);
}

static void append_counts(const azattest_policy_difference *d, azattest__buf *out)
{
    static const char *const words[] = { "alike", "removed", "added", "changed", "moved" };

    azattest__buf_append_text(out, "Rules: ");
    for (int kind = 1; kind < AZATTEST__CHANGE_KINDS; kind++)
        azattest__buf_printf(out, "%zu %s, ", d->counts[kind], words[kind]);
    azattest__buf_printf(out, "%zu %s.\n", d->counts[0], words[0]);
    if (d->before->version != d->after->version)
        azattest__buf_printf(out, "Version: %s before, %s after.\n", azattest__version_text(d->before->version),
                             azattest__version_text(d->after->version));
}

static void append_rules(const azattest_policy_difference *d, azattest__buf *out)
{
    size_t first = 0;

    if (azattest_policy_difference_is_same_text(d)) {
        azattest__buf_append_text(out, "The policies are the same text.\n");
        return;
    }
    if (azattest_policy_difference_is_same(d)) {
        azattest__buf_append_text(out,
                                  "The policies have the same rules. Layout, comments or spelling differ, and so do "
                                  "their hashes.\n");
        return;
    }
    append_counts(d, out);
    for (int kind = 0; kind < AZATTEST__SECTIONS; kind++) {
        size_t end = first;

        while (end < d->rule_count && d->rules[end].section == (azattest__section_kind)kind)
            end++;
        append_section(d, (azattest__section_kind)kind, first, end, out);
        first = end;
    }
}

/* ---- Outcomes ---- */

static void append_value(azattest__buf *out, const azattest__json *value)
{
    azattest__buf text;

    if (value == NULL) {
        azattest__buf_append_text(out, "none");
        return;
    }
    azattest__buf_init(&text, AZATTEST_LIMIT_POLICY_MEMORY);
    if (azattest__json_print(value, false, &text, NULL) != AZATTEST_OK)
        out->status = AZATTEST_E_MEMORY;
    append_shown(out, azattest__buf_bytes(&text), VALUE);
    azattest__buf_free(&text);
}

static void append_members(azattest__buf *out, const char *what, const azattest__json *list)
{
    for (const azattest__json *one = azattest__json_first(list); one != NULL; one = azattest__json_next(one)) {
        azattest__buf_printf(out, "    %s ", what);
        append_shown(out, azattest__text(azattest__json_get_string(one, "name")), VALUE);
        azattest__buf_append_text(out, ": ");
        append_value(out, azattest__json_get(one, "before"));
        azattest__buf_append_text(out, " -> ");
        append_value(out, azattest__json_get(one, "after"));
        azattest__buf_append_text(out, "\n");
    }
}

static void append_reason(azattest__buf *out, const char *which, const azattest__json *side)
{
    const char *reason = azattest__json_get_string(side, "reason");

    if (reason == NULL)
        return;
    azattest__buf_printf(out, "    %s: ", which);
    append_shown(out, azattest__text(reason), SHOWN);
    azattest__buf_append_text(out, "\n");
}

static void append_outcome(azattest__buf *out, const azattest__json *entry)
{
    const azattest__json *before = azattest__json_get(entry, "before"), *after = azattest__json_get(entry, "after");
    bool changed = false;

    (void)azattest__json_bool(azattest__json_get(entry, "changed"), &changed);
    azattest__buf_printf(out, "%c %-6s -> %-6s  ", changed ? '!' : ' ', azattest__json_get_string(before, "outcome"),
                         azattest__json_get_string(after, "outcome"));
    append_shown(out, azattest__text(azattest__json_get_string(entry, "name")), SHOWN);
    azattest__buf_append_text(out, "\n");
    if (!changed)
        return;
    append_reason(out, "before", before);
    append_reason(out, "after", after);
    append_members(out, "claim", azattest__json_get(entry, "claims"));
    append_members(out, "property", azattest__json_get(entry, "properties"));
}

void azattest__difference_text(const azattest_policy_difference *difference, azattest__buf *out)
{
    append_rules(difference, out);
    if (difference->outcome_count == 0)
        return;
    azattest__buf_printf(out, "\nOutcomes: %zu of %zu differ.\n", difference->outcome_changed_count,
                         difference->outcome_count);
    for (size_t i = 0; i < difference->outcome_count; i++)
        append_outcome(out, difference->outcomes[i]);
}
