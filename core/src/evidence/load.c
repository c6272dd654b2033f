/* What wraps evidence in files. The form is decided by the content alone, in a fixed order: bytes that no text has,
 * then JSON, PEM, hexadecimal, base64. No text form can be mistaken for another, because evidence begins with a small
 * version number: its base64 begins with "A" or "B" and holds letters that no hexadecimal has. */
#include <stdio.h>

#include "../base/encoding.h"
#include "amd/document.h"
#include "azure/guest.h"
#include "formats.h"

/* A PEM label is one of ours to read, whatever evidence people call it. */
#define LABEL_LIMIT 64

static bool is_space(unsigned char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool is_hex(unsigned char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static bool is_base64(unsigned char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '+' || c == '/' ||
           c == '-' || c == '_' || c == '=';
}

/* Raw evidence has a NUL within its first four bytes, whatever its kind; text has none. Text may hold UTF-8 (JSON). */
static bool is_text(azattest_bytes file)
{
    const unsigned char *p = file.ptr;

    for (size_t i = 0; i < file.len; i++)
        if ((p[i] < 0x20 && !is_space(p[i])) || p[i] == 0x7f)
            return false;
    return azattest__utf8_valid(file);
}

static azattest_status malformed(azattest_error **error, const char *what, const char *reason)
{
    return azattest__error_set(error, AZATTEST_E_EVIDENCE, "%s: %s", what, reason);
}

/* A decoder's failure: its buffer's, or the text's. */
static azattest_status decoded(bool ok, const azattest__buf *out, const char *what, const char *reason,
                               azattest_error **error)
{
    azattest_status status = azattest__error_from_buf(error, out, what);

    return status != AZATTEST_OK ? status : ok ? AZATTEST_OK : malformed(error, what, reason);
}

static azattest_status decode_hex(azattest_bytes text, const char *what, azattest__buf *out, azattest_error **error)
{
    return decoded(azattest__hex_decode(text, out), out, what,
                   text.len % 2 != 0 ? "an odd number of hexadecimal digits" : "not hexadecimal", error);
}

static azattest_status decode_base64(azattest_bytes text, const char *what, azattest__buf *out, azattest_error **error)
{
    return decoded(azattest__base64_any_decode(text, out), out, what, "not base64 or base64url", error);
}

/* Text without its line ends and blanks. */
static void squeeze(azattest_bytes text, azattest__buf *out)
{
    const unsigned char *p = text.ptr;

    for (size_t i = 0, start = 0; i <= text.len; i++)
        if (i == text.len || is_space(p[i])) {
            azattest__buf_append(out, p + start, i - start);
            start = i + 1;
        }
}

/* Hexadecimal or base64: whichever alphabet holds all characters, hexadecimal being the smaller one. */
static azattest_status unwrap_digits(azattest_bytes text, azattest__buf *out, const char **form, azattest_error **error)
{
    azattest_status status;
    azattest__buf digits;
    const unsigned char *p;
    bool hex = true, url = false;

    azattest__buf_init(&digits, AZATTEST_LIMIT_EVIDENCE_FILE);
    squeeze(text, &digits);
    if ((status = azattest__error_from_buf(error, &digits, "evidence")) != AZATTEST_OK)
        goto done;
    p = digits.ptr;
    for (size_t i = 0; i < digits.len; i++) {
        if (!is_base64(p[i])) {
            status = malformed(error, "evidence", "text that is none of hexadecimal, base64, base64url, PEM, JSON");
            goto done;
        }
        hex = hex && is_hex(p[i]);
        url = url || p[i] == '-' || p[i] == '_';
    }
    if (hex) {
        *form = "hex";
        status = decode_hex(azattest__buf_bytes(&digits), "evidence", out, error);
    } else {
        /* Without a telling character, a length that needs padding and has none is base64url's. */
        *form = url || digits.len % 4 != 0 ? "base64url" : "base64";
        status = decoded(azattest__base64_any_decode(azattest__buf_bytes(&digits), out), out, "evidence",
                         "text in the characters of base64, but not in its form (length, padding, bits behind the "
                         "last byte)",
                         error);
    }
done:
    azattest__buf_free(&digits);
    return status;
}

/* One block from end to end, whatever its label says. */
static azattest_status unwrap_pem(azattest_bytes text, azattest__buf *out, azattest_error **error)
{
    static const char begin[] = "-----BEGIN ";
    const char *p = (const char *)text.ptr + sizeof(begin) - 1, *end;
    azattest_bytes block, body;
    size_t offset = 0;
    char label[LABEL_LIMIT];

    end = memmem(p, text.len - (sizeof(begin) - 1), "-----", 5);
    if (end == NULL || end == p || (size_t)(end - p) >= sizeof(label) || memchr(p, '\n', (size_t)(end - p)) != NULL)
        return malformed(error, "PEM", "its first line has no label");
    memcpy(label, p, (size_t)(end - p));
    label[end - p] = '\0';
    if (!azattest__pem_next(text, label, &offset, &block, &body) || block.ptr != text.ptr)
        return malformed(error, "PEM", "no END line with the label of the BEGIN line");
    if (block.len != text.len)
        return malformed(error, "PEM", "more text behind the block");
    return decoded(azattest__pem_decode_body(body, out), out, "PEM", "not base64 between its BEGIN and END lines",
                   error);
}

static azattest_status find(const azattest__json *document, const char *name, const azattest__json **out,
                            azattest_error **error)
{
    return azattest__json_find_nocase(document, name, out)
               ? AZATTEST_OK
               : azattest__error_set(error, AZATTEST_E_EVIDENCE,
                                     "JSON document: two members are called \"%s\", but for their case", name);
}

typedef azattest_status (*decoder)(azattest_bytes text, const char *what, azattest__buf *out, azattest_error **error);

/* The bytes of a member with text; out->ptr stays NULL when there is none. */
static azattest_status decode_member(const azattest__json *member, const char *name, decoder decode, azattest__buf *out,
                                     azattest_error **error)
{
    const char *text = azattest__json_string(member);
    char what[64];

    if (member == NULL || azattest__json_is_null(member))
        return AZATTEST_OK;
    snprintf(what, sizeof(what), "JSON document: \"%s\"", name);
    if (text == NULL)
        return malformed(error, what, "not a string");
    azattest__buf_append(out, "", 0); /* empty is not absent */
    return decode(azattest__text(text), what, out, error);
}

static azattest_status find_evidence(const azattest__json *document, azattest__buf *out, azattest_error **error)
{
    static const struct {
        const char *name;
        decoder decode;
    } members[] = { { "QuoteHex", decode_hex }, { "quote", decode_base64 }, { "report", decode_base64 } };
    const azattest__json *found, *member = NULL;
    azattest_status status;
    size_t which = 0;

    if (!azattest__json_is_object(document))
        return malformed(error, "JSON document", "not an object");
    if ((status = azattest__other_kind_json(document, error)) != AZATTEST_OK)
        return status;
    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
        if ((status = find(document, members[i].name, &found, error)) != AZATTEST_OK)
            return status;
        if (found == NULL)
            continue;
        if (member != NULL)
            return azattest__error_set(error, AZATTEST_E_EVIDENCE, "JSON document: both \"%s\" and \"%s\"",
                                       members[which].name, members[i].name);
        member = found;
        which = i;
    }
    if (member == NULL)
        return azattest__error_set(
            error, AZATTEST_E_EVIDENCE,
            "JSON document: no evidence in it; \"QuoteHex\", \"quote\" or \"report\" is expected");
    return decode_member(member, members[which].name, members[which].decode, out, error);
}

/* Held data: `EnclaveHeldDataHex` and `EnclaveHeldData` of the samples, `runtimeData` of a request, which is the data
 * or an object around them. */
static azattest_status find_held_data(const azattest__json *document, azattest__buf *out, azattest_error **error)
{
    static const struct {
        const char *name;
        decoder decode;
    } members[] = { { "EnclaveHeldDataHex", decode_hex },
                    { "EnclaveHeldData", decode_base64 },
                    { "runtimeData", decode_base64 } };
    const azattest__json *found;
    azattest_status status;

    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
        if ((status = find(document, members[i].name, &found, error)) != AZATTEST_OK)
            return status;
        if (azattest__json_is_object(found) && (status = find(found, "data", &found, error)) != AZATTEST_OK)
            return status;
        if (found != NULL && out->ptr != NULL)
            return malformed(error, "JSON document", "held data stand in two members");
        if ((status = decode_member(found, members[i].name, members[i].decode, out, error)) != AZATTEST_OK)
            return status;
    }
    return AZATTEST_OK;
}

