/* What AMD certifies about the key that signs reports: the extensions of a VCEK or VLEK. Source: AMD publication 57230,
 * tables "VCEK certificate extensions" and "VLEK certificate extensions". */
#ifndef AZATTEST_EVIDENCE_AMD_VCEK_H
#define AZATTEST_EVIDENCE_AMD_VCEK_H

#include "../../crypto/x509.h"
#include "report.h"

#define AZATTEST__VCEK_PROBLEM 128u

/* Whatever a certificate lacks, or has in a form that is not known, makes the part unusable and says why; the verdict's
 * check of that part then fails. "" : usable. */
typedef struct azattest__vcek {
    int struct_version;    /* 0 before Turin, 1 since; -1: not said */
    char product_text[32]; /* "Milan-B0" */
    azattest__snp_product product;
    azattest__snp_tcb tcb;
    azattest_bytes hardware_id; /* of a VCEK: 64 bytes, from Turin on 8 */
    azattest_bytes csp_id;      /* of a VLEK: who has it, as text */
    char product_problem[AZATTEST__VCEK_PROBLEM], tcb_problem[AZATTEST__VCEK_PROBLEM],
        identity_problem[AZATTEST__VCEK_PROBLEM];
} azattest__vcek;

/* Reads them; `is_vlek` by the certificate's name. Total: there is no failure but those that `out` tells. */
void azattest__vcek_read(const azattest__x509 *certificate, bool is_vlek, azattest__vcek *out);
/* The hardware id is the chip id: all 64 bytes, or the first 8 with zeros behind them. */
bool azattest__vcek_is_of_chip(const azattest__vcek *vcek, const unsigned char chip_id[AZATTEST__SNP_CHIP_ID_SIZE]);

#endif
