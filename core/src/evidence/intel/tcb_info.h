/* TCB info: what Intel says about all machines of one FMSPC. Versions 2 (SGX) and 3 (SGX, TDX). Source: Intel PCS API
 * documentation, "Get TCB info"; Intel TDX DCAP quote verification library, AttestationParsers/Json/TcbInfo. */
#ifndef AZATTEST_EVIDENCE_INTEL_TCB_INFO_H
#define AZATTEST_EVIDENCE_INTEL_TCB_INFO_H

#include "document.h"

/* Who may have made the module, and its levels. */
typedef struct azattest__tdx_module {
    int version; /* major version that it is for: TEE_TCB_SVN[1]; 0 in `module` */
    unsigned char mr_signer[48], attributes[8], attributes_mask[8];
    azattest__isvsvn_level *levels; /* sorted; none in `module` */
    size_t level_count;
} azattest__tdx_module;

/* Its spans point into the text that was read. */
typedef struct azattest__tcb_info {
    int version;
    bool tdx;
    int64_t issue_date, next_update; /* seconds since 1970 UTC */
    unsigned char fmspc[6], pceid[2];
    int evaluation;              /* tcbEvaluationDataNumber */
    azattest__tcb_level *levels; /* sorted, at least one */
    size_t level_count;
    azattest__tdx_module module; /* of TDX: for a module of version 0 */
    azattest__tdx_module *identities;
    size_t identity_count;
} azattest__tcb_info;

/* What a set needs to find the document by, and to tell about it, without its levels. */
typedef struct azattest__tcb_info_head {
    int version, evaluation;
    bool tdx;
    int64_t issue_date, next_update;
    unsigned char fmspc[6];
} azattest__tcb_info_head;

/* `text`: the signed object, which passed the gate; borrowed as long as `out` is used. AZATTEST_E_MALFORMED names the
 * member; AZATTEST_E_UNSUPPORTED another version. */
azattest_status azattest__tcb_info_read(azattest_bytes text, azattest__tcb_info *out, azattest_error **error);
void azattest__tcb_info_clear(azattest__tcb_info *info);
azattest_status azattest__tcb_info_read_head(azattest_bytes text, azattest__tcb_info_head *out, azattest_error **error);

/* The module's identity for TEE_TCB_SVN[1] > 0; NULL when there is none. */
const azattest__tdx_module *azattest__tcb_info_module(const azattest__tcb_info *info, int version);

#endif
