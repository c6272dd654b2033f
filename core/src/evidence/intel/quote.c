#include "quote.h"

/* Header, from the start of the quote. */
enum { AT_VERSION = 0, AT_KEY_TYPE = 2, AT_TEE_TYPE = 4, AT_QE_SVN = 8, AT_PCE_SVN = 10, AT_USER_DATA = 28 };

/* Version 5 says what its body is, behind the header: u16 type, u32 size. */
enum { BODY_SGX = 1, BODY_TD_10 = 2, BODY_TD_15 = 3, BODY_HEADER = 6 };

/* Signature data, from their start. Behind the key comes what certifies it: the quoting enclave's report, which
 * versions 4 and 5 wrap as certification data of its own (u16 type, u32 size). */
enum { AT_SIGNATURE = 0, AT_ATTESTATION_KEY = 64, AT_CERTIFICATION = 128, CERTIFICATION_HEADER = 6 };
/* From the quoting enclave's report on. */
enum { AT_QE_REPORT_SIGNATURE = 384, AT_AUTH_SIZE = 448, AT_AUTH = 450 };
#define QE_REPORT_MIN (AT_AUTH + CERTIFICATION_HEADER)

const unsigned char azattest__sgx_intel_vendor[AZATTEST__SGX_VENDOR_SIZE] = { 0x93, 0x9a, 0x72, 0x33, 0xf7, 0x9c,
                                                                              0x4c, 0xa9, 0x94, 0x0a, 0x0d, 0xb3,
                                                                              0x95, 0x7f, 0x06, 0x07 };

const char *azattest__sgx_certification_name(unsigned type)
{
    static const char *const names[] = {
        "unknown",
        "PPID in clear",
        "PPID encrypted with RSA-2048",
        "PPID encrypted with RSA-3072",
        "PCK certificate (PEM)",
        "PCK certificate chain (PEM)",
        "report of the quoting enclave",
        "platform manifest",
    };

    return type < sizeof(names) / sizeof(names[0]) ? names[type] : names[0];
}

/* PPID, then CPUSVN (16), PCESVN (2) and PCEID (2). */
size_t azattest__sgx_certification_size(unsigned type)
{
    static const size_t ppid[] = { 0, 16, 256, 384 };

    return type >= AZATTEST__SGX_CERTIFICATION_PPID && type <= AZATTEST__SGX_CERTIFICATION_PPID_LAST ? ppid[type] + 20
                                                                                                     : 0;
}

static const char *quote_name(const azattest__intel_quote *quote)
{
    return quote->tee_type == AZATTEST__TEE_TYPE_TDX ? "TDX quote" : "SGX quote";
}

/* Which TEEs a version can speak of. */
static azattest_status check_tee(const azattest__intel_quote *quote, azattest_error **error)
{
    if (quote->tee_type == AZATTEST__TEE_TYPE_SGX ||
        (quote->tee_type == AZATTEST__TEE_TYPE_TDX && quote->version > AZATTEST__SGX_VERSION))
        return AZATTEST_OK;
    return azattest__error_set(error, AZATTEST_E_EVIDENCE,
                               "quote of version %u: TEE type at offset %d is 0x%x, expected %s", quote->version,
                               AT_TEE_TYPE, (unsigned)quote->tee_type,
                               quote->version == AZATTEST__SGX_VERSION ? "0 (SGX)" : "0 (SGX) or 0x81 (TDX)");
}

/* Version first: all other offsets depend on it. */
static azattest_status read_header(azattest_bytes bytes, azattest__intel_quote *out, azattest_error **error)
{
    const unsigned char *p = bytes.ptr;
    azattest_status status;

    if (bytes.len < AZATTEST__SGX_HEADER_SIZE)
        return azattest__error_set(error, AZATTEST_E_EVIDENCE, "quote: %zu bytes, the header alone has %u", bytes.len,
                                   AZATTEST__SGX_HEADER_SIZE);
    out->version = azattest__le16(p + AT_VERSION);
    out->attestation_key_type = azattest__le16(p + AT_KEY_TYPE);
    out->tee_type = azattest__le32(p + AT_TEE_TYPE);
    out->qe_svn = azattest__le16(p + AT_QE_SVN);
    out->pce_svn = azattest__le16(p + AT_PCE_SVN);
    out->qe_vendor_id = p + AZATTEST__SGX_VENDOR_OFFSET;
    out->user_data = p + AT_USER_DATA;
    if (out->version < AZATTEST__SGX_VERSION || out->version > AZATTEST__SGX_VERSION_LAST)
        return azattest__error_set(error, AZATTEST_E_EVIDENCE, "quote: version at offset %d is %u, expected 3, 4 or 5",
                                   AT_VERSION, out->version);
    if (out->attestation_key_type != AZATTEST__SGX_KEY_TYPE_P256)
        return azattest__error_set(error, AZATTEST_E_EVIDENCE,
                                   "quote: attestation key type at offset %d is %u, expected %u (ECDSA P-256)",
                                   AT_KEY_TYPE, out->attestation_key_type, AZATTEST__SGX_KEY_TYPE_P256);
    if ((status = check_tee(out, error)) != AZATTEST_OK)
        return status;
    if (memcmp(out->qe_vendor_id, azattest__sgx_intel_vendor, AZATTEST__SGX_VENDOR_SIZE) != 0)
        return azattest__error_set(error, AZATTEST_E_EVIDENCE,
                                   "%s: the vendor of the quoting enclave at offset %u is not Intel "
                                   "(939a7233-f79c-4ca9-940a-0db3957f0607)",
                                   quote_name(out), AZATTEST__SGX_VENDOR_OFFSET);
    return AZATTEST_OK;
}

