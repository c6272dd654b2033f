/* What an appraisal expects of a TPM's quote, and of the machine that an HCL report describes. */
#include "appraisal.h"

#include <stdlib.h>

#include "../azure/guest.h"

/* The quote's own digest covers the PCR; that it is the digest of the values is a check of the TPM's part. */
static bool is_quoted(const azattest__tpm_attest *attest, uint16_t algorithm, unsigned index)
{
    for (size_t i = 0; i < attest->selection_count; i++)
        if (attest->selections[i].hash_alg == algorithm && (attest->selections[i].mask >> index & 1) != 0)
            return true;
    return false;
}

static azattest_status judge_pcrs(const azattest__appraising *a)
{
    static const char check[] = "appraisal.pcrs";

    for (size_t i = 0; i < a->appraisal->pcr_count; i++) {
        const azattest__expected_pcr *pcr = &a->appraisal->pcrs[i];
        const char *bank = azattest__tpm_hash_name(pcr->algorithm);
        azattest_bytes seen = azattest__guest_pcr(a->evidence, pcr->algorithm, pcr->index);
        bool found = false;

        if (!is_quoted(&a->evidence->tpm, pcr->algorithm, pcr->index))
            return azattest__verification_set(a->v->result, check, false,
                                              "PCR %u of %s is not among those of the quote", pcr->index, bank);
        if (seen.ptr == NULL || seen.len != pcr->size)
            return azattest__verification_set(a->v->result, check, false, "the evidence does not tell PCR %u of %s",
                                              pcr->index, bank);
        for (size_t j = 0; j < pcr->values.count; j++)
            found = azattest__bytes_equal_constant_time(
                        seen, azattest__bytes(pcr->values.bytes + j * pcr->size, pcr->size)) ||
                    found;
        if (!found)
            return azattest__appraise_difference(a, AZATTEST__MEMBER_PCRS, seen, &pcr->values, "PCR %u of %s is ",
                                                 pcr->index, bank);
    }
    return azattest__verification_set(a->v->result, check, true, "%zu values, all as expected",
                                      a->appraisal->pcr_count);
}

/* The runtime claims' "vm-configuration"; that the hardware report binds them is a check of its own. */
static azattest_status judge_secure_boot(const azattest__appraising *a)
{
    static const char check[] = "appraisal.secure_boot";
    bool expected = azattest__appraisal_switch(a->appraisal, AZATTEST__MEMBER_SECURE_BOOT, true);
    int seen = azattest__guest_secure_boot(a->evidence);

    if (seen < 0)
        return azattest__verification_set(a->v->result, check, false,
                                          "the runtime claims do not say whether secure boot is on");
    return azattest__verification_set(a->v->result, check, (seen == 1) == expected, "%s, expected %s",
                                      seen == 1 ? "on" : "off", expected ? "on" : "off");
}

static azattest_status judge_vm_unique_id(const azattest__appraising *a)
{
    static const char check[] = "appraisal.vm_unique_id";
    const azattest__expected *expected = &a->appraisal->members[AZATTEST__MEMBER_VM_UNIQUE_ID];
    const char *seen = azattest__guest_vm_unique_id(a->evidence);
    azattest_status status;
    bool found = false;
    char *shown;

    if (seen == NULL)
        return azattest__verification_set(a->v->result, check, false, "the runtime claims name no VM");
    for (size_t i = 0; i < expected->count; i++)
        found = found || azattest__text_equal_nocase(seen, expected->words[i]);
    if ((shown = azattest__printable(azattest__text(seen), AZATTEST_LIMIT_APPRAISAL_WORD)) == NULL)
        return AZATTEST_E_MEMORY;
    if (found)
        status = azattest__verification_set(a->v->result, check, true, "%s, as expected", shown);
    else
        status = azattest__verification_set(a->v->result, check, false, "%s, expected %s%s", shown, expected->words[0],
                                            expected->count > 1 ? " or another of the list" : "");
    free(shown);
    return status;
}

/* The TPM's part refuses the same, by azattest__verification_takes_sha1(): whoever allowed it sees it here. */
static azattest_status judge_sha1(const azattest__appraising *a)
{
    const azattest__tpm_attest *attest = &a->evidence->tpm;
    bool allowed = azattest__verification_takes_sha1(a->v);
    bool has = azattest__guest_signature_hash(a->evidence) == AZATTEST__TPM_SHA1;

    for (size_t i = 0; i < attest->selection_count; i++)
        has = has || (attest->selections[i].hash_alg == AZATTEST__TPM_SHA1 && attest->selections[i].mask != 0);
    return azattest__verification_set(a->v->result, "appraisal.allow_sha1", allowed || !has, "%s",
                                      !has      ? "neither the signature nor a quoted bank is of SHA-1"
                                      : allowed ? "the signature or a quoted bank is of SHA-1, which is allowed"
                                                : "the signature or a quoted bank is of SHA-1, which is not allowed");
}

azattest_status azattest__appraise_guest(const azattest__appraising *a, azattest__member_id id)
{
    switch (id) {
    case AZATTEST__MEMBER_PCRS:
        return judge_pcrs(a);
    case AZATTEST__MEMBER_ALLOW_SHA1:
        return judge_sha1(a);
    case AZATTEST__MEMBER_SECURE_BOOT:
        return judge_secure_boot(a);
    case AZATTEST__MEMBER_VM_UNIQUE_ID:
        return judge_vm_unique_id(a);
    default:
        return AZATTEST_OK; /* stays "not run", and required */
    }
}
