/* Open Enclave's wrappers around a quote. Source: openenclave, include/openenclave/internal/report.h and
 * common/sgx/endorsements; the headers are structs of a C compiler, padding included. */
#include "der.h"
#include "make.h"

void azattest__oe_report(azattest__buf *out, azattest_bytes quote)
{
    azattest__append_le(out, 1, 4); /* version */
    azattest__append_le(out, 2, 4); /* remote */
    azattest__append_le(out, quote.len, 8);
    azattest__buf_append_bytes(out, quote);
}

static const struct {
    const char *name;
    unsigned char uuid[16];
} formats[] = {
    { "sgx_ecdsa", { 0xa3, 0xa2, 0x1e, 0x87, 0x1b, 0x4d, 0x40, 0x14, 0xb7, 0x0a, 0xa1, 0x25, 0xd2, 0xfb, 0xcd, 0x8c } },
    { "legacy_report",
      { 0xc8, 0x30, 0x34, 0x54, 0xd9, 0x23, 0x4c, 0x2c, 0xa6, 0x91, 0xdf, 0x7d, 0xef, 0x46, 0x0a, 0x76 } },
    { "raw_sgx_quote",
      { 0x19, 0x23, 0xd9, 0x1e, 0x12, 0xd2, 0x4c, 0x72, 0xb2, 0x20, 0x25, 0xcd, 0x8d, 0xac, 0xe8, 0x71 } },
    { "tdx_quote", { 0x8b, 0xa7, 0x02, 0x86, 0xc1, 0xcf, 0x11, 0xed, 0xaf, 0xa1, 0x02, 0x42, 0xac, 0x12, 0x00, 0x02 } },
};

void azattest__oe_evidence(azattest__buf *out, const unsigned char uuid[16], azattest_bytes data)
{
    azattest__append_le(out, 3, 4); /* version */
    azattest__buf_append(out, uuid, 16);
    azattest__append_zeros(out, 4); /* the struct is not packed */
    azattest__append_le(out, data.len, 8);
    azattest__buf_append_bytes(out, data);
}

/* Custom claims make the report data; the other formats leave it to the caller. */
azattest_status azattest__make_oe_evidence(azattest_simulator *simulator, const azattest_simulated_enclave *enclave,
                                           const char *format, azattest_bytes claims, azattest__buf *out,
                                           azattest_error **error)
{
    azattest_simulated_td td = AZATTEST_SIMULATED_TD_INIT;
    azattest_simulated_enclave own;
    azattest_status status;
    azattest__buf quote, data;
    size_t which = 0;

    azattest__buf_init(&quote, LIMIT_EVIDENCE);
    azattest__buf_init(&data, LIMIT_EVIDENCE);
    while (which < sizeof(formats) / sizeof(formats[0]) && (format == NULL || strcmp(formats[which].name, format) != 0))
        which++;
    if (which == sizeof(formats) / sizeof(formats[0])) {
        status = azattest__error_set(error, AZATTEST_E_ARGUMENT,
                                     "simulator: no format \"%s\" (sgx_ecdsa, legacy_report, raw_sgx_quote, tdx_quote)",
                                     format == NULL ? "" : format);
        goto done;
    }
    if ((status = azattest__enclave_take(enclave, &own, error)) != AZATTEST_OK)
        goto done;
    if (which == 0) {
        own.report_data = azattest__bytes(NULL, 0);
        own.runtime_data = claims.ptr == NULL ? azattest__bytes("", 0) : claims;
    }
    td.platform = own.platform;
    td.runtime_data = own.runtime_data;
    td.report_data = own.report_data;
    if ((status = which == 3 ? azattest__make_tdx_quote(simulator, &td, &quote, error)
                             : azattest__make_sgx_quote(simulator, &own, &quote, error)) != AZATTEST_OK)
        goto done;
    if (which == 1)
        azattest__oe_report(&data, azattest__buf_bytes(&quote));
    else
        azattest__buf_append_bytes(&data, azattest__buf_bytes(&quote));
    if (which == 0)
        azattest__buf_append_bytes(&data, claims);
    azattest__oe_evidence(out, formats[which].uuid, azattest__buf_bytes(&data));
    if ((status = azattest__error_from_buf(error, &data, "evidence")) == AZATTEST_OK)
        status = azattest__error_from_buf(error, out, "evidence");
done:
    azattest__buf_free(&data);
    azattest__buf_free(&quote);
    return status;
}

azattest_status azattest_simulator_open_enclave_evidence(azattest_simulator *simulator,
                                                         const azattest_simulated_enclave *enclave, const char *format,
                                                         azattest_bytes claims, unsigned char **evidence,
                                                         size_t *length, azattest_error **error)
{
    azattest_status status;
    azattest__buf out;

    if ((status = azattest__simulate_begin(simulator, evidence, length, error)) != AZATTEST_OK)
        return status;
    azattest__buf_init(&out, LIMIT_EVIDENCE);
    status = azattest__make_oe_evidence(simulator, enclave, format, claims, &out, error);
    return azattest__simulate_end(status, &out, evidence, length, error);
}

azattest_status azattest_simulator_open_enclave_report(azattest_simulator *simulator,
                                                       const azattest_simulated_enclave *enclave,
                                                       unsigned char **report, size_t *length, azattest_error **error)
{
    azattest_status status;
    azattest__buf quote, out;

    if ((status = azattest__simulate_begin(simulator, report, length, error)) != AZATTEST_OK)
        return status;
    azattest__buf_init(&quote, LIMIT_EVIDENCE);
    azattest__buf_init(&out, LIMIT_EVIDENCE);
    if ((status = azattest__make_sgx_quote(simulator, enclave, &quote, error)) == AZATTEST_OK)
        azattest__oe_report(&out, azattest__buf_bytes(&quote));
    azattest__buf_free(&quote);
    return azattest__simulate_end(status, &out, report, length, error);
}
