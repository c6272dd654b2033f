/*
 * A service that costs nearly nothing, for measuring clients: HTTPS on one thread with epoll, hundreds of kept
 * connections, one fixed token for every attest call, and an optional delay before each of those answers.
 *
 * Usage: bench_service FOLDER [--port N | --listen-fd N] [--delay-ms N] [--spread-ms N] [--port-file FILE]
 *
 * FOLDER is bench_fixture's. It prints {"endpoint": ...} when it is ready, and ends with SIGTERM or SIGINT.
 *   POST /attest...   {"token": token.jwt}, after the delay
 *   GET /certs, /.well-known/openid-configuration   keys.jwks, metadata.json
 *   GET /count        what it did since it started
 *   GET /delay?ms=N&spread=M   answers wait from then on: evenly between N - M and N + M, as independent callers meet
 *                              it; without a spread many calls in flight march in step
 *   GET /close?on=N   1: the connection is closed after each attest answer from then on; 0: kept
 *
 * It reads requests as far as its clients need it: Content-Length bodies, no chunks. It checks nothing.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/ssl.h>

#include "service_answers.h"

#define LARGEST_REQUEST (1 << 20)
#define FIRST_ROOM 16384

typedef struct connection {
    SSL *ssl;
    int fd;
    unsigned watched; /* epoll events */
    char *in;
    size_t in_len, in_room;
    size_t request_len;   /* of the request that is being answered; 0: none yet */
    const answer *answer; /* being sent, or waiting for its time */
    size_t sent;
    int waiting, closing, closed;
    struct connection *next_dead;
    int64_t due_ns;
} connection;

typedef struct service {
    int epoll, listening, timer;
    SSL_CTX *tls;
    answers answers;
    connection **waiting; /* for their time: a heap, the next one first */
    size_t waiting_count, waiting_room;
    uint64_t random;
    connection *dead; /* freed when the events at hand are done with */
} service;

static volatile sig_atomic_t stopped;

static void stop(int signal_number)
{
    (void)signal_number;
    stopped = 1;
}

/* -------------------------------------------------------------------------------------------------- connections */

static void close_connection(service *s, connection *c)
{
    if (c->closed)
        return;
    c->closed = 1;
    epoll_ctl(s->epoll, EPOLL_CTL_DEL, c->fd, NULL);
    SSL_free(c->ssl);
    close(c->fd);
    free(c->in);
    c->ssl = NULL;
    c->in = NULL;
    s->answers.open--;
    if (!c->waiting) { /* otherwise its turn in the queue frees it */
        c->next_dead = s->dead;
        s->dead = c;
    }
}

static void free_dead(service *s)
{
    while (s->dead != NULL) {
        connection *c = s->dead;

        s->dead = c->next_dead;
        free(c);
    }
}

static void watch(service *s, connection *c, unsigned events)
{
    struct epoll_event event = { .events = events, .data.ptr = c };

    if (c->watched != events &&
        epoll_ctl(s->epoll, c->watched == 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, c->fd, &event) != 0)
        die("epoll_ctl");
    c->watched = events;
}

/* After a call on the connection gave no data: 1 when it goes on later, 0 when it is over. */
static int later(service *s, connection *c, int result)
{
    int reason = SSL_get_error(c->ssl, result);

    ERR_clear_error();
    if (reason == SSL_ERROR_WANT_READ || reason == SSL_ERROR_WANT_WRITE) {
        watch(s, c, reason == SSL_ERROR_WANT_READ ? EPOLLIN : EPOLLOUT);
        return 1;
    }
    close_connection(s, c);
    return 0;
}

/* The value of a header in a head that ends with a NUL; NULL when it is absent. */
static const char *header(const char *head, const char *name)
{
    size_t len = strlen(name);

    for (const char *line = strstr(head, "\r\n"); line != NULL; line = strstr(line, "\r\n")) {
        line += 2;
        if (strncasecmp(line, name, len) == 0 && line[len] == ':')
            return line + len + 1 + strspn(line + len + 1, " ");
    }
    return NULL;
}

/* Whether a whole request is there; then request_len and the answer are set. */
static int take_request(service *s, connection *c)
{
    const char *value;
    char *end;
    size_t head;

    c->in[c->in_len] = '\0';
    if ((end = strstr(c->in, "\r\n\r\n")) == NULL)
        return 0;
    head = (size_t)(end - c->in) + 4;
    end[2] = '\0'; /* the head, whose last line is complete */
    value = header(c->in, "content-length");
    c->request_len = head + (value == NULL ? 0 : strtoul(value, NULL, 10));
    value = header(c->in, "connection");
    c->closing = (value != NULL && strncasecmp(value, "close", 5) == 0) || header(c->in, "transfer-encoding") != NULL;
    if (c->in_len < c->request_len) {
        end[2] = '\r';
        return 0;
    }
    s->answers.requests++;
    c->answer = answers_choose(&s->answers, c->in);
    c->sent = 0;
    c->closing = c->closing || c->answer->closing;
    s->answers.attests += (unsigned long)c->answer->attest;
    return 1;
}

