/* Intel's signed documents: TCB info and the identities of quoting enclaves, as plans that tests can bend before they
 * are printed, and texts that they can change before they are signed. */
#ifndef AZATTEST_SIMULATOR_DOCUMENTS_H
#define AZATTEST_SIMULATOR_DOCUMENTS_H

#include "platform.h"

#define DOCUMENT_LEVELS 8
#define DOCUMENT_MODULES 4

typedef struct azattest__tcb_level_plan {
    unsigned sgx[16], tdx[16], pcesvn; /* not bytes: a test may want 256 */
    size_t sgx_count, tdx_count;       /* components written; 0: 16 */
    const char *date, *status;
    const char *advisories; /* separated by commas; NULL or "": the member is left out */
} azattest__tcb_level_plan;

typedef struct azattest__svn_level_plan {
    unsigned isvsvn;
    const char *date, *status, *advisories;
} azattest__svn_level_plan;

typedef struct azattest__module_plan {
    char id[8]; /* "TDX_01" */
    unsigned char mr_signer[48], attributes[8], mask[8];
    azattest__svn_level_plan levels[DOCUMENT_LEVELS];
    size_t level_count;
} azattest__module_plan;

typedef struct azattest__tcb_info_plan {
    bool tdx;       /* with TDX components and modules */
    const char *id; /* NULL: none, as version 2 */
    unsigned version, evaluation;
    int64_t issued, next; /* seconds */
    unsigned char fmspc[6], pceid[2];
    bool without_tdx_components;
    azattest__module_plan modules[DOCUMENT_MODULES]; /* the first is "tdxModule" too */
    size_t module_count, listed_from;                /* modules from that one on stand in tdxModuleIdentities */
    azattest__tcb_level_plan levels[DOCUMENT_LEVELS];
    size_t level_count;
} azattest__tcb_info_plan;

typedef struct azattest__identity_plan {
    const char *id;
    unsigned version, evaluation;
    int64_t issued, next;
    unsigned char misc_select[4], misc_mask[4], attributes[16], attributes_mask[16], mr_signer[32];
    unsigned product_id;
    azattest__svn_level_plan levels[DOCUMENT_LEVELS];
    size_t level_count;
} azattest__identity_plan;

/* What the machine's state says. */
azattest_status azattest__tcb_info_fill(const azattest__machine *machine, bool tdx, azattest__tcb_info_plan *out,
                                        azattest_error **error);
azattest_status azattest__identity_fill(const azattest__machine *machine, bool tdx, azattest__identity_plan *out,
                                        azattest_error **error);
/* The inner object, compact, in Intel's order of members; appends. */
azattest_status azattest__tcb_info_print(const azattest__tcb_info_plan *plan, azattest__buf *out,
                                         azattest_error **error);
azattest_status azattest__identity_print(const azattest__identity_plan *plan, azattest__buf *out,
                                         azattest_error **error);
/* 128 hexadecimal digits: r and s over the text, by the TCB signing key or, `forged`, by another. */
azattest_status azattest__document_sign(const azattest__machine *machine, azattest_bytes text, bool forged,
                                        azattest__buf *out, azattest_error **error);

/* Revocation lists in DER, as the machine's state says; the PCK CA's with its issuers in PEM. Both append. */
azattest_status azattest__root_crl(const azattest__machine *machine, azattest__buf *out, azattest_error **error);
azattest_status azattest__pck_crl(const azattest__machine *machine, azattest__buf *out, azattest__buf *chain,
                                  azattest_error **error);

#endif
