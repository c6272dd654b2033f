/* The typed view of a token inside. */
#ifndef AZATTEST_TOKEN_RESULT_H
#define AZATTEST_TOKEN_RESULT_H

#include <stdatomic.h>

#include "checks.h"

typedef struct azattest__claims_text azattest__claims_text;
typedef struct azattest__payload azattest__payload;
struct azattest__decoded;

struct azattest_result {
    azattest__claims_text *text; /* counted: the view outlives the token it came from */
    azattest_bytes body;         /* in it: all of it, or x-ms-isolation-tee */
    bool validated;
    struct azattest__decoded *decoded; /* what was asked for: apart from the result, which is const for its readers */
    _Atomic(azattest__payload *) *payload; /* in it */
};

void azattest__payload_free(azattest__payload *payload); /* NULL is accepted */

#endif
