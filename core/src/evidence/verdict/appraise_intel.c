/* What an appraisal expects of a quote of Intel, and of the platform behind it. */
#include "appraisal.h"

#include <stdio.h>

#include "../../base/clock.h"

#define MEASUREMENT_SIZE 48u
/* Bits of a TD's attributes. Source: Intel TDX module ABI, TD_ATTRIBUTES. */
#define SEPT_VE_DISABLE (UINT64_C(1) << 28)
#define MIGRATABLE (UINT64_C(1) << 29)

static azattest_bytes measurement(const unsigned char *at)
{
    return azattest__bytes(at, at == NULL ? 0 : MEASUREMENT_SIZE);
}

static azattest_bytes td_bytes(const azattest__tdx_report *report, azattest__member_id id)
{
    switch (id) {
    case AZATTEST__MEMBER_MR_TD:
        return measurement(report->mr_td);
    case AZATTEST__MEMBER_RTMR0:
    case AZATTEST__MEMBER_RTMR1:
    case AZATTEST__MEMBER_RTMR2:
    case AZATTEST__MEMBER_RTMR3:
        return measurement(report->rtmr[id - AZATTEST__MEMBER_RTMR0]);
    case AZATTEST__MEMBER_MR_CONFIG_ID:
        return measurement(report->mr_config_id);
    case AZATTEST__MEMBER_MR_OWNER:
        return measurement(report->mr_owner);
    case AZATTEST__MEMBER_MR_OWNER_CONFIG:
        return measurement(report->mr_owner_config);
    case AZATTEST__MEMBER_MR_SERVICE_TD: /* TD report 1.5 alone has it */
        return measurement(report->mr_service_td);
    case AZATTEST__MEMBER_MR_SEAM:
        return measurement(report->mr_seam);
    case AZATTEST__MEMBER_MR_SIGNER_SEAM:
        return measurement(report->mr_signer_seam);
    default:
        return azattest__bytes(NULL, 0);
    }
}

static azattest_bytes sgx_bytes(const azattest__sgx_report *report, azattest__member_id id)
{
    switch (id) {
    case AZATTEST__MEMBER_MR_ENCLAVE:
        return azattest__bytes(report->mr_enclave, 32);
    case AZATTEST__MEMBER_MR_SIGNER:
        return azattest__bytes(report->mr_signer, 32);
    case AZATTEST__MEMBER_CONFIG_ID:
        return azattest__bytes(report->config_id, 64);
    case AZATTEST__MEMBER_ISV_FAMILY_ID:
        return azattest__bytes(report->isv_family_id, 16);
    case AZATTEST__MEMBER_ISV_EXTENDED_PRODUCT_ID:
        return azattest__bytes(report->isv_ext_product_id, 16);
    default:
        return azattest__bytes(NULL, 0);
    }
}

static azattest_status judge_product_id(const azattest__appraising *a)
{
    static const char check[] = "appraisal.product_id";
    const azattest__expected *expected = &a->appraisal->members[AZATTEST__MEMBER_PRODUCT_ID];
    int64_t seen = a->evidence->intel.report.isv_product_id;
    bool found = false;

    for (size_t i = 0; i < expected->count; i++)
        found = found || expected->numbers[i] == seen;
    if (found)
        return azattest__verification_set(a->v->result, check, true, "%lld, as expected", (long long)seen);
    if (expected->count == 1)
        return azattest__verification_set(a->v->result, check, false, "%lld, expected %lld", (long long)seen,
                                          (long long)expected->numbers[0]);
    return azattest__verification_set(a->v->result, check, false, "%lld, which is none of the %zu accepted",
                                      (long long)seen, expected->count);
}

/* No status, no level: then nobody knows the advisories either. */
static azattest_status judge_advisories(const azattest__appraising *a, azattest__member_id id)
{
    const char *check = azattest__appraisal_members[id].check;
    const azattest__expected *listed = &a->appraisal->members[id];
    azattest_verification_result *result = a->v->result;
    bool refuses = id == AZATTEST__MEMBER_ADVISORIES_REFUSED;
    size_t refused = 0;
    azattest_status status;
    azattest__buf list;

    if (result->tcb_status[0] == '\0')
        return azattest__verification_set(
            result, check, false, "not established: advisories come with the TCB level, which needs collateral");
    azattest__buf_init(&list, 16384);
    for (size_t i = 0; i < result->advisory_count; i++)
        if (azattest__expected_word(listed, result->advisories[i]) == refuses)
            azattest__buf_printf(&list, "%s%s", refused++ == 0 ? "" : ", ", result->advisories[i]);
    if (list.status != AZATTEST_OK)
        status = AZATTEST_E_MEMORY;
    else if (refused > 0)
        status = azattest__verification_set(result, check, false, "the platform has %s, which %s",
                                            (const char *)list.ptr, refuses ? "is refused" : "is not accepted");
    else
        status = azattest__verification_set(result, check, true, "none of the platform's %zu is refused",
                                            result->advisory_count);
    azattest__buf_free(&list);
    return status;
}

static azattest_status judge_date(const azattest__appraising *a)
{
    static const char check[] = "appraisal.min_tcb_date";
    int64_t least = a->appraisal->members[AZATTEST__MEMBER_MIN_TCB_DATE].numbers[0], seen = a->v->result->tcb_date;
    char seen_text[AZATTEST__TIME_TEXT], least_text[AZATTEST__TIME_TEXT];

    azattest__time_format(least, least_text);
    if (seen == 0)
        return azattest__verification_set(a->v->result, check, false,
                                          "not established, which needs collateral; expected %s or later", least_text);
    azattest__time_format(seen, seen_text);
    return azattest__verification_set(a->v->result, check, seen >= least, "%s, expected %s or later", seen_text,
                                      least_text);
}

