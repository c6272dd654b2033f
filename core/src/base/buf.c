#include "buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void azattest__buf_init(azattest__buf *buf, size_t limit)
{
    memset(buf, 0, sizeof(*buf));
    buf->limit = limit;
}

/* Makes room for `len` more bytes and the NUL behind them. Memory is never given to realloc(), which could leave an
 * unwiped copy of a secret behind. */
static bool reserve(azattest__buf *buf, size_t len)
{
    size_t needed, capacity;
    unsigned char *grown;

    if (buf->status != AZATTEST_OK)
        return false;
    if (len >= SIZE_MAX / 2 || len > buf->limit || buf->len > buf->limit - len) {
        buf->status = AZATTEST_E_LIMIT;
        return false;
    }
    needed = buf->len + len + 1;
    if (needed <= buf->capacity)
        return true;
    capacity = buf->capacity < 64 ? 64 : buf->capacity * 2;
    /* A long text behind short ones is mostly the last but a bracket, which must not double what it takes. */
    if (capacity < needed)
        capacity = buf->len == 0 ? needed : needed + 64;
    if ((grown = malloc(capacity)) == NULL) {
        buf->status = AZATTEST_E_MEMORY;
        return false;
    }
    if (buf->ptr != NULL) {
        memcpy(grown, buf->ptr, buf->len);
        azattest__wipe(buf->ptr, buf->capacity);
        free(buf->ptr);
    }
    buf->ptr = grown;
    buf->capacity = capacity;
    return true;
}

unsigned char *azattest__buf_grow(azattest__buf *buf, size_t len)
{
    unsigned char *room;

    if (!reserve(buf, len))
        return NULL;
    room = buf->ptr + buf->len;
    buf->len += len;
    buf->ptr[buf->len] = '\0';
    return room;
}

void azattest__buf_cut(azattest__buf *buf, size_t len)
{
    if (buf->ptr == NULL || len > buf->len)
        return;
    buf->len = len;
    buf->ptr[len] = '\0';
}

void azattest__buf_append(azattest__buf *buf, const void *data, size_t len)
{
    unsigned char *room = azattest__buf_grow(buf, len);

    if (room != NULL && len > 0)
        memcpy(room, data, len);
}

void azattest__buf_append_text(azattest__buf *buf, const char *text)
{
    azattest__buf_append(buf, text, strlen(text));
}

void azattest__buf_append_bytes(azattest__buf *buf, azattest_bytes bytes)
{
    azattest__buf_append(buf, bytes.ptr, bytes.len);
}

void azattest__buf_printf(azattest__buf *buf, const char *format, ...)
{
    va_list arguments;
    unsigned char *room;
    int len;

    va_start(arguments, format);
    len = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (len < 0 || (room = azattest__buf_grow(buf, (size_t)len)) == NULL)
        return;
    va_start(arguments, format);
    vsnprintf((char *)room, (size_t)len + 1, format, arguments);
    va_end(arguments);
}

void azattest__buf_free(azattest__buf *buf)
{
    azattest__wipe(buf->ptr, buf->capacity); /* all of it: a failed decoder leaves bytes behind `len` */
    free(buf->ptr);
    azattest__buf_init(buf, buf->limit);
}

unsigned char *azattest__buf_take(azattest__buf *buf, size_t *len)
{
    unsigned char *taken = buf->ptr;

    if (len != NULL)
        *len = buf->len;
    azattest__buf_init(buf, buf->limit);
    return taken;
}

azattest_bytes azattest__buf_bytes(const azattest__buf *buf)
{
    return azattest__bytes(buf->ptr, buf->len);
}

void azattest__wipe(void *memory, size_t len)
{
    if (memory != NULL)
        explicit_bzero(memory, len);
}

char *azattest__dup(const void *data, size_t len)
{
    char *copy = len == SIZE_MAX ? NULL : malloc(len + 1);

    if (copy == NULL)
        return NULL;
    if (len > 0)
        memcpy(copy, data, len);
    copy[len] = '\0';
    return copy;
}

char *azattest__dup_text(const char *text)
{
    return text == NULL ? NULL : azattest__dup(text, strlen(text));
}

bool azattest__bytes_equal(azattest_bytes a, azattest_bytes b)
{
    if (a.ptr == NULL || b.ptr == NULL)
        return a.ptr == b.ptr;
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

bool azattest__bytes_equal_text(azattest_bytes a, const char *text)
{
    return azattest__bytes_equal(a, azattest__text(text));
}

bool azattest__text_equal_nocase(const char *a, const char *b)
{
    if (a == NULL || b == NULL)
        return a == b;
    for (; *a != '\0' || *b != '\0'; a++, b++) {
        char x = (char)(*a >= 'A' && *a <= 'Z' ? *a + 32 : *a), y = (char)(*b >= 'A' && *b <= 'Z' ? *b + 32 : *b);

        if (x != y)
            return false;
    }
    return true;
}

bool azattest__bytes_equal_constant_time(azattest_bytes a, azattest_bytes b)
{
    const unsigned char *x = a.ptr, *y = b.ptr;
    volatile unsigned char difference = 0;

    if (a.ptr == NULL || b.ptr == NULL || a.len != b.len)
        return false;
    for (size_t i = 0; i < a.len; i++)
        difference = (unsigned char)(difference | (x[i] ^ y[i]));
    return difference == 0;
}
