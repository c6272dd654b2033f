/* Key discovery and the judgement of a token, as states. */
#include "op.h"

#include <stdlib.h>

#include <azattest/limits.h>

#include "../protocol/metadata.h"

bool azattest__needs_keys(const azattest_token *token, const azattest_validation_options *options)
{
    return azattest_token_is_secured(token) && options->validate_token != AZATTEST_OFF &&
           options->validate_signature != AZATTEST_OFF;
}

azattest_status azattest__judge(azattest__instance *instance, azattest_token *token,
                                const azattest_validation_options *options, const azattest_signers *fetched,
                                bool is_attestation, bool is_draft, const azattest__measurements *measurements,
                                azattest_problems *problems, bool *unknown_key, azattest_error **error)
{
    azattest__check check = { 0 };

    check.options = options;
    check.endpoint = instance->endpoint.text;
    check.keys = options->signers != NULL ? options->signers : fetched;
    check.keys_from_endpoint = options->signers == NULL;
    check.is_attestation = is_attestation;
    check.is_draft_reply = is_draft;
    check.judge_signer = azattest__judge_service;
    check.judge_user = &instance->service;
    check.now_ms = options->now_ms != 0 ? options->now_ms : azattest__instance_now_ms(instance);
    if (measurements != NULL) {
        check.measurements = measurements->claims;
        check.measurement_count = measurements->count;
    }
    return azattest__token_check(token, &check, problems, unknown_key, error);
}

/* A token that was not validated, on the caller's own wish, has a value that says so. */
static azattest_status make_value(azattest_op *op, azattest_response *response, azattest_problems *problems,
                                  azattest_error **error)
{
    if (op->finish != NULL)
        return op->finish(op, response, problems, error);
    return azattest_token_result(op->token, !azattest_token_is_validated(op->token), &response->value, error);
}

/* What the caller has to know beside the answer: of the keys, and of what was not compared. */
static azattest_status take_warning(azattest_op *op, azattest_response *response, azattest_error **error)
{
    azattest_status status;
    azattest__buf text;

    if (op->call == NULL || op->measurements.count > 0) {
        response->warning = op->warning;
        op->warning = NULL;
        return AZATTEST_OK;
    }
    azattest__buf_init(&text, 65536);
    azattest__buf_printf(
        &text,
        "the %s is of a form that is not known here, so the measurements of the token were not compared with it%s%s",
        op->call->argument, op->warning == NULL ? "" : "; ", op->warning == NULL ? "" : op->warning);
    if ((status = azattest__error_from_buf(error, &text, "warning")) == AZATTEST_OK)
        response->warning = (char *)azattest__buf_take(&text, NULL);
    azattest__buf_free(&text);
    return status;
}

/* The answer to the call, once its token has passed; none when there are problems with what it says. */
static azattest_status make_response(azattest_op *op, azattest_problems *problems, azattest_error **error)
{
    azattest_response *response;
    azattest_status status = AZATTEST_OK;
    azattest_bytes text = azattest_token_serialize(op->token);

    if ((response = calloc(1, sizeof(*response))) == NULL)
        return azattest__error_memory(error);
    if ((response->raw = azattest__dup(text.ptr, text.len)) == NULL) {
        status = azattest__error_memory(error);
        goto done;
    }
    response->raw_token = azattest__bytes(response->raw, text.len);
    if ((status = make_value(op, response, problems, error)) != AZATTEST_OK || problems->count > 0 ||
        (status = take_warning(op, response, error)) != AZATTEST_OK)
        goto done;
    response->token = op->token;
    response->request_id = op->request_id;
    response->is_draft = op->sent_draft && !azattest_token_is_secured(op->token);
    op->token = NULL;
    op->request_id = NULL;
    op->result_response = response;
    response = NULL;
done:
    azattest_response_free(response);
    return status;
}

