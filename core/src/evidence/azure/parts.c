/* Evidence of a guest from its pieces, each in a file of its own, and what is read of it. */
#include <stdlib.h>

#include "../../error/options.h"
#include "../formats.h"
#include "guest.h"

static azattest_status check_parts(const azattest_guest_parts *parts, azattest_error **error)
{
    if (parts->pcr_count != 0 && parts->pcrs == NULL)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT, "guest: %zu PCRs, and no list of them",
                                   parts->pcr_count);
    return AZATTEST_OK;
}

static azattest_status take_parts(const azattest_guest_parts *parts, struct azattest__guest *guest,
                                  azattest_error **error)
{
    const struct {
        azattest__guest_piece piece;
        azattest_bytes bytes;
    } pieces[] = {
        { AZATTEST__GUEST_HCL_REPORT, parts->hcl_report },       { AZATTEST__GUEST_TD_QUOTE, parts->td_quote },
        { AZATTEST__GUEST_CERTIFICATES, parts->certificates },   { AZATTEST__GUEST_TPM_MESSAGE, parts->tpm_message },
        { AZATTEST__GUEST_TPM_SIGNATURE, parts->tpm_signature }, { AZATTEST__GUEST_AK_PUBLIC, parts->ak_public },
        { AZATTEST__GUEST_EVENT_LOG, parts->event_log },
    };
    azattest_status status;

    for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
        if (pieces[i].bytes.ptr == NULL && pieces[i].bytes.len != 0)
            return azattest__error_set(error, AZATTEST_E_ARGUMENT, "guest: a piece with a length and no bytes");
        if ((status = azattest__guest_put(guest, pieces[i].piece, pieces[i].bytes, error)) != AZATTEST_OK)
            return status;
    }
    for (size_t i = 0; i < parts->pcr_count; i++) {
        const azattest_pcr *pcr = &parts->pcrs[i];
        uint16_t bank = pcr->bank == NULL ? AZATTEST__TPM_SHA256 : azattest__tpm_hash_from_name(pcr->bank);

        if ((status = azattest__guest_add_pcr(guest, bank, pcr->index, pcr->value, error)) != AZATTEST_OK)
            return status;
    }
    return AZATTEST_OK;
}

azattest_status azattest_evidence_new_guest(const azattest_guest_parts *parts, azattest_evidence **out,
                                            azattest_error **error)
{
    azattest_guest_parts taken;
    azattest_evidence *evidence = NULL;
    struct azattest__guest *guest = NULL;
    azattest_status status;
    azattest__buf document;

    if (error != NULL)
        *error = NULL;
    if (out == NULL)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT, "guest: no place for the result");
    *out = NULL;
    if (parts == NULL)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT, "guest: no parts");
    azattest__buf_init(&document, AZATTEST_LIMIT_ATTESTATION_INFO);
    if ((status = azattest__options_take(parts, &taken, sizeof(taken), "AZATTEST_GUEST_PARTS_INIT", error)) !=
            AZATTEST_OK ||
        (status = check_parts(&taken, error)) != AZATTEST_OK)
        goto done;
    if ((guest = azattest__guest_alloc()) == NULL) {
        status = azattest__error_memory(error);
        goto done;
    }
    if ((status = take_parts(&taken, guest, error)) != AZATTEST_OK ||
        (status = azattest__guest_document_write(guest, &document, error)) != AZATTEST_OK ||
        (status = azattest__evidence_alloc(azattest__buf_bytes(&document), "parts", &evidence, error)) != AZATTEST_OK)
        goto done;
    evidence->guest = guest;
    guest = NULL;
    if ((status = azattest__guest_read(evidence, error)) != AZATTEST_OK)
        goto done;
    *out = evidence;
    evidence = NULL;
done:
    azattest_evidence_free(evidence);
    azattest__guest_free(guest);
    azattest__buf_free(&document);
    return status;
}

azattest_bytes azattest__guest_pcr(const azattest_evidence *evidence, uint16_t bank, unsigned index)
{
    const struct azattest__guest *guest = evidence == NULL ? NULL : evidence->guest;

    for (size_t i = 0; guest != NULL && i < guest->proof.pcr_count; i++)
        if (guest->proof.pcrs[i].bank == bank && guest->proof.pcrs[i].index == index)
            return guest->proof.pcrs[i].value;
    return azattest__bytes(NULL, 0);
}

int azattest__guest_secure_boot(const azattest_evidence *evidence)
{
    return evidence == NULL || evidence->guest == NULL || evidence->hcl.type == 0 ? -1
                                                                                  : evidence->guest->claims.secure_boot;
}

const char *azattest__guest_vm_unique_id(const azattest_evidence *evidence)
{
    return evidence == NULL || evidence->guest == NULL ? NULL : evidence->guest->claims.vm_unique_id;
}

uint16_t azattest__guest_signature_hash(const azattest_evidence *evidence)
{
    return evidence == NULL || evidence->guest == NULL || evidence->guest->proof.signature.scheme == 0
               ? 0
               : azattest__tpm_signature_hash(&evidence->tpm, &evidence->guest->proof.signature);
}

const azattest__key *azattest__guest_attestation_key(const azattest_evidence *evidence)
{
    if (evidence->guest == NULL)
        return NULL;
    return evidence->hcl.type != 0 && evidence->hcl.type != AZATTEST__HCL_TRUSTED_LAUNCH ? evidence->guest->claims.ak
                                                                                         : evidence->guest->proof.key;
}

azattest_bytes azattest_evidence_runtime_claims(const azattest_evidence *evidence)
{
    return evidence == NULL ? azattest__bytes(NULL, 0) : evidence->hcl.runtime_claims;
}

azattest_bytes azattest_evidence_user_data(const azattest_evidence *evidence)
{
    return evidence == NULL || evidence->guest == NULL || !evidence->guest->claims.has_user_data
               ? azattest__bytes(NULL, 0)
               : azattest__bytes(evidence->guest->claims.user_data, AZATTEST__USER_DATA_SIZE);
}

azattest_bytes azattest_evidence_nonce(const azattest_evidence *evidence)
{
    return evidence == NULL ? azattest__bytes(NULL, 0) : evidence->tpm.extra_data;
}

azattest_bytes azattest_evidence_pcr_digest(const azattest_evidence *evidence)
{
    return evidence == NULL ? azattest__bytes(NULL, 0) : evidence->tpm.pcr_digest;
}

azattest_bytes azattest_evidence_pcr(const azattest_evidence *evidence, const char *bank, size_t index)
{
    uint16_t alg = bank == NULL ? AZATTEST__TPM_SHA256 : azattest__tpm_hash_from_name(bank);

    return alg == 0 || index >= AZATTEST__TPM_PCRS ? azattest__bytes(NULL, 0)
                                                   : azattest__guest_pcr(evidence, alg, (unsigned)index);
}
