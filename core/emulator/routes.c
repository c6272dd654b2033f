/* Every path of the service, and the way of a request from its target to its answer. */
#include <stdio.h>

#include "parts.h"

static azattest_status attest(azattest__call *call, azattest_error **error)
{
    return call->kind->attest(call, error);
}

static azattest_status first_policy(azattest__call *call, azattest_error **error)
{
    (void)call;
    return azattest__refuse(error, 400, "InvalidOperation",
                            "the policy calls of 2018-09-01-preview are not served; use /policies and /certificates of "
                            "api-version 2020-10-01");
}

static const azattest__route routes[] = {
    { "POST", "/attest/{type}", true, AZATTEST__ANYBODY, attest, AZATTEST__ALL_VERSIONS },
    { "GET", "/policies/{type}", true, AZATTEST__READER, azattest__get_policy, AZATTEST__LATER_VERSIONS },
    { "PUT", "/policies/{type}", true, AZATTEST__CONTRIBUTOR, azattest__put_policy, AZATTEST__LATER_VERSIONS },
    { "POST", "/policies/{type}:reset", true, AZATTEST__CONTRIBUTOR, azattest__reset_policy, AZATTEST__LATER_VERSIONS },
    { "GET", "/certificates", true, AZATTEST__READER, azattest__get_certificates, AZATTEST__LATER_VERSIONS },
    { "POST", "/certificates:add", true, AZATTEST__CONTRIBUTOR, azattest__add_certificate, AZATTEST__LATER_VERSIONS },
    { "POST", "/certificates:remove", true, AZATTEST__CONTRIBUTOR, azattest__remove_certificate,
      AZATTEST__LATER_VERSIONS },
    { "GET", "/certs", false, AZATTEST__ANYBODY, azattest__get_certs, AZATTEST__ALL_VERSIONS },
    { "GET", "/.well-known/openid-configuration", false, AZATTEST__ANYBODY, azattest__get_metadata,
      AZATTEST__ALL_VERSIONS },
    /* Whether the real one asks for a token here is not known; this one does not. */
    { "GET", "/tcbbaselines/{type}", true, AZATTEST__ANYBODY, azattest__get_tcb_baselines,
      AZATTEST__BASELINE_VERSIONS },
    /* Of the first preview, which no client uses any more: attest calls are served, policy calls are known by name
       only. */
    { "POST", "/attest/Tee/{type}", true, AZATTEST__ANYBODY, attest, AZATTEST__FIRST_VERSION },
    { "GET", "/operations/policy/current", true, AZATTEST__READER, first_policy, AZATTEST__FIRST_VERSION },
    { "PUT", "/operations/policy/current", true, AZATTEST__CONTRIBUTOR, first_policy, AZATTEST__FIRST_VERSION },
    { "POST", "/operations/policy/current", true, AZATTEST__CONTRIBUTOR, first_policy, AZATTEST__FIRST_VERSION },
    { "POST", "/operations/policy/updatepolicy", true, AZATTEST__CONTRIBUTOR, first_policy, AZATTEST__FIRST_VERSION },
    { "GET", "/operations/policy/certificates", true, AZATTEST__READER, first_policy, AZATTEST__FIRST_VERSION },
    { "PUT", "/operations/policy/certificates", true, AZATTEST__CONTRIBUTOR, first_policy, AZATTEST__FIRST_VERSION },
    { "POST", "/operations/policy/certificates", true, AZATTEST__CONTRIBUTOR, first_policy, AZATTEST__FIRST_VERSION },
};
#define ROUTES_END (routes + sizeof(routes) / sizeof(routes[0]))

#define TYPE "{type}"

/* The path is the route's; *kind is what {type} stands for. An unknown type is an unknown path. */
static bool path_fits(const azattest__route *route, const char *path, const azattest__kind **kind)
{
    const char *type = strstr(route->path, TYPE);
    size_t path_len = strlen(path), front, back;

    *kind = NULL;
    if (type == NULL)
        return strcmp(path, route->path) == 0;
    front = (size_t)(type - route->path);
    back = strlen(type + strlen(TYPE));
    if (path_len < front + back || strncmp(path, route->path, front) != 0 ||
        strcmp(path + path_len - back, type + strlen(TYPE)) != 0)
        return false;
    *kind = azattest__kind_find(path + front, path_len - front - back);
    return *kind != NULL && (route->run != attest || (*kind)->attest != NULL);
}

/* The route of path and method; *known tells whether the path has any, and `allow` collects their methods. */
static const azattest__route *find_route(const char *method, const char *path, const azattest__kind **kind,
                                         char allow[32])
{
    size_t len = 0;

    for (const azattest__route *route = routes; route < ROUTES_END; route++) {
        if (!path_fits(route, path, kind))
            continue;
        if (strcmp(method, route->method) == 0) {
            allow[0] = '\0';
            return route;
        }
        len += (size_t)snprintf(allow + len, 32 - len, "%s%s", len == 0 ? "" : ", ", route->method);
    }
    return NULL;
}

static void no_such_path(azattest__service_answer *answer)
{
    azattest__buf text;

    azattest__buf_init(&text, 4096);
    azattest__buf_append_text(&text, "no such path, or no such attestation type in it; this service has ");
    for (const azattest__route *route = routes; route < ROUTES_END; route++)
        azattest__buf_printf(&text, "%s%s %s", route == routes ? "" : ", ", route->method, route->path);
    azattest__answer_refuse(answer, 404, "NotFound", false,
                            text.status == AZATTEST_OK ? (const char *)text.ptr : "no such path");
    azattest__buf_free(&text);
}

void azattest__service_handle(azattest__service *service, const azattest__service_request *request,
                              azattest__service_answer *answer)
{
    azattest_status status;
    azattest_error *error = NULL;
    const azattest__route *route = NULL;
    azattest__target target;
    azattest__call call = { .service = service, .request = request, .answer = answer };

    azattest__answer_init(answer, request->traceparent);
    if (azattest__target_read(request->target, &target)) {
        call.version = target.version;
        route = find_route(request->method, target.path, &call.kind, answer->allow);
    }
    if (route == NULL && answer->allow[0] == '\0') {
        no_such_path(answer);
        return;
    }
    if (route == NULL) {
        azattest__answer_refuse(answer, 405, "MethodNotAllowed", false, "this path takes another method: see Allow");
        return;
    }
    if ((status = azattest__target_check_version(&target, route->needs_version, &error)) == AZATTEST_OK &&
        (status = azattest__versions_check(target.version, route->versions, &error)) == AZATTEST_OK &&
        (status = azattest__admit(&call, route->access, &error)) == AZATTEST_OK)
        status = route->run(&call, &error);
    if (status != AZATTEST_OK && !call.refused)
        azattest__answer_error(answer, status, error);
    azattest_error_free(error);
}

void azattest__service_too_large(const azattest__service_request *request, azattest__service_answer *answer)
{
    azattest__answer_init(answer, request->traceparent);
    azattest__answer_refuse(answer, 413, "RequestTooLarge", false, "the request body has more than 1 MiB");
}
