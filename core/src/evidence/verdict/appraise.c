/* Judging verified evidence by what its user expects of it. The appraisal is as strict as its members: each one given
 * becomes a required check, and every one that is not given is listed as such, so that nobody has to guess what a
 * passed appraisal stands for. */
#include "appraisal.h"

#include <stdarg.h>
#include <stdio.h>

#define HEX_TEXT (2u * 64u + 1u) /* of the longest value */

static unsigned made_of(const azattest_evidence *evidence)
{
    unsigned fits = 0;

    if (evidence->intel.version != 0)
        fits |= AZATTEST__FITS_INTEL |
                (evidence->intel.tee_type == AZATTEST__TEE_TYPE_TDX ? AZATTEST__FITS_TDX : AZATTEST__FITS_SGX);
    if (evidence->snp.version != 0)
        fits |= AZATTEST__FITS_SNP;
    if (evidence->tpm.message.ptr != NULL)
        fits |= AZATTEST__FITS_TPM;
    if (evidence->hcl.type != 0)
        fits |= AZATTEST__FITS_HCL;
    return fits;
}

/* Members that are judged whether they were given or not. */
static bool has_default(azattest__member_id id)
{
    return id == AZATTEST__MEMBER_ALLOW_DEBUG || id == AZATTEST__MEMBER_ALLOW_NOT_CHECKED ||
           id == AZATTEST__MEMBER_ALLOW_MIGRATABLE || id == AZATTEST__MEMBER_REQUIRE_SEPT_VE_DISABLE ||
           id == AZATTEST__MEMBER_MAX_VMPL || id == AZATTEST__MEMBER_POLICY || id == AZATTEST__MEMBER_ALLOW_SHA1;
}

bool azattest__appraisal_switch(const azattest_appraisal *appraisal, azattest__member_id id, bool otherwise)
{
    const azattest__expected *expected = &appraisal->members[id];

    return expected->given ? expected->numbers[0] != 0 : otherwise;
}

bool azattest__expected_word(const azattest__expected *expected, const char *word)
{
    for (size_t i = 0; i < expected->count; i++)
        if (strcmp(expected->words[i], word) == 0)
            return true;
    return false;
}

bool azattest__verification_takes_tcb_status(const azattest__verification *v, const char *status)
{
    const azattest__expected *taken =
        v->appraisal == NULL ? NULL : &v->appraisal->members[AZATTEST__MEMBER_TCB_STATUSES];

    if (taken != NULL && taken->given)
        return azattest__expected_word(taken, status);
    return strcmp(status, "UpToDate") == 0 || strcmp(status, "SWHardeningNeeded") == 0;
}

bool azattest__verification_takes_sha1(const azattest__verification *v)
{
    return v->appraisal != NULL && azattest__appraisal_switch(v->appraisal, AZATTEST__MEMBER_ALLOW_SHA1, false);
}

static void hex_text(azattest_bytes bytes, char text[HEX_TEXT])
{
    const unsigned char *p = bytes.ptr;

    text[0] = '\0';
    for (size_t i = 0; i < bytes.len && i < HEX_TEXT / 2; i++)
        snprintf(text + 2 * i, 3, "%02x", p[i]);
}

azattest_status azattest__appraise_difference(const azattest__appraising *a, azattest__member_id id,
                                              azattest_bytes seen, const azattest__expected *expected,
                                              const char *format, ...)
{
    const char *check = azattest__appraisal_members[id].check;
    char seen_text[HEX_TEXT], expected_text[HEX_TEXT], front[64];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(front, sizeof(front), format, arguments);
    va_end(arguments);
    hex_text(seen, seen_text);
    hex_text(azattest__bytes(expected->bytes, seen.len), expected_text);
    if (expected->count == 1)
        return azattest__verification_set(a->v->result, check, false, "%s%s, expected %s", front, seen_text,
                                          expected_text);
    return azattest__verification_set(a->v->result, check, false, "%s%s, which is none of the %zu accepted values",
                                      front, seen_text, expected->count);
}

