/* What an operation wants of its driver, and the answers that are none of HTTP. */
#include "op.h"

#include <stdlib.h>

static azattest_need flow_need(const azattest__flow *flow)
{
    switch (flow->state) {
    case AZATTEST__FLOW_HTTP:
        return AZATTEST_NEED_HTTP;
    case AZATTEST__FLOW_WAIT:
        return AZATTEST_NEED_SLEEP;
    case AZATTEST__FLOW_FILE:
        return AZATTEST_NEED_FILE;
    case AZATTEST__FLOW_PROCESS:
        return AZATTEST_NEED_PROCESS;
    case AZATTEST__FLOW_TOKEN:
        return AZATTEST_NEED_TOKEN;
    default:
        return AZATTEST_NEED_FAILED;
    }
}

azattest_need azattest__op_need(const azattest_op *op)
{
    switch (op->state) {
    case AZATTEST__OP_SEND:
        return AZATTEST_NEED_HTTP;
    case AZATTEST__OP_WAIT:
    case AZATTEST__OP_LOOK:
    case AZATTEST__OP_TOKEN_LOOK:
        return AZATTEST_NEED_SLEEP;
    case AZATTEST__OP_AUTHENTICATE:
        return op->flow == NULL ? AZATTEST_NEED_FAILED : flow_need(op->flow);
    case AZATTEST__OP_SHARED_KEYS:
        return AZATTEST_NEED_KEYS;
    case AZATTEST__OP_DONE:
        return AZATTEST_NEED_DONE;
    default:
        return AZATTEST_NEED_FAILED;
    }
}

bool azattest__op_wants(const azattest_op *op, azattest_need need)
{
    return op != NULL && op->asked && azattest__op_need(op) == need;
}

/* The want is one of the acquisition of a token. */
static bool flow_wants(const azattest_op *op, azattest_need need)
{
    return azattest__op_wants(op, need) && op->state == AZATTEST__OP_AUTHENTICATE;
}

/* Another want of an acquisition than a request, which nobody could satisfy. */
bool azattest__op_is_reason(const azattest_op *op, azattest_status status)
{
    bool of_request = status == AZATTEST_E_TRANSPORT || status == AZATTEST_E_TIMEOUT ||
                      status == AZATTEST_E_CANCELLED || status == AZATTEST_E_CRYPTO;

    return of_request || ((flow_wants(op, AZATTEST_NEED_TOKEN) || flow_wants(op, AZATTEST_NEED_FILE) ||
                           flow_wants(op, AZATTEST_NEED_PROCESS)) &&
                          (status == AZATTEST_E_AUTH || status == AZATTEST_E_CREDENTIAL_UNAVAILABLE));
}

bool azattest__op_may_fail(const azattest_op *op)
{
    return azattest__op_wants(op, AZATTEST_NEED_HTTP) || azattest__op_wants(op, AZATTEST_NEED_TOKEN) ||
           azattest__op_wants(op, AZATTEST_NEED_FILE) || azattest__op_wants(op, AZATTEST_NEED_PROCESS) ||
           azattest__op_wants(op, AZATTEST_NEED_KEYS);
}

const char *azattest_op_scopes(const azattest_op *op)
{
    return flow_wants(op, AZATTEST_NEED_TOKEN) ? op->flow->scopes : NULL;
}

azattest_status azattest_op_give_token(azattest_op *op, const azattest_access_token *token)
{
    azattest_error *reason = NULL;
    azattest_status status;

    if (op == NULL || token == NULL || token->size < sizeof(*token))
        return AZATTEST_E_ARGUMENT;
    if (!flow_wants(op, AZATTEST_NEED_TOKEN))
        return AZATTEST_E_STATE;
    if ((status = azattest__flow_give_token(op->flow, token, &reason)) == AZATTEST_OK)
        op->asked = false;
    azattest_error_free(reason);
    return status;
}

azattest_status azattest_op_call_credential(azattest_op *op)
{
    if (op == NULL)
        return AZATTEST_E_ARGUMENT;
    if (!flow_wants(op, AZATTEST_NEED_TOKEN) || !azattest__callback_call(op->flow->active, op, op->flow->scopes))
        return AZATTEST_ABSENT;
    /* Taken only from a function that forgot to answer. */
    (void)azattest_op_fail(op, AZATTEST_E_AUTH, "get_token neither gave a token nor failed", false);
    return AZATTEST_OK;
}

const char *azattest_op_file_path(const azattest_op *op)
{
    return flow_wants(op, AZATTEST_NEED_FILE) ? op->flow->file_path : NULL;
}

size_t azattest_op_file_limit(const azattest_op *op)
{
    return flow_wants(op, AZATTEST_NEED_FILE) ? op->flow->file_limit : 0;
}

azattest_status azattest_op_give_file(azattest_op *op, azattest_bytes content)
{
    if (op == NULL || (content.ptr == NULL && content.len > 0))
        return AZATTEST_E_ARGUMENT;
    if (!flow_wants(op, AZATTEST_NEED_FILE))
        return AZATTEST_E_STATE;
    op->asked = false;
    azattest__flow_give_file(op->flow, content);
    return AZATTEST_OK;
}

const char *azattest_op_process_argument(const azattest_op *op, size_t index)
{
    if (!flow_wants(op, AZATTEST_NEED_PROCESS) || index >= op->flow->argument_count)
        return NULL;
    return op->flow->arguments[index];
}

int64_t azattest_op_process_timeout_ms(const azattest_op *op)
{
    return flow_wants(op, AZATTEST_NEED_PROCESS) ? op->flow->process_timeout_ms : 0;
}

azattest_status azattest_op_give_process(azattest_op *op, int exit_status, azattest_bytes output, azattest_bytes errors)
{
    if (op == NULL || (output.ptr == NULL && output.len > 0) || (errors.ptr == NULL && errors.len > 0))
        return AZATTEST_E_ARGUMENT;
    if (!flow_wants(op, AZATTEST_NEED_PROCESS))
        return AZATTEST_E_STATE;
    op->asked = false;
    azattest__flow_give_process(op->flow, exit_status, output, errors);
    return AZATTEST_OK;
}
