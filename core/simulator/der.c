#include "der.h"

void azattest__der_put(azattest__buf *out, unsigned tag, const void *content, size_t len)
{
    unsigned char head[4] = { (unsigned char)tag };
    size_t size = 2;

    if (len < 0x80) {
        head[1] = (unsigned char)len;
    } else {
        head[1] = 0x82; /* DER wants the shortest form: one byte where that is enough */
        head[2] = (unsigned char)(len >> 8);
        head[3] = (unsigned char)len;
        size = 4;
        if (len < 0x100) {
            head[1] = 0x81;
            head[2] = (unsigned char)len;
            size = 3;
        }
    }
    azattest__buf_append(out, head, size);
    azattest__buf_append(out, content, len);
}

void azattest__der_put_buf(azattest__buf *out, unsigned tag, const azattest__buf *content)
{
    if (content->status != AZATTEST_OK)
        out->status = content->status;
    azattest__der_put(out, tag, content->ptr, content->len);
}

void azattest__der_put_integer(azattest__buf *out, uint32_t value)
{
    unsigned char bytes[5] = { 0, (unsigned char)(value >> 24), (unsigned char)(value >> 16),
                               (unsigned char)(value >> 8), (unsigned char)value };
    size_t first = 1;

    while (first < 4 && bytes[first] == 0)
        first++;
    if (bytes[first] >= 0x80)
        bytes[--first] = 0;
    azattest__der_put(out, DER_INTEGER, bytes + first, sizeof(bytes) - first);
}
