/* Verifying an SEV-SNP report: the key that signed it, the chain of that key to AMD's root, and what both say. */
#include "../verdict/verification.h"

static void plan(azattest__verification *v)
{
    static const char *const always[] = {
        "structure",     "report_signature", "signing_key", "vcek_chain", "ark_root",
        "vcek_validity", "product",          "vcek_tcb",    "chip_id",    "vmpl",
    };

    for (size_t i = 0; i < sizeof(always) / sizeof(always[0]); i++)
        azattest__verification_add(v->result, always[i], true, "not run");
}

azattest_status azattest__verify_amd(azattest__verification *v)
{
    plan(v);
    return AZATTEST_OK;
}
