/* GET /tcbbaselines/{attestationType}. */
#ifndef AZATTEST_PROTOCOL_TCB_BASELINES_H
#define AZATTEST_PROTOCOL_TCB_BASELINES_H

#include <azattest/client.h>

#include "http.h"

/* AZATTEST_E_ARGUMENT when the call, or its option, is not in this api-version. */
azattest_status azattest__tcb_baselines_request(const char *endpoint, const char *api_version, const char *type,
                                                const azattest_tcb_baseline_options *options, azattest_request *request,
                                                azattest_error **error);
azattest_status azattest__tcb_baselines_reply(const azattest_http_response *response, azattest_tcb_baselines **out,
                                              azattest_error **error);

#endif
