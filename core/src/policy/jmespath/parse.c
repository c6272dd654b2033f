/*
 * The compiler: top-down operator precedence, with the binding powers that the implementations of the project behind
 * the specification have in common. Where its grammar leaves it open what binds closer, they decide: `!a.b` is
 * `(!a).b`, and `a.*.b.c` takes c of the list that `a.*.b` gives.
 */
#include <stdio.h>
#include <stdlib.h>

#include "../../base/encoding.h"
#include "lexer.h"

enum {
    POWER_PIPE = 1,
    POWER_OR,
    POWER_AND,
    POWER_COMPARISON = 5,
    POWER_FLATTEN = 9,
    POWER_STOPS_PROJECTION, /* whatever binds less ends what is done with each element */
    POWER_STAR = 20,
    POWER_FILTER,
    POWER_DOT = 40,
    POWER_NOT = 45,
    POWER_BRACE = 50,
    POWER_BRACKET = 55,
    POWER_PARENTHESIS = 60
};

static const unsigned char powers[] = {
    [TOKEN_PIPE] = POWER_PIPE,
    [TOKEN_OR] = POWER_OR,
    [TOKEN_AND] = POWER_AND,
    [TOKEN_EQUAL] = POWER_COMPARISON,
    [TOKEN_NOT_EQUAL] = POWER_COMPARISON,
    [TOKEN_LESS] = POWER_COMPARISON,
    [TOKEN_LESS_OR_EQUAL] = POWER_COMPARISON,
    [TOKEN_GREATER] = POWER_COMPARISON,
    [TOKEN_GREATER_OR_EQUAL] = POWER_COMPARISON,
    [TOKEN_FLATTEN] = POWER_FLATTEN,
    [TOKEN_STAR] = POWER_STAR,
    [TOKEN_FILTER] = POWER_FILTER,
    [TOKEN_DOT] = POWER_DOT,
    [TOKEN_NOT] = POWER_NOT,
    [TOKEN_LEFT_BRACE] = POWER_BRACE,
    [TOKEN_LEFT_BRACKET] = POWER_BRACKET,
    [TOKEN_LEFT_PARENTHESIS] = POWER_PARENTHESIS,
};

typedef struct parser {
    lexer lexer;
    token token, ahead;
    azattest__jmespath *query;
    unsigned depth;
    azattest_status status; /* the first failure sticks */
    size_t offset;
    azattest_error **error;
} parser;

static node *expression(parser *p, int power);

/* --- failures ----------------------------------------------------------------------------------------------------- */

static node *too_deep(parser *p)
{
    p->offset = p->token.offset;
    p->status = azattest__error_set(p->error, AZATTEST_E_LIMIT,
                                    "the query nests deeper than %u expressions, the most that are taken",
                                    AZATTEST_LIMIT_JMESPATH_DEPTH);
    return NULL;
}

static node *no_memory(parser *p, azattest_status status)
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
static node *unexpected(parser *p, const char *expected)
{
    const unsigned char *text;
    const token *t = &p->token;
    char room[160];
    char *found;
    size_t len;

    if (p->status != AZATTEST_OK)
        return NULL;
    if (p->lexer.status != AZATTEST_OK)
        return no_memory(p, p->lexer.status);
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
        return no_memory(p, AZATTEST_E_MEMORY);
    p->status = azattest__error_set(p->error, AZATTEST_E_MALFORMED, "found %s, expected %s%s", found, expected,
                                    meant(p, found, room, sizeof(room)));
    free(found);
    return NULL;
}

/* --- nodes -------------------------------------------------------------------------------------------------------- */

static void advance(parser *p)
{
    p->token = p->ahead;
    if (p->ahead.type != TOKEN_END && p->ahead.type != TOKEN_BAD)
        p->ahead = azattest__jmespath_token(&p->lexer);
}

static bool expect(parser *p, token_type type, const char *expected)
{
    if (p->token.type != type)
        return unexpected(p, expected) != NULL;
    advance(p);
    return true;
}

