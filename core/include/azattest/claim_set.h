/** Sets of claims, as the conditions of a policy see them. */
#ifndef AZATTEST_CLAIM_SET_H
#define AZATTEST_CLAIM_SET_H

#include "error.h"

AZATTEST_BEGIN

/** Claims in the order of their insertion, none of them twice. Filled first and used then: immutable from its first
 * use on, and shared by threads. */
typedef struct azattest_claim_set azattest_claim_set;

AZATTEST_END

#endif
