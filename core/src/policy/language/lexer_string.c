/* Strings: straight double quotes, a backslash before a quote or a backslash, nothing over the end of a line. */
#include "lexer.h"

#include "../../base/encoding.h"

size_t azattest__typographic_quote(const char *p)
{
    static const char *const quotes[] = { "\xe2\x80\x98", "\xe2\x80\x99", "\xe2\x80\x9a", "\xe2\x80\x9b",
                                          "\xe2\x80\x9c", "\xe2\x80\x9d", "\xe2\x80\x9e", "\xe2\x80\x9f",
                                          "\xc2\xab",     "\xc2\xbb",     "\xef\xbc\x82", "'" };

    if (*p != '\'' && (unsigned char)*p < 0x80)
        return 0;
    for (size_t i = 0; i < sizeof(quotes) / sizeof(quotes[0]); i++)
        if (strncmp(p, quotes[i], strlen(quotes[i])) == 0)
            return strlen(quotes[i]);
    return 0;
}

static bool is_single(const char *p)
{
    return *p == '\'';
}

/* Where the string's line has its end, and the quotes on it: bytes from the opening quote's end. */
typedef struct shape {
    size_t line;        /* to the line's end; when a quote was found it was not looked for */
    size_t straight;    /* to the closing straight quote; SIZE_MAX: none on this line */
    size_t typographic; /* to the first typographic one (any other, when it opened with one); SIZE_MAX: none */
} shape;

/* What may stand behind a string. */
static bool ends_a_string(const char *p)
{
    while (*p == ' ' || *p == '\t')
        p++;
    return strchr(",])/\r\n", *p) != NULL;
}

/* A carriage return by itself too: editors show another line behind it. */
static bool ends_line(char c)
{
    return c == '\0' || c == '\n' || c == '\r';
}

static shape look(const char *p, const char *opening)
{
    shape found = { 0, SIZE_MAX, SIZE_MAX };

    for (; !ends_line(p[found.line]); found.line++) {
        const char *q = p + found.line;

        if (*q == '\\' && !ends_line(q[1])) {
            found.line++;
        } else if (*q == '"') {
            /* "11”, value == "x": the straight quote opens the next string */
            if (found.typographic == SIZE_MAX || ends_a_string(q + 1))
                found.straight = found.line;
            return found;
        } else if (found.typographic == SIZE_MAX && is_single(q) == is_single(opening) &&
                   azattest__typographic_quote(q) > 0) {
            found.typographic = found.line;
            if (*opening != '"')
                return found;
        }
    }
    return found;
}

/* A string that goes on in the next lines up to its quote: bytes to that quote. A sign that no string of a policy has
 * over a line's end, but the rules behind it have, says that the quote was forgotten; 0 then. */
static size_t goes_on(const char *p)
{
    size_t len = 0;

    for (; p[len] != '"'; len++)
        if (p[len] == '\0' || strchr(";{}=", p[len]) != NULL)
            return 0;
    return len;
}

static void bad_escape(azattest__lexer *lexer, azattest__span span)
{
    if (!lexer->quiet)
        azattest__policy_report(lexer->policy, AZATTEST__WARNING, "bad-escape", span, "\\\" \\\\",
                                "this is no escape, and its backslash is dropped: \\\\ gives one, and \\\" a quote");
}

/* The next `len` bytes without their escapes. Every other escape than the two is reported once for the string: where
 * one is wrong, all the paths of a query usually are. */
