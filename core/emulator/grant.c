/* The token endpoint: client credentials by secret, certificate or federated assertion. Error numbers are Entra's. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/encoding.h"

#include "issuer_parts.h"
#include "parts.h"

#define ASSERTION_TYPE "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
#define DEFAULT_SUFFIX "/.default"

/* What tokens are given for. A service takes those of the first alone, so that the others show a wrong audience. */
static const char *const audiences[] = { AZATTEST__AUDIENCE, "https://attest.azure.us",
                                         "https://management.azure.com" };

bool azattest__tenant_known(const azattest__issuer *issuer, const char *tenant)
{
    return azattest__text_equal_nocase(tenant, issuer->tenant_id) || strcmp(tenant, "adfs") == 0;
}

const char *azattest__audience_find(const char *text, size_t len)
{
    len -= len > 0 && text[len - 1] == '/'; /* resources are written with and without */
    for (size_t i = 0; i < sizeof(audiences) / sizeof(audiences[0]); i++)
        if (strlen(audiences[i]) == len && strncmp(audiences[i], text, len) == 0)
            return audiences[i];
    return NULL;
}

static bool is_guid(const char *text)
{
    static const char form[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";

    if (text == NULL || strlen(text) != sizeof(form) - 1)
        return false;
    for (size_t i = 0; form[i] != '\0'; i++)
        if (form[i] == 'x' ? strchr("0123456789abcdefABCDEF", text[i]) == NULL : text[i] != form[i])
            return false;
    return true;
}

void azattest__grant_refuse(azattest__service_answer *answer, const azattest__service_request *request, int status,
                            const char *error, int number, const char *format, ...)
{
    azattest__json *document = azattest__json_new_object();
    char message[512], time[AZATTEST__TIME_TEXT], trace[AZATTEST__GUID_SIZE] = "", codes[16];
    char *shown, *description = NULL;
    va_list list;

    va_start(list, format);
    vsnprintf(message, sizeof(message), format, list);
    va_end(list);
    azattest__time_format(azattest__clock_now_ms(NULL) / 1000, time);
    time[strcspn(time, "T")] = ' '; /* "2026-01-31 12:00:00Z" */
    (void)azattest__guid_make(trace, NULL);
    shown = azattest__printable(azattest__text(message), sizeof(message)); /* tenants and ids are foreign */
    if (asprintf(&description, "AADSTS%d: %s Trace ID: %s Correlation ID: %s Timestamp: %s", number,
                 shown == NULL ? "?" : shown, trace,
                 is_guid(request->client_request_id) ? request->client_request_id : trace, time) < 0)
        description = NULL;
    snprintf(codes, sizeof(codes), "[%d]", number);
    azattest__json_put_string(document, "error", error);
    azattest__json_put_string(document, "error_description", description);
    azattest__json_put_raw(document, "error_codes", azattest__text(codes));
    azattest__json_put_string(document, "timestamp", time);
    azattest__json_put_string(document, "trace_id", trace);
    azattest__json_put_string(document, "correlation_id",
                              is_guid(request->client_request_id) ? request->client_request_id : trace);
    azattest__buf_free(&answer->body);
    if (azattest__json_print(document, false, &answer->body, NULL) != AZATTEST_OK)
        azattest__answer_refuse(answer, 500, "InternalError", false, "out of memory");
    else
        answer->status = status;
    azattest__json_free(document);
    free(description);
    free(shown);
}

/* ---- one request ---- */

typedef struct grant_call {
    const azattest__issuer *issuer;
    const azattest__service_request *request;
    azattest__service_answer *answer;
    const char *tenant;
    azattest__form form;
    const azattest__test_identity *identity;
    const char *audience;
} grant_call;

/* False: refused. */
static bool need(const grant_call *grant, const char *name, const char **value)
{
    *value = azattest__form_get(&grant->form, name);
    if (*value != NULL && **value != '\0')
        return true;
    azattest__grant_refuse(grant->answer, grant->request, 400, "invalid_request", 900144,
                           "The request body must contain the following parameter: '%s'.", name);
    return false;
}

static bool read_audience(grant_call *grant, bool v1)
{
    const char *text;
    size_t len;

    if (!need(grant, v1 ? "resource" : "scope", &text))
        return false;
    len = strlen(text);
    if (!v1) {
        size_t suffix = strlen(DEFAULT_SUFFIX);

        if (len <= suffix || strcmp(text + len - suffix, DEFAULT_SUFFIX) != 0 || strchr(text, ' ') != NULL) {
            azattest__grant_refuse(grant->answer, grant->request, 400, "invalid_scope", 1002012,
                                   "The provided value for scope %s is not valid. Client credential flows must have a "
                                   "scope value with /.default suffixed to the resource identifier.",
                                   text);
            return false;
        }
        len -= suffix;
    }
    if ((grant->audience = azattest__audience_find(text, len)) == NULL)
        azattest__grant_refuse(grant->answer, grant->request, 400, "invalid_resource", 500011,
                               "The resource principal named %.*s was not found in the tenant.", (int)len, text);
    return grant->audience != NULL;
}

static bool check_assertion(const grant_call *grant, const char *assertion)
{
    azattest_error *error = NULL;
    azattest__assertion_verdict verdict = { 0 };
    const char *type;
    bool accepted = false;

    if (!need(grant, "client_assertion_type", &type))
        return false;
    if (strcmp(type, ASSERTION_TYPE) != 0)
        azattest__grant_refuse(grant->answer, grant->request, 401, "invalid_client", 50027,
                               "client_assertion_type is not %s.", ASSERTION_TYPE);
    else if (azattest__assertion_check(grant->issuer, assertion, grant->identity->client_id, grant->tenant, &verdict,
                                       &error) != AZATTEST_OK)
        azattest__answer_error(grant->answer, AZATTEST_E_MEMORY, error);
    else if (verdict.number != 0)
        azattest__grant_refuse(grant->answer, grant->request, 401, "invalid_client", verdict.number, "%s",
                               verdict.message);
    else
        accepted = true;
    azattest_error_free(error);
    return accepted;
}

static bool check_client(grant_call *grant)
{
    const char *client_id, *secret = azattest__form_get(&grant->form, "client_secret");
    const char *assertion = azattest__form_get(&grant->form, "client_assertion");

    if (!need(grant, "client_id", &client_id))
        return false;
    if ((grant->identity = azattest__identity_find(grant->issuer, client_id)) == NULL) {
        azattest__grant_refuse(grant->answer, grant->request, 400, "unauthorized_client", 700016,
                               "Application with identifier '%s' was not found in the directory '%s'.", client_id,
                               grant->tenant);
        return false;
    }
    if (assertion != NULL)
        return check_assertion(grant, assertion);
    if (secret == NULL) {
        azattest__grant_refuse(grant->answer, grant->request, 401, "invalid_client", 7000218,
                               "The request body must contain the following parameter: 'client_assertion' or "
                               "'client_secret'.");
        return false;
    }
    if (azattest__bytes_equal_constant_time(azattest__text(secret), azattest__text(grant->identity->secret)))
        return true;
    azattest__grant_refuse(grant->answer, grant->request, 401, "invalid_client", 7000215,
                           "Invalid client secret provided. Ensure the secret being sent in the request is the client "
                           "secret value, not the client secret ID, for a secret added to app '%s'.",
                           grant->identity->client_id);
    return false;
}

/* {"token_type","expires_in","ext_expires_in","access_token"}; the older endpoint adds its own and makes them text. */
static void give_token(const grant_call *grant, bool v1)
{
    azattest_error *error = NULL;
    int64_t life_s = grant->issuer->token_life_s, now_s = azattest__clock_now_ms(&grant->issuer->clock) / 1000;
    azattest__json *document = azattest__json_new_object();
    azattest_status status;
    azattest__buf token;
    char number[24];

    azattest__buf_init(&token, AZATTEST_LIMIT_TOKEN);
    if ((status = azattest__access_token_make(grant->issuer, grant->identity, grant->audience, &token, &error)) !=
        AZATTEST_OK)
        goto done;
    azattest__json_put_string(document, "token_type", "Bearer");
    if (v1) {
        snprintf(number, sizeof(number), "%lld", (long long)life_s);
        azattest__json_put_string(document, "expires_in", number);
        azattest__json_put_string(document, "ext_expires_in", number);
        snprintf(number, sizeof(number), "%lld", (long long)(now_s + life_s));
        azattest__json_put_string(document, "expires_on", number);
        azattest__json_put_string(document, "resource", grant->audience);
    } else {
        azattest__json_put_integer(document, "expires_in", life_s);
        azattest__json_put_integer(document, "ext_expires_in", life_s);
    }
    azattest__json_put_bytes_text(document, "access_token", azattest__buf_bytes(&token));
    azattest__answer_header(grant->answer, "Cache-Control", "no-store, no-cache");
    status = azattest__answer_json(grant->answer, document, &error);
done:
    if (status != AZATTEST_OK)
        azattest__answer_error(grant->answer, status, error);
    azattest_error_free(error);
    azattest__buf_free(&token);
    azattest__json_free(document);
}

static void answer_form(grant_call *grant, bool v1)
{
    const char *type;

    if (!need(grant, "grant_type", &type))
        return;
    if (strcmp(type, "client_credentials") != 0)
        azattest__grant_refuse(grant->answer, grant->request, 400, "unsupported_grant_type", 70003,
                               "The app requested an unsupported grant type '%s'.", type);
    else if (check_client(grant) && read_audience(grant, v1))
        give_token(grant, v1);
}

void azattest__grant(const azattest__issuer *issuer, const char *tenant, bool v1,
                     const azattest__service_request *request, azattest__service_answer *answer)
{
    azattest_error *error = NULL;
    azattest__service_request known = *request;
    grant_call grant = { .issuer = issuer, .request = &known, .answer = answer, .tenant = tenant };

    if (!azattest__tenant_known(issuer, tenant)) {
        azattest__grant_refuse(answer, request, 400, "invalid_request", 90002,
                               "Tenant '%s' not found. Check to make sure you have the correct tenant ID.", tenant);
    } else if (azattest__form_parse(request->body, &grant.form, &error) != AZATTEST_OK) {
        azattest__grant_refuse(answer, request, 400, "invalid_request", 9000410, "Malformed request body: %s.",
                               azattest_error_message(error));
    } else {
        if (known.client_request_id == NULL) /* msal-node sends it as a field */
            known.client_request_id = azattest__form_get(&grant.form, "client-request-id");
        answer_form(&grant, v1);
    }
    azattest__form_clear(&grant.form);
    azattest_error_free(error);
}
