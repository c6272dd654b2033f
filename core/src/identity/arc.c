/* Azure Arc: the agent proves that the caller may read a file that only privileged users can. */
#include <stdlib.h>

#include <azattest/limits.h>

#include "managed.h"

#define TOKENS "/var/opt/azcmagent/tokens/"
#define SUFFIX ".key"

azattest_bytes azattest__arc_realm(const char *challenge, const char **reason)
{
    static const char scheme[] = "Basic realm=";
    azattest_bytes path = { NULL, 0 };
    const char *text = challenge;
    size_t len;

    *reason = "it made no challenge \"Basic realm=<file>\"";
    if (text == NULL || strncasecmp(text, scheme, sizeof(scheme) - 1) != 0)
        return path;
    text += sizeof(scheme) - 1;
    len = strlen(text);
    if (len >= 2 && text[0] == '"' && text[len - 1] == '"') {
        text++;
        len -= 2;
    }
    *reason = "its challenge names a file outside " TOKENS;
    if (len <= sizeof(TOKENS) - 1 || memcmp(text, TOKENS, sizeof(TOKENS) - 1) != 0 ||
        memchr(text + sizeof(TOKENS) - 1, '/', len - (sizeof(TOKENS) - 1)) != NULL)
        return path;
    *reason = "its challenge names a file that does not end in " SUFFIX;
    if (len <= sizeof(TOKENS) - 1 + sizeof(SUFFIX) - 1 ||
        memcmp(text + len - (sizeof(SUFFIX) - 1), SUFFIX, sizeof(SUFFIX) - 1) != 0)
        return path;
    *reason = "its challenge names a file with a character that no such name has";
    for (size_t i = 0; i < len; i++)
        if (text[i] <= 0x20 || text[i] > 0x7e || text[i] == '"' || text[i] == '\\')
            return path;
    *reason = NULL;
    return azattest__bytes(text, len);
}

static const char *endpoint_of(const azattest__managed *self)
{
    return self->source == &azattest__arc ? self->endpoint : AZATTEST__ARC_ENDPOINT;
}

static azattest_status receive_token(azattest__flow *flow, const azattest_http_response *response,
                                     azattest_error **error)
{
    bool denied = response->status >= 400 && response->status <= 403;

    if (response->status > 299)
        return azattest__managed_error(response, "Azure Arc", denied ? AZATTEST_E_AUTH : AZATTEST_E_HTTP, error);
    return azattest__managed_token(flow, response, error);
}

static azattest_status take_key(azattest__flow *flow, azattest_bytes content, azattest_error **error)
{
    const azattest__managed *self = (const azattest__managed *)flow->active;
    const char *text = content.ptr;
    azattest_status status;
    azattest__buf value;

    if (text == NULL)
        return azattest__error_set(error, AZATTEST_E_AUTH,
                                   AZATTEST__MANAGED ": Azure Arc's challenge names a file that does not exist");
    if (content.len > AZATTEST_LIMIT_ARC_KEY_FILE)
        return azattest__error_set(error, AZATTEST_E_AUTH,
                                   AZATTEST__MANAGED ": Azure Arc's key file has more than %u bytes",
                                   AZATTEST_LIMIT_ARC_KEY_FILE);
    while (content.len > 0 && (text[content.len - 1] == '\n' || text[content.len - 1] == '\r'))
        content.len--;
    azattest__buf_init(&value, AZATTEST_LIMIT_ARC_KEY_FILE + 8);
    azattest__buf_append_text(&value, "Basic ");
    azattest__buf_append_bytes(&value, content);
    if (content.len == 0 || memchr(text, '\0', content.len) != NULL || value.status != AZATTEST_OK ||
        !azattest__header_value_valid((const char *)value.ptr))
        status = azattest__error_set(error, AZATTEST_E_AUTH,
                                     AZATTEST__MANAGED ": Azure Arc's key file holds nothing that could be sent");
    else if ((status = azattest__managed_request(flow, self, &azattest__arc, endpoint_of(self), error)) ==
                 AZATTEST_OK &&
             (status = azattest__request_header(&flow->request, "Authorization", (const char *)value.ptr, error)) ==
                 AZATTEST_OK)
        status = azattest__flow_send(flow, receive_token, NULL, error);
    azattest__buf_free(&value);
    return status;
}

static azattest_status receive_challenge(azattest__flow *flow, const azattest_http_response *response,
                                         azattest_error **error)
{
    azattest_status status;
    azattest_bytes realm;
    const char *reason;
    char *path;

    if (response->status != 401)
        return azattest__managed_error(response, "Azure Arc, which should have made a challenge,",
                                       response->status >= 500 ? AZATTEST_E_HTTP : AZATTEST_E_AUTH, error);
    realm = azattest__arc_realm(azattest__response_header(response, "WWW-Authenticate"), &reason);
    if (realm.ptr == NULL)
        return azattest__error_set(error, AZATTEST_E_AUTH, AZATTEST__MANAGED ": Azure Arc is not believed: %s", reason);
    if ((path = azattest__dup(realm.ptr, realm.len)) == NULL)
        return azattest__error_memory(error);
    status = azattest__flow_read(flow, path, AZATTEST_LIMIT_ARC_KEY_FILE, take_key, error);
    free(path);
    return status;
}

static azattest_status start(azattest__flow *flow, const azattest__managed *self, azattest_error **error)
{
    azattest_status status;

    if (self->client_id != NULL || self->object_id != NULL || self->resource_id != NULL)
        return azattest__error_set(error, AZATTEST_E_CREDENTIAL_UNAVAILABLE,
                                   AZATTEST__MANAGED ": Azure Arc does not choose among identities; leave the id out");
    status = azattest__managed_request(flow, self, &azattest__arc, endpoint_of(self), error);
    return status != AZATTEST_OK ? status : azattest__flow_send(flow, receive_challenge, NULL, error);
}

const azattest__managed_source azattest__arc = {
    .label = "Azure Arc",
    .method = "GET",
    .api_version = "2019-11-01",
    .says_metadata = true,
    .start = start,
};
