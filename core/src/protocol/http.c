/* One request, and the headers of one answer. */
#include "http.h"

#include <stdlib.h>
#include <string.h>

#include <azattest/limits.h>

#include "../base/clock.h"

/* The largest body: evidence (which for SEV-SNP is a document that holds base64 itself, and for TPM and guests is less
 * than the rest), runtime data and init-time data in base64url, and a policy in which each character is escaped. */
#define BODY_LIMIT                                                                                                     \
    ((2 * (AZATTEST_LIMIT_CERTIFICATE_CHAIN + AZATTEST_LIMIT_ENDORSEMENTS) + AZATTEST_LIMIT_EVIDENCE +                 \
      2 * AZATTEST_LIMIT_RUNTIME_DATA) /                                                                               \
         3 * 4 +                                                                                                       \
     6 * (AZATTEST_LIMIT_POLICY + AZATTEST_LIMIT_NONCE) + 16384)

void azattest__request_init(azattest_request *request)
{
    memset(request, 0, sizeof(*request));
    azattest__buf_init(&request->body, BODY_LIMIT);
    request->response_limit = AZATTEST_LIMIT_RESPONSE;
}

/* A value may be a secret. */
static void header_free(struct azattest__request_header *header)
{
    if (header->value != NULL)
        azattest__wipe(header->value, strlen(header->value));
    free(header->value);
    header->value = NULL;
}

void azattest__request_clear(azattest_request *request)
{
    free(request->url);
    free(request->server_thumbprint);
    while (request->header_count > 0)
        header_free(&request->headers[--request->header_count]);
    azattest__buf_free(&request->body);
    azattest__request_init(request);
}

