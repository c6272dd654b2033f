/* What a token says of a virtual machine. Sources: a recorded token of /attest/SevSnpVm; Azure's documentation for TDX.
 */
#include "claims.h"

static void put_hex(azattest__json *claims, const char *name, const unsigned char *bytes, size_t len)
{
    azattest__json_put_hex(claims, name, azattest__bytes(bytes, len));
}

/* Which of the report's four TCBs the service repeats is not established: it is the reported one here, which the
 * certificate vouches for, and the only one that says what the platform promises. */
static void put_tcb(azattest__json *claims, const azattest__snp_report *report)
{
    azattest__snp_tcb tcb = azattest__snp_report_tcb(report, AZATTEST__SNP_UNKNOWN, report->reported_tcb);

    azattest__json_put_integer(claims, "x-ms-sevsnpvm-bootloader-svn", tcb.boot_loader);
    azattest__json_put_integer(claims, "x-ms-sevsnpvm-tee-svn", tcb.tee);
    azattest__json_put_integer(claims, "x-ms-sevsnpvm-snpfw-svn", tcb.snp);
    azattest__json_put_integer(claims, "x-ms-sevsnpvm-microcode-svn", tcb.microcode);
}

void azattest__claims_put_snp(azattest__json *claims, const azattest__snp_report *report)
{
    azattest__json_put_string(claims, "x-ms-attestation-type", "sevsnpvm");
    put_hex(claims, "x-ms-sevsnpvm-authorkeydigest", report->author_key_digest, 48);
    put_hex(claims, "x-ms-sevsnpvm-familyId", report->family_id, 16);
    put_hex(claims, "x-ms-sevsnpvm-hostdata", report->host_data, 32);
    put_hex(claims, "x-ms-sevsnpvm-idkeydigest", report->id_key_digest, 48);
    put_hex(claims, "x-ms-sevsnpvm-imageId", report->image_id, 16);
    put_hex(claims, "x-ms-sevsnpvm-launchmeasurement", report->measurement, 48);
    put_hex(claims, "x-ms-sevsnpvm-reportdata", report->report_data, 64);
    put_hex(claims, "x-ms-sevsnpvm-reportid", report->report_id, 32);
    azattest__json_put_integer(claims, "x-ms-sevsnpvm-guestsvn", report->guest_svn);
    azattest__json_put_integer(claims, "x-ms-sevsnpvm-vmpl", report->vmpl);
    azattest__json_put_bool(claims, "x-ms-sevsnpvm-is-debuggable", (report->policy & AZATTEST__SNP_POLICY_DEBUG) != 0);
    azattest__json_put_bool(claims, "x-ms-sevsnpvm-migration-allowed",
                            (report->policy & AZATTEST__SNP_POLICY_MIGRATE_MA) != 0);
    azattest__json_put_bool(claims, "x-ms-sevsnpvm-smt-allowed", (report->policy & AZATTEST__SNP_POLICY_SMT) != 0);
    put_tcb(claims, report);
}

static void put_u64(azattest__json *claims, const char *name, uint64_t value)
{
    unsigned char bytes[8];

    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (unsigned char)(value >> 8 * i); /* as it lies in the report */
    put_hex(claims, name, bytes, sizeof(bytes));
}

static void put_attributes(azattest__json *claims, uint64_t attributes)
{
    static const struct {
        const char *name;
        unsigned bit;
    } bits[] = { { "tdx_td_attributes_debug", 0 },
                 { "tdx_td_attributes_key_locker", 31 },
                 { "tdx_td_attributes_perfmon", 63 },
                 { "tdx_td_attributes_protection_keys", 30 },
                 { "tdx_td_attributes_septve_disable", 28 } };

    for (size_t i = 0; i < sizeof(bits) / sizeof(bits[0]); i++)
        azattest__json_put_bool(claims, bits[i].name, (attributes >> bits[i].bit & 1) != 0);
}

bool azattest__claims_td_report(const azattest_evidence *evidence, azattest__tdx_report *out)
{
    const azattest__td_report *held = &evidence->hcl.td_report;

    if (evidence->intel.td_report.body != NULL) {
        *out = evidence->intel.td_report;
        return true;
    }
    *out = (azattest__tdx_report){ .body = held->body,
                                   .tee_tcb_svn = held->tee_tcb_svn,
                                   .mr_seam = held->mr_seam,
                                   .mr_signer_seam = held->mr_signer_seam,
                                   .mr_td = held->mr_td,
                                   .mr_config_id = held->mr_config_id,
                                   .mr_owner = held->mr_owner,
                                   .mr_owner_config = held->mr_owner_config,
                                   .rtmr = { held->rtmr[0], held->rtmr[1], held->rtmr[2], held->rtmr[3] },
                                   .report_data = held->report_data,
                                   .seam_attributes = held->seam_attributes,
                                   .td_attributes = held->td_attributes,
                                   .xfam = held->xfam };
    return held->body != NULL;
}

void azattest__claims_put_tdx(azattest__json *claims, const azattest__tdx_report *report)
{
    static const char *const rtmrs[] = { "tdx_rtmr0", "tdx_rtmr1", "tdx_rtmr2", "tdx_rtmr3" };
    bool debug = (report->td_attributes & AZATTEST__TDX_FLAG_DEBUG) != 0;

    /* Of the TCB this service knows nothing: it holds no collateral, so it claims no status of it either. */
    azattest__json_put_string(claims, "dbgstat", debug ? "enabled" : "disabled");
    azattest__json_put_string(claims, "eat_profile", "https://aka.ms/maa-eat-profile-tdxvm");
    azattest__json_put_string(claims, "intuse", "generic");
    azattest__json_put_string(claims, "x-ms-attestation-type", "tdxvm");
    put_hex(claims, "tdx_mrconfigid", report->mr_config_id, 48);
    put_hex(claims, "tdx_mrowner", report->mr_owner, 48);
    put_hex(claims, "tdx_mrownerconfig", report->mr_owner_config, 48);
    put_hex(claims, "tdx_mrseam", report->mr_seam, 48);
    put_hex(claims, "tdx_mrsignerseam", report->mr_signer_seam, 48);
    put_hex(claims, "tdx_mrtd", report->mr_td, 48);
    put_hex(claims, "tdx_report_data", report->report_data, 64);
    for (size_t i = 0; i < 4; i++)
        put_hex(claims, rtmrs[i], report->rtmr[i], 48);
    put_u64(claims, "tdx_seam_attributes", report->seam_attributes);
    azattest__json_put_integer(claims, "tdx_seamsvn", report->tee_tcb_svn[0]);
    put_u64(claims, "tdx_td_attributes", report->td_attributes);
    put_attributes(claims, report->td_attributes);
    put_hex(claims, "tdx_tee_tcb_svn", report->tee_tcb_svn, 16);
    put_u64(claims, "tdx_xfam", report->xfam);
}
