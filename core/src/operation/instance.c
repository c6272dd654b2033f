/* The shared part of clients, verifiers and their operations. */
#include "instance.h"

#include <stdlib.h>

#include <azattest/limits.h>

azattest_status azattest__instance_new(int64_t key_life_ms, azattest__instance **out, azattest_error **error)
{
    azattest__instance *instance;
    azattest_status status;

    *out = NULL;
    if ((instance = calloc(1, sizeof(*instance))) == NULL)
        return azattest__error_memory(error);
    if ((status = azattest__key_cache_init(&instance->cache, key_life_ms, error)) != AZATTEST_OK) {
        free(instance);
        return status;
    }
    if ((status = azattest__service_cache_init(&instance->service, error)) != AZATTEST_OK) {
        azattest__key_cache_clear(&instance->cache);
        free(instance);
        return status;
    }
    atomic_init(&instance->references, 1);
    instance->evidence.check = AZATTEST_CHECK_EVIDENCE_BINDING;
    azattest__buf_init(&instance->evidence.roots, AZATTEST_LIMIT_CERTIFICATE_CHAIN);
    *out = instance;
    return AZATTEST_OK;
}

azattest__instance *azattest__instance_ref(azattest__instance *instance)
{
    atomic_fetch_add_explicit(&instance->references, 1, memory_order_relaxed);
    return instance;
}

void azattest__instance_free(azattest__instance *instance)
{
    if (instance == NULL || atomic_fetch_sub_explicit(&instance->references, 1, memory_order_acq_rel) > 1)
        return;
    azattest__origin_clear(&instance->endpoint);
    free(instance->api_version);
    free(instance->user_agent);
    azattest__validation_clear(&instance->validation);
    azattest__lent_free(&instance->lent);
    azattest_collateral_free(instance->evidence.collateral);
    azattest__buf_free(&instance->evidence.roots);
    azattest__service_cache_clear(&instance->service);
    azattest_signing_key_free(instance->signing_key);
    azattest__key_cache_clear(&instance->cache);
    free(instance->keys_url);
    azattest_credential_free(instance->credential);
    free(instance->scopes);
    free(instance->tenant);
    free(instance);
}

bool azattest__instance_has_credential(const azattest__instance *instance)
{
    return instance->credential != NULL;
}

int64_t azattest__instance_now_ms(const azattest__instance *instance)
{
    return azattest__clock_now_ms(&instance->clock);
}

int64_t azattest__instance_monotonic_ms(const azattest__instance *instance)
{
    return azattest__clock_monotonic_ms(&instance->clock);
}

uint32_t azattest__instance_random(const azattest__instance *instance)
{
    uint32_t bits = 0;

    if (instance->random != NULL)
        return instance->random(instance->random_user);
    /* Without randomness the wait is merely the shortest one. */
    (void)azattest__random(&bits, sizeof(bits), NULL);
    return bits;
}

void azattest__lent_free(azattest__lent *lent)
{
    azattest_signers_free(lent->signers);
    azattest_appraisal_free(lent->appraisal);
    azattest_collateral_free(lent->collateral);
    memset(lent, 0, sizeof(*lent));
}

azattest_status azattest__validation_own(const azattest_validation_options *base,
                                         const azattest_validation_options *override, azattest__validation *out,
                                         azattest__lent *lent, azattest_error **error)
{
    azattest_status status = azattest__validation_merge(base, override, out, error);

    memset(lent, 0, sizeof(*lent));
    if (status != AZATTEST_OK)
        return status;
    lent->signers = out->options.signers == NULL ? NULL : azattest__signers_ref(out->options.signers);
    lent->appraisal = azattest_appraisal_ref(out->options.service_appraisal);
    lent->collateral = azattest_collateral_ref(out->options.service_collateral);
    return AZATTEST_OK;
}
