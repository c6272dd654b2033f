/* azattest certificates list, add, remove. */
#include <stdio.h>
#include <stdlib.h>

#include "administration.h"
#include "commands.h"
#include "input.h"
#include "table.h"

static int print_list(const azattest__arguments *arguments, const azattest_signers *certificates)
{
    size_t count = azattest_signers_count(certificates);
    azattest__json *document, *list;
    char *subject;

    if (arguments->value[OPTION_JSON] != NULL) {
        document = azattest__json_new_object();
        list = azattest__json_new_array();
        for (size_t i = 0; i < count; i++)
            azattest__json_add(list, azattest__signer_json(azattest_signers_at(certificates, i)));
        azattest__json_put(document, "certificates", list);
        return azattest__output_json(document, EXIT_VALID);
    }
    if (count == 0)
        azattest__output_note("the instance has no policy management certificates; isolated instances alone have some");
    for (size_t i = 0; i < count; i++) {
        const azattest_signer *signer = azattest_signers_at(certificates, i);

        subject = azattest__signer_subject(signer);
        printf("# %s\n", subject == NULL ? "?" : subject); /* as openssl writes above its certificates */
        for (size_t j = 0; j < azattest_signer_certificate_count(signer); j++)
            fputs(azattest_signer_certificate_pem(signer, j), stdout);
        free(subject);
    }
    return EXIT_VALID;
}

int azattest__command_certificates_list(const azattest__arguments *arguments)
{
    azattest__administration open;
    azattest_error *error = NULL;
    azattest_status status;
    int code;

    if ((status = azattest__administration_open(arguments, &open, &error)) == AZATTEST_OK)
        status = azattest_admin_client_get_policy_management_certificates(open.client, open.transport, &open.options,
                                                                          &open.response, &error);
    code = status == AZATTEST_OK ? print_list(arguments, azattest_response_certificates(open.response))
                                 : azattest__output_failure(arguments->value[OPTION_JSON] != NULL, error);
    azattest__administration_close(&open);
    return code;
}

static int print_change(const azattest__arguments *arguments,
                        const azattest_policy_certificates_modification_result *result)
{
    const char *thumbprint = azattest_policy_certificates_modification_result_certificate_thumbprint(result);
    const char *resolution = azattest_policy_certificates_modification_result_certificate_resolution(result);
    azattest__table table = { NULL, 0, false };
    azattest__json *document;

    if (arguments->value[OPTION_JSON] != NULL) {
        document = azattest__json_new_object();
        azattest__json_put_string(document, "certificate_thumbprint", thumbprint);
        azattest__json_put_string(document, "certificate_resolution", resolution);
        return azattest__output_json(document, EXIT_VALID);
    }
    azattest__table_text(&table, "certificate", thumbprint);
    azattest__table_text(&table, "now", resolution);
    azattest__table_print(&table, NULL);
    return EXIT_VALID;
}

typedef azattest_status (*change_call)(azattest_admin_client *, azattest_transport *, azattest_bytes,
                                       const azattest_policy_options *, azattest_response **, azattest_error **);

static int change(const azattest__arguments *arguments, change_call call)
{
    azattest__administration open = { .client = NULL };
    azattest_error *error = NULL;
    azattest__buf file;
    azattest_status status;
    int code;

    if ((status = azattest__input_read(arguments->operand, "certificate", AZATTEST_LIMIT_CERTIFICATE, &file, &error)) ==
            AZATTEST_OK &&
        (status = azattest__administration_open(arguments, &open, &error)) == AZATTEST_OK)
        status = call(open.client, open.transport, azattest__buf_bytes(&file), &open.options, &open.response, &error);
    code = status == AZATTEST_OK ? print_change(arguments, azattest_response_certificates_result(open.response))
                                 : azattest__output_failure(arguments->value[OPTION_JSON] != NULL, error);
    azattest__administration_close(&open);
    azattest__buf_free(&file);
    return code;
}

int azattest__command_certificates_add(const azattest__arguments *arguments)
{
    return change(arguments, azattest_admin_client_add_policy_management_certificate);
}

int azattest__command_certificates_remove(const azattest__arguments *arguments)
{
    return change(arguments, azattest_admin_client_remove_policy_management_certificate);
}
