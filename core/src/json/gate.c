/*
 * The gate in front of cJSON, which by itself accepts trailing data, duplicate names, invalid UTF-8, control characters
 * and leading zeros, and cuts strings at U+0000. One pass over the text, without recursion.
 */
#include <stdlib.h>

#include <azattest/limits.h>

#include "../base/encoding.h"
#include "text.h"

/* Up to this many members are compared one by one; larger objects are sorted when they end. */
#define FEW_MEMBERS 64

typedef struct name {
    azattest_bytes text;
    unsigned char *owned; /* the text's memory; NULL when it lies in the document */
    uint32_t hash;
} name;

typedef struct level {
    bool is_object;
    size_t first_name, count;
} level;

typedef struct gate {
    const unsigned char *start, *p, *end;
    level levels[AZATTEST_LIMIT_JSON_DEPTH];
    size_t depth;
    name *names; /* `few`, until there are more */
    size_t name_count, name_capacity;
    azattest__json_numbers *numbers;
    const char *problem;
    azattest_status status;
    name few[FEW_MEMBERS];
} gate;

static bool refuse(gate *g, azattest_status status, const char *problem)
{
    g->status = status;
    g->problem = problem;
    return false;
}

static bool malformed(gate *g, const char *problem)
{
    return refuse(g, AZATTEST_E_MALFORMED, problem);
}

static void skip_space(gate *g)
{
    g->p = azattest__json_skip_space(g->p, g->end);
}

/* At the 'u' of an escape. */
static bool unicode_escape(gate *g)
{
    int high, low;

    if (g->end - g->p < 5 || (high = azattest__json_hex4(g->p + 1)) < 0)
        return malformed(g, "a broken \\u escape");
    if (high == 0)
        return malformed(g, "U+0000 in a string");
    if (high < 0xd800 || high > 0xdfff) {
        g->p += 5;
        return true;
    }
    if (high > 0xdbff || g->end - g->p < 11 || g->p[5] != '\\' || g->p[6] != 'u' ||
        (low = azattest__json_hex4(g->p + 7)) < 0xdc00 || low > 0xdfff)
        return malformed(g, "a lone surrogate");
    g->p += 11;
    return true;
}

/* Behind a backslash. */
static bool escape(gate *g)
{
    if (g->p >= g->end)
        return true; /* the text ends inside a string, which the caller says */
    switch (*g->p) {
    case 'u':
        return unicode_escape(g);
    case '"':
    case '\\':
    case '/':
    case 'b':
    case 'f':
    case 'n':
    case 'r':
    case 't':
        g->p++;
        return true;
    default:
        return malformed(g, "an unknown escape");
    }
}

/* At the opening quote. */
static bool string(gate *g, azattest_bytes *out, bool *escaped)
{
    const unsigned char *quote = g->p++;
    size_t len;

    *escaped = false;
    for (;;) {
        g->p = azattest__json_skip_plain(g->p, g->end);
        if (g->p >= g->end)
            return malformed(g, "the text ends inside a string");
        if (*g->p == '"')
            break;
        if (*g->p == '\\') {
            *escaped = true;
            g->p++;
            if (!escape(g))
                return false;
        } else if (*g->p < 0x20) {
            return malformed(g, "a control character in a string");
        } else {
            if ((len = azattest__utf8_length(g->p, (size_t)(g->end - g->p))) == 0)
                return malformed(g, "invalid UTF-8");
            g->p += len;
        }
    }
    g->p++;
    *out = azattest__bytes(quote, (size_t)(g->p - quote));
    return true;
}

/* Only needs to be quick: names with the same hash are compared. */
static uint32_t hash_bytes(const unsigned char *p, size_t len)
{
    const uint64_t factor = UINT64_C(0x9e3779b97f4a7c15);
    uint64_t hash = len * factor, eight;

    for (; len >= 8; p += 8, len -= 8) {
        memcpy(&eight, p, 8);
        hash = (hash ^ eight) * factor;
        hash ^= hash >> 32;
    }
    for (; len > 0; p++, len--)
        hash = (hash ^ *p) * factor;
    return (uint32_t)(hash >> 32);
}

