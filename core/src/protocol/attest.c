/* POST /attest/SgxEnclave and /attest/OpenEnclave. */
#include "attest.h"

#include <stdio.h>
#include <string.h>

#include <azattest/limits.h>

#include "../base/encoding.h"

const azattest__attest_call azattest__attest_sgx_enclave = {
    .what = "attest SGX enclave",
    .path = "/attest/SgxEnclave",
    .member = "quote",
    .evidence_kind = "sgx_quote",
    .evidence_text = "an SGX quote",
    .token_type = "sgx",
};
const azattest__attest_call azattest__attest_open_enclave = {
    .what = "attest Open Enclave",
    .path = "/attest/OpenEnclave",
    .member = "report",
    .evidence_kind = "open_enclave_report",
    .evidence_text = "an Open Enclave report",
    .token_type = "sgx", /* the service says "sgx" for both */
};

static azattest_status wrong(const azattest__attest_call *call, azattest_error **error, const char *reason)
{
    return azattest__error_set(error, AZATTEST_E_ARGUMENT, "%s: %s", call->what, reason);
}

static azattest_status check_size(const azattest__attest_call *call, const char *name, azattest_bytes data,
                                  size_t limit, azattest_error **error)
{
    if (data.ptr == NULL && data.len > 0)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT, "%s: %s has a length and no bytes", call->what, name);
    if (data.len > limit)
        return azattest__error_set(error, AZATTEST_E_LIMIT, "%s: %s has %zu bytes, more than %zu", call->what, name,
                                   data.len, limit);
    return AZATTEST_OK;
}

static azattest_status check_text(const azattest__attest_call *call, const char *name, const char *text, size_t limit,
                                  azattest_error **error)
{
    azattest_status status = check_size(call, name, azattest__text(text), limit, error);

    if (status == AZATTEST_OK && text != NULL && !azattest__utf8_valid(azattest__text(text)))
        status = azattest__error_set(error, AZATTEST_E_ARGUMENT, "%s: %s is not UTF-8", call->what, name);
    return status;
}

/* Presence is what counts: empty data is data, and is not the same as none. */
static azattest_status check_data(const azattest__attest_call *call, const char *kind, azattest_bytes data,
                                  azattest_bytes json, azattest_error **error)
{
    azattest_status status;
    azattest__json *document = NULL;
    azattest_error *reason = NULL;
    char name[32];

    snprintf(name, sizeof(name), "%s_data", kind);
    if ((status = check_size(call, name, data, AZATTEST_LIMIT_RUNTIME_DATA, error)) != AZATTEST_OK)
        return status;
    snprintf(name, sizeof(name), "%s_json", kind);
    if ((status = check_size(call, name, json, AZATTEST_LIMIT_RUNTIME_DATA, error)) != AZATTEST_OK)
        return status;
    if (json.ptr == NULL)
        return AZATTEST_OK;
    if (data.ptr != NULL)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT, "%s: %s_data and %s_json exclude each other", call->what,
                                   kind, kind);
    if ((status = azattest__json_parse(azattest__json_unterminated(json), &document, &reason)) == AZATTEST_E_MEMORY)
        status = azattest__error_memory(error);
    else if (status != AZATTEST_OK)
        status = azattest__error_set(error, AZATTEST_E_ARGUMENT, "%s: %s cannot be used: %s", call->what, name,
                                     azattest_error_message(reason));
    else if (!azattest__json_is_object(document))
        status =
            azattest__error_set(error, AZATTEST_E_ARGUMENT, "%s: %s is a JSON %s; the service takes an object only",
                                call->what, name, azattest__json_kind(document));
    azattest_error_free(reason);
    azattest__json_free(document);
    return status;
}

