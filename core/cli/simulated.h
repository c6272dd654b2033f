/* What `azattest simulate` is told with --with NAME=VALUE: a table of names and the members that they set. */
#ifndef AZATTEST_CLI_SIMULATED_H
#define AZATTEST_CLI_SIMULATED_H

#include <azattest/simulator.h>

#include "arguments.h"
#include "base/buf.h"

/* Which commands know a name. */
enum {
    SETS_PLATFORM = 1 << 0, /* all of them */
    SETS_ENCLAVE = 1 << 1,
    SETS_TD = 1 << 2,
    SETS_GUEST = 1 << 3,
    SETS_VM = 1 << 4,
    SETS_FORM = 1 << 5,
    SETS_COLLATERAL = 1 << 6
};
#define SIMULATED_BYTES 24

/* Everything that can be set. The structs point at each other and at `bytes`: do not copy it. */
typedef struct azattest__simulated {
    azattest_simulated_platform platform;
    azattest_simulated_enclave enclave;
    azattest_simulated_td td;
    azattest_simulated_guest guest;
    azattest_simulated_vm vm;
    const char *form, *tee, *item;
    azattest__buf bytes[SIMULATED_BYTES]; /* what hexadecimal values stand for */
    size_t byte_count;
} azattest__simulated;

void azattest__simulated_init(azattest__simulated *simulated);
/* Takes one NAME=VALUE. AZATTEST_E_ARGUMENT names what is not known, and what is near. */
azattest_status azattest__simulated_set(azattest__simulated *simulated, unsigned sets, const char *given,
                                        azattest_error **error);
/* Takes every --with. AZATTEST_E_ARGUMENT names what is not known, and what is near. */
azattest_status azattest__simulated_read(const azattest__arguments *arguments, unsigned sets,
                                         azattest__simulated *simulated, azattest_error **error);
void azattest__simulated_clear(azattest__simulated *simulated);

#endif
