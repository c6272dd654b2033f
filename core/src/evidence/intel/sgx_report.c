/* The report body of an enclave: of the one that is attested, and of the quoting enclave. */
#include "quote.h"

/* From the start of the body. */
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

azattest__sgx_report azattest__sgx_report_read(const unsigned char *body)
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
