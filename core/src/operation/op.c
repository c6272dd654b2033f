/* The machine that every operation is: what it wants, what it was given, retries and the time limit. */
#include "op.h"

#include <stdlib.h>
#include <string.h>

#include <azattest/limits.h>

azattest_status azattest__op_new(azattest__instance *instance, azattest_op **out, azattest_error **error)
{
    azattest_op *op;

    *out = NULL;
    if ((op = calloc(1, sizeof(*op))) == NULL)
        return azattest__error_memory(error);
    op->instance = azattest__instance_ref(instance);
    azattest__request_init(&op->request);
    atomic_init(&op->cancelled, false);
    op->retry_after_ms = -1;
    op->log_level = instance->log_level;
    op->deadline_ms = INT64_MAX;
    if (instance->timeout_ms >= 0)
        op->deadline_ms = azattest__instance_monotonic_ms(instance) + instance->timeout_ms;
    *out = op;
    return AZATTEST_OK;
}

/* Whoever waits for this operation's fetch of the keys takes over. */
static void release(azattest_op *op)
{
    if (op->lease != 0)
        azattest__key_cache_give_up(&op->instance->cache, 0, op->lease, NULL);
    op->lease = 0;
}

void azattest_op_free(azattest_op *op)
{
    if (op == NULL)
        return;
    release(op);
    azattest__op_release_token(op);
    azattest__flow_free(op->flow);
    azattest__access_token_clear(&op->bearer);
    azattest_error_free(op->refusal);
    azattest__request_clear(&op->request);
    free(op->client_request_id);
    free(op->traceparent);
    azattest__validation_clear(&op->validation);
    azattest__lent_free(&op->lent);
    free(op->measurements.claims);
    azattest_signer_free(op->sent.signer);
    azattest_token_free(op->token);
    free(op->request_id);
    free(op->reason);
    azattest__key_set_free(op->keys);
    azattest__key_set_free(op->fetched);
    azattest_error_free(op->key_failure);
    free(op->warning);
    azattest__collateral_fetch_free(op->collateral);
    azattest_response_free(op->result_response);
    azattest_signers_free(op->result_signers);
    azattest_metadata_free(op->result_metadata);
    azattest_tcb_baselines_free(op->result_baselines);
    azattest__wipe(op->result_text, op->result_text_len);
    free(op->result_text);
    azattest_error_free(op->error);
    azattest__instance_free(op->instance);
    free(op);
}

static azattest_status make_request_id(char **out, azattest_error **error)
{
    azattest_status status;
    char text[37];

    if ((status = azattest__uuid(text, error)) != AZATTEST_OK)
        return status;
    *out = azattest__dup_text(text);
    return *out == NULL ? azattest__error_memory(error) : AZATTEST_OK;
}

azattest_status azattest__own_text(const char *text, char **out, azattest_error **error)
{
    *out = azattest__dup_text(text);
    return text != NULL && *out == NULL ? azattest__error_memory(error) : AZATTEST_OK;
}

azattest_status azattest__op_identify(azattest_op *op, const char *client_request_id, const char *traceparent,
                                      int log_level, azattest_error **error)
{
    azattest_status status;

    if (log_level < 0 || log_level > AZATTEST_LOG_OFF)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT, "log_level is %d, expected 0 or an azattest_log_level",
                                   log_level);
    if (log_level != 0)
        op->log_level = log_level;
    if ((status = azattest__own_text(client_request_id, &op->client_request_id, error)) != AZATTEST_OK)
        return status;
    return azattest__own_text(traceparent, &op->traceparent, error);
}

azattest_status azattest__op_exchange_plain(azattest_op *op, const char *what, azattest__op_receive receive,
                                            azattest_error **error)
{
    azattest_status status = azattest__request_header(&op->request, "User-Agent", op->instance->user_agent, error);

    if (status != AZATTEST_OK)
        return status;
    op->what = what;
    op->receive = receive;
    op->attempts = 0;
    op->retry_after_ms = -1;
    op->authorised = false;
    op->state = AZATTEST__OP_SEND;
    return AZATTEST_OK;
}

azattest_status azattest__op_exchange(azattest_op *op, const char *what, azattest__op_receive receive,
                                      azattest_error **error)
{
    azattest_status status = AZATTEST_OK;

    if (op->client_request_id == NULL)
        status = make_request_id(&op->client_request_id, error);
    if (status != AZATTEST_OK ||
        (status = azattest__request_header(&op->request, "x-ms-client-request-id", op->client_request_id, error)) !=
            AZATTEST_OK ||
        (status = azattest__request_header(&op->request, "x-ms-return-client-request-id", "true", error)) !=
            AZATTEST_OK ||
        (op->traceparent != NULL &&
         (status = azattest__request_header(&op->request, "traceparent", op->traceparent, error)) != AZATTEST_OK))
        return status;
    return azattest__op_exchange_plain(op, what, receive, error);
}

