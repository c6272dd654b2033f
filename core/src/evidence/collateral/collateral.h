/* The set of collateral inside. */
#ifndef AZATTEST_EVIDENCE_COLLATERAL_COLLATERAL_H
#define AZATTEST_EVIDENCE_COLLATERAL_COLLATERAL_H

#include <azattest/collateral.h>

#include <stdatomic.h>

#include "../../crypto/x509.h"
#include "amd.h"

struct azattest_collateral {
    atomic_int references;
    azattest__amd_items amd;
};

/* AMD's items, linked; a use of the set. */
const azattest__amd_items *azattest__collateral_amd(const azattest_collateral *collateral);

#endif
