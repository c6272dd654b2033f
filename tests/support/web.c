#include "web.h"

#include <stdarg.h>
#include <setjmp.h>
#include <cmocka.h>
#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define MOST 512

typedef struct connection {
    char request[16384];
    size_t len;
    bool answering;
    web_answer answer;
    size_t sent;
    int64_t due_ms;
} connection;

/* All memory is there from the start: tests may let allocations fail. */
typedef struct loop {
    web *server;
    struct pollfd fds[MOST + 2]; /* the two in front: stop, and listen */
    connection *connections[MOST + 2];
    size_t count;
    connection all[MOST];
} loop;

static int64_t now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static bool is_whole(const char *request, size_t len)
{
    const char *body = strstr(request, "\r\n\r\n"), *length = strstr(request, "Content-Length: ");

    return body != NULL &&
           (length == NULL || length > body || len - (size_t)(body + 4 - request) >= strtoul(length + 16, NULL, 10));
}

static void drop(loop *l, size_t at)
{
    connection *last;

    if (l->connections[at]->answering)
        atomic_fetch_add(&l->server->abandoned, 1);
    atomic_fetch_sub(&l->server->open, 1);
    close(l->fds[at].fd);
    last = l->connections[--l->count];
    l->connections[l->count] = l->connections[at]; /* of nobody now */
    l->fds[at] = l->fds[l->count];
    l->connections[at] = last;
}

static void take(loop *l)
{
    int fd = accept(l->fds[1].fd, NULL, NULL);

    if (fd < 0)
        return;
    if (l->count == MOST + 2) {
        close(fd);
        return;
    }
    l->connections[l->count]->len = 0;
    l->connections[l->count]->answering = false;
    l->fds[l->count] = (struct pollfd){ .fd = fd, .events = POLLIN };
    l->count++;
    atomic_fetch_add(&l->server->connections, 1);
    atomic_fetch_add(&l->server->open, 1);
}

/* False: the other side is gone. */
static bool receive(loop *l, size_t at)
{
    connection *c = l->connections[at];
    ssize_t got = recv(l->fds[at].fd, c->request + c->len, sizeof(c->request) - 1 - c->len, 0);

    if (got <= 0)
        return false;
    c->len += (size_t)got;
    c->request[c->len] = '\0';
    if (c->answering || !is_whole(c->request, c->len))
        return true;
    atomic_fetch_add(&l->server->requests, 1);
    c->answer = l->server->answer(l->server->user, c->request);
    c->answering = true;
    c->sent = 0;
    c->due_ms = now_ms() + c->answer.delay_ms;
    return true;
}

/* False: the connection is at its end. */
static bool reply(loop *l, size_t at, int64_t now)
{
    connection *c = l->connections[at];
    size_t len = c->answer.bytes == NULL ? 1 : strlen(c->answer.bytes);

    if (!c->answering || c->answer.bytes == NULL || c->due_ms > now)
        return true;
    while (c->sent < len && c->due_ms <= now) {
        size_t part = c->answer.drip_ms > 0 ? 1 : len - c->sent;
        ssize_t sent = send(l->fds[at].fd, c->answer.bytes + c->sent, part, MSG_NOSIGNAL);

        if (sent <= 0)
            return false;
        c->sent += (size_t)sent;
        c->due_ms += c->answer.drip_ms;
    }
    if (c->sent < len)
        return true;
    c->answering = false;
    c->len = 0;
    return !c->answer.close_after;
}

static int wait_ms(const loop *l, int64_t now)
{
    int64_t wait = -1;

    for (size_t i = 2; i < l->count; i++) {
        const connection *c = l->connections[i];
        int64_t left = c->due_ms > now ? c->due_ms - now : 0;

        if (c->answering && c->answer.bytes != NULL && (wait < 0 || left < wait))
            wait = left;
    }
    return (int)wait;
}

static void *serve(void *user)
{
    web *server = user;
    loop *l = server->loop;

    l->fds[0] = (struct pollfd){ .fd = server->stop[0], .events = POLLIN };
    l->fds[1] = (struct pollfd){ .fd = server->socket, .events = POLLIN };
    l->count = 2;
    while (poll(l->fds, l->count, wait_ms(l, now_ms())) >= 0 && l->fds[0].revents == 0) {
        int64_t now = now_ms();

        for (size_t i = l->count; i-- > 2;)
            if ((l->fds[i].revents != 0 && !receive(l, i)) || !reply(l, i, now))
                drop(l, i);
        if (l->fds[1].revents != 0)
            take(l);
    }
    while (l->count > 2)
        drop(l, l->count - 1);
    return NULL;
}

void web_start(web *server, web_function answer, void *user)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t size = sizeof(address);

    loop *l = calloc(1, sizeof(*l));

    assert_non_null(l);
    for (size_t i = 0; i < MOST; i++)
        l->connections[2 + i] = &l->all[i];
    memset(server, 0, sizeof(*server));
    l->server = server;
    server->loop = l;
    server->answer = answer;
    server->user = user;
    server->socket = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(server->socket >= 0);
    assert_int_equal(bind(server->socket, (struct sockaddr *)&address, sizeof(address)), 0);
    assert_int_equal(listen(server->socket, MOST), 0);
    assert_int_equal(getsockname(server->socket, (struct sockaddr *)&address, &size), 0);
    snprintf(server->endpoint, sizeof(server->endpoint), "http://127.0.0.1:%u", ntohs(address.sin_port));
    assert_int_equal(pipe(server->stop), 0);
    assert_int_equal(pthread_create(&server->thread, NULL, serve, server), 0);
}

void web_stop(web *server)
{
    close(server->stop[1]);
    pthread_join(server->thread, NULL);
    close(server->stop[0]);
    close(server->socket);
    free(server->loop);
}