/* op->error says why. A failed fetch of keys is not yet the end, unless the caller wanted the end. */
static void fail(azattest_op *op)
{
    azattest__error_set_call(op->error, op->attempts > 0 ? op->client_request_id : NULL, op->attempts,
                             op->retry_after_ms);
    if (op->lease != 0 && !atomic_load(&op->cancelled))
        azattest__op_keys_failed(op);
    else
        op->state = AZATTEST__OP_FAILED;
    if (op->state == AZATTEST__OP_FAILED) {
        release(op);
        azattest__op_release_token(op);
    }
}

bool azattest__op_is_own_address(const azattest_op *op)
{
    const azattest__origin *endpoint = &op->instance->endpoint;
    size_t len = endpoint->text == NULL ? 0 : strlen(endpoint->text);

    return len > 0 && (endpoint->secure || endpoint->loopback) && op->request.url != NULL &&
           strncmp(op->request.url, endpoint->text, len) == 0 && op->request.url[len] == '/';
}

static bool is_over(const azattest_op *op)
{
    return op->state == AZATTEST__OP_DONE || op->state == AZATTEST__OP_FAILED;
}

azattest_need azattest_op_step(azattest_op *op)
{
    if (op == NULL)
        return AZATTEST_NEED_FAILED;
    if (!is_over(op) && atomic_load(&op->cancelled)) {
        azattest__error_set(&op->error, AZATTEST_E_CANCELLED, "%s: cancelled", op->what);
        fail(op);
    }
    if (!is_over(op) && op->state != AZATTEST__OP_KEYS && azattest_op_remaining_ms(op) == 0) {
        azattest__error_set(&op->error, AZATTEST_E_TIMEOUT, "%s: not done within the time limit of %lld ms", op->what,
                            (long long)op->instance->timeout_ms);
        fail(op);
    }
    if (op->state == AZATTEST__OP_KEYS)
        azattest__op_keys(op);
    if (op->state == AZATTEST__OP_SEND && azattest__op_needs_token(op))
        op->state = AZATTEST__OP_AUTHENTICATE;
    if (op->state == AZATTEST__OP_AUTHENTICATE)
        azattest__op_authenticate(op);
    if (op->state == AZATTEST__OP_SEND && !op->asked)
        azattest__op_log_request(op);
    op->asked = !is_over(op);
    return azattest__op_need(op);
}

const azattest_request *azattest_op_request(const azattest_op *op)
{
    if (!azattest__op_wants(op, AZATTEST_NEED_HTTP))
        return NULL;
    return op->state == AZATTEST__OP_AUTHENTICATE ? &op->flow->request : &op->request;
}

int64_t azattest_op_wait_ms(const azattest_op *op)
{
    if (!azattest__op_wants(op, AZATTEST_NEED_SLEEP))
        return 0;
    return op->state == AZATTEST__OP_AUTHENTICATE ? op->flow->wait_ms : op->wait_ms;
}

int64_t azattest_op_remaining_ms(const azattest_op *op)
{
    int64_t left;

    if (op == NULL || op->deadline_ms == INT64_MAX)
        return -1;
    left = op->deadline_ms - azattest__instance_monotonic_ms(op->instance);
    return left < 0 ? 0 : left;
}

void azattest__op_too_late(azattest_op *op, int64_t wait_ms)
{
    azattest_error *cause = op->error;
    azattest__error_http http = { 0 };

    op->error = NULL;
    azattest__error_set(&op->error, AZATTEST_E_TIMEOUT,
                        "%s; the next try, in %lld ms, would pass the time limit of %lld ms",
                        azattest_error_message(cause), (long long)wait_ms, (long long)op->instance->timeout_ms);
    http.status_code = azattest_error_status_code(cause);
    http.reason = azattest_error_reason(cause);
    http.error_code = azattest_error_error_code(cause);
    http.service_message = azattest_error_service_message(cause);
    http.target = azattest_error_target(cause);
    http.details = azattest_error_details(cause);
    http.inner_error = azattest_error_inner_error(cause);
    http.request_id = azattest_error_request_id(cause);
    http.hint = azattest_error_hint(cause);
    http.body = azattest__text(azattest_error_body(cause));
    azattest__error_set_http(op->error, &http);
    azattest_error_free(cause);
}

