/* The identity of the machine or of the hosting service: which source there is, and the requests that they share. */
#include "managed.h"

#include <stdlib.h>

#include <azattest/limits.h>

#include "../json/json.h"
#include "entra.h"
#include "token_reply.h"

#define NAME AZATTEST__MANAGED
#define SHOWN 250

/* ---- the request ---- */

/* "a=b" behind the address, which may have a query already. */
static void add_parameter(azattest__buf *url, const char *name, const char *value)
{
    bool has_query = url->ptr != NULL && memchr(url->ptr, '?', url->len) != NULL;

    if (name == NULL || value == NULL)
        return;
    azattest__buf_printf(url, "%c%s=", has_query ? '&' : '?', name);
    azattest__append_escaped(url, value);
}

static azattest_status put_headers(azattest__flow *flow, const azattest__managed *self,
                                   const azattest__managed_source *source, azattest_error **error)
{
    azattest_request *request = &flow->request;
    azattest_status status = AZATTEST_OK;

    if (source->says_metadata)
        status = azattest__request_header(request, "Metadata", "true", error);
    if (status == AZATTEST_OK && source->secret_header != NULL) {
        flow->secret = self->secret;
        status = azattest__request_header(request, source->secret_header, self->secret, error);
    }
    if (status == AZATTEST_OK && self->thumbprint != NULL &&
        (request->server_thumbprint = azattest__dup_text(self->thumbprint)) == NULL)
        status = azattest__error_memory(error);
    request->bypasses_proxy = true;
    return status;
}

azattest_status azattest__managed_request(azattest__flow *flow, const azattest__managed *self,
                                          const azattest__managed_source *source, const char *endpoint,
                                          azattest_error **error)
{
    bool posts = strcmp(source->method, "POST") == 0;
    azattest_status status;
    char *resource = NULL;
    azattest__buf url;

    if ((status = azattest__resource_of(NAME, flow->scopes, &resource, error)) != AZATTEST_OK)
        return status;
    azattest__buf_init(&url, 4 * AZATTEST_LIMIT_ENDPOINT + 8192);
    azattest__buf_append_text(&url, endpoint);
    add_parameter(&url, "api-version", source->api_version);
    add_parameter(&url, "resource", posts ? NULL : resource);
    add_parameter(&url, source->client_id, self->client_id);
    add_parameter(&url, source->object_id, self->object_id);
    add_parameter(&url, source->resource_id, self->resource_id);
    if ((status = azattest__flow_request(flow, source->method, &url, error)) == AZATTEST_OK && posts) {
        flow->request.has_body = true;
        azattest__form_add(&flow->request.body, "resource", resource);
        status = azattest__request_header(&flow->request, "Content-Type", "application/x-www-form-urlencoded", error);
    }
    if (status == AZATTEST_OK)
        status = put_headers(flow, self, source, error);
    free(resource);
    return status;
}

/* ---- the answer ---- */

azattest_status azattest__managed_token(azattest__flow *flow, const azattest_http_response *response,
                                        azattest_error **error)
{
    azattest__access_token token;
    azattest_status status = azattest__token_reply(NAME, response->body, azattest__flow_now_s(flow), &token, error);

    if (status == AZATTEST_OK)
        azattest__flow_done(flow, &token);
    return status;
}

azattest_status azattest__managed_error(const azattest_http_response *response, const char *label,
                                        azattest_status status, azattest_error **error)
{
    static const char *const names[] = { "error_description", "message", "error" };
    azattest__error_http http = { 0 };
    azattest__json *document = NULL;
    const char *text = NULL;
    char *shown = NULL;

    (void)azattest__json_parse(response->body, &document, NULL);
    for (size_t i = 0; text == NULL && i < sizeof(names) / sizeof(names[0]); i++)
        text = azattest__json_get_string(document, names[i]);
    shown = azattest__shown_clean(
        text != NULL ? azattest__bytes(text, strcspn(text, "\r\n"))
                     : azattest__bytes(response->body.ptr,
                                       document == NULL && response->body.len < SHOWN ? response->body.len : 0),
        SHOWN, NULL);
    (void)azattest__error_set(error, status, NAME ": %s answered %d: %s", label, response->status,
                              shown == NULL || *shown == '\0' ? "it gave no reason" : shown);
    http.status_code = response->status;
    http.reason = response->reason;
    if (error != NULL)
        azattest__error_set_http(*error, &http);
    azattest__json_free(document);
    free(shown);
    return status;
}

static azattest_status receive(azattest__flow *flow, const azattest_http_response *response, azattest_error **error)
{
    const azattest__managed *self = (const azattest__managed *)flow->active;
    bool denied = response->status == 400 || response->status == 401 || response->status == 403;

    if (response->status < 300)
        return azattest__managed_token(flow, response, error);
    return azattest__managed_error(response, self->source->label, denied ? AZATTEST_E_AUTH : AZATTEST_E_HTTP, error);
}

