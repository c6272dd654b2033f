/* Decoders: what they take is exactly what encoding gives back; what was encoded decodes to itself. */
#include <stdlib.h>

#include "base/encoding.h"
#include "error/error.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition)
{
    if (!condition)
        abort();
}

typedef bool decoder(azattest_bytes text, azattest__buf *out);
typedef void encoder(azattest_bytes data, azattest__buf *out);

static void there_and_back(azattest_bytes data, encoder *encode, decoder *decode)
{
    azattest__buf text, back;

    azattest__buf_init(&text, data.len * 2 + 4);
    azattest__buf_init(&back, data.len);
    encode(data, &text);
    require(text.status == AZATTEST_OK && decode(azattest__buf_bytes(&text), &back));
    require(back.len == data.len && (back.len == 0 || memcmp(back.ptr, data.ptr, back.len) == 0));
    azattest__buf_free(&text);
    azattest__buf_free(&back);
}

/* Strict: one value has one text (of hexadecimal one for each case of letters). */
static void only_one_text(azattest_bytes text, decoder *decode, encoder *encode, bool any_case)
{
    azattest__buf bytes, again;

    azattest__buf_init(&bytes, text.len);
    azattest__buf_init(&again, text.len);
    if (decode(text, &bytes)) {
        encode(azattest__buf_bytes(&bytes), &again);
        require(again.status == AZATTEST_OK && again.len == text.len);
        if (!any_case)
            require(text.len == 0 || memcmp(again.ptr, text.ptr, text.len) == 0);
    } else {
        require(bytes.len == 0);
    }
    azattest__buf_free(&bytes);
    azattest__buf_free(&again);
}

static void any_is_one_of_the_two(azattest_bytes text)
{
    azattest__buf any, one;
    bool taken;

    azattest__buf_init(&any, text.len);
    azattest__buf_init(&one, text.len);
    taken = azattest__base64_any_decode(text, &any);
    if (azattest__base64url_decode(text, &one) || azattest__base64_decode(text, &one)) {
        require(taken && any.len == one.len);
        require(any.len == 0 || memcmp(any.ptr, one.ptr, any.len) == 0);
    }
    azattest__buf_free(&any);
    azattest__buf_free(&one);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    azattest_bytes text = azattest__bytes(data, size);
    char *shown;

    there_and_back(text, azattest__base64url_encode, azattest__base64url_decode);
    there_and_back(text, azattest__base64url_encode, azattest__base64_any_decode);
    there_and_back(text, azattest__base64_encode, azattest__base64_decode);
    there_and_back(text, azattest__base64_encode, azattest__base64_any_decode);
    there_and_back(text, azattest__hex_encode, azattest__hex_decode);
    only_one_text(text, azattest__base64url_decode, azattest__base64url_encode, false);
    only_one_text(text, azattest__base64_decode, azattest__base64_encode, false);
    only_one_text(text, azattest__hex_decode, azattest__hex_encode, true);
    any_is_one_of_the_two(text);

    /* Whatever comes in, a message is clean UTF-8 of one line. */
    if ((shown = azattest__printable(text, size)) == NULL)
        abort();
    require(azattest__utf8_valid(azattest__text(shown)));
    for (const char *c = shown; *c != '\0'; c++)
        require((unsigned char)*c >= 0x20 && *c != 0x7f);
    free(shown);
    return 0;
}
