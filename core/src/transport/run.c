/* The blocking driver: one loop over any transport, and a call for every operation. */
#include <stdlib.h>

#include "transport.h"

azattest_status azattest__transport_error(azattest_error **error, azattest_status status, const char *message)
{
    if (error != NULL)
        *error = azattest_error_new(status, message);
    return status;
}

azattest_status azattest_transport_new(const azattest_transport_functions *functions, void *user,
                                       azattest_transport **out, azattest_error **error)
{
    azattest_transport *transport;

    if (error != NULL)
        *error = NULL;
    if (out != NULL)
        *out = NULL;
    if (functions == NULL || out == NULL || functions->size < sizeof(*functions) || functions->send == NULL ||
        functions->sleep == NULL)
        return azattest__transport_error(
            error, AZATTEST_E_ARGUMENT,
            "transport: give functions with size, send and sleep, and a place for the transport");
    if ((transport = calloc(1, sizeof(*transport))) == NULL)
        return azattest__transport_error(error, AZATTEST_E_MEMORY, "out of memory");
    transport->functions = *functions;
    transport->user = user;
    *out = transport;
    return AZATTEST_OK;
}

void azattest_transport_free(azattest_transport *transport)
{
    if (transport == NULL)
        return;
    if (transport->functions.free != NULL)
        transport->functions.free(transport->user);
    free(transport);
}

azattest_status azattest_run(azattest_op *op, azattest_transport *transport, azattest_error **error)
{
    const azattest_transport_functions *functions;
    azattest_error *failure;
    azattest_status status;
    azattest_need need;

    if (error != NULL)
        *error = NULL;
    if (op == NULL || transport == NULL)
        return azattest__transport_error(error, AZATTEST_E_ARGUMENT,
                                         op == NULL ? "run: no operation" : "run: no transport");
    functions = &transport->functions;
    while ((need = azattest_op_step(op)) != AZATTEST_NEED_DONE && need != AZATTEST_NEED_FAILED) {
        if (need == AZATTEST_NEED_HTTP) {
            functions->send(transport->user, op, azattest_op_request(op));
            /* Taken only from a transport that forgot to answer; otherwise the operation does not ask for it. */
            (void)azattest_op_fail(op, AZATTEST_E_TRANSPORT, "the transport neither answered nor failed", true);
        } else if (need == AZATTEST_NEED_TOKEN) {
            if (azattest_op_call_credential(op) != AZATTEST_OK)
                return AZATTEST_ABSENT;
        } else if (need == AZATTEST_NEED_KEYS) {
            (void)azattest_op_fetch_keys(op);
        } else if (need != AZATTEST_NEED_SLEEP) {
            (void)azattest__serve_local(op, transport);
        } else if (functions->sleep(transport->user, azattest_op_wait_ms(op))) {
            (void)azattest_op_waited(op);
        } else {
            azattest_op_cancel(op);
        }
    }
    if (need == AZATTEST_NEED_DONE)
        return AZATTEST_OK;
    if ((failure = azattest_op_take_error(op)) == NULL)
        return azattest__transport_error(error, AZATTEST_E_STATE,
                                         "run: the operation had failed before, and its error was taken");
    status = azattest_error_code(failure);
    if (error != NULL)
        *error = failure;
    else
        azattest_error_free(failure);
    return status;
}

azattest_status azattest__run_call(azattest_op *op, azattest_transport *transport, azattest_error **error)
{
    azattest_status status = azattest_run(op, transport, error);

    if (status != AZATTEST_ABSENT)
        return status;
    return azattest__transport_error(
        error, AZATTEST_E_STATE,
        "the callback credential has no function, so its token can only be given step by step: use the "
        "_begin function and azattest_run()");
}

azattest_status azattest__check_call(const void *out, const azattest_transport *transport, azattest_error **error)
{
    if (error != NULL)
        *error = NULL;
    if (out != NULL && transport != NULL)
        return AZATTEST_OK;
    return azattest__transport_error(error, AZATTEST_E_ARGUMENT,
                                     out == NULL ? "nowhere to put the result" : "no transport");
}

typedef azattest_status (*attest_begin)(azattest_client *client, azattest_bytes evidence,
                                        const azattest_attest_options *options, azattest_op **op,
                                        azattest_error **error);

static azattest_status attest(attest_begin begin, azattest_client *client, azattest_transport *transport,
                              azattest_bytes evidence, const azattest_attest_options *options,
                              azattest_response **response, azattest_error **error)
{
    azattest_op *op = NULL;
    azattest_status status;

    if (response != NULL)
        *response = NULL;
    if ((status = azattest__check_call(response, transport, error)) != AZATTEST_OK)
        return status;
    if ((status = begin(client, evidence, options, &op, error)) == AZATTEST_OK &&
        (status = azattest__run_call(op, transport, error)) == AZATTEST_OK)
        *response = azattest_op_take_response(op);
    azattest_op_free(op);
    return status;
}

azattest_status azattest_client_attest_sgx_enclave(azattest_client *client, azattest_transport *transport,
                                                   azattest_bytes quote, const azattest_attest_options *options,
                                                   azattest_response **response, azattest_error **error)
{
    return attest(azattest_client_attest_sgx_enclave_begin, client, transport, quote, options, response, error);
}

azattest_status azattest_client_attest_open_enclave(azattest_client *client, azattest_transport *transport,
                                                    azattest_bytes report, const azattest_attest_options *options,
                                                    azattest_response **response, azattest_error **error)
{
    return attest(azattest_client_attest_open_enclave_begin, client, transport, report, options, response, error);
}

azattest_status azattest_client_attest_sev_snp_vm(azattest_client *client, azattest_transport *transport,
                                                  azattest_bytes report, const azattest_attest_options *options,
                                                  azattest_response **response, azattest_error **error)
{
    return attest(azattest_client_attest_sev_snp_vm_begin, client, transport, report, options, response, error);
}

