#include "sockets.h"

#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <azattest/multi.h>

_Static_assert(AZATTEST_MULTI_READ == CURL_POLL_IN && AZATTEST_MULTI_WRITE == CURL_POLL_OUT &&
                   AZATTEST_MULTI_READ == CURL_CSELECT_IN && AZATTEST_MULTI_WRITE == CURL_CSELECT_OUT,
               "events are handed through");

void azattest__sockets_init(azattest__sockets *sockets)
{
    memset(sockets, 0, sizeof(*sockets));
    sockets->first = sockets->last = sockets->closing = sockets->epoll = -1;
}

static void close_told(azattest__sockets *sockets)
{
    if (sockets->closing < 0)
        return;
    close(sockets->closing);
    sockets->closing = -1;
}

void azattest__sockets_clear(azattest__sockets *sockets)
{
    close_told(sockets);
    for (int fd = sockets->first; fd >= 0; fd = sockets->table[fd].next)
        if (sockets->table[fd].closing)
            close(fd);
    free(sockets->table);
    azattest__sockets_init(sockets);
}

static bool reach(azattest__sockets *sockets, size_t index)
{
    size_t size = sockets->size == 0 ? 64 : sockets->size;
    azattest__socket *table;

    if (index < sockets->size)
        return true;
    while (size <= index)
        size *= 2;
    if ((table = realloc(sockets->table, size * sizeof(*table))) == NULL)
        return false;
    memset(table + sockets->size, 0, (size - sockets->size) * sizeof(*table));
    sockets->table = table;
    sockets->size = size;
    return true;
}

static void list(azattest__sockets *sockets, int fd)
{
    azattest__socket *socket = &sockets->table[fd];

    if (socket->changed)
        return;
    socket->changed = true;
    socket->next = -1;
    if (sockets->last < 0)
        sockets->first = fd;
    else
        sockets->table[sockets->last].next = fd;
    sockets->last = fd;
}

/* Now, since libcurl may be about to close it, and a closed descriptor cannot be taken out any more. Epoll would go on
 * telling of it, without an end, for as long as a forked child has a copy of it. */
static void unwatch(const azattest__sockets *sockets, azattest__socket *socket, int fd)
{
    struct epoll_event unused = { 0 };

    if (sockets->epoll < 0 || socket->told == 0)
        return;
    (void)epoll_ctl(sockets->epoll, EPOLL_CTL_DEL, fd, &unused);
    socket->told = 0;
}

/* Never an error: libcurl would take no more requests after it. */
int azattest__sockets_want(CURL *easy, curl_socket_t fd, int what, void *user, void *unused)
{
    azattest__sockets *sockets = user;
    azattest__socket *socket;

    (void)easy;
    (void)unused;
    if (fd < 0 || !reach(sockets, (size_t)fd)) {
        sockets->lost = sockets->lost || what != CURL_POLL_REMOVE;
        return 0;
    }
    socket = &sockets->table[fd];
    socket->wanted = what == CURL_POLL_REMOVE ? 0 : (unsigned char)(what & CURL_POLL_INOUT);
    socket->renewed = socket->renewed || what == CURL_POLL_REMOVE;
    if (what == CURL_POLL_REMOVE)
        unwatch(sockets, socket, fd);
    list(sockets, fd);
    return 0;
}

int azattest__sockets_close(void *user, curl_socket_t fd)
{
    azattest__sockets *sockets = user;

    if (fd < 0 || (size_t)fd >= sockets->size || sockets->table[fd].told == 0)
        return close(fd);
    sockets->table[fd].wanted = 0;
    sockets->table[fd].closing = true;
    list(sockets, fd);
    return 0;
}

bool azattest__sockets_next(azattest__sockets *sockets, azattest__socket_change *change)
{
    for (close_told(sockets); sockets->first >= 0; close_told(sockets)) {
        azattest__socket *socket = &sockets->table[sockets->first];

        *change = (azattest__socket_change){ .fd = sockets->first,
                                             .events = socket->wanted,
                                             .before = socket->told,
                                             .renewed = socket->renewed && socket->told != 0 };
        sockets->first = socket->next;
        if (sockets->first < 0)
            sockets->last = -1;
        if (socket->closing)
            sockets->closing = change->fd;
        socket->changed = socket->renewed = socket->closing = false;
        socket->told = socket->wanted;
        if (change->events != change->before || (change->renewed && change->events != 0))
            return true;
    }
    return false;
}
