/* Body of a TDX quote, versions 4 and 5. Source: Intel TDX DCAP quoting library reference, sections A.3 and A.4. */
#ifndef AZATTEST_EVIDENCE_INTEL_TDX_REPORT_H
#define AZATTEST_EVIDENCE_INTEL_TDX_REPORT_H

#include "../../error/error.h"

#define AZATTEST__TDX_REPORT_10_SIZE 584u
#define AZATTEST__TDX_REPORT_15_SIZE 648u
#define AZATTEST__TDX_MEASUREMENT_SIZE 48u
/* Attributes. DEBUG is one of the bits of "TD under debug": a TD with any of them keeps no secret from its host. */
#define AZATTEST__TDX_FLAG_DEBUG (UINT64_C(1) << 0)
#define AZATTEST__TDX_FLAGS_UNDER_DEBUG UINT64_C(0xff)
#define AZATTEST__TDX_FLAG_SEPT_VE_DISABLE (UINT64_C(1) << 28)
#define AZATTEST__TDX_FLAG_MIGRATABLE (UINT64_C(1) << 29)

/* Pointers into the quote; sizes as in the specification: 16 (SVNs), 48 (measurements), 64 (report data). */
typedef struct azattest__tdx_report {
    const unsigned char *body;
    size_t size; /* 584 or 648 */
    const unsigned char *tee_tcb_svn, *mr_seam, *mr_signer_seam, *mr_td, *mr_config_id, *mr_owner, *mr_owner_config,
        *rtmr[4], *report_data;
    uint64_t seam_attributes, td_attributes, xfam;
    const unsigned char *tee_tcb_svn2, *mr_service_td; /* TD report 1.5 only, else NULL */
} azattest__tdx_report;

/* The size was checked by the caller. */
void azattest__tdx_report_read(const unsigned char *body, size_t size, azattest__tdx_report *out);

#endif
