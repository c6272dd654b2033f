/* Guests of Azure: still to come. */
#include "make.h"

#define MISSING(...)                                                                                                   \
    {                                                                                                                  \
        return azattest__error_set(error, AZATTEST_E_UNSUPPORTED, "simulator: not made yet");                          \
    }

azattest_status azattest_simulator_td_report(azattest_simulator *simulator, const azattest_simulated_td *td,
                                             unsigned char **report, size_t *length, azattest_error **error)
MISSING()

azattest_status azattest_simulator_hcl_report(azattest_simulator *simulator, const azattest_simulated_vm *vm,
                                              unsigned char **report, size_t *length, azattest_error **error)
MISSING()

azattest_status azattest_simulator_tpm_quote(azattest_simulator *simulator, const azattest_simulated_vm *vm,
                                             azattest_simulated_tpm_quote *out, azattest_error **error)
MISSING()

void azattest_simulated_tpm_quote_clear(azattest_simulated_tpm_quote *quote)
{
    (void)quote;
}

azattest_status azattest_simulator_azure_guest(azattest_simulator *simulator, const azattest_simulated_vm *vm,
                                               const char *form, unsigned char **bundle, size_t *length,
                                               azattest_error **error)
MISSING()

azattest_status azattest_simulator_attested_certificate(azattest_simulator *simulator,
                                                        const azattest_simulated_enclave *enclave,
                                                        azattest_bytes key_pem, const char *form, const char *subject,
                                                        unsigned char **certificate, size_t *length,
                                                        azattest_error **error)
MISSING()
