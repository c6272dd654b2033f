#include "guest.h"

#include <stdio.h>
#include <stdlib.h>

#include "../../base/encoding.h"
#include "../formats.h"

#define SPKI_LABEL "PUBLIC KEY"

struct azattest__guest *azattest__guest_alloc(void)
{
    struct azattest__guest *guest = calloc(1, sizeof(*guest));

    for (size_t i = 0; guest != NULL && i < AZATTEST__GUEST_PIECES; i++)
        azattest__buf_init(&guest->pieces[i],
                           i == AZATTEST__GUEST_EVENT_LOG ? AZATTEST_LIMIT_EVENT_LOG : AZATTEST_LIMIT_EVIDENCE);
    return guest;
}

void azattest__guest_free(struct azattest__guest *guest)
{
    if (guest == NULL)
        return;
    for (size_t i = 0; i < AZATTEST__GUEST_PIECES; i++)
        azattest__buf_free(&guest->pieces[i]);
    azattest__runtime_claims_clear(&guest->claims);
    azattest__key_free(guest->proof.key);
    free(guest);
}

azattest_status azattest__guest_add_pcr(struct azattest__guest *guest, uint16_t bank, int64_t index,
                                        azattest_bytes value, azattest_error **error)
{
    azattest__tpm_proof *proof = &guest->proof;
    size_t size = azattest__tpm_hash_size(bank);

    if (size == 0)
        return azattest__error_set(error, AZATTEST_E_EVIDENCE,
                                   "PCRs: a bank that is none of sha1, sha256, sha384, sha512");
    if (index < 0 || index >= (int64_t)AZATTEST__TPM_PCRS)
        return azattest__error_set(error, AZATTEST_E_EVIDENCE, "PCRs: index %lld, there are 0 to %u", (long long)index,
                                   AZATTEST__TPM_PCRS - 1);
    if (value.len != size)
        return azattest__error_set(error, AZATTEST_E_EVIDENCE, "PCRs: a value of %zu bytes for PCR %u, bank %s has %zu",
                                   value.len, (unsigned)index, azattest__tpm_hash_name(bank), size);
    if (proof->pcr_count == sizeof(proof->pcrs) / sizeof(proof->pcrs[0]))
        return azattest__error_set(error, AZATTEST_E_LIMIT, "PCRs: more than %zu values", proof->pcr_count);
    for (size_t i = 0; i < proof->pcr_count; i++)
        if (proof->pcrs[i].bank == bank && proof->pcrs[i].index == (unsigned)index)
            return azattest__error_set(error, AZATTEST_E_EVIDENCE, "PCRs: two values for PCR %u of bank %s",
                                       (unsigned)index, azattest__tpm_hash_name(bank));
    memcpy(guest->pcr_values[proof->pcr_count], value.ptr, size);
    proof->pcrs[proof->pcr_count] =
        (azattest__tpm_pcr){ bank, (unsigned)index, azattest__bytes(guest->pcr_values[proof->pcr_count], size) };
    proof->pcr_count++;
    return AZATTEST_OK;
}

azattest_status azattest__guest_put(struct azattest__guest *guest, azattest__guest_piece piece, azattest_bytes bytes,
                                    azattest_error **error)
{
    if (bytes.len == 0)
        return AZATTEST_OK;
    azattest__buf_append_bytes(&guest->pieces[piece], bytes);
    return azattest__error_from_buf(error, &guest->pieces[piece], "evidence of a guest");
}

static azattest_bytes piece_of(const struct azattest__guest *guest, azattest__guest_piece piece)
{
    return azattest__buf_bytes(&guest->pieces[piece]);
}

/* ---- the hardware's side ---- */

static azattest_status read_hcl(azattest_evidence *evidence, azattest_bytes raw, azattest_error **error)
{
    azattest_status status = azattest__hcl_report_parse(raw, &evidence->hcl, error);

    if (status != AZATTEST_OK)
        return status;
    evidence->trailing = evidence->hcl.trailing;
    return evidence->hcl.type == AZATTEST__HCL_SNP
               ? azattest__snp_report_parse(evidence->hcl.hardware_report, &evidence->snp, error)
               : AZATTEST_OK;
}

