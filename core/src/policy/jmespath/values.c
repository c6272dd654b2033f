#include "value.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "../../json/text.h"

bool azattest__jmespath_fail(run *r, azattest_status status, const char *message)
{
    if (r->status == AZATTEST_OK)
        r->status = azattest__error_set(r->error, status, "%s", message);
    return false;
}

bool azattest__jmespath_step(run *r, uint64_t steps)
{
    if (r->status != AZATTEST_OK)
        return false;
    if (steps > r->work->steps_left) {
        r->work->steps_left = 0;
        return azattest__jmespath_fail(r, AZATTEST_E_LIMIT, "the query takes more steps than are left for it");
    }
    r->work->steps_left -= steps;
    return true;
}

bool azattest__jmespath_no_memory(run *r)
{
    if (r->arena.status == AZATTEST_E_LIMIT)
        return azattest__jmespath_fail(r, AZATTEST_E_LIMIT, "the query takes more memory than is left for it");
    if (r->status == AZATTEST_OK)
        r->status = azattest__error_memory(r->error);
    return false;
}

/* --- one value ---------------------------------------------------------------------------------------------------- */

value azattest__jmespath_value(const azattest__json *json)
{
    value v = { .json = json };
    bool truth;

    if (json == NULL || azattest__json_is_null(json))
        return (value){ .kind = VALUE_NULL };
    if ((v.made.text = azattest__json_string(json)) != NULL)
        v.kind = VALUE_STRING;
    else if (azattest__json_is_number(json))
        v.kind = VALUE_NUMBER;
    else if (azattest__json_is_object(json))
        v.kind = VALUE_OBJECT;
    else if (azattest__json_is_array(json))
        v.kind = VALUE_ARRAY;
    else
        v.kind = azattest__json_bool(json, &truth) && truth ? VALUE_TRUE : VALUE_FALSE;
    return v;
}

value azattest__jmespath_text(const char *text)
{
    return (value){ .kind = VALUE_STRING, .made.text = text };
}

value azattest__jmespath_bool(bool truth)
{
    return (value){ .kind = truth ? VALUE_TRUE : VALUE_FALSE };
}

static made_number *make_number(run *r, value *out)
{
    made_number *made = azattest__arena_new(&r->arena, sizeof(*made));

    if (made == NULL)
        return azattest__jmespath_no_memory(r) ? made : NULL;
    *out = (value){ .kind = VALUE_NUMBER, .made.number = made };
    return made;
}

bool azattest__jmespath_integer(run *r, int64_t number, value *out)
{
    made_number *made = make_number(r, out);

    if (made == NULL)
        return false;
    made->number = (double)number;
    (void)snprintf(made->text, sizeof(made->text), "%" PRId64, number);
    return true;
}

/* The shortest text that gives the same number again. The decimal point is that of JSON, whatever the locale is. */
static void shortest(double number, char *text, size_t size)
{
    int digits = 15;

    do
        (void)snprintf(text, size, "%.*g", digits, number);
    while (strtod(text, NULL) != number && ++digits <= 17);
    for (char *p = text; *p != '\0'; p++)
        if (strchr("0123456789+-e", *p) == NULL)
            *p = '.';
}

bool azattest__jmespath_double(run *r, double number, value *out)
{
    made_number *made;

    if (!isfinite(number))
        return azattest__jmespath_fail(r, AZATTEST_E_LIMIT, "the query makes a number that is too large for JSON");
    /* Below 2^53 a whole number is exact; it is written like one. */
    if (number > -9007199254740992.0 && number < 9007199254740992.0 && (double)(int64_t)number == number)
        return azattest__jmespath_integer(r, (int64_t)number, out);
    if ((made = make_number(r, out)) == NULL)
        return false;
    made->number = number;
    shortest(number, made->text, sizeof(made->text));
    return azattest__jmespath_step(r, NUMBER_STEPS);
}

const char *azattest__jmespath_number_text(const value *v)
{
    return v->json != NULL ? azattest__json_number_text(v->json) : v->made.number->text;
}

double azattest__jmespath_number(const value *v)
{
    return v->json != NULL ? azattest__json_double(v->json) : v->made.number->number;
}

/* --- elements ----------------------------------------------------------------------------------------------------- */

walk azattest__jmespath_walk(const value *v)
{
    walk w = { NULL, NULL, 0 };

    if (v->json != NULL)
        w.json = azattest__json_first(v->json);
    else
        w.items = v->made.items;
    return w;
}

bool azattest__jmespath_next(run *r, walk *w, value *out, const char **name)
{
    if (w->items != NULL ? w->at == w->items->count : w->json == NULL)
        return false;
    if (!azattest__jmespath_step(r, 1))
        return false;
    if (w->items != NULL) {
        *out = w->items->values[w->at];
        if (name != NULL)
            *name = w->items->names == NULL ? NULL : w->items->names[w->at];
        w->at++;
    } else {
        *out = azattest__jmespath_value(w->json);
        if (name != NULL)
            *name = azattest__json_name(w->json);
        w->json = azattest__json_next(w->json);
    }
    return true;
}

