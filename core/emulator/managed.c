/*
 * The managed-identity endpoints: IMDS of virtual machines, App Service (both versions), Azure Arc. The system-assigned
 * identity is the contributor; the others are asked for by an id, as user-assigned ones.
 */
#include <stdio.h>
#include <time.h>

#include "base/clock.h"

#include "issuer_parts.h"
#include "parts.h"

/* {"error","error_description"}, and no more. */
static void refuse(azattest__service_answer *answer, int status, const char *error, const char *description)
{
    azattest__json *document = azattest__json_new_object();

    azattest__json_put_string(document, "error", error);
    azattest__json_put_string(document, "error_description", description);
    azattest__buf_free(&answer->body);
    if (azattest__json_print(document, false, &answer->body, NULL) != AZATTEST_OK)
        status = 500;
    answer->status = status;
    azattest__json_free(document);
}

/* How an endpoint differs from the others. */
enum flavour { IMDS, APP_SERVICE, APP_SERVICE_2017, ARC };

/* Names of the parameters that choose an identity; values are client ids, object ids, or a resource's path whose last
 * part is the identity's name. */
static const char *const id_names[] = { "client_id", "clientid",   "object_id", "principal_id",
                                        "mi_res_id", "msi_res_id", NULL };

static const azattest__test_identity *find_identity(const azattest__issuer *issuer, const azattest__form *query)
{
    const char *id = NULL, *last;

    for (size_t i = 0; id == NULL && id_names[i] != NULL; i++)
        id = azattest__form_get(query, id_names[i]);
    if (id == NULL)
        return &issuer->identities[0];
    last = strrchr(id, '/');
    for (size_t i = 0; i < AZATTEST__IDENTITIES; i++) {
        const azattest__test_identity *identity = &issuer->identities[i];

        if (azattest__text_equal_nocase(id, identity->client_id) ||
            azattest__text_equal_nocase(id, identity->object_id) ||
            (last != NULL && strcmp(last + 1, identity->name) == 0))
            return identity;
    }
    return NULL;
}

static void put_expiry(azattest__json *document, enum flavour flavour, int64_t expires_s)
{
    char text[64];
    time_t seconds = (time_t)expires_s;
    struct tm parts;

    if (flavour == APP_SERVICE_2017 && gmtime_r(&seconds, &parts) != NULL)
        strftime(text, sizeof(text), "%m/%d/%Y %H:%M:%S +00:00", &parts);
    else
        snprintf(text, sizeof(text), "%lld", (long long)expires_s);
    azattest__json_put_string(document, "expires_on", text);
}

/* All values are text, numbers too. */
static void give_token(const azattest__issuer *issuer, const azattest__test_identity *identity, enum flavour flavour,
                       const char *resource, azattest__service_answer *answer)
{
    azattest_status status;
    azattest_error *error = NULL;
    int64_t now_s = azattest__clock_now_ms(&issuer->clock) / 1000;
    azattest__json *document = azattest__json_new_object();
    azattest__buf token;
    char number[24];

    azattest__buf_init(&token, AZATTEST_LIMIT_TOKEN);
    if ((status = azattest__access_token_make(issuer, identity, resource, &token, &error)) != AZATTEST_OK)
        goto done;
    azattest__json_put_bytes_text(document, "access_token", azattest__buf_bytes(&token));
    azattest__json_put_string(document, "client_id", identity->client_id);
    if (flavour == IMDS || flavour == ARC) {
        snprintf(number, sizeof(number), "%lld", (long long)issuer->token_life_s);
        azattest__json_put_string(document, "expires_in", number);
        azattest__json_put_string(document, "ext_expires_in", number);
        snprintf(number, sizeof(number), "%lld", (long long)now_s);
        azattest__json_put_string(document, "not_before", number);
    }
    put_expiry(document, flavour, now_s + issuer->token_life_s);
    azattest__json_put_string(document, "resource", resource);
    azattest__json_put_string(document, "token_type", "Bearer");
    status = azattest__answer_json(answer, document, &error);
done:
    if (status != AZATTEST_OK)
        azattest__answer_error(answer, status, error);
    azattest_error_free(error);
    azattest__buf_free(&token);
    azattest__json_free(document);
}

