/* Verifying what a paravisor of Azure reports: the claims are those that the hardware's report binds, and the report is
 * of the paravisor itself. The hardware's report is verified by its maker's part. */
#include <stdio.h>

#include "../verdict/verification.h"
#include "guest.h"

static azattest_status check_structure(azattest__verification *v)
{
    azattest_error *reason = NULL;
    azattest_status found;

    if (v->evidence->hcl.version == 0)
        return AZATTEST_OK;
    found = azattest__hcl_report_check(&v->evidence->hcl, &reason);
    return azattest__verification_judge(v, "hcl_structure", found, reason, "well-formed, zeros where zeros have to be");
}

/* Of the report that is verified: the SNP report, the TD quote; a TDREPORT alone cannot be. */
static const unsigned char *bound_data(const azattest_evidence *evidence)
{
    if (evidence->hcl.type == AZATTEST__HCL_SNP)
        return evidence->snp.report_data;
    if (evidence->hcl.type != AZATTEST__HCL_TDX)
        return NULL;
    return evidence->intel.td_report.body != NULL ? evidence->intel.td_report.report_data
                                                  : evidence->hcl.td_report.report_data;
}

static azattest_status check_binding(azattest__verification *v)
{
    const azattest__hcl_report *hcl = &v->evidence->hcl;
    const unsigned char *report_data = bound_data(v->evidence);
    azattest_error *reason = NULL;
    azattest_status found;

    if (report_data == NULL)
        return azattest__verification_skip(v->result, "runtime_claims_binding",
                                           "a Trusted Launch machine has no hardware report: nothing vouches for its "
                                           "runtime claims");
    found = azattest__runtime_claims_bound(hcl->runtime_claims, hcl->hash_type, report_data, &reason);
    return azattest__verification_judge(v, "runtime_claims_binding", found, reason,
                                        "the digest of the runtime claims is the report data");
}

/* The paravisor runs at VMPL 0. Whatever runs at another level is the guest, which may report what it likes. */
static azattest_status check_vmpl(azattest__verification *v)
{
    uint32_t vmpl = v->evidence->snp.vmpl;

    if (v->evidence->hcl.type != AZATTEST__HCL_SNP)
        return AZATTEST_OK;
    return azattest__verification_set(v->result, "hcl_vmpl", vmpl == 0,
                                      vmpl == 0 ? "VMPL %u, that of the paravisor"
                                                : "VMPL %u: the guest asked for this report, not the paravisor (0)",
                                      (unsigned)vmpl);
}

typedef struct comparison {
    const char *name;
    const unsigned char *quote, *report;
    size_t size;
} comparison;

static const char *first_difference(const azattest__tdx_report *quote, const azattest__td_report *report)
{
    const comparison fields[] = {
        { "REPORTDATA", quote->report_data, report->report_data, 64 },
        { "MRTD", quote->mr_td, report->mr_td, 48 },
        { "RTMR0", quote->rtmr[0], report->rtmr[0], 48 },
        { "RTMR1", quote->rtmr[1], report->rtmr[1], 48 },
        { "RTMR2", quote->rtmr[2], report->rtmr[2], 48 },
        { "RTMR3", quote->rtmr[3], report->rtmr[3], 48 },
        { "MRSEAM", quote->mr_seam, report->mr_seam, 48 },
        { "MRSIGNERSEAM", quote->mr_signer_seam, report->mr_signer_seam, 48 },
        { "MRCONFIGID", quote->mr_config_id, report->mr_config_id, 48 },
        { "MROWNER", quote->mr_owner, report->mr_owner, 48 },
        { "MROWNERCONFIG", quote->mr_owner_config, report->mr_owner_config, 48 },
        { "TEE_TCB_SVN", quote->tee_tcb_svn, report->tee_tcb_svn, 16 },
        { "TEE_TCB_SVN2", quote->tee_tcb_svn2, report->tee_tcb_svn2, 16 },
        { "MRSERVICETD", quote->mr_service_td, report->mr_service_td, 48 },
    };

    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
        if (fields[i].quote != NULL && memcmp(fields[i].quote, fields[i].report, fields[i].size) != 0)
            return fields[i].name;
    return quote->td_attributes != report->td_attributes       ? "TDATTRIBUTES"
           : quote->xfam != report->xfam                       ? "XFAM"
           : quote->seam_attributes != report->seam_attributes ? "SEAMATTRIBUTES"
                                                               : NULL;
}

static azattest_status check_td_report(azattest__verification *v)
{
    const azattest_evidence *evidence = v->evidence;
    const char *difference;

    if (evidence->hcl.td_report.body == NULL)
        return AZATTEST_OK;
    if (evidence->intel.td_report.body == NULL)
        return azattest__verification_skip(v->result, "td_report_match",
                                           "a TDREPORT can be checked by its own CPU alone, and no TD quote over it "
                                           "came along: have the machine turn it into one");
    difference = first_difference(&evidence->intel.td_report, &evidence->hcl.td_report);
    return azattest__verification_set(v->result, "td_report_match", difference == NULL, "%s%s",
                                      difference == NULL ? "the TD quote is over this TDREPORT"
                                                         : "the TD quote is not over this TDREPORT: another ",
                                      difference == NULL ? "" : difference);
}

static void plan(azattest__verification *v)
{
    const azattest__hcl_report *hcl = &v->evidence->hcl;

    if (hcl->version != 0)
        azattest__verification_add(v->result, "hcl_structure", true, "not run");
    azattest__verification_add(v->result, "runtime_claims_binding", true, "not run");
    if (hcl->type == AZATTEST__HCL_SNP)
        azattest__verification_add(v->result, "hcl_vmpl", true, "not run");
    if (hcl->td_report.body != NULL)
        azattest__verification_add(v->result, "td_report_match", true, "not run");
}

azattest_status azattest__verify_hcl(azattest__verification *v)
{
    azattest_status status;

    plan(v);
    if ((status = check_structure(v)) != AZATTEST_OK || (status = check_binding(v)) != AZATTEST_OK ||
        (status = check_vmpl(v)) != AZATTEST_OK)
        return status;
    return check_td_report(v);
}

azattest_status azattest__guest_check_bound(const azattest_evidence *evidence, azattest_error **error)
{
    const azattest__hcl_report *hcl = &evidence->hcl;
    const unsigned char *report_data = bound_data(evidence);
    const char *difference = NULL;
    azattest_error *reason = NULL;
    azattest_status status = AZATTEST_OK;

    if (report_data != NULL)
        status = azattest__runtime_claims_bound(hcl->runtime_claims, hcl->hash_type, report_data, &reason);
    if (status == AZATTEST_E_EVIDENCE_INVALID)
        status = azattest__error_set(error, AZATTEST_E_BINDING, "runtime_claims_binding: %s",
                                     azattest_error_message(reason));
    else if (status != AZATTEST_OK)
        status = azattest__error_set(error, status, "%s", azattest_error_message(reason));
    else if (hcl->td_report.body != NULL && evidence->intel.td_report.body != NULL &&
             (difference = first_difference(&evidence->intel.td_report, &hcl->td_report)) != NULL)
        status = azattest__error_set(error, AZATTEST_E_BINDING,
                                     "td_report_match: the TD quote is not over this TDREPORT: another %s", difference);
    azattest_error_free(reason);
    return status;
}
