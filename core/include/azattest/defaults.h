/** The version of the library, and every default in one JSON object (the manual's table comes from it). */
#ifndef AZATTEST_DEFAULTS_H
#define AZATTEST_DEFAULTS_H

#include "bytes.h"

AZATTEST_BEGIN

/** For instance "0.1.0". */
AZATTEST_API const char *azattest_version(void);
/** JSON object: option name to default value. Static. */
AZATTEST_API const char *azattest_defaults(void);

AZATTEST_END

#endif
