/* Collateral of the simulator's hierarchy, in the state that the caller wants: what collateral.h is served from. */
#ifndef AZATTEST_EMULATOR_COLLATERAL_SIMULATED_H
#define AZATTEST_EMULATOR_COLLATERAL_SIMULATED_H

#include <azattest/simulator.h>

#include "collateral.h"

typedef struct azattest__simulated_collateral {
    azattest_simulator *simulator; /* borrowed */
    azattest_simulated_platform platform;
} azattest__simulated_collateral;

azattest__collateral_maker azattest__simulated_maker(azattest__simulated_collateral *collateral);

#endif
