/* Compiling: what went wrong, and the nodes of the tree. The grammar is parse.c's. */
#include <stdio.h>
#include <stdlib.h>

#include "../../base/encoding.h"
#include "parser.h"

/* --- failures ----------------------------------------------------------------------------------------------------- */

node *azattest__jmespath_too_deep(parser *p)
{
    p->offset = p->token.offset;
    p->status = azattest__error_set(p->error, AZATTEST_E_LIMIT,
                                    "the query nests deeper than %u expressions, the most that are taken",
                                    AZATTEST_LIMIT_JMESPATH_DEPTH);
    return NULL;
}

node *azattest__jmespath_no_room(parser *p, azattest_status status)
{
    p->status = status == AZATTEST_E_LIMIT
                    ? azattest__error_set(p->error, AZATTEST_E_LIMIT, "the query's tree is too large")
                    : azattest__error_memory(p->error);
    return NULL;
}

/* What somebody may have meant, as the end of a message. */
static const char *meant(const parser *p, const char *found, char *room, size_t size)
{
    const token *t = &p->token;

    room[0] = '\0';
    if (t->type == TOKEN_NUMBER)
        (void)snprintf(room, size, ": numbers are written in backticks: `%s`", found);
    else if (t->type == TOKEN_IDENTIFIER && (strcmp(t->text, "and") == 0 || strcmp(t->text, "or") == 0))
        (void)snprintf(room, size, ": \"%s\" is written %s", t->text, t->text[0] == 'a' ? "&&" : "||");
    else if (t->type == TOKEN_EXPRESSION)
        (void)snprintf(room, size,
                       ": a single & makes an expression the argument of a function; \"and\" is written &&");
    else if (strncmp(found, "\xe2\x80\x98", 3) == 0 || strncmp(found, "\xe2\x80\x99", 3) == 0 ||
             strncmp(found, "\xe2\x80\x9c", 3) == 0 || strncmp(found, "\xe2\x80\x9d", 3) == 0)
        (void)snprintf(room, size, ": strings are written in straight single quotes");
    return room;
}

/* Nothing that can stand where the current token does. */
node *azattest__jmespath_unexpected(parser *p, const char *expected)
{
    const unsigned char *text;
    const token *t = &p->token;
    char room[160];
    char *found;
    size_t len;

    if (p->status != AZATTEST_OK)
        return NULL;
    if (p->lexer.status != AZATTEST_OK)
        return azattest__jmespath_no_room(p, p->lexer.status);
    p->offset = t->offset;
    if (t->type == TOKEN_BAD && t->problem != NULL) {
        p->status = azattest__error_set(p->error, AZATTEST_E_MALFORMED, "%s", t->problem);
        return NULL;
    }
    if (t->type == TOKEN_END) {
        p->status =
            azattest__error_set(p->error, AZATTEST_E_MALFORMED, "found the end of the query, expected %s", expected);
        return NULL;
    }
    text = (const unsigned char *)p->lexer.query.ptr + t->offset;
    len = t->type == TOKEN_BAD ? azattest__utf8_length(text, p->lexer.query.len - t->offset) : t->len;
    if ((found = azattest__printable(azattest__bytes(text, len), 40)) == NULL)
        return azattest__jmespath_no_room(p, AZATTEST_E_MEMORY);
    p->status = azattest__error_set(p->error, AZATTEST_E_MALFORMED, "found %s, expected %s%s", found, expected,
                                    meant(p, found, room, sizeof(room)));
    free(found);
    return NULL;
}

/* --- nodes -------------------------------------------------------------------------------------------------------- */

void azattest__jmespath_advance(parser *p)
{
    p->token = p->ahead;
    if (p->ahead.type != TOKEN_END && p->ahead.type != TOKEN_BAD)
        p->ahead = azattest__jmespath_token(&p->lexer);
}

bool azattest__jmespath_expect(parser *p, token_type type, const char *expected)
{
    if (p->token.type != type)
        return azattest__jmespath_unexpected(p, expected) != NULL;
    azattest__jmespath_advance(p);
    return true;
}

node *azattest__jmespath_node(parser *p, node_type type)
{
    node *n = azattest__arena_new(&p->query->arena, sizeof(*n));

    if (n == NULL)
        return azattest__jmespath_no_room(p, p->query->arena.status);
    n->type = type;
    n->height = 1;
    n->offset = p->token.offset;
    return n;
}

/* The parent, or NULL when there is no child or it stands too high. */
node *azattest__jmespath_add(parser *p, node *parent, node *child)
{
    void *children;

    if (parent == NULL || child == NULL)
        return NULL;
    children = parent->children;
    if (!azattest__arena_grow(&p->query->arena, &children, parent->count, &parent->capacity, sizeof(node *)))
        return azattest__jmespath_no_room(p, p->query->arena.status);
    parent->children = children;
    parent->children[parent->count++] = child;
    if (child->height >= parent->height)
        parent->height = child->height + 1;
    return parent->height > AZATTEST_LIMIT_JMESPATH_DEPTH ? azattest__jmespath_too_deep(p) : parent;
}

node *azattest__jmespath_pair(parser *p, node_type type, node *left, node *right)
{
    return left == NULL || right == NULL
               ? NULL
               : azattest__jmespath_add(p, azattest__jmespath_add(p, azattest__jmespath_node(p, type), left), right);
}

node *azattest__jmespath_chain(parser *p, node_type type, node *left, node *right)
{
    return left != NULL && left->type == type ? azattest__jmespath_add(p, left, right)
                                              : azattest__jmespath_pair(p, type, left, right);
}

/* --- compiling --------------------------------------------------------------------------------------------------- */

static azattest_status compile(parser *p)
{
    p->ahead = azattest__jmespath_token(&p->lexer);
    azattest__jmespath_advance(p);
    p->query->root = azattest__jmespath_expression(p, 0);
    if (p->query->root != NULL && p->token.type != TOKEN_END)
        p->query->root = azattest__jmespath_unexpected(p, "an operator or the end of the query");
    return p->status;
}

azattest_status azattest__jmespath_compile(azattest_bytes query, azattest__jmespath **out, size_t *offset,
                                           azattest_error **error)
{
    parser p = { .error = error, .lexer = { .query = query } };
    size_t ignored;

    if (offset == NULL)
        offset = &ignored;
    *out = NULL;
    *offset = 0;
    if (query.len > AZATTEST_LIMIT_JMESPATH)
        return azattest__error_set(error, AZATTEST_E_LIMIT, "the query has %zu bytes, at most %u are taken", query.len,
                                   AZATTEST_LIMIT_JMESPATH);
    if (query.ptr == NULL || !azattest__utf8_valid(query) || memchr(query.ptr, 0, query.len) != NULL)
        return azattest__error_set(error, AZATTEST_E_MALFORMED,
                                   "found a query that is no UTF-8 text, expected JMESPath");
    if ((p.query = calloc(1, sizeof(*p.query))) == NULL)
        return azattest__error_memory(error);
    azattest__arena_init(&p.query->arena, AZATTEST_LIMIT_POLICY_TREE);
    p.lexer.owner = p.query;
    if (compile(&p) == AZATTEST_OK) {
        *out = p.query;
    } else {
        *offset = p.offset;
        azattest__jmespath_free(p.query);
    }
    return p.status;
}

void azattest__jmespath_free(azattest__jmespath *query)
{
    if (query == NULL)
        return;
    for (literal *one = query->literals; one != NULL; one = one->next)
        azattest__json_free(one->value);
    azattest__arena_free(&query->arena);
    free(query);
}
