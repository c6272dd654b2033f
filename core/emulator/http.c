#include "http.h"

#include <errno.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <microhttpd.h>

#include <azattest/defaults.h>

#include "base/clock.h"

#define THREADS 2
#define LIMIT_CONNECTIONS 256
#define LIMIT_HEADERS (32u * 1024u)                       /* memory of one connection: request line, headers, buffers */
#define LIMIT_IDLE_S 60                                   /* a connection that says nothing */
#define LIMIT_DISCARD (8u * AZATTEST__SERVICE_LIMIT_BODY) /* of a body that is too large anyway; then hang up */
#define STOP_WAIT_MS 2000

static char tls_priorities[] = "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2";

struct azattest__server {
    struct MHD_Daemon *daemon;
    azattest__handler handler;
    atomic_int active;    /* requests between their first line and the end of their answer */
    atomic_bool stopping; /* answers then end their connection, so that nobody sends another request on it */
    char name[64];        /* for the header Server */
};

/* One request. Made when its first line is there; freed, and logged, when all is over. */
struct exchange {
    azattest__server *server;
    char *target, *method;
    azattest__buf body;
    size_t discarded; /* bytes of the body beyond the limit */
    int64_t started_ms;
    int status; /* 0: never answered */
    size_t answered;
    char request_id[AZATTEST__REQUEST_ID_SIZE];
};

static void *begin(void *user, const char *target, struct MHD_Connection *connection)
{
    azattest__server *server = user;
    struct exchange *exchange = calloc(1, sizeof(*exchange));

    (void)connection;
    if (exchange == NULL)
        return NULL; /* handle() then closes the connection */
    exchange->server = server;
    exchange->target = azattest__dup_text(target);
    exchange->started_ms = azattest__clock_monotonic_ms(NULL);
    azattest__buf_init(&exchange->body, AZATTEST__SERVICE_LIMIT_BODY);
    atomic_fetch_add(&server->active, 1);
    return exchange;
}

/* "2026-01-31T12:00:00Z POST /attest/SgxEnclave 200 3802 2 00-...-00": time, method, path, status, bytes, milliseconds,
 * request id. In one write, so that lines of two threads do not mix. */
static void log_line(const struct exchange *exchange)
{
    char time[AZATTEST__TIME_TEXT], line[512], *path, *method;
    int len;

    path = azattest__printable(
        azattest__bytes(exchange->target, exchange->target == NULL ? 0 : strcspn(exchange->target, "?")), 200);
    method = exchange->method == NULL ? NULL : azattest__printable(azattest__text(exchange->method), 20);
    azattest__time_format(azattest__clock_now_ms(NULL) / 1000, time);
    len = snprintf(line, sizeof(line), "%s %s %s %d %zu %" PRId64 " %s\n", time, method == NULL ? "-" : method,
                   path == NULL ? "-" : path, exchange->status, exchange->answered,
                   azattest__clock_monotonic_ms(NULL) - exchange->started_ms,
                   exchange->request_id[0] == '\0' ? "-" : exchange->request_id);
    if (len > (int)sizeof(line) - 1) {
        len = (int)sizeof(line) - 1;
        line[len - 1] = '\n';
    }
    if (write(STDERR_FILENO, line, (size_t)len) < 0) {
        /* Nobody reads the log: the service goes on without. */
    }
    free(method);
    free(path);
}

static void finish(void *user, struct MHD_Connection *connection, void **state, enum MHD_RequestTerminationCode reason)
{
    struct exchange *exchange = *state;

    (void)user;
    (void)connection;
    (void)reason;
    if (exchange == NULL)
        return;
    log_line(exchange);
    atomic_fetch_sub(&exchange->server->active, 1);
    azattest__buf_free(&exchange->body);
    free(exchange->target);
    free(exchange->method);
    free(exchange);
    *state = NULL;
}

static void add_headers(struct MHD_Response *response, const struct exchange *exchange,
                        const azattest__service_answer *answer)
{
    MHD_add_response_header(response, "Content-Type",
                            answer->content_type == NULL ? "application/json; charset=utf-8" : answer->content_type);
    MHD_add_response_header(response, "Server", exchange->server->name);
    MHD_add_response_header(response, "x-ms-maa-service-version", azattest_version());
    MHD_add_response_header(response, "x-ms-request-id", answer->request_id);
    if (answer->error_code[0] != '\0')
        MHD_add_response_header(response, "x-ms-error-code", answer->error_code);
    if (answer->allow[0] != '\0')
        MHD_add_response_header(response, "Allow", answer->allow);
    for (size_t i = 0; i < answer->header_count; i++)
        MHD_add_response_header(response, answer->headers[i].name, answer->headers[i].value);
    if (atomic_load(&exchange->server->stopping))
        MHD_add_response_header(response, "Connection", "close");
}

/* A body that comes slowly, or ends too early. */
struct slow_body {
    azattest__server *server;
    unsigned char *body;
    size_t len, end; /* end: where it is cut; len when it is not */
    size_t bytes;    /* of one drop; 0: as they fit */
    int64_t ms;      /* before each drop */
};

