/* The version, and every default in one place. */
#include <pthread.h>
#include <stdio.h>

#include <azattest/client.h>
#include <azattest/defaults.h>

#include "../identity/settings.h"
#include "../identity/token_cache.h"
#include "../operation/instance.h"

const char *azattest_version(void)
{
    return AZATTEST_VERSION;
}

#define NUMBER(value) NUMBER_TEXT(value)
#define NUMBER_TEXT(value) #value
#define TEXT(value) "\"" value "\""

/* Name and JSON value, in the order of the reference. Numbers that this file cannot know by name (token, transport) are
 * compared with their owners by a test. */
static const struct {
    const char *name, *json;
} table[] = {
    /* clients */
    { "api_version", TEXT(AZATTEST_DEFAULT_API_VERSION) },
    { "allow_insecure_http", "false" },
    /* attest calls */
    { "check_binding", "true" },
    { "check_evidence", TEXT("binding") },
    /* validation */
    { "validate_token", "true" },
    { "validate_signature", "true" },
    { "validate_expiration", "true" },
    { "validate_not_before", "true" },
    { "validate_issuer", "true" },
    { "require_expiration", "true" },
    { "require_attestation", "null" }, /* by who validates */
    { "allow_unsecured", "false" },
    { "allow_debug", "true" },
    { "verify_service_evidence", "false" },
    { "validation_slack_ms", "60000" },
    { "max_age_s", "null" },
    { "algorithms", "[\"RS256\",\"RS384\",\"RS512\",\"PS256\",\"PS384\",\"PS512\",\"ES256\",\"ES384\",\"ES512\"]" },
    /* signing keys */
    { "key_cache_life_ms", NUMBER(AZATTEST__KEY_LIFE_MS) },
    { "key_cache_stale_limit_ms", NUMBER(AZATTEST__KEY_STALE_LIMIT_MS) },
    { "key_cache_refresh_ms", NUMBER(AZATTEST__KEY_REFRESH_MS) },
    /* retry */
    { "retry_total", NUMBER(AZATTEST__RETRY_TOTAL) },
    { "retry_delay_ms", NUMBER(AZATTEST__RETRY_DELAY_MS) },
    { "retry_growth", "2" },
    { "retry_max_delay_ms", NUMBER(AZATTEST__RETRY_MAX_DELAY_MS) },
    { "retry_jitter", "[0.8,1.3]" },
    { "retry_statuses", "[408,429,500,502,503,504]" },
    { "retry_after_max_ms", NUMBER(AZATTEST__RETRY_AFTER_MAX_MS) },
    { "timeout_ms", NUMBER(AZATTEST__TIMEOUT_MS) },
    /* access tokens */
    { "scopes", "null" }, /* by the endpoint's cloud */
    { "access_token_fresh_s", NUMBER(AZATTEST__TOKEN_FRESH_S) },
    { "access_token_half_life_s", NUMBER(AZATTEST__TOKEN_HALF_LIFE_S) },
    { "access_token_refresh_ms", NUMBER(AZATTEST__TOKEN_REFRESH_MS) },
    /* secrets: what the options of sealing call allow_debug */
    { "secret_allow_debug", "false" },
    /* credentials */
    { "authority_host", TEXT(AZATTEST__AUTHORITY) },
    { "send_certificate_chain", "false" },
    { "x5t_sha1", "false" },
    { "client_assertion_life_s", NUMBER(AZATTEST__ASSERTION_LIFE_S) },
    { "imds_probe_connect_ms", NUMBER(AZATTEST__IMDS_PROBE_MS) },
    { "process_timeout_ms", NUMBER(AZATTEST__CLI_TIMEOUT_MS) },
    /* transport */
    { "connect_timeout_ms", "10000" },
    { "read_timeout_ms", "60000" },
    { "response_limit", "4194304" },
    { "tls_minimum", TEXT("1.2") },
    { "proxy", "null" }, /* by the environment */
    { "follow_redirects", "false" },
    { "application_id_length", "24" },
    /* logging */
    { "log_level", "null" },
    { "trace_bodies", "false" },
};

static pthread_once_t once = PTHREAD_ONCE_INIT;
static char document[4096];

static void print(void)
{
    size_t used = 0;

    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]) && used < sizeof(document); i++)
        used += (size_t)snprintf(document + used, sizeof(document) - used, "%c\"%s\":%s", i == 0 ? '{' : ',',
                                 table[i].name, table[i].json);
    if (used < sizeof(document))
        snprintf(document + used, sizeof(document) - used, "}");
}

const char *azattest_defaults(void)
{
    (void)pthread_once(&once, print);
    return document;
}
