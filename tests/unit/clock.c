/* Clocks, and times as text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>

#include <cmocka.h>

#include "base/clock.h"

#define NONE INT64_MIN

static const struct time_case {
    const char *name, *text;
    int64_t seconds; /* NONE: refused */
} time_cases[] = {
    { "RFC 3339", "2022-11-17T01:40:48Z", 1668649248 },
    { "small letters", "2022-11-17t01:40:48z", 1668649248 },
    { "a blank between date and time", "2022-11-17 01:40:48Z", 1668649248 },
    { "an offset to the east", "2022-11-17T03:10:48+01:30", 1668649248 },
    { "an offset to the west", "2022-11-16T20:40:48-05:00", 1668649248 },
    { "fractions are cut", "2022-11-17T01:40:48.999999999Z", 1668649248 },
    { "a leap day", "2024-02-29T00:00:00Z", 1709164800 },
    { "the leap day of 2000", "2000-02-29T23:59:59Z", 951868799 },
    { "before 1970", "1969-12-31T23:59:59Z", -1 },
    { "the first second of year 0", "0000-01-01T00:00:00Z", INT64_C(-62167219200) },
    { "the last second of year 9999", "9999-12-31T23:59:59Z", INT64_C(253402300799) },
    { "epoch seconds", "1668649248", 1668649248 },
    { "epoch zero", "0", 0 },
    { "negative epoch seconds", "-1", -1 },
    { "four digits are seconds, not a year", "2022", 2022 },
    { "the largest epoch seconds", "253402300799", INT64_C(253402300799) },
    { "epoch seconds beyond year 9999", "253402300800", NONE },
    { "epoch seconds before year 0", "-62167219201", NONE },
    { "epoch seconds that overflow", "99999999999999999999", NONE },
    { "no text", "", NONE },
    { "a sign alone", "-", NONE },
    { "a plus sign", "+1", NONE },
    { "fractional epoch seconds", "1.5", NONE },
    { "white space in front", " 1668649248", NONE },
    { "white space behind", "2022-11-17T01:40:48Z ", NONE },
    { "no zone", "2022-11-17T01:40:48", NONE },
    { "a date alone", "2022-11-17", NONE },
    { "no seconds", "2022-11-17T01:40Z", NONE },
    { "one digit", "2022-11-7T01:40:48Z", NONE },
    { "month 0", "2022-00-17T01:40:48Z", NONE },
    { "month 13", "2022-13-17T01:40:48Z", NONE },
    { "day 0", "2022-11-00T01:40:48Z", NONE },
    { "the 31st of November", "2022-11-31T01:40:48Z", NONE },
    { "no leap day", "2023-02-29T00:00:00Z", NONE },
    { "no leap day in 1900", "1900-02-29T00:00:00Z", NONE },
    { "hour 24", "2022-11-17T24:00:00Z", NONE },
    { "minute 60", "2022-11-17T01:60:00Z", NONE },
    { "a leap second", "2016-12-31T23:59:60Z", NONE },
    { "a point without digits", "2022-11-17T01:40:48.Z", NONE },
    { "an offset without colon", "2022-11-17T01:40:48+0130", NONE },
    { "an offset of 24 hours", "2022-11-17T01:40:48+24:00", NONE },
    { "an offset before year 0", "0000-01-01T00:00:00+00:01", NONE },
    { "an offset beyond year 9999", "9999-12-31T23:59:59-00:01", NONE },
    { "a word", "now", NONE },
};

static const struct time_case http_cases[] = {
    { "IMF-fixdate", "Sun, 06 Nov 1994 08:49:37 GMT", 784111777 },
    { "RFC 850", "Sunday, 06-Nov-94 08:49:37 GMT", 784111777 },
    { "asctime", "Sun Nov  6 08:49:37 1994", 784111777 },
    { "asctime with two digits", "Wed Nov 16 08:49:37 1994", 784975777 },
    { "RFC 850 of this century", "Thursday, 17-Nov-22 01:40:48 GMT", 1668649248 },
    { "another day of the week does not count", "Mon, 06 Nov 1994 08:49:37 GMT", 784111777 },
    { "http: no text", "", NONE },
    { "http: no name of a day", "06 Nov 1994 08:49:37 GMT", NONE },
    { "http: a made-up day", "Son, 06 Nov 1994 08:49:37 GMT", NONE },
    { "http: a made-up month", "Sun, 06 Nox 1994 08:49:37 GMT", NONE },
    { "http: small letters", "sun, 06 nov 1994 08:49:37 gmt", NONE },
    { "http: another zone", "Sun, 06 Nov 1994 08:49:37 CET", NONE },
    { "http: an offset", "Sun, 06 Nov 1994 08:49:37 +0000", NONE },
    { "http: no zone", "Sun, 06 Nov 1994 08:49:37", NONE },
    { "http: something behind", "Sun, 06 Nov 1994 08:49:37 GMT ", NONE },
    { "http: one digit", "Sun, 6 Nov 1994 08:49:37 GMT", NONE },
    { "http: two digits of the year", "Sun, 06 Nov 94 08:49:37 GMT", NONE },
    { "http: the long name with blanks", "Sunday, 06 Nov 1994 08:49:37 GMT", NONE },
    { "http: asctime with a zone", "Sun Nov  6 08:49:37 1994 GMT", NONE },
    { "http: the 31st of November", "Sun, 31 Nov 1994 08:49:37 GMT", NONE },
    { "http: RFC 3339", "1994-11-06T08:49:37Z", NONE },
};

