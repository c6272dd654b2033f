/* Tokens of a query. */
#ifndef AZATTEST_POLICY_JMESPATH_LEXER_H
#define AZATTEST_POLICY_JMESPATH_LEXER_H

#include "node.h"

typedef enum token_type {
    TOKEN_END,
    TOKEN_BAD, /* no token at all: `problem` says what was found, what was expected, and what to do */
    TOKEN_IDENTIFIER,
    TOKEN_QUOTED, /* an identifier in double quotes */
    TOKEN_RAW_STRING,
    TOKEN_LITERAL,
    TOKEN_NUMBER,
    TOKEN_CURRENT,
    TOKEN_RIGHT_BRACKET,
    TOKEN_RIGHT_PARENTHESIS,
    TOKEN_RIGHT_BRACE,
    TOKEN_COMMA,
    TOKEN_COLON,
    TOKEN_EXPRESSION, /* & */
    TOKEN_PIPE,
    TOKEN_OR,
    TOKEN_AND,
    TOKEN_EQUAL,
    TOKEN_NOT_EQUAL,
    TOKEN_LESS,
    TOKEN_LESS_OR_EQUAL,
    TOKEN_GREATER,
    TOKEN_GREATER_OR_EQUAL,
    TOKEN_FLATTEN, /* [] */
    TOKEN_STAR,
    TOKEN_FILTER, /* [? */
    TOKEN_DOT,
    TOKEN_NOT,
    TOKEN_LEFT_BRACE,
    TOKEN_LEFT_BRACKET,
    TOKEN_LEFT_PARENTHESIS
} token_type;

typedef struct token {
    token_type type;
    size_t offset, len;            /* in the query */
    const char *text;              /* of identifiers and raw strings */
    int64_t number;                /* held at the ends of its range: no array is so long */
    const azattest__json *literal; /* owned by the query */
    const char *problem;           /* of a bad one; static */
} token;

typedef struct lexer {
    azattest_bytes query;
    size_t at;
    azattest__jmespath *owner; /* of texts and literals */
    azattest_status status;    /* AZATTEST_E_MEMORY or AZATTEST_E_LIMIT, when a token could not be kept */
} lexer;

token azattest__jmespath_token(lexer *lexer);

#endif