static node *new_node(parser *p, node_type type)
{
    node *n = azattest__arena_new(&p->query->arena, sizeof(*n));

    if (n == NULL)
        return no_memory(p, p->query->arena.status);
    n->type = type;
    n->height = 1;
    n->offset = p->token.offset;
    return n;
}

/* The parent, or NULL when there is no child or it stands too high. */
static node *add(parser *p, node *parent, node *child)
{
    void *children;

    if (parent == NULL || child == NULL)
        return NULL;
    children = parent->children;
    if (!azattest__arena_grow(&p->query->arena, &children, parent->count, &parent->capacity, sizeof(node *)))
        return no_memory(p, p->query->arena.status);
    parent->children = children;
    parent->children[parent->count++] = child;
    if (child->height >= parent->height)
        parent->height = child->height + 1;
    return parent->height > AZATTEST_LIMIT_JMESPATH_DEPTH ? too_deep(p) : parent;
}

static node *pair(parser *p, node_type type, node *left, node *right)
{
    return left == NULL || right == NULL ? NULL : add(p, add(p, new_node(p, type), left), right);
}

/* Long chains of one operator do not nest: the left side takes one more. */
static node *chain(parser *p, node_type type, node *left, node *right)
{
    return left != NULL && left->type == type ? add(p, left, right) : pair(p, type, left, right);
}

static node *named(parser *p, node_type type)
{
    node *n = new_node(p, type);

    if (n != NULL) {
        n->text = p->token.text;
        advance(p);
    }
    return n;
}

/* --- brackets ----------------------------------------------------------------------------------------------------- */

static node *list(parser *p)
{
    node *n = new_node(p, NODE_LIST);

    do
        n = add(p, n, expression(p, 0));
    while (n != NULL && p->token.type == TOKEN_COMMA && (advance(p), true));
    return n != NULL && expect(p, TOKEN_RIGHT_BRACKET, "a comma or the ] of the list") ? n : NULL;
}

static bool add_name(parser *p, node *hash, size_t *capacity, const char *name)
{
    void *names = hash->names;

    if (!azattest__arena_grow(&p->query->arena, &names, hash->count, capacity, sizeof(char *)))
        return no_memory(p, p->query->arena.status) != NULL;
    hash->names = names;
    hash->names[hash->count] = name;
    return true;
}

/* A member for each name; the value of a name that stands twice is the last one's. */
static bool slots(parser *p, node *hash)
{
    const char **names = azattest__arena_array(&p->query->arena, hash->count, sizeof(*names));

    hash->slots = azattest__arena_array(&p->query->arena, hash->count, sizeof(*hash->slots));
    if (names == NULL || hash->slots == NULL)
        return no_memory(p, p->query->arena.status) != NULL;
    for (size_t i = 0, slot; i < hash->count; i++) {
        for (slot = 0; slot < hash->slot_count && strcmp(names[slot], hash->names[i]) != 0; slot++)
            continue;
        names[slot] = hash->names[i];
        hash->slots[i] = slot;
        if (slot == hash->slot_count)
            hash->slot_count++;
    }
    hash->names = names;
    return true;
}

static node *hash(parser *p)
{
    node *n = new_node(p, NODE_HASH);
    size_t capacity = 0;
    const char *name;

    for (;;) {
        if (p->token.type != TOKEN_IDENTIFIER && p->token.type != TOKEN_QUOTED)
            return unexpected(p, "the name of a member");
        name = p->token.text;
        advance(p);
        if (n == NULL || !expect(p, TOKEN_COLON, "a colon behind the name of a member") ||
            !add_name(p, n, &capacity, name) || (n = add(p, n, expression(p, 0))) == NULL)
            return NULL;
        if (p->token.type == TOKEN_RIGHT_BRACE)
            break;
        if (!expect(p, TOKEN_COMMA, "a comma or the } of the object"))
            return NULL;
    }
    advance(p);
    return slots(p, n) ? n : NULL;
}

