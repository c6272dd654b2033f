/* The service: made, freed, and asked. */
#include <stdio.h>
#include <stdlib.h>

#include "parts.h"

azattest_status azattest__service_new(const azattest__service_options *options, azattest__service **out,
                                      azattest_error **error)
{
    azattest_status status;
    azattest__service *service;
    unsigned char hash[AZATTEST__SHA256_SIZE];

    *out = NULL;
    if ((service = calloc(1, sizeof(*service))) == NULL)
        return azattest__error_memory(error);
    azattest__buf_init(&service->extra_roots, AZATTEST_LIMIT_CERTIFICATE);
    azattest__buf_init(&service->certs, AZATTEST_LIMIT_RESPONSE);
    azattest__buf_init(&service->metadata, AZATTEST_LIMIT_RESPONSE);
    service->key = azattest__key_ref(options->signing_key);
    service->clock = options->clock;
    service->issuer = options->issuer;
    azattest__buf_append_bytes(&service->extra_roots, options->extra_roots);
    if ((status = azattest__error_from_buf(error, &service->extra_roots, "extra roots")) != AZATTEST_OK)
        goto done;
    if ((service->endpoint = azattest__dup_text(options->endpoint)) == NULL ||
        asprintf(&service->keys_url, "%s/certs", service->endpoint) < 0) {
        service->keys_url = NULL;
        status = azattest__error_memory(error);
        goto done;
    }
    if ((status = azattest__service_key_id(service->key, service->key_id, hash, error)) != AZATTEST_OK ||
        (status = azattest__make_certs(service, error)) != AZATTEST_OK ||
        (status = azattest__make_metadata(service, error)) != AZATTEST_OK)
        goto done;
    *out = service;
    service = NULL;
done:
    azattest__service_free(service);
    return status;
}

void azattest__service_free(azattest__service *service)
{
    if (service == NULL)
        return;
    azattest__key_free(service->key);
    azattest__buf_free(&service->metadata);
    azattest__buf_free(&service->certs);
    azattest__buf_free(&service->extra_roots);
    free(service->keys_url);
    free(service->endpoint);
    free(service);
}
