/* The attest calls: evidence is looked at first, then sent; the token that comes back must be about it. */
#include "op.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <azattest/evidence.h>

#include "../base/encoding.h"

/* A quoted hexadecimal string, as the service writes measurements. */
static azattest_status put_hex(azattest__measurements *out, const char *name, azattest_bytes data,
                               azattest_error **error)
{
    azattest_status status;
    azattest__buf text;

    azattest__buf_init(&text, sizeof(out->values[0]) - 1);
    azattest__buf_append_text(&text, "\"");
    azattest__hex_encode(data, &text);
    azattest__buf_append_text(&text, "\"");
    if ((status = azattest__error_from_buf(error, &text, name)) == AZATTEST_OK) {
        memcpy(out->values[out->count], text.ptr, text.len + 1);
        out->claims[out->count].name = name;
        out->claims[out->count].value_json = out->values[out->count];
        out->count++;
    }
    azattest__buf_free(&text);
    return status;
}

static void put_text(azattest__measurements *out, const char *name, const char *text)
{
    snprintf(out->values[out->count], sizeof(out->values[0]), "%s", text);
    out->claims[out->count].name = name;
    out->claims[out->count].value_json = out->values[out->count];
    out->count++;
}

static void put_number(azattest__measurements *out, const char *name, int number)
{
    char text[16];

    snprintf(text, sizeof(text), "%d", number);
    put_text(out, name, text);
}

static azattest_status measure(const azattest_evidence *evidence, azattest__measurements *out, azattest_error **error)
{
    azattest_status status;

    if ((status = put_hex(out, "x-ms-sgx-mrenclave", azattest_evidence_mr_enclave(evidence), error)) != AZATTEST_OK ||
        (status = put_hex(out, "x-ms-sgx-mrsigner", azattest_evidence_mr_signer(evidence), error)) != AZATTEST_OK ||
        (status = put_hex(out, "x-ms-sgx-report-data", azattest_evidence_report_data(evidence), error)) != AZATTEST_OK)
        return status;
    put_number(out, "x-ms-sgx-product-id", azattest_evidence_product_id(evidence));
    put_number(out, "x-ms-sgx-svn", azattest_evidence_svn(evidence));
    put_text(out, "x-ms-sgx-is-debuggable", azattest_evidence_is_debuggable(evidence) ? "true" : "false");
    return AZATTEST_OK;
}

static azattest_status check_binding(const azattest__attest_call *call, const azattest_evidence *evidence,
                                     const azattest_attest_options *options, azattest_error **error)
{
    azattest_bytes data = options->runtime_data.ptr != NULL ? options->runtime_data : options->runtime_json;
    azattest_status status;

    if (data.ptr == NULL || options->check_binding == AZATTEST_OFF)
        return AZATTEST_OK;
    if ((status = azattest_evidence_check_binding(evidence, data, error)) != AZATTEST_OK)
        azattest__error_prefix(error, "%s, before sending", call->what);
    return status;
}

/* Evidence that cannot be parsed is sent all the same: the service judges it. Then nothing is known to compare the
 * token with, and the log says so. */
static azattest_status look_at_evidence(const azattest__attest_call *call, azattest_bytes raw,
                                        const azattest_attest_options *options, azattest__measurements *out,
                                        azattest_error **error)
{
    azattest_evidence *evidence = NULL;
    azattest_error *reason = NULL;
    azattest_status status = azattest_evidence_parse(raw, &evidence, &reason);

    if (status == AZATTEST_E_MEMORY) {
        status = azattest__error_memory(error);
    } else if (status != AZATTEST_OK) {
        azattest__log(AZATTEST_LOG_WARNING,
                      "%s: the %s is sent unread, and the token's measurements cannot be compared with it: %s",
                      call->what, call->member, azattest_error_message(reason));
        status = AZATTEST_OK;
    } else if (strcmp(azattest_evidence_kind(evidence), call->evidence_kind) != 0) {
        bool quote = strcmp(azattest_evidence_kind(evidence), "sgx_quote") == 0;

        status = azattest__error_set(error, AZATTEST_E_ARGUMENT, "%s takes %s, and this is %s: use %s", call->what,
                                     call->evidence_text, quote ? "an SGX quote" : "an Open Enclave report",
                                     quote ? "attest_sgx_enclave" : "attest_open_enclave");
    } else if ((status = check_binding(call, evidence, options, error)) == AZATTEST_OK) {
        status = measure(evidence, out, error);
    }
    azattest_error_free(reason);
    azattest_evidence_free(evidence);
    return status;
}

