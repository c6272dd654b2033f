/* Certificates: parse, read everything, verify with their own key. */
#include <stdlib.h>

#include "crypto/crypto.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    azattest__cert *cert = NULL;
    azattest__key *key = NULL;
    azattest__buf pem;
    bool twice;

    if (azattest__cert_parse(azattest__bytes(data, size), &cert, NULL) == AZATTEST_OK) {
        if (!azattest__bytes_equal(azattest__cert_der(cert), azattest__bytes(data, size)))
            abort();
        if (azattest__cert_is_issued_by(cert, cert) && !azattest__cert_is_self_issued(cert))
            abort();
        (void)azattest__cert_extension(cert, "1.3.6.1.4.1.311.105.1", &twice);
        if (azattest__cert_key(cert) != NULL) {
            azattest__buf_init(&pem, 1 << 20);
            if (azattest__key_public_pem(azattest__cert_key(cert), &pem, NULL) != AZATTEST_OK)
                abort();
            azattest__buf_free(&pem);
        }
        azattest__cert_free(cert);
    }
    if (azattest__key_from_public_der(azattest__bytes(data, size), &key, NULL) == AZATTEST_OK) {
        if (!azattest__key_equal(key, key))
            abort();
        azattest__key_free(key);
    }
    return 0;
}
