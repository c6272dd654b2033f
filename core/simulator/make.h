/* The makers of evidence behind the public functions; each appends to a buffer. */
#ifndef AZATTEST_SIMULATOR_MAKE_H
#define AZATTEST_SIMULATOR_MAKE_H

#include "platform.h"

#define LIMIT_EVIDENCE (1024u * 1024u)

/* For the public functions: clears *error, *bytes and *length, and complains of a NULL among them. */
azattest_status azattest__simulate_begin(const azattest_simulator *simulator, unsigned char **bytes, size_t *length,
                                         azattest_error **error);
/* Hands `out` over with a NUL behind it, or frees it after a failure. */
azattest_status azattest__simulate_end(azattest_status status, azattest__buf *out, unsigned char **bytes,
                                       size_t *length, azattest_error **error);

/* Checked copies of the callers' structs. */
azattest_status azattest__runtime_data_check(azattest_bytes data, const char *what, azattest_error **error);
azattest_status azattest__enclave_take(const azattest_simulated_enclave *in, azattest_simulated_enclave *out,
                                       azattest_error **error);
azattest_status azattest__td_take(const azattest_simulated_td *in, azattest_simulated_td *out, azattest_error **error);
azattest_status azattest__guest_take(const azattest_simulated_guest *in, azattest_simulated_guest *out,
                                     azattest_error **error);

azattest_status azattest__make_sgx_quote(azattest_simulator *simulator, const azattest_simulated_enclave *enclave,
                                         azattest__buf *out, azattest_error **error);
azattest_status azattest__make_tdx_quote(azattest_simulator *simulator, const azattest_simulated_td *td,
                                         azattest__buf *out, azattest_error **error);
azattest_status azattest__make_td_report(azattest_simulator *simulator, const azattest_simulated_td *td,
                                         azattest__buf *out, azattest_error **error);
azattest_status azattest__make_snp_report(azattest_simulator *simulator, const azattest_simulated_guest *guest,
                                          azattest__buf *out, azattest_error **error);
azattest_status azattest__make_oe_evidence(azattest_simulator *simulator, const azattest_simulated_enclave *enclave,
                                           const char *format, azattest_bytes claims, azattest__buf *out,
                                           azattest_error **error);
/* Open Enclave's headers around bytes. */
void azattest__oe_report(azattest__buf *out, azattest_bytes quote);
void azattest__oe_evidence(azattest__buf *out, const unsigned char uuid[16], azattest_bytes data);

#endif
