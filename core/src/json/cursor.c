#include "cursor.h"

bool azattest__json_enter(azattest__json_cursor *cursor, char bracket)
{
    cursor->p = azattest__json_skip_space(cursor->p, cursor->end);
    if (cursor->p >= cursor->end || *cursor->p != (unsigned char)bracket)
        return false;
    cursor->p++;
    cursor->first = true;
    return true;
}

/* Over the comma, or over the closing bracket; `first` is false behind any value, so also behind the one left. */
static bool next(azattest__json_cursor *cursor, char closing)
{
    const unsigned char *p = azattest__json_skip_space(cursor->p, cursor->end);
    bool first = cursor->first;

    cursor->first = false;
    if (p >= cursor->end)
        return false;
    if (*p == (unsigned char)closing) {
        cursor->p = p + 1;
        return false;
    }
    cursor->p = first ? p : azattest__json_skip_space(p + 1, cursor->end);
    return cursor->p < cursor->end;
}

bool azattest__json_next_member(azattest__json_cursor *cursor, azattest_bytes *name)
{
    const unsigned char *start, *behind;

    if (!next(cursor, '}'))
        return false;
    start = cursor->p + 1;
    if (*cursor->p != '"' || (behind = azattest__json_skip_string(cursor->p, cursor->end)) == NULL)
        return false;
    *name = azattest__bytes(start, (size_t)(behind - 1 - start));
    cursor->p = azattest__json_skip_space(behind, cursor->end);
    if (cursor->p >= cursor->end)
        return false;
    cursor->p = azattest__json_skip_space(cursor->p + 1, cursor->end);
    return true;
}

bool azattest__json_next_element(azattest__json_cursor *cursor)
{
    return next(cursor, ']');
}

azattest_bytes azattest__json_take(azattest__json_cursor *cursor)
{
    const unsigned char *start = cursor->p;
    const unsigned char *behind = azattest__json_skip_value(start, cursor->end);

    cursor->p = behind == NULL ? cursor->end : behind;
    cursor->first = false;
    return azattest__bytes(start, (size_t)(cursor->p - start));
}
