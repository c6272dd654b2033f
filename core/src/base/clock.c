#include "clock.h"

#include <stdio.h>
#include <time.h>

static int64_t read_clock(clockid_t id)
{
    struct timespec now;

    return clock_gettime(id, &now) == 0 ? (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000 : 0;
}

int64_t azattest__clock_now_ms(const azattest_clock *clock)
{
    return clock != NULL && clock->now_ms != NULL ? clock->now_ms(clock->user) : read_clock(CLOCK_REALTIME);
}

int64_t azattest__clock_monotonic_ms(const azattest_clock *clock)
{
    return clock != NULL && clock->monotonic_ms != NULL ? clock->monotonic_ms(clock->user)
                                                        : read_clock(CLOCK_MONOTONIC);
}

/* Days since 1970-01-01 of a date of the proleptic Gregorian calendar, counted in eras of 400 years that begin in
 * March, so that the leap day is the last day of a year. */
static int64_t days_from_civil(int64_t year, int month, int day)
{
    int64_t shifted = year - (month <= 2), era = (shifted >= 0 ? shifted : shifted - 399) / 400;
    int64_t year_of_era = shifted - era * 400, day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

    return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719468;
}

static int days_in_month(int year, int month)
{
    static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

    return month == 2 && leap ? 29 : days[month - 1];
}

bool azattest__time_from_civil(int year, int month, int day, int hour, int minute, int second, int64_t *seconds)
{
    if (year < 0 || year > 9999 || month < 1 || month > 12 || day < 1 || day > days_in_month(year, month) || hour < 0 ||
        hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59)
        return false;
    *seconds = days_from_civil(year, month, day) * 86400 + hour * 3600 + minute * 60 + second;
    return true;
}

/* Years 0 to 9999: what RFC 3339 can write. */
static bool in_range(int64_t seconds)
{
    return seconds >= INT64_C(-62167219200) && seconds <= INT64_C(253402300799);
}

void azattest__time_format(int64_t seconds, char text[AZATTEST__TIME_TEXT])
{
    int64_t days, rest, shifted, era, day_of_era, year_of_era, day_of_year, month, year;

    if (!in_range(seconds)) {
        snprintf(text, AZATTEST__TIME_TEXT, "out of range");
        return;
    }
    days = seconds / 86400 - (seconds % 86400 < 0);
    rest = seconds - days * 86400;
    shifted = days + 719468;
    era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
    day_of_era = shifted - era * 146097;
    year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    month = (5 * day_of_year + 2) / 153;
    year = year_of_era + era * 400 + (month >= 10);
    snprintf(text, AZATTEST__TIME_TEXT, "%04d-%02d-%02dT%02d:%02d:%02dZ", (int)year,
             (int)(month < 10 ? month + 3 : month - 9), (int)(day_of_year - (153 * month + 2) / 5 + 1),
             (int)(rest / 3600), (int)(rest / 60 % 60), (int)(rest % 60));
}

/* Exactly `count` decimal digits at *text; moves behind them. -1 when there are fewer. */
static int digits(const char **text, int count)
{
    int value = 0;

    for (int i = 0; i < count; i++, ++*text) {
        if (**text < '0' || **text > '9')
            return -1;
        value = value * 10 + (**text - '0');
    }
    return value;
}

static bool skip(const char **text, char expected)
{
    if (**text != expected)
        return false;
    ++*text;
    return true;
}

static bool parse_epoch(const char *text, int64_t *seconds)
{
    bool negative = *text == '-';
    int64_t value = 0;

    text += negative;
    if (*text == '\0')
        return false;
    for (; *text != '\0'; text++) {
        if (*text < '0' || *text > '9' || !in_range(value))
            return false;
        value = value * 10 + (*text - '0');
    }
    *seconds = negative ? -value : value;
    return in_range(*seconds);
}

static bool parse_offset(const char **text, int64_t *offset)
{
    int hours, minutes, sign = **text == '-' ? -1 : 1;

    *offset = 0;
    if (**text == 'Z' || **text == 'z')
        return ++*text, true;
    if (**text != '+' && **text != '-')
        return false;
    ++*text;
    hours = digits(text, 2);
    if (hours < 0 || hours > 23 || !skip(text, ':') || (minutes = digits(text, 2)) < 0 || minutes > 59)
        return false;
    *offset = sign * (hours * 3600 + minutes * 60);
    return true;
}

bool azattest__time_parse(const char *text, int64_t *seconds)
{
    int year, month, day, hour, minute, second;
    const char *start = text;
    int64_t offset;

    if (text == NULL)
        return false;
    if ((year = digits(&text, 4)) < 0 || !skip(&text, '-'))
        return parse_epoch(start, seconds);
    if ((month = digits(&text, 2)) < 0 || !skip(&text, '-') || (day = digits(&text, 2)) < 0 ||
        (*text != 'T' && *text != 't' && *text != ' '))
        return false;
    text++;
    if ((hour = digits(&text, 2)) < 0 || !skip(&text, ':') || (minute = digits(&text, 2)) < 0 || !skip(&text, ':') ||
        (second = digits(&text, 2)) < 0)
        return false;
    if (skip(&text, '.')) {
        if (digits(&text, 1) < 0)
            return false;
        while (*text >= '0' && *text <= '9')
            text++;
    }
    if (!parse_offset(&text, &offset) || *text != '\0' ||
        !azattest__time_from_civil(year, month, day, hour, minute, second, seconds))
        return false;
    *seconds -= offset;
    return in_range(*seconds);
}

static int month_number(const char **text)
{
    static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

    for (int i = 0; i < 12; i++)
        if (strncmp(*text, names + i * 3, 3) == 0) {
            *text += 3;
            return i + 1;
        }
    return -1;
}

/* Moves behind the name of a day, whole or cut to three letters. That it is the right day is not asked: the date says
 * what is meant. */
static bool skip_day_name(const char **text, bool whole)
{
    static const char *const names[] = { "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday" };

    for (int i = 0; i < 7; i++) {
        size_t len = whole ? strlen(names[i]) : 3;

        if (strncmp(*text, names[i], len) == 0) {
            *text += len;
            return true;
        }
    }
    return false;
}

static bool clock_time(const char **text, int *hour, int *minute, int *second)
{
    return (*hour = digits(text, 2)) >= 0 && skip(text, ':') && (*minute = digits(text, 2)) >= 0 && skip(text, ':') &&
           (*second = digits(text, 2)) >= 0;
}

/* "06 Nov 1994 08:49:37 GMT", or with '-' "06-Nov-94 08:49:37 GMT". */
static bool parse_dated(const char *text, char separator, int64_t *seconds)
{
    int day, month, year, hour, minute, second;

    if ((day = digits(&text, 2)) < 0 || !skip(&text, separator) || (month = month_number(&text)) < 0 ||
        !skip(&text, separator) || (year = digits(&text, separator == ' ' ? 4 : 2)) < 0 || !skip(&text, ' ') ||
        !clock_time(&text, &hour, &minute, &second) || strcmp(text, " GMT") != 0)
        return false;
    if (separator == '-')
        year += year < 70 ? 2000 : 1900;
    return azattest__time_from_civil(year, month, day, hour, minute, second, seconds);
}

/* "Nov  6 08:49:37 1994" */
static bool parse_asctime(const char *text, int64_t *seconds)
{
    int month, day, hour, minute, second, year;

    if ((month = month_number(&text)) < 0 || !skip(&text, ' '))
        return false;
    day = skip(&text, ' ') ? digits(&text, 1) : digits(&text, 2);
    if (day < 0 || !skip(&text, ' ') || !clock_time(&text, &hour, &minute, &second) || !skip(&text, ' ') ||
        (year = digits(&text, 4)) < 0 || *text != '\0')
        return false;
    return azattest__time_from_civil(year, month, day, hour, minute, second, seconds);
}

bool azattest__http_date_parse(const char *text, int64_t *seconds)
{
    const char *rest = text;

    if (text == NULL)
        return false;
    if (skip_day_name(&rest, true)) /* "Sunday, 06-Nov-94 08:49:37 GMT" */
        return strncmp(rest, ", ", 2) == 0 && parse_dated(rest + 2, '-', seconds);
    if (!skip_day_name(&rest, false))
        return false;
    if (strncmp(rest, ", ", 2) == 0) /* "Sun, 06 Nov 1994 08:49:37 GMT" */
        return parse_dated(rest + 2, ' ', seconds);
    return skip(&rest, ' ') && parse_asctime(rest, seconds); /* "Sun Nov  6 08:49:37 1994" */
}
