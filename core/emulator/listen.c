#include "listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/encoding.h"
#include "crypto/issue.h"

#define HOST_SIZE 254 /* the longest DNS name, with its NUL */
#define DAY_S 86400

struct place {
    char host[HOST_SIZE];
    char port[6];
    struct sockaddr_storage address;
    socklen_t size;
    bool is_name; /* the host is a name, not an address */
};

static azattest_status bad_address(azattest_error **error, const char *address, const char *why)
{
    return azattest__error_set(error, AZATTEST_E_ARGUMENT, "--listen %s: %s", address, why);
}

static azattest_status split(const char *address, struct place *out, azattest_error **error)
{
    const char *host = address, *colon = strrchr(address, ':');
    size_t host_len, port_len;

    if (colon == NULL)
        return bad_address(error, address, "expected HOST:PORT");
    host_len = (size_t)(colon - address);
    if (host_len >= 2 && host[0] == '[' && host[host_len - 1] == ']') {
        host++;
        host_len -= 2;
    } else if (memchr(host, ':', host_len) != NULL) {
        return bad_address(error, address, "an IPv6 address stands in brackets: [::1]:PORT");
    }
    port_len = strlen(colon + 1);
    if (host_len == 0 || host_len >= sizeof(out->host))
        return bad_address(error, address, "expected HOST:PORT");
    if (port_len == 0 || port_len >= sizeof(out->port) || strspn(colon + 1, "0123456789") != port_len ||
        strtoul(colon + 1, NULL, 10) > 65535)
        return bad_address(error, address, "the port is no number from 0 to 65535");
    memcpy(out->host, host, host_len);
    out->host[host_len] = '\0';
    memcpy(out->port, colon + 1, port_len + 1);
    return AZATTEST_OK;
}

static azattest_status resolve(const char *address, struct place *out, azattest_error **error)
{
    struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV }, *found = NULL;
    unsigned char binary[sizeof(struct in6_addr)];
    int failure = getaddrinfo(out->host, out->port, &hints, &found);

    if (failure != 0)
        return bad_address(error, address, gai_strerror(failure));
    memcpy(&out->address, found->ai_addr, found->ai_addrlen);
    out->size = found->ai_addrlen;
    freeaddrinfo(found);
    out->is_name = inet_pton(AF_INET, out->host, binary) != 1 && inet_pton(AF_INET6, out->host, binary) != 1;
    return AZATTEST_OK;
}

static void classify(const struct sockaddr_storage *address, bool *loopback, bool *any)
{
    if (address->ss_family == AF_INET6) {
        const struct sockaddr_in6 *six = (const void *)address;

        *loopback = IN6_IS_ADDR_LOOPBACK(&six->sin6_addr);
        *any = IN6_IS_ADDR_UNSPECIFIED(&six->sin6_addr);
    } else {
        const struct sockaddr_in *four = (const void *)address;

        *loopback = ntohl(four->sin_addr.s_addr) >> 24 == 127;
        *any = four->sin_addr.s_addr == htonl(INADDR_ANY);
    }
}

static azattest_status check(const char *address, const struct place *place, bool allow_remote, azattest_error **error)
{
    bool loopback = false, any = false;

    classify(&place->address, &loopback, &any);
    if (any)
        return bad_address(error, address,
                           "the endpoint is part of every token, so one address or name is needed, not all of them");
    if (!loopback && !allow_remote)
        return bad_address(error, address,
                           "not a loopback address; whoever reaches this service gets tokens from it. If you want "
                           "that, add --allow-remote");
    return AZATTEST_OK;
}

