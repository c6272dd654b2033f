#include "lexer.h"

#include <stdarg.h>

#include "../../base/encoding.h"

void azattest__lexer_init(azattest__lexer *lexer, azattest_policy *policy)
{
    *lexer = (azattest__lexer){ .policy = policy, .line = 1, .column = 1, .fresh_line = true };
}

void azattest__lexer_error(azattest__lexer *lexer, const char *id, azattest__span span, const char *format, ...)
{
    va_list arguments;

    if (lexer->quiet)
        return;
    va_start(arguments, format);
    azattest__policy_vreport(lexer->policy, AZATTEST__ERROR, id, span, false, NULL, format, arguments);
    va_end(arguments);
}

/* ---- moving on ---- */

/* The text ends with a NUL, so that looking one byte ahead is safe wherever the byte before is none. */
static const char *here(const azattest__lexer *lexer)
{
    return lexer->policy->text + lexer->at;
}

static azattest__span start(const azattest__lexer *lexer)
{
    return (azattest__span){ .offset = lexer->at, .line = lexer->line, .column = lexer->column };
}

azattest__span azattest__lexer_span(const azattest__lexer *lexer, azattest__span from)
{
    from.length = lexer->at - from.offset;
    return from;
}

static size_t character(const azattest__lexer *lexer)
{
    size_t len = azattest__utf8_length((const unsigned char *)here(lexer), lexer->policy->text_len - lexer->at);

    return len == 0 ? 1 : len;
}

void azattest__lexer_skip(azattest__lexer *lexer, size_t len)
{
    const char *p = here(lexer);

    for (size_t i = 0; i < len; i++)
        lexer->column += ((unsigned char)p[i] & 0xc0) != 0x80;
    lexer->at += len;
}

static void new_line(azattest__lexer *lexer)
{
    lexer->at++;
    lexer->line++;
    lexer->column = 1;
    lexer->fresh_line = true;
}

/* ---- what stands between words ---- */

static void line_comment(azattest__lexer *lexer)
{
    azattest_policy *policy = lexer->policy;
    const char *p = here(lexer), *end = memchr(p, '\n', policy->text_len - lexer->at);
    azattest__span from = start(lexer);
    size_t len = end == NULL ? policy->text_len - lexer->at : (size_t)(end - p);

    if (len > 0 && p[len - 1] == '\r')
        len--;
    azattest__lexer_hidden(lexer, len, true);
    azattest__lexer_skip(lexer, len);
    if (azattest__arena_grow(&policy->arena, (void **)&policy->comments, policy->comment_count,
                             &lexer->comment_capacity, sizeof(*policy->comments)))
        policy->comments[policy->comment_count++] =
            (azattest__comment){ .span = azattest__lexer_span(lexer, from), .own_line = lexer->fresh_line };
}

static void block_comment(azattest__lexer *lexer)
{
    azattest__span from = start(lexer);
    const char *p = here(lexer), *end = strstr(p + 2, "*/");
    size_t past = end == NULL ? lexer->policy->text_len : lexer->at + (size_t)(end - p) + 2;

    lexer->open_comment = end == NULL;
    while (lexer->at < past) {
        if (*here(lexer) == '\n')
            new_line(lexer);
        else
            azattest__lexer_skip(lexer, 1);
    }
    azattest__lexer_error(lexer, "block-comment", (azattest__span){ from.offset, 2, from.line, from.column },
                          end == NULL ? "there are no block comments, and this one is not closed: a comment is // to "
                                        "the end of its line"
                                      : "there are no block comments: a comment is // to the end of its line");
}

/* White space that the language has not got: it looks like a blank, and editors and web pages put it in. */
static size_t foreign_blank(const char *p)
{
    static const char *const blanks[] = {
        "\xc2\xa0",     "\xe2\x80\x8b", "\xe2\x80\x89", "\xe2\x80\xaf", "\xe2\x80\x83",
        "\xe2\x80\xa8", "\xe3\x80\x80", "\xef\xbb\xbf", "\f",           "\v"
    };

    if (*p > ' ' && *p < 0x7f)
        return 0;
    for (size_t i = 0; i < sizeof(blanks) / sizeof(blanks[0]); i++)
        if (strncmp(p, blanks[i], strlen(blanks[i])) == 0)
            return strlen(blanks[i]);
    return 0;
}

