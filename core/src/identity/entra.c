/* POST <authority>/<tenant>/oauth2/v2.0/token. */
#include "entra.h"

#include <stdlib.h>

#include <azattest/limits.h>

#include "../json/json.h"
#include "token_reply.h"

#define SHOWN 250

/* ---- tenants ---- */

azattest_status azattest__tenants_take(const char *credential, const char *own,
                                       const azattest_credential_options *options, azattest__tenants *out,
                                       azattest_error **error)
{
    const char *allowed = azattest__option_or_variable(options, options->additionally_allowed_tenants,
                                                       "AZURE_ADDITIONALLY_ALLOWED_TENANTS");
    azattest_status status;

    memset(out, 0, sizeof(*out));
    if (own != NULL && !azattest__is_tenant(own))
        return azattest__error_set(error, AZATTEST_E_ARGUMENT, "%s: tenant_id has to be letters, digits, '-' and '.'",
                                   credential);
    if ((status = azattest__take_text(credential, "tenant_id", own, &out->own, error)) != AZATTEST_OK ||
        (status = azattest__take_text(credential, "additionally_allowed_tenants", allowed, &out->allowed, error)) !=
            AZATTEST_OK)
        azattest__tenants_clear(out);
    out->single = azattest__variable_is_on(options, "AZURE_IDENTITY_DISABLE_MULTITENANTAUTH");
    return status;
}

void azattest__tenants_clear(azattest__tenants *tenants)
{
    free(tenants->own);
    free(tenants->allowed);
    memset(tenants, 0, sizeof(*tenants));
}

static bool is_allowed(const char *list, const char *tenant)
{
    size_t len, size = strlen(tenant);

    for (; list != NULL && *list != '\0'; list += len + (list[len] == ';')) {
        while (*list == ' ')
            list++;
        len = strcspn(list, ";");
        if ((len == 1 && *list == '*') || (len == size && strncasecmp(list, tenant, len) == 0))
            return true;
    }
    return false;
}

azattest_status azattest__tenants_choose(const azattest__tenants *tenants, const azattest__flow *flow,
                                         const char **tenant, azattest_error **error)
{
    const char *wanted = flow->tenant;

    *tenant = tenants->own;
    if (wanted == NULL || tenants->single ||
        (tenants->own != NULL && (strcmp(tenants->own, "adfs") == 0 || strcasecmp(tenants->own, wanted) == 0)))
        return AZATTEST_OK;
    *tenant = wanted;
    if (tenants->own == NULL || is_allowed(tenants->allowed, wanted))
        return AZATTEST_OK;
    return azattest__error_set(
        error, AZATTEST_E_AUTH,
        "%s: a token of the tenant %s was asked for, which is not this credential's; allow it by "
        "the option additionally_allowed_tenants",
        flow->active->name, wanted);
}

/* ---- the application ---- */

/* An origin: a scheme is optional, and can only be https. */
static azattest_status take_authority(const char *credential, const azattest_credential_options *options, char **out,
                                      azattest_error **error)
{
    const char *given = azattest__option_or_variable(options, options->authority_host, "AZURE_AUTHORITY_HOST");
    azattest_status status = AZATTEST_OK;
    azattest__origin origin;
    azattest__buf url;

    memset(&origin, 0, sizeof(origin));
    azattest__buf_init(&url, AZATTEST_LIMIT_ENDPOINT);
    if (given == NULL)
        given = AZATTEST__AUTHORITY;
    while (*given == ' ')
        given++;
    azattest__buf_printf(&url, "%s%s", strstr(given, "://") == NULL ? "https://" : "", given);
    while (url.len > 0 && url.ptr[url.len - 1] == ' ')
        azattest__buf_cut(&url, url.len - 1);
    if (url.status != AZATTEST_OK || azattest__origin_parse((const char *)url.ptr, &origin, NULL) != AZATTEST_OK ||
        !origin.secure)
        status = azattest__error_set(error, AZATTEST_E_ARGUMENT,
                                     "%s: authority_host (AZURE_AUTHORITY_HOST) has to be a host that is reached by "
                                     "https, such as " AZATTEST__AUTHORITY,
                                     credential);
    else if ((*out = azattest__dup_text(origin.text)) == NULL)
        status = azattest__error_memory(error);
    azattest__origin_clear(&origin);
    azattest__buf_free(&url);
    return status;
}

azattest_status azattest__entra_take(const char *credential, const char *tenant_id, const char *client_id,
                                     const azattest_credential_options *options, azattest__entra *out,
                                     azattest_error **error)
{
    azattest_status status;

    memset(out, 0, sizeof(*out));
    if (tenant_id == NULL || client_id == NULL)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT, "%s: %s is missing", credential,
                                   tenant_id == NULL ? "tenant_id" : "client_id");
    if ((status = azattest__tenants_take(credential, tenant_id, options, &out->tenants, error)) != AZATTEST_OK ||
        (status = azattest__take_text(credential, "client_id", client_id, &out->client_id, error)) != AZATTEST_OK ||
        (status = take_authority(credential, options, &out->authority, error)) != AZATTEST_OK)
        azattest__entra_clear(out);
    return status;
}

void azattest__entra_clear(azattest__entra *entra)
{
    free(entra->authority);
    free(entra->client_id);
    azattest__tenants_clear(&entra->tenants);
    memset(entra, 0, sizeof(*entra));
}

/* ---- the request ---- */

