/* The service over HTTPS, and its log. Only http.c knows libmicrohttpd. */
#ifndef AZATTEST_EMULATOR_HTTP_H
#define AZATTEST_EMULATOR_HTTP_H

#include "listen.h"
#include "service.h"

typedef struct azattest__server azattest__server;

/* What answers requests: called from any number of threads. */
typedef struct azattest__handler {
    void (*handle)(void *user, const azattest__service_request *request, azattest__service_answer *answer);
    void *user;
    bool patient; /* some answers take their time: a thread for each connection */
} azattest__handler;

/* Serves on the listener's socket, in threads of its own, until azattest__server_stop(). Listener and what the handler
 * needs are borrowed and have to live until then. identity NULL: without TLS. One line for each request goes to
 * standard error. */
azattest_status azattest__server_start(const azattest__handler *handler, const azattest__listener *listener,
                                       const azattest__tls_identity *identity, azattest__server **out,
                                       azattest_error **error);
/* Takes no new connection, lets answers that are under way finish (two seconds at most), then ends. */
void azattest__server_stop(azattest__server *server);

#endif
