/* SEV-SNP attestation reports. Source: AMD publication 56860, table "ATTESTATION_REPORT". */
#include <azattest/limits.h>
#include <stdlib.h>

#include "amd.h"
#include "der.h"
#include "make.h"

#define POLICY UINT64_C(0x3001f) /* as Azure's guests: ABI 0.31, SMT, and the bit that must be set */
#define POLICY_DEBUG (UINT64_C(1) << 19)

enum {
    AT_POLICY = 0x08,
    AT_FAMILY = 0x10,
    AT_IMAGE = 0x20,
    AT_VMPL = 0x30,
    AT_ALGORITHM = 0x34,
    AT_CURRENT_TCB = 0x38,
    AT_PLATFORM_INFO = 0x40,
    AT_KEY_INFO = 0x48,
    AT_SNP_DATA = 0x50,
    AT_MEASUREMENT = 0x90,
    AT_HOST_DATA = 0xc0,
    AT_ID_KEY = 0xe0,
    AT_AUTHOR_KEY = 0x110,
    AT_REPORT_ID = 0x140,
    AT_MIGRATION_ID = 0x160,
    AT_REPORTED_TCB = 0x180,
    AT_CPUID = 0x188,
    AT_CHIP = 0x1a0,
    AT_COMMITTED_TCB = 0x1e0,
    AT_BUILDS = 0x1e8,
    AT_LAUNCH_TCB = 0x1f0,
    AT_R = 0x2a0,
    AT_S = 0x2e8
};

azattest_status azattest__guest_take(const azattest_simulated_guest *in, azattest_simulated_guest *out,
                                     azattest_error **error)
{
    azattest_status status;

    if ((status = azattest__simulated_take(in, out, sizeof(*out), &out->size, "AZATTEST_SIMULATED_GUEST_INIT",
                                           error)) != AZATTEST_OK ||
        (status = azattest__simulated_size(out->measurement, 48, "measurement", error)) != AZATTEST_OK ||
        (status = azattest__simulated_size(out->host_data, 32, "host_data", error)) != AZATTEST_OK ||
        (status = azattest__simulated_size(out->id_key_digest, 48, "id_key_digest", error)) != AZATTEST_OK ||
        (status = azattest__simulated_size(out->author_key_digest, 48, "author_key_digest", error)) != AZATTEST_OK ||
        (status = azattest__simulated_size(out->family_id, 16, "family_id", error)) != AZATTEST_OK ||
        (status = azattest__simulated_size(out->image_id, 16, "image_id", error)) != AZATTEST_OK ||
        (status = azattest__simulated_size(out->report_data, 64, "report_data", error)) != AZATTEST_OK)
        return status;
    if (out->version != 0 && (out->version < 2 || out->version > 5))
        return azattest__error_set(error, AZATTEST_E_ARGUMENT, "simulated guest: version is %u, not 2 to 5",
                                   out->version);
    return azattest__runtime_data_check(out->runtime_data, "simulated guest", error);
}

static void put(unsigned char *report, size_t offset, azattest_bytes bytes)
{
    if (bytes.ptr != NULL && bytes.len > 0)
        memcpy(report + offset, bytes.ptr, bytes.len);
}

static void put_machine(const azattest__amd_machine *machine, unsigned version, unsigned char *report)
{
    static const unsigned char cpuids[VAULTS][3] = {
        [VAULT_MILAN] = { 0x19, 0x01, 0x01 }, [VAULT_GENOA] = { 0x19, 0x11, 0x01 }, [VAULT_TURIN] = { 0x1a, 0x02, 0x01 }
    };
    static const size_t tcbs[] = { AT_CURRENT_TCB, AT_REPORTED_TCB, AT_COMMITTED_TCB, AT_LAUNCH_TCB };
    static const unsigned char builds[8] = { 20, 55, 1, 0, 20, 55, 1, 0 };
    azattest__vault_id cpuid = !azattest__amd_has(machine, AZATTEST_SIMULATED_CPUID) ? machine->product
                               : machine->product == VAULT_GENOA                     ? VAULT_MILAN
                                                                                     : VAULT_GENOA;
    bool masked = azattest__amd_has(machine, AZATTEST_SIMULATED_MASKED_CHIP_ID) || machine->vlek;
    bool vlek = machine->vlek != azattest__amd_has(machine, AZATTEST_SIMULATED_KEY_KIND);

    for (size_t i = 0; i < sizeof(tcbs) / sizeof(tcbs[0]); i++)
        memcpy(report + tcbs[i], machine->tcb, 8);
    report[AT_PLATFORM_INFO] = version >= 5 ? 0x25 : 0x05; /* SMT, ECC; alias check */
    azattest__put_le(report + AT_KEY_INFO, (masked ? 2u : 0u) | (vlek ? 1u << 2 : 0u), 4);
    if (version >= 3)
        memcpy(report + AT_CPUID, cpuids[cpuid], 3);
    if (!masked)
        memcpy(report + AT_CHIP, machine->chip_id, 64);
    memcpy(report + AT_BUILDS, builds, sizeof(builds));
}

