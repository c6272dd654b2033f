/* Words of a policy, one after the other. Faults of a single word are reported here, once. */
#ifndef AZATTEST_POLICY_LEXER_H
#define AZATTEST_POLICY_LEXER_H

#include "tree.h"

typedef enum azattest__lexeme_kind {
    AZATTEST__END, /* of the text */
    AZATTEST__WORD,
    AZATTEST__NUMBER,
    AZATTEST__FRACTION, /* 1.0: a version; nothing else has fractions */
    AZATTEST__QUOTED,
    AZATTEST__BAD, /* no word of the language; reported */
    AZATTEST__ARROW,
    AZATTEST__ASSIGN,
    AZATTEST__COMPARE, /* any of the six; `op` tells which */
    AZATTEST__AND,
    AZATTEST__NOT,
    AZATTEST__SEMICOLON,
    AZATTEST__COLON,
    AZATTEST__COMMA,
    AZATTEST__DOT,
    AZATTEST__BRACE_OPEN,
    AZATTEST__BRACE_CLOSE,
    AZATTEST__BRACKET_OPEN,
    AZATTEST__BRACKET_CLOSE,
    AZATTEST__PARENTHESIS_OPEN,
    AZATTEST__PARENTHESIS_CLOSE
} azattest__lexeme_kind;

typedef struct azattest__lexeme {
    azattest__lexeme_kind kind;
    azattest__span span;
    bool faulty;      /* reported, and usable as if it were right: what it is part of is no part of the tree */
    const char *text; /* of AZATTEST__QUOTED: without quotes and escapes */
    size_t text_len;
    int64_t integer;
    azattest__operator op;
} azattest__lexeme;

typedef struct azattest__lexer {
    azattest_policy *policy; /* text and arena; takes comments and diagnostics */
    size_t at;               /* the next byte, and its place */
    unsigned line, column;
    size_t comment_capacity;
    bool fresh_line;   /* nothing but white space and comments stands on this line so far */
    bool quiet;        /* text that is skipped after an error: nothing is reported */
    bool open_comment; /* a block comment has eaten the rest */
} azattest__lexer;

void azattest__lexer_init(azattest__lexer *lexer, azattest_policy *policy);
void azattest__lexer_next(azattest__lexer *lexer, azattest__lexeme *out);

/* For the parts of the lexer. */

/* Moves on by `len` bytes, whole characters on one line. */
void azattest__lexer_skip(azattest__lexer *lexer, size_t len);
/* The span from there to where the lexer is. */
azattest__span azattest__lexer_span(const azattest__lexer *lexer, azattest__span start);
/* Reports an error at the span unless the text is being skipped. */
__attribute__((format(printf, 4, 5))) void azattest__lexer_error(azattest__lexer *lexer, const char *id,
                                                                 azattest__span span, const char *format, ...);
/* Reads a string whose quote, straight or not, is at the lexer's place; `quote_len` bytes. */
void azattest__lexer_string(azattest__lexer *lexer, size_t quote_len, azattest__lexeme *out);
/* Looks at the next `len` bytes, of a comment or of a string's inside: a carriage return that would end a comment for
 * others is an error, what is not seen where it stands a warning. */
void azattest__lexer_hidden(azattest__lexer *lexer, size_t len, bool comment);
/* Bytes of the typographic quote, or other quote than the straight double one, at p; 0: none is there. */
size_t azattest__typographic_quote(const char *p);

#endif
