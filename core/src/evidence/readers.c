/* Readers of single fields. Each asks the part that has it; a kind without the field is absent, or -1. */
#include "evidence.h"

static azattest_bytes part(const unsigned char *field, size_t len)
{
    return azattest__bytes(field, field == NULL ? 0 : len);
}

/* The report of an enclave: of a quote, or for local attestation. NULL: the evidence is of no enclave. */
static const azattest__sgx_report *enclave(const azattest_evidence *evidence)
{
    return evidence == NULL || evidence->intel.report.body == NULL ? NULL : &evidence->intel.report;
}

#define ENCLAVE(member, len) (enclave(evidence) == NULL ? part(NULL, 0) : part(enclave(evidence)->member, len))

/* A TD's report: of a quote, or the TDREPORT that a paravisor holds. */
#define TD(member, len)                                                                                                \
    (evidence == NULL                         ? part(NULL, 0)                                                          \
     : evidence->intel.td_report.body != NULL ? part(evidence->intel.td_report.member, len)                            \
     : evidence->hcl.td_report.body != NULL   ? part(evidence->hcl.td_report.member, len)                              \
                                              : part(NULL, 0))
#define TD_NUMBER(member)                                                                                              \
    (evidence == NULL                         ? 0                                                                      \
     : evidence->intel.td_report.body != NULL ? evidence->intel.td_report.member                                       \
                                              : evidence->hcl.td_report.member)

const char *azattest_evidence_tee(const azattest_evidence *evidence)
{
    if (evidence == NULL)
        return NULL;
    if (evidence->intel.td_report.body != NULL || evidence->hcl.td_report.body != NULL)
        return "tdx";
    if (evidence->intel.report.body != NULL)
        return "sgx";
    if (evidence->snp.version != 0)
        return "snp";
    return evidence->tpm.message.ptr != NULL && evidence->hcl.type == 0 ? "tpm" : "none";
}

int azattest_evidence_version(const azattest_evidence *evidence)
{
    if (evidence == NULL)
        return 0;
    if (evidence->intel.version != 0)
        return evidence->intel.version;
    if (evidence->snp.version != 0)
        return (int)evidence->snp.version;
    return evidence->hcl.version != 0 ? (int)evidence->hcl.version : -1;
}

azattest_bytes azattest_evidence_report_data(const azattest_evidence *evidence)
{
    azattest_bytes found = TD(report_data, 64);

    if (found.ptr == NULL)
        found = ENCLAVE(report_data, 64);
    if (found.ptr == NULL && evidence != NULL)
        found = part(evidence->snp.report_data, 64);
    return found;
}

azattest_bytes azattest_evidence_trailing(const azattest_evidence *evidence)
{
    return evidence == NULL || evidence->trailing.len == 0 ? part(NULL, 0) : evidence->trailing;
}

/* Whoever may look into it cannot be told from whoever may not: each way in counts. */
bool azattest_evidence_is_debuggable(const azattest_evidence *evidence)
{
    if (evidence == NULL)
        return false;
    return (evidence->intel.report.attributes_flags & AZATTEST__SGX_FLAG_DEBUG) != 0 ||
           (evidence->intel.td_report.td_attributes & AZATTEST__TDX_FLAGS_UNDER_DEBUG) != 0 ||
           (evidence->hcl.td_report.td_attributes & AZATTEST__TDX_FLAGS_UNDER_DEBUG) != 0 ||
           (evidence->snp.policy & AZATTEST__SNP_POLICY_DEBUG) != 0;
}

/* ---- SGX ---- */

azattest_bytes azattest_evidence_mr_enclave(const azattest_evidence *evidence)
{
    return ENCLAVE(mr_enclave, 32);
}

azattest_bytes azattest_evidence_mr_signer(const azattest_evidence *evidence)
{
    return ENCLAVE(mr_signer, 32);
}

azattest_bytes azattest_evidence_cpu_svn(const azattest_evidence *evidence)
{
    return ENCLAVE(cpu_svn, 16);
}

azattest_bytes azattest_evidence_config_id(const azattest_evidence *evidence)
{
    return ENCLAVE(config_id, 64);
}

azattest_bytes azattest_evidence_isv_family_id(const azattest_evidence *evidence)
{
    return ENCLAVE(isv_family_id, 16);
}

