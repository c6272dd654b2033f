/* azattest simulate signing-key: a key to sign policies with, and its certificate, for tests and examples. */
#include <string.h>

#include "base/clock.h"
#include "base/encoding.h"
#include "commands.h"
#include "crypto/issue.h"
#include "input.h"
#include "table.h"

#include "../simulator/files.h"

#define DAY_S INT64_C(86400)
#define LIMIT_PEM (64u * 1024u)

struct signing_key {
    azattest__key *key;
    azattest__cert *certificate;
    azattest__buf key_pem, certificate_pem;
};

static azattest_status make_key(const char *type, azattest__key **out, azattest_error **error)
{
    if (type == NULL || strcmp(type, "rsa") == 0)
        return azattest__key_generate_rsa(2048, out, error);
    if (strcmp(type, "ec") == 0)
        return azattest__key_generate_ec("P-256", out, error);
    azattest__error_set(error, AZATTEST_E_ARGUMENT, "--type is neither rsa nor ec");
    azattest__error_set_hint(*error, "leave it out for rsa, which the service documents");
    return AZATTEST_E_ARGUMENT;
}

static azattest_status write_key(const azattest__arguments *arguments, const azattest__key *key, azattest__buf *out,
                                 azattest_error **error)
{
    azattest_status status;
    azattest__buf passphrase;

    if ((status = azattest__input_passphrase(arguments, &passphrase, error)) == AZATTEST_OK)
        status = passphrase.len == 0 ? azattest__key_private_pem(key, out, error)
                                     : azattest__key_encrypted_pem(key, azattest__buf_bytes(&passphrase), out, error);
    azattest__buf_free(&passphrase);
    return status;
}

static azattest_status make(const azattest__arguments *arguments, struct signing_key *made, azattest_error **error)
{
    azattest_status status;
    int64_t now_s = azattest__clock_now_ms(NULL) / 1000;
    azattest__cert_request request = { .common_name = arguments->value[OPTION_SUBJECT],
                                       .not_before = now_s - DAY_S, /* other machines' clocks may be behind */
                                       .not_after = now_s + 3650 * DAY_S,
                                       .ca = true, /* the service asks it of policy signers */
                                       .path_length = -1 };

    if (request.common_name == NULL)
        request.common_name = "azattest policy signer";
    if ((status = make_key(arguments->value[OPTION_TYPE], &made->key, error)) != AZATTEST_OK ||
        (status = azattest__cert_issue(&request, made->key, NULL, NULL, &made->certificate, error)) != AZATTEST_OK ||
        (status = write_key(arguments, made->key, &made->key_pem, error)) != AZATTEST_OK)
        return status;
    azattest__pem_encode("CERTIFICATE", azattest__cert_der(made->certificate), &made->certificate_pem);
    return azattest__error_from_buf(error, &made->certificate_pem, "certificate");
}

static int report(const azattest__arguments *arguments, const struct signing_key *made)
{
    const char *key = arguments->value[OPTION_OUT_KEY], *certificate = arguments->value[OPTION_OUT_CERTIFICATE];
    azattest__table table = { NULL, 0, false };
    azattest__json *document;

    if (arguments->value[OPTION_JSON] != NULL) {
        document = azattest__json_new_object();
        azattest__json_put_string(document, "kind", "signing_key");
        azattest__json_put_string(document, "key", key);
        azattest__json_put_string(document, "certificate", certificate);
        azattest__json_put_string(document, "type", azattest__key_type(made->key));
        azattest__json_put_string(document, "subject", azattest__cert_subject_cn(made->certificate));
        return azattest__output_json(document, EXIT_VALID);
    }
    azattest__table_row(&table, "Private key", "%s, %s", key, azattest__key_type(made->key));
    azattest__table_row(&table, "Certificate", "%s, CN=%s", certificate, azattest__cert_subject_cn(made->certificate));
    azattest__table_row(&table, "Use with", "azattest emulator --mode isolated --policy-certificate %s", certificate);
    azattest__table_print(&table, NULL);
    return EXIT_VALID;
}

int azattest__command_simulate_signing_key(const azattest__arguments *arguments)
{
    struct signing_key made = { .key = NULL };
    azattest_error *error = NULL;
    const char *key = arguments->value[OPTION_OUT_KEY], *certificate = arguments->value[OPTION_OUT_CERTIFICATE];
    int code;

    azattest__buf_init(&made.key_pem, LIMIT_PEM);
    azattest__buf_init(&made.certificate_pem, 2 * AZATTEST_LIMIT_CERTIFICATE);
    if (make(arguments, &made, &error) == AZATTEST_OK &&
        azattest__file_replace(key, azattest__buf_bytes(&made.key_pem), 0600, &error) == AZATTEST_OK &&
        azattest__file_replace(certificate, azattest__buf_bytes(&made.certificate_pem), 0644, &error) == AZATTEST_OK)
        code = report(arguments, &made);
    else
        code = azattest__output_failure(arguments->value[OPTION_JSON] != NULL, error);
    azattest__buf_free(&made.certificate_pem);
    azattest__buf_free(&made.key_pem);
    azattest__cert_free(made.certificate);
    azattest__key_free(made.key);
    return code;
}
