/* Fetching collateral: the items that the evidence needs, one after the other, each by a request or from a record that
 * somebody kept. */
#include "op.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <azattest/limits.h>

#include "../base/encoding.h"
#include "../evidence/collateral/collateral.h"

typedef struct azattest__collateral_entry entry;

void azattest__collateral_fetch_free(azattest__collateral_fetch *fetch)
{
    if (fetch == NULL)
        return;
    azattest__collateral_settings_clear(&fetch->settings);
    for (size_t i = 0; i < fetch->count; i++)
        azattest__buf_free(&fetch->entries[i].record);
    azattest_collateral_free(fetch->set);
    free(fetch);
}

/* ---- the plan ---- */

/* A hash of the address names the item: addresses hold characters that no file name has, and say who asks for what. */
static azattest_status make_key(const azattest__collateral_fetch *fetch, entry *e, const char *url,
                                azattest_error **error)
{
    unsigned char hash[AZATTEST__SHA256_SIZE];
    azattest__buf text, hex;
    azattest_status status;

    azattest__buf_init(&text, 4 * AZATTEST_LIMIT_ENDPOINT);
    azattest__buf_init(&hex, 2 * sizeof(hash));
    azattest__buf_append_text(&text, url);
    azattest__collateral_distinguish(e->item, &fetch->subject, &text);
    if ((status = azattest__error_from_buf(error, &text, "key of collateral")) != AZATTEST_OK ||
        (status = azattest__sha256(azattest__buf_bytes(&text), hash, error)) != AZATTEST_OK)
        goto done;
    azattest__hex_encode(azattest__bytes(hash, 20), &hex);
    if ((status = azattest__error_from_buf(error, &hex, "key of collateral")) == AZATTEST_OK)
        snprintf(e->key, sizeof(e->key), "%s-%s", azattest__collateral_item_name(e->item), (const char *)hex.ptr);
done:
    azattest__buf_free(&hex);
    azattest__buf_free(&text);
    return status;
}

/* Puts the items that are planned now and were not before behind those that are there. */
static azattest_status plan(azattest__collateral_fetch *fetch, azattest_error **error)
{
    azattest__collateral_item items[AZATTEST__COLLATERAL_ITEMS_MAX];
    size_t count = azattest__collateral_plan(&fetch->subject, &fetch->settings, items), before = fetch->count;
    azattest_status status = AZATTEST_OK;
    azattest_request request;

    azattest__request_init(&request);
    for (size_t i = 0; status == AZATTEST_OK && i < count && fetch->count < AZATTEST__COLLATERAL_ITEMS_MAX; i++) {
        entry *e = &fetch->entries[fetch->count];

        e->item = items[i];
        azattest__buf_init(&e->record, AZATTEST_LIMIT_COLLATERAL_RECORD);
        if ((status = azattest__collateral_request(e->item, &fetch->subject, &fetch->settings, &request, error)) ==
                AZATTEST_OK &&
            (status = make_key(fetch, e, request.url, error)) == AZATTEST_OK)
            fetch->count++;
    }
    azattest__request_clear(&request);
    if (status != AZATTEST_OK)
        fetch->count = before; /* their records are empty yet */
    return status;
}

static azattest_status receive(azattest_op *op, const azattest_http_response *response, azattest_error **error);

/* The next request, or the end. */
static azattest_status advance(azattest_op *op, azattest_error **error)
{
    azattest__collateral_fetch *fetch = op->collateral;
    azattest_status status;
    const entry *e;

    for (fetch->current = 0; fetch->current < fetch->count && fetch->entries[fetch->current].done; fetch->current++)
        ;
    if (fetch->current == fetch->count) {
        op->state = AZATTEST__OP_DONE;
        return AZATTEST_OK;
    }
    e = &fetch->entries[fetch->current];
    if ((status = azattest__collateral_request(e->item, &fetch->subject, &fetch->settings, &op->request, error)) !=
        AZATTEST_OK)
        return status;
    return azattest__op_exchange_plain(op, azattest__collateral_what(e->item), receive, error);
}

/* ---- items ---- */

/* Whether a set of its own takes the item: that one tells when the item ends. Milliseconds since 1970; INT64_MAX: it
 * has no end; 0: its signature is wrong, which a verdict has to say, and nobody may keep: the source may know better
 * soon. */
static azattest_status take(const azattest__collateral_fetch *fetch, const entry *e, azattest_bytes body,
                            azattest_bytes chain, int64_t *ends_ms, azattest_error **error)
{
    azattest_collateral *alone = NULL;
    azattest_status status;

    if ((status = azattest_collateral_new(&alone, error)) != AZATTEST_OK ||
        (status = azattest__collateral_put(e->item, body, chain, alone, error)) != AZATTEST_OK ||
        (status = azattest__collateral_check_subject(e->item, &fetch->subject, alone, error)) != AZATTEST_OK)
        goto done;
    if (!azattest__collateral_holds(alone, fetch->set))
        *ends_ms = 0;
    else if ((*ends_ms = azattest_collateral_expires_ms(alone)) == 0)
        *ends_ms = INT64_MAX;
done:
    azattest_collateral_free(alone);
    return status;
}

