/* GET /certs and GET /.well-known/openid-configuration. */
#ifndef AZATTEST_PROTOCOL_METADATA_H
#define AZATTEST_PROTOCOL_METADATA_H

#include <azattest/client.h>

#include "http.h"

azattest_status azattest__certs_request(const char *endpoint, const char *api_version, azattest_request *request,
                                        azattest_error **error);
/* Refuses a set without a single usable key: taking it would throw a good set away for nothing. `key_id` is of the key
 * that will be wanted, or NULL. */
azattest_status azattest__certs_reply(const azattest_http_response *response, const char *key_id,
                                      azattest_signers **out, azattest_error **error);
/* The same of text that is no answer: *reason is the bare reason. AZATTEST_E_MEMORY, or anything else: unusable. */
azattest_status azattest__certs_read(azattest_bytes text, const char *key_id, azattest_signers **out,
                                     azattest_error **reason);
azattest_status azattest__metadata_request(const char *endpoint, const char *api_version, azattest_request *request,
                                           azattest_error **error);
azattest_status azattest__metadata_reply(const azattest_http_response *response, azattest_metadata **out,
                                         azattest_error **error);

#endif
