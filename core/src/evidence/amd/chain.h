/* The certificates that one report needs, out of those at hand. */
#ifndef AZATTEST_EVIDENCE_AMD_CHAIN_H
#define AZATTEST_EVIDENCE_AMD_CHAIN_H

#include "certificates.h"

#define AZATTEST__AMD_SETS 3u /* what came with the report, the caller's collateral, the caller's roots */

typedef struct azattest__amd_chain {
    azattest__amd_certificate *leaf, *authority, *root; /* NULL: not found */
    bool is_root_sound;                                 /* its own signature verifies */
    size_t leaf_count;                                  /* VCEKs and VLEKs at hand */
    azattest_error *error;                              /* why it does not end at a root, or NULL */
} azattest__amd_chain;

/* Whose key signed the report, as far as names tell: of the kind that the report names, of its chip and TCB. When none
 * fits, the one that comes nearest, so that the verdict can say in what it does not. */
void azattest__amd_chain_find(const azattest__amd_items *const sets[AZATTEST__AMD_SETS],
                              const azattest__snp_report *report, azattest__amd_chain *out);
void azattest__amd_chain_clear(azattest__amd_chain *chain);
/* Every signature of the chain is RSASSA-PSS, names and products agree, the leaf's key is on P-384.
 * AZATTEST_E_EVIDENCE_INVALID says what is not so. */
azattest_status azattest__amd_chain_check(const azattest__amd_chain *chain, azattest_error **error);

#endif
