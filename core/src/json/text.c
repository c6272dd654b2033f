/* JSON strings, numbers and members as they stand in a text that passed the gate. */
#include "text.h"

#include <stdlib.h>

size_t azattest__json_utf8(unsigned code, unsigned char out[4])
{
    if (code < 0x80) {
        out[0] = (unsigned char)code;
        return 1;
    }
    if (code < 0x800) {
        out[0] = (unsigned char)(0xc0 | code >> 6);
        out[1] = (unsigned char)(0x80 | (code & 63));
        return 2;
    }
    if (code < 0x10000) {
        out[0] = (unsigned char)(0xe0 | code >> 12);
        out[1] = (unsigned char)(0x80 | (code >> 6 & 63));
        out[2] = (unsigned char)(0x80 | (code & 63));
        return 3;
    }
    out[0] = (unsigned char)(0xf0 | code >> 18);
    out[1] = (unsigned char)(0x80 | (code >> 12 & 63));
    out[2] = (unsigned char)(0x80 | (code >> 6 & 63));
    out[3] = (unsigned char)(0x80 | (code & 63));
    return 4;
}

int azattest__json_hex4(const unsigned char *text)
{
    int value = 0;

    for (int i = 0; i < 4; i++) {
        unsigned char c = text[i];
        int digit = c >= '0' && c <= '9'   ? c - '0'
                    : c >= 'a' && c <= 'f' ? c - 'a' + 10
                    : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                           : -1;

        if (digit < 0)
            return -1;
        value = value * 16 + digit;
    }
    return value;
}

/* The character behind the backslash at *p, moving behind it; 0 when it is none. */
static unsigned escaped(const unsigned char **p, const unsigned char *end)
{
    int high, low;

    if (*p >= end)
        return 0;
    switch (*(*p)++) {
    case '"':
        return '"';
    case '\\':
        return '\\';
    case '/':
        return '/';
    case 'b':
        return '\b';
    case 'f':
        return '\f';
    case 'n':
        return '\n';
    case 'r':
        return '\r';
    case 't':
        return '\t';
    case 'u':
        --*p;
        break;
    default:
        return 0;
    }
    if (end - *p < 5 || (high = azattest__json_hex4(*p + 1)) <= 0)
        return 0;
    *p += 5;
    if (high < 0xd800 || high > 0xdfff)
        return (unsigned)high;
    if (high > 0xdbff || end - *p < 6 || (*p)[0] != '\\' || (*p)[1] != 'u' ||
        (low = azattest__json_hex4(*p + 2)) < 0xdc00 || low > 0xdfff)
        return 0;
    *p += 6;
    return 0x10000 + ((unsigned)(high - 0xd800) << 10) + (unsigned)(low - 0xdc00);
}

/* Into room for as many bytes as stand there: none becomes longer. */
static bool unescape_into(const unsigned char *p, const unsigned char *end, unsigned char *to, size_t *len)
{
    unsigned char *start = to;
    const unsigned char *run;
    unsigned code;

    for (;;) {
        run = p;
        if ((p = memchr(p, '\\', (size_t)(end - p))) == NULL)
            p = end;
        memcpy(to, run, (size_t)(p - run));
        to += p - run;
        if (p == end)
            break;
        p++;
        if ((code = escaped(&p, end)) == 0)
            return false;
        if (code < 0x80)
            *to++ = (unsigned char)code;
        else
            to += azattest__json_utf8(code, to);
    }
    *len = (size_t)(to - start);
    return true;
}

