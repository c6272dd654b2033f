/* Open Enclave's headers around a quote. Source: Open Enclave, include/openenclave/internal/report.h and
 * common/attest_plugin.h. */
#include "../formats.h"

#define HEADER_REPORT 1u
#define HEADER_OBSOLETE 2u
#define HEADER_EVIDENCE 3u
#define SGX_REPORT_SIZE 432u /* body, key id (32), and the MAC (16) that its own platform alone can make */
#define FORMAT_SIZE 16u
#define AT_FORMAT 4u
#define AT_EVIDENCE_SIZE 24u /* 4 bytes of padding before it, which Open Enclave never sets: any value is genuine */
#define AT_REPORT_SIZE 8u

typedef enum format_data { DATA_QUOTE_AND_CLAIMS, DATA_REPORT, DATA_QUOTE, DATA_TDX_QUOTE, DATA_OTHER } format_data;

/* The bytes of an identifier lie in the order they are printed in. */
static const struct format {
    unsigned char id[FORMAT_SIZE];
    format_data data;
    const char *name;
    const char *what; /* why it is refused */
} formats[] = {
    { { 0xa3, 0xa2, 0x1e, 0x87, 0x1b, 0x4d, 0x40, 0x14, 0xb7, 0x0a, 0xa1, 0x25, 0xd2, 0xfb, 0xcd, 0x8c },
      DATA_QUOTE_AND_CLAIMS,
      "SGX_ECDSA",
      NULL },
    { { 0xc8, 0x30, 0x34, 0x54, 0xd9, 0x23, 0x4c, 0x2c, 0xa6, 0x91, 0xdf, 0x7d, 0xef, 0x46, 0x0a, 0x76 },
      DATA_REPORT,
      "LEGACY_REPORT_REMOTE",
      NULL },
    { { 0x19, 0x23, 0xd9, 0x1e, 0x12, 0xd2, 0x4c, 0x72, 0xb2, 0x20, 0x25, 0xcd, 0x8d, 0xac, 0xe8, 0x71 },
      DATA_QUOTE,
      "RAW_SGX_QUOTE_ECDSA",
      NULL },
    { { 0x09, 0x26, 0x8c, 0x33, 0x6e, 0x0b, 0x45, 0xe5, 0x8a, 0x27, 0x15, 0x64, 0x4d, 0x0e, 0xf8, 0x9a },
      DATA_OTHER,
      "SGX_LOCAL_ATTESTATION",
      "an SGX local report, which only an enclave of its own platform can verify" },
    { { 0xf2, 0x28, 0xaa, 0x3f, 0xde, 0x4d, 0x49, 0xd3, 0x88, 0x4c, 0xb2, 0xaa, 0x87, 0xa5, 0x0d, 0xa6 },
      DATA_OTHER,
      "SGX_EPID_LINKABLE",
      "an SGX EPID quote; its attestation service has ended" },
    { { 0x5c, 0x35, 0xd2, 0x90, 0xa2, 0xc2, 0x4c, 0x55, 0x9e, 0x13, 0x5a, 0xd7, 0x32, 0x74, 0x6c, 0x88 },
      DATA_OTHER,
      "SGX_EPID_UNLINKABLE",
      "an SGX EPID quote; its attestation service has ended" },
    { { 0x8b, 0xa7, 0x02, 0x86, 0xc1, 0xcf, 0x11, 0xed, 0xaf, 0xa1, 0x02, 0x42, 0xac, 0x12, 0x00, 0x02 },
      DATA_TDX_QUOTE,
      "TDX_QUOTE_ECDSA",
      NULL },
};

static const struct format *find_format(const unsigned char *id)
{
    for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
        if (memcmp(formats[i].id, id, FORMAT_SIZE) == 0)
            return &formats[i];
    return NULL;
}

bool azattest__open_enclave_looks_like(azattest_bytes raw)
{
    const unsigned char *p = raw.ptr;

    if (raw.len < 8)
        return false;
    switch (azattest__le32(p)) {
    case HEADER_REPORT:
        return azattest__le32(p + 4) == AZATTEST__OE_TYPE_LOCAL || azattest__le32(p + 4) == AZATTEST__OE_TYPE_REMOTE;
    case HEADER_OBSOLETE:
    case HEADER_EVIDENCE: /* other things begin with this number, too: the identifier tells */
        return raw.len >= AT_FORMAT + FORMAT_SIZE && find_format(p + AT_FORMAT) != NULL;
    default:
        return false;
    }
}

static azattest_status check_size(const char *what, uint64_t announced, size_t present, azattest_error **error)
{
    if (announced == present)
        return AZATTEST_OK;
    return azattest__error_set(error, AZATTEST_E_EVIDENCE, "%s: %llu bytes announced, %zu are behind the header", what,
                               (unsigned long long)announced, present);
}

static bool is_local(azattest_bytes report)
{
    return report.len >= 8 && azattest__le32((const unsigned char *)report.ptr + 4) == AZATTEST__OE_TYPE_LOCAL;
}