/* Flags of the PCK certificate, which those of one-package platforms (of the Processor CA) have not: what is not said
 * is not known. Source: Intel SGX PCK Certificate and CRL profile specification, "Configuration". */
static azattest_status judge_flag(const azattest__appraising *a, azattest__member_id id, const char *what)
{
    const char *check = azattest__appraisal_members[id].check;
    const azattest__pck *pck = a->v->pck;
    bool flag;

    if (azattest__appraisal_switch(a->appraisal, id, false))
        return azattest__verification_set(a->v->result, check, true, "allowed, whatever the platform has");
    if (pck == NULL || pck->chain.count == 0 || pck->extensions_error != NULL || !pck->extensions.has_configuration)
        return azattest__verification_set(a->v->result, check, false,
                                          "the PCK certificate does not say whether the platform has %s", what);
    flag = id == AZATTEST__MEMBER_ALLOW_SMT                ? pck->extensions.smt_enabled
           : id == AZATTEST__MEMBER_ALLOW_DYNAMIC_PLATFORM ? pck->extensions.dynamic_platform
                                                           : pck->extensions.cached_keys;
    return azattest__verification_set(a->v->result, check, !flag, "the PCK certificate says that the platform has %s%s",
                                      flag ? "" : "no ", what);
}

static azattest_status judge_mask(const azattest__appraising *a, azattest__member_id id, uint64_t seen)
{
    const azattest__expected *expected = &a->appraisal->members[id];
    uint64_t mask = azattest__le64(expected->bytes), value = azattest__le64(expected->bytes + 8);

    return azattest__verification_set(a->v->result, azattest__appraisal_members[id].check, (seen & mask) == value,
                                      (seen & mask) == value ? "0x%llx, as expected under the mask 0x%llx"
                                                             : "0x%llx, under the mask 0x%llx not the expected 0x%llx",
                                      (unsigned long long)seen, (unsigned long long)mask, (unsigned long long)value);
}

static azattest_status judge_td_switch(const azattest__appraising *a, azattest__member_id id)
{
    const char *check = azattest__appraisal_members[id].check;
    uint64_t attributes = a->evidence->intel.td_report.td_attributes;
    bool disables = (attributes & SEPT_VE_DISABLE) != 0, migratable = (attributes & MIGRATABLE) != 0;

    if (id == AZATTEST__MEMBER_ALLOW_MIGRATABLE)
        return azattest__verification_set(a->v->result, check,
                                          !migratable || azattest__appraisal_switch(a->appraisal, id, false),
                                          migratable ? "the TD may be migrated" : "the TD cannot be migrated");
    return azattest__verification_set(a->v->result, check,
                                      disables || !azattest__appraisal_switch(a->appraisal, id, true),
                                      disables ? "the TD sets SEPT_VE_DISABLE"
                                               : "the TD does not set SEPT_VE_DISABLE: its host can make it take "
                                                 "exceptions at any access to memory");
}

static azattest_status judge_td(const azattest__appraising *a, azattest__member_id id)
{
    const azattest__tdx_report *report = &a->evidence->intel.td_report;

    switch (id) {
    case AZATTEST__MEMBER_TD_ATTRIBUTES:
        return judge_mask(a, id, report->td_attributes);
    case AZATTEST__MEMBER_XFAM:
        return judge_mask(a, id, report->xfam);
    case AZATTEST__MEMBER_ALLOW_MIGRATABLE:
    case AZATTEST__MEMBER_REQUIRE_SEPT_VE_DISABLE:
        return judge_td_switch(a, id);
    default:
        return azattest__appraise_bytes(a, id, td_bytes(report, id));
    }
}

static azattest_status judge_sgx(const azattest__appraising *a, azattest__member_id id)
{
    const azattest__sgx_report *report = &a->evidence->intel.report;

    switch (id) {
    case AZATTEST__MEMBER_PRODUCT_ID:
        return judge_product_id(a);
    case AZATTEST__MEMBER_MIN_SVN:
        return azattest__appraise_at_least(a, id, report->isv_svn);
    case AZATTEST__MEMBER_MIN_CONFIG_SVN:
        return azattest__appraise_at_least(a, id, report->config_svn);
    default:
        return azattest__appraise_bytes(a, id, sgx_bytes(report, id));
    }
}

azattest_status azattest__appraise_intel(const azattest__appraising *a, azattest__member_id id)
{
    switch (id) {
    case AZATTEST__MEMBER_TCB_STATUSES:
        return azattest__appraise_word(a, id, azattest_verification_result_tcb_status(a->v->result));
    case AZATTEST__MEMBER_ADVISORIES_ACCEPTED:
    case AZATTEST__MEMBER_ADVISORIES_REFUSED:
        return judge_advisories(a, id);
    case AZATTEST__MEMBER_MIN_TCB_EVALUATION_DATA_NUMBER:
        return azattest__appraise_at_least(a, id, a->v->result->evaluation);
    case AZATTEST__MEMBER_MIN_TCB_DATE:
        return judge_date(a);
    case AZATTEST__MEMBER_ALLOW_SMT:
        return judge_flag(a, id, "simultaneous multithreading");
    case AZATTEST__MEMBER_ALLOW_DYNAMIC_PLATFORM:
        return judge_flag(a, id, "packages that can be added");
    case AZATTEST__MEMBER_ALLOW_CACHED_KEYS:
        return judge_flag(a, id, "keys that are cached by Intel");
    default:
        return (azattest__appraisal_members[id].fits & AZATTEST__FITS_TDX) != 0 ? judge_td(a, id) : judge_sgx(a, id);
    }
}
