/* The calls that fetch something and judge nothing: key set and metadata. */
#include "op.h"

#include "../protocol/metadata.h"

static azattest_status receive_signers(azattest_op *op, const azattest_http_response *response, azattest_error **error)
{
    azattest_signers *signers = NULL;
    azattest__key_set *set;
    azattest_status status;

    if ((status = azattest__certs_reply(response, NULL, &signers, error)) != AZATTEST_OK)
        return status;
    op->result_signers = azattest__signers_ref(signers);
    set = azattest__key_cache_store(&op->instance->cache, azattest__instance_monotonic_ms(op->instance), op->moment,
                                    azattest__response_max_age_ms(response), signers);
    if (set == NULL)
        return azattest__error_memory(error);
    op->fetched = set;
    op->state = AZATTEST__OP_DONE;
    return AZATTEST_OK;
}

azattest_status azattest__op_get_signers(azattest__instance *instance, azattest_op **out, azattest_error **error)
{
    azattest_op *op = NULL;
    azattest_status status;

    *out = NULL;
    if ((status = azattest__op_new(instance, &op, error)) != AZATTEST_OK ||
        (status = azattest__certs_request(instance->endpoint.text, instance->api_version, &op->request, error)) !=
            AZATTEST_OK ||
        (status = azattest__op_exchange(op, "get signing certificates", receive_signers, error)) != AZATTEST_OK)
        goto done;
    op->moment = azattest__key_cache_begin(&instance->cache);
    *out = op;
    op = NULL;
done:
    azattest_op_free(op);
    return status;
}

static azattest_status receive_metadata(azattest_op *op, const azattest_http_response *response, azattest_error **error)
{
    azattest_status status = azattest__metadata_reply(response, &op->result_metadata, error);

    if (status == AZATTEST_OK)
        op->state = AZATTEST__OP_DONE;
    return status;
}

azattest_status azattest__op_get_metadata(azattest__instance *instance, azattest_op **out, azattest_error **error)
{
    azattest_op *op = NULL;
    azattest_status status;

    *out = NULL;
    if ((status = azattest__op_new(instance, &op, error)) != AZATTEST_OK ||
        (status = azattest__metadata_request(instance->endpoint.text, instance->api_version, &op->request, error)) !=
            AZATTEST_OK ||
        (status = azattest__op_exchange(op, "get OpenID metadata", receive_metadata, error)) != AZATTEST_OK)
        goto done;
    *out = op;
    op = NULL;
done:
    azattest_op_free(op);
    return status;
}

static azattest_status receive_baselines(azattest_op *op, const azattest_http_response *response,
                                         azattest_error **error)
{
    azattest_status status = azattest__tcb_baselines_reply(response, &op->result_baselines, error);

    if (status == AZATTEST_OK)
        op->state = AZATTEST__OP_DONE;
    return status;
}

azattest_status azattest__op_get_tcb_baseline(azattest__instance *instance, const char *type,
                                              const azattest_tcb_baseline_options *options, azattest_op **out,
                                              azattest_error **error)
{
    static const char what[] = "get TCB baseline";
    azattest_op *op = NULL;
    azattest_status status;

    *out = NULL;
    if ((status = azattest__check_ids(what, options->client_request_id, options->traceparent, error)) != AZATTEST_OK ||
        (status = azattest__op_new(instance, &op, error)) != AZATTEST_OK ||
        (status = azattest__op_identify(op, options->client_request_id, options->traceparent, options->log_level,
                                        error)) != AZATTEST_OK ||
        (status = azattest__tcb_baselines_request(instance->endpoint.text, instance->api_version, type, options,
                                                  &op->request, error)) != AZATTEST_OK ||
        (status = azattest__op_exchange(op, what, receive_baselines, error)) != AZATTEST_OK)
        goto done;
    *out = op;
    op = NULL;
done:
    azattest_op_free(op);
    return status;
}
