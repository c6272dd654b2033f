#include "evidence.h"

#include <stdlib.h>

#include "amd/part.h"
#include "formats.h"

static bool has_vendor(azattest_bytes raw)
{
    return raw.len >= AZATTEST__SGX_HEADER_SIZE && memcmp((const unsigned char *)raw.ptr + AZATTEST__SGX_VENDOR_OFFSET,
                                                          azattest__sgx_intel_vendor, AZATTEST__SGX_VENDOR_SIZE) == 0;
}

/* Nothing that is known: says why it is no quote, as far as that can be said. */
static azattest_status not_evidence(azattest_bytes raw, azattest_error **error)
{
    const unsigned char *p = raw.ptr;
    azattest_bytes start = azattest__bytes(p, raw.len < 4 ? raw.len : 4);

    if (azattest__bytes_equal_text(start, "----") || (raw.len > 0 && p[0] == '{'))
        return azattest__error_set(
            error, AZATTEST_E_EVIDENCE,
            "text, not raw evidence; azattest_evidence_load() unwraps PEM, JSON, hexadecimal and "
            "base64");
    if (raw.len < AZATTEST__SGX_HEADER_SIZE)
        return azattest__error_set(error, AZATTEST_E_EVIDENCE,
                                   "not evidence: %zu bytes, the header of an SGX quote alone has %u", raw.len,
                                   AZATTEST__SGX_HEADER_SIZE);
    if (has_vendor(raw))
        return azattest__error_set(error, AZATTEST_E_EVIDENCE, "quote: version at offset 0 is %u, expected 3",
                                   azattest__le16(p));
    return azattest__error_set(error, AZATTEST_E_EVIDENCE,
                               "not evidence: it begins neither as an SGX quote (version 3) nor as an Open Enclave "
                               "report");
}

/* Version 3, and one more sign: many things begin with a 3. What else is wrong with it, the parser says. */
static bool looks_like_quote(azattest_bytes raw)
{
    const unsigned char *p = raw.ptr;

    return raw.len >= 4 && azattest__le16(p) == AZATTEST__SGX_VERSION &&
           (azattest__le16(p + 2) == AZATTEST__SGX_KEY_TYPE_P256 || has_vendor(raw));
}

static azattest_status read_quote(azattest_evidence *evidence, azattest_bytes inner, azattest_error **error)
{
    const unsigned char *p = inner.ptr;
    azattest_status status;

    if ((status = azattest__other_kind_binary(inner, error)) != AZATTEST_OK)
        return status;
    if (!looks_like_quote(inner))
        return not_evidence(inner, error);
    if ((status = azattest__intel_quote_parse(inner, &evidence->intel, error)) != AZATTEST_OK)
        return status;
    evidence->quote = azattest__bytes(p, evidence->intel.size);
    evidence->trailing = azattest__bytes(p + evidence->intel.size, inner.len - evidence->intel.size);
    if (evidence->claims.ptr != NULL) { /* the format has them there */
        evidence->claims = evidence->trailing;
        evidence->trailing.len = 0;
    }
    return AZATTEST_OK;
}

static azattest_status read_layout(azattest_evidence *evidence, azattest_error **error)
{
    azattest_bytes raw = azattest__bytes(evidence->raw, evidence->raw_len), inner = raw;
    azattest_status status;

    if (azattest__snp_report_looks_like(raw))
        return azattest__snp_evidence_read(evidence, error);
    evidence->kind = "sgx_quote";
    /* A container of collateral begins as a report does, but for its second length. */
    if (azattest__open_enclave_looks_like(raw)) {
        evidence->kind = "open_enclave_report";
        if ((status = azattest__other_kind_binary(raw, error)) != AZATTEST_OK ||
            (status = azattest__open_enclave_unwrap(evidence, &inner, error)) != AZATTEST_OK)
            return status;
    }
    return read_quote(evidence, inner, error);
}

static azattest_status check_size(azattest_bytes raw, azattest_error **error)
{
    if (raw.len == 0)
        return azattest__error_set(error, AZATTEST_E_EVIDENCE, "the evidence is empty");
    if (raw.len > AZATTEST_LIMIT_EVIDENCE)
        return azattest__error_set(error, AZATTEST_E_LIMIT, "the evidence has %zu bytes, more than %u", raw.len,
                                   AZATTEST_LIMIT_EVIDENCE);
    return AZATTEST_OK;
}

azattest_status azattest__evidence_outline(azattest_bytes raw, azattest_evidence *out, azattest_error **error)
{
    azattest_status status = check_size(raw, error);

    memset(out, 0, sizeof(*out));
    if (status != AZATTEST_OK)
        return status;
    out->raw = raw.ptr;
    out->raw_len = raw.len;
    return read_layout(out, error);
}

azattest_status azattest__evidence_new(azattest_bytes raw, const char *form, azattest_evidence **out,
                                       azattest_error **error)
{
    azattest_status status = check_size(raw, error);
    azattest_evidence *evidence = NULL;

    *out = NULL;
    if (status != AZATTEST_OK)
        return status;
    if ((evidence = calloc(1, sizeof(*evidence))) == NULL ||
        (evidence->memory = (unsigned char *)azattest__dup(raw.ptr, raw.len)) == NULL) {
        status = azattest__error_memory(error);
        goto done;
    }
    evidence->raw = evidence->memory;
    evidence->raw_len = raw.len;
    evidence->form = form;
    if ((status = read_layout(evidence, error)) != AZATTEST_OK ||
        (evidence->intel.certification_data_type == AZATTEST__SGX_CERTIFICATION_PCK_CHAIN &&
         (status = azattest__pck_read(evidence->intel.certification_data, &evidence->pck, error)) != AZATTEST_OK) ||
        (status = azattest__evidence_make_fields(evidence, error)) != AZATTEST_OK)
        goto done;
    *out = evidence;
    evidence = NULL;
done:
    azattest_evidence_free(evidence);
    return status;
}