/* Type and size of the body of version 5 must fit each other and the header's TEE. */
static azattest_status read_body_header(azattest_bytes bytes, azattest__intel_quote *out, size_t *size,
                                        azattest_error **error)
{
    static const size_t sizes[] = { 0, AZATTEST__SGX_REPORT_SIZE, AZATTEST__TDX_REPORT_10_SIZE,
                                    AZATTEST__TDX_REPORT_15_SIZE };
    const unsigned char *p = (const unsigned char *)bytes.ptr + AZATTEST__SGX_HEADER_SIZE;

    if (bytes.len < AZATTEST__SGX_HEADER_SIZE + BODY_HEADER)
        return azattest__error_set(error, AZATTEST_E_EVIDENCE,
                                   "%s: %zu bytes, it ends before the type and size of its body", quote_name(out),
                                   bytes.len);
    out->body_type = azattest__le16(p);
    if (out->body_type < BODY_SGX || out->body_type > BODY_TD_15)
        return azattest__error_set(error, AZATTEST_E_EVIDENCE,
                                   "%s: body type at offset %u is %u, expected 1 (SGX report), 2 (TD report 1.0) or 3 "
                                   "(TD report 1.5)",
                                   quote_name(out), AZATTEST__SGX_HEADER_SIZE, out->body_type);
    if ((out->body_type == BODY_SGX) != (out->tee_type == AZATTEST__TEE_TYPE_SGX))
        return azattest__error_set(error, AZATTEST_E_EVIDENCE,
                                   "%s: body type at offset %u is %u, and the TEE type 0x%x", quote_name(out),
                                   AZATTEST__SGX_HEADER_SIZE, out->body_type, (unsigned)out->tee_type);
    *size = sizes[out->body_type];
    if (azattest__le32(p + 2) != *size)
        return azattest__error_set(
            error, AZATTEST_E_EVIDENCE, "%s: body size at offset %u is %u, a body of type %u has %zu bytes",
            quote_name(out), AZATTEST__SGX_HEADER_SIZE + 2, (unsigned)azattest__le32(p + 2), out->body_type, *size);
    return AZATTEST_OK;
}

/* Header and report, which are what is signed; *end is behind them. */
static azattest_status read_body(azattest_bytes bytes, azattest__intel_quote *out, size_t *end, azattest_error **error)
{
    const unsigned char *p = bytes.ptr;
    bool tdx = out->tee_type == AZATTEST__TEE_TYPE_TDX;
    size_t at = AZATTEST__SGX_HEADER_SIZE, size = tdx ? AZATTEST__TDX_REPORT_10_SIZE : AZATTEST__SGX_REPORT_SIZE;
    azattest_status status;

    if (out->version == AZATTEST__SGX_VERSION_LAST) {
        if ((status = read_body_header(bytes, out, &size, error)) != AZATTEST_OK)
            return status;
        at += BODY_HEADER;
    }
    if (bytes.len < at + size + 4)
        return azattest__error_set(error, AZATTEST_E_EVIDENCE,
                                   "%s: %zu bytes, header, report and length of the signature data have %zu",
                                   quote_name(out), bytes.len, at + size + 4);
    if (tdx)
        azattest__tdx_report_read(p + at, size, &out->td_report);
    else
        out->report = azattest__sgx_report_read(p + at);
    *end = at + size;
    out->signed_bytes = azattest__bytes(p, *end);
    return AZATTEST_OK;
}

static void read_platform(azattest__intel_quote *out)
{
    size_t size = azattest__sgx_certification_size(out->certification_data_type);
    const unsigned char *p = out->certification_data.ptr;

    if (size == 0 || out->certification_data.len != size)
        return;
    out->platform.ppid = azattest__bytes(p, size - 20);
    out->platform.cpu_svn = p + size - 20;
    out->platform.pcesvn = azattest__le16(p + size - 4);
    out->platform.pceid = p + size - 2;
}