static azattest_status bind_socket(const char *address, const struct place *place, azattest__listener *out,
                                   azattest_error **error)
{
    int on = 1;

    if ((out->socket = socket(place->address.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) < 0 ||
        setsockopt(out->socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0 ||
        bind(out->socket, (const void *)&place->address, place->size) != 0 || listen(out->socket, 128) != 0)
        return azattest__error_set(error, AZATTEST_E_TRANSPORT, "cannot listen on %s: %s%s", address, strerror(errno),
                                   errno == EADDRINUSE ? "; end the program that has the port, or choose another "
                                                         "(port 0: any free one)"
                                                       : "");
    return AZATTEST_OK;
}

static azattest_status name_endpoint(const struct place *place, azattest__listener *out, azattest_error **error)
{
    struct sockaddr_storage bound;
    socklen_t size = sizeof(bound);
    bool six = strchr(place->host, ':') != NULL;
    unsigned port;

    if (getsockname(out->socket, (void *)&bound, &size) != 0)
        return azattest__error_set(error, AZATTEST_E_TRANSPORT, "getsockname: %s", strerror(errno));
    port = ntohs(bound.ss_family == AF_INET6 ? ((const struct sockaddr_in6 *)(const void *)&bound)->sin6_port
                                             : ((const struct sockaddr_in *)(const void *)&bound)->sin_port);
    if (asprintf(&out->endpoint, "https://%s%s%s:%u", six ? "[" : "", place->host, six ? "]" : "", port) < 0) {
        out->endpoint = NULL;
        return azattest__error_memory(error);
    }
    /* An IPv4 address stands as a name too: nginx's cosockets compare names only. */
    if (asprintf(&out->names,
                 place->is_name ? "DNS:%s"
                 : six          ? "IP:%s"
                                : "IP:%s,DNS:%s",
                 place->host, place->host) < 0) {
        out->names = NULL;
        return azattest__error_memory(error);
    }
    return AZATTEST_OK;
}

azattest_status azattest__listen(const char *address, bool allow_remote, azattest__listener *out,
                                 azattest_error **error)
{
    azattest_status status;
    struct place place = { .size = 0 };

    *out = (azattest__listener){ .socket = -1 };
    if ((status = split(address, &place, error)) != AZATTEST_OK ||
        (status = resolve(address, &place, error)) != AZATTEST_OK ||
        (status = check(address, &place, allow_remote, error)) != AZATTEST_OK ||
        (status = bind_socket(address, &place, out, error)) != AZATTEST_OK ||
        (status = name_endpoint(&place, out, error)) != AZATTEST_OK)
        azattest__listener_close(out);
    return status;
}

void azattest__listener_close(azattest__listener *listener)
{
    if (listener->socket >= 0)
        close(listener->socket);
    free(listener->endpoint);
    free(listener->names);
    *listener = (azattest__listener){ .socket = -1 };
}

/* The CA that clients are told to trust is not the one that signed. */
static azattest_status swap_ca(azattest__tls_identity *out, azattest_error **error)
{
    azattest_status status;
    azattest__tls_identity other;

    if ((status = azattest__tls_identity_make("DNS:localhost", AZATTEST__TLS_RIGHT, &other, error)) == AZATTEST_OK) {
        azattest__buf_free(&out->ca);
        out->ca = other.ca;
        azattest__buf_init(&other.ca, 0);
    }
    azattest__tls_identity_clear(&other);
    return status;
}

azattest_status azattest__tls_identity_make(const char *names, azattest__tls_fault fault, azattest__tls_identity *out,
                                            azattest_error **error)
{
    azattest_status status;
    int64_t now_s = azattest__clock_now_ms(NULL) / 1000;
    azattest__key *ca_key = NULL, *key = NULL;
    azattest__cert *ca = NULL, *certificate = NULL;
    /* An hour back, for clients whose clock is behind; a year ahead, for services that are left running. */
    azattest__cert_request request = { .common_name = "azattest emulator CA",
                                       .not_before = now_s - 3600,
                                       .not_after = now_s + 366 * DAY_S,
                                       .ca = true,
                                       .path_length = 0 };

    azattest__buf_init(&out->ca, AZATTEST_LIMIT_CERTIFICATE);
    azattest__buf_init(&out->certificate, AZATTEST_LIMIT_CERTIFICATE);
    azattest__buf_init(&out->key, AZATTEST_LIMIT_CERTIFICATE);
    if ((status = azattest__key_generate_ec("P-256", &ca_key, error)) != AZATTEST_OK ||
        (status = azattest__cert_issue(&request, ca_key, NULL, NULL, &ca, error)) != AZATTEST_OK)
        goto done;
    request.common_name = "azattest emulator";
    request.ca = false;
    request.path_length = -1;
    request.subject_alternative_name = fault == AZATTEST__TLS_WRONG_NAME ? "DNS:wrong-name.azattest.test" : names;
    if (fault == AZATTEST__TLS_EXPIRED)
        request.not_after = now_s - 60;
    request.server_authentication = true;
    if ((status = azattest__key_generate_ec("P-256", &key, error)) != AZATTEST_OK ||
        (status = azattest__cert_issue(&request, key, ca, ca_key, &certificate, error)) != AZATTEST_OK ||
        (status = azattest__key_private_pem(key, &out->key, error)) != AZATTEST_OK)
        goto done;
    azattest__pem_encode("CERTIFICATE", azattest__cert_der(ca), &out->ca);
    azattest__pem_encode("CERTIFICATE", azattest__cert_der(certificate), &out->certificate);
    if ((status = azattest__error_from_buf(error, &out->ca, "CA certificate")) == AZATTEST_OK)
        status = azattest__error_from_buf(error, &out->certificate, "server certificate");
    if (status == AZATTEST_OK && fault == AZATTEST__TLS_WRONG_CA)
        status = swap_ca(out, error);
done:
    azattest__cert_free(certificate);
    azattest__cert_free(ca);
    azattest__key_free(key);
    azattest__key_free(ca_key);
    return status;
}

void azattest__tls_identity_clear(azattest__tls_identity *identity)
{
    azattest__buf_free(&identity->ca);
    azattest__buf_free(&identity->certificate);
    azattest__buf_free(&identity->key);
}