static void take(azattest__lexer *lexer, size_t len, azattest__lexeme *out)
{
    const char *p = lexer->policy->text + lexer->at;
    char *text = azattest__arena_new(&lexer->policy->arena, len + 1);
    bool reported = false;
    size_t used = 0;

    for (size_t i = 0; i < len; i++) {
        if (p[i] == '\\' && i + 1 < len) {
            i++;
            if (p[i] != '"' && p[i] != '\\' && !reported) {
                azattest__span span = { .offset = lexer->at + i - 1, .line = lexer->line, .column = lexer->column };

                for (size_t j = 0; j + 1 < i; j++) { /* over the ends of lines in a string that is refused for them */
                    span.line += p[j] == '\n';
                    span.column = p[j] == '\n' ? 1 : span.column + (((unsigned char)p[j] & 0xc0) != 0x80);
                }
                span.length = 1 + azattest__utf8_length((const unsigned char *)p + i, len - i);
                reported = true;
                bad_escape(lexer, span);
            }
        }
        if (text != NULL)
            text[used] = p[i];
        used++;
    }
    out->text = text;
    out->text_len = used;
}

/* Moves over text that may have line ends. */
static void skip_lines(azattest__lexer *lexer, size_t len)
{
    for (size_t end = lexer->at + len; lexer->at < end;) {
        bool line = lexer->policy->text[lexer->at] == '\n';

        azattest__lexer_skip(lexer, 1);
        if (line) {
            lexer->line++;
            lexer->column = 1;
        }
    }
}

/* A place on the opening quote's line, `len` bytes from where the lexer is. */
static azattest__span place(const azattest__lexer *lexer, size_t len, size_t length)
{
    azattest__lexer there = *lexer;

    azattest__lexer_skip(&there, len);
    return (azattest__span){ .offset = there.at, .length = length, .line = there.line, .column = there.column };
}

/* ---- what is not seen ---- */

/* Characters that make a text look like another one. */
typedef enum sight {
    SEEN,
    UNSEEN, /* nothing, or a control character */
    TURNED, /* changes the direction of what follows */
    BROKEN  /* shown as the end of a line by many an editor */
} sight;

static sight sight_of(const unsigned char *p, size_t len)
{
    static const struct {
        const char *text;
        sight is;
    } characters[] = {
        { "\xe2\x80\xaa", TURNED }, { "\xe2\x80\xab", TURNED }, { "\xe2\x80\xac", TURNED }, { "\xe2\x80\xad", TURNED },
        { "\xe2\x80\xae", TURNED }, { "\xe2\x81\xa6", TURNED }, { "\xe2\x81\xa7", TURNED }, { "\xe2\x81\xa8", TURNED },
        { "\xe2\x81\xa9", TURNED }, { "\xe2\x80\x8e", TURNED }, { "\xe2\x80\x8f", TURNED }, { "\xd8\x9c", TURNED },
        { "\xe2\x80\xa8", BROKEN }, { "\xe2\x80\xa9", BROKEN }, { "\xc2\x85", BROKEN },     { "\xe2\x80\x8b", UNSEEN },
        { "\xe2\x80\x8c", UNSEEN }, { "\xe2\x80\x8d", UNSEEN }, { "\xe2\x81\xa0", UNSEEN }, { "\xef\xbb\xbf", UNSEEN },
        { "\xc2\xad", UNSEEN },
    };

    if (*p == '\v' || *p == '\f' || *p == '\r')
        return BROKEN;
    if (*p < 0x80)
        return (*p < ' ' && *p != '\t') || *p == 0x7f ? UNSEEN : SEEN;
    for (size_t i = 0; i < sizeof(characters) / sizeof(characters[0]); i++)
        if (strlen(characters[i].text) == len && memcmp(characters[i].text, p, len) == 0)
            return characters[i].is;
    return *p == 0xc2 && p[1] < 0xa0 ? UNSEEN : SEEN; /* the other control characters */
}

/* Where a comment ends is not established for a carriage return alone: to a reader who stops there, what follows is a
 * rule. In strings it is refused as a line's end. Joiners are at home in the text of a comment. */
