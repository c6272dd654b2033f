/**
 * The evidence simulator: well-formed SGX quotes and Open Enclave reports of a made-up platform, for people without the
 * hardware and for tests. Its root is its own, kept in a state folder; nothing trusts it unless told to. A library of
 * its own (`libazattest_simulator`): it reads and writes files, which the core never does.
 */
#ifndef AZATTEST_SIMULATOR_H
#define AZATTEST_SIMULATOR_H

#include "error.h"

AZATTEST_BEGIN

typedef struct azattest_simulator azattest_simulator;

/** What the made-up enclave is. Zero means default. */
typedef struct azattest_simulated_enclave {
    size_t size;                 /**< sizeof(azattest_simulated_enclave) */
    azattest_bytes mr_enclave;   /**< 32 bytes; absent: a fixed made-up value */
    azattest_bytes mr_signer;    /**< 32 bytes; absent: a fixed made-up value */
    uint16_t product_id;         /**< ISVPRODID */
    uint16_t svn;                /**< ISVSVN */
    azattest_switch debug;       /**< off */
    azattest_bytes runtime_data; /**< its SHA-256 becomes the first half of the report data; absent: zeros */
} azattest_simulated_enclave;
/* clang-format off */
#define AZATTEST_SIMULATED_ENCLAVE_INIT { .size = sizeof(azattest_simulated_enclave) }
/* clang-format on */

/**
 * Opens the platform kept in a folder, or makes it there: keys in files of mode 0600, the root certificate in
 * `simulator-root.pem`.
 * @param state_folder  made when missing (mode 0700)
 * @retval AZATTEST_E_STATE  the folder cannot be read or written; the message says which file and why
 */
AZATTEST_API AZATTEST_MUST_CHECK azattest_status azattest_simulator_open(const char *state_folder,
                                                                         azattest_simulator **out,
                                                                         azattest_error **error);
AZATTEST_API void azattest_simulator_free(azattest_simulator *simulator);
/** The platform's root certificate as PEM text, for `extra_roots`. */
AZATTEST_API azattest_bytes azattest_simulator_root_pem(const azattest_simulator *simulator);
/** Path of the file with that certificate. */
AZATTEST_API const char *azattest_simulator_root_path(const azattest_simulator *simulator);

/** Makes a quote (version 3) in a new buffer for azattest_simulator_free_bytes(). */
AZATTEST_API AZATTEST_MUST_CHECK azattest_status azattest_simulator_sgx_quote(azattest_simulator *simulator,
                                                                              const azattest_simulated_enclave *enclave,
                                                                              unsigned char **quote, size_t *length,
                                                                              azattest_error **error);
/** The same inside an Open Enclave report. */
AZATTEST_API AZATTEST_MUST_CHECK azattest_status
azattest_simulator_open_enclave_report(azattest_simulator *simulator, const azattest_simulated_enclave *enclave,
                                       unsigned char **report, size_t *length, azattest_error **error);
AZATTEST_API void azattest_simulator_free_bytes(unsigned char *bytes);

AZATTEST_END

#endif
