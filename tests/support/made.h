/* Evidence and its collateral of one made-up machine in one call, for tests: say what is wrong, get both. The simulator
 * is that of quotes.h (made at the first call, removed by quotes_close()); link support/made.c beside support/quotes.c.
 *
 *     made it = made_with(MADE_TDX, AZATTEST_SIMULATED_BIT(REVOKED_PCK));
 *     ... azattest_evidence_parse(it.evidence, ...), azattest_collateral_add(c, it.collateral, ...), it.roots ...
 *     made_free(&it);
 */
#ifndef AZATTEST_TESTS_MADE_H
#define AZATTEST_TESTS_MADE_H

#include "quotes.h"

/* Runtime data that the report data of each binds, but for the HCL kinds (whose own claims are bound). */
#define MADE_RUNTIME_DATA QUOTES_RUNTIME_DATA
/* Qualifying data of the TPM quotes. */
#define MADE_NONCE "a nonce of the test"

typedef enum made_kind {
    MADE_SGX,          /* SGX quote version 3 */
    MADE_SGX_V4,       /* of version 4 */
    MADE_SGX_V5,       /* of version 5 */
    MADE_OPEN_ENCLAVE, /* legacy report */
    MADE_TDX,          /* TDX quote version 4 */
    MADE_TDX_V5,       /* of version 5, TD report 1.5 */
    MADE_TDX_V5_10,    /* of version 5, TD report 1.0 */
    MADE_SNP,          /* SNP report; version 3, of Turin 5 */
    MADE_SNP_V2,       /* of version 2 */
    MADE_HCL_SNP,
    MADE_HCL_TDX,
    MADE_GUEST_SNP, /* bundles */
    MADE_GUEST_TDX
} made_kind;

typedef struct made {
    azattest_bytes evidence;
    azattest_bytes collateral; /* the JSON document of azattest_simulator_collateral() */
    azattest_bytes roots;      /* PEM: for extra_roots */
} made;

/* NULL: a machine without fault. Every failure fails the test. */
made made_of(made_kind kind, const azattest_simulated_platform *platform);
/* The same with these faults and nothing else. */
made made_with(made_kind kind, uint64_t faults);
/* Collateral alone, for a machine that the evidence is not of. */
azattest_bytes made_collateral(made_kind kind, const azattest_simulated_platform *platform);
/* One piece by name (azattest_simulator_collateral_item); chain may be NULL. For made_bytes_free(). */
azattest_bytes made_item(made_kind kind, const azattest_simulated_platform *platform, const char *item,
                         azattest_bytes *chain);
void made_bytes_free(azattest_bytes *bytes);
void made_free(made *it);

#endif