/* What a request to attest a guest has instead of the report of its paravisor. */
static azattest_status read_parts(azattest_evidence *evidence, azattest_error **error)
{
    struct azattest__guest *guest = evidence->guest;
    azattest_bytes snp = piece_of(guest, AZATTEST__GUEST_SNP_REPORT), claims;

    claims = piece_of(guest, AZATTEST__GUEST_RUNTIME_CLAIMS);
    if (claims.len > AZATTEST_LIMIT_RUNTIME_CLAIMS)
        return azattest__error_set(error, AZATTEST_E_LIMIT, "runtime claims of %zu bytes, more than %u", claims.len,
                                   AZATTEST_LIMIT_RUNTIME_CLAIMS);
    evidence->hcl.type = snp.ptr != NULL                                         ? AZATTEST__HCL_SNP
                         : piece_of(guest, AZATTEST__GUEST_TD_QUOTE).ptr != NULL ? AZATTEST__HCL_TDX
                                                                                 : AZATTEST__HCL_TRUSTED_LAUNCH;
    evidence->hcl.hash_type = 1;
    evidence->hcl.runtime_claims = claims;
    if (snp.ptr == NULL)
        return AZATTEST_OK;
    if (snp.len != AZATTEST__SNP_REPORT_SIZE)
        return azattest__error_set(error, AZATTEST_E_EVIDENCE, "SEV-SNP report: %zu bytes, expected %u", snp.len,
                                   AZATTEST__SNP_REPORT_SIZE);
    evidence->hcl.hardware_report = snp;
    return azattest__snp_report_parse(snp, &evidence->snp, error);
}

static azattest_status read_td_quote(azattest_evidence *evidence, azattest_error **error)
{
    azattest_bytes quote = piece_of(evidence->guest, AZATTEST__GUEST_TD_QUOTE);
    azattest_status status;

    if (quote.ptr == NULL)
        return AZATTEST_OK;
    if (evidence->hcl.type != AZATTEST__HCL_TDX) /* nothing would bind it to the claims */
        return azattest__error_set(error, AZATTEST_E_EVIDENCE,
                                   "evidence of a guest: a TD quote beside a report of type %s",
                                   azattest__hcl_type_name(evidence->hcl.type));
    if ((status = azattest__intel_evidence_read(evidence, quote, error)) != AZATTEST_OK) {
        azattest__error_prefix(error, "TD quote");
        return status;
    }
    return evidence->intel.tee_type == AZATTEST__TEE_TYPE_TDX
               ? AZATTEST_OK
               : azattest__error_set(error, AZATTEST_E_EVIDENCE, "TD quote: its TEE type is 0x%x, expected 0x81",
                                     (unsigned)evidence->intel.tee_type);
}

static azattest_status read_hardware(azattest_evidence *evidence, azattest_error **error)
{
    const struct azattest__guest *guest = evidence->guest;
    azattest_bytes hcl = piece_of(guest, AZATTEST__GUEST_HCL_REPORT);
    azattest_status status = AZATTEST_OK;

    if (hcl.ptr != NULL)
        status = read_hcl(evidence, hcl, error);
    else if (piece_of(guest, AZATTEST__GUEST_RUNTIME_CLAIMS).ptr != NULL)
        status = read_parts(evidence, error);
    else if (piece_of(guest, AZATTEST__GUEST_TD_QUOTE).ptr != NULL ||
             piece_of(guest, AZATTEST__GUEST_SNP_REPORT).ptr != NULL)
        return azattest__error_set(error, AZATTEST_E_EVIDENCE,
                                   "evidence of a guest: a hardware report without the runtime claims that it binds");
    if (status != AZATTEST_OK)
        return status;
    evidence->amd_certificates = piece_of(guest, AZATTEST__GUEST_CERTIFICATES);
    return read_td_quote(evidence, error);
}

/* ---- the TPM's side ---- */

