/* The set as one JSON document: the members of a dcap-qvl bundle from the first item of each kind, and lists of ours
 * for all else. Written without a tree: a fleet's set is large. */
#include "collateral.h"

#include <stdlib.h>

#include "../../base/encoding.h"
#include "../../json/json.h"

/* Hexadecimal doubles a list, base64 and its escaped line ends add 40 % to a certificate. */
#define SAVE_LIMIT (4u * AZATTEST_LIMIT_COLLATERAL_FILE)

typedef struct writer {
    const azattest_collateral *c;
    azattest__buf *out;
    bool any;                                           /* a member was written */
    bool certificates[AZATTEST_LIMIT_COLLATERAL_ITEMS]; /* those that were */
    const azattest__collateral_document *first[2];      /* TCB info, QE identity that are members of the bundle */
    const azattest__collateral_crl *lists[2];           /* the same of the root's list and the PCK list */
} writer;

static void member(writer *w, const char *name)
{
    azattest__buf_append_text(w->out, w->any ? ",\n" : "{\n");
    azattest__buf_printf(w->out, "\"%s\":", name);
    w->any = true;
}

/* Documents have no escapes and PEM none but line ends; both are text, NUL-terminated in their buffers. */
static void put_pem(writer *w, const azattest__collateral_certificate *const *certificates, size_t count)
{
    azattest__buf pem;

    azattest__buf_init(&pem, SAVE_LIMIT);
    for (size_t i = 0; i < count; i++)
        azattest__pem_encode("CERTIFICATE", certificates[i]->x509.der, &pem);
    if (pem.status != AZATTEST_OK)
        w->out->status = pem.status;
    else
        azattest__json_append_string(pem.ptr == NULL ? "" : (const char *)pem.ptr, w->out);
    azattest__buf_free(&pem);
}

static void put_document(writer *w, const azattest__collateral_document *document)
{
    azattest__json_append_string((const char *)document->text, w->out);
}

static void put_hex(writer *w, azattest_bytes data)
{
    azattest__buf_append_text(w->out, "\"");
    azattest__hex_encode(data, w->out);
    azattest__buf_append_text(w->out, "\"");
}

static size_t index_of(const azattest_collateral *c, const azattest__x509 *x509)
{
    for (size_t i = 0; i < c->certificate_count; i++)
        if (&c->certificates[i]->x509 == x509)
            return i;
    return c->certificate_count;
}

/* The chain of what a certificate signed: itself, and its root. */
static void put_chain(writer *w, const char *name, const azattest__x509 *leaf, const azattest__x509 *root)
{
    const azattest__collateral_certificate *chain[2];
    size_t at[2] = { index_of(w->c, leaf), index_of(w->c, root) };

    for (size_t i = 0; i < 2; i++) {
        if (at[i] == w->c->certificate_count)
            return;
        chain[i] = w->c->certificates[at[i]];
        w->certificates[at[i]] = true;
    }
    member(w, name);
    put_pem(w, chain, 2);
}

static void save_first_documents(writer *w)
{
    static const char *const names[2][3] = { { "tcb_info", "tcb_info_signature", "tcb_info_issuer_chain" },
                                             { "qe_identity", "qe_identity_signature", "qe_identity_issuer_chain" } };
    const azattest__document_finding *finding;

    for (size_t kind = 0; kind < 2; kind++)
        for (size_t i = 0; i < w->c->document_count && w->first[kind] == NULL; i++) {
            azattest__collateral_document *document = w->c->documents[i];

            if (document->is_tcb_info != (kind == 0))
                continue;
            w->first[kind] = document;
            member(w, names[kind][0]);
            put_document(w, document);
            member(w, names[kind][1]);
            put_hex(w, azattest__bytes(document->signature, sizeof(document->signature)));
            if ((finding = azattest__collateral_judge_document(w->c, document)) != NULL && finding->root != NULL)
                put_chain(w, names[kind][2], finding->signer, finding->root);
        }
}

