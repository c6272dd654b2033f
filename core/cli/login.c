#include "login.h"

#include <stdio.h>
#include <string.h>

#include "error/error.h"
#include "input.h"
#include "protocol/versions.h"

typedef azattest_status (*make)(const azattest_credential_options *options, azattest_credential **out,
                                azattest_error **error);

/* What stands behind --credential, and which of the other options concern it. */
static const struct kind {
    const char *name;
    make make; /* NULL: no token at all */
    bool client_id, tenant_id;
} kinds[] = {
    { "default", azattest_default_credential_new, true, true },
    { "environment", azattest_environment_credential_new, false, false },
    { "workload-identity", azattest_workload_identity_credential_new, true, true },
    { "managed-identity", azattest_managed_identity_credential_new, true, false },
    { "azure-cli", azattest_azure_cli_credential_new, false, true },
    { "none", NULL, false, false },
};
#define KIND_COUNT (sizeof(kinds) / sizeof(kinds[0]))

static azattest_status useless(azattest__option option, const char *with, azattest_error **error)
{
    azattest__error_set(error, AZATTEST_E_ARGUMENT, "%s means nothing with %s", azattest__option_name(option), with);
    azattest__error_set_hint(*error, "leave one of them out");
    return AZATTEST_E_ARGUMENT;
}

/* The kind that the options choose; NULL: --access-token-file, or nothing. */
static azattest_status choose(const azattest__arguments *arguments, azattest__login_need need, const struct kind **out,
                              azattest_error **error)
{
    const char *word = arguments->value[OPTION_CREDENTIAL];

    *out = NULL;
    if (word == NULL && (need != LOGIN_DEFAULT || arguments->value[OPTION_ACCESS_TOKEN_FILE] != NULL))
        return AZATTEST_OK;
    for (size_t i = 0; i < KIND_COUNT && *out == NULL; i++)
        if (strcmp(word == NULL ? "default" : word, kinds[i].name) == 0)
            *out = &kinds[i];
    if (*out != NULL)
        return AZATTEST_OK;
    azattest__error_set(error, AZATTEST_E_ARGUMENT, "--credential is none of the kinds that there are");
    azattest__error_set_hint(*error, "default, environment, workload-identity, managed-identity, azure-cli or none; a "
                                     "token that you have goes with --access-token-file");
    return AZATTEST_E_ARGUMENT;
}

/* An option that the chosen kind has no use for is refused. `kind` as choose() gives it. */
static azattest_status check_others(const azattest__arguments *arguments, azattest__login_need need,
                                    const struct kind *kind, azattest_error **error)
{
    const char *word = arguments->value[OPTION_CREDENTIAL];
    char with[64];

    if (kind == NULL && arguments->value[OPTION_ACCESS_TOKEN_FILE] == NULL) {
        azattest__option given = arguments->value[OPTION_CLIENT_ID] != NULL   ? OPTION_CLIENT_ID
                                 : arguments->value[OPTION_TENANT_ID] != NULL ? OPTION_TENANT_ID
                                                                              : OPTION_SCOPES;

        if (arguments->value[given] == NULL || need == LOGIN_LATER)
            return AZATTEST_OK;
        azattest__error_set(error, AZATTEST_E_ARGUMENT, "%s means nothing here: the call carries no access token",
                            azattest__option_name(given));
        azattest__error_set_hint(*error, "add --credential default, or another kind");
        return AZATTEST_E_ARGUMENT;
    }
    snprintf(with, sizeof(with), "%s%s", kind == NULL ? "--access-token-file" : "--credential ",
             kind == NULL ? "" : kind->name);
    if (word != NULL && arguments->value[OPTION_ACCESS_TOKEN_FILE] != NULL)
        return useless(OPTION_ACCESS_TOKEN_FILE, with, error);
    if (arguments->value[OPTION_CLIENT_ID] != NULL && (kind == NULL || !kind->client_id))
        return useless(OPTION_CLIENT_ID, with, error);
    if (arguments->value[OPTION_TENANT_ID] != NULL && (kind == NULL || !kind->tenant_id))
        return useless(OPTION_TENANT_ID, with, error);
    if (arguments->value[OPTION_SCOPES] != NULL && kind != NULL && kind->make == NULL)
        return useless(OPTION_SCOPES, with, error);
    return AZATTEST_OK;
}

static azattest_status read_token(const azattest__arguments *arguments, azattest_credential **credential,
                                  azattest_error **error)
{
    azattest__buf token;
    azattest_status status;

    if ((status = azattest__input_line(arguments->value[OPTION_ACCESS_TOKEN_FILE], "access token",
                                       AZATTEST_LIMIT_ACCESS_TOKEN, &token, error)) == AZATTEST_OK)
        status = azattest_static_token_credential_new((const char *)token.ptr, 0, credential, error);
    azattest__buf_free(&token);
    return status;
}

azattest_status azattest__login(const azattest__arguments *arguments, azattest__login_need need,
                                azattest_client_options *options, azattest_credential **credential,
                                azattest_error **error)
{
    azattest_credential_options more = AZATTEST_CREDENTIAL_OPTIONS_INIT;
    const struct kind *kind;
    azattest_status status;

    *credential = NULL;
    if ((status = choose(arguments, need, &kind, error)) != AZATTEST_OK ||
        (status = check_others(arguments, need, kind, error)) != AZATTEST_OK)
        return status;
    options->scopes = arguments->value[OPTION_SCOPES];
    more.client_id = arguments->value[OPTION_CLIENT_ID];
    more.tenant_id = arguments->value[OPTION_TENANT_ID];
    if (kind != NULL && kind->make != NULL) {
        status = kind->make(&more, credential, error);
    } else if (kind == NULL && arguments->value[OPTION_ACCESS_TOKEN_FILE] != NULL) {
        /* Nothing is acquired for a scope: the token is there. So an endpoint of no known cloud will do. */
        if (options->scopes == NULL)
            options->scopes = AZATTEST__PUBLIC_SCOPE;
        status = read_token(arguments, credential, error);
    }
    options->credential = *credential;
    return status;
}

azattest__login_need azattest__attest_login(const azattest__arguments *arguments)
{
    const char *version = arguments->value[OPTION_API_VERSION];

    return version != NULL && azattest__api_version_bit(version) == AZATTEST__2018_09_PREVIEW ? LOGIN_DEFAULT
                                                                                              : LOGIN_ASKED;
}

void azattest__login_explain(const azattest_client_options *options, azattest_error *error)
{
    azattest_status code = azattest_error_code(error);

    if (error == NULL)
        return;
    if (options->credential == NULL && azattest_error_status_code(error) == 401)
        azattest__error_set_hint(error, "The call went without an access token: add --credential default, or another "
                                        "kind.");
    else if (options->credential == NULL && code == AZATTEST_E_ARGUMENT && azattest_error_hint(error) == NULL &&
             strstr(azattest_error_message(error), "access token") != NULL)
        azattest__error_set_hint(error, "leave --credential none out, or choose another kind");
    else if (options->credential != NULL && options->scopes == NULL && code == AZATTEST_E_ARGUMENT &&
             strstr(azattest_error_message(error), "scopes") != NULL)
        azattest__error_set_hint(error, "add --scopes " AZATTEST__PUBLIC_SCOPE
                                        " if an access token for the public cloud may go to this endpoint");
}