/* The last step of taking an item: nothing fails behind it. A PCK certificate brings the items that depend on it. */
static azattest_status keep(azattest__collateral_fetch *fetch, entry *e, azattest_bytes body, azattest_bytes chain,
                            azattest_error **error)
{
    azattest_status status = AZATTEST_OK;
    azattest__buf whole;

    if (e->item == AZATTEST__PCK_CERTIFICATE) {
        azattest__buf_init(&whole, 2 * AZATTEST_LIMIT_CERTIFICATE_CHAIN);
        azattest__collateral_join(body, chain, &whole);
        if ((status = azattest__error_from_buf(error, &whole, "PCK certificate")) == AZATTEST_OK)
            status = azattest__collateral_subject_complete(&fetch->subject, azattest__buf_bytes(&whole), error);
        azattest__buf_free(&whole);
    }
    if (status == AZATTEST_OK)
        status = azattest__collateral_put(e->item, body, chain, fetch->set, error);
    if (status == AZATTEST_OK && e->item == AZATTEST__PCK_CERTIFICATE)
        status = plan(fetch, error);
    e->done = status == AZATTEST_OK;
    return status;
}

/* What is fresh may be kept; a failure to write the record costs a fetch later, and nothing else. */
static void record(azattest_op *op, entry *e, const azattest_http_response *response, azattest_bytes chain,
                   int64_t ends_ms)
{
    int64_t now = azattest__instance_now_ms(op->instance);
    int64_t until = now + azattest__collateral_life_ms(e->item, response);

    if (until > ends_ms)
        until = ends_ms;
    if (until > now && azattest__collateral_record_write(e->key, e->item, now, until, chain, response->body, &e->record,
                                                         NULL) != AZATTEST_OK)
        azattest__buf_free(&e->record);
}

static azattest_status unusable(const azattest_op *op, const azattest_http_response *response, azattest_error **error)
{
    azattest_error *reason = *error;
    azattest_status status = azattest_error_code(reason);

    if (status == AZATTEST_E_MEMORY || status == AZATTEST_E_CRYPTO)
        return status;
    *error = NULL;
    status = azattest__response_unusable(response, op->what, azattest_error_message(reason), error);
    azattest_error_free(reason);
    return status;
}

static azattest_status receive(azattest_op *op, const azattest_http_response *response, azattest_error **error)
{
    azattest__collateral_fetch *fetch = op->collateral;
    entry *e = &fetch->entries[fetch->current];
    int64_t ends_ms = INT64_MAX;
    azattest_status status;
    azattest__buf chain;

    azattest__buf_init(&chain, AZATTEST_LIMIT_CERTIFICATE_CHAIN);
    if ((status = azattest__collateral_issuer_chain(e->item, response, &chain, error)) != AZATTEST_OK)
        goto done;
    if ((status = take(fetch, e, response->body, azattest__buf_bytes(&chain), &ends_ms, error)) != AZATTEST_OK ||
        (status = keep(fetch, e, response->body, azattest__buf_bytes(&chain), error)) != AZATTEST_OK) {
        status = unusable(op, response, error);
        goto done;
    }
    record(op, e, response, azattest__buf_bytes(&chain), ends_ms);
    status = advance(op, error);
done:
    azattest__buf_free(&chain);
    return status;
}

void azattest__op_explain_collateral(azattest_op *op)
{
    const azattest__collateral_fetch *fetch = op->collateral;
    const char *hint = azattest__collateral_hint(fetch->entries[fetch->current].item, fetch->subject.source,
                                                 azattest_error_status_code(op->error));

    azattest__error_hide(op->error, fetch->settings.subscription_key);
    azattest__error_set_hint(op->error, hint);
}

/* ---- beginning and end ---- */

azattest_status azattest__op_collateral(azattest__instance *instance, azattest__collateral_settings *settings,
                                        const azattest_evidence *evidence, azattest_op **out, azattest_error **error)
{
    azattest__collateral_fetch *fetch = calloc(1, sizeof(*fetch));
    azattest_op *op = NULL;
    azattest_status status;

    *out = NULL;
    if (fetch == NULL) {
        azattest__collateral_settings_clear(settings);
        return azattest__error_memory(error);
    }
    fetch->settings = *settings;
    memset(settings, 0, sizeof(*settings));
    if ((status = azattest__op_new(instance, &op, error)) != AZATTEST_OK)
        goto done;
    op->collateral = fetch;
    op->what = "fetch collateral";
    if ((status = azattest_collateral_new(&fetch->set, error)) != AZATTEST_OK ||
        (status = azattest__collateral_subject_read(evidence, &fetch->settings, &fetch->subject, error)) !=
            AZATTEST_OK ||
        (status = plan(fetch, error)) != AZATTEST_OK || (status = advance(op, error)) != AZATTEST_OK)
        goto done;
    *out = op;
    op = NULL;
    fetch = NULL;
done:
    if (op == NULL)
        azattest__collateral_fetch_free(fetch);
    azattest_op_free(op);
    return status;
}

