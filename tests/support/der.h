/* DER put together by hand, so that it can be wrong. */
#ifndef AZATTEST_TESTS_DER_H
#define AZATTEST_TESTS_DER_H

#include "base/buf.h"

/* Text with NULs: DER("\x05\x00"). */
#define DER(text)                                                                                                      \
    {                                                                                                                  \
        text, sizeof(text) - 1                                                                                         \
    }
/* Appends an element of that identifier octet around what stands in `out` from `start` on. */
void der_wrap(azattest__buf *out, size_t start, unsigned char identifier);
/* Appends one with that content. */
void der_put(azattest__buf *out, unsigned char identifier, azattest_bytes content);

#endif
