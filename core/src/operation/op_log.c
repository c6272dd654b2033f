/* What an operation tells the log of its exchanges: redacted lines, and bodies where they are wanted. */
#include "op.h"

#include <string.h>

#include <azattest/limits.h>

#include "../protocol/trace.h"

/* Bodies are shown of the exchanges with the instance alone: what identities are proved with is nobody's business. */
static bool shows_bodies(const azattest_op *op)
{
    return op->instance->trace_bodies && azattest__log_enabled_for(op->log_level, AZATTEST_LOG_VERBOSE) &&
           azattest__op_is_own_address(op);
}

static void log_body(const azattest_op *op, const char *of, azattest_bytes body)
{
    azattest__buf text;

    azattest__buf_init(&text, AZATTEST_LIMIT_RESPONSE);
    azattest__trace_body(body, &text);
    azattest__log_for(op->log_level, AZATTEST_LOG_VERBOSE, "%s: body of the %s: %s", op->what, of,
                      text.ptr == NULL ? "?" : (const char *)text.ptr);
    azattest__buf_free(&text);
}

void azattest__op_log_request(const azattest_op *op)
{
    azattest__buf text;

    if (!azattest__log_enabled_for(op->log_level, AZATTEST_LOG_INFO))
        return;
    azattest__buf_init(&text, AZATTEST_LIMIT_RESPONSE_HEADERS);
    azattest__trace_request(&op->request, &text);
    azattest__log_for(op->log_level, AZATTEST_LOG_INFO, "%s: request, try %d: %s", op->what, op->attempts + 1,
                      text.ptr == NULL ? "?" : (const char *)text.ptr);
    azattest__buf_free(&text);
    if (shows_bodies(op))
        log_body(op, "request", azattest_request_body(&op->request));
}

void azattest__op_log_response(const azattest_op *op, const azattest_http_response *response)
{
    azattest__buf text;

    if (!azattest__log_enabled_for(op->log_level, AZATTEST_LOG_INFO))
        return;
    azattest__buf_init(&text, AZATTEST_LIMIT_RESPONSE_HEADERS);
    azattest__trace_response(response, &text);
    azattest__log_for(op->log_level, AZATTEST_LOG_INFO, "%s: answer to try %d: %s", op->what, op->attempts,
                      text.ptr == NULL ? "?" : (const char *)text.ptr);
    azattest__buf_free(&text);
    if (shows_bodies(op))
        log_body(op, "answer", response->body);
}

void azattest_op_log(const azattest_op *op, int level, const char *message)
{
    if (op == NULL || message == NULL || level < AZATTEST_LOG_VERBOSE || level > AZATTEST_LOG_ERROR)
        return;
    azattest__log_for(op->log_level, (azattest_log_level)level, "%s: %s", op->what, message);
}
