/* Sealed answers to a guest: none that is made up opens. */
#include <stdlib.h>

#include <azattest/secret.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const unsigned char inner[32] = { 1 };
    azattest_bytes sealed = { data, size }, inner_key = { inner, sizeof(inner) };
    unsigned char *key = NULL;
    char *token = NULL;
    size_t len = 0;

    if (azattest_guest_answer_key(sealed, &key, &len, NULL) == AZATTEST_OK && (key == NULL || len == 0))
        abort();
    if (azattest_guest_answer_open(sealed, inner_key, &token, NULL) == AZATTEST_OK)
        abort();
    free(key);
    return 0;
}
