/* POST /attest/...: one table of what tells the calls apart, and the bodies that they share. */
#include "attest.h"

#include <stdio.h>
#include <string.h>

#include <azattest/limits.h>

#include "../base/encoding.h"
#include "../token/checks.h"
#include "snp_document.h"

/* Which versions have which call: reference, table 1.2, with the versions that official clients use beyond their
 * descriptions. The first preview's calls for virtual machines are left out: what their tokens say is not established,
 * so nothing of them could be compared with what was sent. */
#define ENCLAVE_VERSIONS (AZATTEST__2018_09_PREVIEW | AZATTEST__2020_10 | AZATTEST__FROM_2022_08)
#define SNP_VERSIONS (AZATTEST__2020_10 | AZATTEST__2022_08 | AZATTEST__2022_09_PREVIEW | AZATTEST__FROM_2025_06)

const azattest__attest_call azattest__attest_sgx_enclave = {
    .what = "attest SGX enclave",
    .path = "/attest/SgxEnclave",
    .member = "quote",
    .argument = "quote",
    .evidence_kind = "sgx_quote",
    .token_type = "sgx",
    .takes = AZATTEST__TAKES_ALL_DATA,
    .versions = ENCLAVE_VERSIONS,
    .draft_versions = ENCLAVE_VERSIONS,
    .evidence_limit = AZATTEST_LIMIT_EVIDENCE,
    .path_2018 = "/attest/SgxEnclave",
};
const azattest__attest_call azattest__attest_open_enclave = {
    .what = "attest Open Enclave",
    .path = "/attest/OpenEnclave",
    .member = "report",
    .argument = "report",
    .evidence_kind = "open_enclave_report",
    .token_type = "sgx", /* the service says "sgx" for both */
    .takes = AZATTEST__TAKES_ALL_DATA,
    .versions = ENCLAVE_VERSIONS,
    .draft_versions = ENCLAVE_VERSIONS,
    .evidence_limit = AZATTEST_LIMIT_EVIDENCE,
    .path_2018 = "/attest/Tee/OpenEnclave",
};
const azattest__attest_call azattest__attest_sev_snp_vm = {
    .what = "attest SEV-SNP VM",
    .path = "/attest/SevSnpVm",
    .member = "report",
    .argument = "report",
    .evidence_kind = "snp_report",
    .token_type = "sevsnpvm",
    .takes = AZATTEST__TAKES_RUNTIME_JSON | AZATTEST__TAKES_INITTIME | AZATTEST__TAKES_NONCE |
             AZATTEST__TAKES_CERTIFICATES, /* the service takes JSON runtime data alone */
    .versions = SNP_VERSIONS,
    .draft_versions = SNP_VERSIONS,
    .evidence_limit = AZATTEST__SNP_DOCUMENT_LIMIT,
};
const azattest__attest_call azattest__attest_tdx_vm = {
    .what = "attest TDX VM",
    .path = "/attest/TdxVm",
    .member = "quote",
    .argument = "quote",
    .evidence_kind = "tdx_quote",
    .token_type = "tdxvm",
    .takes = AZATTEST__TAKES_ALL_DATA,
    .versions = AZATTEST__2023_04_PREVIEW | AZATTEST__FROM_2025_06,
    .evidence_limit = AZATTEST_LIMIT_EVIDENCE,
};
const azattest__attest_call azattest__attest_azure_guest = {
    .what = "attest Azure guest",
    .path = "/attest/AzureGuest",
    .member = "attestationInfo",
    .argument = "attestation_info",
    .evidence_kind = "azure_guest",
    .answer = AZATTEST__ANSWER_SEALED,
    .versions = AZATTEST__2020_10 | AZATTEST__FROM_2025_06,
    .draft_versions = AZATTEST__2026_03_PREVIEW,
    .evidence_limit = AZATTEST_LIMIT_ATTESTATION_INFO,
};
const azattest__attest_call azattest__attest_tpm = {
    .what = "attest TPM",
    .path = "/attest/Tpm",
    .member = "data",
    .argument = "content",
    .answer = AZATTEST__ANSWER_DATA,
    .versions = AZATTEST__2020_10 | AZATTEST__FROM_2022_08,
    .evidence_limit = AZATTEST_LIMIT_ATTESTATION_INFO,
};
const azattest__attest_call azattest__attest_pluton = {
    .what = "attest Pluton",
    .path = "/attest/Pluton",
    .member = "data",
    .argument = "content",
    .answer = AZATTEST__ANSWER_DATA,
    .versions = AZATTEST__2026_03_PREVIEW,
    .evidence_limit = AZATTEST_LIMIT_ATTESTATION_INFO,
};
const azattest__attest_call azattest__attest_key_guard = {
    .what = "attest KeyGuard",
    .path = "/attest/KeyGuard",
    .member = "attestationInfo",
    .argument = "attestation_info",
    .answer = AZATTEST__ANSWER_SEALED,
    .versions = AZATTEST__2026_03_PREVIEW,
    .draft_versions = AZATTEST__2026_03_PREVIEW,
    .evidence_limit = AZATTEST_LIMIT_ATTESTATION_INFO,
};
const azattest__attest_call azattest__attest_mdep_tz = {
    .what = "attest MdepTz",
    .path = "/attest/MdepTz",
    .member = "report",
    .argument = "report",
    .takes = AZATTEST__TAKES_ALL_DATA,
    .versions = AZATTEST__2026_03_PREVIEW,
    .evidence_limit = AZATTEST_LIMIT_EVIDENCE,
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
static azattest_status check_data(const azattest__attest_call *call, const char *data_name, azattest_bytes data,
                                  const char *json_name, azattest_bytes json, azattest_error **error)
{
    azattest_status status;
    azattest__json *document = NULL;
    azattest_error *reason = NULL;

    if ((status = check_size(call, data_name, data, AZATTEST_LIMIT_RUNTIME_DATA, error)) != AZATTEST_OK ||
        (status = check_size(call, json_name, json, AZATTEST_LIMIT_RUNTIME_DATA, error)) != AZATTEST_OK)
        return status;
    if (json.ptr == NULL)
        return AZATTEST_OK;
    if (data.ptr != NULL)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT, "%s: %s and %s exclude each other", call->what,
                                   data_name, json_name);
    if ((status = azattest__json_parse(azattest__json_unterminated(json), &document, &reason)) == AZATTEST_E_MEMORY)
        status = azattest__error_memory(error);
    else if (status != AZATTEST_OK)
        status = azattest__error_set(error, AZATTEST_E_ARGUMENT, "%s: %s cannot be used: %s", call->what, json_name,
                                     azattest_error_message(reason));
    else if (!azattest__json_is_object(document))
        status =
            azattest__error_set(error, AZATTEST_E_ARGUMENT, "%s: %s is a JSON %s; the service takes an object only",
                                call->what, json_name, azattest__json_kind(document));
    azattest_error_free(reason);
    azattest__json_free(document);
    return status;
}

