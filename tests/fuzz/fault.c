/* A specification of faults. */
#include <stdlib.h>

#include "emulator/fault.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    azattest__faults *faults = NULL;
    azattest_error *error = NULL;
    char *text = azattest__dup(data, size);

    if (text == NULL || azattest__faults_new(&faults, NULL) != AZATTEST_OK)
        goto done;
    if (azattest__faults_add(faults, text, &error) != AZATTEST_OK && azattest_error_message(error) == NULL)
        abort();
    for (int i = 0; i < 4; i++) {
        azattest__fault fault = azattest__faults_next(faults, "iso", azattest__fault_group(text));

        if (fault.action == AZATTEST__FAULT_STATUS && (fault.status < 400 || fault.status > 599))
            abort();
    }
done:
    azattest_error_free(error);
    azattest__faults_free(faults);
    free(text);
    return 0;
}
