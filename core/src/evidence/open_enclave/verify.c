/* Verifying what only an enclave can: nothing is, and the verdict says why. */
#include "../verdict/verification.h"

azattest_status azattest__verify_local_report(azattest__verification *v)
{
    azattest_status status;

    azattest__verification_add(v->result, "structure", true, "not run");
    azattest__verification_add(v->result, "local_report", true, "not run");
    if ((status = azattest__verification_set(v->result, "structure", true,
                                             "header and report have the lengths and values that they must have")) !=
        AZATTEST_OK)
        return status;
    return azattest__verification_set(
        v->result, "local_report", false,
        "a report for local attestation, whose MAC only an enclave of its own platform can "
        "check; ask oe_get_report() for a remote one");
}
