/* The bounded DER reader. */
#include "expect.h"

#include "base/encoding.h"
#include "crypto/crypto.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void der_elements_are_read_only_in_their_one_form(void **state)
{
    static const struct {
        const char *name, *hex;
        int tag; /* -1: refused */
        size_t content, rest;
    } cases[] = {
        { "an integer", "020105", 2, 1, 0 },
        { "empty", "0500", 5, 0, 0 },
        { "two elements", "0201050500", 2, 1, 2 },
        { "a sequence", "3003020105", 16, 3, 0 },
        { "long form where short does", "02810105", -1, 0, 0 },
        { "leading zero in the length", "0282000105", -1, 0, 0 },
        { "indefinite", "30800000", -1, 0, 0 },
        { "length past the end", "020205", -1, 0, 0 },
        { "length of 2^32 - 1", "0284ffffffff05", -1, 0, 0 },
        { "length of five bytes", "0285010000000005", -1, 0, 0 },
        { "length cut", "0282", -1, 0, 0 },
        { "tag alone", "02", -1, 0, 0 },
        { "nothing", "", -1, 0, 0 },
        { "context class", "a0020105", -1, 0, 0 },
        { "private class", "c20105", -1, 0, 0 },
        { "long tag", "1f810105", -1, 0, 0 },
        { "tag zero", "0000", -1, 0, 0 },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        azattest__der element;
        azattest__buf bytes;
        azattest_bytes der;
        bool read;

        print_message("%s\n", cases[i].name);
        azattest__buf_init(&bytes, 64);
        assert_true(azattest__hex_decode(azattest__text(cases[i].hex), &bytes));
        der = azattest__buf_bytes(&bytes);
        read = azattest__der_next(&der, &element);
        assert_int_equal(read, cases[i].tag >= 0);
        if (read) {
            assert_int_equal(element.tag, cases[i].tag);
            assert_int_equal(element.constructed, cases[i].tag == 16);
            assert_int_equal(element.content.len, cases[i].content);
            assert_int_equal(der.len, cases[i].rest);
        }
        azattest__buf_free(&bytes);
    }
}

static void a_long_length_has_no_leading_zero(void **state)
{
    unsigned char bytes[5 + 200] = { 0x04, 0x83, 0x00, 0x00, 200 };
    azattest_bytes der = { bytes, sizeof(bytes) };
    azattest__der element;

    (void)state;
    assert_false(azattest__der_next(&der, &element));
    bytes[1] = 0x81;
    bytes[2] = 202;
    assert_true(azattest__der_next(&der, &element));
    assert_int_equal(element.content.len, 202);
}

static void a_long_der_element_is_read_whole(void **state)
{
    unsigned char bytes[4 + 300] = { 0x04, 0x82, 0x01, 0x2c };
    azattest_bytes der = { bytes, sizeof(bytes) };
    azattest__der element;

    (void)state;
    assert_true(azattest__der_next(&der, &element));
    assert_int_equal(element.content.len, 300);
    assert_int_equal(der.len, 0);
    for (size_t len = 0; len < sizeof(bytes); len++) {
        der = azattest__bytes(bytes, len);
        assert_false(azattest__der_next(&der, &element));
        assert_int_equal(der.len, len);
    }
}

/* Known fault: an integer compared by its last byte only (0105 against 5). */
static void der_integers_are_read_whole_or_not_at_all(void **state)
{
    static const struct {
        const char *bytes;
        size_t len;
        int value; /* -1: refused */
    } cases[] = {
        { "\0", 1, 0 },          { "\5", 1, 5 },
        { "\1\5", 2, 261 },      { "\x7f\xff\xff\xff", 4, INT32_MAX },
        { "\0\x80", 2, 128 },    { "\0\5", 2, -1 },
        { "\x80", 1, -1 },       { "\xff\xff", 2, -1 },
        { "", 0, -1 },           { "\0\x80\0\0\0", 5, -1 },
        { "\1\0\0\0\0", 5, -1 },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        int value = -1;

        assert_int_equal(azattest__der_integer(azattest__bytes(cases[i].bytes, cases[i].len), &value),
                         cases[i].value >= 0);
        assert_int_equal(value, cases[i].value);
    }
}

static void der_oids_have_one_text(void **state)
{
    static const struct {
        const char *hex, *text; /* NULL: refused */
    } cases[] = {
        { "2b0601040182376901", "1.3.6.1.4.1.311.105.1" },
        { "2a864886f7140a0101", "1.2.840.113556.10.1.1" },
        { "2a864886f84d010d01", "1.2.840.113741.1.13.1" },
        { "5504", "2.5.4" },
        { "883703", "2.999.3" },
        { "", NULL },
        { "2b80", NULL },
        { "2b8001", NULL },
        { "802b", NULL },
        { "2bffffffffff7f", NULL },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        azattest__buf bytes;
        char text[64];

        azattest__buf_init(&bytes, 64);
        assert_true(azattest__hex_decode(azattest__text(cases[i].hex), &bytes));
        assert_int_equal(azattest__der_oid(azattest__buf_bytes(&bytes), text, sizeof(text)), cases[i].text != NULL);
        if (cases[i].text != NULL) {
            assert_string_equal(text, cases[i].text);
            for (size_t size = 0; size <= strlen(cases[i].text); size++)
                assert_false(azattest__der_oid(azattest__buf_bytes(&bytes), text, size));
        }
        azattest__buf_free(&bytes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(der_elements_are_read_only_in_their_one_form),
        cmocka_unit_test(a_long_length_has_no_leading_zero),
        cmocka_unit_test(a_long_der_element_is_read_whole),
        cmocka_unit_test(der_integers_are_read_whole_or_not_at_all),
        cmocka_unit_test(der_oids_have_one_text),
    };

    return cmocka_run_group_tests_name("der", tests, NULL, NULL);
}
