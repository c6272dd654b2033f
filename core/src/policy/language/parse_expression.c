/* Properties and expressions: what claims are tested against, and what they are made of. */
#include "parser.h"

#include <azattest/limits.h>

#define EXPRESSIONS "STRING INTEGER true false IDENTIFIER"

bool azattest__parse_property(azattest__parser *parser, azattest__place place, azattest__property *out)
{
    int which = azattest__parser_choose(parser, azattest__property_names, AZATTEST__PROPERTIES, place, "property");

    if (which < 0)
        return azattest__parser_fail(parser, "syntax", place,
                                     place == AZATTEST__IN_CLAIM ? "claim type value valueType issuer"
                                                                 : "type value valueType issuer",
                                     "expected a property of the claim: type, value, valueType or issuer");
    *out = (azattest__property)which;
    azattest__parser_advance(parser);
    return true;
}

static azattest__expression *make(azattest__parser *parser, azattest__expression_kind kind)
{
    azattest__expression *out = azattest__arena_new(&parser->policy->arena, sizeof(*out));

    if (out == NULL)
        return NULL;
    out->kind = kind;
    out->span = parser->word.span;
    out->condition = AZATTEST__NO_CONDITION;
    parser->broken = parser->broken || parser->word.faulty;
    return out;
}

/* A literal that is the next word. */
static bool literal(azattest__parser *parser, azattest__expression_kind kind, azattest__expression **out)
{
    if ((*out = make(parser, kind)) == NULL)
        return false;
    (*out)->text = kind == AZATTEST__STRING ? parser->word.text : NULL;
    (*out)->text_len = parser->word.text_len;
    (*out)->integer = parser->word.integer;
    azattest__parser_advance(parser);
    return true;
}

static bool fraction(azattest__parser *parser, azattest__place place, azattest__expression **out)
{
    azattest__parser_fail(parser, "fraction", place, EXPRESSIONS, "numbers are whole: there are no fractions");
    parser->broken = true;
    return literal(parser, AZATTEST__INTEGER, out);
}

/* <product-id>: the placeholder of an article, which nobody has filled in. Bytes; 0: it is none. */
static size_t placeholder(const char *p)
{
    size_t len = 1;

    while (len < 64 && ((p[len] >= 'a' && p[len] <= 'z') || (p[len] >= 'A' && p[len] <= 'Z') ||
                        (p[len] >= '0' && p[len] <= '9') || (p[len] != '\0' && strchr("_- .$", p[len]) != NULL)))
        len++;
    return p[0] == '<' && len > 1 && p[len] == '>' ? len + 1 : 0;
}

static bool take_placeholder(azattest__parser *parser, azattest__place place, size_t len, azattest__expression **out)
{
    azattest__span span = parser->word.span;

    if ((*out = make(parser, AZATTEST__STRING)) == NULL)
        return false;
    span.length = len;
    (*out)->text = "";
    azattest__parser_at(parser, AZATTEST__ERROR, "placeholder", span, place, EXPRESSIONS,
                        "%.*s is a placeholder: put the value in its place", (int)len,
                        parser->policy->text + span.offset);
    parser->broken = true;
    parser->lexer.quiet = true;
    while (parser->word.kind != AZATTEST__END && parser->lexer.at < span.offset + len)
        azattest__parser_advance(parser);
    parser->lexer.quiet = false;
    azattest__parser_advance(parser);
    return true;
}

/* ---- expressions that begin with a name ---- */

static bool property_of(azattest__parser *parser, azattest__place place, azattest__expression *out)
{
    out->kind = AZATTEST__REFERENCE;
    return azattest__parse_property(parser, place, &out->property);
}

/* In another case it is known still; a name that is none is left to the checks. */
static void find_function(azattest__parser *parser, azattest__place place, azattest__span span,
                          azattest__expression *out)
{
    out->function = azattest__function_find(out->text, out->text_len);
    for (int i = 1; out->function == AZATTEST__UNKNOWN_FUNCTION && i <= AZATTEST__CONTAINS_ONLY_VALUE; i++) {
        const char *name = azattest__function_name((azattest__function)i);

        if (!azattest__text_equal_nocase(out->text, name))
            continue;
        out->function = (azattest__function)i;
        azattest__parser_case(parser, span, place, out->text, name);
    }
}

