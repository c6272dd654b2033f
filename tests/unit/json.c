/* Strict JSON: what the gate lets through and refuses, what the tree says, what is printed. */
#include <setjmp.h>
#include <stdarg.h>
#include <glob.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include <azattest/limits.h>

#include "evidence.h"
#include "json/json.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* In a block of exactly its length, without NUL, so that a sanitizer sees a read past the end. */
static azattest_bytes exact(const void *text, size_t len)
{
    char *block = malloc(len + (len == 0));

    assert_non_null(block);
    memcpy(block, text, len);
    return azattest__bytes(block, len);
}

static void drop(azattest_bytes text)
{
    free((void *)(uintptr_t)text.ptr);
}

static const struct accepted_case {
    const char *name, *text;
    const char *printed; /* NULL: as it stands */
} accepted[] = {
    { "an empty object", "{}", NULL },
    { "an empty array", "[]", NULL },
    { "a string alone", "\"a\"", NULL },
    { "an empty string", "\"\"", NULL },
    { "a number alone", "0", NULL },
    { "words", "[true,false,null]", NULL },
    { "white space everywhere", " \t\r\n{ \"a\" : [ 1 , 2 ] , \"b\" : { } }\n", "{\"a\":[1,2],\"b\":{}}" },
    { "numbers of all forms", "[0,-0,1,-1,1.5,-0.25,1e3,1E+3,1.5e-7,0e999]", NULL },
    { "an integer that no double holds", "[9007199254740993,18446744073709551615]", NULL },
    { "the largest double", "[1.7976931348623157e308,0.00017976931348623157E312,-17.976931348623157e307]", NULL },
    { "a number that is too small for a double", "[1e-400]", NULL },
    { "a number of 63 characters", "[123456789012345678901234567890123456789012345678901234567890123]", NULL },
    { "escapes", "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\\"\\\\/\\u0008\\u000c\\n\\u000d\\u0009\"" },
    { "unicode escapes", "\"\\u0041\\u00e9\\u20AC\\ud83d\\ude00\"", "\"A\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\"" },
    { "UTF-8", "\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80 and plain text behind\"", NULL },
    { "DEL is a character", "\"\x7f\"", "\"\\u007f\"" },
    { "names that differ in case", "{\"a\":1,\"A\":2}", NULL },
    { "the same name in different objects", "{\"a\":{\"a\":{\"a\":1}},\"b\":[{\"a\":1},{\"a\":2}]}", NULL },
    { "names where one begins the other", "{\"ab\":1,\"a\":2,\"abc\":3,\"\":4}", NULL },
    { "a name with an escaped quote", "{\"a\\\"\":1,\"a\":2}", NULL },
};

static void takes(void **state)
{
    const struct accepted_case *c = *state;
    azattest_bytes text = exact(c->text, strlen(c->text));
    azattest__json *root = NULL, *again = NULL;
    azattest_error *error = NULL;
    azattest__buf out;

    assert_int_equal(azattest__json_check(text, &error), AZATTEST_OK);
    assert_int_equal(azattest__json_parse(text, &root, &error), AZATTEST_OK);
    assert_null(error);
    azattest__buf_init(&out, 1000);
    assert_int_equal(azattest__json_print(root, false, &out, &error), AZATTEST_OK);
    assert_string_equal((const char *)out.ptr, c->printed == NULL ? c->text : c->printed);
    assert_int_equal(azattest__json_parse(azattest__buf_bytes(&out), &again, &error), AZATTEST_OK);
    assert_true(azattest__json_equal(root, again));
    azattest__json_free(again);
    azattest__buf_free(&out);
    assert_int_equal(azattest__json_print(root, true, &out, &error), AZATTEST_OK);
    assert_int_equal(azattest__json_parse(azattest__buf_bytes(&out), &again, &error), AZATTEST_OK);
    assert_true(azattest__json_equal(root, again));
    azattest__json_free(again);
    azattest__buf_free(&out);
    azattest__json_free(root);
    drop(text);
}

