#include "vm_report.h"

#include "formats.h"

#define TEE_TDX 0x81u
#define TDX_BODY_SIZE 584u /* TD report 1.0; 1.5 appends to it */
#define TDX_BODY_15_SIZE 648u
#define TDX_BODY_V4 48u /* right behind the header */
#define TDX_BODY_V5 54u /* behind its type and its size */

static azattest_bytes part(const unsigned char *p, size_t offset, size_t size)
{
    return azattest__bytes(p + offset, size);
}

static bool has_vendor(azattest_bytes raw)
{
    return raw.len >= AZATTEST__SGX_HEADER_SIZE && memcmp((const unsigned char *)raw.ptr + AZATTEST__SGX_VENDOR_OFFSET,
                                                          azattest__sgx_intel_vendor, AZATTEST__SGX_VENDOR_SIZE) == 0;
}

/* Offset of the body in *offset. */
static azattest_status find_body(azattest_bytes quote, size_t *offset, azattest_error **error)
{
    const unsigned char *p = quote.ptr;
    unsigned version, type;
    size_t size = TDX_BODY_SIZE;

    if (quote.len < AZATTEST__SGX_HEADER_SIZE)
        return azattest__error_set(error, AZATTEST_E_EVIDENCE, "TDX quote: %zu bytes, its header alone has %u",
                                   quote.len, AZATTEST__SGX_HEADER_SIZE);
    version = azattest__le16(p);
    if (azattest__le32(p + 4) != TEE_TDX || (version != 4 && version != 5))
        return azattest__error_set(error, AZATTEST_E_UNSUPPORTED,
                                   "TDX quote: version %u of TEE 0x%x; versions 4 and 5 of TEE 0x81 are known", version,
                                   (unsigned)azattest__le32(p + 4));
    *offset = TDX_BODY_V4;
    if (version == 5) {
        if (quote.len < TDX_BODY_V5)
            return azattest__error_set(error, AZATTEST_E_EVIDENCE, "TDX quote: it ends before its body at offset %u",
                                       TDX_BODY_V5);
        type = azattest__le16(p + AZATTEST__SGX_HEADER_SIZE);
        size = type == 2 ? TDX_BODY_SIZE : TDX_BODY_15_SIZE;
        if ((type != 2 && type != 3) || azattest__le32(p + AZATTEST__SGX_HEADER_SIZE + 2) != size)
            return azattest__error_set(error, AZATTEST_E_UNSUPPORTED,
                                       "TDX quote: a body of type %u with %u bytes is not known", type,
                                       (unsigned)azattest__le32(p + AZATTEST__SGX_HEADER_SIZE + 2));
        *offset = TDX_BODY_V5;
    }
    if (quote.len - *offset < size)
        return azattest__error_set(error, AZATTEST_E_EVIDENCE, "TDX quote: %zu bytes, its body ends at offset %zu",
                                   quote.len, *offset + size);
    return AZATTEST_OK;
}

azattest_status azattest__tdx_body_read(azattest_bytes quote, azattest__tdx_body *out, azattest_error **error)
{
    const unsigned char *body;
    azattest_status status;
    size_t offset;

    memset(out, 0, sizeof(*out));
    if ((status = find_body(quote, &offset, error)) != AZATTEST_OK)
        return status;
    body = (const unsigned char *)quote.ptr + offset;
    out->tee_tcb_svn = part(body, 0, 16);
    out->mr_seam = part(body, 16, 48);
    out->mr_signer_seam = part(body, 64, 48);
    out->is_debuggable = (body[120] & 1) != 0;
    out->mr_td = part(body, 136, 48);
    out->mr_config_id = part(body, 184, 48);
    out->mr_owner = part(body, 232, 48);
    out->mr_owner_config = part(body, 280, 48);
    for (size_t i = 0; i < 4; i++)
        out->rtmr[i] = part(body, 328 + 48 * i, 48);
    out->report_data = part(body, 520, 64);
    return AZATTEST_OK;
}

const char *azattest__evidence_sniff(azattest_bytes raw)
{
    const unsigned char *p = raw.ptr;
    unsigned version;

    if (azattest__open_enclave_looks_like(raw))
        return "open_enclave_report";
    if (has_vendor(raw)) {
        version = azattest__le16(p);
        if (version == AZATTEST__SGX_VERSION)
            return "sgx_quote";
        return (version == 4 || version == 5) && azattest__le32(p + 4) == TEE_TDX ? "tdx_quote" : NULL;
    }
    return azattest__snp_report_looks_like(raw) && raw.len == AZATTEST__SNP_REPORT_SIZE ? "snp_report" : NULL;
}