/* A try failed with op->error in a way that another try may mend. */
static void try_again(azattest_op *op)
{
    const azattest__instance *instance = op->instance;
    int64_t left = azattest_op_remaining_ms(op);
    int http;

    if (op->attempts > instance->retry.total) {
        fail(op);
        return;
    }
    op->wait_ms = azattest__retry_wait_ms(&instance->retry, op->attempts, azattest__instance_random(instance),
                                          op->retry_after_ms);
    if (left >= 0 && op->wait_ms >= left) {
        azattest__op_too_late(op, op->wait_ms);
        fail(op);
        return;
    }
    http = azattest_error_status_code(op->error);
    azattest__log_for(op->log_level, AZATTEST_LOG_INFO, "%s: try %d failed (%s%s%.0d); next in %lld ms", op->what,
                      op->attempts, azattest_status_name(azattest_error_code(op->error)), http == 0 ? "" : " ", http,
                      (long long)op->wait_ms); /* %.0d of zero is nothing */
    azattest_error_free(op->error);
    op->error = NULL;
    op->state = AZATTEST__OP_WAIT;
}

/* AZATTEST_E_RESPONSE for what exceeds a ceiling or is no answer at all. */
static azattest_status check_answer(const azattest_op *op, const azattest_http_response *response,
                                    azattest_error **error)
{
    const azattest_request *request = azattest_op_request(op);
    size_t size = 0;

    if (response->status < 200 || response->status > 599)
        return azattest__error_set(error, AZATTEST_E_RESPONSE, "%s: %d is no status of a final answer", op->what,
                                   response->status);
    if (response->body.len > request->response_limit)
        return azattest__error_set(error, AZATTEST_E_RESPONSE, "%s: the answer has more than %zu bytes", op->what,
                                   request->response_limit);
    for (size_t i = 0; i < response->header_count; i++)
        if (response->headers[i].name != NULL && response->headers[i].value != NULL)
            size += strlen(response->headers[i].name) + strlen(response->headers[i].value);
    if (size > AZATTEST_LIMIT_RESPONSE_HEADERS)
        return azattest__error_set(error, AZATTEST_E_RESPONSE, "%s: the answer's headers have more than %u bytes",
                                   op->what, AZATTEST_LIMIT_RESPONSE_HEADERS);
    return AZATTEST_OK;
}

/* An answer that says no. */
static void refused(azattest_op *op, const azattest_http_response *response)
{
    op->retry_after_ms = azattest__response_retry_after_ms(response, azattest__instance_now_ms(op->instance));
    (void)azattest__response_error(response, op->what, &op->error);
    if (op->authorised)
        azattest__error_hide(op->error, op->bearer.text);
    if (op->collateral != NULL)
        azattest__op_explain_collateral(op);
    else
        azattest__op_explain_refusal(op);
    if (azattest__retry_status(response->status))
        try_again(op);
    else if (response->status != 401 || !azattest__op_reauthenticate(op))
        fail(op);
}

azattest_status azattest_op_respond(azattest_op *op, const azattest_http_response *response)
{
    if (op == NULL || response == NULL || response->size < sizeof(*response) ||
        (response->headers == NULL && response->header_count > 0) ||
        (response->body.ptr == NULL && response->body.len > 0))
        return AZATTEST_E_ARGUMENT;
    if (!azattest__op_wants(op, AZATTEST_NEED_HTTP))
        return AZATTEST_E_STATE;
    if (check_answer(op, response, &op->error) != AZATTEST_OK) {
        op->asked = false;
        op->attempts += op->state == AZATTEST__OP_SEND;
        fail(op);
        return AZATTEST_OK;
    }
    op->asked = false;
    if (op->state == AZATTEST__OP_AUTHENTICATE) {
        azattest__log_for(op->log_level, AZATTEST_LOG_INFO, "%s: the token's source answered %d", op->what,
                          response->status);
        azattest__flow_respond(op->flow, response);
        return AZATTEST_OK;
    }
    op->attempts++;
    azattest__op_log_response(op, response);
    if (response->status > 299)
        refused(op, response);
    else if (op->receive(op, response, &op->error) != AZATTEST_OK)
        fail(op); /* an answer that cannot be used is not asked for again */
    return AZATTEST_OK;
}