/* RFC 3986 section 2.3. */
void azattest__append_escaped(azattest__buf *out, const char *text)
{
    for (const unsigned char *p = (const unsigned char *)text; *p != '\0'; p++) {
        bool plain = (*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') || (*p >= '0' && *p <= '9') ||
                     strchr("-._~", *p) != NULL;

        if (plain)
            azattest__buf_append(out, p, 1);
        else
            azattest__buf_printf(out, "%%%02X", *p);
    }
}

azattest_status azattest__request_start(azattest_request *request, const char *method, const char *endpoint,
                                        const char *path, const char *api_version, azattest_error **error)
{
    azattest_status status;
    azattest__buf url;

    azattest__request_clear(request);
    azattest__buf_init(&url, 2 * AZATTEST_LIMIT_ENDPOINT);
    azattest__buf_append_text(&url, endpoint);
    azattest__buf_append_text(&url, path);
    if (api_version != NULL) {
        azattest__buf_append_text(&url, "?api-version=");
        azattest__append_escaped(&url, api_version);
    }
    if ((status = azattest__error_from_buf(error, &url, "address of the request")) == AZATTEST_OK) {
        request->method = method;
        request->url = (char *)azattest__buf_take(&url, NULL);
    }
    azattest__buf_free(&url);
    return status;
}

azattest_status azattest__request_query(azattest_request *request, const char *name, const char *value,
                                        azattest_error **error)
{
    azattest_status status;
    azattest__buf url;

    azattest__buf_init(&url, 2 * AZATTEST_LIMIT_ENDPOINT);
    azattest__buf_printf(&url, "%s&%s=", request->url, name);
    azattest__append_escaped(&url, value);
    if ((status = azattest__error_from_buf(error, &url, "address of the request")) == AZATTEST_OK) {
        free(request->url);
        request->url = (char *)azattest__buf_take(&url, NULL);
    }
    azattest__buf_free(&url);
    return status;
}

azattest_status azattest__request_header(azattest_request *request, const char *name, const char *value,
                                         azattest_error **error)
{
    size_t room = sizeof(request->headers) / sizeof(request->headers[0]);
    struct azattest__request_header *header = NULL;
    char *copy;

    for (size_t i = 0; i < request->header_count && header == NULL; i++)
        if (azattest__text_equal_nocase(request->headers[i].name, name))
            header = &request->headers[i];
    if (header == NULL && request->header_count == room)
        return azattest__error_set(error, AZATTEST_E_LIMIT, "request: no room for the header %s", name);
    if ((copy = azattest__dup_text(value)) == NULL)
        return azattest__error_memory(error);
    if (header == NULL) {
        header = &request->headers[request->header_count++];
        header->name = name;
    }
    header_free(header);
    header->value = copy;
    return AZATTEST_OK;
}

void azattest__request_remove_header(azattest_request *request, const char *name)
{
    for (size_t i = 0; i < request->header_count; i++)
        if (azattest__text_equal_nocase(request->headers[i].name, name)) {
            header_free(&request->headers[i]);
            request->headers[i] = request->headers[--request->header_count];
            request->headers[request->header_count].value = NULL; /* it has moved, or is gone */
            return;
        }
}

bool azattest__header_value_valid(const char *value)
{
    size_t len = strlen(value);

    if (len == 0 || value[0] == ' ' || value[len - 1] == ' ')
        return false;
    for (size_t i = 0; i < len; i++)
        if (value[i] < 0x20 || value[i] > 0x7e)
            return false;
    return true;
}

const char *azattest_request_method(const azattest_request *request)
{
    return request == NULL ? NULL : request->method;
}

const char *azattest_request_url(const azattest_request *request)
{
    return request == NULL ? NULL : request->url;
}

size_t azattest_request_header_count(const azattest_request *request)
{
    return request == NULL ? 0 : request->header_count;
}

const char *azattest_request_header_name(const azattest_request *request, size_t index)
{
    return request == NULL || index >= request->header_count ? NULL : request->headers[index].name;
}

const char *azattest_request_header_value(const azattest_request *request, size_t index)
{
    return request == NULL || index >= request->header_count ? NULL : request->headers[index].value;
}

azattest_bytes azattest_request_body(const azattest_request *request)
{
    if (request == NULL || !request->has_body)
        return azattest__bytes(NULL, 0);
    return azattest__buf_bytes(&request->body);
}

size_t azattest_request_response_limit(const azattest_request *request)
{
    return request == NULL ? 0 : request->response_limit;
}

bool azattest_request_bypasses_proxy(const azattest_request *request)
{
    return request != NULL && request->bypasses_proxy;
}

int64_t azattest_request_connect_timeout_ms(const azattest_request *request)
{
    return request == NULL ? 0 : request->connect_timeout_ms;
}

const char *azattest_request_server_thumbprint(const azattest_request *request)
{
    return request == NULL ? NULL : request->server_thumbprint;
}

const char *azattest__response_header(const azattest_http_response *response, const char *name)
{
    for (size_t i = 0; response->headers != NULL && i < response->header_count; i++) {
        const azattest_header *header = &response->headers[i];

        if (header->name != NULL && header->value != NULL && azattest__text_equal_nocase(header->name, name))
            return header->value;
    }
    return NULL;
}

/* A whole decimal number, blanks around it allowed. What is too large for the rest of the arithmetic becomes `most`. */
static bool parse_number(const char *text, size_t len, int64_t most, int64_t *value)
{
    size_t digits = 0;

    while (len > 0 && (text[0] == ' ' || text[0] == '\t')) {
        text++;
        len--;
    }
    while (len > 0 && (text[len - 1] == ' ' || text[len - 1] == '\t'))
        len--;
    *value = 0;
    for (; digits < len && text[digits] >= '0' && text[digits] <= '9'; digits++)
        if ((*value = *value * 10 + (text[digits] - '0')) > most)
            *value = most;
    return digits > 0 && digits == len;
}

/* A hundred years: longer than any wait or life, and far from overflow when counted in milliseconds. */
#define MOST_SECONDS INT64_C(3155760000)

int64_t azattest__response_max_age_ms(const azattest_http_response *response)
{
    const char *text = azattest__response_header(response, "cache-control");
    int64_t seconds, found = -1;
    size_t len;

    for (; text != NULL && *text != '\0'; text += len + (text[len] == ',')) {
        while (*text == ' ' || *text == '\t')
            text++;
        len = strcspn(text, ",");
        if (strncasecmp(text, "no-store", 8) == 0 || strncasecmp(text, "no-cache", 8) == 0)
            return 0;
        if (len > 8 && strncasecmp(text, "max-age=", 8) == 0 && parse_number(text + 8, len - 8, MOST_SECONDS, &seconds))
            found = seconds * 1000;
    }
    return found;
}

int64_t azattest__response_retry_after_ms(const azattest_http_response *response, int64_t now_ms)
{
    static const char *const in_ms[] = { "retry-after-ms", "x-ms-retry-after-ms" };
    const char *text;
    int64_t value;

    for (size_t i = 0; i < sizeof(in_ms) / sizeof(in_ms[0]); i++)
        if ((text = azattest__response_header(response, in_ms[i])) != NULL &&
            parse_number(text, strlen(text), MOST_SECONDS * 1000, &value))
            return value;
    if ((text = azattest__response_header(response, "retry-after")) == NULL)
        return -1;
    if (parse_number(text, strlen(text), MOST_SECONDS, &value))
        return value * 1000;
    if (!azattest__http_date_parse(text, &value))
        return -1;
    return value <= now_ms / 1000 ? 0 : value * 1000 - now_ms;
}
