/* One request over libcurl, and the answer. Nothing of the caller's is called from libcurl's callbacks. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <azattest/limits.h>

#include "curl.h"
#include "growing.h"

/* An answer while it arrives. Headers are kept as "name\0value\0". */
typedef struct arrival {
    azattest__growing body, headers;
    size_t body_limit, header_count, header_size;
    char reason[128];
    bool too_large;  /* body or headers: enough was kept for the operation to see it */
    bool broken;     /* no memory, or a header that is none */
    bool begun;      /* something of the answer came */
    bool head_ended; /* libcurl takes a head that is cut off for a whole answer */
} arrival;

/* Takes one byte more than the limit: the operation then knows that there was more. */
static size_t on_body(char *data, size_t size, size_t count, void *user)
{
    arrival *answer = user;
    size_t len = size * count, room = answer->body_limit + 1 - answer->body.len;

    if (!azattest__growing_add(&answer->body, data, len < room ? len : room)) {
        answer->broken = true;
        return 0;
    }
    answer->too_large = answer->too_large || answer->body.len > answer->body_limit;
    return answer->too_large ? 0 : len;
}

/* "HTTP/1.1 200 OK": a new answer begins, and what an interim one said is forgotten. */
static void begin_answer(arrival *answer, const char *line, size_t len)
{
    const char *space = memchr(line, ' ', len);
    const char *reason = space == NULL ? NULL : memchr(space + 1, ' ', len - (size_t)(space + 1 - line));

    answer->headers.len = 0;
    answer->header_count = 0;
    answer->reason[0] = '\0';
    answer->head_ended = false;
    if (reason != NULL)
        snprintf(answer->reason, sizeof(answer->reason), "%.*s", (int)(len - (size_t)(reason + 1 - line)), reason + 1);
}

static bool add_header(arrival *answer, const char *line, size_t len)
{
    const char *colon = memchr(line, ':', len), *value;
    size_t name_len, value_len;

    if (colon == NULL || colon == line || *line == ' ' || *line == '\t')
        return true; /* a continuation line, or nothing that could be named */
    name_len = (size_t)(colon - line);
    value = colon + 1;
    value_len = len - name_len - 1;
    while (value_len > 0 && (*value == ' ' || *value == '\t')) {
        value++;
        value_len--;
    }
    while (value_len > 0 && (value[value_len - 1] == ' ' || value[value_len - 1] == '\t'))
        value_len--;
    answer->header_count++;
    answer->header_size += name_len + value_len;
    answer->too_large = answer->header_size > AZATTEST_LIMIT_RESPONSE_HEADERS;
    return azattest__growing_add(&answer->headers, line, name_len) && azattest__growing_add(&answer->headers, "", 1) &&
           azattest__growing_add(&answer->headers, value, value_len) && azattest__growing_add(&answer->headers, "", 1);
}

static size_t on_header(char *data, size_t size, size_t count, void *user)
{
    arrival *answer = user;
    size_t len = size * count, line_len = len;

    answer->begun = true;
    while (line_len > 0 && (data[line_len - 1] == '\r' || data[line_len - 1] == '\n'))
        line_len--;
    if (line_len == 0)
        answer->head_ended = true;
    else if (memchr(data, '\0', line_len) != NULL)
        answer->broken = true;
    else if (line_len > 5 && memcmp(data, "HTTP/", 5) == 0)
        begin_answer(answer, data, line_len);
    else if (!add_header(answer, data, line_len))
        answer->broken = true;
    return answer->broken || answer->too_large ? 0 : len;
}

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

static bool set_trust(const azattest__curl *curl, CURL *easy)
{
    struct curl_blob pem = { .data = curl->ca_pem, .len = curl->ca_pem_len, .flags = CURL_BLOB_NOCOPY };
    bool ok = curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L) == CURLE_OK &&
              curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L) == CURLE_OK &&
              curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2) == CURLE_OK;

    /* Both a file and a folder of authorities are read for each new connection: with the defaults of Debian that costs
     * 32 ms and 900 KB, against 0.9 ms and 60 KB with the file alone. So there is always only one of them. */
    ok = ok && curl_easy_setopt(easy, CURLOPT_CAPATH, curl->ca_path) == CURLE_OK;
    if (curl->ca_file != NULL || curl->ca_path != NULL || curl->ca_pem != NULL) /* not the system's bundle */
        ok = ok && curl_easy_setopt(easy, CURLOPT_CAINFO, curl->ca_file) == CURLE_OK;
    if (curl->ca_pem != NULL)
        ok = ok && curl_easy_setopt(easy, CURLOPT_CAINFO_BLOB, &pem) == CURLE_OK;
    return ok;
}

