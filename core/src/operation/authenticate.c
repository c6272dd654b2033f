/* The access token of a request: from the credential's cache, or acquired, or got anew after a 401. */
#include "op.h"

#include <stdlib.h>

#include <azattest/limits.h>

bool azattest__op_needs_token(const azattest_op *op)
{
    return op->request.authenticate && op->instance->credential != NULL && !op->authorised;
}

static azattest__token_key key_of(const azattest_op *op)
{
    azattest__token_key key = { .scopes = op->instance->scopes, .tenant = op->instance->tenant };

    key.now_s = azattest__instance_now_ms(op->instance) / 1000;
    key.monotonic_ms = azattest__instance_monotonic_ms(op->instance);
    return key;
}

void azattest__op_release_token(azattest_op *op)
{
    azattest__token_key key = { .scopes = op->instance->scopes, .tenant = op->instance->tenant };
    azattest__access_token unused;

    if (op->owns_token_lease &&
        azattest__token_cache_give_up(&op->instance->credential->cache, &key, op->token_lease, NULL, &unused))
        azattest__access_token_clear(&unused);
    op->token_lease = 0;
    op->owns_token_lease = false;
}

/* op->error says why there is no token. */
static void fail(azattest_op *op)
{
    azattest__error_prefix(&op->error, "%s", op->what);
    if (op->attempts > 0)
        azattest__error_set_call(op->error, op->client_request_id, op->attempts, -1);
    azattest__op_release_token(op);
    op->state = AZATTEST__OP_FAILED;
}

static azattest_status put_header(azattest_op *op)
{
    azattest_status status;
    azattest__buf value;

    if (!azattest__op_is_own_address(op))
        return azattest__error_set(&op->error, AZATTEST_E_STATE,
                                   "an access token goes to the endpoint's own address only");
    azattest__buf_init(&value, AZATTEST_LIMIT_ACCESS_TOKEN + 16);
    azattest__buf_append_text(&value, "Bearer ");
    azattest__buf_append_text(&value, op->bearer.text);
    if ((status = azattest__error_from_buf(&op->error, &value, "access token")) == AZATTEST_OK)
        status = azattest__request_header(&op->request, "Authorization", (const char *)value.ptr, &op->error);
    azattest__buf_free(&value);
    return status;
}

/* A token is in hand. The one that the service refused is no use again: then its refusal stands. */
static void use(azattest_op *op, azattest__access_token *token)
{
    bool refused = op->refusal != NULL && op->bearer.text != NULL && strcmp(op->bearer.text, token->text) == 0;

    azattest__access_token_clear(&op->bearer);
    op->bearer = *token;
    memset(token, 0, sizeof(*token));
    if (refused) {
        azattest_error_free(op->error);
        op->error = op->refusal;
        op->refusal = NULL;
        azattest__error_set_call(op->error, op->client_request_id, op->attempts, -1);
        op->state = AZATTEST__OP_FAILED;
    } else if (op->wants_token) {
        op->state = AZATTEST__OP_DONE;
    } else if (put_header(op) == AZATTEST_OK) {
        op->authorised = true;
        op->state = AZATTEST__OP_SEND;
    } else {
        fail(op);
    }
}

static void succeed(azattest_op *op)
{
    azattest__token_key key = key_of(op);
    azattest__access_token *token = &op->flow->token, copy;

    if (token->refresh_on_s <= 0 && token->expires_on_s != INT64_MAX &&
        token->expires_on_s - key.now_s > AZATTEST__TOKEN_HALF_LIFE_S)
        token->refresh_on_s = key.now_s + (token->expires_on_s - key.now_s) / 2;
    azattest__log_for(op->log_level, AZATTEST_LOG_INFO, "%s: a token for %s came from %s", op->what,
                      op->instance->scopes, op->flow->active->name);
    azattest__token_cache_store(&op->instance->credential->cache, &key, op->token_lease, token);
    op->token_lease = 0;
    op->owns_token_lease = false;
    copy = *token;
    token->text = NULL;
    azattest__flow_free(op->flow);
    op->flow = NULL;
    use(op, &copy);
}

/* The acquisition failed with op->error: what is left is the old token, while it lives. */
static void fall_back(azattest_op *op)
{
    azattest__token_key key = key_of(op);
    azattest__access_token old;
    bool cancelled = atomic_load(&op->cancelled);
    bool lives = azattest__token_cache_give_up(&op->instance->credential->cache, &key, op->token_lease,
                                               cancelled ? NULL : op->error, &old);

    op->token_lease = 0;
    op->owns_token_lease = false;
    azattest__flow_free(op->flow);
    op->flow = NULL;
    if (cancelled || !lives) {
        azattest__access_token_clear(&old);
        fail(op);
        return;
    }
    azattest__log_for(op->log_level, AZATTEST_LOG_WARNING,
                      "%s: the access token could not be renewed, and the old one is used: %s", op->what,
                      azattest_error_message(op->error));
    azattest_error_free(op->error);
    op->error = NULL;
    use(op, &old);
}

