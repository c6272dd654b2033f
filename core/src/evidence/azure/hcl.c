/* HCL reports: bounds first, the vendor's own parser has none. */
#include "hcl.h"

#include <stdio.h>

#include <azattest/limits.h>

#define HEADER_SIZE 32u
#define HARDWARE_SIZE 1184u
#define DATA_HEADER_SIZE 20u
#define CLAIMS_OFFSET (HEADER_SIZE + HARDWARE_SIZE + DATA_HEADER_SIZE)
#define REQUEST_AK_CERTIFICATE 2u
#define TD_REPORT_TYPE 0x81u

static const unsigned char magic[4] = { 'H', 'C', 'L', 'A' };

bool azattest__hcl_looks_like(azattest_bytes raw)
{
    return raw.len >= sizeof(magic) && memcmp(raw.ptr, magic, sizeof(magic)) == 0;
}

const char *azattest__hcl_type_name(uint32_t type)
{
    return type == AZATTEST__HCL_SNP              ? "snp"
           : type == AZATTEST__HCL_TDX            ? "tdx"
           : type == AZATTEST__HCL_TRUSTED_LAUNCH ? "trusted_launch"
                                                  : NULL;
}

static bool all_zero(const void *data, size_t len)
{
    const unsigned char *p = data;

    for (size_t i = 0; i < len; i++)
        if (p[i] != 0)
            return false;
    return true;
}

azattest_status azattest__td_report_parse(azattest_bytes bytes, azattest__td_report *out, azattest_error **error)
{
    const unsigned char *p = bytes.ptr;

    memset(out, 0, sizeof(*out));
    if (bytes.len < AZATTEST__TD_REPORT_SIZE)
        return azattest__error_set(error, AZATTEST_E_EVIDENCE, "TDREPORT: %zu bytes, it has %u", bytes.len,
                                   AZATTEST__TD_REPORT_SIZE);
    if (p[0] != TD_REPORT_TYPE)
        return azattest__error_set(error, AZATTEST_E_EVIDENCE,
                                   "TDREPORT: its type at offset 0 is 0x%02x, expected 0x81", p[0]);
    out->body = p;
    out->report_data = p + 128;
    out->tee_tcb_svn = p + 264;
    out->mr_seam = p + 280;
    out->mr_signer_seam = p + 328;
    out->seam_attributes = azattest__le64(p + 376);
    out->tee_tcb_svn2 = p + 384;
    out->td_attributes = azattest__le64(p + 512);
    out->xfam = azattest__le64(p + 520);
    out->mr_td = p + 528;
    out->mr_config_id = p + 576;
    out->mr_owner = p + 624;
    out->mr_owner_config = p + 672;
    for (size_t i = 0; i < 4; i++)
        out->rtmr[i] = p + 720 + 48 * i;
    out->mr_service_td = p + 912;
    return AZATTEST_OK;
}

/* Each size is compared before it is used, and none is added to another before it is known to be small. */
static azattest_status check_sizes(azattest_bytes bytes, uint32_t report_size, uint32_t data_size, uint32_t claims_size,
                                   azattest_error **error)
{
    if (claims_size == 0)
        return azattest__error_set(error, AZATTEST_E_EVIDENCE, "HCL report: runtime claims of 0 bytes");
    if (claims_size > AZATTEST_LIMIT_RUNTIME_CLAIMS)
        return azattest__error_set(error, AZATTEST_E_LIMIT, "HCL report: runtime claims of %u bytes, more than %u",
                                   (unsigned)claims_size, AZATTEST_LIMIT_RUNTIME_CLAIMS);
    if (claims_size > bytes.len - CLAIMS_OFFSET)
        return azattest__error_set(error, AZATTEST_E_EVIDENCE,
                                   "HCL report: runtime claims of %u bytes at offset %u, only %zu bytes are there",
                                   (unsigned)claims_size, CLAIMS_OFFSET, bytes.len - CLAIMS_OFFSET);
    if (data_size != DATA_HEADER_SIZE + claims_size)
        return azattest__error_set(error, AZATTEST_E_EVIDENCE,
                                   "HCL report: data of %u bytes at offset %u, expected %u with runtime claims of %u",
                                   (unsigned)data_size, HEADER_SIZE + HARDWARE_SIZE,
                                   (unsigned)(DATA_HEADER_SIZE + claims_size), (unsigned)claims_size);
    if (report_size != CLAIMS_OFFSET + claims_size)
        return azattest__error_set(
            error, AZATTEST_E_EVIDENCE, "HCL report: a size of %u at offset 8, expected %u with runtime claims of %u",
            (unsigned)report_size, (unsigned)(CLAIMS_OFFSET + claims_size), (unsigned)claims_size);
    return AZATTEST_OK;
}

