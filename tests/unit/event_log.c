/* The log of what was measured: replayed in both of its forms, from where each PCR starts; cut and padded logs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "evidence/tpm/event_log.h"
#include "expect.h"

#define EV_NO_ACTION 3u
#define EV_IPL 13u

static void put(azattest__buf *log, uint32_t value, size_t size)
{
    unsigned char *p = azattest__buf_grow(log, size);

    assert_non_null(p);
    for (size_t i = 0; i < size; i++)
        p[i] = (unsigned char)(value >> 8 * i);
}

static void fill(azattest__buf *log, int value, size_t size)
{
    unsigned char *p = azattest__buf_grow(log, size);

    assert_non_null(p);
    memset(p, value, size);
}

static void old_event(azattest__buf *log, uint32_t pcr, uint32_t type, int digest, const char *data, size_t len)
{
    put(log, pcr, 4);
    put(log, type, 4);
    fill(log, digest, 20);
    put(log, (uint32_t)len, 4);
    azattest__buf_append(log, data, len);
}

/* The head of a log with SHA-1 and SHA-256. */
static void head(azattest__buf *log)
{
    static const char data[] = "Spec ID Event03\0\0\0\0\0\0\2\0\2\2\0\0\0\4\0\x14\0\x0b\0\x20\0\0";

    old_event(log, 0, EV_NO_ACTION, 0, data, sizeof(data) - 1);
}

static void event(azattest__buf *log, uint32_t pcr, uint32_t type, int digest, const char *data, size_t len)
{
    put(log, pcr, 4);
    put(log, type, 4);
    put(log, 2, 4);
    put(log, AZATTEST__TPM_SHA1, 2);
    fill(log, digest, 20);
    put(log, AZATTEST__TPM_SHA256, 2);
    fill(log, digest, 32);
    put(log, (uint32_t)len, 4);
    azattest__buf_append(log, data, len);
}

static azattest__buf new_log(void)
{
    azattest__buf log;

    azattest__buf_init(&log, 65536);
    return log;
}

/* H(start || digest), where both are filled with one byte but for the last of start. */
static void extended(azattest__hash hash, size_t size, int start, int last, int digest, unsigned char *out)
{
    unsigned char both[128];
    size_t len;

    memset(both, start, size);
    both[size - 1] = (unsigned char)last;
    memset(both + size, digest, size);
    assert_int_equal(azattest__digest(hash, azattest__bytes(both, 2 * size), out, &len, NULL), AZATTEST_OK);
}

static void replay(const azattest__buf *log, uint16_t bank, azattest__event_log *out)
{
    azattest_error *error = NULL;

    expect(azattest__event_log_replay(azattest__buf_bytes(log), bank, out, &error), &error, AZATTEST_OK, NULL);
}

static void both_forms_are_replayed(void **state)
{
    azattest__buf old = new_log(), agile = new_log();
    unsigned char expected[64];
    azattest__event_log out;

    (void)state;
    old_event(&old, 4, EV_IPL, 7, "a", 1);
    replay(&old, AZATTEST__TPM_SHA1, &out);
    extended(AZATTEST__SHA1, 20, 0, 0, 7, expected);
    assert_memory_equal(out.values[4], expected, 20);
    assert_int_equal(out.extended, 1u << 4);
    head(&agile);
    event(&agile, 4, EV_IPL, 7, "a", 1);
    event(&agile, 17, EV_IPL, 8, "", 0);
    event(&agile, 5, EV_NO_ACTION, 9, "not extended", 12);
    replay(&agile, AZATTEST__TPM_SHA1, &out);
    assert_memory_equal(out.values[4], expected, 20);
    replay(&agile, AZATTEST__TPM_SHA256, &out);
    extended(AZATTEST__SHA256, 32, 0, 0, 7, expected);
    assert_memory_equal(out.values[4], expected, 32);
    extended(AZATTEST__SHA256, 32, 0xff, 0xff, 8, expected); /* a PCR of a later launch starts with ones */
    assert_memory_equal(out.values[17], expected, 32);
    assert_int_equal(out.extended, 1u << 4 | 1u << 17);
    assert_int_equal(out.events, 4);
    azattest__buf_free(&old);
    azattest__buf_free(&agile);
}