/* What was sent replaces what was expected, so the two must not differ: the caller's own check would be left out. */
static azattest_status check_expected(const azattest__attest_call *call, const azattest_attest_options *options,
                                      const azattest_validation_options *wanted, azattest_error **error)
{
    bool sends_data = options->runtime_data.ptr != NULL || options->runtime_json.ptr != NULL;
    bool wants_data = wanted->expected_runtime_data.ptr != NULL || wanted->expected_runtime_json.ptr != NULL;

    if (options->nonce != NULL && wanted->expected_nonce != NULL && strcmp(options->nonce, wanted->expected_nonce) != 0)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT,
                                   "%s: expected_nonce is not the nonce that is sent; leave it out, what is sent is "
                                   "expected anyway",
                                   call->what);
    if (sends_data && wants_data &&
        (!azattest__bytes_equal(options->runtime_data, wanted->expected_runtime_data) ||
         !azattest__bytes_equal(options->runtime_json, wanted->expected_runtime_json)))
        return azattest__error_set(error, AZATTEST_E_ARGUMENT,
                                   "%s: the runtime data that are expected are not those that are sent; leave them "
                                   "out, what is sent is expected anyway",
                                   call->what);
    return AZATTEST_OK;
}

/* The caller's options, and on top of them what was sent. */
static azattest_status expect(azattest_op *op, const azattest__attest_call *call,
                              const azattest_attest_options *options, azattest_error **error)
{
    azattest_validation_options sent = AZATTEST_VALIDATION_OPTIONS_INIT;
    azattest__validation wanted;
    azattest_status status;

    status = azattest__validation_merge(&op->instance->validation.options, options->validation, &wanted, error);
    if (status != AZATTEST_OK)
        return status;
    sent.expected_nonce = options->nonce;
    sent.expected_runtime_data = options->runtime_data;
    sent.expected_runtime_json = options->runtime_json;
    if (wanted.options.expected_type == NULL)
        sent.expected_type = call->token_type;
    if ((status = check_expected(call, options, &wanted.options, error)) == AZATTEST_OK)
        status = azattest__validation_own(&wanted.options, &sent, &op->validation, &op->signers, error);
    azattest__validation_clear(&wanted);
    return status;
}

static azattest_status own_text(const char *text, char **out, azattest_error **error)
{
    *out = azattest__dup_text(text);
    return text != NULL && *out == NULL ? azattest__error_memory(error) : AZATTEST_OK;
}

azattest_status azattest__op_receive_token(azattest_op *op, const azattest_http_response *response,
                                           azattest_error **error)
{
    azattest_status status;
    char *text = NULL;

    op->status_code = response->status;
    op->call_attempts = op->attempts;
    if ((status = own_text(azattest__response_header(response, "x-ms-request-id"), &op->request_id, error)) !=
            AZATTEST_OK ||
        (status = own_text(response->reason, &op->reason, error)) != AZATTEST_OK ||
        (status = azattest__attest_reply(response, op->what, &text, error)) != AZATTEST_OK)
        goto done;
    if ((status = azattest_token_parse(azattest__text(text), &op->token, error)) != AZATTEST_OK) {
        azattest__error_prefix(error, "%s: the service's answer", op->what);
        goto done;
    }
    op->moment = azattest__key_cache_moment(&op->instance->cache);
    op->state = AZATTEST__OP_KEYS;
done:
    azattest__wipe(text, text == NULL ? 0 : strlen(text));
    free(text);
    return status;
}

azattest_status azattest__op_attest(azattest__instance *instance, const azattest__attest_call *call,
                                    azattest_bytes evidence, const azattest_attest_options *options, azattest_op **out,
                                    azattest_error **error)
{
    azattest_op *op = NULL;
    azattest_status status;

    *out = NULL;
    if ((status = azattest__attest_check(call, evidence, options, error)) != AZATTEST_OK ||
        (status = azattest__op_new(instance, &op, error)) != AZATTEST_OK ||
        (status = look_at_evidence(call, evidence, options, &op->measurements, error)) != AZATTEST_OK ||
        (status = expect(op, call, options, error)) != AZATTEST_OK ||
        (status = own_text(options->client_request_id, &op->client_request_id, error)) != AZATTEST_OK ||
        (status = azattest__attest_request(call, instance->endpoint.text, instance->api_version, evidence, options,
                                           &op->request, error)) != AZATTEST_OK ||
        (status = azattest__op_exchange(op, call->what, azattest__op_receive_token, error)) != AZATTEST_OK)
        goto done;
    op->sent_draft = options->draft_policy != NULL;
    *out = op;
    op = NULL;
done:
    azattest_op_free(op);
    return status;
}
