/* DER (X.690 section 10) for the few extensions that are taken apart by hand. */
#include "crypto.h"

#include <stdio.h>

/* The length of an element: definite, in as few bytes as can be, and inside what is left. */
static bool read_length(const unsigned char *p, size_t left, size_t *used, size_t *length)
{
    size_t count, value = 0;

    if (left < 1)
        return false;
    if (p[0] < 0x80) {
        *used = 1;
        *length = p[0];
        return *length <= left - 1;
    }
    count = p[0] & 0x7f;
    if (count == 0 || count > 4 || count > left - 1 || p[1] == 0)
        return false;
    for (size_t i = 1; i <= count; i++)
        value = value << 8 | p[i];
    *used = 1 + count;
    *length = value;
    return value >= 0x80 && value <= left - *used;
}

bool azattest__der_next(azattest_bytes *der, azattest__der *element)
{
    const unsigned char *p = der->ptr;
    size_t used, length;

    /* Universal class, low tag number: all that is needed, so all that is understood. */
    if (der->len < 2 || (p[0] & 0xc0) != 0 || (p[0] & 0x1f) == 0x1f || (p[0] & 0x1f) == 0)
        return false;
    if (!read_length(p + 1, der->len - 1, &used, &length))
        return false;
    element->tag = p[0] & 0x1f;
    element->constructed = (p[0] & 0x20) != 0;
    element->content = azattest__bytes(p + 1 + used, length);
    *der = azattest__bytes(p + 1 + used + length, der->len - 1 - used - length);
    return true;
}

bool azattest__der_take(azattest_bytes *der, unsigned char identifier, azattest_bytes *content, azattest_bytes *whole)
{
    const unsigned char *p = der->ptr;
    size_t used, length;

    if (der->len < 2 || p[0] != identifier || !read_length(p + 1, der->len - 1, &used, &length))
        return false;
    *content = azattest__bytes(p + 1 + used, length);
    if (whole != NULL)
        *whole = azattest__bytes(p, 1 + used + length);
    *der = azattest__bytes(p + 1 + used + length, der->len - 1 - used - length);
    return true;
}

bool azattest__der_integer(azattest_bytes content, int *value)
{
    const unsigned char *p = content.ptr;
    int result = 0;

    if (content.len == 0 || content.len > 4 || p[0] >= 0x80)
        return false;
    if (content.len > 1 && p[0] == 0 && p[1] < 0x80)
        return false;
    for (size_t i = 0; i < content.len; i++)
        result = result << 8 | p[i];
    *value = result;
    return true;
}

bool azattest__der_is_oid(azattest_bytes content)
{
    const unsigned char *p = content.ptr;
    bool start = true;

    for (size_t i = 0; i < content.len; i++) {
        if (start && p[i] == 0x80)
            return false;
        start = p[i] < 0x80;
    }
    return content.len > 0 && start;
}

bool azattest__der_oid(azattest_bytes content, char *text, size_t size)
{
    const unsigned char *p = content.ptr;
    size_t at = 0;
    uint32_t arc = 0;
    bool first = true, start = true;

    if (content.len == 0 || p[content.len - 1] >= 0x80)
        return false;
    for (size_t i = 0; i < content.len; i++) {
        int written;

        if ((start && p[i] == 0x80) || arc > UINT32_MAX >> 7)
            return false;
        arc = arc << 7 | (p[i] & 0x7f);
        if ((start = p[i] < 0x80) == false)
            continue;
        if (first)
            written = snprintf(text, size, "%u.%u", arc < 80 ? (unsigned)arc / 40 : 2u,
                               arc < 80 ? (unsigned)arc % 40 : (unsigned)arc - 80);
        else
            written = snprintf(text + at, size - at, ".%u", (unsigned)arc);
        if (written < 0 || (size_t)written >= size - at)
            return false;
        at += (size_t)written;
        first = false;
        arc = 0;
    }
    return true;
}

size_t azattest__der_oid_content(const char *text, unsigned char *out, size_t size)
{
    uint32_t first = 0;
    size_t len = 0;

    for (int arc = 0; *text != '\0'; arc++) {
        uint32_t value = 0, shifted;
        int bytes = 1;

        if (*text < '0' || *text > '9')
            return 0;
        for (; *text >= '0' && *text <= '9'; text++) {
            if (value > 100000000)
                return 0;
            value = value * 10 + (uint32_t)(*text - '0');
        }
        if (*text == '.' && *++text == '\0')
            return 0;
        if (arc == 0) {
            if (value > 2)
                return 0;
            first = value;
            continue;
        }
        if (arc == 1 && first < 2 && value > 39)
            return 0;
        value += arc == 1 ? first * 40 : 0;
        for (shifted = value >> 7; shifted != 0; shifted >>= 7)
            bytes++;
        if (len + (size_t)bytes > size)
            return 0;
        while (bytes-- > 0)
            out[len++] = (unsigned char)((value >> 7 * bytes & 0x7f) | (bytes > 0 ? 0x80 : 0));
    }
    return len;
}
