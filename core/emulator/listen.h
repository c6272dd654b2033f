/* Where the local service listens, and the identity it shows there. */
#ifndef AZATTEST_EMULATOR_LISTEN_H
#define AZATTEST_EMULATOR_LISTEN_H

#include <azattest/limits.h>

#include "crypto/crypto.h"

#include "fault.h"

typedef struct azattest__listener {
    int socket;     /* listening; -1: none */
    char *endpoint; /* "https://host:port", with the port that was bound */
    char *names;    /* subject alternative names that fit the endpoint, in OpenSSL's form */
} azattest__listener;

/* Listens on "host:port" ("[::1]:port" for IPv6; port 0: any free one). AZATTEST_E_ARGUMENT for an address that cannot
 * be used, or that is not loopback without `allow_remote`; AZATTEST_E_TRANSPORT when it cannot be bound. */
azattest_status azattest__listen(const char *address, bool allow_remote, azattest__listener *out,
                                 azattest_error **error);
void azattest__listener_close(azattest__listener *listener);

/* A server certificate of a CA made for it. Only the CA's certificate is ever written down. PEM text. */
typedef struct azattest__tls_identity {
    azattest__buf ca, certificate, key;
} azattest__tls_identity;

/* Valid by the real clock, whatever time the service's tokens tell: TLS clients know no other. */
azattest_status azattest__tls_identity_make(const char *names, azattest__tls_fault fault, azattest__tls_identity *out,
                                            azattest_error **error);
void azattest__tls_identity_clear(azattest__tls_identity *identity);

#endif
