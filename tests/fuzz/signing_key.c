/* Key pairs: the private key's text up to the first NUL, behind it the certificate's. Never a prompt on a terminal. */
#include <stdlib.h>
#include <string.h>

#include "jose/signing_key.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *end = size == 0 ? NULL : memchr(data, '\0', size);
    size_t length = end == NULL ? size : (size_t)(end - data);
    azattest_bytes certificate = azattest__bytes(data + length + (end != NULL), size - length - (end != NULL));
    azattest_signing_key *key = NULL;
    azattest_signer *signer = NULL;
    azattest__buf token;

    if (azattest_signing_key_new(azattest__bytes(data, length), certificate, NULL, &key, NULL) == AZATTEST_OK) {
        azattest__buf_init(&token, 1 << 20);
        /* A chain of certificates may be too long for a header; what fits is signed. */
        if (azattest__signing_key_token(key, azattest__text("{}"), &token, NULL) == AZATTEST_OK && token.len == 0)
            abort();
        azattest__buf_free(&token);
    }
    if (azattest__signer_from_certificates(certificate, &signer, NULL) == AZATTEST_OK &&
        (azattest_signer_problem(signer) != NULL || azattest_signer_certificate_count(signer) == 0))
        abort();
    azattest_signer_free(signer);
    azattest_signing_key_free(key);
    return 0;
}
