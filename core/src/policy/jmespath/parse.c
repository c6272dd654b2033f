/*
 * The compiler: top-down operator precedence, with the binding powers that the implementations of the project behind
 * the specification have in common. Where its grammar leaves it open what binds closer, they decide: `!a.b` is
 * `(!a).b`, and `a.*.b.c` takes c of the list that `a.*.b` gives.
 */
#include "parser.h"

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

static node *named(parser *p, node_type type)
{
    node *n = azattest__jmespath_node(p, type);

    if (n != NULL) {
        n->text = p->token.text;
        azattest__jmespath_advance(p);
    }
    return n;
}

/* --- brackets ----------------------------------------------------------------------------------------------------- */

static node *list(parser *p)
{
    node *n = azattest__jmespath_node(p, NODE_LIST);

    do
        n = azattest__jmespath_add(p, n, azattest__jmespath_expression(p, 0));
    while (n != NULL && p->token.type == TOKEN_COMMA && (azattest__jmespath_advance(p), true));
    return n != NULL && azattest__jmespath_expect(p, TOKEN_RIGHT_BRACKET, "a comma or the ] of the list") ? n : NULL;
}

static bool add_name(parser *p, node *hash, size_t *capacity, const char *name)
{
    void *names = hash->names;

    if (!azattest__arena_grow(&p->query->arena, &names, hash->count, capacity, sizeof(char *)))
        return azattest__jmespath_no_room(p, p->query->arena.status) != NULL;
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
        return azattest__jmespath_no_room(p, p->query->arena.status) != NULL;
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
    node *n = azattest__jmespath_node(p, NODE_HASH);
    size_t capacity = 0;
    const char *name;

    for (;;) {
        if (p->token.type != TOKEN_IDENTIFIER && p->token.type != TOKEN_QUOTED)
            return azattest__jmespath_unexpected(p, "the name of a member");
        name = p->token.text;
        azattest__jmespath_advance(p);
        if (n == NULL || !azattest__jmespath_expect(p, TOKEN_COLON, "a colon behind the name of a member") ||
            !add_name(p, n, &capacity, name) ||
            (n = azattest__jmespath_add(p, n, azattest__jmespath_expression(p, 0))) == NULL)
            return NULL;
        if (p->token.type == TOKEN_RIGHT_BRACE)
            break;
        if (!azattest__jmespath_expect(p, TOKEN_COMMA, "a comma or the } of the object"))
            return NULL;
    }
    azattest__jmespath_advance(p);
    return slots(p, n) ? n : NULL;
}

/* Behind a dot. */
static node *dotted(parser *p, int power)
{
    switch (p->token.type) {
    case TOKEN_IDENTIFIER:
    case TOKEN_QUOTED:
    case TOKEN_STAR:
        return azattest__jmespath_expression(p, power);
    case TOKEN_LEFT_BRACKET:
        azattest__jmespath_advance(p);
        return list(p);
    case TOKEN_LEFT_BRACE:
        azattest__jmespath_advance(p);
        return hash(p);
    default:
        return azattest__jmespath_unexpected(p, "a name, *, [ or { behind the dot");
    }
}

/* What is done with each element of a projection. */
static node *each(parser *p, int power)
{
    if (powers[p->token.type] < POWER_STOPS_PROJECTION)
        return azattest__jmespath_node(p, NODE_CURRENT);
    if (p->token.type == TOKEN_LEFT_BRACKET || p->token.type == TOKEN_FILTER)
        return azattest__jmespath_expression(p, power);
    if (p->token.type != TOKEN_DOT)
        return azattest__jmespath_unexpected(p, "a dot, a bracket, an operator or the end of the query");
    azattest__jmespath_advance(p);
    return dotted(p, power);
}

static node *flatten(parser *p, node *left)
{
    node *flat = azattest__jmespath_add(p, azattest__jmespath_node(p, NODE_FLATTEN), left);

    azattest__jmespath_advance(p);
    return flat == NULL ? NULL : azattest__jmespath_pair(p, NODE_PROJECTION, flat, each(p, POWER_FLATTEN));
}