static const struct refused_case {
    const char *name, *text;
    size_t len; /* 0: up to the NUL */
    azattest_status status;
    const char *message;
} refused[] = {
    { "no text", "", 0, AZATTEST_E_MALFORMED, "not JSON: no text at byte 0" },
    { "blanks alone", "  ", 0, AZATTEST_E_MALFORMED, "the text ends before a value at byte 2" },
    { "HTML", "<html>", 0, AZATTEST_E_MALFORMED, "not JSON: not a value at byte 0" },
    { "a byte-order mark", "\xef\xbb\xbf{}", 0, AZATTEST_E_MALFORMED, "a byte-order mark" },
    { "UTF-16", "{\0}\0", 4, AZATTEST_E_MALFORMED, "no member name at byte 1" },
    { "text behind the value", "{}x", 0, AZATTEST_E_MALFORMED, "something behind the value at byte 2" },
    { "a second value", "{} {}", 0, AZATTEST_E_MALFORMED, "something behind the value at byte 3" },
    { "a NUL behind the value", "{}\0", 3, AZATTEST_E_MALFORMED, "something behind the value at byte 2" },
    { "a NUL and more behind the value", "{}\0{}", 5, AZATTEST_E_MALFORMED, "something behind the value at byte 2" },
    { "a form feed as white space", "\f{}", 0, AZATTEST_E_MALFORMED, "not a value at byte 0" },
    { "a comment", "/* */{}", 0, AZATTEST_E_MALFORMED, "not a value" },
    { "a duplicate name", "{\"a\":1,\"a\":2}", 0, AZATTEST_E_MALFORMED, "a duplicate member name at byte 10" },
    { "a duplicate name behind an escape", "{\"a\":1,\"\\u0061\":2}", 0, AZATTEST_E_MALFORMED,
      "a duplicate member name" },
    { "a duplicate name, both escaped", "{\"\\u0061b\":1,\"a\\u0062\":2}", 0, AZATTEST_E_MALFORMED,
      "a duplicate member name" },
    { "a duplicate name through a solidus", "{\"a/b\":1,\"a\\/b\":2}", 0, AZATTEST_E_MALFORMED,
      "a duplicate member name" },
    { "a duplicate name through surrogates", "{\"\xf0\x9f\x98\x80\":1,\"\\ud83d\\ude00\":2}", 0, AZATTEST_E_MALFORMED,
      "a duplicate member name" },
    { "a duplicate empty name", "{\"\":1,\"\":2}", 0, AZATTEST_E_MALFORMED, "a duplicate member name" },
    { "a duplicate name deep inside", "{\"x\":[{\"y\":{\"a\":1,\"b\":{},\"a\":2}}]}", 0, AZATTEST_E_MALFORMED,
      "a duplicate member name" },
    { "invalid UTF-8 in a string", "\"abc\xff\"", 0, AZATTEST_E_MALFORMED, "invalid UTF-8 at byte 4" },
    { "invalid UTF-8 in a name", "{\"\xc0\xaf\":1}", 0, AZATTEST_E_MALFORMED, "invalid UTF-8 at byte 2" },
    { "a surrogate in UTF-8", "\"\xed\xa0\x80\"", 0, AZATTEST_E_MALFORMED, "invalid UTF-8 at byte 1" },
    { "UTF-8 cut by the quote", "\"\xe2\x82\"", 0, AZATTEST_E_MALFORMED, "invalid UTF-8 at byte 1" },
    { "UTF-8 cut by the end", "\"\xe2\x82", 0, AZATTEST_E_MALFORMED, "invalid UTF-8 at byte 1" },
    { "UTF-8 outside of strings", "\xc3\xa9", 0, AZATTEST_E_MALFORMED, "not a value" },
    { "a no-break space", "{\xc2\xa0}", 0, AZATTEST_E_MALFORMED, "no member name" },
    { "a raw line end in a string", "\"a\nb\"", 0, AZATTEST_E_MALFORMED, "a control character in a string at byte 2" },
    { "a raw NUL in a string", "\"a\0b\"", 5, AZATTEST_E_MALFORMED, "a control character in a string at byte 2" },
    { "a raw control in the second eight", "\"abcdefghijk\x1f\"", 0, AZATTEST_E_MALFORMED,
      "a control character in a string at byte 12" },
    { "an escaped NUL", "\"a\\u0000b\"", 0, AZATTEST_E_MALFORMED, "U+0000 in a string" },
    { "an escaped NUL in a name", "{\"a\\u0000b\":1}", 0, AZATTEST_E_MALFORMED, "U+0000 in a string" },
    { "a high surrogate alone", "\"\\ud83d\"", 0, AZATTEST_E_MALFORMED, "a lone surrogate" },
    { "a high surrogate before a letter", "\"\\ud83dabcdef\"", 0, AZATTEST_E_MALFORMED, "a lone surrogate" },
    { "a high surrogate before another", "\"\\ud83d\\ud83d\"", 0, AZATTEST_E_MALFORMED, "a lone surrogate" },
    { "a high surrogate before a letter's escape", "\"\\ud83d\\ue000\"", 0, AZATTEST_E_MALFORMED, "a lone surrogate" },
    { "a low surrogate first", "\"\\ude00\\ud83d\"", 0, AZATTEST_E_MALFORMED, "a lone surrogate" },
    { "an unknown escape", "\"\\x41\"", 0, AZATTEST_E_MALFORMED, "an unknown escape at byte 2" },
    { "an escape of a NUL byte", "\"\\\0\"", 4, AZATTEST_E_MALFORMED, "an unknown escape" },
    { "three hexadecimal digits", "\"\\u004g\"", 0, AZATTEST_E_MALFORMED, "a broken \\u escape" },
    { "a capital U", "\"\\U0041\"", 0, AZATTEST_E_MALFORMED, "an unknown escape" },
    { "single quotes", "{'a':1}", 0, AZATTEST_E_MALFORMED, "no member name" },
    { "a name without quotes", "{a:1}", 0, AZATTEST_E_MALFORMED, "no member name" },
    { "a number as a name", "{1:1}", 0, AZATTEST_E_MALFORMED, "no member name" },
    { "no colon", "{\"a\" 1}", 0, AZATTEST_E_MALFORMED, "no colon behind a member name at byte 5" },
    { "no member value", "{\"a\":}", 0, AZATTEST_E_MALFORMED, "not a value at byte 5" },
    { "no comma in an object", "{\"a\":1 \"b\":2}", 0, AZATTEST_E_MALFORMED, "no comma between values at byte 7" },
    { "no comma in an array", "[1 2]", 0, AZATTEST_E_MALFORMED, "no comma between values at byte 3" },
    { "a comma at the end of an object", "{\"a\":1,}", 0, AZATTEST_E_MALFORMED, "no member name" },
    { "a comma at the end of an array", "[1,]", 0, AZATTEST_E_MALFORMED, "not a value" },
    { "a comma at the front", "[,1]", 0, AZATTEST_E_MALFORMED, "not a value" },
    { "two commas", "[1,,2]", 0, AZATTEST_E_MALFORMED, "not a value" },
    { "brackets that do not match", "[1}", 0, AZATTEST_E_MALFORMED, "no comma between values" },
    { "braces that do not match", "{\"a\":1]", 0, AZATTEST_E_MALFORMED, "no comma between values" },
    { "a bracket that was never opened", "]", 0, AZATTEST_E_MALFORMED, "not a value" },
    { "a leading zero", "01", 0, AZATTEST_E_MALFORMED, "not a value" },
    { "a leading zero behind a sign", "-01", 0, AZATTEST_E_MALFORMED, "not a value" },
    { "a plus sign", "+1", 0, AZATTEST_E_MALFORMED, "not a value" },
    { "a sign alone", "-", 0, AZATTEST_E_MALFORMED, "not a value" },
    { "no digit before the point", ".5", 0, AZATTEST_E_MALFORMED, "not a value" },
    { "no digit behind the point", "1.", 0, AZATTEST_E_MALFORMED, "not a value" },
    { "no digit in the exponent", "1e", 0, AZATTEST_E_MALFORMED, "not a value" },
    { "no digit behind the exponent's sign", "1e+", 0, AZATTEST_E_MALFORMED, "not a value" },
    { "hexadecimal", "0x10", 0, AZATTEST_E_MALFORMED, "something behind the value" },
    { "two points", "1.2.3", 0, AZATTEST_E_MALFORMED, "something behind the value" },
    { "NaN", "NaN", 0, AZATTEST_E_MALFORMED, "not a value" },
    { "Infinity", "-Infinity", 0, AZATTEST_E_MALFORMED, "not a value" },
    { "a number that cJSON would turn into null", "1e400", 0, AZATTEST_E_MALFORMED, "a number too large for a double" },
    { "just above the largest double", "1.7976931348623159e308", 0, AZATTEST_E_MALFORMED, "a number too large" },
    { "the first that is too large", "1.7976931348623158e308", 0, AZATTEST_E_MALFORMED, "a number too large" },
    { "too large with a capital E", "-1E309", 0, AZATTEST_E_MALFORMED, "a number too large" },
    { "too large behind leading zeros", "0.0001e314", 0, AZATTEST_E_MALFORMED, "a number too large" },
    { "an exponent that overflows", "1e99999999999999999999999", 0, AZATTEST_E_MALFORMED, "a number too large" },
    { "a number of 64 characters", "1234567890123456789012345678901234567890123456789012345678901234", 0,
      AZATTEST_E_LIMIT, "a number of more than 63 characters" },
    { "half a word", "tru", 0, AZATTEST_E_MALFORMED, "not a value" },
    { "a word with more behind it", "truex", 0, AZATTEST_E_MALFORMED, "something behind the value" },
    { "a word in capitals", "TRUE", 0, AZATTEST_E_MALFORMED, "not a value" },
};

