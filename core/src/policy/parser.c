/* What every part of the parser does with words and errors. */
#include "parser.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "../base/nearest.h"

void azattest__parser_advance(azattest__parser *parser)
{
    parser->end = parser->word.span.offset + parser->word.span.length;
    azattest__lexer_next(&parser->lexer, &parser->word);
}

bool azattest__parser_take(azattest__parser *parser, azattest__lexeme_kind kind)
{
    if (parser->word.kind != kind)
        return false;
    azattest__parser_advance(parser);
    return true;
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

bool azattest__parser_sees_section(const azattest__parser *parser)
{
    for (size_t i = 0; i < AZATTEST__SECTIONS; i++)
        if (azattest__parser_sees(parser, azattest__section_names[i]))
            return true;
    return false;
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

/* The message is made of the format; ", found ..." is added when `found` is not NULL. */
static void report(azattest__parser *parser, azattest__severity severity, const char *id, azattest__span span,
                   azattest__place place, bool with_found, const char *expected, const char *format, va_list arguments)
{
    azattest__diagnostics *list = &parser->policy->diagnostics;
    char *message = NULL, *found = azattest__source_shown(parser->policy, span);

    if (vasprintf(&message, format, arguments) < 0)
        message = NULL;
    if (message == NULL || found == NULL) {
        list->no_memory = true;
    } else {
        if (!with_found)
            azattest__diagnose(list, severity, id, span, found, expected, "%s", message);
        else if (span.length == 0)
            azattest__diagnose(list, severity, id, span, found, expected, "%s, found the end of the text", message);
        else
            azattest__diagnose(list, severity, id, span, found, expected, "%s, found %s", message, found);
        azattest__diagnose_path(list, path(parser, place));
    }
    free(message);
    free(found);
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
    report(parser, AZATTEST__ERROR, id, parser->word.span, place, true, expected, format, arguments);
    va_end(arguments);
    return false;
}

void azattest__parser_at(azattest__parser *parser, azattest__severity severity, const char *id, azattest__span span,
                         azattest__place place, const char *expected, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    report(parser, severity, id, span, place, false, expected, format, arguments);
    va_end(arguments);
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

int azattest__parser_choose(azattest__parser *parser, const char *const *table, size_t count, azattest__place place,
                            const char *what)
{
    azattest_bytes word = azattest__policy_source(parser->policy, parser->word.span);
    azattest__severity severity = parser->policy->lenient ? AZATTEST__WARNING : AZATTEST__ERROR;
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
            azattest__parser_at(parser, severity, "keyword-case", parser->word.span, place, table[i],
                                "\"%s\" is written \"%s\"", name, table[i]);
            return (int)i;
        }
        azattest__nearer(name, table[i], &best, &distance);
    }
    for (size_t i = 0; i < count; i++) {
        if (table[i] == best) {
            azattest__parser_at(parser, AZATTEST__ERROR, "syntax", parser->word.span, place, best,
                                "\"%s\" is no %s: did you mean \"%s\"?", name, what, best);
            return (int)i;
        }
    }
    return -1;
}