static bool set_body(CURL *easy, const azattest_request *request)
{
    const char *method = azattest_request_method(request);
    azattest_bytes body = azattest_request_body(request);

    if (strcmp(method, "GET") == 0)
        return curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L) == CURLE_OK;
    return curl_easy_setopt(easy, CURLOPT_POST, 1L) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, strcmp(method, "POST") == 0 ? NULL : method) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body.len) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body.ptr == NULL ? "" : body.ptr) == CURLE_OK;
}

/* A line may be a secret. */
static void line_free(char *line)
{
    if (line != NULL)
        explicit_bzero(line, strlen(line));
    free(line);
}

static void headers_free(struct curl_slist *list)
{
    for (struct curl_slist *one = list; one != NULL; one = one->next)
        explicit_bzero(one->data, strlen(one->data));
    curl_slist_free_all(list);
}

static bool add_line(struct curl_slist **list, const char *name, const char *value)
{
    size_t size = strlen(name) + strlen(value) + 3;
    struct curl_slist *longer;
    char *line;

    if ((line = malloc(size)) == NULL)
        return false;
    snprintf(line, size, "%s: %s", name, value);
    if ((longer = curl_slist_append(*list, line)) != NULL)
        *list = longer;
    line_free(line);
    return longer != NULL;
}

/* Our name stands before OpenSSL's. Where that is missing, telemetry is off, or a caller named himself. */
static bool add_agent(struct curl_slist **list, const char *name, const char *value)
{
    const char *place = strstr(value, " OpenSSL/");
    char text[1200];

    if (place == NULL)
        return add_line(list, name, value);
    snprintf(text, sizeof(text), "%.*s %s%s", (int)(place - value), value, azattest_curl_version(), place);
    return add_line(list, name, text);
}

static bool set_headers(CURL *easy, const azattest_request *request, struct curl_slist **list)
{
    for (size_t i = 0; i < azattest_request_header_count(request); i++) {
        const char *name = azattest_request_header_name(request, i), *value = azattest_request_header_value(request, i);

        if (strcmp(name, "User-Agent") == 0 ? !add_agent(list, name, value) : !add_line(list, name, value))
            return false;
    }
    /* Without this libcurl asks for leave before it sends a large body, and waits a second for those who ignore it. */
    return add_line(list, "Expect", "") && curl_easy_setopt(easy, CURLOPT_HTTPHEADER, *list) == CURLE_OK;
}

/* NULL: what the environment says. A managed identity's source is on this machine or on its link, and a proxy that
 * answered in its place would get the token. */
static const char *proxy_for(const azattest__curl *curl, const azattest_request *request)
{
    if (azattest_request_bypasses_proxy(request))
        return "";
    return curl->proxy == NULL && is_loopback(azattest_request_url(request)) ? "" : curl->proxy;
}

static long connect_timeout_ms(const azattest__curl *curl, const azattest_request *request)
{
    int64_t wanted = azattest_request_connect_timeout_ms(request);

    return wanted > 0 && wanted < curl->connect_timeout_ms ? (long)wanted : curl->connect_timeout_ms;
}

static bool prepare(const azattest__curl *curl, CURL *easy, const azattest_op *op, const azattest_request *request,
                    const char *pin, arrival *answer, char *reason, struct curl_slist **headers)
{
    const char *url = azattest_request_url(request);
    bool secure = strncmp(url, "https://", 8) == 0;
    bool pinned = azattest_request_server_thumbprint(request) != NULL;
    int64_t left = azattest_op_remaining_ms(op);

    curl_easy_reset(easy); /* its connections stay */
    return curl_easy_setopt(easy, CURLOPT_URL, url) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, secure ? "https" : "http") == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 1L) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "gzip, deflate") == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, connect_timeout_ms(curl, request)) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS,
                            left < 0    ? 0L
                            : left == 0 ? 1L
                                        : (long)left) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_PROXY, proxy_for(curl, request)) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, reason) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_WRITEDATA, answer) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_HEADERDATA, answer) == CURLE_OK &&
           (pinned ? set_pinned_trust(easy, pin) : set_trust(curl, easy)) && set_body(easy, request) &&
           set_headers(easy, request, headers);
}

static int64_t monotonic_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Bytes that went either way; 0 until the connection stands, which has a time limit of its own. */
static int64_t moved(CURL *easy, const arrival *answer)
{
    curl_off_t connected = 0, sent = 0;

    curl_easy_getinfo(easy, CURLINFO_PRETRANSFER_TIME_T, &connected);
    curl_easy_getinfo(easy, CURLINFO_SIZE_UPLOAD_T, &sent);
    return connected == 0 ? 0 : 1 + (int64_t)sent + (int64_t)answer->body.len + (int64_t)answer->header_size;
}

