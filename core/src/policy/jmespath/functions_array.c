/* Functions on arrays and objects. */
#include <stdlib.h>

#include "value.h"

/* All elements, or the values of all members; or their names, when `names` is set. */
static items *collect(run *r, const value *from, bool names)
{
    items *made = azattest__jmespath_items(r);
    walk w = azattest__jmespath_walk(from);
    const char *name;
    value one;

    while (made != NULL && azattest__jmespath_next(r, &w, &one, &name)) {
        if (names)
            one = azattest__jmespath_text(name);
        if (!azattest__jmespath_push(r, made, &one))
            return NULL;
    }
    return r->status == AZATTEST_OK ? made : NULL;
}

bool azattest__jmespath_keys(run *r, const value *arguments, size_t count, value *out)
{
    items *made = collect(r, &arguments[0], true);

    (void)count;
    return made != NULL && azattest__jmespath_array(r, made, out);
}

bool azattest__jmespath_values(run *r, const value *arguments, size_t count, value *out)
{
    items *made = collect(r, &arguments[0], false);

    (void)count;
    return made != NULL && azattest__jmespath_array(r, made, out);
}

bool azattest__jmespath_reverse(run *r, const value *arguments, size_t count, value *out)
{
    items *made;
    value swapped;

    (void)count;
    if (arguments[0].kind == VALUE_STRING)
        return azattest__jmespath_text_reverse(r, arguments[0].made.text, out);
    if ((made = collect(r, &arguments[0], false)) == NULL)
        return false;
    for (size_t i = 0; i < made->count / 2; i++) {
        swapped = made->values[i];
        made->values[i] = made->values[made->count - 1 - i];
        made->values[made->count - 1 - i] = swapped;
    }
    return azattest__jmespath_array(r, made, out);
}

bool azattest__jmespath_to_array(run *r, const value *arguments, size_t count, value *out)
{
    items *made;

    (void)count;
    *out = arguments[0];
    if (arguments[0].kind == VALUE_ARRAY)
        return true;
    return (made = azattest__jmespath_items(r)) != NULL && azattest__jmespath_push(r, made, &arguments[0]) &&
           azattest__jmespath_array(r, made, out);
}

/* Unlike a projection it keeps nulls. */
bool azattest__jmespath_map(run *r, const value *arguments, size_t count, value *out)
{
    walk w = azattest__jmespath_walk(&arguments[1]);
    items *made = azattest__jmespath_items(r);
    value one, result;

    (void)count;
    while (made != NULL && azattest__jmespath_next(r, &w, &one, NULL))
        if (!azattest__jmespath_evaluate(r, arguments[0].made.expression, &one, &result) ||
            !azattest__jmespath_push(r, made, &result))
            return false;
    return r->status == AZATTEST_OK && azattest__jmespath_array(r, made, out);
}

/* --- merge -------------------------------------------------------------------------------------------------------- */

typedef struct member {
    const char *name;
    value value;
    size_t place;
} member;

typedef struct members {
    member *all;
    size_t count, capacity;
} members;

static int by_name(const void *left, const void *right)
{
    const member *a = left, *b = right;
    int order = strcmp(a->name, b->name);

    return order != 0 ? order : a->place < b->place ? -1 : a->place > b->place;
}

static int by_place(const void *left, const void *right)
{
    const member *a = left, *b = right;

    return a->place < b->place ? -1 : a->place > b->place;
}

static bool gather(run *r, const value *object, members *to)
{
    walk w = azattest__jmespath_walk(object);
    void *all;
    member one;

    while (azattest__jmespath_next(r, &w, &one.value, &one.name)) {
        if (!azattest__jmespath_step(r, strlen(one.name) + 16)) /* for sorting them */
            return false;
        all = to->all;
        if (!azattest__arena_grow(&r->arena, &all, to->count, &to->capacity, sizeof(member)))
            return azattest__jmespath_no_memory(r);
        one.place = to->count;
        to->all = all;
        to->all[to->count++] = one;
    }
    return r->status == AZATTEST_OK;
}

/* A name stands where it stood first, and has its last value. */
static void unite(members *of)
{
    size_t kept = 0;

    if (of->count > 0)
        qsort(of->all, of->count, sizeof(member), by_name);
    for (size_t i = 0; i < of->count; i++) {
        if (kept > 0 && strcmp(of->all[kept - 1].name, of->all[i].name) == 0)
            of->all[kept - 1].value = of->all[i].value;
        else
            of->all[kept++] = of->all[i];
    }
    of->count = kept;
    if (kept > 0)
        qsort(of->all, kept, sizeof(member), by_place);
}

bool azattest__jmespath_merge(run *r, const value *arguments, size_t count, value *out)
{
    members all = { NULL, 0, 0 };
    items *made = azattest__jmespath_items(r);

    for (size_t i = 0; i < count; i++)
        if (!gather(r, &arguments[i], &all))
            return false;
    unite(&all);
    if (made == NULL)
        return false;
    made->names = azattest__arena_array(&r->arena, all.count, sizeof(*made->names));
    made->values = azattest__arena_array(&r->arena, all.count, sizeof(*made->values));
    if (made->names == NULL || made->values == NULL)
        return azattest__jmespath_no_memory(r);
    for (made->count = 0; made->count < all.count; made->count++) {
        made->names[made->count] = all.all[made->count].name;
        made->values[made->count] = all.all[made->count].value;
    }
    return azattest__jmespath_object(r, made, out);
}
