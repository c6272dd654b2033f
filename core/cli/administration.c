#include "administration.h"

#include <string.h>

#include "connection.h"
#include "crypto/crypto.h"
#include "error/error.h"
#include "input.h"
#include "login.h"
#include "output.h"
#include "progress.h"

static azattest_status read_key(const azattest__arguments *arguments, azattest_bytes key_pem,
                                azattest_bytes certificate_pem, azattest_signing_key **key, azattest_error **error)
{
    azattest_signing_key_options options = AZATTEST_SIGNING_KEY_OPTIONS_INIT;
    azattest_error *reason = NULL;
    azattest_status status;
    azattest__buf passphrase;

    if ((status = azattest__input_passphrase(arguments, &passphrase, error)) == AZATTEST_OK) {
        options.passphrase = (const char *)passphrase.ptr;
        options.algorithm = arguments->value[OPTION_ALGORITHM];
        status = azattest_signing_key_new(key_pem, certificate_pem, &options, key, &reason);
    }
    if (status == AZATTEST_E_MALFORMED || status == AZATTEST_E_LIMIT || status == AZATTEST_E_UNSUPPORTED) {
        /* The wrong files were given: nothing was judged. */
        if (status == AZATTEST_E_MALFORMED && options.passphrase == NULL)
            azattest__error_set_hint(reason, "an encrypted key needs --passphrase-file FILE");
        status = azattest__error_set(error, AZATTEST_E_ARGUMENT, "%s", azattest_error_message(reason));
        azattest__error_set_hint(*error, azattest_error_hint(reason));
    } else if (reason != NULL) {
        *error = reason;
        reason = NULL;
    }
    azattest_error_free(reason);
    azattest__buf_free(&passphrase);
    return status;
}

azattest_status azattest__signing_key(const azattest__arguments *arguments, azattest_signing_key **key,
                                      azattest_error **error)
{
    bool has_key = arguments->value[OPTION_SIGNING_KEY] != NULL;
    bool has_certificate = arguments->value[OPTION_SIGNING_CERTIFICATE] != NULL;
    azattest_bytes key_pem, certificate_pem;
    azattest__buf key_file, certificate_file;
    azattest_status status;

    *key = NULL;
    if (has_key != has_certificate || (!has_key && (arguments->value[OPTION_PASSPHRASE_FILE] != NULL ||
                                                    arguments->value[OPTION_ALGORITHM] != NULL))) {
        azattest__error_set(error, AZATTEST_E_ARGUMENT, "--signing-key and --signing-certificate come as a pair");
        azattest__error_set_hint(*error, "give both, or neither for an unsigned policy");
        return AZATTEST_E_ARGUMENT;
    }
    if (!has_key)
        return AZATTEST_OK;
    azattest__buf_init(&certificate_file, 1);
    if ((status = azattest__input_option(arguments, OPTION_SIGNING_KEY, AZATTEST_LIMIT_CERTIFICATE, &key_file, &key_pem,
                                         error)) == AZATTEST_OK &&
        (status = azattest__input_option(arguments, OPTION_SIGNING_CERTIFICATE,
                                         AZATTEST_LIMIT_CHAIN * AZATTEST_LIMIT_CERTIFICATE, &certificate_file,
                                         &certificate_pem, error)) == AZATTEST_OK)
        status = read_key(arguments, key_pem, certificate_pem, key, error);
    azattest__buf_free(&key_file);
    azattest__buf_free(&certificate_file);
    return status;
}

static azattest_status open_client(const azattest__arguments *arguments, azattest__administration *out,
                                   azattest_error **error)
{
    azattest_client_options options = AZATTEST_CLIENT_OPTIONS_INIT;
    azattest_credential *credential = NULL;
    const char *endpoint;
    azattest_status status;

    if ((status = azattest__endpoint(arguments, &endpoint, error)) == AZATTEST_OK &&
        (status = azattest__client_options(arguments, &options, error)) == AZATTEST_OK &&
        (status = azattest__login(arguments, LOGIN_DEFAULT, &options, &credential, error)) == AZATTEST_OK &&
        (status = azattest_admin_client_new(endpoint, &options, &out->client, error)) != AZATTEST_OK)
        azattest__login_explain(&options, *error);
    azattest_credential_free(credential);
    return status;
}

azattest_status azattest__administration_open(const azattest__arguments *arguments, azattest__administration *out,
                                              azattest_error **error)
{
    const azattest_policy_options options = AZATTEST_POLICY_OPTIONS_INIT;
    const azattest_validation_options validation = AZATTEST_VALIDATION_OPTIONS_INIT;
    azattest_status status;

    memset(out, 0, sizeof(*out));
    out->options = options;
    out->validation = validation;
    if ((status = azattest__arguments_at(arguments, &out->validation.now_ms, error)) != AZATTEST_OK ||
        (status = azattest__signing_key(arguments, &out->key, error)) != AZATTEST_OK ||
        (status = open_client(arguments, out, error)) != AZATTEST_OK)
        return status;
    out->options.signing_key = out->key;
    out->options.validation = &out->validation;
    azattest__progress_begin();
    return azattest__connect(arguments, &out->transport, error);
}

void azattest__administration_close(azattest__administration *open)
{
    azattest_response_free(open->response);
    azattest_admin_client_free(open->client);
    azattest_transport_free(open->transport);
    azattest_signing_key_free(open->key);
}

azattest__json *azattest__signer_json(const azattest_signer *signer)
{
    azattest__json *object = azattest__json_new_object(), *certificates = azattest__json_new_array();

    azattest__json_put_string(object, "key_type", azattest_signer_key_type(signer));
    azattest__json_put_integer(object, "key_bits", azattest_signer_key_bits(signer));
    for (size_t i = 0; i < azattest_signer_certificate_count(signer); i++)
        azattest__json_add_string(certificates, azattest_signer_certificate_pem(signer, i));
    azattest__json_put(object, "certificates", certificates);
    return object;
}

char *azattest__signer_subject(const azattest_signer *signer)
{
    azattest__cert *cert = NULL;
    char *subject = NULL;

    if (azattest__cert_parse(azattest_signer_certificate_der(signer, 0), &cert, NULL) == AZATTEST_OK &&
        azattest__cert_subject_cn(cert) != NULL)
        subject = azattest__escaped(azattest__cert_subject_cn(cert), 200);
    azattest__cert_free(cert);
    return subject;
}
