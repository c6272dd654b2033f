/* What libcurl is told about one request. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "exchange.h"

/* libcurl's default is 16 KB for each transfer under way; an answer has some 4 KB. */
#define RECEIVE_BUFFER 8192L

/* "localhost", 127.x.y.z, [::1]: a proxy could only reach its own. */
static bool is_loopback(const char *url)
{
    const char *host = strstr(url, "://");

    host = host == NULL ? url : host + 3;
    return strncmp(host, "127.", 4) == 0 || strncmp(host, "[::1]", 5) == 0 ||
           (strncmp(host, "localhost", 9) == 0 && (host[9] == ':' || host[9] == '/' || host[9] == '\0'));
}

/* For a server that is known by its certificate alone: first only the connection, to see the certificate; then `pin`,
 * the hash of its key, is what the connection of the request has to show. */
static bool set_pinned_trust(CURL *easy, const char *pin)
{
    bool ok = curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 0L) == CURLE_OK &&
              curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 0L) == CURLE_OK &&
              curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2) == CURLE_OK;

    if (pin != NULL)
        return ok && curl_easy_setopt(easy, CURLOPT_PINNEDPUBLICKEY, pin) == CURLE_OK;
    return ok && curl_easy_setopt(easy, CURLOPT_CONNECT_ONLY, 1L) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_CERTINFO, 1L) == CURLE_OK;
}

static bool set_trust(const azattest__curl_settings *settings, CURL *easy)
{
    struct curl_blob pem = { .data = settings->ca_pem, .len = settings->ca_pem_len, .flags = CURL_BLOB_NOCOPY };
    bool ok = curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L) == CURLE_OK &&
              curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L) == CURLE_OK &&
              curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2) == CURLE_OK;

    /* Both a file and a folder of authorities are read for each new connection: with the defaults of Debian that costs
     * 32 ms and 900 KB, against 0.9 ms and 60 KB with the file alone. So there is always only one of them. */
    ok = ok && curl_easy_setopt(easy, CURLOPT_CAPATH, settings->ca_path) == CURLE_OK;
    if (settings->ca_file != NULL || settings->ca_path != NULL ||
        settings->ca_pem != NULL) /* not the system's bundle */
        ok = ok && curl_easy_setopt(easy, CURLOPT_CAINFO, settings->ca_file) == CURLE_OK;
    if (settings->ca_pem != NULL)
        ok = ok && curl_easy_setopt(easy, CURLOPT_CAINFO_BLOB, &pem) == CURLE_OK;
    return ok;
}

static bool set_body(CURL *easy, const azattest_request *request)
{
    const char *method = azattest_request_method(request);
    azattest_bytes body = azattest_request_body(request);

    if (strcmp(method, "GET") == 0)
        return curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L) == CURLE_OK &&
               curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, NULL) == CURLE_OK;
    return curl_easy_setopt(easy, CURLOPT_POST, 1L) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, strcmp(method, "POST") == 0 ? NULL : method) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body.len) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body.ptr == NULL ? "" : body.ptr) == CURLE_OK;
}

/* Without this libcurl asks for leave before it sends a large body, and waits a second for those who ignore it. */
static const char expect_nothing[] = "Expect:";

/* Our name stands before OpenSSL's. Where that is missing, telemetry is off, or a caller named himself. */
static int write_line(char *out, size_t size, const char *name, const char *value)
{
    const char *place = strcmp(name, "User-Agent") == 0 ? strstr(value, " OpenSSL/") : NULL;

    if (place == NULL)
        return snprintf(out, size, "%s: %s", name, value);
    return snprintf(out, size, "%s: %.*s %s%s", name, (int)(place - value), value, azattest_curl_version(), place);
}

/* All nodes and lines in one block, since there is one for each call in flight. A line may be a secret: it is wiped. */
static bool make_headers(azattest__exchange *exchange, const azattest_request *request)
{
    size_t count = azattest_request_header_count(request), size = (count + 1) * sizeof(*exchange->headers), left;
    struct curl_slist *nodes;
    char *text;

    for (size_t i = 0; i < count; i++)
        size +=
            strlen(azattest_request_header_name(request, i)) + strlen(azattest_request_header_value(request, i)) + 3;
    size += strlen(azattest_curl_version()) + 1 + sizeof(expect_nothing); /* what write_line() adds */
    if ((nodes = malloc(size)) == NULL)
        return false;
    exchange->headers = nodes;
    exchange->headers_size = size;
    text = (char *)(nodes + count + 1);
    left = size - (count + 1) * sizeof(*nodes);
    for (size_t i = 0; i < count; i++) {
        size_t len = (size_t)write_line(text, left, azattest_request_header_name(request, i),
                                        azattest_request_header_value(request, i)) +
                     1;

        nodes[i] = (struct curl_slist){ .data = text, .next = &nodes[i + 1] };
        text += len;
        left -= len;
    }
    memcpy(text, expect_nothing, sizeof(expect_nothing));
    nodes[count] = (struct curl_slist){ .data = text, .next = NULL };
    return true;
}