typedef enum ending { ENDED, INTERRUPTED, SILENT, IMPOSSIBLE } ending;

/* Until the end, in slices that are short enough for Ctrl-C. */
static ending drive(const azattest__curl *curl, azattest__curl_handle *handle, const arrival *answer, CURLcode *code)
{
    int64_t last = monotonic_ms(), before = 0, now;
    int running = 1, left;
    CURLMsg *message;

    for (;;) {
        if (curl_multi_perform(handle->multi, &running) != CURLM_OK)
            return IMPOSSIBLE;
        if (running == 0)
            break;
        if (azattest__curl_interrupted(curl))
            return INTERRUPTED;
        now = moved(handle->easy, answer);
        if (now != before || now == 0)
            last = monotonic_ms();
        else if (monotonic_ms() - last >= curl->read_timeout_ms)
            return SILENT;
        before = now;
        if (curl_multi_poll(handle->multi, NULL, 0, AZATTEST__SLICE_MS, NULL) != CURLM_OK)
            return IMPOSSIBLE;
    }
    *code = CURLE_FAILED_INIT;
    while ((message = curl_multi_info_read(handle->multi, &left)) != NULL)
        if (message->msg == CURLMSG_DONE)
            *code = message->data.result;
    return ENDED;
}

/* A peer that closes early must not end the process: libcurl leaves SIGPIPE alone when it may use no signals. */
static ending perform(const azattest__curl *curl, azattest__curl_handle *handle, const arrival *answer, CURLcode *code)
{
    const struct timespec at_once = { 0, 0 };
    sigset_t pipe_only, before, pending;
    ending how = IMPOSSIBLE;
    bool was_pending;

    sigemptyset(&pipe_only);
    sigaddset(&pipe_only, SIGPIPE);
    sigpending(&pending);
    was_pending = sigismember(&pending, SIGPIPE) == 1;
    pthread_sigmask(SIG_BLOCK, &pipe_only, &before);
    if (curl_multi_add_handle(handle->multi, handle->easy) == CURLM_OK) {
        how = drive(curl, handle, answer, code);
        curl_multi_remove_handle(handle->multi, handle->easy);
    }
    if (!was_pending)
        (void)sigtimedwait(&pipe_only, NULL, &at_once);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return how;
}

static void respond(azattest_op *op, CURL *easy, arrival *answer)
{
    azattest_http_response response = AZATTEST_HTTP_RESPONSE_INIT;
    azattest_header *headers;
    const char *text = answer->headers.ptr;
    long status = 0;

    if ((headers = calloc(answer->header_count + 1, sizeof(*headers))) == NULL) {
        (void)azattest_op_fail(op, AZATTEST_E_TRANSPORT, "no memory for the answer", true);
        return;
    }
    for (size_t i = 0; i < answer->header_count; i++) {
        headers[i].name = text;
        headers[i].value = text + strlen(text) + 1;
        text = headers[i].value + strlen(headers[i].value) + 1;
    }
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    response.status = (int)status;
    response.reason = answer->reason;
    response.headers = headers;
    response.header_count = answer->header_count;
    response.body.ptr = answer->body.ptr == NULL ? "" : answer->body.ptr;
    response.body.len = answer->body.len;
    (void)azattest_op_respond(op, &response);
    free(headers);
}

/* How a failure is called, and what may help. */
static azattest_status classify(CURLcode code, const char *reason, const char **next_step)
{
    *next_step = "";
    switch (code) {
    case CURLE_PEER_FAILED_VERIFICATION:
        if (strstr(reason, "thumbprint") != NULL)
            return AZATTEST_E_CRYPTO;
        *next_step = strstr(reason, "subject name") != NULL
                         ? "; the certificate is for another host: check the endpoint"
                         : "; if the service is a local one or has a certificate of a private authority, give that "
                           "authority's certificate as ca_file";
        return AZATTEST_E_CRYPTO;
    case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
        return AZATTEST_E_CRYPTO;
    case CURLE_SSL_CACERT_BADFILE:
        *next_step = "; check ca_file, ca_path or ca_pem: PEM certificates are expected";
        return AZATTEST_E_CRYPTO;
    case CURLE_OPERATION_TIMEDOUT:
        return AZATTEST_E_TIMEOUT;
    case CURLE_COULDNT_RESOLVE_HOST:
        *next_step = "; check the name in the endpoint, and the network";
        return AZATTEST_E_TRANSPORT;
    case CURLE_COULDNT_CONNECT:
        *next_step = "; check host and port of the endpoint, and that the service runs";
        return AZATTEST_E_TRANSPORT;
    case CURLE_COULDNT_RESOLVE_PROXY:
        *next_step = "; check HTTPS_PROXY and ALL_PROXY, or the option proxy";
        return AZATTEST_E_TRANSPORT;
    default:
        return AZATTEST_E_TRANSPORT;
    }
}

