/* The forms in which AMD's certificates come beside a report. Those of a set of collateral: azattest__collateral_amd().
 * The items themselves: ../amd/certificates.h. */
#ifndef AZATTEST_EVIDENCE_COLLATERAL_AMD_H
#define AZATTEST_EVIDENCE_COLLATERAL_AMD_H

#include "../amd/certificates.h"

/* The answer of a host's cache (THIM), also of confidential container groups: {"vcekCert": PEM, "certificateChain":
 * PEM, "tcbm": 16 hexadecimal digits}. */
bool azattest__amd_is_thim(const azattest__json *document);
azattest_status azattest__amd_add_thim(azattest__amd_items *items, const azattest__json *document,
                                       azattest_error **error);
/* Certificates in PEM, nothing else but white space around them; or DER, one behind the other. */
azattest_status azattest__amd_add_chain(azattest__amd_items *items, azattest_bytes chain, azattest_error **error);
/* The table of an extended report (../amd/table.h); entries of other identifiers are left alone. */
azattest_status azattest__amd_add_table(azattest__amd_items *items, azattest_bytes table, azattest_error **error);
/* Any of these: what came with a report. Nothing is added after a failure. */
azattest_status azattest__amd_add_any(azattest__amd_items *items, azattest_bytes content, azattest_error **error);

/* The TCB version of such a document as a report has it: one number in hexadecimal, so its bytes stand the other way
 * round. */
bool azattest__amd_read_tcbm(const char *text, unsigned char out[AZATTEST__SNP_TCB_SIZE]);

#endif
