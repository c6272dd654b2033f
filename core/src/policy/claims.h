/* Sets of claims: what a policy's conditions see. Inside; <azattest/claim_set.h> is the public face. */
#ifndef AZATTEST_POLICY_CLAIMS_H
#define AZATTEST_POLICY_CLAIMS_H

#include <stdatomic.h>

#include <azattest/claim_set.h>

#include "../base/arena.h"
#include "../json/json.h"

typedef enum azattest__value_kind {
    AZATTEST__VALUE_STRING,
    AZATTEST__VALUE_INTEGER,
    AZATTEST__VALUE_BOOLEAN
} azattest__value_kind;

typedef struct azattest__value {
    azattest__value_kind kind;
    bool read_only; /* it may be tested and added, not issued (`pcrs` and what is made of it) */
    bool boolean;
    int64_t integer;
    const char *text; /* UTF-8, NUL-terminated, no NUL inside */
    size_t text_len;
} azattest__value;

typedef struct azattest__claim {
    const char *type, *issuer;
    azattest__value value;
} azattest__claim;

struct azattest_claim_set {
    atomic_uint references;
    azattest__arena arena;
    azattest__claim *items; /* in order of their insertion; none is there twice */
    size_t count, capacity;
    bool frozen; /* used once: from then on it is immutable */
};

#define AZATTEST__ISSUER_SERVICE "AttestationService"
#define AZATTEST__ISSUER_POLICY "AttestationPolicy"
#define AZATTEST__ISSUER_CLIENT "CustomClaim"

/* Adds a copy unless it is there; AZATTEST_E_LIMIT, AZATTEST_E_MEMORY, AZATTEST_E_ARGUMENT (bad UTF-8, empty type). */
azattest_status azattest__claim_set_add(azattest_claim_set *set, const azattest__claim *claim, azattest_error **error);
/* Every member of a JSON object as claims of the service: scalars, arrays of scalars (one claim each), null (none), and
 * objects or arrays that hold some as JSON text. Fractions are AZATTEST_E_TYPE. */
azattest_status azattest__claim_set_add_json(azattest_claim_set *set, const azattest__json *object, const char *issuer,
                                             azattest_error **error);

#endif
