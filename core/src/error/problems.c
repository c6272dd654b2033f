/* Lists of failed checks, and foreign text made fit for messages. */
#include "error.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "../base/encoding.h"

azattest_status azattest__problems_add(azattest_problems *problems, azattest_status code, const char *format, ...)
{
    struct azattest__problem *grown;
    va_list arguments;
    char *detail = NULL;
    int len;

    va_start(arguments, format);
    len = vasprintf(&detail, format, arguments);
    va_end(arguments);
    if (len < 0)
        return AZATTEST_E_MEMORY;
    if ((grown = realloc(problems->items, (problems->count + 1) * sizeof(*grown))) == NULL) {
        free(detail);
        return AZATTEST_E_MEMORY;
    }
    problems->items = grown;
    grown[problems->count].code = code;
    grown[problems->count++].detail = detail;
    return AZATTEST_OK;
}

void azattest__problems_clear(azattest_problems *problems)
{
    for (size_t i = 0; i < problems->count; i++)
        free(problems->items[i].detail);
    free(problems->items);
    problems->items = NULL;
    problems->count = 0;
}

size_t azattest_problems_count(const azattest_problems *problems)
{
    return problems == NULL ? 0 : problems->count;
}

azattest_status azattest_problems_code(const azattest_problems *problems, size_t index)
{
    return problems == NULL || index >= problems->count ? AZATTEST_ABSENT : problems->items[index].code;
}

const char *azattest_problems_detail(const azattest_problems *problems, size_t index)
{
    return problems == NULL || index >= problems->count ? NULL : problems->items[index].detail;
}

void azattest_problems_free(azattest_problems *problems)
{
    if (problems == NULL)
        return;
    azattest__problems_clear(problems);
    free(problems);
}

/* Characters that turn the direction of writing, or end a line for some readers: the text beside them would be read as
 * another one. */
static bool is_misleading(const unsigned char *p, size_t len)
{
    if (len == 2)
        return p[0] == 0xd8 && p[1] == 0x9c; /* U+061C */
    if (len != 3 || p[0] != 0xe2)
        return false;
    return p[1] == 0x80 ? p[2] == 0x8e || p[2] == 0x8f || (p[2] >= 0xa8 && p[2] <= 0xae) /* U+200E, U+2028 to 202E */
                        : p[1] == 0x81 && p[2] >= 0xa6 && p[2] <= 0xa9;                  /* U+2066 to 2069 */
}

char *azattest__printable(azattest_bytes text, size_t limit)
{
    const unsigned char *in = text.ptr;
    size_t left = in == NULL ? 0 : text.len, len;
    azattest__buf out;

    azattest__buf_init(&out, limit * 12 + 4);
    for (; left > 0 && limit > 0; limit--, in += len, left -= len) {
        len = azattest__utf8_length(in, left);
        if (len == 0) {
            len = 1;
            azattest__buf_printf(&out, "\\x%02x", in[0]);
        } else if (in[0] < 0x20 || in[0] == 0x7f) {
            azattest__buf_printf(&out, "\\x%02x", in[0]);
        } else if (in[0] == 0xc2 && in[1] < 0xa0) { /* C1 controls, which terminals obey as well */
            azattest__buf_printf(&out, "\\x%02x\\x%02x", in[0], in[1]);
        } else if (is_misleading(in, len)) {
            for (size_t i = 0; i < len; i++)
                azattest__buf_printf(&out, "\\x%02x", in[i]);
        } else {
            azattest__buf_append(&out, in, len);
        }
    }
    azattest__buf_append_text(&out, left > 0 ? "..." : "");
    if (out.status != AZATTEST_OK)
        azattest__buf_free(&out);
    return (char *)azattest__buf_take(&out, NULL);
}
