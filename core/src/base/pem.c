/* PEM (RFC 7468): finding blocks in text, strict content. */
#include "encoding.h"

#include <stdio.h>

static size_t find(azattest_bytes text, size_t from, const char *what)
{
    size_t len = strlen(what);
    const char *hit;

    if (from > text.len || (hit = memmem((const char *)text.ptr + from, text.len - from, what, len)) == NULL)
        return SIZE_MAX;
    return (size_t)(hit - (const char *)text.ptr);
}

bool azattest__pem_next(azattest_bytes text, const char *label, size_t *offset, azattest_bytes *block,
                        azattest_bytes *body)
{
    char begin[80], end[80];
    size_t first, inside, last;

    if (text.ptr == NULL || strlen(label) > 40)
        return false;
    snprintf(begin, sizeof(begin), "-----BEGIN %s-----", label);
    snprintf(end, sizeof(end), "-----END %s-----", label);
    if ((first = find(text, *offset, begin)) == SIZE_MAX)
        return false;
    inside = first + strlen(begin);
    if ((last = find(text, inside, end)) == SIZE_MAX)
        return false;
    *body = azattest__bytes((const char *)text.ptr + inside, last - inside);
    *block = azattest__bytes((const char *)text.ptr + first, last + strlen(end) - first);
    *offset = last + strlen(end);
    return true;
}

/* Copies what is no line end; gives the end of the copy. */
static char *strip_lines(const char *in, size_t len, char *to)
{
    const char *end = in + len, *stop, *line;

    for (; in < end; in = stop + 1) {
        if ((stop = memchr(in, '\n', (size_t)(end - in))) == NULL)
            stop = end;
        while ((line = memchr(in, '\r', (size_t)(stop - in))) != NULL) {
            memcpy(to, in, (size_t)(line - in));
            to += line - in;
            in = line + 1;
        }
        memcpy(to, in, (size_t)(stop - in));
        to += stop - in;
    }
    return to;
}

bool azattest__pem_decode_body(azattest_bytes body, azattest__buf *out)
{
    azattest__buf text;
    char *start;
    bool ok = false;

    azattest__buf_init(&text, body.len);
    if ((start = (char *)azattest__buf_grow(&text, body.len)) == NULL) {
        out->status = text.status; /* a lack of memory is no fault of the text's */
    } else {
        azattest__buf_cut(&text, (size_t)(strip_lines(body.ptr, body.len, start) - start));
        ok = text.len > 0 && azattest__base64_decode(azattest__buf_bytes(&text), out);
    }
    azattest__buf_free(&text);
    return ok;
}

void azattest__pem_encode(const char *label, azattest_bytes data, azattest__buf *out)
{
    const char *left = data.ptr;

    azattest__buf_printf(out, "-----BEGIN %s-----\n", label);
    for (size_t done = 0; done < data.len; done += 48) {
        azattest__base64_encode(azattest__bytes(left + done, data.len - done < 48 ? data.len - done : 48), out);
        azattest__buf_append_text(out, "\n");
    }
    azattest__buf_printf(out, "-----END %s-----\n", label);
}
