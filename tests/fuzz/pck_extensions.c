/* The SGX extensions of a PCK certificate, DER by hand. */
#include <stdlib.h>

#include "evidence/intel/pck.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    azattest__pck_extensions extensions;

    if (azattest__pck_extensions_parse(azattest__bytes(data, size), &extensions, NULL) != AZATTEST_OK)
        return 0;
    for (size_t i = 0; i < AZATTEST__PCK_COMPONENTS; i++)
        if (extensions.components[i] < 0 || extensions.components[i] > 255)
            abort();
    if (extensions.pcesvn < 0 || extensions.pcesvn > 65535)
        abort();
    return 0;
}
