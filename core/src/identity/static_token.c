/* A token that the caller has. */
#include "flow.h"

#define NAME "StaticTokenCredential"

typedef struct static_token {
    azattest_credential base;
    azattest__access_token token;
} static_token;

static azattest_status start(azattest__flow *flow, azattest_error **error)
{
    const static_token *self = (const static_token *)flow->active;
    azattest__access_token copy;
    azattest_status status;
    char when[AZATTEST__TIME_TEXT];

    if (self->token.expires_on_s <= azattest__flow_now_s(flow)) {
        azattest__time_format(self->token.expires_on_s, when);
        return azattest__error_set(error, AZATTEST_E_AUTH, NAME ": the token expired at %s; give a new one", when);
    }
    if ((status = azattest__access_token_copy(&self->token, &copy, error)) == AZATTEST_OK)
        azattest__flow_done(flow, &copy);
    return status;
}

static void clear(azattest_credential *credential)
{
    azattest__access_token_clear(&((static_token *)credential)->token);
}

static const azattest__credential_class class = { .name = NAME, .start = start, .clear = clear };

azattest_status azattest_static_token_credential_new(const char *token, int64_t expires_on_s, azattest_credential **out,
                                                     azattest_error **error)
{
    azattest_credential *credential = NULL;
    azattest__access_token *copy;
    azattest_status status;

    if ((status = azattest__credential_check_out(NAME, out, error)) != AZATTEST_OK)
        return status;
    if (expires_on_s < 0)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT, NAME ": expires_on is negative");
    if ((status = azattest__access_token_check(azattest__text(token), error)) != AZATTEST_OK) {
        azattest__error_prefix(error, "%s", NAME);
        return status;
    }
    if ((status = azattest__credential_new(sizeof(static_token), &class, &credential, error)) != AZATTEST_OK)
        return status;
    copy = &((static_token *)credential)->token;
    copy->expires_on_s = expires_on_s;
    if (expires_on_s == 0 && !azattest__access_token_expiry(token, &copy->expires_on_s))
        copy->expires_on_s = INT64_MAX;
    if ((copy->text = azattest__dup_text(token)) == NULL) {
        azattest_credential_free(credential);
        return azattest__error_memory(error);
    }
    *out = credential;
    return AZATTEST_OK;
}
