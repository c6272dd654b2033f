/* What the parts of the compiler share. */
#ifndef AZATTEST_POLICY_JMESPATH_PARSER_H
#define AZATTEST_POLICY_JMESPATH_PARSER_H

#include "lexer.h"

typedef struct parser {
    lexer lexer;
    token token, ahead;
    azattest__jmespath *query;
    unsigned depth;
    azattest_status status; /* the first failure sticks */
    size_t offset;
    azattest_error **error;
} parser;

node *azattest__jmespath_too_deep(parser *p);

/* parse.c: an expression up to an operator that binds no closer than `power`. */
node *azattest__jmespath_expression(parser *p, int power);

/* All fail with NULL or false, and the parser then has the failure. Nothing that can stand where the token does: */
node *azattest__jmespath_unexpected(parser *p, const char *expected);
node *azattest__jmespath_no_room(parser *p, azattest_status status);
void azattest__jmespath_advance(parser *p);
/* Takes a token of that type. */
bool azattest__jmespath_expect(parser *p, token_type type, const char *expected);

/* A node at the current token; the parent with one more child, unless it is then too high; one with two children. */
node *azattest__jmespath_node(parser *p, node_type type);
node *azattest__jmespath_add(parser *p, node *parent, node *child);
node *azattest__jmespath_pair(parser *p, node_type type, node *left, node *right);
/* Long chains of one operator do not nest: the left side takes one more. */
node *azattest__jmespath_chain(parser *p, node_type type, node *left, node *right);

#endif
