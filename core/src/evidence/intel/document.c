#include "document.h"

#include <stdlib.h>

#include <azattest/limits.h>

#include "../../base/clock.h"
#include "../../base/encoding.h"

bool azattest__document_text(azattest_bytes value, azattest_bytes *out)
{
    const char *p = value.ptr;

    if (value.len < 2 || p[0] != '"' || memchr(p, '\\', value.len) != NULL)
        return false;
    *out = azattest__bytes(p + 1, value.len - 2);
    return true;
}

bool azattest__document_hex(azattest_bytes value, unsigned char *out, size_t size)
{
    azattest_bytes text;

    return azattest__document_text(value, &text) && azattest__hex_decode_exactly(text, out, size);
}

bool azattest__document_integer(azattest_bytes value, int max, int *out)
{
    const unsigned char *p = value.ptr;
    int number = 0;

    if (value.len == 0 || value.len > 9)
        return false;
    for (size_t i = 0; i < value.len; i++) {
        if (p[i] < '0' || p[i] > '9')
            return false;
        number = number * 10 + (p[i] - '0');
    }
    *out = number;
    return number <= max;
}

static bool digits(const char *text, size_t count, int *out)
{
    return azattest__document_integer(azattest__bytes(text, count), 9999, out);
}

bool azattest__document_time(azattest_bytes value, int64_t *out)
{
    int year, month, day, hour, minute, second;
    azattest_bytes text;
    const char *p;

    if (!azattest__document_text(value, &text) || text.len != 20)
        return false;
    p = text.ptr;
    return p[4] == '-' && p[7] == '-' && p[10] == 'T' && p[13] == ':' && p[16] == ':' && p[19] == 'Z' &&
           digits(p, 4, &year) && digits(p + 5, 2, &month) && digits(p + 8, 2, &day) && digits(p + 11, 2, &hour) &&
           digits(p + 14, 2, &minute) && digits(p + 17, 2, &second) &&
           azattest__time_from_civil(year, month, day, hour, minute, second, out);
}

bool azattest__document_advisories(azattest_bytes value)
{
    azattest__json_cursor cursor = azattest__json_cursor_at(value);
    size_t count = 0;
    azattest_bytes text;

    if (!azattest__json_enter(&cursor, '['))
        return false;
    while (azattest__json_next_element(&cursor)) {
        if (++count > AZATTEST_LIMIT_ADVISORIES || !azattest__document_text(azattest__json_take(&cursor), &text) ||
            text.len == 0 || text.len > 64)
            return false;
        for (size_t i = 0; i < text.len; i++)
            if (((const unsigned char *)text.ptr)[i] <= ' ' || ((const unsigned char *)text.ptr)[i] > '~')
                return false;
    }
    return true;
}

azattest_status azattest__document_grow(void **items, size_t size, size_t count, size_t limit, const char *what,
                                        azattest_error **error)
{
    size_t room = count < 4 ? 4 : 2 * count;
    void *larger;

    if (count >= limit)
        return azattest__error_set(error, AZATTEST_E_LIMIT, "%s: more than %zu", what, limit);
    if (count != 0 && (count < 4 || (count & (count - 1)) != 0)) /* it grows at 0, 4, 8, 16, ... */
        return AZATTEST_OK;
    if ((larger = realloc(*items, room * size)) == NULL)
        return azattest__error_memory(error);
    *items = larger;
    return AZATTEST_OK;
}

static azattest_status bad(azattest_error **error, const char *what, const char *member, const char *expected)
{
    return azattest__error_set(error, AZATTEST_E_MALFORMED, "%s: %s is missing or is not %s", what, member, expected);
}

azattest_status azattest__document_level_member(azattest__json_cursor *cursor, azattest_bytes name, const char *what,
                                                azattest__tcb_status *status, int64_t *date, azattest_bytes *advisories,
                                                bool *taken, azattest_error **error)
{
    azattest_bytes text;

    *taken = true;
    if (azattest__bytes_equal_text(name, "tcbStatus")) {
        if (!azattest__document_text(azattest__json_take(cursor), &text) ||
            (*status = azattest__tcb_status_read(text)) == AZATTEST__TCB_NOT_SUPPORTED)
            return bad(error, what, "tcbStatus", "a status that is known");
    } else if (azattest__bytes_equal_text(name, "tcbDate")) {
        if (!azattest__document_time(azattest__json_take(cursor), date))
            return bad(error, what, "tcbDate", "a time such as 2024-03-13T00:00:00Z");
    } else if (azattest__bytes_equal_text(name, "advisoryIDs")) {
        *advisories = azattest__json_take(cursor);
        if (!azattest__document_advisories(*advisories))
            return bad(error, what, "advisoryIDs", "a list of identifiers");
    } else
        *taken = false;
    return AZATTEST_OK;
}

/* {"isvsvn": n} */
static bool read_isvsvn(azattest__json_cursor *cursor, int *out)
{
    azattest_bytes name, value;
    bool found = false;

    if (!azattest__json_enter(cursor, '{'))
        return false;
    while (azattest__json_next_member(cursor, &name)) {
        value = azattest__json_take(cursor);
        if (!azattest__bytes_equal_text(name, "isvsvn"))
            continue;
        if (!azattest__document_integer(value, 65535, out))
            return false;
        found = true;
    }
    return found;
}

azattest_status azattest__document_isvsvn_level(azattest__json_cursor *cursor, const char *what,
                                                azattest__isvsvn_level *out, azattest_error **error)
{
    azattest_status status;
    azattest_bytes name;
    bool taken;

    memset(out, 0, sizeof(*out));
    out->isvsvn = -1;
    out->date = INT64_MIN;
    if (!azattest__json_enter(cursor, '{'))
        return bad(error, what, "a level", "an object");
    while (azattest__json_next_member(cursor, &name)) {
        if ((status = azattest__document_level_member(cursor, name, what, &out->status, &out->date, &out->advisories,
                                                      &taken, error)) != AZATTEST_OK)
            return status;
        if (taken)
            continue;
        if (!azattest__bytes_equal_text(name, "tcb"))
            (void)azattest__json_take(cursor);
        else if (!read_isvsvn(cursor, &out->isvsvn))
            return bad(error, what, "tcb.isvsvn", "a number from 0 to 65535");
    }
    if (out->isvsvn < 0)
        return bad(error, what, "tcb.isvsvn", "a number from 0 to 65535");
    if (out->date == INT64_MIN)
        return bad(error, what, "tcbDate", "a time");
    /* The status of a module or an enclave is merged into the platform's by a table that has these three alone. */
    if (out->status != AZATTEST__TCB_UP_TO_DATE && out->status != AZATTEST__TCB_OUT_OF_DATE &&
        out->status != AZATTEST__TCB_REVOKED)
        return bad(error, what, "tcbStatus", "UpToDate, OutOfDate or Revoked");
    return AZATTEST_OK;
}
