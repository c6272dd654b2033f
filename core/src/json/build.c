/* Building values and printing them. cJSON's own printer would give 9007199254740993 as 9.00719925474099e+15. */
#include <stdio.h>
#include <stdlib.h>

#include <cjson/cJSON.h>

#include <azattest/limits.h>

#include "../base/encoding.h"
#include "text.h"

/* A bit of `type` that cJSON leaves alone: a child could not be made, so the whole must not be printed. */
#define BROKEN (1 << 20)

static cJSON *item(azattest__json *value)
{
    return (cJSON *)(void *)value;
}

static azattest__json *from_item(cJSON *value)
{
    return (azattest__json *)(void *)value;
}

azattest__json *azattest__json_new_object(void)
{
    return from_item(cJSON_CreateObject());
}

azattest__json *azattest__json_new_array(void)
{
    return from_item(cJSON_CreateArray());
}

static void adopt(cJSON *parent, cJSON *child, cJSON_bool added)
{
    if (parent != NULL && !added)
        parent->type |= BROKEN;
    if (!added)
        cJSON_Delete(child);
}

void azattest__json_put(azattest__json *object, const char *name, azattest__json *child)
{
    cJSON *to = item(object), *one = item(child);

    adopt(to, one, to != NULL && one != NULL && cJSON_AddItemToObject(to, name, one));
}

void azattest__json_add(azattest__json *array, azattest__json *child)
{
    cJSON *to = item(array), *one = item(child);

    adopt(to, one, to != NULL && one != NULL && cJSON_AddItemToArray(to, one));
}

void azattest__json_put_string(azattest__json *object, const char *name, const char *text)
{
    azattest__json_put(object, name, from_item(text == NULL ? cJSON_CreateNull() : cJSON_CreateString(text)));
}

void azattest__json_put_bytes_text(azattest__json *object, const char *name, azattest_bytes text)
{
    /* A NUL would cut the text without a word. */
    bool cut = text.len > 0 && memchr(text.ptr, '\0', text.len) != NULL;
    char *copy = cut ? NULL : azattest__dup(text.ptr, text.len);

    azattest__json_put(object, name, from_item(copy == NULL ? NULL : cJSON_CreateString(copy)));
    if (copy != NULL)
        azattest__wipe(copy, text.len);
    free(copy);
}

static void put_coded(azattest__json *object, const char *name, azattest_bytes data,
                      void (*encode)(azattest_bytes data, azattest__buf *out))
{
    azattest__buf text;

    azattest__buf_init(&text, AZATTEST_LIMIT_RESPONSE);
    encode(data, &text);
    azattest__json_put(object, name,
                       from_item(text.status != AZATTEST_OK
                                     ? NULL
                                     : cJSON_CreateString(text.ptr == NULL ? "" : (const char *)text.ptr)));
    azattest__buf_free(&text);
}

void azattest__json_put_hex(azattest__json *object, const char *name, azattest_bytes data)
{
    put_coded(object, name, data, azattest__hex_encode);
}

void azattest__json_put_base64url(azattest__json *object, const char *name, azattest_bytes data)
{
    put_coded(object, name, data, azattest__base64url_encode);
}

void azattest__json_put_integer(azattest__json *object, const char *name, int64_t value)
{
    cJSON *number = cJSON_CreateNumber((double)value);
    char text[24];

    snprintf(text, sizeof(text), "%lld", (long long)value);
    if (number != NULL && (number->valuestring = cJSON_malloc(sizeof(text))) == NULL) {
        cJSON_Delete(number);
        number = NULL;
    }
    if (number != NULL)
        memcpy(number->valuestring, text, sizeof(text));
    azattest__json_put(object, name, from_item(number));
}

void azattest__json_put_bool(azattest__json *object, const char *name, bool value)
{
    azattest__json_put(object, name, from_item(cJSON_CreateBool(value)));
}

void azattest__json_put_null(azattest__json *object, const char *name)
{
    azattest__json_put(object, name, from_item(cJSON_CreateNull()));
}

void azattest__json_put_raw(azattest__json *object, const char *name, azattest_bytes json)
{
    azattest__json *value = NULL;

    if (azattest__json_parse(json, &value, NULL) != AZATTEST_OK)
        value = NULL;
    azattest__json_put(object, name, value);
}

void azattest__json_add_string(azattest__json *array, const char *text)
{
    azattest__json_add(array, from_item(cJSON_CreateString(text)));
}