/* The failure of a token (op->error), together with the call that brought it. */
static void refuse(azattest_op *op)
{
    azattest__error_http http = { 0 };
    azattest__buf hint;

    azattest__buf_init(&hint, 4096);
    if (op->warning != NULL) {
        azattest__buf_printf(&hint, "The key set could not be refreshed: %s", op->warning);
        http.hint = (const char *)hint.ptr;
    }
    http.status_code = op->status_code;
    http.reason = op->reason;
    http.request_id = op->request_id;
    azattest__error_set_http(op->error, &http);
    azattest__error_set_call(op->error, op->call_attempts > 0 ? op->client_request_id : NULL, op->call_attempts, -1);
    azattest__buf_free(&hint);
    op->state = AZATTEST__OP_FAILED;
}

static void judge(azattest_op *op)
{
    azattest_problems problems = { NULL, 0 };
    bool unknown_key = false, may_ask = op->keys != NULL && !op->unknown_key;
    azattest_status status =
        azattest__judge(op->instance, op->token, &op->validation.options, op->keys == NULL ? NULL : op->keys->signers,
                        op->finish == NULL, op->sent_draft, &op->measurements, &problems, &unknown_key, &op->error);

    if (status == AZATTEST_OK && problems.count > 0 && unknown_key && may_ask) {
        op->unknown_key = true;
        op->state = AZATTEST__OP_KEYS;
        goto done;
    }
    if (status == AZATTEST_OK && problems.count == 0)
        status = make_response(op, &problems, &op->error);
    if (status == AZATTEST_OK && problems.count > 0)
        status = azattest__error_from_problems(&op->error, &problems);
    if (status == AZATTEST_OK)
        op->state = AZATTEST__OP_DONE;
    else
        refuse(op);
done:
    azattest__problems_clear(&problems);
}

static void use(azattest_op *op, azattest__key_set *set)
{
    azattest__key_set_free(op->keys);
    op->keys = set;
    judge(op);
}

/* No more fetches: the set that does not know the key has the last word, unless another operation's came meanwhile. */
static void use_latest(azattest_op *op, int64_t now)
{
    azattest__key_set *set = azattest__key_cache_peek(&op->instance->cache, now);

    use(op, set != NULL ? set : azattest__key_set_ref(op->keys));
}

static azattest_status receive_keys(azattest_op *op, const azattest_http_response *response, azattest_error **error)
{
    const azattest__instance *instance = op->instance;
    azattest_signers *signers = NULL;
    azattest__key_set *set;
    azattest_status status;

    if ((status = azattest__certs_reply(response, azattest_token_key_id(op->token), &signers, error)) != AZATTEST_OK)
        return status;
    set = azattest__key_cache_store(&op->instance->cache, azattest__instance_monotonic_ms(instance), op->lease,
                                    azattest__response_max_age_ms(response), signers);
    if (set == NULL)
        return azattest__error_memory(error);
    op->lease = 0;
    azattest__key_set_free(op->fetched);
    op->fetched = azattest__key_set_ref(set);
    use(op, set);
    return AZATTEST_OK;
}

static void fetch_keys(azattest_op *op)
{
    azattest_status status =
        azattest__certs_request(op->instance->endpoint.text, op->instance->api_version, &op->request, &op->error);

    if (status == AZATTEST_OK)
        status = azattest__op_exchange(op, "get signing certificates", receive_keys, &op->error);
    if (status != AZATTEST_OK)
        op->state = AZATTEST__OP_FAILED; /* out of memory; the lease goes with the operation */
}

