/* What Intel says about a platform and its quoting enclave: revocation, TCB, identity, and how old that is. */
#include "verify.h"

#include <stdio.h>
#include <stdlib.h>

#include "../../base/clock.h"
#include "../../json/cursor.h"
#include "../collateral/collateral.h"

/* One verification's view of the set. A piece that is not there is NULL, and named in the verdict. */
typedef struct view {
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
} view;
enum { TCB_INFO, QE_IDENTITY };

static const char *const document_names[2] = { "the TCB info", "the QE identity" };
static const char *const document_checks[2] = { "tcb_info", "qe_identity" };

static void add_all(const view *w)
{
    azattest_verification_result *result = w->v->result;

    if (w->wants_root_crl)
        azattest__verification_add(result, "root_ca_crl", true, "not run");
    if (w->wants_pck_crl)
        azattest__verification_add(result, "pck_crl", true, "not run");
    if (w->wants_root_crl)
        azattest__verification_add(result, "ca_revocation", true, "not run");
    if (w->wants_pck_crl)
        azattest__verification_add(result, "pck_revocation", true, "not run");
    if (w->documents[TCB_INFO] != NULL) {
        azattest__verification_add(result, "tcb_info", true, "not run");
        azattest__verification_add(result, "tcb_info_match", true, "not run");
        if (w->tdx)
            azattest__verification_add(result, "tdx_module", true, "not run");
    }
    if (w->documents[QE_IDENTITY] != NULL) {
        azattest__verification_add(result, "qe_identity", true, "not run");
        azattest__verification_add(result, "qe_identity_match", true, "not run");
    }
    if (w->documents[TCB_INFO] != NULL) {
        azattest__verification_add(result, "tcb_level", true, "not run");
        azattest__verification_add(result, "tcb_status", true, "not run");
    }
    azattest__verification_add(result, "collateral_validity", true, "not run");
}

/* The names are those of a verification without collateral; the reason says which piece is missing. */
static azattest_status leave_missing(view *w)
{
    azattest_verification_result *result = w->v->result;
    azattest_status status = AZATTEST_OK;

    if (w->documents[TCB_INFO] == NULL)
        status = azattest__verification_leave(result, "tcb", "not checked: no TCB info among the collateral");
    if (status == AZATTEST_OK && (!w->wants_root_crl || !w->wants_pck_crl))
        status = azattest__verification_leave(result, "revocation", "not checked: no %s among the collateral",
                                              w->wants_root_crl  ? "PCK CRL"
                                              : w->wants_pck_crl ? "root CA CRL"
                                                                 : "root CA CRL and PCK CRL");
    if (status == AZATTEST_OK && w->documents[QE_IDENTITY] == NULL)
        status =
            azattest__verification_leave(result, "qe_identity", "not checked: no QE identity among the collateral");
    if (status == AZATTEST_OK && w->tdx && w->documents[TCB_INFO] == NULL)
        status = azattest__verification_leave(result, "tdx_module", "not checked: no TCB info among the collateral");
    return status;
}

/* ---- revocation ---- */

static azattest_status check_crl(view *w, const char *id, azattest__collateral_crl *crl, const azattest__x509 *issuer,
                                 const char *whose, bool *good)
{
    azattest_error *reason = NULL;
    azattest_status found;

    *good = false;
    if (issuer == NULL)
        return azattest__verification_skip(w->v->result, id, "not run: no PCK chain that verifies");
    if (crl == NULL)
        found = azattest__error_set(&reason, AZATTEST_E_EVIDENCE_INVALID,
                                    "no revocation list of %s among the collateral, only such of other issuers", whose);
    else if ((found = azattest__collateral_judge_crl(crl, issuer, &reason)) == AZATTEST_OK &&
             (!crl->crl.has_number || !crl->crl.has_authority_key_id))
        found = azattest__error_set(&reason, AZATTEST_E_EVIDENCE_INVALID,
                                    "the list of %s has no number or no key id of its issuer, as Intel's have", whose);
    *good = found == AZATTEST_OK;
    return azattest__verification_judge(w->v, id, found, reason,
                                        "the list is signed by the issuer of what it is about");
}

