/* Growing byte buffers with a ceiling, and small helpers on borrowed bytes. */
#ifndef AZATTEST_BASE_BUF_H
#define AZATTEST_BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include <azattest/bytes.h>
#include <azattest/status.h>

/* A buffer that grows up to `limit` bytes. What it holds is always followed by a NUL that `len` does not count.
 * The first failure (memory, limit) sticks in `status`, so that a sequence of appends is checked once, at its end. */
typedef struct azattest__buf {
    unsigned char *ptr; /* NULL until the first append */
    size_t len;
    size_t capacity;
    size_t limit;
    azattest_status status; /* AZATTEST_OK, AZATTEST_E_MEMORY or AZATTEST_E_LIMIT */
} azattest__buf;

void azattest__buf_init(azattest__buf *buf, size_t limit);
void azattest__buf_append(azattest__buf *buf, const void *data, size_t len);
void azattest__buf_append_text(azattest__buf *buf, const char *text);
void azattest__buf_append_bytes(azattest__buf *buf, azattest_bytes bytes);
__attribute__((format(printf, 2, 3))) void azattest__buf_printf(azattest__buf *buf, const char *format, ...);
/* Room for `len` more bytes, counted as used; NULL when it cannot be had. */
unsigned char *azattest__buf_grow(azattest__buf *buf, size_t len);
/* Goes back to a length that the buffer had before. */
void azattest__buf_cut(azattest__buf *buf, size_t len);
/* Wipes and frees; the buffer can be used again. */
void azattest__buf_free(azattest__buf *buf);
/* Hands the memory over to the caller (free() it); the buffer is empty afterwards. */
unsigned char *azattest__buf_take(azattest__buf *buf, size_t *len);
azattest_bytes azattest__buf_bytes(const azattest__buf *buf);

/* Overwrites memory so that the compiler cannot leave it out. */
void azattest__wipe(void *memory, size_t len);
/* A new NUL-terminated copy; NULL when out of memory. */
char *azattest__dup(const void *data, size_t len);
char *azattest__dup_text(const char *text); /* NULL gives NULL */

static inline azattest_bytes azattest__bytes(const void *ptr, size_t len)
{
    azattest_bytes bytes = { ptr, len };

    return bytes;
}

static inline azattest_bytes azattest__text(const char *text)
{
    return azattest__bytes(text, text == NULL ? 0 : strlen(text));
}

/* Same length and content; absent equals only absent. Not constant time: for public data. */
bool azattest__bytes_equal(azattest_bytes a, azattest_bytes b);
bool azattest__bytes_equal_text(azattest_bytes a, const char *text);
/* ASCII comparison without regard to case or locale. */
bool azattest__text_equal_nocase(const char *a, const char *b);
/* Constant time for equal lengths: for secrets and hashes. */
bool azattest__bytes_equal_constant_time(azattest_bytes a, azattest_bytes b);

/* Little-endian readers; the caller has checked the length. */
static inline uint16_t azattest__le16(const unsigned char *p)
{
    return (uint16_t)(p[0] | (unsigned)p[1] << 8);
}

static inline uint32_t azattest__le32(const unsigned char *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static inline uint64_t azattest__le64(const unsigned char *p)
{
    return (uint64_t)azattest__le32(p) | (uint64_t)azattest__le32(p + 4) << 32;
}

#endif
