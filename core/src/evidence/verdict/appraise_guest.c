/* What an appraisal expects of a TPM's quote, and of the machine that an HCL report describes. */
#include "appraisal.h"

#include <stdio.h>
#include <stdlib.h>

static azattest_status judge_pcrs(const azattest__appraising *a)
{
    return azattest__verification_set(a->v->result, "appraisal.pcrs", false, "the evidence carries no values of PCRs");
}

/* The runtime claims' "vm-configuration"; that the hardware report binds them is a check of its own. */
static const azattest__json *configuration(const azattest__appraising *a, const char *name)
{
    return azattest__json_get(azattest__json_get(a->runtime_claims, "vm-configuration"), name);
}

static azattest_status judge_secure_boot(const azattest__appraising *a)
{
    static const char check[] = "appraisal.secure_boot";
    bool expected = azattest__appraisal_switch(a->appraisal, AZATTEST__MEMBER_SECURE_BOOT, true), seen;

    if (!azattest__json_bool(configuration(a, "secure-boot"), &seen))
        return azattest__verification_set(a->v->result, check, false,
                                          "the runtime claims do not say whether secure boot is on");
    return azattest__verification_set(a->v->result, check, seen == expected, "%s, expected %s", seen ? "on" : "off",
                                      expected ? "on" : "off");
}

static azattest_status judge_vm_unique_id(const azattest__appraising *a)
{
    static const char check[] = "appraisal.vm_unique_id";
    const azattest__expected *expected = &a->appraisal->members[AZATTEST__MEMBER_VM_UNIQUE_ID];
    const char *seen = azattest__json_string(configuration(a, "vmUniqueId"));
    azattest_status status;
    bool found = false;
    char *shown;

    if (seen == NULL)
        return azattest__verification_set(a->v->result, check, false, "the runtime claims name no VM");
    for (size_t i = 0; i < expected->count; i++)
        found = found || azattest__text_equal_nocase(seen, expected->words[i]);
    if ((shown = azattest__printable(azattest__text(seen), 64)) == NULL)
        return AZATTEST_E_MEMORY;
    status =
        azattest__verification_set(a->v->result, check, found, found ? "%s, as expected" : "%s, expected %s%s", shown,
                                   expected->words[0], expected->count > 1 ? " or another of the list" : "");
    free(shown);
    return status;
}

/* Whether the signature and the banks are of SHA-1 is a check of the TPM's part, which asks
 * azattest__verification_takes_sha1(). */
static azattest_status judge_sha1(const azattest__appraising *a)
{
    static const char check[] = "appraisal.allow_sha1";
    const azattest__tpm_attest *tpm = &a->evidence->tpm;
    bool allowed = azattest__verification_takes_sha1(a->v), has = false;

    for (size_t i = 0; i < tpm->selection_count; i++)
        has = has || (tpm->selections[i].hash_alg == AZATTEST__TPM_SHA1 && tpm->selections[i].mask != 0);
    return azattest__verification_set(a->v->result, check, allowed || !has, "%s",
                                      !has      ? "no bank of SHA-1 is quoted"
                                      : allowed ? "a bank of SHA-1 is quoted, which is allowed"
                                                : "a bank of SHA-1 is quoted, which is not allowed");
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
