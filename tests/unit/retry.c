/* When a try is made again, and the wait before it. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "protocol/retry.h"

static const azattest__retry_policy standard = { AZATTEST__RETRY_TOTAL, AZATTEST__RETRY_DELAY_MS,
                                                 AZATTEST__RETRY_MAX_DELAY_MS, AZATTEST__RETRY_AFTER_MAX_MS };

static void only_these_statuses_are_tried_again(void **state)
{
    (void)state;
    for (int status = 100; status < 600; status++) {
        bool expected =
            status == 408 || status == 429 || status == 500 || status == 502 || status == 503 || status == 504;

        assert_int_equal(azattest__retry_status(status), expected);
    }
}

static const struct delay_case {
    const char *name;
    int attempts;
    uint32_t random;
    int64_t retry_after_ms, wait_ms;
} delays[] = {
    { "first wait, least jitter", 1, 0, -1, 640 },
    { "first wait, most jitter", 1, UINT32_MAX, -1, 1040 },
    { "first wait, middle", 1, UINT32_C(0x80000000), -1, 840 },
    { "second wait doubles", 2, 0, -1, 1280 },
    { "third wait doubles again", 3, 0, -1, 2560 },
    { "seventh wait is under the cap", 7, 0, -1, 40960 },
    { "the cap holds after the jitter, too", 7, UINT32_MAX, -1, 60000 },
    { "the cap is jittered downwards", 8, 0, -1, 48000 },
    { "a hundredth wait does not overflow", 100, UINT32_MAX, -1, 60000 },
    { "the service asks for a second", 1, 0, 1000, 1000 },
    { "the service asks for no wait", 3, 0, 0, 0 },
    { "the service asks for two minutes", 1, 0, 120000, 120000 },
    { "the service asks for an hour and gets two minutes", 1, 0, 3600000, 120000 },
};

static void waits(void **state)
{
    const struct delay_case *c = *state;

    assert_int_equal(azattest__retry_wait_ms(&standard, c->attempts, c->random, c->retry_after_ms), c->wait_ms);
}

static const struct header_case {
    const char *name;
    azattest_header headers[3];
    int64_t expected_ms;
} headers[] = {
    { "no header", { { NULL, NULL } }, -1 },
    { "seconds", { { "Retry-After", "7" } }, 7000 },
    { "seconds with blanks", { { "retry-after", " 7 " } }, 7000 },
    { "a date in ten seconds", { { "Retry-After", "Wed, 01 Jan 2025 00:00:10 GMT" } }, 9500 },
    { "a date that has passed", { { "Retry-After", "Tue, 31 Dec 2024 00:00:00 GMT" } }, 0 },
    { "milliseconds", { { "retry-after-ms", "250" } }, 250 },
    { "the service's milliseconds", { { "x-ms-retry-after-ms", "350" } }, 350 },
    { "milliseconds come first", { { "Retry-After", "7" }, { "x-ms-retry-after-ms", "350" } }, 350 },
    { "of both milliseconds the plain name", { { "x-ms-retry-after-ms", "350" }, { "RETRY-AFTER-MS", "250" } }, 250 },
    { "broken milliseconds leave seconds", { { "retry-after-ms", "soon" }, { "Retry-After", "7" } }, 7000 },
    { "negative", { { "Retry-After", "-7" } }, -1 },
    { "a fraction", { { "Retry-After", "7.5" } }, -1 },
    { "nonsense", { { "Retry-After", "later" } }, -1 },
    { "empty", { { "Retry-After", "" } }, -1 },
    { "a number beyond all numbers", { { "Retry-After", "99999999999999999999999999" } }, INT64_C(3155760000000) },
};

static void asks(void **state)
{
    const struct header_case *c = *state;
    azattest_http_response response = AZATTEST_HTTP_RESPONSE_INIT;

    response.headers = c->headers;
    response.header_count = 3;
    assert_int_equal(azattest__response_retry_after_ms(&response, INT64_C(1735689600500)), c->expected_ms);
}

int main(void)
{
    enum { DELAYS = sizeof(delays) / sizeof(delays[0]), HEADERS = sizeof(headers) / sizeof(headers[0]) };
    struct CMUnitTest tests[DELAYS + HEADERS + 1];

    for (size_t i = 0; i < DELAYS; i++)
        tests[i] = (struct CMUnitTest){ delays[i].name, waits, NULL, NULL, (void *)(uintptr_t)&delays[i] };
    for (size_t i = 0; i < HEADERS; i++)
        tests[DELAYS + i] = (struct CMUnitTest){ headers[i].name, asks, NULL, NULL, (void *)(uintptr_t)&headers[i] };
    tests[DELAYS + HEADERS] = (struct CMUnitTest)cmocka_unit_test(only_these_statuses_are_tried_again);
    return cmocka_run_group_tests_name("retry", tests, NULL, NULL);
}
