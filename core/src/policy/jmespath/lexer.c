#include "lexer.h"

#include <stdlib.h>

#include "../../base/encoding.h"
#include "../../json/text.h"

static bool is_letter(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_digit(unsigned char c)
{
    return c >= '0' && c <= '9';
}

static unsigned char at(const lexer *l, size_t offset)
{
    return offset < l->query.len ? ((const unsigned char *)l->query.ptr)[offset] : 0;
}

static token bad(lexer *l, token t, const char *problem)
{
    t.type = TOKEN_BAD;
    t.problem = problem;
    l->at = l->query.len;
    return t;
}

static token take(lexer *l, token t, token_type type, size_t len)
{
    t.type = type;
    t.len = len;
    l->at = t.offset + len;
    return t;
}

static const char *keep(lexer *l, const void *text, size_t len)
{
    const char *kept = azattest__arena_text(&l->owner->arena, text, len);

    if (kept == NULL)
        l->status = l->owner->arena.status;
    return kept;
}

/* From the opening delimiter to behind the closing one, 0 when there is none. A backslash takes along what follows. */
static size_t delimited(const lexer *l, unsigned char delimiter)
{
    for (size_t i = l->at + 1; i < l->query.len; i++) {
        if (at(l, i) == '\\')
            i++;
        else if (at(l, i) == delimiter)
            return i + 1 - l->at;
    }
    return 0;
}

/* What stands between delimiters: a backslash before one is taken away, all others stay. */
static const char *inside(lexer *l, const token *t, unsigned char delimiter)
{
    const unsigned char *from = (const unsigned char *)l->query.ptr + t->offset + 1;
    char *text = azattest__arena_new(&l->owner->arena, t->len);
    size_t len = 0;

    if (text == NULL) {
        l->status = l->owner->arena.status;
        return NULL;
    }
    for (size_t i = 0; i < t->len - 2; i++) {
        if (from[i] == '\\' && from[i + 1] != delimiter)
            text[len++] = (char)from[i++]; /* and the next, whatever it is: "\\" is no beginning of "\'" */
        else if (from[i] == '\\')
            i++;
        text[len++] = (char)from[i];
    }
    return text;
}

static const azattest__json *parse(lexer *l, azattest_bytes text, azattest_status *status)
{
    literal *entry = azattest__arena_new(&l->owner->arena, sizeof(*entry));

    *status = l->owner->arena.status;
    if (entry == NULL || (*status = azattest__json_parse(text, &entry->value, NULL)) != AZATTEST_OK) {
        if (*status != AZATTEST_E_MALFORMED)
            l->status = *status;
        return NULL;
    }
    entry->next = l->owner->literals;
    l->owner->literals = entry;
    return entry->value;
}

/* Text in backticks that is no JSON is taken for a string without its quotes, as the specification once had it and
 * implementations still do; but not a number that JSON's readers refuse for its size. */
static const azattest__json *bare_string(lexer *l, const char *text, azattest_status *status)
{
    azattest_bytes number = azattest__json_trim(azattest__text(text));
    const azattest__json *value = NULL;
    azattest__buf quoted;

    if (number.len > 0 && azattest__json_number_scan(number.ptr, number.len) == number.len)
        return NULL;
    text += strspn(text, " \t\r\n\v\f");
    azattest__buf_init(&quoted, AZATTEST_LIMIT_JMESPATH + 2);
    azattest__buf_printf(&quoted, "\"%s\"", text);
    if ((*status = quoted.status) == AZATTEST_OK)
        value = parse(l, azattest__buf_bytes(&quoted), status);
    else
        l->status = *status;
    azattest__buf_free(&quoted);
    return value;
}

static token literal_token(lexer *l, token t)
{
    azattest_status status = AZATTEST_OK;
    const char *text;

    if ((t.len = delimited(l, '`')) == 0)
        return bad(l, t, "found a backtick that nothing closes, expected a second one behind the literal");
    if ((text = inside(l, &t, '`')) == NULL)
        return bad(l, t, "");
    t.literal = parse(l, azattest__text(text), &status);
    if (t.literal == NULL && status == AZATTEST_E_MALFORMED)
        t.literal = bare_string(l, text, &status);
    if (t.literal == NULL)
        return bad(l, t,
                   "found a literal that is not JSON, expected JSON between the backticks, such as `true`, `20` "
                   "or `\"text\"`");
    return take(l, t, TOKEN_LITERAL, t.len);
}

static token raw_string(lexer *l, token t)
{
    if ((t.len = delimited(l, '\'')) == 0)
        return bad(l, t, "found a quote that nothing closes, expected a second ' behind the string");
    if ((t.text = inside(l, &t, '\'')) == NULL)
        return bad(l, t, "");
    return take(l, t, TOKEN_RAW_STRING, t.len);
}

static token quoted_identifier(lexer *l, token t)
{
    azattest_status status;
    const azattest__json *value;
    azattest_bytes text;

    if ((t.len = delimited(l, '"')) == 0)
        return bad(l, t, "found a double quote that nothing closes, expected a second one behind the name");
    text = azattest__bytes((const char *)l->query.ptr + t.offset, t.len);
    if ((value = parse(l, text, &status)) == NULL)
        return bad(l, t,
                   "found a name in double quotes that is no JSON string, expected its escapes to be those of "
                   "JSON");
    t.text = azattest__json_string(value);
    return take(l, t, TOKEN_QUOTED, t.len);
}

static token number(lexer *l, token t)
{
    bool negative = at(l, t.offset) == '-';
    size_t len = negative;

    for (; is_digit(at(l, t.offset + len)); len++) {
        int64_t digit = at(l, t.offset + len) - '0';

        t.number = t.number > (INT64_MAX - digit) / 10 ? INT64_MAX : t.number * 10 + digit;
    }
    if (negative)
        t.number = -t.number;
    return take(l, t, TOKEN_NUMBER, len);
}

static token identifier(lexer *l, token t)
{
    size_t len = 1;

    while (is_letter(at(l, t.offset + len)) || is_digit(at(l, t.offset + len)))
        len++;
    t.text = keep(l, (const char *)l->query.ptr + t.offset, len);
    return t.text == NULL ? bad(l, t, "") : take(l, t, TOKEN_IDENTIFIER, len);
}

/* Signs of one or two characters. */
static token sign(lexer *l, token t)
{
    static const struct sign {
        const char *text;
        token_type type;
    } signs[] = {
        { "[]", TOKEN_FLATTEN },
        { "[?", TOKEN_FILTER },
        { "[", TOKEN_LEFT_BRACKET },
        { "]", TOKEN_RIGHT_BRACKET },
        { "{", TOKEN_LEFT_BRACE },
        { "}", TOKEN_RIGHT_BRACE },
        { "||", TOKEN_OR },
        { "|", TOKEN_PIPE },
        { "&&", TOKEN_AND },
        { "&", TOKEN_EXPRESSION },
        { "<=", TOKEN_LESS_OR_EQUAL },
        { "<", TOKEN_LESS },
        { ">=", TOKEN_GREATER_OR_EQUAL },
        { ">", TOKEN_GREATER },
        { "!=", TOKEN_NOT_EQUAL },
        { "!", TOKEN_NOT },
        { "==", TOKEN_EQUAL },
        { ".", TOKEN_DOT },
        { "*", TOKEN_STAR },
        { ",", TOKEN_COMMA },
        { ":", TOKEN_COLON },
        { "@", TOKEN_CURRENT },
        { "(", TOKEN_LEFT_PARENTHESIS },
        { ")", TOKEN_RIGHT_PARENTHESIS },
    };

    for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++) {
        const char *text = signs[i].text;

        if (at(l, t.offset) == (unsigned char)text[0] &&
            (text[1] == '\0' || at(l, t.offset + 1) == (unsigned char)text[1]))
            return take(l, t, signs[i].type, strlen(text));
    }
    if (at(l, t.offset) == '=')
        return bad(l, t, "found a single =, expected ==, which compares");
    if (at(l, t.offset) == '-')
        return bad(l, t, "found a minus without a number, expected a number behind it");
    return bad(l, t, NULL);
}

token azattest__jmespath_token(lexer *l)
{
    token t = { 0 };
    unsigned char c;

    while (l->at < l->query.len && memchr(" \t\n\r", at(l, l->at), 4) != NULL)
        l->at++;
    t.offset = l->at;
    if (l->at == l->query.len)
        return t;
    c = at(l, t.offset);
    if (is_letter(c))
        return identifier(l, t);
    if (is_digit(c) || (c == '-' && is_digit(at(l, t.offset + 1))))
        return number(l, t);
    switch (c) {
    case '\'':
        return raw_string(l, t);
    case '`':
        return literal_token(l, t);
    case '"':
        return quoted_identifier(l, t);
    default:
        return sign(l, t);
    }
}
