/* An application with a secret. */
#include "entra.h"

#include <stdlib.h>

#include <azattest/limits.h>

#include "kinds.h"

#define NAME "ClientSecretCredential"

typedef struct client_secret {
    azattest_credential base;
    azattest__entra entra;
    char *secret;
} client_secret;

/* A service that repeats the secret in its error does not make us show it. */
static azattest_status start(azattest__flow *flow, azattest_error **error)
{
    const client_secret *self = (const client_secret *)flow->active;
    azattest_status status = azattest__entra_begin(&self->entra, flow, error);

    if (status != AZATTEST_OK)
        return status;
    azattest__form_add(&flow->request.body, "client_secret", self->secret);
    flow->secret = self->secret;
    return azattest__entra_send(flow, error);
}

static void clear(azattest_credential *credential)
{
    client_secret *self = (client_secret *)credential;

    azattest__entra_clear(&self->entra);
    azattest__secret_free(self->secret);
}

static const azattest__credential_class class = { .name = NAME, .start = start, .clear = clear };

azattest_status azattest__client_secret_new(const char *name, const char *tenant_id, const char *client_id,
                                            const char *secret, const azattest_credential_options *options,
                                            azattest_credential **out, azattest_error **error)
{
    azattest_credential *credential = NULL;
    client_secret *self;
    azattest_status status;

    if (secret == NULL || *secret == '\0' || strlen(secret) > AZATTEST_LIMIT_CLIENT_SECRET)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT, "%s: client_secret is %s", name,
                                   secret == NULL || *secret == '\0' ? "missing" : "longer than 4096 bytes");
    if ((status = azattest__credential_new(sizeof(*self), &class, &credential, error)) != AZATTEST_OK)
        return status;
    self = (client_secret *)credential;
    credential->name = name;
    if ((status = azattest__entra_take(name, tenant_id, client_id, options, &self->entra, error)) == AZATTEST_OK &&
        (self->secret = azattest__dup_text(secret)) == NULL)
        status = azattest__error_memory(error);
    if (status == AZATTEST_OK)
        *out = credential;
    else
        azattest_credential_free(credential);
    return status;
}

azattest_status azattest_client_secret_credential_new(const char *tenant_id, const char *client_id,
                                                      const char *client_secret_text,
                                                      const azattest_credential_options *options,
                                                      azattest_credential **out, azattest_error **error)
{
    azattest_credential_options taken;
    azattest_status status;

    if ((status = azattest__credential_check_out(NAME, out, error)) != AZATTEST_OK ||
        (status = azattest__settings_take(options, &taken, error)) != AZATTEST_OK)
        return status;
    return azattest__client_secret_new(NAME, tenant_id, client_id, client_secret_text, &taken, out, error);
}