/* Every accepted value is compared, all of it, whatever the ones before it gave. */
azattest_status azattest__appraise_bytes(const azattest__appraising *a, azattest__member_id id, azattest_bytes seen)
{
    const azattest__member *member = &azattest__appraisal_members[id];
    const azattest__expected *expected = &a->appraisal->members[id];
    size_t size = (size_t)member->size;
    char text[HEX_TEXT];
    bool found = false;

    if (seen.ptr == NULL || seen.len != size)
        return azattest__verification_set(a->v->result, member->check, false, "the evidence has no %s", member->name);
    for (size_t i = 0; i < expected->count; i++)
        found = azattest__bytes_equal_constant_time(seen, azattest__bytes(expected->bytes + i * size, size)) || found;
    if (!found)
        return azattest__appraise_difference(a, id, seen, expected, "%s", "");
    hex_text(seen, text);
    return azattest__verification_set(a->v->result, member->check, true, "%s, as expected", text);
}

azattest_status azattest__appraise_word(const azattest__appraising *a, azattest__member_id id, const char *seen)
{
    const azattest__member *member = &azattest__appraisal_members[id];
    const azattest__expected *expected = &a->appraisal->members[id];
    azattest_status status;
    azattest__buf list;

    if (seen == NULL)
        return azattest__verification_set(a->v->result, member->check, false,
                                          "not established, and an appraisal takes nothing unknown");
    if (azattest__expected_word(expected, seen))
        return azattest__verification_set(a->v->result, member->check, true, "%s, as expected", seen);
    azattest__buf_init(&list, AZATTEST_LIMIT_APPRAISAL);
    for (size_t i = 0; i < expected->count; i++)
        azattest__buf_printf(&list, "%s%s", i == 0 ? "" : " or ", expected->words[i]);
    status = list.status != AZATTEST_OK ? AZATTEST_E_MEMORY
                                        : azattest__verification_set(a->v->result, member->check, false,
                                                                     "%s, expected %s", seen, (const char *)list.ptr);
    azattest__buf_free(&list);
    return status;
}

azattest_status azattest__appraise_at_least(const azattest__appraising *a, azattest__member_id id, int64_t seen)
{
    const azattest__member *member = &azattest__appraisal_members[id];
    int64_t least = a->appraisal->members[id].numbers[0];

    if (seen < 0)
        return azattest__verification_set(a->v->result, member->check, false, "not established, expected at least %lld",
                                          (long long)least);
    return azattest__verification_set(a->v->result, member->check, seen >= least, "%lld, expected at least %lld",
                                      (long long)seen, (long long)least);
}

/* Everything that the verdict leaves out is refused unless it is named. */
static azattest_status judge_not_checked(const azattest__appraising *a)
{
    static const char check[] = "appraisal.allow_not_checked";
    const azattest__expected *allowed = &a->appraisal->members[AZATTEST__MEMBER_ALLOW_NOT_CHECKED];
    azattest_verification_result *result = a->v->result;
    size_t refused = 0;
    azattest_status status;
    azattest__buf list;

    azattest__buf_init(&list, 16384);
    for (size_t i = 0; i < result->not_checked_count; i++)
        if (!azattest__expected_word(allowed, result->not_checked[i]))
            azattest__buf_printf(&list, "%s%s", refused++ == 0 ? "" : ", ", result->not_checked[i]);
    if (list.status != AZATTEST_OK)
        status = AZATTEST_E_MEMORY;
    else if (refused > 0)
        status = azattest__verification_set(
            result, check, false, "not checked, and the appraisal does not allow that: %s", (const char *)list.ptr);
    else
        status = azattest__verification_set(result, check, true,
                                            result->not_checked_count == 0 ? "nothing was left out"
                                                                           : "all that was left out is allowed to be");
    azattest__buf_free(&list);
    return status;
}

/* For a TD that is any way in: debugging, and profiling by the host. */
static azattest_status judge_debug(const azattest__appraising *a)
{
    static const char check[] = "appraisal.allow_debug";
    bool allowed = azattest__appraisal_switch(a->appraisal, AZATTEST__MEMBER_ALLOW_DEBUG, false);

    if (!azattest_evidence_is_debuggable(a->evidence))
        return azattest__verification_set(a->v->result, check, true, "not debuggable");
    return azattest__verification_set(a->v->result, check, allowed, "debuggable, which the appraisal %s",
                                      allowed ? "allows" : "does not allow");
}

