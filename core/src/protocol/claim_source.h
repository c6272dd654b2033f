/* Where the claims come from that a policy sees: a token, evidence, members that a service made of it or a person
 * wrote.
 */
#ifndef AZATTEST_PROTOCOL_CLAIM_SOURCE_H
#define AZATTEST_PROTOCOL_CLAIM_SOURCE_H

#include <azattest/claim_set.h>

#include "../evidence/claims/claims.h"

/* What the mapping calls a type; AZATTEST_E_ARGUMENT: no such type, or none whose claims are known. `type` receives the
 * service's spelling. */
azattest_status azattest__claim_source_kind(const char *attestation_type, const char **type,
                                            azattest__claims_kind *kind, azattest_error **error);
/* The members as claims of the service, with the first names (`$svn`) that claims of enclaves also have to a policy. */
azattest_status azattest__claim_source_set(azattest__claims_kind kind, const azattest__json *members,
                                           azattest_claim_set **out, azattest_error **error);
/* Options, and a place for the result, as the functions of both sources take them. */
azattest_status azattest__claim_source_begin(const azattest_claims_options *in, const void *source, const char *what,
                                             azattest_claims_options *options, azattest_claim_set **out,
                                             azattest_error **error);

#endif
