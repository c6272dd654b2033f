#include "quote.h"

/* Header, from the start of the quote. */
enum {
    AT_VERSION = 0,
    AT_KEY_TYPE = 2,
    AT_TEE_TYPE = 4,
    AT_QE_SVN = 8,
    AT_PCE_SVN = 10,
    AT_USER_DATA = 28,
    AT_SIGNATURE_SIZE = 432,
    AT_SIGNATURE_DATA = 436
};

/* Report body, from its start. */
enum {
    AT_CPU_SVN = 0,
    AT_MISC_SELECT = 16,
    AT_CET_ATTRIBUTES = 20,
    AT_EXT_PRODUCT_ID = 32,
    AT_FLAGS = 48,
    AT_XFRM = 56,
    AT_MR_ENCLAVE = 64,
    AT_MR_SIGNER = 128,
    AT_CONFIG_ID = 192,
    AT_PRODUCT_ID = 256,
    AT_SVN = 258,
    AT_CONFIG_SVN = 260,
    AT_FAMILY_ID = 304,
    AT_REPORT_DATA = 320
};

/* Signature data, from its start. */
enum {
    AT_SIGNATURE = 0,
    AT_ATTESTATION_KEY = 64,
    AT_QE_REPORT = 128,
    AT_QE_REPORT_SIGNATURE = 512,
    AT_AUTH_SIZE = 576,
    AT_AUTH = 578,
    CERTIFICATION_HEADER = 6 /* u16 type, u32 size, behind the authentication data */
};
#define SIGNATURE_DATA_MIN (AT_AUTH + CERTIFICATION_HEADER)

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

static azattest__sgx_report read_report(const unsigned char *body)
{
    azattest__sgx_report report = {
        .body = body,
        .cpu_svn = body + AT_CPU_SVN,
        .misc_select = azattest__le32(body + AT_MISC_SELECT),
        .cet_attributes = body + AT_CET_ATTRIBUTES,
        .isv_ext_product_id = body + AT_EXT_PRODUCT_ID,
        .attributes_flags = azattest__le64(body + AT_FLAGS),
        .attributes_xfrm = azattest__le64(body + AT_XFRM),
        .mr_enclave = body + AT_MR_ENCLAVE,
        .mr_signer = body + AT_MR_SIGNER,
        .config_id = body + AT_CONFIG_ID,
        .isv_product_id = azattest__le16(body + AT_PRODUCT_ID),
        .isv_svn = azattest__le16(body + AT_SVN),
        .config_svn = azattest__le16(body + AT_CONFIG_SVN),
        .isv_family_id = body + AT_FAMILY_ID,
        .report_data = body + AT_REPORT_DATA,
    };

    return report;
}

/* Version first: all other offsets depend on it. */
static azattest_status read_header(azattest_bytes bytes, azattest__intel_quote *out, azattest_error **error)
{
    const unsigned char *p = bytes.ptr;

    if (bytes.len < AZATTEST__SGX_HEADER_SIZE)
        return azattest__error_set(error, AZATTEST_E_EVIDENCE, "SGX quote: %zu bytes, the header alone has %u",
                                   bytes.len, AZATTEST__SGX_HEADER_SIZE);
    out->version = azattest__le16(p + AT_VERSION);
    out->attestation_key_type = azattest__le16(p + AT_KEY_TYPE);
    out->tee_type = azattest__le32(p + AT_TEE_TYPE);
    out->qe_svn = azattest__le16(p + AT_QE_SVN);
    out->pce_svn = azattest__le16(p + AT_PCE_SVN);
    out->qe_vendor_id = p + AZATTEST__SGX_VENDOR_OFFSET;
    out->user_data = p + AT_USER_DATA;
    if (out->version != AZATTEST__SGX_VERSION)
        return azattest__error_set(error, AZATTEST_E_EVIDENCE, "SGX quote: version at offset %d is %u, expected %u",
                                   AT_VERSION, out->version, AZATTEST__SGX_VERSION);
    if (out->attestation_key_type != AZATTEST__SGX_KEY_TYPE_P256)
        return azattest__error_set(error, AZATTEST_E_EVIDENCE,
                                   "SGX quote: attestation key type at offset %d is %u, expected %u (ECDSA P-256)",
                                   AT_KEY_TYPE, out->attestation_key_type, AZATTEST__SGX_KEY_TYPE_P256);
    if (out->tee_type != 0)
        return azattest__error_set(error, AZATTEST_E_EVIDENCE,
                                   "SGX quote: TEE type at offset %d is 0x%x, expected 0 (SGX)", AT_TEE_TYPE,
                                   (unsigned)out->tee_type);
    if (memcmp(out->qe_vendor_id, azattest__sgx_intel_vendor, AZATTEST__SGX_VENDOR_SIZE) != 0)
        return azattest__error_set(error, AZATTEST_E_EVIDENCE,
                                   "SGX quote: the vendor of the quoting enclave at offset %u is not Intel "
                                   "(939a7233-f79c-4ca9-940a-0db3957f0607)",
                                   AZATTEST__SGX_VENDOR_OFFSET);
    return AZATTEST_OK;
}

