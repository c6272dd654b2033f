/* What the files of this folder share. They use the public interface of the core, and nothing else of it. */
#ifndef AZATTEST_TRANSPORT_TRANSPORT_H
#define AZATTEST_TRANSPORT_TRANSPORT_H

#include <azattest/transport.h>

#define AZATTEST__CONNECT_TIMEOUT_MS 10000
#define AZATTEST__READ_TIMEOUT_MS 60000
/* Nobody who presses Ctrl-C waits longer than this. */
#define AZATTEST__SLICE_MS 100

struct azattest_transport {
    azattest_transport_functions functions;
    void *user;
};

/* Sets *error, where the caller wants one; gives the status back. */
azattest_status azattest__transport_error(azattest_error **error, azattest_status status, const char *message);
/* Reads the file or runs the process that the operation wants; false when it wants neither. `transport` may be NULL;
 * its sleep() is asked whether the caller has been interrupted. */
bool azattest__serve_local(azattest_op *op, azattest_transport *transport);
/* The check that all blocking calls share: nothing is sent when the result would have no place. Clears *error. */
azattest_status azattest__check_call(const void *out, const azattest_transport *transport, azattest_error **error);
/* azattest_run() for the blocking calls: they have no caller that could give a token in between. */
azattest_status azattest__run_call(azattest_op *op, azattest_transport *transport, azattest_error **error);

#endif
