/* Making clients: every option is checked here, once. */
#include <azattest/limits.h>

#include "../error/options.h"
#include "../evidence/intel/pck.h"
#include "../identity/settings.h"
#include "client.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../base/encoding.h"

/* No wait and no life is longer than a year: what is, is a mistake in units, and would come near overflow. */
#define LONGEST_MS (INT64_C(366) * 86400000)
#define TEXT_LENGTH 256

static const char no_endpoint[] = "";

static azattest_status check_endpoint(const char *type, const azattest__origin *endpoint, azattest_switch insecure,
                                      azattest_error **error)
{
    if (endpoint->secure || (insecure == AZATTEST_ON && endpoint->loopback))
        return AZATTEST_OK;
    return azattest__error_set(error, AZATTEST_E_ARGUMENT,
                               "%s: %s is not https, so anybody on the way could answer with keys of his own%s", type,
                               endpoint->text,
                               endpoint->loopback ? "; for a local service set allow_insecure_http"
                                                  : "; allow_insecure_http is for loopback hosts only");
}

static azattest_status check_text(const char *type, const char *name, const char *text, azattest_error **error)
{
    if (text == NULL || (azattest__header_value_valid(text) && strlen(text) <= TEXT_LENGTH))
        return AZATTEST_OK;
    return azattest__error_set(error, AZATTEST_E_ARGUMENT, "%s: %s has to be 1 to %d visible ASCII characters", type,
                               name, TEXT_LENGTH);
}

/* A time option: zero is the default; negative is allowed only where it means something. */
static azattest_status take_ms(const char *type, const char *name, int64_t value, int64_t standard,
                               bool may_be_negative, int64_t *out, azattest_error **error)
{
    *out = value == 0 ? standard : value;
    if ((value >= 0 || may_be_negative) && value <= LONGEST_MS)
        return AZATTEST_OK;
    return azattest__error_set(error, AZATTEST_E_ARGUMENT, "%s: %s is %lld, expected 0 (default) to %lld", type, name,
                               (long long)value, (long long)LONGEST_MS);
}

static azattest_status take_times(const char *type, const azattest_client_options *options,
                                  azattest__instance *instance, azattest_error **error)
{
    azattest__retry_policy *retry = &instance->retry;
    azattest_status status;

    if (options->retry_total > 100)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT, "%s: retry_total is %d, expected at most 100", type,
                                   options->retry_total);
    retry->total = options->retry_total == 0 ? AZATTEST__RETRY_TOTAL : options->retry_total;
    if (retry->total < 0)
        retry->total = 0;
    if ((status = take_ms(type, "retry_delay_ms", options->retry_delay_ms, AZATTEST__RETRY_DELAY_MS, false,
                          &retry->delay_ms, error)) != AZATTEST_OK ||
        (status = take_ms(type, "retry_max_delay_ms", options->retry_max_delay_ms, AZATTEST__RETRY_MAX_DELAY_MS, false,
                          &retry->max_delay_ms, error)) != AZATTEST_OK ||
        (status = take_ms(type, "retry_after_max_ms", options->retry_after_max_ms, AZATTEST__RETRY_AFTER_MAX_MS, false,
                          &retry->after_max_ms, error)) != AZATTEST_OK)
        return status;
    return take_ms(type, "timeout_ms", options->timeout_ms, AZATTEST__TIMEOUT_MS, true, &instance->timeout_ms, error);
}

/* The application id may have blanks around it; they are trimmed. Anything else invisible could forge a header. */
static azattest_status check_application_id(const char *type, const char *id, azattest_error **error)
{
    for (; id != NULL && *id != '\0'; id++)
        if (*id < 0x20 || *id > 0x7e)
            return azattest__error_set(error, AZATTEST_E_ARGUMENT,
                                       "%s: application_id has to be visible ASCII characters", type);
    return AZATTEST_OK;
}

/* One or several words of visible ASCII, single blanks between. */
static azattest_status take_scopes(const char *type, const char *scopes, azattest__instance *instance,
                                   azattest_error **error)
{
    if (!azattest__header_value_valid(scopes) || strstr(scopes, "  ") != NULL || strlen(scopes) > AZATTEST_LIMIT_SCOPES)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT,
                                   "%s: scopes has to be one or several scopes of visible ASCII characters, separated "
                                   "by single blanks, such as \"https://attest.azure.net/.default\"",
                                   type);
    instance->scopes = azattest__dup_text(scopes);
    return instance->scopes == NULL ? azattest__error_memory(error) : AZATTEST_OK;
}

