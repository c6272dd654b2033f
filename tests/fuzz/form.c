/* A form body. */
#include <stdio.h>
#include <stdlib.h>

#include "emulator/form.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    azattest__form form;
    char *copy = azattest__dup(data, size); /* no byte behind it may be read */

    if (copy == NULL)
        return 0;
    if (azattest__form_parse(azattest__bytes(copy, size), &form, NULL) == AZATTEST_OK)
        for (size_t i = 0; i < form.count; i++)
            if (azattest__form_get(&form, form.fields[i].name) != form.fields[i].value ||
                strlen(form.fields[i].value) > size)
                abort();
    azattest__form_clear(&form);
    free(copy);
    return 0;
}