azattest_status azattest_client_attest_tdx_vm(azattest_client *client, azattest_transport *transport,
                                              azattest_bytes quote, const azattest_attest_options *options,
                                              azattest_response **response, azattest_error **error)
{
    return attest(azattest_client_attest_tdx_vm_begin, client, transport, quote, options, response, error);
}

azattest_status azattest_client_attest_mdep_tz(azattest_client *client, azattest_transport *transport,
                                               azattest_bytes report, const azattest_attest_options *options,
                                               azattest_response **response, azattest_error **error)
{
    return attest(azattest_client_attest_mdep_tz_begin, client, transport, report, options, response, error);
}

static azattest_status attest_for_text(attest_begin begin, azattest_client *client, azattest_transport *transport,
                                       azattest_bytes evidence, const azattest_attest_options *options, char **text,
                                       size_t *length, azattest_error **error)
{
    azattest_op *op = NULL;
    azattest_status status;

    if (text != NULL)
        *text = NULL;
    if (length != NULL)
        *length = 0;
    if ((status = azattest__check_call(text, transport, error)) != AZATTEST_OK)
        return status;
    if ((status = begin(client, evidence, options, &op, error)) == AZATTEST_OK &&
        (status = azattest__run_call(op, transport, error)) == AZATTEST_OK)
        *text = azattest_op_take_text(op, length);
    azattest_op_free(op);
    return status;
}

azattest_status azattest_client_attest_azure_guest(azattest_client *client, azattest_transport *transport,
                                                   azattest_bytes attestation_info,
                                                   const azattest_attest_options *options, char **text, size_t *length,
                                                   azattest_error **error)
{
    return attest_for_text(azattest_client_attest_azure_guest_begin, client, transport, attestation_info, options, text,
                           length, error);
}

azattest_status azattest_client_attest_key_guard(azattest_client *client, azattest_transport *transport,
                                                 azattest_bytes attestation_info,
                                                 const azattest_attest_options *options, char **text, size_t *length,
                                                 azattest_error **error)
{
    return attest_for_text(azattest_client_attest_key_guard_begin, client, transport, attestation_info, options, text,
                           length, error);
}

azattest_status azattest_client_attest_tpm(azattest_client *client, azattest_transport *transport,
                                           azattest_bytes content, const azattest_attest_options *options, char **text,
                                           size_t *length, azattest_error **error)
{
    return attest_for_text(azattest_client_attest_tpm_begin, client, transport, content, options, text, length, error);
}

azattest_status azattest_client_attest_pluton(azattest_client *client, azattest_transport *transport,
                                              azattest_bytes content, const azattest_attest_options *options,
                                              char **text, size_t *length, azattest_error **error)
{
    return attest_for_text(azattest_client_attest_pluton_begin, client, transport, content, options, text, length,
                           error);
}

azattest_status azattest_client_get_tcb_baseline(azattest_client *client, azattest_transport *transport,
                                                 const char *type, const azattest_tcb_baseline_options *options,
                                                 azattest_tcb_baselines **baselines, azattest_error **error)
{
    azattest_op *op = NULL;
    azattest_status status;

    if (baselines != NULL)
        *baselines = NULL;
    if ((status = azattest__check_call(baselines, transport, error)) != AZATTEST_OK)
        return status;
    if ((status = azattest_client_get_tcb_baseline_begin(client, type, options, &op, error)) == AZATTEST_OK &&
        (status = azattest__run_call(op, transport, error)) == AZATTEST_OK)
        *baselines = azattest_op_take_tcb_baselines(op);
    azattest_op_free(op);
    return status;
}

azattest_status azattest_client_get_signing_certificates(azattest_client *client, azattest_transport *transport,
                                                         azattest_signers **signers, azattest_error **error)
{
    azattest_op *op = NULL;
    azattest_status status;

    if (signers != NULL)
        *signers = NULL;
    if ((status = azattest__check_call(signers, transport, error)) != AZATTEST_OK)
        return status;
    if ((status = azattest_client_get_signing_certificates_begin(client, &op, error)) == AZATTEST_OK &&
        (status = azattest__run_call(op, transport, error)) == AZATTEST_OK)
        *signers = azattest_op_take_signers(op);
    azattest_op_free(op);
    return status;
}

azattest_status azattest_client_get_open_id_metadata(azattest_client *client, azattest_transport *transport,
                                                     azattest_metadata **metadata, azattest_error **error)
{
    azattest_op *op = NULL;
    azattest_status status;

    if (metadata != NULL)
        *metadata = NULL;
    if ((status = azattest__check_call(metadata, transport, error)) != AZATTEST_OK)
        return status;
    if ((status = azattest_client_get_open_id_metadata_begin(client, &op, error)) == AZATTEST_OK &&
        (status = azattest__run_call(op, transport, error)) == AZATTEST_OK)
        *metadata = azattest_op_take_metadata(op);
    azattest_op_free(op);
    return status;
}

azattest_status azattest_verifier_validate(azattest_verifier *verifier, azattest_transport *transport,
                                           azattest_bytes token_text, const azattest_validation_options *options,
                                           azattest_response **response, azattest_error **error)
{
    azattest_op *op = NULL;
    azattest_status status;

    if (response != NULL)
        *response = NULL;
    if ((status = azattest__check_call(response, transport, error)) != AZATTEST_OK)
        return status;
    if ((status = azattest_verifier_validate_begin(verifier, token_text, options, &op, error)) == AZATTEST_OK &&
        (status = azattest__run_call(op, transport, error)) == AZATTEST_OK)
        *response = azattest_op_take_response(op);
    azattest_op_free(op);
    return status;
}
