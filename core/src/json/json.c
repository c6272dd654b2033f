/* The tree: cJSON behind the gate, with the source text of every number kept. */
#include <stdlib.h>

#include <cjson/cJSON.h>

#include <azattest/limits.h>

#include "text.h"

/* A value is a cJSON item; nobody outside of this folder knows. */
static const cJSON *item(const azattest__json *value)
{
    return (const cJSON *)(const void *)value;
}

static const azattest__json *from_item(const cJSON *value)
{
    return (const azattest__json *)(const void *)value;
}

/* cJSON keeps only a double. Its items free `valuestring` whatever their type, so a number carries its text there. The
 * depth of the recursion is bounded by the gate. */
static bool keep_number_texts(cJSON *value, const azattest__json_numbers *numbers, size_t *next)
{
    if (cJSON_IsNumber(value)) {
        azattest_bytes span = numbers->spans[(*next)++];

        if ((value->valuestring = cJSON_malloc(span.len + 1)) == NULL)
            return false;
        memcpy(value->valuestring, span.ptr, span.len);
        value->valuestring[span.len] = '\0';
    }
    for (cJSON *child = value->child; child != NULL; child = child->next)
        if (!keep_number_texts(child, numbers, next))
            return false;
    return true;
}

azattest_status azattest__json_parse(azattest_bytes text, azattest__json **root, azattest_error **error)
{
    azattest__json_numbers numbers = { NULL, 0, 0 };
    azattest_status status;
    cJSON *tree = NULL;
    size_t next = 0;

    *root = NULL;
    if ((status = azattest__json_gate(text, &numbers, error)) != AZATTEST_OK)
        goto done;
    /* What the gate lets through cJSON can only fail on for want of memory. */
    if ((tree = cJSON_ParseWithLengthOpts(text.ptr, text.len, NULL, 0)) == NULL ||
        !keep_number_texts(tree, &numbers, &next)) {
        status = azattest__error_memory(error);
        goto done;
    }
    *root = (azattest__json *)(void *)tree;
    tree = NULL;
done:
    cJSON_Delete(tree);
    free(numbers.spans);
    return status;
}

static void wipe(cJSON *value)
{
    for (; value != NULL; value = value->next) {
        if (value->valuestring != NULL)
            azattest__wipe(value->valuestring, strlen(value->valuestring));
        wipe(value->child);
    }
}

void azattest__json_free(azattest__json *root)
{
    cJSON *tree = (cJSON *)(void *)root;

    if (tree == NULL)
        return;
    wipe(tree);
    cJSON_Delete(tree);
}

bool azattest__json_is_object(const azattest__json *value)
{
    return cJSON_IsObject(item(value));
}

bool azattest__json_is_array(const azattest__json *value)
{
    return cJSON_IsArray(item(value));
}

bool azattest__json_is_string(const azattest__json *value)
{
    return cJSON_IsString(item(value));
}

bool azattest__json_is_number(const azattest__json *value)
{
    return cJSON_IsNumber(item(value));
}

bool azattest__json_is_null(const azattest__json *value)
{
    return cJSON_IsNull(item(value));
}

const azattest__json *azattest__json_get(const azattest__json *object, const char *name)
{
    return cJSON_IsObject(item(object)) ? from_item(cJSON_GetObjectItemCaseSensitive(item(object), name)) : NULL;
}

const azattest__json *azattest__json_get_nocase(const azattest__json *object, const char *name)
{
    for (const azattest__json *one = azattest__json_is_object(object) ? azattest__json_first(object) : NULL;
         one != NULL; one = azattest__json_next(one))
        if (azattest__text_equal_nocase(azattest__json_name(one), name))
            return one;
    return NULL;
}

bool azattest__json_find_nocase(const azattest__json *object, const char *name, const azattest__json **out)
{
    *out = azattest__json_get_nocase(object, name);
    for (const azattest__json *one = azattest__json_next(*out); one != NULL; one = azattest__json_next(one))
        if (azattest__text_equal_nocase(azattest__json_name(one), name))
            return false;
    return true;
}

const char *azattest__json_string(const azattest__json *value)
{
    return cJSON_IsString(item(value)) ? item(value)->valuestring : NULL;
}

const char *azattest__json_get_string(const azattest__json *object, const char *name)
{
    return azattest__json_string(azattest__json_get(object, name));
}

bool azattest__json_bool(const azattest__json *value, bool *out)
{
    *out = cJSON_IsTrue(item(value));
    return cJSON_IsBool(item(value));
}

const char *azattest__json_number_text(const azattest__json *value)
{
    return cJSON_IsNumber(item(value)) ? item(value)->valuestring : NULL;
}

double azattest__json_double(const azattest__json *value)
{
    return cJSON_IsNumber(item(value)) ? item(value)->valuedouble : 0;
}

bool azattest__json_integer(const azattest__json *value, int64_t *out)
{
    *out = 0;
    return azattest__json_integer_text(azattest__text(azattest__json_number_text(value)), out);
}

size_t azattest__json_count(const azattest__json *value)
{
    size_t count = 0;

    for (const azattest__json *child = azattest__json_first(value); child != NULL; child = azattest__json_next(child))
        count++;
    return count;
}

const azattest__json *azattest__json_first(const azattest__json *value)
{
    return value == NULL ? NULL : from_item(item(value)->child);
}

const azattest__json *azattest__json_next(const azattest__json *child)
{
    return child == NULL ? NULL : from_item(item(child)->next);
}

const char *azattest__json_name(const azattest__json *member)
{
    return member == NULL ? NULL : item(member)->string;
}

const char *azattest__json_kind(const azattest__json *value)
{
    const cJSON *one = item(value);

    return cJSON_IsObject(one)   ? "object"
           : cJSON_IsArray(one)  ? "array"
           : cJSON_IsString(one) ? "string"
           : cJSON_IsNumber(one) ? "number"
           : cJSON_IsBool(one)   ? "boolean"
                                 : "null";
}

static bool numbers_equal(const azattest__json *a, const azattest__json *b)
{
    azattest__json_decimal x, y;

    return azattest__json_decimal_parse(azattest__text(azattest__json_number_text(a)), &x) &&
           azattest__json_decimal_parse(azattest__text(azattest__json_number_text(b)), &y) &&
           x.negative == y.negative && x.exponent == y.exponent && strcmp(x.digits, y.digits) == 0;
}

bool azattest__json_equal(const azattest__json *a, const azattest__json *b)
{
    const azattest__json *x, *y;

    if (a == NULL || b == NULL || strcmp(azattest__json_kind(a), azattest__json_kind(b)) != 0)
        return false;
    if (azattest__json_is_string(a))
        return strcmp(azattest__json_string(a), azattest__json_string(b)) == 0;
    if (azattest__json_is_number(a))
        return numbers_equal(a, b);
    if (cJSON_IsBool(item(a)))
        return cJSON_IsTrue(item(a)) == cJSON_IsTrue(item(b));
    if (azattest__json_count(a) != azattest__json_count(b))
        return false;
    y = azattest__json_first(b);
    for (x = azattest__json_first(a); x != NULL; x = azattest__json_next(x), y = azattest__json_next(y))
        if (!azattest__json_equal(x, azattest__json_is_object(a) ? azattest__json_get(b, azattest__json_name(x)) : y))
            return false;
    return true;
}
