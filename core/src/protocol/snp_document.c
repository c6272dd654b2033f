#include "snp_document.h"

#include "../base/encoding.h"
#include "../crypto/crypto.h"
#include "../evidence/amd/report.h"
#include "../json/json.h"

void azattest__snp_document_init(azattest__snp_document *document)
{
    azattest__buf_init(&document->text, AZATTEST__SNP_DOCUMENT_LIMIT);
    azattest__buf_init(&document->report, AZATTEST__SNP_REPORT_SIZE);
}

void azattest__snp_document_clear(azattest__snp_document *document)
{
    azattest__buf_free(&document->text);
    azattest__buf_free(&document->report);
}

static azattest_status bad_chain(const char *what, size_t number, const azattest_error *reason, azattest_error **error)
{
    return azattest__error_set(error, AZATTEST_E_ARGUMENT,
                               "%s: certificate %zu of vcek_chain cannot be used: %s; expected PEM or DER of VCEK, ASK "
                               "and ARK",
                               what, number, azattest_error_message(reason));
}

/* The bytes are one whole certificate. */
static azattest_status check_certificate(const char *what, size_t number, azattest_bytes der, azattest_error **error)
{
    azattest__cert *cert = NULL;
    azattest_error *reason = NULL;
    azattest_status status = azattest__cert_parse(der, &cert, &reason);

    if (status == AZATTEST_E_MEMORY)
        status = azattest__error_memory(error);
    else if (status != AZATTEST_OK)
        status = bad_chain(what, number, reason, error);
    azattest_error_free(reason);
    azattest__cert_free(cert);
    return status;
}

/* PEM goes as it came, line ends and all: the service reads it, and the caller may hold a hash of it. */
static azattest_status check_pem(const char *what, azattest_bytes text, size_t *count, azattest_error **error)
{
    azattest_status status = AZATTEST_OK;
    azattest_bytes block, body;
    size_t offset = 0;
    azattest__buf der;

    while (status == AZATTEST_OK && azattest__pem_next(text, "CERTIFICATE", &offset, &block, &body)) {
        azattest__buf_init(&der, AZATTEST_LIMIT_CERTIFICATE);
        if (!azattest__pem_decode_body(body, &der))
            status = der.status == AZATTEST_E_MEMORY
                         ? azattest__error_memory(error)
                         : azattest__error_set(error, AZATTEST_E_ARGUMENT,
                                               "%s: certificate %zu of vcek_chain is no base64 between its PEM lines",
                                               what, *count + 1);
        else
            status = check_certificate(what, *count + 1, azattest__buf_bytes(&der), error);
        azattest__buf_free(&der);
        (*count)++;
    }
    return status;
}

/* Length of the SEQUENCE at the front; 0 when there is none. */
static size_t element_length(azattest_bytes der)
{
    azattest_bytes rest = der;
    azattest__der element;

    return azattest__der_next(&rest, &element) && element.tag == 16 ? der.len - rest.len : 0;
}

static azattest_status convert_der(const char *what, azattest_bytes der, azattest__buf *pem, size_t *count,
                                   azattest_error **error)
{
    azattest_status status = AZATTEST_OK;
    size_t len;

    while (status == AZATTEST_OK && der.len > 0 && (len = element_length(der)) > 0) {
        azattest_bytes one = azattest__bytes(der.ptr, len);

        if ((status = check_certificate(what, ++*count, one, error)) == AZATTEST_OK)
            azattest__pem_encode("CERTIFICATE", one, pem);
        der = azattest__bytes((const unsigned char *)der.ptr + len, der.len - len);
    }
    if (status == AZATTEST_OK && der.len > 0)
        status = azattest__error_set(error, AZATTEST_E_ARGUMENT,
                                     "%s: vcek_chain is neither PEM nor DER certificates (byte %zu from its end)", what,
                                     der.len);
    return status;
}

/* The chain as PEM text in `pem`. */
static azattest_status chain_text(const char *what, azattest_bytes chain, azattest__buf *pem, azattest_error **error)
{
    azattest_status status;
    size_t count = 0;

    if ((status = check_pem(what, chain, &count, error)) != AZATTEST_OK)
        return status;
    if (count > 0)
        azattest__buf_append_bytes(pem, chain);
    else if ((status = convert_der(what, chain, pem, &count, error)) != AZATTEST_OK)
        return status;
    if (count > AZATTEST_LIMIT_CHAIN)
        return azattest__error_set(error, AZATTEST_E_LIMIT, "%s: vcek_chain holds %zu certificates, more than %u", what,
                                   count, AZATTEST_LIMIT_CHAIN);
    return azattest__error_from_buf(error, pem, "vcek_chain");
}