/* The scope of the cloud that an attestation endpoint belongs to, or NULL. China's is not established. */
static const char *scope_of(const char *endpoint)
{
    static const struct {
        const char *suffix, *scope;
    } clouds[] = { { ".attest.azure.net", "https://attest.azure.net/.default" },
                   { ".attest.azure.us", "https://attest.azure.us/.default" } };
    const char *host = strstr(endpoint, "://") + 3;
    size_t len = strcspn(host, ":");

    for (size_t i = 0; i < sizeof(clouds) / sizeof(clouds[0]); i++) {
        size_t suffix = strlen(clouds[i].suffix);

        if (len > suffix && strncmp(host + len - suffix, clouds[i].suffix, suffix) == 0)
            return clouds[i].scope;
    }
    return NULL;
}

static azattest_status take_credential(const char *type, const azattest_client_options *options,
                                       azattest__instance *instance, azattest_error **error)
{
    const char *scopes = options->scopes;

    if (options->credential == NULL && scopes == NULL)
        return AZATTEST_OK;
    if (scopes == NULL && (scopes = scope_of(instance->endpoint.text)) == NULL)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT,
                                   "%s: %s belongs to no cloud whose scope is known, so with a credential the option "
                                   "scopes is needed (public cloud: \"https://attest.azure.net/.default\")",
                                   type, instance->endpoint.text);
    if (options->tenant_id != NULL && !azattest__is_tenant(options->tenant_id))
        return azattest__error_set(error, AZATTEST_E_ARGUMENT, "%s: tenant_id has to be letters, digits, '-' and '.'",
                                   type);
    instance->tenant = azattest__dup_text(options->tenant_id);
    if (options->tenant_id != NULL && instance->tenant == NULL)
        return azattest__error_memory(error);
    instance->credential = azattest_credential_ref(options->credential);
    return take_scopes(type, scopes, instance, error);
}

static azattest_status check_log_level(const char *type, int level, azattest_error **error)
{
    if (level == 0 || (level >= AZATTEST_LOG_VERBOSE && level <= AZATTEST_LOG_OFF))
        return AZATTEST_OK;
    return azattest__error_set(error, AZATTEST_E_ARGUMENT, "%s: log_level is %d, expected 0 or an azattest_log_level",
                               type, level);
}

/* The same for every api-version: it names the instance's keys, and is asked of a driver, not of the service. */
static azattest_status take_shared_keys(const azattest_client_options *options, azattest__instance *instance,
                                        azattest_error **error)
{
    azattest_status status;
    azattest__buf url;

    if (options->shared_keys != AZATTEST_ON || instance->endpoint.text == NULL)
        return AZATTEST_OK;
    azattest__buf_init(&url, AZATTEST_LIMIT_ENDPOINT + 16);
    azattest__buf_printf(&url, "%s/certs", instance->endpoint.text);
    if ((status = azattest__error_from_buf(error, &url, "shared_keys")) == AZATTEST_OK)
        instance->keys_url = (char *)azattest__buf_take(&url, NULL);
    azattest__buf_free(&url);
    return status;
}

static azattest_status take_evidence(const char *type, const azattest_client_options *options,
                                     azattest__instance *instance, azattest_error **error)
{
    int check = options->check_evidence;
    azattest__x509_chain roots;
    azattest_status status;

    if (check < AZATTEST_CHECK_EVIDENCE_DEFAULT || check > AZATTEST_CHECK_EVIDENCE_FULL)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT,
                                   "%s: check_evidence is %d, expected an azattest_check_evidence", type, check);
    if (options->evidence_roots.ptr == NULL && options->evidence_roots.len > 0)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT, "%s: evidence_roots have a length and no bytes", type);
    if (options->evidence_roots.ptr != NULL) {
        status = azattest__pck_read_roots(options->evidence_roots, &roots, error);
        azattest__x509_chain_clear(&roots);
        if (status != AZATTEST_OK) {
            azattest__error_prefix(error, "%s: evidence_roots", type);
            return status;
        }
    }
    if (check != AZATTEST_CHECK_EVIDENCE_DEFAULT)
        instance->evidence.check = options->check_evidence;
    instance->evidence.collateral = azattest_collateral_ref(options->evidence_collateral);
    azattest__buf_append_bytes(&instance->evidence.roots, options->evidence_roots);
    return azattest__error_from_buf(error, &instance->evidence.roots, "evidence_roots");
}

