#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <azattest/simulator.h>

#include "base/encoding.h"
#include "commands.h"
#include "error/error.h"
#include "input.h"
#include "table.h"

typedef azattest_status (*simulate_call)(azattest_simulator *, const azattest_simulated_enclave *, unsigned char **,
                                         size_t *, azattest_error **);

/* 32 bytes in hexadecimal; absent when the option was not given. */
static azattest_status read_measurement(const azattest__arguments *arguments, azattest__option option,
                                        azattest__buf *buf, azattest_bytes *bytes, azattest_error **error)
{
    enum { MEASUREMENT_SIZE = 32 };
    const char *text = arguments->value[option];

    azattest__buf_init(buf, MEASUREMENT_SIZE);
    if (text == NULL)
        return AZATTEST_OK;
    if (!azattest__hex_decode(azattest__text(text), buf) || buf->len != MEASUREMENT_SIZE) {
        azattest__error_set(error, AZATTEST_E_ARGUMENT, "%s has %zu characters that should be 64 hexadecimal digits",
                            azattest__option_name(option), strlen(text));
        azattest__error_set_hint(*error, "leave it out for a made-up value");
        return AZATTEST_E_ARGUMENT;
    }
    *bytes = azattest__buf_bytes(buf);
    return AZATTEST_OK;
}

static azattest_status read_number(const azattest__arguments *arguments, azattest__option option, uint16_t *number,
                                   azattest_error **error)
{
    int64_t value = 0;
    azattest_status status = azattest__arguments_number(arguments, option, 0, UINT16_MAX, &value, error);

    *number = (uint16_t)value;
    return status;
}

/* What was made, and how to have it accepted. */
static int report(const azattest__arguments *arguments, const azattest_simulator *simulator, size_t length)
{
    const char *out = arguments->value[OPTION_OUT];
    azattest__table table = { NULL, 0, false };
    azattest__json *document;

    if (strcmp(out, "-") == 0)
        return EXIT_VALID;
    if (arguments->value[OPTION_JSON] != NULL) {
        document = azattest__json_new_object();
        azattest__json_put_string(
            document, "kind", strcmp(arguments->command->name, "sgx-quote") == 0 ? "sgx_quote" : "open_enclave_report");
        azattest__json_put_string(document, "out", out);
        azattest__json_put_integer(document, "size", (int64_t)length);
        azattest__json_put_string(document, "simulator_root", azattest_simulator_root_path(simulator));
        return azattest__output_json(document, EXIT_VALID);
    }
    azattest__table_row(&table, "Simulated", "%s, %zu bytes", out, length);
    azattest__table_text(&table, "Root", azattest_simulator_root_path(simulator));
    azattest__table_row(&table, "Verify with", "azattest evidence verify %s --root %s", out,
                        azattest_simulator_root_path(simulator));
    azattest__table_print(&table, NULL);
    return EXIT_VALID;
}

static azattest_status check_out(const azattest__arguments *arguments, azattest_error **error)
{
    if (strcmp(arguments->value[OPTION_OUT], "-") != 0)
        return AZATTEST_OK;
    if (arguments->value[OPTION_JSON] != NULL)
        azattest__error_set(error, AZATTEST_E_ARGUMENT, "--json and --out - both want standard output");
    else if (isatty(STDOUT_FILENO))
        azattest__error_set(error, AZATTEST_E_ARGUMENT, "standard output is a terminal, the evidence is binary");
    else
        return AZATTEST_OK;
    azattest__error_set_hint(*error, "name a file with --out FILE");
    return AZATTEST_E_ARGUMENT;
}

static int simulate(const azattest__arguments *arguments, simulate_call make)
{
    azattest_simulated_enclave enclave = AZATTEST_SIMULATED_ENCLAVE_INIT;
    azattest__buf mr_enclave = { 0 }, mr_signer = { 0 }, runtime_data = { 0 };
    azattest_simulator *simulator = NULL;
    unsigned char *evidence = NULL;
    size_t length = 0;
    azattest_error *error = NULL;
    int code;

    enclave.debug = arguments->value[OPTION_DEBUG] != NULL ? AZATTEST_ON : AZATTEST_DEFAULT;
    if (check_out(arguments, &error) == AZATTEST_OK &&
        read_measurement(arguments, OPTION_MR_ENCLAVE, &mr_enclave, &enclave.mr_enclave, &error) == AZATTEST_OK &&
        read_measurement(arguments, OPTION_MR_SIGNER, &mr_signer, &enclave.mr_signer, &error) == AZATTEST_OK &&
        read_number(arguments, OPTION_PRODUCT_ID, &enclave.product_id, &error) == AZATTEST_OK &&
        read_number(arguments, OPTION_SVN, &enclave.svn, &error) == AZATTEST_OK &&
        azattest__input_option(arguments, OPTION_RUNTIME_DATA, AZATTEST_LIMIT_RUNTIME_DATA, &runtime_data,
                               &enclave.runtime_data, &error) == AZATTEST_OK &&
        azattest_simulator_open(arguments->value[OPTION_STATE], &simulator, &error) == AZATTEST_OK &&
        make(simulator, &enclave, &evidence, &length, &error) == AZATTEST_OK &&
        azattest__output_file(arguments->value[OPTION_OUT], azattest__bytes(evidence, length), 0644, &error) ==
            AZATTEST_OK)
        code = report(arguments, simulator, length);
    else
        code = azattest__output_failure(arguments->value[OPTION_JSON] != NULL, error);
    azattest_simulator_free_bytes(evidence);
    azattest_simulator_free(simulator);
    azattest__buf_free(&mr_enclave);
    azattest__buf_free(&mr_signer);
    azattest__buf_free(&runtime_data);
    return code;
}

int azattest__command_simulate_sgx_quote(const azattest__arguments *arguments)
{
    return simulate(arguments, azattest_simulator_sgx_quote);
}

int azattest__command_simulate_open_enclave_report(const azattest__arguments *arguments)
{
    return simulate(arguments, azattest_simulator_open_enclave_report);
}
