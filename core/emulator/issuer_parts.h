/* What the files of the issuer share. */
#ifndef AZATTEST_EMULATOR_ISSUER_PARTS_H
#define AZATTEST_EMULATOR_ISSUER_PARTS_H

#include "jose/jws.h"

#include "form.h"
#include "issuer.h"
#include "service.h"

#define AZATTEST__AUDIENCE "https://attest.azure.net" /* of the tokens that the service takes */
#define AZATTEST__GUID_SIZE 37
#define AZATTEST__SECRET_SIZE 44     /* base64url of 32 bytes, with its NUL */
#define AZATTEST__THUMBPRINT_SIZE 44 /* base64url of SHA-1 or SHA-256, with its NUL */

typedef struct azattest__test_identity {
    const char *name; /* "contributor", "reader", "none" */
    azattest__access access;
    char client_id[AZATTEST__GUID_SIZE], object_id[AZATTEST__GUID_SIZE], secret[AZATTEST__SECRET_SIZE];
} azattest__test_identity;
#define AZATTEST__IDENTITIES 3 /* the first is the one that the ready line names */

struct azattest__issuer {
    char *authority;
    char tenant_id[AZATTEST__GUID_SIZE];
    azattest__test_identity identities[AZATTEST__IDENTITIES];
    char managed_secret[AZATTEST__SECRET_SIZE]; /* of App Service's IDENTITY_HEADER and of Arc's file */
    azattest__key *key;                         /* signs access tokens */
    azattest__cert *certificate;
    azattest__cert *client_certificate; /* registered for every identity */
    char key_thumbprint[AZATTEST__THUMBPRINT_SIZE];
    char client_sha1[AZATTEST__THUMBPRINT_SIZE], client_sha256[AZATTEST__THUMBPRINT_SIZE];
    azattest__key *federation_key; /* of a made-up cluster that federated assertions come from */
    char *certificate_file, *federated_token_file, *arc_file;
    azattest_clock clock;
    int64_t token_life_s;
};

#define AZATTEST__FEDERATION_ISSUER "https://federation.azattest.test"
#define AZATTEST__FEDERATION_SUBJECT "system:serviceaccount:azattest:default"
#define AZATTEST__FEDERATION_AUDIENCE "api://AzureADTokenExchange"

/* identities.c: fills tenant, identities, keys and files from the state folder. */
azattest_status azattest__identities_open(azattest__issuer *issuer, const azattest__state *state,
                                          azattest_error **error);
/* By client id, in any letter case. NULL when there is none. */
const azattest__test_identity *azattest__identity_find(const azattest__issuer *issuer, const char *client_id);
azattest_status azattest__guid_make(char out[AZATTEST__GUID_SIZE], azattest_error **error);
/* base64url of the hash of the certificate, without padding. */
azattest_status azattest__thumbprint(const azattest__cert *certificate, azattest__hash hash,
                                     char out[AZATTEST__THUMBPRINT_SIZE], azattest_error **error);

/* access_token.c: an access token of that identity for that resource. */
azattest_status azattest__access_token_make(const azattest__issuer *issuer, const azattest__test_identity *identity,
                                            const char *audience, azattest__buf *token, azattest_error **error);

/* "Attestation Reader" ...; NULL for none. */
const char *azattest__role_name(azattest__access access);

/* grant.c: the resource that tokens are given for, a slash at its end aside; NULL when there are none for it. */
const char *azattest__audience_find(const char *text, size_t len);
/* The tenant of the issuer by its id, and "adfs", which takes its place in tests of that form. */
bool azattest__tenant_known(const azattest__issuer *issuer, const char *tenant);
/* POST to the token endpoint. */
void azattest__grant(const azattest__issuer *issuer, const char *tenant, bool v1,
                     const azattest__service_request *request, azattest__service_answer *answer);
/* An error as Entra gives it: {"error","error_description","error_codes","timestamp","trace_id","correlation_id"}. */
__attribute__((format(printf, 6, 7))) void azattest__grant_refuse(azattest__service_answer *answer,
                                                                  const azattest__service_request *request, int status,
                                                                  const char *error, int number, const char *format,
                                                                  ...);

/* assertion.c: what a client assertion proves. */
typedef struct azattest__assertion_verdict {
    int number;        /* of Entra's error, 0: accepted */
    char message[256]; /* what is wrong with it */
} azattest__assertion_verdict;
/* `client_id` is the form's; `tenant` the path's. Signed by the registered certificate, or by the federation's key. */
azattest_status azattest__assertion_check(const azattest__issuer *issuer, const char *assertion, const char *client_id,
                                          const char *tenant, azattest__assertion_verdict *verdict,
                                          azattest_error **error);

#endif
