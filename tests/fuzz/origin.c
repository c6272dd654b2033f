/* Addresses of instances: what is accepted is normalised for good. */
#include <stdlib.h>
#include <string.h>

#include "error/origin.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = azattest__dup(data, size);
    azattest__origin origin, again;

    if (text == NULL)
        return 0;
    if (azattest__origin_parse(text, &origin, NULL) == AZATTEST_OK) {
        if (azattest__origin_parse(origin.text, &again, NULL) != AZATTEST_OK || strcmp(origin.text, again.text) != 0 ||
            origin.secure != again.secure || origin.loopback != again.loopback)
            abort();
        azattest__origin_clear(&again);
    }
    azattest__origin_clear(&origin);
    free(text);
    return 0;
}
