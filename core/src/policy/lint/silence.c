/* Comments that silence: `// azattest: ignore ID, ID` and `// azattest: ignore-file ID`. */
#include <limits.h>
#include <string.h>

#include "lint.h"

#define PREFIX "azattest:"
#define SEPARATORS " \t\r,"

/* One word of a comment, with its place. */
typedef struct word {
    const char *ptr;
    size_t len;
    azattest__span span;
} word;

typedef struct lines {
    unsigned first, last;
} lines;

static bool next_word(const azattest__comment *comment, const char *text, size_t *at, word *out)
{
    size_t end = comment->span.length;

    while (*at < end && strchr(SEPARATORS, text[*at]) != NULL)
        ++*at;
    out->ptr = text + *at;
    out->span = comment->span;
    out->span.offset += *at;
    for (size_t i = 0; i < *at; i++) /* a column is a character */
        out->span.column += ((unsigned char)text[i] & 0xC0u) != 0x80u;
    out->len = 0;
    while (*at < end && strchr(SEPARATORS, text[*at]) == NULL) {
        ++*at;
        out->len++;
    }
    out->span.length = out->len;
    return out->len > 0;
}

static bool is_word(const word *w, const char *text)
{
    return azattest__bytes_equal_text(azattest__bytes(w->ptr, w->len), text);
}

static const char *shown_word(azattest__lint *lint, const word *w)
{
    const char *copy = azattest__arena_text(&lint->arena, w->ptr, w->len);

    return copy == NULL ? "" : azattest__lint_shown(lint, copy);
}

static void add(azattest__lint *lint, const word *w, lines spoken_of)
{
    const azattest__lint_id *id = azattest__lint_id_find(w->ptr, w->len);
    const char *name, *nearest;
    void *items = lint->silencers;

    if (id == NULL) {
        if (!azattest__lint_wants(lint, AZATTEST__NOTE, "unknown-ignore", w->span))
            return;
        name = shown_word(lint, w);
        nearest = azattest__lint_id_nearest(name);
        azattest__lint_say(lint, AZATTEST__NOTE, "unknown-ignore", w->span, name, nearest,
                           "there is no finding called \"%s\"%s%s%s", name, nearest == NULL ? "" : ", perhaps \"",
                           nearest == NULL ? "" : nearest, nearest == NULL ? "" : "\" is meant");
        return;
    }
    if (!azattest__arena_grow(&lint->arena, &items, lint->silencer_count, &lint->silencer_capacity,
                              sizeof(*lint->silencers)))
        return;
    lint->silencers = items;
    lint->silencers[lint->silencer_count++] =
        (azattest__silencer){ .id = id, .first_line = spoken_of.first, .last_line = spoken_of.last, .span = w->span };
}

static unsigned last_line(const azattest_policy *policy, azattest__span span)
{
    unsigned line = span.line;

    for (size_t i = 0; i < span.length; i++)
        line += policy->text[span.offset + i] == '\n';
    return line;
}

/* The rule ends on the comment's line, in front of it. */
static bool ends_before(const azattest_policy *policy, azattest__span rule, azattest__span comment)
{
    size_t end = rule.offset + rule.length;

    return end <= comment.offset && memchr(policy->text + end, '\n', comment.offset - end) == NULL;
}

/* What a comment speaks of: its own line where code stands before it, with all of the rule that ends there; else the
 * next line that is more than a comment, with all of the rule that begins there. */
static lines lines_of(const azattest_policy *policy, size_t index)
{
    const azattest__comment *comments = policy->comments;
    azattest__span comment = comments[index].span;
    bool behind = !comments[index].own_line;
    lines found = { comments[index].span.line, comments[index].span.line };

    if (!behind) {
        for (found.first++;
             ++index < policy->comment_count && comments[index].own_line && comments[index].span.line == found.first;)
            found.first++;
        found.last = found.first;
    }
    for (size_t i = 0; i < AZATTEST__SECTIONS; i++)
        for (size_t j = 0; j < policy->sections[i].rule_count; j++) {
            azattest__span span = policy->sections[i].rules[j].span;

            if (behind && span.line < found.first && ends_before(policy, span, comment))
                found.first = span.line;
            else if (!behind && span.line == found.first && last_line(policy, span) > found.last)
                found.last = last_line(policy, span);
        }
    return found;
}

static void read_comment(azattest__lint *lint, size_t index)
{
    const azattest__comment *comment = &lint->policy->comments[index];
    const char *text = lint->policy->text + comment->span.offset;
    size_t at = comment->span.length < 2 ? comment->span.length : 2;
    lines spoken_of = { 0, UINT_MAX };
    bool any = false;
    word w;

    while (at < comment->span.length && strchr(SEPARATORS, text[at]) != NULL)
        at++;
    if (comment->span.length - at < sizeof(PREFIX) - 1 || strncmp(text + at, PREFIX, sizeof(PREFIX) - 1) != 0)
        return;
    at += sizeof(PREFIX) - 1; /* with a blank behind it or without */
    if (!next_word(comment, text, &at, &w) || !(is_word(&w, "ignore") || is_word(&w, "ignore-file"))) {
        azattest__lint_say(lint, AZATTEST__NOTE, "unknown-ignore", comment->span, shown_word(lint, &w),
                           "ignore, ignore-file", "a comment for the linter says `ignore` or `ignore-file`, and ids");
        return;
    }
    if (is_word(&w, "ignore"))
        spoken_of = lines_of(lint->policy, index);
    while (next_word(comment, text, &at, &w)) {
        add(lint, &w, spoken_of);
        any = true;
    }
    if (!any)
        azattest__lint_say(lint, AZATTEST__NOTE, "unknown-ignore", comment->span, NULL, NULL,
                           "this comment names nothing to ignore: list the ids of the findings");
}

void azattest__lint_silencers(azattest__lint *lint)
{
    for (size_t i = 0; i < lint->policy->comment_count; i++)
        read_comment(lint, i);
}

void azattest__lint_unused_silencers(azattest__lint *lint)
{
    static const char *const own[] = { "unused-ignore", "unknown-ignore" };

    for (size_t i = 0; i < lint->silencer_count; i++) {
        const azattest__silencer *silencer = &lint->silencers[i];
        const char *id = silencer->id->id;

        if (silencer->used || strcmp(id, own[0]) == 0 || strcmp(id, own[1]) == 0)
            continue;
        if (silencer->met_error)
            azattest__lint_say(lint, AZATTEST__NOTE, own[0], silencer->span, id, NULL,
                               "\"%s\" is an error here, and errors cannot be silenced", id);
        else
            azattest__lint_say(
                lint, AZATTEST__NOTE, own[0], silencer->span, id, NULL, "nothing called \"%s\" is found %s", id,
                silencer->first_line == 0 ? "in this policy" : "on the line or in the rule that this comment is for");
    }
}