static void wait_ms(const azattest__server *server, int64_t ms)
{
    int64_t deadline_ms = azattest__clock_monotonic_ms(NULL) + ms, left;

    while (!atomic_load(&server->stopping) && (left = deadline_ms - azattest__clock_monotonic_ms(NULL)) > 0)
        nanosleep(&(struct timespec){ .tv_nsec = (left < 100 ? left : 100) * 1000 * 1000 }, NULL);
}

static ssize_t read_slowly(void *user, uint64_t position, char *out, size_t max)
{
    struct slow_body *slow = user;
    size_t left = (size_t)position >= slow->end ? 0 : slow->end - (size_t)position;

    if (left == 0 || atomic_load(&slow->server->stopping))
        return MHD_CONTENT_READER_END_WITH_ERROR;
    if (slow->bytes > 0) {
        wait_ms(slow->server, slow->ms);
        left = left < slow->bytes ? left : slow->bytes;
    }
    if (left > max)
        left = max;
    memcpy(out, slow->body + position, left);
    return (ssize_t)left;
}

static void free_slowly(void *user)
{
    struct slow_body *slow = user;

    free(slow->body);
    free(slow);
}

/* The response that the answer's fault wants; takes the body's memory, also when it fails. */
static struct MHD_Response *make_response(azattest__server *server, const azattest__fault *fault, unsigned char *body,
                                          size_t len)
{
    struct MHD_Response *response;
    struct slow_body *slow;

    if (len == 0 || (fault->action != AZATTEST__FAULT_DRIP && fault->action != AZATTEST__FAULT_CUT)) {
        if ((response = MHD_create_response_from_buffer(len, body, MHD_RESPMEM_MUST_FREE)) == NULL)
            free(body);
        return response;
    }
    if ((slow = calloc(1, sizeof(*slow))) == NULL) {
        free(body);
        return NULL;
    }
    *slow = (struct slow_body){ .server = server, .body = body, .len = len, .end = len };
    if (fault->action == AZATTEST__FAULT_DRIP) {
        slow->bytes = fault->bytes;
        slow->ms = fault->ms;
    } else {
        slow->end = len / 2;
    }
    if ((response = MHD_create_response_from_callback(len, slow->bytes > 0 && slow->bytes < 4096 ? slow->bytes : 4096,
                                                      read_slowly, slow, free_slowly)) == NULL)
        free_slowly(slow);
    return response;
}

/* Closes with a reset instead of an orderly end. */
static enum MHD_Result reset(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    struct linger linger = { .l_onoff = 1, .l_linger = 0 };

    if (info != NULL)
        setsockopt(info->connect_fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
    return MHD_NO;
}

/* Queues the answer; the response takes the body's memory. */
static enum MHD_Result send_answer(struct MHD_Connection *connection, struct exchange *exchange,
                                   azattest__service_answer *answer)
{
    enum MHD_Result result = MHD_NO;
    struct MHD_Response *response;
    size_t len = 0;
    unsigned char *body;

    memcpy(exchange->request_id, answer->request_id, sizeof(exchange->request_id));
    if (answer->fault.action == AZATTEST__FAULT_RESET)
        return reset(connection);
    if (answer->fault.action == AZATTEST__FAULT_DELAY)
        wait_ms(exchange->server, answer->fault.ms);
    body = azattest__buf_take(&answer->body, &len);
    if ((response = make_response(exchange->server, &answer->fault, body, len)) == NULL)
        return MHD_NO;
    add_headers(response, exchange, answer);
    exchange->status = answer->status;
    exchange->answered = len;
    result = MHD_queue_response(connection, (unsigned)answer->status, response);
    MHD_destroy_response(response);
    return result;
}

static const char *header(struct MHD_Connection *connection, const char *name)
{
    return MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);
}

static enum MHD_Result answer_request(struct MHD_Connection *connection, struct exchange *exchange, bool too_large)
{
    enum MHD_Result result;
    azattest__service_answer answer;
    azattest__service_request request = {
        .method = exchange->method,
        .target = exchange->target,
        .traceparent = header(connection, "traceparent"),
        .authorization = header(connection, "Authorization"),
        .content_type = header(connection, "Content-Type"),
        .host = header(connection, "Host"),
        .client_request_id = header(connection, "client-request-id"),
        .metadata = header(connection, "Metadata"),
        .identity_header = header(connection, "X-IDENTITY-HEADER"),
        .secret = header(connection, "secret"),
        .body = azattest__buf_bytes(&exchange->body),
    };

    if (too_large)
        azattest__service_too_large(&request, &answer);
    else
        exchange->server->handler.handle(exchange->server->handler.user, &request, &answer);
    result = send_answer(connection, exchange, &answer);
    azattest__service_answer_clear(&answer);
    return result;
}

/*
 * A body that is somewhat too large is read to its end and thrown away: an answer before that would often be lost,
 * since clients write first and read later. One that is announced to be far too large is not.
 */
static bool announces_far_too_much(struct MHD_Connection *connection)
{
    const char *text = header(connection, "Content-Length");

    return text != NULL && strtoull(text, NULL, 10) > LIMIT_DISCARD;
}

