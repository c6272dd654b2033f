#include "options.h"

/* More than any options struct will ever have: a size beyond it was never set. */
#define LARGEST_STRUCT 4096

azattest_status azattest__options_take(const void *in, void *out, size_t size, const char *init, azattest_error **error)
{
    const unsigned char *bytes = in;
    size_t given = 0;

    memset(out, 0, size);
    if (in == NULL)
        return AZATTEST_OK;
    memcpy(&given, in, sizeof(given));
    if (given < sizeof(given) || given > LARGEST_STRUCT)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT, "options: size is %zu; start with %s", given, init);
    for (size_t i = size; i < given; i++)
        if (bytes[i] != 0)
            return azattest__error_set(error, AZATTEST_E_ARGUMENT,
                                       "options: made for a newer version of the library (see %s)", init);
    memcpy(out, in, given < size ? given : size);
    return AZATTEST_OK;
}