static void a_pcr_extended_twice_keeps_the_order(void **state)
{
    azattest__buf log = new_log(), other = new_log();
    azattest__event_log one, two;

    (void)state;
    head(&log);
    event(&log, 4, EV_IPL, 1, "", 0);
    event(&log, 4, EV_IPL, 2, "", 0);
    head(&other);
    event(&other, 4, EV_IPL, 2, "", 0);
    event(&other, 4, EV_IPL, 1, "", 0);
    replay(&log, AZATTEST__TPM_SHA256, &one);
    replay(&other, AZATTEST__TPM_SHA256, &two);
    assert_memory_not_equal(one.values[4], two.values[4], 32);
    azattest__buf_free(&other);
    azattest__buf_free(&log);
}

static void the_locality_starts_pcr_0(void **state)
{
    azattest__buf log = new_log();
    unsigned char expected[64];
    azattest__event_log out;

    (void)state;
    head(&log);
    event(&log, 0, EV_NO_ACTION, 0, "StartupLocality\0\3", 17);
    event(&log, 0, EV_IPL, 7, "", 0);
    event(&log, 0, EV_NO_ACTION, 0, "StartupLocality\0\4", 17); /* too late */
    replay(&log, AZATTEST__TPM_SHA256, &out);
    extended(AZATTEST__SHA256, 32, 0, 3, 7, expected);
    assert_memory_equal(out.values[0], expected, 32);
    azattest__buf_free(&log);
}

static void the_rest_of_a_buffer_is_no_event(void **state)
{
    azattest__event_log out;

    (void)state;
    for (int value = 0; value <= 0xff; value += 0xff) {
        azattest__buf log = new_log();

        head(&log);
        event(&log, 4, EV_IPL, 7, "", 0);
        fill(&log, value, 500);
        replay(&log, AZATTEST__TPM_SHA256, &out);
        assert_int_equal(out.events, 2);
        azattest__buf_free(&log);
    }
}

static void every_truncation_is_refused_but_between_events(void **state)
{
    azattest__buf log = new_log();
    azattest__event_log out;
    size_t ends[4] = { 0 }, taken = 0;

    (void)state;
    head(&log);
    ends[1] = log.len;
    event(&log, 4, EV_IPL, 7, "data", 4);
    ends[2] = log.len;
    event(&log, 5, EV_IPL, 8, "data", 4);
    ends[3] = log.len;
    for (size_t len = 0; len <= log.len; len++) {
        unsigned char *copy = malloc(len == 0 ? 1 : len);
        bool end = len == ends[0] || len == ends[1] || len == ends[2] || len == ends[3];
        azattest_status status;

        assert_non_null(copy);
        memcpy(copy, log.ptr, len);
        status = azattest__event_log_replay(azattest__bytes(copy, len), AZATTEST__TPM_SHA256, &out, NULL);
        /* Zeros alone are a buffer that was never used. */
        for (size_t i = 0; !end && i < len && copy[i] == copy[len - 1] && copy[i] == 0; i++)
            end = i == len - 1;
        if (end != (status == AZATTEST_OK) && !(len < 8))
            fail_msg("%zu of %zu bytes: %s", len, log.len, azattest_status_name(status));
        taken += status == AZATTEST_OK;
        free(copy);
    }
    assert_true(taken < 16);
    azattest__buf_free(&log);
}

static const struct bad_case {
    const char *name;
    size_t offset; /* behind the head */
    uint32_t value;
    size_t size;
    const char *message;
} bads[] = {
    { "a PCR that is none", 0, 24, 4, "of PCR 24" },
    { "PCR 2^32-1", 0, UINT32_MAX, 4, "of PCR 4294967295" },
    { "no digest", 8, 0, 4, "malformed" },
    { "more digests than algorithms", 8, 3, 4, "malformed" },
    { "2^32-1 digests", 8, UINT32_MAX, 4, "malformed" },
    { "a digest of an unknown algorithm", 12, 0x12, 2, "malformed" },
    { "no digest of the bank", 34, AZATTEST__TPM_SHA1, 2, "malformed" },
    { "data of 2^32-1 bytes", 68, UINT32_MAX, 4, "malformed" },
    { "data of one byte too much", 68, 5, 4, "malformed" },
};

