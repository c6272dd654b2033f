/* Between the files that verify what is Intel's. */
#ifndef AZATTEST_EVIDENCE_INTEL_VERIFY_H
#define AZATTEST_EVIDENCE_INTEL_VERIFY_H

#include "../../crypto/x509.h"
#include "../verdict/verification.h"

/* Which trusted key a root has: "intel", "extra" or NULL. */
const char *azattest__intel_trusts(const azattest__verification *v, const azattest__x509 *root);
/* Certification data without a chain: makes one of the collateral's certificates, whose leaf's key signed the report of
 * the quoting enclave. count is 0 when there is none. AZATTEST_E_MEMORY alone is a failure. */
azattest_status azattest__intel_find_pck(const azattest__verification *v, azattest__pck *out);
/* All that needs collateral: adds its checks and runs them, or names what is not checked. `chain`: the three
 * certificates of a PCK chain that verified under a trusted root; NULL: there is none. */
azattest_status azattest__verify_intel_collateral(azattest__verification *v, const azattest__x509 *chain);

#endif