static void free_headers(azattest__exchange *exchange)
{
    if (exchange->headers != NULL)
        explicit_bzero(exchange->headers, exchange->headers_size);
    free(exchange->headers);
    exchange->headers = NULL;
}

/* NULL: what the environment says. A managed identity's source is on this machine or on its link, and a proxy that
 * answered in its place would get the token. */
static const char *proxy_for(const azattest__curl_settings *settings, const azattest_request *request)
{
    if (azattest_request_bypasses_proxy(request))
        return "";
    return settings->proxy == NULL && is_loopback(azattest_request_url(request)) ? "" : settings->proxy;
}

static long connect_timeout_ms(const azattest__curl_settings *settings, const azattest_request *request)
{
    int64_t wanted = azattest_request_connect_timeout_ms(request);

    return wanted > 0 && wanted < settings->connect_timeout_ms ? (long)wanted : settings->connect_timeout_ms;
}

bool azattest__exchange_only_looked(const azattest__exchange *exchange, const azattest_request *request)
{
    return exchange->pin[0] == '\0' && azattest_request_server_thumbprint(request) != NULL;
}

/* What is the same for all requests of one kind. Setting it costs libcurl more than the rest, and so is done once. */
static bool configure(azattest__exchange *exchange, const azattest__curl_settings *settings,
                      const azattest_request *request, const char *scheme)
{
    bool pinned = azattest_request_server_thumbprint(request) != NULL;
    CURL *easy = exchange->easy;

    if (!pinned && exchange->scheme != NULL && strcmp(exchange->scheme, scheme) == 0)
        return true;
    curl_easy_reset(easy); /* its connections stay */
    exchange->scheme = NULL;
    if (curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, scheme) != CURLE_OK ||
        curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1) != CURLE_OK ||
        curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L) != CURLE_OK ||
        curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L) != CURLE_OK ||
        curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 1L) != CURLE_OK ||
        curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L) != CURLE_OK ||
        curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "gzip, deflate") != CURLE_OK ||
        curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, RECEIVE_BUFFER) != CURLE_OK ||
        curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, exchange->reason) != CURLE_OK ||
        !azattest__arrival_attach(&exchange->answer, easy))
        return false;
    if (pinned) /* such a handle is configured anew for each request */
        return set_pinned_trust(easy, exchange->pin[0] == '\0' ? NULL : exchange->pin);
    if (!set_trust(settings, easy))
        return false;
    exchange->scheme = scheme;
    return true;
}

bool azattest__exchange_prepare(azattest__exchange *exchange, const azattest__curl_settings *settings,
                                const azattest_op *op, const azattest_request *request)
{
    const char *url = azattest_request_url(request);
    int64_t left = azattest_op_remaining_ms(op);
    CURL *easy = exchange->easy;

    free_headers(exchange);
    azattest__arrival_begin(&exchange->answer, request);
    exchange->moved = 0;
    exchange->reason[0] = '\0';
    return configure(exchange, settings, request, strncmp(url, "https://", 8) == 0 ? "https" : "http") &&
           make_headers(exchange, request) && curl_easy_setopt(easy, CURLOPT_URL, url) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, connect_timeout_ms(settings, request)) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS,
                            left < 0    ? 0L
                            : left == 0 ? 1L
                                        : (long)left) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_PROXY, proxy_for(settings, request)) == CURLE_OK && set_body(easy, request) &&
           curl_easy_setopt(easy, CURLOPT_HTTPHEADER, exchange->headers) == CURLE_OK;
}

int64_t azattest__monotonic_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Bytes that went either way, and one more when the connection stands. */
static int64_t moved(const azattest__exchange *exchange)
{
    curl_off_t connected = 0, sent = 0;

    curl_easy_getinfo(exchange->easy, CURLINFO_PRETRANSFER_TIME_T, &connected);
    curl_easy_getinfo(exchange->easy, CURLINFO_SIZE_UPLOAD_T, &sent);
    return connected == 0 ? 0 : 1 + (int64_t)sent + (int64_t)exchange->answer.received;
}

int64_t azattest__exchange_silence_ms(azattest__exchange *exchange, int64_t now_ms)
{
    int64_t before = exchange->moved;

    exchange->moved = moved(exchange);
    if (exchange->moved == 0 || exchange->moved != before)
        exchange->moved_at_ms = now_ms;
    return now_ms - exchange->moved_at_ms;
}

/* The handle keeps addresses of what is gone; they are set anew before it is used again. */
void azattest__exchange_clear(azattest__exchange *exchange)
{
    free_headers(exchange);
    azattest__arrival_clear(&exchange->answer);
    exchange->pin[0] = '\0';
}