azattest_status azattest__attest_check(const azattest__attest_call *call, azattest_bytes evidence,
                                       const azattest_attest_options *options, azattest_error **error)
{
    azattest_status status;

    if (evidence.ptr == NULL || evidence.len == 0)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT, "%s: the %s is empty", call->what, call->member);
    if ((status = check_size(call, call->member, evidence, AZATTEST_LIMIT_EVIDENCE, error)) != AZATTEST_OK ||
        (status = check_data(call, "runtime", options->runtime_data, options->runtime_json, error)) != AZATTEST_OK ||
        (status = check_data(call, "inittime", options->inittime_data, options->inittime_json, error)) != AZATTEST_OK ||
        (status = check_text(call, "draft_policy", options->draft_policy, AZATTEST_LIMIT_POLICY, error)) !=
            AZATTEST_OK ||
        (status = check_text(call, "nonce", options->nonce, AZATTEST_LIMIT_NONCE, error)) != AZATTEST_OK)
        return status;
    if (options->nonce != NULL && *options->nonce == '\0')
        return wrong(call, error, "the nonce is empty, and an empty nonce proves nothing");
    if (options->client_request_id != NULL &&
        (!azattest__header_value_valid(options->client_request_id) || strlen(options->client_request_id) > 128))
        return wrong(call, error, "client_request_id has to be 1 to 128 visible ASCII characters");
    return AZATTEST_OK;
}

/* RuntimeData, InitTimeData: {"data": base64url, "dataType": "Binary" | "JSON"}. */
static void put_data(azattest__json *body, const char *name, azattest_bytes data, azattest_bytes json)
{
    azattest__json *object;

    if (data.ptr == NULL && json.ptr == NULL)
        return;
    object = azattest__json_new_object();
    azattest__json_put_base64url(object, "data", json.ptr != NULL ? json : data);
    azattest__json_put_string(object, "dataType", json.ptr != NULL ? "JSON" : "Binary");
    azattest__json_put(body, name, object);
}

azattest_status azattest__attest_request(const azattest__attest_call *call, const char *endpoint,
                                         const char *api_version, azattest_bytes evidence,
                                         const azattest_attest_options *options, azattest_request *request,
                                         azattest_error **error)
{
    azattest__json *body = NULL;
    azattest_status status;

    if ((status = azattest__request_start(request, "POST", endpoint, call->path, api_version, error)) != AZATTEST_OK ||
        (status = azattest__request_header(request, "Accept", "application/json", error)) != AZATTEST_OK ||
        (status = azattest__request_header(request, "Content-Type", "application/json", error)) != AZATTEST_OK)
        return status;
    body = azattest__json_new_object();
    azattest__json_put_base64url(body, call->member, evidence);
    put_data(body, "runtimeData", options->runtime_data, options->runtime_json);
    put_data(body, "initTimeData", options->inittime_data, options->inittime_json);
    if (options->draft_policy != NULL)
        azattest__json_put_string(body, "draftPolicyForAttestation", options->draft_policy);
    if (options->nonce != NULL)
        azattest__json_put_string(body, "nonce", options->nonce);
    if ((status = azattest__json_print(body, false, &request->body, error)) == AZATTEST_OK)
        request->has_body = request->authenticate = true;
    azattest__json_free(body);
    return status;
}

azattest_status azattest__attest_reply(const azattest_http_response *response, const char *what, char **token,
                                       azattest_error **error)
{
    azattest_error *reason = NULL;
    azattest__json *document = NULL;
    const char *text;
    azattest_status status;

    *token = NULL;
    status = azattest__json_parse(response->body, &document, &reason);
    if (status == AZATTEST_E_MALFORMED || status == AZATTEST_E_LIMIT) {
        status = azattest__response_unusable(response, what, azattest_error_message(reason), error);
    } else if (status != AZATTEST_OK) {
        status = azattest__error_memory(error);
    } else if ((text = azattest__json_get_string(document, "token")) == NULL) {
        status = azattest__response_unusable(response, what, "it is no JSON object with \"token\", a string", error);
    } else if ((*token = azattest__dup_text(text)) == NULL) {
        status = azattest__error_memory(error);
    }
    azattest_error_free(reason);
    azattest__json_free(document);
    return status;
}