static void refuses(void **state)
{
    const struct refused_case *c = *state;
    azattest_bytes text = exact(c->text, c->len > 0 ? c->len : strlen(c->text));
    azattest__json *root = (azattest__json *)(uintptr_t)c;
    azattest_error *error = NULL;

    assert_int_equal(azattest__json_check(text, &error), c->status);
    assert_int_equal(azattest_error_code(error), c->status);
    assert_non_null(strstr(azattest_error_message(error), c->message));
    azattest_error_free(error);
    error = NULL;
    assert_int_equal(azattest__json_parse(text, &root, &error), c->status);
    assert_null(root);
    azattest_error_free(error);
    drop(text);
}

static void nothing_less_than_the_whole_text_is_json(void **state)
{
    static const char text[] =
        "{\"a\":[1,-2.5e-3,{\"\\u00e9\\ud83d\\ude00\":null}],\"\xc3\xa9\":\"x\\n\xe2\x82\xac\",\"c\":{},"
        "\"d\":[true,false,[]],\"long enough to be read eight at a time\":12345678901234567890}";

    (void)state;
    for (size_t len = 0; len < sizeof(text); len++) {
        azattest_bytes cut = exact(text, len);
        azattest_error *error = NULL;

        assert_int_equal(azattest__json_check(cut, &error),
                         len == sizeof(text) - 1 ? AZATTEST_OK : AZATTEST_E_MALFORMED);
        if (error != NULL)
            assert_non_null(strstr(azattest_error_message(error), "not JSON: "));
        azattest_error_free(error);
        drop(cut);
    }
    assert_int_equal(azattest__json_check(azattest__bytes(NULL, 0), NULL), AZATTEST_E_MALFORMED);
}