static azattest_status check_kind(const azattest__hcl_report *report, azattest_error **error)
{
    if (report->version == 0)
        return azattest__error_set(error, AZATTEST_E_UNSUPPORTED, "HCL report: version 0");
    if (azattest__hcl_type_name(report->type) == NULL)
        return azattest__error_set(error, AZATTEST_E_UNSUPPORTED,
                                   "HCL report: of type %u; 2 (SEV-SNP), 3 (Trusted Launch) and 4 (TDX) are known",
                                   (unsigned)report->type);
    if (report->hash_type < 1 || report->hash_type > 3)
        return azattest__error_set(error, AZATTEST_E_UNSUPPORTED,
                                   "HCL report: hash type %u; 1 (SHA-256), 2 (SHA-384) and 3 (SHA-512) are known",
                                   (unsigned)report->hash_type);
    return AZATTEST_OK;
}

azattest_status azattest__hcl_report_parse(azattest_bytes bytes, azattest__hcl_report *out, azattest_error **error)
{
    const unsigned char *p = bytes.ptr, *data = p + HEADER_SIZE + HARDWARE_SIZE;
    azattest_status status;
    uint32_t data_size, claims_size;

    memset(out, 0, sizeof(*out));
    if (!azattest__hcl_looks_like(bytes))
        return azattest__error_set(error, AZATTEST_E_EVIDENCE, "HCL report: it does not begin with \"HCLA\"");
    if (bytes.len < CLAIMS_OFFSET)
        return azattest__error_set(error, AZATTEST_E_EVIDENCE,
                                   "HCL report: %zu bytes, without its runtime claims it has %u", bytes.len,
                                   CLAIMS_OFFSET);
    out->version = azattest__le32(p + 4);
    out->report_size = azattest__le32(p + 8);
    out->request_type = azattest__le32(p + 12);
    data_size = azattest__le32(data);
    out->data_version = azattest__le32(data + 4);
    out->type = azattest__le32(data + 8);
    out->hash_type = azattest__le32(data + 12);
    claims_size = azattest__le32(data + 16);
    if ((status = check_sizes(bytes, out->report_size, data_size, claims_size, error)) != AZATTEST_OK ||
        (status = check_kind(out, error)) != AZATTEST_OK)
        goto failed;
    out->hardware_report = azattest__bytes(p + HEADER_SIZE, HARDWARE_SIZE);
    out->runtime_claims = azattest__bytes(p + CLAIMS_OFFSET, claims_size);
    out->trailing = azattest__bytes(p + CLAIMS_OFFSET + claims_size, bytes.len - CLAIMS_OFFSET - claims_size);
    if (out->type != AZATTEST__HCL_TDX ||
        (status = azattest__td_report_parse(out->hardware_report, &out->td_report, error)) == AZATTEST_OK)
        return AZATTEST_OK;
failed:
    memset(out, 0, sizeof(*out));
    return status;
}

/* A TDREPORT has digests of its two parts. Its MAC cannot be checked elsewhere, but what does not even agree with
 * itself was changed. Source: Intel TDX module specification, REPORTMACSTRUCT. */