/* The authorities, and whoever signed the documents. */
static azattest_status check_ca_revocation(view *w)
{
    const azattest__x509 *listed[3] = { w->intermediate, NULL, NULL };
    static const char *const names[3] = { "the intermediate certificate of the PCK chain is",
                                          "the certificate that signed the TCB info is",
                                          "the certificate that signed the QE identity is" };

    if (!w->root_crl_good)
        return azattest__verification_skip(w->v->result, "ca_revocation", "not run: no list of the root that verifies");
    for (size_t i = 0; i < 2; i++)
        listed[i + 1] = w->findings[i] == NULL ? NULL : w->findings[i]->signer;
    for (size_t i = 0; i < 3; i++)
        if (listed[i] != NULL && azattest__x509_crl_revokes(&w->root_crl->crl, listed[i]->serial))
            return azattest__verification_set(w->v->result, "ca_revocation", false, "%s revoked by the root's list",
                                              names[i]);
    return azattest__verification_set(
        w->v->result, "ca_revocation", true,
        "neither the intermediate certificate nor those that signed the collateral are on "
        "the root's list (%zu entries)",
        w->root_crl->crl.revoked_count);
}

static azattest_status check_pck_revocation(view *w)
{
    if (!w->pck_crl_good)
        return azattest__verification_skip(w->v->result, "pck_revocation",
                                           "not run: no list of the PCK certificate's issuer that verifies");
    if (azattest__x509_crl_revokes(&w->pck_crl->crl, w->leaf->serial))
        return azattest__verification_set(w->v->result, "pck_revocation", false,
                                          "the PCK certificate is revoked by its issuer's list");
    return azattest__verification_set(w->v->result, "pck_revocation", true,
                                      "the PCK certificate is not on its issuer's list (%zu entries)",
                                      w->pck_crl->crl.revoked_count);
}

/* ---- signed documents ---- */

/* Signature and content are judged once for the set; which root is trusted, here. */
static azattest_status judge_document(view *w, size_t which, azattest_error **reason)
{
    const azattest__document_finding *finding = w->findings[which];
    azattest_status status;
    const char *root;

    if (finding->status != AZATTEST_OK)
        return azattest__error_set(reason, finding->status, "%s: %s", document_names[which],
                                   azattest_error_message(finding->error));
    if ((status = azattest__intel_trusts(w->v, finding->root, &root, reason)) != AZATTEST_OK)
        return status;
    if (root == NULL)
        return azattest__error_set(
            reason, AZATTEST_E_EVIDENCE_INVALID,
            "%s is signed under a root whose key is neither that of Intel's SGX root CA nor that "
            "of an extra root",
            document_names[which]);
    /* One hierarchy for one verdict: the root's revocation list is about the signing certificate too. */
    if (w->root != NULL && !azattest__bytes_equal(w->root->spki, finding->root->spki))
        return azattest__error_set(reason, AZATTEST_E_EVIDENCE_INVALID,
                                   "%s is signed under another root than that of the PCK chain", document_names[which]);
    return AZATTEST_OK;
}