static void take_foreign_blanks(azattest__lexer *lexer, size_t len)
{
    azattest__span from = start(lexer);

    for (; len > 0; len = foreign_blank(here(lexer)))
        azattest__lexer_skip(lexer, len);
    azattest__lexer_error(lexer, "syntax", azattest__lexer_span(lexer, from),
                          "this looks like a blank and is none: words are separated by blanks, tabs and line ends");
}

static void skip_blanks(azattest__lexer *lexer)
{
    size_t len;

    for (;;) {
        const char *p = here(lexer);

        if (*p == '\n')
            new_line(lexer);
        else if (*p == ' ' || *p == '\t' || *p == '\r')
            azattest__lexer_skip(lexer, 1);
        else if (p[0] == '/' && p[1] == '/')
            line_comment(lexer);
        else if (p[0] == '/' && p[1] == '*')
            block_comment(lexer);
        else if ((len = foreign_blank(p)) > 0)
            take_foreign_blanks(lexer, len);
        else
            return;
    }
}

/* ---- words and numbers ---- */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_word(char c)
{
    return is_letter(c) || is_digit(c) || c == '_';
}

static void word(azattest__lexer *lexer)
{
    size_t len = 1;

    while (is_word(here(lexer)[len]))
        len++;
    azattest__lexer_skip(lexer, len);
}

/* Signed 64 bit: nothing public says how far the service counts, and a number that it would read as another one must
 * not be judged by. */
static bool integer_of(const char *p, size_t len, int64_t *out)
{
    bool negative = p[0] == '-';
    uint64_t value = 0, largest = (uint64_t)INT64_MAX + negative;

    for (size_t i = negative; i < len; i++) {
        unsigned digit = (unsigned)(p[i] - '0');

        if (value > (largest - digit) / 10)
            return false;
        value = value * 10 + digit;
    }
    *out = negative ? (int64_t)(~value + 1) : (int64_t)value;
    return true;
}

static void number(azattest__lexer *lexer, azattest__lexeme *out)
{
    const char *p = here(lexer);
    size_t len = 1;

    while (is_digit(p[len]))
        len++;
    out->kind = AZATTEST__NUMBER;
    if (is_letter(p[len]) || p[len] == '_') {
        while (is_word(p[len]))
            len++;
        azattest__lexer_skip(lexer, len);
        out->faulty = true;
        azattest__lexer_error(lexer, "syntax", azattest__lexer_span(lexer, out->span), "%s",
                              p[0] == '0' && (p[1] == 'x' || p[1] == 'X')
                                  ? "numbers are decimal: there are no hexadecimal ones"
                                  : "this is neither a number nor a name: a name begins with a letter, and text stands "
                                    "in double quotes");
        return;
    }
    if (p[len] == '.') {
        out->kind = AZATTEST__FRACTION;
        while (is_digit(p[len]) || p[len] == '.')
            len++;
        azattest__lexer_skip(lexer, len);
        return;
    }
    azattest__lexer_skip(lexer, len);
    if (!integer_of(p, len, &out->integer)) {
        out->faulty = true;
        azattest__lexer_error(lexer, "integer-range", azattest__lexer_span(lexer, out->span),
                              "the number is out of range: it has 64 bits, from -9223372036854775808 to "
                              "9223372036854775807");
    }
}

/* ---- signs ---- */

