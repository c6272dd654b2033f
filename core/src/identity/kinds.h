/* Constructors of kinds for those that are made of others: the environment's and the chain. Options are taken already;
 * `name` is a literal that stands in messages. */
#ifndef AZATTEST_IDENTITY_KINDS_H
#define AZATTEST_IDENTITY_KINDS_H

#include "settings.h"

azattest_status azattest__client_secret_new(const char *name, const char *tenant_id, const char *client_id,
                                            const char *secret, const azattest_credential_options *options,
                                            azattest_credential **out, azattest_error **error);
/* `path` instead of the content: the file is read at each acquisition. */
azattest_status azattest__client_certificate_new(const char *name, const char *tenant_id, const char *client_id,
                                                 azattest_bytes certificate, const char *path, const char *password,
                                                 const azattest_credential_options *options, azattest_credential **out,
                                                 azattest_error **error);
/* A chain goes on behind the CLI whatever it says. */
bool azattest__is_azure_cli(const azattest_credential *credential);

#endif