azattest_status azattest__check_ids(const char *what, const char *client_request_id, const char *traceparent,
                                    azattest_error **error)
{
    const struct {
        const char *name, *value;
    } ids[] = { { "client_request_id", client_request_id }, { "traceparent", traceparent } };

    for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++)
        if (ids[i].value != NULL &&
            (!azattest__header_value_valid(ids[i].value) || strlen(ids[i].value) > AZATTEST_LIMIT_REQUEST_ID))
            return azattest__error_set(error, AZATTEST_E_ARGUMENT, "%s: %s has to be 1 to 128 visible ASCII characters",
                                       what, ids[i].name);
    return AZATTEST_OK;
}

/* What the call does not take in this version is refused by name: the service would ignore it, and the caller believe
 * that it counted. */
static azattest_status check_takes(const azattest__attest_call *call, const char *api_version,
                                   const azattest_attest_options *options, azattest_error **error)
{
    bool first = azattest__api_version_bit(api_version) == AZATTEST__2018_09_PREVIEW;
    const struct {
        unsigned flag;
        bool is_given, in_2018;
        const char *reason;
    } inputs[] = {
        { AZATTEST__TAKES_RUNTIME_DATA, options->runtime_data.ptr != NULL, true,
          "runtime_data is not taken; give a JSON object as runtime_json" },
        { AZATTEST__TAKES_RUNTIME_JSON, options->runtime_json.ptr != NULL, false, "runtime_json is not taken" },
        { AZATTEST__TAKES_INITTIME, options->inittime_data.ptr != NULL || options->inittime_json.ptr != NULL, false,
          "init-time data is not taken" },
        { AZATTEST__TAKES_NONCE, options->nonce != NULL, false,
          "a nonce is not taken; put it into what the evidence is made over" },
        { AZATTEST__TAKES_CERTIFICATES, options->vcek_chain.ptr != NULL, false,
          "vcek_chain belongs to SEV-SNP reports" },
        { AZATTEST__TAKES_CERTIFICATES, options->endorsements.ptr != NULL, false,
          "endorsements belong to SEV-SNP reports" },
    };

    for (size_t i = 0; i < sizeof(inputs) / sizeof(inputs[0]); i++) {
        if (!inputs[i].is_given)
            continue;
        if (call->takes == 0 && (inputs[i].flag & AZATTEST__TAKES_ALL_DATA) != 0)
            return azattest__error_set(error, AZATTEST_E_ARGUMENT,
                                       "%s: runtime data, init-time data and nonce are no part of this call; what has "
                                       "to be bound stands inside %s",
                                       call->what, call->argument);
        if ((call->takes & inputs[i].flag) == 0)
            return wrong(call, error, inputs[i].reason);
        if (first && !inputs[i].in_2018)
            return azattest__error_set(error, AZATTEST_E_ARGUMENT, "%s: in api-version %s %s", call->what, api_version,
                                       inputs[i].flag == AZATTEST__TAKES_RUNTIME_JSON
                                           ? "runtime data is binary: give it as runtime_data"
                                           : inputs[i].reason);
    }
    if (options->validation != NULL && call->answer != AZATTEST__ANSWER_TOKEN)
        return wrong(call, error, "no token comes back, so validation options say nothing");
    if (options->draft_policy == NULL)
        return AZATTEST_OK;
    if (call->draft_versions == 0)
        return wrong(call, error, "draft_policy is no part of this call in any api-version");
    return azattest__api_version_check("draft_policy of this call", api_version, call->draft_versions, error);
}

