/* AttestationData: what it finds out fits what the attest call's own check says. */
#include <stdlib.h>

#include <azattest/data.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    azattest_bytes bytes = { size == 0 ? (const void *)"" : data, size };
    azattest_data *found = NULL, *said = NULL;
    azattest_status status;

    if (azattest_data_new(bytes, AZATTEST_DEFAULT, &found, NULL) != AZATTEST_OK)
        abort();
    status = azattest_data_new(bytes, AZATTEST_ON, &said, NULL);
    if (azattest_data_is_json(found) && status != AZATTEST_OK)
        abort();
    if (azattest_data_bytes(found).len != size)
        abort();
    azattest_data_free(found);
    azattest_data_free(said);
    return 0;
}
