/* The driver that waits: one request at a time on a handle of its own. */
#ifndef AZATTEST_TRANSPORT_BLOCKING_H
#define AZATTEST_TRANSPORT_BLOCKING_H

#include "exchange.h"

/* An easy handle with a multi handle of its own, which keeps its connections between calls. */
typedef struct azattest__curl_handle {
    azattest__exchange exchange;
    CURLM *multi;
    struct azattest__curl_handle *next;
} azattest__curl_handle;

/* NULL: no memory. */
azattest__curl_handle *azattest__curl_handle_new(void);
void azattest__curl_handle_free(azattest__curl_handle *handle);
/* Sends the request that the operation wants and tells it what came of it. */
void azattest__curl_handle_send(azattest__curl_handle *handle, const azattest__curl_settings *settings,
                                azattest_op *op);
bool azattest__curl_interrupted(const azattest__curl_settings *settings);

#endif