bool azattest__json_unescape(azattest_bytes string_text, azattest__buf *out)
{
    const unsigned char *p = string_text.ptr;
    size_t room, start = out->len, len = 0;
    azattest__buf large;
    unsigned char *to;
    bool done;

    if (p == NULL || string_text.len < 2 || p[0] != '"' || p[string_text.len - 1] != '"')
        return false;
    room = string_text.len - 2;
    if (start <= out->limit && room <= out->limit - start) {
        done = (to = azattest__buf_grow(out, room)) != NULL && unescape_into(p + 1, p + 1 + room, to, &len);
        azattest__buf_cut(out, start + len);
        return done;
    }
    azattest__buf_init(&large, room); /* with escapes it is too long, without them it may fit */
    if ((done = (to = azattest__buf_grow(&large, room)) != NULL && unescape_into(p + 1, p + 1 + room, to, &len)))
        azattest__buf_append(out, to, len);
    else if (to == NULL)
        out->status = large.status;
    azattest__buf_free(&large);
    return done && out->status == AZATTEST_OK;
}

/* The string (with its quotes) is the name. */
static bool is_name(azattest_bytes string, const char *name)
{
    const char *text = string.ptr;
    size_t len = strlen(name);
    azattest__buf plain;
    bool equal;

    /* Without escapes a text is as long as its name, with them longer: "\u0041" is the name A, and no other. */
    if (string.len == len + 2)
        return memcmp(text + 1, name, len) == 0 && memchr(name, '\\', len) == NULL;
    if (string.len < len + 2 || memchr(text, '\\', string.len) == NULL)
        return false;
    azattest__buf_init(&plain, string.len);
    equal = azattest__json_unescape(string, &plain) && plain.len == len && memcmp(plain.ptr, name, len) == 0;
    azattest__buf_free(&plain);
    return equal;
}

const unsigned char *azattest__json_skip_string(const unsigned char *p, const unsigned char *end)
{
    for (p++; (p = azattest__json_skip_plain(p, end)) < end; p++) {
        if (*p == '"')
            return p + 1;
        if (*p == '\\' && ++p == end)
            return NULL;
    }
    return NULL;
}

const unsigned char *azattest__json_skip_value(const unsigned char *p, const unsigned char *end)
{
    size_t depth = 0;

    while (p != NULL && p < end) {
        switch (*p) {
        case '"':
            p = azattest__json_skip_string(p, end);
            break;
        case '{':
        case '[':
            depth++;
            p++;
            continue;
        case '}':
        case ']':
            depth--;
            p++;
            break;
        case ',':
        case ':':
        case ' ':
        case '\n':
        case '\r':
        case '\t':
            p++;
            continue;
        default:
            do
                p++;
            while (p < end && *p != ',' && *p != '}' && *p != ']' && *p > ' ');
        }
        if (depth == 0)
            return p;
    }
    return NULL;
}

void azattest__json_find_all(azattest_bytes object_text, const char *const *names, azattest_bytes *values, size_t count)
{
    const unsigned char *p = object_text.ptr, *end, *quote, *behind, *value;
    size_t left = count;

    for (size_t i = 0; i < count; i++)
        values[i] = azattest__bytes(NULL, 0);
    if (p == NULL)
        return;
    end = p + object_text.len;
    p = azattest__json_skip_space(p, end);
    if (p >= end || *p != '{')
        return;
    do {
        quote = azattest__json_skip_space(p + 1, end);
        if (quote >= end || *quote != '"' || (behind = azattest__json_skip_string(quote, end)) == NULL)
            return;
        p = azattest__json_skip_space(behind, end);
        if (p >= end || *p++ != ':')
            return;
        value = azattest__json_skip_space(p, end);
        if ((p = azattest__json_skip_value(value, end)) == NULL)
            return;
        for (size_t i = 0; i < count; i++)
            if (values[i].ptr == NULL && is_name(azattest__bytes(quote, (size_t)(behind - quote)), names[i])) {
                values[i] = azattest__bytes(value, (size_t)(p - value));
                left--;
            }
        p = azattest__json_skip_space(p, end);
    } while (left > 0 && p < end && *p == ',');
}

azattest_bytes azattest__json_find(azattest_bytes object_text, const char *name)
{
    azattest_bytes value;

    azattest__json_find_all(object_text, &name, &value, 1);
    return value;
}

