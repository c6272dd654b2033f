#include "form.h"

#include <stdlib.h>

#include "base/encoding.h"

static int hex_digit(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

bool azattest__percent_decode(const char *text, size_t len, bool plus, char *out, size_t size)
{
    size_t n = 0;

    for (size_t i = 0; i < len; i++) {
        int c = plus && text[i] == '+' ? ' ' : (unsigned char)text[i];

        if (c == '%') {
            if (len - i < 3 || hex_digit(text[i + 1]) < 0 || hex_digit(text[i + 2]) < 0)
                return false;
            c = hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2]);
            i += 2;
        }
        if (c == 0 || n + 1 >= size)
            return false;
        out[n++] = (char)c;
    }
    out[n] = '\0';
    return true;
}

/* In place; `text` has one byte behind it, which the NUL may take. */
static bool decode(char *text, size_t len)
{
    return azattest__percent_decode(text, len, true, text, len + 1) && azattest__utf8_valid(azattest__text(text));
}

/* One "name=value" of `len` bytes, in memory that has one byte behind it. */
static azattest_status add_field(azattest__form *form, char *text, size_t len, azattest_error **error)
{
    char *equal = memchr(text, '=', len), *value = equal == NULL ? text + len : equal + 1;
    size_t name_len = equal == NULL ? len : (size_t)(equal - text), value_len = (size_t)(text + len - value);

    if (form->count == AZATTEST__FORM_LIMIT_FIELDS)
        return azattest__error_set(error, AZATTEST_E_LIMIT, "the form has more than %u fields",
                                   AZATTEST__FORM_LIMIT_FIELDS);
    if (!decode(value, value_len) || !decode(text, name_len)) /* the name's NUL stands on the '=' at most */
        return azattest__error_set(error, AZATTEST_E_MALFORMED, "field %zu is not percent-encoded UTF-8 text",
                                   form->count + 1);
    if (azattest__form_get(form, text) != NULL) {
        char *shown = azattest__printable(azattest__text(text), 40);

        azattest__error_set(error, AZATTEST_E_MALFORMED, "the field \"%s\" comes more than once",
                            shown == NULL ? "?" : shown);
        free(shown);
        return AZATTEST_E_MALFORMED;
    }
    form->fields[form->count].name = text;
    form->fields[form->count++].value = value;
    return AZATTEST_OK;
}

azattest_status azattest__form_parse(azattest_bytes text, azattest__form *out, azattest_error **error)
{
    azattest_status status = AZATTEST_OK;

    *out = (azattest__form){ .size = text.len + 1 };
    if (text.len > AZATTEST__FORM_LIMIT_BODY)
        return azattest__error_set(error, AZATTEST_E_LIMIT, "the form has %zu bytes, at most %u are accepted", text.len,
                                   AZATTEST__FORM_LIMIT_BODY);
    if ((out->memory = azattest__dup(text.ptr, text.len)) == NULL)
        return azattest__error_memory(error);
    for (char *at = out->memory, *end = at + text.len; status == AZATTEST_OK && at < end;) {
        char *ampersand = memchr(at, '&', (size_t)(end - at));
        size_t len = (size_t)((ampersand == NULL ? end : ampersand) - at);

        if (len > 0)
            status = add_field(out, at, len, error);
        at += len + 1;
    }
    if (status != AZATTEST_OK)
        azattest__form_clear(out);
    return status;
}

const char *azattest__form_get(const azattest__form *form, const char *name)
{
    for (size_t i = 0; i < form->count; i++)
        if (strcmp(form->fields[i].name, name) == 0)
            return form->fields[i].value;
    return NULL;
}

void azattest__form_clear(azattest__form *form)
{
    if (form->memory != NULL)
        azattest__wipe(form->memory, form->size);
    free(form->memory);
    *form = (azattest__form){ .memory = NULL };
}
