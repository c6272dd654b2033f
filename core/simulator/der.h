/* Writing DER, and little- and big-endian numbers. */
#ifndef AZATTEST_SIMULATOR_DER_H
#define AZATTEST_SIMULATOR_DER_H

#include "base/buf.h"

enum {
    DER_BOOLEAN = 0x01,
    DER_INTEGER = 0x02,
    DER_OCTETS = 0x04,
    DER_OID = 0x06,
    DER_ENUMERATED = 0x0a,
    DER_IA5_STRING = 0x16,
    DER_SEQUENCE = 0x30
};

/* One element; content up to 65535 bytes. */
void azattest__der_put(azattest__buf *out, unsigned tag, const void *content, size_t len);
/* The content of a buffer, and its sticky status. */
void azattest__der_put_buf(azattest__buf *out, unsigned tag, const azattest__buf *content);
/* A non-negative number in its shortest form: above 127 it takes one more byte. */
void azattest__der_put_integer(azattest__buf *out, uint32_t value);

static inline void azattest__put_le(unsigned char *p, uint64_t value, size_t size)
{
    for (size_t i = 0; i < size; i++)
        p[i] = (unsigned char)(value >> (8 * i));
}

static inline void azattest__append_le(azattest__buf *out, uint64_t value, size_t size)
{
    unsigned char bytes[8];

    azattest__put_le(bytes, value, size);
    azattest__buf_append(out, bytes, size);
}

static inline void azattest__append_be(azattest__buf *out, uint64_t value, size_t size)
{
    for (size_t i = size; i > 0; i--)
        azattest__buf_append(out, &(unsigned char){ (unsigned char)(value >> (8 * (i - 1))) }, 1);
}

static inline void azattest__append_zeros(azattest__buf *out, size_t len)
{
    unsigned char *room = len == 0 ? NULL : azattest__buf_grow(out, len);

    if (room != NULL)
        memset(room, 0, len);
}

#endif