static void reads(const struct time_case *c, bool parse(const char *text, int64_t *seconds))
{
    int64_t seconds = 0;

    assert_int_equal(parse(c->text, &seconds), c->seconds != NONE);
    if (c->seconds == NONE)
        return;
    assert_true(seconds == c->seconds);
    /* nothing less than the whole text is that time, and mostly it is no time at all */
    for (size_t len = 0; len < strlen(c->text); len++) {
        char cut[64] = "";

        memcpy(cut, c->text, len);
        if (parse(cut, &seconds))
            assert_true(seconds != c->seconds && strspn(cut, "-0123456789") == len);
    }
}

static void reads_time(void **state)
{
    reads(*state, azattest__time_parse);
}

static void reads_http_date(void **state)
{
    reads(*state, azattest__http_date_parse);
}

static void writes_what_the_c_library_writes(void **state)
{
    char text[AZATTEST__TIME_TEXT], expected[AZATTEST__TIME_TEXT];
    int64_t back;

    (void)state;
    /* a prime step of about 4 years and a bit reaches all days of the year */
    for (int64_t seconds = INT64_C(-62167219200); seconds <= INT64_C(253402300799); seconds += 130000003) {
        time_t time = (time_t)seconds;
        struct tm parts;
        int end;

        assert_non_null(gmtime_r(&time, &parts));
        end = snprintf(expected, sizeof(expected), "%04d-%02d-%02dT%02d:%02d:%02dZ", parts.tm_year + 1900,
                       parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec);
        assert_int_equal(end, 20);
        azattest__time_format(seconds, text);
        assert_string_equal(text, expected);
        assert_true(azattest__time_parse(text, &back));
        assert_true(back == seconds);
    }
}

static void writes_every_time(void **state)
{
    static const struct {
        int64_t seconds;
        const char *text;
    } times[] = {
        { 0, "1970-01-01T00:00:00Z" },
        { -1, "1969-12-31T23:59:59Z" },
        { INT64_C(-62167219200), "0000-01-01T00:00:00Z" },
        { INT64_C(-62167219201), "out of range" },
        { INT64_C(253402300799), "9999-12-31T23:59:59Z" },
        { INT64_C(253402300800), "out of range" },
        { INT64_MIN, "out of range" },
        { INT64_MAX, "out of range" },
    };
    char text[AZATTEST__TIME_TEXT];

    (void)state;
    for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
        azattest__time_format(times[i].seconds, text);
        assert_string_equal(text, times[i].text);
    }
}

static int64_t fixed(void *user)
{
    return *(const int64_t *)user;
}

static void asks_the_given_clock(void **state)
{
    int64_t value = 12345, before;
    azattest_clock clock = { fixed, NULL, &value };

    (void)state;
    assert_true(azattest__clock_now_ms(&clock) == 12345);
    assert_true(azattest__clock_monotonic_ms(&clock) != 12345);
    clock.now_ms = NULL;
    clock.monotonic_ms = fixed;
    assert_true(azattest__clock_monotonic_ms(&clock) == 12345);
    before = (int64_t)time(NULL) * 1000;
    assert_true(azattest__clock_now_ms(&clock) >= before - 1000 && azattest__clock_now_ms(NULL) <= before + 60000);
    before = azattest__clock_monotonic_ms(NULL);
    assert_true(azattest__clock_monotonic_ms(NULL) >= before);
}

static void refuses_no_text(void **state)
{
    int64_t seconds;

    (void)state;
    assert_false(azattest__time_parse(NULL, &seconds));
    assert_false(azattest__http_date_parse(NULL, &seconds));
}

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

int main(void)
{
    static const struct CMUnitTest plain[] = {
        cmocka_unit_test(writes_what_the_c_library_writes),
        cmocka_unit_test(writes_every_time),
        cmocka_unit_test(asks_the_given_clock),
        cmocka_unit_test(refuses_no_text),
    };
    struct CMUnitTest tests[COUNT(time_cases) + COUNT(http_cases) + COUNT(plain)];
    size_t count = 0;

    for (size_t i = 0; i < COUNT(time_cases); i++)
        tests[count++] =
            (struct CMUnitTest){ time_cases[i].name, reads_time, NULL, NULL, (void *)(uintptr_t)&time_cases[i] };
    for (size_t i = 0; i < COUNT(http_cases); i++)
        tests[count++] =
            (struct CMUnitTest){ http_cases[i].name, reads_http_date, NULL, NULL, (void *)(uintptr_t)&http_cases[i] };
    for (size_t i = 0; i < COUNT(plain); i++)
        tests[count++] = plain[i];
    return cmocka_run_group_tests_name("clock", tests, NULL, NULL);
}