static node *filter(parser *p, node *left)
{
    node *condition;

    azattest__jmespath_advance(p);
    if ((condition = azattest__jmespath_expression(p, 0)) == NULL ||
        !azattest__jmespath_expect(p, TOKEN_RIGHT_BRACKET, "an operator or the ] of the filter"))
        return NULL;
    return azattest__jmespath_add(p, azattest__jmespath_pair(p, NODE_FILTER, left, each(p, POWER_FILTER)), condition);
}

static bool slice_part(parser *p, bool *has, int64_t *part)
{
    if ((*has = p->token.type == TOKEN_NUMBER)) {
        *part = p->token.number;
        azattest__jmespath_advance(p);
    }
    if (p->token.type != TOKEN_COLON && p->token.type != TOKEN_RIGHT_BRACKET)
        return azattest__jmespath_unexpected(p, *has ? "a colon or a ]" : "a number, a colon or a ]") != NULL;
    return true;
}

static node *slice(parser *p)
{
    node *n = azattest__jmespath_node(p, NODE_SLICE);
    size_t step_offset = 0;
    bool has_step = false;

    if (n == NULL || !slice_part(p, &n->slice.has_start, &n->slice.start))
        return NULL;
    azattest__jmespath_advance(p);
    if (!slice_part(p, &n->slice.has_stop, &n->slice.stop))
        return NULL;
    if (p->token.type == TOKEN_COLON) {
        azattest__jmespath_advance(p);
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
    return azattest__jmespath_expect(p, TOKEN_RIGHT_BRACKET, "the ] of the slice") ? n : NULL;
}

/* Behind [, where a number or a colon stands. Of a slice every element is taken on. */
static node *indexed(parser *p, node *left)
{
    node *n;

    if (p->token.type == TOKEN_COLON || p->ahead.type == TOKEN_COLON) {
        if ((n = slice(p)) == NULL || (left = azattest__jmespath_chain(p, NODE_SEQUENCE, left, n)) == NULL)
            return NULL;
        return azattest__jmespath_pair(p, NODE_PROJECTION, left, each(p, POWER_STAR));
    }
    if ((n = azattest__jmespath_node(p, NODE_INDEX)) == NULL)
        return NULL;
    n->slice.start = p->token.number;
    azattest__jmespath_advance(p);
    return azattest__jmespath_expect(p, TOKEN_RIGHT_BRACKET, "the ] of the index")
               ? azattest__jmespath_chain(p, NODE_SEQUENCE, left, n)
               : NULL;
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
        return wanted ? azattest__jmespath_unexpected(p, "an expression behind & as this argument, such as &name")
                      : azattest__jmespath_expression(p, 0);
    if (!wanted)
        return azattest__jmespath_unexpected(p, "a value as this argument of the function");
    n = azattest__jmespath_node(p, NODE_EXPRESSION);
    azattest__jmespath_advance(p);
    return n == NULL ? NULL : azattest__jmespath_add(p, n, azattest__jmespath_expression(p, 0));
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
    if ((n = azattest__jmespath_node(p, NODE_CALL)) == NULL)
        return NULL;
    n->function = function;
    n->offset = offset;
    azattest__jmespath_advance(p);
    if (p->token.type != TOKEN_RIGHT_PARENTHESIS) {
        do
            n = azattest__jmespath_add(p, n, argument(p, n));
        while (n != NULL && p->token.type == TOKEN_COMMA && (azattest__jmespath_advance(p), true));
    }
    if (n == NULL ||
        !azattest__jmespath_expect(p, TOKEN_RIGHT_PARENTHESIS, "an operator, a comma or the ) of the function"))
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
        return azattest__jmespath_unexpected(p, "the name of a function without quotes in front of (");
    azattest__jmespath_advance(p);
    return call(p, name, offset);
}

/* --- expressions -------------------------------------------------------------------------------------------------- */

static node *bracket(parser *p)
{
    azattest__jmespath_advance(p);
    if (is_index(p))
        return indexed(p, azattest__jmespath_node(p, NODE_CURRENT));
    if (p->token.type != TOKEN_STAR || p->ahead.type != TOKEN_RIGHT_BRACKET)
        return list(p);
    azattest__jmespath_advance(p);
    azattest__jmespath_advance(p);
    return azattest__jmespath_pair(p, NODE_PROJECTION, azattest__jmespath_node(p, NODE_CURRENT), each(p, POWER_STAR));
}

static node *parenthesis(parser *p)
{
    node *n;

    azattest__jmespath_advance(p);
    n = azattest__jmespath_expression(p, 0);
    return n != NULL && azattest__jmespath_expect(p, TOKEN_RIGHT_PARENTHESIS, "an operator or a )") ? n : NULL;
}

static node *literal_node(parser *p)
{
    node *n = azattest__jmespath_node(p, NODE_LITERAL);

    if (n != NULL) {
        n->literal = p->token.literal;
        azattest__jmespath_advance(p);
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
        azattest__jmespath_advance(p);
        return azattest__jmespath_pair(p, NODE_VALUES, azattest__jmespath_node(p, NODE_CURRENT), each(p, POWER_STAR));
    case TOKEN_FILTER:
        return filter(p, azattest__jmespath_node(p, NODE_CURRENT));
    case TOKEN_FLATTEN:
        return flatten(p, azattest__jmespath_node(p, NODE_CURRENT));
    case TOKEN_NOT:
        azattest__jmespath_advance(p);
        return azattest__jmespath_add(p, azattest__jmespath_node(p, NODE_NOT),
                                      azattest__jmespath_expression(p, POWER_NOT));
    case TOKEN_LEFT_BRACE:
        azattest__jmespath_advance(p);
        return hash(p);
    case TOKEN_LEFT_BRACKET:
        return bracket(p);
    case TOKEN_LEFT_PARENTHESIS:
        return parenthesis(p);
    default:
        return azattest__jmespath_unexpected(p, "an expression");
    }
}

static node *compared(parser *p, node *left)
{
    comparison op = (comparison)(p->token.type - TOKEN_EQUAL);
    size_t offset = p->token.offset;
    node *n;

    azattest__jmespath_advance(p);
    if ((n = azattest__jmespath_pair(p, NODE_COMPARISON, left, azattest__jmespath_expression(p, POWER_COMPARISON))) !=
        NULL) {
        n->comparison = op;
        n->offset = offset;
    }
    return n;
}

static node *continued(parser *p, node *left)
{
    switch (p->token.type) {
    case TOKEN_PIPE:
        azattest__jmespath_advance(p);
        return azattest__jmespath_chain(p, NODE_SEQUENCE, left, azattest__jmespath_expression(p, POWER_PIPE));
    case TOKEN_OR:
        azattest__jmespath_advance(p);
        return azattest__jmespath_chain(p, NODE_OR, left, azattest__jmespath_expression(p, POWER_OR));
    case TOKEN_AND:
        azattest__jmespath_advance(p);
        return azattest__jmespath_chain(p, NODE_AND, left, azattest__jmespath_expression(p, POWER_AND));
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
        azattest__jmespath_advance(p);
        if (p->token.type != TOKEN_STAR)
            return azattest__jmespath_chain(p, NODE_SEQUENCE, left, dotted(p, POWER_DOT));
        azattest__jmespath_advance(p);
        return azattest__jmespath_pair(p, NODE_VALUES, left, each(p, POWER_DOT));
    case TOKEN_LEFT_BRACKET:
        azattest__jmespath_advance(p);
        if (is_index(p))
            return indexed(p, left);
        if (!azattest__jmespath_expect(p, TOKEN_STAR, "a number, *, a colon, or ? with the bracket") ||
            !azattest__jmespath_expect(p, TOKEN_RIGHT_BRACKET, "the ] behind *"))
            return NULL;
        return azattest__jmespath_pair(p, NODE_PROJECTION, left, each(p, POWER_STAR));
    default:
        return azattest__jmespath_unexpected(p, "an operator or the end of the query");
    }
}

node *azattest__jmespath_expression(parser *p, int power)
{
    node *left;

    if (p->depth >= AZATTEST_LIMIT_JMESPATH_DEPTH)
        return azattest__jmespath_too_deep(p);
    p->depth++;
    left = beginning(p);
    while (left != NULL && power < powers[p->token.type])
        left = continued(p, left);
    p->depth--;
    return left;
}
