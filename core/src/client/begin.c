/* The functions that begin an operation of a client. */
#include <stdlib.h>

#include "../operation/op.h"
#include "../protocol/data.h"
#include "../error/options.h"
#include "client.h"

static azattest_status check_call(const azattest_client *client, azattest_op **op, azattest_error **error)
{
    if (error != NULL)
        *error = NULL;
    if (op != NULL)
        *op = NULL;
    if (client != NULL && op != NULL)
        return AZATTEST_OK;
    return azattest__error_set(error, AZATTEST_E_ARGUMENT,
                               client == NULL ? "no client" : "client: nowhere to put the operation");
}

static azattest_status attest(azattest_client *client, const azattest__attest_call *call, azattest_bytes evidence,
                              const azattest_attest_options *options, azattest_op **op, azattest_error **error)
{
    azattest_attest_options taken;
    azattest_status status;

    if ((status = check_call(client, op, error)) != AZATTEST_OK ||
        (status = azattest__options_take(options, &taken, sizeof(taken), "AZATTEST_ATTEST_OPTIONS_INIT", error)) !=
            AZATTEST_OK ||
        (status = azattest__data_apply(&taken, error)) != AZATTEST_OK)
        return status;
    return azattest__op_attest(client->instance, call, evidence, &taken, op, error);
}

azattest_status azattest_client_attest_sgx_enclave_begin(azattest_client *client, azattest_bytes quote,
                                                         const azattest_attest_options *options, azattest_op **op,
                                                         azattest_error **error)
{
    return attest(client, &azattest__attest_sgx_enclave, quote, options, op, error);
}

azattest_status azattest_client_attest_open_enclave_begin(azattest_client *client, azattest_bytes report,
                                                          const azattest_attest_options *options, azattest_op **op,
                                                          azattest_error **error)
{
    return attest(client, &azattest__attest_open_enclave, report, options, op, error);
}

azattest_status azattest_client_attest_sev_snp_vm_begin(azattest_client *client, azattest_bytes report,
                                                        const azattest_attest_options *options, azattest_op **op,
                                                        azattest_error **error)
{
    return attest(client, &azattest__attest_sev_snp_vm, report, options, op, error);
}

azattest_status azattest_client_attest_tdx_vm_begin(azattest_client *client, azattest_bytes quote,
                                                    const azattest_attest_options *options, azattest_op **op,
                                                    azattest_error **error)
{
    return attest(client, &azattest__attest_tdx_vm, quote, options, op, error);
}

azattest_status azattest_client_attest_mdep_tz_begin(azattest_client *client, azattest_bytes report,
                                                     const azattest_attest_options *options, azattest_op **op,
                                                     azattest_error **error)
{
    return attest(client, &azattest__attest_mdep_tz, report, options, op, error);
}

azattest_status azattest_client_attest_azure_guest_begin(azattest_client *client, azattest_bytes attestation_info,
                                                         const azattest_attest_options *options, azattest_op **op,
                                                         azattest_error **error)
{
    return attest(client, &azattest__attest_azure_guest, attestation_info, options, op, error);
}

azattest_status azattest_client_attest_key_guard_begin(azattest_client *client, azattest_bytes attestation_info,
                                                       const azattest_attest_options *options, azattest_op **op,
                                                       azattest_error **error)
{
    return attest(client, &azattest__attest_key_guard, attestation_info, options, op, error);
}

azattest_status azattest_client_attest_tpm_begin(azattest_client *client, azattest_bytes content,
                                                 const azattest_attest_options *options, azattest_op **op,
                                                 azattest_error **error)
{
    return attest(client, &azattest__attest_tpm, content, options, op, error);
}

azattest_status azattest_client_attest_pluton_begin(azattest_client *client, azattest_bytes content,
                                                    const azattest_attest_options *options, azattest_op **op,
                                                    azattest_error **error)
{
    return attest(client, &azattest__attest_pluton, content, options, op, error);
}

azattest_status azattest_client_get_tcb_baseline_begin(azattest_client *client, const char *type,
                                                       const azattest_tcb_baseline_options *options, azattest_op **op,
                                                       azattest_error **error)
{
    azattest_tcb_baseline_options taken;
    azattest_status status;

    if ((status = check_call(client, op, error)) != AZATTEST_OK ||
        (status = azattest__options_take(options, &taken, sizeof(taken), "AZATTEST_TCB_BASELINE_OPTIONS_INIT",
                                         error)) != AZATTEST_OK)
        return status;
    return azattest__op_get_tcb_baseline(client->instance, type, &taken, op, error);
}

azattest_status azattest_client_get_signing_certificates_begin(azattest_client *client, azattest_op **op,
                                                               azattest_error **error)
{
    azattest_status status = check_call(client, op, error);

    return status != AZATTEST_OK ? status : azattest__op_get_signers(client->instance, op, error);
}

azattest_status azattest_client_get_open_id_metadata_begin(azattest_client *client, azattest_op **op,
                                                           azattest_error **error)
{
    azattest_status status = check_call(client, op, error);

    return status != AZATTEST_OK ? status : azattest__op_get_metadata(client->instance, op, error);
}
