/* What the operation is told about its request. */
#include <stdio.h>
#include <string.h>

#include "exchange.h"

/* How a failure is called, and what may help; `by_option`: the request went to the proxy that the options name. */
static azattest_status classify(CURLcode code, const char *reason, bool by_option, const char **next_step)
{
    *next_step = "";
    switch (code) {
    case CURLE_PEER_FAILED_VERIFICATION:
        if (strstr(reason, "thumbprint") != NULL)
            return AZATTEST_E_CRYPTO;
        *next_step = strstr(reason, "subject name") != NULL
                         ? "; the certificate is for another host: check the endpoint"
                         : "; if the service is a local one or has a certificate of a private authority, give that "
                           "authority's certificate as ca_file";
        return AZATTEST_E_CRYPTO;
    case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
        return AZATTEST_E_CRYPTO;
    case CURLE_SSL_CACERT_BADFILE:
        *next_step = "; check ca_file, ca_path or ca_pem: PEM certificates are expected";
        return AZATTEST_E_CRYPTO;
    case CURLE_OPERATION_TIMEDOUT:
        return AZATTEST_E_TIMEOUT;
    case CURLE_COULDNT_RESOLVE_HOST:
        *next_step = "; check the name in the endpoint, and the network";
        return AZATTEST_E_TRANSPORT;
    case CURLE_COULDNT_CONNECT:
        *next_step = by_option ? "; check the option proxy, and that the proxy runs"
                               : "; check host and port of the endpoint, and that the service runs";
        return AZATTEST_E_TRANSPORT;
    case CURLE_COULDNT_RESOLVE_PROXY:
        *next_step = "; check HTTPS_PROXY and ALL_PROXY, or the option proxy";
        return AZATTEST_E_TRANSPORT;
    default:
        return AZATTEST_E_TRANSPORT;
    }
}

static void fail(const azattest__curl_settings *settings, azattest_op *op, azattest__ending how, CURLcode code,
                 const char *reason, bool answered)
{
    const azattest_request *request = azattest_op_request(op);
    const char *url = azattest_request_url(request), *host = strstr(url, "://"), *next_step = "";
    bool by_option = settings->proxy != NULL && *settings->proxy != '\0' && !azattest_request_bypasses_proxy(request);
    azattest_status status = AZATTEST_E_TRANSPORT;
    char silence[64], text[CURL_ERROR_SIZE + 640];

    host = host == NULL ? url : host + 3;
    switch (how) {
    case AZATTEST__ENDED:
        status = classify(code, reason, by_option, &next_step);
        if (*reason == '\0')
            reason = curl_easy_strerror(code);
        break;
    case AZATTEST__INTERRUPTED:
        status = AZATTEST_E_CANCELLED;
        reason = "interrupted";
        break;
    case AZATTEST__SILENT:
        status = AZATTEST_E_TIMEOUT;
        snprintf(silence, sizeof(silence), "no byte came for %lld ms", (long long)settings->read_timeout_ms);
        reason = silence;
        break;
    case AZATTEST__IMPOSSIBLE:
        reason = "libcurl cannot take the request";
        break;
    }
    snprintf(text, sizeof(text), "%.*s: %s%s", (int)strcspn(host, "/?#"), host, reason, next_step);
    (void)azattest_op_fail(op, status, text, answered);
}

/* The certificate that the server showed, as PEM text; absent when it showed none. */
static azattest_bytes shown_certificate(CURL *easy)
{
    static const char name[] = "Cert:";
    struct curl_certinfo *info = NULL;
    azattest_bytes pem = { NULL, 0 };
    const char *text;

    if (curl_easy_getinfo(easy, CURLINFO_CERTINFO, &info) != CURLE_OK || info == NULL || info->num_of_certs <= 0)
        return pem;
    for (const struct curl_slist *line = info->certinfo[0]; line != NULL; line = line->next)
        if (strncmp(line->data, name, sizeof(name) - 1) == 0) {
            text = line->data + sizeof(name) - 1;
            pem = (azattest_bytes){ text, strlen(text) };
        }
    return pem;
}

bool azattest__exchange_check_server(azattest__exchange *exchange, const azattest_request *request, CURLcode *code)
{
    if (azattest_request_check_server(request, shown_certificate(exchange->easy), exchange->pin) == AZATTEST_OK)
        return true;
    exchange->pin[0] = '\0';
    *code = CURLE_PEER_FAILED_VERIFICATION;
    snprintf(exchange->reason, sizeof(exchange->reason),
             "the server's certificate is not the one with the thumbprint %s",
             azattest_request_server_thumbprint(request));
    return false;
}

void azattest__exchange_conclude(azattest__exchange *exchange, const azattest__curl_settings *settings, azattest_op *op,
                                 azattest__ending how, CURLcode code)
{
    const azattest__arrival *answer = &exchange->answer;

    if (how == AZATTEST__ENDED && !answer->broken && ((code == CURLE_OK && answer->head_ended) || answer->too_large))
        azattest__arrival_hand_over(answer, exchange->easy, op);
    else if (answer->broken)
        fail(settings, op, AZATTEST__ENDED, code, "the answer has a header that is none, or there is no memory for it",
             true);
    else if (how == AZATTEST__ENDED && code == CURLE_OK)
        fail(settings, op, AZATTEST__ENDED, CURLE_GOT_NOTHING, "the answer ended inside its headers", true);
    else
        fail(settings, op, how, code, exchange->reason,
             answer->begun); /* STARTTRANSFER_TIME counts bytes that are sent too */
    azattest__exchange_clear(exchange);
}
