#include "openssl.h"

azattest_status azattest__digest(azattest__hash hash, azattest_bytes data, unsigned char out[AZATTEST__HASH_MAX],
                                 size_t *len, azattest_error **error)
{
    const azattest__crypto *context = azattest__crypto_get();
    azattest_status status = AZATTEST_OK;
    unsigned written = 0;

    ERR_set_mark();
    if (context == NULL || EVP_Digest(data.ptr, data.len, out, &written, context->digests[hash], NULL) != 1)
        status = azattest__crypto_failed(error, "digest");
    ERR_pop_to_mark();
    *len = written;
    return status;
}

azattest_status azattest__sha256(azattest_bytes data, unsigned char out[AZATTEST__SHA256_SIZE], azattest_error **error)
{
    unsigned char digest[AZATTEST__HASH_MAX];
    size_t len;
    azattest_status status = azattest__digest(AZATTEST__SHA256, data, digest, &len, error);

    if (status == AZATTEST_OK)
        memcpy(out, digest, AZATTEST__SHA256_SIZE);
    return status;
}
