/* What a virtual machine's evidence says of it, read at plain offsets: enough to compare a token with what was sent.
 * Nothing is verified here. Fields point into the evidence. */
#ifndef AZATTEST_EVIDENCE_VM_REPORT_H
#define AZATTEST_EVIDENCE_VM_REPORT_H

#include <azattest/evidence.h>

#include "../error/error.h"

#include "amd/report.h"

/* An SEV-SNP attestation report, versions 2 to 5. Source: AMD publication 56860, table "ATTESTATION_REPORT". */
typedef struct azattest__snp_outline {
    uint32_t guest_svn, vmpl;
    azattest_bytes family_id, image_id, report_data, measurement, host_data, id_key_digest, author_key_digest,
        report_id;
    bool is_smt_allowed, is_migration_allowed, is_debuggable; /* bits of the guest's policy */
} azattest__snp_outline;
azattest_status azattest__snp_outline_read(azattest_bytes report, azattest__snp_outline *out, azattest_error **error);

/* The bytes are as long as one, and begin so. */
bool azattest__snp_looks_like(azattest_bytes raw);

#endif
