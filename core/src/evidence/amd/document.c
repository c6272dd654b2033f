#include "document.h"

#include "../../base/encoding.h"

bool azattest__snp_document_looks_like(const azattest__json *document)
{
    return azattest__json_get_nocase(document, "SnpReport") != NULL;
}

static azattest_status read_member(const azattest__json *document, const char *name, azattest__buf *out,
                                   azattest_error **error)
{
    const azattest__json *member;
    const char *text;

    if (!azattest__json_find_nocase(document, name, &member))
        return azattest__error_set(error, AZATTEST_E_EVIDENCE,
                                   "JSON document: two members are called \"%s\", but for their case", name);
    if ((text = azattest__json_string(member)) == NULL)
        return azattest__error_set(error, AZATTEST_E_EVIDENCE, "JSON document: \"%s\" is not a string", name);
    if (azattest__base64_any_decode(azattest__text(text), out))
        return AZATTEST_OK;
    if (out->status != AZATTEST_OK)
        return azattest__error_from_buf(error, out, name);
    return azattest__error_set(error, AZATTEST_E_EVIDENCE, "JSON document: \"%s\": not base64 or base64url", name);
}

azattest_status azattest__snp_document_read(const azattest__json *document, azattest__buf *report, azattest__buf *chain,
                                            azattest_error **error)
{
    azattest_status status = read_member(document, "SnpReport", report, error);

    if (status == AZATTEST_OK && report->len != AZATTEST__SNP_REPORT_SIZE)
        return azattest__error_set(error, AZATTEST_E_EVIDENCE,
                                   "JSON document: \"SnpReport\" has %zu bytes, expected %u", report->len,
                                   AZATTEST__SNP_REPORT_SIZE);
    if (status != AZATTEST_OK || azattest__json_get_nocase(document, "VcekCertChain") == NULL)
        return status;
    return read_member(document, "VcekCertChain", chain, error);
}

azattest_status azattest__snp_document_read_text(azattest_bytes text, bool *is_document, azattest__buf *report,
                                                 azattest__buf *chain, azattest_error **error)
{
    const char *p = text.ptr;
    azattest__json *document = NULL;
    azattest_status status;
    size_t i = 0;

    while (i < text.len && (p[i] == ' ' || p[i] == '\t' || p[i] == '\r' || p[i] == '\n'))
        i++;
    if (!(*is_document = i < text.len && p[i] == '{'))
        return AZATTEST_OK;
    if ((status = azattest__json_parse(text, &document, error)) != AZATTEST_OK)
        azattest__error_prefix(error, "JSON document");
    else if (!azattest__snp_document_looks_like(document))
        status = azattest__error_set(error, AZATTEST_E_EVIDENCE, "JSON document: no \"SnpReport\" in it");
    else
        status = azattest__snp_document_read(document, report, chain, error);
    azattest__json_free(document);
    return status;
}