static void set_timer(service *s)
{
    struct itimerspec time = { .it_value = { .tv_sec = 0 } };

    if (s->waiting_count > 0) {
        time.it_value.tv_sec = s->waiting[0]->due_ns / 1000000000;
        time.it_value.tv_nsec = s->waiting[0]->due_ns % 1000000000;
    }
    timerfd_settime(s->timer, TFD_TIMER_ABSTIME, &time, NULL);
}

static void put_waiting(service *s, connection *c)
{
    size_t at = s->waiting_count++;

    if (s->waiting_count > s->waiting_room) {
        s->waiting_room = 2 * s->waiting_room + 64;
        if ((s->waiting = realloc((void *)s->waiting, s->waiting_room * sizeof(connection *))) == NULL)
            die("memory");
    }
    for (; at > 0 && s->waiting[(at - 1) / 2]->due_ns > c->due_ns; at = (at - 1) / 2)
        s->waiting[at] = s->waiting[(at - 1) / 2];
    s->waiting[at] = c;
}

static connection *take_waiting(service *s)
{
    connection *first = s->waiting[0], *moved = s->waiting[--s->waiting_count];
    size_t at = 0, child;

    while ((child = 2 * at + 1) < s->waiting_count) {
        if (child + 1 < s->waiting_count && s->waiting[child + 1]->due_ns < s->waiting[child]->due_ns)
            child++;
        if (s->waiting[child]->due_ns >= moved->due_ns)
            break;
        s->waiting[at] = s->waiting[child];
        at = child;
    }
    s->waiting[at] = moved;
    return first;
}

/* Between -1 and 1 (xorshift64*): only has to be spread. */
static double next_random(service *s)
{
    s->random ^= s->random >> 12;
    s->random ^= s->random << 25;
    s->random ^= s->random >> 27;
    return (double)(int64_t)(s->random * 0x2545f4914f6cdd1dU) / 9223372036854775808.0;
}

static void wait_for_turn(service *s, connection *c)
{
    c->due_ns =
        now_ns(CLOCK_MONOTONIC) + s->answers.delay_ns + (int64_t)((double)s->answers.spread_ns * next_random(s));
    c->waiting = 1;
    put_waiting(s, c);
    if (s->waiting[0] == c)
        set_timer(s);
    watch(s, c, EPOLLRDHUP);
}

/* 1 when the answer is out and the next request may come. */
static int send_answer(service *s, connection *c)
{
    while (c->sent < c->answer->len) {
        int n = SSL_write(c->ssl, c->answer->text + c->sent, (int)(c->answer->len - c->sent));

        if (n <= 0) {
            later(s, c, n);
            return 0;
        }
        c->sent += (size_t)n;
    }
    c->answer = NULL;
    c->in_len -= c->request_len;
    memmove(c->in, c->in + c->request_len, c->in_len);
    c->request_len = 0;
    if (c->closing) {
        SSL_shutdown(c->ssl);
        close_connection(s, c);
        return 0;
    }
    return 1;
}

/* 1 when something came. */
static int receive(service *s, connection *c)
{
    int n;

    if (c->in_room - c->in_len < 2) {
        char *more = c->in_room * 2 > LARGEST_REQUEST ? NULL : realloc(c->in, c->in_room * 2);

        if (more == NULL) {
            close_connection(s, c);
            return 0;
        }
        c->in = more;
        c->in_room *= 2;
    }
    if ((n = SSL_read(c->ssl, c->in + c->in_len, (int)(c->in_room - c->in_len - 1))) <= 0) {
        later(s, c, n);
        return 0;
    }
    c->in_len += (size_t)n;
    return 1;
}

static void go_on(service *s, connection *c)
{
    while (!c->closed) {
        if (c->answer != NULL) {
            if (!send_answer(s, c))
                return;
        } else if (c->in_len > 0 && take_request(s, c)) {
            if (c->answer->attest && s->answers.delay_ns > 0) {
                wait_for_turn(s, c);
                return;
            }
        } else if (!receive(s, c)) {
            return;
        }
    }
}

static void answer_due(service *s)
{
    uint64_t expirations;
    int64_t now = now_ns(CLOCK_MONOTONIC);

    (void)!read(s->timer, &expirations, sizeof(expirations));
    while (s->waiting_count > 0 && s->waiting[0]->due_ns <= now) {
        connection *c = take_waiting(s);

        c->waiting = 0;
        if (c->closed) {
            c->next_dead = s->dead;
            s->dead = c;
        } else {
            go_on(s, c);
        }
    }
    set_timer(s);
}

