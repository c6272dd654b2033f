/* base64url, base64, hexadecimal and UTF-8: what is taken, and everything that is not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/encoding.h"

typedef bool decoder(azattest_bytes text, azattest__buf *out);

static const struct encoding_case {
    const char *name;
    decoder *decode;
    const char *text, *expected; /* NULL: refused */
} cases[] = {
    { "base64url: nothing is nothing", azattest__base64url_decode, "", "" },
    { "base64url: one byte", azattest__base64url_decode, "Zg", "f" },
    { "base64url: two bytes", azattest__base64url_decode, "Zm8", "fo" },
    { "base64url: three bytes", azattest__base64url_decode, "Zm9v", "foo" },
    { "base64url: seven bytes", azattest__base64url_decode, "Zm9vYmFyIQ", "foobar!" },
    { "base64url: its own two characters", azattest__base64url_decode, "-_-_", "\xfb\xff\xbf" },
    { "base64url: padding is refused", azattest__base64url_decode, "Zg==", NULL },
    { "base64url: one character alone is refused", azattest__base64url_decode, "Z", NULL },
    { "base64url: five characters are refused", azattest__base64url_decode, "Zm9vY", NULL },
    { "base64url: stray bits behind one byte are refused", azattest__base64url_decode, "Zh", NULL },
    { "base64url: stray bits behind two bytes are refused", azattest__base64url_decode, "Zm9", NULL },
    { "base64url: plus is refused", azattest__base64url_decode, "+m9v", NULL },
    { "base64url: slash is refused at the end", azattest__base64url_decode, "Zm9vY/", NULL },
    { "base64url: white space is refused", azattest__base64url_decode, "Zm 9v", NULL },
    { "base64url: a line end is refused", azattest__base64url_decode, "Zm9v\n", NULL },
    { "base64url: a dot is refused", azattest__base64url_decode, "Zm9v.Zm9v", NULL },
    { "base64url: bytes above 127 are refused", azattest__base64url_decode, "Zm9\xc3", NULL },
    { "base64: one byte", azattest__base64_decode, "Zg==", "f" },
    { "base64: two bytes", azattest__base64_decode, "Zm8=", "fo" },
    { "base64: three bytes", azattest__base64_decode, "Zm9v", "foo" },
    { "base64: its own two characters", azattest__base64_decode, "+/+/", "\xfb\xff\xbf" },
    { "base64: missing padding is refused", azattest__base64_decode, "Zg", NULL },
    { "base64: half of the padding is refused", azattest__base64_decode, "Zg=", NULL },
    { "base64: padding behind a whole group is refused", azattest__base64_decode, "Zm9v=", NULL },
    { "base64: padding alone is refused", azattest__base64_decode, "====", NULL },
    { "base64: two padding characters alone are refused", azattest__base64_decode, "==", NULL },
    { "base64: three padding characters are refused", azattest__base64_decode, "Z===", NULL },
    { "base64: padding in the middle is refused", azattest__base64_decode, "Zg==Zg==", NULL },
    { "base64: stray bits are refused", azattest__base64_decode, "Zh==", NULL },
    { "base64: the url alphabet is refused", azattest__base64_decode, "-_-_", NULL },
    { "base64: a line end is refused", azattest__base64_decode, "Zm9v\nZm9v", NULL },
    { "any base64: url without padding", azattest__base64_any_decode, "-_-_Zg",
      "\xfb\xff\xbf"
      "f" },
    { "any base64: standard with padding", azattest__base64_any_decode, "+/+/Zg==",
      "\xfb\xff\xbf"
      "f" },
    { "any base64: url with padding", azattest__base64_any_decode, "-_-_Zg==",
      "\xfb\xff\xbf"
      "f" },
    { "any base64: standard without padding", azattest__base64_any_decode, "+/+/Zg",
      "\xfb\xff\xbf"
      "f" },
    { "any base64: both alphabets at once are refused", azattest__base64_any_decode, "-/-/", NULL },
    { "any base64: half of the padding is refused", azattest__base64_any_decode, "Zg=", NULL },
    { "any base64: white space is refused", azattest__base64_any_decode, "Zm9v ", NULL },
    { "any base64: stray bits are refused", azattest__base64_any_decode, "Zh", NULL },
    { "hex: either case", azattest__hex_decode, "6a6B4c", "jkL" },
    { "hex: nothing is nothing", azattest__hex_decode, "", "" },
    { "hex: an odd count is refused", azattest__hex_decode, "6a6", NULL },
    { "hex: other characters are refused", azattest__hex_decode, "6g", NULL },
    { "hex: a prefix is refused", azattest__hex_decode, "0x6a", NULL },
    { "hex: white space is refused", azattest__hex_decode, "6a 6b ", NULL },
};

