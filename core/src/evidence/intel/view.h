/* One verification of a quote with a set of collateral: what its files share. */
#ifndef AZATTEST_EVIDENCE_INTEL_VIEW_H
#define AZATTEST_EVIDENCE_INTEL_VIEW_H

#include "../collateral/collateral.h"
#include "verify.h"

/* Documents by their kind. */
enum { AZATTEST__TCB_INFO, AZATTEST__QE_IDENTITY };

/* One verification's view of the set. A piece that is not there is NULL, and named in the verdict. */
typedef struct azattest__intel_view {
    azattest__verification *v;
    const azattest_collateral *c;
    bool tdx;
    const azattest__x509 *leaf, *intermediate, *root; /* the PCK chain, when it verified */
    bool wants_root_crl, wants_pck_crl;               /* there are lists, for whichever issuer */
    azattest__collateral_crl *root_crl, *pck_crl;     /* of the right issuer */
    bool root_crl_good, pck_crl_good;
    azattest__collateral_document *documents[2]; /* TCB info, QE identity */
    const azattest__document_finding *findings[2];
    bool good[2];    /* signed under a trusted root, and read */
    bool matches[2]; /* is about this platform, this quoting enclave */
    bool module_good;
    const azattest__tdx_module *module; /* of a module with an identity of its own */
} azattest__intel_view;

/* "the TCB info", "the QE identity". */
extern const char *const azattest__intel_document_names[2];

/* Signature and content of both documents, and whether they are about this platform, its TDX module and its quoting
 * enclave. Checks that were added. */
azattest_status azattest__verify_documents(azattest__intel_view *w);
azattest_status azattest__verify_matches(azattest__intel_view *w);
/* tcb_level and tcb_status. */
azattest_status azattest__verify_tcb(azattest__intel_view *w);
/* The level that the quoting enclave reaches in the identity; NULL: none. */
const azattest__isvsvn_level *azattest__intel_qe_level(const azattest__intel_view *w);

#endif