azattest__json *azattest__json_copy(const azattest__json *value)
{
    return value == NULL ? NULL : from_item(cJSON_Duplicate((const cJSON *)(const void *)value, 1));
}

static int by_name(const void *left, const void *right)
{
    const cJSON *const *a = left, *const *b = right;

    return strcmp((*a)->string, (*b)->string);
}

void azattest__json_sort(azattest__json *object)
{
    cJSON *to = item(object), **members;
    size_t count = azattest__json_count(object), i = 0;

    if (count < 2)
        return;
    if ((members = malloc(count * sizeof(*members))) == NULL) {
        to->type |= BROKEN;
        return;
    }
    for (cJSON *one = to->child; one != NULL; one = one->next)
        members[i++] = one;
    qsort(members, count, sizeof(*members), by_name);
    /* cJSON's list: the first item's prev is the last one, the last one's next is NULL. */
    for (i = 0; i < count; i++) {
        members[i]->next = i + 1 < count ? members[i + 1] : NULL;
        members[i]->prev = members[i > 0 ? i - 1 : count - 1];
    }
    to->child = members[0];
    free(members);
}

/* Nothing in it needs an escape: evidence in base64url, above all. */
static bool is_plain(const char *text, size_t len)
{
    const unsigned char *p = (const unsigned char *)text;

    return azattest__json_skip_plain(p, p + len) == p + len && memchr(p, 0x7f, len) == NULL;
}

void azattest__json_append_string(const char *text, azattest__buf *out)
{
    const char *run = text;
    size_t len = strlen(text);

    azattest__buf_append_text(out, "\"");
    if (is_plain(text, len))
        text += len;
    for (; *text != '\0'; text++) {
        unsigned char c = (unsigned char)*text;

        if (c >= 0x20 && c != '"' && c != '\\' && c != 0x7f)
            continue;
        azattest__buf_append(out, run, (size_t)(text - run));
        run = text + 1;
        if (c == '"' || c == '\\')
            azattest__buf_printf(out, "\\%c", c);
        else if (c == '\n')
            azattest__buf_append_text(out, "\\n");
        else
            azattest__buf_printf(out, "\\u%04x", c);
    }
    azattest__buf_append(out, run, (size_t)(text - run));
    azattest__buf_append_text(out, "\"");
}

static void new_line(bool pretty, int depth, azattest__buf *out)
{
    if (pretty)
        azattest__buf_printf(out, "\n%*s", depth * 2, "");
}

/* Nesting is bounded: parsed values by the gate, built ones by the code that builds them. */
static void print(const cJSON *value, bool pretty, int depth, azattest__buf *out)
{
    bool object = cJSON_IsObject(value);

    if ((value->type & BROKEN) != 0) {
        out->status = AZATTEST_E_MEMORY;
    } else if (cJSON_IsString(value)) {
        azattest__json_append_string(value->valuestring, out);
    } else if (cJSON_IsNumber(value)) {
        azattest__buf_append_text(out, value->valuestring);
    } else if (!object && !cJSON_IsArray(value)) {
        azattest__buf_append_text(out, cJSON_IsTrue(value) ? "true" : cJSON_IsFalse(value) ? "false" : "null");
    } else {
        azattest__buf_append_text(out, object ? "{" : "[");
        for (const cJSON *child = value->child; child != NULL; child = child->next) {
            new_line(pretty, depth + 1, out);
            if (object) {
                azattest__json_append_string(child->string, out);
                azattest__buf_append_text(out, pretty ? ": " : ":");
            }
            print(child, pretty, depth + 1, out);
            if (child->next != NULL)
                azattest__buf_append_text(out, ",");
        }
        if (value->child != NULL)
            new_line(pretty, depth, out);
        azattest__buf_append_text(out, object ? "}" : "]");
    }
}

bool azattest__json_is_whole(const azattest__json *value)
{
    const cJSON *root = (const cJSON *)(const void *)value;

    if (root == NULL || (root->type & BROKEN) != 0)
        return false;
    for (const cJSON *child = root->child; child != NULL; child = child->next)
        if (!azattest__json_is_whole((const azattest__json *)(const void *)child))
            return false;
    return true;
}

azattest_status azattest__json_print(const azattest__json *value, bool pretty, azattest__buf *out,
                                     azattest_error **error)
{
    const cJSON *root = (const cJSON *)(const void *)value;

    if (root == NULL)
        return azattest__error_memory(error);
    print(root, pretty, 0, out);
    return azattest__error_from_buf(error, out, "JSON");
}
