#include "platform.h"

#include <stdlib.h>

#include "base/encoding.h"
#include "files.h"
#include "make.h"

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
    if (pthread_mutex_init(&simulator->mutex, NULL) != 0) {
        free(simulator);
        return azattest__error_memory(error);
    }
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
    for (int id = 0; id < VAULTS; id++)
        azattest__vault_clear(&simulator->vaults[id]);
    azattest__platform_clear(&simulator->platform);
    azattest__buf_free(&simulator->root_pem);
    azattest__buf_free(&simulator->chain_pem);
    free(simulator->root_path);
    free(simulator->folder);
    pthread_mutex_destroy(&simulator->mutex);
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

azattest_status azattest_simulator_roots_pem(azattest_simulator *simulator, unsigned char **pem, size_t *length,
                                             azattest_error **error)
{
    const azattest__vault *vault;
    azattest_status status;
    char *path = NULL;
    azattest__buf out;

    if ((status = azattest__simulate_begin(simulator, pem, length, error)) != AZATTEST_OK)
        return status;
    azattest__buf_init(&out, 64u * 1024u);
    azattest__buf_append_bytes(&out, azattest__buf_bytes(&simulator->root_pem));
    for (int id = VAULT_MILAN; id <= VAULT_TURIN && status == AZATTEST_OK; id++)
        if ((status = azattest__vault_need(simulator, (azattest__vault_id)id, &vault, error)) == AZATTEST_OK)
            azattest__platform_put_certificate(vault->certificates[AMD_ARK], &out);
    if (status == AZATTEST_OK)
        status = azattest__error_from_buf(error, &out, "roots");
    if (status == AZATTEST_OK && (path = azattest__file_path(simulator->folder, "simulator-roots.pem")) == NULL)
        status = azattest__error_memory(error);
    if (status == AZATTEST_OK)
        status = azattest__state_publish(path, azattest__buf_bytes(&out), error);
    free(path);
    return azattest__simulate_end(status, &out, pem, length, error);
}