/* Strings are read eight bytes at a time: each byte has its meaning wherever it stands. */
static void every_byte_counts_at_every_place(void **state)
{
    (void)state;
    for (unsigned byte = 0; byte < 256; byte++)
        for (size_t at = 1; at < 25; at++) {
            char text[26];
            bool plain = byte >= 0x20 && byte < 0x80 && byte != '"' && byte != '\\';
            /* behind the backslash stands an 'n'; the last byte would escape the quote */
            bool escape = byte == '\\' && at < 24;
            azattest_bytes block;

            memset(text, 'n', sizeof(text));
            text[0] = text[25] = '"';
            text[at] = (char)byte;
            block = exact(text, sizeof(text));
            assert_int_equal(azattest__json_check(block, NULL), plain || escape ? AZATTEST_OK : AZATTEST_E_MALFORMED);
            drop(block);
        }
}

/* `open` count times, `middle`, `close` count times. */
static azattest_status nested(const char *open, const char *middle, const char *close, size_t count,
                              azattest_error **error)
{
    azattest_status status;
    azattest__json *root;
    azattest__buf text;

    azattest__buf_init(&text, 1 << 24);
    for (size_t i = 0; i < count; i++)
        azattest__buf_append_text(&text, open);
    azattest__buf_append_text(&text, middle);
    for (size_t i = 0; i < count; i++)
        azattest__buf_append_text(&text, close);
    assert_int_equal(text.status, AZATTEST_OK);
    status = azattest__json_parse(azattest__buf_bytes(&text), &root, error);
    azattest__json_free(root);
    azattest__buf_free(&text);
    return status;
}

static void nesting_has_a_ceiling(void **state)
{
    azattest_error *error = NULL;

    (void)state;
    assert_int_equal(nested("[", "", "]", AZATTEST_LIMIT_JSON_DEPTH, NULL), AZATTEST_OK);
    assert_int_equal(nested("[", "", "]", AZATTEST_LIMIT_JSON_DEPTH + 1, &error), AZATTEST_E_LIMIT);
    assert_string_equal(azattest_error_message(error), "JSON beyond the limits: nested too deep at byte 32");
    azattest_error_free(error);
    assert_int_equal(nested("{\"a\":", "1", "}", AZATTEST_LIMIT_JSON_DEPTH, NULL), AZATTEST_OK);
    assert_int_equal(nested("{\"a\":", "1", "}", AZATTEST_LIMIT_JSON_DEPTH + 1, NULL), AZATTEST_E_LIMIT);
    assert_int_equal(nested("[", "", "", 1000000, NULL), AZATTEST_E_LIMIT);
}

static void elements_have_a_ceiling(void **state)
{
    azattest_error *error = NULL;

    (void)state;
    for (size_t more = 0; more < 2; more++) {
        azattest__buf text;

        azattest__buf_init(&text, 1 << 20);
        azattest__buf_append_text(&text, "[0");
        for (size_t i = 1; i < AZATTEST_LIMIT_JSON_ELEMENTS + more; i++)
            azattest__buf_append_text(&text, ",0");
        azattest__buf_append_text(&text, "]");
        assert_int_equal(azattest__json_check(azattest__buf_bytes(&text), &error),
                         more == 0 ? AZATTEST_OK : AZATTEST_E_LIMIT);
        azattest__buf_free(&text);
    }
    assert_non_null(strstr(azattest_error_message(error), "too many elements"));
    azattest_error_free(error);
}

/* An object of `count` members "name0", "name1"...; the one at `again` is named as the first, escaped or not. */
static azattest_status many_members(size_t count, size_t again, const char *first, azattest_error **error)
{
    azattest_status status;
    azattest__buf text;

    azattest__buf_init(&text, 1 << 20);
    azattest__buf_append_text(&text, "{\"name0\":0");
    for (size_t i = 1; i < count; i++)
        if (i == again)
            azattest__buf_printf(&text, ",\"%s\":0", first);
        else
            azattest__buf_printf(&text, ",\"name%zu\":{\"x\":0}", i * 7);
    azattest__buf_append_text(&text, "}");
    status = azattest__json_check(azattest__buf_bytes(&text), error);
    azattest__buf_free(&text);
    return status;
}