bool azattest__jmespath_count(run *r, const value *v, size_t *count)
{
    *count = v->json != NULL ? azattest__json_count(v->json) : v->made.items->count;
    return azattest__jmespath_step(r, v->json != NULL ? *count : 0);
}

bool azattest__jmespath_member(run *r, const value *v, const char *name, value *out)
{
    const azattest__json *one;
    size_t at = 0, most;

    *out = (value){ .kind = VALUE_NULL };
    if (v->kind != VALUE_OBJECT)
        return true;
    /* Names of a document may begin alike for as long as the one that is looked for. */
    most = 1 + strlen(name) / 16;
    if (v->json == NULL) {
        while (at < v->made.items->count && strcmp(v->made.items->names[at], name) != 0)
            at++;
        if (at < v->made.items->count)
            *out = v->made.items->values[at];
    } else {
        for (one = azattest__json_first(v->json); one != NULL && strcmp(azattest__json_name(one), name) != 0; at++)
            one = azattest__json_next(one);
        *out = azattest__jmespath_value(one);
    }
    return azattest__jmespath_step(r, at * most);
}

/* --- building ----------------------------------------------------------------------------------------------------- */

items *azattest__jmespath_items(run *r)
{
    items *made = azattest__arena_new(&r->arena, sizeof(*made));

    if (made == NULL)
        (void)azattest__jmespath_no_memory(r);
    return made;
}

bool azattest__jmespath_push(run *r, items *to, const value *element)
{
    void *values = to->values;

    if (!azattest__arena_grow(&r->arena, &values, to->count, &to->capacity, sizeof(value)))
        return azattest__jmespath_no_memory(r);
    to->values = values;
    to->values[to->count++] = *element;
    return true;
}

static bool container(run *r, value_kind kind, const items *from, value *out)
{
    unsigned height = 0;

    for (size_t i = 0; i < from->count; i++)
        if (from->values[i].height > height)
            height = from->values[i].height;
    if (height >= AZATTEST_LIMIT_JMESPATH_DEPTH)
        return azattest__jmespath_fail(r, AZATTEST_E_LIMIT, "the query builds arrays or objects that nest too deep");
    *out = (value){ .kind = kind, .height = height + 1, .made.items = from };
    return azattest__jmespath_step(r, 1);
}

bool azattest__jmespath_array(run *r, const items *from, value *out)
{
    return container(r, VALUE_ARRAY, from, out);
}

bool azattest__jmespath_object(run *r, const items *from, value *out)
{
    return container(r, VALUE_OBJECT, from, out);
}

/* --- comparisons -------------------------------------------------------------------------------------------------- */

bool azattest__jmespath_is_true(const value *v)
{
    walk w;

    switch (v->kind) {
    case VALUE_NULL:
    case VALUE_FALSE:
        return false;
    case VALUE_STRING:
        return v->made.text[0] != '\0';
    case VALUE_ARRAY:
    case VALUE_OBJECT:
        w = azattest__jmespath_walk(v);
        return w.items != NULL ? w.items->count > 0 : w.json != NULL;
    default:
        return true;
    }
}

/* By code points, which is the order of UTF-8's bytes. */
static bool order_texts(run *r, const char *a, const char *b, int *order)
{
    size_t same = 0;

    while (a[same] == b[same] && a[same] != '\0')
        same++;
    *order = (unsigned char)a[same] - (unsigned char)b[same];
    return azattest__jmespath_step(r, same / 16 + 1);
}

static int order_magnitudes(const azattest__json_decimal *a, const azattest__json_decimal *b)
{
    long high_a = (long)a->count + a->exponent, high_b = (long)b->count + b->exponent;

    if (a->count == 0 || b->count == 0)
        return (a->count > 0) - (b->count > 0);
    return high_a != high_b ? (high_a > high_b ? 1 : -1) : strcmp(a->digits, b->digits);
}

/* Exact, whatever their size: no double is made of them. */
static int order_numbers(const char *a, const char *b)
{
    azattest__json_decimal x, y;
    int order;

    if (!azattest__json_decimal_parse(azattest__text(a), &x) || !azattest__json_decimal_parse(azattest__text(b), &y))
        return strcmp(a, b); /* cannot be: both are numbers of JSON */
    if (x.negative != y.negative)
        return x.negative ? -1 : 1;
    order = order_magnitudes(&x, &y);
    return x.negative ? -order : order;
}

bool azattest__jmespath_order(run *r, const value *a, const value *b, int *order)
{
    if (a->kind == VALUE_STRING)
        return order_texts(r, a->made.text, b->made.text, order);
    *order = order_numbers(azattest__jmespath_number_text(a), azattest__jmespath_number_text(b));
    return azattest__jmespath_step(r, 2);
}

