/* One request over a libcurl handle, and what came of it: the same for the driver that waits and for the one of many.
 */
#ifndef AZATTEST_TRANSPORT_EXCHANGE_H
#define AZATTEST_TRANSPORT_EXCHANGE_H

#include "arrival.h"
#include "settings.h"

typedef enum azattest__ending {
    AZATTEST__ENDED, /* libcurl's code says how */
    AZATTEST__INTERRUPTED,
    AZATTEST__SILENT,
    AZATTEST__IMPOSSIBLE
} azattest__ending;

/* Empty, but for the handle and how it is configured, between two requests. It is not moved: the handle knows it. */
typedef struct azattest__exchange {
    CURL *easy;
    const char *scheme;         /* a literal: what the handle is configured for; NULL: nothing */
    struct curl_slist *headers; /* one block: the nodes, then their text */
    size_t headers_size;
    azattest__arrival answer;
    int64_t moved, moved_at_ms;             /* bytes that went either way, and when that was seen to grow */
    char pin[AZATTEST_PUBLIC_KEY_PIN_SIZE]; /* of a server that is known by its certificate; "": not yet */
    char reason[CURL_ERROR_SIZE];
} azattest__exchange;

/* Sets the handle up for the request that the operation wants. False: libcurl has no memory. A server that is known by
 * its certificate alone is first only connected to; azattest__exchange_only_looked() says whether that was it. */
bool azattest__exchange_prepare(azattest__exchange *exchange, const azattest__curl_settings *settings,
                                const azattest_op *op, const azattest_request *request);
bool azattest__exchange_only_looked(const azattest__exchange *exchange, const azattest_request *request);
/* After the look: whether it is the server that was meant, and the request may be prepared; else *code says so. */
bool azattest__exchange_check_server(azattest__exchange *exchange, const azattest_request *request, CURLcode *code);
/* How long nothing has moved, as far as it has been looked at: 0 before the connection stands, which has a limit of its
 * own. */
int64_t azattest__exchange_silence_ms(azattest__exchange *exchange, int64_t now_ms);
/* Tells the operation what came of its request, and readies the handle for the next one. */
void azattest__exchange_conclude(azattest__exchange *exchange, const azattest__curl_settings *settings, azattest_op *op,
                                 azattest__ending how, CURLcode code);
/* Forgets the request without telling anybody. */
void azattest__exchange_clear(azattest__exchange *exchange);

/* Milliseconds of the monotonic clock. */
int64_t azattest__monotonic_ms(void);

#endif
