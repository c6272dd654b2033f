/* Collateral of files, of a folder that keeps it, and of its sources. */
#ifndef AZATTEST_CLI_COLLATERAL_H
#define AZATTEST_CLI_COLLATERAL_H

#include "arguments.h"

/* --collateral, and for the evidence (may be NULL) --fetch, --source, --region, --cache. *out is NULL when none of them
 * was given. Trouble with a file is AZATTEST_E_STATE: there is no verdict then. */
azattest_status azattest__gather_collateral(const azattest__arguments *arguments, const azattest_evidence *evidence,
                                            azattest_collateral **out, azattest_error **error);
/* The options are there as far as they say something together. */
azattest_status azattest__check_collateral_options(const azattest__arguments *arguments, azattest_error **error);

#endif
