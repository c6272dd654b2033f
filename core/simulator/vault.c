/* The hierarchies beside the first platform: what else Intel's has, AMD's of each product, a TPM's keys. */
#include "platform.h"

#include <stdio.h>

#include "base/clock.h"

/* AMD's keys have 4096 bits. Making such a key takes seconds, and a made-up one needs no strength. */
#define RSA_BITS 2048

const azattest__vault_text azattest__vault_texts[VAULTS] = {
    [VAULT_INTEL] = { "simulator-intel.pem", INTEL_KEYS, INTEL_KEYS, { true, true, true } },
    [VAULT_MILAN] = { "simulator-amd-milan.pem", AMD_KEYS, AMD_CERTIFICATES, { [AMD_VCEK] = true, [AMD_VLEK] = true } },
    [VAULT_GENOA] = { "simulator-amd-genoa.pem", AMD_KEYS, AMD_CERTIFICATES, { [AMD_VCEK] = true, [AMD_VLEK] = true } },
    [VAULT_TURIN] = { "simulator-amd-turin.pem", AMD_KEYS, AMD_CERTIFICATES, { [AMD_VCEK] = true, [AMD_VLEK] = true } },
    [VAULT_TPM] = { "simulator-tpm.pem", TPM_KEYS, 0, { [TPM_AK_EC] = true } },
};

static azattest_status make_intel(const azattest_simulator *simulator, azattest__vault *out, azattest_error **error)
{
    static const char *const names[] = { "azattest Simulated SGX PCK Processor CA",
                                         "azattest Simulated SGX PCK Certificate", "Intel SGX TCB Signing" };
    const azattest__platform *platform = &simulator->platform;
    azattest__sgx_values values;
    azattest_status status;
    azattest__buf extensions;

    azattest__buf_init(&extensions, 4096);
    azattest__sgx_values_default(&values);
    values.processor = true;
    if ((status = azattest__random(values.ppid, sizeof(values.ppid), error)) != AZATTEST_OK ||
        (status = azattest__sgx_extensions(&values, &extensions, error)) != AZATTEST_OK)
        goto done;
    for (int i = 0; i < INTEL_KEYS && status == AZATTEST_OK; i++) {
        bool below = i == INTEL_PROCESSOR_PCK;
        azattest__cert_request request = azattest__intel_request(names[i]);

        request.ca = i == INTEL_PROCESSOR_CA;
        request.path_length = request.ca ? 0 : -1;
        request.key_usage = i == INTEL_TCB_SIGNING ? "critical,digitalSignature,nonRepudiation" : NULL;
        if (below) {
            request.extension_oid = "1.2.840.113741.1.13.1";
            request.extension_value = azattest__buf_bytes(&extensions);
        }
        status = azattest__cert_issue(
            &request, out->keys[i], below ? out->certificates[INTEL_PROCESSOR_CA] : platform->certificates[LEVEL_ROOT],
            below ? out->keys[INTEL_PROCESSOR_CA] : platform->keys[LEVEL_ROOT], &out->certificates[i], error);
    }
done:
    azattest__buf_free(&extensions);
    return status;
}

static azattest_status make_amd(const char *product, azattest__vault *out, azattest_error **error)
{
    static const char *const prefixes[AMD_CERTIFICATES] = { "ARK", "SEV", "SEV-VLEK" };
    static const uint64_t serials[AMD_CERTIFICATES] = { 0x10000, 0x10001, 0x10002 };
    azattest_status status = AZATTEST_OK;
    char name[64];

    for (int i = 0; i < AMD_CERTIFICATES && status == AZATTEST_OK; i++) {
        azattest__cert_request request = azattest__intel_request(name);

        snprintf(name, sizeof(name), "%s-%s", prefixes[i], product);
        request.organizational_unit = "Simulation";
        request.serial = serials[i];
        request.pss = request.ca = true;
        request.path_length = i == AMD_ARK ? -1 : 0;
        /* AMD's ASK may sign certificates alone: its lists come from the ARK. */
        request.key_usage = i == AMD_ARK ? NULL : "critical,keyCertSign";
        status = azattest__cert_issue(&request, out->keys[i], i == AMD_ARK ? NULL : out->certificates[AMD_ARK],
                                      i == AMD_ARK ? NULL : out->keys[AMD_ARK], &out->certificates[i], error);
    }
    return status;
}

azattest_status azattest__vault_make(const azattest_simulator *simulator, azattest__vault_id id, azattest__vault *out,
                                     azattest_error **error)
{
    static const char *const products[VAULTS] = {
        [VAULT_MILAN] = "Milan", [VAULT_GENOA] = "Genoa", [VAULT_TURIN] = "Turin"
    };
    const azattest__vault_text *plan = &azattest__vault_texts[id];
    azattest_status status = AZATTEST_OK;

    for (int i = 0; i < plan->keys && status == AZATTEST_OK; i++)
        status = !plan->ec[i]
                     ? azattest__key_generate_rsa(RSA_BITS, &out->keys[i], error)
                     : azattest__key_generate_ec(products[id] != NULL ? "P-384" : "P-256", &out->keys[i], error);
    if (status == AZATTEST_OK && id == VAULT_INTEL)
        status = make_intel(simulator, out, error);
    else if (status == AZATTEST_OK && products[id] != NULL)
        status = make_amd(products[id], out, error);
    return status;
}