azattest_bytes azattest__json_trim(azattest_bytes text)
{
    const unsigned char *p = text.ptr, *end;

    if (p == NULL)
        return text;
    end = p + text.len;
    p = azattest__json_skip_space(p, end);
    while (end > p && (end[-1] == ' ' || end[-1] == '\n' || end[-1] == '\r' || end[-1] == '\t'))
        end--;
    return azattest__bytes(p, (size_t)(end - p));
}

static size_t run_of_digits(const unsigned char *text, size_t len, size_t from)
{
    size_t at = from;

    while (at < len && text[at] >= '0' && text[at] <= '9')
        at++;
    return at - from;
}

size_t azattest__json_number_scan(const unsigned char *text, size_t len)
{
    size_t at = len > 0 && text[0] == '-', run;

    if ((run = run_of_digits(text, len, at)) == 0 || (text[at] == '0' && run > 1))
        return 0;
    at += run;
    if (at < len && text[at] == '.') {
        if ((run = run_of_digits(text, len, at + 1)) == 0)
            return 0;
        at += 1 + run;
    }
    if (at < len && (text[at] == 'e' || text[at] == 'E')) {
        at++;
        at += at < len && (text[at] == '+' || text[at] == '-');
        if ((run = run_of_digits(text, len, at)) == 0)
            return 0;
        at += run;
    }
    return at;
}

bool azattest__json_decimal_parse(azattest_bytes text, azattest__json_decimal *out)
{
    const char *in = text.ptr;
    size_t at;
    bool point = false;
    long written = 0;

    memset(out, 0, sizeof(*out));
    if (in == NULL || text.len == 0 || text.len > AZATTEST__JSON_NUMBER_MAX ||
        azattest__json_number_scan(text.ptr, text.len) != text.len)
        return false;
    out->negative = in[0] == '-';
    for (at = out->negative; at < text.len && in[at] != 'e' && in[at] != 'E'; at++) {
        if (in[at] == '.') {
            point = true;
            continue;
        }
        if (out->count > 0 || in[at] != '0')
            out->digits[out->count++] = in[at];
        out->exponent -= point;
    }
    if (at < text.len) {
        bool negative = in[++at] == '-';

        at += in[at] == '-' || in[at] == '+';
        for (; at < text.len; at++)
            written = written > 100000 ? written : written * 10 + (in[at] - '0');
        out->exponent += negative ? -written : written;
    }
    while (out->count > 0 && out->digits[out->count - 1] == '0') {
        out->count--;
        out->exponent++;
    }
    out->digits[out->count] = '\0';
    if (out->count == 0) {
        out->exponent = 0;
        out->negative = false;
    }
    return true;
}

bool azattest__json_decimal_overflows(const azattest__json_decimal *decimal)
{
    long magnitude = (long)decimal->count + decimal->exponent; /* 0.digits times ten to this */

    /* DBL_MAX is 1.7976931348623157e308. */
    return magnitude > 309 || (magnitude == 309 && strcmp(decimal->digits, "17976931348623158") >= 0);
}

bool azattest__json_integer_text(azattest_bytes number_text, int64_t *out)
{
    azattest__json_decimal decimal;
    uint64_t value = 0, limit;

    *out = 0;
    if (!azattest__json_decimal_parse(number_text, &decimal) || decimal.exponent < 0)
        return false;
    limit = (uint64_t)INT64_MAX + decimal.negative;
    for (size_t i = 0; i < decimal.count + (size_t)decimal.exponent; i++) {
        unsigned digit = i < decimal.count ? (unsigned)(decimal.digits[i] - '0') : 0;

        if (value > (limit - digit) / 10)
            return false;
        value = value * 10 + digit;
    }
    *out = decimal.negative ? (int64_t)(0 - value) : (int64_t)value;
    return true;
}
