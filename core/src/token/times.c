/* Steps 5 and 6 of validation: times (C1, C2, age) and issuer (C3). */
#include "checks.h"

#include <stdlib.h>
#include <string.h>

#include "../error/origin.h"

/* Beyond this a time is no date (year 9999); it also keeps the arithmetic in milliseconds far from overflow. */
#define LAST_TIME_S INT64_C(253402300799)

typedef struct moment {
    bool there, usable;
    int64_t seconds;
} moment;

azattest_status azattest__problems_add_time(azattest_problems *problems, azattest_status code, const char *what,
                                            int64_t seconds, int64_t now_ms)
{
    char time[AZATTEST__TIME_TEXT], now[AZATTEST__TIME_TEXT];

    azattest__time_format(seconds, time);
    azattest__time_format(now_ms / 1000, now);
    return azattest__problems_add(problems, code, "%s %s, and it is %s", what, time, now);
}

static azattest_status read_moment(azattest_status status, int64_t seconds, const char *name, azattest_status code,
                                   moment *out, azattest_problems *problems)
{
    out->there = status != AZATTEST_ABSENT;
    out->usable = status == AZATTEST_OK && seconds >= 0 && seconds <= LAST_TIME_S;
    out->seconds = seconds;
    if (!out->there || out->usable)
        return AZATTEST_OK;
    return azattest__problems_add(problems, code, "\"%s\" is not a whole number of seconds between 1970 and 9999",
                                  name);
}

static azattest_status check_expiry(const moment *exp, const azattest__check *check, int64_t slack,
                                    azattest_problems *problems)
{
    if (!exp->there && azattest__is_on(check->options->require_expiration))
        return azattest__problems_add(problems, AZATTEST_E_TOKEN_EXPIRED, "\"exp\" is missing");
    if (!exp->usable || check->now_ms <= exp->seconds * 1000 + slack)
        return AZATTEST_OK;
    return azattest__problems_add_time(problems, AZATTEST_E_TOKEN_EXPIRED, "expired at", exp->seconds, check->now_ms);
}

static azattest_status check_start(const moment *start, const char *what, const azattest__check *check, int64_t slack,
                                   azattest_problems *problems)
{
    if (!start->usable || check->now_ms >= start->seconds * 1000 - slack)
        return AZATTEST_OK;
    return azattest__problems_add_time(problems, AZATTEST_E_TOKEN_NOT_YET_VALID, what, start->seconds, check->now_ms);
}

static azattest_status check_age(const moment *iat, const azattest__check *check, int64_t slack,
                                 azattest_problems *problems)
{
    int64_t limit = check->options->max_age_s;
    char issued[AZATTEST__TIME_TEXT];

    if (limit <= 0)
        return AZATTEST_OK;
    if (!iat->usable)
        return azattest__problems_add(problems, AZATTEST_E_TOKEN_AGE, "\"iat\" is missing, and max_age needs it");
    /* Neither a max_age near the end of int64_t may overflow nor a clock. */
    if (limit > LAST_TIME_S || check->now_ms <= (iat->seconds + limit) * 1000 + slack)
        return AZATTEST_OK;
    azattest__time_format(iat->seconds, issued);
    return azattest__problems_add(problems, AZATTEST_E_TOKEN_AGE, "issued at %s, more than %lld s ago", issued,
                                  (long long)limit);
}

azattest_status azattest__token_check_times(const azattest_token *token, const azattest__check *check,
                                            azattest_problems *problems, azattest_error **error)
{
    const azattest_validation_options *options = check->options;
    int64_t slack = azattest__validation_slack_ms(options), seconds = 0;
    azattest_status status, got;
    moment exp, nbf, iat;

    (void)error;
    got = azattest_token_expires_on(token, &seconds);
    if ((status = read_moment(got, seconds, "exp", AZATTEST_E_TOKEN_EXPIRED, &exp, problems)) != AZATTEST_OK)
        return status;
    got = azattest_token_not_before(token, &seconds);
    if ((status = read_moment(got, seconds, "nbf", AZATTEST_E_TOKEN_NOT_YET_VALID, &nbf, problems)) != AZATTEST_OK)
        return status;
    got = azattest_token_issued_on(token, &seconds);
    if ((status = read_moment(got, seconds, "iat", AZATTEST_E_TOKEN_NOT_YET_VALID, &iat, problems)) != AZATTEST_OK)
        return status;
    if (azattest__is_on(options->validate_expiration) &&
        (status = check_expiry(&exp, check, slack, problems)) != AZATTEST_OK)
        return status;
    if (azattest__is_on(options->validate_not_before) &&
        ((status = check_start(&nbf, "\"nbf\" is", check, slack, problems)) != AZATTEST_OK ||
         (status = check_start(&iat, "\"iat\" is", check, slack, problems)) != AZATTEST_OK))
        return status;
    return check_age(&iat, check, slack, problems);
}

static bool is_expected(const char *issuer, const char *expected)
{
    return expected != NULL && (strcmp(issuer, expected) == 0 || azattest__origin_equal(issuer, expected));
}

azattest_status azattest__token_check_issuer(const azattest_token *token, const azattest__check *check,
                                             azattest_problems *problems, azattest_error **error)
{
    const azattest_validation_options *options = check->options;
    const char *expected = options->issuers != NULL ? options->issuers[0] : check->endpoint;
    azattest_status status;
    char *seen, *wanted;

    (void)error;
    if (!azattest__is_on(options->validate_issuer))
        return AZATTEST_OK;
    if (token->issuer == NULL)
        return azattest__problems_add(problems, AZATTEST_E_TOKEN_ISSUER, "\"iss\" is missing or not a string");
    if (options->issuers == NULL && is_expected(token->issuer, check->endpoint))
        return AZATTEST_OK;
    for (size_t i = 0; options->issuers != NULL && i < options->issuer_count; i++)
        if (is_expected(token->issuer, options->issuers[i]))
            return AZATTEST_OK;
    seen = azattest__printable(azattest__text(token->issuer), 200);
    wanted = azattest__printable(azattest__text(expected == NULL ? "" : expected), 200);
    status = azattest__problems_add(problems, AZATTEST_E_TOKEN_ISSUER, "\"iss\" is \"%s\", expected \"%s\"%s",
                                    seen == NULL ? "?" : seen, wanted == NULL ? "?" : wanted,
                                    options->issuer_count > 1 ? " (or another of the list)" : "");
    free(seen);
    free(wanted);
    return status;
}
