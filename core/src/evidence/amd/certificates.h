/* Certificates and revocation lists of AMD's hierarchies: ARK, ASK or ASVK, VCEK or VLEK. */
#ifndef AZATTEST_EVIDENCE_AMD_CERTIFICATES_H
#define AZATTEST_EVIDENCE_AMD_CERTIFICATES_H

#include <stdatomic.h>

#include "../../json/json.h"
#include "vcek.h"

typedef enum azattest__amd_role {
    AZATTEST__AMD_OTHER = 0, /* somebody else's certificate */
    AZATTEST__AMD_ARK,
    AZATTEST__AMD_ASK,
    AZATTEST__AMD_ASVK,
    AZATTEST__AMD_VCEK,
    AZATTEST__AMD_VLEK
} azattest__amd_role;
const char *azattest__amd_role_name(azattest__amd_role role); /* "ARK" ... */
/* By its whole common name, never by a part of it: "SEV-VCEK" holds "SEV-" as well. *product (may be NULL) is that of
 * an authority's name. */
azattest__amd_role azattest__amd_role_of(const azattest__x509 *certificate, azattest__snp_product *product);
/* The list's issuer is an authority of AMD's. */
bool azattest__amd_is_crl(const azattest__x509_crl *crl);

typedef struct azattest__amd_certificate {
    azattest__buf der;
    azattest__x509 x509;
    azattest__amd_role role;
    azattest__snp_product product; /* of an authority: its name's; of a VCEK or VLEK: its extension's */
    azattest__vcek vcek;           /* of a VCEK or VLEK */
    bool has_tcbm;                 /* a document that it came in names a TCB version: */
    unsigned char tcbm[AZATTEST__SNP_TCB_SIZE];
    /* Of the same set, its signature verified; NULL: none, or not looked for yet. Found when it is needed, and kept. */
    _Atomic(struct azattest__amd_certificate *) issuer;
} azattest__amd_certificate;

typedef struct azattest__amd_crl {
    azattest__buf der;
    azattest__x509_crl crl;
} azattest__amd_crl;

typedef struct azattest__amd_items {
    azattest__amd_certificate **certificates;
    azattest__amd_crl **crls;
    size_t certificate_count, crl_count;
} azattest__amd_items;

void azattest__amd_items_clear(azattest__amd_items *items);
/* Goes back to the counts that there were before: what was added since is gone. */
void azattest__amd_items_cut(azattest__amd_items *items, size_t certificate_count, size_t crl_count);
/* Copies the DER. What is there already is not added again. AZATTEST_E_MALFORMED; AZATTEST_E_UNSUPPORTED when it is not
 * AMD's; AZATTEST_E_LIMIT. */
azattest_status azattest__amd_add_certificate(azattest__amd_items *items, azattest_bytes der, azattest_error **error);
azattest_status azattest__amd_add_crl(azattest__amd_items *items, azattest_bytes der, azattest_error **error);
/* The authority of `sets` whose name and key issued the certificate; NULL, with an error, when there is none. One of
 * the certificate's own set is kept in it, so that the next report costs no signature. */
azattest__amd_certificate *azattest__amd_find_issuer(const azattest__amd_items *const *sets, size_t count,
                                                     azattest__amd_certificate *certificate, azattest_error **error);

/* The SHA-256 of the SubjectPublicKeyInfo is that of the ARK of a product, which is given; unknown: of none. */
azattest_status azattest__amd_pinned_product(const azattest__x509 *certificate, azattest__snp_product *product,
                                             azattest_error **error);

#endif