static bool call(azattest__parser *parser, azattest__place place, azattest__expression *out)
{
    size_t capacity = 0;

    if (azattest__parser_take(parser, AZATTEST__PARENTHESIS_CLOSE))
        return true;
    do {
        azattest__expression *argument = NULL;

        if (out->argument_count == AZATTEST_LIMIT_POLICY_CONDITIONS)
            return azattest__parser_limit(parser, AZATTEST_LIMIT_POLICY_CONDITIONS, "arguments of one function");
        if (!azattest__parse_expression(parser, place, &argument) ||
            !azattest__arena_grow(&parser->policy->arena, (void **)&out->arguments, out->argument_count, &capacity,
                                  sizeof(argument)))
            return false;
        out->arguments[out->argument_count++] = argument;
    } while (azattest__parser_take(parser, AZATTEST__COMMA));
    return azattest__parser_take(parser, AZATTEST__PARENTHESIS_CLOSE) ||
           azattest__parser_fail(parser, "syntax", place, ", )",
                                 "expected , and another argument, or ) at the end of %s", out->text);
}

/* Names that other languages have for values, and text without its quotes. */
static bool bare_word(azattest__parser *parser, azattest__place place, azattest__lexeme word, const char *text)
{
    bool usable = parser->word.kind == AZATTEST__COMMA || parser->word.kind == AZATTEST__BRACKET_CLOSE ||
                  parser->word.kind == AZATTEST__PARENTHESIS_CLOSE;

    if (azattest__text_equal_nocase(text, "null"))
        azattest__parser_at(parser, AZATTEST__ERROR, "syntax", word.span, place, EXPRESSIONS,
                            "there is no null: a claim that is absent fails its condition");
    else if (!usable && parser->word.kind == AZATTEST__BAD)
        ; /* reported with the next word */
    else
        azattest__parser_at(
            parser, AZATTEST__ERROR, "syntax", word.span, place, EXPRESSIONS,
            "%.40s is no value by itself: text stands in double quotes, and the value of a claim %.40s is "
            "%.40s.value",
            text, text, text);
    parser->broken = true;
    return usable;
}

static bool named(azattest__parser *parser, azattest__place place, azattest__expression **out)
{
    azattest_bytes text = azattest__policy_source(parser->policy, parser->word.span);
    azattest__lexeme word = parser->word;
    azattest__expression *made;
    bool well = true;

    if ((*out = made = make(parser, AZATTEST__REFERENCE)) == NULL)
        return false;
    if ((made->text = azattest__arena_text(&parser->policy->arena, text.ptr, text.len)) == NULL)
        return false;
    made->text_len = text.len;
    azattest__parser_advance(parser);
    if (azattest__parser_take(parser, AZATTEST__DOT)) {
        well = property_of(parser, place, made);
    } else if (azattest__parser_take(parser, AZATTEST__PARENTHESIS_OPEN)) {
        if (++parser->calls > AZATTEST_LIMIT_POLICY_CALLS)
            return azattest__parser_limit(parser, AZATTEST_LIMIT_POLICY_CALLS, "calls in calls");
        made->kind = AZATTEST__CALL;
        find_function(parser, place, word.span, made);
        well = call(parser, place, made);
        parser->calls--;
    } else if (azattest__text_equal_nocase(made->text, "true") || azattest__text_equal_nocase(made->text, "false")) {
        made->kind = AZATTEST__BOOLEAN;
        made->boolean = (made->text[0] | 0x20) == 't';
        if (strcmp(made->text, made->boolean ? "true" : "false") != 0)
            azattest__parser_case(parser, word.span, place, made->text, made->boolean ? "true" : "false");
        made->text = NULL;
        made->text_len = 0;
    } else {
        well = bare_word(parser, place, word, made->text);
    }
    made->span = azattest__parser_span(parser, word.span);
    return well;
}

bool azattest__parse_expression(azattest__parser *parser, azattest__place place, azattest__expression **out)
{
    size_t len;

    switch (parser->word.kind) {
    case AZATTEST__QUOTED:
        return literal(parser, AZATTEST__STRING, out);
    case AZATTEST__NUMBER:
        return literal(parser, AZATTEST__INTEGER, out);
    case AZATTEST__FRACTION:
        return fraction(parser, place, out);
    case AZATTEST__WORD:
        return named(parser, place, out);
    case AZATTEST__COMPARE:
        if ((len = placeholder(parser->policy->text + parser->word.span.offset)) > 0)
            return take_placeholder(parser, place, len, out);
        break;
    case AZATTEST__PARENTHESIS_OPEN:
        return azattest__parser_fail(parser, "syntax", place, EXPRESSIONS, "there are no parentheses around values");
    default:
        break;
    }
    return azattest__parser_fail(parser, "syntax", place, EXPRESSIONS,
                                 "expected a value: a string, a whole number, true, false, or a claim's as in c.value");
}
