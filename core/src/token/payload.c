/* What an Azure guest sent along: `client-payload` of `x-ms-runtime`, by name, decoded. */
#include <stdlib.h>

#include <azattest/limits.h>

#include "../base/encoding.h"
#include "result.h"

struct azattest__payload {
    azattest_status status;
    size_t count;
    char **names;
    azattest__buf *values;
};

void azattest__payload_free(azattest__payload *old)
{
    if (old == NULL)
        return;
    for (size_t i = 0; i < old->count; i++) {
        free(old->names[i]);
        azattest__buf_free(&old->values[i]);
    }
    free(old->names);
    free(old->values);
    free(old);
}

/* One entry: text that is base64 of anything. */
static azattest_status payload_add(azattest__payload *made, const azattest__json *entry)
{
    const char *text = azattest__json_string(entry), *name = azattest__json_name(entry);
    azattest__buf *out = &made->values[made->count];

    azattest__buf_init(out, AZATTEST_LIMIT_TOKEN_BODY);
    if (text == NULL)
        return AZATTEST_E_TYPE;
    if ((made->names[made->count] = azattest__dup_text(name)) == NULL)
        return AZATTEST_E_MEMORY;
    made->count++;
    if (!azattest__base64_any_decode(azattest__text(text), out))
        return out->status != AZATTEST_OK ? out->status : AZATTEST_E_TYPE;
    return AZATTEST_OK;
}

static azattest_status payload_read(azattest_bytes json, azattest__payload *made)
{
    azattest__json *object = NULL;
    azattest_status status;
    size_t count;

    if (json.ptr == NULL)
        return AZATTEST_ABSENT;
    if (!azattest__claim_is_object(json))
        return AZATTEST_E_TYPE;
    if ((status = azattest__json_parse(json, &object, NULL)) != AZATTEST_OK)
        return status;
    count = azattest__json_count(object);
    made->names = calloc(count + 1, sizeof(*made->names));
    made->values = calloc(count + 1, sizeof(*made->values));
    if (made->names == NULL || made->values == NULL)
        status = AZATTEST_E_MEMORY;
    for (const azattest__json *entry = azattest__json_first(object); status == AZATTEST_OK && entry != NULL;
         entry = azattest__json_next(entry))
        status = payload_add(made, entry);
    azattest__json_free(object);
    return status;
}

static const azattest__payload *payload_of(const azattest_result *result)
{
    _Atomic(azattest__payload *) *slot = result->payload;
    azattest__payload *kept = atomic_load_explicit(slot, memory_order_acquire), *made;

    if (kept != NULL)
        return kept;
    if ((made = calloc(1, sizeof(*made))) == NULL)
        return NULL;
    made->status = payload_read(azattest__claim_client_payload(result->body), made);
    if (made->status == AZATTEST_E_MEMORY) {
        azattest__payload_free(made);
        return NULL;
    }
    if (atomic_compare_exchange_strong_explicit(slot, &kept, made, memory_order_acq_rel, memory_order_acquire))
        return made;
    azattest__payload_free(made);
    return kept;
}

azattest_status azattest_result_client_payload_count(const azattest_result *result, int64_t *value)
{
    const azattest__payload *found;

    if (value == NULL)
        return AZATTEST_E_ARGUMENT;
    *value = 0;
    if (result == NULL)
        return AZATTEST_E_ARGUMENT;
    if ((found = payload_of(result)) == NULL)
        return AZATTEST_E_MEMORY;
    if (found->status == AZATTEST_OK)
        *value = (int64_t)found->count;
    return found->status;
}

const char *azattest_result_client_payload_name(const azattest_result *result, size_t index)
{
    const azattest__payload *found = result == NULL ? NULL : payload_of(result);

    return found == NULL || found->status != AZATTEST_OK || index >= found->count ? NULL : found->names[index];
}

azattest_bytes azattest_result_client_payload_value(const azattest_result *result, size_t index)
{
    const azattest__payload *found = result == NULL ? NULL : payload_of(result);

    if (found == NULL || found->status != AZATTEST_OK || index >= found->count)
        return azattest__bytes(NULL, 0);
    return azattest__bytes(found->values[index].ptr == NULL ? (const void *)"" : found->values[index].ptr,
                           found->values[index].len);
}
