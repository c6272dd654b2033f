/* Drivers: the blocking loop, the scripted transport, and libcurl against a server that misbehaves on purpose. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <arpa/inet.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <azattest/transport.h>

#include "instance.h"

#define DOCUMENT "{\"issuer\":\"x\"}"
#define GOOD "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 14\r\n\r\n" DOCUMENT

/* A server of one thread on a free port of loopback: reads a request, sends the same bytes each time. */
typedef struct server {
    int socket;
    pthread_t thread;
    char endpoint[64];
    const char *answer; /* NULL: never answers */
    size_t answer_len;
    bool close_after; /* the connection, after each answer */
    atomic_int connections, requests;
    char last[8192]; /* the last request's head */
} server;

/* Whether head and body of the request are there. */
static bool is_whole(const char *request, size_t len)
{
    const char *body = strstr(request, "\r\n\r\n"), *length = strstr(request, "Content-Length: ");

    return body != NULL &&
           (length == NULL || length > body || len - (size_t)(body + 4 - request) >= strtoul(length + 16, NULL, 10));
}

/* Reads a request. False at the end of the connection. */
static bool read_request(server *s, int connection)
{
    size_t len = 0;

    while (len < sizeof(s->last) - 1) {
        ssize_t got = recv(connection, s->last + len, sizeof(s->last) - 1 - len, 0);

        if (got <= 0)
            return false;
        len += (size_t)got;
        s->last[len] = '\0';
        if (is_whole(s->last, len))
            return true;
    }
    return false;
}

static void send_all(int connection, const char *data, size_t len)
{
    while (len > 0) {
        ssize_t sent = send(connection, data, len, MSG_NOSIGNAL);

        if (sent <= 0)
            return;
        data += sent;
        len -= (size_t)sent;
    }
}

static void *serve(void *user)
{
    server *s = user;
    int connection;

    while ((connection = accept(s->socket, NULL, NULL)) >= 0) {
        atomic_fetch_add(&s->connections, 1);
        while (read_request(s, connection)) {
            atomic_fetch_add(&s->requests, 1);
            if (s->answer == NULL)
                continue;
            send_all(connection, s->answer, s->answer_len);
            if (s->close_after)
                break;
        }
        close(connection);
    }
    return NULL;
}

static void server_start(server *s, const char *answer, size_t len, bool close_after)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t size = sizeof(address);

    memset(s, 0, sizeof(*s));
    s->answer = answer;
    s->answer_len = len;
    s->close_after = close_after;
    s->socket = socket(AF_INET, SOCK_STREAM, 0);
    assert_true(s->socket >= 0);
    assert_int_equal(bind(s->socket, (struct sockaddr *)&address, sizeof(address)), 0);
    assert_int_equal(listen(s->socket, 16), 0);
    assert_int_equal(getsockname(s->socket, (struct sockaddr *)&address, &size), 0);
    snprintf(s->endpoint, sizeof(s->endpoint), "http://127.0.0.1:%u", ntohs(address.sin_port));
    assert_int_equal(pthread_create(&s->thread, NULL, serve, s), 0);
}

/* The client's connections must be closed before: the thread ends when accept() and recv() do. */
static void server_stop(server *s)
{
    shutdown(s->socket, SHUT_RDWR);
    pthread_join(s->thread, NULL);
    close(s->socket);
}

static azattest_client *client_of(const server *s, int retries)
{
    azattest_client_options options = AZATTEST_CLIENT_OPTIONS_INIT;
    azattest_client *client = NULL;

    options.allow_insecure_http = AZATTEST_ON;
    options.retry_total = retries;
    options.retry_delay_ms = 1;
    assert_int_equal(azattest_client_new(s->endpoint, &options, &client, NULL), AZATTEST_OK);
    return client;
}

static azattest_transport *curl_of(azattest_curl_options *options)
{
    azattest_transport *transport = NULL;

    assert_int_equal(azattest_curl_transport_new(options, &transport, NULL), AZATTEST_OK);
    return transport;
}

static void expect_failure(azattest_status status, azattest_status expected, azattest_error **error, const char *text)
{
    if (status != expected || strstr(azattest_error_message(*error), text) == NULL)
        print_message("got %s: %s\n", azattest_status_name(status), azattest_error_message(*error));
    assert_int_equal(status, expected);
    assert_non_null(strstr(azattest_error_message(*error), text));
    azattest_error_free(*error);
    *error = NULL;
}

