/* PEM: finding blocks, decoding them strictly, writing them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/encoding.h"

#define BLOCK "-----BEGIN CERTIFICATE-----\nAQID\n-----END CERTIFICATE-----\n"

static const struct pem_case {
    const char *name, *text;
    bool found, decoded;
} cases[] = {
    { "a block", BLOCK, true, true },
    { "a block with CRLF", "-----BEGIN CERTIFICATE-----\r\nAQ\r\nID\r\n-----END CERTIFICATE-----\r\n", true, true },
    { "a block behind other text", "subject=CN = x\n" BLOCK, true, true },
    { "a block without a last line end", "-----BEGIN CERTIFICATE-----\nAQID\n-----END CERTIFICATE-----", true, true },
    { "a block behind one of another label", "-----BEGIN X-----\nAAAA\n-----END X-----\n" BLOCK, true, true },
    { "no text", "", false, false },
    { "another label", "-----BEGIN PUBLIC KEY-----\nAQID\n-----END PUBLIC KEY-----\n", false, false },
    { "a longer label", "-----BEGIN CERTIFICATE REQUEST-----\nAQID\n-----END CERTIFICATE REQUEST-----\n", false,
      false },
    { "no end", "-----BEGIN CERTIFICATE-----\nAQID\n", false, false },
    { "an end of another label", "-----BEGIN CERTIFICATE-----\nAQID\n-----END KEY-----\n", false, false },
    { "an end before the beginning", "-----END CERTIFICATE-----\n-----BEGIN CERTIFICATE-----\n", false, false },
    { "nothing inside", "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n", true, false },
    { "a blank inside", "-----BEGIN CERTIFICATE-----\nAQ ID\n-----END CERTIFICATE-----\n", true, false },
    { "no padding", "-----BEGIN CERTIFICATE-----\nAQ\n-----END CERTIFICATE-----\n", true, false },
    { "the url alphabet", "-----BEGIN CERTIFICATE-----\n-_-_\n-----END CERTIFICATE-----\n", true, false },
    { "headers as of encrypted keys", "-----BEGIN CERTIFICATE-----\nA: b\n\nAQID\n-----END CERTIFICATE-----\n", true,
      false },
    { "a beginning inside a block", "-----BEGIN CERTIFICATE-----\nAQID\n" BLOCK, true, false },
};

static void reads(void **state)
{
    const struct pem_case *c = *state;
    azattest_bytes block, body;
    size_t offset = 0;
    azattest__buf out;

    assert_int_equal(azattest__pem_next(azattest__text(c->text), "CERTIFICATE", &offset, &block, &body), c->found);
    if (!c->found) {
        assert_int_equal(offset, 0);
        return;
    }
    assert_memory_equal(block.ptr, "-----BEGIN CERTIFICATE-----", 27);
    assert_memory_equal((const char *)block.ptr + block.len - 25, "-----END CERTIFICATE-----", 25);
    azattest__buf_init(&out, 100);
    assert_int_equal(azattest__pem_decode_body(body, &out), c->decoded);
    if (c->decoded)
        assert_memory_equal(out.ptr, "\1\2\3", 3);
    assert_int_equal(out.len, c->decoded ? 3 : 0);
    azattest__buf_free(&out);
}

static void walks_over_a_chain(void **state)
{
    const char text[] = BLOCK "between\n" BLOCK BLOCK;
    azattest_bytes block, body;
    size_t offset = 0, count = 0;

    (void)state;
    while (azattest__pem_next(azattest__text(text), "CERTIFICATE", &offset, &block, &body)) {
        assert_int_equal(block.len, sizeof(BLOCK) - 2);
        count++;
    }
    assert_int_equal(count, 3);
    offset = sizeof(text) + 10; /* behind the text */
    assert_false(azattest__pem_next(azattest__text(text), "CERTIFICATE", &offset, &block, &body));
    offset = 0;
    assert_false(azattest__pem_next(azattest__bytes(NULL, 0), "CERTIFICATE", &offset, &block, &body));
}

static void reads_nothing_from_a_cut_block(void **state)
{
    const size_t whole = sizeof(BLOCK) - 2; /* the last line end may be missing */
    azattest_bytes block, body;

    (void)state;
    for (size_t len = 0; len <= whole; len++) {
        size_t offset = 0;
        char *cut = malloc(len + (len == 0));

        assert_non_null(cut);
        memcpy(cut, BLOCK, len);
        assert_int_equal(azattest__pem_next(azattest__bytes(cut, len), "CERTIFICATE", &offset, &block, &body),
                         len == whole);
        free(cut);
    }
}

static void refuses_a_cut_body(void **state)
{
    static const char body[] = "\nAQIDBAUGBwg=\n";
    azattest__buf out;

    (void)state;
    for (size_t len = 0; len < sizeof(body); len++) {
        /* with its line end, the first 5 and 9 bytes are whole groups of four and decode to less */
        bool whole = len == 5 || len == 9 || len >= 13;

        azattest__buf_init(&out, 8);
        assert_int_equal(azattest__pem_decode_body(azattest__bytes(body, len), &out), whole);
        assert_int_equal(out.len, !whole ? 0 : len == 5 ? 3 : len == 9 ? 6 : 8);
        azattest__buf_free(&out);
    }
}

static void writes_lines_of_64_columns(void **state)
{
    unsigned char data[200];
    azattest_bytes block, body;
    azattest__buf text, back;

    (void)state;
    for (size_t i = 0; i < sizeof(data); i++)
        data[i] = (unsigned char)(i * 7);
    for (size_t len = 1; len <= sizeof(data); len++) {
        size_t offset = 0;

        azattest__buf_init(&text, 1000);
        azattest__buf_init(&back, 1000);
        azattest__pem_encode("PUBLIC KEY", azattest__bytes(data, len), &text);
        for (const char *line = (const char *)text.ptr; *line != '\0'; line = strchr(line, '\n') + 1)
            assert_true(strchr(line, '\n') - line <= 64 && strchr(line, '\n') != line);
        assert_true(azattest__pem_next(azattest__buf_bytes(&text), "PUBLIC KEY", &offset, &block, &body));
        assert_int_equal(offset, text.len - 1);
        assert_true(azattest__pem_decode_body(body, &back));
        assert_int_equal(back.len, len);
        assert_memory_equal(back.ptr, data, len);
        azattest__buf_free(&text);
        azattest__buf_free(&back);
    }
}

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

int main(void)
{
    static const struct CMUnitTest plain[] = {
        cmocka_unit_test(walks_over_a_chain),
        cmocka_unit_test(reads_nothing_from_a_cut_block),
        cmocka_unit_test(refuses_a_cut_body),
        cmocka_unit_test(writes_lines_of_64_columns),
    };
    struct CMUnitTest tests[COUNT(cases) + COUNT(plain)];

    for (size_t i = 0; i < COUNT(cases); i++)
        tests[i] = (struct CMUnitTest){ cases[i].name, reads, NULL, NULL, (void *)(uintptr_t)&cases[i] };
    for (size_t i = 0; i < COUNT(plain); i++)
        tests[COUNT(cases) + i] = plain[i];
    return cmocka_run_group_tests_name("pem", tests, NULL, NULL);
}
