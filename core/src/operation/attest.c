/* The attest calls: evidence is looked at first, then sent; the token that comes back must be about it. */
#include "op.h"

#include <stdlib.h>
#include <string.h>

#include <azattest/limits.h>

#include "../protocol/snp_document.h"

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

/* The claim in which the service repeats binary runtime data is established for enclaves alone. Elsewhere the report
 * data does its work: it is among the measurements that the token must repeat, and was seen to bind the data before
 * they were sent. Where that was not looked at, the enclaves' claim is asked for all the same: a token that says
 * nothing of the data is not about them. */
static bool claim_is_expected(const azattest__attest_call *call, bool bound)
{
    return !bound || (call->token_type != NULL && strcmp(call->token_type, "sgx") == 0);
}

/* The caller's options, and on top of them what was sent. */
static azattest_status expect(azattest_op *op, const azattest__attest_call *call,
                              const azattest_attest_options *options, bool bound, azattest_error **error)
{
    azattest_validation_options sent = AZATTEST_VALIDATION_OPTIONS_INIT;
    azattest__validation wanted;
    azattest_status status;

    status = azattest__validation_merge(&op->instance->validation.options, options->validation, &wanted, error);
    if (status != AZATTEST_OK)
        return status;
    sent.expected_nonce = options->nonce;
    if (claim_is_expected(call, bound))
        sent.expected_runtime_data = options->runtime_data;
    sent.expected_runtime_json = options->runtime_json;
    if (wanted.options.expected_type == NULL)
        sent.expected_type = call->token_type;
    if (options->draft_policy != NULL && wanted.options.allow_unsecured == AZATTEST_OFF)
        status = azattest__error_set(error, AZATTEST_E_ARGUMENT,
                                     "%s: the reply to a draft_policy is unsecured by design, and allow_unsecured is "
                                     "off: leave one of the two out",
                                     call->what);
    else if (options->draft_policy != NULL && wanted.options.verify_service_evidence == AZATTEST_ON)
        status = azattest__error_set(error, AZATTEST_E_ARGUMENT,
                                     "%s: the reply to a draft_policy is unsecured by design: no key signs it whose "
                                     "enclave verify_service_evidence could look at; leave one of the two out",
                                     call->what);
    else if ((status = check_expected(call, options, &wanted.options, error)) == AZATTEST_OK)
        status = azattest__validation_own(&wanted.options, &sent, &op->validation, &op->lent, error);
    azattest__validation_clear(&wanted);
    return status;
}

azattest_status azattest__op_receive_token(azattest_op *op, const azattest_http_response *response,
                                           azattest_error **error)
{
    azattest_status status;
    azattest__buf text;

    azattest__buf_init(&text, AZATTEST_LIMIT_RESPONSE);
    op->status_code = response->status;
    op->call_attempts = op->attempts;
    if ((status = azattest__own_text(azattest__response_header(response, "x-ms-request-id"), &op->request_id, error)) !=
            AZATTEST_OK ||
        (status = azattest__own_text(response->reason, &op->reason, error)) != AZATTEST_OK ||
        (status = azattest__attest_reply(response, op->what, op->instance->api_version, &text, error)) != AZATTEST_OK)
        goto done;
    if ((status = azattest_token_parse(azattest__buf_bytes(&text), &op->token, error)) != AZATTEST_OK) {
        azattest__error_prefix(error, "%s: the service's answer", op->what);
        goto done;
    }
    op->moment = azattest__key_cache_moment(&op->instance->cache);
    op->state = AZATTEST__OP_KEYS;
done:
    azattest__buf_free(&text);
    return status;
}