/* Behind a dot. */
static node *dotted(parser *p, int power)
{
    switch (p->token.type) {
    case TOKEN_IDENTIFIER:
    case TOKEN_QUOTED:
    case TOKEN_STAR:
        return expression(p, power);
    case TOKEN_LEFT_BRACKET:
        advance(p);
        return list(p);
    case TOKEN_LEFT_BRACE:
        advance(p);
        return hash(p);
    default:
        return unexpected(p, "a name, *, [ or { behind the dot");
    }
}

/* What is done with each element of a projection. */
static node *each(parser *p, int power)
{
    if (powers[p->token.type] < POWER_STOPS_PROJECTION)
        return new_node(p, NODE_CURRENT);
    if (p->token.type == TOKEN_LEFT_BRACKET || p->token.type == TOKEN_FILTER)
        return expression(p, power);
    if (p->token.type != TOKEN_DOT)
        return unexpected(p, "a dot, a bracket, an operator or the end of the query");
    advance(p);
    return dotted(p, power);
}

static node *flatten(parser *p, node *left)
{
    node *flat = add(p, new_node(p, NODE_FLATTEN), left);

    advance(p);
    return flat == NULL ? NULL : pair(p, NODE_PROJECTION, flat, each(p, POWER_FLATTEN));
}

static node *filter(parser *p, node *left)
{
    node *condition;

    advance(p);
    if ((condition = expression(p, 0)) == NULL || !expect(p, TOKEN_RIGHT_BRACKET, "an operator or the ] of the filter"))
        return NULL;
    return add(p, pair(p, NODE_FILTER, left, each(p, POWER_FILTER)), condition);
}

static bool slice_part(parser *p, bool *has, int64_t *part)
{
    if ((*has = p->token.type == TOKEN_NUMBER)) {
        *part = p->token.number;
        advance(p);
    }
    if (p->token.type != TOKEN_COLON && p->token.type != TOKEN_RIGHT_BRACKET)
        return unexpected(p, *has ? "a colon or a ]" : "a number, a colon or a ]") != NULL;
    return true;
}

static node *slice(parser *p)
{
    node *n = new_node(p, NODE_SLICE);
    size_t step_offset = 0;
    bool has_step = false;

    if (n == NULL || !slice_part(p, &n->slice.has_start, &n->slice.start))
        return NULL;
    advance(p);
    if (!slice_part(p, &n->slice.has_stop, &n->slice.stop))
        return NULL;
    if (p->token.type == TOKEN_COLON) {
        advance(p);
        step_offset = p->token.offset;
        if (!slice_part(p, &has_step, &n->slice.step))
            return NULL;
    }
    if (!has_step)
        n->slice.step = 1;
    if (n->slice.step == 0) {
        p->offset = step_offset;
        p->status =
            azattest__error_set(p->error, AZATTEST_E_MALFORMED, "found 0 as a slice's step, expected another number");
        return NULL;
    }
    return expect(p, TOKEN_RIGHT_BRACKET, "the ] of the slice") ? n : NULL;
}

/* Behind [, where a number or a colon stands. Of a slice every element is taken on. */
static node *indexed(parser *p, node *left)
{
    node *n;

    if (p->token.type == TOKEN_COLON || p->ahead.type == TOKEN_COLON) {
        if ((n = slice(p)) == NULL)
            return NULL;
        return pair(p, NODE_PROJECTION, chain(p, NODE_SEQUENCE, left, n), each(p, POWER_STAR));
    }
    if ((n = new_node(p, NODE_INDEX)) == NULL)
        return NULL;
    n->slice.start = p->token.number;
    advance(p);
    return expect(p, TOKEN_RIGHT_BRACKET, "the ] of the index") ? chain(p, NODE_SEQUENCE, left, n) : NULL;
}

static bool is_index(const parser *p)
{
    return p->token.type == TOKEN_NUMBER || p->token.type == TOKEN_COLON;
}

