/* azattest simulate: evidence of made-up machines, and its collateral. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/encoding.h"
#include "commands.h"
#include "error/error.h"
#include "input.h"
#include "simulated.h"
#include "table.h"

typedef struct make_job {
    azattest_simulator *simulator;
    azattest__simulated in;
    azattest_bytes key;
    const char *subject;
    unsigned char *bytes;
    size_t length;
} make_job;

typedef struct make_kind {
    const char *name; /* of the evidence, as the library calls it */
    unsigned sets;
    azattest_status (*make)(make_job *made, azattest_error **error);
} make_kind;

static azattest_status make_sgx_quote(make_job *made, azattest_error **error)
{
    return azattest_simulator_sgx_quote(made->simulator, &made->in.enclave, &made->bytes, &made->length, error);
}

static azattest_status make_open_enclave_report(make_job *made, azattest_error **error)
{
    return azattest_simulator_open_enclave_report(made->simulator, &made->in.enclave, &made->bytes, &made->length,
                                                  error);
}

/* The runtime data are the custom claims of the format that has them. */
static azattest_status make_open_enclave_evidence(make_job *made, azattest_error **error)
{
    return azattest_simulator_open_enclave_evidence(made->simulator, &made->in.enclave,
                                                    made->in.form == NULL ? "sgx_ecdsa" : made->in.form,
                                                    made->in.enclave.runtime_data, &made->bytes, &made->length, error);
}

static azattest_status make_tdx_quote(make_job *made, azattest_error **error)
{
    return azattest_simulator_tdx_quote(made->simulator, &made->in.td, &made->bytes, &made->length, error);
}

static azattest_status make_td_report(make_job *made, azattest_error **error)
{
    return azattest_simulator_td_report(made->simulator, &made->in.td, &made->bytes, &made->length, error);
}

static azattest_status make_snp_report(make_job *made, azattest_error **error)
{
    return azattest_simulator_snp_report(made->simulator, &made->in.guest, &made->bytes, &made->length, error);
}

static azattest_status make_hcl_report(make_job *made, azattest_error **error)
{
    return azattest_simulator_hcl_report(made->simulator, &made->in.vm, &made->bytes, &made->length, error);
}

static azattest_status make_tpm_quote(make_job *made, azattest_error **error)
{
    return azattest_simulator_azure_guest(made->simulator, &made->in.vm, "tpm_quote", &made->bytes, &made->length,
                                          error);
}

static azattest_status make_azure_guest(make_job *made, azattest_error **error)
{
    return azattest_simulator_azure_guest(made->simulator, &made->in.vm, made->in.form, &made->bytes, &made->length,
                                          error);
}

static azattest_status make_attested_certificate(make_job *made, azattest_error **error)
{
    return azattest_simulator_attested_certificate(
        made->simulator, &made->in.enclave, made->key, made->in.form,
        made->subject == NULL ? "https://simulated.attest.example" : made->subject, &made->bytes, &made->length, error);
}

static azattest_status make_collateral(make_job *made, azattest_error **error)
{
    const char *tee = made->in.tee == NULL ? "sgx" : made->in.tee;

    return made->in.item == NULL
               ? azattest_simulator_collateral(made->simulator, &made->in.platform, tee, &made->bytes, &made->length,
                                               error)
               : azattest_simulator_collateral_item(made->simulator, &made->in.platform, tee, made->in.item,
                                                    &made->bytes, &made->length, NULL, error);
}

