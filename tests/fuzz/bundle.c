/* Private keys with certificates: PEM and PKCS#12. What is taken has the key's own certificate in front. */
#include <stdlib.h>

#include "crypto/bundle.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    azattest__bundle bundle;
    azattest_error *error = NULL;
    /* A file may ask for any number of rounds of key derivation, which fuzzing has no time for: the first byte tells
     * whether there is a password. */
    const char *password = size > 0 && data[0] % 2 == 1 ? "pass" : NULL;

    if (size < 1)
        return 0;
    if (azattest__bundle_parse(azattest__bytes(data + 1, size - 1), password, &bundle, &error) == AZATTEST_OK) {
        if (bundle.count < 1 || !azattest__key_equal(azattest__cert_key(bundle.certificates[0]), bundle.key))
            abort();
        azattest__bundle_clear(&bundle);
    } else if (bundle.key != NULL || bundle.count != 0 || error == NULL) {
        abort();
    }
    azattest_error_free(error);
    return 0;
}
