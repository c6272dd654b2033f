/* A made-up TPM: its keys, its PCRs, and what it attests. Big-endian. Source: TCG TPM 2.0 library, part 2,
 * sections 10.12 (attestation), 11.3 (signatures), 12.2 (public areas). */
#ifndef AZATTEST_SIMULATOR_TPM_H
#define AZATTEST_SIMULATOR_TPM_H

#include "platform.h"

#define TPM_PCRS 24u

/* What an attestation says, to bend before it is signed. */
typedef struct azattest__tpm_plan {
    uint32_t magic;
    unsigned type; /* 0x8018 quote, 0x8017 certify */
    azattest_bytes qualified_signer, extra_data;
    unsigned bank;     /* TPM_ALG_ID of the PCRs */
    size_t value_size; /* of one of them */
    uint32_t mask;
    unsigned char pcrs[TPM_PCRS][AZATTEST__HASH_MAX];
    azattest_bytes digest;               /* absent: computed from the PCRs */
    azattest_bytes name, qualified_name; /* certify */
} azattest__tpm_plan;

/* A machine as taken; which key signs, and how. */
typedef struct azattest__tpm {
    const azattest__vault *vault;
    const azattest__key *ak, *signer; /* not the same with AZATTEST_SIMULATED_OTHER_AK */
    azattest__alg alg;                /* RS256, PS256 or ES256 */
    uint64_t faults;
    azattest__buf public_area, name; /* of the AK */
} azattest__tpm;
azattest_status azattest__tpm_open(azattest_simulator *simulator, const azattest_simulated_vm *vm, azattest__tpm *out,
                                   azattest_error **error);
void azattest__tpm_clear(azattest__tpm *tpm);

/* TPMT_PUBLIC of an RSA or P-256 key: an attestation key with its scheme, or a key to decrypt with. Appends. */
azattest_status azattest__tpm_public(const azattest__key *key, azattest__alg alg, bool decrypts, azattest__buf *out,
                                     azattest_error **error);
/* The name of a public area: algorithm and hash. Appends 34 bytes. */
azattest_status azattest__tpm_name(azattest_bytes public_area, azattest__buf *out, azattest_error **error);
azattest_status azattest__tpm_plan_quote(const azattest__tpm *tpm, const azattest_simulated_vm *vm,
                                         azattest__tpm_plan *out, azattest_error **error);
/* TPMS_ATTEST; appends. */
azattest_status azattest__tpm_attest(const azattest__tpm_plan *plan, azattest__buf *out, azattest_error **error);
/* Raw (RSA, or r and s of 32 bytes each), and as TPMT_SIGNATURE; either may be NULL. */
azattest_status azattest__tpm_sign(const azattest__tpm *tpm, azattest_bytes message, azattest__buf *raw,
                                   azattest__buf *structure, azattest_error **error);
/* Checks the struct and copies it. */
azattest_status azattest__vm_take(const azattest_simulated_vm *in, azattest_simulated_vm *out, azattest_error **error);

#endif
