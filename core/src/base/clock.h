/* Clocks, and times as text. */
#ifndef AZATTEST_BASE_CLOCK_H
#define AZATTEST_BASE_CLOCK_H

#include "buf.h"

int64_t azattest__clock_now_ms(const azattest_clock *clock);       /* NULL, or a NULL function: the system's */
int64_t azattest__clock_monotonic_ms(const azattest_clock *clock); /* the same */

/* "2022-11-17T01:40:48Z". Years 0 to 9999; "out of range" otherwise. */
#define AZATTEST__TIME_TEXT 64
void azattest__time_format(int64_t seconds, char text[AZATTEST__TIME_TEXT]);
/* RFC 3339 with "Z" or an offset, whole or fractional seconds (cut), or decimal epoch seconds. */
bool azattest__time_parse(const char *text, int64_t *seconds);
/* HTTP date (RFC 9110 section 5.6.7, the IMF-fixdate form and the two obsolete ones). */
bool azattest__http_date_parse(const char *text, int64_t *seconds);
/* Seconds since 1970 UTC of a calendar date, proleptic Gregorian; false when the date does not exist. */
bool azattest__time_from_civil(int year, int month, int day, int hour, int minute, int second, int64_t *seconds);

#endif