/* One look at the cache; the state stays KEYS when another look is due at once. */
static void look(azattest_op *op)
{
    azattest__key_cache *cache = &op->instance->cache;
    int64_t now = azattest__instance_monotonic_ms(op->instance);
    azattest__keys_answer answer = AZATTEST__KEYS_USE;
    azattest__key_set *set = NULL;

    if (!azattest__needs_keys(op->token, &op->validation.options) || op->validation.options.signers != NULL) {
        judge(op);
        return;
    }
    if (op->unknown_key)
        answer = azattest__key_cache_ask_newer(cache, now, op->moment, &set, &op->lease);
    else
        answer = azattest__key_cache_ask(cache, now, &set, &op->lease, &op->warning);
    switch (answer) {
    case AZATTEST__KEYS_USE:
        use(op, set);
        break;
    case AZATTEST__KEYS_FETCH:
        if (op->instance->keys_url == NULL)
            fetch_keys(op);
        else
            op->state = AZATTEST__OP_SHARED_KEYS;
        break;
    case AZATTEST__KEYS_WAIT:
        op->wait_ms = AZATTEST__KEY_LOOK_MS;
        op->state = AZATTEST__OP_LOOK;
        break;
    case AZATTEST__KEYS_LIMIT:
        use_latest(op, now);
        break;
    }
}

void azattest__op_keys(azattest_op *op)
{
    while (op->state == AZATTEST__OP_KEYS)
        look(op);
}

void azattest__op_keys_failed(azattest_op *op)
{
    azattest__key_cache *cache = &op->instance->cache;
    int64_t now = azattest__instance_monotonic_ms(op->instance);
    azattest__key_set *set;

    if (op->instance->keys_url != NULL && op->state != AZATTEST__OP_SHARED_KEYS) {
        azattest_error_free(op->key_failure);
        op->key_failure = op->error;
        op->error = NULL;
        op->state = AZATTEST__OP_SHARED_KEYS;
        return;
    }
    azattest__key_cache_give_up(cache, now, op->lease, azattest_error_message(op->error));
    op->lease = 0;
    if ((set = azattest__key_cache_fallback(cache, now)) == NULL) {
        op->state = AZATTEST__OP_FAILED;
        return;
    }
    azattest__log_for(op->log_level, AZATTEST_LOG_WARNING, "older signing keys are used: %s",
                      azattest_error_message(op->error));
    free(op->warning);
    op->warning = azattest__dup_text(azattest_error_message(op->error));
    azattest_error_free(op->error);
    op->error = NULL;
    op->unknown_key = true; /* this set is the last word */
    use(op, set);
}

azattest_status azattest__op_validate(azattest__instance *instance, azattest_token *token,
                                      const azattest_validation_options *options, azattest_op **out,
                                      azattest_error **error)
{
    azattest_op *op = NULL;
    azattest_status status;

    *out = NULL;
    if ((status = azattest__op_new(instance, &op, error)) != AZATTEST_OK) {
        azattest_token_free(token);
        return status;
    }
    op->token = token;
    if ((status = azattest__validation_own(&instance->validation.options, options, &op->validation, &op->lent,
                                           error)) != AZATTEST_OK)
        goto done;
    op->what = "validate token";
    op->moment = azattest__key_cache_moment(&instance->cache);
    op->state = AZATTEST__OP_KEYS;
    *out = op;
    op = NULL;
done:
    azattest_op_free(op);
    return status;
}

/* ---------------------------------------------------------------------------------------- keys that a driver shares */

const char *azattest_op_keys_url(const azattest_op *op)
{
    return azattest__op_wants(op, AZATTEST_NEED_KEYS) ? op->instance->keys_url : NULL;
}

const char *azattest_op_keys_kid(const azattest_op *op)
{
    return azattest__op_wants(op, AZATTEST_NEED_KEYS) ? azattest_token_key_id(op->token) : NULL;
}

bool azattest_op_keys_unknown(const azattest_op *op)
{
    return azattest__op_wants(op, AZATTEST_NEED_KEYS) && op->unknown_key;
}

const char *azattest_op_keys_failure(const azattest_op *op)
{
    return azattest__op_wants(op, AZATTEST_NEED_KEYS) && op->key_failure != NULL
               ? azattest_error_message(op->key_failure)
               : NULL;
}

