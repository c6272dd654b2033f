/* AttestationData inside. */
#ifndef AZATTEST_PROTOCOL_DATA_H
#define AZATTEST_PROTOCOL_DATA_H

#include <azattest/client.h>

#include "../error/error.h"

/* Puts what options->runtime and ->inittime hold where the plain forms stand. AZATTEST_E_ARGUMENT when a plain form is
 * given beside them. */
azattest_status azattest__data_apply(azattest_attest_options *options, azattest_error **error);

#endif
