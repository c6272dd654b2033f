/* The machine of an acquisition: wants, answers, and the tries of its requests. */
#include "flow.h"

#include <stdlib.h>

#include <azattest/limits.h>

#include "../crypto/crypto.h"

static void execute_clear(azattest__flow *flow)
{
    while (flow->argument_count > 0)
        free(flow->arguments[--flow->argument_count]);
    memset(flow->arguments, 0, sizeof(flow->arguments));
}

void azattest__flow_free(azattest__flow *flow)
{
    if (flow == NULL)
        return;
    azattest__request_clear(&flow->request);
    free(flow->scopes);
    free(flow->tenant);
    free(flow->file_path);
    execute_clear(flow);
    azattest__buf_free(&flow->reasons);
    azattest__access_token_clear(&flow->token);
    azattest_error_free(flow->error);
    azattest_credential_free(flow->credential);
    free(flow);
}

/* flow->error says why: the end, unless a chain has another link. */
static void fail(azattest__flow *flow)
{
    flow->state = AZATTEST__FLOW_FAILED;
    if (flow->credential->class->failed != NULL)
        flow->credential->class->failed(flow);
}

/* After each answer. */
static void settle(azattest__flow *flow, azattest_status status)
{
    if (status == AZATTEST_OK)
        return;
    if (flow->error == NULL)
        (void)azattest__error_memory(&flow->error);
    fail(flow);
}

azattest_status azattest__flow_new(azattest_credential *credential, const char *scopes, const char *tenant,
                                   const azattest__flow_setting *setting, azattest__flow **out, azattest_error **error)
{
    azattest__flow *flow;

    *out = NULL;
    if ((flow = calloc(1, sizeof(*flow))) == NULL)
        return azattest__error_memory(error);
    azattest__request_init(&flow->request);
    azattest__buf_init(&flow->reasons, 16384);
    flow->active = flow->credential = azattest_credential_ref(credential);
    flow->setting = *setting;
    flow->state = AZATTEST__FLOW_FAILED;
    flow->scopes = azattest__dup_text(scopes);
    flow->tenant = azattest__dup_text(tenant);
    if (flow->scopes == NULL || (tenant != NULL && flow->tenant == NULL)) {
        azattest__flow_free(flow);
        return azattest__error_memory(error);
    }
    settle(flow, credential->class->start(flow, &flow->error));
    *out = flow;
    return AZATTEST_OK;
}

int64_t azattest__flow_now_s(const azattest__flow *flow)
{
    return azattest__clock_now_ms(flow->setting.clock) / 1000;
}

void azattest__flow_done(azattest__flow *flow, azattest__access_token *token)
{
    azattest__access_token_clear(&flow->token);
    flow->token = *token;
    memset(token, 0, sizeof(*token));
    flow->state = AZATTEST__FLOW_DONE;
    if (flow->credential->class->done != NULL)
        flow->credential->class->done(flow);
}

void azattest__flow_ask(azattest__flow *flow)
{
    flow->state = AZATTEST__FLOW_TOKEN;
}

/* ---- requests ---- */

static bool again_as_usual(const azattest__flow *flow, int status, int64_t *wait_ms)
{
    const azattest__retry_policy *policy = flow->setting.retry;
    uint32_t bits = 0;

    if (flow->attempts > policy->total || (status != 0 && !azattest__retry_status(status)))
        return false;
    if (flow->setting.random != NULL)
        bits = flow->setting.random(flow->setting.random_user);
    else /* without randomness the wait is merely the shortest one */
        (void)azattest__random(&bits, sizeof(bits), NULL);
    *wait_ms = azattest__retry_wait_ms(policy, flow->attempts, bits, flow->retry_after_ms);
    return true;
}

azattest_status azattest__flow_request(azattest__flow *flow, const char *method, azattest__buf *url,
                                       azattest_error **error)
{
    azattest_status status = azattest__error_from_buf(error, url, "address of the token's source");

    azattest__request_clear(&flow->request);
    if (status == AZATTEST_OK) {
        flow->request.method = method;
        flow->request.url = (char *)azattest__buf_take(url, NULL);
    }
    azattest__buf_free(url);
    return status;
}

azattest_status azattest__flow_send(azattest__flow *flow, azattest__flow_receive receive, azattest__flow_again again,
                                    azattest_error **error)
{
    azattest_status status = azattest__request_header(&flow->request, "User-Agent", flow->setting.user_agent, error);

    if (status != AZATTEST_OK ||
        (status = azattest__request_header(&flow->request, "Accept", "application/json", error)) != AZATTEST_OK)
        return status;
    flow->receive = receive;
    flow->again = again == NULL ? again_as_usual : again;
    flow->unreachable = AZATTEST_E_TRANSPORT;
    flow->attempts = 0;
    flow->retry_after_ms = -1;
    flow->state = AZATTEST__FLOW_HTTP;
    return AZATTEST_OK;
}

/* flow->error says why this try failed; it is kept while waiting, for whoever gives up meanwhile. */
static void try_again(azattest__flow *flow, int status)
{
    if (!flow->again(flow, status, &flow->wait_ms)) {
        fail(flow);
        return;
    }
    azattest__log(AZATTEST_LOG_INFO, "%s: try %d failed (%s%s%.0d); next in %lld ms", flow->active->name,
                  flow->attempts, azattest_status_name(azattest_error_code(flow->error)), status == 0 ? "" : " ",
                  status, (long long)flow->wait_ms); /* %.0d of zero is nothing */
    flow->state = AZATTEST__FLOW_WAIT;
}

