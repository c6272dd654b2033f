/* The instance's key set and its metadata document. What the document says is information for the caller: keys come
 * from the endpoint's own /certs whatever `jwks_uri` names. */
#include "metadata.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <azattest/limits.h>

#include "../jose/signer.h"
#include "versions.h"

#define CERTS_WHAT "get signing certificates"
#define METADATA_WHAT "get OpenID metadata"

struct azattest_metadata {
    azattest__buf json;
    char *issuer, *jwks_uri, *revocation_endpoint;
};

/* The published descriptions require `api-version` on every operation from 2025-06-01 on; before, these two had no such
 * parameter, and clients leave it out. */
static azattest_status discovery_request(const char *endpoint, const char *path, const char *accept,
                                         const char *api_version, azattest_request *request, azattest_error **error)
{
    const char *version = azattest__api_version_is_from_2025_06(api_version) ? api_version : NULL;
    azattest_status status = azattest__request_start(request, "GET", endpoint, path, version, error);

    if (status == AZATTEST_OK)
        status = azattest__request_header(request, "Accept", accept, error);
    return status;
}

azattest_status azattest__certs_request(const char *endpoint, const char *api_version, azattest_request *request,
                                        azattest_error **error)
{
    return discovery_request(endpoint, "/certs", "application/jwk+json, application/json", api_version, request, error);
}

azattest_status azattest__metadata_request(const char *endpoint, const char *api_version, azattest_request *request,
                                           azattest_error **error)
{
    return discovery_request(endpoint, "/.well-known/openid-configuration", "application/json", api_version, request,
                             error);
}

static azattest_status look_at(const azattest_signers *signers, size_t index, bool *usable)
{
    const azattest_signer *signer = azattest_signers_at(signers, index);

    *usable = signer != NULL && signer->problem == NULL;
    return signer == NULL ? AZATTEST_E_MEMORY : AZATTEST_OK;
}

/* The entry that will be wanted is looked at first: reading one takes its time. */
static azattest_status find_usable(const azattest_signers *signers, const char *key_id, bool *found)
{
    azattest_status status = AZATTEST_OK;

    *found = false;
    for (size_t i = 0; i < signers->count && status == AZATTEST_OK && !*found; i++)
        if (azattest__signers_is_named(signers, i, key_id))
            status = look_at(signers, i, found);
    for (size_t i = 0; i < signers->count && status == AZATTEST_OK && !*found; i++)
        status = look_at(signers, i, found);
    return status;
}

/* A failure to understand the answer is the answer's fault; a lack of memory is not. */
static azattest_status unusable(const azattest_http_response *response, const char *what, azattest_status status,
                                const azattest_error *reason, azattest_error **error)
{
    if (status == AZATTEST_E_MEMORY)
        return azattest__error_memory(error);
    return azattest__response_unusable(response, what, azattest_error_message(reason), error);
}

azattest_status azattest__certs_read(azattest_bytes text, const char *key_id, azattest_signers **out,
                                     azattest_error **reason)
{
    azattest_signers *signers = NULL;
    azattest_status status;
    bool usable;

    *out = NULL;
    /* The gate first: the reader of key sets would take PEM text as well, and the service sends none. */
    if ((status = azattest__json_check(text, reason)) != AZATTEST_OK ||
        (status = azattest_signers_parse(text, &signers, reason)) != AZATTEST_OK) {
        /* refused */
    } else if (azattest_signers_count(signers) == 0) {
        status = azattest__error_set(reason, AZATTEST_E_RESPONSE, "the key set is empty");
    } else if ((status = find_usable(signers, key_id, &usable)) != AZATTEST_OK) {
        status = azattest__error_memory(reason);
    } else if (!usable) {
        status = azattest__error_set(reason, AZATTEST_E_RESPONSE, "the key set has no key that can be used");
    } else {
        *out = signers;
        signers = NULL;
    }
    azattest_signers_free(signers);
    return status;
}

azattest_status azattest__certs_reply(const azattest_http_response *response, const char *key_id,
                                      azattest_signers **out, azattest_error **error)
{
    azattest_error *reason = NULL;
    azattest_status status = azattest__certs_read(response->body, key_id, out, &reason);

    if (status != AZATTEST_OK)
        status = unusable(response, CERTS_WHAT, status, reason, error);
    azattest_error_free(reason);
    return status;
}

