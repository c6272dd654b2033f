/* A key that the attestation key certifies: its name is in a certification that the TPM itself made. */
#include "guest.h"

static azattest_bytes piece_of(const azattest_evidence *evidence, azattest__guest_piece piece)
{
    return azattest__buf_bytes(&evidence->guest->pieces[piece]);
}

/* Whoever holds the private key reads the answer: it must not be one that can leave the TPM. */
static azattest_status check_attributes(const azattest__tpm_public *area, azattest_error **error)
{
    static const uint32_t wanted = AZATTEST__TPM_DECRYPT | AZATTEST__TPM_FIXED_TPM | AZATTEST__TPM_FIXED_PARENT |
                                   AZATTEST__TPM_SENSITIVE_DATA_ORIGIN;

    return (area->attributes & wanted) == wanted && (area->attributes & AZATTEST__TPM_SIGN) == 0
               ? AZATTEST_OK
               : azattest__error_set(error, AZATTEST_E_EVIDENCE_INVALID,
                                     "EncKeyPub: its attributes 0x%08x are not those of a key that decrypts inside of "
                                     "its TPM alone",
                                     (unsigned)area->attributes);
}

static azattest_status check_certification(const azattest_evidence *evidence, const azattest__tpm_public *area,
                                           azattest_error **error)
{
    const azattest__key *ak = azattest__guest_attestation_key(evidence);
    unsigned char name[2 + AZATTEST__HASH_MAX];
    azattest__tpm_signature signature;
    azattest__tpm_attest attest;
    azattest_status status;
    size_t len;

    if (ak == NULL)
        return azattest__error_set(error, AZATTEST_E_EVIDENCE_INVALID,
                                   "there is no attestation key to certify EncKeyPub");
    if ((status = azattest__tpm_attest_parse(piece_of(evidence, AZATTEST__GUEST_KEY_CERTIFICATION), &attest, error)) !=
            AZATTEST_OK ||
        (status = azattest__tpm_signature_parse(piece_of(evidence, AZATTEST__GUEST_KEY_SIGNATURE), &signature,
                                                error)) != AZATTEST_OK)
        return status;
    if (attest.type != AZATTEST__TPM_CERTIFY)
        return azattest__error_set(error, AZATTEST_E_EVIDENCE_INVALID,
                                   "EncKeyCertifyInfo is no certification of a key");
    if (azattest__tpm_signature_hash(&attest, &signature) == AZATTEST__TPM_SHA1)
        return azattest__error_set(error, AZATTEST_E_EVIDENCE_INVALID,
                                   "EncKeyCertifyInfo is signed with SHA-1, which collides");
    if ((status = azattest__tpm_verify(&attest, &signature, ak, error)) != AZATTEST_OK) {
        azattest__error_prefix(error, "EncKeyCertifyInfo");
        return status;
    }
    if ((status = azattest__tpm_public_name(area, name, &len, error)) != AZATTEST_OK)
        return status;
    return azattest__bytes_equal_constant_time(azattest__bytes(name, len), attest.name)
               ? AZATTEST_OK
               : azattest__error_set(error, AZATTEST_E_EVIDENCE_INVALID,
                                     "EncKeyCertifyInfo certifies another key than "
                                     "EncKeyPub");
}

azattest_status azattest__guest_certified_key(const azattest_evidence *evidence, azattest__key **out,
                                              azattest_error **error)
{
    azattest__tpm_public area;
    azattest_status status;

    *out = NULL;
    if (evidence->guest == NULL || piece_of(evidence, AZATTEST__GUEST_KEY_PUBLIC).ptr == NULL)
        return azattest__error_set(error, AZATTEST_E_EVIDENCE, "there is no key (EncKeyPub) to seal the answer to");
    if ((status = azattest__tpm_public_parse(piece_of(evidence, AZATTEST__GUEST_KEY_PUBLIC), &area, error)) !=
            AZATTEST_OK ||
        (status = check_attributes(&area, error)) != AZATTEST_OK ||
        (status = check_certification(evidence, &area, error)) != AZATTEST_OK)
        return status;
    return azattest__tpm_public_key(&area, out, error);
}