/* False: refused. */
static bool check_headers(const azattest__issuer *issuer, enum flavour flavour,
                          const azattest__service_request *request, azattest__service_answer *answer)
{
    const char *given = flavour == APP_SERVICE ? request->identity_header : request->secret, *scheme = "Basic ";

    switch (flavour) {
    case IMDS:
    case ARC:
        if (request->metadata == NULL || !azattest__text_equal_nocase(request->metadata, "true")) {
            refuse(answer, 400, "invalid_request", "Required metadata header not specified");
            return false;
        }
        if (flavour == IMDS)
            return true;
        if (request->authorization == NULL) {
            azattest__answer_header(answer, "WWW-Authenticate", "Basic realm=%s", issuer->arc_file);
            refuse(answer, 401, "unauthorized_client", "Missing Basic Authorization header");
            return false;
        }
        given = strncmp(request->authorization, scheme, strlen(scheme)) == 0 ? request->authorization + strlen(scheme)
                                                                             : NULL;
        break;
    case APP_SERVICE:
    case APP_SERVICE_2017:
        break;
    }
    if (given != NULL &&
        azattest__bytes_equal_constant_time(azattest__text(given), azattest__text(issuer->managed_secret)))
        return true;
    refuse(answer, 401, "unauthorized_client", "the secret is missing or wrong");
    return false;
}

static void answer_query(const azattest__issuer *issuer, enum flavour flavour, const azattest__form *query,
                         const azattest__service_request *request, azattest__service_answer *answer)
{
    static const char *const versions[] = { [IMDS] = "2018-02-01", [APP_SERVICE] = "2019-08-01", [ARC] = "2020-06-01" };
    const char *version = azattest__form_get(query, "api-version");
    const char *resource = azattest__form_get(query, "resource");
    const azattest__test_identity *identity;
    const char *audience;

    if (flavour == APP_SERVICE && version != NULL && strcmp(version, "2017-09-01") == 0)
        flavour = APP_SERVICE_2017;
    else if (version == NULL ||
             (strcmp(version, versions[flavour]) != 0 && !(flavour == ARC && strcmp(version, "2019-11-01") == 0))) {
        refuse(answer, 400, "invalid_request", "api-version is missing or unknown");
        return;
    }
    if (!check_headers(issuer, flavour, request, answer))
        return;
    if (resource == NULL || *resource == '\0') {
        refuse(answer, 400, "invalid_request", "The resource parameter is missing");
        return;
    }
    if ((identity = find_identity(issuer, query)) == NULL) {
        refuse(answer, 400, "invalid_request", "Identity not found");
        return;
    }
    if ((audience = azattest__audience_find(resource, strlen(resource))) == NULL) {
        refuse(answer, 400, "invalid_resource", "AADSTS500011: The resource principal was not found in the tenant");
        return;
    }
    give_token(issuer, identity, flavour, audience, answer);
}

void azattest__issuer_handle_managed(const azattest__issuer *issuer, const azattest__service_request *request,
                                     azattest__service_answer *answer)
{
    static const struct {
        const char *path;
        enum flavour flavour;
    } paths[] = { { "/metadata/identity/oauth2/token", IMDS },
                  { "/metadata/identity/oauth2/token/", IMDS }, /* msal-node */
                  { "/msi/token", APP_SERVICE },
                  { "/arc/metadata/identity/oauth2/token", ARC } };
    azattest__target target;
    azattest__form query;
    size_t i = 0;
    const char *question = strchr(request->target, '?');

    azattest__answer_init(answer, request->traceparent);
    while (i < sizeof(paths) / sizeof(paths[0]) &&
           (!azattest__target_read(request->target, &target) || strcmp(target.path, paths[i].path) != 0))
        i++;
    if (i == sizeof(paths) / sizeof(paths[0]))
        refuse(answer, 404, "not_found",
               "no such path; there are /metadata/identity/oauth2/token, /msi/token and "
               "/arc/metadata/identity/oauth2/token");
    else if (strcmp(request->method, "GET") != 0) {
        snprintf(answer->allow, sizeof(answer->allow), "GET");
        refuse(answer, 405, "method_not_allowed", "only GET is taken");
    } else if (azattest__form_parse(question == NULL ? azattest__text("") : azattest__text(question + 1), &query,
                                    NULL) != AZATTEST_OK)
        refuse(answer, 400, "invalid_request", "the query cannot be read");
    else {
        answer_query(issuer, paths[i].flavour, &query, request, answer);
        azattest__form_clear(&query);
    }
}