azattest_status azattest__snp_plan(const azattest__amd_machine *machine, const azattest_simulated_guest *guest,
                                   unsigned char report[AZATTEST__SNP_SIZE], azattest_error **error)
{
    unsigned version = guest->version != 0 ? guest->version : machine->product == VAULT_TURIN ? 5 : 3;
    uint64_t policy = guest->policy == 0 ? POLICY : guest->policy;
    azattest_status status;

    memset(report, 0, AZATTEST__SNP_SIZE);
    azattest__put_le(report, version, 4);
    azattest__put_le(report + 4, guest->guest_svn, 4);
    azattest__put_le(report + AT_POLICY, policy | (guest->debug == AZATTEST_ON ? POLICY_DEBUG : 0), 8);
    azattest__put_le(report + AT_VMPL, guest->vmpl, 4);
    azattest__put_le(report + AT_ALGORITHM, 1, 4);
    put(report, AT_FAMILY, guest->family_id);
    put(report, AT_IMAGE, guest->image_id);
    put(report, AT_HOST_DATA, guest->host_data);
    put(report, AT_ID_KEY, guest->id_key_digest);
    put(report, AT_AUTHOR_KEY, guest->author_key_digest);
    put(report, AT_MEASUREMENT, guest->measurement);
    put(report, AT_SNP_DATA, guest->report_data);
    memset(report + AT_MIGRATION_ID, 0xff, 32); /* no migration agent */
    put_machine(machine, version, report);
    if (guest->measurement.ptr == NULL &&
        (status = azattest__made_up("azattest simulated guest", report + AT_MEASUREMENT, 48, error)) != AZATTEST_OK)
        return status;
    if ((status = azattest__made_up("azattest simulated report id", report + AT_REPORT_ID, 32, error)) != AZATTEST_OK)
        return status;
    if (guest->report_data.ptr == NULL && guest->runtime_data.ptr != NULL &&
        (status = azattest__sha256(guest->runtime_data, report + AT_SNP_DATA, error)) != AZATTEST_OK)
        return status;
    if (azattest__amd_has(machine, AZATTEST_SIMULATED_REPORT_DATA))
        report[AT_SNP_DATA] ^= 1;
    return AZATTEST_OK;
}

azattest_status azattest__snp_sign(const azattest__amd_machine *machine, unsigned char report[AZATTEST__SNP_SIZE],
                                   azattest_error **error)
{
    bool big = azattest__amd_has(machine, AZATTEST_SIMULATED_BYTE_ORDER);
    azattest_status status;
    azattest__buf signature;

    azattest__buf_init(&signature, 96);
    if ((status = azattest__key_sign(machine->key, AZATTEST__ES384, azattest__bytes(report, AZATTEST__SNP_SIGNED),
                                     &signature, error)) == AZATTEST_OK) {
        memset(report + AT_R, 0, 144);
        for (size_t i = 0; i < 48; i++) {
            report[AT_R + i] = signature.ptr[big ? i : 47 - i];
            report[AT_S + i] = signature.ptr[48 + (big ? i : 47 - i)];
        }
        if (azattest__amd_has(machine, AZATTEST_SIMULATED_QUOTE_SIGNATURE))
            report[AT_R + 7] ^= 1;
    }
    azattest__buf_free(&signature);
    return status;
}

azattest_status azattest__make_snp_report(azattest_simulator *simulator, const azattest_simulated_guest *guest,
                                          azattest__buf *out, azattest_error **error)
{
    unsigned char report[AZATTEST__SNP_SIZE];
    azattest__amd_machine machine = { .certificate = NULL };
    azattest_simulated_guest own;
    azattest_status status;

    if ((status = azattest__guest_take(guest, &own, error)) == AZATTEST_OK &&
        (status = azattest__amd_open(simulator, own.platform, &machine, error)) == AZATTEST_OK &&
        (status = azattest__snp_plan(&machine, &own, report, error)) == AZATTEST_OK &&
        (status = azattest__snp_sign(&machine, report, error)) == AZATTEST_OK) {
        azattest__buf_append(out, report, sizeof(report));
        status = azattest__error_from_buf(error, out, "report");
    }
    azattest__amd_clear(&machine);
    return status;
}

azattest_status azattest_simulator_snp_report(azattest_simulator *simulator, const azattest_simulated_guest *guest,
                                              unsigned char **report, size_t *length, azattest_error **error)
{
    azattest_status status;
    azattest__buf out;

    if ((status = azattest__simulate_begin(simulator, report, length, error)) != AZATTEST_OK)
        return status;
    azattest__buf_init(&out, LIMIT_EVIDENCE);
    status = azattest__make_snp_report(simulator, guest, &out, error);
    return azattest__simulate_end(status, &out, report, length, error);
}
