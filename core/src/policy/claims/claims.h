/* Sets of claims: what a policy's conditions see. Inside; <azattest/claim_set.h> is the public face. */
#ifndef AZATTEST_POLICY_CLAIMS_H
#define AZATTEST_POLICY_CLAIMS_H

#include <stdatomic.h>
#include <stdbool.h>

#include <azattest/claim_set.h>

#include "../../base/arena.h"
#include "../../json/json.h"

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
    size_t document; /* 1 + the position of the claim of a set whose own text it is, and so its JSON; 0: of none */
} azattest__value;

typedef struct azattest__claim {
    const char *type, *issuer;
    size_t type_len;     /* of the claims of a set; whoever hands in a claim may leave it out */
    bool type_read_only; /* the name itself was made of a read-only value */
    azattest__value value;
} azattest__claim;

/* Finds what is in an array already: positions by hash. Its memory is an arena's. */
typedef struct azattest__index {
    struct azattest__index_slot {
        uint32_t hash, position_from_1; /* 0: free */
    } * slots;
    size_t capacity, count;
} azattest__index;

/* Claims in the order of their insertion, none twice; memory is an arena's. */
typedef struct azattest__claim_list {
    azattest__claim *items;
    size_t count, capacity;
    azattest__index index;
} azattest__claim_list;

/* The JSON of each claim; NULL: nobody queried it. */
typedef struct azattest__documents {
    _Atomic(azattest__json *) items[1];
} azattest__documents;

struct azattest_claim_set {
    atomic_uint references;
    azattest__arena arena;
    azattest__claim_list claims;
    atomic_bool frozen;                       /* evaluated once: from then on it is immutable */
    _Atomic(azattest__buf *) json;            /* made when first asked for */
    _Atomic(azattest__documents *) documents; /* of a frozen one; NULL as long as nobody queried it */
};

#define AZATTEST__ISSUER_SERVICE "AttestationService"
#define AZATTEST__ISSUER_POLICY "AttestationPolicy"
#define AZATTEST__ISSUER_CLIENT "CustomClaim"

/* Same kind and value; read_only does not count. */
bool azattest__value_equal(const azattest__value *a, const azattest__value *b);
uint32_t azattest__value_hash(const azattest__value *value);
const char *azattest__value_type(azattest__value_kind kind); /* "String" */
/* As JSON has it: text in quotes. */
void azattest__value_print(const azattest__value *value, azattest__buf *out);

/* Position of an element of that hash for which `same` holds, or SIZE_MAX. */
size_t azattest__index_find(const azattest__index *index, uint32_t hash,
                            bool (*same)(const void *items, size_t position, const void *wanted), const void *items,
                            const void *wanted);
bool azattest__index_add(azattest__index *index, azattest__arena *arena, uint32_t hash, size_t position);

/* The same claim: type, issuer, value, and whether it is read-only, so that a value made anew cannot stand for one that
 * may not be issued. */
bool azattest__claim_equal(const azattest__claim *a, const azattest__claim *b);
uint32_t azattest__claim_hash(const azattest__claim *claim);
bool azattest__claim_list_has(const azattest__claim_list *list, const azattest__claim *claim, uint32_t hash);
/* Appends without copying its text, and without looking whether it is there; false: see the arena's status. */
bool azattest__claim_list_add(azattest__claim_list *list, azattest__arena *arena, const azattest__claim *claim,
                              uint32_t hash);
/* Claims of one type as a token has them: {"type": value or [values]}, types in the order of their first claim. */
azattest_status azattest__claim_list_members(const azattest__claim_list *list, azattest__buf *out);
/* {"type", "value", "valueType", "issuer"}; text of more than `most` bytes is cut, and has its "length" beside it. */
void azattest__claim_print(const azattest__claim *claim, size_t most, azattest__buf *out);

/* The same without its braces. */
void azattest__claim_print_members(const azattest__claim *claim, size_t most, azattest__buf *out);

/* Adds a copy unless it is there; AZATTEST_E_LIMIT, AZATTEST_E_MEMORY, AZATTEST_E_ARGUMENT (bad UTF-8, empty type),
 * AZATTEST_E_STATE. The service's own claims that may not be issued become read-only here. */
azattest_status azattest__claim_set_add(azattest_claim_set *set, const azattest__claim *claim, azattest_error **error);
/* Every member of a JSON object as claims of that issuer: scalars, arrays of scalars (one claim each), null (none), and
 * objects or arrays that hold some as JSON text. Fractions are AZATTEST_E_TYPE. */
azattest_status azattest__claim_set_add_json(azattest_claim_set *set, const azattest__json *object, const char *issuer,
                                             azattest_error **error);
/* One of them; a value may be any. */
azattest_status azattest__claim_set_add_value(azattest_claim_set *set, const char *type, const azattest__json *value,
                                              const char *issuer, azattest_error **error);
/* Another owner, and no more claims from now on. */
azattest_claim_set *azattest__claim_set_freeze(const azattest_claim_set *set);
/* The JSON of a text claim of a frozen set: parsed once, for all rules of all evaluations. */
azattest_status azattest__claim_set_document(const azattest_claim_set *set, size_t index, const azattest__json **out,
                                             azattest_error **error);

#endif
