#include "der.h"

#include <stdlib.h>

static size_t head(unsigned char out[6], unsigned char identifier, size_t len)
{
    size_t bytes = len < 0x80 ? 0 : len < 0x100 ? 1 : len < 0x10000 ? 2 : 3;

    out[0] = identifier;
    out[1] = (unsigned char)(bytes == 0 ? len : 0x80 | bytes);
    for (size_t i = 0; i < bytes; i++)
        out[2 + i] = (unsigned char)(len >> 8 * (bytes - 1 - i));
    return 2 + bytes;
}

void der_wrap(azattest__buf *out, size_t start, unsigned char identifier)
{
    unsigned char bytes[6];
    size_t len = out->len - start, size = head(bytes, identifier, len);

    if (azattest__buf_grow(out, size) == NULL)
        abort();
    memmove(out->ptr + start + size, out->ptr + start, len);
    memcpy(out->ptr + start, bytes, size);
}

void der_put(azattest__buf *out, unsigned char identifier, azattest_bytes content)
{
    size_t start = out->len;

    azattest__buf_append_bytes(out, content);
    der_wrap(out, start, identifier);
}
