/* What an appraisal expects of an SEV-SNP report. */
#include "appraisal.h"

static azattest_status judge_vmpl(const azattest__appraising *a)
{
    static const char check[] = "appraisal.max_vmpl";
    const azattest__expected *expected = &a->appraisal->members[AZATTEST__MEMBER_MAX_VMPL];
    long long most = expected->given ? expected->numbers[0] : 0;
    uint32_t seen = a->evidence->snp.vmpl;

    if (seen == AZATTEST__SNP_VMPL_HOST)
        return azattest__verification_set(a->v->result, check, false, "the host asked for the report, not the guest");
    return azattest__verification_set(a->v->result, check, seen <= most, "%lu, expected at most %lld",
                                      (unsigned long)seen, most);
}

static azattest_status judge_denied(const azattest__appraising *a)
{
    static const char check[] = "appraisal.denied_chip_ids";
    const azattest__expected *denied = &a->appraisal->members[AZATTEST__MEMBER_DENIED_CHIP_IDS];
    azattest_bytes seen = azattest__bytes(a->evidence->snp.chip_id, AZATTEST__SNP_CHIP_ID_SIZE);
    bool found = false;

    if (azattest__snp_report_is_masked(&a->evidence->snp))
        return azattest__verification_set(a->v->result, check, false,
                                          "the platform masks its chip id: it may be one of those that are denied");
    for (size_t i = 0; i < denied->count; i++)
        found =
            azattest__bytes_equal_constant_time(seen, azattest__bytes(denied->bytes + i * seen.len, seen.len)) || found;
    return azattest__verification_set(a->v->result, check, !found,
                                      found ? "the chip is one of those that are denied" : "not denied");
}

/* Each part by itself. A part that the product has not got cannot be high enough. */
static azattest_status judge_tcb(const azattest__appraising *a, azattest__member_id id, const unsigned char *eight)
{
    const char *check = azattest__appraisal_members[id].check;
    const int64_t *least = a->appraisal->members[id].numbers;
    azattest__snp_tcb tcb = azattest__snp_report_tcb(&a->evidence->snp, a->v->snp_signer, eight);
    const int seen[] = { tcb.fmc, tcb.boot_loader, tcb.tee, tcb.snp, tcb.microcode };
    char text[AZATTEST__SNP_TCB_TEXT];

    for (size_t i = 0; i < sizeof(seen) / sizeof(seen[0]); i++)
        if (least[i] >= 0 && seen[i] < 0)
            return azattest__verification_set(a->v->result, check, false, "%s: the product has none, expected %lld",
                                              azattest__tcb_words[i], (long long)least[i]);
        else if (least[i] >= 0 && seen[i] < least[i])
            return azattest__verification_set(a->v->result, check, false, "%s is %d, expected at least %lld",
                                              azattest__tcb_words[i], seen[i], (long long)least[i]);
    return azattest__verification_set(a->v->result, check, true, "%s, as high as expected",
                                      azattest__snp_tcb_text(&tcb, text));
}

static uint64_t policy_bit(const char *word)
{
    for (const azattest__snp_bit *bit = azattest__snp_policy_bits; bit->name != NULL; bit++)
        if (strcmp(bit->name, word) == 0)
            return UINT64_C(1) << bit->bit;
    return 0;
}

/* A bit that allows something is refused when that is false; one that demands something is wanted when that is true. */
static azattest_status judge_policy(const azattest__appraising *a)
{
    static const char check[] = "appraisal.policy";
    const azattest__expected *expected = &a->appraisal->members[AZATTEST__MEMBER_POLICY];
    uint64_t policy = a->evidence->snp.policy;

    for (size_t i = 0; azattest__policy_words[i] != NULL; i++) {
        bool set = (policy & policy_bit(azattest__policy_words[i])) != 0, allows = i < AZATTEST__POLICY_ALLOWS;
        int64_t wanted = expected->given ? expected->numbers[i] : -1;

        if (wanted < 0)
            wanted = strcmp(azattest__policy_words[i], "migration_agent") == 0 ? 0 : allows;
        if (allows && set && wanted == 0)
            return azattest__verification_set(a->v->result, check, false,
                                              "the guest's policy 0x%llx allows %s, which the appraisal does not",
                                              (unsigned long long)policy, azattest__policy_words[i]);
        if (!allows && !set && wanted == 1)
            return azattest__verification_set(a->v->result, check, false,
                                              "the guest's policy 0x%llx does not demand %s, as the appraisal does",
                                              (unsigned long long)policy, azattest__policy_words[i]);
    }
    return azattest__verification_set(a->v->result, check, true, "0x%llx, as expected", (unsigned long long)policy);
}

azattest_status azattest__appraise_snp(const azattest__appraising *a, azattest__member_id id)
{
    const azattest_evidence *evidence = a->evidence;

    switch (id) {
    case AZATTEST__MEMBER_MEASUREMENT:
        return azattest__appraise_bytes(a, id, azattest_evidence_measurement(evidence));
    case AZATTEST__MEMBER_HOST_DATA:
        return azattest__appraise_bytes(a, id, azattest_evidence_host_data(evidence));
    case AZATTEST__MEMBER_ID_KEY_DIGEST:
        return azattest__appraise_bytes(a, id, azattest_evidence_id_key_digest(evidence));
    case AZATTEST__MEMBER_AUTHOR_KEY_DIGEST:
        return azattest__appraise_bytes(a, id, azattest_evidence_author_key_digest(evidence));
    case AZATTEST__MEMBER_FAMILY_ID:
        return azattest__appraise_bytes(a, id, azattest_evidence_family_id(evidence));
    case AZATTEST__MEMBER_IMAGE_ID:
        return azattest__appraise_bytes(a, id, azattest_evidence_image_id(evidence));
    case AZATTEST__MEMBER_CHIP_ID:
        return azattest__appraise_bytes(a, id, azattest_evidence_chip_id(evidence));
    case AZATTEST__MEMBER_DENIED_CHIP_IDS:
        return judge_denied(a);
    case AZATTEST__MEMBER_MIN_GUEST_SVN:
        return azattest__appraise_at_least(a, id, evidence->snp.guest_svn);
    case AZATTEST__MEMBER_MAX_VMPL:
        return judge_vmpl(a);
    case AZATTEST__MEMBER_PRODUCTS:
        return azattest__appraise_word(a, id, azattest_evidence_snp_product(evidence));
    case AZATTEST__MEMBER_MIN_REPORTED_TCB:
        return judge_tcb(a, id, evidence->snp.reported_tcb);
    case AZATTEST__MEMBER_MIN_COMMITTED_TCB:
        return judge_tcb(a, id, evidence->snp.committed_tcb);
    case AZATTEST__MEMBER_MIN_LAUNCH_TCB:
        return judge_tcb(a, id, evidence->snp.launch_tcb);
    case AZATTEST__MEMBER_POLICY:
        return judge_policy(a);
    default:
        return AZATTEST_OK; /* stays "not run", and required */
    }
}
