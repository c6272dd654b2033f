/* The public functions that make evidence of enclaves and TDs. */
#include <azattest/limits.h>
#include <stdlib.h>

#include "der.h"
#include "make.h"

azattest_status azattest__simulate_begin(const azattest_simulator *simulator, unsigned char **bytes, size_t *length,
                                         azattest_error **error)
{
    if (error != NULL)
        *error = NULL;
    if (bytes != NULL)
        *bytes = NULL;
    if (length != NULL)
        *length = 0;
    if (simulator == NULL || bytes == NULL || length == NULL)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT, "simulator: no simulator, or no place for the result");
    return AZATTEST_OK;
}

azattest_status azattest__simulate_end(azattest_status status, azattest__buf *out, unsigned char **bytes,
                                       size_t *length, azattest_error **error)
{
    size_t len = out->len;

    if (status == AZATTEST_OK) {
        azattest__buf_append(out, "", 1);
        if ((status = azattest__error_from_buf(error, out, "evidence")) == AZATTEST_OK) {
            *bytes = azattest__buf_take(out, NULL);
            *length = len;
        }
    }
    azattest__buf_free(out);
    return status;
}

azattest_status azattest__enclave_take(const azattest_simulated_enclave *in, azattest_simulated_enclave *out,
                                       azattest_error **error)
{
    azattest_status status;

    if ((status = azattest__simulated_take(in, out, sizeof(*out), &out->size, "AZATTEST_SIMULATED_ENCLAVE_INIT",
                                           error)) != AZATTEST_OK)
        return status;
    if ((out->mr_enclave.ptr != NULL && out->mr_enclave.len != 32) ||
        (out->mr_signer.ptr != NULL && out->mr_signer.len != 32))
        return azattest__error_set(error, AZATTEST_E_ARGUMENT,
                                   "simulated enclave: mr_enclave and mr_signer have 32 bytes each, not %zu and %zu",
                                   out->mr_enclave.ptr == NULL ? 32 : out->mr_enclave.len,
                                   out->mr_signer.ptr == NULL ? 32 : out->mr_signer.len);
    if ((status = azattest__simulated_size(out->report_data, 64, "report_data", error)) != AZATTEST_OK ||
        (status = azattest__simulated_size(out->config_id, 64, "config_id", error)) != AZATTEST_OK ||
        (status = azattest__simulated_size(out->isv_family_id, 16, "isv_family_id", error)) != AZATTEST_OK ||
        (status = azattest__simulated_size(out->isv_extended_product_id, 16, "isv_extended_product_id", error)) !=
            AZATTEST_OK)
        return status;
    return azattest__runtime_data_check(out->runtime_data, "simulated enclave", error);
}

azattest_status azattest__runtime_data_check(azattest_bytes data, const char *what, azattest_error **error)
{
    if (data.ptr != NULL && data.len > AZATTEST_LIMIT_RUNTIME_DATA)
        return azattest__error_set(error, AZATTEST_E_LIMIT, "%s: runtime data of %zu bytes, more than %u", what,
                                   data.len, AZATTEST_LIMIT_RUNTIME_DATA);
    return AZATTEST_OK;
}

azattest_status azattest__td_take(const azattest_simulated_td *in, azattest_simulated_td *out, azattest_error **error)
{
    azattest_status status;

    if ((status = azattest__simulated_take(in, out, sizeof(*out), &out->size, "AZATTEST_SIMULATED_TD_INIT", error)) !=
        AZATTEST_OK)
        return status;
    const struct {
        azattest_bytes bytes;
        size_t size;
        const char *name;
    } sized[] = { { out->mr_td, 48, "mr_td" },
                  { out->mr_config_id, 48, "mr_config_id" },
                  { out->mr_owner, 48, "mr_owner" },
                  { out->mr_owner_config, 48, "mr_owner_config" },
                  { out->mr_service_td, 48, "mr_service_td" },
                  { out->mr_seam, 48, "mr_seam" },
                  { out->rtmr[0], 48, "rtmr[0]" },
                  { out->rtmr[1], 48, "rtmr[1]" },
                  { out->rtmr[2], 48, "rtmr[2]" },
                  { out->rtmr[3], 48, "rtmr[3]" },
                  { out->report_data, 64, "report_data" } };

    for (size_t i = 0; i < sizeof(sized) / sizeof(sized[0]); i++)
        if ((status = azattest__simulated_size(sized[i].bytes, sized[i].size, sized[i].name, error)) != AZATTEST_OK)
            return status;
    return azattest__runtime_data_check(out->runtime_data, "simulated TD", error);
}

azattest_status azattest__make_sgx_quote(azattest_simulator *simulator, const azattest_simulated_enclave *enclave,
                                         azattest__buf *out, azattest_error **error)
{
    azattest_simulated_enclave own;
    azattest__quote_parts parts;
    azattest__machine machine = { 0 };
    azattest_status status;

    if ((status = azattest__enclave_take(enclave, &own, error)) == AZATTEST_OK &&
        (status = azattest__machine_open(simulator, own.platform, &machine, error)) == AZATTEST_OK &&
        (status = azattest__quote_plan_enclave(&machine, &own, &parts, error)) == AZATTEST_OK)
        status = azattest__quote_assemble(&parts, out, error);
    azattest__machine_clear(&machine);
    return status;
}

azattest_status azattest__make_tdx_quote(azattest_simulator *simulator, const azattest_simulated_td *td,
                                         azattest__buf *out, azattest_error **error)
{
    azattest_simulated_td own;
    azattest__quote_parts parts;
    azattest__machine machine = { 0 };
    azattest_status status;

    if ((status = azattest__td_take(td, &own, error)) == AZATTEST_OK &&
        (status = azattest__machine_open(simulator, own.platform, &machine, error)) == AZATTEST_OK &&
        (status = azattest__quote_plan_td(&machine, &own, &parts, error)) == AZATTEST_OK)
        status = azattest__quote_assemble(&parts, out, error);
    azattest__machine_clear(&machine);
    return status;
}

azattest_status azattest_simulator_sgx_quote(azattest_simulator *simulator, const azattest_simulated_enclave *enclave,
                                             unsigned char **quote, size_t *length, azattest_error **error)
{
    azattest_status status;
    azattest__buf out;

    if ((status = azattest__simulate_begin(simulator, quote, length, error)) != AZATTEST_OK)
        return status;
    azattest__buf_init(&out, LIMIT_EVIDENCE);
    status = azattest__make_sgx_quote(simulator, enclave, &out, error);
    return azattest__simulate_end(status, &out, quote, length, error);
}

azattest_status azattest_simulator_tdx_quote(azattest_simulator *simulator, const azattest_simulated_td *td,
                                             unsigned char **quote, size_t *length, azattest_error **error)
{
    azattest_status status;
    azattest__buf out;

    if ((status = azattest__simulate_begin(simulator, quote, length, error)) != AZATTEST_OK)
        return status;
    azattest__buf_init(&out, LIMIT_EVIDENCE);
    status = azattest__make_tdx_quote(simulator, td, &out, error);
    return azattest__simulate_end(status, &out, quote, length, error);
}

void azattest_simulator_free_bytes(void *bytes)
{
    free(bytes);
}