/* Exactly in a block of its own, so that a sanitizer sees a read past the end. */
static azattest_bytes exact(const char *text, size_t len, void **block)
{
    *block = malloc(len > 0 ? len : 1);
    assert_non_null(*block);
    if (len > 0)
        memcpy(*block, text, len);
    return azattest__bytes(*block, len);
}

static void decodes(void **state)
{
    const struct encoding_case *c = *state;
    azattest_bytes text;
    azattest__buf out;
    void *block;

    text = exact(c->text, strlen(c->text), &block);
    azattest__buf_init(&out, 100);
    azattest__buf_append_text(&out, "before:");
    assert_int_equal(c->decode(text, &out), c->expected != NULL);
    assert_int_equal(out.status, AZATTEST_OK);
    assert_memory_equal(out.ptr, "before:", 7); /* what was there stays, also behind a refusal */
    assert_string_equal((const char *)out.ptr + 7, c->expected == NULL ? "" : c->expected);
    assert_int_equal(out.len, 7 + (c->expected == NULL ? 0 : strlen(c->expected)));
    azattest__buf_free(&out);
    free(block);
}

static void decodes_what_it_encoded(void **state)
{
    void (*const encoders[])(azattest_bytes, azattest__buf *) = { azattest__base64url_encode, azattest__base64_encode,
                                                                  azattest__hex_encode };
    decoder *const decoders[] = { azattest__base64url_decode, azattest__base64_decode, azattest__hex_decode };
    unsigned char data[300];
    azattest__buf text, back;

    (void)state;
    for (size_t i = 0; i < sizeof(data); i++)
        data[i] = (unsigned char)(i * 37 + i / 7);
    for (size_t kind = 0; kind < 3; kind++)
        for (size_t len = 0; len <= sizeof(data); len++) {
            azattest__buf_init(&text, 1000);
            azattest__buf_init(&back, len); /* the limit is the very size that comes out */
            encoders[kind](azattest__bytes(data, len), &text);
            assert_int_equal(strlen((const char *)text.ptr), text.len);
            assert_true(decoders[kind](azattest__buf_bytes(&text), &back));
            assert_int_equal(back.len, len);
            assert_memory_equal(back.ptr, data, len);
            azattest__buf_free(&text);
            azattest__buf_free(&back);
        }
}

/* One value has one text: of all four-character groups only those that encoding gives are taken. */
static void takes_every_character_of_its_alphabet_only(void **state)
{
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    unsigned char out[3];
    size_t len;

    (void)state;
    for (int c = 0; c < 256; c++)
        for (size_t at = 0; at < 4; at++) {
            char text[4] = { 'A', 'A', 'A', 'A' };
            bool inside = c != 0 && strchr(alphabet, c) != NULL;

            text[at] = (char)c;
            assert_int_equal(azattest__base64url_decode_into(azattest__bytes(text, 4), out, &len), inside);
            if (inside) {
                unsigned value = (unsigned)(strchr(alphabet, c) - alphabet) << (6 * (3 - at));

                assert_int_equal(len, 3);
                assert_int_equal((unsigned)out[0] << 16 | (unsigned)out[1] << 8 | out[2], value);
            }
        }
}

