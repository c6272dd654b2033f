/* What the gate and the tree share: strings, numbers and names as they stand in the text. */
#ifndef AZATTEST_JSON_TEXT_H
#define AZATTEST_JSON_TEXT_H

#include "json.h"

/* cJSON reads a number through a buffer of 64 bytes. */
#define AZATTEST__JSON_NUMBER_MAX 63

/* Spans of the numbers of a text, in the order of the text. */
typedef struct azattest__json_numbers {
    azattest_bytes *spans;
    size_t count, capacity;
} azattest__json_numbers;

/* The gate; numbers may be NULL. */
azattest_status azattest__json_gate(azattest_bytes text, azattest__json_numbers *numbers, azattest_error **error);

/* Length of the number at the front (RFC 8259 section 6, nothing else), 0 when there is none. */
size_t azattest__json_number_scan(const unsigned char *text, size_t len);

/* A number taken apart exactly: digits without leading and trailing zeros, times ten to the exponent. Zero has none. */
typedef struct azattest__json_decimal {
    bool negative;
    char digits[AZATTEST__JSON_NUMBER_MAX + 1];
    size_t count;
    long exponent;
} azattest__json_decimal;
bool azattest__json_decimal_parse(azattest_bytes text, azattest__json_decimal *out);
/* Too large for a double, which would make it infinite. */
bool azattest__json_decimal_overflows(const azattest__json_decimal *decimal);

/* UTF-8 of a code point; gives the number of bytes. */
size_t azattest__json_utf8(unsigned code, unsigned char out[4]);
/* Four hexadecimal digits; -1 when they are none. */
int azattest__json_hex4(const unsigned char *text);
/* In a text that passed the gate: from the opening quote to behind the closing one, from the start of a value to behind
 * it. NULL when the text ends first. */
const unsigned char *azattest__json_skip_string(const unsigned char *p, const unsigned char *end);
const unsigned char *azattest__json_skip_value(const unsigned char *p, const unsigned char *end);

/* Moves over characters that mean nothing inside a string: stops at a quote, a backslash, a control character, a byte
 * above 0x7f, or the end. Eight at a time: most bytes of a token are inside strings. */
static inline const unsigned char *azattest__json_skip_plain(const unsigned char *p, const unsigned char *end)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);
    uint64_t eight, quote, backslash, stops;

    while (end - p >= 8) {
        memcpy(&eight, p, 8);
        quote = eight ^ ones * '"';
        backslash = eight ^ ones * '\\';
        /* The high bit of a byte: it is set, or subtracting borrowed, which only a byte that is meant starts. */
        stops = (eight | (eight - ones * 0x20) | (quote - ones) | (backslash - ones)) & ones * 0x80;
        if (stops != 0) {
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
            return p + (__builtin_ctzll(stops) >> 3); /* the lowest is none that a borrow reached */
#else
            break;
#endif
        }
        p += 8;
    }
    while (p < end && *p >= 0x20 && *p < 0x80 && *p != '"' && *p != '\\')
        p++;
    return p;
}

static inline const unsigned char *azattest__json_skip_space(const unsigned char *p, const unsigned char *end)
{
    while (p < end && (*p == ' ' || *p == '\n' || *p == '\r' || *p == '\t'))
        p++;
    return p;
}

#endif
