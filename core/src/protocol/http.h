/* Requests as the operations hand them out, and helpers on answers. */
#ifndef AZATTEST_PROTOCOL_HTTP_H
#define AZATTEST_PROTOCOL_HTTP_H

#include <azattest/op.h>

#include "../error/origin.h"
#include "../json/json.h"

struct azattest_request {
    const char *method;
    char *url;
    struct azattest__request_header {
        const char *name; /* static */
        char *value;
    } headers[10];
    size_t header_count;
    azattest__buf body;
    bool has_body;
    bool authenticate; /* carries the caller's access token */
    bool bypasses_proxy;
    int64_t connect_timeout_ms; /* 0: the driver's own */
    char *server_thumbprint;
    size_t response_limit;
};

void azattest__request_init(azattest_request *request);
void azattest__request_clear(azattest_request *request);
/* Method and address: `endpoint` (an origin), `path`, and `api_version` as the query unless it is NULL. */
azattest_status azattest__request_start(azattest_request *request, const char *method, const char *endpoint,
                                        const char *path, const char *api_version, azattest_error **error);
/* Appends the text with everything but the unreserved characters of RFC 3986 section 2.3 escaped. */
void azattest__append_escaped(azattest__buf *out, const char *text);
/* One more member of the query of a request that has one. */
azattest_status azattest__request_query(azattest_request *request, const char *name, const char *value,
                                        azattest_error **error);
/* Sets or replaces a header; name must be static, value is copied. */
azattest_status azattest__request_header(azattest_request *request, const char *name, const char *value,
                                         azattest_error **error);
/* A header with a secret in it is taken off again, and wiped. */
void azattest__request_remove_header(azattest_request *request, const char *name);
/* Visible ASCII and single blanks inside: what may stand in a header without changing its meaning. */
bool azattest__header_value_valid(const char *value);

/* The value of an answer's header, or NULL. */
const char *azattest__response_header(const azattest_http_response *response, const char *name);
/* `max-age` of Cache-Control in milliseconds (0 for no-store and no-cache), or -1. Source: RFC 9111 section 5.2.2. */
int64_t azattest__response_max_age_ms(const azattest_http_response *response);
/* How long the service asks to wait: retry-after-ms, x-ms-retry-after-ms, then Retry-After (seconds, or an HTTP date
 * that is counted from `now_ms`); -1 when it does not. */
int64_t azattest__response_retry_after_ms(const azattest_http_response *response, int64_t now_ms);
/* Makes the error for an answer outside 200-299: AZATTEST_E_AUTH for 401 and 403, else AZATTEST_E_HTTP; every known
 * shape of the service's error body; a hint for known causes. */
azattest_status azattest__response_error(const azattest_http_response *response, const char *what,
                                         azattest_error **error);
/* AZATTEST_E_RESPONSE for a 2xx answer whose body cannot be used: `reason`, and what the body is said to be. */
azattest_status azattest__response_unusable(const azattest_http_response *response, const char *what,
                                            const char *reason, azattest_error **error);

#endif
