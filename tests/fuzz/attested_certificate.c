/* Certificates with evidence inside: whole ones, or (by the first byte) the content of an extension, in the least that
 * is taken for a certificate. */
#include <stdlib.h>
#include <string.h>

#include <azattest/azattest.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* 2023-06-01: the seeds' certificates live, so that the work goes to its end. */
#define NOW_MS (INT64_C(1685577600) * 1000)
#define LIMIT 60000u

static void judge(azattest_bytes certificate)
{
    azattest_verify_options options = AZATTEST_VERIFY_OPTIONS_INIT;
    azattest_verification_result *result = NULL;
    azattest_evidence *evidence = NULL;

    options.now_ms = NOW_MS;
    options.runtime_data = certificate; /* what is bound cannot hold its own hash */
    if (azattest_verify_service_certificate(certificate, &options, &result, NULL) == AZATTEST_OK &&
        (azattest_verification_result_is_valid(result) || azattest_verification_result_json(result).len == 0))
        abort();
    if (azattest_evidence_parse(certificate, &evidence, NULL) == AZATTEST_OK &&
        azattest_evidence_fields(evidence).len == 0)
        abort();
    azattest_evidence_free(evidence);
    azattest_verification_result_free(result);
}

/* Long form of two bytes, in front of what is there. */
static unsigned char *wrap(unsigned char *content, unsigned char identifier, size_t *len)
{
    unsigned char head[5] = { identifier, 0x82 };
    size_t size = *len <= 0x7f ? 2 : *len <= 0xff ? 3 : 4;

    head[1] = size == 2 ? (unsigned char)*len : size == 3 ? 0x81 : 0x82;
    if (size == 3)
        head[2] = (unsigned char)*len;
    if (size == 4) {
        head[2] = (unsigned char)(*len >> 8);
        head[3] = (unsigned char)*len;
    }
    *len += size;
    return memcpy(content - size, head, size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const unsigned char oids[][11] = {
        { 6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x14, 0x0a, 0x01, 0x01 },
        { 6, 9, 0x2b, 0x06, 0x01, 0x04, 0x01, 0x82, 0x37, 0x69, 0x02 },
        { 6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf8, 0x4d, 0x8a, 0x39, 0x06 },
    };
    unsigned char *memory, *p;
    size_t len = size - 1;

    if (size == 0 || size > LIMIT)
        return 0;
    if (data[0] % 4 == 3) {
        judge((azattest_bytes){ data + 1, size - 1 });
        return 0;
    }
    if ((memory = malloc(64 + size)) == NULL)
        return 0;
    memcpy(memory + 64, data + 1, len);
    p = wrap(memory + 64, 0x04, &len);
    p -= sizeof(oids[0]);
    memcpy(p, oids[data[0] % 4], sizeof(oids[0]));
    len += sizeof(oids[0]);
    p = wrap(p, 0x30, &len); /* the extension, their list, [3], what is signed, the certificate */
    p = wrap(p, 0x30, &len);
    p = wrap(p, 0xa3, &len);
    p = wrap(p, 0x30, &len);
    p = wrap(p, 0x30, &len);
    judge((azattest_bytes){ p, len });
    free(memory);
    return 0;
}