static azattest_status build(const char *what, azattest_bytes report, azattest_bytes chain, azattest_bytes endorsements,
                             azattest__snp_document *out, azattest_error **error)
{
    azattest__json *document = NULL;
    azattest_status status;
    azattest__buf pem;

    azattest__buf_init(&pem, 2u * AZATTEST_LIMIT_CERTIFICATE_CHAIN);
    if ((status = chain_text(what, chain, &pem, error)) != AZATTEST_OK)
        goto done;
    document = azattest__json_new_object();
    azattest__json_put_base64url(document, "SnpReport", report);
    azattest__json_put_base64url(document, "VcekCertChain", azattest__buf_bytes(&pem));
    if (endorsements.ptr != NULL)
        azattest__json_put_base64url(document, "Endorsements", endorsements);
    if ((status = azattest__json_print(document, false, &out->text, error)) != AZATTEST_OK)
        goto done;
    azattest__buf_append_bytes(&out->report, report);
    status = azattest__error_from_buf(error, &out->report, "report");
done:
    azattest__json_free(document);
    azattest__buf_free(&pem);
    return status;
}

/* The caller's own document: its report is read, the rest is the service's business. */
static azattest_status take(const char *what, azattest_bytes text, azattest__snp_document *out, azattest_error **error)
{
    azattest__json *document = NULL;
    const azattest__json *report;
    azattest_error *reason = NULL;
    azattest_status status = azattest__json_parse(text, &document, &reason);

    if (status == AZATTEST_E_MEMORY) {
        status = azattest__error_memory(error);
    } else if (status != AZATTEST_OK) {
        status =
            azattest__error_set(error, AZATTEST_E_ARGUMENT, "%s: the report looks like a JSON document and is none: %s",
                                what, azattest_error_message(reason));
    } else if (!azattest__json_find_nocase(document, "SnpReport", &report) || !azattest__json_is_string(report) ||
               !azattest__base64_any_decode(azattest__text(azattest__json_string(report)), &out->report) ||
               out->report.len != AZATTEST__SNP_REPORT_SIZE) {
        status = out->report.status == AZATTEST_E_MEMORY
                     ? azattest__error_memory(error)
                     : azattest__error_set(error, AZATTEST_E_ARGUMENT,
                                           "%s: the JSON document has no \"SnpReport\", base64url of %u bytes", what,
                                           AZATTEST__SNP_REPORT_SIZE);
    } else {
        azattest__buf_append_bytes(&out->text, text);
        status = azattest__error_from_buf(error, &out->text, "report");
    }
    azattest_error_free(reason);
    azattest__json_free(document);
    return status;
}

static bool is_json(azattest_bytes text)
{
    const char *p = text.ptr;
    size_t i = 0;

    while (i < text.len && (p[i] == ' ' || p[i] == '\t' || p[i] == '\r' || p[i] == '\n'))
        i++;
    return i < text.len && p[i] == '{';
}

azattest_status azattest__snp_document_make(const char *what, azattest_bytes evidence, azattest_bytes vcek_chain,
                                            azattest_bytes endorsements, azattest__snp_document *out,
                                            azattest_error **error)
{
    bool has_parts = vcek_chain.ptr != NULL || endorsements.ptr != NULL;

    if (evidence.len == AZATTEST__SNP_REPORT_SIZE && !is_json(evidence)) {
        if (vcek_chain.ptr == NULL || vcek_chain.len == 0)
            return azattest__error_set(error, AZATTEST_E_ARGUMENT,
                                       "%s: the service takes a report together with its certificates; give VCEK, ASK "
                                       "and ARK as vcek_chain",
                                       what);
        return build(what, evidence, vcek_chain, endorsements, out, error);
    }
    if (!is_json(evidence))
        return azattest__error_set(error, AZATTEST_E_ARGUMENT,
                                   "%s: the report has %zu bytes; expected a raw report of %u bytes, or the JSON "
                                   "document with \"SnpReport\" and \"VcekCertChain\"",
                                   what, evidence.len, AZATTEST__SNP_REPORT_SIZE);
    if (has_parts)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT,
                                   "%s: the report is a whole JSON document, which is sent as it is: put %s into it",
                                   what, vcek_chain.ptr != NULL ? "vcek_chain" : "endorsements");
    return take(what, evidence, out, error);
}
