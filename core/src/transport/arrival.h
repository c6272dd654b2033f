/* An answer while it arrives from libcurl. Nothing of the caller's is called from libcurl's callbacks. */
#ifndef AZATTEST_TRANSPORT_ARRIVAL_H
#define AZATTEST_TRANSPORT_ARRIVAL_H

#include <curl/curl.h>

#include "growing.h"
#include "transport.h"

typedef struct azattest__arrival {
    azattest__growing body, headers; /* headers as "name\0value\0" */
    size_t body_limit, header_count, header_size;
    size_t received; /* bytes of whatever kind, to see that it goes on */
    char reason[128];
    bool too_large;  /* body or headers: enough was kept for the operation to see it */
    bool broken;     /* no memory, or a header that is none */
    bool begun;      /* something of the answer came */
    bool head_ended; /* libcurl takes a head that is cut off for a whole answer */
} azattest__arrival;

/* Lets the handle put its answers there. */
bool azattest__arrival_attach(azattest__arrival *answer, CURL *easy);
/* Forgets the last answer, and takes no more of the next one than the request's limit. */
void azattest__arrival_begin(azattest__arrival *answer, const azattest_request *request);
/* Hands a whole answer, or as much as shows that it is too large, to the operation. */
void azattest__arrival_hand_over(const azattest__arrival *answer, CURL *easy, azattest_op *op);
void azattest__arrival_clear(azattest__arrival *answer);

#endif