static void duplicates_are_found_among_many(void **state)
{
    const size_t counts[] = { 2, 3, 63, 64, 65, 66, 100, AZATTEST_LIMIT_JSON_MEMBERS };

    (void)state;
    for (size_t i = 0; i < COUNT(counts); i++) {
        azattest_error *error = NULL;

        assert_int_equal(many_members(counts[i], 0, "", NULL), AZATTEST_OK);
        assert_int_equal(many_members(counts[i], counts[i] - 1, "name0", &error), AZATTEST_E_MALFORMED);
        assert_non_null(strstr(azattest_error_message(error), "a duplicate member name"));
        azattest_error_free(error);
        assert_int_equal(many_members(counts[i], counts[i] / 2, "n\\u0061me\\u0030", NULL), AZATTEST_E_MALFORMED);
        assert_int_equal(many_members(counts[i], counts[i] / 2, "Name0", NULL), AZATTEST_OK);
    }
}

static void members_have_a_ceiling(void **state)
{
    azattest_error *error = NULL;

    (void)state;
    assert_int_equal(many_members(AZATTEST_LIMIT_JSON_MEMBERS + 1, 0, "", &error), AZATTEST_E_LIMIT);
    assert_non_null(strstr(azattest_error_message(error), "too many members"));
    azattest_error_free(error);
}

static const struct integer_case {
    const char *name, *text;
    bool integral;
    int64_t value;
} integers[] = {
    { "integer: zero", "0", true, 0 },
    { "integer: minus zero", "-0", true, 0 },
    { "integer: minus zero as a float", "-0.0e5", true, 0 },
    { "integer: zero with a large exponent", "0e999", true, 0 },
    { "integer: beyond 2^53", "9007199254740993", true, INT64_C(9007199254740993) },
    { "integer: the largest", "9223372036854775807", true, INT64_MAX },
    { "integer: the smallest", "-9223372036854775808", true, INT64_MIN },
    { "integer: one more than the largest", "9223372036854775808", false, 0 },
    { "integer: one less than the smallest", "-9223372036854775809", false, 0 },
    { "integer: twice the largest", "18446744073709551616", false, 0 },
    { "integer: an integral float", "1.0", true, 1 },
    { "integer: an integral float with exponent", "8.0E0", true, 8 },
    { "integer: a power of ten", "1e18", true, INT64_C(1000000000000000000) },
    { "integer: a power of ten that is too large", "1e19", false, 0 },
    { "integer: a fraction that the exponent lifts", "1.5e1", true, 15 },
    { "integer: the largest as a float", "9.223372036854775807e18", true, INT64_MAX },
    { "integer: zeros that the exponent takes away", "1200e-2", true, 12 },
    { "integer: a fraction", "1.5", false, 0 },
    { "integer: a tiny fraction", "1e-400", false, 0 },
    { "integer: a fraction beyond 2^53", "9007199254740993.5", false, 0 },
    { "integer: a huge exponent", "1e300", false, 0 },
    { "integer: no number", "\"1\"", false, 0 },
};

static void integers_are_exact(void **state)
{
    const struct integer_case *c = *state;
    azattest__json *root = NULL;
    int64_t value = 99;

    assert_int_equal(azattest__json_parse(azattest__text(c->text), &root, NULL), AZATTEST_OK);
    assert_int_equal(azattest__json_integer(root, &value), c->integral);
    assert_true(value == c->value);
    value = 99;
    assert_int_equal(azattest__json_integer_text(azattest__text(c->text), &value), c->integral);
    assert_true(value == c->value);
    azattest__json_free(root);
}

static const struct equal_case {
    const char *name, *a, *b;
    bool equal;
} equals[] = {
    { "equal: order of members", "{\"a\":1,\"b\":[2,{}]}", "{\"b\":[2,{}],\"a\":1}", true },
    { "equal: escapes", "{\"\\u0061\":\"\\u0062\"}", "{\"a\":\"b\"}", true },
    { "equal: forms of a number", "[1,10,0.5,0]", "[1.0,1e1,5E-1,-0]", true },
    { "equal: large integers", "9007199254740993", "9007199254740993.0", true },
    { "not equal: large integers that one double stands for", "9007199254740993", "9007199254740992", false },
    { "not equal: order of elements", "[1,2]", "[2,1]", false },
    { "not equal: a member more", "{\"a\":1}", "{\"a\":1,\"b\":2}", false },
    { "not equal: an element less", "[1,2]", "[1]", false },
    { "not equal: another name", "{\"a\":1}", "{\"A\":1}", false },
    { "not equal: a number and its text", "1", "\"1\"", false },
    { "not equal: true and false", "true", "false", false },
    { "not equal: null and false", "null", "false", false },
    { "not equal: object and array", "{}", "[]", false },
    { "not equal: sign", "1", "-1", false },
    { "not equal: text", "\"a\"", "\"b\"", false },
};