static int64_t now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void connections_are_kept(void **state)
{
    server s;
    azattest_transport *transport = curl_of(NULL);
    azattest_client *client;

    (void)state;
    server_start(&s, GOOD, strlen(GOOD), false);
    client = client_of(&s, -1);
    for (int i = 0; i < 3; i++) {
        azattest_metadata *metadata = NULL;

        assert_int_equal(azattest_client_get_open_id_metadata(client, transport, &metadata, NULL), AZATTEST_OK);
        assert_string_equal(azattest_metadata_issuer(metadata), "x");
        azattest_metadata_free(metadata);
    }
    azattest_transport_free(transport);
    azattest_client_free(client);
    server_stop(&s);
    assert_int_equal(atomic_load(&s.requests), 3);
    assert_int_equal(atomic_load(&s.connections), 1);
    assert_non_null(strstr(s.last, "GET /.well-known/openid-configuration?api-version=2025-06-01 HTTP/1.1\r\n"));
    assert_non_null(strstr(s.last, "Accept-Encoding: gzip, deflate\r\n"));
    assert_null(strstr(s.last, "Expect:"));
}

/* azattest-c/0.1.0 libcurl/7.88.1 OpenSSL/3.0.15 (Linux x86_64) */
static void the_agent_names_what_runs(void **state)
{
    server s;
    azattest_transport *transport = curl_of(NULL);
    azattest_client *client;
    azattest_metadata *metadata = NULL;
    char agent[128];

    (void)state;
    server_start(&s, GOOD, strlen(GOOD), false);
    client = client_of(&s, -1);
    assert_int_equal(azattest_client_get_open_id_metadata(client, transport, &metadata, NULL), AZATTEST_OK);
    azattest_metadata_free(metadata);
    azattest_client_free(client);
    snprintf(agent, sizeof(agent), "User-Agent: azattest-c/%s %s OpenSSL/3.", azattest_version(),
             azattest_curl_version());
    assert_non_null(strstr(s.last, agent));
    setenv("AZURE_TELEMETRY_DISABLED", "1", 1);
    client = client_of(&s, -1);
    assert_int_equal(azattest_client_get_open_id_metadata(client, transport, &metadata, NULL), AZATTEST_OK);
    snprintf(agent, sizeof(agent), "User-Agent: azattest-c/%s\r\n", azattest_version());
    assert_non_null(strstr(s.last, agent));
    unsetenv("AZURE_TELEMETRY_DISABLED");
    azattest_metadata_free(metadata);
    azattest_transport_free(transport);
    azattest_client_free(client);
    server_stop(&s);
}

