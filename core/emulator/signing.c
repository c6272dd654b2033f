/* The key that an instance signs with, its self-signed certificate, and what /certs says of both. */
#include <stdlib.h>

#include "base/clock.h"
#include "base/encoding.h"
#include "crypto/issue.h"

#include "parts.h"

/* The keys that /certs shows: a real instance has a handful, and drops the oldest when a new one comes. */
#define PUBLISHED_KEYS 4

/* With a report of the enclave that the service pretends to run in, as real instances have it. */
static azattest_status certify(const azattest__service *service, const azattest__key *key, azattest__cert **out,
                               azattest_error **error)
{
    azattest_status status;
    azattest__buf der;

    azattest__buf_init(&der, AZATTEST_LIMIT_CERTIFICATE);
    if ((status = service->certify(service->certify_user, key, service->endpoint, &der, error)) == AZATTEST_OK)
        status = azattest__cert_parse(azattest__buf_bytes(&der), out, error);
    azattest__buf_free(&der);
    return status;
}

/* The instance's certificate: self-signed, serial 1, dates as those of every real instance. */
static azattest_status issue_certificate(const azattest__service *service, const azattest__key *key,
                                         azattest__cert **out, azattest_error **error)
{
    azattest__cert_request request = { .common_name = service->endpoint, .serial = 1, .path_length = -1 };

    if (service->certify != NULL)
        return certify(service, key, out, error);
    azattest__time_from_civil(2019, 5, 1, 0, 0, 0, &request.not_before);
    azattest__time_from_civil(2050, 12, 31, 23, 59, 59, &request.not_after);
    return azattest__cert_issue(&request, key, NULL, NULL, out, error);
}

/* {"x5c","kid","kty"}, and nothing more: real entries have no n, e, alg or use. */
static azattest_status add_entry(azattest__json *keys, const azattest__signing *signing, azattest_error **error)
{
    azattest_status status;
    azattest__json *key, *chain;
    azattest__buf text;

    azattest__buf_init(&text, 2 * AZATTEST_LIMIT_CERTIFICATE);
    azattest__base64_encode(azattest__cert_der(signing->certificate), &text);
    if ((status = azattest__error_from_buf(error, &text, "signing certificate")) == AZATTEST_OK) {
        chain = azattest__json_new_array();
        azattest__json_add_string(chain, (const char *)text.ptr);
        key = azattest__json_new_object();
        azattest__json_put(key, "x5c", chain);
        azattest__json_put_string(key, "kid", signing->key_id);
        azattest__json_put_string(key, "kty", "RSA");
        azattest__json_add(keys, key);
    }
    azattest__buf_free(&text);
    return status;
}

/* {"keys":[...]}: the newest key first; the last ones before it stay, for the tokens they signed. */
static azattest_status make_certs(azattest__signing *signing, azattest_error **error)
{
    azattest_status status = AZATTEST_OK;
    azattest__json *document = azattest__json_new_object(), *keys = azattest__json_new_array();
    size_t count = 0;

    for (const azattest__signing *each = signing; status == AZATTEST_OK && each != NULL && count++ < PUBLISHED_KEYS;
         each = each->previous)
        status = add_entry(keys, each, error);
    azattest__json_put(document, "keys", keys);
    if (status == AZATTEST_OK)
        status = azattest__json_print(document, false, &signing->certs, error);
    azattest__json_free(document);
    return status;
}

static void free_one(azattest__signing *signing)
{
    if (signing == NULL)
        return;
    azattest__key_free(signing->key);
    azattest__cert_free(signing->certificate);
    azattest__buf_free(&signing->certs);
    free(signing);
}

azattest_status azattest__signing_use(azattest__service *service, azattest__key *key, azattest_error **error)
{
    azattest_status status;
    azattest__signing *signing = calloc(1, sizeof(*signing));
    unsigned char hash[AZATTEST__SHA256_SIZE];

    if (signing == NULL)
        return azattest__error_memory(error);
    azattest__buf_init(&signing->certs, AZATTEST_LIMIT_RESPONSE);
    signing->key = azattest__key_ref(key);
    signing->previous = atomic_load(&service->signing);
    if ((status = azattest__service_key_id(key, signing->key_id, hash, error)) != AZATTEST_OK ||
        (status = issue_certificate(service, key, &signing->certificate, error)) != AZATTEST_OK ||
        (status = make_certs(signing, error)) != AZATTEST_OK)
        goto done;
    atomic_store(&service->signing, signing);
    signing = NULL;
done:
    free_one(signing);
    return status;
}

azattest_status azattest__service_rotate_key(azattest__service *service, azattest_error **error)
{
    azattest_status status;
    azattest__key *key = NULL;

    pthread_mutex_lock(&service->changes);
    if ((status = azattest__key_generate_rsa(2048, &key, error)) == AZATTEST_OK)
        status = azattest__signing_use(service, key, error);
    pthread_mutex_unlock(&service->changes);
    azattest__key_free(key);
    return status;
}

void azattest__signing_free(azattest__signing *signing)
{
    while (signing != NULL) {
        azattest__signing *previous = signing->previous;

        free_one(signing);
        signing = previous;
    }
}

azattest_status azattest__get_certs(azattest__call *call, azattest_error **error)
{
    call->answer->status = 200;
    azattest__buf_append_bytes(&call->answer->body, azattest__buf_bytes(&atomic_load(&call->service->signing)->certs));
    return azattest__error_from_buf(error, &call->answer->body, "answer");
}