/* What the samples' documents say of the quote beside it, in hexadecimal. Identifiers of 16 bytes hold a number. */
static azattest_status compare_hex(const azattest__json *document, const char *name, azattest_bytes expected,
                                   azattest__buf *difference, bool *compared, azattest_error **error)
{
    const azattest__json *member;
    azattest_status status;
    azattest__buf bytes;

    azattest__buf_init(&bytes, AZATTEST_LIMIT_EVIDENCE);
    if ((status = find(document, name, &member, error)) != AZATTEST_OK || member == NULL ||
        (status = decode_member(member, name, decode_hex, &bytes, error)) != AZATTEST_OK)
        goto done;
    *compared = true;
    if (!azattest__bytes_equal(azattest__buf_bytes(&bytes), expected))
        azattest__buf_printf(difference, "%s%s is not that of the quote", difference->len == 0 ? "" : "; ", name);
done:
    azattest__buf_free(&bytes);
    return status;
}

static azattest_status compare_document(const azattest__json *document, azattest_evidence *evidence,
                                        azattest_error **error)
{
    int product = azattest_evidence_product_id(evidence);
    unsigned char product_id[16] = { (unsigned char)(product & 0xff), (unsigned char)(product >> 8 & 0xff) };
    const azattest__json *svn;
    azattest_status status;
    azattest__buf difference;
    bool compared = false;
    int64_t number;

    azattest__buf_init(&difference, 1024);
    azattest__buf_append(&difference, "", 0);
    if ((status = compare_hex(document, "MrEnclaveHex", azattest_evidence_mr_enclave(evidence), &difference, &compared,
                              error)) != AZATTEST_OK ||
        (status = compare_hex(document, "MrSignerHex", azattest_evidence_mr_signer(evidence), &difference, &compared,
                              error)) != AZATTEST_OK ||
        (status = compare_hex(document, "ProductIdHex",
                              product < 0 ? azattest__bytes(NULL, 0) : azattest__bytes(product_id, sizeof(product_id)),
                              &difference, &compared, error)) != AZATTEST_OK ||
        (status = find(document, "SecurityVersion", &svn, error)) != AZATTEST_OK)
        goto done;
    if (svn != NULL) {
        compared = true;
        if (!azattest__json_integer(svn, &number) || number != azattest_evidence_svn(evidence))
            azattest__buf_printf(&difference, "%sSecurityVersion is not %d, as the quote says",
                                 difference.len == 0 ? "" : "; ", azattest_evidence_svn(evidence));
    }
    if ((status = azattest__error_from_buf(error, &difference, "JSON document")) != AZATTEST_OK || !compared)
        goto done;
    evidence->document_difference = (char *)azattest__buf_take(&difference, NULL);
done:
    azattest__buf_free(&difference);
    return status;
}