azattest_status azattest__attest_check(const azattest__attest_call *call, const char *api_version,
                                       azattest_bytes evidence, const azattest_attest_options *options,
                                       azattest_error **error)
{
    azattest_status status;

    if (evidence.ptr == NULL || evidence.len == 0)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT, "%s: the %s is empty", call->what, call->argument);
    if ((status = azattest__api_version_check(call->what, api_version, call->versions, error)) != AZATTEST_OK ||
        (status = check_takes(call, api_version, options, error)) != AZATTEST_OK ||
        (status = check_size(call, call->argument, evidence, call->evidence_limit, error)) != AZATTEST_OK ||
        (status = check_size(call, "vcek_chain", options->vcek_chain, AZATTEST_LIMIT_CERTIFICATE_CHAIN, error)) !=
            AZATTEST_OK ||
        (status = check_size(call, "endorsements", options->endorsements, AZATTEST_LIMIT_ENDORSEMENTS, error)) !=
            AZATTEST_OK ||
        (status = check_data(call, "runtime_data", options->runtime_data, "runtime_json", options->runtime_json,
                             error)) != AZATTEST_OK ||
        (status = check_data(call, "inittime_data", options->inittime_data, "inittime_json", options->inittime_json,
                             error)) != AZATTEST_OK ||
        (status = check_text(call, "draft_policy", options->draft_policy, AZATTEST_LIMIT_POLICY, error)) !=
            AZATTEST_OK ||
        (status = check_text(call, "nonce", options->nonce, AZATTEST_LIMIT_NONCE, error)) != AZATTEST_OK)
        return status;
    if (options->nonce != NULL && *options->nonce == '\0')
        return wrong(call, error, "the nonce is empty, and an empty nonce proves nothing");
    return azattest__check_ids(call->what, options->client_request_id, options->traceparent, error);
}

/* The body is written as text: a tree would hold the evidence twice more. The names need no escapes. */
static void put_name(azattest__buf *body, const char *name)
{
    bool first = body->len == 0 || body->ptr[body->len - 1] == '{';

    azattest__buf_append_text(body, first ? "\"" : ",\"");
    azattest__buf_append_text(body, name);
    azattest__buf_append_text(body, "\":");
}

static void put_text(azattest__buf *body, const char *name, const char *text)
{
    put_name(body, name);
    azattest__json_append_string(text, body);
}

static void put_base64url(azattest__buf *body, const char *name, azattest_bytes data)
{
    put_name(body, name);
    azattest__buf_append_text(body, "\"");
    azattest__base64url_encode(data, body);
    azattest__buf_append_text(body, "\"");
}

/* RuntimeData, InitTimeData: {"data": base64url, "dataType": "Binary" | "JSON"}. */
static void put_data(azattest__buf *body, const char *name, azattest_bytes data, azattest_bytes json)
{
    if (data.ptr == NULL && json.ptr == NULL)
        return;
    put_name(body, name);
    azattest__buf_append_text(body, "{");
    put_base64url(body, "data", json.ptr != NULL ? json : data);
    put_text(body, "dataType", json.ptr != NULL ? "JSON" : "Binary");
    azattest__buf_append_text(body, "}");
}

