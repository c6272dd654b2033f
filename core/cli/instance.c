/* azattest metadata, and azattest defaults. */
#include "base/clock.h"
#include "commands.h"
#include "connection.h"
#include "error/error.h"
#include "progress.h"
#include "table.h"

/* A JSON object as it is, or as a table. */
static int print_object(const azattest__arguments *arguments, azattest_bytes json)
{
    azattest__table table = { NULL, 0, false };
    azattest__json *document = NULL;
    azattest_error *error = NULL;

    if (azattest__json_parse(json, &document, &error) != AZATTEST_OK)
        return azattest__output_failure(arguments->value[OPTION_JSON] != NULL, error);
    if (arguments->value[OPTION_JSON] != NULL)
        return azattest__output_json(document, EXIT_VALID);
    azattest__table_members(&table, document, NULL, azattest__clock_now_ms(NULL) / 1000);
    azattest__table_print(&table, NULL);
    azattest__json_free(document);
    return EXIT_VALID;
}

int azattest__command_metadata(const azattest__arguments *arguments)
{
    azattest_client_options options = AZATTEST_CLIENT_OPTIONS_INIT;
    azattest_transport *transport = NULL;
    azattest_metadata *metadata = NULL;
    azattest_client *client = NULL;
    azattest_error *error = NULL;
    const char *endpoint;
    azattest_status status;
    int code;

    if ((status = azattest__endpoint(arguments, &endpoint, &error)) == AZATTEST_OK &&
        (status = azattest__client_options(arguments, &options, &error)) == AZATTEST_OK &&
        (status = azattest_client_new(endpoint, &options, &client, &error)) == AZATTEST_OK &&
        (status = azattest__connect(arguments, &transport, &error)) == AZATTEST_OK) {
        azattest__progress_begin();
        status = azattest_client_get_open_id_metadata(client, transport, &metadata, &error);
    }
    code = status == AZATTEST_OK ? print_object(arguments, azattest_metadata_json(metadata))
                                 : azattest__output_failure(arguments->value[OPTION_JSON] != NULL, error);
    azattest_metadata_free(metadata);
    azattest_client_free(client);
    azattest_transport_free(transport);
    return code;
}

int azattest__command_defaults(const azattest__arguments *arguments)
{
    return print_object(arguments, azattest__text(azattest_defaults()));
}
