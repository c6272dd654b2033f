/* Open Enclave's headers: the first byte says which header, with the right size, is put around the rest. Nothing that
 * does not bind its own bytes is valid. */
#include <stdlib.h>
#include <string.h>

#include <azattest/azattest.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* 2025-01-01: the seeds' certificates live, so that the work goes to its end. */
#define NOW_MS (INT64_C(1735689600) * 1000)

static size_t put_header(unsigned kind, size_t size, unsigned char header[32])
{
    static const unsigned char ids[][16] = {
        { 0xa3, 0xa2, 0x1e, 0x87, 0x1b, 0x4d, 0x40, 0x14, 0xb7, 0x0a, 0xa1, 0x25, 0xd2, 0xfb, 0xcd, 0x8c },
        { 0xc8, 0x30, 0x34, 0x54, 0xd9, 0x23, 0x4c, 0x2c, 0xa6, 0x91, 0xdf, 0x7d, 0xef, 0x46, 0x0a, 0x76 },
        { 0x19, 0x23, 0xd9, 0x1e, 0x12, 0xd2, 0x4c, 0x72, 0xb2, 0x20, 0x25, 0xcd, 0x8d, 0xac, 0xe8, 0x71 },
        { 0x8b, 0xa7, 0x02, 0x86, 0xc1, 0xcf, 0x11, 0xed, 0xaf, 0xa1, 0x02, 0x42, 0xac, 0x12, 0x00, 0x02 },
    };

    memset(header, 0, 32);
    if (kind < 4) {
        header[0] = 3;
        memcpy(header + 4, ids[kind], 16);
        memcpy(header + 24, &size, 4);
        return 32;
    }
    if (kind < 6) {
        header[0] = 1;
        header[4] = (unsigned char)(kind - 3);
        memcpy(header + 8, &size, 4);
        return 16;
    }
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    azattest_verify_options options = AZATTEST_VERIFY_OPTIONS_INIT;
    azattest_verification_result *result = NULL;
    azattest_evidence *evidence = NULL;
    unsigned char header[32], *raw;
    size_t before;

    if (size == 0)
        return 0;
    before = put_header(data[0] % 7, size - 1, header);
    if ((raw = malloc(before + size)) == NULL)
        return 0;
    memcpy(raw, header, before);
    memcpy(raw + before, data + 1, size - 1);
    options.runtime_data = (azattest_bytes){ raw, before + size - 1 };
    if (azattest_evidence_parse(options.runtime_data, &evidence, NULL) == AZATTEST_OK) {
        options.now_ms = NOW_MS;
        if (azattest_evidence_fields(evidence).len == 0 || azattest_evidence_report_data(evidence).len != 64 ||
            azattest_evidence_verify(evidence, &options, &result, NULL) != AZATTEST_OK ||
            azattest_verification_result_is_valid(result))
            abort();
    }
    azattest_verification_result_free(result);
    azattest_evidence_free(evidence);
    free(raw);
    return 0;
}
