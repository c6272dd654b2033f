/*
 * Values of one search. They refer to nodes of the document and of the query's literals; what is made anew lies in an
 * arena that ends with the search. Every step is charged before it is taken.
 */
#ifndef AZATTEST_POLICY_JMESPATH_VALUE_H
#define AZATTEST_POLICY_JMESPATH_VALUE_H

#include "node.h"

typedef enum value_kind {
    VALUE_NULL,
    VALUE_FALSE,
    VALUE_TRUE,
    VALUE_NUMBER,
    VALUE_STRING,
    VALUE_ARRAY,
    VALUE_OBJECT,
    VALUE_EXPRESSION /* an argument */
} value_kind;

typedef struct items items;
typedef struct made_number made_number;

typedef struct value {
    value_kind kind;
    unsigned height;            /* how many levels were built around nodes: bounds every recursion over values */
    const azattest__json *json; /* of numbers, arrays and objects that were not made anew */
    union {
        const char *text; /* of a string */
        const items *items;
        const made_number *number;
        const node *expression;
    } made;
} value;

struct made_number {
    double number;
    char text[32];
};

/* An array, or an object when `names` is not NULL. */
struct items {
    value *values;
    const char **names;
    size_t count, capacity;
};

typedef struct run {
    azattest__arena arena;
    azattest__work *work;
    azattest_status status; /* the first failure sticks */
    const node *call;       /* whose arguments are wrong */
    azattest_error **error;
} run;

/* Whoever goes through elements or members. */
typedef struct walk {
    const azattest__json *json;
    const items *items;
    size_t at;
} walk;

/* What making or reading the text of a number costs, as against visiting a node. */
#define NUMBER_STEPS 16

/* Charges; false when there is no more. */
bool azattest__jmespath_step(run *r, uint64_t steps);
bool azattest__jmespath_fail(run *r, azattest_status status, const char *message);
/* What the arena could not give. */
bool azattest__jmespath_no_memory(run *r);

value azattest__jmespath_value(const azattest__json *json); /* NULL gives null */
value azattest__jmespath_text(const char *text);
value azattest__jmespath_bool(bool truth);
bool azattest__jmespath_integer(run *r, int64_t number, value *out);
bool azattest__jmespath_double(run *r, double number, value *out);
/* A number's text, as it stands in the document where it was not made anew. */
const char *azattest__jmespath_number_text(const value *v);
double azattest__jmespath_number(const value *v);

/* Of an array or object. Each element that it gives is charged; false at the end, and when the work is used up. */
walk azattest__jmespath_walk(const value *v);
bool azattest__jmespath_next(run *r, walk *w, value *out, const char **name);
/* Elements or members. */
bool azattest__jmespath_count(run *r, const value *v, size_t *count);
/* The member of that name; null when there is none, and for what is no object. */
bool azattest__jmespath_member(run *r, const value *v, const char *name, value *out);

/* Building: an empty array, one more element, and the array as a value. */
items *azattest__jmespath_items(run *r);
bool azattest__jmespath_push(run *r, items *to, const value *element);
bool azattest__jmespath_array(run *r, const items *from, value *out);
bool azattest__jmespath_object(run *r, const items *from, value *out);

bool azattest__jmespath_is_true(const value *v);
bool azattest__jmespath_equal(run *r, const value *a, const value *b, bool *equal);
/* Two numbers, or two strings by their code points: negative, 0, positive. */
bool azattest__jmespath_order(run *r, const value *a, const value *b, int *order);
bool azattest__jmespath_print(run *r, const value *v, azattest__buf *out);

/* search.c */
bool azattest__jmespath_evaluate(run *r, const node *n, const value *in, value *out);
/* functions.c: checks the arguments, and calls. */
bool azattest__jmespath_call(run *r, const node *n, const value *arguments, value *out);
/* A function's failure: that argument (from 0) is of a wrong kind. */
bool azattest__jmespath_wrong_type(run *r, size_t argument, const char *wanted, const value *got);

typedef bool function_body(run *r, const value *arguments, size_t count, value *out);
/* functions_number.c */
function_body azattest__jmespath_abs, azattest__jmespath_avg, azattest__jmespath_ceil, azattest__jmespath_floor,
    azattest__jmespath_sum, azattest__jmespath_to_number;
/* functions_text.c */
function_body azattest__jmespath_ends_with, azattest__jmespath_equals_ignore_case, azattest__jmespath_join,
    azattest__jmespath_starts_with, azattest__jmespath_to_string;
bool azattest__jmespath_text_contains(run *r, const char *text, const char *part, value *out);
bool azattest__jmespath_text_length(run *r, const char *text, value *out);
bool azattest__jmespath_text_reverse(run *r, const char *text, value *out);
/* functions_array.c */
function_body azattest__jmespath_keys, azattest__jmespath_map, azattest__jmespath_merge, azattest__jmespath_reverse,
    azattest__jmespath_to_array, azattest__jmespath_values;
/* functions_order.c */
function_body azattest__jmespath_max, azattest__jmespath_max_by, azattest__jmespath_min, azattest__jmespath_min_by,
    azattest__jmespath_sort, azattest__jmespath_sort_by;

#endif