/* PEM, or what a TPM gives. */
static azattest_status read_ak(struct azattest__guest *guest, azattest_error **error)
{
    azattest_bytes text = piece_of(guest, AZATTEST__GUEST_AK_PUBLIC), block, body;
    azattest_status status;
    azattest__buf der;
    size_t offset = 0;

    if (text.ptr == NULL)
        return AZATTEST_OK;
    if (!azattest__pem_next(text, SPKI_LABEL, &offset, &block, &body)) {
        if ((status = azattest__tpm_public_parse(text, &guest->proof.area, error)) == AZATTEST_OK)
            status = azattest__tpm_public_key(&guest->proof.area, &guest->proof.key, error);
        return status;
    }
    azattest__buf_init(&der, AZATTEST_LIMIT_CERTIFICATE);
    if (!azattest__pem_decode_body(body, &der))
        status = azattest__error_set(error, AZATTEST_E_EVIDENCE, "attestation key: not base64 inside of its PEM");
    else if ((status = azattest__key_from_public_der(azattest__buf_bytes(&der), &guest->proof.key, error)) !=
             AZATTEST_OK)
        azattest__error_prefix(error, "attestation key");
    azattest__buf_free(&der);
    return status;
}

static azattest_status read_tpm(azattest_evidence *evidence, azattest_error **error)
{
    struct azattest__guest *guest = evidence->guest;
    azattest_bytes message = piece_of(guest, AZATTEST__GUEST_TPM_MESSAGE),
                   signature = piece_of(guest, AZATTEST__GUEST_TPM_SIGNATURE);
    azattest_status status;

    if (message.ptr == NULL && (signature.ptr != NULL || guest->proof.pcr_count != 0))
        return azattest__error_set(error, AZATTEST_E_EVIDENCE,
                                   "evidence of a guest: a TPM's signature or PCRs without the message that is signed");
    if ((status = read_ak(guest, error)) != AZATTEST_OK)
        return status;
    if (message.ptr != NULL && (status = azattest__tpm_attest_parse(message, &evidence->tpm, error)) != AZATTEST_OK)
        return status;
    return signature.ptr == NULL ? AZATTEST_OK
                                 : azattest__tpm_signature_parse(signature, &guest->proof.signature, error);
}

azattest_status azattest__guest_read(azattest_evidence *evidence, azattest_error **error)
{
    struct azattest__guest *guest = evidence->guest;
    azattest_status status;

    if ((status = read_hardware(evidence, error)) != AZATTEST_OK || (status = read_tpm(evidence, error)) != AZATTEST_OK)
        return status;
    if (evidence->hcl.type == 0 && evidence->tpm.message.ptr == NULL)
        return azattest__error_set(error, AZATTEST_E_EVIDENCE,
                                   "evidence of a guest: neither a hardware report nor a TPM's quote is in it");
    evidence->kind = evidence->hcl.type != 0 ? "azure_guest" : "tpm_quote";
    return evidence->hcl.type == 0 ? AZATTEST_OK
                                   : azattest__runtime_claims_read(evidence->hcl.runtime_claims, &guest->claims, error);
}

/* ---- single files ---- */

azattest_status azattest__hcl_evidence_read(azattest_evidence *evidence, azattest_bytes raw, azattest_error **error)
{
    azattest_status status = read_hcl(evidence, raw, error);

    if (status != AZATTEST_OK || evidence->lazy == NULL) /* an outline is never freed */
        return status;
    if ((evidence->guest = azattest__guest_alloc()) == NULL)
        return azattest__error_memory(error);
    return azattest__runtime_claims_read(evidence->hcl.runtime_claims, &evidence->guest->claims, error);
}

azattest_status azattest__tpm_evidence_read(azattest_evidence *evidence, azattest_bytes raw, azattest_error **error)
{
    azattest_status status = azattest__tpm_attest_parse(raw, &evidence->tpm, error);

    if (status != AZATTEST_OK || evidence->lazy == NULL)
        return status;
    evidence->guest = azattest__guest_alloc();
    return evidence->guest == NULL ? azattest__error_memory(error) : AZATTEST_OK;
}
