/*
 * Client assertions: a JWT signed by the registered certificate's key (RFC 7523), or a federated one of the made-up
 * cluster. `jti` has to be there but may come again: MSAL for Python sends one assertion until it expires.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"

#include "issuer_parts.h"

#define SKEW_S 300 /* for `nbf`, as Entra allows */
#define LIMIT_ID 256

typedef struct parsed {
    azattest__jws jws;
    azattest_bytes signed_elements; /* of the text as it came */
    azattest__json *header, *claims;
} parsed;

/* Takes the text apart. Parts may be padded: azure.identity.aio pads them, signs what it padded, and Entra takes it. */
static azattest_status parse(const char *text, parsed *out, azattest_error **error)
{
    azattest_status status;
    const char *last_dot;
    azattest__buf plain;

    if (text == NULL)
        text = "";
    last_dot = strrchr(text, '.');
    out->signed_elements = azattest__bytes(text, last_dot == NULL ? 0 : (size_t)(last_dot - text));
    azattest__buf_init(&plain, AZATTEST_LIMIT_TOKEN);
    for (const char *part = text;; part++) {
        size_t len = strcspn(part, "."), kept = len;

        while (kept > 0 && len - kept < 2 && part[kept - 1] == '=')
            kept--;
        azattest__buf_append(&plain, part, kept);
        part += len;
        if (*part == '\0')
            break;
        azattest__buf_append_text(&plain, ".");
    }
    if ((status = azattest__error_from_buf(error, &plain, "assertion")) == AZATTEST_OK &&
        (status = azattest__jws_parse(azattest__buf_bytes(&plain), &out->jws, error)) == AZATTEST_OK &&
        (status = azattest__json_parse(out->jws.header, &out->header, error)) == AZATTEST_OK)
        status = azattest__json_parse(out->jws.body, &out->claims, error);
    azattest__buf_free(&plain);
    return status;
}

static azattest_status refuse(azattest__assertion_verdict *verdict, int number, const char *message)
{
    verdict->number = number;
    snprintf(verdict->message, sizeof(verdict->message), "%s", message);
    return AZATTEST_OK;
}

/* Whole seconds; MSAL for Python sends fractions. */
static bool read_time(const azattest__json *claims, const char *name, int64_t *out)
{
    const azattest__json *member = azattest__json_get(claims, name);
    const char *text;

    if (azattest__json_integer(member, out))
        return true;
    if ((text = azattest__json_number_text(member)) == NULL || strpbrk(text, "eE") != NULL ||
        strcspn(text, ".") > 15) /* far beyond the year 9999 */
        return false;
    *out = strtoll(text, NULL, 10);
    return true;
}

static bool has_text(const azattest__json *object, const char *name, const char *expected)
{
    const char *text = azattest__json_get_string(object, name);

    return text != NULL && strcmp(text, expected) == 0;
}

/* Thumbprints come with and without padding. */
static bool has_thumbprint(const azattest__json *header, const char *name, const char *expected)
{
    const char *text = azattest__json_get_string(header, name);
    size_t len = strlen(expected);

    return text != NULL && strncmp(text, expected, len) == 0 && strspn(text + len, "=") == strlen(text + len);
}

static azattest_status check_signature(const parsed *assertion, const azattest__key *key, azattest__alg alg,
                                       azattest__assertion_verdict *verdict, azattest_error **error)
{
    azattest_status status;
    bool valid = false;

    if ((status = azattest__key_verify(key, alg, assertion->signed_elements, assertion->jws.signature, &valid,
                                       error)) != AZATTEST_OK ||
        valid)
        return status;
    return refuse(verdict, 700027, "Client assertion contains an invalid signature.");
}

/* `exp` and `nbf`. */
static azattest_status check_times(const azattest__issuer *issuer, const parsed *assertion,
                                   azattest__assertion_verdict *verdict)
{
    int64_t now_s = azattest__clock_now_ms(&issuer->clock) / 1000, expires, not_before;

    if (!read_time(assertion->claims, "exp", &expires))
        return refuse(verdict, 50027, "Invalid JWT token: 'exp' is missing or no time.");
    if (expires <= now_s)
        return refuse(verdict, 700024, "Client assertion is not within its valid time range: it has expired.");
    if (azattest__json_get(assertion->claims, "nbf") != NULL &&
        (!read_time(assertion->claims, "nbf", &not_before) || not_before > now_s + SKEW_S))
        return refuse(verdict, 700024, "Client assertion is not within its valid time range: it is not valid yet.");
    return AZATTEST_OK;
}

