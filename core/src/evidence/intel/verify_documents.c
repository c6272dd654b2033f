/* Intel's signed documents: that they are Intel's, and about this platform, its TDX module and its quoting enclave. */
#include <stdio.h>

#include "view.h"

const char *const azattest__intel_document_names[2] = { "the TCB info", "the QE identity" };

/* Signature and content are judged once for the set; which root is trusted, here. */
static azattest_status judge_document(azattest__intel_view *w, size_t which, azattest_error **reason)
{
    const azattest__document_finding *finding = w->findings[which];
    const char *root;

    if (finding->status != AZATTEST_OK)
        return azattest__error_set(reason, finding->status, "%s: %s", azattest__intel_document_names[which],
                                   azattest_error_message(finding->error));
    root = azattest__intel_trusts(w->v, finding->root);
    if (root == NULL)
        return azattest__error_set(
            reason, AZATTEST_E_EVIDENCE_INVALID,
            "%s is signed under a root whose key is neither that of Intel's SGX root CA nor that "
            "of an extra root",
            azattest__intel_document_names[which]);
    /* One hierarchy for one verdict: the root's revocation list is about the signing certificate too. */
    if (w->root != NULL && !azattest__bytes_equal(w->root->spki, finding->root->spki))
        return azattest__error_set(reason, AZATTEST_E_EVIDENCE_INVALID,
                                   "%s is signed under another root than that of the PCK chain",
                                   azattest__intel_document_names[which]);
    return AZATTEST_OK;
}

static azattest_status check_document(azattest__intel_view *w, size_t which)
{
    azattest_error *reason = NULL;
    azattest_status found;

    if (w->documents[which] == NULL)
        return AZATTEST_OK;
    if ((w->findings[which] = azattest__collateral_judge_document(w->c, w->documents[which])) == NULL)
        return AZATTEST_E_MEMORY;
    found = judge_document(w, which, &reason);
    w->good[which] = found == AZATTEST_OK;
    return azattest__verification_judge(w->v, which == AZATTEST__TCB_INFO ? "tcb_info" : "qe_identity", found, reason,
                                        "signed by \"Intel SGX TCB Signing\" under the trusted root");
}

static azattest_status hex_mismatch(azattest_error **reason, const char *what, const unsigned char *seen,
                                    const unsigned char *expected, size_t size)
{
    char texts[2][2 * 8 + 1];

    for (size_t i = 0; i < size; i++) {
        snprintf(texts[0] + 2 * i, 3, "%02x", seen[i]);
        snprintf(texts[1] + 2 * i, 3, "%02x", expected[i]);
    }
    return azattest__error_set(reason, AZATTEST_E_EVIDENCE_INVALID,
                               "the TCB info is for %s %s, the PCK certificate has %s", what, texts[0], texts[1]);
}

static azattest_status match_tcb_info(azattest__intel_view *w, azattest_error **reason)
{
    const azattest__tcb_info *info = &w->findings[AZATTEST__TCB_INFO]->content.tcb;
    const azattest__pck *pck = w->v->pck;

    if (info->tdx != w->tdx)
        return azattest__error_set(reason, AZATTEST_E_EVIDENCE_INVALID, "the TCB info is for %s, the quote of %s",
                                   info->tdx ? "TDX" : "SGX", w->tdx ? "TDX" : "SGX");
    if (memcmp(info->fmspc, pck->extensions.fmspc, sizeof(info->fmspc)) != 0)
        return hex_mismatch(reason, "FMSPC", info->fmspc, pck->extensions.fmspc, sizeof(info->fmspc));
    if (memcmp(info->pceid, pck->extensions.pceid, sizeof(info->pceid)) != 0)
        return hex_mismatch(reason, "PCEID", info->pceid, pck->extensions.pceid, sizeof(info->pceid));
    return AZATTEST_OK;
}

static bool has_extensions(const azattest__intel_view *w)
{
    return w->v->pck->chain.count > 0 && w->v->pck->extensions_error == NULL;
}

static azattest_status check_tcb_info_match(azattest__intel_view *w)
{
    azattest_error *reason = NULL;
    azattest_status found;

    if (w->documents[AZATTEST__TCB_INFO] == NULL)
        return AZATTEST_OK;
    if (!w->good[AZATTEST__TCB_INFO] || !has_extensions(w))
        return azattest__verification_skip(w->v->result, "tcb_info_match", "not run: no %s",
                                           w->good[AZATTEST__TCB_INFO] ? "PCK certificate with SGX extensions"
                                                                       : "TCB info that verifies");
    found = match_tcb_info(w, &reason);
    w->matches[AZATTEST__TCB_INFO] = found == AZATTEST_OK;
    return azattest__verification_judge(w->v, "tcb_info_match", found, reason,
                                        "TEE, FMSPC and PCEID are those of the platform");
}

