/* Who asks, and whether they may. */
#include "parts.h"

/* No identities yet: everybody is let in. */
azattest_status azattest__admit(const azattest__call *call, azattest__access access, azattest_error **error)
{
    (void)call;
    (void)access;
    (void)error;
    return AZATTEST_OK;
}
