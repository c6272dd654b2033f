/* The instance metadata service of a virtual machine. */
#include "managed.h"

#define TRIES 3        /* after the first */
#define UPDATE_TRIES 7 /* 410: the service is being updated, which takes up to 70 s */
#define UPDATE_WAIT_MS 10000

/* Docker Desktop and gateways answer with 403 in the place of a service that they do not reach; IMDS itself writes
 * JSON. */
static bool is_somebody_else(const azattest_http_response *response)
{
    static const char word[] = "unreachable";
    azattest__json *document = NULL;
    bool json;

    if (response->status != 403)
        return false;
    if (response->body.len > 0 && memmem(response->body.ptr, response->body.len, word, sizeof(word) - 1) != NULL)
        return true;
    json = azattest__json_parse(response->body, &document, NULL) == AZATTEST_OK && azattest__json_is_object(document);
    azattest__json_free(document);
    return !json;
}

static bool again(const azattest__flow *flow, int status, int64_t *wait_ms)
{
    int64_t most = flow->setting.retry->after_max_ms;

    if (flow->setting.retry->total == 0)
        return false;
    if (status == 410) {
        *wait_ms = UPDATE_WAIT_MS;
        return flow->attempts <= UPDATE_TRIES;
    }
    if (flow->attempts > TRIES || (status != 0 && status != 404 && status != 408 && status != 429 && status < 500))
        return false;
    *wait_ms = INT64_C(1000) << (flow->attempts - 1);
    if (flow->retry_after_ms >= 0)
        *wait_ms = flow->retry_after_ms < most ? flow->retry_after_ms : most;
    return true;
}

static azattest_status receive(azattest__flow *flow, const azattest_http_response *response, azattest_error **error)
{
    bool denied = response->status == 401 || response->status == 403;
    azattest_status status;

    if (response->status == 400) /* no such identity on this machine */
        return azattest__managed_error(response, "IMDS", AZATTEST_E_CREDENTIAL_UNAVAILABLE, error);
    if (is_somebody_else(response))
        return azattest__managed_error(response, "no IMDS, but a gateway,", AZATTEST_E_CREDENTIAL_UNAVAILABLE, error);
    if (response->status > 299)
        return azattest__managed_error(response, "IMDS", denied ? AZATTEST_E_AUTH : AZATTEST_E_HTTP, error);
    /* Whoever else lives at this address is no IMDS. */
    if ((status = azattest__managed_token(flow, response, error)) == AZATTEST_E_RESPONSE)
        status = azattest__error_set(error, AZATTEST_E_CREDENTIAL_UNAVAILABLE,
                                     AZATTEST__MANAGED ": what answers at the address of IMDS gives no token");
    return status;
}

static azattest_status ask(azattest__flow *flow, const azattest__managed *self, azattest_error **error)
{
    azattest_status status = azattest__managed_request(flow, self, &azattest__imds, self->endpoint, error);

    if (status == AZATTEST_OK && (status = azattest__flow_send(flow, receive, again, error)) == AZATTEST_OK)
        flow->unreachable = AZATTEST_E_CREDENTIAL_UNAVAILABLE;
    return status;
}

/* Any answer means that somebody is there. */
static azattest_status receive_probe(azattest__flow *flow, const azattest_http_response *response,
                                     azattest_error **error)
{
    if (is_somebody_else(response))
        return azattest__managed_error(response, "no IMDS, but a gateway,", AZATTEST_E_CREDENTIAL_UNAVAILABLE, error);
    return ask(flow, (const azattest__managed *)flow->active, error);
}

static bool never(const azattest__flow *flow, int status, int64_t *wait_ms)
{
    (void)flow;
    (void)status;
    (void)wait_ms;
    return false;
}

/* In a chain a machine without IMDS must not cost much: a request that IMDS refuses at once shows whether it is there.
 */
static azattest_status start(azattest__flow *flow, const azattest__managed *self, azattest_error **error)
{
    azattest_status status;

    if (!flow->probes)
        return ask(flow, self, error);
    if ((status = azattest__managed_request(flow, self, &azattest__imds, self->endpoint, error)) != AZATTEST_OK)
        return status;
    azattest__request_remove_header(&flow->request, "Metadata");
    flow->request.connect_timeout_ms = AZATTEST__IMDS_PROBE_MS;
    if ((status = azattest__flow_send(flow, receive_probe, never, error)) == AZATTEST_OK)
        flow->unreachable = AZATTEST_E_CREDENTIAL_UNAVAILABLE;
    return status;
}

const azattest__managed_source azattest__imds = {
    .label = "IMDS",
    .method = "GET",
    .api_version = "2018-02-01",
    .says_metadata = true,
    .client_id = "client_id",
    .object_id = "object_id",
    .resource_id = "msi_res_id",
    .start = start,
};