static void compares_values(void **state)
{
    const struct equal_case *c = *state;
    azattest__json *a = NULL, *b = NULL;

    assert_int_equal(azattest__json_parse(azattest__text(c->a), &a, NULL), AZATTEST_OK);
    assert_int_equal(azattest__json_parse(azattest__text(c->b), &b, NULL), AZATTEST_OK);
    assert_int_equal(azattest__json_equal(a, b), c->equal);
    assert_int_equal(azattest__json_equal(b, a), c->equal);
    assert_true(azattest__json_equal(a, a));
    assert_false(azattest__json_equal(a, NULL));
    azattest__json_free(a);
    azattest__json_free(b);
}

static const struct find_case {
    const char *name, *text, *member, *found;
} finds[] = {
    { "find: the first member", "{\"a\":1,\"b\":2}", "a", "1" },
    { "find: the last member", "{\"a\":1,\"b\":2}", "b", "2" },
    { "find: white space does not belong to a value", " { \"a\" : 1 , \"b\" : [ 1 , 2 ] } ", "b", "[ 1 , 2 ]" },
    { "find: an object", "{\"x\":{\"a\":\"}\"},\"y\":0}", "x", "{\"a\":\"}\"}" },
    { "find: only the top level", "{\"x\":{\"a\":1}}", "a", NULL },
    { "find: a name behind escapes", "{\"x\":0,\"\\u0061b\":true}", "ab", "true" },
    { "find: a name with an escaped quote", "{\"\\\"\":null}", "\"", "null" },
    { "find: quotes and brackets inside strings", "{\"a\":\"\\\\\\\"]}{\",\"b\":\"c\"}", "b", "\"c\"" },
    { "find: a name that reads like another's escapes", "{\"\\u0041\":0,\"\\\\u0041\":1}", "\\u0041", "1" },
    { "find: nothing by the escapes of a name", "{\"\\u0041\":0}", "\\u0041", NULL },
    { "find: the empty name", "{\"a\":0,\"\":1}", "", "1" },
    { "find: the case counts", "{\"A\":1}", "a", NULL },
    { "find: a longer name", "{\"abc\":1}", "ab", NULL },
    { "find: nothing in an empty object", "{}", "a", NULL },
    { "find: nothing in an array", "[\"a\",1]", "a", NULL },
    { "find: nothing in a string", "\"a\"", "a", NULL },
};

static void finds_without_a_tree(void **state)
{
    const struct find_case *c = *state;
    const char *const names[] = { "not there", c->member, c->member };
    azattest_bytes text = exact(c->text, strlen(c->text)), found, all[3];

    assert_int_equal(azattest__json_check(text, NULL), AZATTEST_OK);
    found = azattest__json_find(text, c->member);
    azattest__json_find_all(text, names, all, 3);
    assert_null(all[0].ptr);
    assert_true(azattest__bytes_equal(all[1], found) && azattest__bytes_equal(all[2], found));
    if (c->found == NULL)
        assert_null(found.ptr);
    else
        assert_true(azattest__bytes_equal_text(found, c->found));
    drop(text);
}

static void unescapes(void **state)
{
    azattest__buf out;

    (void)state;
    azattest__buf_init(&out, 100);
    assert_true(azattest__json_unescape(azattest__text("\"a\\n\\/\\u00e9\\ud83d\\ude00\""), &out));
    assert_string_equal((const char *)out.ptr, "a\n/\xc3\xa9\xf0\x9f\x98\x80");
    azattest__buf_free(&out);
    assert_true(azattest__json_unescape(azattest__text("\"\""), &out));
    assert_string_equal((const char *)out.ptr, "");
    azattest__buf_free(&out);
    assert_false(azattest__json_unescape(azattest__text("12"), &out));
    assert_false(azattest__json_unescape(azattest__text("\""), &out));
    assert_false(azattest__json_unescape(azattest__bytes(NULL, 0), &out));
    azattest__buf_free(&out);
}

