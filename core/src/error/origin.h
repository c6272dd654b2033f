/* Origins of addresses: what an endpoint, an issuer and a key address are compared by. */
#ifndef AZATTEST_ERROR_ORIGIN_H
#define AZATTEST_ERROR_ORIGIN_H

#include <stdbool.h>

#include "error.h"

/* An origin, normalised: scheme and host in lower case, default port left out, no trailing slash. */
typedef struct azattest__origin {
    char *text; /* "https://host" or "https://host:port" */
    bool secure;
    bool loopback;   /* localhost, 127.0.0.0/8 or [::1] */
    bool link_local; /* 169.254.0.0/16, which never leaves the machine's link */
} azattest__origin;

/* Takes "https://" and "http://" addresses. Refuses user information, query, fragment, a path other than "/", white
 * space, an empty host, a port outside 1 to 65535. AZATTEST_E_ARGUMENT says which. */
azattest_status azattest__origin_parse(const char *url, azattest__origin *out, azattest_error **error);
void azattest__origin_clear(azattest__origin *origin);
/* Equal as origins; false when either is none. */
bool azattest__origin_equal(const char *a, const char *b);

#endif