static azattest_status fill(const char *type, const char *endpoint, const azattest_client_options *options,
                            azattest__instance *instance, azattest_error **error)
{
    const char *version = options->api_version == NULL ? AZATTEST_DEFAULT_API_VERSION : options->api_version;
    azattest_status status;

    /* Without an endpoint: for getting a token only. */
    if ((endpoint != no_endpoint &&
         ((status = azattest__origin_parse(endpoint, &instance->endpoint, error)) != AZATTEST_OK ||
          (status = check_endpoint(type, &instance->endpoint, options->allow_insecure_http, error)) != AZATTEST_OK)) ||
        (status = take_credential(type, options, instance, error)) != AZATTEST_OK ||
        (status = check_text(type, "api_version", options->api_version, error)) != AZATTEST_OK ||
        (status = check_text(type, "user_agent", options->user_agent, error)) != AZATTEST_OK ||
        (status = check_application_id(type, options->application_id, error)) != AZATTEST_OK ||
        (status = check_log_level(type, options->log_level, error)) != AZATTEST_OK ||
        (status = take_times(type, options, instance, error)) != AZATTEST_OK ||
        (status = azattest__user_agent(options, &instance->user_agent, error)) != AZATTEST_OK ||
        (status = take_shared_keys(options, instance, error)) != AZATTEST_OK ||
        (status = take_evidence(type, options, instance, error)) != AZATTEST_OK ||
        (status = azattest__validation_own(NULL, options->validation, &instance->validation, &instance->lent, error)) !=
            AZATTEST_OK)
        return status;
    instance->signing_key = azattest_signing_key_ref(options->signing_key);
    instance->clock = options->clock;
    instance->random = options->random;
    instance->random_user = options->random_user;
    instance->log_level = options->log_level;
    instance->trace_bodies = options->trace_bodies == AZATTEST_ON;
    if ((instance->api_version = azattest__dup_text(version)) == NULL)
        return azattest__error_memory(error);
    return AZATTEST_OK;
}

azattest_status azattest__configure(const char *type, const char *endpoint, const azattest_client_options *options,
                                    azattest__instance **out, azattest_error **error)
{
    azattest_client_options taken;
    azattest__instance *instance = NULL;
    azattest_status status;
    int64_t life_ms;

    *out = NULL;
    if ((status = azattest__options_take(options, &taken, sizeof(taken), "AZATTEST_CLIENT_OPTIONS_INIT", error)) !=
            AZATTEST_OK ||
        (status = take_ms(type, "key_cache_life_ms", taken.key_cache_life_ms, AZATTEST__KEY_LIFE_MS, false, &life_ms,
                          error)) != AZATTEST_OK ||
        (status = azattest__instance_new(life_ms, &instance, error)) != AZATTEST_OK ||
        (status = fill(type, endpoint, &taken, instance, error)) != AZATTEST_OK)
        goto done;
    *out = instance;
    instance = NULL;
done:
    azattest__instance_free(instance);
    return status;
}

azattest_status azattest__configure_token(const char *type, const azattest_credential *credential, const char *scopes,
                                          const azattest_client_options *options, azattest__instance **out,
                                          azattest_error **error)
{
    azattest_client_options taken;
    azattest_status status;

    if ((status = azattest__options_take(options, &taken, sizeof(taken), "AZATTEST_CLIENT_OPTIONS_INIT", error)) !=
        AZATTEST_OK)
        return status;
    taken.size = sizeof(taken);
    taken.credential = credential;
    taken.scopes = scopes;
    taken.validation = NULL;
    return azattest__configure(type, no_endpoint, &taken, out, error);
}

azattest_status azattest_client_new(const char *endpoint, const azattest_client_options *options, azattest_client **out,
                                    azattest_error **error)
{
    azattest_client *client = NULL;
    azattest_status status;

    if (error != NULL)
        *error = NULL;
    if (out == NULL)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT, "client: nowhere to put it");
    *out = NULL;
    if ((client = calloc(1, sizeof(*client))) == NULL)
        return azattest__error_memory(error);
    if ((status = azattest__configure("client", endpoint, options, &client->instance, error)) != AZATTEST_OK) {
        azattest_client_free(client);
        return status;
    }
    *out = client;
    return AZATTEST_OK;
}

void azattest_client_free(azattest_client *client)
{
    if (client == NULL)
        return;
    azattest__instance_free(client->instance);
    free(client);
}

const char *azattest_client_endpoint(const azattest_client *client)
{
    return client == NULL ? NULL : client->instance->endpoint.text;
}

const char *azattest_client_api_version(const azattest_client *client)
{
    return client == NULL ? NULL : client->instance->api_version;
}