static void the_tree_is_read(void **state)
{
    const char *text = "{\"s\":\"x\",\"n\":8.0E0,\"t\":true,\"f\":false,\"z\":null,\"a\":[1,\"2\"],\"o\":{\"S\":1}}";
    const azattest__json *value;
    azattest__json *root = NULL;
    int64_t integer;
    bool boolean;

    (void)state;
    assert_int_equal(azattest__json_parse(azattest__text(text), &root, NULL), AZATTEST_OK);
    assert_true(azattest__json_is_object(root));
    assert_int_equal(azattest__json_count(root), 7);
    assert_string_equal(azattest__json_get_string(root, "s"), "x");
    assert_null(azattest__json_get_string(root, "S"));
    assert_null(azattest__json_get_string(root, "n"));
    assert_string_equal(azattest__json_string(azattest__json_get_nocase(root, "S")), "x");
    assert_null(azattest__json_get_nocase(root, "nothing"));
    assert_null(azattest__json_get(azattest__json_get(root, "a"), "1")); /* no object */
    assert_string_equal(azattest__json_number_text(azattest__json_get(root, "n")), "8.0E0");
    assert_null(azattest__json_number_text(azattest__json_get(root, "s")));
    assert_true(azattest__json_double(azattest__json_get(root, "n")) == 8.0);
    assert_true(azattest__json_double(azattest__json_get(root, "s")) == 0.0 && azattest__json_double(NULL) == 0.0);
    assert_true(azattest__json_integer(azattest__json_get(root, "n"), &integer) && integer == 8);
    assert_false(azattest__json_integer(azattest__json_get(root, "s"), &integer));
    assert_true(azattest__json_bool(azattest__json_get(root, "t"), &boolean) && boolean);
    assert_true(azattest__json_bool(azattest__json_get(root, "f"), &boolean) && !boolean);
    assert_false(azattest__json_bool(azattest__json_get(root, "z"), &boolean));
    assert_true(azattest__json_is_null(azattest__json_get(root, "z")));
    assert_false(azattest__json_is_null(NULL));
    value = azattest__json_get(root, "a");
    assert_true(azattest__json_is_array(value));
    assert_int_equal(azattest__json_count(value), 2);
    value = azattest__json_next(azattest__json_first(value));
    assert_string_equal(azattest__json_string(value), "2");
    assert_null(azattest__json_name(value));
    assert_null(azattest__json_next(value));
    assert_string_equal(azattest__json_name(azattest__json_first(root)), "s");
    assert_string_equal(azattest__json_kind(root), "object");
    assert_string_equal(azattest__json_kind(azattest__json_get(root, "a")), "array");
    assert_string_equal(azattest__json_kind(azattest__json_get(root, "s")), "string");
    assert_string_equal(azattest__json_kind(azattest__json_get(root, "n")), "number");
    assert_string_equal(azattest__json_kind(azattest__json_get(root, "f")), "boolean");
    assert_string_equal(azattest__json_kind(azattest__json_get(root, "z")), "null");
    azattest__json_free(root);
    assert_null(azattest__json_get(NULL, "x"));
    assert_null(azattest__json_get_nocase(NULL, "x"));
    assert_null(azattest__json_string(NULL));
    assert_null(azattest__json_first(NULL));
    assert_null(azattest__json_next(NULL));
    assert_null(azattest__json_name(NULL));
    assert_int_equal(azattest__json_count(NULL), 0);
    assert_false(azattest__json_is_object(NULL) || azattest__json_is_array(NULL) || azattest__json_is_string(NULL) ||
                 azattest__json_is_number(NULL));
    assert_false(azattest__json_integer(NULL, &integer));
    azattest__json_free(NULL);
}

/* Key sets and samples as the service and its tools wrote them. */
static void real_documents_pass(void **state)
{
    const char *const patterns[] = { "maa-certs/*.json", "sgx/*.json", "recordings/*.json" };
    size_t seen = 0;

    (void)state;
    EVIDENCE_OR_SKIP();
    for (size_t i = 0; i < COUNT(patterns); i++) {
        char pattern[4096];
        glob_t found;

        assert_true(snprintf(pattern, sizeof(pattern), "%s/%s", evidence_folder(), patterns[i]) < (int)sizeof(pattern));
        if (glob(pattern, 0, NULL, &found) != 0)
            continue;
        for (size_t file = 0; file < found.gl_pathc; file++, seen++) {
            size_t len;
            unsigned char *text = evidence_read(found.gl_pathv[file] + strlen(evidence_folder()) + 1, &len);
            azattest__json *root = NULL, *again = NULL;
            azattest__buf out;

            azattest__buf_init(&out, len * 8 + 1000);
            assert_int_equal(azattest__json_parse(azattest__bytes(text, len), &root, NULL), AZATTEST_OK);
            assert_int_equal(azattest__json_print(root, true, &out, NULL), AZATTEST_OK);
            assert_int_equal(azattest__json_parse(azattest__buf_bytes(&out), &again, NULL), AZATTEST_OK);
            assert_true(azattest__json_equal(root, again));
            azattest__json_free(again);
            azattest__json_free(root);
            azattest__buf_free(&out);
            free(text);
        }
        globfree(&found);
    }
    assert_true(seen > 0);
}

