/* An application that the environment describes. */
#include <stdlib.h>

#include "flow.h"
#include "kinds.h"

#define NAME "EnvironmentCredential"

typedef struct environment {
    azattest_credential base;
    azattest_credential *inner; /* NULL: `reason` says why */
    azattest_error *reason;
} environment;

static azattest_status start(azattest__flow *flow, azattest_error **error)
{
    const environment *self = (const environment *)flow->active;
    azattest_status status = azattest_error_code(self->reason);

    if (self->inner != NULL) {
        flow->active = self->inner;
        return self->inner->class->start(flow, error);
    }
    /* Configured, but wrong: a failure of the identity, not of the caller. */
    return azattest__error_set(error, status == AZATTEST_E_ARGUMENT ? AZATTEST_E_AUTH : status, "%s",
                               azattest_error_message(self->reason));
}

static void clear(azattest_credential *credential)
{
    environment *self = (environment *)credential;

    azattest_credential_free(self->inner);
    azattest_error_free(self->reason);
}

static const azattest__credential_class class = { .name = NAME, .start = start, .clear = clear };

static azattest_status say_missing(const azattest_credential_options *options, azattest_error **reason)
{
    static const char *const names[] = { "AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET",
                                         "AZURE_CLIENT_CERTIFICATE_PATH", NULL };
    azattest__buf set;

    azattest__buf_init(&set, 512);
    azattest__list_variables(options, names, true, &set);
    (void)azattest__error_set(reason, AZATTEST_E_CREDENTIAL_UNAVAILABLE,
                              NAME ": not configured; it needs AZURE_TENANT_ID, AZURE_CLIENT_ID, and "
                                   "AZURE_CLIENT_SECRET or AZURE_CLIENT_CERTIFICATE_PATH (set: %s)",
                              set.status == AZATTEST_OK ? (const char *)set.ptr : "?");
    azattest__buf_free(&set);
    return AZATTEST_OK;
}

/* What is configured but wrong is no reason to fail here: a chain tells it when a token is wanted. */
static azattest_status configure(environment *self, const azattest_credential_options *options, azattest_error **error)
{
    const char *tenant_id = azattest__variable(options, "AZURE_TENANT_ID");
    const char *client_id = azattest__variable(options, "AZURE_CLIENT_ID");
    const char *secret = azattest__variable(options, "AZURE_CLIENT_SECRET");
    const char *path = azattest__variable(options, "AZURE_CLIENT_CERTIFICATE_PATH");
    const char *password = azattest__variable(options, "AZURE_CLIENT_CERTIFICATE_PASSWORD");
    azattest_credential_options more = *options;
    azattest_status status;

    if (tenant_id == NULL || client_id == NULL || (secret == NULL && path == NULL))
        return say_missing(options, &self->reason);
    if (azattest__variable_is_on(options, "AZURE_CLIENT_SEND_CERTIFICATE_CHAIN"))
        more.send_certificate_chain = AZATTEST_ON;
    if (secret != NULL)
        status = azattest__client_secret_new(NAME, tenant_id, client_id, secret, &more, &self->inner, &self->reason);
    else
        status = azattest__client_certificate_new(NAME, tenant_id, client_id, azattest__bytes(NULL, 0), path, password,
                                                  &more, &self->inner, &self->reason);
    if (status == AZATTEST_E_MEMORY)
        return azattest__error_memory(error);
    return AZATTEST_OK;
}

azattest_status azattest_environment_credential_new(const azattest_credential_options *options,
                                                    azattest_credential **out, azattest_error **error)
{
    azattest_credential *credential = NULL;
    azattest_credential_options taken;
    azattest_status status;

    if ((status = azattest__credential_check_out(NAME, out, error)) != AZATTEST_OK ||
        (status = azattest__settings_take(options, &taken, error)) != AZATTEST_OK ||
        (status = azattest__credential_new(sizeof(environment), &class, &credential, error)) != AZATTEST_OK)
        return status;
    if ((status = configure((environment *)credential, &taken, error)) == AZATTEST_OK)
        *out = credential;
    else
        azattest_credential_free(credential);
    return status;
}