/* The lists of Intel's hierarchy, and the issuer of the PCK list with its root as far as the set has them. */
static void save_first_lists(writer *w)
{
    for (size_t i = 0; i < w->c->crl_count; i++) {
        azattest__crl_kind kind = azattest__collateral_crl_kind(w->c, w->c->crls[i]);
        size_t place = kind == AZATTEST__CRL_ROOT ? 0 : 1;

        if (kind == AZATTEST__CRL_OTHER || w->lists[place] != NULL)
            continue;
        w->lists[place] = w->c->crls[i];
        member(w, place == 0 ? "root_ca_crl" : "pck_crl");
        put_hex(w, w->c->crls[i]->crl.der);
        for (size_t k = 0; place == 1 && k < w->c->certificate_count; k++) {
            azattest__collateral_certificate *root;

            if (!azattest__bytes_equal(w->c->certificates[k]->x509.subject, w->c->crls[i]->crl.issuer) ||
                (root = azattest__collateral_root_of(w->c, w->c->certificates[k])) == NULL)
                continue;
            put_chain(w, "pck_crl_issuer_chain", &w->c->certificates[k]->x509, &root->x509);
            break;
        }
    }
}

static void save_other_documents(writer *w, bool is_tcb_info)
{
    bool any = false;

    for (size_t i = 0; i < w->c->document_count; i++) {
        const azattest__collateral_document *document = w->c->documents[i];

        if (document->is_tcb_info != is_tcb_info || document == w->first[is_tcb_info ? 0 : 1])
            continue;
        if (!any)
            member(w, is_tcb_info ? "tcb_infos" : "qe_identities");
        azattest__buf_printf(w->out, "%s{\"%s\":", any ? "," : "[", is_tcb_info ? "tcb_info" : "qe_identity");
        put_document(w, document);
        azattest__buf_printf(w->out, ",\"%s\":", is_tcb_info ? "tcb_info_signature" : "qe_identity_signature");
        put_hex(w, azattest__bytes(document->signature, sizeof(document->signature)));
        azattest__buf_append_text(w->out, "}");
        any = true;
    }
    if (any)
        azattest__buf_append_text(w->out, "]");
}

static void save_other_lists(writer *w)
{
    bool any = false;

    for (size_t i = 0; i < w->c->crl_count; i++) {
        if (w->c->crls[i] == w->lists[0] || w->c->crls[i] == w->lists[1])
            continue;
        if (!any)
            member(w, "crls");
        azattest__buf_append_text(w->out, any ? "," : "[");
        put_hex(w, w->c->crls[i]->crl.der);
        any = true;
    }
    if (any)
        azattest__buf_append_text(w->out, "]");
}

static void save_other_certificates(writer *w)
{
    const azattest__collateral_certificate *others[AZATTEST_LIMIT_COLLATERAL_ITEMS];
    size_t count = 0;

    for (size_t i = 0; i < w->c->certificate_count; i++)
        if (!w->certificates[i])
            others[count++] = w->c->certificates[i];
    if (count > 0) {
        member(w, "certificates");
        put_pem(w, others, count);
    }
}

azattest_status azattest_collateral_save(const azattest_collateral *collateral, unsigned char **bytes, size_t *len,
                                         azattest_error **error)
{
    writer w = { .c = collateral };
    azattest_status status;
    azattest__buf out;

    if (error != NULL)
        *error = NULL;
    if (bytes != NULL)
        *bytes = NULL;
    if (len != NULL)
        *len = 0;
    if (collateral == NULL || bytes == NULL || len == NULL)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT, "collateral: no %s",
                                   collateral == NULL ? "set" : "place for the result");
    azattest__collateral_use(collateral);
    azattest__buf_init(&out, SAVE_LIMIT);
    w.out = &out;
    save_first_documents(&w);
    save_first_lists(&w);
    save_other_documents(&w, true);
    save_other_documents(&w, false);
    save_other_lists(&w);
    save_other_certificates(&w);
    azattest__buf_append_text(&out, w.any ? "\n}\n" : "{\n\"certificates\":\"\"\n}\n");
    if ((status = azattest__error_from_buf(error, &out, "collateral")) == AZATTEST_OK)
        *bytes = azattest__buf_take(&out, len);
    azattest__buf_free(&out);
    return status;
}
