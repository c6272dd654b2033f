/* Raw evidence: parse, read everything, verify. Nothing that lacks a key of Intel's can be valid. */
#include <stdlib.h>

#include <azattest/azattest.h>

#include "evidence/evidence.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* 2025-01-01: the seeds' certificates live, so that the work goes to its end. */
#define NOW_MS (INT64_C(1735689600) * 1000)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    azattest_verify_options options = AZATTEST_VERIFY_OPTIONS_INIT;
    azattest_bytes raw = { data, size };
    azattest_verification_result *result = NULL;
    azattest_evidence *evidence = NULL, outline;
    bool has_outline = azattest__evidence_outline(raw, &outline, NULL) == AZATTEST_OK;

    if (azattest_evidence_parse(raw, &evidence, NULL) != AZATTEST_OK)
        return 0;
    if (!has_outline ||
        !azattest__bytes_equal(azattest_evidence_report_data(&outline), azattest_evidence_report_data(evidence)))
        abort();
    options.now_ms = NOW_MS;
    options.runtime_data = raw; /* what is bound cannot hold its own hash */
    options.allow_debug = size % 2 == 0 ? AZATTEST_OFF : AZATTEST_ON;
    if (azattest_evidence_fields(evidence).len == 0 ||
        azattest_evidence_verify(evidence, &options, &result, NULL) != AZATTEST_OK ||
        azattest_verification_result_is_valid(result) || azattest_verification_result_json(result).len == 0)
        abort();
    azattest_verification_result_free(result);
    azattest_evidence_free(evidence);
    return 0;
}
