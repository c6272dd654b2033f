/* The values of AttestationType in all versions of the interface. */
#include "parts.h"

static const azattest__kind kinds[AZATTEST__KINDS] = {
    { "SgxEnclave", azattest__attest_sgx, "sgx_quote", "quote" },
    { "OpenEnclave", azattest__attest_sgx, "open_enclave_report", "report" },
    { "Tpm", azattest__exchange_tpm, NULL, "data" },
    { "SevSnpVm", azattest__attest_snp, "snp_report", "report" },
    { "AzureGuest", azattest__attest_guest, "azure_guest", "attestationInfo" },
    { "TdxVm", azattest__attest_tdx, "tdx_quote", "quote" },
    { "Pluton", azattest__attest_unverified, NULL, "data" },
    { "KeyGuard", azattest__attest_unverified, NULL, "attestationInfo" },
    { "MdepTz", azattest__attest_unverified, NULL, "report" },
    { "AiHsm", NULL, NULL, NULL },          /* of 2026-03-11-preview, which gives it no attest path */
    { "CyResComponent", NULL, NULL, NULL }, /* of 2018-09-01-preview alone */
};

const azattest__kind *azattest__kind_find(const char *name, size_t len)
{
    char text[32];

    if (len >= sizeof(text))
        return NULL;
    memcpy(text, name, len);
    text[len] = '\0';
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (azattest__text_equal_nocase(text, kinds[i].name))
            return &kinds[i];
    return NULL;
}

size_t azattest__kind_index(const azattest__kind *kind)
{
    return (size_t)(kind - kinds);
}
