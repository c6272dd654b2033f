/* What a token says of a virtual machine. Source: a recorded token of /attest/SevSnpVm. */
#include "parts.h"

static void put_hex(azattest__json *claims, const char *name, const unsigned char *bytes, size_t len)
{
    azattest__json_put_hex(claims, name, azattest__bytes(bytes, len));
}

/* Which of the report's four TCBs the service repeats is not established: it is the reported one here, which the
 * certificate vouches for, and the only one that says what the platform promises. */
static void put_tcb(azattest__json *claims, const azattest__snp_report *report)
{
    azattest__snp_tcb tcb = azattest__snp_report_tcb(report, report->reported_tcb);

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