void azattest__form_add(azattest__buf *form, const char *name, const char *value)
{
    if (form->len > 0)
        azattest__buf_append_text(form, "&");
    azattest__append_escaped(form, name);
    azattest__buf_append_text(form, "=");
    azattest__append_escaped(form, value);
}

azattest_status azattest__entra_begin(const azattest__entra *entra, azattest__flow *flow, azattest_error **error)
{
    const char *name = flow->active->name, *tenant;
    azattest_status status;
    azattest__buf url;
    char *resource = NULL;
    bool adfs;

    if ((status = azattest__tenants_choose(&entra->tenants, flow, &tenant, error)) != AZATTEST_OK)
        return status;
    adfs = strcmp(tenant, "adfs") == 0;
    azattest__buf_init(&url, 2 * AZATTEST_LIMIT_ENDPOINT);
    azattest__buf_printf(&url, "%s/%s/%s", entra->authority, tenant, adfs ? "oauth2/token" : "oauth2/v2.0/token");
    if ((status = azattest__flow_request(flow, "POST", &url, error)) != AZATTEST_OK ||
        (status = azattest__request_header(&flow->request, "Content-Type", "application/x-www-form-urlencoded",
                                           error)) != AZATTEST_OK)
        return status;
    flow->request.has_body = true;
    azattest__form_add(&flow->request.body, "grant_type", "client_credentials");
    azattest__form_add(&flow->request.body, "client_id", entra->client_id);
    if (!adfs) {
        azattest__form_add(&flow->request.body, "scope", flow->scopes);
    } else if ((status = azattest__resource_of(name, flow->scopes, &resource, error)) == AZATTEST_OK) {
        azattest__form_add(&flow->request.body, "resource", resource);
        free(resource);
    }
    return status;
}

static azattest_status receive(azattest__flow *flow, const azattest_http_response *response, azattest_error **error)
{
    const char *name = flow->active->name;
    azattest__access_token token;
    azattest_status status;

    if (response->status > 299)
        return azattest__entra_error(name, response, flow->secret, error);
    if ((status = azattest__token_reply(name, response->body, azattest__flow_now_s(flow), &token, error)) ==
        AZATTEST_OK)
        azattest__flow_done(flow, &token);
    return status;
}

azattest_status azattest__entra_send(azattest__flow *flow, azattest_error **error)
{
    azattest_status status = azattest__error_from_buf(error, &flow->request.body, "request of a token");

    return status != AZATTEST_OK ? status : azattest__flow_send(flow, receive, NULL, error);
}

/* ---- its errors ---- */

/* The next step for codes that are common. Source: Microsoft Entra's list of AADSTS codes. */
static const char *hint_for(const char *description)
{
    static const struct {
        const char *code, *hint;
    } known[] = {
        { "AADSTS7000215", "The client secret is wrong: give its value, not its id." },
        { "AADSTS7000222", "The client secret has expired: make a new one." },
        { "AADSTS700027", "The certificate is not registered with the application, or another key signed." },
        { "AADSTS700016", "The tenant does not know this client_id: check both." },
        { "AADSTS90002", "There is no such tenant in this cloud: check tenant_id and authority_host." },
        { "AADSTS500011", "The tenant does not know the resource of these scopes: check scopes." },
        { "AADSTS70021", "No federated credential of the application fits the token's issuer and subject." },
        { "AADSTS700213", "No federated credential of the application fits the token's issuer and subject." },
        { "AADSTS700024", "The assertion is outside its time: check this machine's clock." },
    };

    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        size_t len = strlen(known[i].code);

        if (strncmp(description, known[i].code, len) == 0 && (description[len] < '0' || description[len] > '9'))
            return known[i].hint;
    }
    return NULL;
}

azattest_status azattest__entra_error(const char *source, const azattest_http_response *response, const char *secret,
                                      azattest_error **error)
{
    bool denied = response->status == 400 || response->status == 401 || response->status == 403;
    azattest_status status = denied ? AZATTEST_E_AUTH : AZATTEST_E_HTTP;
    char *code = NULL, *line = NULL, *correlation = NULL;
    azattest__error_http http = { 0 };
    azattest__json *document = NULL;
    const char *text;

    (void)azattest__json_parse(response->body, &document, NULL);
    if ((text = azattest__json_get_string(document, "error")) != NULL)
        code = azattest__shown_clean(azattest__text(text), 80, secret);
    if ((text = azattest__json_get_string(document, "error_description")) != NULL) {
        line = azattest__shown_clean(azattest__bytes(text, strcspn(text, "\r\n")), SHOWN, secret);
        http.hint = hint_for(text);
    }
    if ((text = azattest__json_get_string(document, "correlation_id")) != NULL)
        correlation = azattest__shown_clean(azattest__text(text), 80, secret);
    status =
        azattest__error_set(error, status, "%s: the token was refused (%d): %s%s%s%s%s%s", source, response->status,
                            code != NULL ? code : "no reason that could be read", line != NULL ? ": " : "",
                            line != NULL ? line : "", correlation != NULL ? " (correlation id " : "",
                            correlation != NULL ? correlation : "", correlation != NULL ? ")" : "");
    http.status_code = response->status;
    http.reason = response->reason;
    http.error_code = code;
    http.service_message = line;
    if (error != NULL)
        azattest__error_set_http(*error, &http);
    azattest__json_free(document);
    free(code);
    free(line);
    free(correlation);
    return status;
}
