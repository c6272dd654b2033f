#include "connection.h"

#include <string.h>

#include "error/error.h"
#include "input.h"
#include "progress.h"

/* Bundles of certificates have 200 KB. */
#define CA_FILE_LIMIT (16u * 1024u * 1024u)

azattest_status azattest__validation_options(const azattest__arguments *arguments, const char *issuer[1],
                                             azattest_validation_options *options, azattest_error **error)
{
    if (arguments->value[OPTION_ISSUER] != NULL) {
        issuer[0] = arguments->value[OPTION_ISSUER];
        options->issuers = issuer;
        options->issuer_count = 1;
    }
    options->expected_nonce = arguments->value[OPTION_NONCE];
    if (options->expected_nonce != NULL && strlen(options->expected_nonce) > AZATTEST_LIMIT_NONCE)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT, "--nonce has more than %u bytes", AZATTEST_LIMIT_NONCE);
    if (arguments->value[OPTION_NO_DEBUG] != NULL)
        options->allow_debug = AZATTEST_OFF;
    return azattest__arguments_at(arguments, &options->now_ms, error);
}

azattest_status azattest__client_options(const azattest__arguments *arguments, azattest_client_options *options,
                                         azattest_error **error)
{
    azattest_status status = azattest__progress_log(arguments->value[OPTION_LOG_LEVEL], error);

    if (status != AZATTEST_OK)
        return status;
    options->trace_bodies = arguments->value[OPTION_TRACE_BODIES] != NULL ? AZATTEST_ON : AZATTEST_DEFAULT;
    options->api_version = arguments->value[OPTION_API_VERSION];
    options->application_id = "azattest-command";
    return azattest__arguments_timeout(arguments, &options->timeout_ms, error);
}

azattest_status azattest__endpoint(const azattest__arguments *arguments, const char **endpoint, azattest_error **error)
{
    const char *all[AZATTEST_LIMIT_LIST + 1];

    if (azattest__arguments_all(arguments, OPTION_ENDPOINT, all) > 1) {
        azattest__error_set(error, AZATTEST_E_ARGUMENT, "--endpoint is given twice");
        azattest__error_set_hint(*error, "this command talks to one instance");
        return AZATTEST_E_ARGUMENT;
    }
    if ((*endpoint = azattest__arguments_endpoint(arguments)) != NULL)
        return AZATTEST_OK;
    azattest__error_set(error, AZATTEST_E_ARGUMENT, "no attestation instance is named");
    azattest__error_set_hint(*error, "add --endpoint URL, or set AZATTEST_ENDPOINT");
    return AZATTEST_E_ARGUMENT;
}

azattest_status azattest__connect(const azattest__arguments *arguments, azattest_transport **transport,
                                  azattest_error **error)
{
    azattest_curl_options options = AZATTEST_CURL_OPTIONS_INIT;
    azattest_bytes pem;
    azattest__buf file;
    azattest_status status;

    *transport = NULL;
    status = azattest__input_option(arguments, OPTION_CA_FILE, CA_FILE_LIMIT, &file, &pem, error);
    if (status == AZATTEST_OK) {
        options.ca_pem = pem;
        options.interrupted = azattest__progress_interrupted;
        status = azattest_curl_transport_new(&options, transport, error);
    }
    azattest__buf_free(&file);
    return status;
}
