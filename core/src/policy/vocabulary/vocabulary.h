/*
 * What the service knows by name: the claims that it makes of each type's evidence or puts into each type's tokens, and
 * the properties that steer it. Source: policy-language reference, sections 2.5, 2.8 and 3.1 to 3.6.
 */
#ifndef AZATTEST_POLICY_VOCABULARY_H
#define AZATTEST_POLICY_VOCABULARY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Types of attestation that have claims of their own, as bits. SgxEnclave and OpenEnclave have the same, VBS has Tpm's.
 */
enum {
    AZATTEST__TYPE_SGX = 1,
    AZATTEST__TYPE_SNP = 2,
    AZATTEST__TYPE_TDX = 4,
    AZATTEST__TYPE_GUEST = 8,
    AZATTEST__TYPE_TPM = 16,
    AZATTEST__ANY_TYPE = 31
};
/* Of a type in any spelling that azattest__policy_type() knows; NULL and "" are any type. 0: a type whose claims are
 * not known, so that nothing can be said of them. */
unsigned azattest__vocabulary_types(const char *attestation_type);
/* The type that is probably meant; NULL: none is near. */
const char *azattest__vocabulary_type_nearest(const char *attestation_type);
/* The types of a set in words: "SgxEnclave", "SevSnpVm or TdxVm". A literal or the caller's buffer. */
#define AZATTEST__TYPES_TEXT 80
const char *azattest__vocabulary_types_text(unsigned types, char text[AZATTEST__TYPES_TEXT]);

typedef enum azattest__claim_kind {
    AZATTEST__KIND_STRING,
    AZATTEST__KIND_INTEGER,
    AZATTEST__KIND_BOOLEAN,
    AZATTEST__KIND_JSON /* an object or a list: to a policy a string of JSON text */
} azattest__claim_kind;

enum {
    AZATTEST__CLAIM_INCOMING = 1,      /* policies see it, issuer AttestationService */
    AZATTEST__CLAIM_EMITTED = 2,       /* the service puts it into the token, whatever the policy says */
    AZATTEST__CLAIM_MULTIPLE = 4,      /* several values, a claim each */
    AZATTEST__CLAIM_READ_ONLY = 8,     /* may be tested and added, not issued (2.6) */
    AZATTEST__CLAIM_FROM_12 = 16,      /* exists from version 1.2 of the language on (1.3) */
    AZATTEST__CLAIM_RESERVED = 32,     /* a policy must not issue it (2.5) */
    AZATTEST__CLAIM_DISCOURAGED = 64,  /* it should not: other readers take it for the service's */
    AZATTEST__CLAIM_DEBUG_IF = 128,    /* a boolean: true says that the evidence can be debugged */
    AZATTEST__CLAIM_DEBUG_UNLESS = 256 /* a boolean: false says so */
};

typedef struct azattest__known_claim {
    const char *name;
    unsigned types; /* AZATTEST__TYPE_...: where it occurs */
    azattest__claim_kind kind;
    unsigned hex;          /* so many lower-case hexadecimal digits; 0: no such text */
    unsigned flags;        /* AZATTEST__CLAIM_... */
    const char *successor; /* of an old name; else NULL */
    const char *words;     /* all values that it can have, between blanks; NULL: any */
} azattest__known_claim;

/* The claim of that name in one of the types; NULL: none of them has it. */
const azattest__known_claim *azattest__known_claim_find(const char *name, unsigned types);
/* The table, for those who list it; NULL behind its end. */
const azattest__known_claim *azattest__known_claim_at(size_t index);
/* The incoming claim that is probably meant; NULL: none is near. */
const char *azattest__known_claim_nearest(const char *name, unsigned types);
/* Whether the service's own value takes the place of what a policy issues under this name. Of one type. */
bool azattest__known_claim_is_reserved(const char *name, unsigned type);
const char *azattest__claim_kind_text(azattest__claim_kind kind); /* "a boolean" */

typedef struct azattest__known_property {
    const char *name;
    unsigned types;
    azattest__claim_kind kind;
    bool in_configuration; /* else in issuancerules */
    int64_t least, most;   /* of integers */
} azattest__known_property;

const azattest__known_property *azattest__known_property_find(const char *name);
const char *azattest__known_property_nearest(const char *name);

#endif
