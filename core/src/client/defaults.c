/* The version, and every default in one place. */
#include <azattest/client.h>
#include <azattest/defaults.h>

#include "../operation/instance.h"

#define NUMBER(value) NUMBER_TEXT(value)
#define NUMBER_TEXT(value) #value

const char *azattest_version(void)
{
    return AZATTEST_VERSION;
}

/* Numbers that this file cannot know by name (token, transport) are compared with their owners by a test. */
const char *azattest_defaults(void)
{
    return "{"
           "\"api_version\":\"" AZATTEST_DEFAULT_API_VERSION "\","
           "\"allow_insecure_http\":false,"
           "\"retry_total\":" NUMBER(AZATTEST__RETRY_TOTAL) ","
           "\"retry_delay_ms\":" NUMBER(AZATTEST__RETRY_DELAY_MS) ","
           "\"retry_max_delay_ms\":" NUMBER(AZATTEST__RETRY_MAX_DELAY_MS) ","
           "\"retry_after_max_ms\":" NUMBER(AZATTEST__RETRY_AFTER_MAX_MS) ","
           "\"timeout_ms\":" NUMBER(AZATTEST__TIMEOUT_MS) ","
           "\"key_cache_life_ms\":" NUMBER(AZATTEST__KEY_LIFE_MS) ","
           "\"key_cache_stale_limit_ms\":" NUMBER(AZATTEST__KEY_STALE_LIMIT_MS) ","
           "\"key_cache_refresh_ms\":" NUMBER(AZATTEST__KEY_REFRESH_MS) ","
           "\"connect_timeout_ms\":10000,"
           "\"read_timeout_ms\":60000,"
           "\"check_binding\":true,"
           "\"validate_token\":true,"
           "\"validate_signature\":true,"
           "\"validate_expiration\":true,"
           "\"validate_not_before\":true,"
           "\"validate_issuer\":true,"
           "\"require_expiration\":true,"
           "\"allow_unsecured\":false,"
           "\"allow_debug\":true,"
           "\"validation_slack_ms\":60000,"
           "\"max_age_s\":null,"
           "\"algorithms\":[\"RS256\",\"RS384\",\"RS512\",\"PS256\",\"PS384\",\"PS512\",\"ES256\",\"ES384\",\"ES512\"]"
           "}";
}
