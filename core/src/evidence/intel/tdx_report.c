#include "tdx_report.h"

/* From the start of the body. */
enum {
    AT_TEE_TCB_SVN = 0,
    AT_MR_SEAM = 16,
    AT_MR_SIGNER_SEAM = 64,
    AT_SEAM_ATTRIBUTES = 112,
    AT_TD_ATTRIBUTES = 120,
    AT_XFAM = 128,
    AT_MR_TD = 136,
    AT_MR_CONFIG_ID = 184,
    AT_MR_OWNER = 232,
    AT_MR_OWNER_CONFIG = 280,
    AT_RTMR0 = 328,
    AT_REPORT_DATA = 520,
    AT_TEE_TCB_SVN2 = 584, /* from here on of TD report 1.5 alone */
    AT_MR_SERVICE_TD = 600
};

void azattest__tdx_report_read(const unsigned char *body, size_t size, azattest__tdx_report *out)
{
    *out = (azattest__tdx_report){
        .body = body,
        .size = size,
        .tee_tcb_svn = body + AT_TEE_TCB_SVN,
        .mr_seam = body + AT_MR_SEAM,
        .mr_signer_seam = body + AT_MR_SIGNER_SEAM,
        .seam_attributes = azattest__le64(body + AT_SEAM_ATTRIBUTES),
        .td_attributes = azattest__le64(body + AT_TD_ATTRIBUTES),
        .xfam = azattest__le64(body + AT_XFAM),
        .mr_td = body + AT_MR_TD,
        .mr_config_id = body + AT_MR_CONFIG_ID,
        .mr_owner = body + AT_MR_OWNER,
        .mr_owner_config = body + AT_MR_OWNER_CONFIG,
        .report_data = body + AT_REPORT_DATA,
    };
    for (size_t i = 0; i < 4; i++)
        out->rtmr[i] = body + AT_RTMR0 + i * AZATTEST__TDX_MEASUREMENT_SIZE;
    if (size == AZATTEST__TDX_REPORT_15_SIZE) {
        out->tee_tcb_svn2 = body + AT_TEE_TCB_SVN2;
        out->mr_service_td = body + AT_MR_SERVICE_TD;
    }
}
