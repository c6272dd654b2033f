/* Tables of two columns for people. */
#ifndef AZATTEST_CLI_TABLE_H
#define AZATTEST_CLI_TABLE_H

#include "output.h"

/* Rows of two columns, printed aligned. A failed allocation loses rows and says so. */
typedef struct azattest__table {
    struct azattest__row {
        char *label, *value;
    } * rows;
    size_t count;
    bool failed;
} azattest__table;

__attribute__((format(printf, 3, 4))) void azattest__table_row(azattest__table *table, const char *label,
                                                               const char *format, ...);
/* A row that is left out when the text is NULL. */
void azattest__table_text(azattest__table *table, const char *label, const char *text);
/* Bytes in base64url, as tokens show hashes; left out when they are absent. */
void azattest__table_hash(azattest__table *table, const char *label, azattest_bytes hash);
/* "17 November 2022 01:40:48 UTC (4 years ago)" */
void azattest__table_time(azattest__table *table, const char *label, int64_t seconds, int64_t now);
/* Every member of an object but those named in `skip` (ends with NULL); what is nested as "outer.inner", "outer[0]". */
void azattest__table_members(azattest__table *table, const azattest__json *object, const char *const *skip,
                             int64_t now);
/* Prints under the heading (NULL: none) and empties the table. An empty table prints nothing. */
void azattest__table_print(azattest__table *table, const char *heading);

#endif
