/* The table of functions, and the check of their arguments. */
#include <stdio.h>

#include "../../base/nearest.h"
#include "value.h"

enum {
    A_BOOLEAN = 1 << 0,
    A_NUMBER = 1 << 1,
    A_STRING = 1 << 2,
    AN_ARRAY = 1 << 3,
    AN_OBJECT = 1 << 4,
    NULL_TOO = 1 << 5,
    OF_NUMBERS = 1 << 6, /* an array whose elements are all numbers */
    OF_STRINGS = 1 << 7, /* with OF_NUMBERS: all of the one or all of the other kind */
    AN_EXPRESSION = 1 << 8,
    ANYTHING = A_BOOLEAN | A_NUMBER | A_STRING | AN_ARRAY | AN_OBJECT | NULL_TOO
};

struct azattest__jmespath_function {
    const char *name;
    size_t least, most; /* most 0: any number, each like the first */
    unsigned kinds[2];
    function_body *body;
};

static const char *kind_name(const value *v)
{
    static const char *const names[] = { "null",     "a boolean", "a boolean", "a number",
                                         "a string", "an array",  "an object", "an expression" };

    return names[v->kind];
}

bool azattest__jmespath_wrong_type(run *r, size_t argument, const char *wanted, const value *got)
{
    if (r->status == AZATTEST_OK)
        r->status = azattest__error_set(r->error, AZATTEST_E_TYPE,
                                        "%s() at byte %zu of the query: argument %zu is %s, expected %s",
                                        r->call->function->name, r->call->offset, argument + 1, kind_name(got), wanted);
    return false;
}

/* --- small functions ---------------------------------------------------------------------------------------------- */

static bool contains(run *r, const value *arguments, size_t count, value *out)
{
    walk w = { NULL, NULL, 0 };
    bool found = false;
    value element;

    (void)count;
    if (arguments[0].kind == VALUE_STRING) {
        if (arguments[1].kind != VALUE_STRING)
            return azattest__jmespath_wrong_type(r, 1, "a string to be found in a string", &arguments[1]);
        return azattest__jmespath_text_contains(r, arguments[0].made.text, arguments[1].made.text, out);
    }
    for (w = azattest__jmespath_walk(&arguments[0]); !found && azattest__jmespath_next(r, &w, &element, NULL);)
        if (!azattest__jmespath_equal(r, &element, &arguments[1], &found))
            return false;
    *out = azattest__jmespath_bool(found);
    return r->status == AZATTEST_OK;
}

static bool length(run *r, const value *arguments, size_t count, value *out)
{
    size_t elements;

    (void)count;
    if (arguments[0].kind == VALUE_STRING)
        return azattest__jmespath_text_length(r, arguments[0].made.text, out);
    return azattest__jmespath_count(r, &arguments[0], &elements) &&
           azattest__jmespath_integer(r, (int64_t)elements, out);
}

static bool not_null(run *r, const value *arguments, size_t count, value *out)
{
    (void)r;
    *out = (value){ .kind = VALUE_NULL };
    for (size_t i = 0; i < count && out->kind == VALUE_NULL; i++)
        *out = arguments[i];
    return true;
}

static bool type(run *r, const value *arguments, size_t count, value *out)
{
    static const char *const names[] = { "null", "boolean", "boolean", "number", "string", "array", "object" };

    (void)r;
    (void)count;
    *out = azattest__jmespath_text(names[arguments[0].kind]);
    return true;
}

/* --- the table ---------------------------------------------------------------------------------------------------- */

/* clang-format off */
static const azattest__jmespath_function functions[] = {
    { "abs", 1, 1, { A_NUMBER }, azattest__jmespath_abs },
    { "avg", 1, 1, { AN_ARRAY | OF_NUMBERS }, azattest__jmespath_avg },
    { "ceil", 1, 1, { A_NUMBER }, azattest__jmespath_ceil },
    { "contains", 2, 2, { AN_ARRAY | A_STRING, ANYTHING }, contains },
    { "ends_with", 2, 2, { A_STRING, A_STRING }, azattest__jmespath_ends_with },
    { "equals_ignore_case", 2, 2, { A_STRING, A_STRING }, azattest__jmespath_equals_ignore_case },
    { "floor", 1, 1, { A_NUMBER }, azattest__jmespath_floor },
    { "join", 2, 2, { A_STRING, AN_ARRAY | OF_STRINGS }, azattest__jmespath_join },
    { "keys", 1, 1, { AN_OBJECT }, azattest__jmespath_keys },
    { "length", 1, 1, { A_STRING | AN_ARRAY | AN_OBJECT }, length },
    { "map", 2, 2, { AN_EXPRESSION, AN_ARRAY }, azattest__jmespath_map },
    { "max", 1, 1, { AN_ARRAY | OF_NUMBERS | OF_STRINGS }, azattest__jmespath_max },
    { "max_by", 2, 2, { AN_ARRAY, AN_EXPRESSION }, azattest__jmespath_max_by },
    { "merge", 1, 0, { AN_OBJECT }, azattest__jmespath_merge },
    { "min", 1, 1, { AN_ARRAY | OF_NUMBERS | OF_STRINGS }, azattest__jmespath_min },
    { "min_by", 2, 2, { AN_ARRAY, AN_EXPRESSION }, azattest__jmespath_min_by },
    { "not_null", 1, 0, { ANYTHING }, not_null },
    { "reverse", 1, 1, { A_STRING | AN_ARRAY }, azattest__jmespath_reverse },
    { "sort", 1, 1, { AN_ARRAY | OF_NUMBERS | OF_STRINGS }, azattest__jmespath_sort },
    { "sort_by", 2, 2, { AN_ARRAY, AN_EXPRESSION }, azattest__jmespath_sort_by },
    { "starts_with", 2, 2, { A_STRING, A_STRING }, azattest__jmespath_starts_with },
    { "sum", 1, 1, { AN_ARRAY | OF_NUMBERS }, azattest__jmespath_sum },
    { "to_array", 1, 1, { ANYTHING }, azattest__jmespath_to_array },
    { "to_number", 1, 1, { ANYTHING }, azattest__jmespath_to_number },
    { "to_string", 1, 1, { ANYTHING }, azattest__jmespath_to_string },
    { "type", 1, 1, { ANYTHING }, type },
    { "values", 1, 1, { AN_OBJECT }, azattest__jmespath_values },
};
/* clang-format on */

