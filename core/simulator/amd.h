/* A made-up AMD machine: its chip, its TCB, its VCEK or VLEK, and the reports it signs. */
#ifndef AZATTEST_SIMULATOR_AMD_H
#define AZATTEST_SIMULATOR_AMD_H

#include "platform.h"

#define AZATTEST__SNP_SIZE 1184u
#define AZATTEST__SNP_SIGNED 0x2a0u

/* Clear it after any outcome of azattest__amd_open(). */
typedef struct azattest__amd_machine {
    azattest_simulated_platform in;
    const azattest__vault *vault;
    azattest__vault_id product; /* VAULT_MILAN ... */
    const char *product_name;
    unsigned char chip_id[64], tcb[8]; /* as in a report */
    bool vlek;
    const azattest__key *key; /* of the VCEK or VLEK */
    azattest__cert *certificate;
} azattest__amd_machine;
azattest_status azattest__amd_open(azattest_simulator *simulator, const azattest_simulated_platform *platform,
                                   azattest__amd_machine *out, azattest_error **error);
void azattest__amd_clear(azattest__amd_machine *machine);
static inline bool azattest__amd_has(const azattest__amd_machine *machine, azattest_simulated_fault fault)
{
    return (machine->in.faults >> fault & 1) != 0;
}
/* "Milan" for NULL; VAULTS when there is no such product. */
azattest__vault_id azattest__amd_product(const char *name);

/* A report that says what the guest wants, unsigned; and signs one (r and s little-endian), as the faults say. */
azattest_status azattest__snp_plan(const azattest__amd_machine *machine, const azattest_simulated_guest *guest,
                                   unsigned char report[AZATTEST__SNP_SIZE], azattest_error **error);
azattest_status azattest__snp_sign(const azattest__amd_machine *machine, unsigned char report[AZATTEST__SNP_SIZE],
                                   azattest_error **error);

/* ASK or ASVK, then ARK, in PEM. */
void azattest__amd_chain_pem(const azattest__amd_machine *machine, azattest__buf *out);
/* The ARK's list in DER. */
azattest_status azattest__amd_crl(const azattest__amd_machine *machine, azattest__buf *out, azattest_error **error);

#endif
