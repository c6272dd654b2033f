/* TPMT_SIGNATURE, its check, and the digest of PCRs. */
#include <stdio.h>

#include "quote.h"
#include "reader.h"

static const struct hash_info {
    uint16_t alg;
    azattest__hash hash;
    const char *name, *other_name;
    size_t size;
} hashes[] = {
    { AZATTEST__TPM_SHA1, AZATTEST__SHA1, "sha1", "sha-1", 20 },
    { AZATTEST__TPM_SHA256, AZATTEST__SHA256, "sha256", "sha-256", 32 },
    { AZATTEST__TPM_SHA384, AZATTEST__SHA384, "sha384", "sha-384", 48 },
    { AZATTEST__TPM_SHA512, AZATTEST__SHA512, "sha512", "sha-512", 64 },
};
#define HASHES (sizeof(hashes) / sizeof(hashes[0]))

static const struct hash_info *hash_find(uint16_t alg)
{
    for (size_t i = 0; i < HASHES; i++)
        if (hashes[i].alg == alg)
            return &hashes[i];
    return NULL;
}

bool azattest__tpm_hash(uint16_t alg, azattest__hash *hash)
{
    const struct hash_info *info = hash_find(alg);

    if (info != NULL)
        *hash = info->hash;
    return info != NULL;
}

const char *azattest__tpm_hash_name(uint16_t alg)
{
    const struct hash_info *info = hash_find(alg);

    return info == NULL ? NULL : info->name;
}

size_t azattest__tpm_hash_size(uint16_t alg)
{
    const struct hash_info *info = hash_find(alg);

    return info == NULL ? 0 : info->size;
}

uint16_t azattest__tpm_hash_from_name(const char *name)
{
    for (size_t i = 0; name != NULL && i < HASHES; i++)
        if (azattest__text_equal_nocase(name, hashes[i].name) ||
            azattest__text_equal_nocase(name, hashes[i].other_name))
            return hashes[i].alg;
    return 0;
}

/* Sizes of RSA signatures from 2048 to 4096 bits. A TPMT_SIGNATURE around one has 6 bytes more. */
static bool is_rsa_size(size_t len)
{
    return len == 256 || len == 384 || len == 512;
}

azattest_status azattest__tpm_signature_parse(azattest_bytes bytes, azattest__tpm_signature *out,
                                              azattest_error **error)
{
    azattest__tpm_reader reader = azattest__tpm_reader_of(bytes);

    memset(out, 0, sizeof(*out));
    out->scheme = azattest__tpm_u16(&reader);
    out->hash_alg = azattest__tpm_u16(&reader);
    if (out->scheme == AZATTEST__TPM_RSASSA || out->scheme == AZATTEST__TPM_RSAPSS)
        out->rsa = azattest__tpm_sized(&reader);
    else if (out->scheme == AZATTEST__TPM_ECDSA) {
        out->r = azattest__tpm_sized(&reader);
        out->s = azattest__tpm_sized(&reader);
    } else
        reader.failed = true;
    if (!reader.failed && reader.left == 0)
        return AZATTEST_OK;
    if (!is_rsa_size(bytes.len)) {
        uint16_t scheme = out->scheme;

        memset(out, 0, sizeof(*out));
        return azattest__error_set(
            error, AZATTEST_E_EVIDENCE,
            "TPM signature: %zu bytes that begin with 0x%04x; a TPMT_SIGNATURE (RSASSA, RSAPSS "
            "or ECDSA, whole and nothing behind it) or an RSA signature of 256, 384 or 512 bytes "
            "is expected",
            bytes.len, scheme);
    }
    memset(out, 0, sizeof(*out));
    out->scheme = AZATTEST__TPM_RSASSA;
    out->rsa = bytes;
    return AZATTEST_OK;
}

uint16_t azattest__tpm_signature_hash(const azattest__tpm_attest *attest, const azattest__tpm_signature *signature)
{
    if (signature->hash_alg != 0)
        return signature->hash_alg;
    if (attest->type != AZATTEST__TPM_QUOTE)
        return AZATTEST__TPM_SHA256;
    for (size_t i = 0; i < HASHES; i++)
        if (hashes[i].size == attest->pcr_digest.len)
            return hashes[i].alg;
    return 0;
}

azattest_status azattest__tpm_verify(const azattest__tpm_attest *attest, const azattest__tpm_signature *signature,
                                     const azattest__key *key, azattest_error **error)
{
    uint16_t alg = azattest__tpm_signature_hash(attest, signature);
    const struct hash_info *info = hash_find(alg);
    azattest__raw_signature raw = { .scheme = AZATTEST__SCHEME_PKCS1, .rsa = signature->rsa };
    azattest_status status;
    bool valid;

    if (info == NULL)
        return azattest__error_set(error, AZATTEST_E_EVIDENCE_INVALID,
                                   "the signature's hash algorithm 0x%04x is not known", alg);
    if (signature->scheme == AZATTEST__TPM_RSAPSS)
        raw.scheme = AZATTEST__SCHEME_PSS;
    else if (signature->scheme == AZATTEST__TPM_ECDSA) {
        raw.scheme = AZATTEST__SCHEME_ECDSA;
        raw.r = signature->r;
        raw.s = signature->s;
    }
    if ((status = azattest__key_verify_raw(key, &raw, info->hash, attest->message, &valid, error)) != AZATTEST_OK)
        return status;
    return valid ? AZATTEST_OK
                 : azattest__error_set(error, AZATTEST_E_EVIDENCE_INVALID,
                                       "the signature (%s, %s) is not by the attestation key over this message",
                                       signature->scheme == AZATTEST__TPM_ECDSA    ? "ECDSA"
                                       : signature->scheme == AZATTEST__TPM_RSAPSS ? "RSAPSS"
                                                                                   : "RSASSA",
                                       info->name);
}