static azattest_status match_module(azattest__intel_view *w, azattest_error **reason)
{
    const azattest__tcb_info *info = &w->findings[AZATTEST__TCB_INFO]->content.tcb;
    const azattest__tdx_report *report = &w->v->evidence->intel.td_report;
    const azattest__tdx_module *expected = &info->module;
    unsigned char wrong = 0, seen;

    if (report->tee_tcb_svn[1] > 0) {
        if ((w->module = azattest__tcb_info_module(info, report->tee_tcb_svn[1])) == NULL)
            return azattest__error_set(reason, AZATTEST_E_EVIDENCE_INVALID,
                                       "the TCB info has no identity TDX_%02X for the major version of this TDX module",
                                       report->tee_tcb_svn[1]);
        expected = w->module;
    }
    if (memcmp(report->mr_signer_seam, expected->mr_signer, sizeof(expected->mr_signer)) != 0)
        return azattest__error_set(reason, AZATTEST_E_EVIDENCE_INVALID,
                                   "MRSIGNERSEAM is not that of Intel's TDX module in the TCB info");
    for (size_t i = 0; i < sizeof(expected->attributes); i++) {
        seen = (unsigned char)(report->seam_attributes >> (8 * i));
        /* Under the mask as Intel says; outside of it Intel's own verifier wants zeros. */
        wrong |= (unsigned char)(((seen & expected->attributes_mask[i]) ^ expected->attributes[i]) |
                                 (seen & (unsigned char)~expected->attributes_mask[i]));
    }
    if (wrong != 0)
        return azattest__error_set(reason, AZATTEST_E_EVIDENCE_INVALID,
                                   "SEAMATTRIBUTES are not those of Intel's TDX module in the TCB info");
    return AZATTEST_OK;
}

static azattest_status check_module(azattest__intel_view *w)
{
    azattest_error *reason = NULL;
    azattest_status found;

    if (w->documents[AZATTEST__TCB_INFO] == NULL || !w->tdx)
        return AZATTEST_OK;
    if (!w->good[AZATTEST__TCB_INFO] || !w->findings[AZATTEST__TCB_INFO]->content.tcb.tdx)
        return azattest__verification_skip(w->v->result, "tdx_module", "not run: no TCB info of TDX that verifies");
    found = match_module(w, &reason);
    w->module_good = found == AZATTEST_OK;
    return azattest__verification_judge(w->v, "tdx_module", found, reason,
                                        "signer and attributes of the TDX module are Intel's");
}

const azattest__isvsvn_level *azattest__intel_qe_level(const azattest__intel_view *w)
{
    const azattest__qe_identity *identity = &w->findings[AZATTEST__QE_IDENTITY]->content.qe;

    return azattest__isvsvn_level_match(identity->levels, identity->level_count,
                                        w->v->evidence->intel.qe_report.isv_svn);
}

static azattest_status match_qe_identity(azattest__intel_view *w, azattest_error **reason)
{
    const azattest__qe_identity *identity = &w->findings[AZATTEST__QE_IDENTITY]->content.qe;
    const azattest__isvsvn_level *level = azattest__intel_qe_level(w);
    const char *name;
    azattest_status status;

    if (identity->tdx != w->tdx)
        return azattest__error_set(reason, AZATTEST_E_EVIDENCE_INVALID,
                                   "the identity is that of %s, the quote of %s needs that of %s",
                                   identity->tdx ? "TD_QE" : "QE", w->tdx ? "TDX" : "SGX", w->tdx ? "TD_QE" : "QE");
    if ((status = azattest__qe_identity_match(identity, &w->v->evidence->intel.qe_report, reason)) != AZATTEST_OK ||
        w->documents[AZATTEST__TCB_INFO] != NULL)
        return status;
    /* Without a TCB info to merge it into, the enclave's status stands alone. */
    name = azattest__tcb_status_name(level == NULL ? AZATTEST__TCB_NOT_SUPPORTED : level->status);
    if (level == NULL || level->status == AZATTEST__TCB_REVOKED || !azattest__verification_takes_tcb_status(w->v, name))
        return azattest__error_set(reason, AZATTEST_E_EVIDENCE_INVALID,
                                   "the quoting enclave's ISVSVN %u is %s, which is not accepted",
                                   w->v->evidence->intel.qe_report.isv_svn, name);
    return AZATTEST_OK;
}

static azattest_status check_qe_identity_match(azattest__intel_view *w)
{
    azattest_error *reason = NULL;
    azattest_status found;

    if (w->documents[AZATTEST__QE_IDENTITY] == NULL)
        return AZATTEST_OK;
    if (!w->good[AZATTEST__QE_IDENTITY])
        return azattest__verification_skip(w->v->result, "qe_identity_match", "not run: no QE identity that verifies");
    found = match_qe_identity(w, &reason);
    w->matches[AZATTEST__QE_IDENTITY] = found == AZATTEST_OK;
    return azattest__verification_judge(w->v, "qe_identity_match", found, reason,
                                        "MRSIGNER, ISVPRODID, MISCSELECT and ATTRIBUTES are those of Intel's enclave");
}

azattest_status azattest__verify_documents(azattest__intel_view *w)
{
    azattest_status status = check_document(w, AZATTEST__TCB_INFO);

    return status != AZATTEST_OK ? status : check_document(w, AZATTEST__QE_IDENTITY);
}

azattest_status azattest__verify_matches(azattest__intel_view *w)
{
    azattest_status status;

    if ((status = check_tcb_info_match(w)) != AZATTEST_OK || (status = check_module(w)) != AZATTEST_OK)
        return status;
    return check_qe_identity_match(w);
}
