/*
 * What stands behind the ports: finds the instance that a request is for, by port and host name, lets faults happen,
 * and asks the token issuer or the instance.
 */
#ifndef AZATTEST_EMULATOR_FRONT_H
#define AZATTEST_EMULATOR_FRONT_H

#include "collateral.h"
#include "fault.h"
#include "issuer.h"
#include "service.h"

#define AZATTEST__FRONT_LIMIT_INSTANCES 16u

typedef struct azattest__front {
    const azattest__issuer *issuer;        /* NULL: none */
    azattest__faults *faults;              /* NULL: none */
    azattest__collateral_maker collateral; /* make NULL: none is served */
    struct azattest__front_instance {
        char *name;
        unsigned port; /* an ordinal of the caller's */
        azattest__service *service;
    } instances[AZATTEST__FRONT_LIMIT_INSTANCES];
    size_t count;
} azattest__front;

/* Always answers. Of the instances of that port the one whose endpoint the header Host names, else the first. */
void azattest__front_handle(const azattest__front *front, unsigned port, const azattest__service_request *request,
                            azattest__service_answer *answer);
/* The same for the port of the managed-identity endpoints. */
void azattest__front_handle_managed(const azattest__front *front, const azattest__service_request *request,
                                    azattest__service_answer *answer);

#endif
