/* The issuer: made, freed, described; its paths and discovery documents. */
#include "issuer.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/encoding.h"

#include "issuer_parts.h"
#include "parts.h"

azattest_status azattest__issuer_new(const azattest__issuer_options *options, azattest__issuer **out,
                                     azattest_error **error)
{
    azattest_status status;
    azattest__issuer *issuer;

    *out = NULL;
    if ((issuer = calloc(1, sizeof(*issuer))) == NULL)
        return azattest__error_memory(error);
    issuer->clock = options->clock;
    issuer->token_life_s = options->token_life_s == 0 ? AZATTEST__TOKEN_LIFE_S : options->token_life_s;
    if ((issuer->authority = azattest__dup_text(options->authority)) == NULL)
        status = azattest__error_memory(error);
    else
        status = azattest__identities_open(issuer, options->state, error);
    if (status == AZATTEST_OK)
        *out = issuer;
    else
        azattest__issuer_free(issuer);
    return status;
}

void azattest__issuer_free(azattest__issuer *issuer)
{
    if (issuer == NULL)
        return;
    azattest__key_free(issuer->key);
    azattest__cert_free(issuer->certificate);
    azattest__cert_free(issuer->client_certificate);
    azattest__key_free(issuer->federation_key);
    free(issuer->authority);
    free(issuer->certificate_file);
    free(issuer->federated_token_file);
    free(issuer->arc_file);
    azattest__wipe(issuer, sizeof(*issuer));
    free(issuer);
}

void azattest__issuer_describe(const azattest__issuer *issuer, const char *imds_endpoint, azattest__json *line)
{
    azattest__json *list = azattest__json_new_array();

    azattest__json_put_string(line, "authority_host", issuer->authority);
    azattest__json_put_string(line, "tenant_id", issuer->tenant_id);
    azattest__json_put_string(line, "client_id", issuer->identities[0].client_id);
    azattest__json_put_string(line, "client_secret", issuer->identities[0].secret);
    azattest__json_put_string(line, "client_certificate_file", issuer->certificate_file);
    azattest__json_put_string(line, "federated_token_file", issuer->federated_token_file);
    for (size_t i = 0; i < AZATTEST__IDENTITIES; i++) {
        const azattest__test_identity *identity = &issuer->identities[i];
        azattest__json *entry = azattest__json_new_object(), *roles = azattest__json_new_array();

        azattest__json_put_string(entry, "name", identity->name);
        azattest__json_put_string(entry, "client_id", identity->client_id);
        azattest__json_put_string(entry, "object_id", identity->object_id);
        azattest__json_put_string(entry, "client_secret", identity->secret);
        if (azattest__role_name(identity->access) != NULL)
            azattest__json_add_string(roles, azattest__role_name(identity->access));
        azattest__json_put(entry, "roles", roles);
        azattest__json_add(list, entry);
    }
    azattest__json_put(line, "identities", list);
    if (imds_endpoint != NULL) {
        azattest__json *app_service = azattest__json_new_object();
        char *address = NULL;

        azattest__json_put_string(line, "imds_endpoint", imds_endpoint);
        if (asprintf(&address, "%s/msi/token", imds_endpoint) >= 0) {
            azattest__json_put_string(app_service, "identity_endpoint", address);
            free(address);
        }
        azattest__json_put_string(app_service, "identity_header", issuer->managed_secret);
        azattest__json_put(line, "app_service", app_service);
    }
}

/* ---- documents ---- */

static void put_url(azattest__json *document, const char *name, const azattest__issuer *issuer, const char *tenant,
                    const char *path)
{
    char *url = NULL;

    if (asprintf(&url, "%s/%s%s", issuer->authority, tenant, path) < 0)
        return;
    azattest__json_put_string(document, name, url);
    free(url);
}

static void put_list(azattest__json *document, const char *name, const char *const *items, size_t count)
{
    azattest__json *list = azattest__json_new_array();

    for (size_t i = 0; i < count; i++)
        azattest__json_add_string(list, items[i]);
    azattest__json_put(document, name, list);
}

/* OpenID Connect discovery, of the v2.0 endpoints or of the older ones. */
static azattest__json *make_configuration(const azattest__issuer *issuer, const char *tenant, bool v1)
{
    static const char *const methods[] = { "client_secret_post", "private_key_jwt" };
    static const char *const algorithms[] = { "RS256" };
    static const char *const types[] = { "token" }, *const subjects[] = { "pairwise" };
    azattest__json *document = azattest__json_new_object();

    put_url(document, "token_endpoint", issuer, tenant, v1 ? "/oauth2/token" : "/oauth2/v2.0/token");
    put_list(document, "token_endpoint_auth_methods_supported", methods, 2);
    put_url(document, "jwks_uri", issuer, tenant, v1 ? "/discovery/keys" : "/discovery/v2.0/keys");
    put_list(document, "subject_types_supported", subjects, 1);
    put_list(document, "id_token_signing_alg_values_supported", algorithms, 1);
    put_list(document, "response_types_supported", types, 1);
    put_url(document, "issuer", issuer, tenant, v1 ? "/" : "/v2.0");
    put_url(document, "authorization_endpoint", issuer, tenant, v1 ? "/oauth2/authorize" : "/oauth2/v2.0/authorize");
    return document;
}

