/* What a virtual machine's evidence says of it, read at plain offsets: enough to compare a token with what was sent.
 * Nothing is verified here. Fields point into the evidence. */
#ifndef AZATTEST_EVIDENCE_VM_REPORT_H
#define AZATTEST_EVIDENCE_VM_REPORT_H

#include <azattest/evidence.h>

#include "../error/error.h"

#include "amd/report.h"

/* The body of a TDX quote, version 4 or 5. Source: Intel TDX DCAP quoting library reference, sections A.3 and A.4. */
typedef struct azattest__tdx_body {
    azattest_bytes tee_tcb_svn, mr_seam, mr_signer_seam, mr_td, mr_config_id, mr_owner, mr_owner_config, rtmr[4],
        report_data;
    bool is_debuggable; /* TDATTRIBUTES bit 0 */
} azattest__tdx_body;
/* AZATTEST_E_EVIDENCE: not a whole body; AZATTEST_E_UNSUPPORTED: a version or a kind of body that is not known. */
azattest_status azattest__tdx_body_read(azattest_bytes quote, azattest__tdx_body *out, azattest_error **error);

/* Which call the bytes are for, by their first ones: "sgx_quote", "open_enclave_report", "tdx_quote", "snp_report";
 * NULL for anything else. */
const char *azattest__evidence_sniff(azattest_bytes raw);

#endif