static azattest_status check_document(view *w, size_t which)
{
    azattest_error *reason = NULL;
    azattest_status found;

    if (w->documents[which] == NULL)
        return AZATTEST_OK;
    if ((w->findings[which] = azattest__collateral_judge_document(w->c, w->documents[which])) == NULL)
        return AZATTEST_E_MEMORY;
    found = judge_document(w, which, &reason);
    w->good[which] = found == AZATTEST_OK;
    return azattest__verification_judge(w->v, document_checks[which], found, reason,
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

static azattest_status match_tcb_info(view *w, azattest_error **reason)
{
    const azattest__tcb_info *info = &w->findings[TCB_INFO]->content.tcb;
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

static bool has_extensions(const view *w)
{
    return w->v->pck->count > 0 && w->v->pck->extensions_error == NULL;
}

static azattest_status check_tcb_info_match(view *w)
{
    azattest_error *reason = NULL;
    azattest_status found;

    if (w->documents[TCB_INFO] == NULL)
        return AZATTEST_OK;
    if (!w->good[TCB_INFO] || !has_extensions(w))
        return azattest__verification_skip(w->v->result, "tcb_info_match", "not run: no %s",
                                           w->good[TCB_INFO] ? "PCK certificate with SGX extensions"
                                                             : "TCB info that verifies");
    found = match_tcb_info(w, &reason);
    w->matches[TCB_INFO] = found == AZATTEST_OK;
    return azattest__verification_judge(w->v, "tcb_info_match", found, reason,
                                        "TEE, FMSPC and PCEID are those of the platform");
}

static azattest_status match_module(view *w, azattest_error **reason)
{
    const azattest__tcb_info *info = &w->findings[TCB_INFO]->content.tcb;
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

static azattest_status check_module(view *w)
{
    azattest_error *reason = NULL;
    azattest_status found;

    if (w->documents[TCB_INFO] == NULL || !w->tdx)
        return AZATTEST_OK;
    if (!w->good[TCB_INFO] || !w->findings[TCB_INFO]->content.tcb.tdx)
        return azattest__verification_skip(w->v->result, "tdx_module", "not run: no TCB info of TDX that verifies");
    found = match_module(w, &reason);
    w->module_good = found == AZATTEST_OK;
    return azattest__verification_judge(w->v, "tdx_module", found, reason,
                                        "signer and attributes of the TDX module are Intel's");
}

static const azattest__isvsvn_level *qe_level(const view *w)
{
    const azattest__qe_identity *identity = &w->findings[QE_IDENTITY]->content.qe;

    return azattest__isvsvn_level_match(identity->levels, identity->level_count,
                                        w->v->evidence->intel.qe_report.isv_svn);
}

static azattest_status match_qe_identity(view *w, azattest_error **reason)
{
    const azattest__qe_identity *identity = &w->findings[QE_IDENTITY]->content.qe;
    const azattest__isvsvn_level *level = qe_level(w);
    const char *name;
    azattest_status status;

    if (identity->tdx != w->tdx)
        return azattest__error_set(reason, AZATTEST_E_EVIDENCE_INVALID,
                                   "the identity is that of %s, the quote of %s needs that of %s",
                                   identity->tdx ? "TD_QE" : "QE", w->tdx ? "TDX" : "SGX", w->tdx ? "TD_QE" : "QE");
    if ((status = azattest__qe_identity_match(identity, &w->v->evidence->intel.qe_report, reason)) != AZATTEST_OK ||
        w->documents[TCB_INFO] != NULL)
        return status;
    /* Without a TCB info to merge it into, the enclave's status stands alone. */
    name = azattest__tcb_status_name(level == NULL ? AZATTEST__TCB_NOT_SUPPORTED : level->status);
    if (level == NULL || level->status == AZATTEST__TCB_REVOKED || !azattest__verification_takes_tcb_status(w->v, name))
        return azattest__error_set(reason, AZATTEST_E_EVIDENCE_INVALID,
                                   "the quoting enclave's ISVSVN %u is %s, which is not accepted",
                                   w->v->evidence->intel.qe_report.isv_svn, name);
    return AZATTEST_OK;
}

static azattest_status check_qe_identity_match(view *w)
{
    azattest_error *reason = NULL;
    azattest_status found;

    if (w->documents[QE_IDENTITY] == NULL)
        return AZATTEST_OK;
    if (!w->good[QE_IDENTITY])
        return azattest__verification_skip(w->v->result, "qe_identity_match", "not run: no QE identity that verifies");
    found = match_qe_identity(w, &reason);
    w->matches[QE_IDENTITY] = found == AZATTEST_OK;
    return azattest__verification_judge(w->v, "qe_identity_match", found, reason,
                                        "MRSIGNER, ISVPRODID, MISCSELECT and ATTRIBUTES are those of Intel's enclave");
}

/* ---- TCB ---- */

/* The levels that count, and what they come to. */
typedef struct levels {
    const azattest__tcb_level *platform, *sgx_only;
    const azattest__isvsvn_level *module, *qe;
    azattest__tcb_status status;
} levels;

static azattest__tcb_status status_of(const azattest__isvsvn_level *level)
{
    return level == NULL ? AZATTEST__TCB_NOT_SUPPORTED : level->status;
}

/* A TD of a module that was replaced under it, and is out of date for that alone. */
static azattest_status merge_relaunch(view *w, levels *found, azattest_error **reason)
{
    const azattest__tcb_info *info = &w->findings[TCB_INFO]->content.tcb;
    const unsigned char *now = w->v->evidence->intel.td_report.tee_tcb_svn2;
    const azattest__tdx_module *module;
    azattest__tcb_relaunch relaunch = {
        .sgx = found->sgx_only->status,
        .merged = found->status,
        .module = w->module == NULL ? AZATTEST__TCB_UP_TO_DATE : status_of(found->module),
        .qe = w->matches[QE_IDENTITY] ? status_of(found->qe) : AZATTEST__TCB_UP_TO_DATE,
        .tee_tcb_svn2 = now,
        .newest = &info->levels[0],
    };

    if (now == NULL || !azattest__tcb_relaunch_applies(&relaunch))
        return AZATTEST_OK;
    if (now[1] > 0) {
        if ((module = azattest__tcb_info_module(info, now[1])) == NULL || module->level_count == 0)
            return azattest__error_set(reason, AZATTEST_E_EVIDENCE_INVALID,
                                       "the TCB info has no identity TDX_%02X with levels for the TDX module that is "
                                       "loaded now (TEE_TCB_SVN2)",
                                       now[1]);
        relaunch.newest_module_isvsvn = module->levels[0].isvsvn;
    }
    found->status = azattest__tcb_relaunch_status(&relaunch);
    return AZATTEST_OK;
}

static azattest_status find_levels(view *w, levels *found, azattest_error **reason)
{
    const azattest__tcb_info *info = &w->findings[TCB_INFO]->content.tcb;
    const azattest__pck_extensions *pck = &w->v->pck->extensions;
    const unsigned char *svn = w->tdx ? w->v->evidence->intel.td_report.tee_tcb_svn : NULL;
    azattest_status status;

    found->sgx_only = azattest__tcb_level_match(info->levels, info->level_count, pck->components, pck->pcesvn, NULL);
    found->platform = azattest__tcb_level_match(info->levels, info->level_count, pck->components, pck->pcesvn, svn);
    if (found->platform == NULL)
        return azattest__error_set(reason, AZATTEST_E_EVIDENCE_INVALID,
                                   "the platform is below every level of the TCB info%s",
                                   found->sgx_only == NULL ? "" : " (its TDX components are)");
    found->status = found->platform->status;
    if (w->module != NULL) {
        found->module = azattest__isvsvn_level_match(w->module->levels, w->module->level_count, svn[0]);
        if (found->module == NULL)
            return azattest__error_set(reason, AZATTEST_E_EVIDENCE_INVALID,
                                       "the TDX module's ISVSVN %u is below every level of its identity", svn[0]);
        found->status = azattest__tcb_converge(found->status, found->module->status);
    }
    if (w->matches[QE_IDENTITY] && (found->qe = qe_level(w)) == NULL)
        return azattest__error_set(reason, AZATTEST_E_EVIDENCE_INVALID,
                                   "the quoting enclave's ISVSVN %u is below every level of its identity",
                                   w->v->evidence->intel.qe_report.isv_svn);
    if (w->tdx && found->status != AZATTEST__TCB_REVOKED && (status = merge_relaunch(w, found, reason)) != AZATTEST_OK)
        return status;
    if (found->qe != NULL)
        found->status = azattest__tcb_converge(found->status, found->qe->status);
    return AZATTEST_OK;
}

static azattest_status advise(view *w, azattest_bytes advisories)
{
    azattest__json_cursor cursor = azattest__json_cursor_at(advisories);
    azattest_status status = AZATTEST_OK;
    azattest_bytes text;

    if (advisories.ptr == NULL || !azattest__json_enter(&cursor, '['))
        return AZATTEST_OK;
    while (status == AZATTEST_OK && azattest__json_next_element(&cursor))
        if (azattest__document_text(azattest__json_take(&cursor), &text))
            status = azattest__verification_advise(w->v->result, "tcb_level", text);
    return status;
}

static azattest_status tell_levels(view *w, const levels *found)
{
    azattest_verification_result *result = w->v->result;
    char date[AZATTEST__TIME_TEXT];
    azattest_status status;

    azattest__time_format(found->platform->date, date);
    snprintf(result->tcb_status, sizeof(result->tcb_status), "%s", azattest__tcb_status_name(found->status));
    result->tcb_date = found->platform->date;
    status = azattest__verification_set(result, "tcb_level", found->status != AZATTEST__TCB_NOT_SUPPORTED,
                                        "the platform's level of %s is %s; TDX module: %s; quoting enclave: %s", date,
                                        azattest__tcb_status_name(found->platform->status),
                                        found->module == NULL ? "no level of its own"
                                                              : azattest__tcb_status_name(found->module->status),
                                        found->qe == NULL ? "not known" : azattest__tcb_status_name(found->qe->status));
    if (status == AZATTEST_OK)
        status = advise(w, found->platform->advisories);
    if (status == AZATTEST_OK && found->module != NULL)
        status = advise(w, found->module->advisories);
    if (status == AZATTEST_OK && found->qe != NULL)
        status = advise(w, found->qe->advisories);
    return status;
}

static azattest_status check_levels(view *w)
{
    azattest_error *reason = NULL;
    levels found = { 0 };
    azattest_status status;
    const char *name;
    bool taken;

    if (w->documents[TCB_INFO] == NULL)
        return AZATTEST_OK;
    if (!w->matches[TCB_INFO] || (w->tdx && !w->module_good)) {
        if ((status = azattest__verification_skip(w->v->result, "tcb_level",
                                                  "not run: no TCB info that is about this platform%s",
                                                  w->tdx ? " and its TDX module" : "")) != AZATTEST_OK)
            return status;
        return azattest__verification_skip(w->v->result, "tcb_status", "not run: no level");
    }
    if ((status = find_levels(w, &found, &reason)) != AZATTEST_OK) {
        if ((status = azattest__verification_judge(w->v, "tcb_level", status, reason, "")) != AZATTEST_OK)
            return status;
        return azattest__verification_set(w->v->result, "tcb_status", false, "%s: no level is reached",
                                          azattest__tcb_status_name(AZATTEST__TCB_NOT_SUPPORTED));
    }
    if ((status = tell_levels(w, &found)) != AZATTEST_OK)
        return status;
    name = azattest__tcb_status_name(found.status);
    taken = found.status != AZATTEST__TCB_NOT_SUPPORTED && found.status != AZATTEST__TCB_REVOKED &&
            azattest__verification_takes_tcb_status(w->v, name);
    return azattest__verification_set(w->v->result, "tcb_status", taken, "%s, which is %s", name,
                                      taken ? "accepted" : "not accepted");
}

/* ---- age ---- */

/* The lowest of the two numbers is what an appraisal's floor is about; Intel raises both at once. */
static azattest_status note_evaluation(view *w)
{
    azattest_verification_result *result = w->v->result;

    for (size_t i = 0; i < 2; i++)
        if (w->good[i] && (result->evaluation < 0 || w->documents[i]->evaluation < result->evaluation))
            result->evaluation = w->documents[i]->evaluation;
    if (w->good[TCB_INFO] && w->good[QE_IDENTITY] &&
        w->documents[TCB_INFO]->evaluation != w->documents[QE_IDENTITY]->evaluation)
        return azattest__verification_warn(result,
                                           "EVALUATION NUMBERS: the TCB info has tcbEvaluationDataNumber %d, the QE "
                                           "identity %d: they are not of one update",
                                           w->documents[TCB_INFO]->evaluation, w->documents[QE_IDENTITY]->evaluation);
    return AZATTEST_OK;
}

typedef struct window {
    const char *what;
    int64_t from, until;
} window;

static size_t list_windows(const view *w, window *out)
{
    size_t count = 0;

    for (size_t i = 0; i < 2; i++) {
        if (w->documents[i] == NULL)
            continue;
        out[count++] = (window){ document_names[i], w->documents[i]->issue_date, w->documents[i]->next_update };
        if (w->findings[i]->signer != NULL)
            out[count++] = (window){ "the certificate that signed the collateral", w->findings[i]->signer->not_before,
                                     w->findings[i]->signer->not_after };
        if (w->findings[i]->root != NULL)
            out[count++] = (window){ "the root certificate of the collateral", w->findings[i]->root->not_before,
                                     w->findings[i]->root->not_after };
    }
    if (w->root_crl != NULL)
        out[count++] = (window){ "the root CA CRL", w->root_crl->crl.this_update, w->root_crl->crl.next_update };
    if (w->pck_crl != NULL)
        out[count++] = (window){ "the PCK CRL", w->pck_crl->crl.this_update, w->pck_crl->crl.next_update };
    return count;
}

static azattest_status outside(const window *item, int64_t now, azattest_error **reason)
{
    char from[AZATTEST__TIME_TEXT], until[AZATTEST__TIME_TEXT], at[AZATTEST__TIME_TEXT];

    azattest__time_format(item->from, from);
    azattest__time_format(item->until, until);
    azattest__time_format(now, at);
    return azattest__error_set(reason, AZATTEST_E_EVIDENCE_INVALID,
                               "%s is good from %s to %s, the time of verification is %s", item->what, from, until, at);
}

/* A verdict of its own: how old collateral is says nothing about its signatures, and must not hide them. */
static azattest_status check_windows(view *w)
{
    azattest_status status, found = AZATTEST_OK;
    azattest_error *reason = NULL;
    const window *expired = NULL;
    window items[8];
    size_t count = list_windows(w, items);

    for (size_t i = 0; i < count; i++) {
        azattest__verification_window(w->v->result, items[i].from, items[i].until);
        if (found == AZATTEST_OK && (w->v->now < items[i].from || w->v->now - w->v->grace > items[i].until))
            found = outside(&items[i], w->v->now, &reason);
        if (expired == NULL && w->v->now > items[i].until)
            expired = &items[i];
    }
    if (found == AZATTEST_OK && expired != NULL &&
        (status =
             azattest__verification_warn(w->v->result,
                                         "EXPIRED COLLATERAL: %s is past its end, within the grace that the caller "
                                         "gives",
                                         expired->what)) != AZATTEST_OK)
        return status;
    return azattest__verification_judge(w->v, "collateral_validity", found, reason,
                                        expired == NULL
                                            ? "every item that was used is alive at the time of verification"
                                            : "every item that was used is alive, or within the grace");
}

/* ---- all of it ---- */

static void look(view *w, const azattest__x509 *chain)
{
    const azattest__pck *pck = w->v->pck;

    w->tdx = w->v->evidence->intel.tee_type == AZATTEST__TEE_TYPE_TDX;
    if (chain != NULL) {
        w->leaf = &chain[0];
        w->intermediate = &chain[1];
        w->root = &chain[2];
        w->root_crl = azattest__collateral_find_crl(w->c, w->root);
        w->pck_crl = azattest__collateral_find_crl(w->c, w->intermediate);
    }
    w->wants_root_crl = w->root_crl != NULL || azattest__collateral_has_intel_crl(w->c, true);
    w->wants_pck_crl = w->pck_crl != NULL || azattest__collateral_has_intel_crl(w->c, false);
    w->documents[TCB_INFO] = azattest__collateral_find_document(
        w->c, true, w->tdx, pck->count > 0 && pck->extensions_error == NULL ? pck->extensions.fmspc : NULL, w->v->now);
    w->documents[QE_IDENTITY] = azattest__collateral_find_document(w->c, false, w->tdx, NULL, w->v->now);
}

/* Documents before revocation, which is about their signers too; the order of the verdict is that of add_all(). */
static azattest_status run_all(view *w)
{
    azattest_status status;

    add_all(w);
    if ((w->wants_root_crl && (status = check_crl(w, "root_ca_crl", w->root_crl, w->root, "the root CA",
                                                  &w->root_crl_good)) != AZATTEST_OK) ||
        (w->wants_pck_crl && (status = check_crl(w, "pck_crl", w->pck_crl, w->intermediate,
                                                 "the PCK certificate's issuer", &w->pck_crl_good)) != AZATTEST_OK) ||
        (status = check_document(w, TCB_INFO)) != AZATTEST_OK ||
        (status = check_document(w, QE_IDENTITY)) != AZATTEST_OK ||
        (w->wants_root_crl && (status = check_ca_revocation(w)) != AZATTEST_OK) ||
        (w->wants_pck_crl && (status = check_pck_revocation(w)) != AZATTEST_OK) ||
        (status = check_tcb_info_match(w)) != AZATTEST_OK || (status = check_module(w)) != AZATTEST_OK ||
        (status = check_qe_identity_match(w)) != AZATTEST_OK || (status = check_levels(w)) != AZATTEST_OK ||
        (status = note_evaluation(w)) != AZATTEST_OK || (status = check_windows(w)) != AZATTEST_OK)
        return status;
    return leave_missing(w);
}

static azattest_status leave_all(azattest__verification *v)
{
    static const char *const ids[] = { "tcb", "revocation", "qe_identity", "tdx_module" };
    size_t count = v->evidence->intel.tee_type == AZATTEST__TEE_TYPE_TDX ? 4 : 3;
    azattest_status status = AZATTEST_OK;

    for (size_t i = 0; status == AZATTEST_OK && i < count; i++)
        status = azattest__verification_leave(v->result, ids[i], "not checked: needs Intel's collateral");
    return status;
}

azattest_status azattest__verify_intel_collateral(azattest__verification *v, const azattest__x509 *chain)
{
    view w = { .v = v, .c = v->collateral };

    if (v->collateral == NULL)
        return leave_all(v);
    azattest__collateral_use(v->collateral);
    look(&w, chain);
    if (w.documents[TCB_INFO] == NULL && w.documents[QE_IDENTITY] == NULL && !w.wants_root_crl && !w.wants_pck_crl)
        return leave_all(v); /* nothing of Intel's is in the set */
    return run_all(&w);
}
