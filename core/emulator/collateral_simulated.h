/* Collateral of the simulator's hierarchy, in the state that --collateral wants: what collateral.h is served from. */
#ifndef AZATTEST_EMULATOR_COLLATERAL_SIMULATED_H
#define AZATTEST_EMULATOR_COLLATERAL_SIMULATED_H

#include <azattest/simulator.h>

#include "collateral.h"

typedef struct azattest__simulated_collateral {
    azattest_simulator *simulator; /* borrowed */
    azattest_simulated_platform platform;
} azattest__simulated_collateral;

/* The text of --collateral: names of faults and STATE=VALUE, separated by commas. `memory` keeps the texts that the
 * platform points to. AZATTEST_E_ARGUMENT: what is not known, and what is. */
azattest_status azattest__simulated_state(const char *text, azattest_simulated_platform *platform, char **memory,
                                          azattest_error **error);
azattest__collateral_maker azattest__simulated_maker(azattest__simulated_collateral *collateral);

#endif
