/* POST /attest/SgxEnclave and /attest/OpenEnclave: read the request, verify the evidence, answer with a token. Other
 * kinds use the same steps. */
#include <stdlib.h>

#include "base/clock.h"
#include "base/encoding.h"

#include "parts.h"

/* JSON data has to be an object. Clients exist that send the NUL of a C string along, and the service bears with it. */
static azattest_status parse_data_json(azattest__attest_data *data, const char *name, azattest_error **error)
{
    azattest_status status;
    azattest_bytes text = azattest__json_unterminated(azattest__buf_bytes(&data->bytes));

    if ((status = azattest__json_parse(text, &data->json, error)) != AZATTEST_OK) {
        azattest__error_prefix(error, "%s.data", name);
        return status;
    }
    if (!azattest__json_is_object(data->json))
        return azattest__error_set(error, AZATTEST_E_TYPE, "%s.data is a JSON %s, expected an object", name,
                                   azattest__json_kind(data->json));
    return AZATTEST_OK;
}

static azattest_status find_data(const azattest__json *document, const char *name, azattest__attest_data *data,
                                 azattest_error **error)
{
    azattest_status status;
    const azattest__json *member;
    const char *type;

    if ((status = azattest__find_member(document, name, &member, error)) != AZATTEST_OK || member == NULL)
        return status;
    if (!azattest__json_is_object(member))
        return azattest__error_set(error, AZATTEST_E_TYPE, "\"%s\" is of type %s, expected an object", name,
                                   azattest__json_kind(member));
    if ((status = azattest__find_string(member, "dataType", &type, error)) != AZATTEST_OK ||
        (status = azattest__find_bytes(member, "data", &data->bytes, error)) > AZATTEST_ABSENT) {
        azattest__error_prefix(error, "%s", name);
        return status;
    }
    if (status == AZATTEST_ABSENT)
        return azattest__error_set(error, AZATTEST_E_MALFORMED, "\"%s\" has no member \"data\"", name);
    data->given = true;
    if (type != NULL && strcmp(type, "JSON") == 0)
        return parse_data_json(data, name, error);
    if (type == NULL || strcmp(type, "Binary") != 0)
        return azattest__error_set(error, AZATTEST_E_MALFORMED, "%s.dataType is neither \"Binary\" nor \"JSON\"", name);
    return AZATTEST_OK;
}

static void request_init(azattest__attest_request *request)
{
    memset(request, 0, sizeof(*request));
    azattest__buf_init(&request->posted, AZATTEST__SERVICE_LIMIT_BODY);
    azattest__buf_init(&request->runtime.bytes, AZATTEST__SERVICE_LIMIT_BODY);
    azattest__buf_init(&request->inittime.bytes, AZATTEST__SERVICE_LIMIT_BODY);
    azattest__buf_init(&request->draft_text, AZATTEST__SERVICE_LIMIT_BODY);
}

void azattest__attest_request_clear(azattest__attest_request *request)
{
    azattest__json_free(request->document);
    azattest__buf_free(&request->posted);
    azattest__buf_free(&request->runtime.bytes);
    azattest__json_free(request->runtime.json);
    azattest__buf_free(&request->inittime.bytes);
    azattest__buf_free(&request->draft_text);
    azattest__json_free(request->inittime.json);
}

/* The body of 2018-09-01-preview: {"Quote","EnclaveHeldData","DraftPolicyForAttestation"}, each in base64url. */
static azattest_status parse_first_version(azattest__attest_request *request, azattest_error **error)
{
    azattest_status status;

    if ((status = azattest__find_bytes(request->document, "EnclaveHeldData", &request->runtime.bytes, error)) >
        AZATTEST_ABSENT)
        return status;
    request->runtime.given = status == AZATTEST_OK;
    status = azattest__find_bytes(request->document, "DraftPolicyForAttestation", &request->draft_text, error);
    if (status == AZATTEST_OK && request->draft_text.len > 0) {
        if (!azattest__utf8_valid(azattest__buf_bytes(&request->draft_text)) ||
            memchr(request->draft_text.ptr, 0, request->draft_text.len) != NULL)
            return azattest__error_set(error, AZATTEST_E_MALFORMED, "DraftPolicyForAttestation is not text");
        request->draft = (const char *)request->draft_text.ptr;
    }
    return status == AZATTEST_ABSENT ? AZATTEST_OK : status;
}