/* The document itself is one that carries an SEV-SNP report, or its "report" holds such a document, as a request does.
 */
static azattest_status find_report(const azattest__json *document, azattest__buf *raw, azattest__buf *chain,
                                   azattest_error **error)
{
    azattest__buf report;
    azattest_status status;
    bool is_document = false;

    if (azattest__snp_document_looks_like(document))
        return azattest__snp_document_read(document, raw, chain, error);
    if ((status = find_evidence(document, raw, error)) != AZATTEST_OK)
        return status;
    azattest__buf_init(&report, AZATTEST_LIMIT_EVIDENCE);
    if ((status = azattest__snp_document_read_text(azattest__buf_bytes(raw), &is_document, &report, chain, error)) ==
            AZATTEST_OK &&
        is_document) {
        azattest__buf_free(raw);
        *raw = report;
        return AZATTEST_OK;
    }
    azattest__buf_free(&report);
    return status;
}

static azattest_status load_json(azattest_bytes text, azattest_evidence **out, azattest_error **error)
{
    azattest_status status;
    azattest__json *document = NULL;
    azattest_evidence *evidence = NULL;
    azattest__buf raw, held, chain;

    azattest__buf_init(&raw, AZATTEST_LIMIT_EVIDENCE);
    azattest__buf_init(&chain, AZATTEST_LIMIT_CERTIFICATE_CHAIN);
    azattest__buf_init(&held, AZATTEST_LIMIT_EVIDENCE_FILE);
    if ((status = azattest__json_parse(text, &document, error)) != AZATTEST_OK) {
        azattest__error_prefix(error, "JSON document");
        if (status == AZATTEST_E_MALFORMED)
            status = azattest__error_set(error, AZATTEST_E_EVIDENCE, "%s",
                                         error == NULL ? "" : azattest_error_message(*error));
        goto done;
    }
    if (azattest__guest_document_looks_like(document)) {
        status = azattest__guest_document_load(text, document, out, error);
        goto done;
    }
    if ((status = find_report(document, &raw, &chain, error)) != AZATTEST_OK ||
        (status = find_held_data(document, &held, error)) != AZATTEST_OK ||
        (status = azattest__evidence_new(azattest__buf_bytes(&raw), "json", &evidence, error)) != AZATTEST_OK ||
        (status = compare_document(document, evidence, error)) != AZATTEST_OK)
        goto done;
    if (chain.ptr != NULL) {
        evidence->amd_memory = azattest__buf_take(&chain, &evidence->amd_certificates.len);
        evidence->amd_certificates.ptr = evidence->amd_memory;
    }
    if (held.ptr != NULL)
        evidence->held_data = azattest__buf_take(&held, &evidence->held_data_len);
    *out = evidence;
    evidence = NULL;
done:
    azattest_evidence_free(evidence);
    azattest__buf_free(&held);
    azattest__buf_free(&chain);
    azattest__buf_free(&raw);
    azattest__json_free(document);
    return status;
}

