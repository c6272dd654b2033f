#include "trace.h"

#include <stdlib.h>
#include <string.h>

#include "../base/encoding.h"

#define REDACTED "REDACTED"
#define SHOWN_VALUE 8u  /* characters of a value in a body */
#define SHOWN_NODES 200 /* values of a body: more would not fit into a line */
#define SHOWN_HEADER 200u

static bool header_is_shown(const char *name)
{
    static const char *const shown[] = {
        "accept",
        "accept-ranges",
        "cache-control",
        "connection",
        "content-encoding",
        "content-length",
        "content-range",
        "content-type",
        "date",
        "etag",
        "expires",
        "if-match",
        "if-modified-since",
        "if-none-match",
        "if-unmodified-since",
        "last-modified",
        "pragma",
        "range",
        "request-id",
        "retry-after",
        "retry-after-ms",
        "server",
        "traceparent",
        "tracestate",
        "transfer-encoding",
        "user-agent",
        "www-authenticate",
        "x-ms-client-request-id",
        "x-ms-date",
        "x-ms-error-code",
        "x-ms-maa-service-version",
        "x-ms-request-id",
        "x-ms-retry-after-ms",
        "x-ms-return-client-request-id",
        "x-ms-version",
    };

    for (size_t i = 0; i < sizeof(shown) / sizeof(shown[0]); i++)
        if (azattest__text_equal_nocase(name, shown[i]))
            return true;
    return false;
}

static void trace_header(const char *name, const char *value, azattest__buf *out)
{
    bool shown = header_is_shown(name);
    char *text = shown ? azattest__printable(azattest__text(value), SHOWN_HEADER) : NULL;
    char *printable_name = azattest__printable(azattest__text(name), 64);

    azattest__buf_printf(out, "; %s: %s", printable_name == NULL ? "?" : printable_name,
                         text == NULL ? REDACTED : text);
    free(printable_name);
    free(text);
}

/* Path and fragment stay; of the query the names, and the value of api-version alone. */
static void trace_url(const char *url, azattest__buf *out)
{
    static const char version[] = "api-version=";
    size_t len = strcspn(url, "?"), name;
    char separator = '?';

    azattest__buf_append(out, url, len);
    for (url += len; *url != '\0'; url += len, separator = '&') {
        url++; /* the separator */
        len = strcspn(url, "&");
        name = strcspn(url, "=&");
        azattest__buf_append(out, &separator, 1);
        if (strncmp(url, version, sizeof(version) - 1) == 0) {
            azattest__buf_append(out, url, len);
        } else {
            azattest__buf_append(out, url, name);
            azattest__buf_append_text(out, name < len ? "=" REDACTED : "");
        }
    }
}

void azattest__trace_request(const azattest_request *request, azattest__buf *out)
{
    azattest__buf_printf(out, "%s ", request->method == NULL ? "?" : request->method);
    trace_url(request->url == NULL ? "" : request->url, out);
    for (size_t i = 0; i < request->header_count; i++)
        trace_header(request->headers[i].name, request->headers[i].value, out);
}

void azattest__trace_response(const azattest_http_response *response, azattest__buf *out)
{
    char *reason = azattest__printable(azattest__text(response->reason), 80);

    azattest__buf_printf(out, "%d", response->status);
    if (reason != NULL && *reason != '\0')
        azattest__buf_printf(out, " (%s)", reason);
    for (size_t i = 0; response->headers != NULL && i < response->header_count; i++)
        if (response->headers[i].name != NULL && response->headers[i].value != NULL)
            trace_header(response->headers[i].name, response->headers[i].value, out);
    free(reason);
}

/* Names under which a secret may stand, whole or as a part: eight characters of a short one would be all of it. */
static bool name_is_secret(const char *name)
{
    static const char *const words[] = { "secret",     "password", "assertion",     "access_token", "accesstoken",
                                         "id_token",   "refresh",  "authorization", "credential",   "private",
                                         "passphrase", "api_key",  "apikey" };

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (strcasestr(name, words[i]) != NULL)
            return true;
    return false;
}

/* The first characters, and dots when there were more. */
static void cut_text(const char *text, char out[4 * SHOWN_VALUE + 4])
{
    size_t used = 0, len = strlen(text), step;

    for (size_t i = 0; i < SHOWN_VALUE && used < len; i++) {
        if ((step = azattest__utf8_length((const unsigned char *)text + used, len - used)) == 0)
            break;
        used += step;
    }
    memcpy(out, text, used);
    memcpy(out + used, used < len ? "..." : "", used < len ? 4 : 1);
}

static azattest__json *cut_value(const azattest__json *value, const char *name, int *left);

static azattest__json *cut_children(const azattest__json *value, int *left)
{
    bool is_object = azattest__json_is_object(value);
    azattest__json *copy = is_object ? azattest__json_new_object() : azattest__json_new_array();
    const azattest__json *child = azattest__json_first(value);

    for (; child != NULL && *left > 0; child = azattest__json_next(child)) {
        const char *name = azattest__json_name(child);

        if (is_object)
            azattest__json_put(copy, name, cut_value(child, name, left));
        else
            azattest__json_add(copy, cut_value(child, NULL, left));
    }
    return copy;
}

static azattest__json *new_string(const char *text)
{
    azattest__json *holder = azattest__json_new_object(), *copy;

    azattest__json_put_string(holder, "", text);
    copy = azattest__json_copy(azattest__json_get(holder, ""));
    azattest__json_free(holder);
    return copy;
}

static azattest__json *cut_value(const azattest__json *value, const char *name, int *left)
{
    const char *text = azattest__json_string(value);
    char shown[4 * SHOWN_VALUE + 4];

    --*left;
    if (name != NULL && name_is_secret(name))
        return new_string(REDACTED);
    if (azattest__json_is_object(value) || azattest__json_is_array(value))
        return cut_children(value, left);
    if (text == NULL && azattest__json_is_number(value) && strlen(azattest__json_number_text(value)) > SHOWN_VALUE)
        text = azattest__json_number_text(value);
    if (text == NULL)
        return azattest__json_copy(value);
    cut_text(text, shown);
    return new_string(shown);
}

void azattest__trace_body(azattest_bytes body, azattest__buf *out)
{
    azattest__json *document = NULL, *copy = NULL;
    int left = SHOWN_NODES;

    if (body.ptr == NULL || body.len == 0) {
        azattest__buf_append_text(out, "no body");
    } else if (azattest__json_parse(body, &document, NULL) != AZATTEST_OK ||
               !(azattest__json_is_object(document) || azattest__json_is_array(document))) {
        azattest__buf_printf(out, "%zu bytes, not shown", body.len);
    } else {
        azattest__buf_printf(out, "%zu bytes: ", body.len);
        copy = cut_value(document, NULL, &left);
        if (azattest__json_print(copy, false, out, NULL) != AZATTEST_OK)
            azattest__buf_append_text(out, "?");
        azattest__buf_append_text(out, left > 0 ? "" : " and more");
    }
    azattest__json_free(copy);
    azattest__json_free(document);
}