static azattest_status check_td_report(const unsigned char *body, azattest_error **error)
{
    static const struct {
        size_t digest, offset, size;
        const char *name;
    } parts[] = { { 32, 256, 239, "TEE_TCB_INFO" }, { 80, 512, 512, "TDINFO" } };
    unsigned char digest[AZATTEST__HASH_MAX];
    azattest_status status;
    size_t len;

    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        if ((status = azattest__digest(AZATTEST__SHA384, azattest__bytes(body + parts[i].offset, parts[i].size), digest,
                                       &len, error)) != AZATTEST_OK)
            return status;
        if (memcmp(digest, body + parts[i].digest, len) != 0)
            return azattest__error_set(error, AZATTEST_E_EVIDENCE_INVALID,
                                       "TDREPORT: its digest of %s is not the SHA-384 of it", parts[i].name);
    }
    if (!all_zero(body + AZATTEST__TD_REPORT_SIZE, HARDWARE_SIZE - AZATTEST__TD_REPORT_SIZE))
        return azattest__error_set(error, AZATTEST_E_EVIDENCE_INVALID, "HCL report: bytes behind the TDREPORT");
    return AZATTEST_OK;
}

azattest_status azattest__hcl_report_check(const azattest__hcl_report *report, azattest_error **error)
{
    const unsigned char *start = (const unsigned char *)report->hardware_report.ptr - HEADER_SIZE;

    if (report->request_type != REQUEST_AK_CERTIFICATE)
        return azattest__error_set(error, AZATTEST_E_EVIDENCE_INVALID,
                                   "HCL report: request type %u, expected 2 (certificate of the attestation key)",
                                   (unsigned)report->request_type);
    if (report->data_version != 1)
        return azattest__error_set(error, AZATTEST_E_EVIDENCE_INVALID, "HCL report: data of version %u, expected 1",
                                   (unsigned)report->data_version);
    if (!all_zero(start + 16, HEADER_SIZE - 16))
        return azattest__error_set(error, AZATTEST_E_EVIDENCE_INVALID, "HCL report: its reserved bytes are not zero");
    if (!all_zero(report->trailing.ptr, report->trailing.len))
        return azattest__error_set(error, AZATTEST_E_EVIDENCE_INVALID,
                                   "HCL report: the %zu bytes behind the runtime claims are not all zero",
                                   report->trailing.len);
    return report->td_report.body == NULL ? AZATTEST_OK : check_td_report(report->td_report.body, error);
}

azattest_status azattest__runtime_claims_bound(azattest_bytes claims, uint32_t hash_type,
                                               const unsigned char report_data[64], azattest_error **error)
{
    static const struct {
        azattest__hash hash;
        const char *name;
    } hashes[] = { { AZATTEST__SHA256, "SHA-256" }, { AZATTEST__SHA384, "SHA-384" }, { AZATTEST__SHA512, "SHA-512" } };
    unsigned char expected[AZATTEST__HASH_MAX], digest[AZATTEST__HASH_MAX];
    azattest_status status;
    size_t len;

    if (hash_type < 1 || hash_type > 3)
        return azattest__error_set(error, AZATTEST_E_EVIDENCE_INVALID, "hash type %u is not known",
                                   (unsigned)hash_type);
    if ((status = azattest__digest(hashes[hash_type - 1].hash, claims, digest, &len, error)) != AZATTEST_OK)
        return status;
    memset(expected, 0, sizeof(expected));
    memcpy(expected, digest, len);
    if (!azattest__bytes_equal_constant_time(azattest__bytes(expected, sizeof(expected)),
                                             azattest__bytes(report_data, sizeof(expected))))
        return azattest__error_set(error, AZATTEST_E_EVIDENCE_INVALID,
                                   "the %s of the runtime claims (%zu bytes), with zeros behind it, is not the report "
                                   "data",
                                   hashes[hash_type - 1].name, claims.len);
    return AZATTEST_OK;
}