static azattest_status parse(const azattest__call *call, azattest__attest_request *request, azattest_error **error)
{
    azattest_status status;
    bool first = azattest__is_first_version(call->version);
    azattest_bytes body = call->request->body;
    const char *member = first ? "Quote" : call->kind->member;

    if ((status = azattest__body_object(body, &request->document, error)) != AZATTEST_OK ||
        (status = azattest__find_bytes(request->document, member, &request->posted, error)) > AZATTEST_ABSENT)
        return status;
    if (status == AZATTEST_ABSENT || request->posted.len == 0)
        return azattest__error_set(error, AZATTEST_E_MALFORMED,
                                   "the request has no evidence: \"%s\" is absent or empty", member);
    if (first)
        return parse_first_version(request, error);
    if ((status = find_data(request->document, "runtimeData", &request->runtime, error)) != AZATTEST_OK ||
        (status = find_data(request->document, "initTimeData", &request->inittime, error)) != AZATTEST_OK ||
        (status = azattest__find_string(request->document, "nonce", &request->nonce, error)) != AZATTEST_OK)
        return status;
    if (request->nonce != NULL && strlen(request->nonce) > AZATTEST_LIMIT_NONCE)
        return azattest__error_set(error, AZATTEST_E_LIMIT, "the nonce has more than %u bytes", AZATTEST_LIMIT_NONCE);
    return azattest__find_string(request->document, "draftPolicyForAttestation", &request->draft, error);
}

azattest_status azattest__attest_request_read(const azattest__call *call, azattest__attest_request *out,
                                              azattest_error **error)
{
    request_init(out);
    return parse(call, out, error);
}

/* The checks of one outcome (0: failed, -1: could not be made), as "id (detail); id (detail)". */
static void list_checks(const azattest_verification_result *verdict, int outcome, azattest__buf *text)
{
    for (size_t i = 0; i < azattest_verification_result_check_count(verdict); i++)
        if (azattest_verification_result_check_ok(verdict, i) == outcome)
            azattest__buf_printf(text, "%s%s (%s)", text->len == 0 ? "" : "; ",
                                 azattest_verification_result_check_id(verdict, i),
                                 azattest_verification_result_check_detail(verdict, i));
}

/* Names the checks that failed, or else those that lacked something; their details hold no evidence. */
static azattest_status refuse_verdict(const azattest_verification_result *verdict, azattest_error **error)
{
    azattest_status status;
    azattest__buf text;

    azattest__buf_init(&text, 4096);
    list_checks(verdict, 0, &text);
    if (text.len == 0)
        list_checks(verdict, -1, &text);
    status = azattest__error_set(error, AZATTEST_E_EVIDENCE_INVALID, "the evidence does not verify: %s",
                                 text.len == 0 ? "no check names a reason" : (const char *)text.ptr);
    azattest__buf_free(&text);
    return status;
}

/* The roots of the options and those behind them, fetched once; NULL when memory is short. */
static const azattest__buf *all_roots(azattest__service *service, azattest_error **error)
{
    azattest__buf *made = atomic_load_explicit(&service->all_roots, memory_order_acquire), *expected = NULL;

    if (made != NULL)
        return made;
    if ((made = malloc(sizeof(*made))) == NULL) {
        azattest__error_memory(error);
        return NULL;
    }
    azattest__buf_init(made, 4u * AZATTEST_LIMIT_CERTIFICATE);
    azattest__buf_append_bytes(made, azattest__buf_bytes(&service->extra_roots));
    if (service->more_roots(service->more_roots_user, made, error) == AZATTEST_OK &&
        azattest__error_from_buf(error, made, "roots") == AZATTEST_OK &&
        atomic_compare_exchange_strong_explicit(&service->all_roots, &expected, made, memory_order_acq_rel,
                                                memory_order_acquire))
        return made;
    azattest__buf_free(made);
    free(made);
    return expected;
}

azattest_status azattest__attest_verify(azattest__service *service, const azattest_evidence *evidence, int64_t now_ms,
                                        azattest_error **error)
{
    azattest_status status;
    azattest_verification_result *verdict = NULL;
    azattest_verify_options options = AZATTEST_VERIFY_OPTIONS_INIT;
    const azattest__buf *roots = &service->extra_roots;

    /* Intel's machines, which most tests are about, need none of the others. */
    if (service->more_roots != NULL && strcmp(azattest_evidence_tee(evidence), "snp") == 0 &&
        (roots = all_roots(service, error)) == NULL)
        return AZATTEST_E_STATE;
    options.now_ms = now_ms;
    if (roots->len > 0)
        options.extra_roots = azattest__buf_bytes(roots);
    options.allow_debug = AZATTEST_ON; /* the default policy permits debuggable enclaves, and the token says so */
    if ((status = azattest_evidence_verify(evidence, &options, &verdict, error)) == AZATTEST_OK &&
        !azattest_verification_result_is_valid(verdict))
        status = refuse_verdict(verdict, error);
    azattest_verification_result_free(verdict);
    return status;
}

