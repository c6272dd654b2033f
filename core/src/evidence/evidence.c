#include "evidence.h"

#include <stdlib.h>

#include "amd/part.h"
#include "azure/guest.h"
#include "formats.h"

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
    return azattest__evidence_read(out, raw, error);
}

/* The parts that others ask for later lie behind the evidence. */
static azattest_evidence *new_evidence(azattest_bytes raw, const char *form)
{
    struct {
        azattest_evidence evidence;
        azattest__evidence_lazy lazy;
    } *both = calloc(1, sizeof(*both));
    azattest_evidence *evidence = both == NULL ? NULL : &both->evidence;

    if (evidence == NULL || (evidence->memory = (unsigned char *)azattest__dup(raw.ptr, raw.len)) == NULL) {
        free(both);
        return NULL;
    }
    evidence->lazy = &both->lazy;
    both->lazy.self = evidence;
    atomic_init(&both->lazy.references, 1);
    evidence->raw = evidence->memory;
    evidence->raw_len = raw.len;
    evidence->form = form;
    return evidence;
}

azattest_status azattest__evidence_alloc(azattest_bytes raw, const char *form, azattest_evidence **out,
                                         azattest_error **error)
{
    *out = new_evidence(raw, form);
    return *out == NULL ? azattest__error_memory(error) : AZATTEST_OK;
}

azattest_status azattest__evidence_new(azattest_bytes raw, const char *form, azattest_evidence **out,
                                       azattest_error **error)
{
    azattest_status status = check_size(raw, error);
    azattest_evidence *evidence;

    *out = NULL;
    if (status != AZATTEST_OK)
        return status;
    if ((evidence = new_evidence(raw, form)) == NULL)
        return azattest__error_memory(error);
    if ((status = azattest__evidence_read(evidence, azattest__bytes(evidence->raw, evidence->raw_len), error)) !=
        AZATTEST_OK) {
        azattest_evidence_free(evidence);
        return status;
    }
    *out = evidence;
    return AZATTEST_OK;
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

azattest_evidence *azattest__evidence_ref(const azattest_evidence *evidence)
{
    if (evidence == NULL)
        return NULL;
    atomic_fetch_add_explicit(&evidence->lazy->references, 1, memory_order_relaxed);
    return evidence->lazy->self;
}

static void free_pck(azattest__pck *pck)
{
    if (pck != NULL)
        azattest__pck_clear(pck);
    free(pck);
}

static void free_fields(azattest__buf *fields)
{
    if (fields != NULL)
        azattest__buf_free(fields);
    free(fields);
}

void azattest_evidence_free(azattest_evidence *evidence)
{
    if (evidence == NULL || atomic_fetch_sub_explicit(&evidence->lazy->references, 1, memory_order_acq_rel) > 1)
        return;
    free_pck(atomic_load(&evidence->lazy->pck));
    free_fields(atomic_load(&evidence->lazy->fields));
    azattest__guest_free(evidence->guest);
    free(evidence->document_difference);
    free(evidence->amd_memory);
    free(evidence->held_data);
    free(evidence->memory);
    free(evidence);
}

const azattest__pck *azattest__evidence_pck(const azattest_evidence *evidence)
{
    return azattest__evidence_pck_with(evidence, NULL);
}

const azattest__pck *azattest__evidence_pck_with(const azattest_evidence *evidence, const azattest__x509_keys *keys)
{
    unsigned type = evidence->intel.certification_data_type;
    azattest__pck *made = NULL, *first = NULL;

    if (evidence->lazy == NULL || (first = atomic_load(&evidence->lazy->pck)) != NULL)
        return first;
    if ((made = calloc(1, sizeof(*made))) == NULL)
        return NULL;
    if ((type == AZATTEST__SGX_CERTIFICATION_PCK_LEAF || type == AZATTEST__SGX_CERTIFICATION_PCK_CHAIN) &&
        azattest__pck_read(evidence->intel.certification_data, keys, made, NULL) != AZATTEST_OK) {
        free(made);
        return NULL;
    }
    if (atomic_compare_exchange_strong(&evidence->lazy->pck, &first, made))
        return made;
    free_pck(made);
    return first;
}

azattest_bytes azattest_evidence_fields(const azattest_evidence *evidence)
{
    azattest__buf *made = NULL, *first = NULL;

    if (evidence == NULL || evidence->lazy == NULL)
        return azattest__bytes(NULL, 0);
    if ((first = atomic_load(&evidence->lazy->fields)) != NULL)
        return azattest__buf_bytes(first);
    if ((made = malloc(sizeof(*made))) == NULL)
        return azattest__bytes(NULL, 0);
    azattest__buf_init(made, AZATTEST__FIELDS_LIMIT);
    if (azattest__evidence_make_fields(evidence, made, NULL) != AZATTEST_OK) {
        free_fields(made);
        return azattest__bytes(NULL, 0);
    }
    if (atomic_compare_exchange_strong(&evidence->lazy->fields, &first, made))
        return azattest__buf_bytes(made);
    free_fields(made);
    return azattest__buf_bytes(first);
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
    if (azattest_evidence_report_data(evidence).ptr == NULL)
        return azattest__error_set(error, AZATTEST_E_BINDING, "binding: evidence of kind %s has no report data",
                                   evidence->kind);
    if ((status = azattest__sha256(runtime_data, hash, error)) != AZATTEST_OK)
        return status;
    if (!azattest__bytes_equal_constant_time(
            azattest__bytes(hash, sizeof(hash)),
            azattest__bytes(azattest_evidence_report_data(evidence).ptr, sizeof(hash))))
        return azattest__error_set(error, AZATTEST_E_BINDING,
                                   "the SHA-256 of the runtime data (%zu bytes) is not the first half of the report "
                                   "data",
                                   runtime_data.len);
    return AZATTEST_OK;
}
