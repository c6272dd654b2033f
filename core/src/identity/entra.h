/* Microsoft Entra's token endpoint: what the credentials with a tenant share. */
#ifndef AZATTEST_IDENTITY_ENTRA_H
#define AZATTEST_IDENTITY_ENTRA_H

#include "flow.h"
#include "settings.h"

/* What a client that signs assertions says of them (RFC 7523 section 2.2). */
#define AZATTEST__ASSERTION_TYPE "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

typedef struct azattest__tenants {
    char *own;     /* NULL: none (the CLI's) */
    char *allowed; /* "a;b", "*", or NULL */
    bool single;   /* always the own one, whatever is asked for */
} azattest__tenants;
/* Checks and copies. `own` may be NULL. */
azattest_status azattest__tenants_take(const char *credential, const char *own,
                                       const azattest_credential_options *options, azattest__tenants *out,
                                       azattest_error **error);
void azattest__tenants_clear(azattest__tenants *tenants);
/* The tenant that a flow is for; AZATTEST_E_AUTH when it is not allowed. */
azattest_status azattest__tenants_choose(const azattest__tenants *tenants, const azattest__flow *flow,
                                         const char **tenant, azattest_error **error);

typedef struct azattest__entra {
    char *authority; /* "https://login.microsoftonline.com" */
    char *client_id;
    azattest__tenants tenants;
} azattest__entra;
/* Checks and copies; NULL for what is missing is an error that names it. */
azattest_status azattest__entra_take(const char *credential, const char *tenant_id, const char *client_id,
                                     const azattest_credential_options *options, azattest__entra *out,
                                     azattest_error **error);
void azattest__entra_clear(azattest__entra *entra);

/* The request with grant, client and scope (for AD FS: resource). */
azattest_status azattest__entra_begin(const azattest__entra *entra, azattest__flow *flow, azattest_error **error);
/* One more field of the form; both are escaped. */
void azattest__form_add(azattest__buf *form, const char *name, const char *value);
/* Sends it; the answer ends the flow. */
azattest_status azattest__entra_send(azattest__flow *flow, azattest_error **error);

/* {"error","error_description",...} of an answer, as an error: `error`, the first line of the description, the
 * correlation id. `secret` (may be NULL) is never shown. */
azattest_status azattest__entra_error(const char *source, const azattest_http_response *response, const char *secret,
                                      azattest_error **error);

#endif
