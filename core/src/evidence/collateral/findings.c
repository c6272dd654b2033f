/* What items of a set are worth, found out once and kept; and which item to use. */
#include "collateral.h"

#include <stdlib.h>

#include "../intel/root.h"

#define TCB_SIGNING "Intel SGX TCB Signing"

/* Stands for "none" where a root is kept. */
static azattest__collateral_certificate nobody;

/* The root's own signature is good, or need not be looked at. */
static bool is_root(const azattest__x509 *root)
{
    bool known = false;

    /* Intel's own bytes need no proof that they were not changed. */
    return (azattest__intel_root_is_known(root->der, &known, NULL) == AZATTEST_OK && known) ||
           azattest__x509_check_issued(root, root, 1, NULL) == AZATTEST_OK;
}

static bool has_intel_key(const azattest__x509 *certificate)
{
    return azattest__intel_root_is_key(certificate->spki);
}

/* Among those of Intel's key, or among the others. */
static azattest__collateral_certificate *find_root(const azattest_collateral *c, const azattest__x509 *certificate,
                                                   bool intel)
{
    size_t tried = 0;

    for (size_t i = 0; tried < AZATTEST__ISSUERS_TRIED && i < c->certificate_count; i++) {
        const azattest__x509 *root = &c->certificates[i]->x509;

        if (!azattest__bytes_equal(certificate->issuer, root->subject) || !azattest__x509_self_issued(root) ||
            has_intel_key(root) != intel)
            continue;
        tried++;
        if (azattest__x509_check_issued(certificate, root, 0, NULL) == AZATTEST_OK && is_root(root))
            return c->certificates[i];
    }
    return NULL;
}

azattest__collateral_certificate *azattest__collateral_root_of(const azattest_collateral *c,
                                                               azattest__collateral_certificate *certificate)
{
    azattest__collateral_certificate *found = atomic_load_explicit(&certificate->root, memory_order_acquire);

    if (found != NULL)
        return found == &nobody ? NULL : found;
    if ((found = find_root(c, &certificate->x509, true)) == NULL)
        found = find_root(c, &certificate->x509, false);
    /* whoever asks finds the same */
    atomic_store_explicit(&certificate->root, found == NULL ? &nobody : found, memory_order_release);
    return found;
}

/* Not a CA, and of that name: neither a PCK nor an authority may sign for TCBs. */
static bool is_tcb_signing(const azattest__x509 *certificate)
{
    char name[64];

    return !certificate->ca && certificate->key != NULL &&
           azattest__x509_common_name(certificate->subject, name, sizeof(name)) && strcmp(name, TCB_SIGNING) == 0;
}

/* The certificate whose key made the signature; the one with a root before others. */
static azattest_status find_signer(const azattest_collateral *c, const azattest__collateral_document *document,
                                   azattest__document_finding *out)
{
    azattest_bytes text = azattest__bytes(document->text, document->len);
    azattest__collateral_certificate *root;
    azattest_status status;
    size_t candidates = 0;
    bool valid, is_intel = false;

    for (size_t i = 0; !is_intel && candidates < AZATTEST__ISSUERS_TRIED && i < c->certificate_count; i++) {
        if (!is_tcb_signing(&c->certificates[i]->x509))
            continue;
        candidates++;
        if (azattest__key_fits(c->certificates[i]->x509.key, AZATTEST__ES256, NULL) != AZATTEST_OK)
            continue;
        if ((status = azattest__key_verify(c->certificates[i]->x509.key, AZATTEST__ES256, text,
                                           azattest__bytes(document->signature, sizeof(document->signature)), &valid,
                                           &out->error)) != AZATTEST_OK)
            return status;
        if (!valid)
            continue;
        root = azattest__collateral_root_of(c, c->certificates[i]);
        is_intel = root != NULL && has_intel_key(&root->x509);
        if (out->root == NULL || is_intel) {
            out->signer = &c->certificates[i]->x509;
            out->root = root == NULL ? NULL : &root->x509;
        }
    }
    out->no_signer = candidates == 0;
    if (candidates == 0)
        return azattest__error_set(&out->error, AZATTEST_E_EVIDENCE_INVALID,
                                   "no certificate \"" TCB_SIGNING "\" among the collateral: its signature cannot be "
                                   "checked");
    if (out->signer == NULL)
        return azattest__error_set(&out->error, AZATTEST_E_EVIDENCE_INVALID,
                                   "the signature is not one of the certificate \"" TCB_SIGNING "\" (ECDSA P-256, "
                                   "SHA-256)");
    if (out->root == NULL)
        return azattest__error_set(&out->error, AZATTEST_E_EVIDENCE_INVALID,
                                   "no root among the collateral issued the certificate that signed it");
    return AZATTEST_OK;
}

