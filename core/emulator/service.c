/* The service: what never changes is made at the start; requests are routed by path and method. */
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/encoding.h"
#include "crypto/issue.h"

#include "parts.h"

/* Published and recorded versions. Real instances take older ones on newer paths, so each is good for every path. */
static const char *const api_versions[] = {
    "2018-09-01-preview", "2020-10-01", "2022-08-01",         "2022-09-01-preview",
    "2023-04-01-preview", "2025-06-01", "2026-03-11-preview",
};

static const char *const metadata_claims[] = {
    "cnf",
    "nonce",
    "x-ms-ver",
    "x-ms-attestation-type",
    "x-ms-policy-hash",
    "x-ms-policy-signer",
    "x-ms-sgx-is-debuggable",
    "x-ms-sgx-mrenclave",
    "x-ms-sgx-mrsigner",
    "x-ms-sgx-svn",
    "x-ms-sgx-ehd",
    "x-ms-sgx-collateral",
    "is-debuggable",
    "sgx-mrsigner",
    "sgx-mrenclave",
    "product-id",
    "svn",
    "tee",
};

/* The instance's certificate: self-signed, serial 1, dates as those of every real instance. */
static azattest_status issue_certificate(const azattest__service *service, azattest__cert **out, azattest_error **error)
{
    azattest__cert_request request = { .common_name = service->endpoint, .serial = 1, .path_length = -1 };

    azattest__time_from_civil(2019, 5, 1, 0, 0, 0, &request.not_before);
    azattest__time_from_civil(2050, 12, 31, 23, 59, 59, &request.not_after);
    return azattest__cert_issue(&request, service->key, NULL, NULL, out, error);
}

/* {"keys":[{"x5c","kid","kty"}]}, and nothing more: real entries have no n, e, alg or use. */
static azattest_status make_certs(azattest__service *service, azattest_error **error)
{
    azattest_status status;
    azattest__cert *certificate = NULL;
    azattest__json *document = NULL, *keys, *key, *chain;
    azattest__buf text;

    azattest__buf_init(&text, 2 * AZATTEST_LIMIT_CERTIFICATE);
    if ((status = issue_certificate(service, &certificate, error)) != AZATTEST_OK)
        goto done;
    azattest__base64_encode(azattest__cert_der(certificate), &text);
    if ((status = azattest__error_from_buf(error, &text, "signing certificate")) != AZATTEST_OK)
        goto done;
    chain = azattest__json_new_array();
    azattest__json_add_string(chain, (const char *)text.ptr);
    key = azattest__json_new_object();
    azattest__json_put(key, "x5c", chain);
    azattest__json_put_string(key, "kid", service->key_id);
    azattest__json_put_string(key, "kty", "RSA");
    keys = azattest__json_new_array();
    azattest__json_add(keys, key);
    document = azattest__json_new_object();
    azattest__json_put(document, "keys", keys);
    status = azattest__json_print(document, false, &service->certs, error);
done:
    azattest__json_free(document);
    azattest__buf_free(&text);
    azattest__cert_free(certificate);
    return status;
}

static azattest_status make_metadata(azattest__service *service, azattest_error **error)
{
    azattest_status status = AZATTEST_E_MEMORY;
    azattest__json *document = azattest__json_new_object(), *list;
    char *revocation = NULL;

    if (asprintf(&revocation, "%s/revoke", service->endpoint) < 0) {
        revocation = NULL;
        azattest__error_memory(error);
        goto done;
    }
    list = azattest__json_new_array();
    azattest__json_add_string(list, "token");
    azattest__json_add_string(list, "none");
    azattest__json_put(document, "response_types_supported", list);
    list = azattest__json_new_array();
    azattest__json_add_string(list, "RS256");
    azattest__json_put(document, "id_token_signing_alg_values_supported", list);
    azattest__json_put_string(document, "revocation_endpoint", revocation);
    azattest__json_put_string(document, "issuer", service->endpoint);
    azattest__json_put_string(document, "jwks_uri", service->keys_url);
    list = azattest__json_new_array();
    for (size_t i = 0; i < sizeof(metadata_claims) / sizeof(metadata_claims[0]); i++)
        azattest__json_add_string(list, metadata_claims[i]);
    azattest__json_put(document, "claims_supported", list);
    status = azattest__json_print(document, false, &service->metadata, error);
done:
    free(revocation);
    azattest__json_free(document);
    return status;
}

