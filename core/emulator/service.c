/* The service: made and freed. */
#include <stdio.h>
#include <stdlib.h>

#include "base/encoding.h"

#include "policy_cache.h"

/* The certificates that --policy-certificate gave, each fit for its use. */
static azattest_status read_certs(azattest_bytes pem, azattest__certs *out, azattest_error **error)
{
    azattest_status status = AZATTEST_OK;
    azattest_bytes block, body;
    size_t offset = 0;
    azattest__buf der;

    azattest__buf_init(&der, AZATTEST_LIMIT_CERTIFICATE);
    while (status == AZATTEST_OK && azattest__pem_next(pem, "CERTIFICATE", &offset, &block, &body)) {
        azattest__buf_free(&der);
        if (out->count == AZATTEST_LIMIT_KEYS)
            status = azattest__error_set(error, AZATTEST_E_ARGUMENT, "more than %u policy certificates",
                                         AZATTEST_LIMIT_KEYS);
        else if (!azattest__pem_decode_body(body, &der))
            status = azattest__error_set(error, AZATTEST_E_ARGUMENT, "a policy certificate is no valid PEM");
        else if ((status = azattest__cert_parse(azattest__buf_bytes(&der), &out->items[out->count], error)) ==
                     AZATTEST_OK &&
                 (status = azattest__check_policy_certificate(out->items[out->count++], error)) != AZATTEST_OK)
            azattest__error_prefix(error, "policy certificate %zu", out->count);
    }
    azattest__buf_free(&der);
    return status == AZATTEST_OK || status == AZATTEST_E_MEMORY
               ? status
               : azattest__error_set(error, AZATTEST_E_ARGUMENT, "%s", azattest_error_message(*error));
}

static azattest_status make_instance(const azattest__service *service, const azattest__certs *given,
                                     azattest_error **error)
{
    if (service->mode == AZATTEST__ISOLATED && given->count == 0)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT,
                                   "a new isolated instance needs a policy certificate: give --policy-certificate "
                                   "FILE; 'azattest simulate signing-key' makes one");
    return azattest__store_make_instance(service->store, service->instance, service->mode, given, error);
}

/* What is given for an instance that has its certificates already has to be among them: left aside, it would be missed
 * no sooner than when a policy that its key signed is refused. */
static azattest_status check_kept(const azattest__service *service, const azattest__certs *given,
                                  azattest_error **error)
{
    azattest_status status;
    azattest__certs kept = { .count = 0 };

    status = azattest__store_get_certs(service->store, service->instance, &kept, error);
    for (size_t i = 0; status == AZATTEST_OK && i < given->count; i++)
        if (azattest__certs_find(&kept, given->items[i]) < 0)
            status =
                azattest__error_set(error, AZATTEST_E_STATE,
                                    "the instance in the state folder has certificates of its own, and policy "
                                    "certificate %zu is none of them: add it by 'azattest certificates add', leave "
                                    "--policy-certificate out, or give another --state",
                                    i + 1);
    azattest__certs_clear(&kept);
    return status;
}

/* Finds the instance in the store, or makes it there. */
static azattest_status open_instance(azattest__service *service, const azattest__service_options *options,
                                     azattest_error **error)
{
    azattest_status status, found;
    azattest__mode wanted = AZATTEST__AAD;
    azattest__certs given = { .count = 0 };

    if (options->mode != NULL && !azattest__mode_find(options->mode, &wanted))
        return azattest__error_set(error, AZATTEST_E_ARGUMENT, "an instance is of mode aad, isolated or shared");
    found = status = azattest__store_find_instance(service->store, service->instance, &service->mode, error);
    if (found == AZATTEST_ABSENT)
        service->mode = wanted;
    else if (found != AZATTEST_OK)
        return status;
    else if (options->mode != NULL && wanted != service->mode)
        return azattest__error_set(
            error, AZATTEST_E_STATE,
            "the instance in the state folder is of mode %s, asked for was %s: leave --mode out, "
            "or give another --state",
            azattest__mode_name(service->mode), options->mode);
    if ((status = read_certs(options->policy_certificates, &given, error)) != AZATTEST_OK)
        goto done;
    if (service->mode != AZATTEST__ISOLATED && given.count > 0)
        status = azattest__error_set(error, AZATTEST_E_ARGUMENT,
                                     "policy certificates are for isolated instances, this one is of mode %s",
                                     azattest__mode_name(service->mode));
    else
        status = found == AZATTEST_OK ? check_kept(service, &given, error) : make_instance(service, &given, error);
done:
    azattest__certs_clear(&given);
    return status;
}

azattest_status azattest__service_new(const azattest__service_options *options, azattest__service **out,
                                      azattest_error **error)
{
    azattest_status status;
    azattest__service *service;

    *out = NULL;
    if ((service = calloc(1, sizeof(*service))) == NULL)
        return azattest__error_memory(error);
    azattest__buf_init(&service->extra_roots, AZATTEST_LIMIT_CERTIFICATE);
    azattest__buf_init(&service->metadata, AZATTEST_LIMIT_RESPONSE);
    if (pthread_mutex_init(&service->changes, NULL) != 0) {
        free(service);
        return azattest__error_memory(error);
    }
    if (pthread_mutex_init(&service->policies_lock, NULL) != 0) {
        pthread_mutex_destroy(&service->changes);
        free(service);
        return azattest__error_memory(error);
    }
    service->store = options->store;
    service->lenient_policies = options->lenient_policies;
    service->clock = options->clock;
    service->more_roots = options->more_roots;
    service->more_roots_user = options->more_roots_user;
    service->certify = options->certify;
    service->certify_user = options->certify_user;
    service->issuer = options->issuer;
    if ((status = azattest__random(service->context_key, sizeof(service->context_key), error)) != AZATTEST_OK)
        goto done;
    azattest__buf_append_bytes(&service->extra_roots, options->extra_roots);
    if ((status = azattest__error_from_buf(error, &service->extra_roots, "extra roots")) != AZATTEST_OK)
        goto done;
    if ((service->endpoint = azattest__dup_text(options->endpoint)) == NULL ||
        (service->instance = azattest__dup_text(options->instance == NULL ? "default" : options->instance)) == NULL ||
        asprintf(&service->keys_url, "%s/certs", service->endpoint) < 0) {
        service->keys_url = NULL;
        status = azattest__error_memory(error);
        goto done;
    }
    if (service->store == NULL) {
        if ((status = azattest__store_open(NULL, &service->own_store, error)) != AZATTEST_OK)
            goto done;
        service->store = service->own_store;
    }
    if ((status = open_instance(service, options, error)) != AZATTEST_OK ||
        (status = azattest__signing_use(service, options->signing_key, error)) != AZATTEST_OK ||
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
    azattest__buf *roots;

    if (service == NULL)
        return;
    if ((roots = atomic_load(&service->all_roots)) != NULL)
        azattest__buf_free(roots);
    free(roots);
    azattest__service_policies_free(service);
    azattest__signing_free(atomic_load(&service->signing));
    azattest__buf_free(&service->metadata);
    azattest__buf_free(&service->extra_roots);
    azattest__store_free(service->own_store);
    pthread_mutex_destroy(&service->changes);
    free(service->instance);
    free(service->keys_url);
    free(service->endpoint);
    free(service);
}

azattest__mode azattest__service_mode(const azattest__service *service)
{
    return service->mode;
}

const char *azattest__service_endpoint(const azattest__service *service)
{
    return service->endpoint;
}
