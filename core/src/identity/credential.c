/* The common part of all credentials. */
#include "identity.h"

#include <stdlib.h>

azattest_status azattest__credential_check_out(const char *name, azattest_credential **out, azattest_error **error)
{
    if (error != NULL)
        *error = NULL;
    if (out == NULL)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT, "%s: nowhere to put it", name);
    *out = NULL;
    return AZATTEST_OK;
}

azattest_status azattest__credential_new(size_t size, const azattest__credential_class *class,
                                         azattest_credential **out, azattest_error **error)
{
    azattest_credential *credential;
    azattest_status status;

    *out = NULL;
    if ((credential = calloc(1, size)) == NULL)
        return azattest__error_memory(error);
    if ((status = azattest__token_cache_init(&credential->cache, error)) != AZATTEST_OK) {
        free(credential);
        return status;
    }
    atomic_init(&credential->references, 1);
    credential->class = class;
    credential->name = class->name;
    *out = credential;
    return AZATTEST_OK;
}

/* What users see as constant counts its references and caches its tokens. */
azattest_credential *azattest_credential_ref(const azattest_credential *credential)
{
    union {
        const azattest_credential *seen;
        azattest_credential *counted;
    } same = { .seen = credential };

    if (credential != NULL)
        atomic_fetch_add_explicit(&same.counted->references, 1, memory_order_relaxed);
    return same.counted;
}

void azattest_credential_free(azattest_credential *credential)
{
    if (credential == NULL || atomic_fetch_sub_explicit(&credential->references, 1, memory_order_acq_rel) > 1)
        return;
    if (credential->class->clear != NULL)
        credential->class->clear(credential);
    azattest__token_cache_clear(&credential->cache);
    free(credential);
}

const char *azattest_credential_kind(const azattest_credential *credential)
{
    return credential == NULL ? NULL : credential->class->name;
}