static const struct sign {
    const char *text;
    azattest__lexeme_kind kind;
    azattest__operator op;
} signs[] = { { "=>", AZATTEST__ARROW, AZATTEST__EQUAL },
              { "==", AZATTEST__COMPARE, AZATTEST__EQUAL },
              { "!=", AZATTEST__COMPARE, AZATTEST__NOT_EQUAL },
              { "<=", AZATTEST__COMPARE, AZATTEST__LESS_OR_EQUAL },
              { ">=", AZATTEST__COMPARE, AZATTEST__GREATER_OR_EQUAL },
              { "&&", AZATTEST__AND, AZATTEST__EQUAL },
              { "=", AZATTEST__ASSIGN, AZATTEST__EQUAL },
              { "<", AZATTEST__COMPARE, AZATTEST__LESS },
              { ">", AZATTEST__COMPARE, AZATTEST__GREATER },
              { "!", AZATTEST__NOT, AZATTEST__EQUAL },
              { ";", AZATTEST__SEMICOLON, AZATTEST__EQUAL },
              { ":", AZATTEST__COLON, AZATTEST__EQUAL },
              { ",", AZATTEST__COMMA, AZATTEST__EQUAL },
              { ".", AZATTEST__DOT, AZATTEST__EQUAL },
              { "{", AZATTEST__BRACE_OPEN, AZATTEST__EQUAL },
              { "}", AZATTEST__BRACE_CLOSE, AZATTEST__EQUAL },
              { "[", AZATTEST__BRACKET_OPEN, AZATTEST__EQUAL },
              { "]", AZATTEST__BRACKET_CLOSE, AZATTEST__EQUAL },
              { "(", AZATTEST__PARENTHESIS_OPEN, AZATTEST__EQUAL },
              { ")", AZATTEST__PARENTHESIS_CLOSE, AZATTEST__EQUAL } };

static bool sign(azattest__lexer *lexer, azattest__lexeme *out)
{
    for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++) {
        const char *text = signs[i].text, *p = here(lexer);

        if (p[0] == text[0] && (text[1] == '\0' || p[1] == text[1])) {
            out->kind = signs[i].kind;
            out->op = signs[i].op;
            azattest__lexer_skip(lexer, strlen(text));
            return true;
        }
    }
    return false;
}

static const char *why_not(const char *p)
{
    if (p[0] == '-' && p[1] == '>')
        return "the action stands behind =>, not behind ->";
    switch (*p) {
    case '&':
        return "conditions are joined by &&";
    case '|':
        return "there is no \"or\": write a rule for each alternative";
    case '#':
    case '/':
        return "a comment begins with //";
    case '-':
        return "a minus stands only before the digits of a number";
    case '+':
    case '*':
    case '%':
        return "there is no arithmetic";
    default:
        return "this character has no meaning outside strings and comments";
    }
}

static void bad(azattest__lexer *lexer, azattest__lexeme *out)
{
    const char *p = here(lexer);
    size_t len = strncmp(p, "||", 2) == 0 || strncmp(p, "->", 2) == 0 ? 2 : character(lexer);

    out->kind = AZATTEST__BAD;
    azattest__lexer_skip(lexer, len);
    azattest__lexer_error(lexer, "syntax", azattest__lexer_span(lexer, out->span), "%s", why_not(p));
}

void azattest__lexer_next(azattest__lexer *lexer, azattest__lexeme *out)
{
    const char *p;
    size_t quote;

    skip_blanks(lexer);
    *out = (azattest__lexeme){ .kind = AZATTEST__END, .span = start(lexer) };
    p = here(lexer);
    if (lexer->at == lexer->policy->text_len)
        return;
    lexer->fresh_line = false;
    if (*p == '"') {
        azattest__lexer_string(lexer, 1, out);
    } else if ((quote = azattest__typographic_quote(p)) > 0) {
        azattest__lexer_string(lexer, quote, out);
    } else if (is_letter(*p)) {
        out->kind = AZATTEST__WORD;
        word(lexer);
    } else if (is_digit(*p) || (*p == '-' && is_digit(p[1]))) {
        number(lexer, out);
    } else if (!sign(lexer, out)) {
        bad(lexer, out);
    }
    out->span = azattest__lexer_span(lexer, out->span);
}
