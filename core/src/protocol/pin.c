/* A server that is known by the SHA-1 of its certificate alone. */
#include "http.h"

#include <stdio.h>

#include <azattest/limits.h>

#include "../base/encoding.h"
#include "../crypto/crypto.h"

static bool has_thumbprint(const azattest__cert *cert, const char *thumbprint)
{
    unsigned char digest[AZATTEST__HASH_MAX];
    azattest__buf wanted;
    size_t len = 0;
    bool same;

    azattest__buf_init(&wanted, 20);
    same = azattest__hex_decode(azattest__text(thumbprint), &wanted) && wanted.len == 20 &&
           azattest__digest(AZATTEST__SHA1, azattest__cert_der(cert), digest, &len, NULL) == AZATTEST_OK &&
           azattest__bytes_equal(azattest__buf_bytes(&wanted), azattest__bytes(digest, len));
    azattest__buf_free(&wanted);
    return same;
}

static azattest_status make_pin(const azattest__cert *cert, char pin[AZATTEST_PUBLIC_KEY_PIN_SIZE])
{
    const azattest__key *key = azattest__cert_key(cert);
    unsigned char digest[AZATTEST__SHA256_SIZE];
    azattest_status status = AZATTEST_E_CRYPTO;
    azattest__buf spki, text;

    azattest__buf_init(&spki, AZATTEST_LIMIT_CERTIFICATE);
    azattest__buf_init(&text, 64);
    if (key != NULL && azattest__key_public_der(key, &spki, NULL) == AZATTEST_OK &&
        azattest__sha256(azattest__buf_bytes(&spki), digest, NULL) == AZATTEST_OK) {
        azattest__base64_encode(azattest__bytes(digest, sizeof(digest)), &text);
        if (text.status == AZATTEST_OK) {
            snprintf(pin, AZATTEST_PUBLIC_KEY_PIN_SIZE, "sha256//%s", (const char *)text.ptr);
            status = AZATTEST_OK;
        }
    }
    azattest__buf_free(&spki);
    azattest__buf_free(&text);
    return status;
}

azattest_status azattest_request_check_server(const azattest_request *request, azattest_bytes certificate_pem,
                                              char pin[AZATTEST_PUBLIC_KEY_PIN_SIZE])
{
    azattest_status status = AZATTEST_E_CRYPTO;
    azattest__cert *cert = NULL;
    azattest_bytes block, body;
    azattest__buf der;
    size_t offset = 0;

    if (request == NULL || pin == NULL || request->server_thumbprint == NULL)
        return AZATTEST_E_ARGUMENT;
    *pin = '\0';
    azattest__buf_init(&der, AZATTEST_LIMIT_CERTIFICATE);
    if (azattest__pem_next(certificate_pem, "CERTIFICATE", &offset, &block, &body) &&
        azattest__pem_decode_body(body, &der) &&
        azattest__cert_parse(azattest__buf_bytes(&der), &cert, NULL) == AZATTEST_OK &&
        has_thumbprint(cert, request->server_thumbprint))
        status = make_pin(cert, pin);
    azattest__cert_free(cert);
    azattest__buf_free(&der);
    return status;
}