static void a_document_is_built_and_printed(void **state)
{
    azattest__json *object = azattest__json_new_object(), *array = azattest__json_new_array(), *copy;
    azattest__buf out;

    (void)state;
    azattest__json_put_string(object, "text", "a\"\\\n\x01\xc3\xa9");
    azattest__json_put_string(object, "none", NULL);
    azattest__json_put_bytes_text(object, "part", azattest__bytes("abcdef", 3));
    azattest__json_put_hex(object, "hex", azattest__bytes("\x01\xff", 2));
    azattest__json_put_hex(object, "no hex", azattest__bytes("", 0));
    azattest__json_put_base64url(object, "base64url", azattest__bytes("\xfb\xff", 2));
    azattest__json_put_integer(object, "integer", INT64_C(9007199254740993));
    azattest__json_put_integer(object, "smallest", INT64_MIN);
    azattest__json_put_bool(object, "yes", true);
    azattest__json_put_null(object, "null");
    azattest__json_put_raw(object, "raw", azattest__text("{\"n\": 9007199254740993.10}"));
    azattest__json_put(object, "empty", azattest__json_new_array());
    azattest__json_add_string(array, "one");
    azattest__json_add(array, azattest__json_new_object());
    azattest__json_put(object, "Array", array);
    azattest__json_sort(object);
    copy = azattest__json_copy(object);
    azattest__json_free(object);
    azattest__buf_init(&out, 10000);
    assert_int_equal(azattest__json_print(copy, false, &out, NULL), AZATTEST_OK);
    assert_string_equal((const char *)out.ptr,
                        "{\"Array\":[\"one\",{}],\"base64url\":\"-_8\",\"empty\":[],\"hex\":\"01ff\","
                        "\"integer\":9007199254740993,\"no hex\":\"\",\"none\":null,\"null\":null,\"part\":\"abc\","
                        "\"raw\":{\"n\":9007199254740993.10},\"smallest\":-9223372036854775808,"
                        "\"text\":\"a\\\"\\\\\\n\\u0001\xc3\xa9\",\"yes\":true}");
    azattest__buf_free(&out);
    azattest__json_free(copy);

    object = azattest__json_new_object();
    azattest__json_put_raw(object, "a", azattest__text("[1,{\"b\":[]}]"));
    azattest__json_put_bool(object, "c", false);
    assert_int_equal(azattest__json_print(object, true, &out, NULL), AZATTEST_OK);
    assert_string_equal((const char *)out.ptr,
                        "{\n  \"a\": [\n    1,\n    {\n      \"b\": []\n    }\n  ],\n  \"c\": false\n}");
    azattest__buf_free(&out);
    azattest__json_free(object);
}

static void what_could_not_be_built_is_not_printed(void **state)
{
    azattest__json *object = azattest__json_new_object(), *inner = azattest__json_new_object();
    azattest_error *error = NULL;
    azattest__buf out;

    (void)state;
    azattest__json_put(object, "inner", inner);
    azattest__json_put(inner, "missing", NULL); /* a failed allocation, deep inside and late */
    azattest__buf_init(&out, 1000);
    assert_int_equal(azattest__json_print(object, false, &out, &error), AZATTEST_E_MEMORY);
    assert_int_equal(azattest_error_code(error), AZATTEST_E_MEMORY);
    azattest_error_free(error);
    azattest__buf_free(&out);
    azattest__json_free(object);

    object = azattest__json_new_object();
    azattest__json_put_bytes_text(object, "cut", azattest__bytes("a\0b", 3));
    assert_int_equal(azattest__json_print(object, false, &out, NULL), AZATTEST_E_MEMORY);
    azattest__buf_free(&out);
    azattest__json_free(object);
    assert_int_equal(azattest__json_print(NULL, false, &out, NULL), AZATTEST_E_MEMORY);

    /* a NULL object takes its children all the same */
    azattest__json_put(NULL, "x", azattest__json_new_object());
    azattest__json_add(NULL, azattest__json_new_object());
    azattest__json_put_string(NULL, "x", "y");
    azattest__json_sort(NULL);
    assert_null(azattest__json_copy(NULL));

    object = azattest__json_new_object();
    azattest__json_put_string(object, "x", "0123456789");
    azattest__buf_init(&out, 10);
    error = NULL;
    assert_int_equal(azattest__json_print(object, false, &out, &error), AZATTEST_E_LIMIT);
    assert_string_equal(azattest_error_message(error), "JSON: more than 10 bytes");
    azattest_error_free(error);
    azattest__buf_free(&out);
    azattest__json_free(object);
}

int main(void)
{
    static const struct CMUnitTest plain[] = {
        cmocka_unit_test(nothing_less_than_the_whole_text_is_json),
        cmocka_unit_test(every_byte_counts_at_every_place),
        cmocka_unit_test(nesting_has_a_ceiling),
        cmocka_unit_test(elements_have_a_ceiling),
        cmocka_unit_test(duplicates_are_found_among_many),
        cmocka_unit_test(members_have_a_ceiling),
        cmocka_unit_test(unescapes),
        cmocka_unit_test(the_tree_is_read),
        cmocka_unit_test(real_documents_pass),
        cmocka_unit_test(a_document_is_built_and_printed),
        cmocka_unit_test(what_could_not_be_built_is_not_printed),
    };
    struct CMUnitTest
        tests[COUNT(accepted) + COUNT(refused) + COUNT(integers) + COUNT(equals) + COUNT(finds) + COUNT(plain)];
    size_t count = 0;

#define ADD(cases, function)                                                                                           \
    for (size_t i = 0; i < COUNT(cases); i++)                                                                          \
    tests[count++] = (struct CMUnitTest){ (cases)[i].name, function, NULL, NULL, (void *)(uintptr_t) & (cases)[i] }
    ADD(accepted, takes);
    ADD(refused, refuses);
    ADD(integers, integers_are_exact);
    ADD(equals, compares_values);
    ADD(finds, finds_without_a_tree);
    for (size_t i = 0; i < COUNT(plain); i++)
        tests[count++] = plain[i];
    return cmocka_run_group_tests_name("json", tests, NULL, NULL);
}