/* Names are compared as they read without their escapes. A string that has some is copied for that. */
static bool name_of(gate *g, azattest_bytes string, bool escaped, name *out)
{
    azattest__buf plain;

    out->owned = NULL;
    out->text = azattest__bytes((const char *)string.ptr + 1, string.len - 2);
    if (escaped) {
        azattest__buf_init(&plain, string.len);
        if (!azattest__json_unescape(string, &plain)) {
            azattest__buf_free(&plain);
            return refuse(g, AZATTEST_E_MEMORY, "out of memory");
        }
        out->text = azattest__buf_bytes(&plain);
        out->owned = azattest__buf_take(&plain, NULL);
    }
    out->hash = hash_bytes(out->text.ptr, out->text.len);
    return true;
}

static int compare_names(const void *left, const void *right)
{
    const name *a = left, *b = right;

    if (a->hash != b->hash)
        return a->hash < b->hash ? -1 : 1;
    if (a->text.len != b->text.len)
        return a->text.len < b->text.len ? -1 : 1;
    return memcmp(a->text.ptr, b->text.ptr, a->text.len);
}

static void drop_names(gate *g, size_t first)
{
    while (g->name_count > first)
        free(g->names[--g->name_count].owned);
}

static bool duplicate(gate *g)
{
    return malformed(g, "a duplicate member name");
}

static bool add_name(gate *g, const level *object, azattest_bytes string, bool escaped)
{
    name *added;

    if (g->name_count == g->name_capacity) {
        size_t capacity = g->name_capacity * 2;
        name *grown = realloc(g->names == g->few ? NULL : g->names, capacity * sizeof(*grown));

        if (grown == NULL)
            return refuse(g, AZATTEST_E_MEMORY, "out of memory");
        if (g->names == g->few)
            memcpy(grown, g->few, sizeof(g->few));
        g->names = grown;
        g->name_capacity = capacity;
    }
    added = &g->names[g->name_count];
    if (!name_of(g, string, escaped, added))
        return false;
    g->name_count++;
    if (object->count < FEW_MEMBERS)
        for (const name *one = &g->names[object->first_name]; one < added; one++)
            if (compare_names(one, added) == 0)
                return duplicate(g);
    return true;
}

/* Many members were not compared one by one, so that a hostile object costs n log n. */
static bool end_object(gate *g, const level *object)
{
    if (object->count > FEW_MEMBERS) {
        name *names = g->names + object->first_name;

        qsort(names, object->count, sizeof(*names), compare_names);
        for (size_t i = 1; i < object->count; i++)
            if (compare_names(&names[i - 1], &names[i]) == 0)
                return duplicate(g);
    }
    drop_names(g, object->first_name);
    return true;
}

static bool number(gate *g)
{
    azattest__json_numbers *numbers = g->numbers;
    azattest__json_decimal decimal;
    size_t len = azattest__json_number_scan(g->p, (size_t)(g->end - g->p));

    if (len == 0)
        return malformed(g, "not a value");
    if (len > AZATTEST__JSON_NUMBER_MAX)
        return refuse(g, AZATTEST_E_LIMIT, "a number of more than 63 characters");
    /* 63 characters without an exponent cannot be too large. */
    if ((memchr(g->p, 'e', len) != NULL || memchr(g->p, 'E', len) != NULL) &&
        (!azattest__json_decimal_parse(azattest__bytes(g->p, len), &decimal) ||
         azattest__json_decimal_overflows(&decimal)))
        return malformed(g, "a number too large for a double");
    if (numbers != NULL) {
        if (numbers->count == numbers->capacity) {
            size_t capacity = numbers->capacity == 0 ? 16 : numbers->capacity * 2;
            azattest_bytes *grown = realloc(numbers->spans, capacity * sizeof(*grown));

            if (grown == NULL)
                return refuse(g, AZATTEST_E_MEMORY, "out of memory");
            numbers->spans = grown;
            numbers->capacity = capacity;
        }
        numbers->spans[numbers->count++] = azattest__bytes(g->p, len);
    }
    g->p += len;
    return true;
}

static bool word(gate *g, const char *text)
{
    size_t len = strlen(text);

    if ((size_t)(g->end - g->p) < len || memcmp(g->p, text, len) != 0)
        return malformed(g, "not a value");
    g->p += len;
    return true;
}

