#include "amd.h"

#include <stdlib.h>

#include "../../base/encoding.h"
#include "../amd/table.h"
#include "collateral.h"

#define TAG_SEQUENCE 16

/* ---- forms ---- */

/* Nothing but white space, and NULs at the end: a page of a table may be padded. */
static bool is_blank(const unsigned char *p, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (p[i] != ' ' && p[i] != '\t' && p[i] != '\r' && p[i] != '\n' && p[i] != '\0')
            return false;
    return true;
}

static azattest_status add_pem(azattest__amd_items *items, azattest_bytes text, azattest_error **error)
{
    const unsigned char *start = text.ptr;
    azattest_status status = AZATTEST_OK;
    azattest_bytes block, body;
    size_t offset = 0, before = 0;
    azattest__buf der;

    while (status == AZATTEST_OK && azattest__pem_next(text, "CERTIFICATE", &offset, &block, &body)) {
        azattest__buf_init(&der, AZATTEST_LIMIT_CERTIFICATE);
        if (!is_blank(start + before, (size_t)((const unsigned char *)block.ptr - start) - before))
            status = azattest__error_set(error, AZATTEST_E_MALFORMED, "text between the certificates (PEM)");
        else if (!azattest__pem_decode_body(body, &der))
            status = der.status == AZATTEST_OK
                         ? azattest__error_set(error, AZATTEST_E_MALFORMED, "a certificate's PEM is not base64")
                         : azattest__error_from_buf(error, &der, "certificate");
        else
            status = azattest__amd_add_certificate(items, azattest__buf_bytes(&der), error);
        azattest__buf_free(&der);
        before = offset;
    }
    if (status == AZATTEST_OK && !is_blank(start + before, text.len - before))
        status = azattest__error_set(error, AZATTEST_E_MALFORMED, "text behind the certificates (PEM)");
    return status;
}

static azattest_status add_der(azattest__amd_items *items, azattest_bytes der, azattest_error **error)
{
    azattest_status status = AZATTEST_OK;
    azattest__der element;

    while (status == AZATTEST_OK && !is_blank(der.ptr, der.len)) {
        azattest_bytes rest = der;

        if (!azattest__der_next(&rest, &element) || element.tag != TAG_SEQUENCE)
            return azattest__error_set(error, AZATTEST_E_MALFORMED,
                                       "neither PEM nor DER certificates (%zu bytes from the end)", der.len);
        status = azattest__amd_add_certificate(items, azattest__bytes(der.ptr, der.len - rest.len), error);
        der = rest;
    }
    return status;
}

azattest_status azattest__amd_add_chain(azattest__amd_items *items, azattest_bytes chain, azattest_error **error)
{
    static const char begin[] = "-----BEGIN ";

    if (is_blank(chain.ptr, chain.len))
        return azattest__error_set(error, AZATTEST_E_MALFORMED, "no certificate");
    return memmem(chain.ptr, chain.len, begin, sizeof(begin) - 1) != NULL ? add_pem(items, chain, error)
                                                                          : add_der(items, chain, error);
}

azattest_status azattest__amd_add_table(azattest__amd_items *items, azattest_bytes table, azattest_error **error)
{
    azattest__amd_table read;
    azattest_status status = azattest__amd_table_read(table, &read, error);

    for (size_t i = 0; status == AZATTEST_OK && i < read.count; i++)
        if (read.entries[i].kind != AZATTEST__AMD_ENTRY_OTHER &&
            (status = azattest__amd_add_chain(items, read.entries[i].content, error)) != AZATTEST_OK)
            azattest__error_prefix(error, "certificate table: entry %zu", i);
    return status;
}

/* ---- THIM ---- */

bool azattest__amd_is_thim(const azattest__json *document)
{
    return azattest__json_get(document, "vcekCert") != NULL;
}

bool azattest__amd_read_tcbm(const char *text, unsigned char out[AZATTEST__SNP_TCB_SIZE])
{
    unsigned char bytes[AZATTEST__SNP_TCB_SIZE];

    if (!azattest__hex_decode_exactly(azattest__text(text), bytes, sizeof(bytes)))
        return false;
    for (size_t i = 0; i < sizeof(bytes); i++)
        out[i] = bytes[sizeof(bytes) - 1 - i];
    return true;
}