/* `bytes` begin `at` bytes behind the start of the quote; every length in them is compared with what is left before it
 * is used, and they must be used up. */
static azattest_status read_qe_report(azattest_bytes bytes, size_t at, azattest__intel_quote *out,
                                      azattest_error **error)
{
    const unsigned char *p = bytes.ptr;
    size_t auth, left = bytes.len - QE_REPORT_MIN, announced;

    out->qe_report = azattest__sgx_report_read(p);
    out->qe_report_signature = azattest__bytes(p + AT_QE_REPORT_SIGNATURE, 64);
    auth = azattest__le16(p + AT_AUTH_SIZE);
    if (auth > left)
        return azattest__error_set(error, AZATTEST_E_EVIDENCE,
                                   "%s: authentication data of the quoting enclave at offset %zu: %zu bytes "
                                   "announced, room for %zu",
                                   quote_name(out), at + AT_AUTH_SIZE, auth, left);
    out->qe_auth_data = azattest__bytes(p + AT_AUTH, auth);
    p += AT_AUTH + auth;
    left -= auth;
    out->certification_data_type = azattest__le16(p);
    announced = azattest__le32(p + 2);
    if (announced != left)
        return azattest__error_set(error, AZATTEST_E_EVIDENCE,
                                   "%s: certification data at offset %zu: %zu bytes announced, %zu are left of "
                                   "the signature data",
                                   quote_name(out), at + AT_AUTH + auth, announced, left);
    out->certification_data = azattest__bytes(p + CERTIFICATION_HEADER, left);
    read_platform(out);
    return AZATTEST_OK;
}

static azattest_status read_signature_data(azattest_bytes bytes, size_t at, azattest__intel_quote *out,
                                           azattest_error **error)
{
    const unsigned char *p = bytes.ptr;
    size_t before = AT_CERTIFICATION, announced;

    out->signature = azattest__bytes(p + AT_SIGNATURE, 64);
    out->attestation_key = azattest__bytes(p + AT_ATTESTATION_KEY, 64);
    if (out->version > AZATTEST__SGX_VERSION) {
        out->outer_certification_type = azattest__le16(p + before);
        announced = azattest__le32(p + before + 2);
        if (out->outer_certification_type != AZATTEST__SGX_CERTIFICATION_QE_REPORT)
            return azattest__error_set(error, AZATTEST_E_EVIDENCE,
                                       "%s: certification data at offset %zu have type %u (%s), expected 6 (%s)",
                                       quote_name(out), at + before, out->outer_certification_type,
                                       azattest__sgx_certification_name(out->outer_certification_type),
                                       azattest__sgx_certification_name(AZATTEST__SGX_CERTIFICATION_QE_REPORT));
        before += CERTIFICATION_HEADER;
        if (announced != bytes.len - before)
            return azattest__error_set(
                error, AZATTEST_E_EVIDENCE,
                "%s: certification data at offset %zu: %zu bytes announced, %zu are left of the signature data",
                quote_name(out), at + before - CERTIFICATION_HEADER, announced, bytes.len - before);
    }
    return read_qe_report(azattest__bytes(p + before, bytes.len - before), at + before, out, error);
}

azattest_status azattest__intel_quote_parse(azattest_bytes bytes, azattest__intel_quote *out, azattest_error **error)
{
    const unsigned char *p = bytes.ptr;
    azattest_status status;
    size_t end, least;

    memset(out, 0, sizeof(*out));
    if ((status = read_header(bytes, out, error)) != AZATTEST_OK ||
        (status = read_body(bytes, out, &end, error)) != AZATTEST_OK)
        return status;
    out->signature_data_size = azattest__le32(p + end);
    if (out->signature_data_size > bytes.len - (end + 4))
        return azattest__error_set(error, AZATTEST_E_EVIDENCE,
                                   "%s: signature data at offset %zu: %u bytes announced, %zu present", quote_name(out),
                                   end, (unsigned)out->signature_data_size, bytes.len - (end + 4));
    least = AT_CERTIFICATION + QE_REPORT_MIN + (out->version > AZATTEST__SGX_VERSION ? CERTIFICATION_HEADER : 0);
    if (out->signature_data_size < least)
        return azattest__error_set(error, AZATTEST_E_EVIDENCE,
                                   "%s: signature data at offset %zu: %u bytes announced, at least %zu expected",
                                   quote_name(out), end, (unsigned)out->signature_data_size, least);
    out->size = end + 4 + (size_t)out->signature_data_size;
    return read_signature_data(azattest__bytes(p + end + 4, out->signature_data_size), end + 4, out, error);
}