azattest_status azattest__attest_check_bound(const azattest__attest_data *data, const char *name,
                                             const unsigned char *bound, const char *where, azattest_error **error)
{
    azattest_status status;
    unsigned char hash[AZATTEST__SHA256_SIZE];

    if (!data->given)
        return AZATTEST_OK;
    if ((status = azattest__sha256(azattest__buf_bytes(&data->bytes), hash, error)) != AZATTEST_OK)
        return status;
    if (memcmp(hash, bound, sizeof(hash)) != 0)
        return azattest__error_set(error, AZATTEST_E_BINDING, "the SHA-256 of %s is not %s", name, where);
    return AZATTEST_OK;
}

/* The quote's signature covers hashes of the data; the data itself is only bound by these two comparisons. */
static azattest_status check_bindings(const azattest_evidence *evidence, const azattest__attest_request *request,
                                      azattest_error **error)
{
    azattest_status status;
    const azattest__sgx_report *report = &evidence->intel.report;

    if ((status = azattest__attest_check_bound(&request->runtime, "runtimeData", report->report_data,
                                               "the first half of the quote's report data", error)) != AZATTEST_OK)
        return status;
    if (request->inittime.given && (report->attributes_flags & AZATTEST__SGX_FLAG_KSS) == 0)
        return azattest__error_set(error, AZATTEST_E_BINDING,
                                   "initTimeData was sent, but the enclave runs without key separation and sharing "
                                   "(KSS), which alone gives it a config id to bind them");
    return azattest__attest_check_bound(&request->inittime, "initTimeData", report->config_id,
                                        "the first half of the quote's config id", error);
}

/* Everything that has to hold before a policy is asked. */
static azattest_status judge(azattest__service *service, const azattest__attest_request *request, const char *kind,
                             const azattest_evidence *evidence, int64_t now_ms, azattest_error **error)
{
    azattest_status status;

    if (strcmp(azattest_evidence_kind(evidence), kind) != 0)
        return azattest__error_set(error, AZATTEST_E_UNSUPPORTED, "the evidence is of kind %s, expected %s",
                                   azattest_evidence_kind(evidence), kind);
    if (strcmp(azattest_evidence_tee(evidence), "sgx") != 0)
        return azattest__error_set(error, AZATTEST_E_UNSUPPORTED, "the evidence is of a TEE %s, expected sgx",
                                   azattest_evidence_tee(evidence));
    if ((status = azattest__attest_verify(service, evidence, now_ms, error)) != AZATTEST_OK)
        return status;
    return check_bindings(evidence, request, error);
}

azattest_status azattest__attest_issue(azattest__call *call, const azattest__attest_request *request,
                                       const azattest_evidence *evidence, int64_t now_ms, azattest_error **error)
{
    azattest_status status;
    azattest__claims_source source = { .now_s = now_ms / 1000,
                                       .posted = azattest__buf_bytes(&request->posted),
                                       .evidence = evidence,
                                       .runtime = &request->runtime,
                                       .inittime = &request->inittime,
                                       .nonce = request->nonce,
                                       .draft = request->draft };
    azattest__buf claims;

    azattest__buf_init(&claims, AZATTEST_LIMIT_TOKEN_BODY);
    if ((status = azattest__claims_make(call, &source, &claims, error)) == AZATTEST_OK)
        status = azattest__answer_token(call, request->draft == NULL, azattest__buf_bytes(&claims), error);
    azattest__buf_free(&claims);
    return status;
}

azattest_status azattest__attest_sgx(azattest__call *call, azattest_error **error)
{
    azattest_status status;
    azattest_evidence *evidence = NULL;
    int64_t now_ms = azattest__clock_now_ms(&call->service->clock);
    azattest__attest_request request;

    if ((status = azattest__attest_request_read(call, &request, error)) == AZATTEST_OK &&
        (status = azattest_evidence_parse(azattest__buf_bytes(&request.posted), &evidence, error)) == AZATTEST_OK &&
        (status = judge(call->service, &request, call->kind->evidence, evidence, now_ms, error)) == AZATTEST_OK)
        status = azattest__attest_issue(call, &request, evidence, now_ms, error);
    azattest_evidence_free(evidence);
    azattest__attest_request_clear(&request);
    return status;
}

azattest_status azattest__attest_unverified(azattest__call *call, azattest_error **error)
{
    return azattest__refuse(error, 400, "InvalidOperation",
                            "%s evidence is not verified here: this version of the local service has no verifier for "
                            "it, and gives no token without one",
                            call->kind->name);
}