static azattest_status receive_text(azattest_op *op, const azattest_http_response *response, azattest_error **error)
{
    azattest_status status;
    azattest__buf text;

    azattest__buf_init(&text, AZATTEST_LIMIT_RESPONSE);
    if ((status = azattest__attest_text_reply(op->call, response, &text, error)) == AZATTEST_OK) {
        azattest__buf_grow(&text, 0); /* nothing at all is text, too */
        if ((status = azattest__error_from_buf(error, &text, op->what)) == AZATTEST_OK) {
            op->result_text = (char *)azattest__buf_take(&text, &op->result_text_len);
            op->state = AZATTEST__OP_DONE;
        }
    }
    azattest__buf_free(&text);
    return status;
}

/* The first preview answers nobody without a token. */
static azattest_status check_identity(const azattest__attest_call *call, const azattest__instance *instance,
                                      azattest_error **error)
{
    if (azattest__api_version_bit(instance->api_version) != AZATTEST__2018_09_PREVIEW ||
        azattest__instance_has_credential(instance))
        return AZATTEST_OK;
    return azattest__error_set(
        error, AZATTEST_E_ARGUMENT,
        "%s: in api-version %s every call needs an access token: give the client a credential, or "
        "a later api_version",
        call->what, instance->api_version);
}

/* Report and certificates become one document; everything else is sent as it is. */
static azattest_status make_evidence(const azattest__attest_call *call, azattest_bytes evidence,
                                     const azattest_attest_options *options, azattest__snp_document *document,
                                     azattest_bytes *sent, azattest_bytes *looked_at, azattest_error **error)
{
    azattest_status status;

    *sent = *looked_at = evidence;
    if ((call->takes & AZATTEST__TAKES_CERTIFICATES) == 0)
        return AZATTEST_OK;
    status =
        azattest__snp_document_make(call->what, evidence, options->vcek_chain, options->endorsements, document, error);
    *sent = azattest__buf_bytes(&document->text);
    *looked_at = azattest__buf_bytes(&document->report);
    return status;
}

azattest_status azattest__op_attest(azattest__instance *instance, const azattest__attest_call *call,
                                    azattest_bytes evidence, const azattest_attest_options *options, azattest_op **out,
                                    azattest_error **error)
{
    bool gives_token = call->answer == AZATTEST__ANSWER_TOKEN, bound = false;
    azattest__snp_document document;
    azattest__evidence_rules rules;
    azattest_bytes sent, looked_at;
    azattest_op *op = NULL;
    azattest_status status;

    *out = NULL;
    azattest__snp_document_init(&document);
    if ((status = azattest__attest_check(call, instance->api_version, evidence, options, error)) != AZATTEST_OK ||
        (status = check_identity(call, instance, error)) != AZATTEST_OK ||
        (status = azattest__evidence_rules_take(call, instance, options, &rules, error)) != AZATTEST_OK ||
        (status = make_evidence(call, evidence, options, &document, &sent, &looked_at, error)) != AZATTEST_OK ||
        (status = azattest__op_new(instance, &op, error)) != AZATTEST_OK ||
        (status = azattest__op_identify(op, options->client_request_id, options->traceparent, options->log_level,
                                        error)) != AZATTEST_OK ||
        (status = azattest__look_at_evidence(call, instance, looked_at, options, &rules, op->log_level,
                                             &op->measurements, &bound, error)) != AZATTEST_OK ||
        (status = azattest__check_evidence(call, instance, sent, &rules, op->log_level, error)) != AZATTEST_OK ||
        (gives_token && (status = expect(op, call, options, bound, error)) != AZATTEST_OK) ||
        (status = azattest__attest_request(call, instance->endpoint.text, instance->api_version, sent, options,
                                           &op->request, error)) != AZATTEST_OK ||
        (status = azattest__op_exchange(op, call->what, gives_token ? azattest__op_receive_token : receive_text,
                                        error)) != AZATTEST_OK)
        goto done;
    op->call = call;
    op->sent_draft = options->draft_policy != NULL && gives_token;
    *out = op;
    op = NULL;
done:
    azattest__snp_document_clear(&document);
    azattest_op_free(op);
    return status;
}
