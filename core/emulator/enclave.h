/* The made-up enclave that the local service pretends to run in: its signing certificates carry a report of it. */
#ifndef AZATTEST_EMULATOR_ENCLAVE_H
#define AZATTEST_EMULATOR_ENCLAVE_H

#include <azattest/simulator.h>

#include "json/json.h"
#include "service.h"

typedef struct azattest__service_enclave {
    azattest_simulator *simulator;               /* borrowed */
    const azattest_simulated_platform *platform; /* borrowed; NULL: all is well */
    azattest_switch debug;                       /* off */
} azattest__service_enclave;

/* An azattest__certifier, whose user is an azattest__service_enclave. */
azattest_status azattest__enclave_certify(void *user, const azattest__key *key, const char *subject, azattest__buf *der,
                                          azattest_error **error);
/* An appraisal that takes this enclave and no other: the object's members. It allows nothing to be left unchecked. */
azattest_status azattest__enclave_appraisal(azattest__json *out, azattest_error **error);

#endif
