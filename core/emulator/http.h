/* The service over HTTPS, and its log. Only http.c knows libmicrohttpd. */
#ifndef AZATTEST_EMULATOR_HTTP_H
#define AZATTEST_EMULATOR_HTTP_H

#include "listen.h"
#include "service.h"

typedef struct azattest__server azattest__server;

/* Serves on the listener's socket, in threads of its own, until azattest__server_stop(). Service and listener are
 * borrowed and have to live until then. One line for each request goes to standard error. */
azattest_status azattest__server_start(azattest__service *service, const azattest__listener *listener,
                                       const azattest__tls_identity *identity, azattest__server **out,
                                       azattest_error **error);
/* Takes no new connection, lets answers that are under way finish (two seconds at most), then ends. */
void azattest__server_stop(azattest__server *server);

#endif
