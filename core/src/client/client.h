/* Clients and verifiers inside, and what their constructors share. */
#ifndef AZATTEST_CLIENT_CLIENT_H
#define AZATTEST_CLIENT_CLIENT_H

#include <azattest/admin.h>
#include <azattest/client.h>

#include "../operation/instance.h"

struct azattest_client {
    azattest__instance *instance;
};

struct azattest_admin_client {
    azattest__instance *instance;
};

struct azattest_verifier {
    azattest__instance **instances;
    size_t count; /* 1 to AZATTEST_LIMIT_LIST */
};

/* Configures an instance. `type` names the caller in messages. */
azattest_status azattest__configure(const char *type, const char *endpoint, const azattest_client_options *options,
                                    azattest__instance **out, azattest_error **error);
/* The same without an endpoint, for getting tokens. */
azattest_status azattest__configure_token(const char *type, const azattest_credential *credential, const char *scopes,
                                          const azattest_client_options *options, azattest__instance **out,
                                          azattest_error **error);
/* The text of the header, for requests of an instance with these options (which have passed their checks). */
azattest_status azattest__user_agent(const azattest_client_options *options, char **out, azattest_error **error);

#endif
