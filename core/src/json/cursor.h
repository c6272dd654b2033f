/*
 * One pass over a text that passed the gate, without a tree and without memory: for signed documents with many small
 * values. The caller enters what it wants to look into, and takes all else as a span.
 */
#ifndef AZATTEST_JSON_CURSOR_H
#define AZATTEST_JSON_CURSOR_H

#include "text.h"

typedef struct azattest__json_cursor {
    const unsigned char *p, *end;
    bool first; /* nothing was taken yet of what was entered last */
} azattest__json_cursor;

static inline azattest__json_cursor azattest__json_cursor_at(azattest_bytes text)
{
    const unsigned char *start = text.ptr;
    azattest__json_cursor cursor = { start, start == NULL ? NULL : start + text.len, false };

    return cursor;
}

/* Goes into the object ('{') or array ('[') that stands here; false when something else does. */
bool azattest__json_enter(azattest__json_cursor *cursor, char bracket);
/* To the value of the next member, whose name is given as it stands between its quotes; false at the end of the object,
 * which it leaves. The value has to be taken or entered. */
bool azattest__json_next_member(azattest__json_cursor *cursor, azattest_bytes *name);
/* To the next element, or false at the end of the array, which it leaves. */
bool azattest__json_next_element(azattest__json_cursor *cursor);
/* The value that stands here, as it stands: a string with its quotes. */
azattest_bytes azattest__json_take(azattest__json_cursor *cursor);

#endif