/* Opens an object or array; *opened says so. Otherwise the value is behind us. */
static bool value(gate *g, bool *opened)
{
    azattest_bytes ignored;
    bool escaped;

    *opened = false;
    if (g->p >= g->end)
        return malformed(g, "the text ends before a value");
    switch (*g->p) {
    case '{':
    case '[':
        if (g->depth == AZATTEST_LIMIT_JSON_DEPTH)
            return refuse(g, AZATTEST_E_LIMIT, "nested too deep");
        g->levels[g->depth].is_object = *g->p++ == '{';
        g->levels[g->depth].first_name = g->name_count;
        g->levels[g->depth++].count = 0;
        *opened = true;
        return true;
    case '"':
        return string(g, &ignored, &escaped);
    case 't':
        return word(g, "true");
    case 'f':
        return word(g, "false");
    case 'n':
        return word(g, "null");
    default:
        return number(g);
    }
}

static bool member(gate *g, const level *object)
{
    azattest_bytes text;
    bool escaped;

    if (g->p >= g->end || *g->p != '"')
        return malformed(g, "no member name");
    if (object->count == AZATTEST_LIMIT_JSON_MEMBERS)
        return refuse(g, AZATTEST_E_LIMIT, "too many members");
    if (!string(g, &text, &escaped) || !add_name(g, object, text, escaped))
        return false;
    skip_space(g);
    if (g->p >= g->end || *g->p != ':')
        return malformed(g, "no colon behind a member name");
    g->p++;
    skip_space(g);
    return true;
}

/* Behind a value, or behind the bracket that opened a container: ends every container that ends here. *more: another
 * value has to follow. */
static bool between(gate *g, bool opened, bool *more)
{
    for (;; opened = false) {
        level *top = g->depth == 0 ? NULL : &g->levels[g->depth - 1];

        skip_space(g);
        *more = false;
        if (top == NULL)
            return true;
        if (g->p >= g->end)
            return malformed(g, top->is_object ? "the text ends inside an object" : "the text ends inside an array");
        if (*g->p == (top->is_object ? '}' : ']')) {
            g->p++;
            if (top->is_object && !end_object(g, top))
                return false;
            g->depth--;
            continue;
        }
        if (!opened) {
            if (*g->p != ',')
                return malformed(g, "no comma between values");
            g->p++;
            skip_space(g);
        }
        *more = true;
        if (top->is_object && !member(g, top))
            return false;
        if (!top->is_object && top->count == AZATTEST_LIMIT_JSON_ELEMENTS)
            return refuse(g, AZATTEST_E_LIMIT, "too many elements");
        top->count++;
        return true;
    }
}

static bool document(gate *g)
{
    bool opened, more = true;

    skip_space(g);
    while (more)
        if (!value(g, &opened) || !between(g, opened, &more))
            return false;
    return g->p == g->end || malformed(g, "something behind the value");
}

azattest_status azattest__json_gate(azattest_bytes text, azattest__json_numbers *numbers, azattest_error **error)
{
    gate g;

    g.start = g.p = text.ptr;
    g.depth = g.name_count = 0;
    g.names = g.few;
    g.name_capacity = FEW_MEMBERS;
    g.numbers = numbers;
    g.problem = NULL;
    g.status = AZATTEST_OK;
    if (text.ptr == NULL || text.len == 0) {
        malformed(&g, "no text");
    } else if (text.len >= 3 && memcmp(text.ptr, "\xef\xbb\xbf", 3) == 0) {
        malformed(&g, "a byte-order mark");
    } else {
        g.end = g.p + text.len;
        document(&g);
    }
    drop_names(&g, 0);
    if (g.names != g.few)
        free(g.names);
    if (g.status == AZATTEST_E_MEMORY)
        return azattest__error_memory(error);
    if (g.status != AZATTEST_OK)
        return azattest__error_set(error, g.status, "%s: %s at byte %zu",
                                   g.status == AZATTEST_E_LIMIT ? "JSON beyond the limits" : "not JSON", g.problem,
                                   (size_t)(g.p - g.start));
    return AZATTEST_OK;
}

azattest_status azattest__json_check(azattest_bytes text, azattest_error **error)
{
    return azattest__json_gate(text, NULL, error);
}

azattest_bytes azattest__json_unterminated(azattest_bytes text)
{
    bool terminated = text.ptr != NULL && text.len > 0 && ((const char *)text.ptr)[text.len - 1] == '\0';

    return azattest__bytes(text.ptr, terminated ? text.len - 1 : text.len);
}
