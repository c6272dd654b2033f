/** The version of the library, what it runs on, and every default in one JSON object (the manual's table comes from
 * it). */
#ifndef AZATTEST_DEFAULTS_H
#define AZATTEST_DEFAULTS_H

#include "error.h"

AZATTEST_BEGIN

/** For instance "0.1.0". */
AZATTEST_API const char *azattest_version(void);
/**
 * JSON object: option name to default value. `_ms` is milliseconds, `_s` seconds, other numbers are counts or bytes;
 * null is none. Static. The README's table has the meaning of each.
 */
AZATTEST_API const char *azattest_defaults(void);

/**
 * Whether this process gave the library an OpenSSL that it can work with. A program that exports one of its own (some
 * builds of nginx do) takes the place of libcrypto.so.3; ask it before any other function when the program is not
 * yours. The Lua module does. @retval AZATTEST_E_CRYPTO another version, or functions of two
 */
AZATTEST_API azattest_status azattest_check_openssl(azattest_error **error);

AZATTEST_END

#endif
