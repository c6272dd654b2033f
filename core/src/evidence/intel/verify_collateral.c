/* What Intel says about a platform beside its quote: revocation, age, and how the pieces go together. */
#include "view.h"

static void add_all(const azattest__intel_view *w)
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
    if (w->documents[AZATTEST__TCB_INFO] != NULL) {
        azattest__verification_add(result, "tcb_info", true, "not run");
        azattest__verification_add(result, "tcb_info_match", true, "not run");
        if (w->tdx)
            azattest__verification_add(result, "tdx_module", true, "not run");
    }
    if (w->documents[AZATTEST__QE_IDENTITY] != NULL) {
        azattest__verification_add(result, "qe_identity", true, "not run");
        azattest__verification_add(result, "qe_identity_match", true, "not run");
    }
    if (w->documents[AZATTEST__TCB_INFO] != NULL) {
        azattest__verification_add(result, "tcb_level", true, "not run");
        azattest__verification_add(result, "tcb_status", true, "not run");
    }
    azattest__verification_add(result, "collateral_validity", true, "not run");
}

/* The names are those of a verification without collateral; the reason says which piece is missing. */
static azattest_status leave_missing(azattest__intel_view *w)
{
    azattest_verification_result *result = w->v->result;
    azattest_status status = AZATTEST_OK;

    if (w->documents[AZATTEST__TCB_INFO] == NULL)
        status = azattest__verification_leave(result, "tcb", "not checked: no TCB info among the collateral");
    if (status == AZATTEST_OK && (!w->wants_root_crl || !w->wants_pck_crl))
        status = azattest__verification_leave(result, "revocation", "not checked: no %s among the collateral",
                                              w->wants_root_crl  ? "PCK CRL"
                                              : w->wants_pck_crl ? "root CA CRL"
                                                                 : "root CA CRL and PCK CRL");
    if (status == AZATTEST_OK && w->documents[AZATTEST__QE_IDENTITY] == NULL)
        status =
            azattest__verification_leave(result, "qe_identity", "not checked: no QE identity among the collateral");
    if (status == AZATTEST_OK && w->tdx && w->documents[AZATTEST__TCB_INFO] == NULL)
        status = azattest__verification_leave(result, "tdx_module", "not checked: no TCB info among the collateral");
    return status;
}

/* ---- revocation ---- */

static azattest_status check_crl(azattest__intel_view *w, const char *id, azattest__collateral_crl *crl,
                                 const azattest__x509 *issuer, const char *whose, bool *good)
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
static azattest_status check_ca_revocation(azattest__intel_view *w)
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

static azattest_status check_pck_revocation(azattest__intel_view *w)
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

/* ---- age ---- */

/* The lowest of the two numbers is what an appraisal's floor is about; Intel raises both at once. */
static azattest_status note_evaluation(azattest__intel_view *w)
{
    azattest_verification_result *result = w->v->result;

    for (size_t i = 0; i < 2; i++)
        if (w->good[i] && (result->evaluation < 0 || w->documents[i]->evaluation < result->evaluation))
            result->evaluation = w->documents[i]->evaluation;
    if (w->good[AZATTEST__TCB_INFO] && w->good[AZATTEST__QE_IDENTITY] &&
        w->documents[AZATTEST__TCB_INFO]->evaluation != w->documents[AZATTEST__QE_IDENTITY]->evaluation)
        return azattest__verification_warn(result,
                                           "EVALUATION NUMBERS: the TCB info has tcbEvaluationDataNumber %d, the QE "
                                           "identity %d: they are not of one update",
                                           w->documents[AZATTEST__TCB_INFO]->evaluation,
                                           w->documents[AZATTEST__QE_IDENTITY]->evaluation);
    return AZATTEST_OK;
}

typedef struct window {
    const char *what;
    int64_t from, until;
} window;

static size_t list_windows(const azattest__intel_view *w, window *out)
{
    size_t count = 0;

    for (size_t i = 0; i < 2; i++) {
        if (w->documents[i] == NULL)
            continue;
        out[count++] =
            (window){ azattest__intel_document_names[i], w->documents[i]->issue_date, w->documents[i]->next_update };
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

/* A verdict of its own: how old collateral is says nothing about its signatures, and must not hide them. */
static azattest_status check_windows(azattest__intel_view *w)
{
    azattest_status status, found = AZATTEST_OK;
    azattest_error *reason = NULL;
    const window *expired = NULL;
    window items[8];
    size_t count = list_windows(w, items);

    for (size_t i = 0; i < count; i++) {
        azattest__verification_window(w->v->result, items[i].from, items[i].until);
        if (found == AZATTEST_OK && (w->v->now < items[i].from || w->v->now - w->v->grace > items[i].until))
            found = azattest__verification_outside(items[i].what, items[i].from, items[i].until, w->v->now, &reason);
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

static void look(azattest__intel_view *w, const azattest__x509 *chain)
{
    const azattest__pck *pck = w->v->pck;

    w->tdx = w->v->evidence->intel.tee_type == AZATTEST__TEE_TYPE_TDX;
    if (chain != NULL) {
        w->leaf = &chain[0];
        w->intermediate = &chain[1];
        w->root = &chain[2];
        w->root_crl = azattest__collateral_find_crl(w->c, w->root, w->v->now);
        w->pck_crl = azattest__collateral_find_crl(w->c, w->intermediate, w->v->now);
    }
    w->wants_root_crl = w->root_crl != NULL || azattest__collateral_has_crl(w->c, AZATTEST__CRL_ROOT);
    w->wants_pck_crl = w->pck_crl != NULL || azattest__collateral_has_crl(w->c, AZATTEST__CRL_PCK);
    w->documents[AZATTEST__TCB_INFO] = azattest__collateral_find_document(
        w->c, true, w->tdx, pck->chain.count > 0 && pck->extensions_error == NULL ? pck->extensions.fmspc : NULL,
        w->root, w->v->now);
    w->documents[AZATTEST__QE_IDENTITY] =
        azattest__collateral_find_document(w->c, false, w->tdx, NULL, w->root, w->v->now);
}

/* Documents before revocation, which is about their signers too; the order of the verdict is that of add_all(). */
static azattest_status run_all(azattest__intel_view *w)
{
    azattest_status status;

    add_all(w);
    if ((w->wants_root_crl && (status = check_crl(w, "root_ca_crl", w->root_crl, w->root, "the root CA",
                                                  &w->root_crl_good)) != AZATTEST_OK) ||
        (w->wants_pck_crl && (status = check_crl(w, "pck_crl", w->pck_crl, w->intermediate,
                                                 "the PCK certificate's issuer", &w->pck_crl_good)) != AZATTEST_OK) ||
        (status = azattest__verify_documents(w)) != AZATTEST_OK ||
        (w->wants_root_crl && (status = check_ca_revocation(w)) != AZATTEST_OK) ||
        (w->wants_pck_crl && (status = check_pck_revocation(w)) != AZATTEST_OK) ||
        (status = azattest__verify_matches(w)) != AZATTEST_OK || (status = azattest__verify_tcb(w)) != AZATTEST_OK ||
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
    azattest__intel_view w = { .v = v, .c = v->collateral };

    if (v->collateral == NULL)
        return leave_all(v);
    azattest__collateral_use(v->collateral);
    look(&w, chain);
    if (w.documents[AZATTEST__TCB_INFO] == NULL && w.documents[AZATTEST__QE_IDENTITY] == NULL && !w.wants_root_crl &&
        !w.wants_pck_crl)
        return leave_all(v); /* nothing of Intel's is in the set */
    return run_all(&w);
}
