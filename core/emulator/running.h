/* All that runs while the local service does: state, instances, token issuer, servers. */
#ifndef AZATTEST_EMULATOR_RUNNING_H
#define AZATTEST_EMULATOR_RUNNING_H

#include <azattest/simulator.h>

#include "fault.h"
#include "json/json.h"

/* --instance NAME=MODE[:PORT]. A NAME with a dot is a host name, which shares the first port unless it has one of its
 * own; a NAME without has a port of its own on the host of --listen. */
#define AZATTEST__INSTANCE_NAME 64
typedef struct azattest__instance_settings {
    char name[AZATTEST__INSTANCE_NAME];
    const char *mode;
    int port; /* 0: any free one; -1: not told */
} azattest__instance_settings;
/* AZATTEST_E_ARGUMENT: what is wrong with the text. */
azattest_status azattest__instance_read(const char *text, azattest__instance_settings *out, azattest_error **error);

#define AZATTEST__LIMIT_INSTANCES 15u /* beside the first */

typedef struct azattest__running_settings {
    const char *listen, *state; /* state NULL: a temporary folder */
    const char *mode;           /* of the first instance; NULL: that of the state, of a new one aad */
    bool allow_remote;
    azattest_bytes policy_certificates; /* PEM, for every new isolated instance */
    bool lenient_policies;
    azattest_clock clock; /* of tokens and verification */
    azattest__instance_settings instances[AZATTEST__LIMIT_INSTANCES];
    size_t instance_count;
    azattest__faults *faults;                    /* borrowed; NULL: none */
    int64_t token_life_s;                        /* of access tokens; 0: as Entra's */
    const azattest_simulated_platform *platform; /* borrowed: what the collateral says; NULL: all is well */
} azattest__running_settings;

typedef struct azattest__running azattest__running;

/* Starts everything; settings have to live until azattest__running_stop(). */
azattest_status azattest__running_start(const azattest__running_settings *settings, azattest__running **out,
                                        azattest_error **error);
void azattest__running_stop(azattest__running *running);
/* The content of the ready line. */
void azattest__running_describe(const azattest__running *running, azattest__json *line);

#endif
