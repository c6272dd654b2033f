/* The set of collateral inside. */
#ifndef AZATTEST_EVIDENCE_COLLATERAL_COLLATERAL_H
#define AZATTEST_EVIDENCE_COLLATERAL_COLLATERAL_H

#include <azattest/collateral.h>

#include <stdatomic.h>

#include "../../crypto/x509.h"

struct azattest_collateral {
    atomic_int references;
};

#endif
