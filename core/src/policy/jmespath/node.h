/* The tree of a compiled query, and what its compiler shares with its search. Immutable from the end of compiling on.
 */
#ifndef AZATTEST_POLICY_JMESPATH_NODE_H
#define AZATTEST_POLICY_JMESPATH_NODE_H

#include <azattest/limits.h>

#include "../../base/arena.h"
#include "jmespath.h"

typedef enum node_type {
    NODE_CURRENT,    /* @, and where an expression begins with a bracket */
    NODE_FIELD,      /* text */
    NODE_RAW_STRING, /* text */
    NODE_LITERAL,    /* literal */
    NODE_INDEX,      /* slice.start */
    NODE_SLICE,
    NODE_FLATTEN,    /* of children[0] */
    NODE_SEQUENCE,   /* each child takes what the one before gave: sub-expressions, indexes, pipes */
    NODE_PROJECTION, /* children[1] of every element of children[0], without nulls */
    NODE_VALUES,     /* the same over the values of an object */
    NODE_FILTER,     /* the same over elements for which children[2] holds */
    NODE_COMPARISON, /* comparison; two children */
    NODE_OR,
    NODE_AND,
    NODE_NOT,
    NODE_LIST,
    NODE_HASH,      /* names and slots, one for each child */
    NODE_CALL,      /* function; the children are its arguments */
    NODE_EXPRESSION /* &children[0]: only ever an argument */
} node_type;

typedef enum comparison {
    COMPARISON_EQUAL,
    COMPARISON_NOT_EQUAL,
    COMPARISON_LESS,
    COMPARISON_LESS_OR_EQUAL,
    COMPARISON_GREATER,
    COMPARISON_GREATER_OR_EQUAL
} comparison;

typedef struct azattest__jmespath_function azattest__jmespath_function;

typedef struct node node;
struct node {
    node_type type;
    comparison comparison;
    unsigned height; /* 1 without children: what bounds every recursion over the tree */
    size_t offset;   /* in the query: of the operator of a comparison, of the name of a call */
    const char *text;
    const azattest__json *literal;
    struct {
        bool has_start, has_stop;
        int64_t start, stop, step;
    } slice;
    const azattest__jmespath_function *function;
    const char **names; /* of a hash */
    size_t *slots;      /* of a hash: where a value goes; a name that stands twice has one slot */
    size_t slot_count;
    node **children;
    size_t count, capacity;
};

/* Trees of literals; they live as long as the query. */
typedef struct literal {
    struct literal *next;
    azattest__json *value;
} literal;

struct azattest__jmespath {
    azattest__arena arena;
    literal *literals;
    node *root;
};

/* Functions by name; NULL: there is none. */
const azattest__jmespath_function *azattest__jmespath_function_named(const char *name);
/* The name that is nearest to one that is none; NULL: no one is near. */
const char *azattest__jmespath_function_near(const char *name);
const char *azattest__jmespath_function_name(const azattest__jmespath_function *function);
/* Whether the argument of that index has to be an expression behind &; all others have to be values. */
bool azattest__jmespath_function_wants_expression(const azattest__jmespath_function *function, size_t index);
/* `most` is SIZE_MAX where a function takes any number. */
void azattest__jmespath_function_arity(const azattest__jmespath_function *function, size_t *least, size_t *most);

#endif
