/* A web server for tests: one thread, many connections at once on a free port of loopback, plain HTTP, answers that
 * come late, slowly, or not at all. */
#ifndef AZATTEST_TESTS_WEB_H
#define AZATTEST_TESTS_WEB_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct web_answer {
    const char *bytes; /* head and body; NULL: never answers */
    int delay_ms;
    int drip_ms; /* one byte after another, so far apart; 0: all at once */
    bool close_after;
} web_answer;

/* Called by the server's thread; `request` is the head, and ends with NUL. */
typedef web_answer (*web_function)(void *user, const char *request);

typedef struct web {
    char endpoint[64];
    atomic_int connections; /* that were ever made */
    atomic_int open;
    atomic_int requests;
    atomic_int abandoned; /* connections that were closed before the end of their answer */
    web_function answer;
    void *user;
    int socket, stop[2];
    struct loop *loop;
    pthread_t thread;
} web;

void web_start(web *server, web_function answer, void *user);
/* Closes all connections. */
void web_stop(web *server);

#endif
