#include "platform.h"

#include <stdlib.h>

azattest_status azattest_simulator_open(const char *state_folder, azattest_simulator **out, azattest_error **error)
{
    azattest_simulator *simulator;
    azattest_status status;

    if (error != NULL)
        *error = NULL;
    if (out == NULL)
        return azattest__error_set(error, AZATTEST_E_ARGUMENT, "simulator: no place for the result");
    *out = NULL;
    if (state_folder == NULL || *state_folder == '\0')
        return azattest__error_set(error, AZATTEST_E_ARGUMENT, "simulator: no state folder");
    if ((simulator = calloc(1, sizeof(*simulator))) == NULL)
        return azattest__error_memory(error);
    if ((status = azattest__state_read_or_make(state_folder, simulator, error)) == AZATTEST_OK)
        *out = simulator;
    else
        azattest_simulator_free(simulator);
    return status;
}

void azattest_simulator_free(azattest_simulator *simulator)
{
    if (simulator == NULL)
        return;
    azattest__platform_clear(&simulator->platform);
    azattest__buf_free(&simulator->root_pem);
    azattest__buf_free(&simulator->chain_pem);
    free(simulator->root_path);
    free(simulator);
}

azattest_bytes azattest_simulator_root_pem(const azattest_simulator *simulator)
{
    return simulator == NULL ? azattest__bytes(NULL, 0) : azattest__buf_bytes(&simulator->root_pem);
}

const char *azattest_simulator_root_path(const azattest_simulator *simulator)
{
    return simulator == NULL ? NULL : simulator->root_path;
}
