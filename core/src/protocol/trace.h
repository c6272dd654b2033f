/* Requests and answers as the log may show them. Sources: header and query lists of the Azure SDKs' own logging; names
 * that are on no list show REDACTED. */
#ifndef AZATTEST_PROTOCOL_TRACE_H
#define AZATTEST_PROTOCOL_TRACE_H

#include "http.h"

/* "POST https://host/path?api-version=2025-06-01&other=REDACTED; Accept: application/json; Authorization: REDACTED" */
void azattest__trace_request(const azattest_request *request, azattest__buf *out);
/* "200 (OK); Content-Type: application/json; Set-Cookie: REDACTED" */
void azattest__trace_response(const azattest_http_response *response, azattest__buf *out);
/* The structure of a JSON body, each value cut to 8 characters, and values whose names say that they are secret left
 * out; of any other body its size alone. */
void azattest__trace_body(azattest_bytes body, azattest__buf *out);

#endif
