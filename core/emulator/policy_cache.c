/*
 * The policies that an instance applies, parsed. Each type keeps the last one: it is good for as long as the store has
 * the very token that it was made of, so that nothing has to be told of a change, and no attestation sees half of one.
 */
#include <stdlib.h>

#include "envelope.h"
#include "policy_cache.h"

static azattest__service_policy *new_policy(void)
{
    azattest__service_policy *policy = calloc(1, sizeof(*policy));

    if (policy != NULL) {
        atomic_init(&policy->references, 1);
        azattest__buf_init(&policy->token, AZATTEST_LIMIT_TOKEN);
    }
    return policy;
}

void azattest__service_policy_free(azattest__service_policy *policy)
{
    if (policy == NULL || atomic_fetch_sub(&policy->references, 1) > 1)
        return;
    azattest_policy_free(policy->parsed);
    azattest__json_free(policy->signer);
    azattest__buf_free(&policy->token);
    free(policy);
}

azattest_status azattest__service_policy_read(const azattest__service *service, const azattest__kind *kind,
                                              azattest_bytes text, azattest_policy **out, azattest_error **error)
{
    azattest_status status = azattest__policy_read(text, service->lenient_policies, kind->name, out, error);

    if (status != AZATTEST_OK)
        return status;
    azattest__policy_check(*out);
    if (!(*out)->diagnostics.no_memory)
        return AZATTEST_OK;
    azattest_policy_free(*out);
    *out = NULL;
    return azattest__error_memory(error);
}

/* ---- one of each type ---- */

/* Another reference to what is kept, if it is of that token. */
static azattest__service_policy *find(azattest__service *service, const azattest__kind *kind, azattest_bytes token)
{
    azattest__service_policy *found;

    pthread_mutex_lock(&service->policies_lock);
    found = service->policies[azattest__kind_index(kind)];
    if (found != NULL && azattest__bytes_equal(azattest__buf_bytes(&found->token), token))
        atomic_fetch_add(&found->references, 1);
    else
        found = NULL;
    pthread_mutex_unlock(&service->policies_lock);
    return found;
}

static void keep(azattest__service *service, const azattest__kind *kind, azattest__service_policy *policy)
{
    azattest__service_policy **place = &service->policies[azattest__kind_index(kind)], *before;

    atomic_fetch_add(&policy->references, 1);
    pthread_mutex_lock(&service->policies_lock);
    before = *place;
    *place = policy;
    pthread_mutex_unlock(&service->policies_lock);
    azattest__service_policy_free(before);
}

/* Of a stored token; an absent one stands for the default text. */
static azattest_status make(const azattest__service *service, const azattest__kind *kind, azattest_bytes token,
                            azattest__service_policy **out, azattest_error **error)
{
    azattest_status status = AZATTEST_OK;
    azattest__envelope envelope = { .payload = NULL };
    azattest__service_policy *policy = new_policy();
    azattest__buf text;

    azattest__buf_init(&text, AZATTEST_LIMIT_POLICY);
    if (policy == NULL) {
        status = azattest__error_memory(error);
        goto done;
    }
    if (token.ptr == NULL) {
        azattest__buf_append_text(&text, azattest_policy_default(kind->name));
    } else {
        azattest__buf_append_bytes(&policy->token, token);
        if ((status = azattest__envelope_reopen(token, &envelope, error)) != AZATTEST_OK ||
            (status = azattest__envelope_policy(&envelope, &text, error)) != AZATTEST_OK)
            goto done;
        if (envelope.certificate != NULL &&
            (status = azattest__signer_jwk(envelope.certificate, envelope.alg, &policy->signer, error)) != AZATTEST_OK)
            goto done;
    }
    if ((status = azattest__error_from_buf(error, &text, "policy")) == AZATTEST_OK &&
        (status = azattest__error_from_buf(error, &policy->token, "policy token")) == AZATTEST_OK)
        status = azattest__service_policy_read(service, kind, azattest__buf_bytes(&text), &policy->parsed, error);
done:
    azattest__buf_free(&text);
    azattest__envelope_clear(&envelope);
    if (status == AZATTEST_OK)
        *out = policy;
    else
        azattest__service_policy_free(policy);
    return status;
}

azattest_status azattest__service_policy_in_force(azattest__service *service, const azattest__kind *kind,
                                                  azattest__service_policy **out, azattest_error **error)
{
    azattest_status status;
    azattest_bytes token = { NULL, 0 };
    azattest__buf stored;

    *out = NULL;
    azattest__buf_init(&stored, AZATTEST_LIMIT_TOKEN);
    status = azattest__store_get_policy(service->store, service->instance, kind->name, &stored, error);
    if (status == AZATTEST_OK)
        token = azattest__buf_bytes(&stored);
    else if (status != AZATTEST_ABSENT || azattest_policy_default(kind->name) == NULL)
        goto done;
    if ((*out = find(service, kind, token)) != NULL) {
        status = AZATTEST_OK;
    } else if ((status = make(service, kind, token, out, error)) == AZATTEST_OK) {
        keep(service, kind, *out);
    } else if (status != AZATTEST_E_MEMORY) { /* it was good when it was stored: no fault of this request */
        status = azattest__error_set(error, AZATTEST_E_STATE, "the stored policy of %s cannot be read", kind->name);
    }
done:
    azattest__buf_free(&stored);
    return status == AZATTEST_ABSENT ? AZATTEST_OK : status;
}

azattest_status azattest__service_policy_draft(const azattest__service *service, const azattest__kind *kind,
                                               const char *text, azattest__service_policy **out, azattest_error **error)
{
    azattest_status status;
    azattest__service_policy *policy = new_policy();

    *out = NULL;
    if (policy == NULL)
        return azattest__error_memory(error);
    policy->draft = true;
    if ((status = azattest__service_policy_read(service, kind, azattest__text(text), &policy->parsed, error)) ==
        AZATTEST_OK) {
        *out = policy;
        return AZATTEST_OK;
    }
    azattest__service_policy_free(policy);
    azattest__error_prefix(error, "draftPolicyForAttestation");
    return status;
}

void azattest__service_policies_free(azattest__service *service)
{
    for (size_t i = 0; i < AZATTEST__KINDS; i++)
        azattest__service_policy_free(service->policies[i]);
    pthread_mutex_destroy(&service->policies_lock);
}