/* One certificate from end to end, with evidence inside. Others are named by what they are. */
static azattest_status look_for_certificate(azattest_bytes text, bool *found, azattest_error **error)
{
    azattest_status status = AZATTEST_OK;
    azattest_bytes block, body;
    size_t offset = 0;
    azattest__buf der;

    *found = false;
    azattest__buf_init(&der, AZATTEST_LIMIT_CERTIFICATE);
    if (azattest__pem_next(text, "CERTIFICATE", &offset, &block, &body) && block.len == text.len) {
        if (azattest__pem_decode_body(body, &der))
            *found = azattest__attested_certificate_looks_like(azattest__buf_bytes(&der));
        else if (der.status == AZATTEST_E_MEMORY)
            status = azattest__error_memory(error);
    }
    azattest__buf_free(&der);
    return status;
}

static azattest_status load_text(azattest_bytes text, azattest_evidence **out, azattest_error **error)
{
    azattest_status status;
    bool certificate;
    const char *form = "pem";
    azattest__buf raw;

    if ((status = look_for_certificate(text, &certificate, error)) != AZATTEST_OK ||
        (!certificate && (status = azattest__other_kind_text(text, error)) != AZATTEST_OK))
        return status;
    if (*(const char *)text.ptr == '{' || *(const char *)text.ptr == '[')
        return load_json(text, out, error);
    azattest__buf_init(&raw, AZATTEST_LIMIT_EVIDENCE);
    if (text.len > 11 && memcmp(text.ptr, "-----BEGIN ", 11) == 0)
        status = unwrap_pem(text, &raw, error);
    else
        status = unwrap_digits(text, &raw, &form, error);
    if (status == AZATTEST_OK)
        status = azattest__evidence_new(azattest__buf_bytes(&raw), form, out, error);
    azattest__buf_free(&raw);
    return status;
}

azattest_status azattest_evidence_load(azattest_bytes file, azattest_evidence **out, azattest_error **error)
{
    azattest_bytes text;

    if (error != NULL)
        *error = NULL;
    if (out == NULL)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT, "evidence: no place for the result");
    *out = NULL;
    if (file.ptr == NULL)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT, "evidence: no bytes");
    if (file.len > AZATTEST_LIMIT_EVIDENCE_FILE)
        return azattest__error_set(error, AZATTEST_E_LIMIT, "the file has %zu bytes, more than %u", file.len,
                                   AZATTEST_LIMIT_EVIDENCE_FILE);
    if (!is_text(file))
        return azattest__evidence_new(file, "raw", out, error);
    if ((text = azattest__json_trim(file)).len == 0)
        return azattest__error_set(error, AZATTEST_E_EVIDENCE, "the evidence is empty");
    return load_text(text, out, error);
}
