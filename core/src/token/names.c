/* Finding claims by their present and their deprecated names. Source: reference of the service, "Common MAA claims". */
#include "checks.h"

#include <azattest/limits.h>

#include "../base/encoding.h"

const azattest__claim_names azattest__claim_nonce = { { AZATTEST__NONCE_CLAIMS } };
const azattest__claim_names azattest__claim_type = { { AZATTEST__TYPE_CLAIMS } };
const azattest__claim_names azattest__claim_held_data = { { AZATTEST__HELD_DATA_CLAIMS } };
const azattest__claim_names azattest__claim_policy_hash = { { AZATTEST__POLICY_HASH_CLAIMS } };

azattest_bytes azattest__claim_any(azattest_bytes body, const azattest__claim_names *names, const char **name)
{
    azattest_bytes json = { NULL, 0 };

    for (size_t i = 0; i < sizeof(names->names) / sizeof(names->names[0]) && names->names[i] != NULL; i++) {
        json = azattest__json_find(body, names->names[i]);
        if (json.ptr != NULL) {
            if (name != NULL)
                *name = names->names[i];
            break;
        }
    }
    return json;
}

azattest_bytes azattest__token_claim_any(const azattest_token *token, const azattest__claim_names *names,
                                         const char **name)
{
    return azattest__claim_any(token->jws.body, names, name);
}

bool azattest__claim_text(azattest_bytes json, azattest__buf *out)
{
    return json.ptr != NULL && json.len >= 2 && *(const char *)json.ptr == '"' && azattest__json_unescape(json, out);
}

bool azattest__claim_is_object(azattest_bytes json)
{
    return json.ptr != NULL && json.len >= 2 && *(const char *)json.ptr == '{';
}

azattest_bytes azattest__claim_isolation(azattest_bytes body)
{
    return azattest__json_find(body, "x-ms-isolation-tee");
}

azattest_bytes azattest__claim_client_payload(azattest_bytes body)
{
    azattest_bytes runtime = azattest__json_find(body, "x-ms-runtime");

    return azattest__claim_is_object(runtime) ? azattest__json_find(runtime, "client-payload") : runtime;
}

azattest_status azattest__claim_nonce_text(azattest_bytes body, azattest__buf *out)
{
    azattest_bytes json = azattest__claim_any(body, &azattest__claim_nonce, NULL);
    azattest__buf text;
    bool fits;

    if (json.ptr != NULL)
        return azattest__claim_text(json, out) ? AZATTEST_OK : AZATTEST_E_TYPE;
    json = azattest__claim_client_payload(body);
    if (!azattest__claim_is_object(json) || (json = azattest__json_find(json, "nonce")).ptr == NULL)
        return AZATTEST_ABSENT;
    azattest__buf_init(&text, AZATTEST_LIMIT_TOKEN_BODY);
    fits = azattest__claim_text(json, &text) && azattest__base64_decode(azattest__buf_bytes(&text), out) &&
           (out->len == 0 || (memchr(out->ptr, 0, out->len) == NULL && azattest__utf8_valid(azattest__buf_bytes(out))));
    azattest__buf_free(&text);
    return fits ? AZATTEST_OK : AZATTEST_E_TYPE;
}
