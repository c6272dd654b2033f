#include "encoding.h"

#include <stdlib.h>

/* Values of the characters of an alphabet; X: not in it. The four that differ are arguments. */
#define X 0x80
/* clang-format off */
#define ALPHABET(plus, minus, slash, underscore) { \
    X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, \
    X, X, X, X, X, X, X, X, X, X, X, plus, X, minus, X, slash, \
    52, 53, 54, 55, 56, 57, 58, 59, 60, 61, X, X, X, X, X, X, \
    X, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, X, X, X, X, underscore, \
    X, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, X, X, X, X, X, \
    X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, \
    X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, \
    X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, \
    X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X }
/* clang-format on */
static const unsigned char url_values[256] = ALPHABET(X, 62, X, 63);
static const unsigned char standard_values[256] = ALPHABET(62, X, 63, X);

/* Decodes `len` characters without padding: four a step, and one look at the end for characters of no alphabet. */
static bool decode(azattest_bytes text, const unsigned char values[256], unsigned char *out, size_t *out_len)
{
    const unsigned char *in = text.ptr;
    unsigned char *start = out;
    unsigned seen = 0, a, b, c, d;
    size_t len = text.len;

    if (len % 4 == 1)
        return false;
    for (; len >= 4; len -= 4, in += 4, out += 3) {
        a = values[in[0]], b = values[in[1]], c = values[in[2]], d = values[in[3]];
        seen |= a | b | c | d;
        out[0] = (unsigned char)(a << 2 | b >> 4);
        out[1] = (unsigned char)(b << 4 | c >> 2);
        out[2] = (unsigned char)(c << 6 | d);
    }
    if (len >= 2) {
        a = values[in[0]], b = values[in[1]], c = len == 3 ? values[in[2]] : 0;
        seen |= a | b | c;
        /* Bits behind the last byte must be zero: one value has one text. */
        if (len == 2 ? (b & 15) != 0 : (c & 3) != 0)
            return false;
        *out++ = (unsigned char)(a << 2 | b >> 4);
        if (len == 3)
            *out++ = (unsigned char)(b << 4 | c >> 2);
    }
    *out_len = (size_t)(out - start);
    return (seen & X) == 0;
}

static bool decode_into_buf(azattest_bytes text, const unsigned char values[256], azattest__buf *out)
{
    size_t old = out->len, len;
    /* exactly what comes out, so that a buffer's limit can be the size that is expected */
    unsigned char *room = azattest__buf_grow(out, text.len / 4 * 3 + text.len % 4 * 3 / 4);

    if (room == NULL)
        return false;
    if (decode(text, values, room, &len))
        return true;
    azattest__buf_cut(out, old);
    return false;
}

bool azattest__base64url_decode(azattest_bytes text, azattest__buf *out)
{
    return decode_into_buf(text, url_values, out);
}

bool azattest__base64url_decode_into(azattest_bytes text, unsigned char *out, size_t *out_len)
{
    return decode(text, url_values, out, out_len);
}

/* Characters before the padding, which is right: 0 to 2 of '=' that fill the last group. */
static bool unpad(azattest_bytes text, bool required, size_t *len)
{
    const char *characters = text.ptr;
    size_t padding = 0;

    while (padding < 2 && padding < text.len && characters[text.len - 1 - padding] == '=')
        padding++;
    *len = text.len - padding;
    return padding == 0 ? !required || text.len % 4 == 0 : text.len % 4 == 0;
}

bool azattest__base64_decode(azattest_bytes text, azattest__buf *out)
{
    size_t len;

    return unpad(text, true, &len) && decode_into_buf(azattest__bytes(text.ptr, len), standard_values, out);
}

bool azattest__base64_any_decode(azattest_bytes text, azattest__buf *out)
{
    size_t len;

    if (!unpad(text, false, &len))
        return false;
    /* One alphabet or the other; a mixture of them is neither. */
    return decode_into_buf(azattest__bytes(text.ptr, len), url_values, out) ||
           decode_into_buf(azattest__bytes(text.ptr, len), standard_values, out);
}

