/* What is known before anybody asks: the types of attestation, the policies that the service had in force where nobody
 * set one, and hashes that were seen in its tokens. */
#ifndef AZATTEST_POLICY_KNOWN_H
#define AZATTEST_POLICY_KNOWN_H

#include <azattest/policy_language.h>

/* The service's own spelling of a type that has policies ("SgxEnclave"), for that in any letter case, with `-` or `_`
 * anywhere, or as the claim x-ms-attestation-type has it ("sgx"). NULL: no type that is known, or NULL. */
const char *azattest__policy_type(const char *text);
/* The claim's value for a spelling that azattest__policy_type() gave: "sgx" for "SgxEnclave" and "OpenEnclave". */
const char *azattest__policy_type_claim(const char *type);

typedef struct azattest__known_policy {
    const char *hash; /* x-ms-policy-hash, base64url */
    const char *name;
    const char *types[2]; /* whose default it is or was; NULL behind the last */
    const char *text;     /* NULL: only the hash was seen */
} azattest__known_policy;
/* The first of a type is the one that is in force on shared instances. */
const azattest__known_policy *azattest__known_policies(size_t *count);

#endif