const azattest__document_finding *azattest__collateral_judge_document(const azattest_collateral *c,
                                                                      azattest__collateral_document *document)
{
    azattest__document_finding *finding = atomic_load_explicit(&document->finding, memory_order_acquire), *fresh;
    azattest_bytes text = azattest__bytes(document->text, document->len);

    if (finding != NULL)
        return finding;
    if ((fresh = calloc(1, sizeof(*fresh))) == NULL)
        return NULL;
    if ((fresh->status = find_signer(c, document, fresh)) == AZATTEST_OK)
        fresh->status = document->is_tcb_info ? azattest__tcb_info_read(text, &fresh->content.tcb, &fresh->error)
                                              : azattest__qe_identity_read(text, &fresh->content.qe, &fresh->error);
    if (fresh->status != AZATTEST_E_MEMORY &&
        atomic_compare_exchange_strong_explicit(&document->finding, &finding, fresh, memory_order_acq_rel,
                                                memory_order_acquire))
        return fresh;
    /* Another thread was faster, or nothing is known: want of memory is no finding. */
    azattest_error_free(fresh->error);
    if (document->is_tcb_info)
        azattest__tcb_info_clear(&fresh->content.tcb);
    else
        azattest__qe_identity_clear(&fresh->content.qe);
    free(fresh);
    return finding;
}

/* By the whole certificate: another one of the same name and key need not be allowed to sign lists. */
static bool same_issuer(const azattest__crl_finding *finding, const azattest__x509 *issuer)
{
    return azattest__bytes_equal(azattest__bytes(finding->issuer, finding->issuer_len), issuer->der);
}

static azattest__crl_finding *new_finding(const azattest__x509 *issuer)
{
    azattest__crl_finding *fresh = calloc(1, sizeof(*fresh));

    if (fresh == NULL || (fresh->issuer = (unsigned char *)azattest__dup(issuer->der.ptr, issuer->der.len)) == NULL) {
        free(fresh);
        return NULL;
    }
    fresh->issuer_len = issuer->der.len;
    return fresh;
}

static azattest_status told(const azattest__crl_finding *finding, azattest_error **error)
{
    return finding->status == AZATTEST_OK
               ? AZATTEST_OK
               : azattest__error_set(error, finding->status, "%s", azattest_error_message(finding->error));
}

azattest_status azattest__collateral_judge_crl(azattest__collateral_crl *crl, const azattest__x509 *issuer,
                                               azattest_error **error)
{
    azattest__crl_finding *finding = atomic_load_explicit(&crl->finding, memory_order_acquire), *fresh;
    azattest_status status;

    if (finding != NULL && same_issuer(finding, issuer))
        return told(finding, error);
    if ((fresh = new_finding(issuer)) == NULL)
        return azattest__error_memory(error);
    fresh->status = azattest__x509_crl_check_issued(&crl->crl, issuer, &fresh->error);
    status = told(fresh, error);
    finding = NULL;
    if (fresh->status == AZATTEST_E_MEMORY ||
        !atomic_compare_exchange_strong_explicit(&crl->finding, &finding, fresh, memory_order_acq_rel,
                                                 memory_order_acquire)) {
        azattest_error_free(fresh->error);
        free(fresh->issuer);
        free(fresh);
    }
    return status;
}

/* How well a document serves: compared in this order. */
typedef struct rank {
    bool tee, fmspc, verifies, alive;
    int evaluation;
    int64_t issue_date;
} rank;

static bool is_better(const rank *a, const rank *b)
{
    if (a->tee != b->tee)
        return a->tee;
    if (a->fmspc != b->fmspc)
        return a->fmspc;
    if (a->verifies != b->verifies)
        return a->verifies;
    if (a->alive != b->alive)
        return a->alive;
    if (a->evaluation != b->evaluation)
        return a->evaluation > b->evaluation;
    return a->issue_date > b->issue_date;
}

