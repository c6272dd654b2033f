/*
 * What the local service keeps in its state folder: the signing key, which stays, and what is made anew at each start.
 * The simulator's platform lies in the same folder, in files of its own.
 */
#ifndef AZATTEST_EMULATOR_STATE_H
#define AZATTEST_EMULATOR_STATE_H

#include "crypto/crypto.h"

typedef struct azattest__state {
    char *folder;   /* absolute: others read it in the ready line */
    bool temporary; /* made by us, and removed when closed */
    int lock;       /* file that is locked while the state is open, or -1 */
} azattest__state;

/* Opens a folder (made with mode 0700 when missing), or a private temporary one for NULL. AZATTEST_E_STATE tells which
 * file and why; also when another emulator uses the folder. */
azattest_status azattest__state_open(const char *folder, azattest__state *out, azattest_error **error);
void azattest__state_close(azattest__state *state);
/* The kept signing key, or a new RSA key of 2048 bits. */
azattest_status azattest__state_signing_key(const azattest__state *state, azattest__key **out, azattest_error **error);
/* The same of a further instance, whose name can be that of a file. */
azattest_status azattest__state_instance_key(const azattest__state *state, const char *instance, azattest__key **out,
                                             azattest_error **error);
/* Path of a file in the folder, for free(). */
char *azattest__state_path(const azattest__state *state, const char *name);

#endif
