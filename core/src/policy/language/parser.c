/* What every part of the parser does with words and errors. */
#include "parser.h"

#include <stdarg.h>

#include "../../base/nearest.h"
#include "../choices.h"

bool azattest__parser_take(azattest__parser *parser, azattest__lexeme_kind kind)
{
    if (parser->word.kind != kind)
        return false;
    azattest__parser_advance(parser);
    return true;
}

azattest__lexeme azattest__parser_peek(const azattest__parser *parser)
{
    azattest__lexer ahead = parser->lexer;
    size_t comments = parser->policy->comment_count;
    azattest__lexeme word;

    ahead.quiet = true;
    azattest__lexer_next(&ahead, &word);
    parser->policy->comment_count = comments; /* they come again */
    return word;
}

azattest__span azattest__parser_span(const azattest__parser *parser, azattest__span from)
{
    from.length = parser->end > from.offset ? parser->end - from.offset : 0;
    return from;
}

static bool equal_nocase(azattest_bytes word, const char *text)
{
    const char *p = word.ptr;

    if (word.len != strlen(text))
        return false;
    for (size_t i = 0; i < word.len; i++)
        if ((p[i] | 0x20) != (text[i] | 0x20))
            return false;
    return true;
}

bool azattest__parser_sees(const azattest__parser *parser, const char *text)
{
    return parser->word.kind == AZATTEST__WORD &&
           equal_nocase(azattest__policy_source(parser->policy, parser->word.span), text);
}

bool azattest__parser_is_section(const azattest__parser *parser, const azattest__lexeme *word)
{
    for (size_t i = 0; word->kind == AZATTEST__WORD && i < AZATTEST__SECTIONS; i++)
        if (equal_nocase(azattest__policy_source(parser->policy, word->span), azattest__section_names[i]))
            return true;
    return false;
}

bool azattest__parser_sees_section(const azattest__parser *parser)
{
    return azattest__parser_is_section(parser, &parser->word);
}

/* ---- errors ---- */

/* The service's own path of the version is public; the others follow its form with the names of the grammar. */
static const char *path(const azattest__parser *parser, azattest__place place)
{
#define SECTION(name)                                                                                                  \
    {                                                                                                                  \
        "policy > " name, "policy > " name " > rule", "policy > " name " > rule > condition",                          \
            "policy > " name " > rule > condition > propertyTest", "policy > " name " > rule > action",                \
            "policy > " name " > rule > action > claim"                                                                \
    }
    static const char *const paths[AZATTEST__SECTIONS][6] = { SECTION("configuration"), SECTION("authorization"),
                                                              SECTION("issuance") };
#undef SECTION

    if (place == AZATTEST__IN_VERSION)
        return "policy > versionInfo";
    if (place == AZATTEST__IN_POLICY || parser->section < 0)
        return "policy";
    return paths[parser->section][place - AZATTEST__IN_SECTION];
}

void azattest__parser_advance(azattest__parser *parser)
{
    const azattest__diagnostics *found = &parser->policy->diagnostics;
    size_t before = found->errors + found->warnings;

    parser->end = parser->word.span.offset + parser->word.span.length;
    parser->end_line = parser->word.span.line;
    azattest__lexer_next(&parser->lexer, &parser->word);
    if (found->errors + found->warnings > before)
        azattest__diagnose_path(&parser->policy->diagnostics,
                                path(parser, parser->section < 0 ? AZATTEST__IN_POLICY : AZATTEST__IN_RULE));
}

bool azattest__parser_fail(azattest__parser *parser, const char *id, azattest__place place, const char *expected,
                           const char *format, ...)
{
    va_list arguments;

    if (parser->limit != AZATTEST_OK || parser->word.kind == AZATTEST__BAD ||
        parser->failed_at == parser->word.span.offset ||
        (parser->word.kind == AZATTEST__END && parser->lexer.open_comment))
        return false;
    parser->failed_at = parser->word.span.offset;
    va_start(arguments, format);
    azattest__policy_vreport(parser->policy, AZATTEST__ERROR, id, parser->word.span, true, expected, format, arguments);
    va_end(arguments);
    azattest__diagnose_path(&parser->policy->diagnostics, path(parser, place));
    return false;
}

void azattest__parser_at(azattest__parser *parser, azattest__severity severity, const char *id, azattest__span span,
                         azattest__place place, const char *expected, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    azattest__policy_vreport(parser->policy, severity, id, span, false, expected, format, arguments);
    va_end(arguments);
    azattest__diagnose_path(&parser->policy->diagnostics, path(parser, place));
}

bool azattest__parser_limit(azattest__parser *parser, unsigned most, const char *what)
{
    if (parser->limit == AZATTEST_OK)
        parser->limit =
            azattest__error_set(parser->error, AZATTEST_E_LIMIT, "policy: line %u, column %u: more than %u %s",
                                parser->word.span.line, parser->word.span.column, most, what);
    return false;
}

/* ---- words of a table ---- */

void azattest__parser_case(azattest__parser *parser, azattest__span span, azattest__place place, const char *written,
                           const char *right)
{
    if (AZATTEST__CHOICE_KEYWORDS_HAVE_ONE_CASE)
        azattest__parser_at(parser, azattest__strictly(parser->policy), "keyword-case", span, place, right,
                            "%.40s is written %s", written, right);
}

int azattest__parser_choose(azattest__parser *parser, const char *const *table, size_t count, azattest__place place,
                            const char *what)
{
    azattest_bytes word = azattest__policy_source(parser->policy, parser->word.span);
    const char *best = NULL;
    size_t distance = SIZE_MAX;
    char name[64];

    if (parser->word.kind != AZATTEST__WORD || word.len >= sizeof(name))
        return -1;
    memcpy(name, word.ptr, word.len);
    name[word.len] = '\0';
    for (size_t i = 0; i < count; i++) {
        if (strcmp(table[i], name) == 0)
            return (int)i;
        if (azattest__text_equal_nocase(table[i], name)) {
            azattest__parser_case(parser, parser->word.span, place, name, table[i]);
            return (int)i;
        }
        azattest__nearer(name, table[i], &best, &distance);
    }
    for (size_t i = 0; i < count; i++) {
        if (table[i] == best) {
            azattest__parser_at(parser, AZATTEST__ERROR, "syntax", parser->word.span, place, best,
                                "%s is no %s: did you mean %s?", name, what, best);
            return (int)i;
        }
    }
    return -1;
}