static enum MHD_Result handle(void *user, struct MHD_Connection *connection, const char *url, const char *method,
                              const char *version, const char *upload, size_t *upload_size, void **state)
{
    struct exchange *exchange = *state;

    (void)user;
    (void)url; /* decoded by rules of the server; the service has its own */
    (void)version;
    if (exchange == NULL || exchange->target == NULL)
        return MHD_NO;
    if (exchange->method == NULL) { /* first call: headers only */
        if ((exchange->method = azattest__dup_text(method)) == NULL)
            return MHD_NO;
        return announces_far_too_much(connection) ? answer_request(connection, exchange, true) : MHD_YES;
    }
    if (*upload_size > 0) {
        if (exchange->discarded > 0 || *upload_size > AZATTEST__SERVICE_LIMIT_BODY - exchange->body.len)
            exchange->discarded += *upload_size;
        else
            azattest__buf_append(&exchange->body, upload, *upload_size);
        *upload_size = 0;
        return exchange->body.status == AZATTEST_E_MEMORY || exchange->discarded > LIMIT_DISCARD ? MHD_NO : MHD_YES;
    }
    return answer_request(connection, exchange, exchange->discarded > 0);
}

azattest_status azattest__server_start(const azattest__handler *handler, const azattest__listener *listener,
                                       const azattest__tls_identity *identity, azattest__server **out,
                                       azattest_error **error)
{
    azattest__server *server;
    unsigned flags = MHD_USE_AUTO_INTERNAL_THREAD | MHD_USE_ITC;
    struct MHD_OptionItem options[] = {
        { MHD_OPTION_LISTEN_SOCKET, listener->socket, NULL },
        { MHD_OPTION_CONNECTION_LIMIT, LIMIT_CONNECTIONS, NULL },
        { MHD_OPTION_CONNECTION_MEMORY_LIMIT, LIMIT_HEADERS, NULL },
        { MHD_OPTION_CONNECTION_TIMEOUT, LIMIT_IDLE_S, NULL },
        { MHD_OPTION_SIGPIPE_HANDLED_BY_APP, 1, NULL },
        { MHD_OPTION_END, 0, NULL }, /* room for what depends on the handler and on TLS */
        { MHD_OPTION_END, 0, NULL },
        { MHD_OPTION_END, 0, NULL },
        { MHD_OPTION_END, 0, NULL },
        { MHD_OPTION_END, 0, NULL },
    };
    struct MHD_OptionItem *next = options + 5;

    *out = NULL;
    if (identity != NULL && MHD_is_feature_supported(MHD_FEATURE_TLS) != MHD_YES)
        return azattest__error_set(error, AZATTEST_E_UNSUPPORTED, "this libmicrohttpd was built without TLS");
    if ((server = calloc(1, sizeof(*server))) == NULL)
        return azattest__error_memory(error);
    server->handler = *handler;
    atomic_init(&server->active, 0);
    atomic_init(&server->stopping, false);
    snprintf(server->name, sizeof(server->name), "azattest-emulator/%s", azattest_version());
    if (handler->patient)
        flags |= MHD_USE_THREAD_PER_CONNECTION;
    else
        *next++ = (struct MHD_OptionItem){ MHD_OPTION_THREAD_POOL_SIZE, THREADS, NULL };
    if (identity != NULL) {
        flags |= MHD_USE_TLS;
        *next++ = (struct MHD_OptionItem){ MHD_OPTION_HTTPS_MEM_KEY, 0, identity->key.ptr };
        *next++ = (struct MHD_OptionItem){ MHD_OPTION_HTTPS_MEM_CERT, 0, identity->certificate.ptr };
        *next++ = (struct MHD_OptionItem){ MHD_OPTION_HTTPS_PRIORITIES, 0, tls_priorities };
    }
    server->daemon =
        MHD_start_daemon(flags, 0, NULL, NULL, handle, server, MHD_OPTION_URI_LOG_CALLBACK, begin, server,
                         MHD_OPTION_NOTIFY_COMPLETED, finish, server, MHD_OPTION_ARRAY, options, MHD_OPTION_END);
    if (server->daemon == NULL) {
        free(server);
        return azattest__error_set(error, AZATTEST_E_TRANSPORT, "the %s server does not start: %s",
                                   identity == NULL ? "HTTP" : "HTTPS", strerror(errno));
    }
    *out = server;
    return AZATTEST_OK;
}

void azattest__server_stop(azattest__server *server)
{
    int64_t deadline_ms = azattest__clock_monotonic_ms(NULL) + STOP_WAIT_MS;

    if (server == NULL)
        return;
    atomic_store(&server->stopping, true);
    MHD_quiesce_daemon(server->daemon); /* the socket stays the listener's */
    while (atomic_load(&server->active) > 0 && azattest__clock_monotonic_ms(NULL) < deadline_ms)
        nanosleep(&(struct timespec){ .tv_nsec = 5 * 1000 * 1000 }, NULL);
    MHD_stop_daemon(server->daemon);
    free(server);
}
