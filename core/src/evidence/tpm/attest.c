/* TPMS_ATTEST. */
#include <stdio.h>

#include "quote.h"
#include "reader.h"

#define MAGIC_SIZE 4
static const unsigned char magic[MAGIC_SIZE] = { 0xff, 'T', 'C', 'G' }; /* TPM_GENERATED_VALUE */

static bool has_magic(azattest_bytes bytes)
{
    return bytes.len >= MAGIC_SIZE && memcmp(bytes.ptr, magic, MAGIC_SIZE) == 0;
}

/* Without the size of a TPM2B, where the bytes have one that fits. */
static azattest_bytes without_size(azattest_bytes bytes)
{
    const unsigned char *p = bytes.ptr;

    return bytes.len >= 2 && !has_magic(bytes) && (size_t)((unsigned)p[0] << 8 | p[1]) == bytes.len - 2
               ? azattest__bytes(p + 2, bytes.len - 2)
               : bytes;
}

bool azattest__tpm_attest_looks_like(azattest_bytes bytes)
{
    return has_magic(bytes) ||
           (bytes.len >= 2 && has_magic(azattest__bytes((const unsigned char *)bytes.ptr + 2, bytes.len - 2)));
}

static azattest_status read_selection(azattest__tpm_reader *reader, azattest__pcr_selection *out,
                                      azattest_error **error)
{
    const unsigned char *p;
    azattest_bytes bitmap;

    out->hash_alg = azattest__tpm_u16(reader);
    bitmap = azattest__tpm_take(reader, (size_t)azattest__tpm_number(reader, 1));
    if (reader->failed)
        return AZATTEST_OK; /* said once, at the end */
    if (bitmap.len > sizeof(out->mask))
        return azattest__error_set(error, AZATTEST_E_EVIDENCE,
                                   "TPM quote: a selection of PCRs of %zu bytes, at most %zu are possible", bitmap.len,
                                   sizeof(out->mask));
    p = bitmap.ptr;
    for (size_t i = 0; i < bitmap.len; i++)
        out->mask |= (uint32_t)p[i] << 8 * i;
    return AZATTEST_OK;
}

static azattest_status read_quote(azattest__tpm_reader *reader, azattest__tpm_attest *out, azattest_error **error)
{
    uint32_t count = azattest__tpm_u32(reader);
    azattest_status status;

    if (count > AZATTEST__TPM_BANKS)
        return azattest__error_set(error, AZATTEST_E_LIMIT, "TPM quote: %u banks of PCRs, more than %u",
                                   (unsigned)count, AZATTEST__TPM_BANKS);
    for (; out->selection_count < count; out->selection_count++)
        if ((status = read_selection(reader, &out->selections[out->selection_count], error)) != AZATTEST_OK)
            return status;
    out->pcr_digest = azattest__tpm_sized(reader);
    return AZATTEST_OK;
}

static azattest_status read_head(azattest__tpm_reader *reader, azattest__tpm_attest *out, azattest_error **error)
{
    if (!has_magic(azattest__bytes(reader->at, reader->left)))
        return azattest__error_set(error, AZATTEST_E_EVIDENCE,
                                   "TPM attestation: it does not begin with TPM_GENERATED_VALUE (ff544347), so no TPM "
                                   "made it");
    (void)azattest__tpm_take(reader, MAGIC_SIZE);
    out->type = azattest__tpm_u16(reader);
    if (!reader->failed && out->type != AZATTEST__TPM_QUOTE && out->type != AZATTEST__TPM_CERTIFY)
        return azattest__error_set(error, AZATTEST_E_UNSUPPORTED,
                                   "TPM attestation: of type 0x%04x; a quote (0x8018) or a certification (0x8017) is "
                                   "expected",
                                   out->type);
    out->qualified_signer = azattest__tpm_sized(reader);
    out->extra_data = azattest__tpm_sized(reader);
    out->clock = azattest__tpm_number(reader, 8);
    out->reset_count = azattest__tpm_u32(reader);
    out->restart_count = azattest__tpm_u32(reader);
    out->safe = azattest__tpm_number(reader, 1) != 0;
    out->firmware_version = azattest__tpm_number(reader, 8);
    return AZATTEST_OK;
}

azattest_status azattest__tpm_attest_parse(azattest_bytes bytes, azattest__tpm_attest *out, azattest_error **error)
{
    azattest_bytes message = without_size(bytes);
    azattest__tpm_reader reader = azattest__tpm_reader_of(message);
    azattest_status status;

    memset(out, 0, sizeof(*out));
    if ((status = read_head(&reader, out, error)) != AZATTEST_OK)
        return status;
    if (out->type == AZATTEST__TPM_QUOTE) {
        if ((status = read_quote(&reader, out, error)) != AZATTEST_OK)
            return status;
    } else {
        out->name = azattest__tpm_sized(&reader);
        out->qualified_name = azattest__tpm_sized(&reader);
    }
    if (reader.failed)
        return azattest__error_set(error, AZATTEST_E_EVIDENCE,
                                   "TPM attestation: %zu bytes, it ends before its last field", message.len);
    if (reader.left != 0)
        return azattest__error_set(error, AZATTEST_E_EVIDENCE,
                                   "TPM attestation: %zu bytes behind its end at offset %zu", reader.left,
                                   message.len - reader.left);
    out->message = message;
    return AZATTEST_OK;
}
