/* Certificates in PEM, one behind the other, as quotes and answers of services carry them. */
#include "x509_parts.h"

#include "../base/encoding.h"

/* Between certificates: nothing that a reader of another kind could take for one. */
static bool is_blank(const char *from, const char *to)
{
    for (; from < to; from++)
        if (*from != '\n' && *from != '\r' && *from != ' ' && *from != '\t')
            return false;
    return true;
}

/* Room for all of them at once: spans point into it, so that it must never move. */
azattest_status azattest__x509_chain_begin(size_t len, azattest__x509_chain *out, azattest_error **error)
{
    memset(out, 0, sizeof(*out));
    azattest__buf_init(&out->der, len / 4 * 3 + 3);
    if (azattest__buf_grow(&out->der, out->der.limit) == NULL)
        return azattest__error_memory(error);
    azattest__buf_cut(&out->der, 0);
    return AZATTEST_OK;
}

azattest_status azattest__x509_chain_add(azattest__x509_chain *chain, azattest_bytes body,
                                         const azattest__x509_keys *keys, azattest_error **error)
{
    size_t start = chain->der.len;
    azattest_status status;

    if (chain->count == AZATTEST_LIMIT_CHAIN)
        return azattest__error_set(error, AZATTEST_E_LIMIT, "more than %u certificates", AZATTEST_LIMIT_CHAIN);
    if (!azattest__pem_decode_body(body, &chain->der))
        return chain->der.status == AZATTEST_E_MEMORY ? azattest__error_memory(error)
                                                      : azattest__error_set(error, AZATTEST_E_MALFORMED, "not base64");
    status = azattest__x509_read_with(azattest__bytes(chain->der.ptr + start, chain->der.len - start), keys,
                                      &chain->certificates[chain->count], error);
    if (status == AZATTEST_OK)
        chain->count++;
    return status;
}

static azattest_status read_blocks(azattest_bytes pem, azattest__x509_chain *out, azattest_error **error)
{
    const char *p = pem.ptr;
    azattest_bytes block, body;
    azattest_status status;
    size_t offset = 0, end = 0;

    while (azattest__pem_next(pem, "CERTIFICATE", &offset, &block, &body)) {
        if (!is_blank(p + end, block.ptr))
            return azattest__error_set(error, AZATTEST_E_MALFORMED, "other text before or between the certificates");
        if ((status = azattest__x509_chain_add(out, body, NULL, error)) != AZATTEST_OK) {
            if (status != AZATTEST_E_MEMORY && status != AZATTEST_E_LIMIT)
                azattest__error_prefix(error, "number %zu of the chain", out->count + 1);
            return status;
        }
        end = offset;
    }
    if (out->count == 0)
        return azattest__error_set(error, AZATTEST_E_MALFORMED, "no certificate in PEM");
    if (!is_blank(p + end, p + pem.len))
        return azattest__error_set(error, AZATTEST_E_MALFORMED, "other text behind the certificates");
    return AZATTEST_OK;
}

azattest_status azattest__x509_chain_read_pem(azattest_bytes pem, azattest__x509_chain *out, azattest_error **error)
{
    azattest_status status;

    memset(out, 0, sizeof(*out));
    while (pem.len > 0 && ((const char *)pem.ptr)[pem.len - 1] == '\0')
        pem.len--;
    if (pem.len == 0)
        return azattest__error_set(error, AZATTEST_E_MALFORMED, "empty, expected certificates in PEM");
    if (pem.len > AZATTEST_LIMIT_CERTIFICATE_CHAIN)
        return azattest__error_set(error, AZATTEST_E_LIMIT, "%zu bytes, at most %u are accepted", pem.len,
                                   AZATTEST_LIMIT_CERTIFICATE_CHAIN);
    if ((status = azattest__x509_chain_begin(pem.len, out, error)) != AZATTEST_OK ||
        (status = read_blocks(pem, out, error)) != AZATTEST_OK)
        azattest__x509_chain_clear(out);
    return status;
}

void azattest__x509_chain_clear(azattest__x509_chain *chain)
{
    if (chain == NULL)
        return;
    for (size_t i = 0; i < chain->count; i++)
        azattest__x509_clear(&chain->certificates[i]);
    azattest__buf_free(&chain->der);
    memset(chain, 0, sizeof(*chain));
}