static bool equal_arrays(run *r, const value *a, const value *b, bool *equal)
{
    walk x = azattest__jmespath_walk(a), y = azattest__jmespath_walk(b);
    bool more_x, more_y;
    value left, right;

    *equal = true;
    while (*equal) {
        more_x = azattest__jmespath_next(r, &x, &left, NULL);
        more_y = azattest__jmespath_next(r, &y, &right, NULL);
        if (r->status != AZATTEST_OK)
            return false;
        if (!more_x && !more_y)
            return true;
        *equal = more_x && more_y;
        if (*equal && !azattest__jmespath_equal(r, &left, &right, equal))
            return false;
    }
    return true;
}

/* Members in the same order, as they mostly are, take one step each. */
static bool equal_objects(run *r, const value *a, const value *b, bool *equal)
{
    walk x = azattest__jmespath_walk(a), y = azattest__jmespath_walk(b);
    const char *name, *other;
    size_t count, others;
    value left, right;
    int order;

    *equal = false;
    if (!azattest__jmespath_count(r, a, &count) || !azattest__jmespath_count(r, b, &others))
        return false;
    *equal = count == others;
    while (*equal && azattest__jmespath_next(r, &x, &left, &name)) {
        if (!azattest__jmespath_next(r, &y, &right, &other) || !order_texts(r, name, other, &order))
            return false;
        if (order != 0) {
            walk all = azattest__jmespath_walk(b);

            do
                *equal = azattest__jmespath_next(r, &all, &right, &other) && order_texts(r, name, other, &order);
            while (*equal && order != 0);
        }
        if (*equal && !azattest__jmespath_equal(r, &left, &right, equal))
            return false;
    }
    return r->status == AZATTEST_OK;
}

bool azattest__jmespath_equal(run *r, const value *a, const value *b, bool *equal)
{
    int order = 0;

    *equal = false;
    if (!azattest__jmespath_step(r, 1))
        return false;
    if (a->kind != b->kind)
        return true;
    switch (a->kind) {
    case VALUE_NUMBER:
    case VALUE_STRING:
        if (!azattest__jmespath_order(r, a, b, &order))
            return false;
        *equal = order == 0;
        return true;
    case VALUE_ARRAY:
        return equal_arrays(r, a, b, equal);
    case VALUE_OBJECT:
        return equal_objects(r, a, b, equal);
    default:
        *equal = true;
        return true;
    }
}

/* --- text --------------------------------------------------------------------------------------------------------- */

static bool print_text(run *r, const char *text, azattest__buf *out)
{
    size_t len = strlen(text);

    if (!azattest__jmespath_step(r, len / 16 + 1))
        return false;
    azattest__json_append_string(text, out);
    return true;
}

/* As it stands in the document, but for integers, which are written without an exponent. */
static void print_number(const value *v, azattest__buf *out)
{
    const char *text = azattest__jmespath_number_text(v);
    int64_t integer;

    if (strpbrk(text, "eE") != NULL && azattest__json_integer_text(azattest__text(text), &integer))
        azattest__buf_printf(out, "%" PRId64, integer);
    else
        azattest__buf_append_text(out, text);
}

static bool print_elements(run *r, const value *v, azattest__buf *out)
{
    walk w = azattest__jmespath_walk(v);
    const char *name, *between = "";
    value one;

    azattest__buf_append_text(out, v->kind == VALUE_OBJECT ? "{" : "[");
    for (; azattest__jmespath_next(r, &w, &one, &name); between = ",") {
        azattest__buf_append_text(out, between);
        if (v->kind == VALUE_OBJECT) {
            if (!print_text(r, name, out))
                return false;
            azattest__buf_append_text(out, ":");
        }
        if (!azattest__jmespath_print(r, &one, out))
            return false;
    }
    azattest__buf_append_text(out, v->kind == VALUE_OBJECT ? "}" : "]");
    return r->status == AZATTEST_OK;
}

bool azattest__jmespath_print(run *r, const value *v, azattest__buf *out)
{
    switch (v->kind) {
    case VALUE_STRING:
        if (!print_text(r, v->made.text, out))
            return false;
        break;
    case VALUE_NUMBER:
        print_number(v, out);
        break;
    case VALUE_ARRAY:
    case VALUE_OBJECT:
        if (!print_elements(r, v, out))
            return false;
        break;
    default:
        azattest__buf_append_text(out, v->kind == VALUE_TRUE ? "true" : v->kind == VALUE_FALSE ? "false" : "null");
    }
    if (out->status == AZATTEST_E_LIMIT)
        return azattest__jmespath_fail(r, AZATTEST_E_LIMIT, "the query's result is too large");
    if (out->status != AZATTEST_OK && r->status == AZATTEST_OK)
        r->status = azattest__error_memory(r->error);
    return r->status == AZATTEST_OK;
}
