/* Functions that put elements in order: by numbers, or by the code points of strings. */
#include <stdlib.h>

#include "value.h"

/* An element, and what it is ordered by. */
typedef struct entry {
    value element, key;
    size_t place;
} entry;

typedef struct entries {
    entry *all;
    size_t count, capacity;
} entries;

/* Every element with its key: itself, or what the expression gives for it. */
static bool gather(run *r, const value *array, const value *expression, entries *to)
{
    walk w = azattest__jmespath_walk(array);
    entry one;
    void *all;

    for (one.place = 0; azattest__jmespath_next(r, &w, &one.element, NULL); one.place++) {
        one.key = one.element;
        if (expression != NULL) {
            if (!azattest__jmespath_evaluate(r, expression->made.expression, &one.element, &one.key))
                return false;
            if (one.key.kind != VALUE_NUMBER && one.key.kind != VALUE_STRING)
                return azattest__jmespath_wrong_type(r, 1, "an expression that gives a number or a string", &one.key);
            if (to->count > 0 && one.key.kind != to->all[0].key.kind)
                return azattest__jmespath_wrong_type(r, 1, "an expression that gives the same kind for all elements",
                                                     &one.key);
        }
        all = to->all;
        if (!azattest__arena_grow(&r->arena, &all, to->count, &to->capacity, sizeof(entry)))
            return azattest__jmespath_no_memory(r);
        to->all = all;
        to->all[to->count++] = one;
    }
    return r->status == AZATTEST_OK;
}

/* The first of those that are the largest (sign 1) or the smallest (sign -1); null of none. */
static bool extreme(run *r, const value *array, const value *expression, int sign, value *out)
{
    entries all = { NULL, 0, 0 };
    size_t best = 0;
    int order;

    *out = (value){ .kind = VALUE_NULL };
    if (!gather(r, array, expression, &all) || all.count == 0)
        return r->status == AZATTEST_OK;
    for (size_t i = 1; i < all.count; i++) {
        if (!azattest__jmespath_order(r, &all.all[i].key, &all.all[best].key, &order))
            return false;
        if (sign > 0 ? order > 0 : order < 0)
            best = i;
    }
    *out = all.all[best].element;
    return true;
}

bool azattest__jmespath_max(run *r, const value *arguments, size_t count, value *out)
{
    (void)count;
    return extreme(r, &arguments[0], NULL, 1, out);
}

bool azattest__jmespath_min(run *r, const value *arguments, size_t count, value *out)
{
    (void)count;
    return extreme(r, &arguments[0], NULL, -1, out);
}

bool azattest__jmespath_max_by(run *r, const value *arguments, size_t count, value *out)
{
    (void)count;
    return extreme(r, &arguments[0], &arguments[1], 1, out);
}

bool azattest__jmespath_min_by(run *r, const value *arguments, size_t count, value *out)
{
    (void)count;
    return extreme(r, &arguments[0], &arguments[1], -1, out);
}

/* A merge sort, from the bottom up: stable, and every comparison can be charged. */
static bool merge_sort(run *r, entries *of)
{
    entry *from = of->all, *to = azattest__arena_array(&r->arena, of->count, sizeof(entry)), *swapped;
    size_t left, right, middle, end;
    int order;

    if (to == NULL)
        return azattest__jmespath_no_memory(r);
    for (size_t width = 1; width < of->count; width *= 2) {
        for (size_t start = 0; start < of->count; start = end) {
            left = start;
            right = middle = of->count - start > width ? start + width : of->count;
            end = of->count - middle > width ? middle + width : of->count;
            for (size_t i = start; i < end; i++) {
                order = left == middle ? 1 : -1;
                if (left < middle && right < end &&
                    !azattest__jmespath_order(r, &from[left].key, &from[right].key, &order))
                    return false;
                to[i] = order <= 0 ? from[left++] : from[right++];
            }
        }
        swapped = from;
        from = to;
        to = swapped;
    }
    of->all = from;
    return true;
}

static bool sorted(run *r, const value *array, const value *expression, value *out)
{
    items *made = azattest__jmespath_items(r);
    entries all = { NULL, 0, 0 };

    if (made == NULL || !gather(r, array, expression, &all) || !merge_sort(r, &all))
        return false;
    if ((made->values = azattest__arena_array(&r->arena, all.count, sizeof(value))) == NULL)
        return azattest__jmespath_no_memory(r);
    for (made->count = 0; made->count < all.count; made->count++)
        made->values[made->count] = all.all[made->count].element;
    return azattest__jmespath_array(r, made, out);
}

bool azattest__jmespath_sort(run *r, const value *arguments, size_t count, value *out)
{
    (void)count;
    return sorted(r, &arguments[0], NULL, out);
}

bool azattest__jmespath_sort_by(run *r, const value *arguments, size_t count, value *out)
{
    (void)count;
    return sorted(r, &arguments[0], &arguments[1], out);
}