/* `p` has `size` bytes, and every length in it is compared with what is left before it is used. */
static azattest_status read_signature_data(const unsigned char *p, size_t size, azattest__intel_quote *out,
                                           azattest_error **error)
{
    size_t auth, left, announced;

    out->signature = azattest__bytes(p + AT_SIGNATURE, 64);
    out->attestation_key = azattest__bytes(p + AT_ATTESTATION_KEY, 64);
    out->qe_report = read_report(p + AT_QE_REPORT);
    out->qe_report_signature = azattest__bytes(p + AT_QE_REPORT_SIGNATURE, 64);
    auth = azattest__le16(p + AT_AUTH_SIZE);
    left = size - SIGNATURE_DATA_MIN;
    if (auth > left)
        return azattest__error_set(error, AZATTEST_E_EVIDENCE,
                                   "SGX quote: authentication data of the quoting enclave at offset %d: %zu bytes "
                                   "announced, room for %zu",
                                   AT_SIGNATURE_DATA + AT_AUTH_SIZE, auth, left);
    out->qe_auth_data = azattest__bytes(p + AT_AUTH, auth);
    p += AT_AUTH + auth;
    left -= auth;
    out->certification_data_type = azattest__le16(p);
    announced = azattest__le32(p + 2);
    if (announced != left)
        return azattest__error_set(error, AZATTEST_E_EVIDENCE,
                                   "SGX quote: certification data at offset %zu: %zu bytes announced, %zu are left of "
                                   "the signature data",
                                   (size_t)AT_SIGNATURE_DATA + AT_AUTH + auth, announced, left);
    out->certification_data = azattest__bytes(p + CERTIFICATION_HEADER, left);
    return AZATTEST_OK;
}

azattest_status azattest__intel_quote_parse(azattest_bytes bytes, azattest__intel_quote *out, azattest_error **error)
{
    const unsigned char *p = bytes.ptr;
    azattest_status status;

    memset(out, 0, sizeof(*out));
    if ((status = read_header(bytes, out, error)) != AZATTEST_OK)
        return status;
    if (bytes.len < AT_SIGNATURE_DATA)
        return azattest__error_set(error, AZATTEST_E_EVIDENCE,
                                   "SGX quote: %zu bytes, header, report and length of the signature data have %d",
                                   bytes.len, AT_SIGNATURE_DATA);
    out->report = read_report(p + AZATTEST__SGX_HEADER_SIZE);
    out->signed_bytes = azattest__bytes(p, AZATTEST__SGX_SIGNED_SIZE);
    out->signature_data_size = azattest__le32(p + AT_SIGNATURE_SIZE);
    if (out->signature_data_size > bytes.len - AT_SIGNATURE_DATA)
        return azattest__error_set(
            error, AZATTEST_E_EVIDENCE, "SGX quote: signature data at offset %d: %u bytes announced, %zu present",
            AT_SIGNATURE_SIZE, (unsigned)out->signature_data_size, bytes.len - AT_SIGNATURE_DATA);
    if (out->signature_data_size < SIGNATURE_DATA_MIN)
        return azattest__error_set(error, AZATTEST_E_EVIDENCE,
                                   "SGX quote: signature data at offset %d: %u bytes announced, at least %d expected",
                                   AT_SIGNATURE_SIZE, (unsigned)out->signature_data_size, SIGNATURE_DATA_MIN);
    out->size = AT_SIGNATURE_DATA + (size_t)out->signature_data_size;
    return read_signature_data(p + AT_SIGNATURE_DATA, out->signature_data_size, out, error);
}