/* --- functions ---------------------------------------------------------------------------------------------------- */

static node *unknown_function(parser *p, const char *name, size_t offset)
{
    const char *near = azattest__jmespath_function_near(name);

    p->offset = offset;
    p->status = azattest__error_set(p->error, AZATTEST_E_MALFORMED,
                                    "found the unknown function %.40s(), expected one of JMESPath's, "
                                    "or equals_ignore_case()%s%s%s",
                                    name, near == NULL ? "" : ": did you mean ", near == NULL ? "" : near,
                                    near == NULL ? "" : "()?");
    return NULL;
}

static node *argument(parser *p, const node *call)
{
    bool wanted = azattest__jmespath_function_wants_expression(call->function, call->count);
    node *n;

    if (p->token.type != TOKEN_EXPRESSION)
        return wanted ? unexpected(p, "an expression behind & as this argument, such as &name") : expression(p, 0);
    if (!wanted)
        return unexpected(p, "a value as this argument of the function");
    n = new_node(p, NODE_EXPRESSION);
    advance(p);
    return n == NULL ? NULL : add(p, n, expression(p, 0));
}

static node *arity(parser *p, node *call)
{
    const char *name = azattest__jmespath_function_name(call->function);
    size_t least, most;

    azattest__jmespath_function_arity(call->function, &least, &most);
    if (call->count >= least && call->count <= most)
        return call;
    p->offset = call->offset;
    p->status =
        azattest__error_set(p->error, AZATTEST_E_MALFORMED, "found %zu argument%s of %s(), expected %s%zu", call->count,
                            call->count == 1 ? "" : "s", name, most == least ? "" : "at least ", least);
    return NULL;
}

/* At the parenthesis behind a name. */
static node *call(parser *p, const char *name, size_t offset)
{
    const azattest__jmespath_function *function = azattest__jmespath_function_named(name);
    node *n;

    if (function == NULL)
        return unknown_function(p, name, offset);
    if ((n = new_node(p, NODE_CALL)) == NULL)
        return NULL;
    n->function = function;
    n->offset = offset;
    advance(p);
    if (p->token.type != TOKEN_RIGHT_PARENTHESIS) {
        do
            n = add(p, n, argument(p, n));
        while (n != NULL && p->token.type == TOKEN_COMMA && (advance(p), true));
    }
    if (n == NULL || !expect(p, TOKEN_RIGHT_PARENTHESIS, "an operator, a comma or the ) of the function"))
        return NULL;
    return arity(p, n);
}

static node *name_or_call(parser *p)
{
    const char *name = p->token.text;
    size_t offset = p->token.offset;
    bool quoted = p->token.type == TOKEN_QUOTED;

    if (p->ahead.type != TOKEN_LEFT_PARENTHESIS)
        return named(p, NODE_FIELD);
    if (quoted)
        return unexpected(p, "the name of a function without quotes in front of (");
    advance(p);
    return call(p, name, offset);
}

/* --- expressions -------------------------------------------------------------------------------------------------- */

static node *bracket(parser *p)
{
    advance(p);
    if (is_index(p))
        return indexed(p, new_node(p, NODE_CURRENT));
    if (p->token.type != TOKEN_STAR || p->ahead.type != TOKEN_RIGHT_BRACKET)
        return list(p);
    advance(p);
    advance(p);
    return pair(p, NODE_PROJECTION, new_node(p, NODE_CURRENT), each(p, POWER_STAR));
}

static node *parenthesis(parser *p)
{
    node *n;

    advance(p);
    n = expression(p, 0);
    return n != NULL && expect(p, TOKEN_RIGHT_PARENTHESIS, "an operator or a )") ? n : NULL;
}

static node *literal_node(parser *p)
{
    node *n = new_node(p, NODE_LITERAL);

    if (n != NULL) {
        n->literal = p->token.literal;
        advance(p);
    }
    return n;
}

