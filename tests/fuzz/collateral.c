/* A quote and collateral for it, both from the input: u16 length of the quote, the quote, and a file of collateral
 * behind. Whatever they are, a set says the second time what it said the first, with what it kept. */
#include <stdlib.h>

#include <azattest/azattest.h>

#include "evidence/evidence.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* 2025-06-25: the seeds of the evidence folder live. */
#define NOW_MS (INT64_C(1750852800) * 1000)

static azattest_verification_result *verify(const azattest_evidence *evidence, const azattest_collateral *set)
{
    azattest_verify_options options = AZATTEST_VERIFY_OPTIONS_INIT;
    azattest_verification_result *result = NULL;

    options.now_ms = NOW_MS;
    options.collateral = set;
    if (azattest_evidence_verify(evidence, &options, &result, NULL) != AZATTEST_OK ||
        azattest_verification_result_json(result).len == 0)
        abort();
    return result;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    azattest_verification_result *first, *second, *without;
    azattest_collateral *set = NULL;
    azattest_evidence *evidence = NULL;
    size_t quote;

    if (size < 3 || (quote = (size_t)data[0] | (size_t)data[1] << 8) >= size - 2 ||
        azattest_evidence_parse(azattest__bytes(data + 2, quote), &evidence, NULL) != AZATTEST_OK)
        return 0;
    if (azattest_collateral_new(&set, NULL) != AZATTEST_OK)
        abort();
    (void)azattest_collateral_add(set, azattest__bytes(data + 2 + quote, size - 2 - quote), NULL);
    first = verify(evidence, set);
    second = verify(evidence, set);
    if (!azattest__bytes_equal(azattest_verification_result_json(first), azattest_verification_result_json(second)))
        abort();
    /* Collateral can only take away, but for quotes that lack their PCK chain. */
    without = verify(evidence, NULL);
    if (azattest_verification_result_is_valid(first) && !azattest_verification_result_is_valid(without) &&
        evidence->intel.certification_data_type == AZATTEST__SGX_CERTIFICATION_PCK_CHAIN)
        abort();
    azattest_verification_result_free(first);
    azattest_verification_result_free(second);
    azattest_verification_result_free(without);
    azattest_collateral_free(set);
    azattest_evidence_free(evidence);
    return 0;
}
