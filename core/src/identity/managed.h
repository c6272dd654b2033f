/* Managed identities: what the files of the sources share. */
#ifndef AZATTEST_IDENTITY_MANAGED_H
#define AZATTEST_IDENTITY_MANAGED_H

#include "flow.h"
#include "settings.h"

#define AZATTEST__MANAGED "ManagedIdentityCredential"

typedef struct azattest__managed azattest__managed;

/* One source. Ids for which it has no parameter are refused. */
typedef struct azattest__managed_source {
    const char *label; /* for messages: "IMDS" */
    const char *method, *api_version;
    const char *secret_header;                       /* NULL: none */
    bool says_metadata;                              /* header "Metadata: true" */
    const char *client_id, *object_id, *resource_id; /* names of the parameters; NULL: refused */
    azattest__flow_again again;                      /* NULL: as usual */
    azattest_status (*start)(azattest__flow *flow, const azattest__managed *self, azattest_error **error);
} azattest__managed_source;

struct azattest__managed {
    azattest_credential base;
    const azattest__managed_source *source; /* NULL: IMDS or Arc, as the agent's executable tells */
    char *endpoint, *secret, *thumbprint;
    char *client_id, *object_id, *resource_id;
};

/* flow->request for the source at `endpoint`, with its parameters and headers. */
azattest_status azattest__managed_request(azattest__flow *flow, const azattest__managed *self,
                                          const azattest__managed_source *source, const char *endpoint,
                                          azattest_error **error);
/* The usual way: one request whose answer ends the flow. */
azattest_status azattest__managed_start(azattest__flow *flow, const azattest__managed *self, azattest_error **error);
/* A 2xx answer. */
azattest_status azattest__managed_token(azattest__flow *flow, const azattest_http_response *response,
                                        azattest_error **error);
/* Any other answer: `status` with what the body says, cleaned. */
azattest_status azattest__managed_error(const azattest_http_response *response, const char *label,
                                        azattest_status status, azattest_error **error);

/* imds.c */
extern const azattest__managed_source azattest__imds;
/* arc.c */
#define AZATTEST__ARC_AGENT "/opt/azcmagent/bin/himds"
#define AZATTEST__ARC_ENDPOINT "http://localhost:40342/metadata/identity/oauth2/token"
extern const azattest__managed_source azattest__arc;
/* The path in a challenge "Basic realm=<path>", checked; absent with *reason when it is none that may be read. */
azattest_bytes azattest__arc_realm(const char *challenge, const char **reason);

#endif