azattest_status azattest_op_fail(azattest_op *op, azattest_status status, const char *message, bool answered)
{
    bool refused = status == AZATTEST_E_CRYPTO;
    azattest_status shown = refused ? AZATTEST_E_TRANSPORT : status;

    if (op == NULL || (azattest__op_may_fail(op) && !azattest__op_is_reason(op, status)))
        return AZATTEST_E_ARGUMENT;
    if (!azattest__op_may_fail(op))
        return AZATTEST_E_STATE;
    op->asked = false;
    if (status == AZATTEST_E_CANCELLED)
        atomic_store(&op->cancelled, true);
    if (op->state == AZATTEST__OP_AUTHENTICATE) {
        azattest__flow_no_answer(op->flow, status, message);
        return AZATTEST_OK;
    }
    if (op->state == AZATTEST__OP_SHARED_KEYS) {
        azattest__error_set(&op->error, shown, "%s: no keys: %s", op->what,
                            message == NULL ? "the driver gave no reason" : message);
        fail(op);
        return AZATTEST_OK;
    }
    op->attempts++;
    op->retry_after_ms = -1;
    if (answered && shown == AZATTEST_E_TRANSPORT) /* it was reached, and may have done what was asked */
        shown = AZATTEST_E_RESPONSE;
    azattest__error_set(&op->error, shown, "%s: %s", op->what, message == NULL ? "the driver gave no reason" : message);
    if (status == AZATTEST_E_CANCELLED || refused || (answered && strcmp(op->request.method, "GET") != 0))
        fail(op);
    else
        try_again(op);
    return AZATTEST_OK;
}

azattest_status azattest_op_waited(azattest_op *op)
{
    if (op == NULL)
        return AZATTEST_E_ARGUMENT;
    if (!azattest__op_wants(op, AZATTEST_NEED_SLEEP))
        return AZATTEST_E_STATE;
    op->asked = false;
    if (op->state == AZATTEST__OP_AUTHENTICATE) {
        azattest__flow_waited(op->flow);
    } else if (op->state == AZATTEST__OP_WAIT) {
        op->state = AZATTEST__OP_SEND;
        op->authorised = false; /* the token may have come to its end meanwhile */
    } else {
        op->state = op->state == AZATTEST__OP_LOOK ? AZATTEST__OP_KEYS : AZATTEST__OP_AUTHENTICATE;
    }
    return AZATTEST_OK;
}

void azattest_op_cancel(azattest_op *op)
{
    if (op != NULL)
        atomic_store(&op->cancelled, true);
}

const azattest_error *azattest_op_error(const azattest_op *op)
{
    return op == NULL || op->state != AZATTEST__OP_FAILED ? NULL : op->error;
}

azattest_error *azattest_op_take_error(azattest_op *op)
{
    azattest_error *error;

    if (op == NULL || op->state != AZATTEST__OP_FAILED)
        return NULL;
    error = op->error;
    op->error = NULL;
    return error;
}

azattest_response *azattest_op_take_response(azattest_op *op)
{
    azattest_response *response;

    if (op == NULL || op->state != AZATTEST__OP_DONE)
        return NULL;
    response = op->result_response;
    op->result_response = NULL;
    return response;
}

azattest_signers *azattest_op_take_signers(azattest_op *op)
{
    azattest_signers *signers;

    if (op == NULL || op->state != AZATTEST__OP_DONE)
        return NULL;
    signers = op->result_signers;
    op->result_signers = NULL;
    return signers;
}

azattest_access_token *azattest_op_take_access_token(azattest_op *op)
{
    azattest_access_token *token;

    if (op == NULL || op->state != AZATTEST__OP_DONE || !op->wants_token || op->bearer.text == NULL ||
        (token = calloc(1, sizeof(*token))) == NULL)
        return NULL;
    token->size = sizeof(*token);
    token->token = op->bearer.text;
    token->expires_on_s = op->bearer.expires_on_s;
    token->refresh_on_s = op->bearer.refresh_on_s;
    op->bearer.text = NULL;
    return token;
}

azattest_metadata *azattest_op_take_metadata(azattest_op *op)
{
    azattest_metadata *metadata;

    if (op == NULL || op->state != AZATTEST__OP_DONE)
        return NULL;
    metadata = op->result_metadata;
    op->result_metadata = NULL;
    return metadata;
}

azattest_tcb_baselines *azattest_op_take_tcb_baselines(azattest_op *op)
{
    azattest_tcb_baselines *baselines;

    if (op == NULL || op->state != AZATTEST__OP_DONE)
        return NULL;
    baselines = op->result_baselines;
    op->result_baselines = NULL;
    return baselines;
}

char *azattest_op_take_text(azattest_op *op, size_t *length)
{
    char *text;

    if (length != NULL)
        *length = 0;
    if (op == NULL || op->state != AZATTEST__OP_DONE || op->result_text == NULL)
        return NULL;
    text = op->result_text;
    if (length != NULL)
        *length = op->result_text_len;
    op->result_text = NULL;
    op->result_text_len = 0;
    return text;
}