static void settle(azattest_op *op)
{
    azattest__flow *flow = op->flow;
    int64_t left;

    switch (flow->state) {
    case AZATTEST__FLOW_DONE:
        succeed(op);
        break;
    case AZATTEST__FLOW_FAILED:
        azattest_error_free(op->error);
        op->error = flow->error;
        flow->error = NULL;
        fall_back(op);
        break;
    case AZATTEST__FLOW_WAIT:
        left = azattest_op_remaining_ms(op);
        if (left >= 0 && flow->wait_ms >= left) {
            azattest_error_free(op->error);
            op->error = flow->error;
            flow->error = NULL;
            azattest__op_too_late(op, flow->wait_ms);
            fall_back(op);
        }
        break;
    default:
        break;
    }
}

static void begin(azattest_op *op)
{
    const azattest__instance *instance = op->instance;
    azattest__flow_setting setting = { &instance->clock, &instance->retry, instance->random, instance->random_user,
                                       instance->user_agent };

    op->owns_token_lease = true;
    if (azattest__flow_new(instance->credential, instance->scopes, instance->tenant, &setting, &op->flow, &op->error) !=
        AZATTEST_OK)
        fail(op);
    else
        settle(op);
}

/* One look at the cache. */
static void look(azattest_op *op)
{
    azattest__token_key key = key_of(op);
    azattest__access_token token;

    switch (azattest__token_cache_ask(&op->instance->credential->cache, &key, &token, &op->token_lease, &op->error)) {
    case AZATTEST__TOKEN_USE:
        op->token_lease = 0;
        use(op, &token);
        break;
    case AZATTEST__TOKEN_FETCH:
        begin(op);
        break;
    case AZATTEST__TOKEN_WAIT:
        op->wait_ms = AZATTEST__TOKEN_LOOK_MS;
        op->state = AZATTEST__OP_TOKEN_LOOK;
        break;
    case AZATTEST__TOKEN_FAILED:
        op->token_lease = 0;
        fail(op);
        break;
    }
}

void azattest__op_authenticate(azattest_op *op)
{
    if (op->flow != NULL)
        settle(op);
    else
        look(op);
}

bool azattest__op_reauthenticate(azattest_op *op)
{
    azattest__token_key key;

    if (!op->authorised || op->refusal != NULL)
        return false;
    key = key_of(op);
    azattest__log_for(op->log_level, AZATTEST_LOG_INFO,
                      "%s: the service refused the token (401); another one is got, once", op->what);
    azattest__token_cache_drop(&op->instance->credential->cache, &key, op->bearer.text);
    azattest__request_remove_header(&op->request, "Authorization");
    op->refusal = op->error;
    op->error = NULL;
    op->authorised = false;
    op->state = AZATTEST__OP_AUTHENTICATE;
    return true;
}

void azattest__op_explain_refusal(azattest_op *op)
{
    const char *kind = azattest_credential_kind(op->instance->credential);
    const char *message = azattest_error_service_message(op->error);
    int status = azattest_error_status_code(op->error);
    azattest__buf hint;

    if (!op->authorised || (status != 401 && status != 403))
        return;
    if (message != NULL && strcasestr(message, "shared instance") != NULL)
        return; /* no role would help, and the hint that is there says so */
    azattest__buf_init(&hint, 4096);
    if (status == 401)
        azattest__buf_printf(&hint,
                             "The service refused the token that %s got for %s: check that this is the audience of the "
                             "endpoint's cloud (option scopes) and that the identity is of the instance's tenant; it "
                             "needs the role Attestation Reader to read and Attestation Contributor to change.",
                             kind, op->instance->scopes);
    else
        azattest__buf_printf(
            &hint,
            "The service knows the identity of %s but does not allow it this: on the instance it needs "
            "the role Attestation Reader to read and Attestation Contributor to change.",
            kind);
    if (hint.status == AZATTEST_OK)
        azattest__error_set_hint(op->error, (const char *)hint.ptr);
    azattest__buf_free(&hint);
}

azattest_status azattest__op_get_token(azattest__instance *instance, azattest_op **out, azattest_error **error)
{
    azattest_status status = azattest__op_new(instance, out, error);

    if (status != AZATTEST_OK)
        return status;
    (*out)->what = "get token";
    (*out)->wants_token = true;
    (*out)->state = AZATTEST__OP_AUTHENTICATE;
    return AZATTEST_OK;
}

void azattest_access_token_free(azattest_access_token *token)
{
    union {
        const char *seen;
        char *owned;
    } text;

    if (token == NULL)
        return;
    text.seen = token->token;
    azattest__secret_free(text.owned);
    free(token);
}
