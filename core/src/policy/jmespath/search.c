/* Walks the compiled query over the document. The recursion is that of the query's tree, whose height is bounded. */
#include "value.h"

static const value nothing = { .kind = VALUE_NULL };

/* --- projections -------------------------------------------------------------------------------------------------- */

/* What the right side gives for every element that passes; nulls are left out. */
static bool project(run *r, const node *n, const value *base, value *out)
{
    const node *right = n->children[1], *condition = n->type == NODE_FILTER ? n->children[2] : NULL;
    walk w = azattest__jmespath_walk(base);
    items *made = azattest__jmespath_items(r);
    value element, result;
    bool passes = true;

    if (made == NULL)
        return false;
    while (azattest__jmespath_next(r, &w, &element, NULL)) {
        if (condition != NULL) {
            if (!azattest__jmespath_evaluate(r, condition, &element, &result))
                return false;
            passes = azattest__jmespath_is_true(&result);
        }
        if (!passes)
            continue;
        if (!azattest__jmespath_evaluate(r, right, &element, &result) ||
            (result.kind != VALUE_NULL && !azattest__jmespath_push(r, made, &result)))
            return false;
    }
    return r->status == AZATTEST_OK && azattest__jmespath_array(r, made, out);
}

static bool projection(run *r, const node *n, const value *in, value *out)
{
    value base;

    if (!azattest__jmespath_evaluate(r, n->children[0], in, &base))
        return false;
    if (base.kind != (n->type == NODE_VALUES ? VALUE_OBJECT : VALUE_ARRAY)) {
        *out = nothing;
        return true;
    }
    return project(r, n, &base, out);
}

static bool flatten(run *r, const node *n, const value *in, value *out)
{
    value base, element, inner;
    items *made;
    walk w, inside;

    *out = nothing;
    if (!azattest__jmespath_evaluate(r, n->children[0], in, &base) || base.kind != VALUE_ARRAY)
        return r->status == AZATTEST_OK;
    if ((made = azattest__jmespath_items(r)) == NULL)
        return false;
    for (w = azattest__jmespath_walk(&base); azattest__jmespath_next(r, &w, &element, NULL);) {
        if (element.kind != VALUE_ARRAY) {
            if (!azattest__jmespath_push(r, made, &element))
                return false;
            continue;
        }
        for (inside = azattest__jmespath_walk(&element); azattest__jmespath_next(r, &inside, &inner, NULL);)
            if (!azattest__jmespath_push(r, made, &inner))
                return false;
    }
    return r->status == AZATTEST_OK && azattest__jmespath_array(r, made, out);
}

/* --- indexes and slices ------------------------------------------------------------------------------------------- */

static bool element_at(run *r, const value *in, int64_t index, value *out)
{
    size_t count;
    walk w;

    *out = nothing;
    if (in->kind != VALUE_ARRAY)
        return true;
    if (index < 0) {
        if (!azattest__jmespath_count(r, in, &count))
            return false;
        if ((index += (int64_t)count) < 0)
            return true;
    }
    w = azattest__jmespath_walk(in);
    if (w.items != NULL) {
        if ((uint64_t)index < w.items->count)
            *out = w.items->values[index];
        return true;
    }
    for (; azattest__jmespath_next(r, &w, out, NULL); index--)
        if (index == 0)
            return true;
    *out = nothing;
    return r->status == AZATTEST_OK;
}

/* Where a slice begins or ends: from the end when negative, held between what can be. */
static int64_t bound(int64_t at, int64_t count, int64_t least, int64_t most)
{
    if (at < 0)
        at += count;
    return at < least ? least : at > most ? most : at;
}

static bool slice(run *r, const node *n, const value *in, value *out)
{
    int64_t step = n->slice.step, count, start, stop;
    items *all, *made;
    value element;
    walk w;

    *out = nothing;
    if (in->kind != VALUE_ARRAY)
        return true;
    if ((all = azattest__jmespath_items(r)) == NULL || (made = azattest__jmespath_items(r)) == NULL)
        return false;
    for (w = azattest__jmespath_walk(in); azattest__jmespath_next(r, &w, &element, NULL);)
        if (!azattest__jmespath_push(r, all, &element))
            return false;
    count = (int64_t)all->count;
    if (step > 0) {
        start = n->slice.has_start ? bound(n->slice.start, count, 0, count) : 0;
        stop = n->slice.has_stop ? bound(n->slice.stop, count, 0, count) : count;
    } else {
        start = n->slice.has_start ? bound(n->slice.start, count, -1, count - 1) : count - 1;
        stop = n->slice.has_stop ? bound(n->slice.stop, count, -1, count - 1) : -1;
    }
    /* A step beyond the ends is as good as one to them: nothing overflows. */
    step = bound(step < 0 ? -step : step, 0, 1, count + 1) * (step < 0 ? -1 : 1);
    for (; step > 0 ? start < stop : start > stop; start += step)
        if (!azattest__jmespath_push(r, made, &all->values[start]))
            return false;
    return r->status == AZATTEST_OK && azattest__jmespath_array(r, made, out);
}

/* --- building and comparing --------------------------------------------------------------------------------------- */

static bool list(run *r, const node *n, const value *in, value *out)
{
    items *made;
    value element;

    *out = nothing;
    if (in->kind == VALUE_NULL)
        return true;
    if ((made = azattest__jmespath_items(r)) == NULL)
        return false;
    for (size_t i = 0; i < n->count; i++)
        if (!azattest__jmespath_evaluate(r, n->children[i], in, &element) ||
            !azattest__jmespath_push(r, made, &element))
            return false;
    return azattest__jmespath_array(r, made, out);
}

