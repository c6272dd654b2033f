/* AMD's items in a set of collateral, and beside a report: in what forms they come, and which of them a report needs.
 * The set itself: ../amd/certificates.h. */
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

/* Elements for azattest_collateral_describe(): {"kind": "vcek", "product", "subject", "issuer", "chip_id", "from",
 * "until", "verified", "root"}. Linked before. */
azattest_status azattest__amd_describe(const azattest__amd_items *items, azattest__json *list, azattest_error **error);
/* Members of the saved document: "amd_certificates" (PEM, all of them) and "amd_crls" (list of base64), each only when
 * there is one; and what takes them back. */
azattest_status azattest__amd_save(const azattest__amd_items *items, azattest__json *document, azattest_error **error);
bool azattest__amd_is_saved(const azattest__json *document);
azattest_status azattest__amd_add_saved(azattest__amd_items *items, const azattest__json *document,
                                        azattest_error **error);
/* When the first of them ends (notAfter, nextUpdate), in seconds since 1970 UTC; 0: none. */
int64_t azattest__amd_expires(const azattest__amd_items *items);

#endif