static azattest_status unwrap_report(azattest_bytes report, azattest_bytes *inner, azattest_error **error)
{
    const unsigned char *p = report.ptr;
    uint32_t version, type;

    if (report.len < AZATTEST__OE_REPORT_HEADER_SIZE)
        return azattest__error_set(error, AZATTEST_E_EVIDENCE, "Open Enclave report: %zu bytes, its header has %u",
                                   report.len, AZATTEST__OE_REPORT_HEADER_SIZE);
    version = azattest__le32(p);
    type = azattest__le32(p + 4);
    if (version != HEADER_REPORT)
        return azattest__error_set(error, AZATTEST_E_EVIDENCE,
                                   "Open Enclave report: version at offset 0 is %u, expected %u", (unsigned)version,
                                   HEADER_REPORT);
    if (type != AZATTEST__OE_TYPE_REMOTE && type != AZATTEST__OE_TYPE_LOCAL)
        return azattest__error_set(error, AZATTEST_E_EVIDENCE,
                                   "Open Enclave report: type at offset 4 is %u, expected %u (remote)", (unsigned)type,
                                   AZATTEST__OE_TYPE_REMOTE);
    *inner = azattest__bytes(p + AZATTEST__OE_REPORT_HEADER_SIZE, report.len - AZATTEST__OE_REPORT_HEADER_SIZE);
    return check_size("Open Enclave report: size at offset 8", azattest__le64(p + AT_REPORT_SIZE), inner->len, error);
}

/* For an enclave of the same platform: its fields can be looked at, and nobody else can verify it. */
static azattest_status read_local(azattest_evidence *evidence, azattest_bytes report, azattest_error **error)
{
    if (report.len != SGX_REPORT_SIZE)
        return azattest__error_set(error, AZATTEST_E_EVIDENCE,
                                   "Open Enclave report for local attestation: an SGX report of %zu bytes, expected %u",
                                   report.len, SGX_REPORT_SIZE);
    evidence->header_type = AZATTEST__OE_TYPE_LOCAL;
    evidence->quote = report;
    evidence->intel.report = azattest__sgx_report_read(report.ptr);
    return AZATTEST_OK;
}

/* What is inside of a header has no other choice than to be the quote that the header says. */
static azattest_status read_quote(azattest_evidence *evidence, azattest_bytes inner, uint32_t tee,
                                  azattest_error **error)
{
    azattest_status status;

    evidence->header_type = AZATTEST__OE_TYPE_REMOTE;
    if ((status = azattest__other_kind_binary(inner, error)) != AZATTEST_OK)
        return status;
    if ((status = azattest__intel_evidence_read(evidence, inner, error)) != AZATTEST_OK) {
        azattest__error_prefix(error, "inside the Open Enclave header");
        return status;
    }
    if (evidence->intel.tee_type == tee)
        return AZATTEST_OK;
    return azattest__error_set(error, AZATTEST_E_EVIDENCE, "Open Enclave evidence: %s quote inside, expected %s",
                               tee == AZATTEST__TEE_TYPE_TDX ? "an SGX" : "a TDX",
                               tee == AZATTEST__TEE_TYPE_TDX ? "a TDX quote" : "an SGX quote");
}

/* The claims, which are behind the quote, are told from it when the quote's length is known. */
static azattest_status read_evidence(azattest_evidence *evidence, azattest_bytes raw, azattest_error **error)
{
    const unsigned char *p = raw.ptr;
    const struct format *format = find_format(p + AT_FORMAT);
    azattest_status status;
    azattest_bytes inner;

    if (evidence->header_version == HEADER_OBSOLETE)
        return azattest__error_set(
            error, AZATTEST_E_UNSUPPORTED,
            "Open Enclave evidence with the obsolete header of version 2; version 3 is expected");
    if (format->data == DATA_OTHER)
        return azattest__error_set(error, AZATTEST_E_UNSUPPORTED, "Open Enclave evidence of format %s: %s",
                                   format->name, format->what);
    if (raw.len < AZATTEST__OE_EVIDENCE_HEADER_SIZE)
        return azattest__error_set(error, AZATTEST_E_EVIDENCE, "Open Enclave evidence: %zu bytes, its header has %u",
                                   raw.len, AZATTEST__OE_EVIDENCE_HEADER_SIZE);
    inner = azattest__bytes(p + AZATTEST__OE_EVIDENCE_HEADER_SIZE, raw.len - AZATTEST__OE_EVIDENCE_HEADER_SIZE);
    evidence->format = format->name;
    if ((status = check_size("Open Enclave evidence: size at offset 24", azattest__le64(p + AT_EVIDENCE_SIZE),
                             inner.len, error)) != AZATTEST_OK)
        return status;
    if (format->data == DATA_QUOTE_AND_CLAIMS)
        evidence->claims = azattest__bytes("", 0); /* there are some, if only empty ones */
    if (format->data == DATA_REPORT) {
        if (is_local(inner))
            return azattest__error_set(error, AZATTEST_E_EVIDENCE,
                                       "Open Enclave evidence of format %s: a report for local attestation inside",
                                       format->name);
        if ((status = unwrap_report(inner, &inner, error)) != AZATTEST_OK)
            return status;
    }
    return read_quote(evidence, inner, format->data == DATA_TDX_QUOTE ? AZATTEST__TEE_TYPE_TDX : AZATTEST__TEE_TYPE_SGX,
                      error);
}

azattest_status azattest__open_enclave_read(azattest_evidence *evidence, azattest_bytes raw, azattest_error **error)
{
    azattest_status status;
    azattest_bytes inner;

    evidence->wrapped = raw;
    evidence->header_version = azattest__le32(raw.ptr);
    if (evidence->header_version != HEADER_REPORT)
        return read_evidence(evidence, raw, error);
    if ((status = unwrap_report(raw, &inner, error)) != AZATTEST_OK)
        return status;
    return is_local(raw) ? read_local(evidence, inner, error)
                         : read_quote(evidence, inner, AZATTEST__TEE_TYPE_SGX, error);
}
