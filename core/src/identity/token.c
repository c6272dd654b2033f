/* Access tokens: copies that are wiped, and the little that may be read of them. */
#include "token.h"

#include <stdlib.h>

#include <azattest/limits.h>

#include "../base/encoding.h"
#include "../json/json.h"

void azattest__secret_free(char *text)
{
    if (text != NULL)
        azattest__wipe(text, strlen(text));
    free(text);
}

void azattest__access_token_clear(azattest__access_token *token)
{
    azattest__secret_free(token->text);
    memset(token, 0, sizeof(*token));
}

azattest_status azattest__access_token_copy(const azattest__access_token *token, azattest__access_token *out,
                                            azattest_error **error)
{
    *out = *token;
    out->text = azattest__dup_text(token->text);
    return token->text != NULL && out->text == NULL ? azattest__error_memory(error) : AZATTEST_OK;
}

azattest_status azattest__access_token_check(azattest_bytes text, azattest_error **error)
{
    const unsigned char *p = text.ptr;

    if (p == NULL || text.len == 0)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT, "the access token is empty");
    if (text.len > AZATTEST_LIMIT_ACCESS_TOKEN)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT, "the access token has %zu bytes, more than %u", text.len,
                                   AZATTEST_LIMIT_ACCESS_TOKEN);
    for (size_t i = 0; i < text.len; i++)
        if (p[i] <= 0x20 || p[i] > 0x7e)
            return azattest__error_set(error, AZATTEST_E_ARGUMENT,
                                       "the access token has a character at %zu that no token has (a blank, a line "
                                       "end, or no ASCII)",
                                       i);
    return AZATTEST_OK;
}

bool azattest__access_token_expiry(const char *text, int64_t *expires_on_s)
{
    const char *first = strchr(text, '.'), *second = first == NULL ? NULL : strchr(first + 1, '.');
    azattest__json *claims = NULL;
    azattest__buf body;
    bool found = false;

    if (second == NULL)
        return false;
    azattest__buf_init(&body, AZATTEST_LIMIT_ACCESS_TOKEN);
    if (azattest__base64url_decode(azattest__bytes(first + 1, (size_t)(second - first - 1)), &body) &&
        azattest__json_parse(azattest__buf_bytes(&body), &claims, NULL) == AZATTEST_OK)
        found = azattest__json_integer(azattest__json_get(claims, "exp"), expires_on_s) && *expires_on_s > 0;
    azattest__json_free(claims);
    azattest__buf_free(&body);
    return found;
}