static void stops_at_the_limit_of_the_buffer(void **state)
{
    azattest__buf out;

    (void)state;
    azattest__buf_init(&out, 2);
    assert_false(azattest__base64url_decode(azattest__text("Zm9v"), &out));
    assert_int_equal(out.status, AZATTEST_E_LIMIT);
    azattest__buf_free(&out);
    azattest__buf_init(&out, 2);
    assert_false(azattest__hex_decode(azattest__text("6a6b6c"), &out));
    assert_int_equal(out.status, AZATTEST_E_LIMIT);
    azattest__buf_free(&out);
    azattest__buf_init(&out, 3);
    azattest__base64_encode(azattest__text("f"), &out);
    assert_int_equal(out.status, AZATTEST_E_LIMIT);
    azattest__buf_free(&out);
}

static const struct utf8_case {
    const char *name, *text;
    bool valid;
} utf8_cases[] = {
    { "utf-8: nothing", "", true },
    { "utf-8: plain text of more than eight characters", "plain text, no surprise", true },
    { "utf-8: two, three and four bytes", "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", true },
    { "utf-8: the last character", "\xf4\x8f\xbf\xbf", true },
    { "utf-8: the last one before the surrogates", "\xed\x9f\xbf", true },
    { "utf-8: a surrogate", "\xed\xa0\x80", false },
    { "utf-8: overlong in two bytes", "\xc0\xaf", false },
    { "utf-8: overlong in two bytes, c1", "\xc1\xbf", false },
    { "utf-8: overlong in three bytes", "\xe0\x9f\xbf", false },
    { "utf-8: overlong in four bytes", "\xf0\x8f\xbf\xbf", false },
    { "utf-8: above U+10FFFF", "\xf4\x90\x80\x80", false },
    { "utf-8: f5", "\xf5\x80\x80\x80", false },
    { "utf-8: ff", "\xff", false },
    { "utf-8: a continuation alone", "a\x80", false },
    { "utf-8: two bytes cut", "abcdefgh\xc3", false },
    { "utf-8: three bytes cut", "\xe2\x82", false },
    { "utf-8: four bytes cut", "\xf0\x9f\x98", false },
    { "utf-8: a letter instead of a continuation", "\xe2\x82z", false },
    { "utf-8: a stray byte in the second eight",
      "abcdefghijk\xfe"
      "lmno",
      false },
};

static void judges_utf8(void **state)
{
    const struct utf8_case *c = *state;
    void *block;
    azattest_bytes text = exact(c->text, strlen(c->text), &block);

    assert_int_equal(azattest__utf8_valid(text), c->valid);
    free(block);
}

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

int main(void)
{
    static const struct CMUnitTest plain[] = {
        cmocka_unit_test(decodes_what_it_encoded),
        cmocka_unit_test(takes_every_character_of_its_alphabet_only),
        cmocka_unit_test(stops_at_the_limit_of_the_buffer),
    };
    struct CMUnitTest tests[COUNT(cases) + COUNT(utf8_cases) + COUNT(plain)];
    size_t count = 0;

    for (size_t i = 0; i < COUNT(cases); i++)
        tests[count++] = (struct CMUnitTest){ cases[i].name, decodes, NULL, NULL, (void *)(uintptr_t)&cases[i] };
    for (size_t i = 0; i < COUNT(utf8_cases); i++)
        tests[count++] =
            (struct CMUnitTest){ utf8_cases[i].name, judges_utf8, NULL, NULL, (void *)(uintptr_t)&utf8_cases[i] };
    for (size_t i = 0; i < COUNT(plain); i++)
        tests[count++] = plain[i];
    return cmocka_run_group_tests_name("encoding", tests, NULL, NULL);
}
