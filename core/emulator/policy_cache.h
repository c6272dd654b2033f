/* Policies that are applied: stored, default or draft; parsed once. */
#ifndef AZATTEST_EMULATOR_POLICY_CACHE_H
#define AZATTEST_EMULATOR_POLICY_CACHE_H

#include "policy/language/tree.h"

#include "parts.h"

/* Counted, immutable once made, shared by threads. */
struct azattest__service_policy {
    atomic_uint references;
    azattest__buf token;     /* the stored token that it was made of; empty: a default or a draft */
    azattest_policy *parsed; /* its diagnostics may have errors: then it is applied to nothing */
    azattest__json *signer;  /* JWK; NULL: not signed */
    bool draft;              /* of one request: what it makes is unsecured */
};

/* What the instance applies to evidence of that kind; *out is NULL where there is none. AZATTEST_E_STATE: what is
 * stored cannot be read at all. Release with azattest__service_policy_free(). */
azattest_status azattest__service_policy_in_force(azattest__service *service, const azattest__kind *kind,
                                                  azattest__service_policy **out, azattest_error **error);
/* A text that came with a request. */
azattest_status azattest__service_policy_draft(const azattest__service *service, const azattest__kind *kind,
                                               const char *text, azattest__service_policy **out,
                                               azattest_error **error);
/* Parses and checks as the instance does. The tree may have errors; failures are its limits. */
azattest_status azattest__service_policy_read(const azattest__service *service, const azattest__kind *kind,
                                              azattest_bytes text, azattest_policy **out, azattest_error **error);
void azattest__service_policy_free(azattest__service_policy *policy);
/* All that is kept, at the end of the service. */
void azattest__service_policies_free(azattest__service *service);

#endif