/* The token endpoints of both versions, and the tenant's issuer names: all four are in use. */
static bool audience_fits(const azattest__issuer *issuer, const char *tenant, const char *audience)
{
    static const char *const endings[] = { "/oauth2/v2.0/token", "/oauth2/token", "/v2.0", "/", "" };
    size_t front = strlen(issuer->authority), tenant_len = strlen(tenant);

    if (audience == NULL || strncmp(audience, issuer->authority, front) != 0 || audience[front] != '/' ||
        strncmp(audience + front + 1, tenant, tenant_len) != 0)
        return false;
    for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++)
        if (strcmp(audience + front + 1 + tenant_len, endings[i]) == 0)
            return true;
    return false;
}

static azattest_status check_certificate(const azattest__issuer *issuer, const parsed *assertion, const char *client_id,
                                         const char *tenant, azattest__assertion_verdict *verdict,
                                         azattest_error **error)
{
    azattest_status status;
    const char *name = azattest__json_get_string(assertion->header, "alg"), *id, *subject;
    azattest__alg alg = name == NULL ? AZATTEST__ALG_UNKNOWN : azattest__alg_from_name(name);

    if (alg != AZATTEST__PS256 && alg != AZATTEST__RS256)
        return refuse(verdict, 700027, "Client assertion is signed by another algorithm than PS256 or RS256.");
    if (!has_thumbprint(assertion->header, "x5t#S256", issuer->client_sha256) &&
        !has_thumbprint(assertion->header, "x5t", issuer->client_sha1))
        return refuse(verdict, 700027,
                      "Client assertion failed signature validation: neither 'x5t#S256' nor 'x5t' is the thumbprint of "
                      "a registered certificate.");
    if ((status = check_signature(assertion, azattest__cert_key(issuer->client_certificate), alg, verdict, error)) !=
            AZATTEST_OK ||
        verdict->number != 0)
        return status;
    if ((subject = azattest__json_get_string(assertion->claims, "sub")) == NULL ||
        !azattest__text_equal_nocase(subject, client_id))
        return refuse(verdict, 700021, "Client assertion application identifier doesn't match 'client_id' parameter.");
    if (!audience_fits(issuer, tenant, azattest__json_get_string(assertion->claims, "aud")))
        return refuse(verdict, 700023, "Client assertion audience claim does not match the token endpoint.");
    if ((id = azattest__json_get_string(assertion->claims, "jti")) == NULL || *id == '\0' || strlen(id) > LIMIT_ID)
        return refuse(verdict, 50027, "Invalid JWT token: 'jti' is missing, empty or too long.");
    return check_times(issuer, assertion, verdict);
}

static azattest_status check_federated(const azattest__issuer *issuer, const parsed *assertion,
                                       azattest__assertion_verdict *verdict, azattest_error **error)
{
    azattest_status status;

    if (!has_text(assertion->claims, "iss", AZATTEST__FEDERATION_ISSUER) ||
        !has_text(assertion->claims, "sub", AZATTEST__FEDERATION_SUBJECT) ||
        !has_text(assertion->claims, "aud", AZATTEST__FEDERATION_AUDIENCE))
        return refuse(verdict, 70021,
                      "No matching federated identity record found for presented assertion issuer, subject and "
                      "audience, and its issuer is not 'client_id' either.");
    if (!has_text(assertion->header, "alg", "ES256"))
        return refuse(verdict, 700027, "Client assertion is signed by another algorithm than its issuer's ES256.");
    if ((status = check_signature(assertion, issuer->federation_key, AZATTEST__ES256, verdict, error)) != AZATTEST_OK ||
        verdict->number != 0)
        return status;
    return check_times(issuer, assertion, verdict);
}

azattest_status azattest__assertion_check(const azattest__issuer *issuer, const char *text, const char *client_id,
                                          const char *tenant, azattest__assertion_verdict *verdict,
                                          azattest_error **error)
{
    azattest_status status;
    parsed assertion = { .header = NULL };
    const char *issued_by;

    *verdict = (azattest__assertion_verdict){ 0 };
    status = parse(text, &assertion, error);
    if (status == AZATTEST_E_MEMORY)
        goto done;
    if (status != AZATTEST_OK) {
        azattest_error_free(error == NULL ? NULL : *error);
        if (error != NULL)
            *error = NULL;
        status = refuse(verdict, 50027, "Invalid JWT token. Token format not valid.");
        goto done;
    }
    issued_by = azattest__json_get_string(assertion.claims, "iss");
    status = issued_by != NULL && azattest__text_equal_nocase(issued_by, client_id)
                 ? check_certificate(issuer, &assertion, client_id, tenant, verdict, error)
                 : check_federated(issuer, &assertion, verdict, error);
done:
    azattest__json_free(assertion.claims);
    azattest__json_free(assertion.header);
    azattest__jws_clear(&assertion.jws);
    return status;
}
