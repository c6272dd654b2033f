/* Reading tokens out of answers. */
#include "token_reply.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <azattest/limits.h>

#include "../base/clock.h"
#include "../json/json.h"

/* A number of seconds, up to a hundred thousand years: what is more is a mistake, and would come near overflow. */
#define MOST_SECONDS INT64_C(3155760000000)

static bool parse_digits(const char *text, int64_t *value)
{
    *value = 0;
    if (*text == '\0')
        return false;
    for (; *text != '\0'; text++) {
        if (*text < '0' || *text > '9' || *value > MOST_SECONDS)
            return false;
        *value = *value * 10 + (*text - '0');
    }
    return true;
}

/* A number, or digits as text. */
static bool seconds_of(const azattest__json *value, int64_t *seconds)
{
    const char *text = azattest__json_string(value);
    bool found = text != NULL ? parse_digits(text, seconds) : value != NULL && azattest__json_integer(value, seconds);

    return found && *seconds > 0 && *seconds <= MOST_SECONDS;
}

bool azattest__msi_date_parse(const char *text, int64_t *seconds)
{
    int month, day, year, hour, minute, second, used = 0, more = 0;
    char half[3] = "";

    if (sscanf(text, "%2d/%2d/%4d %2d:%2d:%2d%n", &month, &day, &year, &hour, &minute, &second, &used) != 6 ||
        used == 0)
        return false;
    text += used;
    if (sscanf(text, " %2[AMPamp]%n", half, &more) == 1 && more > 0) {
        bool pm = half[0] == 'P' || half[0] == 'p';

        if (hour < 1 || hour > 12 || (half[1] != 'M' && half[1] != 'm'))
            return false;
        hour = hour % 12 + (pm ? 12 : 0);
        text += more;
    }
    return strcmp(text, " +00:00") == 0 && year >= 1970 &&
           azattest__time_from_civil(year, month, day, hour, minute, second, seconds);
}

bool azattest__local_date_parse(const char *text, int64_t *seconds)
{
    struct tm local;
    int used = 0;
    time_t made;

    memset(&local, 0, sizeof(local));
    if (sscanf(text, "%4d-%2d-%2d%*1[ T]%2d:%2d:%2d%n", &local.tm_year, &local.tm_mon, &local.tm_mday, &local.tm_hour,
               &local.tm_min, &local.tm_sec, &used) != 6 ||
        used == 0 || local.tm_year < 1970 || local.tm_mon < 1 || local.tm_mon > 12 || local.tm_mday < 1 ||
        local.tm_mday > 31)
        return false;
    if (text[used] == '.')
        used += 1 + (int)strspn(text + used + 1, "0123456789");
    if (text[used] != '\0')
        return false;
    local.tm_year -= 1900;
    local.tm_mon--;
    local.tm_isdst = -1;
    made = mktime(&local);
    *seconds = (int64_t)made;
    return made > 0;
}

static azattest_status parse(const char *source, azattest_bytes text, azattest__json **document, azattest_error **error)
{
    azattest_error *reason = NULL;
    azattest_status status = azattest__json_parse(text, document, &reason);

    if (status == AZATTEST_E_MEMORY)
        status = azattest__error_memory(error);
    else if (status != AZATTEST_OK) /* the gate's reason names a place, and shows nothing of the text */
        status = azattest__error_set(error, AZATTEST_E_RESPONSE, "%s: the answer is no JSON: %s", source,
                                     azattest_error_message(reason));
    azattest_error_free(reason);
    return status;
}

static azattest_status take_text(const char *source, const azattest__json *document, const char *name,
                                 azattest__access_token *out, azattest_error **error)
{
    const char *text = azattest__json_get_string(document, name);
    azattest_error *reason = NULL;
    azattest_status status;

    if (text == NULL)
        return azattest__error_set(error, AZATTEST_E_RESPONSE, "%s: the answer has no \"%s\"", source, name);
    if ((status = azattest__access_token_check(azattest__text(text), &reason)) != AZATTEST_OK)
        status = azattest__error_set(error, AZATTEST_E_RESPONSE, "%s: \"%s\" of the answer: %s", source, name,
                                     azattest_error_message(reason));
    else if ((out->text = azattest__dup_text(text)) == NULL)
        status = azattest__error_memory(error);
    azattest_error_free(reason);
    return status;
}

/* "expires_in" first: it does not depend on whose clock is right. */
static bool take_times(const azattest__json *document, int64_t now_s, azattest__access_token *out)
{
    const azattest__json *on = azattest__json_get(document, "expires_on");
    const char *date = azattest__json_string(on);
    int64_t seconds;

    if (seconds_of(azattest__json_get(document, "expires_in"), &seconds))
        out->expires_on_s = now_s + seconds;
    else if (!seconds_of(on, &out->expires_on_s) &&
             (date == NULL || !azattest__msi_date_parse(date, &out->expires_on_s)))
        return false;
    if (seconds_of(azattest__json_get(document, "refresh_in"), &seconds))
        out->refresh_on_s = now_s + seconds;
    else if (seconds_of(azattest__json_get(document, "refresh_on"), &seconds))
        out->refresh_on_s = seconds;
    return true;
}

azattest_status azattest__token_reply(const char *source, azattest_bytes body, int64_t now_s,
                                      azattest__access_token *out, azattest_error **error)
{
    azattest__json *document = NULL;
    azattest_status status;
    const char *type;

    memset(out, 0, sizeof(*out));
    if ((status = parse(source, body, &document, error)) != AZATTEST_OK ||
        (status = take_text(source, document, "access_token", out, error)) != AZATTEST_OK)
        goto done;
    type = azattest__json_get_string(document, "token_type");
    if (type != NULL && !azattest__text_equal_nocase(type, "Bearer"))
        status = azattest__error_set(error, AZATTEST_E_RESPONSE, "%s: the answer's token is no bearer token", source);
    else if (!take_times(document, now_s, out))
        status = azattest__error_set(error, AZATTEST_E_RESPONSE,
                                     "%s: the answer has neither \"expires_in\" nor \"expires_on\" that could be read",
                                     source);
done:
    azattest__json_free(document);
    if (status != AZATTEST_OK)
        azattest__access_token_clear(out);
    return status;
}

azattest_status azattest__cli_reply(const char *source, azattest_bytes output, azattest__access_token *out,
                                    azattest_error **error)
{
    azattest__json *document = NULL;
    azattest_status status;
    const char *local;

    memset(out, 0, sizeof(*out));
    if ((status = parse(source, output, &document, error)) != AZATTEST_OK ||
        (status = take_text(source, document, "accessToken", out, error)) != AZATTEST_OK)
        goto done;
    local = azattest__json_get_string(document, "expiresOn");
    if (!seconds_of(azattest__json_get(document, "expires_on"), &out->expires_on_s) &&
        (local == NULL || !azattest__local_date_parse(local, &out->expires_on_s)))
        status = azattest__error_set(error, AZATTEST_E_RESPONSE,
                                     "%s: the answer has neither \"expires_on\" nor \"expiresOn\" that could be read",
                                     source);
done:
    azattest__json_free(document);
    if (status != AZATTEST_OK)
        azattest__access_token_clear(out);
    return status;
}
