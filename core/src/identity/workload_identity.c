/* A federated token of a file, exchanged for an access token. */
#include <stdlib.h>

#include <azattest/limits.h>

#include "entra.h"

#define NAME "WorkloadIdentityCredential"

typedef struct workload_identity {
    azattest_credential base;
    azattest__entra entra;
    char *path;
    char *missing; /* why it is not available; NULL: it is */
} workload_identity;

static azattest_status unavailable(azattest_error **error, const char *reason, const char *path)
{
    return azattest__error_set(error, AZATTEST_E_CREDENTIAL_UNAVAILABLE, NAME ": %s \"%.300s\" %s",
                               "the file of the federated token", path, reason);
}

static azattest_status take_file(azattest__flow *flow, azattest_bytes content, azattest_error **error)
{
    const workload_identity *self = (const workload_identity *)flow->active;
    const char *text = content.ptr;
    azattest_status status;
    char *assertion;

    if (text == NULL)
        return unavailable(error, "does not exist", self->path);
    if (content.len > AZATTEST_LIMIT_TOKEN_FILE)
        return unavailable(error, "is too large", self->path);
    while (content.len > 0 && strchr(" \t\r\n", text[content.len - 1]) != NULL)
        content.len--;
    for (; content.len > 0 && strchr(" \t\r\n", *text) != NULL; text++)
        content.len--;
    if (content.len == 0)
        return unavailable(error, "is empty", self->path);
    content.ptr = text;
    if (azattest__access_token_check(content, NULL) != AZATTEST_OK)
        return unavailable(error, "holds no token", self->path);
    if ((assertion = azattest__dup(content.ptr, content.len)) == NULL)
        return azattest__error_memory(error);
    if ((status = azattest__entra_begin(&self->entra, flow, error)) == AZATTEST_OK) {
        azattest__form_add(&flow->request.body, "client_assertion_type", AZATTEST__ASSERTION_TYPE);
        azattest__form_add(&flow->request.body, "client_assertion", assertion);
        status = azattest__entra_send(flow, error);
    }
    azattest__secret_free(assertion);
    return status;
}

static azattest_status start(azattest__flow *flow, azattest_error **error)
{
    const workload_identity *self = (const workload_identity *)flow->active;

    if (self->missing != NULL)
        return azattest__error_set(error, AZATTEST_E_CREDENTIAL_UNAVAILABLE, "%s", self->missing);
    return azattest__flow_read(flow, self->path, AZATTEST_LIMIT_TOKEN_FILE, take_file, error);
}

static void clear(azattest_credential *credential)
{
    workload_identity *self = (workload_identity *)credential;

    azattest__entra_clear(&self->entra);
    free(self->path);
    free(self->missing);
}

static const azattest__credential_class class = { .name = NAME, .start = start, .clear = clear };

/* "NAME: not configured; variables that are not set: AZURE_TENANT_ID, AZURE_CLIENT_ID". */
static azattest_status say_missing(const azattest_credential_options *options, char **out, azattest_error **error)
{
    static const char *const names[] = { "AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_FEDERATED_TOKEN_FILE", NULL };
    azattest_status status;
    azattest__buf text;

    azattest__buf_init(&text, 1024);
    azattest__buf_append_text(&text, NAME ": not configured; variables that are not set: ");
    azattest__list_variables(options, names, false, &text);
    if ((status = azattest__error_from_buf(error, &text, NAME)) == AZATTEST_OK)
        *out = (char *)azattest__buf_take(&text, NULL);
    azattest__buf_free(&text);
    return status;
}

azattest_status azattest_workload_identity_credential_new(const azattest_credential_options *options,
                                                          azattest_credential **out, azattest_error **error)
{
    const char *tenant_id, *client_id, *path;
    azattest_credential *credential = NULL;
    azattest_credential_options taken;
    workload_identity *self;
    azattest_status status;

    if ((status = azattest__credential_check_out(NAME, out, error)) != AZATTEST_OK ||
        (status = azattest__settings_take(options, &taken, error)) != AZATTEST_OK ||
        (status = azattest__credential_new(sizeof(*self), &class, &credential, error)) != AZATTEST_OK)
        return status;
    self = (workload_identity *)credential;
    tenant_id = azattest__option_or_variable(&taken, taken.tenant_id, "AZURE_TENANT_ID");
    client_id = azattest__option_or_variable(&taken, taken.client_id, "AZURE_CLIENT_ID");
    path = azattest__option_or_variable(&taken, taken.token_file_path, "AZURE_FEDERATED_TOKEN_FILE");
    if (tenant_id == NULL || client_id == NULL || path == NULL)
        status = say_missing(&taken, &self->missing, error);
    else if ((status = azattest__entra_take(NAME, tenant_id, client_id, &taken, &self->entra, error)) == AZATTEST_OK &&
             (self->path = azattest__dup_text(path)) == NULL)
        status = azattest__error_memory(error);
    if (status == AZATTEST_OK)
        *out = credential;
    else
        azattest_credential_free(credential);
    return status;
}
