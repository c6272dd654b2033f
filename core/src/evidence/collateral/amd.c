#include "amd.h"

#include "../../base/clock.h"
#include "../../base/encoding.h"
#include "../amd/table.h"

#define COMMON_NAME 64u
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

/* The TCB version as one number, so its bytes stand the other way round than in a report. */
static bool read_tcbm(const char *text, unsigned char out[AZATTEST__SNP_TCB_SIZE])
{
    azattest__buf bytes;
    bool ok;

    azattest__buf_init(&bytes, AZATTEST__SNP_TCB_SIZE);
    ok = azattest__hex_decode(azattest__text(text), &bytes) && bytes.len == AZATTEST__SNP_TCB_SIZE;
    for (size_t i = 0; ok && i < AZATTEST__SNP_TCB_SIZE; i++)
        out[i] = bytes.ptr[AZATTEST__SNP_TCB_SIZE - 1 - i];
    azattest__buf_free(&bytes);
    return ok;
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
    if (tcbm != NULL && (azattest__json_string(tcbm) == NULL || !read_tcbm(azattest__json_string(tcbm), tcb)))
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

/* ---- what the set says of itself ---- */

static void put_name(azattest__json *json, const char *member, azattest_bytes name)
{
    char text[COMMON_NAME];

    azattest__json_put_string(json, member, azattest__x509_common_name(name, text, sizeof(text)) ? text : NULL);
}

static void put_time(azattest__json *json, const char *member, int64_t seconds)
{
    char text[AZATTEST__TIME_TEXT];

    azattest__time_format(seconds, text);
    azattest__json_put_string(json, member, text);
}

/* "amd", "other", or NULL when the chain does not end at a root. */
static azattest_status find_root(const azattest__amd_certificate *certificate, const char **root,
                                 azattest_error **error)
{
    azattest__snp_product product;
    azattest_status status;

    *root = NULL;
    for (size_t i = 0; certificate != NULL && i < 3; i++, certificate = certificate->issuer)
        if (certificate->role == AZATTEST__AMD_ARK) {
            if ((status = azattest__amd_pinned_product(&certificate->x509, &product, error)) != AZATTEST_OK)
                return status;
            *root = product == AZATTEST__SNP_UNKNOWN ? "other" : "amd";
            return AZATTEST_OK;
        }
    return AZATTEST_OK;
}

static azattest_status describe_certificate(const azattest__amd_certificate *certificate, azattest__json *list,
                                            azattest_error **error)
{
    static const char *const kinds[] = { "certificate", "ark", "ask", "asvk", "vcek", "vlek" };
    const azattest__vcek *vcek = &certificate->vcek;
    const char *root;
    azattest__json *json;
    azattest_status status = find_root(certificate, &root, error);

    if (status != AZATTEST_OK)
        return status;
    json = azattest__json_new_object();
    azattest__json_put_string(json, "kind", kinds[certificate->role]);
    azattest__json_put_string(json, "product", azattest__snp_product_name(certificate->product));
    put_name(json, "subject", certificate->x509.subject);
    put_name(json, "issuer", certificate->x509.issuer);
    if (vcek->hardware_id.ptr != NULL)
        azattest__json_put_hex(json, "chip_id", vcek->hardware_id);
    if (vcek->csp_id.ptr != NULL && azattest__utf8_valid(vcek->csp_id))
        azattest__json_put_bytes_text(json, "csp_id", vcek->csp_id);
    put_time(json, "from", certificate->x509.not_before);
    put_time(json, "until", certificate->x509.not_after);
    azattest__json_put_bool(json, "verified", certificate->issuer != NULL);
    azattest__json_put_string(json, "root", root);
    azattest__json_add(list, json);
    return AZATTEST_OK;
}

static azattest_status describe_crl(const azattest__amd_items *items, const azattest__amd_crl *crl,
                                    azattest__json *list, azattest_error **error)
{
    const char *root = NULL;
    azattest__json *json;
    bool verified = false;
    azattest_status status;

    for (size_t i = 0; !verified && i < items->certificate_count; i++)
        if (azattest__bytes_equal(items->certificates[i]->x509.subject, crl->crl.issuer) &&
            azattest__x509_crl_check_issued(&crl->crl, &items->certificates[i]->x509, NULL) == AZATTEST_OK) {
            verified = true;
            if ((status = find_root(items->certificates[i], &root, error)) != AZATTEST_OK)
                return status;
        }
    json = azattest__json_new_object();
    azattest__json_put_string(json, "kind", "amd_crl");
    put_name(json, "issuer", crl->crl.issuer);
    put_time(json, "from", crl->crl.this_update);
    put_time(json, "until", crl->crl.next_update);
    azattest__json_put_integer(json, "revoked", (int64_t)crl->crl.revoked_count);
    azattest__json_put_bool(json, "verified", verified);
    azattest__json_put_string(json, "root", root);
    azattest__json_add(list, json);
    return AZATTEST_OK;
}

azattest_status azattest__amd_describe(const azattest__amd_items *items, azattest__json *list, azattest_error **error)
{
    azattest_status status = AZATTEST_OK;

    for (size_t i = 0; status == AZATTEST_OK && i < items->certificate_count; i++)
        status = describe_certificate(items->certificates[i], list, error);
    for (size_t i = 0; status == AZATTEST_OK && i < items->crl_count; i++)
        status = describe_crl(items, items->crls[i], list, error);
    return status;
}

int64_t azattest__amd_expires(const azattest__amd_items *items)
{
    int64_t first = 0;

    for (size_t i = 0; i < items->certificate_count; i++)
        if (first == 0 || items->certificates[i]->x509.not_after < first)
            first = items->certificates[i]->x509.not_after;
    for (size_t i = 0; i < items->crl_count; i++)
        if (first == 0 || items->crls[i]->crl.next_update < first)
            first = items->crls[i]->crl.next_update;
    return first;
}

/* ---- saved ---- */

#define SAVED_CERTIFICATES "amd_certificates"
#define SAVED_CRLS "amd_crls"

static azattest_status save_certificates(const azattest__amd_items *items, azattest__json *document,
                                         azattest_error **error)
{
    azattest_status status;
    azattest__buf pem;

    if (items->certificate_count == 0)
        return AZATTEST_OK;
    azattest__buf_init(&pem, 2u * AZATTEST_LIMIT_CERTIFICATE * AZATTEST__AMD_ITEMS);
    for (size_t i = 0; i < items->certificate_count; i++)
        azattest__pem_encode("CERTIFICATE", azattest__buf_bytes(&items->certificates[i]->der), &pem);
    if ((status = azattest__error_from_buf(error, &pem, SAVED_CERTIFICATES)) == AZATTEST_OK)
        azattest__json_put_bytes_text(document, SAVED_CERTIFICATES, azattest__buf_bytes(&pem));
    azattest__buf_free(&pem);
    return status;
}

azattest_status azattest__amd_save(const azattest__amd_items *items, azattest__json *document, azattest_error **error)
{
    azattest_status status = save_certificates(items, document, error);
    azattest__json *list;

    if (status != AZATTEST_OK || items->crl_count == 0)
        return status;
    list = azattest__json_new_array();
    for (size_t i = 0; status == AZATTEST_OK && i < items->crl_count; i++) {
        azattest__buf text;

        azattest__buf_init(&text, 2u * AZATTEST_LIMIT_CRL);
        azattest__base64_encode(azattest__buf_bytes(&items->crls[i]->der), &text);
        if ((status = azattest__error_from_buf(error, &text, SAVED_CRLS)) == AZATTEST_OK)
            azattest__json_add_string(list, (const char *)text.ptr);
        azattest__buf_free(&text);
    }
    azattest__json_put(document, SAVED_CRLS, list);
    return status;
}

bool azattest__amd_is_saved(const azattest__json *document)
{
    return azattest__json_get(document, SAVED_CERTIFICATES) != NULL || azattest__json_get(document, SAVED_CRLS) != NULL;
}

static azattest_status add_saved_crl(azattest__amd_items *items, const azattest__json *text, azattest_error **error)
{
    azattest_status status;
    azattest__buf der;

    azattest__buf_init(&der, AZATTEST_LIMIT_CRL);
    if (azattest__json_string(text) == NULL ||
        !azattest__base64_decode(azattest__text(azattest__json_string(text)), &der))
        status = der.status == AZATTEST_OK
                     ? azattest__error_set(error, AZATTEST_E_MALFORMED, "\"" SAVED_CRLS "\" is not a list of base64")
                     : azattest__error_from_buf(error, &der, SAVED_CRLS);
    else
        status = azattest__amd_add_crl(items, azattest__buf_bytes(&der), error);
    azattest__buf_free(&der);
    return status;
}

azattest_status azattest__amd_add_saved(azattest__amd_items *items, const azattest__json *document,
                                        azattest_error **error)
{
    const azattest__json *certificates = azattest__json_get(document, SAVED_CERTIFICATES),
                         *crls = azattest__json_get(document, SAVED_CRLS);
    azattest_status status = AZATTEST_OK;

    if (certificates != NULL && azattest__json_string(certificates) == NULL)
        return azattest__error_set(error, AZATTEST_E_MALFORMED, "\"" SAVED_CERTIFICATES "\" is not a string of PEM");
    if (certificates != NULL)
        status = azattest__amd_add_chain(items, azattest__text(azattest__json_string(certificates)), error);
    if (crls != NULL && !azattest__json_is_array(crls))
        return azattest__error_set(error, AZATTEST_E_MALFORMED, "\"" SAVED_CRLS "\" is not a list");
    for (const azattest__json *text = azattest__json_first(crls); status == AZATTEST_OK && text != NULL;
         text = azattest__json_next(text))
        status = add_saved_crl(items, text, error);
    return status;
}
