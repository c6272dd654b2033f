/* A made-up SGX platform: the hierarchy of its keys, and the quotes they sign. Between the simulator's files and tests.
 */
#ifndef AZATTEST_SIMULATOR_PLATFORM_H
#define AZATTEST_SIMULATOR_PLATFORM_H

#include <azattest/simulator.h>

#include "crypto/crypto.h"

/* Keys and certificates from the root down. */
typedef enum azattest__level { LEVEL_ROOT, LEVEL_PLATFORM_CA, LEVEL_PCK, LEVELS } azattest__level;

typedef struct azattest__platform {
    azattest__key *keys[LEVELS];
    azattest__cert *certificates[LEVELS];
    azattest__key *attestation_key;
} azattest__platform;

struct azattest_simulator {
    azattest__platform platform;
    azattest__buf root_pem;
    azattest__buf chain_pem; /* leaf, intermediate, root, and the NUL that real quotes end with */
    char *root_path;
};

/* What a quote is made of; signatures and the quoting enclave's binding are computed. */
typedef struct azattest__quote_parts {
    unsigned char header[48], report[384], qe_report[384];
    azattest_bytes auth_data;
    unsigned certification_type;
    azattest_bytes certification;
    const azattest__key *attestation_key, *pck_key;
} azattest__quote_parts;

azattest_status azattest__platform_make(azattest__platform *out, azattest_error **error);
/* Every key is that of its certificate, and the certificates are a chain. */
azattest_status azattest__platform_check(const azattest__platform *platform, azattest_error **error);
void azattest__platform_clear(azattest__platform *platform);
/* Appends a certificate as PEM. */
void azattest__platform_put_certificate(const azattest__cert *certificate, azattest__buf *out);

/* Reads the platform of a folder, or makes one there; never half a one, and never one of two processes' each. */
azattest_status azattest__state_read_or_make(const char *folder, azattest_simulator *out, azattest_error **error);

/* The parts of a quote of that enclave on this platform; borrows from the simulator. */
azattest_status azattest__quote_plan(const azattest_simulator *simulator, const azattest_simulated_enclave *enclave,
                                     azattest__quote_parts *out, azattest_error **error);
/* Signs and assembles; appends to `out`. */
azattest_status azattest__quote_assemble(const azattest__quote_parts *parts, azattest__buf *out,
                                         azattest_error **error);

#endif
