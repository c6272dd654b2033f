/* The set of collateral: life, and what comes in. */
#include "collateral.h"

#include <stdlib.h>

azattest_status azattest_collateral_new(azattest_collateral **out, azattest_error **error)
{
    azattest_collateral *collateral;

    if (error != NULL)
        *error = NULL;
    if (out == NULL)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT, "collateral: no place for the result");
    *out = NULL;
    if ((collateral = calloc(1, sizeof(*collateral))) == NULL)
        return azattest__error_memory(error);
    atomic_init(&collateral->references, 1);
    *out = collateral;
    return AZATTEST_OK;
}

azattest_collateral *azattest_collateral_ref(const azattest_collateral *collateral)
{
    azattest_collateral *counted;

    memcpy(&counted, &collateral, sizeof(counted)); /* the count stands apart from the const of the readers */
    if (counted != NULL)
        atomic_fetch_add_explicit(&counted->references, 1, memory_order_relaxed);
    return counted;
}

void azattest_collateral_free(azattest_collateral *collateral)
{
    if (collateral == NULL || atomic_fetch_sub_explicit(&collateral->references, 1, memory_order_acq_rel) != 1)
        return;
    free(collateral);
}

azattest_status azattest_collateral_add(azattest_collateral *collateral, azattest_bytes content, azattest_error **error)
{
    (void)content;
    if (error != NULL)
        *error = NULL;
    if (collateral == NULL)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT, "collateral: no set");
    return azattest__error_set(error, AZATTEST_E_UNSUPPORTED, "collateral: not yet");
}

azattest_status azattest_collateral_add_response(azattest_collateral *collateral, const char *item, azattest_bytes body,
                                                 azattest_bytes issuer_chain, azattest_error **error)
{
    (void)item;
    (void)issuer_chain;
    return azattest_collateral_add(collateral, body, error);
}

azattest_bytes azattest_collateral_describe(const azattest_collateral *collateral)
{
    (void)collateral;
    return azattest__bytes(NULL, 0);
}

azattest_status azattest_collateral_save(const azattest_collateral *collateral, unsigned char **bytes, size_t *len,
                                         azattest_error **error)
{
    (void)collateral;
    if (error != NULL)
        *error = NULL;
    if (bytes != NULL)
        *bytes = NULL;
    if (len != NULL)
        *len = 0;
    return azattest__error_set(error, AZATTEST_E_UNSUPPORTED, "collateral: not yet");
}

int64_t azattest_collateral_expires_ms(const azattest_collateral *collateral)
{
    (void)collateral;
    return 0;
}