void azattest__lexer_hidden(azattest__lexer *lexer, size_t len, bool comment)
{
    const unsigned char *p = (const unsigned char *)lexer->policy->text + lexer->at;
    bool warned = lexer->quiet, refused = lexer->quiet;
    size_t width;

    for (size_t i = 0; i < len && !(warned && refused); i += width) {
        sight is;

        width = azattest__utf8_length(p + i, len - i);
        width = width == 0 ? 1 : width;
        is = sight_of(p + i, width);
        if (comment && p[i] == '\r' && !refused) {
            refused = true;
            azattest__lexer_error(lexer, "syntax", place(lexer, i, 1),
                                  "a carriage return alone ends no line: what follows it is still in the comment");
        } else if (is > (comment ? UNSEEN : SEEN) && p[i] != '\r' && !warned) {
            warned = true;
            azattest__policy_report(lexer->policy, AZATTEST__WARNING, "hidden-character", place(lexer, i, width), NULL,
                                    is == TURNED   ? "a character that turns the direction of writing: the text may "
                                                     "look like another one"
                                    : is == BROKEN ? "a character that editors show as the end of a line, and is none"
                                                   : "a character that is not seen");
        }
    }
}

/* ---- strings ---- */

static void wrong_quotes(azattest__lexer *lexer, size_t opening, shape found, azattest__lexeme *out)
{
    const char *p = lexer->policy->text + lexer->at;
    size_t len = found.straight, closing = 1;
    azattest__span span = place(lexer, 0, opening);

    if (len == SIZE_MAX) {
        len = found.typographic;
        closing = azattest__typographic_quote(p + opening + len);
    }
    if (is_single(p))
        azattest__lexer_error(lexer, "syntax", span, "a string stands in double quotes, not in single ones");
    else if (*p != '"')
        azattest__lexer_error(lexer, "typographic-quote", span,
                              "a typographic quote: a string begins with the straight one, \"");
    else
        azattest__lexer_error(lexer, "typographic-quote", place(lexer, opening + len, closing),
                              "a typographic quote does not close a string: the straight one does, \"");
    azattest__lexer_skip(lexer, opening);
    take(lexer, len, out);
    azattest__lexer_skip(lexer, len + closing);
    out->kind = AZATTEST__QUOTED;
    out->faulty = true;
}

static void unterminated(azattest__lexer *lexer, size_t opening, shape found, azattest__lexeme *out)
{
    const char *p = lexer->policy->text + lexer->at;
    size_t more = *p == '"' && p[opening + found.line] != '\0' ? goes_on(p + opening) : 0;
    azattest__span span = place(lexer, 0, opening + found.line);

    if (more > 0) {
        azattest__lexer_error(lexer, "unterminated-string", span, "a string does not go over the end of a line");
        azattest__lexer_skip(lexer, opening);
        take(lexer, more, out);
        skip_lines(lexer, more + 1);
        out->kind = AZATTEST__QUOTED;
        out->faulty = true;
        return;
    }
    azattest__lexer_error(lexer, *p == '"' || is_single(p) ? "unterminated-string" : "typographic-quote", span,
                          *p == '"' ? "the string is not closed: its last quote is missing on this line"
                                    : "a string stands in straight double quotes, and is closed on its line");
    azattest__lexer_skip(lexer, opening + found.line);
    out->kind = AZATTEST__BAD;
}

void azattest__lexer_string(azattest__lexer *lexer, size_t quote_len, azattest__lexeme *out)
{
    const char *p = lexer->policy->text + lexer->at;
    shape found = look(p + quote_len, p);

    if (*p == '"' && found.straight != SIZE_MAX) {
        azattest__lexer_skip(lexer, 1);
        take(lexer, found.straight, out);
        azattest__lexer_hidden(lexer, found.straight, false);
        azattest__lexer_skip(lexer, found.straight + 1);
        out->kind = AZATTEST__QUOTED;
    } else if (found.straight != SIZE_MAX || found.typographic != SIZE_MAX) {
        wrong_quotes(lexer, quote_len, found, out);
    } else {
        unterminated(lexer, quote_len, found, out);
    }
}