static bool hash(run *r, const node *n, const value *in, value *out)
{
    items *made;

    *out = nothing;
    if (in->kind == VALUE_NULL)
        return true;
    if ((made = azattest__jmespath_items(r)) == NULL)
        return false;
    if ((made->values = azattest__arena_array(&r->arena, n->slot_count, sizeof(value))) == NULL)
        return azattest__jmespath_no_memory(r);
    made->names = n->names;
    made->count = n->slot_count;
    for (size_t i = 0; i < n->count; i++)
        if (!azattest__jmespath_evaluate(r, n->children[i], in, &made->values[n->slots[i]]))
            return false;
    return azattest__jmespath_object(r, made, out);
}

static bool compare(run *r, const node *n, const value *in, value *out)
{
    value left, right;
    bool equal;
    int order;

    if (!azattest__jmespath_evaluate(r, n->children[0], in, &left) ||
        !azattest__jmespath_evaluate(r, n->children[1], in, &right))
        return false;
    if (n->comparison == COMPARISON_EQUAL || n->comparison == COMPARISON_NOT_EQUAL) {
        if (!azattest__jmespath_equal(r, &left, &right, &equal))
            return false;
        *out = azattest__jmespath_bool(equal == (n->comparison == COMPARISON_EQUAL));
        return true;
    }
    /* The specification orders numbers only. */
    *out = nothing;
    if (left.kind != VALUE_NUMBER || right.kind != VALUE_NUMBER)
        return true;
    if (!azattest__jmespath_order(r, &left, &right, &order))
        return false;
    *out = azattest__jmespath_bool(n->comparison == COMPARISON_LESS            ? order < 0
                                   : n->comparison == COMPARISON_LESS_OR_EQUAL ? order <= 0
                                   : n->comparison == COMPARISON_GREATER       ? order > 0
                                                                               : order >= 0);
    return true;
}

/* --- chains ------------------------------------------------------------------------------------------------------- */

/* The first that is false (and), or true (or), else the last. */
static bool either(run *r, const node *n, const value *in, value *out)
{
    for (size_t i = 0; i < n->count; i++) {
        if (!azattest__jmespath_evaluate(r, n->children[i], in, out))
            return false;
        if (azattest__jmespath_is_true(out) == (n->type == NODE_OR))
            break;
    }
    return true;
}

static bool sequence(run *r, const node *n, const value *in, value *out)
{
    value last = *in;

    for (size_t i = 0; i < n->count; i++) {
        if (!azattest__jmespath_evaluate(r, n->children[i], &last, out))
            return false;
        last = *out;
    }
    return true;
}

static bool call(run *r, const node *n, const value *in, value *out)
{
    value *arguments = azattest__arena_array(&r->arena, n->count, sizeof(*arguments));

    if (arguments == NULL)
        return azattest__jmespath_no_memory(r);
    for (size_t i = 0; i < n->count; i++) {
        if (n->children[i]->type == NODE_EXPRESSION)
            arguments[i] = (value){ .kind = VALUE_EXPRESSION, .made.expression = n->children[i]->children[0] };
        else if (!azattest__jmespath_evaluate(r, n->children[i], in, &arguments[i]))
            return false;
    }
    return azattest__jmespath_call(r, n, arguments, out);
}

bool azattest__jmespath_evaluate(run *r, const node *n, const value *in, value *out)
{
    if (!azattest__jmespath_step(r, 1))
        return false;
    switch (n->type) {
    case NODE_FIELD:
        return azattest__jmespath_member(r, in, n->text, out);
    case NODE_RAW_STRING:
        *out = azattest__jmespath_text(n->text);
        return true;
    case NODE_LITERAL:
        *out = azattest__jmespath_value(n->literal);
        return true;
    case NODE_INDEX:
        return element_at(r, in, n->slice.start, out);
    case NODE_SLICE:
        return slice(r, n, in, out);
    case NODE_FLATTEN:
        return flatten(r, n, in, out);
    case NODE_SEQUENCE:
        return sequence(r, n, in, out);
    case NODE_PROJECTION:
    case NODE_VALUES:
    case NODE_FILTER:
        return projection(r, n, in, out);
    case NODE_COMPARISON:
        return compare(r, n, in, out);
    case NODE_OR:
    case NODE_AND:
        return either(r, n, in, out);
    case NODE_NOT:
        if (!azattest__jmespath_evaluate(r, n->children[0], in, out))
            return false;
        *out = azattest__jmespath_bool(!azattest__jmespath_is_true(out));
        return true;
    case NODE_LIST:
        return list(r, n, in, out);
    case NODE_HASH:
        return hash(r, n, in, out);
    case NODE_CALL:
        return call(r, n, in, out);
    case NODE_CURRENT:
    case NODE_EXPRESSION: /* is taken by its call */
    default:
        *out = *in;
        return true;
    }
}

azattest_status azattest__jmespath_search(const azattest__jmespath *query, const azattest__json *document,
                                          azattest__work *work, azattest__buf *out, azattest_error **error)
{
    run r = { .work = work, .error = error };
    azattest__buf printed;
    value in, result;

    if (query == NULL || document == NULL || work == NULL || out == NULL)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT, "a query needs a document to search");
    azattest__arena_init(&r.arena, work->memory_left);
    azattest__buf_init(&printed, work->memory_left);
    in = azattest__jmespath_value(document);
    if (azattest__jmespath_evaluate(&r, query->root, &in, &result) && azattest__jmespath_print(&r, &result, &printed)) {
        work->memory_left -= printed.len;
        azattest__buf_append_bytes(out, azattest__buf_bytes(&printed));
        r.status = azattest__error_from_buf(error, out, "the query's result");
    }
    azattest__buf_free(&printed);
    azattest__arena_free(&r.arena);
    return r.status;
}
