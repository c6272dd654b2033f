/* Fetching collateral as one blocking call: what is kept, what the source gives, and what is kept for want of that. */
#include <azattest/collateral_cache.h>
#include <azattest/log.h>

#include <stdio.h>
#include <string.h>

#include "transport.h"

/* The source could not be reached, or could not do its work: what it gave before may serve once more. A refusal of the
 * request, and an answer that cannot be used, are something to look at. */
static bool is_outage(azattest_status status, const azattest_error *error)
{
    int http = azattest_error_status_code(error);

    return status == AZATTEST_E_TRANSPORT || status == AZATTEST_E_TIMEOUT ||
           (status == AZATTEST_E_HTTP && (http >= 500 || http == 429 || http == 408));
}

static azattest_status offline_error(const azattest_op *op, azattest_error **error)
{
    char text[512];
    size_t used = (size_t)snprintf(text, sizeof(text), "collateral: offline, and not kept or at its end:");

    for (size_t i = 0; i < azattest_op_collateral_count(op) && used < sizeof(text); i++)
        if (!azattest_op_has_collateral(op, i))
            used += (size_t)snprintf(text + used, sizeof(text) - used, " %s", azattest_op_collateral_item(op, i));
    if (used < sizeof(text))
        snprintf(text + used, sizeof(text) - used, "%s",
                 "; it is kept by source: give the source and endpoint that it was fetched from");
    return azattest__transport_error(error, AZATTEST_E_TRANSPORT, text);
}

/* What is kept, and nothing else. */
static azattest_status take_kept(const azattest_collateral_cache *cache, const azattest_evidence *evidence,
                                 const azattest_collateral_options *options, azattest_collateral **out,
                                 azattest_error **error)
{
    azattest_op *op = NULL;
    azattest_status status;

    if ((status = azattest_collateral_fetch_begin(options, evidence, &op, error)) == AZATTEST_OK &&
        (status = azattest_collateral_cache_load(cache, op, true, error)) == AZATTEST_OK) {
        if (azattest_op_step(op) == AZATTEST_NEED_DONE)
            *out = azattest_op_take_collateral(op);
        else
            status = offline_error(op, error);
    }
    azattest_op_free(op);
    return status;
}

static void store(const azattest_collateral_cache *cache, const azattest_op *op)
{
    azattest_error *error = NULL;

    if (cache != NULL && azattest_collateral_cache_store(cache, op, &error) != AZATTEST_OK)
        azattest_op_log(op, AZATTEST_LOG_WARNING, azattest_error_message(error));
    azattest_error_free(error);
}

azattest_status azattest_fetch_collateral(azattest_transport *transport, const azattest_collateral_cache *cache,
                                          const azattest_evidence *evidence, const azattest_collateral_options *options,
                                          azattest_collateral **collateral, azattest_error **error)
{
    azattest_error *failure = NULL;
    azattest_op *op = NULL;
    azattest_status status;

    if (error != NULL)
        *error = NULL;
    if (collateral != NULL)
        *collateral = NULL;
    if (collateral == NULL || (transport == NULL && cache == NULL))
        return azattest__transport_error(error, AZATTEST_E_ARGUMENT,
                                         collateral == NULL ? "nowhere to put the result"
                                                            : "collateral: neither a transport nor a cache");
    if (transport == NULL)
        return take_kept(cache, evidence, options, collateral, error);
    if ((status = azattest_collateral_fetch_begin(options, evidence, &op, error)) != AZATTEST_OK ||
        (cache != NULL && (status = azattest_collateral_cache_load(cache, op, false, error)) != AZATTEST_OK))
        goto done;
    status = azattest__run_call(op, transport, &failure);
    store(cache, op);
    if (status == AZATTEST_OK) {
        *collateral = azattest_op_take_collateral(op);
    } else if (cache != NULL && is_outage(status, failure) &&
               take_kept(cache, evidence, options, collateral, NULL) == AZATTEST_OK) {
        azattest_op_log(op, AZATTEST_LOG_WARNING, "the source fails, so that older collateral is used:");
        azattest_op_log(op, AZATTEST_LOG_WARNING, azattest_error_message(failure));
        status = AZATTEST_OK;
    }
    if (status != AZATTEST_OK && error != NULL) {
        *error = failure;
        failure = NULL;
    }
done:
    azattest_error_free(failure);
    azattest_op_free(op);
    return status;
}