static void put_members(const azattest__attest_call *call, azattest_bytes evidence,
                        const azattest_attest_options *options, azattest__buf *body)
{
    put_base64url(body, call->member, evidence);
    put_data(body, "runtimeData", options->runtime_data, options->runtime_json);
    put_data(body, "initTimeData", options->inittime_data, options->inittime_json);
    if (options->draft_policy != NULL)
        put_text(body, "draftPolicyForAttestation", options->draft_policy);
    if (options->nonce != NULL)
        put_text(body, "nonce", options->nonce);
}

/* 2018-09-01-preview: other names, and the policy in base64url. Source: reference, section 4.7. */
static void put_members_2018(azattest_bytes evidence, const azattest_attest_options *options, azattest__buf *body)
{
    put_base64url(body, "Quote", evidence);
    if (options->runtime_data.ptr != NULL)
        put_base64url(body, "EnclaveHeldData", options->runtime_data);
    if (options->draft_policy != NULL)
        put_base64url(body, "DraftPolicyForAttestation", azattest__text(options->draft_policy));
}

azattest_status azattest__attest_request(const azattest__attest_call *call, const char *endpoint,
                                         const char *api_version, azattest_bytes evidence,
                                         const azattest_attest_options *options, azattest_request *request,
                                         azattest_error **error)
{
    bool first = azattest__api_version_bit(api_version) == AZATTEST__2018_09_PREVIEW;
    azattest_status status;

    if ((status = azattest__request_start(request, "POST", endpoint, first ? call->path_2018 : call->path, api_version,
                                          error)) != AZATTEST_OK ||
        (status = azattest__request_header(request, "Accept", "application/json", error)) != AZATTEST_OK ||
        (status = azattest__request_header(request, "Content-Type", "application/json", error)) != AZATTEST_OK)
        return status;
    request->authenticate = true; /* where the client has a credential */
    azattest__buf_append_text(&request->body, "{");
    if (first)
        put_members_2018(evidence, options, &request->body);
    else
        put_members(call, evidence, options, &request->body);
    azattest__buf_append_text(&request->body, "}");
    request->has_body = true;
    return azattest__error_from_buf(error, &request->body, call->what);
}

/* One string of the reply, appended to `out`: the member of the object; for a token also the whole reply, as the first
 * preview sends it. The reply is one long string, so it is looked up in the text, and no tree is built. */
static azattest_status reply_member(const azattest_http_response *response, const char *what, const char *name,
                                    bool may_be_bare, azattest__buf *out, azattest_error **error)
{
    azattest_error *reason = NULL;
    azattest_status status = azattest__json_check(response->body, &reason);
    azattest_bytes json;
    char expected[64];

    if (status == AZATTEST_E_MALFORMED || status == AZATTEST_E_LIMIT) {
        status = azattest__response_unusable(response, what, azattest_error_message(reason), error);
    } else if (status != AZATTEST_OK) {
        status = azattest__error_memory(error);
    } else {
        json = azattest__json_find(response->body, name);
        if (json.ptr == NULL && may_be_bare)
            json = azattest__json_trim(response->body);
        if (azattest__claim_text(json, out) || out->status != AZATTEST_OK) {
            status = azattest__error_from_buf(error, out, what);
        } else {
            snprintf(expected, sizeof(expected), "it is no JSON object with \"%s\", a string", name);
            status = azattest__response_unusable(response, what, expected, error);
        }
    }
    azattest_error_free(reason);
    return status;
}

azattest_status azattest__attest_reply(const azattest_http_response *response, const char *what,
                                       const char *api_version, azattest__buf *token, azattest_error **error)
{
    bool bare = azattest__api_version_bit(api_version) == AZATTEST__2018_09_PREVIEW;

    return reply_member(response, what, "token", bare, token, error);
}

azattest_status azattest__attest_text_reply(const azattest__attest_call *call, const azattest_http_response *response,
                                            azattest__buf *out, azattest_error **error)
{
    bool sealed = call->answer == AZATTEST__ANSWER_SEALED;
    azattest_status status;
    azattest__buf text;

    azattest__buf_init(&text, AZATTEST_LIMIT_RESPONSE);
    status = reply_member(response, call->what, sealed ? "token" : "data", false, sealed ? out : &text, error);
    if (status != AZATTEST_OK)
        goto done;
    if (sealed && out->len == 0)
        status = azattest__response_unusable(response, call->what, "\"token\" is empty", error);
    else if (!sealed && !azattest__base64_any_decode(azattest__buf_bytes(&text), out) && out->status == AZATTEST_OK)
        status = azattest__response_unusable(response, call->what, "\"data\" is no base64url", error);
    if (status == AZATTEST_OK)
        status = azattest__error_from_buf(error, out, call->what);
done:
    azattest__buf_free(&text);
    return status;
}
