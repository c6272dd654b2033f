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

bool azattest__pem_decode_body(azattest_bytes body, azattest__buf *out)
{
    const char *in = body.ptr;
    size_t start = 0;
    azattest__buf text;
    bool ok;

    azattest__buf_init(&text, body.len);
    (void)azattest__buf_grow(&text, body.len); /* all of it at once */
    azattest__buf_cut(&text, 0);
    for (size_t i = 0; i < body.len; i++)
        if (in[i] == '\n' || in[i] == '\r') {
            azattest__buf_append(&text, in + start, i - start);
            start = i + 1;
        }
    if (start < body.len)
        azattest__buf_append(&text, in + start, body.len - start);
    if (text.status == AZATTEST_E_MEMORY) /* no fault of the text's */
        out->status = AZATTEST_E_MEMORY;
    ok = text.status == AZATTEST_OK && text.len > 0 && azattest__base64_decode(azattest__buf_bytes(&text), out);
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
