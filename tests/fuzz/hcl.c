/* The report of Azure's paravisor: every size in it is a stranger's. */
#include <stdlib.h>

#include "evidence/azure/hcl.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool inside(azattest_bytes part, const uint8_t *data, size_t size)
{
    const uint8_t *p = part.ptr;

    return p >= data && part.len <= size && (size_t)(p - data) <= size - part.len;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    azattest__runtime_claims claims = { 0 };
    azattest__hcl_report report;

    if (azattest__hcl_report_parse(azattest__bytes(data, size), &report, NULL) != AZATTEST_OK) {
        if (report.runtime_claims.ptr != NULL || report.td_report.body != NULL)
            abort();
        return 0;
    }
    if (!inside(report.hardware_report, data, size) || !inside(report.runtime_claims, data, size) ||
        !inside(report.trailing, data, size))
        abort();
    (void)azattest__hcl_report_check(&report, NULL);
    if (azattest__runtime_claims_read(report.runtime_claims, &claims, NULL) == AZATTEST_OK &&
        (claims.ak == NULL) != (claims.problem != NULL))
        abort();
    azattest__runtime_claims_clear(&claims);
    return 0;
}
