/* Options structs as a caller of any version hands them over. */
#ifndef AZATTEST_ERROR_OPTIONS_H
#define AZATTEST_ERROR_OPTIONS_H

#include "error.h"

/* Copies the caller's struct, which begins with its own size, over `out` of `size` bytes: what an older caller does not
 * have stays zero, and what a newer one has must be zero. NULL gives all defaults. `init` is the macro that the error
 * tells to start with. */
azattest_status azattest__options_take(const void *in, void *out, size_t size, const char *init,
                                       azattest_error **error);

#endif
