#include <stdio.h>
#include <string.h>

#include <azattest/transport.h>

#include "commands.h"
#include "connection.h"
#include "error/error.h"
#include "input.h"
#include "login.h"
#include "progress.h"
#include "report.h"

typedef azattest_status (*attest_call)(azattest_client *, azattest_transport *, azattest_bytes,
                                       const azattest_attest_options *, azattest_response **, azattest_error **);

/* What the calls take, and where to send what they do not. */
static const struct service {
    azattest__option evidence;
    const char *kind, *other; /* NULL: the file goes as it is, and the library says what is wrong with it */
    attest_call call;
} sgx_enclave = { OPTION_QUOTE, "sgx_quote", "attest open-enclave --report", azattest_client_attest_sgx_enclave },
  open_enclave = { OPTION_REPORT, "open_enclave_report", "attest sgx-enclave --quote",
                   azattest_client_attest_open_enclave },
  sev_snp_vm = { OPTION_REPORT, NULL, NULL, azattest_client_attest_sev_snp_vm },
  tdx_vm = { OPTION_QUOTE, NULL, NULL, azattest_client_attest_tdx_vm },
  mdep_tz = { OPTION_REPORT, NULL, NULL, azattest_client_attest_mdep_tz };

/* Everything that an attest call reads. */
typedef struct inputs {
    azattest_evidence *evidence;
    azattest_bytes sent;
    azattest__buf file, runtime_data, runtime_json, inittime_data, inittime_json, draft_policy, certificates,
        endorsements;
    azattest_attest_options options;
    azattest_validation_options validation;
} inputs;

static void inputs_clear(inputs *in)
{
    azattest_evidence_free(in->evidence);
    azattest__buf_free(&in->file);
    azattest__buf_free(&in->certificates);
    azattest__buf_free(&in->endorsements);
    azattest__buf_free(&in->runtime_data);
    azattest__buf_free(&in->runtime_json);
    azattest__buf_free(&in->inittime_data);
    azattest__buf_free(&in->inittime_json);
    azattest__buf_free(&in->draft_policy);
}

static azattest_status read_evidence(const azattest__arguments *arguments, const struct service *service, inputs *in,
                                     azattest_error **error)
{
    azattest_status status;

    if (service->kind == NULL)
        return azattest__input_option(arguments, service->evidence, AZATTEST_LIMIT_EVIDENCE_FILE, &in->file, &in->sent,
                                      error);
    if ((status = azattest__input_evidence(arguments->value[service->evidence], &in->evidence, error)) != AZATTEST_OK)
        return status;
    in->sent = azattest_evidence_raw(in->evidence);
    if (strcmp(azattest_evidence_kind(in->evidence), service->kind) != 0) {
        char hint[128];

        azattest__error_set(error, AZATTEST_E_ARGUMENT, "the file holds an evidence of kind %s, not %s",
                            azattest_evidence_kind(in->evidence), service->kind);
        snprintf(hint, sizeof(hint), "use 'azattest %s FILE'", service->other);
        azattest__error_set_hint(*error, hint);
        return AZATTEST_E_ARGUMENT;
    }
    if (azattest_evidence_held_data(in->evidence).ptr != NULL && arguments->value[OPTION_RUNTIME_DATA] == NULL &&
        arguments->value[OPTION_RUNTIME_JSON] == NULL)
        azattest__output_note("the document holds held data of %zu bytes too, which is not sent; give it with "
                              "--runtime-data to have the service bind it",
                              azattest_evidence_held_data(in->evidence).len);
    return AZATTEST_OK;
}