/* What the libraries ask login.microsoftonline.com when they do not know the authority. */
static azattest__json *make_instance(const azattest__issuer *issuer)
{
    const char *host = issuer->authority + strlen("https://");
    azattest__json *document = azattest__json_new_object(), *list = azattest__json_new_array(),
                   *entry = azattest__json_new_object();

    put_url(document, "tenant_discovery_endpoint", issuer, issuer->tenant_id, "/v2.0/.well-known/openid-configuration");
    azattest__json_put_string(document, "api-version", "1.1");
    azattest__json_put_string(entry, "preferred_network", host);
    azattest__json_put_string(entry, "preferred_cache", host);
    put_list(entry, "aliases", &host, 1);
    azattest__json_add(list, entry);
    azattest__json_put(document, "metadata", list);
    return document;
}

static azattest__json *make_keys(const azattest__issuer *issuer)
{
    azattest__json *document = azattest__json_new_object(), *keys = azattest__json_new_array(),
                   *key = azattest__json_new_object(), *chain = azattest__json_new_array();
    azattest__buf n, e, text;

    azattest__buf_init(&n, AZATTEST_LIMIT_SIGNATURE);
    azattest__buf_init(&e, AZATTEST_LIMIT_SIGNATURE);
    azattest__buf_init(&text, 2 * AZATTEST_LIMIT_CERTIFICATE);
    azattest__json_put_string(key, "kty", "RSA");
    azattest__json_put_string(key, "use", "sig");
    azattest__json_put_string(key, "kid", issuer->key_thumbprint);
    azattest__json_put_string(key, "x5t", issuer->key_thumbprint);
    if (azattest__key_numbers(issuer->key, &n, &e, NULL) == AZATTEST_OK) {
        azattest__json_put_base64url(key, "n", azattest__buf_bytes(&n));
        azattest__json_put_base64url(key, "e", azattest__buf_bytes(&e));
    }
    azattest__base64_encode(azattest__cert_der(issuer->certificate), &text);
    azattest__json_add_string(chain, text.status == AZATTEST_OK ? (const char *)text.ptr : "");
    azattest__json_put(key, "x5c", chain);
    azattest__json_add(keys, key);
    azattest__json_put(document, "keys", keys);
    azattest__buf_free(&n);
    azattest__buf_free(&e);
    azattest__buf_free(&text);
    return document;
}

/* ---- paths ---- */

enum page { TOKEN, TOKEN_V1, CONFIGURATION, CONFIGURATION_V1, INSTANCE, KEYS };

/* Behind the tenant. */
static const struct {
    const char *path;
    enum page page;
} pages[] = {
    { "/oauth2/v2.0/token", TOKEN },
    { "/oauth2/token", TOKEN_V1 },
    { "/v2.0/.well-known/openid-configuration", CONFIGURATION },
    { "/.well-known/openid-configuration", CONFIGURATION_V1 },
    { "/discovery/instance", INSTANCE },
    { "/discovery/v2.0/keys", KEYS },
    { "/discovery/keys", KEYS },
};

/* "/TENANT/rest": the page, and the tenant's length. */
static bool find_page(const char *path, size_t *tenant_len, enum page *page)
{
    if (path[0] != '/' || (*tenant_len = strcspn(path + 1, "/")) == 0)
        return false;
    for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
        if (strcmp(path + 1 + *tenant_len, pages[i].path) == 0) {
            *page = pages[i].page;
            return true;
        }
    }
    return false;
}

static void give_document(const azattest__issuer *issuer, const char *tenant, enum page page,
                          const azattest__service_request *request, azattest__service_answer *answer)
{
    azattest_error *error = NULL;
    azattest__json *document = NULL;

    if (page == INSTANCE)
        document = make_instance(issuer);
    else if (page == KEYS)
        document = make_keys(issuer);
    else if (!azattest__tenant_known(issuer, tenant)) {
        azattest__grant_refuse(answer, request, 400, "invalid_tenant", 90002, "Tenant '%s' not found.", tenant);
        return;
    } else
        document = make_configuration(issuer, tenant, page == CONFIGURATION_V1);
    if (azattest__answer_json(answer, document, &error) != AZATTEST_OK)
        azattest__answer_error(answer, AZATTEST_E_MEMORY, error);
    azattest_error_free(error);
    azattest__json_free(document);
}

bool azattest__issuer_handle(const azattest__issuer *issuer, const azattest__service_request *request,
                             azattest__service_answer *answer)
{
    azattest__target target;
    size_t tenant_len = 0;
    enum page page = KEYS;
    char tenant[sizeof(target.path)];
    bool token;

    if (!azattest__target_read(request->target, &target) || !find_page(target.path, &tenant_len, &page))
        return false;
    memcpy(tenant, target.path + 1, tenant_len);
    tenant[tenant_len] = '\0';
    azattest__answer_init(answer, request->traceparent);
    token = page == TOKEN || page == TOKEN_V1;
    if (strcmp(request->method, token ? "POST" : "GET") != 0) {
        snprintf(answer->allow, sizeof(answer->allow), "%s", token ? "POST" : "GET");
        azattest__grant_refuse(answer, request, token ? 400 : 405, "invalid_request", 900561,
                               "The endpoint only accepts %s requests.", answer->allow);
    } else if (token)
        azattest__grant(issuer, tenant, page == TOKEN_V1, request, answer);
    else
        give_document(issuer, tenant, page, request, answer);
    return true;
}