#define FUNCTIONS (sizeof(functions) / sizeof(functions[0]))

const azattest__jmespath_function *azattest__jmespath_function_named(const char *name)
{
    for (size_t i = 0; i < FUNCTIONS; i++)
        if (strcmp(functions[i].name, name) == 0)
            return &functions[i];
    return NULL;
}

const char *azattest__jmespath_function_near(const char *name)
{
    const char *best = NULL;
    size_t distance = SIZE_MAX;

    for (size_t i = 0; i < FUNCTIONS; i++)
        azattest__nearer(name, functions[i].name, &best, &distance);
    return best;
}

const char *azattest__jmespath_function_name(const azattest__jmespath_function *function)
{
    return function->name;
}

void azattest__jmespath_function_arity(const azattest__jmespath_function *function, size_t *least, size_t *most)
{
    *least = function->least;
    *most = function->most == 0 ? SIZE_MAX : function->most;
}

static unsigned kinds_of(const azattest__jmespath_function *function, size_t argument)
{
    return function->most == 0 ? function->kinds[0] : argument < function->most ? function->kinds[argument] : ANYTHING;
}

bool azattest__jmespath_function_wants_expression(const azattest__jmespath_function *function, size_t index)
{
    return kinds_of(function, index) == AN_EXPRESSION;
}

/* --- checks ------------------------------------------------------------------------------------------------------- */

static const char *wanted(unsigned kinds)
{
    switch (kinds) {
    case A_NUMBER:
        return "a number";
    case A_STRING:
        return "a string";
    case AN_ARRAY:
        return "an array";
    case AN_OBJECT:
        return "an object";
    case AN_ARRAY | OF_NUMBERS:
        return "an array of numbers";
    case AN_ARRAY | OF_STRINGS:
        return "an array of strings";
    case AN_ARRAY | OF_NUMBERS | OF_STRINGS:
        return "an array of numbers or one of strings";
    case A_STRING | AN_ARRAY:
        return "a string or an array";
    case A_STRING | AN_ARRAY | AN_OBJECT:
        return "a string, an array or an object";
    default:
        return "something else";
    }
}

static unsigned kind_of(const value *v)
{
    static const unsigned kinds[] = { NULL_TOO, A_BOOLEAN, A_BOOLEAN, A_NUMBER,
                                      A_STRING, AN_ARRAY,  AN_OBJECT, AN_EXPRESSION };

    return kinds[v->kind];
}

static bool check_elements(run *r, size_t argument, unsigned kinds, const value *v)
{
    walk w = azattest__jmespath_walk(v);
    unsigned allowed = ((kinds & OF_NUMBERS) != 0 ? A_NUMBER : 0) | ((kinds & OF_STRINGS) != 0 ? A_STRING : 0);
    value element;
    char text[80];

    while (azattest__jmespath_next(r, &w, &element, NULL)) {
        if ((allowed &= kind_of(&element)) == 0) {
            (void)snprintf(text, sizeof(text), "%s, and nothing else in it", wanted(kinds));
            return azattest__jmespath_wrong_type(r, argument, text, &element);
        }
    }
    return r->status == AZATTEST_OK;
}

bool azattest__jmespath_call(run *r, const node *n, const value *arguments, value *out)
{
    const node *outer = r->call;
    bool done = true;
    unsigned kinds;

    r->call = n;
    for (size_t i = 0; done && i < n->count; i++) {
        kinds = kinds_of(n->function, i);
        if ((kind_of(&arguments[i]) & kinds) == 0)
            done = azattest__jmespath_wrong_type(r, i, wanted(kinds), &arguments[i]);
        else if ((kinds & (OF_NUMBERS | OF_STRINGS)) != 0)
            done = check_elements(r, i, kinds, &arguments[i]);
    }
    done = done && n->function->body(r, arguments, n->count, out);
    r->call = outer;
    return done;
}