azattest_bytes azattest_evidence_isv_extended_product_id(const azattest_evidence *evidence)
{
    return ENCLAVE(isv_ext_product_id, 16);
}

int azattest_evidence_product_id(const azattest_evidence *evidence)
{
    return evidence == NULL ? 0 : enclave(evidence) == NULL ? -1 : enclave(evidence)->isv_product_id;
}

int azattest_evidence_svn(const azattest_evidence *evidence)
{
    return evidence == NULL ? 0 : enclave(evidence) == NULL ? -1 : enclave(evidence)->isv_svn;
}

int azattest_evidence_config_svn(const azattest_evidence *evidence)
{
    return evidence == NULL ? 0 : enclave(evidence) == NULL ? -1 : enclave(evidence)->config_svn;
}

/* ---- TDX ---- */

azattest_bytes azattest_evidence_tee_tcb_svn(const azattest_evidence *evidence)
{
    return TD(tee_tcb_svn, 16);
}

azattest_bytes azattest_evidence_mr_seam(const azattest_evidence *evidence)
{
    return TD(mr_seam, AZATTEST__TDX_MEASUREMENT_SIZE);
}

azattest_bytes azattest_evidence_mr_signer_seam(const azattest_evidence *evidence)
{
    return TD(mr_signer_seam, AZATTEST__TDX_MEASUREMENT_SIZE);
}

azattest_bytes azattest_evidence_mr_td(const azattest_evidence *evidence)
{
    return TD(mr_td, AZATTEST__TDX_MEASUREMENT_SIZE);
}

azattest_bytes azattest_evidence_rtmr(const azattest_evidence *evidence, size_t index)
{
    return index < 4 ? TD(rtmr[index], AZATTEST__TDX_MEASUREMENT_SIZE) : part(NULL, 0);
}

azattest_bytes azattest_evidence_mr_config_id(const azattest_evidence *evidence)
{
    return TD(mr_config_id, AZATTEST__TDX_MEASUREMENT_SIZE);
}

azattest_bytes azattest_evidence_mr_owner(const azattest_evidence *evidence)
{
    return TD(mr_owner, AZATTEST__TDX_MEASUREMENT_SIZE);
}

azattest_bytes azattest_evidence_mr_owner_config(const azattest_evidence *evidence)
{
    return TD(mr_owner_config, AZATTEST__TDX_MEASUREMENT_SIZE);
}

azattest_bytes azattest_evidence_mr_service_td(const azattest_evidence *evidence)
{
    if (evidence == NULL || evidence->intel.td_report.body != NULL)
        return evidence == NULL ? part(NULL, 0)
                                : part(evidence->intel.td_report.mr_service_td, AZATTEST__TDX_MEASUREMENT_SIZE);
    return part(evidence->hcl.td_report.mr_service_td, AZATTEST__TDX_MEASUREMENT_SIZE);
}

uint64_t azattest_evidence_td_attributes(const azattest_evidence *evidence)
{
    return TD_NUMBER(td_attributes);
}

uint64_t azattest_evidence_xfam(const azattest_evidence *evidence)
{
    return TD_NUMBER(xfam);
}

/* ---- the platform, as Intel certifies it ---- */

static const azattest__pck *certified(const azattest_evidence *evidence)
{
    const azattest__pck *pck = evidence == NULL ? NULL : azattest__evidence_pck(evidence);

    return pck == NULL || pck->chain.count == 0 || pck->extensions_error != NULL ? NULL : pck;
}

azattest_bytes azattest_evidence_fmspc(const azattest_evidence *evidence)
{
    const azattest__pck *pck = certified(evidence);

    return pck == NULL ? part(NULL, 0) : part(pck->extensions.fmspc, sizeof(pck->extensions.fmspc));
}

azattest_bytes azattest_evidence_pceid(const azattest_evidence *evidence)
{
    const azattest__pck *pck = certified(evidence);

    if (pck != NULL)
        return part(pck->extensions.pceid, sizeof(pck->extensions.pceid));
    return evidence == NULL ? part(NULL, 0) : part(evidence->intel.platform.pceid, 2);
}

const char *azattest_evidence_pck_ca(const azattest_evidence *evidence)
{
    const azattest__pck *pck = certified(evidence);

    return pck == NULL ? NULL : azattest__pck_ca(pck);
}
