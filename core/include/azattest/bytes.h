/** Plain values that every other header uses: borrowed bytes, three-way switches, clocks. */
#ifndef AZATTEST_BYTES_H
#define AZATTEST_BYTES_H

#include <stddef.h>
#include <stdint.h>

#include "export.h"

AZATTEST_BEGIN

/**
 * Borrowed bytes: whoever passes them keeps them. Inputs are read during the call only; readers give bytes that
 * live as long as the object they were read from. A NULL pointer means "absent", which is not the same as length 0.
 */
typedef struct azattest_bytes {
    const void *ptr;
    size_t len;
} azattest_bytes;

/** A switch in an options struct: zero keeps the documented default, so that a zeroed struct is all defaults. */
typedef enum azattest_switch { AZATTEST_DEFAULT = 0, AZATTEST_ON = 1, AZATTEST_OFF = 2 } azattest_switch;

/**
 * A source of time. Both functions get `user`; a NULL function means the system's clock. They may be called from any
 * thread that uses the object they were given to.
 */
typedef struct azattest_clock {
    int64_t (*now_ms)(void *user);       /**< wall clock, milliseconds since 1970-01-01 UTC */
    int64_t (*monotonic_ms)(void *user); /**< never jumps; used for time limits and the age of caches */
    void *user;
} azattest_clock;

AZATTEST_END

#endif
