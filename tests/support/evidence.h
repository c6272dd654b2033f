/* Where the real evidence lies. Tests read it in place and say loudly what they skip when it is absent. */
#ifndef AZATTEST_TESTS_EVIDENCE_H
#define AZATTEST_TESTS_EVIDENCE_H

#include <stdbool.h>
#include <stddef.h>

/* The folder: AZATTEST_EVIDENCE, else ../shared/evidence beside the checkout. NULL, after one loud line, when absent.
 */
const char *evidence_folder(void);
/* A file of it, NUL-terminated in a new buffer for free(); ends the test run with a message when it cannot be read. */
unsigned char *evidence_read(const char *name, size_t *len);
/* In a cmocka test: skips it, loudly, when the folder is absent. */
#define EVIDENCE_OR_SKIP()                                                                                             \
    do {                                                                                                               \
        if (evidence_folder() == NULL)                                                                                 \
            skip();                                                                                                    \
    } while (0)

#endif