azattest_status azattest__managed_start(azattest__flow *flow, const azattest__managed *self, azattest_error **error)
{
    azattest_status status = azattest__managed_request(flow, self, self->source, self->endpoint, error);

    return status != AZATTEST_OK ? status : azattest__flow_send(flow, receive, self->source->again, error);
}

/* ---- the sources that differ in names only ---- */

static const azattest__managed_source service_fabric = {
    .label = "Service Fabric",
    .method = "GET",
    .api_version = "2019-07-01-preview",
    .secret_header = "Secret",
    .start = azattest__managed_start, /* the cluster fixes the identity */
};
static const azattest__managed_source app_service = {
    .label = "App Service",
    .method = "GET",
    .api_version = "2019-08-01",
    .secret_header = "X-IDENTITY-HEADER",
    .client_id = "client_id",
    .object_id = "principal_id",
    .resource_id = "mi_res_id",
    .start = azattest__managed_start,
};
/* App Service of 2017 and Azure ML have the same variables; ML wants the header "Metadata", which the other ignores. */
static const azattest__managed_source app_service_2017 = {
    .label = "App Service (2017) or Azure ML",
    .method = "GET",
    .api_version = "2017-09-01",
    .secret_header = "secret",
    .says_metadata = true,
    .client_id = "clientid",
    .start = azattest__managed_start,
};
static const azattest__managed_source cloud_shell = {
    .label = "Cloud Shell",
    .method = "POST",
    .says_metadata = true,
    .start = azattest__managed_start,
};

/* ---- which one ---- */

/* Where neither variables nor options tell: a machine that runs Arc's agent has its source. */
static azattest_status take_agent(azattest__flow *flow, azattest_bytes content, azattest_error **error)
{
    const azattest__managed *self = (const azattest__managed *)flow->active;
    const azattest__managed_source *source = content.ptr != NULL ? &azattest__arc : &azattest__imds;

    azattest__log(AZATTEST_LOG_INFO, NAME ": tries %s", source->label);
    return source->start(flow, self, error);
}

static azattest_status start(azattest__flow *flow, azattest_error **error)
{
    const azattest__managed *self = (const azattest__managed *)flow->active;

    if (self->source == NULL)
        return azattest__flow_read(flow, AZATTEST__ARC_AGENT, 0, take_agent, error);
    azattest__log(AZATTEST_LOG_INFO, NAME ": tries %s", self->source->label);
    return self->source->start(flow, self, error);
}

static void clear(azattest_credential *credential)
{
    azattest__managed *self = (azattest__managed *)credential;

    free(self->endpoint);
    azattest__secret_free(self->secret);
    free(self->thumbprint);
    free(self->client_id);
    free(self->object_id);
    free(self->resource_id);
}

static const azattest__credential_class class = { .name = NAME, .start = start, .clear = clear };

/* An absolute address without user information, fragment or what no address has. Plain http is right here. */
static bool is_address(const char *text, bool secure)
{
    const char *host = strstr(text, "://");

    if (!azattest__header_value_valid(text) || strchr(text, ' ') != NULL || strchr(text, '#') != NULL ||
        strlen(text) > AZATTEST_LIMIT_ENDPOINT || host == NULL)
        return false;
    host += 3;
    if (memchr(host, '@', strcspn(host, "/?")) != NULL || *host == '\0' || *host == '/' || *host == '?')
        return false;
    return strncmp(text, "https://", 8) == 0 || (!secure && strncmp(text, "http://", 7) == 0);
}

static bool is_thumbprint(const char *text)
{
    return strlen(text) == 40 && strspn(text, "0123456789abcdefABCDEF") == 40;
}

