/* Functions on strings. Characters are code points. */
#include <stdlib.h>

#include "../../base/encoding.h"
#include "value.h"

static bool charge(run *r, size_t bytes)
{
    return azattest__jmespath_step(r, bytes / 16 + 1);
}

bool azattest__jmespath_text_contains(run *r, const char *text, const char *part, value *out)
{
    if (!charge(r, strlen(text) + strlen(part)))
        return false;
    *out = azattest__jmespath_bool(strstr(text, part) != NULL);
    return true;
}

bool azattest__jmespath_text_length(run *r, const char *text, value *out)
{
    int64_t length = 0;

    for (const unsigned char *p = (const unsigned char *)text; *p != '\0'; p++)
        length += (*p & 0xc0) != 0x80;
    return charge(r, strlen(text)) && azattest__jmespath_integer(r, length, out);
}

bool azattest__jmespath_text_reverse(run *r, const char *text, value *out)
{
    size_t len = strlen(text), at, size;
    char *reversed;

    if (!charge(r, len))
        return false;
    if ((reversed = azattest__arena_text(&r->arena, text, len)) == NULL)
        return azattest__jmespath_no_memory(r);
    for (at = 0; at < len; at += size) {
        size = azattest__utf8_length((const unsigned char *)text + at, len - at);
        size += size == 0; /* cannot be: all strings are well-formed */
        memcpy(reversed + len - at - size, text + at, size);
    }
    *out = azattest__jmespath_text(reversed);
    return true;
}

bool azattest__jmespath_starts_with(run *r, const value *arguments, size_t count, value *out)
{
    const char *text = arguments[0].made.text, *start = arguments[1].made.text;
    size_t len = strlen(start);

    (void)count;
    *out = azattest__jmespath_bool(strncmp(text, start, len) == 0);
    return charge(r, len);
}

bool azattest__jmespath_ends_with(run *r, const value *arguments, size_t count, value *out)
{
    const char *text = arguments[0].made.text, *end = arguments[1].made.text;
    size_t len = strlen(text), end_len = strlen(end);

    (void)count;
    *out = azattest__jmespath_bool(end_len <= len && memcmp(text + len - end_len, end, end_len) == 0);
    return charge(r, len + end_len);
}

/* The service's own. Its folding is that of ASCII: see choices.h. */
bool azattest__jmespath_equals_ignore_case(run *r, const value *arguments, size_t count, value *out)
{
    (void)count;
    *out = azattest__jmespath_bool(azattest__text_equal_nocase(arguments[0].made.text, arguments[1].made.text));
    return charge(r, strlen(arguments[0].made.text));
}

/* Length of what is joined, charged. */
static bool joined_length(run *r, const value *arguments, size_t *len)
{
    size_t between = strlen(arguments[0].made.text), count = 0;
    walk w = azattest__jmespath_walk(&arguments[1]);
    value one;

    *len = 0;
    for (; azattest__jmespath_next(r, &w, &one, NULL); count++) {
        *len += strlen(one.made.text) + (count > 0 ? between : 0);
        if (*len > r->arena.limit)
            return azattest__jmespath_fail(r, AZATTEST_E_LIMIT, "join() makes a string that is too long");
    }
    return charge(r, *len);
}

bool azattest__jmespath_join(run *r, const value *arguments, size_t count, value *out)
{
    walk w = azattest__jmespath_walk(&arguments[1]);
    const char *between;
    char *joined, *end;
    size_t len;
    value one;

    (void)count;
    if (!joined_length(r, arguments, &len))
        return false;
    if ((joined = azattest__arena_new(&r->arena, len + 1)) == NULL)
        return azattest__jmespath_no_memory(r);
    for (end = joined, between = ""; azattest__jmespath_next(r, &w, &one, NULL); between = arguments[0].made.text)
        end = stpcpy(stpcpy(end, between), one.made.text);
    *out = azattest__jmespath_text(joined);
    return r->status == AZATTEST_OK;
}

bool azattest__jmespath_to_string(run *r, const value *arguments, size_t count, value *out)
{
    azattest__buf printed;
    char *text = NULL;

    (void)count;
    *out = arguments[0];
    if (arguments[0].kind == VALUE_STRING)
        return true;
    azattest__buf_init(&printed, r->arena.limit - r->arena.used);
    if (azattest__jmespath_print(r, &arguments[0], &printed)) {
        if ((text = azattest__arena_text(&r->arena, printed.ptr, printed.len)) == NULL)
            (void)azattest__jmespath_no_memory(r);
        *out = azattest__jmespath_text(text);
    }
    azattest__buf_free(&printed);
    return text != NULL;
}