static void encode(azattest_bytes data, const char *alphabet, bool pad, azattest__buf *out)
{
    const unsigned char *in = data.ptr;
    size_t left = data.len, tail = data.len % 3;
    unsigned char *to = azattest__buf_grow(out, data.len / 3 * 4 + (tail == 0 ? 0 : pad ? 4 : tail + 1));

    if (to == NULL)
        return;
    for (; left >= 3; left -= 3, in += 3, to += 4) {
        unsigned group = (unsigned)in[0] << 16 | (unsigned)in[1] << 8 | in[2];

        to[0] = (unsigned char)alphabet[group >> 18];
        to[1] = (unsigned char)alphabet[group >> 12 & 63];
        to[2] = (unsigned char)alphabet[group >> 6 & 63];
        to[3] = (unsigned char)alphabet[group & 63];
    }
    if (left == 0)
        return;
    *to++ = (unsigned char)alphabet[in[0] >> 2];
    *to++ = (unsigned char)alphabet[(in[0] & 3) << 4 | (left == 2 ? in[1] >> 4 : 0)];
    if (left == 2)
        *to++ = (unsigned char)alphabet[(in[1] & 15) << 2];
    else if (pad)
        *to++ = '=';
    if (pad)
        *to = '=';
}

void azattest__base64url_encode(azattest_bytes data, azattest__buf *out)
{
    encode(data, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", false, out);
}

void azattest__base64_encode(azattest_bytes data, azattest__buf *out)
{
    encode(data, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", true, out);
}

/* Values of the digits; X: none. */
/* clang-format off */
#define NONE_16 X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X
static const unsigned char hex_values[256] = {
    NONE_16, NONE_16, NONE_16,
    0, 1, 2, 3, 4, 5, 6, 7, 8, 9, X, X, X, X, X, X,
    X, 10, 11, 12, 13, 14, 15, X, X, X, X, X, X, X, X, X,
    NONE_16,
    X, 10, 11, 12, 13, 14, 15, X, X, X, X, X, X, X, X, X,
    NONE_16, NONE_16, NONE_16, NONE_16, NONE_16, NONE_16, NONE_16, NONE_16, NONE_16 };
/* clang-format on */

bool azattest__hex_decode_exactly(azattest_bytes text, unsigned char *out, size_t size)
{
    const unsigned char *in = text.ptr;
    unsigned seen = 0, high, low;

    if (text.len % 2 != 0 || text.len / 2 != size)
        return false;
    for (size_t i = 0; i < text.len; i += 2) {
        high = hex_values[in[i]], low = hex_values[in[i + 1]];
        seen |= high | low;
        *out++ = (unsigned char)(high << 4 | low);
    }
    return (seen & X) == 0;
}

bool azattest__hex_decode(azattest_bytes text, azattest__buf *out)
{
    size_t old = out->len, size = text.len / 2;
    unsigned char *to;

    if (text.len % 2 != 0 || (to = azattest__buf_grow(out, size)) == NULL)
        return false;
    if (azattest__hex_decode_exactly(text, to, size))
        return true;
    azattest__buf_cut(out, old);
    return false;
}

static void hex_encode(azattest_bytes data, const char *alphabet, azattest__buf *out)
{
    const unsigned char *in = data.ptr;
    unsigned char *to = data.len > SIZE_MAX / 2 ? NULL : azattest__buf_grow(out, data.len * 2);

    for (size_t i = 0; to != NULL && i < data.len; i++) {
        *to++ = (unsigned char)alphabet[in[i] >> 4];
        *to++ = (unsigned char)alphabet[in[i] & 15];
    }
}

void azattest__hex_encode(azattest_bytes data, azattest__buf *out)
{
    hex_encode(data, "0123456789abcdef", out);
}

void azattest__hex_encode_upper(azattest_bytes data, azattest__buf *out)
{
    hex_encode(data, "0123456789ABCDEF", out);
}

size_t azattest__utf8_length(const unsigned char *p, size_t left)
{
    unsigned char first = p[0], low = 0x80, high = 0xbf;
    size_t len = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;

    if (first < 0x80)
        return 1;
    if (first < 0xc2 || first > 0xf4 || left < len)
        return 0;
    if (first == 0xe0)
        low = 0xa0;
    else if (first == 0xed)
        high = 0x9f; /* surrogates */
    else if (first == 0xf0)
        low = 0x90;
    else if (first == 0xf4)
        high = 0x8f;
    if (p[1] < low || p[1] > high)
        return 0;
    for (size_t i = 2; i < len; i++)
        if ((p[i] & 0xc0) != 0x80)
            return 0;
    return len;
}

bool azattest__utf8_valid(azattest_bytes text)
{
    const unsigned char *p = text.ptr;
    size_t left = text.len, len;
    uint64_t eight;

    while (left > 0) {
        if (left >= sizeof(eight)) {
            memcpy(&eight, p, sizeof(eight));
            if ((eight & UINT64_C(0x8080808080808080)) == 0) {
                p += sizeof(eight);
                left -= sizeof(eight);
                continue;
            }
        }
        if ((len = azattest__utf8_length(p, left)) == 0)
            return false;
        p += len;
        left -= len;
    }
    return true;
}