azattest_status azattest__appraise_common(const azattest__appraising *a, azattest__member_id id)
{
    azattest_bytes report_data = azattest_evidence_report_data(a->evidence);

    if (id == AZATTEST__MEMBER_KINDS)
        return azattest__appraise_word(a, id, a->evidence->kind);
    if (id == AZATTEST__MEMBER_ALLOW_DEBUG)
        return judge_debug(a);
    if (id == AZATTEST__MEMBER_ALLOW_NOT_CHECKED)
        return judge_not_checked(a);
    if (id == AZATTEST__MEMBER_RUNTIME_DATA_SHA256 && report_data.len > AZATTEST__SHA256_SIZE)
        report_data.len = AZATTEST__SHA256_SIZE;
    return azattest__appraise_bytes(a, id, report_data);
}

static azattest_status judge(const azattest__appraising *a, azattest__member_id id)
{
    unsigned fits = azattest__appraisal_members[id].fits;

    if (id <= AZATTEST__MEMBER_RUNTIME_DATA_SHA256)
        return azattest__appraise_common(a, id);
    if ((fits & AZATTEST__FITS_INTEL) != 0 || (fits & (AZATTEST__FITS_SGX | AZATTEST__FITS_TDX)) != 0)
        return azattest__appraise_intel(a, id);
    if ((fits & AZATTEST__FITS_SNP) != 0)
        return azattest__appraise_snp(a, id);
    return azattest__appraise_guest(a, id);
}

static const char *made_of_text(unsigned fits)
{
    if ((fits & AZATTEST__FITS_SGX) != 0)
        return "an SGX report";
    if ((fits & AZATTEST__FITS_TDX) != 0)
        return "a TD report that its quote signs";
    if ((fits & AZATTEST__FITS_SNP) != 0)
        return "an SEV-SNP report";
    if ((fits & AZATTEST__FITS_INTEL) != 0)
        return "a quote of Intel";
    if ((fits & AZATTEST__FITS_TPM) != 0)
        return "a TPM quote";
    return "an HCL report";
}

static azattest_status appraise_member(const azattest__appraising *a, azattest__member_id id)
{
    const azattest__member *member = &azattest__appraisal_members[id];
    bool given = a->appraisal->members[id].given, fits = (member->fits & made_of(a->evidence)) != 0;

    if (!given && !fits)
        return AZATTEST_OK;
    if (!given && !has_default(id)) {
        azattest__verification_add(a->v->result, member->check, false, "not checked: the appraisal does not set it");
        return AZATTEST_OK;
    }
    azattest__verification_add(a->v->result, member->check, true, "not run");
    if (fits)
        return judge(a, id);
    return azattest__verification_set(a->v->result, member->check, false, "does not fit: the evidence (%s) has not %s",
                                      a->evidence->kind, made_of_text(member->fits));
}

/* Without one of these, whoever has such a machine passes. */
static azattest_status look_for_identity(const azattest__appraising *a)
{
    static const azattest__member_id identities[] = {
        AZATTEST__MEMBER_MR_ENCLAVE,  AZATTEST__MEMBER_MR_SIGNER,     AZATTEST__MEMBER_MR_TD,
        AZATTEST__MEMBER_MEASUREMENT, AZATTEST__MEMBER_ID_KEY_DIGEST, AZATTEST__MEMBER_AUTHOR_KEY_DIGEST,
        AZATTEST__MEMBER_PCRS,
    };

    for (size_t i = 0; i < sizeof(identities) / sizeof(identities[0]); i++)
        if (a->appraisal->members[identities[i]].given)
            return AZATTEST_OK;
    return azattest__verification_warn(a->v->result, "IDENTITY: the appraisal names no program, so that any passes");
}

azattest_status azattest__appraise(azattest__verification *v)
{
    azattest__appraising a = { .v = v, .evidence = v->evidence, .appraisal = v->appraisal };
    azattest_status status = AZATTEST_OK;

    v->result->appraised = true;
    for (int i = 0; status == AZATTEST_OK && i < AZATTEST__MEMBERS; i++)
        status = appraise_member(&a, (azattest__member_id)i);
    return status == AZATTEST_OK ? look_for_identity(&a) : status;
}
