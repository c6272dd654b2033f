/* What the commands that talk to the service share: options and transport. */
#ifndef AZATTEST_CLI_CONNECTION_H
#define AZATTEST_CLI_CONNECTION_H

#include <azattest/transport.h>

#include "arguments.h"

/* --at, --issuer, --nonce, --no-debug. `issuer` has room for the list of one; both live as long as the arguments. */
azattest_status azattest__validation_options(const azattest__arguments *arguments, const char *issuer[1],
                                             azattest_validation_options *options, azattest_error **error);
/* --api-version, --timeout, --log-level, --trace-bodies. */
azattest_status azattest__client_options(const azattest__arguments *arguments, azattest_client_options *options,
                                         azattest_error **error);
/* --endpoint or its environment variable; AZATTEST_E_ARGUMENT with the next step when there is neither. */
azattest_status azattest__endpoint(const azattest__arguments *arguments, const char **endpoint, azattest_error **error);
/* libcurl, with --ca-file. */
azattest_status azattest__connect(const azattest__arguments *arguments, azattest_transport **transport,
                                  azattest_error **error);

#endif
