/* Functions on numbers. Integers stay exact as long as they have 64 bits; all else is computed as a double. */
#include <stdlib.h>

#include "../../json/text.h"
#include "value.h"

static bool integer_of(const value *v, int64_t *out)
{
    return azattest__json_integer_text(azattest__text(azattest__jmespath_number_text(v)), out);
}

/* Without the mathematics library: from 2^52 on every double is whole, and all below it fit into 64 bits. */
static double down(double number)
{
    double whole;

    if (!(number > -4503599627370496.0 && number < 4503599627370496.0))
        return number;
    whole = (double)(int64_t)number;
    return whole > number ? whole - 1 : whole;
}

static double up(double number)
{
    return -down(-number);
}

static double same(double number)
{
    return number;
}

static bool rounded(run *r, const value *v, double (*round_)(double), value *out)
{
    int64_t integer;

    if (integer_of(v, &integer))
        return azattest__jmespath_integer(r, integer, out);
    return azattest__jmespath_double(r, round_(azattest__jmespath_number(v)), out);
}

bool azattest__jmespath_ceil(run *r, const value *arguments, size_t count, value *out)
{
    (void)count;
    return rounded(r, &arguments[0], up, out);
}

bool azattest__jmespath_floor(run *r, const value *arguments, size_t count, value *out)
{
    (void)count;
    return rounded(r, &arguments[0], down, out);
}

bool azattest__jmespath_abs(run *r, const value *arguments, size_t count, value *out)
{
    int64_t integer;

    (void)count;
    *out = arguments[0];
    if (azattest__jmespath_number_text(&arguments[0])[0] != '-')
        return true;
    if (integer_of(&arguments[0], &integer) && integer != INT64_MIN)
        return azattest__jmespath_integer(r, -integer, out);
    return azattest__jmespath_double(r, -azattest__jmespath_number(&arguments[0]), out);
}

static bool add_up(run *r, const value *array, size_t *count, int64_t *integer, bool *exact, double *number)
{
    walk w = azattest__jmespath_walk(array);
    value element;
    int64_t one;

    *count = 0;
    *integer = 0;
    *exact = true;
    *number = 0;
    for (; azattest__jmespath_next(r, &w, &element, NULL); ++*count) {
        *number += azattest__jmespath_number(&element);
        *exact = *exact && integer_of(&element, &one) && !__builtin_add_overflow(*integer, one, integer);
    }
    return azattest__jmespath_step(r, *count);
}

bool azattest__jmespath_sum(run *r, const value *arguments, size_t count, value *out)
{
    int64_t integer;
    double number;
    bool exact;

    if (!add_up(r, &arguments[0], &count, &integer, &exact, &number))
        return false;
    return exact ? azattest__jmespath_integer(r, integer, out) : azattest__jmespath_double(r, number, out);
}

bool azattest__jmespath_avg(run *r, const value *arguments, size_t count, value *out)
{
    int64_t integer;
    double number;
    bool exact;

    if (!add_up(r, &arguments[0], &count, &integer, &exact, &number))
        return false;
    *out = (value){ .kind = VALUE_NULL };
    if (count == 0)
        return true;
    if (exact && integer % (int64_t)count == 0)
        return azattest__jmespath_integer(r, integer / (int64_t)count, out);
    return azattest__jmespath_double(r, (exact ? (double)integer : number) / (double)count, out);
}

/* A string is a number when it is one of JSON; nothing else is. */
bool azattest__jmespath_to_number(run *r, const value *arguments, size_t count, value *out)
{
    azattest__json *parsed = NULL;
    azattest_status status;
    azattest_bytes text;
    bool done;

    (void)count;
    *out = (value){ .kind = VALUE_NULL };
    if (arguments[0].kind == VALUE_NUMBER)
        *out = arguments[0];
    if (arguments[0].kind != VALUE_STRING)
        return true;
    text = azattest__text(arguments[0].made.text);
    if (!azattest__jmespath_step(r, text.len / 16 + NUMBER_STEPS))
        return false;
    if (text.len == 0 || azattest__json_number_scan(text.ptr, text.len) != text.len)
        return true;
    if ((status = azattest__json_parse(text, &parsed, NULL)) != AZATTEST_OK)
        return azattest__jmespath_fail(r, status == AZATTEST_E_MEMORY ? status : AZATTEST_E_LIMIT,
                                       "to_number() got a number that is too long or too large");
    *out = azattest__jmespath_value(parsed);
    done = rounded(r, out, same, out);
    azattest__json_free(parsed);
    return done;
}