/* Keys may come now: they are asked for, or a fetch of them waits for its next try. */
static bool takes_keys(const azattest_op *op)
{
    return azattest__op_wants(op, AZATTEST_NEED_KEYS) ||
           (azattest__op_wants(op, AZATTEST_NEED_SLEEP) && op->state == AZATTEST__OP_WAIT && op->lease != 0 &&
            op->instance->keys_url != NULL);
}

static azattest_status read_kept(const azattest_op *op, azattest_bytes jwks, azattest_signers **out)
{
    azattest_error *reason = NULL;
    azattest_status status = AZATTEST_E_RESPONSE;

    if (jwks.len <= AZATTEST_LIMIT_RESPONSE &&
        (status = azattest__certs_read(jwks, azattest_token_key_id(op->token), out, &reason)) != AZATTEST_OK &&
        status != AZATTEST_E_MEMORY) {
        azattest__log_for(op->log_level, AZATTEST_LOG_WARNING, "the kept signing keys cannot be used: %s",
                          azattest_error_message(reason));
        status = AZATTEST_E_RESPONSE;
    }
    azattest_error_free(reason);
    return status;
}

azattest_status azattest_op_give_keys(azattest_op *op, azattest_bytes jwks, int64_t age_ms, int64_t max_age_ms,
                                      const char *warning)
{
    azattest__kept_keys kept = { NULL, age_ms, max_age_ms, NULL };
    azattest__key_set *set;
    azattest_status status;
    char *copy;
    bool stale;

    if (op == NULL || jwks.ptr == NULL)
        return AZATTEST_E_ARGUMENT;
    if (!takes_keys(op))
        return AZATTEST_E_STATE;
    stale = azattest__key_cache_is_stale(&op->instance->cache, age_ms, max_age_ms);
    if (age_ms < 0 || age_ms >= AZATTEST__KEY_STALE_LIMIT_MS || (stale && warning == NULL))
        return AZATTEST_E_ARGUMENT;
    copy = azattest__dup_text(warning);
    if (warning != NULL && copy == NULL)
        return AZATTEST_E_MEMORY;
    kept.warning = stale ? warning : NULL;
    if ((status = read_kept(op, jwks, &kept.signers)) != AZATTEST_OK ||
        (set = azattest__key_cache_adopt(&op->instance->cache, azattest__instance_monotonic_ms(op->instance), op->lease,
                                         op->unknown_key, &kept)) == NULL) {
        free(copy);
        return status != AZATTEST_OK ? status : AZATTEST_E_MEMORY;
    }
    op->asked = false;
    op->lease = 0;
    free(op->warning);
    op->warning = copy;
    if (stale) {
        azattest__log_for(op->log_level, AZATTEST_LOG_WARNING, "older signing keys are used: %s", warning);
        op->unknown_key = true; /* they could not be refreshed just now: this set is the last word */
    }
    use(op, set);
    return AZATTEST_OK;
}

azattest_status azattest_op_fetch_keys(azattest_op *op)
{
    if (op == NULL)
        return AZATTEST_E_ARGUMENT;
    if (!azattest__op_wants(op, AZATTEST_NEED_KEYS))
        return AZATTEST_E_STATE;
    op->asked = false;
    if (op->key_failure == NULL) {
        fetch_keys(op);
    } else {
        op->error = op->key_failure;
        op->key_failure = NULL;
        azattest__op_keys_failed(op);
    }
    return AZATTEST_OK;
}

azattest_bytes azattest_op_fetched_keys(const azattest_op *op, int64_t *max_age_ms)
{
    azattest_bytes none = { NULL, 0 };

    if (max_age_ms != NULL)
        *max_age_ms = op == NULL || op->fetched == NULL ? 0 : op->fetched->life_ms;
    return op == NULL || op->fetched == NULL ? none : azattest_signers_jwks(op->fetched->signers);
}
