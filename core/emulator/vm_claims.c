/* What tokens say of the hardware reports of virtual machines: the sets that tokens of shared instances have (SEV-SNP:
 * recorded in 2025; TDX: as documented). Whether a machine complies with Azure's own rules, the report does not say. */
#include "parts.h"

void azattest__claims_put_snp(azattest__json *claims, const azattest__snp_report *report)
{
    azattest__snp_tcb tcb = azattest__snp_tcb_read(report->reported_tcb, report->product);

    azattest__json_put_string(claims, "x-ms-attestation-type", "sevsnpvm");
    azattest__json_put_hex(claims, "x-ms-sevsnpvm-authorkeydigest", azattest__bytes(report->author_key_digest, 48));
    azattest__json_put_integer(claims, "x-ms-sevsnpvm-bootloader-svn", tcb.boot_loader);
    azattest__json_put_hex(claims, "x-ms-sevsnpvm-familyId", azattest__bytes(report->family_id, 16));
    azattest__json_put_integer(claims, "x-ms-sevsnpvm-guestsvn", report->guest_svn);
    azattest__json_put_hex(claims, "x-ms-sevsnpvm-hostdata", azattest__bytes(report->host_data, 32));
    azattest__json_put_hex(claims, "x-ms-sevsnpvm-idkeydigest", azattest__bytes(report->id_key_digest, 48));
    azattest__json_put_hex(claims, "x-ms-sevsnpvm-imageId", azattest__bytes(report->image_id, 16));
    azattest__json_put_bool(claims, "x-ms-sevsnpvm-is-debuggable", (report->policy & AZATTEST__SNP_POLICY_DEBUG) != 0);
    azattest__json_put_hex(claims, "x-ms-sevsnpvm-launchmeasurement", azattest__bytes(report->measurement, 48));
    azattest__json_put_integer(claims, "x-ms-sevsnpvm-microcode-svn", tcb.microcode);
    azattest__json_put_bool(claims, "x-ms-sevsnpvm-migration-allowed",
                            (report->policy & AZATTEST__SNP_POLICY_MIGRATE_MA) != 0);
    azattest__json_put_hex(claims, "x-ms-sevsnpvm-reportdata", azattest__bytes(report->report_data, 64));
    azattest__json_put_hex(claims, "x-ms-sevsnpvm-reportid", azattest__bytes(report->report_id, 32));
    azattest__json_put_bool(claims, "x-ms-sevsnpvm-smt-allowed", (report->policy & AZATTEST__SNP_POLICY_SMT) != 0);
    azattest__json_put_integer(claims, "x-ms-sevsnpvm-snpfw-svn", tcb.snp);
    azattest__json_put_integer(claims, "x-ms-sevsnpvm-tee-svn", tcb.tee);
    azattest__json_put_integer(claims, "x-ms-sevsnpvm-vmpl", report->vmpl);
}

static void put_u64(azattest__json *claims, const char *name, uint64_t value)
{
    unsigned char bytes[8];

    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (unsigned char)(value >> 8 * i); /* as it lies in the report */
    azattest__json_put_hex(claims, name, azattest__bytes(bytes, sizeof(bytes)));
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

void azattest__claims_put_tdx(azattest__json *claims, const azattest__tdx_report *report)
{
    static const char *const rtmrs[] = { "tdx_rtmr0", "tdx_rtmr1", "tdx_rtmr2", "tdx_rtmr3" };
    bool debug = (report->td_attributes & AZATTEST__TDX_FLAG_DEBUG) != 0;

    /* Of the TCB this service knows nothing: it holds no collateral, so it claims no status of it either. */
    azattest__json_put_string(claims, "dbgstat", debug ? "enabled" : "disabled");
    azattest__json_put_string(claims, "eat_profile", "https://aka.ms/maa-eat-profile-tdxvm");
    azattest__json_put_string(claims, "intuse", "generic");
    azattest__json_put_string(claims, "x-ms-attestation-type", "tdxvm");
    azattest__json_put_hex(claims, "tdx_mrconfigid", azattest__bytes(report->mr_config_id, 48));
    azattest__json_put_hex(claims, "tdx_mrowner", azattest__bytes(report->mr_owner, 48));
    azattest__json_put_hex(claims, "tdx_mrownerconfig", azattest__bytes(report->mr_owner_config, 48));
    azattest__json_put_hex(claims, "tdx_mrseam", azattest__bytes(report->mr_seam, 48));
    azattest__json_put_hex(claims, "tdx_mrsignerseam", azattest__bytes(report->mr_signer_seam, 48));
    azattest__json_put_hex(claims, "tdx_mrtd", azattest__bytes(report->mr_td, 48));
    azattest__json_put_hex(claims, "tdx_report_data", azattest__bytes(report->report_data, 64));
    for (size_t i = 0; i < 4; i++)
        azattest__json_put_hex(claims, rtmrs[i], azattest__bytes(report->rtmr[i], 48));
    put_u64(claims, "tdx_seam_attributes", report->seam_attributes);
    azattest__json_put_integer(claims, "tdx_seamsvn", report->tee_tcb_svn[0]);
    put_u64(claims, "tdx_td_attributes", report->td_attributes);
    put_attributes(claims, report->td_attributes);
    azattest__json_put_hex(claims, "tdx_tee_tcb_svn", azattest__bytes(report->tee_tcb_svn, 16));
    put_u64(claims, "tdx_xfam", report->xfam);
}