azattest_status azattest__amd_add_thim(azattest__amd_items *items, const azattest__json *document,
                                       azattest_error **error)
{
    const azattest__json *chain = azattest__json_get(document, "certificateChain"),
                         *tcbm = azattest__json_get(document, "tcbm");
    const char *leaf = azattest__json_get_string(document, "vcekCert");
    unsigned char tcb[AZATTEST__SNP_TCB_SIZE];
    size_t first = items->certificate_count;
    azattest_status status;

    if (leaf == NULL)
        return azattest__error_set(error, AZATTEST_E_MALFORMED, "\"vcekCert\" is not a string of PEM");
    if (tcbm != NULL &&
        (azattest__json_string(tcbm) == NULL || !azattest__amd_read_tcbm(azattest__json_string(tcbm), tcb)))
        return azattest__error_set(error, AZATTEST_E_MALFORMED, "\"tcbm\" is not 16 hexadecimal digits");
    if ((status = azattest__amd_add_chain(items, azattest__text(leaf), error)) != AZATTEST_OK) {
        azattest__error_prefix(error, "\"vcekCert\"");
        return status;
    }
    for (size_t i = first; tcbm != NULL && i < items->certificate_count; i++) {
        items->certificates[i]->has_tcbm = true;
        memcpy(items->certificates[i]->tcbm, tcb, sizeof(tcb));
    }
    if (chain == NULL)
        return AZATTEST_OK;
    if (azattest__json_string(chain) == NULL)
        return azattest__error_set(error, AZATTEST_E_MALFORMED, "\"certificateChain\" is not a string of PEM");
    if ((status = azattest__amd_add_chain(items, azattest__text(azattest__json_string(chain)), error)) != AZATTEST_OK)
        azattest__error_prefix(error, "\"certificateChain\"");
    return status;
}

static azattest_status add_json(azattest__amd_items *items, azattest_bytes text, azattest_error **error)
{
    azattest__json *document = NULL;
    azattest_status status = azattest__json_parse(text, &document, error);

    if (status == AZATTEST_OK)
        status = azattest__amd_is_thim(document)
                     ? azattest__amd_add_thim(items, document, error)
                     : azattest__error_set(error, AZATTEST_E_MALFORMED, "a JSON document without \"vcekCert\"");
    azattest__json_free(document);
    return status;
}

azattest_status azattest__amd_add_any(azattest__amd_items *items, azattest_bytes content, azattest_error **error)
{
    const unsigned char *p = content.ptr;
    size_t certificates = items->certificate_count, crls = items->crl_count, i = 0;
    azattest_status status;

    while (i < content.len && (p[i] == ' ' || p[i] == '\t' || p[i] == '\r' || p[i] == '\n'))
        i++;
    if (azattest__amd_table_looks_like(content))
        status = azattest__amd_add_table(items, content, error);
    else if (i < content.len && p[i] == '{')
        status = add_json(items, content, error);
    else
        status = azattest__amd_add_chain(items, content, error);
    if (status != AZATTEST_OK)
        azattest__amd_items_cut(items, certificates, crls);
    return status;
}

/* ---- those of a set of collateral ---- */

azattest_status azattest__collateral_read_amd_table(azattest_collateral *c, azattest_bytes table,
                                                    azattest_error **error)
{
    azattest__amd_table read;
    azattest_status status = azattest__amd_table_read(table, &read, error);

    for (size_t i = 0; status == AZATTEST_OK && i < read.count; i++)
        if (read.entries[i].kind != AZATTEST__AMD_ENTRY_OTHER)
            status = azattest__collateral_read_x509(c, read.entries[i].content, "certificate table", error);
    return status;
}

static azattest_status gather(const azattest_collateral *c, azattest__amd_items *items)
{
    azattest_status status = AZATTEST_OK;

    for (size_t i = 0; status == AZATTEST_OK && i < c->certificate_count; i++) {
        const azattest__collateral_certificate *one = c->certificates[i];
        size_t before = items->certificate_count;

        if (azattest__amd_role_of(&one->x509, NULL) == AZATTEST__AMD_OTHER)
            continue;
        status = azattest__amd_add_certificate(items, one->x509.der, NULL);
        if (status == AZATTEST_OK && one->has_tcbm && items->certificate_count > before) {
            items->certificates[before]->has_tcbm = true;
            memcpy(items->certificates[before]->tcbm, one->tcbm, sizeof(one->tcbm));
        }
    }
    for (size_t i = 0; status == AZATTEST_OK && i < c->crl_count; i++)
        if (azattest__amd_is_crl(&c->crls[i]->crl))
            status = azattest__amd_add_crl(items, c->crls[i]->crl.der, NULL);
    return status;
}

const azattest__amd_items *azattest__collateral_amd(const azattest_collateral *c)
{
    azattest__amd_items *made, *expected = NULL;
    azattest_collateral *place;

    memcpy(&place, &c, sizeof(place)); /* what was found out stands apart from the const of the readers */
    azattest__collateral_use(c);
    if ((made = atomic_load_explicit(&place->amd, memory_order_acquire)) != NULL)
        return made;
    if ((made = calloc(1, sizeof(*made))) == NULL)
        return NULL;
    if (gather(c, made) == AZATTEST_OK && atomic_compare_exchange_strong_explicit(
                                              &place->amd, &expected, made, memory_order_acq_rel, memory_order_acquire))
        return made;
    azattest__amd_items_clear(made);
    free(made);
    return expected;
}