static azattest_status choose(azattest__managed *self, const azattest_credential_options *options,
                              azattest_error **error)
{
    const char *endpoint = azattest__variable(options, "IDENTITY_ENDPOINT");
    const char *header = azattest__variable(options, "IDENTITY_HEADER");
    const char *thumbprint = azattest__variable(options, "IDENTITY_SERVER_THUMBPRINT");
    const char *msi = azattest__variable(options, "MSI_ENDPOINT"), *secret = NULL;
    azattest_status status;

    if (endpoint != NULL && header != NULL) {
        self->source = thumbprint != NULL ? &service_fabric : &app_service;
        secret = header;
    } else if (msi != NULL) {
        secret = azattest__variable(options, "MSI_SECRET");
        self->source = secret != NULL ? &app_service_2017 : &cloud_shell;
        endpoint = msi;
        thumbprint = NULL;
    } else if (endpoint != NULL && azattest__variable(options, "IMDS_ENDPOINT") != NULL) {
        self->source = &azattest__arc;
        thumbprint = NULL;
    } else {
        return AZATTEST_OK; /* a file tells */
    }
    if (!is_address(endpoint, thumbprint != NULL && self->source == &service_fabric))
        return azattest__error_set(error, AZATTEST_E_ARGUMENT, NAME ": %s is no address of %s",
                                   endpoint == msi ? "MSI_ENDPOINT" : "IDENTITY_ENDPOINT", self->source->label);
    if (self->source == &service_fabric && !is_thumbprint(thumbprint))
        return azattest__error_set(error, AZATTEST_E_ARGUMENT,
                                   NAME ": IDENTITY_SERVER_THUMBPRINT has to be 40 hexadecimal digits");
    if ((status = azattest__take_text(NAME, "the endpoint", endpoint, &self->endpoint, error)) != AZATTEST_OK ||
        (status = azattest__take_text(NAME, "the source's secret", secret, &self->secret, error)) != AZATTEST_OK)
        return status;
    return self->source != &service_fabric
               ? AZATTEST_OK
               : azattest__take_text(NAME, "IDENTITY_SERVER_THUMBPRINT", thumbprint, &self->thumbprint, error);
}

static azattest_status take_ids(azattest__managed *self, const azattest_credential_options *options,
                                azattest_error **error)
{
    const azattest__managed_source *source = self->source == NULL ? &azattest__imds : self->source;
    const char *client_id = options->client_id;
    azattest_status status;

    if ((client_id != NULL) + (options->object_id != NULL) + (options->resource_id != NULL) > 1)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT,
                                   NAME ": client_id, object_id and resource_id exclude each other: give one");
    if ((client_id != NULL && source->client_id == NULL) || (options->object_id != NULL && source->object_id == NULL) ||
        (options->resource_id != NULL && source->resource_id == NULL))
        return azattest__error_set(error, AZATTEST_E_ARGUMENT,
                                   NAME ": %s does not choose among identities by this id; leave it out",
                                   source->label);
    if (client_id == NULL && self->source == &app_service_2017)
        client_id = azattest__variable(options, "DEFAULT_IDENTITY_CLIENT_ID");
    if ((status = azattest__take_text(NAME, "client_id", client_id, &self->client_id, error)) != AZATTEST_OK ||
        (status = azattest__take_text(NAME, "object_id", options->object_id, &self->object_id, error)) != AZATTEST_OK)
        return status;
    return azattest__take_text(NAME, "resource_id", options->resource_id, &self->resource_id, error);
}

/* IMDS can be elsewhere. */
static azattest_status take_imds_host(azattest__managed *self, const azattest_credential_options *options,
                                      azattest_error **error)
{
    const char *host = azattest__variable(options, "AZURE_POD_IDENTITY_AUTHORITY_HOST");
    azattest_status status = AZATTEST_OK;
    azattest__buf url;

    if (self->source != NULL)
        return AZATTEST_OK;
    azattest__buf_init(&url, 2 * AZATTEST_LIMIT_ENDPOINT);
    if (host == NULL)
        host = "http://169.254.169.254";
    else if (!is_address(host, false) || strchr(host, '?') != NULL)
        status =
            azattest__error_set(error, AZATTEST_E_ARGUMENT, NAME ": AZURE_POD_IDENTITY_AUTHORITY_HOST is no address");
    azattest__buf_append_text(&url, host);
    while (url.len > 0 && url.ptr[url.len - 1] == '/')
        azattest__buf_cut(&url, url.len - 1);
    azattest__buf_append_text(&url, "/metadata/identity/oauth2/token");
    if (status == AZATTEST_OK && (status = azattest__error_from_buf(error, &url, NAME)) == AZATTEST_OK)
        self->endpoint = (char *)azattest__buf_take(&url, NULL);
    azattest__buf_free(&url);
    return status;
}

azattest_status azattest_managed_identity_credential_new(const azattest_credential_options *options,
                                                         azattest_credential **out, azattest_error **error)
{
    azattest_credential *credential = NULL;
    azattest_credential_options taken;
    azattest__managed *self;
    azattest_status status;

    if ((status = azattest__credential_check_out(NAME, out, error)) != AZATTEST_OK ||
        (status = azattest__settings_take(options, &taken, error)) != AZATTEST_OK ||
        (status = azattest__credential_new(sizeof(*self), &class, &credential, error)) != AZATTEST_OK)
        return status;
    self = (azattest__managed *)credential;
    if ((status = choose(self, &taken, error)) == AZATTEST_OK &&
        (status = take_ids(self, &taken, error)) == AZATTEST_OK)
        status = take_imds_host(self, &taken, error);
    if (status == AZATTEST_OK)
        *out = credential;
    else
        azattest_credential_free(credential);
    return status;
}