static void a_bad_event_is_named(void **state)
{
    const struct bad_case *test = *state;
    azattest__buf log = new_log();
    azattest__event_log out;
    azattest_error *error = NULL;
    size_t start;

    head(&log);
    start = log.len;
    event(&log, 4, EV_IPL, 7, "data", 4);
    for (size_t i = 0; i < test->size; i++)
        log.ptr[start + test->offset + i] = (unsigned char)(test->value >> 8 * i);
    expect(azattest__event_log_replay(azattest__buf_bytes(&log), AZATTEST__TPM_SHA256, &out, &error), &error,
           AZATTEST_E_EVIDENCE, test->message);
    azattest__buf_free(&log);
}

static void a_bad_head_is_refused(void **state)
{
    azattest__event_log out;
    azattest_error *error = NULL;

    (void)state;
    for (int kind = 0; kind < 4; kind++) {
        azattest__buf log = new_log();

        head(&log);
        if (kind == 0)
            log.ptr[32 + 24] = 9; /* algorithms */
        else if (kind == 1)
            log.ptr[32 + 24] = 0;
        else if (kind == 2)
            log.ptr[32 + 34] = 33; /* size of SHA-256 */
        else
            log.ptr[32 + 24] = 4; /* more than there are */
        event(&log, 4, EV_IPL, 7, "data", 4);
        expect(azattest__event_log_replay(azattest__buf_bytes(&log), AZATTEST__TPM_SHA256, &out, &error), &error,
               AZATTEST_E_EVIDENCE, "its head is malformed");
        azattest__buf_free(&log);
    }
}

static void the_pcrs_are_what_the_replay_gives_or_not(void **state)
{
    azattest__buf log = new_log();
    azattest__event_log out;
    azattest_error *error = NULL;
    azattest__tpm_pcr pcrs[3];
    azattest__event_log_match match;

    (void)state;
    head(&log);
    event(&log, 4, EV_IPL, 7, "", 0);
    event(&log, 9, EV_IPL, 7, "", 0);
    replay(&log, AZATTEST__TPM_SHA256, &out);
    pcrs[0] = (azattest__tpm_pcr){ AZATTEST__TPM_SHA256, 4, azattest__bytes(out.values[4], 32) };
    pcrs[1] = (azattest__tpm_pcr){ AZATTEST__TPM_SHA256, 5, azattest__bytes(out.values[4], 32) };   /* not in the log */
    pcrs[2] = (azattest__tpm_pcr){ AZATTEST__TPM_SHA256, 17, azattest__bytes(out.values[17], 32) }; /* never extended */
    expect(azattest__event_log_check(&out, AZATTEST__TPM_SHA256, pcrs, 3, &match, &error), &error, AZATTEST_OK, NULL);
    assert_int_equal(match.compared, 1);
    assert_int_equal(match.not_given, 1u << 9);
    assert_int_equal(match.not_logged, 1u << 5);
    pcrs[0].value = azattest__bytes(out.values[5], 32);
    expect(azattest__event_log_check(&out, AZATTEST__TPM_SHA256, pcrs, 3, &match, &error), &error,
           AZATTEST_E_EVIDENCE_INVALID, "does not give PCR 4");
    azattest__buf_free(&log);
}

int main(void)
{
    static const struct CMUnitTest plain[] = {
        cmocka_unit_test(both_forms_are_replayed),
        cmocka_unit_test(a_pcr_extended_twice_keeps_the_order),
        cmocka_unit_test(the_locality_starts_pcr_0),
        cmocka_unit_test(the_rest_of_a_buffer_is_no_event),
        cmocka_unit_test(every_truncation_is_refused_but_between_events),
        cmocka_unit_test(a_bad_head_is_refused),
        cmocka_unit_test(the_pcrs_are_what_the_replay_gives_or_not),
    };
    static struct CMUnitTest tests[32];
    size_t count = 0;

    for (size_t i = 0; i < sizeof(bads) / sizeof(bads[0]); i++)
        tests[count++] =
            (struct CMUnitTest){ bads[i].name, a_bad_event_is_named, NULL, NULL, (void *)(uintptr_t)&bads[i] };
    for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++)
        tests[count++] = plain[i];
    return _cmocka_run_group_tests("event_log", tests, count, NULL, NULL);
}