static const azattest__tpm_pcr *pcr_find(const azattest__tpm_pcr *pcrs, size_t count, uint16_t bank, unsigned index)
{
    for (size_t i = 0; i < count; i++)
        if (pcrs[i].bank == bank && pcrs[i].index == index)
            return &pcrs[i];
    return NULL;
}

static bool is_selected(const azattest__tpm_attest *attest, uint16_t bank, unsigned index)
{
    for (size_t i = 0; i < attest->selection_count; i++)
        if (attest->selections[i].hash_alg == bank && index < 32 && (attest->selections[i].mask >> index & 1) != 0)
            return true;
    return false;
}

static azattest_status check_given(const azattest__tpm_attest *attest, const azattest__tpm_pcr *pcrs, size_t count,
                                   azattest_error **error)
{
    for (size_t i = 0; i < count; i++) {
        const struct hash_info *info = hash_find(pcrs[i].bank);

        if (info == NULL || pcrs[i].value.len != info->size)
            return azattest__error_set(error, AZATTEST_E_EVIDENCE_INVALID,
                                       "PCR %u of bank 0x%04x (%s) has %zu bytes, not the size of its bank's digest",
                                       pcrs[i].index, pcrs[i].bank, info == NULL ? "unknown" : info->name,
                                       pcrs[i].value.len);
        if (!is_selected(attest, pcrs[i].bank, pcrs[i].index))
            return azattest__error_set(error, AZATTEST_E_EVIDENCE_INVALID,
                                       "a value for PCR %u of bank %s is given, which the quote does not cover",
                                       pcrs[i].index, info->name);
        if (pcr_find(pcrs, i, pcrs[i].bank, pcrs[i].index) != NULL)
            return azattest__error_set(error, AZATTEST_E_EVIDENCE_INVALID, "two values for PCR %u of bank %s",
                                       pcrs[i].index, info->name);
    }
    return AZATTEST_OK;
}

/* The values that the quote selects, in its order, appended to `out`. */
static azattest_status gather(const azattest__tpm_attest *attest, const azattest__tpm_pcr *pcrs, size_t count,
                              azattest__buf *out, azattest_error **error)
{
    for (size_t i = 0; i < attest->selection_count; i++)
        for (unsigned index = 0; index < 32; index++) {
            uint16_t bank = attest->selections[i].hash_alg;
            const azattest__tpm_pcr *pcr;

            if ((attest->selections[i].mask >> index & 1) == 0)
                continue;
            if ((pcr = pcr_find(pcrs, count, bank, index)) == NULL)
                return azattest__error_set(error, AZATTEST_E_EVIDENCE_INVALID,
                                           "the quote covers PCR %u of bank 0x%04x, and no value for it is given",
                                           index, bank);
            azattest__buf_append_bytes(out, pcr->value);
        }
    return azattest__error_from_buf(error, out, "PCRs");
}

azattest_status azattest__tpm_check_pcrs(const azattest__tpm_attest *attest, uint16_t hash_alg,
                                         const azattest__tpm_pcr *pcrs, size_t count, azattest_error **error)
{
    const struct hash_info *info = hash_find(hash_alg);
    unsigned char digest[AZATTEST__HASH_MAX];
    azattest_status status;
    azattest__buf values;
    size_t len;

    if (info == NULL)
        return azattest__error_set(error, AZATTEST_E_EVIDENCE_INVALID, "the hash algorithm 0x%04x is not known",
                                   hash_alg);
    if (attest->pcr_digest.len != info->size)
        return azattest__error_set(error, AZATTEST_E_EVIDENCE_INVALID,
                                   "the quote's digest of PCRs has %zu bytes, one of %s has %zu",
                                   attest->pcr_digest.len, info->name, info->size);
    azattest__buf_init(&values, AZATTEST__TPM_BANKS * 32 * AZATTEST__HASH_MAX);
    azattest__buf_append(&values, "", 0);
    if ((status = check_given(attest, pcrs, count, error)) != AZATTEST_OK ||
        (status = gather(attest, pcrs, count, &values, error)) != AZATTEST_OK ||
        (status = azattest__digest(info->hash, azattest__buf_bytes(&values), digest, &len, error)) != AZATTEST_OK)
        goto done;
    if (!azattest__bytes_equal_constant_time(azattest__bytes(digest, len), attest->pcr_digest))
        status = azattest__error_set(error, AZATTEST_E_EVIDENCE_INVALID,
                                     "the %s of the %zu PCR values is not the quote's digest", info->name, count);
done:
    azattest__buf_free(&values);
    return status;
}