azattest_status azattest__service_new(const azattest__service_options *options, azattest__service **out,
                                      azattest_error **error)
{
    azattest_status status;
    azattest__service *service;
    unsigned char hash[AZATTEST__SHA256_SIZE];

    *out = NULL;
    if ((service = calloc(1, sizeof(*service))) == NULL)
        return azattest__error_memory(error);
    azattest__buf_init(&service->extra_roots, AZATTEST_LIMIT_CERTIFICATE);
    azattest__buf_init(&service->certs, AZATTEST_LIMIT_RESPONSE);
    azattest__buf_init(&service->metadata, AZATTEST_LIMIT_RESPONSE);
    service->key = azattest__key_ref(options->signing_key);
    service->clock = options->clock;
    azattest__buf_append_bytes(&service->extra_roots, options->extra_roots);
    if ((status = azattest__error_from_buf(error, &service->extra_roots, "extra roots")) != AZATTEST_OK)
        goto done;
    if ((service->endpoint = azattest__dup_text(options->endpoint)) == NULL ||
        asprintf(&service->keys_url, "%s/certs", service->endpoint) < 0) {
        service->keys_url = NULL;
        status = azattest__error_memory(error);
        goto done;
    }
    if ((status = azattest__service_key_id(service->key, service->key_id, hash, error)) != AZATTEST_OK ||
        (status = make_certs(service, error)) != AZATTEST_OK || (status = make_metadata(service, error)) != AZATTEST_OK)
        goto done;
    *out = service;
    service = NULL;
done:
    azattest__service_free(service);
    return status;
}

void azattest__service_free(azattest__service *service)
{
    if (service == NULL)
        return;
    azattest__key_free(service->key);
    azattest__buf_free(&service->metadata);
    azattest__buf_free(&service->certs);
    azattest__buf_free(&service->extra_roots);
    free(service->keys_url);
    free(service->endpoint);
    free(service);
}

/* ---- routing ---- */

#define PATH_SIZE 256
#define VERSION_SIZE 64

/* What a request target says, percent-encoding undone. */
struct target {
    char path[PATH_SIZE];
    bool has_version, twice;
    char version[VERSION_SIZE];
};

static int hex_digit(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

/* False when it does not fit or decodes to nothing that a path or version can be (NUL, broken escape). */
static bool percent_decode(const char *text, size_t len, char *out, size_t size)
{
    size_t n = 0;

    for (size_t i = 0; i < len; i++) {
        int c = (unsigned char)text[i];

        if (c == '%') {
            if (len - i < 3 || hex_digit(text[i + 1]) < 0 || hex_digit(text[i + 2]) < 0)
                return false;
            c = hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2]);
            i += 2;
        }
        if (c == 0 || n + 1 >= size)
            return false;
        out[n++] = (char)c;
    }
    out[n] = '\0';
    return true;
}

static void read_query(const char *query, struct target *out)
{
    while (*query != '\0') {
        size_t len = strcspn(query, "&"), name_len = strcspn(query, "=&");
        char name[16];

        if (percent_decode(query, name_len, name, sizeof(name)) && azattest__text_equal_nocase(name, "api-version")) {
            size_t skip = name_len < len ? name_len + 1 : name_len;

            out->twice = out->has_version;
            out->has_version = true;
            if (!percent_decode(query + skip, len - skip, out->version, sizeof(out->version)))
                out->version[0] = '\0'; /* unknown */
        }
        query += len + (query[len] == '&');
    }
}

