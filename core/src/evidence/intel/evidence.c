/* A quote of Intel as evidence: bare, or inside of something. */
#include "../formats.h"

bool azattest__intel_has_vendor(azattest_bytes raw)
{
    return raw.len >= AZATTEST__SGX_HEADER_SIZE && memcmp((const unsigned char *)raw.ptr + AZATTEST__SGX_VENDOR_OFFSET,
                                                          azattest__sgx_intel_vendor, AZATTEST__SGX_VENDOR_SIZE) == 0;
}

bool azattest__intel_quote_looks_like(azattest_bytes raw)
{
    const unsigned char *p = raw.ptr;

    return raw.len >= 4 && azattest__le16(p) >= AZATTEST__SGX_VERSION &&
           azattest__le16(p) <= AZATTEST__SGX_VERSION_LAST &&
           (azattest__le16(p + 2) == AZATTEST__SGX_KEY_TYPE_P256 || azattest__intel_has_vendor(raw));
}

/* Where the format has claims behind the quote, these are told from it now. */
azattest_status azattest__intel_evidence_read(azattest_evidence *evidence, azattest_bytes raw, azattest_error **error)
{
    const unsigned char *p = raw.ptr;
    azattest_status status;

    if ((status = azattest__intel_quote_parse(raw, &evidence->intel, error)) != AZATTEST_OK)
        return status;
    evidence->quote = azattest__bytes(p, evidence->intel.size);
    evidence->trailing = azattest__bytes(p + evidence->intel.size, raw.len - evidence->intel.size);
    if (evidence->claims.ptr != NULL) {
        evidence->claims = evidence->trailing;
        evidence->trailing.len = 0;
    }
    return AZATTEST_OK;
}
