#include "attest_type.h"

#include "../base/buf.h"

const char *azattest__attestation_type(const char *type)
{
    static const char *const known[] = { "SgxEnclave", "OpenEnclave", "Tpm",      "SevSnpVm", "TdxVm",
                                         "AzureGuest", "Pluton",      "KeyGuard", "MdepTz",   "AiHsm" };

    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        if (azattest__text_equal_nocase(type, known[i]))
            return known[i];
    return type;
}
