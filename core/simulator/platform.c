#include "platform.h"

#include "base/clock.h"
#include "base/encoding.h"

static const char *const names[LEVELS] = { "azattest Simulated SGX Root CA", "azattest Simulated SGX PCK Platform CA",
                                           "azattest Simulated SGX PCK Certificate" };

void azattest__sgx_values_default(azattest__sgx_values *out)
{
    /* Component values above 127 take two bytes in DER, which readers must know. */
    static const azattest__sgx_values values = { .fmspc = { 0x00, 0x5a, 0x17, 0x7e, 0x57, 0x00 },
                                                 .components = { 7, 9, 3, 3, 255, 255, 1, 128 },
                                                 .pcesvn = 13 };

    *out = values;
}

azattest__cert_request azattest__intel_request(const char *common_name)
{
    azattest__cert_request request = {
        .common_name = common_name, .organization = "azattest", .locality = "Nowhere", .path_length = -1
    };

    /* Long, so that recorded quotes and tests with another clock work. */
    azattest__time_from_civil(2019, 1, 1, 0, 0, 0, &request.not_before);
    azattest__time_from_civil(2049, 12, 31, 23, 59, 59, &request.not_after);
    return request;
}

static azattest_status issue(azattest__platform *platform, azattest__level level, azattest_bytes extensions,
                             azattest_error **error)
{
    azattest__cert_request request = azattest__intel_request(names[level]);

    request.ca = level != LEVEL_PCK;
    request.path_length = level == LEVEL_ROOT ? 1 : level == LEVEL_PLATFORM_CA ? 0 : -1;
    if (level == LEVEL_PCK) {
        request.extension_oid = "1.2.840.113741.1.13.1";
        request.extension_value = extensions;
    }
    return azattest__cert_issue(
        &request, platform->keys[level], level == LEVEL_ROOT ? NULL : platform->certificates[level - 1],
        level == LEVEL_ROOT ? NULL : platform->keys[level - 1], &platform->certificates[level], error);
}

azattest_status azattest__platform_make(azattest__platform *out, azattest_error **error)
{
    azattest__sgx_values values;
    azattest_status status;
    azattest__buf extensions;

    memset(out, 0, sizeof(*out));
    azattest__buf_init(&extensions, 4096);
    azattest__sgx_values_default(&values);
    if ((status = azattest__random(values.ppid, sizeof(values.ppid), error)) != AZATTEST_OK ||
        (status = azattest__random(values.instance, sizeof(values.instance), error)) != AZATTEST_OK ||
        (status = azattest__sgx_extensions(&values, &extensions, error)) != AZATTEST_OK)
        goto done;
    for (int level = 0; level < LEVELS; level++)
        if ((status = azattest__key_generate_ec("P-256", &out->keys[level], error)) != AZATTEST_OK ||
            (status = issue(out, (azattest__level)level, azattest__buf_bytes(&extensions), error)) != AZATTEST_OK)
            goto done;
    status = azattest__key_generate_ec("P-256", &out->attestation_key, error);
done:
    azattest__buf_free(&extensions);
    if (status != AZATTEST_OK)
        azattest__platform_clear(out);
    return status;
}

azattest_status azattest__platform_check(const azattest__platform *platform, azattest_error **error)
{
    for (int level = 0; level < LEVELS; level++) {
        const azattest__key *key = azattest__cert_key(platform->certificates[level]);

        if (key == NULL || !azattest__key_equal(key, platform->keys[level]))
            return azattest__error_set(error, AZATTEST_E_STATE, "the certificate of the %s has another key",
                                       names[level]);
        if (!azattest__cert_is_issued_by(platform->certificates[level],
                                         platform->certificates[level == LEVEL_ROOT ? level : level - 1]))
            return azattest__error_set(error, AZATTEST_E_STATE, "the certificate of the %s is not of this chain",
                                       names[level]);
    }
    return AZATTEST_OK;
}

void azattest__platform_clear(azattest__platform *platform)
{
    for (int level = 0; level < LEVELS; level++) {
        azattest__key_free(platform->keys[level]);
        azattest__cert_free(platform->certificates[level]);
    }
    azattest__key_free(platform->attestation_key);
    memset(platform, 0, sizeof(*platform));
}

void azattest__platform_put_certificate(const azattest__cert *certificate, azattest__buf *out)
{
    azattest__pem_encode("CERTIFICATE", azattest__cert_der(certificate), out);
}
