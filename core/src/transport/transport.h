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

/* Reads the file or runs the process that the operation wants; false when it wants neither. `transport` may be NULL;
 * its sleep() is asked whether the caller has been interrupted. */
bool azattest__serve_local(azattest_op *op, azattest_transport *transport);

#endif
