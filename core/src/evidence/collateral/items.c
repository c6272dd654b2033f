/* Items of the set: each once, each read when it comes in, so that nothing malformed is in it. */
#include "collateral.h"

#include <stdlib.h>

#include "../../base/encoding.h"
#include "../../json/json.h"

/* Room for one more pointer. Lists have the room of their ceiling from their first item on: they never move. */
static azattest_status reserve(void ***list, size_t count, const char *what, azattest_error **error)
{
    if (count == AZATTEST_LIMIT_COLLATERAL_ITEMS)
        return azattest__error_set(error, AZATTEST_E_LIMIT, "collateral: more than %u %s",
                                   AZATTEST_LIMIT_COLLATERAL_ITEMS, what);
    if (*list == NULL && (*list = calloc(AZATTEST_LIMIT_COLLATERAL_ITEMS, sizeof(**list))) == NULL)
        return azattest__error_memory(error);
    return AZATTEST_OK;
}

static void free_certificate(azattest__collateral_certificate *item)
{
    if (item == NULL)
        return;
    azattest__x509_clear(&item->x509);
    free(item->der);
    free(item);
}

static void free_crl(azattest__collateral_crl *item)
{
    azattest__crl_finding *finding;

    if (item == NULL)
        return;
    if ((finding = atomic_load(&item->finding)) != NULL) {
        azattest_error_free(finding->error);
        free(finding->issuer);
        free(finding);
    }
    free(item->der);
    free(item);
}

static void free_document(azattest__collateral_document *item)
{
    azattest__document_finding *finding;

    if (item == NULL)
        return;
    if ((finding = atomic_load(&item->finding)) != NULL) {
        azattest_error_free(finding->error);
        if (item->is_tcb_info)
            azattest__tcb_info_clear(&finding->content.tcb);
        else
            azattest__qe_identity_clear(&finding->content.qe);
        free(finding);
    }
    free(item->text);
    free(item);
}

void azattest__collateral_cut(azattest_collateral *c, size_t certificates, size_t crls, size_t documents)
{
    while (c->certificate_count > certificates)
        free_certificate(c->certificates[--c->certificate_count]);
    while (c->crl_count > crls)
        free_crl(c->crls[--c->crl_count]);
    while (c->document_count > documents)
        free_document(c->documents[--c->document_count]);
}

static azattest_status named(azattest_status status, const char *what, azattest_error **error)
{
    if (status != AZATTEST_OK && status != AZATTEST_E_MEMORY)
        azattest__error_prefix(error, "collateral: %s", what);
    return status;
}

azattest_status azattest__collateral_add_certificate(azattest_collateral *c, azattest_bytes der, const char *what,
                                                     azattest_error **error)
{
    azattest__collateral_certificate *item;
    azattest_status status;

    for (size_t i = 0; i < c->certificate_count; i++)
        if (azattest__bytes_equal(c->certificates[i]->x509.der, der))
            return AZATTEST_OK;
    if ((status = reserve((void ***)&c->certificates, c->certificate_count, "certificates", error)) != AZATTEST_OK)
        return status;
    if ((item = calloc(1, sizeof(*item))) == NULL ||
        (item->der = (unsigned char *)azattest__dup(der.ptr, der.len)) == NULL)
        status = azattest__error_memory(error);
    else
        status = named(azattest__x509_read(azattest__bytes(item->der, der.len), &item->x509, error), what, error);
    if (status == AZATTEST_OK)
        c->certificates[c->certificate_count++] = item;
    else
        free_certificate(item);
    return status;
}

azattest_status azattest__collateral_add_crl(azattest_collateral *c, azattest_bytes der, const char *what,
                                             azattest_error **error)
{
    azattest__collateral_crl *item;
    azattest_status status;

    for (size_t i = 0; i < c->crl_count; i++)
        if (azattest__bytes_equal(c->crls[i]->crl.der, der))
            return AZATTEST_OK;
    if ((status = reserve((void ***)&c->crls, c->crl_count, "revocation lists", error)) != AZATTEST_OK)
        return status;
    if ((item = calloc(1, sizeof(*item))) == NULL ||
        (item->der = (unsigned char *)azattest__dup(der.ptr, der.len)) == NULL)
        status = azattest__error_memory(error);
    else
        status = named(azattest__x509_crl_read(azattest__bytes(item->der, der.len), &item->crl, error), what, error);
    if (status == AZATTEST_OK)
        c->crls[c->crl_count++] = item;
    else
        free_crl(item);
    return status;
}

/* What finds the document and tells about it. All else is read when its signature is known to be good. */
static azattest_status read_head(azattest__collateral_document *item, azattest_error **error)
{
    azattest_bytes text = azattest__bytes(item->text, item->len);
    azattest__qe_identity_head identity;
    azattest__tcb_info_head info;
    azattest_status status;

    if (item->is_tcb_info) {
        if ((status = azattest__tcb_info_read_head(text, &info, error)) != AZATTEST_OK)
            return status;
        item->tdx = info.tdx;
        item->issue_date = info.issue_date;
        item->next_update = info.next_update;
        item->evaluation = info.evaluation;
        memcpy(item->fmspc, info.fmspc, sizeof(item->fmspc));
        return AZATTEST_OK;
    }
    if ((status = azattest__qe_identity_read_head(text, &identity, error)) != AZATTEST_OK)
        return status;
    item->tdx = identity.tdx;
    item->issue_date = identity.issue_date;
    item->next_update = identity.next_update;
    item->evaluation = identity.evaluation;
    return AZATTEST_OK;
}

azattest_status azattest__collateral_add_document(azattest_collateral *c, bool is_tcb_info, azattest_bytes text,
                                                  azattest_bytes signature_hex, azattest_error **error)
{
    azattest__collateral_document *item = NULL;
    unsigned char signature[64];
    azattest_status status;

    if (!azattest__hex_decode_exactly(signature_hex, signature, sizeof(signature)))
        return azattest__error_set(error, AZATTEST_E_MALFORMED,
                                   "collateral: %s: its signature is not 128 hexadecimal digits",
                                   is_tcb_info ? "TCB info" : "QE identity");
    for (size_t i = 0; i < c->document_count; i++)
        if (c->documents[i]->is_tcb_info == is_tcb_info &&
            azattest__bytes_equal(azattest__bytes(c->documents[i]->text, c->documents[i]->len), text) &&
            memcmp(c->documents[i]->signature, signature, sizeof(signature)) == 0)
            return AZATTEST_OK;
    if ((status = reserve((void ***)&c->documents, c->document_count, "signed documents", error)) != AZATTEST_OK)
        return status;
    if ((item = calloc(1, sizeof(*item))) == NULL ||
        (item->text = (unsigned char *)azattest__dup(text.ptr, text.len)) == NULL) {
        status = azattest__error_memory(error);
        goto done;
    }
    item->is_tcb_info = is_tcb_info;
    item->len = text.len;
    memcpy(item->signature, signature, sizeof(signature));
    if ((status = read_head(item, error)) != AZATTEST_OK) {
        (void)named(status, is_tcb_info ? "a signed document" : "a signed identity", error);
        goto done;
    }
    c->documents[c->document_count++] = item;
    item = NULL;
done:
    free_document(item);
    return status;
}