azattest__collateral_document *azattest__collateral_find_document(const azattest_collateral *c, bool is_tcb_info,
                                                                  bool tdx, const unsigned char *fmspc,
                                                                  const azattest__x509 *root, int64_t now)
{
    azattest__collateral_document *best = NULL, *document;
    const azattest__document_finding *finding;
    rank best_rank = { 0 }, here;

    for (size_t i = 0; i < c->document_count; i++) {
        document = c->documents[i];
        if (document->is_tcb_info != is_tcb_info)
            continue;
        here = (rank){
            .tee = document->tdx == tdx,
            .fmspc = fmspc == NULL || memcmp(document->fmspc, fmspc, sizeof(document->fmspc)) == 0,
            .alive = now >= document->issue_date && now <= document->next_update,
            .evaluation = document->evaluation,
            .issue_date = document->issue_date,
        };
        /* A signature is only worth its time for what the evidence could use. */
        if (here.tee && here.fmspc && (finding = azattest__collateral_judge_document(c, document)) != NULL)
            here.verifies = finding->status == AZATTEST_OK &&
                            (root == NULL || azattest__bytes_equal(finding->root->spki, root->spki));
        if (best == NULL || is_better(&here, &best_rank)) {
            best = document;
            best_rank = here;
        }
    }
    return best;
}

azattest__collateral_crl *azattest__collateral_find_crl(const azattest_collateral *c, const azattest__x509 *issuer,
                                                        int64_t now)
{
    azattest__collateral_crl *best = NULL;
    bool best_verifies = false, best_begun = false, verifies, begun;

    for (size_t i = 0; i < c->crl_count; i++) {
        const azattest__x509_crl *crl = &c->crls[i]->crl;

        if (!azattest__bytes_equal(crl->issuer, issuer->subject))
            continue;
        verifies = azattest__collateral_judge_crl(c->crls[i], issuer, NULL) == AZATTEST_OK;
        begun = crl->this_update <= now;
        if (best == NULL || (verifies != best_verifies ? verifies
                             : begun != best_begun     ? begun
                                                       : crl->this_update > best->crl.this_update)) {
            best = c->crls[i];
            best_verifies = verifies;
            best_begun = begun;
        }
    }
    return best;
}

azattest__crl_kind azattest__collateral_crl_kind(const azattest_collateral *c, const azattest__collateral_crl *crl)
{
    char name[64];

    /* AMD's lists are signed with RSA, those of Intel's hierarchy, and of hierarchies like it, with ECDSA. */
    if (crl->crl.alg != AZATTEST__X509_ECDSA_SHA256)
        return AZATTEST__CRL_OTHER;
    if (azattest__x509_common_name(crl->crl.issuer, name, sizeof(name)) && strcmp(name, "Intel SGX Root CA") == 0)
        return AZATTEST__CRL_ROOT;
    for (size_t i = 0; i < c->certificate_count; i++)
        if (azattest__x509_self_issued(&c->certificates[i]->x509) &&
            azattest__bytes_equal(c->certificates[i]->x509.subject, crl->crl.issuer))
            return AZATTEST__CRL_ROOT;
    return AZATTEST__CRL_PCK;
}

bool azattest__collateral_has_crl(const azattest_collateral *c, azattest__crl_kind kind)
{
    for (size_t i = 0; i < c->crl_count; i++)
        if (azattest__collateral_crl_kind(c, c->crls[i]) == kind)
            return true;
    return false;
}

azattest__collateral_certificate *azattest__collateral_issuer_of(const azattest_collateral *c,
                                                                 azattest__collateral_crl *crl, bool *named)
{
    size_t tried = 0;

    for (size_t i = 0; tried < AZATTEST__ISSUERS_TRIED && i < c->certificate_count; i++) {
        if (!azattest__bytes_equal(c->certificates[i]->x509.subject, crl->crl.issuer))
            continue;
        tried++;
        *named = true;
        if (azattest__collateral_judge_crl(crl, &c->certificates[i]->x509, NULL) == AZATTEST_OK)
            return c->certificates[i];
    }
    return NULL;
}

bool azattest__collateral_holds(const azattest_collateral *c, const azattest_collateral *beside)
{
    const azattest__document_finding *finding;

    for (size_t i = 0; i < c->document_count; i++)
        if ((finding = azattest__collateral_judge_document(c, c->documents[i])) == NULL ||
            finding->status != AZATTEST_OK)
            return false;
    for (size_t i = 0; i < c->crl_count; i++) {
        bool named = false;

        if (azattest__collateral_issuer_of(c, c->crls[i], &named) == NULL &&
            azattest__collateral_issuer_of(beside, c->crls[i], &named) == NULL && named)
            return false;
    }
    return true;
}
