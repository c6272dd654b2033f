/*
 * The built-in token issuer: a look-alike of Microsoft Entra ID's token endpoint with a tenant, test identities and
 * credentials of its own, and of the managed-identity endpoints of virtual machines, App Service and Azure Arc. For
 * tests: whoever reads the state folder is every identity. Immutable once made; any number of threads may use it.
 *
 * Tokens and assertions follow the real clock unless the options say otherwise, also where the service tells another
 * time (--at): the clients that cache the tokens know no other clock.
 */
#ifndef AZATTEST_EMULATOR_ISSUER_H
#define AZATTEST_EMULATOR_ISSUER_H

#include "json/json.h"

#include "state.h"

#define AZATTEST__TOKEN_LIFE_S 3599 /* as Entra's own, "expires_in":3599 */

typedef struct azattest__issuer azattest__issuer;
typedef struct azattest__service_request azattest__service_request;
typedef struct azattest__service_answer azattest__service_answer;

typedef struct azattest__issuer_options {
    const char *authority;        /* "https://127.0.0.1:8443": authority host, and front of the tokens' issuer */
    const azattest__state *state; /* where tenant, identities and keys are kept; borrowed during the call */
    azattest_clock clock;         /* zero: the real one */
    int64_t token_life_s;         /* 0: AZATTEST__TOKEN_LIFE_S */
} azattest__issuer_options;

/* Reads what the state folder keeps, or makes it. */
azattest_status azattest__issuer_new(const azattest__issuer_options *options, azattest__issuer **out,
                                     azattest_error **error);
void azattest__issuer_free(azattest__issuer *issuer);
/* Adds what a client needs to know to the ready line: authority_host, tenant_id, client_id, client_secret,
 * client_certificate_file, federated_token_file, identities, and with `imds_endpoint` that and app_service. */
void azattest__issuer_describe(const azattest__issuer *issuer, const char *imds_endpoint, azattest__json *line);

/* Answers when the path is one of the issuer's; false when it is not, and the answer is untouched. */
bool azattest__issuer_handle(const azattest__issuer *issuer, const azattest__service_request *request,
                             azattest__service_answer *answer);
/* The managed-identity endpoints, which a server of their own gives without TLS. Always answers. */
void azattest__issuer_handle_managed(const azattest__issuer *issuer, const azattest__service_request *request,
                                     azattest__service_answer *answer);

/* What a route asks for, and what the roles of an identity give: nothing, Attestation Reader, Attestation Contributor.
 */
typedef enum azattest__access { AZATTEST__ANYBODY, AZATTEST__READER, AZATTEST__CONTRIBUTOR } azattest__access;

/* What a request's Authorization header is worth. AZATTEST_OK and its access, or AZATTEST_E_AUTH and why not: absent,
 * another scheme, not this issuer's signature, wrong audience, expired. The message never holds the token. */
azattest_status azattest__issuer_authenticate(const azattest__issuer *issuer, const char *authorization,
                                              azattest__access *access, azattest_error **error);
/* Value of the header WWW-Authenticate of a 401, in the form that the 2018 documentation gives; for free(). */
char *azattest__issuer_challenge(const azattest__issuer *issuer);

#endif
