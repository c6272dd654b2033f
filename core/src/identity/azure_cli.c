/* The login of the program `az`. The driver runs it; here is what it is given, and what it prints. */
#include <stdlib.h>

#include <azattest/limits.h>

#include "entra.h"
#include "kinds.h"
#include "token_reply.h"

#define NAME "AzureCliCredential"
#define SHOWN 250
#define NOT_FOUND 127 /* what a shell, or a wrapper of one, ends with */

typedef struct azure_cli {
    azattest_credential base;
    azattest__tenants tenants;
    char *subscription;
    int64_t timeout_ms;
} azure_cli;

/* No shell ever sees them, but `az` is a shell script on some systems and a batch file on others. */
static bool only_has(const char *text, const char *more)
{
    for (; *text != '\0'; text++) {
        bool plain = (*text >= 'a' && *text <= 'z') || (*text >= 'A' && *text <= 'Z') || (*text >= '0' && *text <= '9');

        if (!plain && strchr(more, *text) == NULL)
            return false;
    }
    return true;
}

static azattest_status failure(int exit_status, azattest_bytes errors, azattest_error **error)
{
    static const char login[] = "az login", setup[] = "az account set";
    azattest_status status;
    char *shown;

    if (errors.len > AZATTEST_LIMIT_PROCESS_OUTPUT)
        errors.len = AZATTEST_LIMIT_PROCESS_OUTPUT;
    if (exit_status == NOT_FOUND)
        return azattest__error_set(error, AZATTEST_E_CREDENTIAL_UNAVAILABLE, NAME ": the Azure CLI is not installed");
    if (errors.len > 0 && (memmem(errors.ptr, errors.len, login, sizeof(login) - 1) != NULL ||
                           memmem(errors.ptr, errors.len, setup, sizeof(setup) - 1) != NULL))
        return azattest__error_set(error, AZATTEST_E_CREDENTIAL_UNAVAILABLE,
                                   NAME ": nobody is logged in: run \"az login\"");
    shown = azattest__shown_clean(errors, SHOWN, NULL);
    status = azattest__error_set(error, AZATTEST_E_AUTH, NAME ": az ended with %d: %s", exit_status,
                                 shown == NULL || *shown == '\0' ? "it printed no reason" : shown);
    free(shown);
    return status;
}

static azattest_status take_process(azattest__flow *flow, int exit_status, azattest_bytes output, azattest_bytes errors,
                                    azattest_error **error)
{
    azattest__access_token token;
    azattest_status status;

    if (exit_status != 0)
        return failure(exit_status, errors, error);
    if (output.len > AZATTEST_LIMIT_PROCESS_OUTPUT)
        return azattest__error_set(error, AZATTEST_E_RESPONSE, NAME ": az printed more than %u bytes",
                                   AZATTEST_LIMIT_PROCESS_OUTPUT);
    if ((status = azattest__cli_reply(NAME, output, &token, error)) == AZATTEST_OK)
        azattest__flow_done(flow, &token);
    return status;
}

static azattest_status put_arguments(azattest__flow *flow, const char *resource, const char *tenant,
                                     const char *subscription, azattest_error **error)
{
    const char *const arguments[] = { "az",
                                      "account",
                                      "get-access-token",
                                      "--output",
                                      "json",
                                      "--resource",
                                      resource,
                                      tenant == NULL ? NULL : "--tenant",
                                      tenant,
                                      subscription == NULL ? NULL : "--subscription",
                                      subscription };
    azattest_status status = AZATTEST_OK;

    for (size_t i = 0; i < sizeof(arguments) / sizeof(arguments[0]) && status == AZATTEST_OK; i++)
        if (arguments[i] != NULL)
            status = azattest__flow_argument(flow, arguments[i], error);
    return status;
}

static azattest_status start(azattest__flow *flow, azattest_error **error)
{
    const azure_cli *self = (const azure_cli *)flow->active;
    const char *tenant;
    azattest_status status;
    char *resource = NULL;

    if ((status = azattest__tenants_choose(&self->tenants, flow, &tenant, error)) != AZATTEST_OK ||
        (status = azattest__resource_of(NAME, flow->scopes, &resource, error)) != AZATTEST_OK)
        return status;
    if (!only_has(resource, ".-:/_") || resource[0] == '-') {
        status = azattest__error_set(error, AZATTEST_E_ARGUMENT,
                                     NAME ": a scope for the CLI may have letters, digits and .-:/_ only");
    } else {
        azattest__flow_execute(flow, self->timeout_ms, take_process);
        status = put_arguments(flow, resource, tenant, self->subscription, error);
    }
    free(resource);
    return status;
}

static void clear(azattest_credential *credential)
{
    azure_cli *self = (azure_cli *)credential;

    azattest__tenants_clear(&self->tenants);
    free(self->subscription);
}

static const azattest__credential_class class = { .name = NAME, .start = start, .clear = clear };

bool azattest__is_azure_cli(const azattest_credential *credential)
{
    return credential->class == &class;
}

static azattest_status configure(azure_cli *self, const azattest_credential_options *options, azattest_error **error)
{
    const char *subscription = options->subscription;
    azattest_status status;

    if (options->process_timeout_ms < 0 || options->process_timeout_ms > 3600000)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT,
                                   NAME ": process_timeout_ms is %lld, expected 0 (default) to an hour",
                                   (long long)options->process_timeout_ms);
    self->timeout_ms = options->process_timeout_ms == 0 ? AZATTEST__CLI_TIMEOUT_MS : options->process_timeout_ms;
    if (options->tenant_id != NULL && options->tenant_id[0] == '-')
        return azattest__error_set(error, AZATTEST_E_ARGUMENT, NAME ": tenant_id begins with '-'");
    if (subscription != NULL && (!only_has(subscription, ".-_ ") || subscription[0] == '-'))
        return azattest__error_set(error, AZATTEST_E_ARGUMENT,
                                   NAME ": subscription may have letters, digits, blanks and .-_ only, and no '-' in "
                                        "front");
    if ((status = azattest__tenants_take(NAME, options->tenant_id, options, &self->tenants, error)) != AZATTEST_OK)
        return status;
    return azattest__take_text(NAME, "subscription", subscription, &self->subscription, error);
}

azattest_status azattest_azure_cli_credential_new(const azattest_credential_options *options, azattest_credential **out,
                                                  azattest_error **error)
{
    azattest_credential *credential = NULL;
    azattest_credential_options taken;
    azattest_status status;

    if ((status = azattest__credential_check_out(NAME, out, error)) != AZATTEST_OK ||
        (status = azattest__settings_take(options, &taken, error)) != AZATTEST_OK ||
        (status = azattest__credential_new(sizeof(azure_cli), &class, &credential, error)) != AZATTEST_OK)
        return status;
    if ((status = configure((azure_cli *)credential, &taken, error)) == AZATTEST_OK)
        *out = credential;
    else
        azattest_credential_free(credential);
    return status;
}