static node *beginning(parser *p)
{
    switch (p->token.type) {
    case TOKEN_IDENTIFIER:
    case TOKEN_QUOTED:
        return name_or_call(p);
    case TOKEN_RAW_STRING:
        return named(p, NODE_RAW_STRING);
    case TOKEN_LITERAL:
        return literal_node(p);
    case TOKEN_CURRENT:
        return named(p, NODE_CURRENT);
    case TOKEN_STAR:
        advance(p);
        return pair(p, NODE_VALUES, new_node(p, NODE_CURRENT), each(p, POWER_STAR));
    case TOKEN_FILTER:
        return filter(p, new_node(p, NODE_CURRENT));
    case TOKEN_FLATTEN:
        return flatten(p, new_node(p, NODE_CURRENT));
    case TOKEN_NOT:
        advance(p);
        return add(p, new_node(p, NODE_NOT), expression(p, POWER_NOT));
    case TOKEN_LEFT_BRACE:
        advance(p);
        return hash(p);
    case TOKEN_LEFT_BRACKET:
        return bracket(p);
    case TOKEN_LEFT_PARENTHESIS:
        return parenthesis(p);
    default:
        return unexpected(p, "an expression");
    }
}

static node *compared(parser *p, node *left)
{
    comparison op = (comparison)(p->token.type - TOKEN_EQUAL);
    size_t offset = p->token.offset;
    node *n;

    advance(p);
    if ((n = pair(p, NODE_COMPARISON, left, expression(p, POWER_COMPARISON))) != NULL) {
        n->comparison = op;
        n->offset = offset;
    }
    return n;
}

static node *continued(parser *p, node *left)
{
    switch (p->token.type) {
    case TOKEN_PIPE:
        advance(p);
        return chain(p, NODE_SEQUENCE, left, expression(p, POWER_PIPE));
    case TOKEN_OR:
        advance(p);
        return chain(p, NODE_OR, left, expression(p, POWER_OR));
    case TOKEN_AND:
        advance(p);
        return chain(p, NODE_AND, left, expression(p, POWER_AND));
    case TOKEN_EQUAL:
    case TOKEN_NOT_EQUAL:
    case TOKEN_LESS:
    case TOKEN_LESS_OR_EQUAL:
    case TOKEN_GREATER:
    case TOKEN_GREATER_OR_EQUAL:
        return compared(p, left);
    case TOKEN_FLATTEN:
        return flatten(p, left);
    case TOKEN_FILTER:
        return filter(p, left);
    case TOKEN_DOT:
        advance(p);
        if (p->token.type != TOKEN_STAR)
            return chain(p, NODE_SEQUENCE, left, dotted(p, POWER_DOT));
        advance(p);
        return pair(p, NODE_VALUES, left, each(p, POWER_DOT));
    case TOKEN_LEFT_BRACKET:
        advance(p);
        if (is_index(p))
            return indexed(p, left);
        if (!expect(p, TOKEN_STAR, "a number, *, a colon, or ? with the bracket") ||
            !expect(p, TOKEN_RIGHT_BRACKET, "the ] behind *"))
            return NULL;
        return pair(p, NODE_PROJECTION, left, each(p, POWER_STAR));
    default:
        return unexpected(p, "an operator or the end of the query");
    }
}

static node *expression(parser *p, int power)
{
    node *left;

    if (p->depth >= AZATTEST_LIMIT_JMESPATH_DEPTH)
        return too_deep(p);
    p->depth++;
    left = beginning(p);
    while (left != NULL && power < powers[p->token.type])
        left = continued(p, left);
    p->depth--;
    return left;
}

static azattest_status compile(parser *p)
{
    p->ahead = azattest__jmespath_token(&p->lexer);
    advance(p);
    p->query->root = expression(p, 0);
    if (p->query->root != NULL && p->token.type != TOKEN_END)
        p->query->root = unexpected(p, "an operator or the end of the query");
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
