/* What libcurl wants to know about which socket, and what of it the one who waits has not been told yet. */
#ifndef AZATTEST_TRANSPORT_SOCKETS_H
#define AZATTEST_TRANSPORT_SOCKETS_H

#include <stdbool.h>
#include <stddef.h>

#include <curl/curl.h>

typedef struct azattest__socket {
    unsigned char wanted, told; /* AZATTEST_MULTI_READ and _WRITE, which are CURL_POLL_IN and _OUT */
    bool renewed;               /* it was let go of since: the number may mean another socket now */
    bool changed;               /* in the list */
    bool closing;               /* is to be closed as soon as the one who waits has been told to forget it */
    int next;                   /* of the list */
} azattest__socket;

/* Indexed by descriptor, as these are small numbers; the list goes through the same table. */
typedef struct azattest__sockets {
    azattest__socket *table;
    size_t size;
    int first, last; /* changed ones; -1: none */
    int closing;     /* was told just now; -1: none */
    bool lost;       /* there was no memory for one: its transfer would never go on */
    int epoll;       /* of azattest_multi_poll(): what libcurl lets go of leaves it at once; -1: none */
} azattest__sockets;

typedef struct azattest__socket_change {
    int fd, events, before;
    bool renewed;
} azattest__socket_change;

void azattest__sockets_init(azattest__sockets *sockets);
void azattest__sockets_clear(azattest__sockets *sockets);
/* A CURLMOPT_SOCKETFUNCTION; `user` is the sockets. */
int azattest__sockets_want(CURL *easy, curl_socket_t fd, int what, void *user, void *unused);
/* A CURLOPT_CLOSESOCKETFUNCTION. Who still watches a descriptor has to forget it first: libuv must not see it closed,
 * and of epoll see sockets.c. So it is closed by azattest__sockets_next() or azattest__sockets_clear(). */
int azattest__sockets_close(void *user, curl_socket_t fd);
/* The next one that was not told; it is now, and has been forgotten when this is called again. */
bool azattest__sockets_next(azattest__sockets *sockets, azattest__socket_change *change);

#endif