static void fail(const azattest__curl *curl, azattest_op *op, const azattest_request *request, ending how,
                 CURLcode code, const char *reason, bool answered)
{
    const char *url = azattest_request_url(request), *host = strstr(url, "://"), *next_step = "";
    azattest_status status = AZATTEST_E_TRANSPORT;
    char silence[64], text[CURL_ERROR_SIZE + 640];

    host = host == NULL ? url : host + 3;
    switch (how) {
    case ENDED:
        status = classify(code, reason, &next_step);
        if (*reason == '\0')
            reason = curl_easy_strerror(code);
        break;
    case INTERRUPTED:
        status = AZATTEST_E_CANCELLED;
        reason = "interrupted";
        break;
    case SILENT:
        status = AZATTEST_E_TIMEOUT;
        snprintf(silence, sizeof(silence), "no byte came for %lld ms", (long long)curl->read_timeout_ms);
        reason = silence;
        break;
    case IMPOSSIBLE:
        reason = "libcurl cannot take the request";
        break;
    }
    snprintf(text, sizeof(text), "%.*s: %s%s", (int)strcspn(host, "/"), host, reason, next_step);
    (void)azattest_op_fail(op, status, text, answered);
}

/* The server's certificate, without sending anything, and the pin of its key. */
static ending learn_pin(const azattest__curl *curl, azattest__curl_handle *handle, const azattest_op *op,
                        const azattest_request *request, char *reason, CURLcode *code,
                        char pin[AZATTEST_PUBLIC_KEY_PIN_SIZE])
{
    static const char name[] = "Cert:";
    struct curl_certinfo *info = NULL;
    struct curl_slist *headers = NULL;
    ending how = IMPOSSIBLE;
    azattest_bytes pem = { NULL, 0 };
    arrival answer;

    memset(&answer, 0, sizeof(answer));
    if (prepare(curl, handle->easy, op, request, NULL, &answer, reason, &headers))
        how = perform(curl, handle, &answer, code);
    if (how == ENDED && *code == CURLE_OK) {
        if (curl_easy_getinfo(handle->easy, CURLINFO_CERTINFO, &info) == CURLE_OK && info != NULL &&
            info->num_of_certs > 0)
            for (const struct curl_slist *line = info->certinfo[0]; line != NULL; line = line->next)
                if (strncmp(line->data, name, sizeof(name) - 1) == 0)
                    pem.ptr = line->data + sizeof(name) - 1;
        pem.len = pem.ptr == NULL ? 0 : strlen(pem.ptr);
        if (azattest_request_check_server(request, pem, pin) != AZATTEST_OK) {
            *code = CURLE_PEER_FAILED_VERIFICATION;
            snprintf(reason, CURL_ERROR_SIZE, "the server's certificate is not the one with the thumbprint %s",
                     azattest_request_server_thumbprint(request));
        }
    }
    headers_free(headers);
    return how;
}

void azattest__curl_exchange(const azattest__curl *curl, azattest__curl_handle *handle, azattest_op *op,
                             const azattest_request *request)
{
    struct curl_slist *headers = NULL;
    char reason[CURL_ERROR_SIZE] = "";
    char pin[AZATTEST_PUBLIC_KEY_PIN_SIZE] = "";
    bool pinned = azattest_request_server_thumbprint(request) != NULL;
    CURLcode code = CURLE_FAILED_INIT;
    ending how = IMPOSSIBLE;
    arrival answer;

    memset(&answer, 0, sizeof(answer));
    answer.body_limit = azattest_request_response_limit(request);
    if (pinned)
        how = learn_pin(curl, handle, op, request, reason, &code, pin);
    if ((!pinned || (how == ENDED && code == CURLE_OK)) &&
        prepare(curl, handle->easy, op, request, pinned ? pin : NULL, &answer, reason, &headers))
        how = perform(curl, handle, &answer, &code);
    if (how == ENDED && !answer.broken && ((code == CURLE_OK && answer.head_ended) || answer.too_large))
        respond(op, handle->easy, &answer);
    else if (answer.broken)
        fail(curl, op, request, ENDED, code, "the answer has a header that is none, or there is no memory for it",
             true);
    else if (how == ENDED && code == CURLE_OK)
        fail(curl, op, request, ENDED, CURLE_GOT_NOTHING, "the answer ended inside its headers", true);
    else
        fail(curl, op, request, how, code, reason,
             answer.begun); /* STARTTRANSFER_TIME counts bytes that are sent too */
    curl_easy_reset(handle->easy);
    headers_free(headers);
    azattest__growing_free(&answer.body);
    azattest__growing_free(&answer.headers);
}