/* Does an AMD-like root vouch for it? */
static bool is_amd(const make_kind *kind, const azattest__simulated *in)
{
    if ((kind->sets & SETS_COLLATERAL) != 0)
        return in->tee != NULL && strcmp(in->tee, "snp") == 0;
    if ((kind->sets & SETS_VM) != 0)
        return in->vm.tee == NULL || strcmp(in->vm.tee, "snp") == 0;
    return (kind->sets & SETS_GUEST) != 0;
}

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
static int report(const azattest__arguments *arguments, const make_kind *kind, const char *root, size_t length)
{
    const char *out = arguments->value[OPTION_OUT];
    azattest__table table = { NULL, 0, false };
    azattest__json *document;

    if (strcmp(out, "-") == 0)
        return EXIT_VALID;
    if (arguments->value[OPTION_JSON] != NULL) {
        document = azattest__json_new_object();
        azattest__json_put_string(document, "kind", kind->name);
        azattest__json_put_string(document, "out", out);
        azattest__json_put_integer(document, "size", (int64_t)length);
        azattest__json_put_string(document, "simulator_root", root);
        return azattest__output_json(document, EXIT_VALID);
    }
    azattest__table_row(&table, "Simulated", "%s, %zu bytes", out, length);
    azattest__table_text(&table, "Root", root);
    if ((kind->sets & SETS_COLLATERAL) != 0)
        azattest__table_row(&table, "Verify with", "azattest evidence verify EVIDENCE --root %s --collateral %s", root,
                            out);
    else
        azattest__table_row(&table, "Verify with", "azattest evidence verify %s --root %s", out, root);
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

/* The file of the roots that are wanted, in a new text: AMD's are made with it. */
static azattest_status find_root(azattest_simulator *simulator, bool amd, char **root, azattest_error **error)
{
    const char *first = azattest_simulator_root_path(simulator);
    unsigned char *pem = NULL;
    azattest_status status = AZATTEST_OK;
    size_t len;

    if (amd && (status = azattest_simulator_roots_pem(simulator, &pem, &len, error)) != AZATTEST_OK)
        return status;
    azattest_simulator_free_bytes(pem);
    if (amd ? asprintf(root, "%.*ssimulator-roots.pem", (int)(strrchr(first, '/') + 1 - first), first) < 0
            : asprintf(root, "%s", first) < 0) {
        *root = NULL;
        return azattest__error_memory(error);
    }
    return AZATTEST_OK;
}

static int simulate(const azattest__arguments *arguments, const make_kind *kind)
{
    azattest__buf mr_enclave = { 0 }, mr_signer = { 0 }, runtime_data = { 0 }, key = { 0 };
    make_job made = { .simulator = NULL };
    azattest_error *error = NULL;
    azattest_bytes data = { NULL, 0 };
    char *root = NULL;
    int code;

    azattest__simulated_init(&made.in);
    made.subject = arguments->value[OPTION_SUBJECT];
    made.in.enclave.debug = arguments->value[OPTION_DEBUG] != NULL ? AZATTEST_ON : AZATTEST_DEFAULT;
    made.in.td.debug = made.in.guest.debug = made.in.enclave.debug;
    if (check_out(arguments, &error) == AZATTEST_OK &&
        azattest__simulated_read(arguments, kind->sets, &made.in, &error) == AZATTEST_OK &&
        read_measurement(arguments, OPTION_MR_ENCLAVE, &mr_enclave, &made.in.enclave.mr_enclave, &error) ==
            AZATTEST_OK &&
        read_measurement(arguments, OPTION_MR_SIGNER, &mr_signer, &made.in.enclave.mr_signer, &error) == AZATTEST_OK &&
        read_number(arguments, OPTION_PRODUCT_ID, &made.in.enclave.product_id, &error) == AZATTEST_OK &&
        read_number(arguments, OPTION_SVN, &made.in.enclave.svn, &error) == AZATTEST_OK &&
        azattest__input_option(arguments, OPTION_KEY, 65536, &key, &made.key, &error) == AZATTEST_OK &&
        azattest__input_option(arguments, OPTION_RUNTIME_DATA, AZATTEST_LIMIT_RUNTIME_DATA, &runtime_data, &data,
                               &error) == AZATTEST_OK &&
        azattest_simulator_open(arguments->value[OPTION_STATE], &made.simulator, &error) == AZATTEST_OK &&
        (made.in.enclave.runtime_data = made.in.td.runtime_data = made.in.guest.runtime_data = data,
         kind->make(&made, &error)) == AZATTEST_OK &&
        find_root(made.simulator, is_amd(kind, &made.in), &root, &error) == AZATTEST_OK &&
        azattest__output_file(arguments->value[OPTION_OUT], azattest__bytes(made.bytes, made.length), 0644, &error) ==
            AZATTEST_OK)
        code = report(arguments, kind, root, made.length);
    else
        code = azattest__output_failure(arguments->value[OPTION_JSON] != NULL, error);
    free(root);
    azattest_simulator_free_bytes(made.bytes);
    azattest_simulator_free(made.simulator);
    azattest__simulated_clear(&made.in);
    azattest__buf_free(&mr_enclave);
    azattest__buf_free(&mr_signer);
    azattest__buf_free(&runtime_data);
    azattest__buf_free(&key);
    return code;
}

#define COMMAND(word, kind_name, sets)                                                                                 \
    int azattest__command_simulate_##word(const azattest__arguments *arguments)                                        \
    {                                                                                                                  \
        static const make_kind kind = { kind_name, sets, make_##word };                                                \
                                                                                                                       \
        return simulate(arguments, &kind);                                                                             \
    }

COMMAND(sgx_quote, "sgx_quote", SETS_ENCLAVE)
COMMAND(open_enclave_report, "open_enclave_report", SETS_ENCLAVE)
COMMAND(open_enclave_evidence, "open_enclave_report", SETS_ENCLAVE | SETS_FORM)
COMMAND(tdx_quote, "tdx_quote", SETS_TD)
COMMAND(td_report, "td_report", SETS_TD)
COMMAND(snp_report, "snp_report", SETS_GUEST)
COMMAND(hcl_report, "hcl_report", SETS_VM | SETS_GUEST | SETS_TD)
COMMAND(tpm_quote, "tpm_quote", SETS_VM)
COMMAND(azure_guest, "azure_guest", SETS_VM | SETS_GUEST | SETS_TD | SETS_FORM)
COMMAND(attested_certificate, "attested_certificate", SETS_ENCLAVE | SETS_FORM)
COMMAND(collateral, "collateral", SETS_COLLATERAL)