azattest_status azattest_evidence_parse(azattest_bytes raw, azattest_evidence **out, azattest_error **error)
{
    if (error != NULL)
        *error = NULL;
    if (out == NULL)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT, "evidence: no place for the result");
    *out = NULL;
    if (raw.ptr == NULL)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT, "evidence: no bytes");
    return azattest__evidence_new(raw, "raw", out, error);
}

void azattest_evidence_free(azattest_evidence *evidence)
{
    if (evidence == NULL)
        return;
    azattest__pck_clear(&evidence->pck);
    azattest__buf_free(&evidence->fields);
    free(evidence->document_difference);
    free(evidence->amd_memory);
    free(evidence->held_data);
    free(evidence->memory);
    free(evidence);
}

const char *azattest_evidence_kind(const azattest_evidence *evidence)
{
    return evidence == NULL ? NULL : evidence->kind;
}

const char *azattest_evidence_form(const azattest_evidence *evidence)
{
    return evidence == NULL ? NULL : evidence->form;
}

/* A part of parsed evidence; absent for no evidence. */
#define PART(member, len)                                                                                              \
    azattest__bytes(evidence == NULL ? NULL : evidence->member,                                                        \
                    evidence == NULL || evidence->member == NULL ? 0 : (len))

azattest_bytes azattest_evidence_raw(const azattest_evidence *evidence)
{
    return PART(raw, evidence->raw_len);
}

azattest_bytes azattest_evidence_quote(const azattest_evidence *evidence)
{
    return evidence == NULL ? azattest__bytes(NULL, 0) : evidence->quote;
}

azattest_bytes azattest_evidence_held_data(const azattest_evidence *evidence)
{
    return PART(held_data, evidence->held_data_len);
}

int azattest_evidence_version(const azattest_evidence *evidence)
{
    return evidence == NULL ? 0 : evidence->snp.version != 0 ? (int)evidence->snp.version : evidence->intel.version;
}

azattest_bytes azattest_evidence_mr_enclave(const azattest_evidence *evidence)
{
    return PART(intel.report.mr_enclave, 32);
}

azattest_bytes azattest_evidence_mr_signer(const azattest_evidence *evidence)
{
    return PART(intel.report.mr_signer, 32);
}

azattest_bytes azattest_evidence_report_data(const azattest_evidence *evidence)
{
    if (evidence != NULL && evidence->snp.version != 0)
        return azattest__bytes(evidence->snp.report_data, 64);
    return PART(intel.report.report_data, 64);
}

azattest_bytes azattest_evidence_cpu_svn(const azattest_evidence *evidence)
{
    return PART(intel.report.cpu_svn, 16);
}

int azattest_evidence_product_id(const azattest_evidence *evidence)
{
    return evidence == NULL ? 0 : evidence->intel.report.isv_product_id;
}

int azattest_evidence_svn(const azattest_evidence *evidence)
{
    return evidence == NULL ? 0 : evidence->intel.report.isv_svn;
}

bool azattest_evidence_is_debuggable(const azattest_evidence *evidence)
{
    if (evidence != NULL && evidence->snp.version != 0)
        return (evidence->snp.policy & AZATTEST__SNP_POLICY_DEBUG) != 0;
    return evidence != NULL && (evidence->intel.report.attributes_flags & AZATTEST__SGX_FLAG_DEBUG) != 0;
}

azattest_bytes azattest_evidence_fields(const azattest_evidence *evidence)
{
    return evidence == NULL ? azattest__bytes(NULL, 0) : azattest__buf_bytes(&evidence->fields);
}

azattest_status azattest_evidence_check_binding(const azattest_evidence *evidence, azattest_bytes runtime_data,
                                                azattest_error **error)
{
    unsigned char hash[AZATTEST__SHA256_SIZE];
    azattest_status status;

    if (error != NULL)
        *error = NULL;
    if (evidence == NULL || runtime_data.ptr == NULL)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT, "binding: no %s",
                                   evidence == NULL ? "evidence" : "runtime data");
    if (runtime_data.len > AZATTEST_LIMIT_RUNTIME_DATA)
        return azattest__error_set(error, AZATTEST_E_LIMIT, "binding: runtime data of %zu bytes, more than %u",
                                   runtime_data.len, AZATTEST_LIMIT_RUNTIME_DATA);
    if ((status = azattest__sha256(runtime_data, hash, error)) != AZATTEST_OK)
        return status;
    if (!azattest__bytes_equal_constant_time(azattest__bytes(hash, sizeof(hash)),
                                             azattest__bytes(evidence->intel.report.report_data, sizeof(hash))))
        return azattest__error_set(error, AZATTEST_E_BINDING,
                                   "the SHA-256 of the runtime data (%zu bytes) is not the first half of the report "
                                   "data",
                                   runtime_data.len);
    return AZATTEST_OK;
}