static const struct broken_case {
    const char *name, *answer;
    azattest_status status;
    const char *text;
    int requests; /* with one retry */
} broken[] = {
    { "a body that ends too early", "HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n" DOCUMENT, AZATTEST_E_RESPONSE,
      "127.0.0.1", 2 },
    { "a chunk that ends too early", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n20\r\n{",
      AZATTEST_E_RESPONSE, "127.0.0.1", 2 },
    { "a head that ends too early", "HTTP/1.1 200 OK\r\nContent-", AZATTEST_E_RESPONSE, "127.0.0.1", 2 },
    { "no answer at all", "", AZATTEST_E_TRANSPORT, "127.0.0.1", 2 },
    { "another protocol", "SSH-2.0-OpenSSH_9\r\n", AZATTEST_E_TRANSPORT, "127.0.0.1", 2 },
    { "a status line without a status", "HTTP/1.1 \r\n\r\n", AZATTEST_E_TRANSPORT, "127.0.0.1", 2 },
    { "a body that is not compressed as it says",
      "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 14\r\n\r\n" DOCUMENT, AZATTEST_E_RESPONSE,
      "127.0.0.1", 2 },
    { "a redirect", "HTTP/1.1 302 Found\r\nLocation: /certs\r\nContent-Length: 0\r\n\r\n", AZATTEST_E_HTTP,
      "pointing to /certs", 1 },
    { "an error of the service", "HTTP/1.1 400 Bad Request\r\nContent-Length: 2\r\n\r\n{}", AZATTEST_E_HTTP,
      "400 (Bad Request)", 1 },
    { "an interim answer, and then the real one",
      "HTTP/1.1 103 Early\r\nx: y\r\n\r\nHTTP/1.1 404 Gone\r\nContent-Length: 0\r\n\r\n", AZATTEST_E_HTTP, "404 (Gone)",
      1 },
};

static void broken_answers(void **state)
{
    const struct broken_case *c = *state;
    server s;
    azattest_transport *transport = curl_of(NULL);
    azattest_client *client;
    azattest_metadata *metadata = NULL;
    azattest_error *error = NULL;

    server_start(&s, c->answer, strlen(c->answer), true);
    client = client_of(&s, 1);
    expect_failure(azattest_client_get_open_id_metadata(client, transport, &metadata, &error), c->status, &error,
                   c->text);
    assert_null(metadata);
    azattest_transport_free(transport);
    azattest_client_free(client);
    server_stop(&s);
    assert_int_equal(atomic_load(&s.requests), c->requests);
}

/* A POST is sent again as long as nothing of an answer came. */
static const struct broken_post {
    const char *name, *answer;
    azattest_status status;
    int requests; /* with one retry */
} broken_posts[] = {
    { "POST: no answer at all", "", AZATTEST_E_TRANSPORT, 2 },
    { "POST: a head that ends too early", "HTTP/1.1 200 OK\r\nContent-", AZATTEST_E_RESPONSE, 1 },
    { "POST: a body that ends too early", "HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n" DOCUMENT, AZATTEST_E_RESPONSE,
      1 },
};

static void broken_answers_to_a_post(void **state)
{
    const struct broken_post *c = *state;
    azattest_attest_options options = AZATTEST_ATTEST_OPTIONS_INIT;
    server s;
    azattest_transport *transport = curl_of(NULL);
    azattest_client *client;
    azattest_error *error = NULL;
    char *text = NULL;
    size_t len = 0;

    server_start(&s, c->answer, strlen(c->answer), true);
    client = client_of(&s, 1);
    expect_failure(
        azattest_client_attest_tpm(client, transport, (azattest_bytes){ "{}", 2 }, &options, &text, &len, &error),
        c->status, &error, "127.0.0.1");
    assert_null(text);
    azattest_transport_free(transport);
    azattest_client_free(client);
    server_stop(&s);
    assert_int_equal(atomic_load(&s.requests), c->requests);
}

/* Whatever it begins with, five million bytes are too many. */
static void more_than_the_limit(const char *head, const unsigned char *body, size_t len, const char *text)
{
    server s;
    azattest_transport *transport = curl_of(NULL);
    azattest_client *client;
    azattest_metadata *metadata = NULL;
    azattest_error *error = NULL;
    size_t head_len = strlen(head);
    char *answer = malloc(head_len + len);

    assert_non_null(answer);
    memcpy(answer, head, head_len);
    memcpy(answer + head_len, body, len);
    server_start(&s, answer, head_len + len, true);
    client = client_of(&s, 1);
    expect_failure(azattest_client_get_open_id_metadata(client, transport, &metadata, &error), AZATTEST_E_RESPONSE,
                   &error, text);
    azattest_transport_free(transport);
    azattest_client_free(client);
    server_stop(&s);
    assert_int_equal(atomic_load(&s.requests), 1);
    free(answer);
}

static void a_body_without_end(void **state)
{
    size_t len = 5000000;
    unsigned char *body = calloc(1, len);

    (void)state;
    assert_non_null(body);
    more_than_the_limit("HTTP/1.1 200 OK\r\n\r\n", body, len, "more than 4194304 bytes");
    free(body);
}

static void headers_without_end(void **state)
{
    size_t len = 0;
    unsigned char *lines = malloc(200000);

    (void)state;
    assert_non_null(lines);
    while (len < 150000)
        len += (size_t)sprintf((char *)lines + len, "x-%zu: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n", len);
    more_than_the_limit("HTTP/1.1 200 OK\r\n", lines, len, "headers have more than 65536 bytes");
    free(lines);
}

static void put_bits(unsigned char *out, size_t *at, unsigned value, unsigned count, bool high_first)
{
    for (unsigned i = 0; i < count; i++, (*at)++)
        if (value >> (high_first ? count - 1 - i : i) & 1)
            out[*at / 8] |= (unsigned char)(1u << *at % 8);
}

/* RFC 1951, fixed codes: a zero byte, then "258 bytes from one byte back", over and over. 40 KB become 6 MB. */
static size_t make_bomb(const unsigned char *head, size_t head_len, unsigned char *body, size_t size)
{
    size_t at = head_len * 8;

    memset(body, 0, size);
    memcpy(body, head, head_len);
    put_bits(body, &at, 3, 3, false);   /* last block, fixed codes */
    put_bits(body, &at, 0x30, 8, true); /* literal 0 */
    for (int i = 0; i < 25000; i++) {
        put_bits(body, &at, 0xc5, 8, true); /* length 258 */
        put_bits(body, &at, 0, 5, true);    /* distance 1 */
    }
    put_bits(body, &at, 0, 7, true); /* end of block */
    assert_true(at / 8 < size);
    return at / 8 + 1;
}

static void a_small_body_that_inflates_without_end(void **state)
{
    static const unsigned char gzip[10] = { 0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3 }, zlib[2] = { 0x78, 0x9c };
    static unsigned char body[64000];

    (void)state;
    more_than_the_limit("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n", body,
                        make_bomb(gzip, sizeof(gzip), body, sizeof(body)), "more than 4194304 bytes");
    more_than_the_limit("HTTP/1.1 200 OK\r\nContent-Encoding: deflate\r\n\r\n", body,
                        make_bomb(zlib, sizeof(zlib), body, sizeof(body)), "more than 4194304 bytes");
}

static void silence(void **state)
{
    azattest_curl_options options = AZATTEST_CURL_OPTIONS_INIT;
    azattest_transport *transport;
    server s;
    azattest_client *client;
    azattest_metadata *metadata = NULL;
    azattest_error *error = NULL;
    int64_t began = now_ms();

    (void)state;
    options.read_timeout_ms = 250;
    transport = curl_of(&options);
    server_start(&s, NULL, 0, false);
    client = client_of(&s, -1);
    expect_failure(azattest_client_get_open_id_metadata(client, transport, &metadata, &error), AZATTEST_E_TIMEOUT,
                   &error, "no byte came for 250 ms");
    assert_true(now_ms() - began >= 250);
    assert_true(now_ms() - began < 5000);
    azattest_transport_free(transport);
    azattest_client_free(client);
    server_stop(&s);
}

static void the_time_limit_of_the_operation(void **state)
{
    azattest_client_options options = AZATTEST_CLIENT_OPTIONS_INIT;
    azattest_transport *transport = curl_of(NULL);
    server s;
    azattest_client *client = NULL;
    azattest_metadata *metadata = NULL;
    azattest_error *error = NULL;
    int64_t began = now_ms();

    (void)state;
    server_start(&s, NULL, 0, false);
    options.allow_insecure_http = AZATTEST_ON;
    options.timeout_ms = 300;
    assert_int_equal(azattest_client_new(s.endpoint, &options, &client, NULL), AZATTEST_OK);
    expect_failure(azattest_client_get_open_id_metadata(client, transport, &metadata, &error), AZATTEST_E_TIMEOUT,
                   &error, "time limit of 300 ms");
    assert_true(now_ms() - began < 5000);
    azattest_transport_free(transport);
    azattest_client_free(client);
    server_stop(&s);
}

static bool after_three(void *user)
{
    return ++*(int *)user > 3;
}

static void interrupted_while_waiting_for_an_answer(void **state)
{
    azattest_curl_options options = AZATTEST_CURL_OPTIONS_INIT;
    azattest_transport *transport;
    server s;
    azattest_client *client;
    azattest_metadata *metadata = NULL;
    azattest_error *error = NULL;
    int64_t began = now_ms();
    int asked = 0;

    (void)state;
    options.interrupted = after_three;
    options.interrupted_user = &asked;
    transport = curl_of(&options);
    server_start(&s, NULL, 0, false);
    client = client_of(&s, 3);
    expect_failure(azattest_client_get_open_id_metadata(client, transport, &metadata, &error), AZATTEST_E_CANCELLED,
                   &error, "interrupted");
    assert_true(now_ms() - began < 5000);
    azattest_transport_free(transport);
    azattest_client_free(client);
    server_stop(&s);
}

static void interrupted_while_waiting_for_the_next_try(void **state)
{
    static const char busy[] = "HTTP/1.1 503 Busy\r\nRetry-After: 60\r\nContent-Length: 0\r\n\r\n";
    azattest_curl_options options = AZATTEST_CURL_OPTIONS_INIT;
    azattest_transport *transport;
    server s;
    azattest_client *client;
    azattest_metadata *metadata = NULL;
    azattest_error *error = NULL;
    int64_t began = now_ms();
    int asked = 0;

    (void)state;
    options.interrupted = after_three;
    options.interrupted_user = &asked;
    transport = curl_of(&options);
    server_start(&s, busy, sizeof(busy) - 1, true);
    client = client_of(&s, 3);
    expect_failure(azattest_client_get_open_id_metadata(client, transport, &metadata, &error), AZATTEST_E_CANCELLED,
                   &error, "cancelled");
    assert_true(now_ms() - began < 5000);
    azattest_transport_free(transport);
    azattest_client_free(client);
    server_stop(&s);
}

static azattest_status get(const server *s, const char *proxy, azattest_error **error)
{
    azattest_curl_options options = AZATTEST_CURL_OPTIONS_INIT;
    azattest_metadata *metadata = NULL;
    azattest_transport *transport;
    azattest_client *client = client_of(s, -1);
    azattest_status status;

    options.proxy = proxy;
    transport = curl_of(&options);
    status = azattest_client_get_open_id_metadata(client, transport, &metadata, error);
    azattest_metadata_free(metadata);
    azattest_transport_free(transport);
    azattest_client_free(client);
    return status;
}

static void proxies(void **state)
{
    azattest_error *error = NULL;
    server s;

    (void)state;
    server_start(&s, GOOD, strlen(GOOD), true);
    /* The environment's proxy could not reach our own loopback. */
    setenv("http_proxy", "http://127.0.0.1:1", 1);
    setenv("all_proxy", "http://127.0.0.1:1", 1);
    assert_int_equal(get(&s, NULL, NULL), AZATTEST_OK);
    assert_int_equal(get(&s, "", NULL), AZATTEST_OK);
    unsetenv("http_proxy");
    unsetenv("all_proxy");
    /* A proxy that the caller names is used. */
    expect_failure(get(&s, "http://127.0.0.1:1", &error), AZATTEST_E_TRANSPORT, &error, "check the option proxy");
    assert_int_equal(get(&s, s.endpoint, NULL), AZATTEST_OK);
    server_stop(&s);
    assert_int_equal(strncmp(s.last, "GET http://127.0.0.1:", 21), 0);
}

static void nobody_is_there(void **state)
{
    azattest_transport *transport = curl_of(NULL);
    server s;
    azattest_client *client;
    azattest_metadata *metadata = NULL;
    azattest_error *error = NULL;

    (void)state;
    server_start(&s, GOOD, strlen(GOOD), true);
    server_stop(&s); /* its port is free again */
    client = client_of(&s, -1);
    expect_failure(azattest_client_get_open_id_metadata(client, transport, &metadata, &error), AZATTEST_E_TRANSPORT,
                   &error, "that the service runs");
    azattest_transport_free(transport);
    azattest_client_free(client);
}

/* The service speaks no TLS: the failure names the host, and nothing is sent in clear. */
static void https_means_tls(void **state)
{
    azattest_transport *transport = curl_of(NULL);
    azattest_client_options options = AZATTEST_CLIENT_OPTIONS_INIT;
    azattest_client *client = NULL;
    azattest_metadata *metadata = NULL;
    azattest_error *error = NULL;
    char endpoint[80] = "https";
    server s;

    (void)state;
    server_start(&s, GOOD, strlen(GOOD), true);
    strcat(endpoint, s.endpoint + strlen("http"));
    options.retry_total = -1;
    options.timeout_ms = 1000;
    assert_int_equal(azattest_client_new(endpoint, &options, &client, NULL), AZATTEST_OK);
    assert_int_not_equal(azattest_client_get_open_id_metadata(client, transport, &metadata, &error), AZATTEST_OK);
    assert_non_null(strstr(azattest_error_message(error), "127.0.0.1"));
    azattest_error_free(error);
    azattest_transport_free(transport);
    azattest_client_free(client);
    server_stop(&s);
    assert_null(strstr(s.last, "openid-configuration"));
}

typedef struct shared {
    azattest_client *client;
    azattest_transport *transport;
    atomic_int good;
} shared;

static void *one_thread(void *user)
{
    shared *all = user;

    for (int i = 0; i < 20; i++) {
        azattest_metadata *metadata = NULL;

        if (azattest_client_get_open_id_metadata(all->client, all->transport, &metadata, NULL) == AZATTEST_OK)
            atomic_fetch_add(&all->good, 1);
        azattest_metadata_free(metadata);
    }
    return NULL;
}

static void one_transport_for_many_threads(void **state)
{
    pthread_t threads[4];
    shared all;
    server s;

    (void)state;
    server_start(&s, GOOD, strlen(GOOD), true);
    all.client = client_of(&s, 3); /* a connection may be taken for the next call just as the server closes it */
    all.transport = curl_of(NULL);
    atomic_init(&all.good, 0);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, one_thread, &all), 0);
    for (size_t i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    azattest_transport_free(all.transport);
    azattest_client_free(all.client);
    server_stop(&s);
    assert_int_equal(atomic_load(&all.good), 80);
}

