/* The layout of Intel's quotes: every span lies inside of what was given, and together they are all of the quote. */
#include <stdlib.h>

#include "evidence/intel/quote.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t inside(azattest_bytes part, const uint8_t *data, size_t size)
{
    const unsigned char *p = part.ptr;

    if (p < data || part.len > size || (size_t)(p - data) > size - part.len)
        abort();
    return part.len;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    azattest__intel_quote quote;
    size_t sum;

    if (azattest__intel_quote_parse(azattest__bytes(data, size), &quote, NULL) != AZATTEST_OK)
        return 0;
    sum = inside(quote.signed_bytes, data, size) + 4 + inside(quote.signature, data, size) +
          inside(quote.attestation_key, data, size) +
          inside(azattest__bytes(quote.qe_report.body, AZATTEST__SGX_REPORT_SIZE), data, size) +
          inside(quote.qe_report_signature, data, size) + 2 + inside(quote.qe_auth_data, data, size) + 6 +
          inside(quote.certification_data, data, size) + (quote.version > 3 ? 6 : 0);
    if (sum != quote.size || quote.size > size)
        abort();
    if (quote.tee_type == AZATTEST__TEE_TYPE_TDX)
        (void)inside(azattest__bytes(quote.td_report.body, quote.td_report.size), data, quote.signed_bytes.len);
    else
        (void)inside(azattest__bytes(quote.report.body, AZATTEST__SGX_REPORT_SIZE), data, quote.signed_bytes.len);
    if (quote.platform.ppid.ptr != NULL)
        (void)inside(quote.platform.ppid, data, size);
    return 0;
}
