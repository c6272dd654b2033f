#include "table.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/encoding.h"

/* One value, in bytes; the JSON document has all of it. */
#define VALUE_LIMIT 400u
#define LABEL_LIMIT 80u

static void add_row(azattest__table *table, const char *label, const char *value, size_t limit)
{
    struct azattest__row *rows = NULL, row = { azattest__escaped(label, LABEL_LIMIT), azattest__escaped(value, limit) };

    if (row.label != NULL && row.value != NULL)
        rows = realloc(table->rows, (table->count + 1) * sizeof(*rows));
    if (rows == NULL) {
        free(row.label);
        free(row.value);
        table->failed = true;
        return;
    }
    table->rows = rows;
    table->rows[table->count++] = row;
}

void azattest__table_row(azattest__table *table, const char *label, const char *format, ...)
{
    va_list list;
    char *text;

    va_start(list, format);
    text = azattest__formatted(format, list);
    va_end(list);
    if (text == NULL)
        table->failed = true;
    else
        add_row(table, label, text, AZATTEST__LINE_LIMIT);
    free(text);
}

void azattest__table_text(azattest__table *table, const char *label, const char *text)
{
    if (text != NULL)
        add_row(table, label, text, VALUE_LIMIT);
}

void azattest__table_hash(azattest__table *table, const char *label, azattest_bytes hash)
{
    azattest__buf text;

    azattest__buf_init(&text, 256);
    azattest__base64url_encode(hash, &text);
    if (hash.ptr != NULL && text.status == AZATTEST_OK)
        azattest__table_text(table, label, (const char *)text.ptr);
    azattest__buf_free(&text);
}

/* "in 7 hours", "3 years ago": whole units, cut, never more precise than one reads. */
static void relative(int64_t seconds, char *text, size_t size)
{
    static const struct {
        int64_t below, unit;
        const char *name;
    } units[] = { { 120, 1, "second" },         { 2 * 3600, 60, "minute" },        { 2 * 86400, 3600, "hour" },
                  { 60 * 86400, 86400, "day" }, { 730 * 86400, 2629746, "month" }, { INT64_MAX, 31556952, "year" } };
    int64_t distance = seconds < 0 ? -seconds : seconds, count;
    size_t i = 0;

    while (distance >= units[i].below && units[i].below != INT64_MAX)
        i++;
    count = distance / units[i].unit;
    if (count == 0)
        snprintf(text, size, "now");
    else
        snprintf(text, size, "%s%lld %s%s%s", seconds > 0 ? "in " : "", (long long)count, units[i].name,
                 count == 1 ? "" : "s", seconds < 0 ? " ago" : "");
}

void azattest__table_time(azattest__table *table, const char *label, int64_t seconds, int64_t now)
{
    static const char *const months[] = { "January", "February", "March",     "April",   "May",      "June",
                                          "July",    "August",   "September", "October", "November", "December" };
    time_t instant = (time_t)seconds;
    struct tm parts;
    char distance[64];

    if (seconds < -62167219200 || seconds > 253402300799 || gmtime_r(&instant, &parts) == NULL) { /* years 0 to 9999 */
        azattest__table_row(table, label, "%lld seconds since 1970 (out of range)", (long long)seconds);
        return;
    }
    relative(seconds - now, distance, sizeof(distance));
    azattest__table_row(table, label, "%d %s %d %02d:%02d:%02d UTC (%s)", parts.tm_mday, months[parts.tm_mon],
                        parts.tm_year + 1900, parts.tm_hour, parts.tm_min, parts.tm_sec, distance);
}

/* "2030-02-27T19:17:10Z" reads better in words. */
static bool is_time(const char *text, int64_t *seconds)
{
    return strlen(text) == 20 && text[4] == '-' && text[10] == 'T' && text[19] == 'Z' &&
           azattest__time_parse(text, seconds);
}

static void add_member(azattest__table *table, const char *name, const azattest__json *value, int64_t now)
{
    const char *text = azattest__json_string(value);
    azattest__buf json;
    int64_t seconds;

    if (text != NULL) {
        if (is_time(text, &seconds))
            azattest__table_time(table, name, seconds, now);
        else
            add_row(table, name, text, VALUE_LIMIT);
        return;
    }
    azattest__buf_init(&json, AZATTEST_LIMIT_RESPONSE);
    if (azattest__json_print(value, false, &json, NULL) == AZATTEST_OK && json.ptr != NULL)
        add_row(table, name, (const char *)json.ptr, VALUE_LIMIT);
    else
        table->failed = true;
    azattest__buf_free(&json);
}

static void add_members(azattest__table *table, const char *prefix, const azattest__json *parent,
                        const char *const *skip, int64_t now)
{
    size_t index = 0;

    for (const azattest__json *member = azattest__json_first(parent); member != NULL;
         member = azattest__json_next(member), index++) {
        const char *name = azattest__json_name(member);
        const char *const *skipped = skip;
        char *full = NULL;

        while (skipped != NULL && *skipped != NULL && strcmp(*skipped, name) != 0)
            skipped++;
        if (skipped != NULL && *skipped != NULL)
            continue;
        if ((name == NULL ? asprintf(&full, "%s[%zu]", prefix, index)
                          : asprintf(&full, "%s%s%s", prefix, prefix[0] == '\0' ? "" : ".", name)) < 0) {
            table->failed = true;
            return;
        }
        if ((azattest__json_is_object(member) && azattest__json_count(member) > 0) ||
            azattest__json_is_object(azattest__json_first(member))) /* lists of numbers and texts stay on a line */
            add_members(table, full, member, NULL, now);            /* as deep as the JSON reader lets it be */
        else
            add_member(table, full, member, now);
        free(full);
    }
}

void azattest__table_members(azattest__table *table, const azattest__json *object, const char *const *skip, int64_t now)
{
    add_members(table, "", object, skip, now);
}

/* Characters, not bytes. */
static int columns(const char *text)
{
    int count = 0;

    for (; *text != '\0'; text++)
        count += ((unsigned char)*text & 0xc0) != 0x80;
    return count;
}

void azattest__table_print(azattest__table *table, const char *heading)
{
    enum { WIDEST = 48 };
    int width = 0;

    for (size_t i = 0; i < table->count; i++)
        if (columns(table->rows[i].label) > width && columns(table->rows[i].label) <= WIDEST)
            width = columns(table->rows[i].label);
    if (table->count > 0 && heading != NULL)
        printf("\n%s\n", heading);
    for (size_t i = 0; i < table->count; i++) {
        int used = columns(table->rows[i].label);

        printf("  %s%*s  %s\n", table->rows[i].label, used < width ? width - used : 0, "", table->rows[i].value);
        free(table->rows[i].label);
        free(table->rows[i].value);
    }
    if (table->failed)
        azattest__output_note("out of memory: the table is not complete");
    free(table->rows);
    *table = (azattest__table){ NULL, 0, false };
}