static void accept_all(service *s)
{
    const int on = 1;
    int fd;

    while ((fd = accept4(s->listening, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
        connection *c = calloc(1, sizeof(*c));

        if (c == NULL || (c->in = malloc(FIRST_ROOM)) == NULL || (c->ssl = SSL_new(s->tls)) == NULL)
            die("memory");
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
        c->fd = fd;
        c->in_room = FIRST_ROOM;
        SSL_set_fd(c->ssl, fd);
        SSL_set_accept_state(c->ssl);
        s->answers.accepted++;
        s->answers.open++;
        watch(s, c, EPOLLIN);
    }
}

/* -------------------------------------------------------------------------------------------------------- start */

static SSL_CTX *make_tls(const char *folder)
{
    SSL_CTX *tls = SSL_CTX_new(TLS_server_method());
    char certificate[4096], key[4096];

    snprintf(certificate, sizeof(certificate), "%s/server.pem", folder);
    snprintf(key, sizeof(key), "%s/server.key", folder);
    if (tls == NULL || SSL_CTX_set_min_proto_version(tls, TLS1_2_VERSION) != 1 ||
        SSL_CTX_use_certificate_chain_file(tls, certificate) != 1 ||
        SSL_CTX_use_PrivateKey_file(tls, key, SSL_FILETYPE_PEM) != 1)
        die("certificate");
    SSL_CTX_set_mode(tls, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_read_ahead(tls, 1);
    return tls;
}

static int listen_on(int port)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
    const int on = 1;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0 ||
        bind(fd, (struct sockaddr *)&address, sizeof(address)) != 0 || listen(fd, 1024) != 0)
        die("listen");
    return fd;
}

static void add(service *s, int fd, void *mark)
{
    struct epoll_event event = { .events = EPOLLIN, .data.ptr = mark };

    if (fd < 0 || fcntl(fd, F_SETFL, O_NONBLOCK) != 0 || epoll_ctl(s->epoll, EPOLL_CTL_ADD, fd, &event) != 0)
        die("epoll");
}

/* Tells where it listens: on standard output, and in the file when one is named. */
static void announce(const service *s, const char *port_file)
{
    struct sockaddr_in address;
    socklen_t len = sizeof(address);
    FILE *file;

    if (getsockname(s->listening, (struct sockaddr *)&address, &len) != 0)
        die("getsockname");
    if (port_file != NULL) {
        if ((file = fopen(port_file, "w")) == NULL || fprintf(file, "%d\n", ntohs(address.sin_port)) < 0 ||
            fclose(file) != 0)
            die(port_file);
    }
    printf("{\"endpoint\":\"https://127.0.0.1:%d\"}\n", ntohs(address.sin_port));
    fflush(stdout);
}

static void serve(service *s)
{
    struct epoll_event events[256];

    while (!stopped) {
        int count = epoll_wait(s->epoll, events, 256, -1);

        for (int i = 0; i < count; i++) {
            connection *c = events[i].data.ptr;

            if (events[i].data.ptr == &s->listening)
                accept_all(s);
            else if (events[i].data.ptr == &s->timer)
                answer_due(s);
            else if (!c->closed && c->waiting)
                close_connection(s, c); /* only its end is watched */
            else if (!c->closed)
                go_on(s, c);
        }
        free_dead(s);
    }
}

static int usage(void)
{
    fprintf(stderr, "usage: bench_service FOLDER [--port N | --listen-fd N] [--delay-ms N] [--spread-ms N] "
                    "[--port-file FILE]\n");
    return 2;
}

int main(int argc, char **argv)
{
    const struct rlimit files = { 65536, 65536 };
    struct sigaction action = { .sa_handler = stop };
    const char *folder = argc > 1 ? argv[1] : NULL, *port_file = NULL;
    static service s;
    int port = 0;

    s.listening = -1;
    s.random = 88172645463325252U;
    if (folder == NULL || folder[0] == '-')
        return usage();
    for (int i = 2; i < argc; i += 2) {
        if (i + 1 == argc)
            return usage();
        if (strcmp(argv[i], "--port") == 0)
            port = atoi(argv[i + 1]);
        else if (strcmp(argv[i], "--listen-fd") == 0)
            s.listening = atoi(argv[i + 1]);
        else if (strcmp(argv[i], "--delay-ms") == 0)
            s.answers.delay_ns = (int64_t)(strtod(argv[i + 1], NULL) * 1e6);
        else if (strcmp(argv[i], "--spread-ms") == 0)
            s.answers.spread_ns = (int64_t)(strtod(argv[i + 1], NULL) * 1e6);
        else if (strcmp(argv[i], "--port-file") == 0)
            port_file = argv[i + 1];
        else
            return usage();
    }
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
    signal(SIGPIPE, SIG_IGN);
    (void)setrlimit(RLIMIT_NOFILE, &files); /* more than allowed: then it stays as it is */
    answers_make(&s.answers, folder);
    s.tls = make_tls(folder);
    if (s.listening < 0)
        s.listening = listen_on(port);
    if ((s.epoll = epoll_create1(EPOLL_CLOEXEC)) < 0)
        die("epoll_create1");
    s.timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
    add(&s, s.listening, &s.listening);
    add(&s, s.timer, &s.timer);
    announce(&s, port_file);
    serve(&s);
    SSL_CTX_free(s.tls);
    return 0;
}
