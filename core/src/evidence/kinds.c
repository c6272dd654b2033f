/* Which kind evidence is of: its first bytes say. */
#include "amd/part.h"
#include "azure/guest.h"
#include "formats.h"

static bool looks_like_tdx(azattest_bytes raw)
{
    const unsigned char *p = raw.ptr;

    return azattest__intel_quote_looks_like(raw) && raw.len >= 8 && azattest__le16(p) > AZATTEST__SGX_VERSION &&
           azattest__le32(p + 4) == AZATTEST__TEE_TYPE_TDX;
}

static azattest_status read_snp(azattest_evidence *evidence, azattest_bytes raw, azattest_error **error)
{
    (void)raw; /* all of evidence->raw */
    return azattest__snp_evidence_read(evidence, error);
}

/* The first that fits is taken. */
static const struct kind {
    const char *name;
    bool (*looks_like)(azattest_bytes raw);
    azattest_status (*read)(azattest_evidence *evidence, azattest_bytes raw, azattest_error **error);
} kinds[] = {
    { "open_enclave_report", azattest__open_enclave_looks_like, azattest__open_enclave_read },
    { "attested_certificate", azattest__attested_certificate_looks_like, azattest__attested_certificate_read },
    { "tdx_quote", looks_like_tdx, azattest__intel_evidence_read },
    { "sgx_quote", azattest__intel_quote_looks_like, azattest__intel_evidence_read },
    { "snp_report", azattest__snp_report_looks_like, read_snp },
    { "hcl_report", azattest__hcl_looks_like, azattest__hcl_evidence_read },
    { "tpm_quote", azattest__tpm_attest_looks_like, azattest__tpm_evidence_read },
};

static const struct kind *find_kind(azattest_bytes raw)
{
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (kinds[i].looks_like(raw))
            return &kinds[i];
    return NULL;
}

/* Quotes by the vendor alone: a call must not refuse what only begins with a small number. */
const char *azattest__evidence_sniff(azattest_bytes raw)
{
    const struct kind *kind = find_kind(raw);

    if (kind == NULL)
        return NULL;
    return kind->read != azattest__intel_evidence_read || azattest__intel_has_vendor(raw) ? kind->name : NULL;
}

/* Nothing that is known: says why it is no quote, as far as that can be said. */
static azattest_status not_evidence(azattest_bytes raw, azattest_error **error)
{
    const unsigned char *p = raw.ptr;
    azattest_bytes start = azattest__bytes(p, raw.len < 4 ? raw.len : 4);

    if (azattest__bytes_equal_text(start, "----") || (raw.len > 0 && p[0] == '{'))
        return azattest__error_set(
            error, AZATTEST_E_EVIDENCE,
            "text, not raw evidence; azattest_evidence_load() unwraps PEM, JSON, hexadecimal and "
            "base64");
    if (raw.len < AZATTEST__SGX_HEADER_SIZE)
        return azattest__error_set(error, AZATTEST_E_EVIDENCE,
                                   "not evidence: %zu bytes, the header of an SGX quote alone has %u", raw.len,
                                   AZATTEST__SGX_HEADER_SIZE);
    if (azattest__intel_has_vendor(raw))
        return azattest__error_set(error, AZATTEST_E_EVIDENCE, "quote: version at offset 0 is %u, expected 3, 4 or 5",
                                   azattest__le16(p));
    return azattest__error_set(error, AZATTEST_E_EVIDENCE,
                               "not evidence: it begins as none of the kinds that are known");
}

azattest_status azattest__evidence_read(azattest_evidence *evidence, azattest_bytes raw, azattest_error **error)
{
    azattest_status status = azattest__other_kind_binary(raw, error);
    const struct kind *kind;

    if (status != AZATTEST_OK)
        return status;
    if ((kind = find_kind(raw)) == NULL)
        return not_evidence(raw, error);
    evidence->kind = kind->name;
    return kind->read(evidence, raw, error);
}
