/* Revocation lists of AMD: what they say of the chain of one report. */
#ifndef AZATTEST_EVIDENCE_AMD_REVOCATION_H
#define AZATTEST_EVIDENCE_AMD_REVOCATION_H

#include "../verdict/verification.h"
#include "chain.h"

/* Adds and makes "vcek_revocation" and "collateral_validity" when there is a list of the chain's authorities; leaves
 * "revocation" when there is none. */
azattest_status azattest__amd_check_revocation(azattest__verification *v,
                                               const azattest__amd_items *const sets[AZATTEST__AMD_SETS],
                                               const azattest__amd_chain *chain);

#endif