static azattest_status read_inputs(const azattest__arguments *arguments, const struct service *service, inputs *in,
                                   azattest_error **error)
{
    const struct {
        azattest__option option;
        azattest__buf *buf;
        azattest_bytes *bytes;
    } files[] = {
        { OPTION_RUNTIME_DATA, &in->runtime_data, &in->options.runtime_data },
        { OPTION_RUNTIME_JSON, &in->runtime_json, &in->options.runtime_json },
        { OPTION_INITTIME_DATA, &in->inittime_data, &in->options.inittime_data },
        { OPTION_INITTIME_JSON, &in->inittime_json, &in->options.inittime_json },
        { OPTION_CERTIFICATES, &in->certificates, &in->options.vcek_chain },
        { OPTION_ENDORSEMENTS, &in->endorsements, &in->options.endorsements },
    };
    azattest_bytes policy;
    azattest_status status;

    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
        if ((status = azattest__input_option(arguments, files[i].option, AZATTEST_LIMIT_RUNTIME_DATA, files[i].buf,
                                             files[i].bytes, error)) != AZATTEST_OK)
            return status;
    if ((status = azattest__input_option(arguments, OPTION_DRAFT_POLICY, AZATTEST_LIMIT_POLICY, &in->draft_policy,
                                         &policy, error)) != AZATTEST_OK)
        return status;
    if (policy.ptr != NULL && memchr(policy.ptr, 0, policy.len) != NULL)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT,
                                   "--draft-policy: the file is no text: it has a NUL byte");
    in->options.draft_policy = policy.ptr;
    in->options.nonce = arguments->value[OPTION_NONCE];
    return read_evidence(arguments, service, in, error);
}

/* A token that was refused is a verdict; everything else is a failed call. */
static int finish(const azattest__arguments *arguments, const inputs *in, azattest_status status,
                  azattest_response *response, azattest_error *error)
{
    bool json = arguments->value[OPTION_JSON] != NULL;
    azattest__report report = { .attested = true, .now_ms = in->validation.now_ms, .response = response };
    int code;

    if (status != AZATTEST_OK && !azattest__is_token_verdict(status))
        return azattest__output_failure(json, error);
    report.error = error;
    report.token = azattest_response_token(response);
    if (status == AZATTEST_OK && azattest_response_is_draft(response))
        report.verdict = VERDICT_UNVERIFIED;
    else /* asked twice, since a wrong "valid" is the worst thing to print */
        report.verdict =
            status == AZATTEST_OK && azattest_token_is_validated(report.token) ? VERDICT_VALID : VERDICT_INVALID;
    code = azattest__report_token(&report, json);
    azattest_error_free(error);
    return code;
}

static int attest(const azattest__arguments *arguments, const struct service *service)
{
    azattest_client_options client_options = AZATTEST_CLIENT_OPTIONS_INIT;
    inputs in = { .options = AZATTEST_ATTEST_OPTIONS_INIT, .validation = AZATTEST_VALIDATION_OPTIONS_INIT };
    azattest_credential *credential = NULL;
    azattest_client *client = NULL;
    azattest_transport *transport = NULL;
    azattest_response *response = NULL;
    azattest_error *error = NULL;
    const char *endpoint, *issuer[1];
    azattest_status status;
    int code;

    if ((status = azattest__endpoint(arguments, &endpoint, &error)) == AZATTEST_OK &&
        (status = azattest__validation_options(arguments, issuer, &in.validation, &error)) == AZATTEST_OK &&
        (status = azattest__client_options(arguments, &client_options, &error)) == AZATTEST_OK &&
        (status = azattest__login(arguments, azattest__attest_login(arguments), &client_options, &credential,
                                  &error)) == AZATTEST_OK &&
        (status = azattest_client_new(endpoint, &client_options, &client, &error)) == AZATTEST_OK &&
        (status = read_inputs(arguments, service, &in, &error)) == AZATTEST_OK &&
        (status = azattest__connect(arguments, &transport, &error)) == AZATTEST_OK) {
        in.validation.expected_nonce = NULL; /* the call itself expects the nonce that it sends */
        in.options.validation = &in.validation;
        azattest__progress_begin();
        status = service->call(client, transport, in.sent, &in.options, &response, &error);
    }
    azattest__login_explain(&client_options, error);
    code = finish(arguments, &in, status, response, error);
    azattest_response_free(response);
    azattest_transport_free(transport);
    azattest_client_free(client);
    azattest_credential_free(credential);
    inputs_clear(&in);
    return code;
}

int azattest__command_attest_sgx_enclave(const azattest__arguments *arguments)
{
    return attest(arguments, &sgx_enclave);
}

int azattest__command_attest_open_enclave(const azattest__arguments *arguments)
{
    return attest(arguments, &open_enclave);
}

int azattest__command_attest_sev_snp_vm(const azattest__arguments *arguments)
{
    return attest(arguments, &sev_snp_vm);
}

int azattest__command_attest_tdx_vm(const azattest__arguments *arguments)
{
    return attest(arguments, &tdx_vm);
}

int azattest__command_attest_mdep_tz(const azattest__arguments *arguments)
{
    return attest(arguments, &mdep_tz);
}
