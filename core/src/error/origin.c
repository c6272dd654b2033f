#include "origin.h"

#include <stdlib.h>
#include <string.h>

#include <azattest/limits.h>

/* An IPv4 address that begins so. "127.evil.example" is a name like any other: only four plain numbers are an address.
 */
static bool is_address_below(const char *host, size_t len, const char *front)
{
    unsigned char digits = 0, dots = 0;

    if (len < strlen(front) || memcmp(host, front, strlen(front)) != 0)
        return false;
    for (size_t i = 0; i < len; i++) {
        if (host[i] == '.') {
            if (digits == 0)
                return false;
            digits = 0;
            dots++;
        } else if (host[i] < '0' || host[i] > '9' || ++digits > 3) {
            return false;
        }
    }
    return dots == 3 && digits > 0;
}

static bool is_loopback(const char *host, size_t len)
{
    return (len == 9 && memcmp(host, "localhost", 9) == 0) || (len == 5 && memcmp(host, "[::1]", 5) == 0) ||
           is_address_below(host, len, "127.");
}

/* The characters of a host name, an IPv4 address, or (between brackets) an IPv6 address. */
static const char *host_problem(const char *host, size_t len)
{
    bool brackets = len > 0 && host[0] == '[';

    if (len == 0)
        return "no host";
    if (brackets && (len < 4 || host[len - 1] != ']'))
        return "a broken IPv6 address";
    for (size_t i = brackets ? 1 : 0; i < (brackets ? len - 1 : len); i++) {
        char c = host[i];
        bool digit = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');

        if (brackets ? !(digit || c == ':' || c == '.')
                     : !(digit || (c >= 'g' && c <= 'z') || c == '-' || c == '.' || c == '_'))
            return "a character that no host name has";
    }
    return NULL;
}

/* Decimal, 1 to 65535, at most five digits; 0 when it is none. */
static unsigned parse_port(const char *text, size_t len)
{
    unsigned port = 0;

    if (len == 0 || len > 5)
        return 0;
    for (size_t i = 0; i < len; i++) {
        if (text[i] < '0' || text[i] > '9')
            return 0;
        port = port * 10 + (unsigned)(text[i] - '0');
    }
    return port > 65535 ? 0 : port;
}

static const char *split(const char *url, azattest__origin *out, azattest__buf *text)
{
    const char *authority, *end, *colon;
    size_t host_len;
    unsigned port, standard;
    const char *problem;
    char *host;

    out->secure = strncasecmp(url, "https://", 8) == 0;
    if (!out->secure && strncasecmp(url, "http://", 7) != 0)
        return "no https:// in front";
    authority = url + (out->secure ? 8 : 7);
    end = authority + strcspn(authority, "/?#");
    if (memchr(authority, '@', (size_t)(end - authority)) != NULL)
        return "user information";
    if (*end != '\0' && strcmp(end, "/") != 0)
        return *end == '?' || strchr(end, '?') != NULL ? "a query" : *end == '#' ? "a fragment" : "a path";
    colon = memrchr(authority, ':', (size_t)(end - authority));
    if (colon != NULL && memchr(colon, ']', (size_t)(end - colon)) != NULL)
        colon = NULL; /* the colons of an IPv6 address */
    host_len = (size_t)((colon != NULL ? colon : end) - authority);
    azattest__buf_append_text(text, out->secure ? "https://" : "http://");
    host = (char *)azattest__buf_grow(text, host_len);
    if (host == NULL)
        return NULL; /* the buffer says why */
    for (size_t i = 0; i < host_len; i++)
        host[i] = (char)(authority[i] >= 'A' && authority[i] <= 'Z' ? authority[i] + 32 : authority[i]);
    if ((problem = host_problem(host, host_len)) != NULL)
        return problem;
    out->loopback = is_loopback(host, host_len);
    out->link_local = is_address_below(host, host_len, "169.254.");
    standard = out->secure ? 443 : 80;
    port = colon == NULL ? standard : parse_port(colon + 1, (size_t)(end - colon - 1));
    if (port == 0)
        return "a port outside 1 to 65535";
    if (port != standard)
        azattest__buf_printf(text, ":%u", port);
    return NULL;
}

azattest_status azattest__origin_parse(const char *url, azattest__origin *out, azattest_error **error)
{
    azattest_status status = AZATTEST_OK;
    azattest__buf text;
    const char *problem;
    char *shown = NULL;

    memset(out, 0, sizeof(*out));
    azattest__buf_init(&text, AZATTEST_LIMIT_ENDPOINT + 16);
    if (url == NULL || *url == '\0') {
        status = azattest__error_set(error, AZATTEST_E_ARGUMENT,
                                     "no endpoint: give the address of the attestation instance, such as "
                                     "https://sharedeus.eus.attest.azure.net");
        goto done;
    }
    if (strlen(url) > AZATTEST_LIMIT_ENDPOINT) {
        status = azattest__error_set(error, AZATTEST_E_ARGUMENT, "the address has more than %u characters",
                                     AZATTEST_LIMIT_ENDPOINT);
        goto done;
    }
    if ((problem = split(url, out, &text)) != NULL) {
        shown = azattest__printable(azattest__text(url), 200);
        status = azattest__error_set(error, AZATTEST_E_ARGUMENT, "\"%s\" is no address of an instance: it has %s",
                                     shown == NULL ? "" : shown, problem);
        goto done;
    }
    if ((status = azattest__error_from_buf(error, &text, "endpoint")) != AZATTEST_OK)
        goto done;
    out->text = (char *)azattest__buf_take(&text, NULL);
done:
    free(shown);
    azattest__buf_free(&text);
    return status;
}

void azattest__origin_clear(azattest__origin *origin)
{
    free(origin->text);
    memset(origin, 0, sizeof(*origin));
}

bool azattest__origin_equal(const char *a, const char *b)
{
    azattest__origin first, second;
    bool equal = false;

    if (a == NULL || b == NULL)
        return false;
    if (azattest__origin_parse(a, &first, NULL) == AZATTEST_OK) {
        if (azattest__origin_parse(b, &second, NULL) == AZATTEST_OK)
            equal = strcmp(first.text, second.text) == 0;
        azattest__origin_clear(&second);
    }
    azattest__origin_clear(&first);
    return equal;
}