/* A text member is absent or a string; a list is absent or an array. Anything else is not the document. */
static azattest_status read_members(const azattest__json *document, azattest_metadata *out,
                                    const azattest_http_response *response, azattest_error **error)
{
    static const char *const lists[] = { "claims_supported", "response_types_supported",
                                         "id_token_signing_alg_values_supported" };
    const struct {
        const char *name;
        char **out;
    } texts[] = { { "issuer", &out->issuer },
                  { "jwks_uri", &out->jwks_uri },
                  { "revocation_endpoint", &out->revocation_endpoint } };
    const azattest__json *member;
    char reason[96];

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        if ((member = azattest__json_get(document, texts[i].name)) == NULL)
            continue;
        if (!azattest__json_is_string(member)) {
            snprintf(reason, sizeof(reason), "\"%s\" is not a string", texts[i].name);
            return azattest__response_unusable(response, METADATA_WHAT, reason, error);
        }
        if ((*texts[i].out = azattest__dup_text(azattest__json_string(member))) == NULL)
            return azattest__error_memory(error);
    }
    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
        if ((member = azattest__json_get(document, lists[i])) != NULL && !azattest__json_is_array(member)) {
            snprintf(reason, sizeof(reason), "\"%s\" is not an array", lists[i]);
            return azattest__response_unusable(response, METADATA_WHAT, reason, error);
        }
    return AZATTEST_OK;
}

azattest_status azattest__metadata_reply(const azattest_http_response *response, azattest_metadata **out,
                                         azattest_error **error)
{
    azattest_metadata *metadata = NULL;
    azattest__json *document = NULL;
    azattest_error *reason = NULL;
    azattest_status status;

    *out = NULL;
    if ((status = azattest__json_parse(response->body, &document, &reason)) != AZATTEST_OK) {
        status = unusable(response, METADATA_WHAT, status, reason, error);
        goto done;
    }
    if (!azattest__json_is_object(document)) {
        status = azattest__response_unusable(response, METADATA_WHAT, "it is no JSON object", error);
        goto done;
    }
    if ((metadata = calloc(1, sizeof(*metadata))) == NULL) {
        status = azattest__error_memory(error);
        goto done;
    }
    azattest__buf_init(&metadata->json, AZATTEST_LIMIT_RESPONSE);
    azattest__buf_append_bytes(&metadata->json, response->body);
    if ((status = azattest__error_from_buf(error, &metadata->json, METADATA_WHAT)) != AZATTEST_OK ||
        (status = read_members(document, metadata, response, error)) != AZATTEST_OK)
        goto done;
    *out = metadata;
    metadata = NULL;
done:
    azattest_metadata_free(metadata);
    azattest__json_free(document);
    azattest_error_free(reason);
    return status;
}

void azattest_metadata_free(azattest_metadata *metadata)
{
    if (metadata == NULL)
        return;
    azattest__buf_free(&metadata->json);
    free(metadata->issuer);
    free(metadata->jwks_uri);
    free(metadata->revocation_endpoint);
    free(metadata);
}

const char *azattest_metadata_issuer(const azattest_metadata *metadata)
{
    return metadata == NULL ? NULL : metadata->issuer;
}

const char *azattest_metadata_jwks_uri(const azattest_metadata *metadata)
{
    return metadata == NULL ? NULL : metadata->jwks_uri;
}

const char *azattest_metadata_revocation_endpoint(const azattest_metadata *metadata)
{
    return metadata == NULL ? NULL : metadata->revocation_endpoint;
}

azattest_bytes azattest_metadata_json(const azattest_metadata *metadata)
{
    return metadata == NULL ? azattest__bytes(NULL, 0) : azattest__buf_bytes(&metadata->json);
}

static azattest_bytes list(const azattest_metadata *metadata, const char *name)
{
    return metadata == NULL ? azattest__bytes(NULL, 0) : azattest__json_find(azattest_metadata_json(metadata), name);
}

azattest_bytes azattest_metadata_claims_supported(const azattest_metadata *metadata)
{
    return list(metadata, "claims_supported");
}

azattest_bytes azattest_metadata_response_types_supported(const azattest_metadata *metadata)
{
    return list(metadata, "response_types_supported");
}

azattest_bytes azattest_metadata_id_token_signing_alg_values_supported(const azattest_metadata *metadata)
{
    return list(metadata, "id_token_signing_alg_values_supported");
}