azattest_collateral *azattest_op_take_collateral(azattest_op *op)
{
    azattest_collateral *set;

    if (op == NULL || op->state != AZATTEST__OP_DONE || op->collateral == NULL)
        return NULL;
    set = op->collateral->set;
    op->collateral->set = NULL;
    return set;
}

/* ---- records ---- */

size_t azattest_op_collateral_count(const azattest_op *op)
{
    return op == NULL || op->collateral == NULL ? 0 : op->collateral->count;
}

static entry *find(const azattest_op *op, size_t index)
{
    return index < azattest_op_collateral_count(op) ? &op->collateral->entries[index] : NULL;
}

const char *azattest_op_collateral_item(const azattest_op *op, size_t index)
{
    const entry *e = find(op, index);

    return e == NULL ? NULL : azattest__collateral_item_name(e->item);
}

const char *azattest_op_collateral_key(const azattest_op *op, size_t index)
{
    const entry *e = find(op, index);

    return e == NULL ? NULL : e->key;
}

bool azattest_op_has_collateral(const azattest_op *op, size_t index)
{
    const entry *e = find(op, index);

    return e != NULL && e->done;
}

azattest_bytes azattest_op_collateral_record(const azattest_op *op, size_t index)
{
    const entry *e = find(op, index);

    return e == NULL || e->record.len == 0 ? azattest__bytes(NULL, 0) : azattest__buf_bytes(&e->record);
}

static azattest_status check_record(const azattest_op *op, const azattest__collateral_record *kept, bool stale,
                                    int64_t ends_ms, azattest_error **error)
{
    int64_t now = azattest__instance_now_ms(op->instance);

    if (kept->fetched_ms > now)
        return azattest__error_set(error, AZATTEST_E_MALFORMED,
                                   "record of collateral: it was fetched later than the clock says");
    if (ends_ms == 0)
        return azattest__error_set(error, AZATTEST_E_MALFORMED, "record of collateral: its signature does not verify");
    if (now >= ends_ms)
        return azattest__error_set(error, AZATTEST_ABSENT, "record of collateral: the item's own end is over");
    if (!stale && now >= kept->fresh_until_ms)
        return azattest__error_set(error, AZATTEST_ABSENT, "record of collateral: it is older than it may be");
    return AZATTEST_OK;
}

/* Damage is worth a look; that time passes is not. */
static void log_given(const azattest_op *op, const entry *e, azattest_status status, const azattest_error *reason)
{
    azattest__log_for(
        op->log_level, status == AZATTEST_OK || status == AZATTEST_ABSENT ? AZATTEST_LOG_INFO : AZATTEST_LOG_WARNING,
        "%s: what is kept of it is %s%s%s", azattest__collateral_what(e->item),
        status == AZATTEST_OK ? "used" : "not used: ", status == AZATTEST_OK ? "" : azattest_error_message(reason),
        status == AZATTEST_OK || status == AZATTEST_ABSENT ? "" : "; it is fetched anew");
}

static azattest_status give(azattest_op *op, entry *e, azattest_bytes record, bool stale, azattest_error **error)
{
    azattest__collateral_record kept;
    int64_t ends_ms = INT64_MAX;
    azattest_status status;
    azattest_bytes chain;

    if ((status = azattest__collateral_record_read(record, &kept, error)) != AZATTEST_OK)
        return status;
    chain = azattest__buf_bytes(&kept.chain);
    if (kept.item != e->item || strcmp(kept.key, e->key) != 0)
        status = azattest__error_set(error, AZATTEST_E_MALFORMED, "record of collateral: it is of another request");
    else if ((status = take(op->collateral, e, azattest__buf_bytes(&kept.body), chain, &ends_ms, error)) ==
                 AZATTEST_OK &&
             (status = check_record(op, &kept, stale, ends_ms, error)) == AZATTEST_OK &&
             (status = keep(op->collateral, e, azattest__buf_bytes(&kept.body), chain, error)) == AZATTEST_OK)
        status = advance(op, error);
    azattest__collateral_record_clear(&kept);
    return status;
}

azattest_status azattest_op_give_collateral(azattest_op *op, size_t index, azattest_bytes record, bool stale,
                                            azattest_error **error)
{
    entry *e = find(op, index);
    azattest_error *reason = NULL;
    azattest_status status;

    if (error != NULL)
        *error = NULL;
    if (e == NULL || record.ptr == NULL)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT, "record of collateral: no operation, item or record");
    if (e->done || op->state != AZATTEST__OP_SEND || op->asked || op->attempts > 0)
        return azattest__error_set(error, AZATTEST_E_STATE,
                                   "record of collateral: the item is there, or the operation has begun to fetch");
    status = give(op, e, record, stale, &reason);
    log_given(op, e, status, reason);
    if (error != NULL)
        *error = reason;
    else
        azattest_error_free(reason);
    return status;
}
