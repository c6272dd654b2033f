/** The version of the library, and every default in one JSON object (the manual's table comes from it). */
#ifndef AZATTEST_DEFAULTS_H
#define AZATTEST_DEFAULTS_H

#include "bytes.h"

AZATTEST_BEGIN

/** For instance "0.1.0". */
AZATTEST_API const char *azattest_version(void);
/**
 * JSON object: option name to default value. `_ms` is milliseconds, `_s` seconds, other numbers are counts or bytes;
 * null is none. Static. The README's table has the meaning of each.
 */
AZATTEST_API const char *azattest_defaults(void);

AZATTEST_END

#endif