/* A source that repeats what it was sent does not make us show it: as it is, as a form has it, or in a header. */
static void hide_secrets(azattest__flow *flow)
{
    azattest__buf escaped;

    azattest__buf_init(&escaped, 3 * AZATTEST_LIMIT_ACCESS_TOKEN);
    if (flow->secret != NULL)
        azattest__append_escaped(&escaped, flow->secret);
    azattest__error_hide(flow->error, flow->secret);
    azattest__error_hide(flow->error, (const char *)escaped.ptr);
    for (size_t i = 0; i < flow->request.header_count; i++) {
        const char *blank = strchr(flow->request.headers[i].value, ' ');

        if (strcmp(flow->request.headers[i].name, "Authorization") == 0 && blank != NULL)
            azattest__error_hide(flow->error, blank + 1);
    }
    azattest__buf_free(&escaped);
}

void azattest__flow_respond(azattest__flow *flow, const azattest_http_response *response)
{
    azattest_status status;

    flow->attempts++;
    flow->retry_after_ms = azattest__response_retry_after_ms(response, azattest__clock_now_ms(flow->setting.clock));
    status = flow->receive(flow, response, &flow->error);
    if (status == AZATTEST_OK)
        return;
    if (flow->error == NULL)
        (void)azattest__error_memory(&flow->error);
    hide_secrets(flow);
    azattest__error_set_call(flow->error, NULL, flow->attempts, flow->retry_after_ms);
    if (response->status > 299 && status != AZATTEST_E_MEMORY)
        try_again(flow, response->status);
    else
        fail(flow);
}

void azattest__flow_no_answer(azattest__flow *flow, azattest_status status, const char *message)
{
    bool transient = status == AZATTEST_E_TRANSPORT || status == AZATTEST_E_TIMEOUT;
    const char *reason = message == NULL ? "the driver gave no reason" : message;

    if (status == AZATTEST_E_CRYPTO)
        status = AZATTEST_E_TRANSPORT;
    if (flow->state == AZATTEST__FLOW_HTTP && flow->unreachable != AZATTEST_E_TRANSPORT)
        status = flow->unreachable;
    (void)azattest__error_set(&flow->error, status, "%s: %s", flow->active->name, reason);
    if (flow->state == AZATTEST__FLOW_HTTP) {
        flow->attempts++;
        flow->retry_after_ms = -1;
        azattest__error_set_call(flow->error, NULL, flow->attempts, -1);
    }
    if (flow->state == AZATTEST__FLOW_HTTP && transient)
        try_again(flow, 0);
    else
        fail(flow);
}

void azattest__flow_waited(azattest__flow *flow)
{
    azattest_error_free(flow->error);
    flow->error = NULL;
    flow->state = AZATTEST__FLOW_HTTP;
}

/* ---- files, processes, tokens ---- */

azattest_status azattest__flow_read(azattest__flow *flow, const char *path, size_t limit,
                                    azattest__flow_take_file take_file, azattest_error **error)
{
    free(flow->file_path);
    if ((flow->file_path = azattest__dup_text(path)) == NULL)
        return azattest__error_memory(error);
    flow->file_limit = limit;
    flow->take_file = take_file;
    flow->state = AZATTEST__FLOW_FILE;
    return AZATTEST_OK;
}

void azattest__flow_give_file(azattest__flow *flow, azattest_bytes content)
{
    settle(flow, flow->take_file(flow, content, &flow->error));
}

void azattest__flow_execute(azattest__flow *flow, int64_t timeout_ms, azattest__flow_take_process take_process)
{
    execute_clear(flow);
    flow->process_timeout_ms = timeout_ms;
    flow->take_process = take_process;
    flow->state = AZATTEST__FLOW_PROCESS;
}

azattest_status azattest__flow_argument(azattest__flow *flow, const char *argument, azattest_error **error)
{
    if (flow->argument_count == AZATTEST__FLOW_ARGUMENTS)
        return azattest__error_set(error, AZATTEST_E_LIMIT, "%s: no room for an argument", flow->active->name);
    if ((flow->arguments[flow->argument_count] = azattest__dup_text(argument)) == NULL)
        return azattest__error_memory(error);
    flow->argument_count++;
    return AZATTEST_OK;
}

void azattest__flow_give_process(azattest__flow *flow, int exit_status, azattest_bytes output, azattest_bytes errors)
{
    settle(flow, flow->take_process(flow, exit_status, output, errors, &flow->error));
}

azattest_status azattest__flow_give_token(azattest__flow *flow, const azattest_access_token *token,
                                          azattest_error **error)
{
    azattest__access_token copy = { NULL, token->expires_on_s, token->refresh_on_s };
    azattest_status status = azattest__access_token_check(azattest__text(token->token), error);

    if (status != AZATTEST_OK)
        return status;
    if ((copy.text = azattest__dup_text(token->token)) == NULL)
        return azattest__error_memory(error);
    if (copy.expires_on_s <= 0 && !azattest__access_token_expiry(copy.text, &copy.expires_on_s))
        copy.expires_on_s = INT64_MAX;
    azattest__flow_done(flow, &copy);
    return AZATTEST_OK;
}