static void options_that_cannot_be_used(void **state)
{
    const struct {
        azattest_curl_options options;
        const char *text;
    } cases[] = {
        { { .size = 0 }, "AZATTEST_CURL_OPTIONS_INIT" },
        { { .size = sizeof(azattest_curl_options), .ca_file = "/no/such/file" }, "\"/no/such/file\" cannot be read" },
        { { .size = sizeof(azattest_curl_options), .ca_path = "/no/such/folder" }, "ca_path" },
        { { .size = sizeof(azattest_curl_options), .ca_file = "/dev/null", .ca_pem = { "x", 1 } }, "exclude" },
        { { .size = sizeof(azattest_curl_options), .read_timeout_ms = -1 }, "timeout" },
        { { .size = sizeof(azattest_curl_options), .connect_timeout_ms = INT64_MAX }, "timeout" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        azattest_transport *transport = NULL;
        azattest_error *error = NULL;

        expect_failure(azattest_curl_transport_new(&cases[i].options, &transport, &error), AZATTEST_E_ARGUMENT, &error,
                       cases[i].text);
        assert_null(transport);
    }
    assert_int_equal(azattest_curl_transport_new(NULL, NULL, NULL), AZATTEST_E_ARGUMENT);
}

static void a_script_tells_what_was_asked_instead(void **state)
{
    azattest_scripted_exchange script[] = { { .method = "POST", .url = INSTANCE_CERTS } };
    azattest_transport *transport = NULL;
    azattest_client *client = NULL;
    azattest_signers *signers = NULL;
    azattest_error *error = NULL;

    (void)state;
    assert_int_equal(azattest_client_new(INSTANCE, NULL, &client, NULL), AZATTEST_OK);
    assert_int_equal(azattest_scripted_transport_new(script, 1, &transport, NULL), AZATTEST_OK);
    expect_failure(azattest_client_get_signing_certificates(client, transport, &signers, &error), AZATTEST_E_TRANSPORT,
                   &error, "expected method \"POST\"");
    expect_failure(azattest_client_get_signing_certificates(client, transport, &signers, &error), AZATTEST_E_TRANSPORT,
                   &error, "at its end; asked for GET " INSTANCE_CERTS);
    assert_int_equal(azattest_scripted_transport_played(transport), 1);
    azattest_transport_free(transport);
    script[0] = (azattest_scripted_exchange){ .body = { "x", 1 } };
    assert_int_equal(azattest_scripted_transport_new(script, 1, &transport, NULL), AZATTEST_OK);
    expect_failure(azattest_client_get_signing_certificates(client, transport, &signers, &error), AZATTEST_E_TRANSPORT,
                   &error, "the bodies differ");
    azattest_transport_free(transport);
    azattest_client_free(client);
}

static void says_nothing(void *user, azattest_op *op, const azattest_request *request)
{
    (void)op;
    assert_non_null(azattest_request_url(request));
    ++*(int *)user;
}

static bool never_sleeps(void *user, int64_t wait_ms)
{
    (void)user;
    (void)wait_ms;
    return true;
}

static bool will_not_sleep(void *user, int64_t wait_ms)
{
    (void)user;
    (void)wait_ms;
    return false;
}

static void drivers_of_ones_own(void **state)
{
    azattest_transport_functions functions = { .size = sizeof(functions), .send = says_nothing, .sleep = never_sleeps };
    azattest_transport *transport = NULL;
    azattest_client *client = NULL;
    azattest_signers *signers = NULL;
    azattest_op *op = NULL;
    azattest_error *error = NULL;
    int sent = 0;

    (void)state;
    assert_int_equal(azattest_client_new(INSTANCE, NULL, &client, NULL), AZATTEST_OK);
    assert_int_equal(azattest_transport_new(&functions, &sent, &transport, NULL), AZATTEST_OK);
    expect_failure(azattest_client_get_signing_certificates(client, transport, &signers, &error), AZATTEST_E_RESPONSE,
                   &error, "neither answered nor failed");
    assert_int_equal(sent, 4);
    azattest_transport_free(transport);
    functions.sleep = will_not_sleep;
    assert_int_equal(azattest_transport_new(&functions, &sent, &transport, NULL), AZATTEST_OK);
    assert_int_equal(azattest_client_get_signing_certificates_begin(client, &op, NULL), AZATTEST_OK);
    expect_failure(azattest_run(op, transport, &error), AZATTEST_E_CANCELLED, &error, "cancelled");
    expect_failure(azattest_run(op, transport, &error), AZATTEST_E_STATE, &error, "had failed before");
    assert_int_equal(azattest_run(op, NULL, NULL), AZATTEST_E_ARGUMENT);
    assert_int_equal(azattest_run(NULL, transport, NULL), AZATTEST_E_ARGUMENT);
    assert_int_equal(azattest_client_get_signing_certificates(client, transport, NULL, NULL), AZATTEST_E_ARGUMENT);
    assert_int_equal(azattest_client_get_signing_certificates(client, NULL, &signers, NULL), AZATTEST_E_ARGUMENT);
    assert_int_equal(azattest_client_get_signing_certificates(NULL, transport, &signers, NULL), AZATTEST_E_ARGUMENT);
    functions.send = NULL;
    azattest_op_free(op);
    azattest_transport_free(transport);
    assert_int_equal(azattest_transport_new(&functions, NULL, &transport, NULL), AZATTEST_E_ARGUMENT);
    assert_int_equal(azattest_transport_new(NULL, NULL, &transport, NULL), AZATTEST_E_ARGUMENT);
    assert_int_equal(azattest_scripted_transport_new(NULL, 1, &transport, NULL), AZATTEST_E_ARGUMENT);
    assert_int_equal(azattest_scripted_transport_played(NULL), 0);
    assert_int_equal(azattest_scripted_transport_slept_ms(NULL), 0);
    azattest_transport_free(NULL);
    azattest_client_free(client);
}

int main(void)
{
    enum { BROKEN = sizeof(broken) / sizeof(broken[0]), POSTS = sizeof(broken_posts) / sizeof(broken_posts[0]) };
    static const struct CMUnitTest others[] = {
        cmocka_unit_test(connections_are_kept),
        cmocka_unit_test(the_agent_names_what_runs),
        cmocka_unit_test(a_body_without_end),
        cmocka_unit_test(headers_without_end),
        cmocka_unit_test(a_small_body_that_inflates_without_end),
        cmocka_unit_test(silence),
        cmocka_unit_test(the_time_limit_of_the_operation),
        cmocka_unit_test(interrupted_while_waiting_for_an_answer),
        cmocka_unit_test(interrupted_while_waiting_for_the_next_try),
        cmocka_unit_test(proxies),
        cmocka_unit_test(nobody_is_there),
        cmocka_unit_test(https_means_tls),
        cmocka_unit_test(one_transport_for_many_threads),
        cmocka_unit_test(options_that_cannot_be_used),
        cmocka_unit_test(a_script_tells_what_was_asked_instead),
        cmocka_unit_test(drivers_of_ones_own),
    };
    enum { OTHERS = sizeof(others) / sizeof(others[0]) };
    struct CMUnitTest tests[OTHERS + BROKEN + POSTS];

    memcpy(tests, others, sizeof(others));
    for (size_t i = 0; i < BROKEN; i++)
        tests[OTHERS + i] =
            (struct CMUnitTest){ broken[i].name, broken_answers, NULL, NULL, (void *)(uintptr_t)&broken[i] };
    for (size_t i = 0; i < POSTS; i++)
        tests[OTHERS + BROKEN + i] = (struct CMUnitTest){ broken_posts[i].name, broken_answers_to_a_post, NULL, NULL,
                                                          (void *)(uintptr_t)&broken_posts[i] };
    return cmocka_run_group_tests_name("transport", tests, NULL, NULL);
}