static bool read_target(const char *text, struct target *out)
{
    size_t path_len = strcspn(text, "?#");

    memset(out, 0, sizeof(*out));
    if (text[path_len] == '?')
        read_query(text + path_len + 1, out);
    return percent_decode(text, path_len, out->path, sizeof(out->path));
}

/* What to answer to an unknown or missing version is not documented; this is the local service's own choice. */
static azattest_status check_version(const struct target *target, bool required, azattest_error **error)
{
    if (!target->has_version && !required)
        return AZATTEST_OK;
    if (!target->has_version)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT,
                                   "the query parameter api-version is missing; for instance "
                                   "?api-version=2025-06-01");
    for (size_t i = 0; !target->twice && i < sizeof(api_versions) / sizeof(api_versions[0]); i++)
        if (strcmp(target->version, api_versions[i]) == 0)
            return AZATTEST_OK;
    return azattest__error_set(error, AZATTEST_E_ARGUMENT,
                               "%s; this service knows 2018-09-01-preview, 2020-10-01, 2022-08-01, "
                               "2022-09-01-preview, 2023-04-01-preview, 2025-06-01 and 2026-03-11-preview",
                               target->twice ? "api-version is given more than once" : "unknown api-version");
}

static const struct route {
    enum { CERTS, METADATA, ATTEST } action;
    const char *method;
    const char *path;
    const char *type;          /* behind the path, in any letter case; NULL: none */
    const char *kind, *member; /* of evidence, for attest calls */
} routes[] = {
    { CERTS, "GET", "/certs", NULL, NULL, NULL },
    { METADATA, "GET", "/.well-known/openid-configuration", NULL, NULL, NULL },
    { ATTEST, "POST", "/attest/", "SgxEnclave", "sgx_quote", "quote" },
    { ATTEST, "POST", "/attest/", "OpenEnclave", "open_enclave_report", "report" },
};

static const struct route *find_route(const char *path)
{
    for (const struct route *route = routes; route < routes + sizeof(routes) / sizeof(routes[0]); route++) {
        size_t len = strlen(route->path);

        if (route->type == NULL
                ? strcmp(path, route->path) == 0
                : strncmp(path, route->path, len) == 0 && azattest__text_equal_nocase(path + len, route->type))
            return route;
    }
    return NULL;
}

static azattest_status run(const azattest__service *service, const struct route *route, azattest_bytes body,
                           azattest__service_answer *answer, azattest_error **error)
{
    if (route->action == ATTEST)
        return azattest__attest(service, route->kind, route->member, body, answer, error);
    answer->status = 200;
    azattest__buf_append_bytes(&answer->body,
                               azattest__buf_bytes(route->action == CERTS ? &service->certs : &service->metadata));
    return azattest__error_from_buf(error, &answer->body, "answer");
}

void azattest__service_handle(const azattest__service *service, const azattest__service_request *request,
                              azattest__service_answer *answer)
{
    azattest_status status;
    azattest_error *error = NULL;
    const struct route *route;
    struct target target;

    azattest__answer_init(answer, request->traceparent);
    if (!read_target(request->target, &target) || (route = find_route(target.path)) == NULL) {
        azattest__answer_refuse(answer, 404, "NotFound", false,
                                "no such path; this service has POST /attest/SgxEnclave, POST /attest/OpenEnclave, "
                                "GET /certs and GET /.well-known/openid-configuration");
        return;
    }
    if (strcmp(request->method, route->method) != 0) {
        answer->allow = route->method;
        azattest__answer_refuse(answer, 405, "MethodNotAllowed", false, "this path takes another method: see Allow");
        return;
    }
    if ((status = check_version(&target, route->action == ATTEST, &error)) == AZATTEST_OK)
        status = run(service, route, request->body, answer, &error);
    if (status != AZATTEST_OK)
        azattest__answer_error(answer, status, error);
    azattest_error_free(error);
}

void azattest__service_too_large(const azattest__service_request *request, azattest__service_answer *answer)
{
    azattest__answer_init(answer, request->traceparent);
    azattest__answer_refuse(answer, 413, "RequestTooLarge", false, "the request body has more than 1 MiB");
}
