/* Buffers with a ceiling, copies and comparisons. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/buf.h"

static void holds_what_was_appended(void **state)
{
    azattest__buf buf;

    (void)state;
    azattest__buf_init(&buf, 1000);
    assert_null(buf.ptr);
    azattest__buf_append_text(&buf, "one ");
    azattest__buf_append_bytes(&buf, azattest__bytes("two!", 3));
    azattest__buf_append_bytes(&buf, azattest__bytes(NULL, 0));
    azattest__buf_printf(&buf, " %d%s", 3, ".");
    assert_int_equal(buf.status, AZATTEST_OK);
    assert_string_equal((const char *)buf.ptr, "one two 3.");
    assert_int_equal(buf.len, 10);
    azattest__buf_cut(&buf, 3);
    assert_string_equal((const char *)buf.ptr, "one");
    azattest__buf_cut(&buf, 4); /* only ever shorter */
    assert_int_equal(buf.len, 3);
    azattest__buf_free(&buf);
    assert_null(buf.ptr);
    azattest__buf_append_text(&buf, "again");
    assert_string_equal((const char *)buf.ptr, "again");
    azattest__buf_free(&buf);
}

static void grows_byte_by_byte_and_stays_terminated(void **state)
{
    azattest__buf buf;

    (void)state;
    azattest__buf_init(&buf, 5000);
    for (size_t i = 0; i < 5000; i++) {
        unsigned char byte = (unsigned char)(i % 251);

        azattest__buf_append(&buf, &byte, 1);
        assert_int_equal(buf.ptr[buf.len], 0);
    }
    assert_int_equal(buf.status, AZATTEST_OK);
    for (size_t i = 0; i < 5000; i++)
        assert_int_equal(buf.ptr[i], i % 251);
    azattest__buf_free(&buf);
}

static void refuses_more_than_its_limit(void **state)
{
    azattest__buf buf;

    (void)state;
    azattest__buf_init(&buf, 4);
    azattest__buf_append_text(&buf, "1234"); /* the limit itself is allowed */
    assert_int_equal(buf.status, AZATTEST_OK);
    azattest__buf_append_text(&buf, "5");
    assert_int_equal(buf.status, AZATTEST_E_LIMIT);
    assert_string_equal((const char *)buf.ptr, "1234");
    azattest__buf_cut(&buf, 0);
    azattest__buf_append_text(&buf, "6"); /* the failure sticks */
    assert_int_equal(buf.len, 0);
    assert_null(azattest__buf_grow(&buf, 0));
    azattest__buf_printf(&buf, "%d", 7);
    assert_int_equal(buf.len, 0);
    azattest__buf_free(&buf);
}

static void refuses_lengths_that_overflow(void **state)
{
    azattest__buf buf;

    (void)state;
    azattest__buf_init(&buf, SIZE_MAX);
    assert_null(azattest__buf_grow(&buf, SIZE_MAX));
    assert_int_equal(buf.status, AZATTEST_E_LIMIT);
    azattest__buf_free(&buf);
    azattest__buf_init(&buf, 10);
    azattest__buf_append_text(&buf, "123");
    assert_null(azattest__buf_grow(&buf, SIZE_MAX - 1));
    assert_int_equal(buf.status, AZATTEST_E_LIMIT);
    azattest__buf_free(&buf);
    assert_null(azattest__dup("x", SIZE_MAX));
}

static void gives_its_memory_away(void **state)
{
    azattest__buf buf;
    unsigned char *taken;
    size_t len = 99;

    (void)state;
    azattest__buf_init(&buf, 10);
    azattest__buf_append_text(&buf, "mine");
    taken = azattest__buf_take(&buf, &len);
    assert_string_equal((const char *)taken, "mine");
    assert_int_equal(len, 4);
    free(taken);
    assert_null(azattest__buf_take(&buf, &len));
    assert_int_equal(len, 0);
}

static void compares(void **state)
{
    azattest_bytes absent = { NULL, 0 }, empty = { "", 0 };

    (void)state;
    assert_true(azattest__bytes_equal(absent, absent));
    assert_false(azattest__bytes_equal(absent, empty)); /* absent is not empty */
    assert_true(azattest__bytes_equal(empty, empty));
    assert_true(azattest__bytes_equal_text(azattest__bytes("abcd", 3), "abc"));
    assert_false(azattest__bytes_equal_text(azattest__bytes("abcd", 4), "abc"));
    assert_false(azattest__bytes_equal_text(azattest__bytes("abd", 3), "abc"));
    assert_true(azattest__bytes_equal_constant_time(azattest__text("same"), azattest__text("same")));
    assert_false(azattest__bytes_equal_constant_time(azattest__text("same"), azattest__text("sane")));
    assert_false(azattest__bytes_equal_constant_time(azattest__text("same"), azattest__text("sam")));
    assert_false(azattest__bytes_equal_constant_time(absent, absent));
    assert_true(azattest__text_equal_nocase("Content-TYPE", "content-type"));
    assert_false(azattest__text_equal_nocase("content", "content-type"));
    assert_false(azattest__text_equal_nocase("content-type", "content"));
    assert_false(azattest__text_equal_nocase("[", "{")); /* 32 apart, but no letters */
    assert_true(azattest__text_equal_nocase(NULL, NULL));
    assert_false(azattest__text_equal_nocase(NULL, ""));
}

static void copies_and_wipes(void **state)
{
    char *copy, secret[] = "secret";

    (void)state;
    assert_null(azattest__dup_text(NULL));
    copy = azattest__dup("a\0b", 3);
    assert_memory_equal(copy, "a\0b", 4);
    free(copy);
    copy = azattest__dup(NULL, 0);
    assert_string_equal(copy, "");
    free(copy);
    azattest__wipe(secret, sizeof(secret));
    for (size_t i = 0; i < sizeof(secret); i++)
        assert_int_equal(secret[i], 0);
    azattest__wipe(NULL, 5);
}

static void reads_little_endian(void **state)
{
    static const unsigned char bytes[] = { 0x01, 0x82, 0x03, 0x84, 0x05, 0x86, 0x07, 0x88 };

    (void)state;
    assert_int_equal(azattest__le16(bytes), 0x8201);
    assert_true(azattest__le32(bytes) == 0x84038201u);
    assert_true(azattest__le64(bytes) == UINT64_C(0x8807860584038201));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(holds_what_was_appended),
        cmocka_unit_test(grows_byte_by_byte_and_stays_terminated),
        cmocka_unit_test(refuses_more_than_its_limit),
        cmocka_unit_test(refuses_lengths_that_overflow),
        cmocka_unit_test(gives_its_memory_away),
        cmocka_unit_test(compares),
        cmocka_unit_test(copies_and_wipes),
        cmocka_unit_test(reads_little_endian),
    };

    return cmocka_run_group_tests_name("buf", tests, NULL, NULL);
}
